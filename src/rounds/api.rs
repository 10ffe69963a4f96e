//! The API's endpoints of funds and rounds. Extending and cancelling, which tell bidders, are in
//! `bids::api`.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::input::{Copy, FundInput, NewRound, Pool, PoolImport, RoundUpdate};
use super::model::{Fund, Imported, PoolMember, Round, RoundStatus, ShownRound};
use super::ops::{self, RoundFilter};
use crate::auth::{Actor, Admin, Reader};
use crate::id::{FundId, RoundId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{
    Body, Create, Id, IfMatch, Nothing, Page, PageQuery, Paging, Params, created, ok, ok_tagged,
};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_funds)
        .service(create_fund)
        .service(read_fund)
        .service(update_fund)
        .service(list_rounds)
        .service(create_round)
        .service(read_round)
        .service(update_round)
        .service(open_round)
        .service(copy_round)
        .service(read_pool)
        .service(set_pool)
        .service(import_pool);
}

/// Funds: for members and assessors, those of the rounds that they may see.
#[utoipa::path(tag = "rounds", params(PageQuery), responses((status = 200, body = Page<Fund>)))]
#[get("/funds")]
async fn list_funds(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let funds = ops::list_funds(&on, &actor, paging).await?;
    Ok(Page::new(funds, &paging, |fund| fund.id.0).reply(&request))
}

/// Makes a fund.
#[utoipa::path(tag = "rounds", request_body = FundInput, responses((status = 201, body = Fund)))]
#[post("/funds")]
async fn create_fund(on: web::Data<Platform>, admin: Admin, body: Create<FundInput>) -> Result<HttpResponse> {
    let fund = ops::create_fund(&on, &admin, body.input, body.once).await?;
    Ok(created(&format!("/api/v1/funds/{}", fund.id), Some(fund.version), &fund))
}

/// One fund.
#[utoipa::path(tag = "rounds", params(("id" = FundId, Path)), responses((status = 200, body = Fund)))]
#[get("/funds/{id}")]
async fn read_fund(on: web::Data<Platform>, actor: Actor, id: Id<FundId>) -> Result<HttpResponse> {
    let fund = ops::read_fund(&on, &actor, id.0).await?;
    Ok(ok_tagged(fund.version, &fund))
}

/// Changes a fund. Its areas stay while a round of it is open or being assessed.
#[utoipa::path(
    tag = "rounds",
    params(("id" = FundId, Path), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = FundInput,
    responses((status = 200, body = Fund))
)]
#[put("/funds/{id}")]
async fn update_fund(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<FundId>,
    if_match: IfMatch,
    body: Body<FundInput>,
) -> Result<HttpResponse> {
    let fund = ops::update_fund(&on, &admin, id.0, if_match, body.0).await?;
    Ok(ok_tagged(fund.version, &fund))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RoundQuery {
    fund_id: Option<FundId>,
    status: Option<RoundStatus>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Rounds: for members, open ones and those they bid in; for assessors, those they assess in.
#[utoipa::path(tag = "rounds", params(RoundQuery), responses((status = 200, body = Page<ShownRound>)))]
#[get("/rounds")]
async fn list_rounds(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<RoundQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?;
    let filter = RoundFilter { fund: query.fund_id, status: query.status };
    let rounds = ops::list_rounds(&on, &actor, filter, paging).await?;
    let rounds = rounds.into_iter().map(ShownRound::from).collect();
    Ok(Page::new(rounds, &paging, |shown| shown.round.id.0).reply(&request))
}

/// Makes a round, as a draft: its rules may be incomplete until it opens.
#[utoipa::path(tag = "rounds", request_body = NewRound, responses((status = 201, body = ShownRound)))]
#[post("/rounds")]
async fn create_round(on: web::Data<Platform>, admin: Admin, body: Create<NewRound>) -> Result<HttpResponse> {
    let round = ops::create_round(&on, &admin, body.input, body.once).await?;
    Ok(created(&location(&round), Some(round.version), &ShownRound::from(round)))
}

/// One round.
#[utoipa::path(tag = "rounds", params(("id" = RoundId, Path)), responses((status = 200, body = ShownRound)))]
#[get("/rounds/{id}")]
async fn read_round(on: web::Data<Platform>, actor: Actor, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = ops::read_round(&on, &actor, id.0).await?;
    Ok(ok_tagged(round.version, &ShownRound::from(round)))
}

/// Changes a draft round; once it is open its rules stand.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = RoundUpdate,
    responses((status = 200, body = ShownRound))
)]
#[put("/rounds/{id}")]
async fn update_round(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    if_match: IfMatch,
    body: Body<RoundUpdate>,
) -> Result<HttpResponse> {
    let round = ops::update_round(&on, &admin, id.0, if_match, body.0).await?;
    Ok(ok_tagged(round.version, &ShownRound::from(round)))
}

/// Opens a round for bids; what is missing comes back as a list.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = Nothing,
    responses((status = 200, body = ShownRound))
)]
#[post("/rounds/{id}/open")]
async fn open_round(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    _body: Body<Nothing>,
) -> Result<HttpResponse> {
    let round = ops::open(&on, &admin, id.0).await?;
    Ok(ok_tagged(round.version, &ShownRound::from(round)))
}

/// Makes a new draft with this round's rules.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = Copy,
    responses((status = 201, body = ShownRound))
)]
#[post("/rounds/{id}/copy")]
async fn copy_round(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Create<Copy>,
) -> Result<HttpResponse> {
    let round = ops::copy_round(&on, &admin, id.0, body.input, body.once).await?;
    Ok(created(&location(&round), Some(round.version), &ShownRound::from(round)))
}

/// A round's assessors, with the round's ETag.
#[utoipa::path(tag = "rounds", params(("id" = RoundId, Path)), responses((status = 200, body = Pool)))]
#[get("/rounds/{id}/assessors")]
async fn read_pool(on: web::Data<Platform>, reader: Reader, id: Id<RoundId>) -> Result<HttpResponse> {
    let (version, pool) = ops::read_pool(&on, &reader, id.0).await?;
    Ok(ok_tagged(version, &pool))
}

/// The assessors of a round: exactly these.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PoolChange {
    assessors: Vec<PoolMember>,
    /// During assessment, leaves the routing as it is until somebody has looked at the difference and repairs it
    /// (`POST /rounds/{id}/routing`). Otherwise it follows at once.
    #[serde(default)]
    #[schema(example = false)]
    hold_routing: bool,
}

/// Sets a round's assessors, exactly these. `If-Match` takes the round's ETag.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path), ("If-Match" = String, Header, description = "The round's ETag that was read")),
    request_body = PoolChange,
    responses((status = 200, body = Pool))
)]
#[put("/rounds/{id}/assessors")]
async fn set_pool(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    if_match: IfMatch,
    body: Body<PoolChange>,
) -> Result<HttpResponse> {
    let Body(PoolChange { assessors, hold_routing }) = body;
    let pool = Pool { assessors };
    let set = if hold_routing {
        ops::set_pool_and_hold_routing(&on, &admin, id.0, if_match, pool).await
    } else {
        ops::set_pool(&on, &admin, id.0, if_match, pool).await
    };
    let (version, pool) = set?;
    Ok(ok_tagged(version, &pool))
}

/// Takes assessors into a round's pool from a table, all of it or nothing; invites those whom nobody knows.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = PoolImport,
    responses((status = 200, body = Imported))
)]
#[post("/rounds/{id}/assessors/import")]
async fn import_pool(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Create<PoolImport>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::import_pool(&on, &admin, id.0, body.input, body.once).await?))
}

fn location(round: &Round) -> String {
    format!("/api/v1/rounds/{}", round.id)
}
