//! Signing in: OAuth 2.0 tokens for people and systems, sessions for browsers ([`crate::auth::sessions`]).
//!
//! An access token lives fifteen minutes and is not looked up. A refresh token is random, stored
//! hashed, and works once: each use gives the next of its *family*. One that is used again has been
//! copied, so the whole family is revoked, and the thief's copy with it.
//!
//! Wrong passwords are counted for each address, whether or not it is known here; past the
//! configured number the address waits, right password or not.
//!
//! Invariant: the answer and its time are the same for an unknown address and a wrong password.

pub mod api;
pub mod ops;
pub(in crate::accounts) mod store;
