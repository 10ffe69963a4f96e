//! The API's endpoints of assessments.

use actix_web::{HttpResponse, get, post, put, web};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Assessment, AssessmentContent};
use super::ops::{self, Saved};
use crate::auth::{Actor, Admin, Assessor};
use crate::id::{AssignmentId, BidId};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Body, Id, IfMatch, Nothing, Page, created, ok, ok_tagged};

pub fn routes(config: &mut ServiceConfig) {
    config.service(view).service(save).service(submit).service(reopen).service(list_of_bid);
}

/// An assessment: one's own, or any for administrators and auditors. Before the first save an empty
/// draft with the `ETag` `"0"`.
#[utoipa::path(tag = "assessments", params(("id" = AssignmentId, Path)), responses((status = 200, body = Assessment)))]
#[get("/assignments/{id}/assessment")]
async fn view(on: web::Data<Platform>, actor: Actor, id: Id<AssignmentId>) -> Result<HttpResponse> {
    let found = ops::view(&on, &actor, id.0).await?;
    Ok(ok_tagged(found.version, &found))
}

/// Saves a draft, which may be unfinished: 201 the first time, 200 after.
#[utoipa::path(tag = "assessments",
    params(("id" = AssignmentId, Path), ("If-Match" = String, Header, description = "The `ETag` that was read")),
    request_body = AssessmentContent,
    responses((status = 200, body = Assessment), (status = 201, body = Assessment)))]
#[put("/assignments/{id}/assessment")]
async fn save(
    on: web::Data<Platform>,
    assessor: Assessor,
    id: Id<AssignmentId>,
    if_match: IfMatch,
    body: Body<AssessmentContent>,
) -> Result<HttpResponse> {
    let Saved { assessment, is_new } = ops::save(&on, &assessor, id.0, if_match, body.0).await?;
    Ok(if is_new {
        let location = format!("/api/v1/assignments/{}/assessment", assessment.assignment_id);
        created(&location, Some(assessment.version), &assessment)
    } else {
        ok_tagged(assessment.version, &assessment)
    })
}

/// Submits the saved draft: complete, or refused with all that is missing. It is locked from then on.
#[utoipa::path(tag = "assessments", params(("id" = AssignmentId, Path)), request_body = Nothing,
    responses((status = 200, body = Assessment)))]
#[post("/assignments/{id}/assessment/submit")]
async fn submit(
    on: web::Data<Platform>,
    assessor: Assessor,
    id: Id<AssignmentId>,
    _body: Body<Nothing>,
) -> Result<HttpResponse> {
    let submitted = ops::submit(&on, &assessor, id.0, IfMatch::any()).await?;
    Ok(ok_tagged(submitted.version, &submitted))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reopen {
    #[schema(example = "The justification of \"Need and demand\" refers to another bid.")]
    reason: String,
}

/// Makes a submitted assessment a draft again, with a reason that its assessor is told.
#[utoipa::path(tag = "assessments", params(("id" = AssignmentId, Path)), request_body = Reopen,
    responses((status = 200, body = Assessment)))]
#[post("/assignments/{id}/assessment/reopen")]
async fn reopen(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<AssignmentId>,
    body: Body<Reopen>,
) -> Result<HttpResponse> {
    let reopened = ops::reopen(&on, &admin, id.0, &body.0.reason).await?;
    Ok(ok_tagged(reopened.version, &reopened))
}

/// A bid's assessments. Assessors read only their own before the round is closed, and after it where
/// the round does not say otherwise.
#[utoipa::path(tag = "assessments", params(("id" = BidId, Path)), responses((status = 200, body = Page<Assessment>)))]
#[get("/bids/{id}/assessments")]
async fn list_of_bid(on: web::Data<Platform>, actor: Actor, id: Id<BidId>) -> Result<HttpResponse> {
    // A bid has at most ten places: one page.
    let items = ops::list_of_bid(&on, &actor, id.0).await?;
    Ok(ok(&Page { items, next_cursor: None }))
}
