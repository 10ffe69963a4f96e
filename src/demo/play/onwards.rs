//! What goes on after the first round is closed, so that everybody who signs in for a look finds something to see and to
//! do: a second round that is being assessed, and a third that takes bids.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::Duration;
use serde_json::{Value, json};

use super::assessing::{save, submit as submit_assessment};
use super::bidding::{draft, fill_pool, submit};
use super::{Cast, Round, Stage};
use crate::clock::Timestamp;
use crate::demo::client::text;
use crate::demo::marking;
use crate::demo::sample::Bid;

/// Bids that come to the second round, and the one of which an assessor thinks far less than the others.
const BIDS: usize = 8;

pub(super) fn go_on(stage: &Stage, cast: &mut Cast, first: &Round) -> anyhow::Result<()> {
    stage.telling.now("the next rounds");
    let closed = stage.sample.plan.timeline.closes;
    let deadline = closed.plus(Duration::days(24) + Duration::hours(2));
    let second = open(stage, cast, first, ("FT2", "Round 2"), deadline)?;
    let bids = collect(stage, cast, &second)?;
    stage.move_to(deadline.plus(Duration::minutes(1)));
    cast.admin.post(&format!("/rounds/{second}/start-assessment"), &json!({}))?;
    stage.move_to(deadline.plus(Duration::days(10)));
    assess(stage, cast, &bids)?;
    stage.say("Round 2 is being assessed: some assessments are still to come, and two scores lie far apart.");

    let third = open(stage, cast, first, ("FT3", "Round 3"), deadline.plus(Duration::days(60)))?;
    begin_a_bid(stage, cast, &third)?;
    stage.say("Round 3 takes bids; one has been begun.");
    Ok(())
}

/// Opens a round under the same rules, with the same assessors.
fn open(
    stage: &Stage,
    cast: &mut Cast,
    first: &Round,
    (code, name): (&str, &str),
    deadline: Timestamp,
) -> anyhow::Result<String> {
    let copy =
        cast.admin.post(&format!("/rounds/{}/copy", first.id), &json!({"code": code, "name": name}))?;
    let id = copy.text("/id")?.to_owned();
    let path = format!("/rounds/{id}");
    let read = cast.admin.get(&path)?;
    let rules = read.body.pointer("/rules").context("rules")?;
    let update = json!({
        "code": code, "name": name, "rules": rules, "deadline": deadline,
        "assessments_due_at": deadline.plus(Duration::days(17)),
    });
    cast.admin.put(&path, &read, &update)?;
    fill_pool(stage, cast, &id, |_| true)?;
    cast.admin.post(&format!("{path}/open"), &json!({}))?;
    Ok(id)
}

/// Some of the providers bid again; gives the bids by their ids.
fn collect<'s>(stage: &'s Stage, cast: &mut Cast, round: &str) -> anyhow::Result<BTreeMap<String, &'s Bid>> {
    let disputed = &stage.sample.plan.disagreement.bid;
    let begins = stage.sample.plan.timeline.closes;
    let all = stage.sample.bids.iter().zip(&mut cast.providers).enumerate();
    let mut bids = BTreeMap::new();
    for (number, (bid, provider)) in all.filter(|(at, (bid, _))| *at < BIDS || bid.key == *disputed) {
        stage.move_to(begins.plus(Duration::days(7) + Duration::hours(i64::try_from(number)? * 31)));
        let id = draft(provider, round, &bid.content)?.text("/id")?.to_owned();
        submit(provider, &id)?;
        bids.insert(id, bid);
    }
    Ok(bids)
}

/// Everybody accepts what they were offered and assesses it; the first of them is in the middle of it.
fn assess(stage: &Stage, cast: &mut Cast, bids: &BTreeMap<String, &Bid>) -> anyhow::Result<()> {
    let sample = &stage.sample;
    let criteria = marking::criteria(&sample.plan.round.rules)?;
    let disagreement = &sample.plan.disagreement;
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, (assessor, person)) in sample.assessors.iter().zip(&mut cast.assessors).enumerate() {
        for (place, view) in person.all("/assignments?status=offered")?.iter().enumerate() {
            // An offer that waits, an assessment that is begun, and the rest submitted.
            let (is_waiting, is_begun) = (number == 0 && place == 0, number == 0 && place == 1);
            if is_waiting {
                continue;
            }
            let assignment = text(view, "/assignment/id")?;
            person.post(&format!("/assignments/{assignment}/accept"), &json!({"no_conflict": true}))?;
            let bid = bids.get(text(view, "/bid/id")?).context("an offer of no known bid")?;
            let turn = turns.entry(&bid.key).or_default();
            let dissent = (bid.key == disagreement.bid && *turn == 0).then_some(disagreement);
            let content = marking::assessment(&sample.phrases, &criteria, bid, assessor, *turn, dissent)?;
            if is_begun {
                save(person, assignment, &begun(content)?)?;
            } else {
                submit_assessment(person, assignment, &content)?;
            }
            *turn += 1;
        }
    }
    Ok(())
}

/// An assessment of which only the first two criteria are written.
fn begun(mut content: Value) -> anyhow::Result<Value> {
    let scores = content.pointer("/scores").and_then(Value::as_object).context("scores")?;
    let first: serde_json::Map<String, Value> =
        scores.iter().take(2).map(|(key, score)| (key.clone(), score.clone())).collect();
    let whole = content.as_object_mut().context("an assessment")?;
    whole.retain(|key, _| key == "scores");
    whole.insert("scores".to_owned(), Value::Object(first));
    Ok(content)
}

/// The first provider has begun a bid.
fn begin_a_bid(stage: &Stage, cast: &mut Cast, round: &str) -> anyhow::Result<()> {
    let provider = cast.providers.first_mut().context("a provider")?;
    draft(provider, round, &stage.sample.plan.begun_bid).map(drop)
}
