//! Class of precision of a figure, in the manner of the data presentation standards of the NCHS.
//!
//! Source for shares: Parker, Talih, Malec et al., *National Center for Health Statistics Data Presentation Standards for
//! Proportions*, Vital and Health Statistics 2(175) (2017); the R package `surveytable` of the CDC applies the same rules. The rule
//! for means, a largest relative standard error, is older custom: those standards are about proportions alone.
//!
//! The NCHS's rules for a share, in order: fewer than 30 persons, or an effective sample size below 30: not shown. An interval of 95 %
//! with a width of 0.30 or more: not shown. A width of 0.05 or less: shown. Between the two: not shown where the width is more than
//! 130 % of the share. A share that is shown is looked at by a statistician where the degrees of freedom are below 8 or where
//! nobody or everybody has the property.
//!
//! Where this differs:
//! - The NCHS takes Korn and Graubard's interval; here the interval of the figure is taken, whatever its method and confidence.
//! - Where the width is more than 130 % of 1 − p, the NCHS shows p with a footnote that the complement is unreliable. Here the complement
//!   is not tested: it is a figure of its own, or none.
//! - The NCHS counts a width of 0 where p is 0 or 1. Here the width of the one-sided interval is tested; no relative width exists at 0.
//!   With the NCHS's thresholds both end in `review`: 30 persons have a width of 0.116.
//! - A figure without an interval or without degrees of freedom is `review`; the standards do not speak of it.
//! - The class is a mark, not a ground to withhold: what is withheld is decided by the disclosure policy.

use super::Limits;
use crate::vocab::Reliability;

/// Thresholds of precision. There is no default: they are declared. The numbers below are those of the NCHS.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// Smallest number of persons and smallest effective sample size: 30.
    pub minimum_n_effective: f64,
    /// Width of the interval of a share from which it is unreliable, on the scale [0, 1]: 0.30.
    pub maximum_width: f64,
    /// Width of the interval of a share up to which no relative width is asked: 0.05.
    pub narrow_width: f64,
    /// Largest width of the interval of a share, divided by the share: 1.30.
    pub maximum_relative_width: f64,
    /// Smallest number of degrees of freedom that needs no review: 8.
    pub minimum_df: f64,
    /// Largest standard error of a mean, divided by the mean: 0.30 by custom, not in the standards for proportions.
    pub maximum_rse: f64,
}

/// What the precision of a figure rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Precision {
    /// Unweighted number of valid answers.
    pub n: u64,
    /// Effective sample size, where it is known: p(1−p)/se² or (Σw)²/Σw².
    pub n_effective: Option<f64>,
    /// The share in [0, 1], or the mean on the scale of its score; `None` where the figure has no value.
    pub value: Option<f64>,
    /// Standard error of the value.
    pub se: Option<f64>,
    /// Interval of the value.
    pub limits: Option<Limits>,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Whether the value is a share; else it is a mean.
    pub is_share: bool,
}

/// The class of a figure; `None` where it has no value, or a value that is no number.
///
/// Unreliable: n or the effective n below the minimum. A share also: width ≥ the maximum, or a width that is not narrow and
/// more than the largest relative width times the share. A mean also: se/|mean| above the largest relative standard error; a mean of 0
/// with a standard error above 0 is unreliable too, so means of scores on both sides of 0 need another mark.
/// Review, if not unreliable: degrees of freedom below the minimum or unknown, no interval, a share of 0 or 1, a mean without a
/// standard error. Reliable: all others.
#[must_use]
pub fn reliability(precision: &Precision, thresholds: &Thresholds) -> Option<Reliability> {
    let value = precision.value.filter(|value| !value.is_nan())?;
    let width = precision.limits.map(|limits| limits.upper - limits.lower);
    let few = (precision.n as f64) < thresholds.minimum_n_effective
        || precision.n_effective.is_some_and(|n| n < thresholds.minimum_n_effective);
    let (imprecise, odd) = if precision.is_share {
        let wide = |width: f64| {
            let relative =
                width > thresholds.narrow_width && value > 0.0 && width > thresholds.maximum_relative_width * value;
            width >= thresholds.maximum_width || relative
        };
        (width.is_some_and(wide), value <= 0.0 || value >= 1.0)
    } else {
        (precision.se.is_some_and(|se| se > thresholds.maximum_rse * value.abs()), precision.se.is_none())
    };
    // A width or a number of degrees of freedom that is no number is as good as none.
    let known =
        width.is_some_and(|width| !width.is_nan()) && precision.df.is_some_and(|df| df >= thresholds.minimum_df);
    Some(match (few || imprecise, known && !odd) {
        (true, _) => Reliability::Unreliable,
        (false, false) => Reliability::Review,
        (false, true) => Reliability::Reliable,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reliability::{Reliable, Review, Unreliable};

    /// The NCHS's thresholds.
    const NCHS: Thresholds = Thresholds {
        minimum_n_effective: 30.0,
        maximum_width: 0.30,
        narrow_width: 0.05,
        maximum_relative_width: 1.30,
        minimum_df: 8.0,
        maximum_rse: 0.30,
    };

    fn share(value: f64, lower: f64, upper: f64) -> Precision {
        Precision {
            n: 200,
            n_effective: Some(150.0),
            value: Some(value),
            se: Some(0.01),
            limits: Some(Limits { lower, upper }),
            df: Some(100.0),
            is_share: true,
        }
    }

    fn mean(value: f64, se: f64) -> Precision {
        Precision { se: Some(se), is_share: false, ..share(value, value - 2.0 * se, value + 2.0 * se) }
    }

    fn class(precision: Precision) -> Option<Reliability> {
        reliability(&precision, &NCHS)
    }

    /// The steps of the standards, in their order (Parker et al. 2017, figure 1).
    #[test]
    fn a_share_goes_down_the_steps() {
        let good = share(0.4, 0.33, 0.47);
        assert_eq!(class(good), Some(Reliable));
        assert_eq!(class(Precision { n: 29, n_effective: None, ..good }), Some(Unreliable));
        assert_eq!(class(Precision { n: 30, n_effective: None, ..good }), Some(Reliable));
        assert_eq!(class(Precision { n_effective: Some(29.9), ..good }), Some(Unreliable));
        // Widths in sixteenths, so that the comparison is exact: 0.3125 ≥ 0.30 and 0.25 < 0.30.
        assert_eq!(class(share(0.5, 0.375, 0.6875)), Some(Unreliable));
        assert_eq!(class(share(0.5, 0.375, 0.625)), Some(Reliable));
        // A width of 0.12 is 120 % of 0.10 and 150 % of 0.08; one of 0.04 is narrow, though it is 400 % of 0.01.
        assert_eq!(class(share(0.10, 0.05, 0.17)), Some(Reliable));
        assert_eq!(class(share(0.08, 0.03, 0.15)), Some(Unreliable));
        assert_eq!(class(share(0.01, 0.002, 0.042)), Some(Reliable));
        // The complement of 0.92 would be unreliable; the share itself is not.
        assert_eq!(class(share(0.92, 0.85, 0.97)), Some(Reliable));
        assert_eq!(class(Precision { df: Some(7.0), ..good }), Some(Review));
        assert_eq!(class(Precision { df: Some(8.0), ..good }), Some(Reliable));
    }

    #[test]
    fn nobody_and_everybody_are_looked_at() {
        assert_eq!(class(share(0.0, 0.0, 0.116)), Some(Review));
        assert_eq!(class(share(1.0, 0.884, 1.0)), Some(Review));
        assert_eq!(class(share(0.0, 0.0, 0.4)), Some(Unreliable));
        assert_eq!(class(Precision { n: 12, ..share(0.0, 0.0, 0.04) }), Some(Unreliable));
    }

    #[test]
    fn what_is_unknown_is_looked_at_and_no_value_has_no_class() {
        let good = share(0.4, 0.33, 0.47);
        assert_eq!(class(Precision { limits: None, ..good }), Some(Review));
        assert_eq!(class(Precision { df: None, ..good }), Some(Review));
        assert_eq!(class(Precision { limits: Some(Limits { lower: f64::NAN, upper: 0.5 }), ..good }), Some(Review));
        assert_eq!(class(Precision { value: None, ..good }), None);
        assert_eq!(class(Precision { value: Some(f64::NAN), ..good }), None);
    }

    #[test]
    fn a_mean_has_its_relative_standard_error() {
        // 0.25/1 = 25 % and 0.375/1 = 37.5 %, on either side of 0.
        assert_eq!(class(mean(1.0, 0.25)), Some(Reliable));
        assert_eq!(class(mean(-1.0, 0.375)), Some(Unreliable));
        assert_eq!(class(mean(0.0, 0.1)), Some(Unreliable));
        assert_eq!(class(Precision { n_effective: Some(12.0), ..mean(20.0, 0.5) }), Some(Unreliable));
        assert_eq!(class(Precision { df: Some(3.0), ..mean(20.0, 0.5) }), Some(Review));
        assert_eq!(class(Precision { se: None, limits: None, ..mean(20.0, 0.5) }), Some(Review));
    }
}
