//! Slope index, gap and ratio over ordered groups of a survey, with the groups' full covariance.
//!
//! The figures of groups in a complex design share clusters and weights, so their errors are not independent: every error here is
//! c'Vc with the k×k covariance V of the design. Shares are taken as known. Groups are ordered from worst-off (1) to best-off (k); a
//! difference is best-off minus worst-off, so a bad outcome that falls with welfare has a negative one, and a ratio is best-off
//! divided by worst-off.

use super::Limits;
use super::inequality_line::{Line, combine};
use super::quantile;

/// Figures of ordered groups and how they vary together.
#[derive(Clone, Copy, Debug)]
pub struct GroupFigures<'a> {
    /// The value of each group, worst-off first.
    pub values: &'a [f64],
    /// Covariance of the values, k×k, row by row.
    pub covariance: &'a [f64],
    /// Degrees of freedom of the design; `None` takes normal quantiles.
    pub df: Option<f64>,
    /// Confidence level of the limits, in (0, 1).
    pub confidence: f64,
}

/// A comparison of groups, with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The difference, in the unit of the values, or the ratio.
    pub value: f64,
    /// Standard error: of the difference itself, of a ratio's natural logarithm.
    pub se: f64,
    /// value ∓ t·se, or value·exp(∓ t·se) for a ratio. `None` where the error is 0, the degrees of freedom are not positive or the
    /// confidence is outside (0, 1).
    pub limits: Option<Limits>,
}

/// A difference and a ratio of the same two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// Upper end minus lower end.
    pub difference: Contrast,
    /// Upper end divided by lower end; `None` where one of them is not positive.
    pub ratio: Option<Contrast>,
}

/// Slope index and relative index of inequality: the ends are those of the weighted line at b = 1 and b = 0 ([`Line`]).
///
/// SII = Σ cᵢvᵢ with variance c'Vc, exact for a linear combination. RII = f(1)/f(0), with the variance of its logarithm by the delta
/// method, d'Vd with d = top/f(1) − bottom/f(0). `shares` are the population shares of the groups, or their populations.
///
/// Source: Low and Low, *Journal of Public Health* 26 (2004), 388-395; with the covariance of a design, R `survey`, `svycontrast`.
///
/// `None` with fewer than two groups, where lengths do not fit, where a share is not positive, where a value or a covariance is not
/// finite, and where the covariance gives a negative variance.
#[must_use]
pub fn slope_of_covariance(figures: GroupFigures<'_>, shares: &[f64]) -> Option<Ends> {
    let line = Line::new(shares)?;
    figures.ends(&line.bottom, &line.top)
}

/// Gap and ratio of the outer groups: last minus first, last divided by first, whatever lies between.
///
/// The variance of the logarithm of the ratio is by the delta method, v₁₁/v₁² + vₖₖ/vₖ² − 2v₁ₖ/(v₁vₖ).
///
/// `None` with fewer than two groups, where lengths do not fit, where a value or a covariance is not finite, and where the
/// covariance gives a negative variance.
#[must_use]
pub fn outer_groups(figures: GroupFigures<'_>) -> Option<Ends> {
    let k = figures.values.len();
    if k < 2 {
        return None;
    }
    let group = |at: usize| (0..k).map(|i| if i == at { 1.0 } else { 0.0 }).collect::<Vec<f64>>();
    figures.ends(&group(0), &group(k - 1))
}

impl GroupFigures<'_> {
    /// Two ends that are linear in the values.
    fn ends(&self, lower: &[f64], upper: &[f64]) -> Option<Ends> {
        let k = self.values.len();
        let square = lower.len() == k && upper.len() == k && k.checked_mul(k) == Some(self.covariance.len());
        if !square || !self.values.iter().chain(self.covariance).all(|number| number.is_finite()) {
            return None;
        }
        let slope: Vec<f64> = upper.iter().zip(lower).map(|(upper, lower)| upper - lower).collect();
        let (value, se) = (combine(&slope, self.values), self.error_of(&slope)?);
        let limits = self.half_width(se).map(|half| Limits { lower: value - half, upper: value + half });
        Some(Ends { difference: Contrast { value, se, limits }, ratio: self.ratio(lower, upper) })
    }

    fn ratio(&self, lower: &[f64], upper: &[f64]) -> Option<Contrast> {
        let (bottom, top) = (combine(lower, self.values), combine(upper, self.values));
        let value = top / bottom;
        if !(bottom > 0.0 && top > 0.0 && value.is_finite()) {
            return None;
        }
        let gradient: Vec<f64> = upper.iter().zip(lower).map(|(upper, lower)| upper / top - lower / bottom).collect();
        let se = self.error_of(&gradient)?;
        let limits = self
            .half_width(se)
            .map(|half| Limits { lower: value * (-half).exp(), upper: value * half.exp() })
            .filter(|limits| limits.upper.is_finite());
        Some(Contrast { value, se, limits })
    }

    /// √(c'Vc). What rounding leaves below 0 is 0; anything further below is no covariance.
    fn error_of(&self, coefficients: &[f64]) -> Option<f64> {
        let (mut variance, mut size) = (0.0, 0.0);
        for (row, by_row) in self.covariance.chunks(coefficients.len()).zip(coefficients) {
            for (entry, by_column) in row.iter().zip(coefficients) {
                let part = by_row * entry * by_column;
                variance += part;
                size += part.abs();
            }
        }
        (variance >= -1e-12 * size && variance.is_finite())
            .then(|| super::fixed::above_rounding(variance, 1e-14 * size).sqrt())
    }

    fn half_width(&self, se: f64) -> Option<f64> {
        let t = quantile::t(f64::midpoint(1.0, self.confidence), self.df.unwrap_or(f64::INFINITY))?;
        (se > 0.0 && t > 0.0).then_some(t * se)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f64; 3] = [0.30, 0.25, 0.20];
    const COVARIANCE: [f64; 9] = [4e-4, 1e-4, 0.5e-4, 1e-4, 3e-4, 0.8e-4, 0.5e-4, 0.8e-4, 2e-4];

    fn figures(df: Option<f64>) -> GroupFigures<'static> {
        GroupFigures { values: &VALUES, covariance: &COVARIANCE, df, confidence: 0.95 }
    }

    fn contrast(found: Contrast, value: f64, se: f64, lower: f64, upper: f64) {
        let limits = found.limits.unwrap();
        for (found, wanted) in [(found.value, value), (found.se, se), (limits.lower, lower), (limits.upper, upper)] {
            assert!((found - wanted).abs() <= 1e-10 * wanted.abs(), "{found} {wanted}");
        }
    }

    /// Shares 0.2, 0.3, 0.5 have the slope (−16, −9, 25)/14: (−4.8 − 2.25 + 5)/14 = −2.05/14. Its variance in 1e-4/196: 16²·4 + 9²·3 +
    /// 25²·2 + 2·(16·9·1 − 16·25·0.5 − 9·25·0.8) = 1024 + 243 + 1250 − 472 = 2045, so the error is √2045/1400; t₇ = 2.364624.
    /// The limits and the ratio: tests/oracle/make_inequality.R, by the matrices of weighted least squares and `qt`.
    #[test]
    fn slope_by_hand_and_by_r() {
        let found = slope_of_covariance(figures(Some(7.0)), &[20.0, 30.0, 50.0]).unwrap();
        let se = 2045.0_f64.sqrt() / 1400.0;
        contrast(found.difference, -2.05 / 14.0, se, -0.222_808_765_916_899, -0.070_048_376_940_244_1);
        let ratio = found.ratio.unwrap();
        contrast(ratio, 0.524_913_093_858_633, 0.155_098_526_966_889, 0.363_755_877_026_665, 0.757_468_878_184_046);
    }

    /// Gap 0.2 − 0.3 with variance 4 + 2 − 2·0.5 = 5e-4. Ratio 2/3 with variance 4e-4/0.09 + 2e-4/0.04 − 1e-4/0.06 of its logarithm.
    #[test]
    fn gap_and_ratio_by_hand_and_by_r() {
        let found = outer_groups(figures(None)).unwrap();
        contrast(found.difference, -0.1, 5e-4_f64.sqrt(), -0.143_826_127_028_829, -0.056_173_872_971_170_9);
        let se = (4e-4 / 0.09 + 2e-4 / 0.04 - 1e-4 / 0.06_f64).sqrt();
        contrast(found.ratio.unwrap(), 2.0 / 3.0, se, 0.560_841_085_205_793, 0.792_460_567_116_551);
    }

    #[test]
    fn what_cannot_be_computed_is_none() {
        let shares = [0.2, 0.3, 0.5];
        assert_eq!(slope_of_covariance(figures(None), &[1.0, 1.0]), None);
        assert_eq!(slope_of_covariance(figures(None), &[0.0, 0.5, 0.5]), None);
        assert_eq!(outer_groups(GroupFigures { values: &[1.0], covariance: &[1.0], df: None, confidence: 0.95 }), None);
        assert_eq!(outer_groups(GroupFigures { covariance: &COVARIANCE[..8], ..figures(None) }), None);
        assert_eq!(outer_groups(GroupFigures { values: &[0.1, f64::NAN, 0.1], ..figures(None) }), None);
        let negative = [-1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(outer_groups(GroupFigures { covariance: &negative, ..figures(None) }), None);
        // A value of 0 has a gap and no ratio; no degrees of freedom and no variance leave the limits out.
        let found = outer_groups(GroupFigures { values: &[0.0, 0.1, 0.2], ..figures(None) }).unwrap();
        assert!(found.ratio.is_none() && found.difference.limits.is_some());
        let found = slope_of_covariance(figures(Some(0.0)), &shares).unwrap();
        assert!(found.difference.limits.is_none() && found.difference.se > 0.0);
        let found = slope_of_covariance(GroupFigures { covariance: &[0.0; 9], ..figures(None) }, &shares).unwrap();
        assert!(found.difference.limits.is_none() && found.ratio.is_some_and(|ratio| ratio.limits.is_none()));
        // Groups that move together: their difference has no variance, whatever rounding leaves.
        let found = outer_groups(GroupFigures { covariance: &[0.1; 9], ..figures(None) }).unwrap();
        assert_eq!((found.difference.se, found.difference.limits), (0.0, None));
    }
}
