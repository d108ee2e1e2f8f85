//! How each parameter was measured in each source, in words, for the manifest and for `why`.

use super::indicators::columns_of;
use super::{Plan, SourcePlan};
use crate::declare::{Denominator, Floor, FloorRule, MeasureKey, SourceKind, TableContent};
use crate::publish::Provenance;

/// One entry per parameter and source that gives figures of it.
pub(super) fn provenance(plan: &Plan) -> Vec<Provenance> {
    let mut found = Vec::new();
    for (at, source) in plan.sources.iter().enumerate() {
        let declared = &plan.definitions.pipeline.sources[at];
        let mut add = |place: usize, measured: String, design: String| {
            found.push(Provenance {
                parameter: plan.catalogue.parameters[place].id.clone(),
                source: declared.id.value.clone(),
                measured,
                design,
            });
        };
        match (source, &declared.kind) {
            (SourcePlan::Respondents { .. }, SourceKind::Respondents(own)) => {
                for place in &plan.measured {
                    let parameter = &plan.definitions.parameters[plan.parameters[*place]];
                    let measure = parameter.measure_in(&declared.collection.value, own.period.years());
                    if !measure.is_asked() {
                        continue;
                    }
                    let columns = columns_of(&plan.definitions, measure);
                    let columns: Vec<&str> = columns.into_iter().map(|column| own.own_name(column)).collect();
                    add(*place, format!("columns {}", columns.join(", ")), design(plan, at, &parameter.id.value));
                }
            }
            (SourcePlan::Table { parameters, .. }, SourceKind::Table(table)) => {
                let mut seen = std::collections::BTreeSet::new();
                for place in parameters.iter().filter(|place| seen.insert(**place)) {
                    let measured = match &table.content {
                        TableContent::Published(measures) => published(measures, parameters, *place),
                        TableContent::Register(register) => {
                            let of = match &register.denominator {
                                None => String::new(),
                                Some(Denominator::Column(column)) => format!(" / column {}", column.value),
                                Some(Denominator::Source { source, parameter, .. }) => {
                                    format!(" / {} of {}", parameter.value, source.value)
                                }
                            };
                            format!("column {}{of}", register.count.value)
                        }
                    };
                    add(*place, measured, String::new());
                }
            }
            (SourcePlan::Synthetic { parameters, .. }, SourceKind::Synthetic(own)) => {
                for (estimate, place) in own.estimates.iter().zip(parameters) {
                    let parts: Vec<String> = estimate
                        .population
                        .iter()
                        .map(|(category, part)| format!("{part} of {}/{}", category.value.0, category.value.1))
                        .collect();
                    let base = format!("{} of {}", own.base_parameter.value, own.base_source.value);
                    add(*place, format!("national rate × {base}: {}", parts.join(" + ")), String::new());
                }
            }
            _ => {}
        }
    }
    found
}

/// The columns of a parameter in a published table: its own, and those of its categories in a wide one.
fn published(measures: &[MeasureKey], parameters: &[usize], place: usize) -> String {
    let own = measures.iter().zip(parameters).filter(|(_, at)| **at == place).map(|(measure, _)| {
        let of = measure.category.as_ref().map(|of| format!(" ({}/{})", of.value.0, of.value.1));
        format!("column {}{}", measure.key.value, of.unwrap_or_default())
    });
    own.collect::<Vec<_>>().join(", ")
}

/// The weight sets of a parameter in a source of respondents, with their columns, and how its interval is made.
fn design(plan: &Plan, source: usize, parameter: &str) -> String {
    let declared = &plan.definitions.pipeline.sources[source];
    let SourceKind::Respondents(own) = &declared.kind else { return String::new() };
    let rules = &plan.definitions.pipeline.estimate;
    let set = |year, level| plan.weight_set(&declared.collection.value, parameter, year, level);
    let mut sets: Vec<usize> =
        own.period.years().iter().flat_map(|year| rules.levels.iter().filter_map(|level| set(*year, *level))).collect();
    sets.sort_unstable();
    sets.dedup();
    let words = sets.iter().filter_map(|set| own.weight_sets.iter().find(|one| one.id.value == plan.weight_sets[*set]));
    let words: Vec<String> = words
        .map(|set| {
            let part = |what: &str, column: Option<&crate::declare::Placed<String>>| {
                column.map_or(String::new(), |column| format!(", {what} {}", column.value))
            };
            format!(
                "weight set {} (weight {}{}{}{}{})",
                set.id.value,
                set.weight.value,
                part("stratum", set.stratum.as_ref()),
                part("cluster", set.cluster.as_ref()),
                part("fpc", set.fpc.as_ref()),
                part("cluster-fpc", set.cluster_fpc.as_ref())
            )
        })
        .collect();
    format!(
        "{}; degrees of freedom of the {}; strata of one: {}",
        words.join(" or "),
        rules.degrees_of_freedom,
        rules.single_psu
    )
}

/// The floor of a pipeline with its ground.
pub(super) fn floor(plan: &Plan) -> String {
    match &plan.definitions.pipeline.floor {
        FloorRule::Minimum { floor, ground, overrides } => {
            let mut text = format!("{}. {ground}", floor_in_words(floor));
            for own in overrides {
                let names: Vec<&str> = own.collections.iter().map(|name| name.value.as_str()).collect();
                text.push_str(&format!(" {}: {}. {}", names.join(", "), floor_in_words(&own.floor), own.ground));
            }
            text
        }
        FloorRule::AlreadyPublished { ground, .. } => format!("already published. {ground}"),
    }
}

/// The numbers of a floor.
pub(super) fn floor_in_words(floor: &Floor) -> String {
    let answers = if floor.minimum_answer == floor.minimum_complement {
        format!("yes and no >= {}", floor.minimum_answer)
    } else {
        format!("yes >= {}, no >= {}", floor.minimum_answer, floor.minimum_complement)
    };
    let population = match floor.minimum_population {
        0 => String::new(),
        people => format!(", inhabitants >= {people}"),
    };
    format!("n >= {}, {answers}, all or nobody from {}{population}", floor.minimum_n, floor.group_disclosure)
}
