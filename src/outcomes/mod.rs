//! Outcomes: combining scores, deciding against the budget, closing a round.
//!
//! Invariant: closing is one transaction that leaves outcomes, status, snapshot, audit event and
//! one promised email for each recipient, or nothing.

pub mod api;
pub mod combine;
pub mod decide;
mod decisions;
mod disagreements;
mod exact;
mod ranking;
mod sentences;
mod spending;
