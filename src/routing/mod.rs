//! Routing: who assesses what, exactly, and why.
//!
//! Invariants: no hard conflict, nobody over capacity, nobody twice on one bid; what was submitted is never taken away, what
//! was accepted only by that person's own act, a conflict, a drop-out or the end of the bid; during assessment every change
//! on which the routing hangs repairs it, in its own transaction; every run is kept with its input, its input's hash and
//! its result.
//!
//! How a run goes: [`instance`] turns what the service knows, [`facts`], into a plan, [`solver`] solves it,
//! [`difference`] compares it with what stands and says why, [`shortages`] says why places stay
//! empty, [`bridging`] what it took to connect the assessors, [`ops`] writes it. [`rivals`] says
//! afterwards why it was not somebody else.
//!
//! Must not know: scores.

pub mod api;
pub mod bridging;
pub mod difference;
pub mod facts;
mod fit;
pub mod instance;
pub mod kept;
pub mod model;
pub mod ops;
pub mod pages;
pub mod rivals;
pub mod shortages;
pub mod solver;
mod special;
mod store;
mod words;
