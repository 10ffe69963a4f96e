//! The service's tests, from outside: over HTTP, on SQLite, and on PostgreSQL where
//! `TEST_DATABASE_URL` names a server on which databases can be made.

mod accounts;
mod areas;
mod bids;
mod assessments;
mod closing;
mod combining;
mod deadline;
mod deciding;
mod demo;
mod email;
mod rounds;
mod scheduler;
mod routing;
mod scene;
mod outcomes;
mod scenario;
mod smtp;
mod solver;
mod support;
