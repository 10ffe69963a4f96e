//! What every act of routing shares: the facts, the solution made beforehand, and the writing of
//! the difference.

use std::collections::BTreeMap;

use super::store;
use crate::accounts;
use crate::areas;
use crate::bids;
use crate::db::{BATCH, Conn, Tx};
use crate::id::{AssignmentId, BidId, RoutingRunId, UserId};
use crate::mail::messages::{AssignmentOffered, AssignmentReleased, OfferedBid};
use crate::mail::{Promise, Recipient, Site, outbox};
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::{PoolMember, Round};
use crate::routing::difference::{Difference, Offer, Release};
use crate::routing::facts::{Candidate, Facts};
use crate::routing::fit::cover;
use crate::routing::instance::{Plan, Solved};
use crate::routing::model::{
    Assignment, AssignmentLine, AssignmentStatus, ChangedPlace, Explanation, RoutingChange,
};

/// Everything that routing the round depends on, in a fixed number of queries.
pub(super) fn facts(conn: &mut Conn, round: &Round) -> Result<Facts> {
    facts_supposing(conn, round, &[])
}

/// The same, with capacities in place of those there are.
pub(super) fn facts_supposing(conn: &mut Conn, round: &Round, supposed: &[PoolMember]) -> Result<Facts> {
    let assignments = store::list_lines(conn, round.id)?;
    let members = rounds::ops::pool(conn, round.id)?.into_iter().chain(supposed.iter().cloned());
    let mut pool: BTreeMap<UserId, PoolMember> = members.map(|member| (member.assessor_id, member)).collect();
    for assignment in assignments.iter().filter(|one| one.status.stands()) {
        let left = PoolMember { assessor_id: assignment.assessor_id, capacity: 0, minimum: 0 };
        pool.entry(assignment.assessor_id).or_insert(left);
    }
    let ids: Vec<UserId> = pool.keys().copied().collect();
    let candidates = accounts::ops::assessors(conn, &ids)?
        .into_iter()
        .filter_map(|profile| {
            let member = pool.get(&profile.id)?;
            Some(Candidate { capacity: member.capacity, minimum: member.minimum, profile })
        })
        .collect();
    Ok(Facts {
        places: round.rules.assessors_per_bid,
        bridges: round.rules.bridges,
        themes: round.rules.themes.clone(),
        bids: bids::ops::to_assess_in(conn, round.id)?,
        candidates,
        interests: accounts::ops::interests(conn, &ids)?,
        tree: areas::ops::tree(conn)?,
        assignments,
    })
}

/// Solves outside the transaction what it will very likely have to write. Where the facts moved in
/// between, their hash tells, and the transaction solves again by itself: slower, never wrong.
pub(super) fn solution(plan: &Plan, beforehand: Option<&Solved>) -> Result<Solved> {
    match beforehand {
        Some(solved) if solved.sha256 == plan.sha256 => Ok(solved.clone()),
        Some(_) | None => plan.solve(),
    }
}

/// How many assessors' emails are rendered at once: each may name many bids.
const LETTERS: usize = 200;

/// Writes a difference: the run, which it gives, the offers, the releases, and the emails that tell of them. A batch at a time:
/// the offers of a large round, written out, would take as much memory again for each copy.
pub(super) fn write(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    facts: &Facts,
    plan: &Plan,
    difference: &Difference<'_>,
    cause: &str,
) -> Result<RoutingRunId> {
    let run = store::Run {
        round: round.id,
        purpose: plan.purpose,
        cause,
        input: &plan.text,
        input_sha256: &plan.sha256,
        result: &difference.result,
    };
    let run = store::insert_run(tx, &run)?;
    for release in &difference.releases {
        let assignment = store::find(tx.conn, release.assignment.id)?;
        super::step(tx, &assignment, AssignmentStatus::Released)?;
    }
    for (id, area) in &difference.moved {
        store::set_area(tx, *id, area.as_deref())?;
    }
    for offers in difference.offers.chunks(BATCH) {
        let new: Vec<Assignment> = offers.iter().map(|offer| assignment(tx, round, run, offer)).collect();
        store::insert(tx, &new)?;
    }
    for assessors in by_assessor(&difference.offers).chunks(LETTERS) {
        outbox::promise(tx, site, &offers(site, round, facts, run, assessors)?)?;
    }
    let promises = releases(tx, site, round, facts, &difference.releases)?;
    outbox::promise(tx, site, &promises)?;
    Ok(run)
}

fn assignment(tx: &Tx<'_>, round: &Round, run: RoutingRunId, offer: &Offer<'_>) -> Assignment {
    Assignment {
        id: AssignmentId::fresh(),
        round_id: round.id,
        bid_id: offer.bid.id,
        assessor_id: offer.candidate.profile.id,
        run_id: run,
        area_code: offer.area_code.clone(),
        status: AssignmentStatus::Offered,
        explanation: offer.explanation.clone(),
        offered_at: tx.now,
        accepted_at: None,
        declined_at: None,
        decline_reason: None,
        released_at: None,
        version: 1,
    }
}

/// The offers to each assessor, in the order of their ids.
fn by_assessor<'o, 'f>(offers: &'o [Offer<'f>]) -> Vec<Vec<&'o Offer<'f>>> {
    let mut by_assessor: BTreeMap<UserId, Vec<&Offer<'_>>> = BTreeMap::new();
    for offer in offers {
        by_assessor.entry(offer.candidate.profile.id).or_default().push(offer);
    }
    by_assessor.into_values().collect()
}

/// One email for each assessor, with all the bids that the run offers them.
fn offers(
    site: &Site,
    round: &Round,
    facts: &Facts,
    run: RoutingRunId,
    assessors: &[Vec<&Offer<'_>>],
) -> Result<Vec<Promise>> {
    let mut promises = Vec::with_capacity(assessors.len());
    for offers in assessors {
        let Some(profile) = offers.first().map(|offer| &offer.candidate.profile) else { continue };
        let reasons: Vec<String> = offers.iter().map(|offer| cover_of(facts, offer)).collect();
        let bids = offers.iter().zip(&reasons).map(|(offer, because)| OfferedBid {
            reference: &offer.bid.reference,
            title: &offer.bid.title,
            organisation: &offer.bid.organisation_name,
            because,
        });
        let message = AssignmentOffered {
            name: &profile.name,
            round: &round.name,
            bids: bids.collect(),
            due_at: round.assessments_due_at,
        };
        promises.push(Promise {
            to: Recipient { email: profile.email.clone(), name: profile.name.clone() },
            message: message.render(site)?,
            round: Some(round.id),
            bid: None,
            name: format!("offered:{run}:{}", profile.id),
        });
    }
    Ok(promises)
}

fn cover_of(facts: &Facts, offer: &Offer<'_>) -> String {
    let Explanation { covers, themes, .. } = &offer.explanation;
    cover(&facts.tree, &facts.themes, covers, themes)
}

fn releases(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    facts: &Facts,
    releases: &[Release<'_>],
) -> Result<Vec<Promise>> {
    let references = references(tx.conn, facts, releases)?;
    let mut promises = Vec::with_capacity(releases.len());
    for (release, reference) in releases.iter().zip(&references) {
        let AssignmentLine { id, bid_id, assessor_id, .. } = *release.assignment;
        let Some(profile) = facts.candidate(assessor_id).map(|one| &one.profile) else { continue };
        let to = Recipient { email: profile.email.clone(), name: profile.name.clone() };
        promises.push(released(site, round, (id, bid_id), to, reference, release.because)?);
    }
    Ok(promises)
}

/// Tells an assessor that a bid is no longer theirs.
pub(super) fn released(
    site: &Site,
    round: &Round,
    (assignment, bid): (AssignmentId, BidId),
    to: Recipient,
    reference: &str,
    reason: &str,
) -> Result<Promise> {
    let message = AssignmentReleased { name: &to.name, round: &round.name, reference, reason };
    Ok(Promise {
        message: message.render(site)?,
        to,
        round: Some(round.id),
        bid: Some(bid),
        name: format!("released:{assignment}"),
    })
}

/// The references of the released bids, in one query where some are assessed no more.
fn references(conn: &mut Conn, facts: &Facts, releases: &[Release<'_>]) -> Result<Vec<String>> {
    let ids = releases.iter().map(|release| release.assignment.bid_id);
    let gone: Vec<BidId> = ids.filter(|id| facts.bid(*id).is_none()).collect();
    let gone = if gone.is_empty() { Vec::new() } else { bids::ops::received_among(conn, &gone)? };
    let gone: BTreeMap<BidId, String> = gone.into_iter().map(|bid| (bid.id, bid.reference)).collect();
    let of = |release: &Release<'_>| {
        let id = release.assignment.bid_id;
        facts.bid(id).map(|bid| &bid.reference).or_else(|| gone.get(&id)).cloned().unwrap_or_default()
    };
    Ok(releases.iter().map(of).collect())
}

/// The difference as an administrator reads it, as if nothing of it were written.
pub(super) fn change(conn: &mut Conn, facts: &Facts, difference: &Difference<'_>) -> Result<RoutingChange> {
    let offered = difference.offers.iter().map(|offer| ChangedPlace {
        bid_id: offer.bid.id,
        reference: offer.bid.reference.clone(),
        assessor_id: offer.candidate.profile.id,
        assessor_name: offer.candidate.profile.name.clone(),
        because: offer.explanation.sentence.clone(),
    });
    let references = references(conn, facts, &difference.releases)?;
    let name = |id: UserId| facts.candidate(id).map(|one| one.profile.name.clone()).unwrap_or_default();
    let released = difference.releases.iter().zip(references).map(|(release, reference)| ChangedPlace {
        bid_id: release.assignment.bid_id,
        reference,
        assessor_id: release.assignment.assessor_id,
        assessor_name: name(release.assignment.assessor_id),
        because: release.because.to_owned(),
    });
    Ok(RoutingChange {
        offered: offered.collect(),
        released: released.collect(),
        unfilled: difference.unfilled(),
        shortages: difference.result.shortages.clone(),
        bridges: difference.result.bridges.clone(),
        run_id: None,
    })
}
