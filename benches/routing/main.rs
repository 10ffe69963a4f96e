//! How long routing takes: `cargo bench --bench routing`, or with the names of some cases after `--`.
//!
//! Made instances, alike on every machine: areas drawn with Zipf weights, 1 to 3 for a bid and 1 to 5 for an assessor, 1 %
//! conflicts, 3 places a bid, capacity for 1.3 times the places and up to 2 more. Each line is a case: its size, the
//! seconds that solving keeps a processor busy (the least of its runs), and the peak of the process's memory so far, so that a case named alone
//! tells its own. The cases of `service` begin with what the service knows of a round, and end with the reasons for each place.
//! That of `database` starts an assessment over HTTP, on a new SQLite database or on the empty one that
//! `ROUTING_DATABASE_URL` names; `BIDS` and `ASSESSORS` give another size.
#![expect(clippy::print_stdout, reason = "a program whose output is its answer")]
#![expect(clippy::float_arithmetic, reason = "seconds and ratios are for people")]

mod database;
#[path = "../load/load.rs"]
#[expect(dead_code, reason = "the load benchmark's clients")]
mod load;
#[path = "../load/service.rs"]
#[expect(dead_code, reason = "the load benchmark submits and reads bids too")]
mod process;
#[path = "../load/script.rs"]
#[expect(dead_code, reason = "the load benchmark's statements")]
mod script;
mod service;

use std::error::Error;
use std::time::Duration;

use fasttrack::routing::solver::{
    Instance, InvalidInstance, Need, Pair, Purpose, Routing, Standing, Supply, solve,
};

const AREAS: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    // `cargo bench` adds a flag of its own.
    let names: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with("--")).collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|one| one == name);
    if wanted("small") {
        fresh("small", &listed(1_000, 200, usize::MAX), 5)?;
    }
    if wanted("middle") {
        fresh("middle", &listed(10_000, 1_000, usize::MAX), 3)?;
    }
    if wanted("repair") {
        repair("repair, listed", listed(10_000, 1_000, usize::MAX))?;
        repair("repair, implied", implied(10_000, 1_000))?;
    }
    if wanted("large") {
        fresh("large, best 30", &listed(100_000, 5_000, 30), 1)?;
    }
    if wanted("classes") {
        fresh("classes", &implied(100_000, 5_000), 1)?;
    }
    if wanted("decline") {
        service::decline(10_000, 1_000, 5)?;
    }
    if wanted("database") {
        let folder = tempfile::tempdir()?;
        let sqlite = format!("sqlite://{}", folder.path().join("routing.db").display());
        let database = std::env::var("ROUTING_DATABASE_URL").unwrap_or(sqlite);
        database::start(&database, size("BIDS", 100_000), size("ASSESSORS", 5_000))?;
    }
    if wanted("service") {
        service::start(100_000, 5_000, 0)?;
    }
    if wanted("themes") {
        service::start(100_000, 5_000, 6)?;
    }
    Ok(())
}

fn size(name: &str, usual: usize) -> usize {
    std::env::var(name).ok().and_then(|size| size.parse().ok()).unwrap_or(usual)
}

fn fresh(name: &str, instance: &Instance, runs: usize) -> Result<(Routing, f64), InvalidInstance> {
    let (routing, seconds) = least_of(runs, instance)?;
    let (bids, assessors) = (instance.bids.len(), instance.assessors.len());
    println!(
        "{name}: {bids} × {assessors}, {} pairs: {seconds:.3} s, {} filled, fit {}, peak {} MiB",
        pairs(instance),
        routing.worth.filled,
        routing.worth.fit,
        peak_mebibytes("self")
    );
    Ok((routing, seconds))
}

fn least_of(runs: usize, instance: &Instance) -> Result<(Routing, f64), InvalidInstance> {
    let start = busy_seconds();
    let routing = solve(instance)?;
    let mut least = busy_seconds() - start;
    for _run in 1..runs {
        let start = busy_seconds();
        solve(instance)?;
        least = least.min(busy_seconds() - start);
    }
    Ok((routing, least))
}

/// Routes, lets half of the offers be accepted and one be declined, and repairs.
fn repair(name: &str, mut instance: Instance) -> Result<(), InvalidInstance> {
    let (routing, afresh) = fresh(name, &instance, 3)?;
    instance.purpose = Purpose::Repair;
    let declined = routing.assigned[routing.assigned.len() / 2];
    stand(&mut instance, &routing);
    instance.pairs.retain(|pair| (pair.bid, pair.assessor) != (declined.bid, declined.assessor));
    if !instance.coverage.areas.is_empty() {
        instance.coverage.barred.push((declined.bid, declined.assessor));
    }
    let (repaired, seconds) = least_of(5, &instance)?;
    println!(
        "{name}: one decline: {seconds:.3} s, {:.3} of routing afresh; {} filled, {} changes",
        seconds / afresh,
        repaired.worth.filled,
        repaired.worth.changes
    );
    Ok(())
}

/// Marks what a routing chose: every other pair as fixed, the rest as offered.
fn stand(instance: &mut Instance, routing: &Routing) {
    let mut assigned: Vec<(u32, u32)> = routing.assigned.iter().map(|one| (one.bid, one.assessor)).collect();
    assigned.sort_unstable();
    let standing = |at: usize| if at.is_multiple_of(2) { Standing::Fixed } else { Standing::Offered };
    let coverage = &instance.coverage;
    if coverage.areas.is_empty() {
        for pair in &mut instance.pairs {
            if let Ok(at) = assigned.binary_search(&(pair.bid, pair.assessor)) {
                pair.standing = standing(at);
            }
        }
        return;
    }
    for (at, &(bid, assessor)) in assigned.iter().enumerate() {
        let (mut covers, mut fit) = (0, i64::MIN);
        for (bit, &area) in coverage.areas[bid as usize].iter().enumerate() {
            let found = coverage.assessors[area as usize].iter().find(|one| one.0 == assessor);
            if let Some(&(_, here)) = found {
                covers |= 1 << bit;
                fit = fit.max(here);
            }
        }
        instance.pairs.push(Pair { bid, assessor, covers, fit, standing: standing(at) });
    }
}

fn pairs(instance: &Instance) -> usize {
    if instance.coverage.areas.is_empty() {
        return instance.pairs.len();
    }
    let mut total = 0;
    let mut seen = vec![0_u32; instance.assessors.len()];
    for (stamp, areas) in (1..).zip(&instance.coverage.areas) {
        for &(assessor, _) in areas.iter().flat_map(|&area| &instance.coverage.assessors[area as usize]) {
            let before = std::mem::replace(&mut seen[assessor as usize], stamp);
            total += usize::from(before != stamp);
        }
    }
    total - instance.coverage.barred.len()
}

/// Bids with their areas, and assessors with theirs.
struct World {
    chance: Chance,
    bids: Vec<Vec<usize>>,
    assessors: Vec<Vec<usize>>,
    instance: Instance,
}

fn world(bids: usize, assessors: usize) -> World {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let weights: Vec<u64> = (1..=AREAS).map(|k| weight(k as u64)).collect();
    let bid_areas: Vec<Vec<usize>> = (0..bids).map(|_| chance.areas(3, &weights)).collect();
    let assessor_areas = (0..assessors).map(|_| chance.areas(5, &weights)).collect();
    let capacity = (39 * bids).div_ceil(10 * assessors);
    let supply = |at: usize, spare: usize| Supply {
        key: format!("{at:08}"),
        capacity: u32::try_from(capacity + spare).unwrap_or(u32::MAX),
        minimum: 0,
    };
    let need = |at: usize, areas: u32| Need { key: format!("{at:08}"), places: 3, areas };
    let instance = Instance {
        bids: (0..bids).map(|at| need(at, 1)).collect(),
        assessors: (0..assessors).map(|at| supply(at, chance.below(3))).collect(),
        ..Instance::default()
    };
    World { chance, bids: bid_areas, assessors: assessor_areas, instance }
}

/// Every pair that shares an area, or the best so many of each bid: 25 for each shared area, and chance.
fn listed(bids: usize, assessors: usize, best: usize) -> Instance {
    let World { mut chance, bids, assessors, mut instance } = world(bids, assessors);
    let set = |areas: &Vec<usize>| areas.iter().fold(0_u64, |all, area| all | 1 << area);
    let covered: Vec<u64> = assessors.iter().map(set).collect();
    for (bid, areas) in (0_u32..).zip(&bids) {
        let areas = set(areas);
        let mut pairs = Vec::new();
        for (assessor, covered) in (0_u32..).zip(&covered) {
            let shared = (areas & covered).count_ones();
            if shared == 0 || chance.below(100) == 0 {
                continue;
            }
            let fit = 25 * i64::from(shared) + 20 - signed(chance.below(20));
            pairs.push(Pair { bid, assessor, covers: 1, fit, standing: Standing::None });
        }
        pairs.sort_by_key(|pair| -pair.fit);
        pairs.truncate(best);
        pairs.sort_by_key(|pair| pair.assessor);
        instance.pairs.extend(pairs);
    }
    instance
}

/// Every pair that shares an area, as coverage; some cover an area from the county (300 less) or the region (600 less).
fn implied(bids: usize, assessors: usize) -> Instance {
    let World { mut chance, bids, assessors, mut instance } = world(bids, assessors);
    let coverage = &mut instance.coverage;
    coverage.assessors = vec![Vec::new(); AREAS];
    for (assessor, areas) in (0_u32..).zip(&assessors) {
        for &area in areas {
            let steps = [0, 0, 1, 2][chance.below(4)];
            coverage.assessors[area].push((assessor, 1_000 - 300 * steps));
        }
    }
    for ((bid, mut areas), need) in (0_u32..).zip(bids).zip(&mut instance.bids) {
        areas.sort_unstable();
        need.areas = u32::try_from(areas.len()).unwrap_or(u32::MAX);
        let conflicted = chance.below(assessors.len());
        if assessors[conflicted].iter().any(|area| areas.contains(area)) {
            coverage.barred.push((bid, u32::try_from(conflicted).unwrap_or(u32::MAX)));
        }
        coverage.areas.push(areas.into_iter().filter_map(|area| u32::try_from(area).ok()).collect());
    }
    instance
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The same numbers on every machine (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    /// 1 to `most` different areas, the `k`-th with weight `k^-0.7`.
    fn areas(&mut self, most: usize, weights: &[u64]) -> Vec<usize> {
        let count = 1 + self.below(most);
        let total: u64 = weights.iter().sum();
        let mut areas = Vec::new();
        while areas.len() < count {
            let mut left = self.next() % total;
            let area = weights.iter().position(|&weight| {
                let here = left < weight;
                left = left.saturating_sub(weight);
                here
            });
            areas.extend(area.filter(|area| !areas.contains(area)));
        }
        areas
    }
}

/// About a million times `k^-0.7`, in whole numbers: the root of order ten of `10⁶⁰ / k⁷`.
fn weight(k: u64) -> u64 {
    let (mut low, mut high) = (0_u128, 1_000_000_u128);
    while low < high {
        let middle = (low + high).div_ceil(2);
        // The tenth power, less 36 digits, so that the product stays within 128 bits.
        let tenth = (middle.pow(5) / 1_000_000_000_000_000_000).pow(2);
        let fits = tenth * u128::from(k).pow(7) <= 1_000_000_000_000_000_000_000_000;
        (low, high) = if fits { (middle, high) } else { (low, middle - 1) };
    }
    u64::try_from(low).unwrap_or(0)
}

/// How long this thread has been running on a processor, where the system tells, so that what else the machine does does
/// not count.
fn busy_seconds() -> f64 {
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = status.split(' ').next().and_then(|first| first.parse::<u64>().ok());
    Duration::from_nanos(nanoseconds.unwrap_or(0)).as_secs_f64()
}

/// The most memory that a process has had so far, where the system tells.
fn peak_mebibytes(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kibibytes.unwrap_or(0) / 1024
}
