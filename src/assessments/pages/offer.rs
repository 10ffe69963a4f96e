//! One assignment: an offer to declare one's interest in, the parts of an accepted one, or what
//! became of it.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::work::{Work, address, areas, shell};
use crate::auth::Assessor;
use crate::clock::Timestamp;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::routing::model::{AssignmentStatus, AssignmentView};
use crate::routing::ops;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show).service(bid).service(accept).service(ask_decline).service(decline);
}

#[derive(Template)]
#[template(path = "assessments/templates/offer.html")]
struct OfferPage {
    shell: Shell,
    view: AssignmentView,
    areas: String,
    due: Option<String>,
    /// Whether the round was closed or cancelled before an answer came.
    is_over: bool,
    form: Form,
}

#[derive(Template)]
#[template(path = "assessments/templates/assignment.html")]
struct AssignmentPage {
    shell: Shell,
    work: Work,
    areas: String,
}

#[derive(Template)]
#[template(path = "assessments/templates/read.html")]
struct ReadPage {
    shell: Shell,
    work: Work,
}

#[derive(Template)]
#[template(path = "assessments/templates/given_up.html")]
struct GivenUpPage {
    shell: Shell,
    view: AssignmentView,
}

#[derive(Template)]
#[template(path = "assessments/templates/bid.html")]
struct BidPage {
    shell: Shell,
    work: Work,
    areas: String,
}

#[derive(Template)]
#[template(path = "assessments/templates/decline.html")]
struct DeclinePage {
    shell: Shell,
    view: AssignmentView,
    form: Form,
}

fn offer_page(visit: &Visit<Assessor>, view: AssignmentView, form: Form) -> OfferPage {
    let due = view.round.assessments_due_at.map(Timestamp::london);
    let is_over = matches!(view.round.status, RoundStatus::Closed | RoundStatus::Cancelled);
    OfferPage { shell: shell(visit), areas: areas(&view), due, is_over, view, form }
}

#[get("/assignments/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Assessor>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let view = ops::view_assignment(&on, &visit.who, id.0).await?;
    match view.assignment.status {
        AssignmentStatus::Offered => visit.show(&offer_page(&visit, view, Form::blank())),
        AssignmentStatus::Accepted => {
            let work = Work::of(&on, &visit.who, view).await?;
            visit.show(&AssignmentPage { shell: shell(&visit), areas: areas(&work.view), work })
        }
        AssignmentStatus::Submitted => {
            let work = Work::of(&on, &visit.who, view).await?;
            visit.show(&ReadPage { shell: shell(&visit), work })
        }
        AssignmentStatus::Declined | AssignmentStatus::Released => {
            visit.show(&GivenUpPage { shell: shell(&visit), view })
        }
    }
}

/// The whole bid on one page, to read and to print.
#[get("/assignments/{id}/bid")]
async fn bid(on: web::Data<Platform>, visit: Visit<Assessor>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    let shell = shell(&visit).under(work.view.bid.reference.clone(), work.address());
    visit.show(&BidPage { shell, areas: areas(&work.view), work })
}

#[post("/assignments/{id}/accept")]
async fn accept(on: web::Data<Platform>, sent: Sent<Assessor>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let declared = sent.form.has("no_conflict", "true");
    match ops::accept(&on, &sent.who, id.0, declared).await {
        Ok(_) => {
            Ok(sent.go_saying(&address(id.0), "You have accepted the bid, and can read and score it now."))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let told = "Tick the box if you have no conflict of interest; if you have one, decline the bid";
            let view = ops::view_assignment(&on, &sent.who, id.0).await?;
            let form = sent.form.clone().fault_at("no_conflict", told);
            sent.show_again(&problem, &offer_page(&sent, view, form))
        }
        Err(problem) => unless_done(&on, &sent, id.0, AssignmentStatus::Accepted, problem).await,
    }
}

/// A button that was pressed twice has done what it was pressed for.
async fn unless_done(
    on: &Platform,
    sent: &Sent<Assessor>,
    id: AssignmentId,
    wanted: AssignmentStatus,
    problem: Problem,
) -> Result<HttpResponse> {
    let is_done = problem.kind() == Kind::WrongState
        && ops::view_assignment(on, &sent.who, id).await?.assignment.status == wanted;
    if is_done { Ok(see_other(&address(id))) } else { Err(problem) }
}

#[get("/assignments/{id}/decline")]
async fn ask_decline(
    on: web::Data<Platform>,
    visit: Visit<Assessor>,
    id: Id<AssignmentId>,
) -> Result<HttpResponse> {
    let view = ops::view_assignment(&on, &visit.who, id.0).await?;
    match view.assignment.status {
        AssignmentStatus::Offered | AssignmentStatus::Accepted => {
            let shell = shell(&visit).under(view.bid.reference.clone(), address(id.0));
            visit.show(&DeclinePage { shell, view, form: Form::blank() })
        }
        AssignmentStatus::Submitted | AssignmentStatus::Declined | AssignmentStatus::Released => {
            Ok(see_other(&address(id.0)))
        }
    }
}

#[post("/assignments/{id}/decline")]
async fn decline(
    on: web::Data<Platform>,
    sent: Sent<Assessor>,
    id: Id<AssignmentId>,
) -> Result<HttpResponse> {
    let (reason, conflict) = (sent.form.get("reason"), sent.form.has("conflict", "true"));
    match ops::decline(&on, &sent.who, id.0, reason, conflict).await {
        Ok(declined) => {
            Ok(sent.go_saying("/assignments", &format!("You have declined the bid. {}", declined.told)))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let view = ops::view_assignment(&on, &sent.who, id.0).await?;
            let shell = shell(&sent).under(view.bid.reference.clone(), address(id.0));
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &DeclinePage { shell, view, form })
        }
        Err(problem) => unless_done(&on, &sent, id.0, AssignmentStatus::Declined, problem).await,
    }
}
