//! Small-area estimation at unit level: a logistic mixed model on cells, poststratified.
//!
//! For a cell c of a wijk w and a demographic row r (age, sex, education) with y yes among n answers
//!
//! ```text
//! y ~ Bin(n, expit η),   η = d_r'β + z_w'a + u_w + s_w
//! ```
//!
//! d: intercept, sex, education, age, their products and penalised age curves ([`design`]); z: standardised public facts of the wijk, with one common
//! variance; u independent and s an intrinsic autoregression over the map, scaled to variance 1 ([`graph`]): the effect of Besag, York and
//! Mollié as Riebler et al. (2016) write it, with total variance σ² = 1/λᵤ + 1/λₛ of which the part φ is spatial.
//!
//! [`fit`] finds the mode by Newton steps (PIRLS) and the variances by the generalised Fellner-Schall update; [`grid`] and [`posterior`] integrate over the variances of wijk effect and
//! covariates instead of plugging them in; [`poststratify`] makes shares of the population and their covariances. The likelihood is unweighted: what the weights correct
//! for has to be in the model. Everything is sequential and in fixed order, so that the same data give the same bytes.

pub mod band;
pub mod dense;
pub mod design;
pub mod draws;
pub mod factor;
#[cfg(test)]
mod factor_tests;
pub mod fit;
pub mod graph;
pub mod grid;
pub mod mixture;
pub mod posterior;
pub mod poststratify;
pub mod problem;
pub mod rake;
pub mod spline;

/// A matrix that should be positive definite is not: columns that say the same, or numbers that are not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a matrix of the model is not positive definite")]
pub struct NotPositive;

/// 1 / (1 + e⁻ˣ).
#[must_use]
pub fn expit(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// Σ a b over eight partial sums that are added at the end: they do not wait for each other, and their order is fixed.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let ((many, few), (others, rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0; 8];
    for (x, y) in many.iter().zip(others) {
        for lane in 0..8 {
            lanes[lane] += x[lane] * y[lane];
        }
    }
    let last: f64 = few.iter().zip(rest).map(|(x, y)| x * y).sum();
    let [a, b, c, d, e, f, g, h] = lanes;
    ((a + b) + (c + d)) + ((e + f) + (g + h)) + last
}

/// log(p / (1 − p)), p in (0, 1).
#[must_use]
pub fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}
