//! Every bid's scores: by criterion as a heat map, and beside the decision the scores adjusted for leniency.
//!
//! Long lists are shown a part at a time, so that the page stays small.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use askama::Template;

use super::dots::{DotPlot, leniency_plot, score_plot};
use super::heat::{HeatMap, heat_map};
use super::{Framed, counted};
use crate::auth::Reader;
use crate::id::{BidId, RoundId};
use crate::outcomes::calibrate::{CalibratedBid, Calibration, DrawnBy, Interval, LinkedPart};
use crate::outcomes::combine::{Combined, Score};
use crate::outcomes::decide::Outcome;
use crate::outcomes::model::{BidOutcome, RoundOutcomes, RoundScores, ScoredBid};
use crate::outcomes::ops;
use crate::platform::Platform;
use crate::problem::Result;
use crate::rest::{Id, Params};
use crate::rounds::model::{Round, RoundStatus};
use crate::rounds::pages::frame::{RoundFrame, Tab};
use crate::rounds::rules::{Combination, DecidingScore};
use crate::web::shell::Shell;
use crate::web::visitor::Visit;

/// Bids, and assessors, on one page.
const PER_PAGE: usize = 40;

pub fn pages(config: &mut web::ServiceConfig) {
    config.service(show);
}

#[derive(Template)]
#[template(path = "outcomes/templates/scores.html")]
struct ScoresPage {
    shell: Shell,
    frame: RoundFrame,
    /// What the combined score is, in words.
    rule: Vec<String>,
    is_empty: bool,
    heat: HeatMap,
    /// What the funding line is called.
    line: String,
    pages: Pages,
    calibrated: Option<Calibrated>,
}

/// A list that goes on.
pub(super) struct Pages {
    /// `Bids 1 to 40 of 200`; empty where all of them are on the page.
    pub told: String,
    pub before: String,
    pub after: String,
}

/// The scores beside the decision.
struct Calibrated {
    sentence: String,
    warnings: Vec<String>,
    deviations: Vec<String>,
    /// What draws the funding line, and what a chance is the chance of.
    line: String,
    parts: Vec<LinkedPart>,
    plot: Option<DotPlot>,
    bids: Vec<AdjustedRow>,
    leniency: Option<DotPlot>,
    assessors: Vec<LeniencyRow>,
    more_assessors: usize,
}

struct AdjustedRow {
    reference: String,
    address: String,
    mean: String,
    adjusted: String,
    interval: String,
    ranks: String,
    chance: String,
    part: usize,
}

struct LeniencyRow {
    name: String,
    assessments: usize,
    leniency: String,
    interval: String,
    part: usize,
}

#[derive(Debug, serde::Deserialize)]
struct PageOf {
    #[serde(default)]
    page: usize,
}

#[get("/rounds/{id}/scores")]
async fn show(
    on: web::Data<Platform>,
    visit: Visit<Reader>,
    id: Id<RoundId>,
    query: Params<PageOf>,
) -> Result<HttpResponse> {
    let Framed { shell, frame, round, .. } = Framed::load(&on, &visit, id.0, Tab::Scores).await?;
    let scores = ops::scores(&on, &visit.who, id.0).await?;
    let outcomes = ops::outcomes(&on, &visit.who, id.0).await?;
    let all = scores.bids.len();
    let last_page = all.saturating_sub(1) / PER_PAGE + 1;
    let page = query.0.page.clamp(1, last_page);
    let shown: Vec<&ScoredBid> = scores.bids.iter().skip((page - 1) * PER_PAGE).take(PER_PAGE).collect();
    let by_bid: BTreeMap<BidId, &BidOutcome> =
        outcomes.outcomes.iter().map(|outcome| (outcome.bid_id, outcome)).collect();
    let line = funding_line(&round, &scores, &outcomes);
    visit.show(&ScoresPage {
        shell,
        frame,
        rule: rule(&round, &scores),
        is_empty: all == 0,
        heat: heat_map(&round.rules, &shown, &by_bid, line.as_ref().map(|line| line.below)),
        line: line.as_ref().map(|line| line.label.clone()).unwrap_or_default(),
        pages: pages_of(&Tab::Scores.address(id.0), page, last_page, all),
        calibrated: scores
            .calibration
            .as_ref()
            .filter(|_| all > 0)
            .map(|calibration| calibrated(calibration, &scores, &shown, &by_bid, line.as_ref())),
    })
}

/// Where the funding line stands.
pub(super) struct FundingLine {
    /// The last bid of the ranking that is to be paid by it; an award that was decided outside it is none.
    pub below: BidId,
    /// That bid's score, or the threshold that draws the line.
    pub at: Option<Score>,
    pub label: String,
}

/// `None` where nobody is paid by the ranking, and where nothing keeps anybody from being paid.
fn funding_line(round: &Round, scores: &RoundScores, outcomes: &RoundOutcomes) -> Option<FundingLine> {
    let last = outcomes.outcomes.iter().rev().find(|one| {
        one.rank.is_some() && one.outcome.is_some_and(Outcome::is_award) && !one.detail.decision.overridden
    })?;
    let threshold = round.rules.overall_threshold.unwrap_or(0);
    let (at, label) = match scores.calibration.as_ref()?.line_drawn_by {
        DrawnBy::Money => (last.score, "Funding line: the money ends here".to_owned()),
        DrawnBy::Threshold => {
            let at = Score::from_hundredths(i64::from(threshold) * 100);
            (Some(at), format!("Funding line: the threshold of {threshold}"))
        }
        DrawnBy::Nothing => return None,
    };
    Some(FundingLine { below: last.bid_id, at, label })
}

fn pages_of(address: &str, page: usize, last: usize, all: usize) -> Pages {
    let at = |page: usize| format!("{address}?page={page}");
    Pages {
        told: if last > 1 {
            let first = (page - 1) * PER_PAGE + 1;
            format!("Bids {first} to {} of {all}", (page * PER_PAGE).min(all))
        } else {
            String::new()
        },
        before: if page > 1 { at(page - 1) } else { String::new() },
        after: if page < last { at(page + 1) } else { String::new() },
    }
}

fn rule(round: &Round, scores: &RoundScores) -> Vec<String> {
    let how = match round.rules.combination {
        Combination::Mean => "mean",
        Combination::Median => "median",
    };
    let mut told = vec![format!(
        "The combined score is out of 100: for each criterion the moderated score where there is one, else the {how} of \
         the assessors' scores, by the announced weights."
    )];
    told.push(match scores.deciding_score {
        DecidingScore::Combined => "It decides; the adjusted scores below are for the panel and decide nothing.".to_owned(),
        DecidingScore::Adjusted => {
            "As the round announced, what decides is this score less the mean leniency of the bid's assessors.".to_owned()
        }
    });
    let incomplete = scores.bids.iter().filter(|bid| matches!(bid.combined, Combined::Incomplete(_))).count();
    if incomplete > 0 && round.status == RoundStatus::Assessing {
        told.push(format!(
            "{} incomplete: a missing score is neither zero nor left out, so there is no combined score and no rank yet.",
            counted(incomplete, "bid is", "bids are")
        ));
    }
    told
}

fn calibrated(
    calibration: &Calibration,
    scores: &RoundScores,
    shown: &[&ScoredBid],
    outcomes: &BTreeMap<BidId, &BidOutcome>,
    line: Option<&FundingLine>,
) -> Calibrated {
    let known: BTreeMap<&str, &CalibratedBid> =
        calibration.bids.iter().map(|bid| (bid.bid.as_str(), bid)).collect();
    let bids: Vec<(&ScoredBid, &CalibratedBid)> =
        shown.iter().filter_map(|bid| Some((*bid, *known.get(bid.reference.as_str())?))).collect();
    let names: BTreeMap<String, &str> =
        scores.assessors.iter().map(|one| (one.id.to_string(), one.name.as_str())).collect();
    let mut assessors: Vec<_> = calibration.assessors.iter().collect();
    assessors.sort_by_key(|one| (std::cmp::Reverse(one.leniency), names.get(&one.assessor).copied()));
    let more_assessors = assessors.len().saturating_sub(PER_PAGE);
    assessors.truncate(PER_PAGE);
    let name = |id: &str| names.get(id).copied().unwrap_or("(unknown)").to_owned();
    let deviation = |score: Option<Score>, what: &str| {
        score.map(|score| format!("{what}: a standard deviation of {score} points."))
    };
    Calibrated {
        sentence: calibration.sentence.clone(),
        warnings: calibration.warnings.clone(),
        deviations: [
            deviation(calibration.leniency_deviation, "How much assessors differ in leniency"),
            deviation(calibration.noise_deviation, "How much a single score is off for other reasons"),
        ]
        .into_iter()
        .flatten()
        .collect(),
        line: calibration.line.clone(),
        parts: if calibration.parts.len() > 1 { calibration.parts.clone() } else { Vec::new() },
        plot: score_plot(&bids, outcomes, line),
        bids: bids.iter().map(|(bid, one)| adjusted_row(bid, one)).collect(),
        leniency: leniency_plot(&assessors, name),
        assessors: assessors
            .iter()
            .map(|one| LeniencyRow {
                name: name(&one.assessor),
                assessments: one.assessments,
                leniency: one.leniency.map_or_else(|| "Cannot be told".to_owned(), signed),
                interval: one.interval.map(|interval| between(interval, signed)).unwrap_or_default(),
                part: one.part,
            })
            .collect(),
        more_assessors,
    }
}

fn adjusted_row(bid: &ScoredBid, one: &CalibratedBid) -> AdjustedRow {
    AdjustedRow {
        reference: bid.reference.clone(),
        address: format!("/bids/{}/scores", bid.bid_id),
        mean: one.mean.to_string(),
        adjusted: one.adjusted.to_string(),
        interval: one
            .interval
            .map(|interval| between(interval, |score| score.to_string()))
            .unwrap_or_default(),
        ranks: one
            .rank
            .map(|rank| format!("{} of {}, between {} and {}", rank.rank, rank.of, rank.best, rank.worst))
            .unwrap_or_default(),
        chance: one.rank.map(|rank| chance(rank.above_line_percent)).unwrap_or_default(),
        part: one.part,
    }
}

/// 0 and 100 are rounded.
fn chance(percent: Option<u32>) -> String {
    match percent {
        None => "not by score".to_owned(),
        Some(0) => "under 1%".to_owned(),
        Some(100) => "over 99%".to_owned(),
        Some(percent) => format!("{percent}%"),
    }
}

fn between(interval: Interval, written: impl Fn(Score) -> String) -> String {
    format!("{} to {}", written(interval.low), written(interval.high))
}

/// With a plus where it is above 0, and a minus that is one.
pub(super) fn signed(score: Score) -> String {
    let text = score.to_string();
    match (score.hundredths(), text.strip_prefix('-')) {
        (1.., _) => format!("+{text}"),
        (_, Some(rest)) => format!("−{rest}"),
        (_, None) => text,
    }
}
