//! Who assessed what, and the equations that remain once the bids are eliminated.
//!
//! Keys are put in order first, and every sum is taken in that order, so that the order of the
//! input changes nothing, not even a last bit.

use std::collections::{BTreeMap, BTreeSet};

use super::Assessed;
use super::triangle::Triangle;

/// All assessments, by bid.
#[derive(Debug)]
pub(super) struct Design {
    /// By key.
    pub bids: Vec<Bid>,
    /// By key.
    pub assessors: Vec<Assessor>,
    /// By the key of their first bid.
    pub parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) struct Bid {
    pub key: String,
    pub part: usize,
    /// By assessor, then by score.
    pub given: Vec<Given>,
}

#[derive(Debug)]
pub(super) struct Given {
    pub assessor: usize,
    pub score: f64,
}

#[derive(Debug)]
pub(super) struct Assessor {
    pub key: String,
    pub part: usize,
    /// Which of its part's assessors it is.
    pub place: usize,
    pub assessments: usize,
}

/// Bids and assessors that are linked, through any number of others. No assessor of one part has
/// assessed a bid of another.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub bids: Vec<usize>,
    pub assessors: Vec<usize>,
}

/// A part's equations for its assessors' leniencies, the bids eliminated: with `X` and `Z` saying
/// which bid and which assessor a score is of, and `M = I − X(X'X)⁻¹X'`.
#[derive(Debug)]
pub(super) struct Equations {
    /// `Z'MZ`. Its rows total 0: it is the Laplacian of the graph of who assessed with whom.
    pub links: Triangle,
    /// `Z'My`: by how much each assessor's scores differ from their bids' means, in total.
    pub pull: Vec<f64>,
}

impl Bid {
    pub fn mean(&self) -> f64 {
        self.given.iter().map(|given| given.score).sum::<f64>() / self.size()
    }

    /// How many assessments it has.
    pub fn size(&self) -> f64 {
        count(self.given.len())
    }
}

/// A count as a number to reckon with; exact below 2^53.
pub(super) fn count(items: usize) -> f64 {
    items as f64
}

impl Design {
    pub fn of(assessed: &[Assessed]) -> Self {
        let mut by_bid: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
        for Assessed { bid, assessor, score } in assessed {
            by_bid.entry(bid).or_default().push((assessor, *score));
        }
        let keys: BTreeSet<&str> = assessed.iter().map(|one| one.assessor.as_str()).collect();
        let numbers: BTreeMap<&str, usize> = keys.iter().enumerate().map(|(at, key)| (*key, at)).collect();
        let bids = by_bid.into_iter().map(|(key, mut given)| {
            given.sort_by(|left, right| left.0.cmp(right.0).then(left.1.total_cmp(&right.1)));
            let given = given
                .into_iter()
                .filter_map(|(key, score)| Some(Given { assessor: *numbers.get(key)?, score }));
            Bid { key: key.to_owned(), part: 0, given: given.collect() }
        });
        let assessors =
            keys.into_iter().map(|key| Assessor { key: key.to_owned(), part: 0, place: 0, assessments: 0 });
        let mut design = Self { bids: bids.collect(), assessors: assessors.collect(), parts: Vec::new() };
        design.find_parts();
        design
    }

    /// Joins the assessors of each bid, then numbers what hangs together.
    fn find_parts(&mut self) {
        let mut leaders: Vec<usize> = (0..self.assessors.len()).collect();
        for bid in &self.bids {
            for pair in bid.given.windows(2) {
                let (one, other) = (leader(&leaders, pair[0].assessor), leader(&leaders, pair[1].assessor));
                leaders[one.max(other)] = one.min(other);
            }
        }
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for (at, bid) in self.bids.iter_mut().enumerate() {
            let Some(first) = bid.given.first() else { continue };
            let next = numbers.len();
            bid.part = *numbers.entry(leader(&leaders, first.assessor)).or_insert(next);
            if bid.part == self.parts.len() {
                self.parts.push(Part::default());
            }
            self.parts[bid.part].bids.push(at);
            for given in &bid.given {
                self.assessors[given.assessor].assessments += 1;
            }
        }
        for (at, assessor) in self.assessors.iter_mut().enumerate() {
            // Every assessor has assessed a bid, so its leader is numbered.
            assessor.part = numbers.get(&leader(&leaders, at)).copied().unwrap_or_default();
            assessor.place = self.parts[assessor.part].assessors.len();
            self.parts[assessor.part].assessors.push(at);
        }
    }

    pub fn assessments(&self) -> usize {
        self.bids.iter().map(|bid| bid.given.len()).sum()
    }

    /// Differences between assessors of one bid that are free to vary: assessments less bids.
    pub fn contrasts(&self) -> usize {
        self.assessments() - self.bids.len()
    }

    /// Contrasts left once every assessor's leniency is known: what tells noise from leniency.
    pub fn repeats(&self) -> usize {
        (self.contrasts() + self.parts.len()).saturating_sub(self.assessors.len())
    }

    /// `y'My`: the sum of squared differences of scores from their bids' means.
    pub fn disagreement(&self) -> f64 {
        let squared = |bid: &Bid| {
            let mean = bid.mean();
            bid.given.iter().map(|given| (given.score - mean) * (given.score - mean)).sum::<f64>()
        };
        self.bids.iter().map(squared).sum()
    }

    /// The equations of a part, each bid eliminated by subtracting its mean.
    pub fn equations(&self, part: &Part) -> Equations {
        let mut links = Triangle::zero(part.assessors.len());
        let mut pull = vec![0.0; part.assessors.len()];
        for bid in part.bids.iter().map(|at| &self.bids[*at]) {
            let (mean, share) = (bid.mean(), 1.0 / bid.size());
            for (at, given) in bid.given.iter().enumerate() {
                let place = self.assessors[given.assessor].place;
                pull[place] += given.score - mean;
                *links.at(place, place) += 1.0 - share;
                for other in &bid.given[..at] {
                    let other = self.assessors[other.assessor].place;
                    // The same assessor twice on a bid stands in both halves of one cell.
                    *links.at(place, other) -= if place == other { 2.0 * share } else { share };
                }
            }
        }
        Equations { links, pull }
    }
}

fn leader(leaders: &[usize], mut of: usize) -> usize {
    while leaders[of] != of {
        of = leaders[of];
    }
    of
}
