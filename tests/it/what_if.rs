//! What if the rules were others: everything is worked out, and nothing is written.

use serde_json::{Value, json};

use crate::scenario::{BURNLEY, FOUR, MANCHESTER, Scenario};
use crate::support::Answer;

impl Scenario {
    fn suppose(&self, supposition: &Value) -> Answer {
        self.admin.post(&self.at("what-if"), supposition)
    }
}

/// `outcome from → outcome to` of each bid that would fare otherwise, by its organisation.
fn changed(answer: &Value) -> Vec<String> {
    let changes = answer["changes"].as_array().expect("changes");
    let worded = |change: &Value| {
        let (name, from, to) =
            (&change["organisation"], &change["from"]["outcome"], &change["to"]["outcome"]);
        [name, from, to].map(|part| part.as_str().unwrap_or("open").to_owned()).join(" ")
    };
    changes.iter().map(worded).collect()
}

#[test]
fn a_lower_threshold_shows_whom_it_would_let_in_and_why() {
    let round = Scenario::scored();
    let answer = round.suppose(&json!({"overall_threshold": 20})).ok().json;
    // Cedar's £100,000 does not fit above it, and the round stops there.
    assert_eq!(changed(&answer), ["Damson unsuccessful reserve"]);
    let damson = &answer["changes"][0];
    assert_eq!(damson["from"]["sentence"], "Scored 20.00 out of 100 overall, below the threshold of 50.");
    assert_eq!(
        damson["to"]["sentence"],
        "Ranked 4th of 4; awards stopped above it, where more was asked than was left; 2nd on the reserve list."
    );
    let skipping = json!({"overall_threshold": null, "when_next_does_not_fit": "skip"});
    let answer = round.suppose(&skipping).ok().json;
    assert_eq!(changed(&answer), ["Damson unsuccessful awarded"]);
}

#[test]
fn more_money_is_shown_by_pot_by_area_and_at_the_funding_line() {
    let round = Scenario::scored();
    let answer = round.suppose(&json!({"budget_pence": 40_000_000})).ok().json;
    assert_eq!(changed(&answer), ["Cedar reserve awarded"]);
    let (before, after) = (&answer["announced"], &answer["supposed"]);
    assert_eq!((&before["awards"], &after["awards"]), (&json!(2), &json!(3)));
    assert_eq!(before["totals"]["budget"]["spent_pence"], 24_000_000);
    assert_eq!(after["totals"]["budget"]["spent_pence"], 34_000_000);
    let area = |code: &str, awards: usize, pence: i64| (code.to_owned(), json!(awards), json!(pence));
    let by_area = |picture: &Value| -> Vec<(String, Value, Value)> {
        let areas = picture["by_area"].as_array().expect("areas");
        let line = |area: &Value| {
            (
                area["code"].as_str().unwrap_or_default().to_owned(),
                area["awards"].clone(),
                area["awarded_pence"].clone(),
            )
        };
        areas.iter().map(line).collect()
    };
    assert_eq!(by_area(before), [area(BURNLEY, 1, 9_000_000), area(MANCHESTER, 1, 15_000_000)]);
    assert_eq!(by_area(after), [area(BURNLEY, 1, 9_000_000), area(MANCHESTER, 2, 25_000_000)]);
    let line = |picture: &Value, which: &str| picture["funding_line"][which]["reference"].clone();
    assert_eq!(line(before, "last_paid"), round.bids[0].reference);
    assert_eq!(line(before, "first_unpaid"), round.bids[2].reference);
    assert_eq!(line(after, "last_paid"), round.bids[2].reference);
    assert_eq!(line(after, "first_unpaid"), Value::Null);
}

#[test]
fn a_larger_pot_takes_from_the_general_pot() {
    let round = Scenario::scored();
    // What Lancashire's bid does not use returns; without that, nothing is left for the first.
    let kept =
        json!({"pots": {"lancashire": {"amount_pence": 16_000_000, "remainder_to_general_pot": false}}});
    let answer = round.suppose(&kept).ok().json;
    assert_eq!(changed(&answer), ["Alder awarded reserve", "Cedar reserve reserve"]);
    assert_eq!(answer["supposed"]["totals"]["pots"][0]["left_pence"], 7_000_000);
}

#[test]
fn weights_method_and_limits_can_be_supposed() {
    let round = Scenario::assessing(&FOUR[..1], |_| {});
    for (assessor, need) in [2, 0, 0].into_iter().enumerate() {
        round.score(assessor, 0, need, 4);
    }
    let answer = round.suppose(&json!({"disagreement": {"criterion_levels": 1}})).ok().json;
    assert_eq!(answer["announced"]["blockers"], json!([]));
    assert_eq!(answer["supposed"]["blockers"][0]["blocker"]["kind"], "disagreement");

    let shifted =
        json!({"criteria": {"need": {"weight": 10}, "delivery": {"weight": 90}}, "combination": "median"});
    let answer = round.suppose(&shifted).ok().json;
    assert_eq!(changed(&answer), ["Alder unsuccessful awarded"]);
    assert_eq!(answer["changes"][0]["from"]["score"], "40.00");
    assert_eq!(answer["changes"][0]["to"]["score"], "72.00");
}

#[test]
fn rules_that_no_round_could_open_with_are_refused_with_pointers() {
    let round = Scenario::scored();
    let wrong = round.suppose(&json!({
        "criteria": {"need": {"weight": 50, "threshold": 9}, "price": {"weight": 10}},
        "overall_threshold": 101,
        "pots": {"lancashire": {"amount_pence": 0}, "yorkshire": {}},
    }));
    assert_eq!(
        wrong.pointers(),
        [
            "/criteria/price",
            "/pots/yorkshire",
            "/criteria",
            "/criteria/need/threshold",
            "/overall_threshold",
            "/pots/lancashire/amount_pence"
        ]
    );
    wrong.refused(422, "invalid");
    let wrong = round.suppose(&json!({"budget_pence": 1_000_000}));
    assert_eq!(wrong.pointers(), ["/pots"]);
    round.suppose(&json!({"tie_break": ["need"]})).refused(422, "invalid");
}

#[test]
fn supposing_writes_nothing() {
    let round = Scenario::scored();
    let look = || {
        let paths = ["outcomes", "scores", "rulings"].map(|path| round.at(path));
        let audit = format!("/audit?round_id={}&limit=100", round.round);
        let read = |path: &String| round.admin.get(path).ok().text;
        paths.iter().chain([&audit, &format!("/rounds/{}", round.round)]).map(read).collect::<Vec<_>>()
    };
    let before = look();
    round.suppose(&json!({"overall_threshold": 0, "budget_pence": 90_000_000})).ok();
    assert_eq!(look(), before);
}

#[test]
fn auditors_suppose_too_and_a_closed_round_is_supposed_from_its_snapshot() {
    let round = Scenario::scored();
    let auditor = round.app.auditor(&round.admin);
    let supposition = json!({"budget_pence": 40_000_000});
    let before = auditor.post(&round.at("what-if"), &supposition).ok().json;
    round.close().ok();
    assert_eq!(auditor.post(&round.at("what-if"), &supposition).ok().json, before);
    round.assessors[0].post(&round.at("what-if"), &supposition).is(403);

    let early = Scenario::open(&FOUR[..1], |_| {});
    early.suppose(&supposition).refused(409, "wrong-state");
}
