//! The audit trail: who did what to what, when, the latest first.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use crate::audit::{self, Event, Filter};
use crate::auth::Reader;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "oversight/templates/audit.html")]
struct AuditPage {
    shell: Shell,
    events: Vec<Line>,
    first: String,
    next: String,
}

struct Line {
    at: String,
    by: String,
    action: String,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    cursor: Option<String>,
}

#[get("/audit")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<AuditQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?.newest_first(true);
    let events = on.db.read(move |conn| audit::list(conn, &Filter::default(), &paging)).await?;
    let page = Page::new(events, &paging, |event| event.id.0);
    visit.show(&AuditPage {
        shell: visit.shell(),
        events: page.items.iter().map(Line::of).collect(),
        first: cursor.map(|_| "/audit".to_owned()).unwrap_or_default(),
        next: page.next_cursor.map(|cursor| format!("/audit?cursor={cursor}")).unwrap_or_default(),
    })
}

impl Line {
    fn of(event: &Event) -> Self {
        Self { at: event.at.london(), by: event.role.clone(), action: event.action.replace(['.', '_'], " ") }
    }
}
