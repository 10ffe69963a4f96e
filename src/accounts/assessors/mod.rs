//! Assessors as routing needs them: the areas they cover, who employs them, and their conflicts
//! of interest.
//!
//! Invariants: every code of an assessor is an area's or a group's; an interest is never changed or
//! taken back, and only a soft one can be overridden, once, with a reason.

pub mod api;
pub mod ops;
pub(in crate::accounts) mod store;
