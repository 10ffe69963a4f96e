//! Emails as administrators and auditors see them: everything but the one-time tokens.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::EmailKind;
use super::outbox::{EmailHead, EmailRow, EmailStatus};
use super::text::without_tokens;
use crate::clock::Timestamp;
use crate::id::{BidId, EmailId, RoundId};

/// An email without its bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmailSummary {
    pub id: EmailId,
    pub kind: EmailKind,
    #[schema(example = "priya@calder.example.org")]
    pub recipient: String,
    #[schema(example = "Priya Example")]
    pub recipient_name: String,
    #[schema(example = "Awarded £150,000: FT1-7K3M-9Q, Digital skills for advanced manufacturing")]
    pub subject: String,
    /// The same however often it is sent.
    #[schema(example = "<0199a1b2-0000-7000-8000-000000000001@bids.example.org>")]
    pub message_id: String,
    pub round_id: Option<RoundId>,
    pub bid_id: Option<BidId>,
    pub status: EmailStatus,
    /// Attempts since it was promised or sent again.
    #[schema(example = 1)]
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// What the mail server said last, until it accepts.
    #[schema(example = "permanent error (550): no such mailbox")]
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// An email with its bodies. One-time tokens in its links show as `…`: who reads the outbox cannot
/// use them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Email {
    #[serde(flatten)]
    pub summary: EmailSummary,
    pub text: String,
    pub html: String,
}

/// Asks for an email to be sent again.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Why, for the audit trail.
    #[serde(default)]
    #[schema(example = "The bidder's mailbox was full.", max_length = 1000)]
    pub reason: Option<String>,
}

impl From<EmailHead> for EmailSummary {
    fn from(row: EmailHead) -> Self {
        let waits = match row.status {
            EmailStatus::Waiting => true,
            EmailStatus::Sending | EmailStatus::Sent | EmailStatus::Failed => false,
        };
        Self {
            id: row.id,
            kind: row.kind,
            recipient: row.recipient,
            recipient_name: row.recipient_name,
            subject: row.subject,
            message_id: row.message_id,
            round_id: row.round_id,
            bid_id: row.bid_id,
            status: row.status,
            attempts: row.attempts,
            next_attempt_at: waits.then_some(row.next_attempt_at),
            last_error: row.last_error,
            created_at: row.created_at,
            sent_at: row.sent_at,
        }
    }
}

impl From<EmailRow> for Email {
    fn from(row: EmailRow) -> Self {
        let (text, html) = (without_tokens(&row.text_body), without_tokens(&row.html_body));
        Self { summary: EmailHead::from(row).into(), text, html }
    }
}
