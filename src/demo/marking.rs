//! What the sample's assessors think and write, worked out from the data files alone, so that every
//! run gives the same scores: the answer's quality, the assessor's leniency, and a little chance
//! that is no chance, since it hangs on the names.

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::sample::{Assessor, Band, Bid, Disagreement, Phrases, Remark};

/// A criterion as the markers need it.
pub(super) struct Criterion {
    pub key: String,
    pub title: String,
    pub weight: i32,
}

/// The criteria of the sample's rules.
pub(super) fn criteria(rules: &Value) -> anyhow::Result<Vec<Criterion>> {
    let listed = super::client::list(rules, "/criteria")?;
    let read = |criterion: &Value| {
        let weight = criterion.pointer("/weight").and_then(Value::as_i64).context("a weight")?;
        Ok(Criterion {
            key: super::client::text(criterion, "/key")?.to_owned(),
            title: super::client::text(criterion, "/title")?.to_owned(),
            weight: i32::try_from(weight)?,
        })
    };
    listed.iter().map(read).collect()
}

/// A score from 0 to 5.
pub(super) fn score(bid: &Bid, assessor: &Assessor, criterion: &str) -> i32 {
    let quality = bid.quality.get(criterion).copied().unwrap_or_default();
    let chance = chance(&[&bid.key, &assessor.key, criterion], 9) - 4;
    let tenths = quality + assessor.leniency + chance;
    (tenths + 5).div_euclid(10).clamp(0, 5)
}

/// A number from 0 to `below - 1` that depends on the names alone (FNV-1a).
fn chance(names: &[&str], below: u32) -> i32 {
    let mut hash: u32 = 2_166_136_261;
    for byte in names.join("/").bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    // The low bits of FNV-1a are its weakest.
    i32::try_from((hash >> 8) % below).unwrap_or_default()
}

/// A whole assessment, as the API takes it. `turn` counts the bid's assessments, so that no two of
/// one bid are in the same words.
pub(super) fn assessment(
    phrases: &Phrases,
    criteria: &[Criterion],
    bid: &Bid,
    assessor: &Assessor,
    turn: usize,
    dissent: Option<&Disagreement>,
) -> anyhow::Result<Value> {
    let turn = turn + bid.key.len();
    let mut scores = Map::new();
    let mut given: Vec<(i32, &Criterion, &Remark)> = Vec::new();
    for (number, criterion) in criteria.iter().enumerate() {
        let remark =
            bid.remarks.get(&criterion.key).with_context(|| format!("{}: {}", bid.key, criterion.key))?;
        let dissent = dissent.filter(|dissent| dissent.criterion == criterion.key);
        let score = dissent.map_or_else(|| score(bid, assessor, &criterion.key), |dissent| dissent.score);
        let band = band(phrases, score);
        let words = |choice: &[String]| filled(pick(choice, turn + number), &criterion.title, remark);
        let justification =
            dissent.map_or_else(|| words(&band.justification), |dissent| dissent.justification.clone());
        let entry =
            json!({"score": score, "justification": justification, "feedback": words(&band.feedback)});
        scores.insert(criterion.key.clone(), entry);
        given.push((score, criterion, remark));
    }
    // Of equals the heavier one, which stands first, is named.
    let best = given.iter().rev().max_by_key(|(score, ..)| *score).context("no criterion")?;
    let worst = given.iter().min_by_key(|(score, ..)| *score).context("no criterion")?;
    let overall = |choice: &[String]| {
        filled(pick(choice, turn), &worst.1.title, worst.2)
            .replace("{best}", &lower_first(&best.1.title))
            .replace("{worst}", &lower_first(&worst.1.title))
    };
    // Hundredths of the weighted total: a score is out of five.
    let total: i32 = given.iter().map(|(score, criterion, _)| score * criterion.weight * 20).sum();
    let recommendation = match total {
        ..6_000 => "do_not_fund",
        6_000..7_000 => "fund_with_conditions",
        7_000.. => "fund",
    };
    Ok(json!({
        "scores": scores,
        "feedback": overall(&phrases.overall),
        "private_note": overall(&phrases.note),
        "in_scope": true,
        "recommendation": recommendation,
    }))
}

fn band(phrases: &Phrases, score: i32) -> &Band {
    match score {
        4.. => &phrases.high,
        3 => &phrases.middle,
        ..3 => &phrases.low,
    }
}

fn pick(choice: &[String], turn: usize) -> &str {
    choice.get(turn % choice.len().max(1)).map_or("", String::as_str)
}

fn filled(template: &str, title: &str, remark: &Remark) -> String {
    template
        .replace("{title}", title)
        .replace("{strength}", &remark.strength)
        .replace("{Strength}", &upper_first(&remark.strength))
        .replace("{gap}", &remark.gap)
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::sample::Sample;
    use super::*;

    /// The widest spread, of levels on each criterion and of points overall, among all who could be asked.
    fn spreads(bid: &Bid, assessors: &[Assessor], criteria: &[Criterion]) -> (Vec<i32>, i32) {
        let spread = |scores: Vec<i32>| Some(scores.iter().max()? - scores.iter().min()?);
        let levels = criteria.iter().map(|criterion| {
            let scores = assessors.iter().map(|assessor| score(bid, assessor, &criterion.key));
            spread(scores.collect()).unwrap_or_default()
        });
        let points = assessors.iter().map(|assessor| {
            criteria.iter().map(|criterion| score(bid, assessor, &criterion.key) * criterion.weight / 5).sum()
        });
        (levels.collect(), spread(points.collect()).unwrap_or_default())
    }

    #[test]
    fn one_bid_alone_divides_its_assessors_whoever_they_are() -> anyhow::Result<()> {
        let Sample { plan, assessors, bids, .. } = Sample::load()?;
        let criteria = criteria(&plan.round.rules)?;
        let limit = |pointer| {
            let limit = plan.round.rules.pointer(pointer).and_then(Value::as_i64);
            limit.and_then(|limit| i32::try_from(limit).ok()).context("a limit")
        };
        let (levels, points) =
            (limit("/disagreement/criterion_levels")?, limit("/disagreement/overall_points")?);
        for bid in &bids {
            let (by_criterion, overall) = spreads(bid, &assessors, &criteria);
            assert!(by_criterion.iter().all(|&spread| spread <= levels), "{}: {by_criterion:?}", bid.key);
            assert!(overall <= points, "{}: {overall}", bid.key);
        }
        let disagreement = &plan.disagreement;
        let bid = bids.iter().find(|bid| bid.key == disagreement.bid).context("the bid")?;
        for assessor in &assessors {
            let score = score(bid, assessor, &disagreement.criterion);
            assert!(score - disagreement.score > levels, "{} gives {score}", assessor.key);
        }
        Ok(())
    }
}
