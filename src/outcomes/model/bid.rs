//! All that the panel sees of one bid.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BidOutcome, Moderation, NamedPerson, Ruling, ScoredBid};
use crate::assessments::model::Assessment;
use crate::id::{AssignmentId, BidId, RoundId, UserId};
use crate::outcomes::calibrate::CalibratedBid;
use crate::rounds::model::RoundStatus;
use crate::routing::model::AssignmentStatus;

/// A bid's scores side by side, and what the panel has settled about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidScoreboard {
    pub bid_id: BidId,
    pub round_id: RoundId,
    pub status: RoundStatus,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation: String,
    /// Absent before assessment starts.
    pub scored: Option<ScoredBid>,
    /// Provisional until the round is closed; absent before assessment starts.
    pub outcome: Option<BidOutcome>,
    /// Absent where the bid has no combined score.
    pub calibrated: Option<CalibratedBid>,
    /// The bid's places that are filled.
    pub places: Vec<FilledPlace>,
    /// The submitted assessments, by id.
    pub assessments: Vec<SubmittedAssessment>,
    /// Oldest first; of each criterion the latest stands.
    pub moderations: Vec<Moderation>,
    /// Those that are about this bid, revoked ones too, oldest first.
    pub rulings: Vec<Ruling>,
    /// Who the ids are.
    pub people: Vec<NamedPerson>,
}

/// A place and how far its assessment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FilledPlace {
    pub assignment_id: AssignmentId,
    pub assessor_id: UserId,
    pub status: AssignmentStatus,
}

/// A submitted assessment, and whether it counts: not where its assignment ended, and not where its assessor turned
/// out to have a conflict of interest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubmittedAssessment {
    pub counts: bool,
    pub assessment: Assessment,
}
