//! Assignments, routing runs, and what is said of them to whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bridging::Bridges;
use super::shortages::Shortage;
use super::solver;
use crate::auth::secrets::sha256;
use crate::bids::model::BidContent;
use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{AssignmentId, BidId, RoundId, RoutingRunId, UserId};
use crate::problem::Problem;
use crate::rounds::model::{PoolMember, Round, RoundStatus};
use crate::rounds::rules::Criterion;

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

    /// Whether the assessor gave the bid up, where a reason was given or not.
    #[must_use]
    pub const fn is_given_up(self, with_reason: bool) -> bool {
        match self {
            Self::Declined => true,
            Self::Released => with_reason,
            Self::Offered | Self::Accepted | Self::Submitted => false,
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
    /// Why the assessor gave it up: declined, or dropped out as an administrator recorded. Whoever
    /// gave a bid up is never routed to it again.
    pub decline_reason: Option<String>,
    pub released_at: Option<Timestamp>,
    pub version: i32,
}

/// Why an assessor was chosen, as a sentence and as data.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    #[schema(
        example = "Covers Burnley; shares the theme Cyber security (expertise 3); load 3 of 6; next best is Sam Example, one step further from the area and as versed in the bid's themes."
    )]
    pub sentence: String,
    /// Codes of the bid's areas that the assessor covers.
    pub covers: Vec<String>,
    /// The bid's themes that the assessor shares, by key, each with their expertise in it.
    #[serde(default)]
    #[schema(example = json!({"cyber": 3}))]
    pub themes: BTreeMap<String, u8>,
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

/// An assignment as routing looks at it: without the reasons for it, which are most of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignmentLine {
    pub id: AssignmentId,
    pub bid_id: BidId,
    pub assessor_id: UserId,
    pub area_code: Option<String>,
    pub status: AssignmentStatus,
    /// Whether the assessor gave the bid up, as [`Assignment::was_given_up`].
    pub given_up: bool,
}

impl Assignment {
    /// Whether the assessor gave this bid up, which bars the pair for good. A release by a repair
    /// alone gives no reason of the assessor's and bars nobody.
    #[must_use]
    pub fn was_given_up(&self) -> bool {
        self.status.is_given_up(self.decline_reason.is_some())
    }

    /// Whether the assessor has declared no conflict, and so may read the bid's answers.
    #[must_use]
    pub const fn shows_answers(&self) -> bool {
        match self.status {
            AssignmentStatus::Accepted | AssignmentStatus::Submitted => true,
            AssignmentStatus::Offered | AssignmentStatus::Declined | AssignmentStatus::Released => false,
        }
    }

    /// Asks whether one step leads to a state.
    ///
    /// # Errors
    /// `wrong-state`: it does not.
    pub fn may_become(&self, to: AssignmentStatus) -> Result<(), Problem> {
        if self.status.next().contains(&to) {
            Ok(())
        } else {
            Err(Problem::wrong_state(format!("The assignment is {}; it cannot become {to}.", self.status)))
        }
    }
}

word_enum! {
    pub enum RunPurpose {
        /// The first routing of a round.
        Fresh = "fresh",
        /// After a decline, a drop-out or a change: as few changes as fill the most places.
        Repair = "repair",
    }
}

/// The value reached for each aim, in the order of the aims.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Worth {
    /// Places filled.
    pub filled: u64,
    /// Areas with an assessor of their own.
    pub own_areas: u64,
    /// Bids short of the assessors' minimum loads.
    pub under_minimum: u64,
    /// The sum of fits: 1,000 for an assessor of the area itself, 300 less for each step further; 80 more for each shared theme,
    /// 5 for each point of expertise in it.
    pub fit: i64,
    /// About half a million times the sum of load² / capacity: less is better.
    pub unevenness: u64,
    /// Offers that were taken away.
    pub changes: u64,
}

impl From<solver::Worth> for Worth {
    fn from(worth: solver::Worth) -> Self {
        let solver::Worth { filled, own_areas, under_minimum, fit, unevenness, changes } = worth;
        Self { filled, own_areas, under_minimum, fit, unevenness, changes }
    }
}

/// A pair that a run chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChosenPair {
    pub bid_id: BidId,
    pub assessor_id: UserId,
    pub area_code: Option<String>,
}

/// What a run gave, as it is kept beside its input.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunResult {
    /// Places on all the bids.
    pub places: u64,
    pub worth: Worth,
    pub shortages: Vec<Shortage>,
    pub pairs: Vec<ChosenPair>,
    /// What connecting the assessors took, where the round asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bridges: Option<Bridges>,
}

/// One run of the router.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutingRun {
    pub id: RoutingRunId,
    pub round_id: RoundId,
    pub purpose: RunPurpose,
    #[schema(example = "start of assessment")]
    pub cause: String,
    /// Name and version of the solver.
    #[schema(example = "network-simplex/3")]
    pub solver: String,
    /// SHA-256 of the canonical input, which is kept so that the run can be replayed.
    pub input_sha256: String,
    pub result: RunResult,
    pub created_at: Timestamp,
}

/// What routing a round now would give; nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Forecast {
    pub bids: usize,
    pub assessors: usize,
    pub places: u64,
    pub filled: u64,
    /// Whether every place could be filled.
    pub sufficient: bool,
    pub shortages: Vec<Shortage>,
    /// What connecting the assessors would take, where the round asks for it.
    pub bridges: Option<Bridges>,
}

/// A place that was offered or taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChangedPlace {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub assessor_id: UserId,
    #[schema(example = "Sam Example")]
    pub assessor_name: String,
    /// Why.
    pub because: String,
}

/// The difference that a repair makes, or would make.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoutingChange {
    pub offered: Vec<ChangedPlace>,
    pub released: Vec<ChangedPlace>,
    /// What could not be filled, one sentence for each group of bids that compete.
    pub unfilled: Vec<String>,
    /// The same as data, with what would fill it.
    pub shortages: Vec<Shortage>,
    /// What connecting the assessors took, where the round asks for it.
    pub bridges: Option<Bridges>,
    /// `None`: nothing was written.
    pub run_id: Option<RoutingRunId>,
}

impl RoutingChange {
    /// Names what it changes: equal for differences that offer and take back the same.
    ///
    /// # Errors
    /// None in practice: every field can be written as JSON.
    pub fn mark(&self) -> Result<String, Problem> {
        let places = |places: &[ChangedPlace]| -> Vec<(BidId, UserId)> {
            places.iter().map(|place| (place.bid_id, place.assessor_id)).collect()
        };
        let changed = (places(&self.offered), places(&self.released));
        Ok(sha256(serde_json::to_string(&changed).map_err(Problem::internal)?))
    }

    /// As it goes into the audit: the proofs are kept with the run.
    #[must_use]
    pub fn recorded(&self) -> Self {
        Self { shortages: Vec::new(), bridges: None, ..self.clone() }
    }
}

/// What is supposed in a dry run, beside what is so.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Suppose {
    /// Capacities of assessors, in the round or not yet, in place of their own.
    pub assessors: Vec<PoolMember>,
    /// Assessors who drop out.
    pub dropped_out: Vec<UserId>,
    /// Bids that are found ineligible.
    pub ineligible: Vec<BidId>,
}

/// What starting the assessment did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssessmentStarted {
    pub round: Round,
    pub run_id: RoutingRunId,
    /// Bids that go to assessors.
    pub bids: usize,
    pub places: u64,
    pub filled: u64,
    pub unfilled: Vec<String>,
    /// Why, as data, with what would fill it.
    pub shortages: Vec<Shortage>,
    /// What connecting the assessors took, where the round asks for it.
    pub bridges: Option<Bridges>,
}

/// What became of a place that its assessor gave up, as the assessor is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Declined {
    pub assignment: Assignment,
    /// Whether somebody else was offered the place.
    pub place_filled: bool,
    #[schema(example = "Another assessor has been asked to take the place.")]
    pub told: String,
}

/// What became of an assignment that an administrator released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Released {
    pub assignment: Assignment,
    pub change: RoutingChange,
}

/// An assignment with what its reader may know of the bid and the round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentView {
    pub assignment: Assignment,
    #[schema(example = "Sam Example")]
    pub assessor_name: String,
    pub bid: AssignedBid,
    pub round: AssignedRound,
}

/// A bid as an assessor meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignedBid {
    pub id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation_name: String,
    pub areas: Vec<NamedArea>,
    /// Names of the partner organisations.
    pub partners: Vec<String>,
    /// The bid itself; for an assessor only once no conflict is declared, and never in a list.
    pub content: Option<BidContent>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedArea {
    #[schema(example = "E07000117")]
    pub code: String,
    #[schema(example = "Burnley")]
    pub name: String,
}

/// The round as an assessor meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignedRound {
    pub id: RoundId,
    pub name: String,
    pub status: RoundStatus,
    pub assessments_due_at: Option<Timestamp>,
    /// What is scored, on which scale; shown together with the bid's content.
    pub criteria: Option<Vec<Criterion>>,
}
