//! What a routing changes against what stands, and the sentences that say why. Pure.
//!
//! Must not know: storage, HTTP, email.

use std::collections::{BTreeMap, BTreeSet};

use super::bridging::bridges;
use super::instance::{Candidate, Facts, Plan, STEP, Solved, distance, index, loads};
use super::model::{Assignment, ChosenPair, Explanation, NextBest, RunResult};
use super::shortages::shortages;
use super::solver;
use super::words::{capital, in_words, listed};
use crate::areas::model::AreaTree;
use crate::bids::model::ReceivedBid;
use crate::id::AssignmentId;

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
                let explanation = explain(facts, areas, candidate, load, next_best.as_ref());
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
        Some(_) | None => {
            "The round's bids were shared out again, so that as many as possible have their assessors."
        }
    }
}

/// "covers Burnley and Pendle".
#[must_use]
pub fn coverage(tree: &AreaTree, codes: &[String]) -> String {
    let names: Vec<&str> = codes.iter().map(|code| tree.name(code)).collect();
    format!("covers {}", listed(&names))
}

/// What an assessor may read of why they were chosen: nothing of anybody else.
#[must_use]
pub fn own_explanation(tree: &AreaTree, full: &Explanation) -> Explanation {
    Explanation {
        sentence: format!("{}.", capital(&coverage(tree, &full.covers))),
        next_best: None,
        ..full.clone()
    }
}

fn explain(
    facts: &Facts,
    areas: &[String],
    candidate: &Candidate,
    load: u32,
    next_best: Option<&solver::NextBest>,
) -> Explanation {
    let own = &candidate.profile.areas;
    let covers: Vec<String> =
        areas.iter().filter(|area| distance(&facts.tree, own, area).is_some()).cloned().collect();
    let next_best = next_best.map(|next| {
        let profile = &facts.candidates[index(next.assessor)].profile;
        NextBest {
            assessor_id: profile.id,
            name: profile.name.clone(),
            worse_by: next.fit_lost,
            full: next.full,
        }
    });
    let next = next_best.as_ref().map_or("nobody else could take the place".to_owned(), next_best_words);
    let covered = capital(&coverage(&facts.tree, &covers));
    Explanation {
        sentence: format!("{covered}; load {load} of {}; {next}.", candidate.capacity),
        covers,
        load,
        capacity: candidate.capacity,
        next_best,
    }
}

fn next_best_words(next: &NextBest) -> String {
    let steps = next.worse_by.unsigned_abs().div_ceil(STEP.unsigned_abs());
    let noun = if steps == 1 { "step" } else { "steps" };
    let distance = match next.worse_by {
        0 => "as near to the area".to_owned(),
        1.. => format!("{} {noun} further from the area", in_words(steps)),
        i64::MIN..=-1 => format!("{} {noun} nearer to the area", in_words(steps)),
    };
    let full = if next.full { ", but full" } else { "" };
    format!("next best is {}, {distance}{full}", next.name)
}
