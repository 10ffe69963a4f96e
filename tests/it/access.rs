//! Who may call what, and what they may learn from it: every route of the table, as every caller,
//! on what is theirs, what is another's, and what does not exist.

use std::collections::BTreeMap;

use fasttrack::app::{Caller, PAGES, ROUTES, Route};
use serde_json::{Value, json};

use crate::browser::{Browser, Page};
use crate::scenario::{FOUR, Scenario};
use crate::support::{Answer, Client};

/// The ids of things, by the noun of their path, as in `bids` of `/bids/{id}`.
type Things = BTreeMap<&'static str, String>;

/// A round with everything in it, and people to ask for it.
struct World {
    scenario: Scenario,
    auditor: Client,
    /// Neither in the pool of the round, nor of a provider that bid.
    strange_assessor: Client,
    strange_member: Client,
    /// What there is; of members, the first provider's; of assessors, the first assessor's.
    things: Things,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("an id, not {value}")).to_owned()
}

fn first(answer: Answer) -> Value {
    answer.ok().json["items"][0].clone()
}

impl World {
    /// Bids are in, assessors have accepted, one has submitted; the round is not closed.
    fn assessing() -> Self {
        Self::of(Scenario::assessing(&FOUR, |_| {}), |scenario| scenario.score(0, 0, 4, 4))
    }

    /// All is over.
    fn closed() -> Self {
        Self::of(Scenario::scored(), |scenario| {
            scenario.close().ok();
        })
    }

    fn of(scenario: Scenario, then: impl FnOnce(&Scenario)) -> Self {
        let (app, admin) = (&scenario.app, &scenario.admin);
        let provider = &scenario.bids[0].provider;
        let assessor = &scenario.assessors[0];
        let organisation = provider.organisation().to_owned();
        let client =
            provider.post(&format!("/organisations/{organisation}/clients"), &json!({"name": "Its system"}));
        let client = client.created();
        let interest = json!({
            "severity": "soft", "registered_number": "77000001", "description": "I advised them once.",
        });
        let interest = assessor.post(&format!("/assessors/{}/interests", assessor.id()), &interest).created();
        let ruling =
            json!({"kind": "exclude", "bid_id": scenario.bids[3].id, "reason": "It was sent in error."});
        let ruling = scenario.rule(&ruling).created();
        admin
            .post(&format!("/rulings/{}/revoke", text(&ruling["id"])), &json!({"reason": "It was not."}))
            .ok();
        then(&scenario);

        let round = admin.get(&format!("/rounds/{}", scenario.round)).ok().json;
        let things = BTreeMap::from([
            ("organisations", organisation),
            ("clients", text(client.get("client").map_or(&client["id"], |client| &client["id"]))),
            ("users", provider.id().to_owned()),
            ("assessors", assessor.id().to_owned()),
            ("interests", text(&interest["id"])),
            ("funds", text(&round["fund_id"])),
            ("rounds", scenario.round.clone()),
            ("bids", scenario.bids[0].id.clone()),
            ("assignments", scenario.assignment(0, 0)),
            ("rulings", text(&ruling["id"])),
            ("emails", text(&first(admin.get("/emails?limit=1"))["id"])),
            ("routing-runs", text(&first(admin.get(&scenario.at("routing?limit=1")))["id"])),
        ]);
        let auditor = app.auditor(admin);
        let strange_assessor = app.assessor(admin, "Stella Stranger", &["E47000001"]);
        let strange_member = app.provider("Strangers");
        Self { auditor, strange_assessor, strange_member, things, scenario }
    }

    fn callers(&self) -> [(Caller, &'static str, Client); 5] {
        [
            (Caller::Anyone, "nobody signed in", self.scenario.app.anyone()),
            (Caller::Admin, "an administrator", self.scenario.admin.clone()),
            (Caller::Auditor, "an auditor", self.auditor.clone()),
            (Caller::Assessor, "an assessor", self.scenario.assessors[0].clone()),
            (Caller::Member, "a member", self.scenario.bids[0].provider.clone()),
        ]
    }

    /// The address of a route with these things in it, and that of nothing at all.
    fn addresses(&self, route: &Route) -> [String; 2] {
        let noun = route.path.split('/').nth(3).unwrap();
        let nothing = fasttrack::id::fresh().to_string();
        let fill = |id: &str, client: &str| {
            route.path.replace("{id}", id).replace("{client_id}", client).replace("{number}", "1")
        };
        let thing = self.things.get(noun).map_or(nothing.as_str(), String::as_str);
        [fill(thing, &self.things["clients"]), fill(&nothing, &nothing)]
    }
}

/// With what any endpoint asks for before it looks at anything: a body, a version.
fn call(client: &Client, route: &Route, address: &str) -> Answer {
    let body = (route.method != "GET").then(|| "{}".to_owned());
    client.send(route.method, address, &[("If-Match", "\"1\"")], body)
}

fn is_public(route: &Route) -> bool {
    route.callers.contains(&Caller::Anyone)
}

#[test]
fn no_endpoint_serves_a_caller_that_it_is_not_for() {
    let world = World::assessing();
    let mut wrong = Vec::new();
    for route in ROUTES.iter().filter(|route| !is_public(route)) {
        for (caller, who, client) in world.callers() {
            if route.callers.contains(&caller) {
                continue;
            }
            for address in world.addresses(route) {
                let answer = call(&client, route, &address);
                let expected: &[u16] = match (caller, route.method) {
                    (Caller::Anyone, _) => &[401],
                    // What may not be read is not there.
                    (_, "GET") => &[404],
                    (..) => &[403, 404],
                };
                if !expected.contains(&answer.status) {
                    wrong.push(format!(
                        "{} {address} as {who}: {} {}",
                        route.method, answer.status, answer.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn what_is_anothers_looks_like_what_is_not_there() {
    for world in [World::assessing(), World::closed()] {
        let mut wrong = Vec::new();
        let strangers =
            [(Caller::Assessor, &world.strange_assessor), (Caller::Member, &world.strange_member)];
        for route in ROUTES.iter().filter(|route| route.path.contains("{id}") && !is_public(route)) {
            // Funds are announced to everybody who is signed in.
            if route.path == "/api/v1/funds/{id}" {
                continue;
            }
            for (caller, client) in strangers {
                if !route.callers.contains(&caller) {
                    continue;
                }
                let [theirs, nothing] = world.addresses(route).map(|address| call(client, route, &address));
                let same = theirs.status == nothing.status && theirs.json == nothing.json;
                if !same
                    || !(400..500).contains(&theirs.status)
                    || (route.method == "GET" && theirs.status != 404)
                {
                    let told = format!(
                        "{} {}, and of nothing: {} {}",
                        theirs.status, theirs.text, nothing.status, nothing.text
                    );
                    wrong.push(format!("{} {} as {caller:?}: {told}", route.method, route.path));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}

#[test]
fn strangers_lists_are_empty() {
    let world = World::closed();
    for (client, path) in [(&world.strange_member, "/bids"), (&world.strange_assessor, "/assignments")] {
        assert_eq!(client.get(path).ok().json["items"], json!([]), "{path}");
    }
    let own = world.strange_member.get("/organisations").ok().json["items"].clone();
    assert_eq!(own.as_array().map(Vec::len), Some(1));
    let own = world.strange_member.get("/users").ok().json["items"].clone();
    assert_eq!(own.as_array().map(Vec::len), Some(1));
}

#[test]
fn every_endpoint_reads_to_those_it_is_for() {
    /// There is nothing to read of these before the round is closed.
    const AFTER_CLOSING: [&str; 7] = [
        "/api/v1/rounds/{id}/later-acts",
        "/api/v1/rounds/{id}/snapshot",
        "/api/v1/rounds/{id}/verify",
        "/api/v1/rounds/{id}/awards.json",
        "/api/v1/rounds/{id}/awards.csv",
        "/api/v1/rounds/{id}/record",
        "/api/v1/bids/{id}/outcome",
    ];
    for (world, is_closed) in [(World::assessing(), false), (World::closed(), true)] {
        let mut wrong = Vec::new();
        for route in ROUTES.iter().filter(|route| route.method == "GET") {
            for (caller, who, client) in world.callers() {
                if !is_public(route) && !route.callers.contains(&caller) {
                    continue;
                }
                let noun = route.path.split('/').nth(3).unwrap();
                let mut address = world.addresses(route)[0].clone();
                if noun == "users" && route.path.contains("{id}") && caller == Caller::Assessor {
                    address = format!("/api/v1/users/{}", client.id());
                }
                let status = call(&client, route, &address).status;
                let early = !is_closed && AFTER_CLOSING.contains(&route.path);
                // A forecast is of an open round.
                let late = route.path == "/api/v1/rounds/{id}/forecast";
                let fine = match status {
                    200 => true,
                    404 | 409 => early || late,
                    _ => false,
                };
                if !fine {
                    wrong.push(format!("GET {address} as {who}: {status}"));
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}

#[test]
fn every_act_answers_those_it_is_for() {
    let world = World::assessing();
    let mut wrong = Vec::new();
    for route in ROUTES.iter().filter(|route| route.method != "GET") {
        for (caller, who, client) in world.callers() {
            if !is_public(route) && !route.callers.contains(&caller) {
                continue;
            }
            for address in world.addresses(route) {
                let answer = call(&client, route, &address);
                let refused = !is_public(route) && [401, 403].contains(&answer.status);
                if refused || answer.status >= 500 || answer.status == 405 {
                    wrong.push(format!(
                        "{} {address} as {who}: {} {}",
                        route.method, answer.status, answer.text
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

// ---- pages ------------------------------------------------------------------------------------

/// The address of a page with these things in it, and that of nothing at all.
fn page_addresses(world: &World, route: &Route) -> [String; 2] {
    // The step before the id, as `members` of `/your-organisation/members/{id}/invite`.
    let noun = route.path.split("/{id}").next().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    let noun = match noun {
        "members" => "users",
        // A person's page is tried on an assessor, who has the most of them.
        "people" => "assessors",
        noun => noun.trim_start_matches("your-").trim_start_matches("open-"),
    };
    let nothing = fasttrack::id::fresh().to_string();
    let fill = |id: &str| {
        let named = [
            ("{id}", id),
            ("{key}", "need"),
            ("{section}", "about"),
            ("{number}", "1"),
            ("{part}", "dates"),
            ("{assessor}", &world.things["assessors"]),
            ("{interest}", &world.things["interests"]),
        ];
        named.into_iter().fold(route.path.to_owned(), |path, (place, name)| path.replace(place, name))
    };
    [fill(world.things.get(noun).map_or(nothing.as_str(), String::as_str)), fill(&nothing)]
}

/// Asks for a page as a browser does; a form has the right token, and nothing else in it.
fn ask_page(browser: &Browser, route: &Route, address: &str) -> Page {
    match route.method {
        "GET" => browser.ask("GET", address, &[], None),
        _ => {
            let any = browser.get("/account");
            let token = any.forms().first().map(|form| form.get("csrf").to_owned()).unwrap_or_default();
            browser.ask(
                route.method,
                address,
                &[("Sec-Fetch-Site", "same-origin")],
                Some(format!("csrf={token}")),
            )
        }
    }
}

fn browsers(world: &World) -> Vec<(Caller, Browser)> {
    let app = &world.scenario.app;
    let callers = world.callers().into_iter();
    callers
        .map(|(caller, _, client)| match caller {
            Caller::Anyone => (caller, Browser::new(app)),
            Caller::Admin | Caller::Assessor | Caller::Member | Caller::Auditor => {
                (caller, Browser::of(app, &client))
            }
        })
        .collect()
}

#[test]
fn no_page_shows_itself_to_a_caller_that_it_is_not_for() {
    let world = World::assessing();
    let mut wrong = Vec::new();
    for (caller, browser) in browsers(&world) {
        for route in PAGES.iter().filter(|route| !route.callers.contains(&caller)) {
            for address in page_addresses(&world, route) {
                let page = ask_page(&browser, route, &address);
                let fine = match (caller, route.method) {
                    (Caller::Anyone, "GET") => {
                        page.status == 303 && page.header("location").starts_with("/sign-in")
                    }
                    (Caller::Anyone, _) => page.status == 401,
                    (_, "GET") => page.status == 404 && page.html.contains("Page not found"),
                    (..) => [403, 404].contains(&page.status),
                };
                if !fine {
                    wrong.push(format!("{} {address} as {caller:?}: {}", route.method, page.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_page_answers_those_it_is_for() {
    let world = World::assessing();
    let mut wrong = Vec::new();
    // What signs out takes a browser of its own.
    let (ends, goes_on): (Vec<&Route>, Vec<&Route>) =
        PAGES.iter().partition(|route| route.path.contains("sign-out"));
    for routes in std::iter::once(goes_on).chain(ends.into_iter().map(|route| vec![route])) {
        for (caller, browser) in browsers(&world) {
            for route in routes.iter().filter(|route| route.callers.contains(&caller)) {
                if route.path.contains("/assets/") || route.path.contains("{slug}") {
                    continue;
                }
                let address = &page_addresses(&world, route)[0];
                let page = ask_page(&browser, route, address);
                let fine = match route.method {
                    "GET" => [200, 303].contains(&page.status),
                    // The form was empty.
                    _ => page.status < 500 && ![401, 405].contains(&page.status),
                };
                if !fine {
                    wrong.push(format!("{} {address} as {caller:?}: {}", route.method, page.status));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_page_of_anothers_looks_like_one_that_is_not_there() {
    for world in [World::assessing(), World::closed()] {
        let mut wrong = Vec::new();
        let strangers = [
            (Caller::Assessor, Browser::of(&world.scenario.app, &world.strange_assessor)),
            (Caller::Member, Browser::of(&world.scenario.app, &world.strange_member)),
        ];
        for route in PAGES.iter().filter(|route| route.path.contains("{id}")) {
            for (_, browser) in strangers.iter().filter(|(caller, _)| route.callers.contains(caller)) {
                for address in page_addresses(&world, route) {
                    let page = ask_page(browser, route, &address);
                    if page.status != 404 {
                        wrong.push(format!("{} {}: {}", route.method, route.path, page.status));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }
}
