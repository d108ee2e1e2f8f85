//! Domains as sums of units, and the estimate of each.

use std::collections::BTreeMap;

use super::side::{DegreesCounter, Design, Side};
use super::{Domain, Estimate, Value};
use crate::stats::interval::ShareBasis;
use crate::stats::quantile::TQuantiles;
use crate::stats::{NoInterval, SumsOfSquares, mean_interval, share_interval};
use crate::tally::Frame;
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

    /// The units of a series in a region.
    pub(super) fn units(&self, place: (u32, u32)) -> &[u32] {
        self.by_region.get(&place).map_or(&[], Vec::as_slice)
    }
}

/// The estimate of a domain from its sums.
///
/// `quantiles` are those of the upper tail of the plan's confidence level. Without a respondent there is an estimate without a value: its
/// row exists, a missing row would say n = 0.
#[must_use]
pub fn estimate(
    design: &Design<'_>,
    domain: Domain,
    side: &Side,
    plan: &EstimatePlan,
    quantiles: &mut TQuantiles,
) -> Estimate {
    let all = &side.all;
    let numeric = !all.is_share();
    let value = side.value().map(|p| {
        let weight = all.weight();
        let mut counter = DegreesCounter::default();
        let mut sums = Vec::with_capacity(side.groups.len());
        for group in side.groups.iter().filter(|group| group.sums.n > 0) {
            counter.add(design, group.stratum, group.sums.n - group.sums.weightless);
            let around = SumsOfSquares { total: group.sums.total_around(p), squares: group.sums.squares_around(p) };
            sums.push((group.stratum, group.cluster, around));
        }
        let df = match plan.degrees_of_freedom {
            DegreesOfFreedom::Domain => counter.df(),
            DegreesOfFreedom::Design => design.whole_df(side.groups.iter().map(|group| group.stratum)),
        };
        let se = design.variance(&sums, weight).map(f64::sqrt);
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
        decided: side.decided,
    }
}
