//! What stands for each bid: its outcome at closing, or what the latest act since has made of it.
//!
//! Must not know: storage, HTTP, whether an act was rightly made.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::id::BidId;
use crate::money::Pence;
use crate::outcomes::decide::Outcome;
use crate::outcomes::later::model::LaterAct;
use crate::outcomes::model::BidOutcome;
use crate::outcomes::ops::Results;

/// A bid's outcome as it stands.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// As it was written at closing.
    pub at_closing: &'a BidOutcome,
    pub outcome: Outcome,
    pub amount_pence: Pence,
    /// When the award that stands was decided; of other outcomes when they were.
    pub decided_at: Option<Timestamp>,
    /// When anything about it last changed.
    pub changed_at: Option<Timestamp>,
}

/// Of all bids that are decided, in the order of the ranking.
pub fn standing(results: &Results) -> impl Iterator<Item = Standing<'_>> {
    let mut acts: BTreeMap<BidId, Vec<&LaterAct>> = BTreeMap::new();
    for act in &results.later_acts {
        acts.entry(act.act.bid()).or_default().push(act);
    }
    results.outcomes.iter().filter_map(move |outcome| {
        let mut stands = Standing {
            at_closing: outcome,
            outcome: outcome.outcome?,
            amount_pence: outcome.amount_pence,
            decided_at: outcome.decided_at,
            changed_at: outcome.decided_at,
        };
        for act in acts.get(&outcome.bid_id).into_iter().flatten() {
            // A correction of what was awarded leaves the award its date.
            let stays_awarded = stands.outcome.is_award() && act.now.outcome.is_award();
            stands = Standing {
                outcome: act.now.outcome,
                amount_pence: act.now.amount_pence,
                decided_at: if stays_awarded { stands.decided_at } else { Some(act.acted_at) },
                changed_at: Some(act.acted_at),
                ..stands
            };
        }
        Some(stands)
    })
}
