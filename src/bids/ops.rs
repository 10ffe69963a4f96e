//! Use cases of bids, and the reads that features above need inside their own transactions.

use super::model::{Bid, ReceivedBid};
use crate::db::Conn;
use crate::id::{BidId, RoundId};
use crate::problem::{Problem, Result};

/// The bid, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(_conn: &mut Conn, _id: BidId) -> Result<Bid> {
    Err(Problem::internal("stub"))
}

/// Every bid that was submitted to the round, withdrawn ones too, in the order of their ids, with
/// the version that stands: one query.
///
/// # Errors
/// The database's own.
pub fn received_in(_conn: &mut Conn, _round: RoundId) -> Result<Vec<ReceivedBid>> {
    Err(Problem::internal("stub"))
}

/// One bid as it was received.
///
/// # Errors
/// `not-found`: there is none, or it was never submitted.
pub fn received(_conn: &mut Conn, _id: BidId) -> Result<ReceivedBid> {
    Err(Problem::internal("stub"))
}
