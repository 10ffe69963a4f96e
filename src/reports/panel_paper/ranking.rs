//! The scores in the order of the ranking, the funding line, and each bid's reason.

use super::{Head, Material, Row, Section, Table};
use crate::outcomes::calibrate::DrawnBy;
use crate::outcomes::combine::{Combined, Exact};
use crate::outcomes::decide::Outcome;
use crate::outcomes::inputs::BidInput;
use crate::outcomes::model::BidOutcome;
use crate::reports::score_sheet::outcome_in_words;
use crate::rounds::rules::{Criterion, Scored};

const NONE: &str = "–";

pub(super) fn scores(material: &Material) -> Section {
    let rules = &material.results.inputs.rules;
    let weights: Vec<String> = rules.criteria.iter().map(weight).collect();
    let threshold = match rules.overall_threshold {
        Some(points) => format!(" A bid needs {points} points of 100 to be funded."),
        None => String::new(),
    };
    Section {
        heading: "Scores and the funding line",
        words: vec![
            format!("The combined score is out of 100, by these weights: {}.{threshold}", weights.join(", ")),
            format!(
                "The funding line stands below the last bid that the ranking awards. {} An award below it was decided \
                 outside the ranking, with a reason.",
                what_draws_it(material)
            ),
        ],
        tables: [Some(ranking(material)), sub_criteria(material), Some(reasons(material))]
            .into_iter()
            .flatten()
            .collect(),
        ..Section::default()
    }
}

/// What keeps the next bid from being paid.
fn what_draws_it(material: &Material) -> String {
    let rules = &material.results.inputs.rules;
    match material.results.evaluated.line_drawn_by(rules) {
        DrawnBy::Money => {
            "It is drawn by the money, which pays none of the bids below it that meet the thresholds."
                .to_owned()
        }
        DrawnBy::Threshold => format!(
            "It is drawn by the threshold of {} points, because there is money for every bid that meets the thresholds.",
            rules.overall_threshold.unwrap_or(0)
        ),
        DrawnBy::Nothing => {
            "It keeps nobody out: there is money for every bid that is ranked, and no overall threshold."
                .to_owned()
        }
    }
}

/// "Need and demand 30", or "Delivery 40 (Plan 20, Team 20)".
fn weight(criterion: &Criterion) -> String {
    let whole = format!("{} {}", criterion.title, criterion.weight);
    if criterion.sub_criteria.is_empty() {
        return whole;
    }
    let scored = criterion.scored();
    let subs = scored.iter().zip(&criterion.sub_criteria);
    let subs: Vec<String> =
        subs.map(|(one, sub)| format!("{} {}", sub.title, one.effective_weight())).collect();
    format!("{whole} ({})", subs.join(", "))
}

/// The scores behind those of criteria with sub-criteria, for the bids that have a combined score.
fn sub_criteria(material: &Material) -> Option<Table> {
    let rules = &material.results.inputs.rules;
    let scored: Vec<Scored> = rules.scored().filter(|one| one.sub_criterion.is_some()).collect();
    if scored.is_empty() {
        return None;
    }
    let mut heads = vec![Head::words("Reference")];
    heads.extend(scored.iter().map(|one| Head::number(one.title())));
    let row = |outcome: &BidOutcome| {
        let reference = &outcome.detail.reference;
        let Some(Combined::Complete(combined)) = material.results.evaluated.combined.get(reference) else {
            return None;
        };
        let subs = combined.criteria.iter().flat_map(|criterion| &criterion.sub_criteria);
        let subs = subs.map(|sub| shown(sub.used, sub.moderated.is_some()));
        Some(Row::Cells([reference.clone()].into_iter().chain(subs).collect()))
    };
    let rows = material.results.outcomes.iter().filter_map(row).collect();
    Some(Table {
        caption: "Scores by sub-criterion, each an equal share of its criterion; m: moderated",
        heads,
        rows,
    })
}

/// "3.67", or "3.00 m" where it is moderated.
fn shown(used: Exact, is_moderated: bool) -> String {
    let mark = if is_moderated { " m" } else { "" };
    format!("{}{mark}", used.rounded())
}

fn ranking(material: &Material) -> Table {
    let bids = material.bids_by_id();
    let outcomes = &material.results.outcomes;
    let last = outcomes.iter().rposition(|one| is_award(one) && !one.detail.decision.overridden);
    let mut rows = Vec::new();
    for (place, outcome) in outcomes.iter().enumerate() {
        let Some(bid) = bids.get(&outcome.bid_id) else { continue };
        rows.push(Row::Cells(cells(material, bid, outcome)));
        if last == Some(place) {
            rows.push(Row::Across(funding_line(material)));
        }
    }
    let criteria = &material.results.inputs.rules.criteria;
    let mut heads = vec![Head::words("Reference"), Head::number("Rank"), Head::words("Provider")];
    heads.extend([Head::words("Areas"), Head::number("Asked")]);
    heads.extend(criteria.iter().map(|criterion| Head::number(&criterion.title)));
    heads.extend([Head::number("Combined"), Head::words("Outcome"), Head::number("Awarded")]);
    Table { caption: "Scores by criterion, on the criterion's scale; m: moderated", heads, rows }
}

fn is_award(outcome: &BidOutcome) -> bool {
    outcome.outcome.is_some_and(Outcome::is_award)
}

fn funding_line(material: &Material) -> String {
    let budget = material.results.evaluated.decided.totals.budget;
    format!(
        "Funding line. In all, {} of {} awarded, {} left",
        budget.spent_pence, budget.available_pence, budget.left_pence
    )
}

fn cells(material: &Material, bid: &BidInput, outcome: &BidOutcome) -> Vec<String> {
    let mut cells = vec![
        bid.reference.clone(),
        outcome.rank.map_or_else(|| NONE.to_owned(), |rank| rank.to_string()),
        bid.organisation.clone(),
        material.names.areas(&bid.areas),
        bid.amount_requested_pence.to_string(),
    ];
    let combined = material.results.evaluated.combined.get(&bid.reference);
    let criteria = match combined {
        Some(Combined::Complete(combined)) => &combined.criteria[..],
        Some(Combined::Incomplete(_)) | None => &[],
    };
    cells.extend(material.results.inputs.rules.criteria.iter().map(|criterion| {
        criteria
            .iter()
            .find(|score| score.criterion == criterion.key)
            .map_or_else(|| NONE.to_owned(), |score| shown(score.used, score.is_moderated()))
    }));
    cells.extend([
        match combined {
            Some(Combined::Complete(combined)) => combined.score.to_string(),
            Some(Combined::Incomplete(one)) => format!("incomplete, {} of {}", one.have, one.need),
            None => NONE.to_owned(),
        },
        outcome.outcome.map_or("Open", outcome_in_words).to_owned(),
        if is_award(outcome) { outcome.amount_pence.to_string() } else { NONE.to_owned() },
    ]);
    cells
}

fn reasons(material: &Material) -> Table {
    let row = |outcome: &BidOutcome| {
        let conditions = outcome.conditions.as_ref();
        let conditions = conditions.map(|text| format!(" Conditions: {text}")).unwrap_or_default();
        Row::Cells(vec![
            outcome.detail.reference.clone(),
            outcome.detail.title.clone(),
            format!("{}{conditions}", outcome.sentence),
        ])
    };
    Table {
        caption: "Why, for each bid",
        heads: vec![Head::words("Reference"), Head::words("Title"), Head::words("Reason")],
        rows: material.results.outcomes.iter().map(row).collect(),
    }
}
