//! Funds and rounds, and what may happen to a round in which state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::Rules;
use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{FundId, RoundId, UserId};
use crate::problem::{Kind, Problem};

/// The programme that rounds belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fund {
    pub id: FundId,
    #[schema(example = "Fast Track Digital Workforce Fund")]
    pub name: String,
    pub description: String,
    #[schema(example = "GBP")]
    pub currency: String,
    /// Codes of the areas and groups that bids may cover.
    #[schema(example = json!(["E47000001", "lancashire-lep"]))]
    pub areas: Vec<String>,
    pub created_at: Timestamp,
    pub version: i32,
}

word_enum! {
    pub enum RoundStatus {
        Draft = "draft",
        Open = "open",
        Assessing = "assessing",
        Closed = "closed",
        Cancelled = "cancelled",
    }
}

impl RoundStatus {
    /// The states that one step leads to.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Open, Self::Cancelled],
            Self::Open => &[Self::Assessing, Self::Cancelled],
            Self::Assessing => &[Self::Closed, Self::Cancelled],
            Self::Closed | Self::Cancelled => &[],
        }
    }
}

/// One call for bids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Round {
    pub id: RoundId,
    pub fund_id: FundId,
    /// The start of its bids' references: 2 to 6 upper-case letters and digits.
    #[schema(example = "FT1")]
    pub code: String,
    #[schema(example = "Round 1")]
    pub name: String,
    pub status: RoundStatus,
    pub rules: Rules,
    /// When it opens by itself; `None`: when an administrator opens it.
    pub opens_at: Option<Timestamp>,
    /// The last instant at which a bid is in.
    pub deadline: Option<Timestamp>,
    pub assessments_due_at: Option<Timestamp>,
    pub opened_at: Option<Timestamp>,
    pub assessing_at: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub cancelled_at: Option<Timestamp>,
    pub copied_from: Option<RoundId>,
    pub created_at: Timestamp,
    pub version: i32,
    /// Where ties end in a draw: the SHA-256 of its seed, published at opening.
    pub draw_sha256: Option<String>,
    /// The seed, published at closing.
    pub draw_seed: Option<String>,
}

/// A round as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownRound {
    #[serde(flatten)]
    pub round: Round,
    /// What each score counts of 100, by the name under which it is given: a criterion's weight, or a
    /// sub-criterion's equal share of its criterion's. To two decimals.
    #[schema(example = json!({"need.evidence": "15", "need.demand": "15", "delivery": "40", "value": "30"}))]
    pub effective_weights: BTreeMap<String, String>,
}

impl From<Round> for ShownRound {
    fn from(round: Round) -> Self {
        let weights = round.rules.scored().map(|one| (one.name(), one.effective_weight())).collect();
        Self { effective_weights: weights, round }
    }
}

/// Proof that a round takes bids at this instant; made only by [`Round::accepting`].
#[derive(Debug, Clone, Copy)]
pub struct OpenRound<'r>(&'r Round);

impl<'r> OpenRound<'r> {
    #[must_use]
    pub fn round(self) -> &'r Round {
        self.0
    }
}

impl Round {
    /// Whether bids may be submitted, revised or withdrawn at `now`, the transaction's time. At the
    /// deadline's instant a bid is in; one microsecond later it is out.
    ///
    /// # Errors
    /// `wrong-state` where the round is not open; `deadline-passed` after the deadline.
    pub fn accepting(&self, now: Timestamp) -> Result<OpenRound<'_>, Problem> {
        match (self.status, self.deadline) {
            (RoundStatus::Open, Some(deadline)) if now > deadline => Err(Problem::new(
                Kind::DeadlinePassed,
                format!(
                    "The deadline for {} was {}. It is now {}.",
                    self.name,
                    deadline.london(),
                    now.london()
                ),
            )),
            (RoundStatus::Open, _) => Ok(OpenRound(self)),
            (RoundStatus::Draft, _) => {
                Err(Problem::wrong_state(format!("{} is not open for bids yet.", self.name)))
            }
            (RoundStatus::Assessing | RoundStatus::Closed | RoundStatus::Cancelled, _) => Err(
                Problem::wrong_state(format!("{} no longer takes bids: it is {}.", self.name, self.status)),
            ),
        }
    }

    /// Asks for one state.
    ///
    /// # Errors
    /// `wrong-state`: it has another one.
    pub fn must_be(&self, status: RoundStatus, to: &str) -> Result<(), Problem> {
        if self.status == status {
            Ok(())
        } else {
            Err(Problem::wrong_state(format!(
                "{} is {}; it must be {status} to {to}.",
                self.name, self.status
            )))
        }
    }
}

word_enum! {
    /// What a line of an import does.
    pub enum ImportAct {
        /// Nobody had the address: the person is invited as an assessor and is in the pool.
        Invited = "invited",
        /// The assessor is in the pool from now on.
        Added = "added",
        /// The assessor was in the pool; areas, capacity or minimum are others.
        Changed = "changed",
        /// All of it was so already.
        Unchanged = "unchanged",
    }
}

/// A line of an import and what it does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportedLine {
    /// Of the table, from 1.
    #[schema(example = 2)]
    pub line: u64,
    #[schema(example = "sam@example.org")]
    pub email: String,
    #[schema(example = "Sam Assessor")]
    pub name: String,
    /// Codes of areas and groups; absent where the table says nothing of them.
    #[schema(example = json!(["E10000017", "E06000009"]))]
    pub areas: Option<Vec<String>>,
    #[schema(example = 6)]
    pub capacity: u32,
    #[schema(example = 0)]
    pub minimum: u32,
    pub act: ImportAct,
}

/// What an import did, or with `dry_run` would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Imported {
    pub lines: Vec<ImportedLine>,
    pub dry_run: bool,
}

/// An assessor's place in a round's pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PoolMember {
    pub assessor_id: UserId,
    /// The most bids at one time.
    #[schema(example = 6)]
    pub capacity: u32,
    /// The fewest bids, where that can be had.
    #[serde(default)]
    #[schema(example = 0)]
    pub minimum: u32,
}
