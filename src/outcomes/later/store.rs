//! The rows of acts after closing.

use diesel::prelude::*;

use super::model::{LaterAct, NewLaterAct, Stands};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::later_acts;
use crate::db::types::Json;
use crate::id::{BidId, LaterActId, RoundId, UserId};
use crate::problem::{Problem, Result};

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = later_acts)]
struct LaterActRow {
    id: LaterActId,
    round_id: RoundId,
    number: i32,
    bid_id: BidId,
    reference: String,
    act: Json<NewLaterAct>,
    was: Json<Stands>,
    now: Json<Stands>,
    acted_by: UserId,
    acted_at: Timestamp,
}

impl TryFrom<LaterActRow> for LaterAct {
    type Error = Problem;

    fn try_from(row: LaterActRow) -> Result<Self> {
        Ok(Self {
            id: row.id,
            round_id: row.round_id,
            number: u32::try_from(row.number).map_err(Problem::internal)?,
            reference: row.reference,
            act: row.act.0,
            was: row.was.0,
            now: row.now.0,
            acted_by: row.acted_by,
            acted_at: row.acted_at,
        })
    }
}

pub(super) fn insert(conn: &mut Conn, act: &LaterAct) -> Result<()> {
    let row = LaterActRow {
        id: act.id,
        round_id: act.round_id,
        number: i32::try_from(act.number).map_err(Problem::internal)?,
        bid_id: act.act.bid(),
        reference: act.reference.clone(),
        act: Json(act.act.clone()),
        was: Json(act.was.clone()),
        now: Json(act.now.clone()),
        acted_by: act.acted_by,
        acted_at: act.acted_at,
    };
    diesel::insert_into(later_acts::table).values(row).execute(conn)?;
    Ok(())
}

/// In the order in which they were made.
pub(super) fn list(conn: &mut Conn, round: RoundId) -> Result<Vec<LaterAct>> {
    let rows: Vec<LaterActRow> = later_acts::table
        .filter(later_acts::round_id.eq(round))
        .order(later_acts::number)
        .select(LaterActRow::as_select())
        .load(conn)?;
    rows.into_iter().map(LaterAct::try_from).collect()
}
