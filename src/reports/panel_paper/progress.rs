//! Bids received and assessments done.

use std::collections::BTreeMap;

use super::{Head, Material, Row, Section, Table, counted};
use crate::bids::model::{BidStatus, Eligibility};
use crate::id::UserId;
use crate::outcomes::combine::Combined;
use crate::routing::model::AssignmentStatus;

pub(super) fn received(material: &Material) -> Section {
    let inputs = &material.results.inputs;
    let withdrawn = inputs.bids.iter().filter(|bid| bid.status == BidStatus::Withdrawn).count();
    let ineligible = inputs.received().filter(|bid| bid.eligibility == Eligibility::Ineligible).count();
    let apart = format!(
        "Of these, {} found ineligible. Besides, {} withdrawn and {} begun and never submitted.",
        was(ineligible),
        was(withdrawn),
        was(material.drafts),
    );
    let mut by_area: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for bid in inputs.received() {
        for code in &bid.areas {
            *by_area.entry((material.names.area(code), code)).or_default() += 1;
        }
    }
    let rows = by_area
        .into_iter()
        .map(|((name, code), bids)| Row::Cells(vec![name.to_owned(), code.to_owned(), bids.to_string()]));
    Section {
        heading: "Bids received",
        words: vec![format!("{}.", inputs.received_sentence()), apart],
        tables: vec![Table {
            caption: "Bids by area; a bid that covers two areas counts in both",
            heads: vec![Head::words("Area"), Head::words("ONS code"), Head::number("Bids")],
            rows: rows.collect(),
        }],
        ..Section::default()
    }
}

fn was(bids: usize) -> String {
    format!("{} {}", counted(bids, "bid", "bids"), if bids == 1 { "was" } else { "were" })
}

pub(super) fn assessments(material: &Material) -> Section {
    let mut by_assessor: BTreeMap<UserId, (usize, usize)> = BTreeMap::new();
    let standing = material.assignments.iter().filter(|assignment| assignment.status.stands());
    for assignment in standing {
        let (assigned, submitted) = by_assessor.entry(assignment.assessor_id).or_default();
        *assigned += 1;
        *submitted += usize::from(assignment.status == AssignmentStatus::Submitted);
    }
    let assigned: usize = by_assessor.values().map(|(assigned, _)| assigned).sum();
    let submitted: usize = by_assessor.values().map(|(_, submitted)| submitted).sum();
    let mut rows: Vec<Vec<String>> = by_assessor
        .into_iter()
        .map(|(id, (assigned, submitted))| {
            vec![material.names.person(id).to_owned(), assigned.to_string(), submitted.to_string()]
        })
        .collect();
    rows.sort();
    Section {
        heading: "Assessment",
        words: vec![format!("{submitted} of {assigned} assessments are submitted. {}", incomplete(material))],
        tables: vec![Table {
            caption: "Assessments by assessor",
            heads: vec![Head::words("Assessor"), Head::number("Assigned"), Head::number("Submitted")],
            rows: rows.into_iter().map(Row::Cells).collect(),
        }],
        ..Section::default()
    }
}

/// Of the bids that take part.
fn incomplete(material: &Material) -> String {
    let results = &material.results;
    let assessed = results.inputs.received().filter(|bid| bid.eligibility != Eligibility::Ineligible);
    let short = assessed.filter_map(|bid| match results.evaluated.combined.get(&bid.reference)? {
        Combined::Complete(_) => None,
        Combined::Incomplete(incomplete) => {
            Some(format!("{} ({} of {})", bid.reference, incomplete.have, incomplete.need))
        }
    });
    let short: Vec<String> = short.collect();
    if short.is_empty() {
        "Every bid that takes part has all the assessments that it needs.".to_owned()
    } else {
        format!("Incomplete: {}.", short.join(", "))
    }
}
