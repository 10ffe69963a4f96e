//! What the pages of one assignment share: the bid, its assessment, and how both are shown.

use crate::assessments::model::{Assessment, AssessmentContent, CriterionScore, Recommendation};
use crate::assessments::ops;
use crate::assessments::parts::{self, Progress, Stage};
use crate::auth::Assessor;
use crate::bids::model::BidContent;
use crate::id::AssignmentId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds::model::RoundStatus;
use crate::rounds::rules::{Criterion, Scored};
use crate::routing::model::{AssignmentStatus, AssignmentView};
use crate::web::form::Choice;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

/// An accepted bid with its assessment.
pub(super) struct Work {
    pub view: AssignmentView,
    pub bid: BidContent,
    pub criteria: Vec<Criterion>,
    pub assessment: Assessment,
}

impl Work {
    /// # Errors
    /// `not-found`: another assessor's, or not accepted.
    pub async fn load(on: &Platform, assessor: &Assessor, id: AssignmentId) -> Result<Self> {
        let view = crate::routing::ops::view_assignment(on, assessor, id).await?;
        Self::of(on, assessor, view).await
    }

    pub async fn of(on: &Platform, assessor: &Assessor, mut view: AssignmentView) -> Result<Self> {
        let bid = view.bid.content.take().ok_or_else(Problem::not_found)?;
        let criteria = view.round.criteria.take().ok_or_else(Problem::not_found)?;
        let assessment = ops::view(on, assessor, view.assignment.id).await?;
        Ok(Self { view, bid, criteria, assessment })
    }

    /// Whether the assessor may still write.
    pub fn is_open(&self) -> bool {
        self.view.round.status == RoundStatus::Assessing
            && self.view.assignment.status == AssignmentStatus::Accepted
    }

    /// Where a part is written, while it may be.
    pub fn step_address<'s>(&self, step: &'s Step) -> &'s str {
        if self.is_open() { &step.address } else { "" }
    }

    pub fn address(&self) -> String {
        address(self.view.assignment.id)
    }

    pub fn content(&self) -> &AssessmentContent {
        &self.assessment.content
    }

    pub fn progress(&self) -> Progress {
        parts::progress(self.content(), &self.criteria)
    }

    pub fn answer(&self, key: &str) -> &str {
        self.bid.answers.get(key).map_or("", String::as_str)
    }

    /// The scores given on a criterion, as a line: "4", or "4, 3" of two sub-criteria.
    fn scores(&self, criterion: &Criterion) -> String {
        let given = criterion.scored().into_iter().filter_map(|one| self.content().scores.get(&one.name()));
        let scores = given.filter_map(|given| given.score).map(|score| score.to_string());
        scores.collect::<Vec<_>>().join(", ")
    }

    /// What is scored under this name, as it was scored; blank where it was not.
    pub fn given(&self, scored: &Scored) -> CriterionScore {
        self.content().scores.get(&scored.name()).cloned().unwrap_or_default()
    }

    /// The parts in the order in which they are written.
    pub fn steps(&self) -> Vec<Step> {
        let criteria = self.criteria.iter().zip(1..).map(|(one, number)| Step {
            label: one.title.clone(),
            number: Some(number),
            hint: format!("{}% of the score", one.weight),
            address: format!("{}/criteria/{}", self.address(), one.key),
            stage: parts::stage(self.content(), one),
            scores: self.scores(one),
        });
        let overall = Step {
            label: "The bid as a whole".to_owned(),
            number: None,
            hint: "Scope, recommendation and feedback".to_owned(),
            address: format!("{}/overall", self.address()),
            stage: parts::overall_stage(self.content()),
            scores: String::new(),
        };
        criteria.chain([overall]).collect()
    }
}

pub(super) fn address(id: AssignmentId) -> String {
    format!("/assignments/{id}")
}

pub(super) fn shell(visit: &Visit<Assessor>) -> Shell {
    visit.shell().under("Your assignments", "/assignments")
}

/// One part of an assessment in a list of them.
pub(super) struct Step {
    pub label: String,
    pub number: Option<u32>,
    pub hint: String,
    pub address: String,
    stage: Stage,
    scores: String,
}

impl Step {
    pub fn title(&self) -> String {
        self.number.map_or_else(|| self.label.clone(), |number| format!("{number}. {}", self.label))
    }

    pub fn is_complete(&self) -> bool {
        self.stage == Stage::Complete
    }

    pub fn status(&self) -> String {
        match self.stage {
            Stage::Complete if !self.scores.is_empty() => format!("Scored {}", self.scores),
            Stage::Complete => "Complete".to_owned(),
            Stage::Begun => "Begun".to_owned(),
            Stage::Untouched => "Not started".to_owned(),
        }
    }

    /// The look of its tag.
    pub const fn kind(&self) -> &'static str {
        match self.stage {
            Stage::Complete => "done",
            Stage::Begun => "now",
            Stage::Untouched => "",
        }
    }
}

pub(super) fn recommendations() -> Vec<Choice> {
    let all = [Recommendation::Fund, Recommendation::FundWithConditions, Recommendation::DoNotFund];
    all.iter().map(|one| Choice::new(one.as_str(), one.in_words())).collect()
}

/// The names of a bid's areas in a line.
pub(super) fn areas(view: &AssignmentView) -> String {
    view.bid.areas.iter().map(|area| area.name.as_str()).collect::<Vec<_>>().join(", ")
}
