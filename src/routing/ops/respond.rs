//! What becomes of an offer: accepted, declined by its assessor, or released by an administrator
//! when the assessor drops out. Whoever gives a bid up is never routed to it again, and the place
//! is routed anew in the same transaction.

use serde_json::json;

use super::{read, repair, settle, step, step_down, store};
use crate::accounts;
use crate::audit;
use crate::auth::{Admin, Assessor};
use crate::bids;
use crate::bids::model::ReceivedBid;
use crate::db::Conn;
use crate::id::{AssignmentId, UserId};
use crate::mail::{Recipient, outbox};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing::facts::{Bar, Facts, conflict};
use crate::routing::instance::Solved;
use crate::routing::model::{Assignment, AssignmentStatus, AssignmentView, Declined, Released, RunPurpose};

/// Accepts an offer: the assessor declares that there is no conflict of interest, and may read the
/// answers from then on.
///
/// # Errors
/// `invalid`: no declaration; `not-found`: another assessor's; `wrong-state`: it is not an offer any more, the
/// round is not being assessed, the bid is not, or an interest in it is on record.
pub async fn accept(
    on: &Platform,
    assessor: &Assessor,
    id: AssignmentId,
    no_conflict: bool,
) -> Result<AssignmentView> {
    if !no_conflict {
        let told =
            "declare that you have no conflict of interest by sending true; if you have one, decline instead";
        return Err(Problem::fault("/no_conflict", told));
    }
    let assessor = assessor.clone();
    on.db
        .write(move |tx| {
            let (round, assignment) = own_in_assessment(tx.conn, id, Some(assessor.id))?;
            assignment.may_become(AssignmentStatus::Accepted)?;
            if assignment.status == AssignmentStatus::Submitted {
                return Err(Problem::wrong_state("Its assessment is submitted already."));
            }
            let bid = bids::ops::received(tx.conn, assignment.bid_id)?;
            if !bid.is_assessed() {
                return Err(Problem::wrong_state("The bid is no longer being assessed."));
            }
            if recorded_conflict(tx.conn, &bid, assessor.id)?.is_some() {
                let told =
                    "An interest of yours in this bid is on record, so you cannot accept it. Decline it.";
                return Err(Problem::wrong_state(told));
            }
            let accepted = step(tx, &assignment, AssignmentStatus::Accepted)?;
            let detail = json!({"bid_id": accepted.bid_id, "no_conflict": true});
            audit::record(tx, &assessor, "assignment.accepted", id, Some(round.id), detail)?;
            read::view(tx.conn, &assessor, accepted)
        })
        .await
}

fn recorded_conflict(conn: &mut Conn, bid: &ReceivedBid, assessor: UserId) -> Result<Option<Bar>> {
    let profiles = accounts::ops::assessors(conn, &[assessor])?;
    let interests = accounts::ops::interests(conn, &[assessor])?;
    let interests: Vec<_> = interests.iter().collect();
    Ok(profiles.first().and_then(|profile| conflict(bid.id, &bid.registered_numbers(), profile, &interests)))
}

/// Declines an offer, or gives back what was accepted and not yet submitted. The place is routed
/// again at once.
///
/// # Errors
/// `invalid`: no reason; `not-found`: another assessor's; `wrong-state`: it is submitted or does not stand any
/// more, or the round is not being assessed.
pub async fn decline(
    on: &Platform,
    assessor: &Assessor,
    id: AssignmentId,
    reason: &str,
    conflict: bool,
) -> Result<Declined> {
    let reason = checked(reason)?;
    let who = Some(assessor.id);
    let beforehand = beforehand(on, id, who, AssignmentStatus::Declined).await?;
    let (assessor, site) = (assessor.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let (round, facts, assignment) = resign(tx.conn, id, who, AssignmentStatus::Declined)?;
            let declined = step_down(tx, &assignment, AssignmentStatus::Declined, &reason)?;
            let cause = format!("decline of {}", reference(&facts, &declined));
            let change = repair::repair_with(tx, &site, &round, &facts, &cause, Some(&beforehand))?;
            let place_filled = change.offered.iter().any(|place| place.bid_id == declined.bid_id);
            let detail = json!({
                "bid_id": declined.bid_id, "reason": reason, "conflict": conflict, "change": change.recorded(),
            });
            audit::record(tx, &assessor, "assignment.declined", id, Some(round.id), detail)?;
            let told = if place_filled {
                "Another assessor has been asked to take the place."
            } else {
                "Nobody else can take the place at present; the administrators can see that."
            };
            let explanation = super::own_explanation(&facts.tree, &facts.themes, &declined.explanation);
            let assignment = Assignment { explanation, ..declined };
            Ok(Declined { assignment, place_filled, told: told.to_owned() })
        })
        .await
}

/// Takes an assignment back from an assessor who has dropped out, and routes the place again. A draft
/// is kept, and counts for nothing.
///
/// # Errors
/// `invalid`: no reason; `not-found`; `wrong-state`: it is submitted or does not stand any more, or the
/// round is not being assessed.
pub async fn release(on: &Platform, admin: &Admin, id: AssignmentId, reason: &str) -> Result<Released> {
    let reason = checked(reason)?;
    let beforehand = beforehand(on, id, None, AssignmentStatus::Released).await?;
    let (admin, site) = (admin.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let (round, facts, assignment) = resign(tx.conn, id, None, AssignmentStatus::Released)?;
            let released = step_down(tx, &assignment, AssignmentStatus::Released, &reason)?;
            let reference = reference(&facts, &released);
            let cause = format!("drop-out from {reference}");
            let change = repair::repair_with(tx, &site, &round, &facts, &cause, Some(&beforehand))?;
            if let Some(person) = accounts::ops::people(tx.conn, &[released.assessor_id])?.into_iter().next()
            {
                let to = Recipient { email: person.email, name: person.name };
                let what = (released.id, released.bid_id);
                let promise = settle::released(&site, &round, what, to, &reference, &reason)?;
                outbox::promise(tx, &site, &[promise])?;
            }
            let detail = json!({"bid_id": released.bid_id, "reason": reason, "change": change.recorded()});
            audit::record(tx, &admin, "assignment.released", id, Some(round.id), detail)?;
            Ok(Released { assignment: released, change })
        })
        .await
}

/// The assignment with its round, which is being assessed. `who`: it must be this assessor's.
fn own_in_assessment(conn: &mut Conn, id: AssignmentId, who: Option<UserId>) -> Result<(Round, Assignment)> {
    let assignment = store::find(conn, id)?;
    if who.is_some_and(|who| who != assignment.assessor_id) {
        return Err(Problem::not_found());
    }
    let round = rounds::ops::load(conn, assignment.round_id)?;
    round.must_be(RoundStatus::Assessing, "change its assignments")?;
    Ok((round, assignment))
}

/// The facts as they will be once the assignment is given up.
fn resign(
    conn: &mut Conn,
    id: AssignmentId,
    who: Option<UserId>,
    to: AssignmentStatus,
) -> Result<(Round, Facts, Assignment)> {
    let (round, assignment) = own_in_assessment(conn, id, who)?;
    if assignment.status == AssignmentStatus::Submitted {
        return Err(Problem::wrong_state(
            "Its assessment is submitted. An administrator can reopen it first.",
        ));
    }
    assignment.may_become(to)?;
    let mut facts = settle::facts(conn, &round)?;
    facts.give_up(id, to);
    Ok((round, facts, assignment))
}

async fn beforehand(
    on: &Platform,
    id: AssignmentId,
    who: Option<UserId>,
    to: AssignmentStatus,
) -> Result<Solved> {
    on.db
        .read(move |conn| {
            let (_, facts, _) = resign(conn, id, who, to)?;
            facts.plan(RunPurpose::Repair)?.solve()
        })
        .await
}

fn reference(facts: &Facts, assignment: &Assignment) -> String {
    facts
        .bid(assignment.bid_id)
        .map_or_else(|| "a bid that is no longer assessed".to_owned(), |bid| bid.reference.clone())
}

fn checked(reason: &str) -> Result<String> {
    let reason = reason.trim();
    match reason.chars().count() {
        1..=2_000 => Ok(reason.to_owned()),
        _ => Err(Problem::fault("/reason", "give the reason in 1 to 2,000 characters")),
    }
}
