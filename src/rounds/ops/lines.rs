//! The list of rounds as administrators and auditors see it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::auth::Reader;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::Paging;
use crate::rounds::model::{Fund, Round};
use crate::rounds::store::{self, RoundFilter, Seen};

/// A round, the fund that it is of, and what has come in.
#[derive(Debug, Clone)]
pub struct RoundLine {
    pub round: Round,
    pub fund: Fund,
    /// Bids that stand submitted.
    pub bids: u64,
}

/// One page of rounds, in the page's order.
///
/// # Errors
/// The database's own.
pub async fn list_lines(on: &Platform, _reader: &Reader, paging: Paging) -> Result<Vec<RoundLine>> {
    on.db
        .read(move |conn| {
            let rounds = store::list_rounds(conn, Seen::Everything, RoundFilter::default(), &paging)?;
            let ids: Vec<_> = rounds.iter().map(|round| round.id).collect();
            let counts: BTreeMap<_, _> = store::count_submitted(conn, &ids)?.into_iter().collect();
            let mut funds = BTreeMap::new();
            for round in &rounds {
                if let Entry::Vacant(entry) = funds.entry(round.fund_id) {
                    entry.insert(super::load_fund(conn, round.fund_id)?);
                }
            }
            let line = |round: Round| {
                let bids = counts.get(&round.id).and_then(|count| u64::try_from(*count).ok()).unwrap_or(0);
                Some(RoundLine { fund: funds.get(&round.fund_id)?.clone(), round, bids })
            };
            Ok(rounds.into_iter().filter_map(line).collect())
        })
        .await
}
