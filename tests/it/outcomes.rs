//! Scores, moderation, rulings and outcomes before closing, and who sees what of them.

use serde_json::{Value, json};

use crate::scenario::{BURNLEY, FOUR, MANCHESTER, Plan, Scenario, find, items};

#[test]
fn progress_counts_the_bids_by_place_and_the_assessments_by_assessor() {
    let round = Scenario::open(&FOUR, |_| {});
    let progress = round.admin.get(&round.at("progress")).ok().json;
    assert_eq!(progress["received"], "4 bids in total were received, 1 covering the Lancashire area");
    assert_eq!(progress["by_pot"], json!([{"code": "lancashire", "name": "Lancashire", "bids": 1}]));
    let by_area = progress["by_area"].as_array().map(Vec::len);
    assert_eq!(by_area, Some(2));
    assert_eq!(progress["blockers"], json!([]));

    round.start();
    round.score(0, 0, 3, 3);
    let progress = round.admin.get(&round.at("progress")).ok().json;
    assert_eq!(progress["assessments_submitted"], 1);
    assert_eq!(progress["assessments_expected"], 12);
    assert_eq!(
        progress["assessors"][0],
        json!({
            "assessor_id": round.assessors[0].id(), "name": "Ann Assessor", "assigned": 4, "submitted": 1,
        })
    );
    assert_eq!(progress["blockers"].as_array().map(Vec::len), Some(4));
}

#[test]
fn a_withdrawn_bid_is_counted_apart() {
    let round = Scenario::open(&FOUR, |_| {});
    round.bids[1].provider.post(&format!("/bids/{}/withdraw", round.bids[1].id), &json!({})).ok();
    let progress = round.admin.get(&round.at("progress")).ok().json;
    assert_eq!(progress["received"], "3 bids in total were received, 0 covering the Lancashire area");
    assert_eq!(progress["bids_withdrawn"], 1);
}

#[test]
fn a_bid_that_was_begun_and_not_submitted_is_counted_apart() {
    let round = Scenario::open(&FOUR, |_| {});
    round.bids[1].provider.post(&round.at("bids"), &json!({"title": "Not ready"})).created();
    let progress = round.admin.get(&round.at("progress")).ok().json;
    assert_eq!((&progress["bids_in_draft"], &progress["bids_received"]), (&json!(1), &json!(4)));
}

#[test]
fn a_missing_assessment_is_neither_zero_nor_dropped() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    round.score(0, 0, 5, 5);
    round.score(1, 0, 5, 5);
    let scores = round.admin.get(&round.at("scores")).ok().json;
    assert_eq!(scores["bids"][0]["combined"]["state"], "incomplete");
    assert_eq!(scores["bids"][0]["combined"]["have"], 2);
    assert_eq!(scores["bids"][0]["rank"], Value::Null);
}

#[test]
fn a_moderated_score_stands_in_and_the_originals_stay() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    let path = format!("/bids/{}/moderation", round.bids[0].id);
    let moderation =
        json!({"criterion": "need", "score": 4, "reason": "Read together; the evidence is good."});
    round.admin.post(&path, &moderation).refused(409, "wrong-state");
    for (assessor, need) in [1, 5, 5].into_iter().enumerate() {
        round.score(assessor, 0, need, 3);
    }
    assert_eq!(round.preview()["blockers"][0]["blocker"]["kind"], "disagreement");

    round.admin.post(&path, &moderation).created();
    let scores = round.admin.get(&round.at("scores")).ok().json;
    let need = &scores["bids"][0]["combined"]["criteria"][0];
    assert_eq!(need["used"]["exact"], "4");
    assert_eq!(need["assessed"]["exact"], "11/3");
    let given: Vec<&Value> = scores["bids"][0]["assessments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|own| &own["scores"]["need"])
        .collect();
    assert_eq!(given, [&json!(1), &json!(5), &json!(5)]);
    assert_eq!(round.preview()["blockers"], json!([]));

    round
        .admin
        .post(&path, &json!({"criterion": "need", "score": 2, "reason": "On second thoughts."}))
        .created();
    let scores = round.admin.get(&round.at("scores")).ok().json;
    assert_eq!(scores["bids"][0]["combined"]["criteria"][0]["moderated"], 2);
    assert_eq!(items(&round.admin.get(&path).ok()).len(), 2);
}

#[test]
fn a_moderation_names_all_that_is_wrong_with_it() {
    let round = Scenario::scored();
    let path = format!("/bids/{}/moderation", round.bids[0].id);
    let wrong = round.admin.post(&path, &json!({"criterion": "price", "score": 3, "reason": " "}));
    assert_eq!(wrong.pointers(), ["/criterion", "/reason"]);
    wrong.refused(422, "invalid");
    let wrong = round.admin.post(&path, &json!({"criterion": "need", "score": 6, "reason": "Why not."}));
    assert_eq!(wrong.pointers(), ["/score"]);
}

#[test]
fn the_same_moderation_key_moderates_once() {
    let round = Scenario::scored();
    let path = format!("/bids/{}/moderation", round.bids[0].id);
    let moderation = json!({"criterion": "need", "score": 4, "reason": "Read together."});
    let first = round.admin.post_once(&path, "once", &moderation).created();
    let again = round.admin.post_once(&path, "once", &moderation).created();
    assert_eq!(first, again);
    assert_eq!(items(&round.admin.get(&path).ok()).len(), 1);
}

#[test]
fn pots_are_spent_before_the_general_pot_and_return_what_is_left() {
    let round = Scenario::scored();
    let (alder, birch, cedar, damson) =
        (round.outcome(0), round.outcome(1), round.outcome(2), round.outcome(3));
    assert_eq!((&alder["outcome"], &alder["pot"]), (&json!("awarded"), &Value::Null));
    assert_eq!((&birch["outcome"], &birch["pot"]), (&json!("awarded"), &json!("lancashire")));
    assert_eq!((&cedar["outcome"], &cedar["reserve_position"]), (&json!("reserve"), &json!(1)));
    assert_eq!(
        cedar["sentence"],
        "Ranked 3rd of 3; £60,000 of the general pot was left, £100,000 was asked; 1st on the reserve list."
    );
    assert_eq!((&damson["outcome"], &damson["rank"]), (&json!("unsuccessful"), &Value::Null));
    let outcomes = round.admin.get(&round.at("outcomes")).ok().json;
    assert_eq!(outcomes["provisional"], true);
    assert_eq!(outcomes["totals"]["general"]["available_pence"], 21_000_000);
    assert_eq!(outcomes["totals"]["budget"]["spent_pence"], 24_000_000);
}

#[test]
fn an_override_shows_in_the_preview_until_it_is_revoked() {
    let round = Scenario::scored();
    let ruling = json!({
        "kind": "override", "bid_id": round.bids[2].id, "outcome": "awarded_with_conditions",
        "amount_pence": 6_000_000, "conditions": "Two cohorts, not three.", "reason": "The only bid for its trade.",
    });
    let made = round.rule(&ruling).created();
    let cedar = round.outcome(2);
    assert_eq!(cedar["outcome"], "awarded_with_conditions");
    assert_eq!(cedar["amount_pence"], 6_000_000);
    assert_eq!(cedar["conditions"], "Two cohorts, not three.");
    round.rule(&ruling).refused(409, "already-exists");

    let revoke = format!("/rulings/{}/revoke", made["id"].as_str().unwrap_or_default());
    round.admin.post(&revoke, &json!({"reason": " "})).refused(422, "invalid");
    round.admin.post(&revoke, &json!({"reason": "The budget is tight."})).ok();
    round.admin.post(&revoke, &json!({"reason": "Again."})).refused(409, "wrong-state");
    assert_eq!(round.outcome(2)["outcome"], "reserve");
    assert_eq!(items(&round.admin.get(&round.at("rulings")).ok()).len(), 1);
}

#[test]
fn a_ruling_names_all_that_is_wrong_with_it() {
    let round = Scenario::scored();
    let nobody = "01990000-0000-7000-8000-000000000000";
    let wrong = round.rule(&json!({
        "kind": "override", "bid_id": nobody, "outcome": "reserve", "amount_pence": 1, "conditions": "Some.", "reason": "",
    }));
    assert_eq!(wrong.pointers(), ["/amount_pence", "/conditions", "/bid_id", "/reason"]);
    wrong.refused(422, "invalid");
    let bid = &round.bids[0].id;
    let wrong = round.rule(&json!({"kind": "tie_order", "bids": [bid, bid], "reason": "Drawn."}));
    assert_eq!(wrong.pointers(), ["/bids/1"]);
    let more = json!({"kind": "override", "bid_id": bid, "outcome": "awarded", "amount_pence": 15_000_001, "reason": "More."});
    assert_eq!(round.rule(&more).pointers(), ["/amount_pence"]);
    round.rule(&json!({"kind": "promote", "bid_id": bid, "reason": "Why not."})).refused(422, "invalid");
}

#[test]
fn an_excluded_bid_is_unsuccessful_and_not_ranked() {
    let round = Scenario::scored();
    round.rule(&json!({"kind": "exclude", "bid_id": round.bids[0].id, "reason": "It was copied from another bid."})).created();
    let alder = round.outcome(0);
    assert_eq!((&alder["outcome"], &alder["rank"]), (&json!("unsuccessful"), &Value::Null));
    assert_eq!(round.outcome(1)["rank"], 1);
}

#[test]
fn a_tie_on_the_funding_line_waits_for_the_panel() {
    let twins = [
        Plan { name: "Elder", area: MANCHESTER, pounds: 150_000 },
        Plan { name: "Fir", area: MANCHESTER, pounds: 150_000 },
        Plan { name: "Gorse", area: BURNLEY, pounds: 90_000 },
    ];
    let round = Scenario::assessing(&twins, |_| {});
    for bid in 0..3 {
        round.all_score(bid, 4);
    }
    assert_eq!(round.outcome(0)["outcome"], Value::Null);
    round.close().refused(409, "not-ready-to-close");
    let order: Vec<&str> = [2, 1, 0].into_iter().map(|bid: usize| round.bids[bid].id.as_str()).collect();
    round.rule(&json!({"kind": "tie_order", "bids": order, "reason": "The panel voted."})).created();
    assert_eq!(round.outcome(1)["outcome"], "awarded");
    assert_eq!(round.outcome(0)["outcome"], "reserve");
}

#[test]
fn a_conflicted_assessment_does_not_count() {
    let round = Scenario::scored();
    let interest =
        json!({"severity": "hard", "bid_id": round.bids[0].id, "description": "My sister works there."});
    round.admin.post(&format!("/assessors/{}/interests", round.assessors[0].id()), &interest).created();
    let scores = round.admin.get(&round.at("scores")).ok().json;
    let alder = find(&scores["bids"], &round.bids[0].id);
    assert_eq!(alder["combined"]["state"], "incomplete");
    assert_eq!(alder["combined"]["have"], 2);
}

#[test]
fn nobody_but_admins_and_auditors_reads_scores_and_outcomes() {
    let round = Scenario::scored();
    let auditor = round.app.auditor(&round.admin);
    let bid = format!("/bids/{}", round.bids[0].id);
    let paths = ["progress", "scores", "outcomes", "rulings"].map(|path| round.at(path));
    for path in paths.iter().chain([&format!("{bid}/moderation")]) {
        auditor.get(path).ok();
        for other in [&round.assessors[0], &round.bids[0].provider] {
            other.get(path).refused(404, "not-found");
        }
        round.app.anyone().get(path).refused(401, "unauthenticated");
    }
    for other in [&round.assessors[0], &round.bids[0].provider, &auditor] {
        other.post(&round.at("close"), &json!({"dry_run": true})).refused(403, "forbidden");
        other.post(&round.at("rulings"), &json!({})).is(403);
        other.post(&format!("{bid}/moderation"), &json!({})).is(403);
    }
}

#[test]
fn nothing_decided_is_visible_to_a_bidder_before_closing() {
    let round = Scenario::scored();
    let path = format!("/bids/{}/outcome", round.bids[0].id);
    round.bids[0].provider.get(&path).refused(404, "not-found");
    round.admin.get(&path).refused(404, "not-found");
}

#[test]
fn a_split_recommendation_or_scope_is_open_where_the_round_asks_for_it() {
    let asking =
        |rules: &mut Value| rules["disagreement"] = json!({"recommendation": true, "in_scope": true});
    for (round, asked) in
        [(Scenario::assessing(&FOUR[..1], asking), true), (Scenario::assessing(&FOUR[..1], |_| {}), false)]
    {
        round.all_score(0, 4);
        assert_eq!(round.preview()["blockers"], json!([]));
        // One of three is of another mind, and says so with the same scores.
        let path = format!("/assignments/{}/assessment", round.assignment(0, 0));
        round.admin.post(&format!("{path}/reopen"), &json!({"reason": "Asked for."})).ok();
        let read = round.assessors[0].get(&path).ok();
        let mut content = read.json["content"].clone();
        content["recommendation"] = json!("do_not_fund");
        content["in_scope"] = json!(false);
        round.assessors[0].put(&path, &read.etag(), &content).ok();
        round.assessors[0].post(&format!("{path}/submit"), &json!({})).ok();

        let blockers = round.preview()["blockers"].clone();
        if !asked {
            assert_eq!(blockers, json!([]));
            continue;
        }
        let reference = &round.bids[0].reference;
        assert_eq!(
            blockers[0]["blocker"],
            json!({"kind": "split", "bid": reference, "recommendation": true, "in_scope": true})
        );
        assert_eq!(
            blockers[0]["detail"],
            format!(
                "the assessors of {reference} are split on whether to fund it and whether it is in scope: \
                 reopen an assessment that was mistaken or accept the disagreement"
            )
        );
        round.close().refused(409, "not-ready-to-close");
        let scores = round.admin.get(&round.at("scores")).ok().json;
        let on: Vec<&Value> = scores["bids"][0]["combined"]["disagreements"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| &one["on"])
            .collect();
        assert_eq!(on, ["recommendation", "in_scope"]);
        let accepted = json!({"kind": "accept_disagreement", "bid_id": round.bids[0].id, "reason": "Two of three would."});
        round.rule(&accepted).created();
        round.close().ok();
        assert_eq!(round.admin.get(&round.at("verify")).ok().json["agrees"], true);
    }
}
