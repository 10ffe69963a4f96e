//! Words for people's roles and standing.

use crate::accounts::model::User;
use crate::auth::Role;

pub(super) const ROLES: [Role; 4] = [Role::Admin, Role::Assessor, Role::Member, Role::Auditor];

pub(super) const fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Admin => "Administrator",
        Role::Assessor => "Assessor",
        Role::Member => "Member of a provider",
        Role::Auditor => "Auditor",
    }
}

/// Whether a person can sign in, in a word, and the kind of its tag.
pub(super) const fn standing(user: &User) -> (&'static str, &'static str) {
    match (user.disabled_at, user.confirmed_at) {
        (Some(_), _) => ("Disabled", "bad"),
        (None, None) => ("Invited", "soon"),
        (None, Some(_)) => ("Active", "done"),
    }
}
