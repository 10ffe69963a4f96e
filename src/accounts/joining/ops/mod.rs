//! Use cases of joining: here registering and passwords, and the links that all of them share.

mod administrators;
mod invitations;

use chrono::Duration;
use serde_json::json;

use super::store::{self, Link, Purpose};
use crate::accounts::inputs::{
    Check, ForgottenPassword, LinkAnswer, NewPassword, Registration, normal_email,
};
use crate::accounts::model::{Organisation, User};
use crate::accounts::sign_in;
use crate::accounts::store as people;
use crate::audit;
use crate::auth::secrets::{hash_aside, random_secret, sha256};
use crate::auth::{Actor, Role};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::id::{LinkId, OrganisationId, UserId};
use crate::mail::messages::{Confirmation, PasswordReset};
use crate::mail::{Message, Promise, Recipient, outbox};
use crate::platform::Platform;
use crate::problem::{Problem, Result};

pub use administrators::{create_admin, set_up, setup_token};
pub use invitations::{invite, invite_again, invite_assessor};

/// The most reset links that one person is sent in an hour, so that nobody's inbox can be filled.
const RESETS_PER_HOUR: i64 = 5;

fn link_refused() -> Problem {
    let told = "The link is not valid: it was used already, has expired, or was replaced by a newer one. Ask for a new one.";
    Problem::wrong_state(told)
}

fn fresh_user(
    email: &str,
    name: &str,
    role: Role,
    organisation_id: Option<OrganisationId>,
    now: Timestamp,
) -> User {
    User {
        id: UserId::fresh(),
        email: email.to_owned(),
        name: name.to_owned(),
        role,
        organisation_id,
        confirmed_at: None,
        disabled_at: None,
        created_at: now,
        version: 1,
    }
}

struct Sent {
    id: LinkId,
    token: String,
    expires_at: Timestamp,
}

fn make_link(tx: &mut Tx<'_>, user_id: Option<UserId>, purpose: Purpose, life: Duration) -> Result<Sent> {
    let token = random_secret("")?;
    let expires_at = tx.now.plus(life);
    let link = Link {
        id: LinkId::fresh(),
        user_id,
        purpose,
        token_hash: sha256(&token),
        created_at: tx.now,
        expires_at,
        used_at: None,
    };
    store::insert_link(tx.conn, &link)?;
    Ok(Sent { id: link.id, token, expires_at })
}

/// A link that can still be used, for one of these purposes.
fn open_link(tx: &mut Tx<'_>, token: &str, purposes: &[Purpose]) -> Result<Link> {
    store::find_link(tx.conn, &sha256(token))?
        .filter(|link| purposes.contains(&link.purpose) && link.used_at.is_none() && tx.now < link.expires_at)
        .ok_or_else(link_refused)
}

fn promise(tx: &mut Tx<'_>, on: &Platform, to: &User, message: Message, link: LinkId) -> Result<()> {
    let to = Recipient { email: to.email.clone(), name: to.name.clone() };
    let name = format!("link:{link}");
    outbox::promise(tx, &on.site, &[Promise { to, message, round: None, bid: None, name }])
}

// ---- registering ------------------------------------------------------------------------------

/// A registration whose shape is right.
#[derive(Clone)]
struct Checked {
    organisation_name: String,
    registered_number: String,
    name: String,
    email: String,
    password_hash: String,
}

async fn checked(on: &Platform, input: Registration) -> Result<Checked> {
    let mut check = Check::default();
    let organisation_name = check.name("/organisation/name", &input.organisation.name);
    let registered_number =
        check.number("/organisation/registered_number", &input.organisation.registered_number);
    let name = check.name("/name", &input.name);
    let email = check.email("/email", &input.email);
    check.password("/password", &input.password, &email, &on.site.service_name);
    check.done("Nothing was registered.")?;
    let password_hash = hash_aside(input.password.typed().to_owned()).await?;
    Ok(Checked { organisation_name, registered_number, name, email, password_hash })
}

/// The organisation and its first member, unconfirmed. A registration of the same number that
/// nobody confirmed gives way: else whoever typed a number first could keep its owner out.
fn insert_registration(tx: &mut Tx<'_>, input: &Checked) -> Result<(Organisation, User)> {
    let organisation = match people::find_organisation_by_number(tx.conn, &input.registered_number)? {
        Some(there) if people::has_confirmed_member(tx.conn, there.id, None)? => {
            return Err(Problem::exists(
                "An organisation with that number is registered. One of its members can invite you.",
            ));
        }
        Some(mut there) => {
            people::delete_pending_registrations(tx.conn, there.id)?;
            there.name.clone_from(&input.organisation_name);
            there.version += 1;
            people::set_organisation(tx.conn, &there)?;
            there
        }
        None => {
            let new = Organisation {
                id: OrganisationId::fresh(),
                name: input.organisation_name.clone(),
                registered_number: input.registered_number.clone(),
                created_at: tx.now,
                version: 1,
            };
            people::insert_organisation(tx.conn, &new)?;
            new
        }
    };
    let user = fresh_user(&input.email, &input.name, Role::Member, Some(organisation.id), tx.now);
    people::insert_user(tx.conn, &user, Some(&input.password_hash))?;
    Ok((organisation, user))
}

/// Registers an organisation and its first member, and promises the email that confirms the
/// address. An address that is here already is sent a way to its password instead; the answer is
/// the same.
///
/// # Errors
/// `forbidden`: registration is closed; `invalid`; `already-exists`: the organisation's number.
pub async fn register(on: &Platform, input: Registration, request_id: Option<String>) -> Result<()> {
    if !on.accounts.provider_registration {
        let told = format!("Registration is closed. Write to {} to take part.", on.site.contact_email);
        return Err(Problem::forbidden(told));
    }
    let input = checked(on, input).await?;
    let platform = on.clone();
    on.db
        .write(move |tx| {
            let on = &platform;
            let actor = Actor { request_id: request_id.clone(), ..Actor::system() };
            // The number is judged first, so that this refusal tells nothing of the address.
            if let Some(there) = people::find_organisation_by_number(tx.conn, &input.registered_number)?
                && people::has_confirmed_member(tx.conn, there.id, None)?
            {
                return Err(Problem::exists(
                    "An organisation with that number is registered. One of its members can invite you.",
                ));
            }
            if let Some(account) = people::find_email(tx.conn, &input.email)? {
                return send_reset(tx, on, &account.user, &actor);
            }
            let (organisation, user) = insert_registration(tx, &input)?;
            let life = Duration::hours(on.accounts.link_hours);
            let link = make_link(tx, Some(user.id), Purpose::Confirmation, life)?;
            let message = Confirmation {
                name: &user.name,
                organisation: &organisation.name,
                token: &link.token,
                expires_at: link.expires_at,
            };
            promise(tx, on, &user, message.render(&on.site)?, link.id)?;
            let detail = json!({"organisation_id": organisation.id, "registered_number": organisation.registered_number});
            audit::record(tx, &actor, "user.registered", user.id, None, detail)
        })
        .await
}

/// Registers and confirms in one go, without email: for the command line and the sample fund,
/// whose operator vouches for the address.
///
/// # Errors
/// `invalid`; `already-exists`.
pub async fn register_confirmed(on: &Platform, input: Registration) -> Result<User> {
    let input = checked(on, input).await?;
    on.db
        .write(move |tx| {
            if people::find_email(tx.conn, &input.email)?.is_some() {
                return Err(Problem::exists("Somebody with that address is here already."));
            }
            let (organisation, mut user) = insert_registration(tx, &input)?;
            confirm_user(tx, &mut user)?;
            let detail = json!({
                "organisation_id": organisation.id,
                "registered_number": organisation.registered_number,
                "confirmed_by": "operator",
            });
            audit::record(tx, &Actor::system(), "user.registered", user.id, None, detail)?;
            Ok(user)
        })
        .await
}

fn confirm_user(tx: &mut Tx<'_>, user: &mut User) -> Result<()> {
    user.confirmed_at = Some(tx.now);
    user.version += 1;
    people::set_user(tx.conn, user)
}

/// Refuses a registration whose organisation somebody else confirmed in the meantime.
fn refuse_if_overtaken(tx: &mut Tx<'_>, account: &people::Account) -> Result<()> {
    match account.user.organisation_id {
        Some(organisation)
            if account.is_pending_registration()
                && people::has_confirmed_member(tx.conn, organisation, Some(account.user.id))? =>
        {
            Err(Problem::wrong_state("The organisation has a member by now, who can invite you."))
        }
        Some(_) | None => Ok(()),
    }
}

/// Confirms an address, by the link that was sent to it.
///
/// # Errors
/// `wrong-state`: the link is not valid.
pub async fn confirm(on: &Platform, input: LinkAnswer, request_id: Option<String>) -> Result<User> {
    on.db
        .write(move |tx| {
            let link = open_link(tx, &input.token, &[Purpose::Confirmation])?;
            let account = link.user_id.map(|id| people::find_user(tx.conn, id)).transpose()?.flatten();
            let account =
                account.filter(|account| account.user.disabled_at.is_none()).ok_or_else(link_refused)?;
            refuse_if_overtaken(tx, &account)?;
            let mut user = account.user;
            store::set_used(tx.conn, link.id, tx.now)?;
            confirm_user(tx, &mut user)?;
            let actor = sign_in::ops::actor_of(&user, request_id.clone());
            audit::record(tx, &actor, "user.confirmed", user.id, None, json!({}))?;
            Ok(user)
        })
        .await
}

// ---- passwords --------------------------------------------------------------------------------

/// Promises a link to choose a new password, if the address is somebody's.
///
/// # Errors
/// `invalid`: it is no address.
pub async fn forget_password(
    on: &Platform,
    input: ForgottenPassword,
    request_id: Option<String>,
) -> Result<()> {
    let mut check = Check::default();
    check.email("/email", &input.email);
    check.done("Nothing was sent.")?;
    let (platform, email) = (on.clone(), normal_email(&input.email));
    on.db
        .write(move |tx| {
            let actor = Actor { request_id: request_id.clone(), ..Actor::system() };
            match people::find_email(tx.conn, &email)? {
                Some(account) => send_reset(tx, &platform, &account.user, &actor),
                None => Ok(()),
            }
        })
        .await
}

fn send_reset(tx: &mut Tx<'_>, on: &Platform, user: &User, actor: &Actor) -> Result<()> {
    let hour_ago = tx.now.plus(-Duration::hours(1));
    let sent = store::count_since(tx.conn, user.id, Purpose::PasswordReset, hour_ago)?;
    if user.disabled_at.is_some() || sent >= RESETS_PER_HOUR {
        return Ok(());
    }
    let link = make_link(tx, Some(user.id), Purpose::PasswordReset, Duration::hours(on.accounts.link_hours))?;
    let message = PasswordReset { name: &user.name, token: &link.token, expires_at: link.expires_at };
    promise(tx, on, user, message.render(&on.site)?, link.id)?;
    audit::record(tx, actor, "user.password_reset_sent", user.id, None, json!({}))
}

/// Sets the password that a reset or an invitation asked for, confirms the address (the link came
/// by it), and ends every sign-in and every other link.
///
/// # Errors
/// `wrong-state`: the link is not valid; `invalid`.
pub async fn set_password(on: &Platform, input: NewPassword, request_id: Option<String>) -> Result<User> {
    let mut check = Check::default();
    let name = input.name.as_deref().map(|typed| check.name("/name", typed));
    check.password("/password", &input.password, "", &on.site.service_name);
    check.done("The password was not set.")?;
    let hash = hash_aside(input.password.typed().to_owned()).await?;
    let service = on.site.service_name.clone();
    on.db
        .write(move |tx| {
            let link = open_link(tx, &input.token, &[Purpose::Invitation, Purpose::PasswordReset])?;
            let account = link.user_id.map(|id| people::find_user(tx.conn, id)).transpose()?.flatten();
            let account =
                account.filter(|account| account.user.disabled_at.is_none()).ok_or_else(link_refused)?;
            let mut check = Check::default();
            check.password("/password", &input.password, &account.user.email, &service);
            check.done("The password was not set.")?;
            refuse_if_overtaken(tx, &account)?;
            let mut user = account.user;
            if let Some(name) = &name {
                user.name.clone_from(name);
            }
            user.confirmed_at = user.confirmed_at.or(Some(tx.now));
            user.version += 1;
            people::set_user(tx.conn, &user)?;
            people::set_password(tx.conn, user.id, &hash)?;
            store::end_links_of(tx.conn, user.id, tx.now)?;
            sign_in::ops::end_all(tx, user.id)?;
            sign_in::store::delete_failures(tx.conn, &sign_in::ops::subject_of(&user.email))?;
            let actor = sign_in::ops::actor_of(&user, request_id.clone());
            audit::record(tx, &actor, "user.password_set", user.id, None, json!({"by": link.purpose}))?;
            Ok(user)
        })
        .await
}
