//! What administrators and auditors watch over: every email and every act, with the names of whom and what
//! they are about.
//!
//! The emails and the events are of `mail` and `audit`, which know no feature; here stands what they mean.
//!
//! Must not know: how anything is decided. Everything here is read, but for sending an email again, which is `mail`'s.

pub mod ops;
pub mod pages;
pub mod words;
