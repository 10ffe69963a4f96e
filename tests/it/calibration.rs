//! Calibration: leniency shown beside the scores, and deciding only where the round announced it.

use serde_json::{Value, json};

use crate::scenario::{FOUR, MANCHESTER, Plan, Scenario, find, items, rules, text};
use crate::support::App;

const SIX: [Plan; 6] = [
    Plan { name: "Alder", area: MANCHESTER, pounds: 50_000 },
    Plan { name: "Birch", area: MANCHESTER, pounds: 50_000 },
    Plan { name: "Cedar", area: MANCHESTER, pounds: 50_000 },
    Plan { name: "Damson", area: MANCHESTER, pounds: 50_000 },
    Plan { name: "Elder", area: MANCHESTER, pounds: 50_000 },
    Plan { name: "Fir", area: MANCHESTER, pounds: 50_000 },
];

/// Six bids, two of the three assessors on each: an interest keeps each assessor from two of them, so that nobody else could be
/// chosen. The first assessor gives everything one level less than the others would; a little noise stands beside it.
fn strict_assessor(deciding_score: &str) -> Scenario {
    let round = Scenario::open(&SIX, |rules| {
        rules["assessors_per_bid"] = json!(2);
        rules["quorum"] = json!(2);
        rules["pots"] = json!([]);
        rules["overall_threshold"] = Value::Null;
        rules["deciding_score"] = json!(deciding_score);
    });
    for (at, bid) in round.bids.iter().enumerate() {
        let kept_away = &round.assessors[at % 3];
        let interest = json!({"severity": "hard", "bid_id": bid.id, "description": "My sister works there."});
        round.admin.post(&format!("/assessors/{}/interests", kept_away.id()), &interest).created();
    }
    round.start();
    for assessor in 0..3 {
        for (bid, level) in [5, 4, 4, 3, 3, 2].into_iter().enumerate() {
            if assesses(&round, assessor, bid) {
                let level = if assessor == 0 { level - 1 } else { level };
                let noise = i32::from(assessor == 1 && bid % 2 == 1);
                round.score(assessor, bid, level, level - noise);
            }
        }
    }
    round
}

fn assesses(round: &Scenario, assessor: usize, bid: usize) -> bool {
    let views = items(&round.assessors[assessor].get("/assignments?limit=100").ok());
    views.iter().any(|view| view["assignment"]["bid_id"] == round.bids[bid].id.as_str())
}

fn scores(round: &Scenario) -> Value {
    round.admin.get(&round.at("scores")).ok().json
}

fn points(value: &Value) -> f64 {
    text(value).parse().expect("points")
}

/// The calibration of a bid, by its reference.
fn calibrated(scores: &Value, reference: &str) -> Value {
    let bids = scores["calibration"]["bids"].as_array().expect("a list");
    bids.iter().find(|bid| bid["bid"] == reference).cloned().expect("the bid")
}

#[test]
fn scores_show_leniency_beside_the_score_that_decides() {
    let round = strict_assessor("combined");
    let scores = scores(&round);
    assert_eq!(scores["deciding_score"], "combined");
    let calibration = &scores["calibration"];
    assert_eq!(calibration["verdict"], "estimated");
    assert_eq!(calibration["parts"], json!([{"part": 1, "bids": 6, "assessors": 3, "funded": 6}]));

    let assessors = calibration["assessors"].as_array().expect("a list");
    let strict = assessors.iter().find(|one| one["assessor"] == round.assessors[0].id()).expect("the first");
    assert!(points(&strict["leniency"]) < -5.0, "{strict}");
    assert!(points(&strict["interval"]["low"]) < points(&strict["leniency"]));

    for bid in &round.bids {
        let shown = calibrated(&scores, &bid.reference);
        let scored = find(&scores["bids"], &bid.id);
        assert_eq!(shown["mean"], scored["combined"]["score"]);
        assert_eq!(scored["combined"]["before_adjustment"], Value::Null);
        assert!(points(&shown["interval"]["low"]) < points(&shown["adjusted"]));
        assert!(points(&shown["adjusted"]) < points(&shown["interval"]["high"]));
        assert_eq!(shown["rank"]["of"], 6);
        assert_eq!(shown["rank"]["above_line_percent"], 100);
    }
    assert!(text(&calibration["warnings"][0]).contains("3 assessors only"), "{calibration}");
}

#[test]
fn leniency_decides_nothing_unless_the_round_announced_it() {
    let (plain, announced) = (strict_assessor("combined"), strict_assessor("adjusted"));
    for (round, decides) in [(&plain, "mean"), (&announced, "adjusted")] {
        let scores = scores(round);
        let mut moved = 0;
        for (at, bid) in round.bids.iter().enumerate() {
            let shown = calibrated(&scores, &bid.reference);
            assert_eq!(round.outcome(at)["score"], shown[decides]);
            moved += usize::from(shown["mean"] != shown["adjusted"]);
        }
        assert!(moved > 0);
        let ranked: Vec<f64> = scores["bids"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|bid| points(&calibrated(&scores, &text(&bid["reference"]))[decides]))
            .collect();
        assert!(ranked.is_sorted_by(|above, below| above >= below), "{ranked:?}");
    }
    // What was announced makes the difference, not what was scored.
    let order = |round: &Scenario| {
        let scores = scores(round);
        let titles = scores["bids"].as_array().into_iter().flatten().map(|bid| text(&bid["title"]));
        titles.collect::<Vec<_>>()
    };
    assert_ne!(order(&plain), order(&announced));
}

#[test]
fn adjusted_outcomes_are_closed_verified_and_told_with_what_they_were_before() {
    let round = strict_assessor("adjusted");
    for tie in round.preview()["blockers"].as_array().expect("a list") {
        let bids: Vec<Value> = tie["blocker"]["bids"]
            .as_array()
            .expect("a tie")
            .iter()
            .map(|reference| {
                json!(round.bids.iter().find(|bid| *reference == bid.reference.as_str()).expect("it").id)
            })
            .collect();
        round.rule(&json!({"kind": "tie_order", "bids": bids, "reason": "The panel's order."})).created();
    }
    round.close().ok();
    let verification = round.admin.get(&round.at("verify")).ok().json;
    assert_eq!(verification["differences"], json!([]));
    assert_eq!(verification["agrees"], true);

    let snapshot = round.admin.get(&round.at("snapshot")).ok().json;
    assert_eq!(snapshot["rules"]["deciding_score"], "adjusted");

    let scores = scores(&round);
    for (at, bid) in round.bids.iter().enumerate() {
        let shown = calibrated(&scores, &bid.reference);
        let told = bid.provider.get(&format!("/bids/{}/outcome", bid.id)).ok().json;
        assert_eq!(told["score"], shown["adjusted"]);
        assert_eq!(told["before_adjustment"], shown["mean"]);
        assert_eq!(told["score"], round.outcome(at)["score"]);
        let emails = round.emails("outcome");
        let email = emails.iter().find(|email| email["bid_id"] == bid.id.as_str()).expect("a letter");
        let before = format!("The score was {} before it was adjusted", text(&shown["mean"]));
        assert!(text(&email["text"]).contains(&before), "{email}");
    }
}

#[test]
fn moderated_criteria_are_not_adjusted() {
    let round = strict_assessor("adjusted");
    for criterion in ["need", "delivery"] {
        let moderation = json!({"criterion": criterion, "score": 4, "reason": "Agreed at the panel."});
        round.admin.post(&format!("/bids/{}/moderation", round.bids[0].id), &moderation).created();
    }
    assert_eq!(round.outcome(0)["score"], "80.00");
}

#[test]
fn an_adjusted_round_takes_the_mean_of_at_least_two_assessors() {
    let app = App::start();
    let admin = app.admin();
    let fund = admin
        .post("/funds", &json!({"name": "Digital Fund", "areas": ["E47000001", "lancashire-lep"]}))
        .created();
    let mut rules = rules();
    rules["deciding_score"] = json!("adjusted");
    rules["combination"] = json!("median");
    rules["assessors_per_bid"] = json!(1);
    rules["quorum"] = json!(1);
    let round = json!({
        "fund_id": fund["id"], "code": "DF1", "name": "Round 1", "rules": rules, "deadline": "2026-09-20T11:00:00Z",
    });
    let round = admin.post("/rounds", &round).created();
    let refusal = admin.post(&format!("/rounds/{}/open", text(&round["id"])), &json!({}));
    assert_eq!(refusal.pointers(), ["/rules/combination", "/rules/assessors_per_bid"]);
}

#[test]
fn one_assessor_for_every_bid_is_answered_plainly() {
    let round = Scenario::assessing(&FOUR, |rules| {
        rules["assessors_per_bid"] = json!(1);
        rules["quorum"] = json!(1);
    });
    let empty = scores(&round);
    assert_eq!(empty["calibration"]["verdict"], "no_assessments");
    for bid in 0..4 {
        for assessor in (0..3).filter(|assessor| assesses(&round, *assessor, bid)) {
            round.score(assessor, bid, 4, 3);
        }
    }
    let calibration = scores(&round)["calibration"].clone();
    assert_eq!(calibration["verdict"], "one_assessment_each");
    assert!(text(&calibration["sentence"]).contains("cannot be told from the quality of the bids"));
    for bid in calibration["bids"].as_array().expect("a list") {
        assert_eq!(bid["mean"], bid["adjusted"]);
        assert_eq!(bid["interval"], Value::Null);
        assert_eq!(bid["rank"], Value::Null);
    }
}

#[test]
fn a_round_that_is_not_yet_assessed_has_no_calibration() {
    let round = Scenario::open(&FOUR[..1], |_| {});
    assert_eq!(scores(&round)["calibration"], Value::Null);
}
