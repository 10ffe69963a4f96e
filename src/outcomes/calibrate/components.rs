//! How much assessors differ in leniency, and how much is noise: the variance components, by
//! restricted maximum likelihood.
//!
//! REML (Patterson and Thompson 1971, "Recovery of inter-block information when block sizes are
//! unequal", Biometrika 58) judges the variances by the differences between assessors of one bid
//! alone, so that the bids' own quality, which is not known, does not bias them. With the bids
//! eliminated (see `design.rs`), `λ` the ratio of leniency's variance to noise's, `C = Z'MZ`,
//! `r = Z'My` and `N` contrasts,
//!
//! `−2 log L(λ) = N log(s(λ) / N) + log|I + λC| + constant`, where `s(λ) = y'My − λ r'(I + λC)⁻¹r`,
//!
//! and the noise's variance is `s(λ) / N` (Searle, Casella and McCulloch 1992, "Variance
//! Components", sections 6.6 and 8.3). `C` is made tridiagonal once; after that each `λ` costs one
//! pass along the diagonal, so the whole range is scanned, and no local maximum is mistaken for the
//! global one. The best is then refined by bisection of the slope, to the last bits.

use super::design::{Equations, count};
use super::triangle::Tridiagonal;

/// The ratios that are tried: this and its multiples by `STEP`.
const SMALLEST_RATIO: f64 = 1e-6;
const STEP: f64 = 1.25;
/// 1e-6 × 1.25^144: about 10^8, at which noise is a ten-thousandth of a point where leniency is 1.
const STEPS: usize = 144;
const BISECTIONS: usize = 80;

/// The variance components, in squared points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Components {
    pub ratio: f64,
    pub noise: f64,
    pub bound: Bound,
}

/// Whether the likelihood has its maximum inside the range of ratios.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    Inside,
    /// Leniency has no variance.
    NoLeniency,
    /// Noise has no variance.
    NoNoise,
}

/// All that the likelihood depends on.
pub(super) struct Likelihood {
    contrasts: f64,
    disagreement: f64,
    equations: Tridiagonal,
}

/// The likelihood at one ratio.
#[derive(Debug, Clone, Copy)]
struct At {
    /// −2 log L.
    deviance: f64,
    /// By the ratio.
    slope: f64,
    /// `s(λ)`.
    residual: f64,
}

/// `|I + λC|` and `r'(I + λC)⁻¹r`, and their derivatives by `λ`.
#[derive(Default)]
struct Sums {
    log_determinant: f64,
    log_determinant_slope: f64,
    form: f64,
    form_slope: f64,
}

impl Likelihood {
    /// `disagreement` is above 0, and there is a contrast.
    pub fn of(contrasts: usize, disagreement: f64, parts: &[Equations]) -> Self {
        let mut equations = Tridiagonal::default();
        for part in parts {
            let reduced = part.links.clone().tridiagonal(part.pull.clone());
            equations.diagonal.extend(reduced.diagonal);
            equations.beside.extend(reduced.beside);
            equations.vector.extend(reduced.vector);
        }
        Self { contrasts: count(contrasts), disagreement, equations }
    }

    /// The components of the greatest likelihood.
    pub fn maximise(&self) -> Components {
        let ratios: Vec<f64> =
            std::iter::successors(Some(SMALLEST_RATIO), |ratio| Some(ratio * STEP)).take(STEPS + 1).collect();
        let mut best = 0;
        let mut least = f64::INFINITY;
        for (place, ratio) in ratios.iter().enumerate() {
            let deviance = self.at(*ratio).deviance;
            if deviance < least {
                (best, least) = (place, deviance);
            }
        }
        if self.at(0.0).deviance <= least {
            return self.components(0.0, Bound::NoLeniency);
        }
        match (best.checked_sub(1).and_then(|before| ratios.get(before)), ratios.get(best + 1)) {
            (_, None) => self.components(ratios[best], Bound::NoNoise),
            (before, Some(after)) => {
                self.components(self.bisect(before.copied().unwrap_or(0.0), *after), Bound::Inside)
            }
        }
    }

    /// Where the slope turns from falling to rising.
    fn bisect(&self, mut low: f64, mut high: f64) -> f64 {
        for _ in 0..BISECTIONS {
            let middle = low + (high - low) / 2.0;
            if self.at(middle).slope < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        low + (high - low) / 2.0
    }

    fn components(&self, ratio: f64, bound: Bound) -> Components {
        Components { ratio, noise: self.at(ratio).residual / self.contrasts, bound }
    }

    fn at(&self, ratio: f64) -> At {
        let sums = self.sums(ratio);
        let residual = (self.disagreement - ratio * sums.form).max(f64::MIN_POSITIVE);
        let explained_slope = sums.form + ratio * sums.form_slope;
        At {
            deviance: self.contrasts * libm::log(residual / self.contrasts) + sums.log_determinant,
            slope: sums.log_determinant_slope - self.contrasts * explained_slope / residual,
            residual,
        }
    }

    /// One pass of elimination along the diagonal, each quantity with its derivative.
    fn sums(&self, ratio: f64) -> Sums {
        let Tridiagonal { diagonal, beside, vector } = &self.equations;
        let mut sums = Sums::default();
        let (mut pivot, mut pivot_slope) = (1.0, 0.0);
        let (mut left, mut left_slope) = (0.0, 0.0);
        for place in 0..diagonal.len() {
            let beside = beside[place];
            let factor = ratio * beside / pivot;
            let factor_slope = (beside - factor * pivot_slope) / pivot;
            pivot_slope = diagonal[place] - beside * (factor + ratio * factor_slope);
            pivot = 1.0 + ratio * (diagonal[place] - beside * factor);
            left_slope = -(factor_slope * left + factor * left_slope);
            left = vector[place] - factor * left;
            sums.log_determinant += libm::log(pivot);
            sums.log_determinant_slope += pivot_slope / pivot;
            sums.form += left * left / pivot;
            sums.form_slope += (2.0 * left * left_slope - left * left * pivot_slope / pivot) / pivot;
        }
        sums
    }
}
