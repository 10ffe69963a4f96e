//! Starting the assessment: the bids are frozen and routed.

use serde_json::json;

use super::settle;
use crate::audit;
use crate::auth::{Actor, Admin};
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::id::RoundId;
use crate::mail::Site;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing::difference::Difference;
use crate::routing::instance::Solved;
use crate::routing::model::{AssessmentStarted, RunPurpose};

/// Freezes the round's bids and routes them to its assessors. Before the deadline has passed this
/// needs a reason: at the deadline's instant a bid is still in.
///
/// # Errors
/// `not-found`; `wrong-state`: the round is not open; `invalid`: it is early and there is no reason.
pub async fn start_assessment(
    on: &Platform,
    admin: &Admin,
    round: RoundId,
    reason: Option<String>,
) -> Result<AssessmentStarted> {
    let reason = reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    start(on, admin, round, reason).await
}

/// Starts the assessment of every open round whose deadline has passed; gives how many. What another
/// replica started first is left alone.
///
/// # Errors
/// The database's own. One round's fault does not keep the others from starting: it is logged.
pub async fn start_due(on: &Platform) -> Result<usize> {
    let now = on.db.clock().now();
    let due = on.db.read(move |conn| rounds::ops::past_deadline(conn, now)).await?;
    let mut started = 0;
    for round in due {
        match start(on, &Actor::system(), round.id, None).await {
            Ok(_) => started += 1,
            Err(problem) if problem.kind() == Kind::WrongState => {}
            Err(problem) => {
                tracing::error!(round = %round.id, %problem, "an assessment could not be started");
            }
        }
    }
    Ok(started)
}

async fn start(
    on: &Platform,
    actor: &Actor,
    id: RoundId,
    reason: Option<String>,
) -> Result<AssessmentStarted> {
    let beforehand = on
        .db
        .read(move |conn| {
            let round = rounds::ops::load(conn, id)?;
            round.must_be(RoundStatus::Open, "start its assessment")?;
            settle::facts(conn, &round)?.plan(RunPurpose::Fresh)?.solve()
        })
        .await?;
    let (actor, site) = (actor.clone(), on.site.clone());
    on.db.write(move |tx| write(tx, &actor, &site, id, reason.as_deref(), &beforehand)).await
}

fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    site: &Site,
    id: RoundId,
    reason: Option<&str>,
    beforehand: &Solved,
) -> Result<AssessmentStarted> {
    let round = rounds::ops::load(tx.conn, id)?;
    round.must_be(RoundStatus::Open, "start its assessment")?;
    let early = is_early(&round, tx.now);
    if early && reason.is_none() {
        let deadline = round.deadline.map(Timestamp::london).unwrap_or_default();
        return Err(Problem::fault(
            "/reason",
            format!("the deadline is {deadline}; say why the assessment starts before"),
        ));
    }
    let round = rounds::ops::advance(tx, &round, RoundStatus::Assessing)?;
    let facts = settle::facts(tx.conn, &round)?;
    let plan = facts.plan(RunPurpose::Fresh)?;
    let solved = settle::solution(&plan, Some(beforehand))?;
    let difference = Difference::new(&facts, &plan, &solved);
    let run_id = settle::write(tx, site, &round, &facts, &plan, &difference, "start of assessment")?;
    let unfilled = difference.unfilled();
    let started = AssessmentStarted {
        run_id,
        bids: facts.bids.len(),
        places: difference.result.places,
        filled: difference.result.worth.filled,
        unfilled,
        shortages: difference.result.shortages,
        bridges: difference.result.bridges,
        round,
    };
    let detail = json!({
        "early": early,
        "reason": reason,
        "run_id": started.run_id,
        "bids": started.bids,
        "places": started.places,
        "filled": started.filled,
        "unfilled": started.unfilled,
    });
    audit::record(tx, actor, "round.assessment_started", id, Some(id), detail)?;
    Ok(started)
}

fn is_early(round: &Round, now: Timestamp) -> bool {
    round.deadline.is_some_and(|deadline| now <= deadline)
}
