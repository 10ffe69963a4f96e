//! `GET /audit`: the trail, filtered.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Event, Filter, list};
use crate::auth::Reader;
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_events);
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventQuery {
    round_id: Option<RoundId>,
    /// The id of what was acted on.
    subject_id: Option<String>,
    /// `user:ID`, `client:ID` or `system`.
    actor: Option<String>,
    #[param(example = "round.closed")]
    action: Option<String>,
    /// Not before.
    from: Option<Timestamp>,
    /// Before.
    until: Option<Timestamp>,
    /// Whether the newest comes first; else the oldest does.
    #[serde(default)]
    newest_first: bool,
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Every act.
#[utoipa::path(tag = "audit", params(EventQuery), responses((status = 200, body = Page<Event>)))]
#[get("/audit")]
async fn list_events(
    on: web::Data<Platform>,
    _reader: Reader,
    query: Params<EventQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let Params(query) = query;
    let paging = Paging::new(query.limit, query.cursor.as_deref())?.newest_first(query.newest_first);
    let filter = Filter {
        round: query.round_id,
        subject: query.subject_id,
        actor: query.actor,
        action: query.action,
        from: query.from,
        until: query.until,
    };
    let events = on.db.read(move |conn| list(conn, &filter, &paging)).await?;
    Ok(Page::new(events, &paging, |event| event.id.0).reply(&request))
}
