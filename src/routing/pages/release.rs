//! Taking an assignment back from an assessor who dropped out.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::auth::Admin;
use crate::bids::pages::frame::BidTab;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::rounds::pages::frame::within_rounds;
use crate::routing::model::{AssignmentStatus, AssignmentView, Released};
use crate::routing::ops;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(release);
}

#[derive(Template)]
#[template(path = "routing/templates/release.html")]
struct ReleasePage {
    shell: Shell,
    view: AssignmentView,
    address: String,
    /// Whether there may be a draft, which will count for nothing.
    is_accepted: bool,
    form: Form,
}

fn page(visit: &Visit<Admin>, view: AssignmentView, form: Form) -> ReleasePage {
    let address = BidTab::Routing.address(view.bid.id);
    ReleasePage {
        shell: within_rounds(visit.shell()).under(view.bid.reference.clone(), address.clone()),
        address,
        is_accepted: view.assignment.status == AssignmentStatus::Accepted,
        view,
        form,
    }
}

fn can_be_released(view: &AssignmentView) -> bool {
    view.round.status == RoundStatus::Assessing
        && matches!(view.assignment.status, AssignmentStatus::Offered | AssignmentStatus::Accepted)
}

#[get("/assignments/{id}/release")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let view = ops::view_assignment(&on, &visit.who, id.0).await?;
    if !can_be_released(&view) {
        return Ok(see_other(&BidTab::Routing.address(view.bid.id)));
    }
    visit.show(&page(&visit, view, Form::blank()))
}

#[post("/assignments/{id}/release")]
async fn release(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<AssignmentId>) -> Result<HttpResponse> {
    match ops::release(&on, &sent.who, id.0, sent.form.get("reason")).await {
        Ok(released) => {
            let address = BidTab::Routing.address(released.assignment.bid_id);
            Ok(sent.go_saying(&address, told(&released)))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let view = ops::view_assignment(&on, &sent.who, id.0).await?;
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&sent, view, form))
        }
        Err(problem) => {
            // A button that was pressed twice has done what it was pressed for.
            let view = ops::view_assignment(&on, &sent.who, id.0).await?;
            let is_done =
                problem.kind() == Kind::WrongState && view.assignment.status == AssignmentStatus::Released;
            if is_done { Ok(see_other(&BidTab::Routing.address(view.bid.id))) } else { Err(problem) }
        }
    }
}

fn told(released: &Released) -> &'static str {
    let filled = released.change.offered.iter().any(|place| place.bid_id == released.assignment.bid_id);
    if filled {
        "The bid was taken back, and somebody else has been offered the place. Both are told by email."
    } else {
        "The bid was taken back, and the assessor is told by email. Nobody else can take the place at present."
    }
}
