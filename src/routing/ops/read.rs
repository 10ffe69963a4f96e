//! Reads: assignments as each caller may see them, runs, and the forecast.

use std::collections::{BTreeMap, BTreeSet};

use super::{own_explanation, settle, store};
use crate::accounts;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::{Actor, Reader, Role, Who};
use crate::bids;
use crate::bids::model::ReceivedBid;
use crate::db::Conn;
use crate::id::{AssignmentId, BidId, RoundId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing::difference::Difference;
use crate::routing::model::{
    AssignedBid, AssignedRound, Assignment, AssignmentView, Forecast, NamedArea, RoutingRun, RunPurpose,
};
use crate::routing::rivals::{self, BidRouting};
use crate::routing::store::Filter;

/// An assignment: an assessor's own, or any for an administrator or auditor.
///
/// # Errors
/// `not-found`.
pub async fn view_assignment(on: &Platform, actor: &Actor, id: AssignmentId) -> Result<AssignmentView> {
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            let assignment = store::find(conn, id)?;
            view(conn, &actor, assignment)
        })
        .await
}

/// Assignments that pass the filter, in the order of their ids: an assessor's own, or all for an
/// administrator or auditor. Content is left out.
///
/// # Errors
/// `not-found`: anybody else asks.
pub async fn list_assignments(
    on: &Platform,
    actor: &Actor,
    filter: Filter,
    paging: Paging,
) -> Result<Vec<AssignmentView>> {
    let assessor = if actor.reads_everything() { filter.assessor } else { Some(own_id(actor)?) };
    let filter = Filter { assessor, ..filter };
    let actor = actor.clone();
    on.db
        .read(move |conn| {
            if let Some(round) = filter.round.filter(|_| actor.reads_everything()) {
                rounds::ops::load(conn, round)?;
            }
            let found = store::list(conn, &filter, &paging)?;
            let mut views = views(conn, &actor, found)?;
            for view in &mut views {
                view.bid.content = None;
                view.round.criteria = None;
            }
            Ok(views)
        })
        .await
}

/// One assignment as this caller may see it.
pub(super) fn view(conn: &mut Conn, actor: &Actor, assignment: Assignment) -> Result<AssignmentView> {
    if !actor.reads_everything() && own_id(actor)? != assignment.assessor_id {
        return Err(Problem::not_found());
    }
    views(conn, actor, vec![assignment])?.pop().ok_or_else(Problem::not_found)
}

fn own_id(actor: &Actor) -> Result<UserId> {
    match (actor.role, actor.who) {
        (Some(Role::Assessor), Who::User(id)) => Ok(id),
        _ => Err(Problem::not_found()),
    }
}

fn views(conn: &mut Conn, actor: &Actor, assignments: Vec<Assignment>) -> Result<Vec<AssignmentView>> {
    let round_ids: BTreeSet<RoundId> = assignments.iter().map(|one| one.round_id).collect();
    let bid_ids: BTreeSet<BidId> = assignments.iter().map(|one| one.bid_id).collect();
    let people: BTreeSet<UserId> = assignments.iter().map(|one| one.assessor_id).collect();
    let people: Vec<UserId> = people.into_iter().collect();
    let names: BTreeMap<UserId, String> =
        accounts::ops::people(conn, &people)?.into_iter().map(|person| (person.id, person.name)).collect();
    let mut rounds = BTreeMap::new();
    for id in round_ids {
        rounds.insert(id, rounds::ops::load(conn, id)?);
    }
    let bid_ids: Vec<BidId> = bid_ids.into_iter().collect();
    let bids: BTreeMap<BidId, ReceivedBid> =
        bids::ops::received_among(conn, &bid_ids)?.into_iter().map(|bid| (bid.id, bid)).collect();
    let tree = areas::ops::tree(conn)?;
    let show = |assignment: Assignment| {
        let bid = bids.get(&assignment.bid_id).ok_or_else(Problem::not_found)?;
        let round = rounds.get(&assignment.round_id).ok_or_else(Problem::not_found)?;
        let name = names.get(&assignment.assessor_id).cloned().unwrap_or_default();
        Ok(shown(actor, &tree, round, bid, name, assignment))
    };
    assignments.into_iter().map(show).collect()
}

fn shown(
    actor: &Actor,
    tree: &AreaTree,
    round: &Round,
    bid: &ReceivedBid,
    assessor_name: String,
    mut assignment: Assignment,
) -> AssignmentView {
    let answers = actor.reads_everything() || assignment.shows_answers();
    if !actor.reads_everything() {
        assignment.explanation = own_explanation(tree, &round.rules.themes, &assignment.explanation);
    }
    let areas = bid.content.areas.iter();
    AssignmentView {
        bid: AssignedBid {
            id: bid.id,
            reference: bid.reference.clone(),
            title: bid.content.title.clone(),
            organisation_name: bid.organisation_name.clone(),
            areas: areas
                .map(|code| NamedArea { code: code.clone(), name: tree.name(code).to_owned() })
                .collect(),
            partners: bid.content.partners.iter().map(|partner| partner.name.clone()).collect(),
            content: answers.then(|| bid.content.clone()),
        },
        round: AssignedRound {
            id: round.id,
            name: round.name.clone(),
            status: round.status,
            assessments_due_at: round.assessments_due_at,
            criteria: answers.then(|| round.rules.criteria.clone()),
        },
        assessor_name,
        assignment,
    }
}

/// A round's routing runs, the newest first.
///
/// # Errors
/// `not-found`.
pub async fn list_runs(
    on: &Platform,
    _reader: &Reader,
    round: RoundId,
    paging: Paging,
) -> Result<Vec<RoutingRun>> {
    on.db
        .read(move |conn| {
            rounds::ops::load(conn, round)?;
            store::list_runs(conn, round, &paging)
        })
        .await
}

/// What routing the open round now would give: whether its assessors would suffice for the bids so
/// far.
///
/// # Errors
/// `not-found`; `wrong-state`: the round is not open.
pub async fn forecast(on: &Platform, _reader: &Reader, round: RoundId) -> Result<Forecast> {
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, round)?;
            round.must_be(RoundStatus::Open, "forecast its routing")?;
            let facts = settle::facts(conn, &round)?;
            let plan = facts.plan(RunPurpose::Fresh)?;
            let solved = plan.solve()?;
            let result = Difference::new(&facts, &plan, &solved).result;
            Ok(Forecast {
                bids: facts.bids.len(),
                assessors: facts.candidates.len(),
                places: result.places,
                filled: result.worth.filled,
                sufficient: result.shortages.is_empty(),
                shortages: result.shortages,
                bridges: result.bridges,
            })
        })
        .await
}

/// How a bid was routed: whom the run that offered its places chose, and why nobody else.
///
/// # Errors
/// `not-found`: there is no such bid, or it was not assessed then; `wrong-state`: its round has not been routed.
pub async fn bid_routing(on: &Platform, _reader: &Reader, bid: BidId) -> Result<BidRouting> {
    on.db
        .read(move |conn| {
            let bid = bids::ops::received(conn, bid)?;
            let round = rounds::ops::load(conn, bid.round_id)?;
            let offered = store::find_of_bid(conn, bid.id)?;
            let standing = offered.iter().filter(|one| one.status.stands()).map(|one| one.run_id).max();
            let run = store::find_run(conn, round.id, standing)?.ok_or_else(|| {
                Problem::wrong_state(
                    "The round's bids have not been routed yet. Its forecast says how they would be.",
                )
            })?;
            let facts = settle::facts(conn, &round)?;
            rivals::bid_routing(&facts, &bid.to_assess(), &run, &store::find_input(conn, run.id)?)
        })
        .await
}
