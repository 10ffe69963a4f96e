//! `/problems/{slug}`: what a problem's `type` leads to.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::problem::{Kind, Problem, Result};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "web/templates/problem.html")]
struct ProblemPage {
    kind: Kind,
    advice: &'static str,
}

#[get("/problems/{slug}")]
async fn show(slug: web::Path<String>) -> Result<HttpResponse> {
    let kind =
        Kind::ALL.iter().copied().find(|kind| kind.slug() == slug.as_str()).ok_or_else(Problem::not_found)?;
    let page = ProblemPage { kind, advice: advice(kind) }.render().map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page))
}

/// What it means, and what to do.
const fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::Malformed => {
            "The request is not JSON, is not UTF-8, or has a header or cursor that this service does not understand. \
             “detail” says which. Repeating it unchanged will not help."
        }
        Kind::InvalidGrant => {
            "The address, password, client or refresh token does not sign anybody in: it is wrong, expired, used \
             already, or the account is not confirmed. Sign in again."
        }
        Kind::Unauthenticated => {
            "The request has no access token, or one that is no longer valid. Access tokens last fifteen minutes: \
             get a new one from POST /api/v1/token."
        }
        Kind::Forbidden => {
            "You are signed in, but your role does not allow this act. “detail” says whose it is."
        }
        Kind::NotFound => {
            "There is nothing at this address, or it is not yours to see; the answer is the same for both on purpose."
        }
        Kind::MethodNotAllowed => "The address exists; the “Allow” header lists the methods that it takes.",
        Kind::WrongState => {
            "The round, bid or assignment is at a stage that does not allow this. Read it again to see where it stands."
        }
        Kind::DeadlinePassed => {
            "The round's deadline had passed when the request reached the database, whose clock decides. Nothing was \
             changed."
        }
        Kind::AlreadyExists => "Another thing has this name, address or number already.",
        Kind::NotReadyToClose => {
            "Something is missing before the round can be closed. “errors” lists each bid and what it lacks; each can \
             be put right, or ruled on with a reason."
        }
        Kind::Stale => {
            "Somebody changed it after you read it. Read it again, repeat your change on what you find, and send the \
             new ETag as If-Match."
        }
        Kind::TooLarge => "The body is larger than this service takes.",
        Kind::UnsupportedMedia => {
            "The body has to be sent as application/json, or as a form where the address asks for one."
        }
        Kind::Invalid => {
            "The request was understood, and some of it cannot be accepted. “errors” lists every fault at once, each \
             with a JSON pointer to the field and what would be right."
        }
        Kind::KeyReused => {
            "This Idempotency-Key was sent before with another request. Use a new key for each new attempt."
        }
        Kind::PreconditionRequired => {
            "A change has to say which version it changes: send the ETag that you read as If-Match."
        }
        Kind::TooMany => "There were too many attempts. Wait for the seconds that “Retry-After” gives.",
        Kind::Internal => {
            "The fault is ours, it is recorded, and nothing was changed. Tell the administrators the request's \
             x-request-id if it happens again."
        }
        Kind::Unavailable => {
            "The service or its database is busy or away for a moment. Nothing was changed; try again after the \
             seconds that “Retry-After” gives."
        }
    }
}
