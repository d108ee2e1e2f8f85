//! Bad definitions. Each file of `data/bad-pipelines` is a good one with one thing wrong, named by its file and told in its first line;
//! beside it lies what the program says about it.
//!
//! A changed message is looked at, and then taken over with `INSTA_UPDATE=always cargo test declarations`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::support::{copy, each, files, root, snapshot, wijkpeil, wijkpeil_in};

/// Faults of what a definition names in the data folder: 11. All others are faults of definitions: 10.
const DATA: [&str; 4] =
    ["column-misspelt", "glob-without-match-data", "published-measure-moved", "region-list-missing-file"];

fn folder() -> PathBuf {
    root().join("tests/data/bad-pipelines")
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn bad(kind: &str) -> Vec<(String, PathBuf)> {
    files(&folder().join(kind), "toml").into_iter().map(|path| (stem(&path), path)).collect()
}

/// What a check says, with its exit code as the last line. No place of this machine may be in it.
fn told(said: &crate::cli::support::Said) -> String {
    assert!(!said.err.contains(&root().display().to_string()), "{}", said.err);
    assert_eq!(said.out, "");
    format!("{}exit {}\n", said.err, said.exit)
}

#[test]
fn the_good_ones_are_good() {
    for (pipeline, words) in [("pipeline", "4 parameters"), ("published", "1 parameters"), ("regional", "5 parameters")]
    {
        let said = wijkpeil(&["check", &format!("tests/data/good/{pipeline}.toml")]).exits(0);
        assert!(said.err.starts_with(&format!("no errors: {words}")), "{}", said.err);
    }
}

#[test]
fn bad_pipelines_are_told_with_place_and_next_step() {
    let cases = bad("");
    assert!(cases.len() >= 35);
    each(cases, |name, _| {
        let said = wijkpeil(&["check", &format!("tests/data/bad-pipelines/{name}.toml")]);
        snapshot(&folder(), name, &told(&said));
        assert_eq!(said.exit, if DATA.contains(&name) { 11 } else { 10 });
        findings_are_complete(&said.err);
    });
}

/// A bad instrument or parameter file takes the place of the good one, in a copy of the good pipeline.
fn bad_parts(kind: &str, good: &str) {
    each(bad(kind), |name, path| {
        let place = tempfile::tempdir().unwrap();
        copy(&root().join("tests/data/good"), &place.path().join("good"));
        let pipeline = place.path().join("good/pipeline.toml");
        let text = std::fs::read_to_string(&pipeline).unwrap();
        std::fs::write(
            &pipeline,
            text.replace("../good/", "").replace(&format!("{kind}/*"), &format!("{kind}/{name}")),
        )
        .unwrap();
        std::fs::remove_file(place.path().join(format!("good/{kind}/{good}.toml"))).unwrap();
        std::fs::copy(path, place.path().join(format!("good/{kind}/{name}.toml"))).unwrap();
        let said = wijkpeil_in(place.path(), &["check", "good/pipeline.toml"]).exits(10);
        snapshot(&folder().join(kind), name, &told(&said));
        findings_are_complete(&said.err);
    });
}

#[test]
fn bad_instruments_are_told_with_place_and_next_step() {
    bad_parts("instruments", "mood");
}

#[test]
fn bad_parameters_are_told_with_place_and_next_step() {
    bad_parts("parameters", "wellbeing");
}

/// Every finding has a code, a place and a next step, and the last line counts them.
fn findings_are_complete(text: &str) {
    let findings: Vec<&str> = text.split("error[").skip(1).collect();
    assert!(!findings.is_empty());
    for finding in &findings {
        assert!(finding.contains("--> "), "no place: {finding}");
        assert!(finding.contains("= help: "), "no next step: {finding}");
        assert!(!finding.contains("= help: known: \n"), "an empty list: {finding}");
    }
    let plural = if findings.len() == 1 { "error" } else { "errors" };
    assert!(text.ends_with(&format!("\n{} {plural}; nothing was changed\n", findings.len())), "{text}");
}

/// A run stops where a check stops, and leaves no trace.
#[test]
fn a_run_of_a_bad_pipeline_writes_nothing() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    for (name, exit) in [("floor-missing", 10), ("many-faults-at-once", 10), ("column-misspelt", 11)] {
        let pipeline = format!("tests/data/bad-pipelines/{name}.toml");
        let said = wijkpeil(&["run", &pipeline, "--out", out.to_str().unwrap()]).exits(exit);
        assert_eq!(said, wijkpeil(&["check", &pipeline]));
        assert!(!out.exists());
    }
}

#[test]
fn every_snapshot_belongs_to_a_file() {
    for kind in ["", "instruments", "parameters"] {
        let names: BTreeSet<String> = bad(kind).into_iter().map(|(name, _)| name).collect();
        let snapshots: BTreeSet<String> = files(&folder().join(kind), "snap").iter().map(|path| stem(path)).collect();
        assert_eq!(names, snapshots);
    }
}

/// Definitions that are no text, or not there.
#[test]
fn unreadable_definitions_are_told() {
    let place = tempfile::tempdir().unwrap();
    let said = wijkpeil_in(place.path(), &["check", "no.toml"]).exits(10);
    assert!(said.err.contains("error[declare-unreadable]: cannot read no.toml"), "{}", said.err);
    assert!(said.err.contains("check the path of the pipeline file"), "{}", said.err);
    std::fs::write(place.path().join("latin1.toml"), b"version = 1 # caf\xe9\n").unwrap();
    let said = wijkpeil_in(place.path(), &["check", "latin1.toml"]).exits(10);
    assert!(said.err.contains("latin1.toml is not UTF-8 text") && said.err.contains("save the file as UTF-8"));
    std::fs::write(place.path().join("empty.toml"), "").unwrap();
    let said = wijkpeil_in(place.path(), &["check", "empty.toml"]).exits(10);
    for key in ["version", "pipeline", "definitions", "data", "regions", "estimate", "floor", "source"] {
        assert!(said.err.contains(key), "{key}: {}", said.err);
    }
}
