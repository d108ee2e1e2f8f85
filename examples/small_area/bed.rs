//! Synthetic regions whose truth is known: wijken on a map, their population, public facts, true shares, and surveys of them.
//!
//! Nothing here is made by the model that is judged: ages follow a hump and a bend instead of splines, education changes with generation and wijk, facts are noisy readings of
//! what drives the truth and of things that do not, and response depends on age, sex and education.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use wijkpeil::stats::model::design::Groups;
use wijkpeil::stats::model::expit;
use wijkpeil::stats::model::graph::Graph;
use wijkpeil::stats::model::poststratify::Persons;
use wijkpeil::stats::model::problem::Cell;

/// Numbers by chance, the same for the same seed on every machine.
pub struct Dice(ChaCha8Rng);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// In (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal, by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Size of a region.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Wijken from west to east, a multiple of 2.
    pub columns: usize,
    /// Wijken from south to north, a multiple of 5.
    pub rows: usize,
    /// Respondents per gemeente.
    pub respondents: usize,
    /// Every how many years an age group: 1 for single years.
    pub age_step: usize,
}

/// A health indicator: how its truth comes about.
#[derive(Clone, Copy)]
pub struct Indicator {
    pub prevalence: f64,
    /// Bend in age (logits between young and old), height of the hump at middle age.
    age: (f64, f64),
    female: f64,
    /// Of low and of high education.
    education: (f64, f64),
    /// Of deprivation, density and origin of the wijk, per standard deviation.
    wijk: (f64, f64, f64),
    /// Standard deviation of what is left of the wijk, and how much of its variance is spatial.
    rest: (f64, f64),
}

/// The four indicators.
pub const INDICATORS: [Indicator; 4] = [
    Indicator {
        prevalence: 0.40,
        age: (-0.5, 0.5),
        female: 0.35,
        education: (0.3, -0.25),
        wijk: (0.22, 0.08, 0.0),
        rest: (0.22, 0.5),
    },
    Indicator {
        prevalence: 0.15,
        age: (0.4, -0.3),
        female: 0.2,
        education: (0.5, -0.4),
        wijk: (0.35, 0.1, 0.1),
        rest: (0.3, 0.6),
    },
    Indicator {
        prevalence: 0.05,
        age: (-1.6, 0.2),
        female: -0.3,
        education: (0.2, 0.1),
        wijk: (0.05, 0.3, 0.0),
        rest: (0.2, 0.3),
    },
    Indicator {
        prevalence: 0.015,
        age: (-0.8, 0.4),
        female: 0.1,
        education: (0.6, -0.5),
        wijk: (0.35, 0.0, 0.15),
        rest: (0.35, 0.4),
    },
];

/// A region.
pub struct Region {
    pub wijken: usize,
    pub gemeente: Vec<usize>,
    pub gemeenten: usize,
    pub edges: Vec<(u32, u32)>,
    pub groups: Groups,
    pub persons: Vec<Persons>,
    pub covariates: Vec<f64>,
    /// Latent deprivation, density and origin per wijk.
    latent: Vec<[f64; 3]>,
    respondents: usize,
    /// Effects of independent and spatial origin, of variance 1, per indicator.
    rest: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Region {
    pub fn new(shape: Shape, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let (columns, rows) = (shape.columns, shape.rows);
        let wijken = columns * rows;
        let at = |x: usize, y: usize| (y * columns + x) as u32;
        let mut edges = Vec::new();
        for y in 0..rows {
            for x in 0..columns {
                if x + 1 < columns {
                    edges.push((at(x, y), at(x + 1, y)));
                }
                if y + 1 < rows {
                    edges.push((at(x, y), at(x, y + 1)));
                    if x + 1 < columns && dice.uniform() < 0.5 {
                        edges.push((at(x, y), at(x + 1, y + 1)));
                    }
                }
            }
        }
        let graph = Graph::new(wijken, &edges);
        let gemeente: Vec<usize> =
            (0..wijken).map(|wijk| (wijk / columns / 5) * (columns / 2) + wijk % columns / 2).collect();
        let gemeenten = (columns / 2) * (rows / 5);
        let mut fields: Vec<Vec<f64>> = (0..3).map(|_| field(&graph, &mut dice)).collect();
        for own in &mut fields {
            own.iter_mut().for_each(|value| *value = 0.7 * *value + 0.7 * dice.normal());
            standardise(own);
        }
        let latent: Vec<[f64; 3]> =
            (0..wijken).map(|wijk| [fields[0][wijk], fields[1][wijk], fields[2][wijk]]).collect();
        let ages: Vec<f64> =
            (18..=99).step_by(shape.age_step).map(|age| f64::from(age) + (shape.age_step - 1) as f64 / 2.0).collect();
        let groups = Groups { ages, sexes: 2, educations: 3 };
        let mut persons = Vec::new();
        let mut grey = Vec::with_capacity(wijken);
        for (wijk, own) in latent.iter().enumerate() {
            let size = (7.9 + 0.85 * dice.normal() + 0.3 * own[1]).exp().clamp(80.0, 25_000.0);
            let tilt = 0.25 * dice.normal() - 0.25 * own[1];
            grey.push(tilt);
            let schooling = 0.25 * dice.normal() - 0.5 * own[0] + 0.2 * own[1];
            let alive = |age: f64| (tilt * (age - 50.0) / 20.0 - ((age - 46.0) / 26.0).powi(2) / 2.0).exp();
            let total: f64 = groups.ages.iter().map(|age| alive(*age)).sum();
            for row in 0..groups.rows() {
                let (age, sex, education) = groups.parts(row);
                let age_years = groups.ages[age];
                let generation = (age_years - 50.0) / 20.0;
                let low = (0.7 * generation - 0.3 - 0.6 * schooling).exp();
                let high = (-0.45 * generation - 0.1 + 0.7 * schooling).exp();
                let share = [1.0, low, high][education] / (1.0 + low + high);
                let women = 0.49 + 0.04 * f64::from(age_years > 75.0);
                let of_sex = if sex == 1 { women } else { 1.0 - women };
                let count = size * alive(age_years) / total * share * of_sex;
                persons.push(Persons { area: wijk as u32, row: row as u32, persons: count });
            }
        }
        let mut facts: Vec<Vec<f64>> = Vec::new();
        let readings: [[f64; 3]; 9] = [
            [1.0, 0.0, 0.2],
            [-0.8, 0.3, 0.0],
            [0.5, 0.5, 0.3],
            [0.0, 1.0, 0.0],
            [0.2, 0.7, 0.3],
            [0.0, 0.2, 1.0],
            [0.6, 0.0, 0.5],
            [0.0, 0.0, 0.0],
            [0.0, -0.2, 0.0],
        ];
        for (at, reading) in readings.iter().enumerate() {
            let mut own: Vec<f64> = (0..wijken)
                .map(|wijk| {
                    let from: f64 = latent[wijk].iter().zip(reading).map(|(a, b)| a * b).sum();
                    from + if at == 8 { 3.0 * grey[wijk] } else { 0.0 } + 0.5 * dice.normal()
                })
                .collect();
            standardise(&mut own);
            facts.push(own);
        }
        let covariates = (0..wijken).flat_map(|wijk| facts.iter().map(move |fact| fact[wijk])).collect();
        let rest = (0..INDICATORS.len())
            .map(|_| ((0..wijken).map(|_| dice.normal()).collect(), field(&graph, &mut dice)))
            .collect();
        let respondents = shape.respondents;
        Self { wijken, gemeente, gemeenten, edges, groups, persons, covariates, latent, respondents, rest }
    }

    fn eta(&self, indicator: usize, wijk: usize, row: usize) -> f64 {
        let own = &INDICATORS[indicator];
        let (age, sex, education) = self.groups.parts(row);
        let years = self.groups.ages[age];
        let bend = own.age.0 / (1.0 + (-(years - 55.0) / 9.0).exp());
        let hump = own.age.1 * (-((years - 45.0) / 12.0).powi(2)).exp();
        let low_in_middle_age = if education == 1 { hump * 0.6 } else { 0.0 };
        let of_education = [0.0, own.education.0, own.education.1][education];
        let [deprived, dense, origin] = self.latent[wijk];
        let (iid, spatial) = (&self.rest[indicator].0, &self.rest[indicator].1);
        let rest = own.rest.0 * ((1.0 - own.rest.1).sqrt() * iid[wijk] + own.rest.1.sqrt() * spatial[wijk]);
        bend + hump
            + low_in_middle_age
            + own.female * sex as f64
            + of_education
            + own.wijk.0 * deprived
            + own.wijk.1 * dense
            + own.wijk.2 * origin
            + rest
    }

    /// The constant that gives an indicator its prevalence.
    fn constant(&self, indicator: usize) -> f64 {
        let total: f64 = self.persons.iter().map(|own| own.persons).sum();
        let etas: Vec<f64> =
            self.persons.iter().map(|own| self.eta(indicator, own.area as usize, own.row as usize)).collect();
        let (mut low, mut high) = (-12.0, 6.0);
        for _ in 0..60 {
            let middle = f64::midpoint(low, high);
            let share: f64 =
                self.persons.iter().zip(&etas).map(|(own, eta)| own.persons * expit(middle + eta)).sum::<f64>() / total;
            if share < INDICATORS[indicator].prevalence { low = middle } else { high = middle }
        }
        f64::midpoint(low, high)
    }

    /// True shares per wijk: expected, so that chance among the inhabitants themselves is left out.
    pub fn truth(&self, indicator: usize) -> Vec<f64> {
        let constant = self.constant(indicator);
        let mut sums = vec![(0.0, 0.0); self.wijken];
        for own in &self.persons {
            let sum = &mut sums[own.area as usize];
            sum.0 += own.persons * expit(constant + self.eta(indicator, own.area as usize, own.row as usize));
            sum.1 += own.persons;
        }
        sums.into_iter().map(|(yes, all)| yes / all).collect()
    }

    /// A survey: as many respondents in every gemeente, drawn by persons × willingness; their cells per indicator, and a weight per respondent.
    pub fn survey(&self, seed: u64) -> Survey {
        let mut dice = Dice::new(seed);
        let constants: Vec<f64> = (0..INDICATORS.len()).map(|indicator| self.constant(indicator)).collect();
        let mut respondents = Vec::new();
        let mut of_gemeente: Vec<Vec<usize>> = vec![Vec::new(); self.gemeenten];
        let places = self.persons.iter().enumerate();
        places.for_each(|(at, own)| of_gemeente[self.gemeente[own.area as usize]].push(at));
        for members in &of_gemeente {
            let mut sums = Vec::new();
            let mut total = 0.0;
            for at in members {
                let own = self.persons[*at];
                let (age, sex, education) = self.groups.parts(own.row as usize);
                let years = self.groups.ages[age];
                let willing = -0.7 + 0.012 * (years - 50.0) + 0.1 * sex as f64 + [0.0, -0.2, 0.25][education];
                total += own.persons * expit(willing);
                sums.push((total, *at));
            }
            for _ in 0..self.respondents {
                let hit = dice.uniform() * total;
                let at = sums[sums.partition_point(|(sum, _)| *sum < hit).min(sums.len() - 1)].1;
                let own = self.persons[at];
                let yes = (0..INDICATORS.len()).map(|indicator| {
                    let eta = constants[indicator] + self.eta(indicator, own.area as usize, own.row as usize);
                    dice.uniform() < expit(eta)
                });
                respondents.push(Respondent { wijk: own.area, row: own.row, yes: yes.collect(), weight: 0.0 });
            }
        }
        self.weigh(&mut respondents);
        Survey { respondents }
    }

    /// Weights as such a survey has them: persons over respondents by gemeente × sex × age of 20 years. They do not know education.
    fn weigh(&self, respondents: &mut [Respondent]) {
        let group = |wijk: u32, row: u32| {
            let (age, sex, _) = self.groups.parts(row as usize);
            let years = ((self.groups.ages[age] - 18.0) / 20.0).floor().min(3.0) as usize;
            (self.gemeente[wijk as usize] * 2 + sex) * 4 + years
        };
        let mut persons = vec![0.0; self.gemeenten * 8];
        self.persons.iter().for_each(|own| persons[group(own.area, own.row)] += own.persons);
        let mut count = vec![0.0; self.gemeenten * 8];
        respondents.iter().for_each(|own| count[group(own.wijk, own.row)] += 1.0);
        respondents.iter_mut().for_each(|own| {
            let at = group(own.wijk, own.row);
            own.weight = persons[at] / count[at];
        });
    }
}

pub struct Respondent {
    pub wijk: u32,
    pub row: u32,
    pub yes: Vec<bool>,
    pub weight: f64,
}

pub struct Survey {
    pub respondents: Vec<Respondent>,
}

impl Survey {
    /// Cells of an indicator.
    pub fn cells(&self, indicator: usize) -> Vec<Cell> {
        self.respondents
            .iter()
            .map(|own| Cell { area: own.wijk, row: own.row, n: 1.0, yes: f64::from(u8::from(own.yes[indicator])) })
            .collect()
    }
}

/// A draw of the intrinsic autoregression, standardised.
fn field(graph: &Graph, dice: &mut Dice) -> Vec<f64> {
    let order = graph.band_order();
    let ordered = graph.reordered(&order);
    let factor = ordered.precision(1.0, &vec![1e-4; graph.areas()]).factor().expect("a ridge on a map is positive");
    let mut values: Vec<f64> = (0..graph.areas()).map(|_| dice.normal()).collect();
    factor.solve_upper(&mut values);
    standardise(&mut values);
    let mut found = vec![0.0; values.len()];
    order.iter().zip(values).for_each(|(area, value)| found[*area as usize] = value);
    found
}

fn standardise(values: &mut [f64]) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let sd = (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt();
    values.iter_mut().for_each(|value| *value = (*value - mean) / sd);
}
