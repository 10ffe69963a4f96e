//! Lists of bids: what people browse, what assessing and deciding work on, and whom to tell.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use serde::{Deserialize, Serialize};

use super::{VersionRow, counted};
use crate::bids::model::{BidStatus, BidSummary, Contact, Eligibility, ReceivedBid};
use crate::clock::Timestamp;
use crate::db::schema::{bid_versions, bids, organisations};
use crate::db::search::{self, lower};
use crate::db::types::Json;
use crate::db::{BATCH, Conn};
use crate::id::{BidId, OrganisationId, RoundId};
use crate::money::Pence;
use crate::problem::{Problem, Result};
use crate::rest::Paging;

/// Which bids: all conditions hold.
#[derive(Debug, Clone, Default)]
pub struct BidFilter {
    pub round: Option<RoundId>,
    pub organisation: Option<OrganisationId>,
    pub status: Option<BidStatus>,
    pub eligibility: Option<Eligibility>,
    /// Codes of areas: the bid covers one of them.
    pub areas: Option<Vec<String>>,
    /// Part of the title, the reference or the organisation's name, in either case.
    pub text: Option<String>,
}

/// What a list shows of the content.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Glimpse {
    areas: Vec<String>,
    amount_requested_pence: Option<Pence>,
}

type SummaryRow = (
    BidId,
    RoundId,
    String,
    String,
    OrganisationId,
    String,
    Json<Glimpse>,
    BidStatus,
    Eligibility,
    Option<Timestamp>,
);

pub(in crate::bids) fn list(conn: &mut Conn, filter: &BidFilter, paging: &Paging) -> Result<Vec<BidSummary>> {
    let mut query = bids::table
        .inner_join(organisations::table.on(organisations::id.eq(bids::organisation_id)))
        .select((
            bids::id,
            bids::round_id,
            bids::reference,
            bids::title,
            bids::organisation_id,
            organisations::name,
            bids::content,
            bids::status,
            bids::eligibility,
            bids::submitted_at,
        ))
        .order(bids::id)
        .limit(paging.fetch())
        .into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(bids::id.gt(BidId(after)));
    }
    if let Some(round) = filter.round {
        query = query.filter(bids::round_id.eq(round));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(bids::organisation_id.eq(organisation));
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
            lower(bids::title)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(bids::reference).like(pattern.clone()).escape('\\'))
                .or(lower(organisations::name).like(pattern).escape('\\')),
        );
    }
    if let Some(areas) = &filter.areas {
        let (before, codes, behind) = covering(conn, AREAS_OF_CONTENT, areas)?;
        query = query.filter(sql::<Bool>(&before).bind::<Text, _>(codes).sql(behind));
    }
    let rows: Vec<SummaryRow> = query.load(conn)?;
    Ok(rows.into_iter().map(summary).collect())
}

/// Where the areas of a bid's own content are.
const AREAS_OF_CONTENT: &str = "bids.content -> 'areas'";

/// The condition that a JSON list holds one of these codes: what stands before the bound list of codes, the list, and
/// what stands behind it.
pub(super) fn covering(conn: &Conn, list: &str, codes: &[String]) -> Result<(String, String, &'static str)> {
    let (before, behind) = match conn {
        Conn::Pg(_) => (
            format!(
                "EXISTS (SELECT 1 FROM jsonb_array_elements_text({list}) AS covered (code) \
                 WHERE covered.code IN (SELECT jsonb_array_elements_text(CAST("
            ),
            " AS jsonb))))",
        ),
        Conn::Sqlite(_) => (
            format!(
                "EXISTS (SELECT 1 FROM json_each({list}) AS covered \
                 WHERE covered.value IN (SELECT wanted.value FROM json_each("
            ),
            ") AS wanted))",
        ),
    };
    Ok((before, serde_json::to_string(codes).map_err(Problem::internal)?, behind))
}

fn summary(row: SummaryRow) -> BidSummary {
    let (
        id,
        round_id,
        reference,
        title,
        organisation_id,
        organisation_name,
        content,
        status,
        eligibility,
        submitted_at,
    ) = row;
    BidSummary {
        id,
        round_id,
        reference,
        title,
        organisation_id,
        organisation_name,
        areas: content.0.areas,
        amount_requested_pence: content.0.amount_requested_pence,
        status,
        eligibility,
        submitted_at,
    }
}

/// Bids as they were received: of a round, a page of a round's, or these.
#[derive(Debug, Clone, Copy)]
pub(in crate::bids) enum Received<'a> {
    In(RoundId),
    /// As many as there are in a batch, after this one.
    PageOf(RoundId, Option<BidId>),
    These(&'a [BidId]),
}

pub(in crate::bids) fn list_received(conn: &mut Conn, which: Received<'_>) -> Result<Vec<ReceivedBid>> {
    let mut query = bids::table
        .inner_join(organisations::table.on(organisations::id.eq(bids::organisation_id)))
        .inner_join(bid_versions::table.on(
            bid_versions::bid_id.eq(bids::id).and(bid_versions::number.nullable().eq(bids::submitted_number)),
        ))
        .select((
            (bids::round_id, bids::reference, bids::organisation_id, bids::status),
            (organisations::name, organisations::registered_number),
            VersionRow::as_select(),
            (bids::eligibility, bids::eligibility_reason),
        ))
        .order(bids::id)
        .into_boxed();
    query = match which {
        Received::In(round) => query.filter(bids::round_id.eq(round)),
        Received::PageOf(round, after) => {
            let page = query
                .filter(bids::round_id.eq(round))
                .limit(i64::try_from(BATCH).map_err(Problem::internal)?);
            match after {
                Some(after) => page.filter(bids::id.gt(after)),
                None => page,
            }
        }
        Received::These(ids) => query.filter(bids::id.eq_any(ids.to_vec())),
    };
    type ReceivedRow = (
        (RoundId, String, OrganisationId, BidStatus),
        (String, String),
        VersionRow,
        (Eligibility, Option<String>),
    );
    let rows: Vec<ReceivedRow> = query.load(conn)?;
    rows.into_iter()
        .map(
            |(
                (round_id, reference, organisation_id, status),
                (name, number),
                version,
                (eligibility, reason),
            )| {
                Ok(ReceivedBid {
                    id: version.bid_id,
                    round_id,
                    reference,
                    organisation_id,
                    organisation_name: name,
                    registered_number: number,
                    status,
                    content: version.content.0,
                    number: counted(version.number)?,
                    submitted_at: version.submitted_at,
                    submitted_by: version.submitted_by,
                    eligibility,
                    eligibility_reason: reason,
                })
            },
        )
        .collect()
}

/// Whom a bid's emails go to, and what they name it by.
#[derive(Debug, Clone)]
pub(in crate::bids) struct Concerned {
    pub id: BidId,
    pub reference: String,
    /// Of the version that stands, else of the draft.
    pub lead_contact: Option<Contact>,
    pub created_by: String,
    pub submitted_by: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Lead {
    lead_contact: Option<Contact>,
}

/// Everybody with a bid in the round, drafts and withdrawn ones too.
pub(in crate::bids) fn list_concerned(conn: &mut Conn, round: RoundId) -> Result<Vec<Concerned>> {
    type ConcernedRow = (BidId, String, Json<Lead>, Option<Json<Lead>>, String, Option<String>);
    let rows: Vec<ConcernedRow> = bids::table
        .left_join(bid_versions::table.on(
            bid_versions::bid_id.eq(bids::id).and(bid_versions::number.nullable().eq(bids::submitted_number)),
        ))
        .filter(bids::round_id.eq(round))
        .order(bids::id)
        .select((
            bids::id,
            bids::reference,
            bids::content,
            bid_versions::content.nullable(),
            bids::created_by,
            bids::submitted_by,
        ))
        .load(conn)?;
    let concerned = |(id, reference, draft, standing, created_by, submitted_by): ConcernedRow| Concerned {
        id,
        reference,
        lead_contact: standing.unwrap_or(draft).0.lead_contact,
        created_by,
        submitted_by,
    };
    Ok(rows.into_iter().map(concerned).collect())
}
