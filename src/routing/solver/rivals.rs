//! What choosing somebody else for a bid would have cost: exactly, in the aims' order.
//!
//! To put an assessor on a bid is to force one unit through their pair. The best routing with it differs from the best
//! without by the cheapest cycle through that pair in the residual network: the pair itself, and the shortest path from the
//! assessor back to the pair's cover (*Network Flows*, 1993, section 9.6). The network is that of [`super`]; a cost is a list, one
//! entry for each aim in its order, added entry by entry and compared as words in a dictionary. As the routing is optimal
//! no cycle is cheaper than nothing, so the shortest paths exist.
//!
//! They are found for all assessors at once, from the cover backwards, by label correction with a queue
//! (Bellman, Ford, Moore): `O(nodes × pairs)` at worst, a few times the pairs as a rule. It is for one bid on demand, not for all.

use std::collections::VecDeque;

use super::aims::{Aim, aims, unevenness};
use super::explain::own_areas;
use super::routed::{Routed, Seat};
use super::{InvalidInstance, Pair, Purpose, Standing, number};

/// Somebody who may take a bid and is not on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Index of the instance.
    pub assessor: u32,
    /// Their bids in this routing.
    pub load: u32,
    pub cost: RivalCost,
}

/// How much worse the best routing with the rival on the bid is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RivalCost {
    /// As good by every aim: the fixed order decided.
    Nothing,
    /// The first aim, in the aims' order, that would be worse, and by how many units of [`Worth`](super::Worth). Later aims may be
    /// better or worse.
    Worse { aim: Aim, by: u64 },
    /// There is none: what is fixed leaves no room.
    Impossible,
}

/// One entry for each aim, in their order; larger is worse.
type Price = [i64; 6];

const FREE: Price = [0; 6];

/// Everybody who may take a bid (a rank) and is not on it, by key.
pub(super) fn rivals(
    routed: &Routed<'_>,
    purpose: Purpose,
    bid: usize,
) -> Result<Vec<Rival>, InvalidInstance> {
    let residual = Residual::new(routed, aims(purpose));
    let mut ways: Vec<(u64, Vec<Option<Price>>)> = Vec::new();
    let mut rivals = Vec::new();
    for seat in routed.of_bid(bid).filter(|seat| !seat.chosen) {
        let covers = seat.pair.covers;
        if !ways.iter().any(|(known, _)| *known == covers) {
            ways.push((covers, residual.ways_to_cover(bid, covers)?));
        }
        let way = ways.iter().find(|(known, _)| *known == covers);
        let way = way.and_then(|(_, way)| way[residual.assessor_node(seat.assessor())]);
        let cost = match way.filter(|_| residual.is_open(bid)) {
            Some(way) => residual.cost(add(way, residual.price_of_taking(&seat.pair))),
            None => RivalCost::Impossible,
        };
        let (assessor, load) = (routed.assessor(seat.assessor()).origin, routed.load(seat.assessor()));
        rivals.push(Rival { assessor, load, cost });
    }
    Ok(rivals)
}

#[derive(Clone, Copy)]
enum Node {
    Root,
    Assessor(usize),
    Bid(usize),
    /// An area's bit, of a bid.
    Area(usize, u64),
    /// A set of areas that some of a bid's possible assessors cover.
    Cover(usize, u64),
}

/// The residual network, seen from the heads of its arcs.
struct Residual<'r, 'a> {
    routed: &'r Routed<'a>,
    aims: [Aim; 6],
    nodes: Vec<Node>,
    /// The nodes of bid `b` are `first[b]..first[b + 1]`: itself, its areas, its covers.
    first: Vec<usize>,
    /// By node: for an area the cover through which its unit goes, 0 for none; for a cover the units that come straight
    /// from the bid.
    through: Vec<u64>,
}

impl<'r, 'a> Residual<'r, 'a> {
    fn new(routed: &'r Routed<'a>, aims: [Aim; 6]) -> Self {
        let mut nodes = vec![Node::Root];
        nodes.extend(routed.assessors().map(Node::Assessor));
        let mut residual = Self { routed, aims, through: vec![0; nodes.len()], nodes, first: Vec::new() };
        for bid in routed.bids() {
            residual.first.push(residual.nodes.len());
            residual.add_bid(bid);
        }
        residual.first.push(residual.nodes.len());
        residual
    }

    fn add_bid(&mut self, bid: usize) {
        self.push(Node::Bid(bid), 0);
        let mut covers: Vec<u64> = self.routed.of_bid(bid).map(|seat| seat.pair.covers).collect();
        covers.sort_unstable();
        covers.dedup();
        let seats = self.routed.of_bid(bid).filter(|seat| seat.chosen);
        let seated: Vec<u64> = seats.map(|seat| seat.pair.covers).collect();
        let own = own_areas(&seated, self.routed.bid(bid).places);
        let all = covers.iter().fold(0, |all, cover| all | cover);
        for bit in 0..u64::BITS.min(u64::BITS - all.leading_zeros()) {
            if all & (1 << bit) != 0 {
                let owner = own.iter().position(|area| area.is_some_and(|area| u32::from(area) == bit));
                self.push(Node::Area(bid, 1 << bit), owner.map_or(0, |owner| seated[owner]));
            }
        }
        for cover in covers {
            let straight = seated.iter().zip(&own).filter(|&(&seat, area)| seat == cover && area.is_none());
            self.push(Node::Cover(bid, cover), u64::from(number(straight.count())));
        }
    }

    fn push(&mut self, node: Node, through: u64) {
        self.nodes.push(node);
        self.through.push(through);
    }

    fn assessor_node(&self, assessor: usize) -> usize {
        assessor + 1
    }

    fn cover_node(&self, bid: usize, covers: u64) -> Option<usize> {
        (self.first[bid]..self.first[bid + 1])
            .find(|&node| matches!(self.nodes[node], Node::Cover(_, cover) if cover == covers))
    }

    /// Whether a bid's places are not all taken by what stays; otherwise nothing about it can change.
    fn is_open(&self, bid: usize) -> bool {
        self.routed.bid(bid).fixed < self.routed.bid(bid).places
    }

    /// The cheapest way from each node to a cover of a bid.
    fn ways_to_cover(&self, bid: usize, covers: u64) -> Result<Vec<Option<Price>>, InvalidInstance> {
        let mut way: Vec<Option<Price>> = vec![None; self.nodes.len()];
        let mut queued = vec![false; self.nodes.len()];
        let mut improved = vec![0_usize; self.nodes.len()];
        let Some(target) = self.cover_node(bid, covers) else { return Ok(way) };
        way[target] = Some(FREE);
        let mut waiting = VecDeque::from([target]);
        while let Some(head) = waiting.pop_front() {
            queued[head] = false;
            let Some(rest) = way[head] else { continue };
            let mut in_circles = false;
            self.each_arc_to(head, |tail, price| {
                let price = add(rest, price);
                if way[tail].is_none_or(|best| price < best) {
                    way[tail] = Some(price);
                    if !std::mem::replace(&mut queued[tail], true) {
                        improved[tail] += 1;
                        in_circles |= improved[tail] > self.nodes.len();
                        waiting.push_back(tail);
                    }
                }
            });
            if in_circles {
                // A better routing exists, so this one is not the best of the instance.
                return Err(InvalidInstance::OtherRouting);
            }
        }
        Ok(way)
    }

    /// Calls `visit` with the tail and the price of each residual arc to a node.
    fn each_arc_to(&self, head: usize, mut visit: impl FnMut(usize, Price)) {
        match self.nodes[head] {
            Node::Root => self.each_arc_to_root(visit),
            Node::Assessor(assessor) => {
                if self.routed.load(assessor) > 0 {
                    visit(0, negated(self.price_of_unit(assessor, self.routed.load(assessor))));
                }
                for seat in self.routed.of_assessor(assessor) {
                    let free = !seat.chosen && self.is_open(seat.bid());
                    if let Some(cover) = self.cover_node(seat.bid(), seat.pair.covers).filter(|_| free) {
                        visit(cover, self.price_of_taking(&seat.pair));
                    }
                }
            }
            Node::Bid(bid) if self.is_open(bid) => {
                if self.routed.missing(bid) > 0 {
                    visit(0, self.one(Aim::Places, -1));
                }
                for node in self.first[bid] + 1..self.first[bid + 1] {
                    let price = match self.nodes[node] {
                        Node::Area(..) => self.one(Aim::Areas, 1),
                        Node::Root | Node::Assessor(_) | Node::Bid(_) | Node::Cover(..) => FREE,
                    };
                    if self.through[node] != 0 {
                        visit(node, price);
                    }
                }
            }
            Node::Area(bid, _) if self.is_open(bid) => match self.cover_node(bid, self.through[head]) {
                Some(cover) => visit(cover, FREE),
                None => visit(self.first[bid], self.one(Aim::Areas, -1)),
            },
            Node::Cover(bid, covers) if self.is_open(bid) => self.each_arc_to_cover(bid, covers, visit),
            Node::Bid(_) | Node::Area(..) | Node::Cover(..) => {}
        }
    }

    fn each_arc_to_root(&self, mut visit: impl FnMut(usize, Price)) {
        for assessor in self.routed.assessors() {
            let load = self.routed.load(assessor);
            if load < self.routed.assessor(assessor).capacity {
                visit(self.assessor_node(assessor), self.price_of_unit(assessor, load + 1));
            }
        }
        for bid in self.routed.bids().filter(|&bid| self.is_open(bid) && self.routed.filled(bid) > 0) {
            visit(self.first[bid], self.one(Aim::Places, 1));
        }
    }

    fn each_arc_to_cover(&self, bid: usize, covers: u64, mut visit: impl FnMut(usize, Price)) {
        visit(self.first[bid], FREE);
        for node in self.first[bid] + 1..self.first[bid + 1] {
            if let Node::Area(_, area) = self.nodes[node]
                && covers & area != 0
                && self.through[node] != covers
            {
                visit(node, FREE);
            }
        }
        for seat in self.routed.of_bid(bid).filter(Seat::could_leave) {
            if seat.pair.covers == covers {
                visit(self.assessor_node(seat.assessor()), negated(self.price_of_taking(&seat.pair)));
            }
        }
    }

    fn one(&self, aim: Aim, amount: i64) -> Price {
        self.aims.map(|other| if other == aim { amount } else { 0 })
    }

    fn price_of_taking(&self, pair: &Pair) -> Price {
        self.aims.map(|aim| match aim {
            Aim::Fit => -pair.fit,
            Aim::Changes => -i64::from(pair.standing == Standing::Offered),
            Aim::Places | Aim::Areas | Aim::Minimums | Aim::Evenness => 0,
        })
    }

    /// Of an assessor's `k`-th bid.
    fn price_of_unit(&self, assessor: usize, k: u32) -> Price {
        let assessor = self.routed.assessor(assessor);
        self.aims.map(|aim| match aim {
            Aim::Minimums => -i64::from(k <= assessor.minimum),
            Aim::Evenness => unevenness(k, assessor.capacity).cast_signed(),
            Aim::Places | Aim::Areas | Aim::Fit | Aim::Changes => 0,
        })
    }

    fn cost(&self, price: Price) -> RivalCost {
        let first = self.aims.iter().zip(price).find(|&(_, by)| by != 0);
        first.map_or(RivalCost::Nothing, |(&aim, by)| RivalCost::Worse { aim, by: by.unsigned_abs() })
    }
}

fn add(a: Price, b: Price) -> Price {
    std::array::from_fn(|aim| a[aim] + b[aim])
}

fn negated(price: Price) -> Price {
    price.map(|by| -by)
}
