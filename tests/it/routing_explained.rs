//! What routing says of itself to administrators and auditors: shortages and remedies, why not somebody else, bridges.

use serde_json::{Value, json};

use crate::scene::{BURNLEY, LANCASHIRE, MANCHESTER, PENDLE, Scene, Setup};

fn declare(scene: &Scene, assessor: usize, bid: usize) {
    let interest =
        json!({"severity": "hard", "bid_id": scene.bids[bid]["id"], "description": "I know them."});
    let assessor = &scene.assessors[assessor];
    assessor.post(&format!("/assessors/{}/interests", assessor.id()), &interest).created();
}

fn sentences(all: &Value) -> Vec<&str> {
    all.as_array().unwrap().iter().map(|one| one["sentence"].as_str().unwrap()).collect()
}

/// Whether a copy of the round asks for bridges too.
fn copy_asks_for_bridges(scene: &Scene) -> Value {
    let copy = json!({"code": "FT2", "name": "Round 2"});
    let round = scene.admin.post(&scene.path("/copy"), &copy).created();
    round["rules"]["bridges"].clone()
}

#[test]
fn forecast_proves_the_shortage_and_names_the_cheapest_remedy() {
    let scene = Scene::new(&Setup {
        places: 2,
        assessors: &[("Ann", &[LANCASHIRE], 2), ("Ben", &[LANCASHIRE], 9), ("Max", &[MANCHESTER], 9)],
        bids: &[&[BURNLEY], &[PENDLE], &[BURNLEY], &[MANCHESTER]],
        ..Setup::default()
    });
    declare(&scene, 1, 0);
    let forecast = scene.admin.get(&scene.path("/forecast")).ok().json;
    let shortages = &forecast["shortages"];
    assert_eq!(
        sentences(shortages),
        [
            "Burnley and Pendle: 6 places, 4 possible: Ann full at 2, Ben conflicted with 1 of the 3 bids.",
            "Manchester: 2 places, 1 possible: nobody else covers it.",
        ]
    );
    let remedies: Vec<&str> =
        shortages.as_array().unwrap().iter().map(|one| one["remedy"]["sentence"].as_str().unwrap()).collect();
    assert_eq!(
        remedies,
        [
            "Raise Ann from 2 to 3, which fills 1 place. 1 place in Burnley needs another assessor. \
             Another assessor in Burnley would fill 2 places.",
            "1 place in Manchester needs another assessor. Another assessor in Manchester would fill 1 place.",
        ]
    );
    let ben = &shortages[0]["assessors"][1];
    assert_eq!(ben["conflicted_with"], json!([scene.bids[0]["id"]]));
    assert_eq!((&ben["gives"], &ben["full"]), (&json!(2), &json!(false)));
}

#[test]
fn nothing_is_said_to_be_short_once_the_remedy_is_taken() {
    let scene = Scene::new(&Setup {
        places: 2,
        assessors: &[("Ann", &[LANCASHIRE], 1), ("Ben", &[LANCASHIRE], 1)],
        bids: &[&[BURNLEY], &[PENDLE]],
        ..Setup::default()
    });
    let forecast = || scene.admin.get(&scene.path("/forecast")).ok().json;
    let raises = forecast()["shortages"][0]["remedy"]["raises"].clone();
    let by: Vec<u64> = raises.as_array().unwrap().iter().map(|raise| raise["by"].as_u64().unwrap()).collect();
    assert_eq!(by, [1, 1]);
    scene.set_capacities(&[2, 2]);
    assert_eq!((forecast()["sufficient"].clone(), forecast()["shortages"].clone()), (json!(true), json!([])));
}

#[test]
fn each_assessor_not_chosen_has_a_reason_and_a_cost() {
    let scene = Scene::new(&Setup {
        places: 1,
        assessors: &[
            ("Ann", &[BURNLEY], 2),
            ("Ben", &[LANCASHIRE], 2),
            ("Cas", &[BURNLEY], 2),
            ("Dot", &[BURNLEY], 0),
            ("Max", &[MANCHESTER], 2),
        ],
        bids: &[&[BURNLEY]],
        ..Setup::default()
    });
    declare(&scene, 2, 0);
    let path = format!("/bids/{}/routing", scene.bids[0]["id"].as_str().unwrap());
    scene.admin.get(&path).refused(409, "wrong-state");
    scene.start();
    let routing = scene.admin.get(&path).ok().json;
    assert_eq!(routing["chosen"][0]["assessor_id"], scene.assessors[0].id());
    assert_eq!(
        sentences(&routing["not_chosen"]),
        [
            "Covers Burnley; load 0 of 2; with Ben on this bid the fit would be 300 lower in all, 1 step further \
             from the areas.",
            "Covers Burnley; load 0 of 2; has an interest on record.",
            "Covers Burnley; load 0 of 0, full; takes no bids in this round.",
        ]
    );
    assert_eq!(routing["not_chosen"][0]["cost"], json!({"aim": "fit", "by": 300}));
    assert_eq!((&routing["not_chosen"][1]["why"], &routing["elsewhere"]), (&json!("interest"), &json!(1)));

    let auditor = scene.app.auditor(&scene.admin);
    assert_eq!(auditor.get(&path).ok().json, routing);
    scene.assessors[0].get(&path).refused(404, "not-found");
    scene.providers[0].get(&path).refused(404, "not-found");
}

#[test]
fn repaired_place_is_explained_by_the_run_that_filled_it() {
    let scene = Scene::started(&Setup {
        assessors: &[("Ann", &[BURNLEY], 2), ("Ben", &[BURNLEY], 2), ("Cas", &[BURNLEY], 2)],
        bids: &[&[BURNLEY]],
        ..Setup::default()
    });
    let decline = json!({"reason": "I advised them.", "conflict": true});
    let path = format!("/bids/{}/routing", scene.bids[0]["id"].as_str().unwrap());
    let first = scene.admin.get(&path).ok().json;
    assert_eq!(first["not_chosen"][1]["why"], "fixed_order");
    let ann = &scene.assessors[0];
    ann.post(&format!("/assignments/{}/decline", scene.own(ann)[0]), &decline).ok();
    let second = scene.admin.get(&path).ok().json;
    assert_eq!(
        (&second["purpose"], &second["chosen"].as_array().map(Vec::len)),
        (&json!("repair"), &Some(1))
    );
    let why: Vec<&Value> = second["not_chosen"].as_array().unwrap().iter().map(|one| &one["why"]).collect();
    assert_eq!(why, ["given_up", "fixed_order"]);
}

/// Two areas of two bids with two assessors each, and one for both who is further from either.
const APART: Setup<'static> = Setup {
    places: 2,
    assessors: &[
        ("Ann", &[BURNLEY], 4),
        ("Abe", &[BURNLEY], 4),
        ("Pat", &[PENDLE], 4),
        ("Pam", &[PENDLE], 4),
        ("Lee", &[LANCASHIRE], 4),
    ],
    bids: &[&[BURNLEY], &[BURNLEY], &[PENDLE], &[PENDLE]],
    see_scores_after_close: false,
};

#[test]
fn round_that_asks_for_bridges_is_connected_by_the_fewest_swaps() {
    let scene = Scene::with_rules(&APART, |rules| rules["bridges"] = json!(true));
    let forecast = scene.admin.get(&scene.path("/forecast")).ok().json;
    let started = scene.start();
    let bridges = &started["bridges"];
    assert_eq!(bridges, &forecast["bridges"]);
    assert_eq!(
        bridges["sentence"],
        "2 parts became 1 by 2 swaps, the fewest possible; the fit is 600 lower in all."
    );
    assert!(bridges["swaps"].as_array().unwrap().iter().all(|swap| swap["to_name"] == "Lee"));
    let swapped = bridges["swaps"][0]["bid_id"].as_str().unwrap();
    let routing = scene.admin.get(&format!("/bids/{swapped}/routing")).ok().json;
    assert_eq!(routing["not_chosen"][0]["why"], "bridge");

    let run = scene.admin.get(&scene.path("/routing")).ok().json["items"][0].clone();
    let id = serde_json::from_value(run["id"].clone()).unwrap();
    let platform = &scene.app.platform;
    let again =
        scene.app.run(platform.db.read(move |conn| fasttrack::routing::ops::replay(conn, id))).unwrap();
    assert_eq!(json!(again.worth.fit), run["result"]["worth"]["fit"]);
    assert_eq!(copy_asks_for_bridges(&scene), true);
}

#[test]
fn round_that_does_not_ask_for_bridges_keeps_the_best_fit() {
    let started = Scene::new(&APART).start();
    assert_eq!(started["bridges"], Value::Null);
}

#[test]
fn parts_that_cannot_be_connected_are_named_with_the_reason() {
    let setup = Setup { assessors: &APART.assessors[..4], ..APART };
    let scene = Scene::with_rules(&setup, |rules| rules["bridges"] = json!(true));
    assert_eq!(
        scene.start()["bridges"]["sentence"],
        "The 2 parts stay apart. Still apart are the 2 bids of Burnley and the 2 bids of Pendle: \
         nobody in one of them may take a bid of another."
    );
}
