//! The audience of a close: whom each bid's letters go to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::letters::Audience;
use crate::accounts;
use crate::accounts::model::User;
use crate::bids::model::{BidStatus, ReceivedBid};
use crate::db::{BATCH, Conn};
use crate::id::{BidId, UserId};
use crate::mail::Recipient;
use crate::problem::Result;

/// Whom a bid's letters go to, as the bid says it.
#[derive(Debug, Clone)]
pub(in crate::outcomes) struct Addressed {
    bid: BidId,
    /// Withdrawn bids have no letters.
    is_told: bool,
    lead_contact: Option<Recipient>,
    /// A person; no API client.
    submitter: Option<UserId>,
}

impl Addressed {
    pub(in crate::outcomes) fn of(bid: &ReceivedBid) -> Self {
        let contact = bid.content.lead_contact.as_ref();
        Self {
            bid: bid.id,
            is_told: bid.status == BidStatus::Submitted,
            lead_contact: contact
                .map(|contact| Recipient { email: contact.email.clone(), name: contact.name.clone() }),
            submitter: bid.submitted_by.strip_prefix("user:").and_then(|id| id.parse().ok()).map(UserId),
        }
    }
}

/// Lead contacts and, where a person submitted the bid and can still sign in, that person.
pub(in crate::outcomes) fn audience(conn: &mut Conn, addressed: Vec<Addressed>) -> Result<Audience> {
    let submitters: BTreeSet<UserId> = addressed.iter().filter_map(|one| one.submitter).collect();
    let submitters: Vec<UserId> = submitters.into_iter().collect();
    let mut people: BTreeMap<UserId, User> = BTreeMap::new();
    for batch in submitters.chunks(BATCH) {
        people.extend(accounts::ops::people(conn, batch)?.into_iter().map(|user| (user.id, user)));
    }
    let bidders = addressed.into_iter().filter(|one| one.is_told).map(|one| {
        let person = one.submitter.and_then(|id| people.get(&id)).filter(|user| user.disabled_at.is_none());
        let person = person.map(|user| Recipient { email: user.email.clone(), name: user.name.clone() });
        (one.bid, once_each(one.lead_contact.into_iter().chain(person)))
    });
    let bidders = bidders.collect();
    let administrators = once_each(accounts::ops::admins(conn)?.into_iter());
    Ok(Audience { bidders, administrators })
}

/// Each address once, however its letters are cased.
fn once_each(recipients: impl Iterator<Item = Recipient>) -> Vec<Recipient> {
    let mut seen = BTreeSet::new();
    recipients.filter(|to| seen.insert(to.email.trim().to_lowercase())).collect()
}
