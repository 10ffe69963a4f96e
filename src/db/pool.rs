//! Connections: which database a URL means, how one is opened, and the pool of them.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection};
use diesel::{Connection, PgConnection, SqliteConnection};

use super::{Conn, Mode, begin};
use crate::problem::{DatabaseFault, Problem};

/// Where the data is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Postgres(String),
    Sqlite(PathBuf),
}

impl DatabaseUrl {
    /// `postgres://…`, `postgresql://…` or `sqlite:PATH`.
    ///
    /// # Errors
    /// Another scheme; a PostgreSQL URL whose encryption this build cannot give.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            // libpq's default, `prefer`, would fall back to plain text without a word.
            if !cfg!(feature = "pg-tls") && !url.contains("sslmode=disable") {
                bail!(
                    "this build has no TLS for PostgreSQL: add sslmode=disable to the URL where the way to the \
                     database is private, or build with --features pg-tls"
                );
            }
            return Ok(Self::Postgres(url.to_owned()));
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path.trim_start_matches("//")))),
            _ => bail!("a database URL starts with postgres:// or is sqlite:PATH"),
        }
    }
}

/// The pool's size and patience.
#[derive(Debug, Clone)]
pub struct Settings {
    pub connections: u32,
    pub wait: Duration,
}

/// The connections of this process. Clones share them.
#[derive(Clone)]
pub(super) struct Pool(r2d2::Pool<Manager>);

impl Pool {
    /// # Errors
    /// `unavailable`: none came free, or could be opened, in time.
    pub fn get(&self) -> Result<r2d2::PooledConnection<Manager>, Problem> {
        self.0.get().map_err(Problem::database_unreachable)
    }

    /// A connection on which a transaction has begun. One whose server has let it go is found out
    /// here, before anything was asked of it, and the next is taken: asking beforehand whether it is
    /// well would cost every request a round trip.
    ///
    /// # Errors
    /// `unavailable`.
    pub fn begin(&self, mode: Mode) -> Result<r2d2::PooledConnection<Manager>, Problem> {
        let mut lost = 0;
        loop {
            let mut link = self.get()?;
            match begin(&mut link, mode) {
                Ok(()) => return Ok(link),
                Err(problem) => {
                    link.lost = problem.database_fault() == Some(DatabaseFault::Away);
                    // Each may have been lost, and then the one opened anew is the last to try.
                    if !link.lost || lost == self.0.max_size() {
                        return Err(problem);
                    }
                    lost += 1;
                }
            }
        }
    }

    pub fn state(&self) -> r2d2::State {
        self.0.state()
    }
}

/// A connection in the pool.
pub(super) struct Link {
    conn: Conn,
    /// Whether its server is known to have let it go.
    lost: bool,
}

impl Deref for Link {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl DerefMut for Link {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

/// Opens connections for the pool. Diesel's own manager would hide PostgreSQL's words behind
/// "invalid connection URL" when the enum tries each database in turn.
pub(super) struct Manager {
    url: DatabaseUrl,
}

pub(super) fn open(url: &DatabaseUrl, settings: &Settings) -> anyhow::Result<Pool> {
    if let DatabaseUrl::Sqlite(path) = url {
        create_folder(path)?;
    }
    let manager = Manager { url: url.clone() };
    // Tried outside the pool first, which would only say that it timed out.
    drop(manager.connect().map_err(|refusal| anyhow::anyhow!("the database cannot be opened: {refusal}"))?);
    Ok(Pool(
        r2d2::Pool::builder()
            .max_size(settings.connections)
            .min_idle(Some(1))
            .connection_timeout(settings.wait)
            .test_on_check_out(false)
            .build_unchecked(manager),
    ))
}

fn create_folder(path: &Path) -> anyhow::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder)
            .with_context(|| format!("the database's folder {} cannot be made", folder.display())),
        None => Ok(()),
    }
}

/// WAL lets readers go on beside the writer; FULL makes a commit survive a power cut. The patience
/// comes first: changing the journal's mode needs it when several connections are opened at once.
const SQLITE_PRAGMAS: &str = "PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;";

/// A statement that waits for ever would hold its connection for ever. `SERIALIZABLE` watches what was
/// read, and a sequential scan, which the planner prefers on a small table, is a reading of the whole
/// table: it would make neighbours start again who have nothing to do with each other. Where a scan
/// is all there is, the price that forbids it must not call for compiling the statement.
const POSTGRES_SETTINGS: &str = "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; \
     SET TIME ZONE 'UTC'; SET enable_seqscan = off; SET jit = off;";

impl ManageConnection for Manager {
    type Connection = Link;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Link, r2d2::Error> {
        let prepared = |mut conn: Conn, settings: &str| {
            conn.batch_execute(settings).map_err(r2d2::Error::QueryError)?;
            Ok(Link { conn, lost: false })
        };
        match &self.url {
            DatabaseUrl::Postgres(url) => {
                let conn = PgConnection::establish(url).map_err(r2d2::Error::ConnectionError)?;
                prepared(Conn::Pg(conn), POSTGRES_SETTINGS)
            }
            DatabaseUrl::Sqlite(path) => {
                let conn = SqliteConnection::establish(&path.to_string_lossy())
                    .map_err(r2d2::Error::ConnectionError)?;
                prepared(Conn::Sqlite(conn), SQLITE_PRAGMAS)
            }
        }
    }

    fn is_valid(&self, link: &mut Link) -> Result<(), r2d2::Error> {
        link.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, link: &mut Link) -> bool {
        link.lost
            || std::thread::panicking()
            || match &mut link.conn {
                Conn::Pg(conn) => r2d2::R2D2Connection::is_broken(conn),
                Conn::Sqlite(conn) => r2d2::R2D2Connection::is_broken(conn),
            }
    }
}
