//! What must hold for every comparison: beside a slow twin in loops over rows, and under what should change nothing.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use wijkpeil::estimate::{Design, Difference, Domains, Relation, Side, Whole, difference, rao_scott};
use wijkpeil::stats::interval::upper_quantiles;
use wijkpeil::stats::rao_scott::RaoScott;
use wijkpeil::vocab::{DegreesOfFreedom, SinglePsu};

use super::{ANSWER, NUMBER, Person, REGIONS, Sample, Tallied, in_domain, known_y, sample, tallied};

const DF: DegreesOfFreedom = DegreesOfFreedom::Domain;

/// The side of a parameter, region and category.
fn side(own: &Tallied, (parameter, region, category): (usize, u32, Option<u8>)) -> Side {
    let breakdown = usize::from(category.is_some());
    let found = own.plan.tables.iter().position(|spec| (spec.parameter, spec.breakdown) == (parameter, breakdown));
    let table = &own.moments.tables[found.unwrap()];
    let level = REGIONS[region as usize].0;
    let is_level = |region: u32| REGIONS[region as usize].0 == level;
    let domains = Domains::new(&own.moments.frames[table.frame], &own.ancestors[&level], is_level);
    Side::of(&own.moments, table, &domains, (0, region), usize::from(category.unwrap_or(0)))
}

fn design<'t>(own: &'t Tallied, sample: &Sample) -> Design<'t> {
    Design::of(&own.moments, 0, sample.single)
}

fn compare(own: &Tallied, sample: &Sample, a: &Side, b: &Side, relation: Relation) -> Option<Difference> {
    difference(&design(own, sample), a, b, relation, DF, &mut upper_quantiles(0.95))
}

fn test(own: &Tallied, sample: &Sample, sides: &[&Side]) -> Option<RaoScott> {
    rao_scott(&design(own, sample), sides, DF).ok()
}

/// The variance of Σ z over the rows of a domain: `z` per row, 0 for rows of the sample outside it; `None` is outside the weight set.
fn variance_of(sample: &Sample, z: &[Option<f64>], inside: &[bool]) -> Option<f64> {
    let populations = sample.populations();
    let mut units: BTreeMap<usize, BTreeMap<usize, f64>> = BTreeMap::new();
    let mut present = BTreeSet::new();
    for (at, person) in sample.people.iter().enumerate() {
        let Some(z) = z[at] else { continue };
        let unit = sample.cluster(person).unwrap_or(at);
        *units.entry(person.stratum).or_default().entry(unit).or_insert(0.0) += z;
        if inside[at] {
            present.insert(person.stratum);
        }
    }
    let (mut variance, mut single) = (0.0, 0);
    for stratum in &present {
        let z: Vec<f64> = units[stratum].values().copied().collect();
        let n = z.len() as f64;
        let uncovered = populations.map_or(1.0, |all| 1.0 - n / all[*stratum]);
        if z.len() == 1 {
            single += 1;
            if sample.single == SinglePsu::Adjust {
                variance += uncovered * z[0] * z[0];
            }
            continue;
        }
        let mean = z.iter().sum::<f64>() / n;
        variance += uncovered * n / (n - 1.0) * z.iter().map(|z| (z - mean) * (z - mean)).sum::<f64>();
    }
    match sample.single {
        SinglePsu::Average if single == present.len() => None,
        SinglePsu::Average => Some(variance * present.len() as f64 / (present.len() - single) as f64),
        _ => Some(variance),
    }
}

/// z of the mean of a domain per row, with the mean.
fn linearised(sample: &Sample, parameter: usize, within: &dyn Fn(&Person) -> bool) -> Option<(f64, Vec<Option<f64>>)> {
    let y = |person: &Person| if within(person) { known_y(person, parameter) } else { None };
    let (mut weight, mut weight_y) = (0.0, 0.0);
    for person in &sample.people {
        if let (Some(w), Some(y)) = (person.weight, y(person)) {
            weight += w;
            weight_y += w * y;
        }
    }
    let mean = weight_y / weight;
    let z = |person: &Person| person.weight.map(|w| y(person).map_or(0.0, |y| w * (y - mean) / weight));
    (weight > 0.0).then(|| (mean, sample.people.iter().map(z).collect()))
}

/// Variance of the difference of two domain means, overlapping or not.
fn difference_twin(
    sample: &Sample,
    parameter: usize,
    a: &dyn Fn(&Person) -> bool,
    b: &dyn Fn(&Person) -> bool,
) -> Option<(f64, Option<f64>)> {
    let (mean_a, of_a) = linearised(sample, parameter, a)?;
    let (mean_b, of_b) = linearised(sample, parameter, b)?;
    let z: Vec<Option<f64>> = of_a.iter().zip(&of_b).map(|(a, b)| a.zip(*b).map(|(a, b)| a - b)).collect();
    let inside: Vec<bool> = sample
        .people
        .iter()
        .map(|person| person.weight.is_some() && (a(person) || b(person)) && known_y(person, parameter).is_some())
        .collect();
    Some((mean_a - mean_b, variance_of(sample, &z, &inside)))
}

/// The 2×2 Rao-Scott F as `svychisq` has it: four cell means, their covariance matrix under the design, and the contrast (1, −1, −1, 1) of
/// cells, each divided by its mean. `None` where a cell is empty or nothing varies.
fn rao_scott_twin(sample: &Sample, a: &dyn Fn(&Person) -> bool, b: &dyn Fn(&Person) -> bool) -> Option<f64> {
    let cell = |person: &Person| match (a(person), b(person), known_y(person, ANSWER)) {
        (true, _, Some(y)) => Some(usize::from(y > 0.5)),
        (_, true, Some(y)) => Some(2 + usize::from(y > 0.5)),
        _ => None,
    };
    let rows = || sample.people.iter().filter_map(|person| Some((person.weight?, cell(person)?)));
    let n = rows().count() as f64;
    let whole: f64 = rows().map(|(w, _)| w).sum();
    let m = [0, 1, 2, 3].map(|own| rows().filter(|(_, cell)| *cell == own).map(|(w, _)| w).sum::<f64>() / whole);
    if m.iter().any(|m| m.is_nan() || *m <= 0.0) {
        return None;
    }
    let sign = [1.0, -1.0, -1.0, 1.0];
    // Σ c/m·(1[cell] − m)·w/W over the cells, per row.
    let z: Vec<Option<f64>> = sample
        .people
        .iter()
        .map(|person| {
            let w = person.weight?;
            let Some(own) = cell(person) else { return Some(0.0) };
            let of_cell = |at: usize| sign[at] / m[at] * (f64::from(u8::from(at == own)) - m[at]);
            Some((0..4).map(of_cell).sum::<f64>() * w / whole)
        })
        .collect();
    let inside: Vec<bool> =
        sample.people.iter().map(|person| person.weight.is_some() && cell(person).is_some()).collect();
    let variance = variance_of(sample, &z, &inside)?;
    let delta = n * variance / m.iter().map(|m| 1.0 / m).sum::<f64>();
    let (rows_of, columns) = ([m[0] + m[1], m[2] + m[3]], [m[0] + m[2], m[1] + m[3]]);
    let x2: f64 = (0..4)
        .map(|at| {
            let expected = rows_of[at / 2] * columns[at % 2];
            (m[at] - expected) * (m[at] - expected) / expected
        })
        .sum::<f64>()
        * n;
    (variance > 1e-18).then(|| x2 / delta)
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs().max(a.abs()) + 1e-13
}

/// Gemeente 1 and its wijk 3.
const GEMEENTE: u32 = 1;
const WIJK: u32 = 3;

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn differences_agree_with_the_slow_twin(sample in sample()) {
        let own = tallied(&sample, &[usize::MAX], 1);
        for parameter in [ANSWER, NUMBER] {
            let (wijk, gemeente) = (side(&own, (parameter, WIJK, None)), side(&own, (parameter, GEMEENTE, None)));
            let rest = gemeente.minus(&wijk);
            let in_wijk = |p: &Person| in_domain(p, WIJK, None);
            let in_gemeente = |p: &Person| in_domain(p, GEMEENTE, None);
            let in_rest = |p: &Person| in_gemeente(p) && !in_wijk(p);
            let disjoint = compare(&own, &sample, &wijk, &rest, Relation::Disjoint);
            let nested = compare(&own, &sample, &wijk, &gemeente, Relation::Nested);
            // The quick way for many parts of one whole gives the same.
            let design = design(&own, &sample);
            let whole = Whole::new(&design, &gemeente, DF);
            let quick = whole.and_then(|whole| whole.difference(&design, &wijk, &mut upper_quantiles(0.95)));
            if let (Some(nested), Some(quick)) = (nested, quick) {
                prop_assert_eq!((nested.difference, nested.df), (quick.difference, quick.df));
                let (a, b) = (nested.se.unwrap_or(0.0), quick.se.unwrap_or(0.0));
                prop_assert!((a * a - b * b).abs() <= 1e-10 * a * a + if parameter == NUMBER { 1e-8 } else { 1e-14 }, "{a} {b}");
            } else {
                prop_assert!(nested.is_none() && quick.is_none());
            }
            let twins = [
                (disjoint, difference_twin(&sample, parameter, &in_wijk, &in_rest)),
                (nested, difference_twin(&sample, parameter, &in_wijk, &in_gemeente)),
            ];
            for (found, twin) in twins {
                let (Some(found), Some((difference, variance))) = (found, twin) else {
                    prop_assert!(found.is_none() && twin.is_none(), "{found:?} {twin:?}");
                    continue;
                };
                prop_assert!((found.difference - difference).abs() <= 1e-11 * difference.abs().max(1.0));
                match (found.se, variance) {
                    (Some(se), Some(variance)) => {
                        // Squares of a number of up to 50 are summed in steps of 2^-32.
                        let steps = if parameter == NUMBER { 1e-8 } else { 1e-13 };
                        prop_assert!((se * se - variance).abs() <= 3e-9 * variance + steps, "{se} {variance}");
                    }
                    (se, variance) => prop_assert!(se.is_none() && variance.is_none()),
                }
            }
        }
    }

    #[test]
    fn a_region_against_the_rest_is_the_two_by_two_test(sample in sample()) {
        let own = tallied(&sample, &[usize::MAX], 1);
        let (wijk, gemeente) = (side(&own, (ANSWER, WIJK, None)), side(&own, (ANSWER, GEMEENTE, None)));
        let in_wijk = |p: &Person| in_domain(p, WIJK, None);
        let in_rest = |p: &Person| in_domain(p, GEMEENTE, None) && !in_wijk(p);
        let found = test(&own, &sample, &[&wijk, &gemeente.minus(&wijk)]);
        if let (Some(found), Some(f)) = (found, rao_scott_twin(&sample, &in_wijk, &in_rest)) {
            prop_assert!(near(found.f, f, 1e-8), "{found:?} {f}");
            prop_assert_eq!(found.ndf, 1.0);
        }
    }

    #[test]
    fn scaling_all_weights_changes_no_test(sample in sample(), factor in 0.5..8.0_f64) {
        let scaled = Sample {
            people: sample.people.iter().map(|p| Person { weight: p.weight.map(|w| w * factor), ..p.clone() }).collect(),
            ..sample.clone()
        };
        let (a, b) = (tallied(&sample, &[usize::MAX], 1), tallied(&scaled, &[usize::MAX], 1));
        for parameter in [ANSWER, NUMBER] {
            let both = |own: &Tallied, sample: &Sample| {
                let (wijk, gemeente) = (side(own, (parameter, WIJK, None)), side(own, (parameter, GEMEENTE, None)));
                let rest = gemeente.minus(&wijk);
                let found = compare(own, sample, &wijk, &rest, Relation::Disjoint);
                (found, (parameter == ANSWER).then(|| test(own, sample, &[&wijk, &rest])).flatten())
            };
            let ((one, f), (other, g)) = (both(&a, &sample), both(&b, &scaled));
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!(near(one.difference, other.difference, 1e-9) || one.difference.abs() < 1e-9);
                prop_assert_eq!(one.df, other.df);
                let (se, its) = (one.se.unwrap_or(0.0), other.se.unwrap_or(0.0));
                prop_assert!((se - its).abs() <= 1e-6 * se.max(its) + if parameter == NUMBER { 1e-4 } else { 1e-9 }, "{se} {its}");
            }
            if let (Some(f), Some(g)) = (f, g) {
                prop_assert!(near(f.f, g.f, 1e-6) && (f.p - g.p).abs() < 1e-7, "{f:?} {g:?}");
            }
        }
    }

    #[test]
    fn swapping_the_sides_flips_the_sign_only(sample in sample()) {
        let own = tallied(&sample, &[usize::MAX], 1);
        for parameter in [ANSWER, NUMBER] {
            let (a, b) = (side(&own, (parameter, WIJK, None)), side(&own, (parameter, 4, None)));
            let one = compare(&own, &sample, &a, &b, Relation::Disjoint);
            let other = compare(&own, &sample, &b, &a, Relation::Disjoint);
            prop_assert_eq!(one.map(Difference::swapped).map(|d| d.difference), other.map(|d| d.difference));
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert_eq!(one.df, other.df);
                prop_assert!(near(one.se.unwrap_or(0.0), other.se.unwrap_or(0.0), 1e-12));
                prop_assert!((one.p.unwrap_or(0.0) - other.p.unwrap_or(0.0)).abs() < 1e-9);
            }
            if parameter == ANSWER
                && let (Some(f), Some(g)) = (test(&own, &sample, &[&a, &b]), test(&own, &sample, &[&b, &a]))
            {
                prop_assert!(near(f.f, g.f, 1e-9) && f.ddf == g.ddf, "{f:?} {g:?}");
            }
        }
    }

    #[test]
    fn a_category_that_nobody_has_changes_nothing(sample in sample()) {
        let own = tallied(&sample, &[usize::MAX], 1);
        let sides: Vec<Side> = (0..3).map(|category| side(&own, (ANSWER, 0, Some(category)))).collect();
        let nobody = sides[0].minus(&sides[0]);
        let with: Vec<&Side> = sides.iter().chain([&nobody]).collect();
        let without: Vec<&Side> = sides.iter().collect();
        let (one, other) = (test(&own, &sample, &without), test(&own, &sample, &with));
        match (one, other) {
            (Some(one), Some(other)) => {
                prop_assert!(near(one.f, other.f, 1e-9) && one.ndf == other.ndf && one.ddf == other.ddf, "{one:?} {other:?}");
            }
            (one, other) => prop_assert!(one.is_none() && other.is_none(), "{one:?} {other:?}"),
        }
        let plus = sides[0].plus(&nobody);
        let (one, other) = (
            compare(&own, &sample, &sides[0], &sides[1], Relation::Disjoint),
            compare(&own, &sample, &plus, &sides[1], Relation::Disjoint),
        );
        prop_assert_eq!(one.map(|d| (d.difference, d.se, d.df)), other.map(|d| (d.difference, d.se, d.df)));
    }

    #[test]
    fn a_region_and_its_rest_are_the_parent(sample in sample()) {
        let own = tallied(&sample, &[usize::MAX], 1);
        for parameter in [ANSWER, NUMBER] {
            let (wijk, gemeente) = (side(&own, (parameter, WIJK, None)), side(&own, (parameter, GEMEENTE, None)));
            let again = gemeente.minus(&wijk).plus(&wijk);
            prop_assert_eq!((again.value(), again.support()), (gemeente.value(), gemeente.support()));
        }
    }
}
