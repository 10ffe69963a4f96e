//! The rows of rounds' pools of assessors.

use diesel::prelude::*;

use crate::db::schema::{round_assessors, rounds};
use crate::db::{BATCH, Conn, on_each};
use crate::id::{RoundId, UserId};
use crate::problem::Result;
use crate::rounds::model::{PoolMember, RoundStatus};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = round_assessors, treat_none_as_default_value = false)]
struct PoolRow {
    round_id: RoundId,
    assessor_id: UserId,
    capacity: i32,
    minimum: i32,
}

pub(in crate::rounds) fn list_pool(conn: &mut Conn, round: RoundId) -> Result<Vec<PoolMember>> {
    let rows: Vec<PoolRow> = round_assessors::table
        .filter(round_assessors::round_id.eq(round))
        .order(round_assessors::assessor_id)
        .select(PoolRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(PoolMember::from).collect())
}

pub(in crate::rounds) fn is_in_pool(conn: &mut Conn, round: RoundId, assessor: UserId) -> Result<bool> {
    let found: Option<UserId> = round_assessors::table
        .find((round, assessor))
        .select(round_assessors::assessor_id)
        .first(conn)
        .optional()?;
    Ok(found.is_some())
}

/// Rounds under assessment whose pool an assessor is in, in the order of their ids.
pub(in crate::rounds) fn list_assessing_with(conn: &mut Conn, assessor: UserId) -> Result<Vec<RoundId>> {
    Ok(round_assessors::table
        .inner_join(rounds::table.on(rounds::id.eq(round_assessors::round_id)))
        .filter(round_assessors::assessor_id.eq(assessor))
        .filter(rounds::status.eq(RoundStatus::Assessing))
        .select(rounds::id)
        .order(rounds::id)
        .load(conn)?)
}

pub(in crate::rounds) fn set_pool(conn: &mut Conn, round: RoundId, pool: &[PoolMember]) -> Result<()> {
    diesel::delete(round_assessors::table.filter(round_assessors::round_id.eq(round))).execute(conn)?;
    let rows: Vec<PoolRow> = pool.iter().map(|member| PoolRow::new(round, member)).collect();
    for batch in rows.chunks(BATCH) {
        on_each!(&mut *conn, conn => diesel::insert_into(round_assessors::table).values(batch).execute(conn))?;
    }
    Ok(())
}

impl PoolRow {
    /// Capacities are checked long before: a number that does not fit would be refused by the table.
    fn new(round_id: RoundId, member: &PoolMember) -> Self {
        Self {
            round_id,
            assessor_id: member.assessor_id,
            capacity: i32::try_from(member.capacity).unwrap_or(i32::MAX),
            minimum: i32::try_from(member.minimum).unwrap_or(i32::MAX),
        }
    }
}

impl From<PoolRow> for PoolMember {
    fn from(row: PoolRow) -> Self {
        Self {
            assessor_id: row.assessor_id,
            capacity: u32::try_from(row.capacity).unwrap_or(0),
            minimum: u32::try_from(row.minimum).unwrap_or(0),
        }
    }
}
