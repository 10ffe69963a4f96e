//! Ranking: who stands before whom.
//!
//! By exact combined score, then by the exact scores of the tie-break criteria in the announced
//! order, then by the panel's order where it names every bid of the tie, which a draw always
//! does. What is still equal is a tie and shares a rank; the ranks after it are passed over (1, 2, 2, 4).
//!
//! Must not know: money, beyond carrying the amount asked.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};

use super::combine::{CombinedScore, Exact};
use super::decisions::BidToDecide;
use crate::money::Pence;
use crate::rounds::rules::Rules;

/// A bid with a combined score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contender<'a> {
    pub bid: &'a BidToDecide,
    pub combined: &'a CombinedScore,
}

impl<'a> Contender<'a> {
    pub fn key(&self) -> &'a str {
        &self.bid.bid
    }
}

/// Bids that share a rank.
#[derive(Debug, Clone)]
pub(super) struct Tier<'a> {
    pub rank: u32,
    /// Equals, in a fixed order that decides nothing but how they are listed.
    pub bids: Vec<Contender<'a>>,
    /// Whether it has its place among its equals from the order of ties.
    pub ordered: bool,
}

/// The ranking, best first. `tie_order` is the panel's or the draw's, best first.
pub(super) fn rank<'a>(rules: &Rules, mut bids: Vec<Contender<'a>>, tie_order: &[String]) -> Vec<Tier<'a>> {
    let listed = |contender: &Contender<'a>| listing_order(contender, contender.bid.amount_requested_pence);
    bids.sort_by_cached_key(listed);
    bids.sort_by(|left, right| compare(rules, left, right));
    let places: BTreeMap<&str, usize> =
        tie_order.iter().enumerate().map(|(place, key)| (key.as_str(), place)).collect();
    let mut tiers = Vec::new();
    let mut rank = 1;
    for tie in bids.chunk_by(|left, right| compare(rules, left, right) == Ordering::Equal) {
        let parted = in_order(tie, &places);
        let ordered = parted.len() > 1;
        for bids in parted {
            let size = u32::try_from(bids.len()).unwrap_or(u32::MAX);
            tiers.push(Tier { rank, bids, ordered });
            rank = rank.saturating_add(size);
        }
    }
    tiers
}

/// `Less` stands before.
fn compare(rules: &Rules, left: &Contender, right: &Contender) -> Ordering {
    let tie_break = rules
        .tie_break
        .iter()
        .map(|key| used(right.combined, key).cmp(&used(left.combined, key)))
        .find(|order| order.is_ne());
    right.combined.total.cmp(&left.combined.total).then(tie_break.unwrap_or(Ordering::Equal))
}

fn used(combined: &CombinedScore, key: &str) -> Option<Exact> {
    combined.criteria.iter().find(|criterion| criterion.criterion == key).map(|criterion| criterion.used)
}

/// The largest amount first, then by pots; the key parts only bids that are alike in all that counts.
pub(super) fn listing_order<'a>(
    contender: &Contender<'a>,
    amount: Pence,
) -> (Reverse<Pence>, BTreeSet<&'a str>, &'a str) {
    (Reverse(amount), pots(contender), contender.key())
}

pub(super) fn pots<'a>(contender: &Contender<'a>) -> BTreeSet<&'a str> {
    contender.bid.pots.iter().map(String::as_str).collect()
}

/// One tier for each bid where all of them have a place in the order, else one for the whole tie.
fn in_order<'a>(tie: &[Contender<'a>], places: &BTreeMap<&str, usize>) -> Vec<Vec<Contender<'a>>> {
    if !tie.iter().all(|contender| places.contains_key(contender.key())) {
        return vec![tie.to_vec()];
    }
    let mut ordered = tie.to_vec();
    ordered.sort_by_key(|contender| places.get(contender.key()));
    ordered.into_iter().map(|contender| vec![contender]).collect()
}
