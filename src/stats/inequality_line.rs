//! The weighted line through ordered groups, on which the slope index and the relative index of inequality rest.

/// The smallest part of the people that makes a group.
const SMALLEST_SHARE: f64 = 1e-9;

/// The weighted line through ordered groups: what each group's value adds to the slope and to both ends.
///
/// Weighted least squares is linear in the values: slope = Σ cᵢyᵢ with cᵢ = aᵢ(bᵢ − ½) / Σ a(b − ½)², since the weighted mean of the
/// midpoints is always ½; the line at 0 is Σ (aᵢ − cᵢ/2)yᵢ and at 1 Σ (aᵢ + cᵢ/2)yᵢ.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Coefficients of the slope; they add up to 0.
    pub slope: Vec<f64>,
    /// Coefficients of the line at the bottom, b = 0; they add up to 1.
    pub bottom: Vec<f64>,
    /// Coefficients of the line at the top, b = 1; they add up to 1.
    pub top: Vec<f64>,
}

impl Line {
    /// From the groups' populations, or their shares of it, worst-off first.
    ///
    /// `None` with fewer than two groups and where a population is not positive, not finite or below 1e-9 of all people: the place of
    /// such a group is lost in rounding.
    #[must_use]
    pub fn new(populations: &[f64]) -> Option<Self> {
        let total: f64 = populations.iter().sum();
        let counted = |people: &f64| *people > 0.0 && *people >= SMALLEST_SHARE * total;
        if populations.len() < 2 || !total.is_finite() || !populations.iter().all(counted) {
            return None;
        }
        let mut before = 0.0;
        let mut places = Vec::with_capacity(populations.len());
        for people in populations {
            places.push((people / total, (before + people / 2.0) / total - 0.5));
            before += people;
        }
        let spread: f64 = places.iter().map(|(share, place)| share * place * place).sum();
        let slope: Vec<f64> = places.iter().map(|(share, place)| share * place / spread).collect();
        let end = |half: f64| places.iter().zip(&slope).map(|((share, _), c)| share + half * c).collect();
        Some(Self { bottom: end(-0.5), top: end(0.5), slope })
    }
}

/// Σ cᵢyᵢ.
pub(super) fn combine(coefficients: &[f64], values: &[f64]) -> f64 {
    coefficients.iter().zip(values).map(|(c, y)| c * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Shares 0.2, 0.3 and 0.5: midpoints less ½ are −0.4, −0.15, 0.25; Σa(b − ½)² = 0.032 + 0.00675 + 0.03125 = 0.07; the slope is
    /// (−0.08, −0.045, 0.125)/0.07 = (−16, −9, 25)/14.
    #[test]
    fn three_groups_by_hand() {
        let line = Line::new(&[20.0, 30.0, 50.0]).unwrap();
        for (found, wanted) in line.slope.iter().zip([-16.0, -9.0, 25.0]) {
            assert!((found * 14.0 - wanted).abs() < 1e-13);
        }
        // 0.2 + 8/14 = 10.8/14, 0.3 + 4.5/14 = 8.7/14 and 0.5 − 12.5/14 = −5.5/14.
        for (found, wanted) in line.bottom.iter().zip([10.8, 8.7, -5.5]) {
            assert!((found * 14.0 - wanted).abs() < 1e-13);
        }
        assert!((line.top.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn no_line_is_none() {
        for populations in
            [&[][..], &[1.0], &[0.0, 1.0], &[1.0, -1.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY], &[1.0, 1e-12]]
        {
            assert_eq!(Line::new(populations), None);
        }
    }
}
