//! Rank of a region among its fellows, with a joint confidence set.
//!
//! Source: Klein, Wright and Wieczorek, "A joint confidence region for an overall ranking of populations", *J. R. Stat. Soc. C* 69(3)
//! (2020), 589-606; R package RankingProject. There rank 1 is the lowest value; here it is the highest.

use super::{Limits, quantile};
use std::collections::BTreeMap;

/// The figure of one region that takes part in a ranking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// The value: a share in [0, 1] or a mean.
    pub value: f64,
    /// Its standard error, on the scale of the value.
    pub se: f64,
    /// Degrees of freedom, whole or not; infinite for a normal interval.
    pub df: f64,
}

/// Place of a region, counted from 1 for the highest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    /// Rank of the value: 1 + the number of regions with a higher value. Equal values share the smallest of their ranks, as R's
    /// `rank(-value, ties.method = "min")`; the article gives them the largest.
    pub rank: usize,
    /// First rank that the confidence set leaves open.
    pub lower: usize,
    /// Last rank that it leaves open.
    pub upper: usize,
}

/// Rank of every region, in the order given, with sets of ranks that hold all true ranks together with probability `confidence`.
///
/// Every region has a t interval at level confidence^(1/K) (Šidák; the regions are independent samples), for `shares` on the logit
/// scale: expit(logit p ∓ t·se/(p(1−p))). The ranks of region k that stay open run from 1 + #{j: Lⱼ ≥ Uₖ} to K − #{j: Uⱼ ≤ Lₖ}.
/// The ranks are joint: they hold for the whole table at once, so they are wider than those of one region would be.
///
/// A region without an interval (se not above 0, no degrees of freedom, a share of 0 or 1) takes part with its value and leaves every
/// rank open for itself; the other sets stay valid. `None` for fewer than 2 regions, for a value that is not finite and for
/// a confidence outside (0, 1). O(K log K).
#[must_use]
pub fn joint_ranks(regions: &[Ranked], confidence: f64, shares: bool) -> Option<Vec<Rank>> {
    let count = regions.len();
    let proper = count >= 2 && confidence > 0.0 && confidence < 1.0;
    if !proper || !regions.iter().all(|region| region.value.is_finite()) {
        return None;
    }
    // (1 − confidence^(1/K))/2 without the loss of digits near 1.
    let tail = -(confidence.ln() / count as f64).exp_m1() / 2.0;
    let mut quantiles: BTreeMap<u64, Option<f64>> = BTreeMap::new();
    let mut at = |df: f64| *quantiles.entry(df.to_bits()).or_insert_with(|| quantile::t(tail, df));
    let limits: Vec<Limits> = regions
        .iter()
        .map(|region| at(region.df).and_then(|t| interval(region, -t, shares)))
        .map(|limits| limits.unwrap_or(Limits { lower: f64::NEG_INFINITY, upper: f64::INFINITY }))
        .collect();
    let values = sorted(regions.iter().map(|region| region.value));
    let lowers = sorted(limits.iter().map(|limits| limits.lower));
    let uppers = sorted(limits.iter().map(|limits| limits.upper));
    let rank = |(region, own): (&Ranked, &Limits)| Rank {
        rank: 1 + count - values.partition_point(|value| *value <= region.value),
        lower: 1 + count - lowers.partition_point(|lower| *lower < own.upper),
        upper: count - uppers.partition_point(|upper| *upper <= own.lower),
    };
    Some(regions.iter().zip(&limits).map(rank).collect())
}

/// The interval of a region: its limits on the logit scale for a share, which keeps their order; `None` without one.
///
/// An interval that rounding closes would put a region beyond itself, and counts as none.
fn interval(region: &Ranked, t: f64, share: bool) -> Option<Limits> {
    let p = region.value;
    let (center, se) = if share { ((p / (1.0 - p)).ln(), region.se / (p * (1.0 - p))) } else { (p, region.se) };
    let limits = Limits { lower: center - t * se, upper: center + t * se };
    let inside = !share || (p > 0.0 && p < 1.0);
    (inside && limits.lower < limits.upper && region.se.is_finite()).then_some(limits)
}

fn sorted(numbers: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(value: f64, se: f64, df: f64) -> Ranked {
        Ranked { value, se, df }
    }

    fn triples(regions: &[Ranked], confidence: f64, shares: bool) -> Vec<(usize, usize, usize)> {
        let ranks = joint_ranks(regions, confidence, shares).unwrap();
        ranks.into_iter().map(|rank| (rank.rank, rank.lower, rank.upper)).collect()
    }

    /// By hand: four regions at 0.95: 0.95^(1/4) = 0.98726, z = 2.4909.
    ///
    /// 10 ∓ 2.49, 14 ∓ 2.49, 15.5 ∓ 2.49 and 20 ∓ 0.25 give (7.51, 12.49), (11.51, 16.49), (13.01, 17.99) and (19.75, 20.25). The first
    /// is below the third and the fourth: ranks 3 to 4. The second is below the fourth only: 2 to 4. The third is below the fourth and
    /// above the first: 2 to 3. The fourth is above all: 1.
    #[test]
    fn four_by_hand() {
        let inf = f64::INFINITY;
        let regions = [region(10.0, 1.0, inf), region(14.0, 1.0, inf), region(15.5, 1.0, inf), region(20.0, 0.1, inf)];
        assert_eq!(triples(&regions, 0.95, false), [(4, 3, 4), (3, 2, 4), (2, 2, 3), (1, 1, 1)]);
        // With one degree of freedom t is tan(π·0.49363) = 49.97, and every interval meets every other.
        let regions = regions.map(|region| Ranked { df: 1.0, ..region });
        assert_eq!(triples(&regions, 0.95, false), [(4, 1, 4), (3, 1, 4), (2, 1, 4), (1, 1, 4)]);
    }

    #[test]
    fn equal_values_share_the_smallest_rank() {
        let regions = [0.3, 0.5, 0.5, 0.4].map(|value| region(value, 0.2, 50.0));
        let ranks: Vec<usize> = joint_ranks(&regions, 0.95, true).unwrap().iter().map(|rank| rank.rank).collect();
        assert_eq!(ranks, [4, 1, 1, 3]);
    }

    #[test]
    fn without_an_interval_every_rank_stays_open() {
        let mut regions = vec![region(0.2, 0.01, 99.0), region(0.6, 0.01, 99.0), region(0.0, 0.0, 99.0)];
        assert_eq!(triples(&regions, 0.95, true), [(2, 2, 3), (1, 1, 2), (3, 1, 3)]);
        regions[2] = region(0.4, 0.01, 0.0);
        assert_eq!(triples(&regions, 0.95, true), [(3, 2, 3), (1, 1, 2), (2, 1, 3)]);
        // Intervals that rounding closes, and a standard error that is no number.
        assert_eq!(triples(&[region(0.5, 1e-300, 9.0); 2], 0.95, true), [(1, 1, 2); 2]);
        assert_eq!(triples(&[region(0.5, f64::NAN, 9.0), region(0.1, f64::INFINITY, 9.0)], 0.95, false).len(), 2);
    }

    #[test]
    fn nothing_to_rank() {
        let one = region(0.5, 0.1, 9.0);
        assert_eq!(joint_ranks(&[], 0.95, true), None);
        assert_eq!(joint_ranks(&[one], 0.95, true), None);
        assert_eq!(joint_ranks(&[one, one], 1.0, true), None);
        assert_eq!(joint_ranks(&[one, region(f64::NAN, 0.1, 9.0)], 0.95, true), None);
    }

    /// The article's sums, region by region, over fixed figures with ties.
    #[test]
    fn sorting_counts_as_looking_at_every_pair_does() {
        let regions: Vec<Ranked> = (0..120_u32)
            .map(|i| region(f64::from(i * 37 % 53 + 20) / 100.0, f64::from(i % 7 + 1) / 300.0, f64::from(i % 11)))
            .collect();
        let tail = (1.0 - 0.9_f64.powf(1.0 / 120.0)) / 2.0;
        let limits: Vec<Option<Limits>> = regions
            .iter()
            .map(|r| {
                let half = -quantile::t(tail, r.df)? * r.se / (r.value * (1.0 - r.value));
                let logit = (r.value / (1.0 - r.value)).ln();
                Some(Limits { lower: logit - half, upper: logit + half })
            })
            .collect();
        let found = triples(&regions, 0.9, true);
        for (k, own) in limits.iter().enumerate() {
            let beyond = |test: &dyn Fn(&Limits, &Limits) -> bool| {
                own.as_ref().map_or(0, |own| limits.iter().flatten().filter(|other| test(other, own)).count())
            };
            let higher = regions.iter().filter(|other| other.value > regions[k].value).count();
            let above = beyond(&|other, own| other.lower >= own.upper);
            let below = beyond(&|other, own| other.upper <= own.lower);
            assert_eq!(found[k], (1 + higher, 1 + above, 120 - below), "{k}");
        }
    }
}
