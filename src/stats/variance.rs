//! Linearised variance of a weighted share or mean of a domain.
//!
//! For a domain D with estimate p = Σ_D wy / Σ_D w, each sampled unit i of stratum h (a respondent, or a cluster's total) has
//! z_i = Σ_{k∈i∩D} w_k (y_k − p) / Σ_D w, and 0 where it holds nobody of D. Units outside D keep their place in n_h:
//!
//! v = Σ_h (1 − f_h) · n_h/(n_h − 1) · Σ_i (z_i − z̄_h)²,   f_h = n_h/N_h with a finite population correction, else 0.
//!
//! Where respondents were sampled within clusters, m_i of M_i, and both stages have a finite population correction, the second stage adds
//!
//! Σ_h f_h · Σ_i (1 − m_i/M_i) · m_i/(m_i − 1) · Σ_k (z_ik − z̄_i)²   over the m_i sampled elements k of cluster i.
//!
//! That is the variance of a domain, not of a filtered file. Any linearised quantity has it, a difference of two domains as well: its
//! z is the difference of theirs. Source: Särndal, Swensson and Wretman, *Model Assisted Survey Sampling* (1992), section 5.8; Lumley,
//! R package `survey`, `svyrecvar`, `multistage` and `onestrat` for strata with a single unit.

use super::fixed::{ROUNDING, above_rounding};
use crate::vocab::SinglePsu;

/// What the design says of a stratum, over the whole sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StratumDesign {
    /// Sampled units (respondents, or clusters) of the stratum, whatever their domain.
    pub units: u64,
    /// Units of the stratum in the population; `None` without a finite population correction.
    pub population: Option<f64>,
}

/// What the design says of a cluster of which elements were sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClusterDesign {
    /// Sampled elements of the cluster, whatever their domain.
    pub elements: u64,
    /// Elements of the cluster in the population.
    pub population: f64,
}

/// Sums over the units of one stratum within the domain, of w(y − p), not yet divided by Σw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SumsOfSquares {
    /// Σ_i of the units' totals.
    pub total: f64,
    /// Σ_i of the squares of the units' totals.
    pub squares: f64,
}

/// Variance under way: strata are added one by one, in a fixed order.
#[derive(Clone, Copy, Debug)]
pub struct DesignVariance {
    policy: SinglePsu,
    sum: f64,
    second: f64,
    strata: u64,
    single: u64,
}

impl DesignVariance {
    /// Starts with a policy for strata with one sampled unit.
    #[must_use]
    pub const fn new(policy: SinglePsu) -> Self {
        Self { policy, sum: 0.0, second: 0.0, strata: 0, single: 0 }
    }

    /// Adds a stratum that holds part of the domain.
    ///
    /// A stratum of many units of which the domain holds one is not a single-unit stratum: n_h decides.
    pub fn add(&mut self, design: StratumDesign, sums: SumsOfSquares) {
        let (variance, single) = Self::of_stratum(self.policy, design, sums);
        self.strata += 1;
        self.single += u64::from(single);
        self.sum += variance;
    }

    /// What a stratum adds by itself, and whether its single unit has no variance of its own.
    #[must_use]
    pub fn of_stratum(policy: SinglePsu, design: StratumDesign, sums: SumsOfSquares) -> (f64, bool) {
        let n = design.units as f64;
        let uncovered = design.population.map_or(1.0, |population| (1.0 - n / population).max(0.0));
        // A stratum that was sampled whole has no variance, with one unit or with many (R survey `onestrat`).
        if uncovered < 1e-7 {
            return (0.0, false);
        }
        if design.units <= 1 {
            // The values w(y − p) of a domain add up to zero, so the grand mean of `adjust` is zero.
            return (if policy == SinglePsu::Adjust { uncovered * sums.squares } else { 0.0 }, true);
        }
        // Where all units of a stratum are equal, rounding leaves a hair on either side of 0; it is no variance.
        let around_mean = above_rounding(sums.squares - sums.total * sums.total / n, ROUNDING * sums.squares);
        (uncovered * n / (n - 1.0) * around_mean, false)
    }

    /// The parts of a variance made elsewhere: the sum over strata, that of the second stage, and how many strata there are, of which so
    /// many with a single unit.
    #[must_use]
    pub const fn of_parts(policy: SinglePsu, sum: f64, second: f64, strata: u64, single: u64) -> Self {
        Self { policy, sum, second, strata, single }
    }

    /// What a cluster of which elements were sampled adds by itself.
    #[must_use]
    pub fn of_cluster(policy: SinglePsu, stratum: StratumDesign, cluster: ClusterDesign, sums: SumsOfSquares) -> f64 {
        let mut own = Self::new(policy);
        own.add_cluster(stratum, cluster, sums);
        own.second
    }

    /// Adds the second stage of a cluster that holds part of the domain; `sums` are over its elements.
    ///
    /// Without a finite population correction of the first stage the clusters are as good as drawn with replacement, and the
    /// second stage is in their spread already. A cluster with one sampled element of several has no spread of its own: it adds its square
    /// under `adjust` and nothing under `certainty`, as in R; under `average` it adds nothing, where R leaves the variance undefined.
    pub fn add_cluster(&mut self, stratum: StratumDesign, cluster: ClusterDesign, sums: SumsOfSquares) {
        let Some(population) = stratum.population else { return };
        let sampled = (stratum.units as f64 / population).min(1.0);
        let m = cluster.elements as f64;
        let uncovered = (1.0 - m / cluster.population).max(0.0);
        if uncovered < 1e-7 {
            return;
        }
        let around_mean = if cluster.elements <= 1 {
            if self.policy == SinglePsu::Adjust { sums.squares } else { 0.0 }
        } else {
            m / (m - 1.0) * above_rounding(sums.squares - sums.total * sums.total / m, ROUNDING * sums.squares)
        };
        self.second += sampled * uncovered * around_mean;
    }

    /// What `average` makes of the first stage: strata by strata with more than one unit; 1 under the other policies. `None` if every stratum
    /// has a single unit under `average`.
    #[must_use]
    pub fn factor(&self) -> Option<f64> {
        match self.policy {
            SinglePsu::Average if self.single > 0 => {
                let others = self.strata - self.single;
                (others > 0).then(|| self.strata as f64 / others as f64)
            }
            _ => Some(1.0),
        }
    }

    /// Variance with the factor of a design of which these strata are a part; not yet divided by (Σ_D w)².
    #[must_use]
    pub fn with_factor(&self, factor: f64) -> f64 {
        self.sum * factor + self.second
    }

    /// Variance, given Σ_D w; `None` if every stratum has a single unit under `average`.
    #[must_use]
    pub fn finish(self, weight: f64) -> Option<f64> {
        Some(self.with_factor(self.factor()?) / (weight * weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two strata by hand: weights 2 and 3, y = (1, 0, 1) and (0, 1), everybody in the domain.
    ///
    /// Σw = 12, Σwy = 2 + 2 + 3 = 7, p = 7/12. Stratum 1: w(y−p) = 10/12, −14/12, 10/12; total 6/12, squares 396/144, n 3:
    /// 3/2·(396/144 − 36/144/3) = 3/2·384/144 = 4. Stratum 2: −21/12, 15/12; total −6/12, squares 666/144, n 2:
    /// 2·(666/144 − 36/144/2) = 2·648/144 = 9. v = 13/144.
    #[test]
    fn two_strata_by_hand() {
        let mut variance = DesignVariance::new(SinglePsu::Fail);
        variance
            .add(StratumDesign { units: 3, population: None }, SumsOfSquares { total: 0.5, squares: 396.0 / 144.0 });
        variance
            .add(StratumDesign { units: 2, population: None }, SumsOfSquares { total: -0.5, squares: 666.0 / 144.0 });
        assert!((variance.finish(12.0).unwrap() - 13.0 / 144.0).abs() < 1e-15);
    }

    #[test]
    fn a_census_has_no_variance() {
        let mut variance = DesignVariance::new(SinglePsu::Fail);
        variance.add(StratumDesign { units: 3, population: Some(3.0) }, SumsOfSquares { total: 0.5, squares: 2.0 });
        assert_eq!(variance.finish(12.0), Some(0.0));
    }

    #[test]
    fn a_stratum_whose_only_unit_was_sampled_is_a_census_and_not_a_single_unit() {
        let mut variance = DesignVariance::new(SinglePsu::Average);
        variance.add(StratumDesign { units: 1, population: Some(1.0) }, SumsOfSquares { total: 3.0, squares: 9.0 });
        variance.add(StratumDesign { units: 2, population: None }, SumsOfSquares { total: 0.0, squares: 1.0 });
        assert_eq!(variance.finish(1.0), Some(2.0));
    }

    /// One stratum, 2 of 4 clusters (f = ½); cluster 1 has 2 of 4 elements with z 1 and 3, cluster 2 has 3 of 3.
    ///
    /// First stage with cluster totals 4 and 1: ½·2·((4 − 2½)² + (1 − 2½)²) = 4½. Second stage of cluster 1: ½·(1 − 2/4)·2·((1 − 2)² +
    /// (3 − 2)²) = 1; cluster 2 was sampled whole.
    #[test]
    fn a_second_stage_by_hand() {
        let stratum = StratumDesign { units: 2, population: Some(4.0) };
        let mut variance = DesignVariance::new(SinglePsu::Fail);
        variance.add(stratum, SumsOfSquares { total: 5.0, squares: 17.0 });
        let cluster = |elements, population| ClusterDesign { elements, population };
        variance.add_cluster(stratum, cluster(2, 4.0), SumsOfSquares { total: 4.0, squares: 10.0 });
        variance.add_cluster(stratum, cluster(3, 3.0), SumsOfSquares { total: 1.0, squares: 9.0 });
        assert_eq!(variance.finish(1.0), Some(5.5));
        let endless = StratumDesign { population: None, ..stratum };
        variance.add_cluster(endless, cluster(2, 4.0), SumsOfSquares { total: 4.0, squares: 10.0 });
        assert_eq!(variance.finish(1.0), Some(5.5));
    }

    #[test]
    fn the_policies_differ_only_for_a_single_unit() {
        let found = |policy| {
            let mut variance = DesignVariance::new(policy);
            variance.add(StratumDesign { units: 2, population: None }, SumsOfSquares { total: 0.0, squares: 1.0 });
            variance.add(StratumDesign { units: 1, population: None }, SumsOfSquares { total: 3.0, squares: 9.0 });
            variance.finish(1.0)
        };
        assert_eq!(found(SinglePsu::Certainty), Some(2.0));
        assert_eq!(found(SinglePsu::Adjust), Some(11.0));
        assert_eq!(found(SinglePsu::Average), Some(4.0));
    }
}
