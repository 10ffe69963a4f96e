//! Migrations: append-only, one folder for each database, with equal names.

use diesel_migrations::{EmbeddedMigrations, HarnessWithOutput, MigrationHarness, embed_migrations};

use super::{Conn, Db};
use crate::problem::Problem;

pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

impl Db {
    /// Brings the database to this program's schema; gives how many migrations were run.
    ///
    /// # Errors
    /// A migration fails; the ones before it stay.
    pub async fn migrate(&self) -> Result<usize, Problem> {
        let pool = self.pool.clone();
        super::blocking(move || {
            let mut conn = pool.get()?;
            let run = match &mut **conn {
                Conn::Pg(conn) => HarnessWithOutput::new(conn, std::io::sink())
                    .run_pending_migrations(POSTGRES)
                    .map(|run| run.len()),
                Conn::Sqlite(conn) => HarnessWithOutput::new(conn, std::io::sink())
                    .run_pending_migrations(SQLITE)
                    .map(|run| run.len()),
            };
            run.map_err(Problem::internal)
        })
        .await
    }

    /// Whether the schema is this program's.
    ///
    /// # Errors
    /// The database cannot be reached.
    pub async fn is_migrated(&self) -> Result<bool, Problem> {
        let pool = self.pool.clone();
        super::blocking(move || {
            let mut conn = pool.get()?;
            let pending = match &mut **conn {
                Conn::Pg(conn) => conn.has_pending_migration(POSTGRES),
                Conn::Sqlite(conn) => conn.has_pending_migration(SQLITE),
            };
            pending.map(|pending| !pending).map_err(Problem::database_unreachable)
        })
        .await
    }
}
