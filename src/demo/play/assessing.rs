//! Bids go to assessors; one declines and is replaced; all assess.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_json::{Value, json};

use super::{Cast, Round, Stage};
use crate::demo::client::{Person, text};
use crate::demo::marking;

pub(super) fn assess(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    stage.telling.now("bids are routed");
    route(stage, cast, round)?;
    stage.move_to(stage.sample.plan.timeline.offers_answered);
    decline(stage, cast, round)?;
    accept_all(stage, cast)?;
    stage.telling.now("assessors assess");
    stage.move_to(stage.sample.plan.timeline.assessed);
    write_assessments(stage, cast, round)
}

fn route(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    stage.move_to(stage.sample.plan.timeline.assessment_starts);
    let started = cast.admin.post(&format!("/rounds/{}/start-assessment", round.id), &json!({}))?;
    let number = |pointer: &str| started.body.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    stage.say(&format!(
        "Assessment starts: {} bids are routed, {} of {} places are filled.",
        number("/bids"),
        number("/filled"),
        number("/places")
    ));
    let assignments = cast.admin.all(&format!("/rounds/{}/assignments", round.id))?;
    // One of those that cover more than one area says most.
    let first = assignments.iter().find(|view| {
        view.pointer("/bid/areas").and_then(Value::as_array).is_some_and(|areas| areas.len() > 1)
    });
    if let Some(view) = first {
        stage.say(&format!(
            "Why {} assesses {}: {}",
            text(view, "/assessor_name")?,
            text(view, "/bid/reference")?,
            text(view, "/assignment/explanation/sentence")?
        ));
        tell_why_not(stage, cast, text(view, "/bid/id")?)?;
    }
    Ok(())
}

/// Of those who were not chosen for a bid, the first who would have cost something.
fn tell_why_not(stage: &Stage, cast: &mut Cast, bid: &str) -> anyhow::Result<()> {
    let routing = cast.admin.get(&format!("/bids/{bid}/routing"))?;
    let costly =
        routing.list("/not_chosen")?.iter().find(|one| one.pointer("/cost").is_some_and(Value::is_object));
    if let Some(one) = costly {
        stage.say(&format!("Why {} does not: {}", text(one, "/name")?, text(one, "/sentence")?));
    }
    Ok(())
}

/// One assessor finds a conflict; the place is routed again at once.
fn decline(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let plan = &stage.sample.plan.decline;
    let position = stage.sample.assessors.iter().position(|assessor| assessor.key == plan.assessor);
    let person = position.and_then(|at| cast.assessors.get_mut(at)).context("nobody declines")?;
    let offers = person.all("/assignments?status=offered")?;
    let offer = offers.first().with_context(|| format!("{} was offered nothing", plan.assessor))?;
    let path = format!("/assignments/{}/decline", text(offer, "/assignment/id")?);
    person.post(&path, &json!({"reason": plan.reason, "conflict": true}))?;
    let (name, bid) = (person.name.clone(), text(offer, "/bid/reference")?);
    stage.say(&format!("{name} declines {bid}: {}", plan.reason));

    // Runs are listed the newest first.
    let runs = cast.admin.get(&format!("/rounds/{}/routing", round.id))?;
    let repair = runs
        .list("/items")?
        .iter()
        .find(|run| run.pointer("/purpose").is_some_and(|purpose| purpose == "repair"));
    let repair = repair.context("the decline was not repaired")?;
    let changes = repair.pointer("/result/worth/changes").and_then(Value::as_u64).unwrap_or_default();
    let offered = cast.admin.all(&format!("/rounds/{}/assignments?status=offered", round.id))?;
    let replacement = offered.last().context("nobody was asked instead")?;
    let others = match changes {
        0 => "no other offer changes".to_owned(),
        1 => "one other offer changes".to_owned(),
        more => format!("{more} other offers change"),
    };
    stage.say(&format!(
        "The place is routed again: {} is asked instead, and {others}.",
        text(replacement, "/assessor_name")?
    ));
    Ok(())
}

fn accept_all(stage: &Stage, cast: &mut Cast) -> anyhow::Result<()> {
    for person in &mut cast.assessors {
        for offer in person.all("/assignments?status=offered")? {
            let path = format!("/assignments/{}/accept", text(&offer, "/assignment/id")?);
            person.post(&path, &json!({"no_conflict": true}))?;
            stage.telling.step();
        }
    }
    Ok(())
}

fn write_assessments(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let sample = &stage.sample;
    let criteria = marking::criteria(&sample.plan.round.rules)?;
    let disagreement = &sample.plan.disagreement;
    let bids: BTreeMap<&str, _> = round.bids.iter().map(String::as_str).zip(&sample.bids).collect();
    let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
    let mut written = 0;
    for (assessor, person) in sample.assessors.iter().zip(&mut cast.assessors) {
        for view in person.all("/assignments?status=accepted")? {
            let bid = bids.get(text(&view, "/bid/id")?).context("an assignment of no known bid")?;
            let turn = turns.entry(&bid.key).or_default();
            // The first who reads that bid is the one who sees it otherwise.
            let dissent = (bid.key == disagreement.bid && *turn == 0).then_some(disagreement);
            let content = marking::assessment(&sample.phrases, &criteria, bid, assessor, *turn, dissent)?;
            submit(person, text(&view, "/assignment/id")?, &content)?;
            *turn += 1;
            written += 1;
            stage.telling.step();
        }
    }
    stage.say(&format!("{} assessors have submitted {written} assessments.", cast.assessors.len()));
    Ok(())
}

pub(super) fn submit(person: &mut Person, assignment: &str, content: &Value) -> anyhow::Result<()> {
    save(person, assignment, content)?;
    person.post(&format!("/assignments/{assignment}/assessment/submit"), &json!({})).map(drop)
}

pub(super) fn save(person: &mut Person, assignment: &str, content: &Value) -> anyhow::Result<()> {
    let path = format!("/assignments/{assignment}/assessment");
    let read = person.get(&path)?;
    person.put(&path, &read, content).map(drop)
}
