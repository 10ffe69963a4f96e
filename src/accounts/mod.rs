//! People, organisations and their systems: who may sign in, as what, and for whom.
//!
//! A person is *invited* (no password yet), or *registers* with a new organisation (a password,
//! but no proof of the address); is *confirmed* by answering a one-time link; and may be
//! *disabled*, which ends every sign-in at its next refresh. Only confirmed people who are not
//! disabled can sign in.
//!
//! Invariants: one address, one person; one registered number, one organisation; a stranger never
//! joins an organisation that has a confirmed member; what is stored of a secret is its hash.
//!
//! In parts: [`joining`] (registering, inviting, links, passwords), [`sign_in`] (tokens),
//! [`assessors`] (areas and interests), and here people, organisations and API clients.
//!
//! Must not know: rounds, bids.

pub mod api;
pub mod assessors;
pub mod inputs;
pub mod joining;
pub mod model;
pub mod ops;
pub mod pages;
pub mod sign_in;
mod store;
