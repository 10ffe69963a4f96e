//! How outcomes, and the money that they take, are listed.

use std::collections::BTreeMap;

use super::kind_of;
use crate::id::BidId;
use crate::outcomes::decide::{Outcome, PaidFrom, Totals};
use crate::outcomes::letters::heading;
use crate::outcomes::model::BidOutcome;
use crate::outcomes::what_if::{AreaMoney, FundingLine, OnTheLine};
use crate::rounds::rules::Rules;

/// Outcomes on one page.
pub(super) const PER_PAGE: usize = 40;

/// One bid's line.
pub(super) struct Line {
    pub bid: BidId,
    pub reference: String,
    pub address: String,
    pub organisation: String,
    pub rank: String,
    pub score: String,
    pub outcome: String,
    pub kind: &'static str,
    pub amount: String,
    pub sentence: String,
    pub conditions: String,
    /// What stands now, where an act after closing changed it.
    pub now: Option<Now>,
}

/// What stands for a bid since an act after closing.
pub(super) struct Now {
    pub outcome: String,
    pub kind: &'static str,
    pub amount: String,
    pub sentence: String,
}

pub(super) fn line(rules: &Rules, one: &BidOutcome) -> Line {
    let decision = &one.detail.decision;
    Line {
        bid: one.bid_id,
        reference: one.detail.reference.clone(),
        address: format!("/bids/{}/scores", one.bid_id),
        organisation: one.detail.organisation.clone(),
        rank: one.rank.map(|rank| rank.to_string()).unwrap_or_default(),
        score: one.score.map(|score| score.to_string()).unwrap_or_default(),
        outcome: in_words(one.outcome, one.reserve_position),
        kind: kind_of(one.outcome),
        amount: if one.outcome.is_some_and(Outcome::is_award) {
            let from = decision.paid_from.as_ref().map(|from| purse(rules, from)).unwrap_or_default();
            format!("{}{from}", one.amount_pence)
        } else {
            String::new()
        },
        sentence: one.sentence.clone(),
        conditions: one.conditions.clone().unwrap_or_default(),
        now: None,
    }
}

/// `On the reserve list, 2`.
pub(super) fn in_words(outcome: Option<Outcome>, reserve_position: Option<u32>) -> String {
    let words = outcome.map_or("Open", heading);
    match reserve_position.filter(|_| outcome == Some(Outcome::Reserve)) {
        Some(position) => format!("{words}, {position}"),
        None => words.to_owned(),
    }
}

/// `, Lancashire`; nothing of the general pot.
pub(super) fn purse(rules: &Rules, from: &PaidFrom) -> String {
    match from {
        PaidFrom::General => String::new(),
        PaidFrom::Pot(key) => {
            let name = rules.pots.iter().find(|pot| pot.key == *key).map_or(key.as_str(), |pot| &pot.name);
            format!(", {name}")
        }
    }
}

/// How many bids have each outcome, in the order of the outcomes.
pub(super) fn counts(outcomes: &[BidOutcome]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<Option<Outcome>, usize> = BTreeMap::new();
    for one in outcomes {
        *counts.entry(one.outcome).or_default() += 1;
    }
    // What is open comes last.
    let known = Outcome::ALL.into_iter().map(Some).chain([None]);
    known.filter_map(|outcome| Some((in_words(outcome, None), *counts.get(&outcome)?))).collect()
}

/// A pot, the general pot or the whole budget.
pub(super) struct MoneyRow {
    pub name: String,
    pub available: String,
    pub spent: String,
    pub rest: String,
    pub is_total: bool,
}

pub(super) fn money(totals: &Totals) -> Vec<MoneyRow> {
    let pots = totals.pots.iter().map(|pot| MoneyRow {
        name: pot.name.clone(),
        available: pot.available_pence.to_string(),
        spent: pot.spent_pence.to_string(),
        rest: if pot.returned_pence > crate::money::Pence::ZERO {
            format!("{}, returned to the general pot", pot.returned_pence)
        } else {
            pot.left_pence.to_string()
        },
        is_total: false,
    });
    let spend = |name: &str, spend: &crate::outcomes::decide::Spend, is_total| MoneyRow {
        name: name.to_owned(),
        available: spend.available_pence.to_string(),
        spent: spend.spent_pence.to_string(),
        rest: spend.left_pence.to_string(),
        is_total,
    };
    let general = spend("General pot", &totals.general, false);
    let all = spend("The whole budget", &totals.budget, true);
    if totals.pots.is_empty() { vec![all] } else { pots.chain([general, all]).collect() }
}

/// An area's money, and under other rules.
pub(super) struct AreaRow {
    pub name: String,
    pub awards: usize,
    pub amount: String,
    pub supposed_awards: usize,
    pub supposed_amount: String,
}

pub(super) fn areas(announced: &[AreaMoney], supposed: &[AreaMoney]) -> Vec<AreaRow> {
    let other: BTreeMap<&str, &AreaMoney> = supposed.iter().map(|area| (area.code.as_str(), area)).collect();
    let row = |area: &AreaMoney| {
        let supposed = other.get(area.code.as_str()).copied().unwrap_or(area);
        AreaRow {
            name: area.name.clone(),
            awards: area.awards,
            amount: area.awarded_pence.to_string(),
            supposed_awards: supposed.awards,
            supposed_amount: supposed.awarded_pence.to_string(),
        }
    };
    announced.iter().map(row).collect()
}

/// Where the general pot ends, in a sentence.
pub(super) fn line_in_words(line: &FundingLine) -> String {
    let told = |one: &OnTheLine| {
        let rank = one.rank.map(|rank| format!(", ranked {rank}")).unwrap_or_default();
        let score = one.score.map(|score| format!(" with {score}")).unwrap_or_default();
        format!("{}{rank}{score}", one.reference)
    };
    match (&line.last_paid, &line.first_unpaid) {
        (Some(last), Some(next)) => {
            format!(
                "The last that the general pot pays is {}; the next in line is {}.",
                told(last),
                told(next)
            )
        }
        (Some(last), None) => {
            format!("The last that the general pot pays is {}; nobody waits behind it.", told(last))
        }
        (None, Some(next)) => format!("The general pot pays nobody; the next in line is {}.", told(next)),
        (None, None) => "The general pot pays nobody, and nobody waits for it.".to_owned(),
    }
}

/// The part of a list on one page, and the ways to the others.
pub(super) struct Part {
    pub told: String,
    pub before: String,
    pub after: String,
}

/// `address` gives the address of another page of the list.
pub(super) fn part(page: usize, all: usize, what: &str, address: impl Fn(usize) -> String) -> (usize, Part) {
    let last = all.saturating_sub(1) / PER_PAGE + 1;
    let page = page.clamp(1, last);
    let first = (page - 1) * PER_PAGE;
    let part = Part {
        told: if last > 1 {
            format!("{what} {} to {} of {all}", first + 1, (page * PER_PAGE).min(all))
        } else {
            String::new()
        },
        before: if page > 1 { address(page - 1) } else { String::new() },
        after: if page < last { address(page + 1) } else { String::new() },
    };
    (first, part)
}
