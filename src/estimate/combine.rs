//! Several domains that share nobody, together: standardised values, and the covariance matrix of their estimates.

use super::side::{DegreesCounter, Design, Side};
use crate::stats::SumsOfSquares;
use crate::vocab::DegreesOfFreedom;

/// Sums per stratum and cluster, in ascending order.
type Sums = Vec<(u32, u32, SumsOfSquares)>;

/// A weighted mean of domain estimates. Confidential until `disclose` has seen every part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Combined {
    /// Σ ω_k p_k.
    pub value: f64,
    /// Its standard error; `None` where the variance is undefined.
    pub se: Option<f64>,
    /// Degrees of freedom of the domains together: sampled units minus strata.
    pub df: u64,
    /// Valid answers.
    pub n: u64,
    /// Kish's effective sample size, with the weights that the standard gives to respondents.
    pub kish_n: f64,
}

/// Estimates of several domains with their covariance matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// The estimates.
    pub values: Vec<f64>,
    /// Their covariance matrix, row by row.
    pub covariance: Vec<f64>,
    /// Σw of each domain.
    pub weights: Vec<f64>,
    /// Degrees of freedom of the domains together.
    pub df: u64,
}

/// The directly standardised value of domains that share nobody: Σ ω_k p_k, with ω_k the part of the standard population.
///
/// The parts of the standard are known, so only the p_k vary: z_i = ω_k w_i (y_i − p_k) / W_k (delta method; R survey `svycontrast` on the
/// domain means, and `svystandardize`, which post-stratifies, to the same standard error). `svystandardize` spreads the part of an empty group
/// over the others with a warning; here there is no value then. `None` where a domain has no
/// value, or the parts do not add up to something above 0.
#[must_use]
pub fn standardised(design: &Design<'_>, parts: &[(&Side, f64)], degrees: DegreesOfFreedom) -> Option<Combined> {
    let whole: f64 = parts.iter().map(|(_, persons)| persons).sum();
    if parts.is_empty() || !(whole > 0.0 && whole.is_finite()) {
        return None;
    }
    let (mut value, mut squares) = (0.0, 0.0);
    let mut sums: Sums = Vec::new();
    for (side, persons) in parts {
        let (part, p, weight) = (persons / whole, side.value()?, side.sums().weight());
        value += part * p;
        squares += part * part * side.sums().square() / (weight * weight);
        sums.extend(linearised(side, p, part / weight));
    }
    let sides: Vec<&Side> = parts.iter().map(|(side, _)| *side).collect();
    Some(Combined {
        value,
        se: design.variance(&merged(sums), 1.0).map(f64::sqrt),
        df: degrees_of(design, &sides, degrees),
        n: sides.iter().map(|side| side.sums().n).sum(),
        kish_n: if squares > 0.0 { 1.0 / squares } else { 0.0 },
    })
}

/// The estimates of domains that share nobody with their covariance matrix under the design; `None` where one has no value or the variance is
/// undefined.
#[must_use]
pub fn joint(design: &Design<'_>, sides: &[&Side], degrees: DegreesOfFreedom) -> Option<Joint> {
    let values: Vec<f64> = sides.iter().map(|side| side.value()).collect::<Option<_>>()?;
    let weights: Vec<f64> = sides.iter().map(|side| side.sums().weight()).collect();
    let forms: Vec<Sums> = sides
        .iter()
        .zip(values.iter().zip(&weights))
        .map(|(side, (p, weight))| linearised(side, *p, weight.recip()).collect())
        .collect();
    // The factor of `average` is that of all strata together, not of each pair.
    let factor = design.summed(&merged(forms.iter().flatten().copied().collect())).factor()?;
    let variance = |sums: &Sums| design.summed(sums).with_factor(factor);
    let k = sides.len();
    let alone: Vec<f64> = forms.iter().map(variance).collect();
    let mut covariance = vec![0.0; k * k];
    for a in 0..k {
        covariance[a * k + a] = alone[a];
        for b in a + 1..k {
            let both = merged(forms[a].iter().chain(&forms[b]).copied().collect());
            let shared = (variance(&both) - alone[a] - alone[b]) / 2.0;
            covariance[a * k + b] = shared;
            covariance[b * k + a] = shared;
        }
    }
    Some(Joint { values, covariance, weights, df: degrees_of(design, sides, degrees) })
}

/// The linearised values of a domain times a factor, group by group.
fn linearised(side: &Side, p: f64, factor: f64) -> impl Iterator<Item = (u32, u32, SumsOfSquares)> {
    side.groups.iter().filter(|group| group.sums.n > 0).map(move |group| {
        let (total, squares) = (group.sums.total_around(p), group.sums.squares_around(p));
        let sums = SumsOfSquares { total: total * factor, squares: squares * factor * factor };
        (group.stratum, group.cluster, sums)
    })
}

/// Groups of one stratum and cluster joined; they share nobody.
fn merged(mut sums: Sums) -> Sums {
    sums.sort_by_key(|(stratum, cluster, _)| (*stratum, *cluster));
    sums.dedup_by(|next, first| {
        let same = (next.0, next.1) == (first.0, first.1);
        if same {
            first.2.total += next.2.total;
            first.2.squares += next.2.squares;
        }
        same
    });
    sums
}

fn degrees_of(design: &Design<'_>, sides: &[&Side], degrees: DegreesOfFreedom) -> u64 {
    let mut groups: Vec<(u32, u32, u64)> = sides
        .iter()
        .flat_map(|side| side.groups.iter())
        .filter(|group| group.sums.n > 0)
        .map(|group| (group.stratum, group.cluster, group.sums.n - group.sums.weightless))
        .collect();
    if degrees == DegreesOfFreedom::Design {
        return design.whole_df(groups.iter().map(|group| group.0));
    }
    groups.sort_unstable();
    let mut counter = DegreesCounter::default();
    for of_cluster in groups.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        counter.add(design, of_cluster[0].0, of_cluster.iter().map(|group| group.2).sum());
    }
    counter.df()
}
