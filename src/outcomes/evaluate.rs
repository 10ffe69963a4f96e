//! Evaluating: from the inputs to everything that closing writes. The one function behind the
//! scores, the preview, closing and verifying.
//!
//! Must not know: storage, the time, who is told.

use std::collections::BTreeMap;
use std::fmt;

use super::adjust::{adjust, assessed};
use super::calibrate::{Calibration, DrawnBy, Line, calibrate};
use super::combine::{
    BidScores, CombineError, Combined, CombinedScore, CountedAssessment, Disagreed, Exact, SubCriterionScore,
    combine,
};
use super::decide::{BidToDecide, DecideError, Decided, Decision, Outcome, PaidFrom, Standing, decide};
use super::disagreements;
use super::inputs::{BidInput, Inputs};
use super::model::{BidOutcome, CriterionOutcome, OpenPoint, OutcomeDetail, SubCriterionOutcome};
use crate::bids::model::Eligibility;
use crate::id::BidId;
use crate::rounds::rules::{Criterion, DecidingScore, Rules};

/// What the inputs come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// By reference.
    pub combined: BTreeMap<String, Combined>,
    /// Bids are named by reference.
    pub decided: Decided,
    /// As the decisions: the ranked first, best first, then the others by reference.
    pub outcomes: Vec<BidOutcome>,
}

impl Evaluated {
    /// What closing is refused for.
    #[must_use]
    pub fn open_points(&self) -> Vec<OpenPoint> {
        let outcomes = self.outcomes.iter();
        let ids: BTreeMap<&str, BidId> =
            outcomes.map(|one| (one.detail.reference.as_str(), one.bid_id)).collect();
        let id = |reference: &str| ids.get(reference).copied();
        self.decided.blockers.iter().cloned().map(|blocker| OpenPoint::of(blocker, id)).collect()
    }

    /// Scores adjusted for leniency, of complete bids. Those that take part are ranked; those that the
    /// ranking pays stand above the line.
    #[must_use]
    pub fn calibration(&self, rules: &Rules) -> Calibration {
        let keys = |those: fn(&&Decision) -> bool| {
            let those = self.decided.decisions.iter().filter(those);
            those.map(|decision| decision.bid.clone()).collect()
        };
        let line = Line {
            competing: keys(|decision| decision.score.is_some()),
            barred: keys(|decision| decision.overridden || !decision.missed.criteria.is_empty()),
            funded: keys(|decision| decision.outcome.is_some_and(Outcome::is_award)),
            drawn_by: self.line_drawn_by(rules),
            threshold: rules.overall_threshold,
        };
        calibrate(&assessed(&self.combined), &line)
    }

    /// What keeps the next bid of the ranking from being paid.
    #[must_use]
    pub fn line_drawn_by(&self, rules: &Rules) -> DrawnBy {
        let mut ranked =
            self.decided.decisions.iter().filter(|decision| decision.rank.is_some() && !decision.overridden);
        if ranked.any(|decision| !decision.outcome.is_some_and(Outcome::is_award)) {
            DrawnBy::Money
        } else if rules.overall_threshold.is_some() {
            DrawnBy::Threshold
        } else {
            DrawnBy::Nothing
        }
    }
}

/// Inputs that validation should never have let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvaluateError {
    Combine(CombineError),
    Decide(DecideError),
}

impl fmt::Display for EvaluateError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Combine(error) => error.fmt(out),
            Self::Decide(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for EvaluateError {}

/// Evaluates a round. The same inputs give the same result on every machine.
///
/// # Errors
/// See [`EvaluateError`]. What a person can put right is a blocker, not an error.
pub fn evaluate(inputs: &Inputs) -> Result<Evaluated, EvaluateError> {
    let mut combined = combined(inputs)?;
    for bid in &inputs.bids {
        if let Some(Combined::Complete(combined)) = combined.get_mut(&bid.reference) {
            combined.disagreements.extend(splits(&inputs.rules, bid));
        }
    }
    match inputs.rules.deciding_score {
        DecidingScore::Combined => {}
        DecidingScore::Adjusted => adjust(&mut combined),
    }
    let (decided, combined) = decided(inputs, combined)?;
    let bids: BTreeMap<&str, &BidInput> =
        inputs.bids.iter().map(|bid| (bid.reference.as_str(), bid)).collect();
    let outcomes = decided.decisions.iter().filter_map(|decision| {
        let bid = bids.get(decision.bid.as_str())?;
        Some(outcome(&inputs.rules, bid, combined.get(&decision.bid)?, decision))
    });
    let outcomes = outcomes.collect();
    Ok(Evaluated { combined, decided, outcomes })
}

fn combined(inputs: &Inputs) -> Result<BTreeMap<String, Combined>, EvaluateError> {
    let scores: Vec<BidScores> = inputs.bids.iter().map(|bid| scores(inputs, bid)).collect();
    combine(&inputs.rules, &scores).map_err(EvaluateError::Combine)
}

/// Takes the scores and gives them back: of a large round they take much room.
fn decided(
    inputs: &Inputs,
    mut combined: BTreeMap<String, Combined>,
) -> Result<(Decided, BTreeMap<String, Combined>), EvaluateError> {
    let bids = inputs.bids.iter();
    let to_decide = bids.filter_map(|bid| Some(to_decide(inputs, bid, combined.remove(&bid.reference)?)));
    let to_decide: Vec<BidToDecide> = to_decide.collect();
    let decided = decide(&inputs.rules, &to_decide, &tie_order(inputs)).map_err(EvaluateError::Decide)?;
    Ok((decided, to_decide.into_iter().map(|bid| (bid.bid, bid.combined)).collect()))
}

/// The announced draw of all bids, else the panel's order of some.
fn tie_order(inputs: &Inputs) -> Vec<String> {
    match (&inputs.draw, &inputs.tie_order) {
        (Some(draw), _) => draw.order(inputs.bids.iter().map(|bid| bid.reference.as_str())),
        (None, Some(order)) => order.bids.clone(),
        (None, None) => Vec::new(),
    }
}

fn scores(inputs: &Inputs, bid: &BidInput) -> BidScores {
    let counted = bid.assessments.iter().map(|assessment| CountedAssessment {
        assessor: assessment.assessor_id.to_string(),
        scores: assessment.scores.clone(),
    });
    BidScores {
        bid: bid.reference.clone(),
        assessments: counted.collect(),
        expected: inputs.rules.assessors_per_bid,
        moderated: bid.moderated.iter().map(|(key, moderated)| (key.clone(), moderated.score)).collect(),
        accepted_short: bid.accepted_short.is_some(),
        disagreement_accepted: bid.disagreement_accepted.is_some(),
    }
}

fn splits(rules: &Rules, bid: &BidInput) -> Vec<Disagreed> {
    let recommendations = bid.assessments.iter().map(|assessment| assessment.recommendation);
    let in_scope = bid.assessments.iter().map(|assessment| assessment.in_scope);
    disagreements::splits(rules, recommendations, in_scope, bid.disagreement_accepted.is_some())
}

fn to_decide(inputs: &Inputs, bid: &BidInput, combined: Combined) -> BidToDecide {
    BidToDecide {
        bid: bid.reference.clone(),
        amount_requested_pence: bid.amount_requested_pence,
        pots: inputs.pots_of(bid),
        standing: standing(bid),
        combined,
        override_by_admin: bid.overridden.as_ref().map(|ruled| ruled.decision.clone()),
    }
}

fn standing(bid: &BidInput) -> Standing {
    match (bid.eligibility, &bid.excluded) {
        _ if bid.is_withdrawn() => Standing::Withdrawn,
        (Eligibility::Ineligible, _) => Standing::Ineligible { reason: ineligible_because(bid) },
        (Eligibility::Unchecked | Eligibility::Eligible, Some(ruled)) => {
            Standing::Excluded { reason: ruled.reason.clone() }
        }
        (Eligibility::Unchecked | Eligibility::Eligible, None) => Standing::Eligible,
    }
}

fn ineligible_because(bid: &BidInput) -> String {
    bid.eligibility_reason.clone().unwrap_or_else(|| "it does not meet the conditions of the fund".to_owned())
}

fn outcome(rules: &Rules, bid: &BidInput, combined: &Combined, decision: &Decision) -> BidOutcome {
    let was_scored = decision.score.is_some();
    let criteria = match combined {
        Combined::Complete(combined) if was_scored => criteria(rules, bid, combined),
        Combined::Complete(_) | Combined::Incomplete(_) => Vec::new(),
    };
    let overall = bid.assessments.iter().map(|assessment| assessment.overall_feedback.as_str());
    BidOutcome {
        bid_id: bid.id,
        outcome: decision.outcome,
        rank: decision.rank,
        score: decision.score,
        amount_pence: decision.amount_awarded_pence,
        pot: match &decision.paid_from {
            Some(PaidFrom::Pot(key)) => Some(key.clone()),
            Some(PaidFrom::General) | None => None,
        },
        reserve_position: decision.reserve_position,
        sentence: decision.sentence.clone(),
        conditions: decision.conditions.clone(),
        detail: OutcomeDetail {
            reference: bid.reference.clone(),
            title: bid.title.clone(),
            organisation: bid.organisation.clone(),
            before_adjustment: match combined {
                Combined::Complete(combined) if was_scored => combined.before_adjustment,
                Combined::Complete(_) | Combined::Incomplete(_) => None,
            },
            criteria,
            feedback: if was_scored { unattributed(overall) } else { Vec::new() },
            decision: decision.clone(),
        },
        decided_at: None,
    }
}

fn criteria(rules: &Rules, bid: &BidInput, combined: &CombinedScore) -> Vec<CriterionOutcome> {
    let results = combined.criteria.iter().filter_map(|score| {
        let criterion = rules.criterion(&score.criterion)?;
        Some(CriterionOutcome {
            criterion: criterion.key.clone(),
            title: criterion.title.clone(),
            weight: criterion.weight,
            score: score.used.rounded(),
            lowest: criterion.lowest(),
            highest: criterion.highest(),
            label: label(criterion, score.used).to_owned(),
            threshold: criterion.threshold,
            met_threshold: criterion.threshold.is_none_or(|threshold| score.used >= Exact::whole(threshold)),
            points: score.points.rounded(),
            feedback: feedback(bid, &criterion.key),
            sub_criteria: score
                .sub_criteria
                .iter()
                .filter_map(|one| sub_criterion(rules, bid, one))
                .collect(),
        })
    });
    results.collect()
}

fn sub_criterion(rules: &Rules, bid: &BidInput, score: &SubCriterionScore) -> Option<SubCriterionOutcome> {
    let scored = rules.find_scored(&score.sub_criterion)?;
    Some(SubCriterionOutcome {
        sub_criterion: score.sub_criterion.clone(),
        title: scored.sub_criterion?.title.clone(),
        effective_weight: scored.effective_weight(),
        score: score.used.rounded(),
        label: label(scored.criterion, score.used).to_owned(),
        points: score.points.rounded(),
        feedback: feedback(bid, &score.sub_criterion),
    })
}

/// What assessors wrote for the bidder of what is scored under this name.
fn feedback(bid: &BidInput, name: &str) -> Vec<String> {
    let written = bid.assessments.iter().filter_map(|assessment| assessment.feedback.get(name));
    unattributed(written.map(String::as_str))
}

/// What the whole level at or below a score is called.
fn label(criterion: &Criterion, score: Exact) -> &str {
    let reached = criterion.scale.iter().rev().find(|level| Exact::whole(level.score) <= score);
    reached.map_or("", |level| level.label.as_str())
}

/// What assessors wrote, each text once and in the order of the texts: an order by assessor, the
/// same for every criterion, would tell which texts are one person's.
fn unattributed<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut texts: Vec<String> =
        texts.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Why a bid is not eligible, for its bidder.
#[must_use]
pub fn why_ineligible(bid: &BidInput) -> String {
    match &bid.overridden {
        Some(ruled) if bid.eligibility != Eligibility::Ineligible => ruled.decision.reason.clone(),
        Some(_) | None => ineligible_because(bid),
    }
}
