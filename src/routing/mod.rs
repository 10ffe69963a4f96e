//! Routing: who assesses what, exactly, and why.
//!
//! Invariants: no hard conflict, nobody over capacity, nobody twice on one bid, and nothing that
//! was accepted or submitted is taken away, but by that person's own act; every run is kept with
//! its input, its input's hash and its result.
//!
//! How a run goes: [`instance`] turns what the service knows into a plan, [`solver`] solves it,
//! `difference` compares it with what stands and says why, [`ops`] writes it.
//!
//! Must not know: scores.

pub mod api;
mod difference;
pub mod instance;
pub mod kept;
pub mod model;
pub mod ops;
pub mod solver;
mod special;
mod store;
