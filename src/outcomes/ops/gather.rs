//! Gathering: everything that a round's outcomes depend on, from every feature below. Bids and
//! assessments come a batch at a query, and only what counts of them is kept.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decide::Override;
use super::super::draw::Draw;
use super::super::inputs::{
    AssessmentInput, Because, BidInput, FORMAT, Inputs, Moderated, Overridden, Ruled, SetAside, TieOrder,
};
use super::super::letters::Audience;
use super::super::model::{Moderation, NewRuling, Ruling};
use super::super::store;
use super::audience::{Addressed, audience};
use crate::accounts;
use crate::accounts::model::{AssessorProfile, Interest, normal_number};
use crate::areas;
use crate::areas::model::AreaTree;
use crate::assessments;
use crate::assessments::model::Assessment;
use crate::bids;
use crate::bids::model::ReceivedBid;
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::id::{AssignmentId, BidId, RoundId, UserId};
use crate::money::Pence;
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::Round;
use crate::routing;

/// A round as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gathered {
    pub round: Round,
    pub inputs: Inputs,
    pub audience: Audience,
    /// By code, of the areas that bids name.
    pub area_names: BTreeMap<String, String>,
    /// When the standing version of each bid came.
    pub submitted_at: BTreeMap<BidId, Timestamp>,
}

/// # Errors
/// `not-found`; the database's own.
pub(super) fn gather(conn: &mut Conn, id: RoundId) -> Result<Gathered> {
    let round = rounds::ops::load(conn, id)?;
    let fund = rounds::ops::load_fund(conn, round.fund_id)?;
    let tree = areas::ops::tree(conn)?;
    let mut judged = Judged::read(conn, id)?;
    let (mut bids, mut addressed, mut submitted_at) = (Vec::new(), Vec::new(), BTreeMap::new());
    bids::ops::each_received(conn, id, |bid| {
        addressed.push(Addressed::of(&bid));
        submitted_at.insert(bid.id, bid.submitted_at);
        bids.push(judged.bid_input(bid));
    })?;
    bids.sort_by(|left: &BidInput, right| left.reference.cmp(&right.reference));
    let audience = audience(conn, addressed)?;
    let named: BTreeSet<&String> = bids.iter().flat_map(|bid| &bid.areas).collect();
    let area_names = named.iter().map(|code| ((*code).clone(), tree.name(code).to_owned())).collect();
    let inputs = Inputs {
        format: FORMAT,
        fund_id: fund.id,
        fund: fund.name,
        round_id: round.id,
        round_code: round.code.clone(),
        round: round.name.clone(),
        rules: round.rules.clone(),
        pot_areas: pot_areas(&round, &tree, &named),
        tie_order: tie_order(&judged.order_of_ties, &bids),
        draw: draw(conn, &round)?,
        bids,
    };
    Ok(Gathered { round, inputs, audience, area_names, submitted_at })
}

/// The seed and what was published of it at opening.
fn draw(conn: &mut Conn, round: &Round) -> Result<Option<Draw>> {
    let Some(seed_sha256) = round.draw_sha256.clone() else { return Ok(None) };
    Ok(rounds::ops::draw_seed(conn, round.id)?.map(|seed| Draw { seed, seed_sha256 }))
}

fn pot_areas(
    round: &Round,
    tree: &AreaTree,
    named: &BTreeSet<&String>,
) -> BTreeMap<String, BTreeSet<String>> {
    let pots = round.rules.pots.iter().map(|pot| {
        let inside = named.iter().filter(|area| pot.areas.iter().any(|code| tree.touches(code, area)));
        (pot.key.clone(), inside.map(|area| (*area).clone()).collect())
    });
    pots.collect()
}

/// What was judged of a round's bids: submitted assessments, with what tells whether they count,
/// moderations and rulings.
struct Judged {
    assessments: BTreeMap<BidId, Vec<(AssignmentId, AssessmentInput)>>,
    /// The assignments that fill a place.
    standing: BTreeSet<AssignmentId>,
    assessors: BTreeMap<UserId, AssessorProfile>,
    interests: BTreeMap<UserId, Vec<Interest>>,
    /// Oldest first.
    moderations: BTreeMap<BidId, Vec<Moderation>>,
    /// Of one bid each, oldest first.
    rulings: BTreeMap<BidId, Vec<Ruling>>,
    /// Oldest first.
    order_of_ties: Vec<Ruling>,
}

impl Judged {
    fn read(conn: &mut Conn, round: RoundId) -> Result<Self> {
        let mut assessments: BTreeMap<BidId, Vec<(AssignmentId, AssessmentInput)>> = BTreeMap::new();
        let mut who = BTreeSet::new();
        assessments::ops::each_submitted(conn, round, |assessment| {
            who.insert(assessment.assessor_id);
            let of_bid = assessments.entry(assessment.bid_id).or_default();
            of_bid.push((assessment.assignment_id, assessment_input(assessment)));
        })?;
        let who: Vec<UserId> = who.into_iter().collect();
        let assessors = accounts::ops::assessors(conn, &who)?;
        let interests = accounts::ops::interests(conn, &who)?;
        let rulings = store::list_standing_rulings(conn, round)?;
        let (of_bids, order_of_ties): (Vec<Ruling>, Vec<Ruling>) =
            rulings.into_iter().partition(|ruling| ruling.ruling.bid().is_some());
        Ok(Self {
            assessments,
            standing: routing::ops::standing_in(conn, round)?,
            assessors: assessors.into_iter().map(|assessor| (assessor.id, assessor)).collect(),
            interests: grouped(interests, |interest| Some(interest.assessor_id)),
            moderations: grouped(store::list_moderations_in(conn, round)?, |one| Some(one.bid_id)),
            rulings: grouped(of_bids, |ruling| ruling.ruling.bid()),
            order_of_ties,
        })
    }

    /// Why an assessment does not count, where it does not.
    fn set_aside(&self, assignment: AssignmentId, assessor: UserId, bid: &ReceivedBid) -> Option<Because> {
        if !self.standing.contains(&assignment) {
            return Some(Because::NotAssigned);
        }
        let numbers = bid.registered_numbers();
        let compared: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let employer = self.assessors.get(&assessor).and_then(|a| a.employer_number.as_deref());
        let employed = employer.is_some_and(|number| numbers.contains(&normal_number(number)));
        let declared = self.interests.get(&assessor).into_iter().flatten();
        let barred = employed || declared.into_iter().any(|interest| interest.bars(bid.id, &compared));
        barred.then_some(Because::Conflict)
    }

    /// The bid with all that was judged of it, which is handed over.
    fn bid_input(&mut self, bid: ReceivedBid) -> BidInput {
        let (mut counted, mut set_aside) = (Vec::new(), Vec::new());
        for (assignment, assessment) in self.assessments.remove(&bid.id).unwrap_or_default() {
            match self.set_aside(assignment, assessment.assessor_id, &bid) {
                None => counted.push(assessment),
                Some(because) => {
                    set_aside.push(SetAside {
                        id: assessment.id,
                        assessor_id: assessment.assessor_id,
                        because,
                    });
                }
            }
        }
        // Oldest first, so that the latest stands.
        let moderated = self
            .moderations
            .remove(&bid.id)
            .unwrap_or_default()
            .into_iter()
            .map(|one| (one.criterion, Moderated { id: one.id, score: one.score, reason: one.reason }));
        let mut input = BidInput {
            id: bid.id,
            reference: bid.reference,
            number: bid.number,
            title: bid.content.title,
            organisation_id: bid.organisation_id,
            organisation: bid.organisation_name,
            areas: bid.content.areas,
            amount_requested_pence: bid.content.amount_requested_pence.unwrap_or(Pence::ZERO),
            status: bid.status,
            eligibility: bid.eligibility,
            eligibility_reason: bid.eligibility_reason,
            assessments: counted,
            set_aside,
            moderated: moderated.collect(),
            excluded: None,
            accepted_short: None,
            disagreement_accepted: None,
            overridden: None,
        };
        for ruling in self.rulings.remove(&bid.id).unwrap_or_default() {
            rule(&mut input, ruling);
        }
        input
    }
}

/// In groups, each in the order in which its items came.
fn grouped<K: Ord, T>(items: Vec<T>, key: impl Fn(&T) -> Option<K>) -> BTreeMap<K, Vec<T>> {
    let mut groups: BTreeMap<K, Vec<T>> = BTreeMap::new();
    for item in items {
        if let Some(key) = key(&item) {
            groups.entry(key).or_default().push(item);
        }
    }
    groups
}

fn rule(input: &mut BidInput, ruling: Ruling) {
    let ruled = |reason| Some(Ruled { id: ruling.id, reason });
    match ruling.ruling {
        NewRuling::Exclude { reason, .. } => input.excluded = ruled(reason),
        NewRuling::AcceptShort { reason, .. } => input.accepted_short = ruled(reason),
        NewRuling::AcceptDisagreement { reason, .. } => input.disagreement_accepted = ruled(reason),
        NewRuling::Override { outcome, amount_pence, conditions, reason, .. } => {
            let decision = Override { outcome, amount_pence, conditions, reason };
            input.overridden = Some(Overridden { id: ruling.id, decision });
        }
        NewRuling::TieOrder { .. } => {}
    }
}

fn assessment_input(assessment: Assessment) -> AssessmentInput {
    let (mut scores, mut feedback) = (BTreeMap::new(), BTreeMap::new());
    for (name, given) in assessment.content.scores {
        if !given.feedback.trim().is_empty() {
            feedback.insert(name.clone(), given.feedback);
        }
        scores.extend(given.score.map(|score| (name, score)));
    }
    AssessmentInput {
        id: assessment.id,
        assessor_id: assessment.assessor_id,
        number: assessment.submitted_number.unwrap_or(0),
        scores,
        feedback,
        overall_feedback: assessment.content.feedback,
        in_scope: assessment.content.in_scope,
        recommendation: assessment.content.recommendation,
    }
}

fn tie_order(rulings: &[Ruling], bids: &[BidInput]) -> Option<TieOrder> {
    let references: BTreeMap<BidId, &String> = bids.iter().map(|bid| (bid.id, &bid.reference)).collect();
    rulings.iter().rev().find_map(|ruling| match &ruling.ruling {
        NewRuling::TieOrder { bids, reason } => Some(TieOrder {
            id: ruling.id,
            bids: bids.iter().filter_map(|bid| references.get(bid).copied().cloned()).collect(),
            reason: reason.clone(),
        }),
        NewRuling::Exclude { .. }
        | NewRuling::AcceptShort { .. }
        | NewRuling::AcceptDisagreement { .. }
        | NewRuling::Override { .. } => None,
    })
}
