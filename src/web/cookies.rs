//! The three cookies of the pages: who is signed in, the secret of a visitor's forms, and a word
//! to show after a redirect.
//!
//! None outlives the browser, none can be read by a script, none is sent by another site's form.
//! Where people come over TLS their names start with `__Host-`: browsers then take them from this
//! host alone, over TLS alone.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The secret of a signed-in session.
    Session,
    /// The secret that forms are bound to while nobody is signed in.
    Form,
    /// What the next page says first.
    Notice,
}

impl Name {
    const fn text(self, is_encrypted: bool) -> &'static str {
        match (self, is_encrypted) {
            (Self::Session, true) => "__Host-fasttrack",
            (Self::Session, false) => "fasttrack",
            (Self::Form, true) => "__Host-fasttrack-form",
            (Self::Form, false) => "fasttrack-form",
            (Self::Notice, true) => "__Host-fasttrack-notice",
            (Self::Notice, false) => "fasttrack-notice",
        }
    }
}

/// The cookies of a service that people reach at one public address.
#[derive(Debug, Clone, Copy)]
pub struct Cookies {
    is_encrypted: bool,
}

impl Cookies {
    #[must_use]
    pub fn of(public_url: &str) -> Self {
        Self { is_encrypted: public_url.starts_with("https://") }
    }

    #[must_use]
    pub fn get(self, request: &HttpRequest, name: Name) -> Option<String> {
        request.cookie(name.text(self.is_encrypted)).map(|cookie| cookie.value().to_owned())
    }

    #[must_use]
    pub fn set(self, name: Name, value: &str) -> Cookie<'static> {
        Cookie::build(name.text(self.is_encrypted), value.to_owned())
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_encrypted)
            .finish()
    }

    #[must_use]
    pub fn removed(self, name: Name) -> Cookie<'static> {
        let mut cookie = self.set(name, "");
        cookie.make_removal();
        cookie
    }
}

/// Words as the value of a cookie.
#[must_use]
pub fn written(words: &str) -> String {
    URL_SAFE_NO_PAD.encode(words)
}

/// Words from the value of a cookie; `None` for what this service did not write.
#[must_use]
pub fn read(value: &str) -> Option<String> {
    URL_SAFE_NO_PAD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}
