//! The score sheet: one row for each bid, with every score that led to its outcome.
//!
//! Must not know: storage, HTTP, how a sheet is written.

use std::collections::BTreeMap;

use super::names::Names;
use super::sheet::{Cell, Sheet};
use crate::outcomes::combine::{Combined, CriterionScore, Exact};
use crate::outcomes::decide::{Outcome, PaidFrom};
use crate::outcomes::inputs::{AssessmentInput, BidInput};
use crate::outcomes::model::BidOutcome;
use crate::outcomes::ops::Results;
use crate::rounds::rules::{Criterion, Rules};

/// The score sheet of a round, its bids in the order of the ranking. Assessors stand in columns by
/// turns, "Assessor 1" of each bid being the first by name of its own.
#[must_use]
pub fn score_sheet(results: &Results, names: &Names) -> Sheet {
    let bids: BTreeMap<_, &BidInput> = results.inputs.bids.iter().map(|bid| (bid.id, bid)).collect();
    let seats = results.inputs.bids.iter().map(|bid| bid.assessments.len()).max().unwrap_or(0);
    let rows = results.outcomes.iter().filter_map(|outcome| {
        let bid = bids.get(&outcome.bid_id)?;
        let combined = results.evaluated.combined.get(&bid.reference)?;
        Some(Line { rules: &results.inputs.rules, names, bid, outcome, combined }.cells(seats))
    });
    Sheet {
        name: format!("{} scores", results.inputs.round_code),
        heads: heads(&results.inputs.rules, seats),
        rows: rows.collect(),
    }
}

fn heads(rules: &Rules, seats: usize) -> Vec<String> {
    let fixed = |heads: &[&str]| heads.iter().map(|head| (*head).to_owned()).collect::<Vec<_>>();
    let mut heads = fixed(&["Reference", "Provider", "Title", "Areas", "Amount requested (£)"]);
    heads.extend(fixed(&["Assessments", "Combined score"]));
    heads.extend(rules.criteria.iter().flat_map(score_heads));
    heads.push("Moderated".to_owned());
    for seat in 1..=seats {
        heads.push(format!("Assessor {seat}"));
        heads.extend(rules.scored().map(|one| format!("Assessor {seat}: {}", one.title())));
    }
    heads.extend(fixed(&[
        "Rank",
        "Outcome",
        "Awarded (£)",
        "Pot",
        "Reserve position",
        "Conditions",
        "Reason",
    ]));
    heads
}

/// Of a criterion, then of its sub-criteria, each with what it weighs of 100.
fn score_heads(criterion: &Criterion) -> Vec<String> {
    let scale = format!("{} to {}", criterion.lowest(), criterion.highest());
    let whole = format!("{} ({scale}; weight {})", criterion.title, criterion.weight);
    let subs = criterion.scored().into_iter().filter(|one| one.sub_criterion.is_some());
    let subs = subs.map(|one| format!("{} ({scale}; weight {})", one.title(), one.effective_weight()));
    [whole].into_iter().chain(subs).collect()
}

/// One bid.
struct Line<'a> {
    rules: &'a Rules,
    names: &'a Names,
    bid: &'a BidInput,
    outcome: &'a BidOutcome,
    combined: &'a Combined,
}

impl Line<'_> {
    fn cells(&self, seats: usize) -> Vec<Cell> {
        let mut cells = self.bid();
        cells.extend(self.scores());
        cells.extend(self.own_scores(seats));
        cells.extend(self.decision());
        cells
    }

    fn bid(&self) -> Vec<Cell> {
        vec![
            Cell::text(&self.bid.reference),
            Cell::text(&self.bid.organisation),
            Cell::text(&self.bid.title),
            Cell::text(self.names.areas(&self.bid.areas)),
            Cell::money(self.bid.amount_requested_pence),
        ]
    }

    fn scores(&self) -> Vec<Cell> {
        let (assessments, total, criteria): (_, _, &[CriterionScore]) = match self.combined {
            Combined::Complete(combined) => (
                format!("{} of {}", combined.counted, combined.expected),
                Cell::Hundredths(combined.score.hundredths()),
                &combined.criteria,
            ),
            Combined::Incomplete(incomplete) => {
                (format!("incomplete, {} of {}", incomplete.have, incomplete.need), Cell::Empty, &[])
            }
        };
        let used = self.rules.criteria.iter().flat_map(|criterion| {
            used(criterion, criteria.iter().find(|score| score.criterion == criterion.key))
        });
        let moderated = self.rules.scored().filter(|one| self.bid.moderated.contains_key(&one.name()));
        let moderated: Vec<String> = moderated.map(|one| one.title()).collect();
        let mut cells = vec![Cell::text(assessments), total];
        cells.extend(used);
        cells.push(Cell::text(moderated.join("; ")));
        cells
    }

    fn own_scores(&self, seats: usize) -> Vec<Cell> {
        let mut given: Vec<(&str, &AssessmentInput)> =
            self.bid.assessments.iter().map(|one| (self.names.person(one.assessor_id), one)).collect();
        given.sort_by_key(|(name, one)| (*name, one.assessor_id));
        let mut cells = Vec::new();
        for (name, assessment) in given {
            cells.push(Cell::text(name));
            cells.extend(self.rules.scored().map(|one| {
                Cell::optional(assessment.scores.get(&one.name()), |score| Cell::Whole((*score).into()))
            }));
        }
        cells.resize(seats * (1 + self.rules.scored().count()), Cell::Empty);
        cells
    }

    fn decision(&self) -> Vec<Cell> {
        let outcome = self.outcome;
        vec![
            Cell::optional(outcome.rank, |rank| Cell::Whole(rank.into())),
            Cell::text(outcome.outcome.map_or("Open", outcome_in_words)),
            Cell::optional(outcome.outcome, |_| Cell::money(outcome.amount_pence)),
            Cell::optional(outcome.detail.decision.paid_from.as_ref(), |from| {
                Cell::text(pot_in_words(self.rules, from))
            }),
            Cell::optional(outcome.reserve_position, |position| Cell::Whole(position.into())),
            Cell::optional(outcome.conditions.as_ref(), Cell::text),
            Cell::text(&outcome.sentence),
        ]
    }
}

/// The score that counts on a criterion, then on each of its sub-criteria.
fn used(criterion: &Criterion, score: Option<&CriterionScore>) -> Vec<Cell> {
    let cell =
        |used: Option<Exact>| Cell::optional(used, |used| Cell::Hundredths(used.rounded().hundredths()));
    let sub = |place: usize| score.and_then(|score| score.sub_criteria.get(place)).map(|sub| sub.used);
    let all = [score.map(|score| score.used)].into_iter().chain((0..criterion.sub_criteria.len()).map(sub));
    all.map(cell).collect()
}

/// What a person reads of an outcome.
#[must_use]
pub const fn outcome_in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Awarded => "Awarded",
        Outcome::AwardedWithConditions => "Awarded with conditions",
        Outcome::Reserve => "Reserve",
        Outcome::Unsuccessful => "Unsuccessful",
        Outcome::Ineligible => "Ineligible",
        Outcome::Withdrawn => "Withdrawn",
    }
}

/// The name of the pot that pays.
#[must_use]
pub fn pot_in_words<'a>(rules: &'a Rules, from: &'a PaidFrom) -> &'a str {
    match from {
        PaidFrom::General => "General pot",
        PaidFrom::Pot(key) => {
            rules.pots.iter().find(|pot| pot.key == *key).map_or(key.as_str(), |pot| pot.name.as_str())
        }
    }
}
