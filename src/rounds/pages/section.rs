//! The sections in which a round's rules are shown and written.

/// A part of a draft that has a form of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    Dates,
    Gateways,
    Declarations,
    /// Which criteria there are, in which order, with what weight.
    Criteria,
    Assessing,
    Ranking,
    Money,
    Pots,
    Queries,
}

impl Section {
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dates => "Name and dates",
            Self::Gateways => "Gateway questions",
            Self::Declarations => "Declarations",
            Self::Criteria => "Criteria",
            Self::Assessing => "Assessing and combining",
            Self::Ranking => "Thresholds and ties",
            Self::Money => "Money",
            Self::Pots => "Pots",
            Self::Queries => "Queries about outcomes",
        }
    }
}
