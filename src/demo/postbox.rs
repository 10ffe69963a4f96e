//! Reads the emails that the service has written, as the people they are addressed to would.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The folder of `.eml` files and the links found in it so far.
pub(super) struct Postbox {
    folder: PathBuf,
    read: BTreeSet<PathBuf>,
    /// Tokens of links, by address, newest last.
    tokens: BTreeMap<String, Vec<String>>,
}

/// The worker looks for new emails several times a second.
const PATIENCE: Duration = Duration::from_secs(30);

impl Postbox {
    pub fn new(folder: &str) -> Self {
        Self { folder: PathBuf::from(folder), read: BTreeSet::new(), tokens: BTreeMap::new() }
    }

    /// Waits for an email to this address with a link in it, and gives the link's token. Each link
    /// is given once.
    pub fn token(&mut self, address: &str) -> anyhow::Result<String> {
        let started = Instant::now();
        loop {
            if let Some(token) = self.tokens.get_mut(address).and_then(Vec::pop) {
                return Ok(token);
            }
            self.look()?;
            if self.tokens.get(address).is_none_or(Vec::is_empty) {
                if started.elapsed() > PATIENCE {
                    bail!("no email with a link came for {address} in {}", self.folder.display());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }

    /// Reads the emails that are new.
    fn look(&mut self) -> anyhow::Result<()> {
        if !self.folder.is_dir() {
            return Ok(());
        }
        let folder = self.folder.display().to_string();
        let mut new = Vec::new();
        for entry in std::fs::read_dir(&self.folder).with_context(|| format!("{folder} cannot be read"))? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "eml") && !self.read.contains(&path) {
                new.push(path);
            }
        }
        // Files are named by Message-ID, which is in the order of the promises.
        new.sort();
        for path in new {
            let email = std::fs::read_to_string(&path)
                .with_context(|| format!("{} cannot be read", path.display()))?;
            if let Some((address, token)) = addressee(&email).zip(token(&email)) {
                self.tokens.entry(address).or_default().push(token);
            }
            self.read.insert(path);
        }
        Ok(())
    }
}

/// The address in the `To` header, in lower case.
pub(super) fn addressee(email: &str) -> Option<String> {
    let to = header(email, "to")?;
    let address = match (to.rfind('<'), to.rfind('>')) {
        (Some(start), Some(end)) if start < end => &to[start + 1..end],
        (Some(_) | None, Some(_) | None) => to.trim(),
    };
    Some(address.to_lowercase())
}

/// A header's value, with its continuation lines.
fn header(email: &str, name: &str) -> Option<String> {
    let mut value: Option<String> = None;
    for line in email.lines().take_while(|line| !line.is_empty()) {
        if let Some(value) = &mut value {
            if !line.starts_with([' ', '\t']) {
                break;
            }
            value.push_str(line);
        } else if let Some((key, rest)) = line.split_once(':')
            && key.eq_ignore_ascii_case(name)
        {
            value = Some(rest.trim().to_owned());
        }
    }
    value
}

/// The token of the first link in the text part.
fn token(email: &str) -> Option<String> {
    let text = text_part(email)?;
    let (_, rest) = text.split_once("token=")?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    let token: String = rest.chars().take_while(|c| is_part(*c)).collect();
    let token = token.trim_end_matches('.').to_owned();
    (!token.is_empty()).then_some(token)
}

/// The first `text/plain` part, decoded.
pub(super) fn text_part(email: &str) -> Option<String> {
    let email = email.replace("\r\n", "\n");
    let mut encoding = "7bit".to_owned();
    let mut plain = false;
    let mut lines = email.lines();
    // Headers of the message and of its parts; the part begins at the blank line after its own.
    while let Some(line) = lines.next() {
        let lower = line.to_ascii_lowercase();
        if lower.starts_with("content-type:") {
            plain = lower.contains("text/plain");
        } else if let Some(told) = lower.strip_prefix("content-transfer-encoding:") {
            told.trim().clone_into(&mut encoding);
        } else if line.is_empty() && plain {
            let body: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("--")).collect();
            return decoded(&encoding, &body);
        }
    }
    None
}

fn decoded(encoding: &str, body: &[&str]) -> Option<String> {
    match encoding {
        "quoted-printable" => Some(quoted_printable(&body.join("\n"))),
        "base64" => String::from_utf8(STANDARD.decode(body.concat()).ok()?).ok(),
        _ => Some(body.join("\n")),
    }
}

/// RFC 2045, 6.7.
fn quoted_printable(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let escaped = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        if first != b'=' {
            bytes.push(first);
            rest = after;
        } else if let Some(next) = after.strip_prefix(b"\n") {
            rest = next;
        } else if let Some(byte) = escaped.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_broken_over_two_encoded_lines_is_read_whole() {
        let email = "From: a@example.org\r\nTo: Ada =?utf-8?q?E?=\r\n <Ada@Example.org>\r\nContent-Type: multipart/alternative;\r\n boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nOpen http://h/confirm?token=3DabC_d=\r\n-9 today.\r\n--x--\r\n";
        assert_eq!(addressee(email).as_deref(), Some("ada@example.org"));
        assert_eq!(token(email).as_deref(), Some("abC_d-9"));
    }
}
