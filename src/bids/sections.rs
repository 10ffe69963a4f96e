//! A bid in sections, as it is written on pages: what belongs to which, and how far each has come.
//!
//! A section has a mark, which says whether it still is what somebody read. Two who write different
//! sections of one bid do not disturb each other, and of two who write the same one neither overwrites what
//! the other wrote without having seen it.
//!
//! Must not know: pages, storage.

use serde_json::Value;

use super::model::BidContent;
use crate::auth::secrets::sha256;
use crate::problem::{Fault, Problem, Result};
use crate::rest::escaped;
use crate::rounds::rules::Rules;

/// One section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    Gateways,
    About,
    Contact,
    Partners,
    Areas,
    /// Only where the round announces themes.
    Themes,
    Money,
    Learners,
    /// By the criterion's key.
    Answer(String),
    Declarations,
}

/// How far a section has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Untouched,
    /// Something is missing.
    Begun,
    /// Something that is there cannot stay so.
    Wrong,
    Complete,
}

impl Section {
    /// The sections of a round's bids, in the order in which they are written: first what tells a provider
    /// whether it may bid at all. A section without a question is left out.
    #[must_use]
    pub fn all(rules: &Rules) -> Vec<Self> {
        let gateways = (!rules.gateways.is_empty()).then_some(Self::Gateways);
        let declarations = (!rules.declarations.is_empty()).then_some(Self::Declarations);
        let answers = rules.criteria.iter().map(|criterion| Self::Answer(criterion.key.clone()));
        let themes = (!rules.themes.is_empty()).then_some(Self::Themes);
        let first = [Self::About, Self::Contact, Self::Partners, Self::Areas];
        let then = [Self::Money, Self::Learners];
        let about = first.into_iter().chain(themes).chain(then);
        gateways.into_iter().chain(about).chain(answers).chain(declarations).collect()
    }

    /// Puts what `from` says in this section in the place of what `into` says there.
    pub fn copy(&self, from: &BidContent, into: &mut BidContent) {
        match self {
            Self::Gateways => into.gateway_answers.clone_from(&from.gateway_answers),
            Self::About => {
                into.title.clone_from(&from.title);
                into.summary.clone_from(&from.summary);
            }
            Self::Contact => into.lead_contact.clone_from(&from.lead_contact),
            Self::Partners => into.partners.clone_from(&from.partners),
            Self::Areas => into.areas.clone_from(&from.areas),
            Self::Themes => into.themes.clone_from(&from.themes),
            Self::Money => {
                into.amount_requested_pence = from.amount_requested_pence;
                into.match_funding_pence = from.match_funding_pence;
            }
            Self::Learners => {
                into.planned_learners = from.planned_learners;
                into.starts_on = from.starts_on;
                into.ends_on = from.ends_on;
            }
            Self::Answer(key) => match from.answers.get(key).filter(|answer| !answer.is_empty()) {
                Some(answer) => {
                    into.answers.insert(key.clone(), answer.clone());
                }
                None => {
                    into.answers.remove(key);
                }
            },
            Self::Declarations => into.declarations.clone_from(&from.declarations),
        }
    }

    /// A content that says nothing outside this section.
    #[must_use]
    pub fn alone(&self, content: &BidContent) -> BidContent {
        let mut alone = BidContent::default();
        self.copy(content, &mut alone);
        alone
    }

    /// Sixteen hexadecimal digits that are others where the section is another.
    ///
    /// # Errors
    /// None in practice: every field can be written as JSON.
    pub fn mark(&self, content: &BidContent) -> Result<String> {
        let written = serde_json::to_vec(&self.alone(content)).map_err(Problem::internal)?;
        Ok(sha256(written).chars().take(16).collect())
    }

    /// Whether a fault of the content belongs here, by its JSON pointer.
    #[must_use]
    pub fn holds(&self, pointer: &str) -> bool {
        let field = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        match self {
            Self::Gateways => field == "gateway_answers",
            Self::About => ["title", "summary"].contains(&field),
            Self::Contact => field == "lead_contact",
            Self::Partners => field == "partners",
            Self::Areas => field == "areas",
            Self::Themes => field == "themes",
            Self::Money => ["amount_requested_pence", "match_funding_pence"].contains(&field),
            Self::Learners => ["planned_learners", "starts_on", "ends_on"].contains(&field),
            Self::Answer(key) => pointer == format!("/answers/{}", escaped(key)),
            Self::Declarations => field == "declarations",
        }
    }

    /// How far it has come; `faults` are those of the whole content.
    #[must_use]
    pub fn stage(&self, content: &BidContent, faults: &[Fault]) -> Stage {
        let mut own = faults.iter().filter(|fault| self.holds(&fault.pointer)).peekable();
        if own.peek().is_none() {
            return Stage::Complete;
        }
        if own.any(|fault| !is_missing(content, fault)) {
            Stage::Wrong
        } else if self.alone(content) == BidContent::default() {
            Stage::Untouched
        } else {
            Stage::Begun
        }
    }
}

/// Whether a fault says that nothing is there yet, rather than that what is there cannot stay so.
#[must_use]
pub fn is_missing(content: &BidContent, fault: &Fault) -> bool {
    // A list of what is confirmed is never wrong, only short.
    if fault.pointer == "/declarations" {
        return true;
    }
    let written = serde_json::to_value(content).unwrap_or_default();
    match written.pointer(&fault.pointer) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Pence;

    fn content() -> BidContent {
        BidContent {
            title: "Digital skills".to_owned(),
            amount_requested_pence: Some(Pence::pounds(100)),
            answers: [("need".to_owned(), "Forty vacancies.".to_owned())].into(),
            ..BidContent::default()
        }
    }

    #[test]
    fn a_section_is_written_beside_the_others() -> Result<()> {
        let before = content();
        let typed = BidContent { title: "Another".to_owned(), areas: vec!["E1".to_owned()], ..content() };
        let mut after = before.clone();
        Section::About.copy(&typed, &mut after);
        assert_eq!(after, BidContent { title: "Another".to_owned(), ..before.clone() });
        assert_eq!(Section::Money.mark(&before)?, Section::Money.mark(&after)?);
        assert_ne!(Section::About.mark(&before)?, Section::About.mark(&after)?);
        Ok(())
    }

    #[test]
    fn an_answer_that_is_taken_away_leaves_nothing_behind() {
        let mut after = content();
        Section::Answer("need".to_owned()).copy(&BidContent::default(), &mut after);
        assert!(after.answers.is_empty());
    }

    #[test]
    fn what_is_missing_is_told_from_what_is_wrong() {
        let content = content();
        let missing = Fault::new("/match_funding_pence", "say how much");
        let wrong = Fault::new("/amount_requested_pence", "ask for at most £50");
        let stage = |faults: &[Fault]| Section::Money.stage(&content, faults);
        assert_eq!(stage(&[]), Stage::Complete);
        assert_eq!(stage(std::slice::from_ref(&missing)), Stage::Begun);
        assert_eq!(stage(&[missing, wrong]), Stage::Wrong);
        let areas = Fault::new("/areas", "name at least one");
        assert_eq!(Section::Areas.stage(&content, &[areas]), Stage::Untouched);
    }

    #[test]
    fn every_field_of_a_bid_has_one_section() -> Result<()> {
        let rules = Rules::default();
        let content = BidContent { themes: vec!["cyber".to_owned()], ..BidContent::default() };
        let written = serde_json::to_value(content).map_err(Problem::internal)?;
        let mut sections = Section::all(&rules);
        sections.extend([Section::Gateways, Section::Themes, Section::Declarations]);
        sections.push(Section::Answer("need".to_owned()));
        for field in written.as_object().into_iter().flat_map(serde_json::Map::keys) {
            let pointer = if field == "answers" { "/answers/need".to_owned() } else { format!("/{field}") };
            let holders = sections.iter().filter(|section| section.holds(&pointer)).count();
            assert_eq!(holders, 1, "{field}");
        }
        Ok(())
    }
}
