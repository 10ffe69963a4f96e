//! A routed instance, as its explanations look at it: every pair, and whether it was chosen.
//!
//! The one door through which explanations reach the pairs. In here, too, bids and assessors are ranks. It must not know
//! how the routing was found.

use super::canonical::{Assessor, Bid, Canonical};
use super::{Pair, Standing, number};

pub(super) struct Routed<'a> {
    canonical: &'a Canonical,
    /// Every possible pair, by bid, then assessor.
    pairs: Vec<Pair>,
    /// The pairs of bid `b` are `of_bid[b]..of_bid[b + 1]`.
    of_bid: Vec<usize>,
    chosen: Vec<bool>,
    /// How many places of each bid are filled.
    filled: Vec<u32>,
    loads: Vec<u32>,
    /// Positions of pairs; those of assessor `a` are `first[a]..first[a + 1]`.
    by_assessor: Vec<u32>,
    first: Vec<usize>,
}

/// A pair, and whether the routing has it.
#[derive(Clone, Copy)]
pub(super) struct Seat {
    pub(super) pair: Pair,
    pub(super) position: usize,
    pub(super) chosen: bool,
}

impl Seat {
    pub(super) const fn bid(&self) -> usize {
        self.pair.bid as usize
    }

    pub(super) const fn assessor(&self) -> usize {
        self.pair.assessor as usize
    }

    /// Chosen, and not by what stays anyway.
    pub(super) fn could_leave(&self) -> bool {
        self.chosen && self.pair.standing != Standing::Fixed
    }
}

impl<'a> Routed<'a> {
    /// `taken` are the chosen pairs, by bid, then assessor.
    pub(super) fn new(canonical: &'a Canonical, taken: &[Pair]) -> Self {
        let mut routed = Self {
            canonical,
            pairs: Vec::new(),
            of_bid: vec![0],
            chosen: Vec::new(),
            filled: vec![0; canonical.bids.len()],
            loads: vec![0; canonical.assessors.len()],
            by_assessor: Vec::new(),
            first: vec![0; canonical.assessors.len() + 1],
        };
        routed.write_out(taken);
        routed.sort_by_assessor();
        routed
    }

    fn write_out(&mut self, taken: &[Pair]) {
        let mut taken = taken.iter().peekable();
        for bid in 0..self.canonical.bids.len() {
            for pair in self.canonical.pairs_of(bid) {
                let key = (pair.bid, pair.assessor);
                let chosen = taken.next_if(|taken| (taken.bid, taken.assessor) == key).is_some();
                self.filled[bid] += u32::from(chosen);
                self.loads[pair.assessor as usize] += u32::from(chosen);
                self.pairs.push(pair);
                self.chosen.push(chosen);
            }
            self.of_bid.push(self.pairs.len());
        }
    }

    fn sort_by_assessor(&mut self) {
        for pair in &self.pairs {
            self.first[pair.assessor as usize + 1] += 1;
        }
        for assessor in 1..self.first.len() {
            self.first[assessor] += self.first[assessor - 1];
        }
        self.by_assessor = vec![0; self.pairs.len()];
        let mut next = self.first.clone();
        for (position, pair) in self.pairs.iter().enumerate() {
            let slot = &mut next[pair.assessor as usize];
            self.by_assessor[*slot] = number(position);
            *slot += 1;
        }
    }

    pub(super) fn chosen(&self) -> &[bool] {
        &self.chosen
    }

    /// The pairs of these positions, by bid, then assessor.
    pub(super) fn pairs(&self, chosen: &[bool]) -> Vec<Pair> {
        self.pairs.iter().zip(chosen).filter(|&(_, &chosen)| chosen).map(|(pair, _)| *pair).collect()
    }

    pub(super) fn bids(&self) -> std::ops::Range<usize> {
        0..self.canonical.bids.len()
    }

    pub(super) fn assessors(&self) -> std::ops::Range<usize> {
        0..self.canonical.assessors.len()
    }

    pub(super) fn bid(&self, bid: usize) -> &'a Bid {
        &self.canonical.bids[bid]
    }

    pub(super) fn assessor(&self, assessor: usize) -> &'a Assessor {
        &self.canonical.assessors[assessor]
    }

    pub(super) fn filled(&self, bid: usize) -> u32 {
        self.filled[bid]
    }

    /// Empty places.
    pub(super) fn missing(&self, bid: usize) -> u32 {
        self.bid(bid).places.saturating_sub(self.filled[bid])
    }

    pub(super) fn load(&self, assessor: usize) -> u32 {
        self.loads[assessor]
    }

    /// What of an assessor's capacity is not taken by fixed pairs.
    pub(super) fn room(&self, assessor: usize) -> u32 {
        let assessor = self.assessor(assessor);
        assessor.capacity.saturating_sub(assessor.fixed)
    }

    /// In the order of assessors.
    pub(super) fn of_bid(&self, bid: usize) -> impl Iterator<Item = Seat> {
        (self.of_bid[bid]..self.of_bid[bid + 1]).map(|position| self.seat(position))
    }

    /// In the order of bids.
    pub(super) fn of_assessor(&self, assessor: usize) -> impl Iterator<Item = Seat> {
        let positions = &self.by_assessor[self.first[assessor]..self.first[assessor + 1]];
        positions.iter().map(|&position| self.seat(position as usize))
    }

    pub(super) fn seat(&self, position: usize) -> Seat {
        Seat { pair: self.pairs[position], position, chosen: self.chosen[position] }
    }
}
