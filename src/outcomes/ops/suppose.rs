//! Supposing other rules than those announced: read, decided on a copy, and forgotten.

use super::super::what_if::{SupposeError, Supposition, WhatIf, what_if};
use super::read::evaluated;
use crate::areas;
use crate::auth::Reader;
use crate::db::Conn;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;

/// What a round's outcomes would be under other rules. Nothing is written; of a closed round it is
/// worked out from its snapshot.
///
/// # Errors
/// `not-found`; `wrong-state` before assessment starts and of a cancelled round; `invalid` where no
/// round could open with the supposed rules.
pub async fn suppose(
    on: &Platform,
    _reader: &Reader,
    round: RoundId,
    supposition: Supposition,
) -> Result<WhatIf> {
    on.db.read(move |conn| suppose_in(conn, round, &supposition)).await
}

fn suppose_in(conn: &mut Conn, round: RoundId, supposition: &Supposition) -> Result<WhatIf> {
    let round = rounds::ops::load(conn, round)?;
    let Some((inputs, _)) = evaluated(conn, &round)? else {
        return Err(Problem::wrong_state(format!(
            "{} is {}; there are no outcomes yet to compare with.",
            round.name, round.status
        )));
    };
    let tree = areas::ops::tree(conn)?;
    what_if(&inputs, supposition, |code| tree.name(code).to_owned()).map_err(|error| match error {
        SupposeError::Rules(faults) => {
            Problem::invalid("Nothing was supposed: no round could open with such rules.", faults)
        }
        SupposeError::Evaluate(error) => Problem::internal(error),
    })
}
