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

use super::facts::{Candidate, Facts, conflict};
use super::fit::{closeness, nearness};
use super::kept;
use super::model::{AssignmentStatus, RunPurpose};
use super::solver::{
    Bridges, Checked, Coverage, Instance, MAX_AREAS, Need, NextBest, Pair, Purpose, Remedy, Routing,
    Standing, Supply,
};
use super::special::{Special, of_bids, special};
use crate::accounts::model::Interest;
use crate::auth::secrets::sha256;
use crate::bids::model::BidToAssess;
use crate::id::{AssignmentId, UserId};
use crate::problem::{Problem, Result};

/// Name and version of what solves; a change that may change a routing changes it.
pub const SOLVER: &str = "network-simplex/3";

/// An instance for the solver, with what its indices stand for.
pub struct Plan {
    pub instance: Instance,
    /// The codes behind the areas' numbers in the coverage, in their order.
    pub area_codes: Vec<String>,
    /// The keys behind the themes' numbers, in their order.
    pub theme_keys: Vec<String>,
    /// Pairs that stand, by bid and assessor, each with its position among the facts' assignments.
    pub standing: Vec<((u32, u32), usize)>,
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
    /// The instance, in its canonical order.
    ///
    /// # Errors
    /// `internal`: the text cannot be written.
    pub fn plan(&self, purpose: RunPurpose) -> Result<Plan> {
        Planner::new(self).plan(purpose)
    }
}

struct Planner<'f> {
    facts: &'f Facts,
    interests: HashMap<UserId, Vec<&'f Interest>>,
    /// The codes of the bids' areas, and for each bid the numbers of its own.
    areas: Numbered,
    themes: Numbered,
    /// For each area of a bid, how far each candidate is from it.
    distances: Vec<Vec<Option<usize>>>,
}

impl<'f> Planner<'f> {
    fn new(facts: &'f Facts) -> Self {
        let mut interests: HashMap<UserId, Vec<&Interest>> = HashMap::new();
        for interest in &facts.interests {
            interests.entry(interest.assessor_id).or_default().push(interest);
        }
        let mut areas = Numbered::new(facts.bids.iter().map(|bid| &bid.areas));
        // As many as the solver can tell apart.
        areas.lists.iter_mut().for_each(|list| list.truncate(index(MAX_AREAS)));
        let themes = Numbered::new(facts.bids.iter().map(|bid| &bid.themes));
        Self { distances: distances(facts, &areas.names), facts, interests, areas, themes }
    }

    fn plan(self, purpose: RunPurpose) -> Result<Plan> {
        let facts = self.facts;
        let coverage = self.coverage();
        let mut plan = Plan {
            instance: Instance { purpose: solver_purpose(purpose), coverage, ..Instance::default() },
            area_codes: self.areas.names.clone(),
            theme_keys: self.themes.names.clone(),
            standing: Vec::new(),
            barred: Vec::new(),
            kept_outside: BTreeSet::new(),
            load_outside: vec![0; facts.candidates.len()],
            filled_outside: 0,
            purpose,
            bridges: facts.bridges,
            text: String::new(),
            sha256: String::new(),
        };
        let special = special(facts);
        for (bid, special) in facts.bids.iter().zip(of_bids(&special, facts.bids.len())) {
            self.add_bid(&mut plan, bid, special);
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

    /// Who covers which area, but for those who take nothing any more; and who shares which theme.
    fn coverage(&self) -> Coverage {
        let covering = |distances: &Vec<Option<usize>>| {
            let known = (0_u32..).zip(distances).zip(&self.facts.candidates);
            let usable = known.filter(|(_, candidate)| !candidate.profile.disabled);
            usable.filter_map(|((at, steps), _)| steps.map(|steps| (at, nearness(steps)))).collect()
        };
        let sharing = |key: &String| {
            let known = (0_u32..).zip(&self.facts.candidates);
            let expertise =
                known.filter_map(|(at, one)| one.profile.themes.get(key).map(|known| (at, *known)));
            expertise.map(|(at, expertise)| (at, closeness(expertise))).collect()
        };
        let has_themes = !self.themes.names.is_empty();
        Coverage {
            areas: self.areas.lists.clone(),
            assessors: self.distances.iter().map(covering).collect(),
            themes: if has_themes { self.themes.lists.clone() } else { Vec::new() },
            sharing: self.themes.names.iter().map(sharing).collect(),
            barred: Vec::new(),
        }
    }

    fn add_bid(&self, plan: &mut Plan, bid: &BidToAssess, special: &[Special<'_>]) {
        let at = plan.instance.bids.len();
        let mut places = self.facts.places;
        for one in special {
            self.add_special(plan, bid, one, &mut places);
        }
        let areas = number(self.areas.lists[at].len());
        plan.instance.bids.push(Need { key: bid.id.to_string(), places, areas });
    }

    /// Lists a pair as what it is, or bars it.
    fn add_special(&self, plan: &mut Plan, bid: &BidToAssess, one: &Special<'_>, places: &mut u32) {
        let &Special { bid: at, candidate: assessor, standing, given_up } = one;
        let candidate = &self.facts.candidates[index(assessor)];
        let (covers, near) = self.nearest(index(at), index(assessor));
        let themes = self.themes.lists[index(at)].iter().map(|&theme| &self.themes.names[index(theme)]);
        let known = themes.filter_map(|key| candidate.profile.themes.get(key));
        let fit = near + known.map(|&expertise| closeness(expertise)).sum::<i64>();
        let interests = self.interests.get(&candidate.profile.id).map_or(&[][..], Vec::as_slice);
        let conflict = conflict(bid.id, &bid.registered_numbers, &candidate.profile, interests);
        let usable = conflict.is_none() && !candidate.profile.disabled && covers != 0;
        let fixed = match standing.map(|(_, one)| one.status) {
            Some(AssignmentStatus::Submitted) => true,
            // Who cannot sign in any more has dropped out.
            Some(AssignmentStatus::Accepted) => conflict.is_none() && !candidate.profile.disabled,
            Some(AssignmentStatus::Offered | AssignmentStatus::Declined | AssignmentStatus::Released)
            | None => false,
        };
        let offered = standing.is_some_and(|(_, one)| one.status == AssignmentStatus::Offered);
        let pair = |standing| Pair { bid: at, assessor, covers, fit, standing };
        plan.standing.extend(standing.map(|(position, _)| ((at, assessor), position)));
        match standing {
            Some((_, one)) if fixed && covers == 0 => plan.keep_outside(one.id, index(assessor), places),
            _ if fixed => plan.instance.pairs.push(pair(Standing::Fixed)),
            _ if offered && usable => plan.instance.pairs.push(pair(Standing::Offered)),
            _ if covers == 0 => {}
            Some(_) => plan.instance.coverage.barred.push((at, assessor)),
            None => {
                if conflict.is_some() || given_up {
                    plan.instance.coverage.barred.push((at, assessor));
                    plan.barred.push((at, assessor));
                }
            }
        }
    }

    /// Which of a bid's areas a candidate covers, and how near they are to the best of them.
    fn nearest(&self, bid: usize, candidate: usize) -> (u64, i64) {
        let mut covers = 0_u64;
        let mut best = nearness(usize::MAX);
        for (bit, &area) in self.areas.lists[bid].iter().enumerate() {
            if let Some(steps) = self.distances[index(area)][candidate] {
                covers |= 1 << bit;
                best = best.max(nearness(steps));
            }
        }
        (covers, best)
    }

    /// A submitted assessment of a bid that is assessed no more was still work.
    fn keep_work_on_other_bids(&self, plan: &mut Plan) {
        let submitted = self.facts.assignments.iter().filter(|one| one.status == AssignmentStatus::Submitted);
        for assignment in submitted.filter(|one| self.facts.bid(one.bid_id).is_none()) {
            let who = |one: &Candidate| one.profile.id == assignment.assessor_id;
            if let Some(position) = self.facts.candidates.iter().position(who) {
                plan.load_outside[position] += 1;
            }
            plan.kept_outside.insert(assignment.id);
        }
    }
}

/// For each area how far each candidate is from it. The tree is asked once for each code that anybody lists.
fn distances(facts: &Facts, areas: &[String]) -> Vec<Vec<Option<usize>>> {
    let mut listing: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, candidate) in facts.candidates.iter().enumerate() {
        for code in &candidate.profile.areas {
            listing.entry(code).or_default().push(at);
        }
    }
    let from = |area: &String| {
        let mut distances = vec![None; facts.candidates.len()];
        for (code, candidates) in &listing {
            let Some(steps) = facts.tree.steps([*code], area) else { continue };
            for &at in candidates {
                let known: &mut Option<usize> = &mut distances[at];
                *known = Some(known.map_or(steps, |known| known.min(steps)));
            }
        }
        distances
    };
    areas.iter().map(from).collect()
}

/// Lists of names, as numbers: places among all the names, in their order.
struct Numbered {
    names: Vec<String>,
    /// Each in order, and each name once, so that lists of the same names are alike.
    lists: Vec<Vec<u32>>,
}

impl Numbered {
    fn new<'n>(lists: impl Iterator<Item = &'n Vec<String>> + Clone) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        lists.clone().flatten().for_each(|name| {
            numbers.entry(name).or_default();
        });
        let mut names: Vec<&str> = numbers.keys().copied().collect();
        names.sort_unstable();
        for (name, at) in names.iter().zip(0..) {
            numbers.insert(name, at);
        }
        let numbered = |list: &Vec<String>| {
            let mut list: Vec<u32> =
                list.iter().filter_map(|name| numbers.get(name.as_str()).copied()).collect();
            list.sort_unstable();
            list.dedup();
            list
        };
        let lists = lists.map(numbered).collect();
        Self { lists, names: names.into_iter().map(str::to_owned).collect() }
    }
}

impl Plan {
    fn keep_outside(&mut self, id: AssignmentId, candidate: usize, places: &mut u32) {
        self.kept_outside.insert(id);
        self.load_outside[candidate] += 1;
        self.filled_outside += 1;
        *places = places.saturating_sub(1);
    }

    /// The codes behind the bits of a bid's `covers`.
    pub(super) fn areas_of(&self, bid: u32) -> impl Iterator<Item = &str> {
        let areas = self.instance.coverage.areas.get(index(bid)).map_or(&[][..], Vec::as_slice);
        areas.iter().map(|&area| self.area_codes[index(area)].as_str())
    }

    /// The keys behind a bid's themes.
    pub(super) fn themes_of(&self, bid: u32) -> impl Iterator<Item = &str> {
        let themes = self.instance.coverage.themes.get(index(bid)).map_or(&[][..], Vec::as_slice);
        themes.iter().map(|&theme| self.theme_keys[index(theme)].as_str())
    }

    /// The best routing.
    ///
    /// # Errors
    /// `internal`: the instance makes no sense, or is beyond the solver's limits.
    pub fn solve(&self) -> Result<Solved> {
        let checked = Checked::new(&self.instance).map_err(Problem::internal)?;
        let (routing, bridges) = route(&checked, self.bridges)?;
        let next_best = checked.next_best(&routing).map_err(Problem::internal)?;
        let remedies = if routing.shortages.is_empty() {
            Vec::new()
        } else {
            checked.remedies(&routing, &self.covering()).map_err(Problem::internal)?
        };
        Ok(Solved { sha256: self.sha256.clone(), routing, next_best, remedies, bridges })
    }

    /// The bids of each area, by the area's number.
    fn covering(&self) -> Vec<Vec<u32>> {
        let mut covering = vec![Vec::new(); self.area_codes.len()];
        for (bid, areas) in (0_u32..).zip(&self.instance.coverage.areas) {
            areas.iter().for_each(|&area| covering[index(area)].push(bid));
        }
        covering
    }
}

/// The best routing, connected where that is asked for.
pub(super) fn route(checked: &Checked, connect: bool) -> Result<(Routing, Option<Bridges>)> {
    let routing = checked.solve();
    if connect {
        let (routing, bridges) = checked.connected(&routing).map_err(Problem::internal)?;
        Ok((routing, Some(bridges)))
    } else {
        Ok((routing, None))
    }
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
    let mut loads = plan.load_outside.clone();
    for assigned in &routing.assigned {
        loads[index(assigned.assessor)] += 1;
    }
    loads
}
