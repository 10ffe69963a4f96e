//! Use cases of routing, and what features above need inside their own transactions.

mod follow;
mod read;
mod repair;
mod respond;
mod settle;
mod standing;
mod start;
mod suppose;

use std::collections::BTreeSet;

use super::kept::Kept;
use super::model::{Assignment, AssignmentStatus, Explanation};
use super::{difference, solver, store};
use crate::areas::model::AreaTree;
use crate::db::{Conn, Tx};
use crate::id::{AssignmentId, BidId, RoundId, RoutingRunId};
use crate::problem::Result;
use crate::rounds::themes::Theme;

pub use follow::follow;
pub use read::{bid_routing, forecast, list_assignments, list_runs, view_assignment};
pub use repair::{repair, repair_as_shown, repair_round};
pub use respond::{accept, decline, release};
pub use standing::{
    Again, ByBid, Load, RoutedBid, RunRead, Standing, Tally, by_bid, on_bid, read_run, solve_again, standing,
};
pub use start::{start_assessment, start_due};
pub use store::{Filter, RunLine};
pub use suppose::suppose;

/// The assignment, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(conn: &mut Conn, id: AssignmentId) -> Result<Assignment> {
    store::find(conn, id)
}

/// Every assignment of a round, those that no longer stand too, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assignments_in(conn: &mut Conn, round: RoundId) -> Result<Vec<Assignment>> {
    store::find_in_round(conn, round)
}

/// The assignments of a round that fill a place.
///
/// # Errors
/// The database's own.
pub fn standing_in(conn: &mut Conn, round: RoundId) -> Result<BTreeSet<AssignmentId>> {
    let all = store::list_statuses(conn, round)?;
    Ok(all.into_iter().filter(|(_, status)| status.stands()).map(|(id, _)| id).collect())
}

/// Every assignment of a bid, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assignments_of(conn: &mut Conn, bid: BidId) -> Result<Vec<Assignment>> {
    store::find_of_bid(conn, bid)
}

/// Moves an assignment one step, by compare-and-set on its version.
///
/// # Errors
/// `wrong-state`: the step does not lead on from its state, or somebody was first.
pub fn step(tx: &mut Tx<'_>, assignment: &Assignment, to: AssignmentStatus) -> Result<Assignment> {
    assignment.may_become(to)?;
    let mut new = Assignment { status: to, version: assignment.version + 1, ..assignment.clone() };
    match to {
        // Back from `submitted`, it was accepted when it first was.
        AssignmentStatus::Accepted => new.accepted_at = new.accepted_at.or(Some(tx.now)),
        AssignmentStatus::Declined => new.declined_at = Some(tx.now),
        AssignmentStatus::Released => new.released_at = Some(tx.now),
        AssignmentStatus::Offered | AssignmentStatus::Submitted => {}
    }
    store::set_state(tx, &new, assignment.version)?;
    Ok(new)
}

/// As [`step`], for an assessor who gives the bid up: the reason bars the pair for good.
fn step_down(
    tx: &mut Tx<'_>,
    assignment: &Assignment,
    to: AssignmentStatus,
    reason: &str,
) -> Result<Assignment> {
    let given_up = Assignment { decline_reason: Some(reason.to_owned()), ..assignment.clone() };
    step(tx, &given_up, to)
}

/// What an assessor may read of why they were chosen: nothing of anybody else.
#[must_use]
pub fn own_explanation(tree: &AreaTree, announced: &[Theme], full: &Explanation) -> Explanation {
    difference::own_explanation(tree, announced, full)
}

/// Rounds in which somebody still has work to do and has not been reminded of it.
///
/// # Errors
/// The database's own.
pub fn rounds_to_remind(conn: &mut Conn) -> Result<Vec<RoundId>> {
    store::find_rounds_to_remind(conn)
}

/// Takes a round's assignments with work still to do that nobody was reminded of, as reminded now.
///
/// # Errors
/// The database's own.
pub fn take_to_remind(tx: &mut Tx<'_>, round: RoundId) -> Result<Vec<Assignment>> {
    let waiting = store::find_to_remind(tx.conn, round)?;
    store::set_reminded(tx, round)?;
    Ok(waiting)
}

/// Solves a run's kept input again.
///
/// # Errors
/// `not-found`; `internal`: the kept input is not one that this program wrote.
pub fn replay(conn: &mut Conn, run: RoutingRunId) -> Result<solver::Routing> {
    Kept::parse(&store::find_input(conn, run)?)?.route()
}
