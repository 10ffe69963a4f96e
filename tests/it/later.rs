//! After closing: nothing of the record is edited; what stands is the record with every act since
//! played over it.

use fasttrack::outcomes::record;
use serde_json::{Value, json};

use crate::closing::tamper;
use crate::scenario::{FOUR, Plan, Scenario, items, text};
use crate::support::Answer;

/// [`Scenario::scored`] and closed: Alder £150,000, Birch £90,000, Cedar first on the reserve list with
/// £100,000, Damson unsuccessful, £60,000 left.
fn closed() -> Scenario {
    let round = Scenario::scored();
    round.close().ok();
    round
}

impl Scenario {
    fn act_later(&self, act: &Value) -> Answer {
        self.admin.post(&self.at("later-acts"), act)
    }

    fn end_award(&self, bid: usize) -> Value {
        json!({"kind": "end_award", "bid_id": self.bids[bid].id, "how": "declined", "reason": "They lost their partner."})
    }

    fn promotion(&self, bid: usize) -> Value {
        json!({"kind": "promote", "bid_id": self.bids[bid].id, "reason": "Next in line."})
    }

    fn later(&self) -> Value {
        self.admin.get(&self.at("later-acts")).ok().json
    }

    fn own_outcome(&self, bid: usize) -> Value {
        self.bids[bid].provider.get(&format!("/bids/{}/outcome", self.bids[bid].id)).ok().json
    }
}

#[test]
fn a_declined_award_promotes_the_next_of_the_reserve_list() {
    let round = closed();
    assert_eq!(round.later()["proposal"], Value::Null);
    round.act_later(&round.promotion(2)).refused(422, "invalid");

    let ended = round.act_later(&round.end_award(0)).created();
    assert_eq!(
        (&ended["number"], &ended["was"]["outcome"], &ended["now"]["outcome"]),
        (&json!(1), &json!("awarded"), &json!("withdrawn"))
    );
    let later = round.later();
    assert_eq!((&later["awarded_pence"], &later["left_pence"]), (&json!(9_000_000), &json!(21_000_000)));
    assert_eq!(later["proposal"]["reference"], round.bids[2].reference);
    assert_eq!(
        later["proposal"]["now"]["sentence"],
        "Promoted from the reserve list, where it was 1st; £210,000 of the general pot was left, £100,000 was asked."
    );
    // Proposing promises nothing.
    assert_eq!(round.own_outcome(2)["outcome"], "reserve");

    round.act_later(&round.promotion(2)).created();
    let cedar = round.own_outcome(2);
    assert_eq!((&cedar["outcome"], &cedar["amount_pence"]), (&json!("awarded"), &json!(10_000_000)));
    assert_eq!(cedar["changes_after_closing"][0]["was"], "reserve");
    assert_eq!((&cedar["score"], &cedar["rank"]), (&json!("60.00"), &json!(3)));
    let alder = round.own_outcome(0);
    assert_eq!((&alder["outcome"], &alder["amount_pence"]), (&json!("withdrawn"), &json!(0)));
    assert_eq!(
        alder["sentence"],
        "The award of £150,000 was declined by the bidder: They lost their partner."
    );
    assert_eq!(round.later()["proposal"], Value::Null);
    round.act_later(&round.promotion(2)).refused(422, "invalid");
}

#[test]
fn whoever_is_concerned_is_told_in_a_letter_of_its_own() {
    let round = closed();
    round.act_later(&round.end_award(0)).created();
    round.act_later(&round.promotion(2)).created();
    let letters = round.emails("outcome_changed");
    // The lead contact and the submitter of each.
    assert_eq!(letters.len(), 4);
    let reference = &round.bids[2].reference;
    let cedar = letters.iter().find(|letter| letter["bid_id"] == *round.bids[2].id).expect("a letter");
    assert_eq!(
        cedar["subject"],
        format!("Awarded £100,000 from the reserve list: {reference}, Cedar digital skills")
    );
    insta::assert_snapshot!(text(&cedar["text"]).replace(reference, "DF1-****-**"));
    let alder = letters.iter().find(|letter| letter["bid_id"] == *round.bids[0].id).expect("a letter");
    insta::assert_snapshot!(text(&alder["text"]).replace(&round.bids[0].reference, "DF1-****-**"));
    assert!(!text(&alder["text"]).contains("Cedar"));
}

#[test]
fn the_closed_record_is_never_edited_and_verifies_with_the_acts_played_again() {
    let round = closed();
    let before = round.admin.get(&round.at("outcomes")).ok().json;
    let snapshot = round.admin.get(&round.at("snapshot")).ok().text;
    round.act_later(&round.end_award(1)).created();
    round.act_later(&round.promotion(2)).created();
    let after = round.admin.get(&round.at("outcomes")).ok().json;
    assert_eq!((&after["outcomes"], &after["totals"]), (&before["outcomes"], &before["totals"]));
    assert_eq!(after["later_acts"].as_array().map(Vec::len), Some(2));
    assert_eq!(round.admin.get(&round.at("snapshot")).ok().text, snapshot);
    assert_eq!(round.admin.get(&round.at("verify")).ok().json["agrees"], true);

    let file = round.admin.get(&round.at("record")).ok().text;
    let verified = record::verify(&file);
    assert!(verified.agrees, "{verified:?}");
    let changed = file.replacen("\"how\":\"declined\"", "\"how\":\"withdrawn\"", 1);
    let found = record::verify(&changed).differences;
    assert_eq!(found[0].pointer, "/later_acts/0");
    assert_eq!(found[1].pointer, "/later_acts/1/now/sentence");

    let cedar = &round.bids[2].id;
    tamper(&round, "later_acts", &format!("UPDATE later_acts SET number = 3 WHERE bid_id = '{cedar}'"));
    let verified = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(verified["differences"][0]["pointer"], "/later_acts/3/number");
}

#[test]
fn a_correction_has_a_reason_and_stays_within_the_money() {
    let round = closed();
    let correct = |bid: usize, outcome: &str, amount: Value, conditions: Value| {
        json!({
            "kind": "correct", "bid_id": round.bids[bid].id, "outcome": outcome, "amount_pence": amount,
            "conditions": conditions, "reason": "The panel had read another answer.",
        })
    };
    let wrong = |act: &Value, pointers: &[&str]| {
        let answer = round.act_later(act);
        assert_eq!(answer.pointers(), pointers);
        answer.refused(422, "invalid");
    };
    // £60,000 is left.
    wrong(&correct(2, "awarded", Value::Null, Value::Null), &["/amount_pence"]);
    wrong(
        &correct(2, "awarded", json!(10_000_001), json!("Two cohorts.")),
        &["/amount_pence", "/conditions"],
    );
    wrong(&correct(2, "reserve", Value::Null, Value::Null), &["/outcome"]);
    wrong(&correct(2, "unsuccessful", json!(1), Value::Null), &["/amount_pence"]);
    wrong(
        &json!({"kind": "end_award", "bid_id": round.bids[2].id, "how": "withdrawn", "reason": " "}),
        &["/reason", "/bid_id"],
    );
    let nobody =
        json!({"kind": "promote", "bid_id": "01990000-0000-7000-8000-000000000000", "reason": "Why not."});
    wrong(&nobody, &["/bid_id"]);

    round
        .act_later(&correct(2, "awarded_with_conditions", json!(6_000_000), json!("Two cohorts.")))
        .created();
    let cedar = round.own_outcome(2);
    assert_eq!((&cedar["amount_pence"], &cedar["conditions"]), (&json!(6_000_000), &json!("Two cohorts.")));
    assert_eq!(cedar["sentence"], "Corrected after closing: The panel had read another answer.");
    assert_eq!(round.later()["left_pence"], 0);
    // Nobody is left on the list.
    let damson = round.act_later(&correct(3, "reserve", Value::Null, Value::Null)).created();
    assert_eq!(damson["now"]["reserve_position"], 1);
    let letter = &round.emails("outcome_changed")[2];
    assert!(text(&letter["subject"]).starts_with("Correction, on the reserve list, number 1: "));
}

#[test]
fn promotion_follows_the_announced_rule_for_a_bid_that_does_not_fit() {
    let plans = [FOUR[0], FOUR[1], FOUR[2], Plan { pounds: 70_000, ..FOUR[3] }];
    for (rule, proposed) in [("stop", None), ("skip", Some(3))] {
        let round = Scenario::assessing(&plans, |rules| rules["when_next_does_not_fit"] = json!(rule));
        for (bid, score) in [5, 4, 3].into_iter().enumerate() {
            round.all_score(bid, score);
        }
        for assessor in 0..3 {
            round.score(assessor, 3, 3, 2);
        }
        round.close().ok();
        assert_eq!(round.own_outcome(3)["reserve_position"], 2);
        let smaller = json!({
            "kind": "correct", "bid_id": round.bids[1].id, "outcome": "awarded", "amount_pence": 7_000_000,
            "reason": "They asked for less in their letter.",
        });
        round.act_later(&smaller).created();
        // £80,000: too little for the first of the list, enough for the second.
        let next = proposed.map_or(Value::Null, |bid: usize| json!(round.bids[bid].reference));
        assert_eq!(round.later()["proposal"]["reference"], next, "{rule}");
    }
}

#[test]
fn acts_after_closing_are_audited_and_only_of_closed_rounds() {
    let round = Scenario::scored();
    round.act_later(&round.end_award(0)).refused(409, "wrong-state");
    round.admin.get(&round.at("later-acts")).refused(404, "not-found");
    round.close().ok();
    let key = |act: &Value| round.admin.post_once(&round.at("later-acts"), "once", act).created();
    assert_eq!(key(&round.end_award(0)), key(&round.end_award(0)));
    round.act_later(&round.promotion(2)).created();
    for action in ["outcome.award_ended", "outcome.promoted"] {
        let events =
            items(&round.admin.get(&format!("/audit?action={action}&round_id={}", round.round)).ok());
        assert_eq!(events.len(), 1, "{action}");
        assert_eq!(events[0]["actor"], format!("user:{}", round.admin.id()));
    }
    let auditor = round.app.auditor(&round.admin);
    auditor.get(&round.at("later-acts")).ok();
    auditor.post(&round.at("later-acts"), &round.end_award(1)).is(403);
    round.bids[0].provider.get(&round.at("later-acts")).refused(404, "not-found");
}

#[test]
fn what_stands_is_published_and_the_paper_says_what_has_changed_since_closing() {
    let round = closed();
    let published = |round: &Scenario| -> Vec<(String, i64, String)> {
        let grants = round.admin.get(&round.at("awards.json")).ok().json["grants"].clone();
        let grants = grants.as_array().expect("grants").clone();
        let grant = |grant: &Value| {
            let title = text(&grant["title"]);
            let name = title.split(' ').next().unwrap_or_default().to_owned();
            (name, grant["amountAwarded"].as_i64().expect("pounds"), text(&grant["awardDate"]))
        };
        grants.iter().map(grant).collect()
    };
    let paper = |round: &Scenario| round.admin.get(&round.at("panel-paper")).ok().text;
    assert!(paper(&round).contains("Nothing has changed since the round was closed."));
    let at_closing = published(&round);
    let names: Vec<&str> = at_closing.iter().map(|(name, _, _)| name.as_str()).collect();
    assert_eq!(names, ["Alder", "Birch"]);

    round.app.set_time("2026-10-01T09:00:00Z");
    round.act_later(&round.end_award(0)).created();
    round.act_later(&round.promotion(2)).created();
    let correction = json!({"kind": "correct", "bid_id": round.bids[1].id, "outcome": "awarded", "amount_pence": 8_000_000, "reason": "The sum was typed wrongly."});
    round.act_later(&correction).created();
    let stands = published(&round);
    assert_eq!(stands[0], ("Birch".to_owned(), 80_000, at_closing[1].2.clone()));
    assert_eq!(stands[1], ("Cedar".to_owned(), 100_000, "2026-10-01T09:00:00Z".to_owned()));
    assert_eq!(stands.len(), 2);
    let table = round.admin.get(&round.at("awards.csv")).ok().text;
    assert!(table.contains("Cedar") && !table.contains("Alder"), "{table}");
    let package = round.admin.get(&round.at("awards.json")).ok().json;
    assert_eq!(package["modified"], "2026-10-01T09:00:00Z");

    let paper = paper(&round);
    for told in [
        "Now 2 bids stand awarded, £180,000 of the round&#39;s £300,000.",
        "The award of £150,000 was declined by the bidder: They lost their partner.",
        "The sum was typed wrongly.",
        "Awarded, £90,000",
        "Awarded, £80,000",
        "Reserve, number 1",
    ] {
        assert!(paper.contains(told), "{told} in {paper}");
    }
    // The record's own tables stay.
    assert!(paper.contains("2 bids are awarded, £240,000 of the round&#39;s £300,000"), "{paper}");
}

#[test]
fn where_nothing_stands_awarded_there_is_no_file_of_awards() {
    let round = closed();
    round.act_later(&round.end_award(0)).created();
    round.act_later(&round.end_award(1)).created();
    round.admin.get(&round.at("awards.json")).refused(409, "wrong-state");
    round.admin.get(&round.at("awards.csv")).refused(409, "wrong-state");
}
