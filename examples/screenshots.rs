//! Takes the pictures of `docs/pages.md`.
//!
//! ```sh
//! cargo run --example screenshots            # into docs/screenshots; wants chromium and chromedriver
//! cargo run --example screenshots -- FOLDER
//! ```
//!
//! Plays the sample fund, which leaves a closed round and one that takes bids; signs in as each role in Chromium, and keeps a
//! picture of the pages that say most.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a picture that cannot be taken ends it"
)]
#![expect(clippy::print_stdout, reason = "a program that says what it wrote")]

#[expect(dead_code, reason = "the browser of the tests, of which pictures need a part")]
#[path = "../tests/it/chromium.rs"]
mod chromium;

use std::path::PathBuf;

use anyhow::Context;
use fasttrack::config::Config;
use fasttrack::demo::{self, Played};
use serde_json::{Value, json};

use chromium::Chromium;

const WIDE: (u32, u32) = (1200, 820);
/// Room for an answer beside its scale.
const SCORING: (u32, u32) = (1200, 1000);
const PHONE: (u32, u32) = (390, 844);

fn main() -> anyhow::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "docs/screenshots".to_owned());
    let home = tempfile::tempdir()?;
    let mut config = Config::defaults()?;
    config.server.listen = "127.0.0.1:0".to_owned();
    config.mail.folder = home.path().join("outbox").display().to_string();
    config.database.url = format!("sqlite:{}", home.path().join("sample.db").display());
    let look = async |played: &Played, address: &str| {
        let (played, address) = (played.clone(), address.to_owned());
        let taking = tokio::task::spawn_blocking(move || take(&played, &address, PathBuf::from(folder)));
        taking.await.expect("pictures");
    };
    actix_web::rt::System::new().block_on(demo::rehearse(config, look)).map(drop)
}

fn take(played: &Played, address: &str, folder: PathBuf) {
    std::fs::create_dir_all(&folder).expect("a folder");
    let api = Api::signed_in(played, address).expect("the administrator signs in");
    let rounds = Rounds { closed: played.round_id.clone(), open: api.first("/rounds?status=open") };
    let camera = Camera { played, address, folder };
    of_administrators(&camera, &api, &rounds);
    of_assessors(&camera);
    of_providers(&camera);
}

struct Rounds {
    closed: String,
    open: String,
}

fn of_administrators(camera: &Camera<'_>, api: &Api, rounds: &Rounds) {
    let browser = camera.sign_in("administrator");
    let closed = &rounds.closed;
    let disputed = api.first(&format!("/rounds/{closed}/bids?q=Long+Meadow"));
    for (name, path) in [
        ("round", format!("/rounds/{closed}")),
        ("rules", format!("/rounds/{}/rules", rounds.open)),
        ("bids", format!("/rounds/{closed}/bids?sort=-amount")),
        ("routing", format!("/rounds/{closed}/routing")),
        ("who-assesses", format!("/bids/{disputed}/routing")),
        ("scores", format!("/rounds/{closed}/scores")),
        ("moderation", format!("/bids/{disputed}/scores")),
        ("outcomes", format!("/rounds/{closed}/outcomes")),
    ] {
        camera.picture(&browser, name, &path, WIDE);
    }
}

fn of_assessors(camera: &Camera<'_>) {
    let browser = camera.sign_in("assessor");
    camera.picture(&browser, "assignments", "/assignments", WIDE);
    let link = "return new URL(document.querySelector('.tasks a').href).pathname";
    let path = text(&browser.script(link));
    camera.picture(&browser, "interest", &path, WIDE);
    camera.picture(&browser, "assignments-phone", "/assignments", PHONE);
    let begun = "return new URL([...document.querySelectorAll('.tasks li')] \
        .find(one => /\\d of \\d parts/.test(one.textContent)).querySelector('a').href).pathname";
    browser.go(&text(&browser.script(begun)));
    let criterion = "return new URL(document.querySelector('main a[href*=\"/criteria/\"]').href).pathname";
    let path = text(&browser.script(criterion));
    camera.picture(&browser, "scoring", &path, SCORING);
}

fn of_providers(camera: &Camera<'_>) {
    let browser = camera.sign_in("provider");
    camera.picture(&browser, "your-bids", "/your-bids", WIDE);
    let link = "return [...document.querySelectorAll('main a')].map(one => new URL(one.href).pathname) \
        .find(path => /^\\/your-bids\\/[0-9a-f-]+$/.test(path))";
    let path = text(&browser.script(link));
    camera.picture(&browser, "bid-phone", &path, PHONE);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

struct Camera<'p> {
    played: &'p Played,
    address: &'p str,
    folder: PathBuf,
}

impl Camera<'_> {
    fn sign_in(&self, role: &str) -> Chromium {
        let account = self.played.accounts.iter().find(|account| account.role == role).expect("an account");
        let browser = Chromium::start(self.address, true).expect("Chromium");
        browser.go("/sign-in");
        browser.fill("#email", &account.email);
        browser.fill("#password", &self.played.password);
        browser.press("Sign in");
        browser.sees("Sign out");
        browser
    }

    #[track_caller]
    fn picture(&self, browser: &Chromium, name: &str, path: &str, size: (u32, u32)) {
        browser.go(path);
        let heading = browser.script("return document.querySelector('h1')?.textContent ?? ''");
        let missing =
            ["Page not found", "Something went wrong on our side", ""].contains(&text(&heading).as_str());
        assert!(!missing, "{path} shows {heading}");
        let file = self.folder.join(format!("{name}.png"));
        browser.resize_to(size);
        std::fs::write(&file, browser.captured(json!({"format": "png"}))).expect("a picture");
        println!("{}: {path}", file.display());
    }
}

/// The API, as the administrator calls it.
struct Api {
    agent: ureq::Agent,
    base: String,
    token: String,
}

impl Api {
    fn signed_in(played: &Played, address: &str) -> anyhow::Result<Self> {
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        let base = format!("{address}/api/v1");
        let admin = played.accounts.first().context("an account")?;
        let form = [("grant_type", "password"), ("username", &admin.email), ("password", &played.password)];
        let answer = agent.post(format!("{base}/token")).send_form(form)?.body_mut().read_to_string()?;
        let answer: Value = serde_json::from_str(&answer)?;
        Ok(Self { agent, base, token: text(&answer["access_token"]) })
    }

    /// The id of the first of a list.
    #[track_caller]
    fn first(&self, path: &str) -> String {
        let request = self.agent.get(format!("{}{path}", self.base));
        let mut answer =
            request.header("authorization", format!("Bearer {}", self.token)).call().expect(path);
        let answer: Value =
            serde_json::from_str(&answer.body_mut().read_to_string().expect(path)).expect(path);
        text(&answer["items"][0]["id"])
    }
}
