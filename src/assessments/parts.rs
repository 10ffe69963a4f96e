//! An assessment in parts, as it is written on pages: one for each criterion, and the overall one.
//!
//! A part has a mark, which says whether it still is what somebody read. Two who write different
//! parts of one draft do not disturb each other, and of two who write the same one neither overwrites
//! what the other wrote without having seen it.
//!
//! Must not know: pages, storage.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{AssessmentContent, CriterionScore, Recommendation};
use crate::auth::secrets::sha256;
use crate::problem::{Problem, Result};
use crate::rounds::rules::Criterion;

/// What is said of the bid as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overall {
    pub in_scope: Option<bool>,
    pub recommendation: Option<Recommendation>,
    pub feedback: String,
    pub private_note: String,
}

/// One part, as it stands or as somebody wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Part {
    /// What is scored of one criterion, by name: the criterion, or each of its sub-criteria.
    Criterion(BTreeMap<String, CriterionScore>),
    Overall(Overall),
}

impl Overall {
    #[must_use]
    pub fn of(content: &AssessmentContent) -> Self {
        Self {
            in_scope: content.in_scope,
            recommendation: content.recommendation,
            feedback: content.feedback.clone(),
            private_note: content.private_note.clone(),
        }
    }
}

impl Part {
    /// A criterion of which nothing is given yet.
    #[must_use]
    pub fn blank(criterion: &Criterion) -> Self {
        let scored = criterion.scored().into_iter();
        Self::Criterion(scored.map(|one| (one.name(), CriterionScore::default())).collect())
    }

    /// The same part of an assessment.
    #[must_use]
    pub fn counterpart(&self, content: &AssessmentContent) -> Self {
        match self {
            Self::Criterion(given) => {
                let standing = |name: &String| content.scores.get(name).cloned().unwrap_or_default();
                Self::Criterion(given.keys().map(|name| (name.clone(), standing(name))).collect())
            }
            Self::Overall(_) => Self::Overall(Overall::of(content)),
        }
    }

    /// An assessment with this part instead of its own.
    #[must_use]
    pub fn written_into(&self, content: &AssessmentContent) -> AssessmentContent {
        let mut content = content.clone();
        match self {
            Self::Criterion(given) => content.scores.extend(given.clone()),
            Self::Overall(overall) => {
                content.in_scope = overall.in_scope;
                content.recommendation = overall.recommendation;
                content.feedback.clone_from(&overall.feedback);
                content.private_note.clone_from(&overall.private_note);
            }
        }
        content
    }

    /// Sixteen hexadecimal digits that are others where the part is another.
    ///
    /// # Errors
    /// None in practice: every field can be written as JSON.
    pub fn mark(&self) -> Result<String> {
        let written = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(sha256(written).chars().take(16).collect())
    }
}

/// How far a part has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Untouched,
    Begun,
    Complete,
}

impl Stage {
    const fn of(is_complete: bool, is_blank: bool) -> Self {
        match (is_complete, is_blank) {
            (true, _) => Self::Complete,
            (false, true) => Self::Untouched,
            (false, false) => Self::Begun,
        }
    }
}

/// How far the assessor has come with a criterion: as far as with all that is scored of it.
#[must_use]
pub fn stage(content: &AssessmentContent, criterion: &Criterion) -> Stage {
    let given = |name: &String| content.scores.get(name).cloned().unwrap_or_default();
    let given: Vec<CriterionScore> = criterion.scored().iter().map(|one| given(&one.name())).collect();
    let is_complete = |one: &CriterionScore| one.score.is_some() && !one.justification.trim().is_empty();
    let is_blank = given.iter().all(|one| *one == CriterionScore::default());
    Stage::of(given.iter().all(is_complete), is_blank)
}

/// How far the assessor has come with the bid as a whole.
#[must_use]
pub fn overall_stage(content: &AssessmentContent) -> Stage {
    let overall = Overall::of(content);
    let is_complete =
        overall.in_scope.is_some() && overall.recommendation.is_some() && !overall.feedback.trim().is_empty();
    Stage::of(is_complete, overall == Overall::default())
}

/// How many parts there are, and are complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub all: usize,
}

/// How far an assessment has come.
#[must_use]
pub fn progress(content: &AssessmentContent, criteria: &[Criterion]) -> Progress {
    let scored = criteria.iter().filter(|one| stage(content, one) == Stage::Complete).count();
    let overall = usize::from(overall_stage(content) == Stage::Complete);
    Progress { done: scored + overall, all: criteria.len() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rounds::rules::SubCriterion;

    fn criterion(sub_criteria: &[&str]) -> Criterion {
        let sub = |key: &&str| SubCriterion {
            key: (*key).to_owned(),
            title: (*key).to_owned(),
            guidance: String::new(),
        };
        Criterion {
            key: "need".to_owned(),
            title: "Need".to_owned(),
            guidance: String::new(),
            word_limit: 500,
            weight: 100,
            scale: Vec::new(),
            threshold: None,
            sub_criteria: sub_criteria.iter().map(sub).collect(),
        }
    }

    fn given(name: &str, score: i32) -> Part {
        let score = CriterionScore { score: Some(score), ..CriterionScore::default() };
        Part::Criterion(BTreeMap::from([(name.to_owned(), score)]))
    }

    fn need(score: i32) -> Part {
        given("need", score)
    }

    fn justify(content: &mut AssessmentContent, name: &str) {
        content.scores.entry(name.to_owned()).or_default().justification = "Four employers.".to_owned();
    }

    #[test]
    fn a_part_is_written_beside_the_others() -> Result<()> {
        let overall = Part::Overall(Overall { in_scope: Some(true), ..Overall::default() });
        let both = overall.written_into(&need(3).written_into(&AssessmentContent::default()));
        assert_eq!((need(0).counterpart(&both), overall.counterpart(&both)), (need(3), overall.clone()));
        assert_eq!(need(3).mark()?, need(0).counterpart(&both).mark()?);
        assert_ne!(need(3).mark()?, need(4).mark()?);
        Ok(())
    }

    #[test]
    fn a_score_without_its_reason_is_only_begun() {
        let (mut content, whole) = (AssessmentContent::default(), criterion(&[]));
        assert_eq!(stage(&content, &whole), Stage::Untouched);
        content = need(3).written_into(&content);
        assert_eq!(stage(&content, &whole), Stage::Begun);
        justify(&mut content, "need");
        assert_eq!(stage(&content, &whole), Stage::Complete);
        assert_eq!(overall_stage(&content), Stage::Untouched);
    }

    #[test]
    fn a_criterion_is_complete_when_all_its_sub_criteria_are() {
        let parts = criterion(&["evidence", "employers"]);
        let mut content = given("need.evidence", 3).written_into(&AssessmentContent::default());
        justify(&mut content, "need.evidence");
        assert_eq!(stage(&content, &parts), Stage::Begun);
        content = given("need.employers", 2).written_into(&content);
        justify(&mut content, "need.employers");
        assert_eq!(stage(&content, &parts), Stage::Complete);
        let both = BTreeMap::from_iter(content.scores.clone());
        assert_eq!(Part::blank(&parts).counterpart(&content), Part::Criterion(both));
    }
}
