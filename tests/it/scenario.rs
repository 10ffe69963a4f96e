//! A small round to close: one fund, two criteria, three assessors who each assess every bid.

use serde_json::{Value, json};

use crate::support::{Answer, App, Client};

pub const MANCHESTER: &str = "E08000003";
pub const BURNLEY: &str = "E07000117";

/// A bid to be sent.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Of the provider; the bid's title is made of it.
    pub name: &'static str,
    pub area: &'static str,
    pub pounds: i64,
}

pub struct Sent {
    pub provider: Client,
    pub id: String,
    pub reference: String,
}

pub struct Scenario {
    pub app: App,
    pub admin: Client,
    pub round: String,
    pub assessors: Vec<Client>,
    pub bids: Vec<Sent>,
}

/// £150,000, £90,000, £100,000 and £50,000, of which the second is for Burnley.
pub const FOUR: [Plan; 4] = [
    Plan { name: "Alder", area: MANCHESTER, pounds: 150_000 },
    Plan { name: "Birch", area: BURNLEY, pounds: 90_000 },
    Plan { name: "Cedar", area: MANCHESTER, pounds: 100_000 },
    Plan { name: "Damson", area: MANCHESTER, pounds: 50_000 },
];

/// £300,000, of which £100,000 for Lancashire; 50 points are needed.
pub fn rules() -> Value {
    let labels = ["No response", "Unsatisfactory", "Poor", "Satisfactory", "Good", "Excellent"];
    let scale: Vec<Value> =
        labels.iter().enumerate().map(|(score, label)| json!({"score": score, "label": label})).collect();
    json!({
        "criteria": [
            {"key": "need", "title": "Need and demand", "word_limit": 500, "weight": 60, "scale": scale},
            {"key": "delivery", "title": "Delivery", "word_limit": 500, "weight": 40, "scale": scale},
        ],
        "assessors_per_bid": 3,
        "quorum": 3,
        "overall_threshold": 50,
        "disagreement": {"criterion_levels": 2},
        "budget_pence": 30_000_000,
        "pots": [{"key": "lancashire", "name": "Lancashire", "areas": ["lancashire-lep"], "amount_pence": 10_000_000}],
        "query_email": "queries@example.org",
    })
}

impl Scenario {
    /// A round that is open, with these bids submitted.
    pub fn open(plans: &[Plan], change: impl FnOnce(&mut Value)) -> Self {
        let app = App::start();
        let admin = app.admin();
        let fund = json!({"name": "Digital Fund", "areas": ["E47000001", "lancashire-lep"]});
        let fund = admin.post("/funds", &fund).created();
        let mut rules = rules();
        change(&mut rules);
        let round = json!({
            "fund_id": fund["id"], "code": "DF1", "name": "Round 1", "rules": rules,
            "deadline": "2026-09-20T11:00:00Z", "assessments_due_at": "2026-10-20T11:00:00Z",
        });
        let round = text(&admin.post("/rounds", &round).created()["id"]);
        let cover = ["E47000001", "lancashire-lep"];
        let assessors: Vec<Client> = ["Ann", "Ben", "Cat"]
            .iter()
            .map(|name| app.assessor(&admin, &format!("{name} Assessor"), &cover))
            .collect();
        let pool: Vec<Value> =
            assessors.iter().map(|a| json!({"assessor_id": a.id(), "capacity": 20, "minimum": 0})).collect();
        let tag = admin.get(&format!("/rounds/{round}/assessors")).ok().etag();
        admin.put(&format!("/rounds/{round}/assessors"), &tag, &json!({"assessors": pool})).ok();
        admin.post(&format!("/rounds/{round}/open"), &json!({})).ok();
        let mut scenario = Self { app, admin, round, assessors, bids: Vec::new() };
        for plan in plans {
            scenario.send(*plan);
        }
        scenario
    }

    /// A round that is being assessed, with every offer accepted and nothing scored.
    pub fn assessing(plans: &[Plan], change: impl FnOnce(&mut Value)) -> Self {
        let scenario = Self::open(plans, change);
        scenario.start();
        scenario
    }

    /// [`FOUR`], scored 5, 4, 3 and 1 throughout: the first two are awarded, the third is on the
    /// reserve list, the fourth is below the threshold.
    pub fn scored() -> Self {
        let scenario = Self::assessing(&FOUR, |_| {});
        for (bid, score) in [5, 4, 3, 1].into_iter().enumerate() {
            scenario.all_score(bid, score);
        }
        scenario
    }

    fn send(&mut self, plan: Plan) {
        let provider = self.app.provider(plan.name);
        let content = content(plan);
        let bid = provider.post(&format!("/rounds/{}/bids", self.round), &content).created();
        let id = text(&bid["id"]);
        provider.post(&format!("/bids/{id}/submit"), &json!({})).created();
        self.bids.push(Sent { provider, id, reference: text(&bid["reference"]) });
    }

    /// Starts assessment; every assessor accepts every offer.
    pub fn start(&self) {
        let path = format!("/rounds/{}/start-assessment", self.round);
        self.admin.post(&path, &json!({"reason": "All expected bids are in."})).ok();
        for assessor in &self.assessors {
            for view in items(&assessor.get("/assignments?status=offered&limit=100").ok()) {
                let path = format!("/assignments/{}/accept", text(&view["assignment"]["id"]));
                assessor.post(&path, &json!({"no_conflict": true})).ok();
            }
        }
    }

    /// The assignment of an assessor on a bid.
    pub fn assignment(&self, assessor: usize, bid: usize) -> String {
        let views = items(&self.assessors[assessor].get("/assignments?limit=100").ok());
        let view = views.iter().find(|view| view["assignment"]["bid_id"] == self.bids[bid].id.as_str());
        text(&view.expect("an assignment")["assignment"]["id"])
    }

    /// An assessor scores a bid and submits.
    pub fn score(&self, assessor: usize, bid: usize, need: i32, delivery: i32) {
        let path = format!("/assignments/{}/assessment", self.assignment(assessor, bid));
        let tag = self.assessors[assessor].get(&path).ok().etag();
        let given = |criterion: &str, score: i32| {
            json!({
                "score": score,
                "justification": format!("JUSTIFIED {criterion} {bid}"),
                "feedback": format!("Feedback {assessor} on {criterion} for bid {bid}."),
            })
        };
        let content = json!({
            "scores": {"need": given("need", need), "delivery": given("delivery", delivery)},
            "feedback": format!("Overall {assessor} for bid {bid}."),
            "private_note": format!("PRIVATE {bid}"),
            "in_scope": true,
            "recommendation": "fund",
        });
        self.assessors[assessor].put(&path, &tag, &content);
        self.assessors[assessor].post(&format!("{path}/submit"), &json!({})).ok();
    }

    /// All three give the bid this score on both criteria.
    pub fn all_score(&self, bid: usize, score: i32) {
        for assessor in 0..self.assessors.len() {
            self.score(assessor, bid, score, score);
        }
    }

    /// A path below the round.
    pub fn at(&self, path: &str) -> String {
        format!("/rounds/{}/{path}", self.round)
    }

    pub fn close(&self) -> Answer {
        self.admin.post(&self.at("close"), &json!({"confirm": "Round 1"}))
    }

    pub fn preview(&self) -> Value {
        self.admin.post(&self.at("close"), &json!({"dry_run": true})).ok().json
    }

    pub fn rule(&self, ruling: &Value) -> Answer {
        self.admin.post(&self.at("rulings"), ruling)
    }

    /// A bid's outcome as the round lists it.
    pub fn outcome(&self, bid: usize) -> Value {
        let outcomes = self.admin.get(&self.at("outcomes")).ok().json;
        find(&outcomes["outcomes"], &self.bids[bid].id)
    }

    /// The stored emails of a kind, whole.
    pub fn emails(&self, kind: &str) -> Vec<Value> {
        let path = format!("/emails?kind={kind}&round_id={}&limit=100", self.round);
        let listed = items(&self.admin.get(&path).ok());
        listed
            .iter()
            .map(|email| self.admin.get(&format!("/emails/{}", text(&email["id"]))).ok().json)
            .collect()
    }
}

/// The outcome of a bid in a list of outcomes.
pub fn find(outcomes: &Value, bid: &str) -> Value {
    let outcomes = outcomes.as_array().expect("a list");
    outcomes.iter().find(|outcome| outcome["bid_id"] == bid).cloned().unwrap_or(Value::Null)
}

pub fn items(answer: &Answer) -> Vec<Value> {
    answer.json["items"].as_array().cloned().expect("a list")
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn content(plan: Plan) -> Value {
    let name = plan.name;
    json!({
        "title": format!("{name} digital skills"),
        "summary": format!("{name} trains people for vacancies that cannot be filled."),
        "areas": [plan.area],
        "lead_contact": {"name": format!("{name} Lead"), "email": format!("lead@{}.example.org", name.to_lowercase())},
        "amount_requested_pence": plan.pounds * 100,
        "match_funding_pence": 0,
        "planned_learners": 50,
        "starts_on": "2027-01-11",
        "ends_on": "2027-12-17",
        "answers": {"need": "Forty vacancies stand open.", "delivery": "Three cohorts of twenty."},
    })
}
