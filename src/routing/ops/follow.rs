//! Repairs that follow from what others changed: late ineligibility, a conflict, a drop-out, capacities, areas. They are part
//! of the transaction that changed it, and so are the emails to those who lose or gain a bid.

use std::collections::BTreeSet;

use serde_json::json;

use super::{settle, store};
use crate::audit;
use crate::auth::Actor;
use crate::db::{Conn, Tx};
use crate::id::RoundId;
use crate::mail::Site;
use crate::platform::Changed;
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing::difference::Difference;
use crate::routing::model::{RoutingChange, RunPurpose};

/// Repairs the rounds under assessment that a change concerns; a [`Follow`](crate::platform::Follow). Where nothing moves,
/// nothing is written. A repair is an audit event of its own, beside the change's, by the same actor.
///
/// # Errors
/// The database's own.
pub fn follow(tx: &mut Tx<'_>, site: &Site, actor: &Actor, changed: Changed, what: &str) -> Result<()> {
    for id in concerned(tx.conn, changed)? {
        let round = rounds::ops::load(tx.conn, id)?;
        if round.status == RoundStatus::Assessing {
            repair(tx, site, actor, &round, what)?;
        }
    }
    Ok(())
}

fn concerned(conn: &mut Conn, changed: Changed) -> Result<BTreeSet<RoundId>> {
    match changed {
        Changed::Round(round) => Ok(BTreeSet::from([round])),
        Changed::Assessor(assessor) => {
            let mut rounds: BTreeSet<RoundId> =
                rounds::ops::assessing_with(conn, assessor)?.into_iter().collect();
            rounds.extend(store::find_rounds_of(conn, assessor)?);
            Ok(rounds)
        }
    }
}

fn repair(tx: &mut Tx<'_>, site: &Site, actor: &Actor, round: &Round, what: &str) -> Result<()> {
    let facts = settle::facts(tx.conn, round)?;
    let plan = facts.plan(RunPurpose::Repair)?;
    let difference = Difference::new(&facts, &plan, &plan.solve()?);
    if difference.moves_nothing() {
        return Ok(());
    }
    let run = settle::write(tx, site, round, &facts, &plan, &difference, what)?;
    let change = RoutingChange { run_id: Some(run), ..settle::change(tx.conn, &facts, &difference)? };
    let detail = json!({"reason": what, "change": change.recorded()});
    audit::record(tx, actor, "round.routing_repaired", round.id, Some(round.id), detail)
}
