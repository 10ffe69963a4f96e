//! The fit: each assessor's leniency and each bid's adjusted score, with their standard errors.
//!
//! Henderson's mixed model equations (Henderson 1975, "Best linear unbiased estimation and
//! prediction under a selection model", Biometrics 31; Searle, Casella and McCulloch 1992, section
//! 7.6), the bids eliminated: with `S = (Z'MZ + I/λ)⁻¹`,
//!
//! - leniencies `û = S Z'My`, the best linear unbiased predictions: differences from the other
//!   assessors, shrunk towards 0 the more, the fewer bids they rest on. Those of a part total 0;
//! - an assessor's standard error `σ √S_jj`, that of `û − u`;
//! - a bid's adjusted score, the mean of its scores less its assessors' leniencies;
//! - its standard error `σ √(1/n + a'Sa)`, where `a` holds each assessor's share of the bid: noise,
//!   and what is not known of its assessors, also of how lenient they are as a group.
//!
//! The variances are taken as they were estimated; their own uncertainty is not in the errors.

use super::components::{Bound, Components, Likelihood};
use super::design::{Bid, Design, Equations, Part};
use super::triangle::InverseRoot;
use super::verdict::Verdict;
use super::{Assessed, Fit, FittedAssessor, FittedBid};

/// Numbers behind the fit that rank ranges are drawn from.
#[derive(Debug)]
pub(super) struct Basis {
    pub design: Design,
    /// Of noise, in points.
    pub noise: f64,
    /// For each part, where its assessors are uncertain: `S = W'W`.
    pub roots: Vec<Option<InverseRoot>>,
}

/// How the leniencies of one part came out.
struct Leniencies {
    values: Vec<f64>,
    root: Option<InverseRoot>,
}

impl Fit {
    /// Fits the model. Scores are finite; a pair of assessor and bid may stand twice. The order of
    /// the input changes nothing.
    #[must_use]
    pub fn of(assessed: &[Assessed]) -> Self {
        Self::of_design(Design::of(assessed))
    }

    fn of_design(design: Design) -> Self {
        if let Some(verdict) = Verdict::before_fitting(&design) {
            return Self::unadjusted(design, verdict);
        }
        let equations: Vec<Equations> = design.parts.iter().map(|part| design.equations(part)).collect();
        let likelihood = Likelihood::of(design.contrasts(), design.disagreement(), &equations);
        Self::with(design, equations, likelihood.maximise())
    }

    /// As [`Fit::of`], but gives up on what a reader could not wait for.
    pub(super) fn for_reading(assessed: &[Assessed]) -> Self {
        let design = Design::of(assessed);
        match Verdict::for_reading(&design) {
            Some(verdict) => Self::unadjusted(design, verdict),
            None => Self::of_design(design),
        }
    }

    /// Every bid keeps its mean.
    fn unadjusted(design: Design, verdict: Verdict) -> Self {
        let known = verdict == Verdict::AllAgree;
        let nothing = |part: &Part| Leniencies { values: vec![0.0; part.assessors.len()], root: None };
        let leniencies = design.parts.iter().map(nothing).collect();
        let mut fit = Self::assemble(design, verdict, (0.0, 0.0), leniencies);
        for assessor in &mut fit.assessors {
            assessor.leniency = assessor.leniency.filter(|_| known);
        }
        fit
    }

    /// Solves the equations with given components.
    pub(super) fn with(design: Design, equations: Vec<Equations>, components: Components) -> Self {
        let Components { ratio, noise, bound } = components;
        let leniencies = equations.into_iter().map(|equations| Leniencies::of(equations, ratio)).collect();
        let (verdict, noise) = match bound {
            Bound::Inside => (Verdict::Estimated, noise),
            Bound::NoLeniency => (Verdict::NoLeniency, noise),
            Bound::NoNoise => (Verdict::NoNoise, 0.0),
        };
        let leniency = components.ratio * components.noise;
        Self::assemble(design, verdict, (leniency, noise), leniencies)
    }

    fn assemble(
        design: Design,
        verdict: Verdict,
        (leniency_variance, noise_variance): (f64, f64),
        leniencies: Vec<Leniencies>,
    ) -> Self {
        let noise = noise_variance.sqrt();
        let bids = design.bids.iter().map(|bid| {
            let leniencies = &leniencies[bid.part];
            let adjusted = bid.mean() - leniencies.of_bid(&design, bid);
            let error = noise * leniencies.uncertainty(&design, bid).sqrt();
            FittedBid {
                bid: bid.key.clone(),
                part: bid.part,
                assessments: bid.given.len(),
                mean: bid.mean(),
                adjusted,
                standard_error: verdict.has_errors().then_some(error),
            }
        });
        let assessors = design.assessors.iter().map(|assessor| {
            let Leniencies { values, root } = &leniencies[assessor.part];
            let error = root.as_ref().map(|root| noise * root.variance_of(&[(assessor.place, 1.0)]).sqrt());
            FittedAssessor {
                assessor: assessor.key.clone(),
                part: assessor.part,
                assessments: assessor.assessments,
                leniency: Some(values[assessor.place]),
                standard_error: error.filter(|_| verdict.has_errors()),
            }
        });
        let (bids, assessors) = (bids.collect(), assessors.collect());
        let roots = leniencies.into_iter().map(|leniencies| leniencies.root).collect();
        let basis = Basis { design, noise, roots };
        Self { verdict, leniency_variance, noise_variance, bids, assessors, basis }
    }
}

impl Leniencies {
    fn of(equations: Equations, ratio: f64) -> Self {
        let Equations { mut links, pull } = equations;
        if ratio == 0.0 {
            return Self { values: vec![0.0; pull.len()], root: None };
        }
        links.add_to_diagonal(1.0 / ratio);
        let root = links.inverse_root();
        Self { values: root.solve(&pull), root: Some(root) }
    }

    /// The mean leniency of a bid's assessors.
    fn of_bid(&self, design: &Design, bid: &Bid) -> f64 {
        let given = bid.given.iter().map(|given| self.values[design.assessors[given.assessor].place]);
        given.sum::<f64>() / bid.size()
    }

    /// The variance of a bid's adjusted score, in units of noise's.
    fn uncertainty(&self, design: &Design, bid: &Bid) -> f64 {
        let of_assessors = self.root.as_ref().map_or(0.0, |root| root.variance_of(&shares(design, bid)));
        1.0 / bid.size() + of_assessors
    }
}

/// The places of a bid's assessors in their part, and the share that each has in the bid's mean.
pub(super) fn shares(design: &Design, bid: &Bid) -> Vec<(usize, f64)> {
    let share = 1.0 / bid.size();
    bid.given.iter().map(|given| (design.assessors[given.assessor].place, share)).collect()
}
