//! The rows of people, organisations and API clients.

use diesel::prelude::*;

use super::model::{ApiClient, Organisation, User, UserFilter};
use crate::auth::Role;
use crate::clock::Timestamp;
use crate::db::schema::{api_clients, links, organisations, users};
use crate::db::search::{self, lower};
use crate::db::{BATCH, Conn, paged};
use crate::id::{ClientId, OrganisationId, UserId};
use crate::problem::{Problem, Result, breaks_unique};
use crate::rest::Paging;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct UserRow {
    id: UserId,
    email: String,
    name: String,
    role: Role,
    organisation_id: Option<OrganisationId>,
    password_hash: Option<String>,
    confirmed_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
    created_at: Timestamp,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = organisations)]
struct OrganisationRow {
    id: OrganisationId,
    name: String,
    registered_number: String,
    created_at: Timestamp,
    version: i32,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = api_clients, treat_none_as_default_value = false)]
struct ClientRow {
    id: ClientId,
    organisation_id: OrganisationId,
    name: String,
    secret_hash: String,
    created_by: UserId,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// A person with what is kept of the password.
#[derive(Debug, Clone)]
pub(in crate::accounts) struct Account {
    pub user: User,
    pub password_hash: Option<String>,
}

impl Account {
    /// Whether this is a registration that nobody has confirmed: a password was chosen, by whoever
    /// typed the address.
    pub fn is_pending_registration(&self) -> bool {
        self.password_hash.is_some() && self.user.confirmed_at.is_none()
    }
}

/// An API client with what is kept of its secret.
pub(in crate::accounts) struct ClientAccount {
    pub client: ApiClient,
    pub secret_hash: String,
}

// ---- people -----------------------------------------------------------------------------------

pub(in crate::accounts) fn insert_user(
    conn: &mut Conn,
    user: &User,
    password_hash: Option<&str>,
) -> Result<()> {
    let row = UserRow {
        id: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        role: user.role,
        organisation_id: user.organisation_id,
        password_hash: password_hash.map(str::to_owned),
        confirmed_at: user.confirmed_at,
        disabled_at: user.disabled_at,
        created_at: user.created_at,
        version: user.version,
    };
    diesel::insert_into(users::table).values(row).execute(conn).map_err(|error| {
        if breaks_unique(&error, "users", "email") {
            Problem::exists("Somebody with that address is here already.")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

pub(in crate::accounts) fn find_user(conn: &mut Conn, id: UserId) -> Result<Option<Account>> {
    let row: Option<UserRow> = users::table.find(id).select(UserRow::as_select()).first(conn).optional()?;
    Ok(row.map(Account::from))
}

pub(in crate::accounts) fn find_email(conn: &mut Conn, email: &str) -> Result<Option<Account>> {
    let query = users::table.filter(users::email.eq(email.to_owned())).select(UserRow::as_select());
    let row: Option<UserRow> = query.first(conn).optional()?;
    Ok(row.map(Account::from))
}

pub(in crate::accounts) fn list_users(
    conn: &mut Conn,
    filter: &UserFilter,
    paging: &Paging,
) -> Result<Vec<User>> {
    let mut query = paged!(users::table.select(UserRow::as_select()).into_boxed(), users::id, UserId, paging);
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    if let Some(organisation) = filter.organisation {
        query = query.filter(users::organisation_id.eq(organisation));
    }
    if let Some(text) = &filter.text {
        let pattern = search::pattern(conn, text);
        let in_name = lower(users::name).like(pattern.clone()).escape('\\');
        query = query.filter(in_name.or(lower(users::email).like(pattern).escape('\\')));
    }
    let rows: Vec<UserRow> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| Account::from(row).user).collect())
}

pub(in crate::accounts) fn list_users_by_id(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let query = users::table.filter(users::id.eq_any(batch.to_vec())).order(users::id);
        let rows: Vec<UserRow> = query.select(UserRow::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(|row| Account::from(row).user));
    }
    found.sort_by_key(|user| user.id);
    Ok(found)
}

/// The people with these addresses, in no order.
pub(in crate::accounts) fn list_users_by_email(conn: &mut Conn, emails: &[String]) -> Result<Vec<User>> {
    let mut found = Vec::new();
    for batch in emails.chunks(BATCH) {
        let query = users::table.filter(users::email.eq_any(batch.to_vec()));
        let rows: Vec<UserRow> = query.select(UserRow::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(|row| Account::from(row).user));
    }
    Ok(found)
}

/// Administrators who can sign in.
pub(in crate::accounts) fn list_admins(conn: &mut Conn) -> Result<Vec<User>> {
    let query = users::table
        .filter(users::role.eq(Role::Admin))
        .filter(users::confirmed_at.is_not_null())
        .filter(users::disabled_at.is_null())
        .order(users::id);
    let rows: Vec<UserRow> = query.select(UserRow::as_select()).load(conn)?;
    Ok(rows.into_iter().map(|row| Account::from(row).user).collect())
}

/// Writes what can change of a person but the password; the version is counted up.
pub(in crate::accounts) fn set_user(conn: &mut Conn, user: &User) -> Result<()> {
    diesel::update(users::table.find(user.id))
        .set((
            users::name.eq(user.name.clone()),
            users::organisation_id.eq(user.organisation_id),
            users::confirmed_at.eq(user.confirmed_at),
            users::disabled_at.eq(user.disabled_at),
            users::version.eq(user.version),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn set_password(conn: &mut Conn, id: UserId, hash: &str) -> Result<()> {
    diesel::update(users::table.find(id)).set(users::password_hash.eq(hash.to_owned())).execute(conn)?;
    Ok(())
}

/// Whether the organisation has a member who proved an address, other than `except`.
pub(in crate::accounts) fn has_confirmed_member(
    conn: &mut Conn,
    organisation: OrganisationId,
    except: Option<UserId>,
) -> Result<bool> {
    let query = users::table
        .filter(users::organisation_id.eq(organisation))
        .filter(users::role.eq(Role::Member))
        .filter(users::confirmed_at.is_not_null())
        .select(users::id)
        .limit(2);
    let ids: Vec<UserId> = query.load(conn)?;
    Ok(ids.into_iter().any(|id| Some(id) != except))
}

/// Deletes the registrations with this organisation that nobody confirmed; gives how many.
pub(in crate::accounts) fn delete_pending_registrations(
    conn: &mut Conn,
    organisation: OrganisationId,
) -> Result<usize> {
    let query = users::table
        .filter(users::organisation_id.eq(organisation))
        .filter(users::role.eq(Role::Member))
        .filter(users::confirmed_at.is_null())
        .filter(users::password_hash.is_not_null())
        .select(users::id);
    let ids: Vec<UserId> = query.load(conn)?;
    diesel::delete(links::table.filter(links::user_id.eq_any(ids.clone()))).execute(conn)?;
    Ok(diesel::delete(users::table.filter(users::id.eq_any(ids))).execute(conn)?)
}

// ---- organisations ----------------------------------------------------------------------------

pub(in crate::accounts) fn insert_organisation(conn: &mut Conn, organisation: &Organisation) -> Result<()> {
    let row = OrganisationRow {
        id: organisation.id,
        name: organisation.name.clone(),
        registered_number: organisation.registered_number.clone(),
        created_at: organisation.created_at,
        version: organisation.version,
    };
    diesel::insert_into(organisations::table).values(row).execute(conn).map_err(|error| {
        if breaks_unique(&error, "organisations", "registered_number") {
            Problem::exists("An organisation with that number is here already.")
        } else {
            error.into()
        }
    })?;
    Ok(())
}

pub(in crate::accounts) fn find_organisation(
    conn: &mut Conn,
    id: OrganisationId,
) -> Result<Option<Organisation>> {
    let query = organisations::table.find(id).select(OrganisationRow::as_select());
    let row: Option<OrganisationRow> = query.first(conn).optional()?;
    Ok(row.map(Organisation::from))
}

pub(in crate::accounts) fn find_organisation_by_number(
    conn: &mut Conn,
    number: &str,
) -> Result<Option<Organisation>> {
    let query = organisations::table.filter(organisations::registered_number.eq(number.to_owned()));
    let row: Option<OrganisationRow> = query.select(OrganisationRow::as_select()).first(conn).optional()?;
    Ok(row.map(Organisation::from))
}

/// All of them, or only `own`.
pub(in crate::accounts) fn list_organisations(
    conn: &mut Conn,
    own: Option<OrganisationId>,
    paging: &Paging,
) -> Result<Vec<Organisation>> {
    let query = organisations::table.select(OrganisationRow::as_select());
    let mut query = query.order(organisations::id).limit(paging.fetch()).into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(organisations::id.gt(OrganisationId(after)));
    }
    if let Some(own) = own {
        query = query.filter(organisations::id.eq(own));
    }
    let rows: Vec<OrganisationRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Organisation::from).collect())
}

pub(in crate::accounts) fn list_organisations_by_id(
    conn: &mut Conn,
    ids: &[OrganisationId],
) -> Result<Vec<Organisation>> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        let query = organisations::table.filter(organisations::id.eq_any(batch.to_vec()));
        let rows: Vec<OrganisationRow> = query.select(OrganisationRow::as_select()).load(conn)?;
        found.extend(rows.into_iter().map(Organisation::from));
    }
    found.sort_by_key(|organisation| organisation.id);
    Ok(found)
}

pub(in crate::accounts) fn set_organisation(conn: &mut Conn, organisation: &Organisation) -> Result<()> {
    diesel::update(organisations::table.find(organisation.id))
        .set((
            organisations::name.eq(organisation.name.clone()),
            organisations::version.eq(organisation.version),
        ))
        .execute(conn)?;
    Ok(())
}

// ---- API clients ------------------------------------------------------------------------------

pub(in crate::accounts) fn insert_client(
    conn: &mut Conn,
    client: &ApiClient,
    secret_hash: &str,
    created_by: UserId,
) -> Result<()> {
    let row = ClientRow {
        id: client.id,
        organisation_id: client.organisation_id,
        name: client.name.clone(),
        secret_hash: secret_hash.to_owned(),
        created_by,
        created_at: client.created_at,
        revoked_at: client.revoked_at,
    };
    diesel::insert_into(api_clients::table).values(row).execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn find_client(conn: &mut Conn, id: ClientId) -> Result<Option<ClientAccount>> {
    let row: Option<ClientRow> =
        api_clients::table.find(id).select(ClientRow::as_select()).first(conn).optional()?;
    Ok(row.map(ClientAccount::from))
}

pub(in crate::accounts) fn list_clients(
    conn: &mut Conn,
    organisation: OrganisationId,
    paging: &Paging,
) -> Result<Vec<ApiClient>> {
    let query = api_clients::table
        .filter(api_clients::organisation_id.eq(organisation))
        .select(ClientRow::as_select());
    let mut query = query.order(api_clients::id).limit(paging.fetch()).into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(api_clients::id.gt(ClientId(after)));
    }
    let rows: Vec<ClientRow> = query.load(conn)?;
    Ok(rows.into_iter().map(|row| ClientAccount::from(row).client).collect())
}

pub(in crate::accounts) fn set_client_revoked(conn: &mut Conn, id: ClientId, at: Timestamp) -> Result<()> {
    diesel::update(api_clients::table.find(id)).set(api_clients::revoked_at.eq(at)).execute(conn)?;
    Ok(())
}

impl From<UserRow> for Account {
    fn from(row: UserRow) -> Self {
        let user = User {
            id: row.id,
            email: row.email,
            name: row.name,
            role: row.role,
            organisation_id: row.organisation_id,
            confirmed_at: row.confirmed_at,
            disabled_at: row.disabled_at,
            created_at: row.created_at,
            version: row.version,
        };
        Self { user, password_hash: row.password_hash }
    }
}

impl From<OrganisationRow> for Organisation {
    fn from(row: OrganisationRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            registered_number: row.registered_number,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<ClientRow> for ClientAccount {
    fn from(row: ClientRow) -> Self {
        let client = ApiClient {
            id: row.id,
            organisation_id: row.organisation_id,
            name: row.name,
            created_at: row.created_at,
            revoked_at: row.revoked_at,
        };
        Self { client, secret_hash: row.secret_hash }
    }
}
