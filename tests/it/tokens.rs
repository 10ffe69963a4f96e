//! An access token proves who calls, or nothing at all.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{App, Client};

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The administrator's token, its header, and what it claims.
fn genuine(app: &App, admin: &Client) -> (String, Value, Value) {
    use fasttrack::auth::{Role, Who};
    let id = serde_json::from_value(admin.user["id"].clone()).unwrap();
    let token = app.keys.sign(Who::User(id), Role::Admin, None).unwrap();
    let read = |part: &str| serde_json::from_slice::<Value>(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, claims) = (read(parts[0]), read(parts[1]));
    (token, header, claims)
}

#[track_caller]
fn refused(app: &App, token: &str) {
    let answer = app.bearer(token).get("/users/me");
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    answer.refused(401, "unauthenticated");
}

#[test]
fn a_forged_token_is_refused() {
    let app = App::start();
    let (token, header, claims) = genuine(&app, &app.admin());
    app.bearer(&token).get("/users/me").ok();

    let parts: Vec<&str> = token.split('.').collect();
    let unsigned = json!({"alg": "none", "typ": "JWT", "kid": header["kid"]});
    refused(&app, &format!("{}.{}.", part(&unsigned), parts[1]));
    refused(&app, &format!("{}.{}.{}", part(&unsigned), parts[1], parts[2]));

    let mut other = Header::new(Algorithm::HS256);
    other.kid = header["kid"].as_str().map(str::to_owned);
    let guess = EncodingKey::from_secret(b"secret");
    refused(&app, &jsonwebtoken::encode(&other, &claims, &guess).unwrap());
    other.kid = Some(fasttrack::id::fresh().to_string());
    refused(&app, &jsonwebtoken::encode(&other, &claims, &guess).unwrap());
    other.kid = None;
    refused(&app, &jsonwebtoken::encode(&other, &claims, &guess).unwrap());
    let mut longer = Header::new(Algorithm::HS512);
    longer.kid = header["kid"].as_str().map(str::to_owned);
    refused(&app, &jsonwebtoken::encode(&longer, &claims, &guess).unwrap());

    let mut raised = claims.clone();
    raised["role"] = json!("auditor");
    refused(&app, &format!("{}.{}.{}", parts[0], part(&raised), parts[2]));
}

#[test]
fn a_token_lasts_fifteen_minutes() {
    let app = App::start();
    let (token, ..) = genuine(&app, &app.admin());
    app.set_time("2026-09-01T08:14:59Z");
    app.bearer(&token).get("/users/me").ok();
    app.set_time("2026-09-01T08:15:00Z");
    refused(&app, &token);
}

#[test]
fn what_is_no_token_is_refused() {
    let app = App::start();
    for token in ["", "nonsense", "a.b.c", "..", "%C3%A9", &"x".repeat(5_000)] {
        refused(&app, token);
    }
    app.anyone().get("/users/me").refused(401, "unauthenticated");
    let basic = [("Authorization", "Basic YWRhOnNlY3JldA==")];
    app.anyone().send("GET", "/users/me", &basic, None).refused(401, "unauthenticated");
}
