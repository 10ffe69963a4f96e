//! The rows of assignments and of routing runs.

use diesel::prelude::*;

use super::instance::SOLVER;
use super::model::{
    Assignment, AssignmentLine, AssignmentStatus, Explanation, RoutingRun, RunPurpose, RunResult,
};
use crate::clock::Timestamp;
use crate::db::schema::{assignments, routing_runs};
use crate::db::types::Json;
use crate::db::{BATCH, Conn, Tx, on_each};
use crate::id::{AssignmentId, BidId, RoundId, RoutingRunId, UserId};
use crate::problem::{Problem, Result};
use crate::rest::Paging;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = assignments, treat_none_as_default_value = false)]
struct Row {
    id: AssignmentId,
    round_id: RoundId,
    bid_id: BidId,
    assessor_id: UserId,
    run_id: RoutingRunId,
    area_code: Option<String>,
    status: AssignmentStatus,
    explanation: Json<Explanation>,
    offered_at: Timestamp,
    accepted_at: Option<Timestamp>,
    declined_at: Option<Timestamp>,
    decline_reason: Option<String>,
    released_at: Option<Timestamp>,
    version: i32,
}

impl From<Row> for Assignment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            round_id: row.round_id,
            bid_id: row.bid_id,
            assessor_id: row.assessor_id,
            run_id: row.run_id,
            area_code: row.area_code,
            status: row.status,
            explanation: row.explanation.0,
            offered_at: row.offered_at,
            accepted_at: row.accepted_at,
            declined_at: row.declined_at,
            decline_reason: row.decline_reason,
            released_at: row.released_at,
            version: row.version,
        }
    }
}

impl From<&Assignment> for Row {
    fn from(one: &Assignment) -> Self {
        Self {
            id: one.id,
            round_id: one.round_id,
            bid_id: one.bid_id,
            assessor_id: one.assessor_id,
            run_id: one.run_id,
            area_code: one.area_code.clone(),
            status: one.status,
            explanation: Json(one.explanation.clone()),
            offered_at: one.offered_at,
            accepted_at: one.accepted_at,
            declined_at: one.declined_at,
            decline_reason: one.decline_reason.clone(),
            released_at: one.released_at,
            version: one.version,
        }
    }
}

fn from_rows(rows: Vec<Row>) -> Vec<Assignment> {
    rows.into_iter().map(Assignment::from).collect()
}

pub(super) fn find(conn: &mut Conn, id: AssignmentId) -> Result<Assignment> {
    let row: Row = assignments::table.find(id).select(Row::as_select()).first(conn)?;
    Ok(row.into())
}

pub(super) fn find_in_round(conn: &mut Conn, round: RoundId) -> Result<Vec<Assignment>> {
    let query = assignments::table.filter(assignments::round_id.eq(round)).order(assignments::id);
    Ok(from_rows(query.select(Row::as_select()).load(conn)?))
}

/// Every assignment of a round as routing looks at it, in the order of their ids.
pub(super) fn list_lines(conn: &mut Conn, round: RoundId) -> Result<Vec<AssignmentLine>> {
    type LineRow = (AssignmentId, BidId, UserId, Option<String>, AssignmentStatus, bool);
    let rows: Vec<LineRow> = assignments::table
        .filter(assignments::round_id.eq(round))
        .order(assignments::id)
        .select((
            assignments::id,
            assignments::bid_id,
            assignments::assessor_id,
            assignments::area_code,
            assignments::status,
            assignments::decline_reason.is_not_null(),
        ))
        .load(conn)?;
    let line = |(id, bid_id, assessor_id, area_code, status, with_reason): LineRow| AssignmentLine {
        id,
        bid_id,
        assessor_id,
        area_code,
        status,
        given_up: status.is_given_up(with_reason),
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Without the reasons for them, which are most of a row.
pub(super) fn list_statuses(
    conn: &mut Conn,
    round: RoundId,
) -> Result<Vec<(AssignmentId, AssignmentStatus)>> {
    let query = assignments::table.filter(assignments::round_id.eq(round)).order(assignments::id);
    Ok(query.select((assignments::id, assignments::status)).load(conn)?)
}

pub(super) fn find_of_bid(conn: &mut Conn, bid: BidId) -> Result<Vec<Assignment>> {
    let query = assignments::table.filter(assignments::bid_id.eq(bid)).order(assignments::id);
    Ok(from_rows(query.select(Row::as_select()).load(conn)?))
}

/// Every assignment of these bids, in the order of their ids.
pub(super) fn find_of_bids(conn: &mut Conn, bids: &[BidId]) -> Result<Vec<Assignment>> {
    let query = assignments::table.filter(assignments::bid_id.eq_any(bids.to_vec())).order(assignments::id);
    Ok(from_rows(query.select(Row::as_select()).load(conn)?))
}

/// How many assignments each assessor has of each status.
pub(super) fn count_by_assessor(
    conn: &mut Conn,
    round: RoundId,
) -> Result<Vec<(UserId, AssignmentStatus, usize)>> {
    let rows: Vec<(UserId, AssignmentStatus, i64)> = assignments::table
        .filter(assignments::round_id.eq(round))
        .group_by((assignments::assessor_id, assignments::status))
        .select((assignments::assessor_id, assignments::status, diesel::dsl::count_star()))
        .load(conn)?;
    let counted = |(assessor, status, count)| {
        usize::try_from(count).map(|count| (assessor, status, count)).map_err(Problem::internal)
    };
    rows.into_iter().map(counted).collect()
}

/// Which assignments: all conditions hold.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub round: Option<RoundId>,
    pub assessor: Option<UserId>,
    pub status: Option<AssignmentStatus>,
}

pub(super) fn list(conn: &mut Conn, filter: &Filter, paging: &Paging) -> Result<Vec<Assignment>> {
    let mut query =
        assignments::table.select(Row::as_select()).order(assignments::id).limit(paging.fetch()).into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(assignments::id.gt(AssignmentId(after)));
    }
    if let Some(round) = filter.round {
        query = query.filter(assignments::round_id.eq(round));
    }
    if let Some(assessor) = filter.assessor {
        query = query.filter(assignments::assessor_id.eq(assessor));
    }
    if let Some(status) = filter.status {
        query = query.filter(assignments::status.eq(status));
    }
    Ok(from_rows(query.load(conn)?))
}

/// Rounds in which something of an assessor's stands, in the order of their ids.
pub(super) fn find_rounds_of(conn: &mut Conn, assessor: UserId) -> Result<Vec<RoundId>> {
    let standing = [AssignmentStatus::Offered, AssignmentStatus::Accepted, AssignmentStatus::Submitted];
    Ok(assignments::table
        .filter(assignments::assessor_id.eq(assessor))
        .filter(assignments::status.eq_any(standing))
        .select(assignments::round_id)
        .distinct()
        .order(assignments::round_id)
        .load(conn)?)
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &[Assignment]) -> Result<()> {
    let rows: Vec<Row> = new.iter().map(Row::from).collect();
    for batch in rows.chunks(BATCH) {
        on_each!(&mut *tx.conn, conn => diesel::insert_into(assignments::table).values(batch).execute(conn))?;
    }
    Ok(())
}

/// Writes an assignment's new state where its version is still `read`.
pub(super) fn set_state(tx: &mut Tx<'_>, new: &Assignment, read: i32) -> Result<()> {
    let rows = assignments::table.filter(assignments::id.eq(new.id)).filter(assignments::version.eq(read));
    let touched = diesel::update(rows)
        .set((
            assignments::status.eq(new.status),
            assignments::accepted_at.eq(new.accepted_at),
            assignments::declined_at.eq(new.declined_at),
            assignments::decline_reason.eq(new.decline_reason.clone()),
            assignments::released_at.eq(new.released_at),
            assignments::version.eq(new.version),
        ))
        .execute(tx.conn)?;
    match touched {
        1 => Ok(()),
        _ => Err(Problem::wrong_state("Somebody changed the assignment at the same moment. Read it again.")),
    }
}

/// Says which area of its bid an assignment serves now; nobody decides by it, so it has no version.
pub(super) fn set_area(tx: &mut Tx<'_>, id: AssignmentId, area: Option<&str>) -> Result<()> {
    diesel::update(assignments::table.find(id)).set(assignments::area_code.eq(area)).execute(tx.conn)?;
    Ok(())
}

/// Rounds in which somebody still has work to do and has not been reminded of it.
pub(super) fn find_rounds_to_remind(conn: &mut Conn) -> Result<Vec<RoundId>> {
    Ok(assignments::table
        .filter(assignments::status.eq_any([AssignmentStatus::Offered, AssignmentStatus::Accepted]))
        .filter(assignments::reminded_at.is_null())
        .select(assignments::round_id)
        .distinct()
        .order(assignments::round_id)
        .load(conn)?)
}

pub(super) fn find_to_remind(conn: &mut Conn, round: RoundId) -> Result<Vec<Assignment>> {
    let query = assignments::table
        .filter(assignments::round_id.eq(round))
        .filter(assignments::status.eq_any([AssignmentStatus::Offered, AssignmentStatus::Accepted]))
        .filter(assignments::reminded_at.is_null())
        .order(assignments::id);
    Ok(from_rows(query.select(Row::as_select()).load(conn)?))
}

pub(super) fn set_reminded(tx: &mut Tx<'_>, round: RoundId) -> Result<()> {
    let rows = assignments::table
        .filter(assignments::round_id.eq(round))
        .filter(assignments::status.eq_any([AssignmentStatus::Offered, AssignmentStatus::Accepted]))
        .filter(assignments::reminded_at.is_null());
    diesel::update(rows).set(assignments::reminded_at.eq(tx.now)).execute(tx.conn)?;
    Ok(())
}

#[derive(Insertable)]
#[diesel(table_name = routing_runs)]
struct NewRun<'a> {
    id: RoutingRunId,
    round_id: RoundId,
    purpose: RunPurpose,
    cause: &'a str,
    solver: &'static str,
    input: &'a str,
    input_sha256: &'a str,
    result: Json<RunResult>,
    created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = routing_runs)]
struct RunRow {
    id: RoutingRunId,
    round_id: RoundId,
    purpose: RunPurpose,
    cause: String,
    solver: String,
    input_sha256: String,
    result: Json<RunResult>,
    created_at: Timestamp,
}

impl From<RunRow> for RoutingRun {
    fn from(row: RunRow) -> Self {
        Self {
            id: row.id,
            round_id: row.round_id,
            purpose: row.purpose,
            cause: row.cause,
            solver: row.solver,
            input_sha256: row.input_sha256,
            result: row.result.0,
            created_at: row.created_at,
        }
    }
}

/// A run as it is kept: its input in full, so that it can be replayed.
pub(super) struct Run<'a> {
    pub round: RoundId,
    pub purpose: RunPurpose,
    pub cause: &'a str,
    pub input: &'a str,
    pub input_sha256: &'a str,
    pub result: &'a RunResult,
}

pub(super) fn insert_run(tx: &mut Tx<'_>, run: &Run<'_>) -> Result<RoutingRunId> {
    let id = RoutingRunId::fresh();
    let row = NewRun {
        id,
        round_id: run.round,
        purpose: run.purpose,
        cause: run.cause,
        solver: SOLVER,
        input: run.input,
        input_sha256: run.input_sha256,
        result: Json(run.result.clone()),
        created_at: tx.now,
    };
    diesel::insert_into(routing_runs::table).values(row).execute(tx.conn)?;
    Ok(id)
}

/// The newest first.
pub(super) fn list_runs(conn: &mut Conn, round: RoundId, paging: &Paging) -> Result<Vec<RoutingRun>> {
    let mut query = routing_runs::table
        .filter(routing_runs::round_id.eq(round))
        .select(RunRow::as_select())
        .order(routing_runs::id.desc())
        .limit(paging.fetch())
        .into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(routing_runs::id.lt(RoutingRunId(after)));
    }
    let rows: Vec<RunRow> = query.load(conn)?;
    Ok(rows.into_iter().map(RoutingRun::from).collect())
}

/// The ids of a round's runs, the oldest first.
pub(super) fn find_run_ids(conn: &mut Conn, round: RoundId) -> Result<Vec<RoutingRunId>> {
    let runs = routing_runs::table.filter(routing_runs::round_id.eq(round));
    Ok(runs.select(routing_runs::id).order(routing_runs::id).load(conn)?)
}

/// A run in a list, without what it gave, which may be long.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct RunLine {
    pub id: RoutingRunId,
    pub purpose: RunPurpose,
    pub cause: String,
    pub created_at: Timestamp,
}

/// The newest first.
pub(super) fn list_run_lines(conn: &mut Conn, round: RoundId, paging: &Paging) -> Result<Vec<RunLine>> {
    Ok(routing_runs::table
        .filter(routing_runs::round_id.eq(round))
        .select((routing_runs::id, routing_runs::purpose, routing_runs::cause, routing_runs::created_at))
        .order(routing_runs::id.desc())
        .limit(paging.fetch())
        .load(conn)?)
}

/// A run, of whichever round.
pub(super) fn find_run_by_id(conn: &mut Conn, id: RoutingRunId) -> Result<Option<RoutingRun>> {
    let row: Option<RunRow> =
        routing_runs::table.find(id).select(RunRow::as_select()).first(conn).optional()?;
    Ok(row.map(RoutingRun::from))
}

/// One run of a round; without an id the last.
pub(super) fn find_run(
    conn: &mut Conn,
    round: RoundId,
    id: Option<RoutingRunId>,
) -> Result<Option<RoutingRun>> {
    let mut query = routing_runs::table
        .filter(routing_runs::round_id.eq(round))
        .select(RunRow::as_select())
        .order(routing_runs::id.desc())
        .into_boxed();
    if let Some(id) = id {
        query = query.filter(routing_runs::id.eq(id));
    }
    let row: Option<RunRow> = query.first(conn).optional()?;
    Ok(row.map(RoutingRun::from))
}

/// A run's input, by its id.
pub(super) fn find_input(conn: &mut Conn, run: RoutingRunId) -> Result<String> {
    Ok(routing_runs::table.find(run).select(routing_runs::input).first(conn)?)
}
