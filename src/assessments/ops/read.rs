//! Who reads which assessment, and when.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::store;
use crate::assessments::model::{Assessment, AssessmentStatus};
use crate::assessments::parts::{self, Progress};
use crate::auth::{Actor, Assessor, Role, Who};
use crate::bids;
use crate::db::Conn;
use crate::id::{AssignmentId, BidId, RoundId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::RoundStatus;
use crate::rounds::rules::Rules;
use crate::routing;

/// The assessment of an assignment: an assessor's own, or any for an administrator or auditor. Once
/// the bid is accepted and before the first save, an empty draft of version 0.
///
/// # Errors
/// `not-found`; `wrong-state`: the bid was never accepted, so there is nothing to read.
pub async fn view(on: &Platform, actor: &Actor, id: AssignmentId) -> Result<Assessment> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            let assignment = routing::ops::load(conn, id)?;
            if !actor.reads_everything() && own_id(&actor)? != assignment.assessor_id {
                return Err(Problem::not_found());
            }
            match store::find_of_assignment(conn, id)? {
                Some(found) => Ok(found),
                None if assignment.shows_answers() => Ok(Assessment::blank(&assignment)),
                None => {
                    Err(Problem::wrong_state("The bid was not accepted, so there is no assessment of it."))
                }
            }
        })
        .await
}

/// How far an assessor has come with each assessment that was begun.
///
/// # Errors
/// The database's own.
pub async fn own_progress(on: &Platform, assessor: &Assessor) -> Result<BTreeMap<AssignmentId, Progress>> {
    let id = assessor.id;
    on.db
        .read(move |conn| {
            let mut rules: BTreeMap<RoundId, Rules> = BTreeMap::new();
            let mut progress = BTreeMap::new();
            for one in store::find_of_assessor(conn, id)? {
                if let Entry::Vacant(place) = rules.entry(one.round_id) {
                    place.insert(rounds::ops::load(conn, one.round_id)?.rules);
                }
                let criteria = rules.get(&one.round_id).map(|rules| rules.criteria.as_slice());
                progress
                    .insert(one.assignment_id, parts::progress(&one.content, criteria.unwrap_or_default()));
            }
            Ok(progress)
        })
        .await
}

/// A bid's assessments, drafts too, for an administrator or auditor. An assessor of the bid reads
/// their own; also the other submitted ones, without private notes, once their own is submitted, the round is
/// closed, and its rules allow it.
///
/// # Errors
/// `not-found`: there is no such bid, or the caller does not assess it.
pub async fn list_of_bid(on: &Platform, actor: &Actor, bid: BidId) -> Result<Vec<Assessment>> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            if actor.reads_everything() {
                bids::ops::load(conn, bid)?;
                store::find_of_bid(conn, bid)
            } else {
                visible_to_assessor(conn, own_id(&actor)?, bid)
            }
        })
        .await
}

fn visible_to_assessor(conn: &mut Conn, assessor: UserId, bid: BidId) -> Result<Vec<Assessment>> {
    let assignments = routing::ops::assignments_of(conn, bid)?;
    let own = assignments.iter().find(|one| one.assessor_id == assessor).ok_or_else(Problem::not_found)?;
    let round = rounds::ops::load(conn, own.round_id)?;
    let mut found = store::find_of_bid(conn, bid)?;
    let is_submitted = |one: &Assessment| one.status == AssessmentStatus::Submitted;
    let sees_others = round.status == RoundStatus::Closed
        && round.rules.assessors_see_scores_after_close
        && found.iter().any(|one| one.assessor_id == assessor && is_submitted(one));
    found.retain(|one| one.assessor_id == assessor || (sees_others && is_submitted(one)));
    for other in found.iter_mut().filter(|one| one.assessor_id != assessor) {
        other.content.private_note.clear();
    }
    Ok(found)
}

fn own_id(actor: &Actor) -> Result<UserId> {
    match (actor.role, actor.who) {
        (Some(Role::Assessor), Who::User(id)) => Ok(id),
        _ => Err(Problem::not_found()),
    }
}
