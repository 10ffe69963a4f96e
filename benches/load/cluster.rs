//! A throwaway PostgreSQL, as a careful operator would run it (fsync on), its log of statements,
//! and `pgbench` on it.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl};
use serde_json::Value;

use crate::script::{Script, prefix};

/// The columns of a draft that its copies share.
pub const COPIED: &str = "status, title, content, submitted_number, submitted_at, submitted_by, withdrawn_at, eligibility, \
     eligibility_reason, created_by, created_at, updated_at, version, \
     standing_sha256";

pub struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
    server: Child,
}

impl Cluster {
    pub fn start() -> Result<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir()?;
        let data = folder.path().join("data");
        own(folder.path())?;
        let made = as_postgres(&programs.join("initdb"))
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"])
            .stdout(Stdio::null())
            .status()?;
        if !made.success() {
            bail!("initdb failed");
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = as_postgres(&programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-p", &port.to_string()])
            .args(["-c", "listen_addresses=127.0.0.1"])
            .args(["-c", &format!("unix_socket_directories={}", folder.path().display())])
            .args(["-c", "max_connections=100", "-c", "shared_buffers=256MB"])
            .args([
                "-c",
                "logging_collector=on",
                "-c",
                "log_destination=jsonlog",
                "-c",
                "log_filename=statements",
            ])
            .args(["-c", "log_directory=log", "-c", "log_rotation_size=0", "-c", "log_rotation_age=0"])
            .stderr(Stdio::null())
            .spawn()?;
        let cluster = Self { folder, programs, port, server };
        cluster.wait()?;
        Ok(cluster)
    }

    fn wait(&self) -> Result<()> {
        let started = Instant::now();
        while PgConnection::establish(&self.address("postgres")).is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                bail!("PostgreSQL did not start");
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(())
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// Makes a database; gives its URL.
    pub fn url(&self, database: &str) -> Result<String> {
        self.execute("postgres", &format!("CREATE DATABASE {database}"))?;
        Ok(self.address(database))
    }

    pub fn execute(&self, database: &str, sql: &str) -> Result<()> {
        Ok(PgConnection::establish(&self.address(database))?.batch_execute(sql)?)
    }

    /// The statements of the one transaction that `act` makes the service run; `act` gives the id
    /// of the bid that it was about.
    pub fn watch(&self, database: &str, act: impl Fn() -> Result<String>) -> Result<Script> {
        let (first, bid) = self.watch_once(database, &act)?;
        let (second, _) = self.watch_once(database, &act)?;
        first.generalise(&second, &bid)?.typed(|sql| self.types(database, sql))
    }

    fn watch_once(&self, database: &str, act: &impl Fn() -> Result<String>) -> Result<(Script, String)> {
        let log = self.folder.path().join("data/log/statements.json");
        self.set_logging(database, "all")?;
        let before = std::fs::read_to_string(&log)?.len();
        let bid = act()?;
        self.set_logging(database, "none")?;
        let entries = std::fs::read_to_string(&log)?;
        let entries = entries.get(before..).context("the log was cut")?;
        let entries: Vec<Value> =
            entries.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok((Script::read(&entries, &bid)?, bid))
    }

    /// The types of a statement's parameters, as PostgreSQL reads them.
    fn types(&self, database: &str, sql: &str) -> Result<Vec<String>> {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            kind: String,
        }
        let mut conn = PgConnection::establish(&self.address(database))?;
        conn.batch_execute(&format!("PREPARE watched AS {sql}"))?;
        let query =
            "SELECT unnest(parameter_types)::text AS kind FROM pg_prepared_statements WHERE name = 'watched'";
        let rows: Vec<Row> = diesel::sql_query(query).load(&mut conn)?;
        Ok(rows.into_iter().map(|row| row.kind).collect())
    }

    /// Copies a draft `drafts` times, numbered from 0.
    pub fn copy_draft(&self, database: &str, draft: &str, drafts: u64) -> Result<()> {
        let (prefix, half) = (prefix(0), drafts / 2);
        self.execute(
            database,
            &format!(
                "INSERT INTO bids SELECT ('{prefix}' || lpad(to_hex(n), 12, '0'))::uuid, round_id, organisation_id, 'LD1-' || n, \
                 {COPIED} FROM bids, generate_series(0, {drafts} - 1) AS n WHERE bids.id = '{draft}'; \
                 CREATE SEQUENCE bench_number START {half}; ANALYZE"
            ),
        )
    }

    /// For connections that are open already, too; they notice within a moment.
    fn set_logging(&self, database: &str, which: &str) -> Result<()> {
        let mut conn = PgConnection::establish(&self.address(database))?;
        conn.batch_execute(&format!("ALTER SYSTEM SET log_statement = '{which}'"))?;
        conn.batch_execute("SELECT pg_reload_conf()")?;
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    }

    /// Transactions a second.
    pub fn pgbench(
        &self,
        database: &str,
        script: &Script,
        drafts: u64,
        clients: usize,
        turn: Duration,
    ) -> Result<f64> {
        let file = self.folder.path().join("script.sql");
        std::fs::write(&file, script.for_pgbench(drafts))?;
        let output = Command::new(self.programs.join("pgbench"))
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres", "-n", "-M", "prepared"])
            .args(["-c", &clients.to_string(), "-j", "2", "-T", &turn.as_secs().to_string()])
            .args(["--max-tries", "20", "-f"])
            // As the service's own connections have it.
            .env("PGOPTIONS", "-c enable_seqscan=off -c jit=off")
            .arg(&file)
            .arg(database)
            .output()?;
        let told = String::from_utf8_lossy(&output.stdout);
        let failed = String::from_utf8_lossy(&output.stderr);
        let rate = told.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
        match rate {
            Some(rate) if output.status.success() => Ok(rate),
            _ => bail!("pgbench failed: {told}{failed}"),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _asked = Command::new("kill").args(["-INT", &self.server.id().to_string()]).status();
        let _ended = self.server.wait();
    }
}

/// The newest PostgreSQL that Debian's packages have put here.
fn programs() -> Result<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .context("install PostgreSQL first: tests/run does")?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    found.sort();
    found.pop().context("install PostgreSQL first: tests/run does")
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &std::path::Path) -> Command {
    if is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

fn own(folder: &std::path::Path) -> Result<()> {
    if is_root() && !Command::new("chown").arg("postgres:postgres").arg(folder).status()?.success() {
        bail!("the folder cannot be given to PostgreSQL's own user");
    }
    Ok(())
}
