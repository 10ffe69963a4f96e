//! How the service comes up and goes down.
//!
//! Up: the database opens and has this program's schema (SQLite is brought to it, PostgreSQL has
//! to be there already, because several replicas share it), the keys are read, and only then is
//! the address bound. Down: no new request is taken, those under way are answered, the email in
//! hand is finished. Whatever is cut short was not answered, and is on no disk.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::sync::watch;

use super::{Started, start};
use crate::auth::Keys;
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{DatabaseUrl, Db};
use crate::mail::Site;
use crate::mail::transport::Transport;
use crate::platform::Platform;

/// Opens the database, whatever its schema, for commands that bring it up to date.
///
/// # Errors
/// The URL is wrong; the database cannot be reached, or refuses.
pub fn open(config: &Config, clock: Clock) -> anyhow::Result<Db> {
    let url = DatabaseUrl::parse(&config.database.url).context("database.url")?;
    Db::open(&url, &config.pool(), clock)
}

/// The platform that use cases stand on, once the database has this program's schema.
///
/// # Errors
/// As [`open`]; the schema of a PostgreSQL database is not this program's.
pub async fn platform(config: &Config, clock: Clock) -> anyhow::Result<Platform> {
    let db = open(config, clock)?;
    match DatabaseUrl::parse(&config.database.url)? {
        DatabaseUrl::Sqlite(_) => {
            let run = db.migrate().await?;
            if run > 0 {
                tracing::info!(migrations = run, "the database was brought up to date");
            }
        }
        DatabaseUrl::Postgres(_) => {
            if !db.is_migrated().await? {
                bail!("the database's tables are not those of this program: run `fasttrack migrate` first");
            }
        }
    }
    Ok(Platform {
        db,
        site: Arc::new(site(config)),
        accounts: Arc::new(config.accounts.clone()),
        awards: Arc::new(config.awards.clone()),
        follow: crate::routing::ops::follow,
    })
}

fn site(config: &Config) -> Site {
    let public_url = config.server.public_url.trim_end_matches('/').to_owned();
    let host = public_url.split_once("://").map_or(public_url.as_str(), |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or(host).to_owned();
    Site {
        mail_domain: if host.is_empty() { "localhost".to_owned() } else { host },
        public_url,
        service_name: config.server.service_name.clone(),
        contact_email: config.server.contact_email.clone(),
    }
}

/// Serves until `asked_to_stop`, then ends in order. `listening` is told the address.
///
/// # Errors
/// The address cannot be listened on; the server ends by itself.
pub async fn serve(
    config: &Config,
    platform: &Platform,
    listening: impl FnOnce(SocketAddr),
    asked_to_stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    // Before anybody is served: a wrong setting is to stop the start, not the emails.
    let transport = Transport::open(&config.mail).context("emails cannot be sent as configured")?;
    let keys = Keys::load(&platform.db).await?;
    let Started { address, server } = start(config, platform, &keys)?;
    let handle = server.handle();
    let mut server = actix_web::rt::spawn(server);

    let (stop, stopped) = watch::channel(false);
    let mut background = vec![actix_web::rt::spawn(crate::mail::worker::run(
        platform.clone(),
        transport,
        config.mail.clone(),
        stopped.clone(),
    ))];
    if config.scheduler.enabled {
        let scheduler = crate::scheduler::run(platform.clone(), keys, config.scheduler.clone(), stopped);
        background.push(actix_web::rt::spawn(scheduler));
    }
    tracing::info!(%address, "listening");
    listening(address);

    tokio::select! {
        () = asked_to_stop => {}
        ended = &mut server => {
            ended.context("the server ended")?.context("the server ended")?;
            bail!("the server ended by itself");
        }
    }
    tracing::info!("stopping: requests under way are finished first");
    // Nobody listens where the background tasks have ended already.
    let _told = stop.send(true);
    handle.stop(true).await;
    let patience = Duration::from_secs(config.server.shutdown_seconds.max(1));
    for task in background {
        match tokio::time::timeout(patience, task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a background task failed"),
            Err(_) => {
                tracing::warn!(
                    "a background task did not end in time; what it had not finished starts again"
                );
            }
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Until the process is told to stop: SIGTERM, or Ctrl-C.
///
/// # Errors
/// The signals cannot be listened for.
pub fn told_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
