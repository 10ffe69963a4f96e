//! Deciding: from combined scores to outcomes, within the budget.
//!
//! The rule (section 7 of the design), in this order:
//!
//! 1. **Thresholds.** A bid below a criterion's or the overall threshold is unsuccessful and has no
//!    rank. Exact scores are compared, so 59.996 misses a threshold of 60 though it shows as 60.00.
//! 2. **Ranking** by combined score, then by the tie-break criteria; see `ranking.rs`.
//! 3. **Overrides** that award are paid first, best ranked first: from the first of the bid's pots
//!    that holds the amount, else from the general pot before the ranking goes down it. One that
//!    does not fit is not paid, and blocks, as do its equals that ask the same of the same pots. An overridden bid keeps its rank, unless it is made
//!    ineligible or withdrawn, and takes no part in what follows.
//! 4. **Pots**, in the announced order, then the general pot: the budget less the pots, plus what
//!    they return; see `spending.rs`. A bid is paid from one pot, in full, unless the round allows
//!    the one that straddles the general pot's line to be offered what is left.
//! 5. **The reserve list** is what is left of the ranking, in order; bids put there by an override
//!    that have no rank come last, by score.
//!
//! What a close must be refused for comes back as blockers. An incomplete bid, one whose fate hangs
//! on an open tie and one whose override is refused have no outcome. A key names a bid; it never
//! decides between two. The order of the inputs changes nothing.
//!
//! The caller passes rules whose `faults` came back empty, and every bid that was submitted.
//!
//! Must not know: assessors, areas (the caller resolves them to pots), storage, the time.

use std::collections::{BTreeMap, BTreeSet};

pub use super::decisions::{
    BidToDecide, Blocker, CriterionMissed, DecideError, Decided, Decision, Missed, Outcome, Override,
    OverrideFault, PaidFrom, PotTotal, Spend, Standing, Totals,
};

use super::combine::{Combined, CombinedScore, DisagreedOn, Exact};
use super::ranking::{self, Contender, Tier};
use super::sentences::{self, Place};
use super::spending::{self, Fate, FirstCall, Spending};
use crate::money::Pence;
use crate::rounds::rules::Rules;

/// Decides a round. `tie_order` is the panel's or the draw's: keys of tied bids, best first. It settles the ties
/// all of whose bids it names, and nothing else.
///
/// # Errors
///
/// See [`DecideError`]. What a person can put right is a blocker, not an error.
pub fn decide(rules: &Rules, bids: &[BidToDecide], tie_order: &[String]) -> Result<Decided, DecideError> {
    check(rules, bids, tie_order)?;
    let bids: Vec<&BidToDecide> = bids.iter().collect();
    let ranked = bids.iter().copied().filter_map(contender).filter(|c| is_ranked(rules, *c)).collect();
    let tiers = ranking::rank(rules, ranked, tie_order);
    let awards = override_awards(rules, &bids, tie_order);
    let competing: Vec<Tier> = tiers.iter().map(without_overridden).collect();
    let spending = spending::spend(rules, &awards, &competing);
    let reserve = Reserve::list(rules, &bids, &tiers, &spending.fates, tie_order);

    let mut round =
        Round { rules, places: places(rules, &tiers), spending, reserve, blockers: BTreeSet::new() };
    let mut decisions: Vec<Decision> = bids.iter().map(|bid| round.decision(bid)).collect();
    decisions.sort_by(|left, right| listed(left).cmp(&listed(right)));
    round.block_ties(&competing);
    let totals = Totals::of(rules, &decisions);
    Ok(Decided { decisions, totals, blockers: round.blockers.into_iter().collect() })
}

/// The ranked first, best first, then by key.
fn listed(decision: &Decision) -> (u32, &str) {
    (decision.rank.unwrap_or(u32::MAX), &decision.bid)
}

fn check(rules: &Rules, bids: &[BidToDecide], tie_order: &[String]) -> Result<(), DecideError> {
    let pots: i128 = rules.pots.iter().map(|pot| i128::from(pot.amount_pence.0)).sum();
    if pots > i128::from(rules.budget_pence.0) {
        return Err(DecideError::PotsExceedBudget);
    }
    let mut ordered = BTreeSet::new();
    if let Some(bid) = tie_order.iter().find(|bid| !ordered.insert(bid.as_str())) {
        return Err(DecideError::TieOrderTwice { bid: bid.clone() });
    }
    let mut seen = BTreeSet::new();
    for BidToDecide { bid, amount_requested_pence, pots, .. } in bids {
        if !seen.insert(bid.as_str()) {
            return Err(DecideError::BidTwice { bid: bid.clone() });
        }
        if *amount_requested_pence <= Pence::ZERO {
            return Err(DecideError::AmountNotPositive { bid: bid.clone() });
        }
        if let Some(pot) = pots.iter().find(|key| rules.pots.iter().all(|pot| pot.key != **key)) {
            return Err(DecideError::UnknownPot { bid: bid.clone(), pot: pot.clone() });
        }
    }
    Ok(())
}

/// A bid that takes part and has a combined score.
fn contender(bid: &BidToDecide) -> Option<Contender<'_>> {
    match (&bid.standing, &bid.combined) {
        (Standing::Eligible, Combined::Complete(combined)) => Some(Contender { bid, combined }),
        (Standing::Eligible, Combined::Incomplete(_))
        | (Standing::Ineligible { .. } | Standing::Withdrawn | Standing::Excluded { .. }, _) => None,
    }
}

/// An override that can stand leaves a bid its rank, unless it takes the bid out of the round.
fn is_ranked(rules: &Rules, contender: Contender) -> bool {
    let taken_out = match &contender.bid.override_by_admin {
        Some(decision) => {
            matches!(decision.outcome, Outcome::Ineligible | Outcome::Withdrawn)
                && override_fault(contender.bid, decision).is_none()
        }
        None => false,
    };
    !taken_out && missed(rules, contender.combined).is_empty()
}

/// The thresholds missed. Exact scores are compared.
fn missed(rules: &Rules, combined: &CombinedScore) -> Missed {
    let criteria = combined.criteria.iter().filter_map(|score| {
        let criterion = rules.criterion(&score.criterion)?;
        let threshold = criterion.threshold?;
        (score.used < Exact::whole(threshold)).then(|| CriterionMissed {
            criterion: criterion.key.clone(),
            title: criterion.title.clone(),
            used: score.used,
            threshold,
        })
    });
    let overall = rules.overall_threshold.filter(|points| {
        Exact::fraction(i128::from(*points), 1).is_some_and(|threshold| combined.total < threshold)
    });
    Missed { criteria: criteria.collect(), overall }
}

/// Why an override cannot stand, whatever money there is.
fn override_fault(bid: &BidToDecide, decision: &Override) -> Option<OverrideFault> {
    let has_conditions = decision.conditions.as_ref().is_some_and(|text| !text.trim().is_empty());
    let in_range = |amount| Pence::ZERO < amount && amount <= bid.amount_requested_pence;
    if bid.standing != Standing::Eligible {
        Some(OverrideFault::NotTakingPart)
    } else if decision.amount_pence.is_some() && !decision.outcome.is_award() {
        Some(OverrideFault::AmountWithoutAward)
    } else if decision.amount_pence.is_some_and(|amount| !in_range(amount)) {
        Some(OverrideFault::AmountOutOfRange)
    } else if has_conditions != (decision.outcome == Outcome::AwardedWithConditions) {
        Some(OverrideFault::ConditionsDoNotMatch)
    } else {
        None
    }
}

/// The override of a contender, where it can stand.
fn standing_override(contender: Contender<'_>) -> Option<&Override> {
    let decision = contender.bid.override_by_admin.as_ref()?;
    override_fault(contender.bid, decision).is_none().then_some(decision)
}

/// Overrides that award, best score first, whether or not they met the thresholds.
fn override_awards<'a>(rules: &Rules, bids: &[&'a BidToDecide], tie_order: &[String]) -> Vec<FirstCall<'a>> {
    let awards = |c: &Contender| standing_override(*c).is_some_and(|decision| decision.outcome.is_award());
    let awarded = bids.iter().copied().filter_map(contender).filter(awards).collect();
    let ranked = ranking::rank(rules, awarded, tie_order);
    let mut calls = Vec::new();
    for Tier { rank, mut bids, .. } in ranked {
        bids.sort_by_cached_key(|contender| ranking::listing_order(contender, award(*contender)));
        calls.extend(bids.into_iter().map(|contender| FirstCall {
            contender,
            amount: award(contender),
            rank,
        }));
    }
    calls
}

/// What an award to the bid amounts to.
fn award(contender: Contender) -> Pence {
    let overridden = standing_override(contender).and_then(|decision| decision.amount_pence);
    overridden.unwrap_or(contender.bid.amount_requested_pence)
}

/// The bids that the ranking decides. A refused override leaves its bid out too: it is open.
fn without_overridden<'a>(tier: &Tier<'a>) -> Tier<'a> {
    let bids = tier.bids.iter().copied().filter(|c| c.bid.override_by_admin.is_none());
    Tier { bids: bids.collect(), ..*tier }
}

fn places<'a>(rules: &Rules, tiers: &[Tier<'a>]) -> BTreeMap<&'a str, Place> {
    let of = tiers.last().map_or(0, |last| last.rank - 1 + u32::try_from(last.bids.len()).unwrap_or(0));
    let placed = tiers.iter().flat_map(|tier| {
        let place =
            Place { rank: tier.rank, shared: tier.bids.len() > 1, of, drawn: tier.ordered && rules.draws() };
        tier.bids.iter().map(move |contender| (contender.key(), place))
    });
    placed.collect()
}

/// Positions on the reserve list, and its ties.
struct Reserve<'a> {
    /// By key; equals share a position.
    positions: BTreeMap<&'a str, u32>,
    ties: Vec<Vec<String>>,
}

impl<'a> Reserve<'a> {
    /// Positions are given as far down as no outcome is open.
    fn list(
        rules: &Rules,
        bids: &[&'a BidToDecide],
        tiers: &[Tier<'a>],
        fates: &BTreeMap<&str, Fate>,
        tie_order: &[String],
    ) -> Self {
        let ranked: BTreeSet<&str> = tiers.iter().flat_map(|tier| &tier.bids).map(Contender::key).collect();
        let below = bids.iter().copied().filter_map(contender);
        let below = below.filter(|c| put_on_reserve(*c) && !ranked.contains(c.key())).collect();
        let mut reserve = Self { positions: BTreeMap::new(), ties: Vec::new() };
        let (mut next, mut settled) = (1, true);
        for tier in tiers.iter().chain(&ranking::rank(rules, below, tie_order)) {
            let fate = |c: &Contender| fates.get(c.key());
            settled &= tier.bids.iter().all(|c| fate(c) != Some(&Fate::Open));
            let unpaid = |c: &&Contender| {
                put_on_reserve(**c) || matches!(fate(c), Some(Fate::DoesNotFit { .. } | Fate::Stopped))
            };
            let here: Vec<&str> = tier.bids.iter().filter(unpaid).map(Contender::key).collect();
            if here.len() > 1 {
                reserve.ties.push(sorted(here.iter().copied()));
            }
            if settled {
                reserve.positions.extend(here.iter().map(|key| (*key, next)));
                next += u32::try_from(here.len()).unwrap_or(0);
            }
        }
        reserve
    }
}

fn put_on_reserve(contender: Contender) -> bool {
    standing_override(contender).is_some_and(|decision| decision.outcome == Outcome::Reserve)
}

fn sorted<'a>(keys: impl Iterator<Item = &'a str>) -> Vec<String> {
    let keys: BTreeSet<&str> = keys.collect();
    keys.into_iter().map(str::to_owned).collect()
}

/// What is known of the round once the money is spent.
struct Round<'a> {
    rules: &'a Rules,
    places: BTreeMap<&'a str, Place>,
    spending: Spending<'a>,
    reserve: Reserve<'a>,
    blockers: BTreeSet<Blocker>,
}

impl Round<'_> {
    fn decision(&mut self, bid: &BidToDecide) -> Decision {
        let refused = bid.override_by_admin.as_ref().and_then(|decision| override_fault(bid, decision));
        if let Some(why) = refused {
            self.refuse_override(bid, why);
        }
        let plain = |outcome, sentence| Decision { outcome: Some(outcome), ..undecided(bid, sentence) };
        match (&bid.standing, &bid.combined) {
            (_, _) if refused == Some(OverrideFault::NotTakingPart) => {
                undecided(bid, sentences::override_refused(None))
            }
            (Standing::Withdrawn, _) => plain(Outcome::Withdrawn, sentences::withdrawn()),
            (Standing::Ineligible { reason }, _) => plain(Outcome::Ineligible, sentences::ineligible(reason)),
            (Standing::Excluded { reason }, _) => plain(Outcome::Unsuccessful, sentences::excluded(reason)),
            (Standing::Eligible, Combined::Incomplete(incomplete)) => {
                let (have, need) = (incomplete.have, incomplete.need);
                self.blockers.insert(Blocker::Incomplete { bid: bid.bid.clone(), have, need });
                undecided(bid, sentences::incomplete(incomplete))
            }
            (Standing::Eligible, Combined::Complete(combined)) => {
                self.block_disagreement(bid, combined);
                self.scored(Contender { bid, combined }, refused.is_some())
            }
        }
    }

    /// A bid that takes part and has a combined score.
    fn scored(&mut self, contender: Contender, refused: bool) -> Decision {
        let Contender { bid, combined } = contender;
        let place = self.places.get(contender.key()).copied();
        let mut decision = Decision {
            score: Some(combined.score),
            rank: place.map(|place| place.rank),
            missed: missed(self.rules, combined),
            ..undecided(bid, String::new())
        };
        match (&bid.override_by_admin, place) {
            (Some(_), place) if refused => decision.sentence = sentences::override_refused(place),
            (Some(by_admin), place) => self.overridden(contender, by_admin, place, &mut decision),
            (None, None) => {
                decision.outcome = Some(Outcome::Unsuccessful);
                decision.sentence = sentences::missed(&decision.missed, combined);
            }
            (None, Some(place)) => self.by_ranking(contender, place, &mut decision),
        }
        decision
    }

    fn by_ranking(&self, contender: Contender, place: Place, decision: &mut Decision) {
        let asked = contender.bid.amount_requested_pence;
        let fate = self.spending.fates.get(contender.key()).unwrap_or(&Fate::Open);
        match fate {
            Fate::Paid { from, .. } => {
                decision.outcome = Some(Outcome::Awarded);
                decision.amount_awarded_pence = asked;
                decision.paid_from = Some(from.clone());
            }
            Fate::PaidInPart { held } => {
                decision.outcome = Some(Outcome::Awarded);
                decision.amount_awarded_pence = *held;
                decision.paid_from = Some(PaidFrom::General);
            }
            Fate::DoesNotFit { .. } | Fate::Stopped => {
                decision.outcome = Some(Outcome::Reserve);
                decision.reserve_position = self.reserve.positions.get(contender.key()).copied();
            }
            Fate::Open => {}
        }
        decision.sentence = sentences::ranked(self.rules, place, fate, asked, decision.reserve_position);
    }

    fn overridden(
        &mut self,
        contender: Contender,
        by_admin: &Override,
        place: Option<Place>,
        decision: &mut Decision,
    ) {
        if by_admin.outcome.is_award() {
            let Some(Fate::Paid { from, .. }) = self.spending.fates.get(contender.key()) else {
                decision.sentence = sentences::override_refused(place);
                self.refuse_override(contender.bid, OverrideFault::DoesNotFit);
                return;
            };
            decision.amount_awarded_pence = award(contender);
            decision.paid_from = Some(from.clone());
        }
        decision.outcome = Some(by_admin.outcome);
        decision.overridden = true;
        decision.conditions.clone_from(&by_admin.conditions);
        decision.reserve_position = self.reserve.positions.get(contender.key()).copied();
        let paid = decision.paid_from.as_ref().map(|from| (from, decision.amount_awarded_pence));
        let asked = contender.bid.amount_requested_pence;
        decision.sentence = sentences::overridden(self.rules, place, by_admin, paid, asked);
    }

    fn refuse_override(&mut self, bid: &BidToDecide, why: OverrideFault) {
        self.blockers.insert(Blocker::OverrideRefused { bid: bid.bid.clone(), why });
    }

    fn block_disagreement(&mut self, bid: &BidToDecide, combined: &CombinedScore) {
        let (mut overall, mut recommendation, mut in_scope) = (false, false, false);
        let mut criteria = Vec::new();
        for disagreed in combined.disagreements.iter().filter(|disagreed| !disagreed.is_settled()) {
            match &disagreed.on {
                DisagreedOn::Overall => overall = true,
                DisagreedOn::Criterion(key) => criteria.push(key.clone()),
                DisagreedOn::Recommendation => recommendation = true,
                DisagreedOn::InScope => in_scope = true,
            }
        }
        let bid = || bid.bid.clone();
        if overall || !criteria.is_empty() {
            self.blockers.insert(Blocker::Disagreement { bid: bid(), overall, criteria });
        }
        if recommendation || in_scope {
            self.blockers.insert(Blocker::Split { bid: bid(), recommendation, in_scope });
        }
    }

    fn block_ties(&mut self, competing: &[Tier]) {
        let deciding = self.spending.deciding_ties.iter().filter_map(|place| competing.get(*place));
        let on_line = deciding.map(|tier| sorted(tier.bids.iter().map(Contender::key)));
        self.blockers.extend(on_line.map(|bids| Blocker::TieOnFundingLine { bids }));
        let on_reserve = self.reserve.ties.iter().cloned();
        self.blockers.extend(on_reserve.map(|bids| Blocker::TieOnReserveList { bids }));
    }
}

/// A decision with nothing in it yet but its reason.
fn undecided(bid: &BidToDecide, sentence: String) -> Decision {
    Decision {
        bid: bid.bid.clone(),
        outcome: None,
        score: None,
        rank: None,
        amount_awarded_pence: Pence::ZERO,
        paid_from: None,
        reserve_position: None,
        missed: Missed::default(),
        overridden: false,
        conditions: None,
        sentence,
    }
}
