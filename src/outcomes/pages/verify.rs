//! A closed round's record, checked when somebody asks for it: working out again a large round, and every run of its
//! router, takes too long to be done at each visit of a page.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::Framed;
use crate::auth::Reader;
use crate::id::RoundId;
use crate::outcomes::model::Verification;
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::rounds::pages::frame::{Tab, address};
use crate::web::page::see_other;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

/// Differences that the page names; the API and the command line name all.
const MOST_NAMED: usize = 100;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(check);
}

#[derive(Template)]
#[template(path = "outcomes/templates/verify.html")]
struct CheckedPage {
    shell: Shell,
    name: String,
    code: String,
    checked_at: String,
    verification: Verification,
    outcomes: String,
    record: String,
}

#[get("/rounds/{id}/verify")]
async fn check(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let Framed { shell, round, .. } = Framed::load(&on, &visit, id.0, Tab::Outcomes).await?;
    if round.status != RoundStatus::Closed {
        return Ok(see_other(&address(id.0)));
    }
    let verification = ops::verify(&on, id.0).await?;
    let outcomes = Tab::Outcomes.address(id.0);
    visit.show(&CheckedPage {
        shell: shell.under(round.name.clone(), address(id.0)).under("Outcomes", outcomes.clone()),
        name: round.name,
        code: round.code,
        checked_at: on.db.clock().now().london(),
        verification,
        outcomes,
        record: format!("{}/record.json", Tab::Reports.address(id.0)),
    })
}
