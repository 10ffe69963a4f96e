//! The versions that were submitted, each as it was received.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::bid::{ReadPart, read_parts};
use super::reading::Said;
use super::work::{Work, shell_below};
use crate::auth::Member;
use crate::bids::model::BidVersion;
use crate::bids::ops;
use crate::id::BidId;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "bids/templates/own/version.html")]
struct VersionPage {
    shell: Shell,
    version: BidVersion,
    read: Vec<ReadPart>,
    submitted_by: String,
    /// Whether it is the one that stands.
    stands: bool,
    work: Work,
}

#[get("/your-bids/{id}/versions/{number}")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Member>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    let (id, number) = path.into_inner();
    let id = id.parse().map(BidId).map_err(|_| Problem::not_found())?;
    let number = number.parse().map_err(|_| Problem::not_found())?;
    let work = Work::load(&on, &visit.who, id).await?;
    let version = ops::read_version(&on, &visit.who, id, number).await?;
    let mut read = read_parts(&work, &version.content, false);
    for part in &mut read {
        // What was received is read, not written.
        part.address.clear();
    }
    visit.show(&VersionPage {
        shell: shell_below(&visit, &work),
        submitted_by: ops::received_by(&on, &version.submitted_by).await?,
        stands: work.written.bid.submitted_number == Some(number),
        read,
        version,
        work,
    })
}
