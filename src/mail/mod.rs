//! Email: promised in the transaction of the act that it tells of, sent later by a worker.
//!
//! A message is rendered when it is promised, so that what was previewed is what is sent, whatever
//! happens in between. One promise is one row is one `Message-ID`: see `docs/email.md` for what
//! "at least once" means to a reader.
//!
//! Must not know: any feature. Features know messages; messages know plain values only.

pub mod api;
pub mod messages;
pub mod model;
pub mod ops;
pub mod outbox;
pub mod outcome_changed;
mod text;
pub mod transport;
pub mod worker;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::word_enum;
use crate::id::{BidId, RoundId};

/// What messages say of the service that sends them.
#[derive(Debug, Clone)]
pub struct Site {
    /// Without a slash at the end.
    pub public_url: String,
    pub service_name: String,
    /// Where people ask for help.
    pub contact_email: String,
    /// The domain of Message-IDs.
    pub mail_domain: String,
}

word_enum! {
    pub enum EmailKind {
        Confirmation = "confirmation",
        Invitation = "invitation",
        PasswordReset = "password_reset",
        BidReceived = "bid_received",
        BidWithdrawn = "bid_withdrawn",
        DeadlineExtended = "deadline_extended",
        AssignmentOffered = "assignment_offered",
        AssignmentReleased = "assignment_released",
        AssessmentReminder = "assessment_reminder",
        AssessmentReopened = "assessment_reopened",
        Outcome = "outcome",
        OutcomeChanged = "outcome_changed",
        RoundSummary = "round_summary",
        RoundCancelled = "round_cancelled",
    }
}

/// A message ready to be promised: both bodies rendered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub kind: EmailKind,
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// Who gets it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
pub struct Recipient {
    pub email: String,
    pub name: String,
}

/// A message, its recipient and what it is about.
#[derive(Debug, Clone)]
pub struct Promise {
    pub to: Recipient,
    pub message: Message,
    pub round: Option<RoundId>,
    pub bid: Option<BidId>,
    /// Names the promise: a second one of the same name is the same email and is not sent again.
    pub name: String,
}
