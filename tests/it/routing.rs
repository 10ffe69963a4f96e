//! What routing promises: the right people, never a conflict, and the fewest changes after.

use std::collections::BTreeMap;

use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::scene::{BURNLEY, LANCASHIRE, MANCHESTER, PENDLE, Scene, Setup, content};
use crate::support::Client;

/// Three assessors who can each take every bid.
const THREE: &[(&str, &[&str], u32)] =
    &[("Ann", &[LANCASHIRE], 3), ("Ben", &[LANCASHIRE], 3), ("Cas", &[LANCASHIRE], 3)];

/// Holds after any sequence of acts: no pair twice, nobody over capacity, no bid over its places.
#[track_caller]
fn assert_sound(scene: &Scene, capacity: usize, places: usize) {
    let mut pairs = BTreeMap::new();
    let (mut loads, mut held) = (BTreeMap::new(), BTreeMap::new());
    for view in scene.standing() {
        let one = &view["assignment"];
        *pairs.entry((one["bid_id"].to_string(), one["assessor_id"].to_string())).or_insert(0) += 1;
        *loads.entry(one["assessor_id"].to_string()).or_insert(0_usize) += 1;
        *held.entry(one["bid_id"].to_string()).or_insert(0_usize) += 1;
    }
    assert!(pairs.values().all(|times| *times == 1), "an assessor is twice on a bid");
    assert!(loads.values().all(|load| *load <= capacity), "an assessor is over capacity");
    assert!(held.values().all(|seats| *seats <= places), "a bid has more assessors than places");
    // A pair that was given up never stands again.
    for view in scene.assignments() {
        let one = &view["assignment"];
        if one["status"] == "declined" {
            let pair = (one["bid_id"].to_string(), one["assessor_id"].to_string());
            assert!(!pairs.contains_key(&pair), "a declined bid was offered again");
        }
    }
}

fn decline(assessor: &Client, assignment: &str) -> crate::support::Answer {
    assessor.post(
        &format!("/assignments/{assignment}/decline"),
        &json!({"reason": "I advised them.", "conflict": true}),
    )
}

#[test]
fn each_bid_goes_to_assessors_who_cover_its_area() {
    let scene = Scene::started(&Setup {
        places: 1,
        assessors: &[("Bea", &[BURNLEY], 2), ("Max", &[MANCHESTER], 2)],
        bids: &[&[BURNLEY], &[MANCHESTER], &[BURNLEY]],
        ..Setup::default()
    });
    for view in scene.assignments() {
        let area = view["bid"]["areas"][0]["code"].as_str().unwrap();
        let name = if area == BURNLEY { "Bea" } else { "Max" };
        assert_eq!(view["assessor_name"], name);
        assert_eq!(view["assignment"]["area_code"], area);
        assert_eq!(view["assignment"]["status"], "offered");
    }
    assert_eq!(scene.assignments().len(), 3);
}

#[test]
fn nearer_assessor_is_chosen_and_the_reason_names_the_next_best() {
    let scene = Scene::started(&Setup {
        places: 1,
        assessors: &[("Sam Example", &[LANCASHIRE], 6), ("Bea Example", &[BURNLEY], 6)],
        bids: &[&[BURNLEY]],
        ..Setup::default()
    });
    let explanation = scene.assignments()[0]["assignment"]["explanation"].clone();
    assert_eq!(
        explanation["sentence"],
        "Covers Burnley; load 1 of 6; next best is Sam Example, one step further from the area."
    );
    assert_eq!(explanation["next_best"]["worse_by"], 300);
}

#[test]
fn each_area_of_a_bid_has_an_assessor_of_its_own_first() {
    let scene = Scene::started(&Setup {
        places: 2,
        assessors: &[("Bea", &[BURNLEY], 5), ("Bob", &[BURNLEY], 5), ("Pat", &[PENDLE], 5)],
        bids: &[&[BURNLEY, PENDLE]],
        ..Setup::default()
    });
    let mut areas: Vec<String> = scene
        .assignments()
        .iter()
        .map(|view| view["assignment"]["area_code"].as_str().unwrap().to_owned())
        .collect();
    areas.sort();
    assert_eq!(areas, [BURNLEY, PENDLE]);
}

#[test]
fn declared_interest_and_own_employer_are_never_routed() {
    let scene = Scene::new(&Setup { assessors: THREE, bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let number = |provider: &Client| {
        let path = format!("/organisations/{}", provider.organisation());
        scene.admin.get(&path).ok().json["registered_number"].as_str().unwrap().to_owned()
    };
    for assessor in &scene.assessors[..2] {
        let interest = json!({"severity": "hard", "registered_number": number(&scene.providers[0]), "description": "My sister works there."});
        assessor.post(&format!("/assessors/{}/interests", assessor.id()), &interest).created();
    }
    let by_bid = json!({"severity": "soft", "bid_id": scene.bids[1]["id"], "description": "I read a draft."});
    scene.assessors[2].post(&format!("/assessors/{}/interests", scene.assessors[2].id()), &by_bid).created();
    scene.start();
    for view in scene.assignments() {
        let first = view["bid"]["id"] == scene.bids[0]["id"];
        assert_eq!(view["assessor_name"] == "Cas", first, "{view}");
    }
}

#[test]
fn places_that_cannot_be_filled_are_named() {
    let scene = Scene::new(&Setup {
        places: 2,
        assessors: &[("Bea", &[BURNLEY], 1), ("Max", &[MANCHESTER], 9)],
        bids: &[&[BURNLEY], &[BURNLEY]],
        ..Setup::default()
    });
    let started = scene.start();
    assert_eq!((started["places"].clone(), started["filled"].clone()), (json!(4), json!(1)));
    assert_eq!(started["unfilled"], json!(["Burnley: 4 places, 1 possible: Bea full at 1."]));
    let run = scene.admin.get(&scene.path("/routing")).ok().json["items"][0].clone();
    let shortage = &run["result"]["shortages"][0];
    assert_eq!((&shortage["places"], &shortage["possible"]), (&json!(4), &json!(1)));
    assert_eq!(
        shortage["assessors"],
        json!([{
            "id": scene.assessors[0].id(), "name": "Bea", "capacity": 1, "load": 1, "gives": 1, "full": true,
            "conflicted_with": [],
        }])
    );
    assert_eq!(started["shortages"], run["result"]["shortages"]);
    assert_eq!(run["input_sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn forecast_says_while_open_whether_the_assessors_suffice_and_writes_nothing() {
    let scene = Scene::new(&Setup {
        places: 2,
        assessors: THREE,
        bids: &[&[BURNLEY], &[MANCHESTER]],
        ..Setup::default()
    });
    let forecast = scene.admin.get(&scene.path("/forecast")).ok().json;
    assert_eq!((forecast["filled"].clone(), forecast["sufficient"].clone()), (json!(2), json!(false)));
    assert!(
        forecast["shortages"][0]["sentence"]
            .as_str()
            .unwrap()
            .starts_with("Manchester: 2 places, 0 possible")
    );
    assert_eq!(scene.assignments().len(), 0);
    scene.start();
    scene.admin.get(&scene.path("/forecast")).refused(409, "wrong-state");
}

#[test]
fn assessment_starts_early_only_with_a_reason() {
    let scene = Scene::new(&Setup { assessors: THREE, bids: &[&[BURNLEY]], ..Setup::default() });
    // At the deadline's own instant a bid is still in.
    scene.app.set_time("2026-09-30T11:00:00Z");
    let refused = scene.admin.post(&scene.path("/start-assessment"), &json!({}));
    assert_eq!(refused.pointers(), ["/reason"]);
    refused.refused(422, "invalid");
    scene.admin.post(&scene.path("/start-assessment"), &json!({"reason": "All bids are in."})).ok();
    let event = &scene.audited("round.assessment_started")[0];
    assert_eq!(
        (event["detail"]["early"].clone(), event["detail"]["filled"].clone()),
        (json!(true), json!(1))
    );
}

#[test]
fn assessment_starts_once_whoever_is_first() {
    let scene = Scene::new(&Setup { assessors: THREE, bids: &[&[BURNLEY], &[PENDLE]], ..Setup::default() });
    let path = scene.path("/start-assessment");
    let statuses = at_once(4, |_| scene.admin.post(&path, &json!({})).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 3, "{statuses:?}");
    assert_eq!(scene.assignments().len(), 2);
    assert_eq!(scene.app.run(fasttrack::routing::ops::start_due(&scene.app.platform)).unwrap(), 0);
}

#[test]
fn scheduler_starts_the_assessment_once_the_deadline_has_passed() {
    let scene = Scene::new(&Setup { assessors: THREE, bids: &[&[BURNLEY]], ..Setup::default() });
    let start_due = || scene.app.run(fasttrack::routing::ops::start_due(&scene.app.platform)).unwrap();
    scene.app.set_time("2026-09-30T11:00:00Z");
    assert_eq!(start_due(), 0);
    scene.app.set_time("2026-09-30T11:00:01Z");
    assert_eq!((start_due(), start_due()), (1, 0));
    assert_eq!(scene.audited("round.assessment_started")[0]["actor"], "system");
}

#[test]
fn one_email_tells_an_assessor_of_all_offers() {
    let scene = Scene::started(&Setup {
        places: 1,
        assessors: &[("Ann", &[LANCASHIRE], 9)],
        bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY]],
        ..Setup::default()
    });
    let emails = scene.emails("assignment_offered");
    assert_eq!(emails.len(), 1);
    assert_eq!(emails[0]["recipient"], scene.assessors[0].user["email"]);
}

#[test]
fn answers_show_only_once_no_conflict_is_declared() {
    let scene = Scene::started(&Setup { assessors: &THREE[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let ann = &scene.assessors[0];
    let id = scene.own(ann).remove(0);
    let path = format!("/assignments/{id}");
    let before = ann.get(&path).ok();
    assert!(!before.text.contains("SECRET-ANSWER"));
    assert_eq!(
        (&before.json["bid"]["title"], &before.json["round"]["criteria"]),
        (&json!("Bid 0"), &Value::Null)
    );
    assert!(!ann.get("/assignments").ok().text.contains("SECRET-ANSWER"));

    let refused = ann.post(&format!("{path}/accept"), &json!({"no_conflict": false}));
    assert_eq!(refused.pointers(), ["/no_conflict"]);
    refused.refused(422, "invalid");
    assert!(!ann.get(&path).ok().text.contains("SECRET-ANSWER"));

    scene.accept(ann, &id);
    let after = ann.get(&path).ok();
    assert!(after.text.contains("SECRET-ANSWER"));
    assert_eq!(after.json["round"]["criteria"].as_array().unwrap().len(), 2);
    // A list never has content.
    assert!(!ann.get("/assignments").ok().text.contains("SECRET-ANSWER"));
    ann.post(&format!("{path}/accept"), &json!({"no_conflict": true})).refused(409, "wrong-state");
}

#[test]
fn assessor_with_an_interest_on_record_cannot_accept() {
    let scene = Scene::started(&Setup { assessors: &THREE[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let ann = &scene.assessors[0];
    let id = scene.own(ann).remove(0);
    let interest = json!({"severity": "hard", "bid_id": scene.bids[0]["id"], "description": "I know them."});
    ann.post(&format!("/assessors/{}/interests", ann.id()), &interest).created();
    ann.post(&format!("/assignments/{id}/accept"), &json!({"no_conflict": true})).refused(409, "wrong-state");
}

#[test]
fn declined_place_goes_to_another_and_never_back() {
    let scene = Scene::started(&Setup { assessors: &THREE[..2], bids: &[&[BURNLEY]], ..Setup::default() });
    let first = scene.standing()[0]["assignment"]["assessor_id"].clone();
    let (one, other) = if first == scene.assessors[0].user["id"] { (0, 1) } else { (1, 0) };
    let (one, other) = (&scene.assessors[one], &scene.assessors[other]);
    let declined = decline(one, &scene.own(one)[0]).ok();
    assert_eq!(declined.json["place_filled"], true);
    assert!(
        !declined.text.contains(other.user["name"].as_str().unwrap()),
        "an assessor learns who else assesses"
    );
    assert_eq!(scene.own(other).len(), 1);
    assert_eq!(scene.emails("assignment_offered").len(), 2);
    let event = &scene.audited("assignment.declined")[0];
    assert_eq!(
        (&event["detail"]["conflict"], &event["detail"]["reason"]),
        (&json!(true), &json!("I advised them."))
    );

    // The other declines too: nobody is left, and the first is not asked again.
    let declined = decline(other, &scene.own(other)[0]).ok().json;
    assert_eq!(declined["place_filled"], false);
    assert_eq!(scene.standing().len(), 0);
    let change = scene.admin.post(&scene.path("/routing"), &json!({})).ok().json;
    assert_eq!(change["offered"], json!([]));
    assert!(change["unfilled"][0].as_str().unwrap().contains("conflicted"), "{change}");
}

#[test]
fn decline_needs_a_reason_and_an_open_assignment() {
    let scene = Scene::started(&Setup { assessors: &THREE[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let ann = &scene.assessors[0];
    let id = scene.own(ann).remove(0);
    let path = format!("/assignments/{id}/decline");
    assert_eq!(ann.post(&path, &json!({"reason": "  "})).is(422).pointers(), ["/reason"]);
    ann.post(&path, &json!({"reason": "Ill.", "colour": 1})).refused(422, "invalid");
    scene.accept(ann, &id);
    scene.assess(ann, &id, 3);
    ann.post(&path, &json!({"reason": "Too late."})).refused(409, "wrong-state");
    scene
        .admin
        .post(&format!("/assignments/{id}/release"), &json!({"reason": "No."}))
        .refused(409, "wrong-state");
}

#[test]
fn accepted_bid_can_be_given_back_before_it_is_submitted() {
    let scene = Scene::started(&Setup { assessors: &THREE[..2], bids: &[&[BURNLEY]], ..Setup::default() });
    let holder = scene.assessors.iter().find(|one| !scene.own(one).is_empty()).unwrap();
    let id = scene.own(holder).remove(0);
    scene.accept(holder, &id);
    decline(holder, &id).ok();
    let standing = scene.standing();
    assert_eq!(standing.len(), 1);
    assert_ne!(standing[0]["assignment"]["assessor_id"], holder.user["id"]);
    // What was accepted and given back shows its answers no more.
    assert!(!holder.get(&format!("/assignments/{id}")).ok().text.contains("SECRET-ANSWER"));
}

#[test]
fn repair_never_takes_away_what_was_accepted() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[LANCASHIRE], 2), ("Ben", &[LANCASHIRE], 2)],
        bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY], &[PENDLE]],
        ..Setup::default()
    });
    let ann = &scene.assessors[0];
    let accepted = scene.own(ann);
    for id in &accepted {
        scene.accept(ann, id);
    }
    scene.set_capacities(&[0, 4]);
    let change =
        scene.admin.post(&scene.path("/routing"), &json!({"reason": "Ann has less time."})).ok().json;
    assert_eq!((&change["offered"], &change["released"]), (&json!([]), &json!([])));
    assert_eq!(scene.own(ann), accepted);
}

#[test]
fn released_assessor_is_told_and_never_asked_for_that_bid_again() {
    let scene = Scene::started(&Setup { assessors: &THREE[..1], bids: &[&[BURNLEY]], ..Setup::default() });
    let ann = &scene.assessors[0];
    let id = scene.own(ann).remove(0);
    assert_eq!(
        scene.admin.post(&format!("/assignments/{id}/release"), &json!({"reason": ""})).is(422).pointers(),
        ["/reason"]
    );
    let released =
        scene.admin.post(&format!("/assignments/{id}/release"), &json!({"reason": "Ann is ill."})).ok().json;
    assert_eq!(released["assignment"]["status"], "released");
    assert_eq!(scene.emails("assignment_released").len(), 1);
    scene.admin.post(&scene.path("/routing"), &json!({})).ok();
    assert_eq!(scene.standing().len(), 0);
}

#[test]
fn other_assessors_assignments_are_not_there() {
    let scene =
        Scene::started(&Setup { places: 2, assessors: &THREE[..2], bids: &[&[BURNLEY]], ..Setup::default() });
    let (ann, ben) = (&scene.assessors[0], &scene.assessors[1]);
    let id = scene.own(ann).remove(0);
    ben.get(&format!("/assignments/{id}")).refused(404, "not-found");
    ben.post(&format!("/assignments/{id}/accept"), &json!({"no_conflict": true})).refused(404, "not-found");
    ben.post(&format!("/assignments/{id}/decline"), &json!({"reason": "Mine?"})).refused(404, "not-found");
    scene.providers[0].get(&format!("/assignments/{id}")).refused(404, "not-found");
    scene.providers[0].get("/assignments").refused(404, "not-found");
    ben.get(&scene.path("/assignments")).refused(404, "not-found");
    ben.get(&scene.path("/routing")).refused(404, "not-found");

    let list = ben.get("/assignments").ok();
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1);
    for text in [list.text, ben.get(&format!("/assignments/{}", scene.own(ben)[0])).ok().text] {
        assert!(
            !text.contains("Ann") && !text.contains(ann.id()),
            "an assessor learns who else assesses: {text}"
        );
        assert!(text.contains("Covers Burnley."));
    }
}

#[test]
fn same_things_in_another_order_are_routed_the_same() {
    let bids: &[&[&str]] = &[&[BURNLEY], &[PENDLE, BURNLEY], &[BURNLEY], &[PENDLE]];
    let by_title = |scene: &Scene| {
        let mut pairs: Vec<(String, String)> = scene
            .standing()
            .iter()
            .map(|view| (view["bid"]["title"].to_string(), view["assessor_name"].to_string()))
            .collect();
        pairs.sort();
        pairs
    };
    let scenes: Vec<Scene> = (0..2)
        .map(|_| Scene::started(&Setup { places: 2, assessors: THREE, bids, ..Setup::default() }))
        .collect();
    assert_eq!(by_title(&scenes[0]), by_title(&scenes[1]));
}

#[test]
fn kept_run_gives_the_same_routing_when_it_is_solved_again() {
    let scene = Scene::started(&Setup {
        places: 2,
        assessors: THREE,
        bids: &[&[BURNLEY], &[PENDLE]],
        ..Setup::default()
    });
    let run = scene.admin.get(&scene.path("/routing")).ok().json["items"][0].clone();
    let id = serde_json::from_value(run["id"].clone()).unwrap();
    let platform = &scene.app.platform;
    let again =
        scene.app.run(platform.db.read(move |conn| fasttrack::routing::ops::replay(conn, id))).unwrap();
    assert_eq!(json!(again.worth.filled), run["result"]["worth"]["filled"]);
    assert_eq!(again.assigned.len(), run["result"]["pairs"].as_array().unwrap().len());
}

#[test]
fn two_declines_at_once_leave_a_sound_routing() {
    let scene = Scene::started(&Setup {
        places: 2,
        assessors: &[
            ("Ann", &[LANCASHIRE], 3),
            ("Ben", &[LANCASHIRE], 3),
            ("Cas", &[LANCASHIRE], 3),
            ("Dot", &[LANCASHIRE], 3),
        ],
        bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY]],
        ..Setup::default()
    });
    let own: Vec<(Client, String)> = scene
        .assessors
        .iter()
        .filter_map(|one| scene.own(one).first().map(|id| (one.clone(), id.clone())))
        .collect();
    let statuses = at_once(own.len(), |index| decline(&own[index].0, &own[index].1).status);
    // An offer may be released by the other's repair before its own decline arrives.
    assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&200));
    assert_sound(&scene, 3, 2);
}

#[test]
fn same_decline_twice_at_once_counts_once() {
    let scene = Scene::started(&Setup { assessors: THREE, bids: &[&[BURNLEY]], ..Setup::default() });
    let holder = scene.assessors.iter().find(|one| !scene.own(one).is_empty()).unwrap();
    let id = scene.own(holder).remove(0);
    let statuses = at_once(4, |_| decline(holder, &id).status);
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(scene.audited("assignment.declined").len(), 1);
    assert_eq!(scene.standing().len(), 1);
}

#[test]
fn accept_against_release_has_one_winner() {
    for _ in 0..3 {
        let scene =
            Scene::started(&Setup { assessors: &THREE[..1], bids: &[&[BURNLEY]], ..Setup::default() });
        let ann = &scene.assessors[0];
        let id = scene.own(ann).remove(0);
        let statuses = at_once(2, |index| match index {
            0 => ann.post(&format!("/assignments/{id}/accept"), &json!({"no_conflict": true})).status,
            _ => scene.admin.post(&format!("/assignments/{id}/release"), &json!({"reason": "Ill."})).status,
        });
        // The release may follow the acceptance; the acceptance never follows the release.
        assert_eq!(statuses[1], 200);
        assert!([200, 409].contains(&statuses[0]), "{statuses:?}");
        assert_eq!(scene.standing().len(), 0);
    }
}

#[test]
fn routing_stays_sound_after_any_sequence_of_answers() {
    let mut runner = TestRunner::new(Config { cases: 6, failure_persistence: None, ..Config::default() });
    let acts = proptest::collection::vec((0..4_usize, 0..3_u8), 1..14);
    let run = |acts: Vec<(usize, u8)>| {
        let scene = Scene::started(&Setup {
            places: 2,
            assessors: &[
                ("Ann", &[LANCASHIRE], 2),
                ("Ben", &[BURNLEY], 2),
                ("Cas", &[PENDLE], 2),
                ("Dot", &[LANCASHIRE], 2),
            ],
            bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY, PENDLE]],
            ..Setup::default()
        });
        for (who, act) in acts {
            let assessor = &scene.assessors[who];
            let Some(id) = scene.own(assessor).into_iter().next() else { continue };
            match act {
                0 => drop(assessor.post(&format!("/assignments/{id}/accept"), &json!({"no_conflict": true}))),
                1 => drop(decline(assessor, &id)),
                _ => drop(scene.admin.post(&scene.path("/routing"), &json!({}))),
            }
            assert_sound(&scene, 2, 2);
        }
        Ok(())
    };
    runner.run(&acts, run).unwrap();
}

#[test]
fn bid_of_a_partner_with_an_interest_is_not_routed_to_them() {
    let scene = Scene::new(&Setup { assessors: &THREE[..2], bids: &[], ..Setup::default() });
    scene.app.set_time("2026-09-10T08:00:00Z");
    let mut bid = content("With a partner", &[BURNLEY]);
    bid["partners"] = json!([{"name": "Pennine Software", "registered_number": "oc 900-111"}]);
    scene.submit(&scene.app.provider("Lead"), &bid);
    let ann = &scene.assessors[0];
    let interest =
        json!({"severity": "hard", "registered_number": "OC900111", "description": "I was its director."});
    ann.post(&format!("/assessors/{}/interests", ann.id()), &interest).created();
    scene.admin.post(&scene.path("/start-assessment"), &json!({"reason": "All bids are in."})).ok();
    assert_eq!((scene.own(ann).len(), scene.own(&scene.assessors[1]).len()), (0, 1));
}

/// Runs an act on several threads that start together; gives the results in the order of the threads.
pub fn at_once<T: Send>(threads: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let gate = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|index| {
                let (gate, act) = (&gate, &act);
                scope.spawn(move || {
                    gate.wait();
                    act(index)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
