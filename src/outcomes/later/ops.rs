//! Use cases after closing.

use std::sync::Arc;

use serde_json::json;

use super::ledger::Ledger;
use super::model::{AwardEnd, LaterAct, LaterActPreview, LaterActs, NewLaterAct, Stands};
use super::store;
use crate::audit;
use crate::auth::{Admin, Reader};
use crate::bids;
use crate::bids::model::ReceivedBid;
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::{LaterActId, RoundId};
use crate::mail::messages::Verdict;
use crate::mail::outcome_changed::{Because, OutcomeChanged};
use crate::mail::{Promise, Recipient, Site, outbox};
use crate::once::Once;
use crate::outcomes::calendar::end_of_working_day;
use crate::outcomes::decide::Outcome;
use crate::outcomes::inputs::Inputs;
use crate::outcomes::model::BidOutcome;
use crate::outcomes::{letters, ops};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};

/// What was done after a round's closing, and whom to promote.
///
/// # Errors
/// `not-found`: there is no such round, or it is not closed.
pub async fn later_acts(on: &Platform, _reader: &Reader, round: RoundId) -> Result<LaterActs> {
    on.db.read(move |conn| later_acts_of(conn, round)).await
}

fn later_acts_of(conn: &mut Conn, round: RoundId) -> Result<LaterActs> {
    let (inputs, outcomes) = ops::closed(conn, round)?;
    let acts = store::list(conn, round)?;
    let ledger = replayed(&inputs, &outcomes, &acts)?;
    Ok(LaterActs {
        round_id: round,
        proposal: ledger.proposal(),
        awarded_pence: ledger.awarded(),
        left_pence: inputs.rules.budget_pence - ledger.awarded(),
        acts,
    })
}

/// A round's acts after closing, in order, for its readers.
///
/// # Errors
/// The database's own.
pub(in crate::outcomes) fn list(conn: &mut Conn, round: RoundId) -> Result<Vec<LaterAct>> {
    store::list(conn, round)
}

fn replayed<'a>(inputs: &'a Inputs, outcomes: &[BidOutcome], acts: &[LaterAct]) -> Result<Ledger<'a>> {
    let mut ledger = Ledger::at_closing(inputs, outcomes);
    for act in acts {
        let played = ledger.play(&act.act);
        played
            .map_err(|_| Problem::internal(format!("act {} after closing cannot be played", act.number)))?;
    }
    Ok(ledger)
}

/// Ends an award, promotes from the reserve list, or corrects an outcome; and tells the bidder.
///
/// # Errors
/// `not-found`; `wrong-state` unless the round is closed; `invalid`.
pub async fn act_later(
    on: &Platform,
    admin: &Admin,
    round: RoundId,
    new: NewLaterAct,
    once: Once,
) -> Result<LaterAct> {
    let (admin, site) = (admin.clone(), Arc::clone(&on.site));
    once.write(&on.db, admin.who, move |tx| act_in(tx, &site, &admin, round, &new)).await
}

/// What an act would change, and the emails that it would send. Nothing is written.
///
/// # Errors
/// As [`act_later`].
pub async fn preview_later(
    on: &Platform,
    admin: &Admin,
    round: RoundId,
    new: NewLaterAct,
) -> Result<LaterActPreview> {
    let (admin, site, now) = (admin.clone(), Arc::clone(&on.site), on.db.clock().now());
    on.db
        .read(move |conn| {
            let (act, letters) = prepare(conn, &site, &admin, now, round, &new)?;
            Ok(LaterActPreview {
                reference: act.reference,
                was: act.was,
                now: act.now,
                emails: letters.into_iter().map(ops::planned).collect(),
            })
        })
        .await
}

fn act_in(
    tx: &mut Tx<'_>,
    site: &Site,
    admin: &Admin,
    round: RoundId,
    new: &NewLaterAct,
) -> Result<LaterAct> {
    let (act, letters) = prepare(tx.conn, site, admin, tx.now, round, new)?;
    store::insert(tx.conn, &act)?;
    outbox::promise(tx, site, &letters)?;
    let detail = json!({"number": act.number, "act": act.act, "was": act.was, "now": act.now});
    audit::record(tx, admin, new.audited_as(), new.bid(), Some(act.round_id), detail)?;
    Ok(act)
}

/// An act and its letters, played over what stands and not written.
fn prepare(
    conn: &mut Conn,
    site: &Site,
    admin: &Admin,
    now: Timestamp,
    round: RoundId,
    new: &NewLaterAct,
) -> Result<(LaterAct, Vec<Promise>)> {
    let round = rounds::ops::load(conn, round)?;
    round.must_be(RoundStatus::Closed, "have an outcome changed")?;
    let (inputs, outcomes) = ops::closed(conn, round.id)?;
    let before = store::list(conn, round.id)?;
    let mut ledger = replayed(&inputs, &outcomes, &before)?;
    let (was, stands) =
        ledger.play(new).map_err(|faults| Problem::invalid("No outcome was changed.", faults))?;
    let act = LaterAct {
        id: LaterActId::fresh(),
        round_id: round.id,
        number: u32::try_from(before.len() + 1).map_err(Problem::internal)?,
        reference: ledger.reference(new.bid()).unwrap_or_default().to_owned(),
        act: new.clone(),
        was,
        now: stands,
        acted_by: admin.id,
        acted_at: now,
    };
    let bid = bids::ops::received(conn, new.bid())?;
    let letters = tell(conn, site, &round, &inputs, &bid, &act)?;
    Ok((act, letters))
}

/// The letters to the bidder's people.
fn tell(
    conn: &mut Conn,
    site: &Site,
    round: &Round,
    inputs: &Inputs,
    bid: &ReceivedBid,
    act: &LaterAct,
) -> Result<Vec<Promise>> {
    let audience = ops::audience(conn, vec![ops::Addressed::of(bid)])?;
    let recipients: Vec<Recipient> = audience.bidders.into_values().flatten().collect();
    let mut promises = Vec::new();
    for to in recipients {
        let letter = OutcomeChanged {
            name: &to.name,
            fund: &inputs.fund,
            round: &round.name,
            reference: &act.reference,
            title: &bid.content.title,
            because: because(&act.act),
            was: letters::heading(act.was.outcome),
            verdict: verdict(&act.now, act.act.reason())?,
            sentence: &act.now.sentence,
            query_email: &round.rules.query_email,
            query_by: end_of_working_day(act.acted_at, round.rules.query_working_days),
        };
        promises.push(Promise {
            message: letter.render(site)?,
            round: Some(round.id),
            bid: Some(bid.id),
            name: format!("later_act:{}:{}", act.id, to.email),
            to,
        });
    }
    Ok(promises)
}

fn because(act: &NewLaterAct) -> Because {
    match act {
        NewLaterAct::EndAward { how: AwardEnd::Declined, .. } => Because::Declined,
        NewLaterAct::EndAward { how: AwardEnd::Withdrawn, .. } => Because::Withdrawn,
        NewLaterAct::Promote { .. } => Because::Promoted,
        NewLaterAct::Correct { .. } => Because::Corrected,
    }
}

fn verdict<'a>(now: &'a Stands, reason: &'a str) -> Result<Verdict<'a>> {
    let amount = now.amount_pence;
    Ok(match now.outcome {
        Outcome::Awarded => Verdict::Awarded { amount },
        Outcome::AwardedWithConditions => Verdict::AwardedWithConditions {
            amount,
            conditions: now.conditions.as_deref().unwrap_or_default(),
        },
        Outcome::Reserve => {
            let position = now.reserve_position;
            Verdict::Reserve {
                position: position.ok_or_else(|| Problem::internal("a reserve without a position"))?,
            }
        }
        Outcome::Unsuccessful => Verdict::Unsuccessful,
        Outcome::Ineligible => Verdict::Ineligible { reason },
        Outcome::Withdrawn => Verdict::Withdrawn,
    })
}
