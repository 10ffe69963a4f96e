//! Repairs: the fewest changes that fill the most places, after something changed.

use serde_json::json;

use super::settle;
use crate::audit;
use crate::auth::Admin;
use crate::db::Tx;
use crate::id::RoundId;
use crate::mail::Site;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing::difference::Difference;
use crate::routing::facts::Facts;
use crate::routing::instance::Solved;
use crate::routing::model::{RoutingChange, RunPurpose};

/// Repairs the routing after a change of capacities, areas, interests, assessors or eligibility, or
/// shows what that would change.
///
/// # Errors
/// `not-found`; `wrong-state`: the round is not being assessed.
pub async fn repair(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    dry_run: bool,
    reason: Option<String>,
) -> Result<RoutingChange> {
    let (preview, beforehand) = preview(on, id).await?;
    if dry_run { Ok(preview) } else { make(on, admin, id, reason, beforehand, None).await }
}

/// Repairs the routing, but only with the difference that was shown before: `shown` is its mark.
///
/// # Errors
/// As [`repair`]; `stale`: it would be another difference now.
pub async fn repair_as_shown(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    reason: Option<String>,
    shown: String,
) -> Result<RoutingChange> {
    let (_, beforehand) = preview(on, id).await?;
    make(on, admin, id, reason, beforehand, Some(shown)).await
}

/// The difference as it would be now, and the solution that it comes from.
async fn preview(on: &Platform, id: RoundId) -> Result<(RoutingChange, Solved)> {
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, id)?;
            round.must_be(RoundStatus::Assessing, "repair its routing")?;
            let facts = settle::facts(conn, &round)?;
            let plan = facts.plan(RunPurpose::Repair)?;
            let solved = plan.solve()?;
            let preview = settle::change(conn, &facts, &Difference::new(&facts, &plan, &solved))?;
            Ok((preview, solved))
        })
        .await
}

async fn make(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    reason: Option<String>,
    beforehand: Solved,
    shown: Option<String>,
) -> Result<RoutingChange> {
    let (admin, site) = (admin.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let round = rounds::ops::load(tx.conn, id)?;
            let cause = reason.as_deref().unwrap_or("asked for by an administrator");
            let change = repair_round(tx, &site, &round, cause, Some(&beforehand))?;
            if let Some(shown) = &shown
                && change.mark()? != *shown
            {
                let told = "Something changed since you looked: routing again would now do this. Nothing was changed.";
                return Err(Problem::new(Kind::Stale, told));
            }
            let detail = json!({"reason": reason, "change": change.recorded()});
            audit::record(tx, &admin, "round.routing_repaired", id, Some(id), detail)?;
            Ok(change)
        })
        .await
}

/// Repairs a round's routing as part of another act, which records it. `beforehand` is a solution
/// that was made outside the transaction, if there is one.
///
/// # Errors
/// `wrong-state`: the round is not being assessed.
pub fn repair_round(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    cause: &str,
    beforehand: Option<&Solved>,
) -> Result<RoutingChange> {
    round.must_be(RoundStatus::Assessing, "repair its routing")?;
    let facts = settle::facts(tx.conn, round)?;
    repair_with(tx, site, round, &facts, cause, beforehand)
}

pub(super) fn repair_with(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    facts: &Facts,
    cause: &str,
    beforehand: Option<&Solved>,
) -> Result<RoutingChange> {
    let plan = facts.plan(RunPurpose::Repair)?;
    let solved = settle::solution(&plan, beforehand)?;
    let difference = Difference::new(facts, &plan, &solved);
    let run = settle::write(tx, site, round, facts, &plan, &difference, cause)?;
    Ok(RoutingChange { run_id: Some(run), ..settle::change(tx.conn, facts, &difference)? })
}
