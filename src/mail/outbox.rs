//! The outbox: the rows of promised emails.

use diesel::prelude::*;

use super::{EmailKind, Promise, Site};
use crate::clock::Timestamp;
use crate::db::schema::emails;
use crate::db::types::word_enum;
use crate::db::{BATCH, Conn, Tx, on_each};
use crate::id::{BidId, EmailId, RoundId};
use crate::problem::Result;

word_enum! {
    pub enum EmailStatus {
        Waiting = "waiting",
        Sending = "sending",
        Sent = "sent",
        Failed = "failed",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = emails, treat_none_as_default_value = false)]
pub struct EmailRow {
    pub id: EmailId,
    pub kind: EmailKind,
    pub recipient: String,
    pub recipient_name: String,
    pub subject: String,
    pub text_body: String,
    pub html_body: String,
    pub message_id: String,
    pub promise: String,
    pub round_id: Option<RoundId>,
    pub bid_id: Option<BidId>,
    pub status: EmailStatus,
    pub attempts: i32,
    pub next_attempt_at: Timestamp,
    pub leased_until: Option<Timestamp>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// Promises emails, in the transaction of the act that they tell of. A promise whose name is
/// already there is kept as it was.
///
/// # Errors
/// The database's own.
pub fn promise(tx: &mut Tx<'_>, site: &Site, promises: &[Promise]) -> Result<()> {
    let rows: Vec<EmailRow> = promises.iter().map(|promise| row(promise, site, tx.now)).collect();
    for batch in rows.chunks(BATCH) {
        on_each!(&mut *tx.conn, conn => diesel::insert_into(emails::table)
            .values(batch)
            .on_conflict(emails::promise)
            .do_nothing()
            .execute(conn))?;
    }
    Ok(())
}

fn row(promise: &Promise, site: &Site, now: Timestamp) -> EmailRow {
    let id = EmailId::fresh();
    EmailRow {
        id,
        kind: promise.message.kind,
        recipient: promise.to.email.clone(),
        recipient_name: promise.to.name.clone(),
        subject: promise.message.subject.clone(),
        text_body: promise.message.text.clone(),
        html_body: promise.message.html.clone(),
        message_id: format!("<{id}@{}>", site.mail_domain),
        promise: promise.name.clone(),
        round_id: promise.round,
        bid_id: promise.bid,
        status: EmailStatus::Waiting,
        attempts: 0,
        next_attempt_at: now,
        leased_until: None,
        last_error: None,
        created_at: now,
        sent_at: None,
    }
}

/// Emails that were promised and are not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsent {
    pub waiting: i64,
    pub failed: i64,
}

/// # Errors
/// The database's own.
pub fn count_unsent(conn: &mut Conn) -> Result<Unsent> {
    let of = |conn: &mut Conn, statuses: &[EmailStatus]| {
        emails::table.filter(emails::status.eq_any(statuses.to_vec())).count().get_result::<i64>(conn)
    };
    Ok(Unsent {
        waiting: of(conn, &[EmailStatus::Waiting, EmailStatus::Sending])?,
        failed: of(conn, &[EmailStatus::Failed])?,
    })
}
