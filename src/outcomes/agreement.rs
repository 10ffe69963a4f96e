//! Agreement: whether outcomes follow from a snapshot, and where they part.
//!
//! Must not know: whether either came from a database or from a file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::evaluate::evaluate;
use super::inputs::Inputs;
use super::later::ledger::Ledger;
use super::later::model::LaterAct;
use super::model::{BidOutcome, Difference};
use crate::auth::secrets::sha256;
use crate::id::BidId;
use crate::rest::escaped;

/// Every difference between what was recorded of a closing and what follows from its snapshot:
/// first the snapshot's own hash, then the outcomes by reference, field by field.
pub(super) fn differences(
    snapshot: &str,
    recorded_sha256: &str,
    written: Vec<BidOutcome>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let hash = sha256(snapshot);
    if hash != recorded_sha256 {
        found.push(Difference::new("/snapshot", recorded_sha256, hash));
    }
    found.extend(broken_promise(snapshot));
    match recompute(snapshot) {
        Ok(recomputed) => compare_outcomes(written, recomputed, &mut found),
        Err(why) => {
            let told = format!("the snapshot cannot be evaluated: {why}");
            found.push(Difference::new("/snapshot", Value::Null, told));
        }
    }
    found
}

/// Plays the acts after closing over the outcomes again.
pub(super) fn replay(snapshot: &str, outcomes: &[BidOutcome], acts: &[LaterAct]) -> Vec<Difference> {
    let mut found = Vec::new();
    // A snapshot that cannot be read is named where the outcomes are compared.
    let Ok(inputs) = serde_json::from_str::<Inputs>(snapshot) else { return found };
    let mut ledger = Ledger::at_closing(&inputs, outcomes);
    for (act, number) in acts.iter().zip(1_u32..) {
        let at = format!("/later_acts/{}", act.number);
        let value = |part| serde_json::to_value(part).unwrap_or_default();
        if act.number != number {
            found.push(Difference::new(format!("{at}/number"), act.number, number));
        }
        match ledger.play(&act.act) {
            Ok((was, now)) => {
                differ(format!("{at}/was"), &value(&act.was), &value(&was), &mut found);
                differ(format!("{at}/now"), &value(&act.now), &value(&now), &mut found);
            }
            Err(faults) => {
                let why: Vec<String> = faults.into_iter().map(|fault| fault.detail).collect();
                found.push(Difference::new(format!("{at}/act"), Value::Null, why.join("; ")));
            }
        }
    }
    found
}

/// A draw's seed that is not the one that was committed to at opening.
fn broken_promise(snapshot: &str) -> Option<Difference> {
    let draw = serde_json::from_str::<Inputs>(snapshot).ok()?.draw?;
    let promised = draw.seed_sha256.clone();
    (!draw.keeps_its_promise())
        .then(|| Difference::new("/snapshot/draw/seed_sha256", promised, sha256(&draw.seed)))
}

fn recompute(snapshot: &str) -> Result<Vec<BidOutcome>, String> {
    let inputs: Inputs = serde_json::from_str(snapshot).map_err(|error| error.to_string())?;
    let evaluated = evaluate(&inputs).map_err(|error| error.to_string())?;
    Ok(evaluated.outcomes)
}

fn compare_outcomes(written: Vec<BidOutcome>, recomputed: Vec<BidOutcome>, found: &mut Vec<Difference>) {
    let by_bid = |outcomes: Vec<BidOutcome>| -> BTreeMap<BidId, BidOutcome> {
        outcomes.into_iter().map(|outcome| (outcome.bid_id, outcome)).collect()
    };
    let (written, recomputed) = (by_bid(written), by_bid(recomputed));
    let bids: BTreeSet<&BidId> = written.keys().chain(recomputed.keys()).collect();
    for bid in bids {
        let (recorded, again) = (written.get(bid), recomputed.get(bid));
        let reference = recorded.or(again).map_or("", |outcome| outcome.detail.reference.as_str());
        let (recorded, again) = (fields(recorded), fields(again));
        differ(format!("/outcomes/{reference}"), &recorded, &again, found);
    }
}

/// All that the snapshot decides: everything but when it was decided.
fn fields(outcome: Option<&BidOutcome>) -> Value {
    let outcome = outcome.map(|outcome| BidOutcome { decided_at: None, ..outcome.clone() });
    serde_json::to_value(outcome).unwrap_or_default()
}

/// Names the smallest parts that differ.
pub(super) fn differ(pointer: String, recorded: &Value, recomputed: &Value, found: &mut Vec<Difference>) {
    if recorded == recomputed {
        return;
    }
    if let (Value::Object(ours), Value::Object(theirs)) = (recorded, recomputed) {
        let names: BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
        for name in names {
            let part = |fields: &Map<String, Value>| fields.get(name).cloned().unwrap_or_default();
            differ(format!("{pointer}/{}", escaped(name)), &part(ours), &part(theirs), found);
        }
    } else {
        found.push(Difference { pointer, recorded: recorded.clone(), recomputed: recomputed.clone() });
    }
}
