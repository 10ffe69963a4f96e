//! What a choice of pairs is worth, whose area each assessor serves, why places stay empty, and who would be next best.
//!
//! Everything here is computed from the chosen pairs alone, not from the solver's bookkeeping, and named again by the
//! instance's own indices.

use std::collections::BTreeMap;

use super::aims::unevenness;
use super::canonical::{Bid, Canonical};
use super::{Assigned, InvalidInstance, Pair, Routing, Standing, number};

/// The value reached for each aim, in the order of the aims of a fresh routing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Worth {
    /// Places filled: more is better.
    pub filled: u64,
    /// Areas with an assessor of their own: more is better.
    pub own_areas: u64,
    /// Units short of the minimum loads: fewer is better.
    pub under_minimum: u64,
    /// The sum of fits: more is better.
    pub fit: i64,
    /// About half a million times the sum of load² / capacity: less is better.
    pub unevenness: u64,
    /// Offered pairs that were taken away: fewer is better.
    pub changes: u64,
}

/// A certificate that places cannot be filled, from a minimum cut.
///
/// Each possible assessor of `bids` is either on the bid already, or among `full`; and what those in `full` hold is either
/// on `bids` too, or fixed. So no routing fills more than `possible` of the `wanted` places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Every bid that competes for the same assessors, short or not; indices of the instance, by key.
    pub bids: Vec<u32>,
    /// Those among `bids` that are short in this routing, and by how many places.
    pub short: Vec<(u32, u32)>,
    pub wanted: u64,
    pub possible: u64,
    /// The assessors at capacity who would be needed; indices of the instance, by key. Empty if nobody is left to ask.
    pub full: Vec<u32>,
}

/// Who would take an assigned assessor's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextBest {
    /// Index of the instance.
    pub assessor: u32,
    /// How much fit the pair would lose; negative if it would gain.
    pub fit_lost: i64,
    /// Nobody with spare capacity could; this is the best of those who are full.
    pub full: bool,
}

/// `taken` are the chosen pairs, by bid, then assessor.
pub(super) fn routing(canonical: &Canonical, taken: &[Pair]) -> Routing {
    let assigned = assigned(canonical, taken);
    Routing {
        worth: worth(canonical, taken, &assigned),
        shortages: Shortages::find(canonical, taken),
        assigned,
    }
}

fn assigned(canonical: &Canonical, taken: &[Pair]) -> Vec<Assigned> {
    let mut all = Vec::with_capacity(taken.len());
    for pairs in taken.chunk_by(|one, two| one.bid == two.bid) {
        let bid = &canonical.bids[pairs[0].bid as usize];
        let covers: Vec<u64> = pairs.iter().map(|pair| pair.covers).collect();
        let areas = own_areas(&covers, bid.places);
        all.extend(pairs.iter().zip(areas).map(|(pair, area)| Assigned {
            bid: bid.origin,
            assessor: canonical.assessors[pair.assessor as usize].origin,
            area,
        }));
    }
    all
}

/// Gives as many areas as possible, up to the places, an assessor of their own: a maximum matching by augmenting
/// paths. An area once matched stays so, hence the first areas go first. `covers` has an entry for each assessor.
pub(super) fn own_areas(covers: &[u64], places: u32) -> Vec<Option<u8>> {
    let mut area_of = vec![None; covers.len()];
    let covered = covers.iter().fold(0, |all, covers| all | covers);
    let mut left = places;
    for area in (0..64_u8).filter(|&area| covered & (1 << area) != 0) {
        if left > 0 && claim(area, covers, &mut area_of, &mut vec![false; covers.len()]) {
            left -= 1;
        }
    }
    area_of
}

/// Finds an assessor for an area, if need be by moving others on to areas that they also cover.
fn claim(area: u8, covers: &[u64], area_of: &mut [Option<u8>], asked: &mut [bool]) -> bool {
    for seat in 0..covers.len() {
        if asked[seat] || covers[seat] & (1 << area) == 0 {
            continue;
        }
        asked[seat] = true;
        if area_of[seat].is_none_or(|other| claim(other, covers, area_of, asked)) {
            area_of[seat] = Some(area);
            return true;
        }
    }
    false
}

fn worth(canonical: &Canonical, taken: &[Pair], assigned: &[Assigned]) -> Worth {
    let kept = taken.iter().filter(|pair| pair.standing == Standing::Offered).count() as u64;
    let mut worth = Worth {
        filled: assigned.len() as u64,
        own_areas: assigned.iter().filter(|one| one.area.is_some()).count() as u64,
        fit: taken.iter().map(|pair| pair.fit).sum(),
        changes: canonical.offered() - kept,
        ..Worth::default()
    };
    for (assessor, load) in canonical.assessors.iter().zip(loads(canonical, taken)) {
        worth.under_minimum += u64::from(assessor.minimum.saturating_sub(load));
        worth.unevenness += (1..=load).map(|k| unevenness(k, assessor.capacity)).sum::<u64>();
    }
    worth
}

fn loads(canonical: &Canonical, taken: &[Pair]) -> Vec<u32> {
    let mut loads = vec![0; canonical.assessors.len()];
    for pair in taken {
        loads[pair.assessor as usize] += 1;
    }
    loads
}

/// The search for what cannot be reached from the bids that are short.
///
/// In the residual network a bid leads to each possible assessor who is not on it, an assessor to each bid that could give
/// them up. As the routing fills the most places, no assessor so reached has room.
struct Shortages<'a> {
    canonical: &'a Canonical,
    /// For each bid, the assessors that it has.
    chosen: Vec<Vec<u32>>,
    /// The bids that each assessor could be taken from.
    held: Vec<Vec<u32>>,
    reached_bids: Vec<bool>,
    reached_assessors: Vec<bool>,
    /// Joins bids that compete: a forest over bids, then assessors, whose roots name the groups.
    group: Vec<u32>,
}

impl<'a> Shortages<'a> {
    fn find(canonical: &'a Canonical, taken: &[Pair]) -> Vec<Shortage> {
        let mut chosen = vec![Vec::new(); canonical.bids.len()];
        taken.iter().for_each(|pair| chosen[pair.bid as usize].push(pair.assessor));
        let missing: Vec<u32> = canonical
            .bids
            .iter()
            .zip(&chosen)
            .map(|(bid, chosen)| bid.places.saturating_sub(number(chosen.len())))
            .collect();
        if missing.iter().all(|&places| places == 0) {
            return Vec::new();
        }
        let parties = canonical.bids.len() + canonical.assessors.len();
        let mut search = Self {
            canonical,
            chosen,
            held: vec![Vec::new(); canonical.assessors.len()],
            reached_bids: missing.iter().map(|&places| places > 0).collect(),
            reached_assessors: vec![false; canonical.assessors.len()],
            group: (0..number(parties)).collect(),
        };
        search.list_held(taken);
        search.reach();
        search.report(&missing)
    }

    fn list_held(&mut self, taken: &[Pair]) {
        for pair in taken.iter().filter(|pair| pair.standing != Standing::Fixed) {
            self.held[pair.assessor as usize].push(pair.bid);
        }
    }

    fn reach(&mut self) {
        let mut waiting: Vec<usize> =
            (0..self.reached_bids.len()).filter(|&bid| self.reached_bids[bid]).collect();
        while let Some(bid) = waiting.pop() {
            for pair in self.canonical.pairs_of(bid) {
                if self.chosen[bid].contains(&pair.assessor) {
                    continue;
                }
                let assessor = pair.assessor as usize;
                self.join(bid, self.canonical.bids.len() + assessor);
                if self.reached_assessors[assessor] {
                    continue;
                }
                self.reached_assessors[assessor] = true;
                for held in std::mem::take(&mut self.held[assessor]) {
                    let held = held as usize;
                    self.join(held, bid);
                    if !self.reached_bids[held] {
                        self.reached_bids[held] = true;
                        waiting.push(held);
                    }
                }
            }
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.group[a.max(b)] = number(a.min(b));
    }

    fn root(&mut self, mut party: usize) -> usize {
        while self.group[party] as usize != party {
            let above = self.group[party] as usize;
            self.group[party] = self.group[above];
            party = above;
        }
        party
    }

    /// A group's root is its least bid, so that the groups come in the order of keys.
    fn report(&mut self, missing: &[u32]) -> Vec<Shortage> {
        let mut groups: BTreeMap<usize, Shortage> = BTreeMap::new();
        for rank in (0..missing.len()).filter(|&rank| self.reached_bids[rank]).collect::<Vec<_>>() {
            let Bid { origin, .. } = self.canonical.bids[rank];
            let shortage = groups.entry(self.root(rank)).or_insert_with(Shortage::none);
            shortage.bids.push(origin);
            let assigned = self.chosen[rank].len() as u64;
            shortage.possible += assigned;
            shortage.wanted += assigned + u64::from(missing[rank]);
            if missing[rank] > 0 {
                shortage.short.push((origin, missing[rank]));
            }
        }
        for (rank, assessor) in self.canonical.assessors.iter().enumerate() {
            if self.reached_assessors[rank] {
                let root = self.root(self.canonical.bids.len() + rank);
                groups.entry(root).or_insert_with(Shortage::none).full.push(assessor.origin);
            }
        }
        groups.into_values().collect()
    }
}

impl Shortage {
    const fn none() -> Self {
        Self { bids: Vec::new(), short: Vec::new(), wanted: 0, possible: 0, full: Vec::new() }
    }
}

/// For an own place only those who cover the same area are asked. Of equals, the first by key.
pub(super) fn next_best(
    canonical: &Canonical,
    assigned: &[Assigned],
) -> Result<Vec<Option<NextBest>>, InvalidInstance> {
    let mut loads = vec![0; canonical.assessors.len()];
    let mut by_bid = assigned.chunk_by(|one, two| one.bid == two.bid).peekable();
    let mut seats = Vec::with_capacity(canonical.bids.len());
    for (rank, bid) in canonical.bids.iter().enumerate() {
        let assigned = by_bid.next_if(|some| some[0].bid == bid.origin).unwrap_or_default();
        let seated = seated(canonical, rank, assigned).ok_or(InvalidInstance::OtherRouting)?;
        seated.iter().for_each(|seat| loads[seat.assessor as usize] += 1);
        seats.push(seated);
    }
    if by_bid.next().is_some() {
        return Err(InvalidInstance::OtherRouting);
    }
    let is_full = |pair: &Pair| {
        let assessor = pair.assessor as usize;
        loads[assessor] >= canonical.assessors[assessor].capacity
    };
    let mut areas = assigned.iter().map(|one| one.area);
    let mut answers = Vec::with_capacity(assigned.len());
    for (bid, seated) in seats.iter().enumerate().filter(|(_, seated)| !seated.is_empty()) {
        let mut others = canonical.pairs_of(bid);
        others.retain(|pair| seated.iter().all(|seat| seat.assessor != pair.assessor));
        for (seat, area) in seated.iter().zip(areas.by_ref()) {
            let serves = |pair: &&Pair| area.is_none_or(|area| pair.covers & (1 << area) != 0);
            let best = others.iter().filter(serves).min_by_key(|pair| (is_full(pair), -pair.fit));
            answers.push(best.map(|best| NextBest {
                assessor: canonical.assessors[best.assessor as usize].origin,
                fit_lost: seat.fit - best.fit,
                full: is_full(best),
            }));
        }
    }
    Ok(answers)
}

/// The pairs of a bid that are assigned. None if the assignments cannot have come from this instance: they are in the order of
/// assessors, cover their areas, and leave out no fixed pair.
fn seated(canonical: &Canonical, bid: usize, assigned: &[Assigned]) -> Option<Vec<Pair>> {
    let mut seated = Vec::with_capacity(assigned.len());
    let mut waiting = assigned.iter().peekable();
    for pair in canonical.pairs_of(bid) {
        let assessor = canonical.assessors[pair.assessor as usize].origin;
        let covered = |area: u8| pair.covers.checked_shr(u32::from(area)).is_some_and(|bits| bits & 1 == 1);
        match waiting.next_if(|one| one.assessor == assessor) {
            Some(one) if one.area.is_none_or(covered) => seated.push(pair),
            None if pair.standing != Standing::Fixed => {}
            Some(_) | None => return None,
        }
    }
    waiting.next().is_none().then_some(seated)
}
