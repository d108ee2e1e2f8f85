//! Tails of the distributions that tests need.
//!
//! One function lies under t, F and χ²: the upper tail of F. R computes the same in `pt`, `pf` and `pchisq` (`lower.tail = FALSE`);
//! tests/oracle/expected_tails.csv holds R's numbers. statrs is not used here: in its incomplete beta the logarithms
//! of gammas cancel where the degrees of freedom run into the millions, and what is left has eight digits.
//!
//! With a = d2/2, b = d1/2 and x = d2/(d2 + d1·f) the tail is I_x(a, b). Far in the tail it is a continued fraction, the even part of
//! DLMF 8.17.22, which converges twice as fast (Didonato and Morris, *ACM Transactions on Mathematical Software* 18 (1992),
//! 360-373, BFRAC); near the middle it is one minus the power series DLMF 8.17.8 of the other side. Both share the factor
//! x^a·y^b/B(a, b), written as a deviation from its mode so that nothing large is subtracted. Infinite a is the limit of every formula.

/// Largest number of numerator degrees of freedom: no test of this house comes near, and the fraction would become slow.
pub const MAX_D1: f64 = 1e6;

/// Two-sided p-value of a standard normal statistic, in [0, 1]: P(χ² > z²) with one degree of freedom. NaN gives NaN.
///
/// R: `2 * pnorm(-abs(z))`. The erfc of statrs 0.19 has ten digits; this has thirteen.
#[must_use]
pub fn normal_two_sided(z: f64) -> f64 {
    square_upper(z, f64::INFINITY)
}

/// Two-sided p-value of Student's t with `df` > 0 degrees of freedom, whole or not; infinite `df` is the normal distribution.
///
/// P(F > t²) with 1 and df degrees of freedom. In [0, 1]; 0 where it is below what a double can hold. `None` for NaN and where `df`
/// is not positive. R: `2 * pt(-abs(t), df)`.
#[must_use]
pub fn t_two_sided(t: f64, df: f64) -> Option<f64> {
    if t.is_nan() || df.is_nan() || df <= 0.0 {
        return None;
    }
    probability(square_upper(t, df))
}

/// P(F > f) with d1 > 0 and d2 > 0 degrees of freedom, whole or not; infinite d2 is χ² with d1 degrees of freedom, divided by d1.
///
/// In [0, 1]; 1 where f ≤ 0. `None` for NaN, where d1 is above [`MAX_D1`] and where either is not positive.
/// R: `pf(f, d1, d2, lower.tail = FALSE)`.
#[must_use]
pub fn f_upper(f: f64, d1: f64, d2: f64) -> Option<f64> {
    if f.is_nan() || !(d1 > 0.0 && d1 <= MAX_D1 && d2 > 0.0) {
        return None;
    }
    probability(upper(f, f.ln(), d1, d2))
}

/// P(χ² > x) with `df` > 0 degrees of freedom, whole or not.
///
/// In [0, 1]; 1 where x ≤ 0. `None` for NaN and where `df` is above [`MAX_D1`] or not positive. R: `pchisq(x, df, lower.tail = FALSE)`.
#[must_use]
pub fn chi2_upper(x: f64, df: f64) -> Option<f64> {
    f_upper(x / df, df, f64::INFINITY)
}

/// Rounding may step a hair outside [0, 1]; what is no number is no probability.
fn probability(p: f64) -> Option<f64> {
    (!p.is_nan()).then(|| p.clamp(0.0, 1.0))
}

/// P(F > t²) with 1 and df degrees of freedom.
fn square_upper(t: f64, df: f64) -> f64 {
    let t = t.abs();
    upper(t * t, 2.0 * t.ln(), 1.0, df)
}

/// The upper tail of F, with ln f beside f so that a square too large for a double keeps its logarithm.
fn upper(f: f64, ln_f: f64, d1: f64, d2: f64) -> f64 {
    if f <= 0.0 {
        return 1.0;
    }
    if ln_f.is_infinite() {
        return 0.0;
    }
    let f = f.min(f64::MAX);
    let (a, b) = (d2 / 2.0, d1 / 2.0);
    let odds = f * (d1 / d2);
    let x = 1.0 / (1.0 + odds);
    let y = if odds > 1.0 { 1.0 - x } else { odds * x };
    let front = front(f, ln_f, x, a, b);
    if f > 1.0 && front == 0.0 {
        return 0.0;
    }
    if x > 0.5 {
        let step = b * f * (1.0 + b / a) * x;
        // The tail is still some thousandths here, so that one minus the rest keeps its digits.
        if step < b + 1.0 + 2.5 * b.sqrt() {
            return 1.0 - front * power_series(b, y, step);
        }
    }
    let beyond = if odds > 1.0 { a * y * (1.0 - 1.0 / f) } else { b * (f - 1.0) * x };
    if f >= 1.0 { front * fraction(a, b, x, y, beyond) } else { 1.0 - front * fraction(b, a, y, x, -beyond) }
}

/// x^a·y^b/B(a, b) = √(ab/(2π(a+b)))·exp(a·ln(x/x₀) + b·ln(y/y₀) + Δ(a+b) − Δ(a) − Δ(b)), with x₀ = a/(a+b), y₀ = b/(a+b).
///
/// x/x₀ = (d1+d2)/(d2+d1·f) and y/y₀ = f·x/x₀. The exponent is (a+b)·ln(x/x₀) + b·ln f = (a+b)·ln(y/y₀) − a·ln f; the form is taken
/// whose last term is the smaller one, unless its logarithm lies near that of 0. Infinite a leaves b·(1 − f + ln f).
fn front(f: f64, ln_f: f64, x: f64, a: f64, b: f64) -> f64 {
    let share = b / a;
    let (x_off, y_off) = (-(f - 1.0) * share * x, (1.0 - 1.0 / f) / (share + 1.0 / f));
    let exponent = if a.is_infinite() {
        b * (1.0 - f + ln_f)
    } else if (b <= a && x_off > -0.5) || y_off <= -0.5 {
        (a + b) * x_off.ln_1p() + b * ln_f
    } else {
        (a + b) * y_off.ln_1p() - a * ln_f
    };
    let excess = excess(a + b) - excess(a) - excess(b);
    (b / (1.0 + share) / std::f64::consts::TAU).sqrt() * (exponent + excess).exp()
}

/// I_y(b, a) without its factor: Σ_n Π_{k<n} (a+b+k)·y/(b+1+k) / b. Every term is positive; `step` is (a+b)·y.
fn power_series(b: f64, y: f64, step: f64) -> f64 {
    let (mut term, mut sum, mut k) = (1.0, 1.0, 0.0);
    while term > sum * 1e-17 {
        term *= (step + k * y) / (b + 1.0 + k);
        sum += term;
        k += 1.0;
    }
    sum / b
}

/// Steps after which the fraction is taken as it stands. Some dozens are usual; with [`MAX_D1`] some thousands are needed.
const MAX_STEPS: u32 = 20_000;

/// I_x(a, b) without its factor, where `beyond` = a·y − b·x ≥ 0 says how far x lies below the mean. Infinite a is Γ(b, b + beyond).
fn fraction(a: f64, b: f64, x: f64, y: f64, beyond: f64) -> f64 {
    let per_a = 1.0 / a;
    let ratio = b * per_a;
    let start = 1.0 + beyond;
    // 1 + k/a, and a/(a + 2k + 1): one division in each step.
    let (mut p, mut inverse) = (1.0, 1.0 / (1.0 + per_a));
    // Numerator and denominator of the last convergent and of the one before.
    let (mut numerator, mut denominator) = (1.0, start * inverse);
    let (mut numerator_before, mut denominator_before) = (0.0, 1.0);
    let mut k = 0.0;
    for _ in 0..MAX_STEPS {
        k += 1.0;
        let w = k * (b - k) * x;
        let alpha = p * (p + ratio) * inverse * inverse * w * x;
        let side = w * per_a * inverse;
        p = 1.0 + k * per_a;
        inverse = 1.0 / (1.0 + (2.0 * k + 1.0) * per_a);
        let beta = k + side + p * inverse * (start + k * (1.0 + y));
        (numerator_before, numerator) = (numerator, alpha * numerator_before + beta * numerator);
        (denominator_before, denominator) = (denominator, alpha * denominator_before + beta * denominator);
        let product = numerator * denominator_before;
        if (product - numerator_before * denominator).abs() <= 1e-15 * product.abs() {
            break;
        }
        if denominator.abs() > 1e100 {
            numerator *= 1e-100;
            denominator *= 1e-100;
            numerator_before *= 1e-100;
            denominator_before *= 1e-100;
        }
    }
    numerator / denominator
}

/// Δ(z) = ln Γ(z) − (z − ½)·ln z + z − ½·ln 2π, for z > 0: what Stirling's formula lacks; 0 at infinity.
///
/// DLMF 5.11.1 from 10 on; below, brought there by Γ(z + 1) = z·Γ(z).
fn excess(z: f64) -> f64 {
    // ln Γ(½) = ½·ln π, so Δ(½) = ½ − ½·ln 2.
    if z == 0.5 {
        return 0.5 - 0.5 * std::f64::consts::LN_2;
    }
    if z < 10.0 {
        let shifted = z + 10.0;
        let product: f64 = (1..10).map(|k| shifted / (z + f64::from(k))).product();
        return excess(shifted) + (z + 0.5) * (shifted / z).ln() + product.ln() - 10.0;
    }
    let inverse = 1.0 / z;
    let square = inverse * inverse;
    let tail = -1.0 / 1680.0 + square * (1.0 / 1188.0 + square * (-691.0 / 360_360.0 + square / 156.0));
    inverse * (1.0 / 12.0 + square * (-1.0 / 360.0 + square * (1.0 / 1260.0 + square * tail)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: Option<f64>, wanted: f64) {
        let found = found.unwrap();
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs(), "{found:e} {wanted:e}");
    }

    /// Closed forms: t with 1 and 2 degrees of freedom, F with d1 = 2, χ² with 2 and 4.
    ///
    /// 2/π·atan(1/t); 1 − t/√(2 + t²) = 2/(√(2 + t²)·(√(2 + t²) + t)); (1 + 2f/d2)^(−d2/2); e^(−x/2); (1 + x/2)·e^(−x/2).
    #[test]
    fn closed_forms() {
        for t in [1e-9, 0.02, 0.7, 1.0, 1.96, 4.5, 30.0, 1e5, 1e80, 1e200] {
            close(t_two_sided(t, 1.0), std::f64::consts::FRAC_2_PI * (1.0 / t).atan());
            close(t_two_sided(-t, 1.0), std::f64::consts::FRAC_2_PI * (1.0 / t).atan());
            let root = 2.0_f64.sqrt().hypot(t);
            close(t_two_sided(t, 2.0), 2.0 / root / (root + t));
        }
        for f in [1e-7, 0.2, 0.99, 1.0, 1.01, 3.0, 17.0] {
            for d2 in [0.4, 1.0, 5.5, 40.0, 197.0, 1e5, 5e6] {
                close(f_upper(f, 2.0, d2), (-d2 / 2.0 * (2.0 * f / d2).ln_1p()).exp());
            }
            let x = 8.0 * f;
            close(chi2_upper(x, 2.0), (-x / 2.0).exp());
            close(chi2_upper(x, 4.0), (1.0 + x / 2.0) * (-x / 2.0).exp());
        }
    }

    /// P(F(d1, d2) > f) + P(F(d2, d1) > 1/f) = 1, on both sides of the middle and for whole, broken, small and large numbers.
    #[test]
    fn the_two_tails_add_up_to_one() {
        for d1 in [0.3, 1.0, 2.7, 30.0, 5_000.0, 1e6] {
            for d2 in [0.3, 1.0, 2.7, 30.0, 5_000.0, 1e6] {
                for f in [0.01, 0.5, 0.98, 1.0, 1.03, 2.0, 50.0] {
                    let sum = f_upper(f, d1, d2).unwrap() + f_upper(1.0 / f, d2, d1).unwrap();
                    assert!((sum - 1.0).abs() < 1e-11, "{f} {d1} {d2}: {sum}");
                }
            }
        }
    }

    #[test]
    fn more_is_rarer() {
        for (d1, d2) in [(1.0, 3.3), (1.0, 5e6), (4.4, 12.0), (60.0, 61.0), (0.2, 900.0), (7.0, f64::INFINITY)] {
            let tails: Vec<f64> = (0..4000_u32).map(|i| f_upper(f64::from(i) / 200.0, d1, d2).unwrap()).collect();
            assert!(tails.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12)), "{d1} {d2}");
        }
    }

    #[test]
    fn the_edges_have_an_answer() {
        assert_eq!(t_two_sided(0.0, 3.0), Some(1.0));
        assert_eq!(t_two_sided(f64::NEG_INFINITY, 3.0), Some(0.0));
        assert_eq!(t_two_sided(100.0, f64::INFINITY), Some(0.0));
        assert_eq!(t_two_sided(1.0, 0.0), None);
        assert_eq!(t_two_sided(f64::NAN, 3.0), None);
        assert_eq!(t_two_sided(1.0, f64::NAN), None);
        assert_eq!(f_upper(-1.0, 2.0, 3.0), Some(1.0));
        assert_eq!(f_upper(f64::INFINITY, 2.0, 3.0), Some(0.0));
        assert_eq!(f_upper(1.0, 0.0, 3.0), None);
        assert_eq!(f_upper(1.0, f64::INFINITY, 3.0), None);
        assert_eq!(f_upper(1.0, 2.0, -3.0), None);
        assert_eq!(chi2_upper(0.0, 3.0), Some(1.0));
        assert_eq!(chi2_upper(1.0, 0.0), None);
        assert!(normal_two_sided(f64::NAN).is_nan());
        let odd = [f64::MIN_POSITIVE, 1e-300, 1e-20, 1.0, 1e20, 1e300, f64::MAX, f64::INFINITY, f64::NAN, -1.0, 0.0];
        for x in odd {
            for d1 in odd {
                for d2 in odd {
                    for p in [f_upper(x, d1, d2), t_two_sided(x, d2), chi2_upper(x, d1)].into_iter().flatten() {
                        assert!((0.0..=1.0).contains(&p), "{x} {d1} {d2} {p}");
                    }
                }
            }
        }
    }
}
