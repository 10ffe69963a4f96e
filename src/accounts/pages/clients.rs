//! The systems of one's own organisation that call the API: making a client, whose secret is shown once,
//! and revoking one.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::organisation::{HOME, below};
use crate::accounts::inputs::NewClient;
use crate::accounts::model::ApiClient;
use crate::accounts::ops;
use crate::auth::Member;
use crate::id::ClientId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, Paging};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(create).service(ask_revoke).service(revoke);
}

#[derive(Template)]
#[template(path = "accounts/templates/client_new.html")]
struct NewClientPage {
    shell: Shell,
    form: Form,
}

#[derive(Template)]
#[template(path = "accounts/templates/client_made.html")]
struct ClientMadePage {
    shell: Shell,
    client: ApiClient,
    /// Absent where the form was sent a second time.
    secret: Option<String>,
}

#[derive(Template)]
#[template(path = "accounts/templates/client_revoke.html")]
struct RevokePage {
    shell: Shell,
    client: ApiClient,
    form: Form,
}

#[get("/your-organisation/clients/new")]
async fn ask(visit: Visit<Member>) -> Result<HttpResponse> {
    visit.show(&NewClientPage { shell: below(&visit), form: Form::blank() })
}

#[post("/your-organisation/clients/new")]
async fn create(on: web::Data<Platform>, sent: Sent<Member>) -> Result<HttpResponse> {
    let input = NewClient { name: sent.form.get("name").to_owned() };
    let made = ops::create_client(&on, &sent.who, sent.who.organisation, input, sent.once.clone()).await;
    match made {
        // The secret can be in no address, so there is no page to go on to.
        Ok((client, secret)) => sent.show(&ClientMadePage { shell: below(&sent), client, secret }),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &NewClientPage { shell: below(&sent), form })
        }
        Err(problem) => Err(problem),
    }
}

async fn own(on: &Platform, member: &Member, id: ClientId) -> Result<ApiClient> {
    let mut paging = Paging::new(Some(100), None)?;
    loop {
        let clients = ops::list_clients(on, member, member.organisation, paging).await?;
        let last = clients.last().map(|client| client.id.0);
        if let Some(found) = clients.into_iter().find(|client| client.id == id) {
            return Ok(found);
        }
        match last {
            Some(last) if paging.after != Some(last) => paging.after = Some(last),
            Some(_) | None => return Err(Problem::not_found()),
        }
    }
}

#[get("/your-organisation/clients/{id}/revoke")]
async fn ask_revoke(on: web::Data<Platform>, visit: Visit<Member>, id: Id<ClientId>) -> Result<HttpResponse> {
    let client = own(&on, &visit.who, id.0).await?;
    if client.revoked_at.is_some() {
        return Ok(see_other(HOME));
    }
    visit.show(&RevokePage { shell: below(&visit), client, form: Form::blank() })
}

#[post("/your-organisation/clients/{id}/revoke")]
async fn revoke(on: web::Data<Platform>, sent: Sent<Member>, id: Id<ClientId>) -> Result<HttpResponse> {
    ops::revoke_client(&on, &sent.who, sent.who.organisation, id.0).await?;
    Ok(sent.go_saying(HOME, "The system can no longer sign in."))
}
