//! Comparisons before disclosure against R `survey`: differences, their tests, and the Rao-Scott F.

use std::collections::HashMap;

use super::api::design;
use crate::support::{self, Csv, Edited, repository};
use wijkpeil::plan::NamedComparison;

/// Differences and standard errors: relative.
const TIGHT: f64 = 1e-9;
/// p values: absolute.
const P: f64 = 1e-7;

/// Region, dimension, category, reference, reference region, reference category.
type Key = [String; 6];

/// A row of `expected_comparisons.csv`.
struct Expected {
    design: String,
    parameter: String,
    key: Key,
    numbers: HashMap<&'static str, f64>,
}

const NUMBERS: [&str; 10] = ["difference", "se", "df", "lower", "upper", "p_difference", "f", "ndf", "ddf", "p_test"];

fn expected() -> Vec<Expected> {
    let csv = Csv::read(&repository("tests/oracle/expected_comparisons.csv"), ',');
    let at = |name: &str| csv.column(name);
    let key = ["region", "dimension", "category", "reference", "reference_region", "reference_category"].map(at);
    let numbers = NUMBERS.map(|name| (name, at(name)));
    let (designs, parameters) = (at("design"), at("parameter"));
    csv.rows
        .iter()
        .map(|row| Expected {
            design: row[designs].clone(),
            parameter: row[parameters].clone(),
            key: key.map(|at| row[at].clone()),
            numbers: numbers
                .iter()
                .filter(|(_, at)| !row[*at].is_empty())
                .map(|(name, at)| (*name, row[*at].parse().unwrap()))
                .collect(),
        })
        .collect()
}

/// `[comparison]` with these references, before `[design]`.
fn with(references: &[(&str, &str)]) -> String {
    let mut text = "\n[comparison]\nalpha = 0.05\nminimum-difference = 0\ntest = \"rao_scott_f\"\n\
                    adjustment = \"none\"\nfamily = \"parameter\"\n"
        .to_owned();
    for (kind, levels) in references {
        text.push_str(&format!("[[comparison.reference]]\nkind = \"{kind}\"\nlevels = {levels}\n"));
    }
    text + "\n[design]\n"
}

/// The key as the program names it: what is the same as the figure's own is empty.
fn own_key(wanted: &Key) -> Key {
    let mut key = wanted.clone();
    let of_categories = ["rest_of_dimension", "other_category"].contains(&key[3].as_str());
    if of_categories {
        key[4] = String::new();
    } else {
        key[5] = String::new();
    }
    if key[3] == "all_siblings" {
        key[4] = String::new();
    }
    key
}

fn found_by_key(found: &[NamedComparison]) -> HashMap<(String, Key), &NamedComparison> {
    let by_key: HashMap<_, _> = found
        .iter()
        .map(|own| {
            let reference = own.compared.key.reference.as_str().to_owned();
            let key = [
                &own.region,
                &own.dimension,
                &own.category,
                &reference,
                &own.reference_region,
                &own.reference_category,
            ];
            ((own.parameter.clone(), key.map(Clone::clone)), own)
        })
        .collect();
    assert_eq!(by_key.len(), found.len(), "a comparison stands twice");
    by_key
}

/// Largest differences, per number.
#[derive(Default)]
struct Agreement {
    rows: usize,
    worst: HashMap<&'static str, (f64, String)>,
}

impl Agreement {
    fn look(&mut self, wanted: &Expected, found: &NamedComparison) {
        self.rows += 1;
        let difference = found.compared.difference;
        // A comparison without a value on one side has nothing to compare in R either.
        let test = found.compared.test.and_then(Result::ok);
        let own: HashMap<&str, f64> = [
            ("difference", difference.map(|d| d.difference)),
            ("se", difference.and_then(|d| d.se)),
            ("df", difference.map(|d| d.df as f64)),
            ("lower", difference.and_then(|d| d.limits).map(|l| l.lower)),
            ("upper", difference.and_then(|d| d.limits).map(|l| l.upper)),
            ("p_difference", difference.and_then(|d| d.p)),
            ("f", test.map(|t| t.f)),
            ("ndf", test.map(|t| t.ndf)),
            ("ddf", test.map(|t| t.ddf)),
            ("p_test", test.map(|t| t.p)),
        ]
        .into_iter()
        .filter_map(|(name, number)| Some((name, number?)))
        .collect();
        let what = format!("{} {} {:?}", wanted.design, wanted.parameter, wanted.key);
        for name in NUMBERS {
            match (wanted.numbers.get(name), own.get(name)) {
                (Some(wanted), Some(own)) => {
                    let miss = if name.starts_with("p_") {
                        (own - wanted).abs() / P
                    } else {
                        // A difference near 0 is compared on the scale of the values.
                        (own - wanted).abs() / (wanted.abs().max(1e-6) * TIGHT)
                    };
                    let worst = self.worst.entry(name).or_insert((0.0, String::new()));
                    if miss > worst.0 || miss.is_nan() {
                        *worst = (miss, format!("{what}: {own} instead of {wanted}"));
                    }
                }
                (None, None) => {}
                // R leaves df out where there is no difference.
                (None, Some(_)) if name == "df" && !wanted.numbers.contains_key("difference") => {}
                (wanted, own) => panic!("{what}: {name} is {own:?}, R has {wanted:?}"),
            }
        }
    }

    fn assert_agrees(&self, what: &str) {
        let mut worst: Vec<_> = self.worst.iter().collect();
        worst.sort_by_key(|(name, _)| **name);
        for (name, (miss, place)) in &worst {
            println!("{what}: {} rows, {name}: {miss:.1e} of what is allowed", self.rows);
            assert!(*miss <= 1.0, "{what}: {name} of {place}");
        }
    }
}

#[test]
fn categories_agree_with_r_for_every_design() {
    let all = expected();
    let comparison = with(&[("rest_of_dimension", "[\"ggd\"]"), ("other_category", "[\"ggd\"]")]);
    let mut rows = 0;
    for name in super::api::DESIGNS.map(|design| design.name) {
        let wanted: Vec<&Expected> = all.iter().filter(|row| row.design == name).collect();
        if wanted.is_empty() {
            continue;
        }
        let own = design(name);
        let edits: Vec<_> = own.edits.iter().copied().chain([("\n[design]\n", comparison.as_str())]).collect();
        let found = Edited { pipeline: own.pipeline, edits: &edits, data: None }.comparisons();
        let found = found_by_key(&found);
        let mut agreement = Agreement::default();
        for row in wanted {
            let own = found.get(&(row.parameter.clone(), own_key(&row.key)));
            agreement.look(row, own.unwrap_or_else(|| panic!("{name}: no comparison {} {:?}", row.parameter, row.key)));
        }
        rows += agreement.rows;
        agreement.assert_agrees(name);
    }
    assert_eq!(rows, all.iter().filter(|row| !row.design.starts_with("ew")).count(), "every row is compared");
}

#[test]
fn regions_agree_with_r_for_the_sample() {
    let all = expected();
    // The floor decides which regions are held against each other; here everybody is shown.
    let edits = [
        ("kind = \"parent\"\nlevels = [\"wijk\"]", "kind = \"parent\"\nlevels = [\"gemeente\", \"wijk\"]"),
        ("minimum-n = 50", "minimum-n = 1"),
        (support::PROTECTED, support::UNPROTECTED),
        ("largest-weight = 0.3", "largest-weight = 1.0"),
        ("minimum-answer = 5", "minimum-answer = 0"),
        ("group-disclosure = 100", "group-disclosure = 1"),
    ];
    let found = Edited { pipeline: "pipelines/gmvo.toml", edits: &edits, data: None }.comparisons();
    let found = found_by_key(&found);
    let mut agreement = Agreement::default();
    for row in all.iter().filter(|row| row.design.starts_with("ew")) {
        let own = found.get(&(row.parameter.clone(), own_key(&row.key)));
        agreement.look(row, own.unwrap_or_else(|| panic!("no comparison {} {:?}", row.parameter, row.key)));
    }
    assert!(agreement.rows > 1500);
    agreement.assert_agrees("sample");
}

#[test]
fn periods_agree_with_r_as_independent_designs() {
    let csv = Csv::read(&repository("tests/oracle/expected_periods.csv"), ',');
    let found = Edited { pipeline: "pipelines/gmvo-series.toml", edits: &[], data: None }.comparisons();
    let found: HashMap<_, _> = found
        .iter()
        .filter(|own| own.dimension == "total" && own.compared.key.reference.as_str() == "previous_period")
        .map(|own| ((own.parameter.clone(), own.region.clone(), own.year), own.compared))
        .collect();
    let at = |name: &str| csv.column(name);
    for row in &csv.rows {
        let number = |name: &str| row[at(name)].parse::<f64>().unwrap();
        let key = (row[at("parameter")].clone(), row[at("region")].clone(), number("period") as i32);
        let own = found.get(&key).unwrap_or_else(|| panic!("no comparison {key:?}"));
        assert_eq!(own.key.period, Some(number("reference_period") as i32), "{key:?}");
        let own = own.difference.unwrap();
        let close = |a: f64, b: f64| (a - b).abs() <= TIGHT * b.abs().max(1e-6);
        assert!(close(own.difference, number("difference")), "{key:?}");
        assert!(close(own.se.unwrap(), number("se")), "{key:?}");
        assert_eq!(own.df as f64, number("df"), "{key:?}");
        assert!((own.p.unwrap() - number("p_difference")).abs() <= P, "{key:?}");
    }
    assert_eq!(csv.rows.len(), 60);
}
