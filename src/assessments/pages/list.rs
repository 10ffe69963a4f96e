//! "Your assignments": what is to be done, by when, and what is done.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::work::{address, areas};
use crate::assessments::ops;
use crate::assessments::parts::Progress;
use crate::auth::Assessor;
use crate::clock::Timestamp;
use crate::id::{AssignmentId, RoundId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};
use crate::rounds::model::RoundStatus;
use crate::routing;
use crate::routing::model::{AssignmentStatus, AssignmentView};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "assessments/templates/list.html")]
struct ListPage {
    shell: Shell,
    rounds: Vec<RoundTasks>,
    next: String,
    first: String,
}

/// The assignments of one round.
struct RoundTasks {
    name: String,
    due: Option<Due>,
    done: usize,
    all: usize,
    to_do: Vec<Task>,
    submitted: Vec<Task>,
    given_up: Vec<Task>,
}

struct Due {
    at: String,
    /// `in 3 days`, `today`, `2 days ago`.
    when: String,
    kind: &'static str,
}

struct Task {
    label: String,
    address: String,
    hint: String,
    status: String,
    kind: &'static str,
}

#[derive(Debug, serde::Deserialize)]
struct ListQuery {
    cursor: Option<String>,
}

#[get("/assignments")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    query: Params<ListQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(100), cursor)?;
    let filter = routing::ops::Filter::default();
    let found = routing::ops::list_assignments(&on, &visit.who, filter, paging).await?;
    let page = Page::new(found, &paging, |view| view.assignment.id.0);
    let progress = ops::own_progress(&on, &visit.who).await?;
    visit.show(&ListPage {
        shell: visit.shell(),
        rounds: in_rounds(&page.items, &progress, on.db.clock().now()),
        next: page.next_cursor.map(|cursor| format!("/assignments?cursor={cursor}")).unwrap_or_default(),
        first: cursor.map(|_| "/assignments".to_owned()).unwrap_or_default(),
    })
}

/// The latest round first: it has the work.
fn in_rounds(
    views: &[AssignmentView],
    progress: &BTreeMap<AssignmentId, Progress>,
    now: Timestamp,
) -> Vec<RoundTasks> {
    let mut by_round: BTreeMap<RoundId, Vec<&AssignmentView>> = BTreeMap::new();
    for view in views {
        by_round.entry(view.round.id).or_default().push(view);
    }
    by_round.into_values().rev().filter_map(|views| tasks(&views, progress, now)).collect()
}

fn tasks(
    views: &[&AssignmentView],
    progress: &BTreeMap<AssignmentId, Progress>,
    now: Timestamp,
) -> Option<RoundTasks> {
    let round = &views.first()?.round;
    let (mut to_do, mut submitted, mut given_up) = (Vec::new(), Vec::new(), Vec::new());
    let is_over = matches!(round.status, RoundStatus::Closed | RoundStatus::Cancelled);
    for view in views {
        let task = task(view, progress.get(&view.assignment.id).copied());
        match view.assignment.status {
            // Nobody waits for it any more.
            AssignmentStatus::Offered | AssignmentStatus::Accepted if is_over => {
                given_up.push(Task { status: "The round is over".to_owned(), kind: "", ..task });
            }
            AssignmentStatus::Offered | AssignmentStatus::Accepted => to_do.push(task),
            AssignmentStatus::Submitted => submitted.push(task),
            AssignmentStatus::Declined | AssignmentStatus::Released => given_up.push(task),
        }
    }
    let has_work = !to_do.is_empty() && round.status == RoundStatus::Assessing;
    Some(RoundTasks {
        name: round.name.clone(),
        due: round.assessments_due_at.map(|at| due(at, now, has_work)),
        done: submitted.len(),
        all: submitted.len() + to_do.len(),
        to_do,
        submitted,
        given_up,
    })
}

fn due(at: Timestamp, now: Timestamp, has_work: bool) -> Due {
    let days = now.days_until(at);
    let when = match days {
        0 if at < now => "earlier today".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        2.. => format!("in {days} days"),
        ..=-2 => format!("{} days ago", -days),
    };
    let kind = match (has_work, at < now, days) {
        (false, _, _) => "",
        (true, true, _) => "bad",
        (true, false, ..=3) => "soon",
        (true, false, _) => "now",
    };
    Due { at: at.london(), when, kind }
}

fn task(view: &AssignmentView, progress: Option<Progress>) -> Task {
    let (status, kind) = match (view.assignment.status, progress) {
        (AssignmentStatus::Offered, _) => ("Declare your interest".to_owned(), "soon"),
        (AssignmentStatus::Accepted, None | Some(Progress { done: 0, .. })) => match progress {
            None => ("Not started".to_owned(), ""),
            Some(_) => ("Begun".to_owned(), "now"),
        },
        (AssignmentStatus::Accepted, Some(Progress { done, all })) if done == all => {
            ("Ready to submit".to_owned(), "now")
        }
        (AssignmentStatus::Accepted, Some(Progress { done, all })) => {
            (format!("{done} of {all} parts"), "now")
        }
        (AssignmentStatus::Submitted, _) => ("Submitted".to_owned(), "done"),
        (AssignmentStatus::Declined, _) => ("Declined".to_owned(), ""),
        (AssignmentStatus::Released, _) => ("Taken back".to_owned(), ""),
    };
    Task {
        label: view.bid.title.clone(),
        address: address(view.assignment.id),
        hint: format!("{} · {} · {}", view.bid.reference, view.bid.organisation_name, areas(view)),
        status,
        kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_says_how_soon() {
        let at = |text: &str| serde_json::from_str::<Timestamp>(&format!("\"{text}\""));
        let read = |now: &str, work: bool| {
            at("2026-10-20T11:00:00Z").and_then(|due| Ok(super::due(due, at(now)?, work))).ok()
        };
        let told = |now: &str, work: bool| read(now, work).map(|due| (due.when, due.kind));
        assert_eq!(told("2026-10-01T11:00:00Z", true), Some(("in 19 days".to_owned(), "now")));
        assert_eq!(told("2026-10-19T23:30:00Z", true), Some(("today".to_owned(), "soon")));
        assert_eq!(told("2026-10-20T11:00:01Z", true), Some(("earlier today".to_owned(), "bad")));
        assert_eq!(told("2026-10-25T11:00:01Z", false), Some(("5 days ago".to_owned(), "")));
    }
}
