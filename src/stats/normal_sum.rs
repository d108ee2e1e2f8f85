//! Distribution of a sum of independent transformed normal variables, by its characteristic function.
//!
//! X = Σ cᵢ·h(mᵢ + sᵢZᵢ) with h the exponential (rates) or the inverse logit (proportions). Its characteristic function is the product
//! of those of the terms, each an integral over one normal; the distribution function follows from the inversion of Gil-Pelaez
//! (*Biometrika* 38 (1951), 481-482) in the discrete form of Davies (*Biometrika* 60 (1973), 415-417):
//!
//! P(X ≤ x) = ½ − Σⱼ Im(φ(tⱼ)·e^(−i·tⱼ·x)) / (π(j + ½)),   tⱼ = (j + ½)Δ.
//!
//! Both sums converge faster than any power of their step, so a few dozen points give a probability to 1e-8; nothing is drawn. Large
//! errors of logarithms make for heavy tails and slow characteristic functions: rates with errors above about ½ (a group's rate on four
//! events) may have no distribution here.

use super::inequality::ValueKind;
use super::inequality_limits::GroupError;

/// Standard deviations of a normal that are looked at; beyond them lies 2e-9.
const REACH: f64 = 6.0;
/// Widest step between the points of a normal.
const WIDEST: f64 = 0.4;
/// Turns per unit of a normal that its points resolve beside the term's own: the normal itself has none beyond it, to 1e-14.
const MARGIN: f64 = 8.0;
/// Points on either side of a normal's centre after which its integral is given up.
const POINTS: f64 = 2048.0;
/// Size of a characteristic function that no longer counts.
const NEGLIGIBLE: f64 = 1e-8;
/// Points of the characteristic function after which the inversion is given up.
const FREQUENCIES: u32 = 2048;

/// A sum of independent transformed normals.
pub(super) struct NormalSum {
    kind: ValueKind,
    terms: Vec<Term>,
    middle: f64,
    spread: f64,
    reach: f64,
}

struct Term {
    coefficient: f64,
    center: f64,
    error: f64,
    /// h(center).
    value: f64,
    /// Largest derivative of h(m + s·z) to z, within the reach.
    steepest: f64,
}

impl NormalSum {
    /// The sum with these coefficients; `None` without any term that varies, and where a term is not finite.
    pub(super) fn new(coefficients: &[f64], groups: &[GroupError], kind: ValueKind) -> Option<Self> {
        let mut terms = Vec::with_capacity(groups.len());
        let (mut middle, mut variance, mut reach) = (0.0, 0.0, 0.0);
        for (&coefficient, &GroupError { center, error }) in coefficients.iter().zip(groups) {
            let value = kind.inverse_link(center);
            middle += coefficient * value;
            if coefficient == 0.0 || error == 0.0 {
                continue;
            }
            let (low, high) = (center - REACH * error, center + REACH * error);
            // The exponential is steepest at its end, the inverse logit at 0 or at the end that is nearer to it.
            let steepest = match kind {
                ValueKind::Mean => error,
                ValueKind::Rate => error * high.exp(),
                ValueKind::Proportion => error * kind.steepness(0.0_f64.clamp(low, high)),
            };
            let (down, up) = (value - kind.inverse_link(low), kind.inverse_link(high) - value);
            variance += (coefficient * error * kind.steepness(center)).powi(2);
            reach += (coefficient * down.max(up)).powi(2);
            terms.push(Term { coefficient, center, error, value, steepest });
        }
        let sound = middle.is_finite() && reach.is_finite() && variance > 0.0;
        sound.then(|| Self { kind, terms, middle, spread: variance.sqrt(), reach: f64::sqrt(reach) })
    }

    /// The sum at the centers of its terms, which is its median if it has one term.
    pub(super) const fn middle(&self) -> f64 {
        self.middle
    }

    /// Its standard deviation by the delta method.
    pub(super) const fn spread(&self) -> f64 {
        self.spread
    }

    /// The distribution function; `None` where errors are so large that the characteristic function does not vanish in time.
    pub(super) fn tabulate(self) -> Option<SumDistribution> {
        // Probabilities a whole period away are added with alternating signs; the period is twice the reach.
        let step = std::f64::consts::PI / self.reach;
        let mut values = Vec::new();
        for j in 0..FREQUENCIES {
            let (re, im) = self.characteristic((f64::from(j) + 0.5) * step)?;
            if re.hypot(im) < NEGLIGIBLE {
                return Some(SumDistribution {
                    middle: self.middle,
                    spread: self.spread,
                    reach: self.reach,
                    step,
                    values,
                });
            }
            values.push((re, im));
        }
        None
    }

    /// E exp(i·t·(X − middle)).
    fn characteristic(&self, t: f64) -> Option<(f64, f64)> {
        let mut product = (1.0, 0.0);
        for term in &self.terms {
            let (re, im) = term.characteristic(t, self.kind)?;
            product = (product.0 * re - product.1 * im, product.0 * im + product.1 * re);
        }
        Some(product)
    }
}

impl Term {
    /// E exp(i·t·c·(h(m + sZ) − h(m))), by the trapezoid rule, whose step leaves room for the fastest turn of the exponential.
    fn characteristic(&self, t: f64, kind: ValueKind) -> Option<(f64, f64)> {
        let speed = (t * self.coefficient).abs() * self.steepest;
        let step = WIDEST.min(std::f64::consts::TAU / (MARGIN + 1.5 * speed));
        let points = (REACH / step).ceil();
        if points.is_nan() || points > POINTS {
            return None;
        }
        let points = points as i32;
        let (mut re, mut im) = (0.0, 0.0);
        for j in -points..=points {
            let z = step * f64::from(j);
            let turn = t * self.coefficient * (kind.inverse_link(self.center + self.error * z) - self.value);
            let weight = (-0.5 * z * z).exp();
            let (sine, cosine) = turn.sin_cos();
            re += weight * cosine;
            im += weight * sine;
        }
        let norm = step / std::f64::consts::TAU.sqrt();
        Some((re * norm, im * norm))
    }
}

/// The distribution function of a sum.
pub(super) struct SumDistribution {
    middle: f64,
    spread: f64,
    reach: f64,
    step: f64,
    values: Vec<(f64, f64)>,
}

impl SumDistribution {
    /// The sum at the centers of its terms.
    pub(super) const fn middle(&self) -> f64 {
        self.middle
    }

    /// Its standard deviation by the delta method.
    pub(super) const fn spread(&self) -> f64 {
        self.spread
    }

    /// P(X ≤ x); 0 and 1 outside the reach.
    pub(super) fn below(&self, x: f64) -> f64 {
        let from_middle = x - self.middle;
        if from_middle.abs() >= self.reach {
            return if from_middle > 0.0 { 1.0 } else { 0.0 };
        }
        let mut order = 0.5;
        let mut sum = 0.0;
        for (re, im) in &self.values {
            let (sine, cosine) = (order * self.step * from_middle).sin_cos();
            sum += (im * cosine - re * sine) / order;
            order += 1.0;
        }
        (0.5 - sum / std::f64::consts::PI).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// R 4.2: `pnorm(c(-3, -1.96, 0, 1, 2.5))` with 12 digits.
    const NORMAL: [(f64, f64); 5] = [
        (-3.0, 0.001_349_898_032),
        (-1.96, 0.024_997_895_148),
        (0.0, 0.5),
        (1.0, 0.841_344_746_069),
        (2.5, 0.993_790_334_674),
    ];

    fn one(kind: ValueKind, coefficient: f64, center: f64, error: f64) -> SumDistribution {
        NormalSum::new(&[coefficient], &[GroupError { center, error }], kind).unwrap().tabulate().unwrap()
    }

    /// A single term has a closed form: P(c·h(m + sZ) ≤ c·h(m + s·z)) = Φ(z) for positive c, 1 − Φ(z) for negative c.
    #[test]
    fn one_term_has_a_closed_form() {
        for (kind, center, error) in [
            (ValueKind::Rate, 1.5, 0.02),
            (ValueKind::Rate, -7.0, 0.4),
            (ValueKind::Proportion, -2.0, 0.1),
            (ValueKind::Proportion, 0.3, 0.5),
        ] {
            for coefficient in [0.7, -2.5] {
                let sum = one(kind, coefficient, center, error);
                for (z, below) in NORMAL {
                    let found = sum.below(coefficient * kind.inverse_link(center + error * z));
                    let wanted = if coefficient > 0.0 { below } else { 1.0 - below };
                    assert!((found - wanted).abs() < 2e-8, "{kind:?} {center} {error} {z}: {found} {wanted}");
                }
            }
        }
    }

    /// A sum of untransformed normals is normal: 2·N(1, 0.5²) − 3·N(2, 0.1²) has mean −4 and variance 1 + 0.09.
    #[test]
    fn a_sum_of_normals_is_normal() {
        let groups = [GroupError { center: 1.0, error: 0.5 }, GroupError { center: 2.0, error: 0.1 }];
        let sum = NormalSum::new(&[2.0, -3.0], &groups, ValueKind::Mean).unwrap().tabulate().unwrap();
        for (z, below) in NORMAL {
            let found = sum.below(-4.0 + z * 1.09_f64.sqrt());
            assert!((found - below).abs() < 1e-8, "{z} {found}");
        }
    }

    #[test]
    fn what_does_not_vary_or_varies_beyond_measure_has_no_distribution() {
        let group = |error| [GroupError { center: 1.0, error }];
        assert!(NormalSum::new(&[1.0], &group(0.0), ValueKind::Rate).is_none());
        assert!(NormalSum::new(&[0.0], &group(1.0), ValueKind::Rate).is_none());
        assert!(NormalSum::new(&[1.0], &group(200.0), ValueKind::Rate).is_none());
        assert!(NormalSum::new(&[1.0], &group(5.0), ValueKind::Rate).unwrap().tabulate().is_none());
    }
}
