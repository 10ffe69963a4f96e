//! The pages in a real browser: an assessor's whole work with and without JavaScript, judged at each
//! step for accessibility, and what only a real browser can show.

use serde_json::{Value, json};

use crate::accounts::token;
use crate::chromium::Chromium;
use crate::scenario::{FOUR, Scenario, items, text};
use crate::support::{App, Client};

pub const PASSWORD: &str = "correct horse battery";

const NEED: &str = "Forty employers in the four boroughs told us, in a survey this spring, of 212 vacancies for \
    junior developers, data analysts and support technicians that had stood open for three months or longer. Seven in \
    ten of them named a lack of applicants with any practical experience as the reason.\n\nThe colleges here train well, but \
    their places go to people who can study full time. Those who work, care for somebody or live far from a campus are \
    left out, although nearly nine hundred of them asked us about evening courses last year.";

const DELIVERY: &str = "Three cohorts of twenty, each of sixteen weeks: two evenings and one Saturday a week, half of it at \
    the premises of an employer. Every learner has a named mentor and is guaranteed an interview.";

/// A round with four bids in it, which all three assessors were offered, and none has accepted.
fn offered() -> Scenario {
    let scenario = Scenario::open(&FOUR, |rules| {
        rules["criteria"][0]["guidance"] =
            json!("Which vacancies cannot be filled today, and how do you know? Name your sources.");
        rules["criteria"][1]["guidance"] = json!("Who does what, when, and what could go wrong?");
    });
    for bid in &scenario.bids {
        let path = format!("/bids/{}", bid.id);
        let standing = bid.provider.get(&path).ok();
        let mut content = standing.json["content"].clone();
        content["answers"] = json!({"need": NEED, "delivery": DELIVERY});
        bid.provider.put(&path, &standing.etag(), &content).ok();
        bid.provider.post(&format!("{path}/submit"), &json!({}));
    }
    let start = json!({"reason": "All expected bids are in."});
    scenario.admin.post(&scenario.at("start-assessment"), &start).ok();
    scenario
}

/// Gives a person a password, as their invitation's link does; gives their address.
fn with_password(app: &App, person: &Client) -> String {
    let email = person.user["email"].as_str().expect("an address");
    let set = json!({"token": token(app, email), "password": PASSWORD});
    app.anyone().post("/passwords", &set).ok();
    email.to_owned()
}

pub fn sign_in(browser: &Chromium, email: &str) {
    browser.fill("#email", email);
    browser.fill("#password", PASSWORD);
    browser.press("Sign in");
}

/// An assignment of the first assessor, by its place among the bids.
fn assignment(scenario: &Scenario, bid: usize) -> String {
    format!("/assignments/{}", scenario.assignment(0, bid))
}

/// Ann, signed in, with one bid accepted; its address.
fn at_work(scenario: &Scenario, with_scripts: bool) -> Option<(Chromium, String, String)> {
    let browser = Chromium::start(&scenario.app.url, with_scripts)?;
    let address = assignment(scenario, 0);
    let accept = json!({"no_conflict": true});
    scenario.assessors[0].post(&format!("/api/v1{address}/accept"), &accept).ok();
    let email = with_password(&scenario.app, &scenario.assessors[0]);
    browser.go("/sign-in");
    sign_in(&browser, &email);
    browser.sees("Your assignments");
    Some((browser, address, email))
}

fn content(scenario: &Scenario, address: &str) -> Value {
    scenario.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json["content"].clone()
}

/// The assessor's whole work; `look` is told each page that is reached.
fn whole_work(scenario: &Scenario, browser: &Chromium, look: impl Fn(&str)) {
    let email = with_password(&scenario.app, &scenario.assessors[0]);
    let (first, second) = (assignment(scenario, 0), assignment(scenario, 1));
    browser.go("/");
    browser.sees("Sign in");
    look("sign-in");
    browser.press("Sign in");
    browser.sees("There is a problem");
    look("sign-in-refused");
    sign_in(browser, &email);
    browser.sees("Your assignments");
    look("assignments-offered");

    browser.go(&first);
    look("offer");
    browser.press("Accept and read the bid");
    browser.sees("There is a problem");
    look("offer-refused");
    browser.choose("#no_conflict");
    browser.press("Accept and read the bid");
    browser.sees("You have accepted the bid");
    look("assignment");
    browser.press("Read or print it");
    browser.sees("Which vacancies cannot be filled");
    look("bid");

    browser.go(&second);
    browser.press("Decline this bid");
    browser.sees("Somebody else is asked");
    look("decline");
    browser.press("Decline this bid");
    browser.sees("There is a problem");
    look("decline-refused");
    browser.fill("#reason", "I advised one of the partners last year.");
    browser.choose("#conflict");
    browser.press("Decline this bid");
    browser.sees("You have declined the bid.");
    browser.go(&second);
    browser.sees("You declined this bid");
    look("declined");

    browser.go(&format!("{first}/check"));
    browser.press("Submit the assessment");
    browser.sees("There is a problem");
    look("check-refused");
    browser.go(&format!("{first}/criteria/need"));
    look("criterion-blank");
    browser.choose("#score-4");
    browser.fill("#justification", "Names its sources, and how many vacancies each employer could not fill.");
    browser.fill("#feedback", "The evidence of demand is strong. Say how places are filled in rural areas.");
    browser.press("Save and go on");
    browser.sees("Who does what, when");
    browser.choose("#score");
    browser.fill("#justification", "No plan for the weeks between the cohorts.");
    browser.press("Save");
    browser.sees("Saved.");
    look("criterion-saved");
    browser.go("/assignments");
    look("assignments-begun");
    browser.go(&format!("{first}/overall"));
    look("overall");
    browser.choose("#in_scope");
    browser.choose("#recommendation-fund_with_conditions");
    browser.fill("#feedback", "A careful bid; tell us more of the mentors.");
    browser.press("Save and check");
    browser.sees("Check your assessment");
    look("check");
    browser.press("Submit the assessment");
    browser.sees("Assessment submitted");
    look("submitted");
    browser.press("Read what you submitted");
    browser.sees("You submitted this assessment");
    look("submitted-read");
    browser.press("Sign out");
    browser.sees("You are signed out.");

    let saved = content(scenario, &first);
    assert_eq!(saved["scores"]["need"]["score"], 4);
    assert_eq!(saved["recommendation"], "fund_with_conditions");
}

#[test]
fn an_assessor_does_the_whole_work_on_pages_that_everybody_can_use() {
    let scenario = offered();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    whole_work(&scenario, &browser, |page| browser.look(page));
}

#[test]
fn an_assessor_does_the_whole_work_without_scripts() {
    let scenario = offered();
    let Some(browser) = Chromium::start(&scenario.app.url, false) else { return };
    whole_work(&scenario, &browser, |_| {});
}

#[test]
fn everybodys_pages_can_be_used_by_everybody() {
    let app = App::start();
    let Some(browser) = Chromium::start(&app.url, true) else { return };
    let setup = app.run(fasttrack::accounts::ops::setup_token(&app.platform)).expect("a token");
    browser.go(&format!("/setup?token={}", setup.expect("no administrator yet")));
    browser.look("setup");
    browser.go("/");
    browser.look("sign-in");
    let admin = app.admin();
    let sam = json!({"email": "sam@example.org", "name": "Sam", "role": "assessor"});
    admin.post("/users", &sam).created();
    browser.go(&format!("/invitation?token={}", token(&app, "sam@example.org")));
    browser.look("invitation");
    browser.press("Accept the invitation");
    browser.sees("There is a problem");
    browser.look("invitation-refused");
    browser.fill("#password", PASSWORD);
    browser.press("Accept the invitation");
    browser.sees("Welcome");
    browser.look("invitation-accepted");
    browser.press("Sign in");
    sign_in(&browser, "sam@example.org");
    browser.sees("Nothing to assess yet");
    browser.look("assignments-none");
    for (path, name) in [
        ("/account", "account"),
        ("/account/name", "account-name"),
        ("/account/password", "account-password"),
        ("/accessibility", "accessibility"),
        ("/privacy", "privacy"),
        ("/no-such-page", "not-found"),
        ("/docs", "docs"),
        ("/problems/invalid", "problem"),
    ] {
        browser.go(path);
        browser.look(name);
    }
    browser.go("/account/name");
    browser.forget_cookies();
    browser.press("Change your name");
    browser.sees("Sign in again");
    browser.look("sign-in-again");
    sign_in(&browser, "sam@example.org");
    browser.sees("Your text is still here");
    browser.look("held");
    browser.press("Send it now");
    browser.sees("Your name is changed.");
    browser.look("account-changed");
    browser.press("Sign out");
    browser.sees("You are signed out.");
    browser.press("I have forgotten my password");
    browser.look("forgotten-password");
    browser.fill("#email", "sam@example.org");
    browser.press("Send the link");
    browser.sees("on its way");
    browser.look("link-sent");
    browser.go(&format!("/password-reset?token={}", token(&app, "sam@example.org")));
    browser.look("password-reset");
    browser.go("/password-reset?token=wrong");
    browser.fill("#password", PASSWORD);
    browser.press("Set the password");
    browser.sees("There is a problem");
    browser.look("link-wrong");
    browser.go("/confirm?token=wrong");
    browser.look("confirm");
}

#[test]
fn what_is_typed_saves_itself() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    browser.go(&format!("{address}/criteria/need"));
    browser.sees("10,000 characters left");
    browser.fill("#justification", "Typed, and never sent by hand.");
    browser.sees("9,970 characters left");
    browser.sees("Saved at");
    browser.choose("#score-3");
    browser.sees("Not saved yet");
    browser.sees("Saved at");
    let saved = content(&scenario, &address);
    assert_eq!(saved["scores"]["need"]["justification"], "Typed, and never sent by hand.");
    assert_eq!(saved["scores"]["need"]["score"], 3);
    browser.press("Save and go on");
    browser.sees("Who does what, when");
}

#[test]
fn what_is_typed_last_before_leaving_a_criterion_is_what_stands() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    let justification = || content(&scenario, &address)["scores"]["need"]["justification"].clone();
    browser.go(&format!("{address}/criteria/need"));
    // Each time one goes on before the text has saved itself.
    for words in ["human one", "human two", "human three", "human four"] {
        browser.fill("#justification", words);
        browser.choose(".steps a[href$='/criteria/delivery']");
        browser.sees("Who does what, when");
        browser.choose(".steps a[href$='/criteria/need']");
        browser.sees("Which vacancies cannot be filled");
        assert_eq!(browser.value("#justification"), words);
    }
    browser.sees("human four");
    for _ in 0..100 {
        if justification() == "human four" {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(justification(), "human four");
    browser.go(&format!("{address}/check"));
    browser.sees("human four");
    assert!(!browser.text().contains("is not saved"), "all of it is");
}

#[test]
fn check_says_what_this_tab_has_not_saved() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    let page = format!("{address}/criteria/need");
    browser.go(&page);
    let other = json!({"scores": {"need": {"score": 3, "justification": "From elsewhere."}}});
    scenario.assessors[0].put(&format!("/api/v1{address}/assessment"), "\"0\"", &other).is(201);
    browser.fill("#justification", "Typed here.");
    browser.sees("It was changed in another tab or window, or by somebody else.");
    browser.go(&format!("{address}/check"));
    browser.sees("Something that you typed is not saved");
    browser.press("Go back to it");
    assert_eq!(browser.address(), page);
    assert_eq!(browser.value("#justification"), "Typed here.");
}

#[test]
fn two_tabs_overwrite_nothing() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    let page = format!("{address}/criteria/need");
    browser.go(&page);
    let tabs = browser.new_tab();
    browser.go(&page);
    browser.fill("#justification", "The second tab's words.");
    browser.sees("Saved at");
    browser.turn_to(&tabs.before);
    browser.fill("#justification", "The first tab's words.");
    browser.sees("It was changed in another tab or window, or by somebody else.");
    browser.press("Save and go on");
    browser.sees("Saved meanwhile");
    browser.sees("The second tab's words.");
    assert_eq!(browser.value("#justification"), "The first tab's words.");
    browser.look("criterion-conflict");
    browser.press("Save");
    browser.sees("Saved.");
    browser.turn_to(&tabs.opened);
    assert_eq!(content(&scenario, &address)["scores"]["need"]["justification"], "The first tab's words.");
}

#[test]
fn a_session_that_ends_while_typing_loses_nothing() {
    let scenario = offered();
    let Some((browser, address, email)) = at_work(&scenario, true) else { return };
    browser.go(&format!("{address}/criteria/need"));
    browser.forget_cookies();
    browser.fill("#justification", "Typed when the session was over.");
    browser.sees("What you typed is kept in this tab.");
    browser.press("Sign in to save it");
    browser.sees("Email address");
    sign_in(&browser, &email);
    browser.sees("Saved at");
    assert_eq!(browser.value("#justification"), "Typed when the session was over.");
    let saved = content(&scenario, &address);
    assert_eq!(saved["scores"]["need"]["justification"], "Typed when the session was over.");
    let kept = "return Object.keys(sessionStorage).filter(key => key.startsWith('typed:')).length";
    assert_eq!(browser.script(kept), 0, "what is saved is not kept in the browser");
}

#[test]
fn the_back_button_shows_nothing_that_is_over() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    let complete = |score: i32| json!({"score": score, "justification": "Because."});
    let draft = json!({
        "scores": {"need": complete(3), "delivery": complete(4)}, "feedback": "Fair.", "in_scope": true,
        "recommendation": "fund",
    });
    scenario.assessors[0].put(&format!("/api/v1{address}/assessment"), "\"0\"", &draft).is(201);
    browser.go(&format!("{address}/criteria/need"));
    browser.go(&format!("{address}/check"));
    browser.press("Submit the assessment");
    browser.sees("Assessment submitted");
    browser.back();
    browser.sees("You submitted this assessment");
    browser.press("Sign out");
    browser.sees("You are signed out.");
    browser.back();
    browser.sees("Email address");
    assert!(!browser.text().contains("Alder"), "nothing is left to see");
}

#[test]
fn a_criterion_is_scored_with_the_keyboard_alone() {
    let scenario = offered();
    let Some((browser, address, _)) = at_work(&scenario, true) else { return };
    browser.go(&format!("{address}/criteria/need"));
    let focused = "return document.activeElement.id || document.activeElement.textContent.trim()";
    browser.keys("\u{e004}");
    assert_eq!(browser.script(focused), "Skip to the main content");
    browser.keys("\u{e007}");
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    let mut seen = Vec::new();
    while seen.last().is_none_or(|last: &String| last != "score") {
        browser.keys("\u{e004}");
        seen.push(text(&browser.script(focused)));
        assert_ne!(browser.script(outline), "none", "{seen:?}");
        assert!(seen.len() < 20, "{seen:?}");
    }
    for key in [
        " ",
        "\u{e015}",
        "\u{e015}",
        "\u{e004}",
        "Because of the survey.",
        "\u{e004}",
        "\u{e004}",
        "\u{e007}",
    ] {
        browser.keys(key);
    }
    browser.sees("Who does what, when");
    let saved = content(&scenario, &address);
    assert_eq!(saved["scores"]["need"]["score"], 2);
    assert_eq!(items(&scenario.assessors[0].get("/assignments").ok()).len(), 4);
}
