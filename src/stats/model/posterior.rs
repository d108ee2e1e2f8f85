//! Sets of variances → the posterior of shares of areas and of groups of areas.

use super::factor::{Factor, Selected};
use super::fit::FitFault;
use super::grid::Point;
use super::mixture::{Mixture, normal_cdf};
use super::poststratify::{AreaAt, Law, Own, Population, Share, Tilt, centre, groups, law, shares};
use super::problem::{Problem, State};
use super::{expit, logit};

/// A set of variances with its system factored and inverted: what every figure at these variances starts from, and most of the work.
#[derive(Clone, Debug)]
pub struct Solved<'p> {
    /// The problem.
    pub problem: &'p Problem,
    /// Posterior weight.
    pub weight: f64,
    /// The system at the mode.
    pub factor: Factor,
    /// Parts of its inverse.
    pub selected: Selected,
    /// Centre of the posterior.
    pub centre: State,
    /// What the answers of every area say of it, in the order of the problem; `None` without answers.
    tilts: Vec<Option<Tilt>>,
}

impl<'p> Solved<'p> {
    /// The system of `problem` at a set of variances.
    ///
    /// # Errors
    /// [`FitFault`].
    pub fn new(problem: &'p Problem, point: &Point) -> Result<Self, FitFault> {
        let derivatives = problem.derivatives(&point.state);
        let factor = Factor::new(problem, &point.precision, &derivatives)?;
        let selected = factor.selected();
        let odds = problem.odds(&point.state);
        let (centre, spreads) = centre(problem, &factor, &selected, &derivatives, &point.state);
        let tilt =
            |(area, spread)| Tilt::new(problem, &AreaAt { area, derivatives: &derivatives, spread, odds: &odds });
        let tilts = spreads.into_iter().enumerate().map(tilt).collect();
        Ok(Self { problem, weight: point.weight, factor, selected, centre, tilts })
    }
}

/// The posterior of an area.
#[derive(Clone, Debug, PartialEq)]
pub struct AreaPosterior {
    /// Law of logit p.
    pub share: Mixture,
    /// 1 − variance with / without the answers of the area.
    pub own_share: f64,
    /// How far the share moves when one answer of the area is the other one.
    pub influence: f64,
}

/// The posterior of a group of areas.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupPosterior {
    /// Law of logit p.
    pub share: Mixture,
    /// Probability that the share of each member is higher than that of the group.
    pub higher: Vec<f64>,
}

/// Posterior of areas and groups.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Per area as the caller numbers them; `None` without population.
    pub areas: Vec<Option<AreaPosterior>>,
    /// Per group.
    pub groups: Vec<Option<GroupPosterior>>,
}

/// A posterior that is being added up over the sets of variances.
#[derive(Clone, Debug)]
pub struct Gathering<'p> {
    problem: &'p Problem,
    population: &'p Population,
    /// Members of every group, in the order of the problem.
    members: Vec<Vec<usize>>,
    areas: Vec<Vec<(f64, Law, Own)>>,
    groups: Vec<Vec<(f64, Law, Vec<f64>)>>,
}

impl<'p> Gathering<'p> {
    /// Nothing yet, of the areas of `population` and of `groups` of them, areas as the caller numbers them.
    #[must_use]
    pub fn new(problem: &'p Problem, population: &'p Population, groups: &[Vec<u32>]) -> Self {
        let place = |area: &u32| problem.place[*area as usize] as usize;
        Self {
            problem,
            population,
            members: groups.iter().map(|own| own.iter().map(place).collect()).collect(),
            areas: vec![Vec::new(); problem.areas],
            groups: vec![Vec::new(); groups.len()],
        }
    }

    /// Adds a set of variances; the shares at its centre.
    pub fn add(&mut self, at: &Solved<'_>) -> Vec<Option<Share>> {
        let shares = shares(self.problem, self.population, &at.centre);
        let mut laws: Vec<Option<Law>> = vec![None; self.problem.areas];
        for (area, share) in shares.iter().enumerate() {
            let Some(share) = share else { continue };
            let (law, own) = law(&at.selected, area, at.tilts[area].as_ref(), share);
            laws[area] = Some(law);
            self.areas[area].push((at.weight, law, own));
        }
        let grouped = groups(self.population, &at.factor, &shares, &self.members);
        for ((members, found), own) in self.members.iter().zip(&mut self.groups).zip(grouped) {
            let Some(own) = own else { continue };
            let per_logit = 1.0 / (own.value * (1.0 - own.value));
            let law = Law { mean: logit(own.value), variance: per_logit * per_logit * own.variance };
            let higher = members.iter().zip(&own.with_members).map(|(area, with)| {
                let (Some(share), Some(law)) = (&shares[*area], laws[*area]) else { return 0.5 };
                let scale = share.value * (1.0 - share.value);
                let variance = (law.variance * scale * scale + own.variance - 2.0 * with).max(0.0);
                let center = expit(law.mean) - own.value;
                normal_cdf(center / variance.sqrt().max(f64::MIN_POSITIVE))
            });
            found.push((at.weight, law, higher.collect()));
        }
        shares
    }

    /// The posterior over all that was added.
    #[must_use]
    pub fn finish(self) -> Posterior {
        let area = |laws: &Vec<(f64, Law, Own)>| {
            (!laws.is_empty()).then(|| AreaPosterior {
                share: Mixture::new(laws.iter().map(|(weight, law, _)| (*weight, *law))),
                own_share: laws.iter().map(|(weight, _, own)| weight * own.share).sum(),
                influence: laws.iter().map(|(weight, _, own)| weight * own.influence).sum(),
            })
        };
        let group = |laws: &Vec<(f64, Law, Vec<f64>)>| {
            let first = laws.first()?;
            let mut higher = vec![0.0; first.2.len()];
            for (weight, _, own) in laws {
                higher.iter_mut().zip(own).for_each(|(sum, value)| *sum += weight * value);
            }
            Some(GroupPosterior { share: Mixture::new(laws.iter().map(|(weight, law, _)| (*weight, *law))), higher })
        };
        Posterior {
            areas: self.problem.place.iter().map(|place| area(&self.areas[*place as usize])).collect(),
            groups: self.groups.iter().map(group).collect(),
        }
    }
}

/// Shares of areas and of `groups` of them, areas as the caller numbers them.
///
/// # Errors
/// [`FitFault`].
pub fn posterior(
    problem: &Problem,
    population: &Population,
    points: &[Point],
    groups: &[Vec<u32>],
) -> Result<Posterior, FitFault> {
    let mut gathering = Gathering::new(problem, population, groups);
    for point in points {
        gathering.add(&Solved::new(problem, point)?);
    }
    Ok(gathering.finish())
}
