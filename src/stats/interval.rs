//! Intervals for shares and means.
//!
//! Formulas as R `survey` computes them in `svyciprop`; notation: p share in [0, 1], se its standard error, t the quantile of
//! Student's t with the figure's degrees of freedom. Lumley, *Complex Surveys* (2010), section 2.4; Korn and Graubard,
//! *Survey Methodology* 24 (1998), 193-201.

use super::quantile::{self, TQuantiles};
use crate::vocab::IntervalMethod;

/// Limits of an interval, on the scale of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// An interval and the method that made it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The limits.
    pub limits: Limits,
    /// The method: Clopper-Pearson where the share is 0 or 1, whatever was asked for.
    pub method: IntervalMethod,
}

/// Why there is no interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoInterval {
    /// No degrees of freedom.
    NoDf,
    /// The estimated variance is zero and the share is neither 0 nor 1.
    NoVariance,
}

/// What an interval for a share rests on.
#[derive(Clone, Copy, Debug)]
pub struct ShareBasis {
    /// The share, in [0, 1].
    pub share: f64,
    /// Its standard error.
    pub se: f64,
    /// Unweighted number of valid answers.
    pub n: u64,
    /// Kish's effective sample size, (Σw)² / Σw².
    pub kish_n: f64,
    /// Degrees of freedom.
    pub df: u64,
    /// Confidence level, in (0, 1).
    pub confidence: f64,
}

/// Interval for a share.
///
/// A share of exactly 0 or 1 has se 0, and the asked method is undefined: Clopper-Pearson on Kish's n is given instead.
///
/// # Errors
/// [`NoInterval`] where the degrees of freedom are not positive or the variance is zero.
pub fn share_interval(
    basis: &ShareBasis,
    method: IntervalMethod,
    quantiles: &mut TQuantiles,
) -> Result<Interval, NoInterval> {
    let ShareBasis { share: p, se, df, confidence, .. } = *basis;
    let tail = f64::midpoint(1.0, -confidence);
    if p <= 0.0 || p >= 1.0 {
        let limits = clopper_pearson_end(p, basis.kish_n, tail).ok_or(NoInterval::NoDf)?;
        return Ok(Interval { limits, method: IntervalMethod::ClopperPearson });
    }
    let t = t_or_none(se, df, quantiles)?;
    let limits = match method {
        IntervalMethod::Beta => {
            let full = basis.n.checked_sub(1).and_then(|df| quantiles.at(df)).ok_or(NoInterval::NoDf)?;
            korn_graubard(basis, t, full, tail).ok_or(NoInterval::NoDf)?
        }
        IntervalMethod::Wilson => wilson(p, p * (1.0 - p) / (se * se), t),
        IntervalMethod::Asin => arcsine(p, se, t),
        IntervalMethod::T => Limits { lower: p - t * se, upper: p + t * se },
        _ => logit(p, se, t),
    };
    let method = match method {
        IntervalMethod::Beta | IntervalMethod::Wilson | IntervalMethod::Asin | IntervalMethod::T => method,
        _ => IntervalMethod::Logit,
    };
    Ok(Interval { limits, method })
}

/// Interval for a mean: mean ∓ t·se, `quantiles` being those of the upper tail of the confidence level.
///
/// # Errors
/// [`NoInterval`] where there are no degrees of freedom or the variance is zero.
pub fn mean_interval(mean: f64, se: f64, df: u64, quantiles: &mut TQuantiles) -> Result<Interval, NoInterval> {
    let t = t_or_none(se, df, quantiles)?;
    Ok(Interval { limits: Limits { lower: mean - t * se, upper: mean + t * se }, method: IntervalMethod::T })
}

fn t_or_none(se: f64, df: u64, quantiles: &mut TQuantiles) -> Result<f64, NoInterval> {
    if df == 0 {
        return Err(NoInterval::NoDf);
    }
    if se <= 0.0 {
        return Err(NoInterval::NoVariance);
    }
    quantiles.at(df).ok_or(NoInterval::NoDf)
}

/// The quantiles of t that intervals at a confidence level need.
#[must_use]
pub fn upper_quantiles(confidence: f64) -> TQuantiles {
    TQuantiles::new(f64::midpoint(1.0, confidence))
}

/// expit(logit p ∓ t·se/(p(1−p))): R survey `svyciprop(method = "xlogit")`.
fn logit(p: f64, se: f64, t: f64) -> Limits {
    let center = (p / (1.0 - p)).ln();
    let half = t * se / (p * (1.0 - p));
    let expit = |x: f64| 1.0 / (1.0 + (-x).exp());
    Limits { lower: expit(center - half), upper: expit(center + half) }
}

/// Beta quantiles on n_e = p(1−p)/se² · (t_{n−1}/t_df)²: R survey `svyciprop(method = "beta")`.
fn korn_graubard(basis: &ShareBasis, t: f64, t_full: f64, tail: f64) -> Option<Limits> {
    let p = basis.share;
    let n = p * (1.0 - p) / (basis.se * basis.se) * (t_full / t).powi(2);
    Some(Limits {
        lower: quantile::beta(tail, n * p, n * (1.0 - p) + 1.0)?,
        upper: quantile::beta(1.0 - tail, n * p + 1.0, n * (1.0 - p))?,
    })
}

/// Wilson's score interval with the effective n and a t quantile: R survey 4.5 `svyciprop(method = "wilson")`.
fn wilson(p: f64, n: f64, t: f64) -> Limits {
    let t2 = t * t;
    let center = (p + t2 / (2.0 * n)) / (1.0 + t2 / n);
    let half = t / (1.0 + t2 / n) * (p * (1.0 - p) / n + t2 / (4.0 * n * n)).sqrt();
    Limits { lower: center - half, upper: center + half }
}

/// sin²(asin √p ∓ t·se/(2√(p(1−p)))): R survey `svyciprop(method = "asin")`.
///
/// The angle is kept within [0, π/2]; beyond it sin² would turn back and a limit could pass the other side of the value.
fn arcsine(p: f64, se: f64, t: f64) -> Limits {
    let angle = p.sqrt().asin();
    let half = t * se / (2.0 * (p * (1.0 - p)).sqrt());
    let back = |angle: f64| angle.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2);
    Limits { lower: back(angle - half), upper: back(angle + half) }
}

/// Clopper-Pearson at p = 0 or p = 1 in closed form, on a possibly fractional n: 1 − tail^(1/n) and tail^(1/n).
fn clopper_pearson_end(p: f64, n: f64, tail: f64) -> Option<Limits> {
    (n.is_finite() && n > 0.0).then(|| {
        let edge = tail.powf(1.0 / n);
        if p <= 0.0 { Limits { lower: 0.0, upper: 1.0 - edge } } else { Limits { lower: edge, upper: 1.0 } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn basis(share: f64, se: f64, df: u64) -> ShareBasis {
        ShareBasis { share, se, n: 100, kish_n: 80.0, df, confidence: 0.95 }
    }

    fn interval(basis: &ShareBasis, method: IntervalMethod) -> Result<Interval, NoInterval> {
        share_interval(basis, method, &mut upper_quantiles(basis.confidence))
    }

    #[test]
    fn a_share_of_zero_has_a_one_sided_interval_of_the_exact_method() {
        // R: binom.test(0, 80)$conf.int[2] = 1 - 0.025^(1/80)
        let none = interval(&basis(0.0, 0.0, 99), IntervalMethod::Logit).unwrap();
        assert_eq!(none.method, IntervalMethod::ClopperPearson);
        assert_eq!(none.limits.lower, 0.0);
        assert!((none.limits.upper - 0.045_064_035_067_692_3).abs() < 1e-9, "{:?}", none.limits);
        let all = interval(&basis(1.0, 0.0, 99), IntervalMethod::Beta).unwrap();
        assert!((all.limits.lower - (1.0 - 0.045_064_035_067_692_3)).abs() < 1e-9);
        assert_eq!(all.limits.upper, 1.0);
    }

    #[test]
    fn no_degrees_of_freedom_and_no_variance_are_said() {
        assert_eq!(interval(&basis(0.3, 0.05, 0), IntervalMethod::Logit), Err(NoInterval::NoDf));
        assert_eq!(interval(&basis(0.3, 0.0, 9), IntervalMethod::Logit), Err(NoInterval::NoVariance));
        assert_eq!(mean_interval(3.0, 0.0, 9, &mut upper_quantiles(0.95)), Err(NoInterval::NoVariance));
    }

    #[test]
    fn every_method_contains_the_share() {
        for method in [
            IntervalMethod::Logit,
            IntervalMethod::Beta,
            IntervalMethod::Wilson,
            IntervalMethod::Asin,
            IntervalMethod::T,
        ] {
            for p in [0.001, 0.02, 0.5, 0.97, 0.9999] {
                for se in [0.001, 0.05, 0.4] {
                    for df in [1, 2, 50] {
                        let found = interval(&basis(p, se, df), method).unwrap();
                        assert_eq!(found.method, method);
                        assert!(found.limits.lower <= p && p <= found.limits.upper, "{method} {p} {se} {df}");
                    }
                }
            }
        }
    }
}
