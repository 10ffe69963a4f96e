//! One person: who they are, whether they can sign in, and of an assessor areas, themes and interests.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::people::address;
use super::words::{role_in_words, standing};
use crate::accounts::inputs::UserChange;
use crate::accounts::model::{AssessorProfile, Interest, Organisation, Severity, User};
use crate::accounts::{assessors, joining, ops};
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::{Actor, Admin, Reader, Role};
use crate::clock::Timestamp;
use crate::id::UserId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Id, IfMatch, Page, Paging};
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show).service(ask_change).service(save_change).service(invite_again);
}

#[derive(Template)]
#[template(path = "accounts/templates/person.html")]
struct PersonPage {
    shell: Shell,
    form: Form,
    is_admin: bool,
    address: String,
    user: User,
    role: &'static str,
    status: &'static str,
    kind: &'static str,
    organisation: Option<Organisation>,
    assessor: Option<Shown>,
}

/// What stands of an assessor beside the person.
struct Shown {
    areas: String,
    themes: String,
    interests: Vec<Line>,
}

struct Line {
    with: String,
    description: String,
    status: &'static str,
    kind: &'static str,
    told: String,
    /// Where it is overridden; empty where it cannot be.
    overriding: String,
}

#[derive(Template)]
#[template(path = "accounts/templates/person_change.html")]
struct ChangePage {
    shell: Shell,
    form: Form,
    title: String,
    action: String,
    back: String,
}

/// All interests of an assessor, oldest first.
pub(super) async fn interests(on: &Platform, actor: &Actor, id: UserId) -> Result<Vec<Interest>> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let paging = Paging::new(Some(100), cursor.as_deref())?;
        let found = assessors::ops::list_interests(on, actor, id, paging).await?;
        let page = Page::new(found, &paging, |interest| interest.id.0);
        all.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(all);
        }
    }
}

/// The areas with their names.
pub(super) async fn tree(on: &Platform) -> Result<AreaTree> {
    Ok(AreaTree::new(areas::ops::list_areas(on).await?, areas::ops::list_groups(on).await?))
}

#[get("/people/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<UserId>) -> Result<HttpResponse> {
    let user = ops::find_user(&on, &visit.who, id.0).await?;
    let organisation = match user.organisation_id {
        Some(organisation) => Some(ops::find_organisation(&on, &visit.who, organisation).await?),
        None => None,
    };
    let assessor = match user.role {
        Role::Assessor => Some(shown(&on, &visit.who, id.0).await?),
        Role::Admin | Role::Member | Role::Auditor => None,
    };
    let (status, kind) = standing(&user);
    visit.show(&PersonPage {
        shell: visit.shell().under("People", "/people"),
        form: Form::blank(),
        is_admin: visit.who.role == Some(Role::Admin),
        address: address(user.id),
        role: role_in_words(user.role),
        status,
        kind,
        organisation,
        assessor,
        user,
    })
}

async fn shown(on: &Platform, reader: &Reader, id: UserId) -> Result<Shown> {
    let profile: AssessorProfile = assessors::ops::find(on, reader, id).await?;
    let tree = tree(on).await?;
    let areas: Vec<&str> = profile.areas.iter().map(|code| tree.name(code)).collect();
    let theme = |(key, expertise): (&String, &u8)| match expertise {
        0 => key.clone(),
        known => format!("{key} ({known} of {})", crate::accounts::model::MOST_EXPERTISE),
    };
    let themes: Vec<String> = profile.themes.iter().map(theme).collect();
    let interests = interests(on, reader, id).await?;
    Ok(Shown {
        areas: areas.join(", "),
        themes: themes.join(", "),
        interests: interests.iter().map(|interest| Line::of(interest, id)).collect(),
    })
}

impl Line {
    fn of(interest: &Interest, assessor: UserId) -> Self {
        let with = match (&interest.registered_number, interest.bid_id) {
            (Some(number), _) => format!("Organisation {number}"),
            (None, Some(_)) => "One bid".to_owned(),
            (None, None) => "Nothing".to_owned(),
        };
        let can_be_overridden = interest.severity == Severity::Soft && interest.overridden_at.is_none();
        let (status, kind) = match (interest.severity, interest.overridden_at) {
            (Severity::Hard, _) => ("Hard", "bad"),
            (Severity::Soft, None) => ("Soft", "soon"),
            (Severity::Soft, Some(_)) => ("Overridden", "done"),
        };
        let overridden = interest.overridden_at.map(Timestamp::london_day);
        let told = match (overridden, &interest.overridden_reason) {
            (Some(day), Some(reason)) => format!("Overridden on {day}: {reason}"),
            _ => String::new(),
        };
        let overriding = format!("{}/interests/{}/override", address(assessor), interest.id);
        Self {
            with,
            description: interest.description.clone(),
            status,
            kind,
            told: format!("Declared on {}. {told}", interest.declared_at.london_day()),
            overriding: if can_be_overridden { overriding } else { String::new() },
        }
    }
}

fn change_page(visit: &Visit<Admin>, user: &User, form: Form) -> ChangePage {
    let back = address(user.id);
    ChangePage {
        shell: visit.shell().under("People", "/people").under(user.name.clone(), back.clone()),
        form,
        title: user.name.clone(),
        action: format!("{back}/change"),
        back,
    }
}

#[get("/people/{id}/change")]
async fn ask_change(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let user = ops::find_user(&on, &visit.who, id.0).await?;
    let form = Form::blank()
        .with("name", user.name.clone())
        .with("disabled", user.disabled_at.is_some().to_string())
        .with("version", user.version.to_string());
    visit.show(&change_page(&visit, &user, form))
}

#[post("/people/{id}/change")]
async fn save_change(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    let user = ops::find_user(&on, &sent.who, id.0).await?;
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let changing = match sent.form.reading().text("/name").flag("/disabled").done::<UserChange>() {
        Ok(change) => ops::change_user(&on, &sent.who, id.0, version, change).await,
        Err(problem) => Err(problem),
    };
    match changing {
        Ok(_) => Ok(sent.go_saying(&address(id.0), "The change is made.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &change_page(&sent, &user, form))
        }
        Err(problem) if problem.kind() == Kind::WrongState => {
            let form = sent.form.clone().fault_at("disabled", problem.detail());
            sent.show_again(&problem, &change_page(&sent, &user, form))
        }
        Err(problem) => Err(problem),
    }
}

#[post("/people/{id}/invite")]
async fn invite_again(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<UserId>) -> Result<HttpResponse> {
    joining::ops::invite_again(&on, &sent.who, id.0).await?;
    Ok(sent.go_saying(&address(id.0), "A fresh invitation is on its way; the one before no longer works."))
}
