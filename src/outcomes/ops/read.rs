//! What is read of a round's scores and outcomes, before and after closing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::super::calendar::end_of_working_day;
use super::super::combine::Combined;
use super::super::decide::Outcome;
use super::super::evaluate::{Evaluated, evaluate};
use super::super::inputs::{BidInput, Inputs};
use super::super::later;
use super::super::later::model::Stands;
use super::super::model::{
    AreaProgress, AssessorProgress, AssignmentCounts, BidOutcome, BidderOutcome, DayCount, NamedPerson,
    OwnScores, PlaceCount, Progress, RoundOutcomes, RoundScores, ScoredBid,
};
use super::super::store;
use super::gather::{Gathered, gather};
use super::verify::snapshot_inputs;
use crate::accounts;
use crate::auth::{Actor, Member, Reader};
use crate::bids;
use crate::bids::model::Eligibility;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::id::{BidId, RoundId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing;
use crate::routing::model::{Assignment, AssignmentStatus};

/// What a round's scores come to: as they stand while it is assessed, as they were frozen once it
/// is closed. `None` before assessment starts, and of a cancelled round.
pub(super) fn evaluated(conn: &mut Conn, round: &Round) -> Result<Option<(Inputs, Evaluated)>> {
    let inputs = match round.status {
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Cancelled => return Ok(None),
        RoundStatus::Assessing => gather(conn, round.id)?.inputs,
        RoundStatus::Closed => snapshot_inputs(conn, round.id)?,
    };
    let evaluated = evaluate(&inputs).map_err(Problem::internal)?;
    Ok(Some((inputs, evaluated)))
}

/// Where a round stands: bids, assignments, assessments, and what keeps it from being closed.
///
/// # Errors
/// `not-found`.
pub async fn progress(on: &Platform, _reader: &Reader, round: RoundId) -> Result<Progress> {
    on.db.read(move |conn| progress_of(conn, round)).await
}

fn progress_of(conn: &mut Conn, round: RoundId) -> Result<Progress> {
    let Gathered { round, inputs, area_names, submitted_at, .. } = gather(conn, round)?;
    let assignments = routing::ops::assignments_in(conn, round.id)?;
    let blockers = match round.status {
        RoundStatus::Assessing => evaluate(&inputs).map_err(Problem::internal)?.open_points(),
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Closed | RoundStatus::Cancelled => Vec::new(),
    };
    let received = inputs.received().count();
    let mut received_by_area: BTreeMap<&str, usize> = BTreeMap::new();
    for code in inputs.received().flat_map(|bid| &bid.areas) {
        *received_by_area.entry(code).or_default() += 1;
    }
    let by_area = area_names.iter().map(|(code, name)| {
        let bids = received_by_area.get(code.as_str()).copied().unwrap_or(0);
        PlaceCount { code: code.clone(), name: name.clone(), bids }
    });
    let by_pot = inputs.received_by_pot().into_iter();
    let by_pot =
        by_pot.map(|(key, name, bids)| PlaceCount { code: key.to_owned(), name: name.to_owned(), bids });
    let assessors = assessors_progress(conn, &assignments)?;
    Ok(Progress {
        round_id: round.id,
        status: round.status,
        bids_in_draft: bids::ops::count_drafts(conn, round.id)?,
        bids_received: received,
        bids_ineligible: inputs.received().filter(|bid| bid.eligibility == Eligibility::Ineligible).count(),
        bids_withdrawn: inputs.bids.len() - received,
        received: inputs.received_sentence(),
        by_pot: by_pot.collect(),
        by_area: by_area.filter(|place| place.bids > 0).collect(),
        by_day: by_day(&inputs, &submitted_at),
        assignments: counts(&assignments),
        assessments_submitted: assessors.iter().map(|assessor| assessor.submitted).sum(),
        assessments_expected: assessors.iter().map(|assessor| assessor.assigned).sum(),
        assessors,
        assessments_by_area: areas_progress(&inputs, &area_names, &assignments),
        blockers,
    })
}

fn by_day(inputs: &Inputs, submitted_at: &BTreeMap<BidId, Timestamp>) -> Vec<DayCount> {
    let mut days: BTreeMap<NaiveDate, usize> = BTreeMap::new();
    for at in inputs.received().filter_map(|bid| submitted_at.get(&bid.id)) {
        *days.entry(at.london_date()).or_default() += 1;
    }
    days.into_iter().map(|(day, bids)| DayCount { day, bids }).collect()
}

/// By name, areas that nobody is asked to assess left out.
fn areas_progress(
    inputs: &Inputs,
    names: &BTreeMap<String, String>,
    assignments: &[Assignment],
) -> Vec<AreaProgress> {
    let areas: BTreeMap<BidId, &[String]> =
        inputs.bids.iter().map(|bid| (bid.id, bid.areas.as_slice())).collect();
    let mut by_area: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for assignment in assignments.iter().filter(|assignment| assignment.status.stands()) {
        for code in areas.get(&assignment.bid_id).into_iter().copied().flatten() {
            let name = names.get(code).map_or(code.as_str(), String::as_str);
            let (assigned, submitted) = by_area.entry((name, code)).or_default();
            *assigned += 1;
            *submitted += usize::from(assignment.status == AssignmentStatus::Submitted);
        }
    }
    by_area
        .into_iter()
        .map(|((name, code), (assigned, submitted))| AreaProgress {
            code: code.to_owned(),
            name: name.to_owned(),
            assigned,
            submitted,
        })
        .collect()
}

fn counts(assignments: &[Assignment]) -> AssignmentCounts {
    let mut counts = AssignmentCounts::default();
    for assignment in assignments {
        match assignment.status {
            AssignmentStatus::Offered => counts.offered += 1,
            AssignmentStatus::Accepted => counts.accepted += 1,
            AssignmentStatus::Submitted => counts.submitted += 1,
            AssignmentStatus::Declined => counts.declined += 1,
            AssignmentStatus::Released => counts.released += 1,
        }
    }
    counts
}

/// By name.
fn assessors_progress(conn: &mut Conn, assignments: &[Assignment]) -> Result<Vec<AssessorProgress>> {
    let mut by_assessor: BTreeMap<UserId, (usize, usize)> = BTreeMap::new();
    for assignment in assignments.iter().filter(|assignment| assignment.status.stands()) {
        let (assigned, submitted) = by_assessor.entry(assignment.assessor_id).or_default();
        *assigned += 1;
        *submitted += usize::from(assignment.status == AssignmentStatus::Submitted);
    }
    let names = names(conn, by_assessor.keys().copied())?;
    let mut progress: Vec<AssessorProgress> = names
        .into_iter()
        .map(|NamedPerson { id, name }| {
            let (assigned, submitted) = by_assessor.get(&id).copied().unwrap_or_default();
            AssessorProgress { assessor_id: id, name, assigned, submitted }
        })
        .collect();
    progress.sort_by(|left, right| (&left.name, left.assessor_id).cmp(&(&right.name, right.assessor_id)));
    Ok(progress)
}

pub(super) fn names(conn: &mut Conn, ids: impl Iterator<Item = UserId>) -> Result<Vec<NamedPerson>> {
    let ids: Vec<UserId> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let people = accounts::ops::people(conn, &ids)?;
    Ok(people.into_iter().map(|user| NamedPerson { id: user.id, name: user.name }).collect())
}

/// Every bid's scores, by criterion and by assessor.
///
/// # Errors
/// `not-found`.
pub async fn scores(on: &Platform, _reader: &Reader, round: RoundId) -> Result<RoundScores> {
    on.db.read(move |conn| scores_of(conn, round)).await
}

fn scores_of(conn: &mut Conn, round: RoundId) -> Result<RoundScores> {
    let round = rounds::ops::load(conn, round)?;
    let Some((inputs, evaluated)) = evaluated(conn, &round)? else {
        return Ok(RoundScores {
            round_id: round.id,
            status: round.status,
            bids: Vec::new(),
            assessors: Vec::new(),
            deciding_score: round.rules.deciding_score,
            calibration: None,
        });
    };
    let assessed = inputs.bids.iter().flat_map(|bid| &bid.assessments);
    let assessors = names(conn, assessed.map(|assessment| assessment.assessor_id))?;
    let by_id: BTreeMap<BidId, &BidInput> = inputs.bids.iter().map(|bid| (bid.id, bid)).collect();
    let bids = evaluated.outcomes.iter().filter_map(|outcome| {
        let bid = by_id.get(&outcome.bid_id)?;
        Some(scored(bid, outcome, evaluated.combined.get(&bid.reference)?))
    });
    Ok(RoundScores {
        round_id: round.id,
        status: round.status,
        bids: bids.collect(),
        assessors,
        deciding_score: inputs.rules.deciding_score,
        calibration: Some(evaluated.calibration(&inputs.rules)),
    })
}

pub(super) fn scored(bid: &BidInput, outcome: &BidOutcome, combined: &Combined) -> ScoredBid {
    let own = bid.assessments.iter();
    let own = own.map(|given| OwnScores { assessor_id: given.assessor_id, scores: given.scores.clone() });
    ScoredBid {
        bid_id: bid.id,
        reference: bid.reference.clone(),
        title: bid.title.clone(),
        organisation: bid.organisation.clone(),
        rank: outcome.rank,
        combined: combined.clone(),
        assessments: own.collect(),
    }
}

/// A round's outcomes: as they would be while it is assessed, as they were written once closed.
///
/// # Errors
/// `not-found`.
pub async fn outcomes(on: &Platform, _reader: &Reader, round: RoundId) -> Result<RoundOutcomes> {
    on.db.read(move |conn| outcomes_of(conn, round)).await
}

fn outcomes_of(conn: &mut Conn, round: RoundId) -> Result<RoundOutcomes> {
    let round = rounds::ops::load(conn, round)?;
    let (inputs, evaluated) = evaluated(conn, &round)?.unzip();
    let provisional = round.status != RoundStatus::Closed;
    let draw = inputs.filter(|_| !provisional).and_then(|inputs: Inputs| inputs.draw);
    let totals = evaluated.as_ref().map(|evaluated| evaluated.decided.totals.clone());
    let blockers = evaluated.as_ref().filter(|_| provisional).map(Evaluated::open_points).unwrap_or_default();
    let outcomes = if provisional {
        evaluated.map(|evaluated| evaluated.outcomes).unwrap_or_default()
    } else {
        let mut written = store::list_outcomes(conn, round.id)?;
        written.sort_by(|left, right| listed(left).cmp(&listed(right)));
        written
    };
    let later_acts = later::ops::list(conn, round.id)?;
    let (round_id, status) = (round.id, round.status);
    Ok(RoundOutcomes { round_id, status, provisional, outcomes, totals, blockers, later_acts, draw })
}

/// The ranked first, best first, then by reference; as deciding lists them.
fn listed(outcome: &BidOutcome) -> (u32, &str) {
    (outcome.rank.unwrap_or(u32::MAX), &outcome.detail.reference)
}

/// What stands for each decided bid of a member's organisation.
///
/// # Errors
/// The database's own.
pub async fn own_outcomes(on: &Platform, member: &Member) -> Result<BTreeMap<BidId, Outcome>> {
    let organisation = member.organisation;
    on.db
        .read(move |conn| {
            let written = store::list_outcomes_of(conn, organisation)?;
            let rounds: BTreeSet<RoundId> = written.iter().map(|(_, round, _)| *round).collect();
            let mut standing: BTreeMap<BidId, Outcome> =
                written.into_iter().map(|(bid, _, outcome)| (bid, outcome)).collect();
            for round in rounds {
                for act in later::ops::list(conn, round)? {
                    if let Some(outcome) = standing.get_mut(&act.act.bid()) {
                        *outcome = act.now.outcome;
                    }
                }
            }
            Ok(standing)
        })
        .await
}

/// What became of a bid, for its bidder, the administrators and the auditors, once the round is
/// closed.
///
/// # Errors
/// `not-found`: there is none, it is another provider's, or nothing has been decided.
pub async fn outcome_of(on: &Platform, actor: &Actor, bid: BidId) -> Result<BidderOutcome> {
    let actor = actor.clone();
    on.db.read(move |conn| outcome_for(conn, &actor, bid)).await
}

fn outcome_for(conn: &mut Conn, actor: &Actor, bid: BidId) -> Result<BidderOutcome> {
    let bid = bids::ops::load(conn, bid)?;
    if !actor.reads_everything() && actor.own_organisation() != Some(bid.organisation_id) {
        return Err(Problem::not_found());
    }
    let written = store::find_outcome(conn, bid.id)?;
    let round = rounds::ops::load(conn, bid.round_id)?;
    let (Some(outcome), Some(decided_at)) = (written.outcome, written.decided_at) else {
        return Err(Problem::internal("a written outcome that is not decided"));
    };
    let acts = later::ops::list(conn, round.id)?;
    let acts: Vec<_> = acts.iter().filter(|act| act.act.bid() == bid.id).collect();
    let now = acts.last().map(|act| act.now.clone()).unwrap_or_else(|| Stands {
        outcome,
        amount_pence: written.amount_pence,
        paid_from: written.detail.decision.paid_from,
        reserve_position: written.reserve_position,
        conditions: written.conditions,
        sentence: written.sentence,
    });
    Ok(BidderOutcome {
        bid_id: bid.id,
        reference: written.detail.reference,
        title: written.detail.title,
        organisation: written.detail.organisation,
        round_id: round.id,
        round: round.name,
        outcome: now.outcome,
        sentence: now.sentence,
        amount_pence: now.amount_pence,
        conditions: now.conditions,
        reserve_position: now.reserve_position,
        rank: written.rank,
        score: written.score,
        before_adjustment: written.detail.before_adjustment,
        overall_threshold: round.rules.overall_threshold,
        criteria: written.detail.criteria,
        feedback: written.detail.feedback,
        query_email: round.rules.query_email,
        query_by: end_of_working_day(decided_at, round.rules.query_working_days),
        decided_at,
        changes_after_closing: acts.into_iter().map(Into::into).collect(),
    })
}
