//! Assessments: scores, the words for them, and who may see them when.
//!
//! Invariants: nobody sees another assessor's scores, nor a number computed from them, before
//! their own assessment of that bid is submitted; what was submitted is kept for ever.
//!
//! Must not know: how scores are combined.

pub mod api;
pub mod model;
pub mod ops;
pub mod pages;
pub mod parts;
mod store;
