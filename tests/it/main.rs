//! The service's tests, from outside: over HTTP, on SQLite, and on PostgreSQL where
//! `TEST_DATABASE_URL` names a server on which databases can be made.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod accounts;
mod admin_pages;
mod architecture;
mod areas;
mod assessing;
mod assessments;
mod bid_pages;
mod bids;
mod browser;
mod calibration;
mod chromium;
mod closing;
mod combining;
mod deadline;
mod deciding;
mod demo;
mod draws;
mod email;
mod explained;
mod faults;
mod health;
mod later;
mod ledger;
mod migrations;
mod never_again;
mod office_chromium;
mod openapi;
mod outcomes;
mod pages;
mod panel_chromium;
mod panel_pages;
mod people_pages;
mod provider_chromium;
mod provider_pages;
mod record;
mod repairs;
mod reports;
mod rounds;
mod routing;
mod routing_chromium;
mod routing_explained;
mod routing_pages;
mod scenario;
mod scene;
mod scheduler;
mod sessions;
mod smtp;
mod solver;
mod startup;
mod support;
mod themes;
mod tokens;
mod what_if;
mod whole_chromium;
