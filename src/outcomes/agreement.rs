//! Agreement: whether outcomes follow from a snapshot, and where they part.
//!
//! Recorded outcomes are compared one at a time, because those of a large round take much room.
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

/// What follows from a snapshot, against which what was recorded is held.
pub(super) struct Recomputed {
    /// Those that no recorded outcome was held against yet.
    outcomes: BTreeMap<BidId, BidOutcome>,
    found: Vec<Difference>,
}

impl Recomputed {
    /// Works a snapshot out again.
    pub(super) fn of(inputs: &Inputs) -> Self {
        let mut found: Vec<Difference> = broken_promise(inputs).into_iter().collect();
        let outcomes = match evaluate(inputs) {
            Ok(evaluated) => evaluated.outcomes,
            Err(why) => {
                let told = format!("the snapshot cannot be evaluated: {why}");
                found.push(Difference::new("/snapshot", Value::Null, told));
                Vec::new()
            }
        };
        Self { outcomes: outcomes.into_iter().map(|outcome| (outcome.bid_id, outcome)).collect(), found }
    }

    /// Holds an outcome, as it was recorded, against the one of its bid.
    pub(super) fn compare(&mut self, recorded: BidOutcome) {
        let again = self.outcomes.remove(&recorded.bid_id);
        // All but when it was decided, which no snapshot says.
        let recorded = BidOutcome { decided_at: None, ..recorded };
        if again.as_ref() != Some(&recorded) {
            self.name(Some(&recorded), again.as_ref());
        }
    }

    /// All differences. What follows from the snapshot and was not recorded comes last.
    pub(super) fn finish(mut self) -> Vec<Difference> {
        for again in std::mem::take(&mut self.outcomes).into_values() {
            self.name(None, Some(&again));
        }
        self.found
    }

    /// Field by field.
    fn name(&mut self, recorded: Option<&BidOutcome>, again: Option<&BidOutcome>) {
        let reference = recorded.or(again).map_or("", |outcome| outcome.detail.reference.as_str());
        let value = |outcome| serde_json::to_value(outcome).unwrap_or_default();
        differ(format!("/outcomes/{reference}"), &value(recorded), &value(again), &mut self.found);
    }
}

/// Plays the acts after closing over the outcomes again.
pub(super) fn replay(inputs: &Inputs, outcomes: &[BidOutcome], acts: &[LaterAct]) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut ledger = Ledger::at_closing(inputs, outcomes);
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
fn broken_promise(inputs: &Inputs) -> Option<Difference> {
    let draw = inputs.draw.as_ref()?;
    let promised = draw.seed_sha256.clone();
    (!draw.keeps_its_promise())
        .then(|| Difference::new("/snapshot/draw/seed_sha256", promised, sha256(&draw.seed)))
}

/// Names the smallest parts that differ.
fn differ(pointer: String, recorded: &Value, recomputed: &Value, found: &mut Vec<Difference>) {
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
