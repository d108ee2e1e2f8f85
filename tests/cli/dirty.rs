//! The deliberately dirty sample: its faults are known by row, and the reader must find these and no others.

use super::support::{copy, release, root, rows, texts, wijkpeil_in};

fn stage(max_rejects: usize) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("pipelines"), &place.path().join("pipelines"));
    copy(&root().join("sample-data"), &place.path().join("sample-data"));
    let path = place.path().join("pipelines/gmvo.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let text = text.replace("gmvo-2022.csv", "gmvo-2022-dirty.csv");
    std::fs::write(path, text.replace("max-rejects = 0", &format!("max-rejects = {max_rejects}"))).unwrap();
    place
}

/// (row, column in lowercase, code) of the declared faults.
fn expected() -> Vec<(u64, String, String)> {
    let text = std::fs::read_to_string(root().join("sample-data/gmvo-2022-dirty.expected.csv")).unwrap();
    let mut faults: Vec<_> = text
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            (cells[0].parse().unwrap(), cells[1].to_lowercase(), cells[2].to_owned())
        })
        .collect();
    faults.sort();
    faults
}

#[test]
fn the_dirty_sample_gives_the_declared_rejects_and_no_others() {
    let expected = expected();
    assert_eq!(expected.len(), 13);
    let place = stage(13);
    let said = wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml"]).exits(0);
    let rejects = rows(&release(place.path(), &said).join("quality/rejects.parquet"));
    let mut found: Vec<(u64, String, String)> = texts(&rejects, "row")
        .iter()
        .zip(texts(&rejects, "column"))
        .zip(texts(&rejects, "code"))
        .map(|((row, column), code)| (row.parse().unwrap(), column.trim().to_lowercase(), code))
        .collect();
    found.sort();
    assert_eq!(found, expected);
    assert!(texts(&rejects, "file").iter().all(|file| file == "gmvo-2022-dirty.csv"));
    assert!(texts(&rejects, "source").iter().all(|source| source == "gmvo-2022"));

    // Rows in = rows used + rejected, counted by lines of the file: no cell of it holds a line break.
    let bytes = std::fs::read(root().join("sample-data/gmvo-2022-dirty.csv")).unwrap();
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count() - 1;
    assert_eq!(lines, 400);
    let words = format!("gmvo-2022: {lines} rows read, {} rejected", expected.len());
    assert!(said.err.contains(&words), "{}", said.err);
    let checks = rows(&release(place.path(), &said).join("quality/checks.parquet"));
    assert!(texts(&checks, "verdict").iter().all(|verdict| verdict == "ok"));
}

#[test]
fn one_reject_less_is_one_too_many() {
    let place = stage(12);
    let said = wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml"]).exits(11);
    assert_eq!(said.out, "");
    // Every column and reason has its finding, and every row is named.
    for (row, column, code) in expected() {
        let lowercase = said.err.to_lowercase();
        assert!(lowercase.contains(&format!("column `{column}`: {code}")), "{column} {code}: {}", said.err);
        assert!(said.err.contains(&format!("gmvo-2022-dirty.csv:{row}")), "{row}: {}", said.err);
    }
    assert!(said.err.contains("13 rejects, limit 12"), "{}", said.err);
    assert!(!place.path().join("out/releases").exists());
}
