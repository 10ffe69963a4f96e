//! Rulings: what an administrator decides about bids before closing, never silently.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::model::{NewRuling, Revocation, Ruling, RulingKind, reason_fault};
use super::super::store;
use crate::audit;
use crate::auth::{Admin, Reader};
use crate::bids;
use crate::bids::model::ReceivedBid;
use crate::db::Tx;
use crate::id::{BidId, RoundId, RulingId};
use crate::money::Pence;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds;
use crate::rounds::model::RoundStatus;

/// Rules on a bid, or on the order of tied ones.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is being assessed; `already-exists` where one of the
/// kind stands for the bid; `invalid`.
pub async fn rule(
    on: &Platform,
    admin: &Admin,
    round: RoundId,
    new: NewRuling,
    once: Once,
) -> Result<Ruling> {
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| rule_in(tx, &admin, round, &new)).await
}

fn rule_in(tx: &mut Tx<'_>, admin: &Admin, round: RoundId, new: &NewRuling) -> Result<Ruling> {
    let round = rounds::ops::load(tx.conn, round)?;
    round.must_be(RoundStatus::Assessing, "rule on its bids")?;
    if new.kind() == RulingKind::TieOrder && round.rules.draws() {
        let told = "Ties in this round are settled by the draw that it announced; no order of the panel stands beside it.";
        return Err(Problem::wrong_state(told));
    }
    let received = bids::ops::received_in(tx.conn, round.id)?;
    let received: BTreeMap<BidId, &ReceivedBid> = received.iter().map(|bid| (bid.id, bid)).collect();
    let faults = new.faults(|bid| match received.get(&bid) {
        None => Err("no bid of this id was received in this round"),
        Some(bid) if !bid.is_assessed() => Err("this bid takes no part: it is withdrawn or ineligible"),
        Some(bid) => Ok(bid.content.amount_requested_pence.unwrap_or(Pence::ZERO)),
    });
    if !faults.is_empty() {
        return Err(Problem::invalid("Nothing was ruled.", faults));
    }
    let standing = store::list_standing_rulings(tx.conn, round.id)?;
    let same = |ruling: &&Ruling| ruling.ruling.kind() == new.kind() && ruling.ruling.bid() == new.bid();
    if let Some(standing) = standing.iter().find(same) {
        return Err(Problem::exists(format!(
            "A ruling of this kind stands already, {}; revoke it before you make another.",
            standing.id
        )));
    }
    let ruling = Ruling {
        id: RulingId::fresh(),
        round_id: round.id,
        ruling: new.clone(),
        ruled_by: admin.id,
        ruled_at: tx.now,
        revoked_at: None,
    };
    store::insert_ruling(tx.conn, &ruling)?;
    let detail = json!({"ruling": ruling.ruling});
    audit::record(tx, admin, "ruling.made", ruling.id, Some(round.id), detail)?;
    Ok(ruling)
}

/// Takes a ruling back; it stays on record.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is being assessed and the ruling stands; `invalid`.
pub async fn revoke(on: &Platform, admin: &Admin, id: RulingId, revocation: Revocation) -> Result<Ruling> {
    let admin = admin.clone();
    on.db.write(move |tx| revoke_in(tx, &admin, id, &revocation)).await
}

fn revoke_in(tx: &mut Tx<'_>, admin: &Admin, id: RulingId, revocation: &Revocation) -> Result<Ruling> {
    let ruling = store::find_ruling(tx.conn, id)?;
    let round = rounds::ops::load(tx.conn, ruling.round_id)?;
    round.must_be(RoundStatus::Assessing, "revoke a ruling")?;
    if let Some(fault) = reason_fault(&revocation.reason) {
        return Err(Problem::invalid("The ruling stands.", vec![fault]));
    }
    if !store::set_revoked(tx, id)? {
        return Err(Problem::wrong_state("This ruling has been revoked already."));
    }
    audit::record(tx, admin, "ruling.revoked", id, Some(round.id), json!({"reason": revocation.reason}))?;
    Ok(Ruling { revoked_at: Some(tx.now), ..ruling })
}

/// One ruling.
///
/// # Errors
/// `not-found`.
pub async fn read_ruling(on: &Platform, _reader: &Reader, id: RulingId) -> Result<Ruling> {
    on.db.read(move |conn| store::find_ruling(conn, id)).await
}

/// All rulings of a round, revoked ones too, oldest first.
///
/// # Errors
/// `not-found`.
pub async fn rulings(on: &Platform, _reader: &Reader, round: RoundId, paging: Paging) -> Result<Vec<Ruling>> {
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, round)?;
            store::list_rulings(conn, round.id, &paging)
        })
        .await
}
