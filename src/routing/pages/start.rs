//! Starting a round's assessment: what it freezes and what routing would give, then the act.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::words::counted;
use crate::auth::Admin;
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::routing::model::{AssessmentStarted, Forecast};
use crate::routing::ops;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(start);
}

#[derive(Template)]
#[template(path = "routing/templates/start.html")]
struct StartPage {
    shell: Shell,
    frame: RoundFrame,
    round: Round,
    forecast: Forecast,
    /// `21 bids`, `63 places`, of which so many would stay empty.
    bids: String,
    places: String,
    empty: String,
    /// The deadline that has not passed.
    early: Option<String>,
    form: Form,
}

async fn page(on: &Platform, visit: &Visit<Admin>, id: RoundId, form: Form) -> Result<Option<StartPage>> {
    let reader = visit.who.reader();
    let standing = ops::standing(on, &reader, id).await?;
    let round = standing.round;
    if round.status != RoundStatus::Open {
        return Ok(None);
    }
    let forecast = ops::forecast(on, &reader, id).await?;
    let empty = forecast.places.saturating_sub(forecast.filled);
    Ok(Some(StartPage {
        shell: within_rounds(visit.shell()).under(round.name.clone(), Tab::Routing.address(id)),
        frame: RoundFrame::of(&round, Tab::Routing),
        bids: counted(forecast.bids, "bid"),
        places: counted(forecast.places, "place"),
        empty: if empty == 0 { String::new() } else { counted(empty, "place") },
        early: round.deadline.filter(|deadline| standing.now <= *deadline).map(Timestamp::london),
        round,
        forecast,
        form,
    }))
}

#[get("/rounds/{id}/start-assessment")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    match page(&on, &visit, id.0, Form::blank()).await? {
        Some(page) => visit.show(&page),
        None => Ok(see_other(&Tab::Routing.address(id.0))),
    }
}

#[post("/rounds/{id}/start-assessment")]
async fn start(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let address = Tab::Routing.address(id.0);
    match ops::start_assessment(&on, &sent.who, id.0, Some(sent.form.get("reason").to_owned())).await {
        Ok(started) => Ok(sent.go_saying(&address, &told(&started))),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            match page(&on, &sent, id.0, form).await? {
                Some(page) => sent.show_again(&problem, &page),
                None => Ok(see_other(&address)),
            }
        }
        Err(problem) => {
            // A button that was pressed twice has done what it was pressed for.
            let standing = ops::standing(&on, &sent.who.reader(), id.0).await?;
            let is_done =
                problem.kind() == Kind::WrongState && standing.round.status == RoundStatus::Assessing;
            if is_done { Ok(see_other(&address)) } else { Err(problem) }
        }
    }
}

fn told(started: &AssessmentStarted) -> String {
    let filled = format!("{} of {}", started.filled, counted(started.places, "place"));
    format!("The assessment has started: {} with {filled} filled.", counted(started.bids, "bid"))
}
