//! One's own account: name, password, and the end of every sign-in.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::sign_in::signed_out;
use super::words::role_in_words;
use crate::accounts::inputs::Password;
use crate::accounts::model::User;
use crate::accounts::ops;
use crate::accounts::sign_in::ops::browser;
use crate::auth::{Actor, Session};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(show)
        .service(ask_name)
        .service(set_name)
        .service(ask_password)
        .service(set_password)
        .service(sign_out_everywhere);
}

#[derive(Template)]
#[template(path = "accounts/templates/account.html")]
struct AccountPage {
    shell: Shell,
    user: User,
    role: &'static str,
}

#[derive(Template)]
#[template(path = "accounts/templates/name.html")]
struct NamePage {
    shell: Shell,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/templates/password.html")]
struct PasswordPage {
    shell: Shell,
    form: Form,
}

fn session(visit: &Visit<Actor>) -> Result<&Session> {
    visit.visitor.session.as_ref().ok_or_else(|| Problem::internal("an actor of a page without a session"))
}

async fn own(on: &Platform, visit: &Visit<Actor>) -> Result<User> {
    ops::find_user(on, &visit.who, session(visit)?.user).await
}

fn below(visit: &Visit<Actor>) -> Shell {
    visit.shell().under("Your account", "/account")
}

#[get("/account")]
async fn show(on: web::Data<Platform>, visit: Visit<Actor>) -> Result<HttpResponse> {
    let user = own(&on, &visit).await?;
    visit.show(&AccountPage { shell: visit.shell(), role: role_in_words(user.role), user })
}

#[get("/account/name")]
async fn ask_name(on: web::Data<Platform>, visit: Visit<Actor>) -> Result<HttpResponse> {
    let form = Form::blank().with("name", own(&on, &visit).await?.name);
    visit.show(&NamePage { shell: below(&visit), form })
}

#[post("/account/name")]
async fn set_name(on: web::Data<Platform>, sent: Sent<Actor>) -> Result<HttpResponse> {
    match ops::rename_self(&on, &sent.who, sent.form.get("name")).await {
        Ok(_) => Ok(sent.go_saying("/account", "Your name is changed.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &NamePage { shell: below(&sent), form })
        }
        Err(problem) => Err(problem),
    }
}

#[get("/account/password")]
async fn ask_password(visit: Visit<Actor>) -> Result<HttpResponse> {
    visit.show(&PasswordPage { shell: below(&visit), form: Form::blank() })
}

#[post("/account/password")]
async fn set_password(on: web::Data<Platform>, sent: Sent<Actor>) -> Result<HttpResponse> {
    let present = Password::new(sent.form.get("present_password"));
    let new = Password::new(sent.form.get("new_password"));
    match browser::change_password(&on, session(&sent)?, present, new).await {
        Ok(secret) => {
            let mut response = sent.go_saying(
                "/account",
                "Your password is changed. Everywhere else you were signed in, you have to sign in again.",
            );
            sent.visitor.keep_session(&mut response, &secret);
            Ok(response)
        }
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::InvalidGrant | Kind::TooMany) => {
            let mut form = sent.form.clone().refused(&problem);
            if problem.kind() == Kind::InvalidGrant {
                form = form.fault_at("present_password", "This is not your present password");
            }
            sent.show_again(&problem, &PasswordPage { shell: below(&sent), form })
        }
        Err(problem) => Err(problem),
    }
}

#[post("/account/sign-out-everywhere")]
async fn sign_out_everywhere(on: web::Data<Platform>, sent: Sent<Actor>) -> Result<HttpResponse> {
    browser::sign_out_everywhere(&on, session(&sent)?).await?;
    Ok(signed_out(&sent))
}
