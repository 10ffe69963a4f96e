//! Verifying: working a closed round's outcomes out again, from its snapshot alone; and giving out
//! the record with which anybody can.

use std::collections::BTreeMap;

use super::super::agreement;
use super::super::inputs::Inputs;
use super::super::later;
use super::super::later::model::LaterAct;
use super::super::model::{BidOutcome, Difference, Verification};
use super::super::record::{FORMAT, Letter, Record};
use super::super::store::{self, ClosingRow};
use crate::auth::Reader;
use crate::auth::secrets::sha256;
use crate::db::Conn;
use crate::id::{RoundId, RoutingRunId};
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
    let (_, closing) = on.db.read(move |conn| closing(conn, round)).await?;
    Ok((closing.snapshot, closing.snapshot_sha256))
}

/// A closed round's record and the text of its file.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn record(on: &Platform, _reader: &Reader, round: RoundId) -> Result<(Record, String)> {
    on.db.read(move |conn| record_of(conn, round)).await
}

/// The emails that tell of outcomes.
const LETTERS: [EmailKind; 3] = [EmailKind::Outcome, EmailKind::RoundSummary, EmailKind::OutcomeChanged];

fn record_of(conn: &mut Conn, round: RoundId) -> Result<(Record, String)> {
    let (round, closing) = closing(conn, round)?;
    let letters = outbox::list_of_round(conn, round.id, &LETTERS)?;
    let letters = letters.into_iter().map(|email| Letter {
        kind: email.kind,
        bid_id: email.bid_id,
        to: email.recipient,
        name: email.recipient_name,
        subject: email.subject,
        text: email.text_body,
        html_sha256: sha256(email.html_body),
    });
    let record = Record {
        format: FORMAT,
        round_id: round.id,
        round_code: round.code,
        round: round.name,
        closed_at: closing.closed_at,
        snapshot: serde_json::from_str(&closing.snapshot).map_err(Problem::internal)?,
        snapshot_sha256: closing.snapshot_sha256,
        outcomes: store::list_outcomes(conn, round.id)?,
        letters: letters.collect(),
        later_acts: later::ops::list(conn, round.id)?,
        parts: BTreeMap::new(),
        sha256: String::new(),
    };
    record.sealed().map_err(Problem::internal)
}

/// Whether a closed round's outcomes follow from its snapshot, field by field, whether the snapshot is the one that was hashed,
/// and whether each run of the router follows from its kept input. Nobody's proof is asked for: the command line has none.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn verify(on: &Platform, round: RoundId) -> Result<Verification> {
    on.db.read(move |conn| verify_in(conn, round)).await
}

/// [`verify`] of the round with this id or code.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn verify_named(on: &Platform, name: &str) -> Result<Verification> {
    let name = name.to_owned();
    on.db
        .read(move |conn| {
            let round = match name.parse() {
                Ok(id) => RoundId(id),
                Err(_) => rounds::ops::find_by_code(conn, &name)?,
            };
            verify_in(conn, round)
        })
        .await
}

fn verify_in(conn: &mut Conn, round: RoundId) -> Result<Verification> {
    let (_, closing) = closing(conn, round)?;
    let written = store::list_outcomes(conn, round)?;
    let acts = later::ops::list(conn, round)?;
    let runs = routing::ops::solve_again(conn, round)?;
    let mut verification = compare(closing, written, &acts);
    verification.routing_runs = runs.len();
    verification.differences.extend(runs.into_iter().filter_map(routed_otherwise));
    verification.agrees = verification.differences.is_empty();
    Ok(verification)
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
    let (_, closing) = closing(conn, round)?;
    let inputs = serde_json::from_str(&closing.snapshot).map_err(Problem::internal)?;
    Ok((inputs, store::list_outcomes(conn, round)?))
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

fn compare(closing: ClosingRow, written: Vec<BidOutcome>, acts: &[LaterAct]) -> Verification {
    let bids = written.len();
    let replayed = agreement::replay(&closing.snapshot, &written, acts);
    let mut differences = agreement::differences(&closing.snapshot, &closing.snapshot_sha256, written);
    differences.extend(replayed);
    Verification {
        round_id: Some(closing.round_id),
        agrees: differences.is_empty(),
        snapshot_sha256: closing.snapshot_sha256,
        bids,
        routing_runs: 0,
        differences,
    }
}
