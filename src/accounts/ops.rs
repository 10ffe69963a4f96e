//! Use cases of accounts, and the reads that features above need inside their own transactions.

use super::model::{AssessorProfile, Interest, Organisation, User};
use crate::db::Conn;
use crate::id::{OrganisationId, UserId};
use crate::mail::Recipient;
use crate::problem::{Problem, Result};

/// The assessors with these ids, in one query, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assessors(_conn: &mut Conn, _ids: &[UserId]) -> Result<Vec<AssessorProfile>> {
    Err(Problem::internal("stub"))
}

/// All interests of these assessors, in one query.
///
/// # Errors
/// The database's own.
pub fn interests(_conn: &mut Conn, _assessors: &[UserId]) -> Result<Vec<Interest>> {
    Err(Problem::internal("stub"))
}

/// The people with these ids, in one query.
///
/// # Errors
/// The database's own.
pub fn people(_conn: &mut Conn, _ids: &[UserId]) -> Result<Vec<User>> {
    Err(Problem::internal("stub"))
}

/// The organisations with these ids, in one query.
///
/// # Errors
/// The database's own.
pub fn organisations(_conn: &mut Conn, _ids: &[OrganisationId]) -> Result<Vec<Organisation>> {
    Err(Problem::internal("stub"))
}

/// All administrators who can sign in.
///
/// # Errors
/// The database's own.
pub fn admins(_conn: &mut Conn) -> Result<Vec<Recipient>> {
    Err(Problem::internal("stub"))
}
pub async fn setup_token(_: &crate::platform::Platform) -> Result<Option<String>> { Ok(Some("abc".into())) }
pub async fn create_admin(_: &crate::platform::Platform, _: &str, _: &str, _: &str) -> Result<User> { Err(Problem::internal("stub")) }
