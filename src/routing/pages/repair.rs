//! Routing again after something changed: first the difference that it would make and whom it would tell, then the act.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::shortage::ShortageShown;
use super::words::{counted, person};
use crate::auth::Admin;
use crate::bids::pages::frame::BidTab;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Id;
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::routing::model::{ChangedPlace, RoutingChange};
use crate::routing::ops;
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(repair);
}

#[derive(Template)]
#[template(path = "routing/templates/repair.html")]
struct RepairPage {
    shell: Shell,
    frame: RoundFrame,
    /// Of the routing as it stands.
    routing: String,
    /// Where capacities are set.
    pool: String,
    offered: Vec<PlaceLine>,
    released: Vec<PlaceLine>,
    shortages: Vec<ShortageShown>,
    /// Who would get an email.
    told: Vec<String>,
    /// Names the difference that is shown.
    mark: String,
    form: Form,
}

struct PlaceLine {
    reference: String,
    bid_address: String,
    name: String,
    address: String,
    because: String,
}

impl PlaceLine {
    fn of(place: &ChangedPlace) -> Self {
        Self {
            reference: place.reference.clone(),
            bid_address: BidTab::Routing.address(place.bid_id),
            name: place.assessor_name.clone(),
            address: person(place.assessor_id),
            because: place.because.clone(),
        }
    }
}

async fn page(on: &Platform, visit: &Visit<Admin>, id: RoundId, form: Form) -> Result<RepairPage> {
    let change = ops::repair(on, &visit.who, id, true, None).await?;
    let round = ops::standing(on, &visit.who.reader(), id).await?.round;
    let mut told: Vec<String> =
        change.offered.iter().chain(&change.released).map(|place| place.assessor_name.clone()).collect();
    told.sort();
    told.dedup();
    Ok(RepairPage {
        shell: within_rounds(visit.shell()).under(round.name.clone(), Tab::Routing.address(id)),
        frame: RoundFrame::of(&round, Tab::Routing),
        routing: Tab::Routing.address(id),
        pool: Tab::Assessors.address(id),
        offered: change.offered.iter().map(PlaceLine::of).collect(),
        released: change.released.iter().map(PlaceLine::of).collect(),
        shortages: ShortageShown::all(&change.shortages),
        told,
        mark: change.mark()?,
        form,
    })
}

#[get("/rounds/{id}/routing/repair")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let page = page(&on, &visit, id.0, Form::blank()).await?;
    visit.show(&page)
}

#[post("/rounds/{id}/routing/repair")]
async fn repair(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let reason = Some(sent.form.get("reason").trim().to_owned()).filter(|reason| !reason.is_empty());
    let shown = sent.form.get("seen").to_owned();
    match ops::repair_as_shown(&on, &sent.who, id.0, reason, shown).await {
        Ok(change) => Ok(sent.go_saying(&Tab::Routing.address(id.0), &made(&change))),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::Stale) => {
            again(&on, &sent, id.0, problem).await
        }
        Err(problem) => Err(problem),
    }
}

/// The page as it would be now, with what was typed.
async fn again(on: &Platform, sent: &Sent<Admin>, id: RoundId, problem: Problem) -> Result<HttpResponse> {
    let page = page(on, sent, id, sent.form.clone().refused(&problem)).await?;
    sent.show_again(&problem, &page)
}

fn made(change: &RoutingChange) -> String {
    let (offered, released) = (change.offered.len(), change.released.len());
    if offered == 0 && released == 0 {
        return "The routing stands as it was: there was nothing to mend.".to_owned();
    }
    let verb = if offered == 1 { "was" } else { "were" };
    let back = if released == 1 { "was" } else { "were" };
    format!(
        "{} {verb} offered and {} {back} taken back. Everybody concerned is told by email.",
        counted(offered, "place"),
        counted(released, "offer")
    )
}
