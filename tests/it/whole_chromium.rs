//! The whole main job in a real browser and nothing else, from an empty service to the bidder's outcome; and an auditor's.

use crate::accounts::token;
use crate::browser::Browser;
use crate::chromium::Chromium;
use crate::office_chromium::build_round;
use crate::pages::{PASSWORD, sign_in};
use crate::provider_chromium;
use crate::scenario::{BURNLEY, FOUR, Scenario};
use crate::support::App;

const ADMIN: &str = "alex@fund.example.org";

const ASSESSORS: [(&str, &str); 3] =
    [("ann@example.org", "Ann Able"), ("ben@example.org", "Ben Best"), ("cas@example.org", "Cas Calm")];

fn sign_out(browser: &Chromium) {
    browser.press("Sign out");
    browser.sees("You are signed out.");
}

fn come_back(browser: &Chromium, email: &str) {
    browser.go("/sign-in");
    sign_in(browser, email);
    browser.sees("Sign out");
}

/// The first administrator makes their account, a fund and a round, opens it, and invites assessors by a table.
fn open(app: &App, browser: &Chromium) {
    let setup = app.run(fasttrack::accounts::ops::setup_token(&app.platform)).expect("a token");
    browser.go(&format!("/setup?token={}", setup.expect("no administrator yet")));
    browser.fill("#name", "Alex Admin");
    browser.fill("#email", ADMIN);
    browser.fill("#password", PASSWORD);
    browser.press("Make the account");
    browser.sees("The account is made");
    browser.press("Sign in");
    sign_in(browser, ADMIN);
    browser.sees("Rounds");
    build_round(browser, |_| {});
    browser.press("Assessors");
    browser.press("Import a table");
    let lines: String =
        ASSESSORS.iter().map(|(email, name)| format!("{email},{name},Burnley; Pendle,4\n")).collect();
    browser.fill("#csv", &format!("email,name,areas,capacity\n{lines}"));
    browser.press("See what it would do");
    browser.sees("Nothing is done yet.");
    browser.press("Import the table");
    browser.sees("The table is imported");
    sign_out(browser);
}

/// A provider registers, and bids section by section.
fn bid(app: &App, browser: &Chromium) {
    provider_chromium::register(app, browser, &|_| {});
    browser.press("See the open rounds");
    browser.press("Digital Workforce Fund: Round 1");
    browser.press("Start a bid");
    browser.sees("Bid without a title");
    let bid = browser.address();
    browser.go(&format!("{bid}/sections/gateways"));
    browser.choose("[name^='gateway_answers.'][value='true']");
    browser.press("Save and go on");
    browser.fill("#title", "Evening skills");
    browser.fill(
        "#summary",
        "Sixty people who work in the day learn to build and test software in the evening.",
    );
    browser.press("Save and go on");
    browser.sees("The person who answers for the bid");
    browser.press("Save and go on");
    browser.sees("The other organisations that bid");
    browser.press("Save and go on");
    browser.sees("Which areas does the bid cover?");
    browser.choose(&format!("#areas-{BURNLEY}"));
    browser.press("Save and go on");
    browser.fill("#amount_requested_pence", "150,000");
    browser.fill("#match_funding_pence", "0");
    browser.press("Save and go on");
    browser.fill("#planned_learners", "60");
    for (field, value) in [("starts_on", ["11", "1", "2027"]), ("ends_on", ["17", "12", "2027"])] {
        for (part, value) in ["day", "month", "year"].iter().zip(value) {
            browser.fill(&format!("[name='{field}.{part}']"), value);
        }
    }
    browser.press("Save and go on");
    browser.sees("Need and demand");
    browser.fill("[name^='answers.']", "Forty employers told us of 212 vacancies.");
    browser.press("Save and go on");
    browser.sees("Who does what, when, and what could go wrong?");
    browser.fill("[name^='answers.']", "Three cohorts of twenty, two evenings a week.");
    browser.press("Save and check");
    browser.sees("Check your bid");
    browser.press("Submit the bid");
    browser.sees("Bid submitted");
    sign_out(browser);
}

fn start(browser: &Chromium) {
    come_back(browser, ADMIN);
    browser.press("Round 1");
    browser.press("Routing");
    browser.press("Start the assessment");
    browser.sees("Start the assessment");
    browser.press("Start the assessment");
    browser.sees("1 bid with 3 of 3 places filled");
    sign_out(browser);
}

/// An assessor accepts the invitation, with which they choose a password.
fn join(app: &App, browser: &Chromium, email: &str) {
    browser.go(&format!("/invitation?token={}", token(app, email)));
    browser.fill("#password", PASSWORD);
    browser.press("Accept the invitation");
    browser.sees("Welcome");
}

/// An assessor accepts the bid, scores what the round asks, and submits.
fn assess(browser: &Chromium, email: &str, score: u32) {
    come_back(browser, email);
    browser.press("Evening skills");
    browser.sees("Before you can read the bid");
    browser.choose("#no_conflict");
    browser.press("Accept and read the bid");
    browser.sees("You have accepted the bid");
    browser.press("1. Need and demand");
    for asked in ["Need and demand", "Who does what, when, and what could go wrong?"] {
        browser.sees(asked);
        browser.choose(&format!("[name='score'][value='{score}']"));
        browser.fill("#justification", "It names its sources, and says who does what.");
        browser.fill("#feedback", "The evidence of demand is strong.");
        browser.press("Save and go on");
    }
    browser.sees("The bid as a whole");
    browser.choose("#in_scope");
    browser.choose("#recommendation");
    browser.fill("#feedback", "A careful bid; tell us more of the mentors.");
    browser.press("Save and check");
    browser.sees("Check your assessment");
    browser.press("Submit the assessment");
    browser.sees("Assessment submitted");
    sign_out(browser);
}

fn close(browser: &Chromium) {
    come_back(browser, ADMIN);
    browser.press("Round 1");
    browser.sees("Ready to be closed");
    browser.press("Close the round");
    browser.sees("Check the emails");
    browser.press("The emails are right: go on");
    browser.fill("#confirm", "Round 1");
    browser.press("Close the round and tell everybody");
    browser.sees("The round is closed");
    sign_out(browser);
}

#[test]
fn the_whole_main_job_is_done_in_a_browser_alone() {
    let app = App::start();
    let Some(browser) = Chromium::start(&app.url, false) else { return };
    open(&app, &browser);
    ASSESSORS.iter().for_each(|(email, _)| join(&app, &browser, email));
    bid(&app, &browser);
    app.set_time("2026-09-20T11:00:01Z");
    start(&browser);
    for ((email, _), score) in ASSESSORS.into_iter().zip([4, 4, 5]) {
        assess(&browser, email, score);
    }
    close(&browser);
    browser.go("/sign-in");
    provider_chromium::sign_in(&browser);
    browser.press("Evening skills");
    browser.sees("Awarded");
    browser.sees("The evidence of demand is strong.");
    // Two scores of 4 and one of 5 on each criterion, of 0 to 5.
    browser.sees("86.67 out of 100");
    assert!(!browser.text().contains("It names its sources"), "what assessors wrote for the panel");
}

/// An auditor reads a closed round from end to end, and finds nothing to press.
fn audit(scenario: &Scenario, browser: &Chromium) {
    let auditor = scenario.app.auditor(&scenario.admin);
    let email = auditor.user["email"].as_str().expect("an address").to_owned();
    let set = serde_json::json!({"token": token(&scenario.app, &email), "password": PASSWORD});
    scenario.app.anyone().post("/passwords", &set).ok();
    come_back(browser, &email);
    browser.press("Round 1");
    for (tab, words) in [
        ("Rules", "Criteria"),
        ("Assessors", "Ann"),
        ("Routing", "Who assesses which bid"),
        ("Scores", "Adjusted for leniency"),
        ("Outcomes", "Money by area"),
        ("Reports", "360Giving"),
        ("Bids", "4 bids were received."),
    ] {
        browser.press(tab);
        browser.sees(words);
        nothing_to_press(browser, tab);
    }
    for page in ["bids", "routing", "scores"].map(|page| match page {
        "bids" => format!("/bids/{}", scenario.bids[0].id),
        page => format!("/bids/{}/{page}", scenario.bids[0].id),
    }) {
        browser.go(&page);
        browser.sees("Alder");
        nothing_to_press(browser, &page);
    }
    for (page, words) in [("/people", "Ann"), ("/emails", "Sent"), ("/audit", "closed Round 1")] {
        browser.go(page);
        browser.sees(words);
    }
    sign_out(browser);
}

/// No form on the page but what finds things, and signing out.
fn nothing_to_press(browser: &Chromium, page: &str) {
    let acts = "return [...document.querySelectorAll('main form')].filter(one => one.method !== 'get').map(one => one.action)";
    assert_eq!(browser.script(acts), serde_json::json!([]), "{page}");
}

fn closed() -> Scenario {
    let scenario = Scenario::scored();
    scenario.close().ok();
    scenario
}

#[test]
fn an_auditor_reads_everything_and_presses_nothing() {
    let scenario = closed();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    audit(&scenario, &browser);
}

#[test]
fn an_auditor_reads_everything_without_scripts() {
    let scenario = closed();
    let Some(browser) = Chromium::start(&scenario.app.url, false) else { return };
    audit(&scenario, &browser);
}

#[test]
fn an_auditor_lands_on_the_rounds() {
    let scenario = Scenario::open(&FOUR[..1], |_| {});
    let auditor = Browser::of(&scenario.app, &scenario.app.auditor(&scenario.admin));
    auditor.get("/").ok().says("Under way").says("Round 1").says("1 bid");
}
