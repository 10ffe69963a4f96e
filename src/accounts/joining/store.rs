//! The rows of one-time links.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::links;
use crate::db::types::word_enum;
use crate::id::{LinkId, UserId};
use crate::problem::Result;

word_enum! {
    /// What a link is for.
    pub enum Purpose {
        Setup = "setup",
        Confirmation = "confirmation",
        Invitation = "invitation",
        PasswordReset = "password_reset",
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = links, treat_none_as_default_value = false)]
pub(super) struct Link {
    pub id: LinkId,
    pub user_id: Option<UserId>,
    pub purpose: Purpose,
    pub token_hash: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

pub(super) fn insert_link(conn: &mut Conn, link: &Link) -> Result<()> {
    diesel::insert_into(links::table).values(link).execute(conn)?;
    Ok(())
}

pub(super) fn find_link(conn: &mut Conn, token_hash: &str) -> Result<Option<Link>> {
    let query = links::table.filter(links::token_hash.eq(token_hash.to_owned()));
    Ok(query.select(Link::as_select()).first(conn).optional()?)
}

pub(super) fn set_used(conn: &mut Conn, id: LinkId, at: Timestamp) -> Result<()> {
    diesel::update(links::table.find(id)).set(links::used_at.eq(at)).execute(conn)?;
    Ok(())
}

/// Ends the links of a person that were not used; all purposes.
pub(super) fn end_links_of(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<()> {
    let open = links::table.filter(links::user_id.eq(user)).filter(links::used_at.is_null());
    diesel::update(open).set(links::used_at.eq(at)).execute(conn)?;
    Ok(())
}

/// How many links of a purpose a person was sent since an instant.
pub(super) fn count_since(conn: &mut Conn, user: UserId, purpose: Purpose, since: Timestamp) -> Result<i64> {
    let query = links::table
        .filter(links::user_id.eq(user))
        .filter(links::purpose.eq(purpose))
        .filter(links::created_at.gt(since));
    Ok(query.count().get_result(conn)?)
}

pub(super) fn delete_setup_links(conn: &mut Conn) -> Result<()> {
    diesel::delete(links::table.filter(links::purpose.eq(Purpose::Setup))).execute(conn)?;
    Ok(())
}
