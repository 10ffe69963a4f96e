//! Pages about rounds.
//!
//! [`frame`] is what stands above each page that is about one round, whichever feature the page is of.

pub mod frame;
