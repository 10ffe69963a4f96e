//! Closing a round, one thing at a time: what keeps it from being closed, every email as it will be sent, the round's
//! name as a check, and the confirmation.
//!
//! The form that closes holds the hash of the inputs that were previewed, so what was looked at is what is closed, or
//! nothing is.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::Framed;
use super::decided::{MoneyRow, PER_PAGE, Part, counts, money, part};
use super::overview::{OpenTask, open_tasks};
use crate::auth::{Admin, Reader};
use crate::id::RoundId;
use crate::outcomes::model::{CloseRequest, Closing, PlannedEmail};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::{Fault, Kind, Problem, Result};
use crate::rest::{Id, Params};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, address};
use crate::web::form::Form;
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(check).service(read_email).service(confirm).service(close).service(closed);
}

#[derive(Template)]
#[template(path = "outcomes/templates/close.html")]
struct ClosePage {
    shell: Shell,
    frame: RoundFrame,
    rehearsal: String,
    /// What has changed since the emails were looked at.
    stale: String,
    open: Vec<OpenTask>,
    received: String,
    counts: Vec<(String, usize)>,
    money: Vec<MoneyRow>,
    emails: Vec<EmailLine>,
    all: usize,
    part: Part,
    previewed: String,
}

struct EmailLine {
    address: String,
    to: String,
    subject: String,
}

#[derive(Template)]
#[template(path = "outcomes/templates/close_email.html")]
struct EmailPage {
    shell: Shell,
    email: PlannedEmail,
    number: usize,
    all: usize,
    before: String,
    after: String,
    back: String,
}

#[derive(Template)]
#[template(path = "outcomes/templates/close_confirm.html")]
struct ConfirmPage {
    shell: Shell,
    name: String,
    called: String,
    address: String,
    emails: usize,
    awarded: String,
    form: Form,
}

#[derive(Debug, serde::Deserialize)]
struct Which {
    #[serde(default)]
    page: usize,
    #[serde(default)]
    number: usize,
}

fn close_address(round: RoundId) -> String {
    format!("{}/close", address(round))
}

/// A preview of the close. `None` where the round is not being assessed, so that there is nothing to close.
async fn preview(on: &Platform, admin: &Admin, round: &Round) -> Result<Option<Closing>> {
    if round.status != RoundStatus::Assessing {
        return Ok(None);
    }
    let request = CloseRequest { dry_run: true, ..CloseRequest::default() };
    ops::close(on, admin, round.id, request).await.map(Some)
}

/// Where a round that is not being assessed says how it stands.
fn elsewhere(round: &Round) -> HttpResponse {
    match round.status {
        RoundStatus::Closed => see_other(&format!("{}/closed", address(round.id))),
        RoundStatus::Draft | RoundStatus::Open | RoundStatus::Assessing | RoundStatus::Cancelled => {
            see_other(&address(round.id))
        }
    }
}

fn close_page(framed: Framed, closing: &Closing, page: usize, stale: String) -> ClosePage {
    let Framed { shell, frame, round, .. } = framed;
    let at = close_address(round.id);
    let (first, part) = part(page, closing.emails.len(), "Emails", |page| format!("{at}?page={page}"));
    let emails = closing.emails.iter().enumerate().skip(first).take(PER_PAGE);
    ClosePage {
        shell: shell.under(round.name.clone(), address(round.id)),
        frame,
        rehearsal: format!("{}/rehearsal", address(round.id)),
        stale,
        open: open_tasks(round.id, &closing.blockers),
        received: format!("{}.", closing.received.trim_end_matches('.')),
        counts: counts(&closing.outcomes),
        money: money(&closing.totals),
        emails: emails
            .map(|(place, email)| EmailLine {
                address: format!("{at}/email?number={}", place + 1),
                to: format!("{}, {}", email.name, email.to),
                subject: email.subject.clone(),
            })
            .collect(),
        all: closing.emails.len(),
        part,
        previewed: format!("{at}/confirm?previewed={}", closing.snapshot_sha256),
    }
}

#[get("/rounds/{id}/close")]
async fn check(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<RoundId>,
    query: Params<Which>,
) -> Result<HttpResponse> {
    let framed = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    match preview(&on, &visit.who, &framed.round).await? {
        Some(closing) => visit.show(&close_page(framed, &closing, query.0.page, String::new())),
        None => Ok(elsewhere(&framed.round)),
    }
}

#[get("/rounds/{id}/close/email")]
async fn read_email(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<RoundId>,
    query: Params<Which>,
) -> Result<HttpResponse> {
    let framed = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    let Some(closing) = preview(&on, &visit.who, &framed.round).await? else {
        return Ok(elsewhere(&framed.round));
    };
    let back = close_address(id.0);
    let all = closing.emails.len();
    let number = query.0.number.clamp(1, all.max(1));
    let Some(email) = closing.emails.into_iter().nth(number - 1) else { return Ok(see_other(&back)) };
    let at = |number: usize| format!("{back}/email?number={number}");
    visit.show(&EmailPage {
        shell: framed.shell.under(framed.round.name.clone(), address(id.0)).under("Close", back.clone()),
        email,
        number,
        all,
        before: if number > 1 { at(number - 1) } else { String::new() },
        after: if number < all { at(number + 1) } else { String::new() },
        back: back.clone(),
    })
}

fn confirm_page(framed: Framed, closing: &Closing, form: Form) -> ConfirmPage {
    let at = close_address(framed.round.id);
    ConfirmPage {
        shell: framed
            .shell
            .under(framed.round.name.clone(), address(framed.round.id))
            .under("Close", at.clone()),
        called: format!("It is called {}", framed.round.name),
        name: framed.round.name,
        address: at,
        emails: closing.emails.len(),
        awarded: closing.totals.budget.spent_pence.to_string(),
        form,
    }
}

#[get("/rounds/{id}/close/confirm")]
async fn confirm(
    on: web::Data<Platform>,
    visit: Visit<Admin>,
    id: Id<RoundId>,
    query: Params<Vec<(String, String)>>,
) -> Result<HttpResponse> {
    let framed = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    let Some(closing) = preview(&on, &visit.who, &framed.round).await? else {
        return Ok(elsewhere(&framed.round));
    };
    let previewed = query.0.into_iter().find(|(name, _)| name == "previewed").map(|(_, value)| value);
    // Whoever comes here by another way looks at the emails first.
    if !closing.blockers.is_empty() || previewed.as_ref() != Some(&closing.snapshot_sha256) {
        return Ok(see_other(&close_address(id.0)));
    }
    let form = Form::blank().with("previewed", closing.snapshot_sha256.clone());
    visit.show(&confirm_page(framed, &closing, form))
}

#[post("/rounds/{id}/close")]
async fn close(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let request = CloseRequest {
        dry_run: false,
        confirm: Some(sent.form.get("confirm").to_owned()),
        previewed_sha256: Some(sent.form.get("previewed").to_owned()),
    };
    let Err(problem) = ops::close(&on, &sent.who, id.0, request).await else {
        return Ok(see_other(&format!("{}/closed", address(id.0))));
    };
    let framed = Framed::load(&on, &sent, id.0, Tab::Outcomes).await?;
    let Some(closing) = preview(&on, &sent.who, &framed.round).await? else {
        // The button was pressed twice, or somebody else was first.
        return Ok(elsewhere(&framed.round));
    };
    match problem.kind() {
        Kind::Invalid => {
            let told = format!("write the name of the round: {}", framed.round.name);
            let told = Problem::invalid("The round was not closed.", vec![Fault::new("/confirm", told)]);
            let form = sent.form.clone().refused(&told);
            sent.show_again(&problem, &confirm_page(framed, &closing, form))
        }
        Kind::Stale | Kind::NotReadyToClose => {
            let told = "Something has changed since you looked at the emails, so the round was not closed. This is how it \
                        stands now.";
            let status = StatusCode::from_u16(problem.kind().status()).unwrap_or(StatusCode::CONFLICT);
            sent.show_as(status, &close_page(framed, &closing, 1, told.to_owned()))
        }
        _ => Err(problem),
    }
}

#[derive(Template)]
#[template(path = "outcomes/templates/closed.html")]
struct ClosedPage {
    shell: Shell,
    name: String,
    code: String,
    closed_at: String,
    sha256: String,
    check: String,
    outcomes: String,
    emails: String,
    record: String,
}

#[get("/rounds/{id}/closed")]
async fn closed(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    let Some(closed_at) = round.closed_at else { return Ok(see_other(&address(id.0))) };
    let sha256 = ops::snapshot_sha256(&on, &visit.who, id.0).await?;
    visit.show(&ClosedPage {
        shell: rounds::pages::frame::within_rounds(visit.shell()).under(round.name.clone(), address(id.0)),
        name: round.name,
        code: round.code,
        closed_at: closed_at.london(),
        sha256,
        check: format!("{}/verify", address(id.0)),
        outcomes: Tab::Outcomes.address(id.0),
        emails: format!("/emails?round={}", id.0),
        record: format!("{}/reports/record.json", address(id.0)),
    })
}
