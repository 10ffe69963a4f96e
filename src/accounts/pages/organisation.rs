//! One's own organisation, for a provider's member: its name, its people, its systems.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::accounts::inputs::{NewUser, OrganisationChange};
use crate::accounts::joining;
use crate::accounts::model::{ApiClient, Organisation, User, UserFilter};
use crate::accounts::ops;
use crate::auth::{Member, Role};
use crate::id::UserId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::{Id, IfMatch, Page, Paging, Params};
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(show)
        .service(ask_name)
        .service(set_name)
        .service(ask_invitation)
        .service(invite)
        .service(invite_again);
}

pub(super) const HOME: &str = "/your-organisation";

pub(super) fn below(visit: &Visit<Member>) -> Shell {
    visit.shell().under("Your organisation", HOME)
}

#[derive(Template)]
#[template(path = "accounts/templates/organisation.html")]
struct OrganisationPage {
    shell: Shell,
    organisation: Organisation,
    members: Vec<Colleague>,
    next: String,
    first: String,
    clients: Vec<ApiClient>,
}

struct Colleague {
    person: User,
    status: &'static str,
    kind: &'static str,
    /// Whether an invitation waits for an answer.
    is_invited: bool,
}

impl From<User> for Colleague {
    fn from(person: User) -> Self {
        let (status, kind) = match (person.disabled_at, person.confirmed_at) {
            (Some(_), _) => ("Disabled", ""),
            (None, None) => ("Invited", "now"),
            (None, Some(_)) => ("Member", "done"),
        };
        Self { status, kind, is_invited: kind == "now", person }
    }
}

#[derive(Debug, serde::Deserialize)]
struct ShowQuery {
    cursor: Option<String>,
}

#[get("/your-organisation")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    query: Params<ShowQuery>,
) -> Result<HttpResponse> {
    let own = visit.who.organisation;
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?;
    let organisation = ops::find_organisation(&on, &visit.who, own).await?;
    let members = ops::list_users(&on, &visit.who, UserFilter::default(), paging).await?;
    let members = Page::new(members, &paging, |user| user.id.0);
    let clients = ops::list_clients(&on, &visit.who, own, Paging::new(Some(100), None)?).await?;
    visit.show(&OrganisationPage {
        shell: visit.shell(),
        organisation,
        next: members.next_cursor.map(|cursor| format!("{HOME}?cursor={cursor}")).unwrap_or_default(),
        first: cursor.map(|_| HOME.to_owned()).unwrap_or_default(),
        members: members.items.into_iter().map(Colleague::from).collect(),
        clients,
    })
}

#[derive(Template)]
#[template(path = "accounts/templates/organisation_name.html")]
struct NamePage {
    shell: Shell,
    form: Form,
}

#[get("/your-organisation/name")]
async fn ask_name(on: web::Data<Platform>, visit: Visit<Member>) -> Result<HttpResponse> {
    let organisation = ops::find_organisation(&on, &visit.who, visit.who.organisation).await?;
    let form =
        Form::blank().with("name", organisation.name).with("version", organisation.version.to_string());
    visit.show(&NamePage { shell: below(&visit), form })
}

#[post("/your-organisation/name")]
async fn set_name(on: web::Data<Platform>, sent: Sent<Member>) -> Result<HttpResponse> {
    let own = sent.who.organisation;
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let change = OrganisationChange { name: sent.form.get("name").to_owned() };
    match ops::rename_organisation(&on, &sent.who, own, version, change).await {
        Ok(_) => Ok(sent.go_saying(HOME, "The name is changed.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &NamePage { shell: below(&sent), form })
        }
        Err(problem) if problem.kind() == Kind::Stale => {
            let standing = ops::find_organisation(&on, &sent.who, own).await?;
            let told = format!(
                "Somebody has changed it meanwhile, to {}: change it again if you want to",
                standing.name
            );
            let form = sent.form.clone().set("version", standing.version.to_string()).fault_at("name", &told);
            sent.show_again(&problem, &NamePage { shell: below(&sent), form })
        }
        Err(problem) => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "accounts/templates/invite_colleague.html")]
struct InvitePage {
    shell: Shell,
    form: Form,
}

#[get("/your-organisation/invite")]
async fn ask_invitation(visit: Visit<Member>) -> Result<HttpResponse> {
    visit.show(&InvitePage { shell: below(&visit), form: Form::blank() })
}

#[post("/your-organisation/invite")]
async fn invite(on: web::Data<Platform>, sent: Sent<Member>) -> Result<HttpResponse> {
    let input = NewUser {
        email: sent.form.get("email").to_owned(),
        name: sent.form.get("name").to_owned(),
        role: Role::Member,
        organisation_id: None,
    };
    let Err(problem) = joining::ops::invite(&on, &sent.who, input, sent.once.clone()).await else {
        return Ok(sent.go_saying(HOME, "An invitation is on its way."));
    };
    let form = sent.form.clone().refused(&problem);
    let form = match problem.kind() {
        Kind::Invalid => form,
        Kind::AlreadyExists => form.fault_at("email", problem.detail()),
        _ => return Err(problem),
    };
    sent.show_again(&problem, &InvitePage { shell: below(&sent), form })
}

#[post("/your-organisation/members/{id}/invite")]
async fn invite_again(on: web::Data<Platform>, sent: Sent<Member>, id: Id<UserId>) -> Result<HttpResponse> {
    joining::ops::invite_again(&on, &sent.who, id.0).await?;
    Ok(sent.go_saying(HOME, "Another invitation is on its way; the one before stops working."))
}
