//! A section's form, as it was typed, into the body that the API takes.
//!
//! A form holds its section alone. What it does not hold stays as the round has it, so that two sections can be
//! written in two tabs, and rules that no form knows are never lost.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::fields::{place, sub_criteria};
use crate::problem::{Problem, Result};
use crate::rounds::input::RoundUpdate;
use crate::rounds::model::Round;
use crate::rounds::pages::section::Section;
use crate::rounds::rules::{Level, Rules};
use crate::web::form::{Form, field_of};

/// The most words of an answer where nothing else is said.
const WORDS: u32 = 500;

/// The form without rows in which nothing was typed.
pub(super) fn tidied(section: &Section, form: Form) -> Form {
    match section {
        Section::Gateways => form.without_blank_rows("rules.gateways", &["question"]),
        Section::Declarations => form.without_blank_rows("rules.declarations", &["statement"]),
        Section::Criteria => form.without_blank_rows("rules.criteria", &["title", "weight"]),
        Section::Themes => form.without_blank_rows("rules.themes", &["title", "key"]),
        Section::Pots => form.without_blank_rows("rules.pots", &["name", "amount_pence", "areas"]),
        Section::Criterion(_) => {
            let rows = form.rows("rules.criteria");
            (0..rows)
                .fold(form, |form, row| form.without_blank_rows(&sub_criteria(row), &["title", "guidance"]))
        }
        Section::Dates
        | Section::Assessing
        | Section::Ranking
        | Section::Money
        | Section::Queries
        | Section::Fund => form,
    }
}

/// The round with the section as it was typed.
///
/// # Errors
/// `invalid`, with a pointer to each fault.
pub(super) fn update(section: &Section, form: &Form, round: &Round) -> Result<RoundUpdate> {
    let mut body = json!({
        "code": round.code, "name": round.name, "rules": round.rules, "opens_at": round.opens_at,
        "deadline": round.deadline, "assessments_due_at": round.assessments_due_at,
    });
    for pointer in replaced(section) {
        leave_out(&mut body, pointer);
    }
    match section {
        Section::Gateways => put_rows(&mut body, form, "rules.gateways", "question", |_| json!({})),
        Section::Declarations => put_rows(&mut body, form, "rules.declarations", "statement", |_| json!({})),
        Section::Themes => put_rows(&mut body, form, "rules.themes", "title", |_| json!({})),
        Section::Pots => put_rows(&mut body, form, "rules.pots", "name", |_| json!({})),
        Section::Criteria => {
            put_rows(&mut body, form, "rules.criteria", "title", |key| criterion_before(&round.rules, key));
            keep_ties_that_are(&mut body, round);
        }
        Section::Criterion(key) => return criterion_update(body, form, round, key),
        Section::Dates
        | Section::Assessing
        | Section::Ranking
        | Section::Money
        | Section::Queries
        | Section::Fund => {}
    }
    let mut reading = form.reading_into(body);
    match section {
        Section::Dates => {
            let code = form.get("code").trim().to_uppercase();
            reading.put("/code", code).text("/name");
            reading.moment("/opens_at").moment("/deadline").moment("/assessments_due_at");
        }
        Section::Gateways => each(form, "gateways", |at| {
            reading.text(&format!("{at}/question")).yes_no(&format!("{at}/required_answer"));
        }),
        Section::Declarations => each(form, "declarations", |at| {
            reading.text(&format!("{at}/statement"));
        }),
        Section::Criteria => each(form, "criteria", |at| {
            reading.text(&format!("{at}/title")).count(&format!("{at}/weight"));
        }),
        Section::Assessing => {
            reading.needed(&["/rules/assessors_per_bid", "/rules/quorum"]);
            reading.count("/rules/assessors_per_bid").count("/rules/quorum");
            reading.words("/rules/combination").words("/rules/deciding_score").flag("/rules/bridges");
            reading.flag("/rules/assessors_see_scores_after_close");
            reading.count("/rules/disagreement/overall_points").count("/rules/disagreement/criterion_levels");
            reading.flag("/rules/disagreement/recommendation").flag("/rules/disagreement/in_scope");
        }
        Section::Ranking => {
            reading.count("/rules/overall_threshold");
            let ties =
                (0..form.rows("rules.tie_break")).map(|row| form.get(&format!("rules.tie_break.{row}")));
            let ties: Vec<&str> = ties.filter(|key| !key.is_empty()).collect();
            reading.put("/rules/tie_break", ties);
        }
        Section::Money => {
            reading.money("/rules/budget_pence").money("/rules/grant_limit_pence");
            reading.words("/rules/when_next_does_not_fit").count("/rules/partial_offer_percent");
        }
        Section::Themes => each(form, "themes", |at| {
            reading.text(&format!("{at}/title"));
        }),
        Section::Pots => each(form, "pots", |at| {
            reading.text(&format!("{at}/name")).money(&format!("{at}/amount_pence"));
            reading.list(&format!("{at}/areas")).flag(&format!("{at}/remainder_to_general_pot"));
        }),
        Section::Queries => {
            reading.needed(&["/rules/query_working_days"]);
            reading.text("/rules/query_email").count("/rules/query_working_days");
        }
        Section::Criterion(_) | Section::Fund => {}
    }
    reading.done()
}

/// What a section's form says anew, so that what is left empty there is left out.
fn replaced(section: &Section) -> &'static [&'static str] {
    match section {
        Section::Dates => &["opens_at", "deadline", "assessments_due_at"],
        Section::Gateways => &["rules/gateways"],
        Section::Declarations => &["rules/declarations"],
        Section::Criteria => &["rules/criteria"],
        Section::Assessing => &[
            "rules/assessors_per_bid",
            "rules/quorum",
            "rules/combination",
            "rules/deciding_score",
            "rules/bridges",
            "rules/assessors_see_scores_after_close",
            "rules/disagreement",
        ],
        Section::Ranking => &["rules/overall_threshold", "rules/tie_break"],
        Section::Money => &[
            "rules/budget_pence",
            "rules/grant_limit_pence",
            "rules/when_next_does_not_fit",
            "rules/partial_offer_percent",
        ],
        Section::Themes => &["rules/themes"],
        Section::Pots => &["rules/pots"],
        Section::Queries => &["rules/query_working_days", "rules/query_email"],
        Section::Criterion(_) | Section::Fund => &[],
    }
}

fn leave_out(body: &mut Value, path: &str) {
    let (parent, name) = match path.split_once('/') {
        Some((parent, name)) => (body.get_mut(parent), name),
        None => (Some(body), path),
    };
    if let Some(parent) = parent.and_then(Value::as_object_mut) {
        parent.remove(name);
    }
}

fn each(form: &Form, list: &str, mut read: impl FnMut(&str)) {
    for row in 0..form.rows(&format!("rules.{list}")) {
        read(&format!("/rules/{list}/{row}"));
    }
}

/// The rows of a list, each with its key, which a new one gets from its own words; `before` gives what no field holds.
fn put_rows(body: &mut Value, form: &Form, list: &str, words: &str, before: impl Fn(&str) -> Value) {
    let rows = form.rows(list);
    let typed = |row: usize, field: &str| form.get(&format!("{list}.{row}.{field}"));
    let mut taken: BTreeSet<String> = (0..rows).map(|row| typed(row, "key").to_owned()).collect();
    let items = (0..rows).map(|row| {
        let mut item = before(typed(row, "key"));
        let key = match typed(row, "key") {
            "" => fresh_key(typed(row, words), &taken),
            key => key.to_owned(),
        };
        taken.insert(key.clone());
        if let Some(item) = item.as_object_mut() {
            item.insert("key".to_owned(), Value::from(key));
        }
        item
    });
    let items: Vec<Value> = items.collect();
    let pointer = format!("/{}", list.replace('.', "/"));
    let (parent, name) = pointer.rsplit_once('/').unwrap_or_default();
    if let Some(parent) = body.pointer_mut(parent).and_then(Value::as_object_mut) {
        parent.insert(name.to_owned(), Value::from(items));
    }
}

/// A key out of words, another than those that are taken.
fn fresh_key(words: &str, taken: &BTreeSet<String>) -> String {
    let plain: String =
        words.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    let mut key = String::new();
    for word in plain.split_whitespace().take_while(|word| word.len() <= 34) {
        if key.len() + word.len() > 34 {
            break;
        }
        if !key.is_empty() {
            key.push('-');
        }
        key.push_str(word);
    }
    if key.is_empty() || key == "draw" {
        key.insert_str(0, "a-");
        key = key.trim_end_matches('-').to_owned();
    }
    let numbered = (2..1_000).map(|number| format!("{key}-{number}"));
    let mut candidates = std::iter::once(key.clone()).chain(numbered);
    candidates.find(|candidate| !taken.contains(candidate)).unwrap_or(key)
}

/// A criterion as it was, or a new one with the scale of the last: most rounds have one scale throughout.
fn criterion_before(rules: &Rules, key: &str) -> Value {
    let known = rules.criterion(key).and_then(|criterion| serde_json::to_value(criterion).ok());
    let mut criterion = known.unwrap_or_else(|| {
        let scale = rules.criteria.last().map_or_else(usual_scale, |last| last.scale.clone());
        json!({"word_limit": WORDS, "scale": scale})
    });
    if let Some(fields) = criterion.as_object_mut() {
        fields.remove("weight");
    }
    criterion
}

fn usual_scale() -> Vec<Level> {
    let labels = ["No response", "Unsatisfactory", "Poor", "Satisfactory", "Good", "Excellent"];
    (0..).zip(labels).map(|(score, label)| Level { score, label: label.to_owned() }).collect()
}

/// A tie cannot be broken by a criterion that was taken away.
fn keep_ties_that_are(body: &mut Value, round: &Round) {
    let keys: BTreeSet<String> = body["rules"]["criteria"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|criterion| criterion["key"].as_str().map(str::to_owned))
        .collect();
    let ties = round.rules.tie_break.iter().filter(|key| keys.contains(*key) || key.as_str() == "draw");
    let ties: Vec<&String> = ties.collect();
    if let Some(rules) = body.get_mut("rules").and_then(Value::as_object_mut) {
        rules.insert("tie_break".to_owned(), json!(ties));
    }
}

fn criterion_update(mut body: Value, form: &Form, round: &Round, key: &str) -> Result<RoundUpdate> {
    let (index, _) = place(&round.rules, key).ok_or_else(Problem::not_found)?;
    let at = format!("/rules/criteria/{index}");
    let scale_at = format!("{at}/scale");
    let scale = levels(&scale_at, form.get(&field_of(&scale_at)))?;
    let criteria = body.pointer_mut("/rules/criteria").and_then(Value::as_array_mut);
    for (row, criterion) in criteria.into_iter().flatten().filter_map(Value::as_object_mut).enumerate() {
        if row == index || form.has("scale_for_all", "true") {
            criterion.insert("scale".to_owned(), json!(scale));
        }
        if row == index {
            criterion.remove("threshold");
        }
    }
    let parts = sub_criteria(index);
    put_rows(&mut body, form, &parts, "title", |_| json!({}));
    let mut reading = form.reading_into(body);
    for row in 0..form.rows(&parts) {
        let at = format!("{at}/sub_criteria/{row}");
        reading.text(&format!("{at}/title")).text(&format!("{at}/guidance"));
    }
    reading.needed(&[&format!("{at}/word_limit")]);
    reading.text(&format!("{at}/guidance")).count(&format!("{at}/word_limit"));
    reading.whole(&format!("{at}/threshold")).done()
}

/// The levels of a scale, one a line: `3 Satisfactory`, or the label alone, which is then one above the line before.
fn levels(at: &str, text: &str) -> Result<Vec<Level>> {
    let mut next = Some(0);
    let mut levels = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let (score, label) = match first.trim_end_matches([':', '.', ')']).parse::<i32>() {
            Ok(score) => (score, rest.trim()),
            Err(_) => {
                let after = next.ok_or_else(|| Problem::fault(at, "scores are smaller than that"))?;
                (after, line)
            }
        };
        next = score.checked_add(1);
        levels.push(Level { score, label: label.to_owned() });
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_of_words_and_is_nobody_elses() {
        let taken = BTreeSet::from(["need".to_owned()]);
        let key = |words: &str| fresh_key(words, &taken);
        assert_eq!(key("Need"), "need-2");
        assert_eq!(
            key("Value for money: what it buys, and for whom it is"),
            "value-for-money-what-it-buys-and"
        );
        assert_eq!(key("Draw"), "a-draw");
        assert_eq!(key("?"), "a");
    }

    #[test]
    fn a_scale_is_read_line_by_line() {
        let read = |text: &str| {
            let levels = levels("/scale", text).unwrap_or_default();
            levels.into_iter().map(|level| (level.score, level.label)).collect::<Vec<_>>()
        };
        let poor_good = |low: i32| vec![(low, "Poor".to_owned()), (low + 1, "Good".to_owned())];
        assert_eq!(read("0 Poor\n1 Good\n"), poor_good(0));
        assert_eq!(read("Poor\n\n Good"), poor_good(0));
        assert_eq!(read("1: Poor\nGood"), poor_good(1));
    }
}
