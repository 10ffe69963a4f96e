//! The words and addresses that the pages about routing share.

use crate::auth::{Reader, Role};
use crate::id::{RoutingRunId, UserId};
use crate::money::grouped;
use crate::routing::model::{AssignmentStatus, RunPurpose, Worth};

/// Whether the reader may act as well.
pub(super) fn is_admin(reader: &Reader) -> bool {
    reader.role == Some(Role::Admin)
}

/// Where a person is shown.
pub(super) fn person(id: UserId) -> String {
    format!("/people/{id}")
}

pub(super) fn run(id: RoutingRunId) -> String {
    format!("/routing-runs/{id}")
}

/// A status in a word, and the kind of its tag.
pub(super) const fn status(status: AssignmentStatus) -> (&'static str, &'static str) {
    match status {
        AssignmentStatus::Offered => ("Offered", "soon"),
        AssignmentStatus::Accepted => ("Accepted", "now"),
        AssignmentStatus::Submitted => ("Submitted", "done"),
        AssignmentStatus::Declined => ("Declined", ""),
        AssignmentStatus::Released => ("Taken back", ""),
    }
}

pub(super) const fn purpose(purpose: RunPurpose) -> &'static str {
    match purpose {
        RunPurpose::Fresh => "The first routing of the round",
        RunPurpose::Repair => "A repair, with as few changes as fill the most places",
    }
}

/// A number as people read it.
pub(super) fn number(count: impl TryInto<u64>) -> String {
    grouped(count.try_into().unwrap_or(u64::MAX))
}

/// `1 place`, `61 places`.
pub(super) fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(count))
}

/// What a run reached by each aim, in the order of the aims, with what the number means.
pub(super) fn aims(worth: &Worth, places: u64) -> Vec<(&'static str, String, &'static str)> {
    let fit = if worth.fit < 0 { "below nothing".to_owned() } else { number(worth.fit) };
    vec![
        ("Places filled", format!("{} of {}", number(worth.filled), number(places)), ""),
        ("Areas with an assessor of their own", number(worth.own_areas), ""),
        ("Short of minimum loads", number(worth.under_minimum), "Bids that assessors lack to their minimum"),
        (
            "Fit",
            fit,
            "1,000 for an assessor of the area itself, 300 less for each step further, more for shared themes; added up",
        ),
        ("Unevenness", number(worth.unevenness), "Less is more even for everybody's capacity"),
        ("Offers taken back", number(worth.changes), ""),
    ]
}
