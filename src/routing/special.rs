//! Which pairs of a bid and a candidate are to be looked at one by one. Pure.
//!
//! Invariant: whatever of a pair does not follow from who covers which area is found through an assignment, an interest
//! or an employer. The work grows with these, not with the pairs.

use std::collections::{BTreeSet, HashMap};

use super::instance::Facts;
use crate::accounts::model::normal_number;
use crate::id::{BidId, UserId};

/// For each bid, the candidates with whom something stands or stood, or whom an interest or an
/// employer may keep from it.
pub(super) fn special(facts: &Facts) -> Vec<BTreeSet<usize>> {
    let mut special = vec![BTreeSet::new(); facts.bids.len()];
    let bid_at: HashMap<BidId, usize> = facts.bids.iter().map(|bid| bid.id).zip(0..).collect();
    let candidate_at: HashMap<UserId, usize> =
        facts.candidates.iter().map(|candidate| candidate.profile.id).zip(0..).collect();
    let mut of_number: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, bid) in facts.bids.iter().enumerate() {
        for number in bid.registered_numbers() {
            of_number.entry(number).or_default().push(at);
        }
    }
    let mut add = |bids: &[usize], candidate: usize| {
        bids.iter().for_each(|&bid| {
            special[bid].insert(candidate);
        });
    };
    for assignment in &facts.assignments {
        if let (Some(&bid), Some(&candidate)) =
            (bid_at.get(&assignment.bid_id), candidate_at.get(&assignment.assessor_id))
        {
            add(&[bid], candidate);
        }
    }
    for interest in &facts.interests {
        let Some(&candidate) = candidate_at.get(&interest.assessor_id) else { continue };
        let by_number = interest.registered_number.as_ref().and_then(|number| of_number.get(number));
        add(by_number.map_or(&[], Vec::as_slice), candidate);
        let bid = interest.bid_id.and_then(|bid| bid_at.get(&bid));
        add(bid.map_or(&[], std::slice::from_ref), candidate);
    }
    for (candidate, at) in facts.candidates.iter().zip(0..) {
        let employer = candidate.profile.employer_number.as_deref().map(normal_number);
        let bids = employer.and_then(|employer| of_number.get(&employer));
        add(bids.map_or(&[], Vec::as_slice), at);
    }
    special
}
