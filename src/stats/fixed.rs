//! Exact sums: doubles as fixed-point integers.
//!
//! Floating-point sums depend on order, so they differ between thread counts and between runs. A product is rounded once per row
//! to a double, brought to a fixed binary scale and added as an integer; integer sums do not depend on order, and can be
//! subtracted again without drift. The scales below leave room for 2^22 rows at the largest value a row may have.

/// Bits after the binary point of a sum of weights. Exact for every weight that is a multiple of 2^-60, hence for every double
/// of at least 2^-8.
pub const WEIGHT_BITS: u32 = 60;
/// Bits after the binary point of a sum of squared weights.
pub const SQUARE_BITS: u32 = 64;
/// Bits after the binary point of a sum of w·y or w·y², for numeric y brought to [-1, 1] by [`exponent_of`].
pub const WY_BITS: u32 = 80;
/// Bits after the binary point of a sum of w²·y or w²·y², for numeric y brought to [-1, 1].
pub const W2Y_BITS: u32 = 64;

/// Smallest weight above zero that is accepted: below it, w² would lose digits at [`SQUARE_BITS`].
pub const WEIGHT_MIN: f64 = 1.0 / 16_384.0;
/// Largest weight that is accepted.
pub const WEIGHT_MAX: f64 = 1_048_576.0;
/// Largest absolute value of a numeric indicator.
pub const VALUE_MAX: f64 = 65_536.0;

/// The exponent k for which every value between the bounds, divided by 2^k, lies in [-1, 1].
///
/// Dividing by a power of two loses no digit, and the scales of the sums then suit a score of 1 as well as one of 60,000.
#[must_use]
pub fn exponent_of(minimum: f64, maximum: f64) -> i32 {
    let largest = minimum.abs().max(maximum.abs());
    if largest > 0.0 { largest.log2().ceil() as i32 } else { 0 }
}

/// Part of its terms below which a difference of sums is what rounding left of 0: each term was rounded to 2^-53 a few times.
pub const ROUNDING: f64 = 1e-13;

/// A sum of squares that was made by subtraction: 0 unless it is above what rounding can leave.
#[must_use]
pub fn above_rounding(squares: f64, rounding: f64) -> f64 {
    if squares > rounding { squares } else { 0.0 }
}

/// A double as an integer multiple of 2^-`bits`, to nearest, ties to even.
///
/// The value must be finite and below 2^(126 - `bits`) in magnitude; the limits of weights and values above see to that.
#[must_use]
pub fn to_fixed(value: f64, bits: u32) -> i128 {
    debug_assert!(value.is_finite());
    let scaled = value * f64::from(bits).exp2();
    scaled.round_ties_even() as i128
}

/// The double nearest to `sum`·2^-`bits`.
#[must_use]
pub fn from_fixed(sum: i128, bits: u32) -> f64 {
    sum as f64 * (-f64::from(bits)).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_come_back_exactly() {
        for weight in [0.0, WEIGHT_MIN, 0.1, 1.0, 33.846_996_307_373_1, 44.209_999_084_472_7, WEIGHT_MAX] {
            assert_eq!(from_fixed(to_fixed(weight, WEIGHT_BITS), WEIGHT_BITS), weight);
        }
    }

    #[test]
    fn order_does_not_matter() {
        let weights = [0.1, 1e6, 0.3, 7.25, 1e-4, 123.456];
        let forward: i128 = weights.iter().map(|w| to_fixed(*w, WEIGHT_BITS)).sum();
        let backward: i128 = weights.iter().rev().map(|w| to_fixed(*w, WEIGHT_BITS)).sum();
        assert_eq!(forward, backward);
    }

    #[test]
    fn the_largest_row_leaves_room_for_four_million_rows() {
        let rows = 1_i128 << 22;
        for (value, bits) in [
            (WEIGHT_MAX, WEIGHT_BITS),
            (WEIGHT_MAX * WEIGHT_MAX, SQUARE_BITS),
            (WEIGHT_MAX, WY_BITS),
            (WEIGHT_MAX * WEIGHT_MAX, W2Y_BITS),
        ] {
            assert!(to_fixed(value, bits).checked_mul(rows).is_some(), "{bits}");
        }
    }
}
