//! The worked example of the README: an instrument and a parameter by someone who writes no Rust.

use super::support::{copy, numbers, release, root, rows, texts, wijkpeil_in};
use crate::support::Csv;

/// The TOML blocks of a section of the README.
fn blocks(heading: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once(heading).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.split("```toml\n").skip(1).map(|block| block.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_example_is_added_checked_and_computed() {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("pipelines"), &place.path().join("pipelines"));
    let [instrument, parameter] = blocks("### An instrument or a parameter, without Rust").try_into().unwrap();
    std::fs::write(place.path().join("pipelines/instruments/k6.toml"), instrument).unwrap();
    std::fs::write(place.path().join("pipelines/parameters/own.toml"), parameter).unwrap();
    let pipeline = place.path().join("pipelines/gmvo.toml");
    let text = std::fs::read_to_string(&pipeline).unwrap();
    std::fs::write(&pipeline, text.replacen("parameters = [\n", "parameters = [\n  \"k6_high\",\n", 1)).unwrap();

    let data = root().join("sample-data");
    let arguments = ["pipelines/gmvo.toml", "--data", data.to_str().unwrap()];
    let said = wijkpeil_in(place.path(), &[&["check"], &arguments[..]].concat()).exits(0);
    assert!(said.err.starts_with("no errors: 25 parameters, 26 instruments with 186 worked cases"), "{}", said.err);
    let run = wijkpeil_in(place.path(), &[&["run"], &arguments[..]].concat()).exits(0);

    // The share of the whole region again, straight from the file.
    let file = Csv::read(&data.join("gmvo-2022.csv"), ';');
    let items = ["GGADB202", "GGADB204", "GGADB205", "GGADB208", "GGADB209", "GGADB210"].map(|name| file.column(name));
    let weight = file.column("ewGGD");
    let (mut yes, mut known) = (0.0, 0.0);
    for row in &file.rows {
        let Ok(weight) = row[weight].replace(',', ".").parse::<f64>() else { continue };
        let points: Option<Vec<i32>> = items
            .iter()
            .map(|item| row[*item].parse().ok().filter(|code| (1..=5).contains(code)).map(|code: i32| 5 - code))
            .collect();
        let Some(points) = points else { continue };
        known += weight;
        yes += if points.iter().sum::<i32>() >= 13 { weight } else { 0.0 };
    }
    let figures = rows(&release(place.path(), &run).join("figures/gmvo/2022/ggd.parquet"));
    let (parameters, dimensions) = (texts(&figures, "parameter"), texts(&figures, "dimension"));
    let at = (0..figures.num_rows()).find(|at| parameters[*at] == "k6_high" && dimensions[*at] == "total").unwrap();
    let value = numbers(&figures, "value")[at].unwrap();
    assert!((value - yes / known).abs() < 1e-12, "{value} {}", yes / known);
}

/// How many answered, of the sample, counted again from the column: what `why` says beside one figure.
#[test]
fn why_says_how_many_answered_in_the_whole_source() {
    let place = tempfile::tempdir().unwrap();
    let run = wijkpeil_in(root(), &["run", "pipelines/gmvo.toml", "--out", place.path().to_str().unwrap()]).exits(0);
    let release = release(root(), &run);
    let file = Csv::read(&root().join("sample-data/gmvo-2022.csv"), ';');
    let column = file.column("MMIKB201");
    let known = file.rows.iter().filter(|row| ["1", "2", "3", "4"].contains(&row[column].as_str())).count();
    let arguments = ["--parameter", "difficulty_making_ends_meet", "--region", "GM9001", "--period", "2022"];
    let said = wijkpeil_in(root(), &[&["why", release.to_str().unwrap()], &arguments[..]].concat()).exits(0);
    let line = format!(
        "answers     {known} known, {} unknown, 0 not applicable, in the whole source",
        file.rows.len() - known
    );
    assert!(said.out.contains(&line), "{line}\n{}", said.out);
}
