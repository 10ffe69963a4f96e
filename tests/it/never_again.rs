//! What goes wrong in other systems where bids are scored, and must not here: each by its name, over
//! HTTP. The arithmetic itself is held by `combining` and `deciding`.

use serde_json::{Value, json};

use crate::scenario::{FOUR, Plan, Scenario, find, text};

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

/// A round in which the first criterion, of weight 60, is scored by four parts.
fn in_parts(plans: &[Plan]) -> Scenario {
    Scenario::assessing(plans, |rules| {
        let part =
            |key: &str| json!({"key": key, "title": format!("About {key}"), "guidance": "Look closely."});
        rules["criteria"][0]["sub_criteria"] = ["who", "what", "where", "why"].map(part).into();
    })
}

/// An assessor gives these scores for the four parts and for delivery, and submits.
fn score_parts(round: &Scenario, assessor: usize, parts: [i32; 4], delivery: i32) -> Value {
    let path = format!("/assignments/{}/assessment", round.assignment(assessor, 0));
    let tag = round.assessors[assessor].get(&path).ok().etag();
    let given = |name: &str, score: i32| {
        let feedback = format!("Feedback on {name}.");
        json!({"score": score, "justification": format!("Page two, on {name}."), "feedback": feedback})
    };
    let [who, what, place, why] = parts;
    let content = json!({
        "scores": {
            "need.who": given("who", who), "need.what": given("what", what),
            "need.where": given("where", place), "need.why": given("why", why),
            "delivery": given("delivery", delivery),
        },
        "feedback": "A fair bid.", "in_scope": true, "recommendation": "fund",
    });
    let saved = round.assessors[assessor].put(&path, &tag, &content);
    assert!([200, 201].contains(&saved.status), "{}", saved.text);
    round.assessors[assessor].post(&format!("{path}/submit"), &json!({})).ok().json
}

#[test]
fn weights_are_never_multiplied_by_the_number_of_sub_questions() {
    let round = in_parts(&FOUR[..1]);
    for assessor in 0..3 {
        score_parts(&round, assessor, [5; 4], 5);
    }
    let best = combined(&round, 0);
    assert_eq!(best["score"], "100.00");
    let points = |criterion: usize| best["criteria"][criterion]["points"]["exact"].clone();
    assert_eq!((points(0), points(1)), (json!("60"), json!("40")));
    assert_eq!((&best["criteria"][0]["weight"], &best["criteria"][1]["weight"]), (&json!(60), &json!(40)));
    let parts = best["criteria"][0]["sub_criteria"].as_array().expect("its parts");
    let weights: Vec<&Value> = parts.iter().map(|part| &part["weight"]["exact"]).collect();
    assert_eq!(weights, [&json!("15"); 4]);
}

#[test]
fn sub_criteria_are_shown_to_the_bidder_as_they_were_counted() {
    let round = in_parts(&FOUR[..1]);
    // Whole scores on a criterion with parts are refused, and so is a part that is left out.
    save_refused(&round);
    score_parts(&round, 0, [5, 4, 3, 2], 4);
    score_parts(&round, 1, [5, 4, 3, 2], 4);
    score_parts(&round, 2, [2, 4, 3, 2], 4);
    // Three levels apart on one part, where two are accepted.
    round.close().refused(409, "not-ready-to-close");
    let moderate = |criterion: &str| {
        let body = json!({"criterion": criterion, "score": 2, "reason": "The panel read it together."});
        round.admin.post(&format!("/bids/{}/moderation", round.bids[0].id), &body)
    };
    let refused = moderate("need").refused(422, "invalid").to_string();
    assert!(refused.contains("need.who, need.what, need.where, need.why"), "{refused}");
    moderate("need.who").created();
    // Parts 2, 4, 3 and 2: 2.75 of 5, which is 33 of 60 points; delivery 32 of 40.
    let moderated = combined(&round, 0);
    assert_eq!(moderated["score"], "65.00");
    assert_eq!(moderated["criteria"][0]["sub_criteria"][0]["moderated"], 2);
    round.close().ok();
    let read = round.bids[0].provider.get(&format!("/bids/{}/outcome", round.bids[0].id)).ok().json;
    let need = &read["criteria"][0];
    assert_eq!((&need["score"], &need["points"]), (&json!("2.75"), &json!("33.00")));
    let who = &need["sub_criteria"][0];
    assert_eq!((&who["sub_criterion"], &who["effective_weight"]), (&json!("need.who"), &json!("15")));
    assert_eq!((&who["score"], &who["points"]), (&json!("2.00"), &json!("6.00")));
    assert_eq!(who["feedback"], json!(["Feedback on who."]));
    let letter = text(&round.emails("outcome")[0]["text"]);
    let scores = letter.split("\n\nWHAT HAPPENS").next().and_then(|text| text.split("SCORES").nth(1));
    insta::assert_snapshot!(scores.expect("scores"));
    assert_eq!(round.admin.get(&round.at("verify")).ok().json["agrees"], true);
    let weights = &round.admin.get(&format!("/rounds/{}", round.round)).ok().json["effective_weights"];
    assert_eq!((&weights["need.who"], &weights["delivery"]), (&json!("15"), &json!("40")));
    let sheet = round.admin.get(&round.at("score-sheet.csv")).ok().text;
    let head = sheet.lines().next().unwrap_or_default();
    assert!(head.contains("Need and demand: About who (0 to 5; weight 15)"), "{head}");
    let paper = round.admin.get(&round.at("panel-paper")).ok().text;
    assert!(paper.contains("Need and demand 60 (About who 15, About what 15, About where 15, About why 15)"));
    assert!(paper.contains("Scores by sub-criterion"));
}

fn save_refused(round: &Scenario) {
    let path = format!("/assignments/{}/assessment", round.assignment(0, 0));
    let whole = json!({"scores": {"need": {"score": 3}}});
    let refused = round.assessors[0].put(&path, "\"0\"", &whole).refused(422, "invalid");
    assert_eq!(refused["errors"][0]["pointer"], "/scores/need");
    let some = json!({"scores": {"need.who": {"score": 3, "justification": "Page one."}}});
    round.assessors[0].put(&path, "\"0\"", &some).created();
    let refused = round.assessors[0].post(&format!("{path}/submit"), &json!({}));
    let refused = refused.refused(422, "invalid").to_string();
    assert!(refused.contains("/scores/need.why/justification"), "{refused}");
    assert!(!refused.contains("/scores/need.who/"), "{refused}");
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
