//! Criteria: what is scored, on which scale, and what each score weighs.
//!
//! A criterion is scored as a whole, or by its sub-criteria. These share its scale, its question and
//! its weight: each counts an equal part, so that a weight is never multiplied by their number.
//! What an assessor gives one score for is [`Scored`]: a criterion without sub-criteria, or one
//! sub-criterion. Scores, justifications and moderations are kept by its name: the criterion's key
//! (`need`), or both keys with a dot between them (`delivery.plan`), which no key holds.
//!
//! Must not know: bids, assessors, HTTP, storage.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::id::is_key;
use crate::problem::Fault;

/// The most sub-criteria of one criterion. With the most criteria of a round it bounds the
/// denominators of combined scores.
const MOST_SUB_CRITERIA: usize = 10;

/// A question that is scored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    #[schema(example = "need")]
    pub key: String,
    #[schema(example = "Need and demand")]
    pub title: String,
    #[serde(default)]
    #[schema(example = "Which vacancies cannot be filled today, and how do you know?")]
    pub guidance: String,
    /// The most words of the answer, 1 to 5,000.
    #[schema(example = 500)]
    pub word_limit: u32,
    /// Share of the combined score, in whole hundredths. Sub-criteria share it equally.
    #[schema(example = 30)]
    pub weight: u32,
    /// The labelled scores an assessor may give: consecutive whole numbers, lowest first.
    #[schema(example = json!([
        {"score": 0, "label": "No response"}, {"score": 1, "label": "Unsatisfactory"}, {"score": 2, "label": "Poor"},
        {"score": 3, "label": "Satisfactory"}, {"score": 4, "label": "Good"}, {"score": 5, "label": "Excellent"},
    ]))]
    pub scale: Vec<Level>,
    /// The lowest score, on the scale, that can be funded.
    #[serde(default)]
    #[schema(example = 2)]
    pub threshold: Option<i32>,
    /// The parts that are each scored, 2 to 10, on the criterion's scale; their average is the
    /// criterion's score. Empty: the criterion is scored as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([
        {"key": "evidence", "title": "Evidence of vacancies", "guidance": "How recent, how local?"},
        {"key": "employers", "title": "Employers' commitment", "guidance": "Who will hire, and how many?"},
    ]))]
    pub sub_criteria: Vec<SubCriterion>,
}

/// A part of a criterion that is scored on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubCriterion {
    /// Unlike its siblings' keys. Scores are given under `criterion.sub_criterion`.
    #[schema(example = "evidence")]
    pub key: String,
    #[schema(example = "Evidence of vacancies")]
    pub title: String,
    #[serde(default)]
    #[schema(example = "How recent, how local?")]
    pub guidance: String,
}

/// One step of a criterion's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    #[schema(example = 3)]
    pub score: i32,
    #[schema(example = "Satisfactory")]
    pub label: String,
}

/// What an assessor gives one score for: a criterion, or one of its sub-criteria.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored<'r> {
    pub criterion: &'r Criterion,
    pub sub_criterion: Option<&'r SubCriterion>,
}

impl Scored<'_> {
    /// `need`, or `delivery.plan`.
    #[must_use]
    pub fn name(&self) -> String {
        match self.sub_criterion {
            None => self.criterion.key.clone(),
            Some(sub) => format!("{}.{}", self.criterion.key, sub.key),
        }
    }

    /// "Need and demand", or "Delivery: Plan and milestones".
    #[must_use]
    pub fn title(&self) -> String {
        match self.sub_criterion {
            None => self.criterion.title.clone(),
            Some(sub) => format!("{}: {}", self.criterion.title, sub.title),
        }
    }

    /// What it counts of 100, the criterion's weight shared by its parts: "30", "7.50", "3.33".
    #[must_use]
    pub fn effective_weight(&self) -> String {
        let shares = u64::from(self.criterion.shares());
        let hundredths = (u64::from(self.criterion.weight) * 200 + shares) / (2 * shares);
        match hundredths % 100 {
            0 => (hundredths / 100).to_string(),
            rest => format!("{}.{rest:02}", hundredths / 100),
        }
    }
}

impl Criterion {
    /// The lowest score on the scale; 0 where the scale is empty, which no open round's is.
    #[must_use]
    pub fn lowest(&self) -> i32 {
        self.scale.first().map_or(0, |level| level.score)
    }

    /// The highest score on the scale; 0 where the scale is empty, which no open round's is.
    #[must_use]
    pub fn highest(&self) -> i32 {
        self.scale.last().map_or(0, |level| level.score)
    }

    /// Whether an assessor may give this score.
    #[must_use]
    pub fn allows(&self, score: i32) -> bool {
        (self.lowest()..=self.highest()).contains(&score)
    }

    /// What is scored of it: its sub-criteria, or itself where it has none.
    #[must_use]
    pub fn scored(&self) -> Vec<Scored<'_>> {
        if self.sub_criteria.is_empty() {
            return vec![Scored { criterion: self, sub_criterion: None }];
        }
        self.sub_criteria.iter().map(|sub| Scored { criterion: self, sub_criterion: Some(sub) }).collect()
    }

    /// How many scores share its weight: at least 1.
    #[must_use]
    pub fn shares(&self) -> u32 {
        // At most ten in an open round; saturating is never reached.
        u32::try_from(self.sub_criteria.len()).unwrap_or(u32::MAX).max(1)
    }

    /// All that keeps a round from opening with it; `at` is its JSON pointer.
    pub(super) fn faults(&self, at: &str, faults: &mut Vec<Fault>) {
        if self.title.trim().is_empty() {
            faults.push(Fault::new(format!("{at}/title"), "give the criterion a title"));
        }
        if !(1..=100).contains(&self.weight) {
            faults.push(Fault::new(format!("{at}/weight"), "choose a whole number from 1 to 100"));
        }
        if !(1..=5_000).contains(&self.word_limit) {
            faults.push(Fault::new(format!("{at}/word_limit"), "choose 1 to 5,000 words"));
        }
        self.sub_criteria_faults(at, faults);
        self.scale_faults(at, faults);
    }

    fn sub_criteria_faults(&self, at: &str, faults: &mut Vec<Fault>) {
        let at = format!("{at}/sub_criteria");
        let count = match self.sub_criteria.len() {
            1 => Some("add a second sub-criterion, or score the criterion as a whole"),
            many if many > MOST_SUB_CRITERIA => {
                Some("use at most 10 sub-criteria, so that scores can be combined exactly")
            }
            _ => None,
        };
        faults.extend(count.map(|detail| Fault::new(&at, detail)));
        let mut seen = BTreeSet::new();
        for (index, sub) in self.sub_criteria.iter().enumerate() {
            let at = format!("{at}/{index}");
            if let Some(detail) = key_fault(&sub.key) {
                faults.push(Fault::new(format!("{at}/key"), detail));
            } else if !seen.insert(&sub.key) {
                faults.push(Fault::new(format!("{at}/key"), format!("\"{}\" is used twice", sub.key)));
            }
            if sub.title.trim().is_empty() {
                faults.push(Fault::new(format!("{at}/title"), "give the sub-criterion a title"));
            }
        }
    }

    fn scale_faults(&self, at: &str, faults: &mut Vec<Fault>) {
        if !(2..=101).contains(&self.scale.len()) {
            faults.push(Fault::new(format!("{at}/scale"), "give the scale 2 to 101 levels"));
            return;
        }
        for (step, pair) in self.scale.windows(2).enumerate() {
            if pair[0].score.checked_add(1) != Some(pair[1].score) {
                faults.push(Fault::new(
                    format!("{at}/scale/{}/score", step + 1),
                    "levels are consecutive whole numbers, the lowest first",
                ));
            }
        }
        for (step, level) in self.scale.iter().enumerate() {
            if level.label.trim().is_empty() {
                faults.push(Fault::new(format!("{at}/scale/{step}/label"), "label this level"));
            }
        }
        if self.threshold.is_some_and(|threshold| !self.allows(threshold)) {
            faults.push(Fault::new(
                format!("{at}/threshold"),
                format!("choose a score on the scale, {} to {}", self.lowest(), self.highest()),
            ));
        }
    }
}

/// What is wrong with a key, if anything is.
pub(super) fn key_fault(key: &str) -> Option<&'static str> {
    (!is_key(key)).then_some("use 1 to 40 lower-case letters, digits, hyphens or underscores")
}

/// What is wrong with something that people read, such as "the question", if anything is.
pub(super) fn words_fault(what: &str, words: &str, most: usize, at: &str) -> Option<Fault> {
    let is_right = (1..=most).contains(&words.trim().chars().count());
    (!is_right).then(|| Fault::new(at, format!("give {what} 1 to {most} characters")))
}

/// As [`words_fault`], for what stands on one line.
pub(super) fn line_fault(what: &str, words: &str, most: usize, at: &str) -> Option<Fault> {
    let broken = || Fault::new(at, "remove line breaks and control characters");
    words_fault(what, words, most, at).or_else(|| words.chars().any(char::is_control).then(broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(weight: u32, sub_criteria: &[&str]) -> Criterion {
        let sub = |key: &&str| SubCriterion {
            key: (*key).to_owned(),
            title: format!("About {key}"),
            guidance: String::new(),
        };
        Criterion {
            key: "delivery".to_owned(),
            title: "Delivery".to_owned(),
            guidance: String::new(),
            word_limit: 500,
            weight,
            scale: (0..=5).map(|score| Level { score, label: score.to_string() }).collect(),
            threshold: None,
            sub_criteria: sub_criteria.iter().map(sub).collect(),
        }
    }

    fn faults(criterion: &Criterion) -> Vec<String> {
        let mut faults = Vec::new();
        criterion.faults("", &mut faults);
        faults.into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn sub_criteria_share_the_weight_of_their_criterion() {
        let weights = |weight, subs: &[&str]| -> Vec<String> {
            criterion(weight, subs).scored().iter().map(Scored::effective_weight).collect()
        };
        assert_eq!(weights(30, &[]), ["30"]);
        assert_eq!(weights(30, &["plan", "team", "risk", "cost"]), ["7.50"; 4]);
        assert_eq!(weights(40, &["plan", "team"]), ["20"; 2]);
        assert_eq!(weights(20, &["plan", "team", "risk"]), ["6.67"; 3]);
    }

    #[test]
    fn what_is_scored_is_named_by_both_keys() {
        let whole = criterion(30, &[]);
        assert_eq!(whole.scored()[0].name(), "delivery");
        let parts = criterion(30, &["plan", "team"]);
        let named: Vec<(String, String)> =
            parts.scored().iter().map(|one| (one.name(), one.title())).collect();
        let expected = [("delivery.plan", "Delivery: About plan"), ("delivery.team", "Delivery: About team")];
        assert_eq!(named, expected.map(|(name, title)| (name.to_owned(), title.to_owned())));
    }

    #[test]
    fn sub_criteria_are_two_to_ten_with_keys_and_titles_of_their_own() {
        assert_eq!(faults(&criterion(30, &["plan", "team"])), [""; 0]);
        assert_eq!(faults(&criterion(30, &["plan"])), ["/sub_criteria"]);
        let eleven = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
        assert_eq!(faults(&criterion(30, &eleven)), ["/sub_criteria"]);
        let mut wrong = criterion(30, &["plan", "plan", "The team"]);
        wrong.sub_criteria[0].title = " ".to_owned();
        let expected = ["/sub_criteria/0/title", "/sub_criteria/1/key", "/sub_criteria/2/key"];
        assert_eq!(faults(&wrong), expected);
    }

    #[test]
    fn a_criterion_without_sub_criteria_is_written_as_before_there_were_any() -> Result<(), serde_json::Error>
    {
        let written = serde_json::to_value(criterion(30, &[]))?;
        assert!(written.get("sub_criteria").is_none(), "{written}");
        assert_eq!(serde_json::from_value::<Criterion>(written)?, criterion(30, &[]));
        Ok(())
    }
}
