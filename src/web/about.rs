//! The start page, which leads on, and the pages about the service itself.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::page::see_other;
use super::shell::{Shell, home};
use super::visitor::{Anyone, Visit};
use crate::problem::Result;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(start).service(accessibility).service(privacy);
}

/// Leads to what a person's role needs next.
#[get("/")]
async fn start(visit: Visit<Anyone>) -> HttpResponse {
    let role = visit.visitor.session.as_ref().and_then(|session| session.actor.role);
    see_other(role.map_or("/sign-in", home))
}

#[derive(Template)]
#[template(path = "web/templates/accessibility.html")]
struct AccessibilityPage {
    shell: Shell,
}

#[derive(Template)]
#[template(path = "web/templates/privacy.html")]
struct PrivacyPage {
    shell: Shell,
}

#[get("/accessibility")]
async fn accessibility(visit: Visit<Anyone>) -> Result<HttpResponse> {
    visit.show(&AccessibilityPage { shell: visit.shell() })
}

#[get("/privacy")]
async fn privacy(visit: Visit<Anyone>) -> Result<HttpResponse> {
    visit.show(&PrivacyPage { shell: visit.shell() })
}
