//! How much better than raw means do adjusted scores recover the true order of bids, and where do
//! they not? `cargo run --release --example calibration_study [ROUNDS]` prints the tables of
//! `docs/calibration.md`; with `speed BIDS ASSESSORS` it times one large round instead.
//!
//! Each simulated round draws bids' quality (mean 60, deviation 10), assessors' leniency and noise from
//! normal distributions, the same on every machine but for last bits, and rounds each score as its
//! scenario says. A third of the bids is funded.
#![expect(clippy::print_stdout, reason = "a program whose output is its answer")]
#![expect(clippy::float_arithmetic, reason = "a simulation")]

use std::collections::BTreeSet;
use std::time::Instant;

use fasttrack::outcomes::calibrate::{Assessed, Fit, Line, calibrate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

const QUALITY: f64 = 10.0;

/// What rounds of one kind are like.
#[derive(Clone, Copy)]
struct Scenario {
    name: &'static str,
    bids: usize,
    assessors: usize,
    each: usize,
    leniency: f64,
    noise: f64,
    routing: Routing,
    /// Scores are multiples of this many points.
    step: f64,
    /// How much assessors differ in how far they spread their scores about 60; 0 as the model has it.
    stretch: f64,
}

#[derive(Clone, Copy)]
enum Routing {
    /// Any assessor, the least loaded first.
    Even,
    /// In groups of so many assessors, as many groups as that makes, with one bid in so many going to a
    /// neighbouring group as well.
    Groups { of: usize, crossing: usize },
    /// The more lenient assessors are given the better bids.
    LenientGetBetter,
}

const PLAIN: Scenario = Scenario {
    name: "",
    bids: 60,
    assessors: 18,
    each: 3,
    leniency: 6.0,
    noise: 6.0,
    routing: Routing::Even,
    step: 0.01,
    stretch: 0.0,
};

const SCENARIOS: [Scenario; 14] = [
    Scenario { name: "60 × 3, leniency as large as noise", ..PLAIN },
    Scenario { name: "the same, large leniency", leniency: 10.0, ..PLAIN },
    Scenario { name: "the same, small leniency", leniency: 2.0, ..PLAIN },
    Scenario { name: "the same, no leniency at all", leniency: 0.0, ..PLAIN },
    Scenario { name: "small round, 21 × 3, 9 assessors", bids: 21, assessors: 9, ..PLAIN },
    Scenario { name: "small round, small leniency", bids: 21, assessors: 9, leniency: 2.0, ..PLAIN },
    Scenario { name: "small round, 21 assessors, few overlaps", bids: 21, assessors: 21, ..PLAIN },
    Scenario { name: "60 × 2", each: 2, ..PLAIN },
    Scenario { name: "60 × 3, 60 assessors, few overlaps", assessors: 60, ..PLAIN },
    Scenario {
        name: "groups of 6, one bid in 10 crosses",
        routing: Routing::Groups { of: 6, crossing: 10 },
        ..PLAIN
    },
    Scenario {
        name: "groups of 3, one bid in 20 crosses",
        routing: Routing::Groups { of: 3, crossing: 20 },
        ..PLAIN
    },
    Scenario { name: "lenient assessors get the better bids", routing: Routing::LenientGetBetter, ..PLAIN },
    Scenario { name: "scores in steps of 5 points", step: 5.0, ..PLAIN },
    Scenario { name: "assessors also stretch the scale", stretch: 0.3, ..PLAIN },
];

/// Quality, by bid, and what assessors made of it.
struct Simulated {
    quality: Vec<f64>,
    leniency: Vec<f64>,
    assessed: Vec<Assessed>,
}

struct Random {
    source: ChaCha8Rng,
}

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        // Below `bound`, which is a usize.
        usize::try_from(self.source.next_u64() % bound as u64).unwrap_or_default()
    }

    /// Twelve uniform numbers, less six: near enough to normal, and the same everywhere.
    fn normal(&mut self, deviation: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| (self.source.next_u64() >> 11) as f64 / (1_u64 << 53) as f64).sum();
        deviation * (sum - 6.0)
    }
}

impl Scenario {
    fn simulate(&self, random: &mut Random) -> Simulated {
        let quality: Vec<f64> = (0..self.bids).map(|_| 60.0 + random.normal(QUALITY)).collect();
        let leniency: Vec<f64> = (0..self.assessors).map(|_| random.normal(self.leniency)).collect();
        let stretch: Vec<f64> = (0..self.assessors).map(|_| 1.0 + random.normal(self.stretch)).collect();
        let mut assessed = Vec::new();
        for (bid, assessors) in self.route(&quality, &leniency, random).into_iter().enumerate() {
            for assessor in assessors {
                let spread = 60.0 + stretch[assessor] * (quality[bid] - 60.0);
                let score = spread + leniency[assessor] + random.normal(self.noise);
                let score = ((score / self.step).round() * self.step).clamp(0.0, 100.0);
                assessed.push(Assessed { bid: bid_key(bid), assessor: assessor_key(assessor), score });
            }
        }
        Simulated { quality, leniency, assessed }
    }

    /// Who assesses each bid.
    fn route(&self, quality: &[f64], leniency: &[f64], random: &mut Random) -> Vec<Vec<usize>> {
        let mut loads = vec![0_usize; self.assessors];
        let mut by_leniency: Vec<usize> = (0..self.assessors).collect();
        by_leniency.sort_by(|left, right| leniency[*left].total_cmp(&leniency[*right]));
        let route = |bid: usize| {
            let pool: Vec<usize> = match self.routing {
                Routing::Even => (0..self.assessors).collect(),
                Routing::Groups { of, crossing } => {
                    let groups = self.assessors / of;
                    let group = bid % groups;
                    let next = if bid.is_multiple_of(crossing) { (group + 1) % groups } else { group };
                    (0..self.assessors).filter(|one| [group, next].contains(&(one / of))).collect()
                }
                Routing::LenientGetBetter => {
                    let better = quality.iter().filter(|other| **other < quality[bid]).count();
                    let middle = better * self.assessors / self.bids;
                    let width = self.assessors / 3;
                    let first = middle.saturating_sub(width / 2).min(self.assessors - width);
                    by_leniency[first..first + width].to_vec()
                }
            };
            let mut keyed: Vec<(usize, usize, usize)> =
                pool.into_iter().map(|one| (loads[one], random.below(1 << 30), one)).collect();
            keyed.sort_unstable();
            let chosen: Vec<usize> = keyed.into_iter().take(self.each).map(|(_, _, one)| one).collect();
            chosen.iter().for_each(|one| loads[*one] += 1);
            chosen
        };
        (0..self.bids).map(route).collect()
    }
}

fn bid_key(bid: usize) -> String {
    format!("B{bid:05}")
}

fn assessor_key(assessor: usize) -> String {
    format!("A{assessor:05}")
}

/// One quantity over all rounds.
#[derive(Default)]
struct Tally {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Tally {
    fn add(&mut self, number: f64) {
        self.count += 1.0;
        self.sum += number;
        self.squares += number * number;
    }

    fn mean(&self) -> f64 {
        self.sum / self.count
    }

    /// Of the mean.
    fn error(&self) -> f64 {
        let variance = self.squares / self.count - self.mean() * self.mean();
        (variance.max(0.0) / self.count).sqrt()
    }
}

#[derive(Default)]
struct Recovery {
    raw: Tally,
    adjusted: Tally,
    gain: Tally,
    better: Tally,
    worse: Tally,
    raw_funded: Tally,
    adjusted_funded: Tally,
    funded_gain: Tally,
    scores_covered: Tally,
    leniencies_covered: Tally,
    ranks_covered: Tally,
    /// Predicted chance, and whether it came true, for bids with a chance of 40 to 60 %.
    even_chance: Tally,
    came_true: Tally,
    not_estimated: Tally,
}

impl Recovery {
    fn add(&mut self, round: &Simulated) {
        let fit = Fit::of(&round.assessed);
        let raw: Vec<f64> = fit.bids.iter().map(|bid| bid.mean).collect();
        let adjusted: Vec<f64> = fit.bids.iter().map(|bid| bid.adjusted).collect();
        let (of_raw, of_adjusted) = (tau(&raw, &round.quality), tau(&adjusted, &round.quality));
        self.raw.add(of_raw);
        self.adjusted.add(of_adjusted);
        self.gain.add(of_adjusted - of_raw);
        self.better.add(f64::from(u8::from(of_adjusted > of_raw)));
        self.worse.add(f64::from(u8::from(of_adjusted < of_raw)));
        let (raw_funded, adjusted_funded) =
            (rightly(&raw, &round.quality), rightly(&adjusted, &round.quality));
        self.raw_funded.add(raw_funded);
        self.adjusted_funded.add(adjusted_funded);
        self.funded_gain.add(adjusted_funded - raw_funded);
        self.not_estimated.add(f64::from(u8::from(fit.leniency_variance == 0.0)));
        self.cover(round, &fit, &adjusted);
    }

    /// Whether intervals hold the truth as often as they say.
    fn cover(&mut self, round: &Simulated, fit: &Fit, adjusted: &[f64]) {
        let covers = |estimate: f64, error: Option<f64>, truth: f64| {
            error.map(|error| f64::from(u8::from((estimate - truth).abs() <= 1.96 * error)))
        };
        for (bid, truth) in fit.bids.iter().zip(&round.quality) {
            if let Some(covered) = covers(bid.adjusted, bid.standard_error, *truth) {
                self.scores_covered.add(covered);
            }
        }
        for assessor in &fit.assessors {
            let number: Option<usize> = assessor.assessor[1..].parse().ok();
            let truth = number.and_then(|number| round.leniency.get(number));
            if let (Some(leniency), Some(truth)) = (assessor.leniency, truth)
                && let Some(covered) = covers(leniency, assessor.standard_error, *truth)
            {
                self.leniencies_covered.add(covered);
            }
        }
        let funded = best(adjusted).into_iter().map(bid_key).collect();
        let competing = fit.bids.iter().map(|bid| bid.bid.clone()).collect();
        let line = Line { competing, funded, ..Line::default() };
        let calibration = calibrate(&round.assessed, &line);
        if calibration.parts.len() > 1 {
            return;
        }
        let truly_best = best(&round.quality);
        for (at, bid) in calibration.bids.iter().enumerate() {
            let Some(rank) = bid.rank else { continue };
            let truth = 1 + round.quality.iter().filter(|other| **other > round.quality[at]).count();
            self.ranks_covered.add(f64::from(u8::from((rank.best..=rank.worst).contains(&truth))));
            if let Some(percent) = rank.above_line_percent.filter(|percent| (40..=60).contains(percent)) {
                self.even_chance.add(f64::from(percent) / 100.0);
                self.came_true.add(f64::from(u8::from(truly_best.contains(&at))));
            }
        }
    }
}

/// Kendall's tau-b of two orders, the second without ties.
fn tau(scores: &[f64], truth: &[f64]) -> f64 {
    let (mut agreeing, mut tied, mut pairs) = (0.0_f64, 0.0_f64, 0.0_f64);
    for one in 0..scores.len() {
        for other in 0..one {
            let sign = (scores[one] - scores[other]) * (truth[one] - truth[other]);
            pairs += 1.0;
            if sign > 0.0 {
                agreeing += 1.0;
            } else if sign < 0.0 {
                agreeing -= 1.0;
            } else {
                tied += 1.0;
            }
        }
    }
    agreeing / (pairs * (pairs - tied)).sqrt()
}

/// The best third.
fn best(scores: &[f64]) -> BTreeSet<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|left, right| scores[*right].total_cmp(&scores[*left]));
    order.into_iter().take(scores.len() / 3).collect()
}

/// The share of the funded bids that the truth would fund.
fn rightly(scores: &[f64], truth: &[f64]) -> f64 {
    let (funded, truly) = (best(scores), best(truth));
    funded.intersection(&truly).count() as f64 / truly.len() as f64
}

fn percent(tally: &Tally) -> String {
    if tally.count == 0.0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * tally.mean()) }
}

fn study(rounds: usize) {
    let mut recoveries = Vec::new();
    for (seed, scenario) in (1..).zip(&SCENARIOS) {
        let mut random = Random { source: ChaCha8Rng::seed_from_u64(seed) };
        let mut recovery = Recovery::default();
        (0..rounds).for_each(|_| recovery.add(&scenario.simulate(&mut random)));
        recoveries.push((scenario, recovery));
    }
    println!(
        "| round | τ, raw mean | τ, adjusted | gain (± its error) | better / worse in | rightly funded, raw | adjusted | gain (± its error) |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- |");
    for (scenario, found) in &recoveries {
        println!(
            "| {} | {:.3} | {:.3} | {:+.3} ± {:.3} | {:.0} % / {:.0} % | {} | {} | {:+.1} ± {:.1} points |",
            scenario.name,
            found.raw.mean(),
            found.adjusted.mean(),
            found.gain.mean(),
            found.gain.error(),
            100.0 * found.better.mean(),
            100.0 * found.worse.mean(),
            percent(&found.raw_funded),
            percent(&found.adjusted_funded),
            100.0 * found.funded_gain.mean(),
            100.0 * found.funded_gain.error(),
        );
    }
    println!();
    println!(
        "| round | truth inside: score's interval | leniency's interval | rank range | chances of 40–60 % said | came true | no leniency found |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (scenario, found) in &recoveries {
        println!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            scenario.name,
            percent(&found.scores_covered),
            percent(&found.leniencies_covered),
            percent(&found.ranks_covered),
            percent(&found.even_chance),
            percent(&found.came_true),
            percent(&found.not_estimated),
        );
    }
}

fn speed(bids: usize, assessors: usize) {
    let scenario = Scenario { bids, assessors, ..PLAIN };
    let round = scenario.simulate(&mut Random { source: ChaCha8Rng::seed_from_u64(1) });
    let keys: BTreeSet<String> = (0..bids).map(bid_key).collect();
    let funded = keys.iter().take(bids / 3).cloned().collect();
    let line = Line { funded, competing: keys, ..Line::default() };
    let start = Instant::now();
    let fit = Fit::of(&round.assessed);
    println!("{bids} bids × {}, {assessors} assessors: fitted in {:.2?}", scenario.each, start.elapsed());
    let start = Instant::now();
    let calibration = calibrate(&round.assessed, &line);
    println!(
        "with ranks and chances in {:.2?}; {} bids shown, {:?}",
        start.elapsed(),
        calibration.bids.len(),
        fit.verdict
    );
}

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    match (std::env::args().any(|argument| argument == "speed"), &numbers[..]) {
        (true, [bids, assessors]) => speed(*bids, *assessors),
        (true, _) => println!("usage: calibration_study speed BIDS ASSESSORS"),
        (false, numbers) => study(numbers.first().copied().unwrap_or(500)),
    }
}
