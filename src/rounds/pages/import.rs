//! Importing a round's assessors from a table: what is wrong line by line, what it would do, and then the button.

use actix_web::{HttpResponse, get, post, web};
use askama::Template;

use super::frame::{RoundFrame, Tab, within_rounds};
use crate::areas::model::AreaTree;
use crate::auth::Admin;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Fault, Kind, Result};
use crate::rest::Id;
use crate::rounds::input::PoolImport;
use crate::rounds::model::{ImportAct, Imported, ImportedLine, Round};
use crate::rounds::ops;
use crate::web::form::Form;
use crate::web::shell::Shell;
use crate::web::visitor::{Sent, Visit};

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(ask).service(import);
}

#[derive(Template)]
#[template(path = "rounds/templates/import.html")]
struct ImportPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    action: String,
    back: String,
}

#[derive(Template)]
#[template(path = "rounds/templates/import_preview.html")]
struct PreviewPage {
    shell: Shell,
    frame: RoundFrame,
    form: Form,
    action: String,
    back: String,
    told: Vec<String>,
    lines: Vec<Line>,
    /// How many lines there is no room for.
    more: usize,
}

struct Line {
    number: u64,
    name: String,
    email: String,
    areas: String,
    capacity: u32,
    minimum: u32,
    act: &'static str,
    kind: &'static str,
}

/// Lines of a preview.
const LINES: usize = 200;

/// Faults of a table on one page.
const FAULTS: usize = 100;

fn frame(visit: &Visit<Admin>, round: &Round) -> (Shell, RoundFrame) {
    let frame = RoundFrame::of(round, Tab::Assessors);
    let shell = within_rounds(visit.shell()).under(frame.name.clone(), Tab::Rules.address(round.id));
    (shell.under("Assessors", Tab::Assessors.address(round.id)), frame)
}

fn page(visit: &Visit<Admin>, round: &Round, form: Form) -> ImportPage {
    let (shell, frame) = frame(visit, round);
    let back = Tab::Assessors.address(round.id);
    ImportPage { shell, frame, form, action: format!("{back}/import"), back }
}

fn preview(
    visit: &Visit<Admin>,
    round: &Round,
    tree: &AreaTree,
    form: Form,
    imported: &Imported,
) -> PreviewPage {
    let (shell, frame) = frame(visit, round);
    let back = Tab::Assessors.address(round.id);
    PreviewPage {
        shell,
        frame,
        form,
        action: format!("{back}/import"),
        back,
        told: told(&imported.lines),
        lines: imported.lines.iter().take(LINES).map(|line| Line::of(line, tree)).collect(),
        more: imported.lines.len().saturating_sub(LINES),
    }
}

impl Line {
    fn of(line: &ImportedLine, tree: &AreaTree) -> Self {
        let names =
            |codes: &Vec<String>| codes.iter().map(|code| tree.name(code)).collect::<Vec<_>>().join(", ");
        let (act, kind) = match line.act {
            ImportAct::Invited => ("Invited", "now"),
            ImportAct::Added => ("Added", "done"),
            ImportAct::Changed => ("Changed", "soon"),
            ImportAct::Unchanged => ("As it is", ""),
        };
        Self {
            number: line.line,
            name: line.name.clone(),
            email: line.email.clone(),
            areas: line.areas.as_ref().map_or_else(|| "As they are".to_owned(), names),
            capacity: line.capacity,
            minimum: line.minimum,
            act,
            kind,
        }
    }
}

/// How many of each, in sentences.
fn told(lines: &[ImportedLine]) -> Vec<String> {
    let count = |act: ImportAct| lines.iter().filter(|line| line.act == act).count();
    let all = [
        (count(ImportAct::Invited), "invited by email, and added to the round"),
        (count(ImportAct::Added), "added to the round"),
        (count(ImportAct::Changed), "changed"),
        (count(ImportAct::Unchanged), "already as the table has them"),
    ];
    all.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}

/// As many as one puts right before one looks again, and how many there are beside them.
fn first(faults: &[Fault]) -> Vec<Fault> {
    let more = faults.len().saturating_sub(FAULTS);
    let told = || Fault::new("", format!("{more} more faults are in the table: put these right first"));
    faults.iter().take(FAULTS).cloned().chain((more > 0).then(told)).collect()
}

#[get("/rounds/{id}/assessors/import")]
async fn ask(on: web::Data<Platform>, visit: Visit<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = ops::read_round(&on, &visit.who, id.0).await?;
    visit.show(&page(&visit, &round, Form::blank()))
}

#[post("/rounds/{id}/assessors/import")]
async fn import(on: web::Data<Platform>, sent: Sent<Admin>, id: Id<RoundId>) -> Result<HttpResponse> {
    let round = ops::read_round(&on, &sent.who, id.0).await?;
    let is_meant = sent.form.get("then") == "import";
    let input = PoolImport { csv: sent.form.get("csv").to_owned(), dry_run: !is_meant };
    match ops::import_pool(&on, &sent.who, id.0, input, sent.once.clone()).await {
        Ok(imported) if is_meant => {
            let told = format!("The table is imported: {}.", told(&imported.lines).join("; "));
            Ok(sent.go_saying(&Tab::Assessors.address(id.0), &told))
        }
        Ok(imported) => {
            let form = Form::blank().with("csv", sent.form.get("csv"));
            let lines = ops::pool_lines(&on, &sent.who.reader(), id.0).await?;
            sent.show(&preview(&sent, &round, &lines.tree, form, &imported))
        }
        Err(problem) if problem.kind() == Kind::Invalid => {
            let faults = first(problem.faults());
            let problem = problem.with_faults(faults);
            let form = sent.form.clone().refused(&problem);
            sent.show_again(&problem, &page(&sent, &round, form))
        }
        Err(problem) => Err(problem),
    }
}
