//! The record of a closed round as one file, which proves itself without the database.
//!
//! The file is canonical JSON. It holds the snapshot and its SHA-256, the outcomes and the letters as
//! they were written, a SHA-256 of each of its parts, and one of the whole. The hash of each part
//! says *where* a byte was changed; recomputing says whether the outcomes follow from the snapshot.
//! Whoever changes the file and all its hashes still meets the snapshot's SHA-256 in the closing's
//! audit event and in the administrators' email.
//!
//! A file is verified as it goes by, in three readings: its parts and their hashes; its values, of which
//! only the snapshot is kept; its outcomes, one at a time. None holds the whole text.
//!
//! Unlike the snapshot, the letters name the people they went to: the file is for auditors.
//!
//! Must not know: storage, the time.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::agreement::{Recomputed, replay};
use super::inputs::Inputs;
use super::later::model::LaterAct;
use super::model::{BidOutcome, Difference, Verification};
use super::parts::{Broken, Parts, Scan};
use super::passing::{Each, each_in};
use crate::clock::Timestamp;
use crate::id::{BidId, RoundId};
use crate::mail::EmailKind;

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

/// A [`Record`] of which no outcome and no letter is kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gist {
    #[serde(rename = "format")]
    _format: u32,
    round_id: RoundId,
    #[serde(rename = "round_code")]
    _round_code: String,
    #[serde(rename = "round")]
    _round: String,
    #[serde(rename = "closed_at")]
    _closed_at: Timestamp,
    snapshot: Inputs,
    snapshot_sha256: String,
    outcomes: Each<BidOutcome>,
    #[serde(rename = "letters")]
    _letters: Each<Letter>,
    later_acts: Vec<LaterAct>,
    parts: BTreeMap<String, String>,
    sha256: String,
}

/// Verifies a file's text.
#[must_use]
pub fn verify(text: &str) -> Verification {
    verify_from(|| Ok(text.as_bytes()))
}

/// Verifies a file on its own: its form, the hash of each part, and whether the outcomes follow from
/// the snapshot. `open` begins the file anew, and is called for each reading.
#[must_use]
pub fn verify_from<R: Read>(open: impl Fn() -> io::Result<R>) -> Verification {
    let now = match scan(&open) {
        Ok(Ok(parts)) => parts,
        Ok(Err(Broken { pointer, byte })) => {
            let told = format!("this is no JSON from byte {byte} on");
            return Verification::refused(vec![Difference::new(pointer, Value::Null, told)]);
        }
        Err(error) => {
            let told = format!("the file cannot be read: {error}");
            return Verification::refused(vec![Difference::new("", Value::Null, told)]);
        }
    };
    let read = open().map_err(serde_json::Error::io);
    match read.and_then(|file| serde_json::from_reader::<_, Gist>(BufReader::new(file))) {
        Ok(gist) => compare(now, gist, &open),
        Err(error) => {
            let told = format!("this is no record of a round: {error}");
            let mut found = vec![Difference::new("", Value::Null, told)];
            found.extend(
                parts_alone(&open).map(|recorded| changed_parts(&recorded, &now)).unwrap_or_default(),
            );
            Verification::refused(found)
        }
    }
}

fn scan<R: Read>(open: &impl Fn() -> io::Result<R>) -> io::Result<Result<Parts, Broken>> {
    let mut file = open()?;
    let mut scan = Scan::default();
    let mut piece = vec![0; 1 << 16];
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(scan.finish()),
            Ok(read) => {
                if let Err(broken) = scan.push(piece.get(..read).unwrap_or_default()) {
                    return Ok(Err(broken));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn compare<R: Read>(now: Parts, gist: Gist, open: &impl Fn() -> io::Result<R>) -> Verification {
    let Gist { round_id, snapshot, snapshot_sha256, outcomes, later_acts, parts, sha256, .. } = gist;
    let mut found = changed_parts(&parts, &now);
    if found.is_empty() && sha256 != now.whole {
        found.push(Difference::new("/sha256", sha256, now.whole));
    }
    let snapshot_now = now.hashes.get("/snapshot").cloned().unwrap_or_default();
    if snapshot_now != snapshot_sha256 {
        found.push(Difference::new("/snapshot", snapshot_sha256.as_str(), snapshot_now));
    }
    let spaced = now.spaced;
    // Both are as long as the list of the file's parts.
    drop((parts, now.hashes));

    let mut recomputed = Recomputed::of(&snapshot);
    let mut written = Vec::new();
    let read = each_in(open, "outcomes", |outcome: BidOutcome| {
        if !later_acts.is_empty() {
            written.push(outcome.clone());
        }
        recomputed.compare(outcome);
    });
    found.extend(recomputed.finish());
    found.extend(replay(&snapshot, &written, &later_acts));
    if let Err(error) = read {
        found.push(Difference::new("/outcomes", Value::Null, format!("the file cannot be read: {error}")));
    }
    if let Some(at) = spaced.filter(|_| found.is_empty()) {
        let told = format!("byte {at} is not as the service writes it, though it says the same");
        found.push(Difference::new("", Value::Null, told));
    }
    Verification {
        round_id: Some(round_id),
        agrees: found.is_empty(),
        snapshot_sha256,
        bids: outcomes.count(),
        routing_runs: 0,
        differences: found,
    }
}

/// The recorded hashes of a file whose other fields cannot be read.
fn parts_alone<R: Read>(open: &impl Fn() -> io::Result<R>) -> Option<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    struct Alone {
        parts: BTreeMap<String, String>,
    }
    let alone: Alone = serde_json::from_reader(BufReader::new(open().ok()?)).ok()?;
    Some(alone.parts)
}

/// The smallest parts whose hash is not the recorded one.
fn changed_parts(recorded: &BTreeMap<String, String>, now: &Parts) -> Vec<Difference> {
    let names = now.hashes.keys().chain(recorded.keys());
    let mut changed: Vec<&String> = names.filter(|at| recorded.get(*at) != now.hashes.get(*at)).collect();
    changed.sort();
    changed.dedup();
    let holds_another = |at: &str| {
        let within = format!("{at}/");
        let next = changed.partition_point(|other| other.as_str() < within.as_str());
        changed.get(next).is_some_and(|other| other.starts_with(&within))
    };
    let hash = |hash: Option<&String>| hash.map_or(Value::Null, |hash| Value::from(hash.as_str()));
    let smallest = changed.iter().filter(|at| !holds_another(at));
    smallest
        .map(|at| Difference::new(at.as_str(), hash(recorded.get(*at)), hash(now.hashes.get(*at))))
        .collect()
}
