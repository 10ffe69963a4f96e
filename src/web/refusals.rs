//! Refusals as pages: where a person asks, a [`Problem`] becomes a page that says what to do next,
//! "sign in first" leads to signing in and back, and nothing that was typed is lost on the way.
//!
//! Scripts and other programs get the same problems as JSON.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use askama::Template;

use super::form::Form;
use super::page::{answer, see_other};
use super::shell::Shell;
use super::sign_in::{Held, HeldPage, SignInPage};
use super::visitor::{Typed, Visitor, wants_page};
use crate::problem::{Fault, Kind, Problem, Result};

/// Answers people in pages.
///
/// # Errors
/// Whatever is within could not answer at all.
pub async fn in_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<EitherBody<impl MessageBody + 'static>>, Error> {
    let answered = next.call(request).await?;
    let status = answered.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    let request = answered.request().clone();
    if !is_refusal || request.path().starts_with("/api/") || !wants_page(&request) || is_page(&answered) {
        return Ok(answered.map_into_left_body());
    }
    let told = Refusal::of(&answered);
    let mut page = match told.page(&request).await {
        Ok(page) => page,
        // Then the words alone have to do.
        Err(problem) => problem.error_response(),
    };
    for name in [ALLOW, RETRY_AFTER] {
        if let Some(value) = answered.headers().get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    Ok(answered.into_response(page.map_into_right_body()))
}

fn is_page<B>(answered: &ServiceResponse<B>) -> bool {
    let kind = answered.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"))
}

/// What the page is made of.
struct Refusal {
    kind: Kind,
    detail: String,
    faults: Vec<Fault>,
}

#[derive(Template)]
#[template(path = "web/templates/refusal.html")]
struct RefusalPage {
    shell: Shell,
    heading: &'static str,
    detail: String,
    faults: Vec<Fault>,
    typed: Vec<(String, String)>,
    request_id: Option<String>,
    is_missing: bool,
    is_ours: bool,
}

impl Refusal {
    fn of<B>(answered: &ServiceResponse<B>) -> Self {
        match answered.response().error().and_then(|error| error.as_error::<Problem>()) {
            Some(problem) => Self {
                kind: problem.kind(),
                detail: problem.detail().to_owned(),
                faults: problem.faults().to_vec(),
            },
            None => Self::of_status(answered.status()),
        }
    }

    fn of_status(status: StatusCode) -> Self {
        let kind = Kind::ALL.iter().copied().find(|kind| kind.status() == status.as_u16());
        let kind = kind.unwrap_or(if status.is_server_error() { Kind::Internal } else { Kind::Malformed });
        Self { kind, detail: String::new(), faults: Vec::new() }
    }

    async fn page(self, request: &HttpRequest) -> Result<HttpResponse> {
        let visitor = match Visitor::of(request).await {
            Ok(visitor) => visitor,
            // The database is away: the page says so to whoever asks.
            Err(_) => Visitor::unrecognised(request)?,
        };
        let typed = request.extensions().get::<Typed>().cloned();
        match (self.kind, typed) {
            (Kind::Unauthenticated, Some(typed)) => {
                let held = Held::of(&typed.form, request.path(), visitor.ended);
                let page = SignInPage::again(&visitor, &held);
                answer(&visitor, StatusCode::UNAUTHORIZED, &page)
            }
            (Kind::Unauthenticated, None) => Ok(to_sign_in(request, &visitor)),
            (Kind::Forbidden, Some(typed)) if typed.is_stale => {
                let held = Held::of(&typed.form, request.path(), None);
                answer(&visitor, StatusCode::FORBIDDEN, &HeldPage::of(&visitor, held))
            }
            (_, typed) => self.plain(&visitor, typed.map(|typed| typed.form)),
        }
    }

    fn plain(self, visitor: &Visitor, typed: Option<Form>) -> Result<HttpResponse> {
        let page = RefusalPage {
            shell: Shell::of(visitor),
            heading: heading(self.kind),
            detail: self.detail,
            faults: self.faults,
            typed: typed.map(|form| form.shown()).unwrap_or_default(),
            request_id: visitor.request_id.clone(),
            is_missing: self.kind == Kind::NotFound,
            is_ours: matches!(self.kind, Kind::Internal | Kind::Unavailable),
        };
        let status = StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        answer(visitor, status, &page)
    }
}

/// Signing in leads back to the page that was asked for.
fn to_sign_in(request: &HttpRequest, visitor: &Visitor) -> HttpResponse {
    let next = if *request.method() == Method::GET { visitor.address.as_str() } else { "/" };
    if next == "/" {
        return see_other("/sign-in");
    }
    let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
    see_other(&format!("/sign-in?next={next}"))
}

const fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::NotFound => "Page not found",
        Kind::Internal => "Something went wrong on our side",
        Kind::Unavailable => "The service is busy",
        Kind::KeyReused => "This form was sent before",
        Kind::Stale => "It has changed since you opened it",
        Kind::Malformed
        | Kind::InvalidGrant
        | Kind::Unauthenticated
        | Kind::Forbidden
        | Kind::MethodNotAllowed
        | Kind::WrongState
        | Kind::DeadlinePassed
        | Kind::AlreadyExists
        | Kind::NotReadyToClose
        | Kind::TooLarge
        | Kind::UnsupportedMedia
        | Kind::Invalid
        | Kind::PreconditionRequired
        | Kind::TooMany => kind.title(),
    }
}
