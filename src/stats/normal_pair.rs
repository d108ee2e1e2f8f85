//! Probabilities of two correlated normal variables, by integration over the first.
//!
//! Given the first, the second is normal; the probability of a region is the integral of the conditional probability, which has a
//! closed form. Integrals are Gauss-Legendre on 16 points per panel; a panel is halved until both halves agree with the whole.

use statrs::distribution::{ContinuousCDF, Normal};

/// Half the width of the integral, in standard deviations; beyond it lies less than 1e-16.
const REACH: f64 = 8.5;
/// Panels before any is halved.
const PANELS: u32 = 8;
/// Difference between a panel and its halves that is no difference.
const AGREEMENT: f64 = 1e-12;
/// How often a panel is halved at most: a step is then known to 2^-34 standard deviations.
const HALVINGS: u32 = 34;

/// Two jointly normal variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct NormalPair {
    /// Mean of the first.
    pub first: f64,
    /// Mean of the second.
    pub second: f64,
    /// Variance of the first.
    pub first_variance: f64,
    /// Variance of the second.
    pub second_variance: f64,
    /// Their covariance.
    pub covariance: f64,
}

impl NormalPair {
    /// Variance of a·first + b·second, never below 0.
    pub(super) fn variance_of(&self, a: f64, b: f64) -> f64 {
        (a * a * self.first_variance + 2.0 * a * b * self.covariance + b * b * self.second_variance).max(0.0)
    }

    /// P(second ≤ bound(first)); the bound may be infinite.
    pub(super) fn second_below(&self, bound: impl Fn(f64) -> f64) -> f64 {
        let deviation = self.first_variance.sqrt();
        let (slope, left) = self.second_given_first();
        let at = |z: f64| {
            let center = self.second + slope * deviation * z;
            density(z) * step(bound(self.first + deviation * z) - center, left)
        };
        integral(at, -REACH, REACH).clamp(0.0, 1.0)
    }

    /// P(second / first ≤ q).
    ///
    /// Where the first is positive this is second − q·first ≤ 0, and where it is negative the opposite: P(L ≤ 0) plus the integral over
    /// negative values of the first of 1 − 2·P(L ≤ 0 | first), with L = second − q·first (Hinkley, *Biometrika* 56 (1969), 635-639).
    pub(super) fn ratio_below(&self, q: f64) -> f64 {
        let whole = step(q * self.first - self.second, self.variance_of(-q, 1.0).sqrt());
        let deviation = self.first_variance.sqrt();
        // A divisor without variance is positive or negative for sure.
        let zero = if deviation > 0.0 { -self.first / deviation } else { -self.first.signum() * f64::INFINITY };
        if zero <= -REACH {
            return whole;
        }
        let (slope, left) = self.second_given_first();
        let at = |z: f64| {
            let first = self.first + deviation * z;
            let center = self.second + slope * deviation * z;
            density(z) * (1.0 - 2.0 * step(q * first - center, left))
        };
        (whole + integral(at, -REACH, zero.min(REACH))).clamp(0.0, 1.0)
    }

    /// Regression of the second on the first, and the deviation that is left.
    fn second_given_first(&self) -> (f64, f64) {
        if self.first_variance <= 0.0 {
            return (0.0, self.second_variance.max(0.0).sqrt());
        }
        let slope = self.covariance / self.first_variance;
        (slope, (self.second_variance - slope * self.covariance).max(0.0).sqrt())
    }
}

/// P(deviation·Z ≤ x); a step at 0 without deviation.
fn step(x: f64, deviation: f64) -> f64 {
    if deviation > 0.0 {
        Normal::standard().cdf(x / deviation)
    } else if x >= 0.0 {
        1.0
    } else {
        0.0
    }
}

/// Density of the standard normal.
fn density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// Integral of `f` from `low` to `high`.
fn integral(f: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let width = (high - low) / f64::from(PANELS);
    let panel = |i: u32| {
        let (low, high) = (low + width * f64::from(i), low + width * f64::from(i + 1));
        refined(&f, low, high, gauss_legendre(&f, low, high), HALVINGS)
    };
    (0..PANELS).map(panel).sum()
}

/// A panel whose integral is `whole`, or the sum of its halves where that is another number.
fn refined(f: &impl Fn(f64) -> f64, low: f64, high: f64, whole: f64, halvings: u32) -> f64 {
    let middle = f64::midpoint(low, high);
    let (left, right) = (gauss_legendre(f, low, middle), gauss_legendre(f, middle, high));
    if halvings == 0 || (left + right - whole).abs() <= AGREEMENT {
        return left + right;
    }
    refined(f, low, middle, left, halvings - 1) + refined(f, middle, high, right, halvings - 1)
}

/// Positive nodes and their weights on [-1, 1], 16 points: Abramowitz and Stegun, table 25.4.
const NODES: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

fn gauss_legendre(f: &impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let (middle, half) = (f64::midpoint(low, high), (high - low) / 2.0);
    half * NODES.iter().map(|(node, weight)| weight * (f(middle - half * node) + f(middle + half * node))).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-11, "{found} {wanted}");
    }

    /// P(Y ≤ X) of two standard normals is ½ whatever their correlation r; P(Y ≤ X + d) = Φ(d/√(2 − 2r)).
    /// R 4.2: `pnorm(1/sqrt(0.8))`, `pnorm(1/sqrt(3.6))`, `pnorm(0.05/sqrt(0.002))`.
    #[test]
    fn a_straight_bound_has_a_closed_form() {
        for (r, d, wanted) in [
            (0.6, 1.0, 0.868_223_761_358_513_6),
            (-0.8, 1.0, 0.700_919_273_658_235_9),
            (0.999, 0.05, 0.868_223_761_358_513_6),
        ] {
            let pair = NormalPair { first: 0.0, second: 0.0, first_variance: 1.0, second_variance: 1.0, covariance: r };
            close(pair.second_below(|x| x), 0.5);
            close(pair.second_below(|x| x + d), wanted);
        }
    }

    /// The ratio of two independent standard normals is Cauchy: P ≤ q is ½ + atan(q)/π, and the divisor is negative half the time.
    #[test]
    fn a_ratio_about_zero_is_cauchy() {
        let pair = NormalPair { first: 0.0, second: 0.0, first_variance: 1.0, second_variance: 1.0, covariance: 0.0 };
        for q in [-3.0_f64, -0.5, 0.0, 1.0, 12.0] {
            close(pair.ratio_below(q), 0.5 + q.atan() / std::f64::consts::PI);
        }
    }

    /// Without a conditional deviation the probability is a step: second = −2·first, P(second ≤ first + 3) = P(first ≥ −1).
    #[test]
    fn full_correlation_is_a_step() {
        let pair = NormalPair { first: 0.0, second: 0.0, first_variance: 1.0, second_variance: 4.0, covariance: -2.0 };
        assert!((pair.second_below(|x| x + 3.0) - 0.841_344_746_068_543).abs() < 1e-10);
        // second / first is −2 always.
        assert!((pair.ratio_below(-1.9) - 1.0).abs() < 1e-10);
        assert!(pair.ratio_below(-2.1).abs() < 1e-10);
    }
}
