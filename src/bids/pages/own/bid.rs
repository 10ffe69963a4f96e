//! One bid: its sections while it can be written, and what stands of it afterwards.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::reading::{Line, Said, lines};
use super::rounds::time_left;
use super::words;
use super::work::{Work, shell};
use crate::auth::Member;
use crate::bids::model::{BidContent, BidStatus, BidVersionSummary};
use crate::bids::ops;
use crate::bids::sections::{Section, Stage};
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{Id, Paging};
use crate::rounds::model::RoundStatus;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "bids/templates/own/bid.html")]
struct BidPage {
    shell: Shell,
    work: Work,
    groups: Vec<Group>,
    done: usize,
    all: usize,
    left: String,
    kind: &'static str,
    versions: Vec<BidVersionSummary>,
}

/// Sections under one heading.
struct Group {
    name: &'static str,
    tasks: Vec<Task>,
}

struct Task {
    label: String,
    address: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "bids/templates/own/over.html")]
struct OverPage {
    shell: Shell,
    work: Work,
    read: Vec<ReadPart>,
    versions: Vec<BidVersionSummary>,
}

/// A section to be read.
pub(super) struct ReadPart {
    pub title: String,
    pub lines: Vec<Line>,
    /// Where it is written; empty where it no longer is.
    pub address: String,
    /// Whether what was asked takes more room than the answers.
    pub is_asked: bool,
}

impl OverPage {
    /// What became of it, in a sentence.
    fn standing(&self) -> String {
        let round = &self.work.written.round;
        let name = &round.name;
        match (self.work.written.bid.status, round.status) {
            (_, RoundStatus::Cancelled) => format!("{name} was cancelled, so no decision is made on this bid."),
            (BidStatus::Draft, _) => format!("This bid was not submitted before {name} closed for bids, so it was not considered."),
            (BidStatus::Withdrawn, _) => format!("You withdrew this bid, and {name} no longer takes bids."),
            (BidStatus::Submitted, RoundStatus::Closed) => format!("{name} is closed, and your bid has its outcome."),
            (BidStatus::Submitted, RoundStatus::Assessing) => {
                "Your bid is being assessed. You get an email as soon as the outcome is decided.".to_owned()
            }
            (BidStatus::Submitted, RoundStatus::Draft | RoundStatus::Open) => {
                "The deadline has passed, and your bid is in. You get an email as soon as the outcome is decided.".to_owned()
            }
        }
    }

    fn has_outcome(&self) -> bool {
        let bid = &self.work.written.bid;
        self.work.written.round.status == RoundStatus::Closed && bid.submitted_number.is_some()
    }
}

/// What a content says, section by section. `faults`: whether what is wrong with it is said too.
pub(super) fn read_parts(work: &Work, content: &BidContent, faults: bool) -> Vec<ReadPart> {
    let faults = if faults { work.written.faults.as_slice() } else { &[] };
    let part = |step: super::work::Step| ReadPart {
        is_asked: step.section == Section::Gateways,
        lines: lines(&step.section, content, work.rules(), &work.written.tree, faults),
        title: step.title,
        address: if work.is_open() { step.address } else { String::new() },
    };
    work.steps().into_iter().map(part).collect()
}

#[get("/your-bids/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    let versions = ops::list_versions(&on, &visit.who, id.0, Paging::new(Some(100), None)?).await?;
    if work.is_open() {
        let groups = groups(&work);
        let steps = work.steps();
        let (left, kind) = time_left(&work.written.round, work.now);
        let asked = || steps.iter().filter(|step| !step.is_optional);
        let (done, all) = (asked().filter(|step| step.stage == Stage::Complete).count(), asked().count());
        return visit.show(&BidPage { shell: shell(&visit), work, groups, done, all, left, kind, versions });
    }
    let content = match work.written.bid.submitted_number {
        Some(number) => ops::read_version(&on, &visit.who, id.0, number).await?.content,
        None => work.content().clone(),
    };
    let read = read_parts(&work, &content, false);
    visit.show(&OverPage { shell: shell(&visit), work, read, versions })
}

fn groups(work: &Work) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for step in work.steps() {
        let name = words::group(&step.section);
        let (status, kind) = if step.is_optional { ("Optional", "") } else { words::stage(step.stage) };
        let task = Task { hint: hint(work, &step), label: step.title, address: step.address, status, kind };
        match groups.last_mut() {
            Some(group) if group.name == name => group.tasks.push(task),
            Some(_) | None => groups.push(Group { name, tasks: vec![task] }),
        }
    }
    groups
}

/// What a section still lacks, once somebody has begun with it.
fn hint(work: &Work, step: &super::work::Step) -> String {
    let faults = work.faults_of(&step.section);
    match (step.stage, faults.as_slice()) {
        (Stage::Untouched | Stage::Complete, _) | (_, []) => String::new(),
        (Stage::Begun | Stage::Wrong, [first]) => words::sentence(&first.detail),
        (Stage::Begun | Stage::Wrong, [first, rest @ ..]) => {
            format!("{}, and {} more", words::sentence(&first.detail), rest.len())
        }
    }
}

/// Whether the caller's bid has gone as far as a version of this number.
///
/// # Errors
/// `not-found`: it has not.
pub(super) fn submitted_number(work: &Work) -> Result<u32> {
    work.written.bid.submitted_number.ok_or_else(Problem::not_found)
}
