//! `targets`: how far each region is from what it wants to reach. `interventions`: what may help, per parameter.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;

use super::{
    cells,
    error::PublishError,
    keys::Keys,
    manifest::WrittenFile,
    parquet::{self, Origin, ROW_GROUP},
    schema::Table,
    tables,
};
use crate::{
    declare::{InterventionEntry, TargetEntry},
    disclose::Figure,
    vocab::{Statistic, Status},
};

/// A target beside the latest figure of a region.
struct Row<'a> {
    target: &'a TargetEntry,
    figure: &'a Figure,
}

impl Row<'_> {
    fn difference(&self) -> Option<f64> {
        self.figure.value.map(|value| value - self.target.value)
    }

    /// Whether the target is reached, by the favourable direction of the parameter; empty where it has none.
    fn reached(&self, keys: Keys<'_>) -> Option<bool> {
        let difference = self.difference()?;
        match keys.parameter(self.figure).direction.as_str() {
            "higher" => Some(difference >= 0.0),
            "lower" => Some(difference <= 0.0),
            _ => None,
        }
    }
}

/// Writes `targets`: per target and region the latest figure of the total, one per collection, method, source and variant. A withheld figure
/// has its row, and no difference.
pub(super) fn write_targets(
    target: parquet::Target<'_>,
    keys: Keys<'_>,
    runs: &[&[Figure]],
) -> Result<WrittenFile, PublishError> {
    let total = keys.catalogue.category("total", "total").ok();
    let mut latest: BTreeMap<(usize, [u32; 5], &str), &Figure> = BTreeMap::new();
    for (at, wanted) in keys.catalogue.targets.iter().enumerate() {
        let fits = |figure: &&Figure| {
            figure.statistic == Statistic::Crude
                && Some(figure.category as usize) == total
                && keys.parameter(figure).id == wanted.parameter
                && wanted.levels.contains(&keys.region(figure).level())
        };
        for figure in runs.iter().flat_map(|run| run.iter()).filter(fits) {
            let series = [figure.parameter, figure.collection, figure.region, figure.source, figure.variant];
            let kept = latest.entry((at, series, figure.method.as_str())).or_insert(figure);
            if kept.period < figure.period {
                *kept = figure;
            }
        }
    }
    let rows: Vec<Row<'_>> =
        latest.into_iter().map(|(key, figure)| Row { target: &keys.catalogue.targets[key.0], figure }).collect();
    let origin = match rows.is_empty() {
        true => Origin::of_catalogue(keys),
        false => Origin::of_figures(keys, rows.iter().map(|row| row.figure)),
    };
    let path = tables::path(Table::Targets);
    let batches = rows.chunks(ROW_GROUP).map(|rows| {
        let columns: Vec<ArrayRef> = vec![
            cells::text(rows, |row| &keys.parameter(row.figure).id),
            cells::text(rows, |row| keys.collection(row.figure)),
            cells::int32(rows, |row| keys.period(row.figure).year),
            cells::text(rows, |row| &keys.period(row.figure).label),
            cells::text(rows, |row| keys.region(row.figure).level().as_str()),
            cells::text(rows, |row| keys.region(row.figure).code.as_str()),
            cells::int32(rows, |row| keys.region(row.figure).region_year),
            cells::text(rows, |row| row.figure.method.as_str()),
            cells::text(rows, |row| &keys.source(row.figure).id),
            cells::text(rows, |row| keys.variant(row.figure)),
            cells::text(rows, |row| keys.parameter(row.figure).unit.as_str()),
            cells::float64(rows, |row| Some(row.target.value)),
            cells::int32(rows, |row| row.target.year),
            cells::text(rows, |row| &row.target.label_nl),
            cells::text(rows, |row| &row.target.label_en),
            cells::text(rows, |row| &row.target.source),
            cells::float64(rows, |row| row.figure.value),
            cells::float64(rows, Row::difference),
            cells::open_boolean(rows, |row| row.reached(keys)),
            cells::text(rows, |row| row.figure.status.as_str()),
        ];
        cells::batch(Table::Targets.schema(), columns, &path)
    });
    debug_assert!(rows.iter().all(|row| row.figure.status == Status::Ok || row.difference().is_none()));
    parquet::write(target, &path, Table::Targets, Table::Targets.schema(), &origin, batches)
}

/// Writes `interventions`: one row per parameter and intervention.
pub(super) fn write_interventions(target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
    let rows: &[InterventionEntry] = &keys.catalogue.interventions;
    let path = tables::path(Table::Interventions);
    let batches = rows.chunks(ROW_GROUP).map(|rows| {
        let columns: Vec<ArrayRef> = vec![
            cells::text(rows, |row| &row.parameter),
            cells::text(rows, |row| &row.id),
            cells::text(rows, |row| &row.name),
            cells::text(rows, |row| &row.database),
            cells::text(rows, |row| &row.theme),
            cells::text(rows, |row| &row.life_phase),
            cells::text(rows, |row| &row.prevention_level),
            cells::text(rows, |row| &row.setting),
            cells::text(rows, |row| &row.description_nl),
            cells::text(rows, |row| &row.description_en),
            cells::text(rows, |row| &row.source),
            cells::text(rows, |row| &row.status),
        ];
        cells::batch(Table::Interventions.schema(), columns, &path)
    });
    let origin = Origin::of_catalogue(keys);
    parquet::write(target, &path, Table::Interventions, Table::Interventions.schema(), &origin, batches)
}
