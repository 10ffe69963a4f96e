//! What the service shows beside its API: health, metrics, and the pages that explain the API.
//!
//! Must not know: any feature.

pub mod docs;
pub mod health;
pub mod metrics;
pub mod page;
pub mod problems;
