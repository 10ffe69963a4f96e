//! Administrators' and auditors' pages of people, organisations, a round's assessors, emails and the audit
//! trail, in a browser without JavaScript.

use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::scenario::{BURNLEY, FOUR, Scenario, items, text};
use crate::support::{App, Client};

fn start() -> (App, Client, Browser) {
    let app = App::start();
    let admin = app.admin();
    let browser = Browser::of(&app, &admin);
    (app, admin, browser)
}

fn forms(page: &Page) -> Vec<String> {
    page.forms().into_iter().map(|form| form.action).collect()
}

#[test]
fn somebody_is_invited_changed_and_found() {
    let (app, admin, browser) = start();
    let form = browser.get("/people/new").ok().form("/people/new");
    let refused = browser.send(&form.set("name", "Sam Assessor").set("email", "nothing")).is(422);
    let refused = refused.says("Choose the role");
    let form = refused.form("/people/new").set("role", "assessor");
    assert_eq!(form.get("name"), "Sam Assessor");
    browser.send(&form).is(422).says("Give one email address");
    let page = browser.send(&form.set("email", "sam@example.org")).ok().says("The invitation is on its way");
    let person = page.says("Not yet: the invitation is not answered").address;
    let again = browser.get("/people/new").ok().form("/people/new").set("role", "auditor");
    browser
        .send(&again.set("name", "S").set("email", "sam@example.org"))
        .is(409)
        .says("Somebody with that address is here");

    let form = browser.get(&person).ok().form(&format!("{person}/invite"));
    browser.send(&form).ok().says("A fresh invitation is on its way");
    let change = format!("{person}/change");
    let form = browser.get(&change).ok().form(&change);
    browser.send(&form.set("name", "")).is(422).says("Give a name of 1 to 200 characters");
    browser.send(&form.set("name", "Samira Assessor").set("disabled", "true")).ok().says("No: disabled on");
    browser
        .send(&form.set("name", "Another"))
        .is(412)
        .says("It has changed since you opened it")
        .says("Another");

    let search = browser.get("/people").ok().says("Samira Assessor").form("/people");
    let found = browser.send(&search.set("q", "SAMIRA")).ok().says("Samira Assessor").says("Disabled");
    assert_eq!(found.address, "/people", "no name stands in an address");
    browser.send(&search.set("q", "100%")).ok().says("Nobody found");
    browser.send(&search.set("role", "admin")).ok().says("Alex Admin").says_nothing_of("Samira");
    let own = format!("/people/{}/change", admin.id());
    let form = browser.get(&own).ok().form(&own).set("disabled", "true");
    browser.send(&form).is(409).says("You cannot disable yourself");
    let found = admin.get("/users?q=samira").ok();
    assert_eq!(items(&found).len(), 1);
    drop(app);
}

#[test]
fn people_of_a_long_list_are_shown_page_by_page() {
    let (_app, admin, browser) = start();
    for number in 0..60 {
        let user = json!({"email": format!("p{number}@example.org"), "name": format!("Person {number:02}"), "role": "auditor"});
        admin.post("/users", &user).created();
    }
    let first = browser.get("/people?role=auditor").ok().says("Person 00").says_nothing_of("Person 55");
    let more = first.forms().into_iter().find(|form| !form.get("cursor").is_empty()).expect("a way on");
    browser.send(&more).ok().says("Person 55").says_nothing_of("Person 00");
}

#[test]
fn an_assessors_areas_themes_employer_and_interests_are_kept() {
    let (app, admin, browser) = start();
    let provider = app.provider("Calder Skills");
    let organisation = admin.get(&format!("/organisations/{}", provider.organisation())).ok().json;
    let number = text(&organisation["registered_number"]);
    let assessor = app.assessor(&admin, "Sam Assessor", &["E10000017"]);
    let person = format!("/people/{}", assessor.id());
    let areas = format!("{person}/areas");
    let form = browser.get(&areas).ok().form(&areas);
    assert_eq!(form.get("areas"), "E10000017");
    let page = browser.send(&form.set("areas", BURNLEY).set("rows", "add:themes")).ok();
    let form = page.form(&areas).without("rows").set("themes.0.key", "Cyber Security");
    let refused = browser.send(&form).is(422).says("Name themes by their keys");
    let form = refused.form(&areas).set("themes.0.key", "cyber").set("themes.0.expertise", "3");
    let unknown = browser.send(&form.set("employer_number", "99999999")).is(422);
    unknown.says("No organisation here has that number");
    browser
        .send(&form.set("employer_number", &number))
        .ok()
        .says("Saved.")
        .says("Burnley")
        .says("cyber (3 of 3)");
    browser
        .get(&format!("/organisations/{}", provider.organisation()))
        .ok()
        .says("Assessors it employs")
        .says("Sam Assessor");

    let declare = format!("{person}/interests/new");
    let form = browser.get(&declare).ok().form(&declare);
    browser.send(&form).is(422).says("Fill in the registered number").says("Choose the severity");
    let form = form.set("severity", "soft").set("registered_number", "77000001");
    browser.send(&form).is(422).says("Explain it in 1 to 2,000 characters");
    let form = form.set("description", "I advised them once.");
    let page = browser.send(&form).ok().says("The interest is declared.").says("Organisation 77000001");
    browser.send(&form).ok();
    assert_eq!(
        items(&admin.get(&format!("/assessors/{}/interests", assessor.id())).ok()).len(),
        1,
        "pressed twice"
    );
    let over = page.links().into_iter().find(|link| link.ends_with("/override")).expect("a way to override");
    let form = browser.get(&over).ok().says("I advised them once.").form(&over);
    browser.send(&form).is(422).says("Explain it in 1 to 2,000 characters");
    browser.send(&form.set("reason", "It was unpaid.")).ok().says("It was unpaid.").says("Overridden");

    let auditor = Browser::of(&app, &app.auditor(&admin));
    let page = auditor.get(&person).ok().says("It was unpaid.").says("Burnley");
    assert_eq!(forms(&page), ["/sign-out"]);
    assert!(!page.links().iter().any(|link| link.starts_with(&format!("{person}/"))));
    let rename = format!("/organisations/{}/change", provider.organisation());
    let form = browser.get(&rename).ok().form(&rename);
    browser.send(&form.set("name", "")).is(422).says("Give a name");
    browser.send(&form.set("name", "Calder Trust")).ok().says("The organisation has its new name.");
    auditor.get("/organisations").ok().says("Calder Trust");
}

/// A draft round and the address of its pool.
fn pool(admin: &Client) -> String {
    let fund = admin.post("/funds", &json!({"name": "A fund", "areas": ["E12000002"]})).created();
    let round = json!({"fund_id": fund["id"], "code": "DF1", "name": "Round 1"});
    format!("/rounds/{}/assessors", text(&admin.post("/rounds", &round).created()["id"]))
}

#[test]
fn a_rounds_assessors_come_in_change_and_go_out() {
    let (app, admin, browser) = start();
    let pool = pool(&admin);
    browser.get(&pool).ok().says("Nobody yet");
    browser.get(&format!("{pool}/add")).ok().says("Everybody is in").says("Invite one");
    let sam = app.assessor(&admin, "Sam Assessor", &[BURNLEY]);
    let add = format!("{pool}/add");
    let form = browser.get(&add).ok().form(&add);
    browser.send(&form).is(422).says("Choose an assessor");
    let form = form.set("assessor_id", sam.id());
    browser.send(&form).is(422).says("Fill in the capacity");
    browser.send(&form.set("capacity", "2").set("minimum", "3")).is(422).says("Choose 0 to 2, the capacity");
    browser.send(&form.set("capacity", "6").set("minimum", "1")).ok().says("Sam Assessor").says("Burnley");
    let place = format!("{pool}/{}", sam.id());
    let [one, other] = [(); 2].map(|()| browser.get(&place).ok().form(&place));
    browser.send(&one.set("capacity", "7")).ok().says("The assessor's place in the round is changed.");
    let refused = browser.send(&other.set("capacity", "9")).is(412);
    let again = refused.says("here it is 7 at most and 1 at least now").form(&place);
    assert_eq!(again.get("capacity"), "9");
    browser.send(&again.set("capacity", "6")).ok().says("The assessor's place in the round is changed.");
    browser
        .get(&pool)
        .ok()
        .says("One assessor with room for 6 assessments: enough for 2 bids with 3 assessors each");
    let one = format!("{pool}/{}", sam.id());
    let form = browser.get(&one).ok().form(&one);
    assert_eq!(form.get("capacity"), "6");
    browser.send(&form.set("capacity", "many")).is(422).says("Give a whole number");
    browser.send(&form.set("capacity", "9")).ok().says("room for 9");
    let form = browser.get(&one).ok().form(&format!("{one}/remove"));
    browser.send(&form).ok().says("gets no more bids in this round").says("Nobody yet");
    browser.get(&one).is(404);
}

#[test]
fn a_table_of_assessors_is_imported_whole_or_not_at_all() {
    let (app, admin, browser) = start();
    let pool = pool(&admin);
    let sam = app.assessor(&admin, "Sam Assessor", &[BURNLEY]);
    let known = text(&sam.user["email"]);
    let auditor = app.auditor(&admin);
    let audited = text(&auditor.user["email"]);
    let import = format!("{pool}/import");
    let form = browser.get(&import).ok().form(&import);
    let table = format!(
        "email,name,areas,capacity,minimum\n{known},,,6,1\nnew@example.org,New Assessor,Lancs,lots,\n{audited},A,,3,\nnobody,,,,\n"
    );
    let refused = browser
        .send(&form.set("csv", &table))
        .is(422)
        .says("Line 3: capacity is \"lots\"")
        .says("\"Lancs\" is no area");
    assert_eq!(refused.form(&import).get("csv"), table, "nothing typed is lost");
    let table = table.replace("Lancs", "blackpool; E07000117").replace("lots", "4");
    let refused = browser.send(&form.set("csv", &table)).is(422);
    let refused = refused.says(&format!("Line 4: {audited} is here with the role auditor"));
    refused.says("Line 5: \"nobody\" is no email address").says("Line 5: give a capacity");
    assert!(items_of_pool(&admin, &pool).is_empty(), "no line of it is imported");
    let lines: String = (0..1_000).map(|line| format!("nobody{line},Burnley,many\n")).collect();
    let long = browser.send(&form.set("csv", &format!("email,areas,capacity\n{lines}"))).is(422);
    assert!(long.says("more faults are in the table: put these right first").html.len() < 75_000);

    let table = format!(
        "email,name,areas,capacity,minimum\n{known},,,6,1\nnew@example.org,New Assessor,Blackpool; E07000117,4,\n"
    );
    let preview = browser.send(&form.set("csv", &table)).ok().says("Nothing is done yet.");
    let preview = preview
        .says("1 invited by email")
        .says("1 added to the round")
        .says("New Assessor")
        .says("Blackpool, Burnley");
    assert!(items_of_pool(&admin, &pool).is_empty(), "a look changes nothing");
    let mail = items(&admin.get("/emails?kind=invitation&limit=100").ok()).len();
    let sheet = preview.form(&import).set("then", "import");
    browser.send(&sheet).ok().says("The table is imported").says("2 assessors with room for 10 assessments");
    browser.send(&sheet).ok();
    let members = items_of_pool(&admin, &pool);
    assert_eq!(members.len(), 2);
    assert_eq!(
        items(&admin.get("/emails?kind=invitation&limit=100").ok()).len(),
        mail + 1,
        "pressed twice, invited once"
    );
    let new = items(&admin.get("/users?q=new@example.org").ok());
    let profile = admin.get(&format!("/assessors/{}", text(&new[0]["id"]))).ok().json;
    assert_eq!(profile["areas"], json!(["E06000009", BURNLEY]));

    let table = format!("email;capacity\n{known};6\nnew@example.org;7\n");
    let preview =
        browser.send(&form.set("csv", &table)).ok().says("1 changed").says("1 already as the table has them");
    browser.send(&preview.form(&import).set("then", "import")).ok().says("room for 13 assessments");
    let told = admin.post(&import, &json!({"csv": "email\nx", "dry_run": true}));
    assert_eq!(told.is(422).pointers()[0], "/csv");
}

fn items_of_pool(admin: &Client, pool: &str) -> Vec<Value> {
    admin.get(pool).ok().json["assessors"].as_array().cloned().expect("a pool")
}

#[test]
fn emails_are_read_filtered_and_sent_again_with_a_reason() {
    let scenario = Scenario::open(&FOUR[..2], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.admin);
    let list = browser.get("/emails").ok().says("Waiting");
    let rows = list.text();
    browser.get("/emails?status=failed").ok().says("None is of that kind.");
    browser
        .get(&format!("/emails?kind=bid_received&round={}", scenario.round))
        .ok()
        .says(&scenario.bids[0].reference);
    assert!(
        rows.find(&scenario.bids[1].reference) < rows.find(&scenario.bids[0].reference),
        "the latest is first"
    );
    let email = text(&items(&scenario.admin.get("/emails?kind=bid_received&limit=1").ok())[0]["id"]);
    let page = browser
        .get(&format!("/emails/{email}"))
        .ok()
        .says("Receipt of a bid")
        .says(&scenario.bids[0].reference);
    assert_eq!(forms(&page), ["/sign-out"], "it is on its way already");
    assert!(!page.html.contains("<html lang=\"en-GB\"><head"), "the letter's HTML is shown as source");
    assert!(page.html.contains("&#60;html"), "{}", page.html);
    let invitation = text(&items(&scenario.admin.get("/emails?kind=invitation&limit=1").ok())[0]["id"]);
    browser.get(&format!("/emails/{invitation}")).ok().says("token=…");

    scenario
        .app
        .run(scenario.app.platform.db.write(|tx| {
            use diesel::RunQueryDsl;
            let sql =
                "UPDATE emails SET status = 'failed', last_error = 'permanent error (550): no such mailbox'";
            Ok(diesel::sql_query(sql).execute(tx.conn)?)
        }))
        .expect("they fail");
    let address = format!("/emails/{email}");
    let page = browser.get(&address).ok().says("no such mailbox");
    let form = page.form(&format!("{address}/resend"));
    browser.send(&form).is(422).says("Say why, for the audit trail");
    browser
        .send(&form.set("reason", "The mailbox was full."))
        .ok()
        .says("The email is sent again")
        .says("Waiting");
    browser.send(&form.set("reason", "Again.")).is(409).says("already on its way");
    browser
        .get("/audit?action=email.resent")
        .ok()
        .says("Alex Admin sent again an email")
        .says("The mailbox was full.");
    let auditor = Browser::of(&scenario.app, &scenario.app.auditor(&scenario.admin));
    let failed = text(&items(&scenario.admin.get("/emails?status=failed&limit=1").ok())[0]["id"]);
    assert_eq!(forms(&auditor.get(&format!("/emails/{failed}")).ok()), ["/sign-out"]);
}

#[test]
fn the_audit_trail_says_who_did_what_to_what() {
    let scenario = Scenario::assessing(&FOUR[..1], |_| {});
    let browser = Browser::of(&scenario.app, &scenario.app.auditor(&scenario.admin));
    let reference = &scenario.bids[0].reference;
    let page = browser.get("/audit").ok().says("Alex Admin started the assessment of Round 1");
    let page = page
        .says("All expected bids are in.")
        .says(&format!("Ann Assessor accepted, without a conflict of interest, {reference} in Round 1"));
    assert_eq!(forms(&page), ["/sign-out", "/audit"]);
    assert!(page.links().contains(&format!("/bids/{}", scenario.bids[0].id)));
    browser
        .get("/audit?action=bid.submitted")
        .ok()
        .says(&format!("Alder Member submitted {reference}"))
        .says_nothing_of("Ann Assessor");
    let own = format!("/audit?actor=user:{}", scenario.assessors[0].id());
    browser.get(&own).ok().says("Ann Assessor").says_nothing_of("Ben Assessor").says("Show everything");
    browser
        .get(&format!("/audit?round={}&from=2026-09-01&until=2026-09-01", scenario.round))
        .ok()
        .says("Round 1");
    browser.get("/audit?from=2026-09-02").ok().says("Nothing of that kind was done then.");
    browser.get("/audit?from=yesterday").ok().says("Give a day as year, month and day");
}

#[test]
fn a_long_trail_goes_on_where_the_page_before_ended() {
    let (_app, admin, browser) = start();
    for number in 0..60 {
        let user = json!({"email": format!("p{number}@example.org"), "name": format!("Person {number:02}"), "role": "auditor"});
        admin.post("/users", &user).created();
    }
    let page =
        browser.get("/audit?action=user.invited").ok().says("invited Person 59").says_nothing_of("Person 05");
    let next = page.links().into_iter().find(|link| link.contains("cursor=")).expect("a next page");
    browser.get(&next).ok().says("invited Person 05").says_nothing_of("Person 59");
}

#[test]
fn every_act_is_told_in_words() {
    let mut unknown = Vec::new();
    let mut found = 0;
    // Pages record nothing; their fields' names look alike.
    for entry in walk("src").into_iter().filter(|path| !path.to_string_lossy().contains("/pages/")) {
        let code = std::fs::read_to_string(&entry).expect("a source file");
        for word in code.split('"').skip(1).step_by(2).filter(|word| is_act(word)) {
            found += 1;
            if fasttrack::oversight::words::did(word).is_none() {
                unknown.push(format!("{}: {word}", entry.display()));
            }
        }
    }
    assert!(found > 50, "the acts are where they were thought to be");
    assert!(unknown.is_empty(), "\n{}", unknown.join("\n"));
}

fn walk(folder: &str) -> Vec<std::path::PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all.extend(walk(&path.to_string_lossy()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push(path);
        }
    }
    all
}

/// Whether a text of the source is an act's name: a kind of subject, and a word in the past.
fn is_act(word: &str) -> bool {
    const KINDS: [&str; 17] = [
        "area",
        "area_group",
        "assessment",
        "assessor",
        "assignment",
        "bid",
        "client",
        "email",
        "fund",
        "interest",
        "organisation",
        "outcome",
        "round",
        "ruling",
        "user",
        "draw",
        "theme",
    ];
    let Some((kind, verb)) = word.split_once('.') else { return false };
    let is_verb = verb.len() > 3 && verb.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    KINDS.contains(&kind) && is_verb && !["html", "rs"].contains(&verb)
}
