//! The API's endpoints of bids, and of the acts on a round that tell its bidders.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{
    Bid, BidContent, BidOrder, BidStatus, BidSummary, BidVersion, BidVersionSummary, Eligibility,
    EligibilityDecision, Withdrawal,
};
use super::ops::{self, BidFilter};
use crate::auth::{Actor, Admin, Member};
use crate::id::{BidId, RoundId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{
    Body, Create, Id, IfMatch, Nothing, Page, PageQuery, Paging, Params, created, ok, ok_tagged,
};
use crate::rounds::input::{Cancellation, Extension};
use crate::rounds::model::ShownRound;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_bids_of_round)
        .service(create_bid)
        .service(list_bids)
        .service(read_bid)
        .service(revise_bid)
        .service(submit_bid)
        .service(withdraw_bid)
        .service(decide_eligibility)
        .service(list_versions)
        .service(read_version)
        .service(extend_deadline)
        .service(cancel_round);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct BidQuery {
    /// Only in `GET /bids`: bids of one round.
    round_id: Option<RoundId>,
    status: Option<BidStatus>,
    eligibility: Option<Eligibility>,
    /// Code of an area or group: bids for it, for what is in it and for what it is in.
    #[param(example = "lancashire-lep")]
    area: Option<String>,
    /// Part of the title, the reference or the organisation's name.
    #[param(example = "FT1-7K3M")]
    q: Option<String>,
    /// Of one round: the bids that were received, as they stand, in this order. Without it the oldest come first, and
    /// drafts are among them with what is being written.
    #[param(inline)]
    sort: Option<BidOrder>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn page(
    on: &Platform,
    actor: &Actor,
    query: BidQuery,
    round: Option<RoundId>,
    request: &HttpRequest,
) -> Result<HttpResponse> {
    let paging = Paging::new(query.limit, query.cursor.as_deref())?;
    let filter = BidFilter {
        round,
        status: query.status,
        eligibility: query.eligibility,
        text: query.q.filter(|text| !text.is_empty()),
        ..BidFilter::default()
    };
    let bids = ops::list(on, actor, filter, query.area, query.sort, paging).await?;
    Ok(Page::new(bids, &paging, |bid| bid.id.0).reply(request))
}

/// A round's bids, oldest first unless sorted: for members, their own organisation's.
#[utoipa::path(
    tag = "bids",
    params(("id" = RoundId, Path), BidQuery),
    responses((status = 200, body = Page<BidSummary>))
)]
#[get("/rounds/{id}/bids")]
async fn list_bids_of_round(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<RoundId>,
    query: Params<BidQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    if query.0.round_id.is_some_and(|round| round != id.0) {
        return Err(Problem::fault("?round_id", "the address names the round already; leave it out"));
    }
    page(&on, &actor, query.0, Some(id.0), &request).await
}

/// All bids, oldest first unless sorted: for members, their own organisation's.
#[utoipa::path(tag = "bids", params(BidQuery), responses((status = 200, body = Page<BidSummary>)))]
#[get("/bids")]
async fn list_bids(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<BidQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let round = query.0.round_id;
    page(&on, &actor, query.0, round, &request).await
}

/// Starts a bid, as a draft: it may be incomplete.
#[utoipa::path(
    tag = "bids",
    params(("id" = RoundId, Path)),
    request_body = BidContent,
    responses((status = 201, body = Bid))
)]
#[post("/rounds/{id}/bids")]
async fn create_bid(
    on: web::Data<Platform>,
    member: Member,
    id: Id<RoundId>,
    body: Create<BidContent>,
) -> Result<HttpResponse> {
    let bid = ops::create(&on, &member, id.0, body.input, body.once).await?;
    Ok(created(&format!("/api/v1/bids/{}", bid.id), Some(bid.version), &bid))
}

/// One bid. Assessors read theirs through their assignment.
#[utoipa::path(tag = "bids", params(("id" = BidId, Path)), responses((status = 200, body = Bid)))]
#[get("/bids/{id}")]
async fn read_bid(on: web::Data<Platform>, actor: Actor, id: Id<BidId>) -> Result<HttpResponse> {
    let bid = ops::read(&on, &actor, id.0).await?;
    Ok(ok_tagged(bid.version, &bid))
}

/// Revises a bid while its round takes bids. What was submitted stands until it is submitted again.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path), ("If-Match" = String, Header, description = "The ETag that was read")),
    request_body = BidContent,
    responses((status = 200, body = Bid))
)]
#[put("/bids/{id}")]
async fn revise_bid(
    on: web::Data<Platform>,
    member: Member,
    id: Id<BidId>,
    if_match: IfMatch,
    body: Body<BidContent>,
) -> Result<HttpResponse> {
    let bid = ops::revise(&on, &member, id.0, if_match, body.0).await?;
    Ok(ok_tagged(bid.version, &bid))
}

/// Submits a bid as it was saved. Everything that is missing or wrong comes back at once.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path)),
    request_body = Nothing,
    responses((status = 201, body = Bid, description = "Location names the version that was kept"))
)]
#[post("/bids/{id}/submit")]
async fn submit_bid(
    on: web::Data<Platform>,
    member: Member,
    id: Id<BidId>,
    body: Create<Nothing>,
) -> Result<HttpResponse> {
    let bid = ops::submit(&on, &member, id.0, IfMatch::any(), body.once).await?;
    let number = bid.submitted_number.unwrap_or_default();
    Ok(created(&format!("/api/v1/bids/{}/versions/{number}", bid.id), Some(bid.version), &bid))
}

/// Withdraws a submitted bid; it may be submitted again until the deadline.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path)),
    request_body = Withdrawal,
    responses((status = 200, body = Bid))
)]
#[post("/bids/{id}/withdraw")]
async fn withdraw_bid(
    on: web::Data<Platform>,
    member: Member,
    id: Id<BidId>,
    body: Body<Withdrawal>,
) -> Result<HttpResponse> {
    let bid = ops::withdraw(&on, &member, id.0, body.0).await?;
    Ok(ok_tagged(bid.version, &bid))
}

/// Decides whether a submitted bid may be funded at all, with the reason.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path)),
    request_body = EligibilityDecision,
    responses((status = 200, body = Bid))
)]
#[post("/bids/{id}/eligibility")]
async fn decide_eligibility(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<BidId>,
    body: Body<EligibilityDecision>,
) -> Result<HttpResponse> {
    let bid = ops::decide_eligibility(&on, &admin, id.0, body.0).await?;
    Ok(ok_tagged(bid.version, &bid))
}

/// A bid's submitted versions, the first first.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path), PageQuery),
    responses((status = 200, body = Page<BidVersionSummary>))
)]
#[get("/bids/{id}/versions")]
async fn list_versions(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<BidId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let versions = ops::list_versions(&on, &actor, id.0, paging).await?;
    Ok(Page::new(versions, &paging, ops::version_cursor).reply(&request))
}

/// One submitted version, as it was received.
#[utoipa::path(
    tag = "bids",
    params(("id" = BidId, Path), ("number" = u32, Path, description = "Counted from 1")),
    responses((status = 200, body = BidVersion))
)]
#[get("/bids/{id}/versions/{number}")]
async fn read_version(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let number = request.match_info().get("number").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(Problem::not_found)?;
    Ok(ok(&ops::read_version(&on, &actor, id.0, number).await?))
}

/// Extends an open round's deadline, and tells everybody with a bid in it.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = Extension,
    responses((status = 200, body = ShownRound))
)]
#[post("/rounds/{id}/extend")]
async fn extend_deadline(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Body<Extension>,
) -> Result<HttpResponse> {
    let round = ops::extend_deadline(&on, &admin, id.0, body.0).await?;
    Ok(ok_tagged(round.version, &ShownRound::from(round)))
}

/// Cancels a round that is not closed, and tells everybody with a bid in it.
#[utoipa::path(
    tag = "rounds",
    params(("id" = RoundId, Path)),
    request_body = Cancellation,
    responses((status = 200, body = ShownRound))
)]
#[post("/rounds/{id}/cancel")]
async fn cancel_round(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Body<Cancellation>,
) -> Result<HttpResponse> {
    let round = ops::cancel_round(&on, &admin, id.0, body.0).await?;
    Ok(ok_tagged(round.version, &ShownRound::from(round)))
}
