//! `/assessors` and `/interests`.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::ops;
use crate::accounts::inputs::{AssessorChange, NewInterest, Override};
use crate::accounts::model::{AssessorProfile, Interest};
use crate::auth::{Actor, Admin, AdminOr, Assessor, Reader};
use crate::id::{InterestId, UserId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Body, Create, Id, IfMatch, Page, PageQuery, Params, created, ok, ok_tagged};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_assessors)
        .service(get_assessor)
        .service(put_assessor)
        .service(list_interests)
        .service(declare_interest)
        .service(override_interest);
}

/// All assessors, with the areas they cover.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<AssessorProfile>)))]
#[get("/assessors")]
async fn list_assessors(
    on: web::Data<Platform>,
    reader: Reader,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let found = ops::list(&on, &reader, paging).await?;
    Ok(Page::new(found, &paging, |assessor| assessor.id.0).reply(&request))
}

/// One assessor.
#[utoipa::path(tag = "accounts", params(("id" = UserId, Path)), responses((status = 200, body = AssessorProfile)))]
#[get("/assessors/{id}")]
async fn get_assessor(on: web::Data<Platform>, actor: Actor, id: Id<UserId>) -> Result<HttpResponse> {
    let assessor = ops::find(&on, &actor, id.0).await?;
    Ok(ok_tagged(assessor.version, &assessor))
}

/// Sets the areas that an assessor covers, and the employer.
#[utoipa::path(
    tag = "accounts",
    params(("id" = UserId, Path), ("If-Match" = String, Header)),
    request_body = AssessorChange,
    responses((status = 200, body = AssessorProfile))
)]
#[put("/assessors/{id}")]
async fn put_assessor(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<UserId>,
    if_match: IfMatch,
    body: Body<AssessorChange>,
) -> Result<HttpResponse> {
    let assessor = ops::change(&on, &admin, id.0, if_match, body.0).await?;
    Ok(ok_tagged(assessor.version, &assessor))
}

/// An assessor's declared conflicts of interest.
#[utoipa::path(tag = "accounts", params(("id" = UserId, Path), PageQuery), responses((status = 200, body = Page<Interest>)))]
#[get("/assessors/{id}/interests")]
async fn list_interests(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<UserId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let found = ops::list_interests(&on, &actor, id.0, paging).await?;
    Ok(Page::new(found, &paging, |interest| interest.id.0).reply(&request))
}

/// Declares a conflict of interest with an organisation or a bid.
#[utoipa::path(
    tag = "accounts",
    params(("id" = UserId, Path)),
    request_body = NewInterest,
    responses((status = 201, body = Interest))
)]
#[post("/assessors/{id}/interests")]
async fn declare_interest(
    on: web::Data<Platform>,
    actor: AdminOr<Assessor>,
    id: Id<UserId>,
    body: Create<NewInterest>,
) -> Result<HttpResponse> {
    let interest = ops::declare_interest(&on, &actor, id.0, body.input, body.once).await?;
    let location = format!("/api/v1/assessors/{}/interests", interest.assessor_id);
    Ok(created(&location, None, &interest))
}

/// Overrides a soft conflict of interest, with a reason.
#[utoipa::path(
    tag = "accounts",
    params(("id" = InterestId, Path)),
    request_body = Override,
    responses((status = 200, body = Interest))
)]
#[post("/interests/{id}/override")]
async fn override_interest(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<InterestId>,
    body: Body<Override>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::override_interest(&on, &admin, id.0, body.0).await?))
}
