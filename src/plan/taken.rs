//! Published tables → figures taken over, with the catalogue entries that they bring.

use std::collections::{BTreeSet, HashMap};

use sha2::{Digest, Sha256};

use super::estimates::index;
use super::fingerprint::{Fingerprint, hex};
use super::read::Reading;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, RegionEntry, RegionsFrom};
use crate::disclose::{FigureKey, Taken};
use crate::ingest::CellValue;
use crate::vocab::{Reason, Status};

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
            let key = (dimension.as_str(), category.as_str());
            let at = catalogue
                .categories
                .binary_search_by(|entry| (entry.dimension.as_str(), entry.category.as_str()).cmp(&key));
            if let Err(at) = at {
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

/// Figures of published tables, with their keys.
pub(super) fn published(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<Taken> {
    let mut taken = Vec::new();
    let regions: HashMap<(&str, i32), u32> =
        catalogue.regions.iter().zip(0..).map(|(r, at)| ((r.code.as_str(), r.region_year), at)).collect();
    for (at, source) in plan.sources.iter().enumerate() {
        let SourcePlan::Published { parameters, .. } = source else { continue };
        let declared = &plan.definitions.pipeline.sources[at];
        let source_key = catalogue.sources.iter().position(|entry| entry.id == declared.id.value).map_or(0, index);
        let collection = catalogue.collections.iter().position(|id| *id == declared.collection.value).map_or(0, index);
        for row in reading.published[at].iter().flat_map(|outcome| &outcome.figures) {
            let Some(region) = regions.get(&(row.region.as_str(), declared.region_year)) else { continue };
            let period = catalogue.periods.iter().position(|period| *period == row.period).map_or(0, index);
            let (dimension, category) = (row.category.0.as_str(), row.category.1.as_str());
            let category = catalogue
                .categories
                .binary_search_by(|entry| {
                    (entry.dimension.as_str(), entry.category.as_str()).cmp(&(dimension, category))
                })
                .map_or(0, index);
            for (cell, parameter) in row.cells.iter().zip(parameters) {
                let Some([value, lower, upper]) = *cell else { continue };
                taken.push(Taken {
                    key: FigureKey {
                        parameter: index(*parameter),
                        collection,
                        period,
                        region: *region,
                        category,
                        source: source_key,
                    },
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
    taken
}
