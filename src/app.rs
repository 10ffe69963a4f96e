//! The application: its state, its one table of routes and roles, its start and its stop.

use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use anyhow::Context;
use tracing_actix_web::TracingLogger;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::Keys;
use crate::config::Config;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};

/// Who may call an endpoint at all. Which rows a caller then sees is each feature's rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Nobody signed in.
    Anyone,
    Admin,
    Assessor,
    /// A provider's member or API client.
    Member,
    Auditor,
}

use Caller::{Admin, Anyone, Assessor, Auditor, Member};

/// One endpoint and its callers.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub method: &'static str,
    /// As OpenAPI writes it.
    pub path: &'static str,
    pub callers: &'static [Caller],
}

const fn route(method: &'static str, path: &'static str, callers: &'static [Caller]) -> Route {
    Route { method, path, callers }
}

const READERS: &[Caller] = &[Admin, Auditor];
const SIGNED_IN: &[Caller] = &[Admin, Assessor, Member, Auditor];

/// Every endpoint of the API. A test compares it with the OpenAPI document, both ways, and tries
/// each endpoint as each caller.
pub const ROUTES: &[Route] = &[
    // accounts
    route("POST", "/api/v1/token", &[Anyone]),
    route("POST", "/api/v1/token/revoke", &[Anyone]),
    route("POST", "/api/v1/setup", &[Anyone]),
    route("POST", "/api/v1/registrations", &[Anyone]),
    route("POST", "/api/v1/registrations/confirm", &[Anyone]),
    route("POST", "/api/v1/password-resets", &[Anyone]),
    route("POST", "/api/v1/passwords", &[Anyone]),
    route("GET", "/api/v1/organisations", &[Admin, Member, Auditor]),
    route("GET", "/api/v1/organisations/{id}", &[Admin, Member, Auditor]),
    route("PUT", "/api/v1/organisations/{id}", &[Admin, Member]),
    route("GET", "/api/v1/organisations/{id}/clients", &[Admin, Member, Auditor]),
    route("POST", "/api/v1/organisations/{id}/clients", &[Admin, Member]),
    route("POST", "/api/v1/organisations/{id}/clients/{client_id}/revoke", &[Admin, Member]),
    route("GET", "/api/v1/users", &[Admin, Member, Auditor]),
    route("POST", "/api/v1/users", &[Admin, Member]),
    route("GET", "/api/v1/users/me", SIGNED_IN),
    route("GET", "/api/v1/users/{id}", SIGNED_IN),
    route("PUT", "/api/v1/users/{id}", &[Admin]),
    route("POST", "/api/v1/users/{id}/invite", &[Admin, Member]),
    route("GET", "/api/v1/assessors", READERS),
    route("GET", "/api/v1/assessors/{id}", &[Admin, Assessor, Auditor]),
    route("PUT", "/api/v1/assessors/{id}", &[Admin]),
    route("GET", "/api/v1/assessors/{id}/interests", &[Admin, Assessor, Auditor]),
    route("POST", "/api/v1/assessors/{id}/interests", &[Admin, Assessor]),
    route("POST", "/api/v1/interests/{id}/override", &[Admin]),
    // areas
    route("GET", "/api/v1/areas", &[Anyone]),
    route("POST", "/api/v1/areas", &[Admin]),
    route("GET", "/api/v1/areas/groups", &[Anyone]),
    route("POST", "/api/v1/areas/groups", &[Admin]),
    // rounds
    route("GET", "/api/v1/funds", SIGNED_IN),
    route("POST", "/api/v1/funds", &[Admin]),
    route("GET", "/api/v1/funds/{id}", SIGNED_IN),
    route("PUT", "/api/v1/funds/{id}", &[Admin]),
    route("GET", "/api/v1/rounds", SIGNED_IN),
    route("POST", "/api/v1/rounds", &[Admin]),
    route("GET", "/api/v1/rounds/{id}", SIGNED_IN),
    route("PUT", "/api/v1/rounds/{id}", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/open", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/extend", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/cancel", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/copy", &[Admin]),
    route("GET", "/api/v1/rounds/{id}/assessors", READERS),
    route("PUT", "/api/v1/rounds/{id}/assessors", &[Admin]),
    // bids
    route("GET", "/api/v1/rounds/{id}/bids", &[Admin, Member, Auditor]),
    route("POST", "/api/v1/rounds/{id}/bids", &[Member]),
    route("GET", "/api/v1/bids", &[Admin, Member, Auditor]),
    route("GET", "/api/v1/bids/{id}", &[Admin, Member, Auditor]),
    route("PUT", "/api/v1/bids/{id}", &[Member]),
    route("POST", "/api/v1/bids/{id}/submit", &[Member]),
    route("POST", "/api/v1/bids/{id}/withdraw", &[Member]),
    route("POST", "/api/v1/bids/{id}/eligibility", &[Admin]),
    route("GET", "/api/v1/bids/{id}/versions", &[Admin, Member, Auditor]),
    route("GET", "/api/v1/bids/{id}/versions/{number}", &[Admin, Member, Auditor]),
    // routing
    route("POST", "/api/v1/rounds/{id}/start-assessment", &[Admin]),
    route("GET", "/api/v1/rounds/{id}/forecast", READERS),
    route("GET", "/api/v1/rounds/{id}/routing", READERS),
    route("POST", "/api/v1/rounds/{id}/routing", &[Admin]),
    route("GET", "/api/v1/rounds/{id}/assignments", READERS),
    route("GET", "/api/v1/assignments", &[Admin, Assessor, Auditor]),
    route("GET", "/api/v1/assignments/{id}", &[Admin, Assessor, Auditor]),
    route("POST", "/api/v1/assignments/{id}/accept", &[Assessor]),
    route("POST", "/api/v1/assignments/{id}/decline", &[Assessor]),
    route("POST", "/api/v1/assignments/{id}/release", &[Admin]),
    // assessments
    route("GET", "/api/v1/assignments/{id}/assessment", &[Admin, Assessor, Auditor]),
    route("PUT", "/api/v1/assignments/{id}/assessment", &[Assessor]),
    route("POST", "/api/v1/assignments/{id}/assessment/submit", &[Assessor]),
    route("POST", "/api/v1/assignments/{id}/assessment/reopen", &[Admin]),
    route("GET", "/api/v1/bids/{id}/assessments", &[Admin, Assessor, Auditor]),
    // outcomes
    route("GET", "/api/v1/rounds/{id}/progress", READERS),
    route("GET", "/api/v1/rounds/{id}/scores", READERS),
    route("GET", "/api/v1/rounds/{id}/outcomes", READERS),
    route("POST", "/api/v1/rounds/{id}/rulings", &[Admin]),
    route("GET", "/api/v1/rounds/{id}/rulings", READERS),
    route("POST", "/api/v1/rulings/{id}/revoke", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/close", &[Admin]),
    route("GET", "/api/v1/rounds/{id}/snapshot", READERS),
    route("GET", "/api/v1/rounds/{id}/verify", READERS),
    route("GET", "/api/v1/bids/{id}/moderation", READERS),
    route("POST", "/api/v1/bids/{id}/moderation", &[Admin]),
    route("GET", "/api/v1/bids/{id}/outcome", &[Admin, Member, Auditor]),
    // email and audit
    route("GET", "/api/v1/emails", READERS),
    route("GET", "/api/v1/emails/{id}", READERS),
    route("POST", "/api/v1/emails/{id}/resend", &[Admin]),
    route("GET", "/api/v1/audit", READERS),
];

/// The document's frame; its paths come from the handlers.
#[derive(OpenApi)]
#[openapi(info(title = "Fasttrack", description = "Bid evaluation for competitive public funds."))]
struct Frame;

fn api(config: &mut ServiceConfig) {
    crate::accounts::api::routes(config);
    crate::areas::api::routes(config);
    crate::rounds::api::routes(config);
    crate::bids::api::routes(config);
    crate::routing::api::routes(config);
    crate::assessments::api::routes(config);
    crate::outcomes::api::routes(config);
    crate::mail::api::routes(config);
    crate::audit::api::routes(config);
}

/// The OpenAPI 3.1 document, from the handlers themselves.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, document) = App::new()
        .into_utoipa_app()
        .openapi(Frame::openapi())
        .service(utoipa_actix_web::scope::scope("/api/v1").configure(api))
        .split_for_parts();
    document
}

async fn nothing_here(request: HttpRequest) -> HttpResponse {
    let known = ROUTES.iter().any(|route| route.path == request.path());
    let kind = if known { Kind::MethodNotAllowed } else { Kind::NotFound };
    Problem::new(kind, format!("{} {} is not an address of this service.", request.method(), request.path()))
        .error_response()
}

/// A server that listens, and the address it listens on (its port may have been left to the system).
pub struct Started {
    pub address: std::net::SocketAddr,
    pub server: actix_web::dev::Server,
}

/// Binds and builds the server; it runs when it is awaited.
///
/// # Errors
/// The address cannot be listened on.
pub fn start(config: &Config, platform: &Platform, keys: &Keys) -> anyhow::Result<Started> {
    let (platform, keys, limit) = (platform.clone(), keys.clone(), config.server.body_limit_bytes);
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .service(utoipa_actix_web::scope::scope("/api/v1").configure(api))
            .split_for_parts();
        app.app_data(web::Data::new(platform.clone()))
            .app_data(web::Data::new(keys.clone()))
            .app_data(web::PayloadConfig::new(limit))
            .wrap(TracingLogger::default())
            .default_service(web::to(nothing_here))
    })
    .shutdown_timeout(config.server.shutdown_seconds)
    .disable_signals()
    .client_request_timeout(Duration::from_secs(30));
    let server = if config.server.workers > 0 { server.workers(config.server.workers) } else { server };
    let server = server.bind(&config.server.listen).with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let address = server.addrs().first().copied().context("no address was bound")?;
    Ok(Started { address, server: server.run() })
}

