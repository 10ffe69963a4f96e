//! The sections in which a round's rules are shown and written, and which of them a fault belongs to.

use super::frame::address;
use crate::id::RoundId;
use crate::rounds::rules::Rules;

/// A part of a draft that has a form of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    Dates,
    Gateways,
    Declarations,
    /// Which criteria there are, in which order, with what weight.
    Criteria,
    /// One criterion, by its key: guidance, scale, threshold.
    Criterion(String),
    Themes,
    Assessing,
    Ranking,
    Money,
    Pots,
    Queries,
    /// What the round's fund says, which has a page of its own.
    Fund,
}

impl Section {
    /// In the order in which one prepares a round.
    pub const ALL: [Self; 10] = [
        Self::Dates,
        Self::Gateways,
        Self::Declarations,
        Self::Criteria,
        Self::Themes,
        Self::Assessing,
        Self::Ranking,
        Self::Money,
        Self::Pots,
        Self::Queries,
    ];

    /// The section of this name in an address; a criterion's has its key after it.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.name() == name)
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Dates => "dates",
            Self::Gateways => "gateways",
            Self::Declarations => "declarations",
            Self::Criteria | Self::Criterion(_) => "criteria",
            Self::Themes => "themes",
            Self::Assessing => "assessing",
            Self::Ranking => "ranking",
            Self::Money => "money",
            Self::Pots => "pots",
            Self::Queries => "queries",
            Self::Fund => "fund",
        }
    }

    #[must_use]
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Dates => "Name and dates",
            Self::Gateways => "Gateway questions",
            Self::Declarations => "Declarations",
            Self::Criteria | Self::Criterion(_) => "Criteria",
            Self::Themes => "Themes",
            Self::Assessing => "Assessing and combining",
            Self::Ranking => "Thresholds and ties",
            Self::Money => "Money",
            Self::Pots => "Pots",
            Self::Queries => "Queries about outcomes",
            Self::Fund => "Fund",
        }
    }

    /// The section of a fault that stands between a draft and opening, by its JSON pointer.
    #[must_use]
    pub fn of(pointer: &str, rules: &Rules) -> Self {
        let mut steps = pointer.trim_start_matches('/').split('/');
        match (steps.next(), steps.next(), steps.next(), steps.next()) {
            (Some("fund_id"), ..) => Self::Fund,
            (
                Some("rules"),
                Some("criteria"),
                Some(row),
                Some("guidance" | "word_limit" | "scale" | "threshold" | "sub_criteria"),
            ) => {
                let key = row.parse::<usize>().ok().and_then(|row| rules.criteria.get(row));
                key.map_or(Self::Criteria, |criterion| Self::Criterion(criterion.key.clone()))
            }
            (Some("rules"), Some(field), ..) => Self::of_field(field),
            (..) => Self::Dates,
        }
    }

    fn of_field(field: &str) -> Self {
        match field {
            "gateways" => Self::Gateways,
            "declarations" => Self::Declarations,
            "criteria" => Self::Criteria,
            "themes" => Self::Themes,
            "overall_threshold" | "tie_break" => Self::Ranking,
            "budget_pence" | "grant_limit_pence" | "when_next_does_not_fit" | "partial_offer_percent" => {
                Self::Money
            }
            "pots" => Self::Pots,
            "query_working_days" | "query_email" => Self::Queries,
            _ => Self::Assessing,
        }
    }

    /// Where its form is.
    #[must_use]
    pub fn address(&self, round: RoundId) -> String {
        let rules = format!("{}/rules", address(round));
        match self {
            Self::Criterion(key) => format!("{rules}/criteria/{key}"),
            Self::Fund => "/funds".to_owned(),
            other => format!("{rules}/{}", other.name()),
        }
    }
}
