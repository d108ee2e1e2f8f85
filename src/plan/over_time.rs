//! Figures of one region and category in several years: comparisons between periods, and trends.

use std::collections::BTreeMap;

use super::Plan;
use super::walk::Ground;
use crate::declare::{Catalogue, ComparisonRules, Parameter, RegionEntry};
use crate::disclose::{Compared, ComparisonKey, FigureKey, Policy, Trended};
use crate::estimate::{Difference, Estimate, Support};
use crate::stats::quantile::TQuantiles;
use crate::stats::trend::{PeriodValue, change, mean_trend, share_trend};
use crate::stats::upper_quantiles;
use crate::tally::TableSpec;
use crate::vocab::{Level, Reason, Reference, Unit};

/// A figure as another period may need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub(super) key: FigureKey,
    pub(super) level: Level,
    pub(super) support: Support,
    /// Withheld because it is too imprecise.
    unreliable: bool,
    /// Value, standard error and degrees of freedom.
    pub(super) value: Option<(f64, Option<f64>, u64)>,
}

impl Kept {
    /// Keeps an estimate where some rule compares it over time.
    pub(super) fn of(
        plan: &Plan,
        ground: &Ground<'_>,
        level: Level,
        spec: &TableSpec,
        key: FigureKey,
        estimate: &Estimate,
        unreliable: bool,
    ) -> Option<Self> {
        let dimension = ground.breakdowns[spec.breakdown].dimension.as_str();
        let pipeline = &plan.definitions.pipeline;
        let rules = pipeline.comparison.iter().flat_map(|rules| &rules.references);
        let compared = rules
            .filter(|rule| matches!(rule.kind.value, Reference::PreviousPeriod | Reference::BasePeriod))
            .any(|rule| rule.holds(level, dimension));
        let trend = pipeline.trend.as_ref().is_some_and(|trend| trend.holds(level, dimension));
        (compared || trend).then(|| Self {
            key,
            level,
            unreliable,
            support: estimate.support(),
            value: estimate.value.map(|value| (value.value, value.se, value.df)),
        })
    }
}

/// The figures of one region and category, by year. Regions of two years are one where they have one code and are marked as the same.
pub(super) type Line = Vec<Kept>;

/// The figures of a parameter, line by line: collection, region code, category.
pub(super) fn lines(catalogue: &Catalogue, kept: Vec<Kept>) -> Vec<Line> {
    let mut lines: BTreeMap<(u32, &str, u32), Line> = BTreeMap::new();
    for own in kept {
        let code = catalogue.regions[own.key.region as usize].code.as_str();
        lines.entry((own.key.collection, code, own.key.category)).or_default().push(own);
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        line.sort_by_key(|own| catalogue.periods[own.key.period as usize].year);
    }
    lines
}

/// Whether two figures of a line may be held against each other: one series, with no break between, of a region that stayed the same.
pub(super) fn comparable(catalogue: &Catalogue, parameter: &Parameter, earlier: &Kept, later: &Kept) -> bool {
    let year = |own: &Kept| catalogue.periods[own.key.period as usize].year;
    let (from, to) = (year(earlier), year(later));
    let region = |own: &Kept| &catalogue.regions[own.key.region as usize];
    from < to
        && !parameter.breaks.iter().any(|begins| from < *begins && *begins <= to)
        && same_region(region(earlier), region(later))
}

fn same_region(a: &RegionEntry, b: &RegionEntry) -> bool {
    a.region_year == b.region_year || a.comparable.contains(&b.region_year) || b.comparable.contains(&a.region_year)
}

/// The comparisons of a parameter between periods. The designs of two years are independent: variances add up.
pub(super) fn over_time(plan: &Plan, catalogue: &Catalogue, lines: &[Line]) -> Vec<Compared> {
    let Some(rules) = &plan.definitions.pipeline.comparison else { return Vec::new() };
    let mut quantiles = upper_quantiles(1.0 - rules.alpha);
    let mut found = Vec::new();
    for line in lines {
        for (at, own) in line.iter().enumerate() {
            let parameter = plan.parameter_of(own.key.parameter);
            let dimension = catalogue.categories[own.key.category as usize].dimension.as_str();
            for (kind, other) in references(catalogue, rules, line, at, dimension) {
                if comparable(catalogue, parameter, other, own) {
                    found.push(between(catalogue, kind, own, other, &mut quantiles));
                }
            }
        }
    }
    found
}

/// The periods that a figure of a line is compared with.
fn references<'l>(
    catalogue: &Catalogue,
    rules: &ComparisonRules,
    line: &'l Line,
    at: usize,
    dimension: &str,
) -> Vec<(Reference, &'l Kept)> {
    let mut found = Vec::new();
    for rule in rules.references.iter().filter(|rule| rule.holds(line[at].level, dimension)) {
        match rule.kind.value {
            Reference::PreviousPeriod => {
                found.extend(at.checked_sub(1).map(|before| (Reference::PreviousPeriod, &line[before])));
            }
            Reference::BasePeriod => {
                let base = line.iter().find(|own| Some(catalogue.periods[own.key.period as usize].year) == rule.period);
                found.extend(base.map(|base| (Reference::BasePeriod, base)));
            }
            _ => {}
        }
    }
    found
}

fn between(
    catalogue: &Catalogue,
    reference: Reference,
    own: &Kept,
    other: &Kept,
    quantiles: &mut TQuantiles,
) -> Compared {
    let difference = own.value.zip(other.value).map(|(own, other)| {
        let se = own.1.zip(other.1).map(|(a, b)| a.hypot(b));
        // Both designs together, less one, as for two domains of one design.
        Difference::new(own.0 - other.0, se, (own.2 + other.2).saturating_sub(1), quantiles)
    });
    Compared {
        key: ComparisonKey {
            figure: own.key,
            reference,
            region: None,
            category: None,
            period: Some(catalogue.periods[other.key.period as usize].year),
        },
        first: own.support,
        second: Some(other.support),
        withheld: None,
        difference,
        test: None,
        mirrored: false,
        unreliable: own.unreliable || other.unreliable,
    }
}

/// The trends of a parameter: per line over the periods that are comparable with its latest one and whose figures are shown.
pub(super) fn trends(plan: &Plan, catalogue: &Catalogue, lines: &[Line], policy: Policy) -> Vec<Trended> {
    let Some(rules) = &plan.definitions.pipeline.trend else { return Vec::new() };
    let mut found = Vec::new();
    for line in lines {
        let Some((latest, earlier)) = line.split_last() else { continue };
        let dimension = catalogue.categories[latest.key.category as usize].dimension.as_str();
        if !rules.holds(latest.level, dimension) {
            continue;
        }
        let parameter = plan.parameter_of(latest.key.parameter);
        let one_series = earlier.iter().filter(|own| comparable(catalogue, parameter, own, latest)).chain([latest]);
        let one_series: Vec<&Kept> = one_series.collect();
        if one_series.len() < rules.minimum_periods {
            continue;
        }
        let shown: Vec<&Kept> = one_series.iter().filter(|own| own.hidden(policy).is_none()).copied().collect();
        let values: Vec<PeriodValue> = shown.iter().filter_map(|own| own.at(catalogue)).collect();
        let fit = match parameter.unit.value {
            Unit::Share => share_trend(&values),
            _ => mean_trend(&values),
        };
        let confidence = plan.definitions.pipeline.estimate.confidence;
        let hidden = one_series.iter().find_map(|own| own.hidden(policy));
        found.push(Trended {
            key: latest.key,
            hidden,
            periods: shown.iter().map(|own| catalogue.periods[own.key.period as usize].label.clone()).collect(),
            fit: fit.filter(|_| shown.len() >= rules.minimum_periods && values.len() == shown.len()),
            change: values.first().zip(values.last()).and_then(|(first, last)| change(first, last, confidence)),
        });
    }
    found
}

impl Kept {
    /// Why the figure is withheld.
    fn hidden(&self, policy: Policy) -> Option<Reason> {
        policy.reason(&self.support).or(self.unreliable.then_some(Reason::Unreliable))
    }

    fn at(&self, catalogue: &Catalogue) -> Option<PeriodValue> {
        let (value, se, df) = self.value?;
        let year = f64::from(catalogue.periods[self.key.period as usize].year);
        Some(PeriodValue { year, value, se: se?, df: df as f64 })
    }
}
