//! Calibration: scores adjusted for each assessor's leniency, beside the score that decides.
//!
//! The additive model `score = bid + assessor's leniency + noise`: bids fixed, leniencies drawn from
//! one distribution and therefore shrunk, both variances by restricted maximum likelihood. It learns
//! leniency only from bids that several assessors share, so that an assessor who was given good bids
//! is not taken for a lenient one. `docs/calibration.md` tells panel members and statisticians what
//! it can do and what it cannot.
//!
//! Invariants:
//! - Floating point, because nothing here decides unless the round announced it; but the same bits on
//!   every machine: only additions, multiplications, divisions and square roots in a fixed order, and
//!   the logarithm of `libm`. What is shown is rounded to two decimals, half up.
//! - The order of the input changes nothing.
//! - Nothing is compared across parts that no assessor links.
//! - Where the scores cannot tell leniency, a [`Verdict`] says so and nothing is adjusted.
//!
//! With `b` bids, `a` assessors in one part and `n` assessments: `2 a³ + n·a` operations and `4 a²`
//! bytes for each of three matrices, then `a² + n + b log b` for each draw of ranks.
//!
//! Must not know: rules, money, people's names, storage, the time.

#![expect(clippy::float_arithmetic, reason = "an estimate is no exact number; see the invariants")]

mod components;
mod design;
mod fit;
mod line;
mod ranks;
mod shown;
mod triangle;
mod verdict;

#[cfg(test)]
mod tests;

pub use line::{DrawnBy, Line};
pub use shown::{CalibratedBid, Calibration, Interval, Leniency, LinkedPart, RankInPart, calibrate};
pub use verdict::Verdict;

pub(super) use shown::rounded;

/// One assessment that counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// The bid's key, which names it and orders sums.
    pub bid: String,
    /// The assessor's key, likewise.
    pub assessor: String,
    /// The assessor's own combined score, 0 to 100; finite.
    pub score: f64,
}

/// What the model makes of the assessments, unrounded.
#[derive(Debug)]
pub struct Fit {
    pub verdict: Verdict,
    /// In squared points; 0 where nothing was estimated.
    pub leniency_variance: f64,
    /// In squared points; 0 where nothing was estimated.
    pub noise_variance: f64,
    /// By key.
    pub bids: Vec<FittedBid>,
    /// By key.
    pub assessors: Vec<FittedAssessor>,
    basis: fit::Basis,
}

/// A bid's adjusted score, in points.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedBid {
    pub bid: String,
    /// Which part it belongs to, from 0.
    pub part: usize,
    pub assessments: usize,
    /// The mean of its assessors' scores.
    pub mean: f64,
    /// The mean less its assessors' mean leniency.
    pub adjusted: f64,
    pub standard_error: Option<f64>,
}

/// An assessor's leniency, in points: above 0 for one who gives more than others to the same bids.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedAssessor {
    pub assessor: String,
    pub part: usize,
    pub assessments: usize,
    /// Absent where it cannot be told.
    pub leniency: Option<f64>,
    pub standard_error: Option<f64>,
}
