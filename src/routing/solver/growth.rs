//! The tree that the simplex starts with: cheapest ways from the root along the flow, as nearly as one look at each pair finds them.
//!
//! With the best flow, cheapest ways are a tree by which nothing gains. The market's flow is nearly that, and its prices are nearly
//! the ways' lengths: in the order of what is left of a way, which is nothing for most, each assessor is reached once (Dijkstra,
//! with potentials). Where a way turns out to be cheaper later, the simplex finds it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::market::Choice;
use super::network::{Network, assessor_node};
use super::number;
use super::simplex::{Cost, ROOT};

pub(super) struct Growth<'n, 'a, C> {
    network: &'n mut Network<'a, C>,
    /// By assessor, what the market asks for them.
    asks: Vec<C>,
    /// By assessor, the desks that they are on.
    desks_of: Vec<Vec<u32>>,
    reached: Vec<Option<Way<C>>>,
    done: Vec<bool>,
    looked_at: Vec<bool>,
    /// What is left of each way, and whom it leads to.
    waiting: BinaryHeap<Reverse<(C, u32)>>,
}

/// How an assessor is reached, and at what cost.
#[derive(Clone, Copy)]
struct Way<C> {
    cost: C,
    by: By<C>,
}

#[derive(Clone, Copy)]
enum By<C> {
    /// By giving back their last unit.
    Load,
    Desk(usize, Choice<C>),
}

impl<'n, 'a, C: Cost> Growth<'n, 'a, C> {
    pub(super) fn new(network: &'n mut Network<'a, C>, asks: Vec<C>) -> Self {
        let assessors = network.full.len();
        let mut desks_of = vec![Vec::new(); assessors];
        for (at, desk) in network.desks.iter().enumerate() {
            for &arc in &desk.held {
                desks_of[network.simplex.arc(arc).head as usize - 1].push(number(at));
            }
        }
        Self {
            asks,
            desks_of,
            reached: vec![None; assessors],
            done: vec![false; assessors],
            looked_at: vec![false; network.desks.len()],
            waiting: BinaryHeap::new(),
            network,
        }
    }

    pub(super) fn grow(mut self) {
        for assessor in 0..self.done.len() {
            self.network.simplex.set_potential(assessor_node(assessor), C::UNREACHED);
            if let Some(last) = self.network.full[assessor].checked_sub(1) {
                self.reach(assessor, Way { cost: -self.network.unit(assessor, last), by: By::Load });
            }
        }
        for desk in 0..self.looked_at.len() {
            let empty = self.network.empty_place(desk);
            if let Some(place) = empty {
                self.network.hang_by_place(desk, place);
                self.look_on(desk);
            }
        }
        while let Some(Reverse((_, assessor))) = self.waiting.pop() {
            self.settle(assessor as usize);
        }
        for assessor in (0..self.done.len()).filter(|&assessor| !self.done[assessor]) {
            self.network.simplex.set_potential(assessor_node(assessor), C::LEAST);
        }
    }

    fn reach(&mut self, assessor: usize, way: Way<C>) {
        if self.reached[assessor].is_none_or(|known| way.cost < known.cost) {
            self.reached[assessor] = Some(way);
            // The market's price is a guess at the way's length, under zero.
            let ask = self.asks[assessor];
            let left = if ask == C::UNREACHED { way.cost } else { way.cost + ask };
            self.waiting.push(Reverse((left, number(assessor))));
        }
    }

    fn settle(&mut self, assessor: usize) {
        if std::mem::replace(&mut self.done[assessor], true) {
            return;
        }
        match self.reached[assessor].map(|way| way.by) {
            Some(By::Desk(desk, choice)) => {
                self.network.call_in(desk);
                let arc = self.network.hold(desk, choice.door, choice.assessor, choice.cost);
                self.network.simplex.hang(assessor_node(assessor), arc);
            }
            Some(By::Load) | None => self.network.hang_by_load(assessor),
        }
        for desk in std::mem::take(&mut self.desks_of[assessor]) {
            if !self.looked_at[desk as usize] {
                self.network.price(desk as usize);
                self.look_on(desk as usize);
            }
        }
    }

    /// Looks from a desk at all whom it could take.
    fn look_on(&mut self, desk: usize) {
        self.looked_at[desk] = true;
        let mut found = Vec::new();
        self.network.each_open_pair(desk, |choice| {
            let assessor = choice.assessor as usize;
            if self.done[assessor] || self.network.room(assessor) == 0 {
                return;
            }
            let cost = self.network.simplex.potential(choice.door) + choice.cost;
            if self.reached[assessor].is_none_or(|known| cost < known.cost) {
                found.push(Way { cost, by: By::Desk(desk, choice) });
            }
        });
        for way in found {
            let By::Desk(_, choice) = way.by else { continue };
            if !self.network.holds_on(desk, choice.assessor) {
                self.reach(choice.assessor as usize, way);
            }
        }
    }
}

impl<C: Cost> Network<'_, C> {
    fn empty_place(&self, desk: usize) -> Option<u32> {
        self.places_of(desk).into_iter().find(|&arc| self.simplex.has_room(arc, ROOT))
    }

    /// An assessor who has something hangs from the root by the last unit, which could be given back.
    fn hang_by_load(&mut self, assessor: usize) {
        if self.full[assessor] > 0 {
            self.full[assessor] -= 1;
            let arc = self.add_unit(assessor);
            self.simplex.load(arc, 1);
            self.simplex.hang(assessor_node(assessor), arc);
        }
    }

    fn holds_on(&self, desk: usize, assessor: u32) -> bool {
        self.holds(&self.desks[desk], assessor)
    }

    /// The pairs of a desk that may be taken or left.
    fn each_open_pair(&self, at: usize, mut visit: impl FnMut(Choice<C>)) {
        let desk = &self.desks[at];
        let exceptions = self.canonical.exceptions_of(desk.bid);
        for (run, door) in self.runs(desk) {
            for entry in run.entries {
                if exceptions.is_empty() || !super::canonical::is_among(exceptions, entry.assessor) {
                    let cost = self.weights.fit(run.fit(entry));
                    visit(Choice { covers: run.covers, door, assessor: entry.assessor, cost });
                }
            }
        }
        for (pair, door) in self.open_exceptions(desk) {
            let cost = self.weights.pair(pair);
            visit(Choice { covers: pair.covers, door, assessor: pair.assessor, cost });
        }
    }
}
