//! Use cases of assessments, and the reads that features above need inside their own transactions.

mod read;
mod remind;
mod write;

use super::model::Assessment;
use super::store;
use crate::db::{BATCH, Conn};
use crate::id::{BidId, RoundId};
use crate::problem::Result;

pub use read::{list_of_bid, own_progress, view};
pub use remind::remind_due;
pub use write::{PartSaved, Saved, reopen, save, save_part, submit};

/// Shows every submitted assessment of a round, in the order of their ids, one at a time and a batch at a
/// query: those of a large round, whole, would fill the memory.
///
/// # Errors
/// The database's own.
pub fn each_submitted(conn: &mut Conn, round: RoundId, mut see: impl FnMut(Assessment)) -> Result<()> {
    let mut after = None;
    loop {
        let page = store::page_of_submitted(conn, round, after)?;
        let is_last = page.len() < BATCH;
        after = page.last().map(|assessment| assessment.id);
        page.into_iter().for_each(&mut see);
        if is_last {
            return Ok(());
        }
    }
}

/// Every assessment of a bid, drafts too.
///
/// # Errors
/// The database's own.
pub fn assessments_of(conn: &mut Conn, bid: BidId) -> Result<Vec<Assessment>> {
    store::find_of_bid(conn, bid)
}
