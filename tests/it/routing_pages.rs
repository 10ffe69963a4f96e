//! An administrator's and an auditor's pages about routing, in a browser without JavaScript.

use serde_json::json;

use crate::browser::Browser;
use crate::scene::{BURNLEY, LANCASHIRE, PENDLE, Scene, Setup};
use crate::support::Client;

const FOUR: &[(&str, &[&str], u32)] = &[
    ("Ann Able", &[BURNLEY], 2),
    ("Ben Best", &[LANCASHIRE], 3),
    ("Cas Calm", &[PENDLE], 1),
    ("Dot Dear", &[LANCASHIRE], 0),
];

/// Three bids with two places each; six places, and six that can be taken.
fn setup() -> Setup<'static> {
    Setup {
        places: 2,
        assessors: FOUR,
        bids: &[&[BURNLEY], &[BURNLEY, PENDLE], &[PENDLE]],
        ..Setup::default()
    }
}

fn admin(scene: &Scene) -> Browser {
    Browser::of(&scene.app, &scene.admin)
}

fn auditor(scene: &Scene) -> Browser {
    Browser::of(&scene.app, &scene.app.auditor(&scene.admin))
}

/// The first standing assignment of an assessor, and its bid.
fn place_of(scene: &Scene, assessor: &Client) -> (String, String) {
    let own = |view: &serde_json::Value| view["assignment"]["assessor_id"] == assessor.user["id"];
    let view = scene.standing().into_iter().find(own).expect("a place");
    let text = |value: &serde_json::Value| value.as_str().expect("an id").to_owned();
    (text(&view["assignment"]["id"]), text(&view["assignment"]["bid_id"]))
}

fn person(assessor: &Client) -> String {
    format!("/people/{}", assessor.id())
}

#[test]
fn the_forecast_says_in_sentences_what_would_be_short_and_what_would_help() {
    let scene = Scene::new(&setup());
    let routing = scene.path("/routing");
    let page = admin(&scene).get(&routing).ok();
    page.says("3 bids so far, with 6 places, and 4 assessors.").says("Every place could be filled.");
    scene.set_capacities(&[2, 1, 1, 0]);
    let page = admin(&scene).get(&routing).ok().says("What would be short").says("Raise").says("full at");
    for assessor in &scene.assessors[..2] {
        assert!(page.links().contains(&person(assessor)), "{:?}", page.links());
    }
    assert!(page.links().contains(&scene.path("/start-assessment")));
    let read = auditor(&scene).get(&routing).ok().says("What would be short");
    assert!(!read.links().contains(&scene.path("/start-assessment")));
}

#[test]
fn a_round_without_bids_or_not_open_says_what_comes_next() {
    let scene = Scene::new(&Setup { assessors: FOUR, ..Setup::default() });
    admin(&scene).get(&scene.path("/routing")).ok().says("As soon as a bid is submitted");
    let tag = scene.admin.get(&scene.path("")).ok();
    let copy = json!({"code": "FT2", "name": "Round 2"});
    let copy = scene.admin.post(&scene.path("/copy"), &copy).created();
    let path = format!("/rounds/{}", copy["id"].as_str().unwrap());
    let page = admin(&scene).get(&format!("{path}/routing")).ok().says("No bid has been routed");
    assert!(page.links().contains(&format!("{path}/assessors")));
    assert_eq!(tag.json["status"], "open");
    admin(&scene).get(&format!("{path}/routing/repair")).is(409);
    assert_eq!(admin(&scene).get(&format!("{path}/start-assessment")).address, format!("{path}/routing"));
}

#[test]
fn starting_early_wants_a_reason_and_keeps_what_was_typed() {
    let scene = Scene::new(&setup());
    scene.app.set_time("2026-09-29T11:00:00Z");
    let browser = admin(&scene);
    let address = scene.path("/start-assessment");
    let page = browser.get(&address).ok().says("The deadline is 12:00pm on Wednesday 30 September 2026");
    let page = page.says("3 bids").says("6 places").says("All can be filled");
    let refused = browser.send(&page.form(&address)).is(422).says("There is a problem");
    let started = browser.send(&refused.form(&address).set("reason", "All expected bids are in.")).ok();
    started
        .says("The assessment has started: 3 bids with 6 of 6 places filled.")
        .says("6 offers wait for an answer.");
    assert_eq!(scene.audited("round.assessment_started")[0]["detail"]["reason"], "All expected bids are in.");
    // Pressed twice, it has done what it was pressed for.
    assert_eq!(browser.post(&refused.form(&address).set("reason", "All expected bids are in.")).status, 303);
    assert_eq!(scene.audited("round.assessment_started").len(), 1);
}

#[test]
fn after_the_deadline_nobody_asks_why_it_starts() {
    let scene = Scene::new(&setup());
    let browser = admin(&scene);
    let page = browser.get(&scene.path("/start-assessment")).ok().says_nothing_of("start early");
    browser.send(&page.form(&scene.path("/start-assessment"))).ok().says("The assessment has started");
}

#[test]
fn who_assesses_what_stands_by_assessor_and_by_bid() {
    let scene = Scene::started(&setup());
    let (assignment, bid) = place_of(&scene, &scene.assessors[0]);
    scene.accept(&scene.assessors[0], &assignment);
    scene.assess(&scene.assessors[0], &assignment, 4);
    for browser in [admin(&scene), auditor(&scene)] {
        let page = browser.get(&scene.path("/routing")).ok();
        let page = page
            .says("6 of 6")
            .says("5 offers wait for an answer.")
            .says("2 of 2")
            .says("every place could be filled");
        assert!(page.html.contains("<progress value=\"2\" max=\"2\" aria-label=\"Bids of Ann Able\">"));
        assert!(page.links().contains(&person(&scene.assessors[3])), "even who has none");
        let page = browser.get(&scene.path("/routing/bids")).ok();
        let page = page.says("Ann Able for Burnley Submitted").says("Bid 1").says_nothing_of("empty");
        assert!(page.links().contains(&format!("/bids/{bid}/routing")));
    }
}

#[test]
fn what_is_late_and_what_is_empty_shows() {
    let scene = Scene::new(&setup());
    scene.set_capacities(&[2, 1, 1, 0]);
    scene.start();
    scene.app.set_time("2026-10-21T11:00:00Z");
    let page = admin(&scene).get(&scene.path("/routing")).ok();
    page.says("4 of 6").says("Overdue").says("2 overdue").says("full at");
    admin(&scene).get(&scene.path("/routing/bids")).ok().says("place empty");
}

#[test]
fn routing_again_shows_the_difference_before_it_is_made() {
    let scene = Scene::new(&setup());
    scene.set_capacities(&[2, 1, 1, 0]);
    scene.start();
    let browser = admin(&scene);
    let address = scene.path("/routing/repair");
    browser.get(&address).ok().says("Nothing would change");
    scene.set_capacities_and_wait(&[2, 2, 1, 0]);
    let before = scene.standing().len();
    let page = browser.get(&address).ok().says("Places that would be offered").says("Who would get an email");
    let page = page.says("Ben Best").says("What would still be short");
    assert_eq!(scene.standing().len(), before, "nothing was changed yet");

    // Something moves between the look and the act.
    scene.set_capacities_and_wait(&[2, 3, 1, 0]);
    let stale = browser.send(&page.form(&address).set("reason", "Ben can take more.")).is(412);
    let stale = stale.says("Something changed since you looked");
    let form = stale.form(&address);
    assert_eq!(form.get("reason"), "Ben can take more.");
    assert_eq!(scene.standing().len(), before, "nothing was changed");
    let made = browser.send(&form).ok();
    made.says("2 places were offered and 0 offers were taken back.").says("6 of 6");
    assert_eq!(scene.audited("round.routing_repaired")[0]["detail"]["reason"], "Ben can take more.");
    assert_eq!(scene.standing().len(), 6);
}

#[test]
fn a_bids_page_says_why_each_and_why_nobody_else() {
    let scene = Scene::started(&setup());
    let (_, bid) = place_of(&scene, &scene.assessors[0]);
    for browser in [admin(&scene), auditor(&scene)] {
        let page = browser.get(&format!("/bids/{bid}/routing")).ok();
        let page = page.says("Covers Burnley; load").says("Why nobody else").says("Dot Dear");
        assert!(page.links().iter().any(|link| link.starts_with("/routing-runs/")));
    }
    let scene = Scene::new(&setup());
    let bid = scene.bids[0]["id"].as_str().unwrap().to_owned();
    admin(&scene).get(&format!("/bids/{bid}/routing")).ok().says("Not routed yet");
}

#[test]
fn an_assignment_is_taken_back_with_a_reason_that_stays_in_the_form() {
    let scene = Scene::started(&setup());
    scene.set_capacities(&[2, 3, 1, 2]);
    let (assignment, bid) = place_of(&scene, &scene.assessors[0]);
    let browser = admin(&scene);
    let routing = format!("/bids/{bid}/routing");
    let address = format!("/assignments/{assignment}/release");
    assert!(browser.get(&routing).ok().links().contains(&address));
    assert!(!auditor(&scene).get(&routing).ok().links().contains(&address));
    let page = browser.get(&address).ok().says("Take it back from Ann Able");
    assert!(page.links().contains(&person(&scene.assessors[0])), "a conflict is recorded with the person");
    let refused = browser.send(&page.form(&address)).is(422).says("Give the reason");
    let sheet = refused.form(&address).set("reason", "Ann is ill until the new year.");
    let done = browser.send(&sheet).ok().says("somebody else has been offered the place");
    done.says("Who no longer does").says("Ann is ill until the new year.").says("Dot Dear");
    assert_eq!(browser.post(&sheet).status, 303, "pressed twice");
    assert_eq!(scene.audited("assignment.released").len(), 1);
    assert_eq!(browser.get(&address).address, routing, "there is nothing more to take back");
}

#[test]
fn an_interest_in_one_bid_is_declared_and_takes_it_away() {
    let scene = Scene::started(&setup());
    scene.set_capacities(&[2, 3, 1, 2]);
    let ann = &scene.assessors[0];
    let (_, bid) = place_of(&scene, ann);
    let browser = admin(&scene);
    let routing = format!("/bids/{bid}/routing");
    let address = format!("/bids/{bid}/interests/new");
    assert!(browser.get(&routing).ok().links().contains(&address));
    assert!(!auditor(&scene).get(&routing).ok().links().contains(&address));
    let sheet = browser.get(&address).ok().says("Ann Able").form(&address);
    let sheet = sheet.set("description", "My sister leads the work in it.");
    let refused =
        browser.send(&sheet).is(422).says("Choose the assessor").says("Choose the severity").form(&address);
    assert_eq!(refused.get("description"), "My sister leads the work in it.");
    let sheet = refused.set("assessor_id", ann.id()).set("severity", "hard");
    browser.send(&sheet).ok().says("The interest is declared.").says("Who no longer does").says("Ann Able");
    assert_eq!(browser.post(&sheet).status, 303, "pressed twice");
    let kept = scene.admin.get(&format!("/assessors/{}/interests", ann.id())).ok().json["items"].clone();
    assert_eq!((kept[0]["bid_id"].as_str(), kept[1].as_str()), (Some(bid.as_str()), None));
    let has_it = |view: &serde_json::Value| {
        view["assignment"]["assessor_id"] == ann.user["id"] && view["assignment"]["bid_id"] == bid.as_str()
    };
    assert!(!scene.standing().iter().any(has_it));
}

#[test]
fn offers_of_a_round_that_is_over_wait_for_nobody() {
    let scene = Scene::started(&setup());
    let (assignment, _) = place_of(&scene, &scene.assessors[0]);
    let assessor = Browser::of(&scene.app, &scene.assessors[0]);
    assessor.get("/assignments").ok().says("To do").says("Declare your interest");
    scene.admin.post(&scene.path("/cancel"), &json!({"reason": "The money was withdrawn."})).ok();
    assessor.get("/assignments").ok().says("The round is over").says_nothing_of("To do");
    let page = assessor.get(&format!("/assignments/{assignment}")).ok().says("is over, so nobody waits");
    assert!(!page.html.contains("/accept\""), "there is nothing to press");
    let bid = scene.bids[0]["id"].as_str().unwrap();
    let eligibility = admin(&scene).get(&format!("/bids/{bid}/eligibility"));
    assert_eq!(eligibility.address, format!("/bids/{bid}"), "nor anything to decide");
}

#[test]
fn a_kept_run_can_be_solved_again() {
    let scene = Scene::started(&setup());
    let run = scene.admin.get(&scene.path("/routing")).ok().json["items"][0].clone();
    let address = format!("/routing-runs/{}", run["id"].as_str().unwrap());
    for browser in [admin(&scene), auditor(&scene)] {
        let page = browser.get(&address).ok().says(run["input_sha256"].as_str().unwrap());
        let page = page.says("6 of 6").says("6 places went to somebody");
        assert!(page.links().contains(&format!("{address}?again=true")));
        browser
            .get(&format!("{address}?again=true"))
            .ok()
            .says("it gives the same places to the same people");
    }
}

#[test]
fn eligibility_is_decided_with_a_reason() {
    let scene = Scene::new(&setup());
    let bid = format!("/bids/{}", scene.bids[0]["id"].as_str().unwrap());
    let browser = admin(&scene);
    let address = format!("{bid}/eligibility");
    assert!(browser.get(&bid).ok().says("nobody has decided").links().contains(&address));
    assert!(!auditor(&scene).get(&bid).ok().links().contains(&address));
    let page = browser.get(&address).ok();
    let refused = browser.send(&page.form(&address).set("reason", "It is not registered.")).is(422);
    let refused = refused.says("Choose whether the bid is eligible");
    let form = refused.form(&address);
    assert_eq!(form.get("reason"), "It is not registered.");
    let refused = browser.send(&form.set("eligible", "false").set("reason", " ")).is(422);
    let form = refused.form(&address);
    assert_eq!(form.get("eligible"), "false");
    let done = browser.send(&form.set("reason", "It is not registered.")).ok();
    done.says("The bid counts as not eligible from now on.").says("It is not registered.").says("Ineligible");
    assert_eq!(scene.audited("bid.eligibility_decided").len(), 1);
}
