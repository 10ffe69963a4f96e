//! Use cases of people, organisations and API clients, and the reads that features above need
//! inside their own transactions.

use serde_json::json;

use super::assessors::store as assessor_rows;
use super::inputs::{Check, NewClient, OrganisationChange, UserChange};
use super::model::{ApiClient, AssessorProfile, Interest, Organisation, User, UserFilter};
use super::sign_in;
use super::store;
use crate::audit;
use crate::auth::secrets::{random_secret, sha256};
use crate::auth::{Actor, Admin, Role, Who};
use crate::db::Conn;
use crate::id::{ClientId, OrganisationId, UserId};
use crate::mail::Recipient;
use crate::once::Once;
use crate::platform::{Changed, Platform};
use crate::problem::{Problem, Result};
use crate::rest::{IfMatch, Paging};

pub use super::joining::ops::{create_admin, register_confirmed, setup_token};
pub use super::sign_in::ops::forget_old;

// ---- for the features above -------------------------------------------------------------------

/// The assessors with these ids, in one query, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assessors(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<AssessorProfile>> {
    assessor_rows::list_profiles_by_id(conn, ids)
}

/// All interests of these assessors, in one query.
///
/// # Errors
/// The database's own.
pub fn interests(conn: &mut Conn, assessors: &[UserId]) -> Result<Vec<Interest>> {
    assessor_rows::list_interests_of(conn, assessors)
}

/// The people with these ids, in one query.
///
/// # Errors
/// The database's own.
pub fn people(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    store::list_users_by_id(conn, ids)
}

/// The organisations with these ids, in one query.
///
/// # Errors
/// The database's own.
pub fn organisations(conn: &mut Conn, ids: &[OrganisationId]) -> Result<Vec<Organisation>> {
    store::list_organisations_by_id(conn, ids)
}

/// All administrators who can sign in.
///
/// # Errors
/// The database's own.
pub fn admins(conn: &mut Conn) -> Result<Vec<Recipient>> {
    let admins = store::list_admins(conn)?;
    Ok(admins.into_iter().map(|admin| Recipient { email: admin.email, name: admin.name }).collect())
}

// ---- who may ----------------------------------------------------------------------------------

/// The person who acts. A system cannot manage people or secrets: with a leaked secret it could
/// make itself others that outlive it.
///
/// # Errors
/// `forbidden`.
pub(in crate::accounts) fn by_a_person(actor: &Actor) -> Result<UserId> {
    match actor.who {
        Who::User(id) => Ok(id),
        Who::Client(_) | Who::System => {
            Err(Problem::forbidden("An API client cannot do this; a member of its organisation can."))
        }
    }
}

/// Whether the actor may read an organisation and what is its own.
fn may_read(actor: &Actor, organisation: OrganisationId) -> Result<()> {
    let own = actor.own_organisation() == Some(organisation);
    if actor.reads_everything() || own { Ok(()) } else { Err(Problem::not_found()) }
}

/// Whether the actor may change an organisation and what is its own.
fn may_change(actor: &Actor, organisation: OrganisationId) -> Result<UserId> {
    match actor.role {
        Some(Role::Admin | Role::Member) => {}
        Some(Role::Assessor | Role::Auditor) | None => {
            return Err(Problem::forbidden(
                "Only an administrator or a member of the organisation can do this.",
            ));
        }
    }
    may_read(actor, organisation)?;
    by_a_person(actor)
}

// ---- people -----------------------------------------------------------------------------------

/// One page of people: a member sees those of the same organisation.
///
/// # Errors
/// `not-found`: for assessors.
pub async fn list_users(
    on: &Platform,
    actor: &Actor,
    mut filter: UserFilter,
    paging: Paging,
) -> Result<Vec<User>> {
    if !actor.reads_everything() {
        let own = actor.own_organisation().ok_or_else(Problem::not_found)?;
        if filter.organisation.is_some_and(|asked| asked != own) {
            return Ok(Vec::new());
        }
        // An assessor's employer may be this organisation; who assesses is not a bidder's to know.
        if filter.role.is_some_and(|role| role != Role::Member) {
            return Ok(Vec::new());
        }
        filter = UserFilter { role: Some(Role::Member), organisation: Some(own), ..filter };
    }
    on.db.read(move |conn| store::list_users(conn, &filter, &paging)).await
}

/// One person: oneself, a colleague, or for those who read everything anybody.
///
/// # Errors
/// `not-found`.
pub async fn find_user(on: &Platform, actor: &Actor, id: UserId) -> Result<User> {
    let user = on.db.read(move |conn| store::find_user(conn, id)).await?.ok_or_else(Problem::not_found)?.user;
    let own = actor.who == Who::User(id);
    let colleague = user.role == Role::Member
        && user.organisation_id.is_some()
        && user.organisation_id == actor.own_organisation();
    if own || colleague || actor.reads_everything() { Ok(user) } else { Err(Problem::not_found()) }
}

/// Renames, disables or enables a person. Disabling ends every sign-in, and an assessor counts as dropped out.
///
/// # Errors
/// `invalid`; `not-found`; `stale`; `wrong-state`: an administrator disables themself.
pub async fn change_user(
    on: &Platform,
    admin: &Admin,
    id: UserId,
    if_match: IfMatch,
    change: UserChange,
) -> Result<User> {
    let mut check = Check::default();
    let name = check.name("/name", &change.name);
    check.done("The person was not changed.")?;
    let (admin, platform) = (admin.clone(), on.clone());
    on.db
        .write(move |tx| {
            let before = store::find_user(tx.conn, id)?.ok_or_else(Problem::not_found)?.user;
            if_match.check(before.version)?;
            if change.disabled && id == admin.id {
                return Err(Problem::wrong_state("You cannot disable yourself; another administrator can."));
            }
            let disabled_at = match (change.disabled, before.disabled_at) {
                (false, _) => None,
                (true, None) => Some(tx.now),
                (true, Some(since)) => Some(since),
            };
            let user =
                User { name: name.clone(), disabled_at, version: before.version + 1, ..before.clone() };
            store::set_user(tx.conn, &user)?;
            if user.disabled_at.is_some() {
                sign_in::ops::end_all(tx, id)?;
            }
            let detail = json!({
                "name_from": before.name, "name_to": user.name,
                "disabled_from": before.disabled_at.is_some(), "disabled_to": user.disabled_at.is_some(),
            });
            audit::record(tx, &admin, "user.changed", id, None, detail)?;
            if user.role == Role::Assessor && user.disabled_at.is_some() != before.disabled_at.is_some() {
                let what = if change.disabled { "an assessor disabled" } else { "an assessor enabled again" };
                platform.changed(tx, &admin, Changed::Assessor(id), what)?;
            }
            Ok(user)
        })
        .await
}

/// Changes the name of the person who asks.
///
/// # Errors
/// `invalid`; `forbidden`: an API client asks.
pub async fn rename_self(on: &Platform, actor: &Actor, name: &str) -> Result<User> {
    let id = by_a_person(actor)?;
    let mut check = Check::default();
    let name = check.name("/name", name);
    check.done("Your name was not changed.")?;
    let actor = actor.clone();
    on.db
        .write(move |tx| {
            let before = store::find_user(tx.conn, id)?.ok_or_else(Problem::not_found)?.user;
            let user = User { name: name.clone(), version: before.version + 1, ..before.clone() };
            store::set_user(tx.conn, &user)?;
            let detail = json!({"name_from": before.name, "name_to": user.name});
            audit::record(tx, &actor, "user.changed", id, None, detail)?;
            Ok(user)
        })
        .await
}

// ---- organisations ----------------------------------------------------------------------------

/// One page of organisations: a member sees the one.
///
/// # Errors
/// `not-found`: for assessors.
pub async fn list_organisations(on: &Platform, actor: &Actor, paging: Paging) -> Result<Vec<Organisation>> {
    let own = actor.own_organisation();
    if !actor.reads_everything() && own.is_none() {
        return Err(Problem::not_found());
    }
    on.db.read(move |conn| store::list_organisations(conn, own, &paging)).await
}

/// # Errors
/// `not-found`.
pub async fn find_organisation(on: &Platform, actor: &Actor, id: OrganisationId) -> Result<Organisation> {
    may_read(actor, id)?;
    on.db.read(move |conn| store::find_organisation(conn, id)?.ok_or_else(Problem::not_found)).await
}

/// Renames an organisation. Its number stays: conflicts of interest hang on it.
///
/// # Errors
/// `forbidden`; `invalid`; `not-found`; `stale`.
pub async fn rename_organisation(
    on: &Platform,
    actor: &Actor,
    id: OrganisationId,
    if_match: IfMatch,
    change: OrganisationChange,
) -> Result<Organisation> {
    may_change(actor, id)?;
    let mut check = Check::default();
    let name = check.name("/name", &change.name);
    check.done("The organisation was not renamed.")?;
    let actor = actor.clone();
    on.db
        .write(move |tx| {
            let before = store::find_organisation(tx.conn, id)?.ok_or_else(Problem::not_found)?;
            if_match.check(before.version)?;
            let after = Organisation { name: name.clone(), version: before.version + 1, ..before.clone() };
            store::set_organisation(tx.conn, &after)?;
            let detail = json!({"from": before.name, "to": after.name});
            audit::record(tx, &actor, "organisation.renamed", id, None, detail)?;
            Ok(after)
        })
        .await
}

// ---- API clients ------------------------------------------------------------------------------

/// One page of an organisation's API clients, revoked ones too.
///
/// # Errors
/// `not-found`.
pub async fn list_clients(
    on: &Platform,
    actor: &Actor,
    id: OrganisationId,
    paging: Paging,
) -> Result<Vec<ApiClient>> {
    may_read(actor, id)?;
    on.db
        .read(move |conn| {
            store::find_organisation(conn, id)?.ok_or_else(Problem::not_found)?;
            store::list_clients(conn, id, &paging)
        })
        .await
}

/// Makes an API client; gives its secret, this once. A repeat with the same `Idempotency-Key`
/// gives the client without the secret, which is kept nowhere: whoever lost the first answer
/// revokes the client and makes another.
///
/// # Errors
/// `forbidden`; `invalid`; `not-found`.
pub async fn create_client(
    on: &Platform,
    actor: &Actor,
    organisation: OrganisationId,
    input: NewClient,
    once: Once,
) -> Result<(ApiClient, Option<String>)> {
    let by = may_change(actor, organisation)?;
    let mut check = Check::default();
    let name = check.name("/name", &input.name);
    check.done("The client was not made.")?;
    let (id, secret) = (ClientId::fresh(), random_secret("ftk_")?);
    let (actor, hash) = (actor.clone(), sha256(&secret));
    let client = once
        .write(&on.db, actor.who, move |tx| {
            store::find_organisation(tx.conn, organisation)?.ok_or_else(Problem::not_found)?;
            let client = ApiClient {
                id,
                organisation_id: organisation,
                name: name.clone(),
                created_at: tx.now,
                revoked_at: None,
            };
            store::insert_client(tx.conn, &client, &hash, by)?;
            let detail = json!({"organisation_id": organisation, "name": client.name});
            audit::record(tx, &actor, "client.created", client.id, None, detail)?;
            Ok(client)
        })
        .await?;
    // A client with another id was made by the first request with this key.
    let secret = (client.id == id).then_some(secret);
    Ok((client, secret))
}

/// Revokes an API client; its access tokens end within fifteen minutes. Again, it changes nothing.
///
/// # Errors
/// `forbidden`; `not-found`.
pub async fn revoke_client(
    on: &Platform,
    actor: &Actor,
    organisation: OrganisationId,
    id: ClientId,
) -> Result<ApiClient> {
    may_change(actor, organisation)?;
    let actor = actor.clone();
    on.db
        .write(move |tx| {
            let found = store::find_client(tx.conn, id)?.map(|found| found.client);
            let mut client = found
                .filter(|client| client.organisation_id == organisation)
                .ok_or_else(Problem::not_found)?;
            if client.revoked_at.is_none() {
                store::set_client_revoked(tx.conn, id, tx.now)?;
                client.revoked_at = Some(tx.now);
                audit::record(
                    tx,
                    &actor,
                    "client.revoked",
                    id,
                    None,
                    json!({"organisation_id": organisation}),
                )?;
            }
            Ok(client)
        })
        .await
}
