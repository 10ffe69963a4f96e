//! The ledger: what stands for each bid once the acts after closing are played over its outcome,
//! and what money that leaves.
//!
//! A bid is paid from the first of its pots, in the announced order, that has the amount free, else
//! from the general pot. What a pot has left belongs to the general pot too where the round says
//! that it returns: such a pot pays no more than both have free.
//!
//! Must not know: storage, the time, who is told.

use std::collections::BTreeMap;

use super::model::{NewLaterAct, Proposal, Stands};
use crate::id::BidId;
use crate::money::Pence;
use crate::outcomes::decide::{Outcome, OverrideFault, PaidFrom};
use crate::outcomes::inputs::Inputs;
use crate::outcomes::model::{BidOutcome, reason_fault};
use crate::outcomes::sentences;
use crate::problem::Fault;
use crate::rounds::rules::{NextDoesNotFit, Rules};

/// What stands in a closed round.
#[derive(Debug, Clone)]
pub struct Ledger<'a> {
    rules: &'a Rules,
    lines: BTreeMap<BidId, Line>,
}

#[derive(Debug, Clone)]
struct Line {
    reference: String,
    asked: Pence,
    /// Keys of the pots that may pay it, in the announced order.
    pots: Vec<String>,
    stands: Stands,
}

impl<'a> Ledger<'a> {
    /// As the closing left it. An outcome that is not decided, which no closing writes, is left out.
    #[must_use]
    pub fn at_closing(inputs: &'a Inputs, outcomes: &[BidOutcome]) -> Self {
        let bids: BTreeMap<BidId, _> = inputs.bids.iter().map(|bid| (bid.id, bid)).collect();
        let lines = outcomes.iter().filter_map(|outcome| {
            let bid = bids.get(&outcome.bid_id)?;
            let line = Line {
                reference: bid.reference.clone(),
                asked: bid.amount_requested_pence,
                pots: inputs.pots_of(bid),
                stands: Stands {
                    outcome: outcome.outcome?,
                    amount_pence: outcome.amount_pence,
                    paid_from: outcome.detail.decision.paid_from.clone(),
                    reserve_position: outcome.reserve_position,
                    conditions: outcome.conditions.clone(),
                    sentence: outcome.sentence.clone(),
                },
            };
            Some((outcome.bid_id, line))
        });
        Self { rules: &inputs.rules, lines: lines.collect() }
    }

    #[must_use]
    pub fn reference(&self, bid: BidId) -> Option<&str> {
        self.lines.get(&bid).map(|line| line.reference.as_str())
    }

    #[must_use]
    pub fn stands(&self, bid: BidId) -> Option<&Stands> {
        self.lines.get(&bid).map(|line| &line.stands)
    }

    /// What stands awarded.
    #[must_use]
    pub fn awarded(&self) -> Pence {
        self.lines.values().map(|line| line.stands.amount_pence).sum()
    }

    /// Plays an act; gives what stood for its bid and what stands now.
    ///
    /// # Errors
    /// All that is wrong with the act, with pointers into it; nothing is changed then.
    pub fn play(&mut self, act: &NewLaterAct) -> Result<(Stands, Stands), Vec<Fault>> {
        let mut faults: Vec<Fault> = reason_fault(act.reason()).into_iter().collect();
        let now = match self.lines.get(&act.bid()) {
            None => Err(vec![Fault::new("/bid_id", "no bid of this id was decided in this round")]),
            Some(line) => self.outcome_of(line, act),
        };
        let now = match now {
            Ok(now) if faults.is_empty() => now,
            Ok(_) => return Err(faults),
            Err(found) => {
                faults.extend(found);
                return Err(faults);
            }
        };
        let line = self.lines.get_mut(&act.bid());
        let was = line.map(|line| std::mem::replace(&mut line.stands, now.clone()));
        was.map(|was| (was, now)).ok_or(faults)
    }

    fn outcome_of(&self, line: &Line, act: &NewLaterAct) -> Result<Stands, Vec<Fault>> {
        match act {
            NewLaterAct::EndAward { how, reason, .. } => {
                if !line.stands.outcome.is_award() {
                    let told = format!("{} has no award that could end", line.reference);
                    return Err(vec![Fault::new("/bid_id", told)]);
                }
                let sentence = sentences::award_ended(*how, line.stands.amount_pence, reason);
                Ok(without_money(Outcome::Withdrawn, sentence))
            }
            NewLaterAct::Promote { bid_id, .. } => match self.proposal() {
                Some(proposal) if proposal.bid_id == *bid_id => Ok(proposal.now),
                Some(next) => {
                    let told = format!("next to be promoted is {}, not {}", next.reference, line.reference);
                    Err(vec![Fault::new("/bid_id", told)])
                }
                None => {
                    let told = "nothing on the reserve list can be paid with the money that is left";
                    Err(vec![Fault::new("/bid_id", told)])
                }
            },
            NewLaterAct::Correct { outcome, amount_pence, conditions, reason, .. } => {
                self.corrected(line, *outcome, *amount_pence, conditions.as_deref(), reason)
            }
        }
    }

    fn corrected(
        &self,
        line: &Line,
        outcome: Outcome,
        amount: Option<Pence>,
        conditions: Option<&str>,
        reason: &str,
    ) -> Result<Stands, Vec<Fault>> {
        let mut faults = Vec::new();
        if amount.is_some() && !outcome.is_award() {
            faults.push(Fault::new("/amount_pence", OverrideFault::AmountWithoutAward.to_string()));
        } else if amount.is_some_and(|amount| amount <= Pence::ZERO || amount > line.asked) {
            faults.push(Fault::new("/amount_pence", OverrideFault::AmountOutOfRange.to_string()));
        }
        let conditions = conditions.map(str::trim).filter(|text| !text.is_empty());
        if conditions.is_some() != (outcome == Outcome::AwardedWithConditions) {
            faults.push(Fault::new("/conditions", OverrideFault::ConditionsDoNotMatch.to_string()));
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut now = without_money(outcome, sentences::corrected(reason));
        now.conditions = conditions.map(str::to_owned);
        if outcome.is_award() {
            now.amount_pence = amount.unwrap_or(line.asked);
            now.paid_from =
                Some(self.purse_for(line, now.amount_pence).ok_or_else(|| {
                    vec![Fault::new("/amount_pence", OverrideFault::DoesNotFit.to_string())]
                })?);
        }
        if outcome == Outcome::Reserve {
            now.reserve_position = Some(line.stands.reserve_position.unwrap_or_else(|| self.last_in_line()));
        }
        let said = |stands: &Stands| (stands.outcome, stands.amount_pence, stands.conditions.clone());
        if said(&now) == said(&line.stands) {
            return Err(vec![Fault::new("/outcome", "this is what stands already")]);
        }
        Ok(now)
    }

    fn last_in_line(&self) -> u32 {
        let positions = self.lines.values().filter_map(|line| line.stands.reserve_position);
        positions.max().unwrap_or(0).saturating_add(1)
    }

    /// The next of the reserve list that the free money pays. With `stop`, a bid that does not fit
    /// holds up those behind it that wait for the same money.
    #[must_use]
    pub fn proposal(&self) -> Option<Proposal> {
        let mut reserve: Vec<(&BidId, &Line)> =
            self.lines.iter().filter(|(_, line)| line.stands.outcome == Outcome::Reserve).collect();
        reserve.sort_by_key(|(_, line)| (line.stands.reserve_position, &line.reference));
        let purses = self.rules.pots.iter().map(|pot| PaidFrom::Pot(pot.key.clone()));
        purses.chain([PaidFrom::General]).find_map(|purse| {
            let mut waiting = reserve.iter().filter(|(_, line)| line.may_be_paid_from(&purse));
            let held = self.free(&purse, None);
            let fits = |line: &Line| line.asked <= held;
            let (id, line) = match self.rules.when_next_does_not_fit {
                NextDoesNotFit::Stop => waiting.next().filter(|(_, line)| fits(line))?,
                NextDoesNotFit::Skip => waiting.find(|(_, line)| fits(line))?,
            };
            Some(self.propose(**id, line, purse, held))
        })
    }

    fn propose(&self, bid_id: BidId, line: &Line, purse: PaidFrom, held: Pence) -> Proposal {
        let position = line.stands.reserve_position;
        let sentence = sentences::promoted(self.rules, position, &purse, held, line.asked);
        let now = Stands {
            outcome: Outcome::Awarded,
            amount_pence: line.asked,
            paid_from: Some(purse),
            reserve_position: None,
            conditions: None,
            sentence,
        };
        Proposal { bid_id, reference: line.reference.clone(), now }
    }

    /// The purse that has the amount free for a bid, its own award set aside.
    fn purse_for(&self, line: &Line, amount: Pence) -> Option<PaidFrom> {
        let pots = self.rules.pots.iter().map(|pot| PaidFrom::Pot(pot.key.clone()));
        pots.filter(|purse| line.may_be_paid_from(purse))
            .chain([PaidFrom::General])
            .find(|purse| amount <= self.free(purse, Some(&line.reference)))
    }

    /// What a purse has free, as if nothing were awarded to `but_for`.
    fn free(&self, purse: &PaidFrom, but_for: Option<&str>) -> Pence {
        let spent = |counts: &dyn Fn(&PaidFrom) -> bool| -> Pence {
            let lines = self.lines.values().filter(|line| Some(line.reference.as_str()) != but_for);
            let paid = lines.filter(|line| line.stands.paid_from.as_ref().is_some_and(counts));
            paid.map(|line| line.stands.amount_pence).sum()
        };
        // What is in no pot that keeps its remainder: the general pot and all that returns to it.
        let keeps =
            |key: &str| self.rules.pots.iter().any(|pot| pot.key == *key && !pot.remainder_to_general_pot);
        let kept: Pence =
            self.rules.pots.iter().filter(|pot| keeps(&pot.key)).map(|pot| pot.amount_pence).sum();
        let common = self.rules.budget_pence
            - kept
            - spent(&|from| match from {
                PaidFrom::General => true,
                PaidFrom::Pot(key) => !keeps(key),
            });
        match purse {
            PaidFrom::General => common,
            PaidFrom::Pot(key) => {
                let pot = self.rules.pots.iter().find(|pot| pot.key == *key);
                let own = pot.map_or(Pence::ZERO, |pot| pot.amount_pence) - spent(&|from| from == purse);
                if keeps(key) { own } else { own.min(common) }
            }
        }
    }
}

impl Line {
    fn may_be_paid_from(&self, purse: &PaidFrom) -> bool {
        match purse {
            PaidFrom::General => true,
            PaidFrom::Pot(key) => self.pots.contains(key),
        }
    }
}

fn without_money(outcome: Outcome, sentence: String) -> Stands {
    Stands {
        outcome,
        amount_pence: Pence::ZERO,
        paid_from: None,
        reserve_position: None,
        conditions: None,
        sentence,
    }
}
