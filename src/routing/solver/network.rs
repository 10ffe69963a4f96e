//! The network of an instance. The model is described in [`super`].
//!
//! Invariant: an arc of a pair or of a unit of load is stored only while it is in the tree, or, for a pair, while it
//! carries flow; all others have no flow, or, for units below an assessor's `full`, are at capacity.

use std::cell::RefCell;

use super::aims::Weights;
use super::canonical::{Canonical, Keep, is_among};
use super::peaks::Peaks;
use super::pools::Run;
use super::simplex::{Cost, ROOT, Simplex};
use super::{Pair, Purpose, number};

/// The pairs that the best routing takes, by bid, each by assessor; those that are kept are among them.
pub(super) fn solve(canonical: &Canonical, purpose: Purpose, keep: Keep) -> Vec<Pair> {
    if let Some(weights) = Weights::<i64>::new(canonical, purpose, keep) {
        return Network::new(canonical, weights, keep).solve();
    }
    // The largest instance has weights in these numbers.
    Weights::<i128>::new(canonical, purpose, keep)
        .map(|weights| Network::new(canonical, weights, keep).solve())
        .unwrap_or_default()
}

pub(super) struct Network<'a, C> {
    pub(super) canonical: &'a Canonical,
    pub(super) weights: Weights<C>,
    pub(super) keep: Keep,
    pub(super) simplex: Simplex<C>,
    pub(super) desks: Vec<Desk>,
    /// By node from the first bid's on, the desk it belongs to.
    pub(super) desk_of: Vec<u32>,
    /// Covers of each desk with the node that its pairs leave from.
    doors: Vec<(u64, u32)>,
    /// By assessor, how many units of load are at capacity outside the tree. One unit more may be in the tree.
    pub(super) full: Vec<u32>,
    /// Desks and, after them, assessors, in the order of the search.
    pub(super) parties: Vec<u32>,
    pub(super) cursor: usize,
    /// What no assessor's potential is above, if that is known.
    pub(super) ceiling: Option<C>,
    /// Of the potentials as they are.
    pub(super) peaks: RefCell<Peaks<C>>,
}

/// A bid that has places to fill, in the network.
pub(super) struct Desk {
    pub(super) bid: usize,
    /// The first of its nodes, and how many there are.
    pub(super) node: u32,
    pub(super) nodes: u32,
    /// Its arcs other than pairs: `arcs.0..arcs.1`.
    pub(super) arcs: (u32, u32),
    doors: (usize, usize),
    /// Arcs of pairs that are in the tree or carry flow.
    pub(super) held: Vec<u32>,
}

impl Desk {
    /// Is it a node alone?
    pub(super) const fn is_plain(&self) -> bool {
        self.nodes == 1
    }
}

impl<'a, C: Cost> Network<'a, C> {
    fn new(canonical: &'a Canonical, weights: Weights<C>, keep: Keep) -> Self {
        let mut network = Self {
            canonical,
            weights,
            keep,
            simplex: Simplex::new(),
            desks: Vec::new(),
            desk_of: Vec::new(),
            doors: Vec::new(),
            full: vec![0; canonical.assessors.len()],
            parties: Vec::new(),
            cursor: 0,
            ceiling: None,
            peaks: RefCell::default(),
        };
        for _assessor in &canonical.assessors {
            network.simplex.add_node();
        }
        let open: Vec<usize> = canonical.open_bids(keep).collect();
        dealt(open.len()).for_each(|at| network.add_desk(open[at]));
        network.mix();
        network
    }

    fn add_desk(&mut self, bid: usize) {
        let covers = self.canonical.covers_of(bid);
        if covers.is_empty() {
            return;
        }
        let (first_arc, first_door) = (self.simplex.arcs(), self.doors.len());
        let node = self.add_node();
        match covers[..] {
            [only] => self.furnish_plain(bid, node, only),
            _ => self.furnish_split(bid, node, &covers),
        }
        self.desks.push(Desk {
            bid,
            node,
            nodes: self.simplex.nodes() - node,
            arcs: (first_arc, self.simplex.arcs()),
            doors: (first_door, self.doors.len()),
            held: Vec::new(),
        });
    }

    fn add_node(&mut self) -> u32 {
        self.desk_of.push(number(self.desks.len()));
        self.simplex.add_node()
    }

    /// A bid with a single cover: its first places are the areas' own, whoever takes them.
    fn furnish_plain(&mut self, bid: usize, node: u32, cover: u64) {
        let need = &self.canonical.bids[bid];
        let kept = self.keep.of_bid(need);
        let open = need.places - kept;
        let own = need.places.min(cover.count_ones()).saturating_sub(kept);
        let place = -self.weights.places;
        for (cost, places) in [(place - self.weights.areas, own), (place, open - own)] {
            if places > 0 {
                self.simplex.add_arc(ROOT, node, places, cost);
            }
        }
        self.doors.push((cover, node));
    }

    /// A cover of one area is that area's node; one of several has a node of its own behind them.
    fn furnish_split(&mut self, bid: usize, node: u32, covers: &[u64]) {
        let need = &self.canonical.bids[bid];
        // More than ever goes there, so that it is never in the way.
        let ample = need.places + 1;
        let open = need.places - self.keep.of_bid(need);
        self.simplex.add_arc(ROOT, node, open, -self.weights.places);
        let areas: Vec<(u64, u32)> = bits(covers.iter().fold(0, |all, cover| all | cover))
            .map(|area| {
                let area_node = self.add_node();
                self.simplex.add_arc(node, area_node, 1, -self.weights.areas);
                self.simplex.add_arc(node, area_node, ample, C::ZERO);
                (area, area_node)
            })
            .collect();
        for &cover in covers {
            let claims = areas.iter().filter(|(area, _)| cover & area != 0);
            if cover.is_power_of_two() {
                self.doors.extend(claims.map(|&(_, area_node)| (cover, area_node)));
                continue;
            }
            let door = self.add_node();
            self.simplex.add_arc(node, door, ample, C::ZERO);
            for &(_, area_node) in claims {
                self.simplex.add_arc(area_node, door, 1, C::ZERO);
            }
            self.doors.push((cover, door));
        }
    }

    /// Mixes the assessors evenly among the desks.
    fn mix(&mut self) {
        let (desks, all) = (self.desks.len(), self.desks.len() + self.full.len());
        let assessors_before = |at: usize| at * (all - desks) / all.max(1);
        let party = |at: usize| match assessors_before(at) {
            before if before < assessors_before(at + 1) => desks + before,
            before => at - before,
        };
        self.parties = (0..all).map(party).map(number).collect();
    }

    /// The runs of a desk, each with its door. One that has only exceptions has no door.
    pub(super) fn runs(&self, desk: &Desk) -> impl Iterator<Item = (Run<'a>, u32)> {
        let mut doors = self.doors[desk.doors.0..desk.doors.1].iter().copied().peekable();
        self.canonical.runs_of(desk.bid).filter_map(move |run| {
            while doors.next_if(|door| door.0 < run.covers).is_some() {}
            doors.next_if(|door| door.0 == run.covers).map(|door| (run, door.1))
        })
    }

    /// The exceptional pairs of a desk that may be taken or left, each with its door.
    pub(super) fn open_exceptions(&self, desk: &Desk) -> impl Iterator<Item = (&'a Pair, u32)> {
        self.canonical
            .exceptions_of(desk.bid)
            .iter()
            .filter(|pair| !pair.is_barred() && !self.keep.keeps(pair))
            .map(|pair| (pair, self.door(desk, pair.covers)))
    }

    /// All areas of a desk that somebody covers.
    pub(super) fn areas_of(&self, desk: &Desk) -> u64 {
        self.doors[desk.doors.0..desk.doors.1].iter().fold(0, |all, door| all | door.0)
    }

    pub(super) fn door(&self, desk: &Desk, covers: u64) -> u32 {
        let doors = &self.doors[desk.doors.0..desk.doors.1];
        let at = doors.binary_search_by_key(&covers, |door| door.0);
        at.map_or(desk.node, |at| doors[at].1)
    }

    /// Is an assessor of one of the runs neither an exception nor stored?
    pub(super) fn is_free(&self, desk: &Desk, assessor: u32) -> bool {
        !self.holds(desk, assessor) && !is_among(self.canonical.exceptions_of(desk.bid), assessor)
    }

    pub(super) fn holds(&self, desk: &Desk, assessor: u32) -> bool {
        let node = assessor_node(assessor as usize);
        desk.held.iter().any(|&arc| self.simplex.arc(arc).head == node)
    }

    pub(super) fn hold(&mut self, desk: usize, door: u32, assessor: u32, cost: C) -> u32 {
        let arc = self.simplex.add_arc(door, assessor_node(assessor as usize), 1, cost);
        self.desks[desk].held.push(arc);
        arc
    }

    /// How many units beyond what is kept are possible.
    pub(super) fn room(&self, assessor: usize) -> u32 {
        let party = &self.canonical.assessors[assessor];
        party.capacity.saturating_sub(self.keep.of_load(party))
    }

    /// What an assessor's unit after so many, beyond what is kept, costs.
    pub(super) fn unit(&self, assessor: usize, after: u32) -> C {
        let party = &self.canonical.assessors[assessor];
        self.weights.unit(party, self.keep.of_load(party) + after + 1)
    }

    /// The unit after those that are at capacity.
    pub(super) fn add_unit(&mut self, assessor: usize) -> u32 {
        let cost = self.unit(assessor, self.full[assessor]);
        self.simplex.add_arc(assessor_node(assessor), ROOT, 1, cost)
    }

    fn solve(mut self) -> Vec<Pair> {
        self.start();
        self.improve();
        self.taken()
    }

    fn taken(&self) -> Vec<Pair> {
        let mut desk_at: Vec<Option<&Desk>> = vec![None; self.canonical.bids.len()];
        self.desks.iter().for_each(|desk| desk_at[desk.bid] = Some(desk));
        let mut taken = Vec::new();
        for (bid, desk) in desk_at.into_iter().enumerate() {
            let exceptions = self.canonical.exceptions_of(bid);
            let first = taken.len();
            taken.extend(exceptions.iter().filter(|pair| self.keep.keeps(pair)));
            taken.extend(desk.into_iter().flat_map(|desk| self.taken_at(desk)));
            taken[first..].sort_unstable_by_key(|pair| pair.assessor);
        }
        taken
    }

    fn taken_at(&self, desk: &Desk) -> Vec<Pair> {
        let held = desk.held.iter().map(|&arc| self.simplex.arc(arc)).filter(|arc| arc.flow > 0);
        let mut heads: Vec<u32> = held.map(|arc| arc.head - 1).collect();
        heads.sort_unstable();
        self.canonical.pairs_among(desk.bid, &heads)
    }
}

/// Deals things out in steps of about their root, so that a block of the search is a sample of all. Desks are made in this
/// order, so that those which are looked at together lie together.
fn dealt(count: usize) -> impl Iterator<Item = usize> {
    let step = count.isqrt().max(1);
    (0..step).flat_map(move |start| (start..count).step_by(step))
}

pub(super) fn assessor_node(assessor: usize) -> u32 {
    ROOT + 1 + number(assessor)
}

/// The bits of a set, each alone, the lowest first.
fn bits(mut set: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let lowest = set & set.wrapping_neg();
        set ^= lowest;
        (lowest != 0).then_some(lowest)
    })
}
