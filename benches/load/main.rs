//! How fast bids come in and are read, beside what the database alone could do.
//!
//! ```sh
//! cargo bench --bench load
//! ```
//!
//! Starts a throwaway PostgreSQL (with fsync) and the service built with the bench profile, watches
//! which statements one submission and one reading send, and then lets the service and `pgbench`
//! take turns: the service answers HTTP requests, `pgbench` repeats those statements in those
//! transactions on the same server. The ratio of the two is the figure; the machine's noise falls
//! on both. The same again on SQLite, beside bare SQLite. Everything runs on 127.0.0.1, for a
//! bounded time, and ends by itself.
#![expect(clippy::print_stdout, reason = "a program whose output is its report")]
#![expect(clippy::float_arithmetic, reason = "rates and ratios, not scores or money")]

mod cluster;
mod load;
mod raw_sqlite;
mod script;
mod service;

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use cluster::Cluster;
use load::Rate;
use script::Script;
use service::{Prepared, Service};

/// What of the machine to use.
#[derive(Parser)]
struct Options {
    /// Seconds of each turn.
    #[arg(long, default_value_t = 4)]
    seconds: u64,
    /// Turns of each side; the middle one counts.
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// Clients at one time.
    #[arg(long, value_delimiter = ',', default_values_t = [8, 32])]
    clients: Vec<usize>,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// One line of the report.
struct Figure {
    what: &'static str,
    clients: usize,
    service: Rate,
    bare: f64,
}

fn main() -> Result<()> {
    let options = Options::parse();
    println!("machine's load at the start: {}", std::fs::read_to_string("/proc/loadavg")?.trim());

    let cluster = Cluster::start()?;
    let postgres = Service::start(&cluster.url("fasttrack")?, "PostgreSQL")?;
    let figures = against_postgres(&options, &cluster, &postgres)?;
    report("PostgreSQL", "pgbench", &figures);
    postgres.report_memory()?;
    drop(postgres);

    let folder = tempfile::tempdir()?;
    let file = folder.path().join("load.db");
    let sqlite = Service::start(&format!("sqlite:{}", file.display()), "SQLite")?;
    let figures = against_sqlite(&options, &cluster, &sqlite, &file)?;
    report("SQLite", "bare SQLite", &figures);
    sqlite.report_memory()?;
    println!("machine's load at the end: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    Ok(())
}

const KINDS: [&str; 2] = ["submit a 4 kB bid", "read a bid"];

fn against_postgres(options: &Options, cluster: &Cluster, service: &Service) -> Result<Vec<Figure>> {
    let prepared = service.prepare(|draft, drafts| cluster.copy_draft("fasttrack", draft, drafts))?;
    let scripts = watch(cluster, "fasttrack", service, &prepared)?;
    println!(
        "one submission: {} statements; one reading: {}",
        scripts[0].statements.len(),
        scripts[1].statements.len()
    );
    take_turns(options, service, &prepared, &scripts, |script, clients, turn| {
        cluster.pgbench("fasttrack", script, prepared.drafts, clients, turn)
    })
}

fn against_sqlite(
    options: &Options,
    cluster: &Cluster,
    service: &Service,
    file: &Path,
) -> Result<Vec<Figure>> {
    let prepared = service.prepare(|draft, drafts| raw_sqlite::copy_draft(file, draft, drafts))?;
    // SQLite keeps no log of statements; PostgreSQL's are the same but for the words for a
    // transaction, and the ids of a round, a provider and a member, which this takes from the file.
    let twin = Service::start(&cluster.url("twin")?, "PostgreSQL, to watch")?;
    let fixture = twin.prepare(|draft, drafts| cluster.copy_draft("twin", draft, drafts))?;
    let scripts = watch(cluster, "twin", &twin, &fixture)?;
    drop(twin);
    let scripts = scripts.map(|script| script.with_names(&fixture.names, &prepared.names));
    take_turns(options, service, &prepared, &scripts, |script, clients, turn| {
        raw_sqlite::run(file, script, &prepared, clients, turn)
    })
}

fn watch(cluster: &Cluster, database: &str, service: &Service, prepared: &Prepared) -> Result<[Script; 2]> {
    let submit = cluster.watch(database, || service.submit_one(prepared))?;
    let read = cluster.watch(database, || service.read_one(prepared))?;
    Ok([submit, read])
}

/// The service and the bare database one after the other, as often as asked for.
fn take_turns(
    options: &Options,
    service: &Service,
    prepared: &Prepared,
    scripts: &[Script; 2],
    bare: impl Fn(&Script, usize, Duration) -> Result<f64>,
) -> Result<Vec<Figure>> {
    let turn = Duration::from_secs(options.seconds);
    let mut figures = Vec::new();
    for &clients in &options.clients {
        for (what, script) in KINDS.into_iter().zip(scripts) {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..options.turns {
                ours.push(if script.writes() {
                    service.submit(prepared, clients, turn)?
                } else {
                    service.read(prepared, clients, turn)?
                });
                theirs.push(bare(script, clients, turn)?);
            }
            figures.push(Figure { what, clients, service: load::middle(ours), bare: middle(theirs) });
        }
    }
    Ok(figures)
}

fn middle(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}

fn report(database: &str, bare: &str, figures: &[Figure]) {
    println!(
        "\n| {database} | clients | Fasttrack, requests/s | p50, ms | p95, ms | {bare}, transactions/s | ratio |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for Figure { what, clients, service, bare } in figures {
        println!(
            "| {what} | {clients} | {:.0} | {:.1} | {:.1} | {bare:.0} | {:.2} |",
            service.per_second,
            service.p50_ms,
            service.p95_ms,
            service.per_second / bare
        );
    }
}
