//! Real public files: what is taken over is what the publisher wrote, cell by cell.
//!
//! The files are not in the repository. Where they do not lie beside it, under `../shared/data`, the test says so and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::support::{files_under, numbers, release, root, rows, texts, wijkpeil};

const WIJK: &str = "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv";
const YOUNG: &str = "rivm/50140NED_TypedDataSet_22092025_192544.csv";

fn real_files() -> Option<PathBuf> {
    let folder = root().join("../shared/data");
    let there = [WIJK, YOUNG].iter().all(|file| folder.join(file).is_file());
    if !there {
        println!("SKIPPED: no real files of RIVM under {}", folder.display());
    }
    there.then_some(folder)
}

/// A table as text, read without the program: these files hold no separator and no line break within a cell.
fn table(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(path).unwrap();
    let cells = |line: &str| line.split(';').map(|cell| cell.trim_matches('"').trim().to_owned()).collect::<Vec<_>>();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = cells(lines.next().unwrap());
    let rows: Vec<_> = lines.map(cells).collect();
    assert!(rows.iter().all(|row| row.len() == header.len()));
    (header, rows)
}

/// Keys and parameters of the pipeline's mapping, per table, read without the program.
fn mapping(table: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("pipelines/rivm-wijk.toml")).unwrap();
    let source = text.split("[[source]]").find(|part| part.contains(&format!("table-id = \"{table}\""))).unwrap();
    let value = |block: &str, key: &str| {
        let line = block.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    source.split("[[source.measure]]").skip(1).map(|block| (value(block, "key"), value(block, "parameter"))).collect()
}

/// The share that a cell in per cent says: its decimal digits with the point moved, read once.
fn share(cell: &str) -> Option<f64> {
    if cell.is_empty() || cell == "." {
        return None;
    }
    let (whole, decimals) = cell.split_once('.').unwrap_or((cell, ""));
    Some(format!("0.{whole:0>2}{decimals}").parse().unwrap()).map(|share: f64| if whole == "100" { 1.0 } else { share })
}

fn level(region: &str) -> &'static str {
    match &region[..2] {
        "NL" => "nl",
        "GG" => "ggd",
        "GM" => "gemeente",
        "WK" => "wijk",
        "BU" => "buurt",
        other => panic!("{other}"),
    }
}

/// What a cell of the file says: per collection, period, level, region, dimension, category and parameter.
type Cells = BTreeMap<[String; 7], Option<f64>>;

fn expected(folder: &Path) -> Cells {
    let mut cells = Cells::new();
    let mut add = |keys: [&str; 6], parameter: &str, value| {
        let [collection, period, region, dimension, category, _] = keys;
        let key = [collection, period, level(region), region, dimension, category, parameter].map(str::to_owned);
        assert!(cells.insert(key, value).is_none(), "the file has {region} twice");
    };
    let region = |code: &str| if code == "NL01" { "NL00".to_owned() } else { code.to_owned() };

    let (header, rows) = table(&folder.join(WIJK));
    assert_eq!(header[1..], ["Leeftijd", "Marges", "WijkenEnBuurten", "Perioden", "HoogRisicoOpAngstOfDepressie_25"]);
    for row in &rows {
        assert_eq!((row[1].as_str(), row[2].as_str(), row[4].as_str()), ("53115", "MW00000", "2022JJ00"));
        add(["rivm", "2022", &region(&row[3]), "age", "18-64", ""], "anx_dep_risk_high", share(&row[5]));
    }

    let (header, rows) = table(&folder.join(YOUNG));
    for row in rows.iter().filter(|row| row[3] != "CG01") {
        assert_eq!((row[1].as_str(), row[2].as_str()), ("T009002", "MW00000"));
        for (measure, parameter) in mapping("50140NED") {
            let column = header.iter().position(|name| *name == measure).unwrap();
            add(["gmjv", "2024", &region(&row[3]), "total", "total", ""], &parameter, share(&row[column]));
        }
    }
    cells
}

#[test]
fn every_figure_of_the_real_tables_is_the_cell_of_the_file() {
    let Some(folder) = real_files() else { return };
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let said = wijkpeil(&[
        "run",
        "pipelines/rivm-wijk.toml",
        "--data",
        folder.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
    ])
    .exits(0);
    let release = release(root(), &said);

    let mut expected = expected(&folder);
    let mut fill = 0;
    let (cells, empty) = (expected.len(), expected.values().filter(|value| value.is_none()).count());
    for name in files_under(&release.join("figures")).into_keys() {
        let batch = rows(&release.join("figures").join(&name));
        let column = |name: &str| texts(&batch, name);
        let keys = ["collection", "period", "level", "region", "dimension", "category", "parameter"].map(column);
        let (status, method, unit, text) = (column("status"), column("method"), column("unit"), column("value"));
        let reason = column("reason");
        let (value, lower, upper) = (numbers(&batch, "value"), numbers(&batch, "lower"), numbers(&batch, "upper"));
        for row in 0..batch.num_rows() {
            let key = std::array::from_fn(|at: usize| keys[at][row].clone());
            let Some(wanted) = expected.remove(&key) else {
                // The file is one slice of its table; the other categories have their row and say so.
                assert_eq!((keys[0][row].as_str(), keys[6][row].as_str()), ("rivm", "anx_dep_risk_high"), "{key:?}");
                let category = (keys[4][row].as_str(), keys[5][row].as_str());
                assert!([("total", "total"), ("age", "18-64"), ("age", "65+")].contains(&category), "{key:?}");
                assert_eq!((status[row].as_str(), reason[row].as_str()), ("not_available", "source_lacks"), "{key:?}");
                assert_eq!((value[row], lower[row], upper[row]), (None, None, None), "{key:?}");
                fill += 1;
                continue;
            };
            assert_eq!(value[row], wanted, "{key:?} {}", text[row]);
            assert_eq!(status[row], if wanted.is_some() { "ok" } else { "not_available" }, "{key:?}");
            assert_eq!((method[row].as_str(), unit[row].as_str()), ("published", "share"));
            // The files hold values without their margins.
            assert_eq!((lower[row], upper[row]), (None, None));
        }
    }
    assert!(expected.is_empty(), "{} cells have no figure", expected.len());
    assert!(fill > 0);
    let counts = format!("{} figures: {} not_available, {} ok", cells + fill, empty + fill, cells - empty);
    assert!(said.err.contains(&counts), "{counts}: {}", said.err);

    // Rows in = rows used + rejected, and the one reject is the row of the Wadden gemeenten. A public release keeps its number back.
    let lines = |file: &str| table(&folder.join(file)).1.len();
    let (wijk, young) = (lines(WIJK), lines(YOUNG));
    assert_eq!(wijk, 18_003);
    assert!(said.err.contains(&format!("rivm-50120ned: {wijk} rows read, none rejected")), "{}", said.err);
    let words = format!("rivm-50140ned: {young} rows read, a few rejected, see quality/rejects");
    assert!(said.err.contains(&words), "{}", said.err);
    let rejects = rows(&release.join("quality/rejects.parquet"));
    assert_eq!(table(&folder.join(YOUNG)).1.iter().filter(|row| row[3] == "CG01").count(), 1);
    let reject = ["source", "row", "column", "code"].map(|name| texts(&rejects, name));
    assert_eq!(
        reject,
        [
            vec!["rivm-50140ned".to_owned()],
            vec![String::new()],
            vec!["RegioS".to_owned()],
            vec!["unknown-region-kind".to_owned()],
        ]
    );
    wijkpeil(&["verify", release.to_str().unwrap()]).exits(0);
}
