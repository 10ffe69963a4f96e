//! One bid as administrators and auditors read it: what was received, and never what its bidder is still writing.

use super::store;
use crate::accounts;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::bids::model::{Bid, BidContent, BidVersion, BidVersionSummary};
use crate::bids::store::Stored;
use crate::db::Conn;
use crate::id::{BidId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rounds;
use crate::rounds::model::Round;

/// The most versions that are listed; the first ones are left out beyond.
const MOST_VERSIONS: usize = 200;

/// A bid with what its page says around it.
#[derive(Debug)]
pub struct BidRead {
    /// Its content is that of the version that stands, and empty before there is one.
    pub bid: Bid,
    pub organisation_name: String,
    pub registered_number: String,
    pub round: Round,
    pub tree: AreaTree,
    /// The newest first, each with who submitted it.
    pub versions: Vec<(BidVersionSummary, String)>,
}

/// One version of a bid, and the one before it.
#[derive(Debug)]
pub struct VersionRead {
    pub read: BidRead,
    pub version: BidVersion,
    pub before: Option<BidVersion>,
}

/// A bid as it was received.
///
/// # Errors
/// `not-found`.
pub async fn look(on: &Platform, _reader: &Reader, id: BidId) -> Result<BidRead> {
    on.db.read(move |conn| read(conn, id)).await
}

/// A version of a bid, and the one before it.
///
/// # Errors
/// `not-found`.
pub async fn look_at_version(on: &Platform, _reader: &Reader, id: BidId, number: u32) -> Result<VersionRead> {
    on.db
        .read(move |conn| {
            let read = read(conn, id)?;
            let version = store::find_version(conn, id, number)?.ok_or_else(Problem::not_found)?;
            let before = match number.checked_sub(1) {
                Some(before) => store::find_version(conn, id, before)?,
                None => None,
            };
            Ok(VersionRead { read, version, before })
        })
        .await
}

fn read(conn: &mut Conn, id: BidId) -> Result<BidRead> {
    let Stored { mut bid, organisation_name, registered_number, .. } =
        store::find(conn, id)?.ok_or_else(Problem::not_found)?;
    bid.content = match bid.submitted_number {
        Some(number) => {
            store::find_version(conn, id, number)?
                .ok_or_else(|| Problem::internal("the version that stands is not there"))?
                .content
        }
        None => BidContent::default(),
    };
    let round = rounds::ops::load(conn, bid.round_id)?;
    let tree = areas::ops::tree(conn)?;
    let mut versions = store::list_versions(conn, id, 0, i64::from(i32::MAX))?;
    versions.reverse();
    versions.truncate(MOST_VERSIONS);
    let versions = with_names(conn, versions)?;
    Ok(BidRead { bid, organisation_name, registered_number, round, tree, versions })
}

fn with_names(conn: &mut Conn, versions: Vec<BidVersionSummary>) -> Result<Vec<(BidVersionSummary, String)>> {
    let ids: Vec<UserId> = versions.iter().filter_map(|version| user_id(&version.submitted_by)).collect();
    let people = accounts::ops::people(conn, &ids)?;
    let name = |who: &str| match user_id(who) {
        Some(id) => people.iter().find(|person| person.id == id).map(|person| person.name.clone()),
        None => Some("the bidder's own system".to_owned()),
    };
    let named = versions.into_iter().map(|version| {
        let name = name(&version.submitted_by).unwrap_or_default();
        (version, name)
    });
    Ok(named.collect())
}

/// The person of `user:ID`; none of `client:ID`.
fn user_id(who: &str) -> Option<UserId> {
    who.strip_prefix("user:")?.parse().ok().map(UserId)
}
