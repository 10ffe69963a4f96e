//! Bids and the rules of a complete one.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::secrets::sha256;
use crate::canonical::canonical;
use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{BidId, OrganisationId, RoundId};
use crate::money::Pence;
use crate::problem::{Problem, Result};

word_enum! {
    pub enum BidStatus {
        Draft = "draft",
        Submitted = "submitted",
        Withdrawn = "withdrawn",
    }
}

word_enum! {
    /// `unchecked` counts as eligible until somebody says otherwise; a wrong gateway answer says so.
    pub enum Eligibility {
        Unchecked = "unchecked",
        Eligible = "eligible",
        Ineligible = "ineligible",
    }
}

word_enum! {
    /// The order of received bids in a list.
    pub enum BidOrder {
        Reference = "reference",
        Organisation = "organisation",
        Smallest = "amount",
        Largest = "-amount",
        Oldest = "submitted",
        Newest = "-submitted",
    }
}

/// What a provider writes. A draft may be incomplete; every field may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BidContent {
    #[schema(example = "Digital skills for advanced manufacturing")]
    pub title: String,
    pub summary: String,
    /// Codes of the areas that the bid covers, inside the fund's.
    #[schema(example = json!(["E07000117", "E07000122"]))]
    pub areas: Vec<String>,
    /// Keys of the round's themes that the bid is about, at most three. Left out where there are none, so that the hash of
    /// a content without themes is what it was before there were any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["cyber"]))]
    pub themes: Vec<String>,
    pub lead_contact: Option<Contact>,
    pub partners: Vec<Partner>,
    #[schema(value_type = Option<i64>, example = 15_000_000)]
    pub amount_requested_pence: Option<Pence>,
    #[schema(value_type = Option<i64>, example = 2_500_000)]
    pub match_funding_pence: Option<Pence>,
    #[schema(example = 120)]
    pub planned_learners: Option<u32>,
    #[schema(example = "2027-01-11")]
    pub starts_on: Option<NaiveDate>,
    #[schema(example = "2027-12-17")]
    pub ends_on: Option<NaiveDate>,
    /// An answer for each criterion, by its key.
    #[schema(example = json!({"need": "Employers in Burnley report forty unfilled vacancies."}))]
    pub answers: BTreeMap<String, String>,
    /// An answer for each gateway, by its key.
    #[schema(example = json!({"registered": true}))]
    pub gateway_answers: BTreeMap<String, bool>,
    /// Keys of the declarations that are confirmed.
    #[schema(example = json!(["accurate"]))]
    pub declarations: Vec<String>,
}

/// The person who answers for a bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    #[schema(example = "Priya Example")]
    pub name: String,
    #[schema(example = "priya@calder.example.org")]
    pub email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "01632 960001")]
    pub phone: Option<String>,
}

/// An organisation that bids together with the lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    #[schema(example = "Pennine Software Cooperative")]
    pub name: String,
    #[schema(example = "09000002")]
    pub registered_number: String,
}

/// A bid as its owner and the administrators see it. `content` is the working draft; what was
/// submitted is in its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bid {
    pub id: BidId,
    pub round_id: RoundId,
    pub organisation_id: OrganisationId,
    /// What people read out.
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub status: BidStatus,
    pub content: BidContent,
    /// Which of its versions stands, counted from 1; `None` before the first submission.
    pub submitted_number: Option<u32>,
    pub submitted_at: Option<Timestamp>,
    /// Whether `content` differs from the version that stands.
    pub has_unsubmitted_changes: bool,
    pub withdrawn_at: Option<Timestamp>,
    /// To its bidder, until the round is closed, what its own answers to the gateways say.
    pub eligibility: Eligibility,
    pub eligibility_reason: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub version: i32,
}

/// A bid as it was received: what routing, assessing and deciding work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceivedBid {
    pub id: BidId,
    pub round_id: RoundId,
    pub reference: String,
    pub organisation_id: OrganisationId,
    pub organisation_name: String,
    pub registered_number: String,
    /// `Submitted` or `Withdrawn`; drafts were never received.
    pub status: BidStatus,
    /// The content of the version that stands.
    pub content: BidContent,
    pub number: u32,
    pub submitted_at: Timestamp,
    /// `user:ID` or `client:ID`.
    pub submitted_by: String,
    pub eligibility: Eligibility,
    pub eligibility_reason: Option<String>,
}

/// What of a received bid says who may assess it, and how it is named; nothing of its answers, which are most of a bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidToAssess {
    pub id: BidId,
    pub reference: String,
    pub title: String,
    pub organisation_name: String,
    /// Of the bidder and its partners, as they are compared.
    pub registered_numbers: Vec<String>,
    pub areas: Vec<String>,
    pub themes: Vec<String>,
}

impl ReceivedBid {
    /// What says who may assess it.
    #[must_use]
    pub fn to_assess(&self) -> BidToAssess {
        BidToAssess {
            id: self.id,
            reference: self.reference.clone(),
            title: self.content.title.clone(),
            organisation_name: self.organisation_name.clone(),
            registered_numbers: self.registered_numbers(),
            areas: self.content.areas.clone(),
            themes: self.content.themes.clone(),
        }
    }

    /// Registered numbers of the bidder and its partners, as they are compared.
    #[must_use]
    pub fn registered_numbers(&self) -> Vec<String> {
        let partners = self.content.partners.iter().map(|partner| partner.registered_number.as_str());
        std::iter::once(self.registered_number.as_str())
            .chain(partners)
            .map(crate::accounts::model::normal_number)
            .collect()
    }

    /// Whether it goes to assessors.
    #[must_use]
    pub fn is_assessed(&self) -> bool {
        self.status == BidStatus::Submitted && self.eligibility != Eligibility::Ineligible
    }
}

impl BidContent {
    /// SHA-256, in hexadecimal, of the content as JSON with its keys in order and no spaces.
    ///
    /// # Errors
    /// None in practice: every field can be written as JSON.
    pub fn sha256(&self) -> Result<String> {
        let value = serde_json::to_value(self).map_err(Problem::internal)?;
        Ok(sha256(canonical(&value)))
    }
}

/// A bid in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidSummary {
    pub id: BidId,
    pub round_id: RoundId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub title: String,
    pub organisation_id: OrganisationId,
    #[schema(example = "Calder Skills Trust")]
    pub organisation_name: String,
    #[schema(example = json!(["E07000117"]))]
    pub areas: Vec<String>,
    #[schema(value_type = Option<i64>, example = 15_000_000)]
    pub amount_requested_pence: Option<Pence>,
    pub status: BidStatus,
    pub eligibility: Eligibility,
    pub submitted_at: Option<Timestamp>,
}

/// A version as it was submitted; it never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidVersion {
    pub bid_id: BidId,
    /// Counted from 1.
    pub number: u32,
    pub content: BidContent,
    /// Of the content as JSON with its keys in order and no spaces: what the receipt names.
    pub content_sha256: String,
    pub submitted_at: Timestamp,
    /// `user:ID` or `client:ID`.
    pub submitted_by: String,
}

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidVersionSummary {
    /// Counted from 1.
    pub number: u32,
    pub content_sha256: String,
    pub submitted_at: Timestamp,
    /// `user:ID` or `client:ID`.
    pub submitted_by: String,
}

/// Why a bid is withdrawn, if its owner wants to say.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    #[serde(default)]
    #[schema(example = "Our partner can no longer take part.")]
    pub reason: Option<String>,
}

/// An administrator's word on whether a bid may be funded at all.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibilityDecision {
    #[schema(example = false)]
    pub eligible: bool,
    #[schema(example = "The lead organisation is not registered in the United Kingdom.")]
    pub reason: String,
}
