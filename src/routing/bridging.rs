//! What connecting the assessors took, in the words and with the people of a round. Pure.
//!
//! Must not know: storage, HTTP, scores.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::Facts;
use super::instance::{Plan, index};
use super::solver;
use super::words::{capital, counted, listed};
use crate::id::{BidId, UserId};

/// Reviews swapped so that the graph of who assesses what is connected: what it took, as a sentence and as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bridges {
    #[schema(example = "2 parts became 1 by 1 swap, the fewest possible; the fit is 300 lower in all.")]
    pub sentence: String,
    /// Groups of bids and assessors that nobody connected.
    #[schema(example = 2)]
    pub parts_before: u32,
    #[schema(example = 1)]
    pub parts_after: u32,
    pub swaps: Vec<Swap>,
    /// How much lower the sum of fits is.
    #[schema(example = 300)]
    pub fit_lost: i64,
    /// Whether it is proven that no swaps connect more, and no fewer as much.
    pub proven: bool,
    /// Where parts are left: the bids of each.
    pub apart: Vec<Vec<BidId>>,
}

/// A review that another assessor has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Swap {
    pub bid_id: BidId,
    #[schema(example = "FT1-7K3M-9Q")]
    pub reference: String,
    pub from_id: UserId,
    #[schema(example = "Sam Example")]
    pub from_name: String,
    pub to_id: UserId,
    #[schema(example = "Kit Example")]
    pub to_name: String,
}

/// `found` is of `plan`, and `plan` of `facts`.
pub(super) fn bridges(facts: &Facts, plan: &Plan, found: &solver::Bridges) -> Bridges {
    let person = |at: u32| &facts.candidates[index(at)].profile;
    let swap = |swap: &solver::Swap| Swap {
        bid_id: facts.bids[index(swap.bid)].id,
        reference: facts.bids[index(swap.bid)].reference.clone(),
        from_id: person(swap.from).id,
        from_name: person(swap.from).name.clone(),
        to_id: person(swap.to).id,
        to_name: person(swap.to).name.clone(),
    };
    let ids = |bids: &Vec<u32>| bids.iter().map(|&bid| facts.bids[index(bid)].id).collect();
    Bridges {
        sentence: sentence(facts, plan, found),
        parts_before: found.parts_before,
        parts_after: found.parts_after,
        swaps: found.swaps.iter().map(swap).collect(),
        fit_lost: found.fit_lost,
        proven: found.proven,
        apart: found.apart.iter().map(ids).collect(),
    }
}

fn sentence(facts: &Facts, plan: &Plan, found: &solver::Bridges) -> String {
    let connected = match (found.parts_before, found.swaps.len() as u64) {
        (0 | 1, _) => "All bids and their assessors are connected without a swap".to_owned(),
        (_, 0) => format!("The {} parts stay apart", found.parts_before),
        (before, swaps) => {
            let fewest = if found.proven { ", the fewest possible" } else { "" };
            format!("{before} parts became {} by {}{fewest}", found.parts_after, counted(swaps, "swap"))
        }
    };
    let fit = match found.fit_lost {
        0 => String::new(),
        lost @ 1.. => format!("; the fit is {lost} lower in all"),
        won @ i64::MIN..=-1 => format!("; the fit is {} higher in all", won.unsigned_abs()),
    };
    format!("{}{fit}.{}", capital(&connected), why_apart(facts, plan, found))
}

/// Why parts are left, if any are.
fn why_apart(facts: &Facts, plan: &Plan, found: &solver::Bridges) -> String {
    if found.parts_after <= 1 {
        return String::new();
    }
    let parts: Vec<String> = found.apart.iter().map(|bids| areas(facts, plan, bids)).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let why = if found.parts_after == found.parts_possible {
        "nobody in one of them may take a bid of another"
    } else if found.proven {
        "capacities, what is accepted, and each area's own assessor leave no swap that joins more of them"
    } else {
        "no swap that joins more of them was found, though it is not proven that there is none"
    };
    format!(" Still apart are {}: {why}.", listed(&parts))
}

/// "the 3 bids of Burnley and Pendle".
fn areas(facts: &Facts, plan: &Plan, bids: &[u32]) -> String {
    let mut codes: Vec<&str> = bids.iter().flat_map(|&bid| plan.areas_of(bid)).collect();
    codes.sort();
    codes.dedup();
    let names: Vec<&str> = codes.iter().map(|code| facts.tree.name(code)).collect();
    format!("the {} of {}", counted(bids.len() as u64, "bid"), listed(&names))
}
