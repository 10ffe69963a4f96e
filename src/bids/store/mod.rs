//! The rows of bids and of their versions.

mod listings;
mod lists;

use diesel::prelude::*;

use super::model::{Bid, BidContent, BidStatus, BidVersion, BidVersionSummary, Eligibility};
use crate::clock::Timestamp;
use crate::db::schema::{bid_versions, bids, organisations};
use crate::db::types::Json;
use crate::db::{Conn, on_each};
use crate::id::{BidId, OrganisationId, RoundId};
use crate::problem::{Problem, Result};

pub(super) use listings::{count, list_received_in_order, list_to_assess};
pub use lists::BidFilter;
pub(super) use lists::{Concerned, Received, list, list_concerned, list_received};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bids, treat_none_as_default_value = false)]
struct Row {
    id: BidId,
    round_id: RoundId,
    organisation_id: OrganisationId,
    reference: String,
    status: BidStatus,
    title: String,
    content: Json<BidContent>,
    submitted_number: Option<i32>,
    submitted_at: Option<Timestamp>,
    submitted_by: Option<String>,
    withdrawn_at: Option<Timestamp>,
    eligibility: Eligibility,
    eligibility_reason: Option<String>,
    created_by: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    version: i32,
    standing_sha256: Option<String>,
}

/// What changes when a bid takes a step.
#[derive(AsChangeset)]
#[diesel(table_name = bids, treat_none_as_null = true)]
struct Step<'b> {
    status: BidStatus,
    submitted_number: Option<i32>,
    submitted_at: Option<Timestamp>,
    submitted_by: Option<&'b str>,
    withdrawn_at: Option<Timestamp>,
    eligibility: Eligibility,
    eligibility_reason: Option<&'b str>,
    standing_sha256: Option<&'b str>,
    version: i32,
}

/// What changes when a bid is written.
#[derive(AsChangeset)]
#[diesel(table_name = bids)]
struct Draft<'b> {
    title: &'b str,
    content: Json<BidContent>,
    updated_at: Timestamp,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = bid_versions)]
struct VersionRow {
    bid_id: BidId,
    number: i32,
    content: Json<BidContent>,
    content_sha256: String,
    submitted_at: Timestamp,
    submitted_by: String,
}

/// A bid with what its own acts need beside it.
#[derive(Debug, Clone)]
pub(super) struct Stored {
    pub bid: Bid,
    /// `user:ID` or `client:ID`.
    pub created_by: String,
    pub submitted_by: Option<String>,
    pub organisation_name: String,
    pub registered_number: String,
    /// Of the version that stands.
    pub standing_sha256: Option<String>,
}

pub(super) fn find(conn: &mut Conn, id: BidId) -> Result<Option<Stored>> {
    let found: Option<(Row, String, String)> = bids::table
        .inner_join(organisations::table.on(organisations::id.eq(bids::organisation_id)))
        .filter(bids::id.eq(id))
        .select((Row::as_select(), organisations::name, organisations::registered_number))
        .first(conn)
        .optional()?;
    found
        .map(|(mut row, organisation_name, registered_number)| {
            let standing_sha256 = row.standing_sha256.take();
            let has_unsubmitted_changes = match &standing_sha256 {
                Some(standing) => row.content.0.sha256()? != *standing,
                None => true,
            };
            Ok(Stored {
                created_by: row.created_by.clone(),
                submitted_by: row.submitted_by.clone(),
                organisation_name,
                registered_number,
                standing_sha256,
                bid: row.bid(has_unsubmitted_changes)?,
            })
        })
        .transpose()
}

/// Keeps a new bid; `false` where another has its reference.
pub(super) fn insert(conn: &mut Conn, stored: &Stored) -> Result<bool> {
    let row = Row::try_from(stored)?;
    let inserted = on_each!(conn, conn => diesel::insert_into(bids::table)
        .values(&row)
        .on_conflict(bids::reference)
        .do_nothing()
        .execute(conn))?;
    Ok(inserted == 1)
}

/// Writes a bid's step over the version before it; `false` where that version no longer stands. Its
/// content stays: it is by far the largest part of the row.
pub(super) fn set_step(conn: &mut Conn, stored: &Stored) -> Result<bool> {
    let bid = &stored.bid;
    let step = Step {
        status: bid.status,
        submitted_number: bid.submitted_number.map(stored_number).transpose()?,
        submitted_at: bid.submitted_at,
        submitted_by: stored.submitted_by.as_deref(),
        withdrawn_at: bid.withdrawn_at,
        eligibility: bid.eligibility,
        eligibility_reason: bid.eligibility_reason.as_deref(),
        standing_sha256: stored.standing_sha256.as_deref(),
        version: bid.version,
    };
    let before = bids::table.filter(bids::id.eq(bid.id)).filter(bids::version.eq(bid.version - 1));
    Ok(diesel::update(before).set(step).execute(conn)? == 1)
}

/// Writes a bid's new content over the version before it; `false` where that version no longer
/// stands.
pub(super) fn set_content(conn: &mut Conn, bid: &Bid) -> Result<bool> {
    let draft = Draft {
        title: &bid.content.title,
        content: Json(bid.content.clone()),
        updated_at: bid.updated_at,
        version: bid.version,
    };
    let before = bids::table.filter(bids::id.eq(bid.id)).filter(bids::version.eq(bid.version - 1));
    Ok(diesel::update(before).set(draft).execute(conn)? == 1)
}

// Versions -----------------------------------------------------------------------------------

/// Keeps a version of a bid, and what lists show of it.
pub(super) fn insert_version(conn: &mut Conn, stored: &Stored, version: &BidVersion) -> Result<()> {
    let row = VersionRow {
        bid_id: version.bid_id,
        number: stored_number(version.number)?,
        content: Json(version.content.clone()),
        content_sha256: version.content_sha256.clone(),
        submitted_at: version.submitted_at,
        submitted_by: version.submitted_by.clone(),
    };
    diesel::insert_into(bid_versions::table).values(row).execute(conn)?;
    listings::insert(conn, stored, version)
}

pub(super) fn find_version(conn: &mut Conn, bid: BidId, number: u32) -> Result<Option<BidVersion>> {
    let Ok(number) = i32::try_from(number) else { return Ok(None) };
    let row: Option<VersionRow> =
        bid_versions::table.find((bid, number)).select(VersionRow::as_select()).first(conn).optional()?;
    row.map(BidVersion::try_from).transpose()
}

/// Versions after `after`, the first first.
pub(super) fn list_versions(
    conn: &mut Conn,
    bid: BidId,
    after: i32,
    limit: i64,
) -> Result<Vec<BidVersionSummary>> {
    let rows: Vec<(i32, String, Timestamp, String)> = bid_versions::table
        .filter(bid_versions::bid_id.eq(bid))
        .filter(bid_versions::number.gt(after))
        .order(bid_versions::number)
        .limit(limit)
        .select((
            bid_versions::number,
            bid_versions::content_sha256,
            bid_versions::submitted_at,
            bid_versions::submitted_by,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(number, content_sha256, submitted_at, submitted_by)| {
            Ok(BidVersionSummary { number: counted(number)?, content_sha256, submitted_at, submitted_by })
        })
        .collect()
}

// Rows and values ----------------------------------------------------------------------------

fn stored_number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(Problem::internal)
}

/// Versions are counted from 1, so a stored number is never negative.
fn counted(number: i32) -> Result<u32> {
    u32::try_from(number).map_err(Problem::internal)
}

impl Row {
    fn bid(self, has_unsubmitted_changes: bool) -> Result<Bid> {
        Ok(Bid {
            id: self.id,
            round_id: self.round_id,
            organisation_id: self.organisation_id,
            reference: self.reference,
            status: self.status,
            content: self.content.0,
            submitted_number: self.submitted_number.map(counted).transpose()?,
            submitted_at: self.submitted_at,
            has_unsubmitted_changes,
            withdrawn_at: self.withdrawn_at,
            eligibility: self.eligibility,
            eligibility_reason: self.eligibility_reason,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        })
    }
}

impl TryFrom<&Stored> for Row {
    type Error = Problem;

    fn try_from(stored: &Stored) -> Result<Self> {
        let bid = &stored.bid;
        Ok(Self {
            id: bid.id,
            round_id: bid.round_id,
            organisation_id: bid.organisation_id,
            reference: bid.reference.clone(),
            status: bid.status,
            title: bid.content.title.clone(),
            content: Json(bid.content.clone()),
            submitted_number: bid.submitted_number.map(stored_number).transpose()?,
            submitted_at: bid.submitted_at,
            submitted_by: stored.submitted_by.clone(),
            withdrawn_at: bid.withdrawn_at,
            eligibility: bid.eligibility,
            eligibility_reason: bid.eligibility_reason.clone(),
            created_by: stored.created_by.clone(),
            created_at: bid.created_at,
            updated_at: bid.updated_at,
            version: bid.version,
            standing_sha256: stored.standing_sha256.clone(),
        })
    }
}

impl TryFrom<VersionRow> for BidVersion {
    type Error = Problem;

    fn try_from(row: VersionRow) -> Result<Self> {
        Ok(Self {
            bid_id: row.bid_id,
            number: counted(row.number)?,
            content: row.content.0,
            content_sha256: row.content_sha256,
            submitted_at: row.submitted_at,
            submitted_by: row.submitted_by,
        })
    }
}
