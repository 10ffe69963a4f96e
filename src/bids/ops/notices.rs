//! Whom a bid's emails go to, and the acts on a round of which its bidders are told.

use std::collections::BTreeMap;

use uuid::Uuid;
use validator::ValidateEmail;

use crate::accounts::model::User;
use crate::auth::{Admin, Who};
use crate::bids::model::{Bid, Contact};
use crate::bids::store::{self, Concerned, Stored};
use crate::clock::Timestamp;
use crate::db::{Conn, Tx};
use crate::id::{BidId, RoundId, UserId};
use crate::mail::messages::{DeadlineExtended, RoundCancelled};
use crate::mail::{Message, Promise, Recipient, Site, outbox};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds::input::{Cancellation, Extension};
use crate::rounds::model::Round;
use crate::{accounts, rounds};

/// Whom one bid's emails go to: its lead contact, and people by whom it was submitted or made.
pub(super) struct Addressees<'a> {
    pub lead_contact: Option<&'a Contact>,
    /// `user:ID` or `client:ID`; an API client has no address.
    pub people: [Option<&'a str>; 2],
}

impl Addressees<'_> {
    fn user_ids(&self) -> impl Iterator<Item = UserId> {
        self.people.into_iter().flatten().filter_map(user_id)
    }

    /// Each address once, in order. A draft's contact may not have a usable address yet.
    fn among(&self, people: &BTreeMap<UserId, User>) -> Vec<Recipient> {
        let contact = self
            .lead_contact
            .filter(|contact| contact.email.validate_email())
            .map(|contact| Recipient { email: contact.email.clone(), name: contact.name.clone() });
        let users = self
            .user_ids()
            .filter_map(|id| people.get(&id))
            .filter(|user| user.disabled_at.is_none())
            .map(|user| Recipient { email: user.email.clone(), name: user.name.clone() });
        let mut by_address = BTreeMap::new();
        for recipient in contact.into_iter().chain(users) {
            by_address.entry(recipient.email.to_lowercase()).or_insert(recipient);
        }
        by_address.into_values().collect()
    }
}

fn user_id(who: &str) -> Option<UserId> {
    who.strip_prefix("user:")?.parse::<Uuid>().ok().map(UserId)
}

fn people(conn: &mut Conn, mut ids: Vec<UserId>) -> Result<BTreeMap<UserId, User>> {
    ids.sort_unstable();
    ids.dedup();
    Ok(accounts::ops::people(conn, &ids)?.into_iter().map(|user| (user.id, user)).collect())
}

/// The recipients of one bid's emails.
pub(super) fn recipients(conn: &mut Conn, addressees: &Addressees<'_>) -> Result<Vec<Recipient>> {
    let people = people(conn, addressees.user_ids().collect())?;
    Ok(addressees.among(&people))
}

/// `act` names the act among all of the bid's, so that the same act is told of once.
pub(super) fn promised(to: Recipient, message: Message, round: RoundId, bid: BidId, act: &str) -> Promise {
    let name = format!("{act}/{bid}/{}", to.email.to_lowercase());
    Promise { to, message, round: Some(round), bid: Some(bid), name }
}

/// Promises everybody with a bid in the round, drafts too, what `render` says to them.
fn tell_bidders(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    act: &str,
    render: impl Fn(&Recipient, &Concerned) -> Result<Message>,
) -> Result<()> {
    let bids = store::list_concerned(tx.conn, round.id)?;
    let addressed = |bid: &Concerned| -> Vec<UserId> { addressees(bid).user_ids().collect() };
    let people = people(tx.conn, bids.iter().flat_map(addressed).collect())?;
    let mut promises = Vec::new();
    for bid in &bids {
        for to in addressees(bid).among(&people) {
            let message = render(&to, bid)?;
            promises.push(promised(to, message, round.id, bid.id, act));
        }
    }
    outbox::promise(tx, site, &promises)
}

fn addressees(bid: &Concerned) -> Addressees<'_> {
    Addressees {
        lead_contact: bid.lead_contact.as_ref(),
        people: [Some(bid.created_by.as_str()), bid.submitted_by.as_deref()],
    }
}

/// Extends a round's deadline and tells its bidders.
///
/// # Errors
/// `not-found`; `wrong-state`: it is not open; `invalid`: not later, past, or no reason.
pub async fn extend_deadline(on: &Platform, admin: &Admin, id: RoundId, input: Extension) -> Result<Round> {
    let (admin, site) = (admin.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let was = deadline(&rounds::ops::load(tx.conn, id)?);
            let round = rounds::ops::extend(tx, &admin, id, &input)?;
            let was = was?;
            tell_bidders(tx, &site, &round, &format!("deadline-extended/{}", round.version), |to, bid| {
                let message = DeadlineExtended {
                    name: &to.name,
                    round: &round.name,
                    reference: &bid.reference,
                    was,
                    deadline: input.deadline,
                    reason: &input.reason,
                };
                message.render(&site)
            })?;
            Ok(round)
        })
        .await
}

fn deadline(round: &Round) -> Result<Timestamp> {
    round.deadline.ok_or_else(|| Problem::internal("an open round has no deadline"))
}

/// Cancels a round and tells its bidders.
///
/// # Errors
/// `not-found`; `wrong-state`: it is closed or cancelled already; `invalid`: no reason.
pub async fn cancel_round(on: &Platform, admin: &Admin, id: RoundId, input: Cancellation) -> Result<Round> {
    let (admin, site) = (admin.clone(), on.site.clone());
    on.db
        .write(move |tx| {
            let round = rounds::ops::cancel(tx, &admin, id, &input)?;
            tell_bidders(tx, &site, &round, "round-cancelled", |to, bid| {
                let message = RoundCancelled {
                    name: &to.name,
                    round: &round.name,
                    reference: &bid.reference,
                    reason: &input.reason,
                };
                message.render(&site)
            })?;
            Ok(round)
        })
        .await
}

impl Stored {
    /// A bid that was just made by `who`.
    pub(super) fn drafted(bid: Bid, who: Who) -> Self {
        Self {
            bid,
            created_by: who.to_string(),
            submitted_by: None,
            organisation_name: String::new(),
            registered_number: String::new(),
            standing_sha256: None,
        }
    }
}
