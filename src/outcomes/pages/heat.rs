//! The heat map of bid by criterion: a table whose cells say their scores, the deeper the higher.

use std::collections::BTreeMap;

use crate::id::BidId;
use crate::outcomes::combine::{Combined, CombinedScore, CriterionScore, Disagreed, DisagreedOn};
use crate::outcomes::letters::heading;
use crate::outcomes::model::{BidOutcome, ScoredBid};
use crate::rounds::rules::{Criterion, Rules};

/// Steps of colour above the palest.
const STEPS: i64 = 5;

pub(super) struct HeatMap {
    /// Titles of the criteria, with their weights.
    pub heads: Vec<(String, u32)>,
    pub rows: Vec<HeatRow>,
}

pub(super) struct HeatRow {
    pub reference: String,
    pub address: String,
    pub organisation: String,
    /// Empty where the bid is not ranked.
    pub rank: String,
    /// One for each criterion; none where the bid is incomplete.
    pub cells: Vec<HeatCell>,
    /// `Incomplete, 2 of 3`; empty where it is complete.
    pub incomplete: String,
    pub combined: String,
    /// Between the highest and the lowest of the assessors' own totals, in points.
    pub spread: String,
    /// Whether it waits to be moderated or accepted.
    pub is_disputed: bool,
    pub outcome: &'static str,
    pub kind: &'static str,
    /// Whether the funding line stands below it.
    pub line_below: bool,
}

pub(super) struct HeatCell {
    pub score: String,
    /// 0 to 5.
    pub step: i64,
    pub is_moderated: bool,
    /// Whether its assessors lie further apart than the round accepts, and nothing has settled it.
    pub is_disputed: bool,
    /// Levels between the lowest and the highest score.
    pub spread: u32,
}

pub(super) fn heat_map(
    rules: &Rules,
    bids: &[&ScoredBid],
    outcomes: &BTreeMap<BidId, &BidOutcome>,
    line_below: Option<BidId>,
) -> HeatMap {
    let row = |bid: &&ScoredBid| row(rules, bid, outcomes.get(&bid.bid_id).copied(), line_below);
    HeatMap {
        heads: rules.criteria.iter().map(|one| (one.title.clone(), one.weight)).collect(),
        rows: bids.iter().map(row).collect(),
    }
}

fn row(rules: &Rules, bid: &ScoredBid, outcome: Option<&BidOutcome>, line_below: Option<BidId>) -> HeatRow {
    let decided = outcome.and_then(|outcome| outcome.outcome);
    let (cells, incomplete, combined, spread, is_disputed) = match &bid.combined {
        Combined::Complete(score) => (
            cells(rules, score),
            String::new(),
            score.score.to_string(),
            spread(score).unwrap_or_default(),
            score.disagreements.iter().any(|one| !one.is_settled()),
        ),
        Combined::Incomplete(one) => {
            let told = format!("Incomplete, {} of {}", one.have, one.need);
            (Vec::new(), told, String::new(), String::new(), false)
        }
    };
    HeatRow {
        reference: bid.reference.clone(),
        address: format!("/bids/{}/scores", bid.bid_id),
        organisation: bid.organisation.clone(),
        rank: bid.rank.map(|rank| rank.to_string()).unwrap_or_default(),
        cells,
        incomplete,
        combined,
        spread,
        is_disputed,
        outcome: decided.map_or("Open", heading),
        kind: super::kind_of(decided),
        line_below: line_below == Some(bid.bid_id),
    }
}

fn cells(rules: &Rules, score: &CombinedScore) -> Vec<HeatCell> {
    let cell = |criterion: &Criterion| {
        let one = score.criteria.iter().find(|one| one.criterion == criterion.key)?;
        Some(HeatCell {
            score: one.used.rounded().to_string(),
            step: step(criterion, one),
            is_moderated: one.is_moderated(),
            is_disputed: is_disputed(&score.disagreements, &criterion.key),
            spread: one.spread_levels,
        })
    };
    rules.criteria.iter().filter_map(cell).collect()
}

fn step(criterion: &Criterion, one: &CriterionScore) -> i64 {
    let (lowest, highest) = (i64::from(criterion.lowest()), i64::from(criterion.highest()));
    let range = ((highest - lowest) * 100).max(1);
    let above = one.used.rounded().hundredths() - lowest * 100;
    ((above * STEPS + range / 2) / range).clamp(0, STEPS)
}

fn is_disputed(disagreements: &[Disagreed], criterion: &str) -> bool {
    let on = |one: &Disagreed| match &one.on {
        DisagreedOn::Criterion(name) => name.split('.').next() == Some(criterion),
        DisagreedOn::Overall | DisagreedOn::Recommendation | DisagreedOn::InScope => false,
    };
    disagreements.iter().any(|one| on(one) && !one.is_settled())
}

fn spread(score: &CombinedScore) -> Option<String> {
    let totals = || score.own_scores.iter().map(|own| own.total);
    Some(totals().max()?.minus(totals().min()?)?.rounded().to_string())
}
