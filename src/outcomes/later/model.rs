//! The acts after closing, and what they leave.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::id::{BidId, LaterActId, RoundId, UserId};
use crate::money::Pence;
use crate::outcomes::decide::{Outcome, PaidFrom};
use crate::outcomes::model::PlannedEmail;

/// An act after closing, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(example = json!({
    "kind": "end_award", "bid_id": "01990000-0000-7000-8000-000000000000", "how": "declined",
    "reason": "The college has lost its partner.",
}))]
pub enum NewLaterAct {
    /// The provider does not take its award, or gives it back. The money is free again.
    EndAward { bid_id: BidId, how: AwardEnd, reason: String },
    /// The next of the reserve list that the free money pays is awarded what it asked for. It must
    /// be the one that is proposed.
    Promote { bid_id: BidId, reason: String },
    /// The outcome was wrong and is put right.
    Correct {
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AwardEnd {
    /// Before the grant agreement.
    Declined,
    /// After it.
    Withdrawn,
}

impl NewLaterAct {
    #[must_use]
    pub fn bid(&self) -> BidId {
        match self {
            Self::EndAward { bid_id, .. } | Self::Promote { bid_id, .. } | Self::Correct { bid_id, .. } => {
                *bid_id
            }
        }
    }

    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::EndAward { reason, .. } | Self::Promote { reason, .. } | Self::Correct { reason, .. } => {
                reason
            }
        }
    }

    /// As the audit trail names it.
    #[must_use]
    pub fn audited_as(&self) -> &'static str {
        match self {
            Self::EndAward { .. } => "outcome.award_ended",
            Self::Promote { .. } => "outcome.promoted",
            Self::Correct { .. } => "outcome.corrected",
        }
    }
}

/// What stands for a bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stands {
    pub outcome: Outcome,
    #[schema(value_type = i64, example = 15_000_000)]
    pub amount_pence: Pence,
    pub paid_from: Option<PaidFrom>,
    /// As it was at closing, while the bid is on the reserve list.
    pub reserve_position: Option<u32>,
    pub conditions: Option<String>,
    #[schema(
        example = "Promoted from the reserve list, where it was 1st; £160,000 of the general pot was left, £100,000 was asked."
    )]
    pub sentence: String,
}

/// An act that was made, and what it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LaterAct {
    pub id: LaterActId,
    pub round_id: RoundId,
    /// The round's acts after closing are numbered from 1.
    #[schema(example = 1)]
    pub number: u32,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub act: NewLaterAct,
    pub was: Stands,
    pub now: Stands,
    pub acted_by: UserId,
    pub acted_at: Timestamp,
}

/// The next of the reserve list that the free money pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Proposal {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    /// What would stand for it.
    pub now: Stands,
}

/// Everything after a round's closing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaterActs {
    pub round_id: RoundId,
    /// In the order in which they were made.
    pub acts: Vec<LaterAct>,
    /// Whom to promote, where anybody can be; confirmed by the act `promote`.
    pub proposal: Option<Proposal>,
    /// What stands awarded.
    #[schema(value_type = i64, example = 240_000_000)]
    pub awarded_pence: Pence,
    /// The budget less what stands awarded.
    #[schema(value_type = i64, example = 60_000_000)]
    pub left_pence: Pence,
}

/// What an act would change and whom it would tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LaterActPreview {
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub was: Stands,
    pub now: Stands,
    /// As they would be sent.
    pub emails: Vec<PlannedEmail>,
}

/// A change after closing, as its bidder may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangeAfterClosing {
    pub changed_at: Timestamp,
    pub was: Outcome,
    pub outcome: Outcome,
    pub sentence: String,
}

impl From<&LaterAct> for ChangeAfterClosing {
    fn from(act: &LaterAct) -> Self {
        Self {
            changed_at: act.acted_at,
            was: act.was.outcome,
            outcome: act.now.outcome,
            sentence: act.now.sentence.clone(),
        }
    }
}
