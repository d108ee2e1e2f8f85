//! Small-area estimation at area level: direct estimates with known variances and public facts, after Fay and Herriot (1979).
//!
//! y_w = θ_w + e_w with e_w ~ N(0, ψ_w), and θ_w = x_w'β + u_w with u_w ~ N(0, A). The estimate is γ y + (1 − γ) x'β with γ = A/(A + ψ). Fay and Herriot,
//! *Journal of the American Statistical Association* 74 (1979); mean squared error after Datta and Lahiri, *Statistica Sinica* 10 (2000);
//! Rao and Molina, *Small Area Estimation* (2015), chapter 6.

use super::interval::Limits;
use super::model::NotPositive;
use super::model::dense::DenseCholesky;

/// Steps of Fisher's scoring.
const STEPS: usize = 500;
/// Relative change of the variance at which it has settled.
const SETTLED: f64 = 1e-14;

/// A direct estimate with its sampling variance ψ > 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direct {
    /// The estimate, on the scale of the model.
    pub value: f64,
    /// Its variance.
    pub variance: f64,
}

/// An estimate of the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimated {
    /// γ y + (1 − γ) x'β; x'β without a direct estimate.
    pub value: f64,
    /// Estimated mean squared error.
    pub mse: f64,
    /// γ: the part of the estimate that is the area's own; 0 without a direct estimate.
    pub own_share: f64,
    /// z of the direct estimate against what the other areas predict of it; `None` without a direct estimate.
    pub left_out: Option<f64>,
}

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct FayHerriot {
    /// A, the variance of the area effects.
    pub variance: f64,
    /// A by restricted likelihood is 0, and `variance` is the adjusted estimate, which is not.
    pub adjusted: bool,
    /// Coefficients.
    pub beta: Vec<f64>,
    /// Their standard errors.
    pub beta_se: Vec<f64>,
    /// Per area.
    pub areas: Vec<Estimated>,
}

/// What weighted least squares gives at a variance.
struct Solved {
    /// 1 / (A + ψ), 0 without a direct estimate.
    precision: Vec<f64>,
    /// (X'V⁻¹X)⁻¹.
    q: Vec<f64>,
    beta: Vec<f64>,
}

/// Fits the model by restricted maximum likelihood. `facts` has the same number of columns for every area, an intercept among them; an area without a direct estimate is predicted.
///
/// Fisher's scoring: with P = V⁻¹ − V⁻¹XQX'V⁻¹ the score is (|Py|² − tr P)/2 and the information tr(PP)/2; A stays at 0 or above. MSE = g₁ + g₂ + 2g₃ with g₁ = Aψ/(A + ψ), g₂ =
/// (ψ/(A + ψ))² x'Qx and g₃ = ψ²/(A + ψ)³ · 2/Σ(A + ψ)⁻². Without a direct estimate A + x'Qx.
///
/// An A of 0 says that all areas are what their facts predict, which few data cannot show: the likelihood times A is then maximised instead (Li and Lahiri, *Journal of Multivariate
/// Analysis* 101 (2010)).
///
/// # Errors
/// [`NotPositive`] where columns say the same or there are not more direct estimates than columns.
pub fn fay_herriot(direct: &[Option<Direct>], facts: &[f64]) -> Result<FayHerriot, NotPositive> {
    let columns = facts.len().checked_div(direct.len()).unwrap_or(0);
    let known: Vec<f64> = direct.iter().flatten().map(|own| own.variance).collect();
    if columns == 0 || known.len() <= columns || known.iter().any(|own| own.is_nan() || *own <= 0.0) {
        return Err(NotPositive);
    }
    let mut middle = known;
    middle.sort_by(f64::total_cmp);
    let mut variance = middle[middle.len() / 2];
    for _ in 0..STEPS {
        let (score, information) = likelihood(direct, facts, columns, variance)?;
        let next = (variance + score / information).max(0.0);
        let settled = (next - variance).abs() <= SETTLED * variance.max(f64::MIN_POSITIVE);
        variance = next;
        if settled || variance == 0.0 && score <= 0.0 {
            break;
        }
    }
    let adjusted = variance <= 0.0;
    if adjusted {
        variance = adjusted_variance(direct, facts, columns, middle[middle.len() / 2])?;
    }
    let Solved { precision, q, beta } = solve(direct, facts, columns, variance)?;
    let information: f64 = precision.iter().map(|own| own * own).sum();
    let areas = direct.iter().zip(facts.chunks_exact(columns)).zip(&precision).map(|((direct, x), precision)| {
        let fixed: f64 = x.iter().zip(&beta).map(|(x, b)| x * b).sum();
        let leverage = quadratic(&q, x);
        match direct {
            None => Estimated { value: fixed, mse: variance + leverage, own_share: 0.0, left_out: None },
            Some(own) => {
                let gamma = variance * precision;
                let rest = own.variance * precision;
                let third = rest * rest * precision * 2.0 / information;
                let mse = gamma * own.variance + rest * rest * leverage + 2.0 * third;
                // The deleted residual of weighted least squares and its standard deviation, A as it is.
                let kept = 1.0 - precision * leverage;
                let z = (own.value - fixed) * (precision / kept).sqrt();
                let left_out = (kept > 0.0).then_some(z);
                Estimated { value: gamma * own.value + rest * fixed, mse, own_share: gamma, left_out }
            }
        }
    });
    let beta_se = (0..columns).map(|at| q[at * columns + at].sqrt()).collect();
    Ok(FayHerriot { variance, adjusted, areas: areas.collect(), beta_se, beta })
}

fn quadratic(q: &[f64], x: &[f64]) -> f64 {
    x.iter().zip(q.chunks_exact(x.len())).map(|(own, row)| own * dot(row, x)).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn solve(direct: &[Option<Direct>], facts: &[f64], columns: usize, variance: f64) -> Result<Solved, NotPositive> {
    let precision: Vec<f64> = direct.iter().map(|own| own.map_or(0.0, |own| 1.0 / (variance + own.variance))).collect();
    let mut matrix = vec![0.0; columns * columns];
    let mut beta = vec![0.0; columns];
    for ((own, x), precision) in direct.iter().zip(facts.chunks_exact(columns)).zip(&precision) {
        let Some(own) = own else { continue };
        for (i, value) in x.iter().enumerate() {
            beta[i] += precision * value * own.value;
            x.iter().enumerate().for_each(|(j, other)| matrix[i * columns + j] += precision * value * other);
        }
    }
    let factor = DenseCholesky::new(&matrix, columns)?;
    factor.solve(&mut beta);
    Ok(Solved { precision, q: factor.inverse(), beta })
}

/// Score and information of the restricted likelihood.
fn likelihood(
    direct: &[Option<Direct>],
    facts: &[f64],
    columns: usize,
    variance: f64,
) -> Result<(f64, f64), NotPositive> {
    let Solved { precision, q, beta } = solve(direct, facts, columns, variance)?;
    let (mut trace, mut square, mut both) = (0.0, 0.0, 0.0);
    let mut second = vec![0.0; columns * columns];
    for ((own, x), v) in direct.iter().zip(facts.chunks_exact(columns)).zip(&precision) {
        let Some(own) = own else { continue };
        let leverage = quadratic(&q, x);
        let rest = own.value - dot(x, &beta);
        trace += v - v * v * leverage;
        square += v * v * rest * rest;
        both += v * v - 2.0 * v.powi(3) * leverage;
        for (i, value) in x.iter().enumerate() {
            x.iter().enumerate().for_each(|(j, other)| second[i * columns + j] += v * v * value * other);
        }
    }
    // tr(QAQA) with A = X'V⁻²X.
    let product: Vec<f64> = (0..columns * columns)
        .map(|at| (0..columns).map(|k| q[at / columns * columns + k] * second[k * columns + at % columns]).sum())
        .collect();
    for i in 0..columns {
        both += (0..columns).map(|j| product[i * columns + j] * product[j * columns + i]).sum::<f64>();
    }
    Ok(((square - trace) / 2.0, both / 2.0))
}

/// The variance at which restricted likelihood × A is largest: where its score plus 1/A is 0, by bisection.
fn adjusted_variance(
    direct: &[Option<Direct>],
    facts: &[f64],
    columns: usize,
    typical: f64,
) -> Result<f64, NotPositive> {
    let slope = |variance: f64| likelihood(direct, facts, columns, variance).map(|(score, _)| score + 1.0 / variance);
    let (mut low, mut high) = (typical * 1e-9, typical);
    while slope(high)? > 0.0 && high < typical * 1e9 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if slope(middle)? > 0.0 { low = middle } else { high = middle }
    }
    Ok(f64::midpoint(low, high))
}

/// A share on the arcsine scale, z = asin √p with variance 1/(4 n). `n_effective` is Kish's n within the area, never what the estimated variance gives: that is 0 when all
/// answers are the same. `None` where the share is outside [0, 1] or nobody answered.
#[must_use]
pub fn arcsine(share: f64, n_effective: f64) -> Option<Direct> {
    let known = (0.0..=1.0).contains(&share) && n_effective > 0.0;
    known.then(|| Direct { value: share.sqrt().asin(), variance: 1.0 / (4.0 * n_effective) })
}

/// A value with its standard error and limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Back {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
    /// Limits.
    pub limits: Limits,
}

/// Back from the arcsine scale: E sin² t = (1 − e^(−2v) cos 2m)/2 and E sin⁴ t = (3 − 4 e^(−2v) cos 2m + e^(−8v) cos 4m)/8 for t ~ N(m, v), and sin² of the limits m ∓ `quantile` √v,
/// held within [0, π/2].
#[must_use]
pub fn back_to_share(estimated: &Estimated, quantile: f64) -> Back {
    let Estimated { value, mse, .. } = *estimated;
    let first = (-2.0 * mse).exp() * (2.0 * value).cos();
    let share = (1.0 - first) / 2.0;
    let square = (3.0 - 4.0 * first + (-8.0 * mse).exp() * (4.0 * value).cos()) / 8.0;
    let reach = quantile * mse.sqrt();
    let bound = |t: f64| t.clamp(0.0, std::f64::consts::FRAC_PI_2).sin().powi(2);
    let limits = Limits { lower: bound(value - reach), upper: bound(value + reach) };
    Back { value: share, se: (square - share * share).max(0.0).sqrt(), limits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_variances_have_closed_forms() {
        // ψ = 1, intercept only: REML gives A = s² − ψ with s² the sample variance. y = 0, 2, 4, 6: mean 3, s² = 20/3, A = 17/3, γ = 17/20.
        let direct: Vec<_> = [0.0, 2.0, 4.0, 6.0].map(|value| Some(Direct { value, variance: 1.0 })).into();
        let fitted = fay_herriot(&direct, &[1.0; 4]).expect("a fit");
        assert!((fitted.variance - 17.0 / 3.0).abs() < 1e-12);
        assert!((fitted.beta[0] - 3.0).abs() < 1e-13);
        assert!((fitted.areas[0].value - 0.15 * 3.0).abs() < 1e-12);
        // g1 = 17/20, g2 = (3/20)² · (20/3)/4 = 0.0375, g3 = (3/20)³ · 2/(4 · (3/20)²) = 0.075.
        assert!((fitted.areas[0].mse - (0.85 + 0.0375 + 0.15)).abs() < 1e-12);
        // Left out: the mean of 2, 4 and 6 is 4, with variance A + ψ of one area and (A + ψ)/3 of three.
        let z = -4.0 / (20.0 / 3.0 * 4.0 / 3.0_f64).sqrt();
        assert!((fitted.areas[0].left_out.expect("an area of its own") - z).abs() < 1e-12);
        assert!(!fitted.adjusted);
    }

    #[test]
    fn an_area_without_answers_is_predicted_by_its_facts() {
        let mut direct: Vec<_> = [0.0, 2.0, 4.0, 6.0].map(|value| Some(Direct { value, variance: 1.0 })).into();
        direct.push(None);
        let last = fay_herriot(&direct, &[1.0; 5]).expect("a fit").areas[4];
        assert!((last.value - 3.0).abs() < 1e-12);
        // A + x'Qx = 17/3 + (20/3)/4.
        assert!((last.mse - (17.0 / 3.0 + 5.0 / 3.0)).abs() < 1e-12);
        assert!(last.own_share.abs() < f64::EPSILON);
    }

    #[test]
    fn a_variance_of_zero_is_never_certainty() {
        // Sample variance 1/3 below ψ = 1. Adjusted: with V = A + 1 the slope −3/(2V) + (1)/(2V²) + 1/A = 0, Σ(y − mean)² = 1; A = V − 1 gives −V² + 4V − 1 … solved below.
        let direct: Vec<_> = [0.0, 0.0, 1.0, 0.5].map(|value| Some(Direct { value, variance: 1.0 })).into();
        let fitted = fay_herriot(&direct, &[1.0; 4]).expect("a fit");
        assert!(fitted.adjusted);
        let (v, square) = (fitted.variance + 1.0, 0.6875);
        assert!((-1.5 / v + square / (2.0 * v * v) + 1.0 / fitted.variance).abs() < 1e-9);
    }

    #[test]
    fn too_few_areas_or_columns_that_say_the_same_have_no_fit() {
        let direct = [Some(Direct { value: 0.0, variance: 1.0 }), Some(Direct { value: 1.0, variance: 1.0 })];
        assert_eq!(fay_herriot(&direct, &[1.0, 2.0, 1.0, 3.0]), Err(NotPositive));
        let three = [direct[0], direct[1], direct[0]];
        assert_eq!(fay_herriot(&three, &[1.0, 2.0, 1.0, 2.0, 1.0, 2.0]), Err(NotPositive));
    }

    #[test]
    fn back_from_the_arcsine_scale() {
        assert_eq!(arcsine(0.25, 0.0), None);
        let own = arcsine(0.25, 100.0).expect("answers");
        assert!((own.value - std::f64::consts::FRAC_PI_6).abs() < 1e-15);
        // Hardly any error: the share itself.
        let at = |mse| Estimated { value: own.value, mse, own_share: 1.0, left_out: None };
        let Back { value, se, limits } = back_to_share(&at(0.0), 1.96);
        assert!((value - 0.25).abs() < 1e-15 && (limits.upper - 0.25).abs() < 1e-15 && se < 1e-7);
        // Little error: the slope of sin² t at π/6 is sin π/3.
        let se = back_to_share(&at(1e-6), 1.96).se;
        assert!((se - 0.001 * std::f64::consts::FRAC_PI_3.sin()).abs() < 1e-8);
        // Much error: towards one half, and limits within [0, 1].
        let Back { value, se, limits } = back_to_share(&at(10.0), 1.96);
        // An angle that may be any: E sin² = 1/2, Var = 3/8 − 1/4.
        assert!((value - 0.5).abs() < 1e-8 && (se - 0.125_f64.sqrt()).abs() < 1e-8);
        assert_eq!((limits.lower, limits.upper), (0.0, 1.0));
    }
}
