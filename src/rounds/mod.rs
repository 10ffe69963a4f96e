//! Funds, and the life of a round: `draft → open → assessing → closed`, and `cancelled` from any
//! but `closed`.
//!
//! Invariants: a round's rules never change once it has been open; each step is one use case, one
//! transaction, one audit event; the deadline is judged by [`model::Round::accepting`] inside the
//! transaction that submits.
//!
//! Extending and cancelling tell the bidders, so those two use cases stand with the bids, in
//! `bids::ops`; what they do to the round is here.
//!
//! Must not know: bids, routing, scores. It asks two things of bids: whether an organisation has one
//! in a round, because that lets it see the round; and how many a round has, for the list of rounds.

pub mod api;
pub mod criteria;
mod draws;
pub mod input;
pub mod model;
pub mod ops;
pub mod pages;
pub mod rules;
mod store;
mod table;
pub mod themes;
