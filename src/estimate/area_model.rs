//! Direct figures of areas and public facts → modelled figures, after Fay and Herriot.

use super::model::{Modelled, ModelledShare};
use crate::stats::fay_herriot::{Direct, Estimated, FayHerriot, arcsine, back_to_share, fay_herriot};
use crate::stats::model::NotPositive;
use crate::stats::{Limits, quantile};
use crate::tally::CellSums;

/// What the figures are, and on which scale they are modelled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AreaScale {
    /// Shares, on the scale asin √p.
    Share,
    /// Means as they are, of a score between two values.
    Mean(f64, f64),
}

/// A direct figure. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaDirect {
    /// On the scale of the model.
    pub direct: Direct,
    /// The same with one answer at its highest and at its lowest; `None` where the figure is public already.
    pub moved: Option<[f64; 2]>,
    /// Valid answers; 0 where they are not known.
    pub n: u64,
}

/// What a model of areas gives.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaOutcome {
    /// Per area.
    pub areas: Vec<Modelled>,
    /// Degrees of freedom of the limits: direct figures less coefficients.
    pub degrees: u64,
    /// Numbers for the card.
    pub card: AreaNumbers,
}

/// Numbers for the card of a model of areas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AreaNumbers {
    /// Areas, and how many of them have a direct figure that is used.
    pub areas: (usize, usize),
    /// Standard deviation of what the facts leave unexplained, on the scale of the model.
    pub sd: f64,
    /// Whether restricted likelihood put it at 0 and the adjusted likelihood was taken.
    pub adjusted: bool,
    /// Part of the variance between areas that the facts explain: 1 − A with / A without facts; `None` without facts, and where A is
    /// adjusted.
    pub explained: Option<f64>,
    /// Mean own share over areas with a direct figure.
    pub own_share: f64,
    /// Mean of z of areas that are left out one by one.
    pub mean_z: f64,
    /// Mean of z².
    pub mean_square_z: f64,
}

/// Fits a model of areas. `facts` holds the standardised facts of every area, without an intercept; `population` the inhabitants.
///
/// Limits take the quantile of t with as many degrees of freedom as there are direct figures beyond coefficients.
///
/// # Errors
/// [`NotPositive`] where columns say the same or there are too few direct figures.
pub fn area_model(
    direct: &[Option<AreaDirect>],
    facts: &[f64],
    population: &[f64],
    scale: AreaScale,
    confidence: f64,
) -> Result<AreaOutcome, NotPositive> {
    let columns = facts.len().checked_div(direct.len()).unwrap_or(0);
    let known: Vec<Option<Direct>> = direct.iter().map(|own| own.map(|own| own.direct)).collect();
    let mut with_constant = Vec::with_capacity(facts.len() + direct.len());
    for area in 0..direct.len() {
        with_constant.push(1.0);
        with_constant.extend(&facts[area * columns..(area + 1) * columns]);
    }
    let fitted = fay_herriot(&known, &with_constant)?;
    let used = known.iter().flatten().count();
    let degrees = used.saturating_sub(columns + 1) as u64;
    let quantile = quantile::t(f64::midpoint(1.0, confidence), degrees as f64).ok_or(NotPositive)?;
    let explained = match columns {
        0 => None,
        _ => {
            let bare = fay_herriot(&known, &vec![1.0; direct.len()])?;
            (!bare.adjusted && !fitted.adjusted).then(|| 1.0 - fitted.variance / bare.variance)
        }
    };
    let areas = direct.iter().zip(&fitted.areas).zip(population).map(|((own, estimated), population)| Modelled {
        share: back(estimated, scale, quantile),
        benchmarked: None,
        own_share: Some(estimated.own_share),
        influence: own.map_or(0.0, |own| influence(&own, estimated, scale)),
        n: own.map_or(0, |own| own.n),
        population: *population,
    });
    Ok(AreaOutcome { areas: areas.collect(), degrees, card: numbers(&fitted, used, explained) })
}

fn numbers(fitted: &FayHerriot, used: usize, explained: Option<f64>) -> AreaNumbers {
    let mean = |of: &dyn Fn(f64) -> f64| {
        let known: Vec<f64> = fitted.areas.iter().filter_map(|own| own.left_out).collect();
        known.iter().map(|z| of(*z)).sum::<f64>() / known.len().max(1) as f64
    };
    let own_shares = fitted.areas.iter().map(|own| own.own_share).sum::<f64>();
    AreaNumbers {
        areas: (fitted.areas.len(), used),
        sd: fitted.variance.sqrt(),
        adjusted: fitted.adjusted,
        explained: explained.map(|own| own.max(0.0)),
        own_share: own_shares / used.max(1) as f64,
        mean_z: mean(&|z| z),
        mean_square_z: mean(&|z| z * z),
    }
}

/// An estimate on the scale of the figure.
fn back(estimated: &Estimated, scale: AreaScale, quantile: f64) -> ModelledShare {
    match scale {
        AreaScale::Share => {
            let own = back_to_share(estimated, quantile);
            let Limits { lower, upper } = own.limits;
            ModelledShare { value: own.value, se: own.se, lower, upper }
        }
        AreaScale::Mean(low, high) => {
            let (value, se) = (estimated.value.clamp(low, high), estimated.mse.sqrt());
            let bound = |at: f64| at.clamp(low, high);
            ModelledShare {
                value,
                se,
                lower: bound(estimated.value - quantile * se),
                upper: bound(estimated.value + quantile * se),
            }
        }
    }
}

/// How far one answer moves the figure of its area, as a part of the range of the figure: coefficients and variance as they are, the direct figure with the answer at either end.
fn influence(own: &AreaDirect, estimated: &Estimated, scale: AreaScale) -> f64 {
    let Some(moved) = own.moved else { return 0.0 };
    let value = |direct: f64| {
        let at = Estimated { value: estimated.value + estimated.own_share * (direct - own.direct.value), ..*estimated };
        back(&at, scale, 0.0).value
    };
    let range = match scale {
        AreaScale::Share => 1.0,
        AreaScale::Mean(low, high) => high - low,
    };
    let here = value(own.direct.value);
    moved.iter().map(|to| (value(*to) - here).abs()).fold(0.0, f64::max) / range
}

/// The direct figures of areas from their sums. An area without sums, or whose answers are not to be used, has none.
///
/// A share has the variance 1/(4 n) on its scale with Kish's n within the area. Of a mean the answers within areas are taken to vary alike everywhere: σ² = Σ SS / Σ (Σw − Σw²/Σw) over the
/// areas that are used, with SS the weighted squares around the mean of each, and the variance σ² Σw²/(Σw)². The variance of one area by itself is 0 where all of few answers are the
/// same, and too unsure elsewhere. Source: smoothed sampling variances, Rao and Molina (2015), section 6.4.1; n after Kish (1965).
#[must_use]
pub fn direct_of_sums(sums: &[Option<CellSums>], scale: AreaScale) -> Vec<Option<AreaDirect>> {
    let pooled = {
        let (mut squares, mut weight) = (0.0, 0.0);
        for own in sums.iter().flatten().filter(|own| own.weight() > 0.0) {
            squares += own.weighted_spread(own.weight_y() / own.weight());
            weight += own.weight() - own.square() / own.weight();
        }
        squares / weight
    };
    let of = |own: &CellSums| {
        let weight = own.weight();
        if weight <= 0.0 {
            return None;
        }
        let (value, step, n_effective) = (own.weight_y() / weight, own.top[0] / weight, weight * weight / own.square());
        let n = own.n - own.weightless;
        match scale {
            AreaScale::Share => {
                let at = |share: f64| share.clamp(0.0, 1.0).sqrt().asin();
                let moved = Some([at(value - step), at(value + step)]);
                Some(AreaDirect { direct: arcsine(value.clamp(0.0, 1.0), n_effective)?, moved, n })
            }
            AreaScale::Mean(low, high) => {
                let variance = pooled / n_effective;
                let reach = step * (high - low);
                let moved = Some([(value - reach).max(low), (value + reach).min(high)]);
                (variance > 0.0).then_some(AreaDirect { direct: Direct { value, variance }, moved, n })
            }
        }
    };
    sums.iter().map(|own| own.as_ref().and_then(of)).collect()
}

/// A direct figure as it was published, with what says how exact it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Exactness {
    /// Its limits and their confidence.
    Limits(Limits, f64),
    /// An effective number of answers, of a share.
    EffectiveN(f64),
    /// A standard error.
    StandardError(f64),
}

/// The direct figure of a published one; `None` where it is outside its range or its error is not above 0.
///
/// Limits are brought to the scale of the model first: half their distance over the quantile of the normal distribution is the standard error there. A standard error s of a share p has the
/// variance s²/(4 p (1 − p)) on the scale asin √p, by its slope.
#[must_use]
pub fn published_direct(value: f64, exactness: Exactness, scale: AreaScale) -> Option<AreaDirect> {
    let (low, high) = match scale {
        AreaScale::Share => (0.0, 1.0),
        AreaScale::Mean(low, high) => (low, high),
    };
    if !(low..=high).contains(&value) {
        return None;
    }
    let on = |at: f64| match scale {
        AreaScale::Share => at.clamp(0.0, 1.0).sqrt().asin(),
        AreaScale::Mean(..) => at,
    };
    let variance = match (exactness, scale) {
        (Exactness::Limits(limits, confidence), _) => {
            let quantile = quantile::t(f64::midpoint(1.0, confidence), f64::INFINITY)?;
            ((on(limits.upper) - on(limits.lower)) / (2.0 * quantile)).powi(2)
        }
        (Exactness::EffectiveN(n), AreaScale::Share) => 1.0 / (4.0 * n),
        (Exactness::EffectiveN(_), AreaScale::Mean(..)) => return None,
        (Exactness::StandardError(se), AreaScale::Share) => se * se / (4.0 * value * (1.0 - value)),
        (Exactness::StandardError(se), AreaScale::Mean(..)) => se * se,
    };
    let known = variance.is_finite() && variance > 0.0;
    known.then(|| AreaDirect { direct: Direct { value: on(value), variance }, moved: None, n: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(own: f64, expected: f64) {
        assert!((own - expected).abs() < 1e-12, "{own} {expected}");
    }

    #[test]
    fn published_figures_are_as_exact_as_they_say() {
        // asin √0.25 = π/6. n = 100: variance 1/400; a standard error of √(0.25 · 0.75/100) is the same; so are limits at π/6 ∓ 1.96/20.
        let n = published_direct(0.25, Exactness::EffectiveN(100.0), AreaScale::Share).unwrap().direct;
        near(n.value, std::f64::consts::FRAC_PI_6);
        near(n.variance, 0.0025);
        let se = (0.25_f64 * 0.75 / 100.0).sqrt();
        near(published_direct(0.25, Exactness::StandardError(se), AreaScale::Share).unwrap().direct.variance, 0.0025);
        let z = quantile::t(0.975, f64::INFINITY).unwrap();
        let bound = |at: f64| (std::f64::consts::FRAC_PI_6 + at / 20.0).sin().powi(2);
        let limits = Limits { lower: bound(-z), upper: bound(z) };
        near(
            published_direct(0.25, Exactness::Limits(limits, 0.95), AreaScale::Share).unwrap().direct.variance,
            0.0025,
        );
        // A mean: limits 5 ∓ 1.96 · 0.1.
        let limits = Limits { lower: 5.0 - 0.1 * z, upper: 5.0 + 0.1 * z };
        let mean = AreaScale::Mean(1.0, 10.0);
        near(published_direct(5.0, Exactness::Limits(limits, 0.95), mean).unwrap().direct.variance, 0.01);
        near(published_direct(5.0, Exactness::StandardError(0.1), mean).unwrap().direct.variance, 0.01);
        // What says nothing is not used.
        let point = Limits { lower: 0.0, upper: 0.0 };
        assert_eq!(published_direct(0.0, Exactness::Limits(point, 0.95), AreaScale::Share), None);
        assert_eq!(published_direct(0.0, Exactness::StandardError(0.01), AreaScale::Share), None);
        assert_eq!(published_direct(1.2, Exactness::EffectiveN(10.0), AreaScale::Share), None);
        assert_eq!(published_direct(5.0, Exactness::EffectiveN(10.0), mean), None);
    }

    #[test]
    fn one_answer_moves_a_mean_by_own_share_and_weight() {
        // Equal variances 1, values 0, 2, 4, 6 on a score of 0 to 10: γ = 17/20 (see stats::fay_herriot). An answer with a tenth of the weight moves the direct mean by 1 at most.
        let direct: Vec<_> = [0.0, 2.0, 4.0, 6.0]
            .map(|value: f64| {
                let moved = Some([(value - 1.0).max(0.0), value + 1.0]);
                Some(AreaDirect { direct: Direct { value, variance: 1.0 }, moved, n: 10 })
            })
            .into();
        let found = area_model(&direct, &[], &[100.0; 4], AreaScale::Mean(0.0, 10.0), 0.95).unwrap();
        near(found.areas[1].influence, 0.085);
        near(found.areas[0].influence, 0.085);
        near(found.areas[1].share.value, 0.85 * 2.0 + 0.15 * 3.0);
        assert_eq!((found.degrees, found.card.areas, found.card.explained), (3, (4, 4), None));
        // t(0.975, 3) = 3.182446305284; the limits stay within the score.
        let own = found.areas[1].share;
        near(own.upper - own.value, 3.182_446_305_284_263 * own.se);
        assert!(found.areas[0].share.lower >= 0.0);
    }

    #[test]
    fn the_influence_of_an_answer_on_a_share_is_felt_on_the_scale_of_shares() {
        let direct: Vec<_> = [0.0, 0.2, 0.4, 0.5]
            .map(|share: f64| {
                let moved = Some([(share - 0.1_f64).max(0.0).sqrt().asin(), (share + 0.1_f64).sqrt().asin()]);
                Some(AreaDirect { direct: arcsine(share, 10.0).unwrap(), moved, n: 10 })
            })
            .into();
        let found = area_model(&direct, &[], &[100.0; 4], AreaScale::Share, 0.95).unwrap();
        for own in &found.areas {
            assert!(own.influence > 0.0 && own.influence <= 0.1 * 1.5, "{}", own.influence);
        }
    }
}
