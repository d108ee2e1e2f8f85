//! Groups of areas by the order of a value: tenths or fifths of the areas, or of the people in them.
//!
//! Groups are numbered from 1 to k. Group 1 holds the lowest values, or with `invert` the highest; which end is worst-off is for the
//! caller to know. Areas with the same value are always in the same group.

/// Quantile groups with an equal number of areas each.
///
/// group = (k + 1) − ⌈(n + 1 − rank) / (n / k)⌉, where 0 becomes 1; n is the number of areas, and areas with the same value share the
/// lowest of their ranks. Ranks go up with the value, or down with `invert`, which gives group 1 to the highest values. The groups
/// come in the order of `values`.
///
/// Source: PHEindicatormethods 2.1.1, `phe_quantile`. The two divisions are made in doubles, as there: for some n and k (the smallest
/// is n = 34, k = 14) rounding moves an area one group down, which exact division would not do. There is no such n up to 3,000 with
/// 5 or 10 groups. The package leaves areas without a value out; here the caller does.
///
/// `None` where k is 0, where there are fewer areas than groups, and where a value is not finite.
#[must_use]
pub fn groups_equal(values: &[f64], k: u32, invert: bool) -> Option<Vec<u32>> {
    if !groupable(values, k) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = values.len() as f64;
    let per_group = n / f64::from(k);
    let group = |value: &f64| {
        let before = if invert {
            sorted.len() - sorted.partition_point(|other| other <= value)
        } else {
            sorted.partition_point(|other| other < value)
        };
        // n + 1 − rank, where rank is one more than the number of areas before.
        let behind = n - before as f64;
        let from_top = (behind / per_group).ceil();
        (f64::from(k) + 1.0 - from_top).max(1.0) as u32
    };
    Some(values.iter().map(group).collect())
}

/// Quantile groups with an equal part of the people each, as far as whole areas allow.
///
/// Areas are put in the order of their value, ascending or with `invert` descending. An area's place is the midpoint m of its part of
/// the cumulative population share, in [0, 1]; areas with the same value are one place. group = ⌊k·m⌋ + 1, at most k. An area
/// without people has the place between its neighbours.
///
/// An area is never divided. Where one place holds more than 1/k of the people, groups beside it may hold less than 1/k or nobody:
/// the number of an empty group is left out, the others keep theirs, and the slope index takes the groups that are there. Example:
/// populations 80, 10 and 10 with k = 3 have midpoints 0.4, 0.85 and 0.95, thus groups 2, 3 and 3, and nobody is in group 1.
///
/// Source: the midpoint is the relative rank of the slope index, Low and Low, *Journal of Public Health* 26 (2004), 388-395.
///
/// `None` where k is 0, where there are fewer areas than groups, where the two slices differ in length, where a value is not finite,
/// where a population is negative or not finite, and where nobody lives in any area.
#[must_use]
pub fn groups_by_population(values: &[f64], populations: &[f64], k: u32, invert: bool) -> Option<Vec<u32>> {
    let total_twice = 2.0 * sum_in_order(populations);
    let counted = populations.iter().all(|people| people.is_finite() && *people >= 0.0);
    if !groupable(values, k) || values.len() != populations.len() || !counted {
        return None;
    }
    if !(total_twice > 0.0 && total_twice.is_finite()) {
        return None;
    }
    let mut order: Vec<(usize, f64, f64)> =
        values.iter().zip(populations).enumerate().map(|(at, (value, people))| (at, *value, *people)).collect();
    // Populations decide last, so that sums do not depend on the order of rows.
    order.sort_by(|a, b| {
        let by_value = if a.1 == b.1 { std::cmp::Ordering::Equal } else { a.1.total_cmp(&b.1) };
        (if invert { by_value.reverse() } else { by_value }).then(a.2.total_cmp(&b.2))
    });
    let mut groups = vec![0; values.len()];
    let mut before = 0.0;
    for place in order.chunk_by(|a, b| a.1 == b.1) {
        let people: f64 = place.iter().map(|area| area.2).sum();
        let midpoint = f64::from(k) * (2.0 * before + people) / total_twice;
        let group = (midpoint.floor() + 1.0).min(f64::from(k)) as u32;
        for (at, _, _) in place {
            if let Some(slot) = groups.get_mut(*at) {
                *slot = group;
            }
        }
        before += people;
    }
    Some(groups)
}

/// Whether there are groups to make of these values.
fn groupable(values: &[f64], k: u32) -> bool {
    k > 0 && values.len() >= k as usize && values.iter().all(|value| value.is_finite())
}

/// A sum that does not depend on the order of rows.
fn sum_in_order(populations: &[f64]) -> f64 {
    let mut sorted = populations.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, n = 5, k = 2, n/k = 2.5. Ranks 1 to 5: (5, 4, 3, 2, 1)/2.5 = 2, 1.6, 1.2, 0.8, 0.4, rounded up 2, 2, 2, 1, 1, and
    /// 3 − that is 1, 1, 1, 2, 2.
    #[test]
    fn five_areas_in_halves_by_hand() {
        assert_eq!(groups_equal(&[10.0, 20.0, 30.0, 40.0, 50.0], 2, false), Some(vec![1, 1, 1, 2, 2]));
        assert_eq!(groups_equal(&[10.0, 20.0, 30.0, 40.0, 50.0], 2, true), Some(vec![2, 2, 1, 1, 1]));
        // 10, 20, 30, 30: the last two have rank 3, 4 areas in 4 groups: 5 − (4 + 1 − 3) = 3, and group 4 is empty.
        assert_eq!(groups_equal(&[30.0, 10.0, 30.0, 20.0], 4, false), Some(vec![3, 1, 3, 2]));
    }

    /// R 4.2: `15 - ceiling((34 + 1 - 18)/(34/14))` is 7, though 17·14/34 is exactly 7 and 15 − 7 = 8.
    #[test]
    fn division_is_that_of_the_package() {
        let values: Vec<f64> = (1..=34).map(f64::from).collect();
        assert_eq!(groups_equal(&values, 14, false).unwrap()[17], 7);
        // R 4.2: `8 - ceiling((17 + 1 - 1)/(17/7))` is 0, which becomes 1.
        let values: Vec<f64> = (1..=17).map(f64::from).collect();
        assert_eq!(groups_equal(&values, 7, false).unwrap()[0], 1);
    }

    /// By hand: populations 10, 20, 30, 40 in the order of their values, midpoints 0.05, 0.2, 0.45, 0.8; k = 4: 0.2, 0.8, 1.8, 3.2.
    #[test]
    fn people_are_divided_at_the_midpoints() {
        let (values, people) = ([4.0, 1.0, 3.0, 2.0], [40.0, 10.0, 30.0, 20.0]);
        assert_eq!(groups_by_population(&values, &people, 4, false), Some(vec![4, 1, 2, 1]));
        // Inverted: midpoints 0.2, 0.55, 0.8, 0.95; times 4: 0.8, 2.2, 3.2, 3.8.
        assert_eq!(groups_by_population(&values, &people, 4, true), Some(vec![1, 4, 3, 4]));
        // A tie is one place: 2.0 twice with 60 of 100 has its midpoint at 0.1 + 0.3 = 0.4; times 4: 0.4·4 = 1.6.
        let tied = groups_by_population(&[1.0, 2.0, 2.0, 5.0], &[10.0, 20.0, 40.0, 30.0], 4, false);
        assert_eq!(tied, Some(vec![1, 2, 2, 4]));
    }

    #[test]
    fn a_large_area_leaves_groups_empty() {
        assert_eq!(groups_by_population(&[1.0, 2.0, 3.0], &[80.0, 10.0, 10.0], 3, false), Some(vec![2, 3, 3]));
        assert_eq!(groups_by_population(&[1.0, 2.0, 3.0], &[0.0, 10.0, 0.0], 3, false), Some(vec![1, 2, 3]));
    }

    #[test]
    fn what_cannot_be_grouped_is_none() {
        assert_eq!(groups_equal(&[], 0, false), None);
        assert_eq!(groups_equal(&[], 1, false), None);
        assert_eq!(groups_equal(&[1.0, 2.0], 3, false), None);
        assert_eq!(groups_equal(&[1.0, f64::NAN], 2, false), None);
        assert_eq!(groups_by_population(&[1.0, 2.0], &[1.0], 2, false), None);
        assert_eq!(groups_by_population(&[1.0, 2.0], &[0.0, 0.0], 2, false), None);
        assert_eq!(groups_by_population(&[1.0, 2.0], &[2.0, -1.0], 2, false), None);
        assert_eq!(groups_by_population(&[1.0, 2.0], &[f64::MAX, f64::MAX], 2, false), None);
        assert_eq!(groups_by_population(&[1.0, 2.0], &[1.0, f64::NAN], 2, false), None);
    }
}
