//! What the rules of deciding promise: the announced order, never more money than there is, no
//! arbitrary choice between equals.

use std::collections::{BTreeMap, BTreeSet};

use fasttrack::money::Pence;
use fasttrack::outcomes::combine::{BidScores, Combined, CountedAssessment, combine_bid};
use fasttrack::outcomes::decide::{
    BidToDecide, Blocker, DecideError, Decided, Decision, Outcome, Override, OverrideFault, PaidFrom,
    Standing, decide,
};
use fasttrack::rounds::rules::{Criterion, Level, NextDoesNotFit, Pot, Rules};
use proptest::prelude::*;

// ---- a round of two criteria, each 0 to 10, weighing 50 ------------------------------------------

fn criterion(key: &str, title: &str) -> Criterion {
    Criterion {
        key: key.to_owned(),
        title: title.to_owned(),
        guidance: String::new(),
        word_limit: 500,
        weight: 50,
        scale: (0..=10).map(|score| Level { score, label: format!("Level {score}") }).collect(),
        threshold: None,
        sub_criteria: Vec::new(),
    }
}

fn round(budget: i64) -> Rules {
    Rules {
        criteria: vec![criterion("need", "Need and demand"), criterion("delivery", "Delivery")],
        assessors_per_bid: 1,
        quorum: 1,
        budget_pence: Pence::pounds(budget),
        ..Rules::default()
    }
}

fn skipping(rules: Rules) -> Rules {
    Rules { when_next_does_not_fit: NextDoesNotFit::Skip, ..rules }
}

fn with_pot(mut rules: Rules, key: &str, amount: i64, remainder_to_general_pot: bool) -> Rules {
    rules.pots.push(Pot {
        key: key.to_owned(),
        name: key.to_uppercase(),
        areas: vec![format!("area-{key}")],
        amount_pence: Pence::pounds(amount),
        remainder_to_general_pot,
    });
    rules
}

/// A bid scored by one assessor, asking for an amount in pounds.
fn bid(key: &str, (need, delivery): (i32, i32), pounds: i64) -> BidToDecide {
    let given = BTreeMap::from([("need".to_owned(), need), ("delivery".to_owned(), delivery)]);
    let scores = scores_of(key, vec![CountedAssessment { assessor: "a".to_owned(), scores: given }]);
    BidToDecide {
        bid: key.to_owned(),
        amount_requested_pence: Pence::pounds(pounds),
        pots: Vec::new(),
        standing: Standing::Eligible,
        combined: combine_bid(&round(1), &scores).expect("combines"),
        override_by_admin: None,
    }
}

fn scores_of(key: &str, assessments: Vec<CountedAssessment>) -> BidScores {
    BidScores {
        bid: key.to_owned(),
        assessments,
        expected: 1,
        moderated: BTreeMap::new(),
        accepted_short: false,
        disagreement_accepted: false,
    }
}

fn covering(bid: BidToDecide, pots: &[&str]) -> BidToDecide {
    BidToDecide { pots: pots.iter().map(|key| (*key).to_owned()).collect(), ..bid }
}

fn unscored(bid: BidToDecide) -> BidToDecide {
    let nothing = combine_bid(&round(1), &scores_of(&bid.bid, Vec::new()));
    BidToDecide { combined: nothing.expect("combines"), ..bid }
}

fn overridden(bid: BidToDecide, outcome: Outcome) -> BidToDecide {
    let conditions = (outcome == Outcome::AwardedWithConditions).then(|| "Name a lead.".to_owned());
    let reason = "The only bid for Burnley".to_owned();
    BidToDecide {
        override_by_admin: Some(Override { outcome, amount_pence: None, conditions, reason }),
        ..bid
    }
}

fn keys(bids: &[&str]) -> Vec<String> {
    bids.iter().map(|key| (*key).to_owned()).collect()
}

#[track_caller]
fn decided(rules: &Rules, bids: &[BidToDecide]) -> Decided {
    decide(rules, bids, &[]).expect("decides")
}

#[track_caller]
fn of<'a>(decided: &'a Decided, bid: &str) -> &'a Decision {
    decided.decisions.iter().find(|decision| decision.bid == bid).expect("every bid is decided")
}

#[track_caller]
fn outcomes(decided: &Decided) -> Vec<(&str, Option<Outcome>)> {
    decided.decisions.iter().map(|decision| (decision.bid.as_str(), decision.outcome)).collect()
}

use Outcome::{Awarded, AwardedWithConditions, Ineligible, Reserve, Unsuccessful, Withdrawn};

// ---- ranking and thresholds ----------------------------------------------------------------------

#[test]
fn money_goes_down_the_ranking_and_the_rest_is_the_reserve_list() {
    let bids = [bid("c", (5, 5), 100), bid("a", (9, 9), 100), bid("b", (7, 7), 100), bid("d", (4, 4), 1)];
    let decided = decided(&round(250), &bids);
    let expected = [("a", Awarded), ("b", Awarded), ("c", Reserve), ("d", Reserve)];
    assert_eq!(outcomes(&decided), expected.map(|(bid, outcome)| (bid, Some(outcome))));
    assert_eq!(
        of(&decided, "b").sentence,
        "Ranked 2nd of 4; £150 of the general pot was left, £100 was asked."
    );
    assert_eq!(
        of(&decided, "c").sentence,
        "Ranked 3rd of 4; £50 of the general pot was left, £100 was asked; 1st on the reserve list."
    );
    assert_eq!(
        of(&decided, "d").sentence,
        "Ranked 4th of 4; awards stopped above it, where more was asked than was left; 2nd on the reserve list."
    );
    assert_eq!(decided.totals.budget.left_pence, Pence::pounds(50));
    assert!(decided.blockers.is_empty());
}

#[test]
fn skip_goes_on_to_the_next_that_fits() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 100), bid("c", (5, 5), 50)];
    let decided = decided(&skipping(round(150)), &bids);
    assert_eq!(outcomes(&decided), [("a", Some(Awarded)), ("b", Some(Reserve)), ("c", Some(Awarded))]);
}

#[test]
fn bid_below_a_threshold_is_unsuccessful_and_has_no_rank() {
    let mut rules = round(1000);
    rules.criteria[0].threshold = Some(5);
    rules.overall_threshold = Some(60);
    let bids = [bid("on", (5, 7), 10), bid("low-need", (4, 10), 10), bid("low-both", (1, 1), 10)];
    let decided = decided(&rules, &bids);
    assert_eq!((of(&decided, "on").rank, of(&decided, "on").outcome), (Some(1), Some(Awarded)));
    let low_need = of(&decided, "low-need");
    assert_eq!((low_need.rank, low_need.outcome), (None, Some(Unsuccessful)));
    assert_eq!(low_need.missed.criteria[0].criterion, "need");
    assert_eq!(low_need.sentence, "Scored 4.00 for Need and demand, below the threshold of 5.");
    assert_eq!(
        of(&decided, "low-both").sentence,
        "Scored 1.00 for Need and demand, below the threshold of 5; \
         10.00 out of 100 overall, below the threshold of 60."
    );
}

#[test]
fn threshold_is_judged_before_rounding() {
    let mut rules = round(1000);
    rules.overall_threshold = Some(60);
    let level = |score| Level { score, label: "Level".to_owned() };
    rules.criteria = vec![
        Criterion { weight: 1, scale: (0..=100).map(level).collect(), ..criterion("fine", "Fine") },
        Criterion { weight: 1, scale: (0..=97).map(level).collect(), ..criterion("finer", "Finer") },
        Criterion { weight: 98, scale: (0..=98).map(level).collect(), ..criterion("rest", "Rest") },
    ];
    // Find scores a hair below 60: 98 of 98 levels give whole points, the other two the fraction.
    let mut just_below = None;
    for (fine, finer) in (0..=100).flat_map(|fine| (0..=97).map(move |finer| (fine, finer))) {
        let given =
            [("fine", fine), ("finer", finer), ("rest", 59)].map(|(key, score)| (key.to_owned(), score));
        let assessment = CountedAssessment { assessor: "a".to_owned(), scores: BTreeMap::from(given) };
        let combined = combine_bid(&rules, &scores_of("hair", vec![assessment])).expect("combines");
        let found = BidToDecide { combined, ..bid("hair", (0, 0), 10) };
        let decision = decided(&rules, std::slice::from_ref(&found)).decisions.remove(0);
        if decision.outcome == Some(Unsuccessful) && decision.score.is_some_and(|s| s.hundredths() == 6000) {
            just_below = Some(decision.sentence);
        }
    }
    let sentence = just_below.expect("some scores lie a hair below");
    assert_eq!(sentence, "Scored 60.00 out of 100 overall, below the threshold of 60 before rounding.");
}

#[test]
fn tie_break_criteria_order_equals() {
    let mut rules = round(100);
    rules.tie_break = keys(&["delivery"]);
    let decided = decided(&rules, &[bid("a", (8, 6), 100), bid("b", (6, 8), 100)]);
    assert_eq!(outcomes(&decided), [("b", Some(Awarded)), ("a", Some(Reserve))]);
    assert!(decided.blockers.is_empty());
}

#[test]
fn equals_share_a_rank_and_the_next_is_passed_over() {
    let bids = [bid("a", (9, 9), 1), bid("b", (8, 6), 1), bid("c", (6, 8), 1), bid("d", (5, 5), 1)];
    let decided = decided(&round(100), &bids);
    let ranks: Vec<Option<u32>> = decided.decisions.iter().map(|decision| decision.rank).collect();
    assert_eq!(ranks, [Some(1), Some(2), Some(2), Some(4)]);
    assert!(of(&decided, "c").sentence.starts_with("Ranked joint 2nd of 4; "));
}

// ---- ties ----------------------------------------------------------------------------------------

#[test]
fn a_tie_on_the_funding_line_blocks() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 100), bid("c", (7, 7), 100), bid("d", (5, 5), 1)];
    let decided = decided(&round(200), &bids);
    assert_eq!(decided.blockers, [Blocker::TieOnFundingLine { bids: keys(&["b", "c"]) }]);
    let expected = [("a", Some(Awarded)), ("b", None), ("c", None), ("d", Some(Reserve))];
    assert_eq!(outcomes(&decided), expected);
    assert_eq!(of(&decided, "d").reserve_position, None);
    assert_eq!(
        of(&decided, "b").sentence,
        "Ranked joint 2nd of 4; the outcome waits for a tie on the funding line to be decided."
    );
}

#[test]
fn the_panels_order_settles_a_tie() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 100), bid("c", (7, 7), 100)];
    let decided = decide(&round(200), &bids, &keys(&["c", "b"])).expect("decides");
    assert_eq!(outcomes(&decided), [("a", Some(Awarded)), ("c", Some(Awarded)), ("b", Some(Reserve))]);
    assert!(decided.blockers.is_empty());
}

#[test]
fn an_order_of_part_of_a_tie_settles_nothing() {
    let bids = [bid("a", (7, 7), 100), bid("b", (7, 7), 100), bid("c", (7, 7), 100)];
    let decided = decide(&round(200), &bids, &keys(&["c", "b"])).expect("decides");
    assert_eq!(decided.blockers, [Blocker::TieOnFundingLine { bids: keys(&["a", "b", "c"]) }]);
}

#[test]
fn a_tie_whose_bids_are_all_paid_is_no_problem() {
    let decided = decided(&round(200), &[bid("a", (7, 7), 100), bid("b", (7, 7), 100)]);
    assert!(decided.blockers.is_empty());
}

#[test]
fn a_tie_at_the_end_of_a_pot_is_no_problem_when_the_general_pot_pays_the_other() {
    let rules = with_pot(round(300), "lancashire", 100, true);
    let bids = ["a", "b"].map(|key| covering(bid(key, (7, 7), 100), &["lancashire"]));
    let with_money = decided(&rules, &bids);
    assert_eq!(outcomes(&with_money), [("a", Some(Awarded)), ("b", Some(Awarded))]);
    assert!(with_money.blockers.is_empty());

    let short = decided(&Rules { budget_pence: Pence::pounds(150), ..rules }, &bids);
    assert_eq!(short.blockers, [Blocker::TieOnFundingLine { bids: keys(&["a", "b"]) }]);
}

#[test]
fn a_tie_that_decides_over_a_bid_below_it_blocks() {
    // Whichever of a and b the pot pays, the general pot pays the other; what is left decides on c.
    let rules = with_pot(round(240), "lancashire", 100, false);
    let bids = [
        covering(bid("a", (7, 7), 100), &["lancashire"]),
        covering(bid("b", (7, 7), 60), &["lancashire"]),
        bid("c", (5, 5), 80),
    ];
    let decided = decided(&rules, &bids);
    assert_eq!(outcomes(&decided), [("a", Some(Awarded)), ("b", Some(Awarded)), ("c", None)]);
    assert_eq!(decided.blockers, [Blocker::TieOnFundingLine { bids: keys(&["a", "b"]) }]);
}

#[test]
fn skip_passes_over_the_equal_that_fits_in_no_order() {
    let decided = decided(&skipping(round(100)), &[bid("a", (7, 7), 200), bid("b", (7, 7), 50)]);
    assert_eq!((of(&decided, "a").outcome, of(&decided, "b").outcome), (Some(Reserve), Some(Awarded)));
    assert!(decided.blockers.is_empty());
}

#[test]
fn a_penny_short_is_short() {
    let bids = [bid("a", (7, 7), 100), bid("b", (7, 7), 100)];
    for rules in [round(200), skipping(round(200))] {
        assert!(decided(&rules, &bids).blockers.is_empty());
        let short = Rules { budget_pence: Pence(19_999), ..rules };
        assert_eq!(decided(&short, &bids).blockers, [Blocker::TieOnFundingLine { bids: keys(&["a", "b"]) }]);
    }
}

#[test]
fn a_tie_on_the_reserve_list_blocks() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 100), bid("c", (7, 7), 100), bid("d", (5, 5), 100)];
    let decided = decided(&round(100), &bids);
    assert_eq!(decided.blockers, [Blocker::TieOnReserveList { bids: keys(&["b", "c"]) }]);
    let positions: Vec<Option<u32>> = decided.decisions.iter().map(|d| d.reserve_position).collect();
    assert_eq!(positions, [None, Some(1), Some(1), Some(3)]);
}

#[test]
fn more_orders_than_can_be_tried_block() {
    let rules = with_pot(round(1000), "lancashire", 100, true);
    let bids: Vec<BidToDecide> =
        (0..8).map(|index| covering(bid(&format!("b{index}"), (7, 7), 60), &["lancashire"])).collect();
    let decided = decided(&rules, &bids);
    assert!(matches!(decided.blockers[..], [Blocker::TieOnFundingLine { .. }]));
    assert!(decided.decisions.iter().all(|decision| decision.outcome.is_none()));
}

// ---- pots ----------------------------------------------------------------------------------------

#[test]
fn pots_pay_before_the_general_pot_and_return_what_they_leave() {
    let rules = with_pot(with_pot(round(400), "lancashire", 150, true), "bolton", 100, false);
    let bids = [
        bid("anywhere", (9, 9), 180),
        covering(bid("lancs", (6, 6), 100), &["lancashire"]),
        covering(bid("bolton", (3, 3), 60), &["bolton", "lancashire"]),
    ];
    let decided = decided(&rules, &bids);
    assert_eq!(of(&decided, "lancs").paid_from, Some(PaidFrom::Pot("lancashire".to_owned())));
    assert_eq!(of(&decided, "bolton").paid_from, Some(PaidFrom::Pot("bolton".to_owned())));
    assert_eq!(of(&decided, "anywhere").paid_from, Some(PaidFrom::General));
    assert_eq!(
        of(&decided, "lancs").sentence,
        "Ranked 2nd of 3; £150 of the LANCASHIRE pot was left, £100 was asked."
    );
    let [lancashire, bolton] = &decided.totals.pots[..] else { panic!("two pots") };
    assert_eq!((lancashire.returned_pence, lancashire.left_pence), (Pence::pounds(50), Pence::ZERO));
    assert_eq!((bolton.returned_pence, bolton.left_pence), (Pence::ZERO, Pence::pounds(40)));
    assert_eq!(decided.totals.general.available_pence, Pence::pounds(200));
}

#[test]
fn a_bid_is_never_paid_from_two_pots() {
    let rules = with_pot(round(200), "lancashire", 100, true);
    let mut alone = vec![covering(bid("a", (9, 9), 150), &["lancashire"])];
    assert_eq!(of(&decided(&rules, &alone), "a").paid_from, Some(PaidFrom::General));
    let kept = with_pot(round(200), "lancashire", 100, false);
    alone.push(bid("b", (5, 5), 100));
    let decided = decided(&skipping(kept), &alone);
    assert_eq!(outcomes(&decided), [("a", Some(Reserve)), ("b", Some(Awarded))]);
}

// ---- partial offers ------------------------------------------------------------------------------

fn partly(rules: Rules, percent: u32) -> Rules {
    Rules { partial_offer_percent: Some(percent), ..rules }
}

#[test]
fn the_bid_that_straddles_the_line_is_offered_what_is_left_where_the_round_allows_it() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 90), bid("c", (5, 5), 10)];
    let part = decided(&partly(round(160), 60), &bids);
    let b = of(&part, "b");
    assert_eq!((b.outcome, b.amount_awarded_pence), (Some(Awarded), Pence::pounds(60)));
    assert_eq!(
        b.sentence,
        "Ranked 2nd of 3; £60 of the general pot was left, £90 was asked; what was left is offered, 66% of \
         what was asked, where the round allows an offer of 60% or more."
    );
    assert_eq!(of(&part, "c").outcome, Some(Reserve));
    assert_eq!(part.totals.budget.left_pence, Pence::ZERO);
    // Without the rule it is all or nothing.
    assert_eq!(of(&decided(&round(160), &bids), "b").outcome, Some(Reserve));
}

#[test]
fn less_than_the_announced_part_is_not_offered() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 100)];
    let outcome =
        |budget: i64, percent: u32| of(&decided(&partly(round(budget), percent), &bids), "b").outcome;
    assert_eq!(outcome(160, 60), Some(Awarded));
    assert_eq!(outcome(160, 61), Some(Reserve));
    assert_eq!(outcome(159, 60), Some(Reserve));
    assert_eq!(outcome(100, 1), Some(Reserve), "nothing is no offer");
}

#[test]
fn a_pot_pays_in_full_or_not_at_all() {
    let rules = partly(with_pot(round(200), "lancashire", 80, true), 50);
    let decided = decided(&rules, &[covering(bid("a", (9, 9), 100), &["lancashire"])]);
    // The pot holds most of it; the general pot, to which it returns, holds it all.
    assert_eq!(of(&decided, "a").paid_from, Some(PaidFrom::General));
    assert_eq!(of(&decided, "a").amount_awarded_pence, Pence::pounds(100));
}

#[test]
fn a_tie_over_a_partial_offer_blocks() {
    let bids = [bid("a", (9, 9), 100), bid("b", (7, 7), 90), bid("c", (7, 7), 80)];
    for rules in [round(160), skipping(round(160))] {
        let decided = decided(&partly(rules, 60), &bids);
        assert_eq!(decided.blockers, [Blocker::TieOnFundingLine { bids: keys(&["b", "c"]) }]);
    }
}

// ---- standing ------------------------------------------------------------------------------------

#[test]
fn bids_that_take_no_part_say_why() {
    let standing = |key, standing| BidToDecide { standing, ..bid(key, (9, 9), 10) };
    let reason = || "the lead organisation is not registered".to_owned();
    let bids = [
        standing("i", Standing::Ineligible { reason: reason() }),
        standing("w", Standing::Withdrawn),
        unscored(standing("x", Standing::Excluded { reason: "two assessors fell ill.".to_owned() })),
    ];
    let decided = decided(&round(100), &bids);
    let expected = [("i", Some(Ineligible)), ("w", Some(Withdrawn)), ("x", Some(Unsuccessful))];
    assert_eq!(outcomes(&decided), expected);
    assert_eq!(of(&decided, "i").sentence, "Not eligible: the lead organisation is not registered.");
    assert_eq!(of(&decided, "x").sentence, "Not considered further: two assessors fell ill.");
    assert!(decided.blockers.is_empty());
    assert!(decided.decisions.iter().all(|decision| decision.rank.is_none()));
}

#[test]
fn an_incomplete_bid_blocks_and_has_no_rank() {
    let decided = decided(&round(100), &[unscored(bid("a", (0, 0), 10)), bid("b", (1, 1), 10)]);
    assert_eq!(decided.blockers, [Blocker::Incomplete { bid: "a".to_owned(), have: 0, need: 1 }]);
    assert_eq!((of(&decided, "a").outcome, of(&decided, "a").rank), (None, None));
    assert_eq!(of(&decided, "a").sentence, "Not ranked yet: incomplete, 0 of 1 assessments.");
}

#[test]
fn a_disagreement_that_nobody_settled_blocks() {
    let mut rules = round(100);
    rules.disagreement.criterion_levels = Some(2);
    let assessment = |assessor: &str, need| CountedAssessment {
        assessor: assessor.to_owned(),
        scores: BTreeMap::from([("need".to_owned(), need), ("delivery".to_owned(), 5)]),
    };
    let mut scores = scores_of("a", vec![assessment("x", 1), assessment("y", 9)]);
    let decide_it = |scores: &BidScores| {
        let combined = combine_bid(&rules, scores).expect("combines");
        decided(&rules, &[BidToDecide { combined, ..bid("a", (0, 0), 10) }]).blockers
    };
    let criteria = keys(&["need"]);
    assert_eq!(decide_it(&scores), [Blocker::Disagreement { bid: "a".to_owned(), overall: false, criteria }]);
    scores.disagreement_accepted = true;
    assert!(decide_it(&scores).is_empty());
}

// ---- overrides -----------------------------------------------------------------------------------

#[test]
fn an_override_is_paid_before_the_ranking() {
    let bids = [bid("a", (9, 9), 100), overridden(bid("b", (2, 2), 100), AwardedWithConditions)];
    let decided = decided(&round(150), &bids);
    assert_eq!(outcomes(&decided), [("a", Some(Reserve)), ("b", Some(AwardedWithConditions))]);
    let b = of(&decided, "b");
    assert_eq!((b.rank, b.overridden, b.conditions.as_deref()), (Some(2), true, Some("Name a lead.")));
    assert_eq!(
        b.sentence,
        "Ranked 2nd of 2; awarded £100 from the general pot, with conditions, \
         by a decision outside the ranking: The only bid for Burnley."
    );
}

#[test]
fn an_override_takes_its_money_from_the_bids_own_pot_first() {
    let rules = with_pot(round(300), "lancashire", 100, true);
    let mut low = overridden(covering(bid("low", (1, 1), 100), &["lancashire"]), Awarded);
    if let Some(decision) = &mut low.override_by_admin {
        decision.amount_pence = Some(Pence::pounds(80));
    }
    let high = covering(bid("high", (9, 9), 100), &["lancashire"]);
    let decided = decided(&rules, &[low, high]);
    assert_eq!(of(&decided, "low").paid_from, Some(PaidFrom::Pot("lancashire".to_owned())));
    assert!(of(&decided, "low").sentence.contains("awarded £80 of the £100 that was asked from the"));
    assert_eq!(of(&decided, "high").paid_from, Some(PaidFrom::General));
    assert_eq!(decided.totals.budget.spent_pence, Pence::pounds(180));
}

#[test]
fn an_override_below_a_threshold_is_paid_without_a_rank() {
    let rules = Rules { overall_threshold: Some(50), ..round(100) };
    let decided = decided(&rules, &[overridden(bid("a", (1, 1), 100), Awarded)]);
    let a = of(&decided, "a");
    assert_eq!((a.rank, a.outcome, a.missed.overall), (None, Some(Awarded), Some(50)));
    assert!(a.sentence.starts_with("Awarded £100 from the general pot, by a decision"));
}

#[test]
fn an_override_that_does_not_fit_blocks() {
    let bids = [overridden(bid("a", (9, 9), 101), Awarded), bid("b", (1, 1), 100)];
    let decided = decided(&round(100), &bids);
    let why = OverrideFault::DoesNotFit;
    assert_eq!(decided.blockers, [Blocker::OverrideRefused { bid: "a".to_owned(), why }]);
    assert_eq!(outcomes(&decided), [("a", None), ("b", Some(Awarded))]);
}

#[test]
fn equal_overrides_of_which_one_fits_both_block() {
    let bids = ["a", "b"].map(|key| overridden(bid(key, (5, 5), 100), Awarded));
    let decided = decided(&round(150), &bids);
    assert_eq!(outcomes(&decided), [("a", None), ("b", None)]);
    assert_eq!(decided.blockers.len(), 2);
    assert_eq!(decided.totals.budget.spent_pence, Pence::ZERO);
}

#[test]
fn an_override_that_makes_no_sense_blocks() {
    let fault = |change: fn(&mut Override), standing: Standing| {
        let mut changed = overridden(BidToDecide { standing, ..bid("a", (9, 9), 100) }, Awarded);
        changed.override_by_admin.iter_mut().for_each(change);
        match &decided(&round(1000), &[changed]).blockers[..] {
            [Blocker::OverrideRefused { why, .. }] => *why,
            other => panic!("expected one refused override, got {other:?}"),
        }
    };
    let with_amount = |decision: &mut Override| decision.amount_pence = Some(Pence::pounds(101));
    assert_eq!(fault(with_amount, Standing::Eligible), OverrideFault::AmountOutOfRange);
    let with_nothing = |decision: &mut Override| decision.amount_pence = Some(Pence::ZERO);
    assert_eq!(fault(with_nothing, Standing::Eligible), OverrideFault::AmountOutOfRange);
    assert_eq!(fault(|_| (), Standing::Withdrawn), OverrideFault::NotTakingPart);
    let stray = |decision: &mut Override| decision.conditions = Some("Name a lead.".to_owned());
    assert_eq!(fault(stray, Standing::Eligible), OverrideFault::ConditionsDoNotMatch);
    let no_award = |decision: &mut Override| {
        decision.outcome = Reserve;
        decision.amount_pence = Some(Pence::pounds(1));
    };
    assert_eq!(fault(no_award, Standing::Eligible), OverrideFault::AmountWithoutAward);
}

#[test]
fn a_bid_put_on_the_reserve_list_stands_there_by_rank() {
    let bids = [
        overridden(bid("a", (9, 9), 10), Reserve),
        bid("b", (7, 7), 100),
        bid("c", (5, 5), 100),
        overridden(bid("d", (3, 3), 10), Unsuccessful),
    ];
    let decided = decided(&round(100), &bids);
    let expected = [("a", Reserve), ("b", Awarded), ("c", Reserve), ("d", Unsuccessful)];
    assert_eq!(outcomes(&decided), expected.map(|(bid, outcome)| (bid, Some(outcome))));
    assert_eq!(of(&decided, "a").reserve_position, Some(1));
    assert_eq!(of(&decided, "c").reserve_position, Some(2));
}

// ---- input and words -----------------------------------------------------------------------------

#[test]
fn input_that_validation_should_have_refused_is_refused() {
    let a = || bid("a", (1, 1), 10);
    let refused = |rules: &Rules, bids: &[BidToDecide], order: &[&str]| {
        decide(rules, bids, &keys(order)).expect_err("refused")
    };
    assert!(matches!(refused(&round(1), &[a(), a()], &[]), DecideError::BidTwice { .. }));
    assert!(matches!(refused(&round(1), &[a()], &["a", "a"]), DecideError::TieOrderTwice { .. }));
    let unknown = covering(a(), &["nowhere"]);
    assert!(matches!(refused(&round(1), &[unknown], &[]), DecideError::UnknownPot { .. }));
    let free = BidToDecide { amount_requested_pence: Pence::ZERO, ..a() };
    assert!(matches!(refused(&round(1), &[free], &[]), DecideError::AmountNotPositive { .. }));
    let over = with_pot(round(1), "lancashire", 2, true);
    assert!(matches!(refused(&over, &[a()], &[]), DecideError::PotsExceedBudget));
}

#[test]
fn outcomes_are_written_as_in_json() {
    for outcome in Outcome::ALL {
        let json = serde_json::to_string(&outcome).expect("serialises");
        assert_eq!(json, format!("\"{outcome}\""));
        assert_eq!(outcome.as_str().parse(), Ok(outcome));
    }
    assert!("accepted".parse::<Outcome>().is_err());
}

// ---- for any round -------------------------------------------------------------------------------

#[derive(Debug, Clone)]
struct AnyRound {
    rules: Rules,
    bids: Vec<BidToDecide>,
}

/// Few bids, few scores and few amounts, so that ties, full pots and overrides are common.
fn any_round(overrides: bool) -> impl Strategy<Value = AnyRound> {
    let any_bid = (3_i32..6, 1_i64..5, prop::collection::vec(any::<bool>(), 2), 0_u8..12);
    let pots = prop::collection::vec((1_i64..5, any::<bool>()), 0..=2);
    let partly = prop::sample::select(vec![None, None, Some(50), Some(75)]);
    let shape = (any::<bool>(), any::<bool>(), 0_i64..8, partly);
    (prop::collection::vec(any_bid, 1..=6), pots, shape).prop_map(
        move |(shapes, pots, (skip, threshold, general, partly))| {
            let ring_fenced: i64 = pots.iter().map(|(amount, _)| amount).sum();
            let mut rules = round((ring_fenced + general).max(1));
            for (index, (amount, returned)) in pots.iter().enumerate() {
                rules = with_pot(rules, &format!("pot{index}"), *amount, *returned);
            }
            rules.overall_threshold = threshold.then_some(40);
            rules.partial_offer_percent = partly;
            if skip {
                rules = skipping(rules);
            }
            let build = |(index, (score, amount, covers, state)): (usize, &(i32, i64, Vec<bool>, u8))| {
                let covered = rules.pots.iter().zip(covers).filter(|(_, covers)| **covers);
                let covered: Vec<&str> = covered.map(|(pot, _)| pot.key.as_str()).collect();
                let plain = covering(bid(&format!("b{index}"), (*score, *score), *amount), &covered);
                match (overrides, state) {
                    (true, 0) => overridden(plain, AwardedWithConditions),
                    (true, 1) => overridden(plain, Awarded),
                    (true, 2) => overridden(plain, Reserve),
                    (true, 3) => BidToDecide { standing: Standing::Withdrawn, ..plain },
                    (true, 4) => unscored(plain),
                    (true, 5) => overridden(plain, Unsuccessful),
                    _ => plain,
                }
            };
            let bids = shapes.iter().enumerate().map(build).collect();
            AnyRound { rules, bids }
        },
    )
}

/// Everyone paid and how much, when bids stand in exactly this order: the rule of the round, told
/// plainly.
fn paid_in_order(rules: &Rules, order: &[&BidToDecide]) -> BTreeMap<String, i64> {
    let mut paid = BTreeMap::new();
    let mut go_down = |held: &mut i64, least: Option<u32>, covers: &dyn Fn(&BidToDecide) -> bool| {
        for bid in order {
            let asked = bid.amount_requested_pence.0;
            if paid.contains_key(&bid.bid) || !covers(bid) {
                continue;
            }
            if asked <= *held {
                *held -= asked;
                paid.insert(bid.bid.clone(), asked);
                continue;
            }
            if *held > 0 && least.is_some_and(|least| *held * 100 >= asked * i64::from(least)) {
                paid.insert(bid.bid.clone(), *held);
                *held = 0;
            }
            if rules.when_next_does_not_fit == NextDoesNotFit::Stop {
                break;
            }
        }
    };
    let mut general = rules.budget_pence.0;
    for pot in &rules.pots {
        let mut held = pot.amount_pence.0;
        general -= held;
        go_down(&mut held, None, &|bid| bid.pots.contains(&pot.key));
        if pot.remainder_to_general_pot {
            general += held;
        }
    }
    go_down(&mut general, rules.partial_offer_percent, &|_| true);
    paid
}

fn total(bid: &BidToDecide) -> i128 {
    match &bid.combined {
        Combined::Complete(score) => {
            assert_eq!(score.total.denominator(), 1, "equal scores on both criteria give whole points");
            score.total.numerator()
        }
        Combined::Incomplete(_) => -1,
    }
}

/// Every order that keeps better bids before worse ones.
fn orders(bids: &[BidToDecide]) -> Vec<Vec<&BidToDecide>> {
    let mut orders: Vec<Vec<&BidToDecide>> = vec![Vec::new()];
    for bid in bids {
        let mut longer = Vec::new();
        for order in &orders {
            for position in 0..=order.len() {
                let fits = order[..position].iter().all(|before| total(before) >= total(bid))
                    && order[position..].iter().all(|after| total(after) <= total(bid));
                if fits {
                    let mut order = order.clone();
                    order.insert(position, bid);
                    longer.push(order);
                }
            }
        }
        orders = longer;
    }
    orders
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn outcomes_agree_with_every_order_of_equals(any in any_round(false)) {
        let decided = decided(&any.rules, &any.bids);
        let above: Vec<BidToDecide> = any.bids.iter()
            .filter(|bid| any.rules.overall_threshold.is_none_or(|least| total(bid) >= i128::from(least)))
            .cloned()
            .collect();
        let paid: BTreeSet<BTreeMap<String, i64>> =
            orders(&above).iter().map(|order| paid_in_order(&any.rules, order)).collect();
        let tie_blocks = decided.blockers.iter().any(|b| matches!(b, Blocker::TieOnFundingLine { .. }));
        prop_assert_eq!(tie_blocks, paid.len() > 1, "{:?} {:?}", paid, decided);
        for bid in &above {
            let decision = of(&decided, &bid.bid);
            let times = paid.iter().filter(|paid| paid.contains_key(&bid.bid)).count();
            match decision.outcome {
                Some(Outcome::Awarded) => {
                    let amount = Some(&decision.amount_awarded_pence.0);
                    prop_assert!(paid.iter().all(|paid| paid.get(&bid.bid) == amount), "{:?} {:?}", paid, decision);
                }
                Some(Outcome::Reserve) => prop_assert_eq!(times, 0),
                None => prop_assert!(tie_blocks),
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }

    #[test]
    fn the_panels_order_of_everything_leaves_no_tie(any in any_round(false), turn in 0_usize..6) {
        let mut order: Vec<String> = any.bids.iter().map(|bid| bid.bid.clone()).collect();
        let by = turn % order.len();
        order.rotate_left(by);
        let decided = decide(&any.rules, &any.bids, &order).expect("decides");
        prop_assert!(decided.blockers.is_empty());
        let mut ranked: Vec<BidToDecide> = any.bids.iter()
            .filter(|bid| any.rules.overall_threshold.is_none_or(|least| total(bid) >= i128::from(least)))
            .cloned()
            .collect();
        ranked.sort_by_key(|bid| (-total(bid), order.iter().position(|key| *key == bid.bid)));
        let expected = paid_in_order(&any.rules, &ranked.iter().collect::<Vec<_>>());
        let awarded = decided.decisions.iter().filter(|d| d.outcome == Some(Outcome::Awarded));
        let awarded: BTreeMap<String, i64> =
            awarded.map(|decision| (decision.bid.clone(), decision.amount_awarded_pence.0)).collect();
        prop_assert_eq!(awarded, expected);
        let reserve = decided.decisions.iter().filter_map(|decision| decision.reserve_position);
        let reserve: Vec<u32> = reserve.collect();
        prop_assert!(reserve.iter().copied().eq((1..).take(reserve.len())));
    }

    #[test]
    fn order_of_bids_changes_nothing(any in any_round(true), turn in 0_usize..6) {
        let mut turned = any.bids.clone();
        let by = turn % turned.len();
        turned.rotate_left(by);
        prop_assert_eq!(decided(&any.rules, &turned), decided(&any.rules, &any.bids));
        turned.reverse();
        prop_assert_eq!(decided(&any.rules, &turned), decided(&any.rules, &any.bids));
    }

    #[test]
    fn names_of_bids_decide_nothing(any in any_round(true)) {
        let renamed: Vec<BidToDecide> = any.bids.iter().rev().enumerate()
            .map(|(index, bid)| BidToDecide { bid: format!("z{index}"), ..bid.clone() })
            .collect();
        let (before, after) = (decided(&any.rules, &any.bids), decided(&any.rules, &renamed));
        for (old, new) in any.bids.iter().rev().zip(&renamed) {
            let (old, new) = (of(&before, &old.bid), of(&after, &new.bid));
            prop_assert_eq!((old.outcome, old.rank, old.reserve_position), (new.outcome, new.rank, new.reserve_position));
            prop_assert_eq!(old.amount_awarded_pence, new.amount_awarded_pence);
        }
    }

    #[test]
    fn money_is_never_exceeded_and_sums_agree(any in any_round(true)) {
        let decided = decided(&any.rules, &any.bids);
        let spent = |from: PaidFrom| -> Pence {
            let paid = decided.decisions.iter().filter(|d| d.paid_from.as_ref() == Some(&from));
            paid.map(|decision| decision.amount_awarded_pence).sum()
        };
        let mut general = any.rules.budget_pence;
        let mut spent_by_pots = Pence::ZERO;
        for (pot, total) in any.rules.pots.iter().zip(&decided.totals.pots) {
            prop_assert_eq!(total.spent_pence, spent(PaidFrom::Pot(pot.key.clone())));
            prop_assert_eq!(total.available_pence, total.spent_pence + total.returned_pence + total.left_pence);
            prop_assert!(total.spent_pence <= pot.amount_pence);
            prop_assert!(total.returned_pence == Pence::ZERO || pot.remainder_to_general_pot);
            general = general - pot.amount_pence + total.returned_pence;
            spent_by_pots = spent_by_pots + total.spent_pence;
        }
        let totals = &decided.totals;
        prop_assert_eq!(totals.general.available_pence, general);
        prop_assert_eq!(totals.general.spent_pence, spent(PaidFrom::General));
        prop_assert!(totals.general.left_pence >= Pence::ZERO);
        prop_assert_eq!(totals.budget.spent_pence, spent_by_pots + totals.general.spent_pence);
        prop_assert!(totals.budget.left_pence >= Pence::ZERO);
        for decision in &decided.decisions {
            let awarded = decision.outcome.is_some_and(Outcome::is_award);
            prop_assert_eq!(awarded, decision.paid_from.is_some());
            prop_assert_eq!(awarded, decision.amount_awarded_pence > Pence::ZERO);
            prop_assert!(decision.outcome.is_some() || !decided.blockers.is_empty());
            prop_assert!(decision.sentence.ends_with('.') && !decision.sentence.ends_with(".."));
        }
    }

    #[test]
    fn a_pot_pays_only_bids_that_cover_it(any in any_round(true)) {
        for decision in decided(&any.rules, &any.bids).decisions {
            if let Some(PaidFrom::Pot(pot)) = decision.paid_from {
                let bid = any.bids.iter().find(|bid| bid.bid == decision.bid).expect("known");
                prop_assert!(bid.pots.contains(&pot));
            }
        }
    }

    #[test]
    fn higher_score_never_lowers_a_rank(any in any_round(false), raised in 0_usize..6) {
        let raised = raised % any.bids.len();
        let before = decided(&any.rules, &any.bids);
        let mut after = any.bids.clone();
        let old = &any.bids[raised];
        let higher = i32::try_from(total(old) / 10).expect("small") + 1;
        after[raised].combined = bid(&old.bid, (higher, higher), 1).combined;
        let after = decided(&any.rules, &after);
        let rank = |decided: &Decided| of(decided, &old.bid).rank.unwrap_or(u32::MAX);
        prop_assert!(rank(&after) <= rank(&before));
    }

    #[test]
    fn no_sentence_names_another_bid(any in any_round(true)) {
        for decision in decided(&any.rules, &any.bids).decisions {
            prop_assert!(any.bids.iter().all(|bid| !decision.sentence.contains(&bid.bid)));
        }
    }
}
