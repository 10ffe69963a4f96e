//! The signing keys' rows.

use diesel::prelude::*;

use super::secrets::random_secret;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::signing_keys;
use crate::id::SigningKeyId;
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
