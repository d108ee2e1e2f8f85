//! Layer 3: Responses → [`Scored`]: items become scores, scores and codes become indicators, by declared definitions.

use crate::ingest::WeightedRows;

mod indicator;
mod score;

pub use indicator::{Deriver, IndicatorPlan, ScorePlan};
pub use score::{CaseFault, ScoreKernel, run_cases};

/// Answer of one respondent to a 0/1 indicator, as a byte.
pub mod answer {
    /// No.
    pub const NO: u8 = 0;
    /// Yes.
    pub const YES: u8 = 1;
    /// Unknown: not answered, or a score with too many missing items.
    pub const UNKNOWN: u8 = 2;
    /// Not applicable and out of the denominator.
    pub const NOT_APPLICABLE: u8 = 3;
}

/// Category index that stands for unknown.
pub const UNKNOWN_CATEGORY: u8 = u8::MAX;

/// The indicator values of one block of rows, for one parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Indicator {
    /// 0/1 with unknown and not applicable, see [`answer`].
    Share(Vec<u8>),
    /// A number; NaN is unknown.
    Mean(Vec<f64>),
    /// The source does not measure it.
    NotMeasured,
}

/// A block of rows, scored: everything that the tally needs and nothing else. Rejected rows are gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// Number of rows.
    pub rows: usize,
    /// Index of the source in the pipeline.
    pub source: usize,
    /// Year of each row.
    pub year: Vec<i32>,
    /// Index of the finest known region in the region list.
    pub region: Vec<u32>,
    /// Category per dimension of the plan, [`UNKNOWN_CATEGORY`] where unknown.
    pub categories: Vec<Vec<u8>>,
    /// One per parameter of the plan.
    pub indicators: Vec<Indicator>,
    /// One per weight set of the plan; `None` where the source has no such weight set.
    pub weights: Vec<Option<WeightedRows>>,
}
