//! Administrators' and auditors' pages in a real browser: a round built and opened with and without JavaScript,
//! every page judged for accessibility, and what only a real browser can show.

use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::scenario::{FOUR, Scenario, items, rules, text};
use crate::support::{App, Client};

const PASSWORD: &str = "correct horse battery";

fn sign_in(browser: &Chromium, admin: &Client) {
    browser.go("/sign-in");
    browser.fill("#email", admin.user["email"].as_str().expect("an address"));
    browser.fill("#password", PASSWORD);
    browser.press("Sign in");
    browser.sees("Rounds");
}

/// A field of a form, whose name has dots in it.
fn field(name: &str) -> String {
    format!("[id=\"{name}\"]")
}

fn fill_moment(browser: &Chromium, name: &str, parts: [&str; 4]) {
    for (part, value) in ["day", "month", "year", "time"].iter().zip(parts) {
        browser.fill(&field(&format!("{name}.{part}")), value);
    }
}

/// From an empty service, in which the administrator is signed in, to an open round; `look` is told each page that is
/// reached.
pub fn build_round(browser: &Chromium, look: impl Fn(&str)) {
    look("rounds-none");
    browser.press("Make a round");
    browser.sees("First a fund");
    look("round-new-without-fund");
    browser.press("Make a fund");
    browser.press("Save the fund");
    browser.sees("There is a problem");
    look("fund-refused");
    browser.fill("#name", "Digital Workforce Fund");
    browser.fill("#description", "Digital skills for the vacancies of today.");
    browser.choose("[value=\"lancashire-lep\"]");
    browser.press("Save the fund");
    browser.sees("The fund is made.");
    look("fund");
    browser.press("Make a round of it");
    browser.fill("#name", "Round 1");
    browser.press("Make the round");
    browser.sees("There is a problem");
    look("round-new-refused");
    browser.fill("#code", "dw1");
    browser.press("Make the round");
    browser.sees("The round is made");
    look("round-draft");

    browser.press("Name and dates");
    fill_moment(browser, "deadline", ["20", "9", "2026", "noon"]);
    fill_moment(browser, "assessments_due_at", ["20", "10", "2026", "5pm"]);
    look("rules-dates");
    browser.press("Save");
    browser.sees("Saved.");
    browser.press("Gateway questions");
    browser.press("Add a question");
    browser.fill(
        &field("rules.gateways.0.question"),
        "Is the lead organisation registered in the United Kingdom?",
    );
    browser.press("Save");
    browser.sees("There is a problem");
    look("rules-gateways-refused");
    browser.choose(&field("rules.gateways.0.required_answer"));
    browser.press("Save");
    browser.sees("Saved.");
    browser.press("Criteria");
    browser.press("Add a criterion");
    browser.fill(&field("rules.criteria.0.title"), "Need and demand");
    browser.fill(&field("rules.criteria.0.weight"), "60");
    browser.press("Add a criterion");
    browser.fill(&field("rules.criteria.1.title"), "Delivery");
    browser.fill(&field("rules.criteria.1.weight"), "30");
    look("rules-criteria");
    browser.press("Save");
    browser.sees("The weights total 90; they must total 100");
    look("rules-criteria-missing");
    browser.fill(&field("rules.criteria.1.weight"), "40");
    browser.press("Save");
    browser.sees("Criterion: Delivery");
    browser.press("Criterion: Delivery");
    browser.fill(&field("rules.criteria.1.guidance"), "Who does what, when, and what could go wrong?");
    browser.press("Add a part");
    look("rules-criterion");
    browser.press("Save");
    browser.sees("Saved.");
    browser.press("Money");
    browser.fill(&field("rules.budget_pence"), "3,000,000");
    look("rules-money");
    browser.press("Save");
    browser.sees("Saved.");
    browser.press("Pots");
    browser.press("Add a pot");
    browser.fill(&field("rules.pots.0.name"), "Lancashire");
    browser.fill(&field("rules.pots.0.amount_pence"), "500000");
    browser.choose("[name=\"rules.pots.0.areas\"]");
    look("rules-pots");
    browser.press("Save");
    browser.sees("Saved.");
    for (part, name) in [
        ("Declarations", "rules-declarations"),
        ("Themes", "rules-themes"),
        ("Assessing and combining", "rules-assessing"),
        ("Thresholds and ties", "rules-ranking"),
    ] {
        browser.press(part);
        look(name);
        browser.press("Save");
        browser.sees("Saved.");
    }
    browser.press("Open the round");
    browser.sees("Not ready to open");
    look("round-not-ready");
    browser.press("Queries about outcomes: give the email address to which a bidder sends a query");
    browser.fill(&field("rules.query_email"), "queries@example.org");
    look("rules-queries");
    browser.press("Save");
    browser.sees("Saved.");
    look("round-ready");
    browser.press("Open the round");
    browser.sees("Open the round for bids");
    look("round-open-ask");
    browser.press("Open the round");
    browser.sees("The round is open for bids.");
    look("round-open");
}

fn round_is_built(admin: &Client, browser: &Chromium, look: impl Fn(&str)) {
    sign_in(browser, admin);
    build_round(browser, look);
    let rounds = items(&admin.get("/rounds").ok());
    assert_eq!(rounds[0]["status"], "open");
    assert_eq!(rounds[0]["rules"]["criteria"][1]["weight"], 40);
    assert_eq!(rounds[0]["rules"]["pots"][0]["areas"], json!(["lancashire-lep"]));
}

#[test]
fn a_round_is_built_on_pages_that_everybody_can_use() {
    let app = App::start();
    let admin = app.admin();
    let Some(browser) = Chromium::start(&app.url, true) else { return };
    round_is_built(&admin, &browser, |page| browser.look(page));
}

#[test]
fn a_round_is_built_without_scripts() {
    let app = App::start();
    let admin = app.admin();
    let Some(browser) = Chromium::start(&app.url, false) else { return };
    round_is_built(&admin, &browser, |_| {});
}

#[test]
fn an_office_can_be_used_by_everybody() {
    let scenario = Scenario::assessing(&FOUR, |_| {});
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario.admin);
    let assessor = scenario.assessors[0].id().to_owned();
    let interest =
        json!({"severity": "soft", "registered_number": "77000001", "description": "I advised them once."});
    let interest =
        scenario.assessors[0].post(&format!("/assessors/{assessor}/interests"), &interest).created();
    let organisation = scenario.bids[0].provider.organisation().to_owned();
    let round = scenario.round.clone();
    let fund = text(&scenario.admin.get(&format!("/rounds/{round}")).ok().json["fund_id"]);
    let email = text(&items(&scenario.admin.get("/emails?limit=1").ok())[0]["id"]);
    let pages = [
        ("/rounds".to_owned(), "rounds"),
        (format!("/rounds/{round}/rules"), "round-assessing-rules"),
        (format!("/rounds/{round}/assessors"), "pool"),
        (format!("/rounds/{round}/assessors/add"), "pool-add"),
        (format!("/rounds/{round}/assessors/{assessor}"), "pool-member"),
        (format!("/rounds/{round}/assessors/{assessor}/themes"), "pool-member-themes-none"),
        (format!("/rounds/{round}/assessors/import"), "pool-import"),
        (format!("/rounds/{round}/cancel"), "round-cancel"),
        (format!("/rounds/new?copy={round}"), "round-new"),
        ("/funds".to_owned(), "funds"),
        (format!("/funds/{fund}/change"), "fund-change"),
        ("/areas".to_owned(), "areas"),
        ("/areas/new".to_owned(), "area-new"),
        ("/areas/groups/new".to_owned(), "group-new"),
        ("/people".to_owned(), "people"),
        ("/people/new".to_owned(), "person-new"),
        (format!("/people/{assessor}"), "person-assessor"),
        (format!("/people/{assessor}/change"), "person-change"),
        (format!("/people/{assessor}/areas"), "person-areas"),
        (format!("/people/{assessor}/interests/new"), "interest-new"),
        (format!("/people/{assessor}/interests/{}/override", text(&interest["id"])), "interest-override"),
        ("/organisations".to_owned(), "organisations"),
        (format!("/organisations/{organisation}"), "organisation"),
        (format!("/organisations/{organisation}/change"), "organisation-change"),
        ("/emails".to_owned(), "emails"),
        ("/emails?status=failed".to_owned(), "emails-none"),
        (format!("/emails/{email}"), "email"),
        ("/audit".to_owned(), "audit"),
        ("/audit?from=2030-01-01".to_owned(), "audit-none"),
    ];
    for (path, name) in pages {
        browser.go(&path);
        browser.look(name);
    }
    browser.go(&format!("/rounds/{round}/assessors/import"));
    browser.fill("#csv", "email,capacity,areas\nsam@example.org,many,Lancs\n");
    browser.press("See what it would do");
    browser.sees("There is a problem");
    browser.look("pool-import-refused");
    browser.fill("#csv", "email,name,capacity,areas\nsam@example.org,Sam Assessor,6,Burnley; Pendle\n");
    browser.press("See what it would do");
    browser.sees("Nothing is done yet.");
    browser.look("pool-import-preview");
    browser.press("Import the table");
    browser.sees("The table is imported");
    browser.look("pool-imported");
}

#[test]
fn an_open_round_is_extended_and_cancelled() {
    let scenario = Scenario::open(&FOUR[..1], |_| {});
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario.admin);
    let rules = format!("/rounds/{}/rules", scenario.round);
    browser.go(&rules);
    browser.press("Extend the deadline");
    browser.press("Extend the deadline");
    browser.sees("There is a problem");
    browser.look("round-extend-refused");
    fill_moment(&browser, "deadline", ["27", "9", "2026", "noon"]);
    browser.fill("#reason", "The service could not be reached on Friday morning.");
    browser.press("Extend the deadline");
    browser.sees("The deadline is extended");
    browser.press("Cancel the round");
    browser.fill("#reason", "The money was withdrawn.");
    browser.press("Cancel the round");
    browser.sees("There is a problem");
    browser.look("round-cancel-refused");
    browser.fill("#confirm", "Round 1");
    browser.press("Cancel the round");
    browser.sees("The round is cancelled.");
    browser.look("round-cancelled");
}

#[test]
fn weights_add_up_while_one_types() {
    let scenario = draft();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario.admin);
    browser.go(&format!("/rounds/{}/rules/criteria", scenario.round));
    browser.sees("The weights total 100 of 100.");
    browser.fill(&field("rules.criteria.0.weight"), "70");
    browser.sees("The weights total 110 of 100: 10 too many.");
    browser.fill(&field("rules.criteria.0.weight"), "55");
    browser.sees("The weights total 95 of 100: 5 more to give.");
}

#[test]
fn criteria_are_written_with_the_keyboard_alone() {
    let scenario = draft();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario.admin);
    browser.go(&format!("/rounds/{}/rules/criteria", scenario.round));
    let (tab, enter) = ("\u{e004}", "\u{e007}");
    let focused = "return document.activeElement.id || document.activeElement.textContent.trim()";
    let outline = "return getComputedStyle(document.activeElement).outlineStyle";
    browser.keys(tab);
    assert_eq!(browser.script(focused), "Skip to the main content");
    browser.keys(enter);
    let mut seen: Vec<String> = Vec::new();
    while seen.last().is_none_or(|last| last != "Add a criterion") {
        browser.keys(tab);
        seen.push(text(&browser.script(focused)));
        let is_seen = browser.script(outline);
        // A link in a row of a list shows its focus on the row.
        assert_ne!(is_seen, Value::from("none"), "{seen:?}");
        assert!(seen.len() < 40, "{seen:?}");
    }
    browser.keys(enter);
    browser.sees("Criterion 3");
    assert_eq!(browser.script(focused), "rules.criteria.2.title");
    for keys in ["Value for money", tab, "20", enter] {
        browser.keys(keys);
    }
    // Enter saves; it neither moves nor removes a row.
    browser.sees("Saved as a draft.");
    let rules = scenario.admin.get(&format!("/rounds/{}", scenario.round)).ok().json["rules"].clone();
    assert_eq!(rules["criteria"][2]["title"], "Value for money");
    assert_eq!(rules["criteria"][2]["weight"], 20);
    assert_eq!(rules["criteria"].as_array().map(Vec::len), Some(3));
}

#[test]
fn a_file_is_read_into_the_table() {
    let scenario = draft();
    let Some(browser) = Chromium::start(&scenario.app.url, true) else { return };
    sign_in(&browser, &scenario.admin);
    browser.go(&format!("/rounds/{}/assessors/import", scenario.round));
    browser.sees("A file with the table");
    let read = "const data = new DataTransfer(); data.items.add(new File(['email,capacity\\n'], 'a.csv'));\
        const input = document.getElementById('file'); input.files = data.files; input.dispatchEvent(new Event('change'));";
    browser.script(read);
    holds(&browser, "email,capacity\n");
    // As Windows saves "Zoë".
    browser.script(&read.replace("['email,capacity\\n']", "[new Uint8Array([90, 111, 235])]"));
    holds(&browser, "Zoë");
    browser.script(&read.replace("['email,capacity\\n']", "[new Uint8Array([80, 75, 0, 3])]"));
    browser.sees("a.csv is not a table in text. Save it as CSV");
    holds(&browser, "Zoë");
}

/// Waits until the table is this.
#[track_caller]
fn holds(browser: &Chromium, table: &str) {
    for _ in 0..50 {
        if browser.value("#csv") == table {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the table has \"{}\"", browser.value("#csv"));
}

struct Draft {
    app: App,
    admin: Client,
    round: String,
}

/// A draft round with two criteria.
fn draft() -> Draft {
    let app = App::start();
    let admin = app.admin();
    let fund = admin.post("/funds", &json!({"name": "A fund", "areas": ["E12000002"]})).created();
    let round = json!({"fund_id": fund["id"], "code": "DF1", "name": "Round 1", "rules": rules()});
    let round = text(&admin.post("/rounds", &round).created()["id"]);
    Draft { app, admin, round }
}
