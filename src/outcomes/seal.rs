//! Sealing: writing a record's file from its typed parts, in order and a piece at a time, with the hash of
//! each part and of the whole put in their places.
//!
//! Invariant: the text is canonical, so fields are written in the order of their names; the two that hold
//! the hashes come when the rest is known.
//!
//! Must not know: storage, what the fields mean.

use serde::Serialize;
use serde::ser::Error as _;
use serde_json::{Error, Value};

use super::parts::{Broken, HASHES, Scan};
use crate::auth::secrets::Sum;
use crate::canonical::canonical;

/// About how long a piece is, in bytes.
const PIECE: usize = 1 << 20;

/// The file of a record. Its pieces one after the other are its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    /// SHA-256 of all but this hash itself.
    pub sha256: String,
    pub pieces: Vec<String>,
}

impl RecordFile {
    /// Its text, whole.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces.concat()
    }
}

/// A file that is being written.
#[derive(Default)]
pub struct Seal {
    /// What stands before the first hash, between the two and after them.
    pieces: [Vec<String>; 3],
    /// Where the last field stands.
    place: usize,
    scan: Scan,
    broken: Option<Broken>,
    fields: usize,
    items: usize,
}

impl Seal {
    /// A field.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub fn field(&mut self, name: &str, value: &impl Serialize) -> Result<(), Error> {
        self.name(name);
        self.value(value)
    }

    /// A field whose canonical text comes in pieces, with [`Self::text`].
    pub fn name(&mut self, name: &str) {
        self.place = HASHES.iter().position(|hash| name < *hash).unwrap_or(HASHES.len());
        let start = if self.fields == 0 { '{' } else { ',' };
        self.fields += 1;
        self.text(&format!("{start}{}:", Value::from(name)));
    }

    /// A field that is a list, item by item; [`Self::end`] ends it.
    pub fn list(&mut self, name: &str) {
        self.name(name);
        self.items = 0;
    }

    /// # Errors
    /// The item cannot be written as JSON.
    pub fn item(&mut self, item: &impl Serialize) -> Result<(), Error> {
        self.text(if self.items == 0 { "[" } else { "," });
        self.items += 1;
        self.value(item)
    }

    pub fn end(&mut self) {
        self.text(if self.items == 0 { "[]" } else { "]" });
    }

    fn value(&mut self, value: &impl Serialize) -> Result<(), Error> {
        self.text(&canonical(&serde_json::to_value(value)?));
        Ok(())
    }

    /// More of the canonical text.
    pub fn text(&mut self, text: &str) {
        if self.broken.is_none() {
            self.broken = self.scan.push(text.as_bytes()).err();
        }
        let pieces = &mut self.pieces[self.place];
        match pieces.last_mut() {
            Some(last) if last.len() + text.len() <= PIECE => last.push_str(text),
            Some(_) | None => {
                let mut piece = String::with_capacity(text.len().max(PIECE));
                piece.push_str(text);
                pieces.push(piece);
            }
        }
    }

    /// Puts the hashes in.
    ///
    /// # Errors
    /// A text that was handed over is no JSON.
    pub fn close(mut self) -> Result<RecordFile, Error> {
        self.text("}");
        let [mut before, between, after] = self.pieces;
        let read = self.broken.map_or_else(|| self.scan.finish(), Err);
        let told = |broken: Broken| Error::custom(format!("{} is no JSON", broken.pointer));
        let parts = read.map_err(told)?.hashes;
        before.push(format!(",\"parts\":{}", serde_json::to_string(&parts)?));
        let mut whole = Sum::default();
        before.iter().chain(&between).chain(&after).for_each(|piece| whole.add(piece.as_bytes()));
        let sha256 = whole.hex();
        let own = format!(",\"sha256\":{}", Value::from(sha256.as_str()));
        let pieces = before.into_iter().chain(between).chain([own]).chain(after).collect();
        Ok(RecordFile { sha256, pieces })
    }
}
