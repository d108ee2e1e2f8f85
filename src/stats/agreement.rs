//! How far two sets of figures of the same regions agree.

use super::Limits;

/// A figure beside one of another origin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// The figure.
    pub value: f64,
    /// Its interval, where it has one.
    pub limits: Option<Limits>,
    /// The other figure.
    pub other: f64,
}

impl Pair {
    /// The figure less the other one.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.value - self.other
    }
}

/// Agreement over regions. Differences are on the scale of the figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Regions.
    pub regions: usize,
    /// Mean of the differences: Σ(xᵢ − yᵢ)/k.
    pub mean: f64,
    /// Mean of their sizes: Σ|xᵢ − yᵢ|/k.
    pub mean_absolute: f64,
    /// Root of the mean of their squares: √(Σ(xᵢ − yᵢ)²/k).
    pub root_mean_square: f64,
    /// Spearman's rank correlation, in [-1, 1]; `None` where one of the two is the same everywhere.
    pub rank_correlation: Option<f64>,
    /// Part of the intervals that hold the other figure, in [0, 1], limits included; `None` where no figure has an interval.
    pub held: Option<f64>,
}

/// Agreement over pairs; `None` without a pair.
///
/// The rank correlation is the product-moment correlation of the ranks, equal values sharing the mean of theirs: Spearman, "The proof and measurement of association between two things", *Am. J.
/// Psychol.* 15 (1904) 72-101; with ties as R's `cor(x, y, method = "spearman")`. Sums run in the order of the pairs.
#[must_use]
pub fn agreement(pairs: &[Pair]) -> Option<Agreement> {
    if pairs.is_empty() {
        return None;
    }
    let count = pairs.len() as f64;
    let mean_of = |of: &dyn Fn(f64) -> f64| pairs.iter().map(|pair| of(pair.difference())).sum::<f64>() / count;
    let ranks = |of: fn(&Pair) -> f64| mid_ranks(&pairs.iter().map(of).collect::<Vec<_>>());
    let with_limits: Vec<bool> =
        pairs.iter().filter_map(|pair| pair.limits.map(|own| (own.lower..=own.upper).contains(&pair.other))).collect();
    let held = with_limits.iter().filter(|held| **held).count() as f64 / with_limits.len() as f64;
    Some(Agreement {
        regions: pairs.len(),
        mean: mean_of(&|own| own),
        mean_absolute: mean_of(&f64::abs),
        root_mean_square: mean_of(&|own| own * own).sqrt(),
        rank_correlation: correlation(&ranks(|pair| pair.value), &ranks(|pair| pair.other)),
        held: (!with_limits.is_empty()).then_some(held),
    })
}

/// Rank of every value, 1 for the smallest; equal values share the mean of their ranks.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let below = |value: f64| sorted.partition_point(|own| *own < value);
    let up_to = |value: f64| sorted.partition_point(|own| *own <= value);
    values.iter().map(|value| (below(*value) + up_to(*value) + 1) as f64 / 2.0).collect()
}

/// Product-moment correlation; `None` where one of the two does not vary.
fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let mean = |own: &[f64]| own.iter().sum::<f64>() / own.len() as f64;
    let (mx, my) = (mean(x), mean(y));
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (x, y) in x.iter().zip(y) {
        let (dx, dy) = (x - mx, y - my);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    (xx > 0.0 && yy > 0.0).then(|| (xy / (xx * yy).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(value: f64, reach: f64, other: f64) -> Pair {
        Pair { value, limits: Some(Limits { lower: value - reach, upper: value + reach }), other }
    }

    #[test]
    fn four_regions_by_hand() {
        // Differences 0.02, -0.04, 0, 0.06: mean 0.01, of their sizes 0.03, of their squares 0.0056 / 4 = 0.0014.
        let pairs = [pair(0.12, 0.03, 0.10), pair(0.16, 0.03, 0.20), pair(0.30, 0.03, 0.30), pair(0.26, 0.03, 0.20)];
        let found = agreement(&pairs).unwrap();
        let near = |found: f64, wanted: f64| assert!((found - wanted).abs() < 1e-12, "{found} {wanted}");
        assert_eq!(found.regions, 4);
        near(found.mean, 0.01);
        near(found.mean_absolute, 0.03);
        near(found.root_mean_square, 0.0014_f64.sqrt());
        // Ranks 1, 2, 4, 3 beside 1, 2.5, 4, 2.5: around 2.5 they give 2.25 + 0 + 2.25 + 0 = 4.5, and squares 5 and 4.5: 4.5 / √22.5.
        near(found.rank_correlation.unwrap(), 4.5 / 22.5_f64.sqrt());
        // The first and third interval hold the other figure.
        assert_eq!(found.held, Some(0.5));
    }

    #[test]
    fn what_cannot_be_said_is_not_said() {
        assert_eq!(agreement(&[]), None);
        let alone = agreement(&[Pair { value: 0.2, limits: None, other: 0.25 }]).unwrap();
        assert_eq!((alone.regions, alone.rank_correlation, alone.held), (1, None, None));
        let level = [pair(0.2, 0.1, 0.1), pair(0.3, 0.1, 0.1)];
        assert_eq!(agreement(&level).unwrap().rank_correlation, None);
        let opposed = [pair(0.2, 0.1, 0.4), pair(0.3, 0.1, 0.3), pair(0.4, 0.1, 0.1)];
        assert_eq!(agreement(&opposed).unwrap().rank_correlation, Some(-1.0));
    }
}
