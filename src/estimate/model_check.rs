//! Checks of a model on the data themselves.

use super::model::{ModelPlan, Modelled};
use super::model_answers::{AreaAnswers, DirectShare};
use crate::stats::model::expit;
use crate::stats::model::factor::Factor;
use crate::stats::model::fit::{Fit, fit_from};
use crate::stats::model::grid::Point;
use crate::stats::model::poststratify::centre;
use crate::stats::model::problem::{Cell, Problem};

/// Parts of the cross-validation.
const FOLDS: usize = 5;

/// What the checks gave.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Checks {
    /// Areas with enough answers to be left out.
    pub left_out: usize,
    /// Mean of z over them: about 0 where the model is right.
    pub mean_z: f64,
    /// Mean of z²: about 1.
    pub mean_square_z: f64,
    /// Sums with a weighted share of their own, and those of them whose 95 % interval holds the modelled share.
    pub sums: (usize, usize),
    /// Sums among them whose weighted share has no error by the design, so that Kish's stands in for it.
    pub without_design: usize,
    /// Gain in log score per answer over the share of the region, in nats, in answers that the fit did not see; `None` where a fold had no fit.
    pub log_score_gain: Option<f64>,
    /// Slope of observed over predicted in tenths of the predictions: about 1.
    pub calibration: Option<f64>,
}

/// Checks a fit.
pub(super) fn check(
    (problem, fitted): (&Problem, &Fit),
    points: &[Point],
    (cells, answers): (&[Cell], &[AreaAnswers]),
    (sums, direct): (&[Option<Modelled>], &[Option<DirectShare>]),
    plan: &ModelPlan,
) -> Checks {
    let mut checks = Checks::default();
    left_out(problem, points, answers, plan, &mut checks);
    for (at, modelled) in sums.iter().enumerate() {
        if let (Some(weighted), Some(modelled)) = (direct.get(at).copied().flatten(), modelled) {
            checks.sums.0 += 1;
            checks.sums.1 += usize::from(agrees(modelled, &weighted));
            checks.without_design += usize::from(!weighted.by_design);
        }
    }
    if let Some((gain, calibration)) = cross_validate(problem, fitted, cells) {
        checks.log_score_gain = Some(gain);
        checks.calibration = Some(calibration);
    }
    checks
}

/// Whether the 95 % interval of a weighted share, widened by the variance of the modelled one, holds the modelled share: |p − m| ≤ 1.96 √(V(p) + V(m)).
///
/// V(p) is the variance of the design (strata, finite population), linearised, as the direct figure of the same region, parameter, weight set and total has it. That figure is of all
/// respondents of the region, also of those whose area is unknown and whom the model cannot use: both speak of the same people. Where the release has no figures of the level, the share is that of
/// the answers of the areas and V(p) rests on Kish's number. The two rest in part on the same answers, so that V(p) + V(m) is rather too large than too small.
fn agrees(modelled: &Modelled, weighted: &DirectShare) -> bool {
    let reach = 1.96 * (weighted.variance + modelled.share.se.powi(2)).sqrt();
    (weighted.value - modelled.share.value).abs() <= reach
}

/// z of every area with enough answers: its answers yes less what the others predict for it, over the standard deviation of both.
///
/// Leaving an area out of a normal law needs no second fit. With D = Σ n p (1 − p), r = Σ y − n p at the mode and V the variance of the area's linear predictor, what the others leave is variance C = V/(1 − DV) around a
/// mean that is C r lower; the prediction error is r (1 + DC) with variance D (1 + DC), so that z = r √((1 + DC)/D). Taken at the heaviest set of variances.
fn left_out(problem: &Problem, points: &[Point], answers: &[AreaAnswers], plan: &ModelPlan, checks: &mut Checks) {
    let Some(point) = points.iter().max_by(|a, b| a.weight.total_cmp(&b.weight)) else { return };
    let at = problem.derivatives(&point.state);
    let Ok(factor) = Factor::new(problem, &point.precision, &at) else { return };
    let (_, spreads) = centre(problem, &factor, &factor.selected(), &at, &point.state);
    let (mut sum, mut squares) = (0.0, 0.0);
    for (own, place) in answers.iter().zip(&problem.place) {
        let place = *place as usize;
        let weight = at.weight[place];
        if own.count() < plan.checked_answers || weight <= 0.0 {
            continue;
        }
        let known = (weight * spreads[place].variance).min(1.0 - 1e-9);
        let z = at.rest[place] / (weight * (1.0 - known)).sqrt();
        checks.left_out += 1;
        sum += z;
        squares += z * z;
    }
    let n = checks.left_out.max(1) as f64;
    checks.mean_z = sum / n;
    checks.mean_square_z = squares / n;
}

/// Answers dealt over the folds one by one, so that every area and row is in all of them.
fn deal(cells: &[Cell]) -> Vec<Vec<Cell>> {
    let mut folds = vec![Vec::new(); FOLDS];
    let mut next = 0;
    for cell in cells {
        let mut own = [(0.0, 0.0); FOLDS];
        for answer in 0..cell.n.round() as u64 {
            let yes = f64::from(u8::from((answer as f64) < cell.yes));
            own[next % FOLDS].0 += 1.0;
            own[next % FOLDS].1 += yes;
            next += 1;
        }
        for (fold, (n, yes)) in folds.iter_mut().zip(own).filter(|(_, (n, _))| *n > 0.0) {
            fold.push(Cell { n, yes, ..*cell });
        }
    }
    folds
}

/// Mean gain in log score over the share of the region, and the slope of observed over predicted shares in tenths of the predictions; `None` where a fold has no fit.
/// Every fold is fitted until it has settled, from where all answers together have come to rest.
fn cross_validate(problem: &Problem, whole: &Fit, cells: &[Cell]) -> Option<(f64, f64)> {
    let folds = deal(cells);
    let mut predicted: Vec<(f64, f64, f64)> = Vec::new();
    let (mut gain, mut count) = (0.0, 0.0);
    for (at, test) in folds.iter().enumerate() {
        let train: Vec<Cell> =
            folds.iter().enumerate().filter(|(other, _)| *other != at).flat_map(|(_, own)| own.clone()).collect();
        let mut own = problem.clone();
        own.replace_cells(&train);
        let fitted = fit_from(&own, whole.precision.clone(), whole.state.clone()).ok()?;
        let (rows, areas) = own.predictors(&fitted.state);
        let (n, yes) = train.iter().fold((0.0, 0.0), |(n, yes), cell| (n + cell.n, yes + cell.yes));
        let base = yes / n;
        for cell in test {
            let p = expit(rows[cell.row as usize] + areas[own.place[cell.area as usize] as usize]);
            let score = |p: f64| cell.yes * p.ln() + (cell.n - cell.yes) * (1.0 - p).ln();
            gain += score(p) - score(base);
            count += cell.n;
            predicted.push((p, cell.n, cell.yes));
        }
    }
    predicted.sort_by(|a, b| a.0.total_cmp(&b.0));
    Some((gain / count, slope_of_tenths(&predicted, count)))
}

/// Weighted slope of observed over predicted shares, in tenths of the answers by their prediction.
fn slope_of_tenths(predicted: &[(f64, f64, f64)], count: f64) -> f64 {
    let mut tenths = [(0.0, 0.0, 0.0); 10];
    let mut before = 0.0;
    for (p, n, yes) in predicted {
        let own = &mut tenths[((10.0 * before / count) as usize).min(9)];
        *own = (own.0 + n, own.1 + n * p, own.2 + yes);
        before += n;
    }
    let total = tenths.iter().fold((0.0, 0.0), |sum, own| (sum.0 + own.1, sum.1 + own.2));
    let (mean_p, mean_y) = (total.0 / count, total.1 / count);
    let (mut both, mut square) = (0.0, 0.0);
    for (n, p, yes) in tenths.iter().filter(|own| own.0 > 0.0) {
        let (dp, dy) = (p / n - mean_p, yes / n - mean_y);
        both += n * dp * dy;
        square += n * dp * dp;
    }
    both / square
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::model::ModelledShare;

    #[test]
    fn every_answer_is_dealt_once() {
        let cells = [Cell { area: 0, row: 0, n: 7.0, yes: 3.0 }, Cell { area: 1, row: 2, n: 1.0, yes: 1.0 }];
        let folds = deal(&cells);
        let sum = |of: fn(&Cell) -> f64| folds.iter().flatten().map(of).sum::<f64>();
        assert_eq!((sum(|cell| cell.n), sum(|cell| cell.yes)), (8.0, 4.0));
        // Seven answers over five folds: two in the first two, then one; the eighth goes to the third.
        let sizes: Vec<f64> = folds.iter().map(|fold| fold.iter().map(|cell| cell.n).sum()).collect();
        assert_eq!(sizes, [2.0, 2.0, 2.0, 1.0, 1.0]);
    }

    #[test]
    fn a_sum_agrees_as_far_as_both_errors_reach() {
        let share = ModelledShare { value: 0.30, se: 0.02, lower: 0.26, upper: 0.34 };
        let modelled = Modelled { share, benchmarked: None, own_share: None, influence: 0.0, n: 0, population: 1e4 };
        let beside = |se: f64| agrees(&modelled, &DirectShare::new(0.36, se * se, true).unwrap());
        // Apart 0.06; 1.96 √(0.02² + 0.02²) = 0.0554, 1.96 √(0.03² + 0.02²) = 0.0707, 1.96 × 0.02 = 0.0392.
        assert_eq!([beside(0.02), beside(0.03), beside(0.0)], [false, true, false]);
        // A share of nobody or of everybody has no error that can be relied on.
        assert_eq!(
            [DirectShare::new(0.0, 0.0, true), DirectShare::new(1.0, 0.0, true), DirectShare::new(f64::NAN, 0.1, true)],
            [None; 3]
        );
    }

    #[test]
    fn predictions_that_come_true_have_a_slope_of_one() {
        let right: Vec<(f64, f64, f64)> =
            (1..=10).map(|at| f64::from(at) / 20.0).map(|p| (p, 100.0, 100.0 * p)).collect();
        assert!((slope_of_tenths(&right, 1000.0) - 1.0).abs() < 1e-12);
        // Observed shares half as far from their mean as predicted.
        let half: Vec<_> = right.iter().map(|(p, n, _)| (*p, *n, n * (0.275 + (p - 0.275) / 2.0))).collect();
        assert!((slope_of_tenths(&half, 1000.0) - 0.5).abs() < 1e-12);
    }
}
