//! An instance checked and put in the fixed order.
//!
//! Invariant: bids and assessors are ranked by key, pairs by rank of bid, then of assessor, and nothing that reads
//! only [`Canonical`] can tell in which order the instance came.

use super::{
    Instance, InvalidInstance, MAX_AREAS, MAX_CAPACITY, MAX_FIT, MAX_PAIRS, MAX_PARTIES, Pair, Standing,
    number,
};

/// In here and in all that follows a bid or an assessor is its rank, until [`super::explain`] names it again.
pub(super) struct Canonical {
    pub(super) bids: Vec<Bid>,
    pub(super) assessors: Vec<Assessor>,
    /// `bid` and `assessor` are ranks.
    pub(super) pairs: Vec<Pair>,
    /// The pairs of bid `b` are `first[b]..first[b + 1]`.
    first: Vec<usize>,
}

pub(super) struct Bid {
    /// Its index in the instance.
    pub(super) origin: u32,
    pub(super) places: u32,
    pub(super) fixed: u32,
}

pub(super) struct Assessor {
    /// Its index in the instance.
    pub(super) origin: u32,
    pub(super) capacity: u32,
    pub(super) minimum: u32,
    pub(super) fixed: u32,
}

impl Canonical {
    pub(super) fn new(instance: &Instance) -> Result<Self, InvalidInstance> {
        check(instance)?;
        let bid_keys: Vec<&str> = instance.bids.iter().map(|bid| bid.key.as_str()).collect();
        let assessor_keys: Vec<&str> =
            instance.assessors.iter().map(|assessor| assessor.key.as_str()).collect();
        let bid_order = order(&bid_keys, InvalidInstance::DuplicateBid)?;
        let assessor_order = order(&assessor_keys, InvalidInstance::DuplicateAssessor)?;
        let pairs = rank_pairs(&instance.pairs, &ranks(&bid_order), &ranks(&assessor_order));

        let mut canonical = Self {
            bids: bid_order
                .iter()
                .map(|&origin| Bid { origin, places: instance.bids[origin as usize].places, fixed: 0 })
                .collect(),
            assessors: assessor_order
                .iter()
                .map(|&origin| {
                    let supply = &instance.assessors[origin as usize];
                    Assessor { origin, capacity: supply.capacity, minimum: supply.minimum, fixed: 0 }
                })
                .collect(),
            first: first_pairs(&pairs, bid_order.len()),
            pairs,
        };
        canonical.refuse_duplicates(&bid_keys, &assessor_keys)?;
        canonical.count_fixed();
        Ok(canonical)
    }

    pub(super) fn pairs_of(&self, bid: usize) -> std::ops::Range<usize> {
        self.first[bid]..self.first[bid + 1]
    }

    /// May this pair be taken anew? Not if it stands anyway, nor if either side has no room beyond its fixed ones.
    pub(super) fn is_open(&self, pair: &Pair) -> bool {
        let (bid, assessor) = (&self.bids[pair.bid as usize], &self.assessors[pair.assessor as usize]);
        pair.standing != Standing::Fixed && bid.fixed < bid.places && assessor.fixed < assessor.capacity
    }

    fn refuse_duplicates(&self, bids: &[&str], assessors: &[&str]) -> Result<(), InvalidInstance> {
        let twice =
            self.pairs.windows(2).find(|two| two[0].bid == two[1].bid && two[0].assessor == two[1].assessor);
        twice.map_or(Ok(()), |two| {
            let bid = self.bids[two[0].bid as usize].origin;
            let assessor = self.assessors[two[0].assessor as usize].origin;
            Err(InvalidInstance::DuplicatePair {
                bid: bids[bid as usize].to_owned(),
                assessor: assessors[assessor as usize].to_owned(),
            })
        })
    }

    fn count_fixed(&mut self) {
        for pair in self.pairs.iter().filter(|pair| pair.standing == Standing::Fixed) {
            self.bids[pair.bid as usize].fixed += 1;
            self.assessors[pair.assessor as usize].fixed += 1;
        }
    }
}

fn check(instance: &Instance) -> Result<(), InvalidInstance> {
    let (bids, assessors) = (&instance.bids, &instance.assessors);
    check_size(bids.len(), assessors.len(), instance.pairs.len())?;
    if let Some(bid) = bids.iter().find(|bid| bid.areas > MAX_AREAS) {
        return Err(InvalidInstance::TooManyAreas(bid.key.clone()));
    }
    if let Some(assessor) = assessors.iter().find(|assessor| assessor.capacity > MAX_CAPACITY) {
        return Err(InvalidInstance::CapacityTooLarge(assessor.key.clone()));
    }
    for (index, pair) in instance.pairs.iter().enumerate() {
        let Some(bid) = bids.get(pair.bid as usize) else {
            return Err(InvalidInstance::UnknownParty(index));
        };
        if pair.assessor as usize >= assessors.len() {
            return Err(InvalidInstance::UnknownParty(index));
        }
        let nothing = pair.covers == 0 && bid.areas > 0;
        if nothing || u64::BITS - pair.covers.leading_zeros() > bid.areas {
            return Err(InvalidInstance::WrongCovers(index));
        }
        if !(-MAX_FIT..=MAX_FIT).contains(&pair.fit) {
            return Err(InvalidInstance::FitTooLarge(index));
        }
    }
    Ok(())
}

fn check_size(bids: usize, assessors: usize, pairs: usize) -> Result<(), InvalidInstance> {
    let fits = bids <= MAX_PARTIES && assessors <= MAX_PARTIES && pairs <= MAX_PAIRS;
    if fits { Ok(()) } else { Err(InvalidInstance::TooLarge) }
}

/// The indices of the keys, in the keys' order.
fn order(keys: &[&str], duplicate: fn(String) -> InvalidInstance) -> Result<Vec<u32>, InvalidInstance> {
    let mut order: Vec<u32> = (0..number(keys.len())).collect();
    order.sort_unstable_by_key(|&index| keys[index as usize]);
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

fn rank_pairs(pairs: &[Pair], bids: &[u32], assessors: &[u32]) -> Vec<Pair> {
    let mut ranked: Vec<Pair> = pairs
        .iter()
        .map(|pair| Pair {
            bid: bids[pair.bid as usize],
            assessor: assessors[pair.assessor as usize],
            ..*pair
        })
        .collect();
    ranked.sort_unstable_by_key(|pair| (pair.bid, pair.assessor));
    ranked
}

fn first_pairs(pairs: &[Pair], bids: usize) -> Vec<usize> {
    let mut first = vec![0; bids + 1];
    for pair in pairs {
        first[pair.bid as usize + 1] += 1;
    }
    for bid in 0..bids {
        first[bid + 1] += first[bid];
    }
    first
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
