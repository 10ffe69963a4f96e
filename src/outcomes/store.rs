//! The rows of moderations, rulings, outcomes and closings.

use diesel::prelude::*;

use super::combine::Score;
use super::decide::Outcome;
use super::model::{BidOutcome, Moderation, NewRuling, OutcomeDetail, Ruling, RulingKind};
use crate::clock::Timestamp;
use crate::db::schema::{bids, closings, moderations, outcomes, rulings, snapshot_pieces};
use crate::db::types::Json;
use crate::db::{BATCH, Conn, Tx, on_each};
use crate::id::{BidId, ModerationId, OrganisationId, RoundId, RulingId, UserId};
use crate::money::Pence;
use crate::problem::{Problem, Result};
use crate::rest::Paging;

/// Outcomes that are read at once.
const PAGE: i64 = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = moderations)]
struct ModerationRow {
    id: ModerationId,
    round_id: RoundId,
    bid_id: BidId,
    criterion: String,
    score: i32,
    reason: String,
    moderated_by: UserId,
    moderated_at: Timestamp,
}

impl From<ModerationRow> for Moderation {
    fn from(row: ModerationRow) -> Self {
        let ModerationRow { id, round_id, bid_id, criterion, score, reason, moderated_by, moderated_at } =
            row;
        Self { id, round_id, bid_id, criterion, score, reason, moderated_by, moderated_at }
    }
}

pub(super) fn insert_moderation(conn: &mut Conn, moderation: &Moderation) -> Result<()> {
    let row = ModerationRow {
        id: moderation.id,
        round_id: moderation.round_id,
        bid_id: moderation.bid_id,
        criterion: moderation.criterion.clone(),
        score: moderation.score,
        reason: moderation.reason.clone(),
        moderated_by: moderation.moderated_by,
        moderated_at: moderation.moderated_at,
    };
    diesel::insert_into(moderations::table).values(row).execute(conn)?;
    Ok(())
}

/// Oldest first.
pub(super) fn list_moderations_in(conn: &mut Conn, round: RoundId) -> Result<Vec<Moderation>> {
    let rows: Vec<ModerationRow> = moderations::table
        .filter(moderations::round_id.eq(round))
        .order(moderations::id)
        .select(ModerationRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Moderation::from).collect())
}

/// One page of a bid's, oldest first, one more than the page holds where there are more.
pub(super) fn list_moderations_of(conn: &mut Conn, bid: BidId, paging: &Paging) -> Result<Vec<Moderation>> {
    let mut query = moderations::table
        .filter(moderations::bid_id.eq(bid))
        .order(moderations::id)
        .limit(paging.fetch())
        .select(ModerationRow::as_select())
        .into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(moderations::id.gt(ModerationId(after)));
    }
    let rows: Vec<ModerationRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Moderation::from).collect())
}

/// All of a bid's, oldest first.
pub(super) fn list_all_moderations_of(conn: &mut Conn, bid: BidId) -> Result<Vec<Moderation>> {
    let rows: Vec<ModerationRow> = moderations::table
        .filter(moderations::bid_id.eq(bid))
        .order(moderations::id)
        .select(ModerationRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Moderation::from).collect())
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = rulings, treat_none_as_default_value = false)]
struct RulingRow {
    id: RulingId,
    round_id: RoundId,
    bid_id: Option<BidId>,
    kind: RulingKind,
    detail: Json<NewRuling>,
    reason: String,
    ruled_by: UserId,
    ruled_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<RulingRow> for Ruling {
    fn from(row: RulingRow) -> Self {
        Self {
            id: row.id,
            round_id: row.round_id,
            ruling: row.detail.0,
            ruled_by: row.ruled_by,
            ruled_at: row.ruled_at,
            revoked_at: row.revoked_at,
        }
    }
}

pub(super) fn insert_ruling(conn: &mut Conn, ruling: &Ruling) -> Result<()> {
    let row = RulingRow {
        id: ruling.id,
        round_id: ruling.round_id,
        bid_id: ruling.ruling.bid(),
        kind: ruling.ruling.kind(),
        detail: Json(ruling.ruling.clone()),
        reason: ruling.ruling.reason().to_owned(),
        ruled_by: ruling.ruled_by,
        ruled_at: ruling.ruled_at,
        revoked_at: ruling.revoked_at,
    };
    diesel::insert_into(rulings::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn find_ruling(conn: &mut Conn, id: RulingId) -> Result<Ruling> {
    let row: RulingRow = rulings::table.find(id).select(RulingRow::as_select()).first(conn)?;
    Ok(row.into())
}

/// Those that stand, oldest first.
pub(super) fn list_standing_rulings(conn: &mut Conn, round: RoundId) -> Result<Vec<Ruling>> {
    let rows: Vec<RulingRow> = rulings::table
        .filter(rulings::round_id.eq(round))
        .filter(rulings::revoked_at.is_null())
        .order(rulings::id)
        .select(RulingRow::as_select())
        .load(conn)?;
    Ok(rows.into_iter().map(Ruling::from).collect())
}

/// One page, revoked ones too, oldest first, one more than the page holds where there are more.
pub(super) fn list_rulings(conn: &mut Conn, round: RoundId, paging: &Paging) -> Result<Vec<Ruling>> {
    let mut query = rulings::table
        .filter(rulings::round_id.eq(round))
        .order(rulings::id)
        .limit(paging.fetch())
        .select(RulingRow::as_select())
        .into_boxed();
    if let Some(after) = paging.after {
        query = query.filter(rulings::id.gt(RulingId(after)));
    }
    let rows: Vec<RulingRow> = query.load(conn)?;
    Ok(rows.into_iter().map(Ruling::from).collect())
}

/// Those that are about a bid, orders of tied ones among them, revoked ones too, oldest first.
pub(super) fn list_rulings_about(conn: &mut Conn, round: RoundId, bid: BidId) -> Result<Vec<Ruling>> {
    let rows: Vec<RulingRow> = rulings::table
        .filter(rulings::round_id.eq(round))
        .filter(rulings::bid_id.eq(bid).or(rulings::bid_id.is_null()))
        .order(rulings::id)
        .select(RulingRow::as_select())
        .load(conn)?;
    let names = |ruling: &Ruling| match &ruling.ruling {
        NewRuling::TieOrder { bids, .. } => bids.contains(&bid),
        NewRuling::Exclude { .. }
        | NewRuling::AcceptShort { .. }
        | NewRuling::AcceptDisagreement { .. }
        | NewRuling::Override { .. } => true,
    };
    Ok(rows.into_iter().map(Ruling::from).filter(names).collect())
}

/// Whether it stood until now.
pub(super) fn set_revoked(tx: &mut Tx<'_>, id: RulingId) -> Result<bool> {
    let touched = diesel::update(rulings::table.find(id).filter(rulings::revoked_at.is_null()))
        .set(rulings::revoked_at.eq(tx.now))
        .execute(tx.conn)?;
    Ok(touched == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = outcomes, treat_none_as_default_value = false)]
struct OutcomeRow {
    bid_id: BidId,
    round_id: RoundId,
    outcome: String,
    rank: Option<i32>,
    score_hundredths: Option<i64>,
    amount_pence: i64,
    pot: Option<String>,
    reserve_position: Option<i32>,
    sentence: String,
    conditions: Option<String>,
    detail: Json<OutcomeDetail>,
    decided_at: Timestamp,
}

impl TryFrom<OutcomeRow> for BidOutcome {
    type Error = Problem;

    fn try_from(row: OutcomeRow) -> Result<Self> {
        let whole = |number: Option<i32>| number.map(u32::try_from).transpose().map_err(Problem::internal);
        Ok(Self {
            bid_id: row.bid_id,
            outcome: Some(row.outcome.parse().map_err(|error: &str| Problem::internal(error))?),
            rank: whole(row.rank)?,
            score: row.score_hundredths.map(Score::from_hundredths),
            amount_pence: Pence(row.amount_pence),
            pot: row.pot,
            reserve_position: whole(row.reserve_position)?,
            sentence: row.sentence,
            conditions: row.conditions,
            detail: row.detail.0,
            decided_at: Some(row.decided_at),
        })
    }
}

/// Writes a round's outcomes, each of which has been decided.
pub(super) fn insert_outcomes(tx: &mut Tx<'_>, round: RoundId, decided: &[BidOutcome]) -> Result<()> {
    for batch in decided.chunks(BATCH) {
        let rows = batch.iter().map(|decided| row(round, decided, tx.now)).collect::<Result<Vec<_>>>()?;
        on_each!(&mut *tx.conn, conn => diesel::insert_into(outcomes::table).values(rows).execute(conn))?;
    }
    Ok(())
}

fn row(round: RoundId, decided: &BidOutcome, now: Timestamp) -> Result<OutcomeRow> {
    let whole = |number: Option<u32>| number.map(i32::try_from).transpose().map_err(Problem::internal);
    let outcome = decided.outcome.ok_or_else(|| Problem::internal("an outcome that is not decided"))?;
    Ok(OutcomeRow {
        bid_id: decided.bid_id,
        round_id: round,
        outcome: outcome.as_str().to_owned(),
        rank: whole(decided.rank)?,
        score_hundredths: decided.score.map(Score::hundredths),
        amount_pence: decided.amount_pence.0,
        pot: decided.pot.clone(),
        reserve_position: whole(decided.reserve_position)?,
        sentence: decided.sentence.clone(),
        conditions: decided.conditions.clone(),
        detail: Json(decided.detail.clone()),
        decided_at: now,
    })
}

/// In the order of the bids' ids.
pub(super) fn list_outcomes(conn: &mut Conn, round: RoundId) -> Result<Vec<BidOutcome>> {
    let rows: Vec<OutcomeRow> = outcomes::table
        .filter(outcomes::round_id.eq(round))
        .order(outcomes::bid_id)
        .select(OutcomeRow::as_select())
        .load(conn)?;
    rows.into_iter().map(BidOutcome::try_from).collect()
}

/// One at a time, in the order of the bids' ids.
pub(super) fn each_outcome(
    conn: &mut Conn,
    round: RoundId,
    mut see: impl FnMut(BidOutcome) -> Result<()>,
) -> Result<()> {
    let mut after = None;
    loop {
        let query = outcomes::table.filter(outcomes::round_id.eq(round)).order(outcomes::bid_id);
        let query = query.limit(PAGE).select(OutcomeRow::as_select());
        let page: Vec<OutcomeRow> = match after {
            Some(after) => query.filter(outcomes::bid_id.gt(after)).load(conn)?,
            None => query.load(conn)?,
        };
        let Some(last) = page.last().map(|row| row.bid_id) else { return Ok(()) };
        after = Some(last);
        for row in page {
            see(row.try_into()?)?;
        }
    }
}

/// Of an organisation's bids, in every closed round.
pub(super) fn list_outcomes_of(
    conn: &mut Conn,
    organisation: OrganisationId,
) -> Result<Vec<(BidId, RoundId, Outcome)>> {
    let rows: Vec<(BidId, RoundId, String)> = outcomes::table
        .inner_join(bids::table.on(bids::id.eq(outcomes::bid_id)))
        .filter(bids::organisation_id.eq(organisation))
        .order(outcomes::bid_id)
        .select((outcomes::bid_id, outcomes::round_id, outcomes::outcome))
        .load(conn)?;
    let read = |outcome: String| outcome.parse().map_err(|error: &str| Problem::internal(error));
    rows.into_iter().map(|(bid, round, outcome)| Ok((bid, round, read(outcome)?))).collect()
}

pub(super) fn find_outcome(conn: &mut Conn, bid: BidId) -> Result<BidOutcome> {
    let row: OutcomeRow = outcomes::table.find(bid).select(OutcomeRow::as_select()).first(conn)?;
    row.try_into()
}

/// The record of a close.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = closings)]
pub(super) struct ClosingRow {
    pub round_id: RoundId,
    pub snapshot_sha256: String,
    pub closed_by: UserId,
    pub closed_at: Timestamp,
}

pub(super) fn insert_closing(conn: &mut Conn, row: ClosingRow) -> Result<()> {
    diesel::insert_into(closings::table).values(row).execute(conn)?;
    Ok(())
}

pub(super) fn find_closing(conn: &mut Conn, round: RoundId) -> Result<Option<ClosingRow>> {
    Ok(closings::table.find(round).select(ClosingRow::as_select()).first(conn).optional()?)
}

/// Writes a piece of a round's snapshot. The first has the number 1.
pub(super) fn insert_piece(conn: &mut Conn, round: RoundId, number: i32, text: &str) -> Result<()> {
    use snapshot_pieces::columns;
    diesel::insert_into(snapshot_pieces::table)
        .values((columns::round_id.eq(round), columns::number.eq(number), columns::text.eq(text)))
        .execute(conn)?;
    Ok(())
}

/// A round's snapshot, piece by piece.
pub(super) fn each_piece(conn: &mut Conn, round: RoundId, mut see: impl FnMut(&str)) -> Result<()> {
    for number in 1.. {
        let piece: Option<String> = snapshot_pieces::table
            .find((round, number))
            .select(snapshot_pieces::text)
            .first(conn)
            .optional()?;
        match piece {
            Some(text) => see(&text),
            None => break,
        }
    }
    Ok(())
}
