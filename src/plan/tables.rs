//! Tables as they were read → tables as figures are made of them: in the regions of their year, with the denominators of other sources,
//! pooled over years; and the synthetic ones that rest on them.

use std::collections::{BTreeMap, HashMap};

use super::plausible::parts_over_total;
use super::recode::recode;
use super::{Plan, Reading, SourcePlan};
use crate::declare::{Denominator, Measure, Rate, Register, SourceKind, SyntheticSource, TableSource};
use crate::estimate::synthetic;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{CategoryKey, CellValue, PublishedOutcome, PublishedRow};
use crate::vocab::{Period, Unit};

/// Brings every table of a reading into the form that figures are made of.
///
/// # Errors
/// Shares of regions whose inhabitants are not known, and counts above their denominator.
pub(super) fn settle(plan: &Plan, reading: &mut Reading) -> Result<(), Findings> {
    let mut findings = Findings::default();
    for (at, source) in plan.sources.iter().enumerate() {
        let SourcePlan::Table { recode: Some(index), parameters, .. } = source else { continue };
        let Some(table) = plan.definitions.pipeline.sources[at].table() else { continue };
        let Some(outcome) = reading.published[at].take() else { continue };
        let counts: Vec<bool> = match table.register() {
            Some(_) => vec![true; outcome.measures],
            None => parameters.iter().map(|own| plan.catalogue.parameters[*own].unit == Unit::Count).collect(),
        };
        match recode(plan, at, &plan.region_files.recodes[*index], outcome, &counts) {
            Ok(outcome) => reading.published[at] = Some(outcome),
            Err(finding) => findings.push(finding),
        }
    }
    for (at, outcome) in reading.published.iter().enumerate() {
        let wrong = outcome.as_ref().and_then(|outcome| parts_over_total(plan, at, outcome));
        wrong.into_iter().for_each(|finding| findings.push(finding));
    }
    let findings = findings.ok_or_stop()?;
    registers(plan, reading, findings)?;
    for (at, source) in plan.sources.iter().enumerate() {
        let (SourcePlan::Synthetic { base, .. }, SourceKind::Synthetic(declared)) =
            (source, &plan.definitions.pipeline.sources[at].kind)
        else {
            continue;
        };
        let estimated = reading.published[*base].as_ref().map(|outcome| estimates(plan, declared, *base, outcome));
        reading.published[at] = estimated;
    }
    Ok(())
}

/// Gives every register its denominators and its pooled periods.
fn registers(plan: &Plan, reading: &mut Reading, mut findings: Findings) -> Result<(), Findings> {
    for at in 0..plan.sources.len() {
        let declared = &plan.definitions.pipeline.sources[at];
        let Some(register) = declared.table().and_then(TableSource::register) else { continue };
        let Some(mut outcome) = reading.published[at].take() else { continue };
        if let Some(Denominator::Source { source, parameter, category, period }) = &register.denominator {
            let base = plan.definitions.pipeline.sources.iter().position(|own| own.id.value == source.value);
            let people = base.and_then(|base| {
                let outcome = reading.published[base].as_ref()?;
                Some(population(plan, base, outcome, &parameter.value, &category.value))
            });
            outcome = with_denominator(outcome, &people.unwrap_or_default(), *period);
        }
        let any = |measure: usize| (0..outcome.figures.len()).any(|at| outcome.value(at, measure).number().is_some());
        if register.other_source().is_some() && any(0) && !any(1) {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-no-denominator",
                    format!("no count of source `{}` finds a denominator", declared.id.value),
                )
                .at(declared.id.place.clone())
                .help("the other source has no number of that region, year and category: name its year in `denominator-from`, period = …"),
            );
        }
        // Row by row: in a pool a slip of one year is lost among the others.
        let over = (0..outcome.figures.len()).filter(|figure| {
            let denominator = (outcome.measures > 1).then(|| outcome.value(*figure, 1).number()).flatten();
            let count = outcome.value(*figure, 0).number();
            let over = count.zip(denominator).is_some_and(|(count, denominator)| count > denominator);
            over && !register.repeated_events
        });
        let over = over.count();
        if over > 0 {
            let figures = if over == 1 { "figure has" } else { "figures have" };
            let message = format!("{over} {figures} a count above its denominator (source `{}`)", declared.id.value);
            findings.push(
                Finding::error(Duty::Data, "ingest-count-over-denominator", message)
                    .at(declared.id.place.clone())
                    .help(
                        "check the columns `count` and `denominator`, and that both are of the same regions and years",
                    ),
            );
        }
        let outcome = if register.pools.is_empty() { outcome } else { pooled(&outcome, &register.pools) };
        if outcome.figures.is_empty() && !register.pools.is_empty() {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-empty-pool",
                    format!("no row of source `{}` is of a year in `pools`", declared.id.value),
                )
                .at(declared.id.place.clone())
                .help("write the first and last years that the file has"),
            );
        }
        reading.published[at] = Some(outcome);
    }
    findings.ok_or_stop().map(|_| ())
}

/// Whether a register counts persons of its denominator: one of its parameters is a share.
pub(super) fn of_persons(plan: &Plan, register: &Register) -> bool {
    register
        .parameters
        .iter()
        .any(|name| plan.catalogue.parameters.iter().any(|own| own.id == name.value && own.unit == Unit::Share))
}

/// Years that a period of a register holds.
pub(super) fn years_of(register: &Register, period: &Period) -> f64 {
    let pool = register.pools.iter().find(|(_, last)| *last == period.year);
    pool.map_or(1.0, |(first, last)| f64::from(last - first + 1))
}

/// Per region and year a number of a published table, in one category.
pub(super) fn population(
    plan: &Plan,
    base: usize,
    outcome: &PublishedOutcome,
    parameter: &str,
    category: &CategoryKey,
) -> HashMap<(String, i32), CellValue> {
    let SourcePlan::Table { parameters, .. } = &plan.sources[base] else { return HashMap::new() };
    let measures: Vec<usize> =
        (0..parameters.len()).filter(|at| plan.catalogue.parameters[parameters[*at]].id == parameter).collect();
    let mut people = HashMap::new();
    for (at, figure) in outcome.figures.iter().enumerate() {
        if outcome.category(figure) != category {
            continue;
        }
        let cell = measures.iter().map(|measure| outcome.value(at, *measure)).find(|cell| *cell != CellValue::Absent);
        if let Some(cell) = cell {
            let key = (outcome.region(figure).as_str().to_owned(), outcome.period(figure).year);
            people.insert(key, cell);
        }
    }
    people
}

/// The counts of a register with the denominators of another source beside them.
fn with_denominator(
    mut outcome: PublishedOutcome,
    people: &HashMap<(String, i32), CellValue>,
    fixed: Option<i32>,
) -> PublishedOutcome {
    let values = (0..outcome.figures.len()).flat_map(|at| {
        let figure = &outcome.figures[at];
        let year = fixed.unwrap_or(outcome.period(figure).year);
        let people = people.get(&(outcome.region(figure).as_str().to_owned(), year));
        [outcome.value(at, 0), people.copied().unwrap_or(CellValue::Absent)]
    });
    outcome.values = values.collect();
    outcome.measures = 2;
    outcome
}

/// Counts and denominators added up over the years of each pool. A year without a number leaves the pool without one.
fn pooled(outcome: &PublishedOutcome, pools: &[(i32, i32)]) -> PublishedOutcome {
    let mut years: BTreeMap<(u32, u32), BTreeMap<i32, usize>> = BTreeMap::new();
    for (at, figure) in outcome.figures.iter().enumerate() {
        years.entry((figure.region, figure.category)).or_default().insert(outcome.period(figure).year, at);
    }
    let mut found = PublishedOutcome {
        periods: pools.iter().map(|(first, last)| Period { year: *last, label: format!("{first}-{last}") }).collect(),
        figures: Vec::new(),
        values: Vec::new(),
        limits: Vec::new(),
        ..outcome.clone()
    };
    for ((region, category), of_year) in years {
        for (period, (first, last)) in (0_u32..).zip(pools) {
            let parts: Vec<Option<usize>> = (*first..=*last).map(|year| of_year.get(&year).copied()).collect();
            // A region that has none of the years has no row.
            if parts.iter().all(Option::is_none) {
                continue;
            }
            let rows = || parts.iter().flatten().map(|at| &outcome.figures[*at]);
            let (provisional, recoded) = (rows().any(|row| row.provisional), rows().any(|row| row.recoded));
            found.figures.push(PublishedRow { region, period, category, provisional, recoded });
            for measure in 0..outcome.measures {
                let cells = parts.iter().map(|at| at.map_or(CellValue::Absent, |at| outcome.value(at, measure)));
                found.values.push(sum(cells));
            }
        }
    }
    found
}

/// The sum of cells; what one of them lacks, the sum lacks.
fn sum(cells: impl Iterator<Item = CellValue>) -> CellValue {
    let mut sum = 0.0;
    let mut lacking = None;
    for cell in cells {
        match cell {
            CellValue::Number(number) => sum += number,
            // What is withheld weighs most: the others may follow from it.
            CellValue::Withheld => lacking = Some(CellValue::Withheld),
            other => lacking = lacking.or(Some(other)),
        }
    }
    lacking.unwrap_or(CellValue::Number(sum))
}

/// Synthetic estimates: per estimate two measures, the estimate and its base population; limits beside the estimate.
fn estimates(plan: &Plan, declared: &SyntheticSource, base: usize, outcome: &PublishedOutcome) -> PublishedOutcome {
    let mut found = PublishedOutcome {
        rows: 0,
        other_levels: 0,
        other_measures: 0,
        left_out: 0,
        categories: vec![("total".to_owned(), "total".to_owned())],
        figures: Vec::new(),
        measures: declared.estimates.len() * 2,
        values: Vec::new(),
        limits: Vec::new(),
        ..outcome.clone()
    };
    let of_category =
        |category: &CategoryKey| population(plan, base, outcome, &declared.base_parameter.value, category);
    let people: Vec<Vec<_>> = declared
        .estimates
        .iter()
        .map(|own| own.population.iter().map(|(category, part)| (of_category(&category.value), *part)).collect())
        .collect();
    let mut seen = std::collections::HashSet::new();
    for figure in &outcome.figures {
        if !seen.insert((figure.region, figure.period)) {
            continue;
        }
        found.figures.push(PublishedRow { category: 0, ..*figure });
        let key = (outcome.region(figure).as_str().to_owned(), outcome.period(figure).year);
        for (estimate, parts) in declared.estimates.iter().zip(&people) {
            let cells = parts.iter().map(|(people, part)| match people.get(&key) {
                Some(CellValue::Number(number)) => CellValue::Number(number * part),
                Some(other) => *other,
                None => CellValue::Absent,
            });
            let people = sum(cells);
            let rate = rate_of(plan, &estimate.parameter.value);
            let (value, limits) = match (people, rate) {
                (CellValue::Number(people), Some(rate)) => {
                    let (value, limits) = synthetic(rate, people, declared.significant_digits);
                    let limits = limits.map(|limits| [limits.lower, limits.upper].map(CellValue::Number));
                    (CellValue::Number(value), limits.unwrap_or_default())
                }
                (other, _) => (other, <[CellValue; 2]>::default()),
            };
            found.values.extend([value, people]);
            found.limits.extend([limits, <[CellValue; 2]>::default()]);
        }
    }
    found
}

/// The rate of a synthetic parameter.
pub(super) fn rate_of<'p>(plan: &'p Plan, parameter: &str) -> Option<&'p Rate> {
    plan.definitions.parameters.iter().find(|own| own.id.value == parameter).and_then(|own| match &own.measure {
        Measure::Synthetic(rate) => Some(rate),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::RegionCode;

    fn register(rows: &[(i32, f64, f64)]) -> PublishedOutcome {
        PublishedOutcome {
            regions: vec![RegionCode::parse("NL00").unwrap()],
            periods: rows.iter().map(|row| Period::of_year(row.0)).collect(),
            categories: vec![("total".into(), "total".into())],
            figures: (0..rows.len() as u32)
                .map(|period| PublishedRow { region: 0, period, category: 0, provisional: false, recoded: false })
                .collect(),
            measures: 2,
            values: rows.iter().flat_map(|row| [CellValue::Number(row.1), CellValue::Number(row.2)]).collect(),
            ..PublishedOutcome::default()
        }
    }

    #[test]
    fn a_pool_adds_counts_and_person_years() {
        let rows = [(2020, 3.0, 1000.0), (2021, 4.0, 1010.0), (2022, 5.0, 1020.0)];
        let found = pooled(&register(&rows), &[(2020, 2022), (2022, 2023)]);
        assert_eq!(found.periods[0].label, "2020-2022");
        assert_eq!(found.values[..2], [CellValue::Number(12.0), CellValue::Number(3030.0)]);
        // 2023 is not there.
        assert_eq!(found.values[2..], [CellValue::Absent, CellValue::Absent]);
    }

    #[test]
    fn a_withheld_year_withholds_the_pool() {
        let cells = [CellValue::Absent, CellValue::Withheld, CellValue::Number(1.0)];
        assert_eq!(sum(cells.into_iter()), CellValue::Withheld);
        assert_eq!(sum([CellValue::Number(1.0), CellValue::Number(2.0)].into_iter()), CellValue::Number(3.0));
    }
}
