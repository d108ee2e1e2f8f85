//! P-values adjusted for the number of tests they were made with.
//!
//! As R's `p.adjust`; Holm, *Scandinavian Journal of Statistics* 6 (1979), 65-70; Benjamini and Hochberg, *J. R. Stat. Soc. B* 57
//! (1995), 289-300.

use crate::vocab::Adjustment;

/// Adjusted p-values, in the order of `p`; the family is the whole slice.
///
/// With n p-values and p₍ᵢ₎ the i-th smallest, each capped at 1:
/// `bonferroni` n·p; `holm` the largest of (n + 1 − j)·p₍ⱼ₎ over j ≤ i; `benjamini_hochberg` the smallest of n/j·p₍ⱼ₎ over j ≥ i;
/// `none` p itself. A larger p never gets a smaller adjusted value, and equal ones get equal values. The p-values lie in [0, 1] and
/// none is NaN: a comparison without a p-value is not a member of the family, so the caller leaves it out. O(n log n).
#[must_use]
pub fn adjusted(p: &[f64], method: Adjustment) -> Vec<f64> {
    let n = p.len() as f64;
    match method {
        Adjustment::None => p.to_vec(),
        Adjustment::Bonferroni => p.iter().map(|p| (n * p).min(1.0)).collect(),
        Adjustment::Holm => {
            let mut largest = 0.0_f64;
            let ascending = ascending(p);
            in_turn(p, ascending.into_iter().enumerate(), |place, p| {
                largest = largest.max((n - place as f64) * p);
                largest
            })
        }
        Adjustment::BenjaminiHochberg => {
            let mut smallest = 1.0_f64;
            let ascending = ascending(p);
            in_turn(p, ascending.into_iter().enumerate().rev(), |place, p| {
                smallest = smallest.min(n / (place as f64 + 1.0) * p);
                smallest
            })
        }
    }
}

/// Positions from the smallest p-value to the largest.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_unstable_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

/// One value for each p-value, made in the order of `turns` (place from 0, position) and laid down at its position.
fn in_turn(
    p: &[f64],
    turns: impl Iterator<Item = (usize, usize)>,
    mut value: impl FnMut(usize, f64) -> f64,
) -> Vec<f64> {
    let mut out = vec![0.0; p.len()];
    for (place, position) in turns {
        out[position] = value(place, p[position]).min(1.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// p = 0.04, 0.01, 0.03, 0.02, by hand.
    ///
    /// Holm, ascending: 4·0.01 = 0.04; 3·0.02 = 0.06; 2·0.03 = 0.06; 1·0.04 = 0.04, but not below 0.06.
    /// Benjamini and Hochberg, descending: 4/4·0.04 = 0.04; 4/3·0.03 = 0.04; 4/2·0.02 = 0.04; 4·0.01 = 0.04.
    #[test]
    fn four_by_hand() {
        let p = [0.04, 0.01, 0.03, 0.02];
        let close = |method, wanted: [f64; 4]| {
            for (found, wanted) in adjusted(&p, method).into_iter().zip(wanted) {
                assert!((found - wanted).abs() < 1e-15, "{method}: {found} {wanted}");
            }
        };
        close(Adjustment::None, p);
        close(Adjustment::Bonferroni, [0.16, 0.04, 0.12, 0.08]);
        close(Adjustment::Holm, [0.06, 0.04, 0.06, 0.06]);
        close(Adjustment::BenjaminiHochberg, [0.04; 4]);
    }

    #[test]
    fn one_is_the_most_and_nothing_stays_nothing() {
        for method in Adjustment::ALL {
            assert_eq!(adjusted(&[], *method), Vec::<f64>::new());
            assert_eq!(adjusted(&[0.3], *method), [0.3]);
            assert!(adjusted(&[0.9, 1.0, 0.7], *method).iter().all(|p| *p <= 1.0));
        }
    }

    #[test]
    fn a_larger_p_never_gets_a_smaller_value_and_equal_ones_stay_equal() {
        // A fixed mixture of small and large values with many ties.
        let p: Vec<f64> = (0..1000_u32).map(|i| f64::from(i * 7919 % 101) / 101.0 * f64::from(i % 7) / 7.0).collect();
        for method in Adjustment::ALL {
            let adjusted = adjusted(&p, *method);
            for (a, b) in ascending(&p).windows(2).map(|pair| (pair[0], pair[1])) {
                assert!(adjusted[a] <= adjusted[b] && adjusted[a] >= p[a]);
                assert!(p[a] < p[b] || adjusted[a] == adjusted[b]);
            }
        }
    }
}
