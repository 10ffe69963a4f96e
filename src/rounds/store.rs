//! The rows of funds, rounds and their pools.

mod pools;

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Fund, Round, RoundStatus};
use super::rules::Rules;
use crate::clock::Timestamp;
use crate::db::schema::{bids, funds, round_assessors, rounds};
use crate::db::types::Json;
use crate::db::{Backend, Conn, paged};
use crate::id::{FundId, OrganisationId, RoundId, UserId};
use crate::problem::{Problem, Result, breaks_unique};
use crate::rest::Paging;

pub(super) use pools::{is_in_pool, list_assessing_with, list_pool, set_pool};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = funds)]
struct FundRow {
    id: FundId,
    name: String,
    description: String,
    currency: String,
    areas: Json<Vec<String>>,
    created_at: Timestamp,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rounds, treat_none_as_default_value = false, treat_none_as_null = true)]
struct RoundRow {
    id: RoundId,
    fund_id: FundId,
    code: String,
    name: String,
    status: RoundStatus,
    rules: Json<Rules>,
    opens_at: Option<Timestamp>,
    deadline: Option<Timestamp>,
    assessments_due_at: Option<Timestamp>,
    opened_at: Option<Timestamp>,
    assessing_at: Option<Timestamp>,
    closed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    copied_from: Option<RoundId>,
    created_at: Timestamp,
    version: i32,
    draw_sha256: Option<String>,
    draw_seed: Option<String>,
}

/// Which rounds a caller may see. That an organisation has a bid in a round, or an assessor a
/// place in its pool, is all that is asked of either.
#[derive(Debug, Clone, Copy)]
pub enum Seen {
    Everything,
    /// Open rounds, and those in which it has a bid.
    ByOrganisation(OrganisationId),
    /// Rounds in whose pool the assessor is.
    ByAssessor(UserId),
    Nothing,
}

/// Which rounds of those a caller may see: all conditions hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoundFilter {
    pub fund: Option<FundId>,
    pub status: Option<RoundStatus>,
}

// Funds --------------------------------------------------------------------------------------

pub(super) fn find_fund(conn: &mut Conn, id: FundId) -> Result<Option<Fund>> {
    let row: Option<FundRow> = funds::table.find(id).select(FundRow::as_select()).first(conn).optional()?;
    Ok(row.map(Fund::from))
}

pub(super) fn fund_is_named(conn: &mut Conn, name: &str, other_than: Option<FundId>) -> Result<bool> {
    let found: Option<FundId> =
        funds::table.filter(funds::name.eq(name)).select(funds::id).first(conn).optional()?;
    Ok(found.is_some_and(|id| Some(id) != other_than))
}

pub(super) fn insert_fund(conn: &mut Conn, fund: &Fund) -> Result<()> {
    diesel::insert_into(funds::table).values(FundRow::from(fund)).execute(conn).map_err(name_is_taken)?;
    Ok(())
}

pub(super) fn set_fund(conn: &mut Conn, fund: &Fund) -> Result<()> {
    diesel::update(funds::table.find(fund.id))
        .set(FundRow::from(fund))
        .execute(conn)
        .map_err(name_is_taken)?;
    Ok(())
}

fn name_is_taken(error: diesel::result::Error) -> Problem {
    if breaks_unique(&error, "funds", "name") {
        Problem::exists("Another fund has this name.")
    } else {
        error.into()
    }
}

/// The funds of the rounds that are seen; all of them for those who see everything.
fn seen_funds(seen: Seen) -> Option<funds::BoxedQuery<'static, Backend>> {
    let of_fund =
        rounds::table.filter(rounds::fund_id.eq(funds::id)).filter(rounds::status.ne(RoundStatus::Draft));
    match seen {
        Seen::Everything => Some(funds::table.into_boxed()),
        Seen::ByOrganisation(organisation) => {
            let bid_in = bids::table
                .filter(bids::round_id.eq(rounds::id))
                .filter(bids::organisation_id.eq(organisation));
            let seen = of_fund.filter(rounds::status.eq(RoundStatus::Open).or(exists(bid_in)));
            Some(funds::table.filter(exists(seen)).into_boxed())
        }
        Seen::ByAssessor(assessor) => {
            let place_in = round_assessors::table
                .filter(round_assessors::round_id.eq(rounds::id))
                .filter(round_assessors::assessor_id.eq(assessor));
            Some(funds::table.filter(exists(of_fund.filter(exists(place_in)))).into_boxed())
        }
        Seen::Nothing => None,
    }
}

pub(super) fn find_seen_fund(conn: &mut Conn, seen: Seen, id: FundId) -> Result<Option<Fund>> {
    let Some(query) = seen_funds(seen) else { return Ok(None) };
    let row: Option<FundRow> =
        query.filter(funds::id.eq(id)).select(FundRow::as_select()).first(conn).optional()?;
    Ok(row.map(Fund::from))
}

pub(super) fn list_funds(conn: &mut Conn, seen: Seen, paging: &Paging) -> Result<Vec<Fund>> {
    let Some(mut query) = seen_funds(seen) else { return Ok(Vec::new()) };
    if let Some(after) = paging.after {
        query = query.filter(funds::id.gt(FundId(after)));
    }
    let rows: Vec<FundRow> =
        query.select(FundRow::as_select()).order(funds::id).limit(paging.fetch()).load(conn)?;
    Ok(rows.into_iter().map(Fund::from).collect())
}

/// Whether bids are written or assessed in one of the fund's rounds.
pub(super) fn fund_is_in_use(conn: &mut Conn, id: FundId) -> Result<bool> {
    let found: Option<RoundId> = rounds::table
        .filter(rounds::fund_id.eq(id))
        .filter(rounds::status.eq(RoundStatus::Open).or(rounds::status.eq(RoundStatus::Assessing)))
        .select(rounds::id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

// Rounds -------------------------------------------------------------------------------------

pub(super) fn find_round(conn: &mut Conn, id: RoundId) -> Result<Option<Round>> {
    let row: Option<RoundRow> =
        rounds::table.find(id).select(RoundRow::as_select()).first(conn).optional()?;
    Ok(row.map(Round::from))
}

pub(super) fn find_round_with_fund(conn: &mut Conn, id: RoundId) -> Result<Option<(Round, Fund)>> {
    let row: Option<(RoundRow, FundRow)> = rounds::table
        .inner_join(funds::table.on(funds::id.eq(rounds::fund_id)))
        .filter(rounds::id.eq(id))
        .select((RoundRow::as_select(), FundRow::as_select()))
        .first(conn)
        .optional()?;
    Ok(row.map(|(round, fund)| (round.into(), fund.into())))
}

pub(super) fn find_id_by_code(conn: &mut Conn, code: &str) -> Result<Option<RoundId>> {
    Ok(rounds::table.filter(rounds::code.eq(code)).select(rounds::id).first(conn).optional()?)
}

pub(super) fn insert_round(conn: &mut Conn, round: &Round) -> Result<()> {
    diesel::insert_into(rounds::table).values(RoundRow::from(round)).execute(conn).map_err(taken)?;
    Ok(())
}

/// Writes a round over the version before it; `false` where that version no longer stands.
pub(super) fn set_round(conn: &mut Conn, round: &Round) -> Result<bool> {
    let before = rounds::table.filter(rounds::id.eq(round.id)).filter(rounds::version.eq(round.version - 1));
    let touched = diesel::update(before).set(RoundRow::from(round)).execute(conn).map_err(taken)?;
    Ok(touched == 1)
}

fn taken(error: diesel::result::Error) -> Problem {
    if breaks_unique(&error, "rounds", "code") {
        Problem::exists("Another round has this code.")
    } else {
        error.into()
    }
}

pub(super) fn list_rounds(
    conn: &mut Conn,
    seen: Seen,
    filter: RoundFilter,
    paging: &Paging,
) -> Result<Vec<Round>> {
    let query = rounds::table.select(RoundRow::as_select()).into_boxed();
    let mut query = paged!(query, rounds::id, RoundId, paging);
    if let Some(fund) = filter.fund {
        query = query.filter(rounds::fund_id.eq(fund));
    }
    if let Some(status) = filter.status {
        query = query.filter(rounds::status.eq(status));
    }
    query = match seen {
        Seen::Everything => query,
        Seen::ByOrganisation(organisation) => query.filter(rounds::status.ne(RoundStatus::Draft)).filter(
            rounds::status.eq(RoundStatus::Open).or(exists(
                bids::table
                    .filter(bids::round_id.eq(rounds::id))
                    .filter(bids::organisation_id.eq(organisation)),
            )),
        ),
        Seen::ByAssessor(assessor) => query.filter(rounds::status.ne(RoundStatus::Draft)).filter(exists(
            round_assessors::table
                .filter(round_assessors::round_id.eq(rounds::id))
                .filter(round_assessors::assessor_id.eq(assessor)),
        )),
        Seen::Nothing => return Ok(Vec::new()),
    };
    let rows: Vec<RoundRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Round::from).collect())
}

/// Whether the organisation has a bid of any status in the round.
pub(super) fn has_bid_of(conn: &mut Conn, round: RoundId, organisation: OrganisationId) -> Result<bool> {
    let found: Option<RoundId> = bids::table
        .filter(bids::round_id.eq(round))
        .filter(bids::organisation_id.eq(organisation))
        .select(bids::round_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// How many bids stand submitted in each of these rounds; none of a round that has none.
pub(super) fn count_submitted(conn: &mut Conn, rounds: &[RoundId]) -> Result<Vec<(RoundId, i64)>> {
    Ok(bids::table
        .filter(bids::round_id.eq_any(rounds.to_vec()))
        .filter(bids::status.eq("submitted"))
        .group_by(bids::round_id)
        .select((bids::round_id, diesel::dsl::count(bids::id)))
        .load(conn)?)
}

/// Drafts whose time to open has come.
pub(super) fn list_due_to_open(conn: &mut Conn, now: Timestamp) -> Result<Vec<RoundId>> {
    Ok(rounds::table
        .filter(rounds::status.eq(RoundStatus::Draft))
        .filter(rounds::opens_at.le(now))
        .order(rounds::id)
        .select(rounds::id)
        .load(conn)?)
}

/// Open rounds whose deadline lies before `now`.
pub(super) fn list_past_deadline(conn: &mut Conn, now: Timestamp) -> Result<Vec<Round>> {
    let rows: Vec<RoundRow> = rounds::table
        .filter(rounds::status.eq(RoundStatus::Open))
        .filter(rounds::deadline.lt(now))
        .order(rounds::id)
        .select(RoundRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Round::from).collect())
}

impl From<FundRow> for Fund {
    fn from(row: FundRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            currency: row.currency,
            areas: row.areas.0,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<&Fund> for FundRow {
    fn from(fund: &Fund) -> Self {
        Self {
            id: fund.id,
            name: fund.name.clone(),
            description: fund.description.clone(),
            currency: fund.currency.clone(),
            areas: Json(fund.areas.clone()),
            created_at: fund.created_at,
            version: fund.version,
        }
    }
}

impl From<RoundRow> for Round {
    fn from(row: RoundRow) -> Self {
        Self {
            id: row.id,
            fund_id: row.fund_id,
            code: row.code,
            name: row.name,
            status: row.status,
            rules: row.rules.0,
            opens_at: row.opens_at,
            deadline: row.deadline,
            assessments_due_at: row.assessments_due_at,
            opened_at: row.opened_at,
            assessing_at: row.assessing_at,
            closed_at: row.closed_at,
            cancelled_at: row.cancelled_at,
            copied_from: row.copied_from,
            created_at: row.created_at,
            version: row.version,
            draw_sha256: row.draw_sha256,
            draw_seed: row.draw_seed,
        }
    }
}

impl From<&Round> for RoundRow {
    fn from(round: &Round) -> Self {
        Self {
            id: round.id,
            fund_id: round.fund_id,
            code: round.code.clone(),
            name: round.name.clone(),
            status: round.status,
            rules: Json(round.rules.clone()),
            opens_at: round.opens_at,
            deadline: round.deadline,
            assessments_due_at: round.assessments_due_at,
            opened_at: round.opened_at,
            assessing_at: round.assessing_at,
            closed_at: round.closed_at,
            cancelled_at: round.cancelled_at,
            copied_from: round.copied_from,
            created_at: round.created_at,
            version: round.version,
            draw_sha256: round.draw_sha256.clone(),
            draw_seed: round.draw_seed.clone(),
        }
    }
}
