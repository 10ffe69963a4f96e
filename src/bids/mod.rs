//! Bids: drafts, submissions that are kept for ever, and the deadline.
//!
//! `draft → submitted ⇄ withdrawn`, all of it only while the round takes bids. A submitted or
//! withdrawn bid may be revised: what was submitted stands until it is submitted again.
//!
//! Invariants: no bid is submitted but inside the transaction that read its round as accepting;
//! every submitted version is kept and never changed; a submitted bid passed every rule at once.
//!
//! Must not know: assessors, scores.

pub mod api;
pub mod changes;
pub mod model;
pub mod ops;
pub mod pages;
mod reference;
pub mod rules;
pub mod sections;
mod store;
