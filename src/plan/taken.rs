//! Published tables → figures taken over, with the catalogue entries that they bring.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::estimates::index;
use super::fingerprint::Fingerprint;
use super::read::Reading;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, RegionEntry, RegionsFrom, SourceKind};
use crate::disclose::{FigureKey, Taken};
use crate::ingest::CellValue;
use crate::vocab::{Level, Period, Reason, Status, hex};

/// The catalogue with the regions that published tables brought and the hashes of the sources.
pub(super) fn final_catalogue(plan: &Plan, reading: &Reading, fingerprint: &Fingerprint) -> Catalogue {
    let mut catalogue = plan.catalogue.clone();
    if plan.definitions.pipeline.regions == RegionsFrom::Sources {
        let mut regions: BTreeSet<(crate::vocab::RegionCode, i32)> = BTreeSet::new();
        for (source, outcomes) in plan.definitions.pipeline.sources.iter().zip(&reading.published) {
            let figures = outcomes.iter().flat_map(|outcome| &outcome.figures);
            regions.extend(figures.map(|figure| (figure.region.clone(), source.region_year)));
        }
        catalogue.regions = regions
            .iter()
            .map(|(code, region_year)| RegionEntry {
                code: code.clone(),
                region_year: *region_year,
                name: String::new(),
                parent: code.parent_in_code().filter(|parent| regions.contains(&(parent.clone(), *region_year))),
                population: None,
            })
            .collect();
    }
    let periods: BTreeSet<_> = reading
        .published
        .iter()
        .flatten()
        .flat_map(|outcome| outcome.figures.iter().map(|figure| figure.period.clone()))
        .collect();
    catalogue.periods.extend(periods);
    catalogue.periods.sort();
    catalogue.periods.dedup();
    for outcome in reading.published.iter().flatten() {
        for figure in &outcome.figures {
            let (dimension, category) = &figure.category;
            if let Err(at) = catalogue.category(dimension, category) {
                catalogue.categories.insert(at, published_crossing(&catalogue, dimension, category));
            }
        }
    }
    for source in &mut catalogue.sources {
        let own = fingerprint.inputs.iter().filter(|input| input.source == source.id);
        let mut hasher = Sha256::new();
        own.for_each(|input| hasher.update(&input.sha256));
        source.file_sha256 = hex(hasher.finalize());
        let declared = plan.definitions.pipeline.sources.iter().position(|own| own.id.value == source.id);
        source.content = match declared.map(|at| (&plan.sources[at], at)) {
            Some((SourcePlan::Respondents { .. }, at)) => format!("rows {:032x}", reading.content[at]),
            _ => source.file_sha256.clone(),
        };
    }
    catalogue
}

/// The entry of a crossing that only a published table has, from the labels of its parts.
fn published_crossing(catalogue: &Catalogue, dimension: &str, category: &str) -> crate::declare::CategoryEntry {
    let parts: Vec<_> = dimension
        .split('*')
        .zip(category.split('*'))
        .filter_map(|(d, c)| catalogue.categories.iter().find(|entry| entry.dimension == d && entry.category == c))
        .collect();
    let join = |of: fn(&crate::declare::CategoryEntry) -> &str, mark: &str| {
        parts.iter().map(|entry| of(entry)).collect::<Vec<_>>().join(mark)
    };
    crate::declare::CategoryEntry {
        dimension: dimension.to_owned(),
        category: category.to_owned(),
        dimension_label_nl: join(|entry| &entry.dimension_label_nl, " × "),
        dimension_label_en: join(|entry| &entry.dimension_label_en, " × "),
        label_nl: join(|entry| &entry.label_nl, ", "),
        label_en: join(|entry| &entry.label_en, ", "),
        order: parts.iter().fold(0, |order, entry| order * 100 + entry.order),
    }
}

/// A figure's place in a release; of two sources only one fills a place that neither has.
type Cell = (u32, u32, u32, u32, u32);

fn cell(key: &FigureKey) -> Cell {
    (key.parameter, key.collection, key.period, key.region, key.category)
}

/// Rows for what a table does not hold: for every region and period of a source the total and every category that its breakdown
/// declares, because a missing row would say something else than `not_available`.
///
/// Of a table with several breakdown columns only the categories that occur are filled: not every pair of codes is a figure. A
/// dimension that names its levels is filled at those.
fn gaps(plan: &Plan, reading: &Reading, catalogue: &Catalogue, taken: &[Taken]) -> Vec<Taken> {
    let mut there: HashSet<Cell> = taken.iter().map(|taken| cell(&taken.key)).collect();
    let total = ("total".to_owned(), "total".to_owned());
    let mut filled = Vec::new();
    for (at, source) in plan.sources.iter().enumerate() {
        let SourcePlan::Published { parameters, .. } = source else { continue };
        let declared = &plan.definitions.pipeline.sources[at];
        let SourceKind::Published(published) = &declared.kind else { continue };
        let rows = || reading.published[at].iter().flat_map(|outcome| &outcome.figures);
        let mut categories: BTreeSet<&(String, String)> = match published.breakdowns.as_slice() {
            [] => BTreeSet::new(),
            [only] => only.codes.iter().map(|(_, meaning)| &meaning.value).collect(),
            _ => rows().map(|row| &row.category).collect(),
        };
        categories.insert(&total);
        let keys = Keys::new(plan, catalogue, at);
        let categories: Vec<(u32, &[Level])> = categories
            .into_iter()
            .map(|(dimension, category)| {
                let own = plan.definitions.pipeline.dimensions.iter().find(|own| own.id.value == *dimension);
                (keys.category(dimension, category), own.map_or(&[][..], |own| &own.levels))
            })
            .collect();
        let regions: BTreeMap<&str, Level> = rows().map(|row| (row.region.as_str(), row.region.level())).collect();
        let mut periods: BTreeMap<&Period, bool> = BTreeMap::new();
        rows().for_each(|row| *periods.entry(&row.period).or_default() |= row.provisional);
        for (period, provisional) in periods {
            let period = keys.period(period);
            for (code, level) in &regions {
                let Some(region) = keys.region(code) else { continue };
                let wanted = categories.iter().filter(|(_, levels)| levels.is_empty() || levels.contains(level));
                for (category, _) in wanted {
                    for parameter in parameters {
                        let key = keys.figure(*parameter, period, region, *category);
                        if there.insert(cell(&key)) {
                            let value = Err((Status::NotAvailable, Reason::SourceLacks));
                            filled.push(Taken { key, value, lower: None, upper: None, provisional });
                        }
                    }
                }
            }
        }
    }
    filled
}

/// Keys of the figures of one source.
struct Keys<'c> {
    catalogue: &'c Catalogue,
    regions: HashMap<&'c str, u32>,
    source: u32,
    collection: u32,
}

impl<'c> Keys<'c> {
    fn new(plan: &Plan, catalogue: &'c Catalogue, source: usize) -> Self {
        let declared = &plan.definitions.pipeline.sources[source];
        let of_year = catalogue.regions.iter().zip(0..).filter(|(r, _)| r.region_year == declared.region_year);
        Self {
            catalogue,
            regions: of_year.map(|(region, at)| (region.code.as_str(), at)).collect(),
            source: catalogue.sources.iter().position(|entry| entry.id == declared.id.value).map_or(0, index),
            collection: catalogue.collections.iter().position(|id| *id == declared.collection.value).map_or(0, index),
        }
    }

    fn region(&self, code: &str) -> Option<u32> {
        self.regions.get(code).copied()
    }

    fn period(&self, period: &Period) -> u32 {
        self.catalogue.periods.iter().position(|own| own == period).map_or(0, index)
    }

    fn category(&self, dimension: &str, category: &str) -> u32 {
        self.catalogue.category(dimension, category).map_or(0, index)
    }

    fn figure(&self, parameter: usize, period: u32, region: u32, category: u32) -> FigureKey {
        let Self { collection, source, .. } = *self;
        FigureKey { parameter: index(parameter), collection, period, region, category, source }
    }
}

/// Figures of published tables, with their keys: what the tables hold, and a row for what they lack.
pub(super) fn published(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<Taken> {
    let mut taken = Vec::new();
    for (at, source) in plan.sources.iter().enumerate() {
        let SourcePlan::Published { parameters, .. } = source else { continue };
        let keys = Keys::new(plan, catalogue, at);
        for row in reading.published[at].iter().flat_map(|outcome| &outcome.figures) {
            let Some(region) = keys.region(row.region.as_str()) else { continue };
            let period = keys.period(&row.period);
            let category = keys.category(&row.category.0, &row.category.1);
            for (cell, parameter) in row.cells.iter().zip(parameters) {
                let Some([value, lower, upper]) = *cell else { continue };
                taken.push(Taken {
                    key: keys.figure(*parameter, period, region, category),
                    value: match value {
                        CellValue::Number(number) => Ok(number),
                        CellValue::Withheld => Err((Status::Suppressed, Reason::SourceWithheld)),
                        CellValue::NotMeasured => Err((Status::NotMeasured, Reason::SourceLacks)),
                        CellValue::Empty => Err((Status::NotAvailable, Reason::SourceEmpty)),
                    },
                    lower: lower.number(),
                    upper: upper.number(),
                    provisional: row.provisional,
                });
            }
        }
    }
    let filled = gaps(plan, reading, catalogue, &taken);
    taken.extend(filled);
    taken
}
