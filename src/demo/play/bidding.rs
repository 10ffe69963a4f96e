//! The round opens, bids come in, one comes too late.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::Duration;
use serde_json::{Value, json};

use super::{Cast, Round, Stage};
use crate::clock::Timestamp;
use crate::demo::client::{Answer, Person, text};
use crate::demo::sample::Bid;

pub(super) fn receive(stage: &Stage, cast: &mut Cast) -> anyhow::Result<Round> {
    stage.telling.now("bids come in");
    let areas = area_names(stage)?;
    let round = open(stage, cast)?;
    let bids = collect(stage, cast, &round)?;
    let late = draft(&mut cast.late, &round, &stage.sample.late_bid.content)?.text("/id")?.to_owned();
    forecast(stage, cast, &round)?;

    stage.move_to(stage.sample.plan.timeline.late_attempt);
    let path = format!("/bids/{late}/submit");
    let late_refusal = cast.late.refused(&path, &json!({}), "/deadline-passed")?;
    stage.say(&format!("{} is refused: {late_refusal}", stage.sample.late_bid.provider.name));
    Ok(Round { id: round, bids, areas, late_refusal })
}

fn area_names(stage: &Stage) -> anyhow::Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for path in ["/areas", "/areas/groups"] {
        for place in stage.api.get(path)?.list("/items")? {
            names.insert(text(place, "/code")?.to_owned(), text(place, "/name")?.to_owned());
        }
    }
    Ok(names)
}

/// Makes the fund, the round and its pool of assessors, and opens it; gives the round's id.
fn open(stage: &Stage, cast: &mut Cast) -> anyhow::Result<String> {
    let plan = &stage.sample.plan;
    let admin = &mut cast.admin;
    let fund = admin.post("/funds", &plan.fund)?;
    let round = json!({
        "fund_id": fund.text("/id")?,
        "code": plan.round.code,
        "name": plan.round.name,
        "rules": plan.round.rules,
        "deadline": plan.timeline.deadline,
        "assessments_due_at": plan.timeline.assessments_due,
    });
    let round = admin.post("/rounds", &round)?.text("/id")?.to_owned();
    fill_pool(stage, cast, &round, |key| !plan.joins_late.iter().any(|late| late == key))?;
    stage.move_to(plan.timeline.opens);
    cast.admin.post(&format!("/rounds/{round}/open"), &json!({}))?;
    stage.say(&format!(
        "{} of the {} opens; the deadline is {}.",
        plan.round.name,
        fund.text("/name")?,
        plan.timeline.deadline.london()
    ));
    Ok(round)
}

/// Makes the pool of the assessors whose keys are asked for.
pub(super) fn fill_pool(
    stage: &Stage,
    cast: &mut Cast,
    round: &str,
    has: impl Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let everybody = stage.sample.assessors.iter().zip(&cast.assessors);
    let pool: Vec<Value> = everybody
        .filter(|(assessor, _)| has(&assessor.key))
        .map(|(assessor, person)| {
            json!({"assessor_id": person.id, "capacity": assessor.capacity, "minimum": assessor.minimum})
        })
        .collect();
    let path = format!("/rounds/{round}/assessors");
    let read = cast.admin.get(&path)?;
    cast.admin.put(&path, &read, &json!({"assessors": pool})).map(drop)
}

/// Every bid on a day of its own.
fn collect(stage: &Stage, cast: &mut Cast, round: &str) -> anyhow::Result<Vec<String>> {
    let plan = &stage.sample.plan;
    let mut ids = Vec::new();
    for (number, (bid, provider)) in (0..).zip(stage.sample.bids.iter().zip(&mut cast.providers)) {
        stage.move_to(day_of(plan.timeline.opens, number));
        let id = if bid.key == plan.resubmitted.bid {
            send_twice(stage, provider, round, bid)?
        } else {
            let id = draft(provider, round, &bid.content)?.text("/id")?.to_owned();
            submit(provider, &id)?;
            id
        };
        ids.push(id);
        stage.telling.step();
    }
    stage.say(&format!("{} bids have been submitted.", ids.len()));
    Ok(ids)
}

/// From the third day on, a bid every 32 hours or so, at an hour when people work.
fn day_of(opens: Timestamp, number: i64) -> Timestamp {
    opens.plus(Duration::days(3 + number * 27 / 20) + Duration::hours(number * 5 % 8))
}

pub(super) fn draft(provider: &mut Person, round: &str, content: &Value) -> anyhow::Result<Answer> {
    provider.post(&format!("/rounds/{round}/bids"), content)
}

pub(super) fn submit(provider: &mut Person, bid: &str) -> anyhow::Result<Answer> {
    provider.post(&format!("/bids/{bid}/submit"), &json!({}))
}

/// With a wrong amount at first; withdrawn, put right and submitted again.
fn send_twice(stage: &Stage, provider: &mut Person, round: &str, bid: &Bid) -> anyhow::Result<String> {
    let plan = &stage.sample.plan.resubmitted;
    let mut wrong = bid.content.clone();
    let amount = wrong.pointer_mut("/amount_requested_pence").context("the bid has no amount")?;
    *amount = json!(plan.amount_first_pence);
    let id = draft(provider, round, &wrong)?.text("/id")?.to_owned();
    submit(provider, &id)?;
    provider.post(&format!("/bids/{id}/withdraw"), &json!({"reason": plan.reason}))?;
    stage.say(&format!("{} withdraws its bid: {}", bid.provider.name, plan.reason));

    let path = format!("/bids/{id}");
    let read = provider.get(&path)?;
    provider.put(&path, &read, &bid.content)?;
    let again = submit(provider, &id)?;
    stage.say(&format!("{} is submitted again, with the amount put right.", again.text("/reference")?));
    Ok(id)
}

/// While the round is open: would the assessors there are be enough? They would not, so more are asked.
fn forecast(stage: &Stage, cast: &mut Cast, round: &str) -> anyhow::Result<()> {
    tell_forecast(stage, cast, round)?;
    let late = &stage.sample.plan.joins_late;
    let everybody = stage.sample.assessors.iter().zip(&cast.assessors);
    let joining: Vec<&str> = everybody
        .filter(|(assessor, _)| late.contains(&assessor.key))
        .map(|(_, person)| person.name.as_str())
        .collect();
    let told = format!("{} are asked to join the assessors.", joining.join(" and "));
    fill_pool(stage, cast, round, |_| true)?;
    stage.say(&told);
    tell_forecast(stage, cast, round)
}

fn tell_forecast(stage: &Stage, cast: &mut Cast, round: &str) -> anyhow::Result<()> {
    let forecast = cast.admin.get(&format!("/rounds/{round}/forecast"))?;
    let number = |pointer: &str| forecast.body.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    stage.say(&format!(
        "Forecast: {} of {} places could be filled by {} assessors.",
        number("/filled"),
        number("/places"),
        number("/assessors")
    ));
    for shortage in forecast.list("/shortages")? {
        stage.say(&format!("Forecast: {}", text(shortage, "/sentence")?));
        stage.say(&format!("Remedy: {}", text(shortage, "/remedy/sentence")?));
    }
    Ok(())
}
