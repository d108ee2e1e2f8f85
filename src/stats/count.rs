//! Intervals for counted events and persons: rates and proportions of registers.
//!
//! As PHEindicatormethods gives them (`phe_rate`, `phe_proportion`): Byar's limits for a count of 10 or more and exact Poisson limits
//! below, divided by the denominator; Wilson's score limits for a proportion. Sources: Breslow and Day, *Statistical Methods in
//! Cancer Research* II (1987), 69; Wilson, JASA 22 (1927), 209-212.

use statrs::distribution::{ContinuousCDF, Gamma, Normal};

use super::Limits;

/// Counts from here on use Byar's approximation; smaller ones the exact limits.
const EXACT_BELOW: f64 = 10.0;

/// The normal quantile of a two-sided interval; `None` for a confidence outside (0, 1).
fn z(confidence: f64) -> Option<f64> {
    (confidence > 0.0 && confidence < 1.0).then(|| Normal::standard().inverse_cdf(f64::midpoint(1.0, confidence)))
}

/// Limits of the expectation of a Poisson count, which may be a part of one after a recode.
///
/// From 10 on: O·(1 − 1/(9O) − z/(3√O))³ and (O+1)·(1 − 1/(9(O+1)) + z/(3√(O+1)))³. Below: the gamma quantiles with shapes O and O+1
/// (half the χ² quantiles with 2O and 2O+2 degrees of freedom), lower limit 0 at 0. `None` for a
/// confidence outside (0, 1) and for a count below 0.
#[must_use]
pub fn poisson_limits(observed: f64, confidence: f64) -> Option<Limits> {
    let z = z(confidence)?;
    if observed.is_nan() || observed < 0.0 {
        return None;
    }
    if observed >= EXACT_BELOW {
        let cube = |o: f64, z: f64| o * (1.0 - 1.0 / (9.0 * o) + z / (3.0 * o.sqrt())).powi(3);
        return Some(Limits { lower: cube(observed, -z), upper: cube(observed + 1.0, z) });
    }
    let tail = f64::midpoint(1.0, -confidence);
    let quantile = |shape: f64, p: f64| Some(newton_gamma(shape, p, Gamma::new(shape, 1.0).ok()?));
    let lower = if observed <= 0.0 { 0.0 } else { quantile(observed, tail)? };
    Some(Limits { lower, upper: quantile(observed + 1.0, 1.0 - tail)? })
}

/// A gamma quantile, polished by Newton steps on the distribution function.
fn newton_gamma(shape: f64, p: f64, gamma: Gamma) -> f64 {
    use statrs::distribution::Continuous;
    let mut x = gamma.inverse_cdf(p).max(f64::MIN_POSITIVE);
    for _ in 0..20 {
        let step = (gamma.cdf(x) - p) / gamma.pdf(x);
        if !step.is_finite() {
            break;
        }
        // A step must not leave the positive axis; half the way is always inside.
        let next = if step < x { x - step } else { x / 2.0 };
        if (next - x).abs() <= 1e-14 * x.max(shape) {
            return next;
        }
        x = next;
    }
    x
}

/// Wilson's score limits of a proportion of `count` among `total`; `None` where `total` is 0 or smaller than `count`.
///
/// (2O + z² ∓ z·√(z² + 4O(1 − O/n))) / 2(n + z²). Counts may exceed 32 bits.
#[must_use]
pub fn wilson_limits(count: f64, total: f64, confidence: f64) -> Option<Limits> {
    let z = z(confidence)?;
    let (o, n) = (count, total);
    if !(n > 0.0 && (0.0..=n).contains(&o)) {
        return None;
    }
    let root = z * (z * z + 4.0 * o * (1.0 - o / n)).sqrt();
    let limit = |sign: f64| (2.0 * o + z * z + sign * root) / (2.0 * (n + z * z));
    Some(Limits { lower: limit(-1.0).max(0.0), upper: limit(1.0).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-10 * wanted.abs().max(1e-3), "{found} {wanted}");
    }

    /// PHEindicatormethods 2.1.1, `phe_rate`: rates per 100,000 of 0 and 2 events among 100 and 1,000; 95 % limits.
    #[test]
    fn small_counts_have_exact_limits() {
        let limits = poisson_limits(0.0, 0.95).unwrap();
        close(limits.lower, 0.0);
        close(limits.upper * 1000.0, 3_688.879_454_11);
        let limits = poisson_limits(2.0, 0.95).unwrap();
        close(limits.lower * 100.0, 24.220_927_854_4);
        close(limits.upper * 100.0, 722.468_766_772);
    }

    /// PHEindicatormethods 2.1.1, `phe_proportion`: 5 of 100 at 95 % and 99.8 %.
    #[test]
    fn proportions_have_wilson_limits() {
        let limits = wilson_limits(5.0, 100.0, 0.95).unwrap();
        close(limits.lower, 0.021_543_679_154_4);
        close(limits.upper, 0.111_750_469_232);
        let limits = wilson_limits(5.0, 100.0, 0.998).unwrap();
        close(limits.lower, 0.013_865_320_726);
        close(limits.upper, 0.164_588_522_826);
        assert_eq!(wilson_limits(3.0, 2.0, 0.95), None);
        assert_eq!(wilson_limits(0.0, 0.0, 0.95), None);
    }
}
