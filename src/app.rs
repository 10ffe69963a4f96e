//! The application: its one table of routes and roles, its server, its start and its stop.
//!
//! [`document`] says to machines what the routes are, `around` what every request and answer has
//! in common, [`lifecycle`] how the service comes up and goes down.
//!
//! Must not know: what any feature does. It knows their `routes` functions and nothing else.

mod around;
pub mod document;
pub mod lifecycle;

use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::{Method, header};
use actix_web::middleware::{Compress, Condition, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use anyhow::Context;
use tracing_actix_web::TracingLogger;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::Keys;
use crate::config::Config;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::web::docs::Docs;
use crate::web::metrics::Metrics;

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

impl Caller {
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Anyone => "anyone",
            Admin => "admin",
            Assessor => "assessor",
            Member => "member",
            Auditor => "auditor",
        }
    }
}

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
    route("POST", "/api/v1/rounds/{id}/assessors/import", &[Admin]),
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
    route("GET", "/api/v1/bids/{id}/routing", READERS),
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
    route("GET", "/api/v1/rulings/{id}", READERS),
    route("POST", "/api/v1/rulings/{id}/revoke", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/close", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/what-if", READERS),
    route("GET", "/api/v1/rounds/{id}/snapshot", READERS),
    route("GET", "/api/v1/rounds/{id}/record", READERS),
    route("GET", "/api/v1/rounds/{id}/verify", READERS),
    route("GET", "/api/v1/rounds/{id}/later-acts", READERS),
    route("POST", "/api/v1/rounds/{id}/later-acts", &[Admin]),
    route("POST", "/api/v1/rounds/{id}/later-acts/preview", &[Admin]),
    route("GET", "/api/v1/bids/{id}/scores", READERS),
    route("GET", "/api/v1/bids/{id}/moderation", READERS),
    route("POST", "/api/v1/bids/{id}/moderation", &[Admin]),
    route("GET", "/api/v1/bids/{id}/outcome", &[Admin, Member, Auditor]),
    // reports
    route("GET", "/api/v1/rounds/{id}/panel-paper", READERS),
    route("GET", "/api/v1/rounds/{id}/panel-paper.html", READERS),
    route("GET", "/api/v1/rounds/{id}/score-sheet.csv", READERS),
    route("GET", "/api/v1/rounds/{id}/score-sheet.xlsx", READERS),
    route("GET", "/api/v1/rounds/{id}/awards.json", READERS),
    route("GET", "/api/v1/rounds/{id}/awards.csv", READERS),
    // email and audit
    route("GET", "/api/v1/emails", READERS),
    route("GET", "/api/v1/emails/{id}", READERS),
    route("POST", "/api/v1/emails/{id}/resend", &[Admin]),
    route("GET", "/api/v1/audit", READERS),
];

const EVERYBODY: &[Caller] = &[Anyone, Admin, Assessor, Member, Auditor];

/// Every page, and what else is served beside the API. A test tries each as each caller.
pub const PAGES: &[Route] = &[
    // for machines
    route("GET", "/api/v1/openapi.json", EVERYBODY),
    route("GET", "/health/live", EVERYBODY),
    route("GET", "/health/ready", EVERYBODY),
    route("GET", "/metrics", EVERYBODY),
    route("GET", "/assets/{hash}/{name}", EVERYBODY),
    // about the service
    route("GET", "/docs", EVERYBODY),
    route("GET", "/problems/{slug}", EVERYBODY),
    route("GET", "/accessibility", EVERYBODY),
    route("GET", "/privacy", EVERYBODY),
    route("GET", "/", EVERYBODY),
    // signing in
    route("GET", "/sign-in", EVERYBODY),
    route("POST", "/sign-in", EVERYBODY),
    route("POST", "/sign-out", EVERYBODY),
    route("GET", "/forgotten-password", EVERYBODY),
    route("POST", "/forgotten-password", EVERYBODY),
    route("GET", "/setup", EVERYBODY),
    route("POST", "/setup", EVERYBODY),
    route("GET", "/invitation", EVERYBODY),
    route("POST", "/invitation", EVERYBODY),
    route("GET", "/password-reset", EVERYBODY),
    route("POST", "/password-reset", EVERYBODY),
    route("GET", "/confirm", EVERYBODY),
    route("POST", "/confirm", EVERYBODY),
    // one's own account
    route("GET", "/account", SIGNED_IN),
    route("GET", "/account/name", SIGNED_IN),
    route("POST", "/account/name", SIGNED_IN),
    route("GET", "/account/password", SIGNED_IN),
    route("POST", "/account/password", SIGNED_IN),
    route("POST", "/account/sign-out-everywhere", SIGNED_IN),
    // bids
    route("GET", "/rounds/{id}/bids", READERS),
    route("GET", "/bids/{id}", READERS),
    route("GET", "/bids/{id}/versions/{number}", READERS),
    // routing
    route("GET", "/rounds/{id}/routing", READERS),
    route("GET", "/rounds/{id}/routing/bids", READERS),
    route("GET", "/rounds/{id}/start-assessment", &[Admin]),
    route("POST", "/rounds/{id}/start-assessment", &[Admin]),
    route("GET", "/rounds/{id}/routing/repair", &[Admin]),
    route("POST", "/rounds/{id}/routing/repair", &[Admin]),
    route("GET", "/routing-runs/{id}", READERS),
    route("GET", "/bids/{id}/routing", READERS),
    route("GET", "/bids/{id}/eligibility", &[Admin]),
    route("POST", "/bids/{id}/eligibility", &[Admin]),
    route("GET", "/bids/{id}/interests/new", &[Admin]),
    route("POST", "/bids/{id}/interests/new", &[Admin]),
    route("GET", "/assignments/{id}/release", &[Admin]),
    route("POST", "/assignments/{id}/release", &[Admin]),
    // a provider's own
    route("GET", "/register", EVERYBODY),
    route("POST", "/register", EVERYBODY),
    route("GET", "/your-organisation", &[Member]),
    route("GET", "/your-organisation/name", &[Member]),
    route("POST", "/your-organisation/name", &[Member]),
    route("GET", "/your-organisation/invite", &[Member]),
    route("POST", "/your-organisation/invite", &[Member]),
    route("POST", "/your-organisation/members/{id}/invite", &[Member]),
    route("GET", "/your-organisation/clients/new", &[Member]),
    route("POST", "/your-organisation/clients/new", &[Member]),
    route("GET", "/your-organisation/clients/{id}/revoke", &[Member]),
    route("POST", "/your-organisation/clients/{id}/revoke", &[Member]),
    route("GET", "/open-rounds", &[Member]),
    route("GET", "/open-rounds/{id}", &[Member]),
    route("POST", "/open-rounds/{id}/bids", &[Member]),
    route("GET", "/your-bids", &[Member]),
    route("GET", "/your-bids/{id}", &[Member]),
    route("GET", "/your-bids/{id}/sections/{section}", &[Member]),
    route("POST", "/your-bids/{id}/sections/{section}", &[Member]),
    route("GET", "/your-bids/{id}/criteria/{key}", &[Member]),
    route("POST", "/your-bids/{id}/criteria/{key}", &[Member]),
    route("GET", "/your-bids/{id}/check", &[Member]),
    route("POST", "/your-bids/{id}/submit", &[Member]),
    route("GET", "/your-bids/{id}/submitted", &[Member]),
    route("GET", "/your-bids/{id}/withdraw", &[Member]),
    route("POST", "/your-bids/{id}/withdraw", &[Member]),
    route("GET", "/your-bids/{id}/versions/{number}", &[Member]),
    route("GET", "/your-bids/{id}/outcome", &[Member]),
    // assessments
    route("GET", "/assignments", &[Assessor]),
    route("GET", "/assignments/{id}", &[Assessor]),
    route("GET", "/assignments/{id}/bid", &[Assessor]),
    route("POST", "/assignments/{id}/accept", &[Assessor]),
    route("GET", "/assignments/{id}/decline", &[Assessor]),
    route("POST", "/assignments/{id}/decline", &[Assessor]),
    route("GET", "/assignments/{id}/criteria/{key}", &[Assessor]),
    route("POST", "/assignments/{id}/criteria/{key}", &[Assessor]),
    route("GET", "/assignments/{id}/overall", &[Assessor]),
    route("POST", "/assignments/{id}/overall", &[Assessor]),
    route("GET", "/assignments/{id}/check", &[Assessor]),
    route("POST", "/assignments/{id}/submit", &[Assessor]),
    route("GET", "/assignments/{id}/submitted", &[Assessor]),
    // rounds
    route("GET", "/rounds", READERS),
    route("GET", "/rounds/new", &[Admin]),
    route("POST", "/rounds/new", &[Admin]),
    route("GET", "/rounds/{id}/rules", READERS),
    route("GET", "/rounds/{id}/rules/{part}", &[Admin]),
    route("POST", "/rounds/{id}/rules/{part}", &[Admin]),
    route("GET", "/rounds/{id}/rules/criteria/{key}", &[Admin]),
    route("POST", "/rounds/{id}/rules/criteria/{key}", &[Admin]),
    route("GET", "/rounds/{id}/open", &[Admin]),
    route("GET", "/rounds/{id}/extend", &[Admin]),
    route("POST", "/rounds/{id}/extend", &[Admin]),
    route("GET", "/rounds/{id}/cancel", &[Admin]),
    route("POST", "/rounds/{id}/cancel", &[Admin]),
    route("POST", "/rounds/{id}/open", &[Admin]),
    route("GET", "/rounds/{id}/assessors", READERS),
    route("GET", "/rounds/{id}/assessors/add", &[Admin]),
    route("POST", "/rounds/{id}/assessors/add", &[Admin]),
    route("GET", "/rounds/{id}/assessors/import", &[Admin]),
    route("POST", "/rounds/{id}/assessors/import", &[Admin]),
    route("GET", "/rounds/{id}/assessors/{assessor}", &[Admin]),
    route("POST", "/rounds/{id}/assessors/{assessor}", &[Admin]),
    route("GET", "/rounds/{id}/assessors/{assessor}/themes", &[Admin]),
    route("POST", "/rounds/{id}/assessors/{assessor}/themes", &[Admin]),
    route("POST", "/rounds/{id}/assessors/{assessor}/remove", &[Admin]),
    route("GET", "/funds", READERS),
    route("GET", "/funds/new", &[Admin]),
    route("POST", "/funds/new", &[Admin]),
    route("GET", "/funds/{id}", READERS),
    route("GET", "/funds/{id}/change", &[Admin]),
    route("POST", "/funds/{id}/change", &[Admin]),
    route("GET", "/areas", READERS),
    route("GET", "/areas/new", &[Admin]),
    route("POST", "/areas/new", &[Admin]),
    route("GET", "/areas/groups/new", &[Admin]),
    route("POST", "/areas/groups/new", &[Admin]),
    // people
    route("GET", "/people", READERS),
    route("POST", "/people", READERS),
    route("GET", "/people/new", &[Admin]),
    route("POST", "/people/new", &[Admin]),
    route("GET", "/people/{id}", READERS),
    route("GET", "/people/{id}/change", &[Admin]),
    route("POST", "/people/{id}/change", &[Admin]),
    route("POST", "/people/{id}/invite", &[Admin]),
    route("GET", "/people/{id}/areas", &[Admin]),
    route("POST", "/people/{id}/areas", &[Admin]),
    route("GET", "/people/{id}/interests/new", &[Admin]),
    route("POST", "/people/{id}/interests/new", &[Admin]),
    route("GET", "/people/{id}/interests/{interest}/override", &[Admin]),
    route("POST", "/people/{id}/interests/{interest}/override", &[Admin]),
    route("GET", "/organisations", READERS),
    route("GET", "/organisations/{id}", READERS),
    route("GET", "/organisations/{id}/change", &[Admin]),
    route("POST", "/organisations/{id}/change", &[Admin]),
    // email and audit
    route("GET", "/emails", READERS),
    route("GET", "/emails/{id}", READERS),
    route("POST", "/emails/{id}/resend", &[Admin]),
    route("GET", "/audit", READERS),
    // outcomes
    route("GET", "/rounds/{id}", READERS),
    route("GET", "/rounds/{id}/scores", READERS),
    route("GET", "/rounds/{id}/rehearsal", READERS),
    route("GET", "/rounds/{id}/close", &[Admin]),
    route("POST", "/rounds/{id}/close", &[Admin]),
    route("GET", "/rounds/{id}/close/email", &[Admin]),
    route("GET", "/rounds/{id}/close/confirm", &[Admin]),
    route("GET", "/rounds/{id}/closed", READERS),
    route("GET", "/rounds/{id}/outcomes", READERS),
    route("GET", "/rounds/{id}/verify", READERS),
    route("GET", "/bids/{id}/after-closing", &[Admin]),
    route("GET", "/bids/{id}/end-award", &[Admin]),
    route("POST", "/bids/{id}/end-award", &[Admin]),
    route("GET", "/bids/{id}/promote", &[Admin]),
    route("POST", "/bids/{id}/promote", &[Admin]),
    route("GET", "/bids/{id}/correct", &[Admin]),
    route("POST", "/bids/{id}/correct", &[Admin]),
    // reports
    route("GET", "/rounds/{id}/reports", READERS),
    route("GET", "/rounds/{id}/reports/paper", READERS),
    route("GET", "/rounds/{id}/reports/panel-paper.html", READERS),
    route("GET", "/rounds/{id}/reports/score-sheet.csv", READERS),
    route("GET", "/rounds/{id}/reports/score-sheet.xlsx", READERS),
    route("GET", "/rounds/{id}/reports/awards.json", READERS),
    route("GET", "/rounds/{id}/reports/awards.csv", READERS),
    route("GET", "/rounds/{id}/reports/record.json", READERS),
    route("GET", "/rounds/{id}/reports/snapshot.json", READERS),
    route("GET", "/rounds/{id}/tie", &[Admin]),
    route("POST", "/rounds/{id}/tie", &[Admin]),
    route("GET", "/bids/{id}/scores", READERS),
    route("GET", "/bids/{id}/moderate/{key}", &[Admin]),
    route("POST", "/bids/{id}/moderate/{key}", &[Admin]),
    route("GET", "/bids/{id}/exclude", &[Admin]),
    route("POST", "/bids/{id}/exclude", &[Admin]),
    route("GET", "/bids/{id}/accept-short", &[Admin]),
    route("POST", "/bids/{id}/accept-short", &[Admin]),
    route("GET", "/bids/{id}/accept-disagreement", &[Admin]),
    route("POST", "/bids/{id}/accept-disagreement", &[Admin]),
    route("GET", "/bids/{id}/override", &[Admin]),
    route("POST", "/bids/{id}/override", &[Admin]),
    route("GET", "/rulings/{id}/revoke", &[Admin]),
    route("POST", "/rulings/{id}/revoke", &[Admin]),
    route("GET", "/assignments/{id}/reopen", &[Admin]),
    route("POST", "/assignments/{id}/reopen", &[Admin]),
];

fn api(config: &mut ServiceConfig) {
    crate::accounts::api::routes(config);
    crate::areas::api::routes(config);
    crate::rounds::api::routes(config);
    crate::bids::api::routes(config);
    crate::routing::api::routes(config);
    crate::assessments::api::routes(config);
    crate::outcomes::api::routes(config);
    crate::reports::api::routes(config);
    crate::mail::api::routes(config);
    crate::audit::api::routes(config);
}

fn pages(config: &mut web::ServiceConfig) {
    crate::accounts::pages::pages(config);
    crate::areas::pages::pages(config);
    crate::rounds::pages::pages(config);
    crate::oversight::pages::pages(config);
    crate::bids::pages::pages(config);
    crate::routing::pages::pages(config);
    crate::assessments::pages::pages(config);
    crate::outcomes::pages::pages(config);
    crate::reports::pages::pages(config);
    crate::web::docs::pages(config);
    crate::web::health::pages(config);
    crate::web::metrics::pages(config);
    crate::web::about::pages(config);
    crate::web::assets::pages(config);
    crate::web::problems::pages(config);
}

/// Whether a path is one of those that `pattern` stands for.
fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(step), Some(found)) if step == found || (step.starts_with('{') && !found.is_empty()) => {}
            (Some(_) | None, _) => return false,
        }
    }
}

/// The methods that an address takes; none where there is no such address.
fn methods_at(path: &str) -> Vec<&'static str> {
    // `/users/me` is no user's id.
    let is_named = ROUTES.iter().any(|route| route.path == path);
    let is_here =
        |route: &&Route| if is_named { route.path == path } else { matches_pattern(route.path, path) };
    let all = ROUTES.iter().chain(PAGES);
    let mut methods: Vec<_> = all.filter(is_here).map(|route| route.method).collect();
    methods.sort_unstable();
    methods.dedup();
    methods
}

async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let methods = methods_at(request.path());
    if methods.is_empty() {
        let told = "There is no such address in this service; /docs lists them all.";
        return Err(Problem::new(Kind::NotFound, told));
    }
    Ok(takes_only(&methods))
}

fn takes_only(methods: &[&str]) -> HttpResponse {
    let allowed = methods.join(", ");
    let told = format!("This address takes {allowed} only.");
    let mut response = Problem::new(Kind::MethodNotAllowed, told).error_response();
    if let Ok(allowed) = header::HeaderValue::from_str(&allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// The refusal of a method at an address that has a name of its own, before it is taken for an id:
/// `PUT /users/me` is no `PUT /users/{id}`. What scripts of other origins ask beforehand passes.
fn wrong_method(method: &Method, path: &str) -> Option<HttpResponse> {
    let is_named = ROUTES.iter().any(|route| route.path == path);
    let methods = methods_at(path);
    let is_wrong = is_named && *method != Method::OPTIONS && !methods.contains(&method.as_str());
    is_wrong.then(|| takes_only(&methods))
}

/// What actix itself finds wrong with a request, in the words of this service.
fn unreadable(error: &dyn ResponseError) -> actix_web::Error {
    let problem = match error.status_code() {
        actix_web::http::StatusCode::PAYLOAD_TOO_LARGE => {
            Problem::new(Kind::TooLarge, "The body is larger than this service takes.")
        }
        actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Problem::new(Kind::UnsupportedMedia, "The body is not of the type that this address takes.")
        }
        _ => Problem::new(Kind::Malformed, format!("The request cannot be read: {error}.")),
    };
    problem.into()
}

/// Scripts of these origins may call the API; of no others.
fn cors(origins: &[String]) -> Cors {
    let methods = ["GET", "POST", "PUT"];
    let sent = [
        header::AUTHORIZATION,
        header::CONTENT_TYPE,
        header::IF_MATCH,
        header::HeaderName::from_static("idempotency-key"),
    ];
    let read = [header::ETAG, header::LINK, header::LOCATION, header::RETRY_AFTER, around::REQUEST_ID];
    let cors =
        Cors::default().allowed_methods(methods).allowed_headers(sent).expose_headers(read).max_age(3600);
    origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
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
    let origins = config.server.cors_origins.clone();
    let encrypted = around::Encrypted(config.server.public_url.starts_with("https://"));
    let metrics = web::Data::new(Metrics::new()?);
    let docs = web::Data::new(Docs::new(&document::document(), &config.server.public_url)?);
    let ready = web::Data::new(crate::web::health::Schema::default());
    let server = HttpServer::new(move || {
        // Before the scope, which would answer for all that is below it.
        let (app, _) = App::new()
            .configure(pages)
            .into_utoipa_app()
            .service(utoipa_actix_web::scope::scope("/api/v1").configure(api))
            .split_for_parts();
        app.app_data(web::Data::new(platform.clone()))
            .app_data(web::Data::new(keys.clone()))
            .app_data(metrics.clone())
            .app_data(docs.clone())
            .app_data(ready.clone())
            .app_data(encrypted)
            .app_data(web::PayloadConfig::new(limit))
            .app_data(web::FormConfig::default().limit(limit).error_handler(|error, _| unreadable(&error)))
            .app_data(web::JsonConfig::default().limit(limit).error_handler(|error, _| unreadable(&error)))
            .app_data(web::QueryConfig::default().error_handler(|error, _| unreadable(&error)))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found().into()))
            .default_service(web::to(nothing_here))
            .wrap(from_fn(crate::web::refusals::in_pages))
            .wrap(Compress::default())
            .wrap(Condition::new(!origins.is_empty(), cors(&origins)))
            .wrap(from_fn(around::around))
            .wrap(TracingLogger::<around::Span>::new())
    })
    .shutdown_timeout(config.server.shutdown_seconds)
    .disable_signals()
    .client_request_timeout(Duration::from_secs(30));
    let server = if config.server.workers > 0 { server.workers(config.server.workers) } else { server };
    let server = server
        .bind(&config.server.listen)
        .with_context(|| format!("cannot listen on {}", config.server.listen))?;
    let address = server.addrs().first().copied().context("no address was bound")?;
    Ok(Started { address, server: server.run() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_knows_its_methods() {
        assert_eq!(methods_at("/api/v1/bids/0193"), ["GET", "PUT"]);
        assert_eq!(methods_at("/api/v1/token"), ["POST"]);
        assert_eq!(methods_at("/api/v1/users/me"), ["GET"]);
        assert_eq!(methods_at("/docs"), ["GET"]);
        assert_eq!(methods_at("/setup"), ["GET", "POST"]);
        assert!(methods_at("/api/v1/bids/").is_empty());
        assert!(methods_at("/api/v1/bids/0193/submit/more").is_empty());
    }
}
