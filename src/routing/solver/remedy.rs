//! What would fill the places that stay empty: capacities to raise, and another assessor.
//!
//! **Raising.** With capacities as large as anyone likes, a bid lacks only what nobody may take: its places less its possible
//! assessors. One more unit of capacity fills one more place at most, as it does any maximum flow, so the least total that
//! fills all that can be had is their number. It is enough to give each empty place to somebody who may take that bid and
//! is not on it, for in a routing that fills the most they are all at capacity: what is
//! chosen stays, and each unit of more capacity fills its place. There may be other least choices.
//!
//! **Another assessor** takes one place on each bid that they cover, and frees whoever is there for a bid elsewhere:
//! augmenting paths from the bids that are short to those that the newcomer covers.
//!
//! Nobody's capacity is raised who has none, for they do not take part, or who is beyond it already with what is fixed.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use super::Standing;
use super::routed::{Routed, Seat};
use super::shortage::{self, Part};

/// The most looks at a pair that trying every area may take at worst: the part's pairs × empty places × areas. More would
/// keep whoever routes a large round waiting for a figure that says little there.
const MOST_LOOKS: u64 = 50_000_000;

/// The cheapest ways to fill a [`Shortage`](super::Shortage).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The least capacity in all that fills the most of the empty places: index of the assessor in the instance and how many
    /// bids more, by key. Each unit fills one place.
    pub raises: Vec<(u32, u32)>,
    /// What stays empty however far those capacities are raised: index of the bid in the instance and places, by key.
    pub beyond: Vec<(u32, u32)>,
    /// How many of the empty places one more assessor in an area would fill, instead: the area's number, and places. Areas
    /// where that is none are left out; and all of them where there are too many paths to try (`MOST_LOOKS`).
    pub another: Vec<(usize, u64)>,
}

/// One for each part. `covering` has the bids of each area, by origin.
pub(super) fn remedies(routed: &Routed<'_>, covering: &[Vec<u32>]) -> Vec<Remedy> {
    let mut ranks = vec![0; routed.bids().len()];
    for rank in routed.bids() {
        ranks[routed.bid(rank).origin as usize] = rank;
    }
    let mut remedies = Vec::new();
    for part in shortage::parts(routed) {
        let mut remedy = raising(routed, &part);
        let areas = if looks(routed, &part, covering) > MOST_LOOKS { &[][..] } else { covering };
        for (area, bids) in areas.iter().enumerate() {
            let bids = bids.iter().map(|&origin| ranks[origin as usize]);
            let bids: Vec<usize> = bids.filter(|bid| part.bids.binary_search(bid).is_ok()).collect();
            let filled = filled_by_another(routed, &part, &bids);
            if filled > 0 {
                remedy.another.push((area, filled));
            }
        }
        remedies.push(remedy);
    }
    remedies
}

fn looks(routed: &Routed<'_>, part: &Part, areas: &[Vec<u32>]) -> u64 {
    let pairs: usize = part.bids.iter().map(|&bid| routed.of_bid(bid).count()).sum();
    let empty: u64 = part.bids.iter().map(|&bid| u64::from(routed.missing(bid))).sum();
    (pairs as u64).saturating_mul(empty).saturating_mul(areas.len() as u64)
}

/// Gives each empty place to somebody who may take the bid, whoever has the lowest load for their capacity by then.
fn raising(routed: &Routed<'_>, part: &Part) -> Remedy {
    let mut raises: BTreeMap<usize, u32> = BTreeMap::new();
    let mut beyond = Vec::new();
    for &bid in &part.bids {
        let mut askable: Vec<usize> = routed
            .of_bid(bid)
            .filter(|seat| can_be_raised(routed, seat))
            .map(|seat| seat.assessor())
            .collect();
        let mut empty = routed.missing(bid);
        while empty > 0 && !askable.is_empty() {
            let strain = |assessor: usize| {
                let load = routed.load(assessor) + raises.get(&assessor).copied().unwrap_or(0) + 1;
                Strain { load, capacity: routed.assessor(assessor).capacity }
            };
            let least = (0..askable.len()).min_by_key(|&at| (strain(askable[at]), askable[at])).unwrap_or(0);
            *raises.entry(askable.swap_remove(least)).or_default() += 1;
            empty -= 1;
        }
        if empty > 0 {
            beyond.push((routed.bid(bid).origin, empty));
        }
    }
    let raises = raises.into_iter().map(|(rank, more)| (routed.assessor(rank).origin, more)).collect();
    Remedy { raises, beyond, another: Vec::new() }
}

fn can_be_raised(routed: &Routed<'_>, seat: &Seat) -> bool {
    let assessor = routed.assessor(seat.assessor());
    !seat.chosen && assessor.capacity > 0 && assessor.fixed <= assessor.capacity
}

/// A load for a capacity, which is not 0; compared as fractions.
#[derive(Clone, Copy)]
struct Strain {
    load: u32,
    capacity: u32,
}

impl Ord for Strain {
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (u64::from(self.load), u64::from(other.load));
        (a * u64::from(other.capacity)).cmp(&(b * u64::from(self.capacity)))
    }
}

impl PartialOrd for Strain {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Strain {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Strain {}

/// How many of a part's empty places another assessor would fill who could take these bids and has capacity for all.
fn filled_by_another(routed: &Routed<'_>, part: &Part, bids: &[usize]) -> u64 {
    let mut search = Another::new(routed, bids);
    let mut filled = 0;
    for &bid in &part.bids {
        for _empty_place in 0..routed.missing(bid) {
            if !search.augment(bid) {
                break;
            }
            filled += 1;
        }
    }
    filled
}

/// Augmenting paths to the bids that the newcomer covers, on the routing as it changes.
struct Another<'r, 'a> {
    routed: &'r Routed<'a>,
    /// By position of the pair: as the paths so far left it.
    chosen: Vec<bool>,
    /// By bid: the newcomer could come in here.
    welcomes: Vec<bool>,
    /// By bid: a search that failed came here, so no path leads on from it, now or later.
    dead: Vec<bool>,
}

impl<'r, 'a> Another<'r, 'a> {
    fn new(routed: &'r Routed<'a>, bids: &[usize]) -> Self {
        let mut welcomes = vec![false; routed.bids().len()];
        for &bid in bids {
            welcomes[bid] = true;
        }
        let dead = vec![false; routed.bids().len()];
        Self { routed, chosen: routed.chosen().to_vec(), welcomes, dead }
    }

    /// Breadth first from a bid with an empty place to one that welcomes the newcomer: an assessor who may take the one gives
    /// up the next.
    fn augment(&mut self, start: usize) -> bool {
        let mut reached = vec![start];
        let mut from: Vec<Option<(usize, usize)>> = vec![None; self.dead.len()];
        let mut asked = vec![false; self.routed.assessors().len()];
        let mut waiting = VecDeque::from([start]);
        let mut seen = self.dead.clone();
        if std::mem::replace(&mut seen[start], true) {
            return false;
        }
        while let Some(bid) = waiting.pop_front() {
            if std::mem::take(&mut self.welcomes[bid]) {
                self.shift(bid, &from);
                return true;
            }
            for taken in self.routed.of_bid(bid).filter(|seat| !self.chosen[seat.position]) {
                let fixed = taken.pair.standing == Standing::Fixed;
                if fixed || std::mem::replace(&mut asked[taken.assessor()], true) {
                    continue;
                }
                for given in self.routed.of_assessor(taken.assessor()) {
                    let held = self.chosen[given.position] && given.pair.standing != Standing::Fixed;
                    if held && !std::mem::replace(&mut seen[given.bid()], true) {
                        from[given.bid()] = Some((taken.position, given.position));
                        reached.push(given.bid());
                        waiting.push_back(given.bid());
                    }
                }
            }
        }
        for bid in reached {
            self.dead[bid] = true;
        }
        false
    }

    fn shift(&mut self, mut bid: usize, from: &[Option<(usize, usize)>]) {
        while let Some((taken, given)) = from[bid] {
            self.chosen[taken] = true;
            self.chosen[given] = false;
            bid = self.routed.seat(taken).bid();
        }
    }
}
