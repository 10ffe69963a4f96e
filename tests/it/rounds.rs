//! The life of a round: who makes it, what it needs to open, what changes after, who sees it.

use serde_json::{Value, json};

use crate::support::{Answer, App, Client, at};

pub const BURNLEY: &str = "E07000117";
pub const PENDLE: &str = "E07000122";
pub const MANCHESTER: &str = "E08000003";
/// Noon in London, summer time.
pub const DEADLINE: &str = "2026-09-30T11:00:00Z";

pub fn make_fund(admin: &Client) -> Value {
    let name = format!("Fund {}", fasttrack::id::fresh());
    admin.post("/funds", &json!({"name": name, "areas": ["lancashire-lep", "E47000001"]})).created()
}

/// Two criteria, one gateway, one declaration; everything that opening asks for.
pub fn rules() -> Value {
    let scale: Vec<Value> = ["No response", "Unsatisfactory", "Poor", "Satisfactory", "Good", "Excellent"]
        .iter()
        .enumerate()
        .map(|(score, label)| json!({"score": score, "label": label}))
        .collect();
    json!({
        "gateways": [{"key": "registered", "question": "Is the lead registered in the United Kingdom?", "required_answer": true}],
        "declarations": [{"key": "accurate", "statement": "What we have written is accurate."}],
        "criteria": [
            {"key": "need", "title": "Need", "word_limit": 50, "weight": 60, "scale": scale, "threshold": 2},
            {"key": "delivery", "title": "Delivery", "word_limit": 5000, "weight": 40, "scale": scale},
        ],
        "assessors_per_bid": 2,
        "quorum": 2,
        "budget_pence": 300_000_000,
        "grant_limit_pence": 18_000_000,
        "pots": [{"key": "lancashire", "name": "Lancashire", "areas": ["lancashire-lep"], "amount_pence": 60_000_000}],
        "query_email": "fund@example.org",
    })
}

pub fn draft_with(admin: &Client, fund: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let id = fasttrack::id::fresh().simple().to_string().to_uppercase();
    let mut round = json!({
        "fund_id": fund["id"],
        "code": format!("R{}", &id[id.len() - 5..]),
        "name": "Round 1",
        "rules": rules(),
        "deadline": DEADLINE,
        "assessments_due_at": "2026-10-30T12:00:00Z",
    });
    change(&mut round);
    admin.post("/rounds", &round).created()
}

pub fn draft(admin: &Client) -> Value {
    let fund = make_fund(admin);
    draft_with(admin, &fund, |_| {})
}

pub fn open_round(admin: &Client) -> Value {
    let round = draft(admin);
    admin.post(&format!("{}/open", path(&round)), &json!({})).ok().json
}

pub fn path(round: &Value) -> String {
    format!("/rounds/{}", round["id"].as_str().expect("an id"))
}

fn open(admin: &Client, round: &Value) -> Answer {
    admin.post(&format!("{}/open", path(round)), &json!({}))
}

/// A draft's body as PUT takes it.
fn update_of(round: &Value) -> Value {
    json!({"code": round["code"], "name": round["name"], "rules": round["rules"],
        "deadline": round["deadline"], "assessments_due_at": round["assessments_due_at"]})
}

fn actions(admin: &Client, subject: &str) -> Vec<String> {
    let events = admin.get(&format!("/audit?subject_id={subject}")).ok().json;
    let items = events["items"].as_array().cloned().unwrap_or_default();
    items.iter().filter_map(|event| event["action"].as_str().map(str::to_owned)).collect()
}

#[test]
fn fund_names_areas_that_exist_once_each() {
    let app = App::start();
    let admin = app.admin();
    let answer = admin
        .post("/funds", &json!({"name": " ", "areas": ["nowhere", BURNLEY, BURNLEY], "currency": "EUR"}));
    assert_eq!(answer.pointers(), ["/name", "/currency", "/areas/0", "/areas/2"]);
    answer.refused(422, "invalid");
}

#[test]
fn fund_is_changed_only_as_it_was_read() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let path = format!("/funds/{}", fund["id"].as_str().unwrap());
    let tag = admin.get(&path).ok().etag();
    let body = json!({"name": "Another name", "areas": [BURNLEY]});
    admin.send("PUT", &path, &[], Some(body.to_string())).refused(428, "precondition-required");
    let changed = admin.put(&path, &tag, &body).ok();
    assert_eq!(changed.json["name"], "Another name");
    admin.put(&path, &tag, &body).refused(412, "stale");
    assert_eq!(admin.get(&path).ok().etag(), changed.etag());
}

#[test]
fn two_funds_have_two_names_and_two_rounds_two_codes() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    admin.post("/funds", &json!({"name": fund["name"], "areas": [BURNLEY]})).refused(409, "already-exists");
    let round = draft(&admin);
    let same = json!({"fund_id": fund["id"], "code": round["code"], "name": "Again"});
    admin.post("/rounds", &same).refused(409, "already-exists");
}

#[test]
fn areas_of_a_fund_stay_while_a_round_is_open() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let path = format!("/funds/{}", round["fund_id"].as_str().unwrap());
    let fund = admin.get(&path).ok();
    let narrower = json!({"name": fund.json["name"], "areas": [BURNLEY]});
    admin.put(&path, &fund.etag(), &narrower).refused(409, "wrong-state");
    let renamed = json!({"name": "A better name", "areas": fund.json["areas"]});
    admin.put(&path, &fund.etag(), &renamed).ok();
}

#[test]
fn round_is_made_once_for_one_idempotency_key() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let body = json!({"fund_id": fund["id"], "code": "ONCE1", "name": "Round 1"});
    let first = admin.post_once("/rounds", "k", &body).is(201);
    let second = admin.post_once("/rounds", "k", &body).is(201);
    assert_eq!(first.json, second.json);
    assert_eq!(first.header("location"), second.header("location"));
    let other = json!({"fund_id": fund["id"], "code": "ONCE2", "name": "Round 1"});
    admin.post_once("/rounds", "k", &other).refused(422, "idempotency-key-reused");
    for key in ["", "a\tb", &"k".repeat(201)] {
        admin.post_once("/rounds", key, &other).refused(400, "malformed");
    }
}

#[test]
fn round_needs_a_plain_code_a_name_and_a_fund_that_exists() {
    let app = App::start();
    let admin = app.admin();
    let answer = admin.post(
        "/rounds",
        &json!({"fund_id": fasttrack::id::fresh(), "code": "ft-1", "name": "a\nb", "deadline": DEADLINE, "opens_at": DEADLINE}),
    );
    assert_eq!(answer.pointers(), ["/code", "/name", "/opens_at"]);
    let answer =
        admin.post("/rounds", &json!({"fund_id": fasttrack::id::fresh(), "code": "FT1", "name": "Round 1"}));
    assert_eq!(answer.pointers(), ["/fund_id"]);
}

#[test]
fn everything_that_is_missing_from_a_round_comes_back_as_one_list() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let empty =
        admin.post("/rounds", &json!({"fund_id": fund["id"], "code": "FT1", "name": "Round 1"})).created();
    let answer = open(&admin, &empty);
    assert_eq!(
        answer.pointers(),
        ["/rules/criteria", "/rules/query_email", "/rules/budget_pence", "/deadline"]
    );
    answer.refused(422, "invalid");

    let wrong = draft_with(&admin, &fund, |round| {
        round["rules"]["criteria"][0]["weight"] = json!(59);
        round["rules"]["criteria"][1]["scale"] = json!([]);
        round["rules"]["pots"][0]["areas"] = json!(["E12000002"]);
        round["rules"]["quorum"] = json!(3);
        round["deadline"] = json!("2026-08-01T11:00:00Z");
        round["assessments_due_at"] = Value::Null;
    });
    let answer = open(&admin, &wrong);
    let expected =
        ["/rules/criteria", "/rules/criteria/1/scale", "/rules/quorum", "/rules/pots/0/areas/0", "/deadline"];
    assert_eq!(answer.pointers(), expected);
    assert_eq!(answer.json["errors"][0]["detail"], "the weights total 99; they must total 100");
    assert_eq!(admin.get(&path(&wrong)).ok().json["status"], "draft");
}

#[test]
fn what_people_read_of_the_rules_is_not_empty() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let round = draft_with(&admin, &fund, |round| {
        let rules = &mut round["rules"];
        rules["gateways"] = json!([{"key": "g", "question": " ", "required_answer": true}]);
        rules["declarations"] =
            json!([{"key": "d", "statement": "It is."}, {"key": "e", "statement": "x".repeat(2_001)}]);
        rules["themes"] = json!([{"key": "t", "title": ""}]);
        rules["pots"][0]["name"] = json!("Lanca\nshire");
    });
    let answer = open(&admin, &round);
    let expected = [
        "/rules/themes/0/title",
        "/rules/gateways/0/question",
        "/rules/declarations/1/statement",
        "/rules/pots/0/name",
    ];
    assert_eq!(answer.pointers(), expected);
    assert_eq!(answer.json["errors"][1]["detail"], "give the question 1 to 500 characters");
    assert_eq!(answer.json["errors"][3]["detail"], "remove line breaks and control characters");
}

#[test]
fn a_deadline_that_is_now_is_not_in_the_future() {
    let app = App::start();
    let admin = app.admin();
    let round = draft(&admin);
    app.set_time(DEADLINE);
    assert_eq!(open(&admin, &round).is(422).pointers(), ["/deadline"]);
    app.set_time("2026-09-30T10:59:59.999999Z");
    open(&admin, &round).ok();
}

#[test]
fn more_criteria_than_can_be_combined_exactly_are_refused() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let round = draft_with(&admin, &fund, |round| {
        let criterion = round["rules"]["criteria"][1].clone();
        let criteria = (0..14).map(|place| {
            let mut criterion = criterion.clone();
            criterion["key"] = json!(format!("c{place}"));
            criterion["weight"] = json!(if place == 0 { 9 } else { 7 });
            criterion
        });
        round["rules"]["criteria"] = criteria.collect();
    });
    assert_eq!(open(&admin, &round).pointers(), ["/rules/criteria"]);
}

#[test]
fn round_opens_once_and_its_rules_then_stand() {
    let app = App::start();
    let admin = app.admin();
    let round = draft(&admin);
    let opened = open(&admin, &round).ok();
    assert_eq!(opened.json["status"], "open");
    assert_eq!(opened.json["opened_at"], crate::support::START);
    open(&admin, &round).refused(409, "wrong-state");
    admin.put(&path(&round), &opened.etag(), &update_of(&round)).refused(409, "wrong-state");
    assert_eq!(actions(&admin, round["id"].as_str().unwrap()), ["round.created", "round.opened"]);
}

#[test]
fn draft_round_is_changed_only_as_it_was_read() {
    let app = App::start();
    let admin = app.admin();
    let round = draft(&admin);
    let tag = admin.get(&path(&round)).ok().etag();
    let mut body = update_of(&round);
    body["name"] = json!("Round one");
    admin.send("PUT", &path(&round), &[], Some(body.to_string())).refused(428, "precondition-required");
    assert_eq!(admin.put(&path(&round), &tag, &body).ok().json["name"], "Round one");
    admin.put(&path(&round), &tag, &body).refused(412, "stale");
    body["surprise"] = json!(1);
    admin.put(&path(&round), &tag, &body).refused(422, "invalid");
}

#[test]
fn extension_is_later_never_past_and_has_a_reason() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let extend = |deadline: &str, reason: &str| {
        admin.post(&format!("{}/extend", path(&round)), &json!({"deadline": deadline, "reason": reason}))
    };
    assert_eq!(extend(DEADLINE, " ").is(422).pointers(), ["/reason", "/deadline"]);
    assert_eq!(extend("2026-08-31T11:00:00Z", "why").is(422).pointers(), ["/deadline"]);
    assert_eq!(extend("2026-11-30T11:00:00Z", "why").is(422).pointers(), ["/assessments_due_at"]);
    let extended = extend("2026-10-02T11:00:00Z", "The service was down.").ok();
    assert_eq!(extended.json["deadline"], "2026-10-02T11:00:00Z");
    let events = admin.get(&format!("/audit?subject_id={}", round["id"].as_str().unwrap())).ok().json;
    assert_eq!(events["items"][2]["action"], "round.extended");
    assert_eq!(events["items"][2]["detail"]["reason"], "The service was down.");
}

#[test]
fn only_an_open_round_is_extended() {
    let app = App::start();
    let admin = app.admin();
    let round = draft(&admin);
    let body = json!({"deadline": "2026-10-02T11:00:00Z", "reason": "why"});
    admin.post(&format!("{}/extend", path(&round)), &body).refused(409, "wrong-state");
}

#[test]
fn cancelled_round_stays_cancelled() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let cancel = |reason: &str| admin.post(&format!("{}/cancel", path(&round)), &json!({"reason": reason}));
    assert_eq!(cancel("").is(422).pointers(), ["/reason"]);
    assert_eq!(cancel("No money.").ok().json["status"], "cancelled");
    cancel("No money.").refused(409, "wrong-state");
    open(&admin, &round).refused(409, "wrong-state");
}

#[test]
fn copy_is_a_new_draft_with_the_same_rules() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let copy =
        admin.post(&format!("{}/copy", path(&round)), &json!({"code": "FT2", "name": "Round 2"})).created();
    assert_eq!(copy["rules"], round["rules"]);
    assert_eq!((copy["status"].as_str(), &copy["copied_from"]), (Some("draft"), &round["id"]));
    assert_eq!(copy["deadline"], Value::Null);
}

#[test]
fn round_opens_by_itself_when_its_time_has_come() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let round = draft_with(&admin, &fund, |round| round["opens_at"] = json!("2026-09-02T08:00:00Z"));
    assert_eq!(app.run(fasttrack::rounds::ops::open_due(&app.platform)).unwrap(), 0);
    app.set_time("2026-09-02T08:00:00Z");
    assert_eq!(app.run(fasttrack::rounds::ops::open_due(&app.platform)).unwrap(), 1);
    assert_eq!(app.run(fasttrack::rounds::ops::open_due(&app.platform)).unwrap(), 0);
    assert_eq!(admin.get(&path(&round)).ok().json["status"], "open");
}

#[test]
fn incomplete_round_does_not_open_by_itself_and_the_refusal_is_recorded_once() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let round = draft_with(&admin, &fund, |round| {
        round["opens_at"] = json!("2026-09-02T08:00:00Z");
        round["rules"]["criteria"] = json!([]);
    });
    app.set_time("2026-09-02T09:00:00Z");
    for _ in 0..3 {
        assert_eq!(app.run(fasttrack::rounds::ops::open_due(&app.platform)).unwrap(), 0);
    }
    assert_eq!(admin.get(&path(&round)).ok().json["status"], "draft");
    assert_eq!(actions(&admin, round["id"].as_str().unwrap()), ["round.created", "round.opening_refused"]);
}

#[test]
fn open_rounds_past_their_deadline_are_found_for_the_scheduler() {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let past = |now: &'static str| {
        let found =
            app.run(app.platform.db.read(move |conn| fasttrack::rounds::ops::past_deadline(conn, at(now))));
        found.unwrap().iter().map(|round| json!(round.id)).collect::<Vec<_>>()
    };
    assert_eq!(past(DEADLINE), Vec::<Value>::new());
    assert_eq!(past("2026-09-30T11:00:00.000001Z"), [round["id"].clone()]);
}

#[test]
fn pool_holds_assessors_with_sound_capacities_only() {
    tracing_subscriber::fmt().try_init().ok();
    let app = App::start();
    let admin = app.admin();
    let round = draft(&admin);
    let at = format!("{}/assessors", path(&round));
    let ada = app.assessor(&admin, "Ada", &[BURNLEY]);
    let tag = admin.get(&at).ok().etag();
    let wrong = json!({"assessors": [
        {"assessor_id": ada.id(), "capacity": 1001},
        {"assessor_id": ada.id(), "capacity": 2, "minimum": 3},
        {"assessor_id": admin.id(), "capacity": 2},
    ]});
    let answer = admin.put(&at, &tag, &wrong).is(422);
    let expected = [
        "/assessors/0/capacity",
        "/assessors/1/minimum",
        "/assessors/1/assessor_id",
        "/assessors/2/assessor_id",
    ];
    assert_eq!(answer.pointers(), expected);

    let right = json!({"assessors": [{"assessor_id": ada.id(), "capacity": 6, "minimum": 1}]});
    assert_eq!(admin.put(&at, &tag, &right).ok().json, right);
    admin.put(&at, &tag, &right).refused(412, "stale");
    let tag = admin.get(&at).ok().etag();
    assert_eq!(admin.put(&at, &tag, &json!({"assessors": []})).ok().json, json!({"assessors": []}));
}

#[test]
fn rounds_are_seen_by_those_they_concern() {
    let app = App::start();
    let admin = app.admin();
    let (drafted, opened) = (draft(&admin), open_round(&admin));
    let (member, auditor) = (app.provider("Calder"), app.auditor(&admin));
    let (ada, ben) = (app.assessor(&admin, "Ada", &[BURNLEY]), app.assessor(&admin, "Ben", &[BURNLEY]));
    for round in [&drafted, &opened] {
        let at = format!("{}/assessors", path(round));
        let tag = admin.get(&at).ok().etag();
        admin.put(&at, &tag, &json!({"assessors": [{"assessor_id": ada.id(), "capacity": 1}]})).ok();
    }
    let listed = |who: &Client, path: &str| -> Vec<Value> {
        let items = who.get(path).ok().json["items"].as_array().cloned().unwrap();
        items.into_iter().map(|item| item["id"].clone()).collect()
    };
    let (d, o) = (drafted["id"].clone(), opened["id"].clone());
    let funds = [drafted["fund_id"].clone(), opened["fund_id"].clone()];
    let all = [&d, &o].map(Clone::clone);
    for (who, sees, sees_funds) in [
        (&admin, &all[..], &funds[..]),
        (&auditor, &all[..], &funds[..]),
        (&member, &all[1..], &funds[1..]),
        (&ada, &all[1..], &funds[1..]),
        (&ben, &[], &[]),
    ] {
        assert_eq!(listed(who, "/rounds"), sees);
        assert_eq!(listed(who, "/funds"), sees_funds);
        for round in [&drafted, &opened] {
            let status = if sees.contains(&round["id"]) { 200 } else { 404 };
            who.get(&path(round)).is(status);
            who.get(&format!("/funds/{}", round["fund_id"].as_str().unwrap())).is(status);
        }
    }
    assert_eq!(listed(&admin, "/rounds?status=draft"), [d]);
    assert_eq!(listed(&admin, &format!("/rounds?fund_id={}", funds[1].as_str().unwrap())), [o]);
    admin.get("/rounds?status=ajar").refused(422, "invalid");
}

#[test]
fn lists_go_on_where_the_page_before_ended() {
    let app = App::start();
    let admin = app.admin();
    let fund = make_fund(&admin);
    let made: Vec<Value> = (0..5).map(|_| draft_with(&admin, &fund, |_| {})["id"].clone()).collect();
    let mut seen = Vec::new();
    let mut next = "/rounds?limit=2".to_owned();
    loop {
        let page = admin.get(&next).ok();
        seen.extend(page.json["items"].as_array().unwrap().iter().map(|round| round["id"].clone()));
        let link = page.header("link");
        let Some((path, _)) = link.strip_prefix('<').and_then(|link| link.split_once('>')) else { break };
        next = path.to_owned();
    }
    assert_eq!(seen, made);
}

#[test]
fn same_key_sent_twice_at_once_creates_once() {
    let app = App::start();
    let admin = app.admin();
    let fund = json!({"name": "Once", "description": "", "currency": "GBP", "areas": ["E47000001"]});
    let ids: Vec<_> = std::thread::scope(|scope| {
        let send = || scope.spawn(|| admin.post_once("/funds", "one-key", &fund).created()["id"].clone());
        let sent: Vec<_> = (0..4).map(|_| send()).collect();
        sent.into_iter().map(|answer| answer.join().expect("an answer")).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(admin.get("/funds").ok().json["items"].as_array().expect("funds").len(), 1);
}
