//! Mistakes planted on purpose: each must be seen, or the comparison would prove nothing.

use std::path::Path;

use super::api::{design, rows};
use super::comparison::{Comparison, Expected, expected};
use crate::support::{Csv, Edited, repository};

const SAMPLE: &str = "pipelines/gmvo.toml";

fn sample_rows<'e>(all: &'e [Expected], design: &str) -> Vec<&'e Expected> {
    all.iter().filter(|row| row.design == design).collect()
}

/// A data folder with one file rewritten and the region list as it is.
fn data_folder(
    from: &str,
    file: &str,
    regions: &str,
    separator: char,
    change: impl FnOnce(&mut Csv),
) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = repository(from);
    std::fs::copy(from.join(regions), folder.path().join(regions)).unwrap();
    let mut csv = Csv::read(&from.join(file), separator);
    change(&mut csv);
    csv.write(&folder.path().join(file));
    folder
}

fn sample_folder(change: impl FnOnce(&mut Csv)) -> tempfile::TempDir {
    data_folder("sample-data", "gmvo-2022.csv", "regions-2022.csv", ';', change)
}

fn run_sample(data: &Path, edits: &[(&str, &str)]) -> Vec<wijkpeil::plan::NamedEstimate> {
    Edited { pipeline: SAMPLE, edits, data: Some(data) }.run()
}

#[test]
fn rewriting_alone_plants_nothing() {
    let all = expected("expected_sample.csv");
    let folder = sample_folder(|_| {});
    Comparison::of(&all, &run_sample(folder.path(), &[])).assert_agrees("the sample as it is");
}

#[test]
fn strata_ignored_is_seen() {
    let all = expected("expected.csv");
    let mistake = ("id = \"strata\"\nweight = \"pw\"\nstratum = \"stype\"\n", "id = \"strata\"\nweight = \"pw\"\n");
    let comparison = Comparison::of(rows(&all, "strat_nofpc", "logit"), &design("strat_nofpc").edited(&[mistake]));
    assert!(comparison.differs_in("se") && comparison.differs_in("lower"));
    assert!(!comparison.differs_in("value"), "the strata do not enter the value");

    let all = expected("expected_sample.csv");
    let mistake = ("stratum = \"Stratum\"\nfpc = \"populatie\"\n", "");
    let found = Edited { pipeline: SAMPLE, edits: &[mistake], data: None }.run();
    for set in ["ewGGD", "ewCBSGGD"] {
        let comparison = Comparison::of(sample_rows(&all, set), &found);
        assert!(comparison.differs_in("se") && comparison.differs_in("lower"));
        assert!(!comparison.differs_in("value"));
    }
}

#[test]
fn a_domain_filtered_before_the_design_is_seen() {
    let all = expected("expected.csv");
    let wanted = |row: &&Expected| row.dimension == "stype*awards" && row.category == "E*Yes";
    let folder = data_folder("tests/oracle/api", "apistrat.csv", "regions.csv", ',', |csv| {
        let (stype, awards) = (csv.column("stype"), csv.column("awards"));
        csv.rows.retain(|row| row[stype] == "E" && row[awards] == "Yes");
    });
    let strata = design("strat_fpc");
    let found = Edited { pipeline: strata.pipeline, edits: strata.edits, data: Some(folder.path()) }.run();
    let comparison = Comparison::of(rows(&all, "strat_fpc", "logit").into_iter().filter(wanted), &found);
    assert!(comparison.differs_in("se"));
    assert!(!comparison.differs_in("value") && !comparison.differs_in("n"));

    let all = expected("expected_sample.csv");
    let folder = sample_folder(|csv| {
        let sex = csv.column("AGGSA202");
        csv.rows.retain(|row| row[sex] == "1");
    });
    let found = run_sample(folder.path(), &[]);
    let men = |row: &&Expected| row.dimension == "sex" && row.category == "1";
    let comparison = Comparison::of(sample_rows(&all, "ewGGD").into_iter().filter(men), &found);
    assert!(comparison.differs_in("se"));
    assert!(!comparison.differs_in("value") && !comparison.differs_in("n"));
}

#[test]
fn weight_1_for_a_missing_weight_is_seen() {
    let all = expected("expected_sample.csv");
    let folder = sample_folder(|csv| {
        let weight = csv.column("ewGGD");
        for row in csv.rows.iter_mut().filter(|row| row[weight].is_empty()) {
            row[weight] = "1".into();
        }
    });
    let found = run_sample(folder.path(), &[]);
    let comparison = Comparison::of(sample_rows(&all, "ewGGD"), &found);
    // The CBS respondents did not answer these questions: the values stay, but the strata seem larger than they are.
    assert!(comparison.differs_in("se"));
    Comparison::of(sample_rows(&all, "ewCBSGGD"), &found).assert_agrees("the weight set that was left alone");

    // A question that both groups answered, weighted with the GGD's own weight: the value moves as well.
    let edits = [("  \"perceived_health_good\",\n]\nperiods", "]\nperiods")];
    let value = |data: Option<&Path>| {
        let found = Edited { pipeline: SAMPLE, edits: &edits, data }.run();
        let one = found.iter().find(|e| e.parameter == "perceived_health_good" && e.dimension == "total").unwrap();
        (one.estimate.n, one.estimate.value.unwrap().value)
    };
    let (right, wrong) = (value(None), value(Some(folder.path())));
    assert!(wrong.0 > right.0 && (wrong.1 - right.1).abs() > 1e-6, "{right:?} {wrong:?}");
}
