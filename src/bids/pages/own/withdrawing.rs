//! Withdrawing a submitted bid.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::work::{Work, shell_below};
use crate::auth::Member;
use crate::bids::model::{BidStatus, Withdrawal};
use crate::bids::ops;
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Kind, Result};
use crate::rest::Id;
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(withdraw);
}

#[derive(Template)]
#[template(path = "bids/templates/own/withdraw.html")]
struct WithdrawPage {
    shell: Shell,
    work: Work,
    form: Form,
}

#[get("/your-bids/{id}/withdraw")]
async fn ask(on: web::Data<Platform>, visit: Visit<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let work = Work::load(&on, &visit.who, id.0).await?;
    if !work.is_open() || work.written.bid.status != BidStatus::Submitted {
        return Ok(see_other(&work.address()));
    }
    visit.show(&WithdrawPage { shell: shell_below(&visit, &work), work, form: Form::blank() })
}

#[post("/your-bids/{id}/withdraw")]
async fn withdraw(on: web::Data<Platform>, sent: Sent<Member>, id: Id<BidId>) -> Result<HttpResponse> {
    let reason = sent.form.get("reason").trim();
    let input = Withdrawal { reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()) };
    let Err(problem) = ops::withdraw(&on, &sent.who, id.0, input).await else {
        let told = "The bid is withdrawn. You may submit it again until the deadline.";
        return Ok(sent.go_saying(&format!("/your-bids/{}", id.0), told));
    };
    let work = Work::load(&on, &sent.who, id.0).await?;
    match problem.kind() {
        Kind::Invalid => {
            let form = sent.form.clone().refused(&problem);
            let shell = shell_below(&sent, &work);
            sent.show_again(&problem, &WithdrawPage { shell, work, form })
        }
        // The button was pressed twice.
        Kind::WrongState if work.written.bid.status == BidStatus::Withdrawn => Ok(see_other(&work.address())),
        _ => Err(problem),
    }
}
