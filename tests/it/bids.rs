//! What a bid must hold, what may happen to it when, who sees it.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::rounds::{BURNLEY, DEADLINE, MANCHESTER, PENDLE, draft, open_round, path};
use crate::support::{Answer, App, Client};

/// A complete bid.
pub fn content() -> Value {
    json!({
        "title": "Digital skills for advanced manufacturing",
        "summary": "Sixty people into software jobs.",
        "areas": [BURNLEY, PENDLE],
        "lead_contact": {"name": "Priya Example", "email": "priya@calder.example.org"},
        "partners": [{"name": "Pennine Software", "registered_number": "PS-000002"}],
        "amount_requested_pence": 15_000_000,
        "match_funding_pence": 0,
        "planned_learners": 60,
        "starts_on": "2027-01-11",
        "ends_on": "2027-12-17",
        "answers": {"need": "Employers report forty vacancies.", "delivery": "Twelve weeks each."},
        "gateway_answers": {"registered": true},
        "declarations": ["accurate"],
    })
}

pub fn changed(change: impl FnOnce(&mut Value)) -> Value {
    let mut content = content();
    change(&mut content);
    content
}

pub fn at(bid: &Value) -> String {
    format!("/bids/{}", bid["id"].as_str().expect("an id"))
}

pub fn start(member: &Client, round: &Value, content: &Value) -> Answer {
    member.post(&format!("{}/bids", path(round)), content)
}

pub fn submit(member: &Client, bid: &Value) -> Answer {
    member.post(&format!("{}/submit", at(bid)), &json!({}))
}

fn revise(member: &Client, bid: &Value, content: &Value) -> Answer {
    let tag = member.get(&at(bid)).ok().etag();
    member.put(&at(bid), &tag, content)
}

fn withdraw(member: &Client, bid: &Value) -> Answer {
    member.post(&format!("{}/withdraw", at(bid)), &json!({}))
}

pub fn submitted(member: &Client, round: &Value) -> Value {
    let bid = start(member, round, &content()).created();
    submit(member, &bid).created()
}

/// (kind, recipient) of the emails that were promised about a bid.
fn emails(app: &App, bid: &Value) -> Vec<(String, String)> {
    use diesel::prelude::*;
    use fasttrack::db::schema::emails;
    let id: fasttrack::id::BidId = serde_json::from_value(bid["id"].clone()).unwrap();
    let found = app.run(app.platform.db.read(move |conn| {
        Ok(emails::table
            .filter(emails::bid_id.eq(id))
            .order((emails::kind, emails::recipient))
            .select((emails::kind, emails::recipient))
            .load(conn)?)
    }));
    found.unwrap()
}

struct Scene {
    app: App,
    admin: Client,
    member: Client,
    round: Value,
}

fn scene() -> Scene {
    let app = App::start();
    let admin = app.admin();
    let round = open_round(&admin);
    let member = app.provider("Calder Skills Trust");
    Scene { app, admin, member, round }
}

#[test]
fn draft_may_be_incomplete_and_has_a_reference_a_location_and_an_etag() {
    let Scene { app: _app, member, round, .. } = scene();
    let answer = start(&member, &round, &json!({})).is(201);
    let bid = answer.json.clone();
    assert_eq!(answer.header("location"), format!("/api/v1{}", at(&bid)));
    assert_eq!(answer.etag(), member.get(&at(&bid)).ok().etag());
    assert_eq!(bid["status"], "draft");
    assert_eq!(bid["organisation_id"], member.organisation());
    let reference = bid["reference"].as_str().unwrap();
    let (code, rest) = reference.split_once('-').unwrap();
    assert_eq!((code, rest.len()), (round["code"].as_str().unwrap(), "7K3M-9Q".len()));
}

#[test]
fn everything_that_is_missing_comes_back_at_once_with_pointers() {
    let Scene { app: _app, member, round, .. } = scene();
    let bid = start(&member, &round, &json!({})).created();
    let answer = submit(&member, &bid);
    let expected = [
        "/title",
        "/summary",
        "/areas",
        "/lead_contact",
        "/amount_requested_pence",
        "/match_funding_pence",
        "/planned_learners",
        "/starts_on",
        "/ends_on",
        "/answers/need",
        "/answers/delivery",
        "/gateway_answers/registered",
        "/declarations",
    ];
    assert_eq!(answer.pointers(), expected);
    answer.refused(422, "invalid");
    assert_eq!(member.get(&at(&bid)).ok().json["status"], "draft");
}

#[test]
fn each_rule_of_a_complete_bid_names_its_field() {
    let Scene { app: _app, member, round, .. } = scene();
    let own_number =
        member.get(&format!("/organisations/{}", member.organisation())).ok().json["registered_number"]
            .clone();
    let bid = start(&member, &round, &json!({})).created();
    let cases: Vec<(&str, &str, Value)> = vec![
        ("/title", "/title", json!("  ")),
        ("/areas/0", "/areas", json!(["E12000002"])),
        ("/lead_contact/name", "/lead_contact/name", json!(" ")),
        ("/lead_contact/email", "/lead_contact/email", json!("nobody")),
        ("/partners/0/name", "/partners/0/name", json!("")),
        ("/partners/0/registered_number", "/partners/0/registered_number", json!("--")),
        ("/partners/0/registered_number", "/partners/0/registered_number", own_number),
        (
            "/partners/1/registered_number",
            "/partners",
            json!([
            {"name": "A", "registered_number": "ps 000002"}, {"name": "B", "registered_number": "PS000002"}]),
        ),
        ("/amount_requested_pence", "/amount_requested_pence", json!(0)),
        ("/amount_requested_pence", "/amount_requested_pence", json!(18_000_001)),
        ("/match_funding_pence", "/match_funding_pence", Value::Null),
        ("/planned_learners", "/planned_learners", json!(0)),
        ("/starts_on", "/starts_on", json!("2026-09-30")),
        ("/ends_on", "/ends_on", json!("2027-01-11")),
        ("/answers/need", "/answers/need", json!("word ".repeat(51))),
        ("/answers/need", "/answers/need", json!("\u{2003}\u{a0}\n")),
    ];
    for (pointer, field, value) in cases {
        let content = changed(|content| *content.pointer_mut(field).unwrap() = value.clone());
        revise(&member, &bid, &content).ok();
        let answer = submit(&member, &bid).is(422);
        assert_eq!(answer.pointers(), [pointer], "{field} = {value}");
    }
    revise(&member, &bid, &changed(|content| content["answers"]["need"] = json!("word\u{2003}".repeat(50))))
        .ok();
    submit(&member, &bid).created();
}

#[test]
fn nothing_absurd_is_stored_even_in_a_draft() {
    let Scene { app: _app, member, round, .. } = scene();
    let cases: Vec<(&str, &str, Value)> = vec![
        ("/title", "title", json!("x".repeat(201))),
        ("/title", "title", json!("one\r\nBcc: everyone@example.org")),
        ("/summary", "summary", json!("x".repeat(5_001))),
        ("/areas/0", "areas", json!(["nowhere"])),
        ("/areas/0", "areas", json!(["lancashire-lep"])),
        ("/areas/1", "areas", json!([BURNLEY, BURNLEY])),
        (
            "/lead_contact/email",
            "lead_contact",
            json!({"name": "A", "email": "a@example.org\nBcc: b@example.org"}),
        ),
        ("/lead_contact", "lead_contact", json!({"name": "A", "emial": "a@example.org"})),
        ("/partners", "partners", json!(vec![json!({"name": "A", "registered_number": "1"}); 31])),
        ("/amount_requested_pence", "amount_requested_pence", json!(-1)),
        ("/amount_requested_pence", "amount_requested_pence", json!(i64::MAX)),
        ("/amount_requested_pence", "amount_requested_pence", json!(1.5)),
        ("/planned_learners", "planned_learners", json!(-1)),
        ("/starts_on", "starts_on", json!("2027-02-30")),
        ("/ends_on", "ends_on", json!("1999-12-31")),
        ("/answers/unknown", "answers", json!({"unknown": "x"})),
        ("/answers/need", "answers", json!({"need": "x".repeat(60_001)})),
        ("/answers/a~1b", "answers", json!({"a/b": "x"})),
        ("/gateway_answers/unknown", "gateway_answers", json!({"unknown": true})),
        ("/declarations/0", "declarations", json!(["unknown"])),
        ("/title", "title", json!("a\0b")),
    ];
    for (pointer, field, value) in cases {
        let content = changed(|content| content[field] = value.clone());
        let answer = start(&member, &round, &content).is(422);
        let found = answer.pointers();
        assert!(found.len() == 1 && found[0].starts_with(pointer), "{field}: {found:?}, not {pointer}");
    }
    let answer = start(&member, &round, &changed(|content| content["surprise"] = json!(1)));
    answer.refused(422, "invalid");
}

#[test]
fn text_of_every_script_comes_back_as_it_was_sent() {
    let Scene { app: _app, member, round, .. } = scene();
    let words =
        "Łódź \u{202e}עברית\u{202c} 日本語 👩🏽‍💻 e\u{301} \"quoted\" <b>&amp; \\n '; DROP TABLE bids; --";
    let content = changed(|content| {
        content["title"] = json!(words);
        content["answers"]["need"] = json!(format!("{words}\n\ttwo lines"));
    });
    let bid = start(&member, &round, &content).created();
    submit(&member, &bid).created();
    let read = member.get(&format!("{}/versions/1", at(&bid))).ok().json;
    assert_eq!(read["content"], content);
}

#[test]
fn hundred_kilobytes_of_answers_are_taken() {
    let Scene { app: _app, member, round, .. } = scene();
    let long = "word ".repeat(50);
    // 5,000 words of 11 letters, two bytes each.
    let longer = format!("{} ", "ż".repeat(11)).repeat(5_000);
    let content = changed(|content| {
        content["answers"]["need"] = json!(long);
        content["answers"]["delivery"] = json!(longer);
    });
    assert!(content.to_string().len() > 100_000);
    let bid = start(&member, &round, &content).created();
    assert_eq!(submit(&member, &bid).created()["content"], content);
}

#[test]
fn submitting_keeps_the_version_and_sends_a_receipt() {
    let Scene { app, member, round, .. } = scene();
    let bid = start(&member, &round, &content()).created();
    let answer = submit(&member, &bid).is(201);
    assert_eq!(answer.header("location"), format!("/api/v1{}/versions/1", at(&bid)));
    assert_eq!(answer.etag(), member.get(&at(&bid)).ok().etag());
    let standing = &answer.json;
    assert_eq!(
        (standing["status"].as_str(), standing["submitted_number"].as_u64()),
        (Some("submitted"), Some(1))
    );
    assert_eq!(standing["has_unsubmitted_changes"], false);
    let version = member.get(&format!("{}/versions/1", at(&bid))).ok().json;
    assert_eq!(version["content"], content());
    assert_eq!(version["content_sha256"].as_str().unwrap().len(), 64);
    assert_eq!(version["submitted_by"], format!("user:{}", member.id()));
    let mut to = vec![
        ("bid_received".to_owned(), "priya@calder.example.org".to_owned()),
        ("bid_received".to_owned(), member.user["email"].as_str().unwrap().to_owned()),
    ];
    to.sort();
    assert_eq!(emails(&app, &bid), to);
}

#[test]
fn lead_contact_who_submits_gets_one_receipt() {
    let Scene { app, member, round, .. } = scene();
    let own = member.user["email"].as_str().unwrap().to_uppercase();
    let bid =
        start(&member, &round, &changed(|content| content["lead_contact"]["email"] = json!(own))).created();
    submit(&member, &bid).created();
    assert_eq!(emails(&app, &bid).len(), 1);
}

#[test]
fn what_was_submitted_stands_until_it_is_submitted_again() {
    let Scene { app, member, round, .. } = scene();
    let bid = submitted(&member, &round);
    submit(&member, &bid).refused(409, "wrong-state");
    let second = changed(|content| content["title"] = json!("A better title"));
    let revised = revise(&member, &bid, &second).ok().json;
    assert_eq!(
        (revised["status"].as_str(), revised["has_unsubmitted_changes"].as_bool()),
        (Some("submitted"), Some(true))
    );
    let received = |app: &App| {
        let id = serde_json::from_value(bid["id"].clone()).unwrap();
        app.run(app.platform.db.read(move |conn| fasttrack::bids::ops::received(conn, id))).unwrap()
    };
    assert_eq!(received(&app).content.title, content()["title"].as_str().unwrap());
    // Back to what stands: nothing is left to submit.
    assert_eq!(revise(&member, &bid, &content()).ok().json["has_unsubmitted_changes"], false);
    revise(&member, &bid, &second).ok();
    assert_eq!(submit(&member, &bid).created()["submitted_number"], 2);
    assert_eq!((received(&app).number, received(&app).content.title.as_str()), (2, "A better title"));
    let versions = member.get(&format!("{}/versions?limit=1", at(&bid))).ok();
    assert_eq!(versions.json["items"][0]["number"], 1);
    let cursor = versions.json["next_cursor"].as_str().unwrap().to_owned();
    let rest = member.get(&format!("{}/versions?cursor={cursor}", at(&bid))).ok().json;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(rest["items"][0]["number"], 2);
    assert_eq!(member.get(&format!("{}/versions/1", at(&bid))).ok().json["content"], content());
    member.get(&format!("{}/versions/3", at(&bid))).refused(404, "not-found");
    member.get(&format!("{}/versions/-1", at(&bid))).refused(404, "not-found");
}

#[test]
fn withdrawn_bid_may_be_submitted_again() {
    let Scene { app, member, round, .. } = scene();
    let bid = start(&member, &round, &content()).created();
    withdraw(&member, &bid).refused(409, "wrong-state");
    submit(&member, &bid).created();
    assert_eq!(withdraw(&member, &bid).ok().json["status"], "withdrawn");
    withdraw(&member, &bid).refused(409, "wrong-state");
    assert_eq!(emails(&app, &bid).iter().filter(|(kind, _)| kind == "bid_withdrawn").count(), 2);
    let again = submit(&member, &bid).created();
    assert_eq!((again["status"].as_str(), again["submitted_number"].as_u64()), (Some("submitted"), Some(2)));
    assert_eq!(again["withdrawn_at"], Value::Null);
}

#[test]
fn same_key_and_body_submit_once_and_give_the_same_answer() {
    let Scene { app: _app, member, round, .. } = scene();
    let begin =
        |key: &str, content: &Value| member.post_once(&format!("{}/bids", path(&round)), key, content);
    let first = begin("a", &content()).created();
    assert_eq!(begin("a", &content()).created(), first);
    begin("a", &json!({})).refused(422, "idempotency-key-reused");
    let submit = |key: &str| member.post_once(&format!("{}/submit", at(&first)), key, &json!({}));
    let receipt = submit("b").is(201);
    let again = submit("b").is(201);
    assert_eq!((receipt.json.clone(), receipt.etag()), (again.json.clone(), again.etag()));
    assert_eq!(receipt.header("location"), again.header("location"));
    submit("c").refused(409, "wrong-state");
    let items = member.get("/bids").ok().json["items"].as_array().unwrap().len();
    assert_eq!(items, 1);
}

#[test]
fn one_key_of_two_callers_is_two_keys() {
    let Scene { app, member, round, .. } = scene();
    let other = app.provider("Ribble Training");
    let begin = |who: &Client| who.post_once(&format!("{}/bids", path(&round)), "same", &content()).created();
    assert_ne!(begin(&member)["id"], begin(&other)["id"]);
}

#[test]
fn bid_is_revised_only_as_it_was_read() {
    let Scene { app: _app, member, round, .. } = scene();
    let bid = start(&member, &round, &content()).created();
    let tag = member.get(&at(&bid)).ok().etag();
    member.send("PUT", &at(&bid), &[], Some(content().to_string())).refused(428, "precondition-required");
    member.put(&at(&bid), &tag, &content()).ok();
    member.put(&at(&bid), &tag, &content()).refused(412, "stale");
    member.put(&at(&bid), "\"nonsense\"", &content()).refused(412, "stale");
}

#[test]
fn wrong_gateway_answer_makes_the_bid_ineligible_until_it_is_put_right() {
    let Scene { app: _app, admin, member, round } = scene();
    let wrong = changed(|content| content["gateway_answers"]["registered"] = json!(false));
    let bid = start(&member, &round, &wrong).created();
    let taken = submit(&member, &bid).created();
    assert_eq!(taken["eligibility"], "ineligible");
    let reason = taken["eligibility_reason"].as_str().unwrap();
    assert!(reason.contains("Is the lead registered in the United Kingdom?"), "{reason}");
    revise(&member, &bid, &content()).ok();
    assert_eq!(submit(&member, &bid).created()["eligibility"], "unchecked");

    let decide = |eligible: bool| {
        admin.post(
            &format!("{}/eligibility", at(&bid)),
            &json!({"eligible": eligible, "reason": "We looked it up."}),
        )
    };
    assert_eq!(decide(false).ok().json["eligibility"], "ineligible");
    revise(&member, &bid, &changed(|content| content["title"] = json!("Another"))).ok();
    submit(&member, &bid).created();
    assert_eq!(admin.get(&at(&bid)).ok().json["eligibility"], "ineligible");
    assert_eq!(decide(true).ok().json["eligibility"], "eligible");
    revise(&member, &bid, &wrong).ok();
    assert_eq!(submit(&member, &bid).created()["eligibility"], "ineligible");
}

#[test]
fn a_decision_on_eligibility_is_not_told_before_the_round_is_closed() {
    let Scene { app: _app, admin, member, round } = scene();
    let bid = submitted(&member, &round);
    let decision = json!({"eligible": false, "reason": "The lead was dissolved."});
    admin.post(&format!("{}/eligibility", at(&bid)), &decision).ok();
    let told = |answer: &Value| {
        assert_eq!(answer["eligibility"], "unchecked", "{answer}");
        assert!(!answer.to_string().contains("dissolved"), "{answer}");
    };
    told(&member.get(&at(&bid)).ok().json);
    told(&member.get(&format!("{}/bids", path(&round))).ok().json["items"][0]);
    told(&member.get("/bids").ok().json["items"][0]);
    told(&revise(&member, &bid, &changed(|content| content["title"] = json!("Another"))).ok().json);
    told(&submit(&member, &bid).created());
    told(&member.post(&format!("{}/withdraw", at(&bid)), &json!({})).ok().json);
    // Nor by asking whether it is in a list.
    let asked = member.get("/bids?eligibility=ineligible").is(422);
    assert_eq!(asked.pointers(), ["?eligibility"]);
    assert_eq!(admin.get(&at(&bid)).ok().json["eligibility_reason"], "The lead was dissolved.");
}

#[test]
fn eligibility_is_decided_of_submitted_bids_with_a_reason() {
    let Scene { app: _app, admin, member, round } = scene();
    let bid = start(&member, &round, &content()).created();
    let decide = |reason: &str| {
        admin.post(&format!("{}/eligibility", at(&bid)), &json!({"eligible": false, "reason": reason}))
    };
    decide("why").refused(409, "wrong-state");
    submit(&member, &bid).created();
    assert_eq!(decide(" ").is(422).pointers(), ["/reason"]);
    decide("why").ok();
    let events = admin
        .get(&format!("/audit?action=bid.eligibility_decided&subject_id={}", bid["id"].as_str().unwrap()));
    assert_eq!(events.ok().json["items"][0]["detail"]["reason"], "why");
}

#[test]
fn another_organisations_bid_is_not_there() {
    let Scene { app, admin, member, round } = scene();
    let bid = submitted(&member, &round);
    let (other, auditor) = (app.provider("Ribble Training"), app.auditor(&admin));
    let assessor = app.assessor(&admin, "Ada", &[BURNLEY]);
    for path in [at(&bid), format!("{}/versions", at(&bid)), format!("{}/versions/1", at(&bid))] {
        other.get(&path).refused(404, "not-found");
        assessor.get(&path).refused(404, "not-found");
        admin.get(&path).ok();
        auditor.get(&path).ok();
    }
    let tag = member.get(&at(&bid)).ok().etag();
    other.put(&at(&bid), &tag, &content()).refused(404, "not-found");
    submit(&other, &bid).refused(404, "not-found");
    withdraw(&other, &bid).refused(404, "not-found");
    admin.put(&at(&bid), &tag, &content()).refused(403, "forbidden");
    assert_eq!(other.get("/bids").ok().json["items"], json!([]));
    assert_eq!(other.get(&format!("{}/bids", path(&round))).ok().json["items"], json!([]));
    assert_eq!(auditor.get("/bids").ok().json["items"].as_array().unwrap().len(), 1);
    assessor.get("/bids").refused(404, "not-found");
}

#[test]
fn draft_round_takes_no_bids_and_is_not_there() {
    let Scene { app: _app, admin, member, .. } = scene();
    let round = draft(&admin);
    start(&member, &round, &content()).refused(404, "not-found");
    member.get(&format!("{}/bids", path(&round))).refused(404, "not-found");
    let cancelled = open_round(&admin);
    let bid = start(&member, &cancelled, &content()).created();
    admin.post(&format!("{}/cancel", path(&cancelled)), &json!({"reason": "No money."})).ok();
    submit(&member, &bid).refused(409, "wrong-state");
    start(&member, &cancelled, &content()).refused(409, "wrong-state");
    // Who bid in it still sees it.
    assert_eq!(member.get(&path(&cancelled)).ok().json["status"], "cancelled");
}

#[test]
fn bidders_are_told_of_an_extension_and_of_a_cancellation() {
    let Scene { app, admin, member, round } = scene();
    let drafted =
        start(&member, &round, &changed(|content| content["lead_contact"]["email"] = json!("not yet")))
            .created();
    let bid = submitted(&member, &round);
    let body = json!({"deadline": "2026-10-02T11:00:00Z", "reason": "The service was down."});
    admin.post(&format!("{}/extend", path(&round)), &body).ok();
    admin.post(&format!("{}/cancel", path(&round)), &json!({"reason": "No money."})).ok();
    let kinds = |bid: &Value| emails(&app, bid).into_iter().map(|(kind, _)| kind).collect::<Vec<_>>();
    assert_eq!(kinds(&drafted), ["deadline_extended", "round_cancelled"]);
    let all = [
        "bid_received",
        "bid_received",
        "deadline_extended",
        "deadline_extended",
        "round_cancelled",
        "round_cancelled",
    ];
    assert_eq!(kinds(&bid), all);
}

#[test]
fn lists_are_filtered_by_status_area_and_words() {
    let Scene { app, admin, member, round } = scene();
    let burnley = submitted(&member, &round);
    let other = app.provider("Ribble Training");
    let manchester = changed(|content| {
        content["areas"] = json!([MANCHESTER]);
        content["title"] = json!("100% Manchester_Skills");
    });
    let manchester = start(&other, &round, &manchester).created();
    let listed = |query: &str| -> Vec<Value> {
        let page = admin.get(&format!("{}/bids?{query}", path(&round))).ok().json;
        page["items"].as_array().unwrap().iter().map(|bid| bid["id"].clone()).collect()
    };
    let (b, m) = (burnley["id"].clone(), manchester["id"].clone());
    assert_eq!(listed(""), [b.clone(), m.clone()]);
    assert_eq!(listed("status=submitted"), [json!(b)]);
    assert_eq!(listed("eligibility=unchecked"), [b.clone(), m.clone()]);
    assert_eq!(listed("area=lancashire-lep"), [json!(b)]);
    assert_eq!(listed(&format!("area={PENDLE}")), [json!(b)]);
    assert_eq!(listed("area=E47000001"), [json!(m)]);
    assert_eq!(listed("area=E12000002"), [b.clone(), m.clone()]);
    assert_eq!(listed("q=manchester_skills"), [json!(m)]);
    assert_eq!(listed("q=100%25"), [json!(m)]);
    assert_eq!(listed("q=%25"), [json!(m)]);
    assert_eq!(listed("q=a_v"), Vec::<Value>::new());
    assert_eq!(listed(&format!("q={}", burnley["reference"].as_str().unwrap().to_lowercase())), [b]);
    admin.get(&format!("{}/bids?area=nowhere", path(&round))).refused(422, "invalid");
    let row = admin.get("/bids?q=100%25").ok().json["items"][0].clone();
    assert_eq!(
        (row["organisation_name"].as_str(), &row["areas"]),
        (Some("Ribble Training"), &json!([MANCHESTER]))
    );
    assert_eq!(row["amount_requested_pence"], 15_000_000);
}

#[test]
fn received_bids_are_those_that_were_submitted() {
    let Scene { app, member, round, .. } = scene();
    start(&member, &round, &content()).created();
    let stands = submitted(&member, &round);
    let gone = submitted(&member, &round);
    withdraw(&member, &gone).ok();
    let id = serde_json::from_value(round["id"].clone()).unwrap();
    let received =
        app.run(app.platform.db.read(move |conn| fasttrack::bids::ops::received_in(conn, id))).unwrap();
    let found: Vec<(Value, &str, bool)> = received
        .iter()
        .map(|bid| (json!(bid.id), bid.organisation_name.as_str(), bid.is_assessed()))
        .collect();
    let name = "Calder Skills Trust";
    assert_eq!(found, [(stands["id"].clone(), name, true), (gone["id"].clone(), name, false)]);
}

// The whole life of a bid, against a model -----------------------------------------------------

#[derive(Debug, Clone, Copy)]
enum Act {
    /// To a content with this number in its title.
    Revise(u8),
    /// To a content that cannot be submitted.
    Spoil,
    Submit,
    Withdraw,
    PassDeadline,
}

/// What should be, in the fewest words.
#[derive(Debug, Default)]
struct Model {
    status: &'static str,
    /// `None`: it cannot be submitted.
    working: Option<u8>,
    versions: Vec<u8>,
    late: bool,
}

impl Model {
    fn expect(&mut self, act: Act) -> u16 {
        if self.late {
            return if matches!(act, Act::PassDeadline) { 0 } else { 409 };
        }
        match act {
            Act::PassDeadline => {
                self.late = true;
                0
            }
            Act::Revise(number) => {
                self.working = Some(number);
                200
            }
            Act::Spoil => {
                self.working = None;
                200
            }
            Act::Submit => match self.working {
                Some(number) if self.status == "submitted" && self.versions.last() == Some(&number) => 409,
                None => 422,
                Some(number) => {
                    self.versions.push(number);
                    self.status = "submitted";
                    201
                }
            },
            Act::Withdraw if self.status == "submitted" => {
                self.status = "withdrawn";
                200
            }
            Act::Withdraw => 409,
        }
    }
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (0..3_u8).prop_map(Act::Revise),
        1 => Just(Act::Spoil),
        5 => Just(Act::Submit),
        3 => Just(Act::Withdraw),
        1 => Just(Act::PassDeadline),
    ]
}

#[test]
fn any_sequence_of_acts_leaves_the_bid_where_the_rules_say() {
    let Scene { app, member, round, .. } = scene();
    let titled = |number: u8| changed(|content| content["title"] = json!(format!("Title {number}")));
    let mut runner =
        proptest::test_runner::TestRunner::new(ProptestConfig { cases: 24, ..ProptestConfig::default() });
    let sequences = proptest::collection::vec(act(), 1..14);
    let outcome = runner.run(&sequences, |acts| {
        app.set_time(crate::support::START);
        let bid = start(&member, &round, &titled(0)).created();
        let mut model = Model { status: "draft", working: Some(0), ..Model::default() };
        for act in acts {
            let expected = model.expect(act);
            let status = match act {
                Act::Revise(number) => revise(&member, &bid, &titled(number)).status,
                Act::Spoil => revise(&member, &bid, &changed(|content| content["title"] = json!(""))).status,
                Act::Submit => submit(&member, &bid).status,
                Act::Withdraw => withdraw(&member, &bid).status,
                Act::PassDeadline => {
                    app.set_time("2026-09-30T11:00:00.000001Z");
                    0
                }
            };
            prop_assert_eq!(status, expected, "{:?} of {:?}", act, model);
            let read = member.get(&at(&bid)).json;
            prop_assert_eq!(read["status"].as_str(), Some(model.status));
            prop_assert_eq!(read["submitted_number"].as_u64().unwrap_or(0), model.versions.len() as u64);
        }
        for (index, number) in model.versions.iter().enumerate() {
            let version = member.get(&format!("{}/versions/{}", at(&bid), index + 1)).json;
            prop_assert_eq!(&version["content"], &titled(*number));
        }
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(round["deadline"], DEADLINE);
}
