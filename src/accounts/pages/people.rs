//! The list of people, and inviting somebody.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::organisations::choices;
use super::words::{ROLES, role_in_words, standing};
use crate::accounts::inputs::NewUser;
use crate::accounts::model::{User, UserFilter};
use crate::accounts::{joining, ops};
use crate::auth::{Admin, Reader, Role};
use crate::id::UserId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Page, Paging, Params};
use crate::web::form::{Choice, Form};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list).service(search).service(ask_new).service(invite);
}

#[derive(Template)]
#[template(path = "accounts/templates/people.html")]
struct PeoplePage {
    shell: Shell,
    is_admin: bool,
    form: Form,
    roles: Vec<Choice>,
    people: Vec<Line>,
    is_filtered: bool,
    /// The cursor of what follows; empty on the last page.
    next: String,
}

struct Line {
    name: String,
    address: String,
    hint: String,
    status: &'static str,
    kind: &'static str,
}

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
struct PeopleQuery {
    role: String,
    cursor: String,
}

#[get("/people")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<PeopleQuery>,
) -> Result<HttpResponse> {
    let form = Form::blank().with("role", query.0.role).with("cursor", query.0.cursor);
    visit.show(&page(&on, &visit, form).await?)
}

/// A form, so that no name stands in an address that browsers and proxies keep.
#[post("/people")]
async fn search(on: web::Data<Platform>, sent: Sent<Reader>) -> Result<HttpResponse> {
    sent.show(&page(&on, &sent, sent.form.clone()).await?)
}

async fn page(on: &Platform, visit: &Visit<Reader>, form: Form) -> Result<PeoplePage> {
    let (role, text) = (form.get("role"), form.get("q").trim());
    let cursor = Some(form.get("cursor")).filter(|cursor| !cursor.is_empty());
    let paging = Paging::new(Some(50), cursor)?;
    let filter = UserFilter {
        role: ROLES.into_iter().find(|known| known.as_str() == role),
        organisation: None,
        text: Some(text.to_owned()).filter(|text| !text.is_empty()),
    };
    let page = Page::new(ops::list_users(on, &visit.who, filter, paging).await?, &paging, |user| user.id.0);
    Ok(PeoplePage {
        shell: visit.shell(),
        is_admin: visit.who.role == Some(Role::Admin),
        is_filtered: !role.is_empty() || !text.is_empty(),
        next: page.next_cursor.unwrap_or_default(),
        form,
        roles: roles(),
        people: page.items.iter().map(Line::of).collect(),
    })
}

fn roles() -> Vec<Choice> {
    ROLES.map(|role: Role| Choice::new(role.as_str(), role_in_words(role))).into()
}

/// Where a person's page is.
pub(super) fn address(id: UserId) -> String {
    format!("/people/{id}")
}

impl Line {
    fn of(user: &User) -> Self {
        let (status, kind) = standing(user);
        let hint = format!("{} · {}", role_in_words(user.role), user.email);
        Self { name: user.name.clone(), address: address(user.id), hint, status, kind }
    }
}

#[derive(Template)]
#[template(path = "accounts/templates/invite.html")]
struct InvitePage {
    shell: Shell,
    form: Form,
    roles: Vec<Choice>,
    organisations: Vec<Choice>,
}

#[derive(Debug, serde::Deserialize)]
struct NewQuery {
    #[serde(default)]
    role: String,
}

async fn invite_page(on: &Platform, visit: &Visit<Admin>, form: Form) -> Result<InvitePage> {
    Ok(InvitePage {
        shell: visit.shell().under("People", "/people"),
        form,
        roles: vec![
            Choice::new("assessor", "Assessor").hint("Scores the bids that are given to them"),
            Choice::new("admin", "Administrator").hint("Runs rounds, and invites others"),
            Choice::new("auditor", "Auditor").hint("Reads everything and changes nothing"),
            Choice::new("member", "Member of a provider").hint("Writes the bids of the organisation below"),
        ],
        organisations: choices(on, &visit.who).await?,
    })
}

#[get("/people/new")]
async fn ask_new(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    query: Params<NewQuery>,
) -> Result<HttpResponse> {
    let form = Form::blank().with("role", query.0.role.as_str());
    visit.show(&invite_page(&on, &visit, form).await?)
}

#[post("/people/new")]
async fn invite(on: web::Data<Platform>, sent: Sent<Admin>) -> Result<HttpResponse> {
    let mut reading = sent.form.reading();
    let input = reading
        .chosen(&["/role"])
        .words("/role")
        .text("/name")
        .text("/email")
        .words("/organisation_id")
        .done::<NewUser>();
    let inviting = match input {
        Ok(input) => joining::ops::invite(&on, &sent.who, input, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match inviting {
        Ok(user) => Ok(sent.go_saying(&address(user.id), "The invitation is on its way by email.")),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::AlreadyExists) => {
            let mut form = sent.form.clone().refused(&problem);
            if problem.kind() == Kind::AlreadyExists {
                form = form.fault_at("email", problem.detail());
            }
            sent.show_again(&problem, &invite_page(&on, &sent, form).await?)
        }
        Err(problem) => Err(problem),
    }
}
