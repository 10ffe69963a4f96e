//! Bare SQLite: the same statements, each client on a connection of its own with the service's
//! own settings, nothing between it and the library. Clients that write wait in SQLite's busy handler,
//! which polls and lets some starve: hence its patience here.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};

use crate::cluster::COPIED;
use crate::script::{Script, prefix};
use crate::service::Prepared;

fn open(file: &Path) -> Result<SqliteConnection> {
    let mut conn = SqliteConnection::establish(&file.to_string_lossy())?;
    conn.batch_execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 60000; PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY;",
    )?;
    Ok(conn)
}

/// Copies a draft `drafts` times, numbered from 0.
pub fn copy_draft(file: &Path, draft: &str, drafts: u64) -> Result<()> {
    let prefix = prefix(0);
    Ok(open(file)?.batch_execute(&format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {drafts} - 1) \
         INSERT INTO bids SELECT printf('{prefix}%012x', n), round_id, organisation_id, 'LD1-' || n, {COPIED} \
         FROM bids, numbers WHERE bids.id = '{draft}'; ANALYZE"
    ))?)
}

/// Transactions a second.
pub fn run(file: &Path, script: &Script, prepared: &Prepared, clients: usize, turn: Duration) -> Result<f64> {
    let readings = AtomicU64::new(0);
    let next = if script.writes() { &prepared.bare } else { &readings };
    let started = Instant::now();
    let done = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|_| {
                scope.spawn(|| -> Result<u64> {
                    let mut conn = open(file)?;
                    let mut done = 0;
                    while started.elapsed() < turn {
                        let n = next.fetch_add(1, Ordering::Relaxed) % prepared.drafts;
                        conn.batch_execute(&script.for_sqlite(n))?;
                        done += 1;
                    }
                    Ok(done)
                })
            })
            .collect();
        let mut all = 0;
        for thread in threads {
            match thread.join() {
                Ok(done) => all += done?,
                Err(_) => bail!("a client stopped"),
            }
        }
        Ok(all)
    })?;
    Ok(done as f64 / started.elapsed().as_secs_f64())
}
