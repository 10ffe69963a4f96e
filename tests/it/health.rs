//! What every answer has in common, and what is served beside the API.

use fasttrack::problem::Kind;
use serde_json::json;

use crate::support::App;

#[test]
fn a_service_that_can_work_says_so() {
    let app = App::start();
    assert_eq!(app.anyone().get("/health/live").ok().json, json!({"status": "live"}));
    for _ in 0..2 {
        assert_eq!(app.anyone().get("/health/ready").ok().json, json!({"status": "ready"}));
    }
}

#[test]
fn metrics_count_by_route_and_name_nobody() {
    let app = App::start();
    let admin = app.admin();
    let id = admin.id().to_owned();
    admin.get(&format!("/users/{id}")).ok();
    app.anyone().get("/no-such-thing?secret=hush").is(404);
    let metrics = app.anyone().get("/metrics").ok();
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let counted = r#"fasttrack_requests_total{method="GET",route="/api/v1/users/{id}",status="200"} 1"#;
    assert!(metrics.text.contains(counted), "{}", metrics.text);
    for line in [
        "fasttrack_request_seconds_count",
        r#"fasttrack_emails{status="waiting"} 0"#,
        r#"fasttrack_emails{status="failed"} 0"#,
        r#"fasttrack_database_connections{state="open"}"#,
        "fasttrack_database_up 1",
    ] {
        assert!(metrics.text.contains(line), "{line} in {}", metrics.text);
    }
    for private in [id.as_str(), "hush", "no-such-thing", "example.org"] {
        assert!(!metrics.text.contains(private), "{private}");
    }
}

#[test]
fn every_answer_is_hardened_and_traceable() {
    let app = App::start();
    let mut seen = Vec::new();
    for path in ["/docs", "/health/live", "/api/v1/audit", "/api/v1/openapi.json", "/api/v1/no-such-thing"] {
        let answer = app.anyone().get(path);
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert!(!answer.header("cache-control").is_empty(), "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}: reached in plain text");
        seen.push(answer.header("x-request-id"));
    }
    assert!(seen.iter().all(|id| id.len() == 36));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5, "a request id is one request's");
    assert_eq!(app.anyone().get("/audit").header("cache-control"), "no-store");
}

#[test]
fn an_encrypted_service_insists_on_it() {
    let app = App::start_with(|config| config.server.public_url = "https://bids.example.org".to_owned());
    assert!(app.anyone().get("/health/live").header("strict-transport-security").starts_with("max-age="));
}

#[test]
fn what_is_not_there_is_a_problem_like_any_other() {
    let app = App::start();
    app.anyone().get("/no-such-thing").refused(404, "not-found");
    app.anyone().get("/health/no-such-thing").refused(404, "not-found");
    app.anyone().get("/bids/not-an-id/").refused(404, "not-found");
    let answer = app.anyone().send("DELETE", "/audit", &[], None);
    assert_eq!(answer.header("allow"), "GET");
    answer.refused(405, "method-not-allowed");
    let answer = app.anyone().send("POST", "/api/v1/openapi.json", &[], None);
    assert_eq!(answer.header("allow"), "GET");
    answer.refused(405, "method-not-allowed");
    let id = fasttrack::id::fresh();
    let answer = app.anyone().send("PATCH", &format!("/bids/{id}"), &[], None);
    assert_eq!(answer.header("allow"), "GET, PUT");
    answer.refused(405, "method-not-allowed");
    let answer = app.admin().send("PUT", "/users/me", &[], None);
    assert_eq!(answer.header("allow"), "GET");
    answer.refused(405, "method-not-allowed");
}

#[test]
fn what_can_be_read_can_be_asked_for_without_its_body() {
    let app = App::start();
    let admin = app.admin();
    for path in ["/health/live", "/rounds", "/invitation", "/no-such-thing"] {
        let whole = admin.send("GET", path, &[], None);
        let head = admin.send("HEAD", path, &[], None);
        assert_eq!((head.status, head.text.as_str()), (whole.status, ""), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"), "{path}");
    }
    admin.send("HEAD", "/rounds/import", &[], None).is(404);
    let only_posted = admin.send("HEAD", "/password-resets", &[], None);
    assert_eq!((only_posted.status, only_posted.text.as_str()), (405, ""));
    assert_eq!(app.anyone().send("HEAD", "/rounds", &[], None).status, 401);
}

#[test]
fn a_body_past_the_limit_is_refused() {
    let app = App::start_with(|config| config.server.body_limit_bytes = 2_000);
    let admin = app.admin();
    let long = "x".repeat(3_000);
    admin.post("/funds", &json!({"name": long, "areas": []})).refused(413, "too-large");
    admin.post("/users", &json!({"name": long})).refused(413, "too-large");
    app.anyone().form("/token", &[("grant_type", "password"), ("username", &long)]).refused(413, "too-large");
}

#[test]
fn scripts_of_other_origins_may_call_only_where_they_are_named() {
    let asks = [("Origin", "https://partner.example.org"), ("Access-Control-Request-Method", "GET")];
    let closed = App::start();
    let answer = closed.anyone().send("GET", "/health/live", &asks[..1], None).ok();
    assert_eq!(answer.header("access-control-allow-origin"), "");
    let answer = closed.anyone().send("OPTIONS", "/audit", &asks, None);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    answer.refused(405, "method-not-allowed");

    let open =
        App::start_with(|config| config.server.cors_origins = vec!["https://partner.example.org".to_owned()]);
    let answer = open.anyone().send("OPTIONS", "/audit", &asks, None).ok();
    assert_eq!(answer.header("access-control-allow-origin"), "https://partner.example.org");
    let other = [("Origin", "https://other.example.org"), asks[1]];
    let answer = open.anyone().send("OPTIONS", "/audit", &other, None);
    assert_eq!(answer.header("access-control-allow-origin"), "");
    answer.refused(400, "malformed");
}

#[test]
fn every_problem_type_has_a_page() {
    let app = App::start();
    for kind in Kind::ALL {
        let answer = app.anyone().send("GET", &format!("/problems/{}", kind.slug()), &[], None);
        assert_eq!(answer.status, 200, "{}", kind.slug());
        assert!(answer.text.contains(kind.title()));
    }
}

#[test]
fn a_wrong_parameter_is_named() {
    let app = App::start();
    let admin = app.admin();
    for (query, named) in [
        ("/rounds?status=Draft", "?status"),
        ("/rounds?colour=blue", "?colour"),
        ("/audit?limit=many", "?limit"),
        ("/audit?limit=0", "?limit"),
        ("/audit?from=tomorrow", "?from"),
        ("/audit?round_id=1", "?round_id"),
    ] {
        let answer = admin.get(query);
        assert_eq!(answer.pointers(), [named], "{query}: {}", answer.text);
        answer.refused(422, "invalid");
    }
    admin.get("/audit?cursor=nonsense").refused(400, "malformed");
}
