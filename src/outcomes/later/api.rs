//! The API's endpoints of acts after closing.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{LaterAct, LaterActPreview, LaterActs, NewLaterAct};
use super::ops;
use crate::auth::{Admin, Reader};
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Body, Create, Id, created, ok};

pub fn routes(config: &mut ServiceConfig) {
    config.service(later_acts).service(act_later).service(preview_later);
}

/// What was done to a closed round's outcomes, and whom to promote from the reserve list.
#[utoipa::path(tag = "outcomes", params(("id" = RoundId, Path)), responses((status = 200, body = LaterActs)))]
#[get("/rounds/{id}/later-acts")]
async fn later_acts(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::later_acts(&on, &reader, round.0).await?))
}

/// Ends an award, promotes the next of the reserve list or corrects an outcome, after closing. The
/// bidder is told; the record of the closing stays as it is.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    request_body = NewLaterAct,
    responses((status = 201, body = LaterAct))
)]
#[post("/rounds/{id}/later-acts")]
async fn act_later(
    on: web::Data<Platform>,
    admin: Admin,
    round: Id<RoundId>,
    create: Create<NewLaterAct>,
) -> Result<HttpResponse> {
    let act = ops::act_later(&on, &admin, round.0, create.input, create.once).await?;
    Ok(created(&format!("/api/v1/rounds/{}/later-acts", act.round_id), None, &act))
}

/// What an act after closing would change, and the emails that it would send. Nothing is written.
#[utoipa::path(
    tag = "outcomes",
    params(("id" = RoundId, Path)),
    request_body = NewLaterAct,
    responses((status = 200, body = LaterActPreview))
)]
#[post("/rounds/{id}/later-acts/preview")]
async fn preview_later(
    on: web::Data<Platform>,
    admin: Admin,
    round: Id<RoundId>,
    act: Body<NewLaterAct>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::preview_later(&on, &admin, round.0, act.0).await?))
}
