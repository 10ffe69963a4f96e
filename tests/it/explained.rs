//! What the solver says of a routing, against brute force: shortages, remedies, rivals, bridges.

use std::collections::BTreeSet;

use fasttrack::routing::solver::{
    Aim, Bridges, Checked, Instance, InvalidInstance, Need, Pair, Purpose, RivalCost, Routing, Shortage,
    Standing, Supply, Worth, solve,
};
use proptest::prelude::*;

use crate::solver::{all_worths, instances, is_assigned, most_own_areas, rank};

/// What a set of bids asks beyond what its assessors can give: places less, for each assessor, what is fixed there and the
/// lesser of the room left and the bids they may take. The minimum cut's own words.
fn shortfall(instance: &Instance, bids: &BTreeSet<u32>) -> i64 {
    let places = bids.iter().map(|&bid| i64::from(instance.bids[bid as usize].places)).sum::<i64>();
    let given = (0_u32..).zip(&instance.assessors).map(|(assessor, supply)| {
        let own = || instance.pairs.iter().filter(move |pair| pair.assessor == assessor);
        let fixed = |pair: &&Pair| pair.standing == Standing::Fixed;
        let inside = |pair: &&Pair| bids.contains(&pair.bid);
        let room = u64::from(supply.capacity).saturating_sub(own().filter(fixed).count() as u64);
        let may_take = own().filter(inside).filter(|pair| !fixed(pair)).count() as u64;
        (own().filter(inside).filter(fixed).count() as u64 + room.min(may_take)).cast_signed()
    });
    places - given.sum::<i64>()
}

fn proper_subsets(bids: &[u32]) -> impl Iterator<Item = BTreeSet<u32>> {
    let chosen = move |choice: u32| bids.iter().enumerate().filter(move |(at, _)| choice & (1 << at) != 0);
    (0..(1 << bids.len()) - 1).map(move |choice| chosen(choice).map(|(_, &bid)| bid).collect())
}

fn empty_places(instance: &Instance, routing: &Routing) -> u64 {
    let filled = |bid: u32| routing.assigned.iter().filter(|one| one.bid == bid).count() as u64;
    (0_u32..).zip(&instance.bids).map(|(bid, need)| u64::from(need.places).saturating_sub(filled(bid))).sum()
}

fn places_short(shortage: &Shortage) -> u64 {
    shortage.short.iter().map(|&(_, places)| u64::from(places)).sum()
}

/// The bids of each area, where the bids' numbers make two areas that overlap.
fn covering(instance: &Instance) -> Vec<Vec<u32>> {
    let bids = || (0_u32..).zip(&instance.bids).map(|(bid, _)| bid);
    vec![bids().filter(|bid| bid % 2 == 0).collect(), bids().filter(|bid| *bid > 0).collect()]
}

fn with_more_capacity(instance: &Instance, raises: &[(u32, u32)]) -> Instance {
    let mut raised = instance.clone();
    for &(assessor, by) in raises {
        raised.assessors[assessor as usize].capacity += by;
    }
    raised
}

/// Whose capacities may be raised: they have some, and what is fixed is within it.
fn raisable(instance: &Instance) -> Vec<u32> {
    let fixed = |at: u32| {
        let own = instance.pairs.iter().filter(|pair| pair.assessor == at);
        own.filter(|pair| pair.standing == Standing::Fixed).count()
    };
    let all = (0_u32..).zip(&instance.assessors);
    all.filter(|&(at, one)| one.capacity > 0 && fixed(at) <= one.capacity as usize)
        .map(|(at, _)| at)
        .collect()
}

/// The most places that this much more capacity fills, whichever of these assessors have it.
fn most_filled(instance: &Instance, more: u64, of: &[u32]) -> Result<u64, InvalidInstance> {
    let mut most = solve(instance)?.worth.filled;
    if more == 0 {
        return Ok(most);
    }
    for (at, &assessor) in of.iter().enumerate() {
        let raised = with_more_capacity(instance, &[(assessor, 1)]);
        most = most.max(most_filled(&raised, more - 1, &of[at..])?);
    }
    Ok(most)
}

fn with_another(instance: &Instance, bids: impl Iterator<Item = u32>) -> Instance {
    let mut with = instance.clone();
    let assessor = u32::try_from(with.assessors.len()).unwrap_or(u32::MAX);
    with.assessors.push(Supply { key: "another".to_owned(), capacity: 100, minimum: 0 });
    let pair = |bid| Pair { bid, assessor, covers: 1, fit: 0, standing: Standing::None };
    with.pairs.extend(bids.map(pair));
    with
}

/// The first aim, in the order of the purpose, by which one is worse than the best, and by how much.
fn first_difference(best: &Worth, other: &Worth, purpose: Purpose) -> RivalCost {
    let changes = (Aim::Changes, i64::try_from(other.changes).ok().zip(i64::try_from(best.changes).ok()));
    let count = |aim, best: u64, other: u64| (aim, best.cast_signed() - other.cast_signed());
    let places = count(Aim::Places, best.filled, other.filled);
    let changes = (changes.0, changes.1.map_or(0, |(other, best)| other - best));
    let rest = [
        count(Aim::Areas, best.own_areas, other.own_areas),
        count(Aim::Minimums, other.under_minimum, best.under_minimum),
        (Aim::Fit, best.fit - other.fit),
        count(Aim::Evenness, other.unevenness, best.unevenness),
    ];
    let order: Vec<(Aim, i64)> = match purpose {
        Purpose::Fresh => [places].into_iter().chain(rest).chain([changes]).collect(),
        Purpose::Repair => [places, changes].into_iter().chain(rest).collect(),
    };
    let first = order.into_iter().find(|(_, by)| *by != 0);
    first.map_or(RivalCost::Nothing, |(aim, by)| RivalCost::Worse { aim, by: by.unsigned_abs() })
}

/// Connected parts of the chosen pairs, found by spreading the least label until nothing changes.
fn parts(instance: &Instance, chosen: &[bool]) -> u32 {
    let pairs = || instance.pairs.iter().zip(chosen).filter(|(_, chosen)| **chosen).map(|(pair, _)| pair);
    let mut of_bid: Vec<usize> = (0..instance.bids.len()).collect();
    let mut of_assessor = vec![usize::MAX; instance.assessors.len()];
    for _round in 0..=instance.bids.len() + instance.assessors.len() {
        for pair in pairs() {
            let (bid, assessor) = (&mut of_bid[pair.bid as usize], &mut of_assessor[pair.assessor as usize]);
            let least = (*bid).min(*assessor);
            (*bid, *assessor) = (least, least);
        }
    }
    let labels: BTreeSet<usize> = pairs().map(|pair| of_bid[pair.bid as usize]).collect();
    u32::try_from(labels.len()).unwrap_or(u32::MAX)
}

/// Parts, swaps, offers taken away, fit lost: of a choice that keeps each bid's number of assessors and of own areas, what is
/// fixed, and the capacities.
fn connection(instance: &Instance, before: &[bool], after: &[bool]) -> Option<(u32, usize, i64, i64)> {
    let of = |chosen: &[bool], bid: u32| -> Vec<(u64, u32)> {
        let own = instance.pairs.iter().zip(chosen).filter(|(pair, chosen)| pair.bid == bid && **chosen);
        own.map(|(pair, _)| (pair.covers, 0)).collect()
    };
    for (bid, need) in (0_u32..).zip(&instance.bids) {
        let (old, new) = (of(before, bid), of(after, bid));
        let own = |seats: &[(u64, u32)]| most_own_areas(seats, 0).min(u64::from(need.places));
        if old.len() != new.len() || own(&new) < own(&old) {
            return None;
        }
    }
    let (mut swaps, mut changes, mut fit) = (0, 0, 0);
    let mut loads = vec![(0_u32, 0_u32); instance.assessors.len()];
    for ((pair, &old), &new) in instance.pairs.iter().zip(before).zip(after) {
        let (load, fixed) = &mut loads[pair.assessor as usize];
        *load += u32::from(new);
        *fixed += u32::from(pair.standing == Standing::Fixed);
        let gone = i64::from(old) - i64::from(new);
        swaps += usize::from(old && !new);
        changes += if pair.standing == Standing::Offered { gone } else { 0 };
        fit += gone * pair.fit;
        if pair.standing == Standing::Fixed && !new {
            return None;
        }
    }
    let within = |(supply, &(load, fixed)): (&Supply, &(u32, u32))| load <= supply.capacity.max(fixed);
    instance.assessors.iter().zip(&loads).all(within).then(|| (parts(instance, after), swaps, changes, fit))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn certificates_prove_every_empty_place(instance in instances(16)) {
        let routing = solve(&instance)?;
        let mut all = BTreeSet::new();
        for shortage in &routing.shortages {
            let bids: BTreeSet<u32> = shortage.bids.iter().copied().collect();
            let given: u64 = shortage.givers.iter().map(|giver| u64::from(giver.gives)).sum();
            prop_assert_eq!(given, shortage.possible);
            prop_assert_eq!(shortage.places - given, places_short(shortage));
            prop_assert_eq!(shortfall(&instance, &bids), places_short(shortage).cast_signed());
            prop_assert!(bids.iter().all(|&bid| all.insert(bid)), "a bid is in two parts");
        }
        let certified: u64 = routing.shortages.iter().map(places_short).sum();
        prop_assert_eq!(certified, empty_places(&instance, &routing));
    }

    #[test]
    fn certificates_can_spare_none_of_their_bids_and_do_not_fall_apart(instance in instances(16)) {
        for shortage in solve(&instance)?.shortages {
            let whole = places_short(&shortage).cast_signed();
            for some in proper_subsets(&shortage.bids) {
                let others = shortage.bids.iter().copied().filter(|bid| !some.contains(bid)).collect();
                let (proved, by_others) = (shortfall(&instance, &some), shortfall(&instance, &others));
                prop_assert!(proved < whole, "{some:?} alone prove as much");
                prop_assert!(some.is_empty() || proved + by_others < whole, "{some:?} are a part of their own");
            }
        }
    }

    #[test]
    fn raised_capacities_fill_all_that_can_be_had_and_no_less_does(instance in instances(11)) {
        let routing = solve(&instance)?;
        let remedies = Checked::new(&instance)?.remedies(&routing, &[])?;
        prop_assert_eq!(remedies.len(), routing.shortages.len());
        let raises: Vec<(u32, u32)> = remedies.iter().flat_map(|remedy| remedy.raises.clone()).collect();
        let more: u64 = raises.iter().map(|&(_, by)| u64::from(by)).sum();
        let beyond = remedies.iter().flat_map(|remedy| &remedy.beyond).map(|&(_, places)| u64::from(places));
        prop_assert_eq!(more + beyond.sum::<u64>(), empty_places(&instance, &routing));

        let raisable = raisable(&instance);
        let limitless: Vec<(u32, u32)> = raisable.iter().map(|&assessor| (assessor, 100)).collect();
        let most = solve(&with_more_capacity(&instance, &limitless))?.worth.filled;
        prop_assert_eq!(solve(&with_more_capacity(&instance, &raises))?.worth.filled, most);
        if more > 0 {
            prop_assert!(most_filled(&instance, more - 1, &raisable)? < most, "less capacity would do");
        }
    }

    #[test]
    fn another_assessor_fills_as_many_places_as_said(instance in instances(16)) {
        let routing = solve(&instance)?;
        let covering = covering(&instance);
        let remedies = Checked::new(&instance)?.remedies(&routing, &covering)?;
        for (area, bids) in covering.iter().enumerate() {
            for (shortage, remedy) in routing.shortages.iter().zip(&remedies) {
                let inside = bids.iter().copied().filter(|bid| shortage.bids.contains(bid));
                let filled = solve(&with_another(&instance, inside))?.worth.filled - routing.worth.filled;
                let said = remedy.another.iter().find(|(at, _)| *at == area).map_or(0, |&(_, places)| places);
                prop_assert_eq!(said, filled);
            }
            let said = remedies.iter().flat_map(|remedy| &remedy.another).filter(|(at, _)| *at == area);
            let with = solve(&with_another(&instance, bids.iter().copied()))?;
            prop_assert_eq!(said.map(|&(_, places)| places).sum::<u64>(), with.worth.filled - routing.worth.filled);
        }
    }

    #[test]
    fn rivals_cost_what_the_best_routing_with_them_costs(instance in instances(11)) {
        let routing = solve(&instance)?;
        let chosen = is_assigned(&instance, &routing);
        let worths: Vec<(u32, Worth)> = all_worths(&instance).collect();
        for bid in (0_u32..).zip(&instance.bids).map(|(bid, _)| bid) {
            let rivals = Checked::new(&instance)?.rivals(&routing, bid)?;
            let off = instance.pairs.iter().zip(&chosen).filter(|(pair, chosen)| pair.bid == bid && !**chosen);
            prop_assert_eq!(rivals.len(), off.count());
            for rival in rivals {
                let at = instance.pairs.iter().position(|pair| (pair.bid, pair.assessor) == (bid, rival.assessor));
                let with = worths.iter().filter(|(choice, _)| at.is_some_and(|at| choice & (1 << at) != 0));
                let best = with.max_by_key(|(_, worth)| rank(worth, instance.purpose));
                let cost = best.map(|(_, worth)| first_difference(&routing.worth, worth, instance.purpose));
                prop_assert_eq!(rival.cost, cost.unwrap_or(RivalCost::Impossible));
            }
        }
    }

    #[test]
    fn bridges_are_the_fewest_swaps_to_the_fewest_parts(instance in instances(11)) {
        let routing = solve(&instance)?;
        let (connected, report) = Checked::new(&instance)?.connected(&routing)?;
        let (before, after) = (is_assigned(&instance, &routing), is_assigned(&instance, &connected));
        let best = (0..1_u32 << instance.pairs.len())
            .filter_map(|choice| {
                let after: Vec<bool> = (0..instance.pairs.len()).map(|at| choice & (1 << at) != 0).collect();
                connection(&instance, &before, &after)
            })
            .min();
        let reached = connection(&instance, &before, &after);
        prop_assert_eq!(reached, best);
        prop_assert!(report.proven, "so few pairs are searched in full");
        prop_assert_eq!(reached.map(|(parts, ..)| parts), Some(report.parts_after));
        prop_assert_eq!(reached.map(|(_, swaps, ..)| swaps), Some(report.swaps.len()));
        prop_assert_eq!(reached.map(|(.., fit)| fit), Some(report.fit_lost));
        prop_assert_eq!(report.parts_before, parts(&instance, &before));
        prop_assert_eq!(connected.worth.filled, routing.worth.filled);
    }
}

/// `groups` of `size` bids with two places each, and three assessors to each group's bids; the first of each may also take the
/// next group's.
fn ring(groups: u32, size: u32) -> Instance {
    let mut ring = Instance::default();
    for group in 0..groups {
        for assessor in 0..3 {
            let key = format!("A{group:03}-{assessor}");
            ring.assessors.push(Supply { key, capacity: size, minimum: 0 });
        }
        for at in 0..size {
            let bid = group * size + at;
            ring.bids.push(Need { key: format!("B{bid:06}"), places: 2, areas: 1 });
            let pair = |assessor, fit| Pair { bid, assessor, covers: 1, fit, standing: Standing::None };
            ring.pairs.extend((0..3).map(|one| pair(group * 3 + one, 1_000)));
            ring.pairs.push(pair((group + groups - 1) % groups * 3, 700));
        }
    }
    ring
}

fn connected(instance: &Instance) -> Result<(Routing, Bridges), InvalidInstance> {
    let checked = Checked::new(instance)?;
    checked.connected(&checked.solve())
}

#[test]
fn many_parts_are_joined_by_one_swap_each() -> Result<(), InvalidInstance> {
    let instance = ring(40, 6);
    let (_, report) = connected(&instance)?;
    assert_eq!((report.parts_before, report.parts_after, report.swaps.len()), (40, 1, 39));
    assert!(report.proven, "as many swaps as parts were joined are the fewest");
    assert_eq!(report.fit_lost, 39 * 300);
    Ok(())
}

#[test]
fn parts_that_nobody_could_join_are_told_apart() -> Result<(), InvalidInstance> {
    let mut instance = ring(2, 3);
    instance.pairs.retain(|pair| pair.fit == 1_000);
    let (after, report) = connected(&instance)?;
    assert_eq!((report.parts_after, report.parts_possible, report.proven), (2, 2, true));
    assert_eq!(report.apart, [vec![0, 1, 2], vec![3, 4, 5]]);
    assert_eq!(after, solve(&instance)?);
    Ok(())
}
