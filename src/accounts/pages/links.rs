//! The pages that links in emails lead to. They call the same use cases as the API.
//!
//! Opening a page uses nothing up, since mail programs open links before people do; its button does.
//! There is no session here that a forged form could borrow: the link's token is the only right.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError, get, post, web};
use askama::Template;
use tracing_actix_web::RequestId;

use super::inputs::{FirstAdmin, LinkAnswer, NewPassword, Password};
use super::joining::ops;
use crate::mail::Site;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::web::page::show;

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(ask_set_up)
        .service(set_up)
        .service(ask_invitation)
        .service(answer_invitation)
        .service(ask_password)
        .service(reset_password)
        .service(ask_confirm)
        .service(confirm);
}

/// What a form or a query sent: names and values, unknown ones ignored.
type Sent = BTreeMap<String, String>;

struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    hint: &'static str,
    /// What was typed; never a password.
    value: String,
    fault: Option<String>,
}

impl Field {
    fn is_described(&self) -> bool {
        !self.hint.is_empty() || self.fault.is_some()
    }

    /// The ids of what a screen reader reads after the label.
    fn described_by(&self) -> String {
        let hint = (!self.hint.is_empty()).then(|| format!("{}-hint", self.name));
        let fault = self.fault.is_some().then(|| format!("{}-fault", self.name));
        hint.into_iter().chain(fault).collect::<Vec<_>>().join(" ")
    }
}

fn name() -> Field {
    Field {
        name: "name",
        label: "Your name",
        kind: "text",
        autocomplete: "name",
        hint: "",
        value: String::new(),
        fault: None,
    }
}

fn email() -> Field {
    Field { name: "email", label: "Email address", kind: "email", autocomplete: "email", ..name() }
}

fn password() -> Field {
    Field {
        name: "password",
        label: "Password",
        kind: "password",
        autocomplete: "new-password",
        hint: "12 to 128 characters; a few unrelated words are good",
        ..name()
    }
}

/// One of the forms, empty.
struct Form {
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    button: &'static str,
    fields: Vec<Field>,
}

fn set_up_form() -> Form {
    Form {
        title: "Set up the first administrator",
        lead: "This service has no administrator yet. The account that you make here can invite the others.",
        action: "/setup",
        button: "Make the account",
        fields: vec![name(), email(), password()],
    }
}

fn invitation_form() -> Form {
    let optional = Field { hint: "Leave it empty if your invitation has it right", ..name() };
    Form {
        title: "Accept your invitation",
        lead: "Choose a password to finish your account.",
        action: "/invitation",
        button: "Accept the invitation",
        fields: vec![optional, password()],
    }
}

fn password_form() -> Form {
    Form {
        title: "Choose a new password",
        lead: "Everywhere you are signed in now, you will have to sign in again.",
        action: "/password-reset",
        button: "Set the password",
        fields: vec![password()],
    }
}

fn confirm_form() -> Form {
    Form {
        title: "Confirm your email address",
        lead: "This shows that the address you registered with is yours.",
        action: "/confirm",
        button: "Confirm my address",
        fields: Vec::new(),
    }
}

#[derive(Template)]
#[template(path = "accounts/templates/form.html")]
struct FormPage<'a> {
    site: &'a Site,
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    button: &'static str,
    token: &'a str,
    fields: Vec<Field>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/templates/done.html")]
struct DonePage<'a> {
    site: &'a Site,
    title: &'static str,
    told: &'static str,
}

fn sent(sent: &Sent, name: &str) -> String {
    sent.get(name).cloned().unwrap_or_default()
}

fn ask(on: &Platform, form: Form, query: &Sent) -> HttpResponse {
    let Form { title, lead, action, button, fields } = form;
    let token = &sent(query, "token");
    show(
        StatusCode::OK,
        &FormPage { site: &on.site, title, lead, action, button, token, fields, problem: None },
    )
}

/// The form again, with what was typed and what was wrong with it.
fn ask_again(on: &Platform, form: Form, typed: &Sent, problem: &Problem) -> HttpResponse {
    let Form { title, lead, action, button, mut fields } = form;
    for field in &mut fields {
        if field.kind != "password" {
            field.value = sent(typed, field.name);
        }
        let faults = problem.faults().iter();
        let own = faults.filter(|fault| fault.pointer.strip_prefix('/') == Some(field.name));
        field.fault = own.map(|fault| fault.detail.clone()).next();
    }
    let token = &sent(typed, "token");
    let told = Some(problem.detail().to_owned());
    // Renders what is ours to the log too.
    let status = problem.error_response().status();
    show(status, &FormPage { site: &on.site, title, lead, action, button, token, fields, problem: told })
}

fn done(on: &Platform, title: &'static str, told: &'static str) -> HttpResponse {
    show(StatusCode::OK, &DonePage { site: &on.site, title, told })
}

fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(ToString::to_string)
}

#[get("/setup")]
async fn ask_set_up(on: web::Data<Platform>, query: web::Query<Sent>) -> HttpResponse {
    ask(&on, set_up_form(), &query)
}

#[post("/setup")]
async fn set_up(on: web::Data<Platform>, form: web::Form<Sent>) -> HttpResponse {
    let input = FirstAdmin {
        token: sent(&form, "token"),
        email: sent(&form, "email"),
        name: sent(&form, "name"),
        password: Password::new(sent(&form, "password")),
    };
    match ops::set_up(&on, input).await {
        Ok(_) => done(&on, "The account is made", "You are the first administrator, and can sign in now."),
        Err(problem) => ask_again(&on, set_up_form(), &form, &problem),
    }
}

#[get("/invitation")]
async fn ask_invitation(on: web::Data<Platform>, query: web::Query<Sent>) -> HttpResponse {
    ask(&on, invitation_form(), &query)
}

#[post("/invitation")]
async fn answer_invitation(
    on: web::Data<Platform>,
    request: HttpRequest,
    form: web::Form<Sent>,
) -> HttpResponse {
    let name = Some(sent(&form, "name")).filter(|name| !name.trim().is_empty());
    let input =
        NewPassword { token: sent(&form, "token"), password: Password::new(sent(&form, "password")), name };
    match ops::set_password(&on, input, request_id(&request)).await {
        Ok(_) => done(&on, "Welcome", "Your account is finished, and you can sign in now."),
        Err(problem) => ask_again(&on, invitation_form(), &form, &problem),
    }
}

#[get("/password-reset")]
async fn ask_password(on: web::Data<Platform>, query: web::Query<Sent>) -> HttpResponse {
    ask(&on, password_form(), &query)
}

#[post("/password-reset")]
async fn reset_password(
    on: web::Data<Platform>,
    request: HttpRequest,
    form: web::Form<Sent>,
) -> HttpResponse {
    let password = Password::new(sent(&form, "password"));
    let input = NewPassword { token: sent(&form, "token"), password, name: None };
    match ops::set_password(&on, input, request_id(&request)).await {
        Ok(_) => done(&on, "Your password is set", "You can sign in with it now."),
        Err(problem) => ask_again(&on, password_form(), &form, &problem),
    }
}

#[get("/confirm")]
async fn ask_confirm(on: web::Data<Platform>, query: web::Query<Sent>) -> HttpResponse {
    ask(&on, confirm_form(), &query)
}

#[post("/confirm")]
async fn confirm(on: web::Data<Platform>, request: HttpRequest, form: web::Form<Sent>) -> HttpResponse {
    match ops::confirm(&on, LinkAnswer { token: sent(&form, "token") }, request_id(&request)).await {
        Ok(_) => done(&on, "Your address is confirmed", "You can sign in now."),
        Err(problem) => ask_again(&on, confirm_form(), &form, &problem),
    }
}
