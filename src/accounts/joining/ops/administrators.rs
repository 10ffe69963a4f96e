//! The first administrator, by the set-up link, and any of them from the command line.

use chrono::Duration;
use serde_json::json;

use super::{fresh_user, make_link, open_link};
use crate::accounts::inputs::{Check, FirstAdmin, Password};
use crate::accounts::joining::store::{self, Purpose};
use crate::accounts::model::User;
use crate::accounts::store as people;
use crate::audit;
use crate::auth::secrets::hash_aside;
use crate::auth::{Actor, Role};
use crate::db::Tx;
use crate::platform::Platform;
use crate::problem::{Problem, Result};

/// The token of a new set-up link, where there is no administrator yet. It replaces the one before.
///
/// # Errors
/// The database's own.
pub async fn setup_token(on: &Platform) -> Result<Option<String>> {
    let life = Duration::hours(on.accounts.link_hours);
    on.db
        .write(move |tx| {
            if !people::list_admins(tx.conn)?.is_empty() {
                return Ok(None);
            }
            store::delete_setup_links(tx.conn)?;
            Ok(Some(make_link(tx, None, Purpose::Setup, life)?.token))
        })
        .await
}

/// Makes the first administrator, by the set-up link.
///
/// # Errors
/// `invalid`; `wrong-state`: the link is not valid, or there is an administrator; `already-exists`.
pub async fn set_up(on: &Platform, input: FirstAdmin) -> Result<User> {
    let (email, name) = admin_input(on, &input.email, &input.name, &input.password)?;
    let hash = hash_aside(input.password.typed().to_owned()).await?;
    on.db
        .write(move |tx| {
            let link = open_link(tx, &input.token, &[Purpose::Setup])?;
            if !people::list_admins(tx.conn)?.is_empty() {
                return Err(Problem::wrong_state("There is an administrator already, who can invite you."));
            }
            store::set_used(tx.conn, link.id, tx.now)?;
            insert_admin(tx, &email, &name, &hash, "set-up link")
        })
        .await
}

/// Makes an administrator, for the command line: an operator of the machine vouches for the address.
///
/// # Errors
/// `invalid`; `already-exists`.
pub async fn create_admin(on: &Platform, email: &str, name: &str, password: &str) -> Result<User> {
    let password = Password::new(password);
    let (email, name) = admin_input(on, email, name, &password)?;
    let hash = hash_aside(password.typed().to_owned()).await?;
    on.db.write(move |tx| insert_admin(tx, &email, &name, &hash, "command line")).await
}

fn admin_input(on: &Platform, email: &str, name: &str, password: &Password) -> Result<(String, String)> {
    let mut check = Check::default();
    let email = check.email("/email", email);
    let name = check.name("/name", name);
    check.password("/password", password, &email, &on.site.service_name);
    check.done("The administrator was not made.")?;
    Ok((email, name))
}

fn insert_admin(tx: &mut Tx<'_>, email: &str, name: &str, hash: &str, by: &str) -> Result<User> {
    if people::find_email(tx.conn, email)?.is_some() {
        return Err(Problem::exists("Somebody with that address is here already."));
    }
    let user = User { confirmed_at: Some(tx.now), ..fresh_user(email, name, Role::Admin, None, tx.now) };
    people::insert_user(tx.conn, &user, Some(hash))?;
    audit::record(tx, &Actor::system(), "user.admin_made", user.id, None, json!({"by": by}))?;
    Ok(user)
}
