//! What is shown of a calibration: rounded, within parts, with its warnings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::exact::Score;
use super::line::{DrawnBy, Line};
use super::ranks::{self, Drawn};
use super::{Assessed, Fit, FittedAssessor, FittedBid, Verdict};

/// Standard errors on either side of an estimate: 95 % of a normal distribution.
const HALF_WIDTH: f64 = 1.959_963_984_540_054;
/// Below this many, a variance among assessors is a rough guess.
const FEW_ASSESSORS: usize = 5;
/// Below this many, noise is a rough guess.
const FEW_REPEATS: usize = 10;

/// A round's calibration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Calibration {
    pub verdict: Verdict,
    /// The verdict in words.
    #[schema(
        example = "Each bid's score is adjusted for how lenient its assessors were on the bids they shared with others."
    )]
    pub sentence: String,
    /// The standard deviation of leniency among assessors, in points.
    pub leniency_deviation: Option<Score>,
    /// The standard deviation of a single score about its bid and its assessor's leniency, in points.
    pub noise_deviation: Option<Score>,
    /// By bid. Empty where there are no assessments.
    pub bids: Vec<CalibratedBid>,
    /// By assessor.
    pub assessors: Vec<Leniency>,
    /// What draws the funding line.
    pub line_drawn_by: DrawnBy,
    /// The same in words, with what a bid's chance is the chance of.
    #[schema(
        example = "There is money for every bid that meets the thresholds, so the threshold of 60 points draws the line. A bid's chance is that it is truly at or above it, whatever its rank."
    )]
    pub line: String,
    /// Bids and assessors that are linked. Nothing is compared across two parts.
    pub parts: Vec<LinkedPart>,
    /// What a reader must know before relying on any of it.
    #[schema(example = json!(["The assessments fall into 2 parts that no assessor links: adjusted scores, leniencies and ranks of different parts cannot be compared."]))]
    pub warnings: Vec<String>,
}

/// A bid's adjusted score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CalibratedBid {
    #[schema(example = "FT1-7K3M-9Q")]
    pub bid: String,
    /// The number of its part.
    #[schema(example = 1)]
    pub part: usize,
    #[schema(example = 3)]
    pub assessments: usize,
    /// The mean of its assessors' own scores, before moderation.
    pub mean: Score,
    /// The mean less the mean leniency of its assessors. May pass 0 or 100.
    pub adjusted: Score,
    pub standard_error: Option<Score>,
    /// 95 % interval of the adjusted score.
    pub interval: Option<Interval>,
    /// Absent where the bid is not ranked, or where there are no standard errors.
    pub rank: Option<RankInPart>,
}

/// From `low` to `high`, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ScoreInterval)]
pub struct Interval {
    pub low: Score,
    pub high: Score,
}

/// Where a bid stands among the ranked bids of its part, by adjusted score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RankInPart {
    /// 1 is best; equals to two decimals share a rank.
    #[schema(example = 4)]
    pub rank: usize,
    /// How many bids of the part are ranked.
    #[schema(example = 18)]
    pub of: usize,
    /// 95 % range of ranks: the best rank in it.
    #[schema(example = 2)]
    pub best: usize,
    /// 95 % range of ranks: the worst rank in it.
    #[schema(example = 9)]
    pub worst: usize,
    /// The chance, in percent, that the bid is truly above the funding line: among the best of its
    /// part, as many as the part has bids that the ranking pays, where money draws the line; and in any case
    /// at or above the overall threshold. 0 and 100 are rounded. Absent where no combined score brings
    /// it there: it misses a criterion's threshold, or was decided outside the ranking.
    #[schema(example = 83)]
    pub above_line_percent: Option<u32>,
}

/// An assessor's leniency, in points, against the others of the same part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leniency {
    #[schema(example = "019a7c3e-5f00-7000-8000-000000000001")]
    pub assessor: String,
    /// The number of the assessor's part.
    #[schema(example = 1)]
    pub part: usize,
    #[schema(example = 6)]
    pub assessments: usize,
    /// Above 0: gives more than others to the same bids. Absent where it cannot be told.
    pub leniency: Option<Score>,
    pub standard_error: Option<Score>,
    /// 95 % interval.
    pub interval: Option<Interval>,
}

/// Bids and assessors that shared assessments link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkedPart {
    /// From 1.
    #[schema(example = 1)]
    pub part: usize,
    #[schema(example = 21)]
    pub bids: usize,
    #[schema(example = 9)]
    pub assessors: usize,
    /// Bids that the ranking pays.
    #[schema(example = 7)]
    pub funded: usize,
}

/// Calibrates a round. The order of the assessments changes nothing.
#[must_use]
pub fn calibrate(assessed: &[Assessed], line: &Line) -> Calibration {
    let fit = Fit::for_reading(assessed);
    let estimated = fit.verdict.has_errors();
    let mut bids: Vec<CalibratedBid> = fit.bids.iter().map(shown_bid).collect();
    let parts: Vec<LinkedPart> =
        (0..fit.basis.design.parts.len()).map(|part| shown_part(&fit, part, line)).collect();
    if estimated {
        for part in 0..parts.len() {
            rank_part(&fit, part, line, &mut bids);
        }
    }
    let deviation =
        |variance: f64| (estimated || fit.verdict == Verdict::NoNoise).then(|| rounded(variance.sqrt()));
    Calibration {
        verdict: fit.verdict,
        sentence: fit.verdict.sentence().to_owned(),
        leniency_deviation: deviation(fit.leniency_variance),
        noise_deviation: deviation(fit.noise_variance),
        bids,
        assessors: fit.assessors.iter().map(shown_assessor).collect(),
        line_drawn_by: line.drawn_by,
        line: line.sentence(),
        parts,
        warnings: warnings(&fit),
    }
}

/// To hundredths, half up. What lies within a thousand-millionth of a half counts as the half, so that
/// equal scores reached by different sums are shown as equal.
#[expect(clippy::cast_possible_truncation, reason = "scores are within some hundreds")]
pub(in crate::outcomes) fn rounded(points: f64) -> Score {
    Score::from_hundredths(((points + 1e-9) * 100.0 + 0.5).floor() as i64)
}

fn interval(estimate: f64, standard_error: f64) -> Interval {
    let half = HALF_WIDTH * standard_error;
    Interval { low: rounded(estimate - half), high: rounded(estimate + half) }
}

fn shown_bid(bid: &FittedBid) -> CalibratedBid {
    CalibratedBid {
        bid: bid.bid.clone(),
        part: bid.part + 1,
        assessments: bid.assessments,
        mean: rounded(bid.mean),
        adjusted: rounded(bid.adjusted),
        standard_error: bid.standard_error.map(rounded),
        interval: bid.standard_error.map(|error| interval(bid.adjusted, error)),
        rank: None,
    }
}

fn shown_assessor(assessor: &FittedAssessor) -> Leniency {
    Leniency {
        assessor: assessor.assessor.clone(),
        part: assessor.part + 1,
        assessments: assessor.assessments,
        leniency: assessor.leniency.map(rounded),
        standard_error: assessor.standard_error.map(rounded),
        interval: assessor
            .leniency
            .zip(assessor.standard_error)
            .map(|(leniency, error)| interval(leniency, error)),
    }
}

fn shown_part(fit: &Fit, part: usize, line: &Line) -> LinkedPart {
    let design = &fit.basis.design.parts[part];
    let funded = competing(fit, part, line).iter().filter(|at| line.is_funded(&fit.bids[**at].bid)).count();
    LinkedPart { part: part + 1, bids: design.bids.len(), assessors: design.assessors.len(), funded }
}

/// The ranked bids of a part.
fn competing(fit: &Fit, part: usize, line: &Line) -> Vec<usize> {
    let bids = &fit.basis.design.parts[part].bids;
    bids.iter().copied().filter(|at| line.competing.contains(&fit.bids[*at].bid)).collect()
}

fn rank_part(fit: &Fit, part: usize, line: &Line, bids: &mut [CalibratedBid]) {
    let competing = competing(fit, part, line);
    if competing.is_empty() {
        return;
    }
    let keys: Vec<&str> = competing.iter().map(|at| fit.bids[*at].bid.as_str()).collect();
    let drawn = ranks::draw(fit, part, &competing, &line.among(&keys));
    let mut scores: Vec<Score> = competing.iter().map(|at| bids[*at].adjusted).collect();
    scores.sort_unstable();
    for (at, drawn) in competing.iter().zip(drawn) {
        let above = scores.len() - scores.partition_point(|score| *score <= bids[*at].adjusted);
        bids[*at].rank = Some(ranked(above + 1, scores.len(), drawn));
    }
}

/// The range holds the rank itself, even where ties or neighbours push every draw past it.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 0 to 1, in percent")]
fn ranked(rank: usize, of: usize, drawn: Drawn) -> RankInPart {
    RankInPart {
        rank,
        of,
        best: drawn.range.0.min(rank),
        worst: drawn.range.1.max(rank),
        above_line_percent: drawn.above_line.map(|share| (share * 100.0 + 0.5).floor() as u32),
    }
}

fn warnings(fit: &Fit) -> Vec<String> {
    let design = &fit.basis.design;
    let mut warnings = Vec::new();
    if design.parts.len() > 1 {
        warnings.push(format!(
            "The assessments fall into {} parts that no assessor links: adjusted scores, leniencies and ranks of different parts cannot be compared.",
            design.parts.len()
        ));
    }
    if !fit.verdict.has_errors() {
        return warnings;
    }
    let linked = design.parts.iter().filter(|part| part.assessors.len() > 1);
    let linked: usize = linked.map(|part| part.assessors.len()).sum();
    if linked < FEW_ASSESSORS {
        warnings.push(format!(
            "Leniency is judged from {linked} assessors only: how much assessors differ is a rough guess."
        ));
    }
    if design.repeats() < FEW_REPEATS {
        warnings.push("Few assessors share more than one bid: noise and leniency are hard to tell apart, and the intervals are a rough guess.".to_owned());
    }
    let alone = design.bids.iter().filter(|bid| bid.given.len() == 1).count();
    if alone > 0 {
        let bids = if alone == 1 { "1 bid has".to_owned() } else { format!("{alone} bids have") };
        warnings.push(format!("{bids} one assessment only: nobody else's score stands beside it."));
    }
    warnings
}
