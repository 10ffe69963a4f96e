//! From what the service knows to what the solver takes: which pairs are possible, how well each
//! fits, what stands. Pure: the same facts give the same text, byte for byte, and so the same hash.
//!
//! Pairs follow from who covers which area. Only the *special* ones, where something stands or
//! somebody is kept from a bid, are looked at one by one, so that the work grows with the bids and
//! the assessors, not with the pairs.
//!
//! How well a pair fits is in `fit.rs`. **Keys** are identifiers, whose order is that of creation, so the same things
//! made in the same order are routed in the same way whatever their identifiers are.
//!
//! Must not know: storage, HTTP, scores.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::fit::{closeness, distance, nearness, shared};
use super::kept;
use super::model::{Assignment, AssignmentStatus, RunPurpose};
use super::solver::{
    Bridges, Coverage, Instance, MAX_AREAS, Need, NextBest, Pair, Purpose, Remedy, Routing, Standing, Supply,
    solve,
};
use super::special::special;
use crate::accounts::model::{AssessorProfile, Interest, normal_number};
use crate::areas::model::AreaTree;
use crate::auth::secrets::sha256;
use crate::bids::model::ReceivedBid;
use crate::id::{AssignmentId, BidId, UserId};
use crate::problem::{Problem, Result};
use crate::rounds::themes::Theme;

/// Name and version of what solves; a change that may change a routing changes it.
pub const SOLVER: &str = "network-simplex/2";

/// Everything that a routing depends on.
pub struct Facts {
    /// Places on each bid.
    pub places: u32,
    /// Whether the round asks that who assesses what be connected.
    pub bridges: bool,
    /// What the round announces.
    pub themes: Vec<Theme>,
    /// Those that go to assessors, in the order of their ids.
    pub bids: Vec<ReceivedBid>,
    /// The round's pool, and whoever else holds an assignment in it, in the order of their ids.
    pub candidates: Vec<Candidate>,
    pub interests: Vec<Interest>,
    pub tree: AreaTree,
    /// All of the round's, those that no longer stand too.
    pub assignments: Vec<Assignment>,
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

/// An instance for the solver, with what its indices stand for.
pub struct Plan {
    pub instance: Instance,
    /// For each bid, the codes behind the bits of `covers`.
    pub areas: Vec<Vec<String>>,
    /// For each bid, the keys behind its themes.
    pub themes: Vec<Vec<String>>,
    /// Pairs that coverage would allow and a bar forbids: indices of bid and assessor.
    pub barred: Vec<(u32, u32)>,
    /// Work that stays but is outside the instance: it has no area left, or its bid is no longer
    /// assessed. It takes room from its assessor, and from its bid where that is assessed.
    pub kept_outside: BTreeSet<AssignmentId>,
    /// How much of each assessor's capacity is taken by what is kept outside.
    pub load_outside: Vec<u32>,
    /// How many places of assessed bids are filled by what is kept outside.
    pub filled_outside: u64,
    pub purpose: RunPurpose,
    /// Whether the routing is to be connected.
    pub bridges: bool,
    /// The canonical text of the instance.
    pub text: String,
    pub sha256: String,
}

/// A plan's best routing.
#[derive(Clone)]
pub struct Solved {
    /// Of the plan that it solves.
    pub sha256: String,
    pub routing: Routing,
    /// One for each of the routing's assignments; none for those that stood before.
    pub next_best: Vec<Option<NextBest>>,
    /// One for each of the routing's shortages.
    pub remedies: Vec<Remedy>,
    pub bridges: Option<Bridges>,
}

impl Facts {
    /// What keeps an assessor from a bid, from interests and employment as they are now.
    #[must_use]
    pub fn conflict(&self, bid: &ReceivedBid, candidate: &Candidate) -> Option<Bar> {
        let interests: Vec<&Interest> =
            self.interests.iter().filter(|interest| interest.assessor_id == candidate.profile.id).collect();
        conflict(bid.id, &bid.registered_numbers(), &candidate.profile, &interests)
    }

    /// Takes an assignment as given up, before it is.
    pub fn give_up(&mut self, id: AssignmentId, to: AssignmentStatus, reason: &str) {
        for assignment in self.assignments.iter_mut().filter(|assignment| assignment.id == id) {
            assignment.status = to;
            assignment.decline_reason = Some(reason.to_owned());
        }
    }

    /// Takes assessors as dropped out and bids as ineligible, before they are.
    pub fn suppose(&mut self, dropped_out: &[UserId], ineligible: &[BidId]) {
        for candidate in self.candidates.iter_mut().filter(|one| dropped_out.contains(&one.profile.id)) {
            candidate.profile.disabled = true;
        }
        self.bids.retain(|bid| !ineligible.contains(&bid.id));
    }

    /// The instance, in its canonical order.
    ///
    /// # Errors
    /// `internal`: the text cannot be written.
    pub fn plan(&self, purpose: RunPurpose) -> Result<Plan> {
        Planner::new(self).plan(purpose)
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
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let employed = assessor
        .employer_number
        .as_deref()
        .is_some_and(|employer| numbers.contains(&normal_number(employer).as_str()));
    if employed {
        Some(Bar::Employer)
    } else if interests.iter().any(|interest| interest.bars(bid, &numbers)) {
        Some(Bar::Interest)
    } else {
        None
    }
}

struct Planner<'f> {
    facts: &'f Facts,
    interests: HashMap<UserId, Vec<&'f Interest>>,
    standing: HashMap<(BidId, UserId), &'f Assignment>,
    given_up: BTreeSet<(BidId, UserId)>,
    /// For each area of a bid, how far each candidate is from it.
    distances: BTreeMap<&'f str, Vec<Option<usize>>>,
    /// For each bid, the candidates that are to be looked at one by one, in their order.
    special: Vec<BTreeSet<usize>>,
}

impl<'f> Planner<'f> {
    fn new(facts: &'f Facts) -> Self {
        let mut interests: HashMap<UserId, Vec<&Interest>> = HashMap::new();
        for interest in &facts.interests {
            interests.entry(interest.assessor_id).or_default().push(interest);
        }
        let pair = |assignment: &Assignment| (assignment.bid_id, assignment.assessor_id);
        let standing =
            facts.assignments.iter().filter(|one| one.status.stands()).map(|one| (pair(one), one)).collect();
        let given_up = facts.assignments.iter().filter(|one| one.was_given_up()).map(pair).collect();
        let mut distances: BTreeMap<&str, Vec<Option<usize>>> = BTreeMap::new();
        for area in facts.bids.iter().flat_map(|bid| &bid.content.areas) {
            distances.entry(area).or_insert_with(|| {
                facts.candidates.iter().map(|one| distance(&facts.tree, &one.profile.areas, area)).collect()
            });
        }
        Self { facts, interests, standing, given_up, distances, special: special(facts) }
    }

    fn plan(&self, purpose: RunPurpose) -> Result<Plan> {
        let facts = self.facts;
        let mut plan = Plan {
            instance: Instance {
                purpose: solver_purpose(purpose),
                coverage: self.coverage(),
                ..Instance::default()
            },
            areas: facts.bids.iter().map(areas_of).collect(),
            themes: facts.bids.iter().map(themes_of).collect(),
            barred: Vec::new(),
            kept_outside: BTreeSet::new(),
            load_outside: vec![0; facts.candidates.len()],
            filled_outside: 0,
            purpose,
            bridges: facts.bridges,
            text: String::new(),
            sha256: String::new(),
        };
        for (bid, at) in facts.bids.iter().zip(0_u32..) {
            self.add_bid(&mut plan, bid, at);
        }
        self.keep_work_on_other_bids(&mut plan);
        for (candidate, outside) in facts.candidates.iter().zip(&plan.load_outside) {
            plan.instance.assessors.push(Supply {
                key: candidate.profile.id.to_string(),
                capacity: candidate.capacity.saturating_sub(*outside),
                minimum: candidate.minimum.saturating_sub(*outside),
            });
        }
        plan.text = kept::text(&plan)?;
        plan.sha256 = sha256(&plan.text);
        Ok(plan)
    }

    /// Who covers which area, but for those who take nothing any more. The areas are in the order of
    /// their codes.
    fn coverage(&self) -> Coverage {
        let covering = |distances: &Vec<Option<usize>>| {
            let known = (0_u32..).zip(distances).zip(&self.facts.candidates);
            let usable = known.filter(|(_, candidate)| !candidate.profile.disabled);
            usable.filter_map(|((at, steps), _)| steps.map(|steps| (at, nearness(steps)))).collect()
        };
        let index: HashMap<&str, u32> = self.distances.keys().copied().zip(0..).collect();
        let areas = |bid| areas_of(bid).iter().filter_map(|code| index.get(code.as_str()).copied()).collect();
        Coverage {
            areas: self.facts.bids.iter().map(areas).collect(),
            assessors: self.distances.values().map(covering).collect(),
            ..self.sharing()
        }
    }

    /// Who shares which theme, in the order of the keys; nothing where no bid has a theme.
    fn sharing(&self) -> Coverage {
        let chosen: BTreeSet<&String> = self.facts.bids.iter().flat_map(|bid| &bid.content.themes).collect();
        if chosen.is_empty() {
            return Coverage::default();
        }
        let sharing = |key: &&String| {
            let known = (0_u32..).zip(&self.facts.candidates);
            let expertise =
                known.filter_map(|(at, one)| one.profile.themes.get(*key).map(|known| (at, *known)));
            expertise.map(|(at, expertise)| (at, closeness(expertise))).collect()
        };
        let index: HashMap<&String, u32> = chosen.iter().copied().zip(0..).collect();
        let themes = |bid| themes_of(bid).iter().filter_map(|key| index.get(key).copied()).collect();
        Coverage {
            themes: self.facts.bids.iter().map(themes).collect(),
            sharing: chosen.iter().map(sharing).collect(),
            ..Coverage::default()
        }
    }

    fn add_bid(&self, plan: &mut Plan, bid: &ReceivedBid, at: u32) {
        let mut places = self.facts.places;
        if let Some(special) = self.special.get(plan.instance.bids.len()).filter(|some| !some.is_empty()) {
            let numbers = bid.registered_numbers();
            for &position in special {
                self.add_special(plan, bid, at, &numbers, position, &mut places);
            }
        }
        let areas = plan.areas.get(plan.instance.bids.len()).map_or(0, Vec::len);
        let areas = u32::try_from(areas).unwrap_or(MAX_AREAS);
        plan.instance.bids.push(Need { key: bid.id.to_string(), places, areas });
    }

    /// Lists a pair as what it is, or bars it.
    fn add_special(
        &self,
        plan: &mut Plan,
        bid: &ReceivedBid,
        at: u32,
        numbers: &[String],
        position: usize,
        places: &mut u32,
    ) {
        let candidate = &self.facts.candidates[position];
        let assessor = candidate.profile.id;
        let (covers, near) = self.nearest(&plan.areas[plan.instance.bids.len()], position);
        let fit = near + shared(&bid.content, &candidate.profile).into_values().map(closeness).sum::<i64>();
        let interests = self.interests.get(&assessor).map_or(&[][..], Vec::as_slice);
        let conflict = conflict(bid.id, numbers, &candidate.profile, interests);
        let usable = conflict.is_none() && !candidate.profile.disabled && covers != 0;
        let standing = self.standing.get(&(bid.id, assessor)).map(|one| (one.status, one.id));
        let fixed = match standing {
            Some((AssignmentStatus::Submitted, _)) => true,
            // Who cannot sign in any more has dropped out.
            Some((AssignmentStatus::Accepted, _)) => conflict.is_none() && !candidate.profile.disabled,
            Some((
                AssignmentStatus::Offered | AssignmentStatus::Declined | AssignmentStatus::Released,
                _,
            ))
            | None => false,
        };
        let offered = matches!(standing, Some((AssignmentStatus::Offered, _)));
        let pair = |standing| Pair { bid: at, assessor: number(position), covers, fit, standing };
        match standing {
            Some((_, id)) if fixed && covers == 0 => plan.keep_outside(id, position, places),
            _ if fixed => plan.instance.pairs.push(pair(Standing::Fixed)),
            _ if offered && usable => plan.instance.pairs.push(pair(Standing::Offered)),
            _ if covers == 0 => {}
            Some(_) => plan.instance.coverage.barred.push((at, number(position))),
            None => {
                if conflict.is_some() || self.given_up.contains(&(bid.id, assessor)) {
                    plan.instance.coverage.barred.push((at, number(position)));
                    plan.barred.push((at, number(position)));
                }
            }
        }
    }

    /// Which of a bid's areas a candidate covers, and how near they are to the best of them.
    fn nearest(&self, areas: &[String], candidate: usize) -> (u64, i64) {
        let mut covers = 0_u64;
        let mut best = nearness(usize::MAX);
        for (bit, area) in areas.iter().enumerate() {
            let steps =
                self.distances.get(area.as_str()).and_then(|all| all.get(candidate)).copied().flatten();
            if let Some(steps) = steps {
                covers |= 1 << bit;
                best = best.max(nearness(steps));
            }
        }
        (covers, best)
    }

    /// A submitted assessment of a bid that is assessed no more was still work.
    fn keep_work_on_other_bids(&self, plan: &mut Plan) {
        let assessed: BTreeSet<BidId> = self.facts.bids.iter().map(|bid| bid.id).collect();
        for assignment in &self.facts.assignments {
            if assignment.status == AssignmentStatus::Submitted && !assessed.contains(&assignment.bid_id) {
                let who = |one: &Candidate| one.profile.id == assignment.assessor_id;
                if let Some(position) = self.facts.candidates.iter().position(who) {
                    plan.load_outside[position] += 1;
                }
                plan.kept_outside.insert(assignment.id);
            }
        }
    }
}

impl Plan {
    fn keep_outside(&mut self, id: AssignmentId, candidate: usize, places: &mut u32) {
        self.kept_outside.insert(id);
        self.load_outside[candidate] += 1;
        self.filled_outside += 1;
        *places = places.saturating_sub(1);
    }

    /// The best routing.
    ///
    /// # Errors
    /// `internal`: the instance makes no sense, or is beyond the solver's limits.
    pub fn solve(&self) -> Result<Solved> {
        let (routing, bridges) = route(&self.instance, self.bridges)?;
        let next_best = routing.next_best(&self.instance).map_err(Problem::internal)?;
        let remedies = if routing.shortages.is_empty() {
            Vec::new()
        } else {
            let covering: Vec<Vec<u32>> = self.covering().into_values().collect();
            routing.remedies(&self.instance, &covering).map_err(Problem::internal)?
        };
        Ok(Solved { sha256: self.sha256.clone(), routing, next_best, remedies, bridges })
    }

    /// The bids of each area, in the order of the codes.
    pub(super) fn covering(&self) -> BTreeMap<String, Vec<u32>> {
        let mut covering: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (bid, areas) in (0_u32..).zip(&self.areas) {
            for code in areas {
                covering.entry(code.clone()).or_default().push(bid);
            }
        }
        covering
    }
}

/// The best routing, connected where that is asked for.
pub(super) fn route(instance: &Instance, connect: bool) -> Result<(Routing, Option<Bridges>)> {
    let routing = solve(instance).map_err(Problem::internal)?;
    if connect {
        let (routing, bridges) = routing.connected(instance).map_err(Problem::internal)?;
        Ok((routing, Some(bridges)))
    } else {
        Ok((routing, None))
    }
}

/// The codes of a bid's areas, once each and in their order, so that bids of the same areas are
/// alike; as many as the solver can tell apart.
fn areas_of(bid: &ReceivedBid) -> Vec<String> {
    let codes: BTreeSet<&String> = bid.content.areas.iter().collect();
    codes.into_iter().take(usize::try_from(MAX_AREAS).unwrap_or(usize::MAX)).cloned().collect()
}

/// The keys of a bid's themes, in their order, so that bids of the same themes are alike.
fn themes_of(bid: &ReceivedBid) -> Vec<String> {
    let keys: BTreeSet<&String> = bid.content.themes.iter().collect();
    keys.into_iter().cloned().collect()
}

/// A number of the solver's as a position.
pub(super) fn index(number: u32) -> usize {
    // Every target of this program has pointers of 32 bits or more.
    usize::try_from(number).unwrap_or(usize::MAX)
}

pub(super) fn number(position: usize) -> u32 {
    // The solver refuses an instance long before this saturates.
    u32::try_from(position).unwrap_or(u32::MAX)
}

pub(super) const fn solver_purpose(purpose: RunPurpose) -> Purpose {
    match purpose {
        RunPurpose::Fresh => Purpose::Fresh,
        RunPurpose::Repair => Purpose::Repair,
    }
}

/// How many bids each assessor has in a routing, with what is kept outside it.
#[must_use]
pub fn loads(plan: &Plan, routing: &Routing) -> Vec<u32> {
    let mut loads: BTreeMap<u32, u32> = BTreeMap::new();
    for assigned in &routing.assigned {
        *loads.entry(assigned.assessor).or_default() += 1;
    }
    plan.load_outside
        .iter()
        .zip(0_u32..)
        .map(|(outside, assessor)| outside + loads.get(&assessor).copied().unwrap_or_default())
        .collect()
}
