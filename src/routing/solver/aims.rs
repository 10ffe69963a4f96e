//! The aims and their weights: what a place, an area, a unit of load, a fit and a change cost.

use super::canonical::{Assessor, Canonical, Keep};
use super::simplex::Cost;
use super::{Pair, Purpose, Standing, number};

/// The load of a full assessor, in the measure of evenness.
const FULL: u64 = 1_000_000;
/// In units of fit.
const STEP: i64 = 4;

/// What a routing is for, as [`super`] explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Places,
    Areas,
    Minimums,
    Fit,
    Evenness,
    Changes,
}

pub(super) const fn aims(purpose: Purpose) -> [Aim; 6] {
    use Aim::{Areas, Changes, Evenness, Fit, Minimums, Places};
    match purpose {
        Purpose::Fresh => [Places, Areas, Minimums, Fit, Evenness, Changes],
        Purpose::Repair => [Places, Changes, Areas, Minimums, Fit, Evenness],
    }
}

/// What the `k`-th unit of an assessor costs in evenness, `k` from 1.
pub(super) fn unevenness(k: u32, capacity: u32) -> u64 {
    FULL * (2 * u64::from(k) - 1) / (2 * u64::from(capacity.max(1)))
}

/// For each aim the least weight that outdoes all later ones; for an aim that nothing depends on, none.
#[derive(Clone, Copy)]
pub(super) struct Weights<C> {
    pub(super) places: C,
    pub(super) areas: C,
    minimums: C,
    pub(super) fit: C,
    evenness: C,
    changes: C,
}

impl<C: Cost> Weights<C> {
    /// None if the costs along a simple cycle could reach the limit of the numbers.
    pub(super) fn new(canonical: &Canonical, purpose: Purpose, keep: Keep) -> Option<Self> {
        let mut weights = Self {
            places: C::ZERO,
            areas: C::ZERO,
            minimums: C::ZERO,
            fit: C::ZERO,
            evenness: C::ZERO,
            changes: C::ZERO,
        };
        let mut sum: i128 = 0;
        for aim in aims(purpose).into_iter().rev() {
            let bound = bound(canonical, aim, keep);
            if bound == 0 {
                continue;
            }
            *weights.of(aim) = C::try_from(sum + 1).ok()?;
            // Within 128 bits for the largest instance, as is shown below.
            sum += (sum + 1) * i128::from(bound);
        }
        C::try_from(sum).is_ok_and(|sum| sum < C::LIMIT).then_some(weights)
    }

    const fn of(&mut self, aim: Aim) -> &mut C {
        match aim {
            Aim::Places => &mut self.places,
            Aim::Areas => &mut self.areas,
            Aim::Minimums => &mut self.minimums,
            Aim::Fit => &mut self.fit,
            Aim::Evenness => &mut self.evenness,
            Aim::Changes => &mut self.changes,
        }
    }

    /// What the `k`-th unit of an assessor costs, `k` from 1. It never falls with `k`.
    pub(super) fn unit(&self, assessor: &Assessor, k: u32) -> C {
        let even = self.evenness * C::from(unevenness(k, assessor.capacity).cast_signed());
        if k <= assessor.minimum { even - self.minimums } else { even }
    }

    /// By how much a place is outbid at least: so little that it matters to no aim before fit, and enough to come to an end.
    pub(super) fn step(&self) -> C {
        (self.fit * C::from(STEP)).max(C::from(1))
    }

    pub(super) fn fit(&self, fit: i64) -> C {
        -(self.fit * C::from(fit))
    }

    pub(super) fn pair(&self, pair: &Pair) -> C {
        let cost = self.fit(pair.fit);
        if pair.standing == Standing::Offered { cost - self.changes } else { cost }
    }
}

/// What an aim can cost along a simple cycle, or path from the root, at most, in size.
///
/// Such a cycle meets the root once: of the arcs there it has one outwards and one inwards, whose costs have opposite signs.
/// It meets each assessor once, and has no more than a pair inwards and a pair, backwards, outwards there; again their
/// costs have opposite signs. Two bids have an assessor or the root between them; inside a bid, one unit more is some area's own
/// and one less, or one of these.
fn bound(canonical: &Canonical, aim: Aim, keep: Keep) -> i64 {
    let assessors = i64::from(number(canonical.assessors.len()));
    let if_any = |any: bool, bound| if any { bound } else { 0 };
    match aim {
        Aim::Places => 1,
        Aim::Areas if canonical.bids.iter().all(|bid| bid.areas < 2) => 2,
        Aim::Areas => assessors + 3,
        Aim::Minimums => if_any(canonical.assessors.iter().any(|one| one.minimum > 0), 1),
        Aim::Fit => {
            let (least, most) = canonical.fits(canonical.open_bids(keep));
            (assessors + 2) * (most - least) + 2 * most.max(-least)
        }
        Aim::Evenness => FULL.cast_signed(),
        Aim::Changes => if_any(keep == Keep::Fixed && canonical.offered() > 0, assessors + 2),
    }
}

/// The sum of all costs along a cycle is the product of the bounds, each with one added, less one: for the largest instance
/// under the limit of 128 bits.
const _: () = {
    let assessors = super::MAX_PARTIES as i128;
    let fit = 2 * (assessors + 3) * super::MAX_FIT as i128 + 1;
    let all = 2 * (assessors + 4) * 2 * fit * (FULL as i128 + 1) * (assessors + 3);
    assert!(all < <i128 as Cost>::LIMIT, "the largest instance needs larger numbers");
};
