//! Which regions the sources of a series wholly cover.

use std::collections::{BTreeMap, BTreeSet};

use super::estimates::index;
use super::read::Reading;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, SourceKind};
use crate::estimate::Series;
use crate::ingest::RegionIndex;
use crate::tally::Moments;
use crate::vocab::{Level, Period};

/// A series with what its figures need: its sources, regions and keys.
pub(super) struct SeriesKeys {
    pub(super) collection: u32,
    pub(super) period: u32,
    pub(super) year: i32,
    /// Per level, in the order of the region list.
    pub(super) regions: BTreeMap<Level, Vec<Covered>>,
}

/// A region that is wholly covered.
#[derive(Clone, Debug)]
pub(super) struct Covered {
    /// Position in the region list.
    pub(super) region: u32,
    /// Sources that cover it, alone or together, as indexes into the pipeline.
    pub(super) sources: BTreeSet<usize>,
    /// The source that its figures name, as an index into the catalogue.
    pub(super) named: u32,
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
        // Two labels of one year in a series have been refused.
        let label = sources.first().map(|source| plan.period_of(*source, *year));
        let period = catalogue.periods.iter().position(|period| Some(period) == label.as_ref()).map_or(0, index);
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
fn covered(plan: &Plan, sources: &[usize], catalogue: &Catalogue) -> BTreeMap<Level, Vec<Covered>> {
    let pipeline = &plan.definitions.pipeline;
    let key = |source: usize| {
        let id = &pipeline.sources[source].id.value;
        catalogue.sources.iter().position(|entry| entry.id == *id).map_or(0, index)
    };
    let mut by_region: BTreeMap<u32, BTreeSet<usize>> = BTreeMap::new();
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
                by_region.entry(index(region)).or_default().insert(*source);
            }
        }
    }
    // Narrow regions first: a GGD that is covered together may be part of a country that is.
    let mut together: Vec<_> = pipeline.covered_together.iter().map(|code| &code.value).collect();
    together.sort_by_key(|code| std::cmp::Reverse(code.level()));
    for year in years {
        let positions = RegionIndex::new(&catalogue.regions, year);
        for code in &together {
            let children: Option<Vec<&BTreeSet<usize>>> = catalogue
                .regions
                .iter()
                .enumerate()
                .filter(|(_, child)| child.region_year == year && child.parent.as_ref() == Some(*code))
                .map(|(child, _)| by_region.get(&index(child)))
                .collect();
            let all: BTreeSet<usize> = children.into_iter().flatten().flatten().copied().collect();
            if let Some(region) = positions.position(code.as_str())
                && !all.is_empty()
            {
                by_region.entry(region).or_insert(all);
            }
        }
    }
    let mut levels: BTreeMap<Level, Vec<Covered>> = BTreeMap::new();
    for (region, sources) in by_region {
        let named = sources.iter().map(|source| key(*source)).min().unwrap_or(0);
        let covered = Covered { region, sources, named };
        levels.entry(catalogue.regions[region as usize].level()).or_default().push(covered);
    }
    levels
}

impl Plan {
    /// The period of a year in a source of respondents, with its label.
    fn period_of(&self, source: usize, year: i32) -> Period {
        match &self.definitions.pipeline.sources[source].kind {
            SourceKind::Respondents(own) => {
                let declared = own.period.periods().into_iter().find(|period| period.year == year);
                declared.unwrap_or_else(|| Period::of_year(year))
            }
            SourceKind::Table(_) | SourceKind::Synthetic(_) => Period::of_year(year),
        }
    }
}
