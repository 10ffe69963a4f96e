//! Use cases of reports. Each reads one snapshot of the database and writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::awards::{self, Awarded, Package};
use super::names::Names;
use super::panel_paper::{Material, Paper, paper};
use super::score_sheet::score_sheet as sheet_of;
use super::sheet::Sheet;
use crate::auth::Reader;
use crate::clock::Timestamp;
use crate::config::Awards as Settings;
use crate::db::Conn;
use crate::id::{BidId, RoundId, UserId};
use crate::outcomes::ops::Results;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds::model::RoundStatus;
use crate::{accounts, areas, bids, outcomes, rounds, routing};

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
    let results = on.db.read(move |conn| {
        let results = outcomes::ops::results(conn, round)?;
        let names = names(conn, &results, [])?;
        Ok((results, names))
    });
    let (results, names) = results.await?;
    aside(move || {
        let sheet = sheet_of(&results, &names);
        let bytes = written(&sheet, form, results.round.closed_at.unwrap_or(now))?;
        Ok(File { name: format!("{}-score-sheet", results.inputs.round_code), bytes })
    })
    .await
}

fn written(sheet: &Sheet, form: TableForm, made_at: Timestamp) -> Result<Vec<u8>> {
    match form {
        TableForm::Csv => sheet.csv(),
        TableForm::Xlsx => sheet.xlsx(made_at),
    }
}

/// A closed round's awards as they stand, as they may be published.
///
/// # Errors
/// `not-found`; `wrong-state` until the round is closed, and where nothing stands awarded.
pub async fn awards(on: &Platform, _reader: &Reader, round: RoundId) -> Result<Package> {
    let settings = on.awards.clone();
    on.db.read(move |conn| awards_of(conn, &settings, round)).await
}

fn awards_of(conn: &mut Conn, settings: &Settings, round: RoundId) -> Result<Package> {
    let (round, fund) = rounds::ops::load_with_fund(conn, round)?;
    round.must_be(RoundStatus::Closed, "have awards to publish")?;
    let closed_at = round.closed_at.ok_or_else(|| Problem::internal("a closed round without its time"))?;
    let results = outcomes::ops::results(conn, round.id)?;
    let ids: Vec<BidId> = awards::awards(&results).map(|award| award.at_closing.bid_id).collect();
    if ids.is_empty() {
        // The standard has no file without a grant.
        return Err(Problem::wrong_state(format!("{} has no award to publish.", round.name)));
    }
    let bids = bids::ops::received_among(conn, &ids)?;
    let names = names(conn, &results, [])?;
    let currency = &fund.currency;
    Ok(Awarded { results: &results, currency, bids: &bids, names: &names, settings, closed_at }.package())
}

/// A closed round's awards as a table, under the standard's own titles.
///
/// # Errors
/// As [`awards`].
pub async fn awards_table(on: &Platform, reader: &Reader, round: RoundId) -> Result<File> {
    let package = awards(on, reader, round).await?;
    aside(move || Ok(File { name: "awards".to_owned(), bytes: awards::sheet(&package).csv()? })).await
}

/// The panel's paper of a round: a draft until the round is closed.
///
/// # Errors
/// `not-found`; `wrong-state` before assessment starts, and of a cancelled round.
pub async fn panel_paper(on: &Platform, _reader: &Reader, round: RoundId) -> Result<Paper> {
    let read_at = on.db.clock().now();
    let material = on.db.read(move |conn| material(conn, round, read_at)).await?;
    aside(move || Ok(paper(&material))).await
}

fn material(conn: &mut Conn, round: RoundId, read_at: Timestamp) -> Result<Material> {
    let results = outcomes::ops::results(conn, round)?;
    let assignments = routing::ops::assignments_in(conn, round)?;
    let pool = rounds::ops::pool(conn, round)?.into_iter().map(|member| member.assessor_id);
    let ids: BTreeSet<UserId> = assignments.iter().map(|one| one.assessor_id).chain(pool).collect();
    let ids: Vec<UserId> = ids.into_iter().collect();
    let received = bids::ops::received_in(conn, round)?;
    let registered_numbers = received.iter().map(|bid| (bid.id, bid.registered_numbers())).collect();
    Ok(Material {
        names: names(conn, &results, ids.iter().copied())?,
        drafts: bids::ops::count_drafts(conn, round)?,
        registered_numbers,
        assessors: accounts::ops::assessors(conn, &ids)?,
        interests: accounts::ops::interests(conn, &ids)?,
        assignments,
        results,
        read_at,
    })
}

/// The names of areas, of all who have assessed and of the others given.
fn names(conn: &mut Conn, results: &Results, others: impl IntoIterator<Item = UserId>) -> Result<Names> {
    let counted = results.inputs.bids.iter().flat_map(|bid| &bid.assessments).map(|one| one.assessor_id);
    let uncounted = results.inputs.bids.iter().flat_map(|bid| &bid.set_aside).map(|one| one.assessor_id);
    let ids: BTreeSet<UserId> = counted.chain(uncounted).chain(others).collect();
    let people = accounts::ops::people(conn, &ids.into_iter().collect::<Vec<_>>())?;
    let people: BTreeMap<UserId, String> = people.into_iter().map(|user| (user.id, user.name)).collect();
    Ok(Names::new(areas::ops::tree(conn)?, people))
}

/// Rendering takes a while and no connection, so it is done after the reading, off the event loop.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Problem::internal)?
}
