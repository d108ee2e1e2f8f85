//! Numbers of a published table that contradict each other.

use std::collections::HashMap;

use super::{Plan, SourcePlan};
use crate::finding::{Duty, Finding};
use crate::ingest::PublishedOutcome;
use crate::vocab::Unit;

/// A part that is larger than the whole that it is a part of: a wrong column, or a number with a mark of thousands.
///
/// Rounded numbers may be off by their base each.
pub(super) fn parts_over_total(plan: &Plan, source: usize, outcome: &PublishedOutcome) -> Option<Finding> {
    let SourcePlan::Table { parameters, .. } = &plan.sources[source] else { return None };
    let declared = &plan.definitions.pipeline.sources[source];
    let table = declared.table()?;
    let (measures, register) = (table.measures(), table.register());
    for parameter in parameters.iter().filter(|at| plan.catalogue.parameters[**at].unit == Unit::Count) {
        // The parameters of a register share its one column of counts, which is its first measure.
        let own: Vec<usize> = match register {
            Some(_) => vec![0],
            None => (0..parameters.len()).filter(|at| parameters[*at] == *parameter).collect(),
        };
        let number = |figure: usize| own.iter().find_map(|measure| outcome.value(figure, *measure).number());
        let rounded = own.iter().filter_map(|measure| measures.get(*measure)?.rounded.as_ref());
        let base = rounded.chain(register.and_then(|own| own.rounded.as_ref())).map(|own| own.to).max();
        let slack = f64::from(base.unwrap_or(0));
        let figures = || outcome.figures.iter().enumerate();
        let totals: HashMap<(u32, u32), f64> = figures()
            .filter(|(_, row)| outcome.category(row).0 == "total")
            .filter_map(|(at, row)| Some(((row.region, row.period), number(at)?)))
            .collect();
        let over = figures().find(|(at, row)| {
            let total = totals.get(&(row.region, row.period));
            total.zip(number(*at)).is_some_and(|(total, part)| part > total + slack)
        });
        let Some((_, row)) = over else { continue };
        let (dimension, category) = outcome.category(row);
        let (id, region) = (&plan.catalogue.parameters[*parameter].id, outcome.region(row));
        let message = format!(
            "`{id}` of {dimension} {category} is more than the total in {region} (source `{}`)",
            declared.id.value
        );
        return Some(
            Finding::error(Duty::Data, "ingest-part-over-total", message)
                .at(declared.id.place.clone())
                .help("check the columns of the measures, and marks of thousands in the file"),
        );
    }
    None
}
