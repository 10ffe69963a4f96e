//! Configuration: `config/default.toml` says every key; a file named by `FASTTRACK_CONFIG` and
//! then the environment (`FASTTRACK__SECTION__KEY`, `DATABASE_URL`, `SMTP_URL`) override it. A
//! wrong or unknown key stops the start with its name.

use std::time::Duration;

use anyhow::Context;
use config::{Environment, File, FileFormat};
use serde::Deserialize;

use crate::db;

/// The file that documents every key, which is also where the defaults come from.
pub const DEFAULTS: &str = include_str!("../config/default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub database: Database,
    pub mail: Mail,
    pub accounts: Accounts,
    pub scheduler: Scheduler,
    pub awards: Awards,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: String,
    pub public_url: String,
    pub service_name: String,
    pub contact_email: String,
    /// 0: one for each core.
    pub workers: usize,
    pub body_limit_bytes: usize,
    pub shutdown_seconds: u64,
    pub cors_origins: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: String,
    pub connections: u32,
    pub wait_seconds: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    pub transport: Transport,
    pub folder: String,
    pub smtp_url: String,
    pub from: String,
    pub reply_to: String,
    pub attempts: u32,
    pub poll_milliseconds: u64,
    pub timeout_seconds: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    File,
    Smtp,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    pub provider_registration: bool,
    pub refresh_days: i64,
    pub session_idle_minutes: i64,
    pub session_hours: i64,
    pub sign_in_attempts: i64,
    pub sign_in_window_minutes: i64,
    pub link_hours: i64,
    pub invitation_days: i64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduler {
    pub enabled: bool,
    pub poll_milliseconds: u64,
    pub reminder_days: i64,
}

/// How awards are published.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Awards {
    pub prefix: String,
    pub funder_id: String,
    pub funder_name: String,
    pub licence: String,
}

impl Awards {
    fn has_prefix(&self) -> bool {
        self.prefix
            .strip_prefix("360G-")
            .is_some_and(|own| !own.is_empty() && own.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// Reads the configuration of this process.
    ///
    /// # Errors
    /// A file that cannot be read; a key that is unknown, missing or of the wrong kind, by name.
    pub fn load() -> anyhow::Result<Self> {
        let mut builder = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        if let Ok(path) = std::env::var("FASTTRACK_CONFIG") {
            builder = builder.add_source(File::new(&path, FileFormat::Toml));
        }
        let ours = Environment::with_prefix("FASTTRACK")
            .prefix_separator("__")
            .separator("__")
            .try_parsing(true)
            .list_separator(",")
            .with_list_parse_key("server.cors_origins");
        builder = builder.add_source(ours);
        if let Ok(url) = std::env::var("DATABASE_URL") {
            builder = builder.set_override("database.url", url)?;
        }
        if let Ok(url) = std::env::var("SMTP_URL") {
            builder = builder.set_override("mail.smtp_url", url)?.set_override("mail.transport", "smtp")?;
        }
        let read = builder.build().context("the configuration cannot be read")?;
        let config: Self = read.try_deserialize().context("the configuration is wrong")?;
        config.check()?;
        Ok(config)
    }

    /// What a type cannot say of a value.
    fn check(&self) -> anyhow::Result<()> {
        let url = &self.server.public_url;
        let names_a_host = ["http://", "https://"]
            .iter()
            .filter_map(|scheme| url.strip_prefix(scheme))
            .any(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['));
        let wrong = [
            (!names_a_host, "server.public_url", "starts with http:// or https:// and names a host"),
            (url.ends_with('/'), "server.public_url", "has no slash at the end"),
            (self.server.body_limit_bytes == 0, "server.body_limit_bytes", "is at least 1"),
            (self.database.connections == 0, "database.connections", "is at least 1"),
            (self.database.wait_seconds == 0, "database.wait_seconds", "is at least 1"),
            (self.accounts.session_idle_minutes < 1, "accounts.session_idle_minutes", "is at least 1"),
            (self.accounts.session_hours < 1, "accounts.session_hours", "is at least 1"),
            (self.mail.attempts == 0, "mail.attempts", "is at least 1"),
            (self.mail.poll_milliseconds == 0, "mail.poll_milliseconds", "is at least 1"),
            (
                self.mail.transport == Transport::Smtp && self.mail.smtp_url.is_empty(),
                "mail.smtp_url",
                "is needed where mail.transport is \"smtp\"",
            ),
            (self.scheduler.poll_milliseconds == 0, "scheduler.poll_milliseconds", "is at least 1"),
            (!self.awards.has_prefix(), "awards.prefix", "is 360G- and then letters, digits or _"),
            (self.awards.funder_id.trim().is_empty(), "awards.funder_id", "is needed"),
            (self.awards.funder_name.trim().is_empty(), "awards.funder_name", "is needed"),
            (!self.awards.licence.starts_with("https://"), "awards.licence", "starts with https://"),
        ];
        let wrong: Vec<String> = wrong
            .iter()
            .filter(|(is_wrong, ..)| *is_wrong)
            .map(|(_, key, rule)| format!("{key} {rule}"))
            .collect();
        anyhow::ensure!(wrong.is_empty(), "the configuration is wrong: {}", wrong.join("; "));
        Ok(())
    }

    /// The defaults alone, for tests and the sample fund.
    ///
    /// # Errors
    /// None in a program whose tests pass.
    pub fn defaults() -> anyhow::Result<Self> {
        let defaults = config::Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
        Ok(defaults.build()?.try_deserialize()?)
    }

    #[must_use]
    pub fn pool(&self) -> db::Settings {
        db::Settings {
            connections: self.database.connections,
            wait: Duration::from_secs(self.database.wait_seconds),
        }
    }
}
