//! A file that lacks a column: an error, or a parameter that is not measured where the pipeline says so.

use super::support::{copy, files_under, release, root, rows, texts, wijkpeil_in};

/// The good pipeline in a folder of its own, without the second question of its scale.
fn place(absent: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("tests/data/good"), place.path());
    let edit = |file: &str, from: &str, to: &str| {
        let path = place.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("pipeline.toml", "../good/", "");
    edit("pipeline.toml", "max-rejects = 0\n", &format!("max-rejects = 0\n{absent}\n"));
    edit("data/respondents.csv", "vraag2", "iets");
    place
}

#[test]
fn a_missing_column_is_an_error() {
    let place = place("");
    for verb in [&["check", "pipeline.toml"][..], &["run", "pipeline.toml", "--out", "out"]] {
        let said = wijkpeil_in(place.path(), verb).exits(11);
        let words = "error[ingest-missing-column]: respondents.csv has no column `vraag2`, needed by parameter `low_mood`, parameter `mood_score`";
        assert!(said.err.contains(words), "{}", said.err);
    }
}

#[test]
fn a_missing_column_leaves_its_parameters_not_measured() {
    let place = place("absent = \"not-measured\"");
    let said = wijkpeil_in(place.path(), &["check", "pipeline.toml"]).exits(0);
    for parameter in ["low_mood", "mood_score"] {
        let words = format!(
            "warning[ingest-not-measured]: source `monitor-2022` has no column `vraag2`: parameter `{parameter}` is not measured"
        );
        assert!(said.err.contains(&words), "{}", said.err);
    }
    assert_eq!(said.err.matches("warning[").count(), 2, "{}", said.err);
    assert!(said.err.contains("no errors: 4 parameters"), "{}", said.err);

    let run = wijkpeil_in(place.path(), &["run", "pipeline.toml", "--out", "out"]).exits(0);
    assert_eq!(run.err.matches("warning[ingest-not-measured]").count(), 2, "{}", run.err);
    let release = release(place.path(), &run);
    let mut lacking = 0;
    for name in files_under(&release.join("figures")).into_keys() {
        let figures = rows(&release.join("figures").join(name));
        let all =
            texts(&figures, "parameter").into_iter().zip(texts(&figures, "status")).zip(texts(&figures, "reason"));
        for ((parameter, status), reason) in all {
            let lacks = ["low_mood", "mood_score"].contains(&parameter.as_str());
            assert_eq!(lacks, status == "not_measured", "{parameter} {status}");
            assert_eq!(lacks, reason == "source_lacks", "{parameter} {reason}");
            lacking += u32::from(lacks);
        }
    }
    assert!(lacking > 0);
    let checks = rows(&release.join("quality/checks.parquet"));
    let named: Vec<(String, String)> = texts(&checks, "check")
        .into_iter()
        .zip(texts(&checks, "verdict"))
        .filter(|(check, _)| check.starts_with("column_absent_"))
        .collect();
    let row = |parameter: &str| (format!("column_absent_{parameter}"), "not_measured".to_owned());
    assert_eq!(named, [row("low_mood"), row("mood_score")]);
    let codebook = wijkpeil_in(place.path(), &["codebook", "pipeline.toml"]).exits(0).out;
    let row = "| `low_mood` | monitor | 2022 |  | het bestand heeft de kolom niet / *the file lacks the column* |";
    assert!(codebook.contains(row), "{codebook}");
    wijkpeil_in(place.path(), &["verify", release.to_str().unwrap()]).exits(0);
}

/// A column that no parameter rests on is needed all the same: nothing can be measured without a weight.
#[test]
fn a_missing_weight_is_an_error_in_any_case() {
    let place = place("absent = \"not-measured\"");
    let path = place.path().join("data/respondents.csv");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, text.replace(";gewicht;", ";zwaarte;")).unwrap();
    let said = wijkpeil_in(place.path(), &["check", "pipeline.toml"]).exits(11);
    assert!(said.err.contains("has no column `gewicht`, needed by weight set `all`"), "{}", said.err);
}
