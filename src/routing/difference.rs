//! What a routing changes against what stands, and the sentences that say why. Pure.
//!
//! Must not know: storage, HTTP, email.

use std::collections::{BTreeMap, BTreeSet};

use super::bridging::bridges;
use super::fit::{Fit, cover, distance, shared};
use super::instance::{Candidate, Facts, Plan, Solved, index, loads};
use super::model::{Assignment, ChosenPair, Explanation, NextBest, RunResult};
use super::shortages::shortages;
use super::solver;
use super::words::capital;
use crate::areas::model::AreaTree;
use crate::bids::model::ReceivedBid;
use crate::id::AssignmentId;
use crate::rounds::themes::Theme;

/// A place to be offered.
pub struct Offer<'f> {
    pub bid: &'f ReceivedBid,
    pub candidate: &'f Candidate,
    pub area_code: Option<String>,
    pub explanation: Explanation,
}

/// An assignment to be taken back, and why.
pub struct Release<'f> {
    pub assignment: &'f Assignment,
    pub because: &'static str,
}

/// The difference, and the result that is kept.
pub struct Difference<'f> {
    pub offers: Vec<Offer<'f>>,
    pub releases: Vec<Release<'f>>,
    /// Assignments that stay, but now serve another area of their bid.
    pub moved: Vec<(AssignmentId, Option<String>)>,
    pub result: RunResult,
}

impl<'f> Difference<'f> {
    /// `solved` is of `plan`, and `plan` of `facts`.
    #[must_use]
    pub fn new(facts: &'f Facts, plan: &Plan, solved: &Solved) -> Self {
        let loads = loads(plan, &solved.routing);
        let standing: BTreeMap<_, &Assignment> = facts
            .assignments
            .iter()
            .filter(|one| one.status.stands())
            .map(|one| ((one.bid_id, one.assessor_id), one))
            .collect();
        let mut stays: BTreeSet<AssignmentId> = plan.kept_outside.clone();
        let (mut offers, mut moved, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
        for (assigned, next_best) in solved.routing.assigned.iter().zip(&solved.next_best) {
            let bid = &facts.bids[index(assigned.bid)];
            let candidate = &facts.candidates[index(assigned.assessor)];
            let areas = &plan.areas[index(assigned.bid)];
            let area_code = assigned.area.and_then(|area| areas.get(usize::from(area))).cloned();
            let pair = (bid.id, candidate.profile.id);
            pairs.push(ChosenPair { bid_id: pair.0, assessor_id: pair.1, area_code: area_code.clone() });
            if let Some(assignment) = standing.get(&pair) {
                stays.insert(assignment.id);
                if assignment.area_code != area_code {
                    moved.push((assignment.id, area_code));
                }
            } else {
                let load = loads[index(assigned.assessor)];
                let explanation = explain(facts, bid, candidate, load, next_best.as_ref());
                offers.push(Offer { bid, candidate, area_code, explanation });
            }
        }
        let releases = standing
            .values()
            .filter(|assignment| !stays.contains(&assignment.id))
            .map(|assignment| Release { assignment, because: why_released(facts, assignment) })
            .collect();
        let mut worth = solved.routing.worth;
        worth.filled += plan.filled_outside;
        let result = RunResult {
            places: facts.bids.len() as u64 * u64::from(facts.places),
            worth: worth.into(),
            shortages: shortages(facts, plan, solved),
            pairs,
            bridges: solved.bridges.as_ref().map(|found| bridges(facts, plan, found)),
        };
        Self { offers, releases, moved, result }
    }

    /// Whether all stays as it stands.
    #[must_use]
    pub fn moves_nothing(&self) -> bool {
        self.offers.is_empty() && self.releases.is_empty() && self.moved.is_empty()
    }

    /// What could not be filled, one sentence for each group of bids that compete.
    #[must_use]
    pub fn unfilled(&self) -> Vec<String> {
        self.result.shortages.iter().map(|shortage| shortage.sentence.clone()).collect()
    }
}

fn why_released(facts: &Facts, assignment: &Assignment) -> &'static str {
    let Some(bid) = facts.bids.iter().find(|bid| bid.id == assignment.bid_id) else {
        return "The bid is no longer being assessed.";
    };
    let candidate = facts.candidates.iter().find(|one| one.profile.id == assignment.assessor_id);
    match candidate {
        Some(candidate) if facts.conflict(bid, candidate).is_some() => {
            "An interest in this bid has been recorded since it was offered."
        }
        Some(candidate) if candidate.capacity == 0 || candidate.profile.disabled => {
            "You are not among the round's assessors any more."
        }
        Some(candidate) if covers(facts, bid, candidate).is_empty() => {
            "The areas that you cover were changed, and the bid's are not among them."
        }
        Some(candidate) if standing(facts, candidate) > index(candidate.capacity) => {
            "The number of bids that you take in this round was lowered."
        }
        Some(_) | None => {
            "The round's bids were shared out again, so that as many as possible have their assessors."
        }
    }
}

/// How many bids somebody had before.
fn standing(facts: &Facts, candidate: &Candidate) -> usize {
    let own = facts.assignments.iter().filter(|one| one.assessor_id == candidate.profile.id);
    own.filter(|one| one.status.stands()).count()
}

/// What an assessor may read of why they were chosen: nothing of anybody else.
#[must_use]
pub fn own_explanation(tree: &AreaTree, announced: &[Theme], full: &Explanation) -> Explanation {
    Explanation {
        sentence: format!("{}.", capital(&cover(tree, announced, &full.covers, &full.themes))),
        next_best: None,
        ..full.clone()
    }
}

fn explain(
    facts: &Facts,
    bid: &ReceivedBid,
    candidate: &Candidate,
    load: u32,
    next_best: Option<&solver::NextBest>,
) -> Explanation {
    let covers: Vec<String> = covers(facts, bid, candidate);
    let themes = shared(&bid.content, &candidate.profile);
    let next = next_best.map_or("nobody else could take the place".to_owned(), |next| {
        let profile = &facts.candidates[index(next.assessor)].profile;
        let fit = |profile| Fit::new(&facts.tree, &bid.content, profile);
        let compared = fit(&candidate.profile).compared_with(&fit(profile), !bid.content.themes.is_empty());
        let full = if next.full { ", but full" } else { "" };
        format!("next best is {}, {compared}{full}", profile.name)
    });
    let next_best = next_best.map(|next| {
        let profile = &facts.candidates[index(next.assessor)].profile;
        NextBest {
            assessor_id: profile.id,
            name: profile.name.clone(),
            worse_by: next.fit_lost,
            full: next.full,
        }
    });
    let covered = capital(&cover(&facts.tree, &facts.themes, &covers, &themes));
    Explanation {
        sentence: format!("{covered}; load {load} of {}; {next}.", candidate.capacity),
        covers,
        themes,
        load,
        capacity: candidate.capacity,
        next_best,
    }
}

/// The areas of a bid that somebody covers, in its order.
pub fn covers(facts: &Facts, bid: &ReceivedBid, candidate: &Candidate) -> Vec<String> {
    let own = &candidate.profile.areas;
    bid.content.areas.iter().filter(|area| distance(&facts.tree, own, area).is_some()).cloned().collect()
}
