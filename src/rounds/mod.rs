//! Funds, and the life of a round: `draft → open → assessing → closed`, and `cancelled` from any
//! but `closed`.
//!
//! Invariants: a round's rules never change once it has been open; each step is one use case, one
//! transaction, one audit event; the deadline is judged by [`model::Round::accepting`] inside the
//! transaction that submits.
//!
//! Must not know: bids, routing, scores.

pub mod api;
pub mod model;
pub mod ops;
pub mod rules;
