//! Cells of answers → modelled shares of areas and of sums of areas, with what the model says of itself.

use super::model_answers::{AreaAnswers, DirectShare};
use super::model_check::{Checks, check};
use super::model_share::{share, shift};
use crate::stats::model::NotPositive;
use crate::stats::model::design::{Design, Groups};
use crate::stats::model::draws::{Drawing, rank_limits};
use crate::stats::model::fit::{Fit, FitFault, fit};
use crate::stats::model::graph::Graph;
use crate::stats::model::grid::{Point, Variances, points};
use crate::stats::model::mixture::Mixture;
use crate::stats::model::posterior::{AreaPosterior, Gathering, Posterior, Solved};
use crate::stats::model::poststratify::{Persons, Population};
use crate::stats::model::problem::{Cell, Problem};

/// Draws for places in a ranking: limits of 95 % then rest on 50 draws on either side.
const DRAWS: usize = 2_000;
/// Their seed. One seed for all, so that the same data give the same bytes.
const SEED: u64 = 20_221_101;

/// Everything of a model but the answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelGround {
    /// Number of areas.
    pub areas: usize,
    /// Groups of age, sex and education.
    pub groups: Groups,
    /// Persons per area and group.
    pub persons: Vec<Persons>,
    /// Standardised facts, area by area.
    pub facts: Vec<f64>,
    /// The map.
    pub graph: Option<Graph>,
    /// Sums of areas.
    pub sums: Vec<Vec<u32>>,
    /// Per area the sum that it is compared with, and ranked within.
    pub parent: Vec<Option<usize>>,
    /// Groups of ages that have figures of their own: places of the ages in `groups`.
    pub age_groups: Vec<Vec<usize>>,
}

impl ModelGround {
    /// Whether a demographic row is of some of `ages`.
    fn of_ages(&self, ages: &[usize], row: u32) -> bool {
        ages.contains(&self.groups.parts(row as usize).0)
    }

    /// The persons of some ages.
    fn persons_of(&self, ages: &[usize]) -> Vec<Persons> {
        self.persons.iter().filter(|own| self.of_ages(ages, own.row)).copied().collect()
    }
}

/// How a model is fitted and judged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelPlan {
    /// Confidence level.
    pub confidence: f64,
    /// With fewer answers the answers of an area are left out.
    pub own_answers: u64,
    /// Answers that an area needs for a check.
    pub checked_answers: u64,
    /// Whether shares are also shifted to the weighted share of the region.
    pub benchmark: bool,
}

/// A modelled share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelledShare {
    /// Posterior mean.
    pub value: f64,
    /// Posterior standard deviation.
    pub se: f64,
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

/// A modelled share of an area or a sum, with what it rests on. Confidential.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Modelled {
    /// The share.
    pub share: ModelledShare,
    /// Shifted to the weighted share of the region.
    pub benchmarked: Option<ModelledShare>,
    /// Part of the figure that is the area's own; `None` for a sum.
    pub own_share: Option<f64>,
    /// How far one answer of the area moves the share; 0 where its answers are left out.
    pub influence: f64,
    /// Valid answers that the model used; 0 also where they are not said.
    pub n: u64,
    /// Persons.
    pub population: f64,
}

/// An area beside the sum that it lies in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BesideParent {
    /// Probability that the area is higher.
    pub higher: f64,
    /// Limits of its place among the areas of the sum, 1 for the highest share.
    pub place: (f64, f64),
}

/// What a model gives for one parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelOutcome {
    /// Per area; `None` without population.
    pub areas: Vec<Option<Modelled>>,
    /// Per sum.
    pub sums: Vec<Option<Modelled>>,
    /// Per area, where it has a parent.
    pub beside: Vec<Option<BesideParent>>,
    /// Per group of ages.
    pub age_groups: Vec<AgeOutcome>,
    /// What the model says of itself.
    pub card: ModelNumbers,
}

/// What a model gives for a group of ages, from the fit of all ages.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeOutcome {
    /// Per area; `None` without persons of these ages.
    pub areas: Vec<Option<Modelled>>,
    /// Per sum.
    pub sums: Vec<Option<Modelled>>,
    /// Answers no and yes of these ages that the model used.
    pub answers: [u64; 2],
}

/// Numbers for the model card.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelNumbers {
    /// Answers used, rounded to hundreds.
    pub answers: u64,
    /// Areas, and how many of them have answers that are used.
    pub areas: (usize, usize),
    /// Standard deviation of what is left of the wijk, mean over the posterior.
    pub area_sd: f64,
    /// Part of its variance that is spatial, mean over the posterior.
    pub spatial_part: f64,
    /// Standard deviation of the facts' coefficients, mean over the posterior.
    pub fact_sd: f64,
    /// Effective number of coefficients of products, curves and facts.
    pub degrees: f64,
    /// Mean own share over the areas.
    pub own_share: f64,
    /// Shift of the benchmark on the logit scale.
    pub shift: Option<f64>,
    /// Checks.
    pub checks: Checks,
}

/// Why a parameter has no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// The fit failed.
    #[error(transparent)]
    Fit(#[from] FitFault),
    /// The map or the population does not carry a model.
    #[error(transparent)]
    Ground(#[from] NotPositive),
}

/// Fits one parameter. `direct` are the weighted figures of the sums with the variance of their design, as far as there are any, which the model is held against.
///
/// # Errors
/// [`ModelFault`].
pub fn model(
    ground: &ModelGround,
    cells: &[Cell],
    answers: &[AreaAnswers],
    direct: &[Option<DirectShare>],
    plan: &ModelPlan,
) -> Result<ModelOutcome, ModelFault> {
    let used = |area: usize| answers[area].count() >= plan.own_answers;
    let kept: Vec<Cell> = cells.iter().filter(|cell| used(cell.area as usize)).copied().collect();
    let mut by_row = vec![0.0; ground.groups.rows()];
    ground.persons.iter().for_each(|own| by_row[own.row as usize] += own.persons);
    let design = Design::new(&ground.groups, &by_row)?;
    let problem = Problem::new(design, ground.areas, &ground.facts, ground.graph.as_ref(), &kept)?;
    let population = Population::new(&problem, &ground.persons);
    let of_ages: Vec<Population> =
        ground.age_groups.iter().map(|ages| Population::new(&problem, &ground.persons_of(ages))).collect();
    let fitted = fit(&problem)?;
    let points = points(&problem, &fitted, Variances::AreaAndFacts)?;
    // Every set of variances is factored and inverted once, for all that is asked of it.
    let mut found = Gathering::new(&problem, &population, &ground.sums);
    let mut aged_found: Vec<Gathering<'_>> =
        of_ages.iter().map(|own| Gathering::new(&problem, own, &ground.sums)).collect();
    let mut drawing = Drawing::new(&points, ground.areas, DRAWS, SEED);
    for point in &points {
        let at = Solved::new(&problem, point)?;
        let shares = found.add(&at);
        drawing.add(&at, &shares);
        aged_found.iter_mut().for_each(|own| drop(own.add(&at)));
    }
    let found = found.finish();
    let persons = |area: usize| population.totals[problem.place[area] as usize];
    let shift = plan.benchmark.then(|| shift(answers, &found.areas, &persons)).flatten();
    let whole = |law: &Mixture, n: u64, population: f64, own: Option<(f64, f64)>| Modelled {
        share: share(law, plan.confidence, None),
        benchmarked: shift.map(|shift| share(law, plan.confidence, Some(shift))),
        own_share: own.map(|(share, _)| share),
        influence: own.map_or(0.0, |(_, influence)| influence),
        n,
        population,
    };
    let count = |area: usize| if used(area) { answers[area].count() } else { 0 };
    let areas: Vec<Option<Modelled>> = found
        .areas
        .iter()
        .enumerate()
        .map(|(area, own)| {
            let own = own.as_ref()?;
            Some(whole(&own.share, count(area), persons(area), Some((own.own_share, own.influence))))
        })
        .collect();
    let sums: Vec<Option<Modelled>> = found
        .groups
        .iter()
        .zip(&ground.sums)
        .map(|(own, members)| {
            let n = members.iter().map(|area| count(*area as usize)).sum();
            let population = members.iter().map(|area| persons(*area as usize)).sum();
            own.as_ref().map(|own| whole(&own.share, n, population, None))
        })
        .collect();
    let places = places(ground, &problem, &population, &drawing.shares, plan.confidence);
    let beside = (0..ground.areas)
        .map(|area| {
            let sum = ground.parent[area]?;
            let member = ground.sums[sum].iter().position(|own| *own as usize == area)?;
            let higher = *found.groups[sum].as_ref()?.higher.get(member)?;
            Some(BesideParent { higher, place: places[area]? })
        })
        .collect();
    let age_groups = ground.age_groups.iter().zip(&of_ages).zip(aged_found);
    let age_groups = age_groups
        .map(|((ages, population), own)| aged(ground, ages, (&problem, population), &own.finish(), &kept, plan))
        .collect();
    let checks = check((&problem, &fitted), &points, (&kept, answers), (&sums, direct), plan);
    let own_shares: Vec<f64> = areas.iter().flatten().filter_map(|own| own.own_share).collect();
    let numbers = Numbers { problem: &problem, fitted: &fitted, points: &points };
    let card = ModelNumbers {
        answers: (kept.iter().map(|cell| cell.n).sum::<f64>() / 100.0).round() as u64 * 100,
        areas: (ground.areas, (0..ground.areas).filter(|area| used(*area)).count()),
        own_share: own_shares.iter().sum::<f64>() / own_shares.len().max(1) as f64,
        shift: shift.map(|(shift, _)| shift),
        checks,
        ..numbers.card()
    };
    Ok(ModelOutcome { areas, sums, beside, age_groups, card })
}

/// The figures of a group of ages: the same posterior, weighted to the persons of these ages. Numbers of answers are not said: beside those of all ages they would give the rest away.
fn aged(
    ground: &ModelGround,
    ages: &[usize],
    (problem, population): (&Problem, &Population),
    found: &Posterior,
    cells: &[Cell],
    plan: &ModelPlan,
) -> AgeOutcome {
    let total = |area: usize| population.totals[problem.place[area] as usize];
    let whole = |law: &Mixture, population: f64, own: Option<(f64, f64)>| Modelled {
        share: share(law, plan.confidence, None),
        benchmarked: None,
        own_share: own.map(|(share, _)| share),
        influence: own.map_or(0.0, |(_, influence)| influence),
        n: 0,
        population,
    };
    let area = |(area, own): (usize, &Option<AreaPosterior>)| {
        own.as_ref().map(|own| whole(&own.share, total(area), Some((own.own_share, own.influence))))
    };
    let areas = found.areas.iter().enumerate().map(area).collect();
    let sums = found.groups.iter().zip(&ground.sums).map(|(own, members)| {
        let population = members.iter().map(|area| total(*area as usize)).sum();
        own.as_ref().map(|own| whole(&own.share, population, None))
    });
    let answers = cells
        .iter()
        .filter(|cell| ground.of_ages(ages, cell.row))
        .fold([0.0, 0.0], |[no, yes], cell| [no + cell.n - cell.yes, yes + cell.yes]);
    AgeOutcome { areas, sums: sums.collect(), answers: answers.map(|own| own.round() as u64) }
}

/// Limits of the place of every area among those of its parent.
fn places(
    ground: &ModelGround,
    problem: &Problem,
    population: &Population,
    draws: &[f64],
    confidence: f64,
) -> Vec<Option<(f64, f64)>> {
    let mut found = vec![None; ground.areas];
    let inhabited = |area: &usize| population.totals[problem.place[*area] as usize] > 0.0;
    for sum in 0..ground.sums.len() {
        let members: Vec<usize> =
            (0..ground.areas).filter(|area| ground.parent[*area] == Some(sum)).filter(inhabited).collect();
        for (area, limits) in members.iter().zip(rank_limits(draws, ground.areas, &members, confidence)) {
            found[*area] = Some(limits);
        }
    }
    found
}

struct Numbers<'m> {
    problem: &'m Problem,
    fitted: &'m Fit,
    points: &'m [Point],
}

impl Numbers<'_> {
    /// The numbers of the variances; the others are filled in by the caller.
    fn card(&self) -> ModelNumbers {
        let mean = |of: &dyn Fn(&Point) -> f64| self.points.iter().map(|point| point.weight * of(point)).sum::<f64>();
        let spatial = |point: &Point| point.precision.spatial.map_or(0.0, |own| 1.0 / own);
        let total = |point: &Point| 1.0 / point.precision.iid + spatial(point);
        ModelNumbers {
            answers: 0,
            areas: (0, 0),
            area_sd: mean(&|point| total(point).sqrt()),
            spatial_part: mean(&|point| spatial(point) / total(point)),
            fact_sd: if self.problem.facts == 0 { 0.0 } else { mean(&|point| point.precision.covariates.powf(-0.5)) },
            degrees: self.fitted.degrees.iter().take(self.problem.design.blocks.len() + 1).sum(),
            own_share: 0.0,
            shift: None,
            checks: Checks::default(),
        }
    }
}
