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

pub(super) fn find(conn: &mut Conn, actor: &str, key: &str) -> Result<Option<Row>> {
    Ok(idempotency_keys::table.find((actor, key)).select(Row::as_select()).first(conn).optional()?)
}

/// Keeps a key with its answer; `false` where it is taken.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    actor: &str,
    key: &str,
    request_hash: &str,
    answer: Value,
) -> Result<bool> {
    let row = Row {
        actor: actor.to_owned(),
        key: key.to_owned(),
        request_hash: request_hash.to_owned(),
        answer: Json(answer),
        created_at: tx.now,
    };
    let kept = on_each!(&mut *tx.conn, conn => diesel::insert_into(idempotency_keys::table)
        .values(&row)
        .on_conflict_do_nothing()
        .execute(conn))?;
    Ok(kept == 1)
}

pub(super) fn delete_before(conn: &mut Conn, instant: Timestamp) -> Result<usize> {
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(instant)))
        .execute(conn)?)
}
