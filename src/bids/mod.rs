//! Bids: drafts, submissions that are kept for ever, and the deadline.
//!
//! Invariants: no bid is submitted but inside the transaction that read its round as accepting;
//! every submitted version is kept and never changed; a submitted bid passed every rule at once.
//!
//! Must not know: assessors, scores.

pub mod api;
pub mod model;
pub mod ops;
