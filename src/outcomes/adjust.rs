//! Adjusting: the score that decides, in a round that announced before opening that scores are
//! adjusted for assessors' leniency.
//!
//! A bid's combined score less the mean leniency of its assessors, as [`calibrate`] fits it to every
//! complete bid's own scores before moderation; of criteria that were moderated no leniency is taken,
//! because the score that counts there is the panel's. Held within 0 to 100 and rounded to two
//! decimals, half up: from there on it is exact, and decides as any combined score does. Thresholds
//! of criteria look at the scores as they were given.
//!
//! The fit takes the same steps on every machine (see [`calibrate`]), so verifying finds the same.
//!
//! Must not know: money, ranks, storage, the time.

#![expect(clippy::float_arithmetic, reason = "an adjustment is an estimate until it is rounded")]

use std::collections::BTreeMap;

use super::calibrate::{self, Assessed, Fit};
use super::combine::{Combined, CombinedScore, CriterionScore, Exact};

/// Every assessor's own combined score of every complete bid, before moderation.
#[must_use]
pub fn assessed(combined: &BTreeMap<String, Combined>) -> Vec<Assessed> {
    let complete = combined.iter().filter_map(|(bid, combined)| Some((bid, complete(combined)?)));
    let own = complete.flat_map(|(bid, combined)| combined.own_scores.iter().map(move |own| (bid, own)));
    own.map(|(bid, own)| Assessed {
        bid: bid.clone(),
        assessor: own.assessor.clone(),
        score: points(own.total),
    })
    .collect()
}

/// Adjusts every complete bid's combined score.
pub(super) fn adjust(combined: &mut BTreeMap<String, Combined>) {
    let fit = Fit::of(&assessed(combined));
    let leniency: BTreeMap<&str, f64> =
        fit.bids.iter().map(|bid| (bid.bid.as_str(), bid.mean - bid.adjusted)).collect();
    for (bid, combined) in combined {
        if let Combined::Complete(score) = combined
            && let Some(leniency) = leniency.get(bid.as_str())
        {
            adjust_one(score, *leniency);
        }
    }
}

fn adjust_one(combined: &mut CombinedScore, leniency: f64) {
    let scored = combined.criteria.iter().flat_map(CriterionScore::scored);
    let assessed = scored.filter(|one| one.moderated.is_none());
    // Shares of whole weights that total 100 are always a fraction within bounds.
    let Some(weight) = Exact::sum(assessed.map(|one| one.weight)) else { return };
    let adjusted = points(combined.total) - leniency * points(weight) / 100.0;
    let score = calibrate::rounded(adjusted.clamp(0.0, 100.0));
    // So are hundredths of at most 100 points.
    if let Some(total) = Exact::fraction(score.hundredths().into(), 100) {
        combined.before_adjustment = Some(combined.score);
        combined.score = score;
        combined.total = total;
    }
}

fn complete(combined: &Combined) -> Option<&CombinedScore> {
    match combined {
        Combined::Complete(combined) => Some(combined),
        Combined::Incomplete(_) => None,
    }
}

/// The nearest double to an exact number of points.
fn points(exact: Exact) -> f64 {
    exact.numerator() as f64 / exact.denominator() as f64
}
