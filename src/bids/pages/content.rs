//! A bid's content as it is read: each answer beside what was asked.

use crate::areas::model::AreaTree;
use crate::bids::changes::named;
use crate::bids::model::BidContent;
use crate::bids::rules::word_count;
use crate::money::grouped;
use crate::rounds::criteria::Criterion;
use crate::rounds::rules::Rules;

/// What the template shows.
pub(super) struct Content {
    pub summary: String,
    /// Label and value.
    pub facts: Vec<(&'static str, String)>,
    pub answers: Vec<Answer>,
    /// Question, answer, and whether that answer rules the bid out.
    pub gateways: Vec<(String, &'static str, bool)>,
    /// Statement, and whether it is confirmed.
    pub declarations: Vec<(String, bool)>,
}

pub(super) struct Answer {
    pub key: String,
    pub title: String,
    pub guidance: String,
    pub text: String,
    /// `212 of 500 words · 30% of the score`.
    pub hint: String,
}

impl Content {
    pub fn of(content: &BidContent, rules: &Rules, tree: &AreaTree) -> Self {
        let parts = |criterion: &Criterion| {
            let titles: Vec<&str> = criterion.sub_criteria.iter().map(|part| part.title.as_str()).collect();
            if titles.is_empty() { String::new() } else { format!(" · scored by {}", titles.join(", ")) }
        };
        let answers = rules.criteria.iter().map(|criterion| {
            let text = content.answers.get(&criterion.key).cloned().unwrap_or_default();
            let (words, limit) = (word_count(&text), criterion.word_limit);
            let words = grouped(u64::try_from(words).unwrap_or(u64::MAX));
            Answer {
                key: criterion.key.clone(),
                title: criterion.title.clone(),
                guidance: criterion.guidance.clone(),
                hint: format!(
                    "{words} of {} words · {}% of the score{}",
                    grouped(limit.into()),
                    criterion.weight,
                    parts(criterion)
                ),
                text,
            }
        });
        let gateways = rules.gateways.iter().map(|gateway| {
            let given = content.gateway_answers.get(&gateway.key).copied();
            let word = match given {
                Some(true) => "Yes",
                Some(false) => "No",
                None => "Not answered",
            };
            (gateway.question.clone(), word, given != Some(gateway.required_answer))
        });
        let declarations = rules.declarations.iter().map(|declaration| {
            (declaration.statement.clone(), content.declarations.contains(&declaration.key))
        });
        Self {
            summary: content.summary.clone(),
            facts: facts(content, rules, tree),
            answers: answers.collect(),
            gateways: gateways.collect(),
            declarations: declarations.collect(),
        }
    }
}

fn facts(content: &BidContent, rules: &Rules, tree: &AreaTree) -> Vec<(&'static str, String)> {
    let areas: Vec<&str> = content.areas.iter().map(|code| tree.name(code)).collect();
    let partners = content.partners.iter().map(|one| format!("{} ({})", one.name, one.registered_number));
    let partners: Vec<String> = partners.collect();
    let mut facts = vec![
        ("Areas", areas.join(", ")),
        ("Partners", if partners.is_empty() { "None".to_owned() } else { partners.join("\n") }),
    ];
    if !content.themes.is_empty() {
        facts.insert(1, ("Themes", named(&content.themes, rules)));
    }
    let mut add = |label, value: Option<String>| facts.extend(value.map(|value| (label, value)));
    add("Asks for", content.amount_requested_pence.map(|amount| amount.to_string()));
    add("Match funding", content.match_funding_pence.map(|amount| amount.to_string()));
    add("Planned learners", content.planned_learners.map(|number| grouped(number.into())));
    let days = content.starts_on.zip(content.ends_on);
    let day = |day: chrono::NaiveDate| day.format("%-d %B %Y").to_string();
    add("Runs", days.map(|(from, until)| format!("{} to {}", day(from), day(until))));
    add(
        "Lead contact",
        content.lead_contact.as_ref().map(|contact| {
            let phone = contact.phone.as_deref().map(|phone| format!("\n{phone}")).unwrap_or_default();
            format!("{}\n{}{phone}", contact.name, contact.email)
        }),
    );
    facts
}
