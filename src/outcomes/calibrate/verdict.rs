//! What can be said of a round's leniency at all, in a sentence for the panel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::design::Design;

/// The most assessors of one part that are calibrated while a reader waits.
const MOST_LINKED: usize = 2_000;

/// What the scores can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CalibrationVerdict)]
pub enum Verdict {
    /// Leniency and noise were told apart.
    Estimated,
    /// The likelihood is greatest where assessors do not differ in leniency.
    NoLeniency,
    /// The likelihood is greatest where nothing but leniency makes assessors differ.
    NoNoise,
    /// All assessors of every bid gave it the same score.
    AllAgree,
    NoAssessments,
    /// One assessor gave every score.
    OneAssessor,
    /// No bid has two assessments.
    OneAssessmentEach,
    /// No two assessors are compared more than once, however indirectly.
    NoOverlap,
    /// More assessors are linked than can be calibrated while a reader waits.
    TooManyAssessors,
}

impl Verdict {
    /// Where one part has more assessors than a reader can wait for: work grows with their cube.
    pub(super) fn for_reading(design: &Design) -> Option<Self> {
        let too_many = design.parts.iter().any(|part| part.assessors.len() > MOST_LINKED);
        too_many.then_some(Self::TooManyAssessors)
    }

    /// Where the pattern of the scores, or their agreement, leaves nothing to estimate.
    pub(super) fn before_fitting(design: &Design) -> Option<Self> {
        if design.bids.is_empty() {
            Some(Self::NoAssessments)
        } else if design.assessors.len() == 1 {
            Some(Self::OneAssessor)
        } else if design.contrasts() == 0 {
            Some(Self::OneAssessmentEach)
        } else if design.disagreement() == 0.0 {
            Some(Self::AllAgree)
        } else if design.repeats() == 0 {
            Some(Self::NoOverlap)
        } else {
            None
        }
    }

    /// Whether there are standard errors, and with them intervals, rank ranges and chances.
    #[must_use]
    pub fn has_errors(self) -> bool {
        match self {
            Self::Estimated | Self::NoLeniency => true,
            Self::NoNoise
            | Self::AllAgree
            | Self::NoAssessments
            | Self::OneAssessor
            | Self::OneAssessmentEach
            | Self::NoOverlap
            | Self::TooManyAssessors => false,
        }
    }

    /// For people who decide.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Estimated => {
                "Each bid's score is adjusted for how lenient its assessors were on the bids they shared with others."
            }
            Self::NoLeniency => {
                "Assessors of the same bids differ no more than chance would make them: no leniency was found, and adjusted scores are the plain means."
            }
            Self::NoNoise => {
                "Leniency alone explains every difference between assessors, so there is no noise to judge uncertainty by: scores are adjusted, without intervals."
            }
            Self::AllAgree => {
                "All assessors of each bid gave it the same score: there is nothing to adjust, and nothing to judge uncertainty by."
            }
            Self::NoAssessments => "There are no assessments yet.",
            Self::OneAssessor => {
                "One assessor gave every score: leniency cannot be told from the quality of the bids, and nothing was adjusted."
            }
            Self::OneAssessmentEach => {
                "No bid has two assessments: leniency cannot be told from the quality of the bids, and nothing was adjusted."
            }
            Self::NoOverlap => {
                "No two assessors can be compared more than once: leniency cannot be told from chance, and nothing was adjusted."
            }
            Self::TooManyAssessors => {
                "More than 2,000 assessors are linked by the bids they share: too many to calibrate while you wait, and nothing was adjusted."
            }
        }
    }
}
