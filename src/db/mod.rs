//! Storage: one pool, two databases, two verbs.
//!
//! [`Db::read`] is a snapshot. [`Db::write`] is the one kind of transaction that changes anything:
//! `BEGIN IMMEDIATE` on SQLite, `SERIALIZABLE` on PostgreSQL, run again a bounded number of times
//! when the database says that it lost a race. Its closure may therefore run more than once and
//! does nothing that cannot be taken back: no sending, no files, no clock but the transaction's.
//!
//! Invariant: whatever a `write` closure returned `Ok` for is on disk; after an `Err` nothing is.
//!
//! Must not know: any feature, HTTP.

pub mod migrations;
mod pool;
pub mod schema;
pub mod types;

use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{MultiConnection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, Timestamp};
use crate::problem::Problem;
use types::Moment;

pub use pool::{DatabaseUrl, Settings};

/// One connection to either database.
#[derive(MultiConnection)]
pub enum Conn {
    Pg(PgConnection),
    Sqlite(SqliteConnection),
}

/// The connection enum's backend.
pub type Backend = <Conn as diesel::Connection>::Backend;

/// Expands one body for each inner connection, for what Diesel cannot do on the enum: batches,
/// `on_conflict`.
macro_rules! on_each {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Pg($inner) => $body,
            $crate::db::Conn::Sqlite($inner) => $body,
        }
    };
}
pub(crate) use on_each;

/// Rows in one INSERT of a batch: well under both databases' limits on bound values.
pub const BATCH: usize = 1_000;

/// How often, and for how long, a write that lost a race is tried before the caller is told to try
/// again.
const ATTEMPTS: u32 = 12;
const PATIENCE: Duration = Duration::from_secs(8);

/// The database. Clones share one pool.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    clock: Clock,
    /// SQLite has one writer at a time. Waiting here, first come first served, costs less than
    /// waiting in its busy handler, which polls.
    writers: Option<Arc<Semaphore>>,
    /// How long a caller waits for a connection, or for its turn to write.
    wait: Duration,
}

/// Connections of this process.
#[derive(Debug, Clone, Copy)]
pub struct PoolState {
    pub open: u32,
    pub idle: u32,
}

/// A write transaction under way.
pub struct Tx<'c> {
    pub conn: &'c mut Conn,
    /// The transaction's time: the database's own on PostgreSQL, so that replicas agree.
    pub now: Timestamp,
}

#[derive(diesel::QueryableByName)]
struct Now {
    #[diesel(sql_type = Moment)]
    now: Timestamp,
}

impl Db {
    /// Opens the pool and makes one connection, so that a wrong URL or an absent server is known
    /// at once and in the database's own words.
    ///
    /// # Errors
    /// The database cannot be reached, or refuses.
    pub fn open(url: &DatabaseUrl, settings: &Settings, clock: Clock) -> anyhow::Result<Self> {
        let writers = match url {
            DatabaseUrl::Sqlite(_) => Some(Arc::new(Semaphore::new(1))),
            DatabaseUrl::Postgres(_) => None,
        };
        Ok(Self { pool: pool::open(url, settings)?, clock, writers, wait: settings.wait })
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// How the pool stands just now.
    #[must_use]
    pub fn pool_state(&self) -> PoolState {
        let state = self.pool.state();
        PoolState { open: state.connections, idle: state.idle_connections }
    }

    /// Reads from one snapshot.
    ///
    /// # Errors
    /// The closure's own; `unavailable` where the database cannot be reached.
    pub async fn read<T, F>(&self, query: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T, Problem> + Send + 'static,
    {
        let pool = self.pool.clone();
        blocking(move || {
            let mut conn = pool.get().map_err(Problem::database_unreachable)?;
            begin(&mut conn, Mode::Read)?;
            let result = query(&mut conn);
            // Nothing was written, so how a snapshot ends does not matter to its result.
            let ended = rollback(&mut conn);
            result.and_then(|value| ended.map(|()| value))
        })
        .await
    }

    /// Runs one use case: all of it or nothing, as if it were alone.
    ///
    /// # Errors
    /// The closure's own; `unavailable` where the database cannot be reached or the race was lost
    /// too often.
    pub async fn write<T, F>(&self, act: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let turn = match &self.writers {
            Some(writers) => Some(self.turn(Arc::clone(writers)).await?),
            None => None,
        };
        let (pool, clock) = (self.pool.clone(), self.clock.clone());
        blocking(move || {
            let _turn = turn;
            let mut conn = pool.get().map_err(Problem::database_unreachable)?;
            run_with_retry(&mut conn, &clock, act)
        })
        .await
    }
}

impl Db {
    /// The one turn to write that SQLite has, first come first served.
    async fn turn(&self, writers: Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
        // A write under way may itself wait for another process; those behind it wait as long.
        tokio::time::timeout(PATIENCE + self.wait, writers.acquire_owned())
            .await
            .map_err(Problem::database_unreachable)?
            .map_err(Problem::internal)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(Problem::internal(panic)))
}

fn run_with_retry<T>(
    conn: &mut Conn,
    clock: &Clock,
    mut act: impl FnMut(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let started = Instant::now();
    let mut attempt = 1;
    loop {
        match attempt_once(conn, clock, &mut act) {
            Err(problem) if problem.lost_a_race() && attempt < ATTEMPTS && started.elapsed() < PATIENCE => {
                tracing::debug!(attempt, "a write lost a race and runs again");
                std::thread::sleep(backoff(attempt));
                attempt += 1;
            }
            result => return result,
        }
    }
}

fn attempt_once<T>(
    conn: &mut Conn,
    clock: &Clock,
    act: &mut impl FnMut(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    begin(conn, Mode::Write)?;
    let result = transaction_time(conn, clock).and_then(|now| act(&mut Tx { conn: &mut *conn, now }));
    match result {
        Ok(value) => commit(conn).map(|()| value),
        Err(problem) => {
            // The problem is what the caller needs to hear of; a transaction that cannot be rolled
            // back has ended already, with its connection.
            let _ended = rollback(conn);
            Err(problem)
        }
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Read,
    Write,
}

/// Through Diesel's transaction manager, so that what Diesel itself does in a transaction (SQLite's
/// inserts of several rows with defaults) becomes a savepoint of this one.
fn begin(conn: &mut Conn, mode: Mode) -> Result<(), Problem> {
    let sql = match (&*conn, mode) {
        (Conn::Pg(_), Mode::Read) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        (Conn::Pg(_), Mode::Write) => "BEGIN ISOLATION LEVEL SERIALIZABLE",
        (Conn::Sqlite(_), Mode::Read) => "BEGIN",
        (Conn::Sqlite(_), Mode::Write) => "BEGIN IMMEDIATE",
    };
    Ok(on_each!(conn, conn => AnsiTransactionManager::begin_transaction_sql(conn, sql))?)
}

fn commit(conn: &mut Conn) -> Result<(), Problem> {
    Ok(on_each!(conn, conn => AnsiTransactionManager::commit_transaction(conn))?)
}

fn rollback(conn: &mut Conn) -> Result<(), Problem> {
    Ok(on_each!(conn, conn => AnsiTransactionManager::rollback_transaction(conn))?)
}

fn transaction_time(conn: &mut Conn, clock: &Clock) -> Result<Timestamp, Problem> {
    match (conn, clock) {
        (Conn::Pg(conn), Clock::Real) => Ok(sql_query("SELECT now() AS now").get_result::<Now>(conn)?.now),
        (Conn::Pg(_) | Conn::Sqlite(_), clock) => Ok(clock.now()),
    }
}

/// 1 to 2 ms, doubling to at most 64 to 128 ms, the width at random so that rivals part.
fn backoff(attempt: u32) -> Duration {
    let base = 1_000_u64 << attempt.saturating_sub(1).min(6);
    Duration::from_micros(rand::rng().random_range(base..base * 2))
}
