//! A long paper cut into leaves, so that no page of it is slow to load. The file is never cut.
//!
//! Invariants: the leaves hold every word and row of the paper once and in order; a short paper is one
//! leaf; a table that goes on has its heads again, a section its heading.
//!
//! Must not know: addresses.

use super::{Row, Section, Table};

/// The most that the sections of one leaf weigh, in bytes of HTML. A row that weighs more has a leaf of
/// its own.
const MOST: usize = 40_000;
/// Bytes of the marks around a cell, a row, a paragraph, and around a heading or a table.
const CELL: usize = 30;
const ROW: usize = 10;
const WORDS: usize = 10;
const FRAME: usize = 250;

/// What stands on one page of the paper.
pub type Leaf = Vec<Section>;

/// Cuts a paper's sections into leaves, of which there is at least one.
#[must_use]
pub fn leaves(sections: Vec<Section>) -> Vec<Leaf> {
    let mut cut = Cut { leaves: vec![Vec::new()], weight: 0 };
    for section in sections {
        cut.lay(section);
    }
    cut.leaves
}

struct Cut {
    leaves: Vec<Leaf>,
    /// Of the last leaf.
    weight: usize,
}

impl Cut {
    fn lay(&mut self, section: Section) {
        let Section { heading, is_continued, words, tables } = section;
        let weight = FRAME + words.iter().map(|words| WORDS + written(words)).sum::<usize>();
        if !self.holds(weight) {
            self.turn();
        }
        self.weight += weight;
        self.push(Section { heading, is_continued, words, tables: Vec::new() });
        for table in tables {
            self.lay_table(heading, table);
        }
    }

    fn lay_table(&mut self, heading: &'static str, table: Table) {
        let Table { caption, heads, rows } = table;
        let head = FRAME + heads.iter().map(|head| CELL + written(head.text())).sum::<usize>();
        let empty = Table { caption, heads, rows: Vec::new() };
        if rows.is_empty() {
            self.open(empty, head);
            return;
        }
        let mut is_open = false;
        for row in rows {
            let weight = weight(&row);
            if !self.holds(weight + if is_open { 0 } else { head }) {
                self.turn();
                self.push(Section { heading, is_continued: true, ..Section::default() });
                is_open = false;
            }
            if !is_open {
                self.open(empty.clone(), head);
                is_open = true;
            }
            self.weight += weight;
            if let Some(table) = self.section().and_then(|section| section.tables.last_mut()) {
                table.rows.push(row);
            }
        }
    }

    /// Whether the last leaf has room for so much, or is empty.
    fn holds(&self, weight: usize) -> bool {
        self.weight == 0 || self.weight + weight <= MOST
    }

    fn turn(&mut self) {
        self.leaves.push(Vec::new());
        self.weight = 0;
    }

    fn push(&mut self, section: Section) {
        if let Some(leaf) = self.leaves.last_mut() {
            leaf.push(section);
        }
    }

    fn section(&mut self) -> Option<&mut Section> {
        self.leaves.last_mut().and_then(|leaf| leaf.last_mut())
    }

    fn open(&mut self, table: Table, weight: usize) {
        self.weight += weight;
        if let Some(section) = self.section() {
            section.tables.push(table);
        }
    }
}

fn weight(row: &Row) -> usize {
    match row {
        Row::Cells(cells) => ROW + cells.iter().map(|cell| CELL + written(cell)).sum::<usize>(),
        Row::Across(words) => ROW + CELL + written(words),
    }
}

/// Bytes of a text in HTML, where some characters are written as five.
fn written(text: &str) -> usize {
    text.len() + 4 * text.bytes().filter(|byte| b"&<>\"'".contains(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::super::Head;
    use super::*;

    fn section(heading: &'static str, rows: usize) -> Section {
        let row = |row: usize| Row::Cells(vec![format!("{heading} {row}"), "A reason. ".repeat(20)]);
        let heads = vec![Head::words("Reference"), Head::words("Reason")];
        let table = Table { caption: "Why", heads, rows: (0..rows).map(row).collect() };
        Section { heading, words: vec![heading.to_lowercase()], tables: vec![table], ..Section::default() }
    }

    fn rows(sections: &[Section]) -> Vec<Row> {
        sections.iter().flat_map(|section| &section.tables).flat_map(|table| table.rows.clone()).collect()
    }

    #[test]
    fn a_short_paper_is_one_leaf_and_stays_as_it_was() {
        let paper = vec![section("Scores", 5), section("Money", 3)];
        assert_eq!(leaves(paper.clone()), [paper]);
        assert_eq!(leaves(Vec::new()), [Vec::new()]);
    }

    #[test]
    fn a_long_paper_is_cut_between_rows_and_loses_none() {
        let paper = vec![section("Scores", 400), section("Money", 3), section("Rulings", 300)];
        let cut = leaves(paper.clone());
        assert!(cut.len() > 3);
        assert_eq!(rows(&cut.concat()), rows(&paper));
        let begins: Vec<&str> =
            cut.concat().iter().filter(|one| !one.is_continued).map(|one| one.heading).collect();
        assert_eq!(begins, ["Scores", "Money", "Rulings"]);
        let words: Vec<String> = cut.concat().into_iter().flat_map(|one| one.words).collect();
        assert_eq!(words, ["scores", "money", "rulings"]);
        for leaf in &cut {
            let weight: usize = rows(leaf).iter().map(weight).sum();
            assert!((1..=MOST).contains(&weight), "{weight}");
            assert!(leaf.iter().flat_map(|one| &one.tables).all(|table| table.heads.len() == 2));
        }
        // What goes on says so.
        assert_eq!(cut[1][0].heading, "Scores");
        assert!(cut[1][0].is_continued && cut[1][0].words.is_empty());
    }

    #[test]
    fn a_row_that_is_too_long_is_not_lost() {
        let long = Row::Across("'".repeat(MOST));
        let mut paper = section("Scores", 2);
        paper.tables[0].rows.insert(1, long.clone());
        let cut = leaves(vec![paper.clone()]);
        assert_eq!(rows(&cut.concat()), rows(&[paper]));
        assert_eq!(cut.len(), 3);
    }
}
