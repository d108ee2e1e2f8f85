//! Synthetic estimates: what a national rate would give in a region.

use crate::declare::Rate;
use crate::stats::Limits;

/// Rate × base population, with the range of the rate where its source gives one.
///
/// The range carries the uncertainty of the national rate only. That the region differs from the country, which is the larger part,
/// nobody can say from these numbers: a synthetic figure never stands beside a measured one.
#[must_use]
pub fn synthetic(rate: &Rate, base: f64) -> (f64, Option<Limits>) {
    let limits = rate.range.map(|(lower, upper)| Limits { lower: lower * base, upper: upper * base });
    (rate.rate * base, limits)
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
        let (value, limits) = synthetic(&rate(Some((0.25, 0.31))), 2000.0);
        assert!((value - 558.0).abs() < 1e-9);
        assert_eq!(limits, Some(Limits { lower: 500.0, upper: 620.0 }));
        assert_eq!(synthetic(&rate(None), 0.0), (0.0, None));
    }
}
