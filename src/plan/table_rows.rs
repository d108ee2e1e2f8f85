//! The rows of a table in the order of a release, with a place for every figure that a reader may look for.
//!
//! For every region and period of a source the total and every category that its breakdowns and measures declare has a row, because
//! a missing row would say something else than `not_available`. Of a table with several breakdown columns only the categories that occur
//! are filled: not every pair of codes is a figure. A dimension that names its levels is filled at those.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use foldhash::fast::RandomState;

use super::estimates::index;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, SourceKind, TableSource};
use crate::disclose::FigureKey;
use crate::ingest::{CategoryKey, PublishedOutcome};
use crate::vocab::Level;

/// A row: indexes into the catalogue, and the figure of the table, if there is one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) period: u32,
    pub(super) region: u32,
    pub(super) category: u32,
    pub(super) figure: Option<usize>,
    pub(super) provisional: bool,
    pub(super) recoded: bool,
}

/// The rows of one source, sorted by period, region and category.
pub(super) struct TableRows {
    pub(super) rows: Vec<Row>,
    collection: u32,
    source: u32,
    /// Per parameter and category the levels at which a row must stand; empty for all.
    wanted: BTreeMap<(usize, u32), Vec<Level>>,
    /// Level per region of the catalogue.
    levels: Vec<Level>,
}

impl TableRows {
    pub(super) fn new(plan: &Plan, catalogue: &Catalogue, source: usize, outcome: &PublishedOutcome) -> Self {
        let declared = &plan.definitions.pipeline.sources[source];
        let year = declared.figure_year();
        let place = |code: &crate::vocab::RegionCode| {
            catalogue.regions.binary_search_by(|own| (&own.code, own.region_year).cmp(&(code, year))).ok().map(index)
        };
        let regions: Vec<Option<u32>> = outcome.regions.iter().map(place).collect();
        let period = |own| catalogue.periods.binary_search(own).ok().map(index);
        let periods: Vec<Option<u32>> = outcome.periods.iter().map(period).collect();
        let category = |(dimension, category): &CategoryKey| catalogue.category(dimension, category).ok().map(index);
        let categories: Vec<Option<u32>> = outcome.categories.iter().map(category).collect();
        let mut there: HashMap<(u32, u32, u32), usize, RandomState> = HashMap::default();
        let mut provisional: BTreeMap<u32, bool> = BTreeMap::new();
        let (mut used_regions, mut used_categories) = (BTreeSet::new(), BTreeSet::new());
        for (at, figure) in outcome.figures.iter().enumerate() {
            let (Some(period), Some(region), Some(category)) = (
                periods[figure.period as usize],
                regions[figure.region as usize],
                categories[figure.category as usize],
            ) else {
                continue;
            };
            there.insert((period, region, category), at);
            *provisional.entry(period).or_default() |= figure.provisional;
            used_regions.insert(region);
            used_categories.insert(category);
        }
        let wanted = wanted(plan, catalogue, source, &used_categories);
        used_categories.extend(wanted.keys().map(|(_, category)| *category));
        let mut rows = Vec::with_capacity(provisional.len() * used_regions.len() * used_categories.len());
        for (period, provisional) in provisional {
            for region in &used_regions {
                for category in &used_categories {
                    let figure = there.get(&(period, *region, *category)).copied();
                    let own = figure.map(|at| &outcome.figures[at]);
                    rows.push(Row {
                        period,
                        region: *region,
                        category: *category,
                        figure,
                        provisional: own.map_or(provisional, |own| own.provisional),
                        recoded: own.is_some_and(|own| own.recoded),
                    });
                }
            }
        }
        let id = &declared.id.value;
        Self {
            rows,
            collection: catalogue.collections.iter().position(|own| *own == declared.collection.value).map_or(0, index),
            source: catalogue.sources.iter().position(|entry| entry.id == *id).map_or(0, index),
            wanted,
            levels: catalogue.regions.iter().map(crate::declare::RegionEntry::level).collect(),
        }
    }

    /// Whether a row must stand for a parameter although the table has no figure for it.
    pub(super) fn wanted(&self, row: &Row, parameter: usize) -> bool {
        self.wanted
            .get(&(parameter, row.category))
            .is_some_and(|levels| levels.is_empty() || levels.contains(&self.levels[row.region as usize]))
    }

    pub(super) const fn key(&self, row: &Row, parameter: usize) -> FigureKey {
        FigureKey {
            parameter: parameter as u32,
            collection: self.collection,
            period: row.period,
            region: row.region,
            category: row.category,
            source: self.source,
        }
    }
}

/// Per parameter and category the levels at which a row must stand.
fn wanted(
    plan: &Plan,
    catalogue: &Catalogue,
    source: usize,
    occurring: &BTreeSet<u32>,
) -> BTreeMap<(usize, u32), Vec<Level>> {
    let (SourcePlan::Table { parameters, .. } | SourcePlan::Synthetic { parameters, .. }) = &plan.sources[source]
    else {
        return BTreeMap::new();
    };
    let place = |(dimension, category): &CategoryKey| catalogue.category(dimension, category).ok().map(index);
    let levels = |(dimension, _): &CategoryKey| {
        let own = plan.definitions.pipeline.dimensions.iter().find(|own| own.id.value == *dimension);
        own.map_or_else(Vec::new, |own| own.levels.clone())
    };
    let total = ("total".to_owned(), "total".to_owned());
    let mut wanted = BTreeMap::new();
    for (measure, parameter) in parameters.iter().enumerate() {
        let mut add = |key: &CategoryKey| {
            if let Some(at) = place(key) {
                wanted.insert((*parameter, at), levels(key));
            }
        };
        add(&total);
        let SourceKind::Table(table) = &plan.definitions.pipeline.sources[source].kind else { continue };
        let own = table.measures().get(measure).and_then(|measure| measure.category.as_ref());
        match (own, table.breakdowns.as_slice()) {
            (Some(own), []) => add(&own.value),
            (None, [only]) => only.codes.iter().for_each(|(_, meaning)| add(&meaning.value)),
            _ => {}
        }
        if crossed(table) {
            wanted.extend(occurring.iter().map(|at| {
                let entry = &catalogue.categories[*at as usize];
                ((*parameter, *at), levels(&(entry.dimension.clone(), entry.category.clone())))
            }));
        }
    }
    wanted
}

/// Whether categories of a table come from more than one place.
fn crossed(table: &TableSource) -> bool {
    let own = table.measures().iter().any(|measure| measure.category.is_some());
    table.breakdowns.len() + usize::from(own) > 1
}
