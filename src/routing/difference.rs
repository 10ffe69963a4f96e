//! What a routing changes against what stands, and the sentences that say why. Pure.
//!
//! Must not know: storage, HTTP, email.

use std::collections::HashMap;

use super::bridging::bridges;
use super::facts::{Candidate, Facts};
use super::fit::{Fit, cover, distance, shared};
use super::instance::{Plan, Solved, index, loads};
use super::model::{AssignmentLine, ChosenPair, Explanation, NextBest, RunResult};
use super::shortages::shortages;
use super::solver;
use super::words::capital;
use crate::accounts::model::AssessorProfile;
use crate::areas::model::AreaTree;
use crate::bids::model::BidToAssess;
use crate::id::AssignmentId;
use crate::rounds::themes::Theme;

/// A place to be offered.
pub struct Offer<'f> {
    pub bid: &'f BidToAssess,
    pub candidate: &'f Candidate,
    pub area_code: Option<String>,
    pub explanation: Explanation,
}

/// An assignment to be taken back, and why.
pub struct Release<'f> {
    pub assignment: &'f AssignmentLine,
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
        let mut stays: Vec<bool> =
            facts.assignments.iter().map(|one| plan.kept_outside.contains(&one.id)).collect();
        let mut telling = Telling::new(facts, loads(plan, &solved.routing));
        let (mut offers, mut moved, mut pairs) = (Vec::new(), Vec::new(), Vec::new());
        for (assigned, next_best) in solved.routing.assigned.iter().zip(&solved.next_best) {
            let bid = &facts.bids[index(assigned.bid)];
            let candidate = &facts.candidates[index(assigned.assessor)];
            let area = assigned.area.and_then(|area| plan.areas_of(assigned.bid).nth(area.into()));
            let area_code = area.map(str::to_owned);
            let (bid_id, assessor_id) = (bid.id, candidate.profile.id);
            pairs.push(ChosenPair { bid_id, assessor_id, area_code: area_code.clone() });
            let pair = (assigned.bid, assigned.assessor);
            if let Ok(at) = plan.standing.binary_search_by_key(&pair, |(pair, _)| *pair) {
                let at = plan.standing[at].1;
                stays[at] = true;
                if facts.assignments[at].area_code != area_code {
                    moved.push((facts.assignments[at].id, area_code));
                }
            } else {
                let explanation = telling.explain(bid, assigned, next_best.as_ref());
                offers.push(Offer { bid, candidate, area_code, explanation });
            }
        }
        let mut worth = solved.routing.worth;
        worth.filled += plan.filled_outside;
        let result = RunResult {
            places: facts.bids.len() as u64 * u64::from(facts.places),
            worth: worth.into(),
            shortages: shortages(facts, plan, solved),
            pairs,
            bridges: solved.bridges.as_ref().map(|found| bridges(facts, plan, found)),
        };
        Self { offers, releases: releases(facts, &stays), moved, result }
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

/// What stood and does not stay, by bid and assessor.
fn releases<'f>(facts: &'f Facts, stays: &[bool]) -> Vec<Release<'f>> {
    let standing = facts.assignments.iter().zip(stays).filter(|(one, stays)| one.status.stands() && !**stays);
    let mut gone: Vec<&AssignmentLine> = standing.map(|(assignment, _)| assignment).collect();
    gone.sort_by_key(|one| (one.bid_id, one.assessor_id));
    let release = |assignment| Release { assignment, because: why_released(facts, assignment) };
    gone.into_iter().map(release).collect()
}

fn why_released(facts: &Facts, assignment: &AssignmentLine) -> &'static str {
    let Some(bid) = facts.bid(assignment.bid_id) else {
        return "The bid is no longer being assessed.";
    };
    match facts.candidate(assignment.assessor_id) {
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

/// What explanations say of many: looked up once.
struct Telling<'f> {
    facts: &'f Facts,
    loads: Vec<u32>,
    /// Which of a bid's areas somebody covers, by the lists of both.
    covers: HashMap<(&'f [String], &'f [String]), Covers>,
}

/// The areas of a bid that somebody covers, and how far they are from the nearest.
struct Covers {
    codes: Vec<String>,
    steps: Option<usize>,
}

impl<'f> Telling<'f> {
    fn new(facts: &'f Facts, loads: Vec<u32>) -> Self {
        Self { facts, loads, covers: HashMap::new() }
    }

    fn explain(
        &mut self,
        bid: &'f BidToAssess,
        assigned: &solver::Assigned,
        next_best: Option<&solver::NextBest>,
    ) -> Explanation {
        let facts = self.facts;
        let candidate = &facts.candidates[index(assigned.assessor)];
        let fit = self.fit(bid, &candidate.profile);
        let next = next_best.map_or("nobody else could take the place".to_owned(), |next| {
            let profile = &facts.candidates[index(next.assessor)].profile;
            let compared = fit.compared_with(&self.fit(bid, profile), !bid.themes.is_empty());
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
        let covers = self.covers(bid, &candidate.profile).codes.clone();
        let themes = shared(bid, &candidate.profile);
        let covered = capital(&cover(&facts.tree, &facts.themes, &covers, &themes));
        let load = self.loads[index(assigned.assessor)];
        Explanation {
            sentence: format!("{covered}; load {load} of {}; {next}.", candidate.capacity),
            covers,
            themes,
            load,
            capacity: candidate.capacity,
            next_best,
        }
    }

    fn fit(&mut self, bid: &'f BidToAssess, profile: &'f AssessorProfile) -> Fit {
        Fit::new(self.covers(bid, profile).steps, bid, profile)
    }

    fn covers(&mut self, bid: &'f BidToAssess, profile: &'f AssessorProfile) -> &Covers {
        let tree = &self.facts.tree;
        self.covers.entry((&bid.areas, &profile.areas)).or_insert_with(|| {
            let steps = bid.areas.iter().map(|area| (area, distance(tree, &profile.areas, area)));
            let covered: Vec<(&String, usize)> =
                steps.filter_map(|(area, steps)| steps.map(|steps| (area, steps))).collect();
            Covers {
                codes: covered.iter().map(|(area, _)| (*area).clone()).collect(),
                steps: covered.iter().map(|(_, steps)| *steps).min(),
            }
        })
    }
}

/// The areas of a bid that somebody covers, in its order.
pub(super) fn covers(facts: &Facts, bid: &BidToAssess, candidate: &Candidate) -> Vec<String> {
    let own = &candidate.profile.areas;
    bid.areas.iter().filter(|area| distance(&facts.tree, own, area).is_some()).cloned().collect()
}
