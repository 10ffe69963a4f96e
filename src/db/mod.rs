//! Storage: one pool, two databases, two verbs.
//!
//! [`Db::read`] is a snapshot. [`Db::write`] is the one kind of transaction that changes anything:
//! `BEGIN IMMEDIATE` on SQLite, `SERIALIZABLE` on PostgreSQL, run again a bounded number of times
//! when the database says that it lost a race; after losing twice it runs with no other beside it in
//! this process, so that a crowd at the deadline ends in turns and not in refusals. Its closure may
//! therefore run more than once and does nothing that cannot be taken back: no sending, no files, no
//! clock but the transaction's.
//!
//! Invariant: whatever a `write` closure returned `Ok` for is on disk; after an `Err` nothing is.
//!
//! Must not know: any feature, HTTP.

pub mod migrations;
mod pool;
pub mod schema;
pub mod search;
pub mod types;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use diesel::{MultiConnection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use rand::Rng;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::clock::{Clock, Timestamp};
use crate::problem::{DatabaseFault, Problem};
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

/// The page of a boxed query whose rows are in the order of their ids: `paged!(query, column, Id, paging)`.
macro_rules! paged {
    ($query:expr, $column:expr, $id:path, $paging:expr) => {{
        let (query, paging) = ($query.limit($paging.fetch()), $paging);
        match (paging.order, paging.after) {
            ($crate::rest::Order::OldestFirst, None) => query.order($column.asc()),
            ($crate::rest::Order::OldestFirst, Some(after)) => {
                query.order($column.asc()).filter($column.gt($id(after)))
            }
            ($crate::rest::Order::NewestFirst, None) => query.order($column.desc()),
            ($crate::rest::Order::NewestFirst, Some(after)) => {
                query.order($column.desc()).filter($column.lt($id(after)))
            }
        }
    }};
}
pub(crate) use paged;

/// Rows in one INSERT of a batch: well under both databases' limits on bound values.
pub const BATCH: usize = 1_000;

/// How often, and for how long, a write that lost a race is tried before the caller is told to try
/// again.
const ATTEMPTS: u32 = 12;

/// How many races a write loses before it asks for the database to itself.
const LOSSES_BESIDE_OTHERS: u32 = 2;
const PATIENCE: Duration = Duration::from_secs(8);

/// How long after a write that found no room the service takes itself for unable to write, unless
/// one succeeds before.
const FULL_FOR: Duration = Duration::from_secs(15);

/// The database. Clones share one pool.
#[derive(Clone)]
pub struct Db {
    pool: pool::Pool,
    clock: Clock,
    /// A permit for each write at one time, first come first served; all of them for one that would
    /// be alone. SQLite has one writer at a time, and waiting here costs less than waiting in its busy
    /// handler, which polls.
    writers: Arc<Semaphore>,
    most_writers: u32,
    /// How long a caller waits for a connection, or for its turn to write.
    wait: Duration,
    /// When a write last found no room, unless one has succeeded since.
    full_since: Arc<Mutex<Option<Instant>>>,
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
        let most_writers = match url {
            DatabaseUrl::Sqlite(_) => 1,
            DatabaseUrl::Postgres(_) => settings.connections,
        };
        Ok(Self {
            pool: pool::open(url, settings)?,
            clock,
            writers: Arc::new(Semaphore::new(usize::try_from(most_writers)?)),
            most_writers,
            wait: settings.wait,
            full_since: Arc::default(),
        })
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
            let mut conn = pool.begin(Mode::Read)?;
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
    pub async fn write<T, F>(&self, mut act: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let started = Instant::now();
        let mut lost = 0;
        loop {
            let result;
            (act, result) = self.attempt(act, lost).await?;
            match result {
                Err(problem)
                    if lost_a_race(&problem) && lost + 1 < ATTEMPTS && started.elapsed() < PATIENCE =>
                {
                    lost += 1;
                    tracing::debug!(lost, "a write lost a race and runs again");
                    tokio::time::sleep(backoff(lost)).await;
                }
                result => {
                    self.note_room(&result);
                    return result;
                }
            }
        }
    }

    /// One attempt of a write that has lost this many races; gives the act back.
    async fn attempt<T, F>(&self, mut act: F, lost: u32) -> Result<(F, Result<T, Problem>), Problem>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, Problem> + Send + 'static,
    {
        let turn = self.turn(if lost < LOSSES_BESIDE_OTHERS { 1 } else { self.most_writers }).await?;
        let (pool, clock) = (self.pool.clone(), self.clock.clone());
        blocking(move || {
            let _turn = turn;
            let result = attempt_once(&pool, &clock, &mut act);
            Ok((act, result))
        })
        .await
    }

    /// Whether the last writes found no room. It is forgotten after a while, so that a service that
    /// gets no more requests because it says so is tried again.
    #[must_use]
    pub fn is_full(&self) -> bool {
        let since = *self.full_since.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() < FULL_FOR)
    }

    fn note_room<T>(&self, result: &Result<T, Problem>) {
        let full = match result {
            Ok(_) => None,
            Err(problem) if problem.database_fault() == Some(DatabaseFault::Full) => Some(Instant::now()),
            // Refused for another reason: nothing was learnt of the room.
            Err(_) => return,
        };
        *self.full_since.lock().unwrap_or_else(PoisonError::into_inner) = full;
    }
}

impl Db {
    async fn turn(&self, permits: u32) -> Result<OwnedSemaphorePermit, Problem> {
        // A write under way may itself wait for another process; those behind it wait as long.
        tokio::time::timeout(PATIENCE + self.wait, Arc::clone(&self.writers).acquire_many_owned(permits))
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

fn lost_a_race(problem: &Problem) -> bool {
    problem.database_fault() == Some(DatabaseFault::LostARace)
}

fn attempt_once<T>(
    pool: &pool::Pool,
    clock: &Clock,
    act: &mut impl FnMut(&mut Tx<'_>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    let mut conn = pool.begin(Mode::Write)?;
    let result = transaction_time(&mut conn, clock).and_then(|now| act(&mut Tx { conn: &mut conn, now }));
    match result {
        Ok(value) => commit(&mut conn).map(|()| value),
        Err(problem) => {
            // The problem is what the caller needs to hear of; a transaction that cannot be rolled
            // back has ended already, with its connection.
            let _ended = rollback(&mut conn);
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
