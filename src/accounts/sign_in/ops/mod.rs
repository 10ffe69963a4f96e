//! Use cases of signing in: here by tokens, and what proves a person; in a browser, [`browser`].

pub mod browser;

use std::sync::Arc;

use chrono::Duration;
use serde_json::json;

use super::store::{self, RefreshToken};
use crate::accounts::inputs::{Password, normal_email};
use crate::accounts::model::User;
use crate::accounts::store as people;
use crate::audit;
use crate::auth::secrets::{matches_aside, random_secret, sha256};
use crate::auth::{Actor, Role, Who, sessions};
use crate::clock::Timestamp;
use crate::config::Accounts;
use crate::db::{Conn, Tx};
use crate::id::{ClientId, OrganisationId, RefreshTokenId, TokenFamilyId, UserId};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};

/// A caller who proved who they are; the signing keys make an access token of it.
#[derive(Debug)]
pub struct SignedIn {
    pub who: Who,
    pub role: Role,
    pub organisation: Option<OrganisationId>,
    /// Absent for API clients, who have their secret.
    pub refresh_token: Option<String>,
}

/// What a transaction decided, where a refusal must be kept too.
type Decided<T> = Result<T, Problem>;

fn wrong() -> Problem {
    Problem::new(Kind::InvalidGrant, "The address or the password is wrong, or the account cannot sign in.")
        .oauth("invalid_grant")
}

fn wrong_token() -> Problem {
    Problem::new(Kind::InvalidGrant, "The refresh token is not valid, or no longer valid. Sign in again.")
        .oauth("invalid_grant")
}

fn wrong_client() -> Problem {
    Problem::new(Kind::Unauthenticated, "The client id or its secret is wrong, or the client is revoked.")
        .oauth("invalid_client")
}

/// What failures are counted under; the address itself is not kept.
pub(in crate::accounts) fn subject_of(email: &str) -> String {
    sha256(format!("email:{email}"))
}

/// Refuses while there are too many failures within the window.
fn throttle(conn: &mut Conn, accounts: &Accounts, subject: &str, now: Timestamp) -> Result<()> {
    let window = Duration::minutes(accounts.sign_in_window_minutes);
    let failures = store::list_failures(conn, subject, now.plus(-window), accounts.sign_in_attempts)?;
    match failures.last() {
        Some(oldest)
            if i64::try_from(failures.len()).is_ok_and(|count| count >= accounts.sign_in_attempts) =>
        {
            let wait = (oldest.plus(window).micros() - now.micros()) / 1_000_000 + 1;
            let told = "Too many failed attempts. Wait a little, or reset the password.";
            Err(Problem::new(Kind::TooMany, told).retry_after(u32::try_from(wait).unwrap_or(60)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Signs a person in by password.
///
/// # Errors
/// `invalid-grant`: an unknown address, a wrong password, not confirmed, or disabled, all alike;
/// `too-many-requests`.
pub async fn with_password(
    on: &Platform,
    email: &str,
    password: Password,
    request_id: Option<String>,
) -> Result<SignedIn> {
    let accounts = Arc::clone(&on.accounts);
    proved(on, email, password, move |tx, user| {
        let refresh_token = start_family(tx, &accounts, user)?;
        let actor = actor_of(user, request_id.clone());
        audit::record(tx, &actor, "user.signed_in", user.id, None, json!({}))?;
        Ok(signed_in(user, refresh_token))
    })
    .await
}

/// Ends every sign-in of a person, as part of another act.
pub(in crate::accounts) fn end_all(tx: &mut Tx<'_>, user: UserId) -> Result<()> {
    store::revoke_all(tx.conn, user, tx.now)?;
    sessions::end_all(tx, user)
}

/// Runs `act` for the person whose address and password these are, in the transaction that judges
/// them. Failures count, and too many of them wait.
async fn proved<T: Send + 'static>(
    on: &Platform,
    email: &str,
    password: Password,
    mut act: impl FnMut(&mut Tx<'_>, &User) -> Result<T> + Send + 'static,
) -> Result<T> {
    let email = normal_email(email);
    let subject = subject_of(&email);
    let (accounts, now) = (Arc::clone(&on.accounts), on.db.clock().now());
    let found = {
        let (email, subject, accounts) = (email.clone(), subject.clone(), Arc::clone(&accounts));
        on.db
            .read(move |conn| {
                throttle(conn, &accounts, &subject, now)?;
                people::find_email(conn, &email)
            })
            .await?
    };
    let checked = found.and_then(|account| account.password_hash);
    // Nobody has a longer one, and hashing a megabyte is work for nothing.
    let possible = password.typed().len() <= 1_024;
    let typed = if possible { password.typed().to_owned() } else { String::new() };
    let matches = matches_aside(typed, checked.clone()).await? && possible;
    let decided: Decided<T> = on
        .db
        .write(move |tx| {
            if let Err(problem) = throttle(tx.conn, &accounts, &subject, tx.now) {
                return if problem.kind() == Kind::TooMany { Ok(Err(problem)) } else { Err(problem) };
            }
            // Read again: the password may have been changed while it was checked.
            let account = people::find_email(tx.conn, &email)?
                .filter(|account| matches && account.password_hash == checked && can_sign_in(&account.user));
            let Some(account) = account else {
                store::insert_failure(tx.conn, &subject, tx.now)?;
                return Ok(Err(wrong()));
            };
            store::delete_failures(tx.conn, &subject)?;
            act(tx, &account.user).map(Ok)
        })
        .await?;
    decided
}

fn can_sign_in(user: &User) -> bool {
    user.confirmed_at.is_some() && user.disabled_at.is_none()
}

/// A person, as the actor of an act of their own.
pub(in crate::accounts) fn actor_of(user: &User, request_id: Option<String>) -> Actor {
    Actor { who: Who::User(user.id), role: Some(user.role), organisation: user.organisation_id, request_id }
}

fn signed_in(user: &User, refresh_token: String) -> SignedIn {
    SignedIn {
        who: Who::User(user.id),
        role: user.role,
        organisation: user.organisation_id,
        refresh_token: Some(refresh_token),
    }
}

fn start_family(tx: &mut Tx<'_>, accounts: &Accounts, user: &User) -> Result<String> {
    issue(tx, accounts, user, TokenFamilyId::fresh())
}

fn issue(tx: &mut Tx<'_>, accounts: &Accounts, user: &User, family_id: TokenFamilyId) -> Result<String> {
    let token = random_secret("ftr_")?;
    let row = RefreshToken {
        id: RefreshTokenId::fresh(),
        family_id,
        user_id: user.id,
        token_hash: sha256(&token),
        created_at: tx.now,
        expires_at: tx.now.plus(Duration::days(accounts.refresh_days)),
        used_at: None,
        revoked_at: None,
    };
    store::insert_refresh_token(tx.conn, &row)?;
    Ok(token)
}

/// Gives the next token of a family. Reuse revokes the family, and that stays although the answer
/// is a refusal.
///
/// # Errors
/// `invalid-grant`.
pub async fn with_refresh_token(on: &Platform, token: &str, request_id: Option<String>) -> Result<SignedIn> {
    let (hash, accounts) = (sha256(token), Arc::clone(&on.accounts));
    let decided: Decided<SignedIn> = on
        .db
        .write(move |tx| {
            let Some(row) = store::find_refresh_token(tx.conn, &hash)? else { return Ok(Err(wrong_token())) };
            if row.revoked_at.is_some() {
                return Ok(Err(wrong_token()));
            }
            let Some(account) = people::find_user(tx.conn, row.user_id)? else {
                return Ok(Err(wrong_token()));
            };
            let actor = actor_of(&account.user, request_id.clone());
            if row.used_at.is_some() {
                store::revoke_family(tx.conn, row.family_id, tx.now)?;
                let detail = json!({"reason": "a used refresh token was presented again"});
                audit::record(tx, &actor, "user.sign_in_revoked", account.user.id, None, detail)?;
                return Ok(Err(wrong_token()));
            }
            if row.expires_at <= tx.now {
                return Ok(Err(wrong_token()));
            }
            if !can_sign_in(&account.user) {
                store::revoke_family(tx.conn, row.family_id, tx.now)?;
                return Ok(Err(wrong_token()));
            }
            store::set_used(tx.conn, row.id, tx.now)?;
            let next = issue(tx, &accounts, &account.user, row.family_id)?;
            Ok(Ok(signed_in(&account.user, next)))
        })
        .await?;
    decided
}

/// Signs a provider's system in by its secret.
///
/// # Errors
/// `unauthenticated`, OAuth's `invalid_client`; `too-many-requests`.
pub async fn with_client_secret(on: &Platform, id: &str, secret: &str) -> Result<SignedIn> {
    let (hash, accounts, now) = (sha256(secret), Arc::clone(&on.accounts), on.db.clock().now());
    let Some(id) = id.parse().ok().map(ClientId) else { return Err(wrong_client()) };
    let subject = sha256(format!("client:{id}"));
    let read = (subject.clone(), hash.clone(), Arc::clone(&accounts));
    // A right secret only reads, so that a busy system costs no write for each token.
    let (found, has_failures) = on
        .db
        .read(move |conn| {
            let (subject, hash, accounts) = read;
            throttle(conn, &accounts, &subject, now)?;
            let window = Duration::minutes(accounts.sign_in_window_minutes);
            let has_failures = !store::list_failures(conn, &subject, now.plus(-window), 1)?.is_empty();
            let found = people::find_client(conn, id)?;
            let found = found.filter(|found| found.secret_hash == hash && found.client.revoked_at.is_none());
            Ok((found.map(|found| found.client), has_failures))
        })
        .await?;
    match found {
        Some(client) => {
            if has_failures {
                on.db.write(move |tx| store::delete_failures(tx.conn, &subject)).await?;
            }
            Ok(SignedIn {
                who: Who::Client(client.id),
                role: Role::Member,
                organisation: Some(client.organisation_id),
                refresh_token: None,
            })
        }
        None => {
            on.db.write(move |tx| store::insert_failure(tx.conn, &subject, tx.now)).await?;
            Err(wrong_client())
        }
    }
}

/// Ends the sign-in that a refresh token belongs to. An unknown token needs no ending (RFC 7009).
///
/// # Errors
/// The database's own.
pub async fn revoke(on: &Platform, token: &str, request_id: Option<String>) -> Result<()> {
    let hash = sha256(token);
    on.db
        .write(move |tx| {
            let Some(row) = store::find_refresh_token(tx.conn, &hash)? else { return Ok(()) };
            let ended = store::revoke_family(tx.conn, row.family_id, tx.now)?;
            if let Some(account) = people::find_user(tx.conn, row.user_id)?.filter(|_| ended > 0) {
                let actor = actor_of(&account.user, request_id.clone());
                audit::record(tx, &actor, "user.signed_out", account.user.id, None, json!({}))?;
            }
            Ok(())
        })
        .await
}

/// Forgets failures past the window, refresh tokens that expired a month ago and sessions that ended
/// a week ago; gives how many rows. For the scheduler.
///
/// # Errors
/// The database's own.
pub async fn forget_old(on: &Platform) -> Result<usize> {
    let window = Duration::minutes(on.accounts.sign_in_window_minutes);
    on.db
        .write(move |tx| {
            let sessions = sessions::forget_old(tx)?;
            let others =
                store::delete_before(tx.conn, tx.now.plus(-window), tx.now.plus(-Duration::days(30)))?;
            Ok(sessions + others)
        })
        .await
}
