//! Combining: from the assessors' scores of a bid to its combined score.
//!
//! The rule (section 6 of the design). For each criterion the moderated score where there is one,
//! else the mean or the median of the assessors' scores, as announced; taken as
//! `(score − lowest) / (highest − lowest)` of the scale, times the criterion's weight. The sum is
//! the combined score, 0 to 100, exact until the last rounding. Sub-criteria are averaged inside
//! their criterion (see `criterion.rs`), so that its weight counts once.
//!
//! A missing score is never zero and never dropped: the bid is [`Incomplete`] and has no score.
//! A moderated score mends neither a missing score nor a missing assessment, and nor does an
//! administrator's acceptance mend a missing score; acceptance lowers the assessments needed to 1.
//!
//! The caller passes only assessments that count: submitted, current and unconflicted; and rules
//! whose `faults` came back empty. The order of the inputs changes nothing.
//!
//! Must not know: money, ranks, people's names, storage, the time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::criterion::{CriterionScore, ScoredOn, SubCriterionScore};
pub use super::disagreements::{Disagreed, DisagreedOn, Settled};
pub use super::exact::{Exact, Score};

use super::criterion::{criterion_score, own_points};
use super::disagreements;
use crate::rounds::rules::{Rules, Scored};

/// What there is to combine for one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidScores {
    /// The bid's key, which only names it.
    pub bid: String,
    /// The assessments that count, in any order.
    pub assessments: Vec<CountedAssessment>,
    /// The bid's places: how many assessments were asked for.
    pub expected: u32,
    /// Moderated scores by the name of what is scored.
    pub moderated: BTreeMap<String, i32>,
    /// An administrator has accepted the bid short of quorum, with a reason.
    pub accepted_short: bool,
    /// An administrator has accepted the bid's disagreements, with a reason.
    pub disagreement_accepted: bool,
}

/// A submitted, current, unconflicted assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountedAssessment {
    /// The assessor's key, which only names them.
    pub assessor: String,
    /// Scores on the scale, by the name of what is scored: `need`, or `delivery.plan`.
    pub scores: BTreeMap<String, i32>,
}

/// A bid's combined score, or why it has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Combined {
    Complete(CombinedScore),
    Incomplete(Incomplete),
}

/// A bid's combined score and all that went into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CombinedScore {
    /// The combined score as it is shown, 0.00 to 100.00.
    pub score: Score,
    /// The combined score as it decides.
    pub total: Exact,
    /// What it was before it was adjusted for leniency; only where the round announced that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "71.20")]
    pub before_adjustment: Option<Score>,
    /// In the rules' order.
    pub criteria: Vec<CriterionScore>,
    /// Each assessor's own total, before moderation, by the assessor's key. For the panel only.
    pub own_scores: Vec<OwnScore>,
    /// Spreads beyond the round's limits, settled or not. For the panel only.
    pub disagreements: Vec<Disagreed>,
    /// Assessments counted.
    pub counted: u32,
    /// Assessments asked for.
    pub expected: u32,
}

/// What a bid's combined score would be if one assessor alone had scored it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnScore {
    pub assessor: String,
    pub total: Exact,
}

/// Why a bid has no combined score. Shown as "incomplete, 2 of 3".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incomplete {
    /// Assessments with every score.
    #[schema(example = 2)]
    pub have: u32,
    /// Assessments needed: the quorum, and all that were submitted.
    #[schema(example = 3)]
    pub need: u32,
    /// Scores missing from submitted assessments, by assessor, then in the rules' order.
    pub missing: Vec<MissingScore>,
}

/// A score that a submitted assessment lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MissingScore {
    pub assessor: String,
    /// The key of the criterion, or `criterion.sub_criterion`.
    #[schema(example = "need")]
    pub criterion: String,
}

/// Input that validation should never have let through; nothing is combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CombineError {
    BidTwice {
        bid: String,
    },
    AssessorTwice {
        bid: String,
        assessor: String,
    },
    UnknownCriterion {
        bid: String,
        criterion: String,
    },
    OffScale {
        bid: String,
        criterion: String,
        score: i32,
    },
    FlatScale {
        criterion: String,
    },
    /// The scales differ so much that the fraction passes the bounds of [`Exact`].
    TooFine {
        bid: String,
    },
}

/// Combines every bid. The result is by the bid's key.
///
/// # Errors
///
/// See [`CombineError`]. Missing scores and assessments are results, not errors.
pub fn combine(rules: &Rules, bids: &[BidScores]) -> Result<BTreeMap<String, Combined>, CombineError> {
    let mut combined = BTreeMap::new();
    for bid in bids {
        if combined.insert(bid.bid.clone(), combine_bid(rules, bid)?).is_some() {
            return Err(CombineError::BidTwice { bid: bid.bid.clone() });
        }
    }
    Ok(combined)
}

/// Combines one bid.
///
/// # Errors
///
/// As for [`combine`].
pub fn combine_bid(rules: &Rules, bid: &BidScores) -> Result<Combined, CombineError> {
    let assessments = by_assessor(bid)?;
    check_scores(rules, bid)?;
    if let Some(incomplete) = incomplete(rules, bid, &assessments) {
        return Ok(Combined::Incomplete(incomplete));
    }
    score(rules, bid, &assessments)
        .map(Combined::Complete)
        .ok_or_else(|| CombineError::TooFine { bid: bid.bid.clone() })
}

/// Scores by assessor, so that the order of the input changes nothing.
pub(super) type ByAssessor<'a> = BTreeMap<&'a str, &'a BTreeMap<String, i32>>;

fn by_assessor(bid: &BidScores) -> Result<ByAssessor<'_>, CombineError> {
    let mut assessments = BTreeMap::new();
    for CountedAssessment { assessor, scores } in &bid.assessments {
        if assessments.insert(assessor.as_str(), scores).is_some() {
            return Err(CombineError::AssessorTwice { bid: bid.bid.clone(), assessor: assessor.clone() });
        }
    }
    Ok(assessments)
}

/// Every score is of a criterion of the rules and on its scale.
fn check_scores(rules: &Rules, bid: &BidScores) -> Result<(), CombineError> {
    if let Some(flat) = rules.criteria.iter().find(|c| c.lowest() >= c.highest()) {
        return Err(CombineError::FlatScale { criterion: flat.key.clone() });
    }
    let assessed = bid.assessments.iter().flat_map(|assessment| &assessment.scores);
    for (key, &score) in assessed.chain(&bid.moderated) {
        let Some(Scored { criterion, .. }) = rules.find_scored(key) else {
            return Err(CombineError::UnknownCriterion { bid: bid.bid.clone(), criterion: key.clone() });
        };
        if !criterion.allows(score) {
            return Err(CombineError::OffScale { bid: bid.bid.clone(), criterion: key.clone(), score });
        }
    }
    Ok(())
}

/// What is missing, if anything is.
fn incomplete(rules: &Rules, bid: &BidScores, assessments: &ByAssessor) -> Option<Incomplete> {
    let mut missing = Vec::new();
    let mut with_gaps = BTreeSet::new();
    let names: Vec<String> = rules.scored().map(|one| one.name()).collect();
    for (&assessor, scores) in assessments {
        for name in names.iter().filter(|name| !scores.contains_key(*name)) {
            with_gaps.insert(assessor);
            missing.push(MissingScore { assessor: assessor.to_owned(), criterion: name.clone() });
        }
    }
    let required = if bid.accepted_short { 1 } else { rules.quorum.max(1) };
    let need = required.max(count(assessments.len()));
    let have = count(assessments.len() - with_gaps.len());
    (have < need).then_some(Incomplete { have, need, missing })
}

/// The combined score of a complete bid; `None` where it is too fine to be exact.
fn score(rules: &Rules, bid: &BidScores, assessments: &ByAssessor) -> Option<CombinedScore> {
    let given: Vec<&BTreeMap<String, i32>> = assessments.values().copied().collect();
    let criteria = rules
        .criteria
        .iter()
        .map(|criterion| criterion_score(criterion, rules.combination, &given, &bid.moderated))
        .collect::<Option<Vec<_>>>()?;
    let total = Exact::sum(criteria.iter().map(|criterion| criterion.points))?;
    Some(CombinedScore {
        score: total.rounded(),
        total,
        before_adjustment: None,
        own_scores: own_scores(rules, assessments, &BTreeMap::new())?,
        disagreements: disagreements::find(rules, bid, assessments, &criteria)?,
        criteria,
        counted: count(assessments.len()),
        expected: bid.expected,
    })
}

/// Each assessor's own total, with `moderated` scores standing in for theirs.
pub(super) fn own_scores(
    rules: &Rules,
    assessments: &ByAssessor,
    moderated: &BTreeMap<String, i32>,
) -> Option<Vec<OwnScore>> {
    let own_score = |(&assessor, scores): (&&str, &&BTreeMap<String, i32>)| {
        let points = rules.criteria.iter().map(|criterion| own_points(criterion, scores, moderated));
        let points = points.collect::<Option<Vec<_>>>()?;
        Some(OwnScore { assessor: assessor.to_owned(), total: Exact::sum(points)? })
    };
    assessments.iter().map(own_score).collect()
}

/// A bid has at most ten places; saturating is never reached.
fn count(assessments: usize) -> u32 {
    u32::try_from(assessments).unwrap_or(u32::MAX)
}

impl fmt::Display for Incomplete {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "incomplete, {} of {}", self.have, self.need)
    }
}

impl fmt::Display for CombineError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BidTwice { bid } => write!(out, "bid {bid} was given twice"),
            Self::AssessorTwice { bid, assessor } => {
                write!(out, "bid {bid} has two assessments by assessor {assessor}")
            }
            Self::UnknownCriterion { bid, criterion } => {
                write!(out, "bid {bid} has a score for \"{criterion}\", which is not a criterion")
            }
            Self::OffScale { bid, criterion, score } => {
                write!(out, "bid {bid} has the score {score} for \"{criterion}\", off its scale")
            }
            Self::FlatScale { criterion } => {
                write!(out, "the scale of \"{criterion}\" has fewer than two levels")
            }
            Self::TooFine { bid } => {
                write!(out, "the scales of the criteria differ too much to combine bid {bid}")
            }
        }
    }
}

impl std::error::Error for CombineError {}
