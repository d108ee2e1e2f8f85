//! Quantiles of the distributions that intervals need.
//!
//! The distribution functions come from statrs. Its quantiles are polished by Newton steps on its own distribution function, so
//! that they agree with R's `qt` and `qbeta` (tests/oracle).

use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal, StudentsT};

/// Quantile of Student's t, `df` > 0; infinite `df` gives the normal quantile.
///
/// `None` where `p` is outside (0, 1) or `df` is not positive.
#[must_use]
pub fn t(p: f64, df: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) || df.is_nan() || df <= 0.0 {
        return None;
    }
    if df.is_infinite() {
        return Some(Normal::standard().inverse_cdf(p));
    }
    if p > 0.5 {
        return t(1.0 - p, df).map(|quantile| -quantile);
    }
    // One degree of freedom and two have closed forms, and heavy tails that Newton steps dislike.
    if df == 1.0 {
        return Some((std::f64::consts::PI * (p - 0.5)).tan());
    }
    if df == 2.0 {
        let alpha = 4.0 * p * (1.0 - p);
        return Some(2.0 * (p - 0.5) * (2.0 / alpha).sqrt());
    }
    let distribution = StudentsT::new(0.0, 1.0, df).ok()?;
    Some(polish(&distribution, near_t(p, df), p, f64::NEG_INFINITY, 0.0))
}

/// A start for the quantile of t: the first terms of its expansion around the normal quantile (Cornish and Fisher 1937; the
/// polynomials are those of Abramowitz and Stegun 26.7.5). Newton steps do the rest, so only its nearness matters.
fn near_t(p: f64, df: f64) -> f64 {
    let z = Normal::standard().inverse_cdf(p);
    let z2 = z * z;
    let first = z * (z2 + 1.0) / 4.0;
    let second = z * (z2 * (5.0 * z2 + 16.0) + 3.0) / 96.0;
    let third = z * (z2 * (z2 * (3.0 * z2 + 19.0) + 17.0) - 15.0) / 384.0;
    z + (first + (second + third / df) / df) / df
}

/// Quantiles of t at one probability, remembered per number of degrees of freedom: a release has a million intervals and a few
/// thousand different degrees of freedom.
#[derive(Clone, Debug)]
pub struct TQuantiles {
    p: f64,
    known: std::collections::BTreeMap<u64, Option<f64>>,
}

impl TQuantiles {
    /// For the probability `p`, in (0, 1).
    #[must_use]
    pub const fn new(p: f64) -> Self {
        Self { p, known: std::collections::BTreeMap::new() }
    }

    /// The quantile; `None` without degrees of freedom.
    pub fn at(&mut self, df: u64) -> Option<f64> {
        let p = self.p;
        *self.known.entry(df).or_insert_with(|| t(p, df as f64))
    }
}

/// Quantile of the beta distribution; both shapes positive.
///
/// `None` where `p` is outside (0, 1) or a shape is not positive.
#[must_use]
pub fn beta(p: f64, a: f64, b: f64) -> Option<f64> {
    if !(p > 0.0 && p < 1.0) {
        return None;
    }
    let distribution = Beta::new(a, b).ok()?;
    Some(polish(&distribution, distribution.inverse_cdf(p), p, 0.0, 1.0))
}

/// Newton steps towards cdf(x) = p, kept within a bracket that closes as signs are seen.
fn polish<D>(distribution: &D, start: f64, p: f64, mut low: f64, mut high: f64) -> f64
where
    D: ContinuousCDF<f64, f64> + Continuous<f64, f64>,
{
    let mut x = start;
    for _ in 0..60 {
        let miss = distribution.cdf(x) - p;
        if miss == 0.0 {
            return x;
        }
        if miss > 0.0 {
            high = x
        } else {
            low = x
        }
        let density = distribution.pdf(x);
        let mut next = x - miss / density;
        if !next.is_finite() || next <= low || next >= high {
            let (a, b) = (
                if low.is_finite() { low } else { 2.0 * x - 1.0 },
                if high.is_finite() { high } else { 2.0 * x + 1.0 },
            );
            next = f64::midpoint(a, b);
        }
        if (next - x).abs() <= 1e-14 * x.abs().max(1e-300) {
            return next;
        }
        x = next;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: Option<f64>, b: f64) {
        let a = a.unwrap();
        assert!((a - b).abs() <= 1e-10 * b.abs(), "{a} {b}");
    }

    /// R 4.2: `qt(.025, df)` and `qbeta(p, a, b)` with 15 digits.
    #[test]
    fn quantiles_agree_with_r() {
        close(t(0.025, 1.0), -12.706_204_736_174_7);
        close(t(0.025, 2.0), -4.302_652_729_749_46);
        close(t(0.975, 3.0), 3.182_446_305_283_71);
        close(t(0.975, 14.0), 2.144_786_687_917_8);
        close(t(0.975, 197.0), 1.972_079_033_777_92);
        close(t(0.975, 100_000.0), 1.959_987_707_597_54);
        close(beta(0.975, 1234.5, 20.25), 0.990_073_161_212_527);
        close(t(0.975, f64::INFINITY), 1.959_963_984_540_05);
        close(beta(0.025, 3.0, 8.0), 0.066_739_511_177_734_5);
        close(beta(0.975, 3.0, 8.0), 0.556_095_462_307_641);
        close(beta(0.025, 0.4, 200.7), 3.656_844_624_951_46e-7);
        assert_eq!(t(0.025, 0.0), None);
        assert_eq!(beta(0.025, 0.0, 1.0), None);
    }
}
