//! Places: a tree of areas with their ONS GSS codes, and named groups of them.
//!
//! Invariant: an area's parent exists, and no area is above itself.
//!
//! Must not know: funds, rounds, bids, people.

pub mod api;
pub mod model;
pub mod ops;
pub mod pages;
mod store;
