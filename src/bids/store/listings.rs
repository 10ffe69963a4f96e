//! Lists of the bids that were received: in the order that their reader asks for, and those that go to assessors.
//!
//! They read `bid_listings`, which has what a list shows of each submitted version, and what says who may assess it, and
//! nothing of its answers; the version that stands is the one whose number the bid has.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::lists::{BidFilter, covering};
use super::{Stored, stored_number};
use crate::accounts::model::normal_number;
use crate::bids::model::{BidOrder, BidStatus, BidSummary, BidToAssess, BidVersion, Eligibility};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{bid_listings, bids, organisations};
use crate::db::search::{self, lower};
use crate::db::types::Json;
use crate::id::{BidId, OrganisationId, RoundId};
use crate::money::Pence;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Paging;

#[derive(Insertable)]
#[diesel(table_name = bid_listings)]
struct NewListing<'b> {
    bid_id: BidId,
    number: i32,
    round_id: RoundId,
    organisation_id: OrganisationId,
    reference: &'b str,
    title: &'b str,
    areas: Json<Vec<String>>,
    amount_requested_pence: i64,
    submitted_at: Timestamp,
    organisation_name: &'b str,
    themes: Json<Vec<String>>,
    partner_numbers: Json<Vec<String>>,
}

/// Keeps what lists show of a version that is kept.
pub(super) fn insert(conn: &mut Conn, stored: &Stored, version: &BidVersion) -> Result<()> {
    let (bid, content) = (&stored.bid, &version.content);
    let row = NewListing {
        bid_id: bid.id,
        number: stored_number(version.number)?,
        round_id: bid.round_id,
        organisation_id: bid.organisation_id,
        reference: &bid.reference,
        title: &content.title,
        areas: Json(content.areas.clone()),
        amount_requested_pence: content.amount_requested_pence.unwrap_or_default().0,
        submitted_at: version.submitted_at,
        organisation_name: &stored.organisation_name,
        themes: Json(content.themes.clone()),
        partner_numbers: Json(content.partners.iter().map(|one| one.registered_number.clone()).collect()),
    };
    diesel::insert_into(bid_listings::table).values(row).execute(conn)?;
    Ok(())
}

/// The tables of a received bid: its standing version's listing, and the bid.
macro_rules! standing {
    () => {
        bid_listings::table
            .inner_join(bids::table.on(bids::id.eq(bid_listings::bid_id)))
            .filter(bids::submitted_number.eq(bid_listings::number.nullable()))
    };
}

/// Where a bid stands in each order.
#[derive(Queryable)]
struct Position {
    reference: String,
    organisation: String,
    amount: i64,
    submitted_at: Timestamp,
}

fn position(conn: &mut Conn, round: RoundId, bid: BidId) -> Result<Position> {
    let found: Option<Position> = standing!()
        .filter(bid_listings::round_id.eq(round))
        .filter(bid_listings::bid_id.eq(bid))
        .select((
            bid_listings::reference,
            lower(bid_listings::organisation_name),
            bid_listings::amount_requested_pence,
            bid_listings::submitted_at,
        ))
        .first(conn)
        .optional()?;
    found.ok_or_else(|| Problem::new(Kind::Malformed, "The cursor is not one that this service gave."))
}

type ListingRow = (
    BidId,
    String,
    String,
    OrganisationId,
    String,
    Json<Vec<String>>,
    i64,
    BidStatus,
    Eligibility,
    Timestamp,
);

/// The received bids of a round that pass the filter, after the one that the cursor names.
pub(in crate::bids) fn list_received_in_order(
    conn: &mut Conn,
    round: RoundId,
    filter: &BidFilter,
    order: BidOrder,
    paging: &Paging,
) -> Result<Vec<BidSummary>> {
    let after =
        paging.after.map(|id| position(conn, round, BidId(id)).map(|at| (BidId(id), at))).transpose()?;
    let mut query = standing!()
        .filter(bid_listings::round_id.eq(round))
        .select((
            bid_listings::bid_id,
            bid_listings::reference,
            bid_listings::title,
            bid_listings::organisation_id,
            bid_listings::organisation_name,
            bid_listings::areas,
            bid_listings::amount_requested_pence,
            bids::status,
            bids::eligibility,
            bid_listings::submitted_at,
        ))
        .limit(paging.fetch())
        .into_boxed();
    if let Some(organisation) = filter.organisation {
        query = query.filter(bid_listings::organisation_id.eq(organisation));
    }
    if let Some(status) = filter.status {
        query = query.filter(bids::status.eq(status));
    }
    if let Some(eligibility) = filter.eligibility {
        query = query.filter(bids::eligibility.eq(eligibility));
    }
    if let Some(text) = &filter.text {
        let pattern = search::pattern(conn, text);
        query = query.filter(
            lower(bid_listings::title)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(bid_listings::reference).like(pattern.clone()).escape('\\'))
                .or(lower(bid_listings::organisation_name).like(pattern).escape('\\')),
        );
    }
    if let Some(areas) = &filter.areas {
        let (before, codes, behind) = covering(conn, "bid_listings.areas", areas)?;
        query = query.filter(sql::<Bool>(&before).bind::<diesel::sql_types::Text, _>(codes).sql(behind));
    }
    // What the index has first narrows it to where the page begins; the rest is about equals.
    let id = bid_listings::bid_id;
    query = match order {
        BidOrder::Reference => {
            if let Some((_, at)) = after {
                query = query.filter(bid_listings::reference.gt(at.reference));
            }
            query.order(bid_listings::reference)
        }
        BidOrder::Organisation => {
            let name = lower(bid_listings::organisation_name);
            if let Some((bid, at)) = after {
                query = query
                    .filter(name.ge(at.organisation.clone()))
                    .filter(name.gt(at.organisation).or(id.gt(bid)));
            }
            query.order((name, id))
        }
        BidOrder::Smallest => {
            let amount = bid_listings::amount_requested_pence;
            if let Some((bid, at)) = after {
                query = query.filter(amount.ge(at.amount)).filter(amount.gt(at.amount).or(id.gt(bid)));
            }
            query.order((amount, id))
        }
        BidOrder::Largest => {
            let amount = bid_listings::amount_requested_pence;
            if let Some((bid, at)) = after {
                query = query.filter(amount.le(at.amount)).filter(amount.lt(at.amount).or(id.lt(bid)));
            }
            query.order((amount.desc(), id.desc()))
        }
        BidOrder::Oldest => {
            let time = bid_listings::submitted_at;
            if let Some((bid, at)) = after {
                query =
                    query.filter(time.ge(at.submitted_at)).filter(time.gt(at.submitted_at).or(id.gt(bid)));
            }
            query.order((time, id))
        }
        BidOrder::Newest => {
            let time = bid_listings::submitted_at;
            if let Some((bid, at)) = after {
                query =
                    query.filter(time.le(at.submitted_at)).filter(time.lt(at.submitted_at).or(id.lt(bid)));
            }
            query.order((time.desc(), id.desc()))
        }
    };
    let rows: Vec<ListingRow> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| summary(round, row)).collect())
}

fn summary(round_id: RoundId, row: ListingRow) -> BidSummary {
    let (id, reference, title, organisation_id, organisation_name, areas, amount, status, eligibility, at) =
        row;
    BidSummary {
        id,
        round_id,
        reference,
        title,
        organisation_id,
        organisation_name,
        areas: areas.0,
        amount_requested_pence: Some(Pence(amount)),
        status,
        eligibility,
        submitted_at: Some(at),
    }
}

type Listed = (String, String, Json<Vec<String>>, Json<Vec<String>>, Json<Vec<String>>);

/// The bids of a round that go to assessors, in the order of their ids. One without its listing is a fault, lest it be left out.
pub(in crate::bids) fn list_to_assess(conn: &mut Conn, round: RoundId) -> Result<Vec<BidToAssess>> {
    type Row = (BidId, String, String, Option<Listed>);
    let rows: Vec<Row> = bids::table
        .inner_join(organisations::table.on(organisations::id.eq(bids::organisation_id)))
        .left_join(bid_listings::table.on(
            bid_listings::bid_id.eq(bids::id).and(bid_listings::number.nullable().eq(bids::submitted_number)),
        ))
        .filter(bids::round_id.eq(round))
        .filter(bids::status.eq(BidStatus::Submitted))
        .filter(bids::eligibility.ne(Eligibility::Ineligible))
        .order(bids::id)
        .select((
            bids::id,
            organisations::name,
            organisations::registered_number,
            (
                bid_listings::reference,
                bid_listings::title,
                bid_listings::partner_numbers,
                bid_listings::areas,
                bid_listings::themes,
            )
                .nullable(),
        ))
        .load(conn)?;
    rows.into_iter().map(|(id, name, number, listed)| to_assess(id, name, &number, listed)).collect()
}

fn to_assess(
    id: BidId,
    organisation_name: String,
    own_number: &str,
    listed: Option<Listed>,
) -> Result<BidToAssess> {
    let (reference, title, partners, areas, themes) =
        listed.ok_or_else(|| Problem::internal(format!("the bid {id} has no listing")))?;
    let numbers = std::iter::once(own_number).chain(partners.0.iter().map(String::as_str));
    Ok(BidToAssess {
        registered_numbers: numbers.map(normal_number).collect(),
        id,
        reference,
        title,
        organisation_name,
        areas: areas.0,
        themes: themes.0,
    })
}

/// How many bids to a round were received, withdrawn ones too, and how many begun and never submitted. Both are counted
/// in indexes: a bid's first version is its first for ever.
pub(in crate::bids) fn count(conn: &mut Conn, round: RoundId) -> Result<(usize, usize)> {
    let received: i64 = bid_listings::table
        .filter(bid_listings::round_id.eq(round))
        .filter(bid_listings::number.eq(1))
        .count()
        .get_result(conn)?;
    let all: i64 = bids::table.filter(bids::round_id.eq(round)).count().get_result(conn)?;
    let number = |count: i64| usize::try_from(count).map_err(Problem::internal);
    Ok((number(received)?, number(all - received)?))
}
