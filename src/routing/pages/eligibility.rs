//! Deciding whether a bid may be funded at all. It stands here, and not with bids, because it changes who assesses what.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::auth::Admin;
use crate::bids;
use crate::bids::model::{Eligibility, EligibilityDecision};
use crate::bids::pages::frame::{BidFrame, BidTab, address, within_bids};
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::web::form::{Choice, Form};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(decide);
}

#[derive(Template)]
#[template(path = "routing/templates/eligibility.html")]
struct EligibilityPage {
    shell: Shell,
    frame: BidFrame,
    address: String,
    choices: Vec<Choice>,
    is_assessing: bool,
    form: Form,
}

async fn page(on: &Platform, visit: &Visit<Admin>, id: BidId, form: Option<Form>) -> Result<EligibilityPage> {
    let read = bids::ops::look(on, &visit.who.reader(), id).await?;
    let standing = || {
        let form = Form::blank();
        match read.bid.eligibility {
            Eligibility::Unchecked => form,
            Eligibility::Eligible => form.with("eligible", "true"),
            Eligibility::Ineligible => form.with("eligible", "false"),
        }
    };
    Ok(EligibilityPage {
        shell: within_bids(visit.shell(), &read.round).under(read.bid.reference.clone(), address(id)),
        frame: BidFrame::of(&read, BidTab::Bid),
        address: address(id),
        choices: vec![
            Choice::new("true", "Eligible").hint("It is assessed and can be funded"),
            Choice::new("false", "Not eligible")
                .hint("It is not assessed, whatever it scores, and cannot be funded"),
        ],
        is_assessing: read.round.status == RoundStatus::Assessing,
        form: form.unwrap_or_else(standing),
    })
}

#[get("/bids/{id}/eligibility")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<BidId>) -> Result<HttpResponse> {
    let read = bids::ops::look(&on, &visit.who.reader(), id.0).await?;
    if matches!(read.round.status, RoundStatus::Closed | RoundStatus::Cancelled) {
        return Ok(see_other(&address(id.0)));
    }
    let page = page(&on, &visit, id.0, None).await?;
    visit.show(&page)
}

#[post("/bids/{id}/eligibility")]
async fn decide(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<BidId>) -> Result<HttpResponse> {
    let decision = sent.form.reading().yes_no("/eligible").text("/reason").done::<EligibilityDecision>();
    let decided = match decision {
        Ok(decision) => bids::ops::decide_eligibility(&on, &sent.who, id.0, decision).await,
        Err(problem) => Err(problem),
    };
    match decided {
        Ok(bid) => {
            let told = match bid.eligibility {
                Eligibility::Ineligible => "The bid counts as not eligible from now on.",
                Eligibility::Eligible | Eligibility::Unchecked => "The bid counts as eligible from now on.",
            };
            Ok(sent.go_saying(&address(id.0), told))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone();
            let form = if form.get("eligible").is_empty() {
                form.fault_at("eligible", "Choose whether the bid is eligible")
            } else {
                form.refused(&problem)
            };
            let page = page(&on, &sent, id.0, Some(form)).await?;
            sent.show_again(&problem, &page)
        }
        Err(problem) => Err(problem),
    }
}
