//! Spending: the pots, then the general pot, down the ranking.
//!
//! Each pot goes down the ranking of the bids that cover it and pays each in full, until the next
//! does not fit: `stop` ends the pot there, `skip` goes on to the next that fits. What a pot leaves
//! joins the general pot unless the round says otherwise; the general pot goes down all that are
//! left. Where the round allows partial offers, a bid that the general pot holds too little for is
//! offered all that it holds, if that is enough of what it asks for.
//!
//! Ties. Where the order of equals decides whom a pot pays, that tie is *contested*. A contested tie
//! in the general pot, the last, always decides who is paid. One in a ring-fenced pot may not: the
//! general pot may pay the others. So each order of it is tried, together with those of the ties it
//! leads to, and only a bid that fares differently among them is left open. This is exact up to
//! [`MOST_ORDERS`] orders; past that the contested tie counts as deciding.
//!
//! Where no order changes who is paid, it may still change which pot pays; the listing order of the
//! ranking settles that label.
//!
//! Invariant: no pot pays more than it holds. Must not know: scores, thresholds, sentences.

use std::collections::{BTreeMap, BTreeSet};

use super::decisions::PaidFrom;
use super::ranking::{self, Contender, Tier};
use crate::money::Pence;
use crate::rounds::rules::{NextDoesNotFit, Rules};

/// How many orders of contested ties are tried: six equals, or fewer in several ties.
const MOST_ORDERS: usize = 720;

/// An override that awards money.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstCall<'a> {
    pub contender: Contender<'a>,
    pub amount: Pence,
    /// Among the overrides that award money.
    pub rank: u32,
}

impl FirstCall<'_> {
    /// Whether nothing that counts parts the two.
    fn is_like(&self, other: &Self) -> bool {
        (self.rank, self.amount) == (other.rank, other.amount)
            && ranking::pots(&self.contender) == ranking::pots(&other.contender)
    }
}

/// How a bid fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// `held` is what the pot held when the bid's turn came.
    Paid { from: PaidFrom, held: Pence },
    /// The general pot held less than was asked, and all of it is offered.
    PaidInPart { held: Pence },
    /// The general pot held less than was asked.
    DoesNotFit { held: Pence },
    /// The general pot had stopped above it.
    Stopped,
    /// It hangs on an open tie.
    Open,
}

/// How every bid fared, by key, and the ties that decide who is paid, as places in the ranking.
#[derive(Debug)]
pub(super) struct Spending<'a> {
    pub fates: BTreeMap<&'a str, Fate>,
    pub deciding_ties: BTreeSet<usize>,
}

/// Spends the budget on `first_calls`, in order, and then on `tiers`, best first.
pub(super) fn spend<'a>(rules: &Rules, first_calls: &[FirstCall<'a>], tiers: &[Tier<'a>]) -> Spending<'a> {
    let round = Round { rules, first_calls, tiers };
    round.over_all_orders().unwrap_or_else(|| {
        // Too many orders to try: a contested tie ends the spending, and nothing is contested anew.
        let run = round.run(&Orders::new(), true).unwrap_or_default();
        Spending { fates: run.fates, deciding_ties: run.deciding_ties }
    })
}

/// Orders chosen for contested ties, by the tie's place in the ranking.
type Orders<'a> = BTreeMap<usize, Vec<Contender<'a>>>;

struct Round<'a, 'r> {
    rules: &'r Rules,
    first_calls: &'r [FirstCall<'a>],
    tiers: &'r [Tier<'a>],
}

/// One way down all the pots.
#[derive(Debug, Default)]
struct Run<'a> {
    fates: BTreeMap<&'a str, Fate>,
    deciding_ties: BTreeSet<usize>,
}

/// The place in the ranking of a contested tie without an order.
struct Contested(usize);

struct Purse {
    from: PaidFrom,
    held: Pence,
}

impl<'a> Round<'a, '_> {
    /// Tries every order of the ties that are contested on the way; `None` where they are too many.
    fn over_all_orders(&self) -> Option<Spending<'a>> {
        let mut to_try = vec![Orders::new()];
        let mut contested = BTreeSet::new();
        let mut runs = Vec::new();
        while let Some(orders) = to_try.pop() {
            match self.run(&orders, false) {
                Ok(run) => runs.push(run),
                Err(Contested(place)) => {
                    contested.insert(place);
                    let room = MOST_ORDERS.checked_sub(runs.len() + to_try.len())?;
                    for order in permutations(&self.tiers.get(place)?.bids, room)? {
                        let mut orders = orders.clone();
                        orders.insert(place, order);
                        to_try.push(orders);
                    }
                }
            }
        }
        merge(runs, &contested)
    }

    /// Goes down every pot once. A contested tie in a ring-fenced pot is an error unless it has an
    /// order in `orders` or `give_up` leaves open all that follows.
    fn run(&self, orders: &Orders<'a>, give_up: bool) -> Result<Run<'a>, Contested> {
        let mut run = Run::default();
        let mut purses = self.purses();
        self.pay_first_calls(&mut purses, &mut run);
        let pots: Pence = self.rules.pots.iter().map(|pot| pot.amount_pence).sum();
        let mut general = self.rules.budget_pence - pots;
        for (pot, purse) in self.rules.pots.iter().zip(&mut purses) {
            match self.go_down(purse, orders, &mut run) {
                Err(Contested(place)) if give_up => {
                    run.deciding_ties.insert(place);
                    self.leave_open(0, &mut run);
                }
                done => done?,
            }
            if pot.remainder_to_general_pot {
                general = general + purse.held;
            }
        }
        let mut general = [Purse { from: PaidFrom::General, held: general }];
        self.pay_first_calls(&mut general, &mut run);
        self.refuse_alike(&mut run);
        let [mut general] = general;
        self.go_down_general(&mut general, orders, &mut run);
        Ok(run)
    }

    fn purses(&self) -> Vec<Purse> {
        let pots = self.rules.pots.iter();
        pots.map(|pot| Purse { from: PaidFrom::Pot(pot.key.clone()), held: pot.amount_pence }).collect()
    }

    /// Pays overrides from the first purse that may pay them and holds the amount.
    fn pay_first_calls(&self, purses: &mut [Purse], run: &mut Run<'a>) {
        for call in self.first_calls {
            if run.fates.contains_key(call.contender.key()) {
                continue;
            }
            let mut able = purses.iter_mut().filter(|p| p.may_pay(call.contender) && p.held >= call.amount);
            if let Some(purse) = able.next() {
                run.fates.insert(call.contender.key(), purse.pay(call.amount));
            }
        }
    }

    /// Where one override does not fit, none like it is paid: nothing but a name would part them.
    fn refuse_alike(&self, run: &mut Run<'a>) {
        for alike in self.first_calls.chunk_by(FirstCall::is_like) {
            let keys = || alike.iter().map(|call| call.contender.key());
            if !keys().all(|key| run.fates.contains_key(key)) {
                run.fates.extend(keys().map(|key| (key, Fate::Open)));
            }
        }
    }

    fn go_down(&self, purse: &mut Purse, orders: &Orders<'a>, run: &mut Run<'a>) -> Result<(), Contested> {
        for place in 0..self.tiers.len() {
            let pending = self.pending(place, purse, orders, run);
            if !orders.contains_key(&place) && self.is_contested(&pending, purse.held) {
                return Err(Contested(place));
            }
            for contender in pending {
                let amount = contender.bid.amount_requested_pence;
                if amount <= purse.held {
                    run.fates.insert(contender.key(), purse.pay(amount));
                } else if self.rules.when_next_does_not_fit == NextDoesNotFit::Stop {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// As [`Self::go_down`], but this is the last pot: everyone's fate is known after it, and a
    /// contested tie decides who is paid.
    fn go_down_general(&self, purse: &mut Purse, orders: &Orders<'a>, run: &mut Run<'a>) {
        let mut stopped = false;
        for place in 0..self.tiers.len() {
            let pending = self.pending(place, purse, orders, run);
            let contested =
                self.is_contested(&pending, purse.held) || self.is_part_contested(&pending, purse.held);
            if !stopped && !orders.contains_key(&place) && contested {
                run.deciding_ties.insert(place);
                stopped = true;
                for contender in &pending {
                    run.fates.insert(contender.key(), Fate::Open);
                }
                // With `stop`, every order stops at this tie, so what is below it is settled.
                if self.rules.when_next_does_not_fit == NextDoesNotFit::Skip {
                    self.leave_open(place, run);
                }
                continue;
            }
            let stopped_above = stopped;
            for contender in pending {
                let amount = contender.bid.amount_requested_pence;
                let fits = amount <= purse.held;
                let fate = if fits && !stopped {
                    purse.pay(amount)
                } else if fits || stopped_above {
                    Fate::Stopped
                } else if !stopped && self.offers_part(amount, purse.held) {
                    stopped = self.rules.when_next_does_not_fit == NextDoesNotFit::Stop;
                    purse.pay_in_part()
                } else {
                    stopped = self.rules.when_next_does_not_fit == NextDoesNotFit::Stop;
                    Fate::DoesNotFit { held: purse.held }
                };
                run.fates.insert(contender.key(), fate);
            }
        }
    }

    /// The bids at this place that the purse may pay and nothing has yet, in the chosen order.
    fn pending(&self, place: usize, purse: &Purse, orders: &Orders<'a>, run: &Run<'a>) -> Vec<Contender<'a>> {
        let listed = self.tiers.get(place).map(|tier| &tier.bids);
        let bids = orders.get(&place).or(listed).into_iter().flatten().copied();
        bids.filter(|c| !run.fates.contains_key(c.key()) && purse.may_pay(*c)).collect()
    }

    /// Whether the order of these equals decides whom a pot that holds `held` pays: some fit, and
    /// not all together. With `skip`, those that do not fit alone are passed over in any order.
    fn is_contested(&self, equals: &[Contender], held: Pence) -> bool {
        let sum = |amounts: &mut dyn Iterator<Item = Pence>| amounts.map(|p| i128::from(p.0)).sum::<i128>();
        let amounts = || equals.iter().map(|contender| contender.bid.amount_requested_pence);
        let fitting = sum(&mut amounts().filter(|amount| *amount <= held));
        let held = i128::from(held.0);
        match self.rules.when_next_does_not_fit {
            NextDoesNotFit::Stop => fitting > 0 && sum(&mut amounts()) > held,
            NextDoesNotFit::Skip => fitting > held,
        }
    }

    /// Whether what is held is less than was asked, and enough of it to be offered.
    fn offers_part(&self, asked: Pence, held: Pence) -> bool {
        let enough = |percent: u32| i128::from(held.0) * 100 >= i128::from(asked.0) * i128::from(percent);
        Pence::ZERO < held && held < asked && self.rules.partial_offer_percent.is_some_and(enough)
    }

    /// Whether the order of these equals decides who is offered what is left: one could be, and
    /// another could take it first or, with `stop`, end it first.
    fn is_part_contested(&self, equals: &[Contender], held: Pence) -> bool {
        let asked = || equals.iter().map(|contender| contender.bid.amount_requested_pence);
        let able = asked().filter(|amount| *amount <= held || self.offers_part(*amount, held)).count();
        let others = match self.rules.when_next_does_not_fit {
            NextDoesNotFit::Stop => equals.len() > 1,
            NextDoesNotFit::Skip => able > 1,
        };
        others && asked().any(|amount| self.offers_part(amount, held))
    }

    /// From this place down, what nothing has paid or refused yet is open.
    fn leave_open(&self, place: usize, run: &mut Run<'a>) {
        for contender in self.tiers.iter().skip(place).flat_map(|tier| &tier.bids) {
            run.fates.entry(contender.key()).or_insert(Fate::Open);
        }
    }
}

impl Purse {
    fn may_pay(&self, contender: Contender) -> bool {
        match &self.from {
            PaidFrom::General => true,
            PaidFrom::Pot(key) => contender.bid.pots.contains(key),
        }
    }

    /// The caller has seen that the amount is held.
    fn pay(&mut self, amount: Pence) -> Fate {
        let fate = Fate::Paid { from: self.from.clone(), held: self.held };
        self.held = self.held - amount;
        fate
    }

    /// The caller has seen that what is held is enough to be offered.
    fn pay_in_part(&mut self) -> Fate {
        let fate = Fate::PaidInPart { held: self.held };
        self.held = Pence::ZERO;
        fate
    }
}

/// What all runs agree on stands, worded as in the listing order; the rest is open, and then every
/// tie that was tried in several orders counts as deciding. `None` of no runs.
fn merge<'a>(runs: Vec<Run<'a>>, contested: &BTreeSet<usize>) -> Option<Spending<'a>> {
    let mut runs = runs.into_iter();
    let Run { mut fates, mut deciding_ties } = runs.next()?;
    for run in runs {
        deciding_ties.extend(&run.deciding_ties);
        let keys: BTreeSet<&str> = fates.keys().chain(run.fates.keys()).copied().collect();
        for key in keys {
            // In part is paid otherwise than in full, and than in part of another sum.
            let paid = |fate: Option<&Fate>| match fate {
                Some(Fate::Paid { .. }) => Some(None),
                Some(Fate::PaidInPart { held }) => Some(Some(*held)),
                Some(Fate::DoesNotFit { .. } | Fate::Stopped | Fate::Open) | None => None,
            };
            let (ours, theirs) = (fates.get(key), run.fates.get(key));
            let open = ours == Some(&Fate::Open) || theirs == Some(&Fate::Open);
            if !open && paid(ours) == paid(theirs) {
                continue;
            }
            if !open {
                deciding_ties.extend(contested);
            }
            fates.insert(key, Fate::Open);
        }
    }
    Some(Spending { fates, deciding_ties })
}

/// Every order of the bids, the given one last; `None` where they are more than `most`.
fn permutations<'a>(bids: &[Contender<'a>], most: usize) -> Option<Vec<Vec<Contender<'a>>>> {
    let mut orders = vec![Vec::new()];
    for bid in bids.iter().rev() {
        let mut longer = Vec::new();
        for order in &orders {
            for position in (0..=order.len()).rev() {
                let mut order: Vec<Contender> = order.clone();
                order.insert(position, *bid);
                longer.push(order);
            }
        }
        if longer.len() > most {
            return None;
        }
        orders = longer;
    }
    Some(orders)
}
