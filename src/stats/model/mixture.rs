//! The law of a share over several sets of variances: a mixture of normal laws of its logit.

use std::f64::consts::TAU;

use statrs::function::erf::erfc;

use super::poststratify::Law;
use super::{expit, logit};
use crate::stats::quantile;

/// Normal laws of logit p with their weights, which add to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    parts: Vec<(f64, Law)>,
}

/// Probability that a standard normal is below x.
#[must_use]
pub fn normal_cdf(x: f64) -> f64 {
    erfc(-x / std::f64::consts::SQRT_2) / 2.0
}

impl Mixture {
    /// From weights that add to 1.
    #[must_use]
    pub fn new(parts: impl IntoIterator<Item = (f64, Law)>) -> Self {
        Self { parts: parts.into_iter().collect() }
    }

    /// The laws with their weights.
    pub fn parts(&self) -> impl Iterator<Item = (f64, Law)> + '_ {
        self.parts.iter().copied()
    }

    /// E p and E p² by the trapezium rule on each normal law.
    fn moments(&self) -> (f64, f64) {
        let nodes: [(f64, f64); 21] = std::array::from_fn(|node| {
            let z = (node as f64 - 10.0) * 0.6;
            (z, (-z * z / 2.0).exp())
        });
        let mass: f64 = nodes.iter().fold(0.0, |sum, (_, density)| sum + density);
        self.parts.iter().fold((0.0, 0.0), |(first, second), (weight, law)| {
            let sd = law.variance.max(0.0).sqrt();
            let (mut one, mut two) = (0.0, 0.0);
            for (z, density) in nodes {
                let p = expit(law.mean + sd * z);
                one += density * p;
                two += density * (p * p);
            }
            (first + weight * (one / mass), second + weight * (two / mass))
        })
    }

    /// Posterior mean of the share.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moments().0
    }

    /// Posterior mean and standard deviation of the share.
    #[must_use]
    pub fn mean_and_sd(&self) -> (f64, f64) {
        let (mean, second) = self.moments();
        (mean, (second - mean * mean).max(0.0).sqrt())
    }

    /// Probability that the share is below p, in (0, 1).
    #[must_use]
    pub fn below(&self, p: f64) -> f64 {
        let x = logit(p);
        let part = |law: &Law| normal_cdf((x - law.mean) / law.variance.max(f64::MIN_POSITIVE).sqrt());
        self.parts.iter().map(|(weight, law)| weight * part(law)).sum()
    }

    /// Two logits close together with the quantile between them, after Newton's steps from the normal law of the same mean and variance; `None` where these do not lead there.
    fn around(&self, probability: f64) -> Option<(f64, f64)> {
        let Law { mean, variance } = self.logit_law();
        let mut x = mean + variance.sqrt() * quantile::t(probability, f64::INFINITY)?;
        for _ in 0..8 {
            let (below, density) = self.parts.iter().fold((0.0, 0.0), |(below, density), (weight, law)| {
                let sd = law.variance.max(f64::MIN_POSITIVE).sqrt();
                let z = (x - law.mean) / sd;
                (below + weight * normal_cdf(z), density + weight * (-z * z / 2.0).exp() / (sd * TAU.sqrt()))
            });
            let step = (below - probability) / density;
            x -= step;
            if step.abs() < 1e-11 {
                break;
            }
        }
        let (low, high) = (x - 1e-10, x + 1e-10);
        let holds = self.below(expit(low)) < probability && self.below(expit(high)) >= probability;
        holds.then_some((low, high))
    }

    /// The share that the given probability lies below, by bisection on the logit scale; only steps near the quantile need the law itself.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        let reach = |law: &Law| 40.0 * law.variance.max(0.0).sqrt() + 1e-9;
        let mut low = self.parts.iter().map(|(_, law)| law.mean - reach(law)).fold(f64::INFINITY, f64::min);
        let mut high = self.parts.iter().map(|(_, law)| law.mean + reach(law)).fold(f64::NEG_INFINITY, f64::max);
        let near = self.around(probability);
        while high - low > 1e-12 {
            let middle = f64::midpoint(low, high);
            // No number lies between them.
            if middle <= low || middle >= high {
                break;
            }
            let is_below = match near {
                Some((near_low, _)) if middle <= near_low => true,
                Some((_, near_high)) if middle >= near_high => false,
                _ => self.below(expit(middle)) < probability,
            };
            if is_below {
                low = middle;
            } else {
                high = middle;
            }
        }
        expit(f64::midpoint(low, high))
    }

    /// Mean and variance of logit p.
    #[must_use]
    pub fn logit_law(&self) -> Law {
        let mean = self.parts.iter().map(|(weight, law)| weight * law.mean).sum::<f64>();
        let square =
            self.parts.iter().map(|(weight, law)| weight * (law.variance + (law.mean - mean).powi(2))).sum::<f64>();
        Law { mean, variance: square }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_normal_law_has_its_own_quantiles() {
        let own = Mixture::new([(1.0, Law { mean: -1.0, variance: 0.25 })]);
        assert!((own.quantile(0.5) - expit(-1.0)).abs() < 1e-12);
        assert!((own.quantile(0.975) - expit(-1.0 + 0.5 * 1.959_963_984_540_054)).abs() < 1e-10);
        // Hardly any variance: mean and sd are those of the delta method.
        let narrow = Mixture::new([(1.0, Law { mean: -1.0, variance: 1e-8 })]);
        let p = expit(-1.0);
        assert!((narrow.mean() - p).abs() < 1e-8);
        assert!((narrow.mean_and_sd().1 / (p * (1.0 - p) * 1e-4) - 1.0).abs() < 1e-4);
    }

    #[test]
    fn moments_equal_a_fine_sum() {
        let laws = [(0.3, Law { mean: -4.0, variance: 0.5 }), (0.7, Law { mean: -3.5, variance: 0.1 })];
        let own = Mixture::new(laws);
        let (mut mean, mut square) = (0.0, 0.0);
        for (weight, law) in laws {
            for step in 0..20_000 {
                let z = -10.0 + (f64::from(step) + 0.5) * 0.001;
                let mass = weight * (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt() * 0.001;
                let p = expit(law.mean + law.variance.sqrt() * z);
                mean += mass * p;
                square += mass * p * p;
            }
        }
        assert!((own.mean() - mean).abs() < 1e-9);
        assert!((own.mean_and_sd().1 - (square - mean * mean).sqrt()).abs() < 1e-8);
        let middle = own.quantile(0.3);
        assert!((own.below(middle) - 0.3).abs() < 1e-10);
    }

    #[test]
    fn quantiles_of_laws_far_apart_are_found_where_newton_is_lost() {
        // The lower half of the mass lies at logit −6, the upper half at 6; between them the density is 0.
        let own = Mixture::new([-6.0, 6.0].map(|mean| (0.5, Law { mean, variance: 1e-4 })));
        let z = 1.959_963_984_540_054;
        for (probability, x) in [(0.25, -6.0), (0.75, 6.0), (0.0125, -6.0 - 0.01 * z), (0.9875, 6.0 + 0.01 * z)] {
            assert!((logit(own.quantile(probability)) - x).abs() < 1e-9, "{probability}");
        }
        assert_eq!(own.around(0.5), None);
    }
}
