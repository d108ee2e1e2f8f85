//! What changed between two releases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::support::{copy, files_under, numbers, release, root, rows, texts, wijkpeil, wijkpeil_in};

#[test]
fn a_stricter_floor_makes_figures_disappear_and_changes_no_other() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let stage = place.path().join("stage");
    for folder in ["pipelines", "sample-data"] {
        copy(&root().join(folder), &stage.join(folder));
    }
    let pipeline = stage.join("pipelines/gmvo.toml");
    let text = fs::read_to_string(&pipeline).unwrap();
    assert!(text.contains("minimum-n = 50"));
    // Complementary suppression chooses anew under another floor: a figure that one hides another may show.
    let text = text.replace(crate::support::PROTECTED, crate::support::UNPROTECTED);
    fs::write(&pipeline, &text).unwrap();
    let run = wijkpeil_in(&stage, &["run", "pipelines/gmvo.toml", "--out", out.to_str().unwrap()]).exits(0);
    let first = release(&stage, &run);
    fs::write(&pipeline, text.replace("minimum-n = 50", "minimum-n = 90")).unwrap();
    let run = wijkpeil_in(&stage, &["run", "pipelines/gmvo.toml", "--out", "second"]).exits(0);
    let second = release(&stage, &run);
    let (first, second) = (first.to_str().unwrap(), second.to_str().unwrap());

    // 24 parameters × (GGD and 9 gemeenten × 18 categories + 60 wijken × 7): 24 × (180 + 420).
    let said = wijkpeil(&["diff", first, first]).exits(0);
    assert_eq!(
        said.out,
        "14400 figures in both, 0 of them changed (0 appeared, 0 disappeared); 0 only in the first, 0 only in the second\n"
    );
    let said = wijkpeil(&["diff", first, second, "--rows", "3"]).exits(0);
    assert!(said.out.contains("definitions: gmvo.toml, other content"), "{}", said.out);
    let rest = "yes and no >= 5, all or nobody from 100";
    assert!(said.out.contains(&format!("floor: n >= 50, {rest} → n >= 90, {rest}\n")), "{}", said.out);
    // The counts as the two tables have them.
    let [before, after] = [&first, &second].map(|release| shown(release.as_ref()));
    assert!(after.iter().all(|(key, value)| before[key] == *value));
    let gone = before.len() - after.len();
    let line = said.out.lines().find(|line| line.contains("figures in both")).unwrap();
    assert!(gone > 1000 && line.contains(&format!("(0 appeared, {gone} disappeared)")), "{line}");
    let lines: Vec<&str> = said.out.lines().filter(|line| line.contains(" → ") && line.contains('@')).collect();
    assert!(lines.len() == 3 && lines.iter().all(|line| line.ends_with("→ suppressed (min_n)")), "{lines:?}");
    assert!(said.out.trim_end().ends_with("--rows N shows more"));

    // The other way round the same figures appear.
    let back = wijkpeil(&["diff", second, first, "--rows", "0"]).exits(0);
    assert!(back.out.contains("0 disappeared)"), "{}", back.out);
}

/// The shown values of a release by everything that tells one from another here.
fn shown(release: &Path) -> BTreeMap<String, Option<f64>> {
    let mut found = BTreeMap::new();
    for (path, _) in files_under(&release.join("figures")) {
        let batch = rows(&release.join("figures").join(&path));
        let key =
            ["parameter", "level", "region", "statistic", "dimension", "category"].map(|column| texts(&batch, column));
        let status = texts(&batch, "status");
        for (row, value) in numbers(&batch, "value").into_iter().enumerate().filter(|(row, _)| status[*row] == "ok") {
            let key: Vec<&str> = key.iter().map(|column| column[row].as_str()).collect();
            assert!(found.insert(key.join(" "), value).is_none());
        }
    }
    found
}

#[test]
fn a_folder_that_is_no_release_is_an_output_error() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().to_str().unwrap();
    let said = wijkpeil(&["diff", path, path]).exits(13);
    assert!(said.err.contains("manifest.json") && said.out.is_empty(), "{}", said.err);
}
