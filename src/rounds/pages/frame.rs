//! What stands above each of an administrator's or auditor's pages about one round: its name, where it stands,
//! and the ways between its pages.
//!
//! A template extends `rounds/templates/round.html`, has a [`RoundFrame`] as `frame` beside its `shell`, and fills
//! the block `round`, whose first heading is an `h2`.

use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::rounds::model::{Round, RoundStatus};
use crate::web::shell::{Link, Shell};

/// The pages about a round, in the order in which a round needs them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    Overview,
    Rules,
    Assessors,
    Bids,
    Routing,
    Scores,
    Outcomes,
    Reports,
}

impl Tab {
    const ALL: [Self; 8] = [
        Self::Overview,
        Self::Rules,
        Self::Assessors,
        Self::Bids,
        Self::Routing,
        Self::Scores,
        Self::Outcomes,
        Self::Reports,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Rules => "Rules",
            Self::Assessors => "Assessors",
            Self::Bids => "Bids",
            Self::Routing => "Routing",
            Self::Scores => "Scores",
            Self::Outcomes => "Outcomes",
            Self::Reports => "Reports",
        }
    }

    /// Where the page is.
    #[must_use]
    pub fn address(self, round: RoundId) -> String {
        let part = match self {
            Self::Overview => return address(round),
            Self::Rules => "rules",
            Self::Assessors => "assessors",
            Self::Bids => "bids",
            Self::Routing => "routing",
            Self::Scores => "scores",
            Self::Outcomes => "outcomes",
            Self::Reports => "reports",
        };
        format!("{}/{part}", address(round))
    }
}

/// Where a round's overview is.
#[must_use]
pub fn address(round: RoundId) -> String {
    format!("/rounds/{round}")
}

/// The name and the ways of one round.
#[derive(Debug, Clone)]
pub struct RoundFrame {
    pub name: String,
    pub status: &'static str,
    /// The kind of the tag that says the status.
    pub kind: &'static str,
    /// What the status means for whoever waits: `until 6 September 2026 at 12:00`; may be empty.
    pub when: String,
    pub tabs: Vec<Link>,
}

impl RoundFrame {
    #[must_use]
    pub fn of(round: &Round, current: Tab) -> Self {
        let link = |tab: Tab| Link {
            label: tab.label().to_owned(),
            address: tab.address(round.id),
            is_current: tab == current,
        };
        let (status, kind) = status(round.status);
        Self {
            name: round.name.clone(),
            status,
            kind,
            when: when(round),
            tabs: Tab::ALL.into_iter().map(link).collect(),
        }
    }
}

/// A page's frame with the list of rounds above it.
#[must_use]
pub fn within_rounds(shell: Shell) -> Shell {
    shell.under("Rounds", "/rounds")
}

/// A status in a word, and the kind of its tag.
#[must_use]
pub const fn status(status: RoundStatus) -> (&'static str, &'static str) {
    match status {
        RoundStatus::Draft => ("Draft", ""),
        RoundStatus::Open => ("Open", "now"),
        RoundStatus::Assessing => ("Assessing", "soon"),
        RoundStatus::Closed => ("Closed", "done"),
        RoundStatus::Cancelled => ("Cancelled", "bad"),
    }
}

fn when(round: &Round) -> String {
    let told = match round.status {
        RoundStatus::Draft => round.opens_at.map(|at| format!("opens {}", at.london())),
        RoundStatus::Open => round.deadline.map(|at| format!("until {}", at.london())),
        RoundStatus::Assessing => {
            round.assessments_due_at.map(|at| format!("assessments due {}", at.london()))
        }
        RoundStatus::Closed => round.closed_at.map(Timestamp::london),
        RoundStatus::Cancelled => round.cancelled_at.map(Timestamp::london),
    };
    told.unwrap_or_default()
}
