//! A small client of the API: what any program outside would be. Nothing here reaches into the
//! service.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::clock::{Clock, Timestamp};
use crate::id;

/// The service at an address.
pub(super) struct Api {
    agent: ureq::Agent,
    base: String,
    clock: Clock,
}

/// An answer of 2xx, or a refusal that was asked for.
pub(super) struct Answer {
    status: u16,
    etag: Option<String>,
    pub body: Value,
    asked: String,
}

/// Somebody who signs in with a password, and goes on with the refresh token when the access token
/// has run out.
pub(super) struct Person {
    api: Arc<Api>,
    /// Empty until the service has told it.
    pub id: String,
    pub name: String,
    pub email: String,
    password: String,
    tokens: Option<Tokens>,
}

struct Tokens {
    access: String,
    until: Timestamp,
    refresh: String,
}

/// Access tokens last 15 minutes; a new one is asked for a little earlier.
const TOKEN_MINUTES: i64 = 14;

struct Call<'a> {
    method: &'a str,
    path: &'a str,
    token: Option<&'a str>,
    etag: Option<&'a str>,
    kind: &'a str,
    body: Option<String>,
}

impl Api {
    pub fn new(address: &str, clock: Clock) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), base: format!("{address}/api/v1"), clock }
    }

    /// A POST by nobody in particular.
    pub fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.call(&Call {
            method: "POST",
            path,
            token: None,
            etag: None,
            kind: JSON,
            body: Some(body.to_string()),
        })?
        .done()
    }

    /// A GET by nobody in particular.
    pub fn get(&self, path: &str) -> anyhow::Result<Answer> {
        self.call(&Call { method: "GET", path, token: None, etag: None, kind: JSON, body: None })?.done()
    }

    fn call(&self, call: &Call<'_>) -> anyhow::Result<Answer> {
        let asked = format!("{} {}", call.method, call.path);
        let mut request =
            ureq::http::Request::builder().method(call.method).uri(format!("{}{}", self.base, call.path));
        if let Some(token) = call.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(etag) = call.etag {
            request = request.header("If-Match", etag);
        }
        if call.body.is_some() {
            request = request.header("Content-Type", call.kind);
        }
        if call.method == "POST" && call.kind == JSON {
            request = request.header("Idempotency-Key", id::fresh().to_string());
        }
        let request = request.body(call.body.clone().unwrap_or_default())?;
        let mut response = self.agent.run(request).with_context(|| format!("{asked} was not answered"))?;
        let status = response.status().as_u16();
        let etag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let text = response.body_mut().with_config().limit(50_000_000).read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Ok(Answer { status, etag, body, asked })
    }
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl Answer {
    fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    fn done(self) -> anyhow::Result<Self> {
        if self.is_done() {
            Ok(self)
        } else {
            bail!("{} was answered {}: {}", self.asked, self.status, self.body)
        }
    }

    /// The version to send back with a change.
    pub fn etag(&self) -> anyhow::Result<&str> {
        self.etag.as_deref().with_context(|| format!("{} gave no ETag", self.asked))
    }

    /// The text at this JSON pointer.
    pub fn text(&self, pointer: &str) -> anyhow::Result<&str> {
        text(&self.body, pointer).with_context(|| self.asked.clone())
    }

    /// The list at this JSON pointer.
    pub fn list(&self, pointer: &str) -> anyhow::Result<&[Value]> {
        list(&self.body, pointer).with_context(|| self.asked.clone())
    }
}

/// The text at a JSON pointer.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).with_context(|| format!("no text at {pointer} in {value}"))
}

/// The list at a JSON pointer.
pub(super) fn list<'a>(value: &'a Value, pointer: &str) -> anyhow::Result<&'a [Value]> {
    let found = value.pointer(pointer).and_then(Value::as_array);
    found.map(Vec::as_slice).with_context(|| format!("no list at {pointer} in {value}"))
}

impl Person {
    pub fn new(api: &Arc<Api>, name: &str, email: &str, password: &str) -> Self {
        Self {
            api: Arc::clone(api),
            id: String::new(),
            name: name.to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
            tokens: None,
        }
    }

    pub fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        self.send("GET", path, None, None)?.done()
    }

    pub fn post(&mut self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.send("POST", path, None, Some(body))?.done()
    }

    /// Changes the version that was read.
    pub fn put(&mut self, path: &str, read: &Answer, body: &Value) -> anyhow::Result<Answer> {
        self.send("PUT", path, Some(read.etag()?), Some(body))?.done()
    }

    /// A POST that must be refused as this kind of problem; gives the refusal's own words.
    pub fn refused(&mut self, path: &str, body: &Value, kind: &str) -> anyhow::Result<String> {
        let answer = self.send("POST", path, None, Some(body))?;
        let told = answer.body.pointer("/type").and_then(Value::as_str).unwrap_or_default();
        if told.ends_with(kind) {
            Ok(answer.text("/detail")?.to_owned())
        } else {
            bail!(
                "{} should be refused as {kind}; it was answered {}: {}",
                answer.asked,
                answer.status,
                answer.body
            )
        }
    }

    /// Every item of a list, page after page.
    pub fn all(&mut self, path: &str) -> anyhow::Result<Vec<Value>> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = format!("{path}{joint}limit=100");
        loop {
            let page = self.get(&next)?;
            items.extend_from_slice(page.list("/items")?);
            match page.body.pointer("/next_cursor").and_then(Value::as_str) {
                Some(cursor) => next = format!("{path}{joint}limit=100&cursor={cursor}"),
                None => return Ok(items),
            }
        }
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        etag: Option<&str>,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let token = self.token()?;
        let body = body.map(Value::to_string);
        self.api.call(&Call { method, path, token: Some(&token), etag, kind: JSON, body })
    }

    fn token(&mut self) -> anyhow::Result<String> {
        let now = self.api.clock.now();
        if let Some(tokens) = self.tokens.as_ref().filter(|tokens| now < tokens.until) {
            return Ok(tokens.access.clone());
        }
        let answer = match self.tokens.take() {
            Some(Tokens { refresh, .. }) => {
                let answer = self.ask(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)])?;
                // Whoever was away for too long types the password again.
                if answer.is_done() { answer } else { self.sign_in()? }
            }
            None => self.sign_in()?,
        };
        let answer = answer.done()?;
        let access = answer.text("/access_token")?.to_owned();
        let refresh = answer.text("/refresh_token")?.to_owned();
        let until = now.plus(chrono::Duration::minutes(TOKEN_MINUTES));
        self.tokens = Some(Tokens { access: access.clone(), until, refresh });
        Ok(access)
    }

    fn sign_in(&self) -> anyhow::Result<Answer> {
        self.ask(&[("grant_type", "password"), ("username", &self.email), ("password", &self.password)])
    }

    fn ask(&self, form: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let body = Some(serde_urlencoded::to_string(form)?);
        self.api.call(&Call { method: "POST", path: "/token", token: None, etag: None, kind: FORM, body })
    }

    /// Answers an invitation with a password.
    pub fn answer_invitation(&self, token: &str) -> anyhow::Result<()> {
        self.api.post("/passwords", &json!({"token": token, "password": self.password})).map(drop)
    }
}
