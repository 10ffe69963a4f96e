//! Making a round: empty, or as a copy of an earlier one.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::frame::{Tab, within_rounds};
use crate::auth::Admin;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Paging, Params};
use crate::rounds::input::{Copy, NewRound};
use crate::rounds::model::Round;
use crate::rounds::ops::{self, RoundFilter};
use crate::web::form::{Choice, Form};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(make);
}

#[derive(Template)]
#[template(path = "rounds/templates/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    funds: Vec<Choice>,
    earlier: Vec<Choice>,
}

#[derive(Debug, serde::Deserialize)]
struct NewQuery {
    #[serde(default)]
    fund: String,
    #[serde(default)]
    copy: String,
}

async fn page(on: &Platform, visit: &Visit<Admin>, form: Form) -> Result<NewPage> {
    let paging = Paging::new(Some(100), None)?.newest_first(true);
    let funds = ops::list_funds(on, &visit.who, Paging::new(Some(100), None)?).await?;
    let rounds = ops::list_rounds(on, &visit.who, RoundFilter::default(), paging).await?;
    Ok(NewPage {
        shell: within_rounds(visit.shell()),
        form,
        funds: funds.iter().map(|fund| Choice::new(fund.id.to_string(), &fund.name)).collect(),
        earlier: rounds
            .iter()
            .map(|round| Choice::new(round.id.to_string(), format!("{} ({})", round.name, round.code)))
            .collect(),
    })
}

#[get("/rounds/new")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, query: Params<NewQuery>) -> Result<HttpResponse> {
    let Params(NewQuery { fund, copy }) = query;
    let form = Form::blank().with("fund_id", fund).with("copied_from", copy);
    visit.show(&page(&on, &visit, form).await?)
}

/// Makes the round that the form asks for.
async fn made(on: &Platform, sent: &Sent<Admin>) -> Result<Round> {
    let form = &sent.form;
    let once = sent.once.clone();
    let code = form.get("code").trim().to_uppercase();
    let mut reading = form.reading();
    reading.put("/code", code).text("/name");
    if form.get("copied_from").is_empty() {
        let input = reading.chosen(&["/fund_id"]).words("/fund_id").done::<NewRound>()?;
        return ops::create_round(on, &sent.who, input, once).await;
    }
    let from = form.get("copied_from").parse().map(RoundId);
    let from = from.map_err(|_| Problem::fault("/copied_from", "choose a round from the list"))?;
    ops::copy_round(on, &sent.who, from, reading.done::<Copy>()?, once).await
}

#[post("/rounds/new")]
async fn make(on: web::Data<Platform>, sent: Sent<Admin>) -> Result<HttpResponse> {
    match made(&on, &sent).await {
        Ok(round) => Ok(sent.go_saying(
            &Tab::Rules.address(round.id),
            "The round is made, as a draft. Nobody but administrators and auditors sees it until it is open.",
        )),
        Err(problem) if matches!(problem.kind(), Kind::Invalid | Kind::AlreadyExists) => {
            let mut form = sent.form.clone().refused(&problem);
            if problem.kind() == Kind::AlreadyExists {
                form = form.fault_at("code", problem.detail());
            }
            sent.show_again(&problem, &page(&on, &sent, form).await?)
        }
        Err(problem) => Err(problem),
    }
}
