//! The outbox: the rows of promised emails.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::text::one_line;
use super::{EmailKind, Promise, Site};
use crate::clock::Timestamp;
use crate::db::schema::emails;
use crate::db::types::word_enum;
use crate::db::{BATCH, Conn, Tx, on_each, paged};
use crate::id::{BidId, EmailId, RoundId};
use crate::problem::{Problem, Result};
use crate::rest::Paging;

word_enum! {
    pub enum EmailStatus {
        /// To be sent at its next attempt.
        Waiting = "waiting",
        /// Leased by a worker.
        Sending = "sending",
        /// Accepted by the mail server, or written to its file.
        Sent = "sent",
        /// Refused for good, or too often; an administrator can send it again.
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

/// A row without its bodies, which a list has no use for.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = emails)]
pub struct EmailHead {
    pub id: EmailId,
    pub kind: EmailKind,
    pub recipient: String,
    pub recipient_name: String,
    pub subject: String,
    pub message_id: String,
    pub round_id: Option<RoundId>,
    pub bid_id: Option<BidId>,
    pub status: EmailStatus,
    pub attempts: i32,
    pub next_attempt_at: Timestamp,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

impl From<EmailRow> for EmailHead {
    fn from(row: EmailRow) -> Self {
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
            next_attempt_at: row.next_attempt_at,
            last_error: row.last_error,
            created_at: row.created_at,
            sent_at: row.sent_at,
        }
    }
}

/// The most characters of a recipient's name and of a subject.
const NAME: usize = 200;
const SUBJECT: usize = 200;

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
        // Whatever a feature promised, a header is one line.
        recipient_name: one_line(&promise.to.name, NAME),
        subject: one_line(&promise.message.subject, SUBJECT),
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

/// Emails that are read at once.
const PAGE: i64 = 500;

/// Which emails: all conditions hold.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    pub status: Option<EmailStatus>,
    pub kind: Option<EmailKind>,
    pub round: Option<RoundId>,
    pub bid: Option<BidId>,
}

/// A round's emails of these kinds, whole, one at a time, oldest first.
///
/// # Errors
/// The database's own.
pub fn each_of_round(
    conn: &mut Conn,
    round: RoundId,
    kinds: &[EmailKind],
    mut see: impl FnMut(EmailRow) -> Result<()>,
) -> Result<()> {
    let mut after = None;
    loop {
        let query = emails::table
            .filter(emails::round_id.eq(round))
            .filter(emails::kind.eq_any(kinds.to_vec()))
            .order(emails::id)
            .limit(PAGE)
            .select(EmailRow::as_select());
        let page: Vec<EmailRow> = match after {
            Some(after) => query.filter(emails::id.gt(after)).load(conn)?,
            None => query.load(conn)?,
        };
        let Some(last) = page.last().map(|row| row.id) else { return Ok(()) };
        after = Some(last);
        page.into_iter().try_for_each(&mut see)?;
    }
}

/// The emails that pass the filter, in the page's order, one more than the page holds where there are more.
///
/// # Errors
/// The database's own.
pub fn list(conn: &mut Conn, filter: &Filter, paging: &Paging) -> Result<Vec<EmailHead>> {
    let query = emails::table.select(EmailHead::as_select()).into_boxed();
    let mut query = paged!(query, emails::id, EmailId, paging);
    if let Some(status) = filter.status {
        query = query.filter(emails::status.eq(status));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(emails::kind.eq(kind));
    }
    if let Some(round) = filter.round {
        query = query.filter(emails::round_id.eq(round));
    }
    if let Some(bid) = filter.bid {
        query = query.filter(emails::bid_id.eq(bid));
    }
    Ok(query.load(conn)?)
}

/// # Errors
/// `not-found`.
pub fn find(conn: &mut Conn, id: EmailId) -> Result<EmailRow> {
    let row = emails::table.find(id).select(EmailRow::as_select()).first(conn).optional()?;
    row.ok_or_else(Problem::not_found)
}

/// How many emails stand at each status, for the metrics.
///
/// # Errors
/// The database's own.
pub fn counts(conn: &mut Conn) -> Result<Vec<(EmailStatus, i64)>> {
    let counted =
        emails::table.group_by(emails::status).select((emails::status, diesel::dsl::count(emails::id)));
    Ok(counted.load(conn)?)
}

/// The index of due emails is for exactly these; a bound value would not match its condition.
const UNFINISHED: &str = "status IN ('waiting', 'sending')";

/// # Errors
/// The database's own.
pub(super) fn any_due(conn: &mut Conn, now: Timestamp) -> Result<bool> {
    let due = emails::table
        .filter(sql::<Bool>(UNFINISHED))
        .filter(emails::next_attempt_at.le(now))
        .select(emails::id)
        .first::<EmailId>(conn)
        .optional()?;
    Ok(due.is_some())
}

/// The row while its lease is still this one: each lease has its own number of attempts.
macro_rules! held {
    ($row:expr) => {
        emails::table
            .filter(emails::id.eq($row.id))
            .filter(emails::status.eq($row.status))
            .filter(emails::attempts.eq($row.attempts))
    };
}

/// Rows that this worker alone may send until their leases end.
#[derive(Debug)]
pub(super) struct Leased {
    pub rows: Vec<EmailRow>,
    /// Rows that failed here: every attempt ended with its worker.
    pub given_up: usize,
}

/// Leases the rows that have been due longest. The lease counts as an attempt when it is taken, so
/// that an email that ends its worker is not tried for ever. While it lasts the row is not due.
///
/// # Errors
/// The database's own.
pub(super) fn lease(tx: &mut Tx<'_>, most: u32, lease: Duration, attempts: u32) -> Result<Leased> {
    let due: Vec<EmailRow> = emails::table
        .filter(sql::<Bool>(UNFINISHED))
        .filter(emails::next_attempt_at.le(tx.now))
        .order((emails::next_attempt_at, emails::id))
        .limit(i64::from(most))
        .select(EmailRow::as_select())
        .load(tx.conn)?;
    let until = tx.now.plus(span(lease));
    let mut leased = Leased { rows: Vec::new(), given_up: 0 };
    for mut row in due {
        if u32::try_from(row.attempts).unwrap_or(u32::MAX) >= attempts {
            leased.given_up +=
                set_failed(tx, &row, "the service stopped each time while it was sending this email")?;
            continue;
        }
        let unchanged = emails::table
            .filter(emails::id.eq(row.id))
            .filter(emails::status.eq(row.status))
            .filter(emails::attempts.eq(row.attempts));
        row.attempts += 1;
        row.status = EmailStatus::Sending;
        let touched = diesel::update(unchanged)
            .set((
                emails::status.eq(row.status),
                emails::attempts.eq(row.attempts),
                emails::next_attempt_at.eq(until),
                emails::leased_until.eq(Some(until)),
            ))
            .execute(tx.conn)?;
        if touched == 1 {
            leased.rows.push(row);
        }
    }
    Ok(leased)
}

/// Acceptance is a fact, whoever holds the lease by now.
///
/// # Errors
/// The database's own.
pub(super) fn set_sent(tx: &mut Tx<'_>, id: EmailId) -> Result<()> {
    diesel::update(emails::table.filter(emails::id.eq(id)).filter(emails::status.ne(EmailStatus::Sent)))
        .set((
            emails::status.eq(EmailStatus::Sent),
            emails::sent_at.eq(Some(tx.now)),
            emails::leased_until.eq(None::<Timestamp>),
            emails::last_error.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Not accepted: due again after `wait`. Nothing where another worker has the row by now.
///
/// # Errors
/// The database's own.
pub(super) fn set_waiting(tx: &mut Tx<'_>, row: &EmailRow, wait: Duration, told: &str) -> Result<usize> {
    let touched = diesel::update(held!(row))
        .set((
            emails::status.eq(EmailStatus::Waiting),
            emails::next_attempt_at.eq(tx.now.plus(span(wait))),
            emails::leased_until.eq(None::<Timestamp>),
            emails::last_error.eq(Some(told)),
        ))
        .execute(tx.conn)?;
    Ok(touched)
}

/// Not accepted and not tried again. Nothing where another worker has the row by now.
///
/// # Errors
/// The database's own.
pub(super) fn set_failed(tx: &mut Tx<'_>, row: &EmailRow, told: &str) -> Result<usize> {
    let touched = diesel::update(held!(row))
        .set((
            emails::status.eq(EmailStatus::Failed),
            emails::leased_until.eq(None::<Timestamp>),
            emails::last_error.eq(Some(told)),
        ))
        .execute(tx.conn)?;
    Ok(touched)
}

/// Leased but never tried: as it was before.
///
/// # Errors
/// The database's own.
pub(super) fn release(tx: &mut Tx<'_>, row: &EmailRow) -> Result<usize> {
    let touched = diesel::update(held!(row))
        .set((
            emails::status.eq(EmailStatus::Waiting),
            emails::attempts.eq(row.attempts - 1),
            emails::next_attempt_at.eq(tx.now),
            emails::leased_until.eq(None::<Timestamp>),
        ))
        .execute(tx.conn)?;
    Ok(touched)
}

/// To be sent from the start again, by compare-and-set on its status; gives whether it was.
///
/// # Errors
/// The database's own.
pub(super) fn restart(tx: &mut Tx<'_>, row: &EmailRow) -> Result<bool> {
    let unchanged = emails::table.filter(emails::id.eq(row.id)).filter(emails::status.eq(row.status));
    let touched = diesel::update(unchanged)
        .set((
            emails::status.eq(EmailStatus::Waiting),
            emails::attempts.eq(0),
            emails::next_attempt_at.eq(tx.now),
            emails::leased_until.eq(None::<Timestamp>),
            emails::last_error.eq(None::<String>),
            emails::sent_at.eq(None::<Timestamp>),
        ))
        .execute(tx.conn)?;
    Ok(touched == 1)
}

fn span(duration: Duration) -> chrono::Duration {
    chrono::Duration::from_std(duration).unwrap_or(chrono::Duration::MAX)
}
