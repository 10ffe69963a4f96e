//! The rows of refresh tokens and of failed sign-ins.

use diesel::prelude::*;

use crate::clock::Timestamp;
use crate::db::Conn;
use crate::db::schema::{refresh_tokens, sign_in_failures};
use crate::id::{RefreshTokenId, SignInFailureId, TokenFamilyId, UserId};
use crate::problem::Result;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(in crate::accounts) struct RefreshToken {
    pub id: RefreshTokenId,
    pub family_id: TokenFamilyId,
    pub user_id: UserId,
    pub token_hash: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

pub(super) fn insert_refresh_token(conn: &mut Conn, token: &RefreshToken) -> Result<()> {
    diesel::insert_into(refresh_tokens::table).values(token).execute(conn)?;
    Ok(())
}

pub(super) fn find_refresh_token(conn: &mut Conn, token_hash: &str) -> Result<Option<RefreshToken>> {
    let query = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(token_hash.to_owned()));
    Ok(query.select(RefreshToken::as_select()).first(conn).optional()?)
}

pub(super) fn set_used(conn: &mut Conn, id: RefreshTokenId, at: Timestamp) -> Result<()> {
    diesel::update(refresh_tokens::table.find(id)).set(refresh_tokens::used_at.eq(at)).execute(conn)?;
    Ok(())
}

/// Gives how many tokens that were good no longer are.
pub(super) fn revoke_family(conn: &mut Conn, family: TokenFamilyId, at: Timestamp) -> Result<usize> {
    let good = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(family))
        .filter(refresh_tokens::revoked_at.is_null());
    Ok(diesel::update(good).set(refresh_tokens::revoked_at.eq(at)).execute(conn)?)
}

/// Ends all of a person's sign-ins by token.
pub(super) fn revoke_all(conn: &mut Conn, user: UserId, at: Timestamp) -> Result<()> {
    let good = refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::revoked_at.is_null());
    diesel::update(good).set(refresh_tokens::revoked_at.eq(at)).execute(conn)?;
    Ok(())
}

/// The failures since an instant, newest first, at most `most`.
pub(super) fn list_failures(
    conn: &mut Conn,
    subject: &str,
    since: Timestamp,
    most: i64,
) -> Result<Vec<Timestamp>> {
    let query = sign_in_failures::table
        .filter(sign_in_failures::subject_hash.eq(subject.to_owned()))
        .filter(sign_in_failures::failed_at.gt(since))
        .order(sign_in_failures::failed_at.desc())
        .select(sign_in_failures::failed_at)
        .limit(most);
    Ok(query.load(conn)?)
}

pub(super) fn insert_failure(conn: &mut Conn, subject: &str, at: Timestamp) -> Result<()> {
    diesel::insert_into(sign_in_failures::table)
        .values((
            sign_in_failures::id.eq(SignInFailureId::fresh()),
            sign_in_failures::subject_hash.eq(subject.to_owned()),
            sign_in_failures::failed_at.eq(at),
        ))
        .execute(conn)?;
    Ok(())
}

pub(in crate::accounts) fn delete_failures(conn: &mut Conn, subject: &str) -> Result<()> {
    diesel::delete(sign_in_failures::table.filter(sign_in_failures::subject_hash.eq(subject.to_owned())))
        .execute(conn)?;
    Ok(())
}

/// Gives how many rows were deleted.
pub(super) fn delete_before(conn: &mut Conn, failures: Timestamp, tokens: Timestamp) -> Result<usize> {
    let failures = sign_in_failures::table.filter(sign_in_failures::failed_at.lt(failures));
    let tokens = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(tokens));
    Ok(diesel::delete(failures).execute(conn)? + diesel::delete(tokens).execute(conn)?)
}
