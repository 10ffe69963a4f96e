//! What the panel settled: moderation, disagreements, rulings; and what is still open.

use super::{Head, Material, Row, Section, Table};
use crate::bids::model::Eligibility;
use crate::outcomes::combine::{Combined, Disagreed, DisagreedOn, Settled};
use crate::outcomes::decide::Override;
use crate::outcomes::inputs::{Because, BidInput};
use crate::reports::score_sheet::outcome_in_words;

/// A section of one table, or the words for there being nothing in it.
fn listed(
    heading: &'static str,
    none: &str,
    caption: &'static str,
    heads: Vec<Head>,
    rows: Vec<Vec<String>>,
) -> Section {
    if rows.is_empty() {
        return Section { heading, words: vec![none.to_owned()], ..Section::default() };
    }
    let rows = rows.into_iter().map(Row::Cells).collect();
    Section { heading, tables: vec![Table { caption, heads, rows }], ..Section::default() }
}

pub(super) fn moderation(material: &Material) -> Section {
    let rows = material.results.inputs.bids.iter().flat_map(|bid| {
        bid.moderated.iter().map(|(key, moderated)| {
            vec![
                bid.reference.clone(),
                material.title_of(key),
                own_scores(bid, key),
                moderated.score.to_string(),
                moderated.reason.clone(),
            ]
        })
    });
    let heads = vec![
        Head::words("Bid"),
        Head::words("Criterion"),
        Head::words("Assessors' scores"),
        Head::number("Moderated"),
        Head::words("Reason"),
    ];
    let caption = "Moderated scores; the assessors' own stay on record";
    listed("Moderation", "No score was moderated.", caption, heads, rows.collect())
}

/// "1, 4, 5", lowest first.
fn own_scores(bid: &BidInput, scored: &str) -> String {
    let mut scores: Vec<i32> =
        bid.assessments.iter().filter_map(|one| one.scores.get(scored).copied()).collect();
    scores.sort_unstable();
    scores.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn disagreements(material: &Material) -> Section {
    let rows = material.results.inputs.bids.iter().flat_map(|bid| {
        let found = match material.results.evaluated.combined.get(&bid.reference) {
            Some(Combined::Complete(combined)) => &combined.disagreements[..],
            Some(Combined::Incomplete(_)) | None => &[],
        };
        found.iter().map(|disagreed| disagreement(material, bid, disagreed))
    });
    let heads = vec![
        Head::words("Bid"),
        Head::words("On"),
        Head::words("Spread"),
        Head::words("Accepted spread"),
        Head::words("Settled"),
    ];
    let none = "No assessors differed by more than the round accepts.";
    let caption = "Spreads beyond what the round accepts";
    listed("Disagreements", none, caption, heads, rows.collect())
}

fn disagreement(material: &Material, bid: &BidInput, disagreed: &Disagreed) -> Vec<String> {
    let (on, unit) = match &disagreed.on {
        DisagreedOn::Overall => ("The whole bid".to_owned(), Some("points")),
        DisagreedOn::Criterion(scored) => (material.title_of(scored), Some("levels")),
        DisagreedOn::Recommendation => ("Whether to fund it".to_owned(), None),
        DisagreedOn::InScope => ("Whether it is in scope".to_owned(), None),
    };
    let settled = match disagreed.settled {
        Settled::No => "Not yet".to_owned(),
        Settled::Moderated => "By moderation".to_owned(),
        Settled::Accepted => {
            let reason = bid.disagreement_accepted.as_ref().map(|ruled| ruled.reason.as_str());
            format!("Accepted: {}", reason.unwrap_or_default())
        }
    };
    let (spread, accepted) = unit.map_or_else(
        || ("Split".to_owned(), "None".to_owned()),
        |unit| (format!("{} {unit}", disagreed.spread.rounded()), format!("{} {unit}", disagreed.limit)),
    );
    vec![bid.reference.clone(), on, spread, accepted, settled]
}

pub(super) fn rulings(material: &Material) -> Section {
    let inputs = &material.results.inputs;
    let mut rows: Vec<Vec<String>> = inputs.bids.iter().flat_map(of_a_bid).collect();
    if let Some(order) = &inputs.tie_order {
        let bids = order.bids.join(", ");
        rows.push(vec![bids, "Tied bids put in this order, best first".to_owned(), order.reason.clone()]);
    }
    let heads = ["Bid", "Decision", "Reason"].map(Head::words).into();
    let none = "Nothing was decided outside the ranking.";
    listed("Decisions and overrides", none, "Decisions by administrators", heads, rows)
}

fn of_a_bid(bid: &BidInput) -> Vec<Vec<String>> {
    let ineligible = (bid.eligibility == Eligibility::Ineligible)
        .then(|| ("Found ineligible".to_owned(), bid.eligibility_reason.clone().unwrap_or_default()));
    let ruled = [
        (&bid.excluded, "Left out"),
        (&bid.accepted_short, "Ranked on the assessments that it has"),
        (&bid.disagreement_accepted, "Disagreement accepted"),
    ];
    let ruled =
        ruled.into_iter().filter_map(|(ruled, what)| Some((what.to_owned(), ruled.as_ref()?.reason.clone())));
    let overridden =
        bid.overridden.as_ref().map(|one| (override_in_words(&one.decision), one.decision.reason.clone()));
    let all = ineligible.into_iter().chain(ruled).chain(overridden);
    all.map(|(what, reason)| vec![bid.reference.clone(), what, reason]).collect()
}

fn override_in_words(decision: &Override) -> String {
    let amount = decision.amount_pence.map(|amount| format!(", {amount}")).unwrap_or_default();
    let conditions =
        decision.conditions.as_ref().map(|text| format!(". Conditions: {text}")).unwrap_or_default();
    format!("Override: {}{amount}{conditions}", outcome_in_words(decision.outcome))
}

pub(super) fn set_aside(material: &Material) -> Section {
    let rows = material.results.inputs.bids.iter().flat_map(|bid| {
        bid.set_aside.iter().map(|one| {
            let because = match one.because {
                Because::NotAssigned => "The assignment was given up or released",
                Because::Conflict => "The assessor has a conflict of interest",
            };
            let assessor = material.names.person(one.assessor_id).to_owned();
            vec![bid.reference.clone(), assessor, because.to_owned()]
        })
    });
    let heads = ["Bid", "Assessor", "Why"].map(Head::words).into();
    let none = "Every submitted assessment counts.";
    let caption = "Submitted assessments that do not count";
    listed("Assessments that do not count", none, caption, heads, rows.collect())
}

pub(super) fn open_points(material: &Material) -> Section {
    let rows = material.results.evaluated.open_points().into_iter().map(|point| vec![point.detail]);
    let none = "Nothing: the round can be closed as it stands.";
    let heads = vec![Head::words("To settle")];
    listed("What keeps the round from being closed", none, "Open points", heads, rows.collect())
}
