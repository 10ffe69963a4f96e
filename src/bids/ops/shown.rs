//! What of a bid's eligibility its own people see: at once what their answers to the gateways say, so that a mistake
//! can be put right, and what an administrator has decided only once the round is closed, when everybody is told
//! everything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::store::{self, Received};
use crate::auth::Actor;
use crate::bids::model::{Bid, BidContent, BidSummary, Eligibility};
use crate::bids::rules;
use crate::db::Conn;
use crate::id::{BidId, RoundId};
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};

/// A bid as the caller, who may see it, sees it.
///
/// # Errors
/// The database's own.
pub(super) fn shown(conn: &mut Conn, actor: &Actor, bid: Bid) -> Result<Bid> {
    if actor.reads_everything() {
        return Ok(bid);
    }
    let round = rounds::ops::load(conn, bid.round_id)?;
    if is_told(&round) {
        return Ok(bid);
    }
    let reason = match bid.submitted_number {
        None => None,
        Some(number) => {
            let version = store::find_version(conn, bid.id, number)?;
            let version = version.ok_or_else(|| Problem::internal("the version that stands is not there"))?;
            rules::gateway_reason(&version.content, &round.rules)
        }
    };
    Ok(Bid { eligibility: by_answers(reason.is_some()), eligibility_reason: reason, ..bid })
}

/// Bids of a list as the caller, who may see them, sees them.
///
/// # Errors
/// The database's own.
pub(super) fn shown_in_list(
    conn: &mut Conn,
    actor: &Actor,
    mut bids: Vec<BidSummary>,
) -> Result<Vec<BidSummary>> {
    if actor.reads_everything() {
        return Ok(bids);
    }
    let mut rounds: BTreeMap<RoundId, Round> = BTreeMap::new();
    for bid in &bids {
        if let Entry::Vacant(place) = rounds.entry(bid.round_id) {
            place.insert(rounds::ops::load(conn, bid.round_id)?);
        }
    }
    let untold = |bid: &BidSummary| rounds.get(&bid.round_id).filter(|round| !is_told(round));
    let ids: Vec<BidId> = bids.iter().filter(|bid| untold(bid).is_some()).map(|bid| bid.id).collect();
    let received = store::list_received(conn, Received::These(&ids))?;
    let received: BTreeMap<BidId, BidContent> =
        received.into_iter().map(|bid| (bid.id, bid.content)).collect();
    for bid in &mut bids {
        if let Some(round) = untold(bid) {
            let content = received.get(&bid.id);
            let wrong = content.is_some_and(|content| rules::gateway_reason(content, &round.rules).is_some());
            bid.eligibility = by_answers(wrong);
        }
    }
    Ok(bids)
}

fn is_told(round: &Round) -> bool {
    round.status == RoundStatus::Closed
}

const fn by_answers(is_wrong: bool) -> Eligibility {
    if is_wrong { Eligibility::Ineligible } else { Eligibility::Unchecked }
}
