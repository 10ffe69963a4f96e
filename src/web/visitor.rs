//! Who asks for a page: the browser behind a request, and the proofs that handlers take of it.
//!
//! [`Visit`] is the argument of a handler that shows, [`Sent`] of one that acts. Both give the same
//! proofs as the API's extractors do, so pages call the same use cases. A handler cannot forget to
//! check a form: only `Sent` gets past the check, and a `Visit` on anything but GET is refused as the
//! fault of ours that it is.
//!
//! A form is good if it holds the token that belongs to the secret in the browser's cookie (of its
//! session, or of the visit where nobody is signed in), and the browser does not say that it comes from
//! elsewhere. So a stranger's page can neither act as somebody nor sign somebody in as somebody else.

use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, HOST, HeaderName, ORIGIN};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use tracing_actix_web::RequestId;

use super::cookies::{self, Cookies, Name};
use super::form::{CSRF, Form, ONCE};
use crate::auth::secrets::{random_secret, sha256};
use crate::auth::sessions::{self, Found};
use crate::auth::{Actor, Admin, AdminOr, Assessor, Member, Reader, Session};
use crate::id::UserId;
use crate::mail::Site;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::unreadable;

type Extraction<T> = std::pin::Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The browser behind a request.
#[derive(Debug)]
pub struct Visitor {
    pub session: Option<Session>,
    /// Whose session it was that has ended.
    pub ended: Option<UserId>,
    pub site: Arc<Site>,
    /// The path that was asked for, with its query.
    pub address: String,
    pub request_id: Option<String>,
    pub(super) cookies: Cookies,
    pub(super) notice: Option<String>,
    /// A secret that the browser is to be given.
    pub(super) fresh_secret: Option<String>,
    token: String,
}

impl Visitor {
    /// The browser behind a request; asked again, the same.
    ///
    /// # Errors
    /// The database's own; the machine has no randomness to give.
    pub async fn of(request: &HttpRequest) -> Result<Rc<Self>> {
        if let Some(known) = request.extensions().get::<Rc<Self>>() {
            return Ok(Rc::clone(known));
        }
        let visitor = Rc::new(Self::read(request).await?);
        request.extensions_mut().insert(Rc::clone(&visitor));
        Ok(visitor)
    }

    /// The browser, whose person nobody has looked up: to tell it that nothing can be looked up.
    ///
    /// # Errors
    /// The machine has no randomness to give.
    pub(super) fn unrecognised(request: &HttpRequest) -> Result<Rc<Self>> {
        Self::with(request, platform(request)?, Found::Unknown).map(Rc::new)
    }

    async fn read(request: &HttpRequest) -> Result<Self> {
        let on = platform(request)?;
        let found = match Cookies::of(&on.site.public_url).get(request, Name::Session) {
            Some(secret) => sessions::find(&on.db, &on.accounts, &secret, request_id(request)).await?,
            None => Found::Unknown,
        };
        Self::with(request, on, found)
    }

    fn with(request: &HttpRequest, on: &Platform, found: Found) -> Result<Self> {
        let cookies = Cookies::of(&on.site.public_url);
        let (session, ended) = match found {
            Found::Open(session) => (Some(session), None),
            Found::Ended(user) => (None, Some(user)),
            Found::Unknown => (None, None),
        };
        if let Some(session) = &session {
            tracing::Span::current().record("actor", session.actor.role_name());
        }
        let of_session = cookies.get(request, Name::Session).filter(|_| session.is_some());
        let (secret, fresh_secret) = match of_session.or_else(|| cookies.get(request, Name::Form)) {
            Some(secret) if secret.len() >= 43 => (secret, None),
            Some(_) | None => {
                let fresh = random_secret("")?;
                (fresh.clone(), Some(fresh))
            }
        };
        Ok(Self {
            session,
            ended,
            site: Arc::clone(&on.site),
            address: request.uri().path_and_query().map_or("/", |whole| whole.as_str()).to_owned(),
            request_id: request_id(request),
            cookies,
            notice: cookies.get(request, Name::Notice).and_then(|value| cookies::read(&value)),
            fresh_secret,
            token: token_of(&secret),
        })
    }

    /// What a form of this visitor holds to show where it comes from.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The same browser, now that it was given this session.
    ///
    /// # Errors
    /// The database's own.
    pub async fn signed_in(&self, on: &Platform, secret: &str) -> Result<Self> {
        let found = sessions::find(&on.db, &on.accounts, secret, self.request_id.clone()).await?;
        let session = match found {
            Found::Open(session) => Some(session),
            Found::Ended(_) | Found::Unknown => None,
        };
        Ok(Self {
            session,
            ended: None,
            site: Arc::clone(&self.site),
            address: self.address.clone(),
            request_id: self.request_id.clone(),
            cookies: self.cookies,
            notice: None,
            fresh_secret: None,
            token: token_of(secret),
        })
    }

    fn actor(&self) -> Option<&Actor> {
        self.session.as_ref().map(|session| &session.actor)
    }
}

fn platform(request: &HttpRequest) -> Result<&Platform> {
    let platform = request.app_data::<web::Data<Platform>>();
    let missing = || Problem::internal("the application was started without a platform");
    platform.map(web::Data::get_ref).ok_or_else(missing)
}

fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(ToString::to_string)
}

/// Derived from the secret, so that nothing more has to be kept, and not the secret itself, which
/// no page may show.
fn token_of(secret: &str) -> String {
    sha256(format!("form:{secret}"))
}

/// Compares without telling by its time how much was right.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

/// What a page may ask of who asks for it.
pub trait Proof: Sized + 'static {
    /// # Errors
    /// `unauthenticated`; `forbidden`.
    fn prove(actor: Option<&Actor>) -> Result<Self>;
}

/// Anybody, signed in or not.
#[derive(Debug, Clone, Copy)]
pub struct Anyone;

impl Proof for Anyone {
    fn prove(_: Option<&Actor>) -> Result<Self> {
        Ok(Self)
    }
}

impl Proof for Actor {
    fn prove(actor: Option<&Actor>) -> Result<Self> {
        actor.cloned().ok_or_else(|| Problem::new(Kind::Unauthenticated, "Sign in to see this page."))
    }
}

macro_rules! proof {
    ($($proof:ty),*) => {$(
        impl Proof for $proof {
            fn prove(actor: Option<&Actor>) -> Result<Self> {
                Actor::prove(actor).and_then(Self::try_from)
            }
        }
    )*};
}

proof!(Admin, Assessor, Member, Reader, AdminOr<Member>, AdminOr<Assessor>);

/// A page is asked for.
#[derive(Debug)]
pub struct Visit<P> {
    pub who: P,
    pub visitor: Rc<Visitor>,
}

impl<P: Proof> FromRequest for Visit<P> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            if !matches!(*request.method(), Method::GET | Method::HEAD) {
                return Err(Problem::internal("a page that acts must take the form that was sent"));
            }
            let visitor = Visitor::of(&request).await?;
            let who = P::prove(visitor.actor()).map_err(|problem| match problem.kind() {
                // What one may not see is not there.
                Kind::Forbidden => Problem::not_found(),
                _ => problem,
            })?;
            Ok(Self { who, visitor })
        })
    }
}

/// A form was sent, by one of our own pages.
#[derive(Debug)]
pub struct Sent<P> {
    visit: Visit<P>,
    pub form: Form,
    /// The same form sent twice takes effect once.
    pub once: Once,
    /// A script sent it and wants to be told in JSON.
    pub by_script: bool,
}

impl<P> Deref for Sent<P> {
    type Target = Visit<P>;
    fn deref(&self) -> &Visit<P> {
        &self.visit
    }
}

/// What was typed, for whoever answers in the handler's stead.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub form: Form,
    /// Whether it came from a page of ours that belongs to another session, or to none.
    pub is_stale: bool,
}

impl<P: Proof> FromRequest for Sent<P> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let fields = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let fields = fields.await.map_err(|error| unreadable(&error))?.into_inner();
            let visitor = Visitor::of(&request).await?;
            let form = Form::typed(fields)?;
            let source = source(&request, &visitor.site);
            let is_good = same(form.get(CSRF), visitor.token()) && source != Source::Elsewhere;
            if source == Source::Here {
                // Only then may the page that answers offer to send it again.
                let typed = Typed { form: form.clone(), is_stale: !is_good };
                request.extensions_mut().insert(typed);
            }
            let who = P::prove(visitor.actor())?;
            if !is_good {
                return Err(Problem::forbidden(
                    "The form did not come from a page of this service that belongs to your sign-in.",
                ));
            }
            let key = Some(form.get(ONCE).to_owned()).filter(|key| (1..=200).contains(&key.len()));
            let once = Once::new(key, request.method().as_str(), request.path(), form.content().as_bytes());
            Ok(Self { visit: Visit { who, visitor }, form, once, by_script: wants_json(&request) })
        })
    }
}

/// Where a form comes from, as the browser says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Here,
    Elsewhere,
    /// The browser says nothing; the token alone decides.
    Unsaid,
}

fn source(request: &HttpRequest, site: &Site) -> Source {
    let header = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    match header(HeaderName::from_static("sec-fetch-site")) {
        Some("same-origin") => return Source::Here,
        // An address that was typed or a page that was loaded again.
        Some("none") => return Source::Unsaid,
        Some(_) => return Source::Elsewhere,
        None => {}
    }
    let Some(origin) = header(ORIGIN) else { return Source::Unsaid };
    let host = origin.split_once("://").map(|(_, host)| host);
    if origin == site.public_url || (host.is_some() && host == header(HOST)) {
        Source::Here
    } else {
        Source::Elsewhere
    }
}

fn accepts(request: &HttpRequest, kind: &str) -> bool {
    request
        .headers()
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.contains(kind))
}

/// Whether a script asks.
#[must_use]
pub fn wants_json(request: &HttpRequest) -> bool {
    accepts(request, "application/json") && !wants_page(request)
}

/// Whether a person asks.
#[must_use]
pub fn wants_page(request: &HttpRequest) -> bool {
    accepts(request, "text/html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_token_is_the_same() {
        let token = token_of("a secret");
        assert!(same(&token, &token_of("a secret")));
        assert!(!same(&token, &token_of("another")) && !same(&token, "") && !same("", &token));
    }
}
