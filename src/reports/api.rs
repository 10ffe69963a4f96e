//! The API's endpoints of reports.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::awards::Package;
use super::files::{CSV, HTML, PaperFile, XLSX};
use super::ops::{self, File, TableForm};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, ok};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(panel_paper)
        .service(panel_paper_file)
        .service(score_sheet_csv)
        .service(score_sheet_xlsx)
        .service(awards_json)
        .service(awards_csv);
}

/// Text in the form that the content type says.
#[derive(ToSchema)]
#[schema(value_type = String, example = "Reference,Provider,Title\r\nFT1-7K3M-9Q,Calder Skills Trust,Skills")]
#[expect(dead_code, reason = "it describes an answer that is written elsewhere")]
struct Table(String);

/// An Office Open XML workbook.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary, example = "PK")]
#[expect(dead_code, reason = "it describes an answer that is written elsewhere")]
struct Workbook(Vec<u8>);

/// A page of HTML.
#[derive(ToSchema)]
#[schema(value_type = String, example = "<!doctype html>")]
#[expect(dead_code, reason = "it describes an answer that is written elsewhere")]
struct Page(String);

/// The panel's paper of a round, as a page that prints well.
///
/// It has the bids received, the assessments, the scores and the funding line, the money by area and pot,
/// the declared interests, moderation, disagreements and decisions with their reasons. Before the round is
/// closed it is marked as a draft.
#[utoipa::path(
    tag = "reports",
    params(("id" = RoundId, Path)),
    responses((status = 200, body = Page, content_type = "text/html"))
)]
#[get("/rounds/{id}/panel-paper")]
async fn panel_paper(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    let paper = ops::panel_paper(&on, &reader, round.0).await?;
    let page = PaperFile::shown(paper).rendered().await?;
    Ok(HttpResponse::Ok().insert_header((CONTENT_TYPE, HTML)).body(page))
}

/// The panel's paper as a file of its own, which browsers show and word processors open.
#[utoipa::path(
    tag = "reports",
    params(("id" = RoundId, Path)),
    responses((status = 200, body = Page, content_type = "text/html"))
)]
#[get("/rounds/{id}/panel-paper.html")]
async fn panel_paper_file(
    on: web::Data<Platform>,
    reader: Reader,
    round: Id<RoundId>,
) -> Result<HttpResponse> {
    let paper = ops::panel_paper(&on, &reader, round.0).await?;
    Ok(download(PaperFile::standing_alone(paper).written().await?, "html", HTML))
}

/// Every score of a round, one row for each bid, as a table that programs read.
#[utoipa::path(
    tag = "reports",
    params(("id" = RoundId, Path)),
    responses((status = 200, body = Table, content_type = "text/csv"))
)]
#[get("/rounds/{id}/score-sheet.csv")]
async fn score_sheet_csv(
    on: web::Data<Platform>,
    reader: Reader,
    round: Id<RoundId>,
) -> Result<HttpResponse> {
    let file = ops::score_sheet(&on, &reader, round.0, TableForm::Csv).await?;
    Ok(download(file, "csv", CSV))
}

/// Every score of a round, one row for each bid, as a workbook.
#[utoipa::path(
    tag = "reports",
    params(("id" = RoundId, Path)),
    responses((
        status = 200, body = Workbook,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ))
)]
#[get("/rounds/{id}/score-sheet.xlsx")]
async fn score_sheet_xlsx(
    on: web::Data<Platform>,
    reader: Reader,
    round: Id<RoundId>,
) -> Result<HttpResponse> {
    let file = ops::score_sheet(&on, &reader, round.0, TableForm::Xlsx).await?;
    Ok(download(file, "xlsx", XLSX))
}

/// A closed round's awards, in the 360Giving Data Standard 1.4. It names no person; whoever publishes
/// it puts it on the funder's own site.
#[utoipa::path(tag = "reports", params(("id" = RoundId, Path)), responses((status = 200, body = Package)))]
#[get("/rounds/{id}/awards.json")]
async fn awards_json(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    Ok(ok(&ops::awards(&on, &reader, round.0).await?))
}

/// A closed round's awards as a table, under the titles of the 360Giving Data Standard 1.4.
#[utoipa::path(
    tag = "reports",
    params(("id" = RoundId, Path)),
    responses((status = 200, body = Table, content_type = "text/csv"))
)]
#[get("/rounds/{id}/awards.csv")]
async fn awards_csv(on: web::Data<Platform>, reader: Reader, round: Id<RoundId>) -> Result<HttpResponse> {
    let file = ops::awards_table(&on, &reader, round.0).await?;
    Ok(download(file, "csv", CSV))
}

/// A round's code, of which the name is made, is letters and digits.
fn download(file: File, ending: &str, kind: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", file.name)))
        .body(file.bytes)
}
