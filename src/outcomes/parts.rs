//! The parts of a record's text and the hash of each, read off the text as it goes by: a tree of values would
//! take many times its room.
//!
//! A part is every field of the file and of its snapshot, and every object or list in a list: fine enough
//! to lead to one assessment, one criterion, one letter. Canonical JSON has one text for one value, so
//! the hash of a part is that of its bytes. Space between tokens is none of them: it is passed over, and the
//! first is remembered.
//!
//! Only the shape is judged here (what is open, what is closed); whoever reads the values judges the rest.
//!
//! Must not know: what the fields mean, where the text comes from.

use std::collections::BTreeMap;

use crate::auth::secrets::Sum;
use crate::rest::escaped;

/// The hashes of the file itself, which no part of it can hold.
pub(super) const HASHES: [&str; 2] = ["parts", "sha256"];
/// The hash of the whole, which is of all but itself.
const OWN: &str = "sha256";

/// Where a text stops being JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    /// Within which part.
    pub pointer: String,
    /// From 1.
    pub byte: usize,
}

/// What a whole text came to.
#[derive(Debug)]
pub(super) struct Parts {
    /// SHA-256 by JSON pointer.
    pub hashes: BTreeMap<String, String>,
    /// Of the text without its own hash.
    pub whole: String,
    /// The first byte that is space between tokens, from 1; a last line's end is none.
    pub spaced: Option<usize>,
}

/// Reads a text, piece by piece.
#[derive(Default)]
pub(super) struct Scan {
    /// Bytes of earlier pieces.
    before: usize,
    /// Innermost last.
    open: Vec<Container>,
    /// A string, number or word that has begun.
    scalar: Option<Option<Sum>>,
    text: Text,
    /// Of the value that is read.
    pointer: String,
    hashes: BTreeMap<String, String>,
    whole: Sum,
    /// Whether what is read belongs to the whole; between the root's fields nothing is.
    in_whole: bool,
    fields: usize,
    spaced: Option<usize>,
    line_end: Option<usize>,
    is_done: bool,
}

/// Where in a text the reading stands.
#[derive(Default)]
enum Text {
    #[default]
    Outside,
    String {
        escaped: bool,
    },
    /// A name, with what was read of it.
    Name {
        escaped: bool,
        read: Vec<u8>,
    },
    /// A name that waits for its colon.
    Named(Vec<u8>),
}

struct Container {
    is_list: bool,
    /// Items begun.
    items: usize,
    awaits_name: bool,
    /// The length of the pointer to it.
    pointer: usize,
    sum: Option<Sum>,
}

impl Scan {
    /// # Errors
    /// The text is no JSON.
    pub fn push(&mut self, piece: &[u8]) -> Result<(), Broken> {
        // What the open parts have not been given yet begins here.
        let mut from = 0;
        for (at, byte) in piece.iter().enumerate() {
            let told = self.read(piece, &mut from, at, *byte);
            told.ok_or_else(|| Broken { pointer: self.pointer.clone(), byte: self.before + at + 1 })?;
        }
        self.give(piece.get(from..).unwrap_or_default());
        self.before += piece.len();
        Ok(())
    }

    /// # Errors
    /// The text ends too early.
    pub fn finish(self) -> Result<Parts, Broken> {
        if !self.is_done {
            return Err(Broken { pointer: self.pointer, byte: self.before + 1 });
        }
        Ok(Parts { hashes: self.hashes, whole: self.whole.hex(), spaced: self.spaced })
    }

    /// `None` where the text is no JSON.
    fn read(&mut self, piece: &[u8], from: &mut usize, at: usize, byte: u8) -> Option<()> {
        match &mut self.text {
            Text::String { escaped } => {
                match byte {
                    _ if *escaped => *escaped = false,
                    b'\\' => *escaped = true,
                    b'"' => self.text = Text::Outside,
                    _ => {}
                }
                Some(())
            }
            Text::Name { escaped, read } => {
                match byte {
                    _ if *escaped => *escaped = false,
                    b'\\' => *escaped = true,
                    b'"' => {
                        let read = std::mem::take(read);
                        self.text = Text::Named(read);
                        return Some(());
                    }
                    _ => {}
                }
                read.push(byte);
                Some(())
            }
            Text::Outside | Text::Named(_) => self.read_outside(piece, from, at, byte),
        }
    }

    fn read_outside(&mut self, piece: &[u8], from: &mut usize, at: usize, byte: u8) -> Option<()> {
        // What follows the end is nothing but a line's end.
        if self.is_done || byte.is_ascii_whitespace() {
            return self.space(piece, from, at, byte);
        }
        match byte {
            b':' => self.name(from, at),
            b',' => {
                self.give_until(piece, from, at);
                self.end_scalar();
                let root = self.open.len() == 1;
                let container = self.open.last_mut()?;
                container.awaits_name = !container.is_list;
                self.pointer.truncate(container.pointer);
                if root {
                    self.in_whole = false;
                }
                Some(())
            }
            b'}' | b']' => self.close(piece, from, at, byte == b']'),
            b'"' if self.open.last().is_some_and(|container| container.awaits_name) => {
                self.text = Text::Name { escaped: false, read: Vec::new() };
                Some(())
            }
            b'{' | b'[' => self.begin(piece, from, at, Some(byte == b'[')),
            _ if self.scalar.is_some() => (byte != b'"').then_some(()),
            _ => {
                self.begin(piece, from, at, None)?;
                if byte == b'"' {
                    self.text = Text::String { escaped: false };
                }
                Some(())
            }
        }
    }

    fn space(&mut self, piece: &[u8], from: &mut usize, at: usize, byte: u8) -> Option<()> {
        self.give_until(piece, from, at);
        *from = at + 1;
        let place = self.before + at + 1;
        if self.is_done && byte == b'\n' && self.line_end.is_none() {
            self.line_end = Some(place);
        } else {
            self.spaced.get_or_insert(place);
        }
        byte.is_ascii_whitespace().then_some(())
    }

    /// A name's colon.
    fn name(&mut self, from: &mut usize, at: usize) -> Option<()> {
        let Text::Named(name) = std::mem::take(&mut self.text) else { return None };
        let root = self.open.len() == 1;
        let container = self.open.last_mut()?;
        container.awaits_name = false;
        self.pointer.truncate(container.pointer);
        let quoted = [b"\"", name.as_slice(), b"\""].concat();
        let plain: String = serde_json::from_slice(&quoted).ok()?;
        self.pointer.push('/');
        self.pointer.push_str(&escaped(&plain));
        if root {
            *from = at + 1;
            self.in_whole = plain != OWN;
            if self.in_whole {
                let comma: &[u8] = if self.fields > 0 { b"," } else { b"" };
                [comma, &quoted, b":"].into_iter().for_each(|bytes| self.whole.add(bytes));
                self.fields += 1;
            }
        }
        Some(())
    }

    /// A value begins: a list, an object, or `None` of both.
    fn begin(&mut self, piece: &[u8], from: &mut usize, at: usize, is_list: Option<bool>) -> Option<()> {
        if self.scalar.is_some() {
            return None;
        }
        let depth = self.open.len();
        let mut in_list = false;
        if let Some(container) = self.open.last_mut() {
            if container.awaits_name {
                return None;
            }
            self.pointer.truncate(if container.is_list { container.pointer } else { self.pointer.len() });
            if container.is_list {
                in_list = true;
                self.pointer.push_str(&format!("/{}", container.items));
            }
            container.items += 1;
        } else if is_list != Some(false) {
            return None;
        }
        self.give_until(piece, from, at);
        let sum = self.is_part(depth, in_list && is_list.is_some()).then(Sum::default);
        match is_list {
            Some(is_list) => {
                let pointer = self.pointer.len();
                self.open.push(Container { is_list, items: 0, awaits_name: !is_list, pointer, sum });
                if depth == 0 {
                    self.whole.add(b"{");
                    *from = at + 1;
                }
            }
            None => self.scalar = Some(sum),
        }
        Some(())
    }

    fn is_part(&self, depth: usize, is_composed_item: bool) -> bool {
        let mut steps = self.pointer.split('/').skip(1);
        let field = steps.next().unwrap_or_default();
        if HASHES.contains(&field) {
            return false;
        }
        depth == 1 || (depth == 2 && field == "snapshot") || is_composed_item
    }

    /// The end of an object or a list.
    fn close(&mut self, piece: &[u8], from: &mut usize, at: usize, is_list: bool) -> Option<()> {
        self.give_until(piece, from, at);
        self.end_scalar();
        if self.open.last()?.is_list != is_list {
            return None;
        }
        if self.open.len() == 1 {
            self.whole.add(b"}");
            self.is_done = true;
            self.in_whole = false;
        } else {
            self.give_until(piece, from, at + 1);
        }
        *from = at + 1;
        let container = self.open.pop()?;
        self.pointer.truncate(container.pointer);
        self.keep(container.sum);
        Some(())
    }

    fn end_scalar(&mut self) {
        if let Some(sum) = self.scalar.take() {
            self.keep(sum);
        }
    }

    fn keep(&mut self, sum: Option<Sum>) {
        if let Some(sum) = sum {
            self.hashes.insert(self.pointer.clone(), sum.hex());
        }
    }

    fn give_until(&mut self, piece: &[u8], from: &mut usize, to: usize) {
        self.give(piece.get(*from..to).unwrap_or_default());
        *from = (*from).max(to);
    }

    /// Gives bytes to all that is open.
    fn give(&mut self, bytes: &[u8]) {
        if self.in_whole {
            self.whole.add(bytes);
        }
        let open = self.open.iter_mut().filter_map(|container| container.sum.as_mut());
        open.chain(self.scalar.iter_mut().flatten()).for_each(|sum| sum.add(bytes));
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test that cannot read its text has failed")]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::secrets::sha256;
    use crate::canonical::canonical;

    fn scanned(text: &str, size: usize) -> Parts {
        let mut scan = Scan::default();
        text.as_bytes().chunks(size).for_each(|piece| scan.push(piece).expect("JSON"));
        scan.finish().expect("a whole text")
    }

    /// In the order of its names.
    fn record() -> Value {
        json!({
            "bids": [{"a": [1, [2, "x"], {"b": null}]}, "plain", -4.5e3, []],
            "name/of~it": "quotes \" and \\ and { [ , : ] } \u{1F600} \u{7}",
            "parts": {"/bids": ["0"], "/name": "1"}, "sha256": "ff",
            "snapshot": {"bids": [{"assessments": [{"s": {"need": 5}}], "id": 7}], "n": 1, "round": "R"},
            "z": true,
        })
    }

    #[test]
    fn every_part_has_the_hash_of_its_canonical_text_however_the_text_comes() {
        let record = record();
        let text = canonical(&record);
        let mut without = record.clone();
        without.as_object_mut().expect("fields").remove("sha256");
        for size in [1, 2, 7, text.len()] {
            let found = scanned(&text, size);
            let pointers: Vec<&str> = found.hashes.keys().map(String::as_str).collect();
            assert_eq!(
                pointers,
                [
                    "/bids",
                    "/bids/0",
                    "/bids/0/a/1",
                    "/bids/0/a/2",
                    "/bids/3",
                    "/name~1of~0it",
                    "/snapshot",
                    "/snapshot/bids",
                    "/snapshot/bids/0",
                    "/snapshot/bids/0/assessments/0",
                    "/snapshot/n",
                    "/snapshot/round",
                    "/z"
                ]
            );
            for (pointer, hash) in &found.hashes {
                let part = record.pointer(pointer).expect("a part");
                assert_eq!(*hash, sha256(canonical(part)), "{pointer} in pieces of {size}");
            }
            assert_eq!(found.whole, sha256(canonical(&without)));
            assert_eq!(found.spaced, None);
        }
    }

    #[test]
    fn space_between_tokens_changes_no_hash_and_is_remembered() {
        let pretty = serde_json::to_string_pretty(&record()).expect("a text");
        let (tight, spaced) = (scanned(&canonical(&record()), 9), scanned(&pretty, 9));
        assert_eq!((tight.hashes, tight.whole), (spaced.hashes, spaced.whole));
        assert_eq!(spaced.spaced, Some(2));
        assert_eq!(scanned("{\"a\":1}\n", 3).spaced, None, "an editor's last line");
        assert_eq!(scanned("{\"a\":1}\n\n", 3).spaced, Some(9));
    }

    #[test]
    fn where_a_text_breaks_is_named() {
        let broken = |text: &str| {
            let mut scan = Scan::default();
            let found = scan.push(text.as_bytes()).err().or_else(|| scan.finish().err());
            found.map(|broken| (broken.pointer, broken.byte))
        };
        let at = |pointer: &str, byte: usize| Some((pointer.to_owned(), byte));
        assert_eq!(broken("Dear auditor"), at("", 1));
        assert_eq!(broken("{\"a\":[{\"b\":1]}"), at("/a/0/b", 13));
        assert_eq!(broken("{\"a\":[1,2"), at("/a/1", 10));
        assert_eq!(broken("{\"a\":\"x\"\"y\"}"), at("/a", 9));
        assert_eq!(broken("{\"a\":1}{"), at("", 8));
        assert_eq!(broken("{\"a\" 1}"), at("", 6));
    }
}
