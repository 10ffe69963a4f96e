//! One run of the router as it was kept, and whether its input gives the same again.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::shortage::ShortageShown;
use super::words::{aims, counted, purpose, run as run_address};
use crate::auth::Reader;
use crate::id::RoutingRunId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Params};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::routing::model::RoutingRun;
use crate::routing::ops::{self, Again};
use crate::routing::words::capital;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "routing/templates/run.html")]
struct RunPage {
    shell: Shell,
    frame: RoundFrame,
    address: String,
    at: String,
    cause: String,
    purpose: &'static str,
    pairs: String,
    aims: Vec<(&'static str, String, &'static str)>,
    shortages: Vec<ShortageShown>,
    run: RoutingRun,
    again: Option<Again>,
}

#[derive(Debug, serde::Deserialize)]
struct RunQuery {
    #[serde(default)]
    again: bool,
}

#[get("/routing-runs/{id}")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoutingRunId>,
    query: Params<RunQuery>,
) -> Result<HttpResponse> {
    let found = ops::read_run(&on, &visit.who, id.0, query.0.again).await?;
    let (round, run) = (found.round, found.run);
    visit.show(&RunPage {
        shell: within_rounds(visit.shell()).under(round.name.clone(), Tab::Routing.address(round.id)),
        frame: RoundFrame::of(&round, Tab::Routing),
        address: run_address(run.id),
        at: run.created_at.london(),
        cause: capital(&run.cause),
        purpose: purpose(run.purpose),
        pairs: counted(run.result.pairs.len(), "place"),
        aims: aims(&run.result.worth, run.result.places),
        shortages: ShortageShown::all(&run.result.shortages),
        run,
        again: found.again,
    })
}
