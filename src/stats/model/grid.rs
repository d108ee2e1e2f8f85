//! Integration over the variances.

use super::fit::{Fit, FitFault, settle};
use super::problem::{Precision, Problem, State};

/// Rate of the prior on a standard deviation σ: density proportional to σ e^(−σ). It vanishes at 0, so that no effect is never certain. Below its mode of 1 it is the flat prior on σ²,
/// with which the posterior variance of an area is right to the second order in the area-level model with equal sampling variances (Datta, Rao and Smith, *Biometrika* 92 (2005)); above it, it falls, because
/// wijken that differ by more than e² in odds for no known reason are not seen. Gamma priors of shape 2: Chung et al., *Psychometrika* 78 (2013).
pub const PRIOR_RATE: f64 = 1.0;

/// Parts of the variance that are spatial.
const SPATIAL_PARTS: [f64; 3] = [0.1, 0.5, 0.9];
/// Limits of a standard deviation.
const SDS: (f64, f64) = (0.01, 2.0);
/// Step of the wijk effect's standard deviation in its logarithm.
const AREA_STEP: f64 = 0.25;
/// Step of the standard deviation of the covariates' coefficients.
const FACT_STEP: f64 = 0.5;
/// Where it is evaluated at every point of the wijk effect, in its own standard deviations.
const FACT_NODES: [f64; 3] = [-1.2, 0.0, 1.2];
/// Points lighter than this part of the heaviest are not followed further.
const LIGHT: f64 = 2e-3;
/// What a last Newton step at a point may still promise.
const GAIN: f64 = 1e-4;

/// A set of variances with its weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Posterior weight; the weights add to 1.
    pub weight: f64,
    /// 1 / variances.
    pub precision: Precision,
    /// The mode at them.
    pub state: State,
}

/// How the variances are dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variances {
    /// Estimates plugged in.
    PlugIn,
    /// Standard deviation and spatial part of the wijk effect integrated, others plugged in.
    Area,
    /// The standard deviation of the covariates' coefficients too.
    AreaAndFacts,
}

/// The sets of variances that the posterior is made of.
///
/// Weight = e^(Laplace's log evidence) × prior × step of the grid, the prior of each standard deviation σ e^(−σ), and the spatial parts alike. Every point starts its Newton steps
/// at the mode of a neighbour. Other variances stay at their estimates.
///
/// # Errors
/// [`FitFault`].
pub fn points(problem: &Problem, fit: &Fit, variances: Variances) -> Result<Vec<Point>, FitFault> {
    if variances == Variances::PlugIn {
        return Ok(vec![Point { weight: 1.0, precision: fit.precision.clone(), state: fit.state.clone() }]);
    }
    let parts: &[f64] = if problem.spatial.is_some() { &SPATIAL_PARTS } else { &[0.0] };
    let both = variances == Variances::AreaAndFacts && problem.facts > 0;
    let spatial = fit.precision.spatial.map_or(0.0, |own| 1.0 / own);
    let estimate = (1.0 / fit.precision.iid + spatial).sqrt().clamp(0.05, 1.0);
    // With the covariates' variance integrated too, the plane of the wijk effect is laid through its estimate, held away from 0.
    let facts = 1.0 / fit.precision.covariates.sqrt();
    let middle = if both { facts.clamp(0.05, 0.5) } else { facts };
    let mut walk = Walk { problem, found: Vec::new(), top: f64::NEG_INFINITY };
    for part in parts {
        let at = |sd: f64| Precision {
            iid: 1.0 / ((1.0 - part) * sd * sd),
            spatial: (*part > 0.0).then(|| 1.0 / (part * sd * sd)),
            covariates: 1.0 / (middle * middle),
            ..fit.precision.clone()
        };
        walk.along(estimate, AREA_STEP, &fit.state, 0.0, &at)?;
    }
    if both {
        // Where the covariates' variance lies, at the heaviest point; then its mean and one step of 1.2 standard deviations to either side at every point.
        let plane = std::mem::take(&mut walk.found);
        let top = walk.top;
        let Some(heaviest) = plane.iter().max_by(|a, b| a.0.total_cmp(&b.0)) else { return Ok(Vec::new()) };
        let of_facts = |point: &Point, sd: f64| Precision { covariates: 1.0 / (sd * sd), ..point.precision.clone() };
        walk.top = f64::NEG_INFINITY;
        walk.along(middle, FACT_STEP, &heaviest.1.state, 0.0, &|sd| of_facts(&heaviest.1, sd))?;
        let (mean, spread) = log_facts(&walk);
        let nodes = FACT_NODES.map(|node| (mean + node * spread).exp());
        walk.found.clear();
        walk.top = f64::NEG_INFINITY;
        for (_, point) in plane.iter().filter(|(log, _)| log - top > LIGHT.ln()) {
            let mut state = point.state.clone();
            for sd in nodes {
                let logs = log_prior(area_sd(&point.precision)) + log_prior(sd);
                walk.at(of_facts(point, sd), &mut state, logs)?;
            }
        }
    }
    let Walk { found, top, .. } = walk;
    let kept: Vec<(f64, Point)> = found.into_iter().filter(|(log, _)| log - top > LIGHT.ln()).collect();
    let total: f64 = kept.iter().map(|(log, _)| (log - top).exp()).sum();
    Ok(kept.into_iter().map(|(log, point)| Point { weight: (log - top).exp() / total, ..point }).collect())
}

/// Points found so far, with the logarithms of their weights.
struct Walk<'p> {
    problem: &'p Problem,
    found: Vec<(f64, Point)>,
    top: f64,
}

impl Walk<'_> {
    /// From `start` down and up in even steps of the logarithm, each way until the weight has become light.
    fn along(
        &mut self,
        start: f64,
        step: f64,
        state: &State,
        logs: f64,
        at: &dyn Fn(f64) -> Precision,
    ) -> Result<(), FitFault> {
        let mut first = None;
        for direction in [-1.0, 1.0] {
            let mut state = first.clone().unwrap_or_else(|| state.clone());
            for count in u32::from(first.is_some()).. {
                let sd = start * (direction * step * f64::from(count)).exp();
                if !(SDS.0..=SDS.1).contains(&sd) {
                    break;
                }
                let log = self.at(at(sd), &mut state, logs + log_prior(sd))?;
                if first.is_none() {
                    first = Some(state.clone());
                }
                if log - self.top < LIGHT.ln() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// One point; the logarithm of its weight.
    fn at(&mut self, precision: Precision, state: &mut State, logs: f64) -> Result<f64, FitFault> {
        let (_, evidence) = settle(self.problem, &precision, state, GAIN)?;
        let log = evidence + logs;
        self.top = self.top.max(log);
        self.found.push((log, Point { weight: 0.0, precision, state: state.clone() }));
        Ok(log)
    }
}

/// Mean and standard deviation of the logarithm of the covariates' standard deviation over the points.
fn log_facts(walk: &Walk<'_>) -> (f64, f64) {
    let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
    for (log, point) in &walk.found {
        let (weight, value) = ((log - walk.top).exp(), -point.precision.covariates.ln() / 2.0);
        mass += weight;
        first += weight * value;
        second += weight * value * value;
    }
    let mean = first / mass;
    (mean, (second / mass - mean * mean).max(0.0).sqrt().max(0.05))
}

/// Standard deviation of the wijk effect.
fn area_sd(precision: &Precision) -> f64 {
    (1.0 / precision.iid + precision.spatial.map_or(0.0, |own| 1.0 / own)).sqrt()
}

/// Log of the prior density of a standard deviation and of the step of a grid in its logarithm, which is in proportion to it.
fn log_prior(sd: f64) -> f64 {
    2.0 * sd.ln() - PRIOR_RATE * sd
}
