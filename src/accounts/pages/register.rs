//! Providers register themselves, and confirm their address by the email that follows.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::accounts::inputs::Registration;
use crate::accounts::joining::ops;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Anyone, Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(register);
}

#[derive(Template)]
#[template(path = "accounts/templates/register.html")]
struct RegisterPage {
    shell: Shell,
    form: Form,
    is_open: bool,
}

#[derive(Template)]
#[template(path = "accounts/templates/done.html")]
struct SentPage {
    shell: Shell,
    title: &'static str,
    told: &'static str,
    goes_on: bool,
}

#[get("/register")]
async fn ask(on: web::Data<Platform>, visit: Visit<Anyone>) -> Result<HttpResponse> {
    let is_open = on.accounts.provider_registration;
    visit.show(&RegisterPage { shell: visit.shell(), form: Form::blank(), is_open })
}

#[post("/register")]
async fn register(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let registered = match typed(&sent.form) {
        Ok(input) => ops::register(&on, input, sent.visitor.request_id.clone()).await,
        Err(problem) => Err(problem),
    };
    let Err(problem) = registered else {
        return sent.show(&SentPage {
            shell: sent.shell(),
            title: "Look into your inbox",
            told: "An email is on its way to the address that you gave. The link in it finishes your registration.",
            goes_on: false,
        });
    };
    let form = sent.form.clone().refused(&problem);
    let form = match problem.kind() {
        Kind::Invalid => form,
        Kind::AlreadyExists => form.fault_at("organisation.registered_number", problem.detail()),
        _ => return Err(problem),
    };
    sent.show_again(&problem, &RegisterPage { shell: sent.shell(), form, is_open: true })
}

fn typed(form: &Form) -> Result<Registration> {
    let mut reading = form.reading();
    reading.text("/organisation/name").text("/organisation/registered_number");
    reading.text("/name").text("/email").text("/password").done()
}
