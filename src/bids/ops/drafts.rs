//! Writing a bid before, or again after, it is submitted.

use serde_json::json;

use super::{save, visible};
use crate::auth::Member;
use crate::bids::model::{Bid, BidContent, BidStatus, Eligibility};
use crate::bids::store::{self, Stored};
use crate::bids::{reference, rules};
use crate::db::Tx;
use crate::id::{BidId, RoundId};
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::IfMatch;
use crate::rounds::model::Round;
use crate::{areas, audit, rounds};

/// How often a reference is drawn before giving up: with a million bids in one round, ten draws
/// all meet another's once in 10^15.
const DRAWS: usize = 10;

/// Starts a bid, as a draft: it may be incomplete.
///
/// # Errors
/// `not-found`; `wrong-state`, `deadline-passed`: the round takes no bids; `invalid`, with all faults.
pub async fn create(
    on: &Platform,
    member: &Member,
    round: RoundId,
    content: BidContent,
    once: Once,
) -> Result<Bid> {
    let member = member.clone();
    on.db
        .write(move |tx| {
            once.run(tx, &member, |tx| {
                let round = rounds::ops::visible(tx.conn, &member, round)?;
                round.accepting(tx.now)?;
                refuse_faults(tx, &content, &round, "The bid was not saved.")?;
                let bid = Bid {
                    id: BidId::fresh(),
                    round_id: round.id,
                    organisation_id: member.organisation,
                    reference: free_reference(tx, &round.code)?,
                    status: BidStatus::Draft,
                    content: content.clone(),
                    submitted_number: None,
                    submitted_at: None,
                    has_unsubmitted_changes: true,
                    withdrawn_at: None,
                    eligibility: Eligibility::Unchecked,
                    eligibility_reason: None,
                    created_at: tx.now,
                    updated_at: tx.now,
                    version: 1,
                };
                let stored = Stored::drafted(bid, member.who);
                store::insert(tx.conn, &stored)?;
                let detail =
                    json!({"reference": stored.bid.reference, "organisation_id": member.organisation});
                audit::record(tx, &member, "bid.created", stored.bid.id, Some(round.id), detail)?;
                Ok(stored.bid)
            })
        })
        .await
}

/// Revises a bid. What was submitted stands until the bid is submitted again.
///
/// # Errors
/// `not-found`; `stale`; `wrong-state`, `deadline-passed`: the round takes no bids; `invalid`, with
/// all faults.
pub async fn revise(
    on: &Platform,
    member: &Member,
    id: BidId,
    if_match: IfMatch,
    content: BidContent,
) -> Result<Bid> {
    let member = member.clone();
    on.db
        .write(move |tx| {
            let mut stored = visible(tx.conn, &member, id)?;
            let round = rounds::ops::load(tx.conn, stored.bid.round_id)?;
            round.accepting(tx.now)?;
            if_match.check(stored.bid.version)?;
            refuse_faults(tx, &content, &round, "The bid was not changed.")?;
            stored.bid.has_unsubmitted_changes = match &stored.standing_sha256 {
                Some(standing) => content.sha256()? != *standing,
                None => true,
            };
            stored.bid.content = content.clone();
            stored.bid.updated_at = tx.now;
            stored.bid.version += 1;
            save(tx, &stored)?;
            audit::record(
                tx,
                &member,
                "bid.revised",
                id,
                Some(round.id),
                json!({"version": stored.bid.version}),
            )?;
            Ok(stored.bid)
        })
        .await
}

fn refuse_faults(tx: &mut Tx<'_>, content: &BidContent, round: &Round, what: &'static str) -> Result<()> {
    let tree = areas::ops::tree(tx.conn)?;
    let faults = rules::draft_faults(content, &round.rules, &tree);
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(what, faults)) }
}

/// Asked before the insert, because a broken unique rule would end a PostgreSQL transaction; of two
/// that draw the same at once, the database lets one through and the other runs again.
fn free_reference(tx: &mut Tx<'_>, code: &str) -> Result<String> {
    for _ in 0..DRAWS {
        let drawn = reference::draw(code);
        if !store::reference_is_taken(tx.conn, &drawn)? {
            return Ok(drawn);
        }
    }
    Err(Problem::internal("no free reference was drawn"))
}
