//! Limits of the slope index and the relative index of inequality.
//!
//! The groups' errors are independent and normal, on the scale of the value, its logarithm or its logit; the limits are quantiles of
//! what the indices become under them. This is the distribution that PHEindicatormethods 2.1.1 draws from (`phe_sii`);
//! for the SII of transformed values the package goes on with the slope alone, at the estimated height of the middle, and ours with both.
//!
//! | line through | SII | RII |
//! |---|---|---|
//! | means | normal | ratio of two correlated normals, by integration |
//! | ln y of rates, transformed back | difference of two lognormals, by integration | lognormal |
//! | logit y of proportions, transformed back | by integration | by integration |
//! | rates or proportions, drawn transformed | sum of independent transformed normals, by its characteristic function | the same |
//!
//! For the last row, P(top/bottom ≤ q) = P(top − q·bottom ≤ 0) as long as the bottom is positive; where it may be negative, with a
//! probability above one in a million, a ratio has no meaning and there are no limits.

use super::Limits;
use super::inequality::ValueKind;
use super::inequality_line::{Line, combine};
use super::normal_pair::NormalPair;
use super::normal_sum::NormalSum;
use super::quantile;
use super::root::quantile_of;

/// The largest probability of a negative divisor that leaves a ratio its meaning; it moves a limit by less than 1e-5 of the width.
const NEGATIVE_DIVISOR: f64 = 1e-6;

/// A group's value and its standard error, on the scale on which the error is normal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupError {
    /// y, ln y or logit y.
    pub center: f64,
    /// Its standard error.
    pub error: f64,
}

/// What the limits are of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitsBasis {
    /// What the values are.
    pub kind: ValueKind,
    /// Whether the line goes through the transformed values.
    pub transform: bool,
    /// Whether the ratio is bottom divided by top.
    pub invert: bool,
    /// Confidence level, in (0, 1).
    pub confidence: f64,
}

/// Limits of top minus bottom and of their ratio.
///
/// Both `None` where an error is negative, where none is above zero, where a center is not finite and for a confidence outside (0, 1);
/// one of them where its distribution gives none (see the module).
#[must_use]
pub fn index_limits(line: &Line, groups: &[GroupError], basis: LimitsBasis) -> (Option<Limits>, Option<Limits>) {
    let sound = |group: &GroupError| group.center.is_finite() && group.error.is_finite() && group.error >= 0.0;
    if !groups.iter().all(sound) || !groups.iter().any(|group| group.error > 0.0) {
        return (None, None);
    }
    let LimitsBasis { kind, transform, .. } = basis;
    if kind == ValueKind::Mean || transform {
        return (of_ends(line, groups, basis, Index::Difference), of_ends(line, groups, basis, Index::Ratio));
    }
    (difference_of_sums(line, groups, basis), ratio_of_sums(line, groups, basis))
}

/// The bound of a value on the scale of the error; infinite where the value is out of range.
fn bound(kind: ValueKind, value: f64) -> f64 {
    match kind {
        ValueKind::Rate | ValueKind::Proportion if value <= 0.0 => f64::NEG_INFINITY,
        ValueKind::Proportion if value >= 1.0 => f64::INFINITY,
        _ => kind.link(value),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Index {
    Difference,
    Ratio,
}

/// Limits as the two quantiles that `quantile` gives.
fn between(confidence: f64, quantile: impl Fn(f64) -> Option<f64>) -> Option<Limits> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let tail = f64::midpoint(1.0, -confidence);
    Some(Limits { lower: quantile(tail)?, upper: quantile(1.0 - tail)? })
}

/// Where the two ends of the line are normal, on the scale of the error.
fn of_ends(line: &Line, groups: &[GroupError], basis: LimitsBasis, index: Index) -> Option<Limits> {
    let LimitsBasis { kind, invert, confidence, .. } = basis;
    let (bottom, top) =
        if invert && index == Index::Ratio { (&line.top, &line.bottom) } else { (&line.bottom, &line.top) };
    let centers: Vec<f64> = groups.iter().map(|group| group.center).collect();
    let covariance = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).zip(groups).map(|((a, b), group)| a * b * group.error * group.error).sum()
    };
    let difference = (combine(top, &centers) - combine(bottom, &centers), {
        let slope: Vec<f64> = top.iter().zip(bottom).map(|(top, bottom)| top - bottom).collect();
        covariance(&slope, &slope).sqrt()
    });
    let normal = |p: f64| Some(difference.0 + quantile::t(p, f64::INFINITY)? * difference.1);
    let pair = NormalPair {
        first: combine(bottom, &centers),
        second: combine(top, &centers),
        first_variance: covariance(bottom, bottom),
        second_variance: covariance(top, top),
        covariance: covariance(bottom, top),
    };
    let (zero, one) = (kind.inverse_link(pair.first), kind.inverse_link(pair.second));
    // By the delta method, for the search alone.
    let (d0, d1) = (kind.steepness(pair.first), kind.steepness(pair.second));
    let spread = |by_first: f64, by_second: f64| pair.variance_of(by_first, by_second).sqrt();
    match (kind, index) {
        (ValueKind::Mean, Index::Difference) => between(confidence, normal),
        (ValueKind::Rate, Index::Ratio) => between(confidence, |p| Some(normal(p)?.exp())),
        (ValueKind::Mean, Index::Ratio) => {
            let ratio = one / zero;
            let width = spread(-ratio, 1.0) / zero.abs();
            between(confidence, |p| quantile_of(|q| Some(pair.ratio_below(q)), p, ratio, width))
        }
        (_, Index::Difference) => {
            let below = |q: f64| pair.second_below(|x| bound(kind, q + kind.inverse_link(x)));
            between(confidence, |p| quantile_of(|q| Some(below(q)), p, one - zero, spread(-d0, d1)))
        }
        (ValueKind::Proportion, Index::Ratio) => {
            let ratio = one / zero;
            let below = |q: f64| pair.second_below(|x| bound(kind, q * kind.inverse_link(x)));
            between(confidence, |p| quantile_of(|q| Some(below(q)), p, ratio, spread(-ratio * d0, d1) / zero))
        }
    }
}

/// SII of values that are transformed back before the regression.
fn difference_of_sums(line: &Line, groups: &[GroupError], basis: LimitsBasis) -> Option<Limits> {
    let sum = NormalSum::new(&line.slope, groups, basis.kind)?.tabulate()?;
    between(basis.confidence, |p| quantile_of(|x| Some(sum.below(x)), p, sum.middle(), sum.spread()))
}

/// RII of values that are transformed back before the regression.
fn ratio_of_sums(line: &Line, groups: &[GroupError], basis: LimitsBasis) -> Option<Limits> {
    let (divisor, dividend) = if basis.invert { (&line.top, &line.bottom) } else { (&line.bottom, &line.top) };
    let combination = |q: f64| -> Vec<f64> { dividend.iter().zip(divisor).map(|(a, b)| a - q * b).collect() };
    let bottom = NormalSum::new(divisor, groups, basis.kind)?;
    let middle = bottom.middle();
    if middle <= 0.0 || bottom.tabulate()?.below(0.0) > NEGATIVE_DIVISOR {
        return None;
    }
    let ratio = NormalSum::new(dividend, groups, basis.kind)?.middle() / middle;
    let width = NormalSum::new(&combination(ratio), groups, basis.kind)?.spread() / middle;
    let below = |q: f64| Some(NormalSum::new(&combination(q), groups, basis.kind)?.tabulate()?.below(0.0));
    between(basis.confidence, |p| quantile_of(below, p, ratio, width))
}
