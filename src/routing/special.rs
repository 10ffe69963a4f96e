//! Which pairs of a bid and a candidate are to be looked at one by one. Pure.
//!
//! Invariant: whatever of a pair does not follow from who covers which area is found through an assignment, an interest
//! or an employer. The work grows with these, not with the pairs.

use std::collections::HashMap;

use super::facts::Facts;
use super::instance::{index, number};
use super::model::AssignmentLine;
use crate::accounts::model::normal_number;
use crate::id::{BidId, UserId};

/// A bid and a candidate, by their positions, with whom something stands or stood, or whom an interest or an employer may
/// keep from it.
pub(super) struct Special<'f> {
    pub bid: u32,
    pub candidate: u32,
    /// What stands between them, as a position among the facts' assignments.
    pub standing: Option<(usize, &'f AssignmentLine)>,
    pub given_up: bool,
}

/// By bid, then candidate.
pub(super) fn special(facts: &Facts) -> Vec<Special<'_>> {
    let mut found = by_assignment(facts);
    found.extend(by_interest(facts));
    found.sort_by_key(|one| (one.bid, one.candidate));
    found.dedup_by(|next, one| {
        let same = (one.bid, one.candidate) == (next.bid, next.candidate);
        if same {
            one.standing = next.standing.or(one.standing);
            one.given_up |= next.given_up;
        }
        same
    });
    found
}

fn bids(facts: &Facts) -> HashMap<BidId, u32> {
    facts.bids.iter().map(|bid| bid.id).zip(0..).collect()
}

fn candidates(facts: &Facts) -> HashMap<UserId, u32> {
    facts.candidates.iter().map(|candidate| candidate.profile.id).zip(0..).collect()
}

fn by_assignment(facts: &Facts) -> Vec<Special<'_>> {
    if facts.assignments.is_empty() {
        return Vec::new();
    }
    let (bids, candidates) = (bids(facts), candidates(facts));
    let special = |(at, one): (usize, &'_ AssignmentLine)| -> Option<(u32, u32, usize)> {
        Some((*bids.get(&one.bid_id)?, *candidates.get(&one.assessor_id)?, at))
    };
    let known = facts.assignments.iter().enumerate().filter_map(special);
    known
        .map(|(bid, candidate, at)| {
            let assignment = &facts.assignments[at];
            let standing = assignment.status.stands().then_some((at, assignment));
            Special { bid, candidate, standing, given_up: assignment.given_up }
        })
        .collect()
}

fn by_interest(facts: &Facts) -> Vec<Special<'_>> {
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    // Who may be kept from the bids of organisations with a number.
    let mut by_number: HashMap<String, Vec<u32>> = HashMap::new();
    for (candidate, at) in facts.candidates.iter().zip(0..) {
        let employer = candidate.profile.employer_number.as_deref().map(normal_number);
        employer.into_iter().for_each(|employer| by_number.entry(employer).or_default().push(at));
    }
    if !facts.interests.is_empty() {
        let (bids, candidates) = (bids(facts), candidates(facts));
        for interest in &facts.interests {
            let Some(&candidate) = candidates.get(&interest.assessor_id) else { continue };
            let bid = interest.bid_id.and_then(|bid| bids.get(&bid));
            pairs.extend(bid.map(|&bid| (bid, candidate)));
            let number = interest.registered_number.clone();
            number.into_iter().for_each(|number| by_number.entry(number).or_default().push(candidate));
        }
    }
    if !by_number.is_empty() {
        for (bid, at) in facts.bids.iter().zip(0..) {
            let kept = bid.registered_numbers.iter().filter_map(|number| by_number.get(number));
            pairs.extend(kept.flatten().map(|&candidate| (at, candidate)));
        }
    }
    let special = |(bid, candidate)| Special { bid, candidate, standing: None, given_up: false };
    pairs.into_iter().map(special).collect()
}

/// The pairs of each bid, from those of all.
pub(super) fn of_bids<'s, 'f>(
    special: &'s [Special<'f>],
    bids: usize,
) -> impl Iterator<Item = &'s [Special<'f>]> {
    let mut left = special;
    (0..bids).map(move |bid| {
        let count = left.partition_point(|one| index(one.bid) <= bid);
        let (own, rest) = left.split_at(count.min(left.len()));
        left = rest;
        debug_assert!(own.iter().all(|one| one.bid == number(bid)), "by bid");
        own
    })
}
