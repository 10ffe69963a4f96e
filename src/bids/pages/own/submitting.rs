//! Checking what was written, submitting it, and the receipt.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::bid::{ReadPart, read_parts, submitted_number};
use super::reading::Said;
use super::words;
use super::work::{Work, shell_below};
use crate::auth::Member;
use crate::bids::model::BidVersion;
use crate::bids::ops;
use crate::bids::rules::gateway_reason;
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, IfMatch};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(check).service(submit).service(submitted);
}

#[derive(Template)]
#[template(path = "bids/templates/own/check.html")]
struct CheckPage {
    shell: Shell,
    read: Vec<ReadPart>,
    /// Why the answers to the gateways would make it ineligible.
    ineligible: Option<String>,
    form: Form,
    work: Work,
}

fn check_page(visit: &Visit<Member>, work: Work, form: Form) -> CheckPage {
    CheckPage {
        shell: shell_below(visit, &work),
        read: read_parts(&work, work.content(), true),
        ineligible: gateway_reason(work.content(), work.rules()),
        form: form.set("version", work.written.bid.version.to_string()),
        work,
    }
}

#[get("/your-bids/{id}/check")]
async fn check(on: web::Data<Platform>, visit: Visit<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    if !work.is_open() {
        return Ok(see_other(&work.address()));
    }
    visit.show(&check_page(&visit, work, Form::blank()))
}

#[post("/your-bids/{id}/submit")]
async fn submit(on: web::Data<Platform>, sent: Sent<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let version = IfMatch::version(sent.form.get("version").parse().unwrap_or(-1));
    let Err(problem) = ops::submit(&on, &sent.who, id.0, version, sent.once.clone()).await else {
        return Ok(see_other(&format!("/your-bids/{}/submitted", id.0)));
    };
    let work = Work::load(&on, &sent.who, id.0).await?;
    match problem.kind() {
        Kind::Invalid => {
            let faults = problem.faults().iter().map(|fault| words::in_words(fault, work.rules())).collect();
            let told = Problem::invalid("It was not submitted.", faults);
            let form = Form::blank().refused_as(&told, |pointer| Some(words::line(pointer)));
            sent.show_again(&problem, &check_page(&sent, work, form))
        }
        Kind::Stale => {
            let told = "It was changed in another tab or window after you opened this page: check it again";
            sent.show_again(&problem, &check_page(&sent, work, Form::blank().fault_at("", told)))
        }
        // The button was pressed twice.
        Kind::WrongState if work.is_as_submitted() => Ok(see_other(&format!("{}/submitted", work.address()))),
        _ => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "bids/templates/own/submitted.html")]
struct SubmittedPage {
    shell: Shell,
    work: Work,
    version: BidVersion,
    ineligible: Option<String>,
}

#[get("/your-bids/{id}/submitted")]
async fn submitted(on: web::Data<Platform>, visit: Visit<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    if !work.is_as_submitted() {
        return Ok(see_other(&work.address()));
    }
    let version = ops::read_version(&on, &visit.who, id.0, submitted_number(&work)?).await?;
    let ineligible = gateway_reason(&version.content, work.rules());
    visit.show(&SubmittedPage { shell: shell_below(&visit, &work), work, version, ineligible })
}
