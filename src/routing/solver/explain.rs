//! What a choice of pairs is worth, whose area each assessor serves, and who would be next best.
//!
//! Everything here is computed from the chosen pairs alone, not from the solver's bookkeeping, and named again by the
//! instance's own indices.

use super::canonical::Canonical;
use super::network::unevenness;
use super::routed::Routed;
use super::{Assigned, InvalidInstance, Pair, Routing, Standing, shortage};

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

pub(super) fn routing(routed: &Routed<'_>) -> Routing {
    let (canonical, chosen) = (routed.canonical, routed.chosen());
    let assigned = assigned(canonical, chosen);
    Routing { worth: worth(canonical, chosen, &assigned), shortages: shortage::shortages(routed), assigned }
}

/// The routed instance behind a routing, or that it is of another instance.
pub(super) fn routed<'a>(
    canonical: &'a Canonical,
    assigned: &[Assigned],
) -> Result<Routed<'a>, InvalidInstance> {
    let places = places(canonical, assigned).ok_or(InvalidInstance::OtherRouting)?;
    Ok(Routed::new(canonical, places.iter().map(Option::is_some).collect()))
}

fn assigned(canonical: &Canonical, chosen: &[bool]) -> Vec<Assigned> {
    let mut all = Vec::new();
    for (rank, bid) in canonical.bids.iter().enumerate() {
        let pairs: Vec<&Pair> = canonical
            .pairs_of(rank)
            .filter(|&position| chosen[position])
            .map(|position| &canonical.pairs[position])
            .collect();
        let areas = own_areas(&pairs, bid.places);
        all.extend(pairs.iter().zip(areas).map(|(pair, area)| Assigned {
            bid: bid.origin,
            assessor: canonical.assessors[pair.assessor as usize].origin,
            area,
        }));
    }
    all
}

/// Gives as many areas as possible, up to the places, an assessor of their own: a maximum matching by augmenting
/// paths. An area once matched stays so, hence the first areas go first.
pub(super) fn own_areas(pairs: &[&Pair], places: u32) -> Vec<Option<u8>> {
    let mut area_of = vec![None; pairs.len()];
    let covered = pairs.iter().fold(0, |all, pair| all | pair.covers);
    let mut left = places;
    for area in (0..64_u8).filter(|&area| covered & (1 << area) != 0) {
        if left > 0 && claim(area, pairs, &mut area_of, &mut vec![false; pairs.len()]) {
            left -= 1;
        }
    }
    area_of
}

/// Finds an assessor for an area, if need be by moving others on to areas that they also cover.
fn claim(area: u8, pairs: &[&Pair], area_of: &mut [Option<u8>], asked: &mut [bool]) -> bool {
    for seat in 0..pairs.len() {
        if asked[seat] || pairs[seat].covers & (1 << area) == 0 {
            continue;
        }
        asked[seat] = true;
        if area_of[seat].is_none_or(|other| claim(other, pairs, area_of, asked)) {
            area_of[seat] = Some(area);
            return true;
        }
    }
    false
}

fn worth(canonical: &Canonical, chosen: &[bool], assigned: &[Assigned]) -> Worth {
    let mut worth = Worth {
        filled: assigned.len() as u64,
        own_areas: assigned.iter().filter(|one| one.area.is_some()).count() as u64,
        ..Worth::default()
    };
    for (pair, &chosen) in canonical.pairs.iter().zip(chosen) {
        worth.fit += if chosen { pair.fit } else { 0 };
        worth.changes += u64::from(pair.standing == Standing::Offered && !chosen);
    }
    for (assessor, load) in canonical.assessors.iter().zip(loads(canonical, chosen)) {
        worth.under_minimum += u64::from(assessor.minimum.saturating_sub(load));
        worth.unevenness += (1..=load).map(|k| unevenness(k, assessor.capacity)).sum::<u64>();
    }
    worth
}

fn loads(canonical: &Canonical, chosen: &[bool]) -> Vec<u32> {
    let mut loads = vec![0; canonical.assessors.len()];
    for (pair, _) in canonical.pairs.iter().zip(chosen).filter(|&(_, &chosen)| chosen) {
        loads[pair.assessor as usize] += 1;
    }
    loads
}

/// For an own place only those who cover the same area are asked. Of equals, the first by key.
pub(super) fn next_best(
    canonical: &Canonical,
    assigned: &[Assigned],
) -> Result<Vec<Option<NextBest>>, InvalidInstance> {
    let places = places(canonical, assigned).ok_or(InvalidInstance::OtherRouting)?;
    let chosen: Vec<bool> = places.iter().map(Option::is_some).collect();
    let loads = loads(canonical, &chosen);
    let is_full = |pair: &Pair| {
        let assessor = pair.assessor as usize;
        loads[assessor] >= canonical.assessors[assessor].capacity
    };

    let mut answers = Vec::with_capacity(assigned.len());
    for bid in 0..canonical.bids.len() {
        for position in canonical.pairs_of(bid) {
            let Some(area) = places[position] else { continue };
            let serves = |pair: &&Pair| area.is_none_or(|area| pair.covers & (1 << area) != 0);
            let best = canonical
                .pairs_of(bid)
                .filter(|&other| !chosen[other])
                .map(|other| &canonical.pairs[other])
                .filter(serves)
                .min_by_key(|pair| (is_full(pair), -pair.fit));
            answers.push(best.map(|best| NextBest {
                assessor: canonical.assessors[best.assessor as usize].origin,
                fit_lost: canonical.pairs[position].fit - best.fit,
                full: is_full(best),
            }));
        }
    }
    Ok(answers)
}

/// For each pair, the area if it is assigned. None if the assignments cannot have come from this instance: they are in the pairs'
/// order, cover their areas, and leave out no fixed pair.
fn places(canonical: &Canonical, assigned: &[Assigned]) -> Option<Vec<Option<Option<u8>>>> {
    let mut waiting = assigned.iter().peekable();
    let mut places = Vec::with_capacity(canonical.pairs.len());
    for pair in &canonical.pairs {
        let bid = canonical.bids[pair.bid as usize].origin;
        let assessor = canonical.assessors[pair.assessor as usize].origin;
        let place = waiting.next_if(|one| (one.bid, one.assessor) == (bid, assessor)).map(|one| one.area);
        let covered = |area: u8| pair.covers.checked_shr(u32::from(area)).is_some_and(|bits| bits & 1 == 1);
        let belongs = match place {
            Some(area) => area.is_none_or(covered),
            None => pair.standing != Standing::Fixed,
        };
        if !belongs {
            return None;
        }
        places.push(place);
    }
    waiting.next().is_none().then_some(places)
}
