//! Who assesses one bid: why each of them, why nobody else, and what somebody else would have cost.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::words::{is_admin, person, run, status};
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::bids;
use crate::bids::model::BidStatus;
use crate::bids::pages::frame::{BidFrame, BidTab, within_bids};
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::routing::model::{Assignment, AssignmentStatus};
use crate::routing::ops;
use crate::routing::rivals::{NotChosen, WhyNot};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "routing/templates/bid.html")]
struct BidRoutingPage {
    shell: Shell,
    frame: BidFrame,
    is_draft: bool,
    standing: Vec<Seat>,
    given_up: Vec<Seat>,
    empty: usize,
    routed: Option<Routed>,
    /// Where an assessor's interest in it is declared; empty for those who only read.
    interest: String,
}

/// An assessor's place, or one that they had.
struct Seat {
    name: String,
    address: String,
    status: &'static str,
    kind: &'static str,
    at: String,
    area: String,
    sentence: String,
    /// Why it was given up.
    reason: String,
    /// Where it can be taken back; empty where it cannot.
    release: String,
}

/// What the run that offered the places says.
struct Routed {
    run: String,
    not_chosen: Vec<Rival>,
    elsewhere: usize,
}

struct Rival {
    name: String,
    address: String,
    sentence: String,
    label: &'static str,
    kind: &'static str,
}

#[get("/bids/{id}/routing")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<BidId>) -> Result<HttpResponse> {
    let read = bids::ops::look(&on, &visit.who, id.0).await?;
    let assignments = ops::on_bid(&on, &visit.who, id.0).await?;
    let routed = match ops::bid_routing(&on, &visit.who, id.0).await {
        Ok(found) => Some(Routed {
            run: run(found.run_id),
            not_chosen: found.not_chosen.iter().map(rival).collect(),
            elsewhere: found.elsewhere,
        }),
        // It has not been routed yet, or was no part of the routing.
        Err(problem) if matches!(problem.kind(), Kind::NotFound | Kind::WrongState) => None,
        Err(problem) => return Err(problem),
    };
    let may_release = is_admin(&visit.who) && read.round.status == RoundStatus::Assessing;
    let may_declare = is_admin(&visit.who)
        && matches!(read.round.status, RoundStatus::Open | RoundStatus::Assessing)
        && read.bid.status != BidStatus::Draft;
    let (standing, given_up): (Vec<_>, Vec<_>) =
        assignments.iter().partition(|(assignment, _)| assignment.status.stands());
    let seats = |seats: &[&(Assignment, String)]| -> Vec<Seat> {
        seats.iter().map(|(assignment, name)| seat(assignment, name, &read.tree, may_release)).collect()
    };
    let places = usize::try_from(read.round.rules.assessors_per_bid).unwrap_or(usize::MAX);
    visit.show(&BidRoutingPage {
        shell: within_bids(visit.shell(), &read.round),
        frame: BidFrame::of(&read, BidTab::Routing),
        is_draft: read.bid.status == BidStatus::Draft,
        empty: if routed.is_some() { places.saturating_sub(standing.len()) } else { 0 },
        standing: seats(&standing),
        given_up: seats(&given_up),
        routed,
        interest: if may_declare { format!("/bids/{}/interests/new", id.0) } else { String::new() },
    })
}

fn seat(assignment: &Assignment, name: &str, tree: &AreaTree, may_release: bool) -> Seat {
    let (label, kind) = status(assignment.status);
    let can = matches!(assignment.status, AssignmentStatus::Offered | AssignmentStatus::Accepted);
    let at = match assignment.status {
        AssignmentStatus::Offered => Some(assignment.offered_at),
        AssignmentStatus::Accepted | AssignmentStatus::Submitted => assignment.accepted_at,
        AssignmentStatus::Declined => assignment.declined_at,
        AssignmentStatus::Released => assignment.released_at,
    };
    let since = match assignment.status {
        AssignmentStatus::Offered => "offered",
        AssignmentStatus::Accepted | AssignmentStatus::Submitted => "accepted",
        AssignmentStatus::Declined => "declined",
        AssignmentStatus::Released => "taken back",
    };
    let area = assignment.area_code.as_deref().map(|code| tree.name(code).to_owned());
    Seat {
        name: name.to_owned(),
        address: person(assignment.assessor_id),
        status: label,
        kind,
        at: at.map(|at| format!("{since} {}", at.london())).unwrap_or_default(),
        area: area.unwrap_or_default(),
        sentence: assignment.explanation.sentence.clone(),
        reason: assignment.decline_reason.clone().unwrap_or_default(),
        release: if can && may_release {
            format!("/assignments/{}/release", assignment.id)
        } else {
            String::new()
        },
    }
}

fn rival(one: &NotChosen) -> Rival {
    let (label, kind) = match one.why {
        WhyNot::Employer | WhyNot::Interest => ("Conflict", "bad"),
        WhyNot::GivenUp => ("Gave it up", ""),
        WhyNot::Bridge => ("Gave way", ""),
        WhyNot::FixedOrder => ("As good", "now"),
        WhyNot::Worse => ("Worse", ""),
        WhyNot::NoRoom => ("No room", ""),
        WhyNot::NotAskedThen => ("Not asked", ""),
    };
    Rival {
        name: one.name.clone(),
        address: person(one.assessor_id),
        sentence: one.sentence.clone(),
        label,
        kind,
    }
}
