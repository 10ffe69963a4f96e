//! Saving a draft, submitting it, and reopening it.

use serde_json::json;

use super::store;
use crate::accounts;
use crate::assessments::model::{Assessment, AssessmentContent, AssessmentStatus};
use crate::assessments::parts::Part;
use crate::audit;
use crate::auth::secrets::sha256;
use crate::auth::{Admin, Assessor};
use crate::bids;
use crate::db::{Conn, Tx};
use crate::id::{AssignmentId, UserId};
use crate::mail::messages::AssessmentReopened;
use crate::mail::{Promise, Recipient, Site, outbox};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::IfMatch;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing;
use crate::routing::model::{Assignment, AssignmentStatus};

/// A saved draft, and whether this was its first save.
#[derive(Debug)]
pub struct Saved {
    pub assessment: Assessment,
    pub is_new: bool,
}

/// Saves an assessor's draft. Before the first save its version is 0. A save is no act that others
/// see, and drafts save themselves every few seconds: only the first one leaves an audit event.
///
/// # Errors
/// `not-found`: another assessor's; `wrong-state`: the bid is not accepted, the assessment is submitted, or the
/// round is not being assessed; `stale`; `invalid`: a score off the scale, an unknown criterion, a text too long.
pub async fn save(
    on: &Platform,
    assessor: &Assessor,
    id: AssignmentId,
    if_match: IfMatch,
    content: AssessmentContent,
) -> Result<Saved> {
    let assessor = assessor.clone();
    on.db
        .write(move |tx| {
            let (round, assignment) = own(tx.conn, id, assessor.id)?;
            let before = writable(tx.conn, &round, &assignment)?;
            if_match.check(before.version)?;
            write_draft(tx, &assessor, &round, &before, content.clone())
        })
        .await
}

/// What became of a part of a draft.
#[derive(Debug)]
pub enum PartSaved {
    Saved(Assessment),
    /// Somebody, in another tab perhaps, changed this part after it was read; nothing was written.
    ChangedElsewhere(Assessment),
}

/// Saves one part of a draft, where that part still is as it was read: `seen` is its mark then. What
/// stands in the other parts stays, so that two tabs on two criteria do not disturb each other.
///
/// # Errors
/// As [`save`], but never `stale`.
pub async fn save_part(
    on: &Platform,
    assessor: &Assessor,
    id: AssignmentId,
    seen: &str,
    part: Part,
) -> Result<PartSaved> {
    let (assessor, seen) = (assessor.clone(), seen.to_owned());
    on.db
        .write(move |tx| {
            let (round, assignment) = own(tx.conn, id, assessor.id)?;
            let before = writable(tx.conn, &round, &assignment)?;
            let standing = part.counterpart(&before.content);
            if standing == part {
                return Ok(PartSaved::Saved(before));
            }
            if standing.mark()? != seen {
                return Ok(PartSaved::ChangedElsewhere(before));
            }
            let content = part.written_into(&before.content);
            let saved = write_draft(tx, &assessor, &round, &before, content)?;
            Ok(PartSaved::Saved(saved.assessment))
        })
        .await
}

/// Writes a draft over the one before.
fn write_draft(
    tx: &mut Tx<'_>,
    assessor: &Assessor,
    round: &Round,
    before: &Assessment,
    content: AssessmentContent,
) -> Result<Saved> {
    refuse_faults("The draft was not saved.", content.draft_faults(&round.rules))?;
    let is_new = before.version == 0;
    let after = Assessment {
        content,
        created_at: if is_new { tx.now } else { before.created_at },
        updated_at: tx.now,
        version: before.version + 1,
        ..before.clone()
    };
    if is_new {
        store::insert(tx, &after)?;
        let detail = json!({"assignment_id": after.assignment_id, "bid_id": after.bid_id});
        audit::record(tx, assessor, "assessment.started", after.id, Some(round.id), detail)?;
    } else {
        store::set(tx, &after, before.version)?;
    }
    Ok(Saved { assessment: after, is_new })
}

/// Submits the saved draft, which locks it and keeps this version for ever.
///
/// # Errors
/// `not-found`: another assessor's; `wrong-state`: as [`save`]; `stale`; `invalid`: everything that is missing.
pub async fn submit(
    on: &Platform,
    assessor: &Assessor,
    id: AssignmentId,
    if_match: IfMatch,
) -> Result<Assessment> {
    let assessor = assessor.clone();
    on.db
        .write(move |tx| {
            let (round, assignment) = own(tx.conn, id, assessor.id)?;
            let before = writable(tx.conn, &round, &assignment)?;
            if_match.check(before.version)?;
            refuse_faults("The assessment was not submitted.", before.content.submit_faults(&round.rules))?;
            let number = before.submitted_number.unwrap_or(0) + 1;
            let after = Assessment {
                status: AssessmentStatus::Submitted,
                updated_at: tx.now,
                submitted_at: Some(tx.now),
                submitted_number: Some(number),
                version: before.version + 1,
                ..before.clone()
            };
            store::set(tx, &after, before.version)?;
            store::insert_version(tx, &after, number)?;
            routing::ops::step(tx, &assignment, AssignmentStatus::Submitted)?;
            let content = serde_json::to_vec(&after.content).map_err(Problem::internal)?;
            let detail = json!({
                "assignment_id": id, "bid_id": after.bid_id, "number": number, "content_sha256": sha256(content),
            });
            audit::record(tx, &assessor, "assessment.submitted", after.id, Some(round.id), detail)?;
            Ok(after)
        })
        .await
}

/// Makes a submitted assessment a draft again; what was submitted stays among its versions, and
/// counts no more.
///
/// # Errors
/// `invalid`: no reason; `not-found`; `wrong-state`: it is not submitted, or the round is not being assessed.
pub async fn reopen(on: &Platform, admin: &Admin, id: AssignmentId, reason: &str) -> Result<Assessment> {
    let reason = reason.trim().to_owned();
    if !(1..=2_000).contains(&reason.chars().count()) {
        return Err(Problem::fault("/reason", "give the reason in 1 to 2,000 characters"));
    }
    let (admin, site) = (admin.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let assignment = routing::ops::load(tx.conn, id)?;
            let round = rounds::ops::load(tx.conn, assignment.round_id)?;
            round.must_be(RoundStatus::Assessing, "reopen its assessments")?;
            let before = store::find_of_assignment(tx.conn, id)?
                .filter(|found| found.status == AssessmentStatus::Submitted)
                .ok_or_else(|| Problem::wrong_state("Only a submitted assessment can be reopened."))?;
            let after = Assessment {
                status: AssessmentStatus::Draft,
                updated_at: tx.now,
                version: before.version + 1,
                ..before.clone()
            };
            store::set(tx, &after, before.version)?;
            routing::ops::step(tx, &assignment, AssignmentStatus::Accepted)?;
            tell_reopened(tx, &site, &round, &after, &reason)?;
            let detail = json!({
                "assignment_id": id, "bid_id": after.bid_id, "number": after.submitted_number, "reason": reason,
            });
            audit::record(tx, &admin, "assessment.reopened", after.id, Some(round.id), detail)?;
            Ok(after)
        })
        .await
}

fn tell_reopened(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    assessment: &Assessment,
    reason: &str,
) -> Result<()> {
    let bid = bids::ops::received(tx.conn, assessment.bid_id)?;
    let Some(person) = accounts::ops::people(tx.conn, &[assessment.assessor_id])?.into_iter().next() else {
        return Ok(());
    };
    let message =
        AssessmentReopened { name: &person.name, round: &round.name, reference: &bid.reference, reason };
    let promise = Promise {
        message: message.render(site)?,
        to: Recipient { email: person.email.clone(), name: person.name.clone() },
        round: Some(round.id),
        bid: Some(bid.id),
        name: format!("reopened:{}:{}", assessment.id, assessment.version),
    };
    outbox::promise(tx, site, &[promise])
}

fn own(conn: &mut Conn, id: AssignmentId, assessor: UserId) -> Result<(Round, Assignment)> {
    let assignment = routing::ops::load(conn, id)?;
    if assignment.assessor_id != assessor {
        return Err(Problem::not_found());
    }
    Ok((rounds::ops::load(conn, assignment.round_id)?, assignment))
}

/// The assessment as it stands, where its assessor may write to it.
fn writable(conn: &mut Conn, round: &Round, assignment: &Assignment) -> Result<Assessment> {
    round.must_be(RoundStatus::Assessing, "assess its bids")?;
    match assignment.status {
        AssignmentStatus::Accepted | AssignmentStatus::Submitted => {}
        AssignmentStatus::Offered => {
            return Err(Problem::wrong_state(
                "Accept the bid first, declaring that you have no conflict of interest.",
            ));
        }
        AssignmentStatus::Declined | AssignmentStatus::Released => {
            return Err(Problem::wrong_state(format!("The assignment is {}.", assignment.status)));
        }
    }
    let found = store::find_of_assignment(conn, assignment.id)?;
    let assessment = found.unwrap_or_else(|| Assessment::blank(assignment));
    assessment.must_be_draft()?;
    Ok(assessment)
}

fn refuse_faults(what: &'static str, faults: Vec<crate::problem::Fault>) -> Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(what, faults)) }
}
