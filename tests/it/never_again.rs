//! What goes wrong in other systems where bids are scored, and must not here: each by its name, over
//! HTTP. The arithmetic itself is held by `combining` and `deciding`.

use serde_json::{Value, json};

use crate::scenario::{FOUR, Scenario, find, text};

/// Puts scores into an assessment without submitting it.
fn save(round: &Scenario, assessor: usize, bid: usize, need: Option<i32>, delivery: Option<i32>) {
    let path = format!("/assignments/{}/assessment", round.assignment(assessor, bid));
    let tag = round.assessors[assessor].get(&path).ok().etag();
    let given = |score: Option<i32>| json!({"score": score, "justification": "So far.", "feedback": ""});
    let content = json!({"scores": {"need": given(need), "delivery": given(delivery)}});
    let saved = round.assessors[assessor].put(&path, &tag, &content);
    assert!([200, 201].contains(&saved.status), "{}", saved.text);
}

fn combined(round: &Scenario, bid: usize) -> Value {
    let scores = round.admin.get(&round.at("scores")).ok().json;
    find(&scores["bids"], &round.bids[bid].id)["combined"].clone()
}

#[test]
fn weights_are_never_multiplied_by_the_number_of_sub_questions() {
    // A criterion that asks five things weighs what was announced, as one that asks one does.
    let round = Scenario::assessing(&FOUR[..1], |rules| {
        rules["criteria"][0]["guidance"] = json!("Who? What? Where? When? Why?");
    });
    round.all_score(0, 5);
    let combined = combined(&round, 0);
    assert_eq!(combined["score"], "100.00");
    let points = |criterion: usize| combined["criteria"][criterion]["points"]["exact"].clone();
    assert_eq!((points(0), points(1)), (json!("60"), json!("40")));
    assert_eq!(
        (&combined["criteria"][0]["weight"], &combined["criteria"][1]["weight"]),
        (&json!(60), &json!(40))
    );
}

#[test]
fn a_missing_score_is_never_counted_as_zero() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    round.score(0, 0, 4, 4);
    round.score(1, 0, 4, 4);
    save(&round, 2, 0, Some(4), None);
    let path = format!("/assignments/{}/assessment/submit", round.assignment(2, 0));
    round.assessors[2].post(&path, &json!({})).refused(422, "invalid");
    assert_eq!(combined(&round, 0)["state"], "incomplete");
    let accepted = json!({"kind": "accept_short", "bid_id": round.bids[0].id, "reason": "Cat is ill."});
    round.rule(&accepted).created();
    assert_eq!(combined(&round, 0)["score"], "80.00");
}

#[test]
fn a_half_finished_assessment_is_never_counted() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    round.score(0, 0, 4, 4);
    round.score(1, 0, 4, 4);
    save(&round, 2, 0, Some(0), Some(0));
    let short = combined(&round, 0);
    assert_eq!(
        (&short["state"], &short["have"], &short["need"]),
        (&json!("incomplete"), &json!(2), &json!(3))
    );
    let accepted = json!({"kind": "accept_short", "bid_id": round.bids[0].id, "reason": "Cat is ill."});
    round.rule(&accepted).created();
    let combined = combined(&round, 0);
    assert_eq!((&combined["score"], &combined["counted"]), (&json!("80.00"), &json!(2)));
}

#[test]
fn a_conflicted_assessment_is_never_counted_and_the_record_says_that_it_was_set_aside() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    round.score(0, 0, 0, 0);
    round.score(1, 0, 2, 2);
    round.score(2, 0, 2, 2);
    let interest =
        json!({"severity": "hard", "bid_id": round.bids[0].id, "description": "My sister works there."});
    round.admin.post(&format!("/assessors/{}/interests", round.assessors[0].id()), &interest).created();
    let accepted =
        json!({"kind": "accept_short", "bid_id": round.bids[0].id, "reason": "Ann has a conflict."});
    round.rule(&accepted).created();
    assert_eq!(combined(&round, 0)["score"], "40.00");
    round.close().ok();
    let snapshot = round.admin.get(&round.at("snapshot")).ok().json;
    let bid = &snapshot["bids"][0];
    assert_eq!(bid["assessments"].as_array().map(Vec::len), Some(2));
    assert_eq!(bid["set_aside"][0]["because"], "conflict");
    assert_eq!(bid["set_aside"][0]["assessor_id"], round.assessors[0].id());
}

#[test]
fn an_average_never_leaks_another_assessors_score() {
    let round = Scenario::assessing(&FOUR[..2], |_| {});
    // Unusual scores, so that anything made of them would be seen.
    round.score(0, 0, 5, 2);
    round.score(1, 0, 5, 2);
    let cat = &round.assessors[2];
    for path in ["scores", "outcomes", "progress", "rulings", "record", "snapshot", "verify", "later-acts"] {
        cat.get(&round.at(path)).refused(404, "not-found");
    }
    cat.post(&round.at("what-if"), &json!({})).is(403);
    cat.get(&format!("/bids/{}/moderation", round.bids[0].id)).is(404);
    cat.get(&format!("/bids/{}/outcome", round.bids[0].id)).is(404);
    let own = format!("/assignments/{}", round.assignment(2, 0));
    let read = [
        cat.get("/assignments?limit=100").ok().text,
        cat.get(&own).ok().text,
        cat.get(&format!("{own}/assessment")).ok().text,
        cat.get(&format!("/rounds/{}", round.round)).ok().text,
        cat.get(&format!("/bids/{}/assessments", round.bids[0].id)).text,
    ];
    let mut secrets = vec!["JUSTIFIED", "PRIVATE", "Feedback", "76.00", "\"spread", "\"combined\":"];
    secrets.extend([round.assessors[0].id(), round.assessors[1].id()]);
    for text in &read {
        for secret in &secrets {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    // Nor does its own submission show it the others'.
    round.score(2, 0, 3, 3);
    let after = cat.get(&format!("/bids/{}/assessments", round.bids[0].id)).text;
    assert!(!after.contains(round.assessors[0].id()), "{after}");
}

#[test]
fn scores_are_recomputed_from_what_stands_never_from_a_stored_average() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    round.all_score(0, 5);
    assert_eq!(combined(&round, 0)["score"], "100.00");
    let reopen = format!("/assignments/{}/assessment/reopen", round.assignment(0, 0));
    round.admin.post(&reopen, &json!({"reason": "A page was not read."})).ok();
    assert_eq!(combined(&round, 0)["state"], "incomplete");
    round.score(0, 0, 2, 2);
    assert_eq!(combined(&round, 0)["score"], "80.00");
    assert_eq!(text(&combined(&round, 0)["criteria"][0]["assessed"]["exact"]), "4");
}
