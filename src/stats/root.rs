//! Quantile of a distribution that is known by its distribution function.

/// Rounds of searching after which there is no quantile.
const ROUNDS: usize = 200;

/// The x at which the distribution function `below` reaches `p`, to about 1e-12 of `width`.
///
/// `start` and `width` say where to look first: the bracket start ∓ 2·width is doubled until it holds x. It is then closed by
/// false position with halved weights (Dowell and Jarratt, BIT 11 (1971), 168-174: the Illinois method), each third step by halving.
///
/// `None` where `start` or `width` is not finite, `width` is not positive, the bracket is never found or `below` gives none.
pub(super) fn quantile_of(below: impl Fn(f64) -> Option<f64>, p: f64, start: f64, width: f64) -> Option<f64> {
    if !(start.is_finite() && width.is_finite() && width > 0.0) {
        return None;
    }
    let miss = |x: f64| below(x).map(|found| found - p).filter(|miss| miss.is_finite());
    let bracket = |sign: f64| -> Option<(f64, f64)> {
        let mut step = 2.0 * width;
        for _ in 0..ROUNDS {
            let x = start + sign * step;
            let found = miss(x)?;
            if found * sign >= 0.0 {
                return Some((x, found));
            }
            step *= 2.0;
        }
        None
    };
    let ((mut low, mut low_miss), (mut high, mut high_miss)) = (bracket(-1.0)?, bracket(1.0)?);
    let mut last_side = 0;
    for round in 0..ROUNDS {
        if high - low <= 1e-12 * width.max(1e-3 * high.abs().max(low.abs())) {
            break;
        }
        let position = high - high_miss * (high - low) / (high_miss - low_miss);
        let x =
            if round % 3 == 2 || !(position > low && position < high) { f64::midpoint(low, high) } else { position };
        let found = miss(x)?;
        if found.abs() <= 1e-15 {
            return Some(x);
        }
        if found < 0.0 {
            (low, low_miss) = (x, found);
            if last_side == -1 {
                high_miss /= 2.0;
            }
            last_side = -1;
        } else {
            (high, high_miss) = (x, found);
            if last_side == 1 {
                low_miss /= 2.0;
            }
            last_side = 1;
        }
    }
    Some(f64::midpoint(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Closed forms: the quantile of the exponential is −ln(1 − p), of the Cauchy distribution tan(π(p − ½)).
    #[test]
    fn quantiles_have_closed_forms() {
        for p in [0.001, 0.025, 0.5, 0.975, 0.999] {
            let exponential = quantile_of(|x| Some(1.0 - (-x.max(0.0)).exp()), p, 1.0, 1.0).unwrap();
            let wanted = -(-p).ln_1p();
            assert!((exponential - wanted).abs() < 1e-10, "{exponential} {wanted}");
            let cauchy = quantile_of(|x| Some(0.5 + x.atan() / std::f64::consts::PI), p, 5.0, 0.1).unwrap();
            let wanted = (std::f64::consts::PI * (p - 0.5)).tan();
            assert!((cauchy - wanted).abs() < 1e-9 * wanted.abs().max(1.0), "{cauchy} {wanted}");
        }
    }

    #[test]
    fn no_quantile_is_none() {
        assert_eq!(quantile_of(|_| Some(0.3), 0.5, 0.0, 1.0), None);
        assert_eq!(quantile_of(|_| None, 0.5, 0.0, 1.0), None);
        assert_eq!(quantile_of(|_| Some(f64::NAN), 0.5, 0.0, 1.0), None);
        assert_eq!(quantile_of(Some, 0.5, f64::NAN, 1.0), None);
        assert_eq!(quantile_of(Some, 0.5, 0.0, 0.0), None);
    }
}
