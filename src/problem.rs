//! Every refusal, as the caller reads it: `application/problem+json` (RFC 9457).
//!
//! One type serves all use cases, so that a rule says once what is wrong and every surface (API,
//! pages, command line) shows the same words. [`Kind`] is the stable part: its slug is the last
//! part of the problem's `type` and never changes its meaning.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a use case gives: its value, or why not.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// One thing wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request's body; empty for the body as a whole. A query
    /// parameter stands as `?name`.
    #[schema(example = "/amount_requested_pence")]
    pub pointer: String,
    /// What was wrong and what would be right.
    #[schema(example = "ask for at most £180,000")]
    pub detail: String,
}

impl Fault {
    pub fn new(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $slug:literal $title:literal),* $(,)?) => {
        /// The kinds of refusal.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $variant),* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),* }
            }

            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }

            /// The HTTP status, 400 to 599.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }
        }
    };
}

kinds! {
    /// The request cannot be read at all: not JSON, not UTF-8, a broken cursor.
    Malformed = 400 "malformed" "The request cannot be read",
    /// OAuth 2.0 errors of the token endpoint that are not about the client.
    InvalidGrant = 400 "invalid-grant" "These details do not sign anybody in",
    Unauthenticated = 401 "unauthenticated" "Sign in first",
    Forbidden = 403 "forbidden" "Your role does not allow this",
    NotFound = 404 "not-found" "There is nothing here",
    MethodNotAllowed = 405 "method-not-allowed" "This address does not take that method",
    /// The thing is not in a state that allows the act.
    WrongState = 409 "wrong-state" "That is not possible at this stage",
    DeadlinePassed = 409 "deadline-passed" "The deadline has passed",
    /// Another thing has this name, address or number.
    AlreadyExists = 409 "already-exists" "That exists already",
    /// Closing is refused; `errors` lists what is missing.
    NotReadyToClose = 409 "not-ready-to-close" "The round cannot be closed yet",
    /// Somebody else changed it first.
    Stale = 412 "stale" "It has changed since you read it",
    TooLarge = 413 "too-large" "The request is too large",
    UnsupportedMedia = 415 "unsupported-media-type" "Send JSON",
    Invalid = 422 "invalid" "Some of it needs changing",
    KeyReused = 422 "idempotency-key-reused" "That Idempotency-Key was used for another request",
    PreconditionRequired = 428 "precondition-required" "Say which version you are changing",
    TooMany = 429 "too-many-requests" "Too many attempts",
    Internal = 500 "internal" "Something went wrong on our side",
    Unavailable = 503 "unavailable" "The service cannot do this just now",
}

/// A refusal. What is in `source` is for the log and never reaches the caller.
#[derive(Debug)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    /// Seconds.
    retry_after: Option<u32>,
    /// The code that OAuth 2.0 has for it (RFC 6749, section 5.2).
    oauth: Option<&'static str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    database: Option<DatabaseFault>,
}

/// What the database could not do, where that is not the caller's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseFault {
    /// Another transaction came first; the same one, run again, may succeed.
    LostARace,
    /// Its server is not there, or has let this connection go.
    Away,
    /// It has no room to write.
    Full,
}

/// The body of every answer from 400 up.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Stable; ends in the kind's slug.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    pub kind: String,
    #[schema(example = "Some of it needs changing")]
    pub title: String,
    #[schema(example = 422)]
    pub status: u16,
    #[schema(example = "The bid was not submitted; nothing was changed.")]
    pub detail: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// From the token endpoint only: OAuth 2.0's own code for it, such as `invalid_grant`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Problem {
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after: None,
            oauth: None,
            source: None,
            database: None,
        }
    }

    /// The input has these faults. `what` says what was not done.
    pub fn invalid(what: impl Into<Cow<'static, str>>, faults: Vec<Fault>) -> Self {
        Self { faults, ..Self::new(Kind::Invalid, what) }
    }

    /// One fault in the input.
    pub fn fault(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::invalid("Nothing was changed.", vec![Fault::new(pointer, detail)])
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "It does not exist, or it is not yours to see.")
    }

    pub fn wrong_state(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::WrongState, detail)
    }

    pub fn exists(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::AlreadyExists, detail)
    }

    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, detail)
    }

    /// A fault of ours. The caller learns that it is ours, the log learns what it is.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(Kind::Internal, "The fault is recorded with this request's id; nothing was changed.")
        }
    }

    pub fn database_unreachable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            database: Some(DatabaseFault::Away),
            retry_after: Some(5),
            ..Self::new(
                Kind::Unavailable,
                "The database cannot be reached. Nothing was changed; try again shortly.",
            )
        }
    }

    /// With the seconds after which another attempt makes sense.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// With the code that OAuth 2.0 has for it, such as `invalid_grant`.
    #[must_use]
    pub fn oauth(self, code: &'static str) -> Self {
        Self { oauth: Some(code), ..self }
    }

    #[must_use]
    pub fn with_faults(self, faults: Vec<Fault>) -> Self {
        Self { faults, ..self }
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What the database could not do, where it is to blame.
    #[must_use]
    pub fn database_fault(&self) -> Option<DatabaseFault> {
        self.database
    }

    #[must_use]
    pub fn body(&self) -> ProblemBody {
        ProblemBody {
            kind: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title().to_owned(),
            status: self.kind.status(),
            detail: self.detail.clone().into_owned(),
            errors: self.faults.clone(),
            error: self.oauth.map(str::to_owned),
        }
    }

    /// What only the log may say.
    fn log(&self) {
        if let Some(source) = &self.source {
            tracing::error!(kind = self.kind.slug(), error = %Chain(source.as_ref()), "a request failed on our side");
        }
    }
}

/// An error and its causes in one line.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(out, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.kind.title(), self.detail)?;
        for fault in &self.faults {
            write!(out, "\n  {}: {}", fault.pointer, fault.detail)?;
        }
        if let Some(source) = &self.source {
            write!(out, " ({})", Chain(source.as_ref()))?;
        }
        Ok(())
    }
}

impl StdError for Problem {}

impl From<DieselError> for Problem {
    fn from(error: DieselError) -> Self {
        match DatabaseFault::of(&error) {
            Some(DatabaseFault::LostARace) if is_duplicate(&error) => {
                Self { database: Some(DatabaseFault::LostARace), ..Self::internal(error) }
            }
            Some(DatabaseFault::LostARace) => Self {
                source: Some(error.into()),
                database: Some(DatabaseFault::LostARace),
                retry_after: Some(1),
                ..Self::new(Kind::Unavailable, "Too many changes at once. Nothing was changed; try again.")
            },
            Some(DatabaseFault::Away) => Self::database_unreachable(error),
            Some(DatabaseFault::Full) => Self {
                source: Some(error.into()),
                database: Some(DatabaseFault::Full),
                retry_after: Some(60),
                ..Self::new(
                    Kind::Unavailable,
                    "The database has no room left. Nothing was changed; the administrators must make room.",
                )
            },
            None if matches!(error, DieselError::NotFound) => Self::not_found(),
            None => Self::internal(error),
        }
    }
}

impl DatabaseFault {
    /// Where neither Diesel nor the driver has a name for it, the database's own words tell.
    fn of(error: &DieselError) -> Option<Self> {
        use DatabaseErrorKind::{ClosedConnection, SerializationFailure, UnableToSendCommand};
        let DieselError::DatabaseError(kind, told) = error else { return None };
        let says = |words: &[&str]| words.iter().any(|word| told.message().contains(word));
        if matches!(kind, SerializationFailure)
            || is_duplicate(error)
            || says(&["database is locked", "database table is locked", "deadlock detected"])
        {
            Some(Self::LostARace)
        } else if matches!(kind, ClosedConnection | UnableToSendCommand)
            || says(&["terminating connection", "shutting down"])
        {
            Some(Self::Away)
        } else if says(&["is full", "No space left", "disk I/O"]) {
            Some(Self::Full)
        } else {
            None
        }
    }
}

impl From<validator::ValidationErrors> for Problem {
    fn from(errors: validator::ValidationErrors) -> Self {
        let mut faults = Vec::new();
        collect(&errors, "", &mut faults);
        faults.sort_by(|a, b| a.pointer.cmp(&b.pointer));
        Self::invalid("Nothing was changed.", faults)
    }
}

/// Flattens nested validation errors to JSON pointers.
fn collect(errors: &validator::ValidationErrors, at: &str, faults: &mut Vec<Fault>) {
    use validator::ValidationErrorsKind::{Field, List, Struct};
    for (name, kind) in errors.errors() {
        let here = format!("{at}/{name}");
        match kind {
            Struct(inner) => collect(inner, &here, faults),
            List(items) => {
                for (index, inner) in items {
                    collect(inner, &format!("{here}/{index}"), faults);
                }
            }
            Field(found) => {
                for error in found {
                    let detail = error.message.clone().unwrap_or_else(|| error.code.clone());
                    faults.push(Fault::new(here.clone(), detail));
                }
            }
        }
    }
}

/// Whether a row is there that the transaction did not see. PostgreSQL says so, rather than that the
/// race was lost, where a rival has committed it meanwhile ("Serialization Failure Handling" in its
/// manual), and then the act meets the row when it runs again. Any other duplicate is met again too:
/// it is a fault of ours.
fn is_duplicate(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// Whether this error is the database's word that a unique rule, of this name, was broken. SQLite
/// names the columns (`users.email`), PostgreSQL the constraint (`users_email_key`).
#[must_use]
pub fn breaks_unique(error: &DieselError, table: &str, column: &str) -> bool {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, told) => {
            told.constraint_name().is_some_and(|name| name == format!("{table}_{column}_key"))
                || told.message().contains(&format!("{table}.{column}"))
        }
        _ => false,
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.log();
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if self.kind == Kind::Unauthenticated {
            let scheme = if self.oauth.is_some() { "Basic" } else { "Bearer" };
            response.insert_header((WWW_AUTHENTICATE, format!("{scheme} realm=\"fasttrack\"")));
        }
        if self.oauth.is_some() {
            response.insert_header((CACHE_CONTROL, "no-store"));
        }
        response.body(serde_json::to_vec(&self.body()).unwrap_or_default())
    }
}
