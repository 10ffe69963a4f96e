//! Where the simplex starts: with what stands, the empty places given out one by one, and a tree that fits that flow.
//!
//! A good start saves work, a bad one is no fault: whatever flow there is, the simplex goes on from it to the best.

use super::canonical::is_among;
use super::explain::own_areas;
use super::network::{Desk, Network, assessor_node};
use super::simplex::{Cost, ROOT};
use super::{Pair, Standing, number};

/// A pair that the start takes.
#[derive(Clone, Copy)]
struct Choice<C> {
    covers: u64,
    door: u32,
    assessor: u32,
    cost: C,
}

impl<C: Cost> Network<'_, C> {
    pub(super) fn start(&mut self) {
        // By assessor, what the next unit costs; nothing for one who is full.
        let mut next: Vec<Option<C>> =
            (0..self.full.len()).map(|assessor| self.next_unit(assessor)).collect();
        let mut chosen: Vec<Vec<Choice<C>>> = vec![Vec::new(); self.desks.len()];
        for (desk, choices) in chosen.iter_mut().enumerate() {
            self.keep_offers(desk, choices, &mut next);
        }
        for (desk, choices) in chosen.iter_mut().enumerate() {
            self.fill(desk, choices, &mut next);
        }
        for assessor in 0..self.full.len() {
            self.hang_by_load(assessor);
        }
        for (desk, choices) in chosen.iter().enumerate() {
            self.send_through(desk, choices);
            self.hang_desk(desk);
        }
        self.hang_loose_assessors();
    }

    fn next_unit(&self, assessor: usize) -> Option<C> {
        let (party, full) = (&self.canonical.assessors[assessor], self.full[assessor]);
        (full < party.room()).then(|| self.weights.unit(party, party.fixed + full + 1))
    }

    fn open_places(&self, desk: usize) -> usize {
        let bid = &self.canonical.bids[self.desks[desk].bid];
        (bid.places - bid.fixed) as usize
    }

    fn keep_offers(&mut self, desk: usize, choices: &mut Vec<Choice<C>>, next: &mut [Option<C>]) {
        let places = self.open_places(desk);
        let offers: Vec<(&Pair, u32)> = self
            .open_exceptions(&self.desks[desk])
            .filter(|(pair, _)| pair.standing == Standing::Offered)
            .collect();
        for (pair, door) in offers {
            if choices.len() < places && next[pair.assessor as usize].is_some() {
                let cost = self.weights.pair(pair);
                let choice = Choice { covers: pair.covers, door, assessor: pair.assessor, cost };
                self.choose(choice, choices, next);
            }
        }
    }

    fn choose(&mut self, choice: Choice<C>, choices: &mut Vec<Choice<C>>, next: &mut [Option<C>]) {
        let assessor = choice.assessor as usize;
        self.full[assessor] += 1;
        next[assessor] = self.next_unit(assessor);
        choices.push(choice);
    }

    /// Gives each empty place to whoever costs least as things stand.
    fn fill(&mut self, desk: usize, choices: &mut Vec<Choice<C>>, next: &mut [Option<C>]) {
        while choices.len() < self.open_places(desk) {
            let Some(choice) = self.cheapest(desk, choices, next) else { return };
            self.choose(choice, choices, next);
        }
    }

    /// Of equals the first assessor, in whichever run or among which exceptions the pair is found.
    fn cheapest(&self, desk: usize, choices: &[Choice<C>], next: &[Option<C>]) -> Option<Choice<C>> {
        let desk = &self.desks[desk];
        let exceptions = self.canonical.exceptions_of(desk.bid);
        let claimed = choices.iter().fold(0, |all, choice| all | choice.covers);
        let area = |covers: u64| if covers & !claimed == 0 { C::ZERO } else { self.weights.areas };
        let is_new = |assessor: u32| choices.iter().all(|choice| choice.assessor != assessor);
        let mut best: Option<(C, Choice<C>)> = None;
        let mut offer = |sum: C, choice: Choice<C>| {
            let is_better = |(least, known): (C, Choice<C>)| (sum, choice.assessor) < (least, known.assessor);
            if best.is_none_or(is_better) && is_new(choice.assessor) {
                best = Some((sum, choice));
            }
        };
        for (run, door) in self.runs(desk) {
            for entry in run.entries {
                let Some(unit) = next[entry.assessor as usize] else { continue };
                let cost = self.weights.fit(i64::from(entry.fit));
                let choice = Choice { covers: run.covers, door, assessor: entry.assessor, cost };
                if exceptions.is_empty() || !is_among(exceptions, entry.assessor) {
                    offer(cost + unit - area(run.covers), choice);
                }
            }
        }
        for (pair, door) in self.open_exceptions(desk) {
            let Some(unit) = next[pair.assessor as usize] else { continue };
            let cost = self.weights.pair(pair);
            let choice = Choice { covers: pair.covers, door, assessor: pair.assessor, cost };
            offer(cost + unit - area(pair.covers), choice);
        }
        best.map(|(_, choice)| choice)
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

    /// Puts a desk's choices, and its fixed pairs, into the flow.
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
        let fixed = self.canonical.exceptions_of(bid).iter().filter(|pair| pair.standing == Standing::Fixed);
        let fixed = fixed.map(|pair| (pair.covers, self.door(&self.desks[desk], pair.covers)));
        let seats: Vec<(u64, u32)> =
            choices.iter().map(|choice| (choice.covers, choice.door)).chain(fixed).collect();
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

    fn places_of(&self, desk: usize) -> Vec<u32> {
        self.between(desk, ROOT, self.desks[desk].node).collect()
    }

    /// A bid with an empty place hangs by it; a full one from assessors whom it could be freed of, each of its nodes by the
    /// cheapest way. A plain one that is full need not be in the tree.
    fn hang_desk(&mut self, desk: usize) {
        let Desk { node, nodes, .. } = self.desks[desk];
        let empty = self.places_of(desk).into_iter().find(|&arc| self.simplex.has_room(arc, ROOT));
        if self.desks[desk].is_plain() {
            empty.into_iter().for_each(|arc| self.simplex.hang(node, arc));
            return;
        }
        let mut entries: Vec<(C, u32, u32)> = match empty {
            Some(arc) => vec![(self.simplex.arc(arc).cost, node, arc)],
            None => self.desks[desk].held.iter().map(|&arc| self.way_in(arc)).collect(),
        };
        entries.sort_unstable();
        let ways = self.cheapest_ways(desk, &entries);
        for &(cost, top, arc) in &entries {
            if !self.simplex.is_hung(top) && ways[(top - node) as usize] == Some(cost) {
                self.simplex.hang(top, arc);
                self.grow(desk, top, &ways);
            }
        }
        debug_assert!((node..node + nodes).all(|node| self.simplex.is_hung(node)), "a desk hangs as a whole");
    }

    /// By an arc that could be given up: the potential, the node that it leads back to, and itself.
    fn way_in(&self, number: u32) -> (C, u32, u32) {
        let arc = self.simplex.arc(number);
        (self.simplex.potential(arc.head) - arc.cost, arc.tail, number)
    }

    /// What the cheapest way to each node of a desk costs (Bellman and Ford). As the most areas have somebody of their own,
    /// no cycle of the desk gains.
    fn cheapest_ways(&self, desk: usize, entries: &[(C, u32, u32)]) -> Vec<Option<C>> {
        let Desk { node, nodes, arcs, .. } = self.desks[desk];
        let mut ways: Vec<Option<C>> = vec![None; nodes as usize];
        for &(cost, top, _) in entries.iter().rev() {
            ways[(top - node) as usize] = Some(cost);
        }
        for _round in 0..nodes {
            let mut settled = true;
            for number in arcs.0..arcs.1 {
                let arc = *self.simplex.arc(number);
                for (from, to, cost) in [(arc.tail, arc.head, arc.cost), (arc.head, arc.tail, -arc.cost)] {
                    if from == ROOT || to == ROOT || !self.simplex.has_room(number, from) {
                        continue;
                    }
                    let Some(way) = ways[(from - node) as usize].map(|way| way + cost) else { continue };
                    if ways[(to - node) as usize].is_none_or(|known| way < known) {
                        ways[(to - node) as usize] = Some(way);
                        settled = false;
                    }
                }
            }
            if settled {
                break;
            }
        }
        ways
    }

    /// Hangs all of a desk that the cheapest ways lead to by way of a node. First by arcs that are neither empty nor full,
    /// which must all be in the tree: they make no cycle, since each has the bid's own node at one end, and no two have both
    /// ends alike.
    fn grow(&mut self, desk: usize, node: u32, ways: &[Option<C>]) {
        let Desk { node: first_node, arcs, .. } = self.desks[desk];
        for must in [true, false] {
            for number in arcs.0..arcs.1 {
                let arc = *self.simplex.arc(number);
                let touches = arc.tail == node || arc.head == node;
                let other = arc.tail ^ arc.head ^ node;
                let between = 0 < arc.flow && arc.flow < arc.capacity;
                if !touches || other == ROOT || must != between || !self.simplex.has_room(number, node) {
                    continue;
                }
                let cost = if arc.tail == node { arc.cost } else { -arc.cost };
                let cheapest =
                    ways[(other - first_node) as usize] == Some(self.simplex.potential(node) + cost);
                if cheapest && !self.simplex.is_hung(other) {
                    self.simplex.hang(other, number);
                    self.grow(desk, other, ways);
                }
            }
        }
    }

    /// An assessor who has nothing hangs from the desk that could take them at the least cost.
    fn hang_loose_assessors(&mut self) {
        let loose: Vec<bool> = (0..self.full.len()).map(|assessor| self.is_loose(assessor)).collect();
        if !loose.contains(&true) {
            return;
        }
        let mut best: Vec<Option<(C, usize, Choice<C>)>> = vec![None; loose.len()];
        for desk in 0..self.desks.len() {
            self.freeing(desk);
            for choice in self.open_pairs(desk, &loose) {
                let way = self.simplex.potential(choice.door) + choice.cost;
                let known = &mut best[choice.assessor as usize];
                if known.is_none_or(|(least, ..)| way < least) {
                    *known = Some((way, desk, choice));
                }
            }
        }
        for (_, desk, choice) in best.into_iter().flatten() {
            self.call_in(desk);
            let arc = self.hold(desk, choice.door, choice.assessor, choice.cost);
            self.simplex.hang(assessor_node(choice.assessor as usize), arc);
        }
    }

    fn is_loose(&self, assessor: usize) -> bool {
        let room = self.canonical.assessors[assessor].room();
        room > 0 && !self.simplex.is_hung(assessor_node(assessor))
    }

    /// The pairs of a desk with loose assessors.
    fn open_pairs(&self, at: usize, loose: &[bool]) -> Vec<Choice<C>> {
        let desk = &self.desks[at];
        let runs = self.runs(desk).flat_map(|(run, door)| {
            let loose = run.entries.iter().filter(|entry| loose[entry.assessor as usize]);
            let free = loose.filter(|entry| self.is_free(desk, entry.assessor));
            free.map(move |entry| {
                let cost = self.weights.fit(i64::from(entry.fit));
                Choice { covers: run.covers, door, assessor: entry.assessor, cost }
            })
        });
        let exceptions = self.open_exceptions(desk).filter(|(pair, _)| loose[pair.assessor as usize]);
        let exceptions = exceptions.map(|(pair, door)| Choice {
            covers: pair.covers,
            door,
            assessor: pair.assessor,
            cost: self.weights.pair(pair),
        });
        runs.chain(exceptions).collect()
    }
}
