//! What people send about accounts, and how it is checked: every fault at once, each with its pointer.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::ValidateEmail;

use super::model::{Severity, is_number, normal_number};
use crate::auth::Role;
use crate::id::{BidId, OrganisationId};
use crate::problem::{Fault, Problem, Result};

/// A password as it was typed. It cannot be printed or sent back.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 12, max_length = 128, example = "correct horse battery")]
pub struct Password(String);

impl Password {
    #[must_use]
    pub fn new(typed: impl Into<String>) -> Self {
        Self(typed.into())
    }

    #[must_use]
    pub fn typed(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}

/// A provider that registers itself, with its first member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub organisation: NewOrganisation,
    #[schema(example = "Ada Example")]
    pub name: String,
    #[schema(example = "ada@example.org")]
    pub email: String,
    pub password: Password,
}

#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOrganisation {
    #[schema(example = "Calder Skills Trust")]
    pub name: String,
    /// Company, charity or UKPRN number; spaces and small letters do not matter.
    #[schema(example = "09000001")]
    pub registered_number: String,
}

/// The answer to a link.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkAnswer {
    /// From the link in the email.
    #[schema(example = "mVbUUn0Tq4yJrNO6Y0cJv1xW3o5kP1vC2m9wq6r8s7A")]
    pub token: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgottenPassword {
    #[schema(example = "ada@example.org")]
    pub email: String,
}

/// Answers an invitation or a password reset.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// From the link in the email.
    #[schema(example = "mVbUUn0Tq4yJrNO6Y0cJv1xW3o5kP1vC2m9wq6r8s7A")]
    pub token: String,
    pub password: Password,
    /// How the person wants to be called, where the invitation had it wrong.
    #[schema(example = "Ada Example")]
    pub name: Option<String>,
}

/// Makes the first administrator.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAdmin {
    /// From the set-up link that the service prints when it starts without an administrator.
    #[schema(example = "mVbUUn0Tq4yJrNO6Y0cJv1xW3o5kP1vC2m9wq6r8s7A")]
    pub token: String,
    #[schema(example = "alex@example.org")]
    pub email: String,
    #[schema(example = "Alex Admin")]
    pub name: String,
    pub password: Password,
}

/// Somebody to invite. A member can invite members of the same organisation only.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    #[schema(example = "sam@example.org")]
    pub email: String,
    #[schema(example = "Sam Assessor")]
    pub name: String,
    #[schema(example = "assessor")]
    pub role: Role,
    /// A member's provider (a member who invites may leave it out), or an assessor's employer.
    pub organisation_id: Option<OrganisationId>,
}

/// What an administrator can change of a person.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    #[schema(example = "Sam Assessor")]
    pub name: String,
    /// Whether sign-ins are refused.
    #[schema(example = false)]
    pub disabled: bool,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganisationChange {
    #[schema(example = "Calder Skills Trust")]
    pub name: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    #[schema(example = "Bid writing system")]
    pub name: String,
}

/// What an assessor covers.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessorChange {
    /// Codes of areas and groups.
    #[schema(example = json!(["E10000017", "E06000009"]))]
    pub areas: Vec<String>,
    /// Themes that the assessor knows, by key, each with their expertise in it: 1 to 3, or 0 where nothing is said of it.
    /// Left out, they stay as they are.
    #[serde(default)]
    #[schema(example = json!({"cyber": 3, "software": 0}))]
    pub themes: Option<BTreeMap<String, u8>>,
    /// Registered number of the organisation that employs the assessor. Left out, it stays as it
    /// is; empty text says that there is none.
    #[schema(example = "09000001")]
    pub employer_number: Option<String>,
}

/// A conflict of interest to declare: with an organisation or with a bid.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInterest {
    #[schema(example = "hard")]
    pub severity: Severity,
    #[schema(example = "09000001")]
    pub registered_number: Option<String>,
    pub bid_id: Option<BidId>,
    #[schema(example = "I advised them on an earlier bid.")]
    pub description: String,
}

#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Override {
    #[schema(example = "The advice ended three years ago and was unpaid.")]
    pub reason: String,
}

/// Collects faults while it takes what is right.
#[derive(Debug, Default)]
pub(in crate::accounts) struct Check {
    faults: Vec<Fault>,
}

impl Check {
    pub(in crate::accounts) fn fault(&mut self, pointer: &str, detail: impl Into<String>) {
        self.faults.push(Fault::new(pointer, detail));
    }

    /// # Errors
    /// `invalid`, where there was a fault. `what` says what was not done.
    pub(in crate::accounts) fn done(self, what: &'static str) -> Result<()> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::invalid(what, self.faults)) }
    }

    /// An address as it is compared and stored: trimmed and in lower case.
    pub(in crate::accounts) fn email(&mut self, pointer: &str, typed: &str) -> String {
        let email = normal_email(typed);
        if email.len() > 254 || email.chars().any(char::is_control) || !email.as_str().validate_email() {
            self.fault(pointer, "give one email address, such as ada@example.org");
        }
        email
    }

    /// A name for people to read: one line.
    pub(in crate::accounts) fn name(&mut self, pointer: &str, typed: &str) -> String {
        let name = typed.trim();
        if !(1..=200).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            self.fault(pointer, "give a name of 1 to 200 characters, on one line");
        }
        name.to_owned()
    }

    /// Words of explanation, of several lines if need be.
    pub(in crate::accounts) fn words(&mut self, pointer: &str, typed: &str) -> String {
        let words = typed.trim();
        if !(1..=2_000).contains(&words.chars().count()) {
            self.fault(pointer, "explain it in 1 to 2,000 characters");
        }
        words.to_owned()
    }

    pub(in crate::accounts) fn number(&mut self, pointer: &str, typed: &str) -> String {
        let number = normal_number(typed);
        if !is_number(typed) {
            self.fault(pointer, "give the registered number: 4 to 20 letters and digits, such as 09000001");
        }
        number
    }

    /// Length and obviousness only: rules of composition make passwords worse.
    pub(in crate::accounts) fn password(
        &mut self,
        pointer: &str,
        password: &Password,
        email: &str,
        service: &str,
    ) {
        let typed = password.typed();
        if !(12..=128).contains(&typed.chars().count()) {
            self.fault(pointer, "choose a password of 12 to 128 characters; a few unrelated words are good");
            return;
        }
        let lower = typed.trim().to_lowercase();
        let local = email.split('@').next().unwrap_or(email);
        if lower == email || lower == local || lower == service.to_lowercase() {
            self.fault(pointer, "choose a password that is not your address or the name of this service");
        } else if typed.chars().all(|c| typed.starts_with(c)) {
            self.fault(pointer, "choose a password that is not one character repeated");
        }
    }
}

/// A person's address and name as they are stored, for a list in which others stand too.
///
/// # Errors
/// What is wrong, at `/email` and `/name`.
pub fn read_person(email: &str, name: &str) -> Result<(String, String), Vec<Fault>> {
    let mut check = Check::default();
    let (email, name) = (check.email("/email", email), check.name("/name", name));
    if check.faults.is_empty() { Ok((email, name)) } else { Err(check.faults) }
}

/// An address as it is compared and stored.
#[must_use]
pub fn normal_email(typed: &str) -> String {
    typed.trim().to_lowercase()
}
