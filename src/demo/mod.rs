//! The sample fund, played from its first invitation to its outcome emails.
//!
//! It starts the real service in this process, on a database of its own, with a clock that is moved
//! from day to day, and does everything through the public HTTP API and the emails that arrive, as
//! the people concerned would. Only the very first administrator comes in by the set-up link, as in
//! any new installation. What is played is in `data/`: every organisation, person and bid in it is
//! invented, and the round's criteria are illustrative.
//!
//! Invariant: same data, same routing, scores, ranks and outcomes, on every run and both databases.
//! Bids' references differ, since they are drawn at random.
//!
//! Must not know: any feature's inside.

mod client;
mod marking;
mod play;
mod postbox;
mod report;
mod sample;
mod terminal;

use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, bail};
use tokio::sync::oneshot;

use crate::app::lifecycle;
use crate::clock::Clock;
use crate::config::{Config, Transport};
use crate::db::DatabaseUrl;

pub use report::{Account, Played, Row, table};

use sample::Sample;
use terminal::Telling;

/// Where the sample keeps its files.
const FOLDER: &str = "var/demo";

/// How the sample is run.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Ends when the round is closed, instead of staying up for a look.
    pub exit: bool,
}

/// Plays the sample fund on a fresh SQLite file below `var/demo`, or on an empty PostgreSQL database
/// where the configuration names one, tells it on standard output, and stays up until interrupted.
///
/// # Errors
/// The database is not empty, or an answer of the service was not the one that the story needs.
pub async fn run(config: Config, options: Options) -> anyhow::Result<()> {
    let config = at_home(config)?;
    let sample = Sample::load()?;
    let telling = Telling::to_terminal(steps(&sample))?;
    let folder = config.mail.folder.clone();
    let stay = if options.exit { Stay::No } else { Stay::UntilStopped };
    let show = async |played: &Played, address: &str| {
        let telling = Telling::Lines;
        telling.say(&report::farewell(played, address, &folder));
        if !options.exit {
            telling.say("The service stays up for a look; Ctrl-C ends it.");
        }
    };
    perform(config, sample, telling, stay, lifecycle::told_to_stop()?, show).await.map(drop)
}

/// Plays the sample fund on the configuration's own database and outbox, without a word. `look` is
/// given what was played and the service's address while it is still up; then it ends.
///
/// # Errors
/// As [`run`].
pub async fn rehearse(config: Config, look: impl AsyncFnOnce(&Played, &str)) -> anyhow::Result<Played> {
    perform(config, Sample::load()?, Telling::Silent, Stay::No, std::future::pending(), look).await
}

/// Whether the service stays up when the story has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stay {
    UntilStopped,
    No,
}

async fn perform(
    config: Config,
    sample: Sample,
    telling: Telling,
    stay: Stay,
    told_to_stop: impl Future<Output = ()>,
    then: impl AsyncFnOnce(&Played, &str),
) -> anyhow::Result<Played> {
    let config = on_stage(config)?;
    let clock = Clock::standing_at(sample.plan.timeline.begins);
    lifecycle::open(&config, clock.clone())?.migrate().await?;
    let platform = lifecycle::platform(&config, clock.clone()).await?;
    let Some(token) = crate::accounts::ops::setup_token(&platform).await? else {
        bail!("there are people in this database already; give the sample fund an empty one");
    };

    let address = config.server.public_url.clone();
    let (listening, heard) = oneshot::channel();
    let (over, is_over) = oneshot::channel::<()>();
    let mut over = Some(over);
    let told = |_| {
        // Nobody hears it where the story has ended already.
        let _heard = listening.send(());
    };
    let serving = lifecycle::serve(&config, &platform, told, async {
        tokio::select! {
            _ = is_over => {}
            () = told_to_stop => {}
        }
    });
    let playing = async {
        let story = async {
            heard.await.context("the service did not start")?;
            let stage = play::Stage::new(sample, &address, clock, &config.mail.folder, telling);
            let played = tokio::task::spawn_blocking(move || play::play(stage, &token)).await??;
            then(&played, &address).await;
            anyhow::Ok(played)
        };
        let played = story.await;
        if played.is_err() || stay == Stay::No {
            // The service waits for the sender to be dropped.
            drop(over.take());
        }
        played
    };
    let (served, played) = tokio::join!(serving, playing);
    served?;
    played
}

/// The configuration, with what the story needs of it.
fn on_stage(mut config: Config) -> anyhow::Result<Config> {
    config.server.listen = free_address(&config.server.listen)?;
    config.server.public_url = format!("http://{}", config.server.listen);
    config.mail.transport = Transport::File;
    // The story waits for emails, so they are looked for often.
    config.mail.poll_milliseconds = config.mail.poll_milliseconds.min(50);
    config.accounts.provider_registration = true;
    // The story says itself when a round opens and when its assessment starts.
    config.scheduler.enabled = false;
    Ok(config)
}

/// How many steps the bar shows: registrations, invitations, bids, offers answered, assessments.
fn steps(sample: &Sample) -> u64 {
    let places = sample.bids.len() * 3;
    u64::try_from(sample.bids.len() * 2 + sample.assessors.len() + places * 2).unwrap_or(u64::MAX)
}

/// A fresh SQLite file and outbox below [`FOLDER`]; a PostgreSQL database stays as configured.
fn at_home(mut config: Config) -> anyhow::Result<Config> {
    let folder = Path::new(FOLDER);
    match DatabaseUrl::parse(&config.database.url)? {
        DatabaseUrl::Postgres(_) => {}
        DatabaseUrl::Sqlite(_) => {
            for file in ["fasttrack.db", "fasttrack.db-wal", "fasttrack.db-shm"] {
                removed(std::fs::remove_file(folder.join(file)))?;
            }
            config.database.url = format!("sqlite:{FOLDER}/fasttrack.db");
        }
    }
    removed(std::fs::remove_dir_all(folder.join("outbox")))?;
    config.mail.folder = format!("{FOLDER}/outbox");
    Ok(config)
}

/// What was not there need not be removed.
fn removed(result: std::io::Result<()>) -> anyhow::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result.with_context(|| format!("what an earlier run left in {FOLDER} cannot be removed")),
    }
}

/// The configured address, or one with a port of the system's choice where that is taken.
fn free_address(listen: &str) -> anyhow::Result<String> {
    let listener = TcpListener::bind(listen).or_else(|_| TcpListener::bind("127.0.0.1:0"))?;
    Ok(listener.local_addr()?.to_string())
}
