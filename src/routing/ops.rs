//! Use cases of routing, and what features above need inside their own transactions.

use super::model::{Assignment, AssignmentStatus};
use crate::db::{Conn, Tx};
use crate::id::{AssignmentId, BidId, RoundId};
use crate::problem::{Problem, Result};

/// The assignment, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(_conn: &mut Conn, _id: AssignmentId) -> Result<Assignment> {
    Err(Problem::internal("stub"))
}

/// Every assignment of a round, those that no longer stand too, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assignments_in(_conn: &mut Conn, _round: RoundId) -> Result<Vec<Assignment>> {
    Err(Problem::internal("stub"))
}

/// Every assignment of a bid, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assignments_of(_conn: &mut Conn, _bid: BidId) -> Result<Vec<Assignment>> {
    Err(Problem::internal("stub"))
}

/// Moves an assignment one step, by compare-and-set on its version.
///
/// # Errors
/// `wrong-state`: the step does not lead on from its state, or somebody was first.
pub fn step(_tx: &mut Tx<'_>, _assignment: &Assignment, _to: AssignmentStatus) -> Result<Assignment> {
    Err(Problem::internal("stub"))
}
