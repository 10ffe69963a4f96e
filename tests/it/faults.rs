//! The database goes away and comes back: nothing acknowledged is lost, and nobody has to help.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{App, Client};

/// A way to the database that a test can cut and mend.
struct Line {
    port: u16,
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (cut, open) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let line = Self { port, cut: Arc::clone(&cut), open: Arc::clone(&open) };
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
                    open.lock().expect("the streams").push(from.try_clone().expect("a stream"));
                    std::thread::spawn(move || carry(from, to));
                }
            }
        });
        line
    }

    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().expect("the streams").drain(..) {
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _closed = to.shutdown(Shutdown::Both);
}

/// What stands between a service and its database, on either kind.
enum Fault {
    Postgres(Line),
    /// Another process holds SQLite's file for itself.
    Sqlite {
        file: String,
        holder: Option<diesel::SqliteConnection>,
    },
}

impl Fault {
    fn begin(&mut self) {
        use diesel::connection::{Connection, SimpleConnection};
        match self {
            Self::Postgres(line) => line.cut(),
            Self::Sqlite { file, holder } => {
                let mut conn = diesel::SqliteConnection::establish(file).expect("the file");
                conn.batch_execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE").expect("the lock");
                *holder = Some(conn);
            }
        }
    }

    fn end(&mut self) {
        match self {
            Self::Postgres(line) => line.mend(),
            Self::Sqlite { holder, .. } => *holder = None,
        }
    }
}

fn app_with_a_fault() -> (App, Fault) {
    let mut fault = None;
    let app = App::start_with(|config| {
        config.database.wait_seconds = 1;
        let url = config.database.url.clone();
        fault = Some(match url.strip_prefix("sqlite:") {
            Some(file) => Fault::Sqlite { file: file.to_owned(), holder: None },
            None => {
                let start = url.find('@').map_or("postgres://".len(), |at| at + 1);
                let end = start + url[start..].find('/').expect("a database in the URL");
                let line = Line::to(url[start..end].to_owned());
                config.database.url = format!("{}127.0.0.1:{}{}", &url[..start], line.port, &url[end..]);
                Fault::Postgres(line)
            }
        });
    });
    (app, fault.expect("a fault"))
}

#[test]
fn the_service_says_so_while_the_database_is_away_and_recovers_by_itself() {
    let (app, mut fault) = app_with_a_fault();
    let admin = app.admin();
    let fund =
        |name: &str| json!({"name": name, "description": "", "currency": "GBP", "areas": ["E47000001"]});
    let kept = admin.post("/funds", &fund("Kept")).created();

    fault.begin();
    let refused = admin.post("/funds", &fund("Lost"));
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.json["type"], "/problems/unavailable");
    assert!(!refused.header("retry-after").is_empty());
    if let Fault::Postgres(_) = fault {
        assert_eq!(app.anyone().get("/health/ready").status, 503);
    }
    assert_eq!(app.anyone().get("/health/live").status, 200, "the process itself is well");

    fault.end();
    let started = Instant::now();
    while app.anyone().get("/health/ready").status != 200 {
        assert!(started.elapsed() < Duration::from_secs(20), "the service did not recover");
        std::thread::sleep(Duration::from_millis(100));
    }
    let created = loop {
        let answer = admin.post("/funds", &fund("Found again"));
        if answer.status != 503 {
            break answer.created();
        }
        assert!(started.elapsed() < Duration::from_secs(20), "the service did not recover");
    };
    let id = |fund: &serde_json::Value| fund["id"].as_str().expect("an id").to_owned();
    for fund in [&kept, &created] {
        admin.get(&format!("/funds/{}", id(fund))).ok();
    }
    let names: Vec<_> = admin.get("/funds").ok().json["items"]
        .as_array()
        .expect("funds")
        .iter()
        .map(|fund| fund["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names, ["Kept", "Found again"], "what was refused was not kept");
}

/// A disk of a few megabytes that a test fills and empties.
struct SmallDisk {
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where this process may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let mounted = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"])
            .arg(folder.path())
            .stderr(std::process::Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self { folder })
    }

    fn database(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("small.db").display())
    }

    fn fill(&self) {
        let mut file = std::fs::File::create(self.folder.path().join("filler")).expect("a file");
        // The last write is cut short, which is what fills it.
        while file.write_all(&[0; 65_536]).is_ok() {}
        while file.write_all(&[0; 512]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.folder.path().join("filler")).expect("the file goes");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _unmounted = std::process::Command::new("umount").arg("-l").arg(self.folder.path()).status();
    }
}

/// Makes funds until one is refused; gives the names of those that were acknowledged and the refusal.
fn make_funds_until_refused(admin: &Client) -> (Vec<String>, crate::support::Answer) {
    let mut made = Vec::new();
    loop {
        let name = format!("Fund {}", made.len());
        let fund = json!({"name": name, "description": "x".repeat(1_000), "currency": "GBP", "areas": ["E47000001"]});
        let answer = admin.post("/funds", &fund);
        if answer.status != 201 {
            return (made, answer);
        }
        made.push(name);
        assert!(made.len() < 2_000, "the disk never filled");
    }
}

/// Page by page, oldest first.
fn fund_names(admin: &Client) -> Vec<String> {
    let mut names = Vec::new();
    let mut next = "?limit=100".to_owned();
    loop {
        let page = admin.get(&format!("/funds{next}")).ok().json;
        let funds = page["items"].as_array().expect("funds").iter();
        names.extend(funds.map(|fund| fund["name"].as_str().expect("a name").to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => next = format!("?limit=100&cursor={cursor}"),
            None => return names,
        }
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "what is left out is said")]
fn a_full_disk_refuses_what_it_cannot_keep_and_loses_nothing_that_it_acknowledged() {
    let Some(disk) = SmallDisk::mount() else {
        eprintln!("left out: a full disk, which takes the right to mount a small one");
        return;
    };
    let app = App::start_with(|config| config.database.url = disk.database());
    let admin = app.admin();
    disk.fill();

    let (made, refused) = make_funds_until_refused(&admin);
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(refused.json["type"], "/problems/unavailable");
    assert!(refused.json["detail"].as_str().expect("words").contains("no room"), "{}", refused.text);
    assert_eq!(app.anyone().get("/health/ready").status, 503, "it says that it cannot write");
    assert_eq!(app.anyone().get("/health/live").status, 200, "the process itself is well");
    admin.get("/funds").ok();

    disk.empty();
    let again = json!({"name": "Found again", "description": "", "currency": "GBP", "areas": ["E47000001"]});
    admin.post("/funds", &again).created();
    assert_eq!(app.anyone().get("/health/ready").status, 200, "it recovered by itself");
    let kept = fund_names(&admin);
    let expected: Vec<String> = made.into_iter().chain(["Found again".to_owned()]).collect();
    assert_eq!(kept, expected, "what was acknowledged, and nothing else");
}
