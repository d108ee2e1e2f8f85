//! Standardised rates of counted events: the European Standard Population, direct and indirect standardisation.
//!
//! For counts of registers, whose populations are known. As PHEindicatormethods 2.1.1 gives them (`calculate_dsr`, `calculate_ISRatio`,
//! `calculate_ISRate`), but for the cases that each function names. Sources: Dobson, Kuulasmaa, Eberle and Scherer, *Statistics in
//! Medicine* 10 (1991), 457-462; Breslow and Day, *Statistical Methods in Cancer Research* II (1987), 69; Eurostat, *Revision of the
//! European Standard Population* (2013).

use super::Limits;
use super::count::poisson_limits;

/// A directly standardised rate of fewer events than this has no limits.
const FEWEST_EVENTS: f64 = 10.0;

/// European Standard Population 2013: first age, last age, persons. The last band, 95 and older, stands at its first age.
const ESP_2013: [(u32, u32, f64); 21] = [
    (0, 0, 1000.0),
    (1, 4, 4000.0),
    (5, 9, 5500.0),
    (10, 14, 5500.0),
    (15, 19, 5500.0),
    (20, 24, 6000.0),
    (25, 29, 6000.0),
    (30, 34, 6500.0),
    (35, 39, 7000.0),
    (40, 44, 7000.0),
    (45, 49, 7000.0),
    (50, 54, 7000.0),
    (55, 59, 6500.0),
    (60, 64, 6000.0),
    (65, 69, 5500.0),
    (70, 74, 5000.0),
    (75, 79, 4000.0),
    (80, 84, 2500.0),
    (85, 89, 1500.0),
    (90, 94, 800.0),
    (95, 95, 200.0),
];

/// Persons of the European Standard Population 2013 with ages from `from_age` to `to_age`, both included; `None` is an open end.
///
/// The whole standard has 100,000 persons; men and women have the same. Every year of age is an equal part of its band (1-4, then five
/// years each), which the standard itself does not say: 18 and 19 are two fifths of 15-19. The band of 95 and older is not cut: it
/// counts wholly where the ages hold 95, and not at all where they begin later. Adjoining ages thus add up to what they are together.
/// 0 where `to_age` is below `from_age`.
///
/// Source: Eurostat, *Revision of the European Standard Population* (2013).
#[must_use]
pub fn esp2013(from_age: u32, to_age: Option<u32>) -> f64 {
    let to_age = to_age.unwrap_or(u32::MAX);
    let part = |&(first, last, persons): &(u32, u32, f64)| {
        let (from, to) = (first.max(from_age), last.min(to_age));
        if from > to { 0.0 } else { persons * f64::from(to - from + 1) / f64::from(last - first + 1) }
    };
    ESP_2013.iter().map(part).sum()
}

/// Events and persons of a group, such as an age band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Counted {
    /// Events; may be a part of one after a recode.
    pub count: f64,
    /// Persons, or person-years.
    pub population: f64,
}

/// Events and persons of a group, with the persons of that group in the standard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CountGroup {
    /// Events; may be a part of one after a recode.
    pub count: f64,
    /// Persons, or person-years.
    pub population: f64,
    /// Persons of the standard; only their proportions matter.
    pub standard: f64,
}

/// A directly standardised rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standardised {
    /// Rate per person; the caller multiplies.
    pub value: f64,
    /// Standard error of the rate, for Poisson counts.
    pub se: f64,
    /// Events that the rate rests on.
    pub count: f64,
    /// Limits of the rate, at least 0; `None` below 10 events.
    pub limits: Option<Limits>,
}

/// An indirectly standardised ratio and rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indirect {
    /// Events observed.
    pub observed: f64,
    /// Events expected with the rates of the reference.
    pub expected: f64,
    /// Crude rate of the reference, per person.
    pub reference_rate: f64,
    /// Observed by expected, 1 being as the reference: the standardised mortality ratio of deaths.
    pub ratio: f64,
    /// Limits of the ratio.
    pub ratio_limits: Limits,
    /// Ratio times the crude rate of the reference, per person.
    pub rate: f64,
    /// Limits of the rate.
    pub rate_limits: Limits,
}

/// Whether a number of events or persons can be one.
fn is_amount(number: f64) -> bool {
    number.is_finite() && number >= 0.0
}

/// Whether the quantile of a two-sided interval is finite.
fn is_confidence(confidence: f64) -> bool {
    confidence > 0.0 && f64::midpoint(1.0, confidence) < 1.0
}

fn times(limits: Limits, factor: f64) -> Limits {
    Limits { lower: limits.lower * factor, upper: limits.upper * factor }
}

/// The rate that a standard population would have with the rates of these groups, with Dobson's limits.
///
/// Σ w·O/N over the groups, O events, N persons, w the group's part of the standard; variance Σ w²·O/N². Limits: rate +
/// √(variance/ΣO)·(L − ΣO), L being Byar's limits of ΣO. Unit: events per person (or person-year). `confidence` in (0, 1).
///
/// Events count as independent; several of one person make the limits too narrow (`calculate_dsr` has an option for those).
///
/// As `calculate_dsr`, with three differences. Below 10 events it gives nothing; here the value comes without limits, and whoever
/// shows it decides. Its lower limit can fall below 0 where few events in a small group weigh much; here it is 0 then. For ΣO it
/// takes the events of groups with standard 0 as well, which have no part in the rate; here such groups count for nothing.
///
/// `None` where a group of the standard has no population (its rate is unknown, and leaving it out would change the standard), where no
/// group has a standard, where a number is negative or not finite, and for a confidence outside (0, 1).
#[must_use]
pub fn direct_rate(groups: &[CountGroup], confidence: f64) -> Option<Standardised> {
    let sound = |g: &CountGroup| {
        is_amount(g.count)
            && is_amount(g.population)
            && is_amount(g.standard)
            && (g.population > 0.0 || g.standard <= 0.0)
    };
    if !is_confidence(confidence) || !groups.iter().all(sound) {
        return None;
    }
    let parts = || groups.iter().filter(|group| group.standard > 0.0);
    let standard: f64 = parts().map(|group| group.standard).sum();
    let count: f64 = parts().map(|group| group.count).sum();
    // What one event of the group adds to the rate.
    let weight = |group: &CountGroup| group.standard / standard / group.population;
    let value: f64 = parts().map(|group| weight(group) * group.count).sum();
    let variance: f64 = parts().map(|group| weight(group).powi(2) * group.count).sum();
    if standard <= 0.0 || !value.is_finite() || !variance.is_finite() {
        return None;
    }
    let limits = if count < FEWEST_EVENTS {
        None
    } else {
        let byar = poisson_limits(count, confidence)?;
        let limit = |of_count: f64| value + (variance / count).sqrt() * (of_count - count);
        Some(Limits { lower: limit(byar.lower).max(0.0), upper: limit(byar.upper) })
    };
    Some(Standardised { value, se: variance.sqrt(), count, limits })
}

/// Observed events by those expected with the rates of a reference, group by group, and that ratio as a rate.
///
/// Expected: Σ N·R/M over the groups, N persons here, R events and M persons of the reference. Ratio: ΣO/expected; rate:
/// ratio·ΣR/ΣM, per person. Limits: those of the Poisson count ΣO ([`poisson_limits`]: Byar's from 10 on, exact below), divided alike;
/// the reference counts as without error. Groups of the two lists belong together by place. Only the sum of the observed events
/// matters: where their groups are unknown, all may stand in one.
///
/// Unlike a direct rate, ratios of two regions are not comparable with each other when the ages differ: each is weighed by its own.
///
/// `None` where the lists differ in length, where a group with persons here has none in the reference, where nothing is expected, where
/// a number is negative or not finite, and for a confidence outside (0, 1).
#[must_use]
pub fn indirect(observed: &[Counted], reference: &[Counted], confidence: f64) -> Option<Indirect> {
    let sound = |group: &Counted| is_amount(group.count) && is_amount(group.population);
    let pairs = || observed.iter().zip(reference);
    if !is_confidence(confidence)
        || observed.len() != reference.len()
        || !observed.iter().chain(reference).all(sound)
        || pairs().any(|(here, there)| here.population > 0.0 && there.population <= 0.0)
    {
        return None;
    }
    let populated = pairs().filter(|(here, _)| here.population > 0.0);
    let expected: f64 = populated.map(|(here, there)| there.count / there.population * here.population).sum();
    let events: f64 = observed.iter().map(|group| group.count).sum();
    let reference_events: f64 = reference.iter().map(|group| group.count).sum();
    let reference_persons: f64 = reference.iter().map(|group| group.population).sum();
    let (ratio, reference_rate) = (events / expected, reference_events / reference_persons);
    if expected <= 0.0 || !expected.is_finite() || !ratio.is_finite() || !reference_rate.is_finite() {
        return None;
    }
    let ratio_limits = times(poisson_limits(events, confidence)?, 1.0 / expected);
    Some(Indirect {
        observed: events,
        expected,
        reference_rate,
        ratio,
        ratio_limits,
        rate: ratio * reference_rate,
        rate_limits: times(ratio_limits, reference_rate),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1e-3), "{found} {wanted}");
    }

    fn group(count: f64, population: f64, standard: f64) -> CountGroup {
        CountGroup { count, population, standard }
    }

    fn counted(count: f64, population: f64) -> Counted {
        Counted { count, population }
    }

    /// From the table of the standard: 18-19 is 2/5 of 5,500; 1-17 is 4,000 + 5,500 + 5,500 + 3/5 of 5,500; 65 and older is
    /// 5,500 + 5,000 + 4,000 + 2,500 + 1,500 + 800 + 200.
    #[test]
    fn the_standard_is_cut_by_age() {
        close(esp2013(0, None), 100_000.0);
        close(esp2013(0, Some(0)), 1_000.0);
        close(esp2013(18, Some(19)), 2_200.0);
        close(esp2013(1, Some(17)), 18_300.0);
        close(esp2013(65, None), 19_500.0);
        close(esp2013(90, Some(94)), 800.0);
        close(esp2013(85, Some(95)), 2_500.0);
        close(esp2013(95, Some(95)), 200.0);
        close(esp2013(96, None), 0.0);
        close(esp2013(40, Some(39)), 0.0);
        close(esp2013(u32::MAX, Some(u32::MAX)), 0.0);
        for cut in 0..120 {
            close(esp2013(0, Some(cut)) + esp2013(cut + 1, None), 100_000.0);
        }
    }

    /// 0.6·30/1000 + 0.4·60/3000 = 0.018 + 0.008; variance 30·(0.6/1000)² + 60·(0.4/3000)² = 1.08e-5 + 1.0667e-6. R 4.2, with
    /// `o <- 90; z <- qnorm(.975); bl <- o*(1-1/(9*o)-z/(3*sqrt(o)))^3; bu <- (o+1)*(1-1/(9*(o+1))+z/(3*sqrt(o+1)))^3`:
    /// `.026 + sqrt(v/o)*(c(bl, bu) - o)`, and `sqrt(v)`.
    #[test]
    fn a_direct_rate_weighs_groups_by_the_standard() {
        let found = direct_rate(&[group(30.0, 1000.0, 60.0), group(60.0, 3000.0, 40.0)], 0.95).unwrap();
        close(found.value, 0.026);
        close(found.se, 0.003_444_802_848_737_02);
        close(found.limits.unwrap().lower, 0.019_597_797_571_106_18);
        close(found.limits.unwrap().upper, 0.033_489_759_703_668_19);
        close(found.count, 90.0);
    }

    /// A population made like the standard: w = N/ΣN, so the rate is ΣO/ΣN and √(variance/ΣO) is 1/ΣN.
    #[test]
    fn a_population_like_the_standard_has_its_crude_rate() {
        let found =
            direct_rate(&[group(5.0, 100.0, 2.0), group(7.0, 50.0, 1.0), group(0.0, 150.0, 3.0)], 0.998).unwrap();
        let byar = poisson_limits(12.0, 0.998).unwrap();
        close(found.value, 12.0 / 300.0);
        close(found.limits.unwrap().lower, byar.lower / 300.0);
        close(found.limits.unwrap().upper, byar.upper / 300.0);
    }

    /// 0.5·1/10 + 0.5·9/1,000,000; R gives -0.0324131534849336 and 0.182685110485763 for the limits.
    #[test]
    fn a_lower_limit_stays_at_0() {
        let found = direct_rate(&[group(1.0, 10.0, 50.0), group(9.0, 1e6, 50.0)], 0.95).unwrap();
        close(found.value, 0.050_004_5);
        assert_eq!(found.limits.unwrap().lower, 0.0);
        close(found.limits.unwrap().upper, 0.182_685_110_485_763_2);
    }

    #[test]
    fn few_events_have_a_value_without_limits() {
        let nine = direct_rate(&[group(9.0, 90.0, 1.0), group(0.0, 10.0, 1.0)], 0.95).unwrap();
        close(nine.value, 0.05);
        assert_eq!(nine.limits, None);
        let none = direct_rate(&[group(0.0, 90.0, 1.0)], 0.95).unwrap();
        assert_eq!((none.value, none.se, none.limits), (0.0, 0.0, None));
        // Nine of the ten events lie outside the standard.
        let found = direct_rate(&[group(1.0, 10.0, 1.0), group(9.0, 10.0, 0.0)], 0.95).unwrap();
        assert_eq!((found.value, found.count, found.limits), (0.1, 1.0, None));
    }

    #[test]
    fn what_has_no_direct_rate() {
        let one = group(20.0, 100.0, 1.0);
        assert!(direct_rate(&[one, group(0.0, 0.0, 0.0)], 0.95).is_some());
        let wrong = [
            group(0.0, 0.0, 1.0),
            group(f64::NAN, 1.0, 1.0),
            group(-1.0, 1.0, 1.0),
            group(1.0, f64::INFINITY, 1.0),
            group(1.0, 1.0, -1.0),
        ];
        for wrong in wrong {
            assert_eq!(direct_rate(&[one, wrong], 0.95), None, "{wrong:?}");
        }
        assert_eq!(direct_rate(&[], 0.95), None);
        assert_eq!(direct_rate(&[group(20.0, 100.0, 0.0)], 0.95), None);
        for confidence in [0.0, 1.0, 1.0 - f64::EPSILON / 2.0, f64::NAN, 95.0] {
            assert_eq!(direct_rate(&[one], confidence), None);
            assert_eq!(indirect(&[counted(1.0, 1.0)], &[counted(1.0, 1.0)], confidence), None);
        }
    }

    /// Expected 100·10/1000 + 200·40/2000 = 5; 8/5 = 1.6; crude rate of the reference 50/3000. R 4.2: `qchisq(.025, 16)/2` is
    /// 3.4538321767485, `qchisq(.975, 18)/2` is 15.7631892201933.
    #[test]
    fn an_indirect_ratio_compares_with_the_expected() {
        let reference = [counted(10.0, 1000.0), counted(40.0, 2000.0)];
        let found = indirect(&[counted(3.0, 100.0), counted(5.0, 200.0)], &reference, 0.95).unwrap();
        close(found.observed, 8.0);
        close(found.expected, 5.0);
        close(found.ratio, 1.6);
        close(found.rate, 1.6 / 60.0);
        close(found.ratio_limits.lower, 3.453_832_176_748_5 / 5.0);
        close(found.ratio_limits.upper, 15.763_189_220_193_3 / 5.0);
        close(found.rate_limits.lower, 3.453_832_176_748_5 / 300.0);
        close(found.rate_limits.upper, 15.763_189_220_193_3 / 300.0);
        let itself = indirect(&reference, &reference, 0.95).unwrap();
        close(itself.ratio, 1.0);
        close(itself.rate, 1.0 / 60.0);
    }

    #[test]
    fn what_has_no_indirect_ratio() {
        let reference = [counted(10.0, 1000.0), counted(0.0, 0.0)];
        assert!(indirect(&[counted(3.0, 100.0), counted(0.0, 0.0)], &reference, 0.95).is_some());
        assert_eq!(indirect(&[counted(3.0, 100.0), counted(0.0, 1.0)], &reference, 0.95), None);
        assert_eq!(indirect(&[counted(3.0, 100.0)], &reference, 0.95), None);
        assert_eq!(indirect(&[counted(3.0, 0.0), counted(0.0, 0.0)], &reference, 0.95), None);
        assert_eq!(indirect(&[counted(3.0, 1.0)], &[counted(0.0, 10.0)], 0.95), None);
        assert_eq!(indirect(&[counted(-3.0, 1.0)], &[counted(1.0, 10.0)], 0.95), None);
        assert_eq!(indirect(&[], &[], 0.95), None);
    }
}
