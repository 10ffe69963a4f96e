//! What a choice of pairs is worth, whose area each assessor serves, and who would be next best.
//!
//! Everything here is computed from the chosen pairs alone, not from the solver's bookkeeping, and named again by the
//! instance's own indices.

use super::aims::unevenness;
use super::canonical::Canonical;
use super::routed::Routed;
use super::{Assigned, InvalidInstance, Pair, Routing, Standing, number, shortage};

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

/// `taken` are the chosen pairs, by bid, then assessor.
pub(super) fn routing(canonical: &Canonical, taken: &[Pair]) -> Routing {
    let assigned = assigned(canonical, taken);
    // To write out every pair takes memory that a routing without empty places can do without.
    let is_short = is_short(canonical, taken);
    let shortages = if is_short { shortage::shortages(&Routed::new(canonical, taken)) } else { Vec::new() };
    Routing { worth: worth(canonical, taken, &assigned), shortages, assigned }
}

fn is_short(canonical: &Canonical, taken: &[Pair]) -> bool {
    let mut filled = vec![0; canonical.bids.len()];
    taken.iter().for_each(|pair| filled[pair.bid as usize] += 1);
    canonical.bids.iter().zip(filled).any(|(bid, filled)| filled < bid.places)
}

/// The routed instance behind a routing, or that it is of another instance.
pub(super) fn routed<'a>(
    canonical: &'a Canonical,
    assigned: &[Assigned],
) -> Result<Routed<'a>, InvalidInstance> {
    Ok(Routed::new(canonical, &seats(canonical, assigned)?.concat()))
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

fn loads<'p>(canonical: &Canonical, taken: impl IntoIterator<Item = &'p Pair>) -> Vec<u32> {
    let mut loads = vec![0; canonical.assessors.len()];
    for pair in taken {
        loads[pair.assessor as usize] += 1;
    }
    loads
}

/// For each assignment that is new. For an own place only those who cover the same area are asked. Of equals, the first by key.
pub(super) fn next_best(
    canonical: &Canonical,
    assigned: &[Assigned],
) -> Result<Vec<Option<NextBest>>, InvalidInstance> {
    let seats = seats(canonical, assigned)?;
    let loads = loads(canonical, seats.iter().flatten());
    let is_full = |pair: &Pair| {
        let assessor = pair.assessor as usize;
        loads[assessor] >= canonical.assessors[assessor].capacity
    };
    let mut areas = assigned.iter().map(|one| one.area);
    let mut answers = Vec::with_capacity(assigned.len());
    for (bid, seated) in seats.iter().enumerate() {
        let areas: Vec<Option<u8>> = areas.by_ref().take(seated.len()).collect();
        let others = others_for(canonical, bid, seated, &areas, is_full);
        answers.extend(seated.iter().zip(others).map(|(seat, other)| {
            other.map(|best| NextBest {
                assessor: canonical.assessors[best.assessor as usize].origin,
                fit_lost: seat.fit - best.fit,
                full: is_full(&best),
            })
        }));
    }
    Ok(answers)
}

/// For each new seat of a bid the best of those who are not on it, in one look through them.
fn others_for(
    canonical: &Canonical,
    bid: usize,
    seated: &[Pair],
    areas: &[Option<u8>],
    is_full: impl Fn(&Pair) -> bool,
) -> Vec<Option<Pair>> {
    let mut best: Vec<Option<Pair>> = vec![None; seated.len()];
    if seated.iter().all(|seat| seat.standing != Standing::None) {
        return best;
    }
    let rank = |pair: &Pair| (is_full(pair), -pair.fit, pair.assessor);
    for pair in canonical.possible(bid) {
        let rank_of_pair = rank(&pair);
        for ((known, area), seat) in best.iter_mut().zip(areas).zip(seated) {
            let serves = area.is_none_or(|area| pair.covers & (1 << area) != 0);
            let is_better = known.as_ref().is_none_or(|known| rank_of_pair < rank(known));
            if seat.standing == Standing::None
                && serves
                && is_better
                && seated.iter().all(|seat| seat.assessor != pair.assessor)
            {
                *known = Some(pair);
            }
        }
    }
    best
}

/// For each bid, its pairs that are assigned.
fn seats(canonical: &Canonical, assigned: &[Assigned]) -> Result<Vec<Vec<Pair>>, InvalidInstance> {
    let mut ranks = vec![u32::MAX; canonical.assessors.len()];
    for (rank, assessor) in (0..).zip(&canonical.assessors) {
        ranks[assessor.origin as usize] = rank;
    }
    let mut by_bid = assigned.chunk_by(|one, two| one.bid == two.bid).peekable();
    let mut seats = Vec::with_capacity(canonical.bids.len());
    for (rank, bid) in canonical.bids.iter().enumerate() {
        let assigned = by_bid.next_if(|some| some[0].bid == bid.origin).unwrap_or_default();
        seats.push(seated(canonical, rank, assigned, &ranks).ok_or(InvalidInstance::OtherRouting)?);
    }
    if by_bid.next().is_some() { Err(InvalidInstance::OtherRouting) } else { Ok(seats) }
}

/// The pairs of a bid that are assigned. None if the assignments cannot have come from this instance: they are in the order of
/// assessors, cover their areas, and leave out no fixed pair.
fn seated(canonical: &Canonical, bid: usize, assigned: &[Assigned], ranks: &[u32]) -> Option<Vec<Pair>> {
    let rank = |one: &Assigned| ranks.get(one.assessor as usize).copied();
    let assessors: Vec<u32> = assigned.iter().map(rank).collect::<Option<_>>()?;
    let pairs = canonical.pairs_among(bid, &assessors);
    let fixed = pairs.iter().filter(|pair| pair.standing == Standing::Fixed).count();
    let covered = |(one, pair): (&Assigned, &Pair)| {
        one.area.is_none_or(|area| pair.covers.checked_shr(area.into()).is_some_and(|bits| bits & 1 == 1))
    };
    let is_whole = pairs.len() == assigned.len()
        && assessors.is_sorted_by(|one, next| one < next)
        && number(fixed) == canonical.bids[bid].fixed
        && assigned.iter().zip(&pairs).all(covered);
    is_whole.then_some(pairs)
}
