//! The API's endpoints of routing.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{
    AssessmentStarted, AssignmentStatus, AssignmentView, Declined, Forecast, Released, RoutingChange,
    RoutingRun, Suppose,
};
use super::ops::{self, Filter};
use super::rivals::BidRouting;
use crate::auth::{Actor, Admin, Assessor, Reader};
use crate::id::{AssignmentId, BidId, RoundId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{Body, Id, Page, PageQuery, Paging, Params, ok, ok_tagged};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(start_assessment)
        .service(forecast)
        .service(list_runs)
        .service(bid_routing)
        .service(repair)
        .service(list_in_round)
        .service(list_assignments)
        .service(accept)
        .service(decline)
        .service(release)
        .service(get_assignment);
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct StartAssessment {
    /// Needed while the deadline has not passed.
    #[serde(default)]
    #[schema(example = "The only provider that was still writing has told us that it will not bid.")]
    reason: Option<String>,
}

/// Freezes the bids and routes them to the round's assessors.
#[utoipa::path(tag = "routing", params(("id" = RoundId, Path)), request_body = StartAssessment,
    responses((status = 200, body = AssessmentStarted)))]
#[post("/rounds/{id}/start-assessment")]
async fn start_assessment(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Body<StartAssessment>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::start_assessment(&on, &admin, id.0, body.0.reason).await?))
}

/// Whether the assessors there are would suffice for the bids so far, while a round is open.
#[utoipa::path(tag = "routing", params(("id" = RoundId, Path)), responses((status = 200, body = Forecast)))]
#[get("/rounds/{id}/forecast")]
async fn forecast(on: web::Data<Platform>, reader: Reader, id: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::forecast(&on, &reader, id.0).await?))
}

/// The round's routing runs, the newest first.
#[utoipa::path(tag = "routing", params(("id" = RoundId, Path), PageQuery),
    responses((status = 200, body = Page<RoutingRun>)))]
#[get("/rounds/{id}/routing")]
async fn list_runs(
    on: web::Data<Platform>,
    reader: Reader,
    id: Id<RoundId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let runs = ops::list_runs(&on, &reader, id.0, paging).await?;
    Ok(Page::new(runs, &paging, |run| run.id.0).reply(&request))
}

/// How one bid was routed: whom the run that offered its places chose, and, for every other assessor who covers it, why not
/// and what choosing them would have cost.
#[utoipa::path(tag = "routing", params(("id" = BidId, Path)), responses((status = 200, body = BidRouting)))]
#[get("/bids/{id}/routing")]
async fn bid_routing(on: web::Data<Platform>, reader: Reader, id: Id<BidId>) -> Result<HttpResponse> {
    Ok(ok(&ops::bid_routing(&on, &reader, id.0).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Repair {
    /// Shows the difference without making it.
    #[serde(default)]
    #[schema(example = true)]
    dry_run: bool,
    /// Things to suppose beside what is so; of a dry run alone.
    #[serde(default)]
    suppose: Option<Suppose>,
    #[serde(default)]
    #[schema(example = "Kit Example can take two more bids.")]
    reason: Option<String>,
}

/// Repairs the routing, with the fewest changes. Declines, drop-outs, conflicts, capacities, areas and eligibility repair it by
/// themselves; a dry run shows beforehand what they would change.
#[utoipa::path(tag = "routing", params(("id" = RoundId, Path)), request_body = Repair,
    responses((status = 200, body = RoutingChange)))]
#[post("/rounds/{id}/routing")]
async fn repair(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<RoundId>,
    body: Body<Repair>,
) -> Result<HttpResponse> {
    let Body(Repair { dry_run, suppose, reason }) = body;
    let change = match suppose {
        Some(_) if !dry_run => {
            let told = "only a dry run can suppose something: send \"dry_run\": true with it";
            return Err(Problem::fault("/suppose", told));
        }
        Some(suppose) => ops::suppose(&on, &admin, id.0, suppose).await?,
        None => ops::repair(&on, &admin, id.0, dry_run, reason).await?,
    };
    Ok(ok(&change))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct InRoundQuery {
    status: Option<AssignmentStatus>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// The round's assignments, those that no longer stand too, oldest first.
#[utoipa::path(tag = "routing", params(("id" = RoundId, Path), InRoundQuery),
    responses((status = 200, body = Page<AssignmentView>)))]
#[get("/rounds/{id}/assignments")]
async fn list_in_round(
    on: web::Data<Platform>,
    reader: Reader,
    id: Id<RoundId>,
    query: Params<InRoundQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?;
    let filter = Filter { round: Some(id.0), status: query.status, ..Filter::default() };
    let found = ops::list_assignments(&on, &reader, filter, paging).await?;
    Ok(Page::new(found, &paging, |view| view.assignment.id.0).reply(&request))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AssignmentQuery {
    round_id: Option<RoundId>,
    status: Option<AssignmentStatus>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// An assessor's own assignments; all of them for administrators and auditors. Oldest first.
#[utoipa::path(tag = "routing", params(AssignmentQuery), responses((status = 200, body = Page<AssignmentView>)))]
#[get("/assignments")]
async fn list_assignments(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<AssignmentQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?;
    let filter = Filter { round: query.round_id, status: query.status, ..Filter::default() };
    let found = ops::list_assignments(&on, &actor, filter, paging).await?;
    Ok(Page::new(found, &paging, |view| view.assignment.id.0).reply(&request))
}

/// One assignment, with the bid as its reader may see it: an assessor reads the answers after
/// declaring no conflict.
#[utoipa::path(tag = "routing", params(("id" = AssignmentId, Path)), responses((status = 200, body = AssignmentView)))]
#[get("/assignments/{id}")]
async fn get_assignment(on: web::Data<Platform>, actor: Actor, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let view = ops::view_assignment(&on, &actor, id.0).await?;
    Ok(ok_tagged(view.assignment.version, &view))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// That the assessor has no conflict of interest with the bidder or its partners: `true`.
    #[schema(example = true)]
    no_conflict: bool,
}

/// Accepts an offer, declaring no conflict of interest; the answer has the bid's content.
#[utoipa::path(tag = "routing", params(("id" = AssignmentId, Path)), request_body = Accept,
    responses((status = 200, body = AssignmentView)))]
#[post("/assignments/{id}/accept")]
async fn accept(
    on: web::Data<Platform>,
    assessor: Assessor,
    id: Id<AssignmentId>,
    body: Body<Accept>,
) -> Result<HttpResponse> {
    let view = ops::accept(&on, &assessor, id.0, body.0.no_conflict).await?;
    Ok(ok_tagged(view.assignment.version, &view))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decline {
    #[schema(example = "I advised one of the partners last year.")]
    reason: String,
    /// Whether the reason is a conflict of interest.
    #[serde(default)]
    #[schema(example = true)]
    conflict: bool,
}

/// Declines an offer, or gives back an accepted one; the place is routed again at once.
#[utoipa::path(tag = "routing", params(("id" = AssignmentId, Path)), request_body = Decline,
    responses((status = 200, body = Declined)))]
#[post("/assignments/{id}/decline")]
async fn decline(
    on: web::Data<Platform>,
    assessor: Assessor,
    id: Id<AssignmentId>,
    body: Body<Decline>,
) -> Result<HttpResponse> {
    let Body(Decline { reason, conflict }) = body;
    let declined = ops::decline(&on, &assessor, id.0, &reason, conflict).await?;
    Ok(ok_tagged(declined.assignment.version, &declined))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Release {
    #[schema(example = "Sam Example is ill until the new year.")]
    reason: String,
}

/// Takes an assignment back from an assessor who dropped out; the place is routed again at once.
#[utoipa::path(tag = "routing", params(("id" = AssignmentId, Path)), request_body = Release,
    responses((status = 200, body = Released)))]
#[post("/assignments/{id}/release")]
async fn release(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<AssignmentId>,
    body: Body<Release>,
) -> Result<HttpResponse> {
    let released = ops::release(&on, &admin, id.0, &body.0.reason).await?;
    Ok(ok_tagged(released.assignment.version, &released))
}
