//! The panel's paper: a round on paper, from the bids received to the money awarded, with everything
//! that was declared, moderated and decided on the way.
//!
//! A paper is headings, words and tables; the template knows no more of it. Before the round is
//! closed it is a draft, and says so.
//!
//! Must not know: storage, HTTP.

mod decisions;
mod interests;
mod later;
mod leaves;
mod money;
mod progress;
mod ranking;

use std::collections::BTreeMap;

pub use leaves::{Leaf, leaves};

use super::names::Names;
use crate::accounts::model::{AssessorProfile, Interest};
use crate::clock::Timestamp;
use crate::id::BidId;
use crate::outcomes::inputs::BidInput;
use crate::outcomes::ops::Results;
use crate::routing::model::Assignment;

/// A whole paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paper {
    pub title: String,
    /// Letters and digits.
    pub round_code: String,
    /// What holds of it: draft or final, and as of when.
    pub standing: String,
    pub is_draft: bool,
    pub sections: Vec<Section>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Section {
    pub heading: &'static str,
    /// Whether an earlier leaf begins it.
    pub is_continued: bool,
    /// Paragraphs.
    pub words: Vec<String>,
    pub tables: Vec<Table>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub caption: &'static str,
    pub heads: Vec<Head>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Head {
    Words(String),
    /// Its column's ends are lined up.
    Number(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// As many as there are heads; the first names the row.
    Cells(Vec<String>),
    /// One statement across all columns.
    Across(String),
}

impl Section {
    /// Names it within a page.
    #[must_use]
    pub fn id(&self) -> String {
        self.heading.to_lowercase().replace(|mark: char| !mark.is_ascii_alphanumeric(), "-")
    }
}

impl Head {
    fn words(text: impl Into<String>) -> Self {
        Self::Words(text.into())
    }

    fn number(text: impl Into<String>) -> Self {
        Self::Number(text.into())
    }

    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Words(text) | Self::Number(text) => text,
        }
    }

    #[must_use]
    pub fn is_number(&self) -> bool {
        match self {
            Self::Words(_) => false,
            Self::Number(_) => true,
        }
    }
}

impl Table {
    /// A row's cells, each with whether it is a number.
    #[must_use]
    pub fn cells<'a>(&'a self, cells: &'a [String]) -> Vec<(&'a str, bool)> {
        cells.iter().zip(&self.heads).map(|(cell, head)| (cell.as_str(), head.is_number())).collect()
    }
}

/// What a paper is made of.
pub struct Material {
    pub results: Results,
    pub names: Names,
    /// Bids that were begun and never submitted.
    pub drafts: usize,
    /// By bid: the registered numbers of its bidder and the partners.
    pub registered_numbers: BTreeMap<BidId, Vec<String>>,
    /// All of the round.
    pub assignments: Vec<Assignment>,
    /// All who are in the round's pool or have been assigned.
    pub assessors: Vec<AssessorProfile>,
    /// Of these assessors.
    pub interests: Vec<Interest>,
    /// When it was read.
    pub read_at: Timestamp,
}

/// The paper.
#[must_use]
pub fn paper(material: &Material) -> Paper {
    let inputs = &material.results.inputs;
    let is_draft = material.results.round.closed_at.is_none();
    let mut sections = vec![
        progress::received(material),
        progress::assessments(material),
        ranking::scores(material),
        money::outcomes(material),
    ];
    if !is_draft {
        sections.push(later::changes(material));
    }
    sections.extend([
        interests::declared(material),
        decisions::moderation(material),
        decisions::disagreements(material),
        decisions::rulings(material),
        decisions::set_aside(material),
    ]);
    if is_draft {
        sections.push(decisions::open_points(material));
    }
    Paper {
        title: format!("{}, {}: paper for the panel", inputs.fund, inputs.round),
        round_code: inputs.round_code.clone(),
        standing: standing(material),
        is_draft,
        sections,
    }
}

fn standing(material: &Material) -> String {
    match (material.results.round.closed_at, &material.results.snapshot_sha256) {
        (Some(closed_at), Some(sha256)) => format!(
            "Final. The round was closed at {}. Everything that the outcomes depend on is in its snapshot, whose \
             SHA-256 is {sha256}.",
            closed_at.london()
        ),
        _ => format!(
            "Draft, as things stood at {}. The round is not closed: every score, rank and outcome may change.",
            material.read_at.london()
        ),
    }
}

impl Material {
    /// Where it counts what was known: until the round was closed, or until now.
    fn known_until(&self) -> Timestamp {
        self.results.round.closed_at.unwrap_or(self.read_at)
    }

    fn bids_by_id(&self) -> BTreeMap<BidId, &BidInput> {
        self.results.inputs.bids.iter().map(|bid| (bid.id, bid)).collect()
    }

    /// Of what is scored under this name.
    fn title_of(&self, scored: &str) -> String {
        self.results.inputs.rules.find_scored(scored).map_or_else(|| scored.to_owned(), |one| one.title())
    }
}

/// "1 bid", "5 bids".
fn counted(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
