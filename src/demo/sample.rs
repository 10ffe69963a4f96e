//! What is played: the fund, its round, the assessors and the bids, as read from `data/`.
//!
//! Rules, contents and facts stay JSON here: they go to the API as they are, as any client's would.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::Timestamp;

/// Everything that is played.
pub(super) struct Sample {
    pub plan: Plan,
    pub assessors: Vec<Assessor>,
    /// In the order in which they are made, which routing's last tie-break follows.
    pub bids: Vec<Bid>,
    /// The one that comes after the deadline.
    pub late_bid: Bid,
    pub phrases: Phrases,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plan {
    pub fund: Value,
    pub timeline: Timeline,
    pub people: People,
    pub round: RoundPlan,
    /// Assessors who come into the pool only when the forecast shows that they are needed.
    pub joins_late: Vec<String>,
    pub decline: Decline,
    pub resubmitted: Resubmitted,
    pub disagreement: Disagreement,
    pub conditions: Conditions,
    /// What the first provider has written of a bid to the round that stays open.
    pub begun_bid: Value,
}

/// When each act happens.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Timeline {
    pub begins: Timestamp,
    pub opens: Timestamp,
    pub deadline: Timestamp,
    pub late_attempt: Timestamp,
    pub assessment_starts: Timestamp,
    pub offers_answered: Timestamp,
    pub assessed: Timestamp,
    pub assessments_due: Timestamp,
    pub panel: Timestamp,
    pub closes: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct People {
    pub admin: Named,
    pub auditor: Named,
    /// Everybody's.
    pub password: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    pub name: String,
    pub email: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoundPlan {
    pub code: String,
    pub name: String,
    pub rules: Value,
}

/// The assessor who declines the first bid that is offered.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Decline {
    pub assessor: String,
    pub reason: String,
}

/// The bid that is sent with a wrong amount, withdrawn and sent again.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Resubmitted {
    pub bid: String,
    pub amount_first_pence: i64,
    pub reason: String,
}

/// The bid of which one assessor thinks far less than the others, and what the panel makes of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disagreement {
    pub bid: String,
    pub criterion: String,
    pub score: i32,
    pub justification: String,
    pub moderated: i32,
    pub reason: String,
}

/// The bid that is awarded with conditions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conditions {
    pub bid: String,
    pub conditions: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Assessor {
    pub key: String,
    pub name: String,
    pub email: String,
    pub areas: Vec<String>,
    /// Themes that they know, by key, each with their expertise in it.
    pub themes: BTreeMap<String, u8>,
    pub capacity: u32,
    pub minimum: u32,
    /// Tenths of a level by which this person marks higher (or, negative, lower) than the rest.
    pub leniency: i32,
    pub interest: Option<Interest>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Interest {
    pub severity: String,
    /// The key of the provider's bid.
    pub provider: String,
    pub description: String,
    /// The administrator's reason for overriding it.
    pub overridden: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bid {
    pub key: String,
    pub provider: Provider,
    pub contact: Named,
    /// What the assessors make of each answer on average, in tenths of a level.
    pub quality: BTreeMap<String, i32>,
    /// What there is to say of each answer.
    pub remarks: BTreeMap<String, Remark>,
    pub content: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub name: String,
    pub registered_number: String,
}

/// A noun phrase for what is good in an answer, and an indirect question that it leaves open.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Remark {
    pub strength: String,
    pub gap: String,
}

/// Sentences that assessors choose from.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Phrases {
    pub high: Band,
    pub middle: Band,
    pub low: Band,
    pub overall: Vec<String>,
    pub note: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Band {
    pub justification: Vec<String>,
    pub feedback: Vec<String>,
}

impl Sample {
    /// Reads the files that were compiled in.
    ///
    /// # Errors
    /// None in a program whose tests pass.
    pub fn load() -> anyhow::Result<Self> {
        Ok(Self {
            plan: serde_json::from_str(include_str!("data/fund.json")).context("data/fund.json")?,
            assessors: serde_json::from_str(include_str!("data/assessors.json"))
                .context("data/assessors.json")?,
            bids: serde_json::from_str(include_str!("data/bids.json")).context("data/bids.json")?,
            late_bid: serde_json::from_str(include_str!("data/late_bid.json"))
                .context("data/late_bid.json")?,
            phrases: serde_json::from_str(include_str!("data/phrases.json")).context("data/phrases.json")?,
        })
    }

    /// The bid of this key.
    ///
    /// # Errors
    /// There is none.
    pub fn bid(&self, key: &str) -> anyhow::Result<&Bid> {
        self.bids.iter().find(|bid| bid.key == key).with_context(|| format!("the sample has no bid {key}"))
    }
}
