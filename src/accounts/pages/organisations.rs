//! Organisations for administrators and auditors: the list, and one with its people and systems.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::people::address as person_address;
use super::words::standing;
use crate::accounts::inputs::OrganisationChange;
use crate::accounts::model::{ApiClient, Organisation, User, UserFilter};
use crate::accounts::ops;
use crate::auth::{Actor, Admin, Reader, Role};
use crate::clock::Timestamp;
use crate::id::OrganisationId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Id, IfMatch, Page, Paging, Params};
use crate::web::form::{Choice, Form};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list).service(show).service(ask_change).service(save_change);
}

#[derive(Template)]
#[template(path = "accounts/templates/organisations.html")]
struct OrganisationsPage {
    shell: Shell,
    organisations: Vec<Organisation>,
    first: String,
    next: String,
}

#[derive(Template)]
#[template(path = "accounts/templates/organisation_read.html")]
struct OrganisationPage {
    shell: Shell,
    is_admin: bool,
    organisation: Organisation,
    members: Vec<Line>,
    assessors: Vec<Line>,
    clients: Vec<Client>,
}

struct Line {
    name: String,
    address: String,
    email: String,
    status: &'static str,
    kind: &'static str,
}

struct Client {
    name: String,
    made: String,
    revoked: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/templates/organisation_change.html")]
struct ChangePage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
}

#[derive(Debug, serde::Deserialize)]
struct OrganisationsQuery {
    cursor: Option<String>,
}

fn address(id: OrganisationId) -> String {
    format!("/organisations/{id}")
}

/// All organisations to choose from, by name.
pub(super) async fn choices(on: &Platform, actor: &Actor) -> Result<Vec<Choice>> {
    let mut all: Vec<Organisation> = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let paging = Paging::new(Some(100), cursor.as_deref())?;
        let page = Page::new(ops::list_organisations(on, actor, paging).await?, &paging, |one| one.id.0);
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    all.sort_by_key(|one| (one.name.to_lowercase(), one.id));
    let choice = |one: Organisation| {
        Choice::new(one.id.to_string(), format!("{} ({})", one.name, one.registered_number))
    };
    Ok(all.into_iter().map(choice).collect())
}

#[get("/organisations")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<OrganisationsQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?;
    let page = Page::new(ops::list_organisations(&on, &visit.who, paging).await?, &paging, |one| one.id.0);
    visit.show(&OrganisationsPage {
        shell: visit.shell().under("People", "/people"),
        organisations: page.items,
        first: cursor.map(|_| "/organisations".to_owned()).unwrap_or_default(),
        next: page.next_cursor.map(|cursor| format!("/organisations?cursor={cursor}")).unwrap_or_default(),
    })
}

#[get("/organisations/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<OrganisationId>) -> Result<HttpResponse> {
    let organisation = ops::find_organisation(&on, &visit.who, id.0).await?;
    let paging = Paging::new(Some(100), None)?;
    let filter = UserFilter { organisation: Some(id.0), ..UserFilter::default() };
    let people = ops::list_users(&on, &visit.who, filter, paging).await?;
    let clients = ops::list_clients(&on, &visit.who, id.0, paging).await?;
    let of = |role: Role| people.iter().filter(|user| user.role == role).map(Line::of).collect();
    visit.show(&OrganisationPage {
        shell: visit.shell().under("People", "/people").under("Organisations", "/organisations"),
        is_admin: visit.who.role == Some(Role::Admin),
        organisation,
        members: of(Role::Member),
        assessors: of(Role::Assessor),
        clients: clients.iter().map(Client::of).collect(),
    })
}

impl Line {
    fn of(user: &User) -> Self {
        let (status, kind) = standing(user);
        Self {
            name: user.name.clone(),
            address: person_address(user.id),
            email: user.email.clone(),
            status,
            kind,
        }
    }
}

impl Client {
    fn of(client: &ApiClient) -> Self {
        Self {
            name: client.name.clone(),
            made: client.created_at.london_day(),
            revoked: client.revoked_at.map(Timestamp::london_day),
        }
    }
}

fn change_page(visit: &Visit<Admin>, organisation: &Organisation, form: Form) -> ChangePage {
    let back = address(organisation.id);
    ChangePage {
        shell: visit
            .shell()
            .under("People", "/people")
            .under("Organisations", "/organisations")
            .under(organisation.name.clone(), back.clone()),
        form,
        action: format!("{back}/change"),
        back,
    }
}

#[get("/organisations/{id}/change")]
async fn ask_change(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<OrganisationId>,
) -> Result<HttpResponse> {
    let organisation = ops::find_organisation(&on, &visit.who, id.0).await?;
    let form = Form::blank()
        .with("name", organisation.name.clone())
        .with("version", organisation.version.to_string());
    visit.show(&change_page(&visit, &organisation, form))
}

#[post("/organisations/{id}/change")]
async fn save_change(
    on: web::Data<Platform>,
    sent: Sent<Admin>,
    id: Id<OrganisationId>,
) -> Result<HttpResponse> {
    let organisation = ops::find_organisation(&on, &sent.who, id.0).await?;
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let change = OrganisationChange { name: sent.form.get("name").to_owned() };
    match ops::rename_organisation(&on, &sent.who, id.0, version, change).await {
        Ok(_) => Ok(sent.go_saying(&address(id.0), "The organisation has its new name.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &change_page(&sent, &organisation, form))
        }
        Err(problem) => Err(problem),
    }
}
