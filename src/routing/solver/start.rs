//! Where the simplex starts: with the pairs that were dealt in on the market, and a tree that fits that flow.
//!
//! A good start saves work, a bad one is no fault: whatever flow there is, the simplex goes on from it to the best.

use super::explain::own_areas;
use super::growth::Growth;
use super::market::{Choice, Market};
use super::network::Network;
use super::number;
use super::simplex::{Cost, ROOT};

impl<C: Cost> Network<'_, C> {
    pub(super) fn start(&mut self) {
        let (chosen, asks) = Market::open(self).run();
        for (desk, choices) in chosen.iter().enumerate() {
            self.send_through(desk, choices);
        }
        Growth::new(self, asks).grow();
    }

    /// Puts a desk's choices, and what is kept of its pairs, into the flow.
    fn send_through(&mut self, desk: usize, choices: &[Choice<C>]) {
        let (bid, node) = (self.desks[desk].bid, self.desks[desk].node);
        let mut left = number(choices.len());
        for arc in self.places_of(desk) {
            let units = left.min(self.simplex.arc(arc).capacity);
            self.simplex.load(arc, units);
            left -= units;
        }
        for choice in choices {
            let arc = self.hold(desk, choice.door, choice.assessor, choice.cost);
            self.simplex.load(arc, 1);
        }
        let kept = self.canonical.exceptions_of(bid).iter().filter(|pair| self.keep.keeps(pair));
        let kept = kept.map(|pair| (pair.covers, self.door(&self.desks[desk], pair.covers)));
        let seats: Vec<(u64, u32)> =
            choices.iter().map(|choice| (choice.covers, choice.door)).chain(kept).collect();
        if seats.iter().all(|&(_, door)| door == node) {
            return;
        }
        let covers: Vec<u64> = seats.iter().map(|seat| seat.0).collect();
        let areas = own_areas(&covers, self.canonical.bids[bid].places);
        for (&(_, door), area) in seats.iter().zip(areas) {
            self.send_to_door(desk, door, area);
        }
    }

    /// One unit inside a split bid, through an area if it is the area's own.
    fn send_to_door(&mut self, desk: usize, door: u32, area: Option<u8>) {
        let node = self.desks[desk].node;
        let Some(area) = area else {
            // The last of two arcs to an area's node is the one for further places.
            let further = self.between(desk, node, door).last();
            further.into_iter().for_each(|arc| self.simplex.load(arc, 1));
            return;
        };
        let area_node = self.door_of_area(desk, area);
        let own = self.between(desk, node, area_node).next();
        let claim = self.between(desk, area_node, door).next();
        own.into_iter().chain(claim).for_each(|arc| self.simplex.load(arc, 1));
    }

    /// Its area nodes follow a split bid's own node, in the order of the areas.
    fn door_of_area(&self, desk: usize, area: u8) -> u32 {
        let desk = &self.desks[desk];
        let before = self.areas_of(desk) & ((1 << area) - 1);
        desk.node + 1 + before.count_ones()
    }

    fn between(&self, desk: usize, tail: u32, head: u32) -> impl Iterator<Item = u32> {
        let (first, end) = self.desks[desk].arcs;
        (first..end).filter(move |&arc| {
            let arc = self.simplex.arc(arc);
            (arc.tail, arc.head) == (tail, head)
        })
    }

    pub(super) fn places_of(&self, desk: usize) -> Vec<u32> {
        self.between(desk, ROOT, self.desks[desk].node).collect()
    }
}
