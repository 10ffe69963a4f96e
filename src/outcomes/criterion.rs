//! One criterion of a combined score: from the assessors' scores on it to its points.
//!
//! The mean or median is taken of each thing that is scored, and a moderated score stands in for it.
//! A criterion with sub-criteria has the mean of theirs: the weight once, however many there are.
//!
//! Must not know: other criteria, disagreements, who the assessors are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::exact::Exact;
use crate::rounds::rules::{Combination, Criterion, Scored};

/// One criterion of a combined score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CombinedCriterion)]
pub struct CriterionScore {
    #[schema(example = "need")]
    pub criterion: String,
    /// The mean or median of the assessors' scores, on the scale; of sub-criteria the mean of theirs.
    pub assessed: Exact,
    /// The moderated score, on the scale, where there is one. A criterion with sub-criteria has none:
    /// they have.
    #[schema(example = 3)]
    pub moderated: Option<i32>,
    /// The score that counts, on the scale: the moderated one, else the assessed one; of sub-criteria
    /// the mean of those that count.
    pub used: Exact,
    /// The most points the criterion can give: its weight, once, however many parts it has.
    #[schema(example = 30)]
    pub weight: u32,
    /// The points it gave.
    pub points: Exact,
    /// Levels between the assessors' lowest and highest score; of sub-criteria the widest of theirs.
    #[schema(example = 1)]
    pub spread_levels: u32,
    /// In the rules' order; empty where the criterion is scored as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_criteria: Vec<SubCriterionScore>,
}

/// One sub-criterion of a combined score, on its criterion's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = CombinedSubCriterion)]
pub struct SubCriterionScore {
    #[schema(example = "need.evidence")]
    pub sub_criterion: String,
    /// The mean or median of the assessors' scores.
    pub assessed: Exact,
    #[schema(example = 3)]
    pub moderated: Option<i32>,
    /// The score that counts: the moderated one, else the assessed one.
    pub used: Exact,
    /// The most points it can give: its equal share of the criterion's weight.
    pub weight: Exact,
    /// The points it gave.
    pub points: Exact,
    /// Levels between the assessors' lowest and highest score.
    #[schema(example = 1)]
    pub spread_levels: u32,
}

/// What is scored, as it was scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoredOn<'a> {
    /// `need`, or `delivery.plan`.
    pub name: &'a str,
    pub moderated: Option<i32>,
    pub used: Exact,
    /// What it counts of 100.
    pub weight: Exact,
    pub spread_levels: u32,
}

impl CriterionScore {
    /// What was scored of it: its sub-criteria, or itself.
    #[must_use]
    pub fn scored<'a>(&'a self) -> Vec<ScoredOn<'a>> {
        if self.sub_criteria.is_empty() {
            return vec![ScoredOn {
                name: &self.criterion,
                moderated: self.moderated,
                used: self.used,
                weight: Exact::count(self.weight),
                spread_levels: self.spread_levels,
            }];
        }
        let part = |one: &'a SubCriterionScore| ScoredOn {
            name: &one.sub_criterion,
            moderated: one.moderated,
            used: one.used,
            weight: one.weight,
            spread_levels: one.spread_levels,
        };
        self.sub_criteria.iter().map(part).collect()
    }

    /// Whether a moderated score counts in it.
    #[must_use]
    pub fn is_moderated(&self) -> bool {
        self.scored().iter().any(|one| one.moderated.is_some())
    }
}

/// One assessor's scores, by the name of what is scored.
type Given = BTreeMap<String, i32>;

/// `None` where a score is missing, which the caller has ruled out, or too fine to be exact.
pub(super) fn criterion_score(
    criterion: &Criterion,
    combination: Combination,
    given: &[&Given],
    moderated: &Given,
) -> Option<CriterionScore> {
    let parts = criterion.scored().into_iter().map(|one| part(one, combination, given, moderated));
    let parts = parts.collect::<Option<Vec<_>>>()?;
    let used = mean_of(parts.iter().map(|part| part.used))?;
    let first = parts.first()?;
    Some(CriterionScore {
        criterion: criterion.key.clone(),
        assessed: mean_of(parts.iter().map(|part| part.assessed))?,
        moderated: if criterion.sub_criteria.is_empty() { first.moderated } else { None },
        used,
        weight: criterion.weight,
        points: points(criterion, used)?,
        spread_levels: parts.iter().map(|part| part.spread_levels).max()?,
        sub_criteria: if criterion.sub_criteria.is_empty() { Vec::new() } else { parts },
    })
}

fn part(
    scored: Scored,
    combination: Combination,
    given: &[&Given],
    moderated: &Given,
) -> Option<SubCriterionScore> {
    let (criterion, name) = (scored.criterion, scored.name());
    let mut scores = given.iter().map(|scores| scores.get(&name).copied()).collect::<Option<Vec<_>>>()?;
    scores.sort_unstable();
    let assessed = match combination {
        Combination::Mean => mean(&scores)?,
        Combination::Median => median(&scores)?,
    };
    let moderated = moderated.get(&name).copied();
    let used = moderated.map_or(assessed, Exact::whole);
    let shares = i128::from(criterion.shares());
    Some(SubCriterionScore {
        assessed,
        moderated,
        used,
        weight: Exact::count(criterion.weight).scaled(1, shares)?,
        points: points(criterion, used)?.scaled(1, shares)?,
        spread_levels: scores.last()?.abs_diff(*scores.first()?),
        sub_criterion: name,
    })
}

fn mean(scores: &[i32]) -> Option<Exact> {
    let sum = scores.iter().copied().map(i128::from).sum();
    Exact::fraction(sum, i128::try_from(scores.len()).ok()?)
}

/// The middle one of sorted scores, or halfway between the middle two.
fn median(sorted: &[i32]) -> Option<Exact> {
    let lower = *sorted.get(sorted.len().checked_sub(1)? / 2)?;
    let upper = *sorted.get(sorted.len() / 2)?;
    Exact::fraction(i128::from(lower) + i128::from(upper), 2)
}

/// The mean; `None` of nothing.
fn mean_of(scores: impl ExactSizeIterator<Item = Exact>) -> Option<Exact> {
    let many = i128::try_from(scores.len()).ok()?;
    Exact::sum(scores)?.scaled(1, many)
}

/// `(score − lowest) / (highest − lowest) × weight`: the weight once, whatever the scale.
fn points(criterion: &Criterion, score: Exact) -> Option<Exact> {
    let range = i128::from(criterion.highest()) - i128::from(criterion.lowest());
    score.minus(Exact::whole(criterion.lowest()))?.scaled(criterion.weight.into(), range)
}

/// The points of a criterion if one assessor alone had scored it, with `moderated` scores standing
/// in for theirs.
pub(super) fn own_points(criterion: &Criterion, given: &Given, moderated: &Given) -> Option<Exact> {
    let score = |one: Scored| {
        let name = one.name();
        moderated.get(&name).or_else(|| given.get(&name)).copied().map(Exact::whole)
    };
    let scores = criterion.scored().into_iter().map(score).collect::<Option<Vec<_>>>()?;
    points(criterion, mean_of(scores.into_iter())?)
}
