//! What is compared, ranked, standardised and classed, in words: for `explain`, for the manifest and so for `why`.

use super::Plan;
use crate::declare::{Inequality, Pipeline, Ranking, Standard, Standardisation};
use crate::vocab::Level;

fn levels(levels: &[Level]) -> String {
    levels.iter().map(|level| level.as_str()).collect::<Vec<_>>().join(", ")
}

fn dimensions(names: &[crate::declare::Placed<String>]) -> String {
    if names.is_empty() {
        return String::new();
    }
    format!(" ({})", names.iter().map(|name| name.value.as_str()).collect::<Vec<_>>().join(", "))
}

/// One line per rule, in the order of the pipeline; none where nothing of the kind is declared.
pub(super) fn rules(plan: &Plan) -> Vec<String> {
    let pipeline = &plan.definitions.pipeline;
    let mut lines = comparisons(pipeline);
    if let Some(trend) = &pipeline.trend {
        lines.push(format!(
            "trends over {} periods or more at {}{}, alpha {}",
            trend.minimum_periods,
            levels(&trend.levels),
            dimensions(&trend.dimensions),
            trend.alpha
        ));
    }
    if let Some(own) = &pipeline.reliability {
        lines.push(format!(
            "reliability: unreliable below {} effective respondents, at a width of {}, above {} wide with a relative width over {}, a mean \
             with a relative standard error over {}; review below {} degrees of freedom{}. {}",
            own.minimum_n_effective,
            own.maximum_width,
            own.narrow_width,
            own.maximum_relative_width,
            own.maximum_rse,
            own.minimum_df,
            if own.withhold { "; unreliable figures are withheld" } else { "" },
            own.ground,
        ));
    }
    let ranks = pipeline.ranks.iter();
    lines.extend(
        ranks.map(|rank| format!("rank of each {} within its {}, joint intervals", rank.level.value, rank.within)),
    );
    let funnels = pipeline.funnels.iter();
    lines.extend(funnels.map(|own| {
        format!("funnel limits of each {} around its {}, confidence {}", own.level.value, own.within, own.confidence)
    }));
    lines.extend(pipeline.standardisations.iter().map(standardisation));
    lines.extend(pipeline.inequalities.iter().map(inequality));
    lines
}

fn comparisons(pipeline: &Pipeline) -> Vec<String> {
    let Some(own) = &pipeline.comparison else { return Vec::new() };
    let mut lines = vec![format!(
        "comparisons by {}{}, alpha {}, smallest difference {}, p adjusted by {} per {}",
        own.test,
        if own.first_order.as_ref().is_some_and(|own| own.value) {
            " (first order where the second has no degrees of freedom)"
        } else {
            ""
        },
        own.alpha,
        own.minimum_difference,
        own.adjustment,
        own.family,
    )];
    if !own.guards_unplaced {
        lines.push("people of unknown wijk or category may follow from comparisons".to_owned());
    }
    for (parameter, minimum) in &own.minimum_of {
        lines.push(format!("smallest difference of {}: {minimum}", parameter.value));
    }
    for rule in &own.references {
        let period = rule.period.map_or(String::new(), |year| format!(" {year}"));
        let shown = own.dashboard.as_ref().is_some_and(|shown| shown.value == rule.kind.value);
        lines.push(format!(
            "compared with {}{period} at {}{}{}",
            rule.kind.value,
            levels(&rule.levels),
            dimensions(&rule.dimensions),
            if shown { ", shown in the dashboard" } else { "" },
        ));
    }
    lines
}

fn standardisation(own: &Standardisation) -> String {
    let (kind, groups): (&str, Vec<String>) = match &own.standard {
        Standard::Persons(persons) => {
            ("persons", persons.iter().map(|(name, persons)| format!("{} {persons}", name.value)).collect())
        }
        Standard::Esp2013(ages) => ("esp2013", ages.iter().map(|(name, _)| name.value.clone()).collect()),
    };
    let ratio = own
        .reference_region
        .as_ref()
        .map_or(String::new(), |code| format!("; registers also as the ratio to the rates of {}", code.value));
    format!(
        "standardised over {} at {}, {kind}: {}{ratio}. {}",
        own.dimension.value,
        levels(&own.levels),
        groups.join(", "),
        own.source
    )
}

fn inequality(own: &Inequality) -> String {
    match &own.ranking {
        Ranking::Dimension { dimension, order } => {
            let order: Vec<&str> = order.iter().map(|name| name.value.as_str()).collect();
            format!("inequality over {} ({}) at {}", dimension.value, order.join(" < "), levels(&own.levels))
        }
        Ranking::Regions(ranking) => format!(
            "inequality over {}: {} groups of {} by {} of {}, {} figure worst off, at {}",
            ranking.id.value,
            ranking.groups,
            ranking.level,
            ranking.parameter.value,
            ranking.source.value,
            if ranking.worst_is_highest { "highest" } else { "lowest" },
            levels(&own.levels)
        ),
    }
}
