//! The second-order Rao-Scott test: whether a share differs between the parts of a partition, under a complex design.
//!
//! As R survey's `svychisq(~part + y, statistic = "F")`. With a parts and the answers k ∈ {no, yes}, W_ak the weighted answers, W their
//! sum, m_ak = W_ak / W and N the number of rows:
//!
//! X² = N·Σ (m_ak − m_a·m_·k)² / (m_a·m_·k),   F = X² / tr Δ,   d₀ = (tr Δ)² / tr Δ²
//!
//! and F has d₀ and d₀·ν degrees of freedom, ν being sampled units minus strata. Δ is the design-effect matrix of the contrasts that are
//! orthogonal to both margins; those are g_a·(−1, 1) with Σ g_a = 0, so that with E_a = Σ_{i∈a} ± w_i / W_ak and V its covariance under the
//! design Δ is N·(C′DC)⁻¹(C′VC) with D = diag(1/m_a,no + 1/m_a,yes), and with P = D⁻¹ − D⁻¹11′D⁻¹ / 1′D⁻¹1 its traces are those of N·PV and
//! N²·PVPV. N cancels in F. Source: Rao and Scott, *Annals of Statistics* 12 (1984), 46-60; Thomas and Rao, *JASA* 82 (1987), 630-636; Lumley, R
//! package `survey`, `svychisq`. Like R, a cell that nobody is in adds nothing to E and to D.
//!
//! The test takes the variance without supposing that the parts differ, so it is another test than the one of the difference.

use super::tail::{chi2_upper, f_upper};

/// The outcome of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RaoScott {
    /// The statistic F.
    pub f: f64,
    /// Its first degrees of freedom, d₀.
    pub ndf: f64,
    /// Its second degrees of freedom, d₀·ν.
    pub ddf: f64,
    /// Probability of so large an F where the share is the same in every part.
    pub p: f64,
    /// X² / (tr Δ / (parts − 1)) against χ² with parts − 1 degrees of freedom: the first-order test, for want of ν.
    pub first_order_p: Option<f64>,
}

/// Why there is no second-order test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTest {
    /// Fewer than two parts with answers, or everybody gave the same answer.
    Empty,
    /// The estimated variance is zero or undefined.
    NoVariance,
    /// No degrees of freedom.
    NoDf,
}

/// Weighted answers no and yes of each part: the table that is tested.
pub type Answers = [f64; 2];

/// The statistic X² / N, and 1/m_no + 1/m_yes of each part; `None` where a margin is zero.
fn pearson(parts: &[Answers]) -> Option<(f64, Vec<f64>)> {
    let whole: f64 = parts.iter().flatten().sum();
    let column = |k: usize| parts.iter().map(|part| part[k]).sum::<f64>() / whole;
    let margins = [column(0), column(1)];
    let positive = |x: f64| x > 0.0;
    if parts.len() < 2 || !positive(whole) || !margins.into_iter().all(positive) {
        return None;
    }
    let mut x2 = 0.0;
    let mut inverse = Vec::with_capacity(parts.len());
    for part in parts {
        let m = part.map(|w| w / whole);
        let row = m[0] + m[1];
        if !positive(row) {
            return None;
        }
        for k in 0..2 {
            let expected = row * margins[k];
            x2 += (m[k] - expected) * (m[k] - expected) / expected;
        }
        inverse.push(m.into_iter().filter(|m| *m > 0.0).map(f64::recip).sum());
    }
    Some((x2, inverse))
}

/// The test of two parts; `variance` is that of E₁ − E₂ and `units` is ν.
///
/// # Errors
/// [`NoTest`], with the first-order p where only the degrees of freedom are wanting.
pub fn of_two(parts: [Answers; 2], variance: Option<f64>, units: u64) -> Result<RaoScott, (NoTest, Option<f64>)> {
    let (x2, inverse) = pearson(&parts).ok_or((NoTest::Empty, None))?;
    let trace = variance.ok_or((NoTest::NoVariance, None))? / (inverse[0] + inverse[1]);
    judge(x2, trace, trace * trace, 1.0, units)
}

/// The test of any number of parts; `covariance` is V, row by row, and `units` is ν.
///
/// # Errors
/// [`NoTest`], with the first-order p where only the degrees of freedom are wanting.
pub fn of_many(parts: &[Answers], covariance: Option<&[f64]>, units: u64) -> Result<RaoScott, (NoTest, Option<f64>)> {
    let r = parts.len();
    let (x2, inverse) = pearson(parts).ok_or((NoTest::Empty, None))?;
    let covariance = covariance.filter(|v| v.len() == r * r).ok_or((NoTest::NoVariance, None))?;
    let diagonal: Vec<f64> = inverse.iter().map(|d| d.recip()).collect();
    let sum: f64 = diagonal.iter().sum();
    // PV = D⁻¹(V − 1·(weighted mean of the rows of V)).
    let mut mean = vec![0.0; r];
    for a in 0..r {
        for b in 0..r {
            mean[b] += diagonal[a] / sum * covariance[a * r + b];
        }
    }
    let pv = |a: usize, b: usize| diagonal[a] * (covariance[a * r + b] - mean[b]);
    let trace: f64 = (0..r).map(|a| pv(a, a)).sum();
    let square: f64 = (0..r).map(|a| (0..r).map(|b| pv(a, b) * pv(b, a)).sum::<f64>()).sum();
    judge(x2, trace, square, (r - 1) as f64, units)
}

/// F and its degrees of freedom from X²/N and the traces of Δ/N and (Δ/N)²; `contrasts` is their number.
fn judge(x2: f64, trace: f64, square: f64, contrasts: f64, units: u64) -> Result<RaoScott, (NoTest, Option<f64>)> {
    let (f, ndf) = (x2 / trace, trace * trace / square);
    if !(trace > 0.0 && f.is_finite() && ndf.is_finite()) {
        return Err((NoTest::NoVariance, None));
    }
    let first_order_p = chi2_upper(f * contrasts, contrasts);
    if units == 0 {
        return Err((NoTest::NoDf, first_order_p));
    }
    let ddf = ndf * units as f64;
    let p = f_upper(f, ndf, ddf).ok_or((NoTest::NoDf, first_order_p))?;
    Ok(RaoScott { f, ndf, ddf, p, first_order_p })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A simple random sample of 40 of which 12 of 20 and 6 of 20 say yes: V of E₁ − E₂ with every weight 1 is
    /// n/(n − 1)·Σ u² = 40/39·(1/12 + 1/8 + 1/6 + 1/14), because Σ u = 0; D is 40·(the same sum); X² = 3.636363….
    #[test]
    fn a_simple_random_sample_by_hand() {
        let sum = 1.0 / 12.0 + 1.0 / 8.0 + 1.0 / 6.0 + 1.0 / 14.0;
        let found = of_two([[8.0, 12.0], [14.0, 6.0]], Some(40.0 / 39.0 * sum), 39).unwrap();
        // δ = 40·V / D = 40/39, X² = 40·(12·14 − 8·6)² / (20·20·18·22).
        let x2 = 40.0 * 120.0 * 120.0 / (20.0 * 20.0 * 18.0 * 22.0);
        assert!((found.f - x2 / (40.0 / 39.0)).abs() < 1e-12, "{found:?}");
        assert_eq!((found.ndf, found.ddf), (1.0, 39.0));
    }

    #[test]
    fn two_parts_are_many_parts() {
        let (a, b, c) = (0.02, 0.03, -0.004);
        let parts = [[8.0, 12.0], [14.0, 6.0]];
        let two = of_two(parts, Some(a + b - 2.0 * c), 17).unwrap();
        let many = of_many(&parts, Some(&[a, c, c, b]), 17).unwrap();
        assert!((two.f - many.f).abs() < 1e-12 && (two.p - many.p).abs() < 1e-12);
        assert!((many.ndf - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_cannot_be_tested_is_said() {
        assert_eq!(of_two([[0.0, 1.0], [0.0, 2.0]], Some(1.0), 9), Err((NoTest::Empty, None)));
        assert_eq!(of_two([[1.0, 1.0], [0.0, 0.0]], Some(1.0), 9), Err((NoTest::Empty, None)));
        assert_eq!(of_two([[1.0, 1.0], [1.0, 2.0]], Some(0.0), 9), Err((NoTest::NoVariance, None)));
        assert_eq!(of_many(&[[1.0, 1.0]], Some(&[1.0]), 9), Err((NoTest::Empty, None)));
        let (why, first) = of_two([[1.0, 1.0], [1.0, 2.0]], Some(0.1), 0).unwrap_err();
        assert_eq!(why, NoTest::NoDf);
        assert!(first.is_some_and(|p| p > 0.0 && p < 1.0));
    }
}
