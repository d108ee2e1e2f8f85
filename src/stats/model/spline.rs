//! Penalised cubic splines in age, as independent effects.

use super::NotPositive;
use super::dense::DenseCholesky;

/// Order of the pieces plus one.
const ORDER: usize = 4;

/// Values at `x` of the `functions` cubic B-splines with evenly spaced knots on [`low`, `high`]; x is held within the limits. They add to 1.
///
/// Source: de Boor, *A Practical Guide to Splines* (1978); Eilers and Marx, *Statistical Science* 11 (1996).
#[must_use]
pub fn b_splines(x: f64, low: f64, high: f64, functions: usize) -> Vec<f64> {
    let step = (high - low) / (functions - 3) as f64;
    let x = x.clamp(low, high);
    let knot = |i: usize| low + (i as f64 - 3.0) * step;
    // The piece that x is in; the last one holds its upper end.
    let piece = (((x - low) / step) as usize).min(functions - ORDER);
    let mut values = vec![0.0; functions + ORDER];
    values[piece + 3] = 1.0;
    for degree in 1..ORDER {
        for i in piece + 3 - degree..=piece + 3 {
            let left = (x - knot(i)) / (degree as f64 * step);
            let right = (knot(i + degree + 1) - x) / (degree as f64 * step);
            values[i] = left * values[i] + right * values[i + 1];
        }
    }
    values.truncate(functions);
    values
}

/// The part of a spline that the penalty on second differences sees, as `functions` − 2 columns whose coefficients are independent effects of one variance: B D'(DD')⁻¹, D
/// taking second differences. The straight line that is left has its own columns.
///
/// The penalty of a spline B a is λ|Da|². Any a is D'(DD')⁻¹ b plus a line, with b = Da, so that it becomes λ|b|². Source: Currie and Durbán,
/// *Statistical Modelling* 2 (2002).
///
/// # Errors
/// [`NotPositive`] where there are fewer than four functions.
pub fn wiggles(x: f64, low: f64, high: f64, functions: usize) -> Result<Vec<f64>, NotPositive> {
    if functions < ORDER || low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return Err(NotPositive);
    }
    let rank = functions - 2;
    let difference = |i: usize, j: usize| match j.wrapping_sub(i) {
        0 | 2 => 1.0,
        1 => -2.0,
        _ => 0.0,
    };
    let mut square = vec![0.0; rank * rank];
    for i in 0..rank {
        for k in 0..rank {
            square[i * rank + k] = (0..functions).map(|j| difference(i, j) * difference(k, j)).sum();
        }
    }
    let basis = b_splines(x, low, high, functions);
    let mut values: Vec<f64> =
        (0..rank).map(|i| basis.iter().enumerate().map(|(j, value)| difference(i, j) * value).sum()).collect();
    DenseCholesky::new(&square, rank)?.solve(&mut values);
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b_splines_at_a_knot_are_a_sixth_two_thirds_and_a_sixth() {
        // Cardinal cubic B-spline at its knots: 1/6, 4/6, 1/6 (de Boor 1978).
        let values = b_splines(2.0, 0.0, 4.0, 7);
        let hand = [0.0, 0.0, 1.0 / 6.0, 4.0 / 6.0, 1.0 / 6.0, 0.0, 0.0];
        values.iter().zip(hand).for_each(|(own, hand)| assert!((own - hand).abs() < 1e-15));
        for x in [-1.0, 0.0, 0.3, 1.7, 4.0, 9.0] {
            assert!((b_splines(x, 0.0, 4.0, 7).iter().sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn wiggles_of_second_differences_are_the_spline_but_for_a_line() {
        // Coefficients j² have second differences of 2: the spline of the wiggles and B a differ by a straight line.
        let spline =
            |x: f64| b_splines(x, 20.0, 80.0, 9).iter().enumerate().map(|(j, b)| (j * j) as f64 * b).sum::<f64>();
        let own = |x: f64| wiggles(x, 20.0, 80.0, 9).expect("functions").iter().map(|value| 2.0 * value).sum::<f64>();
        let rest = |x: f64| spline(x) - own(x);
        let slope = (rest(80.0) - rest(20.0)) / 60.0;
        for x in [25.0, 33.3, 51.0, 78.0] {
            assert!((rest(x) - rest(20.0) - slope * (x - 20.0)).abs() < 1e-11);
        }
        assert_eq!(wiggles(1.0, 0.0, 1.0, 3), Err(NotPositive));
    }
}
