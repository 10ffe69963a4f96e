//! Writing a bid, one section at a time.
//!
//! A form holds the mark of what it was made of. Where somebody, in another tab perhaps, has changed
//! the same section since, nothing is overwritten: both are shown, and the person decides.
//!
//! What is typed is saved if it can be stored at all; what then still keeps it from being submitted is said
//! beside its field.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;
use serde_json::json;

use super::form::{fields, typed, without_blank_rows};
use super::places::{Place, places};
use super::reading::{Line, Said, lines};
use super::words;
use super::work::{Work, shell_below};
use crate::auth::Member;
use crate::bids::ops::{self, SectionSaved};
use crate::bids::sections::{Section, is_missing};
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::ok;
use crate::rounds::rules::Criterion;
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show_section).service(save_section).service(show_answer).service(save_answer);
}

#[derive(Template)]
#[template(path = "bids/templates/own/section.html")]
struct SectionPage {
    shell: Shell,
    work: Work,
    section: Section,
    title: String,
    address: String,
    /// Counted from 1, and of how many.
    place: usize,
    all: usize,
    form: Form,
    /// What another tab has saved meanwhile.
    elsewhere: Option<Vec<Line>>,
    /// When this bid was last saved.
    saved: String,
}

impl SectionPage {
    fn criterion(&self) -> Option<&Criterion> {
        match &self.section {
            Section::Answer(key) => self.work.rules().criterion(key),
            Section::Gateways
            | Section::About
            | Section::Contact
            | Section::Partners
            | Section::Areas
            | Section::Themes
            | Section::Money
            | Section::Learners
            | Section::Declarations => None,
        }
    }

    fn places(&self) -> Vec<Place> {
        places(&self.work.written.tree, &self.work.written.fund, &self.work.content().areas)
    }

    /// How many boxes of a place are ticked.
    fn ticked(&self, place: &Place) -> usize {
        place.boxes.iter().filter(|one| self.form.has("areas", &one.code)).count()
    }

    /// The rows of partners: those that are filled, and one more.
    fn rows(&self) -> Vec<usize> {
        (0..=self.form.rows("partners").min(MOST_ROWS)).collect()
    }

    fn yes_no(&self) -> Vec<Choice> {
        vec![Choice::new("true", "Yes"), Choice::new("false", "No")]
    }

    fn statements(&self) -> Vec<Choice> {
        let declarations = self.work.rules().declarations.iter();
        declarations.map(|one| Choice::new(&one.key, &one.statement)).collect()
    }

    fn themes(&self) -> Vec<Choice> {
        self.work.rules().themes.iter().map(|theme| Choice::new(&theme.key, &theme.title)).collect()
    }

    /// What a bid may ask for at most.
    fn limit(&self) -> String {
        let rules = self.work.rules();
        rules.grant_limit_pence.map_or(rules.budget_pence, |limit| limit.min(rules.budget_pence)).to_string()
    }

    fn goes_to_check(&self) -> bool {
        self.form.get("next") == "check"
    }
}

/// As many as a bid may name.
const MOST_ROWS: usize = 29;

fn page(
    visit: &Visit<Member>,
    status: StatusCode,
    work: Work,
    section: &Section,
    form: Form,
    elsewhere: Option<Vec<Line>>,
) -> Result<HttpResponse> {
    let steps = work.steps();
    let place = steps.iter().position(|step| step.section == *section).unwrap_or_default() + 1;
    visit.show_as(
        status,
        &SectionPage {
            shell: shell_below(visit, &work),
            section: section.clone(),
            title: words::title(section, work.rules()),
            address: work.address_of(section),
            place,
            all: steps.len(),
            saved: format!("Last saved at {}", work.written.bid.updated_at.london()),
            form,
            elsewhere,
            work,
        },
    )
}

fn show(visit: &Visit<Member>, work: Work, section: &Section, query: &Form) -> Result<HttpResponse> {
    if !work.is_open() {
        // What is over is read, not written.
        return Ok(see_other(&work.address()));
    }
    let form = fields(section, work.content())?.with("next", query.get("next"));
    page(visit, StatusCode::OK, work, section, form, None)
}

async fn save(on: &Platform, sent: &Sent<Member>, work: Work, section: &Section) -> Result<HttpResponse> {
    let id = work.written.bid.id;
    let then = sent.form.get("then").to_owned();
    let removed = then.strip_prefix("remove-").and_then(|row| row.parse().ok());
    let form = match section {
        Section::Partners => without_blank_rows(&sent.form, removed),
        _ => sent.form.clone(),
    };
    let saving = match typed(section, &form, work.rules()) {
        Ok(content) => ops::save_section(on, &sent.who, id, form.get("seen"), section.clone(), content).await,
        Err(problem) => Err(problem),
    };
    match saving {
        Ok(SectionSaved::Saved(_)) => {
            let work = Work::load(on, &sent.who, id).await?;
            saved(sent, work, section, form, &then)
        }
        Ok(SectionSaved::ChangedElsewhere(_)) if sent.by_script => {
            Err(Problem::new(Kind::Stale, "It was changed in another tab or window."))
        }
        Ok(SectionSaved::ChangedElsewhere(_)) => {
            let work = Work::load(on, &sent.who, id).await?;
            let form = form.set("seen", section.mark(work.content())?);
            let standing = lines(section, work.content(), work.rules(), &work.written.tree, &[]);
            page(sent, StatusCode::PRECONDITION_FAILED, work, section, form, Some(standing))
        }
        Err(problem) if problem.kind() == Kind::Invalid && !sent.by_script => {
            let form = refused(form, &problem, &work);
            page(sent, StatusCode::UNPROCESSABLE_ENTITY, work, section, form, None)
        }
        Err(problem) => Err(problem),
    }
}

/// A form with a problem's faults, in a page's words.
fn refused(form: Form, problem: &Problem, work: &Work) -> Form {
    let faults = problem.faults().iter().map(|fault| words::in_words(fault, work.rules())).collect();
    let problem = Problem::invalid(problem.detail().to_owned(), faults);
    form.refused_as(&problem, |pointer| Some(words::field(pointer)))
}

/// On to where the button leads, unless something that was typed cannot stay so.
fn saved(sent: &Sent<Member>, work: Work, section: &Section, form: Form, then: &str) -> Result<HttpResponse> {
    let mark = section.mark(work.content())?;
    if sent.by_script {
        let told = format!("Saved at {}", work.written.bid.updated_at.london_time());
        return Ok(ok(&json!({"seen": mark, "told": told})));
    }
    let wrong = work.written.faults.iter().filter(|fault| section.holds(&fault.pointer));
    let wrong: Vec<_> = wrong.filter(|fault| !is_missing(work.content(), fault)).cloned().collect();
    if then == "next" && !wrong.is_empty() {
        let problem = Problem::invalid("It is saved, and cannot be submitted like this.", wrong);
        let form = refused(form, &problem, &work).set("seen", mark);
        return page(sent, StatusCode::UNPROCESSABLE_ENTITY, work, section, form, None);
    }
    let here = work.address_of(section);
    Ok(match then {
        "next" if sent.form.get("next") == "check" => see_other(&format!("{}/check", work.address())),
        "next" => {
            let steps = work.steps();
            let following = steps.iter().skip_while(|step| step.section != *section).nth(1);
            let check = || format!("{}/check", work.address());
            see_other(&following.map_or_else(check, |step| step.address.clone()))
        }
        "list" => see_other(&work.address()),
        "add" => sent.go_saying(&here, "Saved. There is room for another partner below."),
        _ => sent.go_saying(&here, "Saved."),
    })
}

type SectionPath = web::Path<(String, String)>;
type Query = web::Query<Vec<(String, String)>>;

fn bid_id(text: &str) -> Result<BidId> {
    text.parse().map(BidId).map_err(|_| Problem::not_found())
}

async fn section_at(on: &Platform, member: &Member, path: SectionPath) -> Result<(Work, Section)> {
    let (id, slug) = path.into_inner();
    let work = Work::load(on, member, bid_id(&id)?).await?;
    let section = words::section_of(&slug, work.rules()).ok_or_else(Problem::not_found)?;
    Ok((work, section))
}

async fn answer_at(on: &Platform, member: &Member, path: SectionPath) -> Result<(Work, Section)> {
    let (id, key) = path.into_inner();
    let work = Work::load(on, member, bid_id(&id)?).await?;
    work.rules().criterion(&key).ok_or_else(Problem::not_found)?;
    Ok((work, Section::Answer(key)))
}

#[get("/your-bids/{id}/sections/{section}")]
async fn show_section(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    path: SectionPath,
    query: Query,
) -> Result<HttpResponse> {
    let (work, section) = section_at(&on, &visit.who, path).await?;
    show(&visit, work, &section, &Form::from(query.into_inner()))
}

#[post("/your-bids/{id}/sections/{section}")]
async fn save_section(
    on: web::Data<Platform>,
    sent: Sent<Member>,
    path: SectionPath,
) -> Result<HttpResponse> {
    let (work, section) = section_at(&on, &sent.who, path).await?;
    save(&on, &sent, work, &section).await
}

#[get("/your-bids/{id}/criteria/{key}")]
async fn show_answer(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    path: SectionPath,
    query: Query,
) -> Result<HttpResponse> {
    let (work, section) = answer_at(&on, &visit.who, path).await?;
    show(&visit, work, &section, &Form::from(query.into_inner()))
}

#[post("/your-bids/{id}/criteria/{key}")]
async fn save_answer(on: web::Data<Platform>, sent: Sent<Member>, path: SectionPath) -> Result<HttpResponse> {
    let (work, section) = answer_at(&on, &sent.who, path).await?;
    save(&on, &sent, work, &section).await
}
