//! What the ledger of acts after closing promises, for any round and any acts.

use std::collections::BTreeMap;

use fasttrack::id::BidId;
use fasttrack::money::Pence;
use fasttrack::outcomes::decide::{Outcome, PaidFrom};
use fasttrack::outcomes::evaluate::evaluate;
use fasttrack::outcomes::inputs::Inputs;
use fasttrack::outcomes::later::ledger::Ledger;
use fasttrack::outcomes::later::model::{AwardEnd, NewLaterAct, Stands};
use fasttrack::outcomes::model::BidOutcome;
use fasttrack::rounds::rules::NextDoesNotFit;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A kind of act, a bid by its place, an outcome, and an amount in pence where one is given.
type AnyAct = (u8, usize, Outcome, Option<i64>);

fn uuid(number: usize) -> String {
    format!("01990000-0000-7000-8000-{number:012}")
}

fn bid(number: usize, score: i32, amount: i64, covers: &[bool]) -> Value {
    let areas: Vec<String> = covers
        .iter()
        .enumerate()
        .filter(|(_, covers)| **covers)
        .map(|(pot, _)| format!("area{pot}"))
        .collect();
    json!({
        "id": uuid(number), "reference": format!("B{number}"), "number": 1, "title": "", "organisation_id": uuid(900),
        "organisation": "", "areas": areas, "amount_requested_pence": amount, "status": "submitted",
        "eligibility": "eligible", "eligibility_reason": null, "set_aside": [], "moderated": {}, "excluded": null,
        "accepted_short": null, "disagreement_accepted": null, "overridden": null,
        "assessments": [{
            "id": uuid(100 + number), "assessor_id": uuid(901), "number": 1, "scores": {"need": score},
            "feedback": {}, "overall_feedback": "",
        }],
    })
}

/// A closed round: ties are settled by the panel, so every outcome is decided.
fn any_closed() -> impl Strategy<Value = (Inputs, Vec<BidOutcome>)> {
    let any_bid = (0_i32..6, 1_i64..9, prop::collection::vec(any::<bool>(), 2));
    let pots = prop::collection::vec((1_i64..9, any::<bool>()), 0..=2);
    (prop::collection::vec(any_bid, 1..=7), pots, any::<bool>(), 0_i64..16).prop_map(|(bids, pots, skip, general)| {
        let ring_fenced: i64 = pots.iter().map(|(amount, _)| amount).sum();
        let pots: Vec<Value> = pots.iter().enumerate().map(|(place, (amount, returns))| json!({
            "key": format!("pot{place}"), "name": "Pot", "areas": [format!("area{place}")], "amount_pence": amount,
            "remainder_to_general_pot": returns,
        })).collect();
        let pot_areas: BTreeMap<String, Vec<String>> =
            (0..pots.len()).map(|place| (format!("pot{place}"), vec![format!("area{place}")])).collect();
        let scale: Vec<Value> = (0..=5).map(|score| json!({"score": score, "label": "Level"})).collect();
        let references: Vec<String> = (0..bids.len()).map(|number| format!("B{number}")).collect();
        let bids: Vec<Value> =
            bids.iter().enumerate().map(|(number, (score, amount, covers))| bid(number, *score, *amount, covers)).collect();
        let inputs: Inputs = serde_json::from_value(json!({
            "format": 1, "fund_id": uuid(902), "fund": "Fund", "round_id": uuid(903), "round_code": "R1", "round": "Round",
            "rules": {
                "criteria": [{"key": "need", "title": "Need", "word_limit": 100, "weight": 100, "scale": scale}],
                "assessors_per_bid": 1, "quorum": 1, "overall_threshold": 20, "pots": pots,
                "budget_pence": (ring_fenced + general).max(1),
                "when_next_does_not_fit": if skip { "skip" } else { "stop" },
            },
            "pot_areas": pot_areas, "bids": bids,
            "tie_order": {"id": uuid(904), "bids": references, "reason": "The panel voted."},
        })).expect("inputs");
        let evaluated = evaluate(&inputs).expect("evaluates");
        assert!(evaluated.open_points().is_empty());
        (inputs, evaluated.outcomes)
    })
}

fn any_acts() -> impl Strategy<Value = Vec<AnyAct>> {
    let outcome = prop::sample::select(Outcome::ALL.to_vec());
    prop::collection::vec((0_u8..4, 0_usize..7, outcome, prop::option::of(1_i64..9)), 1..=12)
}

fn act(ledger: &Ledger, inputs: &Inputs, (kind, place, outcome, amount): &AnyAct) -> NewLaterAct {
    let bid_id = inputs.bids[place % inputs.bids.len()].id;
    let reason = "For a reason.".to_owned();
    match kind {
        0 => NewLaterAct::EndAward { bid_id, how: AwardEnd::Declined, reason },
        1 => {
            let conditions = (*outcome == Outcome::AwardedWithConditions).then(|| "Name a lead.".to_owned());
            let amount_pence = amount.filter(|_| outcome.is_award()).map(Pence);
            NewLaterAct::Correct { bid_id, outcome: *outcome, amount_pence, conditions, reason }
        }
        2 => NewLaterAct::Promote { bid_id, reason },
        _ => NewLaterAct::Promote { bid_id: ledger.proposal().map_or(bid_id, |next| next.bid_id), reason },
    }
}

fn standing(ledger: &Ledger, inputs: &Inputs) -> BTreeMap<BidId, Stands> {
    inputs.bids.iter().map(|bid| (bid.id, ledger.stands(bid.id).expect("stands").clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn money_awarded_never_exceeds_a_pot_or_the_budget_after_any_acts(
        (inputs, outcomes) in any_closed(), acts in any_acts(),
    ) {
        let mut ledger = Ledger::at_closing(&inputs, &outcomes);
        for any in &acts {
            let before = standing(&ledger, &inputs);
            let act = act(&ledger, &inputs, any);
            if ledger.play(&act).is_err() {
                prop_assert_eq!(standing(&ledger, &inputs), before);
                continue;
            }
            let after = standing(&ledger, &inputs);
            let changed: Vec<&BidId> = after.keys().filter(|bid| after.get(bid) != before.get(bid)).collect();
            prop_assert_eq!(changed, [&act.bid()]);
            let spent = |counts: &dyn Fn(&PaidFrom) -> bool| -> i64 {
                let paid = after.values().filter(|stands| stands.paid_from.as_ref().is_some_and(counts));
                paid.map(|stands| stands.amount_pence.0).sum()
            };
            let budget = inputs.rules.budget_pence.0;
            let mut kept_apart = 0;
            for pot in &inputs.rules.pots {
                let by_pot = spent(&|from| *from == PaidFrom::Pot(pot.key.clone()));
                prop_assert!(by_pot <= pot.amount_pence.0);
                kept_apart += if pot.remainder_to_general_pot { by_pot } else { pot.amount_pence.0 };
            }
            prop_assert!(spent(&|from| *from == PaidFrom::General) <= budget - kept_apart);
            prop_assert_eq!(spent(&|_| true), ledger.awarded().0);
            for stands in after.values() {
                prop_assert_eq!(stands.outcome.is_award(), stands.paid_from.is_some());
                prop_assert_eq!(stands.outcome.is_award(), stands.amount_pence > Pence::ZERO);
                prop_assert_eq!(stands.outcome == Outcome::Reserve, stands.reserve_position.is_some());
            }
        }
    }

    #[test]
    fn nobody_is_promoted_past_a_bid_that_the_same_money_would_pay(
        (inputs, outcomes) in any_closed(), acts in any_acts(),
    ) {
        let mut ledger = Ledger::at_closing(&inputs, &outcomes);
        for any in &acts {
            let before = standing(&ledger, &inputs);
            let act = act(&ledger, &inputs, any);
            let Some(next) = ledger.proposal() else {
                let is_promotion = matches!(act, NewLaterAct::Promote { .. });
                prop_assert!(ledger.play(&act).is_err() || !is_promotion);
                continue;
            };
            let Ok((was, now)) = ledger.play(&act) else { continue };
            if let NewLaterAct::Promote { bid_id, .. } = act {
                prop_assert_eq!(bid_id, next.bid_id);
                let passed = inputs.bids.iter().filter(|bid| {
                    let stands = &before[&bid.id];
                    let covers = match now.paid_from.as_ref() {
                        Some(PaidFrom::Pot(key)) => inputs.pots_of(bid).contains(key),
                        Some(PaidFrom::General) | None => true,
                    };
                    stands.outcome == Outcome::Reserve && covers && stands.reserve_position < was.reserve_position
                });
                for bid in passed {
                    prop_assert_eq!(inputs.rules.when_next_does_not_fit, NextDoesNotFit::Skip);
                    prop_assert!(bid.amount_requested_pence > now.amount_pence);
                }
            }
        }
    }
}
