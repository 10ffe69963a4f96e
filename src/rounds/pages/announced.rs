//! A round's rules in words, section by section: what is announced when it opens.

use super::section::Section;
use crate::clock::Timestamp;
use crate::rounds::model::{Fund, Round};
use crate::rounds::ops::Prepared;
use crate::rounds::rules::{Combination, Criterion, DecidingScore, Gateway, NextDoesNotFit, Pot, Rules};

/// A section and what it says.
#[derive(Debug, Clone)]
pub struct Told {
    pub section: Section,
    pub title: &'static str,
    pub lines: Vec<Line>,
}

/// A name, and what is said under it, paragraph by paragraph.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    pub says: Vec<String>,
}

fn line(name: impl Into<String>, says: impl Into<String>) -> Line {
    Line { name: name.into(), says: vec![says.into()] }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

/// Everything that the round announces.
#[must_use]
pub fn announced(prepared: &Prepared) -> Vec<Told> {
    let Prepared { round, fund, tree, .. } = prepared;
    let rules = &round.rules;
    let told = |section: Section, lines| Told { title: section.title(), section, lines };
    vec![
        told(Section::Dates, dates(round, fund, |code| tree.name(code).to_owned())),
        told(Section::Gateways, rules.gateways.iter().map(gateway).collect()),
        told(
            Section::Declarations,
            rules.declarations.iter().map(|d| line("Declares", &d.statement)).collect(),
        ),
        told(Section::Criteria, rules.criteria.iter().map(criterion).collect()),
        told(Section::Themes, rules.themes.iter().map(|theme| line(&theme.title, &theme.key)).collect()),
        told(Section::Assessing, assessing(rules)),
        told(Section::Ranking, ranking(rules)),
        told(Section::Money, money(rules)),
        told(
            Section::Pots,
            rules.pots.iter().map(|pot| self::pot(pot, |code| tree.name(code).to_owned())).collect(),
        ),
        told(Section::Queries, queries(rules)),
    ]
}

fn dates(round: &Round, fund: &Fund, name: impl Fn(&str) -> String) -> Vec<Line> {
    let said = |at: Option<Timestamp>, none: &str| at.map_or(none.to_owned(), Timestamp::london);
    let areas: Vec<String> = fund.areas.iter().map(|code| name(code)).collect();
    vec![
        line("Fund", fund.name.clone()),
        line("Areas", areas.join(", ")),
        line("Code", format!("{}: references of bids start with it", round.code)),
        line("Opens", said(round.opens_at, "When an administrator opens it")),
        line("Deadline", said(round.deadline, "Not set")),
        line("Assessments due", said(round.assessments_due_at, "Not set")),
    ]
}

fn gateway(gateway: &Gateway) -> Line {
    line(
        &gateway.question,
        format!("Eligible if the answer is {}", yes_no(gateway.required_answer).to_lowercase()),
    )
}

fn criterion(criterion: &Criterion) -> Line {
    let levels: Vec<String> =
        criterion.scale.iter().map(|level| format!("{} {}", level.score, level.label)).collect();
    let mut says =
        vec![format!("Weight {} of 100, at most {} words", criterion.weight, criterion.word_limit)];
    if !criterion.guidance.is_empty() {
        says.push(criterion.guidance.clone());
    }
    // A scale of percentages has a hundred labels that nobody reads in a row.
    match (levels.as_slice(), criterion.scale.first(), criterion.scale.last()) {
        (many, Some(lowest), Some(highest)) if many.len() > 12 => says.push(format!(
            "Scale from {} {} to {} {}",
            lowest.score, lowest.label, highest.score, highest.label
        )),
        (few, Some(_), Some(_)) => says.push(format!("Scale: {}", few.join(", "))),
        (_, None, _) | (_, _, None) => says.push("No scale yet".to_owned()),
    }
    if let [first, ..] = criterion.scored().as_slice()
        && first.sub_criterion.is_some()
    {
        let parts: Vec<&str> = criterion.sub_criteria.iter().map(|part| part.title.as_str()).collect();
        says.push(format!(
            "Scored by its parts, each {} of 100: {}",
            first.effective_weight(),
            parts.join(", ")
        ));
    }
    if let Some(threshold) = criterion.threshold {
        says.push(format!("Below {threshold} the bid cannot be funded"));
    }
    Line { name: criterion.title.clone(), says }
}

fn assessing(rules: &Rules) -> Vec<Line> {
    let combination = match rules.combination {
        Combination::Mean => "The mean of the assessors' scores",
        Combination::Median => "The median of the assessors' scores",
    };
    let deciding = match rules.deciding_score {
        DecidingScore::Combined => "The combined score as it is",
        DecidingScore::Adjusted => "The combined score, adjusted for its assessors' leniency",
    };
    let limits = &rules.disagreement;
    let asks = [
        limits
            .overall_points
            .map(|points| format!("assessors' own scores differ by more than {points} points")),
        limits
            .criterion_levels
            .map(|levels| format!("scores of a criterion differ by more than {levels} levels")),
        limits.recommendation.then(|| "some recommend to fund the bid and some not to".to_owned()),
        limits.in_scope.then(|| "some hold the bid to be in scope and some not".to_owned()),
    ];
    let asks: Vec<String> = asks.into_iter().flatten().collect();
    let moderated = if asks.is_empty() {
        "Never asked for".to_owned()
    } else {
        format!("Asked for where {}", asks.join("; or where "))
    };
    vec![
        line("Assessors for each bid", rules.assessors_per_bid.to_string()),
        line("Needed to rank a bid", format!("{} submitted assessments", rules.quorum)),
        line("Scores of a criterion", combination),
        line("Score that decides", deciding),
        line("Moderation", moderated),
        line("Reviews swapped so that assessors can be compared", yes_no(rules.bridges)),
        line("Assessors see others' scores after closing", yes_no(rules.assessors_see_scores_after_close)),
    ]
}

fn ranking(rules: &Rules) -> Vec<Line> {
    let threshold =
        rules.overall_threshold.map_or("None".to_owned(), |points| format!("{points} of 100 points"));
    let name = |key: &String| match rules.criterion(key) {
        Some(criterion) => criterion.title.clone(),
        None if key == "draw" => "a draw, whose seed is committed to at opening".to_owned(),
        None => key.clone(),
    };
    let ties: Vec<String> = rules.tie_break.iter().map(name).collect();
    let ties =
        if ties.is_empty() { "The panel decides".to_owned() } else { format!("By {}", ties.join(", then ")) };
    vec![line("Lowest combined score that can be funded", threshold), line("Equal scores", ties)]
}

fn money(rules: &Rules) -> Vec<Line> {
    let next = match rules.when_next_does_not_fit {
        NextDoesNotFit::Stop => "Stop: nothing below it in the ranking is funded from that pot",
        NextDoesNotFit::Skip => "Skip it: the next bid that fits is funded",
    };
    let limit = rules.grant_limit_pence.map_or("None".to_owned(), |limit| limit.to_string());
    let partial = rules.partial_offer_percent.map_or("No: all or nothing".to_owned(), |percent| {
        format!("Yes, if at least {percent} per cent of what the bid asks for is left")
    });
    vec![
        line("Budget", rules.budget_pence.to_string()),
        line("Most that one bid may ask for", limit),
        line("When the next bid does not fit", next),
        line("Offer of what is left", partial),
    ]
}

fn pot(pot: &Pot, name: impl Fn(&str) -> String) -> Line {
    let areas: Vec<String> = pot.areas.iter().map(|code| name(code)).collect();
    let rest = if pot.remainder_to_general_pot {
        "What is left joins the general pot"
    } else {
        "What is left is not spent"
    };
    Line {
        name: pot.name.clone(),
        says: vec![format!("{} for {}", pot.amount_pence, areas.join(", ")), rest.to_owned()],
    }
}

fn queries(rules: &Rules) -> Vec<Line> {
    let to = if rules.query_email.is_empty() { "Not set".to_owned() } else { rules.query_email.clone() };
    vec![
        line("Sent to", to),
        line("Within", format!("{} working days of the outcome", rules.query_working_days)),
    ]
}
