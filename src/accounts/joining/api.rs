//! Registering, links, passwords, and the first administrator.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web};
use tracing_actix_web::RequestId;
use utoipa_actix_web::service_config::ServiceConfig;

use super::ops;
use crate::accounts::inputs::{FirstAdmin, ForgottenPassword, LinkAnswer, NewPassword, Registration};
use crate::accounts::model::User;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Body, created, ok};

pub fn routes(config: &mut ServiceConfig) {
    config.service(set_up).service(register).service(confirm).service(forget_password).service(set_password);
}

fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(ToString::to_string)
}

/// Makes the first administrator, by the link that the service prints when it has none.
#[utoipa::path(tag = "accounts", request_body = FirstAdmin, responses((status = 201, body = User)))]
#[post("/setup")]
async fn set_up(on: web::Data<Platform>, body: Body<FirstAdmin>) -> Result<HttpResponse> {
    let user = ops::set_up(&on, body.0).await?;
    Ok(created(&format!("/api/v1/users/{}", user.id), Some(user.version), &user))
}

/// Registers an organisation and its first member; an email confirms the address. The answer is
/// the same where the address is here already.
#[utoipa::path(tag = "accounts", request_body = Registration, responses((status = 202)))]
#[post("/registrations")]
async fn register(
    on: web::Data<Platform>,
    request: HttpRequest,
    body: Body<Registration>,
) -> Result<HttpResponse> {
    ops::register(&on, body.0, request_id(&request)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Confirms an address, by the link that was sent to it.
#[utoipa::path(tag = "accounts", request_body = LinkAnswer, responses((status = 200, body = User)))]
#[post("/registrations/confirm")]
async fn confirm(
    on: web::Data<Platform>,
    request: HttpRequest,
    body: Body<LinkAnswer>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::confirm(&on, body.0, request_id(&request)).await?))
}

/// Sends a link to choose a new password, if the address is somebody's.
#[utoipa::path(tag = "accounts", request_body = ForgottenPassword, responses((status = 202)))]
#[post("/password-resets")]
async fn forget_password(
    on: web::Data<Platform>,
    request: HttpRequest,
    body: Body<ForgottenPassword>,
) -> Result<HttpResponse> {
    ops::forget_password(&on, body.0, request_id(&request)).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Chooses a password, by the link of an invitation or a reset.
#[utoipa::path(tag = "accounts", request_body = NewPassword, responses((status = 200, body = User)))]
#[post("/passwords")]
async fn set_password(
    on: web::Data<Platform>,
    request: HttpRequest,
    body: Body<NewPassword>,
) -> Result<HttpResponse> {
    Ok(ok(&ops::set_password(&on, body.0, request_id(&request)).await?))
}
