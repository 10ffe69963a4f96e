//! What is shown of progress, scores, outcomes and closing; what the panel settles is in `panel`.

mod bid;
mod panel;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::calibrate::Calibration;
use super::combine::{Combined, Score};
use super::decide::{Blocker, Decision, Outcome, Totals};
use super::draw::Draw;
use super::later::model::{ChangeAfterClosing, LaterAct};
use crate::clock::Timestamp;
use crate::id::{BidId, RoundId, UserId};
use crate::mail::EmailKind;
use crate::money::Pence;
use crate::rounds::model::RoundStatus;
use crate::rounds::rules::DecidingScore;

pub use bid::{BidScoreboard, FilledPlace, SubmittedAssessment};
pub use panel::{Moderation, NewModeration, NewRuling, Revocation, Ruling, RulingKind, reason_fault};

/// Where a round stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Progress {
    pub round_id: RoundId,
    pub status: RoundStatus,
    /// Bids that were begun and never submitted.
    pub bids_in_draft: usize,
    /// Bids that were submitted and not withdrawn.
    pub bids_received: usize,
    /// Of these, the ones found ineligible.
    pub bids_ineligible: usize,
    /// Bids that were submitted and then withdrawn.
    pub bids_withdrawn: usize,
    #[schema(example = "21 bids in total were received, 5 covering the Lancashire area")]
    pub received: String,
    /// How many received bids cover each pot's areas, in the announced order.
    pub by_pot: Vec<PlaceCount>,
    /// How many received bids cover each area that any of them names. A bid over two areas counts in both.
    pub by_area: Vec<PlaceCount>,
    /// How many of the received bids came on which day in London, by the version that stands; days on which none
    /// came are left out.
    pub by_day: Vec<DayCount>,
    pub assignments: AssignmentCounts,
    /// Submitted assessments on places that are filled.
    pub assessments_submitted: usize,
    /// Assessments that were asked for: the filled places.
    pub assessments_expected: usize,
    pub assessors: Vec<AssessorProgress>,
    /// Of the bids that cover each area, by its name. A bid over two areas counts in both.
    pub assessments_by_area: Vec<AreaProgress>,
    /// What closing would be refused for. Empty before assessment starts.
    pub blockers: Vec<OpenPoint>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlaceCount {
    /// The area's code, or the pot's key.
    #[schema(example = "lancashire")]
    pub code: String,
    #[schema(example = "Lancashire")]
    pub name: String,
    #[schema(example = 5)]
    pub bids: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DayCount {
    #[schema(example = "2026-09-14")]
    pub day: NaiveDate,
    #[schema(example = 4)]
    pub bids: usize,
}

/// How far the assessments of the bids that cover an area are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AreaProgress {
    #[schema(example = "E07000117")]
    pub code: String,
    #[schema(example = "Burnley")]
    pub name: String,
    /// Filled places.
    pub assigned: usize,
    pub submitted: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentCounts {
    pub offered: usize,
    pub accepted: usize,
    pub submitted: usize,
    pub declined: usize,
    pub released: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssessorProgress {
    pub assessor_id: UserId,
    pub name: String,
    /// Places that the assessor fills.
    pub assigned: usize,
    pub submitted: usize,
}

/// What closing is refused for, and what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenPoint {
    /// `/bids/REFERENCE`, of the first bid where there are several.
    #[schema(example = "/bids/FT1-7K3M-9Q")]
    pub pointer: String,
    #[schema(
        example = "FT1-7K3M-9Q is incomplete, 2 of 3: wait for the rest, exclude the bid or accept it short"
    )]
    pub detail: String,
    /// The bids that it is about.
    pub bid_ids: Vec<BidId>,
    pub blocker: Blocker,
}

impl OpenPoint {
    /// `id` gives the id of a reference.
    pub fn of(blocker: Blocker, id: impl Fn(&str) -> Option<BidId>) -> Self {
        let (first, remedy) = match &blocker {
            Blocker::Incomplete { bid, .. } => {
                (Some(bid), "wait for the rest, exclude the bid or accept it short")
            }
            Blocker::Disagreement { bid, .. } => {
                (Some(bid), "moderate the criteria or accept the disagreement")
            }
            Blocker::Split { bid, .. } => {
                (Some(bid), "reopen an assessment that was mistaken or accept the disagreement")
            }
            Blocker::TieOnFundingLine { bids } | Blocker::TieOnReserveList { bids } => {
                (bids.first(), "give the panel's order of them")
            }
            Blocker::OverrideRefused { bid, .. } => (Some(bid), "revoke the override or change it"),
        };
        Self {
            pointer: format!("/bids/{}", first.map_or("", String::as_str)),
            detail: format!("{blocker}: {remedy}"),
            bid_ids: blocker.bids().iter().filter_map(|bid| id(bid)).collect(),
            blocker,
        }
    }
}

/// Every bid's scores, for those who may see them all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundScores {
    pub round_id: RoundId,
    pub status: RoundStatus,
    /// The ranked first, best first, then the others by reference. Empty before assessment starts.
    pub bids: Vec<ScoredBid>,
    /// Who the ids in `combined` and `calibration` are.
    pub assessors: Vec<NamedPerson>,
    /// Which score decides, as the round announced.
    pub deciding_score: DecidingScore,
    /// Scores adjusted for assessors' leniency. Absent before assessment starts.
    pub calibration: Option<Calibration>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedPerson {
    pub id: UserId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScoredBid {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation: String,
    /// 1 is best; equals share a rank.
    pub rank: Option<u32>,
    pub combined: Combined,
    /// The assessors' own scores by criterion, as they were submitted.
    pub assessments: Vec<OwnScores>,
}

/// One assessor's scores, on the criteria's scales, by the name of what is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnScores {
    pub assessor_id: UserId,
    #[schema(example = json!({"need": 4, "delivery": 3}))]
    pub scores: std::collections::BTreeMap<String, i32>,
}

/// A round's outcomes: what closing would write, or has written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoundOutcomes {
    pub round_id: RoundId,
    pub status: RoundStatus,
    /// Whether anything can still change: until the round is closed.
    pub provisional: bool,
    /// The ranked first, best first, then the others by reference. Empty before assessment starts.
    pub outcomes: Vec<BidOutcome>,
    pub totals: Option<Totals>,
    pub blockers: Vec<OpenPoint>,
    /// What was done after closing, in order; `outcomes` stay as they were written.
    pub later_acts: Vec<LaterAct>,
    /// After closing, where ties ended in a draw: what anybody needs to draw again.
    pub draw: Option<Draw>,
}

/// What became of one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidOutcome {
    pub bid_id: BidId,
    /// Absent while a blocker stands in its way.
    pub outcome: Option<Outcome>,
    #[schema(example = 7)]
    pub rank: Option<u32>,
    pub score: Option<Score>,
    #[schema(value_type = i64, example = 15_000_000)]
    pub amount_pence: Pence,
    /// The key of the ring-fenced pot that pays; absent where the general pot does, or none.
    pub pot: Option<String>,
    pub reserve_position: Option<u32>,
    pub sentence: String,
    pub conditions: Option<String>,
    pub detail: OutcomeDetail,
    /// When the round was closed.
    pub decided_at: Option<Timestamp>,
}

/// What lies behind an outcome, as its bidder may see it, and the decision itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OutcomeDetail {
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation: String,
    /// The score before it was adjusted for leniency; only where the round announced that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before_adjustment: Option<Score>,
    /// Empty where the bid was not scored.
    pub criteria: Vec<CriterionOutcome>,
    /// What assessors wrote for the bidder about the whole bid; never who.
    pub feedback: Vec<String>,
    pub decision: Decision,
}

/// A bid's result on one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CriterionOutcome {
    #[schema(example = "need")]
    pub criterion: String,
    #[schema(example = "Need and demand")]
    pub title: String,
    #[schema(example = 30)]
    pub weight: u32,
    /// The score that counts, on the scale.
    pub score: Score,
    #[schema(example = 0)]
    pub lowest: i32,
    #[schema(example = 5)]
    pub highest: i32,
    /// What the whole level at or below the score is called.
    #[schema(example = "Satisfactory")]
    pub label: String,
    pub threshold: Option<i32>,
    pub met_threshold: bool,
    /// Out of `weight`.
    pub points: Score,
    /// What assessors wrote for the bidder; never who. Of a criterion with sub-criteria it stands there.
    pub feedback: Vec<String>,
    /// In the rules' order; empty where the criterion is scored as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_criteria: Vec<SubCriterionOutcome>,
}

/// A bid's result on one sub-criterion, on its criterion's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SubCriterionOutcome {
    #[schema(example = "need.evidence")]
    pub sub_criterion: String,
    #[schema(example = "Evidence of vacancies")]
    pub title: String,
    /// What it counts of 100: its equal share of the criterion's weight.
    #[schema(example = "7.50")]
    pub effective_weight: String,
    /// The score that counts.
    pub score: Score,
    /// What the whole level at or below the score is called.
    #[schema(example = "Satisfactory")]
    pub label: String,
    /// Out of its effective weight.
    pub points: Score,
    /// What assessors wrote for the bidder; never who.
    pub feedback: Vec<String>,
}

/// A bid's outcome for its bidder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidderOutcome {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation: String,
    pub round_id: RoundId,
    #[schema(example = "Round 1")]
    pub round: String,
    pub outcome: Outcome,
    #[schema(example = "Ranked 7th of 18; £412,000 of the general pot was left, £150,000 was asked.")]
    pub sentence: String,
    #[schema(value_type = i64, example = 15_000_000)]
    pub amount_pence: Pence,
    pub conditions: Option<String>,
    pub reserve_position: Option<u32>,
    pub rank: Option<u32>,
    /// 0.00 to 100.00; absent where the bid was not scored.
    pub score: Option<Score>,
    /// The score before it was adjusted for leniency; only where the round announced that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_adjustment: Option<Score>,
    /// The combined score that could be funded, in points.
    pub overall_threshold: Option<u32>,
    pub criteria: Vec<CriterionOutcome>,
    pub feedback: Vec<String>,
    #[schema(example = "fund@example.org")]
    pub query_email: String,
    /// A query about process, eligibility or scoring is taken until then.
    pub query_by: Timestamp,
    pub decided_at: Timestamp,
    /// In order. The last says what the outcome above is now; the sentence at closing, the scores
    /// and the rank stay.
    pub changes_after_closing: Vec<ChangeAfterClosing>,
}

/// Closes a round, or shows what closing would write and send.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({"dry_run": true}))]
pub struct CloseRequest {
    /// Nothing is written or sent.
    pub dry_run: bool,
    /// The round's name or code, as a check that this is the round that is meant.
    #[schema(example = "Round 1")]
    pub confirm: Option<String>,
    /// The `snapshot_sha256` of a preview: refused as stale where anything has changed since.
    pub previewed_sha256: Option<String>,
}

/// What closing has written and promised, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Closing {
    pub round_id: RoundId,
    pub dry_run: bool,
    pub closed_at: Option<Timestamp>,
    #[schema(example = "21 bids in total were received, 5 covering the Lancashire area")]
    pub received: String,
    pub outcomes: Vec<BidOutcome>,
    pub totals: Totals,
    /// Only in a preview: with any of them, closing is refused.
    pub blockers: Vec<OpenPoint>,
    /// How many emails are promised.
    pub emails_promised: usize,
    /// In a preview each of them, exactly as it will be sent. Once they are promised they are read at
    /// `/emails?round_id=`, and this is empty.
    pub emails: Vec<PlannedEmail>,
    /// SHA-256 of the canonical text of every input.
    pub snapshot_sha256: String,
}

/// An email that closing promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlannedEmail {
    pub kind: EmailKind,
    pub bid_id: Option<BidId>,
    #[schema(example = "priya@calder.example.org")]
    pub to: String,
    pub name: String,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Whether a closed round's outcomes follow from its snapshot, and its routing from the inputs of its runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Absent of a file that is no record.
    pub round_id: Option<RoundId>,
    pub agrees: bool,
    pub snapshot_sha256: String,
    pub bids: usize,
    /// Runs of the router whose kept input was solved again. None of a file, which has no runs.
    #[schema(example = 3)]
    pub routing_runs: usize,
    pub differences: Vec<Difference>,
}

impl Verification {
    /// Of a file that is no record of a round.
    #[must_use]
    pub fn refused(differences: Vec<Difference>) -> Self {
        Self {
            round_id: None,
            agrees: false,
            snapshot_sha256: String::new(),
            bids: 0,
            routing_runs: 0,
            differences,
        }
    }
}

/// Where the record and the recomputation part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Difference {
    /// `/snapshot`, the field of an outcome: `/outcomes/FT1-7K3M-9Q/rank`, or a run of the router: `/routing/ID`. Of a file also the part
    /// whose hash is another, with both hashes: `/snapshot/bids/3/assessments/0`.
    #[schema(example = "/outcomes/FT1-7K3M-9Q/rank")]
    pub pointer: String,
    #[schema(value_type = Object)]
    pub recorded: serde_json::Value,
    #[schema(value_type = Object)]
    pub recomputed: serde_json::Value,
}

impl Difference {
    pub fn new(
        pointer: impl Into<String>,
        recorded: impl Into<serde_json::Value>,
        recomputed: impl Into<serde_json::Value>,
    ) -> Self {
        Self { pointer: pointer.into(), recorded: recorded.into(), recomputed: recomputed.into() }
    }
}
