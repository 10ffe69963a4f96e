//! The aims and their weights: what a place, an area, a unit of load, a fit and a change cost.

use super::canonical::{Assessor, Canonical};
use super::simplex::Cost;
use super::{Pair, Purpose, Standing, number};

/// The load of a full assessor, in the measure of evenness.
const FULL: u64 = 1_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Aim {
    Places,
    Areas,
    Minimums,
    Fit,
    Evenness,
    Changes,
}

const fn aims(purpose: Purpose) -> [Aim; 6] {
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
    pub(super) fn new(canonical: &Canonical, purpose: Purpose) -> Option<Self> {
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
            let bound = bound(canonical, aim);
            if bound == 0 {
                continue;
            }
            *weights.of(aim) = C::try_from(sum + 1).ok()?;
            // Within 127 bits at the limits of an instance, as `MOST_COST` shows.
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

    pub(super) fn fit(&self, fit: i64) -> C {
        -(self.fit * C::from(fit))
    }

    pub(super) fn pair(&self, pair: &Pair) -> C {
        let cost = self.fit(pair.fit);
        if pair.standing == Standing::Offered { cost - self.changes } else { cost }
    }
}

/// What an aim can cost along a simple path or cycle at most, in size. It meets the root once, each assessor and each
/// bid's node once, with two arcs there; two bids have an assessor or the root between them.
fn bound(canonical: &Canonical, aim: Aim) -> i64 {
    let turns = 2 * i64::from(number(canonical.assessors.len())) + 4;
    let if_any = |any: bool, bound| if any { bound } else { 0 };
    match aim {
        Aim::Places => 2,
        Aim::Areas => turns + 2,
        Aim::Minimums => if_any(canonical.assessors.iter().any(|one| one.minimum > 0), 2),
        Aim::Fit => turns * canonical.largest_fit(),
        Aim::Evenness => 2 * FULL.cast_signed(),
        Aim::Changes => if_any(canonical.offered() > 0, turns),
    }
}

/// The sum of all costs along a cycle is the product of the bounds, each with one added, less one: at the limits of an
/// instance with turns of `2²²`, fits of `2³⁰` and evenness of `2²²` still under 128 bits.
const _: () = {
    let turns = 2 * super::MAX_PARTIES as i128 + 4;
    let fit = turns * super::MAX_FIT as i128 + 1;
    let all = 3 * (turns + 3) * 3 * fit * (2 * FULL as i128 + 1) * (turns + 1);
    assert!(all < <i128 as Cost>::LIMIT, "the largest instance needs larger numbers");
};
