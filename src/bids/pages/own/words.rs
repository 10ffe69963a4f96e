//! What pages call the sections of a bid, and faults in a page's words where the API speaks of its own.

use crate::bids::sections::{Section, Stage};
use crate::problem::Fault;
use crate::rounds::rules::Rules;
use crate::web::form::field_of;

/// The last part of a section's address; of an answer the criterion's key.
pub(super) fn slug(section: &Section) -> &str {
    match section {
        Section::Gateways => "gateways",
        Section::About => "about",
        Section::Contact => "contact",
        Section::Partners => "partners",
        Section::Areas => "areas",
        Section::Themes => "themes",
        Section::Money => "money",
        Section::Learners => "learners",
        Section::Answer(key) => key,
        Section::Declarations => "declarations",
    }
}

/// The section of this round that an address names; answers have addresses of their own.
pub(super) fn section_of(slug: &str, rules: &Rules) -> Option<Section> {
    let is_named = |section: &Section| !matches!(section, Section::Answer(_)) && self::slug(section) == slug;
    Section::all(rules).into_iter().find(is_named)
}

pub(super) fn title(section: &Section, rules: &Rules) -> String {
    match section {
        Section::Gateways => "Gateway questions".to_owned(),
        Section::About => "Title and summary".to_owned(),
        Section::Contact => "Lead contact".to_owned(),
        Section::Partners => "Partners".to_owned(),
        Section::Areas => "Areas".to_owned(),
        Section::Themes => "Themes".to_owned(),
        Section::Money => "Money".to_owned(),
        Section::Learners => "Learners and dates".to_owned(),
        Section::Answer(key) => rules.criterion(key).map_or(key.clone(), |criterion| criterion.title.clone()),
        Section::Declarations => "Declarations".to_owned(),
    }
}

/// The heading in the list of sections under which this one begins a group.
pub(super) fn group(section: &Section) -> &'static str {
    match section {
        Section::Gateways => "Whether you may bid",
        Section::About
        | Section::Contact
        | Section::Partners
        | Section::Areas
        | Section::Themes
        | Section::Money
        | Section::Learners => "About the bid",
        Section::Answer(_) => "What is scored",
        Section::Declarations => "Before you submit",
    }
}

/// A section's stage, and the look of its tag.
pub(super) const fn stage(stage: Stage) -> (&'static str, &'static str) {
    match stage {
        Stage::Untouched => ("Not started", ""),
        Stage::Begun => ("Begun", "now"),
        Stage::Wrong => ("To be put right", "bad"),
        Stage::Complete => ("Complete", "done"),
    }
}

/// A fault in a page's words.
pub(super) fn in_words(fault: &Fault, rules: &Rules) -> Fault {
    let question = |key: &str| rules.gateways.iter().find(|gateway| gateway.key == key);
    let (field, rest) = fault.pointer.trim_start_matches('/').split_once('/').unwrap_or((&fault.pointer, ""));
    let detail = match field.trim_start_matches('/') {
        "gateway_answers" => question(rest)
            .map_or_else(|| fault.detail.clone(), |gateway| format!("answer \"{}\"", gateway.question)),
        "declarations" if rest.is_empty() => {
            let statement = fault.detail.split_once(": ").map_or("", |(_, statement)| statement);
            format!("confirm {statement}")
        }
        "starts_on" | "ends_on" => fault.detail.replace(", like 2027-01-31", ""),
        "amount_requested_pence" | "match_funding_pence" => fault
            .detail
            .replace(", in pence; 0 where there is none", "; 0 where there is none")
            .replace(", in pence", ""),
        _ => fault.detail.clone(),
    };
    Fault::new(fault.pointer.clone(), detail)
}

/// A fault as the start of a sentence.
pub(super) fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
}

/// The field of a fault on a page.
pub(super) fn field(pointer: &str) -> String {
    match pointer {
        "/lead_contact" => "lead_contact.name".to_owned(),
        "/partners" => "partners.0.name".to_owned(),
        _ if pointer.starts_with("/areas") => "areas".to_owned(),
        _ if pointer.starts_with("/themes") => "themes".to_owned(),
        _ if pointer.starts_with("/declarations") => "declarations".to_owned(),
        _ => field_of(pointer),
    }
}

/// The line of a fault on a page that shows the bid: partners have one for all of them.
pub(super) fn line(pointer: &str) -> String {
    if pointer.starts_with("/partners") { "partners".to_owned() } else { field(pointer) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_speak_of_pounds_and_of_the_field() {
        let told =
            |pointer: &str, detail: &str| in_words(&Fault::new(pointer, detail), &Rules::default()).detail;
        assert_eq!(
            told(
                "/match_funding_pence",
                "say how much match funding there is, in pence; 0 where there is none"
            ),
            "say how much match funding there is; 0 where there is none"
        );
        assert_eq!(told("/declarations", "confirm \"accurate\": \"It is so.\""), "confirm \"It is so.\"");
        assert_eq!(told("/title", "give the bid a title"), "give the bid a title");
        assert_eq!(field("/areas/3"), "areas");
        assert_eq!(field("/partners/0/registered_number"), "partners.0.registered_number");
    }
}
