//! The coverage matrix: parameter × collection × period × level, and why where there is nothing.

use std::collections::BTreeSet;

use super::{Plan, SourcePlan};
use crate::declare::{CoverageEntry, Measure, PeriodFrom, SourceKind};
use crate::vocab::Level;

/// Periods of a table that says them itself.
const IN_THE_FILE: &str = "in the file";

/// Where each parameter of a plan has figures. None is left out: one that no source feeds says so.
pub(super) fn coverage(plan: &Plan) -> Vec<CoverageEntry> {
    let mut found = BTreeSet::new();
    let levels = &plan.definitions.pipeline.estimate.levels;
    for (at, source) in plan.sources.iter().enumerate() {
        let declared = &plan.definitions.pipeline.sources[at];
        for (place, entry) in plan.catalogue.parameters.iter().enumerate() {
            let mut add = |period: String, levels: Vec<Level>, state| {
                found.insert(CoverageEntry {
                    parameter: entry.id.clone(),
                    collection: declared.collection.value.clone(),
                    period,
                    levels,
                    state,
                });
            };
            match (source, &declared.kind) {
                (SourcePlan::Respondents { absent, covers, .. }, SourceKind::Respondents(own)) => {
                    let definition = plan.parameters[place];
                    let parameter = &plan.definitions.parameters[definition];
                    if !parameter.measure_in(&declared.collection.value, own.period.years()).is_asked() {
                        continue;
                    }
                    let lacks = own.declares_not_measured(&entry.id);
                    let finest = plan.finest_column(at);
                    // A region is covered by what lies around it, or by several sources together.
                    let widest = covers.iter().filter_map(|at| Some(plan.catalogue.regions.get(*at as usize)?.level()));
                    let widest = widest.min();
                    let together = &plan.definitions.pipeline.covered_together;
                    let reaches = |level: &Level| {
                        *level <= finest
                            && (widest.is_some_and(|widest| widest <= *level)
                                || together.iter().any(|code| code.value.level() == *level))
                    };
                    for period in own.period.periods() {
                        let (reached, state) = match (absent.contains(&definition), lacks) {
                            (true, _) => (Vec::new(), "column_absent"),
                            (_, true) => (Vec::new(), "not_measured"),
                            _ => (levels.iter().copied().filter(reaches).collect(), "direct"),
                        };
                        add(period.label, reached, state);
                    }
                }
                (SourcePlan::Table { parameters, .. }, SourceKind::Table(table)) if parameters.contains(&place) => {
                    let state = if table.register().is_some() { "register" } else { "published" };
                    let pools = table.register().map(|own| own.pools.clone()).unwrap_or_default();
                    let periods: Vec<String> = match &table.period {
                        PeriodFrom::Fixed(period) => vec![period.label.clone()],
                        PeriodFrom::Column(_) if pools.is_empty() => vec![IN_THE_FILE.to_owned()],
                        PeriodFrom::Column(_) => pools.iter().map(|(first, last)| format!("{first}-{last}")).collect(),
                    };
                    periods.into_iter().for_each(|period| add(period, levels.clone(), state));
                }
                (SourcePlan::Synthetic { parameters, .. }, _) if parameters.contains(&place) => {
                    add(IN_THE_FILE.to_owned(), levels.clone(), "synthetic");
                }
                _ => {}
            }
        }
    }
    let fed: BTreeSet<String> = found.iter().map(|entry| entry.parameter.clone()).collect();
    let rest = plan.catalogue.parameters.iter().filter(|entry| !fed.contains(&entry.id));
    found.extend(rest.map(|entry| CoverageEntry {
        parameter: entry.id.clone(),
        collection: String::new(),
        period: String::new(),
        levels: Vec::new(),
        state: "not_fed",
    }));
    // Parameters that the definitions have and this pipeline does not compute are not silent either.
    let known: BTreeSet<&str> = plan.catalogue.parameters.iter().map(|entry| entry.id.as_str()).collect();
    let others = plan.definitions.parameters.iter().filter(|own| !known.contains(own.id.value.as_str()));
    found.extend(others.map(|own| CoverageEntry {
        parameter: own.id.value.clone(),
        collection: String::new(),
        period: String::new(),
        levels: Vec::new(),
        state: if matches!(own.measure, Measure::External { .. }) { "not_fed" } else { "not_computed" },
    }));
    found.into_iter().collect()
}
