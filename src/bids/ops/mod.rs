//! Use cases of bids, and the reads that features above need inside their own transactions.
//!
//! Writing is in `drafts` and `submission`, what a writer reads around a bid in `written`; what people browse in
//! `lists`, one bid as administrators and auditors read it in `received`; what the bidder sees of eligibility in
//! `shown`, what bidders are told of their round in
//! `notices`.

mod drafts;
mod lists;
mod notices;
mod received;
mod shown;
mod submission;
mod written;

use serde_json::json;
use uuid::Uuid;

use super::model::{
    Bid, BidOrder, BidStatus, BidSummary, BidToAssess, BidVersion, BidVersionSummary, Eligibility,
    EligibilityDecision, ReceivedBid,
};
use super::store::{self, Received, Stored};
use crate::auth::{Actor, Admin};
use crate::db::{BATCH, Conn, Tx};
use crate::id::{BidId, RoundId};
use crate::platform::{Changed, Platform};
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds::input::reason_faults;
use crate::rounds::model::RoundStatus;
use crate::{audit, rounds};

pub use super::store::BidFilter;
pub use drafts::{SectionSaved, create, revise, save_section};
pub use lists::{Browsed, browse, list};
pub use notices::{cancel_round, extend_deadline};
pub use received::{BidRead, VersionRead, look, look_at_version};
pub use submission::{submit, withdraw};
pub use written::{WrittenBid, read_written, received_by};

/// A bid that the caller may see: those who read everything, and the bidder's own people.
fn visible(conn: &mut Conn, actor: &Actor, id: BidId) -> Result<Stored> {
    let stored = store::find(conn, id)?.ok_or_else(Problem::not_found)?;
    let own = actor.own_organisation() == Some(stored.bid.organisation_id);
    if own || actor.reads_everything() { Ok(stored) } else { Err(Problem::not_found()) }
}

/// Writes a bid's step: submitted, withdrawn, its eligibility decided.
fn save_step(tx: &mut Tx<'_>, stored: &Stored) -> Result<()> {
    written(store::set_step(tx.conn, stored)?)
}

/// Whether the version that was read still stood.
fn written(stood: bool) -> Result<()> {
    if stood {
        Ok(())
    } else {
        Err(Problem::wrong_state("The bid was changed by somebody else at the same time."))
    }
}

/// A bid that the caller may see.
///
/// # Errors
/// `not-found`.
pub async fn read(on: &Platform, actor: &Actor, id: BidId) -> Result<Bid> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            let bid = visible(conn, &actor, id)?.bid;
            shown::shown(conn, &actor, bid)
        })
        .await
}

/// The submitted versions of a bid that the caller may see, the first first.
///
/// # Errors
/// `not-found`.
pub async fn list_versions(
    on: &Platform,
    actor: &Actor,
    id: BidId,
    paging: Paging,
) -> Result<Vec<BidVersionSummary>> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            visible(conn, &actor, id)?;
            let after = paging.after.map_or(0, |after| i32::try_from(after.as_u128()).unwrap_or(i32::MAX));
            store::list_versions(conn, id, after, paging.fetch())
        })
        .await
}

/// A version's number as the cursor of its list.
#[must_use]
pub fn version_cursor(version: &BidVersionSummary) -> Uuid {
    Uuid::from_u128(u128::from(version.number))
}

/// One submitted version of a bid that the caller may see.
///
/// # Errors
/// `not-found`.
pub async fn read_version(on: &Platform, actor: &Actor, id: BidId, number: u32) -> Result<BidVersion> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            visible(conn, &actor, id)?;
            store::find_version(conn, id, number)?.ok_or_else(Problem::not_found)
        })
        .await
}

/// Decides whether a bid may be funded at all, from its submission until its round is closed. During assessment the routing
/// follows at once.
///
/// # Errors
/// `not-found`; `invalid`: no reason; `wrong-state`: never submitted, or the round has ended.
pub async fn decide_eligibility(
    on: &Platform,
    admin: &Admin,
    id: BidId,
    decision: EligibilityDecision,
) -> Result<Bid> {
    let (admin, platform) = (admin.clone(), on.clone());
    on.db
        .write(move |tx| {
            let bid = set_eligibility(tx, &admin, id, &decision)?;
            platform.changed(tx, &admin, Changed::Round(bid.round_id), "a bid's eligibility decided")?;
            Ok(bid)
        })
        .await
}

fn set_eligibility(tx: &mut Tx<'_>, admin: &Admin, id: BidId, decision: &EligibilityDecision) -> Result<Bid> {
    let mut faults = Vec::new();
    reason_faults(&decision.reason, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::invalid("Nothing was decided.", faults));
    }
    let mut stored = store::find(tx.conn, id)?.ok_or_else(Problem::not_found)?;
    let round = rounds::ops::load(tx.conn, stored.bid.round_id)?;
    match round.status {
        RoundStatus::Open | RoundStatus::Assessing => {}
        RoundStatus::Draft | RoundStatus::Closed | RoundStatus::Cancelled => {
            return Err(Problem::wrong_state(format!(
                "{} is {}; eligibility is settled.",
                round.name, round.status
            )));
        }
    }
    match stored.bid.status {
        BidStatus::Submitted | BidStatus::Withdrawn => {}
        BidStatus::Draft => return Err(Problem::wrong_state("The bid was not submitted yet.")),
    }
    let was = json!({"eligibility": stored.bid.eligibility, "reason": stored.bid.eligibility_reason});
    stored.bid.eligibility = if decision.eligible { Eligibility::Eligible } else { Eligibility::Ineligible };
    stored.bid.eligibility_reason = Some(decision.reason.clone());
    stored.bid.version += 1;
    save_step(tx, &stored)?;
    let detail = json!({"was": was, "eligibility": stored.bid.eligibility, "reason": decision.reason});
    audit::record(tx, admin, "bid.eligibility_decided", id, Some(round.id), detail)?;
    Ok(stored.bid)
}

// Parts for features above -------------------------------------------------------------------

/// The bid, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(conn: &mut Conn, id: BidId) -> Result<Bid> {
    Ok(store::find(conn, id)?.ok_or_else(Problem::not_found)?.bid)
}

/// Every bid that was submitted to the round, withdrawn ones too, in the order of their ids, with
/// the version that stands: one query.
///
/// # Errors
/// The database's own.
pub fn received_in(conn: &mut Conn, round: RoundId) -> Result<Vec<ReceivedBid>> {
    store::list_received(conn, Received::In(round))
}

/// The bids of a round that go to assessors, in the order of their ids, without their answers.
///
/// # Errors
/// The database's own.
pub fn to_assess_in(conn: &mut Conn, round: RoundId) -> Result<Vec<BidToAssess>> {
    store::list_to_assess(conn, round)
}

/// The received bids of a round that pass the filter, in an order, as a list shows them.
///
/// # Errors
/// `malformed`: the cursor is of no bid of the round.
pub fn received_in_order(
    conn: &mut Conn,
    round: RoundId,
    filter: &BidFilter,
    order: BidOrder,
    paging: &Paging,
) -> Result<Vec<BidSummary>> {
    store::list_received_in_order(conn, round, filter, order, paging)
}

/// Shows every bid that [`received_in`] gives, in the same order, one at a time and a batch at a query:
/// the bids of a large round, whole, would fill the memory.
///
/// # Errors
/// The database's own.
pub fn each_received(conn: &mut Conn, round: RoundId, mut see: impl FnMut(ReceivedBid)) -> Result<()> {
    let mut after = None;
    loop {
        let page = store::list_received(conn, Received::PageOf(round, after))?;
        let is_last = page.len() < BATCH;
        after = page.last().map(|bid| bid.id);
        page.into_iter().for_each(&mut see);
        if is_last {
            return Ok(());
        }
    }
}

/// How many bids to the round were begun and never submitted.
///
/// # Errors
/// The database's own.
pub fn count_drafts(conn: &mut Conn, round: RoundId) -> Result<usize> {
    Ok(store::count(conn, round)?.1)
}

/// One bid as it was received.
///
/// # Errors
/// `not-found`: there is none, or it was never submitted.
pub fn received(conn: &mut Conn, id: BidId) -> Result<ReceivedBid> {
    received_among(conn, &[id])?.pop().ok_or_else(Problem::not_found)
}

/// Bids as they were received, of these ids, in the order of the ids: one query. Ids of bids that
/// were never submitted are passed over.
///
/// # Errors
/// The database's own.
pub fn received_among(conn: &mut Conn, ids: &[BidId]) -> Result<Vec<ReceivedBid>> {
    store::list_received(conn, Received::These(ids))
}
