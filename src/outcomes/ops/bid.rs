//! One bid as the panel sees it: every assessment of it side by side, and what was settled.

use super::super::model::{BidScoreboard, FilledPlace, Moderation, NamedPerson, Ruling, SubmittedAssessment};
use super::super::store;
use super::read::{evaluated, names, scored};
use crate::assessments;
use crate::assessments::model::AssessmentStatus;
use crate::auth::Reader;
use crate::bids;
use crate::db::Conn;
use crate::id::{BidId, UserId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rounds;
use crate::routing;

/// A bid's scores side by side, and what was settled about it.
///
/// # Errors
/// `not-found`: there is no such bid, or it was never submitted.
pub async fn bid_scores(on: &Platform, _reader: &Reader, bid: BidId) -> Result<BidScoreboard> {
    on.db.read(move |conn| bid_scores_of(conn, bid)).await
}

fn bid_scores_of(conn: &mut Conn, bid: BidId) -> Result<BidScoreboard> {
    let bid = bids::ops::received(conn, bid)?;
    let round = rounds::ops::load(conn, bid.round_id)?;
    let mut board = BidScoreboard {
        bid_id: bid.id,
        round_id: round.id,
        status: round.status,
        reference: bid.reference,
        title: bid.content.title,
        organisation: bid.organisation_name,
        scored: None,
        outcome: None,
        calibrated: None,
        places: places(conn, bid.id)?,
        assessments: Vec::new(),
        moderations: store::list_all_moderations_of(conn, bid.id)?,
        rulings: store::list_rulings_about(conn, round.id, bid.id)?,
        people: Vec::new(),
    };
    let mut counted = Vec::new();
    if let Some((inputs, evaluated)) = evaluated(conn, &round)? {
        board.outcome = evaluated.outcomes.iter().find(|one| one.bid_id == bid.id).cloned();
        let input = inputs.bids.iter().find(|one| one.id == bid.id);
        counted = input.into_iter().flat_map(|one| &one.assessments).map(|one| one.id).collect();
        let combined = evaluated.combined.get(&board.reference);
        board.scored = input
            .zip(board.outcome.as_ref())
            .zip(combined)
            .map(|((input, outcome), combined)| scored(input, outcome, combined));
        board.calibrated =
            evaluated.calibration(&inputs.rules).bids.into_iter().find(|one| one.bid == board.reference);
    }
    let all = assessments::ops::assessments_of(conn, bid.id)?;
    let submitted = all.into_iter().filter(|one| one.status == AssessmentStatus::Submitted);
    board.assessments = submitted
        .map(|assessment| SubmittedAssessment { counts: counted.contains(&assessment.id), assessment })
        .collect();
    board.people = people(conn, &board)?;
    Ok(board)
}

fn places(conn: &mut Conn, bid: BidId) -> Result<Vec<FilledPlace>> {
    let assignments = routing::ops::assignments_of(conn, bid)?;
    let standing = assignments.into_iter().filter(|one| one.status.stands());
    let place = |one: routing::model::Assignment| FilledPlace {
        assignment_id: one.id,
        assessor_id: one.assessor_id,
        status: one.status,
    };
    Ok(standing.map(place).collect())
}

fn people(conn: &mut Conn, board: &BidScoreboard) -> Result<Vec<NamedPerson>> {
    let assessors = board.places.iter().map(|place| place.assessor_id);
    let assessed = board.assessments.iter().map(|one| one.assessment.assessor_id);
    let moderated = board.moderations.iter().map(|one: &Moderation| one.moderated_by);
    let ruled = board.rulings.iter().map(|one: &Ruling| one.ruled_by);
    let ids: Vec<UserId> = assessors.chain(assessed).chain(moderated).chain(ruled).collect();
    names(conn, ids.into_iter())
}
