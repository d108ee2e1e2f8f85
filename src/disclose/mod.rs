//! Layer 3: Estimates → [`Publishable`]; the only door out.
//!
//! `floor` decides what an estimate may show; `published` takes over figures that are public already, and holds counts of a register
//! against the floor; `comparison` what may be said of two figures,
//! `derived` figures that are made of others, `trend` figures over time, and `model` what a model may say, with what `model_linked` withholds for the sake of other modelled figures. `settled` is what an earlier run let through. `protect` is complementary suppression: it decides
//! which figures are withheld for the sake of others, before any of them is made. `precision` says how exactly the others are published.

pub mod audit;
mod comparison;
mod derived;
mod differencing;
mod floor;
mod model;
mod model_linked;
mod precision;
pub mod protect;
mod published;
mod settled;
mod trend;

pub use comparison::{Compared, Comparison, ComparisonKey, Comparisons, Judgement, compare};
pub use derived::{Derived, derive};
pub use differencing::{Beside, EarlierFigure, beside, beside_predecessor};
pub use floor::{FigureKey, Policies, Policy, disclose, not_measured};
pub use model::{BesideDirect, ModelPolicy, OfModel, beside_direct, model};
pub use model_linked::{Line, withhold_beside};
pub use precision::Hidden;
pub use published::{
    Cell, StandardisedCount, Taken, TakenCount, TakenLimits, disclose_counts, disclose_standardised, small_counts,
    take_over,
};
pub use settled::Settled;
pub use trend::{Trend, TrendJudgement, TrendPoint, Trended, Trends, trends};

use serde::{Deserialize, Serialize};

use crate::declare::PrecisionRule;
use crate::vocab::{IntervalMethod, Method, Reason, Reliability, Statistic, Status, Unit};

/// One figure that may be published. Keys are indexes into the [`crate::declare::Catalogue`]; a withheld figure keeps its
/// row, with every number that would give it away set to `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Index in `parameters`.
    pub parameter: u32,
    /// Index in `collections`.
    pub collection: u32,
    /// Index in `periods`.
    pub period: u32,
    /// Index in `regions`; gives level, code and region year.
    pub region: u32,
    /// Kind of number.
    pub statistic: Statistic,
    /// Index in `categories`; gives dimension and category.
    pub category: u32,
    /// How the value came about.
    pub method: Method,
    /// Index in `sources`.
    pub source: u32,
    /// Index in `variants`.
    pub variant: u32,
    /// Share in [0, 1] or mean, by the unit of the parameter.
    pub value: Option<f64>,
    /// Standard error, on the scale of the value.
    pub se: Option<f64>,
    /// Lower limit, on the scale of the value.
    pub lower: Option<f64>,
    /// Upper limit, on the scale of the value.
    pub upper: Option<f64>,
    /// Confidence level of the interval, such as 0.95.
    pub confidence: Option<f64>,
    /// How the interval was made.
    pub interval_method: Option<IntervalMethod>,
    /// Unweighted number of valid answers.
    pub n: Option<i64>,
    /// Design effect.
    pub deff: Option<f64>,
    /// Degrees of freedom.
    pub df: Option<i64>,
    /// Persons that the figure speaks of.
    pub population: Option<f64>,
    /// Whether there is a value.
    pub status: Status,
    /// Why there is no value or no interval.
    pub reason: Option<Reason>,
    /// Class of precision, where the pipeline declares thresholds.
    pub reliability: Option<Reliability>,
    /// Of a model the part of the figure that is the region's own data, in [0, 1].
    pub own_share: Option<f64>,
    /// As the source says.
    pub provisional: bool,
    /// What the policy of its level leaves out.
    pub hidden: Hidden,
}

impl Figure {
    /// The key of the figure, in the order of schema.md. Indexes order like the words that they stand for.
    fn key(&self) -> (u32, u32, u32, u32, Statistic, u32, Method, u32, u32) {
        (
            self.parameter,
            self.collection,
            self.period,
            self.region,
            self.statistic,
            self.category,
            self.method,
            self.source,
            self.variant,
        )
    }
}

/// Figures that have passed disclosure control, in runs: each sorted by the key of `figures`, and so is what they are together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Publishable {
    runs: Vec<Vec<Figure>>,
}

impl Publishable {
    /// Figures that the rooms of this module have decided on, sorted by key.
    ///
    /// Private to `disclose`: there is no other way to a publishable figure.
    #[must_use]
    fn from_figures(mut figures: Vec<Figure>) -> Self {
        if !figures.is_sorted_by_key(Figure::key) {
            // Stable, and so quick where sorted parts follow each other.
            figures.sort_by_key(Figure::key);
        }
        let runs = if figures.is_empty() { Vec::new() } else { vec![figures] };
        Self { runs }
    }

    /// All of them together. Parts that follow each other stay where they are: a release may have millions of figures.
    #[must_use]
    pub fn merge(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut runs: Vec<Vec<Figure>> = parts.into_iter().flat_map(|part| part.runs).collect();
        runs.sort_by_key(|run| run.first().map(Figure::key));
        let mut merged: Vec<Vec<Figure>> = Vec::with_capacity(runs.len());
        for run in runs {
            let last = merged.last_mut();
            match last {
                Some(last) if last.last().map(Figure::key) >= run.first().map(Figure::key) => {
                    last.extend(run);
                    last.sort_by_key(Figure::key);
                }
                _ => merged.push(run),
            }
        }
        Self { runs: merged }
    }

    /// As the policy publishes them: `precision` gives what holds for the level of a region, `unit` the unit of a parameter, `merged` whether
    /// no reason is said. Figures of tables that are public already stay as they are.
    #[must_use]
    pub fn at_precision<'p>(
        mut self,
        precision: impl Fn(u32) -> Option<&'p PrecisionRule>,
        unit: impl Fn(u32) -> Unit,
        merged: bool,
    ) -> Self {
        for figure in
            self.runs.iter_mut().flatten().filter(|figure| matches!(figure.method, Method::Direct | Method::Model))
        {
            if let Some(rule) = precision(figure.region) {
                figure.rounded(rule, unit(figure.parameter));
            }
            if merged {
                figure.reason = precision::merged(figure.status, figure.reason);
            }
        }
        self
    }

    /// The runs, in the order of their keys.
    pub fn runs(&self) -> impl Iterator<Item = &[Figure]> {
        self.runs.iter().map(Vec::as_slice)
    }

    /// The figures, sorted by key.
    pub fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.runs.iter().flatten()
    }

    /// Number of figures.
    #[must_use]
    pub fn count(&self) -> usize {
        self.runs.iter().map(Vec::len).sum()
    }
}
