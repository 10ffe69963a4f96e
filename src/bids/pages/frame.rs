//! What stands above each of an administrator's or auditor's pages about one bid: what it is called, where it stands, and
//! the ways between its pages.
//!
//! A template extends `bids/templates/bid.html`, has a [`BidFrame`] as `frame` beside its `shell`, and fills the block
//! `bid`, whose first heading is an `h2`.

use crate::bids::model::{BidStatus, Eligibility};
use crate::bids::ops::BidRead;
use crate::id::BidId;
use crate::rounds::model::Round;
use crate::rounds::pages::frame::{Tab, address as round_address, within_rounds};
use crate::web::shell::{Link, Shell};

/// The pages about a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BidTab {
    Bid,
    Routing,
    Scores,
}

impl BidTab {
    const ALL: [Self; 3] = [Self::Bid, Self::Routing, Self::Scores];

    const fn label(self) -> &'static str {
        match self {
            Self::Bid => "The bid",
            Self::Routing => "Who assesses it",
            Self::Scores => "Scores",
        }
    }

    /// Where the page is.
    #[must_use]
    pub fn address(self, bid: BidId) -> String {
        match self {
            Self::Bid => address(bid),
            Self::Routing => format!("{}/routing", address(bid)),
            Self::Scores => format!("{}/scores", address(bid)),
        }
    }
}

/// Where a bid is read.
#[must_use]
pub fn address(bid: BidId) -> String {
    format!("/bids/{bid}")
}

/// The name and the ways of one bid.
#[derive(Debug, Clone)]
pub struct BidFrame {
    pub reference: String,
    pub organisation: String,
    /// As it was submitted; of a draft, which nobody else reads, none.
    pub title: String,
    /// Words that say where it stands, each with the kind of its tag.
    pub tags: Vec<(&'static str, &'static str)>,
    pub tabs: Vec<Link>,
}

impl BidFrame {
    #[must_use]
    pub fn of(read: &BidRead, current: BidTab) -> Self {
        let bid = &read.bid;
        let link = |tab: BidTab| Link {
            label: tab.label().to_owned(),
            address: tab.address(bid.id),
            is_current: tab == current,
        };
        let tags = [status(bid.status), eligibility(bid.eligibility)];
        Self {
            reference: bid.reference.clone(),
            organisation: read.organisation_name.clone(),
            title: bid.content.title.clone(),
            tags: tags.into_iter().filter(|(word, _)| !word.is_empty()).collect(),
            tabs: BidTab::ALL.into_iter().map(link).collect(),
        }
    }
}

/// A page's frame with the round and its bids above it.
#[must_use]
pub fn within_bids(shell: Shell, round: &Round) -> Shell {
    within_rounds(shell)
        .under(round.name.clone(), round_address(round.id))
        .under("Bids", Tab::Bids.address(round.id))
}

/// A status in a word, and the kind of its tag.
#[must_use]
pub const fn status(status: BidStatus) -> (&'static str, &'static str) {
    match status {
        BidStatus::Draft => ("Draft", ""),
        BidStatus::Submitted => ("Submitted", "now"),
        BidStatus::Withdrawn => ("Withdrawn", ""),
    }
}

/// What was decided of a bid's eligibility in a word, and the kind of its tag; nothing where nothing was.
#[must_use]
pub const fn eligibility(eligibility: Eligibility) -> (&'static str, &'static str) {
    match eligibility {
        Eligibility::Unchecked => ("", ""),
        Eligibility::Eligible => ("Eligible", "done"),
        Eligibility::Ineligible => ("Ineligible", "bad"),
    }
}
