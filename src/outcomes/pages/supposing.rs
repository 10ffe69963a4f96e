//! The form of other rules: a field for each rule that can be supposed, filled with what was announced.
//!
//! An emptied threshold or limit is one that is taken away.

use serde_json::{Map, Value};

use crate::outcomes::what_if::Supposition;
use crate::problem::Result;
use crate::rounds::rules::{Combination, NextDoesNotFit, Rules};
use crate::web::form::{Choice, Form};
use crate::web::typed::pounds;

/// One rule that can be supposed. Its name is that of the API's body, with dots.
pub(super) struct Field {
    pub name: String,
    pub label: String,
    pub hint: &'static str,
    pub kind: FieldKind,
    announced: String,
    pointer: String,
}

pub(super) enum FieldKind {
    /// A whole number; with `optional` it may be left out.
    Whole {
        optional: bool,
    },
    Money,
    /// One of few; `true` and `false` stand for yes and no.
    Choice {
        options: Vec<Choice>,
        yes_no: bool,
    },
}

impl FieldKind {
    pub fn options(&self) -> &[Choice] {
        match self {
            Self::Choice { options, .. } => options,
            Self::Whole { .. } | Self::Money => &[],
        }
    }

    pub fn is_money(&self) -> bool {
        matches!(self, Self::Money)
    }
}

fn field(pointer: String, label: impl Into<String>, announced: impl Into<String>, kind: FieldKind) -> Field {
    let name = pointer.trim_start_matches('/').replace('/', ".");
    Field { name, label: label.into(), hint: "", kind, announced: announced.into(), pointer }
}

fn optional(
    pointer: String,
    label: impl Into<String>,
    announced: Option<impl ToString>,
    hint: &'static str,
) -> Field {
    let announced = announced.map(|value| value.to_string()).unwrap_or_default();
    Field { hint, ..field(pointer, label, announced, FieldKind::Whole { optional: true }) }
}

fn yes_no(pointer: String, label: impl Into<String>, announced: bool) -> Field {
    let options = vec![Choice::new("true", "Yes"), Choice::new("false", "No")];
    field(pointer, label, announced.to_string(), FieldKind::Choice { options, yes_no: true })
}

/// In groups, each with its legend.
pub(super) fn fields(rules: &Rules) -> Vec<(String, Vec<Field>)> {
    vec![
        ("Money".to_owned(), of_money(rules)),
        ("Scores".to_owned(), of_scores(rules)),
        ("Criteria".to_owned(), of_criteria(rules)),
        ("What asks for moderation".to_owned(), of_disagreement(rules)),
    ]
}

fn of_money(rules: &Rules) -> Vec<Field> {
    let mut fields = vec![field(
        "/budget_pence".to_owned(),
        "The whole budget",
        pounds(rules.budget_pence.0),
        FieldKind::Money,
    )];
    for pot in &rules.pots {
        let at = |part: &str| format!("/pots/{}/{part}", pot.key);
        fields.push(field(
            at("amount_pence"),
            format!("Set aside for {}", pot.name),
            pounds(pot.amount_pence.0),
            FieldKind::Money,
        ));
        fields.push(yes_no(
            at("remainder_to_general_pot"),
            format!("Does what {} leaves return to the general pot?", pot.name),
            pot.remainder_to_general_pot,
        ));
    }
    let next = match rules.when_next_does_not_fit {
        NextDoesNotFit::Stop => "stop",
        NextDoesNotFit::Skip => "skip",
    };
    let options = vec![
        Choice::new("stop", "Stop: pay nobody below it"),
        Choice::new("skip", "Skip: pay the next that fits"),
    ];
    let kind = FieldKind::Choice { options, yes_no: false };
    fields.push(field(
        "/when_next_does_not_fit".to_owned(),
        "When the next bid asks for more than is left",
        next,
        kind,
    ));
    fields.push(optional(
        "/partial_offer_percent".to_owned(),
        "Offer what is left, if it is at least this share of what was asked",
        rules.partial_offer_percent,
        "In hundredths; empty for all or nothing",
    ));
    fields
}

fn of_scores(rules: &Rules) -> Vec<Field> {
    let how = match rules.combination {
        Combination::Mean => "mean",
        Combination::Median => "median",
    };
    let options = vec![Choice::new("mean", "The mean"), Choice::new("median", "The median")];
    let kind = FieldKind::Choice { options, yes_no: false };
    vec![
        optional(
            "/overall_threshold".to_owned(),
            "Lowest combined score that can be funded",
            rules.overall_threshold,
            "Empty for none",
        ),
        field("/combination".to_owned(), "How the assessors' scores become one", how, kind),
    ]
}

fn of_criteria(rules: &Rules) -> Vec<Field> {
    let mut fields = Vec::new();
    for criterion in &rules.criteria {
        let at = |part: &str| format!("/criteria/{}/{part}", criterion.key);
        fields.push(field(
            at("weight"),
            format!("{}: weight", criterion.title),
            criterion.weight.to_string(),
            FieldKind::Whole { optional: false },
        ));
        fields.push(optional(
            at("threshold"),
            format!("{}: lowest score that can be funded", criterion.title),
            criterion.threshold,
            "Empty for none",
        ));
    }
    fields
}

fn of_disagreement(rules: &Rules) -> Vec<Field> {
    let limits = &rules.disagreement;
    let at = |part: &str| format!("/disagreement/{part}");
    vec![
        optional(
            at("overall_points"),
            "Points between totals, at most",
            limits.overall_points,
            "Empty for no limit",
        ),
        optional(
            at("criterion_levels"),
            "Levels between scores of a criterion, at most",
            limits.criterion_levels,
            "Empty for no limit",
        ),
        yes_no(at("recommendation"), "Must a split on funding be settled?", limits.recommendation),
        yes_no(at("in_scope"), "Must a split on scope be settled?", limits.in_scope),
    ]
}

/// The form with what was announced.
pub(super) fn announced(rules: &Rules) -> Form {
    let all = fields(rules).into_iter().flat_map(|(_, fields)| fields);
    all.fold(Form::blank(), |form, field| form.with(&field.name, field.announced))
}

/// The rules that a form supposes: a field that it does not have stays as announced.
///
/// # Errors
/// `invalid`, with a pointer to each field that cannot be read.
pub(super) fn supposition(form: &Form, rules: &Rules) -> Result<Supposition> {
    let mut reading = form.reading();
    // A key that is a number is one all the same.
    reading.put("/criteria", Value::Object(Map::new())).put("/pots", Value::Object(Map::new()));
    for field in fields(rules).into_iter().flat_map(|(_, fields)| fields) {
        let is_there = form.pairs().any(|(name, _)| name == field.name);
        let is_empty = form.get(&field.name).trim().is_empty();
        match field.kind {
            FieldKind::Whole { optional: true } if is_there && is_empty => {
                reading.put(&field.pointer, Value::Null);
            }
            FieldKind::Whole { .. } => {
                reading.whole(&field.pointer);
            }
            FieldKind::Money => {
                reading.money(&field.pointer);
            }
            FieldKind::Choice { yes_no: true, .. } => {
                reading.yes_no(&field.pointer);
            }
            FieldKind::Choice { yes_no: false, .. } => {
                reading.words(&field.pointer);
            }
        }
    }
    reading.done()
}
