//! Extending and cancelling a round: the two acts on a round that tell its bidders.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::auth::Admin;
use crate::bids::ops;
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Id;
use crate::rounds;
use crate::rounds::input::{Cancellation, Extension};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, address, within_rounds};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::typed::moment_parts;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask_extension).service(extend).service(ask_cancellation).service(cancel);
}

#[derive(Template)]
#[template(path = "bids/templates/extend.html")]
struct ExtendPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    action: String,
    back: String,
    deadline: String,
    due: String,
}

#[derive(Template)]
#[template(path = "bids/templates/cancel.html")]
struct CancelPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    action: String,
    back: String,
    /// Whether there can be bidders to tell.
    has_bidders: bool,
}

fn frame(visit: &Visit<Admin>, round: &Round) -> (Shell, RoundFrame) {
    let frame = RoundFrame::of(round, Tab::Rules);
    (within_rounds(visit.shell()).under(frame.name.clone(), Tab::Rules.address(round.id)), frame)
}

fn extend_page(visit: &Visit<Admin>, round: &Round, form: Form) -> ExtendPage {
    let (shell, frame) = frame(visit, round);
    ExtendPage {
        shell,
        frame,
        form,
        action: format!("{}/extend", address(round.id)),
        back: Tab::Rules.address(round.id),
        deadline: round.deadline.map(Timestamp::london).unwrap_or_default(),
        due: round.assessments_due_at.map(Timestamp::london).unwrap_or_default(),
    }
}

fn cancel_page(visit: &Visit<Admin>, round: &Round, form: Form) -> CancelPage {
    let (shell, frame) = frame(visit, round);
    CancelPage {
        shell,
        frame,
        form,
        action: format!("{}/cancel", address(round.id)),
        back: Tab::Rules.address(round.id),
        has_bidders: round.status != RoundStatus::Draft,
    }
}

#[get("/rounds/{id}/extend")]
async fn ask_extension(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    if round.status != RoundStatus::Open {
        return Ok(see_other(&Tab::Rules.address(id.0)));
    }
    let mut form = Form::blank();
    for (field, at) in [("deadline", round.deadline), ("assessments_due_at", round.assessments_due_at)] {
        let parts = at.map(moment_parts).unwrap_or_default();
        for (part, value) in ["day", "month", "year", "time"].into_iter().zip(parts) {
            form = form.with(&format!("{field}.{part}"), value);
        }
    }
    visit.show(&extend_page(&visit, &round, form))
}

#[post("/rounds/{id}/extend")]
async fn extend(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let mut reading = sent.form.reading();
    let input = reading.moment("/deadline").moment("/assessments_due_at").text("/reason").done::<Extension>();
    let extending = match input {
        Ok(input) => ops::extend_deadline(&on, &sent.who, id.0, input).await,
        Err(problem) => Err(problem),
    };
    match extending {
        Ok(_) => Ok(sent.go_saying(
            &Tab::Rules.address(id.0),
            "The deadline is extended, and everybody with a bid in the round is told by email.",
        )),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let round = rounds::ops::read_round(&on, &sent.who, id.0).await?;
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &extend_page(&sent, &round, form))
        }
        Err(problem) => Err(problem),
    }
}

#[get("/rounds/{id}/cancel")]
async fn ask_cancellation(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    match round.status {
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Assessing => {
            visit.show(&cancel_page(&visit, &round, Form::blank()))
        }
        RoundStatus::Closed | RoundStatus::Cancelled => Ok(see_other(&Tab::Rules.address(id.0))),
    }
}

#[post("/rounds/{id}/cancel")]
async fn cancel(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &sent.who, id.0).await?;
    let is_meant = sent.form.get("confirm").trim() == round.name;
    let cancelling = if is_meant {
        let reason = sent.form.get("reason").to_owned();
        ops::cancel_round(&on, &sent.who, id.0, Cancellation { reason }).await
    } else {
        Err(Problem::fault("/confirm", format!("type the round's name, {}", round.name)))
    };
    match cancelling {
        Ok(_) => Ok(sent.go_saying(&Tab::Rules.address(id.0), "The round is cancelled.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &cancel_page(&sent, &round, form))
        }
        Err(problem) => Err(problem),
    }
}
