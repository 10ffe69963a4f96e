//! The graph of bids and assessors: its connected parts, and the pairs that hold a part together.

use std::collections::BTreeMap;

use super::number;
use super::routed::{Routed, Seat};

/// Bids are the first nodes, by rank, assessors the next.
pub(super) struct Graph<'r, 'a> {
    routed: &'r Routed<'a>,
}

/// Which part each bid and each assessor is in.
pub(super) struct Parts {
    /// Parts that have a pair in them.
    pub(super) count: u32,
    /// By node, the least node of its part.
    root: Vec<u32>,
    bids: usize,
}

impl Parts {
    pub(super) fn of_bid(&self, bid: usize) -> u32 {
        self.root[bid]
    }

    pub(super) fn of_assessor(&self, assessor: usize) -> u32 {
        self.root[self.bids + assessor]
    }

    /// The bids of each part, by origin, in the order of their ranks. Bids that have nobody are in none.
    pub(super) fn bids(&self, routed: &Routed<'_>) -> Vec<Vec<u32>> {
        let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for bid in routed.bids().filter(|&bid| routed.filled(bid) > 0) {
            parts.entry(self.root[bid]).or_default().push(routed.bid(bid).origin);
        }
        parts.into_values().collect()
    }
}

impl<'r, 'a> Graph<'r, 'a> {
    pub(super) const fn new(routed: &'r Routed<'a>) -> Self {
        Self { routed }
    }

    /// What looking at everything once costs.
    pub(super) fn size(&self) -> u64 {
        (self.routed.chosen().len() + self.nodes()) as u64
    }

    /// The pairs that there are or could be on bids that have somebody.
    pub(super) fn possible(&self) -> Vec<bool> {
        let mut possible = self.routed.chosen().to_vec();
        for bid in self.routed.bids() {
            if self.routed.of_bid(bid).any(|seat| seat.could_leave()) {
                for seat in self.routed.of_bid(bid) {
                    possible[seat.position] |= self.routed.room(seat.assessor()) > 0;
                }
            }
        }
        possible
    }

    /// The parts that these pairs make.
    pub(super) fn parts(&self, pairs: &[bool]) -> Parts {
        let bids = self.routed.bids().len();
        let mut root: Vec<u32> = (0..self.nodes()).map(number).collect();
        for seat in self.seats(pairs) {
            let (a, b) = (top(&mut root, seat.bid()), top(&mut root, bids + seat.assessor()));
            root[a.max(b)] = number(a.min(b));
        }
        for node in 0..root.len() {
            let above = top(&mut root, node);
            root[node] = number(above);
        }
        // A part's least node is a bid; a bid with nobody is in no part.
        let mut has_pair = vec![false; bids];
        self.seats(pairs).for_each(|seat| has_pair[seat.bid()] = true);
        let count = number((0..bids).filter(|&bid| has_pair[bid] && root[bid] as usize == bid).count());
        Parts { count, root, bids }
    }

    fn nodes(&self) -> usize {
        self.routed.bids().len() + self.routed.assessors().len()
    }

    fn seats(&self, pairs: &[bool]) -> impl Iterator<Item = Seat> {
        let positions = pairs.iter().enumerate().filter(|&(_, &there)| there);
        positions.map(|(position, _)| self.routed.seat(position))
    }

    /// By position: the pairs without which their part would fall in two (the cut edges: Tarjan, *Information Processing
    /// Letters* 2, 1974).
    pub(super) fn holding(&self, pairs: &[bool]) -> Vec<bool> {
        let mut walk = Walk::new(self.neighbours(pairs), pairs.len());
        for node in 0..self.nodes() {
            if walk.found[node] == 0 {
                walk.from(node);
            }
        }
        walk.holding
    }

    /// For each node its neighbours, each with the pair's position.
    fn neighbours(&self, pairs: &[bool]) -> Vec<Vec<(usize, usize)>> {
        let mut neighbours = vec![Vec::new(); self.nodes()];
        for seat in self.seats(pairs) {
            let (bid, assessor) = (seat.bid(), self.routed.bids().len() + seat.assessor());
            neighbours[bid].push((assessor, seat.position));
            neighbours[assessor].push((bid, seat.position));
        }
        neighbours
    }
}

/// The top of a node's tree, which is flattened on the way.
fn top(root: &mut [u32], mut node: usize) -> usize {
    while root[node] as usize != node {
        let above = root[node] as usize;
        root[node] = root[above];
        node = above;
    }
    node
}

/// A walk in depth, with a stack of its own: parts may be deep.
struct Walk {
    neighbours: Vec<Vec<(usize, usize)>>,
    /// By node, when it was found, from 1; 0 for not yet.
    found: Vec<u32>,
    /// By node, the earliest found node that it or what was found from it leads back to.
    earliest: Vec<u32>,
    holding: Vec<bool>,
    now: u32,
}

impl Walk {
    fn new(neighbours: Vec<Vec<(usize, usize)>>, pairs: usize) -> Self {
        let nodes = neighbours.len();
        Self {
            neighbours,
            found: vec![0; nodes],
            earliest: vec![0; nodes],
            holding: vec![false; pairs],
            now: 0,
        }
    }

    fn find(&mut self, node: usize) {
        self.now += 1;
        self.found[node] = self.now;
        self.earliest[node] = self.now;
    }

    fn from(&mut self, start: usize) {
        self.find(start);
        // Each with the pair that led to it, and how many of its neighbours were looked at.
        let mut path: Vec<(usize, usize, usize)> = vec![(start, usize::MAX, 0)];
        while let Some(&(node, by, looked)) = path.last() {
            if let Some(&(next, pair)) = self.neighbours[node].get(looked) {
                if let Some(top) = path.last_mut() {
                    top.2 += 1;
                }
                if pair == by {
                    continue;
                }
                if self.found[next] == 0 {
                    self.find(next);
                    path.push((next, pair, 0));
                } else {
                    self.earliest[node] = self.earliest[node].min(self.found[next]);
                }
            } else {
                path.pop();
                if let Some(&(above, ..)) = path.last() {
                    self.earliest[above] = self.earliest[above].min(self.earliest[node]);
                    self.holding[by] = self.earliest[node] > self.found[above];
                }
            }
        }
    }
}
