//! A provider's pages in a real browser: the whole work with and without JavaScript, judged at each step for
//! accessibility, and what only a real browser can show.

use serde_json::{Value, json};

use crate::accounts::token;
use crate::chromium::Chromium;
use crate::provider_pages::open_round;
use crate::scenario::{BURNLEY, Scenario, text};
use crate::support::{App, Client};

const PASSWORD: &str = "correct horse battery";
const EMAIL: &str = "ada@alder.example.org";

const SUMMARY: &str = "Sixty people who work in the day learn to build and test software in the evening, in three cohorts \
    of twenty, at the premises of firms that have promised each of them an interview.";

const NEED: &str = "Forty employers in the four boroughs told us, in a survey this spring, of 212 vacancies for junior \
    developers, data analysts and support technicians that had stood open for three months or longer.";

/// Registers Ada Alder and signs her in; `look` is told each page that is reached.
pub fn register(app: &App, browser: &Chromium, look: &impl Fn(&str)) {
    browser.go("/sign-in");
    browser.press("register their organisation");
    browser.sees("Register your organisation");
    look("register");
    browser.press("Register");
    browser.sees("There is a problem");
    look("register-refused");
    browser.fill("[name='organisation.name']", "Alder College");
    browser.fill("[name='organisation.registered_number']", "09000001");
    browser.fill("#name", "Ada Alder");
    browser.fill("#email", EMAIL);
    browser.fill("#password", PASSWORD);
    browser.press("Register");
    browser.sees("Look into your inbox");
    look("registered");
    browser.go(&format!("/confirm?token={}", token(app, EMAIL)));
    browser.press("Confirm my address");
    browser.sees("Your address is confirmed");
    browser.press("Sign in");
    sign_in(browser);
    browser.sees("No bids yet");
}

pub fn sign_in(browser: &Chromium) {
    browser.fill("#email", EMAIL);
    browser.fill("#password", PASSWORD);
    browser.press("Sign in");
}

/// Starts a bid; gives its address.
fn start(scenario: &Scenario, browser: &Chromium) -> String {
    browser.go(&format!("/open-rounds/{}", scenario.round));
    browser.press("Start a bid");
    browser.sees("Bid without a title");
    browser.address()
}

/// A provider's whole work, from registering to the receipt, and on to withdrawing and reading what was sent.
fn whole_work(scenario: &Scenario, browser: &Chromium, look: impl Fn(&str)) {
    register(&scenario.app, browser, &look);
    look("your-bids-none");
    browser.press("See the open rounds");
    browser.sees("Digital Fund: Round 1");
    look("open-rounds");
    browser.press("Digital Fund: Round 1");
    browser.sees("What is scored");
    look("open-round");
    browser.press("Start a bid");
    browser.sees("Bid without a title");
    look("bid-new");
    let bid = browser.address();

    browser.go(&format!("{bid}/check"));
    browser.press("Submit the bid");
    browser.sees("There is a problem");
    look("bid-check-refused");

    browser.go(&format!("{bid}/sections/gateways"));
    look("section-gateways");
    browser.choose("[id='gateway_answers.registered']");
    browser.press("Save and go on");
    browser.sees("A few words that tell this bid from others");
    look("section-about");
    browser.fill("#title", "Evening skills");
    browser.fill("#summary", SUMMARY);
    browser.press("Save and go on");
    browser.sees("The person who answers for the bid");
    look("section-contact");
    browser.press("Save and go on");
    browser.sees("The other organisations that bid");
    browser.fill("[name='partners.0.name']", "Birch Employers");
    browser.fill("[name='partners.0.registered_number']", "77000001");
    browser.press("Add another partner");
    browser.sees("Partner 2");
    look("section-partners");
    browser.press("Save and go on");
    browser.sees("Which areas does the bid cover?");
    look("section-areas");
    browser.choose("summary");
    browser.choose("details:last-of-type summary");
    browser.choose(&format!("#areas-{BURNLEY}"));
    browser.press("Save");
    browser.sees("Lancashire (1 ticked)");
    look("section-areas-ticked");
    browser.press("Save and go on");
    browser.sees("How much do you ask for?");
    look("section-money");
    browser.fill("#amount_requested_pence", "a lot");
    browser.press("Save and go on");
    browser.sees("Give an amount in pounds");
    look("section-money-refused");
    browser.fill("#amount_requested_pence", "150,000");
    browser.fill("#match_funding_pence", "0");
    browser.press("Save and go on");
    browser.sees("How many learners are planned?");
    look("section-learners");
    browser.fill("#planned_learners", "60");
    for (field, value) in [("starts_on", ["11", "1", "2027"]), ("ends_on", ["17", "12", "2027"])] {
        for (part, value) in ["day", "month", "year"].iter().zip(value) {
            browser.fill(&format!("[name='{field}.{part}']"), value);
        }
    }
    browser.press("Save and go on");
    browser.sees("Which vacancies cannot be filled");
    look("section-answer");
    browser.fill("[name='answers.need']", NEED);
    browser.press("Save and go on");
    browser.sees("Delivery");
    browser.fill("[name='answers.delivery']", "One two three four five six.");
    browser.press("Save and go on");
    browser.sees("The answer has 6 words; use at most 5");
    look("section-answer-refused");
    browser.go(&bid);
    browser.sees("To be put right");
    look("bid-begun");
    browser.go(&format!("{bid}/criteria/delivery"));
    browser.fill("[name='answers.delivery']", "Three cohorts of twenty.");
    browser.press("Save and go on");
    browser.sees("On behalf of your organisation");
    look("section-declarations");
    browser.choose("#declarations");
    browser.choose("#declarations-publish");
    browser.press("Save and check");
    browser.sees("Check your bid");
    look("bid-check");
    browser.press("Submit the bid");
    browser.sees("Bid submitted");
    look("bid-submitted");
    browser.press("Your bids");
    browser.sees("Evening skills");
    look("your-bids-submitted");
    after_submitting(browser, &bid, &look);
}

fn after_submitting(browser: &Chromium, bid: &str, look: &impl Fn(&str)) {
    browser.go(bid);
    browser.sees("It is submitted");
    look("bid-as-submitted");
    browser.go(&format!("{bid}/sections/about"));
    browser.fill("#title", "Evening skills for Burnley");
    browser.press("Save and see all sections");
    browser.sees("You have changed it since you submitted it");
    look("bid-changed");
    browser.press("Check and submit");
    browser.press("Submit the bid");
    browser.sees("Bid submitted");
    browser.go(&format!("{bid}/versions/1"));
    browser.sees("An earlier version");
    look("bid-version");
    browser.go(bid);
    browser.press("Withdraw this bid");
    browser.sees("It then takes no part");
    look("bid-withdraw");
    browser.fill("#reason", "Our partner can no longer take part.");
    browser.press("Withdraw this bid");
    browser.sees("The bid is withdrawn.");
    look("bid-withdrawn");
    browser.go("/your-bids");
    browser.sees("Withdrawn");
    look("your-bids-withdrawn");
}

#[test]
fn a_provider_does_the_whole_work_on_pages_that_everybody_can_use() {
    let scenario = open_round();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    whole_work(&scenario, &browser, |page| browser.look(page));
}

#[test]
fn a_provider_does_the_whole_work_without_scripts() {
    let scenario = open_round();
    let Some(browser) = Chromium::start(&scenario.app.url, false) else { return };
    whole_work(&scenario, &browser, |_| {});
}

/// Gives a member whose sign-in is known a browser.
fn browser_of(scenario: &Scenario, member: &Client) -> Option<Chromium> {
    let browser = Chromium::start(&scenario.app.url, true)?;
    browser.go("/sign-in");
    browser.fill("#email", &text(&member.user["email"]));
    browser.fill("#password", PASSWORD);
    browser.press("Sign in");
    browser.sees("Your bids");
    Some(browser)
}

#[test]
fn outcomes_can_be_read_by_everybody() {
    let scenario = Scenario::scored();
    let (winner, loser) = (&scenario.bids[0], &scenario.bids[3]);
    let Some(browser) = browser_of(&scenario, &winner.provider) else { return };
    browser.sees("Being assessed");
    browser.look("your-bids-assessed");
    browser.go(&format!("/your-bids/{}", winner.id));
    browser.sees("Your bid is being assessed.");
    browser.look("bid-being-assessed");
    scenario.close().ok();
    browser.go("/your-bids");
    browser.sees("Decided");
    browser.look("your-bids-decided");
    browser.press("Alder digital skills");
    browser.sees("Awarded £150,000");
    browser.look("outcome-awarded");
    browser.press("Read the bid again");
    browser.sees("your bid has its outcome");
    browser.look("bid-decided");
    let Some(browser) = browser_of(&scenario, &loser.provider) else { return };
    browser.go(&format!("/your-bids/{}/outcome", loser.id));
    browser.sees("Unsuccessful");
    browser.look("outcome-unsuccessful");
}

#[test]
fn an_organisations_pages_can_be_used_by_everybody() {
    let scenario = open_round();
    let member = scenario.app.provider("Alder");
    let Some(browser) = browser_of(&scenario, &member) else { return };
    browser.go("/your-organisation");
    browser.look("organisation");
    browser.press("Invite a colleague");
    browser.look("invite-colleague");
    browser.press("Send the invitation");
    browser.sees("There is a problem");
    browser.look("invite-colleague-refused");
    browser.fill("#name", "Bea Alder");
    browser.fill("#email", "bea@alder.example.org");
    browser.press("Send the invitation");
    browser.sees("An invitation is on its way.");
    browser.go("/your-organisation/name");
    browser.look("organisation-name");
    browser.go("/your-organisation/clients/new");
    browser.look("client-new");
    browser.fill("#name", "Bid writing system");
    browser.press("Make it and show its secret");
    browser.sees("Copy the secret now");
    browser.look("client-made");
    browser.press("Your organisation");
    browser.sees("Revoke");
    browser.look("organisation-full");
    browser.press("Revoke Bid writing system");
    browser.sees("This cannot be taken back");
    browser.look("client-revoke");
    browser.press("Revoke it");
    browser.sees("Revoked");
}

/// A bid of a signed-in member, begun; its browser, its address.
fn at_work(scenario: &Scenario) -> Option<(Chromium, Client, String)> {
    let member = scenario.app.provider("Alder");
    let browser = browser_of(scenario, &member)?;
    let address = start(scenario, &browser);
    Some((browser, member, address))
}

fn content(member: &Client, address: &str) -> Value {
    member.get(&address.replace("/your-bids", "/bids")).ok().json["content"].clone()
}

#[test]
fn what_is_typed_and_ticked_saves_itself() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    browser.go(&format!("{address}/criteria/need"));
    browser.sees("500 words left");
    browser.fill("[name='answers.need']", "Typed, and never sent by hand.");
    browser.sees("494 words left");
    browser.sees("Saved at");
    browser.go(&format!("{address}/sections/declarations"));
    browser.choose("#declarations-publish");
    browser.sees("Not saved yet");
    browser.sees("Saved at");
    let saved = content(&member, &address);
    assert_eq!(saved["answers"]["need"], "Typed, and never sent by hand.");
    assert_eq!(saved["declarations"], json!(["publish"]));
}

#[test]
fn two_tabs_of_a_bid_overwrite_nothing() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    let page = format!("{address}/criteria/need");
    browser.go(&page);
    let tabs = browser.new_tab();
    browser.go(&page);
    browser.fill("[name='answers.need']", "The second tab's words.");
    browser.sees("Saved at");
    browser.turn_to(&tabs.before);
    browser.fill("[name='answers.need']", "The first tab's words.");
    browser.sees("It was changed in another tab or window, or by somebody else.");
    browser.press("Save and go on");
    browser.sees("Saved meanwhile");
    browser.sees("The second tab's words.");
    assert_eq!(browser.value("[name='answers.need']"), "The first tab's words.");
    browser.look("section-conflict");
    browser.press("Save");
    browser.sees("Saved.");
    assert_eq!(content(&member, &address)["answers"]["need"], "The first tab's words.");
}

#[test]
fn a_button_pressed_while_the_text_saves_itself_is_no_conflict_with_oneself() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    browser.go(&format!("{address}/criteria/need"));
    // As on a slow line: the answer is on its way for two seconds.
    browser.script(
        "const ask = window.fetch; window.fetch = async (...asked) => { const answer = await ask(...asked); \
         await new Promise(done => setTimeout(done, 2000)); return answer; }; return null",
    );
    browser.fill("[name='answers.need']", "Saved by itself");
    while content(&member, &address)["answers"]["need"] != "Saved by itself" {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    browser.script("document.activeElement.value += ', and by hand.'; return null");
    browser.press("Save and go on");
    browser.sees("Section 9 of 10");
    assert_eq!(content(&member, &address)["answers"]["need"], "Saved by itself, and by hand.");
}

#[test]
fn a_session_that_ends_while_a_bid_is_written_loses_nothing() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    let sign_in_again = |browser: &Chromium| {
        browser.sees("Email address");
        browser.fill("#email", &text(&member.user["email"]));
        browser.fill("#password", PASSWORD);
        browser.press("Sign in");
    };
    browser.go(&format!("{address}/criteria/need"));
    browser.forget_cookies();
    browser.fill("[name='answers.need']", "Typed when the session was over.");
    browser.sees("What you typed is kept in this tab.");
    browser.press("Sign in to save it");
    sign_in_again(&browser);
    browser.sees("Saved at");
    assert_eq!(content(&member, &address)["answers"]["need"], "Typed when the session was over.");

    browser.go(&format!("{address}/sections/declarations"));
    browser.forget_cookies();
    browser.choose("#declarations-publish");
    browser.sees("What you typed is kept in this tab.");
    browser.press("Sign in to save it");
    sign_in_again(&browser);
    browser.sees("Saved at");
    assert_eq!(content(&member, &address)["declarations"], json!(["publish"]));
    let kept = "return Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length";
    assert_eq!(browser.script(kept), 0, "what is saved is not kept in the browser");
}

#[test]
fn the_back_button_after_submitting_repeats_nothing() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    let path = address.replace("/your-bids", "/bids");
    let read = member.get(&path).ok();
    let mut bid = read.json["content"].clone();
    for (field, value) in [
        ("title", json!("Evening skills")),
        ("summary", json!(SUMMARY)),
        ("areas", json!([BURNLEY])),
        ("amount_requested_pence", json!(15_000_000)),
        ("match_funding_pence", json!(0)),
        ("planned_learners", json!(60)),
        ("starts_on", json!("2027-01-11")),
        ("ends_on", json!("2027-12-17")),
        ("answers", json!({"need": NEED, "delivery": "Three cohorts of twenty."})),
        ("gateway_answers", json!({"registered": true})),
        ("declarations", json!(["accurate", "publish"])),
    ] {
        bid[field] = value;
    }
    member.put(&path, &read.etag(), &bid).ok();
    browser.go(&format!("{address}/check"));
    browser.press("Submit the bid");
    browser.sees("Bid submitted");
    browser.back();
    browser.sees("This is what you have submitted.");
    let versions = member.get(&format!("{path}/versions")).ok().json;
    assert_eq!(versions["items"].as_array().map(Vec::len), Some(1));
    browser.press("Sign out");
    browser.sees("You are signed out.");
    browser.back();
    browser.sees("Email address");
    assert!(!browser.text().contains("Evening skills"), "nothing is left to see");
}

#[test]
fn a_bid_is_begun_with_the_keyboard_alone() {
    let scenario = open_round();
    let Some((browser, member, address)) = at_work(&scenario) else { return };
    browser.go(&format!("{address}/sections/gateways"));
    let focused = "return document.activeElement.id || document.activeElement.textContent.trim()";
    browser.keys("\u{e004}");
    assert_eq!(browser.script(focused), "Skip to the main content");
    browser.keys("\u{e007}");
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last: &String| last != "gateway_answers.registered") {
        browser.keys("\u{e004}");
        seen.push(text(&browser.script(focused)));
        assert_ne!(browser.script(outline), "none", "{seen:?}");
        assert!(seen.len() < 20, "{seen:?}");
    }
    for key in [" ", "\u{e004}", "\u{e007}"] {
        browser.keys(key);
    }
    browser.sees("A few words that tell this bid from others");
    assert_eq!(content(&member, &address)["gateway_answers"]["registered"], true);
}
