//! The audit trail: who did what to what, when, the latest first.

use actix_web::{HttpResponse, get, web};
use askama::Template;
use serde_json::Value;

use super::names::Named;
use crate::audit::{Event, Filter};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::oversight::ops::{self, Names};
use crate::oversight::words::{acts, did};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};
use crate::web::form::{Choice, Form};
use crate::web::page::with_query;
use crate::web::shell::Shell;
use crate::web::typed::day_starts;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "oversight/templates/audit.html")]
struct AuditPage {
    shell: Shell,
    form: Form,
    rounds: Vec<Choice>,
    actions: Vec<Choice>,
    /// Whether it is about one person or thing alone.
    is_narrowed: bool,
    is_filtered: bool,
    events: Vec<Line>,
    first: String,
    next: String,
}

struct Line {
    at: String,
    actor: Named,
    did: String,
    subject: Option<Named>,
    /// The round, where the sentence does not name it.
    round: Option<Named>,
    reason: String,
    details: Vec<(String, String)>,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct AuditQuery {
    round: String,
    action: String,
    actor: String,
    subject: String,
    from: String,
    until: String,
    cursor: String,
}

impl AuditQuery {
    fn filter(&self) -> Filter {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Filter {
            round: self.round.parse().ok().map(RoundId),
            subject: given(&self.subject),
            actor: given(&self.actor),
            action: given(&self.action),
            from: day_starts(&self.from, false),
            until: day_starts(&self.until, true),
        }
    }

    fn asked(&self) -> [(&'static str, &str); 6] {
        [
            ("round", &self.round),
            ("action", &self.action),
            ("actor", &self.actor),
            ("subject", &self.subject),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }
}

#[get("/audit")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<AuditQuery>,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let cursor = Some(query.cursor.as_str()).filter(|cursor| !cursor.is_empty());
    let paging = Paging::new(Some(50), cursor)?.newest_first(true);
    let (events, names) = ops::list(&on, &visit.who, query.filter(), paging).await?;
    let page = Page::new(events, &paging, |event| event.id.0);
    let asked = query.asked();
    let mut form = Form::blank();
    for (name, value) in asked {
        form = form.with(name, value);
    }
    for (name, after) in [("from", false), ("until", true)] {
        if !form.get(name).is_empty() && day_starts(form.get(name), after).is_none() {
            form = form.fault_at(name, "Give a day as year, month and day, such as 2027-03-27");
        }
    }
    let next = page.next_cursor.map(|cursor| {
        let mut parameters = asked.to_vec();
        parameters.push(("cursor", cursor.as_str()));
        with_query("/audit", &parameters)
    });
    let rounds = ops::rounds(&on, &visit.who).await?;
    visit.show(&AuditPage {
        shell: visit.shell(),
        rounds: rounds.iter().map(|round| Choice::new(round.id.to_string(), &round.name)).collect(),
        actions: acts().map(|action| Choice::new(action, action.replace(['.', '_'], " "))).collect(),
        is_narrowed: !query.actor.is_empty() || !query.subject.is_empty(),
        is_filtered: asked.iter().any(|(_, value)| !value.is_empty()),
        events: page.items.iter().map(|event| Line::of(event, &names)).collect(),
        first: cursor.map(|_| with_query("/audit", &asked)).unwrap_or_default(),
        next: next.unwrap_or_default(),
        form,
    })
}

impl Line {
    fn of(event: &Event, names: &Names) -> Self {
        let (actor, subject) = (names.actor(event), names.subject(event));
        let did = did(&event.action).map_or_else(|| event.action.replace(['.', '_'], " "), str::to_owned);
        // Nobody says that Alex signed in as Alex.
        let (did, subject) = match subject {
            Some(subject) if subject == actor => (to_themself(&did), None),
            subject => (did, subject),
        };
        let is_told = ["round", "ruling"].contains(&event.subject_kind.as_str());
        let mut details = Vec::new();
        flatten("", &event.detail, &mut details);
        details.retain(|(name, _)| name != "reason");
        if let Some(request) = &event.request_id {
            details.push(("Request".to_owned(), request.clone()));
        }
        Self {
            at: event.at.london(),
            actor,
            did,
            round: event.round_id.filter(|_| !is_told).and_then(|round| names.round(round)),
            subject,
            reason: event.detail.get("reason").and_then(Value::as_str).unwrap_or_default().to_owned(),
            details,
        }
    }
}

/// What was done by somebody to themself.
fn to_themself(did: &str) -> String {
    match did {
        "signed in as" => "signed in".to_owned(),
        "signed out" => did.to_owned(),
        other => match other.strip_suffix(" of") {
            Some(what) => format!("{what} of their own"),
            None => format!("{other} themself"),
        },
    }
}

/// The most details of one event on the page; the API has all.
const DETAILS: usize = 40;

/// A detail as names and values, those within others after their names.
fn flatten(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
    if found.len() >= DETAILS {
        return;
    }
    let below = |step: &str| if name.is_empty() { step.to_owned() } else { format!("{name} › {step}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (step, value) in fields {
                flatten(&below(&step.replace('_', " ")), value, found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                flatten(&below(&(place + 1).to_string()), value, found);
            }
        }
        Value::String(text) => found.push((name.to_owned(), text.clone())),
        Value::Bool(_) | Value::Number(_) => found.push((name.to_owned(), value.to_string())),
    }
}
