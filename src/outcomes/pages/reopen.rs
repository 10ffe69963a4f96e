//! Reopening a submitted assessment, so that its assessor can change it.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::bid::address_of;
use super::comes_back;
use crate::assessments;
use crate::auth::Admin;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::rounds::pages::frame::{Tab, address, within_rounds};
use crate::routing;
use crate::routing::model::{AssignmentStatus, AssignmentView};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(reopen);
}

#[derive(Template)]
#[template(path = "outcomes/templates/reopen.html")]
struct ReopenPage {
    shell: Shell,
    view: AssignmentView,
    action: String,
    back: String,
    form: Form,
}

fn page(visit: &Visit<Admin>, view: AssignmentView, form: Form) -> ReopenPage {
    let back = address_of(view.assignment.bid_id);
    let shell = within_rounds(visit.shell())
        .under(view.round.name.clone(), address(view.round.id))
        .under("Scores", Tab::Scores.address(view.round.id))
        .under(view.bid.reference.clone(), back.clone());
    ReopenPage { shell, action: format!("/assignments/{}/reopen", view.assignment.id), back, view, form }
}

fn can_be_reopened(view: &AssignmentView) -> bool {
    view.round.status == RoundStatus::Assessing && view.assignment.status == AssignmentStatus::Submitted
}

#[get("/assignments/{id}/reopen")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let view = routing::ops::view_assignment(&on, &visit.who, id.0).await?;
    if !can_be_reopened(&view) {
        return Ok(see_other(&address_of(view.assignment.bid_id)));
    }
    visit.show(&page(&visit, view, Form::blank()))
}

#[post("/assignments/{id}/reopen")]
async fn reopen(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let before = routing::ops::view_assignment(&on, &sent.who, id.0).await?;
    let back = address_of(before.assignment.bid_id);
    match assessments::ops::reopen(&on, &sent.who, id.0, sent.form.get("reason")).await {
        Ok(_) => {
            Ok(sent.go_saying(&back, "The assessment is reopened, and its assessor is told why by email."))
        }
        // The button was pressed twice.
        Err(_) if before.assignment.status == AssignmentStatus::Accepted => Ok(see_other(&back)),
        Err(problem) if comes_back(&problem) => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&sent, before, form))
        }
        Err(problem) => Err(problem),
    }
}
