//! The rules of a round: read by everybody who reads everything, and in a draft the way to each form.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::announced::{Told, announced};
use super::frame::{RoundFrame, Tab, address, within_rounds};
use super::section::Section;
use crate::auth::{Reader, Role};
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::rounds::ops::{self, Prepared};
use crate::web::shell::{Link, Shell};
use crate::web::typed::sentence;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "rounds/templates/rules.html")]
struct RulesPage {
    shell: Shell,
    frame: RoundFrame,
    is_draft: bool,
    /// The forms of a draft, for whoever may write it.
    tasks: Vec<Task>,
    /// What keeps a draft from opening.
    missing: Vec<String>,
    acts: Vec<Link>,
    sections: Vec<Told>,
    draw: Option<String>,
}

/// A form, and whether it is complete.
struct Task {
    label: String,
    address: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[get("/rounds/{id}/rules")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let prepared = ops::prepared(&on, &visit.who, id.0).await?;
    let round = &prepared.round;
    let is_admin = visit.who.role == Some(Role::Admin);
    let is_draft = round.status == RoundStatus::Draft;
    visit.show(&RulesPage {
        shell: within_rounds(visit.shell()),
        frame: RoundFrame::of(round, Tab::Rules),
        is_draft,
        tasks: if is_admin && is_draft { tasks(&prepared) } else { Vec::new() },
        missing: prepared.missing.iter().map(|fault| sentence(&fault.detail)).collect(),
        acts: if is_admin { acts(round.id, round.status) } else { Vec::new() },
        sections: announced(&prepared),
        draw: round.draw_sha256.clone(),
    })
}

/// What an administrator can do with a round besides writing its rules.
fn acts(id: RoundId, status: RoundStatus) -> Vec<Link> {
    let act = |label: &str, address: String| Link { label: label.to_owned(), address, is_current: false };
    let below = |part: &str| format!("{}/{part}", address(id));
    let copy = act("Copy the round", format!("/rounds/new?copy={id}"));
    let cancel = act("Cancel the round", below("cancel"));
    match status {
        RoundStatus::Draft => vec![act("Open the round", below("open")), copy, cancel],
        RoundStatus::Open => vec![act("Extend the deadline", below("extend")), copy, cancel],
        RoundStatus::Assessing => vec![copy, cancel],
        RoundStatus::Closed | RoundStatus::Cancelled => vec![copy],
    }
}

/// The forms of a draft, each criterion's after the list of criteria.
fn tasks(prepared: &Prepared) -> Vec<Task> {
    let criteria = &prepared.round.rules.criteria;
    let mut tasks = Vec::new();
    for section in Section::ALL {
        tasks.push(task(prepared, &section, section.title().to_owned()));
        if section == Section::Criteria {
            tasks.extend(criteria.iter().map(|criterion| {
                task(
                    prepared,
                    &Section::Criterion(criterion.key.clone()),
                    format!("Criterion: {}", criterion.title),
                )
            }));
        }
    }
    tasks
}

fn task(prepared: &Prepared, section: &Section, label: String) -> Task {
    let rules = &prepared.round.rules;
    let of_section = prepared.missing.iter().filter(|fault| Section::of(&fault.pointer, rules) == *section);
    let missing: Vec<String> = of_section.map(|fault| sentence(&fault.detail)).collect();
    let is_blank = match section {
        Section::Gateways => rules.gateways.is_empty(),
        Section::Declarations => rules.declarations.is_empty(),
        Section::Themes => rules.themes.is_empty(),
        Section::Pots => rules.pots.is_empty(),
        _ => false,
    };
    let (status, kind) = match (missing.is_empty(), is_blank) {
        (false, _) => ("To do", "soon"),
        (true, true) => ("None", ""),
        (true, false) => ("Complete", "done"),
    };
    Task { label, address: section.address(prepared.round.id), hint: missing.join(". "), status, kind }
}
