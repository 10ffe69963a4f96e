//! Routing as the service does it: from what it knows of bids, assessors, areas and themes to places and the reasons for each.

use std::error::Error;

use fasttrack::accounts::model::AssessorProfile;
use fasttrack::areas::model::{Area, AreaTree};
use fasttrack::bids::model::BidToAssess;
use fasttrack::id::{AssignmentId, BidId, UserId};
use fasttrack::rounds::themes::Theme;
use fasttrack::routing::difference::Difference;
use fasttrack::routing::facts::{Candidate, Facts};
use fasttrack::routing::instance::{Plan, Solved};
use fasttrack::routing::model::{AssignmentLine, AssignmentStatus, RunPurpose};
use uuid::Uuid;

use super::{AREAS, Chance, World, busy_seconds, pairs, peak_mebibytes, world};

/// Districts of a county.
const OF_A_COUNTY: usize = 5;

/// Starts an assessment of so many bids and assessors; with so many themes, if any.
pub fn start(bids: usize, assessors: usize, themes: usize) -> Result<(), Box<dyn Error>> {
    let facts = facts(bids, assessors, themes);
    let (plan, solved, seconds) = route(&facts, RunPurpose::Fresh)?;
    println!(
        "service, {themes} themes: {bids} × {assessors}, {} pairs: {seconds:.3} s, {} filled, fit {}, input {} MiB, peak {} MiB",
        pairs(&plan.instance),
        solved.routing.worth.filled,
        solved.routing.worth.fit,
        plan.text.len() >> 20,
        peak_mebibytes("self")
    );
    Ok(())
}

/// One decline, when every other place is accepted, against routing afresh; by turns, of which the middle one counts.
pub fn decline(bids: usize, assessors: usize, turns: usize) -> Result<(), Box<dyn Error>> {
    let mut fresh = facts(bids, assessors, 0);
    let (plan, solved, _) = route(&fresh, RunPurpose::Fresh)?;
    let declined = solved.routing.assigned.len() / 2;
    let mut after = facts(bids, assessors, 0);
    after.assignments = assignments(&fresh, &plan, &solved);
    let given_up = after.assignments[declined].id;
    after.give_up(given_up, AssignmentStatus::Declined);
    let mut seconds: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
    let mut changes = 0;
    for _turn in 0..turns {
        fresh.assignments.clear();
        seconds[0].push(route(&fresh, RunPurpose::Fresh)?.2);
        let (_, repaired, repair) = route(&after, RunPurpose::Repair)?;
        seconds[1].push(repair);
        changes = repaired.routing.worth.changes;
    }
    let [afresh, repair] = seconds.map(|mut all| {
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    });
    println!(
        "service, one decline: {bids} × {assessors}: {repair:.3} s, {:.3} of routing afresh ({afresh:.3} s), {changes} other changes",
        repair / afresh
    );
    Ok(())
}

fn route(facts: &Facts, purpose: RunPurpose) -> Result<(Plan, Solved, f64), Box<dyn Error>> {
    let start = busy_seconds();
    let plan = facts.plan(purpose).map_err(|problem| problem.to_string())?;
    let solved = plan.solve().map_err(|problem| problem.to_string())?;
    let difference = Difference::new(facts, &plan, &solved);
    let seconds = busy_seconds() - start;
    assert_eq!(difference.result.pairs.len(), solved.routing.assigned.len(), "each place has its reason");
    Ok((plan, solved, seconds))
}

fn facts(bids: usize, assessors: usize, themes: usize) -> Facts {
    let World { mut chance, bids, assessors, instance } = world(bids, assessors);
    let themes: Vec<Theme> =
        (0..themes).map(|at| Theme { key: format!("theme-{at}"), title: format!("Theme {at}") }).collect();
    let bids = bids.iter().zip(0..).map(|(areas, at)| bid(at, areas, chosen(&mut chance, &themes)));
    let bids = bids.collect();
    let candidates = assessors.iter().zip(&instance.assessors).zip(0..).map(|((areas, supply), at)| {
        Candidate { profile: profile(&mut chance, at, areas, &themes), capacity: supply.capacity, minimum: 0 }
    });
    Facts {
        places: 3,
        bridges: false,
        candidates: candidates.collect(),
        themes,
        bids,
        interests: Vec::new(),
        tree: tree(),
        assignments: Vec::new(),
    }
}

/// Up to three themes, where there are any.
fn chosen(chance: &mut Chance, themes: &[Theme]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for _choice in 0..chance.below(4) {
        let theme = themes.get(chance.below(themes.len().max(1)));
        keys.extend(theme.map(|theme| theme.key.clone()).filter(|key| !keys.contains(key)));
    }
    keys
}

pub fn district(at: usize) -> String {
    format!("M07{at:06}")
}

fn county(at: usize) -> String {
    format!("M10{:06}", at / OF_A_COUNTY)
}

fn tree() -> AreaTree {
    let area = |code: String, parent: Option<String>| Area {
        name: code.clone(),
        code,
        kind: "district".to_owned(),
        parent_code: parent,
    };
    let districts = (0..AREAS).map(|at| area(district(at), Some(county(at))));
    let counties = (0..AREAS).step_by(OF_A_COUNTY).map(|at| area(county(at), None));
    AreaTree::new(districts.chain(counties).collect(), Vec::new())
}

fn bid(at: u128, areas: &[usize], themes: Vec<String>) -> BidToAssess {
    BidToAssess {
        id: BidId(Uuid::from_u128(at)),
        reference: format!("FT1-{at}"),
        title: format!("Bid {at}"),
        organisation_name: format!("Provider {at}"),
        registered_numbers: vec![format!("{at:08}")],
        areas: areas.iter().map(|&at| district(at)).collect(),
        themes,
    }
}

/// One in four covers the county of an area.
fn profile(chance: &mut Chance, at: u128, areas: &[usize], themes: &[Theme]) -> AssessorProfile {
    let areas =
        areas.iter().map(|&at| if chance.below(4) == 0 { county(at) } else { district(at) }).collect();
    let known = chosen(chance, themes);
    AssessorProfile {
        id: UserId(Uuid::from_u128(at)),
        email: format!("assessor{at}@example.org"),
        name: format!("Assessor {at}"),
        employer_number: None,
        areas,
        themes: known.into_iter().zip([0, 1, 2]).collect(),
        disabled: false,
        version: 1,
    }
}

/// What a routing offered, every other accepted.
fn assignments(facts: &Facts, plan: &Plan, solved: &Solved) -> Vec<AssignmentLine> {
    let offers = Difference::new(facts, plan, solved).offers;
    let assignment = |(offer, at): (fasttrack::routing::difference::Offer<'_>, u128)| AssignmentLine {
        id: AssignmentId(Uuid::from_u128(at)),
        bid_id: offer.bid.id,
        assessor_id: offer.candidate.profile.id,
        area_code: offer.area_code,
        status: if at.is_multiple_of(2) { AssignmentStatus::Accepted } else { AssignmentStatus::Offered },
        given_up: false,
    };
    offers.into_iter().zip(0..).map(assignment).collect()
}
