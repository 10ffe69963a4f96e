//! What people read. Each message is a typed context; `render` gives its subject and both bodies.

use askama::Template;

use super::text::{one_line, wrapped};
use super::{EmailKind, Message, Site};
use crate::clock::Timestamp;
use crate::money::Pence;
use crate::problem::{Problem, Result};

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
    /// What it was before it was adjusted for leniency, where the round announced that.
    pub before_adjustment: Option<String>,
    pub overall_threshold: Option<u32>,
    pub criteria: Vec<CriterionResult<'a>>,
    /// What assessors wrote for the bidder about the whole bid; never who.
    pub feedback: Vec<&'a str>,
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
    /// Where the score is the average of these.
    pub sub_criteria: Vec<SubCriterionResult<'a>>,
}

/// A bid's result on one sub-criterion, on its criterion's scale.
pub struct SubCriterionResult<'a> {
    pub title: &'a str,
    /// What it counts of 100: "7.50".
    pub effective_weight: &'a str,
    pub score: String,
    pub label: &'a str,
    /// Out of `effective_weight`.
    pub points: String,
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

/// The most characters of a subject.
const SUBJECT: usize = 120;

/// Both bodies of each message come from templates of one name in `mail/templates`.
macro_rules! messages {
    ($($context:ident is $kind:ident from $text:literal and $html:literal),* $(,)?) => {$(
        const _: () = {
            #[derive(Template)]
            #[template(path = $text)]
            struct Text<'a> {
                m: &'a $context<'a>,
                site: &'a Site,
            }

            #[derive(Template)]
            #[template(path = $html)]
            struct Html<'a> {
                m: &'a $context<'a>,
                site: &'a Site,
                subject: &'a str,
            }

            impl $context<'_> {
                /// # Errors
                /// The template cannot be rendered.
                pub fn render(&self, site: &Site) -> Result<Message> {
                    let subject = one_line(&self.subject(site), SUBJECT);
                    let text = Text { m: self, site }.render().map_err(Problem::internal)?;
                    let html = Html { m: self, site, subject: &subject }.render().map_err(Problem::internal)?;
                    Ok(Message { kind: EmailKind::$kind, subject, text: wrapped(&text), html })
                }
            }
        };
    )*};
}

messages! {
    Confirmation is Confirmation from "mail/templates/confirmation.txt" and "mail/templates/confirmation.html",
    Invitation is Invitation from "mail/templates/invitation.txt" and "mail/templates/invitation.html",
    PasswordReset is PasswordReset from "mail/templates/password_reset.txt" and "mail/templates/password_reset.html",
    BidReceived is BidReceived from "mail/templates/bid_received.txt" and "mail/templates/bid_received.html",
    BidWithdrawn is BidWithdrawn from "mail/templates/bid_withdrawn.txt" and "mail/templates/bid_withdrawn.html",
    DeadlineExtended is DeadlineExtended
        from "mail/templates/deadline_extended.txt" and "mail/templates/deadline_extended.html",
    RoundCancelled is RoundCancelled from "mail/templates/round_cancelled.txt" and "mail/templates/round_cancelled.html",
    AssignmentOffered is AssignmentOffered
        from "mail/templates/assignment_offered.txt" and "mail/templates/assignment_offered.html",
    AssignmentReleased is AssignmentReleased
        from "mail/templates/assignment_released.txt" and "mail/templates/assignment_released.html",
    AssessmentReminder is AssessmentReminder
        from "mail/templates/assessment_reminder.txt" and "mail/templates/assessment_reminder.html",
    AssessmentReopened is AssessmentReopened
        from "mail/templates/assessment_reopened.txt" and "mail/templates/assessment_reopened.html",
    OutcomeLetter is Outcome from "mail/templates/outcome.txt" and "mail/templates/outcome.html",
    RoundSummary is RoundSummary from "mail/templates/round_summary.txt" and "mail/templates/round_summary.html",
}

// A subject says what happened first and names what it happened to last, so that a long title
// costs nothing but its own end.

impl Confirmation<'_> {
    fn subject(&self, site: &Site) -> String {
        format!("Confirm your email address for {}: {}", site.service_name, self.organisation)
    }
}

impl Invitation<'_> {
    fn subject(&self, site: &Site) -> String {
        format!("You are invited to {} as {}", site.service_name, self.as_what)
    }
}

impl PasswordReset<'_> {
    fn subject(&self, site: &Site) -> String {
        format!("Set a new password for {}, by {}", site.service_name, self.expires_at.london())
    }
}

impl BidReceived<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("Bid received: {}, {}", self.reference, self.title)
    }
}

impl BidWithdrawn<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("Bid withdrawn: {}, {}", self.reference, self.title)
    }
}

impl DeadlineExtended<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("New deadline, {}: {}", self.deadline.london(), self.round)
    }
}

impl RoundCancelled<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("Cancelled, no bid will be funded: {}, {}", self.reference, self.round)
    }
}

impl AssignmentOffered<'_> {
    fn subject(&self, _: &Site) -> String {
        match self.bids.as_slice() {
            [bid] => format!("1 bid to assess: {}, {}", bid.reference, self.round),
            bids => format!("{} bids to assess: {}", bids.len(), self.round),
        }
    }
}

impl AssignmentReleased<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("You no longer need to assess {}, {}", self.reference, self.round)
    }
}

impl AssessmentReminder<'_> {
    fn subject(&self, _: &Site) -> String {
        let due = self.due_at.london();
        match self.references.as_slice() {
            [reference] => format!("Reminder: 1 assessment due by {due}: {reference}"),
            references => format!("Reminder: {} assessments due by {due}: {}", references.len(), self.round),
        }
    }
}

impl AssessmentReopened<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("Please look again at your assessment of {}, {}", self.reference, self.round)
    }
}

impl OutcomeLetter<'_> {
    fn subject(&self, _: &Site) -> String {
        let outcome = self.verdict.named();
        format!("{outcome}: {}, {}", self.reference, self.title)
    }

    fn has_sub_criteria(&self) -> bool {
        self.criteria.iter().any(|criterion| !criterion.sub_criteria.is_empty())
    }

    /// The first sentence: the outcome.
    fn key_message(&self) -> String {
        let bid = format!("“{}” ({})", one_line(self.title, usize::MAX), self.reference);
        match &self.verdict {
            Verdict::Awarded { amount } => format!("Your bid {bid} has been awarded {amount}."),
            Verdict::AwardedWithConditions { amount, .. } => {
                format!("Your bid {bid} has been awarded {amount}, with conditions.")
            }
            Verdict::Reserve { position } => format!(
                "Your bid {bid} has not been awarded funding at this stage: it is number {position} on the reserve list."
            ),
            Verdict::Unsuccessful => {
                format!("Your bid {bid} was unsuccessful and has not been awarded funding.")
            }
            Verdict::Ineligible { .. } => {
                format!("Your bid {bid} was not eligible and has not been awarded funding.")
            }
            Verdict::Withdrawn => format!("Your bid {bid} was withdrawn, so no decision was made on it."),
        }
    }
}

impl Verdict<'_> {
    /// In a few words: "Awarded £150,000".
    #[must_use]
    pub fn named(&self) -> String {
        match self {
            Self::Awarded { amount } => format!("Awarded {amount}"),
            Self::AwardedWithConditions { amount, .. } => format!("Awarded {amount} with conditions"),
            Self::Reserve { position } => format!("On the reserve list, number {position}"),
            Self::Unsuccessful => "Unsuccessful".to_owned(),
            Self::Ineligible { .. } => "Not eligible".to_owned(),
            Self::Withdrawn => "Withdrawn".to_owned(),
        }
    }

    /// What its bidder does now, and what the fund does.
    #[must_use]
    pub fn next_steps(&self) -> &'static str {
        match self {
            Self::Awarded { .. } => {
                "We will contact you about the grant agreement. Please do not commit spending against this award \
                 until the agreement is in place."
            }
            Self::AwardedWithConditions { .. } => {
                "We will contact you about the conditions and the grant agreement. Please do not commit spending \
                 against this award until the conditions are agreed and the agreement is in place."
            }
            Self::Reserve { .. } => {
                "You do not need to do anything. If funding becomes available we will offer it in the order of the \
                 reserve list and contact you. Being on the list is not a promise of funding."
            }
            Self::Unsuccessful | Self::Ineligible { .. } => {
                "You do not need to do anything. You may bid again if another round opens; the reasons given here \
                 say what to look at first."
            }
            Self::Withdrawn => "You do not need to do anything. You may bid again if another round opens.",
        }
    }

    /// The conditions of the award or the reason for ineligibility, under its heading.
    pub(super) fn particulars(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::AwardedWithConditions { conditions, .. } => Some(("Conditions", conditions)),
            Self::Ineligible { reason } => Some(("Why it was not eligible", reason)),
            Self::Awarded { .. } | Self::Reserve { .. } | Self::Unsuccessful | Self::Withdrawn => None,
        }
    }
}

impl CriterionResult<'_> {
    /// "2, met", or that there was none.
    fn threshold_met(&self) -> String {
        match (self.threshold, self.met_threshold) {
            (None, _) => "none".to_owned(),
            (Some(threshold), true) => format!("{threshold}, met"),
            (Some(threshold), false) => format!("{threshold}, not met"),
        }
    }
}

impl RoundSummary<'_> {
    fn subject(&self, _: &Site) -> String {
        format!("Closed: {}, {}", self.round, self.fund)
    }
}
