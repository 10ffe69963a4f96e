//! Moderation: a score that stands in for the assessors' of one criterion, whose own stay.

use serde_json::json;

use super::super::model::{Moderation, NewModeration};
use super::super::store;
use crate::assessments;
use crate::assessments::model::AssessmentStatus;
use crate::audit;
use crate::auth::{Admin, Reader};
use crate::bids;
use crate::db::Tx;
use crate::id::{BidId, ModerationId};
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds;
use crate::rounds::model::RoundStatus;
use crate::routing;

/// Moderates a criterion of a bid. Of several moderations of one criterion the latest stands.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is being assessed, the bid takes part and somebody
/// has assessed it; `invalid`.
pub async fn moderate(
    on: &Platform,
    admin: &Admin,
    bid: BidId,
    new: NewModeration,
    once: Once,
) -> Result<Moderation> {
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| moderate_in(tx, &admin, bid, &new)).await
}

fn moderate_in(tx: &mut Tx<'_>, admin: &Admin, bid: BidId, new: &NewModeration) -> Result<Moderation> {
    let bid = bids::ops::received(tx.conn, bid)?;
    let round = rounds::ops::load(tx.conn, bid.round_id)?;
    round.must_be(RoundStatus::Assessing, "moderate a score")?;
    if !bid.is_assessed() {
        return Err(Problem::wrong_state(format!(
            "{} takes no part: it is withdrawn or ineligible.",
            bid.reference
        )));
    }
    let assignments = routing::ops::assignments_of(tx.conn, bid.id)?;
    let stands = |id| assignments.iter().any(|assignment| assignment.id == id && assignment.status.stands());
    let assessed = assessments::ops::assessments_of(tx.conn, bid.id)?.iter().any(|assessment| {
        assessment.status == AssessmentStatus::Submitted && stands(assessment.assignment_id)
    });
    if !assessed {
        return Err(Problem::wrong_state(format!(
            "Nobody has submitted an assessment of {} yet; there is nothing to moderate.",
            bid.reference
        )));
    }
    let faults = new.faults(&round.rules);
    if !faults.is_empty() {
        return Err(Problem::invalid("Nothing was moderated.", faults));
    }
    let moderation = Moderation {
        id: ModerationId::fresh(),
        round_id: round.id,
        bid_id: bid.id,
        criterion: new.criterion.clone(),
        score: new.score,
        reason: new.reason.clone(),
        moderated_by: admin.id,
        moderated_at: tx.now,
    };
    store::insert_moderation(tx.conn, &moderation)?;
    let detail = json!({
        "moderation_id": moderation.id,
        "criterion": moderation.criterion,
        "score": moderation.score,
        "reason": moderation.reason,
    });
    audit::record(tx, admin, "bid.moderated", bid.id, Some(round.id), detail)?;
    Ok(moderation)
}

/// All moderations of a bid, oldest first.
///
/// # Errors
/// `not-found`.
pub async fn moderations(
    on: &Platform,
    _reader: &Reader,
    bid: BidId,
    paging: Paging,
) -> Result<Vec<Moderation>> {
    on.db
        .read(move |conn| {
            let bid = bids::ops::load(conn, bid)?;
            store::list_moderations_of(conn, bid.id, &paging)
        })
        .await
}
