//! Submitting and withdrawing: the deadline is judged here, inside the transaction.

use serde_json::json;

use super::notices::{Addressees, promised, recipients};
use super::shown::shown;
use super::{save_step, visible};
use crate::auth::Member;
use crate::bids::model::{Bid, BidContent, BidStatus, BidVersion, Eligibility, Withdrawal};
use crate::bids::rules::{self, Frame};
use crate::bids::store::{self, Stored};
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::BidId;
use crate::mail::messages::{BidReceived, BidWithdrawn};
use crate::mail::outbox;
use crate::once::Once;
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::IfMatch;
use crate::rounds::model::Round;
use crate::{areas, audit, rounds};

/// Submits a bid as it was saved: every rule is checked at once, the version is kept for ever, and
/// the bidder is sent a receipt. A wrong gateway answer is taken in and makes the bid ineligible.
///
/// # Errors
/// `not-found`; `wrong-state`, `deadline-passed`: the round takes no bids, or the bid stands as it
/// is; `stale`: it is no longer what was read; `invalid`, with all faults.
pub async fn submit(on: &Platform, member: &Member, id: BidId, if_match: IfMatch, once: Once) -> Result<Bid> {
    let (member, site) = (member.clone(), on.site.clone());
    once.write(&on.db, member.who, move |tx| {
                let mut stored = visible(tx.conn, &member, id)?;
                let (round, fund) = rounds::ops::load_with_fund(tx.conn, stored.bid.round_id)?;
                round.accepting(tx.now)?;
                if stored.bid.status == BidStatus::Submitted && !stored.bid.has_unsubmitted_changes {
                    return Err(Problem::wrong_state("The bid is submitted, and nothing was changed since."));
                }
                if_match.check(stored.bid.version)?;
                let tree = areas::ops::tree(tx.conn)?;
                let frame =
                    Frame { round: &round, fund: &fund, tree: &tree, registered_number: &stored.registered_number };
                let faults = rules::faults(&stored.bid.content, &frame);
                if !faults.is_empty() {
                    return Err(Problem::invalid("The bid was not submitted; nothing was changed.", faults));
                }
                let version = keep_version(tx, &mut stored, &round, member.who.to_string())?;
                let detail = json!({"number": version.number, "content_sha256": version.content_sha256,
                    "eligibility": stored.bid.eligibility, "eligibility_reason": stored.bid.eligibility_reason});
                audit::record(tx, &member, "bid.submitted", id, Some(round.id), detail)?;

                let addressees = Addressees {
                    lead_contact: version.content.lead_contact.as_ref(),
                    people: [Some(version.submitted_by.as_str()), Some(stored.created_by.as_str())],
                };
                let mut promises = Vec::new();
                for to in recipients(tx.conn, &addressees)? {
                    let message = BidReceived {
                        name: &to.name,
                        reference: &stored.bid.reference,
                        title: &version.content.title,
                        organisation: &stored.organisation_name,
                        round: &round.name,
                        number: version.number,
                        submitted_at: version.submitted_at,
                        deadline: deadline(&round)?,
                        amount: version.content.amount_requested_pence.unwrap_or_default(),
                        content_sha256: &version.content_sha256,
                    };
                    let message = message.render(&site)?;
                    let act = format!("bid-received/{}", version.number);
                    promises.push(promised(to, message, round.id, id, &act));
                }
                outbox::promise(tx, &site, &promises)?;
                shown(tx.conn, &member, stored.bid)
    })
    .await
}

/// An open round has a deadline: opening asks for one.
fn deadline(round: &Round) -> Result<Timestamp> {
    round.deadline.ok_or_else(|| Problem::internal("an open round has no deadline"))
}

/// Turns the saved content into the version that stands.
fn keep_version(
    tx: &mut Tx<'_>,
    stored: &mut Stored,
    round: &Round,
    submitted_by: String,
) -> Result<BidVersion> {
    let bid = &stored.bid;
    let version = BidVersion {
        bid_id: bid.id,
        number: bid.submitted_number.unwrap_or(0) + 1,
        content: bid.content.clone(),
        content_sha256: bid.content.sha256()?,
        submitted_at: tx.now,
        submitted_by,
    };
    let before = match (bid.eligibility, bid.submitted_number) {
        (Eligibility::Ineligible, Some(number)) => gateway_reason_of(tx.conn, bid.id, number, round)?,
        (Eligibility::Ineligible | Eligibility::Eligible | Eligibility::Unchecked, _) => None,
    };
    let now = rules::gateway_reason(&version.content, &round.rules);
    let standing = (bid.eligibility, bid.eligibility_reason.as_deref());
    let (eligibility, eligibility_reason) = rules::eligibility(standing, before.as_deref(), now);

    store::insert_version(tx.conn, stored, &version)?;
    stored.bid = Bid {
        status: BidStatus::Submitted,
        submitted_number: Some(version.number),
        submitted_at: Some(tx.now),
        has_unsubmitted_changes: false,
        withdrawn_at: None,
        eligibility,
        eligibility_reason,
        version: bid.version + 1,
        ..bid.clone()
    };
    stored.submitted_by = Some(version.submitted_by.clone());
    stored.standing_sha256 = Some(version.content_sha256.clone());
    save_step(tx, stored)?;
    Ok(version)
}

fn gateway_reason_of(conn: &mut Conn, id: BidId, number: u32, round: &Round) -> Result<Option<String>> {
    Ok(rules::gateway_reason(&version_content(conn, id, number)?, &round.rules))
}

fn version_content(conn: &mut Conn, id: BidId, number: u32) -> Result<BidContent> {
    let version = store::find_version(conn, id, number)?;
    Ok(version.ok_or_else(|| Problem::internal("the version that stands is not there"))?.content)
}

/// Withdraws a submitted bid. It may be submitted again while the round takes bids.
///
/// # Errors
/// `not-found`; `wrong-state`, `deadline-passed`: the round takes no bids, or the bid is not
/// submitted; `invalid`: the reason is too long.
pub async fn withdraw(on: &Platform, member: &Member, id: BidId, input: Withdrawal) -> Result<Bid> {
    if input.reason.as_ref().is_some_and(|reason| reason.chars().count() > 2_000) {
        return Err(Problem::fault("/reason", "use at most 2,000 characters"));
    }
    let (member, site) = (member.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let mut stored = visible(tx.conn, &member, id)?;
            let round = rounds::ops::load(tx.conn, stored.bid.round_id)?;
            round.accepting(tx.now)?;
            let number = match (stored.bid.status, stored.bid.submitted_number) {
                (BidStatus::Submitted, Some(number)) => number,
                (BidStatus::Withdrawn, _) => {
                    return Err(Problem::wrong_state("The bid is withdrawn already."));
                }
                (BidStatus::Draft | BidStatus::Submitted, _) => {
                    return Err(Problem::wrong_state(
                        "The bid was never submitted, so there is nothing to withdraw.",
                    ));
                }
            };
            stored.bid.status = BidStatus::Withdrawn;
            stored.bid.withdrawn_at = Some(tx.now);
            stored.bid.version += 1;
            save_step(tx, &stored)?;
            let detail = json!({"number": number, "reason": input.reason});
            audit::record(tx, &member, "bid.withdrawn", id, Some(round.id), detail)?;

            let content = version_content(tx.conn, id, number)?;
            let who = member.who.to_string();
            let addressees = Addressees {
                lead_contact: content.lead_contact.as_ref(),
                people: [Some(who.as_str()), stored.submitted_by.as_deref()],
            };
            let mut promises = Vec::new();
            for to in recipients(tx.conn, &addressees)? {
                let message = BidWithdrawn {
                    name: &to.name,
                    reference: &stored.bid.reference,
                    title: &content.title,
                    round: &round.name,
                    withdrawn_at: tx.now,
                    deadline: deadline(&round)?,
                };
                let message = message.render(&site)?;
                let act = format!("bid-withdrawn/{}", stored.bid.version);
                promises.push(promised(to, message, round.id, id, &act));
            }
            outbox::promise(tx, &site, &promises)?;
            shown(tx.conn, &member, stored.bid)
        })
        .await
}
