//! Routing repairs itself: whatever it hangs on changes, and those who lose or gain a bid are told, in one transaction.

use serde_json::{Value, json};

use crate::scene::{BURNLEY, LANCASHIRE, MANCHESTER, PENDLE, Scene, Setup};
use crate::support::Client;

/// Two assessors who can each take every bid, one at a time.
const TWO: &[(&str, &[&str], u32)] = &[("Ann", &[LANCASHIRE], 1), ("Ben", &[LANCASHIRE], 1)];

fn interest(scene: &Scene, assessor: &Client, severity: &str) -> Value {
    let interest =
        json!({"severity": severity, "bid_id": scene.bids[0]["id"], "description": "I know them."});
    assessor.post(&format!("/assessors/{}/interests", assessor.id()), &interest).created()
}

fn decide(scene: &Scene, bid: usize, eligible: bool) {
    let path = format!("/bids/{}/eligibility", scene.bids[bid]["id"].as_str().unwrap());
    scene.admin.post(&path, &json!({"eligible": eligible, "reason": "Their number was checked."})).ok();
}

fn disable(scene: &Scene, assessor: &Client, disabled: bool) {
    let path = format!("/users/{}", assessor.id());
    let read = scene.admin.get(&path).ok();
    let change = json!({"name": read.json["name"], "disabled": disabled});
    scene.admin.put(&path, &read.etag(), &change).ok();
}

fn runs(scene: &Scene) -> Vec<Value> {
    scene.admin.get(&scene.path("/routing")).ok().json["items"].as_array().unwrap().clone()
}

/// Who assesses what: bid's title and name, in the order of titles.
fn who(scene: &Scene) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let standing = scene.standing();
    let mut who: Vec<(String, String)> =
        standing.iter().map(|view| (text(&view["bid"]["title"]), text(&view["assessor_name"]))).collect();
    who.sort();
    who
}

fn pair(bid: &str, name: &str) -> (String, String) {
    (bid.to_owned(), name.to_owned())
}

/// The text of the one email of a kind that went to somebody.
fn told(scene: &Scene, kind: &str, to: &Client) -> String {
    let emails = scene.emails(kind);
    let own: Vec<&Value> = emails.iter().filter(|email| email["recipient"] == to.user["email"]).collect();
    let last = own.last().expect("an email").get("id").and_then(Value::as_str).expect("an id");
    scene.admin.get(&format!("/emails/{last}")).ok().json["text"].as_str().unwrap().to_owned()
}

#[test]
fn late_ineligible_bid_frees_its_assessor_for_one_that_is_short() {
    let scene =
        Scene::started(&Setup { assessors: &TWO[..1], bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let first = who(&scene)[0].0.clone();
    let (kept, other) = if first == "Bid 0" { (0, "Bid 1") } else { (1, "Bid 0") };
    decide(&scene, kept, false);
    assert_eq!(who(&scene), [pair(other, "Ann")]);
    let ann = &scene.assessors[0];
    assert!(told(&scene, "assignment_released", ann).contains("The bid is no longer being assessed."));
    assert!(told(&scene, "assignment_offered", ann).contains(other));
    let event = &scene.audited("round.routing_repaired")[0];
    assert_eq!(event["detail"]["reason"], "a bid's eligibility decided");
    assert_eq!(event["actor"], format!("user:{}", scene.admin.id()));
    assert_eq!(runs(&scene)[0]["cause"], "a bid's eligibility decided");

    // Eligible after all, it competes again; what stands stays.
    decide(&scene, kept, true);
    assert_eq!((who(&scene), runs(&scene).len()), (vec![pair(other, "Ann")], 2));
}

#[test]
fn new_conflict_takes_an_accepted_bid_away_and_asks_somebody_else() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    let (loser, winner) = if who(&scene)[0].1 == "Ann" { (0, 1) } else { (1, 0) };
    let (loser, winner) = (&scene.assessors[loser], &scene.assessors[winner]);
    scene.accept(loser, &scene.own(loser)[0]);
    interest(&scene, loser, "hard");
    assert_eq!(scene.own(loser).len(), 0);
    assert_eq!(scene.own(winner).len(), 1);
    assert!(told(&scene, "assignment_released", loser).contains("An interest in this bid has been recorded"));
    assert!(told(&scene, "assignment_offered", winner).contains("Bid 0"));
    let event = &scene.audited("round.routing_repaired")[0];
    assert_eq!(event["actor"], format!("user:{}", loser.id()));
}

#[test]
fn what_was_submitted_stays_whatever_changes() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    let holder = scene.assessors.iter().find(|one| !scene.own(one).is_empty()).unwrap();
    let id = scene.own(holder).remove(0);
    scene.accept(holder, &id);
    scene.assess(holder, &id, 3);
    interest(&scene, holder, "hard");
    scene.set_capacities(&[0, 0]);
    disable(&scene, holder, true);
    assert_eq!(scene.own(holder), [id]);
    assert_eq!(runs(&scene).len(), 1);
}

#[test]
fn overridden_interest_fills_the_place_that_it_left_empty() {
    let scene = Scene::new(&Setup { assessors: &TWO[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let soft = interest(&scene, &scene.assessors[0], "soft");
    scene.start();
    assert_eq!(who(&scene), []);
    let path = format!("/interests/{}/override", soft["id"].as_str().unwrap());
    scene.admin.post(&path, &json!({"reason": "One talk, years ago."})).ok();
    assert_eq!(who(&scene), [pair("Bid 0", "Ann")]);
}

#[test]
fn capacities_fill_empty_places_and_take_back_offers_but_nothing_accepted() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[LANCASHIRE], 2), ("Ben", &[LANCASHIRE], 0)],
        bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY]],
        ..Setup::default()
    });
    let (ann, ben) = (&scene.assessors[0], &scene.assessors[1]);
    let accepted = scene.own(ann).remove(0);
    scene.accept(ann, &accepted);
    scene.set_capacities(&[2, 1]);
    assert_eq!((scene.own(ann).len(), scene.own(ben).len()), (2, 1));
    scene.set_capacities(&[1, 1]);
    assert_eq!((scene.own(ann), scene.own(ben).len()), (vec![accepted.clone()], 1));
    assert!(
        told(&scene, "assignment_released", ann)
            .contains("The number of bids that you take in this round was lowered.")
    );
    scene.set_capacities(&[0, 3]);
    assert_eq!((scene.own(ann), scene.own(ben).len()), (vec![accepted], 2));
}

#[test]
fn imported_capacities_and_areas_are_followed_too() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[LANCASHIRE], 1), ("Ben", &[MANCHESTER], 1)],
        bids: &[&[BURNLEY], &[PENDLE]],
        ..Setup::default()
    });
    assert_eq!(scene.standing().len(), 1);
    let ben = scene.assessors[1].user["email"].as_str().unwrap().to_owned();
    let csv = format!("email,areas,capacity,minimum\n{ben},{LANCASHIRE},1,0\n");
    let path = scene.path("/assessors/import");
    scene.admin.post(&path, &json!({"csv": csv, "dry_run": true})).ok();
    assert_eq!(scene.standing().len(), 1);
    scene.admin.post(&path, &json!({"csv": csv}));
    assert_eq!(scene.own(&scene.assessors[1]).len(), 1);
}

#[test]
fn disabled_assessor_has_dropped_out_of_all_that_is_not_submitted() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[BURNLEY], 2), ("Ben", &[LANCASHIRE], 2)],
        bids: &[&[BURNLEY], &[BURNLEY]],
        ..Setup::default()
    });
    let (ann, ben) = (&scene.assessors[0], &scene.assessors[1]);
    let accepted = scene.own(ann);
    assert_eq!(accepted.len(), 2);
    scene.accept(ann, &accepted[0]);
    disable(&scene, ann, true);
    assert_eq!((scene.own(ann).len(), scene.own(ben).len()), (0, 2));
    assert_eq!(scene.emails("assignment_released").len(), 2);
    assert_eq!(runs(&scene)[0]["cause"], "an assessor disabled");
}

#[test]
fn areas_that_an_assessor_no_longer_covers_are_offered_to_others() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[BURNLEY], 1), ("Ben", &[LANCASHIRE], 1)],
        bids: &[&[BURNLEY]],
        ..Setup::default()
    });
    let path = format!("/assessors/{}", scene.assessors[0].id());
    let tag = scene.admin.get(&path).ok().etag();
    scene.admin.put(&path, &tag, &json!({"areas": [MANCHESTER]})).ok();
    assert_eq!(who(&scene), [pair("Bid 0", "Ben")]);
    assert!(
        told(&scene, "assignment_released", &scene.assessors[0])
            .contains("areas that you cover were changed")
    );
}

#[test]
fn change_that_moves_nothing_writes_no_run_and_tells_nobody() {
    let scene = Scene::new(&Setup { assessors: TWO, bids: &[&[BURNLEY]], ..Setup::default() });
    scene.set_capacities(&[1, 2]);
    scene.start();
    let before = (who(&scene), runs(&scene).len(), scene.emails("assignment_offered").len());
    scene.set_capacities(&[2, 2]);
    decide(&scene, 0, true);
    assert_eq!((who(&scene), runs(&scene).len(), scene.emails("assignment_offered").len()), before);
    assert_eq!(scene.audited("round.routing_repaired").len(), 0);
}

#[test]
fn dry_run_shows_what_a_change_would_do_and_the_change_does_it() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let before = scene.assignments();
    let members: Vec<Value> = scene
        .assessors
        .iter()
        .zip([2, 0])
        .map(|(one, capacity)| json!({"assessor_id": one.id(), "capacity": capacity, "minimum": 0}))
        .collect();
    let suppose = json!({"dry_run": true, "suppose": {"assessors": members}});
    let shown = scene.admin.post(&scene.path("/routing"), &suppose).ok().json;
    assert_eq!(shown["offered"].as_array().unwrap().len(), 1);
    assert_eq!(shown["released"][0]["because"], "You are not among the round's assessors any more.");
    assert_eq!((&shown["run_id"], runs(&scene).len()), (&Value::Null, 1));
    assert_eq!(scene.assignments(), before);

    scene.set_capacities(&[2, 0]);
    let made = &scene.audited("round.routing_repaired")[0]["detail"]["change"];
    assert_eq!((&made["offered"], &made["released"]), (&shown["offered"], &shown["released"]));
    assert_eq!(scene.emails("assignment_released").len(), 1);
    // All is repaired: nothing is left to do.
    let again = scene.admin.post(&scene.path("/routing"), &json!({"dry_run": true})).ok().json;
    assert_eq!((&again["offered"], &again["released"]), (&json!([]), &json!([])));
}

#[test]
fn dry_run_supposes_drop_outs_and_ineligible_bids() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let ben = scene.assessors[1].id();
    let ask = |suppose: Value| {
        scene.admin.post(&scene.path("/routing"), &json!({"dry_run": true, "suppose": suppose}))
    };
    let shown = ask(json!({"dropped_out": [ben]})).ok().json;
    assert_eq!(shown["released"][0]["assessor_name"], "Ben");
    let shown = ask(json!({"ineligible": [scene.bids[0]["id"]]})).ok().json;
    assert_eq!(shown["released"][0]["reference"], scene.bids[0]["reference"]);

    let nobody = scene.admin.id();
    let refused = ask(json!({
        "assessors": [{"assessor_id": nobody, "capacity": 2_000}], "dropped_out": [nobody], "ineligible": [nobody],
    }));
    assert_eq!(
        refused.pointers(),
        [
            "/suppose/assessors/0/capacity",
            "/suppose/assessors/0/assessor_id",
            "/suppose/dropped_out/0",
            "/suppose/ineligible/0"
        ]
    );
    let wet = json!({"suppose": {"dropped_out": [ben]}});
    assert_eq!(scene.admin.post(&scene.path("/routing"), &wet).is(422).pointers(), ["/suppose"]);
}

#[test]
fn routing_that_was_held_shows_its_difference_until_it_is_repaired() {
    let scene = Scene::started(&Setup { assessors: TWO, bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let before = scene.assignments();
    scene.set_capacities_and_wait(&[2, 0]);
    assert_eq!((scene.assignments(), runs(&scene).len()), (before, 1));
    let shown = scene.admin.post(&scene.path("/routing"), &json!({"dry_run": true})).ok().json;
    assert_eq!(
        (shown["offered"].as_array().unwrap().len(), shown["released"].as_array().unwrap().len()),
        (1, 1)
    );
    let mut made = scene.admin.post(&scene.path("/routing"), &json!({})).ok().json;
    assert!(made["run_id"].is_string());
    made["run_id"] = Value::Null;
    assert_eq!((made, runs(&scene).len()), (shown, 2));
    assert_eq!(scene.emails("assignment_released").len(), 1);
}
