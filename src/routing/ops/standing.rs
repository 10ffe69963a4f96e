//! How a round's routing stands, as administrators and auditors read it: who assesses what, how loaded everybody is, what
//! is short and why, and the runs that were kept.

use std::collections::{BTreeMap, BTreeSet};

use super::store;
use crate::accounts;
use crate::areas;
use crate::areas::model::AreaTree;
use crate::auth::Reader;
use crate::auth::secrets::sha256;
use crate::bids;
use crate::bids::model::{BidOrder, BidStatus, BidSummary};
use crate::bids::ops::BidFilter;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::id::{BidId, RoundId, RoutingRunId, UserId};
use crate::platform::Platform;
use crate::problem::{Problem, Result};
use crate::rest::Paging;
use crate::rounds;
use crate::rounds::model::Round;
use crate::routing::instance::{SOLVER, index};
use crate::routing::kept::Kept;
use crate::routing::model::{Assignment, AssignmentStatus, ChosenPair, RoutingRun, Worth};
use crate::routing::store::RunLine;

/// How many assignments have each status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub offered: usize,
    pub accepted: usize,
    pub submitted: usize,
    /// Declined, and released with a reason or by a repair.
    pub given_up: usize,
}

impl Tally {
    fn add(&mut self, status: AssignmentStatus, count: usize) {
        match status {
            AssignmentStatus::Offered => self.offered += count,
            AssignmentStatus::Accepted => self.accepted += count,
            AssignmentStatus::Submitted => self.submitted += count,
            AssignmentStatus::Declined | AssignmentStatus::Released => self.given_up += count,
        }
    }

    /// Places that are filled.
    #[must_use]
    pub const fn standing(&self) -> usize {
        self.offered + self.accepted + self.submitted
    }
}

/// One assessor's part in a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    pub id: UserId,
    pub name: String,
    pub capacity: u32,
    pub minimum: u32,
    pub is_disabled: bool,
    pub tally: Tally,
}

/// How a round's routing stands.
#[derive(Debug)]
pub struct Standing {
    pub round: Round,
    pub tally: Tally,
    /// The round's assessors and whoever else has a place, by name.
    pub loads: Vec<Load>,
    /// The last run, whose shortages and bridges are those that stand; none before the first routing.
    pub last: Option<RoutingRun>,
    /// The latest runs, the newest first.
    pub runs: Vec<RunLine>,
    pub now: Timestamp,
}

/// How a round's routing stands.
///
/// # Errors
/// `not-found`.
pub async fn standing(on: &Platform, _reader: &Reader, round: RoundId) -> Result<Standing> {
    let now = on.db.clock().now();
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, round)?;
            let counts = store::count_by_assessor(conn, round.id)?;
            let mut tally = Tally::default();
            for (_, status, count) in &counts {
                tally.add(*status, *count);
            }
            Ok(Standing {
                tally,
                loads: loads(conn, round.id, &counts)?,
                last: store::find_run(conn, round.id, None)?,
                runs: store::list_run_lines(conn, round.id, &Paging::new(Some(10), None)?)?,
                round,
                now,
            })
        })
        .await
}

fn loads(conn: &mut Conn, round: RoundId, counts: &[(UserId, AssignmentStatus, usize)]) -> Result<Vec<Load>> {
    let pool = rounds::ops::pool(conn, round)?;
    let mut limits: BTreeMap<UserId, (u32, u32)> =
        pool.into_iter().map(|member| (member.assessor_id, (member.capacity, member.minimum))).collect();
    let mut tallies: BTreeMap<UserId, Tally> = BTreeMap::new();
    for (assessor, status, count) in counts {
        tallies.entry(*assessor).or_default().add(*status, *count);
        limits.entry(*assessor).or_default();
    }
    let ids: Vec<UserId> = limits.keys().copied().collect();
    let load = |person: accounts::model::User| {
        let (capacity, minimum) = limits.get(&person.id).copied().unwrap_or_default();
        Load {
            tally: tallies.get(&person.id).copied().unwrap_or_default(),
            id: person.id,
            name: person.name,
            capacity,
            minimum,
            is_disabled: person.disabled_at.is_some(),
        }
    };
    let mut loads: Vec<Load> = accounts::ops::people(conn, &ids)?.into_iter().map(load).collect();
    loads.sort_by(|one, other| one.name.cmp(&other.name).then(one.id.cmp(&other.id)));
    Ok(loads)
}

/// A bid with those who have a place on it.
#[derive(Debug)]
pub struct RoutedBid {
    pub bid: BidSummary,
    /// Those that stand, each with the assessor's name.
    pub places: Vec<(Assignment, String)>,
}

/// A part of a round's bids with who assesses each.
#[derive(Debug)]
pub struct ByBid {
    pub round: Round,
    pub tree: AreaTree,
    /// In the order of their references.
    pub bids: Vec<RoutedBid>,
}

/// Who assesses each of a round's submitted bids.
///
/// # Errors
/// `not-found`.
pub async fn by_bid(on: &Platform, _reader: &Reader, round: RoundId, paging: Paging) -> Result<ByBid> {
    on.db
        .read(move |conn| {
            let round = rounds::ops::load(conn, round)?;
            let tree = areas::ops::tree(conn)?;
            let filter = BidFilter { status: Some(BidStatus::Submitted), ..BidFilter::default() };
            let bids = bids::ops::received_in_order(conn, round.id, &filter, BidOrder::Reference, &paging)?;
            let ids: Vec<BidId> = bids.iter().map(|bid| bid.id).collect();
            let assignments = store::find_of_bids(conn, &ids)?;
            let mut places = named(conn, assignments)?;
            let routed =
                |bid: BidSummary| RoutedBid { places: places.remove(&bid.id).unwrap_or_default(), bid };
            Ok(ByBid { bids: bids.into_iter().map(routed).collect(), tree, round })
        })
        .await
}

/// By bid, the assignments that stand.
fn named(
    conn: &mut Conn,
    assignments: Vec<Assignment>,
) -> Result<BTreeMap<BidId, Vec<(Assignment, String)>>> {
    let names = names(conn, &assignments)?;
    let mut by_bid: BTreeMap<BidId, Vec<(Assignment, String)>> = BTreeMap::new();
    for one in assignments.into_iter().filter(|one| one.status.stands()) {
        let name = names.get(&one.assessor_id).cloned().unwrap_or_default();
        by_bid.entry(one.bid_id).or_default().push((one, name));
    }
    Ok(by_bid)
}

fn names(conn: &mut Conn, assignments: &[Assignment]) -> Result<BTreeMap<UserId, String>> {
    let ids: BTreeSet<UserId> = assignments.iter().map(|one| one.assessor_id).collect();
    let ids: Vec<UserId> = ids.into_iter().collect();
    Ok(accounts::ops::people(conn, &ids)?.into_iter().map(|person| (person.id, person.name)).collect())
}

/// Every assignment of a bid, those that no longer stand too, with the assessor's name.
///
/// # Errors
/// The database's own.
pub async fn on_bid(on: &Platform, _reader: &Reader, bid: BidId) -> Result<Vec<(Assignment, String)>> {
    on.db
        .read(move |conn| {
            let assignments = store::find_of_bid(conn, bid)?;
            let mut names = names(conn, &assignments)?;
            Ok(assignments
                .into_iter()
                .map(|one| {
                    let name = names.entry(one.assessor_id).or_default().clone();
                    (one, name)
                })
                .collect())
        })
        .await
}

/// A run, with its round.
#[derive(Debug)]
pub struct RunRead {
    pub round: Round,
    pub run: RoutingRun,
    /// What solving its kept input again gave, where that was asked for.
    pub again: Option<Again>,
}

/// What a run's kept input gives when it is solved again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// The same places to the same people.
    Same,
    /// As much by every aim with other people: another version of the solver chooses otherwise among equals.
    AsGood,
    Other,
    /// The input is not the one whose hash was kept.
    InputChanged,
}

/// A run of the router, and, where asked for, whether its kept input gives the same again.
///
/// # Errors
/// `not-found`.
pub async fn read_run(on: &Platform, _reader: &Reader, id: RoutingRunId, again: bool) -> Result<RunRead> {
    on.db
        .read(move |conn| {
            let run = store::find_run_by_id(conn, id)?.ok_or_else(Problem::not_found)?;
            let round = rounds::ops::load(conn, run.round_id)?;
            let again = again.then(|| solved_again(conn, &run)).transpose()?;
            Ok(RunRead { round, run, again })
        })
        .await
}

/// Solves the kept input of each run of a round again, the oldest first. `told` hears how many are done, of how many: each may
/// take as long as it took then.
///
/// # Errors
/// `internal`: a kept input is not one that this program wrote.
pub fn solve_again(
    conn: &mut Conn,
    round: RoundId,
    told: &dyn Fn(usize, usize),
) -> Result<Vec<(RoutingRunId, Again)>> {
    let mut found = Vec::new();
    let runs = store::find_run_ids(conn, round)?;
    let of = runs.len();
    for id in runs {
        told(found.len(), of);
        if let Some(run) = store::find_run_by_id(conn, id)? {
            found.push((id, solved_again(conn, &run)?));
        }
    }
    told(found.len(), of);
    Ok(found)
}

fn solved_again(conn: &mut Conn, run: &RoutingRun) -> Result<Again> {
    let input = store::find_input(conn, run.id)?;
    if sha256(&input) != run.input_sha256 {
        return Ok(Again::InputChanged);
    }
    let kept = Kept::parse(&input)?;
    let routing = kept.route()?;
    let mut pairs = BTreeSet::new();
    for pair in &routing.assigned {
        let bid = &kept.instance.bids[index(pair.bid)].key;
        pairs.insert((bid.clone(), kept.instance.assessors[index(pair.assessor)].key.clone()));
    }
    let of = |pair: &ChosenPair| (pair.bid_id.to_string(), pair.assessor_id.to_string());
    if run.result.pairs.iter().map(of).collect::<BTreeSet<_>>() == pairs {
        return Ok(Again::Same);
    }
    // What is kept outside the instance counts as filled, and is in no instance.
    let worth = Worth { filled: run.result.worth.filled, ..routing.worth.into() };
    let as_good = pairs.len() == run.result.pairs.len() && worth == run.result.worth;
    Ok(if as_good && run.solver != SOLVER { Again::AsGood } else { Again::Other })
}
