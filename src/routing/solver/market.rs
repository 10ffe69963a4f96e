//! Which pairs the start takes: what stands, and the empty places by an auction.
//!
//! Each empty place goes to whoever costs least, where the price of an assessor who is full counts as a cost. To get one, the bid
//! outbids whoever paid the least for them, by as much as it would lose with its second choice, and a step more; who is outbid
//! looks again (Bertsekas, *Annals of Operations Research* 14, 1988). With prices that never fall, and none on whoever is not
//! full, this ends within a step for each place of the best. That is near enough: what it leaves is the simplex's.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::canonical::is_among;
use super::network::Network;
use super::simplex::Cost;
use super::{Pair, Standing, number};

/// How many choices are made for each empty place at most, on average.
const PATIENCE: usize = 24;

/// A pair that the start takes.
#[derive(Clone, Copy)]
pub(super) struct Choice<C> {
    pub(super) covers: u64,
    pub(super) door: u32,
    pub(super) assessor: u32,
    pub(super) cost: C,
}

pub(super) struct Market<'n, 'a, C> {
    network: &'n mut Network<'a, C>,
    /// By desk.
    chosen: Vec<Vec<Choice<C>>>,
    /// By assessor, what the next unit costs and whoever must be outbid paid; out of reach where there is none.
    asks: Vec<C>,
    /// By assessor, what each desk paid, beside what stood before.
    sold: Vec<BinaryHeap<Reverse<(C, u32)>>>,
    step: C,
}

/// The best choice of a desk, what it costs in all, and what the second best would.
struct Preference<C> {
    sum: C,
    choice: Choice<C>,
    second: C,
}

impl<'n, 'a, C: Cost> Market<'n, 'a, C> {
    pub(super) fn open(network: &'n mut Network<'a, C>) -> Self {
        let (desks, assessors) = (network.desks.len(), network.full.len());
        let mut market = Self {
            chosen: vec![Vec::new(); desks],
            asks: vec![C::UNREACHED; assessors],
            sold: (0..assessors).map(|_| BinaryHeap::new()).collect(),
            step: network.weights.step(),
            network,
        };
        (0..assessors).for_each(|assessor| market.ask(assessor));
        market
    }

    /// What each desk takes, and what each assessor's next unit would have cost in the end.
    pub(super) fn run(mut self) -> (Vec<Vec<Choice<C>>>, Vec<C>) {
        let mut waiting: VecDeque<usize> = VecDeque::new();
        let mut empty = 0;
        for desk in 0..self.chosen.len() {
            self.keep_offers(desk);
            let open = self.open_places(desk);
            empty += open;
            waiting.extend((open > 0).then_some(desk));
        }
        let mut effort = PATIENCE * empty;
        while let Some(desk) = waiting.pop_front() {
            while self.open_places(desk) > 0 && effort > 0 {
                effort -= 1;
                let Some(preference) = self.preference(desk) else { break };
                let outbid = self.buy(desk, &preference);
                waiting.extend(outbid);
            }
        }
        let asks = self.asks.clone();
        self.fill();
        (self.chosen, asks)
    }

    /// Gives what is still empty to whoever is not full and costs least.
    fn fill(&mut self) {
        self.sold.iter_mut().for_each(BinaryHeap::clear);
        (0..self.asks.len()).for_each(|assessor| self.ask(assessor));
        for desk in 0..self.chosen.len() {
            while self.open_places(desk) > 0 {
                let Some(preference) = self.preference(desk) else { break };
                self.take(desk, preference.choice);
            }
        }
    }

    fn open_places(&self, desk: usize) -> usize {
        let bid = &self.network.canonical.bids[self.network.desks[desk].bid];
        (bid.places - self.network.keep.of_bid(bid)) as usize - self.chosen[desk].len()
    }

    fn ask(&mut self, assessor: usize) {
        let full = self.network.full[assessor];
        self.asks[assessor] = if full < self.network.room(assessor) {
            self.network.unit(assessor, full)
        } else {
            match self.sold[assessor].peek() {
                Some(&Reverse((paid, _))) if paid < self.network.weights.places => {
                    self.network.unit(assessor, full - 1) + paid
                }
                Some(_) | None => C::UNREACHED,
            }
        };
    }

    fn keep_offers(&mut self, desk: usize) {
        let offers: Vec<(&Pair, u32)> = self
            .network
            .open_exceptions(&self.network.desks[desk])
            .filter(|(pair, _)| pair.standing == Standing::Offered)
            .collect();
        for (pair, door) in offers {
            let assessor = pair.assessor as usize;
            if self.open_places(desk) > 0 && self.network.full[assessor] < self.network.room(assessor) {
                let cost = self.network.weights.pair(pair);
                self.take(desk, Choice { covers: pair.covers, door, assessor: pair.assessor, cost });
            }
        }
    }

    fn take(&mut self, desk: usize, choice: Choice<C>) {
        self.chosen[desk].push(choice);
        self.network.full[choice.assessor as usize] += 1;
        self.ask(choice.assessor as usize);
    }

    /// Takes the choice, at its price; gives whoever was outbid.
    fn buy(&mut self, desk: usize, preference: &Preference<C>) -> Option<usize> {
        let assessor = preference.choice.assessor as usize;
        let is_full = self.network.full[assessor] == self.network.room(assessor);
        let outbid = if is_full { self.sold[assessor].pop() } else { None };
        let paid = outbid.map_or(C::ZERO, |Reverse((paid, _))| paid);
        let most = self.network.weights.places;
        let price = (paid + (preference.second - preference.sum).min(most) + self.step).min(most);
        self.sold[assessor].push(Reverse((price, number(desk))));
        let outbid = outbid.map(|Reverse((_, other))| other as usize);
        if let Some(other) = outbid {
            self.chosen[other].retain(|choice| choice.assessor as usize != assessor);
            self.network.full[assessor] -= 1;
        }
        self.take(desk, preference.choice);
        outbid
    }

    /// Of equals the first assessor, in whichever run or among which exceptions the pair is found.
    fn preference(&self, desk: usize) -> Option<Preference<C>> {
        let choices = &self.chosen[desk];
        let network = &*self.network;
        let (weights, desk) = (&network.weights, &network.desks[desk]);
        let exceptions = network.canonical.exceptions_of(desk.bid);
        let claimed = choices.iter().fold(0, |all, choice| all | choice.covers);
        let area = |covers: u64| if covers & !claimed == 0 { C::ZERO } else { weights.areas };
        let is_new = |assessor: u32| choices.iter().all(|choice| choice.assessor != assessor);
        let mut best: Option<Preference<C>> = None;
        let mut offer = |sum: C, choice: Choice<C>| match &mut best {
            Some(known) if known.second <= sum && known.sum < sum => {}
            _ if !is_new(choice.assessor) => {}
            None => best = Some(Preference { sum, choice, second: C::UNREACHED }),
            Some(known) if (sum, choice.assessor) < (known.sum, known.choice.assessor) => {
                *known = Preference { sum, choice, second: known.sum };
            }
            Some(known) => known.second = known.second.min(sum),
        };
        for (run, door) in network.runs(desk) {
            let area = area(run.covers);
            for entry in run.entries {
                let ask = self.asks[entry.assessor as usize];
                if ask == C::UNREACHED {
                    continue;
                }
                let cost = weights.fit(run.fit(entry));
                let choice = Choice { covers: run.covers, door, assessor: entry.assessor, cost };
                if exceptions.is_empty() || !is_among(exceptions, entry.assessor) {
                    offer(cost + ask - area, choice);
                }
            }
        }
        for (pair, door) in network.open_exceptions(desk) {
            let ask = self.asks[pair.assessor as usize];
            if ask == C::UNREACHED {
                continue;
            }
            let cost = weights.pair(pair);
            let choice = Choice { covers: pair.covers, door, assessor: pair.assessor, cost };
            offer(cost + ask - area(pair.covers), choice);
        }
        best
    }
}
