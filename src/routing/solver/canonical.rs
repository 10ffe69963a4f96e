//! An instance checked and put in the fixed order.
//!
//! Invariant: bids and assessors are ranked by key, and nothing that reads only [`Canonical`] can tell in which order the
//! instance came, nor which of its pairs were listed and which implied.

use super::pools::{Draws, Pools, Run};
use super::{
    Coverage, Instance, InvalidInstance, MAX_AREAS, MAX_CAPACITY, MAX_FIT, MAX_PAIRS, MAX_PARTIES, Pair,
    Standing, Supply, number,
};

/// In here and in all that follows a bid or an assessor is its rank, until [`super::explain`] names it again.
pub(super) struct Canonical {
    pub(super) bids: Vec<Bid>,
    pub(super) assessors: Vec<Assessor>,
    /// Who may take which bid, but for the exceptions.
    pub(super) pools: Pools,
    /// Pairs that stand, that are barred, or that differ from what coverage implies; by bid, then
    /// assessor. `bid` and `assessor` are ranks.
    exceptions: Vec<Pair>,
    /// The exceptions of bid `b` are `first[b]..first[b + 1]`.
    first: Vec<usize>,
}

pub(super) struct Bid {
    /// Its index in the instance.
    pub(super) origin: u32,
    pub(super) places: u32,
    pub(super) areas: u32,
    pub(super) fixed: u32,
    pub(super) offered: u32,
    draws: Draws,
}

pub(super) struct Assessor {
    /// Its index in the instance.
    pub(super) origin: u32,
    pub(super) capacity: u32,
    pub(super) minimum: u32,
    pub(super) fixed: u32,
    pub(super) offered: u32,
}

impl Canonical {
    pub(super) fn new(instance: &Instance) -> Result<Self, InvalidInstance> {
        check(instance)?;
        let bid_keys: Vec<&str> = instance.bids.iter().map(|bid| bid.key.as_str()).collect();
        let assessor_keys: Vec<&str> =
            instance.assessors.iter().map(|assessor| assessor.key.as_str()).collect();
        let bid_order = order(&bid_keys, InvalidInstance::DuplicateBid)?;
        let assessor_order = order(&assessor_keys, InvalidInstance::DuplicateAssessor)?;
        let listed = Listed::new(instance, ranks(&assessor_order))?;
        let mut canonical = Self {
            bids: Vec::with_capacity(bid_order.len()),
            assessors: assessor_order.iter().map(|&origin| Assessor::new(instance, origin)).collect(),
            pools: Pools::new(instance, &ranks(&assessor_order)),
            exceptions: Vec::new(),
            first: vec![0],
        };
        let mut pairs = Vec::new();
        for (rank, &origin) in (0..).zip(&bid_order) {
            listed.of_bid(origin, rank, &mut pairs);
            canonical.add_bid(instance, origin, &mut pairs)?;
        }
        Ok(canonical)
    }

    /// `pairs` are the bid's listed and barred ones, by assessor.
    fn add_bid(
        &mut self,
        instance: &Instance,
        origin: u32,
        pairs: &mut Vec<Pair>,
    ) -> Result<(), InvalidInstance> {
        let need = &instance.bids[origin as usize];
        if let Some(twice) = pairs.windows(2).find(|two| two[0].assessor == two[1].assessor) {
            let assessor = self.assessors[twice[0].assessor as usize].origin as usize;
            let assessor = instance.assessors[assessor].key.clone();
            return Err(InvalidInstance::DuplicatePair { bid: need.key.clone(), assessor });
        }
        let areas = instance.coverage.areas_of(origin as usize);
        let draws = if areas.is_empty() {
            self.exceptions.extend(pairs.iter().filter(|pair| pair.standing != Standing::None));
            pairs.retain(|pair| pair.standing == Standing::None && !pair.is_barred());
            self.pools.list(pairs)
        } else {
            self.exceptions.extend(pairs.iter());
            self.pools.share(areas, instance.coverage.themes_of(origin as usize))
        };
        let (mut fixed, mut offered) = (0, 0);
        for pair in &self.exceptions[self.first[self.bids.len()]..] {
            let assessor = &mut self.assessors[pair.assessor as usize];
            match pair.standing {
                Standing::Fixed => {
                    fixed += 1;
                    assessor.fixed += 1;
                }
                Standing::Offered => {
                    offered += 1;
                    assessor.offered += 1;
                }
                Standing::None => {}
            }
        }
        self.bids.push(Bid { origin, places: need.places, areas: need.areas, fixed, offered, draws });
        self.first.push(self.exceptions.len());
        Ok(())
    }

    /// The possible pairs of a bid, in no particular order.
    pub(super) fn possible(&self, bid: usize) -> impl Iterator<Item = Pair> {
        let exceptions = self.exceptions_of(bid);
        let implied = self.runs_of(bid).flat_map(move |run| {
            let entries = run.entries.iter().filter(|entry| !is_among(exceptions, entry.assessor));
            entries.map(move |entry| run.pair(bid, entry))
        });
        exceptions.iter().filter(|pair| !pair.is_barred()).copied().chain(implied)
    }

    /// The possible pairs of a bid, by assessor.
    pub(super) fn pairs_of(&self, bid: usize) -> Vec<Pair> {
        let mut pairs: Vec<Pair> = self.possible(bid).collect();
        if !pairs.is_sorted_by_key(|pair| pair.assessor) {
            pairs.sort_unstable_by_key(|pair| pair.assessor);
        }
        pairs
    }

    /// The possible pairs of a bid with these assessors, in their order.
    pub(super) fn pairs_among(&self, bid: usize, assessors: &[u32]) -> Vec<Pair> {
        let exceptions = self.exceptions_of(bid);
        let find = |&assessor: &u32| {
            let exception = exceptions.binary_search_by_key(&assessor, |pair| pair.assessor).ok();
            exception.map(|at| exceptions[at]).or_else(|| {
                self.runs_of(bid).find_map(|run| run.find(assessor).map(|entry| run.pair(bid, entry)))
            })
        };
        assessors.iter().filter_map(find).filter(|pair| !pair.is_barred()).collect()
    }

    /// The pairs of a bid that are not as its runs say, by assessor, the barred ones too.
    pub(super) fn exceptions_of(&self, bid: usize) -> &[Pair] {
        &self.exceptions[self.first[bid]..self.first[bid + 1]]
    }

    /// Who may take a bid, but for its exceptions: a run for each cover, in the order of covers.
    pub(super) fn runs_of(&self, bid: usize) -> impl Iterator<Item = Run<'_>> {
        self.pools.runs(self.bids[bid].draws)
    }

    /// The areas behind the bits of a bid's covers, as the pools know them; none where its pairs are listed.
    pub(super) fn areas_of(&self, bid: usize) -> impl Iterator<Item = (u32, u32)> {
        self.pools.areas(self.bids[bid].draws)
    }

    /// Distinct covers of the possible pairs of a bid, in their order.
    pub(super) fn covers_of(&self, bid: usize) -> Vec<u64> {
        let exceptions = self.exceptions_of(bid);
        let possible = exceptions.iter().filter(|pair| !pair.is_barred());
        let mut covers: Vec<u64> = possible.map(|pair| pair.covers).collect();
        covers.extend(self.runs_of(bid).filter(|run| run.has_other_than(exceptions)).map(|run| run.covers));
        covers.sort_unstable();
        covers.dedup();
        covers
    }

    /// The bids of which not all places are kept.
    pub(super) fn open_bids(&self, keep: Keep) -> impl Iterator<Item = usize> {
        let open = self.bids.iter().enumerate().filter(move |(_, bid)| keep.of_bid(bid) < bid.places);
        open.map(|(rank, _)| rank)
    }

    pub(super) fn offered(&self) -> u64 {
        self.exceptions.iter().filter(|pair| pair.standing == Standing::Offered).count() as u64
    }

    /// What no fit of the open pairs of these bids is under, and none above; 0 if that is beyond them.
    pub(super) fn fits(&self, bids: impl Iterator<Item = usize>) -> (i64, i64) {
        bids.fold((0, 0), |(least, most), bid| {
            let implied = self.pools.fits(self.bids[bid].draws);
            let exceptions = self.exceptions_of(bid).iter().filter(|pair| !pair.is_barred());
            let fits = exceptions.map(|pair| pair.fit);
            let (least, most) = (least.min(implied.0), most.max(implied.1));
            fits.fold((least, most), |(least, most), fit| (least.min(fit), most.max(fit)))
        })
    }
}

/// Which of the pairs that stand are kept as they are, and so are no arcs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// What may never be taken away.
    Fixed,
    /// Offers too.
    AllThatStands,
}

impl Keep {
    pub(super) fn keeps(self, pair: &Pair) -> bool {
        match pair.standing {
            Standing::Fixed => true,
            Standing::Offered => self == Self::AllThatStands,
            Standing::None => false,
        }
    }

    /// How many places of a bid are kept.
    pub(super) const fn of_bid(self, bid: &Bid) -> u32 {
        match self {
            Self::Fixed => bid.fixed,
            Self::AllThatStands => bid.fixed + bid.offered,
        }
    }

    /// How much of an assessor's load is kept.
    pub(super) const fn of_load(self, assessor: &Assessor) -> u32 {
        match self {
            Self::Fixed => assessor.fixed,
            Self::AllThatStands => assessor.fixed + assessor.offered,
        }
    }
}

impl Assessor {
    fn new(instance: &Instance, origin: u32) -> Self {
        let supply = &instance.assessors[origin as usize];
        let &Supply { capacity, minimum, .. } = supply;
        Self { origin, capacity, minimum, fixed: 0, offered: 0 }
    }
}

pub(super) fn is_among(exceptions: &[Pair], assessor: u32) -> bool {
    exceptions.binary_search_by_key(&assessor, |pair| pair.assessor).is_ok()
}

/// The listed and barred pairs, found by bid.
struct Listed<'a> {
    instance: &'a Instance,
    /// Ranks of the assessors.
    ranks: Vec<u32>,
    /// Indices of the pairs, the barred ones after the listed ones, by bid; empty if that is how they come.
    order: Vec<u32>,
    /// The pairs of bid `b` are `first[b]..first[b + 1]`.
    first: Vec<usize>,
}

impl<'a> Listed<'a> {
    fn new(instance: &'a Instance, ranks: Vec<u32>) -> Result<Self, InvalidInstance> {
        let mut first = vec![0; instance.bids.len() + 1];
        let (mut sorted, mut last) = (true, 0);
        for (index, pair) in instance.pairs.iter().enumerate() {
            check_pair(instance, index, pair)?;
            first[pair.bid as usize + 1] += 1;
            sorted &= last <= pair.bid;
            last = pair.bid;
        }
        let barred = &instance.coverage.barred;
        barred.iter().for_each(|&(bid, _)| first[bid as usize + 1] += 1);
        for bid in 0..instance.bids.len() {
            first[bid + 1] += first[bid];
        }
        let mut listed = Self { instance, ranks, order: Vec::new(), first };
        if !sorted || !barred.is_empty() {
            listed.sort();
        }
        Ok(listed)
    }

    fn sort(&mut self) {
        let Instance { pairs, coverage, .. } = self.instance;
        let mut next = self.first.clone();
        self.order = vec![0; pairs.len() + coverage.barred.len()];
        let bids = pairs.iter().map(|pair| pair.bid).chain(coverage.barred.iter().map(|pair| pair.0));
        for (index, bid) in (0..).zip(bids) {
            self.order[next[bid as usize]] = index;
            next[bid as usize] += 1;
        }
    }

    /// Puts the pairs of a bid into `pairs`, by assessor's rank.
    fn of_bid(&self, origin: u32, rank: u32, pairs: &mut Vec<Pair>) {
        let bid = origin as usize;
        pairs.clear();
        pairs.extend((self.first[bid]..self.first[bid + 1]).map(|at| {
            let pair = self.pair(self.order.get(at).map_or(at, |&index| index as usize));
            Pair { bid: rank, assessor: self.ranks[pair.assessor as usize], ..pair }
        }));
        if !pairs.is_sorted_by_key(|pair| pair.assessor) {
            pairs.sort_unstable_by_key(|pair| pair.assessor);
        }
    }

    fn pair(&self, index: usize) -> Pair {
        let listed = &self.instance.pairs;
        listed.get(index).copied().unwrap_or_else(|| {
            let (bid, assessor) = self.instance.coverage.barred[index - listed.len()];
            Pair::barred(bid, assessor)
        })
    }
}

fn check(instance: &Instance) -> Result<(), InvalidInstance> {
    let (bids, assessors) = (&instance.bids, &instance.assessors);
    check_size(bids.len(), assessors.len(), instance.pairs.len() + instance.coverage.barred.len())?;
    if let Some(bid) = bids.iter().find(|bid| bid.areas > MAX_AREAS) {
        return Err(InvalidInstance::TooManyAreas(bid.key.clone()));
    }
    if let Some(assessor) = assessors.iter().find(|assessor| assessor.capacity > MAX_CAPACITY) {
        return Err(InvalidInstance::CapacityTooLarge(assessor.key.clone()));
    }
    if makes_sense(&instance.coverage, instance) { Ok(()) } else { Err(InvalidInstance::WrongCoverage) }
}

fn check_pair(instance: &Instance, index: usize, pair: &Pair) -> Result<(), InvalidInstance> {
    let Some(bid) = instance.bids.get(pair.bid as usize) else {
        return Err(InvalidInstance::UnknownParty(index));
    };
    if pair.assessor as usize >= instance.assessors.len() {
        return Err(InvalidInstance::UnknownParty(index));
    }
    let nothing = pair.covers == 0 && bid.areas > 0;
    if nothing || u64::BITS - pair.covers.leading_zeros() > bid.areas {
        return Err(InvalidInstance::WrongCovers(index));
    }
    if !(-MAX_FIT..=MAX_FIT).contains(&pair.fit) {
        return Err(InvalidInstance::FitTooLarge(index));
    }
    Ok(())
}

fn makes_sense(coverage: &Coverage, instance: &Instance) -> bool {
    let assessors = instance.assessors.len();
    let knows = |areas: &Vec<u32>| areas.iter().all(|&area| (area as usize) < coverage.assessors.len());
    let mut bids = coverage.areas.iter().zip(&instance.bids);
    let shares = |themes: &Vec<u32>| themes.iter().all(|&theme| (theme as usize) < coverage.sharing.len());
    let each = || coverage.assessors.iter().chain(&coverage.sharing).flatten();
    let mut barred = coverage.barred.iter();
    coverage.areas.len() <= instance.bids.len()
        && coverage.themes.len() <= instance.bids.len()
        && bids.all(|(areas, need)| knows(areas) && (areas.is_empty() || areas.len() == need.areas as usize))
        && coverage.themes.iter().all(shares)
        && each().all(|&(one, _)| (one as usize) < assessors)
        && largest_fit(coverage) <= MAX_FIT.into()
        && barred.all(|&(bid, one)| (bid as usize) < instance.bids.len() && (one as usize) < assessors)
}

/// No implied fit is larger, in size.
fn largest_fit(coverage: &Coverage) -> i128 {
    let largest = |lists: &[Vec<(u32, i64)>]| {
        lists.iter().flatten().map(|&(_, fit)| i128::from(fit).abs()).max().unwrap_or_default()
    };
    let themes = coverage.themes.iter().map(Vec::len).max().unwrap_or_default();
    largest(&coverage.assessors) + largest(&coverage.sharing) * i128::from(number(themes))
}

fn check_size(bids: usize, assessors: usize, pairs: usize) -> Result<(), InvalidInstance> {
    let fits = bids <= MAX_PARTIES && assessors <= MAX_PARTIES && pairs <= MAX_PAIRS;
    if fits { Ok(()) } else { Err(InvalidInstance::TooLarge) }
}

/// The indices of the keys, in the keys' order.
fn order(keys: &[&str], duplicate: fn(String) -> InvalidInstance) -> Result<Vec<u32>, InvalidInstance> {
    let mut order: Vec<u32> = (0..number(keys.len())).collect();
    order.sort_by_key(|&index| keys[index as usize]);
    let twice = order.windows(2).find(|two| keys[two[0] as usize] == keys[two[1] as usize]);
    match twice {
        Some(two) => Err(duplicate(keys[two[0] as usize].to_owned())),
        None => Ok(order),
    }
}

/// The inverse of an order: the rank of each index.
fn ranks(order: &[u32]) -> Vec<u32> {
    let mut ranks = vec![0; order.len()];
    for (rank, &index) in order.iter().enumerate() {
        ranks[index as usize] = number(rank);
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_beyond_the_limits_are_refused() {
        let refused = Err(InvalidInstance::TooLarge);
        assert_eq!(check_size(MAX_PARTIES, MAX_PARTIES, MAX_PAIRS), Ok(()));
        assert_eq!(check_size(MAX_PARTIES + 1, 0, 0), refused);
        assert_eq!(check_size(0, MAX_PARTIES + 1, 0), refused);
        assert_eq!(check_size(0, 0, MAX_PAIRS + 1), refused);
    }
}
