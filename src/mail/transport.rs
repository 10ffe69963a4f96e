//! How an email leaves: as a file, or by SMTP. The one file that knows lettre.
//!
//! The same row always gives the same bytes (its own date, Message-ID and boundary), so that an
//! email that had to be sent twice can be recognised.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::outbox::EmailRow;
use super::text::one_line;
use crate::config;

/// Conversations with the mail server at one time.
pub(super) const CONNECTIONS: u32 = 4;
/// The most characters of a server's reply that are kept.
const REPLY: usize = 500;

/// Where emails go, and whom they come from.
pub struct Transport {
    way: Way,
    from: Mailbox,
    reply_to: Mailbox,
    timeout: Duration,
}

enum Way {
    File(PathBuf),
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
}

/// Why an email was not accepted, in the server's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It may be accepted later.
    Retry(String),
    /// It never will be.
    Permanent(String),
}

impl Transport {
    /// Nothing is connected to yet. A service calls this when it starts, so that a wrong setting is
    /// known by name and not by emails that never come.
    ///
    /// # Errors
    /// A setting cannot be used, by its name; the folder cannot be made. Never with the URL, which
    /// holds a password.
    pub fn open(mail: &config::Mail) -> anyhow::Result<Self> {
        let timeout = Duration::from_secs(mail.timeout_seconds.max(1));
        let way = match mail.transport {
            config::Transport::File => {
                let folder = PathBuf::from(&mail.folder);
                std::fs::create_dir_all(&folder)
                    .with_context(|| format!("mail.folder cannot be made: {}", folder.display()))?;
                Way::File(folder)
            }
            config::Transport::Smtp => {
                ensure!(
                    !mail.smtp_url.is_empty(),
                    "mail.smtp_url is empty; mail.transport \"smtp\" needs it"
                );
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&mail.smtp_url)
                    .context("mail.smtp_url cannot be used")?
                    .timeout(Some(timeout))
                    .pool_config(PoolConfig::new().max_size(CONNECTIONS));
                Way::Smtp(Box::new(builder.build()))
            }
        };
        let from = mail
            .from
            .parse()
            .context("mail.from is not an address such as Fasttrack <no-reply@example.org>")?;
        let reply_to = mail.reply_to.parse().context("mail.reply_to is not an address")?;
        Ok(Self { way, from, reply_to, timeout })
    }

    /// Sends one email; `Ok` once the server, or the disk, has it.
    ///
    /// # Errors
    /// As [`Refusal`] says.
    pub(super) async fn send(&self, email: &EmailRow) -> Result<(), Refusal> {
        let message = self.message(email)?;
        match &self.way {
            Way::File(folder) => {
                let path = folder.join(format!("{}.eml", local_part(&email.message_id)));
                let bytes = message.formatted();
                tokio::task::spawn_blocking(move || write_whole(&path, &bytes))
                    .await
                    .map_err(|error| Refusal::Retry(format!("writing was interrupted: {error}")))?
                    .map_err(|error| Refusal::Retry(format!("the file could not be written: {error}")))
            }
            // lettre's own timeout is for each step of a conversation; this one is for all of it.
            Way::Smtp(smtp) => match tokio::time::timeout(self.timeout, smtp.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(refusal(&error)),
                Err(_) => Err(Refusal::Retry(format!("no answer within {} seconds", self.timeout.as_secs()))),
            },
        }
    }

    fn message(&self, email: &EmailRow) -> Result<lettre::Message, Refusal> {
        let unusable =
            |what: &str, error: &dyn std::fmt::Display| Refusal::Permanent(format!("{what}: {error}"));
        let address =
            email.recipient.parse().map_err(|error| unusable("the address cannot be used", &error))?;
        let name = Some(email.recipient_name.clone()).filter(|name| !name.is_empty());
        let automatic =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        // The encoding that keeps every line short, whatever the text.
        let part = |kind: ContentType, body: &str| {
            SinglePart::builder()
                .header(kind)
                .header(ContentTransferEncoding::QuotedPrintable)
                .body(body.to_owned())
        };
        let bodies = MultiPart::alternative()
            .boundary(format!("part-{}", local_part(&email.message_id)))
            .singlepart(part(ContentType::TEXT_PLAIN, &email.text_body))
            .singlepart(part(ContentType::TEXT_HTML, &email.html_body));
        lettre::Message::builder()
            .date(SystemTime::from(email.created_at.utc()))
            .message_id(Some(email.message_id.clone()))
            .from(self.from.clone())
            .reply_to(self.reply_to.clone())
            .to(Mailbox::new(name, address))
            .subject(email.subject.clone())
            .raw_header(automatic)
            .multipart(bodies)
            .map_err(|error| unusable("the email cannot be written", &error))
    }
}

/// What stands before the `@`, made fit to name a file.
fn local_part(message_id: &str) -> String {
    let local = message_id.trim_start_matches('<').split('@').next().unwrap_or_default();
    local.chars().filter(|character| character.is_ascii_alphanumeric() || *character == '-').collect()
}

/// Whoever looks into the folder sees the whole file or none.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let partial = path.with_extension("partial");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&partial, bytes)?;
    std::fs::rename(&partial, path)
}

fn refusal(error: &lettre::transport::smtp::Error) -> Refusal {
    use std::error::Error as _;
    let mut told = error.to_string();
    // The reply's own text is already there; what lies deeper says why there was none.
    let mut cause = error.source().and_then(std::error::Error::source);
    while let Some(deeper) = cause {
        told = format!("{told}: {deeper}");
        cause = deeper.source();
    }
    let told = one_line(&told, REPLY);
    if error.is_permanent() && !is_about_us(error) { Refusal::Permanent(told) } else { Refusal::Retry(told) }
}

/// Replies that refuse this service's own sign-in (RFC 4954), not the email: somebody will put the
/// settings right, and the email is then as good as before.
fn is_about_us(error: &lettre::transport::smtp::Error) -> bool {
    error.status().is_some_and(|code| [530, 534, 535, 538].contains(&u16::from(code)))
}
