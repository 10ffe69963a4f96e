//! The routing solver against brute force, against itself in another order, and against published instances.

use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BTreeSet;

use fasttrack::routing::solver::{
    Assigned, Checked, Coverage, Instance, InvalidInstance, Need, Pair, Purpose, Routing, Standing, Supply,
    Worth, solve,
};
use proptest::prelude::*;
use proptest::sample::SizeRange;
use proptest::test_runner::TestRunner;
use serde_json::Value;

/// Other orders for bids, assessors and pairs.
type Orders = (Vec<usize>, Vec<usize>, Vec<usize>);

/// What is drawn for a pair: possible at all, covers, fit, standing.
type Draw = (bool, u64, i64, u8);

const fn standing(draw: u8) -> Standing {
    match draw {
        0 => Standing::Fixed,
        1..=3 => Standing::Offered,
        _ => Standing::None,
    }
}

/// Few pairs, so that every choice can be tried; few values, so that ties abound and every aim gets to decide.
pub fn instances(most_pairs: usize) -> impl Strategy<Value = Instance> {
    let bids = prop::collection::vec((0..4_u32, 1..4_u32), 1..5);
    let assessors = prop::collection::vec((0..4_u32, 0..3_u32), 1..5);
    let draws = prop::collection::vec(any_draw(), SizeRange::from(16));
    (bids, assessors, draws, any::<bool>()).prop_map(move |(bids, assessors, draws, repair)| {
        let bids: Vec<Need> = bids
            .into_iter()
            .enumerate()
            .map(|(index, (places, areas))| Need { key: format!("B{index}"), places, areas })
            .collect();
        let assessors: Vec<Supply> = assessors
            .into_iter()
            .enumerate()
            .map(|(index, (capacity, minimum))| Supply { key: format!("A{index}"), capacity, minimum })
            .collect();
        let pairs = draw_pairs(&bids, &assessors, &draws, most_pairs);
        let purpose = if repair { Purpose::Repair } else { Purpose::Fresh };
        Instance { bids, assessors, pairs, coverage: Coverage::default(), purpose }
    })
}

fn any_draw() -> impl Strategy<Value = Draw> {
    (prop::bool::weighted(0.8), 1..8_u64, -2..3_i64, 0..10_u8)
}

fn draw_pairs(bids: &[Need], assessors: &[Supply], draws: &[Draw], most: usize) -> Vec<Pair> {
    let ends = (0_u32..)
        .zip(bids)
        .flat_map(|(bid, need)| (0_u32..).zip(assessors).map(move |(at, _)| (bid, need.areas, at)));
    ends.zip(draws)
        .filter(|(_, draw)| draw.0)
        .map(|((bid, areas, assessor), &(_, covers, fit, stands))| Pair {
            bid,
            assessor,
            covers: Some(covers & ((1 << areas) - 1)).filter(|&some| some != 0).unwrap_or(1),
            fit,
            standing: standing(stands),
        })
        .take(most)
        .collect()
}

/// The worth of a choice of pairs, straight from the words of the aims; `None` if it is not allowed.
pub fn worth_of(instance: &Instance, chosen: impl Fn(usize) -> bool) -> Option<Worth> {
    let mut worth = Worth::default();
    let mut on_bid = vec![Vec::new(); instance.bids.len()];
    let mut loads = vec![(0, 0); instance.assessors.len()];
    for (index, pair) in instance.pairs.iter().enumerate() {
        match (pair.standing, chosen(index)) {
            (Standing::Fixed, false) => return None,
            (Standing::Offered, false) => worth.changes += 1,
            (Standing::None, false) => {}
            (stands, true) => {
                let fixed = u32::from(stands == Standing::Fixed);
                worth.filled += 1;
                worth.fit += pair.fit;
                on_bid[pair.bid as usize].push((pair.covers, fixed));
                let (load, all_fixed) = &mut loads[pair.assessor as usize];
                *load += 1;
                *all_fixed += fixed;
            }
        }
    }
    for (need, seats) in instance.bids.iter().zip(&on_bid) {
        let fixed: u32 = seats.iter().map(|seat| seat.1).sum();
        if seats.len() > need.places.max(fixed) as usize {
            return None;
        }
        let own = most_own_areas(seats, 0);
        worth.own_areas += own.min(u64::from(need.places));
    }
    for (supply, &(load, fixed)) in instance.assessors.iter().zip(&loads) {
        if load > supply.capacity.max(fixed) {
            return None;
        }
        worth.under_minimum += u64::from(supply.minimum.saturating_sub(load));
        worth.unevenness += (1..=u64::from(load))
            .map(|k| 1_000_000 * (2 * k - 1) / (2 * u64::from(supply.capacity.max(1))))
            .sum::<u64>();
    }
    Some(worth)
}

/// Tries every area, or none, for each assessor in turn.
pub fn most_own_areas(seats: &[(u64, u32)], taken: u64) -> u64 {
    let Some((&(covers, _), rest)) = seats.split_first() else { return 0 };
    let with_area = (0..3)
        .map(|area| 1 << area)
        .filter(|area| covers & !taken & area != 0)
        .map(|area| 1 + most_own_areas(rest, taken | area));
    with_area.chain([most_own_areas(rest, taken)]).max().unwrap_or(0)
}

/// The aims in their order, as something to be maximised.
pub fn rank(worth: &Worth, purpose: Purpose) -> impl Ord + std::fmt::Debug + use<> {
    let Worth { filled, own_areas, under_minimum, fit, unevenness, changes } = *worth;
    let first_changes = if purpose == Purpose::Repair { changes } else { 0 };
    (
        filled,
        Reverse(first_changes),
        own_areas,
        Reverse(under_minimum),
        fit,
        Reverse(unevenness),
        Reverse(changes),
    )
}

pub fn is_assigned(instance: &Instance, routing: &Routing) -> Vec<bool> {
    let all: BTreeSet<(u32, u32)> = routing.assigned.iter().map(|one| (one.bid, one.assessor)).collect();
    instance.pairs.iter().map(|pair| all.contains(&(pair.bid, pair.assessor))).collect()
}

/// The assignments by key, for comparing routings of instances that are written in different orders.
fn by_key(instance: &Instance, assigned: &[Assigned]) -> Vec<(String, String, Option<u8>)> {
    let named = |one: &Assigned| {
        let bid = instance.bids[one.bid as usize].key.clone();
        (bid, instance.assessors[one.assessor as usize].key.clone(), one.area)
    };
    assigned.iter().map(named).collect()
}

/// The same instance with bids, assessors and pairs in other orders.
fn shuffled(instance: &Instance, orders: &Orders) -> Instance {
    let place = |order: &[usize], index: u32| {
        let found = order.iter().position(|&at| at == index as usize).unwrap_or(0);
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let (bids, assessors, pairs) = orders;
    Instance {
        bids: bids.iter().map(|&at| instance.bids[at].clone()).collect(),
        assessors: assessors.iter().map(|&at| instance.assessors[at].clone()).collect(),
        pairs: pairs
            .iter()
            .map(|&at| instance.pairs[at])
            .map(|pair| Pair {
                bid: place(bids, pair.bid),
                assessor: place(assessors, pair.assessor),
                ..pair
            })
            .collect(),
        coverage: Coverage::default(),
        purpose: instance.purpose,
    }
}

fn with_orders(instance: Instance) -> impl Strategy<Value = (Instance, Orders)> {
    let order = |length: usize| Just((0..length).collect::<Vec<_>>()).prop_shuffle();
    let orders = (order(instance.bids.len()), order(instance.assessors.len()), order(instance.pairs.len()));
    (Just(instance), orders)
}

/// The worth of every allowed choice.
pub fn all_worths(instance: &Instance) -> impl Iterator<Item = (u32, Worth)> + use<'_> {
    let choices = 0..1_u32 << instance.pairs.len();
    choices.filter_map(|choice| Some((choice, worth_of(instance, |index| choice & (1 << index) != 0)?)))
}

#[test]
fn routing_is_the_best_of_all_choices() {
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) };
    let (short, with_minimum, fixed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let seen = |counter: &Cell<u32>, holds: bool| counter.set(counter.get() + u32::from(holds));
    let checked = TestRunner::new(config).run(&instances(11), |instance| {
        let routing = solve(&instance)?;
        let best = all_worths(&instance).map(|(_, worth)| rank(&worth, instance.purpose)).max();
        prop_assert_eq!(Some(rank(&routing.worth, instance.purpose)), best);
        seen(&short, !routing.shortages.is_empty());
        seen(&with_minimum, instance.assessors.iter().any(|one| one.minimum > 0));
        seen(&fixed, instance.pairs.iter().any(|pair| pair.standing == Standing::Fixed));
        Ok(())
    });
    assert!(checked.is_ok(), "{checked:?}");
    for (what, counter) in [("shortages", short), ("minimums", with_minimum), ("fixed pairs", fixed)] {
        assert!(counter.get() > 200, "only {} instances had {what}", counter.get());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn routing_is_allowed_and_worth_what_it_says(instance in instances(16)) {
        let routing = solve(&instance)?;
        let chosen = is_assigned(&instance, &routing);
        prop_assert_eq!(chosen.iter().filter(|&&chosen| chosen).count(), routing.assigned.len());
        prop_assert_eq!(worth_of(&instance, |index| chosen[index]), Some(routing.worth));
        let mut areas = BTreeSet::new();
        for one in &routing.assigned {
            let Some(area) = one.area else { continue };
            prop_assert!(areas.insert((one.bid, area)), "an area has two own assessors");
            let covers = instance.pairs.iter().any(|pair| {
                (pair.bid, pair.assessor) == (one.bid, one.assessor) && pair.covers & (1 << area) != 0
            });
            prop_assert!(covers, "an own assessor does not cover the area");
        }
    }

    #[test]
    fn routing_does_not_depend_on_the_order_of_input(
        (instance, orders) in instances(16).prop_flat_map(with_orders)
    ) {
        let other = shuffled(&instance, &orders);
        let (one, two) = (solve(&instance)?, solve(&other)?);
        prop_assert_eq!(by_key(&instance, &one.assigned), by_key(&other, &two.assigned));
        prop_assert_eq!(one.worth, two.worth);
    }

    #[test]
    fn next_best_is_off_the_bid_and_prefers_spare_capacity(instance in instances(16)) {
        let routing = solve(&instance)?;
        let chosen = is_assigned(&instance, &routing);
        let load = |assessor| routing.assigned.iter().filter(|one| one.assessor == assessor).count();
        let is_full = |assessor| load(assessor) >= instance.assessors[assessor as usize].capacity as usize;
        for (one, next) in routing.assigned.iter().zip(Checked::new(&instance)?.next_best(&routing)?) {
            let covers = |pair: &Pair| one.area.is_none_or(|area| pair.covers & (1 << area) != 0);
            let fit = instance.pairs.iter().find(|pair| (pair.bid, pair.assessor) == (one.bid, one.assessor));
            let best = instance
                .pairs
                .iter()
                .zip(&chosen)
                .filter(|(pair, chosen)| pair.bid == one.bid && !**chosen && covers(pair))
                .map(|(pair, _)| (is_full(pair.assessor), fit.map_or(0, |own| own.fit - pair.fit)))
                .min();
            let is_new = fit.is_some_and(|own| own.standing == Standing::None);
            prop_assert_eq!(next.map(|next| (next.full, next.fit_lost)), best.filter(|_| is_new));
        }
    }
}

/// Bids and assessors by areas and themes, and draws for exceptions: who may, what stands.
fn by_areas() -> impl Strategy<Value = (Instance, Vec<Draw>)> {
    let sets = |most| prop::collection::vec(prop::collection::btree_set(0..4_u32, 1..=most), 1..5);
    let covering = prop::collection::vec(prop::collection::btree_map(0..4_u32, 1..4_i64, 1..4), 1..5);
    let themes = prop::collection::vec(prop::collection::btree_set(0..3_u32, 0..3), SizeRange::from(4));
    let sharing =
        prop::collection::vec(prop::collection::btree_map(0..5_u32, 1..4_i64, 0..5), SizeRange::from(3));
    let limits = prop::collection::vec((0..4_u32, 0..4_u32, 0..3_u32), SizeRange::from(5));
    let draws = prop::collection::vec(any_draw(), SizeRange::from(20));
    let coverage = (sets(3), covering, themes, sharing);
    (coverage, limits, draws, any::<bool>()).prop_map(|(coverage, limits, draws, repair)| {
        let (bids, assessors, themes, sharing) = coverage;
        let purpose = if repair { Purpose::Repair } else { Purpose::Fresh };
        let mut instance = Instance { purpose, ..Instance::default() };
        for ((areas, limit), index) in bids.iter().zip(&limits).zip(0..) {
            let need = Need {
                key: format!("B{index}"),
                places: limit.0,
                areas: areas.len().try_into().unwrap_or(0),
            };
            instance.bids.push(need);
            instance.coverage.areas.push(areas.iter().copied().collect());
        }
        instance.coverage.assessors = vec![Vec::new(); 4];
        for ((areas, limit), index) in assessors.iter().zip(&limits).zip(0..) {
            instance.assessors.push(Supply { key: format!("A{index}"), capacity: limit.1, minimum: limit.2 });
            for (&area, &fit) in areas {
                instance.coverage.assessors[area as usize].push((index, fit));
            }
        }
        let known = |one: &(u32, i64)| (one.0 as usize) < instance.assessors.len();
        let sharing = sharing.into_iter().map(|theme| theme.into_iter().filter(known).collect());
        instance.coverage.sharing = sharing.collect();
        let themes = themes.into_iter().take(instance.bids.len());
        instance.coverage.themes = themes.map(|of_bid| of_bid.into_iter().collect()).collect();
        (instance, draws)
    })
}

/// What coverage implies for a bid and an assessor, from its words.
fn implied(instance: &Instance, bid: u32, assessor: u32) -> Option<(u64, i64)> {
    let areas = instance.coverage.areas[bid as usize].iter().enumerate();
    let fits: Vec<(u64, i64)> = areas
        .flat_map(|(bit, &area)| {
            let who = instance.coverage.assessors[area as usize].iter();
            who.filter(|one| one.0 == assessor).map(move |one| (1 << bit, one.1))
        })
        .collect();
    let covers = fits.iter().fold(0, |all, one| all | one.0);
    let themes = instance.coverage.themes[bid as usize].iter();
    let shared = themes.flat_map(|&theme| &instance.coverage.sharing[theme as usize]);
    let adds: i64 = shared.filter(|one| one.0 == assessor).map(|one| one.1).sum();
    fits.iter().map(|one| one.1).max().map(|fit| (covers, fit + adds))
}

/// The same pairs, once with what coverage implies left to it, and once with each listed.
fn both_ways((mut short, draws): (Instance, Vec<Draw>)) -> (Instance, Instance) {
    let mut listed = Vec::new();
    let ends = (0_u32..).zip(&short.bids).flat_map(|(bid, _)| (0_u32..5).map(move |at| (bid, at)));
    for ((bid, assessor), (possible, _, fit, stands)) in ends.zip(draws) {
        let Some((covers, implied_fit)) = implied(&short, bid, assessor) else { continue };
        let pair = |fit, standing| Pair { bid, assessor, covers, fit, standing };
        match standing(stands) {
            _ if !possible => short.coverage.barred.push((bid, assessor)),
            Standing::None if stands % 2 == 0 => listed.push(pair(implied_fit, Standing::None)),
            exceptional => {
                short.pairs.push(pair(fit, exceptional));
                listed.push(pair(fit, exceptional));
            }
        }
    }
    let long = Instance { pairs: listed, coverage: Coverage::default(), ..short.clone() };
    (short, long)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1024) })]

    #[test]
    fn implied_pairs_are_routed_as_listed_ones(instances in by_areas().prop_map(both_ways)) {
        let (short, long) = instances;
        let (one, other) = (solve(&short)?, solve(&long)?);
        let next_best = |instance, routing| Checked::new(instance)?.next_best(routing);
        prop_assert_eq!(next_best(&short, &one)?, next_best(&long, &other)?);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn a_repair_after_a_decline_has_the_fewest_changes(instance in instances(11), which in any::<prop::sample::Index>()) {
        let fresh = Instance { purpose: Purpose::Fresh, ..instance };
        let routing = solve(&fresh)?;
        prop_assume!(!routing.assigned.is_empty());
        let declined = routing.assigned[which.index(routing.assigned.len())];
        let chosen = is_assigned(&fresh, &routing);
        let mut after = Instance { purpose: Purpose::Repair, ..fresh };
        for (pair, chosen) in after.pairs.iter_mut().zip(chosen) {
            if pair.standing != Standing::Fixed {
                pair.standing = if chosen { Standing::Offered } else { Standing::None };
            }
        }
        after.pairs.retain(|pair| (pair.bid, pair.assessor) != (declined.bid, declined.assessor));
        let repaired = solve(&after)?;
        let best = (0..1_u32 << after.pairs.len())
            .filter_map(|choice| worth_of(&after, |index| choice & (1 << index) != 0))
            .map(|worth| rank(&worth, Purpose::Repair))
            .max();
        prop_assert_eq!(Some(rank(&repaired.worth, Purpose::Repair)), best);
    }
}

/// Two assessors of different areas, equal by every aim.
#[test]
fn the_first_of_equals_is_taken_whether_its_pair_is_listed_or_implied() {
    let pair = |assessor, covers| Pair { bid: 0, assessor, covers, fit: 1, standing: Standing::None };
    let supply = |key: &str| Supply { key: key.to_owned(), capacity: 1, minimum: 0 };
    let implied = Coverage {
        areas: vec![vec![0, 1]],
        assessors: vec![vec![(1, 1)], vec![(0, 1)]],
        ..Coverage::default()
    };
    for (pairs, coverage) in [
        (vec![pair(0, 2), pair(1, 1)], Coverage::default()),
        (vec![pair(0, 2), pair(1, 1)], implied.clone()),
        (vec![pair(0, 2)], implied.clone()),
        (vec![pair(1, 1)], implied.clone()),
        (Vec::new(), implied),
    ] {
        let bids = vec![Need { key: "B".to_owned(), places: 1, areas: 2 }];
        let instance = Instance {
            bids,
            assessors: vec![supply("A0"), supply("A1")],
            pairs,
            coverage,
            purpose: Purpose::Fresh,
        };
        let routing = solve(&instance).unwrap();
        assert_eq!(routing.assigned, [Assigned { bid: 0, assessor: 0, area: Some(1) }], "{instance:?}");
    }
}

fn small(pairs: Vec<Pair>) -> Instance {
    let bid = |key: &str| Need { key: key.to_owned(), places: 2, areas: 2 };
    let assessor = |key: &str| Supply { key: key.to_owned(), capacity: 1, minimum: 0 };
    Instance {
        bids: vec![bid("B0"), bid("B1")],
        assessors: vec![assessor("A0"), assessor("A1")],
        pairs,
        coverage: Coverage::default(),
        purpose: Purpose::Fresh,
    }
}

const fn pair(bid: u32, assessor: u32, standing: Standing) -> Pair {
    Pair { bid, assessor, covers: 1, fit: 0, standing }
}

#[test]
fn fixed_pairs_over_a_lowered_capacity_stay_and_bar_new_ones() -> Result<(), InvalidInstance> {
    let mut instance =
        small(vec![pair(0, 0, Standing::Fixed), pair(1, 0, Standing::Fixed), pair(0, 1, Standing::None)]);
    instance.assessors[0].capacity = 0;
    let routing = solve(&instance)?;
    assert_eq!(routing.worth.filled, 3);
    assert_eq!(routing.shortages.len(), 1);
    assert_eq!(routing.shortages[0].short, [(1, 1)]);
    Ok(())
}

#[test]
fn nonsense_is_refused_by_name() {
    let outcome = |instance: &Instance| solve(instance).err();
    let twice = small(vec![pair(0, 0, Standing::None), pair(0, 0, Standing::None)]);
    let (bid, assessor) = ("B0".to_owned(), "A0".to_owned());
    assert_eq!(outcome(&twice), Some(InvalidInstance::DuplicatePair { bid, assessor }));
    let nobody = small(vec![pair(0, 2, Standing::None)]);
    assert_eq!(outcome(&nobody), Some(InvalidInstance::UnknownParty(0)));
    let nothing = small(vec![Pair { covers: 0, ..pair(0, 0, Standing::None) }]);
    assert_eq!(outcome(&nothing), Some(InvalidInstance::WrongCovers(0)));
    let beyond = small(vec![Pair { covers: 4, ..pair(0, 0, Standing::None) }]);
    assert_eq!(outcome(&beyond), Some(InvalidInstance::WrongCovers(0)));
    let mut same = small(Vec::new());
    same.bids[1].key = "B0".to_owned();
    assert_eq!(outcome(&same), Some(InvalidInstance::DuplicateBid("B0".to_owned())));
}

#[test]
fn next_best_of_another_instance_is_refused() -> Result<(), InvalidInstance> {
    let instance = small(vec![pair(0, 0, Standing::None), pair(1, 1, Standing::None)]);
    let routing = solve(&instance)?;
    assert_eq!(Checked::new(&instance)?.next_best(&routing), Ok(vec![None, None]));
    let without_it = small(vec![pair(0, 0, Standing::None), pair(1, 0, Standing::None)]);
    let with_another =
        small(vec![pair(0, 0, Standing::None), pair(0, 1, Standing::Fixed), pair(1, 1, Standing::None)]);
    let elsewhere = small(vec![pair(0, 0, Standing::None), Pair { covers: 2, ..pair(1, 1, Standing::None) }]);
    for other in [without_it, with_another, elsewhere] {
        assert_eq!(Checked::new(&other)?.next_best(&routing), Err(InvalidInstance::OtherRouting));
    }
    Ok(())
}

#[test]
fn an_empty_instance_has_an_empty_routing() -> Result<(), InvalidInstance> {
    assert_eq!(solve(&Instance::default())?.assigned, []);
    Ok(())
}

/// Each file names its source; the README beside them says more.
const PUBLISHED: [&str; 3] = [
    include_str!("../data/routing/preflib1.json"),
    include_str!("../data/routing/preflib2.json"),
    include_str!("../data/routing/midl.json"),
];

#[test]
fn published_optima_are_reached() -> Result<(), Box<dyn std::error::Error>> {
    for text in PUBLISHED {
        let document: Value = serde_json::from_str(text)?;
        let routing = solve(&published(&document)?)?;
        assert_eq!(Some(routing.worth.filled), document["known"]["filled"].as_u64());
        assert_eq!(Some(routing.worth.fit), document["known"]["total"].as_i64());
    }
    Ok(())
}

/// Minimum load of everybody, units short of it, total: by OR-tools' minimum-cost flow.
#[test]
fn published_optima_with_minimum_loads_are_reached() -> Result<(), Box<dyn std::error::Error>> {
    let known: [&[(u32, u64, i64)]; 3] = [
        &[(5, 0, 124_250_000), (6, 24, 124_250_000)],
        &[(6, 0, 141_500_000)],
        &[(1, 0, 186_459_931), (2, 0, 150_043_126), (3, 177, 191_587_050), (4, 354, 201_884_878)],
    ];
    for (text, known) in PUBLISHED.iter().zip(known) {
        let document: Value = serde_json::from_str(text)?;
        let mut instance = published(&document)?;
        for &(minimum, under, total) in known {
            instance.assessors.iter_mut().for_each(|assessor| assessor.minimum = minimum);
            let worth = solve(&instance)?.worth;
            assert_eq!(Some(worth.filled), document["known"]["filled"].as_u64());
            assert_eq!((worth.under_minimum, worth.fit), (under, total), "{} at {minimum}", document["name"]);
        }
    }
    Ok(())
}

fn published(document: &Value) -> Result<Instance, serde_json::Error> {
    let list = |name: &str| serde_json::from_value::<Vec<u32>>(document[name].clone());
    let bids = list("places")?.into_iter().enumerate();
    let assessors = list("capacity")?.into_iter().zip(list("minimum")?).enumerate();
    let pairs = published_pairs(document)?.into_iter();
    Ok(Instance {
        bids: bids.map(|(index, places)| Need { key: format!("{index:04}"), places, areas: 0 }).collect(),
        assessors: assessors
            .map(|(index, (capacity, minimum))| Supply { key: format!("{index:04}"), capacity, minimum })
            .collect(),
        pairs: pairs
            .map(|(bid, assessor, fit)| Pair { fit, covers: 0, ..pair(bid, assessor, Standing::None) })
            .collect(),
        coverage: Coverage::default(),
        purpose: Purpose::Fresh,
    })
}

/// Bid, assessor, value: listed, or one row of values for each bid.
fn published_pairs(document: &Value) -> Result<Vec<(u32, u32, i64)>, serde_json::Error> {
    if !document["values"].is_array() {
        return serde_json::from_value(document["pairs"].clone());
    }
    let rows: Vec<Vec<i64>> = serde_json::from_value(document["values"].clone())?;
    let row = |(bid, row): (u32, Vec<i64>)| (0..).zip(row).map(move |(at, value)| (bid, at, value));
    Ok((0..).zip(rows).flat_map(row).collect())
}
