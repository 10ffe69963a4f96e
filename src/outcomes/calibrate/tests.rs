//! The model against an independent implementation, and what must hold of any scores.

#![expect(clippy::expect_used, reason = "a test that cannot read its data has failed")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::super::exact::Score;
use super::*;

fn assessed(bid: &str, assessor: &str, score: f64) -> Assessed {
    Assessed { bid: bid.to_owned(), assessor: assessor.to_owned(), score }
}

fn read(csv: &str) -> Vec<Assessed> {
    let row = |line: &str| {
        let mut cells = line.split(',');
        let mut cell = || cells.next().expect("a cell");
        assessed(cell(), cell(), cell().parse().expect("a score"))
    };
    csv.lines().skip(1).map(row).collect()
}

/// What `tests/calibration/reference.py` found with statsmodels, to four digits.
#[track_caller]
fn agrees(csv: &str, expected: &str) {
    let fit = Fit::of(&read(csv));
    let expected: Value = serde_json::from_str(expected).expect("JSON");
    close("leniency's variance", fit.leniency_variance, &expected["leniency_variance"]);
    close("noise's variance", fit.noise_variance, &expected["noise_variance"]);
    assert_eq!(fit.bids.len(), expected["bids"].as_object().expect("bids").len());
    for bid in &fit.bids {
        let expected = &expected["bids"][&bid.bid];
        close(&bid.bid, bid.adjusted, &expected[0]);
        close(&bid.bid, bid.standard_error.expect("an error"), &expected[1]);
    }
    assert_eq!(fit.assessors.len(), expected["assessors"].as_object().expect("assessors").len());
    for assessor in &fit.assessors {
        let expected = &expected["assessors"][&assessor.assessor];
        close(&assessor.assessor, assessor.leniency.expect("a leniency"), &expected[0]);
        match assessor.standard_error {
            Some(error) => close(&assessor.assessor, error, &expected[1]),
            None => assert_eq!(expected[1], Value::Null),
        }
    }
}

#[track_caller]
fn close(what: &str, ours: f64, theirs: &Value) {
    let theirs = theirs.as_f64().expect("a number");
    assert!((ours - theirs).abs() <= 0.000_05 * theirs.abs().max(1.0), "{what}: {ours}, not {theirs}");
}

macro_rules! agrees_with_statsmodels {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            agrees(
                include_str!(concat!("../../../tests/data/calibration/", stringify!($name), ".csv")),
                include_str!(concat!("../../../tests/data/calibration/", stringify!($name), ".expected.json")),
            );
        }
    )*};
}

mod calibration_agrees_with_statsmodels {
    use super::agrees;

    agrees_with_statsmodels! { balanced unbalanced planted two_parts no_leniency }
}

/// Every bid competes; the first ones by key are funded.
fn line(assessed: &[Assessed], funded: usize) -> Line {
    let competing: BTreeSet<String> = assessed.iter().map(|one| one.bid.clone()).collect();
    Line { funded: competing.iter().take(funded).cloned().collect(), competing, ..Line::default() }
}

/// As [`line`], drawn by a threshold.
fn threshold(assessed: &[Assessed], points: u32) -> Line {
    Line { drawn_by: DrawnBy::Threshold, threshold: Some(points), ..line(assessed, 0) }
}

fn chances(shown: &Calibration) -> Vec<Option<u32>> {
    let ranks = shown.bids.iter().filter_map(|bid| bid.rank);
    ranks.map(|rank| rank.above_line_percent).collect()
}

fn adjusted(fit: &Fit) -> BTreeMap<&str, f64> {
    fit.bids.iter().map(|bid| (bid.bid.as_str(), bid.adjusted)).collect()
}

fn leniencies(fit: &Fit) -> BTreeMap<&str, Option<f64>> {
    fit.assessors.iter().map(|assessor| (assessor.assessor.as_str(), assessor.leniency)).collect()
}

#[track_caller]
fn near(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-6, "{one} is not {other}");
}

/// A round of 8 bids and 4 assessors, 2 to 4 for each bid, scores in whole points.
fn rounds() -> impl Strategy<Value = Vec<Assessed>> {
    let bid = (0..4_usize, 2..=4_usize, prop::collection::vec(0..=100_u8, 4));
    prop::collection::vec(bid, 8).prop_map(|bids| {
        let of_bid = |(number, (first, size, scores)): (usize, (usize, usize, Vec<u8>))| {
            (0..size)
                .map(move |at| {
                    assessed(&format!("B{number}"), &format!("A{}", (first + at) % 4), scores[at].into())
                })
                .collect::<Vec<_>>()
        };
        bids.into_iter().enumerate().flat_map(of_bid).collect()
    })
}

// Drawing ranks takes its time without optimisation.
proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_input_changes_nothing((given, shuffled) in rounds().prop_flat_map(|given| (Just(given.clone()), Just(given).prop_shuffle()))) {
        prop_assert_eq!(calibrate(&given, &line(&given, 3)), calibrate(&shuffled, &line(&shuffled, 3)));
    }

    #[test]
    fn chances_add_up_to_the_bids_above_the_line(given in rounds(), funded in 0..=8_usize) {
        let shown = calibrate(&given, &line(&given, funded));
        prop_assume!(shown.verdict.has_errors());
        for part in &shown.parts {
            let ranks: Vec<RankInPart> =
                shown.bids.iter().filter(|bid| bid.part == part.part).filter_map(|bid| bid.rank).collect();
            let total: u32 = ranks.iter().filter_map(|rank| rank.above_line_percent).sum();
            let rounding = u32::try_from(ranks.len()).unwrap_or_default();
            prop_assert!(total.abs_diff(u32::try_from(part.funded).unwrap_or_default() * 100) <= rounding);
            for rank in ranks {
                prop_assert!(rank.best <= rank.rank && rank.rank <= rank.worst && rank.worst <= rank.of);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn more_from_one_assessor_moves_adjusted_scores_less_than_means(given in rounds(), more in 1.0..30.0_f64) {
        let raised: Vec<Assessed> = given
            .iter()
            .map(|one| if one.assessor == "A0" { assessed(&one.bid, "A0", one.score + more) } else { one.clone() })
            .collect();
        let components = |fit: &Fit| components::Components {
            ratio: if fit.noise_variance > 0.0 { fit.leniency_variance / fit.noise_variance } else { 1.0 },
            noise: fit.noise_variance.max(1.0),
            bound: components::Bound::Inside,
        };
        let before = Fit::of(&given);
        prop_assume!(before.verdict == Verdict::Estimated);
        let after = fit_with(&raised, components(&before));
        let spread = |before: Vec<f64>, after: Vec<f64>| {
            let moved: Vec<f64> = before.iter().zip(&after).map(|(before, after)| after - before).collect();
            let mean = moved.iter().sum::<f64>() / moved.len() as f64;
            moved.iter().map(|moved| (moved - mean).powi(2)).sum::<f64>()
        };
        let means = |fit: &Fit| fit.bids.iter().map(|bid| bid.mean).collect::<Vec<_>>();
        let scores = |fit: &Fit| fit.bids.iter().map(|bid| bid.adjusted).collect::<Vec<_>>();
        let of_means = spread(means(&before), means(&after));
        prop_assert!(spread(scores(&before), scores(&after)) <= of_means + 1e-9);
    }

    #[test]
    fn more_from_every_assessor_moves_every_score_by_as_much(given in rounds(), more in -30.0..30.0_f64) {
        let raised: Vec<Assessed> =
            given.iter().map(|one| assessed(&one.bid, &one.assessor, one.score + more)).collect();
        let (before, after) = (Fit::of(&given), Fit::of(&raised));
        for (before, after) in before.bids.iter().zip(&after.bids) {
            prop_assert!((after.adjusted - before.adjusted - more).abs() < 1e-6);
        }
    }

    #[test]
    fn leniencies_of_a_part_total_zero(given in rounds()) {
        let fit = Fit::of(&given);
        let mut totals: BTreeMap<usize, f64> = BTreeMap::new();
        for assessor in &fit.assessors {
            *totals.entry(assessor.part).or_default() += assessor.leniency.unwrap_or_default();
        }
        prop_assert!(totals.values().all(|total| total.abs() < 1e-6), "{totals:?}");
    }

    #[test]
    fn parts_are_independent(given in rounds(), more in 1.0..20.0_f64) {
        let other = |add: f64| given.iter().map(move |one| assessed(&format!("X{}", one.bid), &format!("X{}", one.assessor), one.score + add));
        let both = |add: f64| Fit::of(&given.iter().cloned().chain(other(add)).collect::<Vec<_>>());
        let (before, after) = (both(0.0), both(more));
        for (before, after) in before.bids.iter().zip(&after.bids) {
            let moved = if before.bid.starts_with('X') { more } else { 0.0 };
            prop_assert!((after.adjusted - before.adjusted - moved).abs() < 1e-6);
        }
    }
}

fn fit_with(given: &[Assessed], components: components::Components) -> Fit {
    let design = design::Design::of(given);
    let equations = design.parts.iter().map(|part| design.equations(part)).collect();
    Fit::with(design, equations, components)
}

#[test]
fn a_part_is_solved_as_if_it_were_alone() {
    let both = read(include_str!("../../../tests/data/calibration/two_parts.csv"));
    let components = components::Components { ratio: 1.2, noise: 30.0, bound: components::Bound::Inside };
    let together = fit_with(&both, components);
    let first: BTreeSet<&str> =
        together.bids.iter().filter(|bid| bid.part == 0).map(|bid| bid.bid.as_str()).collect();
    assert!(first.len() > 1 && first.len() < together.bids.len());
    let alone: Vec<Assessed> = both.iter().filter(|one| first.contains(one.bid.as_str())).cloned().collect();
    for (bid, adjusted_alone) in adjusted(&fit_with(&alone, components)) {
        near(adjusted_alone, adjusted(&together)[bid]);
    }
}

#[test]
fn nothing_is_ranked_across_parts() {
    let given = read(include_str!("../../../tests/data/calibration/two_parts.csv"));
    let shown = calibrate(&given, &line(&given, 10));
    assert_eq!(shown.parts.len(), 2);
    for part in &shown.parts {
        let ranks: Vec<RankInPart> =
            shown.bids.iter().filter(|bid| bid.part == part.part).filter_map(|bid| bid.rank).collect();
        assert_eq!(ranks.len(), part.bids);
        assert!(ranks.iter().all(|rank| rank.of == part.bids && rank.worst <= part.bids));
    }
    assert!(shown.warnings[0].contains("2 parts"), "{:?}", shown.warnings);
}

#[test]
fn only_competing_bids_are_ranked_and_all_tell_of_leniency() {
    let given = read(include_str!("../../../tests/data/calibration/planted.csv"));
    let all = line(&given, 20);
    let without = Line { competing: all.competing.iter().skip(1).cloned().collect(), ..Line::default() };
    let (with_all, with_some) = (calibrate(&given, &all), calibrate(&given, &without));
    assert_eq!(with_all.assessors, with_some.assessors);
    assert_eq!(with_some.bids[0].rank, None);
    assert_eq!(with_some.bids[1].rank.map(|rank| rank.of), Some(79));
    assert!(chances(&with_some).iter().all(|chance| *chance == Some(0)));
}

#[test]
fn where_there_is_money_for_all_the_threshold_draws_the_line() {
    let given = read(include_str!("../../../tests/data/calibration/planted.csv"));
    let shown = calibrate(&given, &threshold(&given, 60));
    assert_eq!(shown.line_drawn_by, DrawnBy::Threshold);
    assert!(shown.line.contains("the threshold of 60 points draws the line"), "{}", shown.line);
    // Each bid's chance is that of a normal distribution about its adjusted score, whatever the others'.
    let mut doubted = 0;
    for bid in &shown.bids {
        let above = |score: &Score| score.hundredths() as f64 / 100.0;
        let distance = (above(&bid.adjusted) - 60.0) / bid.standard_error.as_ref().map_or(f64::NAN, above);
        let expected = 50.0 * (1.0 + libm::erf(distance / 2.0_f64.sqrt()));
        let chance = bid.rank.and_then(|rank| rank.above_line_percent).map_or(f64::NAN, f64::from);
        assert!((chance - expected).abs() < 2.0, "{}: {chance}, not {expected}", bid.bid);
        doubted += usize::from((20.0..80.0).contains(&chance));
    }
    assert!(doubted > 5, "the threshold is near some bids");
    // One that all are far above puts nobody in doubt, the last no more than the first.
    assert!(chances(&calibrate(&given, &threshold(&given, 5))).iter().all(|chance| *chance == Some(100)));
}

#[test]
fn money_pays_nobody_below_the_threshold() {
    let given = read(include_str!("../../../tests/data/calibration/planted.csv"));
    let by_money = line(&given, 79);
    let both = Line { threshold: Some(60), ..by_money.clone() };
    let (by_money, both, by_threshold) =
        [by_money, both, threshold(&given, 60)].map(|line| chances(&calibrate(&given, &line))).into();
    assert!(both.iter().zip(&by_money).all(|(both, one)| both <= one));
    assert_ne!(both, by_money);
    assert_eq!(both, by_threshold, "79 of 80 places are more than ever pass it");
}

#[test]
fn what_is_barred_from_the_line_takes_no_place_above_it() {
    let given = read(include_str!("../../../tests/data/calibration/planted.csv"));
    let all = line(&given, 20);
    let best = calibrate(&given, &all).bids.into_iter().min_by_key(|bid| bid.rank.map(|rank| rank.rank));
    let best = best.map(|bid| bid.bid).unwrap_or_default();
    let barred = Line { barred: BTreeSet::from([best.clone()]), ..all.clone() };
    let shown = calibrate(&given, &barred);
    let of_best = shown.bids.iter().find(|bid| bid.bid == best).and_then(|bid| bid.rank);
    assert_eq!(of_best.map(|rank| (rank.rank, rank.above_line_percent)), Some((1, None)));
    let funded = 20 - u32::from(all.funded.contains(&best));
    let total: u32 = chances(&shown).into_iter().flatten().sum();
    assert!(total.abs_diff(funded * 100) <= 80, "{total}");
}

/// Two assessors for each of some bids, in a ring, so that noise and leniency can be told apart.
fn ring(bids: usize, score: impl Fn(usize, usize) -> f64) -> Vec<Assessed> {
    let pair = |bid: usize| [(bid, bid % 4), (bid, (bid + 1) % 4)];
    let given = (0..bids).flat_map(pair);
    given
        .map(|(bid, assessor)| assessed(&format!("B{bid}"), &format!("A{assessor}"), score(bid, assessor)))
        .collect()
}

#[test]
fn equal_scores_give_zero_leniency() {
    for fit in [Fit::of(&ring(12, |_, _| 70.0)), Fit::of(&ring(12, |bid, _| 40.0 + bid as f64))] {
        assert_eq!(fit.verdict, Verdict::AllAgree);
        assert!(leniencies(&fit).values().all(|leniency| *leniency == Some(0.0)));
        assert!(fit.bids.iter().all(|bid| bid.adjusted == bid.mean && bid.standard_error.is_none()));
    }
}

#[test]
fn a_planted_leniency_without_noise_is_found_whole_and_without_intervals() {
    let fit = Fit::of(&ring(12, |bid, assessor| 40.0 + bid as f64 + [6.0, -2.0, -3.0, -1.0][assessor]));
    assert_eq!(fit.verdict, Verdict::NoNoise);
    for bid in &fit.bids {
        near(bid.adjusted, 40.0 + bid.bid[1..].parse::<f64>().expect("a number"));
    }
    near(fit.assessors[0].leniency.expect("a leniency"), 6.0);
    assert!(fit.bids.iter().all(|bid| bid.standard_error.is_none()));
}

#[test]
fn leniency_without_variance_leaves_the_means() {
    let given = read(include_str!("../../../tests/data/calibration/no_leniency.csv"));
    let shown = calibrate(&given, &line(&given, 8));
    assert_eq!(shown.verdict, Verdict::NoLeniency);
    assert!(shown.bids.iter().all(|bid| bid.adjusted == bid.mean && bid.interval.is_some()));
    assert!(
        shown.assessors.iter().all(|one| one.leniency == Some(shown::rounded(0.0)) && one.interval.is_none())
    );
}

#[test]
fn where_leniency_cannot_be_told_nothing_is_adjusted_and_a_sentence_says_so() {
    let one_assessor: Vec<Assessed> =
        (0..5).map(|bid| assessed(&format!("B{bid}"), "A", f64::from(bid))).collect();
    let one_each: Vec<Assessed> =
        (0..5).map(|bid| assessed(&format!("B{bid}"), &format!("A{}", bid % 2), f64::from(bid))).collect();
    let own_pair: Vec<Assessed> =
        (0..10).map(|at| assessed(&format!("B{}", at / 2), &format!("A{at}"), f64::from(at * at))).collect();
    let chain: Vec<Assessed> = (0..10)
        .map(|at| assessed(&format!("B{}", at / 2), &format!("A{}", (at + 1) / 2), f64::from(at * at)))
        .collect();
    for (given, verdict) in [
        (Vec::new(), Verdict::NoAssessments),
        (one_assessor, Verdict::OneAssessor),
        (one_each, Verdict::OneAssessmentEach),
        (own_pair, Verdict::NoOverlap),
        (chain, Verdict::NoOverlap),
    ] {
        let shown = calibrate(&given, &line(&given, 2));
        assert_eq!(shown.verdict, verdict);
        assert!(!shown.sentence.is_empty());
        assert!(
            shown
                .bids
                .iter()
                .all(|bid| bid.adjusted == bid.mean && bid.interval.is_none() && bid.rank.is_none())
        );
        assert!(shown.assessors.iter().all(|one| one.leniency.is_none() && one.interval.is_none()));
    }
}

#[test]
fn halves_are_rounded_up_however_they_were_reached() {
    let shown = |points: f64| shown::rounded(points).to_string();
    assert_eq!(shown(0.1 + 0.2 - 0.295), "0.01");
    assert_eq!(shown(66.664_999), "66.66");
    assert_eq!(shown(66.665), "66.67");
    assert_eq!(shown(-0.005), "0.00");
    assert_eq!(shown(-0.006), "-0.01");
}

/// Verifying recomputes decisions on other machines; development and release builds must agree, too.
#[test]
fn results_are_the_same_to_the_last_bit() {
    let given = read(include_str!("../../../tests/data/calibration/planted.csv"));
    let fit = Fit::of(&given);
    let bids = fit.bids.iter().flat_map(|bid| [bid.adjusted, bid.standard_error.unwrap_or_default()]);
    let assessors = fit.assessors.iter().filter_map(|assessor| assessor.leniency);
    let drawn = calibrate(&given, &line(&given, 25)).bids;
    let ranks = drawn.iter().filter_map(|bid| bid.rank).map(|rank| {
        let above = rank.above_line_percent.map_or(0, |percent| percent as usize);
        let numbers = [rank.best, rank.worst, above];
        numbers.iter().fold(0, |mixed, number| mixed * 1_000 + *number as u64)
    });
    let bits = bids.chain(assessors).map(f64::to_bits).chain(ranks);
    let hash =
        bits.fold(0xcbf2_9ce4_8422_2325_u64, |hash, bits| (hash ^ bits).wrapping_mul(0x0100_0000_01b3));
    assert_eq!(format!("{hash:016x}"), "43a0394523113fd2");
}
