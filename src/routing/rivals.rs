//! Why a bid's assessors were not somebody else: each assessor not chosen for one bid, and what choosing them would have
//! cost. Pure.
//!
//! It looks at the run that offered the bid's places, as it was kept: what has been accepted since is no reason why.
//!
//! Must not know: storage, HTTP, scores.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::bridging::Swap;
use super::difference::covers;
use super::facts::{Bar, Candidate, Facts};
use super::fit::{STEP, cover, shared};
use super::instance::index;
use super::kept::Kept;
use super::model::{AssignmentLine, ChosenPair, RoutingRun, RunPurpose};
use super::solver::{Aim, Assigned, Checked, Rival, RivalCost, Routing, Worth};
use super::words::{capital, counted};
use crate::bids::model::BidToAssess;
use crate::db::types::word_enum;
use crate::id::{BidId, RoutingRunId, UserId};
use crate::problem::{Problem, Result};

/// How one bid was routed: who was chosen, and why nobody else was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BidRouting {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    /// The run that this is about: the last that offered one of the bid's places.
    pub run_id: RoutingRunId,
    pub purpose: RunPurpose,
    /// Whom the run chose.
    pub chosen: Vec<ChosenPair>,
    /// Assessors who cover one of the bid's areas and were not chosen, in the order of their ids.
    pub not_chosen: Vec<NotChosen>,
    /// How many assessors of the round cover none of the bid's areas.
    #[schema(example = 7)]
    pub elsewhere: usize,
}

word_enum! {
    pub enum WhyNot {
        /// The bidder or a partner employs them.
        Employer = "employer",
        /// A declared interest that nobody waived.
        Interest = "interest",
        /// They gave the bid up.
        GivenUp = "given_up",
        /// They gave way so that who assesses what is connected.
        Bridge = "bridge",
        /// As good by every aim; the fixed order decided.
        FixedOrder = "fixed_order",
        /// The routing would be worse by an aim.
        Worse = "worse",
        /// What was accepted leaves no room on the bid or with them.
        NoRoom = "no_room",
        /// They were not among those who could be asked when the run was made.
        NotAskedThen = "not_asked_then",
    }
}

word_enum! {
    /// An aim of routing, in the words of a run's `worth`.
    pub enum WorseAim {
        Filled = "filled",
        OwnAreas = "own_areas",
        UnderMinimum = "under_minimum",
        Fit = "fit",
        Unevenness = "unevenness",
        Changes = "changes",
    }
}

/// An assessor who covers a bid and was not chosen for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotChosen {
    pub assessor_id: UserId,
    #[schema(example = "Kit Example")]
    pub name: String,
    #[schema(
        example = "Covers Burnley; load 3 of 6; with Kit Example on this bid the fit would be 300 lower in all."
    )]
    pub sentence: String,
    pub why: WhyNot,
    /// Their bids in the run, and how many they could take.
    #[schema(example = 3)]
    pub load: u32,
    #[schema(example = 6)]
    pub capacity: u32,
    /// The first aim that would be worse with them on the bid, and by how much: exactly, all else arranged for the best.
    pub cost: Option<Cost>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cost {
    pub aim: WorseAim,
    /// In the units of that aim in a run's `worth`.
    #[schema(example = 300)]
    pub by: u64,
}

/// # Errors
/// `not-found`: the bid was no part of the run; `internal`: the kept run makes no sense.
pub(super) fn bid_routing(
    facts: &Facts,
    bid: &BidToAssess,
    run: &RoutingRun,
    input: &str,
) -> Result<BidRouting> {
    let kept = Kept::parse(input)?;
    let key = bid.id.to_string();
    let at = (0_u32..).zip(&kept.instance.bids).find(|(_, need)| need.key == key).map(|(at, _)| at);
    let at = at.ok_or_else(Problem::not_found)?;
    let swaps = run.result.bridges.as_ref().map_or(&[][..], |bridges| &bridges.swaps);
    let routing = unbridged(&kept, &run.result.pairs, swaps);
    let checked = Checked::new(&kept.instance).map_err(Problem::internal)?;
    let rivals = checked.rivals(&routing, at).map_err(Problem::internal)?;
    let telling = Telling { facts, bid, kept: &kept, run, rivals: by_assessor(&kept, rivals) };
    let chosen: Vec<ChosenPair> =
        run.result.pairs.iter().filter(|pair| pair.bid_id == bid.id).cloned().collect();
    let is_chosen = |one: &&Candidate| chosen.iter().any(|pair| pair.assessor_id == one.profile.id);
    let others: Vec<&Candidate> = facts.candidates.iter().filter(|one| !is_chosen(one)).collect();
    let (covering, elsewhere): (Vec<&Candidate>, Vec<&Candidate>) =
        others.into_iter().partition(|candidate| !telling.covers(candidate).is_empty());
    Ok(BidRouting {
        bid_id: bid.id,
        reference: bid.reference.clone(),
        run_id: run.id,
        purpose: run.purpose,
        not_chosen: covering.into_iter().map(|candidate| telling.not_chosen(candidate)).collect(),
        elsewhere: elsewhere.len(),
        chosen,
    })
}

/// The best routing of a kept instance: the run's pairs, swaps for bridges undone.
fn unbridged(kept: &Kept, pairs: &[ChosenPair], swaps: &[Swap]) -> Routing {
    let position = |keys: &mut dyn Iterator<Item = &String>| -> BTreeMap<String, u32> {
        keys.cloned().zip(0_u32..).collect()
    };
    let bids = position(&mut kept.instance.bids.iter().map(|bid| &bid.key));
    let assessors = position(&mut kept.instance.assessors.iter().map(|one| &one.key));
    let mut assigned: BTreeMap<(String, String), Option<&String>> = BTreeMap::new();
    for pair in pairs {
        assigned.insert((pair.bid_id.to_string(), pair.assessor_id.to_string()), pair.area_code.as_ref());
    }
    for swap in swaps {
        assigned.remove(&(swap.bid_id.to_string(), swap.to_id.to_string()));
        assigned.insert((swap.bid_id.to_string(), swap.from_id.to_string()), None);
    }
    let assigned = assigned.iter().filter_map(|((bid, assessor), area)| {
        let (bid, assessor) = (*bids.get(bid)?, *assessors.get(assessor)?);
        let codes = &kept.areas[index(bid)];
        let area = area.and_then(|code| codes.iter().position(|other| other == code));
        Some(Assigned { bid, assessor, area: area.and_then(|at| u8::try_from(at).ok()) })
    });
    Routing { assigned: assigned.collect(), worth: Worth::default(), shortages: Vec::new() }
}

fn by_assessor(kept: &Kept, rivals: Vec<Rival>) -> BTreeMap<String, Rival> {
    let key = |rival: &Rival| kept.instance.assessors[index(rival.assessor)].key.clone();
    rivals.into_iter().map(|rival| (key(&rival), rival)).collect()
}

struct Telling<'a> {
    facts: &'a Facts,
    bid: &'a BidToAssess,
    kept: &'a Kept,
    run: &'a RoutingRun,
    rivals: BTreeMap<String, Rival>,
}

impl Telling<'_> {
    fn covers(&self, candidate: &Candidate) -> Vec<String> {
        covers(self.facts, self.bid, candidate)
    }

    fn not_chosen(&self, candidate: &Candidate) -> NotChosen {
        let id = candidate.profile.id;
        let (why, cost) = self.why_not(candidate);
        let load = self.run.result.pairs.iter().filter(|pair| pair.assessor_id == id).count();
        let load = u32::try_from(load).unwrap_or(u32::MAX);
        let key = id.to_string();
        let then = self.kept.instance.assessors.iter().find(|one| one.key == key);
        let capacity = then.map_or(candidate.capacity, |one| one.capacity);
        let themes = shared(self.bid, &candidate.profile);
        let cover = cover(&self.facts.tree, &self.facts.themes, &self.covers(candidate), &themes);
        let cover = capital(&cover);
        let full = if load >= capacity { ", full" } else { "" };
        let because = if why == WhyNot::NoRoom && capacity == 0 {
            "takes no bids in this round".to_owned()
        } else {
            because(&candidate.profile.name, why, cost, self.facts.themes.is_empty())
        };
        NotChosen {
            assessor_id: id,
            name: candidate.profile.name.clone(),
            sentence: format!("{cover}; load {load} of {capacity}{full}; {because}."),
            why,
            load,
            capacity,
            cost,
        }
    }

    fn why_not(&self, candidate: &Candidate) -> (WhyNot, Option<Cost>) {
        let id = candidate.profile.id;
        let gave_up =
            |one: &&AssignmentLine| one.bid_id == self.bid.id && one.assessor_id == id && one.given_up;
        match self.facts.conflict(self.bid, candidate) {
            Some(Bar::Employer) => return (WhyNot::Employer, None),
            Some(Bar::Interest) => return (WhyNot::Interest, None),
            Some(Bar::GivenUp) => return (WhyNot::GivenUp, None),
            None if self.facts.assignments.iter().any(|one| gave_up(&one)) => return (WhyNot::GivenUp, None),
            None => {}
        }
        match self.rivals.get(&id.to_string()).map(|rival| rival.cost) {
            Some(RivalCost::Nothing) => (WhyNot::FixedOrder, None),
            Some(RivalCost::Worse { aim, by }) => (WhyNot::Worse, Some(Cost { aim: worse(aim), by })),
            Some(RivalCost::Impossible) => (WhyNot::NoRoom, None),
            None if self.gave_way(id) => (WhyNot::Bridge, None),
            None => (WhyNot::NotAskedThen, None),
        }
    }

    fn gave_way(&self, id: UserId) -> bool {
        let mut swaps = self.run.result.bridges.iter().flat_map(|bridges| &bridges.swaps);
        swaps.any(|swap| swap.bid_id == self.bid.id && swap.from_id == id)
    }
}

const fn worse(aim: Aim) -> WorseAim {
    match aim {
        Aim::Places => WorseAim::Filled,
        Aim::Areas => WorseAim::OwnAreas,
        Aim::Minimums => WorseAim::UnderMinimum,
        Aim::Fit => WorseAim::Fit,
        Aim::Evenness => WorseAim::Unevenness,
        Aim::Changes => WorseAim::Changes,
    }
}

/// `by_areas`: nothing but areas makes a fit.
fn because(name: &str, why: WhyNot, cost: Option<Cost>, by_areas: bool) -> String {
    match (why, cost) {
        (WhyNot::Employer, _) => "employed by the bidder or a partner".to_owned(),
        (WhyNot::Interest, _) => "has an interest on record".to_owned(),
        (WhyNot::GivenUp, _) => "gave this bid up".to_owned(),
        (WhyNot::Bridge, _) => "gave way so that who assesses what is connected".to_owned(),
        (WhyNot::FixedOrder, _) => "as good by every aim, so that the fixed order decided".to_owned(),
        (WhyNot::NoRoom, _) => "what was accepted before leaves no room".to_owned(),
        (WhyNot::NotAskedThen, _) => "could not be asked when the bid was routed".to_owned(),
        (WhyNot::Worse, Some(cost)) => format!("with {name} on this bid {}", would(cost, by_areas)),
        (WhyNot::Worse, None) => format!("with {name} on this bid the routing would be worse"),
    }
}

/// "the fit would be 300 lower in all (one step further from the area)".
fn would(Cost { aim, by }: Cost, by_areas: bool) -> String {
    match aim {
        WorseAim::Filled => format!("{} more would stay empty", counted(by, "place")),
        WorseAim::OwnAreas => format!("{} fewer would have an assessor of their own", counted(by, "area")),
        WorseAim::UnderMinimum => {
            format!("assessors would be {} further under their minimum", counted(by, "bid"))
        }
        WorseAim::Fit if by_areas && by.is_multiple_of(STEP.unsigned_abs()) => {
            let steps = counted(by / STEP.unsigned_abs(), "step");
            format!("the fit would be {by} lower in all, {steps} further from the areas")
        }
        WorseAim::Fit => format!("the fit would be {by} lower in all"),
        WorseAim::Unevenness => "the load would be less even".to_owned(),
        WorseAim::Changes => format!("{} more would be taken away", counted(by, "offer")),
    }
}
