//! Browsers' sessions: a random secret in a cookie, its hash in the database.
//!
//! A session ends when its person signs out, is disabled or gets another password, when no page was
//! asked for during the configured minutes, and at the latest after the configured hours. What an
//! ended one was is remembered for a while, so that a form that comes too late can be given back
//! to the person who typed it, and to nobody else.
//!
//! Must not know: cookies, pages.

use chrono::Duration;

use super::actor::{Actor, Who};
use super::secrets::{random_secret, sha256};
use super::store::{self, Holder, SessionRow};
use crate::clock::Timestamp;
use crate::config::Accounts;
use crate::db::{Db, Tx};
use crate::id::{SessionId, UserId};
use crate::problem::Problem;

/// How much time passes between two notes that a session is in use, in seconds: reading a page is
/// then a read of the database, too.
const NOTED_EVERY: i64 = 60;

/// How long an ended session's person is remembered.
const REMEMBERED_DAYS: i64 = 7;

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    pub actor: Actor,
    /// The person's name.
    pub name: String,
}

/// What a cookie's secret leads to.
#[derive(Debug, Clone)]
pub enum Found {
    Open(Session),
    /// It was this person's, and is over.
    Ended(UserId),
    Unknown,
}

/// Begins a session; gives the secret for its cookie.
///
/// # Errors
/// The machine has no randomness to give; the database's own.
pub fn start(tx: &mut Tx<'_>, accounts: &Accounts, user: UserId) -> Result<String, Problem> {
    let secret = random_secret("fts_")?;
    let row = SessionRow {
        id: SessionId::fresh(),
        user_id: user,
        token_hash: sha256(&secret),
        created_at: tx.now,
        seen_at: tx.now,
        expires_at: tx.now.plus(Duration::hours(accounts.session_hours)),
        ended_at: None,
    };
    store::insert_session(tx.conn, &row)?;
    Ok(secret)
}

/// The session of a cookie's secret, noted as in use.
///
/// # Errors
/// The database's own.
pub async fn find(
    db: &Db,
    accounts: &Accounts,
    secret: &str,
    request_id: Option<String>,
) -> Result<Found, Problem> {
    let hash = sha256(secret);
    let Some((row, holder)) = db.read(move |conn| store::find_session(conn, &hash)).await? else {
        return Ok(Found::Unknown);
    };
    let now = db.clock().now();
    if !is_open(&row, &holder, accounts, now) {
        return Ok(Found::Ended(row.user_id));
    }
    if row.seen_at.plus(Duration::seconds(NOTED_EVERY)) <= now {
        let id = row.id;
        db.write(move |tx| store::set_session_seen(tx.conn, id, tx.now)).await?;
    }
    Ok(Found::Open(session(&row, holder, request_id)))
}

fn is_open(row: &SessionRow, holder: &Holder, accounts: &Accounts, now: Timestamp) -> bool {
    let idle = Duration::minutes(accounts.session_idle_minutes);
    row.ended_at.is_none()
        && holder.disabled_at.is_none()
        && now < row.expires_at
        && now < row.seen_at.plus(idle)
}

fn session(row: &SessionRow, holder: Holder, request_id: Option<String>) -> Session {
    let actor = Actor {
        who: Who::User(row.user_id),
        role: Some(holder.role),
        organisation: holder.organisation_id,
        request_id,
    };
    Session { id: row.id, user: row.user_id, actor, name: holder.name }
}

/// Ends one session; again, it changes nothing.
///
/// # Errors
/// The database's own.
pub fn end(tx: &mut Tx<'_>, id: SessionId) -> Result<(), Problem> {
    store::end_session(tx.conn, id, tx.now)
}

/// Ends all of a person's sessions.
///
/// # Errors
/// The database's own.
pub fn end_all(tx: &mut Tx<'_>, user: UserId) -> Result<(), Problem> {
    store::end_sessions_of(tx.conn, user, tx.now)
}

/// Forgets sessions that ended a week ago or earlier; gives how many.
///
/// # Errors
/// The database's own.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize, Problem> {
    store::delete_sessions_before(tx.conn, tx.now.plus(-Duration::days(REMEMBERED_DAYS)))
}
