//! What deciding takes and gives: bids with their standing and overrides in, decisions, totals and
//! blockers out.
//!
//! Invariants of what comes out: money awarded is within each pot and the budget; the totals are the
//! sums of the awards; a decision without an outcome always has a blocker behind it.
//!
//! Must not know: how any of it is worked out.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::combine::{Combined, Exact, Score};
use crate::money::Pence;
use crate::rounds::rules::{Pot, Rules};

/// A submitted bid, as deciding sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidToDecide {
    /// Names the bid; never orders it.
    pub bid: String,
    pub amount_requested_pence: Pence,
    /// Keys of the pots whose areas the bid covers, in any order.
    pub pots: Vec<String>,
    pub standing: Standing,
    pub combined: Combined,
    pub override_by_admin: Option<Override>,
}

/// Whether a bid takes part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    Eligible,
    Ineligible {
        reason: String,
    },
    Withdrawn,
    /// By an administrator: unsuccessful, without a rank.
    Excluded {
        reason: String,
    },
}

/// An administrator's decision in place of the ranking's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    pub outcome: Outcome,
    /// Only with an award: at most what was asked, which it is where absent.
    #[schema(value_type = Option<i64>, example = 10_000_000)]
    #[serde(default)]
    pub amount_pence: Option<Pence>,
    /// Needed by `awarded_with_conditions`, and only by it.
    #[serde(default)]
    pub conditions: Option<String>,
    #[schema(example = "The only bid for Burnley.")]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Awarded,
    AwardedWithConditions,
    Reserve,
    Unsuccessful,
    Ineligible,
    Withdrawn,
}

impl Outcome {
    pub const ALL: [Self; 6] = [
        Self::Awarded,
        Self::AwardedWithConditions,
        Self::Reserve,
        Self::Unsuccessful,
        Self::Ineligible,
        Self::Withdrawn,
    ];

    /// As stored and as written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Awarded => "awarded",
            Self::AwardedWithConditions => "awarded_with_conditions",
            Self::Reserve => "reserve",
            Self::Unsuccessful => "unsuccessful",
            Self::Ineligible => "ineligible",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub fn is_award(self) -> bool {
        match self {
            Self::Awarded | Self::AwardedWithConditions => true,
            Self::Reserve | Self::Unsuccessful | Self::Ineligible | Self::Withdrawn => false,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl FromStr for Outcome {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == text).ok_or("not an outcome")
    }
}

/// All that a close would write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// The ranked bids, best first, then the others by key.
    pub decisions: Vec<Decision>,
    pub totals: Totals,
    /// What a close must be refused for; empty: the round may close.
    pub blockers: Vec<Blocker>,
}

/// What was decided for one bid, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decision {
    pub bid: String,
    /// Absent while a blocker stands in its way.
    pub outcome: Option<Outcome>,
    pub score: Option<Score>,
    /// 1 is best; equals share a rank and the next rank is passed over. Absent where not ranked.
    #[schema(example = 7)]
    pub rank: Option<u32>,
    /// £0 where nothing is awarded.
    #[schema(value_type = i64, example = 15_000_000)]
    pub amount_awarded_pence: Pence,
    pub paid_from: Option<PaidFrom>,
    /// 1 is next in line. Absent where a place cannot be told yet.
    #[schema(example = 2)]
    pub reserve_position: Option<u32>,
    pub missed: Missed,
    /// Whether an administrator decided it.
    pub overridden: bool,
    pub conditions: Option<String>,
    /// Why, in plain English. Names no other bid.
    #[schema(example = "Ranked 7th of 18; £412,000 of the general pot was left, £150,000 was asked.")]
    pub sentence: String,
}

/// The one pot that pays a bid.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaidFrom {
    General,
    /// The key of the pot.
    Pot(String),
}

/// The thresholds that a bid missed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Missed {
    /// In the rules' order.
    pub criteria: Vec<CriterionMissed>,
    /// The overall threshold, in points, where it was missed.
    #[schema(example = 50)]
    pub overall: Option<u32>,
}

impl Missed {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.criteria.is_empty() && self.overall.is_none()
    }
}

/// A criterion's threshold that a bid missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriterionMissed {
    #[schema(example = "need")]
    pub criterion: String,
    #[schema(example = "Need and demand")]
    pub title: String,
    /// The score that counted, on the scale.
    pub used: Exact,
    #[schema(example = 2)]
    pub threshold: i32,
}

/// Where the round's money goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Totals {
    /// In the announced order.
    pub pots: Vec<PotTotal>,
    /// The budget less the pots, plus what they returned.
    pub general: Spend,
    /// The whole round.
    pub budget: Spend,
}

/// `available = spent + returned + left`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PotTotal {
    #[schema(example = "lancashire")]
    pub pot: String,
    #[schema(example = "Lancashire")]
    pub name: String,
    #[schema(value_type = i64)]
    pub available_pence: Pence,
    #[schema(value_type = i64)]
    pub spent_pence: Pence,
    /// Passed on to the general pot.
    #[schema(value_type = i64)]
    pub returned_pence: Pence,
    /// Kept for the pot's areas, unspent.
    #[schema(value_type = i64)]
    pub left_pence: Pence,
}

/// `available = spent + left`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Spend {
    #[schema(value_type = i64)]
    pub available_pence: Pence,
    #[schema(value_type = i64)]
    pub spent_pence: Pence,
    #[schema(value_type = i64)]
    pub left_pence: Pence,
}

impl Totals {
    /// The sums of the awards; what is open is not yet spent.
    pub(super) fn of(rules: &Rules, decisions: &[Decision]) -> Self {
        let mut general = rules.budget_pence;
        let mut pots = Vec::new();
        for pot in &rules.pots {
            let total = PotTotal::of(pot, decisions);
            general = general - total.available_pence + total.returned_pence;
            pots.push(total);
        }
        let spent_generally = spent(decisions, |from| *from == PaidFrom::General);
        Self {
            pots,
            general: Spend::of(general, spent_generally),
            budget: Spend::of(rules.budget_pence, spent(decisions, |_| true)),
        }
    }
}

impl PotTotal {
    fn of(pot: &Pot, decisions: &[Decision]) -> Self {
        let paid = spent(decisions, |from| matches!(from, PaidFrom::Pot(key) if *key == pot.key));
        let rest = pot.amount_pence - paid;
        let (returned, left) =
            if pot.remainder_to_general_pot { (rest, Pence::ZERO) } else { (Pence::ZERO, rest) };
        Self {
            pot: pot.key.clone(),
            name: pot.name.clone(),
            available_pence: pot.amount_pence,
            spent_pence: paid,
            returned_pence: returned,
            left_pence: left,
        }
    }
}

impl Spend {
    fn of(available: Pence, spent: Pence) -> Self {
        Self { available_pence: available, spent_pence: spent, left_pence: available - spent }
    }
}

fn spent(decisions: &[Decision], counts: impl Fn(&PaidFrom) -> bool) -> Pence {
    let paid = decisions.iter().filter(|decision| decision.paid_from.as_ref().is_some_and(&counts));
    paid.map(|decision| decision.amount_awarded_pence).sum()
}

/// What a close must be refused for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Blocker {
    /// The bid is short of quorum or has a score missing.
    Incomplete { bid: String, have: u32, need: u32 },
    /// Assessors differ, and nobody has moderated or accepted it. `criteria` are keys.
    Disagreement { bid: String, overall: bool, criteria: Vec<String> },
    /// Assessors are split on whether to fund the bid or whether it is in scope, and nobody has
    /// accepted it.
    Split { bid: String, recommendation: bool, in_scope: bool },
    /// Equal bids whose order decides who is paid.
    TieOnFundingLine { bids: Vec<String> },
    /// Equal bids on the reserve list, whose order is the order of being paid next.
    TieOnReserveList { bids: Vec<String> },
    /// An administrator's override that cannot stand.
    OverrideRefused { bid: String, why: OverrideFault },
}

/// Why an override cannot stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverrideFault {
    /// The bid is ineligible, withdrawn or excluded.
    NotTakingPart,
    /// The amount is below 1p or above what was asked.
    AmountOutOfRange,
    /// An amount without an award.
    AmountWithoutAward,
    /// Conditions missing, or given with another outcome.
    ConditionsDoNotMatch,
    /// Neither the bid's pots nor the general pot hold the amount.
    DoesNotFit,
}

impl Blocker {
    /// The bids that it is about.
    #[must_use]
    pub fn bids(&self) -> &[String] {
        match self {
            Self::Incomplete { bid, .. }
            | Self::Disagreement { bid, .. }
            | Self::Split { bid, .. }
            | Self::OverrideRefused { bid, .. } => std::slice::from_ref(bid),
            Self::TieOnFundingLine { bids } | Self::TieOnReserveList { bids } => bids,
        }
    }
}

impl fmt::Display for Blocker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete { bid, have, need } => {
                write!(out, "{bid} is incomplete, {have} of {need}")
            }
            Self::Disagreement { bid, .. } => {
                write!(out, "{bid} has a disagreement that is not moderated")
            }
            Self::Split { bid, recommendation, in_scope } => {
                let on = match (recommendation, in_scope) {
                    (true, true) => "whether to fund it and whether it is in scope",
                    (_, false) => "whether to fund it",
                    (false, true) => "whether it is in scope",
                };
                write!(out, "the assessors of {bid} are split on {on}")
            }
            Self::TieOnFundingLine { bids } => {
                write!(out, "{} are tied on the funding line", bids.join(", "))
            }
            Self::TieOnReserveList { bids } => {
                write!(out, "{} are tied on the reserve list", bids.join(", "))
            }
            Self::OverrideRefused { bid, why } => {
                write!(out, "the override of {bid} cannot stand: {why}")
            }
        }
    }
}

impl fmt::Display for OverrideFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::NotTakingPart => "the bid is ineligible, withdrawn or excluded",
            Self::AmountOutOfRange => "the amount must be above £0 and at most what was asked",
            Self::AmountWithoutAward => "an amount goes only with an award",
            Self::ConditionsDoNotMatch => "conditions go with an award with conditions, and only with it",
            Self::DoesNotFit => "neither the bid's pots nor the general pot hold the amount",
        })
    }
}

/// Input that validation should never have let through; nothing is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecideError {
    BidTwice { bid: String },
    TieOrderTwice { bid: String },
    UnknownPot { bid: String, pot: String },
    AmountNotPositive { bid: String },
    PotsExceedBudget,
}

impl fmt::Display for DecideError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BidTwice { bid } => write!(out, "bid {bid} was given twice"),
            Self::TieOrderTwice { bid } => write!(out, "the tie order names bid {bid} twice"),
            Self::UnknownPot { bid, pot } => write!(out, "bid {bid} names the unknown pot \"{pot}\""),
            Self::AmountNotPositive { bid } => write!(out, "bid {bid} asks for no money"),
            Self::PotsExceedBudget => out.write_str("the pots total more than the budget"),
        }
    }
}

impl std::error::Error for DecideError {}
