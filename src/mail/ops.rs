//! Use cases of the outbox.

use serde_json::json;

use super::model::{Email, EmailSummary, Resend};
use super::outbox::{self, EmailHead, EmailStatus, Filter};
use crate::audit;
use crate::auth::{Admin, Reader};
use crate::id::EmailId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;

/// The most characters of a reason.
const REASON: usize = 1_000;

/// The emails that pass the filter, in the page's order, one more than the page holds where there are more.
///
/// # Errors
/// The database's own.
pub async fn list(
    on: &Platform,
    _reader: &Reader,
    filter: Filter,
    paging: Paging,
) -> Result<Vec<EmailSummary>> {
    let rows = on.db.read(move |conn| outbox::list(conn, &filter, &paging)).await?;
    Ok(rows.into_iter().map(EmailSummary::from).collect())
}

/// One email, its one-time tokens left out.
///
/// # Errors
/// `not-found`.
pub async fn find(on: &Platform, _reader: &Reader, id: EmailId) -> Result<Email> {
    Ok(on.db.read(move |conn| outbox::find(conn, id)).await?.into())
}

/// Sends an email again that failed or was sent: the same email, with the same Message-ID, from
/// its first attempt.
///
/// # Errors
/// `not-found`; `wrong-state` while it waits or is being sent; `invalid`: the reason is too long.
pub async fn resend(on: &Platform, actor: &Admin, id: EmailId, input: Resend) -> Result<EmailSummary> {
    if input.reason.as_ref().is_some_and(|reason| reason.chars().count() > REASON) {
        return Err(Problem::fault("/reason", format!("write at most {REASON} characters")));
    }
    let actor = actor.clone();
    on.db
        .write(move |tx| {
            let row = outbox::find(tx.conn, id)?;
            match row.status {
                EmailStatus::Failed | EmailStatus::Sent => {}
                EmailStatus::Waiting | EmailStatus::Sending => {
                    return Err(Problem::wrong_state(
                        "This email is already on its way; it is sent by itself.",
                    ));
                }
            }
            if !outbox::restart(tx, &row)? {
                return Err(Problem::wrong_state("Somebody else sent this email again just now."));
            }
            let detail = json!({
                "reason": input.reason,
                "was": row.status,
                "attempts": row.attempts,
                "sent_at": row.sent_at,
                "last_error": row.last_error,
            });
            audit::record(tx, &actor, "email.resent", id, row.round_id, detail)?;
            Ok(EmailHead::from(outbox::find(tx.conn, id)?).into())
        })
        .await
}
