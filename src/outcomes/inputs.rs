//! Inputs: everything that a round's outcomes depend on, as one value with one canonical text.
//!
//! The text is JSON with sorted names and no spaces, so that the same inputs have the same text, and
//! the same SHA-256, on every machine and either database. Its order is fixed too: bids by
//! reference, assessments by id. It holds no person's name or address, only ids, so that it can be
//! disclosed whole.
//!
//! Must not know: storage, the time, how anything is decided.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::decide::Override;
use super::draw::Draw;
use crate::assessments::model::Recommendation;
use crate::auth::secrets::Sum;
use crate::bids::model::{BidStatus, Eligibility};
use crate::canonical::canonical_pieces;
use crate::id::{AssessmentId, BidId, FundId, ModerationId, OrganisationId, RoundId, RulingId, UserId};
use crate::money::Pence;
use crate::rounds::rules::Rules;

/// Which form of the text this program writes. A later program reads all earlier ones.
pub const FORMAT: u32 = 1;

/// Everything that a round's outcomes depend on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    pub format: u32,
    pub fund_id: FundId,
    pub fund: String,
    pub round_id: RoundId,
    pub round_code: String,
    pub round: String,
    pub rules: Rules,
    /// By key of the pot: those of the bids' areas that lie in it, hold it or overlap it.
    pub pot_areas: BTreeMap<String, BTreeSet<String>>,
    /// By reference.
    pub bids: Vec<BidInput>,
    /// The panel's order of tied bids.
    pub tie_order: Option<TieOrder>,
    /// Where the rules announce a draw between equals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw: Option<Draw>,
}

/// One received bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidInput {
    pub id: BidId,
    pub reference: String,
    /// The version that stands.
    pub number: u32,
    pub title: String,
    pub organisation_id: OrganisationId,
    pub organisation: String,
    pub areas: Vec<String>,
    pub amount_requested_pence: Pence,
    pub status: BidStatus,
    pub eligibility: Eligibility,
    pub eligibility_reason: Option<String>,
    /// The assessments that count, by id.
    pub assessments: Vec<AssessmentInput>,
    /// Submitted assessments that do not count, by id.
    pub set_aside: Vec<SetAside>,
    /// The moderation that stands, by the name of what is scored.
    pub moderated: BTreeMap<String, Moderated>,
    pub excluded: Option<Ruled>,
    pub accepted_short: Option<Ruled>,
    pub disagreement_accepted: Option<Ruled>,
    pub overridden: Option<Overridden>,
}

/// A submitted, current, unconflicted assessment: its scores and what it says to the bidder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssessmentInput {
    pub id: AssessmentId,
    pub assessor_id: UserId,
    /// How often it was submitted.
    pub number: u32,
    /// By the name of what is scored: `need`, or `delivery.plan`.
    pub scores: BTreeMap<String, i32>,
    /// By the name of what is scored; only what is not blank.
    pub feedback: BTreeMap<String, String>,
    pub overall_feedback: String,
    #[serde(default)]
    pub in_scope: Option<bool>,
    #[serde(default)]
    pub recommendation: Option<Recommendation>,
}

/// A submitted assessment that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetAside {
    pub id: AssessmentId,
    pub assessor_id: UserId,
    pub because: Because,
}

/// Why an assessment does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Its assignment was declined or released.
    NotAssigned,
    /// The assessor has a conflict of interest with the bid.
    Conflict,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moderated {
    pub id: ModerationId,
    pub score: i32,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruled {
    pub id: RulingId,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Overridden {
    pub id: RulingId,
    pub decision: Override,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TieOrder {
    pub id: RulingId,
    /// References, best first.
    pub bids: Vec<String>,
    pub reason: String,
}

impl BidInput {
    /// Whether it was withdrawn before the deadline.
    #[must_use]
    pub fn is_withdrawn(&self) -> bool {
        self.status == BidStatus::Withdrawn
    }
}

impl Inputs {
    /// SHA-256 of the canonical text.
    ///
    /// # Errors
    /// As [`Self::canonical`].
    pub fn sha256(&self) -> Result<String, serde_json::Error> {
        let mut sum = Sum::default();
        for piece in self.canonical()? {
            sum.add(piece?);
        }
        Ok(sum.hex())
    }

    /// The canonical text, in small pieces: of a large round it is tens of megabytes.
    ///
    /// # Errors
    /// A value cannot be written as JSON, which none of these types allows.
    pub fn canonical(
        &self,
    ) -> Result<impl Iterator<Item = Result<String, serde_json::Error>>, serde_json::Error> {
        let all_but_bids = Self {
            format: self.format,
            fund_id: self.fund_id,
            fund: self.fund.clone(),
            round_id: self.round_id,
            round_code: self.round_code.clone(),
            round: self.round.clone(),
            rules: self.rules.clone(),
            pot_areas: self.pot_areas.clone(),
            bids: Vec::new(),
            tie_order: self.tie_order.clone(),
            draw: self.draw.clone(),
        };
        Ok(canonical_pieces(&serde_json::to_value(all_but_bids)?, "bids", &self.bids))
    }

    /// Keys of the pots that may pay the bid, in the announced order.
    #[must_use]
    pub fn pots_of(&self, bid: &BidInput) -> Vec<String> {
        let holds = |key: &str| {
            self.pot_areas.get(key).is_some_and(|areas| bid.areas.iter().any(|area| areas.contains(area)))
        };
        self.rules.pots.iter().map(|pot| &pot.key).filter(|key| holds(key)).cloned().collect()
    }

    /// The bids that were received and not withdrawn.
    pub fn received(&self) -> impl Iterator<Item = &BidInput> {
        self.bids.iter().filter(|bid| !bid.is_withdrawn())
    }

    /// For each pot, in the announced order: its key, its name and how many received bids cover it.
    #[must_use]
    pub fn received_by_pot(&self) -> Vec<(&str, &str, usize)> {
        let pots: Vec<Vec<String>> = self.received().map(|bid| self.pots_of(bid)).collect();
        let count = |key: &String| pots.iter().filter(|keys| keys.contains(key)).count();
        self.rules.pots.iter().map(|pot| (pot.key.as_str(), pot.name.as_str(), count(&pot.key))).collect()
    }

    /// "21 bids in total were received, 5 covering the Lancashire area".
    #[must_use]
    pub fn received_sentence(&self) -> String {
        let mut sentence = match self.received().count() {
            1 => "1 bid in total was received".to_owned(),
            total => format!("{total} bids in total were received"),
        };
        let by_pot = self.received_by_pot();
        for (index, (_, name, bids)) in by_pot.iter().enumerate() {
            let joint = if index > 0 && index + 1 == by_pot.len() { " and" } else { "," };
            // Writing to a string cannot fail.
            let _ok = write!(sentence, "{joint} {bids} covering the {name} area");
        }
        sentence
    }
}
