//! The forms of a draft, one for each section.
//!
//! A form holds the mark of what it was made of. Where somebody else has changed the same section since, nothing is
//! overwritten: both are shown, and the person decides. A draft may be saved incomplete; what is missing is said
//! on the page and judged again when the round opens.

mod fields;
mod update;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use self::fields::{LISTS, fields, sub_criteria};
use self::update::{tidied, update};
use super::announced::{self, announced};
use super::frame::{RoundFrame, Tab, within_rounds};
use super::section::Section;
use crate::areas::pages::chooser::{Branch, within};
use crate::auth::Admin;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::IfMatch;
use crate::rounds::model::RoundStatus;
use crate::rounds::ops::{self, Prepared};
use crate::rounds::rules::Criterion;
use crate::web::form::{Choice, FieldFault, Form, field_of};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show_criterion).service(save_criterion).service(show_part).service(save_part);
}

#[derive(Template)]
#[template(path = "rounds/templates/part.html")]
struct PartPage {
    shell: Shell,
    frame: RoundFrame,
    section: Section,
    title: String,
    action: String,
    back: String,
    form: Form,
    /// What is missing before the round can open, each with its field.
    missing: Vec<FieldFault>,
    /// What somebody else has saved meanwhile.
    elsewhere: Option<Vec<announced::Line>>,
    /// Where a criterion's fields are: `rules.criteria.2`.
    criterion_at: String,
    criterion: Option<Criterion>,
    /// Of all criteria, as they are typed.
    weights: u64,
    branches: Vec<Branch>,
    choices: Choices,
}

/// The choices of the radio buttons and lists.
struct Choices {
    combinations: Vec<Choice>,
    deciding: Vec<Choice>,
    does_not_fit: Vec<Choice>,
    answers: Vec<Choice>,
    ties: Vec<Choice>,
    /// How many ties to ask for.
    tie_rows: usize,
}

impl Choices {
    fn tie_label(&self, row: &usize) -> &'static str {
        if *row == 0 { "First by" } else { "Then by" }
    }

    fn of(prepared: &Prepared, form: &Form) -> Self {
        let criteria = &prepared.round.rules.criteria;
        let mut ties: Vec<Choice> = criteria.iter().map(|one| Choice::new(&one.key, &one.title)).collect();
        ties.push(Choice::new("draw", "A draw"));
        Self {
            combinations: vec![
                Choice::new("mean", "The mean"),
                Choice::new("median", "The median").hint("One score far from the others changes nothing"),
            ],
            deciding: vec![
                Choice::new("combined", "The combined score as it is").hint("Assessors' leniency is shown beside it"),
                Choice::new("adjusted", "The combined score, adjusted for leniency")
                    .hint("Less the mean leniency of the bid's assessors. It needs the mean and two assessors or more"),
            ],
            does_not_fit: vec![
                Choice::new("stop", "Stop").hint("Nothing below it in the ranking is funded from that pot"),
                Choice::new("skip", "Skip it").hint("The next bid that fits is funded"),
            ],
            answers: vec![Choice::new("true", "Yes"), Choice::new("false", "No")],
            tie_rows: ties.len().min((form.rows("rules.tie_break") + 1).max(3)),
            ties,
        }
    }
}

/// The field of a fault. A scale and a list of areas have one field for all that they hold.
fn field(pointer: &str) -> String {
    let whole = ["/scale", "/areas"].iter().find_map(|list| Some((pointer.find(list)?, list.len())));
    field_of(whole.map_or(pointer, |(start, length)| &pointer[..start + length]))
}

fn missing(prepared: &Prepared, section: &Section) -> Vec<FieldFault> {
    let rules = &prepared.round.rules;
    let of_section = prepared.missing.iter().filter(|fault| Section::of(&fault.pointer, rules) == *section);
    let mut found = Form::blank();
    for fault in of_section {
        found = found.fault_at(&field(&fault.pointer), &fault.detail);
    }
    found.faults().to_vec()
}

/// What of a section was saved, in words.
fn standing(prepared: &Prepared, section: &Section) -> Vec<announced::Line> {
    let lines = |wanted: &Section| {
        let told = announced(prepared).into_iter().find(|told| told.section == *wanted);
        told.map(|told| told.lines).unwrap_or_default()
    };
    match section {
        Section::Criterion(key) => {
            let place = prepared.round.rules.criteria.iter().position(|criterion| criterion.key == *key);
            place.and_then(|place| lines(&Section::Criteria).into_iter().nth(place)).into_iter().collect()
        }
        other => lines(other),
    }
}

/// The page of a section; `is_stale`: somebody else has changed it meanwhile.
fn page(
    visit: &Visit<Admin>,
    status: StatusCode,
    prepared: &Prepared,
    section: &Section,
    form: Form,
    is_stale: bool,
) -> Result<HttpResponse> {
    let round = &prepared.round;
    let rules = &round.rules;
    let place = match section {
        Section::Criterion(key) => rules.criteria.iter().position(|criterion| criterion.key == *key),
        _ => None,
    };
    let criterion = place.and_then(|place| rules.criteria.get(place)).cloned();
    let weight = |row: usize| form.get(&format!("rules.criteria.{row}.weight")).trim().parse::<u32>().ok();
    let weights = (0..form.rows("rules.criteria")).filter_map(weight).map(u64::from).sum();
    let frame = RoundFrame::of(round, Tab::Rules);
    let page = PartPage {
        shell: within_rounds(visit.shell()).under(frame.name.clone(), Tab::Rules.address(round.id)),
        frame,
        title: criterion.as_ref().map_or_else(|| section.title().to_owned(), |one| one.title.clone()),
        action: section.address(round.id),
        back: Tab::Rules.address(round.id),
        missing: if form.is_refused() || is_stale { Vec::new() } else { missing(prepared, section) },
        elsewhere: is_stale.then(|| standing(prepared, section)),
        criterion_at: place.map(|place| format!("rules.criteria.{place}")).unwrap_or_default(),
        criterion,
        weights,
        branches: within(&prepared.tree, &prepared.fund.areas),
        choices: Choices::of(prepared, &form),
        section: section.clone(),
        form,
    };
    visit.show_as(status, &page)
}

async fn show(on: &Platform, visit: &Visit<Admin>, id: RoundId, section: &Section) -> Result<HttpResponse> {
    let prepared = ops::prepared(on, &visit.who.reader(), id).await?;
    known(&prepared, section)?;
    if prepared.round.status != RoundStatus::Draft {
        // What is announced is read, not written.
        return Ok(see_other(&Tab::Rules.address(id)));
    }
    let form = fields(section, &prepared.round);
    let mark = form.mark();
    page(visit, StatusCode::OK, &prepared, section, form.with("seen", mark), false)
}

fn known(prepared: &Prepared, section: &Section) -> Result<()> {
    match section {
        Section::Criterion(key) if prepared.round.rules.criterion(key).is_none() => Err(Problem::not_found()),
        _ => Ok(()),
    }
}

async fn save(on: &Platform, sent: &Sent<Admin>, id: RoundId, section: &Section) -> Result<HttpResponse> {
    let prepared = ops::prepared(on, &sent.who.reader(), id).await?;
    known(&prepared, section)?;
    prepared.round.must_be(RoundStatus::Draft, "be changed")?;
    let parts: Vec<String> = (0..prepared.round.rules.criteria.len()).map(sub_criteria).collect();
    let mut lists = LISTS.to_vec();
    lists.extend(parts.iter().map(|list| (list.as_str(), "title")));
    if let Some(form) = sent.form.rows_changed(&lists) {
        let form = fresh_pot_joins(form);
        return page(sent, StatusCode::OK, &prepared, section, form, false);
    }
    let form = tidied(section, sent.form.clone());
    let mark = fields(section, &prepared.round).mark();
    if form.get("seen") != mark {
        return page(sent, StatusCode::PRECONDITION_FAILED, &prepared, section, form.set("seen", mark), true);
    }
    let saving = match update(section, &form, &prepared.round) {
        Ok(update) => {
            ops::update_round(on, &sent.who, id, IfMatch::version(prepared.round.version), update).await
        }
        Err(problem) => Err(problem),
    };
    match saving {
        Ok(_) => saved(on, sent, id, section).await,
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = form.refused_as(&problem, |pointer| Some(field(pointer)));
            page(sent, StatusCode::UNPROCESSABLE_ENTITY, &prepared, section, form, false)
        }
        Err(problem) if problem.kind() == Kind::AlreadyExists => {
            let form = form.fault_at("code", problem.detail());
            page(sent, StatusCode::CONFLICT, &prepared, section, form, false)
        }
        Err(problem) => Err(problem),
    }
}

/// A pot that was just added gives its remainder to the general pot unless that is unticked, as the API has it.
fn fresh_pot_joins(form: Form) -> Form {
    let fresh = (0..form.rows("rules.pots")).find(|row| form.has(&format!("rules.pots.{row}"), ""));
    match fresh {
        Some(row) => form.with(&format!("rules.pots.{row}.remainder_to_general_pot"), "true"),
        None => form,
    }
}

/// On to the rules, or back to the section where something is missing in it.
async fn saved(on: &Platform, sent: &Sent<Admin>, id: RoundId, section: &Section) -> Result<HttpResponse> {
    let prepared = ops::prepared(on, &sent.who.reader(), id).await?;
    Ok(if missing(&prepared, section).is_empty() {
        sent.go_saying(&Tab::Rules.address(id), "Saved.")
    } else {
        sent.go_saying(&section.address(id), "Saved as a draft.")
    })
}

type PartPath = web::Path<(String, String)>;

/// The id and the name in the path of a section.
fn named(path: PartPath) -> Result<(RoundId, String)> {
    let (id, name) = path.into_inner();
    Ok((id.parse().map(RoundId).map_err(|_| Problem::not_found())?, name))
}

fn part(path: PartPath) -> Result<(RoundId, Section)> {
    let (id, name) = named(path)?;
    Ok((id, Section::named(&name).ok_or_else(Problem::not_found)?))
}

fn criterion(path: PartPath) -> Result<(RoundId, Section)> {
    named(path).map(|(id, key)| (id, Section::Criterion(key)))
}

#[get("/rounds/{id}/rules/{part}")]
async fn show_part(on: web::Data<Platform>, visit: Visit<Admin>, path: PartPath) -> Result<HttpResponse> {
    let (id, section) = part(path)?;
    show(&on, &visit, id, &section).await
}

#[post("/rounds/{id}/rules/{part}")]
async fn save_part(on: web::Data<Platform>, sent: Sent<Admin>, path: PartPath) -> Result<HttpResponse> {
    let (id, section) = part(path)?;
    save(&on, &sent, id, &section).await
}

#[get("/rounds/{id}/rules/criteria/{key}")]
async fn show_criterion(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    path: PartPath,
) -> Result<HttpResponse> {
    let (id, section) = criterion(path)?;
    show(&on, &visit, id, &section).await
}

#[post("/rounds/{id}/rules/criteria/{key}")]
async fn save_criterion(on: web::Data<Platform>, sent: Sent<Admin>, path: PartPath) -> Result<HttpResponse> {
    let (id, section) = criterion(path)?;
    save(&on, &sent, id, &section).await
}
