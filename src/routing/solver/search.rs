//! Which arcs are worth taking, until none is.
//!
//! Pairs are looked at where they are listed or implied; to be stored, one has to be worth taking.

use super::network::{Network, assessor_node};
use super::pools::Run;
use super::simplex::{Cost, Node, ROOT};

/// How many parties a search for an entering arc looks at together, at the least; of many it is one in [`SAMPLE`]. A larger
/// sample finds arcs that gain more, so that fewer pivots are needed, but looks at more parties for each.
const BLOCK: usize = 64;
const SAMPLE: usize = 100;

/// How a desk is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Among many, while no potential changes: most are seen to be hopeless by the peaks of their areas.
    AtAGlance,
    /// Alone, when a potential has just changed.
    Closely,
}

/// An arc that may be worth taking.
#[derive(Clone, Copy)]
enum Entering<C> {
    Stored { desk: usize, arc: u32 },
    Pair { desk: usize, door: u32, assessor: u32, cost: C },
    NextUnit(usize),
    LastUnit(usize),
}

impl<C> Entering<C> {
    const fn desk(&self) -> Option<usize> {
        match *self {
            Self::Stored { desk, .. } | Self::Pair { desk, .. } => Some(desk),
            Self::NextUnit(_) | Self::LastUnit(_) => None,
        }
    }
}

impl<C: Cost> Network<'_, C> {
    /// Pivots until no arc of the whole network gains, which proves that nothing is better.
    pub(super) fn improve(&mut self) {
        let mut candidates = Vec::new();
        // How many parties were looked at since the potentials last changed.
        let mut idle = 0;
        while idle < self.parties.len() {
            if idle > 0 && self.ceiling.is_none() {
                self.ceiling = self.highest_potential();
            }
            idle += self.look(&mut candidates);
            candidates.sort_by_key(|best: &Best<C>| best.gain);
            let alone = candidates.len() == 1;
            for entering in candidates.drain(..).filter_map(|best| best.entering) {
                if self.still_gains(&entering) {
                    self.enter(entering);
                    idle = 0;
                    self.ceiling = None;
                    if alone {
                        self.enter_others(entering);
                    }
                }
            }
        }
    }

    fn assessor_nodes(&self) -> &[Node<C>] {
        self.simplex.some_nodes(assessor_node(0), self.full.len())
    }

    fn highest_potential(&self) -> Option<C> {
        self.assessor_nodes().iter().map(|node| node.potential).max()
    }

    /// Near the end, when few desks have anything to gain, one that has may need many pivots, for which it is not worth
    /// looking at all the others.
    fn enter_others(&mut self, first: Entering<C>) {
        let Some(desk) = first.desk() else { return };
        self.price(desk);
        while let Some(next) = self.look_at_desk(desk, Look::Closely).and_then(|best| best.entering) {
            self.enter(next);
            self.price(desk);
        }
    }

    fn enter(&mut self, entering: Entering<C>) {
        self.peaks.get_mut().forget();
        if let Some(desk) = entering.desk() {
            self.call_in(desk);
        }
        let arc = self.store(entering);
        let leaving = self.simplex.pivot(arc);
        // Whichever desks the cycle no longer needs would be moved along with every pivot until they are looked at.
        let leaving = self.put_away(leaving);
        entering.desk().into_iter().chain(leaving).for_each(|desk| self.withdraw(desk));
    }

    /// Finds the best arc of each party of the next block, from where the last search stopped.
    fn look(&mut self, candidates: &mut Vec<Best<C>>) -> usize {
        let block = BLOCK.max(self.parties.len() / SAMPLE).min(self.parties.len());
        for _party in 0..block {
            let party = self.parties[self.cursor] as usize;
            let best = if party < self.desks.len() {
                self.withdraw(party);
                self.price(party);
                self.look_at_desk(party, Look::AtAGlance)
            } else {
                self.look_at_load(party - self.desks.len())
            };
            candidates.extend(best);
            self.cursor = if self.cursor + 1 == self.parties.len() { 0 } else { self.cursor + 1 };
        }
        block
    }

    fn still_gains(&mut self, entering: &Entering<C>) -> bool {
        if let Some(desk) = entering.desk() {
            self.price(desk);
        }
        self.gain(entering) < C::ZERO
    }

    fn gain(&self, entering: &Entering<C>) -> C {
        match *entering {
            Entering::Stored { arc, .. } => self.stored_gain(arc),
            Entering::Pair { door, assessor, cost, .. } => {
                let to = self.simplex.potential(assessor_node(assessor as usize));
                cost + self.simplex.potential(door) - to
            }
            Entering::NextUnit(assessor) => self.next_unit_gain(assessor).unwrap_or(C::ZERO),
            Entering::LastUnit(assessor) => self.last_unit_gain(assessor).unwrap_or(C::ZERO),
        }
    }

    /// What a unit of change of a stored arc's flow costs.
    pub(super) fn stored_gain(&self, arc: u32) -> C {
        let arc = self.simplex.arc(arc);
        let reduced = self.simplex.reduced_cost(arc);
        match (arc.in_tree, arc.flow) {
            (true, _) => C::ZERO,
            (false, 0) => reduced,
            (false, _) => -reduced,
        }
    }

    fn next_unit_gain(&self, assessor: usize) -> Option<C> {
        let full = self.full[assessor];
        let potential = self.simplex.potential(assessor_node(assessor));
        let possible = full < self.room(assessor) && potential != C::LEAST;
        possible.then(|| self.unit(assessor, full) + potential)
    }

    fn last_unit_gain(&self, assessor: usize) -> Option<C> {
        let full = self.full[assessor];
        let potential = self.simplex.potential(assessor_node(assessor));
        (full > 0).then(|| -(self.unit(assessor, full - 1) + potential))
    }

    fn look_at_load(&self, assessor: usize) -> Option<Best<C>> {
        let mut best = Best { gain: C::ZERO, entering: None };
        for entering in [Entering::NextUnit(assessor), Entering::LastUnit(assessor)] {
            best.offer(self.gain(&entering), || Some(entering));
        }
        best.entering.is_some().then_some(best)
    }

    fn look_at_desk(&self, at: usize, look: Look) -> Option<Best<C>> {
        let desk = &self.desks[at];
        let mut best = Best { gain: C::ZERO, entering: None };
        for arc in (desk.arcs.0..desk.arcs.1).chain(desk.held.iter().copied()) {
            best.offer(self.stored_gain(arc), || Some(Entering::Stored { desk: at, arc }));
        }
        for (run, door) in self.runs(desk) {
            if look == Look::Closely || !self.is_hopeless(at, run, door, &best) {
                self.look_through(at, run, door, &mut best);
            }
        }
        for (pair, door) in self.open_exceptions(desk) {
            let (assessor, cost) = (pair.assessor, self.weights.pair(pair));
            let entering = Entering::Pair { desk: at, door, assessor, cost };
            let is_new = || (!self.holds(desk, assessor)).then_some(entering);
            best.offer_pair(self.gain(&entering), assessor, is_new);
        }
        best.entering.is_some().then_some(best)
    }

    fn look_through(&self, at: usize, run: Run<'_>, door: u32, best: &mut Best<C>) {
        let from = self.simplex.potential(door);
        let assessors = self.assessor_nodes();
        for entry in run.entries {
            let (assessor, cost) = (entry.assessor, self.weights.fit(run.fit(entry)));
            let gain = cost + from - assessors[assessor as usize].potential;
            let entering = || Entering::Pair { desk: at, door, assessor, cost };
            best.offer_pair(gain, assessor, || self.is_free(&self.desks[at], assessor).then(entering));
        }
    }

    /// Do the best of a bid's areas show that nobody in a run gains as much as the best so far?
    fn is_hopeless(&self, at: usize, run: Run<'_>, door: u32, best: &Best<C>) -> bool {
        let from = self.simplex.potential(door);
        if self.ceiling.is_some_and(|ceiling| from + self.weights.fit(run.best_fit) >= ceiling) {
            return true;
        }
        let desk = &self.desks[at];
        let assessors = self.assessor_nodes();
        let worth = |assessor: u32, fit| assessors[assessor as usize].potential - self.weights.fit(fit);
        let mut peaks = self.peaks.borrow_mut();
        let areas =
            self.canonical.areas_of(desk.bid).zip(0..).filter(|(_, bit)| run.covers & (1 << bit) != 0);
        let of_area = |(area, _)| {
            peaks.best(&self.canonical.pools, area, worth, |assessor| self.is_free(desk, assessor))
        };
        let gain = areas.map(of_area).max().map(|most| from - most);
        gain.is_some_and(|gain| gain >= C::ZERO || gain > best.gain)
    }

    /// The number of the arc that enters, stored if it was not.
    fn store(&mut self, entering: Entering<C>) -> u32 {
        match entering {
            Entering::Stored { arc, .. } => arc,
            Entering::Pair { desk, door, assessor, cost } => self.hold(desk, door, assessor, cost),
            Entering::NextUnit(assessor) => self.add_unit(assessor),
            Entering::LastUnit(assessor) => {
                self.full[assessor] -= 1;
                let arc = self.add_unit(assessor);
                self.simplex.load(arc, 1);
                arc
            }
        }
    }

    /// Forgets an arc that left the tree, if it need not be stored; gives the desk that it was of, if that is one's.
    fn put_away(&mut self, leaving: u32) -> Option<usize> {
        let arc = *self.simplex.arc(leaving);
        if arc.head == ROOT {
            self.full[arc.tail as usize - 1] += arc.flow;
            self.simplex.forget(leaving);
            return None;
        }
        let first = self.canonical.assessors.len() + 1;
        let node = if arc.tail == ROOT { arc.head } else { arc.tail };
        let desk = self.desk_of[node as usize - first] as usize;
        if arc.flow == 0 && self.is_pair(arc.head) {
            self.desks[desk].held.retain(|&held| held != leaving);
            self.simplex.forget(leaving);
        }
        Some(desk)
    }

    /// Only pairs lead to assessors.
    const fn is_pair(&self, head: u32) -> bool {
        head as usize <= self.full.len()
    }
}

/// The best arc so far, and what a unit of change of its flow costs: under zero, if there is one.
struct Best<C> {
    gain: C,
    entering: Option<Entering<C>>,
}

impl<C: Cost> Best<C> {
    /// Takes an arc that gains more, unless it turns out that there is no such arc.
    fn offer(&mut self, gain: C, entering: impl FnOnce() -> Option<Entering<C>>) {
        if gain < self.gain
            && let Some(entering) = entering()
        {
            *self = Self { gain, entering: Some(entering) };
        }
    }

    /// The same of a bid's pair. Of equal ones it takes the first assessor, so that nothing hangs on where the pair was found.
    fn offer_pair(&mut self, gain: C, assessor: u32, entering: impl FnOnce() -> Option<Entering<C>>) {
        let is_before =
            || matches!(self.entering, Some(Entering::Pair { assessor: other, .. }) if assessor < other);
        if (gain < self.gain || gain == self.gain && is_before())
            && let Some(entering) = entering()
        {
            *self = Self { gain, entering: Some(entering) };
        }
    }
}
