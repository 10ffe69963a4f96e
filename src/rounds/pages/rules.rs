//! The rules of a round: read by everybody who reads everything, and in a draft the way to each form.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::announced::{Told, announced};
use super::frame::{RoundFrame, Tab, within_rounds};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;
use crate::rounds::ops;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "rounds/templates/rules.html")]
struct RulesPage {
    shell: Shell,
    frame: RoundFrame,
    sections: Vec<Told>,
}

#[get("/rounds/{id}/rules")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let prepared = ops::prepared(&on, &visit.who, id.0).await?;
    visit.show(&RulesPage {
        shell: within_rounds(visit.shell()),
        frame: RoundFrame::of(&prepared.round, Tab::Rules),
        sections: announced(&prepared),
    })
}
