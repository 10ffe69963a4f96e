//! Who assesses which bid: the best routing, found jointly and exactly.
//!
//! Pure: no clock, no chance, no input or output. It knows bids, assessors and the pairs that are possible; it must
//! not know rounds, people, areas' names or why a pair fits.
//!
//! # Model
//!
//! One minimum-cost circulation. The *root* stands for both source and sink:
//!
//! ```text
//!           places         1, places            1                  1           load
//!   root ───────────▶ bid ═══════════▶ its area ───────▶ cover ───────────▶ assessor ═══▶ root
//!                      └──────────────── places ────────▶
//! ```
//!
//! The possible assessors of a bid fall into *covers*: those who cover the same areas of it. A pair is one arc of
//! capacity 1 from its cover to its assessor, so nobody is twice on a bid, whichever area a unit came through. Into an area
//! there are two arcs: one unit makes somebody that area's own assessor, more fill further places. A cover of one area is that
//! area's node; one of several areas is a node behind them, which units for further places reach from the bid. A bid
//! with a single cover (every bid with one area) needs neither areas nor covers: its first places, as many as the cover
//! has areas, count as own ones. Each unit of an assessor's load is an arc of its own, because each has its own cost.
//!
//! A fixed pair is no arc: it lowers the bid's and the assessor's room, and its unit lies on the arcs into its cover, free to
//! count for whichever area is best. A bid or an assessor without room takes no new pair, and is left out.
//!
//! # Aims
//!
//! Lexicographic, the first being the weightiest. Each prices one kind of arc:
//!
//! | aim | cost of a unit |
//! | --- | --- |
//! | most places filled | −1 from the root to a bid |
//! | most areas with an own assessor | −1 into an area |
//! | minimum loads | −1 on an assessor's first `minimum` units |
//! | best fit | −fit on a pair |
//! | most even load | the `k`-th unit at capacity `c`: `⌊1 000 000 (2k − 1) / 2c⌋`, so the sum is about half a million times Σ load² / capacity, and increases strictly with `k` |
//! | fewest changes | −1 on an offered pair that stays |
//!
//! In [`Purpose::Repair`] the changes come second. The last aim, a fixed order, is not priced; see *Determinism*.
//!
//! **Why the order is kept.** A circulation is optimal if and only if no cycle of its residual network has a negative
//! cost (Ahuja, Magnanti, Orlin, *Network Flows*, 1993, theorem 9.1), and simple cycles are enough. If `B` bounds what
//! the later aims can cost along a simple cycle, then the weight `B + 1` lets an earlier aim decide every cycle on which
//! it is not zero: the sum of weighted costs has the lexicographic optima, no others. Simple cycles bring small
//! bounds: through the root they pass once, at an assessor they meet two pairs of opposite sign. The product of the bounds
//! stays under 2⁶¹ for nearly every round, and then costs are numbers of 64 bits: a reduced cost is that of a simple cycle, so
//! no sum passes 2⁶³. Beyond it they are numbers of 128 bits, which suffice for the largest instance.
//!
//! # Algorithm
//!
//! Primal network simplex on strongly feasible trees, which cannot cycle (Cunningham, *Mathematical Programming* 11, 1976;
//! *Network Flows*, chapter 11), with these turns:
//!
//! - **Start.** What is offered stays where there is room, the empty places are auctioned, and the tree is made of cheapest ways
//!   along that flow. What is left to improve is little (`market`, `growth`).
//! - **Pairs without flow are not stored.** A pair that neither flows nor is in the tree is looked at where it is listed, or
//!   where coverage implies it: bids of the same areas share one list, bids of the same themes what these add. So the memory is
//!   that of the parties, the areas, the themes and the listed pairs, with 8 bytes for each, however many pairs are implied.
//! - **Search.** A block of bids and assessors, dealt out so that it is a sample of all, gives the best arc of each; they
//!   enter in the order of their gain while they still gain. The search ends when everything was looked at since the last
//!   pivot and nothing gains: every pair, listed or implied, and every other arc is then proven to have no reduced cost under
//!   zero, for all aims together. A bid is passed over where the best of its areas show that nobody could gain (`peaks`).
//! - **Leaves.** A full bid that nothing hangs from stays outside the tree, with all its nodes, and hangs in mind by the cheapest
//!   ways; most bids are such, and none of them is moved along when a tree is hung elsewhere (`hanging`).
//! - **Repair.** Where all that stands can stay, only the bids with empty places are in the network (`repair`).
//!
//! The worst case is exponential in theory; the usual number of pivots is a small multiple of the parties, each of which takes
//! time in the size of the subtree that it moves, and one look at all pairs ends it.
//!
//! # What is said of a routing
//!
//! `explain`: what it is worth, who is next best. `shortage`: why places stay empty, from the minimum cut. `remedy`: what would
//! fill them. `rivals`: what somebody else on a bid would cost. `bridges`: reviews swapped so that it is connected. They look at
//! the chosen pairs through `routed` alone; where they need the network's residual, they build it from those.
//!
//! # Determinism
//!
//! Before anything else, bids and assessors are sorted by their keys, which are unique, and pairs by theirs. From
//! there on only integers are compared, added and indexed, in an order that depends on nothing else. Hence: the
//! routing is a function of the *set* of bids, assessors and pairs, on every machine, whether pairs are listed or implied. It is not promised that this
//! particular optimum survives a change to the algorithm.

mod aims;
mod bridges;
mod canonical;
mod explain;
mod graph;
mod growth;
mod hanging;
mod market;
mod network;
mod peaks;
mod pools;
mod remedy;
mod repair;
mod rivals;
mod routed;
mod search;
mod shortage;
mod simplex;
mod start;

use std::{error, fmt};

pub use aims::Aim;
pub use bridges::{Bridges, Swap};
use canonical::Canonical;
pub use explain::{NextBest, Worth};
pub use remedy::Remedy;
pub use rivals::{Rival, RivalCost};
pub use shortage::{Giver, Shortage};

/// The largest number of bids, and of assessors.
pub const MAX_PARTIES: usize = 1 << 20;
/// The largest number of listed and barred pairs.
pub const MAX_PAIRS: usize = 1 << 25;
/// The largest size of a [`Pair::fit`], either way: it fits in 32 bits.
pub const MAX_FIT: i64 = 1_000_000_000;
/// The largest capacity: the evenness of a load is counted in millionths.
pub const MAX_CAPACITY: u32 = 1_000_000;
/// The most areas a bid may cover: the bits of [`Pair::covers`].
pub const MAX_AREAS: u32 = 64;

/// What is to be routed.
#[derive(Clone, Debug, Default)]
pub struct Instance {
    pub bids: Vec<Need>,
    pub assessors: Vec<Supply>,
    /// Pairs that are possible. A pair that is neither listed nor implied by coverage is a hard conflict; one that is both
    /// is as listed.
    pub pairs: Vec<Pair>,
    pub coverage: Coverage,
    pub purpose: Purpose,
}

/// A bid that needs assessors.
#[derive(Clone, Debug)]
pub struct Need {
    /// Unique among the bids; gives the fixed order.
    pub key: String,
    pub places: u32,
    /// How many areas the bid covers. With none there is no aim of own assessors, and its pairs cover nothing.
    pub areas: u32,
}

/// An assessor who can take bids.
#[derive(Clone, Debug)]
pub struct Supply {
    /// Unique among the assessors; gives the fixed order.
    pub key: String,
    pub capacity: u32,
    pub minimum: u32,
}

/// An assessor who may take a bid.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Index into [`Instance::bids`].
    pub bid: u32,
    /// Index into [`Instance::assessors`].
    pub assessor: u32,
    /// Bit `i`: the assessor covers the bid's `i`-th area. At least one bit, where the bid has areas.
    pub covers: u64,
    /// Larger is better; within ± [`MAX_FIT`].
    pub fit: i64,
    pub standing: Standing,
}

/// Pairs that areas imply, so that they need not be listed: an assessor may take a bid if they cover one of its areas.
/// Such a pair's fit is that of the best of these areas, and what sharing the bid's themes adds.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// For each bid its areas, in the order of the bits of [`Pair::covers`]; indices into `assessors`. None: all of the
    /// bid's pairs are listed. Bids at the end may be left out if they have none.
    pub areas: Vec<Vec<u32>>,
    /// For each area who covers it, each once, and how well they fit it: index into [`Instance::assessors`], and a fit
    /// within ± [`MAX_FIT`].
    pub assessors: Vec<Vec<(u32, i64)>>,
    /// For each bid its themes, each once, in their order; indices into `sharing`. Bids at the end may be left out if they
    /// have none.
    pub themes: Vec<Vec<u32>>,
    /// For each theme who shares it, each once, and what that adds to their fit: index into [`Instance::assessors`], and
    /// a number within ± [`MAX_FIT`].
    pub sharing: Vec<Vec<(u32, i64)>>,
    /// Hard conflicts, by indices of bid and assessor: not possible although coverage implies it.
    pub barred: Vec<(u32, u32)>,
}

impl Coverage {
    fn areas_of(&self, bid: usize) -> &[u32] {
        self.areas.get(bid).map_or(&[], Vec::as_slice)
    }

    fn themes_of(&self, bid: usize) -> &[u32] {
        self.themes.get(bid).map_or(&[], Vec::as_slice)
    }
}

impl Pair {
    /// A pair that coverage implies and that is not possible; no possible one has such a fit.
    const fn barred(bid: u32, assessor: u32) -> Self {
        Self { bid, assessor, covers: 0, fit: i64::MIN, standing: Standing::None }
    }

    const fn is_barred(&self) -> bool {
        self.fit == i64::MIN
    }
}

/// What already stands between an assessor and a bid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Standing {
    #[default]
    None,
    /// Offered: may be taken away, which counts as a change.
    Offered,
    /// Accepted, started or submitted: never taken away, even if it exceeds places or a capacity that were lowered since.
    Fixed,
}

/// What the routing is for, which decides how much weight changes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    #[default]
    Fresh,
    /// The fewest changes come right after the most places filled.
    Repair,
}

/// The best routing, and what can be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routing {
    /// Ordered by the bid's key, then the assessor's.
    pub assigned: Vec<Assigned>,
    pub worth: Worth,
    /// Why places stay empty: a certificate for each independent part, ordered by key. Empty if every place is filled.
    pub shortages: Vec<Shortage>,
}

/// An assessor on a place of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assigned {
    /// Index into [`Instance::bids`].
    pub bid: u32,
    /// Index into [`Instance::assessors`].
    pub assessor: u32,
    /// The area, of the bid's, that this assessor is the own one of; `None` on a further place.
    pub area: Option<u8>,
}

/// Why an instance makes no sense. Indices are those of [`Instance::pairs`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidInstance {
    /// More bids or assessors than [`MAX_PARTIES`], or more pairs than [`MAX_PAIRS`].
    TooLarge,
    DuplicateBid(String),
    DuplicateAssessor(String),
    /// More than [`MAX_AREAS`].
    TooManyAreas(String),
    /// Over [`MAX_CAPACITY`].
    CapacityTooLarge(String),
    /// A pair names a bid or an assessor that does not exist.
    UnknownParty(usize),
    DuplicatePair {
        bid: String,
        assessor: String,
    },
    /// A pair covers none of its bid's areas, or one that the bid has not got.
    WrongCovers(usize),
    /// A pair's fit is outside ± [`MAX_FIT`].
    FitTooLarge(usize),
    /// [`Coverage`] names an area, a theme, a bid or an assessor that does not exist, lists other areas than the bid has, or
    /// can give a fit outside ± [`MAX_FIT`].
    WrongCoverage,
    /// Of [`Checked::next_best`]: the routing is of another instance.
    OtherRouting,
}

impl fmt::Display for InvalidInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "too many bids, assessors or pairs"),
            Self::DuplicateBid(key) => write!(f, "bid {key} is listed twice"),
            Self::DuplicateAssessor(key) => write!(f, "assessor {key} is listed twice"),
            Self::TooManyAreas(key) => write!(f, "bid {key} covers more than {MAX_AREAS} areas"),
            Self::CapacityTooLarge(key) => {
                write!(f, "assessor {key} has a capacity over {MAX_CAPACITY}")
            }
            Self::UnknownParty(pair) => {
                write!(f, "pair {pair} names a bid or an assessor that is not listed")
            }
            Self::DuplicatePair { bid, assessor } => {
                write!(f, "assessor {assessor} is listed twice for bid {bid}")
            }
            Self::WrongCovers(pair) => {
                write!(f, "pair {pair} covers none of its bid's areas, or one that the bid has not got")
            }
            Self::WrongCoverage => write!(f, "the coverage does not belong to the bids and assessors"),
            Self::OtherRouting => write!(f, "the routing does not belong to the instance"),
            Self::FitTooLarge(pair) => write!(f, "pair {pair} has a fit beyond ± {MAX_FIT}"),
        }
    }
}

impl error::Error for InvalidInstance {}

/// Finds the best routing by the aims of the [module](self).
///
/// # Errors
///
/// As [`Checked::new`]. A valid instance always has a routing, be it an empty one.
pub fn solve(instance: &Instance) -> Result<Routing, InvalidInstance> {
    Ok(Checked::new(instance)?.solve())
}

/// An instance that was checked and put in order, to be routed, and its routing explained.
pub struct Checked {
    canonical: Canonical,
    purpose: Purpose,
}

impl Checked {
    /// # Errors
    ///
    /// [`InvalidInstance`] if a limit is passed, an index or key is wrong, or a pair covers nothing.
    pub fn new(instance: &Instance) -> Result<Self, InvalidInstance> {
        Ok(Self { canonical: Canonical::new(instance)?, purpose: instance.purpose })
    }

    /// The best routing.
    #[must_use]
    pub fn solve(&self) -> Routing {
        explain::routing(&self.canonical, &repair::solve(&self.canonical, self.purpose))
    }

    /// For each of [`Routing::assigned`], in the same order: who would be next best there. None for a pair that stood before,
    /// which needs no reason, and where nobody else could be.
    ///
    /// # Errors
    ///
    /// [`InvalidInstance::OtherRouting`] if the routing cannot have come from the instance.
    pub fn next_best(&self, routing: &Routing) -> Result<Vec<Option<NextBest>>, InvalidInstance> {
        explain::next_best(&self.canonical, &routing.assigned)
    }

    /// For each of [`Routing::shortages`], in the same order: what would fill it. `covering` has, for each area, the bids
    /// (indices of the instance) that another assessor there could take.
    ///
    /// # Errors
    ///
    /// As [`Checked::next_best`].
    pub fn remedies(&self, routing: &Routing, covering: &[Vec<u32>]) -> Result<Vec<Remedy>, InvalidInstance> {
        Ok(remedy::remedies(&explain::routed(&self.canonical, &routing.assigned)?, covering))
    }

    /// Everybody who may take a bid (an index of the instance) and is not on it, by key, with what it would cost to put them
    /// there. For a routing that [`solve`] gave.
    ///
    /// # Errors
    ///
    /// As [`Checked::next_best`]; and if the routing is seen not to be the best one.
    pub fn rivals(&self, routing: &Routing, bid: u32) -> Result<Vec<Rival>, InvalidInstance> {
        let routed = explain::routed(&self.canonical, &routing.assigned)?;
        let rank = routed.bids().find(|&rank| routed.bid(rank).origin == bid);
        let rank = rank.ok_or(InvalidInstance::OtherRouting)?;
        rivals::rivals(&routed, self.purpose, rank)
    }

    /// The routing with reviews swapped until the graph of who assesses what is connected, or as nearly as can be found; and
    /// what that took.
    ///
    /// # Errors
    ///
    /// As [`Checked::next_best`].
    pub fn connected(&self, routing: &Routing) -> Result<(Routing, Bridges), InvalidInstance> {
        let (taken, report) = bridges::connected(&explain::routed(&self.canonical, &routing.assigned)?);
        Ok((explain::routing(&self.canonical, &taken), report))
    }
}

/// A position as the 32-bit number that the arrays hold.
#[expect(
    clippy::cast_possible_truncation,
    reason = "an instance beyond the limits is refused, and MOST_ARCS shows that one within them has no larger number"
)]
const fn number(position: usize) -> u32 {
    position as u32
}
