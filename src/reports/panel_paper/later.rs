//! What has changed since the round was closed, act by act, and what stands awarded now.

use super::{Head, Material, Row, Section, Table, counted};
use crate::money::Pence;
use crate::outcomes::later::model::{LaterAct, Stands};
use crate::reports::score_sheet::outcome_in_words;
use crate::reports::standing::standing;

/// Of a closed round.
pub(super) fn changes(material: &Material) -> Section {
    let heading = "Since closing";
    let acts = &material.results.later_acts;
    if acts.is_empty() {
        let words = vec!["Nothing has changed since the round was closed.".to_owned()];
        return Section { heading, words, ..Section::default() };
    }
    let awards: Vec<Pence> = standing(&material.results)
        .filter(|one| one.outcome.is_award())
        .map(|one| one.amount_pence)
        .collect();
    let words = format!(
        "Everything else in this paper stays as it was decided at closing. Now {} awarded, {} of the round's {}.",
        match awards.len() {
            1 => "1 bid stands".to_owned(),
            many => format!("{} stand", counted(many, "bid", "bids")),
        },
        awards.into_iter().sum::<Pence>(),
        material.results.inputs.rules.budget_pence
    );
    let heads = ["Act", "When", "Bid", "Until then", "From then on", "Why"].map(Head::words).into();
    let rows = acts.iter().map(row).collect();
    Section {
        heading,
        words: vec![words],
        tables: vec![Table { caption: "Acts after closing", heads, rows }],
        ..Section::default()
    }
}

fn row(act: &LaterAct) -> Row {
    Row::Cells(vec![
        act.number.to_string(),
        act.acted_at.london(),
        act.reference.clone(),
        in_words(&act.was),
        in_words(&act.now),
        // What a bidder is told says the money; an act's own reason may say more.
        if act.now.sentence.contains(act.act.reason()) {
            act.now.sentence.clone()
        } else {
            format!("{} {}", act.now.sentence, act.act.reason())
        },
    ])
}

/// "Awarded, £150,000", or "Reserve, 1st in line".
fn in_words(stands: &Stands) -> String {
    let outcome = outcome_in_words(stands.outcome);
    match (stands.outcome.is_award(), stands.reserve_position) {
        (true, _) => format!("{outcome}, {}", stands.amount_pence),
        (false, Some(position)) => format!("{outcome}, number {position}"),
        (false, None) => outcome.to_owned(),
    }
}
