//! Tables → figures, with the catalogue entries that they bring.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::fingerprint::Fingerprint;
use super::read::Reading;
use super::registers::{floor_of, linked};
use super::table_rows::{Row, TableRows};
use super::tables::rate_of;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, RegionEntry, Register, SourceKind, SyntheticSource, TableContent};
use crate::disclose::{Cell, Publishable, Taken, TakenLimits, disclose_counts, disclose_standardised, take_over};
use crate::ingest::{CellValue, PublishedOutcome};
use crate::vocab::{IntervalMethod, Level, Method, Period, Reason, Statistic, Status, hex};

/// Word of the column `variant` for figures that were brought from the regions of another year.
fn recoded(year: i32) -> String {
    format!("recoded-{year}")
}

/// The catalogue with what tables brought: regions, periods, categories, variants, and the hashes of the sources.
pub(super) fn final_catalogue(plan: &Plan, reading: &Reading, fingerprint: &Fingerprint) -> Catalogue {
    let mut catalogue = plan.catalogue.clone();
    let sources = &plan.definitions.pipeline.sources;
    let outcomes = || reading.published.iter().zip(sources).filter_map(|(own, source)| Some((own.as_ref()?, source)));
    regions_of_sources(plan, &mut catalogue, outcomes().map(|(outcome, source)| (outcome, source.figure_year())));
    let mut periods: BTreeSet<Period> = BTreeSet::new();
    let mut variants: BTreeSet<String> = catalogue.variants.iter().cloned().collect();
    for (outcome, source) in outcomes() {
        let used: BTreeSet<u32> = outcome.figures.iter().map(|figure| figure.period).collect();
        periods.extend(used.into_iter().map(|at| outcome.periods[at as usize].clone()));
        if outcome.figures.iter().any(|figure| figure.recoded) {
            variants.insert(recoded(source.region_year));
        }
        for (dimension, category) in &outcome.categories {
            if let Err(at) = catalogue.category(dimension, category) {
                catalogue.categories.insert(at, published_crossing(&catalogue, dimension, category));
            }
        }
    }
    catalogue.periods.extend(periods);
    catalogue.periods.sort();
    catalogue.periods.dedup();
    catalogue.variants = variants.into_iter().collect();
    let hash = |id: &str| {
        let own = fingerprint.inputs.iter().filter(|input| input.source == id);
        let mut hasher = Sha256::new();
        own.for_each(|input| hasher.update(&input.sha256));
        hex(hasher.finalize())
    };
    for entry in &mut catalogue.sources {
        let pipeline = &plan.definitions.pipeline;
        let of_cells = pipeline.model.iter().map(|own| (&own.id, &own.source));
        let mut models = of_cells.chain(pipeline.area_models.iter().map(|own| (&own.id, &own.source)));
        let model = models.find(|(id, _)| id.value == entry.id);
        let id = model.map_or(&entry.id, |(_, source)| &source.value);
        let Some(at) = sources.iter().position(|own| own.id.value == *id) else { continue };
        let other = match &sources[at].kind {
            SourceKind::Synthetic(synthetic) => Some(synthetic.base_source.value.as_str()),
            SourceKind::Table(table) => table.register().and_then(Register::other_source),
            SourceKind::Respondents(_) => None,
        };
        // Synthetic figures have no file but that of their base.
        entry.file_sha256 = match (&plan.sources[at], other) {
            (SourcePlan::Synthetic { .. }, Some(base)) => hash(base),
            _ => hash(&sources[at].id.value),
        };
        entry.content = match (&plan.sources[at], other) {
            // A model rests on its files beside the rows.
            (SourcePlan::Respondents { .. }, _) if model.is_some() => {
                format!("rows {:032x} {}", reading.found[at].content, entry.file_sha256)
            }
            (SourcePlan::Respondents { .. }, _) => format!("rows {:032x}", reading.found[at].content),
            (SourcePlan::Table { .. }, Some(other)) => format!("{} {}", entry.file_sha256, hash(other)),
            _ => entry.file_sha256.clone(),
        };
    }
    catalogue
}

/// Adds the regions of tables whose year no list names, where the pipeline says that they are the list.
fn regions_of_sources<'o>(
    plan: &Plan,
    catalogue: &mut Catalogue,
    outcomes: impl Iterator<Item = (&'o PublishedOutcome, i32)>,
) {
    if !plan.definitions.pipeline.regions.from_sources {
        return;
    }
    let listed: BTreeSet<i32> = catalogue.regions.iter().map(|region| region.region_year).collect();
    let mut found: BTreeSet<(crate::vocab::RegionCode, i32)> = BTreeSet::new();
    for (outcome, year) in outcomes.filter(|(_, year)| !listed.contains(year)) {
        let used: BTreeSet<u32> = outcome.figures.iter().map(|figure| figure.region).collect();
        found.extend(used.into_iter().map(|at| (outcome.regions[at as usize].clone(), year)));
    }
    let entries = found.iter().map(|(code, year)| RegionEntry {
        parent: code.parent_in_code().filter(|parent| found.contains(&(parent.clone(), *year))),
        ..RegionEntry::new(code.clone(), *year)
    });
    catalogue.regions.extend(entries);
    catalogue.regions.sort_by(|a, b| (&a.code, a.region_year).cmp(&(&b.code, b.region_year)));
}

/// The entry of a crossing that only a table has, from the labels of its parts.
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

/// Figures of every table, each parameter by itself and all of them in parallel: what the tables hold, and a row for what they lack.
pub(super) fn published(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<Publishable> {
    let mut parts: BTreeMap<usize, Vec<Publishable>> = BTreeMap::new();
    let linked = linked(plan, reading, catalogue);
    for (at, source) in plan.sources.iter().enumerate() {
        let (SourcePlan::Table { parameters, .. } | SourcePlan::Synthetic { parameters, .. }) = source else {
            continue;
        };
        let Some(outcome) = &reading.published[at] else { continue };
        let rows = TableRows::new(plan, catalogue, at, outcome);
        let distinct: BTreeSet<usize> = parameters.iter().copied().collect();
        let distinct: Vec<usize> = distinct.into_iter().collect();
        let maker = Maker { plan, catalogue, source: at, outcome, rows: &rows, parameters, linked: &linked[at] };
        let made: Vec<Publishable> = distinct.par_iter().map(|parameter| maker.parameter(*parameter)).collect();
        for (parameter, part) in distinct.into_iter().zip(made) {
            parts.entry(parameter).or_default().push(part);
        }
    }
    // The parameter is the first part of a figure's key: parts in its order are nearly sorted.
    parts.into_values().flatten().collect()
}

/// Makes the figures of one source.
pub(super) struct Maker<'m> {
    pub(super) plan: &'m Plan,
    pub(super) catalogue: &'m Catalogue,
    pub(super) source: usize,
    pub(super) outcome: &'m PublishedOutcome,
    pub(super) rows: &'m TableRows,
    pub(super) parameters: &'m [usize],
    /// Cells of a register that another source of the same counts withholds.
    pub(super) linked: &'m HashSet<Cell>,
}

impl Maker<'_> {
    fn parameter(&self, parameter: usize) -> Publishable {
        let declared = &self.plan.definitions.pipeline.sources[self.source];
        let wanted = |row: &&Row| self.rows.wanted(row, parameter);
        let rows = self.rows.rows.iter();
        match &declared.kind {
            SourceKind::Table(table) => match &table.content {
                TableContent::Published(_) => {
                    let measures: Vec<usize> =
                        (0..self.parameters.len()).filter(|at| self.parameters[*at] == parameter).collect();
                    take_over(rows.filter_map(|row| self.taken(row, parameter, &measures)))
                }
                TableContent::Register(register) => {
                    let counts: Vec<_> = self.counts(parameter, register).collect();
                    let floor = floor_of(self.plan, self.source, table, self.parameters);
                    let standardised = disclose_standardised(self.standardised(parameter, &counts), floor, self.linked);
                    let crude = match floor {
                        Some(floor) => disclose_counts(counts, floor, self.linked),
                        None => take_over(counts.into_iter().map(|own| own.taken)),
                    };
                    Publishable::merge([crude, standardised])
                }
            },
            SourceKind::Synthetic(synthetic) => {
                take_over(rows.filter(wanted).map(|row| self.synthetic(row, parameter, synthetic)))
            }
            SourceKind::Respondents(_) => Publishable::default(),
        }
    }

    /// A figure without its value.
    pub(super) fn bare(&self, row: &Row, parameter: usize, method: Method) -> Taken {
        let year = self.plan.definitions.pipeline.sources[self.source].region_year;
        let variant = row.recoded.then(|| self.catalogue.variants.iter().position(|own| *own == recoded(year)));
        Taken {
            key: self.rows.key(row, parameter),
            variant: variant.flatten().map_or(0, super::estimates::index),
            method,
            value: Err((Status::NotAvailable, Reason::SourceLacks)),
            limits: None,
            statistic: Statistic::Crude,
            se: None,
            population: None,
            provisional: row.provisional,
        }
    }

    pub(super) fn level(&self, row: &Row) -> Level {
        self.catalogue.regions[row.region as usize].level()
    }

    /// A figure of a published table; `None` for a category that the table does not have of this parameter.
    fn taken(&self, row: &Row, parameter: usize, measures: &[usize]) -> Option<Taken> {
        let there = row.figure.and_then(|figure| {
            let own = |measure: &&usize| self.outcome.value(figure, **measure) != CellValue::Absent;
            measures.iter().find(own).map(|measure| (figure, *measure))
        });
        let bare = self.bare(row, parameter, Method::Published);
        let Some((figure, measure)) = there else { return self.rows.wanted(row, parameter).then_some(bare) };
        let value = value_of(self.outcome.value(figure, measure));
        let [lower, upper] = self.outcome.limits(figure, measure);
        let published = lower.number().zip(upper.number()).map(|(lower, upper)| TakenLimits {
            lower,
            upper,
            confidence: Some(0.95),
            method: IntervalMethod::Source,
        });
        let declared = self.plan.definitions.pipeline.sources[self.source].table();
        let rounding = declared.and_then(|table| table.measures().get(measure)?.rounded.as_ref());
        // A part of a rounded number is no multiple any more.
        let bounds = rounding.filter(|_| !row.recoded).zip(value.ok());
        let bounds = bounds.and_then(|(rounding, value)| rounding.bounds(value, self.level(row)));
        Some(Taken { value, limits: published.or(bounds.map(left_open)), ..bare })
    }

    fn synthetic(&self, row: &Row, parameter: usize, declared: &SyntheticSource) -> Taken {
        let bare = self.bare(row, parameter, Method::Synthetic);
        let at = self.parameters.iter().position(|own| *own == parameter);
        let (Some(figure), Some(at)) = (row.figure, at) else { return bare };
        let rate = declared.estimates.get(at).and_then(|own| rate_of(self.plan, &own.parameter.value));
        let [lower, upper] = self.outcome.limits(figure, 2 * at);
        let limits = lower.number().zip(upper.number()).map(|(lower, upper)| TakenLimits {
            lower,
            upper,
            confidence: rate.and_then(|rate| rate.confidence),
            method: IntervalMethod::Source,
        });
        let population = self.outcome.value(figure, 2 * at + 1).number();
        Taken { value: value_of(self.outcome.value(figure, 2 * at)), limits, population, ..bare }
    }
}

/// Limits between which a rounded number leaves the true one.
pub(super) const fn left_open((lower, upper): (f64, f64)) -> TakenLimits {
    TakenLimits { lower, upper, confidence: None, method: IntervalMethod::Source }
}

/// The value of a cell, or the status and reason of one without a number.
pub(super) const fn value_of(cell: CellValue) -> Result<f64, (Status, Reason)> {
    match cell {
        CellValue::Number(number) => Ok(number),
        CellValue::Withheld => Err((Status::Suppressed, Reason::SourceWithheld)),
        CellValue::NotMeasured => Err((Status::NotMeasured, Reason::SourceLacks)),
        CellValue::Empty => Err((Status::NotAvailable, Reason::SourceEmpty)),
        CellValue::Absent => Err((Status::NotAvailable, Reason::SourceLacks)),
    }
}
