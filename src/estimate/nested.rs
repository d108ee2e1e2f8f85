//! Many domains against one domain that holds them all: what the whole needs is worked out once.
//!
//! Strata that a part has nobody in add to the variance of a difference what they add to that of the whole. So a wijk against the country looks at
//! the strata of the wijk alone.

use super::compare::Difference;
use super::side::{DegreesCounter, Design, Side};
use crate::stats::fixed::{ROUNDING, above_rounding};
use crate::stats::quantile::TQuantiles;
use crate::stats::{ClusterDesign, DesignVariance, SumsOfSquares};
use crate::vocab::DegreesOfFreedom;

/// A domain that others lie in, linearised.
#[derive(Clone, Debug)]
pub struct Whole {
    value: f64,
    weight: f64,
    /// Per stratum in ascending order: sums over its units, what it adds, and whether it has a single unit.
    strata: Vec<(u32, SumsOfSquares, f64, bool)>,
    /// Per group in ascending order: sums over its respondents, and what its cluster adds.
    groups: Vec<(u32, u32, SumsOfSquares, f64)>,
    sum: f64,
    second: f64,
    single: u64,
    df: u64,
}

impl Whole {
    /// Of a domain; `None` where it has no value.
    #[must_use]
    pub fn new(design: &Design<'_>, side: &Side, degrees: DegreesOfFreedom) -> Option<Self> {
        let (value, weight) = (side.value()?, side.all.weight());
        let mut counter = DegreesCounter::default();
        let mut groups = Vec::with_capacity(side.groups.len());
        for group in side.groups.iter().filter(|group| group.sums.n > 0) {
            counter.add(design, group.stratum, group.sums.n - group.sums.weightless);
            let z = SumsOfSquares {
                total: group.sums.total_around(value) / weight,
                squares: group.sums.squares_around(value) / (weight * weight),
            };
            groups.push((group.stratum, group.cluster, z, second_stage(design, group.stratum, group.cluster, z)));
        }
        let mut strata: Vec<(u32, SumsOfSquares, f64, bool)> = Vec::new();
        for of_stratum in groups.chunk_by(|a, b| a.0 == b.0) {
            let stratum = of_stratum[0].0;
            let mut sums = SumsOfSquares::default();
            for (_, _, z, _) in of_stratum {
                sums.total += z.total;
                sums.squares += if design.is_clustered(stratum) { z.total * z.total } else { z.squares };
            }
            let (variance, single) = DesignVariance::of_stratum(design.single_psu, design.stratum(stratum), sums);
            strata.push((stratum, sums, variance, single));
        }
        let df = match degrees {
            DegreesOfFreedom::Domain => counter.df(),
            DegreesOfFreedom::Design => design.whole_df(strata.iter().map(|own| own.0)),
        };
        Some(Self {
            value,
            weight,
            sum: strata.iter().map(|own| own.2).sum(),
            second: groups.iter().map(|own| own.3).sum(),
            single: strata.iter().map(|own| u64::from(own.3)).sum(),
            strata,
            groups,
            df,
        })
    }

    /// A part less the whole; `None` where the part has no value. The degrees of freedom are those of the whole, less one.
    #[must_use]
    pub fn difference(&self, design: &Design<'_>, part: &Side, quantiles: &mut TQuantiles) -> Option<Difference> {
        let (value, weight) = (part.value()?, part.all.weight());
        let (mut sum, mut second) = (self.sum, self.second);
        for of_stratum in part.groups.chunk_by(|a, b| a.stratum == b.stratum) {
            let stratum = of_stratum[0].stratum;
            // Whoever is in the part is in the whole.
            let Ok(at) = self.strata.binary_search_by_key(&stratum, |own| own.0) else { continue };
            let (_, whole, before, _) = self.strata[at];
            let clustered = design.is_clustered(stratum);
            let mut sums = SumsOfSquares { total: -whole.total, squares: whole.squares };
            for group in of_stratum.iter().filter(|group| group.sums.n > 0) {
                let key = (stratum, group.cluster);
                let Ok(at) = self.groups.binary_search_by_key(&key, |own| (own.0, own.1)) else { continue };
                let (_, _, of_whole, stage) = self.groups[at];
                let total = group.sums.total_around(value) / weight;
                let cross = group.sums.cross_around(value, self.value) / (weight * self.weight);
                let squares = group.sums.squares_around(value) / (weight * weight);
                let z = SumsOfSquares {
                    total: total - of_whole.total,
                    squares: (squares + of_whole.squares - 2.0 * cross).max(0.0),
                };
                sums.total += total;
                sums.squares += if clustered {
                    z.total * z.total - of_whole.total * of_whole.total
                } else {
                    z.squares - of_whole.squares
                };
                second += second_stage(design, stratum, group.cluster, z) - stage;
            }
            sums.squares = sums.squares.max(0.0);
            sum += DesignVariance::of_stratum(design.single_psu, design.stratum(stratum), sums).0 - before;
        }
        let strata = self.strata.len() as u64;
        let parts = DesignVariance::of_parts(
            design.single_psu,
            settled(sum, self.sum),
            settled(second, self.second),
            strata,
            self.single,
        );
        let se = parts.finish(1.0).map(f64::sqrt);
        Some(Difference::new(value - self.value, se, self.df.saturating_sub(1), quantiles))
    }
}

/// A variance that was made by subtraction from another one: 0 where it is no more than rounding leaves.
fn settled(variance: f64, from: f64) -> f64 {
    above_rounding(variance, ROUNDING * from).max(0.0)
}

/// What the sampling within a cluster adds; nothing without a correction of the second stage.
fn second_stage(design: &Design<'_>, stratum: u32, cluster: u32, sums: SumsOfSquares) -> f64 {
    if !design.is_clustered(stratum) {
        return 0.0;
    }
    let own = &design.clusters[cluster as usize];
    own.population.map_or(0.0, |population| {
        let cluster = ClusterDesign { elements: own.rows, population };
        DesignVariance::of_cluster(design.single_psu, design.stratum(stratum), cluster, sums)
    })
}
