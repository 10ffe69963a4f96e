//! The rehearsal: what closing would decide now, and what it would decide under other rules. Nothing is written.
//!
//! What is supposed stands in the address, so that it can be gone back to and passed on; it is a question, not an act,
//! and auditors may ask it too.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::decided::{
    AreaRow, Line, MoneyRow, PER_PAGE, Part, areas, counts, in_words, line, line_in_words, money, part, purse,
};
use super::overview::{MOST_LISTED, OpenTask, open_tasks};
use super::supposing::{Field, announced, fields, supposition};
use super::{Framed, counted, kind_of};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::outcomes::decide::Outcome;
use crate::outcomes::model::{OpenPoint, RoundOutcomes};
use crate::outcomes::ops;
use crate::outcomes::what_if::{Faring, OutcomeChange, WhatIf};
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Id, Params};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, address};
use crate::rounds::rules::Rules;
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(rehearse);
}

#[derive(Template)]
#[template(path = "outcomes/templates/rehearsal.html")]
struct RehearsalPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    address: String,
    close: String,
    may_close: bool,
    is_closed: bool,
    view: Option<View>,
    groups: Vec<Group>,
}

/// What closing would decide.
struct View {
    counts: Vec<(String, usize)>,
    open: Vec<OpenTask>,
    lines: Vec<Line>,
    part: Part,
    money: Vec<MoneyRow>,
    areas: Vec<AreaRow>,
    line: String,
    supposed: Option<Supposed>,
}

/// What other rules would decide.
struct Supposed {
    told: String,
    changes: Vec<Change>,
    money: Vec<MoneyRow>,
    line: String,
    open: Vec<String>,
}

struct Change {
    reference: String,
    address: String,
    organisation: String,
    from: Fares,
    to: Fares,
    sentence: String,
}

struct Fares {
    outcome: String,
    kind: &'static str,
    amount: String,
}

/// Fields of the form that belong together.
struct Group {
    legend: String,
    fields: Vec<Field>,
}

#[get("/rounds/{id}/rehearsal")]
async fn rehearse(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let Framed { shell, frame, round, may_act } = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    let page = query.0.iter().find(|(name, _)| name == "page").and_then(|(_, page)| page.parse().ok());
    let asked: Vec<(String, String)> = query.0.into_iter().filter(|(name, _)| name != "page").collect();
    let is_supposed = !asked.is_empty();
    let form = if is_supposed { Form::from(asked) } else { announced(&round.rules) };
    let mut shown = RehearsalPage {
        shell,
        frame,
        address: format!("{}/rehearsal", address(round.id)),
        close: format!("{}/close", address(round.id)),
        may_close: may_act && round.status == RoundStatus::Assessing,
        is_closed: round.status == RoundStatus::Closed,
        groups: groups(&round.rules),
        view: None,
        form,
    };
    if !matches!(round.status, RoundStatus::Assessing | RoundStatus::Closed) {
        return visit.show(&shown);
    }
    let outcomes = ops::outcomes(&on, &visit.who, id.0).await?;
    let supposed = match supposition(&shown.form, &round.rules) {
        Ok(supposed) => ops::suppose(&on, &visit.who, id.0, supposed).await,
        Err(problem) => Err(problem),
    };
    match supposed {
        Ok(what_if) => {
            shown.view = Some(view(&shown, &round, &outcomes, &what_if, is_supposed, page.unwrap_or(1)));
            visit.show(&shown)
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            shown.form = shown.form.clone().refused(&problem);
            visit.show_again(&problem, &shown)
        }
        Err(problem) => Err(problem),
    }
}

fn view(
    shown: &RehearsalPage,
    round: &Round,
    outcomes: &RoundOutcomes,
    what_if: &WhatIf,
    is_supposed: bool,
    page: usize,
) -> View {
    let query: Vec<(&str, &str)> = if is_supposed { shown.form.pairs().collect() } else { Vec::new() };
    let at = |page: usize| {
        let page = page.to_string();
        let pairs: Vec<(&str, &str)> = query.iter().copied().chain([("page", page.as_str())]).collect();
        format!("{}?{}", shown.address, serde_urlencoded::to_string(pairs).unwrap_or_default())
    };
    let (first, part) = part(page, outcomes.outcomes.len(), "Bids", at);
    let rules = &round.rules;
    View {
        counts: counts(&outcomes.outcomes),
        open: open_tasks(round.id, &outcomes.blockers),
        lines: outcomes.outcomes.iter().skip(first).take(PER_PAGE).map(|one| line(rules, one)).collect(),
        part,
        money: money(&what_if.announced.totals),
        areas: areas(&what_if.announced.by_area, &what_if.supposed.by_area),
        line: line_in_words(&what_if.announced.funding_line),
        supposed: is_supposed.then(|| Supposed {
            told: match what_if.changes.len() {
                0 => "Every bid would fare as it does by the announced rules.".to_owned(),
                changes => {
                    let all = counted(changes, "bid would fare", "bids would fare");
                    let first = if changes > MOST_LISTED { " Here are the first of them." } else { "" };
                    format!("{all} otherwise.{first}")
                }
            },
            changes: what_if.changes.iter().take(MOST_LISTED).map(|one| change(rules, one)).collect(),
            money: money(&what_if.supposed.totals),
            line: line_in_words(&what_if.supposed.funding_line),
            open: supposed_open(&what_if.supposed.blockers),
        }),
    }
}

/// The first points, and how many more there are.
fn supposed_open(points: &[OpenPoint]) -> Vec<String> {
    let more = points.len().saturating_sub(MOST_LISTED);
    let first = points.iter().take(MOST_LISTED).map(|point| point.detail.clone());
    first.chain((more > 0).then(|| counted(more, "more point", "more points"))).collect()
}

fn change(rules: &Rules, one: &OutcomeChange) -> Change {
    let fares = |faring: &Faring| Fares {
        outcome: in_words(faring.outcome, faring.reserve_position),
        kind: kind_of(faring.outcome),
        amount: if faring.outcome.is_some_and(Outcome::is_award) {
            let from = faring.paid_from.as_ref().map(|from| purse(rules, from)).unwrap_or_default();
            format!("{}{from}", faring.amount_pence)
        } else {
            String::new()
        },
    };
    Change {
        reference: one.reference.clone(),
        address: format!("/bids/{}/scores", one.bid_id),
        organisation: one.organisation.clone(),
        from: fares(&one.from),
        to: fares(&one.to),
        sentence: one.to.sentence.clone(),
    }
}

fn groups(rules: &Rules) -> Vec<Group> {
    fields(rules).into_iter().map(|(legend, fields)| Group { legend, fields }).collect()
}
