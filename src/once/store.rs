//! The rows of kept keys.

use diesel::prelude::*;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::db::schema::idempotency_keys;
use crate::db::types::Json;
use crate::db::{Conn, Tx, on_each};
use crate::problem::Result;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency_keys)]
pub(super) struct Row {
    actor: String,
    key: String,
    pub request_hash: String,
    pub answer: Json<Value>,
    created_at: Timestamp,
}

pub(super) fn find(conn: &mut Conn, actor: &str, key: &str) -> Result<Row> {
    Ok(idempotency_keys::table.find((actor, key)).select(Row::as_select()).first(conn)?)
}

/// Takes a key, whose answer comes later in the same transaction; `false` where it is taken.
pub(super) fn take(tx: &mut Tx<'_>, actor: &str, key: &str, request_hash: &str) -> Result<bool> {
    let row = Row {
        actor: actor.to_owned(),
        key: key.to_owned(),
        request_hash: request_hash.to_owned(),
        answer: Json(Value::Null),
        created_at: tx.now,
    };
    let taken = on_each!(&mut *tx.conn, conn => diesel::insert_into(idempotency_keys::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(taken == 1)
}

pub(super) fn set_answer(conn: &mut Conn, actor: &str, key: &str, answer: Value) -> Result<()> {
    diesel::update(idempotency_keys::table.find((actor, key)))
        .set(idempotency_keys::answer.eq(Json(answer)))
        .execute(conn)?;
    Ok(())
}

pub(super) fn delete_before(conn: &mut Conn, instant: Timestamp) -> Result<usize> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(instant)))
        .execute(conn)?)
}
