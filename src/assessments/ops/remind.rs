//! Reminders before the assessments are due.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use serde_json::json;

use crate::accounts;
use crate::audit;
use crate::auth::Actor;
use crate::bids;
use crate::clock::Timestamp;
use crate::db::Tx;
use crate::id::{BidId, RoundId, UserId};
use crate::mail::messages::AssessmentReminder;
use crate::mail::{Promise, Recipient, Site, outbox};
use crate::platform::Platform;
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::{Round, RoundStatus};
use crate::routing;

/// Reminds each assessor, once for each round, of the assessments that are still to be submitted,
/// where they are due within `days` days; gives how many emails were promised.
///
/// # Errors
/// The database's own.
pub async fn remind_due(on: &Platform, days: u32) -> Result<usize> {
    let now = on.db.clock().now();
    let due = on
        .db
        .read(move |conn| {
            let mut due = Vec::new();
            for id in routing::ops::rounds_to_remind(conn)? {
                if due_at(&rounds::ops::load(conn, id)?, now, days).is_some() {
                    due.push(id);
                }
            }
            Ok(due)
        })
        .await?;
    let mut reminded = 0;
    for round in due {
        let site = on.site.clone();
        reminded += on.db.write(move |tx| remind(tx, &site, round, days)).await?;
    }
    Ok(reminded)
}

/// When the round's assessments are due, where that is within `days` days and not past.
fn due_at(round: &Round, now: Timestamp, days: u32) -> Option<Timestamp> {
    let soon = now.plus(Duration::days(i64::from(days)));
    round
        .assessments_due_at
        .filter(|due| round.status == RoundStatus::Assessing && now <= *due && *due <= soon)
}

fn remind(tx: &mut Tx<'_>, site: &Site, id: RoundId, days: u32) -> Result<usize> {
    let round = rounds::ops::load(tx.conn, id)?;
    // Another replica may have been first, or the round may have moved on.
    let Some(due_at) = due_at(&round, tx.now, days) else { return Ok(0) };
    let waiting = routing::ops::take_to_remind(tx, id)?;
    if waiting.is_empty() {
        return Ok(0);
    }
    let received = bids::ops::received_in(tx.conn, id)?;
    let references: BTreeMap<BidId, &str> =
        received.iter().filter(|bid| bid.is_assessed()).map(|bid| (bid.id, bid.reference.as_str())).collect();
    let ids: BTreeSet<UserId> = waiting.iter().map(|assignment| assignment.assessor_id).collect();
    let people = accounts::ops::people(tx.conn, &ids.into_iter().collect::<Vec<_>>())?;
    let mut promises = Vec::new();
    for person in people.iter().filter(|person| person.disabled_at.is_none()) {
        let own = waiting.iter().filter(|assignment| assignment.assessor_id == person.id);
        let own: Vec<&str> =
            own.filter_map(|assignment| references.get(&assignment.bid_id).copied()).collect();
        if own.is_empty() {
            continue;
        }
        let message = AssessmentReminder { name: &person.name, round: &round.name, references: own, due_at };
        promises.push(Promise {
            message: message.render(site)?,
            to: Recipient { email: person.email.clone(), name: person.name.clone() },
            round: Some(id),
            bid: None,
            name: format!("reminder:{id}:{}:{}", person.id, due_at.micros()),
        });
    }
    outbox::promise(tx, site, &promises)?;
    let detail = json!({"assessors": promises.len(), "assignments": waiting.len(), "due_at": due_at});
    audit::record(tx, &Actor::system(), "round.assessors_reminded", id, Some(id), detail)?;
    Ok(promises.len())
}
