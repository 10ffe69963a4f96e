//! The funding line, as far as scores can tell: which bids compete for what is paid, and what ends it.
//!
//! Either the money ends before the bids above the thresholds do, and then money draws the line; or
//! there is money for all of them, and then the overall threshold draws it. A bid that would be paid
//! first of all by money is not certain of it where the threshold is near, and no bid is in doubt
//! because of a rank where money is left for everybody.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What keeps the next bid from being paid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = LineDrawnBy)]
pub enum DrawnBy {
    /// It runs out before the bids that meet the thresholds do.
    #[default]
    Money,
    /// There is money for every bid that meets the thresholds.
    Threshold,
    /// There is money for every ranked bid, and no overall threshold.
    Nothing,
}

/// Which bids compete, and where the line stands among them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Keys of the bids that are ranked by adjusted score. Assessments of other bids still tell of leniency.
    pub competing: BTreeSet<String>,
    /// Keys of competing bids that no combined score brings above the line: they miss a criterion's
    /// threshold, or their outcome was decided outside the ranking.
    pub barred: BTreeSet<String>,
    /// Keys of the other competing bids that are to be paid.
    pub funded: BTreeSet<String>,
    pub drawn_by: DrawnBy,
    /// The overall threshold, in points.
    pub threshold: Option<u32>,
}

/// The line among the bids of one part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartLine {
    /// How many can be above it.
    pub places: usize,
    /// The least points above it.
    pub threshold: f64,
    /// By place among the part's competing bids.
    pub barred: Vec<bool>,
}

impl Line {
    /// `competing` are the keys of one part's competing bids.
    pub(super) fn among(&self, competing: &[&str]) -> PartLine {
        let funded = competing.iter().filter(|key| self.is_funded(key)).count();
        PartLine {
            places: match self.drawn_by {
                DrawnBy::Money => funded,
                DrawnBy::Threshold | DrawnBy::Nothing => competing.len(),
            },
            threshold: self.threshold.map_or(f64::NEG_INFINITY, f64::from),
            barred: competing.iter().map(|key| self.barred.contains(*key)).collect(),
        }
    }

    pub(super) fn is_funded(&self, key: &str) -> bool {
        self.funded.contains(key) && !self.barred.contains(key)
    }

    /// What draws it, and what a bid's chance is the chance of, for people who decide.
    #[must_use]
    pub fn sentence(&self) -> String {
        let threshold = self.threshold.map(|points| format!("the threshold of {points} points"));
        match (self.drawn_by, threshold) {
            (DrawnBy::Money, threshold) => {
                let bids = self.funded.iter().filter(|key| self.is_funded(key)).count();
                let bids = if bids == 1 { "1 bid".to_owned() } else { format!("{bids} bids") };
                let also = threshold.map(|one| format!(", and at or above {one}")).unwrap_or_default();
                format!(
                    "Money draws the line: the ranking pays {bids} before it runs out. A bid's chance is that it is truly among the best, as many as are paid{also}."
                )
            }
            (DrawnBy::Threshold, Some(threshold)) => format!(
                "There is money for every bid that meets the thresholds, so {threshold} draws the line. A bid's chance is that it is truly at or above it, whatever its rank."
            ),
            (DrawnBy::Threshold, None) | (DrawnBy::Nothing, _) => {
                "There is money for every ranked bid and no overall threshold, so no line stands between the bids."
                    .to_owned()
            }
        }
    }
}
