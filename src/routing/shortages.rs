//! Why places stay empty and what would fill them, in the words and with the people of a round. Pure.
//!
//! The proof is the solver's: this names who and where, and adds the conflicts, which the solver sees only as pairs that are
//! not possible. A person's capacity or their conflicts are given as a reason only where they gave more without it.
//!
//! Must not know: storage, HTTP, scores.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::{Candidate, Facts};
use super::instance::{Plan, Solved, index, loads};
use super::solver::{self, Giver, Standing};
use super::words::{counted, listed};
use crate::id::{BidId, UserId};

/// Why places stay empty: a proof that no routing fills more, as a sentence and as data. `places` less all that the assessors
/// can give is `places − possible`, the places that stay empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Shortage {
    #[schema(
        example = "Burnley and Pendle: 6 places, 4 possible: Sam Example full at 2, Kit Example conflicted with 2 of the 3 bids."
    )]
    pub sentence: String,
    /// Codes of the areas of its bids, those of bids that are short first.
    #[schema(example = json!(["E07000117", "E07000122"]))]
    pub areas: Vec<String>,
    /// Every bid that competes for the same assessors, short or not. None can be left out of the proof.
    pub bids: Vec<BidId>,
    pub short: Vec<ShortBid>,
    /// All places on these bids.
    #[serde(alias = "wanted")]
    #[schema(example = 6)]
    pub places: u64,
    /// How many of them can be filled at most.
    #[schema(example = 4)]
    pub possible: u64,
    /// What each assessor can give to these bids, and what keeps them from giving more.
    #[serde(default)]
    pub assessors: Vec<LimitedAssessor>,
    #[serde(default)]
    pub remedy: Remedy,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShortBid {
    pub bid_id: BidId,
    /// Places that stay empty.
    #[schema(example = 1)]
    pub places: u32,
}

/// An assessor who could give something to bids that are short, or could but for a conflict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LimitedAssessor {
    pub id: UserId,
    #[schema(example = "Sam Example")]
    pub name: String,
    #[schema(example = 2)]
    pub capacity: u32,
    /// All their bids in this routing.
    #[schema(example = 2)]
    pub load: u32,
    /// How many places of these bids they can fill at most.
    #[schema(example = 2)]
    pub gives: u32,
    /// It is their capacity that keeps them from giving more.
    pub full: bool,
    /// The bids that a conflict, or having given them up, keeps them from; named where that is what limits them.
    pub conflicted_with: Vec<BidId>,
}

/// What would fill a shortage's places.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Remedy {
    #[schema(
        example = "Raise Sam Example from 2 to 3, which fills 1 place. 1 place in Pendle needs another assessor. Another assessor in Pendle would fill 2 places."
    )]
    pub sentence: String,
    /// The least capacity in all that fills all that more capacity can fill.
    pub raises: Vec<Raise>,
    /// What stays empty however far capacities are raised.
    pub needs_another: Vec<ShortBid>,
    /// How many of the empty places one more assessor in an area would fill, all by themselves, the most first. Left out
    /// where a shortage is so large that trying every area would take long.
    pub another_assessor: Vec<AnotherAssessor>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Raise {
    pub assessor_id: UserId,
    #[schema(example = "Sam Example")]
    pub name: String,
    #[schema(example = 2)]
    pub capacity: u32,
    /// How much more it should be; each unit fills a place.
    #[schema(example = 1)]
    pub by: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnotherAssessor {
    #[schema(example = "E07000122")]
    pub area_code: String,
    #[schema(example = 2)]
    pub fills: u64,
}

/// `solved` is of `plan`, and `plan` of `facts`.
#[must_use]
pub fn shortages(facts: &Facts, plan: &Plan, solved: &Solved) -> Vec<Shortage> {
    if solved.routing.shortages.is_empty() {
        return Vec::new();
    }
    let telling = Telling { facts, plan, loads: loads(plan, &solved.routing), rooms: rooms(plan) };
    let each = solved.routing.shortages.iter().zip(&solved.remedies);
    each.map(|(found, remedy)| telling.shortage(found, remedy)).collect()
}

/// What of each capacity is not taken by what stays.
fn rooms(plan: &Plan) -> Vec<u32> {
    let mut rooms: Vec<u32> = plan.instance.assessors.iter().map(|one| one.capacity).collect();
    for pair in plan.instance.pairs.iter().filter(|pair| pair.standing == Standing::Fixed) {
        let room = &mut rooms[index(pair.assessor)];
        *room = room.saturating_sub(1);
    }
    rooms
}

struct Telling<'a> {
    facts: &'a Facts,
    plan: &'a Plan,
    loads: Vec<u32>,
    rooms: Vec<u32>,
}

impl Telling<'_> {
    fn candidate(&self, at: u32) -> &Candidate {
        &self.facts.candidates[index(at)]
    }

    fn bid(&self, at: u32) -> BidId {
        self.facts.bids[index(at)].id
    }

    fn short(&self, short: &[(u32, u32)]) -> Vec<ShortBid> {
        short.iter().map(|&(bid, places)| ShortBid { bid_id: self.bid(bid), places }).collect()
    }

    fn shortage(&self, found: &solver::Shortage, remedy: &solver::Remedy) -> Shortage {
        let short = found.short.iter().map(|(bid, _)| *bid);
        let areas = self.areas_of(short.chain(found.bids.iter().copied()));
        let assessors = self.assessors(found);
        Shortage {
            sentence: self.sentence(found, &areas, &assessors),
            areas,
            bids: found.bids.iter().map(|&bid| self.bid(bid)).collect(),
            short: self.short(&found.short),
            places: found.places,
            possible: found.possible,
            assessors,
            remedy: self.remedy(remedy),
        }
    }

    fn areas_of(&self, bids: impl Iterator<Item = u32>) -> Vec<String> {
        let mut seen = BTreeSet::new();
        bids.flat_map(|bid| self.plan.areas_of(bid))
            .filter(|code| seen.insert(*code))
            .map(str::to_owned)
            .collect()
    }

    /// In the order of assessors: whoever may take any of the bids, or might but for a conflict.
    fn assessors(&self, found: &solver::Shortage) -> Vec<LimitedAssessor> {
        let bids: BTreeSet<u32> = found.bids.iter().copied().collect();
        let nothing =
            |assessor: u32| Giver { assessor, gives: 0, room: self.rooms[index(assessor)], may_take: 0 };
        let mut all: BTreeMap<u32, (Giver, Vec<BidId>)> =
            found.givers.iter().map(|giver| (giver.assessor, (*giver, Vec::new()))).collect();
        for &(bid, assessor) in self.plan.barred.iter().filter(|(bid, _)| bids.contains(bid)) {
            if !self.candidate(assessor).profile.disabled {
                all.entry(assessor).or_insert_with(|| (nothing(assessor), Vec::new())).1.push(self.bid(bid));
            }
        }
        all.into_values().map(|(giver, barred)| self.limited(&giver, barred)).collect()
    }

    /// Either reason alone proves what somebody gives at most; their capacity is named where it does.
    fn limited(&self, giver: &Giver, barred: Vec<BidId>) -> LimitedAssessor {
        let candidate = self.candidate(giver.assessor);
        let full = giver.is_full() || (giver.room == giver.may_take && !barred.is_empty());
        LimitedAssessor {
            id: candidate.profile.id,
            name: candidate.profile.name.clone(),
            capacity: candidate.capacity,
            load: self.loads[index(giver.assessor)],
            gives: giver.gives,
            full,
            conflicted_with: if full { Vec::new() } else { barred },
        }
    }

    /// "Burnley and Pendle: 6 places, 4 possible: Sam Example full at 6, Kit Example conflicted."
    fn sentence(&self, found: &solver::Shortage, areas: &[String], assessors: &[LimitedAssessor]) -> String {
        let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
        for assessor in assessors {
            let Some(reason) = reason(assessor, found.bids.len()) else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, names)) => names.push(&assessor.name),
                None => reasons.push((reason, vec![&assessor.name])),
            }
        }
        let mut why: Vec<String> =
            reasons.iter().map(|(reason, names)| format!("{} {reason}", listed(names))).collect();
        if why.is_empty() {
            let nobody = if found.possible == 0 { "nobody covers it" } else { "nobody else covers it" };
            why.push(nobody.to_owned());
        }
        format!(
            "{}: {}, {} possible: {}.",
            self.names(areas),
            counted(found.places, "place"),
            found.possible,
            why.join(", ")
        )
    }

    fn names(&self, areas: &[String]) -> String {
        let names: Vec<&str> = areas.iter().map(|code| self.facts.tree.name(code)).collect();
        listed(&names)
    }

    fn remedy(&self, remedy: &solver::Remedy) -> Remedy {
        let raise = |&(assessor, by): &(u32, u32)| {
            let candidate = self.candidate(assessor);
            let profile = &candidate.profile;
            Raise { assessor_id: profile.id, name: profile.name.clone(), capacity: candidate.capacity, by }
        };
        let another = |&(area, fills): &(usize, u64)| AnotherAssessor {
            area_code: self.plan.area_codes[area].clone(),
            fills,
        };
        let mut another_assessor: Vec<AnotherAssessor> = remedy.another.iter().map(another).collect();
        another_assessor.sort_by(|a, b| b.fills.cmp(&a.fills).then(a.area_code.cmp(&b.area_code)));
        let told = Remedy {
            sentence: String::new(),
            raises: remedy.raises.iter().map(raise).collect(),
            needs_another: self.short(&remedy.beyond),
            another_assessor,
        };
        let beyond = self.areas_of(remedy.beyond.iter().map(|(bid, _)| *bid));
        Remedy { sentence: self.remedy_sentence(&told, &beyond), ..told }
    }

    fn remedy_sentence(&self, remedy: &Remedy, beyond: &[String]) -> String {
        let mut sentences = Vec::new();
        let raises = remedy.raises.iter();
        let raises: Vec<String> = raises
            .map(|raise| format!("{} from {} to {}", raise.name, raise.capacity, raise.capacity + raise.by))
            .collect();
        if !raises.is_empty() {
            let raises: Vec<&str> = raises.iter().map(String::as_str).collect();
            let places = remedy.raises.iter().map(|raise| u64::from(raise.by)).sum();
            let fill = if raises.len() == 1 { "which fills" } else { "which together fill" };
            sentences.push(format!("Raise {}, {fill} {}.", listed(&raises), counted(places, "place")));
        }
        let places: u64 = remedy.needs_another.iter().map(|short| u64::from(short.places)).sum();
        if places > 0 {
            let need = if places == 1 { "needs" } else { "need" };
            let places = counted(places, "place");
            sentences.push(format!("{places} in {} {need} another assessor.", self.names(beyond)));
        }
        if let Some(best) = remedy.another_assessor.first() {
            let area = self.facts.tree.name(&best.area_code);
            sentences
                .push(format!("Another assessor in {area} would fill {}.", counted(best.fills, "place")));
        }
        sentences.join(" ")
    }
}

/// What keeps an assessor from giving more to so many bids; `None`: they are on all that they may take.
fn reason(assessor: &LimitedAssessor, bids: usize) -> Option<String> {
    match (assessor.full, assessor.capacity, assessor.conflicted_with.len()) {
        (true, 0, _) => Some("without capacity".to_owned()),
        (true, capacity, _) => Some(format!("full at {capacity}")),
        (false, _, 0) => None,
        (false, _, conflicts) if conflicts == bids => Some("conflicted".to_owned()),
        (false, _, conflicts) => Some(format!("conflicted with {conflicts} of the {bids} bids")),
    }
}
