//! Who may take which bids, in runs that are quick to look through.
//!
//! Bids of the same areas and themes share a pool, so that it takes the memory of these, not of the pairs. It must not
//! know what stands, nor what is barred.

use std::collections::HashMap;

use super::canonical::is_among;
use super::{Instance, Pair, Standing, number};

pub(super) struct Pools {
    /// By area, those who cover it, as rank and fit.
    coverage: Vec<Vec<(u32, i64)>>,
    /// By theme, those who share it, as rank and what that adds.
    sharing: Vec<Vec<(u32, i64)>>,
    assessors: usize,
    /// By areas and themes.
    shared: HashMap<(Vec<u32>, Vec<u32>), u32>,
    entries: Vec<Entry>,
    /// Covers, where the entries begin, and the best fit among them.
    runs: Vec<(u64, usize, i64)>,
    /// Where the runs of a pool begin.
    first: Vec<usize>,
    fits: (i64, i64),
}

#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) assessor: u32,
    pub(super) fit: i32,
}

/// Those of a pool who cover the same areas of the bid, by rank.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) covers: u64,
    pub(super) entries: &'a [Entry],
    pub(super) best_fit: i64,
}

impl<'a> Run<'a> {
    pub(super) fn find(&self, assessor: u32) -> Option<&'a Entry> {
        let at = self.entries.binary_search_by_key(&assessor, |entry| entry.assessor);
        at.ok().map(|at| &self.entries[at])
    }

    /// An entry as a pair of a bid.
    pub(super) fn pair(&self, bid: usize, entry: &Entry) -> Pair {
        Pair {
            bid: number(bid),
            assessor: entry.assessor,
            covers: self.covers,
            fit: i64::from(entry.fit),
            standing: Standing::None,
        }
    }

    /// Is there anybody in the run who is not among the exceptions?
    pub(super) fn has_other_than(&self, exceptions: &[Pair]) -> bool {
        self.entries.iter().any(|entry| !is_among(exceptions, entry.assessor))
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
            shared: HashMap::new(),
            entries: Vec::with_capacity(instance.pairs.len()),
            runs: Vec::new(),
            first: vec![0],
            fits: (0, 0),
        }
    }

    /// The pool of all bids with these areas and themes, in this order.
    pub(super) fn share(&mut self, areas: &[u32], themes: &[u32]) -> u32 {
        let key = (areas.to_vec(), themes.to_vec());
        if let Some(&pool) = self.shared.get(&key) {
            return pool;
        }
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
        for &(assessor, adds) in themes.iter().flat_map(|&theme| &self.sharing[theme as usize]) {
            if let Some(known) = who.get_mut(place[assessor as usize] as usize) {
                known.2 += adds;
            }
        }
        who.sort_unstable();
        let pool = self.add(who.into_iter());
        self.shared.insert(key, pool);
        pool
    }

    /// The pool of a bid whose pairs are listed.
    pub(super) fn list(&mut self, pairs: &mut [Pair]) -> u32 {
        if !pairs.is_sorted_by_key(|pair| pair.covers) {
            pairs.sort_by_key(|pair| pair.covers);
        }
        self.add(pairs.iter().map(|pair| (pair.covers, pair.assessor, pair.fit)))
    }

    fn add(&mut self, who: impl Iterator<Item = (u64, u32, i64)>) -> u32 {
        let first = self.runs.len();
        for (covers, assessor, fit) in who {
            match self.runs[first..].last_mut() {
                Some(run) if run.0 == covers => run.2 = run.2.max(fit),
                Some(_) | None => self.runs.push((covers, self.entries.len(), fit)),
            }
            self.entries.push(Entry { assessor, fit: small(fit) });
        }
        for run in first..self.runs.len() {
            self.fits.1 = self.fits.1.max(self.runs[run].2);
        }
        let least = self.entries[self.runs.get(first).map_or(self.entries.len(), |run| run.1)..]
            .iter()
            .map(|entry| i64::from(entry.fit))
            .fold(self.fits.0, i64::min);
        self.fits.0 = least;
        self.first.push(self.runs.len());
        number(self.first.len() - 2)
    }

    pub(super) fn runs(&self, pool: u32) -> impl Iterator<Item = Run<'_>> {
        let pool = pool as usize;
        (self.first[pool]..self.first[pool + 1]).map(|run| {
            let (covers, start, best_fit) = self.runs[run];
            let end = self.runs.get(run + 1).map_or(self.entries.len(), |next| next.1);
            Run { covers, entries: &self.entries[start..end], best_fit }
        })
    }

    /// The least and the largest fit, or 0 if that is beyond them.
    pub(super) const fn fits(&self) -> (i64, i64) {
        self.fits
    }
}

/// A fit within [`super::MAX_FIT`], which is checked before, is within 32 bits.
fn small(fit: i64) -> i32 {
    i32::try_from(fit).unwrap_or(if fit < 0 { i32::MIN } else { i32::MAX })
}
