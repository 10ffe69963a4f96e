//! The shell of every page for people: one layout, one style sheet, and headers that allow
//! nothing else.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::problem::Problem;

/// A page may load the style sheet and send its form here; nothing else, and nobody frames it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(style).service(report_style);
}

/// The style of reports, which a report that leaves the service takes along.
pub const REPORT_STYLE: &str = include_str!("assets/report.css");

#[get("/assets/site.css")]
async fn style() -> HttpResponse {
    sheet(include_str!("assets/site.css"))
}

#[get("/assets/report.css")]
async fn report_style() -> HttpResponse {
    sheet(REPORT_STYLE)
}

fn sheet(text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header(("Cache-Control", "public, max-age=3600"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(text)
}

/// A page. Its address may hold a one-time token, so it is kept out of caches and referrers.
#[must_use]
pub fn show(status: StatusCode, page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(html) => HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header(("Content-Security-Policy", POLICY))
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("Referrer-Policy", "no-referrer"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .body(html),
        Err(error) => HttpResponse::from_error(Problem::internal(error)),
    }
}
