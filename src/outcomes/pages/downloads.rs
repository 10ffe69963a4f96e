//! The record and the snapshot of a closed round, for browsers: as the API gives them, by the cookie's session.

use actix_web::{HttpResponse, get, web};

use crate::auth::Reader;
use crate::id::RoundId;
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, in_pieces};
use crate::rounds;
use crate::rounds::model::RoundStatus;
use crate::rounds::pages::frame::Tab;
use crate::web::page::attachment;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(download_record).service(download_snapshot);
}

const JSON: &str = "application/json";

/// Before the round is closed there is nothing to download, and the page of reports says so.
async fn not_closed(on: &Platform, visit: &Visit<Reader>, round: RoundId) -> Result<Option<HttpResponse>> {
    let round = rounds::ops::read_round(on, &visit.who, round).await?;
    let told = "There is a record once the round is closed.";
    Ok((round.status != RoundStatus::Closed).then(|| visit.go_saying(&Tab::Reports.address(round.id), told)))
}

#[get("/rounds/{id}/reports/record.json")]
async fn download_record(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = not_closed(&on, &visit, id.0).await? {
        return Ok(elsewhere);
    }
    let (round, record) = ops::record(&on, &visit.who, id.0).await?;
    Ok(attachment(&format!("{}-record.json", round.code), JSON, in_pieces(record.pieces)))
}

#[get("/rounds/{id}/reports/snapshot.json")]
async fn download_snapshot(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    if let Some(elsewhere) = not_closed(&on, &visit, id.0).await? {
        return Ok(elsewhere);
    }
    let (text, sha256) = ops::snapshot(&on, &visit.who, id.0).await?;
    let short: String = sha256.chars().take(12).collect();
    Ok(attachment(&format!("snapshot-{short}.json"), JSON, text.into_bytes()))
}
