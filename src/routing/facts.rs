//! What the service knows of a round that its routing depends on. Pure.
//!
//! Must not know: storage, HTTP, scores, what bids answered.

use super::model::{AssignmentLine, AssignmentStatus};
use crate::accounts::model::{AssessorProfile, Interest, normal_number};
use crate::areas::model::AreaTree;
use crate::bids::model::BidToAssess;
use crate::id::{AssignmentId, BidId, UserId};
use crate::rounds::themes::Theme;

/// Everything that a routing depends on.
pub struct Facts {
    /// Places on each bid.
    pub places: u32,
    /// Whether the round asks that who assesses what be connected.
    pub bridges: bool,
    /// What the round announces.
    pub themes: Vec<Theme>,
    /// Those that go to assessors, in the order of their ids.
    pub bids: Vec<BidToAssess>,
    /// The round's pool, and whoever else holds an assignment in it, in the order of their ids.
    pub candidates: Vec<Candidate>,
    pub interests: Vec<Interest>,
    pub tree: AreaTree,
    /// All of the round's, those that no longer stand too, in the order of their ids.
    pub assignments: Vec<AssignmentLine>,
}

/// An assessor, and how many bids they take in the round.
pub struct Candidate {
    pub profile: AssessorProfile,
    /// 0 for someone who has left the pool.
    pub capacity: u32,
    pub minimum: u32,
}

/// What keeps an assessor from a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bar {
    /// The bidder or a partner employs them.
    Employer,
    /// A declared interest that nobody waived.
    Interest,
    /// They gave the bid up before.
    GivenUp,
}

impl Facts {
    /// What keeps an assessor from a bid, from interests and employment as they are now.
    #[must_use]
    pub fn conflict(&self, bid: &BidToAssess, candidate: &Candidate) -> Option<Bar> {
        let interests: Vec<&Interest> =
            self.interests.iter().filter(|interest| interest.assessor_id == candidate.profile.id).collect();
        conflict(bid.id, &bid.registered_numbers, &candidate.profile, &interests)
    }

    /// Takes an assignment as given up, before it is.
    pub fn give_up(&mut self, id: AssignmentId, to: AssignmentStatus) {
        for assignment in self.assignments.iter_mut().filter(|assignment| assignment.id == id) {
            assignment.status = to;
            assignment.given_up = true;
        }
    }

    /// Takes assessors as dropped out and bids as ineligible, before they are.
    pub fn suppose(&mut self, dropped_out: &[UserId], ineligible: &[BidId]) {
        for candidate in self.candidates.iter_mut().filter(|one| dropped_out.contains(&one.profile.id)) {
            candidate.profile.disabled = true;
        }
        self.bids.retain(|bid| !ineligible.contains(&bid.id));
    }

    /// The bid, where it is assessed.
    pub(super) fn bid(&self, id: BidId) -> Option<&BidToAssess> {
        self.bids.binary_search_by_key(&id, |bid| bid.id).ok().map(|at| &self.bids[at])
    }

    /// The candidate, if they are one.
    pub(super) fn candidate(&self, id: UserId) -> Option<&Candidate> {
        self.candidates.binary_search_by_key(&id, |one| one.profile.id).ok().map(|at| &self.candidates[at])
    }
}

/// What keeps an assessor from a bid of organisations with these numbers.
#[must_use]
pub fn conflict(
    bid: BidId,
    numbers: &[String],
    assessor: &AssessorProfile,
    interests: &[&Interest],
) -> Option<Bar> {
    let employed = assessor
        .employer_number
        .as_deref()
        .is_some_and(|employer| numbers.contains(&normal_number(employer)));
    if employed {
        return Some(Bar::Employer);
    }
    if interests.is_empty() {
        return None;
    }
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    interests.iter().any(|interest| interest.bars(bid, &numbers)).then_some(Bar::Interest)
}
