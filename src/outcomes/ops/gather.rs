//! Gathering: everything that a round's outcomes depend on, from every feature below, in a fixed
//! number of queries.

use std::collections::{BTreeMap, BTreeSet};

use super::super::decide::Override;
use super::super::draw::Draw;
use super::super::inputs::{
    AssessmentInput, Because, BidInput, FORMAT, Inputs, Moderated, Overridden, Ruled, SetAside, TieOrder,
};
use super::super::letters::Audience;
use super::super::model::{Moderation, NewRuling, Ruling};
use super::super::store;
use crate::accounts;
use crate::accounts::model::{AssessorProfile, Interest, User, normal_number};
use crate::areas;
use crate::areas::model::AreaTree;
use crate::assessments;
use crate::assessments::model::{Assessment, AssessmentStatus};
use crate::bids;
use crate::bids::model::{BidStatus, ReceivedBid};
use crate::clock::Timestamp;
use crate::db::Conn;
use crate::id::{BidId, RoundId, UserId};
use crate::mail::Recipient;
use crate::money::Pence;
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::Round;
use crate::routing;
use crate::routing::model::Assignment;

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
    let received = bids::ops::received_in(conn, id)?;
    let audience = audience(conn, &received)?;
    let named: BTreeSet<&String> = received.iter().flat_map(|bid| &bid.content.areas).collect();
    let area_names = named.iter().map(|code| ((*code).clone(), tree.name(code).to_owned())).collect();
    let pot_areas = pot_areas(&round, &tree, &named);

    let submitted = Submitted::read(conn, id)?;
    let moderations = store::list_moderations_in(conn, id)?;
    let rulings = store::list_standing_rulings(conn, id)?;
    let mut bids: Vec<BidInput> =
        received.iter().map(|bid| bid_input(bid, &submitted, &moderations, &rulings)).collect();
    bids.sort_by(|left, right| left.reference.cmp(&right.reference));
    let inputs = Inputs {
        format: FORMAT,
        fund_id: fund.id,
        fund: fund.name,
        round_id: round.id,
        round_code: round.code.clone(),
        round: round.name.clone(),
        rules: round.rules.clone(),
        pot_areas,
        tie_order: tie_order(&rulings, &bids),
        draw: draw(conn, &round)?,
        bids,
    };
    let submitted_at = received.iter().map(|bid| (bid.id, bid.submitted_at)).collect();
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

/// Submitted assessments, and what tells whether they count.
struct Submitted {
    by_bid: BTreeMap<BidId, Vec<Assessment>>,
    assignments: BTreeMap<crate::id::AssignmentId, Assignment>,
    assessors: BTreeMap<UserId, AssessorProfile>,
    interests: BTreeMap<UserId, Vec<Interest>>,
}

impl Submitted {
    fn read(conn: &mut Conn, round: RoundId) -> Result<Self> {
        let mut all = assessments::ops::assessments_in(conn, round)?;
        all.retain(|assessment| assessment.status == AssessmentStatus::Submitted);
        all.sort_by_key(|assessment| assessment.id);
        let who: BTreeSet<UserId> = all.iter().map(|assessment| assessment.assessor_id).collect();
        let who: Vec<UserId> = who.into_iter().collect();
        let assignments = routing::ops::assignments_in(conn, round)?;
        let assessors = accounts::ops::assessors(conn, &who)?;
        let mut interests: BTreeMap<UserId, Vec<Interest>> = BTreeMap::new();
        for interest in accounts::ops::interests(conn, &who)? {
            interests.entry(interest.assessor_id).or_default().push(interest);
        }
        let mut by_bid: BTreeMap<BidId, Vec<Assessment>> = BTreeMap::new();
        for assessment in all {
            by_bid.entry(assessment.bid_id).or_default().push(assessment);
        }
        Ok(Self {
            by_bid,
            assignments: assignments.into_iter().map(|assignment| (assignment.id, assignment)).collect(),
            assessors: assessors.into_iter().map(|assessor| (assessor.id, assessor)).collect(),
            interests,
        })
    }

    /// Why an assessment does not count, where it does not.
    fn set_aside(&self, assessment: &Assessment, bid: &ReceivedBid) -> Option<Because> {
        let stands = self.assignments.get(&assessment.assignment_id).is_some_and(|a| a.status.stands());
        if !stands {
            return Some(Because::NotAssigned);
        }
        let numbers = bid.registered_numbers();
        let compared: Vec<&str> = numbers.iter().map(String::as_str).collect();
        let employer = self.assessors.get(&assessment.assessor_id).and_then(|a| a.employer_number.as_deref());
        let employed = employer.is_some_and(|number| numbers.contains(&normal_number(number)));
        let declared = self.interests.get(&assessment.assessor_id).into_iter().flatten();
        let barred = employed || declared.into_iter().any(|interest| interest.bars(bid.id, &compared));
        barred.then_some(Because::Conflict)
    }
}

fn bid_input(
    bid: &ReceivedBid,
    submitted: &Submitted,
    moderations: &[Moderation],
    rulings: &[Ruling],
) -> BidInput {
    let mut input = BidInput {
        id: bid.id,
        reference: bid.reference.clone(),
        number: bid.number,
        title: bid.content.title.clone(),
        organisation_id: bid.organisation_id,
        organisation: bid.organisation_name.clone(),
        areas: bid.content.areas.clone(),
        amount_requested_pence: bid.content.amount_requested_pence.unwrap_or(Pence::ZERO),
        status: bid.status,
        eligibility: bid.eligibility,
        eligibility_reason: bid.eligibility_reason.clone(),
        assessments: Vec::new(),
        set_aside: Vec::new(),
        moderated: BTreeMap::new(),
        excluded: None,
        accepted_short: None,
        disagreement_accepted: None,
        overridden: None,
    };
    for assessment in submitted.by_bid.get(&bid.id).into_iter().flatten() {
        match submitted.set_aside(assessment, bid) {
            None => input.assessments.push(assessment_input(assessment)),
            Some(because) => {
                input.set_aside.push(SetAside {
                    id: assessment.id,
                    assessor_id: assessment.assessor_id,
                    because,
                });
            }
        }
    }
    // Oldest first, so that the latest stands.
    for one in moderations.iter().filter(|one| one.bid_id == bid.id) {
        let moderated = Moderated { id: one.id, score: one.score, reason: one.reason.clone() };
        input.moderated.insert(one.criterion.clone(), moderated);
    }
    for ruling in rulings.iter().filter(|ruling| ruling.ruling.bid() == Some(bid.id)) {
        let ruled = || Some(Ruled { id: ruling.id, reason: ruling.ruling.reason().to_owned() });
        match &ruling.ruling {
            NewRuling::Exclude { .. } => input.excluded = ruled(),
            NewRuling::AcceptShort { .. } => input.accepted_short = ruled(),
            NewRuling::AcceptDisagreement { .. } => input.disagreement_accepted = ruled(),
            NewRuling::Override { outcome, amount_pence, conditions, reason, .. } => {
                let decision = Override {
                    outcome: *outcome,
                    amount_pence: *amount_pence,
                    conditions: conditions.clone(),
                    reason: reason.clone(),
                };
                input.overridden = Some(Overridden { id: ruling.id, decision });
            }
            NewRuling::TieOrder { .. } => {}
        }
    }
    input
}

fn assessment_input(assessment: &Assessment) -> AssessmentInput {
    let scores = &assessment.content.scores;
    AssessmentInput {
        id: assessment.id,
        assessor_id: assessment.assessor_id,
        number: assessment.submitted_number.unwrap_or(0),
        scores: scores.iter().filter_map(|(key, given)| Some((key.clone(), given.score?))).collect(),
        feedback: scores
            .iter()
            .filter(|(_, given)| !given.feedback.trim().is_empty())
            .map(|(key, given)| (key.clone(), given.feedback.clone()))
            .collect(),
        overall_feedback: assessment.content.feedback.clone(),
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

/// Lead contacts and, where a person submitted the bid and can still sign in, that person.
pub(in crate::outcomes) fn audience(conn: &mut Conn, received: &[ReceivedBid]) -> Result<Audience> {
    let submitters: BTreeSet<UserId> = received.iter().filter_map(submitter).collect();
    let submitters: Vec<UserId> = submitters.into_iter().collect();
    let people = accounts::ops::people(conn, &submitters)?;
    let people: BTreeMap<UserId, User> = people.into_iter().map(|user| (user.id, user)).collect();
    let bidders = received.iter().filter(|bid| bid.status == BidStatus::Submitted).map(|bid| {
        let contact = bid.content.lead_contact.iter();
        let contact =
            contact.map(|contact| Recipient { email: contact.email.clone(), name: contact.name.clone() });
        let person = submitter(bid).and_then(|id| people.get(&id)).filter(|user| user.disabled_at.is_none());
        let person = person.map(|user| Recipient { email: user.email.clone(), name: user.name.clone() });
        (bid.id, once_each(contact.chain(person)))
    });
    let bidders = bidders.collect();
    let administrators = once_each(accounts::ops::admins(conn)?.into_iter());
    Ok(Audience { bidders, administrators })
}

fn submitter(bid: &ReceivedBid) -> Option<UserId> {
    bid.submitted_by.strip_prefix("user:")?.parse().ok().map(UserId)
}

/// Each address once, however its letters are cased.
fn once_each(recipients: impl Iterator<Item = Recipient>) -> Vec<Recipient> {
    let mut seen = BTreeSet::new();
    recipients.filter(|to| seen.insert(to.email.trim().to_lowercase())).collect()
}
