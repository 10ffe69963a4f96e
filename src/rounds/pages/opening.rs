//! Opening a round: what is missing first, what will stand from then on, and the button.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::announced::{Told, announced};
use super::frame::{RoundFrame, Tab, within_rounds};
use super::section::Section;
use crate::auth::Admin;
use crate::clock::Timestamp;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::rounds::ops::{self, Prepared};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::{Link, Shell};
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(open);
}

#[derive(Template)]
#[template(path = "rounds/templates/open.html")]
struct OpenPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    action: String,
    back: String,
    /// What is missing, each with the way to its form.
    missing: Vec<Link>,
    deadline: String,
    sections: Vec<Told>,
}

fn page(visit: &Visit<Admin>, prepared: &Prepared, form: Form) -> OpenPage {
    let round = &prepared.round;
    let missing = prepared.missing.iter().map(|fault| {
        let section = Section::of(&fault.pointer, &round.rules);
        let name = match &section {
            Section::Criterion(key) => {
                round.rules.criterion(key).map_or("Criteria", |criterion| &criterion.title)
            }
            other => other.title(),
        };
        let address = match section {
            Section::Fund => format!("/funds/{}", round.fund_id),
            other => other.address(round.id),
        };
        Link { label: format!("{name}: {}", fault.detail), address, is_current: false }
    });
    let frame = RoundFrame::of(round, Tab::Rules);
    OpenPage {
        shell: within_rounds(visit.shell()).under(frame.name.clone(), Tab::Rules.address(round.id)),
        frame,
        form,
        action: format!("{}/open", super::frame::address(round.id)),
        back: Tab::Rules.address(round.id),
        missing: missing.collect(),
        deadline: round.deadline.map(Timestamp::london).unwrap_or_default(),
        sections: announced(prepared),
    }
}

#[get("/rounds/{id}/open")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let prepared = ops::prepared(&on, &visit.who.reader(), id.0).await?;
    match prepared.round.status {
        RoundStatus::Draft => visit.show(&page(&visit, &prepared, Form::blank())),
        RoundStatus::Open | RoundStatus::Assessing | RoundStatus::Closed | RoundStatus::Cancelled => {
            Ok(see_other(&Tab::Rules.address(id.0)))
        }
    }
}

#[post("/rounds/{id}/open")]
async fn open(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    match ops::open(&on, &sent.who, id.0).await {
        Ok(_) => Ok(sent.go_saying(&Tab::Rules.address(id.0), "The round is open for bids.")),
        Err(problem) if problem.kind() == Kind::Invalid => {
            let prepared = ops::prepared(&on, &sent.who.reader(), id.0).await?;
            sent.show_again(&problem, &page(&sent, &prepared, sent.form.clone()))
        }
        Err(problem) if problem.kind() == Kind::WrongState => {
            // A button that was pressed twice has done what it was pressed for.
            let prepared = ops::prepared(&on, &sent.who.reader(), id.0).await?;
            if prepared.round.status == RoundStatus::Open {
                return Ok(see_other(&Tab::Rules.address(id.0)));
            }
            Err(problem)
        }
        Err(problem) => Err(problem),
    }
}
