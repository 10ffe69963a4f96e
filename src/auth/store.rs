//! The rows of signing keys and of browsers' sessions.

use diesel::prelude::*;

use super::actor::Role;
use super::secrets::random_secret;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{sessions, signing_keys, users};
use crate::id::{OrganisationId, SessionId, SigningKeyId, UserId};
use crate::problem::Problem;

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
pub struct SigningKey {
    pub id: SigningKeyId,
    pub secret: String,
    pub created_at: Timestamp,
    pub retired_at: Option<Timestamp>,
}

impl SigningKey {
    /// # Errors
    /// The machine has no randomness to give.
    pub fn fresh(now: Timestamp) -> Result<Self, Problem> {
        Ok(Self { id: SigningKeyId::fresh(), secret: random_secret("")?, created_at: now, retired_at: None })
    }
}

pub fn list_keys(conn: &mut Conn) -> Result<Vec<SigningKey>, Problem> {
    Ok(signing_keys::table.order(signing_keys::id).select(SigningKey::as_select()).load(conn)?)
}

pub fn insert_key(conn: &mut Conn, key: &SigningKey) -> Result<(), Problem> {
    diesel::insert_into(signing_keys::table).values(key).execute(conn)?;
    Ok(())
}

pub fn retire_keys(conn: &mut Conn, now: Timestamp) -> Result<(), Problem> {
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(now))
        .execute(conn)?;
    Ok(())
}

#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions, treat_none_as_default_value = false)]
pub struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub token_hash: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// Whose session it is, as they are now.
#[derive(Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct Holder {
    pub name: String,
    pub role: Role,
    pub organisation_id: Option<OrganisationId>,
    pub disabled_at: Option<Timestamp>,
}

pub fn insert_session(conn: &mut Conn, session: &SessionRow) -> Result<(), Problem> {
    diesel::insert_into(sessions::table).values(session).execute(conn)?;
    Ok(())
}

pub fn find_session(conn: &mut Conn, token_hash: &str) -> Result<Option<(SessionRow, Holder)>, Problem> {
    let query = sessions::table
        .inner_join(users::table.on(users::id.eq(sessions::user_id)))
        .filter(sessions::token_hash.eq(token_hash.to_owned()))
        .select((SessionRow::as_select(), Holder::as_select()));
    Ok(query.first(conn).optional()?)
}

pub fn set_session_seen(conn: &mut Conn, id: SessionId, at: Timestamp) -> Result<(), Problem> {
    diesel::update(sessions::table.find(id)).set(sessions::seen_at.eq(at)).execute(conn)?;
    Ok(())
}

pub fn end_session(conn: &mut Conn, id: SessionId, at: Timestamp) -> Result<(), Problem> {
    let open = sessions::table.filter(sessions::id.eq(id)).filter(sessions::ended_at.is_null());
    diesel::update(open).set(sessions::ended_at.eq(at)).execute(conn)?;
    Ok(())
}

pub fn end_sessions_of(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<(), Problem> {
    let open = sessions::table.filter(sessions::user_id.eq(user)).filter(sessions::ended_at.is_null());
    diesel::update(open).set(sessions::ended_at.eq(at)).execute(conn)?;
    Ok(())
}

/// Gives how many rows were deleted.
pub fn delete_sessions_before(conn: &mut Conn, instant: Timestamp) -> Result<usize, Problem> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(instant))).execute(conn)?)
}
