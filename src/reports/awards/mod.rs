//! Awards as the 360Giving Data Standard 1.4 has them: one grant for each awarded bid.
//!
//! What stands is published: an award that has ended since closing is none, and a promoted bid is one.
//!
//! Invariants:
//! - Nothing of a person is in them: no contact, no assessor, and no bid that was not awarded.
//! - Identifiers never change: a grant's is made of its bid's reference, a recipient's of its
//!   registered number.
//!
//! Must not know: storage, HTTP, how an award was decided.

mod flat;
mod organisations;
mod places;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Number;
use utoipa::ToSchema;

use super::names::Names;
use super::sheet::two_decimals;
use super::standing::{Standing, standing};
use crate::bids::model::ReceivedBid;
use crate::clock::Timestamp;
use crate::config::Awards as Settings;
use crate::id::BidId;
use crate::money::Pence;
use crate::outcomes::ops::Results;

pub use flat::sheet;
pub use organisations::Organisation;
pub use places::Place;

/// A round's awards, as they are published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AwardsPackage)]
pub struct Package {
    /// Of the standard.
    #[schema(example = "1.4")]
    pub version: &'static str,
    #[schema(example = "Fast Track Digital Workforce Fund, Round 1: awards")]
    pub title: String,
    /// When the awards were decided.
    pub issued: Timestamp,
    /// When any of them last changed.
    pub modified: Timestamp,
    /// Where the licence can be read.
    #[schema(example = "https://creativecommons.org/licenses/by/4.0/")]
    pub license: String,
    pub publisher: Organisation,
    pub grants: Vec<Grant>,
}

/// One award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    #[schema(example = "360G-fasttrack-FT1-7K3M-9Q")]
    pub id: String,
    #[schema(example = "Digital skills for advanced manufacturing")]
    pub title: String,
    pub description: String,
    #[schema(example = "GBP")]
    pub currency: String,
    /// In pounds.
    #[schema(value_type = f64, example = 150_000)]
    pub amount_applied_for: Number,
    /// In pounds.
    #[schema(value_type = f64, example = 150_000)]
    pub amount_awarded: Number,
    pub award_date: Timestamp,
    pub planned_dates: Vec<PlannedDates>,
    pub recipient_organization: Vec<Organisation>,
    pub funding_organization: Vec<Organisation>,
    pub beneficiary_location: Vec<Place>,
    pub grant_programme: Vec<Programme>,
    pub date_modified: Timestamp,
}

/// From the first day to the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PlannedDates {
    #[schema(value_type = String, format = DateTime, example = "2027-01-11T00:00:00Z")]
    pub start_date: Day,
    #[schema(value_type = String, format = DateTime, example = "2027-12-17T00:00:00Z")]
    pub end_date: Day,
}

/// A day, written as its first instant: the standard's dates have the format `date-time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day(NaiveDate);

impl std::fmt::Display for Day {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}T00:00:00Z", self.0)
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Programme {
    #[schema(example = "FT1")]
    pub code: String,
    #[schema(example = "Fast Track Digital Workforce Fund, Round 1")]
    pub title: String,
}

/// What awards are made of.
pub struct Awarded<'a> {
    pub results: &'a Results,
    pub currency: &'a str,
    /// The awarded bids as they were received.
    pub bids: &'a [ReceivedBid],
    pub names: &'a Names,
    pub settings: &'a Settings,
    pub closed_at: Timestamp,
}

impl Awarded<'_> {
    /// The awards of a closed round as they stand, in the order of the ranking.
    #[must_use]
    pub fn package(&self) -> Package {
        let bids: BTreeMap<BidId, &ReceivedBid> = self.bids.iter().map(|bid| (bid.id, bid)).collect();
        let awards = awards(self.results)
            .filter_map(|award| Some(self.grant(&award, bids.get(&award.at_closing.bid_id)?)));
        let inputs = &self.results.inputs;
        let changed_at = self.results.later_acts.last().map(|act| act.acted_at);
        Package {
            version: "1.4",
            title: format!("{}, {}: awards", inputs.fund, inputs.round),
            issued: self.closed_at,
            modified: changed_at.unwrap_or(self.closed_at),
            license: self.settings.licence.clone(),
            publisher: Organisation::funder(self.settings),
            grants: awards.collect(),
        }
    }

    fn grant(&self, award: &Standing, bid: &ReceivedBid) -> Grant {
        let inputs = &self.results.inputs;
        let planned = bid.content.starts_on.zip(bid.content.ends_on);
        let planned = planned.map(|(start, end)| PlannedDates { start_date: Day(start), end_date: Day(end) });
        let detail = &award.at_closing.detail;
        Grant {
            id: format!("{}-{}", self.settings.prefix, detail.reference),
            title: detail.title.clone(),
            description: bid.content.summary.clone(),
            currency: self.currency.to_owned(),
            amount_applied_for: pounds(bid.content.amount_requested_pence.unwrap_or(award.amount_pence)),
            amount_awarded: pounds(award.amount_pence),
            award_date: award.decided_at.unwrap_or(self.closed_at),
            planned_dates: planned.into_iter().collect(),
            recipient_organization: vec![Organisation::recipient(
                self.settings,
                &detail.organisation,
                &bid.registered_number,
            )],
            funding_organization: vec![Organisation::funder(self.settings)],
            beneficiary_location: places::places(self.names.tree(), &bid.content.areas),
            grant_programme: vec![Programme {
                code: inputs.round_code.clone(),
                title: format!("{}, {}", inputs.fund, inputs.round),
            }],
            date_modified: award.changed_at.unwrap_or(self.closed_at),
        }
    }
}

/// What stands awarded, in the order of the ranking.
pub fn awards(results: &Results) -> impl Iterator<Item = Standing<'_>> {
    standing(results).filter(|one| one.outcome.is_award())
}

/// Pounds as a JSON number, digit by digit: never through a binary fraction.
fn pounds(amount: Pence) -> Number {
    let digits = two_decimals(amount.0);
    let digits = digits.strip_suffix(".00").unwrap_or(&digits);
    // Digits with at most one point are always a number.
    serde_json::from_str(digits).unwrap_or_else(|_| Number::from(0))
}
