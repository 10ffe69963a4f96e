//! Checking what was written, and submitting it.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::work::{Work, shell};
use crate::assessments::model::AssessmentStatus;
use crate::assessments::ops;
use crate::auth::Assessor;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::{Fault, Kind, Problem, Result};
use crate::rest::{Id, IfMatch, Paging};
use crate::routing;
use crate::routing::model::AssignmentStatus;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(check).service(submit).service(submitted);
}

#[derive(Template)]
#[template(path = "assessments/templates/check.html")]
struct CheckPage {
    shell: Shell,
    work: Work,
    form: Form,
}

fn check_page(visit: &Visit<Assessor>, work: Work, form: Form) -> CheckPage {
    let shell = shell(visit).under(work.view.bid.reference.clone(), work.address());
    let form = form.set("version", work.assessment.version.to_string());
    CheckPage { shell, work, form }
}

#[get("/assignments/{id}/check")]
async fn check(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    id: Id<AssignmentId>,
) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    if !work.is_open() {
        return Ok(see_other(&work.address()));
    }
    visit.show(&check_page(&visit, work, Form::blank()))
}

#[post("/assignments/{id}/submit")]
async fn submit(on: web::Data<Platform>, sent: Sent<Assessor>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let Err(problem) = ops::submit(&on, &sent.who, id.0, version).await else {
        return Ok(see_other(&format!("/assignments/{}/submitted", id.0)));
    };
    let work = Work::load(&on, &sent.who, id.0).await?;
    match problem.kind() {
        Kind::Invalid => {
            let faults = problem.faults().iter().map(in_words).collect();
            let form = Form::blank().refused(&Problem::invalid("It was not submitted.", faults));
            sent.show_again(&problem, &check_page(&sent, work, form))
        }
        Kind::Stale => {
            let told = "It was changed in another tab or window after you opened this page: check it again";
            sent.show_again(&problem, &check_page(&sent, work, Form::blank().fault_at("", told)))
        }
        // The button was pressed twice.
        Kind::WrongState if work.assessment.status == AssessmentStatus::Submitted => {
            Ok(see_other(&format!("{}/submitted", work.address())))
        }
        _ => Err(problem),
    }
}

/// What is missing, in a page's words where the API speaks of its own.
fn in_words(fault: &Fault) -> Fault {
    let detail = match fault.pointer.as_str() {
        "/in_scope" => "say whether the bid is within the fund's scope",
        "/recommendation" => "recommend whether to fund the bid",
        _ => fault.detail.as_str(),
    };
    Fault::new(fault.pointer.clone(), detail)
}

#[derive(Template)]
#[template(path = "assessments/templates/submitted.html")]
struct SubmittedPage {
    shell: Shell,
    work: Work,
    /// Of this assessor's, in this round.
    still_to_do: usize,
}

#[get("/assignments/{id}/submitted")]
async fn submitted(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    id: Id<AssignmentId>,
) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    if work.view.assignment.status != AssignmentStatus::Submitted {
        return Ok(see_other(&work.address()));
    }
    let filter = routing::ops::Filter { round: Some(work.view.round.id), ..Default::default() };
    let all = routing::ops::list_assignments(&on, &visit.who, filter, Paging::new(Some(100), None)?).await?;
    let waits = |status| matches!(status, AssignmentStatus::Offered | AssignmentStatus::Accepted);
    let still_to_do = all.iter().filter(|view| waits(view.assignment.status)).count();
    visit.show(&SubmittedPage { shell: shell(&visit), work, still_to_do })
}
