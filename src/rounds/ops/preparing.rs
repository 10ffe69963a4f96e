//! A round as administrators prepare it: with its fund, the areas, and what is missing before it can open.

use super::load_with_fund;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::id::RoundId;
use crate::platform::Platform;
use crate::problem::{Fault, Result};
use crate::rounds::model::{Fund, Round, RoundStatus};

/// A round and what its pages tell of it.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub round: Round,
    pub fund: Fund,
    pub tree: AreaTree,
    /// What stands between a draft and opening, with pointers as the API's; of any other round, nothing.
    pub missing: Vec<Fault>,
}

/// A round as it stands now.
///
/// # Errors
/// `not-found`.
pub async fn prepared(on: &Platform, _reader: &Reader, id: RoundId) -> Result<Prepared> {
    let now = on.db.clock().now();
    on.db
        .read(move |conn| {
            let (round, fund) = load_with_fund(conn, id)?;
            let tree = areas::ops::tree(conn)?;
            let missing = match round.status {
                RoundStatus::Draft => round.opening_faults(&fund, &tree, now),
                RoundStatus::Open | RoundStatus::Assessing | RoundStatus::Closed | RoundStatus::Cancelled => {
                    Vec::new()
                }
            };
            Ok(Prepared { round, fund, tree, missing })
        })
        .await
}
