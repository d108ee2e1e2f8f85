//! Where one figure of a release comes from, in words, from the release alone: nothing is said that the release does not hold.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Float64Type, Int32Type, Int64Type};
use serde_json::Value;

use super::{
    error::PublishError,
    folder,
    manifest::{hold_tables, read_manifest},
    why_more::{comparisons, derived},
};
use crate::vocab::RegionCode;

/// Which figure is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyQuery {
    /// Parameter id.
    pub parameter: String,
    /// Region code.
    pub region: String,
    /// Label or year of the period.
    pub period: String,
    /// Dimension.
    pub dimension: String,
    /// Category.
    pub category: String,
}

/// Explains every figure of a release that a query names: one per collection, method, source and variant, with what it is compared with;
/// then what is made of it, such as standardised values.
///
/// # Errors
/// [`PublishError`] where the release cannot be read. A figure that is not there gives an empty list.
pub fn why(release: &Path, query: &WhyQuery) -> Result<Vec<String>, PublishError> {
    let manifest = read_manifest(release)?;
    hold_tables(release, &manifest)?;
    let level = RegionCode::parse(&query.region).map(|code| code.level().as_str()).unwrap_or_default();
    let files = folder::files_under(release)?;
    let rules: Vec<&str> = manifest["rules"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let (mut found, mut made) = (Vec::new(), Vec::new());
    let wanted = format!("/{level}.parquet");
    for (_, path) in files.iter().filter(|(name, _)| name.starts_with("figures/") && name.ends_with(&wanted)) {
        for batch in batches(path)? {
            let rows = (0..batch.num_rows()).filter(|row| matches(&Cells { batch: &batch, row: *row }, query));
            for row in rows {
                let figure = Cells { batch: &batch, row };
                if figure.text("statistic") == "crude" {
                    found.push(explain(release, &manifest, &figure, query)?);
                } else {
                    made.push(derived(&figure, &rules));
                }
            }
        }
    }
    found.extend(made);
    Ok(found)
}

pub(super) fn batches(path: &Path) -> Result<Vec<RecordBatch>, PublishError> {
    let file = File::open(path).map_err(PublishError::io("read", path))?;
    let fault = PublishError::parquet(path);
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).and_then(ParquetRecordBatchReaderBuilder::build);
    let batches: Result<Vec<RecordBatch>, _> = reader.map_err(fault)?.collect();
    batches.map_err(|source| PublishError::Columns { path: path.display().to_string(), source })
}

/// One row of a table.
pub(super) struct Cells<'b> {
    pub(super) batch: &'b RecordBatch,
    pub(super) row: usize,
}

impl Cells<'_> {
    fn column(&self, name: &str) -> Option<&dyn Array> {
        self.batch.column_by_name(name).map(|column| &**column).filter(|column| column.is_valid(self.row))
    }

    /// The text of a cell; nothing where it is empty or no text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.column(name).and_then(|column| column.as_string_opt::<i32>()).map_or("", |column| column.value(self.row))
    }

    /// Whether something stands in a cell, of whatever type.
    pub(super) fn is_there(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let column = self.column(name)?;
        let whole = || column.as_primitive_opt::<Int64Type>().map(|own| own.value(self.row) as f64);
        let small = || column.as_primitive_opt::<Int32Type>().map(|own| f64::from(own.value(self.row)));
        column.as_primitive_opt::<Float64Type>().map(|own| own.value(self.row)).or_else(whole).or_else(small)
    }
}

fn matches(cells: &Cells<'_>, query: &WhyQuery) -> bool {
    let period = cells.number("period").map(|year| year.to_string());
    cells.text("parameter") == query.parameter
        && cells.text("region") == query.region
        && (cells.text("period_label") == query.period || period.as_deref() == Some(&query.period))
        && cells.text("dimension") == query.dimension
        && cells.text("category") == query.category
}

/// The row of a small table with these texts in these columns.
fn with_row<T>(
    release: &Path,
    table: &str,
    keys: &[(&str, &str)],
    read: impl Fn(&Cells<'_>) -> T,
) -> Result<Option<T>, PublishError> {
    for batch in batches(&release.join(table))? {
        for row in 0..batch.num_rows() {
            let cells = Cells { batch: &batch, row };
            let same = |(column, text): &(&str, &str)| {
                cells.text(column) == *text || cells.number(column).map(|n| n.to_string()).as_deref() == Some(*text)
            };
            if keys.iter().all(same) {
                return Ok(Some(read(&cells)));
            }
        }
    }
    Ok(None)
}

/// A number in the unit of its figure, as people read it.
pub(super) fn shown(number: f64, unit: &str) -> String {
    match unit {
        "share" => format!("{:.1} %", number * 100.0),
        "count" => format!("{number:.0}"),
        _ => format!("{number:.2}"),
    }
}

fn explain(release: &Path, manifest: &Value, figure: &Cells<'_>, query: &WhyQuery) -> Result<String, PublishError> {
    let (unit, source) = (figure.text("unit"), figure.text("source"));
    let year = figure.number("region_year").unwrap_or_default().to_string();
    let parameter = with_row(release, "parameters.parquet", &[("id", figure.text("parameter"))], |row| {
        ["label_nl", "description_nl", "instrument", "comparability", "source", "status"]
            .map(|name| row.text(name).to_owned())
    })?
    .unwrap_or_default();
    let region =
        with_row(release, "regions.parquet", &[("code", figure.text("region")), ("region_year", &year)], |row| {
            ["name", "parent"].map(|name| row.text(name).to_owned())
        })?
        .unwrap_or_default();
    let origin = with_row(release, "sources.parquet", &[("id", source)], |row| {
        ["title", "table_id", "publisher", "licence", "sample", "fieldwork", "file_hash"]
            .map(|name| row.text(name).to_owned())
    })?
    .unwrap_or_default();
    let mut text = String::new();
    let mut line = |head: &str, words: String| {
        if !words.is_empty() {
            let _ = writeln!(text, "{head:<12}{words}");
        }
    };
    let [label, description, instrument, comparability, rule_source, status] = &parameter;
    line("figure", format!("{label} ({})", figure.text("parameter")));
    line("", description.clone());
    let [name, parent] = &region;
    let within = if parent.is_empty() { String::new() } else { format!(", in {parent}") };
    line("region", format!("{} {name} ({}, division of {year}{within})", figure.text("region"), figure.text("level")));
    let of = match (figure.text("dimension"), figure.text("category")) {
        ("total", _) => "everybody".to_owned(),
        (dimension, category) => format!("{dimension} {category}"),
    };
    line("of whom", format!("{of}, {} {}", figure.text("collection"), figure.text("period_label")));
    line("value", value(figure, unit));
    line("decision", decision(figure, manifest));
    line("numbers", numbers(figure));
    line("precision", figure.text("reliability").to_owned());
    let compared = comparisons(release, figure, query)?;
    let rules = manifest["rules"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for own in rules.filter(|own| own.starts_with("comparisons by ") && !compared.is_empty()) {
        line("compared", format!("{own}; intervals are of one comparison by itself"));
    }
    for own in compared {
        line("", own);
    }
    line("definition", format!("{}: {instrument}; {rule_source} ({status})", figure.text("definition")));
    line("compare", comparability.clone());
    let provenance = manifest["provenance"].as_array().into_iter().flatten().find(|own| {
        own["parameter"].as_str() == Some(figure.text("parameter")) && own["source"].as_str() == Some(source)
    });
    let said = |key: &str| provenance.and_then(|own| own[key].as_str()).unwrap_or_default().to_owned();
    line("measured", said("measured"));
    line("design", said("design"));
    let variant = figure.text("variant");
    let variant = if variant.is_empty() { String::new() } else { format!(", {variant}") };
    line("method", format!("{}{variant}", figure.text("method")));
    let [title, table, publisher, licence, sample, fieldwork, hash] = &origin;
    let about: Vec<&str> = [table, publisher, licence, fieldwork]
        .into_iter()
        .map(String::as_str)
        .filter(|word| !word.is_empty())
        .collect();
    line("source", format!("{source}: {title} ({}); sample: {sample}", about.join("; ")));
    for input in
        manifest["inputs"].as_array().into_iter().flatten().filter(|own| own["source"].as_str() == Some(source))
    {
        line(
            "file",
            format!("{}, sha256 {}", input["name"].as_str().unwrap_or("?"), input["sha256"].as_str().unwrap_or("?")),
        );
    }
    if manifest["inputs"].as_array().is_none_or(Vec::is_empty) {
        line("file", format!("sha256 {hash}"));
    }
    let rows = [("rows_read", "read"), ("rows_used", "used"), ("rows_rejected", "rejected")];
    line("rows", counts(release, source, rows.map(|(check, word)| (check.to_owned(), word)))?);
    let id = figure.text("parameter");
    let answers = [("known", "known"), ("unknown", "unknown"), ("not_applicable", "not applicable")];
    let answers = counts(release, source, answers.map(|(what, word)| (format!("answers_{what}_{id}"), word)))?;
    if !answers.is_empty() {
        line("answers", format!("{answers}, in the whole source"));
    }
    line(
        "release",
        format!(
            "{}, wijkpeil {}, made from {}",
            manifest["release"].as_str().unwrap_or("?"),
            manifest["version"].as_str().unwrap_or("?"),
            manifest["made_from"].as_str().unwrap_or("?"),
        ),
    );
    Ok(text)
}

pub(super) fn value(figure: &Cells<'_>, unit: &str) -> String {
    let Some(number) = figure.number("value") else { return "none".to_owned() };
    let provisional = figure.column("provisional").and_then(|column| column.as_boolean_opt());
    let provisional = if provisional.is_some_and(|own| own.value(figure.row)) { ", provisional" } else { "" };
    let limits = figure.number("lower").zip(figure.number("upper")).map(|(lower, upper)| {
        let level = figure.number("confidence").map_or(String::new(), |level| format!(", {} %", level * 100.0));
        format!(
            " ({} to {}{level}, interval {})",
            shown(lower, unit),
            shown(upper, unit),
            figure.text("interval_method")
        )
    });
    format!("{}{}{provisional}", shown(number, unit), limits.unwrap_or_default())
}

/// Why the figure is shown or not, and by which floor.
fn decision(figure: &Cells<'_>, manifest: &Value) -> String {
    let reason = figure.text("reason");
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let floor = manifest["floor"].as_str().map_or(String::new(), |floor| format!("; floor: {floor}"));
    format!("{}{reason}{floor}", figure.text("status"))
}

fn numbers(figure: &Cells<'_>) -> String {
    let part =
        |name: &str, words: &str, digits: usize| figure.number(name).map(|number| format!("{words} {number:.digits$}"));
    let parts = [
        part("n", "n", 0),
        part("n_effective", "effective n", 0),
        part("deff", "design effect", 2),
        part("df", "degrees of freedom", 0),
        part("population", "population", 0),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Counts of a source by the checks of its release, as far as they are said.
fn counts(release: &Path, source: &str, checks: [(String, &str); 3]) -> Result<String, PublishError> {
    let mut parts = Vec::new();
    for (check, word) in checks {
        let keys = [("check", check.as_str()), ("subject", source)];
        let count = with_row(release, "quality/checks.parquet", &keys, |row| row.number("measured"))?;
        if let Some(Some(count)) = count {
            parts.push(format!("{count:.0} {word}"));
        }
    }
    Ok(parts.join(", "))
}
