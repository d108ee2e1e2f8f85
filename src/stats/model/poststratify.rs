//! Shares of the population from the coefficients: p_w = Σ N expit(η) / Σ N over the cells of an area, with gradients.

use super::factor::{Factor, Selected, Side, SidePart};
use super::problem::{Derivatives, Odds, Problem, State};
use super::{logit, product};

/// Persons of an area × demographic row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Persons {
    /// Index of the area, as the caller numbers it.
    pub area: u32,
    /// Demographic row.
    pub row: u32,
    /// Number of persons, more than 0.
    pub persons: f64,
}

/// The population by area, in the order of a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    cells: Vec<Persons>,
    first: Vec<usize>,
    /// Persons per area, in the order of the problem.
    pub totals: Vec<f64>,
}

impl Population {
    /// Puts `cells`, areas as the caller numbers them, in the order of `problem`; cells without persons are left out.
    #[must_use]
    pub fn new(problem: &Problem, cells: &[Persons]) -> Self {
        let mut sorted: Vec<Persons> = cells
            .iter()
            .filter(|cell| cell.persons > 0.0)
            .map(|cell| Persons { area: problem.place[cell.area as usize], ..*cell })
            .collect();
        sorted.sort_by_key(|cell| (cell.area, cell.row));
        let first: Vec<usize> =
            (0..=problem.areas).map(|area| sorted.partition_point(|cell| (cell.area as usize) < area)).collect();
        let totals = (0..problem.areas)
            .map(|area| sorted[first[area]..first[area + 1]].iter().map(|cell| cell.persons).sum())
            .collect();
        Self { cells: sorted, first, totals }
    }

    fn of(&self, area: usize) -> &[Persons] {
        &self.cells[self.first[area]..self.first[area + 1]]
    }
}

/// The share of an area at a state, with what it takes to know its variance.
#[derive(Clone, Debug, PartialEq)]
pub struct Share {
    /// Σ N p / Σ N.
    pub value: f64,
    /// Derivatives to the coefficients.
    pub gradient: Vec<f64>,
    /// Derivative to the effect of the area: Σ N p (1 − p) / Σ N.
    pub slope: f64,
}

/// Shares of all areas at a state, in the order of the problem; `None` for an area without population.
#[must_use]
pub fn shares(problem: &Problem, population: &Population, state: &State) -> Vec<Option<Share>> {
    let odds = problem.odds(state);
    let width = problem.design.width;
    let share = |area: usize| {
        let total = population.totals[area];
        let mut gradient = vec![0.0; problem.dense()];
        let (mut value, mut slope) = (0.0, 0.0);
        for cell in population.of(area) {
            let p = odds.share(cell.row as usize, area);
            let part = cell.persons / total;
            let own = part * p * (1.0 - p);
            value += part * p;
            slope += own;
            let columns = gradient[..width].iter_mut().zip(problem.design.row(cell.row as usize));
            columns.for_each(|(target, column)| *target += own * column);
        }
        gradient[width..].iter_mut().zip(problem.facts_of(area)).for_each(|(target, fact)| *target = slope * fact);
        (total > 0.0).then_some(Share { value, gradient, slope })
    };
    (0..problem.areas).map(share).collect()
}

/// The law of a share on the logit scale, at one set of variances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// Mean of logit p.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

/// What the answers of an area say about its own share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Own {
    /// 1 − variance with the answers of the area / variance without them, of its mean linear predictor; 0 without answers.
    pub share: f64,
    /// How far the share of the area moves when one of its answers is the other one; 0 without answers.
    pub influence: f64,
}

/// Nodes of the corrections in one dimension: at steps of three quarters of a standard deviation the trapezium rule is exact to 1e-13 for a normal law.
const NODES: i32 = 7;
const NODE_STEP: f64 = 0.75;

/// Variance of the mean linear predictor of an area, and the third derivative Σ n p (1 − p)(1 − 2p) of its log-likelihood, its sign turned.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spread {
    /// Variance.
    pub variance: f64,
    /// Third derivative.
    pub third: f64,
}

/// The centre of the posterior, to the first order: mode − ½ V Σ x κ v over the areas, κ the third derivative of [`Spread`] and v its variance.
///
/// Where answers yes are few the likelihood is skew and the mode of all effects together lies above their mean: shares at the mode reproduce the total of the answers, so that means of shares,
/// which are higher by about half of κv, would add to more. With this shift they add to the total again. Source: Tierney, Kass and Kadane, *JASA* 84 (1989), expansion of posterior means; Breslow and
/// Lin, *Biometrika* 82 (1995), on the same bias.
#[must_use]
pub fn centre(
    problem: &Problem,
    factor: &Factor,
    selected: &Selected,
    at: &Derivatives,
    state: &State,
) -> (State, Vec<Spread>) {
    let width = problem.design.width;
    let odds = problem.odds(state);
    let mut spreads = vec![Spread::default(); problem.areas];
    let mut pull = State { beta: vec![0.0; problem.dense()], iid: vec![0.0; problem.areas], spatial: Vec::new() };
    for (area, spread) in spreads.iter_mut().enumerate().filter(|(area, _)| at.weight[*area] > 0.0) {
        spread.variance = selected.variance(area, &direction(problem, at, area), 1.0);
        for cell in problem.cells_of(area) {
            let p = odds.share(cell.row as usize, area);
            let third = cell.n * p * (1.0 - p) * (1.0 - 2.0 * p);
            spread.third += third;
            let times = -third * spread.variance / 2.0;
            let columns = pull.beta[..width].iter_mut().zip(problem.design.row(cell.row as usize));
            columns.for_each(|(target, column)| *target += times * column);
        }
        let times = -spread.third * spread.variance / 2.0;
        pull.beta[width..].iter_mut().zip(problem.facts_of(area)).for_each(|(target, fact)| *target += times * fact);
        pull.iid[area] = times;
    }
    pull.spatial = pull.iid.clone();
    factor.solve(&mut pull);
    let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect();
    let centre = State {
        beta: add(&state.beta, &pull.beta),
        iid: add(&state.iid, &pull.iid),
        spatial: add(&state.spatial, &pull.spatial),
    };
    (centre, spreads)
}

/// Coefficients of the mean linear predictor of an area, each cell by its weight.
fn direction(problem: &Problem, at: &Derivatives, area: usize) -> Vec<f64> {
    let width = problem.design.width;
    let mut found: Vec<f64> =
        at.mean[area * width..(area + 1) * width].iter().map(|value| value / at.weight[area]).collect();
    found.extend(problem.facts_of(area));
    found
}

/// What the answers of an area say about a shift t of all its linear predictors.
///
/// The normal approximation at the mode is corrected in the one direction that the answers of the area speak of, a shift t of all its linear predictors. What all else says about t is the
/// normal law that is left when the area's own information is taken out: variance 1/(1/v − D), mean −that × Σ(y − n p). Times the area's likelihood as a function of t this gives mean
/// and variance of t by the trapezium rule. The idea is the tilted law of expectation propagation
/// (Minka 2001), used once.
#[derive(Clone, Debug, PartialEq)]
pub struct Tilt {
    /// Coefficients of the mean linear predictor of the area.
    direction: Vec<f64>,
    /// Variance of t in the normal approximation.
    variance: f64,
    own_share: f64,
    /// Mean and variance with the area's own likelihood.
    tilted: (f64, f64),
    /// The first order of that mean, which is in the centre already.
    first: f64,
}

impl Tilt {
    /// `None` for an area without answers.
    #[must_use]
    pub fn new(problem: &Problem, at: &AreaAt<'_>) -> Option<Self> {
        let AreaAt { area, odds, .. } = *at;
        let (weight, rest) = (at.derivatives.weight[area], at.derivatives.rest[area]);
        if weight <= 0.0 {
            return None;
        }
        let variance = at.spread.variance;
        let own_share = (weight * variance).clamp(0.0, 1.0 - 1e-9);
        let cavity = variance / (1.0 - own_share);
        let center = -cavity * rest;
        let sd = variance.sqrt();
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        let mut nodes = Vec::with_capacity(2 * NODES as usize + 1);
        // Per cell the odds at no shift, and log(1 + odds) with its number of answers.
        let cells = problem.cells_of(area);
        let before: Vec<f64> = cells.iter().map(|cell| odds.of_cell(cell.row as usize, area)).collect();
        let (yes, base) = cells
            .iter()
            .zip(&before)
            .fold((0.0, 0.0), |(yes, base), (cell, odds)| (yes + cell.yes, base + cell.n * odds.ln_1p()));
        for node in -NODES..=NODES {
            let t = f64::from(node) * NODE_STEP * sd;
            let prior = -(t - center) * (t - center) / (2.0 * cavity) + center * center / (2.0 * cavity);
            let times = t.exp();
            let after: f64 = cells.iter().zip(&before).map(|(cell, odds)| cell.n * (odds * times).ln_1p()).sum();
            nodes.push((t, prior + yes * t - (after - base)));
        }
        let top = nodes.iter().map(|(_, log)| *log).fold(f64::NEG_INFINITY, f64::max);
        for (t, log) in nodes {
            let density = (log - top).exp();
            mass += density;
            first += density * t;
            second += density * t * t;
        }
        let mean = first / mass;
        Some(Self {
            direction: direction(problem, at.derivatives, area),
            variance,
            own_share,
            tilted: (mean, second / mass - mean * mean),
            first: at.spread.third * variance * variance / 2.0,
        })
    }
}

/// Law and own part of one area, `share` taken at the centre of the posterior. Without answers of its own it has no tilt, and its law is the normal approximation.
#[must_use]
pub fn law(selected: &Selected, area: usize, tilt: Option<&Tilt>, share: &Share) -> (Law, Own) {
    let per_logit = 1.0 / (share.value * (1.0 - share.value));
    let linear = per_logit * per_logit * selected.variance(area, &share.gradient, share.slope);
    let plain = Law { mean: logit(share.value), variance: linear };
    let Some(tilt) = tilt else { return (plain, Own { share: 0.0, influence: 0.0 }) };
    let Tilt { direction, variance, own_share, tilted: (mean, spread), first } = tilt;
    let shared = selected.covariance(area, (&share.gradient, share.slope), (direction, 1.0));
    // The share moves along t by the regression of its logit on t; the part of its variance that t explains is replaced.
    let slope = per_logit * shared / variance;
    let explained = slope * slope;
    let law = Law { mean: plain.mean + slope * (mean + first), variance: linear + explained * (spread - variance) };
    (law, Own { share: *own_share, influence: shared.abs() })
}

/// An area at a mode.
#[derive(Clone, Copy)]
pub struct AreaAt<'a> {
    /// Place in the order of the problem.
    pub area: usize,
    /// Derivatives at the mode.
    pub derivatives: &'a Derivatives,
    /// Spread of the area.
    pub spread: Spread,
    /// Odds of rows and areas at the mode.
    pub odds: &'a Odds,
}

/// The share of a group of areas, its variance, and the covariance of its share with that of each area.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupShare {
    /// Σ N p / Σ N over the areas.
    pub value: f64,
    /// Its variance at one set of variances.
    pub variance: f64,
    /// Covariance with the share of each member, in the order of the members.
    pub with_members: Vec<f64>,
}

/// Shares of the population of `groups` of areas: their gradients added, and solved together. `None` without population.
#[must_use]
pub fn groups(
    population: &Population,
    factor: &Factor,
    shares: &[Option<Share>],
    groups: &[Vec<usize>],
) -> Vec<Option<GroupShare>> {
    let Some(size) = shares.iter().flatten().next().map(|share| share.gradient.len()) else {
        return vec![None; groups.len()];
    };
    let total = |members: &[usize]| members.iter().map(|area| population.totals[*area]).sum::<f64>();
    let mut values = Vec::with_capacity(groups.len());
    let side = |members: &Vec<usize>| {
        let total = total(members);
        let (mut beta, mut value) = (vec![0.0; size], 0.0);
        let mut parts = Vec::with_capacity(members.len());
        for area in members {
            let Some(share) = &shares[*area] else { continue };
            let part = population.totals[*area] / total;
            value += part * share.value;
            beta.iter_mut().zip(&share.gradient).for_each(|(target, own)| *target += part * own);
            parts.push(SidePart { area: *area, iid: part * share.slope, spatial: part * share.slope });
        }
        parts.sort_by_key(|part| part.area);
        values.push(value);
        Side { beta, parts }
    };
    let mut sides: Vec<Side> = groups.iter().map(side).collect();
    factor.solve_local(&mut sides);
    let found = |((members, side), value): ((&Vec<usize>, &Side), f64)| {
        let total = total(members);
        let with = |area: usize| {
            let at = side.parts.binary_search_by_key(&area, |part| part.area);
            let (Some(share), Ok(at)) = (&shares[area], at) else { return 0.0 };
            product(&share.gradient, &side.beta) + share.slope * (side.parts[at].iid + side.parts[at].spatial)
        };
        let with_members: Vec<f64> = members.iter().map(|area| with(*area)).collect();
        let variance =
            members.iter().zip(&with_members).map(|(area, own)| own * population.totals[*area] / total).sum();
        (total > 0.0).then_some(GroupShare { value, variance, with_members })
    };
    groups.iter().zip(&sides).zip(values).map(found).collect()
}
