//! An assessment in parts, as it is written on pages: one for each criterion, and the overall one.
//!
//! A part has a mark, which says whether it still is what somebody read. Two who write different
//! parts of one draft do not disturb each other, and of two who write the same one neither overwrites
//! what the other wrote without having seen it.
//!
//! Must not know: pages, storage.

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
    /// By the criterion's key.
    Criterion(String, CriterionScore),
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
    /// The same part of an assessment.
    #[must_use]
    pub fn counterpart(&self, content: &AssessmentContent) -> Self {
        match self {
            Self::Criterion(key, _) => {
                Self::Criterion(key.clone(), content.scores.get(key).cloned().unwrap_or_default())
            }
            Self::Overall(_) => Self::Overall(Overall::of(content)),
        }
    }

    /// An assessment with this part instead of its own.
    #[must_use]
    pub fn written_into(&self, content: &AssessmentContent) -> AssessmentContent {
        let mut content = content.clone();
        match self {
            Self::Criterion(key, score) => {
                content.scores.insert(key.clone(), score.clone());
            }
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

/// How far the assessor has come with a criterion.
#[must_use]
pub fn stage(content: &AssessmentContent, key: &str) -> Stage {
    let given = content.scores.get(key).cloned().unwrap_or_default();
    let is_complete = given.score.is_some() && !given.justification.trim().is_empty();
    Stage::of(is_complete, given == CriterionScore::default())
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
    let scored = criteria.iter().filter(|one| stage(content, &one.key) == Stage::Complete).count();
    let overall = usize::from(overall_stage(content) == Stage::Complete);
    Progress { done: scored + overall, all: criteria.len() + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(score: i32) -> Part {
        Part::Criterion("need".to_owned(), CriterionScore { score: Some(score), ..CriterionScore::default() })
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
        let mut content = AssessmentContent::default();
        assert_eq!(stage(&content, "need"), Stage::Untouched);
        content = need(3).written_into(&content);
        assert_eq!(stage(&content, "need"), Stage::Begun);
        content.scores.entry("need".to_owned()).or_default().justification = "Four employers.".to_owned();
        assert_eq!(stage(&content, "need"), Stage::Complete);
        assert_eq!(overall_stage(&content), Stage::Untouched);
    }
}
