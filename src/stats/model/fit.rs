//! The mode and the variances.

use super::NotPositive;
use super::factor::{Factor, Selected};
use super::problem::{Derivatives, FIXED, Precision, Problem, State};

/// Largest precision: an effect of standard deviation 0.0003 is none.
const LARGEST: f64 = 1e7;
/// Steps of the variances.
const STEPS: usize = 800;
/// Newton steps at fixed variances.
const NEWTON: usize = 60;

/// Why there is no fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FitFault {
    /// Columns say the same, or numbers are not finite.
    #[error(transparent)]
    NotPositive(#[from] NotPositive),
    /// The steps did not settle.
    #[error("the steps did not settle")]
    NotSettled,
    /// Nobody answered, or everybody the same.
    #[error("no answers on one of both sides")]
    OneSided,
}

/// A fit with its variances plugged in.
#[derive(Clone, Debug)]
pub struct Fit {
    /// 1 / variances.
    pub precision: Precision,
    /// The mode.
    pub state: State,
    /// The system at the mode.
    pub factor: Factor,
    /// Laplace's approximation of the log marginal likelihood, without its constant.
    pub evidence: f64,
    /// Steps of the variances.
    pub steps: usize,
    /// Effective number of coefficients: of each block, covariates, independent, spatial.
    pub degrees: Vec<f64>,
}

/// Fits coefficients, effects and variances.
///
/// Each step is one Newton step of the penalised log-likelihood and one generalised Fellner-Schall update λ ← (rank − λ tr(V S)) / θ'Sθ of each precision, as the performance
/// iteration of Wood, Goude and Shaw (2015) does with other updates. A step of log λ whose sign repeats is lengthened by 1.6, up to 8 times. Source: Wood and
/// Fasiolo, *Biometrics* 73 (2017).
///
/// # Errors
/// [`FitFault`].
pub fn fit(problem: &Problem) -> Result<Fit, FitFault> {
    fit_from(problem, problem.start(), problem.null())
}

/// [`fit`] that starts from variances and effects of a problem much like this one.
///
/// # Errors
/// [`FitFault`].
pub fn fit_from(problem: &Problem, mut precision: Precision, mut state: State) -> Result<Fit, FitFault> {
    let (n, yes) = problem.cells.iter().fold((0.0, 0.0), |(n, yes), cell| (n + cell.n, yes + cell.yes));
    if yes <= 0.0 || yes >= n {
        return Err(FitFault::OneSided);
    }
    let mut strides: Vec<(f64, f64)> = vec![(1.0, 0.0); precision.blocks.len() + 3];
    for step in 0..STEPS {
        let at = problem.derivatives(&state);
        let factor = Factor::new(problem, &precision, &at)?;
        let gain = newton_step(problem, &precision, &factor, &at, &mut state);
        let parts = parts(problem, &precision, &factor, &factor.selected(), &state);
        let mut largest: f64 = 0.0;
        let mut degrees = Vec::with_capacity(parts.len());
        for ((part, stride), own) in parts.iter().zip(&mut strides).zip(precision.each_mut()) {
            let Some(own) = own.filter(|_| part.rank > 0.0) else {
                degrees.push(0.0);
                continue;
            };
            let edf = (part.rank - *own * part.trace).max(0.0);
            degrees.push(edf);
            let target = (edf / part.square.max(f64::MIN_POSITIVE)).clamp(1e-7, LARGEST);
            let change = (target / *own).ln();
            largest = largest.max(change.abs() * edf);
            stride.0 = if change * stride.1 > 0.0 { (stride.0 * 1.6).min(8.0) } else { 1.0 };
            stride.1 = change;
            *own = (*own * (change * stride.0).clamp(-6.0, 6.0).exp()).clamp(1e-7, LARGEST);
        }
        if largest < 1e-3 && gain < 1e-6 && step > 3 {
            let (factor, evidence) = settle(problem, &precision, &mut state, 1e-9)?;
            return Ok(Fit { precision, state, factor, evidence, steps: step + 1, degrees });
        }
    }
    Err(FitFault::NotSettled)
}

/// Newton steps at fixed variances until a step promises less than `gain` of log-likelihood; the factored system of that last step and Laplace's evidence.
///
/// # Errors
/// [`FitFault`].
pub fn settle(
    problem: &Problem,
    precision: &Precision,
    state: &mut State,
    gain: f64,
) -> Result<(Factor, f64), FitFault> {
    for _ in 0..NEWTON {
        let at = problem.derivatives(state);
        let factor = Factor::new(problem, precision, &at)?;
        if newton_step(problem, precision, &factor, &at, state) < gain {
            let evidence = evidence(problem, precision, &factor, state);
            return Ok((factor, evidence));
        }
    }
    Err(FitFault::NotSettled)
}

/// One Newton step, halved until the penalised log-likelihood grows; g'H⁻¹g, twice the gain that the step promises.
fn newton_step(problem: &Problem, precision: &Precision, factor: &Factor, at: &Derivatives, state: &mut State) -> f64 {
    let gradient = gradient(problem, precision, at, state);
    let mut step = gradient.clone();
    factor.solve(&mut step);
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let gain = dot(&gradient.beta, &step.beta) + dot(&gradient.iid, &step.iid) + dot(&gradient.spatial, &step.spatial);
    if gain < 1e-6 {
        // So near the mode the full step is right, and the difference of two log-likelihoods is noise.
        *state = moved(state, &step, 1.0);
        return gain;
    }
    let before = problem.log_likelihood(state) - problem.penalty(precision, state);
    let mut length = 1.0;
    for _ in 0..20 {
        let next = moved(state, &step, length);
        let after = problem.log_likelihood(&next) - problem.penalty(precision, &next);
        if after >= before {
            *state = next;
            break;
        }
        length /= 2.0;
    }
    gain
}

fn moved(state: &State, step: &State, length: f64) -> State {
    let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + length * b).collect();
    State {
        beta: add(&state.beta, &step.beta),
        iid: add(&state.iid, &step.iid),
        spatial: add(&state.spatial, &step.spatial),
    }
}

/// Gradient of the penalised log-likelihood.
pub(super) fn gradient(problem: &Problem, precision: &Precision, at: &Derivatives, state: &State) -> State {
    let width = problem.design.width;
    let mut beta: Vec<f64> = state.beta.iter().map(|value| -FIXED * value).collect();
    for (row, rest) in at.row_rest.iter().enumerate() {
        beta.iter_mut().zip(problem.design.row(row)).for_each(|(target, value)| *target += rest * value);
    }
    for (area, rest) in at.rest.iter().enumerate() {
        beta[width..].iter_mut().zip(problem.facts_of(area)).for_each(|(target, fact)| *target += rest * fact);
    }
    for (block, own) in problem.design.blocks.iter().zip(&precision.blocks) {
        block.clone().for_each(|column| beta[column] -= own * state.beta[column]);
    }
    (width..beta.len()).for_each(|column| beta[column] -= precision.covariates * state.beta[column]);
    let iid = at.rest.iter().zip(&state.iid).map(|(rest, own)| rest - precision.iid * own).collect();
    let spatial = match (&problem.spatial, precision.spatial) {
        (Some(spatial), Some(own)) => {
            let pull = spatial.times(&state.spatial);
            at.rest.iter().zip(pull).map(|(rest, pull)| rest - own * pull).collect()
        }
        _ => vec![0.0; problem.areas],
    };
    State { beta, iid, spatial }
}

/// log likelihood − θ'Sθ/2 + log|S|₊/2 − log|H + S|/2.
fn evidence(problem: &Problem, precision: &Precision, factor: &Factor, state: &State) -> f64 {
    let areas = problem.areas as f64;
    let mut log_penalty = areas * precision.iid.ln() + problem.facts as f64 * precision.covariates.ln();
    for (block, own) in problem.design.blocks.iter().zip(&precision.blocks) {
        log_penalty += block.len() as f64 * own.ln();
    }
    log_penalty += precision.spatial.map_or(0.0, |own| areas * own.ln());
    let fitted = problem.log_likelihood(state) - problem.penalty(precision, state);
    fitted + log_penalty / 2.0 - factor.log_det() / 2.0
}

/// What the update of a variance needs.
struct Part {
    rank: f64,
    /// tr(V S).
    trace: f64,
    /// θ'Sθ.
    square: f64,
}

fn parts(problem: &Problem, precision: &Precision, factor: &Factor, selected: &Selected, state: &State) -> Vec<Part> {
    let size = problem.dense();
    let of_columns = |columns: std::ops::Range<usize>| Part {
        rank: columns.len() as f64,
        trace: columns.clone().map(|column| selected.beta[column * size + column]).sum(),
        square: state.beta[columns].iter().map(|value| value * value).sum(),
    };
    let mut parts: Vec<Part> = problem.design.blocks.iter().cloned().map(of_columns).collect();
    parts.push(of_columns(problem.design.width..size));
    parts.push(Part {
        rank: problem.areas as f64,
        trace: selected.iid.iter().sum(),
        square: state.iid.iter().map(|value| value * value).sum(),
    });
    if let (Some(spatial), Some(_)) = (&problem.spatial, precision.spatial) {
        let pairs: f64 = spatial
            .graph
            .edges()
            .map(|(a, b)| selected.spatial[a] + selected.spatial[b] - 2.0 * factor.spatial_pair(selected, a, b))
            .sum();
        parts.push(Part {
            rank: problem.areas as f64,
            trace: spatial.scale * pairs + spatial.constant * selected.spatial.iter().sum::<f64>(),
            square: spatial.square(&state.spatial),
        });
    }
    parts
}

impl Precision {
    /// Every precision that the update may change; `None` for a kind of effect that the problem lacks.
    fn each_mut(&mut self) -> impl Iterator<Item = Option<&mut f64>> {
        let rest = [Some(&mut self.covariates), Some(&mut self.iid), self.spatial.as_mut()];
        self.blocks.iter_mut().map(Some).chain(rest)
    }
}
