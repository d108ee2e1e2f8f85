//! How exactly what is shown is published.
//!
//! Exact numbers give more back than they say: a share to a whole per cent beside its n gives the number who said yes for every n up to 100; a standard
//! error, an interval, a design effect or degrees of freedom give n. So where the policy declares a precision for a level
//!
//! - n is rounded down to a multiple of the base, and standard errors and limits are widened to those of a sample of that n: turned round
//!   they give the rounded n and nothing else;
//! - shares and means are rounded to their step, limits outwards, so that an interval keeps what it holds;
//! - columns that the policy hides are left out.

use serde::{Deserialize, Serialize};

use super::{Comparison, Figure, Trend};
use crate::declare::PrecisionRule;
use crate::vocab::{HiddenColumn, IntervalMethod, Reason, Statistic, Status, Unit};

/// Columns that are left out of a figure although they could be computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// `n`.
    pub n: bool,
    /// `n_class`.
    pub n_class: bool,
    /// `n_effective`.
    pub n_effective: bool,
}

/// Standard errors are published to a tenth of the step of their value.
const SE_STEPS: f64 = 10.0;
/// Significant digits of slopes.
const SLOPE_DIGITS: i32 = 2;
/// Step of p-values.
const P_STEP: f64 = 0.001;

/// A multiple of a step; exact for steps such as 0.01, of which a whole number makes one.
fn on_steps(value: f64, step: f64, round: impl Fn(f64) -> f64) -> f64 {
    let parts = (1.0 / step).round();
    // A value that lies on a step up to the error of its last bit does not go to the next one.
    let snapped = |steps: f64| if (steps - steps.round()).abs() < 1e-9 { steps.round() } else { round(steps) };
    if parts >= 1.0 && (parts * step - 1.0).abs() < 1e-9 {
        snapped(value * parts) / parts
    } else {
        snapped(value / step) * step
    }
}

/// The step of a number of a unit; `None` for as computed.
fn step_of(rule: &PrecisionRule, unit: Unit) -> Option<f64> {
    match unit {
        Unit::Share => rule.share,
        Unit::Mean => rule.mean,
        // Ratios of shares: as exact as shares are relative to 1.
        Unit::Index => rule.share,
        Unit::Count | Unit::Per1000 | Unit::Per100000 => None,
    }
}

/// A value of a unit as a level publishes it.
pub(super) fn published_value(rule: &PrecisionRule, unit: Unit, value: f64) -> f64 {
    step_of(rule, unit).map_or(value, |step| on_steps(value, step, f64::round))
}

impl Figure {
    /// As the policy of its level publishes it; `of_parameter` is the unit of its parameter.
    pub(super) fn rounded(&mut self, rule: &PrecisionRule, of_parameter: Unit) {
        let hides = |column| rule.hidden.contains(&column);
        self.hidden = Hidden {
            n: hides(HiddenColumn::N),
            n_class: hides(HiddenColumn::NClass),
            n_effective: hides(HiddenColumn::NEffective),
        };
        let exact = self.n;
        self.n = exact.map(|n| down(n, rule.count));
        // A sample of the published n would have these errors.
        let wider = exact.zip(self.n).map_or(1.0, |(n, published)| (n as f64 / published.max(1) as f64).sqrt());
        if hides(HiddenColumn::Deff) {
            self.deff = None;
        }
        if hides(HiddenColumn::Df) {
            self.df = None;
        }
        let unit = self.statistic.unit(of_parameter);
        let share = unit == Unit::Share;
        // Ranks are whole numbers, and say nothing of n.
        if let (Some(value), Some(step)) = (self.value, step_of(rule, unit))
            && self.statistic != Statistic::Rank
        {
            let within =
                |limit: f64| if share && self.statistic == Statistic::Crude { limit.clamp(0.0, 1.0) } else { limit };
            self.value = Some(on_steps(value, step, f64::round));
            self.se = self.se.map(|se| on_steps(se * wider, step / SE_STEPS, f64::ceil));
            self.lower = self.lower.map(|lower| within(on_steps(value - (value - lower) * wider, step, f64::floor)));
            self.upper = self.upper.map(|upper| within(on_steps(value + (upper - value) * wider, step, f64::ceil)));
        }
        if hides(HiddenColumn::Se) {
            self.se = None;
        }
        if hides(HiddenColumn::Limits) {
            (self.lower, self.upper, self.confidence, self.interval_method) = (None, None, None, None);
        }
        // Clopper and Pearson's limits stand where everybody or nobody said yes: their width is n alone.
        if self.interval_method == Some(IntervalMethod::ClopperPearson) && hides(HiddenColumn::N) {
            (self.lower, self.upper, self.confidence, self.interval_method) = (None, None, None, None);
        }
    }
}

/// A whole number rounded down to a multiple.
const fn down(n: i64, base: u64) -> i64 {
    let base = base as i64;
    n / base * base
}

impl Comparison {
    /// As the policy of its level publishes it.
    pub(super) fn rounded(&mut self, rule: &PrecisionRule, unit: Unit) {
        if rule.hidden.contains(&HiddenColumn::Df) {
            self.df = None;
        }
        let Some(step) = step_of(rule, unit) else { return };
        self.difference = self.difference.map(|own| on_steps(own, step, f64::round));
        self.se = self.se.map(|se| on_steps(se, step / SE_STEPS, f64::ceil));
        self.lower = self.lower.map(|lower| on_steps(lower, step, f64::floor));
        self.upper = self.upper.map(|upper| on_steps(upper, step, f64::ceil));
        // Down, so that a p below alpha does not come to lie on it beside its verdict.
        for p in [&mut self.p_test, &mut self.p_difference, &mut self.p_adjusted] {
            *p = p.map(|p| on_steps(p, P_STEP, f64::floor));
        }
        self.probability_higher = self.probability_higher.map(|p| on_steps(p, P_STEP, f64::round));
        if rule.hidden.contains(&HiddenColumn::Se) {
            self.se = None;
        }
        if rule.hidden.contains(&HiddenColumn::Limits) {
            (self.lower, self.upper) = (None, None);
        }
    }
}

impl Trend {
    /// As the policy of its level publishes it.
    pub(super) fn rounded(&mut self, rule: &PrecisionRule, unit: Unit) {
        let Some(step) = step_of(rule, unit) else { return };
        self.slope = self.slope.map(significant);
        self.se = self.se.map(significant).filter(|_| !rule.hidden.contains(&HiddenColumn::Se));
        self.p = self.p.map(|p| on_steps(p, P_STEP, f64::floor));
        if let Some(change) = &mut self.change {
            change.difference = on_steps(change.difference, step, f64::round);
            change.se = on_steps(change.se, step / SE_STEPS, f64::ceil);
            change.limits.lower = on_steps(change.limits.lower, step, f64::floor);
            change.limits.upper = on_steps(change.limits.upper, step, f64::ceil);
        }
    }
}

/// A number to so many significant digits.
fn significant(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let digits = SLOPE_DIGITS - 1 - value.abs().log10().floor() as i32;
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

/// What a public release says of why a figure is withheld: that it is.
pub(super) fn merged(status: Status, reason: Option<Reason>) -> Option<Reason> {
    if status == Status::Suppressed { Some(Reason::Withheld) } else { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_to_the_nearest_step_and_limits_outwards() {
        assert_eq!(on_steps(0.245, 0.01, f64::round), 0.25);
        assert_eq!(on_steps(0.3, 0.01, f64::floor), 0.3);
        assert_eq!(on_steps(0.3, 0.1, f64::ceil), 0.3);
        assert_eq!(on_steps(0.291, 0.01, f64::ceil), 0.3);
        assert_eq!(on_steps(7.3, 0.5, f64::round), 7.5);
        assert_eq!(on_steps(7.3, 3.0, f64::round), 6.0);
        assert_eq!((down(54, 5), down(50, 5), down(4, 5)), (50, 50, 0));
        assert_eq!((significant(0.012_34), significant(-123.0), significant(0.0)), (0.012, -120.0, 0.0));
    }
}
