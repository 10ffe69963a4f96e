//! Style sheets, scripts and the icon: a part of the program, at addresses that hold a hash of what
//! is there, so that a browser keeps them for ever and still never shows an old one.

use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, get, web};

use crate::auth::secrets::sha256;
use crate::problem::{Problem, Result};

/// The style of reports, which a report that leaves the service takes along.
pub const REPORT_STYLE: &str = include_str!("assets/report.css");

struct Asset {
    name: &'static str,
    kind: &'static str,
    content: &'static str,
    address: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    const CSS: &str = "text/css; charset=utf-8";
    const SCRIPT: &str = "text/javascript; charset=utf-8";
    vec![
        asset("site.css", CSS, include_str!("assets/site.css")),
        asset("docs.css", CSS, include_str!("assets/docs.css")),
        asset("report.css", CSS, REPORT_STYLE),
        asset("site.js", SCRIPT, include_str!("assets/site.js")),
        asset("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ]
});

fn asset(name: &'static str, kind: &'static str, content: &'static str) -> Asset {
    let hash: String = sha256(content).chars().take(16).collect();
    Asset { name, kind, content, address: format!("/assets/{hash}/{name}") }
}

/// The address of an asset, by its name, for templates.
#[must_use]
pub fn address(name: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.name == name).map_or("/assets", |asset| asset.address.as_str())
}

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[get("/assets/{hash}/{name}")]
async fn show(request: actix_web::HttpRequest) -> Result<HttpResponse> {
    let asset = ASSETS.iter().find(|asset| asset.address == request.path()).ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.kind)
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_asset_that_a_template_names_is_there() {
        for name in ["site.css", "docs.css", "report.css", "site.js", "icon.svg"] {
            assert!(address(name).ends_with(name), "{name}");
        }
    }
}
