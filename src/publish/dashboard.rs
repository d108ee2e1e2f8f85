//! The wide tables: one row per region × period, one file per collection and method.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::array::{ArrayRef, RecordBatch};
use rayon::prelude::*;

use super::{
    cells,
    error::PublishError,
    figures::folder_name,
    keys::Keys,
    manifest::WrittenFile,
    parquet::{self, Origin, ROW_GROUP},
    schema::{self, Table},
    verdict::Verdicts,
};
use crate::{
    declare::RegionEntry,
    disclose::{Comparisons, Figure},
    vocab::{Method, RegionCode, Statistic},
};

/// One wide table.
pub(super) struct Sheet<'a> {
    /// Path within the release.
    pub(super) path: String,
    /// Indexes of the parameters that occur, sorted.
    parameters: Vec<u32>,
    /// Sorted by period, level and region.
    rows: Vec<Row<'a>>,
    verdicts: Arc<Verdicts<'a>>,
}

/// One region × period.
struct Row<'a> {
    /// Any figure of the row, for collection and period.
    first: &'a Figure,
    region: &'a RegionEntry,
    /// Kinds of sample of the figures, joined by a comma where there are several.
    sample: String,
    /// Sorted by parameter.
    figures: Vec<&'a Figure>,
}

/// The wide tables of these figures: crude figures of the total only. Figures must have passed [`Keys::check`].
pub(super) fn sheets<'a>(
    keys: Keys<'a>,
    runs: &[&'a [Figure]],
    comparisons: &'a Comparisons,
) -> Result<Vec<Sheet<'a>>, PublishError> {
    let verdicts = Arc::new(Verdicts::new(keys, comparisons));
    let total = keys.catalogue.category("total", "total").ok();
    // A benchmarked figure stands beside the other one in `figures`; here a column holds one.
    let one = |figure: &Figure| figure.method != Method::Model || keys.variant(figure) != "benchmarked";
    let shown = |figure: &&Figure| {
        figure.statistic == Statistic::Crude && Some(figure.category as usize) == total && one(figure)
    };
    let mut sheets: BTreeMap<(u32, &str), Vec<&Figure>> = BTreeMap::new();
    let of_runs: Vec<Vec<&Figure>> = runs.par_iter().map(|run| run.iter().filter(shown).collect()).collect();
    for figures in of_runs {
        for same in figures.chunk_by(|a, b| (a.collection, a.method) == (b.collection, b.method)) {
            sheets.entry((same[0].collection, same[0].method.as_str())).or_default().extend(same);
        }
    }
    sheets
        .into_iter()
        .map(|((collection, method), mut figures)| {
            // Period and region are indexes, which order like their text.
            let place = |figure: &Figure| (figure.period, keys.region(figure).level().as_str(), figure.region);
            figures.par_sort_by_cached_key(|figure| (place(figure), figure.parameter));
            let twice = figures.windows(2).find(|pair| {
                (pair[0].period, pair[0].region, pair[0].parameter)
                    == (pair[1].period, pair[1].region, pair[1].parameter)
            });
            if let Some(pair) = twice {
                return Err(PublishError::DashboardPlace { key: keys.text(pair[1]) });
            }
            let collection = folder_name("collection", &keys.catalogue.collections[collection as usize])?;
            let path = format!("dashboard/{collection}_{method}.parquet");
            let parameters: BTreeSet<u32> = figures.iter().map(|figure| figure.parameter).collect();
            let rows = figures.chunk_by(|a, b| (a.period, a.region) == (b.period, b.region));
            let rows = rows.map(|figures| Row::new(keys, figures)).collect();
            let sheet =
                Sheet { path, parameters: parameters.into_iter().collect(), rows, verdicts: Arc::clone(&verdicts) };
            sheet.check_columns(keys)?;
            Ok(sheet)
        })
        .collect()
}

impl<'a> Row<'a> {
    /// The row of these figures, one or more.
    fn new(keys: Keys<'a>, figures: &[&'a Figure]) -> Self {
        let first = figures[0];
        let samples: BTreeSet<&str> = figures.iter().map(|figure| keys.source(figure).sample.as_str()).collect();
        let sample = samples.into_iter().collect::<Vec<_>>().join(",");
        Self { first, region: keys.region(first), sample, figures: figures.to_vec() }
    }

    /// The figure of a parameter.
    fn of(&self, parameter: u32) -> Option<&'a Figure> {
        self.figures.binary_search_by_key(&parameter, |figure| figure.parameter).ok().map(|at| self.figures[at])
    }
}

impl Sheet<'_> {
    /// No column twice: a parameter `stress_lower` beside a parameter `stress` would make one.
    fn check_columns(&self, keys: Keys<'_>) -> Result<(), PublishError> {
        let mut seen = BTreeSet::new();
        match self.schema(keys).fields().iter().find(|field| !seen.insert(field.name().clone())) {
            Some(field) => Err(PublishError::DashboardColumn { path: self.path.clone(), column: field.name().clone() }),
            None => Ok(()),
        }
    }

    fn schema(&self, keys: Keys<'_>) -> arrow::datatypes::SchemaRef {
        schema::dashboard_schema(self.parameters.iter().map(|&index| {
            let parameter = &keys.catalogue.parameters[index as usize];
            (parameter.id.as_str(), parameter.unit)
        }))
    }

    /// Writes the table.
    pub(super) fn write(&self, target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
        let figures = self.rows.iter().flat_map(|row| row.figures.iter().copied());
        let origin = Origin::of_figures(keys, figures);
        let batches = self.rows.chunks(ROW_GROUP).map(|rows| self.batch(keys, rows));
        parquet::write(target, &self.path, Table::Dashboard, self.schema(keys), &origin, batches)
    }

    fn batch(&self, keys: Keys<'_>, rows: &[Row<'_>]) -> Result<RecordBatch, PublishError> {
        let mut columns: Vec<ArrayRef> = vec![
            cells::text(rows, |row| keys.collection(row.first)),
            cells::int32(rows, |row| keys.period(row.first).year),
            cells::text(rows, |row| &keys.period(row.first).label),
            cells::text(rows, |row| row.region.level().as_str()),
            cells::text(rows, |row| row.region.code.as_str()),
            cells::int32(rows, |row| row.region.region_year),
            cells::text(rows, |row| &row.region.name),
            cells::open_text(rows, |row| row.region.parent.as_ref().map(RegionCode::as_str)),
            cells::text(rows, |row| &row.sample),
        ];
        for index in &self.parameters {
            columns.extend([
                cells::float64(rows, |row| row.of(*index)?.value),
                cells::float64(rows, |row| row.of(*index)?.lower),
                cells::float64(rows, |row| row.of(*index)?.upper),
                cells::open_text(rows, |row| row.of(*index).map(|figure| figure.status.as_str())),
                cells::open_text(rows, |row| self.verdicts.of(row.of(*index)?)),
            ]);
        }
        cells::batch(self.schema(keys), columns, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn one_file_per_collection_and_method_with_one_row_per_region_and_period() {
        let none = Comparisons::default();
        let (catalogue, figures) = fixture::small();
        let keys = Keys::new(&catalogue).unwrap();
        let sheets = sheets(keys, &[&figures], &none).unwrap();
        let shape: Vec<_> =
            sheets.iter().map(|sheet| (sheet.path.as_str(), sheet.parameters.len(), sheet.rows.len())).collect();
        assert_eq!(shape, [("dashboard/gmj_direct.parquet", 1, 1), ("dashboard/gmvo_direct.parquet", 2, 3)]);
        assert_eq!(sheets[0].rows[0].sample, "open");
        let levels: Vec<_> = sheets[1].rows.iter().map(|row| row.region.level().as_str()).collect();
        assert_eq!(levels, ["gemeente", "gemeente", "wijk"]);
    }

    #[test]
    fn two_figures_for_one_place_are_named() {
        let none = Comparisons::default();
        let (catalogue, mut figures) = fixture::small();
        let mut variant = figures[1].clone();
        variant.variant = 1;
        figures.push(variant);
        let error = sheets(Keys::new(&catalogue).unwrap(), &[&figures], &none).err().unwrap();
        assert!(error.to_string().contains("eenzaam gmvo 2022 GM0363"), "{error}");
    }

    #[test]
    fn parameters_that_would_share_a_column_are_refused() {
        let none = Comparisons::default();
        let (mut catalogue, figures) = fixture::small();
        catalogue.parameters[1].id = "eenzaam_lower".to_owned();
        let error = sheets(Keys::new(&catalogue).unwrap(), &[&figures], &none).err().unwrap();
        assert!(matches!(&error, PublishError::DashboardColumn { column, .. } if column == "eenzaam_lower"), "{error}");
    }
}
