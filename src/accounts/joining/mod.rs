//! How people come in: the first administrator by the set-up link, providers by registering
//! themselves, everybody else by invitation; and how a password is chosen or chosen again.
//!
//! Links are random, stored hashed, work once and for a time. Reading a link's page uses nothing up.
//!
//! What a stranger can learn is little: registering an address that is here, or resetting the
//! password of one that is not, answers as any other; the email says the rest. That an organisation
//! is registered is told, since its number and name are public and its staff must know whom to ask.

pub mod api;
pub mod ops;
mod store;
