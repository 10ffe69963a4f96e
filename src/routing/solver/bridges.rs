//! Reviews swapped so that the graph of who assesses what is connected.
//!
//! Bids and assessors are joined by the chosen pairs; its connected *parts* cannot be compared by their assessors'
//! leniency. A *swap* puts another possible assessor in the place of one who is not fixed there. So every bid keeps as many
//! assessors; it also keeps as many areas with one of their own, and nobody passes their capacity. Aims, in this order:
//! the fewest parts; the fewest swaps; the fewest offers taken away; the best fit; a fixed order.
//!
//! **Bounds.** (1) One swap, a new pair first and an old one taken then, joins two parts at most, and taking a pair away
//! joins none: `swaps ≥ parts before − parts after`, whatever is swapped. (2) Swaps lead only along possible pairs, and every bid
//! keeps somebody: there are never fewer parts than the graph of all possible pairs has with such bids in them.
//!
//! **Search.** For each number of parts from bound (2) on, and each number of swaps from bound (1) on, all sets of swaps are
//! tried, in a fixed order, but those that bound (1) or the capacities rule out before they are complete. What is found before
//! [`EFFORT`] is spent has the fewest parts and swaps; if it is not spent, the least loss too. Its cost is exponential in the swaps, `O((seats × candidates)^swaps × pairs)`;
//! to connect by swaps at the least is hard in general (with two places on each bid and a capacity of two it asks for a
//! Hamiltonian cycle). Beyond, single swaps that each join two parts are made while there are any: `O(parts × pairs)`. That
//! is the fewest swaps where both bounds are met with equality, and not known to be otherwise: [`Bridges::proven`].

use super::explain::own_areas;
use super::graph::Graph;
use super::routed::{Routed, Seat};
use super::{Pair, Standing};

/// How many pairs the full search may look at, each time it looks at all. It decides which rounds are "small", so it is part of what
/// is computed, and no clock is.
const EFFORT: u64 = 20_000_000;

/// What connecting a routing took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bridges {
    pub parts_before: u32,
    pub parts_after: u32,
    pub swaps: Vec<Swap>,
    /// The sum of fits before, less that after: negative if it rose.
    pub fit_lost: i64,
    /// Whether it is proven that no swaps give fewer parts, and that no fewer swaps give as few.
    pub proven: bool,
    /// Where parts are left: the bids of each, as indices of the instance, by key.
    pub apart: Vec<Vec<u32>>,
    /// How many parts are left even if everybody took every bid that they may.
    pub parts_possible: u32,
}

/// A review that another assessor gets. Indices of the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swap {
    pub bid: u32,
    pub from: u32,
    pub to: u32,
}

/// The position of the pair that is taken away, and that of the one that takes its place.
type Step = (usize, usize);

/// What decides between sets of swaps of one size: offers taken away less offers that stay after all, fit lost.
type Loss = (i64, i64);

/// The chosen pairs once connected, by bid, then assessor, and the report.
pub(super) fn connected(routed: &Routed<'_>) -> (Vec<Pair>, Bridges) {
    let mut search = Search::new(routed);
    let proven = search.run();
    let steps = std::mem::take(&mut search.best);
    let mut chosen = routed.chosen().to_vec();
    for &(from, to) in &steps {
        chosen[from] = false;
        chosen[to] = true;
    }
    let report = search.report(&steps, &chosen, proven);
    (routed.pairs(&chosen), report)
}

struct Search<'r, 'a> {
    routed: &'r Routed<'a>,
    graph: Graph<'r, 'a>,
    /// Who could leave, in the order of pairs.
    seats: Vec<Seat>,
    chosen: Vec<bool>,
    loads: Vec<u32>,
    parts_before: u32,
    parts_possible: u32,
    effort: u64,
    best: Vec<Step>,
}

impl<'r, 'a> Search<'r, 'a> {
    fn new(routed: &'r Routed<'a>) -> Self {
        let graph = Graph::new(routed);
        let seats = routed.bids().flat_map(|bid| routed.of_bid(bid)).filter(Seat::could_leave).collect();
        Self {
            parts_before: graph.parts(routed.chosen()).count,
            parts_possible: graph.parts(&graph.possible()).count,
            graph,
            seats,
            chosen: routed.chosen().to_vec(),
            loads: routed.assessors().map(|assessor| routed.load(assessor)).collect(),
            routed,
            effort: EFFORT,
            best: Vec::new(),
        }
    }

    /// Whether [`Self::best`] is then proven to be so.
    fn run(&mut self) -> bool {
        for parts in self.parts_possible..self.parts_before {
            for swaps in (self.parts_before - parts) as usize..=self.seats.len() {
                let mut found: Option<(Loss, Vec<Step>)> = None;
                self.deepen(&mut Vec::new(), swaps, parts, &mut found);
                if let Some((_, steps)) = found {
                    self.best = steps;
                    return true;
                }
                if self.effort == 0 {
                    return self.run_by_single_swaps();
                }
            }
        }
        true
    }

    /// Tries every set of swaps that goes on from `steps`, up to `swaps` of them.
    fn deepen(
        &mut self,
        steps: &mut Vec<Step>,
        swaps: usize,
        parts: u32,
        found: &mut Option<(Loss, Vec<Step>)>,
    ) {
        self.effort = self.effort.saturating_sub(self.graph.size());
        let left = u32::try_from(swaps - steps.len()).unwrap_or(u32::MAX);
        let over: u32 = self.routed.assessors().map(|assessor| self.excess(assessor)).sum();
        if self.effort == 0
            || over > left
            || self.graph.parts(&self.chosen).count > parts.saturating_add(left)
        {
            return;
        }
        if left == 0 {
            self.consider(steps, found);
            return;
        }
        let first = steps.last().map_or(0, |&(from, _)| self.seat_after(from));
        for index in first..self.seats.len() {
            let seat = self.seats[index];
            for to in self.candidates(&seat, steps) {
                self.make((seat.position, to));
                steps.push((seat.position, to));
                self.deepen(steps, swaps, parts, found);
                steps.pop();
                self.make((to, seat.position));
            }
        }
    }

    /// The index in [`Self::seats`] of the first one past a position.
    fn seat_after(&self, position: usize) -> usize {
        self.seats.partition_point(|seat| seat.position <= position)
    }

    /// Pairs that could take a seat's place. Within a bid they come in their order, so that a set is met once.
    fn candidates(&self, seat: &Seat, steps: &[Step]) -> Vec<usize> {
        let last = steps.last().filter(|&&(from, _)| self.routed.seat(from).bid() == seat.bid());
        let after = last.map(|&(_, to)| to);
        let fits = |other: &Seat| {
            !other.chosen
                && self.routed.room(other.assessor()) > 0
                && after.is_none_or(|after| other.position > after)
        };
        self.routed.of_bid(seat.bid()).filter(fits).map(|other| other.position).collect()
    }

    fn make(&mut self, (from, to): Step) {
        for (position, is_chosen) in [(from, false), (to, true)] {
            self.chosen[position] = is_chosen;
            let load = &mut self.loads[self.routed.seat(position).assessor()];
            *load = if is_chosen { *load + 1 } else { *load - 1 };
        }
    }

    /// Bids beyond an assessor's capacity that need not be.
    fn excess(&self, assessor: usize) -> u32 {
        let allowed = self.routed.room(assessor) + self.routed.assessor(assessor).fixed;
        self.loads[assessor].saturating_sub(allowed)
    }

    fn consider(&self, steps: &[Step], found: &mut Option<(Loss, Vec<Step>)>) {
        let loss = self.loss(steps);
        let better = found.as_ref().is_none_or(|(best, _)| loss < *best);
        if better && self.keeps_areas(steps) {
            *found = Some((loss, steps.to_vec()));
        }
    }

    fn loss(&self, steps: &[Step]) -> Loss {
        let pairs = steps.iter().map(|&(from, to)| (self.routed.seat(from).pair, self.routed.seat(to).pair));
        let offered = |pair: &Pair| i64::from(pair.standing == Standing::Offered);
        let (mut changes, mut fit) = (0, 0);
        for (from, to) in pairs {
            changes += offered(&from) - offered(&to);
            fit += from.fit - to.fit;
        }
        (changes, fit)
    }

    /// Whether each changed bid has as many areas with an assessor of their own as before.
    fn keeps_areas(&self, steps: &[Step]) -> bool {
        let own = |bid: usize, chosen: &[bool]| {
            let seats = self.routed.of_bid(bid).filter(|seat| chosen[seat.position]);
            let seats: Vec<Seat> = seats.collect();
            let covers: Vec<u64> = seats.iter().map(|seat| seat.pair.covers).collect();
            own_areas(&covers, self.routed.bid(bid).places).iter().flatten().count()
        };
        steps
            .iter()
            .map(|&(from, _)| self.routed.seat(from).bid())
            .all(|bid| own(bid, &self.chosen) >= own(bid, self.routed.chosen()))
    }

    /// Joins two parts by one swap, the one with the least loss, as long as there is one.
    fn run_by_single_swaps(&mut self) -> bool {
        self.best.clear();
        let mut parts = self.parts_before;
        while parts > self.parts_possible {
            let Some(step) = self.best_single_swap() else { break };
            self.make(step);
            self.seats.retain(|seat| seat.position != step.0);
            self.best.push(step);
            parts -= 1;
        }
        parts == self.parts_possible
    }

    /// Taking the old pair must not part what it holds together: it is on a cycle, or all that its assessor has.
    fn best_single_swap(&mut self) -> Option<Step> {
        let parts = self.graph.parts(&self.chosen);
        let holding = self.graph.holding(&self.chosen);
        let mut best: Option<(Loss, Step)> = None;
        for index in 0..self.seats.len() {
            let seat = self.seats[index];
            if holding[seat.position] && self.loads[seat.assessor()] > 1 {
                continue;
            }
            for other in self.routed.of_bid(seat.bid()) {
                let to = other.assessor();
                let load = self.loads[to];
                let joins = load > 0 && parts.of_assessor(to) != parts.of_bid(seat.bid());
                let step = (seat.position, other.position);
                let loss = self.loss(&[step]);
                if !joins
                    || load >= self.routed.assessor(to).capacity
                    || best.is_some_and(|(least, _)| least <= loss)
                {
                    continue;
                }
                self.make(step);
                if self.keeps_areas(&[step]) {
                    best = Some((loss, step));
                }
                self.make((other.position, seat.position));
            }
        }
        best.map(|(_, step)| step)
    }

    fn report(&self, steps: &[Step], chosen: &[bool], proven: bool) -> Bridges {
        let parts = self.graph.parts(chosen);
        let swap = |&(from, to): &Step| {
            let (from, to) = (self.routed.seat(from), self.routed.seat(to));
            Swap {
                bid: self.routed.bid(from.bid()).origin,
                from: self.routed.assessor(from.assessor()).origin,
                to: self.routed.assessor(to.assessor()).origin,
            }
        };
        Bridges {
            parts_before: self.parts_before,
            parts_after: parts.count,
            swaps: steps.iter().map(swap).collect(),
            fit_lost: self.loss(steps).1,
            proven,
            apart: if parts.count > 1 { parts.bids(self.routed) } else { Vec::new() },
            parts_possible: self.parts_possible,
        }
    }
}
