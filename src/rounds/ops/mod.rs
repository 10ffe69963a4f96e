//! Use cases of funds and rounds, and the steps that features above take inside their own transactions.

mod funds;
mod importing;
mod lines;
mod pools;
mod preparing;

use serde_json::json;

use super::draws;
use super::input::{Cancellation, Copy, Extension, NewRound, RoundUpdate};
use super::model::{Fund, PoolMember, Round, RoundStatus};
use super::rules::Rules;
use super::store::{self, Seen};
use crate::auth::{Actor, Admin, Role, Who};
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::{FundId, RoundId, UserId};
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::{IfMatch, Paging};
use crate::{areas, audit};

pub use super::draws::draw_seed;
pub use super::store::RoundFilter;
pub use funds::{create_fund, list_funds, read_fund, update_fund};
pub use importing::import_pool;
pub use lines::{RoundLine, list_lines};
pub use pools::{PoolLines, pool_lines, read_pool, set_pool, set_pool_and_hold_routing};
pub use preparing::{Prepared, prepared};

fn seen_by(actor: &Actor) -> Seen {
    match (actor.role, actor.who) {
        (Some(Role::Admin | Role::Auditor), _) => Seen::Everything,
        (Some(Role::Member), _) => actor.own_organisation().map_or(Seen::Nothing, Seen::ByOrganisation),
        (Some(Role::Assessor), Who::User(id)) => Seen::ByAssessor(id),
        (Some(Role::Assessor), Who::Client(_) | Who::System) | (None, _) => Seen::Nothing,
    }
}

/// Makes a round, as a draft.
///
/// # Errors
/// `invalid`, for a fund that is not there too; `already-exists`: another round has its code.
pub async fn create_round(on: &Platform, admin: &Admin, input: NewRound, once: Once) -> Result<Round> {
    input.check()?;
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| {
        if store::find_fund(tx.conn, input.fund_id)?.is_none() {
            return Err(Problem::fault("/fund_id", "there is no fund with this id"));
        }
        let round = Round {
            opens_at: input.opens_at,
            deadline: input.deadline,
            assessments_due_at: input.assessments_due_at,
            ..draft(input.fund_id, &input.code, &input.name, &input.rules, tx.now)
        };
        insert(tx, &admin, &round, "round.created")?;
        Ok(round)
    })
    .await
}

/// Makes a new draft with an earlier round's rules. Dates and assessors are not copied: each round
/// has its own.
///
/// # Errors
/// `not-found`; `invalid`; `already-exists`: another round has the new code.
pub async fn copy_round(on: &Platform, admin: &Admin, id: RoundId, input: Copy, once: Once) -> Result<Round> {
    input.check()?;
    let admin = admin.clone();
    once.write(&on.db, admin.who, move |tx| {
        let from = load(tx.conn, id)?;
        let round = Round {
            copied_from: Some(from.id),
            ..draft(from.fund_id, &input.code, &input.name, &from.rules, tx.now)
        };
        insert(tx, &admin, &round, "round.copied")?;
        Ok(round)
    })
    .await
}

fn draft(fund_id: FundId, code: &str, name: &str, rules: &Rules, now: Timestamp) -> Round {
    Round {
        id: RoundId::fresh(),
        fund_id,
        code: code.to_owned(),
        name: name.to_owned(),
        status: RoundStatus::Draft,
        rules: rules.clone(),
        opens_at: None,
        deadline: None,
        assessments_due_at: None,
        opened_at: None,
        assessing_at: None,
        closed_at: None,
        cancelled_at: None,
        copied_from: None,
        created_at: now,
        version: 1,
        draw_sha256: None,
        draw_seed: None,
    }
}

fn insert(tx: &mut Tx<'_>, admin: &Admin, round: &Round, action: &'static str) -> Result<()> {
    refuse_taken_code(tx, &round.code, None)?;
    store::insert_round(tx.conn, round)?;
    let detail = json!({"code": round.code, "name": round.name, "copied_from": round.copied_from});
    audit::record(tx, admin, action, round.id, Some(round.id), detail)
}

/// Asked before the insert, because a broken unique rule would end a PostgreSQL transaction.
fn refuse_taken_code(tx: &mut Tx<'_>, code: &str, other_than: Option<RoundId>) -> Result<()> {
    if store::find_id_by_code(tx.conn, code)?.is_some_and(|id| Some(id) != other_than) {
        return Err(Problem::exists("Another round has this code."));
    }
    Ok(())
}

/// Writes the next version of a round.
fn save(tx: &mut Tx<'_>, round: &Round) -> Result<()> {
    if store::set_round(tx.conn, round)? {
        Ok(())
    } else {
        Err(Problem::wrong_state(format!("{} was changed by somebody else at the same time.", round.name)))
    }
}

/// Changes a draft round.
///
/// # Errors
/// `not-found`; `stale`; `invalid`; `already-exists`; `wrong-state`: it is no draft.
pub async fn update_round(
    on: &Platform,
    admin: &Admin,
    id: RoundId,
    if_match: IfMatch,
    input: RoundUpdate,
) -> Result<Round> {
    input.check()?;
    let admin = admin.clone();
    on.db
        .write(move |tx| {
            let before = load(tx.conn, id)?;
            if_match.check(before.version)?;
            before.must_be(RoundStatus::Draft, "be changed")?;
            refuse_taken_code(tx, &input.code, Some(id))?;
            let round = Round {
                code: input.code.clone(),
                name: input.name.clone(),
                rules: input.rules.clone(),
                opens_at: input.opens_at,
                deadline: input.deadline,
                assessments_due_at: input.assessments_due_at,
                version: before.version + 1,
                ..before
            };
            save(tx, &round)?;
            let detail = json!({"code": round.code, "name": round.name, "opens_at": round.opens_at,
                "deadline": round.deadline, "rules": round.rules});
            audit::record(tx, &admin, "round.updated", id, Some(id), detail)?;
            Ok(round)
        })
        .await
}

/// Opens a round for bids; from here on its rules stand.
///
/// # Errors
/// `not-found`; `wrong-state`: it is no draft; `invalid`, with everything that is missing.
pub async fn open(on: &Platform, admin: &Admin, id: RoundId) -> Result<Round> {
    let admin = admin.clone();
    on.db
        .write(move |tx| {
            let (round, fund) = load_with_fund(tx.conn, id)?;
            round.must_be(RoundStatus::Draft, "be opened")?;
            let faults = round.opening_faults(&fund, &areas::ops::tree(tx.conn)?, tx.now);
            if !faults.is_empty() {
                return Err(Problem::invalid("The round is not complete, so it was not opened.", faults));
            }
            open_part(tx, &admin, &round)
        })
        .await
}

fn open_part(tx: &mut Tx<'_>, actor: &Actor, round: &Round) -> Result<Round> {
    let committed = draws::commit(tx, round)?;
    let opened = advance(tx, &committed, RoundStatus::Open)?;
    let detail =
        json!({"deadline": opened.deadline, "rules": opened.rules, "draw_sha256": opened.draw_sha256});
    audit::record(tx, actor, "round.opened", opened.id, Some(opened.id), detail)?;
    Ok(opened)
}

/// Opens the drafts whose time to open has come; gives how many. One that is not complete stays a
/// draft and loses its time, so that the refusal is recorded once, and an administrator sets both right.
///
/// # Errors
/// The database's own.
pub async fn open_due(on: &Platform) -> Result<usize> {
    let now = on.db.clock().now();
    let due = on.db.read(move |conn| store::list_due_to_open(conn, now)).await?;
    let mut opened = 0;
    for id in due {
        opened += usize::from(open_if_due(on, id).await?);
    }
    Ok(opened)
}

async fn open_if_due(on: &Platform, id: RoundId) -> Result<bool> {
    on.db
        .write(move |tx| {
            let (round, fund) = load_with_fund(tx.conn, id)?;
            // Another replica, or an administrator, may have been first.
            let due = round.status == RoundStatus::Draft && round.opens_at.is_some_and(|at| at <= tx.now);
            if !due {
                return Ok(false);
            }
            let system = Actor::system();
            let faults = round.opening_faults(&fund, &areas::ops::tree(tx.conn)?, tx.now);
            if faults.is_empty() {
                open_part(tx, &system, &round)?;
                return Ok(true);
            }
            let detail = json!({"opens_at": round.opens_at, "errors": faults});
            save(tx, &Round { opens_at: None, version: round.version + 1, ..round })?;
            audit::record(tx, &system, "round.opening_refused", id, Some(id), detail)?;
            Ok(false)
        })
        .await
}

/// Moves an open round's deadline, in the transaction of the use case that also tells the bidders.
///
/// # Errors
/// `not-found`; `wrong-state`: it is not open; `invalid`: not later, or past.
pub fn extend(tx: &mut Tx<'_>, admin: &Admin, id: RoundId, input: &Extension) -> Result<Round> {
    let before = load(tx.conn, id)?;
    before.must_be(RoundStatus::Open, "have its deadline extended")?;
    input.check(&before, tx.now)?;
    let was = before.deadline;
    let round = Round {
        deadline: Some(input.deadline),
        assessments_due_at: input.assessments_due_at.or(before.assessments_due_at),
        version: before.version + 1,
        ..before
    };
    save(tx, &round)?;
    let detail = json!({"was": was, "deadline": round.deadline, "assessments_due_at": round.assessments_due_at,
        "reason": input.reason});
    audit::record(tx, admin, "round.extended", id, Some(id), detail)?;
    Ok(round)
}

/// Ends a round before its close, in the transaction of the use case that also tells the bidders.
///
/// # Errors
/// `not-found`; `wrong-state`: it is closed or cancelled already; `invalid`.
pub fn cancel(tx: &mut Tx<'_>, admin: &Admin, id: RoundId, input: &Cancellation) -> Result<Round> {
    input.check()?;
    let before = load(tx.conn, id)?;
    let round = advance(tx, &before, RoundStatus::Cancelled)?;
    let detail = json!({"was": before.status, "reason": input.reason});
    audit::record(tx, admin, "round.cancelled", id, Some(id), detail)?;
    Ok(round)
}

/// The rounds that the caller may see.
///
/// # Errors
/// The database's own.
pub async fn list_rounds(
    on: &Platform,
    actor: &Actor,
    filter: RoundFilter,
    paging: Paging,
) -> Result<Vec<Round>> {
    let seen = seen_by(actor);
    on.db.read(move |conn| store::list_rounds(conn, seen, filter, &paging)).await
}

/// A round that the caller may see.
///
/// # Errors
/// `not-found`.
pub async fn read_round(on: &Platform, actor: &Actor, id: RoundId) -> Result<Round> {
    let actor = actor.clone();
    on.db.read(move |conn| visible(conn, &actor, id)).await
}

/// The round, if the caller may see it.
///
/// # Errors
/// `not-found`.
pub fn visible(conn: &mut Conn, actor: &Actor, id: RoundId) -> Result<Round> {
    let round = load(conn, id)?;
    let drafted = round.status == RoundStatus::Draft;
    let seen = match seen_by(actor) {
        Seen::Everything => true,
        Seen::ByOrganisation(organisation) => {
            round.status == RoundStatus::Open || (!drafted && store::has_bid_of(conn, id, organisation)?)
        }
        Seen::ByAssessor(assessor) => !drafted && store::is_in_pool(conn, id, assessor)?,
        Seen::Nothing => false,
    };
    if seen { Ok(round) } else { Err(Problem::not_found()) }
}

// Parts for features above -------------------------------------------------------------------

/// The round, whoever asks: callers judge who may see it.
///
/// # Errors
/// `not-found`.
pub fn load(conn: &mut Conn, id: RoundId) -> Result<Round> {
    store::find_round(conn, id)?.ok_or_else(Problem::not_found)
}

/// The id of the round that has this code.
///
/// # Errors
/// `not-found`.
pub fn find_by_code(conn: &mut Conn, code: &str) -> Result<RoundId> {
    store::find_id_by_code(conn, code)?.ok_or_else(Problem::not_found)
}

/// The round and its fund, in one query.
///
/// # Errors
/// `not-found`.
pub fn load_with_fund(conn: &mut Conn, id: RoundId) -> Result<(Round, Fund)> {
    store::find_round_with_fund(conn, id)?.ok_or_else(Problem::not_found)
}

/// The fund.
///
/// # Errors
/// `not-found`.
pub fn load_fund(conn: &mut Conn, id: FundId) -> Result<Fund> {
    store::find_fund(conn, id)?.ok_or_else(Problem::not_found)
}

/// The round's assessors, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn pool(conn: &mut Conn, id: RoundId) -> Result<Vec<PoolMember>> {
    store::list_pool(conn, id)
}

/// Rounds under assessment whose pool an assessor is in, in the order of their ids.
///
/// # Errors
/// The database's own.
pub fn assessing_with(conn: &mut Conn, assessor: UserId) -> Result<Vec<RoundId>> {
    store::list_assessing_with(conn, assessor)
}

/// Open rounds whose deadline has passed, for the scheduler to have their assessment started.
///
/// # Errors
/// The database's own.
pub fn past_deadline(conn: &mut Conn, now: Timestamp) -> Result<Vec<Round>> {
    store::list_past_deadline(conn, now)
}

/// Moves a round one step on, by compare-and-set: its version must still be the one in `round`.
/// Sets the step's time to the transaction's; closing publishes the draw's seed. Writes no audit event: that is the use case's.
///
/// # Errors
/// `wrong-state`: the step is not one that leads on from the round's state, or somebody was first.
pub fn advance(tx: &mut Tx<'_>, round: &Round, to: RoundStatus) -> Result<Round> {
    if !round.status.next().contains(&to) {
        return Err(Problem::wrong_state(format!(
            "{} is {}; it cannot become {to}.",
            round.name, round.status
        )));
    }
    let mut next = Round { status: to, version: round.version + 1, ..round.clone() };
    match to {
        RoundStatus::Draft => {}
        RoundStatus::Open => next.opened_at = Some(tx.now),
        RoundStatus::Assessing => next.assessing_at = Some(tx.now),
        RoundStatus::Closed => {
            next.closed_at = Some(tx.now);
            next.draw_seed = draw_seed(tx.conn, round.id)?;
        }
        RoundStatus::Cancelled => next.cancelled_at = Some(tx.now),
    }
    save(tx, &next)?;
    Ok(next)
}
