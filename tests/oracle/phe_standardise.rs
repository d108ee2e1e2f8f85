//! Standardised rates and means beside PHEindicatormethods 2.1.1 (`../shared/oracle/phe`).

use std::collections::{BTreeMap, BTreeSet};

use wijkpeil::stats::Limits;
use wijkpeil::stats::quantile::t;
use wijkpeil::stats::standardise::{CountGroup, Counted, Indirect, direct_rate, esp2013, indirect};

use crate::support::{Csv, shared};

/// Confidence levels with the columns of their limits.
const LEVELS: [(f64, &str, &str); 2] = [(0.95, "lower95_0cl", "upper95_0cl"), (0.998, "lower99_8cl", "upper99_8cl")];

type Row = BTreeMap<String, String>;

/// The rows of a file, by column name.
fn table(name: &str) -> Option<Vec<Row>> {
    let csv = Csv::read(&shared(&format!("oracle/phe/{name}"))?, ',');
    Some(csv.rows.into_iter().map(|row| csv.header.iter().cloned().zip(row).collect()).collect())
}

/// A number of an input; an empty field counts as 0, as in the package.
fn amount(row: &Row, column: &str) -> f64 {
    if row[column].is_empty() { 0.0 } else { row[column].parse().unwrap() }
}

/// The rows of each area.
fn areas(rows: &[Row]) -> BTreeMap<&str, Vec<&Row>> {
    let mut areas: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        areas.entry(&row["area"]).or_default().push(row);
    }
    areas
}

/// Every area of the input has one row of expected numbers.
fn assert_complete<'r>(input: impl Iterator<Item = &'r str>, expected: &'r [Row]) {
    let asked: Vec<&str> = expected.iter().map(|row| row["area"].as_str()).collect();
    let there: BTreeSet<&str> = asked.iter().copied().collect();
    assert_eq!(asked.len(), there.len());
    assert_eq!(there, input.collect());
}

fn agree(found: f64, row: &Row, column: &str) {
    let wanted: f64 = row[column].parse().unwrap();
    let what = format!("{} {column}", row["area"]);
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{what}: {found} {wanted}");
}

fn limits_agree(found: Limits, factor: f64, row: &Row, lower: &str, upper: &str) {
    agree(found.lower * factor, row, lower);
    agree(found.upper * factor, row, upper);
}

#[test]
fn direct_rates_have_dobson_limits() {
    let (Some(input), Some(expected)) = (table("dsr_in.csv"), table("expected_dsr.csv")) else { return };
    let areas = areas(&input);
    assert_complete(areas.keys().copied(), &expected);
    let mut without = 0;
    for row in &expected {
        let group = |of: &&Row| CountGroup {
            count: amount(of, "count"),
            population: amount(of, "pop"),
            standard: amount(of, "esp2013"),
        };
        let groups: Vec<CountGroup> = areas[row["area"].as_str()].iter().map(group).collect();
        for (confidence, lower, upper) in LEVELS {
            let found = direct_rate(&groups, confidence).unwrap();
            agree(found.count, row, "total_count");
            let Some(limits) = found.limits else {
                // The package withholds the value too.
                assert_eq!([&row["value"], &row[lower], &row[upper]], [""; 3]);
                without += 1;
                continue;
            };
            agree(found.value * 1e5, row, "value");
            limits_agree(limits, 1e5, row, lower, upper);
        }
    }
    assert_eq!(without, LEVELS.len(), "one area has fewer than 10 events");
}

/// The input's column is the package's own copy of the standard; one label has a slip, 55-69 for 55-59.
#[test]
fn the_standard_population_is_that_of_the_package() {
    let Some(input) = table("dsr_in.csv") else { return };
    for row in &input {
        let label = row["ageband"].replace("55-69", "55-59");
        let (from, to) = match label.split_once('-') {
            Some((from, to)) => (from, Some(to.parse().unwrap())),
            None => (label.trim_end_matches('+'), None),
        };
        assert_eq!(esp2013(from.parse().unwrap(), to), amount(row, "esp2013"), "{label}");
    }
}

fn indirect_agrees(file: &str, compare: impl Fn(&Indirect, &Row, &str, &str)) {
    let (Some(input), Some(expected)) = (table("isr_in.csv"), table(file)) else { return };
    let areas = areas(&input);
    assert_complete(areas.keys().copied(), &expected);
    for row in &expected {
        let groups = |count, population| -> Vec<Counted> {
            let group = |of: &&Row| Counted { count: amount(of, count), population: amount(of, population) };
            areas[row["area"].as_str()].iter().map(group).collect()
        };
        for (confidence, lower, upper) in LEVELS {
            let found = indirect(&groups("count", "pop"), &groups("refcount", "refpop"), confidence).unwrap();
            agree(found.observed, row, "observed");
            agree(found.expected, row, "expected");
            compare(&found, row, lower, upper);
        }
    }
}

#[test]
fn indirect_ratios_agree() {
    indirect_agrees("expected_isratio.csv", |found, row, lower, upper| {
        agree(found.ratio, row, "value");
        limits_agree(found.ratio_limits, 1.0, row, lower, upper);
    });
}

#[test]
fn indirect_rates_agree() {
    indirect_agrees("expected_israte.csv", |found, row, lower, upper| {
        agree(found.reference_rate * 1e5, row, "ref_rate");
        agree(found.rate * 1e5, row, "value");
        limits_agree(found.rate_limits, 1e5, row, lower, upper);
    });
}

/// Mean ∓ t·sd/√n with n − 1 degrees of freedom; the row without an area is of all areas together.
#[test]
fn means_have_limits_of_student() {
    let (Some(input), Some(expected)) = (table("mean_in.csv"), table("expected_mean.csv")) else { return };
    let areas = areas(&input);
    assert_complete(areas.keys().copied().chain([""]), &expected);
    for row in &expected {
        let own = input.iter().filter(|of| row["area"].is_empty() || of["area"] == row["area"]);
        let values: Vec<f64> = own.map(|of| amount(of, "values")).collect();
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        agree(n, row, "value_count");
        agree(mean, row, "value");
        agree(sd, row, "stdev");
        for (confidence, lower, upper) in LEVELS {
            let half = t(f64::midpoint(1.0, confidence), n - 1.0).unwrap() * sd / n.sqrt();
            limits_agree(Limits { lower: mean - half, upper: mean + half }, 1.0, row, lower, upper);
        }
    }
}
