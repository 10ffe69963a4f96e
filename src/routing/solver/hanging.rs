//! Desks in the tree and outside it.
//!
//! A desk with an empty place hangs by it. Of one that is full, each node hangs from an assessor whom the desk could be freed of,
//! by the cheapest way. While nothing else hangs from it, it need not be in the tree, where it would be moved along: it hangs
//! there in mind, by the ways that are cheapest when it is looked at. To hang it otherwise is a pivot by which nothing flows.

use super::network::{Desk, Network};
use super::simplex::{Cost, ROOT};

impl<C: Cost> Network<'_, C> {
    /// Takes a desk out of the tree that nothing else hangs from, and within which nothing is to be gained: from then on nothing
    /// in it changes until it is called in, so that its cheapest ways exist.
    pub(super) fn withdraw(&mut self, desk: usize) {
        let Desk { node, nodes, arcs, .. } = self.desks[desk];
        let is_at_rest =
            || (arcs.0..arcs.1).all(|arc| self.simplex.is_from_root(arc) || self.stored_gain(arc) >= C::ZERO);
        if self.simplex.hangs_alone(node, nodes) && is_at_rest() {
            self.simplex.unhang(node, nodes);
        }
    }

    /// Gives the nodes of a desk outside the tree the potentials that they would have, hung by the cheapest ways.
    pub(super) fn price(&mut self, desk: usize) {
        let Desk { node, nodes, ref held, .. } = self.desks[desk];
        if self.simplex.is_hung(node) || held.is_empty() {
            return;
        }
        (node..node + nodes).for_each(|node| self.simplex.set_potential(node, C::UNREACHED));
        for &arc in &self.desks[desk].held {
            self.simplex.reach_back(arc);
        }
        self.reach_all(desk);
    }

    /// Lowers potentials until each is that of the cheapest way from those that are reached (Bellman and Ford).
    fn reach_all(&mut self, desk: usize) {
        let Desk { nodes, arcs, .. } = self.desks[desk];
        if self.desks[desk].is_plain() {
            return;
        }
        for _round in 0..nodes {
            let mut settled = true;
            for arc in arcs.0..arcs.1 {
                if !self.simplex.is_from_root(arc) {
                    settled &= !self.simplex.reach_on(arc) && !self.simplex.reach_back(arc);
                }
            }
            if settled {
                break;
            }
        }
    }

    /// Hangs a desk that is outside the tree.
    pub(super) fn call_in(&mut self, desk: usize) {
        if self.simplex.is_hung(self.desks[desk].node) {
            return;
        }
        self.price(desk);
        let held = self.desks[desk].held.iter();
        let mut tops: Vec<(C, u32, u32)> = held.map(|&arc| self.way_in(arc)).collect();
        tops.sort_unstable();
        for (cost, top, arc) in tops {
            if !self.simplex.is_hung(top) && self.simplex.potential(top) == cost {
                self.simplex.hang(top, arc);
                self.spread(desk, top);
            }
        }
        self.check_whole(desk);
    }

    /// Hangs a desk by an empty place.
    pub(super) fn hang_by_place(&mut self, desk: usize, place: u32) {
        let Desk { node, nodes, .. } = self.desks[desk];
        (node..node + nodes).for_each(|node| self.simplex.set_potential(node, C::UNREACHED));
        self.simplex.reach_on(place);
        self.reach_all(desk);
        self.simplex.hang(node, place);
        self.spread(desk, node);
        self.check_whole(desk);
    }

    fn check_whole(&self, desk: usize) {
        let Desk { node, nodes, .. } = self.desks[desk];
        debug_assert!((node..node + nodes).all(|node| self.simplex.is_hung(node)), "a desk hangs as a whole");
    }

    /// By an arc that could be given up: the potential, the node that it leads back to, and itself.
    fn way_in(&self, number: u32) -> (C, u32, u32) {
        let arc = self.simplex.arc(number);
        (self.simplex.potential(arc.head) - arc.cost, arc.tail, number)
    }

    /// Hangs all of a desk that the cheapest ways lead to by way of a node. Arcs that are neither empty nor full must all be in
    /// the tree, and so go first: whatever they join hangs together, before anything else can part it. They make no cycle, since
    /// each has the bid's own node at one end, and no two have both ends alike.
    fn spread(&mut self, desk: usize, top: u32) {
        let mut hung = vec![top];
        self.hang_next(desk, 0, true, &mut hung);
        let mut at = 0;
        while at < hung.len() {
            self.hang_next(desk, at, false, &mut hung);
            at += 1;
        }
    }

    /// Hangs what is next to a node that hangs: by arcs that must be in the tree, then all that these join, or by any others.
    fn hang_next(&mut self, desk: usize, at: usize, must: bool, hung: &mut Vec<u32>) {
        let arcs = self.desks[desk].arcs;
        let node = hung[at];
        for number in arcs.0..arcs.1 {
            let arc = *self.simplex.arc(number);
            let other = arc.tail ^ arc.head ^ node;
            if (arc.tail != node && arc.head != node) || other == ROOT || must != arc.is_between() {
                continue;
            }
            let cost = if arc.tail == node { arc.cost } else { -arc.cost };
            let is_cheapest = self.simplex.potential(other) == self.simplex.potential(node) + cost;
            if is_cheapest && !self.simplex.is_hung(other) && self.simplex.has_room(number, node) {
                self.simplex.hang(other, number);
                hung.push(other);
                self.hang_next(desk, hung.len() - 1, true, hung);
            }
        }
    }
}
