//! Use cases of outcomes.

mod close;
mod gather;
mod moderate;
mod read;
mod record;
mod rule;
mod verify;

pub use close::close;
pub use moderate::{moderate, moderations};
pub use read::{outcome_of, outcomes, progress, scores};
pub use record::{Record, record};
pub use rule::{revoke, rule, rulings};
pub use verify::{snapshot, verify};
