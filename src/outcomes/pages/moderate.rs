//! Moderating a criterion of a bid: what the assessors gave stands beside the form.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::bid::{Board, CriterionView, address_of};
use super::{as_reader, comes_back};
use crate::auth::Admin;
use crate::id::BidId;
use crate::outcomes::model::NewModeration;
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds::rules::Scored;
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(moderate);
}

#[derive(Template)]
#[template(path = "outcomes/templates/moderate.html")]
struct ModeratePage {
    shell: Shell,
    over: String,
    address: String,
    action: String,
    criterion: CriterionView,
    levels: Vec<Choice>,
    form: Form,
}

/// A bid's id and the name of what is scored, as they stand in the path.
type Place = web::Path<(String, String)>;

fn place(path: Place) -> Result<(BidId, String)> {
    let (id, key) = path.into_inner();
    let id = id.parse().map_err(|_| Problem::not_found())?;
    Ok((BidId(id), key))
}

fn scored<'b>(of: &'b Board, name: &str) -> Result<Scored<'b>> {
    of.round.rules.find_scored(name).ok_or_else(Problem::not_found)
}

fn page(visit: &Visit<Admin>, of: &Board, scored: &Scored, form: Form) -> ModeratePage {
    ModeratePage {
        shell: of.shell(visit.shell()).under(of.board.reference.clone(), of.address()),
        over: of.over(),
        address: of.address(),
        action: format!("/bids/{}/moderate/{}", of.board.bid_id, scored.name()),
        criterion: of.scored(scored),
        levels: scored
            .criterion
            .scale
            .iter()
            .map(|level| Choice::new(level.score.to_string(), level.label.clone()))
            .collect(),
        form,
    }
}

#[get("/bids/{id}/moderate/{key}")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, path: Place) -> Result<HttpResponse> {
    let (bid, key) = place(path)?;
    let of = Board::load(&on, &as_reader(&visit.who)?, bid).await?;
    let scored = scored(&of, &key)?;
    if !of.is_open() || of.board.assessments.is_empty() {
        return Ok(see_other(&of.address()));
    }
    visit.show(&page(&visit, &of, &scored, Form::blank()))
}

#[post("/bids/{id}/moderate/{key}")]
async fn moderate(on: web::Data<Platform>, sent: Sent<Admin>, path: Place) -> Result<HttpResponse> {
    let (bid, key) = place(path)?;
    let mut reading = sent.form.reading();
    let new = reading.put("/criterion", key.clone()).whole("/score").text("/reason").done::<NewModeration>();
    let done = match new {
        Ok(new) => ops::moderate(&on, &sent.who, bid, new, sent.once.clone()).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => Ok(sent.go_saying(
            &address_of(bid),
            "The criterion is moderated. The assessors' own scores stay on record.",
        )),
        Err(problem) if comes_back(&problem) => {
            let of = Board::load(&on, &as_reader(&sent.who)?, bid).await?;
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&sent, &of, &scored(&of, &key)?, form))
        }
        Err(problem) => Err(problem),
    }
}
