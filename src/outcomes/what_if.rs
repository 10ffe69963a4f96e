//! What if: a round's outcomes under other rules than those announced.
//!
//! The suppositions go to a copy of the rules, which must still be rules that a round could open
//! with; then the one function that decides rounds decides this one twice, and the two results are
//! laid side by side. Nothing is written, and the announced rules stay.
//!
//! Must not know: storage, the time, who asks.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::combine::Score;
use super::decide::{Outcome, PaidFrom, Totals};
use super::evaluate::{EvaluateError, Evaluated, evaluate};
use super::inputs::{BidInput, Inputs};
use super::model::{BidOutcome, OpenPoint};
use crate::id::{BidId, RoundId};
use crate::money::Pence;
use crate::problem::Fault;
use crate::rest::escaped;
use crate::rounds::rules::{Combination, NextDoesNotFit, Rules};

/// Rules to be supposed in place of the announced ones. What is left out stays as announced; a
/// `null` takes a threshold or a limit away.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "overall_threshold": 55,
    "pots": {"lancashire": {"amount_pence": 70_000_000}},
    "budget_pence": 320_000_000,
}))]
pub struct Supposition {
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    pub overall_threshold: Option<Option<u32>>,
    /// By key of the criterion. The weights must still total 100.
    #[serde(default)]
    pub criteria: BTreeMap<String, SupposedCriterion>,
    /// By key of the pot.
    #[serde(default)]
    pub pots: BTreeMap<String, SupposedPot>,
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub budget_pence: Option<Pence>,
    #[serde(default)]
    pub combination: Option<Combination>,
    #[serde(default)]
    pub when_next_does_not_fit: Option<NextDoesNotFit>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    pub partial_offer_percent: Option<Option<u32>>,
    #[serde(default)]
    pub disagreement: SupposedDisagreement,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupposedCriterion {
    #[serde(default)]
    pub weight: Option<u32>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<i32>)]
    pub threshold: Option<Option<i32>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupposedPot {
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    pub amount_pence: Option<Pence>,
    #[serde(default)]
    pub remainder_to_general_pot: Option<bool>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SupposedDisagreement {
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    pub overall_points: Option<Option<u32>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<u32>)]
    pub criterion_levels: Option<Option<u32>>,
    #[serde(default)]
    pub recommendation: Option<bool>,
    #[serde(default)]
    pub in_scope: Option<bool>,
}

/// Tells a `null` that was sent from a field that was not.
fn said<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// The announced outcomes beside those under the supposed rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhatIf {
    pub round_id: RoundId,
    /// The bids that would fare otherwise, in the order of the supposed ranking. A rank or a
    /// sentence alone changes nothing for anybody and does not count.
    pub changes: Vec<OutcomeChange>,
    pub announced: Picture,
    pub supposed: Picture,
}

/// A bid that would fare otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeChange {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation: String,
    pub from: Faring,
    pub to: Faring,
}

/// How a bid fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Faring {
    /// Absent while a blocker stands in its way.
    pub outcome: Option<Outcome>,
    #[schema(example = 7)]
    pub rank: Option<u32>,
    pub score: Option<Score>,
    #[schema(value_type = i64, example = 15_000_000)]
    pub amount_pence: Pence,
    pub paid_from: Option<PaidFrom>,
    pub reserve_position: Option<u32>,
    /// Why.
    #[schema(example = "Scored 57.20 out of 100 overall, below the threshold of 60.")]
    pub sentence: String,
}

/// What a round comes to under one set of rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Picture {
    #[schema(example = 12)]
    pub awards: usize,
    /// By pot.
    pub totals: Totals,
    /// By area that any bid names, in the order of the names. A bid over two areas counts in both.
    pub by_area: Vec<AreaMoney>,
    pub funding_line: FundingLine,
    /// What closing would be refused for.
    pub blockers: Vec<OpenPoint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaMoney {
    #[schema(example = "E07000117")]
    pub code: String,
    #[schema(example = "Burnley")]
    pub name: String,
    #[schema(example = 2)]
    pub awards: usize,
    #[schema(value_type = i64, example = 27_000_000)]
    pub awarded_pence: Pence,
}

/// Where the general pot ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FundingLine {
    /// The lowest ranked bid that the general pot pays.
    pub last_paid: Option<OnTheLine>,
    /// The first of the reserve list.
    pub first_unpaid: Option<OnTheLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnTheLine {
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    #[schema(example = 7)]
    pub rank: Option<u32>,
    pub score: Option<Score>,
}

/// Why nothing could be supposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SupposeError {
    /// The supposed rules are none that a round could open with.
    Rules(Vec<Fault>),
    Evaluate(EvaluateError),
}

impl fmt::Display for SupposeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rules(faults) => write!(out, "the supposed rules have {} faults", faults.len()),
            Self::Evaluate(error) => error.fmt(out),
        }
    }
}

impl std::error::Error for SupposeError {}

impl Supposition {
    /// A copy of the rules with the suppositions in it.
    ///
    /// # Errors
    /// Every fault of the rules that result, with its pointer into the supposition.
    pub fn suppose(&self, announced: &Rules) -> Result<Rules, Vec<Fault>> {
        let mut rules = announced.clone();
        let mut faults = self.unknown_keys(announced);
        for criterion in &mut rules.criteria {
            let Some(supposed) = self.criteria.get(&criterion.key) else { continue };
            criterion.weight = supposed.weight.unwrap_or(criterion.weight);
            criterion.threshold = supposed.threshold.unwrap_or(criterion.threshold);
        }
        for pot in &mut rules.pots {
            let Some(supposed) = self.pots.get(&pot.key) else { continue };
            pot.amount_pence = supposed.amount_pence.unwrap_or(pot.amount_pence);
            pot.remainder_to_general_pot =
                supposed.remainder_to_general_pot.unwrap_or(pot.remainder_to_general_pot);
        }
        rules.overall_threshold = self.overall_threshold.unwrap_or(rules.overall_threshold);
        rules.budget_pence = self.budget_pence.unwrap_or(rules.budget_pence);
        rules.combination = self.combination.unwrap_or(rules.combination);
        rules.when_next_does_not_fit = self.when_next_does_not_fit.unwrap_or(rules.when_next_does_not_fit);
        rules.partial_offer_percent = self.partial_offer_percent.unwrap_or(rules.partial_offer_percent);
        let limits = &mut rules.disagreement;
        limits.overall_points = self.disagreement.overall_points.unwrap_or(limits.overall_points);
        limits.criterion_levels = self.disagreement.criterion_levels.unwrap_or(limits.criterion_levels);
        limits.recommendation = self.disagreement.recommendation.unwrap_or(limits.recommendation);
        limits.in_scope = self.disagreement.in_scope.unwrap_or(limits.in_scope);
        // The areas of pots cannot be supposed, so that they lie inside the fund still holds.
        faults.extend(rules.faults(|_| true).into_iter().map(|fault| by_key(&rules, fault)));
        if faults.is_empty() { Ok(rules) } else { Err(faults) }
    }

    fn unknown_keys(&self, announced: &Rules) -> Vec<Fault> {
        let criteria = self.criteria.keys().filter(|key| announced.criterion(key).is_none());
        let criteria = criteria.map(|key| (format!("/criteria/{}", escaped(key)), "criterion", key));
        let pots = self.pots.keys().filter(|key| announced.pots.iter().all(|pot| pot.key != **key));
        let pots = pots.map(|key| (format!("/pots/{}", escaped(key)), "pot", key));
        let fault = |(at, what, key)| Fault::new(at, format!("\"{key}\" is not the key of a {what}"));
        criteria.chain(pots).map(fault).collect()
    }
}

/// Rules name criteria and pots by place, a supposition by key.
fn by_key(rules: &Rules, fault: Fault) -> Fault {
    let mut steps: Vec<String> = fault.pointer.split('/').skip(2).map(str::to_owned).collect();
    let key = match steps.as_slice() {
        [list, place, ..] => place.parse::<usize>().ok().and_then(|place| match list.as_str() {
            "criteria" => rules.criteria.get(place).map(|criterion| criterion.key.clone()),
            "pots" => rules.pots.get(place).map(|pot| pot.key.clone()),
            _ => None,
        }),
        _ => None,
    };
    if let (Some(key), Some(place)) = (key, steps.get_mut(1)) {
        *place = key;
    }
    Fault::new(format!("/{}", steps.join("/")), fault.detail)
}

/// Decides the round twice, as announced and as supposed. `area_name` gives the name of a code.
///
/// # Errors
/// See [`SupposeError`].
pub fn what_if(
    inputs: &Inputs,
    supposition: &Supposition,
    area_name: impl Fn(&str) -> String,
) -> Result<WhatIf, SupposeError> {
    let rules = supposition.suppose(&inputs.rules).map_err(SupposeError::Rules)?;
    let announced = evaluate(inputs).map_err(SupposeError::Evaluate)?;
    let picture_of_announced = picture(inputs, &announced, &area_name);
    if rules == inputs.rules {
        return Ok(WhatIf {
            round_id: inputs.round_id,
            changes: Vec::new(),
            supposed: picture_of_announced.clone(),
            announced: picture_of_announced,
        });
    }
    let copy = Inputs { rules, ..inputs.clone() };
    let supposed = evaluate(&copy).map_err(SupposeError::Evaluate)?;
    Ok(WhatIf {
        round_id: inputs.round_id,
        changes: changes(&announced, &supposed),
        announced: picture_of_announced,
        supposed: picture(&copy, &supposed, &area_name),
    })
}

fn changes(announced: &Evaluated, supposed: &Evaluated) -> Vec<OutcomeChange> {
    let before: BTreeMap<BidId, &BidOutcome> =
        announced.outcomes.iter().map(|outcome| (outcome.bid_id, outcome)).collect();
    let changes = supposed.outcomes.iter().filter_map(|to| {
        let from = before.get(&to.bid_id)?;
        matters(from, to).then(|| OutcomeChange {
            bid_id: to.bid_id,
            reference: to.detail.reference.clone(),
            title: to.detail.title.clone(),
            organisation: to.detail.organisation.clone(),
            from: Faring::of(from),
            to: Faring::of(to),
        })
    });
    changes.collect()
}

fn matters(from: &BidOutcome, to: &BidOutcome) -> bool {
    from.outcome != to.outcome
        || from.amount_pence != to.amount_pence
        || from.detail.decision.paid_from != to.detail.decision.paid_from
        || from.reserve_position != to.reserve_position
}

impl Faring {
    fn of(outcome: &BidOutcome) -> Self {
        Self {
            outcome: outcome.outcome,
            rank: outcome.rank,
            score: outcome.score,
            amount_pence: outcome.amount_pence,
            paid_from: outcome.detail.decision.paid_from.clone(),
            reserve_position: outcome.reserve_position,
            sentence: outcome.sentence.clone(),
        }
    }
}

fn picture(inputs: &Inputs, evaluated: &Evaluated, area_name: &impl Fn(&str) -> String) -> Picture {
    let awarded = evaluated.outcomes.iter().filter(|decided| decided.outcome.is_some_and(Outcome::is_award));
    Picture {
        awards: awarded.count(),
        totals: evaluated.decided.totals.clone(),
        by_area: by_area(inputs, evaluated, area_name),
        funding_line: FundingLine::of(evaluated),
        blockers: evaluated.open_points(),
    }
}

fn by_area(inputs: &Inputs, evaluated: &Evaluated, area_name: &impl Fn(&str) -> String) -> Vec<AreaMoney> {
    let bids: BTreeMap<BidId, &BidInput> = inputs.bids.iter().map(|bid| (bid.id, bid)).collect();
    let named = inputs.received().flat_map(|bid| &bid.areas);
    let mut money: BTreeMap<&str, (usize, Pence)> =
        named.map(|code| (code.as_str(), (0, Pence::ZERO))).collect();
    for decided in evaluated.outcomes.iter().filter(|decided| decided.outcome.is_some_and(Outcome::is_award))
    {
        for code in bids.get(&decided.bid_id).into_iter().flat_map(|bid| &bid.areas) {
            let (awards, pence) = money.entry(code).or_insert((0, Pence::ZERO));
            *awards += 1;
            *pence = *pence + decided.amount_pence;
        }
    }
    let areas = money.into_iter().map(|(code, (awards, awarded_pence))| AreaMoney {
        code: code.to_owned(),
        name: area_name(code),
        awards,
        awarded_pence,
    });
    let mut areas: Vec<AreaMoney> = areas.collect();
    areas.sort_by(|left, right| (&left.name, &left.code).cmp(&(&right.name, &right.code)));
    areas
}

impl FundingLine {
    fn of(evaluated: &Evaluated) -> Self {
        // Best first, and those without a rank after the ranked.
        let paid = evaluated.outcomes.iter().rev().filter(|decided| {
            decided.rank.is_some() && decided.detail.decision.paid_from == Some(PaidFrom::General)
        });
        let mut reserve: Vec<&BidOutcome> =
            evaluated.outcomes.iter().filter(|decided| decided.reserve_position.is_some()).collect();
        reserve.sort_by_key(|decided| decided.reserve_position);
        Self {
            last_paid: paid.map(OnTheLine::of).next(),
            first_unpaid: reserve.first().copied().map(OnTheLine::of),
        }
    }
}

impl OnTheLine {
    fn of(outcome: &BidOutcome) -> Self {
        Self { reference: outcome.detail.reference.clone(), rank: outcome.rank, score: outcome.score }
    }
}
