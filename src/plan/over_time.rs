//! Figures of one region and category in several years: comparisons between periods, and trends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Plan;
use super::walk::Ground;
use crate::declare::{Catalogue, Parameter, RegionEntry};
use crate::disclose::{Compared, ComparisonKey, FigureKey, TrendPoint, Trended};
use crate::estimate::{Difference, Estimate, Support};
use crate::stats::quantile::TQuantiles;
use crate::stats::trend::PeriodValue;
use crate::stats::upper_quantiles;
use crate::tally::TableSpec;
use crate::vocab::{Level, Reference, Unit};

/// A figure as another period may need it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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

/// The figures of a parameter, line by line: collection, region, category.
pub(super) fn lines(catalogue: &Catalogue, kept: Vec<Kept>) -> Vec<Line> {
    let mut lines: BTreeMap<(u32, usize, u32), Line> = BTreeMap::new();
    for own in kept {
        let root = root(catalogue, own.key.region as usize);
        lines.entry((own.key.collection, root, own.key.category)).or_default().push(own);
    }
    let mut lines: Vec<Line> = lines.into_values().collect();
    for line in &mut lines {
        line.sort_by_key(|own| (year(catalogue, own), own.key));
    }
    lines
}

/// The earliest entry of a region in the list that is the same region, whatever its code: unchanged, or with a new code by a recode of one
/// whole region. A region that several were joined in is another region.
fn root(catalogue: &Catalogue, mut at: usize) -> usize {
    loop {
        let region = &catalogue.regions[at];
        let Some(before) = region.comparable.iter().filter(|year| **year < region.region_year).max() else { return at };
        let mut from = region.predecessors.iter().filter(|(_, year)| year == before).map(|(code, _)| code);
        let code = match (from.next(), from.next()) {
            (None, _) => &region.code,
            (Some(code), None) => code,
            (Some(_), Some(_)) => return at,
        };
        let entry = |own: &RegionEntry| (&own.code, own.region_year).cmp(&(code, *before));
        match catalogue.regions.binary_search_by(entry) {
            Ok(earlier) => at = earlier,
            Err(_) => return at,
        }
    }
}

fn year(catalogue: &Catalogue, own: &Kept) -> i32 {
    catalogue.periods[own.key.period as usize].year
}

/// Whether two figures of a line may be held against each other: of different years, with no break between.
fn comparable(catalogue: &Catalogue, parameter: &Parameter, earlier: &Kept, later: &Kept) -> bool {
    let (from, to) = (year(catalogue, earlier), year(catalogue, later));
    from < to && !parameter.breaks.iter().any(|begins| from < *begins && *begins <= to)
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
            let before = line[..at].iter().rfind(|other| year(catalogue, other) < year(catalogue, own));
            for rule in rules.references.iter().filter(|rule| rule.holds(own.level, dimension)) {
                let other = match rule.kind.value {
                    Reference::PreviousPeriod => before,
                    Reference::BasePeriod => line.iter().find(|other| Some(year(catalogue, other)) == rule.period),
                    _ => None,
                };
                let Some(other) = other.filter(|other| comparable(catalogue, parameter, other, own)) else { continue };
                let mut compared = between(catalogue, rule.kind.value, own, other, &mut quantiles);
                // The base period may be the one before.
                let previous = rules
                    .references
                    .iter()
                    .any(|rule| rule.kind.value == Reference::PreviousPeriod && rule.holds(own.level, dimension));
                let same = before.is_some_and(|before| before.key == other.key);
                if rule.kind.value == Reference::BasePeriod && previous && same {
                    compared.twin = Some(ComparisonKey { reference: Reference::PreviousPeriod, ..compared.key });
                }
                found.push(compared);
            }
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
            period: Some(year(catalogue, other)),
        },
        first: own.support,
        second: Some(other.support),
        withheld: None,
        difference,
        test: None,
        twin: None,
        unreliable: own.unreliable || other.unreliable,
    }
}

/// The trends of a parameter: per line over the periods that are comparable with its latest one and whose figures are shown.
pub(super) fn trends(plan: &Plan, catalogue: &Catalogue, lines: &[Line]) -> Vec<Trended> {
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
        let points = one_series.iter().map(|own| TrendPoint {
            label: catalogue.periods[own.key.period as usize].label.clone(),
            support: own.support,
            unreliable: own.unreliable,
            value: own.at(catalogue),
        });
        found.push(Trended { key: latest.key, points: points.collect(), share: parameter.unit.value == Unit::Share });
    }
    found
}

impl Kept {
    fn at(&self, catalogue: &Catalogue) -> Option<PeriodValue> {
        let (value, se, df) = self.value?;
        let year = f64::from(catalogue.periods[self.key.period as usize].year);
        Some(PeriodValue { year, value, se: se?, df: df as f64 })
    }
}
