//! The rows of assessments and of their submitted versions.

use diesel::prelude::*;

use super::model::{Assessment, AssessmentContent, AssessmentStatus};
use crate::clock::Timestamp;
use crate::db::schema::{assessment_versions, assessments};
use crate::db::types::Json;
use crate::db::{BATCH, Conn, Tx};
use crate::id::{AssessmentId, AssignmentId, BidId, RoundId, UserId};
use crate::problem::{Kind, Problem, Result};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = assessments, treat_none_as_default_value = false)]
struct Row {
    id: AssessmentId,
    assignment_id: AssignmentId,
    round_id: RoundId,
    bid_id: BidId,
    assessor_id: UserId,
    status: AssessmentStatus,
    content: Json<AssessmentContent>,
    created_at: Timestamp,
    updated_at: Timestamp,
    submitted_at: Option<Timestamp>,
    submitted_number: Option<i32>,
    version: i32,
}

impl From<Row> for Assessment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            assignment_id: row.assignment_id,
            round_id: row.round_id,
            bid_id: row.bid_id,
            assessor_id: row.assessor_id,
            status: row.status,
            content: row.content.0,
            created_at: row.created_at,
            updated_at: row.updated_at,
            submitted_at: row.submitted_at,
            submitted_number: row.submitted_number.and_then(|number| u32::try_from(number).ok()),
            version: row.version,
        }
    }
}

fn stored_number(number: Option<u32>) -> Result<Option<i32>> {
    number.map(i32::try_from).transpose().map_err(Problem::internal)
}

pub(super) fn find_of_assignment(conn: &mut Conn, assignment: AssignmentId) -> Result<Option<Assessment>> {
    let query = assessments::table.filter(assessments::assignment_id.eq(assignment));
    let row: Option<Row> = query.select(Row::as_select()).first(conn).optional()?;
    Ok(row.map(Assessment::from))
}

/// The submitted ones of a round after this one, as many as there are in a batch.
pub(super) fn page_of_submitted(
    conn: &mut Conn,
    round: RoundId,
    after: Option<AssessmentId>,
) -> Result<Vec<Assessment>> {
    let mut query = assessments::table
        .filter(assessments::round_id.eq(round))
        .filter(assessments::status.eq(AssessmentStatus::Submitted))
        .order(assessments::id)
        .limit(i64::try_from(BATCH).map_err(Problem::internal)?)
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(assessments::id.gt(after));
    }
    let rows: Vec<Row> = query.load(conn)?;
    Ok(rows.into_iter().map(Assessment::from).collect())
}

pub(super) fn find_of_bid(conn: &mut Conn, bid: BidId) -> Result<Vec<Assessment>> {
    let query = assessments::table.filter(assessments::bid_id.eq(bid)).order(assessments::id);
    let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Assessment::from).collect())
}

pub(super) fn find_of_assessor(conn: &mut Conn, assessor: UserId) -> Result<Vec<Assessment>> {
    let query = assessments::table.filter(assessments::assessor_id.eq(assessor)).order(assessments::id);
    let rows: Vec<Row> = query.select(Row::as_select()).load(conn)?;
    Ok(rows.into_iter().map(Assessment::from).collect())
}

pub(super) fn insert(tx: &mut Tx<'_>, new: &Assessment) -> Result<()> {
    let row = Row {
        id: new.id,
        assignment_id: new.assignment_id,
        round_id: new.round_id,
        bid_id: new.bid_id,
        assessor_id: new.assessor_id,
        status: new.status,
        content: Json(new.content.clone()),
        created_at: new.created_at,
        updated_at: new.updated_at,
        submitted_at: new.submitted_at,
        submitted_number: stored_number(new.submitted_number)?,
        version: new.version,
    };
    diesel::insert_into(assessments::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes an assessment where its version is still `read`.
pub(super) fn set(tx: &mut Tx<'_>, new: &Assessment, read: i32) -> Result<()> {
    let rows = assessments::table.filter(assessments::id.eq(new.id)).filter(assessments::version.eq(read));
    let touched = diesel::update(rows)
        .set((
            assessments::status.eq(new.status),
            assessments::content.eq(Json(new.content.clone())),
            assessments::updated_at.eq(new.updated_at),
            assessments::submitted_at.eq(new.submitted_at),
            assessments::submitted_number.eq(stored_number(new.submitted_number)?),
            assessments::version.eq(new.version),
        ))
        .execute(tx.conn)?;
    match touched {
        1 => Ok(()),
        _ => Err(Problem::new(Kind::Stale, "Somebody changed it at the same moment. Read it again.")),
    }
}

/// Keeps what was submitted, for ever.
pub(super) fn insert_version(tx: &mut Tx<'_>, submitted: &Assessment, number: u32) -> Result<()> {
    diesel::insert_into(assessment_versions::table)
        .values((
            assessment_versions::assessment_id.eq(submitted.id),
            assessment_versions::number.eq(i32::try_from(number).map_err(Problem::internal)?),
            assessment_versions::content.eq(Json(submitted.content.clone())),
            assessment_versions::submitted_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}
