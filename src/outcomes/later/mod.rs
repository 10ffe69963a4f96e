//! After closing: awards that a bidder declines or withdraws, promotion from the reserve list, and
//! corrections.
//!
//! The record of the closing is never edited. Each act is a row of its own, with its reason, its
//! audit event and its email, in the order in which they were made; what stands for a bid is the
//! closing's outcome with the acts played over it, in order. `verify` plays them again.
//!
//! Invariants: money awarded stays within each pot and the budget after every act; the reserve list
//! is promoted in its order, by the rule that the round announced for a bid that does not fit.

pub mod api;
pub mod ledger;
pub mod model;
pub mod ops;
mod store;
