//! Use cases of assessments, and the reads that features above need inside their own transactions.

mod read;
mod remind;
mod write;

use super::model::Assessment;
use super::store;
use crate::db::Conn;
use crate::id::{BidId, RoundId};
use crate::problem::Result;

pub use read::{list_of_bid, own_progress, view};
pub use remind::remind_due;
pub use write::{PartSaved, Saved, reopen, save, save_part, submit};

/// Every assessment of a round, drafts too, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assessments_in(conn: &mut Conn, round: RoundId) -> Result<Vec<Assessment>> {
    store::find_in_round(conn, round)
}

/// Every assessment of a bid, drafts too.
///
/// # Errors
/// The database's own.
pub fn assessments_of(conn: &mut Conn, bid: BidId) -> Result<Vec<Assessment>> {
    store::find_of_bid(conn, bid)
}
