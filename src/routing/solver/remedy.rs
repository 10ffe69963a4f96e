//! What would fill the places that stay empty: capacities to raise, and another assessor.
//!
//! **Raising.** With capacities as large as anyone likes, a bid lacks only what nobody may take: its places less its possible
//! assessors. One more unit of capacity fills one more place at most, and from any routing that fills the most each place
//! that can be had takes one (an augmenting path ends in one assessor's next unit). So the least total that fills all that
//! can be had is their number. Which capacities those are is found by the solver itself, on the part alone: capacities out
//! of the way, what everybody gives now as the minimum load, so that the aim of minimum loads keeps all that is given and
//! the rest is extra; and the aim of evenness spreads the loads on the part's bids for the capacities there are.
//!
//! **Another assessor** takes one place on each bid that they cover, and frees whoever is there for a bid elsewhere:
//! augmenting paths from the bids that are short to those that the newcomer covers.
//!
//! Nobody's capacity is raised who has none, for they do not take part, or who is beyond it already with what is fixed.

use std::collections::VecDeque;

use super::canonical::Canonical;
use super::routed::{Routed, Seat};
use super::shortage::{self, Part};
use super::{
    Instance, InvalidInstance, MAX_CAPACITY, Need, Pair, Purpose, Standing, Supply, network, number,
};

/// The cheapest ways to fill a [`Shortage`](super::Shortage).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remedy {
    /// The least capacity in all that fills the most of the empty places: index of the assessor in the instance and how many
    /// bids more, by key. Each unit fills one place.
    pub raises: Vec<(u32, u32)>,
    /// What stays empty however far those capacities are raised: index of the bid in the instance and places, by key.
    pub beyond: Vec<(u32, u32)>,
    /// How many of the empty places one more assessor in an area would fill, instead: the area's number, and places. Areas
    /// where that is none are left out.
    pub another: Vec<(usize, u64)>,
}

/// One for each part. `covering` has the bids of each area, by origin.
pub(super) fn remedies(routed: &Routed<'_>, covering: &[Vec<u32>]) -> Result<Vec<Remedy>, InvalidInstance> {
    let mut ranks = vec![0; routed.bids().len()];
    for rank in routed.bids() {
        ranks[routed.bid(rank).origin as usize] = rank;
    }
    let mut remedies = Vec::new();
    for part in shortage::parts(routed) {
        let mut remedy = raising(routed, &part)?;
        for (area, bids) in covering.iter().enumerate() {
            let bids = bids.iter().map(|&origin| ranks[origin as usize]);
            let bids: Vec<usize> = bids.filter(|bid| part.bids.binary_search(bid).is_ok()).collect();
            let filled = filled_by_another(routed, &part, &bids);
            if filled > 0 {
                remedy.another.push((area, filled));
            }
        }
        remedies.push(remedy);
    }
    Ok(remedies)
}

fn raising(routed: &Routed<'_>, part: &Part) -> Result<Remedy, InvalidInstance> {
    let raised = Raised::new(routed, part);
    let canonical = Canonical::new(&raised.instance)?;
    let filled = Routed::new(&canonical, network::solve(&canonical, Purpose::Fresh));
    let more = |rank: usize| filled.load(rank).saturating_sub(filled.assessor(rank).minimum);
    let raises = raised.assessors.iter().zip(filled.assessors().map(more));
    let mut raises: Vec<(usize, u32)> =
        raises.map(|(&assessor, more)| (assessor, more)).filter(|&(_, more)| more > 0).collect();
    raises.sort_unstable();
    let beyond = part.bids.iter().zip(filled.bids());
    Ok(Remedy {
        raises: raises.iter().map(|&(rank, more)| (routed.assessor(rank).origin, more)).collect(),
        beyond: beyond
            .map(|(&bid, rank)| (routed.bid(bid).origin, filled.missing(rank)))
            .filter(|&(_, places)| places > 0)
            .collect(),
        another: Vec::new(),
    })
}

/// A part with its capacities out of the way.
struct Raised {
    instance: Instance,
    /// The ranks behind the instance's assessors, in their order.
    assessors: Vec<usize>,
}

impl Raised {
    fn new(routed: &Routed<'_>, part: &Part) -> Self {
        let mut index = vec![None; routed.assessors().len()];
        let mut raised = Self { instance: Instance::default(), assessors: Vec::new() };
        let mut most = Vec::new();
        for (bid, &rank) in part.bids.iter().enumerate() {
            let places = routed.bid(rank).places - routed.bid(rank).fixed;
            raised.instance.bids.push(Need { key: key(bid), places, areas: 0 });
            for seat in routed.of_bid(rank).filter(|seat| can_give_more(routed, seat)) {
                let assessor = *index[seat.assessor()].get_or_insert_with(|| {
                    raised.assessors.push(seat.assessor());
                    most.push((0, 0));
                    most.len() - 1
                });
                let (gives, may_take) = &mut most[assessor];
                *gives += u32::from(seat.chosen);
                *may_take += 1;
                raised.instance.pairs.push(pair(bid, assessor));
            }
        }
        raised.add_assessors(routed, &most);
        raised
    }

    /// All capacities are the true ones times the same factor, so that evenness compares loads for the true ones.
    fn add_assessors(&mut self, routed: &Routed<'_>, most: &[(u32, u32)]) {
        let capacity = |rank: usize| routed.assessor(rank).capacity;
        let times = |(&rank, &(_, may_take)): (&usize, &(u32, u32))| may_take.div_ceil(capacity(rank));
        let factor = self.assessors.iter().zip(most).map(times).max().unwrap_or(1).max(1);
        self.instance.assessors = self
            .assessors
            .iter()
            .zip(most)
            .enumerate()
            .map(|(index, (&rank, &(gives, _)))| Supply {
                key: key(index),
                capacity: capacity(rank).saturating_mul(factor).min(MAX_CAPACITY),
                minimum: gives,
            })
            .collect();
    }
}

fn can_give_more(routed: &Routed<'_>, seat: &Seat) -> bool {
    let assessor = routed.assessor(seat.assessor());
    seat.pair.standing != Standing::Fixed && assessor.capacity > 0 && assessor.fixed <= assessor.capacity
}

/// Padded, so that the order of keys is that of the numbers.
fn key(index: usize) -> String {
    format!("{index:08}")
}

fn pair(bid: usize, assessor: usize) -> Pair {
    Pair { bid: number(bid), assessor: number(assessor), covers: 0, fit: 0, standing: Standing::None }
}

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
