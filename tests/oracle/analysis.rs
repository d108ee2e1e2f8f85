//! Standardised values, inequality and ranks of the sample against R: `make_analysis.R`.

use std::collections::HashMap;

use crate::support::{self, Csv, Edited, repository};
use wijkpeil::plan::{self, Silent};

/// Relative.
const TIGHT: f64 = 1e-9;
/// Limits of intervals: relative.
const LIMITS: f64 = 1e-6;

/// Parameter, region, dimension, category, statistic.
type Key = (String, String, String, String, String);

/// Value, se, df, lower, upper of a figure.
type Numbers = [Option<f64>; 5];

const ANALYSIS: &str = r#"
[[rank]]
level = "gemeente"
within = "ggd"
[[rank]]
level = "wijk"
within = "ggd"

[[standardisation]]
dimension = "age"
levels = ["ggd", "gemeente"]
standard-population = "esp2013"
ages = { "18-39" = "18-39", "40-64" = "40-64", "65-74" = "65-74", "75+" = "75+" }
source = "Eurostat 2013"

[[inequality]]
dimension = "education"
order = ["low", "middle", "high"]
levels = ["ggd", "gemeente"]

[[inequality]]
id = "ses"
label-nl = "SES"
label-en = "SES"
level = "wijk"
levels = ["ggd"]
source = "ses"
parameter = "ses_woa"
groups = 5
worst = "lowest"

[design]
"#;

const SOURCE: &str = r#"
[[source]]
id = "ses"
kind = "published-table"
collection = "cbs-ses"
table-id = "test"
title = "Scores of a test"
publisher = "test"
licence = "test"
fieldwork = "2022"
sample = "register"
files = ["ses_scores.csv"]
region-column = "code"
region-year = 2022
period = 2022
covers = ["GG9901"]
max-rejects = 0
already-published = "Of a test."
[[source.measure]]
key = "score"
parameter = "ses_woa"
"#;

/// The direct figures of the sample, everybody being shown from `minimum_n` on.
fn figures(minimum_n: &str) -> HashMap<Key, Numbers> {
    let data = tempfile::tempdir().unwrap();
    for (folder, name) in
        [("sample-data", "gmvo-2022.csv"), ("sample-data", "regions-2022.csv"), ("tests/oracle", "ses_scores.csv")]
    {
        std::fs::copy(repository(folder).join(name), data.path().join(name)).unwrap();
    }
    let analysis = format!("\n{ANALYSIS}");
    let source = format!("{SOURCE}\n# An example: `targets.parquet`");
    let minimum_n = format!("minimum-n = {minimum_n}");
    let edits = [
        ("\n[design]\n", analysis.as_str()),
        ("\n# An example: `targets.parquet`", source.as_str()),
        ("  \"lonely_severe\",\n", "  \"lonely_severe\",\n  \"ses_woa\",\n"),
        ("minimum-n = 50", minimum_n.as_str()),
        (support::PROTECTED, support::UNPROTECTED),
        ("largest-weight = 0.3", "largest-weight = 1.0"),
        ("minimum-answer = 5", "minimum-answer = 0"),
        ("group-disclosure = 100", "group-disclosure = 1"),
    ];
    let plan = Edited { pipeline: "pipelines/gmvo.toml", edits: &edits, data: Some(data.path()) }.plan().unwrap();
    let reading = plan::read(&plan, &Silent).unwrap();
    let catalogue = &plan.catalogue;
    let results = plan::results(&plan, &reading, catalogue, &Silent).unwrap();
    let of_figure = |own: &wijkpeil::disclose::Figure| {
        let category = &catalogue.categories[own.category as usize];
        let key = (
            catalogue.parameters[own.parameter as usize].id.clone(),
            catalogue.regions[own.region as usize].code.as_str().to_owned(),
            category.dimension.clone(),
            category.category.clone(),
            own.statistic.as_str().to_owned(),
        );
        (key, [own.value, own.se, own.df.map(|df| df as f64), own.lower, own.upper])
    };
    results.figures.figures().filter(|own| own.method.as_str() == "direct").map(of_figure).collect()
}

fn number(text: &str) -> Option<f64> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

#[track_caller]
fn agree(found: &Numbers, wanted: &Numbers, what: &Key) {
    let names = ["value", "se", "df", "lower", "upper"];
    for ((name, found), (at, wanted)) in names.iter().zip(found).zip(wanted.iter().enumerate()) {
        let tolerance = if at > 2 { LIMITS } else { TIGHT };
        match (found, wanted) {
            (Some(found), Some(wanted)) => {
                let miss = (found - wanted).abs() / wanted.abs().max(1e-6);
                assert!(miss <= tolerance, "{what:?}: {name} is {found}, R has {wanted}");
            }
            (None, None) => {}
            _ => panic!("{what:?}: {name} is {found:?}, R has {wanted:?}"),
        }
    }
}

fn rows(name: &str) -> (Csv, impl Fn(&Csv, &[String], &str) -> String) {
    let csv = Csv::read(&repository("tests/oracle").join(name), ',');
    (csv, |csv: &Csv, row: &[String], column: &str| row[csv.column(column)].clone())
}

#[test]
fn standardised_values_and_inequality_agree_with_r() {
    let found = figures("1");
    let (csv, cell) = rows("expected_standardised.csv");
    for row in &csv.rows {
        let of = |column: &str| cell(&csv, row, column);
        let key = (of("parameter"), of("region"), "total".into(), "total".into(), "standardised".into());
        let wanted = ["value", "se", "df", "lower", "upper"].map(|column| number(&of(column)));
        agree(found.get(&key).unwrap_or_else(|| panic!("no figure {key:?}")), &wanted, &key);
    }
    assert_eq!(csv.rows.len(), 40);

    let (csv, cell) = rows("expected_inequality.csv");
    for row in &csv.rows {
        let of = |column: &str| cell(&csv, row, column);
        let (ranking, statistic) = (of("ranking"), of("statistic"));
        let (category, statistic) = match statistic.strip_prefix("group") {
            Some(group) if ranking == "education" => {
                let names = ["low", "middle", "high"];
                (names[group.parse::<usize>().unwrap() - 1].to_owned(), "crude".to_owned())
            }
            Some(group) => (group.to_owned(), "crude".to_owned()),
            None => ("total".to_owned(), statistic),
        };
        let key = (of("parameter"), of("region"), ranking, category, statistic);
        let wanted = ["value", "se", "df", "lower", "upper"].map(|column| number(&of(column)));
        agree(found.get(&key).unwrap_or_else(|| panic!("no figure {key:?}")), &wanted, &key);
    }
    assert_eq!(csv.rows.len(), 316);
}

#[test]
fn ranks_agree_with_r() {
    let (everybody, from_fifty) = (figures("1"), figures("50"));
    let (csv, cell) = rows("expected_ranks.csv");
    for row in &csv.rows {
        let of = |column: &str| cell(&csv, row, column);
        let found = if of("level") == "wijk" { &from_fifty } else { &everybody };
        let key = (of("parameter"), of("region"), "total".into(), "total".into(), "rank".into());
        let own = found.get(&key).unwrap_or_else(|| panic!("no figure {key:?}"));
        let wanted = [number(&of("rank")), number(&of("lower")), number(&of("upper"))];
        assert_eq!([own[0], own[3], own[4]], wanted, "{key:?}");
    }
    assert_eq!(csv.rows.len(), 191);
}
