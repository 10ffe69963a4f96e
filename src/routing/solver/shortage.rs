//! Why places stay empty: certificates from the minimum cut.
//!
//! For a set `S` of bids, whoever routes them can fill at most `Σ min(room, possible)` of their places: each assessor gives what
//! their capacity leaves, or the bids of `S` that they may take, whichever is less. What `S` asks beyond that is its
//! *shortfall*. `min(room, ·)` is concave, so the shortfall is supermodular: the sets where it is largest are closed under
//! intersection, and there is a least one. It is what can be reached in the residual network from the bids that are short
//! (the source side of the least minimum cut: Picard and Queyranne, *Mathematical Programming Study* 13, 1980), and its shortfall
//! is the number of empty places. Being the least, it loses some of the proof with any bid that is taken out.
//!
//! Two bids are in one *part* if somebody with room, but not enough for all of theirs, could take either; shortfalls of parts
//! add up, so each part is a certificate of its own, and all together prove every empty place.

use std::collections::{BTreeMap, VecDeque};

use super::number;
use super::routed::Routed;

/// A certificate that places cannot be filled, for one part.
///
/// `places − Σ gives = Σ short`, and `possible = Σ gives`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Every bid that competes for the same assessors, short or not; indices of the instance, by key.
    pub bids: Vec<u32>,
    /// Those among `bids` that are short in this routing, and by how many places.
    pub short: Vec<(u32, u32)>,
    /// All places on `bids`.
    pub places: u64,
    /// How many of them can be filled at most.
    pub possible: u64,
    /// Everybody who may take any of `bids`, by key.
    pub givers: Vec<Giver>,
}

/// What an assessor can give to the bids of a [`Shortage`] at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Giver {
    /// Index of the instance.
    pub assessor: u32,
    /// How many of the bids' places they can fill: the lesser of `room` and `may_take`, and what is fixed there.
    pub gives: u32,
    /// What their capacity leaves beside fixed pairs.
    pub room: u32,
    /// How many of the bids they may take, beside those where they are fixed.
    pub may_take: u32,
}

impl Giver {
    /// Whether it is their capacity that keeps them from giving more.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.room < self.may_take
    }
}

/// A part, by ranks, in their order.
pub(super) struct Part {
    pub(super) bids: Vec<usize>,
}

/// The parts of the least set with the largest shortfall, ordered by their first bids. `routed` fills the most places.
pub(super) fn parts(routed: &Routed<'_>) -> Vec<Part> {
    let mut search = Search::new(routed);
    search.reach();
    let mut parts: BTreeMap<usize, Part> = BTreeMap::new();
    for bid in routed.bids().filter(|&bid| search.reached_bids[bid]).collect::<Vec<_>>() {
        let root = search.root(bid);
        parts.entry(root).or_insert_with(|| Part { bids: Vec::new() }).bids.push(bid);
    }
    parts.into_values().collect()
}

pub(super) fn shortages(routed: &Routed<'_>) -> Vec<Shortage> {
    parts(routed).iter().map(|part| part.certificate(routed)).collect()
}

impl Part {
    fn certificate(&self, routed: &Routed<'_>) -> Shortage {
        let mut on_part: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
        for seat in self.bids.iter().flat_map(|&bid| routed.of_bid(bid)) {
            let (fixed, may_take) = on_part.entry(seat.assessor()).or_default();
            *(if seat.chosen && !seat.could_leave() { fixed } else { may_take }) += 1;
        }
        let givers = on_part.into_iter().map(|(assessor, (fixed, may_take))| {
            let room = routed.room(assessor);
            let gives = fixed + room.min(may_take);
            Giver { assessor: routed.assessor(assessor).origin, gives, room, may_take }
        });
        let givers: Vec<Giver> = givers.collect();
        let origin = |&bid: &usize| routed.bid(bid).origin;
        let short = self.bids.iter().filter(|&&bid| routed.missing(bid) > 0);
        Shortage {
            bids: self.bids.iter().map(origin).collect(),
            short: short.map(|bid| (origin(bid), routed.missing(*bid))).collect(),
            places: self.bids.iter().map(|&bid| u64::from(routed.bid(bid).places)).sum(),
            possible: givers.iter().map(|giver| u64::from(giver.gives)).sum(),
            givers,
        }
    }
}

/// The search for what can be reached from the bids that are short.
///
/// In the residual network a bid leads to each possible assessor who is not on it, an assessor to each bid that could give
/// them up. As the routing fills the most places, no assessor so reached has room to spare.
struct Search<'r, 'a> {
    routed: &'r Routed<'a>,
    reached_bids: Vec<bool>,
    reached_assessors: Vec<bool>,
    /// Joins bids that compete: a forest over bids, whose roots are the least of their group.
    group: Vec<u32>,
}

impl<'r, 'a> Search<'r, 'a> {
    fn new(routed: &'r Routed<'a>) -> Self {
        Self {
            routed,
            reached_bids: routed.bids().map(|bid| routed.missing(bid) > 0).collect(),
            reached_assessors: vec![false; routed.assessors().len()],
            group: routed.bids().map(number).collect(),
        }
    }

    fn reach(&mut self) {
        let mut waiting: VecDeque<usize> = self.routed.bids().filter(|&bid| self.reached_bids[bid]).collect();
        let mut taker: Vec<Option<usize>> = vec![None; self.routed.assessors().len()];
        while let Some(bid) = waiting.pop_front() {
            for seat in self.routed.of_bid(bid).filter(|seat| !seat.chosen) {
                let assessor = seat.assessor();
                // Whoever has no room at all gives nothing to any bid, and so makes none of them compete.
                if self.routed.room(assessor) == 0 {
                    continue;
                }
                match taker[assessor] {
                    Some(other) => self.join(bid, other),
                    None => taker[assessor] = Some(bid),
                }
                if !std::mem::replace(&mut self.reached_assessors[assessor], true) {
                    self.reach_held(assessor, bid, &mut waiting);
                }
            }
        }
    }

    fn reach_held(&mut self, assessor: usize, by: usize, waiting: &mut VecDeque<usize>) {
        for seat in self.routed.of_assessor(assessor).filter(super::routed::Seat::could_leave) {
            self.join(seat.bid(), by);
            if !std::mem::replace(&mut self.reached_bids[seat.bid()], true) {
                waiting.push_back(seat.bid());
            }
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.group[a.max(b)] = number(a.min(b));
    }

    fn root(&mut self, mut bid: usize) -> usize {
        while self.group[bid] as usize != bid {
            let above = self.group[bid] as usize;
            self.group[bid] = self.group[above];
            bid = above;
        }
        bid
    }
}
