//! How soon a page of a round's bids begins to arrive, with few bids and with many.
//!
//! ```sh
//! cargo bench --bench bids_list                          # on SQLite
//! TEST_DATABASE_URL='postgres://…' cargo bench --bench bids_list   # on PostgreSQL, where databases can be made
//! ```
//!
//! Starts the service, submits 20 bids to one round and 2,000 to another over the API, and asks for the first page of
//! each list in turns, as an administrator's browser does, in every order, with a search, and of one area: the area of all
//! bids of the small round and of a third of the large one's, so that either page is full. The time to the first byte is
//! what is measured; the ratio of the two rounds' 95th percentiles is the figure, since the machine's noise falls on both.
//! Everything runs on 127.0.0.1, for a bounded number of requests, and ends by itself.
#![expect(clippy::print_stdout, reason = "a program whose output is its report")]
#![expect(clippy::float_arithmetic, reason = "times and ratios, not scores or money")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};
use fasttrack::auth::{Keys, Role, Who};
use fasttrack::clock::Clock;
use fasttrack::config::Config;
use fasttrack::db::{DatabaseUrl, Db};
use fasttrack::mail::Site;
use fasttrack::platform::Platform;
use serde_json::{Value, json};

#[derive(Parser)]
struct Options {
    /// Bids of the small round and of the large one.
    #[arg(long, value_delimiter = ',', default_values_t = [20, 2_000])]
    bids: Vec<usize>,
    /// Requests for each page.
    #[arg(long, default_value_t = 400)]
    requests: usize,
    /// Cargo passes this to every benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Providers that bid: each of them with many bids.
const PROVIDERS: usize = 100;

/// The areas of the large round's bids in turns; all of the small round's are in the first.
const AREAS: [&str; 3] = ["E07000117", "E07000122", "E08000003"];

/// What is asked of a release.
const MOST: f64 = 1.5;

fn main() -> Result<()> {
    let options = Options::parse();
    println!("machine's load at the start: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    let folder = tempfile::tempdir()?;
    let service = Service::start(&folder)?;
    let admin = service.admin()?;
    let providers = (0..PROVIDERS).map(|number| service.provider(number)).collect::<Result<Vec<_>>>()?;
    let fund = json!({"name": "Load", "areas": ["E12000002"]});
    let fund = service.call(&admin.token, "POST", "/funds", &fund)?;
    let mut rounds = Vec::new();
    for (number, &bids) in options.bids.iter().enumerate() {
        let started = Instant::now();
        rounds.push(service.round(&admin.token, &fund, number, bids, &providers)?);
        println!("{bids} bids submitted in {} s", started.elapsed().as_secs());
    }
    service.settle()?;
    let [small, large] = rounds.as_slice() else { bail!("name two numbers of bids") };

    println!(
        "\n| list | {} bids, p50/p95 ms | {} bids, p50/p95 ms | p95 ratio | asked |",
        options.bids[0], options.bids[1]
    );
    println!("| --- | --- | --- | --- | --- |");
    let mut all_well = true;
    for (name, query) in PAGES {
        let (few, many) = service.turns(small, large, query, &admin.cookie, options.requests)?;
        let ratio = part(&many, 95) / part(&few, 95);
        all_well &= ratio <= MOST;
        println!(
            "| {name} | {:.2}/{:.2} | {:.2}/{:.2} | {ratio:.2} | {MOST} |",
            part(&few, 50),
            part(&few, 95),
            part(&many, 50),
            part(&many, 95)
        );
    }
    let (_, size) = service.ask(large, "", &admin.cookie)?;
    println!("the first page of many bids has {} kB before compression", size / 1_000);
    println!("machine's load at the end: {}", std::fs::read_to_string("/proc/loadavg")?.trim());
    if all_well { Ok(()) } else { bail!("a list of many bids begins later than it may") }
}

/// The lists that are asked for.
const PAGES: [(&str, &str); 7] = [
    ("by reference", ""),
    ("by organisation", "?sort=organisation"),
    ("by amount, the largest first", "?sort=-amount"),
    ("the newest first", "?sort=-submitted"),
    ("found by a word", "?q=manufacturing"),
    ("those not decided on, by amount", "?eligibility=unchecked&sort=amount"),
    ("of one area", "?area=E07000117"),
];

/// Milliseconds at a hundredth of the times.
fn part(times: &[Duration], hundredth: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len() * hundredth / 100).or(times.last()).map_or(0.0, Duration::as_secs_f64) * 1_000.0
}

struct Service {
    address: SocketAddr,
    database: DatabaseUrl,
    platform: Platform,
    keys: Keys,
    runtime: tokio::runtime::Runtime,
    agent: ureq::Agent,
}

struct Person {
    token: String,
    cookie: String,
}

impl Service {
    fn start(folder: &tempfile::TempDir) -> Result<Self> {
        let mut config = Config::defaults()?;
        config.server.listen = "127.0.0.1:0".to_owned();
        config.scheduler.enabled = false;
        config.mail.folder = folder.path().join("outbox").display().to_string();
        config.database.url = match std::env::var("TEST_DATABASE_URL") {
            Ok(server) => fresh_postgres(&server)?,
            Err(_) => format!("sqlite:{}", folder.path().join("bench.db").display()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let clock = Clock::Real;
        let database = DatabaseUrl::parse(&config.database.url)?;
        let db = Db::open(&database, &config.pool(), clock)?;
        runtime.block_on(db.migrate())?;
        let keys = runtime.block_on(Keys::load(&db))?;
        let site = Site {
            public_url: "http://127.0.0.1".to_owned(),
            service_name: "Fasttrack".to_owned(),
            contact_email: "help@example.org".to_owned(),
            mail_domain: "example.org".to_owned(),
        };
        let (accounts, awards) = (Arc::new(config.accounts.clone()), Arc::new(config.awards.clone()));
        let follow = fasttrack::routing::ops::follow;
        let platform = Platform { db, site: Arc::new(site), accounts, awards, follow };
        let (send, receive) = std::sync::mpsc::channel();
        let (its, its_keys) = (platform.clone(), keys.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                match fasttrack::app::start(&config, &its, &its_keys) {
                    Ok(started) => {
                        let _heard = send.send(started.address);
                        let _ended = started.server.await;
                    }
                    Err(error) => println!("the service does not start: {error:#}"),
                }
            });
        });
        let address = receive.recv_timeout(Duration::from_secs(20)).context("the service does not start")?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        Ok(Self { address, database, platform, keys, runtime, agent })
    }

    /// Has PostgreSQL count what it holds, as its autovacuum does within a minute of so many new rows. Until then it takes
    /// a table for nearly empty, and sorts what it could read in order.
    fn settle(&self) -> Result<()> {
        if let DatabaseUrl::Postgres(url) = &self.database {
            PgConnection::establish(url)?.batch_execute("VACUUM ANALYZE")?;
        }
        Ok(())
    }

    fn admin(&self) -> Result<Person> {
        let made = fasttrack::accounts::ops::create_admin(
            &self.platform,
            "admin@example.org",
            "Alex Admin",
            "correct horse battery",
        );
        let user = self.runtime.block_on(made)?;
        let accounts = self.platform.accounts.clone();
        let started =
            self.platform.db.write(move |tx| fasttrack::auth::sessions::start(tx, &accounts, user.id));
        let secret = self.runtime.block_on(started)?;
        let token = self.keys.sign(Who::User(user.id), Role::Admin, None)?;
        Ok(Person { token, cookie: format!("fasttrack={secret}") })
    }

    /// A provider's member; gives their token.
    fn provider(&self, number: usize) -> Result<String> {
        let registered = json!({
            "organisation": {"name": format!("Provider {number}"), "registered_number": format!("09{number:06}")},
            "name": "Mo Member", "email": format!("member{number}@example.org"), "password": "correct horse battery",
        });
        let made =
            fasttrack::accounts::ops::register_confirmed(&self.platform, serde_json::from_value(registered)?);
        let user = self.runtime.block_on(made)?;
        Ok(self.keys.sign(Who::User(user.id), user.role, user.organisation_id)?)
    }

    fn call(&self, token: &str, method: &str, path: &str, body: &Value) -> Result<Value> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}/api/v1{path}", self.address))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(body.to_string())?;
        let mut answer = self.agent.run(request)?;
        let text = answer.body_mut().read_to_string()?;
        if answer.status().is_success() {
            Ok(serde_json::from_str(&text)?)
        } else {
            bail!("{method} {path}: {text}")
        }
    }

    /// An open round with so many bids; gives the address of their list.
    fn round(
        &self,
        admin: &str,
        fund: &Value,
        number: usize,
        bids: usize,
        providers: &[String],
    ) -> Result<String> {
        let scale: Vec<Value> =
            (0..=5).map(|score| json!({"score": score, "label": format!("Level {score}")})).collect();
        let criterion = |key: &str, weight: u32| json!({"key": key, "title": key, "word_limit": 500, "weight": weight, "scale": scale});
        let round = json!({
            "fund_id": fund["id"], "code": format!("LD{number}"), "name": format!("Load {number}"),
            "rules": {
                "criteria": [criterion("need", 40), criterion("delivery", 30), criterion("value", 30)],
                "budget_pence": 300_000_000, "query_email": "fund@example.org",
            },
            "deadline": "2199-01-01T12:00:00Z", "assessments_due_at": "2199-02-01T12:00:00Z",
        });
        let round = self.call(admin, "POST", "/rounds", &round)?;
        let round = round["id"].as_str().context("a round")?.to_owned();
        self.call(admin, "POST", &format!("/rounds/{round}/open"), &json!({}))?;
        for bid in 0..bids {
            let token = &providers[bid % providers.len()];
            let area = AREAS[if number == 0 { 0 } else { bid % AREAS.len() }];
            let made = self.call(token, "POST", &format!("/rounds/{round}/bids"), &content(bid, area))?;
            let id = made["id"].as_str().context("a bid")?;
            self.call(token, "POST", &format!("/bids/{id}/submit"), &json!({}))?;
        }
        Ok(format!("/rounds/{round}/bids"))
    }

    /// Asks for both lists in turns; gives the times to the first byte.
    fn turns(
        &self,
        small: &str,
        large: &str,
        query: &str,
        cookie: &str,
        requests: usize,
    ) -> Result<(Vec<Duration>, Vec<Duration>)> {
        let (mut few, mut many) = (Vec::new(), Vec::new());
        for _ in 0..20 {
            self.ask(small, query, cookie)?;
            self.ask(large, query, cookie)?;
        }
        for _ in 0..requests {
            few.push(self.ask(small, query, cookie)?.0);
            many.push(self.ask(large, query, cookie)?.0);
        }
        Ok((few, many))
    }

    /// The time to the first byte of a page, and how many bytes it has.
    fn ask(&self, list: &str, query: &str, cookie: &str) -> Result<(Duration, usize)> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let request = format!(
            "GET {list}{query} HTTP/1.1\r\nhost: {}\r\naccept: text/html\r\ncookie: {cookie}\r\nconnection: close\r\n\r\n",
            self.address
        );
        let started = Instant::now();
        stream.write_all(request.as_bytes())?;
        let mut answer = vec![0; 1];
        stream.read_exact(&mut answer)?;
        let first = started.elapsed();
        stream.read_to_end(&mut answer)?;
        if answer.starts_with(b"HTTP/1.1 200") {
            Ok((first, answer.len()))
        } else {
            bail!("{list}{query}: {}", String::from_utf8_lossy(&answer[..answer.len().min(300)]))
        }
    }
}

/// A database of its own on the server.
fn fresh_postgres(server: &str) -> Result<String> {
    let name = format!("bench_{}", fasttrack::id::fresh().simple());
    PgConnection::establish(server)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
    let (base, query) = server.split_once('?').unwrap_or((server, "sslmode=disable"));
    let (host, _) = base.rsplit_once('/').context("a URL with a database")?;
    Ok(format!("{host}/{name}?{query}"))
}

/// A bid of about 4 kB.
fn content(number: usize, area: &str) -> Value {
    let answer =
        "Employers in Burnley report forty vacancies that nobody local has the skills to fill. ".repeat(14);
    json!({
        "title": format!("Digital skills for advanced manufacturing {number}"),
        "summary": "A bid of the usual size. ".repeat(8), "areas": [area],
        "lead_contact": {"name": "Priya Example", "email": "lead@example.org"}, "partners": [],
        "amount_requested_pence": 1_000_000 + 7_919 * (number % 1_000), "match_funding_pence": 2_500_000,
        "planned_learners": 120, "starts_on": "2199-03-01", "ends_on": "2199-12-01",
        "answers": {"need": answer, "delivery": answer, "value": answer},
    })
}
