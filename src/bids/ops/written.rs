//! A bid with everything that its writer sees around it, from one snapshot.

use super::shown::shown;
use super::visible;
use crate::areas::model::AreaTree;
use crate::auth::Member;
use crate::bids::model::Bid;
use crate::bids::rules::{self, Frame};
use crate::id::{BidId, UserId};
use crate::platform::Platform;
use crate::problem::{Fault, Result};
use crate::rounds::model::{Fund, Round};
use crate::{accounts, areas, rounds};

/// One's own organisation's bid, with what it is judged against.
#[derive(Debug)]
pub struct WrittenBid {
    pub bid: Bid,
    pub round: Round,
    pub fund: Fund,
    pub tree: AreaTree,
    pub organisation_name: String,
    pub registered_number: String,
    /// Everything that keeps its content from being submitted.
    pub faults: Vec<Fault>,
}

/// A bid as its writer sees it.
///
/// # Errors
/// `not-found`: there is none, or it is another provider's.
pub async fn read_written(on: &Platform, member: &Member, id: BidId) -> Result<WrittenBid> {
    let member = member.clone();
    on.db
        .read(move |conn| {
            let stored = visible(conn, &member, id)?;
            let (round, fund) = rounds::ops::load_with_fund(conn, stored.bid.round_id)?;
            let tree = areas::ops::tree(conn)?;
            let frame = Frame {
                round: &round,
                fund: &fund,
                tree: &tree,
                registered_number: &stored.registered_number,
            };
            let faults = rules::faults(&stored.bid.content, &frame);
            Ok(WrittenBid {
                faults,
                bid: shown(conn, &member, stored.bid)?,
                organisation_name: stored.organisation_name,
                registered_number: stored.registered_number,
                round,
                fund,
                tree,
            })
        })
        .await
}

/// Who submitted a version, as a colleague calls them; `submitted_by` is the version's own word for it.
///
/// # Errors
/// The database's own.
pub async fn received_by(on: &Platform, submitted_by: &str) -> Result<String> {
    let Some(id) = submitted_by.strip_prefix("user:").and_then(|id| id.parse().ok()).map(UserId) else {
        return Ok("One of your systems".to_owned());
    };
    let people = on.db.read(move |conn| accounts::ops::people(conn, &[id])).await?;
    let gone = || "Somebody who is no longer here".to_owned();
    Ok(people.into_iter().next().map_or_else(gone, |person| person.name))
}
