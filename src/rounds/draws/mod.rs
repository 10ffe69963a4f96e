//! The seed of a round's draw between equals: drawn and committed to at opening, kept apart from the
//! round until it is closed, published then.
//!
//! Must not know: what is drawn with it.

mod store;

use super::model::Round;
use crate::auth::secrets::{random_secret, sha256};
use crate::db::{Conn, Tx};
use crate::id::RoundId;
use crate::problem::Result;

/// Draws and keeps the seed where the rules ask for one; gives the round with its commitment.
pub(super) fn commit(tx: &mut Tx<'_>, round: &Round) -> Result<Round> {
    if !round.rules.draws() {
        return Ok(round.clone());
    }
    let seed = random_secret("")?;
    store::insert(tx, round.id, &seed)?;
    Ok(Round { draw_sha256: Some(sha256(&seed)), ..round.clone() })
}

/// The seed, which nothing but the deciding of the round may read before it is closed.
///
/// # Errors
/// The database's own.
pub fn draw_seed(conn: &mut Conn, round: RoundId) -> Result<Option<String>> {
    store::find(conn, round)
}
