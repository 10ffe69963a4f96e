//! Disagreements: where assessors differ by more than the round accepts.
//!
//! Two limits (section 6 of the design): between assessors' own combined scores, in points; and
//! between two scores of one criterion or sub-criterion, in levels. A spread equal to the limit is accepted.
//!
//! A disagreement on a criterion is settled once that criterion is moderated. The overall one is
//! settled once the assessors' own totals, taken again with every moderated score standing in for
//! theirs, lie within the limit: what moderation has decided, assessors no longer disagree on.
//! A split (some would fund the bid and some not; some hold it in scope and some not) is a
//! disagreement where the round says so. No score can settle it: assessors change their minds, or an
//! administrator accepts it.
//!
//! An administrator may accept what is left, with a reason.
//!
//! Must not know: who the assessors are, or what a disagreement holds up.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::combine::{BidScores, ByAssessor, OwnScore, own_scores};
use super::criterion::CriterionScore;
use super::exact::Exact;
use crate::assessments::model::Recommendation;
use crate::rounds::rules::Rules;

/// A spread beyond the round's limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disagreed {
    pub on: DisagreedOn,
    /// Between the lowest and the highest, before moderation: points overall, levels on a criterion, 1
    /// of a split.
    pub spread: Exact,
    /// What moderation has left of it.
    pub remaining: Exact,
    /// The widest accepted spread.
    #[schema(example = 25)]
    pub limit: u32,
    pub settled: Settled,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisagreedOn {
    Overall,
    /// The key of the criterion, or `criterion.sub_criterion`.
    Criterion(String),
    /// Some recommend to fund the bid, some not to.
    Recommendation,
    /// Some hold the bid to be in scope, some not.
    InScope,
}

/// How a disagreement was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    No,
    Moderated,
    Accepted,
}

impl Disagreed {
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.settled != Settled::No
    }
}

/// The overall disagreement first, then those on criteria in the rules' order. `None` where a
/// total is too fine to be exact.
pub(super) fn find(
    rules: &Rules,
    bid: &BidScores,
    assessments: &ByAssessor,
    criteria: &[CriterionScore],
) -> Option<Vec<Disagreed>> {
    let mut found = Vec::new();
    if let Some(limit) = rules.disagreement.overall_points {
        let spread = spread(&own_scores(rules, assessments, &BTreeMap::new())?)?;
        let remaining = spread_of_moderated(rules, bid, assessments)?;
        found.extend(beyond(DisagreedOn::Overall, limit, spread, remaining, bid));
    }
    if let Some(limit) = rules.disagreement.criterion_levels {
        for scored in criteria.iter().flat_map(CriterionScore::scored) {
            let spread = Exact::count(scored.spread_levels);
            let remaining = if scored.moderated.is_some() { Exact::ZERO } else { spread };
            let on = DisagreedOn::Criterion(scored.name.to_owned());
            found.extend(beyond(on, limit, spread, remaining, bid));
        }
    }
    Some(found)
}

/// The splits that the round asks to be settled. `None` is the answer of an assessor who gave none.
pub(super) fn splits(
    rules: &Rules,
    recommendations: impl Iterator<Item = Option<Recommendation>>,
    in_scope: impl Iterator<Item = Option<bool>>,
    accepted: bool,
) -> Vec<Disagreed> {
    let would_fund = |recommended: Recommendation| match recommended {
        Recommendation::Fund | Recommendation::FundWithConditions => true,
        Recommendation::DoNotFund => false,
    };
    let asked = &rules.disagreement;
    let funding = asked.recommendation && is_split(recommendations.flatten().map(would_fund));
    let scope = asked.in_scope && is_split(in_scope.flatten());
    let found = [(funding, DisagreedOn::Recommendation), (scope, DisagreedOn::InScope)];
    let disagreed = |on| Disagreed {
        on,
        spread: Exact::whole(1),
        remaining: Exact::whole(1),
        limit: 0,
        settled: if accepted { Settled::Accepted } else { Settled::No },
    };
    found.into_iter().filter(|(split, _)| *split).map(|(_, on)| disagreed(on)).collect()
}

fn is_split(answers: impl Iterator<Item = bool>) -> bool {
    let answers: BTreeSet<bool> = answers.collect();
    answers.len() > 1
}

fn spread_of_moderated(rules: &Rules, bid: &BidScores, assessments: &ByAssessor) -> Option<Exact> {
    spread(&own_scores(rules, assessments, &bid.moderated)?)
}

fn spread(own_scores: &[OwnScore]) -> Option<Exact> {
    let totals = || own_scores.iter().map(|own| own.total);
    totals().max()?.minus(totals().min()?)
}

fn beyond(
    on: DisagreedOn,
    limit: u32,
    spread: Exact,
    remaining: Exact,
    bid: &BidScores,
) -> Option<Disagreed> {
    let accepted_spread = Exact::count(limit);
    if spread <= accepted_spread {
        return None;
    }
    let settled = if remaining <= accepted_spread {
        Settled::Moderated
    } else if bid.disagreement_accepted {
        Settled::Accepted
    } else {
        Settled::No
    };
    Some(Disagreed { on, spread, remaining, limit, settled })
}
