//! Reports of a round: the score sheet, the panel's paper, the awards for publication.
//!
//! All are made of the round's results (`outcomes::ops::results`): as they stand while the round is
//! assessed, as they were frozen once it is closed. So a report says what the decision was made of.
//!
//! Invariants:
//! - A report decides nothing and computes no score: what it shows, evaluating gave.
//! - Only administrators and auditors read reports; the awards alone hold nothing but what may be
//!   published.
//! - A report takes a fixed number of queries, however many bids there are.

pub mod api;
mod awards;
mod files;
mod names;
mod ops;
pub mod pages;
mod panel_paper;
mod score_sheet;
mod sheet;
mod standing;
