//! `/users`, `/organisations` and their API clients; the other parts' endpoints are in their own
//! folders.

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::inputs::{NewClient, NewUser, OrganisationChange, UserChange};
use super::model::{ApiClient, Organisation, User, UserFilter};
use super::{assessors, joining, ops, sign_in};
use crate::auth::{Actor, Admin, AdminOr, Member, Role};
use crate::id::{ClientId, OrganisationId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{
    Body, Create, Id, IfMatch, Page, PageQuery, Paging, Params, created, not_stored, ok, ok_tagged,
};

pub fn routes(config: &mut ServiceConfig) {
    sign_in::api::routes(config);
    joining::api::routes(config);
    assessors::api::routes(config);
    config
        .service(list_organisations)
        .service(get_organisation)
        .service(put_organisation)
        .service(list_clients)
        .service(create_client)
        .service(revoke_client)
        .service(list_users)
        .service(invite)
        .service(get_me)
        .service(get_user)
        .service(put_user)
        .service(invite_again);
}

// ---- people -----------------------------------------------------------------------------------

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UserQuery {
    role: Option<Role>,
    organisation_id: Option<OrganisationId>,
    /// Part of the name or the address.
    #[param(example = "sam")]
    q: Option<String>,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// People; a member sees those of the same organisation.
#[utoipa::path(tag = "accounts", params(UserQuery), responses((status = 200, body = Page<User>)))]
#[get("/users")]
async fn list_users(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<UserQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?;
    let text = query.q.filter(|text| !text.is_empty());
    let filter = UserFilter { role: query.role, organisation: query.organisation_id, text };
    let found = ops::list_users(&on, &actor, filter, paging).await?;
    Ok(Page::new(found, &paging, |user| user.id.0).reply(&request))
}

/// Invites a person; an email asks them to choose a password.
#[utoipa::path(tag = "accounts", request_body = NewUser, responses((status = 201, body = User)))]
#[post("/users")]
async fn invite(
    on: web::Data<Platform>,
    actor: AdminOr<Member>,
    body: Create<NewUser>,
) -> Result<HttpResponse> {
    let user = joining::ops::invite(&on, &actor, body.input, body.once).await?;
    Ok(created(&format!("/api/v1/users/{}", user.id), Some(user.version), &user))
}

/// The person who asks. API clients are nobody: 404.
#[utoipa::path(tag = "accounts", responses((status = 200, body = User)))]
#[get("/users/me")]
async fn get_me(on: web::Data<Platform>, actor: Actor) -> Result<HttpResponse> {
    let id = ops::by_a_person(&actor).map_err(|_| Problem::not_found())?;
    let user = ops::find_user(&on, &actor, id).await?;
    Ok(ok_tagged(user.version, &user))
}

/// One person.
#[utoipa::path(tag = "accounts", params(("id" = UserId, Path)), responses((status = 200, body = User)))]
#[get("/users/{id}")]
async fn get_user(on: web::Data<Platform>, actor: Actor, id: Id<UserId>) -> Result<HttpResponse> {
    let user = ops::find_user(&on, &actor, id.0).await?;
    Ok(ok_tagged(user.version, &user))
}

/// Renames, disables or enables a person. Disabling ends every sign-in.
#[utoipa::path(
    tag = "accounts",
    params(("id" = UserId, Path), ("If-Match" = String, Header)),
    request_body = UserChange,
    responses((status = 200, body = User))
)]
#[put("/users/{id}")]
async fn put_user(
    on: web::Data<Platform>,
    admin: Admin,
    id: Id<UserId>,
    if_match: IfMatch,
    body: Body<UserChange>,
) -> Result<HttpResponse> {
    let user = ops::change_user(&on, &admin, id.0, if_match, body.0).await?;
    Ok(ok_tagged(user.version, &user))
}

/// Sends a fresh invitation to somebody who has not answered.
#[utoipa::path(tag = "accounts", params(("id" = UserId, Path)), responses((status = 200, body = User)))]
#[post("/users/{id}/invite")]
async fn invite_again(
    on: web::Data<Platform>,
    actor: AdminOr<Member>,
    id: Id<UserId>,
) -> Result<HttpResponse> {
    Ok(ok(&joining::ops::invite_again(&on, &actor, id.0).await?))
}

// ---- organisations ----------------------------------------------------------------------------

/// Organisations; a member sees the one.
#[utoipa::path(tag = "accounts", params(PageQuery), responses((status = 200, body = Page<Organisation>)))]
#[get("/organisations")]
async fn list_organisations(
    on: web::Data<Platform>,
    actor: Actor,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let found = ops::list_organisations(&on, &actor, paging).await?;
    Ok(Page::new(found, &paging, |organisation| organisation.id.0).reply(&request))
}

/// One organisation.
#[utoipa::path(tag = "accounts", params(("id" = OrganisationId, Path)), responses((status = 200, body = Organisation)))]
#[get("/organisations/{id}")]
async fn get_organisation(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<OrganisationId>,
) -> Result<HttpResponse> {
    let organisation = ops::find_organisation(&on, &actor, id.0).await?;
    Ok(ok_tagged(organisation.version, &organisation))
}

/// Renames an organisation.
#[utoipa::path(
    tag = "accounts",
    params(("id" = OrganisationId, Path), ("If-Match" = String, Header)),
    request_body = OrganisationChange,
    responses((status = 200, body = Organisation))
)]
#[put("/organisations/{id}")]
async fn put_organisation(
    on: web::Data<Platform>,
    actor: AdminOr<Member>,
    id: Id<OrganisationId>,
    if_match: IfMatch,
    body: Body<OrganisationChange>,
) -> Result<HttpResponse> {
    let organisation = ops::rename_organisation(&on, &actor, id.0, if_match, body.0).await?;
    Ok(ok_tagged(organisation.version, &organisation))
}

// ---- API clients ------------------------------------------------------------------------------

/// A new API client with its secret, which is shown this once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedClient {
    pub client: ApiClient,
    /// Absent where the request repeats an earlier one with its `Idempotency-Key`: the secret is
    /// kept nowhere. If it is lost, revoke this client and make another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
}

/// An organisation's API clients, revoked ones too.
#[utoipa::path(tag = "accounts", params(("id" = OrganisationId, Path), PageQuery), responses((status = 200, body = Page<ApiClient>)))]
#[get("/organisations/{id}/clients")]
async fn list_clients(
    on: web::Data<Platform>,
    actor: Actor,
    id: Id<OrganisationId>,
    query: Params<PageQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let paging = query.0.paging()?;
    let found = ops::list_clients(&on, &actor, id.0, paging).await?;
    Ok(Page::new(found, &paging, |client| client.id.0).reply(&request))
}

/// Makes an API client, which acts as a member of the organisation.
#[utoipa::path(
    tag = "accounts",
    params(("id" = OrganisationId, Path)),
    request_body = NewClient,
    responses((status = 201, body = CreatedClient))
)]
#[post("/organisations/{id}/clients")]
async fn create_client(
    on: web::Data<Platform>,
    actor: AdminOr<Member>,
    id: Id<OrganisationId>,
    body: Create<NewClient>,
) -> Result<HttpResponse> {
    let (client, client_secret) = ops::create_client(&on, &actor, id.0, body.input, body.once).await?;
    let location = format!("/api/v1/organisations/{}/clients", client.organisation_id);
    Ok(not_stored(created(&location, None, &CreatedClient { client, client_secret })))
}

/// Revokes an API client. Access tokens that it has end within fifteen minutes.
#[utoipa::path(
    tag = "accounts",
    params(("id" = OrganisationId, Path), ("client_id" = ClientId, Path)),
    responses((status = 200, body = ApiClient))
)]
#[post("/organisations/{id}/clients/{client_id}/revoke")]
async fn revoke_client(
    on: web::Data<Platform>,
    actor: AdminOr<Member>,
    id: Id<OrganisationId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let client = request.match_info().get("client_id").and_then(|text| text.parse().ok()).map(ClientId);
    // A refused role is told so before any id is looked at.
    let client = ops::revoke_client(&on, &actor, id.0, client.unwrap_or(ClientId(uuid::Uuid::nil()))).await?;
    Ok(ok(&client))
}
