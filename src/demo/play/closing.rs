//! The panel settles what is open, rehearses the close, and closes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{Cast, Round, Stage};
use crate::demo::client::{list, text};
use crate::demo::report::Row;
use crate::demo::sample::Bid;
use crate::money::{Pence, grouped};

/// What closing gave.
pub(super) struct Closed {
    pub received: String,
    pub rows: Vec<Row>,
    pub outcome_emails: usize,
    pub verified: bool,
}

pub(super) fn close(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<Closed> {
    stage.telling.now("the panel meets");
    stage.move_to(stage.sample.plan.timeline.panel);
    moderate(stage, cast, round)?;
    set_conditions(stage, cast, round)?;

    stage.telling.now("the round is closed");
    stage.move_to(stage.sample.plan.timeline.closes);
    let path = format!("/rounds/{}/close", round.id);
    let preview = cast.admin.post(&path, &json!({"dry_run": true}))?;
    rehearsed(stage, &preview.body)?;
    suppose(stage, cast, round)?;
    let previewed = preview.text("/snapshot_sha256")?;
    let name = &stage.sample.plan.round.name;
    cast.admin.post(&path, &json!({"confirm": name, "previewed_sha256": previewed}))?;
    stage.say(&format!("{name} is closed, exactly as it was rehearsed."));
    read_paper(stage, cast, round)?;

    let outcome_emails = wait_for_emails(cast, round)?;
    let outcomes = cast.admin.get(&format!("/rounds/{}/outcomes", round.id))?;
    let progress = cast.auditor.get(&format!("/rounds/{}/progress", round.id))?;
    let verification = cast.auditor.get(&format!("/rounds/{}/verify", round.id))?;
    Ok(Closed {
        received: progress.text("/received")?.trim_end_matches('.').to_owned(),
        rows: rows(stage, round, outcomes.list("/outcomes")?)?,
        outcome_emails,
        verified: verification.body.pointer("/agrees") == Some(&Value::Bool(true)),
    })
}

fn bid_id<'a>(stage: &Stage, round: &'a Round, key: &str) -> anyhow::Result<&'a str> {
    let position = stage.sample.bids.iter().position(|bid| bid.key == key);
    let id = position.and_then(|at| round.bids.get(at));
    id.map(String::as_str).with_context(|| format!("the sample has no bid {key}"))
}

/// Closing is refused while assessors disagree by more than the round accepts.
fn moderate(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let plan = &stage.sample.plan.disagreement;
    let path = format!("/rounds/{}/close", round.id);
    let refusal = cast.admin.refused(
        &path,
        &json!({"confirm": stage.sample.plan.round.name}),
        "/not-ready-to-close",
    )?;
    stage.say(&format!("Closing is refused: {refusal}"));
    let outcomes = cast.admin.get(&format!("/rounds/{}/outcomes", round.id))?;
    for blocker in outcomes.list("/blockers")? {
        stage.say(&format!("  {}", text(blocker, "/detail")?));
    }
    let path = format!("/bids/{}/moderation", bid_id(stage, round, &plan.bid)?);
    cast.admin
        .post(&path, &json!({"criterion": plan.criterion, "score": plan.moderated, "reason": plan.reason}))?;
    let provider = &stage.sample.bid(&plan.bid)?.provider.name;
    stage.say(&format!(
        "The panel reads the answer of {provider} on {} together and moderates it to {}.",
        plan.criterion, plan.moderated
    ));
    Ok(())
}

fn set_conditions(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let plan = &stage.sample.plan.conditions;
    let ruling = json!({
        "kind": "override",
        "bid_id": bid_id(stage, round, &plan.bid)?,
        "outcome": "awarded_with_conditions",
        "conditions": plan.conditions,
        "reason": plan.reason,
    });
    cast.admin.post(&format!("/rounds/{}/rulings", round.id), &ruling)?;
    let provider = &stage.sample.bid(&plan.bid)?.provider.name;
    stage.say(&format!("{provider} is to be awarded with conditions: {}", plan.conditions));
    Ok(())
}

/// What a dry run of closing shows.
fn rehearsed(stage: &Stage, preview: &Value) -> anyhow::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for outcome in list(preview, "/outcomes")? {
        *counts.entry(text(outcome, "/outcome")?).or_default() += 1;
    }
    let counted: Vec<String> =
        counts.iter().map(|(outcome, count)| format!("{count} {}", worded(outcome))).collect();
    let spent = preview.pointer("/totals/budget/spent_pence").and_then(Value::as_i64).context("no total")?;
    let emails = list(preview, "/emails")?.len();
    stage.say(&format!(
        "Rehearsal of closing: {}; {} awarded, {emails} emails.",
        counted.join(", "),
        Pence(spent)
    ));
    Ok(())
}

/// The auditor asks twice, and nothing changes.
fn suppose(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let rules = &stage.sample.plan.round.rules;
    let number = |at: &str| rules.pointer(at).and_then(Value::as_i64).with_context(|| format!("no {at}"));
    let threshold = number("/overall_threshold")?;
    let question = format!("What if the threshold were {} rather than {threshold}?", threshold - 5);
    what_if(stage, cast, round, &question, &json!({"overall_threshold": threshold - 5}))?;
    let (key, name) = (rules.pointer("/pots/0/key"), rules.pointer("/pots/0/name"));
    let (key, name) = key.and_then(Value::as_str).zip(name.and_then(Value::as_str)).context("no pot")?;
    let more = Pence::pounds(200_000);
    let amount = number("/pots/0/amount_pence")? + more.0;
    let question = format!("What if {more} more were there for {name}?");
    what_if(stage, cast, round, &question, &json!({"pots": {key: {"amount_pence": amount}}}))
}

fn what_if(
    stage: &Stage,
    cast: &mut Cast,
    round: &Round,
    question: &str,
    supposition: &Value,
) -> anyhow::Result<()> {
    let answer = cast.auditor.post(&format!("/rounds/{}/what-if", round.id), supposition)?;
    stage.say(question);
    let changes = answer.list("/changes")?;
    for change in changes {
        stage.say(&format!(
            "  {}: {} rather than {}. {}",
            text(change, "/organisation")?,
            fares(change.pointer("/to")),
            fares(change.pointer("/from")),
            text(change, "/to/sentence")?,
        ));
    }
    if changes.is_empty() {
        stage.say("  Every outcome would be the same.");
    }
    Ok(())
}

/// "awarded", or "reserve 2".
fn fares(bid: Option<&Value>) -> String {
    let part = |at: &str| bid.and_then(|bid| bid.pointer(at));
    let outcome = part("/outcome").and_then(Value::as_str).map_or("open".to_owned(), worded);
    match part("/reserve_position").and_then(Value::as_u64) {
        Some(position) => format!("{outcome} {position}"),
        None => outcome,
    }
}

/// What the panel's paper says first of each thing, as the auditor reads it.
fn read_paper(stage: &Stage, cast: &mut Cast, round: &Round) -> anyhow::Result<()> {
    let answer = cast.auditor.get(&format!("/rounds/{}/panel-paper.html", round.id))?;
    let paper = answer.text("")?;
    stage.say("The panel's paper is written:");
    let between = |text: &str, start: &str, end: &str| {
        let (_, rest) = text.split_once(start)?;
        rest.split_once(end).map(|(inner, _)| inner.replace("&#39;", "'").replace("&#38;", "&"))
    };
    let told = paper
        .split("<section>")
        .skip(1)
        .filter_map(|section| between(section, "<h2>", "</h2>").zip(between(section, "<p>", "</p>")));
    for (heading, words) in told.filter(|(heading, _)| READ_OUT.contains(&heading.as_str())) {
        stage.say(&format!("  {heading}: {words}"));
    }
    Ok(())
}

/// The sections of the paper that the story quotes.
const READ_OUT: [&str; 2] = ["Bids received", "Outcomes and money"];

fn worded(outcome: &str) -> String {
    outcome.replace('_', " ")
}

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until every outcome email is sent; gives their number.
fn wait_for_emails(cast: &mut Cast, round: &Round) -> anyhow::Result<usize> {
    let path = format!("/emails?kind=outcome&round_id={}", round.id);
    let started = Instant::now();
    loop {
        let emails = cast.admin.all(&path)?;
        let sent = emails
            .iter()
            .filter(|email| email.pointer("/status").is_some_and(|status| status == "sent"))
            .count();
        if !emails.is_empty() && sent == emails.len() {
            return Ok(sent);
        }
        if started.elapsed() > PATIENCE {
            bail!("{sent} of {} outcome emails were sent", grouped(u64::try_from(emails.len())?));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn rows(stage: &Stage, round: &Round, outcomes: &[Value]) -> anyhow::Result<Vec<Row>> {
    let bids: BTreeMap<&str, &Bid> = round.bids.iter().map(String::as_str).zip(&stage.sample.bids).collect();
    let pots: BTreeMap<&str, &str> = list(&stage.sample.plan.round.rules, "/pots")?
        .iter()
        .map(|pot| Ok((text(pot, "/key")?, text(pot, "/name")?)))
        .collect::<anyhow::Result<_>>()?;
    let row = |outcome: &Value| {
        let bid = bids.get(text(outcome, "/bid_id")?).context("an outcome of no known bid")?;
        let areas: Vec<&str> = list(&bid.content, "/areas")?
            .iter()
            .filter_map(Value::as_str)
            .map(|code| round.areas.get(code).map_or(code, String::as_str))
            .collect();
        let asked =
            bid.content.pointer("/amount_requested_pence").and_then(Value::as_i64).unwrap_or_default();
        let pot = outcome.pointer("/pot").and_then(Value::as_str).and_then(|key| pots.get(key));
        let pot = pot.map(|name| format!(" ({name} pot)")).unwrap_or_default();
        anyhow::Ok(Row {
            reference: text(outcome, "/detail/reference")?.to_owned(),
            provider: text(outcome, "/detail/organisation")?.to_owned(),
            areas: areas.join(", "),
            asked: Pence(asked),
            score: outcome.pointer("/score").and_then(Value::as_str).map(str::to_owned),
            rank: outcome.pointer("/rank").and_then(Value::as_u64),
            outcome: format!("{}{pot}", worded(text(outcome, "/outcome")?)),
        })
    };
    let mut rows: Vec<Row> = outcomes.iter().map(row).collect::<anyhow::Result<_>>()?;
    // Those without a rank are listed by reference, which differs from run to run.
    rows.sort_by(|a, b| {
        (a.rank.is_none(), a.rank, &a.provider).cmp(&(b.rank.is_none(), b.rank, &b.provider))
    });
    Ok(rows)
}
