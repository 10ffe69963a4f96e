//! Declared interests, and how each was handled.
//!
//! What was declared after the round was closed is not part of its paper.

use std::collections::BTreeMap;

use super::{Head, Material, Row, Section, Table, counted};
use crate::accounts::model::{Interest, Severity, normal_number};
use crate::clock::Timestamp;
use crate::id::{BidId, UserId};
use crate::outcomes::inputs::{Because, BidInput};

/// One row of the table, ordered by assessor, then by time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    assessor: String,
    since: Option<Timestamp>,
    interest: String,
    handled: String,
}

impl Line {
    fn cells(self) -> Row {
        let since = self.since.map_or_else(|| "–".to_owned(), Timestamp::london_day);
        Row::Cells(vec![self.assessor, since, self.interest, self.handled])
    }
}

pub(super) fn declared(material: &Material) -> Section {
    let round = Concerned::of(material);
    let mut lines: Vec<Line> = round.interests();
    lines.extend(round.employers());
    lines.extend(round.given_up());
    lines.sort();
    let accepted = material.assignments.iter().filter(|assignment| assignment.accepted_at.is_some()).count();
    let accepted = format!(
        "Whoever accepts an assignment declares that there is no conflict of interest: {} made.",
        match accepted {
            1 => "1 such declaration was".to_owned(),
            many => format!("{} were", counted(many, "such declaration", "such declarations")),
        }
    );
    let none = lines.is_empty().then(|| "No interest was declared.".to_owned());
    let table = Table {
        caption: "Interests of the round's assessors",
        heads: ["Assessor", "Since", "Interest", "How it was handled"].map(Head::words).into(),
        rows: lines.into_iter().map(Line::cells).collect(),
    };
    Section {
        heading: "Declared interests",
        words: none.into_iter().chain([accepted]).collect(),
        tables: if table.rows.is_empty() { Vec::new() } else { vec![table] },
        ..Section::default()
    }
}

/// Which bids an interest touches.
struct Concerned<'a> {
    material: &'a Material,
    bids: BTreeMap<BidId, &'a BidInput>,
    by_number: BTreeMap<&'a str, Vec<BidId>>,
}

impl<'a> Concerned<'a> {
    fn of(material: &'a Material) -> Self {
        let mut by_number: BTreeMap<&str, Vec<BidId>> = BTreeMap::new();
        for (bid, numbers) in &material.registered_numbers {
            for number in numbers {
                let bids = by_number.entry(number).or_default();
                // A bidder may have named its own number, or a partner's twice.
                if bids.last() != Some(bid) {
                    bids.push(*bid);
                }
            }
        }
        Self { material, bids: material.bids_by_id(), by_number }
    }

    fn interests(&self) -> Vec<Line> {
        let known = self.material.known_until();
        let known = self.material.interests.iter().filter(|interest| interest.declared_at <= known);
        known.map(|interest| self.interest(interest)).collect()
    }

    fn interest(&self, interest: &Interest) -> Line {
        let of_the_number =
            interest.registered_number.as_deref().and_then(|number| self.by_number.get(number));
        let bids = of_the_number.into_iter().flatten().chain(&interest.bid_id).copied();
        let bids: Vec<BidId> = bids.filter(|bid| self.bids.contains_key(bid)).collect();
        let kind = match interest.severity {
            Severity::Hard => "Hard",
            Severity::Soft => "Soft",
        };
        Line {
            assessor: self.material.names.person(interest.assessor_id).to_owned(),
            since: Some(interest.declared_at),
            interest: format!("{kind}: {}", interest.description),
            handled: self.handled(interest, &bids),
        }
    }

    fn handled(&self, interest: &Interest, bids: &[BidId]) -> String {
        if bids.is_empty() {
            return "Concerns no bid of this round.".to_owned();
        }
        let known = self.material.known_until();
        let waived =
            interest.severity == Severity::Soft && interest.overridden_at.is_some_and(|at| at <= known);
        let references = self.references(bids);
        if waived {
            let reason = interest.overridden_reason.as_deref().unwrap_or_default();
            return format!("An administrator allowed assessing {references}: {reason}");
        }
        self.kept_from(interest.assessor_id, bids)
    }

    /// The employer is the bidder, or a partner.
    fn employers(&self) -> Vec<Line> {
        let rows = self.material.assessors.iter().filter_map(|assessor| {
            let number = normal_number(assessor.employer_number.as_deref()?);
            let bids = self.by_number.get(number.as_str())?;
            Some(Line {
                assessor: assessor.name.clone(),
                since: None,
                interest: "Employed by the bidder or a partner".to_owned(),
                handled: self.kept_from(assessor.id, bids),
            })
        });
        rows.collect()
    }

    /// Offers that were declined, and assignments that their assessor gave up, with the reasons given.
    fn given_up(&self) -> Vec<Line> {
        let given_up = self.material.assignments.iter().filter(|assignment| assignment.was_given_up());
        let rows = given_up.map(|assignment| {
            let reason = assignment.decline_reason.as_deref().unwrap_or("no reason was given");
            Line {
                assessor: self.material.names.person(assignment.assessor_id).to_owned(),
                since: assignment.declined_at.or(assignment.released_at),
                interest: format!("Gave up {}: {reason}", self.references(&[assignment.bid_id])),
                handled: "Not routed to the bid again.".to_owned(),
            }
        });
        rows.collect()
    }

    fn kept_from(&self, assessor: UserId, bids: &[BidId]) -> String {
        let set_aside: Vec<BidId> = bids
            .iter()
            .filter(|bid| {
                self.bids.get(bid).is_some_and(|bid| {
                    bid.set_aside
                        .iter()
                        .any(|one| one.assessor_id == assessor && one.because == Because::Conflict)
                })
            })
            .copied()
            .collect();
        let kept = format!("Kept from assessing {}.", self.references(bids));
        if set_aside.is_empty() {
            kept
        } else {
            format!("{kept} What was submitted on {} does not count.", self.references(&set_aside))
        }
    }

    fn references(&self, bids: &[BidId]) -> String {
        let references = bids.iter().filter_map(|bid| Some(self.bids.get(bid)?.reference.as_str()));
        references.collect::<Vec<_>>().join(", ")
    }
}
