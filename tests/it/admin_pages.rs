//! Administrators' and auditors' pages of rounds, funds and areas, in a browser without JavaScript: what each
//! shows, what it refuses and keeps, and that an auditor finds nothing to press.

use serde_json::{Value, json};

use crate::browser::{Browser, Page, Sheet};
use crate::scenario::{BURNLEY, FOUR, Scenario, items, rules, text};
use crate::support::{App, Client};

/// An administrator at a browser, and a draft round of a fund, without any rules.
struct Office {
    app: App,
    admin: Client,
    browser: Browser,
    round: String,
}

impl Office {
    fn open() -> Self {
        let app = App::start();
        let admin = app.admin();
        let browser = Browser::of(&app, &admin);
        let fund = json!({"name": "Digital Fund", "areas": ["E47000001", "lancashire-lep"]});
        let fund = admin.post("/funds", &fund).created();
        let round = json!({"fund_id": fund["id"], "code": "DF1", "name": "Round 1"});
        let round = text(&admin.post("/rounds", &round).created()["id"]);
        Self { app, admin, browser, round }
    }

    /// An address of a page below the round.
    fn at(&self, part: &str) -> String {
        format!("/rounds/{}/{part}", self.round)
    }

    fn page(&self, part: &str) -> Page {
        self.browser.get(&self.at(part)).ok()
    }

    fn sheet(&self, part: &str) -> Sheet {
        self.page(part).form(&self.at(part))
    }

    fn round(&self) -> Value {
        self.admin.get(&format!("/rounds/{}", self.round)).ok().json
    }

    /// Puts rules into the draft as the API takes them.
    fn set_rules(&self, rules: &Value) {
        let round = self.admin.get(&format!("/rounds/{}", self.round)).ok();
        let body = json!({
            "code": "DF1", "name": "Round 1", "rules": rules, "deadline": "2026-09-20T11:00:00Z",
            "assessments_due_at": "2026-10-20T11:00:00Z",
        });
        self.admin.put(&format!("/rounds/{}", self.round), &round.etag(), &body).ok();
    }
}

/// With a row added to a list.
fn add(office: &Office, sheet: &Sheet, list: &str) -> Sheet {
    let page = office.browser.send(&sheet.set("rows", &format!("add:{list}"))).ok();
    page.form(&sheet.action).without("rows")
}

fn moment(sheet: &Sheet, field: &str, parts: [&str; 4]) -> Sheet {
    ["day", "month", "year", "time"]
        .iter()
        .zip(parts)
        .fold(sheet.clone(), |sheet, (part, value)| sheet.set(&format!("{field}.{part}"), value))
}

#[test]
fn a_round_is_built_and_opened_in_the_browser_alone() {
    let app = App::start();
    let admin = app.admin();
    let browser = Browser::of(&app, &admin);
    browser.get("/rounds").ok().says("No round yet").says("Make a round");
    browser.get("/rounds/new").ok().says("First a fund");
    let form = browser.get("/funds/new").ok().form("/funds/new");
    let made = form.set("name", "Digital Fund").set("areas", "E47000001");
    browser.send(&made).ok().says("The fund is made.").says("Greater Manchester");

    let form = browser.get("/rounds/new").ok().form("/rounds/new");
    let fund = text(&items(&admin.get("/funds").ok())[0]["id"]);
    let page = browser.send(&form.set("fund_id", &fund).set("name", "Round 1").set("code", "df1")).ok();
    let page = page.says("The round is made, as a draft.").says("To do").says("Add at least one criterion");
    let round = page.address.split('/').nth(2).unwrap().to_owned();
    let office = Office { app, admin, browser, round };

    let dates = moment(&office.sheet("rules/dates"), "deadline", ["20", "9", "2026", "noon"]);
    let dates = moment(&dates, "assessments_due_at", ["20", "October", "2026", "5pm"]);
    office.browser.send(&dates).ok().says("Saved.");

    let sheet = office.sheet("rules/gateways");
    let sheet = add(&office, &sheet, "rules.gateways");
    let sheet =
        sheet.set("rules.gateways.0.question", "Is the lead organisation registered in the United Kingdom?");
    office.browser.send(&sheet).is(422).says("Fill in the required answer");
    office.browser.send(&sheet.set("rules.gateways.0.required_answer", "true")).ok().says("Saved.");

    let sheet = add(&office, &office.sheet("rules/declarations"), "rules.declarations");
    office.browser.send(&sheet.set("rules.declarations.0.statement", "All of this is accurate.")).ok();

    let sheet = add(&office, &office.sheet("rules/criteria"), "rules.criteria");
    let sheet = sheet.set("rules.criteria.0.title", "Need and demand").set("rules.criteria.0.weight", "60");
    let sheet = add(&office, &sheet, "rules.criteria");
    let sheet = sheet.set("rules.criteria.1.title", "Delivery").set("rules.criteria.1.weight", "30");
    let short =
        office.browser.send(&sheet).ok().says("Saved as a draft.").says("The weights total 90 of 100.");
    let short = short.says("The weights total 90; they must total 100");
    let sheet = short.form(&office.at("rules/criteria")).set("rules.criteria.1.weight", "40");
    office.browser.send(&sheet).ok().says("Saved.").says("Criterion: Need and demand");

    let sheet =
        office.sheet("rules/criteria/delivery").set("rules.criteria.1.guidance", "Who does what, and when?");
    let sheet = sheet.set("rules.criteria.1.threshold", "2").set("rules.criteria.1.word_limit", "750");
    office.browser.send(&sheet).ok().says("Saved.");

    office.page("open").says("Not ready to open").says("Money: give a budget above £0").says("Queries");
    let sheet = office.sheet("rules/money").set("rules.budget_pence", "£3,000,000");
    office.browser.send(&sheet.set("rules.grant_limit_pence", "180 000")).ok().says("Saved.");
    let sheet = office.sheet("rules/assessing").set("rules.quorum", "2");
    let sheet = sheet.set("rules.disagreement.criterion_levels", "2").set("rules.bridges", "true");
    office.browser.send(&sheet).ok().says("Saved.");
    let sheet = office.sheet("rules/ranking").set("rules.overall_threshold", "50");
    let sheet = sheet.set("rules.tie_break.0", "delivery").set("rules.tie_break.1", "draw");
    office.browser.send(&sheet).ok().says("Saved.");
    let sheet = add(&office, &office.sheet("rules/pots"), "rules.pots");
    let sheet = sheet.set("rules.pots.0.name", "Manchester").set("rules.pots.0.amount_pence", "500000.50");
    let sheet = sheet.set("rules.pots.0.areas", "E08000003");
    office.browser.send(&sheet).ok().says("Saved.");
    let sheet = office.sheet("rules/queries").set("rules.query_email", "queries@example.org");
    office.browser.send(&sheet).ok().says("Saved.");

    let page =
        office.page("open").says("everything else below stands as it is").says("£500,000.50 for Manchester");
    let form = page.form(&office.at("open"));
    office.browser.send(&form).ok().says("The round is open for bids.").says("Extend the deadline");
    office.browser.send(&form).ok().says("until 12:00pm on Sunday 20 September 2026");
    let round = office.round();
    assert_eq!(round["status"], "open");
    let rules = &round["rules"];
    assert_eq!(rules["criteria"][0]["key"], "need-and-demand");
    assert_eq!(rules["criteria"][1]["scale"][5], json!({"score": 5, "label": "Excellent"}));
    assert_eq!(
        (&rules["criteria"][1]["threshold"], &rules["criteria"][1]["word_limit"]),
        (&json!(2), &json!(750))
    );
    assert_eq!(rules["gateways"][0]["required_answer"], true);
    assert_eq!(rules["tie_break"], json!(["delivery", "draw"]));
    assert_eq!(rules["pots"][0]["amount_pence"], 50_000_050);
    assert_eq!(rules["pots"][0]["remainder_to_general_pot"], true);
    assert_eq!((&rules["bridges"], &rules["quorum"]), (&json!(true), &json!(2)));
    assert_eq!(round["deadline"], "2026-09-20T11:00:00Z");
    // What is announced has no form any more.
    assert_eq!(
        office.browser.ask("GET", &office.at("rules/money"), &[], None).is(303).header("location"),
        office.at("rules")
    );
    office.browser.send(&sheet).is(409).says("must be draft to be changed").says("queries@example.org");
}

#[test]
fn every_rule_has_a_field() {
    let office = Office::open();
    let mut rules = rules();
    rules["gateways"] = json!([{"key": "g", "question": "?", "required_answer": true}]);
    rules["declarations"] = json!([{"key": "d", "statement": "!"}]);
    rules["themes"] = json!([{"key": "cyber", "title": "Cyber security"}]);
    rules["criteria"][0]["sub_criteria"] = json!([
        {"key": "evidence", "title": "Evidence", "guidance": "How recent?"}, {"key": "employers", "title": "Employers"},
    ]);
    office.set_rules(&rules);
    let parts = [
        "gateways",
        "declarations",
        "criteria",
        "criteria/need",
        "themes",
        "assessing",
        "ranking",
        "money",
        "pots",
        "queries",
    ];
    let html: String = parts.iter().map(|part| office.page(&format!("rules/{part}")).html).collect();
    let standing = office.round()["rules"].clone();
    let mut missing = Vec::new();
    for (name, value) in standing.as_object().unwrap() {
        let first = value.as_array().and_then(|rows| rows.first()).and_then(Value::as_object);
        let nested = value.as_object().or(first);
        let wanted: Vec<String> = match nested {
            Some(fields) if value.is_array() => {
                fields.keys().map(|field| format!("rules.{name}.0.{field}")).collect()
            }
            Some(fields) => fields.keys().map(|field| format!("rules.{name}.{field}")).collect(),
            None if name == "tie_break" => vec!["rules.tie_break.0".to_owned()],
            None => vec![format!("rules.{name}")],
        };
        let has = |field: &String| {
            html.contains(&format!("name=\"{field}\"")) || html.contains(&format!("name=\"{field}.0."))
        };
        missing.extend(wanted.into_iter().filter(|field| !has(field)));
    }
    assert!(missing.is_empty(), "no form has {missing:?}");
}

#[test]
fn a_form_that_is_sent_as_it_came_changes_nothing() {
    let office = Office::open();
    let mut rules = rules();
    rules["tie_break"] = json!(["need", "draw"]);
    rules["criteria"][0]["threshold"] = json!(2);
    rules["criteria"][0]["guidance"] = json!("Two\n\nparagraphs");
    rules["partial_offer_percent"] = json!(60);
    rules["grant_limit_pence"] = json!(18_000_050);
    rules["gateways"] = json!([{"key": "g", "question": "Is it?", "required_answer": false}]);
    rules["declarations"] = json!([{"key": "d", "statement": "It is."}]);
    rules["themes"] = json!([{"key": "cyber", "title": "Cyber security"}]);
    rules["criteria"][0]["sub_criteria"] = json!([
        {"key": "evidence", "title": "Evidence", "guidance": "How recent?"}, {"key": "employers", "title": "Employers", "guidance": ""},
    ]);
    office.set_rules(&rules);
    let before = office.round();
    let parts = [
        "dates",
        "gateways",
        "declarations",
        "criteria",
        "criteria/need",
        "themes",
        "assessing",
        "ranking",
        "money",
        "pots",
        "queries",
    ];
    for part in parts {
        office.browser.send(&office.sheet(&format!("rules/{part}"))).ok().says("Saved.");
        let after = office.round();
        assert_eq!((&after["rules"], &after["deadline"]), (&before["rules"], &before["deadline"]), "{part}");
    }
}

#[test]
fn what_was_typed_comes_back_with_what_was_wrong() {
    let office = Office::open();
    office.set_rules(&rules());
    let again = |part: &str, field: &str, typed: &str, told: &str| {
        let refused = office.browser.send(&office.sheet(part).set(field, typed)).is(422).says(told);
        assert!(refused.html.contains(&format!("href=\"#{field}\"")), "{part} leads to {field}");
        assert_eq!(refused.form(&office.at(part)).get(field), typed);
    };
    again("rules/criteria", "rules.criteria.0.weight", "many", "Give a whole number, such as 12");
    again("rules/criteria", "rules.criteria.0.weight", "-3", "Give a number from 0 up");
    again("rules/money", "rules.budget_pence", "lots", "Give an amount in pounds");
    again("rules/assessing", "rules.quorum", "", "Fill in the quorum");
    again("rules/criteria/need", "rules.criteria.0.word_limit", "few", "Give a whole number");
    again("rules/dates", "code", "X", "Use 2 to 6 upper-case letters and digits");
    again("rules/queries", "rules.query_working_days", "ten", "Give a whole number");
    let late = moment(&office.sheet("rules/dates"), "assessments_due_at", ["1", "9", "2026", "12pm"]);
    office.browser.send(&late).is(422).says("Assessments are due after the deadline for bids");
    let unreal = moment(&office.sheet("rules/dates"), "deadline", ["30", "2", "2027", "12pm"]);
    office.browser.send(&unreal).is(422).says("Give a day that there is");
    office.page("rules/dates").says_nothing_of("30</");
}

#[test]
fn two_tabs_write_two_sections_and_overwrite_nothing_of_one() {
    let office = Office::open();
    office.set_rules(&rules());
    let (money, queries, again) =
        (office.sheet("rules/money"), office.sheet("rules/queries"), office.sheet("rules/money"));
    office.browser.send(&money.set("rules.budget_pence", "400000")).ok().says("Saved.");
    office.browser.send(&queries.set("rules.query_working_days", "12")).ok().says("Saved.");
    let stale = office.browser.send(&again.set("rules.budget_pence", "500000")).is(412);
    let stale = stale.says("It was changed in another tab").says("£400,000");
    let form = stale.form(&office.at("rules/money"));
    assert_eq!(form.get("rules.budget_pence"), "500000");
    assert_eq!(office.round()["rules"]["budget_pence"], 40_000_000);
    office.browser.send(&form).ok().says("Saved.");
    let rules = office.round()["rules"].clone();
    assert_eq!((&rules["budget_pence"], &rules["query_working_days"]), (&json!(50_000_000), &json!(12)));
}

#[test]
fn rows_are_added_moved_and_removed_without_a_script_and_without_saving() {
    let office = Office::open();
    office.set_rules(&rules());
    let sheet = office.sheet("rules/criteria").set("rules.criteria.1.title", "How it is delivered");
    let page = office.browser.send(&sheet.set("rows", "up:rules.criteria:1")).ok();
    let moved = page.form(&office.at("rules/criteria"));
    assert_eq!(moved.get("rules.criteria.0.title"), "How it is delivered");
    assert_eq!(moved.get("rules.criteria.1.title"), "Need and demand");
    assert_eq!(office.round()["rules"]["criteria"][0]["key"], "need");
    let page = office
        .browser
        .send(&moved.set("rows", "remove:rules.criteria:1"))
        .ok()
        .says("The weights total 40 of 100.");
    let form = page.form(&office.at("rules/criteria"));
    let page = office.browser.send(&form.set("rows", "add:rules.criteria")).ok();
    assert!(page.html.contains("id=\"rules.criteria.1.title\"") && page.html.contains(" autofocus"));
    // A row in which nothing was typed is none.
    office
        .browser
        .send(&page.form(&office.at("rules/criteria")).without("rows"))
        .ok()
        .says("Saved as a draft.");
    let criteria = office.round()["rules"]["criteria"].clone();
    assert_eq!(criteria.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&criteria[0]["key"], &criteria[0]["title"]),
        (&json!("delivery"), &json!("How it is delivered"))
    );
}

#[test]
fn a_scale_is_written_line_by_line_for_one_criterion_or_all() {
    let office = Office::open();
    office.set_rules(&rules());
    let sheet = office.sheet("rules/criteria/need");
    let bad = office
        .browser
        .send(&sheet.set("rules.criteria.0.scale", "0 No\n2 Yes"))
        .ok()
        .says("Saved as a draft.");
    bad.says("Levels are consecutive whole numbers, the lowest first");
    let sheet = office.sheet("rules/criteria/need").set("rules.criteria.0.scale", "1 Weak\nFair\nStrong\n");
    office.browser.send(&sheet.set("scale_for_all", "true")).ok().says("Saved.");
    let criteria = office.round()["rules"]["criteria"].clone();
    let scale = json!([{"score": 1, "label": "Weak"}, {"score": 2, "label": "Fair"}, {"score": 3, "label": "Strong"}]);
    assert_eq!((&criteria[0]["scale"], &criteria[1]["scale"]), (&scale, &scale));
}

#[test]
fn a_copy_has_the_rules_of_the_round_that_it_is_of() {
    let scenario = Scenario::open(&FOUR[..1], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.admin);
    let form = browser.get(&format!("/rounds/new?copy={}", scenario.round)).ok().form("/rounds/new");
    browser.send(&form.set("name", "Round 2").set("code", "DF1")).is(409).says("Another round has this code");
    let page = browser.send(&form.set("name", "Round 2").set("code", "DF2")).ok().says("The round is made");
    page.says("Set the deadline").says("Need and demand");
    // The button pressed twice makes one round.
    browser.send(&form.set("name", "Round 2").set("code", "DF2")).ok();
    assert_eq!(items(&scenario.admin.get("/rounds").ok()).len(), 2);
    browser.get("/rounds").ok().says("Under way").says("1 bid").says("In preparation").says("Round 2");
}

#[test]
fn a_fund_is_changed_as_it_was_read() {
    let office = Office::open();
    let fund = text(&office.round()["fund_id"]);
    let change = format!("/funds/{fund}/change");
    let form = office.browser.get(&change).ok().form(&change);
    let other = form.clone();
    office.browser.send(&form.set("name", " ")).is(422).says("Give a name of 1 to 200 characters");
    office.browser.send(&form.without("areas")).is(422).says("Name 1 to 500 areas or groups");
    office.browser.send(&form.set("name", "Fund of funds")).ok().says("The fund is changed.");
    let stale = office
        .browser
        .send(&other.set("name", "Another name"))
        .is(412)
        .says("Somebody else changed the fund");
    office.browser.send(&stale.form(&change)).ok().says("Another name");
    office.browser.get("/funds").ok().says("Another name").says("Greater Manchester");
}

#[test]
fn areas_are_added_and_groups_named() {
    let office = Office::open();
    office.browser.get("/areas").ok().says("Lancashire").says(BURNLEY).says("Region");
    let form = office.browser.get("/areas/groups/new").ok().form("/areas/groups/new");
    let form = form.set("name", "Pennine").set("code", "Pennine").set("areas", BURNLEY);
    let refused = office.browser.send(&form).is(422).says("Use 2 to 40 lower-case letters");
    let form = refused.form("/areas/groups/new").set("code", "pennine");
    assert_eq!((form.get("name"), form.get("areas")), ("Pennine", BURNLEY));
    office.browser.send(&form).ok().says("The group is named").says("Pennine");
    let form = office.browser.get("/areas/new").ok().form("/areas/new");
    let form = form.set("name", "Leeds").set("kind", "metropolitan_district").set("parent_code", "E12000003");
    office.browser.send(&form.set("code", "leeds")).is(422).says("Give the ONS GSS code");
    office.browser.send(&form.set("code", BURNLEY)).is(409).says("There is an area");
    office.browser.send(&form.set("code", "E08000035")).ok().says("The area is added.").says("Leeds");
}

#[test]
fn an_auditor_reads_everything_and_finds_nothing_to_press() {
    let office = Office::open();
    office.set_rules(&json!({}));
    let fund = text(&office.round()["fund_id"]);
    let auditor = Browser::of(&office.app, &office.app.auditor(&office.admin));
    for path in ["/rounds", "/funds", "/areas", &format!("/funds/{fund}"), &office.at("rules")] {
        let page = auditor.get(path).ok();
        let acts: Vec<String> = page.forms().into_iter().map(|form| form.action).collect();
        assert_eq!(acts, ["/sign-out"], "{path}");
        let leads = ["/new", "/change", "/open", "/cancel", "/extend", "/rules/"];
        let links: Vec<String> =
            page.links().into_iter().filter(|to| leads.iter().any(|part| to.contains(part))).collect();
        assert!(links.is_empty(), "{path}: {links:?}");
    }
    auditor
        .get(&office.at("rules"))
        .ok()
        .says("Before the round can open")
        .says("Add at least one criterion");
}

#[test]
fn a_deadline_is_extended_with_a_reason_that_bidders_are_told() {
    let scenario = Scenario::open(&FOUR[..1], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.admin);
    let extend = format!("/rounds/{}/extend", scenario.round);
    let form =
        browser.get(&extend).ok().says("It stands at 12:00pm on Sunday 20 September 2026").form(&extend);
    let refused =
        browser.send(&form).is(422).says("Give the reason").says("Choose a time after the present deadline");
    let form = moment(&refused.form(&extend), "deadline", ["27", "9", "2026", "12pm"]);
    let form = form.set("reason", "The service could not be reached.");
    let early = moment(&form, "assessments_due_at", ["1", "9", "2026", "12pm"]);
    browser.send(&early).is(422).says("Assessments are due after the deadline for bids");
    browser
        .send(&form)
        .ok()
        .says("The deadline is extended")
        .says("until 12:00pm on Sunday 27 September 2026");
    let told = scenario.emails("deadline_extended");
    assert!(text(&told[0]["text"]).contains("The service could not be reached."), "{told:?}");
}

#[test]
fn a_round_is_cancelled_by_typing_its_name() {
    let scenario = Scenario::open(&FOUR[..1], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.admin);
    let cancel = format!("/rounds/{}/cancel", scenario.round);
    let form = browser.get(&cancel).ok().form(&cancel).set("reason", "The money was withdrawn.");
    let refused =
        browser.send(&form.set("confirm", "Round 2")).is(422).says("Type the round's name, Round 1");
    assert_eq!(refused.form(&cancel).get("reason"), "The money was withdrawn.");
    browser.send(&form.set("reason", "").set("confirm", "Round 1")).is(422).says("Give the reason");
    browser.send(&form.set("confirm", "Round 1")).ok().says("The round is cancelled.").says("Cancelled");
    assert!(!scenario.emails("round_cancelled").is_empty());
    // What is over has neither act any more.
    for part in ["extend", "cancel"] {
        let page = browser.ask("GET", &format!("/rounds/{}/{part}", scenario.round), &[], None);
        assert_eq!(page.is(303).header("location"), format!("/rounds/{}/rules", scenario.round));
    }
}
