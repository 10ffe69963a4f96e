//! A bid's content in lines, to be read and checked: what a provider wrote, under what it was asked.

use super::words;
use crate::areas::model::AreaTree;
use crate::bids::model::BidContent;
use crate::bids::rules::word_count;
use crate::bids::sections::Section;
use crate::money::grouped;
use crate::problem::Fault;
use crate::rounds::rules::Rules;

/// One thing that was asked, and what was written.
pub(super) struct Line {
    /// The element's id, which a fault's link leads to.
    pub id: String,
    pub label: String,
    pub said: Said,
    /// Whether it keeps the bid from being submitted.
    pub is_lacking: bool,
    /// What is to be put right.
    pub faults: Vec<String>,
}

pub(super) enum Said {
    /// What one may leave out, in the word for it.
    Nothing(&'static str),
    Missing,
    Short(String),
    /// Of several lines.
    Text(String),
    Items(Vec<String>),
}

impl Line {
    fn new(pointer: &str, label: impl Into<String>, said: Said) -> Self {
        Self { id: words::field(pointer), label: label.into(), said, is_lacking: false, faults: Vec::new() }
    }

    fn short(pointer: &str, label: &str, text: Option<String>) -> Self {
        let text = text.filter(|text| !text.trim().is_empty());
        Self::new(pointer, label, text.map_or(Said::Missing, Said::Short))
    }
}

/// A section of a content; each of `faults` stands in the line that it is about.
pub(super) fn lines(
    section: &Section,
    content: &BidContent,
    rules: &Rules,
    tree: &AreaTree,
    faults: &[Fault],
) -> Vec<Line> {
    let mut lines = match section {
        Section::Gateways => gateways(content, rules),
        Section::About => vec![
            Line::short("/title", "Title", Some(content.title.clone())),
            Line::new("/summary", "Summary", text(&content.summary)),
        ],
        Section::Contact => contact(content),
        Section::Partners => vec![partners(content)],
        Section::Areas => {
            let names = content.areas.iter().map(|code| tree.name(code).to_owned());
            vec![Line::new("/areas", "Areas", items(names.collect(), Said::Missing))]
        }
        Section::Themes => {
            let titles = rules.themes.iter().filter(|theme| content.themes.contains(&theme.key));
            let titles = titles.map(|theme| theme.title.clone()).collect();
            vec![Line::new("/themes", "Themes", items(titles, Said::Nothing("None")))]
        }
        Section::Money => vec![
            Line::short(
                "/amount_requested_pence",
                "Grant asked for",
                content.amount_requested_pence.map(|amount| amount.to_string()),
            ),
            Line::short(
                "/match_funding_pence",
                "Match funding",
                content.match_funding_pence.map(|amount| amount.to_string()),
            ),
        ],
        Section::Learners => learners(content),
        Section::Answer(key) => vec![answer(content, key)],
        Section::Declarations => declarations(content, rules),
    };
    for fault in faults.iter().filter(|fault| section.holds(&fault.pointer)) {
        let (at, fault) = (words::field(&fault.pointer), words::in_words(fault, rules));
        let is_about = |line: &&mut Line| line.id == at || at.starts_with(&format!("{}.", line.id));
        if let Some(line) = lines.iter_mut().find(is_about) {
            line.is_lacking = true;
            // That something is missing can be seen; which statements are not confirmed yet cannot.
            if !matches!(line.said, Said::Missing) || fault.pointer == "/declarations" {
                line.faults.push(words::sentence(&fault.detail));
            }
        }
    }
    lines
}

fn text(text: &str) -> Said {
    if text.trim().is_empty() { Said::Missing } else { Said::Text(text.to_owned()) }
}

fn items(items: Vec<String>, none: Said) -> Said {
    if items.is_empty() { none } else { Said::Items(items) }
}

fn gateways(content: &BidContent, rules: &Rules) -> Vec<Line> {
    let line = |key: &str, question: &str| {
        let said = content.gateway_answers.get(key).map(|yes| if *yes { "Yes" } else { "No" }.to_owned());
        Line::short(&format!("/gateway_answers/{key}"), question, said)
    };
    rules.gateways.iter().map(|gateway| line(&gateway.key, &gateway.question)).collect()
}

fn contact(content: &BidContent) -> Vec<Line> {
    let contact = content.lead_contact.as_ref();
    let phone = contact.and_then(|contact| contact.phone.clone());
    vec![
        Line::short("/lead_contact/name", "Name", contact.map(|contact| contact.name.clone())),
        Line::short("/lead_contact/email", "Email address", contact.map(|contact| contact.email.clone())),
        Line::new("/lead_contact/phone", "Telephone", phone.map_or(Said::Nothing("None"), Said::Short)),
    ]
}

/// One line, whose id begins the fields of every partner.
fn partners(content: &BidContent) -> Line {
    let named = content.partners.iter().map(|partner| {
        let or =
            |text: &str, none: &str| if text.trim().is_empty() { none.to_owned() } else { text.to_owned() };
        format!(
            "{}, {}",
            or(&partner.name, "no name"),
            or(&partner.registered_number, "no registered number")
        )
    });
    let said = items(named.collect(), Said::Nothing("None"));
    Line { id: "partners".to_owned(), ..Line::new("/partners", "Partners", said) }
}

fn learners(content: &BidContent) -> Vec<Line> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.format("%-d %B %Y").to_string());
    let learners = content.planned_learners.map(|learners| grouped(u64::from(learners)));
    vec![
        Line::short("/planned_learners", "Planned learners", learners),
        Line::short("/starts_on", "Starts", day(content.starts_on)),
        Line::short("/ends_on", "Ends", day(content.ends_on)),
    ]
}

fn answer(content: &BidContent, key: &str) -> Line {
    let answer = content.answers.get(key).map_or("", String::as_str);
    let words = word_count(answer);
    let label = if words == 0 {
        "Answer".to_owned()
    } else {
        format!(
            "Answer ({} word{})",
            grouped(u64::try_from(words).unwrap_or(u64::MAX)),
            if words == 1 { "" } else { "s" }
        )
    };
    Line::new(&format!("/answers/{key}"), label, text(answer))
}

fn declarations(content: &BidContent, rules: &Rules) -> Vec<Line> {
    let confirmed = rules.declarations.iter().filter(|one| content.declarations.contains(&one.key));
    let statements = confirmed.map(|one| one.statement.clone()).collect();
    vec![Line::new("/declarations", "Confirmed", items(statements, Said::Missing))]
}
