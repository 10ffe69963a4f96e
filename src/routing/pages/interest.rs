//! Declaring an assessor's interest in one bid, for what no organisation's number says.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use crate::accounts::assessors;
use crate::accounts::inputs::NewInterest;
use crate::accounts::model::Severity;
use crate::auth::Admin;
use crate::bids::ops::{self, BidRead};
use crate::bids::pages::frame::{BidFrame, BidTab, within_bids};
use crate::id::{BidId, UserId};
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::Id;
use crate::rounds;
use crate::web::form::{Choice, Form, Reading};
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(declare);
}

#[derive(Template)]
#[template(path = "routing/templates/interest.html")]
struct InterestPage {
    shell: Shell,
    frame: BidFrame,
    form: Form,
    action: String,
    back: String,
    /// Who is in the round's pool.
    assessors: Vec<Choice>,
    severities: Vec<Choice>,
}

async fn page(on: &Platform, visit: &Visit<Admin>, read: &BidRead, form: Form) -> Result<InterestPage> {
    let pool = rounds::ops::pool_lines(on, &visit.who.reader(), read.round.id).await?;
    let mut assessors: Vec<Choice> = pool
        .lines
        .iter()
        .map(|(_, profile)| {
            Choice::new(profile.id.to_string(), format!("{} ({})", profile.name, profile.email))
        })
        .collect();
    assessors.sort_by(|one, other| one.label.cmp(&other.label));
    let back = BidTab::Routing.address(read.bid.id);
    Ok(InterestPage {
        shell: within_bids(visit.shell(), &read.round).under(read.bid.reference.clone(), back.clone()),
        frame: BidFrame::of(read, BidTab::Routing),
        form,
        action: format!("/bids/{}/interests/new", read.bid.id),
        back,
        assessors,
        severities: vec![
            Choice::new(Severity::Hard.as_str(), "Hard").hint("They never get this bid"),
            Choice::new(Severity::Soft.as_str(), "Soft")
                .hint("They do not get it, unless an administrator overrides it with a reason"),
        ],
    })
}

#[get("/bids/{id}/interests/new")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<BidId>) -> Result<HttpResponse> {
    let read = ops::look(&on, &visit.who.reader(), id.0).await?;
    visit.show(&page(&on, &visit, &read, Form::blank()).await?)
}

/// Whose interest it is, and what it is.
fn typed(mut reading: Reading<'_>, chosen: &str, bid: BidId) -> Result<(UserId, NewInterest)> {
    let input = reading
        .chosen(&["/assessor_id", "/severity"])
        .put("/bid_id", bid.to_string())
        .words("/severity")
        .text("/description")
        .done()?;
    let assessor = chosen.parse().map_err(|_| Problem::fault("/assessor_id", "choose an assessor"))?;
    Ok((UserId(assessor), input))
}

#[post("/bids/{id}/interests/new")]
async fn declare(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<BidId>) -> Result<HttpResponse> {
    let read = ops::look(&on, &sent.who.reader(), id.0).await?;
    let declaring = match typed(sent.form.reading(), sent.form.get("assessor_id"), id.0) {
        Ok((assessor, input)) => {
            assessors::ops::declare_interest(&on, &sent.who, assessor, input, sent.once.clone()).await
        }
        Err(problem) => Err(problem),
    };
    match declaring {
        Ok(_) => {
            let told = "The interest is declared. It is kept for good.";
            Ok(sent.go_saying(&BidTab::Routing.address(id.0), told))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&on, &sent, &read, form).await?)
        }
        Err(problem) => Err(problem),
    }
}
