//! What all the API's endpoints share: bodies read with pointers to their faults, pages with
//! opaque cursors, entity tags, and creation that can be repeated safely.
//!
//! Must not know: any feature.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use actix_web::body::SizedStream;
use actix_web::dev::Payload;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH, LINK, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{Stream, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::once::Once;
use crate::problem::{Fault, Kind, Problem};

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// A JSON body. Refused with a pointer to the fault: malformed JSON (400), another content type
/// (415), too large (413), an unknown or missing field, a wrong type, a NUL character (422).
#[derive(Debug)]
pub struct Body<T>(pub T);

/// A JSON body of a POST that creates, with its `Idempotency-Key` if it has one.
#[derive(Debug)]
pub struct Create<T> {
    pub input: T,
    pub once: Once,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = raw(request, payload);
        Box::pin(async move { Ok(Self(parse(&bytes.await?)?)) })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Create<T> {
    type Error = Problem;
    type Future = Extraction<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = raw(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let bytes = bytes.await?;
            let key = idempotency_key(&request)?;
            let once = Once::new(key, request.method().as_str(), request.path(), &bytes);
            Ok(Self { input: parse(&bytes)?, once })
        })
    }
}

fn raw(
    request: &HttpRequest,
    payload: &mut Payload,
) -> impl Future<Output = Result<web::Bytes, Problem>> + use<> {
    let is_json = request
        .headers()
        .get(actix_web::http::header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    let bytes = web::Bytes::from_request(request, payload);
    async move {
        let bytes = bytes.await.map_err(|error| unreadable(&error))?;
        // An empty body needs no type: it stands for `{}`.
        if is_json || bytes.is_empty() {
            Ok(bytes)
        } else {
            Err(Problem::new(Kind::UnsupportedMedia, "Send the body as application/json."))
        }
    }
}

/// A body that could not be read: too large (413), or broken off (400).
#[must_use]
pub fn unreadable(error: &actix_web::Error) -> Problem {
    if error.as_response_error().status_code() == actix_web::http::StatusCode::PAYLOAD_TOO_LARGE {
        Problem::new(Kind::TooLarge, "The body is larger than this service takes.")
    } else {
        Problem::new(Kind::Malformed, format!("The body could not be read: {error}."))
    }
}

/// The body of an act that needs no more than its address: `{}`, or none.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct Nothing {}

/// Parses a body; an empty one stands for `{}`.
///
/// # Errors
/// As [`Body`] says.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let value: Value = serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(Kind::Malformed, format!("The body is not JSON: {error}.")))?;
    let mut faults = Vec::new();
    nul_faults(&value, "", &mut faults);
    if !faults.is_empty() {
        return Err(Problem::invalid("Nothing was changed.", faults));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let pointer = pointer(error.path());
        Problem::fault(pointer, error.into_inner().to_string())
    })
}

/// PostgreSQL's text cannot hold NUL, and nobody means to send one.
fn nul_faults(value: &Value, at: &str, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text) if text.contains('\0') => {
            faults.push(Fault::new(at, "the text has a NUL character; remove it"));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                nul_faults(item, &format!("{at}/{index}"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                let here = format!("{at}/{}", escaped(name));
                if name.contains('\0') {
                    faults.push(Fault::new(
                        here.replace('\0', ""),
                        "the field's name has a NUL character; remove it",
                    ));
                }
                nul_faults(item, &here, faults);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A JSON pointer to where deserialisation stopped.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } => format!("/{}", escaped(key)),
            Segment::Enum { variant } => format!("/{}", escaped(variant)),
            Segment::Unknown => "/?".to_owned(),
        })
        .collect()
}

/// A name as one step of a JSON pointer (RFC 6901).
#[must_use]
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn idempotency_key(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let Some(value) = request.headers().get("Idempotency-Key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=200).contains(&key.len()) && !key.contains('\t') => Ok(Some(key.to_owned())),
        Ok(_) | Err(_) => Err(Problem::new(
            Kind::Malformed,
            "Idempotency-Key takes 1 to 200 ASCII characters, visible ones or spaces.",
        )),
    }
}

/// A query string, unknown parameters refused.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Params<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = request.query_string();
        let parsed = if query.contains("%00") {
            Err(Problem::fault("?", "the query has a NUL character; remove it"))
        } else {
            let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
            serde_path_to_error::deserialize(pairs).map(Self).map_err(|error| {
                let told = error.inner().to_string();
                // Of a parameter that is not a field serde gives the name, of one that is the path to it.
                let of_its_name = ["unknown field", "missing field", "duplicate field"];
                let name = if of_its_name.iter().any(|start| told.starts_with(start)) {
                    told.split('`').nth(1).unwrap_or_default().to_owned()
                } else {
                    pointer(error.path()).trim_start_matches('/').to_owned()
                };
                Problem::fault(format!("?{name}"), told)
            })
        };
        std::future::ready(parsed)
    }
}

/// An identifier in a path; what is no identifier names nothing, so it answers 404.
#[derive(Debug)]
pub struct Id<T>(pub T);

impl<T: From<Uuid>> FromRequest for Id<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request.match_info().get("id").and_then(|text| text.parse::<Uuid>().ok());
        std::future::ready(id.map(|id| Self(T::from(id))).ok_or_else(Problem::not_found))
    }
}

/// The most rows of one page.
const MOST: u32 = 100;

/// The two parameters of a list that has no others.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows in one page, 1 to 100; 50 unless said.
    #[param(minimum = 1, maximum = 100)]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next_cursor`.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// # Errors
    /// As [`Paging::new`].
    pub fn paging(&self) -> Result<Paging, Problem> {
        Paging::new(self.limit, self.cursor.as_deref())
    }
}

/// Which part of a list.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    limit: u32,
    /// The id of the last row of the page before.
    pub after: Option<Uuid>,
    pub order: Order,
}

/// Which end of a list comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    OldestFirst,
    NewestFirst,
}

impl Paging {
    /// # Errors
    /// A limit outside 1 to 100 (422); a cursor that this service did not make (400).
    pub fn new(limit: Option<u32>, cursor: Option<&str>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(50);
        if !(1..=MOST).contains(&limit) {
            return Err(Problem::fault("?limit", "choose 1 to 100 rows"));
        }
        let after = cursor.map(|cursor| {
            URL_SAFE_NO_PAD
                .decode(cursor)
                .ok()
                .and_then(|bytes| Uuid::from_slice(&bytes).ok())
                .ok_or_else(|| Problem::new(Kind::Malformed, "The cursor is not one that this service gave."))
        });
        Ok(Self { limit, after: after.transpose()?, order: Order::OldestFirst })
    }

    /// The same part of the list the other way round, where that is wanted.
    #[must_use]
    pub fn newest_first(self, is_wanted: bool) -> Self {
        let order = if is_wanted { Order::NewestFirst } else { Order::OldestFirst };
        Self { order, ..self }
    }

    /// Rows to ask the database for: one more than the page holds tells whether there are more.
    #[must_use]
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit) + 1
    }
}

/// One page of a list.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it as `cursor` for what follows; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// From rows that were fetched with [`Paging::fetch`]; `id` names the one to go on after.
    pub fn new(mut rows: Vec<T>, paging: &Paging, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(paging.limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor =
            rows.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(id(last).as_bytes()));
        Self { items: rows, next_cursor }
    }
}

impl<T: Serialize> Page<T> {
    /// 200, with a `Link` to the next page.
    #[must_use]
    pub fn reply(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = &self.next_cursor {
            let mut query: Vec<(String, String)> =
                serde_urlencoded::from_str(request.query_string()).unwrap_or_default();
            query.retain(|(name, _)| name != "cursor");
            query.push(("cursor".to_owned(), cursor.clone()));
            let query = serde_urlencoded::to_string(query).unwrap_or_default();
            response.insert_header((LINK, format!("<{}?{query}>; rel=\"next\"", request.path())));
        }
        response.json(self)
    }
}

/// The version that the caller read, from `If-Match`: 428 where it is missing.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(Option<i32>);

impl IfMatch {
    /// The version that a page was made of.
    #[must_use]
    pub const fn version(version: i32) -> Self {
        Self(Some(version))
    }

    /// Whatever version there is.
    #[must_use]
    pub const fn any() -> Self {
        Self(None)
    }

    /// # Errors
    /// `stale` (412): the thing has another version now.
    pub fn check(self, version: i32) -> Result<(), Problem> {
        if self.0.is_none_or(|read| read == version) {
            Ok(())
        } else {
            Err(Problem::new(
                Kind::Stale,
                "Somebody changed it after you read it. Read it again, then repeat your change.",
            ))
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().get(IF_MATCH).and_then(|value| value.to_str().ok());
        std::future::ready(match given {
            None => Err(Problem::new(
                Kind::PreconditionRequired,
                "Send If-Match with the ETag that you read, so that nobody's change is lost.",
            )),
            Some("*") => Ok(Self(None)),
            // A tag that is not ours matches no version of anything.
            Some(tag) => Ok(Self(Some(tag.trim_matches('"').parse().unwrap_or(-1)))),
        })
    }
}

fn tagged(mut response: HttpResponseBuilder, version: Option<i32>, value: &impl Serialize) -> HttpResponse {
    if let Some(version) = version {
        response.insert_header((ETAG, format!("\"{version}\"")));
    }
    response.json(value)
}

/// A long text that is let go of as it is sent.
#[must_use]
pub fn in_pieces(pieces: Vec<String>) -> SizedStream<impl Stream<Item = Result<web::Bytes, Infallible>>> {
    let length: usize = pieces.iter().map(String::len).sum();
    let pieces = pieces.into_iter().map(|piece| Ok(web::Bytes::from(piece)));
    SizedStream::new(u64::try_from(length).unwrap_or(u64::MAX), stream::iter(pieces))
}

/// 200 with the thing.
#[must_use]
pub fn ok(value: &impl Serialize) -> HttpResponse {
    tagged(HttpResponse::Ok(), None, value)
}

/// 200 with the thing and its version as `ETag`.
#[must_use]
pub fn ok_tagged(version: i32, value: &impl Serialize) -> HttpResponse {
    tagged(HttpResponse::Ok(), Some(version), value)
}

/// 201 with the thing, its version as `ETag`, and where it is.
#[must_use]
pub fn created(location: &str, version: Option<i32>, value: &impl Serialize) -> HttpResponse {
    let mut response = HttpResponse::Created();
    response.insert_header((LOCATION, location.to_owned()));
    tagged(response, version, value)
}

/// Keeps an answer out of every cache: secrets, tokens.
#[must_use]
pub fn not_stored(mut response: HttpResponse) -> HttpResponse {
    let header = HeaderName::from_static("cache-control");
    response.headers_mut().insert(header, HeaderValue::from_static("no-store"));
    response
}
