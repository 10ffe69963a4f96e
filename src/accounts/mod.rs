//! People, organisations and their systems: who may sign in, as what, and for whom.
//!
//! Must not know: rounds, bids.

pub mod api;
pub mod model;
pub mod ops;
