//! Rank ranges, and the chance of standing above the funding line, by drawing from the joint
//! distribution of the adjusted scores.
//!
//! Each draw adds to every adjusted score an error with the covariance that the fit gives them,
//! `σ² (1/n + a'Sa)` and its like for pairs: noise of the bid's own, and errors in leniency that bids
//! with a common assessor share. The draw's ranking is one ranking that the scores are compatible
//! with (Goldstein and Spiegelhalter 1996, "League tables and their limitations", Journal of the
//! Royal Statistical Society A 159). A bid's rank range leaves out 2.5 % of the draws at either end.
//! Pairwise tests cannot say how likely a place above the line is, and an interval for each bid
//! alone forgets that errors are shared; this keeps both.
//!
//! Ranks count within a part, because nothing links the scores of two parts. Draws come from
//! ChaCha with a fixed seed, turned normal by Marsaglia's polar method with the logarithm of `libm`,
//! which is made of exactly rounded operations: the same on every machine.

use libm::log;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::Fit;
use super::design::Bid;
use super::fit::shares;
use super::line::PartLine;
use super::triangle::InverseRoot;

/// Any number would do; it only must not change.
const SEED: u64 = 1971;
const MOST_DRAWS: usize = 10_000;
const FEWEST_DRAWS: usize = 1_000;
/// Draws times bids, where this is between the two: what keeps large rounds quick.
const RANKS_DRAWN: usize = 5_000_000;

/// What the draws say of one bid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Drawn {
    /// The highest and the lowest rank of the range.
    pub range: (usize, usize),
    /// The share of draws in which the bid is above the line; `None` where no score brings it there.
    pub above_line: Option<f64>,
}

/// One part's competing bids, and what is drawn for them.
struct Field<'a> {
    noise: f64,
    adjusted: Vec<f64>,
    bids: Vec<&'a Bid>,
    shares: Vec<Vec<(usize, f64)>>,
    root: Option<&'a InverseRoot>,
}

/// Draws the ranks of some bids of one part, given as places in `fit.bids`, and counts how often each is
/// above the line. The fit has standard errors.
pub(super) fn draw(fit: &Fit, part: usize, competing: &[usize], line: &PartLine) -> Vec<Drawn> {
    let field = Field::of(fit, part, competing);
    let draws = (RANKS_DRAWN / competing.len().max(1)).clamp(FEWEST_DRAWS, MOST_DRAWS);
    let mut normal = Normal::new();
    let mut ranks: Vec<Vec<u32>> = vec![Vec::with_capacity(draws); competing.len()];
    let mut above = vec![0_u32; competing.len()];
    let mut order: Vec<usize> = (0..competing.len()).collect();
    for _ in 0..draws {
        let scores = field.draw(&mut normal);
        order.sort_unstable_by(|left, right| scores[*right].total_cmp(&scores[*left]).then(left.cmp(right)));
        for (rank, bid) in (1..).zip(&order) {
            ranks[*bid].push(rank);
        }
        let may_pass = |bid: &&usize| !line.barred[**bid] && scores[**bid] >= line.threshold;
        for bid in order.iter().filter(may_pass).take(line.places) {
            above[*bid] += 1;
        }
    }
    let share = |bid: usize| (!line.barred[bid]).then(|| f64::from(above[bid]) / draws as f64);
    ranks.into_iter().enumerate().map(|(bid, ranks)| Drawn::of(ranks, share(bid))).collect()
}

impl<'a> Field<'a> {
    fn of(fit: &'a Fit, part: usize, competing: &[usize]) -> Self {
        let bids: Vec<&Bid> = competing.iter().map(|at| &fit.basis.design.bids[*at]).collect();
        Self {
            noise: fit.basis.noise,
            adjusted: competing.iter().map(|at| fit.bids[*at].adjusted).collect(),
            shares: bids.iter().map(|bid| shares(&fit.basis.design, bid)).collect(),
            bids,
            root: fit.basis.roots[part].as_ref(),
        }
    }

    /// Adjusted scores with errors drawn for them.
    fn draw(&self, normal: &mut Normal) -> Vec<f64> {
        let leniencies = self.root.map(|root| {
            let independent: Vec<f64> = root.columns.iter().map(|_| normal.draw()).collect();
            root.spread(&independent)
        });
        let errors = self.bids.iter().zip(&self.shares).map(|(bid, shares)| {
            let own = normal.draw() / bid.size().sqrt();
            let shared = leniencies.as_ref().map_or(0.0, |leniencies| {
                shares.iter().map(|(place, share)| share * leniencies[*place]).sum::<f64>()
            });
            self.noise * (own - shared)
        });
        self.adjusted.iter().zip(errors).map(|(adjusted, error)| adjusted + error).collect()
    }
}

impl Drawn {
    fn of(mut ranks: Vec<u32>, above_line: Option<f64>) -> Self {
        ranks.sort_unstable();
        let left_out = ranks.len() / 40;
        let rank = |at: usize| ranks.get(at).map_or(0, |rank| *rank as usize);
        Self { range: (rank(left_out), rank(ranks.len() - 1 - left_out)), above_line }
    }
}

/// Independent normal numbers of mean 0 and variance 1.
struct Normal {
    source: ChaCha8Rng,
    spare: Option<f64>,
}

impl Normal {
    fn new() -> Self {
        Self { source: ChaCha8Rng::seed_from_u64(SEED), spare: None }
    }

    /// Marsaglia and Bray 1964, "A convenient method for generating normal variables", SIAM Review 6.
    fn draw(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (one, other) = (self.between_minus_one_and_one(), self.between_minus_one_and_one());
            let squared = one * one + other * other;
            if squared < 1.0 && squared > 0.0 {
                let scale = (-2.0 * log(squared) / squared).sqrt();
                self.spare = Some(other * scale);
                return one * scale;
            }
        }
    }

    fn between_minus_one_and_one(&mut self) -> f64 {
        // 53 bits, as many as a double holds.
        let bits = self.source.next_u64() >> 11;
        bits as f64 * (2.0 / 9_007_199_254_740_992.0) - 1.0
    }
}
