//! `/token`: OAuth 2.0 (RFC 6749) and its revocation (RFC 7009). Bodies are forms, and refusals
//! are problems that carry OAuth's `error` too.

use std::collections::BTreeMap;

use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tracing_actix_web::RequestId;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::ops;
use crate::accounts::inputs::Password;
use crate::auth::Keys;
use crate::auth::keys::ACCESS_SECONDS;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{not_stored, ok};

pub fn routes(config: &mut ServiceConfig) {
    config.service(token).service(revoke);
}

/// What `/token` takes; which fields, `grant_type` says. Others are ignored, as OAuth asks.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a form that is read field by field")]
struct TokenRequest {
    /// `password`, `client_credentials` or `refresh_token`.
    #[schema(example = "password")]
    grant_type: String,
    /// With `password`: the person's address.
    #[schema(example = "ada@example.org")]
    username: Option<String>,
    #[schema(example = "correct horse battery")]
    password: Option<String>,
    /// With `client_credentials`, here or as HTTP Basic.
    client_id: Option<String>,
    client_secret: Option<String>,
    /// With `refresh_token`. It works once; the answer has the next.
    refresh_token: Option<String>,
}

/// A sign-in.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct TokenAnswer {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// Seconds.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Absent for API clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
}

/// What `/token/revoke` takes.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "documents a form that is read field by field")]
struct RevokeRequest {
    /// The refresh token of the sign-in to end.
    #[schema(example = "ftr_mVbUUn0Tq4yJrNO6Y0cJv1xW3o5kP1vC2m9wq6r8s7A")]
    token: String,
    token_type_hint: Option<String>,
}

/// The fields of an OAuth form.
struct Form(BTreeMap<String, String>);

fn invalid_request(detail: impl Into<String>) -> Problem {
    Problem::new(Kind::Malformed, detail.into()).oauth("invalid_request")
}

impl Form {
    fn read(request: &HttpRequest, body: actix_web::Result<web::Bytes>) -> Result<Self> {
        let body = body.map_err(|_| invalid_request("The body could not be read."))?;
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            return Err(invalid_request("Send a form: application/x-www-form-urlencoded."));
        }
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&body)
            .map_err(|_| invalid_request("The form could not be read."))?;
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            if value.contains('\0') {
                return Err(invalid_request("A field has a NUL character; remove it."));
            }
            // A field without a value counts as left out (RFC 6749, section 3.2).
            if !value.is_empty() && fields.insert(name.clone(), value).is_some() {
                return Err(invalid_request("A field is given twice; give each once."));
            }
        }
        Ok(Self(fields))
    }

    fn take(&mut self, name: &str) -> Result<String> {
        self.0.remove(name).ok_or_else(|| invalid_request(format!("The field {name} is missing.")))
    }
}

fn request_id(request: &HttpRequest) -> Option<String> {
    request.extensions().get::<RequestId>().map(ToString::to_string)
}

/// The client's id and secret from HTTP Basic, both form-encoded (RFC 6749, section 2.3.1).
fn basic(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = decoded.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// Signs in: by password, by an API client's secret, or by a refresh token.
#[utoipa::path(
    tag = "accounts",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = TokenAnswer))
)]
#[post("/token")]
async fn token(
    on: web::Data<Platform>,
    keys: web::Data<Keys>,
    request: HttpRequest,
    body: actix_web::Result<web::Bytes>,
) -> Result<HttpResponse> {
    let mut form = Form::read(&request, body)?;
    let signed_in = match form.take("grant_type")?.as_str() {
        "password" => {
            let (email, password) = (form.take("username")?, Password::new(form.take("password")?));
            ops::with_password(&on, &email, password, request_id(&request)).await?
        }
        "refresh_token" => {
            ops::with_refresh_token(&on, &form.take("refresh_token")?, request_id(&request)).await?
        }
        "client_credentials" => {
            let (id, secret) = match basic(&request) {
                Some(pair) => pair,
                None => (form.take("client_id")?, form.take("client_secret")?),
            };
            ops::with_client_secret(&on, &id, &secret).await?
        }
        _ => {
            let told = "grant_type is password, client_credentials or refresh_token.";
            return Err(Problem::new(Kind::Malformed, told).oauth("unsupported_grant_type"));
        }
    };
    let answer = TokenAnswer {
        access_token: keys.sign(signed_in.who, signed_in.role, signed_in.organisation)?,
        token_type: "Bearer".to_owned(),
        expires_in: ACCESS_SECONDS,
        refresh_token: signed_in.refresh_token,
    };
    Ok(not_stored(ok(&answer)))
}

/// Signs out: no refresh token of this sign-in works any more. Always 200.
#[utoipa::path(
    tag = "accounts",
    operation_id = "revoke_token",
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200))
)]
#[post("/token/revoke")]
async fn revoke(
    on: web::Data<Platform>,
    request: HttpRequest,
    body: actix_web::Result<web::Bytes>,
) -> Result<HttpResponse> {
    let mut form = Form::read(&request, body)?;
    ops::revoke(&on, &form.take("token")?, request_id(&request)).await?;
    Ok(HttpResponse::Ok().finish())
}
