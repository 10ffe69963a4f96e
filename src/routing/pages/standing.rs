//! A round's routing: before it, what it would give; after it, how it stands, who is how loaded, what is short and why.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::shortage::ShortageShown;
use super::words::{self, counted, is_admin, number, person};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Page, Paging, Params};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::routing::model::{Forecast, RunResult};
use crate::routing::ops::{self, Load, Standing};
use crate::routing::words::capital;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "routing/templates/forecast.html")]
struct ForecastPage {
    shell: Shell,
    frame: RoundFrame,
    round: Round,
    forecast: Forecast,
    told: String,
    shortages: Vec<ShortageShown>,
    /// Where capacities are set.
    pool: String,
    is_admin: bool,
}

#[derive(Template)]
#[template(path = "routing/templates/before.html")]
struct BeforePage {
    shell: Shell,
    frame: RoundFrame,
    round: Round,
    is_admin: bool,
}

#[derive(Template)]
#[template(path = "routing/templates/standing.html")]
struct StandingPage {
    shell: Shell,
    frame: RoundFrame,
    address: String,
    /// Where capacities are set.
    pool: String,
    progress: Vec<Bar>,
    /// What waits for somebody, in a sentence; empty where nothing does.
    waiting: String,
    is_overdue: bool,
    last: Last,
    loads: Vec<LoadLine>,
    runs: Vec<RunLine>,
    /// Whether the reader may act now.
    may_act: bool,
    first: String,
    next: String,
}

struct Bar {
    id: &'static str,
    label: &'static str,
    done: usize,
    all: usize,
}

/// What the last run says.
struct Last {
    at: String,
    shortages: Vec<ShortageShown>,
    bridges: Option<crate::routing::bridging::Bridges>,
}

struct LoadLine {
    name: String,
    address: String,
    load: usize,
    capacity: u32,
    minimum: u32,
    offered: usize,
    accepted: usize,
    submitted: usize,
    given_up: usize,
    tags: Vec<(String, &'static str)>,
}

struct RunLine {
    address: String,
    at: String,
    cause: String,
    purpose: &'static str,
}

#[derive(Debug, serde::Deserialize)]
struct StandingQuery {
    cursor: Option<String>,
}

#[get("/rounds/{id}/routing")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<StandingQuery>,
) -> Result<HttpResponse> {
    let standing = ops::standing(&on, &visit.who, id.0).await?;
    let (shell, frame) = (within_rounds(visit.shell()), RoundFrame::of(&standing.round, Tab::Routing));
    let is_admin = is_admin(&visit.who);
    match (standing.round.status, standing.last.is_some()) {
        (RoundStatus::Open, _) => {
            let forecast = ops::forecast(&on, &visit.who, id.0).await?;
            visit.show(&ForecastPage {
                shell,
                frame,
                told: told(&forecast),
                shortages: ShortageShown::all(&forecast.shortages),
                forecast,
                pool: Tab::Assessors.address(standing.round.id),
                round: standing.round,
                is_admin,
            })
        }
        (_, true) => visit.show(&standing_page(shell, frame, standing, is_admin, query.0.cursor)?),
        (_, false) => visit.show(&BeforePage { shell, frame, round: standing.round, is_admin }),
    }
}

fn told(forecast: &Forecast) -> String {
    let (bids, assessors) = (counted(forecast.bids, "bid"), counted(forecast.assessors, "assessor"));
    format!("{bids} so far, with {}, and {assessors}.", counted(forecast.places, "place"))
}

fn standing_page(
    shell: Shell,
    frame: RoundFrame,
    standing: Standing,
    is_admin: bool,
    cursor: Option<String>,
) -> Result<StandingPage> {
    let Standing { round, tally, loads, last, runs, now } = standing;
    let address = Tab::Routing.address(round.id);
    let (at, result) = last.map(|run| (run.created_at.london(), run.result)).unwrap_or_default();
    let RunResult { places, shortages, bridges, .. } = result;
    // What was kept outside the run's instance counts among the places as well.
    let places = usize::try_from(places).unwrap_or(usize::MAX).max(tally.standing());
    let is_assessing = round.status == RoundStatus::Assessing;
    let is_over = round.assessments_due_at.is_some_and(|due| due < now);
    let to_do = tally.offered + tally.accepted;
    let paging = Paging::new(Some(50), cursor.as_deref())?;
    let begin =
        paging.after.and_then(|id| loads.iter().position(|load| load.id.0 == id)).map_or(0, |at| at + 1);
    let most = usize::try_from(paging.fetch()).unwrap_or(usize::MAX);
    let part: Vec<Load> = loads.into_iter().skip(begin).take(most).collect();
    let page = Page::new(part, &paging, |load| load.id.0);
    Ok(StandingPage {
        shell,
        frame,
        progress: vec![
            Bar { id: "filled", label: "Places filled", done: tally.standing(), all: places },
            Bar {
                id: "accepted",
                label: "Accepted, with no conflict of interest declared",
                done: tally.accepted + tally.submitted,
                all: tally.standing(),
            },
            Bar {
                id: "submitted",
                label: "Assessments submitted",
                done: tally.submitted,
                all: tally.standing(),
            },
        ],
        waiting: if is_assessing { waiting(tally.offered, tally.accepted) } else { String::new() },
        is_overdue: is_assessing && is_over && to_do > 0,
        last: Last { at, shortages: ShortageShown::all(&shortages), bridges },
        loads: page.items.iter().map(|load| load_line(load, is_assessing && is_over)).collect(),
        runs: runs.iter().map(run_line).collect(),
        may_act: is_admin && is_assessing,
        first: cursor.map(|_| format!("{address}#loads")).unwrap_or_default(),
        next: page.next_cursor.map(|next| format!("{address}?cursor={next}#loads")).unwrap_or_default(),
        pool: Tab::Assessors.address(round.id),
        address,
    })
}

fn waiting(offered: usize, accepted: usize) -> String {
    let answer = if offered == 1 { "waits" } else { "wait" };
    let written = if accepted == 1 { "is" } else { "are" };
    match (offered, accepted) {
        (0, 0) => String::new(),
        (_, 0) => format!("{} {answer} for an answer.", counted(offered, "offer")),
        (0, _) => format!("{} {written} being written.", counted(accepted, "assessment")),
        (_, _) => format!(
            "{} {answer} for an answer; {} {written} being written.",
            counted(offered, "offer"),
            counted(accepted, "assessment")
        ),
    }
}

fn load_line(load: &Load, is_over: bool) -> LoadLine {
    let standing = load.tally.standing();
    let (capacity, minimum) = (load.capacity, load.minimum);
    let under = usize::try_from(minimum).is_ok_and(|minimum| standing < minimum);
    let over = usize::try_from(capacity).is_ok_and(|capacity| standing > capacity);
    let overdue = load.tally.offered + load.tally.accepted;
    let mut tags = Vec::new();
    let mut tag = |is_so: bool, label: String, kind| {
        if is_so {
            tags.push((label, kind));
        }
    };
    tag(is_over && overdue > 0, format!("{} overdue", number(overdue)), "bad");
    tag(load.is_disabled, "Disabled".to_owned(), "bad");
    tag(over, "Over capacity".to_owned(), "bad");
    tag(under, format!("Under the minimum of {}", number(minimum)), "soon");
    LoadLine {
        name: load.name.clone(),
        address: person(load.id),
        load: standing,
        capacity,
        minimum,
        offered: load.tally.offered,
        accepted: load.tally.accepted,
        submitted: load.tally.submitted,
        given_up: load.tally.given_up,
        tags,
    }
}

fn run_line(run: &ops::RunLine) -> RunLine {
    RunLine {
        address: words::run(run.id),
        at: format!("{}, {}", run.created_at.london_day(), run.created_at.london_time()),
        cause: capital(&run.cause),
        purpose: words::purpose(run.purpose),
    }
}
