//! What happens by itself when its time has come: rounds open, assessment starts at the deadline,
//! reminders go out, signing keys are replaced, kept idempotency keys are forgotten.
//!
//! Every replica may run it: each step is a use case that finds nothing to do where another was
//! first. No rule depends on it being on time: a deadline is judged by the transaction that submits.
//!
//! Must not know: how any step decides what is due.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::auth::Keys;
use crate::config;
use crate::platform::Platform;
use crate::problem::Result;
use crate::{accounts, assessments, once, rounds, routing};

/// How long old keys may lie about: what writes even when nothing is due is not done at every tick.
const TIDY: Duration = Duration::from_secs(600);

/// What one tick did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Done {
    pub rounds_opened: usize,
    pub assessments_started: usize,
    pub reminders: usize,
    pub keys_replaced: usize,
    pub keys_forgotten: usize,
    /// Old sign-in failures and refresh tokens.
    pub sign_ins_forgotten: usize,
    /// Steps that failed; the log says why, and the next tick tries again.
    pub failed: usize,
}

/// Ticks until told to stop; finishes the step in hand first.
pub async fn run(on: Platform, keys: Keys, scheduler: config::Scheduler, mut stop: watch::Receiver<bool>) {
    if !scheduler.enabled {
        return;
    }
    let pause = Duration::from_millis(scheduler.poll_milliseconds.max(10));
    let mut tidied: Option<Instant> = None;
    while !*stop.borrow() {
        let tidy = tidied.is_none_or(|at| at.elapsed() >= TIDY);
        if tidy {
            tidied = Some(Instant::now());
        }
        let done = steps(&on, &keys, &scheduler, tidy).await;
        if done != Done::default() {
            tracing::info!(?done, "the scheduler acted");
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // Nobody is left who could say stop: the service has ended.
            told = stop.changed() => if told.is_err() { return },
        }
    }
}

/// Takes each step once. A step that fails keeps none of the others from being taken.
pub async fn tick(on: &Platform, keys: &Keys, scheduler: &config::Scheduler) -> Done {
    steps(on, keys, scheduler, true).await
}

async fn steps(on: &Platform, keys: &Keys, scheduler: &config::Scheduler, tidy: bool) -> Done {
    // A negative number of days would remind nobody, as 0 reminds nobody before the time.
    let reminder_days = u32::try_from(scheduler.reminder_days).unwrap_or(0);
    let mut failed = 0;
    let mut count = |step: &'static str, result: Result<usize>| {
        result.unwrap_or_else(|problem| {
            tracing::error!(step, error = %problem, "the scheduler could not take a step");
            failed += 1;
            0
        })
    };
    let mut done = Done {
        rounds_opened: count("opening rounds", rounds::ops::open_due(on).await),
        assessments_started: count("starting assessment", routing::ops::start_due(on).await),
        reminders: count("reminding assessors", assessments::ops::remind_due(on, reminder_days).await),
        ..Done::default()
    };
    if tidy {
        done.keys_replaced = count("replacing signing keys", keys.rotate_if_due().await.map(usize::from));
        done.keys_forgotten = count("forgetting idempotency keys", forget_keys(on).await);
        done.sign_ins_forgotten = count("forgetting old sign-ins", accounts::ops::forget_old(on).await);
    }
    Done { failed, ..done }
}

async fn forget_keys(on: &Platform) -> Result<usize> {
    on.db
        .write(|tx| {
            let before = tx.now.plus(-chrono::Duration::hours(once::HOURS));
            once::forget_before(tx, before)
        })
        .await
}
