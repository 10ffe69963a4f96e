//! Who may take which bids, in runs that are quick to look through.
//!
//! Bids of the same areas share a pool, and bids of the same themes what these add, so that both take the memory of areas and
//! themes, not of the pairs. A pool is made when it is first looked at: a repair looks at few. It must not know what stands, nor
//! what is barred.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::canonical::is_among;
use super::{Instance, Pair, Standing, number};

pub(super) struct Pools {
    /// By area, those who cover it, as rank and fit.
    coverage: Vec<Vec<(u32, i64)>>,
    /// By theme, those who share it, as rank and what that adds.
    sharing: Vec<Vec<(u32, i64)>>,
    assessors: usize,
    by_areas: HashMap<Vec<u32>, u32>,
    pools: Vec<Pool>,
    by_themes: HashMap<Vec<u32>, u32>,
    additions: Vec<Additions>,
}

/// What a bid draws on.
#[derive(Clone, Copy)]
pub(super) struct Draws {
    pool: u32,
    additions: u32,
}

struct Pool {
    areas: Vec<u32>,
    filled: OnceCell<Filled>,
}

#[derive(Default)]
struct Filled {
    entries: Vec<Entry>,
    /// Covers, where the entries begin, and the best fit among them.
    runs: Vec<(u64, usize, i64)>,
    least: i64,
}

/// What sharing themes adds to fits.
struct Additions {
    themes: Vec<u32>,
    summed: OnceCell<Summed>,
}

#[derive(Default)]
struct Summed {
    /// By assessor; empty where there are no themes.
    adds: Vec<i32>,
    least: i64,
    most: i64,
}

#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) assessor: u32,
    /// Without what themes add.
    fit: i32,
}

/// Those of a pool who cover the same areas of the bid, by rank.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) covers: u64,
    pub(super) entries: &'a [Entry],
    adds: &'a [i32],
    /// No fit in the run is better.
    pub(super) best_fit: i64,
}

impl<'a> Run<'a> {
    pub(super) fn find(&self, assessor: u32) -> Option<&'a Entry> {
        let at = self.entries.binary_search_by_key(&assessor, |entry| entry.assessor);
        at.ok().map(|at| &self.entries[at])
    }

    pub(super) fn fit(&self, entry: &Entry) -> i64 {
        let adds = self.adds.get(entry.assessor as usize).copied().unwrap_or(0);
        i64::from(entry.fit) + i64::from(adds)
    }

    /// An entry as a pair of a bid.
    pub(super) fn pair(&self, bid: usize, entry: &Entry) -> Pair {
        Pair {
            bid: number(bid),
            assessor: entry.assessor,
            covers: self.covers,
            fit: self.fit(entry),
            standing: Standing::None,
        }
    }

    /// Is there anybody in the run who is not among the exceptions?
    pub(super) fn has_other_than(&self, exceptions: &[Pair]) -> bool {
        self.entries.len() > exceptions.len()
            || self.entries.iter().any(|entry| !is_among(exceptions, entry.assessor))
    }
}

impl Pools {
    pub(super) fn new(instance: &Instance, ranks: &[u32]) -> Self {
        let ranked = |&(assessor, fit): &(u32, i64)| (ranks[assessor as usize], fit);
        let all = |lists: &[Vec<(u32, i64)>]| {
            lists.iter().map(|list| list.iter().map(ranked).collect()).collect::<Vec<Vec<_>>>()
        };
        Self {
            coverage: all(&instance.coverage.assessors),
            sharing: all(&instance.coverage.sharing),
            assessors: ranks.len(),
            by_areas: HashMap::new(),
            pools: Vec::new(),
            by_themes: HashMap::from([(Vec::new(), 0)]),
            additions: vec![Additions { themes: Vec::new(), summed: OnceCell::new() }],
        }
    }

    /// What all bids with these areas and themes draw on, in this order.
    pub(super) fn share(&mut self, areas: &[u32], themes: &[u32]) -> Draws {
        let pool = self.by_areas.get(areas).copied().unwrap_or_else(|| {
            self.pools.push(Pool { areas: areas.to_vec(), filled: OnceCell::new() });
            self.by_areas.insert(areas.to_vec(), number(self.pools.len() - 1));
            number(self.pools.len() - 1)
        });
        let additions = self.by_themes.get(themes).copied().unwrap_or_else(|| {
            self.additions.push(Additions { themes: themes.to_vec(), summed: OnceCell::new() });
            self.by_themes.insert(themes.to_vec(), number(self.additions.len() - 1));
            number(self.additions.len() - 1)
        });
        Draws { pool, additions }
    }

    /// What a bid draws on whose pairs are listed.
    pub(super) fn list(&mut self, pairs: &mut [Pair]) -> Draws {
        if !pairs.is_sorted_by_key(|pair| pair.covers) {
            pairs.sort_by_key(|pair| pair.covers);
        }
        let who = pairs.iter().map(|pair| (pair.covers, pair.assessor, pair.fit));
        self.pools.push(Pool { areas: Vec::new(), filled: OnceCell::from(filled(who)) });
        Draws { pool: number(self.pools.len() - 1), additions: 0 }
    }

    pub(super) fn runs(&self, draws: Draws) -> impl Iterator<Item = Run<'_>> {
        let Filled { entries, runs, .. } = self.filled(draws);
        let Summed { adds, most, .. } = self.summed(draws);
        runs.iter().enumerate().map(move |(run, &(covers, start, best_fit))| {
            let end = runs.get(run + 1).map_or(entries.len(), |next| next.1);
            Run { covers, entries: &entries[start..end], adds, best_fit: best_fit + most }
        })
    }

    /// The areas behind the bits of covers, each with the number under which what themes add is known; none where pairs are listed.
    pub(super) fn areas(&self, draws: Draws) -> impl Iterator<Item = (u32, u32)> {
        let areas = &self.pools[draws.pool as usize].areas;
        areas.iter().map(move |&area| (area, draws.additions))
    }

    /// Who covers one of these areas, and how well they fit it with what themes add.
    pub(super) fn fits_of_area(&self, (area, additions): (u32, u32)) -> impl Iterator<Item = (u32, i64)> {
        let additions = &self.additions[additions as usize];
        let Summed { adds, .. } = additions.summed.get_or_init(|| self.sum(&additions.themes));
        let adds = move |assessor: u32| adds.get(assessor as usize).copied().map_or(0, i64::from);
        self.coverage[area as usize].iter().map(move |&(assessor, fit)| (assessor, fit + adds(assessor)))
    }

    /// What no fit is under, and none above; 0 if that is beyond them.
    pub(super) fn fits(&self, draws: Draws) -> (i64, i64) {
        let most = self.runs(draws).map(|run| run.best_fit).fold(0, i64::max);
        ((self.filled(draws).least + self.summed(draws).least).min(0), most)
    }

    fn filled(&self, draws: Draws) -> &Filled {
        let pool = &self.pools[draws.pool as usize];
        pool.filled.get_or_init(|| self.fill(&pool.areas))
    }

    fn summed(&self, draws: Draws) -> &Summed {
        let additions = &self.additions[draws.additions as usize];
        additions.summed.get_or_init(|| self.sum(&additions.themes))
    }

    fn fill(&self, areas: &[u32]) -> Filled {
        let mut who: Vec<(u64, u32, i64)> = Vec::new();
        let mut place: Vec<u32> = vec![u32::MAX; self.assessors];
        for (bit, &area) in areas.iter().enumerate() {
            for &(assessor, fit) in &self.coverage[area as usize] {
                let at = &mut place[assessor as usize];
                if let Some(known) = who.get_mut(*at as usize) {
                    *known = (known.0 | 1 << bit, assessor, known.2.max(fit));
                } else {
                    *at = number(who.len());
                    who.push((1 << bit, assessor, fit));
                }
            }
        }
        who.sort_unstable();
        filled(who.into_iter())
    }

    fn sum(&self, themes: &[u32]) -> Summed {
        if themes.is_empty() {
            return Summed::default();
        }
        let mut sums = vec![0_i64; self.assessors];
        for &(assessor, adds) in themes.iter().flat_map(|&theme| &self.sharing[theme as usize]) {
            sums[assessor as usize] += adds;
        }
        Summed {
            least: sums.iter().copied().fold(0, i64::min),
            most: sums.iter().copied().fold(0, i64::max),
            adds: sums.into_iter().map(small).collect(),
        }
    }
}

/// `who`, by covers and rank.
fn filled(who: impl Iterator<Item = (u64, u32, i64)>) -> Filled {
    let mut filled = Filled::default();
    for (covers, assessor, fit) in who {
        match filled.runs.last_mut() {
            Some(run) if run.0 == covers => run.2 = run.2.max(fit),
            Some(_) | None => filled.runs.push((covers, filled.entries.len(), fit)),
        }
        filled.least = filled.least.min(fit);
        filled.entries.push(Entry { assessor, fit: small(fit) });
    }
    filled.entries.shrink_to_fit();
    filled
}

/// A fit within [`super::MAX_FIT`], which is checked before, is within 32 bits.
fn small(fit: i64) -> i32 {
    i32::try_from(fit).unwrap_or(if fit < 0 { i32::MIN } else { i32::MAX })
}
