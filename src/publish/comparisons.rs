//! The long tables `comparisons`, one file per collection, period and level, and `trends`, one file per collection.

use std::collections::BTreeMap;

use arrow::array::RecordBatch;

use super::{
    cells,
    error::PublishError,
    figures::folder_name,
    keys::Keys,
    manifest::WrittenFile,
    parquet::{self, Origin, ROW_GROUP},
    schema::Table,
};
use crate::{
    declare::SourceEntry,
    disclose::{Comparison, Comparisons, FigureKey, Trend, Trends},
    vocab::{Favourable, Level, Method, Reason, Sample, Statistic, Verdict},
};

/// The comparisons of one file.
pub(super) struct ComparisonFile<'a> {
    /// Path within the release.
    pub(super) path: String,
    all: &'a Comparisons,
    rows: Vec<&'a Comparison>,
}

/// The trends of one file.
pub(super) struct TrendFile<'a> {
    /// Path within the release.
    pub(super) path: String,
    rows: Vec<&'a Trend>,
}

/// Splits comparisons into files. They are sorted, and no key occurs twice.
pub(super) fn comparison_files<'a>(
    keys: Keys<'a>,
    all: &'a Comparisons,
) -> Result<Vec<ComparisonFile<'a>>, PublishError> {
    let mut files: BTreeMap<(u32, u32, Level), Vec<&Comparison>> = BTreeMap::new();
    let rows = all.rows();
    if let Some(pair) = rows.windows(2).find(|pair| pair[0].key >= pair[1].key) {
        let key = format!("{} {}", keys.figure_key(&pair[1].key.figure), pair[1].key.reference);
        return Err(PublishError::FigureOrder { key });
    }
    for row in rows {
        let figure = &row.key.figure;
        let level = keys.catalogue.regions[figure.region as usize].level();
        files.entry((figure.collection, figure.period, level)).or_default().push(row);
    }
    let named = files.into_iter().map(|((collection, period, level), rows)| {
        let collection = folder_name("collection", &keys.catalogue.collections[collection as usize])?;
        let period = keys.catalogue.periods[period as usize].label.replace('/', "-");
        let period = folder_name("period", &period)?;
        Ok(ComparisonFile { path: format!("comparisons/{collection}/{period}/{level}.parquet"), all, rows })
    });
    named.collect()
}

/// Splits trends into files.
pub(super) fn trend_files<'a>(keys: Keys<'a>, all: &'a Trends) -> Result<Vec<TrendFile<'a>>, PublishError> {
    let mut files: BTreeMap<u32, Vec<&Trend>> = BTreeMap::new();
    for row in all.rows() {
        files.entry(row.key.collection).or_default().push(row);
    }
    let named = files.into_iter().map(|(collection, rows)| {
        let collection = folder_name("collection", &keys.catalogue.collections[collection as usize])?;
        Ok(TrendFile { path: format!("trends/{collection}.parquet"), rows })
    });
    named.collect()
}

impl ComparisonFile<'_> {
    /// Writes the file.
    pub(super) fn write(&self, target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
        let origin = Origin::of_keys(keys, self.rows.iter().map(|row| &row.key.figure));
        let batches = self.rows.chunks(ROW_GROUP).map(|rows| self.batch(keys, rows));
        parquet::write(target, &self.path, Table::Comparisons, Table::Comparisons.schema(), &origin, batches)
    }

    fn batch(&self, keys: Keys<'_>, rows: &[&Comparison]) -> Result<RecordBatch, PublishError> {
        let catalogue = keys.catalogue;
        let figure = |row: &&Comparison| row.key.figure;
        let region = |row: &&Comparison| &catalogue.regions[figure(row).region as usize];
        let category = |row: &&Comparison| &catalogue.categories[figure(row).category as usize];
        let columns = vec![
            cells::text(rows, |row| &catalogue.parameters[figure(row).parameter as usize].id),
            cells::text(rows, |row| &catalogue.collections[figure(row).collection as usize]),
            cells::int32(rows, |row| catalogue.periods[figure(row).period as usize].year),
            cells::text(rows, |row| region(row).level().as_str()),
            cells::text(rows, |row| region(row).code.as_str()),
            cells::int32(rows, |row| region(row).region_year),
            cells::text(rows, |_| Statistic::Crude.as_str()),
            cells::text(rows, |row| &category(row).dimension),
            cells::text(rows, |row| &category(row).category),
            cells::text(rows, |row| method(&catalogue.sources[figure(row).source as usize]).as_str()),
            cells::text(rows, |row| &catalogue.sources[figure(row).source as usize].id),
            cells::text(rows, |_| ""),
            cells::text(rows, |row| row.key.reference.as_str()),
            cells::open_text(rows, |row| row.key.region.map(|at| catalogue.regions[at as usize].code.as_str())),
            cells::open_text(rows, |row| row.key.category.map(|at| &catalogue.categories[at as usize].category)),
            cells::open_int32(rows, |row| row.key.period),
            cells::float64(rows, |row| row.difference),
            cells::float64(rows, |row| row.se),
            cells::float64(rows, |row| row.lower),
            cells::float64(rows, |row| row.upper),
            cells::int64(rows, |row| row.df),
            cells::text(rows, |row| row.test.as_str()),
            cells::float64(rows, |row| row.p_test),
            cells::float64(rows, |row| row.p_difference),
            cells::float64(rows, |row| row.p_adjusted),
            cells::text(rows, |_| self.all.adjustment().as_str()),
            cells::float64(rows, |row| row.probability_higher),
            cells::float64(rows, |_| Some(self.all.alpha())),
            cells::float64(rows, |row| Some(row.minimum_difference)),
            cells::open_text(rows, |row| row.verdict.map(Verdict::as_str)),
            cells::open_text(rows, |row| row.favourable.map(Favourable::as_str)),
            cells::text(rows, |row| row.status.as_str()),
            cells::open_text(rows, |row| row.reason.map(Reason::as_str)),
        ];
        cells::batch(Table::Comparisons.schema(), columns, &self.path)
    }
}

/// Comparisons are made of respondents' figures, or of a model's, which has a source of its own.
fn method(source: &SourceEntry) -> Method {
    if source.sample == Sample::Model { Method::Model } else { Method::Direct }
}

impl TrendFile<'_> {
    /// Writes the file.
    pub(super) fn write(&self, target: parquet::Target<'_>, keys: Keys<'_>) -> Result<WrittenFile, PublishError> {
        let origin = Origin::of_keys(keys, self.rows.iter().map(|row| &row.key));
        let batches = self.rows.chunks(ROW_GROUP).map(|rows| self.batch(keys, rows));
        parquet::write(target, &self.path, Table::Trends, Table::Trends.schema(), &origin, batches)
    }

    fn batch(&self, keys: Keys<'_>, rows: &[&Trend]) -> Result<RecordBatch, PublishError> {
        let catalogue = keys.catalogue;
        let region = |row: &&Trend| &catalogue.regions[row.key.region as usize];
        let category = |row: &&Trend| &catalogue.categories[row.key.category as usize];
        let periods = |row: &&Trend| i32::try_from(row.periods.len()).unwrap_or(i32::MAX);
        let columns = vec![
            cells::text(rows, |row| &catalogue.parameters[row.key.parameter as usize].id),
            cells::text(rows, |row| &catalogue.collections[row.key.collection as usize]),
            cells::text(rows, |row| region(row).level().as_str()),
            cells::text(rows, |row| region(row).code.as_str()),
            cells::int32(rows, |row| region(row).region_year),
            cells::text(rows, |row| &category(row).dimension),
            cells::text(rows, |row| &category(row).category),
            cells::text(rows, |_| Method::Direct.as_str()),
            cells::text(rows, |row| row.periods.join(" ")),
            cells::int32(rows, periods),
            cells::float64(rows, |row| row.slope),
            cells::float64(rows, |row| row.se),
            cells::float64(rows, |row| row.p),
            cells::float64(rows, |row| row.change.map(|change| change.difference)),
            cells::float64(rows, |row| row.change.map(|change| change.se)),
            cells::float64(rows, |row| row.change.map(|change| change.limits.lower)),
            cells::float64(rows, |row| row.change.map(|change| change.limits.upper)),
            cells::open_text(rows, |row| row.verdict.map(Verdict::as_str)),
            cells::open_text(rows, |row| row.favourable.map(Favourable::as_str)),
            cells::text(rows, |row| row.status.as_str()),
            cells::open_text(rows, |row| row.reason.map(Reason::as_str)),
        ];
        cells::batch(Table::Trends.schema(), columns, &self.path)
    }
}

impl Keys<'_> {
    /// The key of a figure for a message.
    pub(super) fn figure_key(self, figure: &FigureKey) -> String {
        let catalogue = self.catalogue;
        let (region, category) =
            (&catalogue.regions[figure.region as usize], &catalogue.categories[figure.category as usize]);
        format!(
            "{} {} {} {} {} {}={}",
            catalogue.parameters[figure.parameter as usize].id,
            catalogue.collections[figure.collection as usize],
            catalogue.periods[figure.period as usize].label,
            region.code,
            region.region_year,
            category.dimension,
            category.category,
        )
    }
}
