//! What every act of routing shares: the facts, the solution made beforehand, and the writing of
//! the difference.

use std::collections::BTreeMap;

use super::store;
use crate::accounts;
use crate::areas;
use crate::bids;
use crate::db::{Conn, Tx};
use crate::id::{AssignmentId, BidId, RoutingRunId, UserId};
use crate::mail::messages::{AssignmentOffered, AssignmentReleased, OfferedBid};
use crate::mail::{Promise, Recipient, Site, outbox};
use crate::problem::Result;
use crate::rounds;
use crate::rounds::model::{PoolMember, Round};
use crate::routing::difference::{Difference, Offer, Release};
use crate::routing::fit::cover;
use crate::routing::instance::{Candidate, Facts, Plan, Solved};
use crate::routing::model::{Assignment, AssignmentStatus, ChangedPlace, Explanation, RoutingChange};

/// Everything that routing the round depends on, in a fixed number of queries.
pub(super) fn facts(conn: &mut Conn, round: &Round) -> Result<Facts> {
    facts_supposing(conn, round, &[])
}

/// The same, with capacities in place of those there are.
pub(super) fn facts_supposing(conn: &mut Conn, round: &Round, supposed: &[PoolMember]) -> Result<Facts> {
    let assignments = store::find_in_round(conn, round.id)?;
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
    let mut bids = bids::ops::received_in(conn, round.id)?;
    bids.retain(bids::model::ReceivedBid::is_assessed);
    Ok(Facts {
        places: round.rules.assessors_per_bid,
        bridges: round.rules.bridges,
        themes: round.rules.themes.clone(),
        bids,
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

/// Writes a difference: the run, the offers, the releases, and the emails that tell of them.
pub(super) fn write(
    tx: &mut Tx<'_>,
    site: &Site,
    round: &Round,
    facts: &Facts,
    plan: &Plan,
    difference: &Difference<'_>,
    cause: &str,
) -> Result<RoutingChange> {
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
        super::step(tx, release.assignment, AssignmentStatus::Released)?;
    }
    for (id, area) in &difference.moved {
        store::set_area(tx, *id, area.as_deref())?;
    }
    let new: Vec<Assignment> =
        difference.offers.iter().map(|offer| assignment(tx, round, run, offer)).collect();
    store::insert(tx, &new)?;
    let mut promises = offers(site, round, facts, run, &difference.offers)?;
    promises.extend(releases(tx, site, round, facts, &difference.releases)?);
    outbox::promise(tx, site, &promises)?;
    Ok(RoutingChange { run_id: Some(run), ..change(tx.conn, facts, difference)? })
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

/// One email for each assessor, with all the bids that the run offers them.
fn offers(
    site: &Site,
    round: &Round,
    facts: &Facts,
    run: RoutingRunId,
    offers: &[Offer<'_>],
) -> Result<Vec<Promise>> {
    let mut by_assessor: BTreeMap<UserId, Vec<&Offer<'_>>> = BTreeMap::new();
    for offer in offers {
        by_assessor.entry(offer.candidate.profile.id).or_default().push(offer);
    }
    let mut promises = Vec::with_capacity(by_assessor.len());
    for (assessor, offers) in by_assessor {
        let Some(profile) = offers.first().map(|offer| &offer.candidate.profile) else { continue };
        let reasons: Vec<String> = offers.iter().map(|offer| cover_of(facts, offer)).collect();
        let bids = offers.iter().zip(&reasons).map(|(offer, because)| OfferedBid {
            reference: &offer.bid.reference,
            title: &offer.bid.content.title,
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
            name: format!("offered:{run}:{assessor}"),
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
        let who = |one: &&Candidate| one.profile.id == release.assignment.assessor_id;
        let Some(profile) = facts.candidates.iter().find(who).map(|one| &one.profile) else { continue };
        let to = Recipient { email: profile.email.clone(), name: profile.name.clone() };
        promises.push(released(site, round, release.assignment, to, reference, release.because)?);
    }
    Ok(promises)
}

/// Tells an assessor that a bid is no longer theirs.
pub(super) fn released(
    site: &Site,
    round: &Round,
    assignment: &Assignment,
    to: Recipient,
    reference: &str,
    reason: &str,
) -> Result<Promise> {
    let message = AssignmentReleased { name: &to.name, round: &round.name, reference, reason };
    Ok(Promise {
        message: message.render(site)?,
        to,
        round: Some(round.id),
        bid: Some(assignment.bid_id),
        name: format!("released:{}", assignment.id),
    })
}

/// The references of the released bids, in one query where some are assessed no more.
fn references(conn: &mut Conn, facts: &Facts, releases: &[Release<'_>]) -> Result<Vec<String>> {
    let mut known: BTreeMap<_, String> =
        facts.bids.iter().map(|bid| (bid.id, bid.reference.clone())).collect();
    let ids = releases.iter().map(|release| release.assignment.bid_id);
    let gone: Vec<BidId> = ids.filter(|id| !known.contains_key(id)).collect();
    if !gone.is_empty() {
        known.extend(bids::ops::received_among(conn, &gone)?.into_iter().map(|bid| (bid.id, bid.reference)));
    }
    let of = |release: &Release<'_>| known.get(&release.assignment.bid_id).cloned().unwrap_or_default();
    Ok(releases.iter().map(of).collect())
}

/// The difference as an administrator reads it; nothing of it is written yet.
pub(super) fn change(conn: &mut Conn, facts: &Facts, difference: &Difference<'_>) -> Result<RoutingChange> {
    let offered = difference.offers.iter().map(|offer| ChangedPlace {
        bid_id: offer.bid.id,
        reference: offer.bid.reference.clone(),
        assessor_id: offer.candidate.profile.id,
        assessor_name: offer.candidate.profile.name.clone(),
        because: offer.explanation.sentence.clone(),
    });
    let references = references(conn, facts, &difference.releases)?;
    let name = |id: UserId| {
        let found = facts.candidates.iter().find(|one| one.profile.id == id);
        found.map(|one| one.profile.name.clone()).unwrap_or_default()
    };
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
