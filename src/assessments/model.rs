//! Assessments and the rules of a complete one.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::db::types::word_enum;
use crate::id::{AssessmentId, AssignmentId, BidId, RoundId, UserId};
use crate::problem::{Fault, Problem};
use crate::rest::escaped;
use crate::rounds::rules::{Criterion, Rules, Scored};
use crate::routing::model::Assignment;

/// The most characters of one justification, and of one criterion's feedback.
pub const LONGEST_JUSTIFICATION: usize = 10_000;
/// The most characters of the overall feedback, and of the private note.
pub const LONGEST_NOTE: usize = 20_000;

word_enum! {
    pub enum AssessmentStatus {
        Draft = "draft",
        Submitted = "submitted",
    }
}

word_enum! {
    pub enum Recommendation {
        Fund = "fund",
        FundWithConditions = "fund_with_conditions",
        DoNotFund = "do_not_fund",
    }
}

impl Recommendation {
    /// As people read it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Fund => "Fund it",
            Self::FundWithConditions => "Fund it with conditions",
            Self::DoNotFund => "Do not fund it",
        }
    }
}

/// What an assessor writes about one bid. A draft may be incomplete.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AssessmentContent {
    /// By key of the criterion; of one with sub-criteria by both keys with a dot between them
    /// (`delivery.plan`), a score for each.
    pub scores: BTreeMap<String, CriterionScore>,
    /// Overall feedback for the bidder, who reads it word for word.
    pub feedback: String,
    /// For the panel only.
    pub private_note: String,
    /// Whether the bid is within the fund's scope.
    pub in_scope: Option<bool>,
    pub recommendation: Option<Recommendation>,
}

/// A score and the words for it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CriterionScore {
    /// A whole number on the criterion's scale.
    #[serde(deserialize_with = "whole_number")]
    #[schema(example = 3)]
    pub score: Option<i32>,
    /// Why, in words that refer to the bid; required to submit.
    #[schema(example = "Names four employers and the vacancies each could not fill.")]
    pub justification: String,
    /// For the bidder, who reads it word for word.
    #[schema(example = "Evidence of demand is strong; say how places will be filled in rural areas.")]
    pub feedback: String,
}

/// An assessor's scores, justifications and feedback for one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assessment {
    pub id: AssessmentId,
    pub assignment_id: AssignmentId,
    pub round_id: RoundId,
    pub bid_id: BidId,
    pub assessor_id: UserId,
    pub status: AssessmentStatus,
    pub content: AssessmentContent,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub submitted_at: Option<Timestamp>,
    /// How often it was submitted.
    pub submitted_number: Option<u32>,
    pub version: i32,
}

/// Says what would be right, where serde would speak of integer types.
fn whole_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i32>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let whole = match &value {
        Value::Null => return Ok(None),
        Value::Number(number) => number.as_i64().and_then(|number| i32::try_from(number).ok()),
        Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let told = || {
        D::Error::custom(format!("{value} is not a whole number; give one of the scale's scores, or null"))
    };
    whole.map(Some).ok_or_else(told)
}

impl Assessment {
    /// What stands before the first save: empty, version 0. An assessment has its assignment's id.
    #[must_use]
    pub fn blank(assignment: &Assignment) -> Self {
        let since = assignment.accepted_at.unwrap_or(assignment.offered_at);
        Self {
            id: AssessmentId(assignment.id.0),
            assignment_id: assignment.id,
            round_id: assignment.round_id,
            bid_id: assignment.bid_id,
            assessor_id: assignment.assessor_id,
            status: AssessmentStatus::Draft,
            content: AssessmentContent::default(),
            created_at: since,
            updated_at: since,
            submitted_at: None,
            submitted_number: None,
            version: 0,
        }
    }

    /// Whether it may be written to.
    ///
    /// # Errors
    /// `wrong-state`: it is submitted.
    pub fn must_be_draft(&self) -> Result<(), Problem> {
        match self.status {
            AssessmentStatus::Draft => Ok(()),
            AssessmentStatus::Submitted => Err(Problem::wrong_state(
                "The assessment is submitted. An administrator can reopen it, with a reason.",
            )),
        }
    }
}

impl AssessmentContent {
    /// What a draft may not hold, however unfinished it is.
    #[must_use]
    pub fn draft_faults(&self, rules: &Rules) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (name, given) in &self.scores {
            let at = format!("/scores/{}", escaped(name));
            let Some(Scored { criterion, .. }) = rules.find_scored(name) else {
                faults.push(Fault::new(at, rules.not_scored(name)));
                continue;
            };
            if let Some(score) = given.score.filter(|score| !criterion.allows(*score)) {
                faults.push(Fault::new(
                    format!("{at}/score"),
                    format!("{score} is not on the scale; {}", scale(criterion)),
                ));
            }
            length(&given.justification, LONGEST_JUSTIFICATION, format!("{at}/justification"), &mut faults);
            length(&given.feedback, LONGEST_JUSTIFICATION, format!("{at}/feedback"), &mut faults);
        }
        length(&self.feedback, LONGEST_NOTE, "/feedback".to_owned(), &mut faults);
        length(&self.private_note, LONGEST_NOTE, "/private_note".to_owned(), &mut faults);
        faults
    }

    /// Everything that stands between the draft and submitting it.
    #[must_use]
    pub fn submit_faults(&self, rules: &Rules) -> Vec<Fault> {
        let mut faults = self.draft_faults(rules);
        for scored in rules.scored() {
            let (name, title) = (scored.name(), scored.title());
            let at = format!("/scores/{}", escaped(&name));
            let given = self.scores.get(&name);
            if given.is_none_or(|given| given.score.is_none()) {
                faults.push(Fault::new(
                    format!("{at}/score"),
                    format!("score \"{title}\"; {}", scale(scored.criterion)),
                ));
            }
            if given.is_none_or(|given| given.justification.trim().is_empty()) {
                let told = format!("say why \"{title}\" has its score, in words that refer to the bid");
                faults.push(Fault::new(format!("{at}/justification"), told));
            }
        }
        if self.feedback.trim().is_empty() {
            faults.push(Fault::new("/feedback", "write overall feedback for the bidder"));
        }
        if self.in_scope.is_none() {
            faults.push(Fault::new(
                "/in_scope",
                "say whether the bid is within the fund's scope: true or false",
            ));
        }
        if self.recommendation.is_none() {
            let told = "recommend one of fund, fund_with_conditions, do_not_fund";
            faults.push(Fault::new("/recommendation", told));
        }
        faults
    }
}

fn scale(criterion: &Criterion) -> String {
    format!("give a whole number from {} to {}", criterion.lowest(), criterion.highest())
}

fn length(text: &str, most: usize, at: String, faults: &mut Vec<Fault>) {
    let length = text.chars().count();
    if length > most {
        faults.push(Fault::new(at, format!("it has {length} characters; write at most {most}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::rules::{Level, SubCriterion};

    fn rules() -> Rules {
        let level = |score| Level { score, label: score.to_string() };
        let criterion = |key: &str| Criterion {
            key: key.to_owned(),
            title: key.to_owned(),
            guidance: String::new(),
            word_limit: 500,
            weight: 50,
            scale: (0..=5).map(level).collect(),
            threshold: None,
            sub_criteria: Vec::new(),
        };
        Rules { criteria: vec![criterion("need"), criterion("value")], ..Rules::default() }
    }

    fn read(text: &str) -> Result<AssessmentContent, serde_json::Error> {
        serde_json::from_str(text)
    }

    #[test]
    fn score_is_a_whole_number() {
        for wrong in ["3.5", "\"3\"", "true", "99999999999"] {
            let refused = read(&format!("{{\"scores\":{{\"need\":{{\"score\":{wrong}}}}}}}")).err();
            assert!(refused.is_some_and(|error| error.to_string().contains("whole number")), "{wrong}");
        }
        assert!(read(r#"{"scores":{"need":{"score":null}}}"#).is_ok());
        assert!(read(r#"{"scores":{"need":{"score":3}}}"#).is_ok());
    }

    #[test]
    fn draft_may_be_empty_and_a_submission_may_not() {
        let draft = AssessmentContent::default();
        assert_eq!(draft.draft_faults(&rules()), []);
        let pointers: Vec<String> =
            draft.submit_faults(&rules()).into_iter().map(|fault| fault.pointer).collect();
        let all = [
            "/scores/need/score",
            "/scores/need/justification",
            "/scores/value/score",
            "/scores/value/justification",
            "/feedback",
            "/in_scope",
            "/recommendation",
        ];
        assert_eq!(pointers, all);
    }

    #[test]
    fn draft_holds_no_unknown_criterion_and_no_score_off_the_scale() -> Result<(), serde_json::Error> {
        let draft = read(r#"{"scores":{"need":{"score":6},"colour":{"score":1}}}"#)?;
        let pointers: Vec<String> =
            draft.draft_faults(&rules()).into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/scores/colour", "/scores/need/score"]);
        Ok(())
    }

    #[test]
    fn sub_criteria_are_scored_in_the_place_of_their_criterion() -> Result<(), serde_json::Error> {
        let mut rules = rules();
        let sub =
            |key: &str| SubCriterion { key: key.to_owned(), title: key.to_owned(), guidance: String::new() };
        rules.criteria[1].sub_criteria = vec![sub("cost"), sub("reach")];
        let whole = read(r#"{"scores":{"value":{"score":3},"value.cost":{"score":6},"value.colour":{}}}"#)?;
        let faults = whole.draft_faults(&rules);
        let pointers: Vec<&str> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/scores/value", "/scores/value.colour", "/scores/value.cost/score"]);
        assert_eq!(faults[0].detail, "\"value\" is scored by its sub-criteria: value.cost, value.reach");
        let missing: Vec<String> = AssessmentContent::default()
            .submit_faults(&rules)
            .into_iter()
            .map(|fault| fault.pointer)
            .collect();
        assert!(missing.contains(&"/scores/value.cost/score".to_owned()), "{missing:?}");
        assert!(missing.contains(&"/scores/value.reach/justification".to_owned()), "{missing:?}");
        assert!(!missing.contains(&"/scores/value/score".to_owned()), "{missing:?}");
        Ok(())
    }
}
