//! Connections: which database a URL means, how one is opened, and the pool of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use diesel::connection::SimpleConnection;
use diesel::r2d2::{self, ManageConnection};
use diesel::{Connection, PgConnection, SqliteConnection};

use super::Conn;

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

pub(super) type Pool = r2d2::Pool<Manager>;

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
    Ok(r2d2::Pool::builder()
        .max_size(settings.connections)
        .min_idle(Some(1))
        .connection_timeout(settings.wait)
        .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
        .build_unchecked(manager))
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

/// A statement that waits for ever would hold its connection for ever.
const POSTGRES_SETTINGS: &str =
    "SET statement_timeout = '60s'; SET idle_in_transaction_session_timeout = '60s'; SET TIME ZONE 'UTC';";

impl ManageConnection for Manager {
    type Connection = Conn;
    type Error = r2d2::Error;

    fn connect(&self) -> Result<Conn, r2d2::Error> {
        let prepared = |mut conn: Conn, settings: &str| {
            conn.batch_execute(settings).map_err(r2d2::Error::QueryError)?;
            Ok(conn)
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

    fn is_valid(&self, conn: &mut Conn) -> Result<(), r2d2::Error> {
        conn.batch_execute("SELECT 1").map_err(r2d2::Error::QueryError)
    }

    fn has_broken(&self, conn: &mut Conn) -> bool {
        std::thread::panicking()
            || match conn {
                Conn::Pg(conn) => r2d2::R2D2Connection::is_broken(conn),
                Conn::Sqlite(conn) => r2d2::R2D2Connection::is_broken(conn),
            }
    }
}
