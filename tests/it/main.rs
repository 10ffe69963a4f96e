//! The service's tests, from outside: over HTTP, on SQLite, and on PostgreSQL where
//! `TEST_DATABASE_URL` names a server on which databases can be made.

mod architecture;
mod combining;
mod deciding;
mod demo;
mod email;
mod health;
mod migrations;
mod openapi;
mod smtp;
mod solver;
mod startup;
mod support;
mod tokens;
