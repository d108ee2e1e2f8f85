//! Laws of modelled shares → what is said of them, as they are and shifted to the weighted share of the region.

use super::model::ModelledShare;
use super::model_answers::{AreaAnswers, DirectShare};
use crate::stats::model::mixture::Mixture;
use crate::stats::model::posterior::AreaPosterior;
use crate::stats::model::poststratify::Law;
use crate::stats::model::{expit, logit};

/// Value, standard deviation and limits of a law; with a shift and its variance on the logit scale those of the shifted one.
pub(super) fn share(law: &Mixture, confidence: f64, shift: Option<(f64, f64)>) -> ModelledShare {
    let shifted = shift.map(|(by, variance)| law.shifted(by, variance));
    let law = shifted.as_ref().unwrap_or(law);
    let tail = f64::midpoint(1.0, -confidence);
    let (value, se) = law.mean_and_sd();
    ModelledShare { value, se, lower: law.quantile(tail), upper: law.quantile(1.0 - tail) }
}

/// The shift d of all logits with which Σ N expit(logit p + d) / Σ N is the weighted share of the region, and the variance that the weighted share gives it. Source: logit benchmarking keeps
/// shares in (0, 1), their order and their odds ratios; see Rao and Molina (2015), section 6.4.6, on benchmarks.
pub(super) fn shift(
    answers: &[AreaAnswers],
    areas: &[Option<AreaPosterior>],
    persons: &dyn Fn(usize) -> f64,
) -> Option<(f64, f64)> {
    let mut whole = AreaAnswers::default();
    answers.iter().for_each(|own| whole.add(own));
    let DirectShare { value: target, variance, .. } = whole.weighted_share()?;
    let shares: Vec<(f64, f64)> =
        areas.iter().enumerate().filter_map(|(area, own)| Some((persons(area), own.as_ref()?.share.mean()))).collect();
    let total: f64 = shares.iter().map(|(persons, _)| persons).sum();
    let at = |by: f64| {
        let moved = shares.iter().map(|(persons, p)| (persons, expit(logit(*p) + by)));
        moved.fold((0.0, 0.0), |(sum, slope), (n, p)| (sum + n * p / total, slope + n * p * (1.0 - p) / total))
    };
    let (mut low, mut high) = (-5.0, 5.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if at(middle).0 < target { low = middle } else { high = middle }
    }
    let by = f64::midpoint(low, high);
    Some((by, variance / at(by).1.powi(2)))
}

impl Mixture {
    /// The law with all logits moved by a number that has a variance of its own.
    fn shifted(&self, by: f64, variance: f64) -> Self {
        let moved = |law: &Law| Law { mean: law.mean + by, variance: law.variance + variance };
        Self::new(self.parts().map(|(weight, law)| (weight, moved(&law))))
    }
}
