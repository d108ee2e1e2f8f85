//! Counts of a register → its figures, and which of them other sources of the same counts withhold.

use std::collections::{BTreeMap, HashSet};

use super::estimates::floor_of as stricter;
use super::read::Reading;
use super::table_rows::TableRows;
use super::tables::{of_persons, years_of};
use super::taken::{Maker, left_open, value_of};
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, Floor, Register, Rounding, TableSource};
use crate::disclose::{Cell, Taken, TakenCount, TakenLimits, small_counts};
use crate::estimate::{Counted, count_estimate};
use crate::ingest::CellValue;
use crate::vocab::{Method, Unit};

/// The floor that the counts of a register are held against; `None` where they are public already.
///
/// It is the strictest of its parameters, because what is withheld of one would follow from another.
pub(super) fn floor_of(plan: &Plan, source: usize, table: &TableSource, parameters: &[usize]) -> Option<Floor> {
    let pipeline = &plan.definitions.pipeline;
    if table.already_published.is_some() {
        return None;
    }
    let floor = pipeline.floor.of(&pipeline.sources[source].collection.value)?;
    let declared = |at: &usize| &plan.definitions.parameters[plan.parameters[*at]];
    Some(parameters.iter().map(declared).fold(floor, |floor, own| stricter(own, floor)))
}

/// Per source the cells whose counts another source withholds: two sources of one column of counts, with denominators of their own, would
/// otherwise give each other's counts away.
pub(super) fn linked(plan: &Plan, reading: &Reading, catalogue: &Catalogue) -> Vec<HashSet<Cell>> {
    let mut groups: BTreeMap<(Vec<&str>, &str), Vec<usize>> = BTreeMap::new();
    for (at, source) in plan.definitions.pipeline.sources.iter().enumerate() {
        let Some(register) = source.table().and_then(TableSource::register) else { continue };
        let files = plan.inputs.iter().filter(|input| input.source == Some(at)).map(|input| input.name.as_str());
        groups.entry((files.collect(), register.count.value.as_str())).or_default().push(at);
    }
    let mut linked = vec![HashSet::new(); plan.sources.len()];
    for sources in groups.into_values().filter(|sources| sources.len() > 1) {
        let withheld: Vec<HashSet<Cell>> =
            sources.iter().map(|at| withheld(plan, reading, catalogue, *at).unwrap_or_default()).collect();
        for (place, at) in sources.iter().enumerate() {
            let others = withheld.iter().enumerate().filter(|(other, _)| *other != place);
            linked[*at] = others.flat_map(|(_, cells)| cells.iter().copied()).collect();
        }
    }
    linked
}

/// The cells of a register that the floor withholds by themselves.
fn withheld(plan: &Plan, reading: &Reading, catalogue: &Catalogue, source: usize) -> Option<HashSet<Cell>> {
    let table = plan.definitions.pipeline.sources[source].table()?;
    let SourcePlan::Table { parameters, .. } = &plan.sources[source] else { return None };
    let (register, floor) = (table.register()?, floor_of(plan, source, table, parameters)?);
    let outcome = reading.published[source].as_ref()?;
    let rows = TableRows::new(plan, catalogue, source, outcome);
    let none = HashSet::new();
    let maker = Maker { plan, catalogue, source, outcome, rows: &rows, parameters, linked: &none };
    let cells = parameters.iter().flat_map(|parameter| small_counts(maker.counts(*parameter, register), floor));
    Some(cells.collect())
}

impl Maker<'_> {
    /// The figures of a parameter with the counts that they are made of.
    pub(super) fn counts<'s>(
        &'s self,
        parameter: usize,
        register: &'s Register,
    ) -> impl Iterator<Item = TakenCount> + 's {
        let of_persons = of_persons(self.plan, register);
        let rows = self.rows.rows.iter().filter(move |row| self.rows.wanted(row, parameter));
        rows.map(move |row| {
            let bare = self.bare(row, parameter, Method::Register);
            let cell = |measure: usize| match row.figure {
                Some(figure) if measure < self.outcome.measures => self.outcome.value(figure, measure),
                _ => CellValue::Absent,
            };
            let (count, denominator) = (cell(0), cell(1).number());
            let years = years_of(register, &self.catalogue.periods[row.period as usize]);
            let rounding = register.rounded.as_ref().filter(|_| !row.recoded);
            let bounds = rounding.zip(count.number()).and_then(|(rounding, count)| {
                // Each year of a pool was rounded by itself.
                let Rounding { to, levels } = rounding;
                let to = Rounding { to: (to / 2) * years as u32 * 2, levels: levels.clone() };
                to.bounds(count, self.level(row))
            });
            let taken = match value_of(count) {
                Err(why) => Taken { value: Err(why), ..bare },
                Ok(count) => {
                    let most = denominator.filter(|_| of_persons).unwrap_or(f64::INFINITY);
                    let bounds = bounds.map(|(low, high)| (low, high.min(most)));
                    // Without a denominator there is no rate; a number stands.
                    let made = self.count_figure(Counted { count, denominator }, bounds, parameter);
                    made.map_or(bare, |(value, limits)| {
                        let population = denominator.map(|people| people / years);
                        Taken { value: Ok(value), limits, population, ..bare }
                    })
                }
            };
            TakenCount { taken, count: count.number().unwrap_or(0.0), denominator, of_persons }
        })
    }

    /// Value and limits in the unit of a parameter. Of a rounded count the limits are those of the lowest and the highest number that it
    /// may stand for.
    fn count_figure(
        &self,
        counted: Counted,
        bounds: Option<(f64, f64)>,
        parameter: usize,
    ) -> Option<(f64, Option<TakenLimits>)> {
        let unit = self.catalogue.parameters[parameter].unit;
        let confidence = self.plan.definitions.pipeline.estimate.confidence;
        let value = count_estimate(counted, unit, confidence)?.value;
        if unit == Unit::Count {
            return Some((value, bounds.map(left_open)));
        }
        let (low, high) = bounds.unwrap_or((counted.count, counted.count));
        let at = |count| count_estimate(Counted { count, ..counted }, unit, confidence)?.limits;
        let limits = at(low).zip(at(high)).map(|((low, method), (high, _))| TakenLimits {
            lower: low.lower,
            upper: high.upper,
            confidence: Some(confidence),
            method,
        });
        Some((value, limits))
    }
}
