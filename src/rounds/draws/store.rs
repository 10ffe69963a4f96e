//! The rows of seeds.

use diesel::prelude::*;

use crate::db::schema::draws;
use crate::db::{Conn, Tx};
use crate::id::RoundId;
use crate::problem::Result;

pub(super) fn insert(tx: &mut Tx<'_>, round: RoundId, seed: &str) -> Result<()> {
    diesel::insert_into(draws::table)
        .values((draws::round_id.eq(round), draws::seed.eq(seed), draws::committed_at.eq(tx.now)))
        .execute(tx.conn)?;
    Ok(())
}

pub(super) fn find(conn: &mut Conn, round: RoundId) -> Result<Option<String>> {
    Ok(draws::table.find(round).select(draws::seed).first(conn).optional()?)
}
