//! Starting an assessment inside the service, on its database: what it takes from the request to the answer.
//!
//! The service runs as its own process. A round is opened through the API; bids of about 4 kB, their providers and the assessors
//! are put into the tables in bulk. Then the assessment is started over HTTP, and one assessor is taken off one bid.

use std::error::Error;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use serde_json::{Value, json};

use super::service::district;
use super::{AREAS, World, world};
use crate::process::Service;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows in one statement.
const ROWS: usize = 500;

/// `database`: the URL of an empty database.
pub fn start(database: &str, bids: usize, assessors: usize) -> Outcome<()> {
    let name = if database.starts_with("postgres") { "PostgreSQL" } else { "SQLite" };
    let service = Service::start(database, name)?;
    let token = service.sign_in("admin@example.org")?;
    let round = open_round(&service, &token)?;
    seed(database, &round, bids, assessors)?;
    println!("database, {name}: {bids} × {assessors}");
    let started = measured("start of the assessment", &service, || {
        service.call(
            "POST",
            &format!("/rounds/{round}/start-assessment"),
            &token,
            &json!({"reason": "Measured."}),
        )
    })?;
    assert_eq!(started["filled"], bids * 3, "every place is filled");
    let first = service.call("GET", &format!("/rounds/{round}/assignments?limit=1"), &token, &Value::Null)?;
    let id = first["items"][0]["assignment"]["id"].as_str();
    let release = format!("/assignments/{}/release", id.ok_or("an assignment")?);
    let released = measured("taking one assessor off one bid", &service, || {
        service.call("POST", &release, &token, &json!({"reason": "Measured."}))
    })?;
    println!(
        "  {} offered, {} taken back",
        released["change"]["offered"].as_array().map_or(0, Vec::len),
        released["change"]["released"].as_array().map_or(0, Vec::len)
    );
    Ok(())
}

/// Says what an act took: seconds, seconds of a processor, and the most memory of the service's process during it.
fn measured(what: &str, service: &Service, act: impl FnOnce() -> anyhow::Result<Value>) -> Outcome<Value> {
    let process = service.process.id();
    // From now on the most memory is that of the act.
    std::fs::write(format!("/proc/{process}/clear_refs"), "5")?;
    let busy = busy_seconds(process)?;
    let started = Instant::now();
    let answer = act()?;
    println!(
        "  {what}: {:.2} s, {:.2} s of a processor, at most {} MiB",
        started.elapsed().as_secs_f64(),
        busy_seconds(process)? - busy,
        super::peak_mebibytes(&process.to_string())
    );
    Ok(answer)
}

/// What the process has used of processors, from `/proc`, in the usual hundredths of a second.
fn busy_seconds(process: u32) -> Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after = status.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
}

fn open_round(service: &Service, token: &str) -> Outcome<String> {
    let fund =
        json!({"name": "Routing", "description": "Routing", "currency": "GBP", "areas": ["E12000002"]});
    let fund = service.call("POST", "/funds", token, &fund)?;
    let scale: Vec<Value> =
        (0..=5).map(|score| json!({"score": score, "label": format!("Level {score}")})).collect();
    let round = json!({
        "fund_id": fund["id"], "code": "RT1", "name": "Routing 1",
        "deadline": "2199-01-01T12:00:00Z", "assessments_due_at": "2199-02-01T12:00:00Z",
        "rules": {
            "criteria": [{"key": "need", "title": "Need", "guidance": "", "word_limit": 500, "weight": 100, "scale": scale}],
            "assessors_per_bid": 3, "budget_pence": 20_000_000_000_i64, "query_email": "fund@example.org",
        },
    });
    let round = service.call("POST", "/rounds", token, &round)?;
    let round = round["id"].as_str().ok_or("a round")?.to_owned();
    service.call("POST", &format!("/rounds/{round}/open"), token, &json!({}))?;
    Ok(round)
}

fn seed(database: &str, round: &str, bids: usize, assessors: usize) -> Outcome<()> {
    let World { bids, assessors, instance, .. } = world(bids, assessors);
    let areas = |all: &[usize]| {
        let codes: Vec<String> = all.iter().map(|&at| district(at)).collect();
        json!(codes).to_string()
    };
    let made = |kind: u8, at: usize| format!("01990000-0000-7000-8{kind:03}-{at:012x}");
    let now = "2026-11-01T12:00:00.000000Z";
    let answer = "Employers report vacancies that nobody has the skills to fill. ".repeat(60);
    let mut rows = Rows::open(database)?;
    for at in 0..AREAS {
        rows.add("areas", &format!("'{}', 'District {at}', 'district', 'E12000002'", district(at)))?;
    }
    for (at, codes) in assessors.iter().enumerate() {
        let (id, capacity) = (made(3, at), instance.assessors[at].capacity);
        rows.add("users", &format!("'{id}', 'assessor{at}@example.org', 'Assessor {at}', 'assessor', NULL, NULL, '{now}', NULL, '{now}', 1"))?;
        rows.add("assessors (user_id, areas, version)", &format!("'{id}', '{}', 1", areas(codes)))?;
        rows.add("round_assessors", &format!("'{round}', '{id}', {capacity}, 0"))?;
    }
    for (at, codes) in bids.iter().enumerate() {
        let (id, organisation, codes) = (made(4, at), made(1, at), areas(codes));
        let content = format!(
            r#"{{"title": "Bid {at}", "areas": {codes}, "partners": [], "answers": {{"need": "{answer}"}}}}"#
        );
        rows.add("organisations", &format!("'{organisation}', 'Provider {at}', 'B{at}', '{now}', 1"))?;
        rows.add("bids", &format!("'{id}', '{round}', '{organisation}', 'RT1-{at:06}', 'submitted', 'Bid {at}', '{content}', 1, '{now}', 'client:1', NULL, 'unchecked', NULL, 'client:1', '{now}', '{now}', 1, NULL"))?;
        rows.add("bid_versions", &format!("'{id}', 1, '{content}', 'x', '{now}', 'client:1'"))?;
        rows.add(
            "bid_listings (bid_id, number, round_id, organisation_id, reference, title, areas, amount_requested_pence, submitted_at, organisation_name)",
            &format!("'{id}', 1, '{round}', '{organisation}', 'RT1-{at:06}', 'Bid {at}', '{codes}', 0, '{now}', 'Provider {at}'"),
        )?;
    }
    rows.close()
}

/// Rows on their way into the tables, those of a table together, in the order in which the tables were first named.
struct Rows {
    connection: Either,
    waiting: Vec<(String, Vec<String>)>,
}

enum Either {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Rows {
    fn open(database: &str) -> Outcome<Self> {
        let mut connection = match database.strip_prefix("sqlite://") {
            Some(path) => Either::Sqlite(SqliteConnection::establish(path)?),
            None => Either::Postgres(PgConnection::establish(database)?),
        };
        connection.execute("BEGIN")?;
        Ok(Self { connection, waiting: Vec::new() })
    }

    fn add(&mut self, table: &str, values: &str) -> Outcome<()> {
        let row = format!("({values})");
        match self.waiting.iter_mut().find(|(name, _)| name == table) {
            Some((_, rows)) => rows.push(row),
            None => self.waiting.push((table.to_owned(), vec![row])),
        }
        if self.waiting.iter().any(|(_, rows)| rows.len() == ROWS) { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Outcome<()> {
        for (table, rows) in &mut self.waiting {
            if !rows.is_empty() {
                self.connection.execute(&format!("INSERT INTO {table} VALUES {}", rows.join(", ")))?;
                rows.clear();
            }
        }
        Ok(())
    }

    fn close(mut self) -> Outcome<()> {
        self.write()?;
        self.connection.execute("COMMIT")?;
        self.connection.execute("ANALYZE")
    }
}

impl Either {
    fn execute(&mut self, statements: &str) -> Outcome<()> {
        match self {
            Self::Postgres(connection) => connection.batch_execute(statements)?,
            Self::Sqlite(connection) => connection.batch_execute(statements)?,
        }
        Ok(())
    }
}
