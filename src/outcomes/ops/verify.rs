//! Verifying: working a closed round's outcomes out again, from its snapshot alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::evaluate::evaluate;
use super::super::inputs::Inputs;
use super::super::model::{BidOutcome, Difference, Verification};
use super::super::store::{self, ClosingRow};
use crate::auth::Reader;
use crate::auth::secrets::sha256;
use crate::db::Conn;
use crate::id::{BidId, RoundId};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rounds;

/// A closed round's snapshot, as it was written, and its SHA-256.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn snapshot(on: &Platform, _reader: &Reader, round: RoundId) -> Result<(String, String)> {
    let closing = on.db.read(move |conn| closing(conn, round)).await?;
    Ok((closing.snapshot, closing.snapshot_sha256))
}

/// Whether a closed round's outcomes follow from its snapshot, field by field, and whether the
/// snapshot is the one that was hashed. Nobody's proof is asked for: the command line has none.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn verify(on: &Platform, round: RoundId) -> Result<Verification> {
    on.db
        .read(move |conn| {
            let closing = closing(conn, round)?;
            let written = store::list_outcomes(conn, round)?;
            Ok(compare(&closing, written))
        })
        .await
}

fn closing(conn: &mut Conn, round: RoundId) -> Result<ClosingRow> {
    let round = rounds::ops::load(conn, round)?;
    store::find_closing(conn, round.id)?.ok_or_else(|| {
        Problem::new(
            Kind::NotFound,
            format!("{} has no snapshot: it is made when a round is closed.", round.name),
        )
    })
}

fn compare(closing: &ClosingRow, written: Vec<BidOutcome>) -> Verification {
    let mut differences = Vec::new();
    let hash = sha256(&closing.snapshot);
    if hash != closing.snapshot_sha256 {
        let recorded = Value::from(closing.snapshot_sha256.as_str());
        differences.push(Difference { pointer: "/snapshot".to_owned(), recorded, recomputed: hash.into() });
    }
    let bids = written.len();
    match recompute(&closing.snapshot) {
        Ok(recomputed) => compare_outcomes(written, recomputed, &mut differences),
        Err(why) => differences.push(Difference {
            pointer: "/snapshot".to_owned(),
            recorded: Value::Null,
            recomputed: format!("the snapshot cannot be evaluated: {why}").into(),
        }),
    }
    Verification {
        round_id: closing.round_id,
        agrees: differences.is_empty(),
        snapshot_sha256: closing.snapshot_sha256.clone(),
        bids,
        differences,
    }
}

fn recompute(snapshot: &str) -> Result<Vec<BidOutcome>, String> {
    let inputs: Inputs = serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
    let evaluated = evaluate(&inputs).map_err(|error| error.to_string())?;
    Ok(evaluated.outcomes)
}

fn compare_outcomes(
    written: Vec<BidOutcome>,
    recomputed: Vec<BidOutcome>,
    differences: &mut Vec<Difference>,
) {
    let by_bid = |outcomes: Vec<BidOutcome>| -> BTreeMap<BidId, BidOutcome> {
        outcomes.into_iter().map(|outcome| (outcome.bid_id, outcome)).collect()
    };
    let (written, recomputed) = (by_bid(written), by_bid(recomputed));
    let bids: BTreeSet<&BidId> = written.keys().chain(recomputed.keys()).collect();
    for bid in bids {
        let (recorded, again) = (written.get(bid), recomputed.get(bid));
        let reference = recorded.or(again).map_or("", |outcome| outcome.detail.reference.as_str());
        let (recorded, again) = (fields(recorded), fields(again));
        differ(format!("/outcomes/{reference}"), &recorded, &again, differences);
    }
}

/// All that the snapshot decides: everything but when it was decided.
fn fields(outcome: Option<&BidOutcome>) -> Value {
    let outcome = outcome.map(|outcome| BidOutcome { decided_at: None, ..outcome.clone() });
    serde_json::to_value(outcome).unwrap_or_default()
}

/// Names the smallest parts that differ.
fn differ(pointer: String, recorded: &Value, recomputed: &Value, differences: &mut Vec<Difference>) {
    if recorded == recomputed {
        return;
    }
    if let (Value::Object(ours), Value::Object(theirs)) = (recorded, recomputed) {
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for name in names {
            let part =
                |fields: &serde_json::Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            let here = format!("{pointer}/{}", crate::rest::escaped(name));
            differ(here, &part(ours), &part(theirs), differences);
        }
    } else {
        differences.push(Difference { pointer, recorded: recorded.clone(), recomputed: recomputed.clone() });
    }
}
