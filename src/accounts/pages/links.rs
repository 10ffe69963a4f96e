//! The pages that links in emails lead to. They call the same use cases as the API.
//!
//! Opening a page uses nothing up, since mail programs open links before people do; its button does.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::accounts::inputs::{FirstAdmin, LinkAnswer, NewPassword, Password};
use crate::accounts::joining::ops;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Anyone, Sent, Visit};

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

/// One of the forms.
#[derive(Debug, Clone, Copy)]
struct LinkForm {
    title: &'static str,
    lead: &'static str,
    action: &'static str,
    button: &'static str,
    /// What is said of the name; `None` where it is not asked for.
    name_hint: Option<&'static str>,
    asks_email: bool,
    asks_password: bool,
}

const SET_UP: LinkForm = LinkForm {
    title: "Set up the first administrator",
    lead: "With the link that the service printed when it was started first. The account that you make here can invite the others.",
    action: "/setup",
    button: "Make the account",
    name_hint: Some(""),
    asks_email: true,
    asks_password: true,
};

const INVITATION: LinkForm = LinkForm {
    title: "Accept your invitation",
    lead: "Choose a password to finish your account.",
    action: "/invitation",
    button: "Accept the invitation",
    name_hint: Some("Leave it empty if your invitation has it right"),
    asks_email: false,
    asks_password: true,
};

const RESET: LinkForm = LinkForm {
    title: "Choose a new password",
    lead: "Everywhere you are signed in now, you will have to sign in again.",
    action: "/password-reset",
    button: "Set the password",
    name_hint: None,
    asks_email: false,
    asks_password: true,
};

const CONFIRMATION: LinkForm = LinkForm {
    title: "Confirm your email address",
    lead: "This shows that the address you registered with is yours.",
    action: "/confirm",
    button: "Confirm my address",
    name_hint: None,
    asks_email: false,
    asks_password: false,
};

#[derive(Template)]
#[template(path = "accounts/templates/form.html")]
struct FormPage {
    shell: Shell,
    kind: LinkForm,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/templates/done.html")]
struct DonePage {
    shell: Shell,
    title: &'static str,
    told: &'static str,
    goes_on: bool,
}

type Query = web::Query<Vec<(String, String)>>;

fn ask(visit: &Visit<Anyone>, kind: LinkForm, query: &Query) -> Result<HttpResponse> {
    let form = Form::blank().with("token", Form::from(query.to_vec()).get("token"));
    visit.show(&FormPage { shell: visit.shell(), kind, form })
}

/// The done page, or the form again with what was typed and what was wrong with it.
fn answer<T>(
    sent: &Sent<Anyone>,
    kind: LinkForm,
    result: Result<T>,
    title: &'static str,
    told: &'static str,
) -> Result<HttpResponse> {
    match result {
        Ok(_) => sent.show(&DonePage { shell: sent.shell(), title, told, goes_on: true }),
        Err(problem) if is_ours(&problem) => Err(problem),
        Err(problem) => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &FormPage { shell: sent.shell(), kind, form })
        }
    }
}

fn is_ours(problem: &Problem) -> bool {
    problem.kind().status() >= 500
}

fn typed(sent: &Sent<Anyone>, name: &str) -> String {
    sent.form.get(name).to_owned()
}

#[get("/setup")]
async fn ask_set_up(visit: Visit<Anyone>, query: Query) -> Result<HttpResponse> {
    ask(&visit, SET_UP, &query)
}

#[post("/setup")]
async fn set_up(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let input = FirstAdmin {
        token: typed(&sent, "token"),
        email: typed(&sent, "email"),
        name: typed(&sent, "name"),
        password: Password::new(typed(&sent, "password")),
    };
    let made = ops::set_up(&on, input).await;
    let told = "You are the first administrator, and can sign in now.";
    answer(&sent, SET_UP, made, "The account is made", told)
}

#[get("/invitation")]
async fn ask_invitation(visit: Visit<Anyone>, query: Query) -> Result<HttpResponse> {
    ask(&visit, INVITATION, &query)
}

#[post("/invitation")]
async fn answer_invitation(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let name = Some(typed(&sent, "name")).filter(|name| !name.trim().is_empty());
    let set = set_password(&on, &sent, name).await;
    answer(&sent, INVITATION, set, "Welcome", "Your account is finished, and you can sign in now.")
}

#[get("/password-reset")]
async fn ask_password(visit: Visit<Anyone>, query: Query) -> Result<HttpResponse> {
    ask(&visit, RESET, &query)
}

#[post("/password-reset")]
async fn reset_password(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let set = set_password(&on, &sent, None).await;
    answer(&sent, RESET, set, "Your password is set", "You can sign in with it now.")
}

async fn set_password(on: &Platform, sent: &Sent<Anyone>, name: Option<String>) -> Result<()> {
    let password = Password::new(typed(sent, "password"));
    let input = NewPassword { token: typed(sent, "token"), password, name };
    ops::set_password(on, input, sent.visitor.request_id.clone()).await.map(drop)
}

#[get("/confirm")]
async fn ask_confirm(visit: Visit<Anyone>, query: Query) -> Result<HttpResponse> {
    ask(&visit, CONFIRMATION, &query)
}

#[post("/confirm")]
async fn confirm(on: web::Data<Platform>, sent: Sent<Anyone>) -> Result<HttpResponse> {
    let input = LinkAnswer { token: typed(&sent, "token") };
    let confirmed = ops::confirm(&on, input, sent.visitor.request_id.clone()).await;
    answer(&sent, CONFIRMATION, confirmed, "Your address is confirmed", "You can sign in now.")
}
