//! Reports for browsers: what there is, what each is for, the panel's paper to read, and the files.

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::files::{CSV, HTML, PaperFile, XLSX};
use super::ops::{self, File, TableForm};
use super::panel_paper::{Leaf, Paper, Row, Section, leaves};
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Kind, Problem, Result};
use crate::rest::{Id, Params};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab, within_rounds};
use crate::web::page::attachment;
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

pub fn pages(config: &mut web::ServiceConfig) {
    config
        .service(show)
        .service(read_paper)
        .service(download_paper)
        .service(score_sheet_csv)
        .service(score_sheet_xlsx)
        .service(awards_json)
        .service(awards_csv);
}

#[derive(Template)]
#[template(path = "reports/templates/reports.html")]
struct ReportsPage {
    shell: Shell,
    frame: RoundFrame,
    address: String,
    has_scores: bool,
    is_closed: bool,
}

#[derive(Template)]
#[template(path = "reports/templates/paper.html")]
struct PaperPage {
    shell: Shell,
    frame: RoundFrame,
    address: String,
    /// Its sections are on its pages.
    paper: Paper,
    contents: Vec<Content>,
    sections: Leaf,
    /// From 1.
    page: usize,
    last: usize,
}

/// A section, and where it begins.
struct Content {
    heading: &'static str,
    address: String,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    #[serde(default)]
    page: usize,
}

fn framed(visit: &Visit<Reader>, round: &Round) -> (Shell, RoundFrame) {
    (within_rounds(visit.shell()), RoundFrame::of(round, Tab::Reports))
}

#[get("/rounds/{id}/reports")]
async fn show(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    let (shell, frame) = framed(&visit, &round);
    visit.show(&ReportsPage {
        shell,
        frame,
        address: Tab::Reports.address(id.0),
        has_scores: matches!(round.status, RoundStatus::Assessing | RoundStatus::Closed),
        is_closed: round.status == RoundStatus::Closed,
    })
}

#[get("/rounds/{id}/reports/paper")]
async fn read_paper(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<Which>,
) -> Result<HttpResponse> {
    let round = rounds::ops::read_round(&on, &visit.who, id.0).await?;
    let mut paper = match ops::panel_paper(&on, &visit.who, id.0).await {
        Ok(paper) => paper,
        Err(problem) => return not_there(&visit, id.0, problem),
    };
    let (shell, frame) = framed(&visit, &round);
    let address = Tab::Reports.address(id.0);
    let mut leaves = leaves(std::mem::take(&mut paper.sections));
    let contents = contents(&address, &leaves);
    let last = leaves.len();
    let page = query.0.page.clamp(1, last);
    let sections = leaves.swap_remove(page - 1);
    visit.show(&PaperPage { shell, frame, address, paper, contents, sections, page, last })
}

fn contents(address: &str, leaves: &[Leaf]) -> Vec<Content> {
    let sections = leaves.iter().zip(1..).flat_map(|(leaf, page)| leaf.iter().map(move |one| (one, page)));
    let begun = sections.filter(|(section, _)| !section.is_continued);
    let content = |(section, page): (&Section, usize)| Content {
        heading: section.heading,
        address: format!("{address}/paper?page={page}#{}", section.id()),
    };
    begun.map(content).collect()
}

/// What is not there yet is said on the page of reports.
fn not_there(visit: &Visit<Reader>, round: RoundId, problem: Problem) -> Result<HttpResponse> {
    if problem.kind() == Kind::WrongState {
        Ok(visit.go_saying(&Tab::Reports.address(round), problem.detail()))
    } else {
        Err(problem)
    }
}

fn file(
    visit: &Visit<Reader>,
    round: RoundId,
    file: Result<File>,
    ending: &str,
    kind: &'static str,
) -> Result<HttpResponse> {
    match file {
        Ok(File { name, bytes }) => Ok(attachment(&format!("{name}.{ending}"), kind, bytes)),
        Err(problem) => not_there(visit, round, problem),
    }
}

#[get("/rounds/{id}/reports/panel-paper.html")]
async fn download_paper(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    let made = match ops::panel_paper(&on, &visit.who, id.0).await {
        Ok(paper) => PaperFile::standing_alone(paper).written().await,
        Err(problem) => Err(problem),
    };
    file(&visit, id.0, made, "html", HTML)
}

#[get("/rounds/{id}/reports/score-sheet.csv")]
async fn score_sheet_csv(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    let sheet = ops::score_sheet(&on, &visit.who, id.0, TableForm::Csv).await;
    file(&visit, id.0, sheet, "csv", CSV)
}

#[get("/rounds/{id}/reports/score-sheet.xlsx")]
async fn score_sheet_xlsx(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
) -> Result<HttpResponse> {
    let sheet = ops::score_sheet(&on, &visit.who, id.0, TableForm::Xlsx).await;
    file(&visit, id.0, sheet, "xlsx", XLSX)
}

#[get("/rounds/{id}/reports/awards.json")]
async fn awards_json(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let package = ops::awards(&on, &visit.who, id.0).await;
    let awards = package.and_then(|package| {
        let bytes = serde_json::to_vec_pretty(&package).map_err(Problem::internal)?;
        Ok(File { name: "awards".to_owned(), bytes })
    });
    file(&visit, id.0, awards, "json", "application/json")
}

#[get("/rounds/{id}/reports/awards.csv")]
async fn awards_csv(on: web::Data<Platform>, visit: Visit<Reader>, id: Id<RoundId>) -> Result<HttpResponse> {
    let table = ops::awards_table(&on, &visit.who, id.0).await;
    file(&visit, id.0, table, "csv", CSV)
}
