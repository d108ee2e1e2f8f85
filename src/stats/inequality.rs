//! Slope index and relative index of inequality over ordered groups, from figures of registers.
//!
//! Groups are ordered from worst-off (1) to best-off (k). A group's place is the midpoint b of its part of the cumulative population
//! share a, in [0, 1], and the value is regressed on b with weights a. The slope index (SII) is the value of that line at the top,
//! b = 1, minus the value at the bottom, b = 0: a bad outcome that falls with welfare has a negative SII. The relative index (RII) is
//! the value at the top divided by the value at the bottom: 1 without inequality, below 1 for such an outcome.
//!
//! As PHEindicatormethods 2.1.1, `phe_sii`; Low and Low, *Journal of Public Health* 26 (2004), 388-395. The package simulates its
//! limits; those here are what it would find with infinitely many draws, from closed forms and numerical integration, so that no
//! seed decides on a number. The package asks for 5 to 100 groups; here 2 are enough, and whether a line suits them is for the caller.

use super::Limits;
use super::inequality_limits::{GroupError, LimitsBasis, index_limits};
use super::inequality_line::{Line, combine};
use super::quantile;

/// What a group's value is. It decides on the scale of its error: the values of a rate and a proportion are bounded, and their errors
/// are taken to be normal after a transformation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Any value with a normal error, such as a mean or a life expectancy; no transformation. `value_type = 0` of the package.
    Mean,
    /// A rate, above 0; its logarithm has a normal error. `value_type = 1`.
    Rate,
    /// A proportion in (0, 1), not per cent; its logit has a normal error. `value_type = 2`.
    Proportion,
}

impl ValueKind {
    /// To the scale of the error: y, ln y or ln(y / (1 − y)). Not finite outside the kind's range.
    #[must_use]
    pub fn link(self, value: f64) -> f64 {
        match self {
            Self::Mean => value,
            Self::Rate => value.ln(),
            Self::Proportion => (value / (1.0 - value)).ln(),
        }
    }

    /// Back from the scale of the error: x, eˣ or 1 / (1 + e⁻ˣ).
    #[must_use]
    pub fn inverse_link(self, x: f64) -> f64 {
        match self {
            Self::Mean => x,
            Self::Rate => x.exp(),
            Self::Proportion => 1.0 / (1.0 + (-x).exp()),
        }
    }

    /// Derivative of the inverse link: 1, eˣ or p(1 − p).
    pub(super) fn steepness(self, x: f64) -> f64 {
        let value = self.inverse_link(x);
        match self {
            Self::Mean => 1.0,
            Self::Rate => value,
            Self::Proportion => value * (1.0 - value),
        }
    }

    /// Standard error on the scale of the error, from the limits of a value: (g(upper) − g(lower)) / 2z, z being the normal quantile of
    /// the limits' own confidence (the package knows 95 % only).
    ///
    /// `None` where the limits lie outside the kind's range or in the wrong order, and for a confidence outside (0, 1).
    #[must_use]
    pub fn error_of_limits(self, limits: Limits, confidence: f64) -> Option<f64> {
        let z = quantile::t(f64::midpoint(1.0, confidence), f64::INFINITY)?;
        let error = (self.link(limits.upper) - self.link(limits.lower)) / (2.0 * z);
        (z > 0.0 && error.is_finite() && error >= 0.0).then_some(error)
    }
}

/// A group's figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GroupFigure {
    /// Persons in the group, above 0.
    pub population: f64,
    /// The value, of the kind's unit.
    pub value: f64,
    /// Standard error of the value on the scale of the error: of y, ln y or logit y ([`ValueKind::error_of_limits`]).
    pub error: f64,
}

/// How an index is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IndexMethod {
    /// What the values are.
    pub kind: ValueKind,
    /// Whether the line goes through the transformed values and is transformed back at its ends. For a mean this changes nothing.
    pub transform: bool,
    /// Factor of the SII and its limits. A negative one turns the outcome round: the RII becomes bottom divided by top.
    pub multiplier: f64,
    /// Confidence level of the limits, in (0, 1).
    pub confidence: f64,
}

/// Slope index and relative index of inequality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InequalityIndex {
    /// Top minus bottom of the line, times the multiplier.
    pub sii: f64,
    /// Limits of the SII; `None` where no group has an error above zero, where an error or the confidence is out of range and where a
    /// rate or proportion lies on the bound of its range; and for untransformed rates with errors above about ½.
    pub sii_limits: Option<Limits>,
    /// Top divided by bottom, or bottom by top with a negative multiplier. `None` where one of them is not positive.
    pub rii: Option<f64>,
    /// Limits of the RII; `None` where those of the SII are, where there is no RII, and for untransformed rates and proportions where
    /// the divisor may be negative (probability above one in a million).
    pub rii_limits: Option<Limits>,
    /// Bottom of the line, transformed back, in the unit of the values; the multiplier does not touch it.
    pub intercept: f64,
}

/// Slope index and relative index of `groups`, worst-off first.
///
/// Untransformed: SII = slope, RII = line at 1 / line at 0. Transformed, with f the line through ln y or logit y and h its inverse:
/// SII = h(f(1)) − h(f(0)), RII = h(f(1)) / h(f(0)). Limits: [`super::inequality_limits`]. For a multiplier between 0 and 1 the
/// package swaps the limits of transformed rates, which is a slip; here they are swapped below 0 only.
/// Its limits of the SII of transformed rates turn the line about its estimate at b = ½ and leave the error of that height out; ours
/// have the errors of slope and height with their covariance. In the cases at hand its limits are 2 to 7 % wider, and equal to its
/// rule applied to our limits of the RII (tests/oracle/phe_inequality.rs).
///
/// `None` with fewer than two groups, where a population is not positive, where a value or the multiplier is not finite, and where
/// values are to be transformed that lie outside the kind's range.
#[must_use]
pub fn inequality_index(groups: &[GroupFigure], method: IndexMethod) -> Option<InequalityIndex> {
    let IndexMethod { kind, transform, multiplier, confidence } = method;
    let line = Line::new(&groups.iter().map(|group| group.population).collect::<Vec<f64>>())?;
    let scaled = |group: &GroupFigure| if transform { kind.link(group.value) } else { group.value };
    let values: Vec<f64> = groups.iter().map(scaled).collect();
    if !multiplier.is_finite() || !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    let (bottom, top) = (combine(&line.bottom, &values), combine(&line.top, &values));
    let back = |x: f64| if transform { kind.inverse_link(x) } else { x };
    let (intercept, end) = (back(bottom), back(top));
    // Untransformed, the slope itself has the fewer roundings.
    let difference = if transform && kind != ValueKind::Mean { end - intercept } else { combine(&line.slope, &values) };
    let ratio = if multiplier < 0.0 { intercept / end } else { end / intercept };
    let rii = (intercept > 0.0 && end > 0.0 && ratio.is_finite()).then_some(ratio);
    let sii = multiplier * difference;
    if !sii.is_finite() {
        return None;
    }
    let errors: Vec<GroupError> =
        groups.iter().map(|group| GroupError { center: kind.link(group.value), error: group.error }).collect();
    let basis = LimitsBasis { kind, transform, invert: multiplier < 0.0, confidence };
    let (sii_limits, rii_limits) = index_limits(&line, &errors, basis);
    let times = |limits: Limits| {
        let (a, b) = (multiplier * limits.lower, multiplier * limits.upper);
        Limits { lower: a.min(b), upper: a.max(b) }
    };
    Some(InequalityIndex { sii, sii_limits: sii_limits.map(times), rii, rii_limits: rii.and(rii_limits), intercept })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-6 * wanted.abs(), "{found} {wanted}");
    }

    /// Two groups with 40 and 60 % of the people: midpoints 0.2 and 0.7, so the slope is (y₂ − y₁)/0.5 and the line passes both
    /// values: at 0 it is 1.4y₁ − 0.4y₂, at 1 it is 1.6y₂ − 0.6y₁.
    fn index(kind: ValueKind, transform: bool, multiplier: f64, groups: [(f64, f64); 2]) -> Option<InequalityIndex> {
        let [first, second] = groups;
        let figure = |population, (value, error)| GroupFigure { population, value, error };
        let method = IndexMethod { kind, transform, multiplier, confidence: 0.95 };
        inequality_index(&[figure(400.0, first), figure(600.0, second)], method)
    }

    /// The limits are those of tests/oracle/make_inequality.R, which integrates with R's `integrate` over the first group or the
    /// bottom of the line, or has a closed form.
    fn limits(found: Option<Limits>, lower: f64, upper: f64) {
        let found = found.unwrap();
        close(found.lower, lower);
        close(found.upper, upper);
    }

    /// SII 2·(8 − 10) = −4, bottom 14 − 3.2 = 10.8, top 12.8 − 6 = 6.8.
    #[test]
    fn means_by_hand() {
        let found = index(ValueKind::Mean, false, 1.0, [(10.0, 0.5), (8.0, 0.6)]).unwrap();
        close(found.sii, -4.0);
        close(found.rii.unwrap(), 6.8 / 10.8);
        close(found.intercept, 10.8);
        limits(found.sii_limits, -7.061_561_615_008_534, -0.938_438_384_991_466);
        // Fieller's limits: the bottom is above 0 for sure.
        limits(found.rii_limits, 0.409_991_013_157_989, 0.901_937_198_571_879);
        let turned = index(ValueKind::Mean, true, -10.0, [(10.0, 0.5), (8.0, 0.6)]).unwrap();
        close(turned.sii, 40.0);
        close(turned.rii.unwrap(), 10.8 / 6.8);
        limits(turned.sii_limits, 9.384_383_849_914_66, 70.615_616_150_085_34);
        limits(turned.rii_limits, 1.108_724_644_668_60, 2.439_077_852_700_77);
    }

    #[test]
    fn rates_and_proportions_by_integration() {
        let found = index(ValueKind::Rate, false, 1.0, [(10.0, 0.1), (8.0, 0.2)]).unwrap();
        close(found.sii, -4.0);
        limits(found.sii_limits, -10.796_293_263_358_05, 4.413_084_324_241_12);
        limits(found.rii_limits, 0.189_184_595_605_953, 1.530_992_689_460_573);
        let found = index(ValueKind::Proportion, false, 1.0, [(0.3, 0.1), (0.2, 0.2)]).unwrap();
        close(found.intercept, 0.34);
        close(found.rii.unwrap(), 0.14 / 0.34);
        limits(found.sii_limits, -0.340_745_002_638_463, -0.039_747_354_693_319);
        limits(found.rii_limits, 0.124_607_601_022_330, 0.862_618_203_497_753);
    }

    #[test]
    fn transformed_lines_by_integration() {
        let found = index(ValueKind::Rate, true, 1.0, [(10.0, 0.1), (8.0, 0.2)]).unwrap();
        close(found.sii, -3.936_103_466_195_8);
        // exp(2·(ln 8 − ln 10)) = 0.64
        close(found.rii.unwrap(), 0.64);
        limits(found.sii_limits, -10.659_934_212_687_9, 4.535_284_698_522_88);
        limits(found.rii_limits, 0.266_385_800_488_785, 1.537_619_494_914_648);
        let found = index(ValueKind::Proportion, true, 1.0, [(0.3, 0.1), (0.2, 0.2)]).unwrap();
        close(found.sii, -0.193_921_700_531_583);
        close(found.rii.unwrap(), 0.441_349_620_387_976);
        close(found.intercept, 0.347_125_335_645_988);
        limits(found.sii_limits, -0.322_179_228_564_424, -0.039_553_669_631_203);
        limits(found.rii_limits, 0.217_960_164_823_17, 0.863_397_607_515_31);
    }

    #[test]
    fn what_cannot_be_computed_is_none() {
        let method = IndexMethod { kind: ValueKind::Rate, transform: true, multiplier: 1.0, confidence: 0.95 };
        assert_eq!(inequality_index(&[], method), None);
        assert_eq!(inequality_index(&[GroupFigure { population: 1.0, value: 1.0, error: 1.0 }], method), None);
        assert_eq!(index(ValueKind::Rate, true, 1.0, [(0.0, 0.1), (8.0, 0.2)]), None);
        assert_eq!(index(ValueKind::Mean, false, f64::NAN, [(1.0, 0.1), (8.0, 0.2)]), None);
        // Untransformed, a rate of 0 has indices and no limits; so have figures without error.
        let found = index(ValueKind::Rate, false, 1.0, [(8.0, 0.1), (0.0, 0.2)]).unwrap();
        close(found.sii, -16.0);
        assert_eq!((found.sii_limits, found.rii, found.rii_limits), (None, None, None));
        let found = index(ValueKind::Mean, false, 1.0, [(10.0, 0.0), (8.0, 0.0)]).unwrap();
        assert_eq!((found.sii_limits, found.rii_limits), (None, None));
        // One group without error is no obstacle: f(1)/f(0) = (12.8 − 0.6y)/(1.4y − 3.2) falls with y, so its limits are those of y.
        let found = index(ValueKind::Mean, false, 1.0, [(10.0, 0.5), (8.0, 0.0)]).unwrap();
        let at = |y: f64| (12.8 - 0.6 * y) / (1.4 * y - 3.2);
        let half = 0.5 * 1.959_963_984_540_05;
        limits(found.rii_limits, at(10.0 + half), at(10.0 - half));
    }

    /// ln 6.183 − ln 5.615 over 2·1.95996; a 99.8 % interval of the same figure gives the same error.
    #[test]
    fn an_error_from_limits() {
        let error =
            |kind: ValueKind, lower, upper, confidence| kind.error_of_limits(Limits { lower, upper }, confidence);
        close(error(ValueKind::Mean, 72.0, 79.0, 0.95).unwrap(), 3.5 / 1.959_963_984_540_05);
        let wide = error(ValueKind::Rate, (-0.309_023_230_6_f64).exp(), 0.309_023_230_6_f64.exp(), 0.998).unwrap();
        close(wide, 0.1);
        assert_eq!(error(ValueKind::Rate, 0.0, 2.0, 0.95), None);
        assert_eq!(error(ValueKind::Proportion, 0.2, 1.0, 0.95), None);
        assert_eq!(error(ValueKind::Mean, 2.0, 1.0, 0.95), None);
        assert_eq!(error(ValueKind::Mean, 1.0, 2.0, 1.0), None);
    }
}
