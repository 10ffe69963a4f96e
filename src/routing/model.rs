//! Assignments and what is said of them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{AssignmentId, BidId, RoundId, RoutingRunId, UserId};

word_enum! {
    /// `offered → accepted → submitted`, or `declined`, `released`.
    pub enum AssignmentStatus {
        Offered = "offered",
        Accepted = "accepted",
        Submitted = "submitted",
        Declined = "declined",
        Released = "released",
    }
}

impl AssignmentStatus {
    /// Whether it fills a place.
    #[must_use]
    pub const fn stands(self) -> bool {
        match self {
            Self::Offered | Self::Accepted | Self::Submitted => true,
            Self::Declined | Self::Released => false,
        }
    }

    /// The states that one step leads to. `submitted` goes back to `accepted` when an
    /// administrator reopens the assessment.
    #[must_use]
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Offered => &[Self::Accepted, Self::Declined, Self::Released],
            Self::Accepted => &[Self::Submitted, Self::Declined, Self::Released],
            Self::Submitted => &[Self::Accepted],
            Self::Declined | Self::Released => &[],
        }
    }
}

/// One assessor on one place of one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assignment {
    pub id: AssignmentId,
    pub round_id: RoundId,
    pub bid_id: BidId,
    pub assessor_id: UserId,
    pub run_id: RoutingRunId,
    /// The area whose own place it is; `None`: a further place of the bid.
    #[schema(example = "E07000117")]
    pub area_code: Option<String>,
    pub status: AssignmentStatus,
    /// Why this assessor.
    pub explanation: Explanation,
    pub offered_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    pub declined_at: Option<Timestamp>,
    pub decline_reason: Option<String>,
    pub released_at: Option<Timestamp>,
    pub version: i32,
}

/// Why an assessor was chosen, as a sentence and as data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    #[schema(example = "Covers Burnley; load 3 of 6; next best is Sam Example, one step further from the area.")]
    pub sentence: String,
    /// Codes of the bid's areas that the assessor covers.
    pub covers: Vec<String>,
    pub load: u32,
    pub capacity: u32,
    /// The best assessor who is not on the bid; `None` where nobody else could be.
    pub next_best: Option<NextBest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NextBest {
    pub assessor_id: UserId,
    pub name: String,
    /// How much less well they fit: 0 is as well.
    pub worse_by: i64,
    pub full: bool,
}
