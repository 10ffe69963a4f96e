//! One bid as it was received, and each of its versions with what changed in it.

use actix_web::{HttpRequest, HttpResponse, get, web};
use askama::Template;

use super::content::Content;
use super::frame::{BidFrame, BidTab, address, within_bids};
use crate::auth::{Reader, Role};
use crate::bids::changes::{Change, Difference, PieceKind, changes};
use crate::bids::model::{BidStatus, Eligibility};
use crate::bids::ops::{self, BidRead};
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Id;
use crate::rounds::model::RoundStatus;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show).service(show_version);
}

#[derive(Template)]
#[template(path = "bids/templates/read.html")]
struct ReadPage {
    shell: Shell,
    frame: BidFrame,
    content: Content,
    read: BidRead,
    /// What was decided, and where it can be decided anew; empty where it cannot.
    eligibility: &'static str,
    eligibility_address: String,
    versions: Vec<VersionLine>,
    is_draft: bool,
}

#[derive(Template)]
#[template(path = "bids/templates/version.html")]
struct VersionPage {
    shell: Shell,
    frame: BidFrame,
    content: Content,
    number: u32,
    standing: bool,
    submitted_at: String,
    submitted_by: String,
    sha256: String,
    /// Against the version before it, if there is one.
    changes: Option<Vec<Change>>,
}

struct VersionLine {
    number: u32,
    address: String,
    at: String,
    by: String,
    standing: bool,
}

#[get("/bids/{id}")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<BidId>) -> Result<HttpResponse> {
    let read = ops::look(&on, &visit.who, id.0).await?;
    let is_draft = read.bid.status == BidStatus::Draft;
    let may_decide = visit.who.role == Some(Role::Admin) && !is_draft;
    let may_decide = may_decide && matches!(read.round.status, RoundStatus::Open | RoundStatus::Assessing);
    let eligibility_address =
        if may_decide { format!("{}/eligibility", address(read.bid.id)) } else { String::new() };
    visit.show(&ReadPage {
        shell: within_bids(visit.shell(), &read.round),
        frame: BidFrame::of(&read, BidTab::Bid),
        content: Content::of(&read.bid.content, &read.round.rules, &read.tree),
        eligibility: decided(read.bid.eligibility),
        eligibility_address,
        versions: versions(&read),
        is_draft,
        read,
    })
}

const fn decided(eligibility: Eligibility) -> &'static str {
    match eligibility {
        Eligibility::Unchecked => "Counts as eligible; nobody has decided",
        Eligibility::Eligible => "Eligible",
        Eligibility::Ineligible => "Not eligible",
    }
}

fn versions(read: &BidRead) -> Vec<VersionLine> {
    let line = |(version, by): &(crate::bids::model::BidVersionSummary, String)| VersionLine {
        number: version.number,
        address: format!("{}/versions/{}", address(read.bid.id), version.number),
        at: version.submitted_at.london(),
        by: by.clone(),
        standing: Some(version.number) == read.bid.submitted_number,
    };
    read.versions.iter().map(line).collect()
}

#[get("/bids/{id}/versions/{number}")]
async fn show_version(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<BidId>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let number = request.match_info().get("number").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(Problem::not_found)?;
    let found = ops::look_at_version(&on, &visit.who, id.0, number).await?;
    let (read, version) = (&found.read, &found.version);
    let by = read.versions.iter().find(|(one, _)| one.number == number).map(|(_, by)| by.clone());
    let rules = &read.round.rules;
    let shell = within_bids(visit.shell(), &read.round).under(read.bid.reference.clone(), address(id.0));
    visit.show(&VersionPage {
        shell,
        frame: BidFrame::of(read, BidTab::Bid),
        content: Content::of(&version.content, rules, &read.tree),
        number,
        standing: Some(number) == read.bid.submitted_number,
        submitted_at: version.submitted_at.london(),
        submitted_by: by.unwrap_or_default(),
        sha256: version.content_sha256.clone(),
        changes: found
            .before
            .as_ref()
            .map(|before| changes(&before.content, &version.content, rules, &read.tree)),
    })
}
