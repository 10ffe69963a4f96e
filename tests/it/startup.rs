//! The program itself: how it starts, what stops it from starting, and how it ends.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

fn program(folder: &tempfile::TempDir) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fasttrack"));
    for (name, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("FASTTRACK") || name.ends_with("_URL"))
    {
        command.env_remove(name);
    }
    command
        .current_dir(folder.path())
        .env("FASTTRACK__SERVER__LISTEN", "127.0.0.1:0")
        .env("FASTTRACK__SERVER__SHUTDOWN_SECONDS", "5")
        .env("FASTTRACK__SERVER__WORKERS", "1");
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn an_unknown_key_stops_the_start_with_its_name() {
    let output = program(&folder()).env("FASTTRACK__SERVER__COLOUR", "blue").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("colour"), "{}", told(&output));
}

#[test]
fn a_wrong_value_stops_the_start_with_its_key() {
    for (key, value, named) in [
        ("FASTTRACK__SERVER__WORKERS", "many", "server.workers"),
        ("FASTTRACK__SERVER__PUBLIC_URL", "bids.example.org", "server.public_url"),
        ("FASTTRACK__SERVER__PUBLIC_URL", "https://bids.example.org/", "server.public_url"),
        ("FASTTRACK__DATABASE__CONNECTIONS", "0", "database.connections"),
        ("FASTTRACK__MAIL__TRANSPORT", "smtp", "mail.smtp_url"),
        ("FASTTRACK__MAIL__TRANSPORT", "pigeon", "mail.transport"),
        ("FASTTRACK__DATABASE__URL", "mysql://localhost/bids", "database.url"),
        ("FASTTRACK__AWARDS__PREFIX", "fasttrack", "awards.prefix"),
        ("FASTTRACK__AWARDS__PREFIX", "360G-fast track", "awards.prefix"),
        ("FASTTRACK__AWARDS__FUNDER_NAME", "", "awards.funder_name"),
        ("FASTTRACK__LOG__LEVEL", "fasttrack=loud", "log.level"),
    ] {
        let output = program(&folder()).env(key, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{key}={value}");
        assert!(told(&output).contains(named), "{key}={value}: {}", told(&output));
    }
}

#[test]
fn a_database_that_cannot_be_reached_stops_the_start() {
    let url = "postgres://nobody@127.0.0.1:1/nothing?sslmode=disable";
    let output = program(&folder()).env("DATABASE_URL", url).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("the database cannot be opened"), "{}", told(&output));
}

#[test]
fn a_connection_in_plain_text_has_to_be_asked_for() {
    let output =
        program(&folder()).env("DATABASE_URL", "postgres://nobody@127.0.0.1:1/nothing").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(cfg!(feature = "pg-tls") || told(&output).contains("sslmode=disable"), "{}", told(&output));
}

#[test]
fn the_document_is_printed_without_a_database() {
    let folder = folder();
    let output = program(&folder).arg("openapi").output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(!folder.path().join("var").exists());
}

#[test]
fn an_administrator_can_be_made_on_the_command_line() {
    let folder = folder();
    let mut command = program(&folder);
    command.args(["admin", "create", "--email", "ada@example.org", "--name", "Ada Admin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"correct horse battery\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("ada@example.org"));

    let mut service = Service::start(&folder);
    assert!(!service.printed.contains("/setup?token="), "there is an administrator already");
    let form = "grant_type=password&username=ada%40example.org&password=correct+horse+battery";
    let (status, body) = service.post("/api/v1/token", "application/x-www-form-urlencoded", form);
    assert_eq!(status, 200, "{body}");
    assert!(service.stop().success());
}

#[test]
fn an_empty_service_prints_a_link_that_makes_the_first_administrator_once() {
    let folder = folder();
    let mut service = Service::start(&folder);
    let token =
        service.printed.split("/setup?token=").nth(1).expect("a link").split_whitespace().next().unwrap();
    let body = serde_json::json!({
        "token": token, "email": "ada@example.org", "name": "Ada Admin", "password": "correct horse battery",
    });
    let body = body.to_string();
    let (status, answer) = service.post("/api/v1/setup", "application/json", &body);
    assert!((200..300).contains(&status), "{status} {answer}");
    let (status, answer) = service.post("/api/v1/setup", "application/json", &body);
    assert!((400..500).contains(&status), "{status} {answer}");
    assert!(service.stop().success());
}

#[test]
fn being_told_to_stop_ends_it_in_order() {
    let folder = folder();
    let mut service = Service::start(&folder);
    let began = Instant::now();
    assert!(service.stop().success());
    assert!(began.elapsed() < Duration::from_secs(5), "nothing was under way");
}

#[test]
fn a_request_under_way_is_answered_before_the_end() {
    let folder = folder();
    let mut service = Service::start(&folder);
    let address = service.base.strip_prefix("http://").unwrap().to_owned();
    let (start, rest) = ("{\"token\": \"not a token\",", " \"password\": \"correct horse battery\"}");
    let mut connection = TcpStream::connect(&address).unwrap();
    let length = start.len() + rest.len();
    write!(
        connection,
        "POST /api/v1/passwords HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{start}"
    )
    .unwrap();
    std::thread::sleep(Duration::from_millis(300));
    service.tell_to_stop();
    std::thread::sleep(Duration::from_millis(500));
    assert!(TcpStream::connect(&address).is_err(), "no new request is taken");
    connection.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(service.child.wait().unwrap().success());
}

#[test]
fn postgres_is_brought_up_to_date_by_hand() {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return };
    let name = format!("t_{}", fasttrack::id::fresh().simple());
    PgConnection::establish(&server).unwrap().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    let (base, query) = server.split_once('?').unwrap_or((&server, "sslmode=disable"));
    let url = format!("{}/{name}?{query}", base.rsplit_once('/').unwrap().0);
    let folder = folder();

    let output = program(&folder).env("DATABASE_URL", &url).arg("serve").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains("fasttrack migrate"), "{}", told(&output));
    for _ in 0..2 {
        let output = program(&folder).env("DATABASE_URL", &url).arg("migrate").output().unwrap();
        assert!(output.status.success(), "{}", told(&output));
    }
    let mut command = program(&folder);
    command.env("DATABASE_URL", &url);
    assert!(Service::of(command).stop().success());
}

/// The program, serving.
struct Service {
    child: Child,
    base: String,
    printed: String,
}

impl Service {
    fn start(folder: &tempfile::TempDir) -> Self {
        Self::of(program(folder))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut printed = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        lines.read_line(&mut printed).unwrap();
        let base = printed
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .expect("an address")
            .to_owned();
        // What else it says at its start comes with the first line, if at all.
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = lines.read(&mut buffer) {
                let _heard = send.send(String::from_utf8_lossy(&buffer[..read]).into_owned());
            }
        });
        while let Ok(more) = receive.recv_timeout(Duration::from_millis(500)) {
            printed.push_str(&more);
        }
        Self { child, base, printed }
    }

    fn post(&self, path: &str, kind: &str, body: &str) -> (u16, String) {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent: ureq::Agent = config.into();
        let request = agent.post(format!("{}{path}", self.base)).header("Content-Type", kind);
        let mut response = request.send(body).expect("an answer");
        (response.status().as_u16(), response.body_mut().read_to_string().unwrap())
    }

    fn tell_to_stop(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    fn stop(&mut self) -> std::process::ExitStatus {
        self.tell_to_stop();
        self.child.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Already gone where the test stopped it.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}
