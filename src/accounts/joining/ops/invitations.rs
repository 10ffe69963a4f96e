//! Inviting people, and inviting them again.

use chrono::Duration;
use serde_json::json;

use super::{fresh_user, make_link, promise};
use crate::accounts::assessors::store as assessors;
use crate::accounts::inputs::{Check, NewUser};
use crate::accounts::joining::store::{self, Purpose};
use crate::accounts::model::User;
use crate::accounts::ops::by_a_person;
use crate::accounts::store as people;
use crate::audit;
use crate::auth::{Actor, Admin, Role};
use crate::db::Tx;
use crate::id::UserId;
use crate::mail::messages::Invitation;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};

/// Invites a person: an administrator anybody, a member a colleague.
///
/// # Errors
/// `forbidden`; `invalid`; `already-exists`; `not-found`: another organisation.
pub async fn invite(on: &Platform, actor: &Actor, input: NewUser, once: Once) -> Result<User> {
    let by = by_a_person(actor)?;
    let mut check = Check::default();
    let email = check.email("/email", &input.email);
    let name = check.name("/name", &input.name);
    let organisation = match actor.role {
        Some(Role::Admin) => match (input.role, input.organisation_id) {
            (Role::Member, None) => {
                check.fault("/organisation_id", "say which organisation the member belongs to");
                None
            }
            (Role::Admin | Role::Auditor, Some(_)) => {
                check.fault(
                    "/organisation_id",
                    "leave it out: only members and assessors have an organisation",
                );
                None
            }
            (Role::Admin | Role::Auditor | Role::Assessor | Role::Member, organisation) => organisation,
        },
        Some(Role::Member) => {
            if input.role != Role::Member {
                return Err(Problem::forbidden("A member can invite members of the same organisation only."));
            }
            if input.organisation_id.is_some_and(|other| Some(other) != actor.organisation) {
                return Err(Problem::not_found());
            }
            actor.organisation
        }
        Some(Role::Assessor | Role::Auditor) | None => {
            return Err(Problem::forbidden(
                "Only an administrator or a provider's member can invite people.",
            ));
        }
    };
    check.done("Nobody was invited.")?;
    let (platform, actor) = (on.clone(), actor.clone());
    once.write(&on.db, actor.who, move |tx| {
        if let Some(id) = organisation
            && people::find_organisation(tx.conn, id)?.is_none()
        {
            return Err(Problem::fault("/organisation_id", "there is no such organisation"));
        }
        if people::find_email(tx.conn, &email)?.is_some() {
            return Err(Problem::exists("Somebody with that address is here already."));
        }
        let user = fresh_user(&email, &name, input.role, organisation, tx.now);
        add(tx, &platform, &actor, by, &user)?;
        Ok(user)
    })
    .await
}

/// Invites an assessor, in the transaction of the use case that lists many. Nobody has the address yet, and
/// it and the name are as [`read_person`](crate::accounts::inputs::read_person) gave them.
///
/// # Errors
/// `already-exists`; the database's own.
pub fn invite_assessor(
    tx: &mut Tx<'_>,
    on: &Platform,
    admin: &Admin,
    email: &str,
    name: &str,
) -> Result<UserId> {
    let user = fresh_user(email, name, Role::Assessor, None, tx.now);
    add(tx, on, admin, admin.id, &user)?;
    Ok(user.id)
}

fn add(tx: &mut Tx<'_>, on: &Platform, actor: &Actor, by: UserId, user: &User) -> Result<()> {
    people::insert_user(tx.conn, user, None)?;
    if user.role == Role::Assessor {
        assessors::insert_assessor(tx.conn, user.id)?;
    }
    send_invitation(tx, on, by, user)?;
    let detail = json!({"role": user.role, "organisation_id": user.organisation_id});
    audit::record(tx, actor, "user.invited", user.id, None, detail)
}

/// Sends a fresh invitation to somebody who has not answered; the one before stops working.
///
/// # Errors
/// `not-found`; `wrong-state`: they answered, registered themselves, or are disabled.
pub async fn invite_again(on: &Platform, actor: &Actor, id: UserId) -> Result<User> {
    let by = by_a_person(actor)?;
    let (platform, actor) = (on.clone(), actor.clone());
    on.db
        .write(move |tx| {
            let account = people::find_user(tx.conn, id)?.ok_or_else(Problem::not_found)?;
            let user = account.user;
            match actor.role {
                Some(Role::Admin) => {}
                Some(Role::Member) => {
                    let colleague = user.role == Role::Member && user.organisation_id == actor.organisation;
                    if !colleague {
                        return Err(Problem::not_found());
                    }
                }
                Some(Role::Assessor | Role::Auditor) | None => {
                    return Err(Problem::forbidden(
                        "Only an administrator or a provider's member can invite people.",
                    ));
                }
            }
            if user.confirmed_at.is_some() || account.password_hash.is_some() || user.disabled_at.is_some() {
                return Err(Problem::wrong_state(
                    "Only somebody whose invitation is open can be invited again.",
                ));
            }
            store::end_links_of(tx.conn, user.id, tx.now)?;
            send_invitation(tx, &platform, by, &user)?;
            audit::record(tx, &actor, "user.invited_again", user.id, None, json!({}))?;
            Ok(user)
        })
        .await
}

fn send_invitation(tx: &mut Tx<'_>, on: &Platform, by: UserId, user: &User) -> Result<()> {
    let inviter = people::find_user(tx.conn, by)?
        .filter(|account| account.user.disabled_at.is_none())
        .ok_or_else(|| Problem::forbidden("Your account is disabled."))?;
    let organisation = match user.organisation_id {
        Some(id) => people::find_organisation(tx.conn, id)?.map(|organisation| organisation.name),
        None => None,
    };
    let as_what = match (user.role, organisation) {
        (Role::Admin, _) => "an administrator".to_owned(),
        (Role::Auditor, _) => "an auditor".to_owned(),
        (Role::Assessor, _) => "an assessor".to_owned(),
        (Role::Member, Some(name)) => format!("a member of {name}"),
        (Role::Member, None) => "a member".to_owned(),
    };
    let link =
        make_link(tx, Some(user.id), Purpose::Invitation, Duration::days(on.accounts.invitation_days))?;
    let message = Invitation {
        name: &user.name,
        as_what: &as_what,
        invited_by: &inviter.user.name,
        token: &link.token,
        expires_at: link.expires_at,
    };
    promise(tx, on, user, message.render(&on.site)?, link.id)
}
