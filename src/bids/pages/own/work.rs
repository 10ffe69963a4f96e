//! What the pages of one bid share: the bid, its sections, and how far each has come.

use super::words;
use crate::auth::Member;
use crate::bids::model::{BidContent, BidStatus};
use crate::bids::ops::{self, WrittenBid};
use crate::bids::sections::{Section, Stage};
use crate::clock::Timestamp;
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Fault, Result};
use crate::rounds::rules::Rules;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

/// A bid of one's own organisation, at an instant.
pub(super) struct Work {
    pub written: WrittenBid,
    pub now: Timestamp,
}

impl Work {
    /// # Errors
    /// `not-found`: there is none, or it is another provider's.
    pub async fn load(on: &Platform, member: &Member, id: BidId) -> Result<Self> {
        let written = ops::read_written(on, member, id).await?;
        Ok(Self { written, now: on.db.clock().now() })
    }

    pub fn address(&self) -> String {
        address(self.written.bid.id)
    }

    pub fn rules(&self) -> &Rules {
        &self.written.round.rules
    }

    pub fn content(&self) -> &BidContent {
        &self.written.bid.content
    }

    pub fn reference(&self) -> &str {
        &self.written.bid.reference
    }

    /// What the bid is called, while it has no title too.
    pub fn title(&self) -> &str {
        let title = self.content().title.trim();
        if title.is_empty() { "Bid without a title" } else { title }
    }

    /// Whether it can still be written, submitted and withdrawn. The act itself is judged by the
    /// transaction's time; this says what a page offers.
    pub fn is_open(&self) -> bool {
        self.written.round.accepting(self.now).is_ok()
    }

    /// Whether what is written is what was submitted.
    pub fn is_as_submitted(&self) -> bool {
        self.written.bid.status == BidStatus::Submitted && !self.written.bid.has_unsubmitted_changes
    }

    pub fn deadline(&self) -> String {
        self.written.round.deadline.map(Timestamp::london).unwrap_or_default()
    }

    pub fn address_of(&self, section: &Section) -> String {
        let folder = match section {
            Section::Answer(_) => "criteria",
            Section::Gateways
            | Section::About
            | Section::Contact
            | Section::Partners
            | Section::Areas
            | Section::Themes
            | Section::Money
            | Section::Learners
            | Section::Declarations => "sections",
        };
        format!("{}/{folder}/{}", self.address(), words::slug(section))
    }

    /// A section's faults, in a page's words.
    pub fn faults_of(&self, section: &Section) -> Vec<Fault> {
        let own = self.written.faults.iter().filter(|fault| section.holds(&fault.pointer));
        own.map(|fault| words::in_words(fault, self.rules())).collect()
    }

    pub fn steps(&self) -> Vec<Step> {
        let step = |section: Section| Step {
            title: words::title(&section, self.rules()),
            address: self.address_of(&section),
            stage: section.stage(self.content(), &self.written.faults),
            is_optional: (section == Section::Partners && self.content().partners.is_empty())
                || (section == Section::Themes && self.content().themes.is_empty()),
            section,
        };
        Section::all(self.rules()).into_iter().map(step).collect()
    }
}

pub(super) fn address(id: BidId) -> String {
    format!("/your-bids/{id}")
}

pub(super) fn shell(visit: &Visit<Member>) -> Shell {
    visit.shell().under("Your bids", "/your-bids")
}

/// The frame of a page below the bid's own.
pub(super) fn shell_below(visit: &Visit<Member>, work: &Work) -> Shell {
    shell(visit).under(work.reference(), work.address())
}

/// One section in the list of them.
pub(super) struct Step {
    pub section: Section,
    pub title: String,
    pub address: String,
    pub stage: Stage,
    /// Whether it is empty and may stay so.
    pub is_optional: bool,
}
