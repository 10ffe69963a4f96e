//! Dot plots: a row for each bid or assessor, its score, its adjusted score and how sure that is.
//!
//! Lengths are whole numbers of a field 720 wide; scores are hundredths of a point.

use std::collections::BTreeMap;

use super::scores::FundingLine;
use crate::id::BidId;
use crate::outcomes::calibrate::{CalibratedBid, Interval, Leniency};
use crate::outcomes::combine::{Combined, Score};
use crate::outcomes::decide::Outcome;
use crate::outcomes::model::{BidOutcome, ScoredBid};

/// Where the field of the dots begins and ends; the names stand before it.
const LEFT: i64 = 170;
const RIGHT: i64 = 700;
/// The height of a row, and of what stands above the first.
const ROW: i64 = 24;
const HEAD: i64 = 30;

/// What a dot plot is made of.
pub(super) struct DotPlot {
    pub height: i64,
    pub ticks: Vec<Tick>,
    /// The funding line, or where leniency is none.
    pub line: Option<i64>,
    pub line_label: String,
    pub rows: Vec<DotRow>,
    /// What the plot says, in words.
    pub told: String,
}

pub(super) struct Tick {
    pub x: i64,
    pub label: String,
}

pub(super) struct DotRow {
    pub name: String,
    /// The middle of the row.
    pub y: i64,
    /// Where the words stand.
    pub base: i64,
    pub score: Option<i64>,
    /// Whether the dot of the score is filled: the bid is to be paid.
    pub is_filled: bool,
    pub adjusted: Option<i64>,
    pub interval: Option<(i64, i64)>,
}

/// Points, in hundredths, from left to right.
struct Axis {
    low: i64,
    high: i64,
    every: i64,
}

impl Axis {
    /// Wide enough for all these scores, from one tick to another.
    fn around(scores: &[Score], at_least: &[i64]) -> Option<Self> {
        let all = || scores.iter().copied().map(Score::hundredths).chain(at_least.iter().copied());
        let (low, high) = (all().min()?, all().max()?);
        let every = match high - low {
            ..=2_000 => 500,
            2_001..=5_000 => 1_000,
            _ => 2_000,
        };
        let low = low.div_euclid(every) * every;
        let high = (high + every - 1).div_euclid(every) * every;
        Some(Self { low, high: high.max(low + every), every })
    }

    fn at(&self, score: Score) -> i64 {
        LEFT + (score.hundredths() - self.low) * (RIGHT - LEFT) / (self.high - self.low)
    }

    fn ticks(&self, written: impl Fn(i64) -> String) -> Vec<Tick> {
        let count = (self.high - self.low) / self.every;
        let tick = |number: i64| {
            let points = self.low + number * self.every;
            Tick { x: self.at(Score::from_hundredths(points)), label: written(points / 100) }
        };
        (0..=count).map(tick).collect()
    }

    fn interval(&self, interval: Option<Interval>) -> Option<(i64, i64)> {
        interval.map(|one| (self.at(one.low), self.at(one.high)))
    }
}

fn row(place: usize, name: &str) -> DotRow {
    let y = HEAD + ROW / 2 + ROW * i64::try_from(place).unwrap_or(0);
    DotRow {
        name: shortened(name, 24),
        y,
        base: y + 4,
        score: None,
        is_filled: false,
        adjusted: None,
        interval: None,
    }
}

fn height(rows: usize) -> i64 {
    HEAD + ROW * i64::try_from(rows).unwrap_or(0) + 8
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{}…", start.trim_end())
}

/// Each bid's combined score beside its adjusted one, around the funding line. `None` of no bids.
pub(super) fn score_plot(
    bids: &[(&ScoredBid, &CalibratedBid)],
    outcomes: &BTreeMap<BidId, &BidOutcome>,
    line: Option<&FundingLine>,
) -> Option<DotPlot> {
    let score = |bid: &ScoredBid| match &bid.combined {
        Combined::Complete(combined) => Some(combined.score),
        Combined::Incomplete(_) => None,
    };
    let line = line.and_then(|line| Some((line.at?, line.label.as_str())));
    let of_bid = |(bid, one): &(&ScoredBid, &CalibratedBid)| {
        let ends = one.interval.map(|interval| [interval.low, interval.high]);
        score(bid).into_iter().chain([one.adjusted]).chain(ends.into_iter().flatten())
    };
    let scores: Vec<Score> = bids.iter().flat_map(of_bid).chain(line.map(|(at, _)| at)).collect();
    let axis = Axis::around(&scores, &[])?;
    let rows: Vec<DotRow> = bids
        .iter()
        .enumerate()
        .map(|(place, (bid, one))| DotRow {
            score: score(bid).map(|score| axis.at(score)),
            is_filled: outcomes
                .get(&bid.bid_id)
                .and_then(|outcome| outcome.outcome)
                .is_some_and(Outcome::is_award),
            adjusted: Some(axis.at(one.adjusted)),
            interval: axis.interval(one.interval),
            ..row(place, &bid.reference)
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let paid = rows.iter().filter(|row| row.is_filled).count();
    let at_line = line.map(|(at, _)| format!(" The funding line is at {at}.")).unwrap_or_default();
    Some(DotPlot {
        height: height(rows.len()),
        ticks: axis.ticks(|points| points.to_string()),
        line: line.map(|(at, _)| axis.at(at)),
        line_label: line.map(|(at, label)| format!("{label}, {at}")).unwrap_or_default(),
        told: format!(
            "Combined and adjusted scores of {} bids, best first, {paid} of which are to be paid.{at_line} The table below has \
             every number.",
            rows.len()
        ),
        rows,
    })
}

/// Each assessor's leniency around none. `None` where nobody's can be told.
pub(super) fn leniency_plot(assessors: &[&Leniency], name: impl Fn(&str) -> String) -> Option<DotPlot> {
    let told: Vec<&&Leniency> = assessors.iter().filter(|one| one.leniency.is_some()).collect();
    let of_one = |one: &&&Leniency| {
        let ends = one.interval.map(|interval| [interval.low, interval.high]);
        one.leniency.into_iter().chain(ends.into_iter().flatten())
    };
    if told.is_empty() {
        return None;
    }
    let scores: Vec<Score> = told.iter().flat_map(of_one).collect();
    let axis = Axis::around(&scores, &[-500, 500])?;
    let rows: Vec<DotRow> = told
        .iter()
        .enumerate()
        .map(|(place, one)| DotRow {
            adjusted: one.leniency.map(|leniency| axis.at(leniency)),
            interval: axis.interval(one.interval),
            ..row(place, &name(&one.assessor))
        })
        .collect();
    Some(DotPlot {
        height: height(rows.len()),
        ticks: axis.ticks(|points| match points {
            0 => "0".to_owned(),
            1.. => format!("+{points}"),
            _ => format!("−{}", -points),
        }),
        line: Some(axis.at(Score::from_hundredths(0))),
        line_label: "as the others".to_owned(),
        told: format!(
            "Leniency of {} assessors in points against the others, the most lenient first. The table below has every number.",
            rows.len()
        ),
        rows,
    })
}
