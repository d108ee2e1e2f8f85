//! The coverage matrix of the whole parameter set: every row of the proposal leads somewhere, and nothing is dropped in silence.

use std::collections::BTreeMap;

use super::support::{release, root, wijkpeil};
use crate::support::{Csv, shared};

/// Parameter, collection, periods, levels and state of each row of the matrix in a codebook.
fn matrix(codebook: &str) -> Vec<[String; 5]> {
    let (_, rest) = codebook.split_once("## Dekking").unwrap();
    let table = rest.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    rows.map(|line| {
        let cells: Vec<String> = line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        cells.try_into().unwrap()
    })
    .collect()
}

/// Id → row of the proposal, from the parameter files: the key `proposal`, or the id itself.
fn proposals() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for path in super::support::files(&root().join("pipelines/parameters"), "toml") {
        let text = std::fs::read_to_string(path).unwrap();
        for entry in text.split("[[parameter]]").skip(1) {
            let value = |key: &str| {
                let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key} = \"")))?;
                Some(line.trim_end_matches('"').to_owned())
            };
            let id = value("id").unwrap();
            found.insert(id.clone(), value("proposal").unwrap_or(id));
        }
    }
    found
}

#[test]
fn every_row_of_the_proposal_is_in_the_matrix_of_the_life_course() {
    let place = tempfile::tempdir().unwrap();
    let run = wijkpeil(&["run", "pipelines/mentale-gezondheid.toml", "--out", place.path().to_str().unwrap()]).exits(0);
    let matrix = matrix(&std::fs::read_to_string(release(root(), &run).join("codebook.md")).unwrap());
    let proposals = proposals();
    for id in proposals.keys() {
        assert!(matrix.iter().any(|row| row[0] == *id), "{id} is not in the matrix");
    }
    // Each row says where there are figures, or why there are none.
    for [id, collection, _, levels, state] in &matrix {
        let none = [
            "niet gemeten in deze bron",
            "het bestand heeft de kolom niet",
            "niet in deze pipeline",
            "geen bestand levert dit",
        ];
        let empty = none.iter().any(|word| state.starts_with(word));
        assert_eq!(levels.is_empty(), empty, "{id} {collection}: {state}");
    }
    for (id, state) in [("burnout_complaints", "geen bestand levert dit"), ("suicide_deaths", "niet in deze pipeline")]
    {
        assert!(matrix.iter().any(|row| row[0] == id && row[4].starts_with(state)), "{id}");
    }
    let Some(path) = shared("reference/parameter_set.csv") else { return };
    let set = Csv::read(&path, ',');
    let id = set.column("id");
    assert_eq!(set.rows.len(), 60);
    for row in &set.rows {
        assert!(proposals.values().any(|proposal| *proposal == row[id]), "no parameter for {}", row[id]);
    }
}
