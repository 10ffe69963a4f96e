//! Use cases of funds and rounds, and the steps that features above take inside their own transactions.

use super::model::{Fund, PoolMember, Round, RoundStatus};
use crate::db::{Conn, Tx};
use crate::id::{FundId, RoundId};
use crate::problem::{Problem, Result};

/// The round, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(_conn: &mut Conn, _id: RoundId) -> Result<Round> {
    Err(Problem::internal("stub"))
}

/// The fund.
///
/// # Errors
/// `not-found`.
pub fn load_fund(_conn: &mut Conn, _id: FundId) -> Result<Fund> {
    Err(Problem::internal("stub"))
}

/// The round's assessors, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn pool(_conn: &mut Conn, _id: RoundId) -> Result<Vec<PoolMember>> {
    Err(Problem::internal("stub"))
}

/// Moves a round one step on, by compare-and-set: its version must still be the one in `round`.
/// Sets the step's time to the transaction's. Writes no audit event: that is the use case's.
///
/// # Errors
/// `wrong-state`: the step is not one that leads on from the round's state, or somebody was first.
pub fn advance(_tx: &mut Tx<'_>, _round: &Round, _to: RoundStatus) -> Result<Round> {
    Err(Problem::internal("stub"))
}

/// Open rounds whose deadline has passed at `now`.
///
/// # Errors
/// The database's own.
pub fn past_deadline(_conn: &mut Conn, _now: crate::clock::Timestamp) -> Result<Vec<Round>> {
    Err(Problem::internal("stub"))
}
