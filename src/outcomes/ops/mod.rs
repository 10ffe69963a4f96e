//! Use cases of outcomes.

mod audience;
mod bid;
mod close;
mod gather;
mod moderate;
mod read;
mod results;
mod rule;
mod suppose;
mod verify;

pub use super::later::ops::{act_later, later_acts, preview_later};
pub(super) use audience::{Addressed, audience};
pub use bid::bid_scores;
pub use close::close;
pub(super) use close::planned;
pub use moderate::{moderate, moderations};
pub use read::{outcome_of, outcomes, own_outcomes, progress, scores};
pub use results::{Results, results};
pub use rule::{read_ruling, revoke, rule, rulings};
pub use suppose::suppose;
pub(super) use verify::closed;
pub use verify::{record, snapshot, snapshot_sha256, verify, verify_named};
