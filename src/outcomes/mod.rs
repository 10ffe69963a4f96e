//! Outcomes: combining scores, deciding against the budget, closing a round.
//!
//! While a round is assessed, an administrator may *moderate* a criterion or sub-criterion of a bid (a
//! score that stands in for the assessors', whose own stay) and make *rulings* (leave a bid out, accept it
//! short or disagreed, override its outcome, order a tie), each with a reason, each revocable until
//! the round is closed.
//!
//! Everything that deciding depends on is gathered into one value, [`inputs::Inputs`], and one pure
//! function, [`evaluate::evaluate`], serves the scores, the preview, closing and verifying. So what
//! was previewed is what is written, and what was written can be worked out again.
//!
//! Invariants:
//! - Closing is one transaction that leaves outcomes, status, snapshot, audit event and one promised
//!   email for each recipient, or nothing. It happens once.
//! - The snapshot holds every input and no person's name or address.
//! - A bidder sees nothing before closing, and after it nothing of another bid or of an assessor.

pub mod adjust;
mod agreement;
pub mod api;
pub mod calendar;
pub mod calibrate;
pub mod combine;
mod criterion;
pub mod decide;
mod decisions;
mod disagreements;
pub mod draw;
pub mod evaluate;
mod exact;
pub mod inputs;
pub mod later;
mod letters;
pub mod model;
pub mod ops;
pub mod pages;
mod parts;
mod passing;
mod ranking;
pub mod record;
pub mod seal;
mod sentences;
mod spending;
mod store;
pub mod what_if;
