//! Releases on paper: parquet files with the columns that a reader needs, filled by hand, so that a leak can be planted.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;

/// A figure on paper.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// `lonely` where it is empty.
    pub parameter: &'static str,
    pub region: String,
    /// Year of the monitor; 2022 where it is 0.
    pub period: i32,
    /// Year of the division.
    pub year: i32,
    pub statistic: &'static str,
    pub dimension: String,
    pub category: String,
    pub value: Option<f64>,
    pub se: Option<f64>,
    pub deff: Option<f64>,
    pub df: Option<i64>,
    pub n: Option<i64>,
    pub n_class: Option<&'static str>,
    pub reason: &'static str,
}

impl Row {
    /// A shown figure of `yes` of `n`.
    pub fn shown(region: &str, dimension: &str, category: &str, n: i64, yes: i64) -> Self {
        Self {
            region: region.to_owned(),
            year: 2022,
            statistic: "crude",
            dimension: dimension.to_owned(),
            category: category.to_owned(),
            value: Some(yes as f64 / n as f64),
            n: Some(n),
            ..Self::default()
        }
    }

    pub fn withheld(region: &str, dimension: &str, category: &str, reason: &'static str) -> Self {
        Self { value: None, n: None, reason, ..Self::shown(region, dimension, category, 1, 0) }
    }

    pub fn total(region: &str, n: i64, yes: i64) -> Self {
        Self::shown(region, "total", "total", n, yes)
    }

    pub fn hidden(region: &str) -> Self {
        Self::withheld(region, "total", "total", "withheld")
    }

    fn level(&self) -> &'static str {
        match self.region.split_at(2).0 {
            "NL" => "nl",
            "GG" => "ggd",
            "GM" => "gemeente",
            _ => "wijk",
        }
    }
}

/// Regions with their year, parent and predecessors.
pub const REGIONS: &[(&str, i32, &str, &str)] = &[
    ("NL00", 2022, "", ""),
    ("GG0001", 2022, "NL00", ""),
    ("GM0001", 2022, "GG0001", ""),
    ("GM0002", 2022, "GG0001", ""),
    ("WK000101", 2022, "GM0001", ""),
    ("WK000102", 2022, "GM0001", ""),
    ("WK000103", 2022, "GM0001", ""),
    ("WK000201", 2022, "GM0002", ""),
];

/// Policy of most tests: reasons merged, numbers exact.
pub const POLICY: &str = r#"{"complementary":"linked","protection_n":25,"protection_answer":5,"reasons":"merged","unplaced":"open",
"floors":[{"collections":[],"minimum_n":50,"minimum_answer":5,"minimum_complement":5,"group_disclosure":100,"minimum_population":0}],
"precision":[{"levels":[],"share":null,"count":1,"hidden":[]}],"already_published":false}"#;

/// A release on paper.
pub struct Paper {
    place: tempfile::TempDir,
    regions: Vec<(&'static str, i32, &'static str, &'static str)>,
}

impl Paper {
    /// A release with these figures of one parameter and this policy, for this audience.
    pub fn new(rows: &[Row], policy: &str, audience: &str) -> Self {
        Self::with_regions(REGIONS, rows, policy, audience)
    }

    pub fn with_regions(
        regions: &[(&'static str, i32, &'static str, &'static str)],
        rows: &[Row],
        policy: &str,
        audience: &str,
    ) -> Self {
        let paper = Self { place: tempfile::tempdir().unwrap(), regions: regions.to_vec() };
        let manifest = format!(r#"{{"release": "paper", "audience": "{audience}", "policy": {policy}, "files": []}}"#);
        std::fs::write(paper.path().join("manifest.json"), manifest).unwrap();
        paper.table(
            "regions.parquet",
            vec![
                ("code", texts(paper.regions.iter().map(|own| own.0))),
                ("region_year", years(paper.regions.iter().map(|own| own.1))),
                ("level", texts(paper.regions.iter().map(|own| Row::total(own.0, 1, 0).level()))),
                ("parent", texts(paper.regions.iter().map(|own| own.2))),
                ("predecessors", texts(paper.regions.iter().map(|own| own.3))),
            ],
        );
        for level in ["nl", "ggd", "gemeente", "wijk"] {
            let own: Vec<&Row> = rows.iter().filter(|row| row.level() == level).collect();
            if !own.is_empty() {
                paper.table(&format!("figures/gmvo/2022/{level}.parquet"), figures(&own));
            }
        }
        paper
    }

    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Writes a table.
    pub fn table(&self, name: &str, columns: Vec<(&str, ArrayRef)>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, own)| (name, own, true))).unwrap();
        let mut writer = ArrowWriter::try_new(std::fs::File::create(&path).unwrap(), batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        path
    }
}

pub fn texts<'t>(own: impl Iterator<Item = &'t str>) -> ArrayRef {
    Arc::new(own.map(|own| (!own.is_empty()).then_some(own)).collect::<StringArray>())
}

pub fn years(own: impl Iterator<Item = i32>) -> ArrayRef {
    Arc::new(own.collect::<Int32Array>())
}

pub fn floats(own: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(own.collect::<Float64Array>())
}

fn wholes(own: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(own.collect::<Int64Array>())
}

fn figures(rows: &[&Row]) -> Vec<(&'static str, ArrayRef)> {
    let all = |word: &'static str| texts(rows.iter().map(move |_| word));
    let period = |row: &Row| if row.period == 0 { 2022 } else { row.period };
    let labels: Vec<String> = rows.iter().map(|row| period(row).to_string()).collect();
    let parameter = |row: &&Row| if row.parameter.is_empty() { "lonely" } else { row.parameter };
    let status = |row: &&Row| if row.value.is_some() { "ok" } else { "suppressed" };
    vec![
        ("parameter", texts(rows.iter().map(parameter))),
        ("collection", all("gmvo")),
        ("period", years(rows.iter().map(|row| period(row)))),
        ("period_label", texts(labels.iter().map(String::as_str))),
        ("level", texts(rows.iter().map(|row| row.level()))),
        ("region", texts(rows.iter().map(|row| row.region.as_str()))),
        ("region_year", years(rows.iter().map(|row| row.year))),
        ("statistic", texts(rows.iter().map(|row| row.statistic))),
        ("dimension", texts(rows.iter().map(|row| row.dimension.as_str()))),
        ("category", texts(rows.iter().map(|row| row.category.as_str()))),
        ("value", floats(rows.iter().map(|row| row.value))),
        ("se", floats(rows.iter().map(|row| row.se))),
        ("lower", floats(rows.iter().map(|_| None))),
        ("upper", floats(rows.iter().map(|_| None))),
        ("n", wholes(rows.iter().map(|row| row.n))),
        ("n_class", texts(rows.iter().map(|row| row.n_class.unwrap_or("")))),
        ("n_effective", floats(rows.iter().map(|_| None))),
        ("deff", floats(rows.iter().map(|row| row.deff))),
        ("df", wholes(rows.iter().map(|row| row.df))),
        ("unit", all("share")),
        ("method", all("direct")),
        ("variant", all("")),
        ("status", texts(rows.iter().map(status))),
        ("reason", texts(rows.iter().map(|row| row.reason))),
        ("source", all("s2022")),
    ]
}

/// A table of `tests/data/disclosure`.
pub fn adversarial(name: &str) -> Vec<Row> {
    let path = crate::support::repository(&format!("tests/data/disclosure/{name}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(';').collect();
            let &[region, dimension, category, n, yes] = cells.as_slice() else { panic!("{line}") };
            if n == "." {
                Row::withheld(region, dimension, category, "withheld")
            } else {
                Row::shown(region, dimension, category, n.parse().unwrap(), yes.parse().unwrap())
            }
        })
        .collect()
}
