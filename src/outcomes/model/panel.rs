//! What the panel settles before closing: moderated scores and rulings, each with its reason.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{BidId, ModerationId, RoundId, RulingId, UserId};
use crate::money::Pence;
use crate::outcomes::decide::{Outcome, OverrideFault};
use crate::problem::Fault;
use crate::rounds::rules::{Rules, Scored};

/// The most characters of a reason.
const REASON_LIMIT: usize = 4_000;

/// A moderated score to stand in for the assessors' of one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewModeration {
    /// The criterion's key; of one with sub-criteria both keys with a dot between them
    /// (`delivery.plan`): what is scored is what is moderated, so that a criterion's score always is
    /// the average of its parts.
    #[schema(example = "need")]
    pub criterion: String,
    /// A whole number on the criterion's scale.
    #[schema(example = 3)]
    pub score: i32,
    #[schema(example = "The panel read the demand evidence together and agreed on 3.")]
    pub reason: String,
}

impl NewModeration {
    /// All that is wrong with it under these rules.
    #[must_use]
    pub fn faults(&self, rules: &Rules) -> Vec<Fault> {
        let mut faults = Vec::new();
        match rules.find_scored(&self.criterion) {
            None => faults.push(Fault::new("/criterion", rules.not_scored(&self.criterion))),
            Some(Scored { criterion, .. }) if !criterion.allows(self.score) => faults.push(Fault::new(
                "/score",
                format!("choose a score on the scale, {} to {}", criterion.lowest(), criterion.highest()),
            )),
            Some(_) => {}
        }
        faults.extend(reason_fault(&self.reason));
        faults
    }
}

/// A moderated score. The assessors' own stay as they are; of several for one criterion the latest
/// stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Moderation {
    pub id: ModerationId,
    pub round_id: RoundId,
    pub bid_id: BidId,
    /// The key of the criterion, or `criterion.sub_criterion`.
    #[schema(example = "need")]
    pub criterion: String,
    #[schema(example = 3)]
    pub score: i32,
    pub reason: String,
    pub moderated_by: UserId,
    pub moderated_at: Timestamp,
}

word_enum! {
    pub enum RulingKind {
        Exclude = "exclude",
        AcceptShort = "accept_short",
        AcceptDisagreement = "accept_disagreement",
        Override = "override",
        TieOrder = "tie_order",
    }
}

/// What an administrator decides about a round's bids before closing, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({"kind": "accept_short", "bid_id": "01990000-0000-7000-8000-000000000000", "reason": "The third assessor is ill; two agree."}))]
pub enum NewRuling {
    /// The bid takes no further part: unsuccessful, without a rank.
    Exclude { bid_id: BidId, reason: String },
    /// The bid is ranked on the assessments that it has.
    AcceptShort { bid_id: BidId, reason: String },
    /// The bid's disagreements stand as they are.
    AcceptDisagreement { bid_id: BidId, reason: String },
    /// The bid gets this outcome instead of the ranking's.
    Override {
        bid_id: BidId,
        outcome: Outcome,
        /// Only with an award: at most what was asked, which it is where absent.
        #[schema(value_type = Option<i64>)]
        #[serde(default)]
        amount_pence: Option<Pence>,
        /// Needed by `awarded_with_conditions`, and only by it.
        #[serde(default)]
        conditions: Option<String>,
        reason: String,
    },
    /// The panel's order of tied bids, best first; it settles the ties all of whose bids it names.
    TieOrder { bids: Vec<BidId>, reason: String },
}

impl NewRuling {
    #[must_use]
    pub fn kind(&self) -> RulingKind {
        match self {
            Self::Exclude { .. } => RulingKind::Exclude,
            Self::AcceptShort { .. } => RulingKind::AcceptShort,
            Self::AcceptDisagreement { .. } => RulingKind::AcceptDisagreement,
            Self::Override { .. } => RulingKind::Override,
            Self::TieOrder { .. } => RulingKind::TieOrder,
        }
    }

    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Exclude { reason, .. }
            | Self::AcceptShort { reason, .. }
            | Self::AcceptDisagreement { reason, .. }
            | Self::Override { reason, .. }
            | Self::TieOrder { reason, .. } => reason,
        }
    }

    /// The bid that it is about; `None` of a tie order, which is about several.
    #[must_use]
    pub fn bid(&self) -> Option<BidId> {
        match self {
            Self::Exclude { bid_id, .. }
            | Self::AcceptShort { bid_id, .. }
            | Self::AcceptDisagreement { bid_id, .. }
            | Self::Override { bid_id, .. } => Some(*bid_id),
            Self::TieOrder { .. } => None,
        }
    }

    /// All that is wrong with it. `asked` is what a bid of the round that takes part asks for, and
    /// why it takes no part where it does not.
    #[must_use]
    pub fn faults(&self, asked: impl Fn(BidId) -> Result<Pence, &'static str>) -> Vec<Fault> {
        let mut faults = Vec::new();
        match self {
            Self::Exclude { bid_id, .. }
            | Self::AcceptShort { bid_id, .. }
            | Self::AcceptDisagreement { bid_id, .. } => {
                faults.extend(asked(*bid_id).err().map(|why| Fault::new("/bid_id", why)));
            }
            Self::Override { bid_id, outcome, amount_pence, conditions, .. } => {
                let limit = asked(*bid_id);
                if let (Some(amount), Ok(limit)) = (amount_pence, limit)
                    && (*amount <= Pence::ZERO || *amount > limit)
                {
                    faults.push(Fault::new("/amount_pence", OverrideFault::AmountOutOfRange.to_string()));
                }
                if amount_pence.is_some() && !outcome.is_award() {
                    faults.push(Fault::new("/amount_pence", OverrideFault::AmountWithoutAward.to_string()));
                }
                let has_conditions = conditions.as_ref().is_some_and(|text| !text.trim().is_empty());
                if has_conditions != (*outcome == Outcome::AwardedWithConditions) {
                    faults.push(Fault::new("/conditions", OverrideFault::ConditionsDoNotMatch.to_string()));
                }
                faults.extend(limit.err().map(|why| Fault::new("/bid_id", why)));
            }
            Self::TieOrder { bids, .. } => {
                if bids.len() < 2 {
                    faults.push(Fault::new("/bids", "name at least two tied bids, best first"));
                }
                for (index, bid) in bids.iter().enumerate() {
                    let at = format!("/bids/{index}");
                    if bids.iter().take(index).any(|before| before == bid) {
                        faults.push(Fault::new(at, "this bid is named twice"));
                    } else if let Err(why) = asked(*bid) {
                        faults.push(Fault::new(at, why));
                    }
                }
            }
        }
        faults.extend(reason_fault(self.reason()));
        faults
    }
}

/// A ruling. One of a kind stands for a bid at a time, and one tie order for a round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ruling {
    pub id: RulingId,
    pub round_id: RoundId,
    pub ruling: NewRuling,
    pub ruled_by: UserId,
    pub ruled_at: Timestamp,
    /// From when on it no longer stands.
    pub revoked_at: Option<Timestamp>,
}

/// Takes a ruling back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    #[schema(example = "The third assessment has come in after all.")]
    pub reason: String,
}

/// What is wrong with a reason, if anything is.
#[must_use]
pub fn reason_fault(reason: &str) -> Option<Fault> {
    if reason.trim().is_empty() {
        Some(Fault::new("/reason", "give the reason; it is kept and can be disclosed"))
    } else if reason.chars().count() > REASON_LIMIT {
        Some(Fault::new("/reason", "use at most 4,000 characters"))
    } else {
        None
    }
}
