//! Signing in and out with a browser, and changing one's password there.

use std::sync::Arc;

use serde_json::json;

use super::{actor_of, end_all, proved};
use crate::accounts::inputs::{Check, Password};
use crate::accounts::store as people;
use crate::audit;
use crate::auth::secrets::hash_aside;
use crate::auth::{Session, sessions};
use crate::id::SessionId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};

/// Signs a person in by password, in a browser; gives the secret for its cookie. `before` ends: a
/// browser is one person at a time.
///
/// # Errors
/// As [`super::with_password`].
pub async fn open_session(
    on: &Platform,
    email: &str,
    password: Password,
    before: Option<SessionId>,
    request_id: Option<String>,
) -> Result<String> {
    let accounts = Arc::clone(&on.accounts);
    proved(on, email, password, move |tx, user| {
        if let Some(before) = before {
            sessions::end(tx, before)?;
        }
        let actor = actor_of(user, request_id.clone());
        audit::record(tx, &actor, "user.signed_in", user.id, None, json!({"in": "browser"}))?;
        sessions::start(tx, &accounts, user.id)
    })
    .await
}

/// Ends a browser's session.
///
/// # Errors
/// The database's own.
pub async fn close_session(on: &Platform, session: &Session) -> Result<()> {
    let session = session.clone();
    on.db
        .write(move |tx| {
            sessions::end(tx, session.id)?;
            audit::record(tx, &session.actor, "user.signed_out", session.user, None, json!({"in": "browser"}))
        })
        .await
}

/// Ends every sign-in of a person, this one too: browsers' sessions and refresh tokens.
///
/// # Errors
/// The database's own.
pub async fn sign_out_everywhere(on: &Platform, session: &Session) -> Result<()> {
    let session = session.clone();
    on.db
        .write(move |tx| {
            end_all(tx, session.user)?;
            audit::record(
                tx,
                &session.actor,
                "user.signed_out",
                session.user,
                None,
                json!({"in": "everywhere"}),
            )
        })
        .await
}

/// Sets another password for the person who is signed in and knows the present one. Every sign-in
/// ends; gives the secret of a new session for this browser.
///
/// # Errors
/// `invalid`: the new password; `invalid-grant`: the present one; `too-many-requests`.
pub async fn change_password(
    on: &Platform,
    session: &Session,
    present: Password,
    new: Password,
) -> Result<String> {
    let id = session.user;
    let found = on.db.read(move |conn| people::find_user(conn, id)).await?;
    let email = found.ok_or_else(Problem::not_found)?.user.email;
    let mut check = Check::default();
    check.password("/new_password", &new, &email, &on.site.service_name);
    check.done("The password was not changed.")?;
    let hash = hash_aside(new.typed().to_owned()).await?;
    let (accounts, actor) = (Arc::clone(&on.accounts), session.actor.clone());
    proved(on, &email, present, move |tx, user| {
        people::set_password(tx.conn, user.id, &hash)?;
        end_all(tx, user.id)?;
        audit::record(tx, &actor, "user.password_set", user.id, None, json!({"by": "themself"}))?;
        sessions::start(tx, &accounts, user.id)
    })
    .await
}
