//! The second derivatives of the penalised log-likelihood, factored with the area effects eliminated.
//!
//! With D = diag Σw per area, B = [Σ w d, D z] per area, E = D + λᵤ and k = λᵤ/E the independent effect goes first; the spatial effect is left with
//! C = λₛQ* + diag(D k), which has the pattern of the map; the coefficients with M = H + S − Σ BB'/E − (kB)' C⁻¹ (kB).

use super::band::{Band, BandCholesky};
use super::dense::DenseCholesky;
use super::problem::{Derivatives, FIXED, Precision, Problem, State};
use super::{NotPositive, product};

/// Sides that are solved together.
const SIDES: usize = 32;

/// A right-hand side that is zero in most areas, or the solution where it is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Side {
    /// Of the coefficients.
    pub beta: Vec<f64>,
    /// Of areas, in their order.
    pub parts: Vec<SidePart>,
}

/// An area of a [`Side`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SidePart {
    /// The area, in the order of the problem.
    pub area: usize,
    /// Of the independent effect.
    pub iid: f64,
    /// Of the spatial effect.
    pub spatial: f64,
}

/// A factored system at a state.
#[derive(Clone, Debug)]
pub struct Factor {
    /// Σ n p (1 − p) per area.
    pub weight: Vec<f64>,
    /// E per area.
    pub(super) pivot: Vec<f64>,
    /// B, area by area.
    pub(super) border: Vec<f64>,
    /// C.
    pub(super) map: Option<BandCholesky>,
    /// T = C⁻¹ kB, area by area; empty without a map.
    pub(super) reach: Vec<f64>,
    /// M.
    pub(super) dense: DenseCholesky,
    /// Number of coefficients.
    pub(super) size: usize,
}

impl Factor {
    /// Factors the system of `problem` at derivatives `at`.
    ///
    /// # Errors
    /// [`NotPositive`] where columns say the same.
    pub fn new(problem: &Problem, precision: &Precision, at: &Derivatives) -> Result<Self, NotPositive> {
        let (width, size) = (problem.design.width, problem.dense());
        let pivot: Vec<f64> = at.weight.iter().map(|weight| weight + precision.iid).collect();
        let mut border = Vec::with_capacity(problem.areas * size);
        for area in 0..problem.areas {
            border.extend(&at.mean[area * width..(area + 1) * width]);
            border.extend(problem.facts_of(area).iter().map(|fact| at.weight[area] * fact));
        }
        let (map, reach) = match (&problem.spatial, precision.spatial) {
            (Some(spatial), Some(own)) => {
                let share = |area: usize| precision.iid / pivot[area];
                let diagonal: Vec<f64> =
                    (0..problem.areas).map(|area| own * spatial.constant + at.weight[area] * share(area)).collect();
                let factor = spatial.graph.precision(own * spatial.scale, &diagonal).factor()?;
                let mut reach = border.clone();
                for (area, row) in reach.chunks_exact_mut(size).enumerate() {
                    row.iter_mut().for_each(|value| *value *= share(area));
                }
                factor.solve(&mut reach, size);
                (Some(factor), reach)
            }
            _ => (None, Vec::new()),
        };
        let mut matrix = information(problem, precision, at);
        let mut other = vec![0.0; size];
        for area in 0..problem.areas {
            let own = &border[area * size..(area + 1) * size];
            other.iter_mut().zip(own).for_each(|(target, value)| *target = value / pivot[area]);
            if map.is_some() {
                let share = precision.iid / pivot[area];
                let reach = &reach[area * size..(area + 1) * size];
                other.iter_mut().zip(reach).for_each(|(target, value)| *target += share * value);
            }
            for (i, value) in own.iter().enumerate().filter(|(_, value)| **value != 0.0) {
                let row = &mut matrix[i * size..=i * size + i];
                row.iter_mut().zip(&other).for_each(|(target, other)| *target -= value * other);
            }
        }
        let dense = DenseCholesky::new(&matrix, size)?;
        Ok(Self { weight: at.weight.clone(), pivot, border, map, reach, dense, size })
    }

    pub(super) fn border_of(&self, area: usize) -> &[f64] {
        &self.border[area * self.size..(area + 1) * self.size]
    }

    pub(super) fn reach_of(&self, area: usize) -> &[f64] {
        &self.reach[area * self.size..(area + 1) * self.size]
    }

    /// log |H + S|.
    #[must_use]
    pub fn log_det(&self) -> f64 {
        let map = self.map.as_ref().map_or(0.0, BandCholesky::log_det);
        self.pivot.iter().map(|value| value.ln()).sum::<f64>() + map + self.dense.log_det()
    }

    /// (H + S)⁻¹ times a gradient, in its place.
    pub fn solve(&self, gradient: &mut State) {
        let State { beta, iid, spatial } = gradient;
        let areas = self.pivot.len();
        for area in 0..areas {
            let own = iid[area] / self.pivot[area];
            spatial[area] -= self.weight[area] * own;
            subtract(beta, self.border_of(area), own);
        }
        if let Some(map) = &self.map {
            for (area, own) in spatial.iter().enumerate() {
                subtract(beta, self.reach_of(area), *own);
            }
            map.solve(spatial, 1);
        } else {
            spatial.fill(0.0);
        }
        self.dense.solve(beta);
        self.back(beta, iid, spatial);
    }

    /// Solutions at the areas of each side, in its place. What [`Self::solve`] gives there, for many sides at once.
    pub fn solve_local(&self, sides: &mut [Side]) {
        // Sides that begin near each other go together, so that little is solved above where they begin.
        let mut order: Vec<usize> = (0..sides.len()).collect();
        order.sort_by_key(|at| sides[*at].parts.first().map_or(0, |part| part.area));
        let mut block = Vec::new();
        for own in order.chunks(SIDES) {
            let first = sides[own[0]].parts.first().map_or(0, |part| part.area);
            block.clear();
            block.resize(if self.map.is_some() { self.pivot.len() * own.len() } else { 0 }, 0.0);
            for (column, at) in own.iter().enumerate() {
                let Side { beta, parts } = &mut sides[*at];
                for part in parts.iter_mut() {
                    let own = part.iid / self.pivot[part.area];
                    part.spatial -= self.weight[part.area] * own;
                    subtract(beta, self.border_of(part.area), own);
                }
                for part in parts.iter().filter(|_| self.map.is_some()) {
                    subtract(beta, self.reach_of(part.area), part.spatial);
                    block[part.area * own.len() + column] = part.spatial;
                }
                self.dense.solve(beta);
            }
            if let Some(map) = &self.map {
                map.solve_from(&mut block, own.len(), first);
            }
            for (column, at) in own.iter().enumerate() {
                let Side { beta, parts } = &mut sides[*at];
                for part in parts {
                    part.spatial = match &self.map {
                        Some(_) => block[part.area * own.len() + column] - product(self.reach_of(part.area), beta),
                        None => 0.0,
                    };
                    let known = self.weight[part.area] * part.spatial + product(self.border_of(part.area), beta);
                    part.iid = (part.iid - known) / self.pivot[part.area];
                }
            }
        }
    }

    /// The last steps of a solution: `beta` is known, `spatial` holds its part without beta, `iid` its right-hand side.
    pub(super) fn back(&self, beta: &[f64], iid: &mut [f64], spatial: &mut [f64]) {
        for area in 0..self.pivot.len() {
            if self.map.is_some() {
                spatial[area] -= product(self.reach_of(area), beta);
            }
            let known = self.weight[area] * spatial[area] + product(self.border_of(area), beta);
            iid[area] = (iid[area] - known) / self.pivot[area];
        }
    }

    /// The parts of (H + S)⁻¹ that variances of areas and traces need.
    #[must_use]
    pub fn selected(&self) -> Selected {
        let (areas, size) = (self.pivot.len(), self.size);
        let beta = self.dense.inverse();
        let inverse = self.map.as_ref().map(BandCholesky::inverse);
        let mut spatial_beta = vec![0.0; if inverse.is_some() { areas * size } else { 0 }];
        for (area, row) in spatial_beta.chunks_exact_mut(size).enumerate() {
            for (value, line) in self.reach_of(area).iter().zip(beta.chunks_exact(size)) {
                subtract(row, line, *value);
            }
        }
        let mut found = Selected {
            size,
            spatial: vec![0.0; areas],
            iid: Vec::with_capacity(areas),
            cross: Vec::with_capacity(areas),
            iid_beta: Vec::with_capacity(areas * size),
            beta,
            spatial_beta,
            inverse,
        };
        let mut line = vec![0.0; size];
        for area in 0..areas {
            let (weight, pivot) = (self.weight[area], self.pivot[area]);
            let border = self.border_of(area);
            for (value, row) in line.iter_mut().zip(found.beta.chunks_exact(size)) {
                *value = product(border, row);
            }
            let square = product(border, &line);
            if let Some(inverse) = &found.inverse {
                let own = &found.spatial_beta[area * size..(area + 1) * size];
                let variance = inverse.get(area, area) - product(self.reach_of(area), own);
                let shared = product(border, own);
                found.spatial[area] = variance;
                found.cross.push(-(weight * variance + shared) / pivot);
                let both = weight * weight * variance + 2.0 * weight * shared + square;
                found.iid.push(1.0 / pivot + both / (pivot * pivot));
                found.iid_beta.extend(own.iter().zip(&line).map(|(own, line)| -(weight * own + line) / pivot));
            } else {
                found.cross.push(0.0);
                found.iid.push(1.0 / pivot + square / (pivot * pivot));
                found.iid_beta.extend(line.iter().map(|line| -line / pivot));
            }
        }
        found
    }

    /// Covariance of the spatial effects of two neighbours a > b.
    #[must_use]
    pub fn spatial_pair(&self, selected: &Selected, a: usize, b: usize) -> f64 {
        let rest = product(self.reach_of(a), selected.spatial_beta_of(b));
        selected.inverse.as_ref().map_or(0.0, |inverse| inverse.get(a, b)) - rest
    }
}

/// Lower triangle of H + S for the coefficients.
fn information(problem: &Problem, precision: &Precision, at: &Derivatives) -> Vec<f64> {
    let (width, size) = (problem.design.width, problem.dense());
    let mut matrix = vec![0.0; size * size];
    for (row, weight) in at.row_weight.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let own = problem.design.row(row);
        for (i, value) in own.iter().enumerate().filter(|(_, value)| **value != 0.0) {
            let times = weight * value;
            let target = &mut matrix[i * size..=i * size + i];
            target.iter_mut().zip(own).for_each(|(target, other)| *target += times * other);
        }
    }
    for area in (0..problem.areas).filter(|area| at.weight[*area] > 0.0) {
        let facts = problem.facts_of(area);
        let mean = &at.mean[area * width..(area + 1) * width];
        for (i, fact) in facts.iter().enumerate() {
            let target = &mut matrix[(width + i) * size..(width + i + 1) * size];
            target.iter_mut().zip(mean).for_each(|(target, other)| *target += fact * other);
            let times = at.weight[area] * fact;
            target[width..=width + i].iter_mut().zip(facts).for_each(|(target, other)| *target += times * other);
        }
    }
    let mut add = |columns: std::ops::Range<usize>, value: f64| {
        columns.for_each(|column| matrix[column * size + column] += value);
    };
    add(0..size, FIXED);
    problem.design.blocks.iter().zip(&precision.blocks).for_each(|(block, own)| add(block.clone(), *own));
    add(width..size, precision.covariates);
    matrix
}

/// Parts of the inverse of a factored system: variances and covariances of the effects of one area, and those of the coefficients.
#[derive(Clone, Debug)]
pub struct Selected {
    size: usize,
    /// Of the coefficients, row by row.
    pub beta: Vec<f64>,
    /// Of the spatial effect with the coefficients, area by area; empty without a map.
    pub spatial_beta: Vec<f64>,
    /// Of the independent effect with the coefficients.
    pub iid_beta: Vec<f64>,
    /// Variances of the spatial effect.
    pub spatial: Vec<f64>,
    /// Variances of the independent effect.
    pub iid: Vec<f64>,
    /// Covariances of both.
    pub cross: Vec<f64>,
    inverse: Option<Band>,
}

impl Selected {
    fn spatial_beta_of(&self, area: usize) -> &[f64] {
        &self.spatial_beta[area * self.size..(area + 1) * self.size]
    }

    /// Variance of g'β + v (u + s) of an area.
    #[must_use]
    pub fn variance(&self, area: usize, gradient: &[f64], times: f64) -> f64 {
        self.covariance(area, (gradient, times), (gradient, times))
    }

    /// Covariance of g'β + v (u + s) and h'β + w (u + s) of the same area, each given as (gradient, times).
    #[must_use]
    pub fn covariance(&self, area: usize, one: (&[f64], f64), other: (&[f64], f64)) -> f64 {
        let size = self.size;
        let mut sum = one.1 * other.1 * (self.iid[area] + self.spatial[area] + 2.0 * self.cross[area]);
        let mut mixed = |with: &[f64]| sum += one.1 * product(other.0, with) + other.1 * product(one.0, with);
        mixed(&self.iid_beta[area * size..(area + 1) * size]);
        if !self.spatial_beta.is_empty() {
            mixed(self.spatial_beta_of(area));
        }
        for (value, row) in one.0.iter().zip(self.beta.chunks_exact(size)).filter(|(value, _)| **value != 0.0) {
            sum += value * product(other.0, row);
        }
        sum
    }
}

fn subtract(target: &mut [f64], other: &[f64], times: f64) {
    target.iter_mut().zip(other).for_each(|(target, value)| *target -= times * value);
}
