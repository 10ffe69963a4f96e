//! Outcomes and money: by outcome, by pot, by area.

use std::collections::BTreeMap;

use super::{Head, Material, Row, Section, Table, counted};
use crate::money::Pence;
use crate::outcomes::decide::Outcome;
use crate::outcomes::inputs::BidInput;
use crate::outcomes::model::BidOutcome;
use crate::reports::score_sheet::outcome_in_words;

pub(super) fn outcomes(material: &Material) -> Section {
    let budget = material.results.evaluated.decided.totals.budget;
    let awards = material.results.outcomes.iter().filter(|one| one.outcome.is_some_and(Outcome::is_award));
    let as_things_stand = if material.results.snapshot_sha256.is_none() { "As things stand, " } else { "" };
    let words = format!(
        "{as_things_stand}{} awarded, {} of the round's {}; {} is left.",
        match awards.count() {
            1 => "1 bid is".to_owned(),
            awards => format!("{} are", counted(awards, "bid", "bids")),
        },
        budget.spent_pence,
        budget.available_pence,
        budget.left_pence
    );
    Section {
        heading: "Outcomes and money",
        words: vec![words],
        tables: vec![by_outcome(material), by_pot(material), by_area(material)],
        ..Section::default()
    }
}

/// How many bids, what they asked for and what they were awarded.
#[derive(Default)]
struct Sum {
    bids: usize,
    awarded_bids: usize,
    asked: Pence,
    awarded: Pence,
}

impl Sum {
    fn add(&mut self, bid: &BidInput, outcome: &BidOutcome) {
        self.bids += 1;
        self.awarded_bids += usize::from(outcome.outcome.is_some_and(Outcome::is_award));
        self.asked = self.asked + bid.amount_requested_pence;
        self.awarded = self.awarded + outcome.amount_pence;
    }
}

fn by_outcome(material: &Material) -> Table {
    let bids = material.bids_by_id();
    let mut sums: BTreeMap<Option<Outcome>, Sum> = BTreeMap::new();
    for outcome in &material.results.outcomes {
        let Some(bid) = bids.get(&outcome.bid_id) else { continue };
        sums.entry(outcome.outcome).or_default().add(bid, outcome);
    }
    let rows = sums.into_iter().map(|(outcome, sum)| {
        let name = outcome.map_or("Open", outcome_in_words).to_owned();
        Row::Cells(vec![name, sum.bids.to_string(), sum.asked.to_string(), sum.awarded.to_string()])
    });
    Table {
        caption: "By outcome",
        heads: vec![
            Head::words("Outcome"),
            Head::number("Bids"),
            Head::number("Asked"),
            Head::number("Awarded"),
        ],
        rows: rows.collect(),
    }
}

fn by_pot(material: &Material) -> Table {
    let totals = &material.results.evaluated.decided.totals;
    let row = |name: &str, amounts: [Pence; 4]| {
        let amounts = amounts.iter().map(ToString::to_string);
        Row::Cells(std::iter::once(name.to_owned()).chain(amounts).collect())
    };
    let pots = totals.pots.iter().map(|pot| {
        row(&pot.name, [pot.available_pence, pot.spent_pence, pot.returned_pence, pot.left_pence])
    });
    let general = totals.general;
    let budget = totals.budget;
    let rest = [
        row("General pot", [general.available_pence, general.spent_pence, Pence::ZERO, general.left_pence]),
        row("The whole round", [budget.available_pence, budget.spent_pence, Pence::ZERO, budget.left_pence]),
    ];
    Table {
        caption: "By pot; the general pot has what the others returned to it",
        heads: vec![
            Head::words("Pot"),
            Head::number("Available"),
            Head::number("Awarded"),
            Head::number("Returned"),
            Head::number("Left"),
        ],
        rows: pots.chain(rest).collect(),
    }
}

fn by_area(material: &Material) -> Table {
    let bids = material.bids_by_id();
    let mut sums: BTreeMap<(&str, &str), Sum> = BTreeMap::new();
    for outcome in &material.results.outcomes {
        let Some(bid) = bids.get(&outcome.bid_id).filter(|bid| !bid.is_withdrawn()) else { continue };
        for code in &bid.areas {
            sums.entry((material.names.area(code), code)).or_default().add(bid, outcome);
        }
    }
    let rows = sums.into_iter().map(|((name, _), sum)| {
        let Sum { bids, awarded_bids, asked, awarded } = sum;
        Row::Cells(vec![
            name.to_owned(),
            bids.to_string(),
            asked.to_string(),
            awarded_bids.to_string(),
            awarded.to_string(),
        ])
    });
    Table {
        caption: "By area; a bid that covers several areas counts in each, with all its money",
        heads: vec![
            Head::words("Area"),
            Head::number("Bids"),
            Head::number("Asked"),
            Head::number("Awarded bids"),
            Head::number("Awarded"),
        ],
        rows: rows.collect(),
    }
}
