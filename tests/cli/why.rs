//! Where one figure comes from, as `why` says it: the numbers are those of the small tables in `data/good`, by hand.

use std::path::PathBuf;

use super::support::{Said, release, root, rows, texts, wijkpeil};

/// A release of a pipeline that lives as long as its folder.
fn made(pipeline: &str) -> (tempfile::TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let said = wijkpeil(&["run", pipeline, "--out", place.path().join("out").to_str().unwrap()]).exits(0);
    let made = release(root(), &said);
    (place, made)
}

fn why(release: &std::path::Path, parameter: &str, region: &str, period: &str, more: &[&str]) -> Said {
    let own = ["why", release.to_str().unwrap(), "--parameter", parameter, "--region", region, "--period", period];
    wijkpeil(&[&own, more].concat())
}

/// What stands behind a head.
#[track_caller]
fn line<'s>(said: &'s Said, head: &str) -> &'s str {
    let own = said.out.lines().find_map(|line| line.strip_prefix(&format!("{head:<12}")));
    own.unwrap_or_else(|| panic!("no {head}: {}", said.out)).trim()
}

#[track_caller]
fn has_no_number(said: &Said) {
    assert_eq!(line(said, "value"), "none");
    assert!(!said.out.contains("\nnumbers"), "{}", said.out);
    assert!(!said.out.contains(" %"), "{}", said.out);
}

#[test]
fn tables_registers_and_estimates_say_what_they_come_from() {
    let (_place, release) = made("tests/data/good/regional.toml");
    // (3000·0.40 + 1000·0.36)/4000 = 0.39.
    let said = why(&release, "lonely", "GM9004", "2022", &[]).exits(0);
    assert_eq!(line(&said, "value"), "39.0 %, provisional");
    assert_eq!((line(&said, "method"), line(&said, "measured")), ("published, recoded-2022", "column M001"));
    assert!(line(&said, "region").starts_with("GM9004 Derde (gemeente, division of 2024"), "{}", said.out);
    for file in ["model.csv", "model-measures.csv", "model-periods.csv"] {
        assert!(said.out.contains(&format!("file        {file}, sha256 ")), "{}", said.out);
    }
    // 30 + 30 reports among 2 · 6000 person-years: 5 per 1,000.
    let said = why(&release, "reports_per_1000", "GM9001", "2022-2023", &[]).exits(0);
    assert!(line(&said, "value").starts_with("5.00 ("), "{}", said.out);
    assert!(line(&said, "value").ends_with(", 95 %, interval byar)"), "{}", said.out);
    assert_eq!((line(&said, "numbers"), line(&said, "method")), ("population 6000", "register"));
    assert_eq!(line(&said, "measured"), "column count / inhabitants of kwb");
    // The year of a period finds it as well as its label.
    assert_eq!(why(&release, "reports_per_1000", "GM9001", "2023", &[]), said);
    // 3 + 1 reports are fewer than 5.
    let said = why(&release, "reports", "GM9004", "2022-2023", &[]).exits(0);
    assert!(line(&said, "decision").starts_with("suppressed (min_answer); floor: n >= 50"), "{}", said.out);
    has_no_number(&said);
    let said = why(&release, "children", "GM9001", "2024", &[]).exits(0);
    assert_eq!(line(&said, "method"), "synthetic");
    assert!(line(&said, "measured").starts_with("national rate × inhabitants of kwb: "), "{}", said.out);
    assert!(line(&said, "source").ends_with("sample: model"), "{}", said.out);
}

/// A category of a wide table stands in a column of its own.
#[test]
fn a_category_needs_its_dimension_and_has_its_column() {
    let (_place, release) = made("tests/data/good/regional.toml");
    let said = why(&release, "inhabitants", "GM9001", "2024", &["--dimension", "age", "--category", "0-14"]).exits(0);
    assert_eq!(line(&said, "of whom"), "age 0-14, kwb 2024");
    assert_eq!(line(&said, "measured"), "column Inwoners (aantal), column 0 tot 15 jaar (aantal) (age/0-14)");
    let said = why(&release, "inhabitants", "GM9001", "2024", &["--dimension", "age"]).exits(2);
    assert!(said.out.is_empty() && said.err.contains("--category"), "{}", said.err);
    // Without its dimension a category is one of the total, which has none.
    let said = why(&release, "inhabitants", "GM9001", "2024", &["--category", "0-14"]).exits(2);
    assert!(said.err.contains("has no figure of `inhabitants` for GM9001 in 2024 (total 0-14)"), "{}", said.err);
}

#[test]
fn a_figure_that_is_not_there_is_a_wrong_question() {
    let (place, release) = made("tests/data/good/regional.toml");
    for (parameter, region, period) in [
        ("lonly", "GM9001", "2022"),
        ("lonely", "GM9009", "2022"),
        ("lonely", "Eerste", "2022"),
        ("lonely", "GM9001", "2021"),
    ] {
        let said = why(&release, parameter, region, period, &[]).exits(2);
        assert!(said.out.is_empty(), "{}", said.out);
        assert!(said.err.contains(&format!("has no figure of `{parameter}` for {region} in {period} (total total)")));
        assert!(said.err.contains("look the ids up in parameters.parquet"), "{}", said.err);
    }
    let said = why(place.path(), "lonely", "GM9001", "2022", &[]).exits(13);
    assert!(said.out.is_empty() && !said.err.is_empty());
}

/// Respondents: a shown and a withheld figure of the sample, and one of a group.
#[test]
fn figures_of_respondents_say_their_design() {
    let (_place, release) = made("pipelines/gmvo.toml");
    let figures = rows(&release.join("figures/gmvo/2022/wijk.parquet"));
    let column = |name: &str| texts(&figures, name);
    let (parameter, region, status, reason) =
        (column("parameter"), column("region"), column("status"), column("reason"));
    let (dimension, category, value) =
        (column("dimension"), column("category"), super::support::numbers(&figures, "value"));
    let (n, unit) = (column("n"), column("unit"));
    for wanted in ["ok", "suppressed min_n", "suppressed min_answer"] {
        let at = (0..status.len())
            .find(|at| unit[*at] == "share" && format!("{} {}", status[*at], reason[*at]).trim_end() == wanted)
            .unwrap_or_else(|| panic!("no {wanted}"));
        let group = ["--dimension", &dimension[at], "--category", &category[at]];
        let said = why(&release, &parameter[at], &region[at], "2022", &group).exits(0);
        assert!(line(&said, "design").contains("weight set ewGGD (weight ewGGD, stratum Stratum"), "{}", said.out);
        assert!(line(&said, "measured").starts_with("columns "), "{}", said.out);
        match value[at] {
            Some(value) => {
                assert!(line(&said, "value").starts_with(&format!("{:.1} % (", value * 100.0)), "{}", said.out);
                assert!(line(&said, "numbers").starts_with(&format!("n {}, effective n ", n[at])), "{}", said.out);
            }
            None => {
                assert_eq!(line(&said, "value"), "none");
                assert!(!said.out.contains("\nnumbers"), "{}", said.out);
                let words = format!("{} ({})", status[at], reason[at]);
                assert!(line(&said, "decision").starts_with(&words), "{}", said.out);
            }
        }
        assert_eq!(line(&said, "rows"), "6000 read, 6000 used, 0 rejected");
    }
}
