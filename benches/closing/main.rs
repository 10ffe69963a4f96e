//! How long it takes, and how much memory, to close a large round and to check that it was closed rightly.
//!
//! ```sh
//! cargo bench --bench closing                     # 10,000 bids, three assessments each
//! cargo bench --bench closing -- --bids 1000
//! ```
//!
//! Starts a throwaway PostgreSQL (with fsync) and the service built with the bench profile, as its own
//! process. The round is opened through the API, its bids and assessments are put into the tables in
//! bulk, and then it is closed over HTTP, once. Afterwards the record is
//! exported and verified without the database; one score in it is changed, and it is verified again.
//! Everything runs on 127.0.0.1 and ends by itself.
#![expect(clippy::print_stdout, reason = "a program whose output is its report")]
#![expect(clippy::float_arithmetic, reason = "seconds, not scores or money")]

#[path = "../load/cluster.rs"]
#[expect(dead_code, reason = "the load benchmark watches statements and runs pgbench too")]
mod cluster;
#[path = "../load/load.rs"]
#[expect(dead_code, reason = "the load benchmark's clients")]
mod load;
#[path = "../load/script.rs"]
#[expect(dead_code, reason = "the load benchmark's statements")]
mod script;
mod seed;
#[path = "../load/service.rs"]
#[expect(dead_code, reason = "the load benchmark submits and reads bids too")]
mod service;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use fasttrack::outcomes::calibrate::{Assessed, Line, calibrate};
use serde_json::{Value, json};

use cluster::Cluster;
use service::Service;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fasttrack");

#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 10_000)]
    bids: u32,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<()> {
    let options = Options::parse();
    println!("machine's load at the start: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    let folder = tempfile::tempdir()?;
    let cluster = Cluster::start()?;
    let database = cluster.url("closing")?;
    let service = Service::start(&database, "PostgreSQL")?;
    let token = service.sign_in("admin@example.org")?;
    let (round, draft) = seed::rounds(&service, &token)?;
    cluster.execute("closing", &seed::bids(&round, &draft, options.bids))?;
    println!("{} bids with three submitted assessments each", options.bids);

    let closed = close(&service, &token, &round)?;
    let snapshot = closed["snapshot_sha256"].as_str().context("a hash")?;
    println!("snapshot_sha256 {snapshot}; {} emails promised", closed["emails_promised"]);
    drop(closed);

    let found = verify("the round in the database", "CL1", &database)?;
    ensure!(found["agrees"] == true && found["bids"] == options.bids, "the round does not agree: {found}");

    let file = folder.path().join("record.json");
    println!("from the service that has just closed the round:");
    export(&service, &round, &token, &file)?;
    println!("from one that was started since:");
    drop(service);
    let service = Service::serve(&database, tempfile::tempdir()?, "PostgreSQL")?;
    export(&service, &round, &token, &file)?;

    let found = verify("the exported file, without a database", &file, "")?;
    ensure!(found["agrees"] == true && found["bids"] == options.bids, "the file does not agree: {found}");
    let found = verify("the file with one byte changed", &change_one_byte(&file)?, "")?;
    let part = found["differences"][0]["pointer"].as_str().unwrap_or_default();
    ensure!(part.starts_with("/snapshot/bids/"), "the changed score is not named: {found}");
    calibration(options.bids);
    println!("machine's load at the end: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    Ok(())
}

fn close(service: &Service, token: &str, round: &str) -> Result<Value> {
    from_now_on(service)?;
    service.report_memory()?;
    let started = Instant::now();
    let closed = service.call("POST", &format!("/rounds/{round}/close"), token, &json!({}))?;
    println!("closing: {:.1} s", started.elapsed().as_secs_f64());
    service.report_memory()?;
    Ok(closed)
}

fn export(service: &Service, round: &str, token: &str, file: &Path) -> Result<()> {
    from_now_on(service)?;
    let started = Instant::now();
    std::fs::write(file, text(service, &format!("/rounds/{round}/record"), token)?)?;
    let size = std::fs::metadata(file)?.len() / 1_000_000;
    println!("exporting the record, {size} MB: {:.1} s", started.elapsed().as_secs_f64());
    service.report_memory()
}

/// Lets the most memory be counted from now on.
fn from_now_on(service: &Service) -> Result<()> {
    Ok(std::fs::write(format!("/proc/{}/clear_refs", service.process.id()), "5")?)
}

/// The text of an answer, whatever its size.
fn text(service: &Service, path: &str, token: &str) -> Result<String> {
    let request = ureq::get(format!("http://{}/api/v1{path}", service.address));
    let mut answer = request.header("authorization", format!("Bearer {token}")).call()?;
    Ok(answer.body_mut().with_config().limit(u64::MAX).read_to_string()?)
}

/// Runs `fasttrack verify` as an auditor would, and says what it found, in what time and memory. Of a file, `database`
/// is empty.
fn verify(what: &str, which: impl AsRef<OsStr>, database: &str) -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let mut command = Command::new(PROGRAM);
    command.arg("verify").arg(which).current_dir(folder.path()).env_remove("DATABASE_URL");
    if !database.is_empty() {
        command.env("DATABASE_URL", database);
    }
    let output = folder.path().join("output.json");
    let started = Instant::now();
    let mut process = command.stdout(std::fs::File::create(&output)?).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    let status = loop {
        peak = peak.max(peak_kilobytes(process.id()).unwrap_or(0));
        if let Some(status) = process.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let seconds = started.elapsed().as_secs_f64();
    let told: Value = serde_json::from_str(&std::fs::read_to_string(&output)?)?;
    println!(
        "verify {what}: agrees {}, exit {:?}, {seconds:.1} s, at most {} MB",
        told["agrees"],
        status.code(),
        peak / 1_000
    );
    for difference in told["differences"].as_array().into_iter().flatten() {
        println!(
            "  {}: {} recorded, {} found",
            difference["pointer"], difference["recorded"], difference["recomputed"]
        );
    }
    Ok(told)
}

fn peak_kilobytes(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// Raises or lowers one score in the middle of the snapshot.
fn change_one_byte(file: &Path) -> Result<PathBuf> {
    let mut bytes = std::fs::read(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let snapshot = text.find("\"snapshot\":").context("a snapshot")?;
    let middle = snapshot + (text.len() - snapshot) / 2;
    let name = "\"scores\":{\"delivery\":";
    let at = text.get(middle..).and_then(|rest| rest.find(name)).context("a score")? + middle + name.len();
    drop(text);
    let digit = bytes.get_mut(at).context("a digit")?;
    *digit = if *digit == b'0' { b'1' } else { *digit - 1 };
    let changed = file.with_file_name("changed.json");
    std::fs::write(&changed, bytes)?;
    Ok(changed)
}

/// Leniency of all assessors from so many bids, three assessments each.
fn calibration(bids: u32) {
    let mut drawn = 7_u64;
    let mut draw = |below: u64| {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (drawn >> 33) % below
    };
    let assessors = u64::from(bids / 10).max(4);
    let mut assessed = Vec::new();
    for bid in 0..bids {
        let first = draw(assessors);
        for seat in 0..3 {
            let assessor = (first + seat * (1 + draw(assessors / 4))) % assessors;
            let score = 40.0 + (draw(4_000) as f64) / 100.0 + (assessor % 11) as f64;
            assessed.push(Assessed { bid: format!("b{bid}"), assessor: format!("a{assessor}"), score });
        }
    }
    let line = Line {
        competing: (0..bids).map(|bid| format!("b{bid}")).collect(),
        funded: (0..bids / 5).map(|bid| format!("b{bid}")).collect(),
        ..Line::default()
    };
    let started = Instant::now();
    let calibration = calibrate(&assessed, &line);
    println!(
        "calibrating {bids} × 3: {:.2} s, {} bids, {} assessors",
        started.elapsed().as_secs_f64(),
        calibration.bids.len(),
        calibration.assessors.len()
    );
}
