//! Closing a round: once, all of it, and what was previewed is what is written.
//!
//! A close is worked out inside the transaction that writes it, so that nothing can move in between,
//! and is written a batch at a time: ten thousand rendered letters at once would fill the memory.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::super::evaluate::{Evaluated, evaluate};
use super::super::letters::Told;
use super::super::model::{CloseRequest, Closing, PlannedEmail};
use super::super::store::{self, ClosingRow};
use super::gather::{Gathered, gather};
use crate::audit;
use crate::auth::Admin;
use crate::auth::secrets::Sum;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::RoundId;
use crate::mail::{Promise, Site, outbox};
use crate::platform::Platform;
use crate::problem::{Fault, Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};

/// Letters that are rendered before they are written.
const LETTERS: usize = 200;
/// About how long a piece of a snapshot is, in bytes.
const PIECE: usize = 1 << 20;

/// What the round comes to as it stands.
struct Prepared {
    gathered: Gathered,
    evaluated: Evaluated,
    sha256: String,
}

/// Closes a round, or with `dry_run` shows exactly what closing would write and send.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is being assessed, so also of the second of two
/// closes; `not-ready-to-close` with what is missing; `invalid` where `confirm` names another
/// round; `stale` where the preview was of other inputs.
pub async fn close(on: &Platform, admin: &Admin, round: RoundId, request: CloseRequest) -> Result<Closing> {
    let site = Arc::clone(&on.site);
    if request.dry_run {
        let now = on.db.clock().now();
        return on.db.read(move |conn| preview(conn, &site, now, round, &request)).await;
    }
    let admin = admin.clone();
    on.db.write(move |tx| close_in(tx, &site, &admin, round, &request)).await
}

fn preview(
    conn: &mut Conn,
    site: &Site,
    now: Timestamp,
    round: RoundId,
    request: &CloseRequest,
) -> Result<Closing> {
    let gathered = gather_assessing(conn, round)?;
    let sha256 = gathered.inputs.sha256().map_err(Problem::internal)?;
    check_request(&gathered.round, &sha256, request)?;
    let evaluated = evaluate(&gathered.inputs).map_err(Problem::internal)?;
    let prepared = Prepared { gathered, evaluated, sha256 };
    let told = prepared.told(now);
    let emails = told.letters(site, &prepared.gathered.audience);
    let emails = emails.map(|letter| letter.map(planned)).collect::<Result<Vec<_>>>()?;
    Ok(Closing { emails_promised: emails.len(), emails, ..prepared.closing(None) })
}

fn close_in(
    tx: &mut Tx<'_>,
    site: &Site,
    admin: &Admin,
    round: RoundId,
    request: &CloseRequest,
) -> Result<Closing> {
    let mut gathered = gather_assessing(tx.conn, round)?;
    let sha256 = keep_snapshot(tx, admin, &gathered, request)?;
    let mut evaluated = evaluate(&gathered.inputs).map_err(Problem::internal)?;
    check_ready(&evaluated)?;
    // What the outcomes were made of is on record and no longer needed; of a large round it is most of what is held.
    evaluated.combined.clear();
    gathered.inputs.bids.iter_mut().for_each(|bid| bid.assessments = Vec::new());
    let prepared = Prepared { gathered, evaluated, sha256 };
    let round = rounds::ops::advance(tx, &prepared.gathered.round, RoundStatus::Closed)?;
    store::insert_outcomes(tx, round.id, &prepared.evaluated.outcomes)?;
    let emails_promised = promise_letters(tx, site, &prepared)?;
    audit::record(tx, admin, "round.closed", round.id, Some(round.id), prepared.summary(emails_promised))?;
    Ok(Closing { emails_promised, ..prepared.closing(Some(tx.now)) })
}

fn gather_assessing(conn: &mut Conn, round: RoundId) -> Result<Gathered> {
    must_be_assessing(&rounds::ops::load(conn, round)?)?;
    gather(conn, round)
}

/// Writes the snapshot, a piece at a time, and gives its hash. A close that is refused afterwards takes it back.
fn keep_snapshot(
    tx: &mut Tx<'_>,
    admin: &Admin,
    gathered: &Gathered,
    request: &CloseRequest,
) -> Result<String> {
    let round = gathered.round.id;
    let (mut sum, mut number, mut piece) = (Sum::default(), 1, String::with_capacity(2 * PIECE));
    for text in gathered.inputs.canonical().map_err(Problem::internal)? {
        piece.push_str(&text.map_err(Problem::internal)?);
        if piece.len() >= PIECE {
            sum.add(&piece);
            store::insert_piece(tx.conn, round, number, &piece)?;
            number += 1;
            piece.clear();
        }
    }
    sum.add(&piece);
    store::insert_piece(tx.conn, round, number, &piece)?;
    let sha256 = sum.hex();
    check_request(&gathered.round, &sha256, request)?;
    let row = ClosingRow {
        round_id: round,
        snapshot_sha256: sha256.clone(),
        closed_by: admin.id,
        closed_at: tx.now,
    };
    store::insert_closing(tx.conn, row)?;
    Ok(sha256)
}

/// How many there are.
fn promise_letters(tx: &mut Tx<'_>, site: &Site, prepared: &Prepared) -> Result<usize> {
    let told = prepared.told(tx.now);
    let mut letters = told.letters(site, &prepared.gathered.audience);
    let mut promised = 0;
    loop {
        let batch: Vec<Promise> = letters.by_ref().take(LETTERS).collect::<Result<_>>()?;
        if batch.is_empty() {
            return Ok(promised);
        }
        outbox::promise(tx, site, &batch)?;
        promised += batch.len();
    }
}

fn must_be_assessing(round: &Round) -> Result<()> {
    round.must_be(RoundStatus::Assessing, "be closed")
}

fn check_request(round: &Round, sha256: &str, request: &CloseRequest) -> Result<()> {
    let Round { name, code, .. } = round;
    if let Some(confirm) = &request.confirm
        && ![name, code].contains(&&confirm.trim().to_owned())
    {
        let detail = format!("this round is \"{name}\", {code}; write its name to confirm");
        return Err(Problem::invalid("The round was not closed.", vec![Fault::new("/confirm", detail)]));
    }
    if request.previewed_sha256.as_ref().is_some_and(|previewed| previewed != sha256) {
        return Err(Problem::new(
            Kind::Stale,
            "Something has changed since the preview. Look at it again, then close.",
        ));
    }
    Ok(())
}

fn check_ready(evaluated: &Evaluated) -> Result<()> {
    let open = evaluated.open_points();
    if open.is_empty() {
        return Ok(());
    }
    let faults = open.into_iter().map(|point| Fault::new(point.pointer, point.detail)).collect();
    Err(Problem::new(Kind::NotReadyToClose, "The round was not closed; nothing was written or sent.")
        .with_faults(faults))
}

impl Prepared {
    fn told(&self, now: Timestamp) -> Told<'_> {
        let Self { gathered, evaluated, sha256, .. } = self;
        Told { inputs: &gathered.inputs, evaluated, snapshot_sha256: sha256, now }
    }

    fn summary(&self, emails: usize) -> serde_json::Value {
        let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
        for outcome in self.evaluated.outcomes.iter().filter_map(|decided| decided.outcome) {
            *outcomes.entry(outcome.as_str()).or_default() += 1;
        }
        json!({
            "snapshot_sha256": self.sha256,
            "outcomes": outcomes,
            "awarded_pence": self.evaluated.decided.totals.budget.spent_pence,
            "emails": emails,
        })
    }

    /// Without its emails.
    fn closing(self, closed_at: Option<Timestamp>) -> Closing {
        let blockers = self.evaluated.open_points();
        let mut outcomes = self.evaluated.outcomes;
        for outcome in &mut outcomes {
            outcome.decided_at = closed_at;
        }
        Closing {
            round_id: self.gathered.round.id,
            dry_run: closed_at.is_none(),
            closed_at,
            received: self.gathered.inputs.received_sentence(),
            outcomes,
            totals: self.evaluated.decided.totals,
            blockers,
            emails_promised: 0,
            emails: Vec::new(),
            snapshot_sha256: self.sha256,
        }
    }
}

/// A promise as it is previewed.
pub(in crate::outcomes) fn planned(promise: Promise) -> PlannedEmail {
    PlannedEmail {
        kind: promise.message.kind,
        bid_id: promise.bid,
        to: promise.to.email,
        name: promise.to.name,
        subject: promise.message.subject,
        text: promise.message.text,
        html: promise.message.html,
    }
}
