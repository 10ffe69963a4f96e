//! What the rules of combining promise: exact, order-free, and never kind to a missing score.

use std::collections::BTreeMap;

use fasttrack::outcomes::combine::{
    BidScores, CombineError, Combined, CombinedScore, CountedAssessment, DisagreedOn, Exact, Incomplete,
    Score, Settled, combine, combine_bid,
};
use fasttrack::rounds::rules::{Combination, Criterion, Level, Rules, Scored, SubCriterion};
use proptest::prelude::*;

fn criterion(key: &str, weight: u32, lowest: i32, highest: i32) -> Criterion {
    let level = |score| Level { score, label: format!("Level {score}") };
    Criterion {
        key: key.to_owned(),
        title: key.to_owned(),
        guidance: String::new(),
        word_limit: 500,
        weight,
        scale: (lowest..=highest).map(level).collect(),
        threshold: None,
        sub_criteria: Vec::new(),
    }
}

/// The same, scored by so many parts.
fn in_parts(criterion: Criterion, parts: usize) -> Criterion {
    let sub = |part: usize| SubCriterion {
        key: format!("part-{part}"),
        title: format!("Part {part}"),
        guidance: String::new(),
    };
    Criterion { sub_criteria: (0..parts).map(sub).collect(), ..criterion }
}

/// Need 60 on 0 to 5, delivery 40 on 1 to 4; three places, all needed.
fn rules() -> Rules {
    Rules { criteria: vec![criterion("need", 60, 0, 5), criterion("delivery", 40, 1, 4)], ..Rules::default() }
}

fn scores(pairs: &[(&str, i32)]) -> BTreeMap<String, i32> {
    pairs.iter().map(|(key, score)| ((*key).to_owned(), *score)).collect()
}

/// One assessment for each pair of scores for need and delivery.
fn bid(assessments: &[(i32, i32)]) -> BidScores {
    let assessment = |(seat, (need, delivery)): (usize, &(i32, i32))| CountedAssessment {
        assessor: format!("assessor-{seat}"),
        scores: scores(&[("need", *need), ("delivery", *delivery)]),
    };
    BidScores {
        bid: "FT2-7K3M-9Q".to_owned(),
        assessments: assessments.iter().enumerate().map(assessment).collect(),
        expected: 3,
        moderated: BTreeMap::new(),
        accepted_short: false,
        disagreement_accepted: false,
    }
}

#[track_caller]
fn complete(rules: &Rules, bid: &BidScores) -> CombinedScore {
    match combine_bid(rules, bid) {
        Ok(Combined::Complete(score)) => score,
        other => panic!("expected a combined score, got {other:?}"),
    }
}

#[track_caller]
fn incomplete(rules: &Rules, bid: &BidScores) -> Incomplete {
    match combine_bid(rules, bid) {
        Ok(Combined::Incomplete(incomplete)) => incomplete,
        other => panic!("expected an incomplete bid, got {other:?}"),
    }
}

fn fraction(numerator: i128, denominator: i128) -> Exact {
    Exact::fraction(numerator, denominator).expect("within bounds")
}

#[test]
fn combined_score_is_the_weighted_sum_over_the_scale() {
    let combined = complete(&rules(), &bid(&[(5, 4), (4, 3), (3, 3)]));
    // need: mean 4 of 0..5, 60 × 4/5 = 48; delivery: mean 10/3 of 1..4, 40 × 7/9.
    assert_eq!(combined.criteria[0].points, fraction(48, 1));
    assert_eq!(combined.criteria[1].points, fraction(280, 9));
    assert_eq!(combined.total, fraction(712, 9));
    assert_eq!(combined.score.to_string(), "79.11");
}

#[test]
fn best_and_worst_scores_are_100_and_0() {
    assert_eq!(complete(&rules(), &bid(&[(5, 4); 3])).score.to_string(), "100.00");
    assert_eq!(complete(&rules(), &bid(&[(0, 1); 3])).score.to_string(), "0.00");
}

#[test]
fn weight_is_never_multiplied() {
    let combined = complete(&rules(), &bid(&[(5, 4), (2, 2), (1, 1)]));
    let weights: Vec<u32> = combined.criteria.iter().map(|criterion| criterion.weight).collect();
    assert_eq!(weights, [60, 40]);
    for (best, criterion) in complete(&rules(), &bid(&[(5, 4); 3])).criteria.iter().zip([60, 40]) {
        assert_eq!(best.points, Exact::whole(criterion));
    }
}

/// Need 60 by three parts, delivery 40 as a whole: each assessment's parts, then delivery.
fn bid_in_parts(assessments: &[([i32; 3], i32)]) -> (Rules, BidScores) {
    let mut rules = rules();
    rules.criteria[0] = in_parts(criterion("need", 60, 0, 5), 3);
    let given = |(parts, delivery): &([i32; 3], i32)| {
        scores(&[
            ("need.part-0", parts[0]),
            ("need.part-1", parts[1]),
            ("need.part-2", parts[2]),
            ("delivery", *delivery),
        ])
    };
    let mut bid = bid(&vec![(0, 1); assessments.len()]);
    for (assessment, scores) in bid.assessments.iter_mut().zip(assessments) {
        assessment.scores = given(scores);
    }
    (rules, bid)
}

#[test]
fn sub_criteria_are_averaged_inside_their_criterion() {
    let (rules, bid) = bid_in_parts(&[([5, 4, 3], 4), ([5, 3, 1], 4), ([5, 2, 2], 4)]);
    let combined = complete(&rules, &bid);
    let need = &combined.criteria[0];
    // Means of the parts: 5, 3 and 2; of these 10/3 of 5, which is 40 of 60 points.
    assert_eq!((need.used, need.points, need.weight), (fraction(10, 3), Exact::whole(40), 60));
    let weights: Vec<Exact> = need.sub_criteria.iter().map(|sub| sub.weight).collect();
    assert_eq!(weights, [Exact::whole(20); 3]);
    let points: Vec<Exact> = need.sub_criteria.iter().map(|sub| sub.points).collect();
    assert_eq!(points, [Exact::whole(20), Exact::whole(12), Exact::whole(8)]);
    assert_eq!(combined.score.to_string(), "80.00");
    assert_eq!(combined.own_scores[0].total, fraction(60 * 4, 5).plus(Exact::whole(40)).expect("few"));
}

#[test]
fn the_median_is_taken_of_each_sub_criterion() {
    let (rules, bid) = bid_in_parts(&[([5, 0, 0], 1), ([0, 5, 0], 1), ([1, 1, 1], 1)]);
    let rules = Rules { combination: Combination::Median, ..rules };
    // Medians 1, 1 and 0; the medians of the assessors' own averages would be 5/3.
    assert_eq!(complete(&rules, &bid).criteria[0].used, fraction(2, 3));
}

#[test]
fn a_sub_criterion_is_moderated_on_its_own() {
    let (mut rules, mut bid) = bid_in_parts(&[([5, 4, 3], 4), ([2, 4, 3], 4), ([2, 4, 3], 4)]);
    rules.disagreement.criterion_levels = Some(2);
    let found = complete(&rules, &bid).disagreements;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].on, DisagreedOn::Criterion("need.part-0".to_owned()));
    bid.moderated = scores(&[("need.part-0", 2)]);
    let combined = complete(&rules, &bid);
    assert_eq!(combined.disagreements[0].settled, Settled::Moderated);
    let need = &combined.criteria[0];
    assert_eq!((need.used, need.moderated, need.is_moderated()), (Exact::whole(3), None, true));
    assert_eq!(need.sub_criteria[0].assessed, Exact::whole(3));
    // The criterion as a whole has no score of its own to stand in for.
    bid.moderated = scores(&[("need", 2)]);
    assert!(matches!(combine_bid(&rules, &bid), Err(CombineError::UnknownCriterion { .. })));
}

#[test]
fn a_missing_sub_criterion_makes_the_bid_incomplete() {
    let (rules, mut bid) = bid_in_parts(&[([5, 4, 3], 4); 3]);
    bid.assessments[1].scores.remove("need.part-2");
    let incomplete = incomplete(&rules, &bid);
    assert_eq!(
        (incomplete.to_string().as_str(), incomplete.missing[0].criterion.as_str()),
        ("incomplete, 2 of 3", "need.part-2")
    );
}

#[test]
fn missing_score_is_never_zero_and_never_dropped() {
    let mut bid = bid(&[(5, 4), (4, 3), (3, 3)]);
    bid.assessments[2].scores.remove("need");
    for accepted_short in [false, true] {
        bid.accepted_short = accepted_short;
        let incomplete = incomplete(&rules(), &bid);
        assert_eq!(incomplete.to_string(), "incomplete, 2 of 3");
        assert_eq!(incomplete.missing[0].assessor, "assessor-2");
        assert_eq!(incomplete.missing[0].criterion, "need");
    }
}

#[test]
fn moderation_does_not_mend_a_missing_score() {
    let mut bid = bid(&[(5, 4), (4, 3), (3, 3)]);
    bid.assessments[2].scores.remove("need");
    bid.moderated = scores(&[("need", 4)]);
    assert_eq!(incomplete(&rules(), &bid).have, 2);
}

#[test]
fn bid_short_of_quorum_is_incomplete() {
    assert_eq!(incomplete(&rules(), &bid(&[(5, 4), (4, 3)])).to_string(), "incomplete, 2 of 3");
    let quorum_of_two = Rules { quorum: 2, ..rules() };
    let combined = complete(&quorum_of_two, &bid(&[(5, 4), (4, 3)]));
    assert_eq!((combined.counted, combined.expected), (2, 3));
}

#[test]
fn bid_accepted_short_is_combined_over_what_it_has() {
    let accepted = BidScores { accepted_short: true, ..bid(&[(5, 4)]) };
    assert_eq!(complete(&rules(), &accepted).score.to_string(), "100.00");
    let nothing = BidScores { accepted_short: true, ..bid(&[]) };
    assert_eq!(incomplete(&rules(), &nothing).to_string(), "incomplete, 0 of 1");
}

#[test]
fn moderated_score_stands_in_and_the_originals_stay() {
    let moderated = BidScores { moderated: scores(&[("need", 1)]), ..bid(&[(5, 4), (4, 4), (3, 4)]) };
    let combined = complete(&rules(), &moderated);
    assert_eq!(combined.criteria[0].assessed, Exact::whole(4));
    assert_eq!(combined.criteria[0].used, Exact::whole(1));
    assert_eq!(combined.score.to_string(), "52.00");
}

#[test]
fn median_of_an_even_number_is_halfway() {
    let rules = Rules { combination: Combination::Median, quorum: 2, ..rules() };
    let used = |assessments: &[(i32, i32)]| complete(&rules, &bid(assessments)).criteria[0].used;
    assert_eq!(used(&[(5, 1), (0, 1), (1, 1)]), Exact::whole(1));
    assert_eq!(used(&[(5, 1), (0, 1), (1, 1), (2, 1)]), fraction(3, 2));
}

#[test]
fn half_is_rounded_up() {
    let rounded = |numerator, denominator| fraction(numerator, denominator).rounded().to_string();
    assert_eq!(rounded(10_005, 1000), "10.01");
    assert_eq!(rounded(10_004_999, 1_000_000), "10.00");
    assert_eq!(rounded(-1, 200), "0.00");
    assert_eq!(rounded(-3, 200), "-0.01");
    assert_eq!(rounded(99_995, 1000), "100.00");
}

#[test]
fn score_is_read_only_as_it_is_written() {
    assert_eq!("72.35".parse(), Ok(Score::from_hundredths(7235)));
    assert_eq!("-0.05".parse(), Ok(Score::from_hundredths(-5)));
    for text in ["72.3", "72", "7.235", "+72.35", "072.35", "", ".", "72.35 "] {
        assert!(text.parse::<Score>().is_err(), "{text:?}");
    }
}

#[test]
fn exact_number_is_written_with_its_rounding() {
    let json = serde_json::to_string(&fraction(55, 3)).expect("serialises");
    assert_eq!(json, r#"{"exact":"55/3","rounded":"18.33"}"#);
    assert_eq!(serde_json::from_str::<Exact>(&json).expect("reads back"), fraction(55, 3));
    let by_zero = r#"{"exact":"1/0","rounded":"0.00"}"#;
    assert!(serde_json::from_str::<Exact>(by_zero).is_err());
}

#[test]
fn disagreement_on_a_criterion_is_settled_by_moderating_it() {
    let mut rules = rules();
    rules.disagreement.criterion_levels = Some(2);
    assert!(complete(&rules, &bid(&[(5, 4), (3, 4), (3, 4)])).disagreements.is_empty());

    let mut apart = bid(&[(5, 4), (2, 4), (3, 4)]);
    let found = complete(&rules, &apart).disagreements;
    assert_eq!(found[0].on, DisagreedOn::Criterion("need".to_owned()));
    assert_eq!((found[0].spread, found[0].settled), (Exact::whole(3), Settled::No));

    apart.moderated = scores(&[("need", 3)]);
    assert_eq!(complete(&rules, &apart).disagreements[0].settled, Settled::Moderated);
}

#[test]
fn overall_disagreement_is_settled_when_moderation_brings_the_totals_together() {
    let mut rules = rules();
    rules.disagreement.overall_points = Some(25);
    let mut apart = bid(&[(5, 4), (0, 1), (3, 3)]);
    assert_eq!(complete(&rules, &apart).disagreements[0].spread, Exact::whole(100));

    apart.moderated = scores(&[("need", 3)]);
    let half_moderated = complete(&rules, &apart).disagreements;
    assert_eq!((half_moderated[0].remaining, half_moderated[0].settled), (Exact::whole(40), Settled::No));

    apart.disagreement_accepted = true;
    assert_eq!(complete(&rules, &apart).disagreements[0].settled, Settled::Accepted);

    apart.moderated = scores(&[("need", 3), ("delivery", 2)]);
    assert_eq!(complete(&rules, &apart).disagreements[0].settled, Settled::Moderated);
}

#[test]
fn input_that_validation_should_have_refused_is_refused() {
    let off_scale = bid(&[(6, 4), (4, 3), (3, 3)]);
    assert!(matches!(combine_bid(&rules(), &off_scale), Err(CombineError::OffScale { score: 6, .. })));

    let mut twice = bid(&[(5, 4), (4, 3)]);
    twice.assessments[1].assessor = "assessor-0".to_owned();
    assert!(matches!(combine_bid(&rules(), &twice), Err(CombineError::AssessorTwice { .. })));

    let unknown = BidScores { moderated: scores(&[("colour", 1)]), ..bid(&[(5, 4); 3]) };
    assert!(matches!(combine_bid(&rules(), &unknown), Err(CombineError::UnknownCriterion { .. })));

    let same = [bid(&[(5, 4); 3]), bid(&[(5, 4); 3])];
    assert!(matches!(combine(&rules(), &same), Err(CombineError::BidTwice { .. })));
}

#[test]
fn thirteen_criteria_on_the_most_different_scales_combine() {
    // The largest pairwise coprime ranges up to 100.
    let ranges = [97, 89, 83, 79, 73, 71, 67, 61, 59, 53, 99, 100, 91];
    let keys: Vec<String> = (0..ranges.len()).map(|index| format!("c{index}")).collect();
    let weights = [28, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6];
    let criteria = keys.iter().zip(ranges).zip(weights);
    // Numbers of parts and of assessors that add the most to the denominator.
    let parts = [10, 9, 8, 7, 5, 0, 10, 9, 8, 7, 5, 0, 10];
    let criteria = criteria
        .zip(parts)
        .map(|(((key, range), weight), parts)| in_parts(criterion(key, weight, 0, range), parts));
    let rules = Rules { criteria: criteria.collect(), quorum: 10, assessors_per_bid: 10, ..Rules::default() };
    let assessment = |seat: i32| CountedAssessment {
        assessor: seat.to_string(),
        scores: rules
            .scored()
            .zip(0..)
            .map(|(one, at)| (one.name(), (50 - 7 * seat + at % 3).clamp(0, 50)))
            .collect(),
    };
    let bid = BidScores { assessments: (0..10).map(assessment).collect(), ..bid(&[]) };
    assert!(complete(&rules, &bid).total > Exact::ZERO);
}

// ---- for any round ----------------------------------------------------------------------------

#[derive(Debug, Clone)]
struct AnyBid {
    rules: Rules,
    bid: BidScores,
}

/// One to six criteria of any scale, some in two or three parts; one to ten assessments, each complete; any moderation.
fn any_bid() -> impl Strategy<Value = AnyBid> {
    let criteria = prop::collection::vec((1_u32..50, -3_i32..4, 1_i32..101, 0_usize..4), 1..=6);
    (criteria, 1_usize..=10, any::<bool>(), any::<u64>()).prop_map(|(shape, seats, median, seed)| {
        let mut drawn = seed;
        let mut draw = |below: i32| {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i32::try_from((drawn >> 33) % u64::from(below.unsigned_abs())).expect("below an i32")
        };
        let total: u32 = shape.iter().map(|(weight, _, _, _)| weight).sum();
        let mut left = 100;
        let mut criteria = Vec::new();
        for (index, (weight, lowest, range, parts)) in shape.iter().enumerate() {
            let last = index + 1 == shape.len();
            let weight = if last { left } else { (weight * 90 / total).max(1) };
            left -= weight;
            let whole = criterion(&format!("c{index}"), weight, *lowest, lowest + range);
            criteria.push(in_parts(whole, if *parts == 1 { 0 } else { *parts }));
        }
        let scored: Vec<(String, i32, i32)> = criteria
            .iter()
            .flat_map(Criterion::scored)
            .map(|one| (one.name(), one.criterion.lowest(), one.criterion.highest()))
            .collect();
        let assessments = (0..seats).map(|seat| CountedAssessment {
            assessor: format!("assessor-{seat}"),
            scores: scored
                .iter()
                .map(|(name, lowest, highest)| (name.clone(), lowest + draw(highest - lowest + 1)))
                .collect(),
        });
        let assessments = assessments.collect();
        let mut moderated = BTreeMap::new();
        for (name, lowest, highest) in &scored {
            if draw(4) == 0 {
                moderated.insert(name.clone(), lowest + draw(highest - lowest + 1));
            }
        }
        let seats = u32::try_from(seats).expect("at most ten");
        let combination = if median { Combination::Median } else { Combination::Mean };
        AnyBid {
            rules: Rules {
                criteria,
                combination,
                quorum: seats,
                assessors_per_bid: seats,
                ..Rules::default()
            },
            bid: BidScores { assessments, moderated, expected: seats, ..bid(&[]) },
        }
    })
}

/// The total another way: everything over one common denominator, reduced by nobody.
fn oracle(rules: &Rules, bid: &BidScores) -> (i128, i128) {
    let ranges = || rules.criteria.iter().map(|c| i128::from(c.highest() - c.lowest()));
    let seats = i128::try_from(bid.assessments.len()).expect("few");
    let shares = |criterion: &Criterion| i128::from(criterion.shares());
    let parts: i128 = rules.criteria.iter().map(shares).product();
    let denominator: i128 = ranges().product::<i128>() * parts * 2 * seats;
    let mut numerator = 0;
    for (criterion, range) in rules.criteria.iter().zip(ranges()) {
        for scored in criterion.scored() {
            let name = scored.name();
            let given = bid.assessments.iter().map(|assessment| i128::from(assessment.scores[&name]));
            let mut given: Vec<i128> = given.collect();
            given.sort_unstable();
            // Twice the seats times the score that counts.
            let scaled = match (bid.moderated.get(&name), rules.combination) {
                (Some(score), _) => i128::from(*score) * 2 * seats,
                (None, Combination::Mean) => given.iter().sum::<i128>() * 2,
                (None, Combination::Median) if given.len() % 2 == 1 => given[given.len() / 2] * 2 * seats,
                (None, Combination::Median) => (given[given.len() / 2 - 1] + given[given.len() / 2]) * seats,
            };
            let above = scaled - i128::from(criterion.lowest()) * 2 * seats;
            let of_one = denominator / (2 * seats) / range / shares(criterion);
            numerator += above * i128::from(criterion.weight) * of_one;
        }
    }
    (numerator, denominator)
}

proptest! {
    #[test]
    fn total_agrees_with_a_common_denominator(any in any_bid()) {
        let combined = complete(&any.rules, &any.bid);
        let (numerator, denominator) = oracle(&any.rules, &any.bid);
        prop_assert_eq!(combined.total.numerator() * denominator, numerator * combined.total.denominator());
        // Half up: the shown score is the one within (exact - 1/200, exact + 1/200].
        let shown = i128::from(combined.score.hundredths());
        prop_assert!(2 * shown * denominator <= 200 * numerator + denominator);
        prop_assert!(2 * (shown + 1) * denominator > 200 * numerator + denominator);
        prop_assert!((0..=10_000).contains(&shown));
    }

    #[test]
    fn order_of_assessments_changes_nothing(any in any_bid(), turn in 0_usize..10) {
        let mut turned = any.bid.clone();
        let by = turn % turned.assessments.len();
        turned.assessments.rotate_left(by);
        prop_assert_eq!(combine_bid(&any.rules, &turned), combine_bid(&any.rules, &any.bid));
        turned.assessments.reverse();
        prop_assert_eq!(combine_bid(&any.rules, &turned), combine_bid(&any.rules, &any.bid));
    }

    #[test]
    fn higher_score_never_lowers_the_combined_score(any in any_bid(), seat in 0_usize..10) {
        let before = complete(&any.rules, &any.bid).total;
        let mut raised = any.bid.clone();
        let seat = seat % raised.assessments.len();
        for scored in any.rules.scored() {
            if let Some(score) = raised.assessments[seat].scores.get_mut(&scored.name()) {
                *score = (*score + 1).min(scored.criterion.highest());
            }
            prop_assert!(complete(&any.rules, &raised).total >= before);
        }
    }

    #[test]
    fn an_assessor_who_gives_the_mean_leaves_a_bids_score_alone(
        any in any_bid(), middles in prop::collection::vec((0_i32..101, 0_i32..101), 18),
    ) {
        // Two assessors as far above a whole score as below it, on each criterion.
        let pick = |seat: i32| -> BTreeMap<String, i32> {
            let score = |(scored, (middle, apart)): (Scored, &(i32, i32))| {
                let criterion = scored.criterion;
                let range = criterion.highest() - criterion.lowest();
                let middle = middle % (range + 1);
                let apart = apart % (middle.min(range - middle) + 1);
                (scored.name(), criterion.lowest() + middle + seat * apart)
            };
            any.rules.scored().zip(&middles).map(score).collect()
        };
        let given = |seats: &[i32]| {
            let assessment = |seat: &i32| CountedAssessment { assessor: seat.to_string(), scores: pick(*seat) };
            BidScores { assessments: seats.iter().map(assessment).collect(), moderated: BTreeMap::new(), ..any.bid.clone() }
        };
        let rules = Rules { quorum: 1, ..any.rules.clone() };
        let (two, three) = (complete(&rules, &given(&[-1, 1])), complete(&rules, &given(&[-1, 0, 1])));
        prop_assert_eq!(two.total, three.total);
        prop_assert_eq!(two.score, three.score);
    }

    #[test]
    fn taking_any_score_away_makes_a_bid_incomplete(any in any_bid(), seat in 0_usize..10, at in 0_usize..18) {
        let mut holed = any.bid.clone();
        let seat = seat % holed.assessments.len();
        let names: Vec<String> = any.rules.scored().map(|one| one.name()).collect();
        let key = names[at % names.len()].clone();
        holed.assessments[seat].scores.remove(&key);
        let incomplete = incomplete(&any.rules, &holed);
        prop_assert_eq!(incomplete.have + 1, incomplete.need);
    }

    #[test]
    fn fractions_compare_as_cross_products(a in -1000_i128..1000, b in 1_i128..1000, c in -1000_i128..1000, d in 1_i128..1000) {
        prop_assert_eq!(fraction(a, b).cmp(&fraction(c, d)), (a * d).cmp(&(c * b)));
    }

    #[test]
    fn combined_score_survives_json(any in any_bid()) {
        let combined = Combined::Complete(complete(&any.rules, &any.bid));
        let json = serde_json::to_string(&combined).expect("serialises");
        prop_assert_eq!(serde_json::from_str::<Combined>(&json).expect("reads back"), combined);
    }
}
