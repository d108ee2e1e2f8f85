//! What a model is fitted to, and what is looked for.

use super::design::Design;
use super::graph::Graph;
use super::{NotPositive, product};

/// Precision of the constant of the autoregression.
const CONSTANT: f64 = 1e-5;

/// Answers of a wijk × demographic row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Index of the area.
    pub area: u32,
    /// Demographic row.
    pub row: u32,
    /// Answers.
    pub n: f64,
    /// Of them yes.
    pub yes: f64,
}

/// The map with its scaled intrinsic autoregression.
#[derive(Clone, Debug, PartialEq)]
pub struct Spatial {
    /// Neighbours.
    pub graph: Graph,
    /// [`Graph::scale`].
    pub scale: f64,
    /// Precision of the constant: tiny, because the intercept takes it over.
    pub constant: f64,
}

impl Spatial {
    /// s'Q*s of an effect, Q* the scaled precision with a little on its diagonal.
    #[must_use]
    pub fn square(&self, effect: &[f64]) -> f64 {
        let pairs: f64 = self.graph.edges().map(|(a, b)| (effect[a] - effect[b]).powi(2)).sum();
        self.scale * pairs + self.constant * effect.iter().map(|value| value * value).sum::<f64>()
    }

    /// Q*s.
    #[must_use]
    pub fn times(&self, effect: &[f64]) -> Vec<f64> {
        let row = |area: usize| {
            let own = self.graph.neighbours(area).iter().map(|other| effect[area] - effect[*other as usize]);
            self.scale * own.sum::<f64>() + self.constant * effect[area]
        };
        (0..effect.len()).map(row).collect()
    }
}

/// A model with its data, areas in an order that suits the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Columns of the demographic rows.
    pub design: Design,
    /// Number of areas.
    pub areas: usize,
    /// Number of covariates.
    pub facts: usize,
    /// Covariates, area by area; standardised.
    pub covariates: Vec<f64>,
    /// The map; `None` for independent effects alone.
    pub spatial: Option<Spatial>,
    /// Cells by area and row.
    pub cells: Vec<Cell>,
    /// First cell of each area, and their number.
    pub first: Vec<usize>,
    /// Area as the caller numbers it → place in this order.
    pub place: Vec<u32>,
}

impl Problem {
    /// A problem from areas as the caller numbers them; cells that come twice are added.
    ///
    /// # Errors
    /// [`NotPositive`] where the map is not connected.
    pub fn new(
        design: Design,
        areas: usize,
        covariates: &[f64],
        graph: Option<&Graph>,
        cells: &[Cell],
    ) -> Result<Self, NotPositive> {
        let order = graph.map_or_else(|| (0..areas as u32).collect(), Graph::band_order);
        let mut place = vec![0_u32; areas];
        order.iter().zip(0..).for_each(|(area, at)| place[*area as usize] = at);
        let facts = covariates.len().checked_div(areas).unwrap_or(0);
        let covariates =
            order.iter().flat_map(|area| &covariates[*area as usize * facts..(*area as usize + 1) * facts]).copied();
        let spatial = graph
            .map(|graph| Ok(Spatial { scale: graph.scale()?, graph: graph.reordered(&order), constant: CONSTANT }))
            .transpose()?;
        let mut problem = Self {
            design,
            areas,
            facts,
            covariates: covariates.collect(),
            spatial,
            cells: Vec::new(),
            first: Vec::new(),
            place,
        };
        problem.replace_cells(cells);
        Ok(problem)
    }

    /// Other cells for the same areas, numbered as the caller does.
    pub fn replace_cells(&mut self, cells: &[Cell]) {
        let mut sorted: Vec<Cell> =
            cells.iter().map(|cell| Cell { area: self.place[cell.area as usize], ..*cell }).collect();
        sorted.sort_by_key(|cell| (cell.area, cell.row));
        sorted.dedup_by(|next, kept| {
            let same = (next.area, next.row) == (kept.area, kept.row);
            if same {
                kept.n += next.n;
                kept.yes += next.yes;
            }
            same
        });
        self.first = (0..=self.areas).map(|area| sorted.partition_point(|cell| (cell.area as usize) < area)).collect();
        self.cells = sorted;
    }

    /// Number of coefficients of rows and covariates.
    #[must_use]
    pub const fn dense(&self) -> usize {
        self.design.width + self.facts
    }

    /// Covariates of an area.
    #[must_use]
    pub fn facts_of(&self, area: usize) -> &[f64] {
        &self.covariates[area * self.facts..(area + 1) * self.facts]
    }

    /// Cells of an area.
    #[must_use]
    pub fn cells_of(&self, area: usize) -> &[Cell] {
        &self.cells[self.first[area]..self.first[area + 1]]
    }

    /// Variances: those of the design, that of the covariates where there are any, of the independent and of the spatial effect. A start that
    /// does not depend on the data.
    #[must_use]
    pub fn start(&self) -> Precision {
        Precision {
            blocks: vec![10.0; self.design.blocks.len()],
            covariates: 20.0,
            iid: 20.0,
            spatial: self.spatial.as_ref().map(|_| 20.0),
        }
    }

    /// Effects of nothing but the share of all answers.
    #[must_use]
    pub fn null(&self) -> State {
        let (n, yes) = self.cells.iter().fold((0.0, 0.0), |(n, yes), cell| (n + cell.n, yes + cell.yes));
        let mut state =
            State { beta: vec![0.0; self.dense()], iid: vec![0.0; self.areas], spatial: vec![0.0; self.areas] };
        state.beta[0] = ((yes + 0.5) / (n - yes + 0.5)).ln();
        state
    }

    /// η of every row without area, and the effect of every area.
    #[must_use]
    pub fn predictors(&self, state: &State) -> (Vec<f64>, Vec<f64>) {
        let (rows, facts) = state.beta.split_at(self.design.width);
        let of_rows = self.design.values.chunks_exact(self.design.width).map(|row| product(row, rows)).collect();
        let of_areas = (0..self.areas)
            .map(|area| product(self.facts_of(area), facts) + state.iid[area] + state.spatial[area])
            .collect();
        (of_rows, of_areas)
    }

    /// Log-likelihood Σ y η − n log(1 + e^η), without its constant.
    #[must_use]
    pub fn log_likelihood(&self, state: &State) -> f64 {
        let (rows, areas) = self.predictors(state);
        let odds = Odds::of(&rows, &areas);
        let term = |cell: &Cell| {
            let (area, row) = (cell.area as usize, cell.row as usize);
            cell.yes * (rows[row] + areas[area]) - cell.n * odds.of_cell(row, area).ln_1p()
        };
        self.cells.iter().map(term).sum()
    }

    /// Odds of yes at a state.
    #[must_use]
    pub fn odds(&self, state: &State) -> Odds {
        let (rows, areas) = self.predictors(state);
        Odds::of(&rows, &areas)
    }

    /// θ'Sθ / 2, what the variances take off the log-likelihood.
    #[must_use]
    pub fn penalty(&self, precision: &Precision, state: &State) -> f64 {
        let square = |values: &[f64]| values.iter().map(|value| value * value).sum::<f64>();
        let mut sum = precision.iid * square(&state.iid)
            + precision.covariates * square(&state.beta[self.design.width..])
            + FIXED * square(&state.beta);
        for (block, own) in self.design.blocks.iter().zip(&precision.blocks) {
            sum += own * square(&state.beta[block.clone()]);
        }
        if let (Some(spatial), Some(own)) = (&self.spatial, precision.spatial) {
            sum += own * spatial.square(&state.spatial);
        }
        sum / 2.0
    }

    /// First derivatives and weights of the log-likelihood at a state.
    #[must_use]
    pub fn derivatives(&self, state: &State) -> Derivatives {
        let width = self.design.width;
        let odds = self.odds(state);
        let mut found = Derivatives {
            row_weight: vec![0.0; odds.rows.len()],
            row_rest: vec![0.0; odds.rows.len()],
            weight: vec![0.0; self.areas],
            rest: vec![0.0; self.areas],
            mean: vec![0.0; self.areas * width],
        };
        for cell in &self.cells {
            let (area, row) = (cell.area as usize, cell.row as usize);
            let p = odds.share(row, area);
            let weight = cell.n * p * (1.0 - p);
            let rest = cell.yes - cell.n * p;
            found.row_weight[row] += weight;
            found.row_rest[row] += rest;
            found.weight[area] += weight;
            found.rest[area] += rest;
            let target = &mut found.mean[area * width..(area + 1) * width];
            target.iter_mut().zip(self.design.row(row)).for_each(|(sum, value)| *sum += weight * value);
        }
        found
    }
}

/// Odds e^η of cells as products of a part of the row and a part of the area: one exponential per row and area instead of one per cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Odds {
    rows: Vec<f64>,
    areas: Vec<f64>,
}

impl Odds {
    fn of(rows: &[f64], areas: &[f64]) -> Self {
        let exp = |values: &[f64]| values.iter().map(|value| value.exp()).collect();
        Self { rows: exp(rows), areas: exp(areas) }
    }

    /// p / (1 − p) of a row in an area.
    #[must_use]
    pub fn of_cell(&self, row: usize, area: usize) -> f64 {
        self.rows[row] * self.areas[area]
    }

    /// p of a row in an area; 1 where the odds are infinite.
    #[must_use]
    pub fn share(&self, row: usize, area: usize) -> f64 {
        1.0 / (1.0 + 1.0 / self.of_cell(row, area))
    }
}

/// Precision that even a fixed effect has, so that columns that say the same do no harm.
pub(super) const FIXED: f64 = 1e-7;

/// 1 / variance of each kind of effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Precision {
    /// Per block of the design.
    pub blocks: Vec<f64>,
    /// Of the covariates.
    pub covariates: f64,
    /// Of the independent effect of an area.
    pub iid: f64,
    /// Of the spatial effect, scaled; `None` without a map.
    pub spatial: Option<f64>,
}

/// Effects.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// Of the columns of the design, then of the covariates.
    pub beta: Vec<f64>,
    /// Independent, per area.
    pub iid: Vec<f64>,
    /// Spatial, per area; zeros without a map.
    pub spatial: Vec<f64>,
}

/// Derivatives of the log-likelihood, summed by row and by area.
#[derive(Clone, Debug, PartialEq)]
pub struct Derivatives {
    /// Σ n p (1 − p) per row.
    pub row_weight: Vec<f64>,
    /// Σ y − n p per row.
    pub row_rest: Vec<f64>,
    /// Σ n p (1 − p) per area.
    pub weight: Vec<f64>,
    /// Σ y − n p per area.
    pub rest: Vec<f64>,
    /// Σ n p (1 − p) d per area.
    pub mean: Vec<f64>,
}
