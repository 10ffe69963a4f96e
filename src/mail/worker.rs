//! The worker: leases rows that are due, sends them outside any transaction, and writes down what
//! came of it.
//!
//! Any number of replicas may run it. A row is leased by compare-and-set, so one of them has it; a
//! lease that its holder did not live to end is taken over when its time is up. Between a server's
//! acceptance and our note of it there is a moment in which a crash leads to a second sending, with
//! the same Message-ID: `docs/email.md`.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use rand::Rng;
use tokio::sync::watch;

use super::outbox::{self, EmailRow};
use super::transport::{CONNECTIONS, Refusal, Transport};
use crate::config;
use crate::platform::Platform;
use crate::problem::Result;

/// Rows leased at one time.
const LEASED: u32 = 20;
/// Emails under way at one time, so that one that hangs holds up none of the others.
const LANES: u32 = CONNECTIONS;
/// What a lease lasts longer than the sending of all its rows can, in seconds.
const LEASE_SLACK: u64 = 60;
/// Attempts to write down that an email was sent, before it is left to be sent again.
const NOTES: u32 = 5;

/// What one pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    pub sent: usize,
    /// Not accepted now; tried again later.
    pub retried: usize,
    pub failed: usize,
}

/// Sends what is due, again and again, until told to stop; finishes the emails in hand first.
pub async fn run(on: Platform, transport: Transport, mail: config::Mail, mut stop: watch::Receiver<bool>) {
    let pause = Duration::from_millis(mail.poll_milliseconds.max(10));
    while !*stop.borrow() {
        let stopping = stop.clone();
        match pass(&on, &transport, &mail, move || *stopping.borrow()).await {
            Ok(done) if done != Delivered::default() => {
                tracing::info!(
                    sent = done.sent,
                    retried = done.retried,
                    failed = done.failed,
                    "emails were sent"
                );
            }
            Ok(_) => {}
            Err(problem) => tracing::error!(error = %problem, "the outbox could not be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // Nobody is left who could say stop: the service has ended.
            told = stop.changed() => if told.is_err() { return },
        }
    }
}

/// One pass: sends all that is due now.
///
/// # Errors
/// The database's own; what was sent until then stays sent.
pub async fn deliver_due(on: &Platform, transport: &Transport, mail: &config::Mail) -> Result<Delivered> {
    pass(on, transport, mail, || false).await
}

async fn pass(
    on: &Platform,
    transport: &Transport,
    mail: &config::Mail,
    stopping: impl Fn() -> bool,
) -> Result<Delivered> {
    let most = mail.attempts.max(1);
    let rounds = u64::from(LEASED.div_ceil(LANES));
    let lease =
        Duration::from_secs(mail.timeout_seconds.max(1).saturating_mul(rounds).saturating_add(LEASE_SLACK));
    let mut done = Delivered::default();
    while !stopping() {
        // Asked first by reading, so that an idle service writes nothing.
        let now = on.db.clock().now();
        if !on.db.read(move |conn| outbox::any_due(conn, now)).await? {
            break;
        }
        let leased = on.db.write(move |tx| outbox::lease(tx, LEASED, lease, most)).await?;
        done.failed += leased.given_up;
        if leased.rows.is_empty() && leased.given_up == 0 {
            break;
        }
        let stopping = &stopping;
        let results: Vec<Result<Fate>> = stream::iter(leased.rows)
            .map(|row| async move {
                if stopping() { put_back(on, row).await } else { deliver(on, transport, row, most).await }
            })
            .buffer_unordered(usize::try_from(LANES).unwrap_or(1))
            .collect()
            .await;
        for fate in results {
            match fate? {
                Fate::Sent => done.sent += 1,
                Fate::Retried => done.retried += 1,
                Fate::Failed => done.failed += 1,
                Fate::PutBack => {}
            }
        }
    }
    Ok(done)
}

#[derive(Debug, Clone, Copy)]
enum Fate {
    Sent,
    Retried,
    Failed,
    PutBack,
}

async fn deliver(on: &Platform, transport: &Transport, row: EmailRow, most: u32) -> Result<Fate> {
    let row = Arc::new(row);
    let attempt = u32::try_from(row.attempts).unwrap_or(u32::MAX);
    match transport.send(&row).await {
        Ok(()) => {
            note_sent(on, &row).await?;
            Ok(Fate::Sent)
        }
        Err(Refusal::Retry(told)) if attempt < most => {
            tracing::warn!(email = %row.id, attempt, error = told, "an email was not accepted; it is tried again");
            let wait = backoff(attempt);
            on.db.write(move |tx| outbox::set_waiting(tx, &row, wait, &told)).await?;
            Ok(Fate::Retried)
        }
        Err(Refusal::Retry(told) | Refusal::Permanent(told)) => {
            tracing::warn!(email = %row.id, attempt, error = told, "an email failed");
            on.db.write(move |tx| outbox::set_failed(tx, &row, &told)).await?;
            Ok(Fate::Failed)
        }
    }
}

/// What is not noted is sent again, so the note is worth more than one attempt.
async fn note_sent(on: &Platform, row: &EmailRow) -> Result<()> {
    let id = row.id;
    let mut attempt = 1;
    loop {
        match on.db.write(move |tx| outbox::set_sent(tx, id)).await {
            Err(problem) if attempt < NOTES => {
                tracing::warn!(email = %id, error = %problem, "an email was sent, but that could not be noted yet");
                tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
                attempt += 1;
            }
            noted => return noted,
        }
    }
}

async fn put_back(on: &Platform, row: EmailRow) -> Result<Fate> {
    on.db.write(move |tx| outbox::release(tx, &row)).await?;
    Ok(Fate::PutBack)
}

/// How long to wait after the attempt of this number, counted from 1: 30 s, doubled each time to at
/// most an hour, a fifth more or less at random so that emails that failed together part.
fn backoff(attempt: u32) -> Duration {
    const FIRST: u64 = 30_000;
    const MOST: u64 = 3_600_000;
    let base = (FIRST << attempt.saturating_sub(1).min(12)).min(MOST);
    Duration::from_millis(rand::rng().random_range(base - base / 5..=base + base / 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour() {
        let within = |attempt, seconds: u64| {
            let wait = backoff(attempt).as_secs();
            assert!((seconds * 4 / 5..=seconds * 6 / 5).contains(&wait), "{attempt}: {wait}");
        };
        within(1, 30);
        within(2, 60);
        within(5, 480);
        within(8, 3_600);
        within(u32::MAX, 3_600);
    }
}
