//! People, organisations, API clients, assessors' areas and interests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Role;
use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{BidId, ClientId, InterestId, OrganisationId, UserId};

/// A person with a sign-in. `organisation_id` is a member's provider, or an assessor's employer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: UserId,
    #[schema(example = "ada@example.org")]
    pub email: String,
    #[schema(example = "Ada Example")]
    pub name: String,
    pub role: Role,
    pub organisation_id: Option<OrganisationId>,
    /// When the address was proved to be theirs; `None` while an invitation is unanswered.
    pub confirmed_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub version: i32,
}

/// Which people: all conditions hold.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    pub role: Option<Role>,
    pub organisation: Option<OrganisationId>,
    /// Part of the name or the address, in either case.
    pub text: Option<String>,
}

/// An organisation that bids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organisation {
    pub id: OrganisationId,
    #[schema(example = "Calder Skills Trust")]
    pub name: String,
    /// Company, charity or UKPRN number: upper-case letters and digits.
    #[schema(example = "09000001")]
    pub registered_number: String,
    pub created_at: Timestamp,
    pub version: i32,
}

/// A provider's own system. Its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiClient {
    pub id: ClientId,
    pub organisation_id: OrganisationId,
    #[schema(example = "Bid writing system")]
    pub name: String,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// What routing needs to know of an assessor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssessorProfile {
    pub id: UserId,
    pub email: String,
    pub name: String,
    /// Registered number of the organisation that employs the assessor, if it has one here.
    pub employer_number: Option<String>,
    /// Codes of areas and groups that the assessor covers.
    #[schema(example = json!(["E10000017", "E06000009"]))]
    pub areas: Vec<String>,
    /// Themes that the assessor knows, by key, each with their expertise in it: 1 to 3, or 0 where nothing was said of it.
    #[schema(example = json!({"cyber": 3, "software": 0}))]
    pub themes: BTreeMap<String, u8>,
    pub disabled: bool,
    pub version: i32,
}

/// The greatest expertise in a theme.
pub const MOST_EXPERTISE: u8 = 3;

word_enum! {
    pub enum Severity {
        /// The pair is never routed.
        Hard = "hard",
        /// The pair is not routed unless an administrator overrides it, with a reason.
        Soft = "soft",
    }
}

/// A conflict of interest: with an organisation, by registered number, or with one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Interest {
    pub id: InterestId,
    pub assessor_id: UserId,
    pub severity: Severity,
    #[schema(example = "09000001")]
    pub registered_number: Option<String>,
    pub bid_id: Option<BidId>,
    #[schema(example = "I advised them on an earlier bid.")]
    pub description: String,
    pub declared_at: Timestamp,
    pub overridden_at: Option<Timestamp>,
    pub overridden_reason: Option<String>,
}

impl Interest {
    /// Whether it keeps the assessor from a bid of these organisations.
    #[must_use]
    pub fn bars(&self, bid: BidId, registered_numbers: &[&str]) -> bool {
        let concerns = self.bid_id == Some(bid)
            || self.registered_number.as_deref().is_some_and(|number| registered_numbers.contains(&number));
        let waived = self.severity == Severity::Soft && self.overridden_at.is_some();
        concerns && !waived
    }
}

/// A registered number as it is compared: upper-case letters and digits only.
#[must_use]
pub fn normal_number(number: &str) -> String {
    number.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// Whether it can be a registered number: 4 to 20 letters and digits, which spaces, hyphens, strokes and stops may part.
#[must_use]
pub fn is_number(typed: &str) -> bool {
    (4..=20).contains(&normal_number(typed).len())
        && typed.chars().all(|c| c.is_ascii_alphanumeric() || " -/.".contains(c))
}
