//! How comparisons and trends are judged, from the declared rules and the directions of the parameters.

use super::Plan;
use crate::declare::Catalogue;
use crate::disclose::Judgement;
use crate::vocab::Unit;

/// How the comparisons of a release are judged; `None` where nothing is compared.
pub(super) fn judgement(plan: &Plan, catalogue: &Catalogue) -> Option<Judgement> {
    let rules = plan.definitions.pipeline.comparison.as_ref()?;
    let minimum = catalogue.parameters.iter().map(|entry| {
        let own = rules.minimum_of.iter().find(|(name, _)| name.value == entry.id).map(|(_, minimum)| *minimum);
        own.unwrap_or(if entry.unit == Unit::Share { rules.minimum_difference } else { 0.0 })
    });
    Some(Judgement {
        alpha: rules.alpha,
        test: rules.test,
        first_order: rules.first_order.as_ref().is_some_and(|own| own.value),
        dashboard: rules.dashboard.as_ref().map(|shown| shown.value),
        adjustment: rules.adjustment,
        family: rules.family,
        minimum: minimum.collect(),
        higher_is_better: higher_is_better(catalogue),
    })
}

/// Per parameter of the catalogue whether higher is better; `None` where neither is.
pub(super) fn higher_is_better(catalogue: &Catalogue) -> Vec<Option<bool>> {
    let better = catalogue.parameters.iter().map(|entry| match entry.direction.as_str() {
        "higher" => Some(true),
        "lower" => Some(false),
        _ => None,
    });
    better.collect()
}
