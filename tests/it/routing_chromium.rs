//! An administrator's work with bids and routing in a real browser, with and without JavaScript, judged at each step for
//! accessibility.

use serde_json::json;

use crate::chromium::Chromium;
use crate::scene::{BURNLEY, LANCASHIRE, PENDLE, Scene, Setup};

/// Three bids of two places each, with one place more than the assessors can take, a day before the deadline.
fn scene() -> Scene {
    let scene = Scene::with_rules(
        &Setup {
            places: 2,
            assessors: &[
                ("Ann Able", &[BURNLEY], 2),
                ("Ben Best", &[LANCASHIRE], 1),
                ("Cas Calm", &[PENDLE], 2),
                ("Dot Dear", &[LANCASHIRE], 0),
            ],
            bids: &[&[BURNLEY], &[BURNLEY, PENDLE], &[PENDLE]],
            ..Setup::default()
        },
        |rules| {
            rules["criteria"][0]["guidance"] =
                json!("Which vacancies cannot be filled today, and how do you know?");
        },
    );
    scene.app.set_time("2026-09-29T11:00:00Z");
    let bid = format!("/bids/{}", scene.bids[0]["id"].as_str().unwrap());
    let standing = scene.providers[0].get(&bid).ok();
    let mut content = standing.json["content"].clone();
    content["answers"]["need"] = json!("A new answer, with what was asked for in it.");
    content["amount_requested_pence"] = json!(1_250_000);
    scene.providers[0].put(&bid, &standing.etag(), &content).ok();
    scene.providers[0].post(&format!("{bid}/submit"), &json!({})).created();
    scene
}

fn sign_in(browser: &Chromium, scene: &Scene) {
    browser.go("/sign-in");
    browser.fill("#email", scene.admin.user["email"].as_str().unwrap());
    browser.fill("#password", "correct horse battery");
    browser.press("Sign in");
    browser.sees("Sign out");
}

/// Bids, from the list to what changed in one of them.
fn read_bids(scene: &Scene, browser: &Chromium, look: &impl Fn(&str)) {
    browser.go(&scene.path("/bids"));
    browser.sees("3 bids were received.");
    look("bids");
    browser.fill("#q", "provider 0");
    browser.press("Show");
    browser.sees("Bid 0");
    assert!(!browser.text().contains("Bid 1"));
    browser.press("Asks for");
    browser.sees("Bid 0");
    look("bids-found");
    browser.fill("#q", "nothing like it");
    browser.press("Show");
    browser.sees("No bid found");
    look("bids-none");
    browser.press("Show every bid");
    let reference = scene.bids[0]["reference"].as_str().unwrap();
    browser.press(reference);
    browser.sees("A new answer");
    look("bid-read");
    browser.press("Version 2");
    browser.sees("What changed since version 1");
    look("bid-version");
    browser.press("The bid");
    browser.press("Who assesses it");
    browser.sees("Not routed yet");
    look("bid-unrouted");
    browser.go(&format!("/bids/{}/eligibility", scene.bids[0]["id"].as_str().unwrap()));
    look("eligibility");
    browser.press("Decide");
    browser.sees("There is a problem");
    look("eligibility-refused");
    browser.choose("#eligible");
    browser.fill("#reason", "It is registered, as the register of companies says.");
    browser.press("Decide");
    browser.sees("The bid counts as eligible from now on.");
    look("bid-decided");
}

/// Routing, from the forecast to a place that is taken back.
fn route(scene: &Scene, browser: &Chromium, look: &impl Fn(&str)) {
    browser.go(&scene.path("/routing"));
    browser.sees("What would be short");
    look("forecast");
    browser.press("Start the assessment");
    browser.sees("Until then providers expect to be able to bid");
    look("start-assessment");
    browser.press("Start the assessment");
    browser.sees("There is a problem");
    look("start-assessment-refused");
    browser.fill("#reason", "All expected bids are in.");
    browser.press("Start the assessment");
    browser.sees("The assessment has started");
    look("routing");
    browser.press("Who assesses which bid");
    browser.sees("1 place empty");
    look("routing-by-bid");

    scene.set_capacities_and_wait(&[2, 2, 2, 1]);
    browser.go(&scene.path("/routing"));
    browser.press("See what routing again would change");
    browser.sees("Nothing has been changed yet");
    look("repair");
    browser.fill("#reason", "Ben can take one more.");
    browser.press("Route again");
    browser.sees("1 place was offered");
    browser.go(&scene.path("/routing/repair"));
    browser.sees("Nothing would change");
    look("repair-nothing");

    browser.go(&format!("/bids/{}/interests/new", scene.bids[0]["id"].as_str().unwrap()));
    look("interest-in-bid");
    browser.press("Declare the interest");
    browser.sees("There is a problem");
    look("interest-in-bid-refused");

    let own = scene.own(&scene.assessors[0]);
    browser.go(&format!("/assignments/{}/release", own[0]));
    look("release");
    browser.press("Take it back");
    browser.sees("There is a problem");
    look("release-refused");
    browser.fill("#reason", "Ann is ill until the new year.");
    browser.press("Take it back");
    browser.sees("Who no longer does");
    look("bid-routed");
    browser.press("the run that offered the places");
    browser.sees("A run of the router");
    look("run");
    browser.press("Solve it again and compare");
    browser.sees("it gives the same places to the same people");
    look("run-again");
}

#[test]
fn an_administrator_reads_bids_and_routes_them_on_pages_that_everybody_can_use() {
    let scene = scene();
    let Some(browser) = Chromium::start(&scene.app.url, true) else { return };
    sign_in(&browser, &scene);
    let look = |page: &str| browser.look(page);
    read_bids(&scene, &browser, &look);
    route(&scene, &browser, &look);
}

#[test]
fn an_administrator_reads_bids_and_routes_them_without_scripts() {
    let scene = scene();
    let Some(browser) = Chromium::start(&scene.app.url, false) else { return };
    sign_in(&browser, &scene);
    read_bids(&scene, &browser, &|_| {});
    route(&scene, &browser, &|_| {});
}

#[test]
fn a_long_act_says_that_it_is_under_way_and_goes_once() {
    let scene = scene();
    let Some(browser) = Chromium::start(&scene.app.url, true) else { return };
    sign_in(&browser, &scene);
    browser.go(&scene.path("/start-assessment"));
    browser.fill("#reason", "All expected bids are in.");
    let pressed_twice = "const button = document.querySelector('[data-busy]'); button.click(); button.click(); \
        const said = document.querySelector('.buttons + [role=status]').textContent; \
        return [said, button.getAttribute('aria-disabled')]";
    assert_eq!(browser.script(pressed_twice), json!(["Routing the bids…", "true"]));
    browser.sees("The assessment has started");
    assert_eq!(scene.audited("round.assessment_started").len(), 1);
}

#[test]
fn bids_are_found_and_routed_with_the_keyboard_alone() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let scene = scene();
    let Some(browser) = Chromium::start(&scene.app.url, true) else { return };
    sign_in(&browser, &scene);
    let focused = "return document.activeElement.id || document.activeElement.textContent.trim()";
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    let reach = |wanted: &str| {
        let mut seen = Vec::new();
        while seen.last().is_none_or(|last| last != wanted) {
            browser.keys(TAB);
            seen.push(browser.script(focused));
            assert_ne!(browser.script(outline), "none", "{seen:?}");
            assert!(seen.len() < 60, "{wanted}: {seen:?}");
        }
    };
    browser.go(&scene.path("/bids"));
    reach("q");
    browser.keys("provider 2");
    browser.keys(ENTER);
    browser.sees("Bid 2");
    let reference = scene.bids[2]["reference"].as_str().unwrap();
    reach(reference);
    browser.keys(ENTER);
    browser.sees("What it says");
    browser.go(&scene.path("/start-assessment"));
    reach("reason");
    browser.keys("All expected bids are in.");
    reach("Start the assessment");
    browser.keys(ENTER);
    browser.sees("The assessment has started");
}
