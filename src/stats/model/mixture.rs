//! The law of a share over several sets of variances: a mixture of normal laws of its logit.

use statrs::function::erf::erfc;

use super::poststratify::Law;
use super::{expit, logit};

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

    /// E pᵏ by the trapezium rule on each normal law.
    fn moment(&self, power: i32) -> f64 {
        let of = |law: &Law| {
            let sd = law.variance.max(0.0).sqrt();
            let (mut mass, mut sum) = (0.0, 0.0);
            for node in -10..=10 {
                let z = f64::from(node) * 0.6;
                let density = (-z * z / 2.0).exp();
                mass += density;
                sum += density * expit(law.mean + sd * z).powi(power);
            }
            sum / mass
        };
        self.parts.iter().map(|(weight, law)| weight * of(law)).sum()
    }

    /// Posterior mean of the share.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.moment(1)
    }

    /// Posterior standard deviation of the share.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let mean = self.moment(1);
        (self.moment(2) - mean * mean).max(0.0).sqrt()
    }

    /// Probability that the share is below p, in (0, 1).
    #[must_use]
    pub fn below(&self, p: f64) -> f64 {
        let x = logit(p);
        let part = |law: &Law| normal_cdf((x - law.mean) / law.variance.max(f64::MIN_POSITIVE).sqrt());
        self.parts.iter().map(|(weight, law)| weight * part(law)).sum()
    }

    /// The share that the given probability lies below, by bisection on the logit scale.
    #[must_use]
    pub fn quantile(&self, probability: f64) -> f64 {
        let reach = |law: &Law| 40.0 * law.variance.max(0.0).sqrt() + 1e-9;
        let mut low = self.parts.iter().map(|(_, law)| law.mean - reach(law)).fold(f64::INFINITY, f64::min);
        let mut high = self.parts.iter().map(|(_, law)| law.mean + reach(law)).fold(f64::NEG_INFINITY, f64::max);
        while high - low > 1e-12 {
            let middle = f64::midpoint(low, high);
            // No number lies between them.
            if middle <= low || middle >= high {
                break;
            }
            if self.below(expit(middle)) < probability {
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
        assert!((narrow.sd() / (p * (1.0 - p) * 1e-4) - 1.0).abs() < 1e-4);
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
        assert!((own.sd() - (square - mean * mean).sqrt()).abs() < 1e-8);
        let middle = own.quantile(0.3);
        assert!((own.below(middle) - 0.3).abs() < 1e-10);
    }
}
