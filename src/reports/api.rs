//! The API's endpoints of reports.

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpResponse, get, web};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::ops::{self, File, TableForm};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Id;

pub fn routes(config: &mut ServiceConfig) {
    config.service(score_sheet_csv).service(score_sheet_xlsx);
}

const CSV: &str = "text/csv; charset=utf-8";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

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

/// A round's code, of which the name is made, is letters and digits.
fn download(file: File, ending: &str, kind: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}.{ending}\"", file.name)))
        .body(file.bytes)
}
