//! Closing a round: once, all of it, and what was previewed is what is written.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::super::calendar::end_of_working_day;
use super::super::evaluate::{Evaluated, evaluate};
use super::super::letters::Told;
use super::super::model::{CloseRequest, Closing, PlannedEmail};
use super::super::store::{self, ClosingRow};
use super::gather::{Gathered, gather};
use crate::audit;
use crate::auth::Admin;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::RoundId;
use crate::mail::{Promise, Site, outbox};
use crate::platform::Platform;
use crate::problem::{Fault, Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};

/// How often closing starts afresh because something changed while it was being prepared.
const ATTEMPTS: u32 = 5;

/// A close worked out from one snapshot of the database, ready to be written.
struct Prepared {
    gathered: Gathered,
    evaluated: Evaluated,
    snapshot: String,
    sha256: String,
    letters: Vec<Promise>,
    /// Named in the letters: writing must come within the same day.
    query_by: Timestamp,
}

/// Closes a round, or with `dry_run` shows exactly what closing would write and send.
///
/// The outcomes are worked out and the letters rendered before the transaction that writes them,
/// which gathers the inputs again and starts afresh unless they are the same.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is being assessed, so also of the second of two
/// closes; `not-ready-to-close` with what is missing; `invalid` where `confirm` names another
/// round; `stale` where the preview was of other inputs; `unavailable` where the inputs do not
/// stop changing.
pub async fn close(on: &Platform, admin: &Admin, round: RoundId, request: CloseRequest) -> Result<Closing> {
    for _ in 0..ATTEMPTS {
        let (site, now) = (Arc::clone(&on.site), on.db.clock().now());
        let prepared = on.db.read(move |conn| prepare(conn, &site, now, round)).await?;
        check_request(&prepared, &request)?;
        if request.dry_run {
            return Ok(prepared.closing(None));
        }
        check_ready(&prepared)?;
        let prepared = Arc::new(prepared);
        let written = {
            let (site, admin, prepared) = (Arc::clone(&on.site), admin.clone(), Arc::clone(&prepared));
            on.db.write(move |tx| write(tx, &site, &admin, &prepared)).await?
        };
        if let Some(closed_at) = written {
            return Ok(prepared.closing(Some(closed_at)));
        }
    }
    let told = "The round keeps changing while it is being closed. Nothing was changed; try again shortly.";
    Err(Problem::new(Kind::Unavailable, told).retry_after(5))
}

/// Runs on a thread for blocking work, so that evaluating and rendering hold up no request.
fn prepare(conn: &mut Conn, site: &Site, now: Timestamp, round: RoundId) -> Result<Prepared> {
    must_be_assessing(&rounds::ops::load(conn, round)?)?;
    let gathered = gather(conn, round)?;
    let evaluated = evaluate(&gathered.inputs).map_err(Problem::internal)?;
    let (snapshot, sha256) = gathered.inputs.canonical().map_err(Problem::internal)?;
    let told = Told { inputs: &gathered.inputs, evaluated: &evaluated, snapshot_sha256: &sha256, now };
    let letters = told.write(site, &gathered.audience)?;
    let query_by = end_of_working_day(now, gathered.inputs.rules.query_working_days);
    Ok(Prepared { gathered, evaluated, snapshot, sha256, letters, query_by })
}

fn must_be_assessing(round: &Round) -> Result<()> {
    round.must_be(RoundStatus::Assessing, "be closed")
}

fn check_request(prepared: &Prepared, request: &CloseRequest) -> Result<()> {
    let Round { name, code, .. } = &prepared.gathered.round;
    if let Some(confirm) = &request.confirm
        && ![name, code].contains(&&confirm.trim().to_owned())
    {
        let detail = format!("this round is \"{name}\", {code}; write its name to confirm");
        return Err(Problem::invalid("The round was not closed.", vec![Fault::new("/confirm", detail)]));
    }
    if request.previewed_sha256.as_ref().is_some_and(|previewed| *previewed != prepared.sha256) {
        return Err(Problem::new(
            Kind::Stale,
            "Something has changed since the preview. Look at it again, then close.",
        ));
    }
    Ok(())
}

fn check_ready(prepared: &Prepared) -> Result<()> {
    let open = prepared.evaluated.open_points();
    if open.is_empty() {
        return Ok(());
    }
    let faults = open.into_iter().map(|point| Fault::new(point.pointer, point.detail)).collect();
    Err(Problem::new(Kind::NotReadyToClose, "The round was not closed; nothing was written or sent.")
        .with_faults(faults))
}

/// `None` where something has changed since it was prepared; nothing is written then.
fn write(tx: &mut Tx<'_>, site: &Site, admin: &Admin, prepared: &Prepared) -> Result<Option<Timestamp>> {
    let round = rounds::ops::load(tx.conn, prepared.gathered.round.id)?;
    must_be_assessing(&round)?;
    let same_day = end_of_working_day(tx.now, round.rules.query_working_days) == prepared.query_by;
    if !same_day || gather(tx.conn, round.id)? != prepared.gathered {
        return Ok(None);
    }
    let closed = rounds::ops::advance(tx, &round, RoundStatus::Closed)?;
    store::insert_outcomes(tx, closed.id, &prepared.evaluated.outcomes)?;
    let row = ClosingRow {
        round_id: closed.id,
        snapshot: prepared.snapshot.clone(),
        snapshot_sha256: prepared.sha256.clone(),
        closed_by: admin.id,
        closed_at: tx.now,
    };
    store::insert_closing(tx.conn, &row)?;
    outbox::promise(tx, site, &prepared.letters)?;
    audit::record(tx, admin, "round.closed", closed.id, Some(closed.id), prepared.summary())?;
    Ok(Some(tx.now))
}

impl Prepared {
    fn summary(&self) -> serde_json::Value {
        let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
        for outcome in self.evaluated.outcomes.iter().filter_map(|decided| decided.outcome) {
            *outcomes.entry(outcome.as_str()).or_default() += 1;
        }
        json!({
            "snapshot_sha256": self.sha256,
            "outcomes": outcomes,
            "awarded_pence": self.evaluated.decided.totals.budget.spent_pence,
            "emails": self.letters.len(),
        })
    }

    fn closing(&self, closed_at: Option<Timestamp>) -> Closing {
        let mut outcomes = self.evaluated.outcomes.clone();
        for outcome in &mut outcomes {
            outcome.decided_at = closed_at;
        }
        Closing {
            round_id: self.gathered.round.id,
            dry_run: closed_at.is_none(),
            closed_at,
            received: self.gathered.inputs.received_sentence(),
            outcomes,
            totals: self.evaluated.decided.totals.clone(),
            blockers: self.evaluated.open_points(),
            emails: self.letters.iter().map(planned).collect(),
            snapshot_sha256: self.sha256.clone(),
        }
    }
}

fn planned(promise: &Promise) -> PlannedEmail {
    PlannedEmail {
        kind: promise.message.kind,
        bid_id: promise.bid,
        to: promise.to.email.clone(),
        name: promise.to.name.clone(),
        subject: promise.message.subject.clone(),
        text: promise.message.text.clone(),
        html: promise.message.html.clone(),
    }
}
