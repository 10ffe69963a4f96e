//! The draw between equals: committed to before any bid is in, and for anybody to draw again.

use fasttrack::auth::secrets::sha256;
use serde_json::{Value, json};

use crate::scenario::{MANCHESTER, Plan, Scenario, items, text};

const TWINS: [Plan; 3] = [
    Plan { name: "Elder", area: MANCHESTER, pounds: 150_000 },
    Plan { name: "Fir", area: MANCHESTER, pounds: 150_000 },
    Plan { name: "Gorse", area: MANCHESTER, pounds: 150_000 },
];

fn drawing(rules: &mut Value) {
    rules["tie_break"] = json!(["need", "draw"]);
}

#[test]
fn the_seed_is_committed_to_at_opening_and_published_at_closing() {
    let round = Scenario::assessing(&TWINS, drawing);
    for bid in 0..3 {
        round.all_score(bid, 4);
    }
    let seen = |client: &crate::support::Client| client.get(&format!("/rounds/{}", round.round)).ok().json;
    let promised = text(&seen(&round.bids[0].provider)["draw_sha256"]);
    for early in [seen(&round.bids[0].provider), seen(&round.admin)] {
        assert_eq!(early["draw_seed"], Value::Null);
    }
    assert_eq!(round.admin.get(&round.at("outcomes")).ok().json["draw"], Value::Null);
    let opened =
        items(&round.admin.get(&format!("/audit?action=round.opened&round_id={}", round.round)).ok());
    assert_eq!(opened[0]["detail"]["draw_sha256"], promised);

    let preview = round.preview();
    assert_eq!(preview["blockers"], json!([]));
    round.close().ok();
    let seed = text(&seen(&round.bids[0].provider)["draw_seed"]);
    assert_eq!(sha256(&seed), promised);
    let outcomes = round.admin.get(&round.at("outcomes")).ok().json;
    assert_eq!(outcomes["draw"], json!({"seed": seed, "seed_sha256": promised}));
    let snapshot = round.admin.get(&round.at("snapshot")).ok().json;
    assert_eq!(snapshot["draw"]["seed"], seed);

    // £300,000 pays two of three; whoever draws again finds the same order.
    let mut tickets: Vec<(String, &str)> = round
        .bids
        .iter()
        .map(|bid| (sha256(format!("{seed}{}", bid.reference)), bid.reference.as_str()))
        .collect();
    tickets.sort();
    let drawn: Vec<&str> = tickets.iter().map(|(_, reference)| *reference).collect();
    let listed = outcomes["outcomes"].as_array().expect("outcomes");
    let ranked: Vec<String> = listed.iter().map(|one| text(&one["detail"]["reference"])).collect();
    assert_eq!(ranked, drawn);
    let said: Vec<&Value> = listed.iter().map(|one| &one["sentence"]).collect();
    assert_eq!(
        said[0],
        "Ranked 1st of 3 after the announced draw between equals; £300,000 of the general pot was left, £150,000 was asked."
    );
    assert_eq!(listed[2]["reserve_position"], 1);
    assert_eq!(round.admin.get(&round.at("verify")).ok().json["agrees"], true);
}

#[test]
fn another_seed_in_the_record_is_named() {
    let round = Scenario::assessing(&TWINS[..1], drawing);
    round.all_score(0, 4);
    round.close().ok();
    let file = round.admin.get(&round.at("record")).ok();
    let seed = text(&file.json["snapshot"]["draw"]["seed"]);
    let changed = file.text.replacen(&format!("\"seed\":\"{seed}\""), "\"seed\":\"mine\"", 1);
    let found = fasttrack::outcomes::record::verify(&changed).differences;
    let pointers: Vec<&str> = found.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(pointers, ["/snapshot/draw", "/snapshot", "/snapshot/draw/seed_sha256"]);
}

#[test]
fn a_round_without_a_draw_has_no_seed() {
    let round = Scenario::scored();
    round.close().ok();
    let read = round.admin.get(&format!("/rounds/{}", round.round)).ok().json;
    assert_eq!((&read["draw_sha256"], &read["draw_seed"]), (&Value::Null, &Value::Null));
    assert_eq!(round.admin.get(&round.at("outcomes")).ok().json["draw"], Value::Null);
    assert_eq!(round.admin.get(&round.at("snapshot")).ok().json.get("draw"), None);
}

#[test]
fn the_panel_orders_no_ties_where_a_draw_was_announced() {
    let round = Scenario::assessing(&TWINS[..2], drawing);
    let order = [&round.bids[0].id, &round.bids[1].id];
    round
        .rule(&json!({"kind": "tie_order", "bids": order, "reason": "We like it."}))
        .refused(409, "wrong-state");
}

#[test]
fn a_draw_stands_last_and_no_criterion_has_its_name() {
    let round = Scenario::scored();
    let copy = json!({"code": "DF2", "name": "Round 2"});
    let copy = round.admin.post(&round.at("copy"), &copy).created();
    let path = format!("/rounds/{}", text(&copy["id"]));
    let tag = round.admin.get(&path).ok().etag();
    let mut rules = copy["rules"].clone();
    rules["tie_break"] = json!(["draw", "need"]);
    rules["criteria"][1]["key"] = json!("draw");
    let update =
        json!({"code": "DF2", "name": "Round 2", "rules": rules, "deadline": "2027-09-20T11:00:00Z"});
    round.admin.put(&path, &tag, &update).ok();
    let refused = round.admin.post(&format!("{path}/open"), &json!({}));
    let pointers = refused.pointers();
    for expected in ["/rules/tie_break/0", "/rules/criteria/1/key"] {
        assert!(pointers.contains(&expected.to_owned()), "{pointers:?}");
    }
}
