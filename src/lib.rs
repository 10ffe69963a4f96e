//! Fasttrack: bids in over an API, routed to assessors by area, scored, combined, decided against
//! a budget, and every bidder told when the round is closed.
//!
//! Read it in this order:
//!
//! 1. [`rounds`]: the life of a round and the rules it announces
//! 2. [`bids`]: what providers send, and the deadline
//! 3. [`routing`]: who assesses what, and why
//! 4. [`assessments`]: scores and the words for them, blind
//! 5. [`outcomes`]: combining, deciding, closing
//! 6. [`reports`]: the panel's paper, the score sheet, the awards for publication
//! 7. [`mail`]: the outbox, and what people read
//! 8. [`oversight`]: every email and every act, for those who watch over them
//!
//! Beneath them: [`db`], [`audit`], [`auth`], [`problem`], [`rest`], [`clock`], [`id`], [`money`].
//! Around them: [`app`], [`web`], [`config`], [`telemetry`], [`scheduler`], [`demo`].
//!
//! Every feature has files of the same names: `model` (types and pure rules), `store` (all SQL),
//! `ops` (one public function is one use case, one transaction, one audit event), `api` (JSON)
//! and `pages` (HTML). `docs/architecture.md` draws the map.

pub mod accounts;
pub mod app;
pub mod areas;
pub mod assessments;
pub mod audit;
pub mod auth;
pub mod bids;
pub mod canonical;
pub mod clock;
pub mod config;
pub mod db;
pub mod demo;
pub mod id;
pub mod mail;
pub mod money;
pub mod once;
pub mod outcomes;
pub mod oversight;
pub mod platform;
pub mod problem;
pub mod reports;
pub mod rest;
pub mod rounds;
pub mod routing;
pub mod scheduler;
pub mod telemetry;
pub mod web;
