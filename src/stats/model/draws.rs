//! Draws of the shares of all areas together, for what has no formula: places in a ranking.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use super::factor::Factor;
use super::grid::Point;
use super::posterior::Solved;
use super::poststratify::Share;
use super::problem::State;
use super::{expit, logit, product};

/// Standard normal numbers, the same on every machine for the same seed (Box and Muller 1958).
struct Normals {
    source: ChaCha8Rng,
    spare: Option<f64>,
}

impl Normals {
    fn next(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let mut uniform = || ((self.source.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        let (radius, angle) = ((-2.0 * uniform().ln()).sqrt(), std::f64::consts::TAU * uniform());
        self.spare = Some(radius * angle.sin());
        radius * angle.cos()
    }

    fn fill(&mut self, values: &mut [f64]) {
        values.iter_mut().for_each(|value| *value = self.next());
    }
}

impl Factor {
    /// A draw of all effects around 0 with variance (H + S)⁻¹, from standard normals in the places of the effects: β = L_M⁻ᵀe, then s given β and u given both.
    pub fn draw(&self, normals: &mut State) {
        let State { beta, iid, spatial } = normals;
        self.dense.solve_upper(beta);
        match &self.map {
            Some(map) => map.solve_upper(spatial),
            None => spatial.fill(0.0),
        }
        // `back` divides by the pivot: u = −(D s + Bβ)/E + e/√E.
        iid.iter_mut().zip(&self.pivot).for_each(|(value, pivot)| *value *= pivot.sqrt());
        self.back(beta, iid, spatial);
    }
}

/// Draws of the shares of all areas, made while the sets of variances go by.
pub struct Drawing {
    normals: Normals,
    /// Draws that each set of variances gets.
    parts: std::vec::IntoIter<usize>,
    /// Draw by draw the shares of all areas as the caller numbers them; NaN for an area without population.
    pub shares: Vec<f64>,
}

impl Drawing {
    /// `count` draws over `points`, each set of variances in proportion to its weight, the rest going to the heaviest remainders.
    #[must_use]
    pub fn new(points: &[Point], areas: usize, count: usize, seed: u64) -> Self {
        Self {
            normals: Normals { source: ChaCha8Rng::seed_from_u64(seed), spare: None },
            parts: parts(points, count).into_iter(),
            shares: Vec::with_capacity(count * areas),
        }
    }

    /// The draws of the next set of variances, given its shares at the centre. A draw moves logit p along its gradient.
    pub fn add(&mut self, at: &Solved<'_>, shares: &[Option<Share>]) {
        let problem = at.problem;
        for _ in 0..self.parts.next().unwrap_or(0) {
            let mut step = State {
                beta: vec![0.0; problem.dense()],
                iid: vec![0.0; problem.areas],
                spatial: vec![0.0; problem.areas],
            };
            self.normals.fill(&mut step.beta);
            self.normals.fill(&mut step.iid);
            self.normals.fill(&mut step.spatial);
            at.factor.draw(&mut step);
            let of = |place: &u32| {
                let area = *place as usize;
                let Some(share) = &shares[area] else { return f64::NAN };
                let moved = product(&share.gradient, &step.beta) + share.slope * (step.iid[area] + step.spatial[area]);
                expit(logit(share.value) + moved / (share.value * (1.0 - share.value)))
            };
            self.shares.extend(problem.place.iter().map(of));
        }
    }
}

/// How many draws each point gets.
fn parts(points: &[Point], count: usize) -> Vec<usize> {
    let exact: Vec<f64> = points.iter().map(|point| point.weight * count as f64).collect();
    let mut parts: Vec<usize> = exact.iter().map(|own| own.floor() as usize).collect();
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()).then(a.cmp(b)));
    let left = count.saturating_sub(parts.iter().sum());
    order.into_iter().cycle().take(if points.is_empty() { 0 } else { left }).for_each(|at| parts[at] += 1);
    parts
}

/// Limits of the place of each of `areas` among them, 1 for the highest share: the places that a tail of (1 − confidence)/2 of the draws lies beyond on either side.
#[must_use]
pub fn rank_limits(draws: &[f64], all: usize, areas: &[usize], confidence: f64) -> Vec<(f64, f64)> {
    let mut places: Vec<Vec<u32>> = vec![Vec::new(); areas.len()];
    let mut order: Vec<usize> = (0..areas.len()).collect();
    for draw in draws.chunks_exact(all) {
        order.sort_by(|a, b| draw[areas[*b]].total_cmp(&draw[areas[*a]]).then(a.cmp(b)));
        order.iter().zip(1..).for_each(|(area, place)| places[*area].push(place));
    }
    let tail = f64::midpoint(1.0, -confidence);
    let limit = |mut own: Vec<u32>| {
        own.sort_unstable();
        let beyond = (tail * own.len() as f64).floor() as usize;
        let at = |index: usize| own.get(index).map_or(f64::NAN, |place| f64::from(*place));
        (at(beyond), at(own.len().saturating_sub(beyond + 1)))
    };
    places.into_iter().map(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::model::problem::Precision;

    #[test]
    fn draws_go_to_the_weights_and_none_is_lost() {
        let state = State { beta: Vec::new(), iid: Vec::new(), spatial: Vec::new() };
        let precision = Precision { blocks: Vec::new(), covariates: 1.0, iid: 1.0, spatial: None };
        let point = |weight| Point { weight, precision: precision.clone(), state: state.clone() };
        assert_eq!(parts(&[point(0.5), point(0.26), point(0.24)], 10), [5, 3, 2]);
        assert_eq!(parts(&[point(1.0)], 7), [7]);
        assert!(parts(&[], 7).is_empty());
    }

    #[test]
    fn places_of_three_areas_in_four_draws() {
        // The first is highest in all, the others change places once.
        let draws = [0.9, 0.5, 0.4, 0.9, 0.5, 0.4, 0.9, 0.4, 0.5, 0.9, 0.5, 0.4];
        assert_eq!(rank_limits(&draws, 3, &[0, 1, 2], 0.95), [(1.0, 1.0), (2.0, 3.0), (2.0, 3.0)]);
        // Half of the draws within: one draw is cut off on either side.
        assert_eq!(rank_limits(&draws, 3, &[0, 1, 2], 0.5), [(1.0, 1.0), (2.0, 2.0), (3.0, 3.0)]);
        assert_eq!(rank_limits(&draws, 3, &[1, 2], 0.5), [(1.0, 1.0), (2.0, 2.0)]);
    }
}
