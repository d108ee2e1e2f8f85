//! Breakdowns and parameters of a pipeline → the tables of the tally.

use super::BreakdownKeys;
use super::catalogue::{crossed, of_crossing};
use crate::declare::{Definitions, Measure, Parameter};
use crate::stats::fixed::exponent_of;
use crate::tally::{Breakdown, TableSpec, TallyPlan};
use crate::vocab::{Level, Unit};

/// The total, the dimensions with a column and the crossings, with their keys.
pub(super) fn breakdowns(definitions: &Definitions, catalogue: &crate::declare::Catalogue) -> Vec<BreakdownKeys> {
    let pipeline = &definitions.pipeline;
    let position = |dimension: &str, category: &str| {
        catalogue.category(dimension, category).ok().and_then(|at| u32::try_from(at).ok())
    };
    let mut found = vec![BreakdownKeys {
        dimension: "total".into(),
        categories: position("total", "total").into_iter().collect(),
        levels: pipeline.estimate.levels.clone(),
    }];
    let mut add = |dimensions: &[&crate::declare::Dimension], levels: &[Level]| {
        let entries = crossed(dimensions);
        let categories = entries.iter().filter_map(|entry| position(&entry.dimension, &entry.category)).collect();
        let dimension = entries.first().map(|entry| entry.dimension.clone()).unwrap_or_default();
        found.push(BreakdownKeys { dimension, categories, levels: levels.to_vec() });
    };
    for dimension in pipeline.dimensions.iter().filter(|dimension| dimension.column.is_some()) {
        add(&[dimension], &dimension.levels);
    }
    for crossing in &pipeline.crossings {
        add(&of_crossing(pipeline, crossing), &crossing.levels);
    }
    found
}

pub(super) fn tally_plan(
    definitions: &Definitions,
    parameters: &[usize],
    measured: &[usize],
    breakdowns: &[BreakdownKeys],
    weight_sets: &[String],
) -> TallyPlan {
    let pipeline = &definitions.pipeline;
    // Dimensions in the order of the deriver: those with a column.
    let with_column: Vec<_> = pipeline.dimensions.iter().filter(|dimension| dimension.column.is_some()).collect();
    let plans: Vec<Breakdown> = breakdowns
        .iter()
        .map(|keys| {
            let names: Vec<&str> = keys.dimension.split('*').filter(|name| *name != "total").collect();
            let dimensions: Vec<usize> =
                names.iter().filter_map(|name| with_column.iter().position(|d| d.id.value == *name)).collect();
            let sizes = dimensions.iter().map(|at| with_column[*at].categories.len()).collect();
            Breakdown { dimensions, sizes }
        })
        .collect();
    let mut tables: Vec<TableSpec> = Vec::new();
    for (parameter, at) in measured.iter().enumerate() {
        let definition = &definitions.parameters[parameters[*at]];
        for (breakdown, keys) in breakdowns.iter().enumerate() {
            for level in &keys.levels {
                for weight_set in candidates(definitions, &definition.id.value, *level, weight_sets) {
                    let found = tables
                        .iter_mut()
                        .rev()
                        .take_while(|t| t.parameter == parameter)
                        .find(|table| table.breakdown == breakdown && table.weight_set == weight_set);
                    match found {
                        Some(table) => table.levels.push(*level),
                        None => tables.push(TableSpec {
                            parameter,
                            breakdown,
                            weight_set,
                            levels: vec![*level],
                            numeric: definition.unit.value == Unit::Mean,
                            exponent: exponent(definitions, definition),
                        }),
                    }
                }
            }
        }
    }
    TallyPlan { breakdowns: plans, tables, weight_sets: weight_sets.len() }
}

/// Adds the tables that a model reads to the end of the tally: its dimensions crossed, at its level. The number of tables added.
pub(super) fn add_model_tables(
    tally: &mut TallyPlan,
    definitions: &Definitions,
    parameters: &[usize],
    measured: &[usize],
    weight_sets: &[String],
) -> usize {
    let pipeline = &definitions.pipeline;
    let Some(model) = &pipeline.model else { return 0 };
    let Some(source) = pipeline.sources.iter().find(|own| own.id.value == model.source.value) else { return 0 };
    let with_column: Vec<_> = pipeline.dimensions.iter().filter(|dimension| dimension.column.is_some()).collect();
    let dimensions: Vec<usize> =
        model.dimensions().filter_map(|name| with_column.iter().position(|d| d.id.value == name.value)).collect();
    let sizes = dimensions.iter().map(|at| with_column[*at].categories.len()).collect();
    let breakdown = tally.breakdowns.len();
    tally.breakdowns.push(Breakdown { dimensions, sizes });
    let before = tally.tables.len();
    for (parameter, at) in measured.iter().enumerate() {
        let id = &definitions.parameters[parameters[*at]].id.value;
        if model.parameters.iter().all(|own| own.value != *id) {
            continue;
        }
        let years = source.period_years();
        let place = |year: &i32| {
            weight_set_of(definitions, weight_sets, (&source.collection.value, id), *year, model.level.value)
        };
        let Some(weight_set) = years.first().and_then(place) else { continue };
        let levels = vec![model.level.value];
        tally.tables.push(TableSpec { parameter, breakdown, weight_set, levels, numeric: false, exponent: 0 });
    }
    tally.tables.len() - before
}

/// The weight set of a parameter of a collection, both by id, in a year at a level.
pub(super) fn weight_set_of(
    definitions: &Definitions,
    weight_sets: &[String],
    (collection, parameter): (&str, &str),
    year: i32,
    level: Level,
) -> Option<usize> {
    let design = definitions.pipeline.design.as_ref()?;
    let matching = design.overrides.iter().find(|one| {
        (one.collections.is_empty() || one.collections.iter().any(|name| name.value == collection))
            && (one.parameters.is_empty() || one.parameters.iter().any(|id| id.value == parameter))
            && (one.periods.is_empty() || one.periods.contains(&year))
            && (one.levels.is_empty() || one.levels.contains(&level))
    });
    let id = matching.map_or(&design.weight_set.value, |one| &one.weight_set.value);
    weight_sets.iter().position(|set| set == id)
}

/// Weight sets that some period may use for a parameter at a level.
fn candidates(definitions: &Definitions, parameter: &str, level: Level, weight_sets: &[String]) -> Vec<usize> {
    let Some(design) = &definitions.pipeline.design else { return Vec::new() };
    let mut ids = Vec::new();
    let matching = design.overrides.iter().filter(|one| {
        (one.parameters.is_empty() || one.parameters.iter().any(|id| id.value == parameter))
            && (one.levels.is_empty() || one.levels.contains(&level))
    });
    let mut always = false;
    for one in matching {
        always |= one.periods.is_empty() && one.collections.is_empty();
        ids.push(&one.weight_set.value);
    }
    if !always {
        ids.push(&design.weight_set.value);
    }
    let mut found: Vec<usize> = ids.iter().filter_map(|id| weight_sets.iter().position(|set| set == *id)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The exponent that brings the declared range of a numeric parameter, in every measure of it, to [-1, 1].
fn exponent(definitions: &Definitions, parameter: &Parameter) -> i32 {
    let of = |measure: &Measure| match measure {
        Measure::Number { minimum, maximum, .. } => exponent_of(*minimum, *maximum),
        Measure::Score { instrument, score } => definitions
            .instruments
            .iter()
            .find(|found| found.id.value == instrument.value)
            .and_then(|found| found.scores.iter().find(|own| own.id.value == score.value))
            .map_or(0, |score| exponent_of(score.minimum, score.maximum)),
        _ => 0,
    };
    parameter.all_measures().map(of).max().unwrap_or(0)
}
