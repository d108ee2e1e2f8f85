//! The long table `figures`: one file per collection, period and level.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::RecordBatch;
use rayon::prelude::*;

use super::{
    cells,
    error::PublishError,
    keys::Keys,
    manifest::WrittenFile,
    parquet::{self, Origin, ROW_GROUP},
    schema::Table,
};
use crate::{
    disclose::Figure,
    vocab::{IntervalMethod, Level, Reason, Reliability},
};

/// The figures of one file.
pub(super) struct Partition<'a> {
    /// Path within the release.
    pub(super) path: String,
    /// Sorted by key.
    pub(super) figures: Vec<&'a Figure>,
}

/// Splits figures into files, run by run, and checks that in each file the keys rise and that no key occurs twice in the release.
///
/// The order of the files themselves is free: within one file collection, period and level are the same, so figures sorted
/// by index or by text both pass.
pub(super) fn partition<'a>(keys: Keys<'a>, runs: &[&'a [Figure]]) -> Result<Vec<Partition<'a>>, PublishError> {
    let mut files: BTreeMap<(u32, u32, Level), Vec<&Figure>> = BTreeMap::new();
    // Each run by itself in parallel; put together in their order.
    let of_runs = runs.par_iter().map(|run| {
        let mut files: BTreeMap<(u32, u32, Level), Vec<&'a Figure>> = BTreeMap::new();
        for figure in *run {
            keys.check(figure)?;
            files.entry((figure.collection, figure.period, keys.region(figure).level())).or_default().push(figure);
        }
        Ok(files)
    });
    for of_run in of_runs.collect::<Result<Vec<_>, PublishError>>()? {
        for (file, figures) in of_run {
            files.entry(file).or_default().extend(figures);
        }
    }
    let refuse = |figure: &Figure| PublishError::FigureOrder { key: keys.text(figure) };
    // The key holds the year, not the label: two labels of one year may not hold the same key.
    let mut years: BTreeMap<(u32, i32, Level), Vec<&Vec<&Figure>>> = BTreeMap::new();
    for (&(collection, period, level), rows) in &files {
        if let Some(pair) = rows.windows(2).find(|pair| key(pair[0]) >= key(pair[1])) {
            return Err(refuse(pair[1]));
        }
        years.entry((collection, keys.catalogue.periods[period as usize].year, level)).or_default().push(rows);
    }
    for labels in years.values().filter(|labels| labels.len() > 1) {
        let mut seen = BTreeSet::new();
        if let Some(twice) = labels.iter().flat_map(|rows| rows.iter()).find(|figure| !seen.insert(key(figure))) {
            return Err(refuse(twice));
        }
    }
    files
        .into_iter()
        .map(|((collection, period, level), figures)| {
            let collection = folder_name("collection", &keys.catalogue.collections[collection as usize])?;
            let period = keys.catalogue.periods[period as usize].label.replace('/', "-");
            let period = folder_name("period", &period)?;
            Ok(Partition { path: format!("figures/{collection}/{period}/{level}.parquet"), figures })
        })
        .collect()
}

/// The key within one file, in the order of schema.md. Indexes order like their text, because the catalogue is sorted;
/// a region's index orders by code and year, a category's by dimension and category.
fn key(figure: &Figure) -> (u32, u32, &'static str, u32, &'static str, u32, u32) {
    let (statistic, method) = (figure.statistic.as_str(), figure.method.as_str());
    (figure.parameter, figure.region, statistic, figure.category, method, figure.source, figure.variant)
}

/// A name that can be part of a path on every file system.
pub(super) fn folder_name<'n>(what: &'static str, name: &'n str) -> Result<&'n str, PublishError> {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
    if plain && !name.is_empty() && !name.starts_with('.') && !name.ends_with('.') {
        Ok(name)
    } else {
        Err(PublishError::Name { what, name: name.to_owned() })
    }
}

/// Writes one partition.
pub(super) fn write(
    target: parquet::Target<'_>,
    keys: Keys<'_>,
    partition: &Partition<'_>,
) -> Result<WrittenFile, PublishError> {
    let origin = Origin::of_figures(keys, partition.figures.iter().copied());
    let batches = partition.figures.chunks(ROW_GROUP).map(|rows| batch(keys, rows, &partition.path));
    parquet::write(target, &partition.path, Table::Figures, Table::Figures.schema(), &origin, batches)
}

/// One record batch; the columns in the order of schema.md.
fn batch(keys: Keys<'_>, rows: &[&Figure], path: &str) -> Result<RecordBatch, PublishError> {
    let columns = vec![
        cells::text(rows, |figure| &keys.parameter(figure).id),
        cells::text(rows, |figure| keys.collection(figure)),
        cells::int32(rows, |figure| keys.period(figure).year),
        cells::text(rows, |figure| &keys.period(figure).label),
        cells::text(rows, |figure| keys.region(figure).level().as_str()),
        cells::text(rows, |figure| keys.region(figure).code.as_str()),
        cells::int32(rows, |figure| keys.region(figure).region_year),
        cells::text(rows, |figure| figure.statistic.as_str()),
        cells::text(rows, |figure| &keys.category(figure).dimension),
        cells::text(rows, |figure| &keys.category(figure).category),
        cells::float64(rows, |figure| figure.value),
        cells::float64(rows, |figure| figure.se),
        cells::float64(rows, |figure| figure.lower),
        cells::float64(rows, |figure| figure.upper),
        cells::float64(rows, |figure| figure.confidence),
        cells::open_text(rows, |figure| figure.interval_method.map(IntervalMethod::as_str)),
        cells::int64(rows, |figure| figure.n.filter(|_| !figure.hidden.n)),
        cells::open_text(rows, |figure| figure.n.filter(|_| !figure.hidden.n_class).map(class)),
        cells::float64(rows, |figure| n_effective(figure).filter(|_| !figure.hidden.n_effective)),
        cells::float64(rows, |figure| figure.deff),
        cells::int64(rows, |figure| figure.df),
        cells::float64(rows, |figure| figure.population),
        cells::text(rows, |figure| figure.statistic.unit(keys.parameter(figure).unit).as_str()),
        cells::text(rows, |figure| figure.method.as_str()),
        cells::text(rows, |figure| keys.variant(figure)),
        cells::text(rows, |figure| figure.status.as_str()),
        cells::open_text(rows, |figure| figure.reason.map(Reason::as_str)),
        cells::open_text(rows, |figure| figure.reliability.map(Reliability::as_str)),
        // Own shares come with the models.
        cells::no_float64(rows),
        cells::boolean(rows, |figure| figure.provisional),
        cells::text(rows, |figure| &keys.source(figure).id),
        cells::text(rows, |figure| &keys.parameter(figure).rule),
    ];
    cells::batch(Table::Figures.schema(), columns, path)
}

/// n / deff; none where the design effect is not known or zero.
fn n_effective(figure: &Figure) -> Option<f64> {
    let deff = figure.deff.filter(|deff| *deff > 0.0)?;
    figure.n.map(|n| n as f64 / deff)
}

/// Class of n, as dashboards show it.
fn class(n: i64) -> &'static str {
    match n {
        0..=9 => "0-9",
        10..=29 => "10-29",
        30..=49 => "30-49",
        50..=99 => "50-99",
        100..=199 => "100-199",
        200..=499 => "200-499",
        500..=999 => "500-999",
        1000..=4999 => "1000-4999",
        _ => "5000+",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    fn paths(figures: &[Figure]) -> Result<Vec<String>, PublishError> {
        let catalogue = fixture::catalogue();
        let keys = Keys::new(&catalogue)?;
        Ok(partition(keys, &[figures])?.into_iter().map(|partition| partition.path).collect())
    }

    #[test]
    fn a_school_year_becomes_a_folder_name() {
        let (_, figures) = fixture::small();
        let paths = paths(&figures).unwrap();
        assert!(paths.contains(&"figures/gmj/2023-2024/gemeente.parquet".to_owned()), "{paths:?}");
    }

    #[test]
    fn figures_out_of_order_and_keys_that_occur_twice_are_refused() {
        let (_, mut figures) = fixture::small();
        figures.reverse();
        assert!(matches!(paths(&figures), Err(PublishError::FigureOrder { .. })));
        let (_, mut figures) = fixture::small();
        figures.insert(0, figures[0].clone());
        assert!(matches!(paths(&figures), Err(PublishError::FigureOrder { .. })));
    }

    #[test]
    fn two_labels_of_one_year_may_not_hold_one_key() {
        let (_, mut figures) = fixture::small();
        let mut pooled = figures[0].clone();
        pooled.period = fixture::POOLED;
        figures.push(pooled.clone());
        assert!(matches!(paths(&figures), Err(PublishError::FigureOrder { .. })));
        pooled.variant = 1;
        *figures.last_mut().unwrap() = pooled;
        assert!(paths(&figures).unwrap().contains(&"figures/gmvo/2019-2022/gemeente.parquet".to_owned()));
    }

    #[test]
    fn names_that_are_no_file_names_are_refused() {
        for name in ["", "..", "a/b", "a b", "c:", "\\x", "x."] {
            assert!(folder_name("release id", name).is_err(), "{name}");
        }
        assert_eq!(folder_name("release id", "2026-11-22.1_a+b").unwrap(), "2026-11-22.1_a+b");
    }
}
