//! The small tables: what the keys mean, what was refused, what was checked.

use std::borrow::Cow;

use arrow::array::ArrayRef;

use super::{
    cells,
    error::PublishError,
    keys::Keys,
    manifest::WrittenFile,
    parquet::{self, Origin, ROW_GROUP},
    schema::Table,
    spec::{CheckRow, RejectRow},
};
use crate::{
    declare::{CategoryEntry, ParameterEntry, RegionEntry, SourceEntry},
    vocab::{Audience, RegionCode},
};

/// Path within the release of a small table.
pub(super) fn path(table: Table) -> String {
    match table {
        Table::Rejects | Table::Checks => format!("quality/{}.parquet", table.as_str()),
        _ => format!("{}.parquet", table.as_str()),
    }
}

/// Writes rows of a small table, made into columns by `columns`.
fn write<T>(
    target: parquet::Target<'_>,
    keys: Keys<'_>,
    table: Table,
    rows: &[T],
    columns: impl Fn(&[T]) -> Vec<ArrayRef>,
) -> Result<WrittenFile, PublishError> {
    let path = path(table);
    let batches = rows.chunks(ROW_GROUP).map(|rows| cells::batch(table.schema(), columns(rows), &path));
    parquet::write(target, &path, table, table.schema(), &Origin::of_catalogue(keys), batches)
}

/// Writes `parameters`.
pub(super) fn write_parameters(target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
    write(target, keys, Table::Parameters, &keys.catalogue.parameters, |rows: &[ParameterEntry]| {
        vec![
            cells::text(rows, |row| &row.id),
            cells::int64(rows, |row| Some(i64::from(row.version))),
            cells::text(rows, |row| &row.label_nl),
            cells::text(rows, |row| &row.label_en),
            cells::text(rows, |row| &row.description_nl),
            cells::text(rows, |row| &row.description_en),
            cells::text(rows, |row| &row.theme),
            cells::text(rows, |row| &row.domain),
            cells::text(rows, |row| &row.life_phase),
            cells::text(rows, |row| &row.prevention_level),
            cells::text(rows, |row| &row.setting),
            cells::text(rows, |row| row.unit.as_str()),
            cells::text(rows, |row| &row.direction),
            cells::text(rows, |row| &row.instrument),
            cells::text(rows, |row| &row.rule),
            cells::text(rows, |row| &row.comparability),
            cells::text(rows, |row| &row.source),
            cells::text(rows, |row| &row.status),
            cells::text(rows, |row| &row.tier),
        ]
    })
}

/// Words with blanks between them; `None` without any.
fn joined(words: Vec<String>) -> Option<String> {
    (!words.is_empty()).then(|| words.join(" "))
}

/// Writes `regions`.
pub(super) fn write_regions(target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
    write(target, keys, Table::Regions, &keys.catalogue.regions, |rows: &[RegionEntry]| {
        vec![
            cells::text(rows, |row| row.code.as_str()),
            cells::int32(rows, |row| row.region_year),
            cells::text(rows, |row| row.level().as_str()),
            cells::text(rows, |row| &row.name),
            cells::open_text(rows, |row| row.parent.as_ref().map(RegionCode::as_str)),
            cells::float64(rows, |row| row.population),
            cells::open_text(rows, |row| {
                let codes = row.predecessors.iter().map(|(code, year)| format!("{code}@{year}"));
                joined(codes.collect())
            }),
            cells::open_text(rows, |row| joined(row.comparable.iter().map(i32::to_string).collect())),
        ]
    })
}

/// Writes `categories`.
pub(super) fn write_categories(target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
    write(target, keys, Table::Categories, &keys.catalogue.categories, |rows: &[CategoryEntry]| {
        vec![
            cells::text(rows, |row| &row.dimension),
            cells::text(rows, |row| &row.category),
            cells::text(rows, |row| &row.dimension_label_nl),
            cells::text(rows, |row| &row.dimension_label_en),
            cells::text(rows, |row| &row.label_nl),
            cells::text(rows, |row| &row.label_en),
            cells::int32(rows, |row| row.order),
        ]
    })
}

/// Writes `sources`.
pub(super) fn write_sources(target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
    write(target, keys, Table::Sources, &keys.catalogue.sources, |rows: &[SourceEntry]| {
        vec![
            cells::text(rows, |row| &row.id),
            cells::text(rows, |row| &row.title),
            cells::text(rows, |row| &row.table_id),
            cells::text(rows, |row| &row.publisher),
            cells::text(rows, |row| &row.licence),
            cells::text(rows, |row| row.sample.as_str()),
            cells::text(rows, |row| &row.fieldwork),
            cells::text(rows, |row| &row.file_sha256),
            cells::text(rows, |row| &row.covers),
        ]
    })
}

/// Writes `quality/rejects`, sorted.
///
/// Row numbers are as confidential as the respondent file. A public release says what kinds of reject there were, once
/// each: without the row numbers and without their number, which would be a small count.
pub(super) fn write_rejects(
    target: parquet::Target<'_>,
    keys: Keys<'_>,
    rejects: &[RejectRow],
) -> Result<WrittenFile, PublishError> {
    let mut rows: Vec<Cow<'_, RejectRow>> = match target.audience {
        Audience::Internal => rejects.iter().map(Cow::Borrowed).collect(),
        Audience::Public => {
            rejects.iter().map(|reject| Cow::Owned(RejectRow { row: None, ..reject.clone() })).collect()
        }
    };
    rows.sort();
    if target.audience == Audience::Public {
        rows.dedup();
    }
    write(target, keys, Table::Rejects, &rows, |rows| {
        vec![
            cells::text(rows, |row| &row.source),
            cells::text(rows, |row| &row.file),
            cells::int64(rows, |row| row.row),
            cells::text(rows, |row| &row.column),
            cells::text(rows, |row| &row.code),
        ]
    })
}

/// Writes `quality/checks`, sorted by check and subject.
pub(super) fn write_checks(
    target: parquet::Target<'_>,
    keys: Keys<'_>,
    checks: &[CheckRow],
) -> Result<WrittenFile, PublishError> {
    let mut rows: Vec<&CheckRow> = checks.iter().collect();
    rows.sort_by(|a, b| {
        let number = |number: Option<f64>| number.unwrap_or(f64::NEG_INFINITY);
        (&a.check, &a.subject, &a.verdict)
            .cmp(&(&b.check, &b.subject, &b.verdict))
            .then(number(a.measured).total_cmp(&number(b.measured)))
            .then(number(a.limit).total_cmp(&number(b.limit)))
    });
    write(target, keys, Table::Checks, &rows, |rows| {
        vec![
            cells::text(rows, |row| &row.check),
            cells::text(rows, |row| &row.subject),
            cells::float64(rows, |row| row.measured),
            cells::float64(rows, |row| row.limit),
            cells::text(rows, |row| &row.verdict),
        ]
    })
}
