//! Verifying: working a closed round's outcomes out again, from its snapshot alone; and giving out
//! the record with which anybody can.

use serde_json::Value;

use super::super::agreement::{Recomputed, replay};
use super::super::inputs::Inputs;
use super::super::later;
use super::super::model::{BidOutcome, Difference, Verification};
use super::super::record::{FORMAT, Letter};
use super::super::seal::{RecordFile, Seal};
use super::super::store::{self, ClosingRow};
use crate::auth::Reader;
use crate::auth::secrets::sha256;
use crate::db::Conn;
use crate::id::{RoundId, RoutingRunId};
use crate::mail::outbox::EmailRow;
use crate::mail::{EmailKind, outbox};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rounds;
use crate::rounds::model::Round;
use crate::routing;
use crate::routing::ops::Again;

/// A closed round's snapshot, as it was written, and its SHA-256.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn snapshot(on: &Platform, _reader: &Reader, round: RoundId) -> Result<(String, String)> {
    on.db
        .read(move |conn| {
            let (_, closing) = closing(conn, round)?;
            Ok((snapshot_text(conn, round)?, closing.snapshot_sha256))
        })
        .await
}

/// SHA-256 of a closed round's snapshot, as it was written.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn snapshot_sha256(on: &Platform, _reader: &Reader, round: RoundId) -> Result<String> {
    on.db
        .read(move |conn| {
            let (_, closing) = closing(conn, round)?;
            Ok(closing.snapshot_sha256)
        })
        .await
}

/// The file of a closed round's record, and the round.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn record(on: &Platform, _reader: &Reader, round: RoundId) -> Result<(Round, RecordFile)> {
    on.db.read(move |conn| record_of(conn, round)).await
}

/// The emails that tell of outcomes.
const LETTERS: [EmailKind; 3] = [EmailKind::Outcome, EmailKind::RoundSummary, EmailKind::OutcomeChanged];

/// Outcomes, letters and the snapshot are written as they are read, and only their text is kept.
fn record_of(conn: &mut Conn, round: RoundId) -> Result<(Round, RecordFile)> {
    let (round, closing) = closing(conn, round)?;
    let mut file = Seal::default();
    file.field("closed_at", &closing.closed_at).map_err(Problem::internal)?;
    file.field("format", &FORMAT).map_err(Problem::internal)?;
    file.field("later_acts", &later::ops::list(conn, round.id)?).map_err(Problem::internal)?;
    file.list("letters");
    outbox::each_of_round(conn, round.id, &LETTERS, |email| {
        file.item(&letter(email)).map_err(Problem::internal)
    })?;
    file.end();
    file.list("outcomes");
    store::each_outcome(conn, round.id, |outcome| file.item(&outcome).map_err(Problem::internal))?;
    file.end();
    file.field("round", &round.name).map_err(Problem::internal)?;
    file.field("round_code", &round.code).map_err(Problem::internal)?;
    file.field("round_id", &round.id).map_err(Problem::internal)?;
    file.name("snapshot");
    store::each_piece(conn, round.id, |piece| file.text(piece))?;
    file.field("snapshot_sha256", &closing.snapshot_sha256).map_err(Problem::internal)?;
    Ok((round, file.close().map_err(Problem::internal)?))
}

fn letter(email: EmailRow) -> Letter {
    Letter {
        kind: email.kind,
        bid_id: email.bid_id,
        to: email.recipient,
        name: email.recipient_name,
        subject: email.subject,
        text: email.text_body,
        html_sha256: sha256(email.html_body),
    }
}

/// Whether a closed round's outcomes follow from its snapshot, field by field, whether the snapshot is the one that was hashed,
/// and whether each run of the router follows from its kept input. Nobody's proof is asked for: the command line has none.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn verify(on: &Platform, round: RoundId) -> Result<Verification> {
    on.db.read(move |conn| verify_in(conn, round, &|_, _| {})).await
}

/// [`verify`] of the round with this id or code. `told` hears how many runs of the router are solved again, of how many.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn verify_named(
    on: &Platform,
    name: &str,
    told: impl Fn(usize, usize) + Send + 'static,
) -> Result<Verification> {
    let name = name.to_owned();
    on.db
        .read(move |conn| {
            let round = match name.parse() {
                Ok(id) => RoundId(id),
                Err(_) => rounds::ops::find_by_code(conn, &name)?,
            };
            verify_in(conn, round, &told)
        })
        .await
}

fn verify_in(conn: &mut Conn, round: RoundId, told: &dyn Fn(usize, usize)) -> Result<Verification> {
    let (_, closing) = closing(conn, round)?;
    let mut differences = Vec::new();
    let snapshot = snapshot_text(conn, round)?;
    let hash = sha256(&snapshot);
    if hash != closing.snapshot_sha256 {
        differences.push(Difference::new("/snapshot", closing.snapshot_sha256.as_str(), hash));
    }
    let inputs = serde_json::from_str(&snapshot);
    drop(snapshot);
    let bids = match inputs {
        Ok(inputs) => compare(conn, &inputs, round, &mut differences)?,
        Err(why) => {
            let found = format!("the snapshot cannot be evaluated: {why}");
            differences.push(Difference::new("/snapshot", Value::Null, found));
            store::list_outcomes(conn, round)?.len()
        }
    };
    let runs = routing::ops::solve_again(conn, round, told)?;
    let routing_runs = runs.len();
    differences.extend(runs.into_iter().filter_map(routed_otherwise));
    Ok(Verification {
        round_id: Some(round),
        agrees: differences.is_empty(),
        snapshot_sha256: closing.snapshot_sha256,
        bids,
        routing_runs,
        differences,
    })
}

/// Holds the written outcomes, and the acts after closing, against what follows from the snapshot; gives how
/// many outcomes there are.
fn compare(
    conn: &mut Conn,
    inputs: &Inputs,
    round: RoundId,
    differences: &mut Vec<Difference>,
) -> Result<usize> {
    let acts = later::ops::list(conn, round)?;
    let (mut bids, mut written) = (0, Vec::new());
    let mut recomputed = Recomputed::of(inputs);
    store::each_outcome(conn, round, |outcome| {
        bids += 1;
        if !acts.is_empty() {
            written.push(outcome.clone());
        }
        recomputed.compare(outcome);
        Ok(())
    })?;
    differences.extend(recomputed.finish());
    differences.extend(replay(inputs, &written, &acts));
    Ok(bids)
}

/// A run that its kept input does not give again.
fn routed_otherwise((run, again): (RoutingRunId, Again)) -> Option<Difference> {
    let found = match again {
        Again::Same | Again::AsGood => return None,
        Again::Other => "solving the run's input again gives another routing",
        Again::InputChanged => "the run's input has another hash",
    };
    Some(Difference::new(format!("/routing/{run}"), "the routing that was kept", found))
}

/// The snapshot of a closed round as inputs, and its outcomes as they were written.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub(in crate::outcomes) fn closed(conn: &mut Conn, round: RoundId) -> Result<(Inputs, Vec<BidOutcome>)> {
    closing(conn, round)?;
    Ok((snapshot_inputs(conn, round)?, store::list_outcomes(conn, round)?))
}

/// # Errors
/// `internal`: the round is not closed.
pub(super) fn snapshot_inputs(conn: &mut Conn, round: RoundId) -> Result<Inputs> {
    serde_json::from_str(&snapshot_text(conn, round)?).map_err(Problem::internal)
}

fn snapshot_text(conn: &mut Conn, round: RoundId) -> Result<String> {
    let mut text = String::new();
    store::each_piece(conn, round, |piece| text.push_str(piece))?;
    Ok(text)
}

fn closing(conn: &mut Conn, round: RoundId) -> Result<(Round, ClosingRow)> {
    let round = rounds::ops::load(conn, round)?;
    match store::find_closing(conn, round.id)? {
        Some(closing) => Ok((round, closing)),
        None => Err(Problem::new(
            Kind::NotFound,
            format!("{} has no snapshot: it is made when a round is closed.", round.name),
        )),
    }
}
