//! Use cases of reports. Each reads one snapshot of the database and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::names::Names;
use super::score_sheet::score_sheet as sheet_of;
use super::sheet::Sheet;
use crate::auth::Reader;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::id::{RoundId, UserId};
use crate::outcomes::ops::Record;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::{accounts, areas, outcomes};

/// A report in a form that is kept, and what it is called.
pub struct File {
    /// Without an ending: "FT1-score-sheet".
    pub name: String,
    pub bytes: Vec<u8>,
}

/// In what form a table is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    Csv,
    Xlsx,
}

/// One row for each bid: its scores, whose they are, and its outcome.
///
/// # Errors
/// `not-found`; `wrong-state` before assessment starts, and of a cancelled round.
pub async fn score_sheet(on: &Platform, _reader: &Reader, round: RoundId, form: TableForm) -> Result<File> {
    let now = on.db.clock().now();
    let record = on.db.read(move |conn| {
        let record = outcomes::ops::record(conn, round)?;
        let names = names(conn, &record, [])?;
        Ok((record, names))
    });
    let (record, names) = record.await?;
    aside(move || {
        let sheet = sheet_of(&record, &names);
        let bytes = written(&sheet, form, record.round.closed_at.unwrap_or(now))?;
        Ok(File { name: format!("{}-score-sheet", record.inputs.round_code), bytes })
    })
    .await
}

fn written(sheet: &Sheet, form: TableForm, made_at: Timestamp) -> Result<Vec<u8>> {
    match form {
        TableForm::Csv => sheet.csv(),
        TableForm::Xlsx => sheet.xlsx(made_at),
    }
}

/// The names of areas, of all who have assessed and of the others given.
fn names(conn: &mut Conn, record: &Record, others: impl IntoIterator<Item = UserId>) -> Result<Names> {
    let counted = record.inputs.bids.iter().flat_map(|bid| &bid.assessments).map(|one| one.assessor_id);
    let uncounted = record.inputs.bids.iter().flat_map(|bid| &bid.set_aside).map(|one| one.assessor_id);
    let ids: BTreeSet<UserId> = counted.chain(uncounted).chain(others).collect();
    let people = accounts::ops::people(conn, &ids.into_iter().collect::<Vec<_>>())?;
    let people: BTreeMap<UserId, String> = people.into_iter().map(|user| (user.id, user.name)).collect();
    Ok(Names::new(areas::ops::tree(conn)?, people))
}

/// Rendering takes a while and no connection, so it is done after the reading, off the event loop.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}
