//! Domains as sums of units, and the estimate of each.

use std::collections::BTreeMap;

use super::{Domain, Estimate, Value};
use crate::stats::interval::ShareBasis;
use crate::stats::quantile::TQuantiles;
use crate::stats::{DesignVariance, NoInterval, StratumDesign, SumsOfSquares, mean_interval, share_interval};
use crate::tally::{CellSums, Frame, Moments, Table};
use crate::vocab::{DegreesOfFreedom, IntervalMethod, SinglePsu};

/// How estimates are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EstimatePlan {
    /// Confidence level.
    pub confidence: f64,
    /// Interval method for shares.
    pub interval: IntervalMethod,
    /// Degrees of freedom.
    pub degrees_of_freedom: DegreesOfFreedom,
    /// Strata with one sampled unit.
    pub single_psu: SinglePsu,
}

/// A series: the figures of one collection and year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Series {
    /// Collection.
    pub collection: String,
    /// Year.
    pub year: i32,
}

/// The units of a frame grouped by the regions of one level.
///
/// Made once per frame and level, used for every table of the frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domains {
    /// (series, region) → units sorted by (stratum, cluster).
    by_region: BTreeMap<(u32, u32), Vec<u32>>,
}

impl Domains {
    /// Groups units; `ancestors[region]` is the region cut at the level, and `is_level[region]` says whether it is of the level.
    #[must_use]
    pub fn new(frame: &Frame, ancestors: &[u32], is_level: impl Fn(u32) -> bool) -> Self {
        let mut by_region: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for (unit, index) in frame.units.iter().zip(0..) {
            let region = ancestors[unit.region as usize];
            if is_level(region) {
                by_region.entry((unit.series, region)).or_default().push(index);
            }
        }
        for units in by_region.values_mut() {
            units.sort_by_key(|index| {
                let unit = &frame.units[*index as usize];
                (unit.stratum, unit.cluster)
            });
        }
        Self { by_region }
    }
}

/// Estimates of a table for the wanted (series, region) pairs × every category, in that order.
///
/// `quantiles` are those of the upper tail of the plan's confidence level.
///
/// A region without a respondent has an estimate without a value: its row exists, a missing row would say n = 0.
#[must_use]
pub fn estimate_table(
    moments: &Moments,
    table: &Table,
    domains: &Domains,
    wanted: &[(u32, u32)],
    plan: &EstimatePlan,
    quantiles: &mut TQuantiles,
) -> Vec<Estimate> {
    let frame = &moments.frames[table.frame];
    let strata = &moments.strata[frame.weight_set];
    let mut estimates = Vec::with_capacity(wanted.len() * table.categories);
    let mut groups: Vec<(u32, u32, CellSums)> = Vec::new();
    for (series, region) in wanted {
        let units = domains.by_region.get(&(*series, *region)).map_or(&[][..], Vec::as_slice);
        for category in 0..table.categories {
            groups.clear();
            for index in units {
                let unit = &frame.units[*index as usize];
                let clustered = strata[unit.stratum as usize].clusters > 0;
                let key = (unit.stratum, if clustered { unit.cluster } else { 0 });
                match groups.last_mut() {
                    Some((stratum, cluster, sums)) if (*stratum, *cluster) == key => {
                        table.add_to(sums, *index as usize, category);
                    }
                    _ => {
                        let mut sums = CellSums::empty(table.numeric(), table.exponent);
                        table.add_to(&mut sums, *index as usize, category);
                        groups.push((key.0, key.1, sums));
                    }
                }
            }
            let domain = Domain { series: *series, region: *region, category: category as u32 };
            estimates.push(estimate(moments, table, domain, &groups, plan, quantiles));
        }
    }
    estimates
}

/// The estimate of one domain from its sums per stratum, or per cluster of a stratum, in ascending order.
fn estimate(
    moments: &Moments,
    table: &Table,
    domain: Domain,
    groups: &[(u32, u32, CellSums)],
    plan: &EstimatePlan,
    quantiles: &mut TQuantiles,
) -> Estimate {
    let (weight_set, numeric) = (moments.frames[table.frame].weight_set, table.numeric());
    let mut all = CellSums::empty(numeric, table.exponent);
    groups.iter().for_each(|(_, _, sums)| all.add(sums));
    let weight = all.weight();
    let value = (weight > 0.0).then(|| {
        let p = all.weight_y() / weight;
        let strata = &moments.strata[weight_set];
        let mut variance = DesignVariance::new(plan.single_psu);
        let (mut units, mut strata_seen) = (0, 0);
        for of_stratum in groups.chunk_by(|a, b| a.0 == b.0) {
            let stratum = &strata[of_stratum[0].0 as usize];
            let clustered = stratum.clusters > 0;
            let design = StratumDesign { units: stratum.units(), population: stratum.population };
            let mut sums = SumsOfSquares::default();
            let (mut present, mut counted) = (false, 0);
            for (_, _, group) in of_stratum {
                let total = group.total_around(p);
                sums.total += total;
                sums.squares += if clustered { total * total } else { group.squares_around(p) };
                present |= group.n > 0;
                counted += match (clustered, group.counts_for_df()) {
                    (true, counts) => u64::from(counts),
                    (false, _) => group.n - group.weightless,
                };
            }
            if present {
                variance.add(design, sums);
            }
            units += counted;
            strata_seen += u64::from(counted > 0);
        }
        let df = match plan.degrees_of_freedom {
            DegreesOfFreedom::Domain => units - strata_seen,
            DegreesOfFreedom::Design => design_df(moments, weight_set, groups),
        };
        let se = variance.finish(weight).map(f64::sqrt);
        let n = all.n as f64;
        let spread = all.weighted_spread(p) / weight * n / (n - 1.0);
        let deff = se.map(|se| se * se / (spread / n)).filter(|deff| deff.is_finite() && all.n > 1 && spread > 0.0);
        let square = all.square();
        let kish_n = if square > 0.0 { weight * weight / square } else { 0.0 };
        let interval = match se {
            None => Err(NoInterval::NoVariance),
            Some(se) if numeric => mean_interval(p, se, df, quantiles),
            Some(se) => {
                let basis = ShareBasis { share: p, se, n: all.n, kish_n, df, confidence: plan.confidence };
                share_interval(&basis, plan.interval, quantiles)
            }
        };
        Value { value: p, weight, se, deff, kish_n, df, interval }
    });
    Estimate {
        domain,
        n: all.n,
        n_yes: (!numeric).then_some(all.n_yes),
        weighted: all.n - all.weightless,
        weighted_yes: (!numeric).then_some(all.n_yes - all.weightless_yes),
        unknown: all.unknown,
        not_applicable: all.not_applicable,
        top: all.top,
        value,
    }
}

/// Units minus strata of the whole design of the sources and years that the domain draws on.
fn design_df(moments: &Moments, weight_set: usize, groups: &[(u32, u32, CellSums)]) -> u64 {
    let strata = &moments.strata[weight_set];
    let used: std::collections::BTreeSet<(usize, i32)> = groups
        .iter()
        .map(|(stratum, _, _)| (strata[*stratum as usize].source, strata[*stratum as usize].year))
        .collect();
    let design = strata.iter().filter(|stratum| used.contains(&(stratum.source, stratum.year)));
    design.map(|stratum| stratum.units() - 1).sum()
}
