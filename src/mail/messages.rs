//! What people read. Each message is a typed context; `render` gives its subject and both bodies.

use super::{EmailKind, Message, Site};
use crate::clock::Timestamp;
use crate::money::Pence;
use crate::problem::Result;

/// Proves that an address belongs to the person who registered with it.
pub struct Confirmation<'a> {
    pub name: &'a str,
    pub organisation: &'a str,
    pub token: &'a str,
    pub expires_at: Timestamp,
}

/// Asks a person to join, in a role.
pub struct Invitation<'a> {
    pub name: &'a str,
    /// "an assessor", "an administrator", "an auditor", "a member of Calder Skills Trust".
    pub as_what: &'a str,
    pub invited_by: &'a str,
    pub token: &'a str,
    pub expires_at: Timestamp,
}

pub struct PasswordReset<'a> {
    pub name: &'a str,
    pub token: &'a str,
    pub expires_at: Timestamp,
}

/// The receipt of a bid.
pub struct BidReceived<'a> {
    pub name: &'a str,
    pub reference: &'a str,
    pub title: &'a str,
    pub organisation: &'a str,
    pub round: &'a str,
    pub number: u32,
    pub submitted_at: Timestamp,
    pub deadline: Timestamp,
    pub amount: Pence,
    /// SHA-256 of the version that was received, so that either side can show what it was.
    pub content_sha256: &'a str,
}

pub struct BidWithdrawn<'a> {
    pub name: &'a str,
    pub reference: &'a str,
    pub title: &'a str,
    pub round: &'a str,
    pub withdrawn_at: Timestamp,
    pub deadline: Timestamp,
}

pub struct DeadlineExtended<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub was: Timestamp,
    pub deadline: Timestamp,
    pub reason: &'a str,
}

pub struct RoundCancelled<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub reason: &'a str,
}

/// One email tells an assessor of all the bids that one act offered.
pub struct AssignmentOffered<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub bids: Vec<OfferedBid<'a>>,
    pub due_at: Option<Timestamp>,
}

pub struct OfferedBid<'a> {
    pub reference: &'a str,
    pub title: &'a str,
    pub organisation: &'a str,
    /// Why this assessor: "covers Burnley".
    pub because: &'a str,
}

pub struct AssignmentReleased<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub reason: &'a str,
}

pub struct AssessmentReminder<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub references: Vec<&'a str>,
    pub due_at: Timestamp,
}

pub struct AssessmentReopened<'a> {
    pub name: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub reason: &'a str,
}

/// What became of a bid, for its bidder.
pub struct OutcomeLetter<'a> {
    pub name: &'a str,
    pub fund: &'a str,
    pub round: &'a str,
    pub reference: &'a str,
    pub title: &'a str,
    pub organisation: &'a str,
    pub verdict: Verdict<'a>,
    /// Why: "Ranked 7th of 18; …".
    pub sentence: &'a str,
    /// "72.35"; `None` where the bid was not scored.
    pub combined_score: Option<String>,
    pub overall_threshold: Option<u32>,
    pub criteria: Vec<CriterionResult<'a>>,
    pub query_email: &'a str,
    pub query_by: Timestamp,
}

pub enum Verdict<'a> {
    Awarded { amount: Pence },
    AwardedWithConditions { amount: Pence, conditions: &'a str },
    Reserve { position: u32 },
    Unsuccessful,
    Ineligible { reason: &'a str },
    Withdrawn,
}

/// A bid's result on one criterion, as its bidder may see it.
pub struct CriterionResult<'a> {
    pub title: &'a str,
    pub weight: u32,
    /// The score used, on the criterion's scale, to two decimals: "3.67".
    pub score: String,
    pub lowest: i32,
    pub highest: i32,
    /// What the nearest whole level below is called: "Satisfactory".
    pub label: &'a str,
    pub threshold: Option<i32>,
    pub met_threshold: bool,
    /// Weighted points out of `weight`: "22.02".
    pub points: String,
    /// What assessors wrote for the bidder; never who.
    pub feedback: Vec<&'a str>,
}

/// What closing did, for the administrators.
pub struct RoundSummary<'a> {
    pub name: &'a str,
    pub fund: &'a str,
    pub round: &'a str,
    pub closed_at: Timestamp,
    /// "21 bids in total were received, 5 covering the Lancashire area".
    pub received: &'a str,
    /// Outcome and number of bids: ("Awarded", 9).
    pub outcomes: Vec<(&'a str, usize)>,
    pub budget: Pence,
    pub awarded: Pence,
    pub snapshot_sha256: &'a str,
}

macro_rules! stub {
    ($($name:ident $kind:ident),*) => {$(
        impl $name<'_> {
            /// # Errors
            /// The template cannot be rendered.
            pub fn render(&self, site: &Site) -> Result<Message> {
                let text = format!("{}: {}", site.service_name, self.name);
                Ok(Message { kind: EmailKind::$kind, subject: stringify!($kind).to_owned(), html: text.clone(), text })
            }
        }
    )*};
}

stub!(
    Confirmation Confirmation, Invitation Invitation, PasswordReset PasswordReset, BidReceived BidReceived,
    BidWithdrawn BidWithdrawn, DeadlineExtended DeadlineExtended, RoundCancelled RoundCancelled,
    AssignmentOffered AssignmentOffered, AssignmentReleased AssignmentReleased,
    AssessmentReminder AssessmentReminder, AssessmentReopened AssessmentReopened,
    OutcomeLetter Outcome, RoundSummary RoundSummary
);
