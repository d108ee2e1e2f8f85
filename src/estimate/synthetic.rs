//! Synthetic estimates: what a national rate would give in a region.

use crate::declare::Rate;
use crate::stats::Limits;

/// Rate × base population, with the range of the rate where its source gives one.
///
/// The range carries the uncertainty of the national rate only. That the region differs from the country, which is the larger part,
/// nobody can say from these numbers: a synthetic figure never stands beside a measured one.
#[must_use]
pub fn synthetic(rate: &Rate, base: f64, significant_digits: Option<u8>) -> (f64, Option<Limits>) {
    let shown = |value: f64| significant_digits.map_or(value, |digits| rounded(value, digits));
    let limits = rate.range.map(|(lower, upper)| Limits { lower: shown(lower * base), upper: shown(upper * base) });
    (shown(rate.rate * base), limits)
}

/// A number with so many significant digits, such as 3,722 as 3,700: more would be a precision that a rule of thumb does not have.
fn rounded(value: f64, digits: u8) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return value;
    }
    let places = i32::from(digits) - 1 - value.log10().floor() as i32;
    // Dividing by whole powers of ten keeps whole numbers whole.
    if places >= 0 {
        (value * 10_f64.powi(places)).round() / 10_f64.powi(places)
    } else {
        (value / 10_f64.powi(-places)).round() * 10_f64.powi(-places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 27.9 % of 2,000 children are 558; a range of 25 to 31 % gives 500 to 620.
    #[test]
    fn a_rate_and_its_range_are_multiplied() {
        let rate = |range| Rate {
            rate: 0.279,
            range,
            confidence: None,
            year: 2022,
            source: String::new(),
            base: String::new(),
        };
        let (value, limits) = synthetic(&rate(Some((0.25, 0.31))), 2000.0, None);
        assert!((value - 558.0).abs() < 1e-9);
        assert_eq!(limits, Some(Limits { lower: 500.0, upper: 620.0 }));
        assert_eq!(synthetic(&rate(None), 0.0, Some(2)), (0.0, None));
    }

    #[test]
    fn a_rule_of_thumb_has_few_digits() {
        for (value, digits, shown) in [
            (3722.4, 2, 3700.0),
            (37.224, 2, 37.0),
            (3.722, 2, 3.7),
            (0.0372, 2, 0.037),
            (996.0, 2, 1000.0),
            (1_878_240.0, 2, 1_900_000.0),
            (558.0, 1, 600.0),
        ] {
            assert_eq!(rounded(value, digits), shown, "{value}");
        }
    }
}
