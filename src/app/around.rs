//! What every request and answer has in common: a request id, one line in the log, a measurement,
//! and headers that keep browsers and caches from doing more than they should.
//!
//! The log says method, route pattern, status, duration and the caller's role: never a path as it
//! was typed, a query, a header, an address or a name.

use std::time::Instant;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};
use tracing_actix_web::{RequestId, RootSpanBuilder};

use crate::problem::{Kind, Problem};
use crate::web::metrics::Metrics;

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whether people reach the service over TLS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encrypted(pub bool);

/// The span that everything logged during a request stands in.
pub(super) struct Span;

impl RootSpanBuilder for Span {
    fn on_request_start(request: &ServiceRequest) -> tracing::Span {
        let id = request.extensions().get::<RequestId>().map(ToString::to_string).unwrap_or_default();
        tracing::info_span!("request", id, actor = tracing::field::Empty)
    }

    fn on_request_end<B: MessageBody>(_: tracing::Span, _: &Result<ServiceResponse<B>, Error>) {}
}

/// The outermost layer but for the span.
pub(super) async fn around(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody + 'static>, Error> {
    let began = Instant::now();
    let id = request.extensions().get::<RequestId>().map(ToString::to_string);
    let encrypted = request.app_data::<Encrypted>().is_some_and(|encrypted| encrypted.0);
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let method = known_method(request.method().as_str());
    if request.method() == Method::HEAD {
        // RFC 9110, 9.3.2: it is answered as GET is, and the connection leaves the body out.
        request.head_mut().method = Method::GET;
    }
    let answered = match super::wrong_method(request.method(), request.path()) {
        Some(refusal) => request.into_response(refusal).map_into_right_body(),
        None => next.call(request).await?.map_into_left_body(),
    };

    let took = began.elapsed();
    let route = answered.request().match_pattern().unwrap_or_else(|| "none".to_owned());
    let status = answered.status().as_u16();
    if let Some(metrics) = metrics {
        metrics.observe(method, &route, status, took);
    }
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if route.starts_with("/health") || route == "/metrics" {
        tracing::debug!(method, route, status, milliseconds, "answered");
    } else {
        tracing::info!(method, route, status, milliseconds, "answered");
    }

    let mut answered = in_our_words(answered);
    add_headers(answered.headers_mut(), encrypted);
    if let Some(id) = id.and_then(|id| HeaderValue::try_from(id).ok()) {
        answered.headers_mut().insert(REQUEST_ID, id);
    }
    Ok(answered)
}

/// Methods are the caller's to invent, labels of a metric are not.
fn known_method(method: &str) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
        .into_iter()
        .find(|known| *known == method)
        .unwrap_or("other")
}

/// A refusal that a library made becomes a problem like all others, its headers kept.
fn in_our_words<B: MessageBody>(answered: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let status = answered.status();
    let has_words = answered.headers().contains_key(header::CONTENT_TYPE)
        && !answered
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || has_words {
        return answered.map_into_left_body();
    }
    let kind = Kind::ALL.iter().copied().find(|kind| kind.status() == status.as_u16());
    let kind = kind.unwrap_or(if status.is_server_error() { Kind::Internal } else { Kind::Malformed });
    let detail = match status {
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take that method.",
        _ => "The request was refused before it reached any part of the service that could say more.",
    };
    let mut replacement = Problem::new(kind, detail).error_response();
    for name in [header::ALLOW, header::RETRY_AFTER, header::VARY] {
        if let Some(value) = answered.headers().get(&name) {
            replacement.headers_mut().insert(name, value.clone());
        }
    }
    answered.into_response(replacement.map_into_right_body())
}

fn add_headers(headers: &mut HeaderMap, encrypted: bool) {
    const SAME_ORIGIN_ONLY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
         base-uri 'none'; frame-ancestors 'none'";
    let mut unless_said = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    unless_said(header::CONTENT_SECURITY_POLICY, SAME_ORIGIN_ONLY);
    unless_said(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    unless_said(header::X_FRAME_OPTIONS, "DENY");
    unless_said(header::REFERRER_POLICY, "no-referrer");
    unless_said(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    // Bids and scores are nobody else's: what may be kept says so itself.
    unless_said(header::CACHE_CONTROL, "no-store");
    if encrypted {
        unless_said(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
