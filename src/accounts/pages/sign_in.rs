//! Signing in and out, and the way to a forgotten password.

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::accounts::inputs::{ForgottenPassword, Password};
use crate::accounts::joining;
use crate::accounts::sign_in::ops::browser;
use crate::auth::Actor;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::web::form::Form;
use crate::web::page::{own_address, see_other};
use crate::web::shell::{Shell, home};
use crate::web::sign_in::{Held, HeldPage, SignInPage};
use crate::web::visitor::{Anyone, Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(sign_in).service(sign_out).service(ask_forgotten).service(forgotten);
}

#[get("/sign-in")]
async fn ask(
    on: web::Data<Platform>,
    visit: Visit<Anyone>,
    query: web::Query<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let form = Form::from(query.into_inner());
    let next = own_address(form.get("next"));
    match &visit.visitor.session {
        Some(session) => Ok(see_other(next.unwrap_or_else(|| start(&session.actor)))),
        None => {
            let form = Form::blank().with("next", next.unwrap_or_default());
            visit.show(&SignInPage::new(&visit.visitor, form, on.accounts.provider_registration))
        }
    }
}

fn start(actor: &Actor) -> &'static str {
    actor.role.map_or("/account", home)
}

#[post("/sign-in")]
async fn sign_in(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let (form, visitor) = (&sent.form, &sent.visitor);
    let before = visitor.session.as_ref().map(|session| session.id);
    let password = Password::new(form.get("password"));
    let opened =
        browser::open_session(&on, form.get("email"), password, before, visitor.request_id.clone()).await;
    let secret = match opened {
        Ok(secret) => secret,
        Err(problem) => {
            let page = SignInPage::new(visitor, refused(form, &problem), false);
            return sent.show_again(&problem, &page);
        }
    };
    let visitor = visitor.signed_in(&on, &secret).await?;
    let session =
        visitor.session.as_ref().ok_or_else(|| Problem::internal("a session that was opened is shut"))?;
    if let Some(held) = Held::read(form, session.user) {
        return visitor.admitted(&secret, &HeldPage::of(&visitor, held));
    }
    let next = own_address(form.get("next")).unwrap_or_else(|| start(&session.actor));
    let mut response = see_other(next);
    visitor.keep_session(&mut response, &secret);
    Ok(response)
}

/// What a person can do about it, at the field where it is done.
fn refused(form: &Form, problem: &Problem) -> Form {
    let form = form.clone().refused(problem);
    match problem.kind() {
        Kind::InvalidGrant => {
            form.fault_at("email", "The address or the password is wrong, or the address was never confirmed")
        }
        _ => form,
    }
}

#[post("/sign-out")]
async fn sign_out(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    if let Some(session) = &sent.visitor.session {
        browser::close_session(&on, session).await?;
    }
    Ok(signed_out(&sent))
}

/// The browser forgets the session and what was typed but not saved.
pub(super) fn signed_out<P>(visit: &Visit<P>) -> HttpResponse {
    let mut response = visit.go_saying("/sign-in", "You are signed out.");
    visit.visitor.forget_session(&mut response);
    let everything_kept = HeaderValue::from_static("\"storage\"");
    response.headers_mut().insert(HeaderName::from_static("clear-site-data"), everything_kept);
    response
}

#[derive(Template)]
#[template(path = "accounts/templates/forgotten.html")]
struct ForgottenPage {
    shell: Shell,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/templates/done.html")]
struct SentPage {
    shell: Shell,
    title: &'static str,
    told: &'static str,
    goes_on: bool,
}

#[get("/forgotten-password")]
async fn ask_forgotten(visit: Visit<Anyone>) -> Result<HttpResponse> {
    visit.show(&ForgottenPage { shell: visit.shell(), form: Form::blank() })
}

#[post("/forgotten-password")]
async fn forgotten(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let input = ForgottenPassword { email: sent.form.get("email").to_owned() };
    match joining::ops::forget_password(&on, input, sent.visitor.request_id.clone()).await {
        Ok(()) => sent.show(&SentPage {
            shell: sent.shell(),
            title: "Look into your inbox",
            told: "If the address is known here, an email with a link to choose a new password is on its way.",
            goes_on: false,
        }),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &ForgottenPage { shell: sent.shell(), form })
        }
        Err(problem) => Err(problem),
    }
}
