//! The list of rounds: what is under way, what is being prepared, what is over.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::frame::{RoundFrame, Tab};
use crate::auth::{Reader, Role};
use crate::money::grouped;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Page, Paging, Params};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::ops::{self, RoundLine};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(list);
}

#[derive(Template)]
#[template(path = "rounds/templates/list.html")]
struct ListPage {
    shell: Shell,
    is_admin: bool,
    groups: Vec<Group>,
    first: String,
    next: String,
}

/// Rounds that stand alike.
struct Group {
    title: &'static str,
    rounds: Vec<Line>,
}

/// A round in a list.
pub(super) struct Line {
    pub name: String,
    pub address: String,
    pub hint: String,
    pub status: &'static str,
    pub kind: &'static str,
}

#[derive(Debug, serde::Deserialize)]
struct ListQuery {
    cursor: Option<String>,
}

#[get("/rounds")]
async fn list(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    query: Params<ListQuery>,
) -> Result<HttpResponse> {
    let cursor = query.0.cursor.as_deref();
    let paging = Paging::new(Some(50), cursor)?.newest_first(true);
    let lines = ops::list_lines(&on, &visit.who, paging).await?;
    let page = Page::new(lines, &paging, |line| line.round.id.0);
    visit.show(&ListPage {
        shell: visit.shell(),
        is_admin: visit.who.role == Some(Role::Admin),
        groups: groups(&page.items),
        first: cursor.map(|_| "/rounds".to_owned()).unwrap_or_default(),
        next: page.next_cursor.map(|cursor| format!("/rounds?cursor={cursor}")).unwrap_or_default(),
    })
}

fn groups(lines: &[RoundLine]) -> Vec<Group> {
    let of = |title, is_in: fn(RoundStatus) -> bool| Group {
        title,
        rounds: lines.iter().filter(|line| is_in(line.round.status)).map(Line::of).collect(),
    };
    let all = [
        of("Under way", |status| matches!(status, RoundStatus::Open | RoundStatus::Assessing)),
        of("In preparation", |status| matches!(status, RoundStatus::Draft)),
        of("Over", |status| matches!(status, RoundStatus::Closed | RoundStatus::Cancelled)),
    ];
    all.into_iter().filter(|group| !group.rounds.is_empty()).collect()
}

impl Line {
    fn of(line: &RoundLine) -> Self {
        let bids = match line.bids {
            1 => "1 bid".to_owned(),
            many => format!("{} bids", grouped(many)),
        };
        let mut hint = vec![line.round.code.clone(), line.fund.name.clone()];
        if line.round.status != RoundStatus::Draft {
            hint.push(bids);
        }
        Self::of_round(&line.round, hint)
    }

    /// With what is said of it first, and then when something is due.
    pub(super) fn of_round(round: &Round, mut hint: Vec<String>) -> Self {
        // A draft has nothing to look over yet, and much to write.
        let tab = if round.status == RoundStatus::Draft { Tab::Rules } else { Tab::Overview };
        let frame = RoundFrame::of(round, tab);
        hint.extend([frame.when, deadline(round)].into_iter().find(|told| !told.is_empty()));
        Self {
            name: frame.name,
            address: tab.address(round.id),
            hint: hint.join(" · "),
            status: frame.status,
            kind: frame.kind,
        }
    }
}

fn deadline(round: &Round) -> String {
    round.deadline.map(|at| format!("deadline {}", at.london())).unwrap_or_default()
}
