//! What closing tells, and whom: a letter to each bidder's people, a summary to each administrator.
//!
//! A letter goes to the bid's lead contact and to the person who submitted it, once where they are
//! one. A bid that its provider withdrew was answered when it was withdrawn and gets none.

use std::collections::BTreeMap;

use super::calendar::end_of_working_day;
use super::decide::Outcome;
use super::evaluate::{Evaluated, why_ineligible};
use super::inputs::{BidInput, Inputs};
use super::model::{BidOutcome, CriterionOutcome, SubCriterionOutcome};
use crate::clock::Timestamp;
use crate::id::BidId;
use crate::mail::messages::{CriterionResult, OutcomeLetter, RoundSummary, SubCriterionResult, Verdict};
use crate::mail::{Message, Promise, Recipient, Site};
use crate::problem::Result;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Audience {
    pub bidders: BTreeMap<BidId, Vec<Recipient>>,
    pub administrators: Vec<Recipient>,
}

/// A close at an instant, to be told of.
pub(super) struct Told<'a> {
    pub inputs: &'a Inputs,
    pub evaluated: &'a Evaluated,
    pub snapshot_sha256: &'a str,
    pub now: Timestamp,
}

impl Told<'_> {
    /// Every email of the close, each rendered when it is asked for: the bidders' in the order of the
    /// outcomes, then the administrators'. A bid whose outcome waits for a blocker has no letter yet.
    /// An item is an error where a template cannot be rendered.
    pub fn letters(&self, site: &Site, audience: &Audience) -> impl Iterator<Item = Result<Promise>> {
        let bids: BTreeMap<BidId, &BidInput> = self.inputs.bids.iter().map(|bid| (bid.id, bid)).collect();
        let told = self.evaluated.outcomes.iter().filter_map(move |outcome| {
            let bid = *bids.get(&outcome.bid_id)?;
            (!bid.is_withdrawn()).then_some((bid, outcome))
        });
        let bidders = told.flat_map(move |(bid, outcome)| {
            let people = audience.bidders.get(&bid.id).into_iter().flatten();
            people.filter_map(move |to| self.to_bidder(site, bid, outcome, to).transpose())
        });
        let administrators = audience.administrators.iter().map(move |to| self.to_administrator(site, to));
        bidders.chain(administrators)
    }

    fn to_bidder(
        &self,
        site: &Site,
        bid: &BidInput,
        outcome: &BidOutcome,
        to: &Recipient,
    ) -> Result<Option<Promise>> {
        let promise = |message| Promise {
            to: to.clone(),
            message,
            round: Some(self.inputs.round_id),
            bid: Some(bid.id),
            name: format!("outcome:{}:{}", bid.id, to.email),
        };
        Ok(self.letter(site, bid, outcome, to)?.map(promise))
    }

    fn to_administrator(&self, site: &Site, to: &Recipient) -> Result<Promise> {
        Ok(Promise {
            to: to.clone(),
            message: self.summary(site, to)?,
            round: Some(self.inputs.round_id),
            bid: None,
            name: format!("round_summary:{}:{}", self.inputs.round_id, to.email),
        })
    }

    fn letter(
        &self,
        site: &Site,
        bid: &BidInput,
        outcome: &BidOutcome,
        to: &Recipient,
    ) -> Result<Option<Message>> {
        let rules = &self.inputs.rules;
        let ineligible = why_ineligible(bid);
        let Some(verdict) = verdict(outcome, &ineligible) else { return Ok(None) };
        let letter = OutcomeLetter {
            name: &to.name,
            fund: &self.inputs.fund,
            round: &self.inputs.round,
            reference: &bid.reference,
            title: &bid.title,
            organisation: &bid.organisation,
            verdict,
            sentence: &outcome.sentence,
            combined_score: outcome.score.map(|score| score.to_string()),
            before_adjustment: outcome.detail.before_adjustment.map(|score| score.to_string()),
            overall_threshold: rules.overall_threshold,
            criteria: outcome.detail.criteria.iter().map(result).collect(),
            feedback: outcome.detail.feedback.iter().map(String::as_str).collect(),
            query_email: &rules.query_email,
            query_by: end_of_working_day(self.now, rules.query_working_days),
        };
        letter.render(site).map(Some)
    }

    fn summary(&self, site: &Site, to: &Recipient) -> Result<Message> {
        let count = |outcome: Outcome| {
            self.evaluated.outcomes.iter().filter(|decided| decided.outcome == Some(outcome)).count()
        };
        let budget = &self.evaluated.decided.totals.budget;
        let summary = RoundSummary {
            name: &to.name,
            fund: &self.inputs.fund,
            round: &self.inputs.round,
            closed_at: self.now,
            received: &self.inputs.received_sentence(),
            outcomes: Outcome::ALL.into_iter().map(|outcome| (heading(outcome), count(outcome))).collect(),
            budget: budget.available_pence,
            awarded: budget.spent_pence,
            snapshot_sha256: self.snapshot_sha256,
        };
        summary.render(site)
    }
}

/// `None` while the outcome, or the place on the reserve list, waits for a blocker.
fn verdict<'a>(decided: &'a BidOutcome, ineligible: &'a str) -> Option<Verdict<'a>> {
    let amount = decided.amount_pence;
    Some(match decided.outcome? {
        Outcome::Awarded => Verdict::Awarded { amount },
        Outcome::AwardedWithConditions => Verdict::AwardedWithConditions {
            amount,
            conditions: decided.conditions.as_deref().unwrap_or_default(),
        },
        Outcome::Reserve => Verdict::Reserve { position: decided.reserve_position? },
        Outcome::Unsuccessful => Verdict::Unsuccessful,
        Outcome::Ineligible => Verdict::Ineligible { reason: ineligible },
        Outcome::Withdrawn => Verdict::Withdrawn,
    })
}

fn result(criterion: &CriterionOutcome) -> CriterionResult<'_> {
    CriterionResult {
        title: &criterion.title,
        weight: criterion.weight,
        score: criterion.score.to_string(),
        lowest: criterion.lowest,
        highest: criterion.highest,
        label: &criterion.label,
        threshold: criterion.threshold,
        met_threshold: criterion.met_threshold,
        points: criterion.points.to_string(),
        feedback: criterion.feedback.iter().map(String::as_str).collect(),
        sub_criteria: criterion.sub_criteria.iter().map(sub_result).collect(),
    }
}

fn sub_result(sub: &SubCriterionOutcome) -> SubCriterionResult<'_> {
    SubCriterionResult {
        title: &sub.title,
        effective_weight: &sub.effective_weight,
        score: sub.score.to_string(),
        label: &sub.label,
        points: sub.points.to_string(),
        feedback: sub.feedback.iter().map(String::as_str).collect(),
    }
}

pub(super) fn heading(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Awarded => "Awarded",
        Outcome::AwardedWithConditions => "Awarded with conditions",
        Outcome::Reserve => "On the reserve list",
        Outcome::Unsuccessful => "Unsuccessful",
        Outcome::Ineligible => "Not eligible",
        Outcome::Withdrawn => "Withdrawn",
    }
}
