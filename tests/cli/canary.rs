//! No answer leaks: marked cells never come out, in words or in files.

use super::support::{copy, files_under, root, wijkpeil_in};

/// A text that stands nowhere else.
const CANARY: &str = "Kanarie7391";

/// Bad cells of every kind hold the marker; over the limit and under it, no word and no file repeats it.
#[test]
fn what_stands_in_a_bad_cell_is_never_repeated() {
    let good = include_str!("../data/good/data/respondents.csv");
    let columns: Vec<&str> = good.lines().next().unwrap().split(';').collect();
    let row = "70;9001;a;1;1;1;1;3;3;3;0;8";
    // The marker in each column once, behind a number of the row so that ids differ; then the same id twice, and a wijk-like text.
    let mut rows: Vec<String> = (0..columns.len())
        .map(|at| {
            let cells = row.split(';').enumerate().map(|(column, cell)| match column {
                0 if at != 0 => format!("{}", 100 + at),
                _ if column == at => CANARY.to_owned(),
                _ => cell.to_owned(),
            });
            cells.collect::<Vec<_>>().join(";")
        })
        .collect();
    rows.push(format!("{CANARY};9001;a;1;1;1;1;3;3;3;0;8"));
    for (limit, exit) in [(0, 11), (1000, 0)] {
        let place = tempfile::tempdir().unwrap();
        copy(&root().join("tests/data/good"), place.path());
        let pipeline = place.path().join("pipeline.toml");
        let text = std::fs::read_to_string(&pipeline).unwrap();
        let text = text.replace("../good/", "").replace("max-rejects = 0", &format!("max-rejects = {limit}"));
        std::fs::write(&pipeline, text).unwrap();
        std::fs::write(place.path().join("data/respondents.csv"), format!("{good}{}\n", rows.join("\n"))).unwrap();
        for verb in [&["check", "pipeline.toml"][..], &["explain", "pipeline.toml"]] {
            let said = wijkpeil_in(place.path(), verb).exits(0);
            assert!(!said.out.contains(CANARY) && !said.err.contains(CANARY));
        }
        let said = wijkpeil_in(place.path(), &["run", "pipeline.toml", "--out", "out"]).exits(exit);
        assert!(!said.out.contains(CANARY) && !said.err.contains(CANARY), "{}{}", said.out, said.err);
        let files = files_under(&place.path().join("out"));
        assert_eq!(files.len() > 5, exit == 0);
        for (name, bytes) in files {
            assert!(!name.contains(CANARY), "{name}");
            // Parquet pages are compressed, so their cells are read too.
            let mut found = memmem(&bytes, CANARY.as_bytes());
            if name.ends_with(".parquet") && !name.contains("current/") {
                let batch = super::support::rows(&place.path().join("out").join(&name));
                for field in batch.schema().fields() {
                    found |= super::support::texts(&batch, field.name()).iter().any(|text| text.contains(CANARY));
                }
            }
            assert!(!found, "{name}");
        }
    }
}

/// A broken record is named by its line and not shown.
#[test]
fn a_broken_record_is_not_shown() {
    let good = include_str!("../data/good/data/respondents.csv");
    for broken in [
        format!("{CANARY};{CANARY}"),
        format!("7;9001;\"{CANARY};1;1;1;1;3;3;3;0;8"),
        format!("7;9001;a\"{CANARY};1;1;1;1;3;3;3;0;8"),
        format!("7;9001;{CANARY}\0;1;1;1;1;3;3;3;0;8"),
    ] {
        let place = tempfile::tempdir().unwrap();
        copy(&root().join("tests/data/good"), place.path());
        let pipeline = place.path().join("pipeline.toml");
        let text = std::fs::read_to_string(&pipeline).unwrap().replace("../good/", "");
        std::fs::write(&pipeline, text).unwrap();
        std::fs::write(place.path().join("data/respondents.csv"), format!("{good}{broken}\n")).unwrap();
        let said = wijkpeil_in(place.path(), &["run", "pipeline.toml", "--out", "out"]).exits(11);
        assert!(said.err.contains("respondents.csv:8"), "{}", said.err);
        assert!(!said.err.contains(CANARY) && said.out.is_empty(), "{}", said.err);
    }
}

fn memmem(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
