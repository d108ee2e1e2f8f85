//! Which regions the sources of a series wholly cover.

use std::collections::{BTreeMap, BTreeSet};

use super::estimates::index;
use super::read::Reading;
use super::{Plan, SourcePlan};
use crate::declare::Catalogue;
use crate::estimate::Series;
use crate::ingest::RegionIndex;
use crate::tally::Moments;
use crate::vocab::Level;

/// A series with what its figures need: its sources, regions and keys.
pub(super) struct SeriesKeys {
    pub(super) collection: u32,
    pub(super) period: u32,
    pub(super) year: i32,
    /// Per level: (position of the region, index of the source).
    pub(super) regions: BTreeMap<Level, Vec<(u32, u32)>>,
}

/// Series that occur, with the regions that their sources cover.
pub(super) fn series_keys(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    catalogue: &Catalogue,
) -> BTreeMap<u32, SeriesKeys> {
    let present: BTreeSet<(usize, i32)> =
        moments.strata.iter().flatten().map(|stratum| (stratum.source, stratum.year)).collect();
    let mut found = BTreeMap::new();
    for (number, Series { collection, year }) in reading.series.iter().enumerate() {
        let sources: Vec<usize> = present
            .iter()
            .filter(|(source, y)| {
                y == year && plan.definitions.pipeline.sources[*source].collection.value == *collection
            })
            .map(|(source, _)| *source)
            .collect();
        if sources.is_empty() {
            continue;
        }
        let period = catalogue.periods.iter().position(|period| period.year == *year).map_or(0, index);
        let regions = covered(plan, &sources, catalogue);
        let collection = catalogue.collections.iter().position(|id| id == collection).map_or(0, index);
        found.insert(index(number), SeriesKeys { collection, period, year: *year, regions });
    }
    found
}

/// Regions per level that the sources of a series wholly cover, and the source that each figure names.
///
/// A region lies in what one source covers, or the pipeline declares that the sources cover it together and all its children
/// are covered; it then names the first of them. That all children on the list are covered proves nothing by itself: a list may
/// hold one GGD of a country. Levels that are finer than the source's region columns have no figures of it.
fn covered(plan: &Plan, sources: &[usize], catalogue: &Catalogue) -> BTreeMap<Level, Vec<(u32, u32)>> {
    let pipeline = &plan.definitions.pipeline;
    let key = |source: usize| {
        let id = &pipeline.sources[source].id.value;
        catalogue.sources.iter().position(|entry| entry.id == *id).map_or(0, index)
    };
    let mut by_region: BTreeMap<u32, u32> = BTreeMap::new();
    let mut years = BTreeSet::new();
    for source in sources {
        let SourcePlan::Respondents { index: regions, covers, .. } = &plan.sources[*source] else { continue };
        let year = pipeline.sources[*source].region_year;
        years.insert(year);
        let finest = plan.finest_column(*source);
        for (region, entry) in catalogue.regions.iter().enumerate() {
            if entry.region_year == year
                && entry.level() <= finest
                && covers.iter().any(|wide| regions.within(index(region), *wide))
            {
                by_region.entry(index(region)).or_insert_with(|| key(*source));
            }
        }
    }
    for year in years {
        for together in &pipeline.covered_together {
            let children: Option<Vec<u32>> = catalogue
                .regions
                .iter()
                .enumerate()
                .filter(|(_, child)| child.region_year == year && child.parent.as_ref() == Some(&together.value))
                .map(|(child, _)| by_region.get(&index(child)).copied())
                .collect();
            let position = RegionIndex::new(&catalogue.regions, year).position(together.value.as_str());
            if let (Some(region), Some(first)) = (position, children.and_then(|all| all.into_iter().min())) {
                by_region.entry(region).or_insert(first);
            }
        }
    }
    let mut levels: BTreeMap<Level, Vec<(u32, u32)>> = BTreeMap::new();
    for (region, source) in by_region {
        levels.entry(catalogue.regions[region as usize].level()).or_default().push((region, source));
    }
    levels
}
