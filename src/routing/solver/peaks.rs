//! The best of each area, by which most bids are seen at a glance to have nothing to gain.
//!
//! What a pair that is implied is worth at an assessor's potential depends on the bid by an area and by its themes alone. So a few
//! of the best of each area, with what the same themes add, serve all bids until a potential changes: whoever is not among them is
//! worth no more than they. It must not know what stands.

use std::collections::HashMap;

use super::pools::Pools;
use super::simplex::Cost;

/// How many of the best are known: more than most bids have places and exceptions, so that one of them is free.
const KNOWN: usize = 8;

/// By area and by what themes add, the best first.
pub(super) struct Peaks<C> {
    known: HashMap<(u32, u32), Vec<Peak<C>>>,
}

#[derive(Clone, Copy)]
pub(super) struct Peak<C> {
    /// The assessor's potential, and the fit in the measure of costs.
    pub(super) worth: C,
    pub(super) assessor: u32,
}

impl<C> Default for Peaks<C> {
    fn default() -> Self {
        Self { known: HashMap::new() }
    }
}

impl<C: Cost> Peaks<C> {
    /// A potential has changed.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }

    /// What nobody who covers the area is worth more than, of those who are free.
    pub(super) fn best(
        &mut self,
        pools: &Pools,
        at: (u32, u32),
        worth: impl Fn(u32, i64) -> C,
        is_free: impl Fn(u32) -> bool,
    ) -> C {
        let known = self.known.entry(at).or_insert_with(|| highest(pools, at, worth));
        let free = known.iter().find(|peak| is_free(peak.assessor));
        match (free, known.get(KNOWN - 1)) {
            (Some(free), _) => free.worth,
            (None, Some(last)) => last.worth,
            (None, None) => C::LEAST,
        }
    }
}

fn highest<C: Cost>(pools: &Pools, at: (u32, u32), worth: impl Fn(u32, i64) -> C) -> Vec<Peak<C>> {
    let mut highest: Vec<Peak<C>> = Vec::with_capacity(KNOWN + 1);
    for (assessor, fit) in pools.fits_of_area(at) {
        let worth = worth(assessor, fit);
        if highest.len() == KNOWN && highest[KNOWN - 1].worth >= worth {
            continue;
        }
        let place = highest.partition_point(|peak| peak.worth >= worth);
        highest.insert(place, Peak { worth, assessor });
        highest.truncate(KNOWN);
    }
    highest
}
