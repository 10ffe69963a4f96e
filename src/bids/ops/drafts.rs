//! Writing a bid before, or again after, it is submitted.

use serde_json::json;

use super::shown::shown;
use super::{visible, written};
use crate::auth::Member;
use crate::bids::model::{Bid, BidContent, BidStatus, Eligibility};
use crate::bids::sections::Section;
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
    once.write(&on.db, member.who, move |tx| {
        let round = rounds::ops::visible(tx.conn, &member, round)?;
        round.accepting(tx.now)?;
        refuse_faults(tx, &content, &round, "The bid was not saved.")?;
        let bid = Bid {
            id: BidId::fresh(),
            round_id: round.id,
            organisation_id: member.organisation,
            reference: String::new(),
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
        let mut stored = Stored::drafted(bid, member.who);
        insert(tx, &mut stored, &round.code)?;
        let detail = json!({"reference": stored.bid.reference, "organisation_id": member.organisation});
        audit::record(tx, &member, "bid.created", stored.bid.id, Some(round.id), detail)?;
        Ok(stored.bid)
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
            write_content(tx, &mut stored, &round, content.clone())?;
            record_revision(tx, &member, &stored.bid)?;
            shown(tx.conn, &member, stored.bid)
        })
        .await
}

/// What became of a section of a bid.
#[derive(Debug)]
pub enum SectionSaved {
    Saved(Bid),
    /// Somebody, in another tab perhaps, changed this section after it was read; nothing was written.
    ChangedElsewhere(Bid),
}

/// Saves one section of a bid, where that section still is as it was read: `seen` is its mark then. Of
/// `typed` only the section is taken; what stands in the others stays. Bids save themselves every few
/// seconds while somebody types, which is no act that others see: an audit event tells only of the first
/// save after a submission.
///
/// # Errors
/// As [`revise`], but never `stale`.
pub async fn save_section(
    on: &Platform,
    member: &Member,
    id: BidId,
    seen: &str,
    section: Section,
    typed: BidContent,
) -> Result<SectionSaved> {
    let (member, seen) = (member.clone(), seen.to_owned());
    on.db
        .write(move |tx| {
            let mut stored = visible(tx.conn, &member, id)?;
            let round = rounds::ops::load(tx.conn, stored.bid.round_id)?;
            round.accepting(tx.now)?;
            let mut content = stored.bid.content.clone();
            section.copy(&typed, &mut content);
            if content == stored.bid.content {
                return Ok(SectionSaved::Saved(stored.bid));
            }
            if section.mark(&stored.bid.content)? != seen {
                return Ok(SectionSaved::ChangedElsewhere(stored.bid));
            }
            let was_as_submitted = !stored.bid.has_unsubmitted_changes;
            write_content(tx, &mut stored, &round, content)?;
            if was_as_submitted {
                record_revision(tx, &member, &stored.bid)?;
            }
            Ok(SectionSaved::Saved(stored.bid))
        })
        .await
}

/// Writes a bid's content over the one before.
fn write_content(tx: &mut Tx<'_>, stored: &mut Stored, round: &Round, content: BidContent) -> Result<()> {
    refuse_faults(tx, &content, round, "The bid was not changed.")?;
    stored.bid.has_unsubmitted_changes = match &stored.standing_sha256 {
        Some(standing) => content.sha256()? != *standing,
        None => true,
    };
    stored.bid.content = content;
    stored.bid.updated_at = tx.now;
    stored.bid.version += 1;
    written(store::set_content(tx.conn, &stored.bid)?)
}

fn record_revision(tx: &mut Tx<'_>, member: &Member, bid: &Bid) -> Result<()> {
    audit::record(tx, member, "bid.revised", bid.id, Some(bid.round_id), json!({"version": bid.version}))
}

fn refuse_faults(tx: &mut Tx<'_>, content: &BidContent, round: &Round, what: &'static str) -> Result<()> {
    let tree = areas::ops::tree(tx.conn)?;
    let faults = rules::draft_faults(content, &round.rules, &tree);
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(what, faults)) }
}

/// Draws references until one is free. That is left to the insert: a look beforehand would, on
/// PostgreSQL, make of two who start a bid at once one start again.
fn insert(tx: &mut Tx<'_>, stored: &mut Stored, code: &str) -> Result<()> {
    for _ in 0..DRAWS {
        stored.bid.reference = reference::draw(code);
        if store::insert(tx.conn, stored)? {
            return Ok(());
        }
    }
    Err(Problem::internal("no free reference was drawn"))
}
