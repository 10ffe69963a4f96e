//! Assessments and the rules of a complete one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{AssessmentId, AssignmentId, BidId, RoundId, UserId};

word_enum! {
    pub enum AssessmentStatus {
        Draft = "draft",
        Submitted = "submitted",
    }
}

word_enum! {
    pub enum Recommendation {
        Fund = "fund",
        FundWithConditions = "fund_with_conditions",
        DoNotFund = "do_not_fund",
    }
}

/// What an assessor writes about one bid. A draft may be incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AssessmentContent {
    /// By key of the criterion.
    pub scores: BTreeMap<String, CriterionScore>,
    /// Overall feedback for the bidder, who reads it word for word.
    pub feedback: String,
    /// For the panel only.
    pub private_note: String,
    /// Whether the bid is within the fund's scope.
    pub in_scope: Option<bool>,
    pub recommendation: Option<Recommendation>,
}

/// A score and the words for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CriterionScore {
    /// A whole number on the criterion's scale.
    #[schema(example = 3)]
    pub score: Option<i32>,
    /// Why, in words that refer to the bid; required to submit.
    #[schema(example = "Names four employers and the vacancies each could not fill.")]
    pub justification: String,
    /// For the bidder, who reads it word for word.
    #[schema(example = "Evidence of demand is strong; say how places will be filled in rural areas.")]
    pub feedback: String,
}

/// An assessor's scores, justifications and feedback for one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    pub id: AssessmentId,
    pub assignment_id: AssignmentId,
    pub round_id: RoundId,
    pub bid_id: BidId,
    pub assessor_id: UserId,
    pub status: AssessmentStatus,
    pub content: AssessmentContent,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    /// How often it was submitted.
    pub submitted_number: Option<u32>,
    pub version: i32,
}
