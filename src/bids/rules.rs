//! The rules of a bid's content: what even a draft must keep to, and what a complete bid needs.
//!
//! Pure: everything that a rule looks at is handed in. Every function finds all faults at once.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use validator::ValidateEmail;

use super::model::{BidContent, Contact, Eligibility, Partner};
use crate::accounts::model::{is_number, normal_number};
use crate::areas::model::AreaTree;
use crate::money::Pence;
use crate::problem::Fault;
use crate::rest::escaped;
use crate::rounds::model::{Fund, Round};
use crate::rounds::rules::{MOST_MONEY, Rules};
use crate::rounds::themes::{MOST_THEMES_OF_A_BID, Theme};

/// Characters.
const LONGEST_TITLE: usize = 200;
const LONGEST_SUMMARY: usize = 5_000;
const LONGEST_ANSWER: usize = 60_000;
const LONGEST_NAME: usize = 200;
const LONGEST_EMAIL: usize = 254;
const LONGEST_NUMBER: usize = 30;
const MOST_AREAS: usize = 50;
const MOST_PARTNERS: usize = 30;
const MOST_LEARNERS: u32 = 10_000_000;

/// What a bid's content is judged against.
pub struct Frame<'a> {
    pub round: &'a Round,
    pub fund: &'a Fund,
    pub tree: &'a AreaTree,
    /// The bidder's own registered number.
    pub registered_number: &'a str,
}

/// What even a draft must keep to, so that nothing absurd is stored: sizes, known keys and areas,
/// amounts that can be. Words are counted when it is submitted.
#[must_use]
pub fn draft_faults(content: &BidContent, rules: &Rules, tree: &AreaTree) -> Vec<Fault> {
    let mut faults = Vec::new();
    line_faults("/title", &content.title, LONGEST_TITLE, &mut faults);
    if content.summary.chars().count() > LONGEST_SUMMARY {
        faults.push(Fault::new("/summary", "use at most 5,000 characters"));
    }
    draft_area_faults(&content.areas, tree, &mut faults);
    draft_theme_faults(&content.themes, &rules.themes, &mut faults);
    if let Some(contact) = &content.lead_contact {
        line_faults("/lead_contact/name", &contact.name, LONGEST_NAME, &mut faults);
        line_faults("/lead_contact/email", &contact.email, LONGEST_EMAIL, &mut faults);
        if let Some(phone) = &contact.phone {
            line_faults("/lead_contact/phone", phone, 50, &mut faults);
        }
    }
    if content.partners.len() > MOST_PARTNERS {
        faults.push(Fault::new("/partners", format!("name at most {MOST_PARTNERS} partners")));
    }
    for (index, partner) in content.partners.iter().enumerate() {
        line_faults(&format!("/partners/{index}/name"), &partner.name, LONGEST_NAME, &mut faults);
        let number = format!("/partners/{index}/registered_number");
        line_faults(&number, &partner.registered_number, LONGEST_NUMBER, &mut faults);
    }
    draft_number_faults(content, &mut faults);
    draft_answer_faults(content, rules, &mut faults);
    faults
}

/// Text of one line, that ends up in subjects, lists and file names.
fn line_faults(at: &str, text: &str, longest: usize, faults: &mut Vec<Fault>) {
    if text.chars().count() > longest {
        faults.push(Fault::new(at, format!("use at most {longest} characters")));
    }
    if text.chars().any(char::is_control) {
        faults.push(Fault::new(at, "write it on one line, without control characters"));
    }
}

fn draft_area_faults(areas: &[String], tree: &AreaTree, faults: &mut Vec<Fault>) {
    if areas.len() > MOST_AREAS {
        faults.push(Fault::new("/areas", format!("name at most {MOST_AREAS} areas")));
    }
    let mut seen = BTreeSet::new();
    for (index, code) in areas.iter().enumerate() {
        let at = format!("/areas/{index}");
        if tree.group(code).is_some() {
            faults.push(Fault::new(at, format!("{code:?} is a group; name the areas that the bid covers")));
        } else if tree.area(code).is_none() {
            faults.push(Fault::new(at, format!("{:?} is not the code of an area", shortened(code))));
        } else if !seen.insert(code) {
            faults.push(Fault::new(at, format!("{code:?} is named twice")));
        }
    }
}

fn draft_theme_faults(chosen: &[String], announced: &[Theme], faults: &mut Vec<Fault>) {
    if chosen.len() > MOST_THEMES_OF_A_BID {
        faults.push(Fault::new("/themes", format!("choose at most {MOST_THEMES_OF_A_BID} themes")));
    }
    let mut seen = BTreeSet::new();
    for (index, key) in chosen.iter().enumerate() {
        let at = format!("/themes/{index}");
        if !announced.iter().any(|theme| theme.key == *key) {
            let detail = format!("{:?} is not the key of a theme of this round", shortened(key));
            faults.push(Fault::new(at, detail));
        } else if !seen.insert(key) {
            faults.push(Fault::new(at, format!("{key:?} is named twice")));
        }
    }
}

fn draft_number_faults(content: &BidContent, faults: &mut Vec<Fault>) {
    for (at, amount) in [
        ("/amount_requested_pence", content.amount_requested_pence),
        ("/match_funding_pence", content.match_funding_pence),
    ] {
        if amount.is_some_and(|amount| amount < Pence::ZERO || amount > MOST_MONEY) {
            faults.push(Fault::new(at, format!("give an amount from £0 to {MOST_MONEY}, in pence")));
        }
    }
    if content.planned_learners.is_some_and(|learners| learners > MOST_LEARNERS) {
        faults.push(Fault::new("/planned_learners", "give at most 10,000,000 learners"));
    }
    for (at, day) in [("/starts_on", content.starts_on), ("/ends_on", content.ends_on)] {
        if day.is_some_and(|day| !(2000..=2200).contains(&day.year())) {
            faults.push(Fault::new(at, "give a day between 2000 and 2200, like 2027-01-31"));
        }
    }
}

fn draft_answer_faults(content: &BidContent, rules: &Rules, faults: &mut Vec<Fault>) {
    for (key, answer) in &content.answers {
        let at = format!("/answers/{}", escaped(key));
        if rules.criterion(key).is_none() {
            faults.push(Fault::new(
                at,
                format!("{:?} is not the key of a criterion of this round", shortened(key)),
            ));
        } else if answer.chars().count() > LONGEST_ANSWER {
            faults.push(Fault::new(at, "use at most 60,000 characters"));
        }
    }
    for key in content.gateway_answers.keys() {
        if !rules.gateways.iter().any(|gateway| gateway.key == *key) {
            let detail = format!("{:?} is not the key of a gateway question of this round", shortened(key));
            faults.push(Fault::new(format!("/gateway_answers/{}", escaped(key)), detail));
        }
    }
    let mut seen = BTreeSet::new();
    for (index, key) in content.declarations.iter().enumerate() {
        let at = format!("/declarations/{index}");
        if !rules.declarations.iter().any(|declaration| declaration.key == *key) {
            faults.push(Fault::new(
                at,
                format!("{:?} is not the key of a declaration of this round", shortened(key)),
            ));
        } else if !seen.insert(key) {
            faults.push(Fault::new(at, format!("{key:?} is named twice")));
        }
    }
}

/// What a caller sent, short enough to be said back.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Everything that keeps a bid from being submitted, a draft's faults too. A wrong gateway answer
/// is none: see [`eligibility`].
#[must_use]
pub fn faults(content: &BidContent, frame: &Frame<'_>) -> Vec<Fault> {
    let rules = &frame.round.rules;
    let mut faults = draft_faults(content, rules, frame.tree);
    if content.title.trim().is_empty() {
        faults.push(Fault::new("/title", "give the bid a title"));
    }
    if content.summary.trim().is_empty() {
        faults.push(Fault::new("/summary", "summarise the bid"));
    }
    area_faults(content, frame, &mut faults);
    contact_faults(content.lead_contact.as_ref(), &mut faults);
    partner_faults(&content.partners, frame.registered_number, &mut faults);
    money_faults(content, rules, &mut faults);
    if content.planned_learners.is_none_or(|learners| learners == 0) {
        faults.push(Fault::new("/planned_learners", "say how many learners are planned, at least 1"));
    }
    date_faults(content, frame.round, &mut faults);
    answer_faults(content, rules, &mut faults);
    faults
}

fn area_faults(content: &BidContent, frame: &Frame<'_>, faults: &mut Vec<Fault>) {
    if content.areas.is_empty() {
        faults.push(Fault::new("/areas", "name at least one area that the bid covers"));
    }
    for (index, code) in content.areas.iter().enumerate() {
        if frame.tree.area(code).is_some() && !frame.tree.inside(&frame.fund.areas, code) {
            let (area, fund) = (frame.tree.name(code), &frame.fund.name);
            faults.push(Fault::new(
                format!("/areas/{index}"),
                format!("{area} is not inside the areas of {fund}"),
            ));
        }
    }
}

fn contact_faults(contact: Option<&Contact>, faults: &mut Vec<Fault>) {
    let Some(contact) = contact else {
        faults.push(Fault::new("/lead_contact", "name the person who answers for the bid"));
        return;
    };
    if contact.name.trim().is_empty() {
        faults.push(Fault::new("/lead_contact/name", "give the lead contact's name"));
    }
    if !contact.email.validate_email() {
        faults.push(Fault::new("/lead_contact/email", "give an email address, like name@example.org"));
    }
}

fn partner_faults(partners: &[Partner], own: &str, faults: &mut Vec<Fault>) {
    let own = normal_number(own);
    let mut seen = BTreeSet::new();
    for (index, partner) in partners.iter().enumerate() {
        if partner.name.trim().is_empty() {
            faults.push(Fault::new(format!("/partners/{index}/name"), "give the partner's name"));
        }
        let at = format!("/partners/{index}/registered_number");
        let number = normal_number(&partner.registered_number);
        if !is_number(&partner.registered_number) {
            let detail = "give the partner's company, charity or UKPRN number: 4 to 20 letters and digits";
            faults.push(Fault::new(at, detail));
        } else if number == own {
            faults.push(Fault::new(at, "this is the bidder's own number; name only the other organisations"));
        } else if !seen.insert(number) {
            faults.push(Fault::new(at, "another partner has this number"));
        }
    }
}

fn money_faults(content: &BidContent, rules: &Rules, faults: &mut Vec<Fault>) {
    let at = "/amount_requested_pence";
    match content.amount_requested_pence {
        None | Some(Pence::ZERO) => faults.push(Fault::new(at, "say how much is asked for, in pence")),
        Some(amount) => {
            let limits = [rules.grant_limit_pence, Some(rules.budget_pence)];
            if let Some(limit) = limits.into_iter().flatten().min().filter(|limit| amount > *limit) {
                faults.push(Fault::new(at, format!("ask for at most {limit}")));
            }
        }
    }
    if content.match_funding_pence.is_none() {
        faults.push(Fault::new(
            "/match_funding_pence",
            "say how much match funding there is, in pence; 0 where there is none",
        ));
    }
}

fn date_faults(content: &BidContent, round: &Round, faults: &mut Vec<Fault>) {
    match (content.starts_on, round.deadline) {
        (None, _) => faults.push(Fault::new("/starts_on", "say on which day the work starts")),
        (Some(starts), Some(deadline)) if starts <= london_date(deadline.utc()) => {
            let day = deadline.london_day();
            faults.push(Fault::new("/starts_on", format!("choose a day after the deadline for bids, {day}")));
        }
        (Some(_), _) => {}
    }
    match (content.starts_on, content.ends_on) {
        (_, None) => faults.push(Fault::new("/ends_on", "say on which day the work ends")),
        (Some(starts), Some(ends)) if ends <= starts => {
            faults.push(Fault::new("/ends_on", "choose a day after the start"));
        }
        (_, Some(_)) => {}
    }
}

fn london_date(instant: chrono::DateTime<chrono::Utc>) -> NaiveDate {
    instant.with_timezone(&chrono_tz::Europe::London).date_naive()
}

fn answer_faults(content: &BidContent, rules: &Rules, faults: &mut Vec<Fault>) {
    for criterion in &rules.criteria {
        let at = format!("/answers/{}", escaped(&criterion.key));
        let words = content.answers.get(&criterion.key).map_or(0, |answer| word_count(answer));
        if words == 0 {
            faults.push(Fault::new(at, format!("answer \"{}\"", criterion.title)));
        } else if words > usize::try_from(criterion.word_limit).unwrap_or(usize::MAX) {
            let limit = criterion.word_limit;
            faults.push(Fault::new(at, format!("the answer has {words} words; use at most {limit}")));
        }
    }
    for gateway in &rules.gateways {
        if !content.gateway_answers.contains_key(&gateway.key) {
            let at = format!("/gateway_answers/{}", escaped(&gateway.key));
            faults.push(Fault::new(at, format!("answer \"{}\" with true or false", gateway.question)));
        }
    }
    for declaration in &rules.declarations {
        if !content.declarations.contains(&declaration.key) {
            let detail = format!("confirm {:?}: \"{}\"", declaration.key, declaration.statement);
            faults.push(Fault::new("/declarations", detail));
        }
    }
}

/// Words are what stands between spaces of any kind that Unicode knows.
#[must_use]
pub fn word_count(text: &str) -> usize {
    text.split_whitespace().count()
}

/// Why its gateway answers make a bid ineligible; `None`: they do not.
#[must_use]
pub fn gateway_reason(content: &BidContent, rules: &Rules) -> Option<String> {
    let wrong: Vec<String> = rules
        .gateways
        .iter()
        .filter_map(|gateway| {
            let answer = *content.gateway_answers.get(&gateway.key)?;
            let said = if answer { "yes" } else { "no" };
            (answer != gateway.required_answer)
                .then(|| format!("\"{}\" was answered {said}.", gateway.question))
        })
        .collect();
    (!wrong.is_empty()).then(|| wrong.join(" "))
}

/// A bid's eligibility once `content` is submitted. What an administrator decided stands, but for
/// a wrong gateway answer in a bid that had none; what only the gateways of the version before
/// said (`before`, its [`gateway_reason`]) goes with that version.
#[must_use]
pub fn eligibility(
    standing: (Eligibility, Option<&str>),
    before: Option<&str>,
    now: Option<String>,
) -> (Eligibility, Option<String>) {
    let (status, reason) = standing;
    let by_gateways = status == Eligibility::Ineligible && reason.is_some() && reason == before;
    match (status, now) {
        (Eligibility::Ineligible, _) if !by_gateways => (status, reason.map(str::to_owned)),
        (_, Some(wrong)) => (Eligibility::Ineligible, Some(wrong)),
        (Eligibility::Ineligible, None) => (Eligibility::Unchecked, None),
        (Eligibility::Eligible | Eligibility::Unchecked, None) => (status, reason.map(str::to_owned)),
    }
}
