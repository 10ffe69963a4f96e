//! A service of a test's own: its own database, its own port, a clock that stands until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use fasttrack::auth::{Keys, Role, Who};
use fasttrack::clock::{Clock, Timestamp};
use fasttrack::config::Config;
use fasttrack::db::{DatabaseUrl, Db};
use fasttrack::id::{OrganisationId, UserId};
use fasttrack::mail::Site;
use fasttrack::platform::Platform;
use serde_json::{Value, json};

/// 09:00 on 1 September 2026 in London, a Tuesday.
pub const START: &str = "2026-09-01T08:00:00Z";

pub fn at(text: &str) -> Timestamp {
    serde_json::from_value(json!(text)).expect("a time")
}

pub struct App {
    pub url: String,
    pub clock: Clock,
    pub platform: Platform,
    pub keys: Keys,
    pub config: Config,
    runtime: tokio::runtime::Runtime,
    server: actix_web::dev::ServerHandle,
    _folder: tempfile::TempDir,
    _thread: std::thread::JoinHandle<()>,
    people: AtomicU32,
}

impl App {
    pub fn start() -> Self {
        Self::start_with(|_| {})
    }

    pub fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        // A fault of the service's own is then seen beside the test that found it.
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_test_writer();
        let _already_there = log.try_init();
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::standing_at(at(START));
        let mut config = Config::defaults().expect("the defaults");
        config.server.listen = "127.0.0.1:0".to_owned();
        config.server.workers = 2;
        config.server.shutdown_seconds = 1;
        config.scheduler.enabled = false;
        config.mail.folder = folder.path().join("outbox").display().to_string();
        config.database.url = database_url(&folder);
        config.database.connections = 8;
        change(&mut config);

        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let url = DatabaseUrl::parse(&config.database.url).expect("a database URL");
        let db = Db::open(&url, &config.pool(), clock.clone()).expect("the database opens");
        runtime.block_on(db.migrate()).expect("the migrations run");
        let keys = runtime.block_on(Keys::load(&db)).expect("the keys load");
        let site = Site {
            public_url: "https://bids.example.org".to_owned(),
            service_name: "Fasttrack".to_owned(),
            contact_email: "help@example.org".to_owned(),
            mail_domain: "bids.example.org".to_owned(),
        };
        let (accounts, awards) = (Arc::new(config.accounts.clone()), Arc::new(config.awards.clone()));
        let follow = fasttrack::routing::ops::follow;
        let platform = Platform { db, site: Arc::new(site), accounts, awards, follow };

        let (send, receive) = std::sync::mpsc::channel();
        let thread = {
            let (config, platform, keys) = (config.clone(), platform.clone(), keys.clone());
            std::thread::spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    let started =
                        fasttrack::app::start(&config, &platform, &keys).expect("the server starts");
                    send.send((started.address, started.server.handle())).expect("the test waits");
                    started.server.await.expect("the server runs");
                });
            })
        };
        let (address, server) = receive.recv_timeout(Duration::from_secs(20)).expect("the server starts");
        Self {
            url: format!("http://{address}"),
            clock,
            platform,
            keys,
            config,
            runtime,
            server,
            _folder: folder,
            _thread: thread,
            people: AtomicU32::new(0),
        }
    }

    /// Runs a use case directly, for what has no endpoint.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub fn set_time(&self, text: &str) {
        self.clock.set(at(text));
    }

    /// A caller without a token.
    pub fn anyone(&self) -> Client {
        Client::new(&self.url, Token::None)
    }

    /// A caller with this token.
    pub fn bearer(&self, token: &str) -> Client {
        Client::new(&self.url, Token::This(token.to_owned()))
    }

    /// A caller who is this person, signed in without a password.
    pub fn signed_in(&self, user: &Value) -> Client {
        let id: UserId = serde_json::from_value(user["id"].clone()).expect("an id");
        let role: Role = serde_json::from_value(user["role"].clone()).expect("a role");
        let organisation: Option<OrganisationId> =
            serde_json::from_value(user["organisation_id"].clone()).expect("an organisation");
        let (keys, who) = (self.keys.clone(), Who::User(id));
        let token = Token::Fresh { keys, who, role, organisation };
        Client { user: user.clone(), ..Client::new(&self.url, token) }
    }

    /// An administrator, made as `fasttrack admin create` does.
    pub fn admin(&self) -> Client {
        let email = format!("admin{}@example.org", self.people.fetch_add(1, Ordering::SeqCst));
        let user = self
            .run(fasttrack::accounts::ops::create_admin(
                &self.platform,
                &email,
                "Alex Admin",
                "correct horse battery",
            ))
            .expect("an administrator");
        self.signed_in(&serde_json::to_value(user).expect("JSON"))
    }

    /// An invited assessor, with the areas it covers.
    pub fn assessor(&self, admin: &Client, name: &str, areas: &[&str]) -> Client {
        let user = self.invited(admin, name, "assessor");
        let id = user["id"].as_str().expect("an id").to_owned();
        let tag = admin.get(&format!("/assessors/{id}")).ok().etag();
        admin.put(&format!("/assessors/{id}"), &tag, &json!({"areas": areas})).ok();
        self.signed_in(&user)
    }

    pub fn auditor(&self, admin: &Client) -> Client {
        let user = self.invited(admin, "Audrey Auditor", "auditor");
        self.signed_in(&user)
    }

    fn invited(&self, admin: &Client, name: &str, role: &str) -> Value {
        let email = format!("person{}@example.org", self.people.fetch_add(1, Ordering::SeqCst));
        admin.post("/users", &json!({"email": email, "name": name, "role": role})).created()
    }

    /// A member of a new organisation that registered itself and confirmed its address.
    pub fn provider(&self, name: &str) -> Client {
        let number = self.people.fetch_add(1, Ordering::SeqCst);
        let registered = json!({
            "organisation": {"name": name, "registered_number": format!("09{number:06}")},
            "name": format!("{name} Member"),
            "email": format!("member{number}@example.org"),
            "password": "correct horse battery",
        });
        let user = self
            .run(fasttrack::accounts::ops::register_confirmed(
                &self.platform,
                serde_json::from_value(registered).expect("a registration"),
            ))
            .expect("a provider");
        self.signed_in(&serde_json::to_value(user).expect("JSON"))
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.runtime.block_on(self.server.stop(false));
    }
}

pub fn database_url(folder: &tempfile::TempDir) -> String {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(server) => fresh_postgres(&server),
        Err(_) => format!("sqlite:{}", folder.path().join("test.db").display()),
    }
}

/// A database of this test's own on the server.
fn fresh_postgres(server: &str) -> String {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let name = format!("t_{}", fasttrack::id::fresh().simple());
    let mut conn = PgConnection::establish(server).expect("the PostgreSQL server of TEST_DATABASE_URL");
    conn.batch_execute(&format!("CREATE DATABASE {name}")).expect("a database");
    let (base, query) = server.split_once('?').unwrap_or((server, "sslmode=disable"));
    let (host, _) = base.rsplit_once('/').expect("a URL with a database");
    format!("{host}/{name}?{query}")
}

/// What a caller proves to be.
#[derive(Clone)]
pub enum Token {
    None,
    This(String),
    /// Signed anew for each request, so that a test may move its clock past a token's life.
    Fresh {
        keys: Keys,
        who: Who,
        role: Role,
        organisation: Option<OrganisationId>,
    },
}

impl Token {
    fn text(&self) -> Option<String> {
        match self {
            Self::None => None,
            Self::This(token) => Some(token.clone()),
            Self::Fresh { keys, who, role, organisation } => {
                Some(keys.sign(*who, *role, *organisation).expect("a token"))
            }
        }
    }
}

/// Someone who calls the API.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Token,
    /// Who it is, as the API shows them; null without a token.
    pub user: Value,
}

impl Client {
    pub fn new(url: &str, token: Token) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: url.to_owned(), token, user: Value::Null }
    }

    pub fn id(&self) -> &str {
        self.user["id"].as_str().expect("an id")
    }

    pub fn organisation(&self) -> &str {
        self.user["organisation_id"].as_str().expect("an organisation")
    }

    /// `path` below `/api/v1`.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None)
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body.to_string()))
    }

    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        self.send("POST", path, &[("Idempotency-Key", key)], Some(body.to_string()))
    }

    pub fn put(&self, path: &str, etag: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[("If-Match", etag)], Some(body.to_string()))
    }

    /// A POST with an OAuth form body.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = serde_urlencoded::to_string(fields).expect("a form");
        self.send("POST", path, &[("Content-Type", "application/x-www-form-urlencoded")], Some(body))
    }

    /// Anything at all. Paths that start with `/api`, `/health`, `/docs` or `/metrics` are whole.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Answer {
        const WHOLE: [&str; 10] = [
            "/api/",
            "/health",
            "/docs",
            "/metrics",
            "/problems",
            "/assets/",
            "/setup?",
            "/invitation",
            "/password-reset?",
            "/confirm",
        ];
        let whole = WHOLE.iter().any(|start| path.starts_with(start));
        let url = if whole { format!("{}{path}", self.base) } else { format!("{}/api/v1{path}", self.base) };
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if let Some(token) = self.token.text() {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            request = request.header("Content-Type", "application/json");
        }
        let request = request.body(body.unwrap_or_default()).expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.body_mut().read_to_vec().expect("a body");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, bytes, text, json, asked: format!("{method} {path}") }
    }
}

pub struct Answer {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub bytes: Vec<u8>,
    pub text: String,
    pub json: Value,
    asked: String,
}

impl Answer {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        self
    }

    /// 200.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.is(200)
    }

    /// The body of a 201.
    #[track_caller]
    pub fn created(self) -> Value {
        self.is(201).json
    }

    /// A refusal of this status and kind; gives the body.
    #[track_caller]
    pub fn refused(self, status: u16, kind: &str) -> Value {
        let answer = self.is(status);
        assert_eq!(answer.json["type"], format!("/problems/{kind}"), "{}: {}", answer.asked, answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        answer.json
    }

    #[track_caller]
    pub fn etag(&self) -> String {
        let tag = self.header("etag");
        assert!(!tag.is_empty(), "{} has no ETag", self.asked);
        tag
    }

    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    /// The pointers of a refusal's faults, in order.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.json["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().filter_map(|fault| fault["pointer"].as_str().map(str::to_owned)).collect()
    }
}
