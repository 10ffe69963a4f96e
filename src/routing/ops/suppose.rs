//! Dry runs of what has not happened: what a repair would change after it.

use std::collections::BTreeSet;

use super::settle;
use crate::auth::Admin;
use crate::id::{BidId, RoundId, UserId};
use crate::platform::Platform;
use crate::problem::{Fault, Problem, Result};
use crate::rounds;
use crate::rounds::input::Pool;
use crate::rounds::model::RoundStatus;
use crate::routing::difference::Difference;
use crate::routing::facts::Facts;
use crate::routing::model::{RoutingChange, RunPurpose, Suppose};

/// What a repair would change if some things were otherwise; nothing is written.
///
/// # Errors
/// `not-found`; `wrong-state`: the round is not being assessed; `invalid`: something is supposed of nobody or nothing.
pub async fn suppose(on: &Platform, _admin: &Admin, id: RoundId, suppose: Suppose) -> Result<RoutingChange> {
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, id)?;
            round.must_be(RoundStatus::Assessing, "repair its routing")?;
            let mut facts = settle::facts_supposing(conn, &round, &suppose.assessors)?;
            let faults = suppose.faults(&facts);
            if !faults.is_empty() {
                return Err(Problem::invalid("Nothing can be shown.", faults));
            }
            facts.suppose(&suppose.dropped_out, &suppose.ineligible);
            let plan = facts.plan(RunPurpose::Repair)?;
            let difference = Difference::new(&facts, &plan, &plan.solve()?);
            settle::change(conn, &facts, &difference)
        })
        .await
}

impl Suppose {
    fn faults(&self, facts: &Facts) -> Vec<Fault> {
        let known = |id: &UserId| facts.candidates.iter().any(|one| one.profile.id == *id);
        let mut faults = Pool { assessors: self.assessors.clone() }.faults();
        faults.iter_mut().for_each(|fault| fault.pointer.insert_str(0, "/suppose"));
        let mut add = |list: &str, at: usize, field: &str, detail: &str| {
            faults.push(Fault::new(format!("/suppose/{list}/{at}{field}"), detail));
        };
        for (at, _) in self.assessors.iter().enumerate().filter(|(_, one)| !known(&one.assessor_id)) {
            add("assessors", at, "/assessor_id", "there is no assessor with this id");
        }
        for (at, _) in self.dropped_out.iter().enumerate().filter(|(_, id)| !known(id)) {
            add("dropped_out", at, "", "this is no assessor of the round");
        }
        let bids: BTreeSet<BidId> = facts.bids.iter().map(|bid| bid.id).collect();
        for (at, _) in self.ineligible.iter().enumerate().filter(|(_, id)| !bids.contains(id)) {
            add("ineligible", at, "", "no bid with this id is assessed in the round");
        }
        faults
    }
}
