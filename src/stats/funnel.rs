//! Control limits of a funnel plot: between which figures a region is expected to lie when only chance sets it apart.
//!
//! Spiegelhalter, *Statistics in Medicine* 24 (2005), 1185-1202. A region is outside exactly where its own interval leaves out the
//! reference, so that a funnel and the Wilson or Byar interval of the same confidence never contradict each other; a logit interval may. For shares and rates
//! that is also what PHEindicatormethods does (`calculate_funnel_limits`, `assign_funnel_significance`).
//!
//! What the limits do not do: they leave no room for differences between regions beyond chance (overdispersion), they do not take out
//! that a region is a part of its own reference, and they judge one region: of 1,000 regions like the reference some 50 lie outside the
//! limits of 95 % and some 2 outside those of 99.8 %.

use statrs::function::gamma::{checked_gamma_lr, checked_gamma_ur};

use super::Limits;
use super::count::poisson_limits;
use super::quantile;

/// Where [`poisson_limits`] goes from exact limits to Byar's.
const EXACT_BELOW: f64 = 10.0;

/// Where a figure lies with regard to control limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// Below the lower limit.
    Low,
    /// Between the limits or on one.
    Within,
    /// Above the upper limit.
    High,
}

impl Outside {
    /// The place of a figure, of the unit of the limits; `None` where one of the numbers is not a number.
    #[must_use]
    pub fn of(value: f64, limits: Limits) -> Option<Self> {
        if value.is_nan() || limits.lower.is_nan() || limits.upper.is_nan() {
            return None;
        }
        Some(match (value < limits.lower, value > limits.upper) {
            (true, _) => Self::Low,
            (false, true) => Self::High,
            (false, false) => Self::Within,
        })
    }
}

/// The normal quantile of a two-sided interval; `None` for a confidence outside (0, 1).
fn z(confidence: f64) -> Option<f64> {
    if confidence > 0.0 { quantile::t(f64::midpoint(1.0, confidence), f64::INFINITY) } else { None }
}

/// Limits for the share of a region with `n` persons: p ∓ z·√(p(1−p)/n), kept within [0, 1]; p the reference, in [0, 1].
///
/// The test of Wilson's score interval turned around: a count x lies outside exactly where the limits of
/// [`wilson_limits`](super::count::wilson_limits) for x of n leave out p. `calculate_funnel_limits` for a proportion is the same in a
/// longer form. Spiegelhalter's exact limits are binomial quantiles, interpolated between counts; they differ by less than one
/// person. That matters where n·p or n·(1−p) is below 5: of regions with 50 persons and p 0.02, 7.8 % have 3 or more and lie above
/// the limits of 95 %.
///
/// `n` may be an effective size and a part of one. `None` where p is outside [0, 1], n is not positive and finite, or the confidence
/// is outside (0, 1).
#[must_use]
pub fn share_limits(reference: f64, n: f64, confidence: f64) -> Option<Limits> {
    let z = z(confidence)?;
    if !((0.0..=1.0).contains(&reference) && n.is_finite() && n > 0.0) {
        return None;
    }
    let half = z * (reference * (1.0 - reference) / n).sqrt();
    Some(Limits { lower: (reference - half).max(0.0), upper: (reference + half).min(1.0) })
}

/// Limits for the rate of a region, per person: counts whose own limits just touch the expected count, divided by the population.
///
/// E = reference·population is expected. The lower limit is the count with upper limit E, the upper one the count with lower limit E,
/// both by [`poisson_limits`]: exact below 10 events, Byar's from there on. A count between two whole ones stands for a rate between
/// two possible rates. The lower limit is 0 where even no event at all is not remarkable: e^(−E) not below (1 − confidence)/2.
///
/// `assign_funnel_significance` judges a rate in this way. `calculate_funnel_limits` draws the line with exact limits at all counts;
/// from 10 events on it differs from ours by at most 0.012 event at 95 % and 0.09 at 99.8 %. Spiegelhalter's interpolated Poisson
/// quantile is up to a quarter event lower below, and 0.9 to 1 event lower above: there a count on the limit is outside already.
///
/// `None` where the reference is negative or not finite, the population is not positive and finite, or the confidence is outside
/// (0, 1).
#[must_use]
pub fn rate_limits(reference: f64, population: f64, confidence: f64) -> Option<Limits> {
    // A confidence so near to 1 that its quantile is infinite is refused here.
    z(confidence)?;
    let expected = reference * population;
    if !(reference >= 0.0 && population > 0.0 && population.is_finite() && expected.is_finite()) {
        return None;
    }
    let counts = count_limits(expected, confidence)?;
    Some(Limits { lower: counts.lower / population, upper: counts.upper / population })
}

/// The counts that lie on the limits around an expected count.
fn count_limits(expected: f64, confidence: f64) -> Option<Limits> {
    if expected <= 0.0 {
        return Some(Limits { lower: 0.0, upper: 0.0 });
    }
    let tail = f64::midpoint(1.0, -confidence);
    let at_ten = poisson_limits(EXACT_BELOW, confidence)?;
    // Of a Poisson count X with this expectation, for o between whole counts as well: P(X ≤ o) and P(X ≥ o) are below the tail.
    let rarely_so_few = |o: f64| checked_gamma_ur(o + 1.0, expected).is_ok_and(|p| p < tail);
    let rarely_so_many = |o: f64| checked_gamma_lr(o, expected).is_ok_and(|p| p <= tail);
    let lower = if (-expected).exp() >= tail {
        0.0
    } else if expected > at_ten.upper {
        crossing(EXACT_BELOW, expected, |o| poisson_limits(o, confidence).is_some_and(|own| own.upper < expected))
    } else {
        crossing(0.0, EXACT_BELOW, rarely_so_few)
    };
    let upper = if expected >= at_ten.lower {
        let below = |o: f64| poisson_limits(o, confidence).is_some_and(|own| own.lower < expected);
        let mut high = expected.max(EXACT_BELOW);
        while high.is_finite() && below(high) {
            high *= 2.0;
        }
        crossing(EXACT_BELOW, high, below)
    } else {
        crossing(0.0, EXACT_BELOW, |o| !rarely_so_many(o))
    };
    upper.is_finite().then_some(Limits { lower, upper })
}

/// Where a statement that holds from `low` on stops to hold, before `high`: halving until no double lies between.
fn crossing(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high || !middle.is_finite() {
            return high;
        }
        if holds(middle) { low = middle } else { high = middle }
    }
}

/// Limits for a survey figure with standard error `se`: reference ∓ z·se, in the unit of the figure.
///
/// Spiegelhalter's normal limits, the reference counting as without error. The standard error is the region's own, as its design gives
/// it. The limits of a share are not kept within [0, 1], for they only serve to judge. Where a standard error rests on few degrees of
/// freedom the limits are too narrow.
///
/// `None` where the reference is not finite, the standard error is not positive and finite (a share of 0 or 1 has 0 and cannot be
/// judged in this way), or the confidence is outside (0, 1).
#[must_use]
pub fn normal_limits(reference: f64, se: f64, confidence: f64) -> Option<Limits> {
    let half = z(confidence)? * se;
    (reference.is_finite() && se > 0.0 && half.is_finite())
        .then_some(Limits { lower: reference - half, upper: reference + half })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::count::wilson_limits;

    const CONFIDENCES: [f64; 3] = [0.8, 0.95, 0.998];

    fn close(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() <= tolerance * wanted.abs(), "{found} {wanted}");
    }

    /// 0.3 ∓ 1.959963984540054·√(0.21/84), √0.0025 being 0.05; 0.5 ∓ 3.090232306167813·0.05.
    #[test]
    fn limits_of_a_share() {
        let limits = share_limits(0.3, 84.0, 0.95).unwrap();
        close(limits.lower, 0.202_001_800_772_997, 1e-12);
        close(limits.upper, 0.397_998_199_227_003, 1e-12);
        let limits = share_limits(0.5, 100.0, 0.998).unwrap();
        close(limits.lower, 0.345_488_384_691_609, 1e-12);
        close(limits.upper, 0.654_511_615_308_391, 1e-12);
        assert_eq!(share_limits(0.02, 10.0, 0.95).unwrap().lower, 0.0);
        assert_eq!(share_limits(0.98, 10.0, 0.95).unwrap().upper, 1.0);
        assert_eq!(share_limits(0.0, 10.0, 0.95), Some(Limits { lower: 0.0, upper: 0.0 }));
    }

    /// PHEindicatormethods, `phe_funnels` in its own test data (testdata_funnel_prop_outputs.csv): baseline 80.642448 %, given with
    /// six decimals of a per cent.
    #[test]
    fn limits_of_a_share_are_those_of_phe() {
        let cases = [
            (3.0, [0.359_334_91, 1.0, 0.101_508_15, 1.0]),
            (18.0, [0.623_900_93, 0.988_948_03, 0.518_643_59, 1.0]),
            (1008.0, [0.782_033_74, 0.830_815_21, 0.767_968_14, 0.844_880_82]),
            (110_000.0, [0.804_089_63, 0.808_759_33, 0.802_743_17, 0.810_105_78]),
        ];
        for (n, wanted) in cases {
            let (inner, outer) =
                (share_limits(0.806_424_48, n, 0.95).unwrap(), share_limits(0.806_424_48, n, 0.998).unwrap());
            for (found, wanted) in [inner.lower, inner.upper, outer.lower, outer.upper].into_iter().zip(wanted) {
                assert!((found - wanted).abs() < 2e-8, "{n} {found} {wanted}");
            }
        }
    }

    /// Wilson's limits and the funnel's are two readings of one test.
    #[test]
    fn a_share_is_outside_where_its_interval_leaves_out_the_reference() {
        for confidence in CONFIDENCES {
            for n in [1, 7, 50, 333] {
                for reference in [0.003, 0.02, 0.1, 0.31, 0.5, 0.77, 0.999] {
                    let limits = share_limits(reference, f64::from(n), confidence).unwrap();
                    for x in 0..=n {
                        let own = wilson_limits(f64::from(x), f64::from(n), confidence).unwrap();
                        let wanted = match (reference > own.upper, reference < own.lower) {
                            (true, _) => Outside::Low,
                            (_, true) => Outside::High,
                            _ => Outside::Within,
                        };
                        let found = Outside::of(f64::from(x) / f64::from(n), limits);
                        assert_eq!(found, Some(wanted), "{x} of {n}, {reference}, {confidence}");
                    }
                }
            }
        }
    }

    /// R 4.2, with `bl` and `bu` Byar's limits of a count, `t <- (1 - c)/2`, tol 1e-13:
    /// `uniroot(function(o) if (o < 10) qgamma(1 - t, o + 1) - E else bu(o, c) - E, c(0, E))`, 0 where `exp(-E) >= t`, and
    /// `uniroot(function(o) if (o < 10) qgamma(t, o) - E else bl(o, c) - E, c(1e-3, 5*E + 30))`.
    #[test]
    fn limits_of_a_rate() {
        let cases = [
            (0.95, 0.5, 0.0, 2.715_690_892_455_02),
            (0.95, 3.0, 0.0, 7.294_287_991_380_64),
            (0.95, 5.0, 0.677_268_790_833_333, 10.307_525_969_430_31),
            (0.95, 8.76, 2.995_164_340_797_39, 15.495_501_862_753_74),
            (0.95, 25.0, 15.207_393_314_284_1, 35.748_299_772_453_4),
            (0.95, 1000.0, 937.998_726_566_737, 1_062.948_636_934_462),
            (0.998, 0.5, 0.0, 4.249_522_442_434_2),
            (0.998, 5.0, 0.0, 13.737_072_633_973_9),
            (0.998, 8.76, 0.779_692_612_917_439, 19.752_033_831_143_1),
            (0.998, 25.0, 10.553_324_226_360_2, 42.324_412_129_592),
            (0.998, 1000.0, 903.213_277_394_478, 1_099.637_202_550_779),
        ];
        for (confidence, expected, lower, upper) in cases {
            let limits = rate_limits(expected / 2000.0, 2000.0, confidence).unwrap();
            close(limits.lower * 2000.0, lower, 1e-10);
            close(limits.upper * 2000.0, upper, 1e-10);
        }
    }

    /// PHEindicatormethods, `phe_funnels` for rates in its own test data (testdata_funnel_rate_outputs.csv): baseline 116.1720835 per
    /// 100,000 and three years; its bisection stops at 1e-7. From 10 events on its line is exact and ours is Byar's.
    #[test]
    fn limits_of_a_rate_are_those_of_phe() {
        let lower = [
            (0.95, 1.0, 1_598.675_694, 20.850_591_19, 1e-6),
            (0.95, 9.0, 4_902.152_951, 61.197_600_93, 1e-6),
            (0.95, 99.0, 34_583.459_45, 95.421_338_77, 1e-4),
            (0.998, 5.0, 4_721.370_883, 35.300_481_74, 1e-6),
            (0.998, 99.0, 38_382.785_82, 85.976_041_86, 1e-3),
        ];
        let upper = [
            (0.95, 1.0, 7.264_481_402, 4_588.535_848, 1e-5),
            (0.95, 9.0, 1_180.827_018, 254.059_227_4, 1e-6),
            (0.95, 99.0, 23_087.108_48, 142.936_912_3, 1e-4),
            (0.998, 5.0, 212.148_48, 785.613_296_3, 1e-5),
            (0.998, 99.0, 20_393.923_15, 161.812_907_5, 1e-3),
        ];
        let found = |confidence, years: f64| rate_limits(116.172_083_5e-5, years * 3.0, confidence).unwrap();
        for (confidence, _, population, rate, tolerance) in lower {
            close(found(confidence, population).lower * 1e5, rate, tolerance);
        }
        for (confidence, _, population, rate, tolerance) in upper {
            close(found(confidence, population).upper * 1e5, rate, tolerance);
        }
    }

    /// Expected counts in steps of 0.037 up to 74, where the limits of whole counts do not fall.
    #[test]
    fn a_rate_is_outside_where_its_interval_leaves_out_the_reference() {
        for confidence in CONFIDENCES {
            let own: Vec<Limits> = (0..150).map(|x| poisson_limits(f64::from(x), confidence).unwrap()).collect();
            for step in 1..2000 {
                let expected = f64::from(step) * 0.037;
                let limits = rate_limits(expected, 1.0, confidence).unwrap();
                for (x, own) in (0..).zip(&own) {
                    let wanted = match (expected > own.upper, expected < own.lower) {
                        (true, _) => Outside::Low,
                        (_, true) => Outside::High,
                        _ => Outside::Within,
                    };
                    assert_eq!(Outside::of(f64::from(x), limits), Some(wanted), "{x}, {expected}, {confidence}");
                }
            }
        }
    }

    #[test]
    fn limits_of_a_survey_figure() {
        let limits = normal_limits(0.25, 0.01, 0.95).unwrap();
        close(limits.lower, 0.25 - 0.019_599_639_845_400_5, 1e-12);
        close(limits.upper, 0.25 + 0.019_599_639_845_400_5, 1e-12);
        assert_eq!(Outside::of(0.23, limits), Some(Outside::Low));
        assert_eq!(Outside::of(0.25, limits), Some(Outside::Within));
        assert_eq!(Outside::of(limits.upper, limits), Some(Outside::Within));
        assert_eq!(Outside::of(0.27, limits), Some(Outside::High));
        assert_eq!(Outside::of(f64::NAN, limits), None);
        for (reference, se) in [(0.2, 0.0), (0.2, -0.1), (0.2, f64::NAN), (f64::NAN, 0.1), (0.2, f64::INFINITY)] {
            assert_eq!(normal_limits(reference, se, 0.95), None);
        }
    }

    #[test]
    fn what_has_no_limits() {
        for confidence in [0.0, 1.0, -0.5, 95.0, f64::NAN, 1.0 - f64::EPSILON / 2.0] {
            assert_eq!(share_limits(0.5, 10.0, confidence), None);
            assert_eq!(rate_limits(0.5, 10.0, confidence), None);
            assert_eq!(normal_limits(0.5, 0.1, confidence), None);
        }
        for (reference, n) in [(-0.1, 10.0), (f64::NAN, 10.0), (0.5, 0.0), (0.5, -1.0), (0.5, f64::NAN)] {
            assert_eq!(share_limits(reference, n, 0.95), None);
            assert_eq!(rate_limits(reference, n, 0.95), None);
        }
        assert_eq!(share_limits(1.1, 10.0, 0.95), None);
        assert_eq!(share_limits(0.5, f64::INFINITY, 0.95), None);
        assert_eq!(rate_limits(f64::INFINITY, 1.0, 0.95), None);
    }

    #[test]
    fn extremes_end() {
        assert_eq!(rate_limits(0.0, 10.0, 0.95), Some(Limits { lower: 0.0, upper: 0.0 }));
        for confidence in [1e-9, 0.5, 0.95, 0.998, 1.0 - 1e-12] {
            for expected in [f64::MIN_POSITIVE, 1e-12, 0.1, 9.0, 10.0, 1e4, 1e12, 1e100] {
                let limits = rate_limits(expected, 1.0, confidence).unwrap();
                assert!(limits.lower >= 0.0 && limits.lower <= limits.upper, "{confidence} {expected} {limits:?}");
            }
        }
    }
}
