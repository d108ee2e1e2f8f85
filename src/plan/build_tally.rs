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
