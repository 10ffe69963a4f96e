//! A provider's work on pages, without JavaScript: from registering to the receipt and the outcome, with
//! two tabs, buttons pressed twice, forms that come too late, and nothing of anybody else's.

use serde_json::{Value, json};

use crate::accounts::token;
use crate::browser::{Browser, Page, Sheet};
use crate::scenario::{BURNLEY, MANCHESTER, Scenario, text};
use crate::support::{App, Client};

const PASSWORD: &str = "correct horse battery";

/// An open round with a gateway, two criteria and a declaration, and no bids.
pub fn open_round() -> Scenario {
    Scenario::open(&[], |rules| {
        rules["criteria"][0]["guidance"] = json!("Which vacancies cannot be filled today?");
        rules["criteria"][0]["sub_criteria"] = json!([
            {"key": "evidence", "title": "Evidence of vacancies", "guidance": "How recent, how local?"},
            {"key": "employers", "title": "Employers' commitment"},
        ]);
        rules["criteria"][1]["word_limit"] = json!(5);
        rules["grant_limit_pence"] = json!(18_000_000);
        rules["gateways"] = json!([
            {"key": "registered", "question": "Is the lead organisation registered?", "required_answer": true},
        ]);
        rules["declarations"] = json!([
            {"key": "accurate", "statement": "What we have written is accurate."},
            {"key": "publish", "statement": "Our summary may be published."},
        ]);
    })
}

/// A member's browser, and a bid that it has started; the bid's address.
struct Desk {
    scenario: Scenario,
    member: Client,
    browser: Browser,
    address: String,
}

impl Desk {
    fn new() -> Self {
        let scenario = open_round();
        let member = scenario.app.provider("Alder");
        let browser = Browser::of(&scenario.app, &member);
        let address = start(&scenario, &browser);
        Self { scenario, member, browser, address }
    }

    /// With everything filled in, by forms.
    fn complete() -> Self {
        let desk = Self::new();
        desk.fill();
        desk
    }

    fn submitted() -> Self {
        let desk = Self::complete();
        desk.submit().ok().says("Bid submitted");
        desk
    }

    fn page(&self, below: &str) -> Page {
        self.browser.get(&format!("{}{below}", self.address))
    }

    fn form(&self, below: &str) -> Sheet {
        let action = format!("{}{below}", self.address);
        self.browser.get(&action).ok().form(&action)
    }

    fn save(&self, below: &str, fields: &[(&str, &str)], button: &str) -> Page {
        let form = fields.iter().fold(self.form(below), |form, (name, value)| form.set(name, value));
        self.browser.send(&form.set("then", button))
    }

    fn fill(&self) {
        self.save("/sections/gateways", &[("gateway_answers.registered", "true")], "next").ok();
        let about = [("title", "Evening skills"), ("summary", "Sixty people learn.\nIn the evening.")];
        self.save("/sections/about", &about, "next").ok();
        self.save("/sections/areas", &[("areas", MANCHESTER)], "next").ok();
        let money = [("amount_requested_pence", "£150,000"), ("match_funding_pence", "0")];
        self.save("/sections/money", &money, "next").ok();
        self.save("/sections/learners", &LEARNERS, "next").ok();
        self.save("/criteria/need", &[("answers.need", "Forty vacancies stand open.")], "next").ok();
        self.save("/criteria/delivery", &[("answers.delivery", "Three cohorts of twenty.")], "next").ok();
        let declarations = self.form("/sections/declarations");
        self.browser
            .send(&declarations.with("declarations", &["accurate", "publish"]).set("then", "next"))
            .ok();
    }

    fn submit(&self) -> Page {
        self.browser.send(&self.page("/check").ok().form(&format!("{}/submit", self.address)))
    }

    fn bid(&self) -> Value {
        self.member.get(&self.address.replace("/your-bids", "/bids")).ok().json
    }
}

const LEARNERS: [(&str, &str); 7] = [
    ("planned_learners", "60"),
    ("starts_on.day", "11"),
    ("starts_on.month", "1"),
    ("starts_on.year", "2027"),
    ("ends_on.day", "17"),
    ("ends_on.month", "december"),
    ("ends_on.year", "2027"),
];

fn start(scenario: &Scenario, browser: &Browser) -> String {
    let page = browser.get(&format!("/open-rounds/{}", scenario.round)).ok();
    let bid = browser.send(&page.form(&format!("/open-rounds/{}/bids", scenario.round))).ok();
    assert!(bid.address.starts_with("/your-bids/"), "{}", bid.address);
    bid.address
}

#[test]
fn the_whole_work_is_done_by_forms_alone() {
    let scenario = open_round();
    let browser = Browser::new(&scenario.app);
    let form = browser.get("/sign-in").ok().says("register their organisation");
    assert!(form.links().contains(&"/register".to_owned()));
    let form = browser.get("/register").ok().form("/register");
    let form =
        form.set("organisation.name", "Alder College").set("organisation.registered_number", "0900 0001");
    let form = form.set("name", "Ada Alder").set("email", "ada@alder.example.org").set("password", PASSWORD);
    browser.send(&form).ok().says("Look into your inbox");
    browser.sign_in("ada@alder.example.org", PASSWORD).is(400).says("never confirmed");
    let link = format!("/confirm?token={}", token(&scenario.app, "ada@alder.example.org"));
    browser.send(&browser.get(&link).ok().form("/confirm")).ok().says("Your address is confirmed");
    let home = browser.sign_in("ada@alder.example.org", PASSWORD).ok();
    assert_eq!(home.address, "/your-bids");
    home.says("No bids yet").says("A round is open");

    let rounds = browser.get("/open-rounds").ok().says("Digital Fund: Round 1").says("19 days left");
    assert!(rounds.links().contains(&format!("/open-rounds/{}", scenario.round)));
    let round = browser.get(&format!("/open-rounds/{}", scenario.round)).ok();
    let round = round.says("12:00pm on Sunday 20 September 2026").says("Need and demand").says("Weight 60");
    let round = round
        .says("Is the lead organisation registered?")
        .says("At most £180,000")
        .says("Burnley")
        .says("Evidence of vacancies");
    let bid = browser.send(&round.form(&format!("/open-rounds/{}/bids", scenario.round))).ok();
    let bid = bid.says("Bid without a title").says("1 of 9").says("Not started");
    let member = scenario.app.anyone();
    let desk = Desk { member, browser, address: bid.address, scenario };
    assert_eq!(desk.form("/sections/contact").get("lead_contact.email"), "ada@alder.example.org");
    desk.page("/criteria/need").ok().says("Evidence of vacancies").says("How recent, how local?");

    let last = desk.form("/sections/declarations");
    desk.fill();
    let led =
        desk.browser.send(&last.with("declarations", &["accurate", "publish"]).set("then", "next")).ok();
    assert_eq!(led.address, format!("{}/check", desk.address));
    let check = led.says("£150,000").says("Manchester").says("11 January 2027").says("Answer (4 words)");
    check.says_nothing_of("Missing");
    desk.page("").ok().says("9 of 9").says("Evening skills");
    let done = desk.submit().ok().says("Bid submitted").says("DF1-").says("Alder College").says("Version1");
    assert_eq!(done.address, format!("{}/submitted", desk.address));
    desk.browser.get("/your-bids").ok().says("Submitted").says("Evening skills");
    desk.page("").ok().says("It is submitted").says("Version 1, received at");
    let receipts = desk.scenario.emails("bid_received");
    assert_eq!(receipts.len(), 1, "one person is lead contact and submitter");
    assert_eq!(receipts[0]["recipient"], "ada@alder.example.org");
}

#[test]
fn saving_one_section_leaves_the_others() {
    let desk = Desk::complete();
    let before = desk.bid()["content"].clone();
    desk.save("/sections/about", &[("title", "Another title")], "stay").ok().says("Saved.");
    let mut after = desk.bid()["content"].clone();
    assert_eq!(after["title"], "Another title");
    after["title"] = before["title"].clone();
    assert_eq!(after, before);
    assert_eq!(before["summary"], "Sixty people learn.\nIn the evening.");
    assert_eq!(before["amount_requested_pence"], 15_000_000);
    assert_eq!(before["ends_on"], "2027-12-17");
    assert_eq!(before["declarations"], json!(["accurate", "publish"]));
}

#[test]
fn what_is_missing_is_told_where_it_is_and_nothing_is_submitted() {
    let desk = Desk::new();
    let refused = desk.submit().is(422).says("There is a problem").says("Give the bid a title");
    let refused = refused.says("Say how much match funding there is; 0 where there is none");
    let refused = refused.says("Confirm \"What we have written is accurate.\"").says("Missing");
    let refused = refused.says("Answer \"Is the lead organisation registered?\"");
    refused.text().contains("pence").then(|| panic!("pages speak of pounds"));
    let links = refused.links();
    for place in
        ["title", "summary", "areas", "amount_requested_pence", "starts_on", "answers.need", "declarations"]
    {
        assert!(links.contains(&format!("#{place}")), "{place}");
        assert!(refused.html.contains(&format!("id=\"{place}\"")), "{place}");
    }
    assert_eq!(desk.bid()["status"], "draft");
    // A link to change a section leads back to the check.
    assert!(links.contains(&format!("{}/sections/about?next=check", desk.address)));
    let form = desk.browser.get(&format!("{}/sections/about?next=check", desk.address)).ok();
    let form = form.form(&format!("{}/sections/about", desk.address)).set("title", "A title");
    let led = desk.browser.send(&form.set("then", "next")).ok();
    assert_eq!(led.address, format!("{}/check", desk.address));
}

/// A section, what is typed there, and at which field what is told.
type Faulty = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

#[test]
fn a_fault_stands_beside_its_field_and_keeps_what_was_typed() {
    let desk = Desk::new();
    let faults: [Faulty; 9] = [
        ("/sections/about", &[("title", "A <b>\ntitle")], "title", "Write it on one line"),
        (
            "/sections/contact",
            &[("lead_contact.email", "ada")],
            "lead_contact.email",
            "Give an email address",
        ),
        (
            "/sections/partners",
            &[("partners.0.name", "Birch")],
            "partners.0.registered_number",
            "Give the partner's company, charity or UKPRN number",
        ),
        (
            "/sections/money",
            &[("amount_requested_pence", "lots")],
            "amount_requested_pence",
            "Give an amount in pounds",
        ),
        (
            "/sections/money",
            &[("amount_requested_pence", "200,000")],
            "amount_requested_pence",
            "Ask for at most £180,000",
        ),
        ("/sections/learners", &[("planned_learners", "many")], "planned_learners", "Give a whole number"),
        (
            "/sections/learners",
            &[("starts_on.day", "31"), ("starts_on.month", "2"), ("starts_on.year", "2027")],
            "starts_on",
            "Give a day that there is",
        ),
        (
            "/sections/learners",
            &[("starts_on.day", "1"), ("starts_on.month", "9"), ("starts_on.year", "2026")],
            "starts_on",
            "Choose a day after the deadline for bids",
        ),
        (
            "/criteria/delivery",
            &[("answers.delivery", "One two three four five six.")],
            "answers.delivery",
            "The answer has 6 words; use at most 5",
        ),
    ];
    for (below, typed, field, told) in faults {
        let page = desk.save(below, typed, "next");
        if told.starts_with("Give the partner's") {
            // Half a partner is only begun; submitting asks for the rest.
            page.ok();
            desk.page("").ok().says("Begun").says(told);
            continue;
        }
        let page = page.is(422).says(told).says("There is a problem");
        assert!(page.links().contains(&format!("#{field}")), "{below}");
        assert!(page.html.contains(&format!("id=\"{field}-fault\"")), "{below}");
        let form = page.form(&format!("{}{below}", desk.address));
        for (name, value) in typed {
            assert_eq!(form.get(name), *value, "{below}");
        }
    }
    // What can be stored is saved all the same, and the list says what is to be put right.
    assert_eq!(desk.bid()["content"]["answers"]["delivery"], "One two three four five six.");
    desk.page("").ok().says("To be put right").says("use at most 5");
    let kept = desk.form("/criteria/delivery");
    assert_eq!(kept.get("answers.delivery"), "One two three four five six.");
}

#[test]
fn two_tabs_on_two_sections_do_not_disturb_each_other() {
    let desk = Desk::new();
    let (about, need) = (desk.form("/sections/about"), desk.form("/criteria/need"));
    desk.browser.send(&about.set("title", "First").set("then", "stay")).ok().says("Saved.");
    desk.browser.send(&need.set("answers.need", "Second").set("then", "stay")).ok().says("Saved.");
    let content = desk.bid()["content"].clone();
    assert_eq!((&content["title"], &content["answers"]["need"]), (&json!("First"), &json!("Second")));
}

#[test]
fn two_tabs_on_one_section_show_both_texts() {
    let desk = Desk::new();
    let (first, second) = (desk.form("/criteria/need"), desk.form("/criteria/need"));
    desk.browser.send(&first.set("answers.need", "The first tab's words.").set("then", "stay")).ok();
    let both = second.set("answers.need", "The second tab's words.").set("then", "next");
    let page = desk.browser.send(&both).is(412).says("It was changed in another tab or window");
    let page = page.says("Saved meanwhile").says("The first tab's words.");
    let form = page.form(&format!("{}/criteria/need", desk.address));
    assert_eq!(form.get("answers.need"), "The second tab's words.");
    assert_eq!(desk.bid()["content"]["answers"]["need"], "The first tab's words.");
    desk.browser.send(&form.set("then", "stay")).ok().says("Saved.");
    assert_eq!(desk.bid()["content"]["answers"]["need"], "The second tab's words.");
    // The same text is no conflict, whatever was seen.
    desk.browser.send(&both).ok();
}

#[test]
fn a_script_is_told_what_it_saved_and_what_changed_elsewhere() {
    let desk = Desk::new();
    let form = desk.form("/criteria/need");
    let send = |sheet: &Sheet| {
        let body = serde_urlencoded::to_string(&sheet.fields).unwrap();
        let headers = [("Accept", "application/json"), ("Sec-Fetch-Site", "same-origin")];
        desk.browser.ask("POST", &sheet.action, &headers, Some(body))
    };
    let saved = send(&form.set("answers.need", "Typed.")).ok();
    let told: Value = serde_json::from_str(&saved.html).unwrap();
    assert_eq!(told["told"], "Saved at 9:00am");
    assert_eq!(told["seen"], desk.form("/criteria/need").get("seen"));
    let stale: Value = serde_json::from_str(&send(&form.set("answers.need", "Other.")).is(412).html).unwrap();
    assert_eq!(stale["type"], "/problems/stale");
    let invalid = desk.form("/sections/money").set("amount_requested_pence", "x");
    let invalid: Value = serde_json::from_str(&send(&invalid).is(422).html).unwrap();
    assert_eq!(invalid["errors"][0]["pointer"], "/amount_requested_pence");
    // Saving by itself leaves no trace in the record of acts.
    let acts = desk.scenario.admin.get("/audit?limit=100&action=bid.revised").ok();
    assert_eq!(acts.json["items"], json!([]));
}

#[test]
fn a_section_that_comes_when_the_session_is_over_is_given_back() {
    let desk = Desk::new();
    let form = desk.form("/criteria/need").set("answers.need", "Typed before lunch.").set("then", "next");
    desk.scenario.app.set_time("2026-09-02T09:00:00Z");
    let late = desk.browser.send(&form).is(401).says("What you typed is safe on this page");
    let email = text(&desk.member.user["email"]);
    let again = late.form("/sign-in").set("email", &email).set("password", PASSWORD);
    let back = desk.browser.send(&again).ok().says("Your text is still here").says("Typed before lunch.");
    desk.browser.send(&back.form(&form.action)).ok().says("Delivery");
    assert_eq!(desk.bid()["content"]["answers"]["need"], "Typed before lunch.");
}

#[test]
fn partners_are_added_and_removed_by_buttons() {
    let desk = Desk::new();
    let names = |page: &Page| {
        let form = page.form(&format!("{}/sections/partners", desk.address));
        (0..3).map(|row| form.get(&format!("partners.{row}.name")).to_owned()).collect::<Vec<_>>()
    };
    let birch = [("partners.0.name", "Birch"), ("partners.0.registered_number", "77000001")];
    let page = desk.save("/sections/partners", &birch, "add").ok().says("Partner 2").says("room for another");
    assert_eq!(names(&page), ["Birch", "", ""]);
    let first = page.html.find("<button class=\"hidden\" name=\"then\" value=\"next\"");
    assert!(first < page.html.find("value=\"remove-0\"") && first.is_some(), "the Enter key removes nobody");
    let cedar = [("partners.1.name", "Cedar"), ("partners.1.registered_number", "77 00 00 01")];
    let page =
        desk.save("/sections/partners", &cedar, "next").is(422).says("Another partner has this number");
    assert!(page.html.contains("partners.1.registered_number-fault"));
    let page = desk.save("/sections/partners", &[], "remove-0").ok();
    assert_eq!(names(&page), ["Cedar", "", ""]);
    assert_eq!(
        desk.bid()["content"]["partners"],
        json!([{"name": "Cedar", "registered_number": "77 00 00 01"}])
    );
    let own = desk.member.get(&format!("/organisations/{}", desk.member.organisation())).ok().json;
    let own = text(&own["registered_number"]);
    let own = [("partners.0.registered_number", own.as_str())];
    desk.save("/sections/partners", &own, "next").is(422).says("This is the bidder's own number");
}

#[test]
fn areas_are_those_of_the_fund() {
    let desk = Desk::new();
    let page =
        desk.page("/sections/areas").ok().says("Greater Manchester").says("Lancashire").says("Burnley");
    page.says_nothing_of("Yorkshire").says_nothing_of("E12000007");
    let form = desk.form("/sections/areas").with("areas", &[BURNLEY, MANCHESTER]).set("then", "stay");
    desk.browser.send(&form).ok().says("Lancashire (1 ticked)").says("Greater Manchester (1 ticked)");
    assert_eq!(desk.bid()["content"]["areas"], json!([BURNLEY, MANCHESTER]));
    // What another program has put in from elsewhere can be taken out again.
    let path = desk.address.replace("/your-bids", "/bids");
    let read = desk.member.get(&path).ok();
    let mut content = read.json["content"].clone();
    content["areas"] = json!([BURNLEY, "E12000007"]);
    desk.member.put(&path, &read.etag(), &content).ok();
    let page = desk.page("/sections/areas").ok().says("Outside the areas of Digital Fund (1 ticked)");
    let form = page.form(&page.address);
    desk.browser.send(&form.set("then", "next")).is(422).says("is not inside the areas of Digital Fund");
    let form = desk.form("/sections/areas").with("areas", &[BURNLEY]).set("then", "next");
    desk.browser.send(&form).ok();
    assert_eq!(desk.bid()["content"]["areas"], json!([BURNLEY]));
}

#[test]
fn themes_are_chosen_where_a_round_announces_them() {
    let scenario = Scenario::open(&[], |rules| {
        let titles = ["Cyber security", "Software", "Data", "Media"];
        let theme = |title: &str| json!({"key": title.to_lowercase().replace(' ', "-"), "title": title});
        rules["themes"] = titles.iter().map(|title| theme(title)).collect();
    });
    let member = scenario.app.provider("Alder");
    let browser = Browser::of(&scenario.app, &member);
    browser.get(&format!("/open-rounds/{}", scenario.round)).ok().says("Cyber security");
    let address = start(&scenario, &browser);
    let desk = Desk { scenario, member, browser, address };
    desk.page("").ok().says("ThemesOptional");
    let form = desk.form("/sections/themes");
    let four = form.with("themes", &["cyber-security", "software", "data", "media"]).set("then", "next");
    desk.browser.send(&four).is(422).says("Choose at most 3 themes");
    desk.browser.send(&form.with("themes", &["data"]).set("then", "next")).ok();
    assert_eq!(desk.bid()["content"]["themes"], json!(["data"]));
    desk.page("/check").ok().says("Data").says_nothing_of("Cyber security");
}

#[test]
fn a_wrong_gateway_answer_is_told_before_submitting() {
    let desk = Desk::complete();
    desk.save("/sections/gateways", &[("gateway_answers.registered", "false")], "next").ok();
    let told = "\"Is the lead organisation registered?\" was answered no.";
    desk.page("/check").ok().says("This bid would not be eligible").says(told);
    desk.submit().ok().says("Bid submitted").says("As it stands it is not eligible");
    desk.save("/sections/gateways", &[("gateway_answers.registered", "true")], "next").ok();
    desk.submit().ok().says("Version2").says_nothing_of("not eligible");
}

#[test]
fn a_button_pressed_twice_submits_once() {
    let desk = Desk::complete();
    let form = desk.page("/check").ok().form(&format!("{}/submit", desk.address));
    desk.browser.send(&form).ok().says("Bid submitted");
    desk.browser.send(&form).ok().says("Bid submitted").says("Version1");
    let versions = desk.member.get(&format!("{}/versions", desk.address.replace("/your-bids", "/bids"))).ok();
    assert_eq!(versions.json["items"].as_array().map(Vec::len), Some(1));
    // Starting a bid twice with one form starts one.
    let page =
        desk.browser.get(&format!("/open-rounds/{}", desk.scenario.round)).ok().says("Start another bid");
    let form = page.form(&format!("/open-rounds/{}/bids", desk.scenario.round));
    let (first, second) = (desk.browser.send(&form).ok(), desk.browser.send(&form).ok());
    assert_eq!(first.address, second.address);
}

#[test]
fn what_is_submitted_is_what_was_checked() {
    let desk = Desk::complete();
    let form = desk.page("/check").ok().form(&format!("{}/submit", desk.address));
    desk.save("/sections/about", &[("title", "A colleague's title")], "stay").ok();
    let refused = desk.browser.send(&form).is(412).says("check it again").says("A colleague's title");
    assert_eq!(desk.bid()["status"], "draft");
    desk.browser.send(&refused.form(&format!("{}/submit", desk.address))).ok().says("Bid submitted");
}

#[test]
fn a_submitted_bid_is_revised_withdrawn_and_submitted_again() {
    let desk = Desk::submitted();
    desk.save("/sections/about", &[("title", "A better title")], "list")
        .ok()
        .says("You have changed it since");
    let acts = desk.scenario.admin.get("/audit?limit=100&action=bid.revised").ok();
    assert_eq!(
        acts.json["items"].as_array().map(Vec::len),
        Some(1),
        "the first change after submitting is an act"
    );
    desk.submit().ok().says("Version2").says("A better title");
    let first =
        desk.page("/versions/1").ok().says("An earlier version").says("Evening skills").says("Alder Member");
    first.says_nothing_of("A better title");
    desk.page("/versions/2").ok().says("The version that stands").says("A better title");
    desk.page("/versions/3").is(404);

    let withdraw = desk.page("/withdraw").ok().form(&format!("{}/withdraw", desk.address));
    let long = withdraw.set("reason", &"x".repeat(2_001));
    assert_eq!(
        desk.browser
            .send(&long)
            .is(422)
            .says("Use at most 2,000 characters")
            .form(&withdraw.action)
            .get("reason")
            .len(),
        2_001
    );
    let withdraw = withdraw.set("reason", "Our partner left.");
    desk.browser.send(&withdraw).ok().says("The bid is withdrawn.").says("It is withdrawn");
    desk.browser.send(&withdraw).ok().says("It is withdrawn");
    assert_eq!(desk.bid()["status"], "withdrawn");
    desk.browser.get("/your-bids").ok().says("In progress").says("Withdrawn · 19 days left");
    desk.submit().ok().says("Version3");
}

#[test]
fn after_the_deadline_a_bid_is_read_and_what_was_typed_is_not_lost() {
    let desk = Desk::submitted();
    let other = start(&desk.scenario, &desk.browser);
    let form = desk.form("/criteria/need").set("answers.need", "Typed too late.").set("then", "next");
    let (check, withdraw) = (desk.page("/check"), desk.page("/withdraw").ok());
    desk.scenario.app.set_time("2026-09-20T11:00:01Z");
    desk.browser.take_session(&desk.scenario.app, &desk.member.user);
    let refused = desk.browser.send(&fresh(&desk, &form)).is(409).says("The deadline for Round 1 was");
    refused.says("What you typed").says("Typed too late.");
    desk.browser.send(&fresh(&desk, &withdraw.form(&format!("{}/withdraw", desk.address)))).is(409);
    drop(check);
    for below in ["/sections/about", "/criteria/need", "/check", "/withdraw"] {
        assert_eq!(desk.page(below).ok().address, desk.address, "{below}");
    }
    let page = desk.page("").ok().says("your bid is in").says("Forty vacancies stand open.");
    page.says_nothing_of("Typed too late.").says_nothing_of("Change");
    desk.browser.get(&other).ok().says("was not submitted before Round 1 closed");
    desk.browser.get("/open-rounds").ok().says("No round is open");
    desk.browser.get(&format!("/open-rounds/{}", desk.scenario.round)).ok().says("Closed for bids");
    let list = desk.browser.get("/your-bids").ok().says("Submitted").says("Not submitted");
    list.says_nothing_of("See the open rounds");
}

/// The same form, with the token of the session that stands now.
fn fresh(desk: &Desk, form: &Sheet) -> Sheet {
    let token = desk.browser.get("/account").ok().form("/sign-out").get("csrf").to_owned();
    form.set("csrf", &token)
}

#[test]
fn anothers_bid_is_not_there() {
    let desk = Desk::submitted();
    let stranger = Browser::of(&desk.scenario.app, &desk.scenario.app.provider("Strangers"));
    let below = [
        "",
        "/sections/about",
        "/criteria/need",
        "/check",
        "/submitted",
        "/withdraw",
        "/versions/1",
        "/outcome",
    ];
    for below in below {
        stranger.get(&format!("{}{below}", desk.address)).is(404).says_nothing_of("Evening skills");
    }
    let mine = start(&desk.scenario, &stranger);
    for below in ["/sections/about", "/criteria/need"] {
        let form = stranger.get(&format!("{mine}{below}")).ok().form(&format!("{mine}{below}"));
        let theirs = form.to(&format!("{}{below}", desk.address));
        stranger.send(&theirs).is(404);
    }
    stranger.get("/your-bids").ok().says_nothing_of("Evening skills");
    for below in ["/sections/nothing", "/sections/answers", "/criteria/nothing", "/versions/x"] {
        desk.page(below).is(404);
    }
}

#[test]
fn a_bidder_reads_its_outcome_and_nothing_of_the_others() {
    let scenario = Scenario::scored();
    let browser = Browser::of(&scenario.app, &scenario.bids[1].provider);
    let address = format!("/your-bids/{}", scenario.bids[1].id);
    browser.get("/your-bids").ok().says("Being assessed").says_nothing_of("Awarded");
    assert_eq!(browser.get(&format!("{address}/outcome")).ok().address, address);
    scenario.close().ok();
    browser.get("/your-bids").ok().says("Decided").says("Awarded");
    browser.get(&address).ok().says("is closed, and your bid has its outcome");
    let page =
        browser.get(&format!("{address}/outcome")).ok().says("Awarded £90,000").says("80.00 out of 100");
    let page = page
        .says("4.00Good, on a scale of 0 to 5")
        .says("Feedback 0 on need for bid 1.")
        .says("Overall 2 for bid 1.");
    let page = page.says("How to query this outcome").says("queries@example.org");
    for hidden in ["PRIVATE", "JUSTIFIED", "Ann", "Alder", "bid 0"] {
        page.text().contains(hidden).then(|| panic!("it says {hidden}"));
    }
    let loser = Browser::of(&scenario.app, &scenario.bids[3].provider);
    let page = loser.get(&format!("/your-bids/{}/outcome", scenario.bids[3].id)).ok();
    page.says("Unsuccessful").says("below the threshold").says("Feedback 1 on delivery for bid 3.");
    loser.get(&format!("{address}/outcome")).is(404);
}

#[test]
fn a_change_after_closing_is_what_stands() {
    let scenario = Scenario::scored();
    scenario.close().ok();
    let bid = &scenario.bids[0];
    let act = json!({"kind": "end_award", "bid_id": bid.id, "how": "declined", "reason": "The college lost its partner."});
    scenario.admin.post(&scenario.at("later-acts"), &act).created();
    let browser = Browser::of(&scenario.app, &bid.provider);
    let page = browser.get(&format!("/your-bids/{}/outcome", bid.id)).ok();
    page.says("What has changed since the round was closed").says("Withdrawn");
    browser.get("/your-bids").ok().says("Withdrawn, or never submitted (1)");
}

#[test]
fn an_organisation_is_renamed_and_its_people_invited() {
    let app = App::start();
    let member = app.provider("Alder");
    let browser = Browser::of(&app, &member);
    browser.get("/your-organisation").ok().says("Alder").says("Alder Member").says("Member");
    let form = browser.get("/your-organisation/name").ok().form("/your-organisation/name");
    browser.send(&form.set("name", " ")).is(422).says("Give a name of 1 to 200 characters");
    browser.send(&form.set("name", "Alder College")).ok().says("The name is changed.").says("Alder College");
    let late = browser.send(&form.set("name", "Alder & Co")).is(412).says("to Alder College");
    browser.send(&late.form("/your-organisation/name")).ok().says("Alder & Co");

    let form = browser.get("/your-organisation/invite").ok().form("/your-organisation/invite");
    browser.send(&form.set("name", "Bea").set("email", "bea")).is(422).says("Give one email address");
    let taken = text(&member.user["email"]);
    let kept = browser.send(&form.set("name", "Bea").set("email", &taken)).is(409).says("is here already");
    assert_eq!(kept.form("/your-organisation/invite").get("name"), "Bea");
    let form = kept.form("/your-organisation/invite").set("email", "bea@alder.example.org");
    let page = browser.send(&form).ok().says("An invitation is on its way.").says("Bea").says("Invited");
    let first = token(&app, "bea@alder.example.org");
    let again = page.forms().into_iter().find(|form| form.action.contains("/members/")).expect("a button");
    browser.send(&again).ok().says("Another invitation is on its way");
    assert_ne!(first, token(&app, "bea@alder.example.org"));
    let stranger = Browser::of(&app, &app.provider("Strangers"));
    let theirs = stranger.get("/account").ok().form("/sign-out");
    stranger.send(&theirs.to(&again.action)).is(404);
}

#[test]
fn a_clients_secret_is_shown_once_and_works_until_it_is_revoked() {
    let app = App::start();
    let member = app.provider("Alder");
    let browser = Browser::of(&app, &member);
    let form = browser.get("/your-organisation/clients/new").ok().form("/your-organisation/clients/new");
    browser.send(&form).is(422).says("Give a name of 1 to 200 characters");
    let form = form.set("name", "Bid writing system");
    let made = browser.send(&form).ok().says("Copy the secret now").says("grant_type=client_credentials");
    assert_eq!(made.header("cache-control"), "no-store");
    let secret =
        made.html.split(['<', '>']).find(|part| part.starts_with("ftk_")).expect("a secret").to_owned();
    let clients = member.get(&format!("/organisations/{}/clients", member.organisation())).ok().json;
    let id = text(&clients["items"][0]["id"]);
    assert!(made.html.contains(&id));
    let again = browser.send(&form).ok().says("its secret was shown then");
    again.says_nothing_of("ftk_");
    let clients = member.get(&format!("/organisations/{}/clients", member.organisation())).ok().json;
    assert_eq!(clients["items"].as_array().map(Vec::len), Some(1));
    let grant = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
    app.anyone().form("/token", &grant).ok();

    let path = format!("/your-organisation/clients/{id}/revoke");
    let stranger = Browser::of(&app, &app.provider("Strangers"));
    stranger.get(&path).is(404);
    let page = browser.get(&path).ok().says("Revoke Bid writing system");
    let form = page.form(&path);
    let theirs = stranger.get("/account").ok().form("/sign-out");
    stranger.send(&theirs.to(&path)).is(404);
    browser.send(&form).ok().says("can no longer sign in").says("Revoked");
    app.anyone().form("/token", &grant).is(401);
    assert_eq!(browser.get(&path).ok().address, "/your-organisation");
}

#[test]
fn a_registration_that_cannot_be_is_told_beside_its_field() {
    let app = App::start();
    let there = app.provider("Alder");
    let there = there.get(&format!("/organisations/{}", there.organisation())).ok().json;
    let browser = Browser::new(&app);
    let form = browser.get("/register").ok().form("/register");
    let form =
        form.set("organisation.name", "Birch").set("organisation.registered_number", "x").set("name", "Bea");
    let form = form.set("email", "bea").set("password", "short");
    let refused =
        browser.send(&form).is(422).says("Give the registered number").says("Give one email address");
    let refused = refused.says("Choose a password of 12 to 128 characters");
    assert_eq!(refused.form("/register").get("organisation.name"), "Birch");
    assert_eq!(refused.form("/register").get("password"), "", "a password is never shown");
    let taken = text(&there["registered_number"]);
    let form = form.set("organisation.registered_number", &taken).set("email", "bea@example.org");
    let refused =
        browser.send(&form.set("password", PASSWORD)).is(409).says("One of its members can invite you");
    assert!(refused.links().contains(&"#organisation.registered_number".to_owned()));
}

#[test]
fn closed_registration_says_whom_to_ask() {
    let app = App::start_with(|config| config.accounts.provider_registration = false);
    let browser = Browser::new(&app);
    browser.get("/sign-in").ok().says_nothing_of("/register");
    let page = browser.get("/register").ok().says("Registration is closed").says("help@example.org");
    assert!(page.forms().iter().all(|form| form.action != "/register"));
    let token = browser.get("/sign-in").ok().form("/sign-in").get("csrf").to_owned();
    let body = format!(
        "csrf={token}&organisation.name=A&organisation.registered_number=09000001&name=B&email=b%40example.org&password=correct+horse+battery"
    );
    browser.ask("POST", "/register", &[("Sec-Fetch-Site", "same-origin")], Some(body)).is(403);
}
