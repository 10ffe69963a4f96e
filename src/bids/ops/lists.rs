//! Lists of bids: what people browse.

use super::shown::shown_in_list;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::{Actor, Reader};
use crate::bids::model::{BidOrder, BidSummary};
use crate::bids::store::{self, BidFilter};
use crate::db::Conn;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds;
use crate::rounds::model::{Fund, Round};

/// The bids that the caller may see and the filter lets through. `area` is the code of an area or
/// group: bids for it, for what is in it and for what it is in. In an order, the bids of one round that were received, as
/// they stand; without one, the oldest first, drafts too.
///
/// # Errors
/// `not-found`: the filter names a round that the caller may not see; `invalid`: there is no such area, an order is
/// asked for without a round, or a bidder asks for an eligibility.
pub async fn list(
    on: &Platform,
    actor: &Actor,
    filter: BidFilter,
    area: Option<String>,
    order: Option<BidOrder>,
    paging: Paging,
) -> Result<Vec<BidSummary>> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            let mut filter = filter;
            match actor.own_organisation() {
                Some(own) => filter.organisation = Some(own),
                None if actor.reads_everything() => {}
                None => return Err(Problem::not_found()),
            }
            if let Some(round) = filter.round {
                rounds::ops::visible(conn, &actor, round)?;
            }
            if let Some(code) = &area {
                let tree = areas::ops::tree(conn)?;
                if tree.area(code).is_none() && tree.group(code).is_none() {
                    return Err(Problem::fault("?area", "give the code of an area or group"));
                }
                filter.areas = Some(touched(&tree, code));
            }
            if filter.eligibility.is_some() && !actor.reads_everything() {
                let told = "leave it out: bidders are told of their eligibility when the round is closed";
                return Err(Problem::fault("?eligibility", told));
            }
            let bids = match (order, filter.round) {
                (None, _) => store::list(conn, &filter, &paging),
                (Some(order), Some(round)) => {
                    store::list_received_in_order(conn, round, &filter, order, &paging)
                }
                (Some(_), None) => Err(Problem::fault("?sort", "name a round too: its bids are sorted")),
            };
            shown_in_list(conn, &actor, bids?)
        })
        .await
}

/// Codes of the areas that are in an area or group, or that hold it.
fn touched(tree: &AreaTree, code: &str) -> Vec<String> {
    tree.areas().filter(|area| tree.touches(code, &area.code)).map(|area| area.code.clone()).collect()
}

/// A part of a round's received bids, with what its page says around them.
#[derive(Debug)]
pub struct Browsed {
    pub round: Round,
    pub fund: Fund,
    pub tree: AreaTree,
    /// How many bids were received, withdrawn ones too.
    pub received: usize,
    /// How many were begun and never submitted. What is in them is their bidders' alone.
    pub drafts: usize,
    pub bids: Vec<BidSummary>,
}

/// The received bids of a round, as administrators and auditors browse them. An area that there is none of lets nothing
/// through.
///
/// # Errors
/// `not-found`.
pub async fn browse(
    on: &Platform,
    _reader: &Reader,
    round: RoundId,
    filter: BidFilter,
    area: Option<String>,
    order: BidOrder,
    paging: Paging,
) -> Result<Browsed> {
    on.db.read(move |conn| browsed(conn, round, filter, area.as_deref(), order, &paging)).await
}

fn browsed(
    conn: &mut Conn,
    round: RoundId,
    mut filter: BidFilter,
    area: Option<&str>,
    order: BidOrder,
    paging: &Paging,
) -> Result<Browsed> {
    let (round, fund) = rounds::ops::load_with_fund(conn, round)?;
    let tree = areas::ops::tree(conn)?;
    filter.areas = area.map(|code| touched(&tree, code));
    let (received, drafts) = store::count(conn, round.id)?;
    let bids = store::list_received_in_order(conn, round.id, &filter, order, paging)?;
    Ok(Browsed { round, fund, tree, received, drafts, bids })
}
