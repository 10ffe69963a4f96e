//! Use cases of assessors.

use std::collections::BTreeMap;

use serde_json::json;

use super::store;
use crate::accounts::inputs::{AssessorChange, Check, NewInterest, Override};
use crate::accounts::model::{AssessorProfile, Interest, MOST_EXPERTISE, Severity};
use crate::accounts::store as people;
use crate::areas;
use crate::audit;
use crate::auth::{Actor, Admin, Reader, Role, Who};
use crate::db::{Conn, Tx};
use crate::id::{InterestId, UserId, is_key};
use crate::once::Once;
use crate::platform::{Changed, Platform};
use crate::problem::{Problem, Result};
use crate::rest::{IfMatch, Paging, escaped};

/// The most themes of one assessor.
const MOST_THEMES: usize = 50;

/// An assessor is seen by those who read everything, and by nobody else but themself.
fn may_see(actor: &Actor, assessor: UserId) -> Result<()> {
    let own = actor.role == Some(Role::Assessor) && actor.who == Who::User(assessor);
    if actor.reads_everything() || own { Ok(()) } else { Err(Problem::not_found()) }
}

/// One page of assessors, in the order in which they were invited.
///
/// # Errors
/// The database's own.
pub async fn list(on: &Platform, _reader: &Reader, paging: Paging) -> Result<Vec<AssessorProfile>> {
    on.db.read(move |conn| store::list_profiles(conn, &paging)).await
}

/// # Errors
/// `not-found`.
pub async fn find(on: &Platform, actor: &Actor, id: UserId) -> Result<AssessorProfile> {
    may_see(actor, id)?;
    on.db.read(move |conn| store::find_profile(conn, id)?.ok_or_else(Problem::not_found)).await
}

/// Sets the areas that an assessor covers, the themes that they know, and the employer.
///
/// # Errors
/// `invalid`; `not-found`; `stale`.
pub async fn change(
    on: &Platform,
    admin: &Admin,
    id: UserId,
    if_match: IfMatch,
    change: AssessorChange,
) -> Result<AssessorProfile> {
    let (admin, platform) = (admin.clone(), on.clone());
    on.db
        .write(move |tx| {
            let before = store::find_profile(tx.conn, id)?.ok_or_else(Problem::not_found)?;
            if_match.check(before.version)?;
            let mut check = Check::default();
            let tree = areas::ops::tree(tx.conn)?;
            for fault in areas::ops::coverage_faults(&tree, "/areas", &change.areas) {
                check.fault(&fault.pointer, fault.detail);
            }
            theme_faults(&mut check, change.themes.as_ref());
            let employer = match change.employer_number.as_deref() {
                None => None,
                Some("") => Some(None),
                Some(typed) => {
                    let number = check.number("/employer_number", typed);
                    let employer = people::find_organisation_by_number(tx.conn, &number)?;
                    if employer.is_none() {
                        let detail =
                            "no organisation here has that number; declare a hard interest in it instead";
                        check.fault("/employer_number", detail);
                    }
                    Some(employer)
                }
            };
            check.done("The assessor was not changed.")?;
            if let Some(employer) = employer {
                let mut user = people::find_user(tx.conn, id)?.ok_or_else(Problem::not_found)?.user;
                user.organisation_id = employer.map(|employer| employer.id);
                user.version += 1;
                people::set_user(tx.conn, &user)?;
            }
            let themes = change.themes.as_ref().unwrap_or(&before.themes);
            store::set_cover(tx.conn, id, &change.areas, themes, before.version + 1)?;
            let after = store::find_profile(tx.conn, id)?.ok_or_else(Problem::not_found)?;
            let detail = json!({
                "from": before.areas, "to": after.areas,
                "themes_from": before.themes, "themes_to": after.themes,
                "employer_from": before.employer_number, "employer_to": after.employer_number,
            });
            audit::record(tx, &admin, "assessor.areas_set", id, None, detail)?;
            platform.changed(tx, &admin, Changed::Assessor(id), "an assessor's areas or themes changed")?;
            Ok(after)
        })
        .await
}

fn theme_faults(check: &mut Check, themes: Option<&BTreeMap<String, u8>>) {
    let Some(themes) = themes else { return };
    if themes.len() > MOST_THEMES {
        check.fault("/themes", format!("name at most {MOST_THEMES} themes"));
    }
    for (key, &expertise) in themes {
        let at = format!("/themes/{}", escaped(key));
        if !is_key(key) {
            check.fault(
                &at,
                "name themes by their keys: 1 to 40 lower-case letters, digits, hyphens or underscores",
            );
        } else if expertise > MOST_EXPERTISE {
            check.fault(&at, format!("give the expertise as 0 to {MOST_EXPERTISE}"));
        }
    }
}

/// Who has an address.
#[derive(Debug, Clone)]
pub enum Known {
    Assessor(AssessorProfile),
    /// Somebody who is not an assessor.
    Other(Role),
}

/// Who there is with these addresses, by address.
///
/// # Errors
/// The database's own.
pub fn known_by_address(conn: &mut Conn, emails: &[String]) -> Result<BTreeMap<String, Known>> {
    let everybody = people::list_users_by_email(conn, emails)?;
    let mut known: BTreeMap<String, Known> =
        everybody.into_iter().map(|user| (user.email, Known::Other(user.role))).collect();
    for profile in store::list_profiles_by_email(conn, emails)? {
        known.insert(profile.email.clone(), Known::Assessor(profile));
    }
    Ok(known)
}

/// Sets the areas that an assessor covers, in the transaction of the use case that lists many. The codes are
/// those of areas and groups.
///
/// # Errors
/// `not-found`; the database's own.
pub fn set_areas(tx: &mut Tx<'_>, admin: &Admin, id: UserId, areas: &[String]) -> Result<()> {
    let before = store::find_profile(tx.conn, id)?.ok_or_else(Problem::not_found)?;
    store::set_cover(tx.conn, id, areas, &before.themes, before.version + 1)?;
    let employer = &before.employer_number;
    let detail =
        json!({"from": before.areas, "to": areas, "employer_from": employer, "employer_to": employer});
    audit::record(tx, admin, "assessor.areas_set", id, None, detail)
}

/// One page of an assessor's interests, oldest first.
///
/// # Errors
/// `not-found`.
pub async fn list_interests(
    on: &Platform,
    actor: &Actor,
    id: UserId,
    paging: Paging,
) -> Result<Vec<Interest>> {
    may_see(actor, id)?;
    on.db
        .read(move |conn| {
            store::find_profile(conn, id)?.ok_or_else(Problem::not_found)?;
            store::list_interests(conn, id, &paging)
        })
        .await
}

/// Declares a conflict of interest: the assessor's own act, or an administrator's. What they were offered or accepted in
/// spite of it is taken back at once.
///
/// # Errors
/// `forbidden`; `invalid`; `not-found`.
pub async fn declare_interest(
    on: &Platform,
    actor: &Actor,
    assessor: UserId,
    input: NewInterest,
    once: Once,
) -> Result<Interest> {
    match actor.role {
        Some(Role::Admin) => {}
        Some(Role::Assessor) => may_see(actor, assessor)?,
        Some(Role::Member | Role::Auditor) | None => {
            return Err(Problem::forbidden("Only an assessor or an administrator can declare an interest."));
        }
    }
    let mut check = Check::default();
    let description = check.words("/description", &input.description);
    let number = input.registered_number.as_deref().map(|typed| check.number("/registered_number", typed));
    if number.is_some() == input.bid_id.is_some() {
        check.fault("", "say what the interest is in: either registered_number or bid_id");
    }
    check.done("The interest was not declared.")?;
    let (actor, platform) = (actor.clone(), on.clone());
    once.write(&on.db, actor.who, move |tx| {
        store::find_profile(tx.conn, assessor)?.ok_or_else(Problem::not_found)?;
        let interest = Interest {
            id: InterestId::fresh(),
            assessor_id: assessor,
            severity: input.severity,
            registered_number: number.clone(),
            bid_id: input.bid_id,
            description: description.clone(),
            declared_at: tx.now,
            overridden_at: None,
            overridden_reason: None,
        };
        store::insert_interest(tx.conn, &interest, &actor.who.to_string())?;
        let detail = json!({
            "assessor_id": assessor, "severity": interest.severity,
            "registered_number": interest.registered_number, "bid_id": interest.bid_id,
        });
        audit::record(tx, &actor, "interest.declared", interest.id, None, detail)?;
        platform.changed(tx, &actor, Changed::Assessor(assessor), "an interest declared")?;
        Ok(interest)
    })
    .await
}

/// Lets an assessor be routed in spite of a soft conflict.
///
/// # Errors
/// `invalid`: no reason; `wrong-state`: it is hard, or overridden already; `not-found`.
pub async fn override_interest(
    on: &Platform,
    admin: &Admin,
    id: InterestId,
    input: Override,
) -> Result<Interest> {
    let mut check = Check::default();
    let reason = check.words("/reason", &input.reason);
    check.done("The interest was not overridden.")?;
    let (admin, platform) = (admin.clone(), on.clone());
    on.db
        .write(move |tx| {
            let mut interest = store::find_interest(tx.conn, id)?.ok_or_else(Problem::not_found)?;
            match interest.severity {
                Severity::Hard => {
                    return Err(Problem::wrong_state("A hard conflict of interest cannot be overridden."));
                }
                Severity::Soft => {}
            }
            if interest.overridden_at.is_some() {
                return Err(Problem::wrong_state("This interest is overridden already."));
            }
            store::set_overridden(tx.conn, id, tx.now, &reason)?;
            interest.overridden_at = Some(tx.now);
            interest.overridden_reason = Some(reason.clone());
            let detail = json!({"assessor_id": interest.assessor_id, "reason": reason});
            audit::record(tx, &admin, "interest.overridden", id, None, detail)?;
            platform.changed(
                tx,
                &admin,
                Changed::Assessor(interest.assessor_id),
                "an interest overridden",
            )?;
            Ok(interest)
        })
        .await
}
