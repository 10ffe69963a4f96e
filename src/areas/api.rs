//! `/areas` and `/areas/groups`: places, which anybody may read and administrators add to.

use actix_web::{HttpResponse, get, post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Area, Group};
use super::ops;
use crate::auth::Admin;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Create, Page, created, ok};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_groups).service(add_group).service(list_areas).service(add_area);
}

/// All areas, by code, on one page.
#[utoipa::path(tag = "areas", responses((status = 200, body = Page<Area>)))]
#[get("/areas")]
async fn list_areas(on: web::Data<Platform>) -> Result<HttpResponse> {
    Ok(ok(&Page { items: ops::list_areas(&on).await?, next_cursor: None }))
}

/// Adds an area below one that is there.
#[utoipa::path(tag = "areas", request_body = Area, responses((status = 201, body = Area)))]
#[post("/areas")]
async fn add_area(on: web::Data<Platform>, admin: Admin, body: Create<Area>) -> Result<HttpResponse> {
    let area = ops::add_area(&on, &admin, body.input, body.once).await?;
    Ok(created("/api/v1/areas", None, &area))
}

/// All groups of areas, by code, on one page.
#[utoipa::path(tag = "areas", responses((status = 200, body = Page<Group>)))]
#[get("/areas/groups")]
async fn list_groups(on: web::Data<Platform>) -> Result<HttpResponse> {
    Ok(ok(&Page { items: ops::list_groups(&on).await?, next_cursor: None }))
}

/// Names a set of areas.
#[utoipa::path(tag = "areas", request_body = Group, responses((status = 201, body = Group)))]
#[post("/areas/groups")]
async fn add_group(on: web::Data<Platform>, admin: Admin, body: Create<Group>) -> Result<HttpResponse> {
    let group = ops::add_group(&on, &admin, body.input, body.once).await?;
    Ok(created("/api/v1/areas/groups", None, &group))
}
