//! Where a round stands: its life, the bids it received, how far the assessments are, what keeps it from
//! being closed, and what comes next.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::arrivals::{Arrivals, arrivals};
use super::{Framed, counted};
use crate::auth::Reader;
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::outcomes::decide::Blocker;
use crate::outcomes::model::{AreaProgress, AssessorProgress, OpenPoint, PlaceCount, Progress};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, address};
use crate::web::shell::{Link, Shell};
use crate::web::visitor::Visit;

/// The most assessors, open points or changes that a page lists: of assessors, those with most to do.
pub(super) const MOST_LISTED: usize = 40;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(overview);
}

#[derive(Template)]
#[template(path = "outcomes/templates/overview.html")]
struct OverviewPage {
    shell: Shell,
    frame: RoundFrame,
    next: Next,
    life: Vec<Step>,
    received: String,
    beside: Vec<String>,
    arrivals: Option<Arrivals>,
    by_pot: Vec<PlaceCount>,
    by_area: Vec<PlaceCount>,
    submitted: usize,
    expected: usize,
    areas: Vec<AreaProgress>,
    assessors: Vec<AssessorProgress>,
    /// How many assessors are not listed.
    more_assessors: usize,
    routing: String,
    open: Vec<OpenTask>,
    /// Whether it can still change of itself.
    is_live: bool,
}

/// One step of a round's life.
struct Step {
    label: &'static str,
    when: String,
    /// `done`, `now` or empty.
    kind: &'static str,
}

/// What is to be done next, in words, and where.
struct Next {
    heading: &'static str,
    told: String,
    /// For who may act.
    button: Option<Link>,
    /// For everybody: where more can be seen.
    link: Option<Link>,
}

/// Something that keeps the round from being closed.
pub(super) struct OpenTask {
    pub label: String,
    pub hint: String,
    pub status: &'static str,
    pub address: String,
}

#[get("/rounds/{id}")]
async fn overview(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let Framed { shell, frame, round, may_act } = Framed::load(&on, &visit, id.0, Tab::Overview).await?;
    let progress = ops::progress(&on, &visit.who, id.0).await?;
    let now = on.db.clock().now();
    let next = next(&round, &progress, now);
    let mut assessors = progress.assessors.clone();
    assessors.sort_by_key(|one| std::cmp::Reverse(one.assigned - one.submitted));
    let more_assessors = assessors.len().saturating_sub(MOST_LISTED);
    assessors.truncate(MOST_LISTED);
    visit.show(&OverviewPage {
        shell,
        frame,
        next: Next { button: next.button.filter(|_| may_act), ..next },
        life: life(&round, now),
        received: format!("{}.", progress.received.trim_end_matches('.')),
        beside: beside(&progress),
        arrivals: arrivals(&round, &progress.by_day, now),
        by_pot: progress.by_pot,
        by_area: progress.by_area,
        submitted: progress.assessments_submitted,
        expected: progress.assessments_expected,
        areas: progress.assessments_by_area,
        assessors,
        more_assessors,
        routing: Tab::Routing.address(id.0),
        open: open_tasks(id.0, &progress.blockers),
        is_live: matches!(round.status, RoundStatus::Open | RoundStatus::Assessing),
    })
}

/// What the sentence of the received bids leaves out.
fn beside(progress: &Progress) -> Vec<String> {
    let counts = [
        (progress.bids_in_draft, "bid was begun and not submitted", "bids were begun and not submitted"),
        (progress.bids_withdrawn, "bid was withdrawn", "bids were withdrawn"),
        (progress.bids_ineligible, "bid was found ineligible", "bids were found ineligible"),
    ];
    let some = counts.into_iter().filter(|(number, _, _)| *number > 0);
    some.map(|(number, one, many)| counted(number, one, many)).collect()
}

fn way(label: &str, address: String) -> Option<Link> {
    Some(Link { label: label.to_owned(), address, is_current: false })
}

fn life(round: &Round, now: Timestamp) -> Vec<Step> {
    let is_past = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
    let done = |label, at: Option<Timestamp>| at.map(|at| Step { label, when: at.london(), kind: "done" });
    let expected = |label, at: Option<Timestamp>| Step {
        label,
        when: at.map(Timestamp::london).unwrap_or_default(),
        kind: if is_past(at) { "done" } else { "" },
    };
    let mut steps = vec![done("Opened", round.opened_at).unwrap_or(expected("Opens", round.opens_at))];
    let is_over = round.status == RoundStatus::Cancelled;
    if !is_over || is_past(round.deadline) {
        let deadline = expected("Deadline for bids", round.deadline);
        // Assessment may start before it, and then no bid comes in any more.
        let kind = if round.assessing_at.is_some() { "done" } else { deadline.kind };
        steps.push(Step { kind, ..deadline });
    }
    match done("Assessment started", round.assessing_at) {
        Some(step) => steps.push(step),
        None if is_over => {}
        None => steps.push(expected("Assessment starts", None)),
    }
    if !is_over || is_past(round.assessments_due_at) {
        let due = expected("Assessments due", round.assessments_due_at);
        let kind = if round.closed_at.is_some() { "done" } else { due.kind };
        steps.push(Step { kind, ..due });
    }
    steps.extend(done("Cancelled", round.cancelled_at));
    match done("Closed", round.closed_at) {
        Some(step) => steps.push(step),
        None if is_over => {}
        None => steps.push(Step { label: "Closed", when: String::new(), kind: "" }),
    }
    // Where it stands is the first step that is not done, unless all is over.
    if let Some(step) = steps.iter_mut().find(|step| step.kind.is_empty()) {
        step.kind = "now";
    }
    steps
}

fn next(round: &Round, progress: &Progress, now: Timestamp) -> Next {
    let to = |tab: Tab| tab.address(round.id);
    match round.status {
        RoundStatus::Draft => Next {
            heading: "Being prepared",
            told: "Its rules can still be changed. Once it is open they stand.".to_owned(),
            button: way("Go on with its rules", to(Tab::Rules)),
            link: None,
        },
        RoundStatus::Open => open(round, now),
        RoundStatus::Assessing => assessing(round, progress),
        RoundStatus::Closed => Next {
            heading: "Closed",
            told: "The outcomes stand, and every bidder has been promised an email.".to_owned(),
            button: None,
            link: way("See the outcomes", to(Tab::Outcomes)),
        },
        RoundStatus::Cancelled => Next {
            heading: "Cancelled",
            told: "Nothing more is decided in this round.".to_owned(),
            button: None,
            link: None,
        },
    }
}

fn open(round: &Round, now: Timestamp) -> Next {
    let to = |tab: Tab| tab.address(round.id);
    match round.deadline.filter(|deadline| *deadline < now) {
        Some(deadline) => Next {
            heading: "The deadline has passed",
            told: format!(
                "It was {}. Assessment starts by itself, or now if you start it.",
                deadline.london()
            ),
            button: way("Start the assessment", to(Tab::Routing)),
            link: None,
        },
        None => Next {
            heading: "Bids are coming in",
            told: match round.deadline {
                Some(deadline) => format!(
                    "A bid can be submitted until {}. Assessment starts by itself after that.",
                    deadline.london()
                ),
                None => "A bid can be submitted until the deadline.".to_owned(),
            },
            button: None,
            link: way("Would the assessors there are suffice?", to(Tab::Routing)),
        },
    }
}

fn assessing(round: &Round, progress: &Progress) -> Next {
    let left = progress.assessments_expected - progress.assessments_submitted;
    let waits = match (left, round.assessments_due_at) {
        (0, _) => "All assessments are in.".to_owned(),
        (left, Some(due)) => format!(
            "{} still to come, due {}.",
            counted(left, "assessment is", "assessments are"),
            due.london()
        ),
        (left, None) => {
            format!("{} still to come.", counted(left, "assessment is", "assessments are"))
        }
    };
    let rehearsal = format!("{}/rehearsal", address(round.id));
    if progress.blockers.is_empty() {
        return Next {
            heading: "Ready to be closed",
            told: format!("{waits} Nothing keeps the round from being closed."),
            button: way("Close the round", format!("{}/close", address(round.id))),
            link: way("See what closing would decide", rehearsal),
        };
    }
    let points = counted(progress.blockers.len(), "point", "points");
    let told = if left == 0 {
        format!("{waits} {points} must be settled before the round can be closed.")
    } else {
        format!("{waits} {points} would keep the round from being closed today.")
    };
    Next {
        heading: if left == 0 { "The panel has points to settle" } else { "Being assessed" },
        told,
        button: None,
        link: way("See what closing would decide", rehearsal),
    }
}

/// What is to be settled: the first points, and where all of them are.
pub(super) fn open_tasks(round: RoundId, points: &[OpenPoint]) -> Vec<OpenTask> {
    let more = points.len().saturating_sub(MOST_LISTED);
    let first = points.iter().take(MOST_LISTED).map(|point| open_task(round, point));
    let others = (more > 0).then(|| OpenTask {
        label: counted(more, "more point", "more points"),
        hint: "The panel's paper lists them all.".to_owned(),
        status: "Open",
        address: format!("{}/paper", Tab::Reports.address(round)),
    });
    first.chain(others).collect()
}

/// Where a point is settled, and how.
fn open_task(round: RoundId, point: &OpenPoint) -> OpenTask {
    let (label, hint) = point.detail.split_once(": ").unwrap_or((point.detail.as_str(), ""));
    let of_bid = |place: &str| match point.bid_ids.first() {
        Some(bid) => format!("/bids/{bid}/scores{place}"),
        None => Tab::Scores.address(round),
    };
    let (status, address) = match &point.blocker {
        Blocker::Incomplete { .. } => ("Incomplete", of_bid("#rulings")),
        Blocker::Disagreement { .. } => ("Disagreement", of_bid("")),
        Blocker::Split { .. } => ("Split", of_bid("#rulings")),
        Blocker::OverrideRefused { .. } => ("Cannot stand", of_bid("#rulings")),
        Blocker::TieOnFundingLine { .. } | Blocker::TieOnReserveList { .. } => {
            ("Tie", format!("{}/tie", address(round)))
        }
    };
    OpenTask { label: label.to_owned(), hint: sentence(hint), status, address }
}

fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().collect::<String>()).unwrap_or_default();
    if first.is_empty() { first } else { format!("{first}{}.", rest.as_str()) }
}
