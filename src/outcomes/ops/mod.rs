//! Use cases of outcomes.

mod audience;
mod close;
mod gather;
mod moderate;
mod read;
mod results;
mod rule;
mod suppose;
mod verify;

pub(super) use audience::{Addressed, audience};
pub use close::close;
pub use moderate::{moderate, moderations};
pub use read::{outcome_of, outcomes, own_outcomes, progress, scores};
pub use results::{Results, results};
pub use rule::{revoke, rule, rulings};
pub use suppose::suppose;
pub(super) use verify::closed;
pub use verify::{record, snapshot, verify, verify_named};
