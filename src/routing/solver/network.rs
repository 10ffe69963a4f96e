//! The network of an instance, and its solution stage by stage. The model is described in [`super`].

use super::canonical::{Assessor, Canonical};
use super::simplex::{ROOT, Simplex};
use super::{Pair, Purpose, Standing, number};

/// What a stage's costs may add up to along a path, in size. A reduced cost is an arc and two paths: under 63 bits.
const STAGE_LIMIT: i64 = 1 << 60;
/// The load of a full assessor, in the measure of evenness.
const FULL: u64 = 1_000_000;

/// What a routing is for, as [`super`] explains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    Places,
    Areas,
    Minimums,
    Fit,
    Evenness,
    Changes,
}

pub(super) fn aims(purpose: Purpose) -> [Aim; 6] {
    use Aim::{Areas, Changes, Evenness, Fit, Minimums, Places};
    match purpose {
        Purpose::Fresh => [Places, Areas, Minimums, Fit, Evenness, Changes],
        Purpose::Repair => [Places, Changes, Areas, Minimums, Fit, Evenness],
    }
}

/// What an arc stands for, and with it what its units cost.
#[derive(Clone, Copy)]
enum Role {
    /// A place that no area can claim, or that one may claim later, further into the bid.
    Place,
    /// A place that is also an area's own.
    OwnPlace,
    /// An area's own place, inside a bid whose places are counted before it.
    Area,
    /// Inside a bid, at no cost.
    Within,
    /// The pair of this position.
    Pair(u32),
    /// The units of this assessor up to the minimum.
    Needed(u32),
    /// The units of this assessor beyond the minimum.
    Spare(u32),
    /// One unit of an assessor, with the cost of its evenness.
    Unit(u32),
}

/// Which pairs the best routing takes, by position in [`Canonical::pairs`]; the fixed ones are among them.
pub(super) fn solve(canonical: &Canonical, purpose: Purpose) -> Vec<bool> {
    let mut network = Network::new(canonical);
    for stage in network.stages(&aims(purpose)) {
        network.optimise(&stage);
    }
    network.chosen
}

/// What the `k`-th unit of an assessor costs in evenness, `k` from 1.
pub(super) fn unevenness(k: u32, capacity: u32) -> u64 {
    FULL * (2 * u64::from(k) - 1) / (2 * u64::from(capacity.max(1)))
}

struct Network<'a> {
    canonical: &'a Canonical,
    simplex: Simplex,
    /// One for each arc of the simplex.
    roles: Vec<Role>,
    chosen: Vec<bool>,
    /// For each assessor, how many pairs could still be taken.
    open_pairs: Vec<u32>,
}

/// Aims that are optimised together, each with its weight.
type Stage = Vec<(Aim, i64)>;

impl<'a> Network<'a> {
    fn new(canonical: &'a Canonical) -> Self {
        let mut network = Self {
            canonical,
            simplex: Simplex::default(),
            roles: Vec::with_capacity(canonical.pairs.len()),
            chosen: canonical.pairs.iter().map(|pair| pair.standing == Standing::Fixed).collect(),
            open_pairs: vec![0; canonical.assessors.len()],
        };
        for _root_and_assessors in 0..=canonical.assessors.len() {
            network.simplex.add_node();
        }
        for bid in 0..canonical.bids.len() {
            network.add_bid(bid);
        }
        for assessor in 0..canonical.assessors.len() {
            network.add_loads(assessor);
        }
        let dealt = network.simplex.deal();
        network.roles = dealt.iter().map(|&arc| network.roles[arc as usize]).collect();
        network
    }

    fn add_bid(&mut self, bid: usize) {
        let canonical = self.canonical;
        let pairs = &canonical.pairs[canonical.pairs_of(bid)];
        if !pairs.iter().any(|pair| canonical.is_open(pair)) {
            return;
        }
        let counts = |pair: &&Pair| pair.standing == Standing::Fixed || canonical.is_open(pair);
        let mut covers: Vec<u64> = pairs.iter().filter(counts).map(|pair| pair.covers).collect();
        covers.sort_unstable();
        covers.dedup();
        match covers[..] {
            [only] => self.add_plain_bid(bid, only),
            _ => self.add_split_bid(bid, &covers),
        }
    }

    /// A bid with a single cover: its first places are the areas' own, whoever takes them.
    fn add_plain_bid(&mut self, bid: usize, cover: u64) {
        let need = &self.canonical.bids[bid];
        let node = self.simplex.add_node();
        let open = need.places - need.fixed;
        let own = need.places.min(cover.count_ones()).saturating_sub(need.fixed);
        for (role, places) in [(Role::OwnPlace, own), (Role::Place, open - own)] {
            if places > 0 {
                let arc = self.add_arc(ROOT, node, places, role);
                self.hang_if_loose(node, arc);
            }
        }
        self.add_pairs(bid, node, cover);
    }

    fn add_split_bid(&mut self, bid: usize, covers: &[u64]) {
        let need = &self.canonical.bids[bid];
        let node = self.simplex.add_node();
        let arc = self.add_arc(ROOT, node, need.places - need.fixed, Role::Place);
        self.simplex.hang(node, arc, 0);

        let areas: Vec<(u64, u32)> = bits(covers.iter().fold(0, |all, cover| all | cover))
            .map(|area| {
                let area_node = self.simplex.add_node();
                let arc = self.add_arc(node, area_node, 1, Role::Area);
                self.simplex.hang(area_node, arc, 0);
                (area, area_node)
            })
            .collect();
        for &cover in covers {
            let cover_node = self.simplex.add_node();
            let arc = self.add_arc(node, cover_node, need.places, Role::Within);
            self.simplex.hang(cover_node, arc, self.fixed_in(bid, cover));
            for &(_, area_node) in areas.iter().filter(|(area, _)| cover & area != 0) {
                self.add_arc(area_node, cover_node, 1, Role::Within);
            }
            self.add_pairs(bid, cover_node, cover);
        }
    }

    fn fixed_in(&self, bid: usize, cover: u64) -> u32 {
        let pairs = &self.canonical.pairs[self.canonical.pairs_of(bid)];
        let fixed = |pair: &&Pair| pair.standing == Standing::Fixed && pair.covers == cover;
        number(pairs.iter().filter(fixed).count())
    }

    fn add_pairs(&mut self, bid: usize, node: u32, cover: u64) {
        let canonical = self.canonical;
        for position in canonical.pairs_of(bid) {
            let pair = &canonical.pairs[position];
            if pair.covers == cover && canonical.is_open(pair) {
                let assessor = assessor_node(pair.assessor as usize);
                let arc = self.add_arc(node, assessor, 1, Role::Pair(number(position)));
                self.hang_if_loose(assessor, arc);
                self.open_pairs[pair.assessor as usize] += 1;
            }
        }
    }

    /// An assessor's way back to the root. More room than open pairs would never be used.
    fn add_loads(&mut self, assessor: usize) {
        let &Assessor { capacity, minimum, fixed, .. } = &self.canonical.assessors[assessor];
        let room = capacity.saturating_sub(fixed).min(self.open_pairs[assessor]);
        let needed = minimum.saturating_sub(fixed).min(room);
        let rank = number(assessor);
        for (role, units) in [(Role::Needed(rank), needed), (Role::Spare(rank), room - needed)] {
            if units > 0 {
                self.add_arc(assessor_node(assessor), ROOT, units, role);
            }
        }
    }

    fn add_arc(&mut self, tail: u32, head: u32, capacity: u32, role: Role) -> u32 {
        self.roles.push(role);
        self.simplex.add_arc(tail, head, capacity)
    }

    fn hang_if_loose(&mut self, node: u32, arc: u32) {
        if !self.simplex.is_hung(node) {
            self.simplex.hang(node, arc, 0);
        }
    }

    /// Packs the aims, in their order, into as few stages as the limit allows. Evenness begins a stage, because it needs the loads
    /// split into units, which would only be in the way of the aims before it.
    fn stages(&self, aims: &[Aim]) -> Vec<Stage> {
        let mut groups: Vec<Vec<Aim>> = Vec::new();
        for &aim in aims {
            match groups.last_mut() {
                Some(group) if aim != Aim::Evenness && self.fits(group, aim) => group.push(aim),
                _ => groups.push(vec![aim]),
            }
        }
        groups.iter().map(|group| self.weigh(group).0).collect()
    }

    fn fits(&self, group: &[Aim], aim: Aim) -> bool {
        let together: Vec<Aim> = group.iter().copied().chain([aim]).collect();
        self.weigh(&together).1 <= STAGE_LIMIT
    }

    /// Gives each aim the least weight that outdoes all later ones, and the sum of all costs along a path at most.
    fn weigh(&self, group: &[Aim]) -> (Stage, i64) {
        let mut sum: i64 = 0;
        let mut stage: Stage = Vec::new();
        for &aim in group.iter().rev() {
            let weight = sum.saturating_add(1);
            sum = sum.saturating_add(weight.saturating_mul(self.bound(aim)));
            stage.push((aim, weight));
        }
        stage.reverse();
        (stage, sum)
    }

    /// What an aim can cost along a simple path or cycle at most, in size. It meets the root once, each assessor and each
    /// bid's node once, with two arcs there; two bids have an assessor or the root between them.
    fn bound(&self, aim: Aim) -> i64 {
        let assessors = number(self.canonical.assessors.len());
        let turns = 2 * i64::from(assessors) + 4;
        match aim {
            Aim::Places | Aim::Minimums => 2,
            Aim::Areas => turns + 2,
            Aim::Changes => turns,
            Aim::Fit => turns * self.largest_fit(),
            Aim::Evenness => 2 * FULL.cast_signed(),
        }
    }

    fn largest_fit(&self) -> i64 {
        self.canonical.pairs.iter().map(|pair| pair.fit.abs()).max().unwrap_or(0)
    }

    fn optimise(&mut self, stage: &Stage) {
        if stage.iter().any(|&(aim, _)| aim == Aim::Evenness) {
            self.split_loads();
        }
        let cost = self
            .roles
            .iter()
            .map(|&role| stage.iter().map(|&(aim, weight)| weight * self.price(role, aim)).sum())
            .collect();
        self.simplex.minimise(cost);
        for (arc, role) in self.roles.iter().enumerate() {
            if let &Role::Pair(position) = role {
                self.chosen[position as usize] = self.simplex.flow(arc) > 0;
            }
        }
        let kept = self.simplex.narrow();
        self.roles = kept.iter().map(|&arc| self.roles[arc as usize]).collect();
    }

    fn price(&self, role: Role, aim: Aim) -> i64 {
        match (aim, role) {
            (Aim::Places, Role::Place | Role::OwnPlace)
            | (Aim::Areas, Role::OwnPlace | Role::Area)
            | (Aim::Minimums, Role::Needed(_)) => -1,
            (Aim::Fit, Role::Pair(position)) => -self.canonical.pairs[position as usize].fit,
            (Aim::Evenness, Role::Unit(cost)) => i64::from(cost),
            (Aim::Changes, Role::Pair(position)) => {
                let standing = self.canonical.pairs[position as usize].standing;
                -i64::from(standing == Standing::Offered)
            }
            (
                Aim::Places | Aim::Areas | Aim::Minimums | Aim::Fit | Aim::Evenness | Aim::Changes,
                Role::Place
                | Role::OwnPlace
                | Role::Area
                | Role::Within
                | Role::Pair(_)
                | Role::Needed(_)
                | Role::Spare(_)
                | Role::Unit(_),
            ) => 0,
        }
    }

    /// Replaces each load by its units, so that each can have its own cost.
    fn split_loads(&mut self) {
        for arc in 0..self.roles.len() {
            let (assessor, below) = match self.roles[arc] {
                Role::Needed(assessor) => (assessor, 0),
                Role::Spare(assessor) => (assessor, self.canonical.assessors[assessor as usize].minimum),
                Role::Place | Role::OwnPlace | Role::Area | Role::Within | Role::Pair(_) | Role::Unit(_) => {
                    continue;
                }
            };
            let &Assessor { capacity, fixed, .. } = &self.canonical.assessors[assessor as usize];
            let first = below.max(fixed) + 1;
            let itself = self.simplex.split(number(arc));
            self.roles[arc] = unit_role(first + itself, capacity);
            let others = number(self.simplex.arcs() - self.roles.len());
            let others = (0..=others).filter(|&unit| unit != itself);
            self.roles.extend(others.map(|unit| unit_role(first + unit, capacity)));
        }
    }
}

/// An assessor's `k`-th unit. An open one is within the capacity, so that its cost is under [`FULL`].
fn unit_role(k: u32, capacity: u32) -> Role {
    Role::Unit(u32::try_from(unevenness(k, capacity)).unwrap_or(u32::MAX))
}

fn assessor_node(assessor: usize) -> u32 {
    ROOT + 1 + number(assessor)
}

/// The bits of a set, each alone, the lowest first.
fn bits(mut set: u64) -> impl Iterator<Item = u64> {
    std::iter::from_fn(move || {
        let lowest = set & set.wrapping_neg();
        set ^= lowest;
        (lowest != 0).then_some(lowest)
    })
}
