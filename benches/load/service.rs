//! The service under load: its own process, started as an operator would start it.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::load::{self, Rate};
use crate::script::prefix;

const PROGRAM: &str = env!("CARGO_BIN_EXE_fasttrack");
const PASSWORD: &str = "correct horse battery";

/// Drafts waiting to be submitted: more than a run uses.
const DRAFTS: u64 = 60_000;

pub struct Service {
    pub process: Child,
    pub address: String,
    folder: tempfile::TempDir,
    name: &'static str,
}

/// An open round with a provider and its drafts, numbered from 0.
pub struct Prepared {
    pub token: String,
    pub drafts: u64,
    /// The next draft that the service submits: the first half is the service's.
    next: AtomicU64,
    /// The next draft that the bare database submits: the second half is its own.
    pub bare: AtomicU64,
    /// The next draft to read.
    read: AtomicU64,
    /// Identifiers that statements mention and that differ from one database to the next.
    pub names: Vec<String>,
}

impl Service {
    /// Starts it on an empty database and says how long it took to answer.
    pub fn start(database_url: &str, name: &'static str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        succeed(command(database_url, folder.path(), &["migrate"]).status()?.success(), "migrate")?;
        let admin = [
            "admin",
            "create",
            "--email",
            "admin@example.org",
            "--name",
            "Alex Admin",
            "--password",
            PASSWORD,
        ];
        succeed(command(database_url, folder.path(), &admin).status()?.success(), "admin create")?;
        Self::serve(database_url, folder, name)
    }

    /// Starts it on a database that it has served before.
    pub fn serve(database_url: &str, folder: tempfile::TempDir, name: &'static str) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let address = format!("127.0.0.1:{port}");
        let started = Instant::now();
        let mut serve = command(database_url, folder.path(), &["serve"]);
        let process = serve.env("FASTTRACK__SERVER__LISTEN", &address).spawn()?;
        let service = Self { process, address, folder, name };
        while service.ready().is_err() {
            if started.elapsed() > Duration::from_secs(30) {
                bail!("the service did not start");
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        println!("{name}: start to the first 200: {} ms", started.elapsed().as_millis());
        Ok(service)
    }

    fn ready(&self) -> Result<()> {
        ureq::get(format!("http://{}/health/ready", self.address)).call()?;
        Ok(())
    }

    fn me(&self, token: &str) -> Result<Value> {
        let request = ureq::get(format!("http://{}/api/v1/users/me", self.address));
        let mut answer = request.header("authorization", format!("Bearer {token}")).call()?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    pub fn call(&self, method: &str, path: &str, token: &str, body: &Value) -> Result<Value> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("http://{}/api/v1{path}", self.address))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("if-match", "*")
            .body(body.to_string())?;
        let mut answer = agent.run(request)?;
        let text = answer.body_mut().with_config().limit(u64::MAX).read_to_string()?;
        succeed(answer.status().is_success(), &format!("{method} {path}: {text}"))?;
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    pub fn sign_in(&self, email: &str) -> Result<String> {
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        let form = [("grant_type", "password"), ("username", email), ("password", PASSWORD)];
        let mut answer = agent.post(format!("http://{}/api/v1/token", self.address)).send_form(form)?;
        let token: Value = serde_json::from_str(&answer.body_mut().read_to_string()?)?;
        token["access_token"].as_str().map(str::to_owned).context("no token")
    }

    /// Opens a round, registers a provider, and has one draft of 4 kB copied many times in the
    /// database itself: `copy` gets its id and how many copies there shall be.
    pub fn prepare(&self, copy: impl Fn(&str, u64) -> Result<()>) -> Result<Prepared> {
        let admin = self.sign_in("admin@example.org")?;
        let fund = json!({"name": "Load", "description": "Load", "currency": "GBP", "areas": ["E12000002"]});
        let fund = self.call("POST", "/funds", &admin, &fund)?;
        let round = json!({
            "fund_id": fund["id"], "code": "LD1", "name": "Load 1", "rules": rules(),
            "deadline": "2199-01-01T12:00:00Z", "assessments_due_at": "2199-02-01T12:00:00Z",
        });
        let round = self.call("POST", "/rounds", &admin, &round)?;
        let round = round["id"].as_str().context("a round")?.to_owned();
        self.call("POST", &format!("/rounds/{round}/open"), &admin, &json!({}))?;

        let registration = json!({
            "organisation": {"name": "Load Provider", "registered_number": "09000001"},
            "name": "Mo Member", "email": "member@example.org", "password": PASSWORD,
        });
        self.call("POST", "/registrations", "", &registration)?;
        self.call("POST", "/registrations/confirm", "", &json!({"token": self.token_from_email()?}))?;
        let token = self.sign_in("member@example.org")?;
        let draft = self.call("POST", &format!("/rounds/{round}/bids"), &token, &content())?;
        let member = self.me(&token)?;
        let names = [&fund["id"], &draft["round_id"], &draft["organisation_id"], &member["id"]];
        let names = names.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect();
        copy(draft["id"].as_str().context("a bid")?, DRAFTS)?;
        Ok(Prepared {
            token,
            drafts: DRAFTS,
            next: AtomicU64::new(0),
            bare: AtomicU64::new(DRAFTS / 2),
            read: AtomicU64::new(0),
            names,
        })
    }

    /// The one-time token of the first email that has one.
    fn token_from_email(&self) -> Result<String> {
        for _ in 0..200 {
            for entry in std::fs::read_dir(self.folder.path().join("outbox")).into_iter().flatten().flatten()
            {
                let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
                let text = text.replace("=\r\n", "").replace("=3D", "=");
                if let Some((_, after)) = text.split_once("token=") {
                    return Ok(after
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
                        .collect());
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("no email with a link came")
    }

    fn submission(&self, token: &str, n: u64) -> (String, String) {
        let bid = format!("{}{n:012x}", prefix(0));
        let head = format!(
            "POST /api/v1/bids/{bid}/submit HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\nif-match: *\r\nidempotency-key: {bid}\r\n",
            self.address
        );
        (head, "{}".to_owned())
    }

    fn reading(&self, token: &str, n: u64) -> (String, String) {
        let bid = format!("{}{n:012x}", prefix(0));
        let head = format!(
            "GET /api/v1/bids/{bid} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n",
            self.address
        );
        (head, String::new())
    }

    /// Submits the next draft; gives its id.
    pub fn submit_one(&self, prepared: &Prepared) -> Result<String> {
        let n = prepared.next.fetch_add(1, Ordering::Relaxed);
        let (head, body) = self.submission(&prepared.token, n);
        let status = load::Connection::open(&self.address)?.send(&head, &body)?;
        succeed(status == 201, &format!("a submission was answered {status}"))?;
        Ok(format!("{}{n:012x}", prefix(0)))
    }

    /// Reads the next draft; gives its id.
    pub fn read_one(&self, prepared: &Prepared) -> Result<String> {
        let n = prepared.read.fetch_add(1, Ordering::Relaxed);
        let (head, body) = self.reading(&prepared.token, n);
        let status = load::Connection::open(&self.address)?.send(&head, &body)?;
        succeed(status == 200, &format!("a reading was answered {status}"))?;
        Ok(format!("{}{n:012x}", prefix(0)))
    }

    pub fn submit(&self, prepared: &Prepared, clients: usize, turn: Duration) -> Result<Rate> {
        load::run(&self.address, clients, turn, &prepared.next, 201, |n| self.submission(&prepared.token, n))
    }

    pub fn read(&self, prepared: &Prepared, clients: usize, turn: Duration) -> Result<Rate> {
        let drafts = prepared.drafts;
        load::run(&self.address, clients, turn, &prepared.read, 200, |n| {
            self.reading(&prepared.token, n % drafts)
        })
    }

    /// What the process holds now and held at most.
    pub fn report_memory(&self) -> Result<()> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = |name: &str| {
            let value = status.lines().find_map(|line| line.strip_prefix(name));
            value.map_or("unknown", str::trim).to_owned()
        };
        println!("{}: memory: {} (at most {})", self.name, line("VmRSS:"), line("VmHWM:"));
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _asked = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ended = self.process.wait();
    }
}

fn command(database_url: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(folder)
        .env("DATABASE_URL", database_url)
        .env("FASTTRACK__LOG__LEVEL", "warn")
        .env("FASTTRACK__SCHEDULER__ENABLED", "false")
        .env("FASTTRACK__MAIL__FOLDER", folder.join("outbox"))
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}

fn succeed(well: bool, what: &str) -> Result<()> {
    if well { Ok(()) } else { bail!("failed: {what}") }
}

fn rules() -> Value {
    let scale: Vec<Value> =
        (0..=5).map(|score| json!({"score": score, "label": format!("Level {score}")})).collect();
    let criterion = |key: &str, weight: u32| json!({"key": key, "title": key, "guidance": "", "word_limit": 500, "weight": weight, "scale": scale});
    json!({
        "criteria": [criterion("need", 40), criterion("delivery", 30), criterion("value", 30)],
        "gateways": [{"key": "registered", "question": "Registered?", "required_answer": true}],
        "declarations": [{"key": "accurate", "statement": "It is accurate."}],
        "budget_pence": 300_000_000, "grant_limit_pence": 18_000_000, "query_email": "fund@example.org",
    })
}

/// A bid of about 4 kB.
fn content() -> Value {
    let answer =
        "Employers in Burnley report forty vacancies that nobody local has the skills to fill. ".repeat(14);
    json!({
        "title": "Digital skills for advanced manufacturing", "summary": "A bid of the usual size. ".repeat(8),
        "areas": ["E07000117", "E07000122"],
        "lead_contact": {"name": "Priya Example", "email": "member@example.org"},
        "partners": [{"name": "Pennine Software", "registered_number": "09000002"}],
        "amount_requested_pence": 15_000_000, "match_funding_pence": 2_500_000, "planned_learners": 120,
        "starts_on": "2199-03-01", "ends_on": "2199-12-01",
        "answers": {"need": answer, "delivery": answer, "value": answer},
        "gateway_answers": {"registered": true}, "declarations": ["accurate"],
    })
}
