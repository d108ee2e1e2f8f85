//! Counts of registers → counts, rates and shares with their intervals.

use crate::stats::Limits;
use crate::stats::count::{poisson_limits, wilson_limits};
use crate::vocab::{IntervalMethod, Unit};

/// A count of events or persons, and of how many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Events or persons; a part of one only after a recode.
    pub count: f64,
    /// Persons, person-years or other units that could have the event; `None` where only the number is wanted.
    pub denominator: Option<f64>,
}

/// What a count gives in the unit of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountEstimate {
    /// Value in the unit.
    pub value: f64,
    /// Limits in the unit, and how they were made. None for a number: the register counts everybody, and the number is what it is.
    pub limits: Option<(Limits, IntervalMethod)>,
}

/// The estimate of a count in a unit; `None` where the denominator is missing or zero, and for units that a count cannot give.
///
/// - `count`: the number.
/// - `per_1000`, `per_100000`: count / denominator × 1,000 or 100,000, with Byar's limits of the count (exact Poisson limits below 10
///   events), divided by the denominator: `phe_rate` of PHEindicatormethods. Events may be more than persons.
/// - `share`: count / denominator in [0, 1] with Wilson's score limits: `phe_proportion`.
///
/// The interval says what chance alone could have made of the same risk; it is not an uncertainty of the count itself.
#[must_use]
pub fn count_estimate(counted: Counted, unit: Unit, confidence: f64) -> Option<CountEstimate> {
    let Counted { count, denominator } = counted;
    if unit == Unit::Count {
        return Some(CountEstimate { value: count, limits: None });
    }
    let denominator = denominator.filter(|denominator| *denominator > 0.0)?;
    let rate = |factor: f64| {
        let scale = |x: f64| x / denominator * factor;
        let limits = poisson_limits(count, confidence)?;
        let limits = Limits { lower: scale(limits.lower), upper: scale(limits.upper) };
        Some(CountEstimate { value: scale(count), limits: Some((limits, IntervalMethod::Byar)) })
    };
    match unit {
        Unit::Per1000 => rate(1_000.0),
        Unit::Per100000 => rate(100_000.0),
        Unit::Share => {
            let limits = wilson_limits(count, denominator, confidence)?;
            Some(CountEstimate { value: count / denominator, limits: Some((limits, IntervalMethod::Wilson)) })
        }
        Unit::Count | Unit::Mean | Unit::Index => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{found} {wanted}");
    }

    /// PHEindicatormethods 2.1.1, `phe_rate` and `phe_proportion` at 95 %: 65 of 100 per 100,000, and 65 of 100 as a share.
    #[test]
    fn rates_have_byar_and_shares_wilson_limits() {
        let counted = Counted { count: 65.0, denominator: Some(100.0) };
        let rate = count_estimate(counted, Unit::Per100000, 0.95).unwrap();
        let (limits, method) = rate.limits.unwrap();
        assert_eq!((rate.value, method), (65_000.0, IntervalMethod::Byar));
        let byar = |o: f64, z: f64| o * (1.0 - 1.0 / (9.0 * o) + z / (3.0 * o.sqrt())).powi(3) * 1000.0;
        let z = 1.959_963_984_540_054;
        close(limits.lower, byar(65.0, -z));
        close(limits.upper, byar(66.0, z));
        let share = count_estimate(counted, Unit::Share, 0.95).unwrap();
        let (limits, method) = share.limits.unwrap();
        assert_eq!((share.value, method), (0.65, IntervalMethod::Wilson));
        let root = z * (z * z + 4.0 * 65.0 * 0.35).sqrt();
        close(limits.lower, (130.0 + z * z - root) / (2.0 * (100.0 + z * z)));
        close(limits.upper, (130.0 + z * z + root) / (2.0 * (100.0 + z * z)));
    }

    #[test]
    fn a_number_has_no_interval_and_nobody_no_rate() {
        let none = Counted { count: 3.0, denominator: None };
        assert_eq!(count_estimate(none, Unit::Count, 0.95), Some(CountEstimate { value: 3.0, limits: None }));
        assert_eq!(count_estimate(none, Unit::Per1000, 0.95), None);
        let nobody = Counted { count: 0.0, denominator: Some(0.0) };
        assert_eq!(count_estimate(nobody, Unit::Share, 0.95), None);
    }
}
