//! The panel's pages in a real browser: the whole way from scores that disagree to a closed round and after, with and
//! without JavaScript, by keyboard, and judged at each step for accessibility.

use serde_json::json;

use crate::chromium::Chromium;
use crate::scenario::{FOUR, Scenario};

const PASSWORD: &str = "correct horse battery";

/// [`FOUR`], three assessed, the third by assessors who lie four levels apart, the fourth incomplete.
fn disputed() -> Scenario {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    for (bid, score) in [(0, 5), (1, 4)] {
        scenario.all_score(bid, score);
    }
    for (assessor, (need, delivery)) in [(5, 4), (1, 2), (3, 3)].into_iter().enumerate() {
        scenario.score(assessor, 2, need, delivery);
    }
    scenario.score(0, 3, 2, 1);
    scenario
}

fn sign_in(browser: &Chromium, scenario: &Scenario) {
    browser.go("/sign-in");
    browser.fill("#email", scenario.admin.user["email"].as_str().expect("an address"));
    browser.fill("#password", PASSWORD);
    browser.press("Sign in");
    browser.sees("Rounds");
}

/// Settles what is open; `look` is told each page that is reached.
fn settle(scenario: &Scenario, browser: &Chromium, look: &impl Fn(&str)) {
    let bid = |place: usize, page: &str| format!("/bids/{}/{page}", scenario.bids[place].id);
    browser.go(&format!("/rounds/{}", scenario.round));
    browser.sees("would keep the round from being closed");
    look("round-assessing");
    browser.go(&scenario.at("close"));
    browser.sees("Before it can be closed");
    look("close-blocked");
    browser.go(&scenario.at("scores"));
    browser.sees("Funding line");
    look("scores");
    browser.go(&scenario.at("rehearsal"));
    browser.sees("Nothing is written");
    look("rehearsal");

    browser.go(&bid(2, "scores"));
    browser.sees("4 levels apart");
    look("bid-scores");
    browser.go(&bid(2, "accept-disagreement"));
    look("accept-disagreement");
    browser.go(&bid(2, "exclude"));
    look("exclude");
    browser.go(&bid(2, "moderate/need"));
    look("moderate");
    browser.press("Moderate");
    browser.sees("There is a problem");
    look("moderate-refused");
    browser.choose("#score-3");
    browser.fill("#reason", "Read together; the survey supports a 3.");
    browser.press("Moderate");
    browser.sees("Moderated to 3");
    look("bid-moderated");

    browser.go(&bid(3, "scores"));
    browser.sees("Incomplete, 1 of 3");
    look("bid-incomplete");
    browser.press("Accept it short");
    browser.press("Accept it short");
    browser.sees("There is a problem");
    look("rule-refused");
    browser.fill("#reason", "Two assessors are ill.");
    browser.press("Accept it short");
    browser.sees("The bid is accepted short.");
    browser.go(&bid(3, "override"));
    look("override");
    browser.go(&format!("/assignments/{}/reopen", scenario.assignment(0, 0)));
    look("reopen");
    browser.go(&bid(3, "scores"));
    browser.press("Revoke this ruling: Accepted short");
    browser.sees("Revoke this ruling");
    look("revoke");
    browser.go(&scenario.at("tie"));
    browser.sees("No tie waits for the panel");
    look("tie-none");
}

/// Supposes other rules, closes, and acts after closing.
fn close(scenario: &Scenario, browser: &Chromium, look: &impl Fn(&str)) {
    browser.go(&scenario.at("rehearsal"));
    browser.fill("#budget_pence", "lots");
    browser.press("See what would change");
    browser.sees("There is a problem");
    look("what-if-refused");
    browser.fill("#budget_pence", "£500,000");
    browser.press("See what would change");
    browser.sees("1 bid would fare otherwise");
    look("what-if");

    browser.go(&format!("/rounds/{}", scenario.round));
    browser.sees("Ready to be closed");
    look("round-ready");
    browser.press("Close the round");
    browser.sees("Check the emails");
    look("close-emails");
    browser.go(&format!("{}/email?number=1", scenario.at("close")));
    browser.sees("Email 1 of");
    look("close-email");
    browser.press("All emails");
    browser.press("The emails are right: go on");
    browser.sees("Write its name to close it");
    look("close-confirm");
    browser.press("Close the round and tell everybody");
    browser.sees("There is a problem");
    look("close-refused");
    browser.fill("#confirm", "Round 1");
    browser.press("Close the round and tell everybody");
    browser.sees("The round is closed");
    look("closed");
    browser.press("See the outcomes");
    browser.sees("SHA-256");
    look("outcomes-closed");
    browser.press("Check this record now");
    browser.sees("The record agrees");
    look("record-checked");
    browser.go(&format!("/rounds/{}", scenario.round));
    look("round-closed");

    let awarded = &scenario.bids[0].id;
    browser.go(&format!("/bids/{awarded}/after-closing"));
    look("after-closing");
    browser.press("End the award");
    browser.press("See what it changes and whom it tells");
    browser.sees("There is a problem");
    look("end-award-refused");
    browser.choose("#how");
    browser.fill("#reason", "They lost their partner.");
    browser.press("See what it changes and whom it tells");
    browser.sees("Check before it is done");
    look("end-award-check");
    browser.press("End the award and tell the bidder");
    browser.sees("The award has ended.");
    look("outcomes-later");
    browser.press("Promote it");
    browser.press("Promote it from the reserve list");
    look("promote");
    browser.go(&format!("/bids/{awarded}/correct"));
    look("correct");
    browser.go(&scenario.at("reports"));
    look("reports");
    browser.go(&scenario.at("reports/paper"));
    browser.sees("Scores and the funding line");
    look("paper");
    browser.go(&scenario.at("scores"));
    browser.sees("Adjusted for leniency");
    look("scores-closed");
}

#[test]
fn an_administrator_closes_a_round_on_pages_that_everybody_can_use() {
    let scenario = disputed();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario);
    let look = |page: &str| browser.look(page);
    settle(&scenario, &browser, &look);
    close(&scenario, &browser, &look);
    assert_eq!(scenario.admin.get(&scenario.at("verify")).ok().json["agrees"], true);
    assert_eq!(scenario.emails("outcome_changed").len(), 2, "the contact and whoever submitted it");
}

#[test]
fn an_administrator_closes_a_round_without_scripts() {
    let scenario = disputed();
    let Some(browser) = Chromium::start(&scenario.app.url, false) else { return };
    sign_in(&browser, &scenario);
    settle(&scenario, &browser, &|_| {});
    close(&scenario, &browser, &|_| {});
    assert_eq!(scenario.admin.get(&scenario.at("verify")).ok().json["agrees"], true);
    assert_eq!(scenario.emails("outcome_changed").len(), 2, "the contact and whoever submitted it");
}

#[test]
fn pages_of_a_round_without_scores_say_what_comes_next() {
    let scenario = Scenario::open(&FOUR, |_| {});
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario);
    for (page, name) in [
        ("", "round-open"),
        ("/scores", "scores-none"),
        ("/outcomes", "outcomes-none"),
        ("/rehearsal", "rehearsal-none"),
        ("/reports", "reports-none"),
    ] {
        browser.go(&format!("/rounds/{}{page}", scenario.round));
        browser.look(name);
    }
    scenario.start();
    for bid in 0..4 {
        scenario.all_score(bid, 4);
    }
    browser.go(&scenario.at("tie"));
    browser.look("tie");
    browser.press("Order them so");
    browser.sees("There is a problem");
    browser.look("tie-refused");
    browser.go(&scenario.at("outcomes"));
    browser.look("outcomes-provisional");
}

#[test]
fn progress_shows_itself_and_leaves_the_focus_where_it_is() {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario);
    browser.go(&format!("/rounds/{}", scenario.round));
    browser.sees("12 assessments are still to come");
    browser.choose("#by-day summary");
    browser.script("document.querySelector('.tabs a[aria-current]').focus()");
    scenario.score(0, 0, 4, 4);
    browser.sees("11 assessments are still to come");
    let focused = browser.script("return document.activeElement.textContent.trim()");
    assert_eq!(focused, json!("Overview"));
    assert_eq!(browser.script("return document.getElementById('by-day').open"), json!(true));
}

#[test]
fn a_round_is_closed_with_the_keyboard_alone() {
    let scenario = Scenario::scored();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario);
    browser.go(&scenario.at("close"));
    let focused = "return document.activeElement.id || document.activeElement.textContent.trim()";
    let reach = |wanted: &str| {
        for _ in 0..60 {
            if browser.script(focused) == json!(wanted) {
                return;
            }
            browser.keys("\u{e004}");
        }
        panic!("the keyboard does not reach {wanted}: {}", browser.text());
    };
    reach("The emails are right: go on");
    browser.keys("\u{e007}");
    browser.sees("Write its name to close it");
    reach("confirm");
    browser.keys("Round 1");
    reach("Close the round and tell everybody");
    browser.keys("\u{e007}");
    browser.sees("The round is closed");
}
