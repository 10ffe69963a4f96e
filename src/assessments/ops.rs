//! Use cases of assessments, and the reads that features above need inside their own transactions.

use super::model::Assessment;
use crate::db::Conn;
use crate::id::{BidId, RoundId};
use crate::problem::{Problem, Result};

/// Every assessment of a round, drafts too, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assessments_in(_conn: &mut Conn, _round: RoundId) -> Result<Vec<Assessment>> {
    Err(Problem::internal("stub"))
}

/// Every assessment of a bid, drafts too.
///
/// # Errors
/// The database's own.
pub fn assessments_of(_conn: &mut Conn, _bid: BidId) -> Result<Vec<Assessment>> {
    Err(Problem::internal("stub"))
}
