//! The audit trail: who did what to what, when, written in the act's own transaction and never
//! changed after; both databases refuse, by trigger, to update or delete a row.
//!
//! `detail` holds what the act decided (reasons, before and after), never a secret, a score that
//! is still blind, or an email's text.
//!
//! Must not know: any feature.

pub mod api;
mod store;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::Actor;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::id::{AuditId, RoundId};
use crate::problem::Result;

pub use store::{Filter, list};

/// One act.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Event {
    pub id: AuditId,
    pub at: Timestamp,
    /// `user:ID`, `client:ID` or `system`.
    #[schema(example = "system")]
    pub actor: String,
    /// The actor's role at the time.
    #[schema(example = "admin")]
    pub role: String,
    /// What was done, in the past: `round.opened`.
    #[schema(example = "round.opened")]
    pub action: String,
    #[schema(example = "round")]
    pub subject_kind: String,
    pub subject_id: String,
    pub round_id: Option<RoundId>,
    pub detail: Value,
    pub request_id: Option<String>,
}

/// Records an act, in its transaction. `action` is `subject.verb`, as in `bid.submitted`; its
/// first half is the kind of subject.
///
/// # Errors
/// The database refuses; the act is then undone with it.
#[expect(clippy::needless_pass_by_value, reason = "every subject is an id, which is copied")]
pub fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    subject: impl ToString,
    round: Option<RoundId>,
    detail: Value,
) -> Result<()> {
    let event = Event {
        id: AuditId::fresh(),
        at: tx.now,
        actor: actor.who.to_string(),
        role: actor.role_name().to_owned(),
        action: action.to_owned(),
        subject_kind: action.split('.').next().unwrap_or(action).to_owned(),
        subject_id: subject.to_string(),
        round_id: round,
        detail,
        request_id: actor.request_id.clone(),
    };
    store::insert(tx.conn, &event)
}
