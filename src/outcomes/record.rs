//! The record of a closed round as one file, which proves itself without the database.
//!
//! The file is canonical JSON. It holds the snapshot and its SHA-256, the outcomes and the letters as
//! they were written, a SHA-256 of each of its parts, and one of the whole. The hash of each part
//! says *where* a byte was changed; recomputing says whether the outcomes follow from the snapshot.
//! Whoever changes the file and all its hashes still meets the snapshot's SHA-256 in the closing's
//! audit event and in the administrators' email.
//!
//! Unlike the snapshot, the letters name the people they went to: the file is for auditors.
//!
//! Must not know: storage, the time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::agreement;
use super::later::model::LaterAct;
use super::model::{BidOutcome, Difference, Verification};
use crate::auth::secrets::sha256;
use crate::canonical::canonical;
use crate::clock::Timestamp;
use crate::id::{BidId, RoundId};
use crate::mail::EmailKind;
use crate::rest::escaped;

/// Which form of the file this program writes.
pub const FORMAT: u32 = 1;

/// Everything that a closed round leaves behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Record {
    #[schema(example = 1)]
    pub format: u32,
    pub round_id: RoundId,
    #[schema(example = "FT1")]
    pub round_code: String,
    #[schema(example = "Round 1")]
    pub round: String,
    pub closed_at: Timestamp,
    /// Every input of the outcomes, as `GET /rounds/{id}/snapshot` gives it.
    #[schema(value_type = Object)]
    pub snapshot: Value,
    /// Of the snapshot's canonical text, as in the audit trail and the administrators' email.
    pub snapshot_sha256: String,
    /// As they were written, in the order of the bids' ids.
    pub outcomes: Vec<BidOutcome>,
    /// Of the closing and of the acts after it, as they were promised, oldest first.
    pub letters: Vec<Letter>,
    /// What was done after closing, in order.
    pub later_acts: Vec<LaterAct>,
    /// SHA-256 of the canonical text of each part, by the part's JSON pointer.
    pub parts: BTreeMap<String, String>,
    /// Of the canonical text of all of the above.
    pub sha256: String,
}

/// An email of the closing, or of an act after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Letter {
    pub kind: EmailKind,
    pub bid_id: Option<BidId>,
    #[schema(example = "priya@calder.example.org")]
    pub to: String,
    pub name: String,
    pub subject: String,
    pub text: String,
    /// Of the HTML body, which says the same.
    pub html_sha256: String,
}

impl Record {
    /// The file's text, with the hashes of its parts and of the whole put in.
    ///
    /// # Errors
    /// A value cannot be written as JSON, which none of these types allows.
    pub fn sealed(mut self) -> Result<(Self, String), serde_json::Error> {
        // One tree of values serves all three: of a large round it is many times its text.
        let mut whole = serde_json::to_value(&self)?;
        self.parts = parts(&whole);
        put(&mut whole, "parts", serde_json::to_value(&self.parts)?);
        self.sha256 = hash_of_whole(&mut whole);
        put(&mut whole, "sha256", Value::from(self.sha256.as_str()));
        let text = canonical(&whole);
        Ok((self, text))
    }
}

/// The hashes of the file itself, which no part of it can hold.
const HASHES: [&str; 2] = ["parts", "sha256"];

/// Of all but this hash itself, which is left where it was.
fn hash_of_whole(record: &mut Value) -> String {
    let own = record.as_object_mut().and_then(|fields| fields.remove("sha256"));
    let hash = sha256(canonical(record));
    if let Some(own) = own {
        put(record, "sha256", own);
    }
    hash
}

fn put(record: &mut Value, name: &str, value: Value) {
    if let Some(fields) = record.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

/// Every field of the file and of its snapshot, and every object or list in a list: fine enough to
/// lead to one assessment, one criterion, one letter.
fn parts(record: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, field) in record.as_object().into_iter().flatten() {
        if HASHES.contains(&name.as_str()) {
            continue;
        }
        let at = format!("/{}", escaped(name));
        found.insert(at.clone(), sha256(canonical(field)));
        if name == "snapshot" {
            for (name, part) in field.as_object().into_iter().flatten() {
                found.insert(format!("{at}/{}", escaped(name)), sha256(canonical(part)));
            }
        }
        parts_within(&at, field, &mut found);
    }
    found
}

fn parts_within(at: &str, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                parts_within(&format!("{at}/{}", escaped(name)), field, found);
            }
        }
        Value::Array(items) => {
            let items = items.iter().enumerate().filter(|(_, item)| item.is_object() || item.is_array());
            for (place, item) in items {
                let at = format!("{at}/{place}");
                found.insert(at.clone(), sha256(canonical(item)));
                parts_within(&at, item, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Verifies a file on its own: its form, the hash of each part, and whether the outcomes follow from
/// the snapshot.
#[must_use]
pub fn verify(text: &str) -> Verification {
    let mut record: Value = match serde_json::from_str(text) {
        Ok(record) => record,
        Err(error) => {
            let told = format!("this is no JSON: {error}");
            return Verification::refused(vec![Difference::new("", Value::Null, told)]);
        }
    };
    let mut found = changed_parts(&mut record);
    let record = match serde_json::from_value::<Record>(record) {
        Ok(typed) => {
            let snapshot = canonical(&typed.snapshot);
            found.extend(agreement::differences(&snapshot, &typed.snapshot_sha256, typed.outcomes.clone()));
            found.extend(agreement::replay(&snapshot, &typed.outcomes, &typed.later_acts));
            Some(typed)
        }
        Err(error) => {
            found.push(Difference::new("", Value::Null, format!("this is no record of a round: {error}")));
            None
        }
    };
    if found.is_empty()
        && let Some(at) = not_canonical(text)
    {
        let told = format!("byte {at} is not as the service writes it, though it says the same");
        found.push(Difference::new("", Value::Null, told));
    }
    match record {
        Some(record) => Verification {
            round_id: Some(record.round_id),
            agrees: found.is_empty(),
            snapshot_sha256: record.snapshot_sha256,
            bids: record.outcomes.len(),
            routing_runs: 0,
            differences: found,
        },
        None => Verification::refused(found),
    }
}

/// The smallest parts whose hash is not the recorded one, and the hash of the whole where it alone
/// is another.
fn changed_parts(record: &mut Value) -> Vec<Difference> {
    let hash = |pointer: &str| record.get("parts").and_then(|parts| parts.get(pointer));
    let now = parts(record);
    let recorded = record.get("parts").and_then(Value::as_object);
    let names = now.keys().chain(recorded.into_iter().flat_map(|parts| parts.keys()));
    let mut changed: Vec<&String> =
        names.filter(|at| hash(at).and_then(Value::as_str) != now.get(*at).map(String::as_str)).collect();
    changed.sort();
    changed.dedup();
    let holds_another = |at: &str| {
        let within = format!("{at}/");
        let next = changed.partition_point(|other| other.as_str() < within.as_str());
        changed.get(next).is_some_and(|other| other.starts_with(&within))
    };
    let smallest = changed.iter().filter(|at| !holds_another(at)).map(|at| {
        let (recorded, now) = (hash(at).cloned().unwrap_or_default(), now.get(*at).cloned());
        Difference::new(at.as_str(), recorded, now.map_or(Value::Null, Value::from))
    });
    let mut found: Vec<Difference> = smallest.collect();
    let recorded = record.get("sha256").cloned().unwrap_or_default();
    let whole = hash_of_whole(record);
    if found.is_empty() && recorded != whole {
        found.push(Difference::new("/sha256", recorded, whole));
    }
    found
}

/// The first byte that is not the canonical text's, which may end with a line.
fn not_canonical(text: &str) -> Option<usize> {
    let written: Value = serde_json::from_str(text).ok()?;
    let (text, written) = (text.strip_suffix('\n').unwrap_or(text).as_bytes(), canonical(&written));
    let written = written.as_bytes();
    if text == written {
        return None;
    }
    let same = text.iter().zip(written).take_while(|(ours, theirs)| ours == theirs).count();
    Some(same + 1)
}
