//! What two domains differ, with the covariance between them respected.
//!
//! The difference of two domain estimates is itself linearised: z_i = z_i(a) − z_i(b), each 0 outside its own domain, and goes through the
//! same variance as an estimate. Two disjoint domains meet in the means of their strata and, with clusters, in the clusters that hold both;
//! nested ones share their respondents. R survey: `svycontrast(svyby(…, covmat = TRUE))`, `svyttest` for two disjoint ones.

use super::side::{DegreesCounter, Design, Side, pairs};
use crate::stats::quantile::TQuantiles;
use crate::stats::tail::t_two_sided;
use crate::stats::{Limits, SumsOfSquares};
use crate::vocab::DegreesOfFreedom;

/// How two domains lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They share nobody.
    Disjoint,
    /// The first lies within the second.
    Nested,
}

/// A difference of two estimates. Confidential until `disclose` has seen both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// First minus second, on the scale of the value.
    pub difference: f64,
    /// Its standard error; `None` where the variance is undefined.
    pub se: Option<f64>,
    /// Degrees of freedom: sampled units minus strata of both domains together, less one, as R `svyttest` has them.
    pub df: u64,
    /// difference ∓ t·se; `None` without degrees of freedom or variance.
    pub limits: Option<Limits>,
    /// Two-sided p of the t test; `None` likewise.
    pub p: Option<f64>,
}

impl Difference {
    /// Seen from the other side.
    #[must_use]
    pub fn swapped(self) -> Self {
        let limits = self.limits.map(|limits| Limits { lower: -limits.upper, upper: -limits.lower });
        Self { difference: -self.difference, limits, ..self }
    }

    /// Of a difference, its standard error and degrees of freedom; `quantiles` are those of the upper tail of the interval.
    #[must_use]
    pub fn new(difference: f64, se: Option<f64>, df: u64, quantiles: &mut TQuantiles) -> Self {
        let tested = se.filter(|se| *se > 0.0 && df > 0);
        let limits = tested.and_then(|se| {
            let half = quantiles.at(df)? * se;
            Some(Limits { lower: difference - half, upper: difference + half })
        });
        let p = tested.and_then(|se| t_two_sided(difference / se, df as f64));
        Self { difference, se, df, limits, p }
    }
}

/// The difference of two domains of one table; `None` where one of them has no value.
#[must_use]
pub fn difference(
    design: &Design<'_>,
    a: &Side,
    b: &Side,
    relation: Relation,
    degrees: DegreesOfFreedom,
    quantiles: &mut TQuantiles,
) -> Option<Difference> {
    let (p, q) = (a.value()?, b.value()?);
    let (of_a, of_b) = (a.all.weight(), b.all.weight());
    let mut counter = DegreesCounter::default();
    let mut sums = Vec::with_capacity(a.groups.len().max(b.groups.len()));
    for (stratum, cluster, one, other) in pairs(a, b) {
        let mut z = SumsOfSquares::default();
        let (mut answers, mut counted) = (0, 0);
        if let Some(one) = one {
            z.total += one.sums.total_around(p) / of_a;
            z.squares += one.sums.squares_around(p) / (of_a * of_a);
            answers += one.sums.n;
            counted += one.sums.n - one.sums.weightless;
        }
        if let Some(other) = other {
            z.total -= other.sums.total_around(q) / of_b;
            z.squares += other.sums.squares_around(q) / (of_b * of_b);
            if relation == Relation::Nested {
                // Whoever is in the first is in the second.
                (answers, counted) = (0, 0);
            }
            answers += other.sums.n;
            counted += other.sums.n - other.sums.weightless;
        }
        if let (Relation::Nested, Some(one)) = (relation, one) {
            z.squares = (z.squares - 2.0 * one.sums.cross_around(p, q) / (of_a * of_b)).max(0.0);
        }
        counter.add(design, stratum, counted);
        if answers > 0 {
            sums.push((stratum, cluster, z));
        }
    }
    let df = match degrees {
        DegreesOfFreedom::Domain => counter.df(),
        DegreesOfFreedom::Design => design.whole_df(sums.iter().map(|group| group.0)),
    };
    let se = design.variance(&sums, 1.0).map(f64::sqrt);
    Some(Difference::new(p - q, se, df.saturating_sub(1), quantiles))
}
