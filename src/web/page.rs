//! How pages are answered: the frame around each, its headers, and redirects after an act.
//!
//! Every page is kept out of every cache, so that a shared computer shows nothing after a sign-out.

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, LOCATION};
use actix_web::{HttpResponse, ResponseError};
use askama::Template;

use super::cookies::{self, Name};
use super::shell::Shell;
use super::visitor::{Visit, Visitor};
use crate::problem::{Problem, Result};

/// A page may load our styles, scripts and pictures and talk to us; nothing else, and nobody
/// frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers a visitor with a page.
///
/// # Errors
/// The template cannot be rendered.
pub(super) fn answer(visitor: &Visitor, status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
    let html = page.render().map_err(Problem::internal)?;
    let mut response = HttpResponse::build(status);
    response
        .content_type("text/html; charset=utf-8")
        .insert_header(("Content-Security-Policy", POLICY))
        .insert_header((CACHE_CONTROL, "no-store"))
        // With `no-referrer` browsers would not say of a form where it comes from either.
        .insert_header(("Referrer-Policy", "same-origin"));
    if let Some(secret) = &visitor.fresh_secret {
        response.cookie(visitor.cookies.set(Name::Form, secret));
    }
    if visitor.notice.is_some() {
        response.cookie(visitor.cookies.removed(Name::Notice));
    }
    Ok(response.body(html))
}

/// Leads on to an address of ours after an act, so that loading the page again repeats nothing.
#[must_use]
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((LOCATION, to))
        .insert_header((CACHE_CONTROL, "no-store"))
        // The page that it leads to learns from where, and that what was typed there has arrived.
        .insert_header(("Referrer-Policy", "same-origin"))
        .finish()
}

/// An address with these parameters after it, those that are empty left out.
#[must_use]
pub fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let given: Vec<_> = parameters.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_urlencoded::to_string(given).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

/// The address to go on to, if it is one of ours: an absolute path, and no way out of the site.
#[must_use]
pub fn own_address(address: &str) -> Option<&str> {
    let is_path = address.starts_with('/') && !address.starts_with("//");
    let is_plain = address.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    (is_path && is_plain && address.len() <= 2_000).then_some(address)
}

/// A file for whoever is signed in, by this name; kept in no cache.
#[must_use]
pub fn attachment(name: &str, kind: &str, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(body)
}

impl Visitor {
    /// Gives the browser its session with an answer.
    pub fn keep_session(&self, response: &mut HttpResponse, secret: &str) {
        // A cookie of our own making always fits a header.
        let _fits = response.add_cookie(&self.cookies.set(Name::Session, secret));
    }

    /// Takes the session from the browser.
    pub fn forget_session(&self, response: &mut HttpResponse) {
        let _fits = response.add_cookie(&self.cookies.removed(Name::Session));
    }

    /// 200 with a page, for a browser that has just signed in.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub fn admitted(&self, secret: &str, page: &impl Template) -> Result<HttpResponse> {
        let mut response = answer(self, StatusCode::OK, page)?;
        self.keep_session(&mut response, secret);
        Ok(response)
    }
}

impl<P> Visit<P> {
    /// The frame of a page.
    #[must_use]
    pub fn shell(&self) -> Shell {
        Shell::of(&self.visitor)
    }

    /// 200 with a page.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub fn show(&self, page: &impl Template) -> Result<HttpResponse> {
        answer(&self.visitor, StatusCode::OK, page)
    }

    /// A page with a status of its own.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub fn show_as(&self, status: StatusCode, page: &impl Template) -> Result<HttpResponse> {
        answer(&self.visitor, status, page)
    }

    /// A form again, with what was wrong with it: the problem's own status.
    ///
    /// # Errors
    /// The template cannot be rendered.
    pub fn show_again(&self, problem: &Problem, page: &impl Template) -> Result<HttpResponse> {
        self.show_as(problem.status_code(), page)
    }

    /// Goes on to another page, which says first what was done. The words name nobody.
    #[must_use]
    pub fn go_saying(&self, to: &str, words: &str) -> HttpResponse {
        let mut response = see_other(to);
        let cookie = self.visitor.cookies.set(Name::Notice, &cookies::written(words));
        // A cookie of our own making always fits a header.
        let _fits = response.add_cookie(&cookie);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_to_our_own_addresses_only() {
        for ours in ["/", "/assignments/1?x=1#a", "/a//b"] {
            assert_eq!(own_address(ours), Some(ours));
        }
        let theirs =
            ["", "a", "//e.example", "/\\e.example", "https://e.example", "/a\r\nb", "/ a", "javascript:1"];
        for address in theirs {
            assert_eq!(own_address(address), None, "{address}");
        }
    }
}
