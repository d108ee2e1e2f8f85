//! Layer 3: Scored → [`Moments`]: one pass over the rows, exact sums per domain × design stratum.
//!
//! The finest domain of a table is a *unit*: series (collection and period) × region × stratum × cluster, × category. A unit's region
//! is the finest known one, cut at the finest level that the table is published at; a respondent whose wijk is unknown is a
//! unit of the gemeente itself. Every wider domain is a sum of units, so rows are read once, whatever the number of tables.
//!
//! | room | what it knows |
//! |---|---|
//! | `kernel`, `rows` | blocks of rows → sums |
//! | `cell`, `moments` | the sums |
//! | `merge` | the moments of parts → those of the whole |
//! | `encode`, `bytes` | moments as bytes and back, for the cache and for `merge` |
//!
//! Sums are integers ([`crate::stats::fixed`]): threads, row order, blocks and files give the same moments.

mod bytes;
mod cell;
mod encode;
mod kernel;
mod merge;
mod moments;
mod rows;

pub use bytes::{ByteReader, ByteWriter, Garbled};
pub use cell::{CellSums, MeanCell, ShareCell};
pub use kernel::{Tally, TallyFault};
pub use merge::MergeFault;
pub use moments::{Cells, Cluster, Frame, Moments, Stratum, Table, Unit};

use crate::vocab::Level;

/// What is tallied.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TallyPlan {
    /// Breakdowns; the total has no dimension and one category.
    pub breakdowns: Vec<Breakdown>,
    /// Tables.
    pub tables: Vec<TableSpec>,
    /// Number of weight sets.
    pub weight_sets: usize,
}

/// The total, a dimension or a crossing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// Indexes of dimensions; empty for the total.
    pub dimensions: Vec<usize>,
    /// Number of categories of each of them.
    pub sizes: Vec<usize>,
}

impl Breakdown {
    /// Number of categories; a crossing has the product.
    #[must_use]
    pub fn categories(&self) -> usize {
        self.sizes.iter().product()
    }
}

/// A table: one parameter × breakdown × weight set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Index of the parameter in the plan.
    pub parameter: usize,
    /// Index in `breakdowns`.
    pub breakdown: usize,
    /// Index of the weight set.
    pub weight_set: usize,
    /// Levels that are published from it, widest first.
    pub levels: Vec<Level>,
    /// Whether the indicator is numeric.
    pub numeric: bool,
    /// Values of a numeric indicator are divided by 2^exponent while they are summed; 0 for a 0/1 indicator.
    pub exponent: i32,
}

impl TableSpec {
    /// The finest level of the table.
    #[must_use]
    pub fn finest(&self) -> Level {
        self.levels.last().copied().unwrap_or(Level::Nl)
    }
}
