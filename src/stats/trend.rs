//! Linear trend over periods, and the change between two of them.
//!
//! Every period is an independent sample with a value θ_t and a variance v_t that the design gives. With weights w = 1/v the slope is
//! Σ w(x − x̄)θ / Σ w(x − x̄)², x̄ = Σ wx / Σ w, with standard error 1/√Σ w(x − x̄)². The variances are known, so the
//! standard error is not rescaled by the residuals, as `lm(weights = )` of R would do: R metafor `rma(yi, vi, mods = ~ year,
//! method = "FE")` gives the same slope and standard error. The p-value is that of t and not of z, as metafor has it,
//! because each v_t rests on a finite number of degrees of freedom: slope = Σ aθ with a = w(x − x̄)/Σ w(x − x̄)², so
//! df = (Σ a²v)²/Σ((a²v)²/df_t) (Satterthwaite, *Biometrics Bulletin* 2 (1946), 110-114). Source of the use: Ingram, Malec, Makuc et al.,
//! *National Center for Health Statistics Guidelines for Analysis of Trends*, Vital and Health Statistics 2(179) (2018).

use super::tail::{chi2_upper, t_two_sided};
use super::{Limits, quantile};

/// The figure of one period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeriodValue {
    /// The year that orders the period; a part of a year is allowed.
    pub year: f64,
    /// The value: a share in [0, 1] or a mean.
    pub value: f64,
    /// Its standard error, on the scale of the value.
    pub se: f64,
    /// Degrees of freedom, whole or not; infinite where the variance is known.
    pub df: f64,
}

/// A linear trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Slope per year: of the logit for shares (its exponent is an odds ratio per year), of the value for means.
    pub slope: f64,
    /// Standard error of the slope.
    pub se: f64,
    /// Satterthwaite's degrees of freedom of the slope, not whole.
    pub df: f64,
    /// Two-sided p-value of slope 0, from t.
    pub p: f64,
    /// p-value of a straight line: P(χ² > Q) with k − 2 degrees of freedom, Q = Σ w(θ − fit)². Small: the line does not describe the
    /// periods, and the slope is an average of unlike changes. metafor calls Q `QE`. The variances count as known here, so with few
    /// degrees of freedom the p-value is somewhat too small.
    pub p_linear: f64,
}

/// A change between two periods.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Last value − first value: for shares a number in [−1, 1], not per cent.
    pub difference: f64,
    /// Its standard error.
    pub se: f64,
    /// Satterthwaite's degrees of freedom, not whole.
    pub df: f64,
    /// Limits of the difference, symmetric; those of shares may pass −1 or 1 where the samples are very small.
    pub limits: Limits,
}

/// Trend of shares on the logit scale: θ = ln(p/(1 − p)), v = (se/(p(1 − p)))².
///
/// `None` for fewer than 3 periods, a year that is there twice, a share that is not strictly between 0 and 1, a standard error that is not
/// above 0, and no degrees of freedom; one such period leaves the whole trend out. The order of the periods does not matter.
#[must_use]
pub fn share_trend(periods: &[PeriodValue]) -> Option<Trend> {
    let logit = |period: &PeriodValue| {
        let p = period.value;
        let spread = p * (1.0 - p);
        (p > 0.0 && p < 1.0).then(|| PeriodValue { value: (p / (1.0 - p)).ln(), se: period.se / spread, ..*period })
    };
    mean_trend(&periods.iter().map(logit).collect::<Option<Vec<_>>>()?)
}

/// Trend of means on their own scale: θ = the mean, v = se².
///
/// `None` for fewer than 3 periods, a year that is there twice, a number that is not finite, a standard error that is not above
/// 0, and no degrees of freedom. The order of the periods does not matter.
#[must_use]
pub fn mean_trend(periods: &[PeriodValue]) -> Option<Trend> {
    let mut periods = periods.to_vec();
    periods.sort_by(|a, b| a.year.total_cmp(&b.year));
    let count = u32::try_from(periods.len()).ok().filter(|count| *count >= 3)?;
    let apart = periods.windows(2).all(|pair| pair[0].year < pair[1].year);
    if !apart || !periods.iter().all(is_usable) {
        return None;
    }
    let sum = |term: &dyn Fn(&PeriodValue) -> f64| periods.iter().map(term).sum::<f64>();
    let weight = |period: &PeriodValue| 1.0 / (period.se * period.se);
    let total = sum(&weight);
    let (year, value) = (sum(&|p| weight(p) * p.year) / total, sum(&|p| weight(p) * p.value) / total);
    let spread = sum(&|p| weight(p) * (p.year - year).powi(2));
    let slope = sum(&|p| weight(p) * (p.year - year) * (p.value - value)) / spread;
    let se = 1.0 / spread.sqrt();
    // The part of each period in the variance of the slope: a²v/Σ a²v = w(x − x̄)²/Σ w(x − x̄)².
    let df = satterthwaite(periods.iter().map(|p| (weight(p) * (p.year - year).powi(2) / spread, p.df)));
    let departure = sum(&|p| weight(p) * (p.value - value - slope * (p.year - year)).powi(2));
    let p = t_two_sided(slope / se, df)?;
    Some(Trend { slope, se, df, p, p_linear: chi2_upper(departure, f64::from(count - 2))? })
}

/// Change from one period to another: last − first, se = √(se₁² + se₂²), limits ∓ t·se at `confidence` with Satterthwaite's degrees of freedom.
///
/// The two samples are independent. On the scale of the value, for shares too. `None` for a number that is not finite, a standard
/// error that is not above 0, no degrees of freedom and a confidence outside (0, 1).
#[must_use]
pub fn change(first: &PeriodValue, last: &PeriodValue, confidence: f64) -> Option<Change> {
    if !(is_usable(first) && is_usable(last)) {
        return None;
    }
    let difference = last.value - first.value;
    let se = first.se.hypot(last.se);
    let df = satterthwaite([first, last].into_iter().map(|period| ((period.se / se).powi(2), period.df)));
    let half = quantile::t(f64::midpoint(1.0, confidence), df)? * se;
    let proper = confidence > 0.0 && difference.is_finite() && half.is_finite();
    let limits = Limits { lower: difference - half, upper: difference + half };
    proper.then_some(Change { difference, se, df, limits })
}

/// Degrees of freedom of a sum of independent variances: 1/Σ(part²/df), the parts adding up to 1.
fn satterthwaite(parts: impl Iterator<Item = (f64, f64)>) -> f64 {
    1.0 / parts.map(|(part, df)| part * part / df).sum::<f64>()
}

fn is_usable(period: &PeriodValue) -> bool {
    let PeriodValue { year, value, se, df } = *period;
    year.is_finite() && value.is_finite() && se.is_finite() && se > 0.0 && df > 0.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(year: f64, value: f64, se: f64, df: f64) -> PeriodValue {
        PeriodValue { year, value, se, df }
    }

    fn close(found: f64, wanted: f64) {
        assert!((found - wanted).abs() <= 1e-12 * wanted.abs().max(1e-3), "{found} {wanted}");
    }

    /// Means 1, 2, 4 in the years 0, 1, 3 with variances 1, 1, ½, by hand.
    ///
    /// w = 1, 1, 2; x̄ = 7/4; Σ w(x − x̄)² = 49/16 + 9/16 + 50/16 = 108/16 = 27/4. The points lie on 1 + x: slope 1, Q = 0,
    /// se = √(4/27). Parts 49/108, 9/108, 50/108 with df 10, 20, 5: 1/df = (2401/10 + 81/20 + 2500/5)/11664, df = 11664/744.15.
    #[test]
    fn three_means_by_hand() {
        let periods = [period(3.0, 4.0, 0.5_f64.sqrt(), 5.0), period(0.0, 1.0, 1.0, 10.0), period(1.0, 2.0, 1.0, 20.0)];
        let trend = mean_trend(&periods).unwrap();
        close(trend.slope, 1.0);
        close(trend.se, (4.0_f64 / 27.0).sqrt());
        close(trend.df, 11_664.0 / 744.15);
        close(trend.p_linear, 1.0);
    }

    /// Shares with logits −ln 3, 0, ln 3 in three even years and equal variances on that scale, by hand: ¼, ½, ¾ with se 3/16·s, ¼·s, 3/16·s.
    ///
    /// Slope ln 3/2 per year, se = s/√8; the middle period has no part: df = 1/(¼/8 + ¼/8) = 16.
    #[test]
    fn three_shares_by_hand() {
        let periods =
            [period(2016.0, 0.25, 0.01875, 8.0), period(2018.0, 0.5, 0.025, 3.0), period(2020.0, 0.75, 0.01875, 8.0)];
        let trend = share_trend(&periods).unwrap();
        close(trend.slope, 3.0_f64.ln() / 2.0);
        close(trend.se, 0.1 / 8.0_f64.sqrt());
        close(trend.df, 16.0);
        close(trend.p_linear, 1.0);
    }

    /// The same line from the normal equations [Σw Σwx; Σwx Σwx²]·[α; β] = [Σwθ; Σwxθ], solved by Cramer's rule.
    #[test]
    fn the_normal_equations_give_the_same_line() {
        let periods: Vec<PeriodValue> = (0..7_u32)
            .map(|i| period(f64::from(i * i), f64::from(i * 5 % 7), 0.2 + f64::from(i % 3), f64::from(i + 3)))
            .collect();
        let sum = |term: &dyn Fn(&PeriodValue) -> f64| periods.iter().map(|p| term(p) / (p.se * p.se)).sum::<f64>();
        let (w, wx, wxx) = (sum(&|_| 1.0), sum(&|p| p.year), sum(&|p| p.year * p.year));
        let (wy, wxy) = (sum(&|p| p.value), sum(&|p| p.year * p.value));
        let determinant = w * wxx - wx * wx;
        let (intercept, slope) = ((wxx * wy - wx * wxy) / determinant, (w * wxy - wx * wy) / determinant);
        let departure = sum(&|p| (p.value - intercept - slope * p.year).powi(2));
        let trend = mean_trend(&periods).unwrap();
        close(trend.slope, slope);
        close(trend.se, (w / determinant).sqrt());
        close(trend.p_linear, chi2_upper(departure, 5.0).unwrap());
    }

    #[test]
    fn what_has_no_trend() {
        let good = [period(2012.0, 0.2, 0.01, 9.0), period(2016.0, 0.3, 0.01, 9.0), period(2020.0, 0.4, 0.01, 9.0)];
        assert!(share_trend(&good).is_some());
        assert_eq!(share_trend(&good[..2]), None);
        assert_eq!(mean_trend(&[]), None);
        for bad in [
            period(2020.0, 0.4, 0.01, 9.0),
            period(2022.0, 0.0, 0.01, 9.0),
            period(2022.0, 1.0, 0.01, 9.0),
            period(2022.0, f64::NAN, 0.01, 9.0),
            period(2022.0, 0.4, 0.0, 9.0),
            period(2022.0, 0.4, 0.01, 0.0),
            period(f64::NAN, 0.4, 0.01, 9.0),
        ] {
            assert_eq!(share_trend(&[good[0], good[1], good[2], bad]), None, "{bad:?}");
        }
        // Variances too small for a double to hold their inverse.
        assert_eq!(mean_trend(&good.map(|period| PeriodValue { se: 1e-200, ..period })), None);
    }

    /// 0.25 − 0.20 with se 0.03 and 0.04, df 9 and 16: se 0.05, df = 1/(0.36²/9 + 0.64²/16) = 25; R: qt(0.975, 25) = 2.05953855275330.
    #[test]
    fn a_change_by_hand() {
        let (first, last) = (period(2016.0, 0.20, 0.03, 9.0), period(2020.0, 0.25, 0.04, 16.0));
        let found = change(&first, &last, 0.95).unwrap();
        close(found.difference, 0.05);
        close(found.se, 0.05);
        close(found.df, 25.0);
        assert!((found.limits.lower - 0.05 * (1.0 - 2.059_538_552_753_30)).abs() < 1e-11);
        assert!((found.limits.upper - 0.05 * (1.0 + 2.059_538_552_753_30)).abs() < 1e-11);
        assert_eq!(change(&first, &PeriodValue { se: 0.0, ..last }, 0.95), None);
        assert_eq!(change(&first, &PeriodValue { df: 0.0, ..last }, 0.95), None);
        assert_eq!(change(&first, &last, 1.0), None);
        assert_eq!(change(&first, &last, -0.5), None);
    }
}
