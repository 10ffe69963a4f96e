//! A small round that stands where a test needs it: its assessors, its bids, and short ways to act.

use serde_json::{Value, json};

use crate::support::{App, Client};

pub const BURNLEY: &str = "E07000117";
pub const PENDLE: &str = "E07000122";
pub const LANCASHIRE: &str = "E10000017";
pub const MANCHESTER: &str = "E08000003";

const DEADLINE: &str = "2026-09-30T11:00:00Z";
const AFTER: &str = "2026-09-30T11:00:01Z";

/// How a round is set up.
pub struct Setup<'a> {
    pub places: u32,
    /// Name, areas, capacity.
    pub assessors: &'a [(&'a str, &'a [&'a str], u32)],
    /// Areas of each bid, each from a provider of its own.
    pub bids: &'a [&'a [&'a str]],
    pub see_scores_after_close: bool,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self { places: 1, assessors: &[], bids: &[], see_scores_after_close: false }
    }
}

pub struct Scene {
    pub app: App,
    pub admin: Client,
    pub round: String,
    pub assessors: Vec<Client>,
    pub providers: Vec<Client>,
    pub bids: Vec<Value>,
}

impl Scene {
    /// An open round with its bids in, a second after its deadline.
    pub fn new(setup: &Setup<'_>) -> Self {
        Self::with_rules(setup, |_| {})
    }

    /// The same, with other rules.
    pub fn with_rules(setup: &Setup<'_>, change: impl FnOnce(&mut Value)) -> Self {
        let app = App::start();
        let admin = app.admin();
        let assessors: Vec<Client> =
            setup.assessors.iter().map(|(name, areas, _)| app.assessor(&admin, name, areas)).collect();
        let fund = admin.post("/funds", &json!({"name": "A fund", "areas": ["E12000002"]})).created();
        let mut rules = json!({
            "criteria": [criterion("need", 60), criterion("value", 40)],
            "assessors_per_bid": setup.places, "quorum": 1, "budget_pence": 300_000_000,
            "query_email": "fund@example.org",
            "assessors_see_scores_after_close": setup.see_scores_after_close,
        });
        change(&mut rules);
        let round = admin.post(
            "/rounds",
            &json!({
                "fund_id": fund["id"], "code": "FT1", "name": "Round 1",
                "deadline": DEADLINE, "assessments_due_at": "2026-10-20T11:00:00Z",
                "rules": rules,
            }),
        );
        let round = round.created()["id"].as_str().expect("an id").to_owned();
        let mut scene = Self { app, admin, round, assessors, providers: Vec::new(), bids: Vec::new() };
        let capacities: Vec<u32> = setup.assessors.iter().map(|(_, _, capacity)| *capacity).collect();
        scene.set_capacities(&capacities);
        scene.admin.post(&scene.path("/open"), &json!({})).ok();
        for (index, areas) in setup.bids.iter().enumerate() {
            let provider = scene.app.provider(&format!("Provider {index}"));
            let bid = scene.submit(&provider, &content(&format!("Bid {index}"), areas));
            scene.providers.push(provider);
            scene.bids.push(bid);
        }
        scene.app.set_time(AFTER);
        scene
    }

    /// As [`Self::new`], with the assessment started.
    pub fn started(setup: &Setup<'_>) -> Self {
        let scene = Self::new(setup);
        scene.start();
        scene
    }

    pub fn start(&self) -> Value {
        self.admin.post(&self.path("/start-assessment"), &json!({})).ok().json
    }

    /// An address below the round.
    pub fn path(&self, below: &str) -> String {
        format!("/rounds/{}{below}", self.round)
    }

    pub fn submit(&self, provider: &Client, content: &Value) -> Value {
        let bid = provider.post(&self.path("/bids"), content).created();
        let id = bid["id"].as_str().expect("an id");
        provider.post(&format!("/bids/{id}/submit"), &json!({}));
        provider.get(&format!("/bids/{id}")).ok().json
    }

    /// Sets the pool to the first assessors, with these capacities. The routing follows.
    pub fn set_capacities(&self, capacities: &[u32]) {
        self.set_pool(capacities, false);
    }

    /// The same, while the routing waits for somebody to look at the difference.
    pub fn set_capacities_and_wait(&self, capacities: &[u32]) {
        self.set_pool(capacities, true);
    }

    fn set_pool(&self, capacities: &[u32], hold_routing: bool) {
        let members = self.assessors.iter().zip(capacities);
        let pool: Vec<Value> = members
            .map(|(assessor, capacity)| json!({"assessor_id": assessor.id(), "capacity": capacity, "minimum": 0}))
            .collect();
        let tag = self.admin.get(&self.path("")).ok().etag();
        let pool = json!({"assessors": pool, "hold_routing": hold_routing});
        self.admin.put(&self.path("/assessors"), &tag, &pool).ok();
    }

    /// Every assignment of the round, as an administrator reads them.
    pub fn assignments(&self) -> Vec<Value> {
        let page = self.admin.get(&self.path("/assignments?limit=100")).ok().json;
        page["items"].as_array().expect("items").clone()
    }

    pub fn standing(&self) -> Vec<Value> {
        let stands = |view: &Value| {
            ["offered", "accepted", "submitted"]
                .contains(&view["assignment"]["status"].as_str().unwrap_or_default())
        };
        self.assignments().into_iter().filter(stands).collect()
    }

    /// The ids of an assessor's own standing assignments.
    pub fn own(&self, assessor: &Client) -> Vec<String> {
        let own = |view: &Value| view["assignment"]["assessor_id"] == assessor.user["id"];
        let id = |view: &Value| view["assignment"]["id"].as_str().expect("an id").to_owned();
        self.standing().iter().filter(|view| own(view)).map(id).collect()
    }

    pub fn accept(&self, assessor: &Client, assignment: &str) -> Value {
        assessor.post(&format!("/assignments/{assignment}/accept"), &json!({"no_conflict": true})).ok().json
    }

    /// Writes and submits a complete assessment of an accepted bid.
    pub fn assess(&self, assessor: &Client, assignment: &str, score: i32) {
        let path = format!("/assignments/{assignment}/assessment");
        let tag = assessor.get(&path).ok().etag();
        let saved = assessor.put(&path, &tag, &complete(score));
        assert!([200, 201].contains(&saved.status), "{}", saved.text);
        assessor.post(&format!("{path}/submit"), &json!({})).ok();
    }

    pub fn emails(&self, kind: &str) -> Vec<Value> {
        let page = self.admin.get("/emails?limit=100").ok().json;
        let all = page["items"].as_array().expect("items").clone();
        all.into_iter().filter(|email| email["kind"] == kind).collect()
    }

    pub fn audited(&self, action: &str) -> Vec<Value> {
        let page = self.admin.get(&format!("/audit?limit=100&action={action}")).ok().json;
        page["items"].as_array().expect("items").clone()
    }
}

fn criterion(key: &str, weight: u32) -> Value {
    let scale: Vec<Value> =
        (0..=5).map(|score| json!({"score": score, "label": format!("Level {score}")})).collect();
    json!({"key": key, "title": key, "word_limit": 100, "weight": weight, "scale": scale})
}

pub fn content(title: &str, areas: &[&str]) -> Value {
    json!({
        "title": title, "summary": "What it is about.", "areas": areas,
        "lead_contact": {"name": "Lee Lead", "email": "lee@example.org"}, "partners": [],
        "amount_requested_pence": 1_000_000, "match_funding_pence": 0, "planned_learners": 20,
        "starts_on": "2027-01-11", "ends_on": "2027-12-17",
        "answers": {"need": "SECRET-ANSWER to need.", "value": "An answer to value."},
        "gateway_answers": {}, "declarations": [],
    })
}

pub fn complete(score: i32) -> Value {
    let one = json!({"score": score, "justification": "Because of page two.", "feedback": "Say more."});
    json!({
        "scores": {"need": one, "value": one}, "feedback": "A fair bid.", "private_note": "For the panel.",
        "in_scope": true, "recommendation": "fund",
    })
}
