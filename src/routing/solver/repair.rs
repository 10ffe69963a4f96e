//! Repairs of which the vicinity of the empty places is all that has to be looked at.
//!
//! In a repair the fewest changes come right after the most places. So where every offer can stay and the places left empty can
//! then be filled as far as they can be at all, no change is the fewest, and every best routing keeps all that stands. It
//! remains to give out the empty places by the later aims, in the same network, in which offers now count as fixed: bids that
//! are full are not in it. Among the routings without a change it finds the best, which is therefore the best of all.
//!
//! That no more can be filled is plain where all places are. Else it is searched as a maximum flow's would be: if no augmenting
//! path leads from the bids that are short, through assessors who are full and the bids that they could give up, to somebody with
//! room (Ford and Fulkerson, *Canadian Journal of Mathematics* 8, 1956). If one does, something has to change, and the whole
//! network is solved.

use std::collections::VecDeque;

use super::canonical::{Canonical, Keep};
use super::{Pair, Purpose, Standing, network};

/// The pairs that the best routing takes, by bid, each by assessor.
pub(super) fn solve(canonical: &Canonical, purpose: Purpose) -> Vec<Pair> {
    let unchanged = match purpose {
        Purpose::Fresh => None,
        Purpose::Repair => without_a_change(canonical),
    };
    unchanged.unwrap_or_else(|| network::solve(canonical, purpose, Keep::Fixed))
}

/// The best routing, if it keeps all that stands; otherwise nothing.
fn without_a_change(canonical: &Canonical) -> Option<Vec<Pair>> {
    if !all_can_stay(canonical) {
        return None;
    }
    let taken = network::solve(canonical, Purpose::Repair, Keep::AllThatStands);
    (!Search::new(canonical, &taken).can_fill_more()).then_some(taken)
}

fn all_can_stay(canonical: &Canonical) -> bool {
    let bids = canonical.bids.iter().all(|bid| bid.offered == 0 || bid.fixed + bid.offered <= bid.places);
    let mut assessors = canonical.assessors.iter();
    bids && assessors.all(|one| one.offered == 0 || one.fixed + one.offered <= one.capacity)
}

/// The search for an augmenting path from the bids that are short.
struct Search<'a> {
    canonical: &'a Canonical,
    /// By bid, then assessor.
    taken: &'a [Pair],
    /// The pairs of bid `b` are `first[b]..first[b + 1]`.
    first: Vec<usize>,
    loads: Vec<u32>,
}

impl<'a> Search<'a> {
    fn new(canonical: &'a Canonical, taken: &'a [Pair]) -> Self {
        let mut first = vec![0; canonical.bids.len() + 1];
        let mut loads = vec![0; canonical.assessors.len()];
        for pair in taken {
            first[pair.bid as usize + 1] += 1;
            loads[pair.assessor as usize] += 1;
        }
        for bid in 0..canonical.bids.len() {
            first[bid + 1] += first[bid];
        }
        Self { canonical, taken, first, loads }
    }

    fn on(&self, bid: usize) -> &'a [Pair] {
        &self.taken[self.first[bid]..self.first[bid + 1]]
    }

    fn is_short(&self, bid: usize) -> bool {
        self.on(bid).len() < self.canonical.bids[bid].places as usize
    }

    fn can_fill_more(&self) -> bool {
        let mut waiting: VecDeque<usize> =
            (0..self.canonical.bids.len()).filter(|&bid| self.is_short(bid)).collect();
        if waiting.is_empty() {
            return false;
        }
        let held = self.held();
        let mut seen_bids = vec![false; self.canonical.bids.len()];
        waiting.iter().for_each(|&bid| seen_bids[bid] = true);
        let mut seen = vec![false; self.canonical.assessors.len()];
        while let Some(bid) = waiting.pop_front() {
            let on_it = self.on(bid);
            for pair in self.canonical.possible(bid) {
                let assessor = pair.assessor as usize;
                let is_on_it = on_it.binary_search_by_key(&pair.assessor, |one| one.assessor).is_ok();
                if is_on_it || std::mem::replace(&mut seen[assessor], true) {
                    continue;
                }
                if self.loads[assessor] < self.canonical.assessors[assessor].capacity {
                    return true;
                }
                for &other in &held[assessor] {
                    if !std::mem::replace(&mut seen_bids[other], true) {
                        waiting.push_back(other);
                    }
                }
            }
        }
        false
    }

    /// By assessor, the bids that they could give up.
    fn held(&self) -> Vec<Vec<usize>> {
        let mut held = vec![Vec::new(); self.loads.len()];
        for pair in self.taken.iter().filter(|pair| pair.standing != Standing::Fixed) {
            held[pair.assessor as usize].push(pair.bid as usize);
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Checked, Coverage, Instance, Need, Supply, explain};
    use super::*;

    /// Bids of few areas and assessors who cover some, at random; what was routed stands, all but one.
    fn after_a_decline() -> impl Strategy<Value = Instance> {
        let bids = prop::collection::vec((prop::collection::btree_set(0..4_u32, 1..3), 1..3_u32), 4..14);
        let covering = prop::collection::vec(prop::collection::btree_map(0..4_u32, 1..4_i64, 1..4), 3..8);
        let limits = prop::collection::vec((1..7_u32, 0..2_u32), 8);
        (bids, covering, limits, any::<u64>()).prop_map(|(bids, covering, limits, drawn)| {
            let mut instance = Instance::default();
            for (at, (areas, places)) in bids.into_iter().enumerate() {
                let need =
                    Need { key: format!("B{at:02}"), places, areas: super::super::number(areas.len()) };
                instance.bids.push(need);
                instance.coverage.areas.push(areas.into_iter().collect());
            }
            instance.coverage.assessors = vec![Vec::new(); 4];
            for (at, (areas, (capacity, minimum))) in (0_u32..).zip(covering.into_iter().zip(limits)) {
                instance.assessors.push(Supply { key: format!("A{at}"), capacity, minimum });
                for (area, fit) in areas {
                    instance.coverage.assessors[area as usize].push((at, fit));
                }
            }
            stand(instance, drawn)
        })
    }

    fn stand(mut instance: Instance, drawn: u64) -> Instance {
        let Ok(checked) = Checked::new(&instance) else { return instance };
        let taken = solve(&checked.canonical, Purpose::Fresh);
        let gone = taken.len().checked_sub(1).map(|last| usize::try_from(drawn).unwrap_or(0) % (last + 1));
        instance.purpose = Purpose::Repair;
        for (at, pair) in taken.iter().enumerate() {
            let standing = if drawn >> (at % 60) & 1 == 0 { Standing::Offered } else { Standing::Fixed };
            if Some(at) == gone {
                instance.coverage.barred.push((pair.bid, pair.assessor));
            } else {
                instance.pairs.push(Pair { standing, ..*pair });
            }
        }
        instance
    }

    #[test]
    fn a_repair_is_as_good_as_the_whole_networks_best() {
        let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) };
        let (near, far) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let checked = proptest::test_runner::TestRunner::new(config).run(&after_a_decline(), |instance| {
            let canonical = Canonical::new(&instance)?;
            let whole = network::solve(&canonical, Purpose::Repair, Keep::Fixed);
            match without_a_change(&canonical) {
                None => far.set(far.get() + 1),
                Some(unchanged) => {
                    near.set(near.get() + 1);
                    let (one, other) =
                        (explain::routing(&canonical, &unchanged), explain::routing(&canonical, &whole));
                    prop_assert_eq!(one.worth, other.worth);
                    prop_assert_eq!(one.worth.changes, 0);
                }
            }
            let found = solve(&canonical, Purpose::Repair);
            let changes = explain::routing(&canonical, &found).worth;
            prop_assert_eq!(changes, explain::routing(&canonical, &whole).worth);
            Ok(())
        });
        assert!(checked.is_ok(), "{checked:?}");
        assert!(near.get() > 500 && far.get() > 20, "{} without a change, {} with", near.get(), far.get());
    }

    #[test]
    fn a_chain_of_changes_is_found_where_the_empty_place_alone_cannot_be_filled()
    -> Result<(), super::super::InvalidInstance> {
        let need = |key: &str| Need { key: key.to_owned(), places: 1, areas: 0 };
        let supply = |key: &str| Supply { key: key.to_owned(), capacity: 1, minimum: 0 };
        let pair = |bid, assessor, standing| Pair { bid, assessor, covers: 0, fit: 0, standing };
        // Only A0 may take B0, and is on B1, which A1 could take.
        let instance = Instance {
            bids: vec![need("B0"), need("B1")],
            assessors: vec![supply("A0"), supply("A1")],
            pairs: vec![
                pair(0, 0, Standing::None),
                pair(1, 0, Standing::Offered),
                pair(1, 1, Standing::None),
            ],
            coverage: Coverage::default(),
            purpose: Purpose::Repair,
        };
        let worth = super::super::solve(&instance)?.worth;
        assert_eq!((worth.filled, worth.changes), (2, 1));
        Ok(())
    }
}
