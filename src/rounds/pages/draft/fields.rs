//! Each section of a draft as the fields of its form.
//!
//! A field is named as the API's body is written, so that a fault's pointer leads to it.

use crate::clock::Timestamp;
use crate::rounds::model::Round;
use crate::rounds::pages::section::Section;
use crate::rounds::rules::{Criterion, Pot, Rules};
use crate::web::form::Form;
use crate::web::typed::{moment_parts, pounds};

/// The lists of all forms, each with the field in which one goes on after a row was added.
pub(super) const LISTS: [(&str, &str); 5] = [
    ("rules.gateways", "question"),
    ("rules.declarations", "statement"),
    ("rules.criteria", "title"),
    ("rules.themes", "title"),
    ("rules.pots", "name"),
];

fn moment(form: Form, name: &str, at: Option<Timestamp>) -> Form {
    let Some(at) = at else { return form };
    let parts = ["day", "month", "year", "time"].into_iter().zip(moment_parts(at));
    parts.fold(form, |form, (part, value)| form.with(&format!("{name}.{part}"), value))
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A word as JSON has it.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn row(form: Form, list: &str, index: usize, fields: &[(&str, String)]) -> Form {
    fields.iter().fold(form, |form, (field, value)| {
        form.with(&format!("rules.{list}.{index}.{field}"), value.as_str())
    })
}

/// A section as it stands.
pub(super) fn fields(section: &Section, round: &Round) -> Form {
    let rules = &round.rules;
    let form = Form::blank();
    match section {
        Section::Dates => {
            let form = form.with("name", round.name.clone()).with("code", round.code.clone());
            let form = moment(form, "opens_at", round.opens_at);
            let form = moment(form, "deadline", round.deadline);
            moment(form, "assessments_due_at", round.assessments_due_at)
        }
        Section::Gateways => rules.gateways.iter().enumerate().fold(form, |form, (index, one)| {
            let answer = one.required_answer.to_string();
            let fields =
                [("key", one.key.clone()), ("question", one.question.clone()), ("required_answer", answer)];
            row(form, "gateways", index, &fields)
        }),
        Section::Declarations => rules.declarations.iter().enumerate().fold(form, |form, (index, one)| {
            row(
                form,
                "declarations",
                index,
                &[("key", one.key.clone()), ("statement", one.statement.clone())],
            )
        }),
        Section::Criteria => rules.criteria.iter().enumerate().fold(form, |form, (index, one)| {
            let weight = one.weight.to_string();
            row(
                form,
                "criteria",
                index,
                &[("key", one.key.clone()), ("title", one.title.clone()), ("weight", weight)],
            )
        }),
        Section::Themes => rules.themes.iter().enumerate().fold(form, |form, (index, one)| {
            row(form, "themes", index, &[("key", one.key.clone()), ("title", one.title.clone())])
        }),
        Section::Criterion(key) => match place(rules, key) {
            Some((index, criterion)) => criterion_fields(form, index, criterion),
            None => form,
        },
        Section::Assessing => assessing_fields(form, rules),
        Section::Ranking => {
            let form = form.with("rules.overall_threshold", text(rules.overall_threshold));
            let ties = rules.tie_break.iter().enumerate();
            ties.fold(form, |form, (index, key)| form.with(&format!("rules.tie_break.{index}"), key.as_str()))
        }
        Section::Money => form
            .with(
                "rules.budget_pence",
                if rules.budget_pence.0 == 0 { String::new() } else { pounds(rules.budget_pence.0) },
            )
            .with(
                "rules.grant_limit_pence",
                rules.grant_limit_pence.map(|limit| pounds(limit.0)).unwrap_or_default(),
            )
            .with("rules.when_next_does_not_fit", word(rules.when_next_does_not_fit))
            .with("rules.partial_offer_percent", text(rules.partial_offer_percent)),
        Section::Pots => {
            rules.pots.iter().enumerate().fold(form, |form, (index, pot)| pot_fields(form, index, pot))
        }
        Section::Queries => form
            .with("rules.query_email", rules.query_email.clone())
            .with("rules.query_working_days", rules.query_working_days.to_string()),
        Section::Fund => form,
    }
}

fn criterion_fields(form: Form, index: usize, criterion: &Criterion) -> Form {
    let levels: Vec<String> =
        criterion.scale.iter().map(|level| format!("{} {}", level.score, level.label)).collect();
    let fields = [
        ("guidance", criterion.guidance.clone()),
        ("word_limit", criterion.word_limit.to_string()),
        ("scale", levels.join("\n")),
        ("threshold", text(criterion.threshold)),
    ];
    let form = row(form, "criteria", index, &fields);
    criterion.sub_criteria.iter().enumerate().fold(form, |form, (part, one)| {
        let fields =
            [("key", one.key.clone()), ("title", one.title.clone()), ("guidance", one.guidance.clone())];
        row(form, &format!("criteria.{index}.sub_criteria"), part, &fields)
    })
}

/// The list of a criterion's parts.
pub(super) fn sub_criteria(index: usize) -> String {
    format!("rules.criteria.{index}.sub_criteria")
}

fn assessing_fields(form: Form, rules: &Rules) -> Form {
    let limits = &rules.disagreement;
    form.with("rules.assessors_per_bid", rules.assessors_per_bid.to_string())
        .with("rules.quorum", rules.quorum.to_string())
        .with("rules.combination", word(rules.combination))
        .with("rules.deciding_score", word(rules.deciding_score))
        .with("rules.bridges", rules.bridges.to_string())
        .with("rules.assessors_see_scores_after_close", rules.assessors_see_scores_after_close.to_string())
        .with("rules.disagreement.overall_points", text(limits.overall_points))
        .with("rules.disagreement.criterion_levels", text(limits.criterion_levels))
        .with("rules.disagreement.recommendation", limits.recommendation.to_string())
        .with("rules.disagreement.in_scope", limits.in_scope.to_string())
}

fn pot_fields(form: Form, index: usize, pot: &Pot) -> Form {
    let fields = [
        ("key", pot.key.clone()),
        ("name", pot.name.clone()),
        ("amount_pence", pounds(pot.amount_pence.0)),
        ("remainder_to_general_pot", pot.remainder_to_general_pot.to_string()),
    ];
    let form = row(form, "pots", index, &fields);
    pot.areas.iter().fold(form, |form, code| form.with(&format!("rules.pots.{index}.areas"), code.as_str()))
}

pub(super) fn place<'r>(rules: &'r Rules, key: &str) -> Option<(usize, &'r Criterion)> {
    rules.criteria.iter().enumerate().find(|(_, criterion)| criterion.key == key)
}
