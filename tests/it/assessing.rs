//! An assessor's work on pages, without JavaScript: from the offer to the confirmation, with two
//! tabs, buttons pressed twice, and forms that come too late.

use serde_json::json;

use crate::browser::{Browser, Page};
use crate::routing::at_once;
use crate::scene::{BURNLEY, LANCASHIRE, Scene, Setup};

const TWO: &[(&str, &[&str], u32)] = &[("Ann", &[LANCASHIRE], 3), ("Ben", &[LANCASHIRE], 3)];

/// One bid, offered to Ann, who is signed in, and to Ben; the address of Ann's assignment.
fn offered() -> (Scene, Browser, String) {
    let scene = Scene::started(&Setup { places: 2, assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    let browser = Browser::of(&scene.app, &scene.assessors[0]);
    let address = format!("/assignments/{}", scene.own(&scene.assessors[0])[0]);
    (scene, browser, address)
}

fn accepted() -> (Scene, Browser, String) {
    let (scene, browser, address) = offered();
    accept(&browser, &address).ok();
    (scene, browser, address)
}

fn accept(browser: &Browser, address: &str) -> Page {
    let form = browser.get(address).ok().form(&format!("{address}/accept"));
    browser.send(&form.set("no_conflict", "true"))
}

/// Scores a criterion and goes where the button leads.
fn score(browser: &Browser, address: &str, key: &str, button: &str) -> Page {
    let action = format!("{address}/criteria/{key}");
    let form = browser.get(&action).ok().form(&action);
    let form = form.set("score", "4").set("justification", &format!("Because of {key}.\nTwice."));
    browser.send(&form.set("feedback", "Say more.").set("then", button))
}

fn overall(browser: &Browser, address: &str) -> Page {
    let action = format!("{address}/overall");
    let form = browser.get(&action).ok().form(&action);
    let form = form.set("in_scope", "true").set("recommendation", "fund_with_conditions");
    browser
        .send(&form.set("feedback", "A fair bid.").set("private_note", "Look at page 2.").set("then", "next"))
}

#[test]
fn the_whole_work_is_done_by_forms_alone() {
    let (scene, browser, address) = offered();
    let list = browser.get("/").ok();
    assert_eq!(list.address, "/assignments");
    list.says("0 of 1")
        .says("Bid 0")
        .says("Declare your interest")
        .says("12:00pm on Tuesday 20 October 2026");
    let offer = browser.get(&address).ok().says("Provider 0").says("Burnley");
    offer.says_nothing_of("SECRET-ANSWER");
    accept(&browser, &address).ok().says("You have accepted the bid").says("0 of 3").says("Not started");
    browser.get(&format!("{address}/bid")).ok().says("SECRET-ANSWER to need.").says("£10,000");

    let second = score(&browser, &address, "need", "next");
    assert_eq!(second.address, format!("{address}/criteria/value"));
    let back = score(&browser, &address, "value", "back");
    assert_eq!(back.address, format!("{address}/criteria/need"));
    let form = back.form(&back.address);
    assert_eq!((form.get("score"), form.get("justification")), ("4", "Because of need.\nTwice."));
    browser.get("/assignments").ok().says("2 of 3 parts");

    let check = overall(&browser, &address).ok().says("Check your assessment").says("4 – Level 4");
    assert_eq!(check.address, format!("{address}/check"));
    let submit = check.form(&format!("{address}/submit"));
    let reference = scene.bids[0]["reference"].as_str().unwrap();
    let done = browser.send(&submit).ok().says("Assessment submitted").says(reference);
    done.says("You have submitted all your assessments");
    let saved = scene.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json;
    assert_eq!(saved["status"], "submitted");
    assert_eq!(saved["content"]["scores"]["need"]["justification"], "Because of need.\nTwice.");
    assert_eq!(saved["content"]["recommendation"], "fund_with_conditions");
}

#[test]
fn what_is_missing_is_told_where_it_is_and_nothing_is_submitted() {
    let (_scene, browser, address) = accepted();
    let check = browser.get(&format!("{address}/check")).ok();
    let refused = browser.send(&check.form(&format!("{address}/submit"))).is(422);
    let links = refused.links();
    for place in ["scores.need.score", "scores.value.justification", "feedback", "in_scope", "recommendation"]
    {
        assert!(links.contains(&format!("#{place}")), "{place}");
        assert!(refused.html.contains(&format!("id=\"{place}\"")), "{place}");
    }
    refused.says("Recommend whether to fund the bid").says_nothing_of("fund_with_conditions");
    browser.get(&address).ok().says("Check and submit");
}

#[test]
fn a_fault_keeps_what_was_typed() {
    let (_scene, browser, address) = accepted();
    let action = format!("{address}/criteria/need");
    let form = browser.get(&action).ok().form(&action);
    let typed = form.set("score", "9").set("justification", "Kept <i>as typed</i>.").set("then", "next");
    let page = browser.send(&typed).is(422).says("9 is not on the scale").says("There is a problem");
    assert_eq!(page.form(&action).get("justification"), "Kept <i>as typed</i>.");
    let long = form.set("justification", &"x".repeat(10_001)).set("then", "next");
    browser.send(&long).is(422).says("write at most 10000");
}

/// Ann has accepted a bid of a round whose first criterion is scored by two parts.
fn accepted_in_parts() -> (Scene, Browser, String) {
    let setup = Setup { places: 2, assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() };
    let scene = Scene::with_rules(&setup, |rules| {
        rules["criteria"][0]["sub_criteria"] = json!([
            {"key": "who", "title": "Who takes part", "guidance": "Look for names."},
            {"key": "why", "title": "Why now"},
        ]);
    });
    scene.start();
    let browser = Browser::of(&scene.app, &scene.assessors[0]);
    let address = format!("/assignments/{}", scene.own(&scene.assessors[0])[0]);
    accept(&browser, &address).ok();
    (scene, browser, address)
}

#[test]
fn sub_criteria_are_scored_on_the_page_of_their_criterion() {
    let (scene, browser, address) = accepted_in_parts();
    let action = format!("{address}/criteria/need");
    let page =
        browser.get(&action).ok().says("Who takes part").says("Look for names.").says("30% of the score");
    let form = page.form(&action).set("who.score", "4").set("who.justification", "Because of page two.");
    let form = form.set("why.justification", "It is <late>.").set("then", "next");
    let refused = browser.send(&form.clone().set("why.score", "9")).is(422).says("9 is not on the scale");
    assert!(refused.links().contains(&"#why.score".to_owned()), "{:?}", refused.links());
    assert_eq!(refused.form(&action).get("why.justification"), "It is <late>.");
    browser.send(&form.clone().set("then", "stay")).ok().says("Saved.");
    browser.get(&address).ok().says("Begun");
    // Both parts are one page: who saves an old one of it sees what was saved meanwhile.
    browser.send(&form.set("why.score", "1")).is(412).says("Saved meanwhile").says("Because of page two.");
    let form = browser.get(&action).ok().form(&action).set("why.score", "3").set("then", "list");
    browser.send(&form).ok().says("Scored 4, 3").says("1 of 3");
    browser.get(&format!("{address}/check")).ok().says("Why now").says("It is <late>.");
    let saved = scene.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json;
    let scores = &saved["content"]["scores"];
    assert_eq!((&scores["need.who"]["score"], &scores["need.why"]["score"]), (&json!(4), &json!(3)));
    assert!(scores.get("need").is_none(), "{scores}");
}

#[test]
fn a_part_that_is_missing_is_told_where_it_is() {
    let (_scene, browser, address) = accepted_in_parts();
    let check = browser.get(&format!("{address}/check")).ok();
    let refused = browser.send(&check.form(&format!("{address}/submit"))).is(422);
    for place in ["scores.need.who.score", "scores.need.why.justification"] {
        assert!(refused.links().contains(&format!("#{place}")), "{place}");
        assert!(refused.html.contains(&format!("id=\"{place}\"")), "{place}");
    }
}

#[test]
fn two_tabs_on_two_criteria_do_not_disturb_each_other() {
    let (scene, browser, address) = accepted();
    let (need, value) = (format!("{address}/criteria/need"), format!("{address}/criteria/value"));
    let (first, second) = (browser.get(&need).ok().form(&need), browser.get(&value).ok().form(&value));
    browser.send(&first.set("score", "2").set("then", "stay")).ok().says("Saved.");
    browser.send(&second.set("score", "3").set("then", "stay")).ok().says("Saved.");
    let saved = scene.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json;
    assert_eq!((&saved["content"]["scores"]["need"]["score"], &saved["version"]), (&json!(2), &json!(2)));
}

#[test]
fn two_tabs_on_one_criterion_show_both_texts() {
    let (scene, browser, address) = accepted();
    let action = format!("{address}/criteria/need");
    let (first, second) = (browser.get(&action).ok().form(&action), browser.get(&action).ok().form(&action));
    browser.send(&first.set("justification", "The first tab's words.").set("then", "stay")).ok();
    let both = second.set("justification", "The second tab's words.").set("then", "next");
    let page = browser.send(&both).is(412).says("It was changed in another tab or window");
    let page = page.says("The first tab's words.");
    let form = page.form(&action);
    assert_eq!(form.get("justification"), "The second tab's words.");
    let justification = |scene: &Scene| {
        let saved = scene.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json;
        saved["content"]["scores"]["need"]["justification"].clone()
    };
    assert_eq!(justification(&scene), "The first tab's words.");
    browser.send(&form.set("then", "stay")).ok().says("Saved.");
    assert_eq!(justification(&scene), "The second tab's words.");
    // The same text is no conflict, whatever was seen.
    browser.send(&both).ok();
}

#[test]
fn a_script_is_told_what_it_saved_and_what_changed_elsewhere() {
    let (_scene, browser, address) = accepted();
    let action = format!("{address}/criteria/need");
    let form = browser.get(&action).ok().form(&action);
    let send = |sheet: &crate::browser::Sheet| {
        let body = serde_urlencoded::to_string(&sheet.fields).unwrap();
        browser.ask(
            "POST",
            &action,
            &[("Accept", "application/json"), ("Sec-Fetch-Site", "same-origin")],
            Some(body),
        )
    };
    let saved = send(&form.set("justification", "Typed")).ok();
    let told: serde_json::Value = serde_json::from_str(&saved.html).unwrap();
    assert_eq!(told["told"], "Saved at 12:00pm");
    let seen = told["seen"].as_str().unwrap();
    send(&form.set("justification", "Typed on").set("seen", seen)).ok();
    let stale = send(&form.set("justification", "Typed elsewhere").set("seen", seen)).is(412);
    assert_eq!(stale.header("content-type"), "application/problem+json");
    let fresh = browser.get(&action).ok().form(&action);
    send(&fresh.set("score", "9")).is(422);
}

#[test]
fn buttons_pressed_twice_do_it_once() {
    let (scene, browser, address) = offered();
    let form = browser.get(&address).ok().form(&format!("{address}/accept")).set("no_conflict", "true");
    let statuses = at_once(3, |_| browser.send(&form).status);
    assert_eq!(statuses, [200, 200, 200]);
    for key in ["need", "value"] {
        score(&browser, &address, key, "next").ok();
    }
    let submit = overall(&browser, &address).ok().form(&format!("{address}/submit"));
    for _ in 0..2 {
        browser.send(&submit).ok().says("Assessment submitted");
    }
    assert_eq!(scene.audited("assignment.accepted").len(), 1);
    assert_eq!(scene.audited("assessment.submitted").len(), 1);
}

#[test]
fn after_submitting_every_page_shows_the_submitted_state() {
    let (_scene, browser, address) = accepted();
    for key in ["need", "value"] {
        score(&browser, &address, key, "next").ok();
    }
    let action = format!("{address}/criteria/need");
    let before = browser.get(&action).ok().form(&action);
    let submit = overall(&browser, &address).ok().form(&format!("{address}/submit"));
    browser.send(&submit).ok();
    for page in ["criteria/need", "overall", "check"] {
        let shown = browser.get(&format!("{address}/{page}")).ok().says("You submitted this assessment");
        assert_eq!((shown.address.as_str(), shown.forms().len()), (address.as_str(), 1), "only signing out");
    }
    let late = before.set("justification", "Too late, but not lost.").set("then", "stay");
    browser.send(&late).is(409).says("The assessment is submitted.").says("Too late, but not lost.");
}

#[test]
fn a_draft_that_changed_after_the_check_is_checked_again() {
    let (_scene, browser, address) = accepted();
    for key in ["need", "value"] {
        score(&browser, &address, key, "next").ok();
    }
    let submit = overall(&browser, &address).ok().form(&format!("{address}/submit"));
    let action = format!("{address}/criteria/need");
    let form = browser.get(&action).ok().form(&action);
    browser.send(&form.set("score", "1").set("then", "stay")).ok();
    let again = browser.send(&submit).is(412).says("It was changed in another tab").says("1 – Level 1");
    browser.send(&again.form(&format!("{address}/submit"))).ok().says("Assessment submitted");
}

#[test]
fn an_expired_session_loses_nothing_that_was_typed() {
    let (scene, browser, address) = accepted();
    let action = format!("{address}/criteria/need");
    let form = browser.get(&action).ok().form(&action);
    scene.app.set_time("2026-10-02T11:00:00Z");
    let typed = form.set("score", "3").set("justification", "A long thought.").set("then", "next");
    let late = browser.send(&typed).is(401).says("What you typed is safe on this page");
    let email = scene.assessors[0].user["email"].as_str().unwrap();
    let sign_in = late.form("/sign-in");
    scene.app.anyone().post("/password-resets", &json!({"email": email})).is(202);
    let token = crate::accounts::token(&scene.app, email);
    let set = json!({"token": token, "password": "correct horse battery"});
    scene.app.anyone().post("/passwords", &set).ok();
    let back = browser.send(&sign_in.set("email", email).set("password", "correct horse battery")).ok();
    let back = back.says("Your text is still here").says("A long thought.");
    let next = browser.send(&back.form(&action)).ok();
    assert_eq!(next.address, format!("{address}/criteria/value"));
    let saved = scene.assessors[0].get(&format!("/api/v1{address}/assessment")).ok().json;
    assert_eq!(saved["content"]["scores"]["need"]["justification"], "A long thought.");
}

#[test]
fn a_bid_is_declined_with_a_reason_and_never_without() {
    let (scene, browser, address) = offered();
    let form = browser.get(&address).ok().form(&format!("{address}/accept"));
    browser.send(&form).is(422).says("Tick the box if you have no conflict of interest");
    let action = format!("{address}/decline");
    let form = browser.get(&action).ok().form(&action);
    browser.send(&form).is(422).says("Give the reason in 1 to 2,000 characters");
    let declined = browser.send(&form.set("reason", "I advised them.").set("conflict", "true")).ok();
    declined.says("You have declined the bid.").says("No longer yours (1)");
    browser
        .get(&address)
        .ok()
        .says("You declined this bid")
        .says("I advised them.")
        .says_nothing_of("SECRET-ANSWER");
    assert_eq!(scene.audited("assignment.declined")[0]["detail"]["conflict"], true);
    for page in ["bid", "criteria/need", "overall", "check", "submitted"] {
        browser.get(&format!("{address}/{page}")).is(404);
    }
}
