//! The additive sums that every figure follows from.

use super::cell::{CellSums, MeanCell, ShareCell};
use crate::vocab::Level;

/// A design stratum of a weight set.
#[derive(Clone, Debug, PartialEq)]
pub struct Stratum {
    /// Index of the source: strata of two sources never meet.
    pub source: usize,
    /// Year: the designs of two years are independent.
    pub year: i32,
    /// Name in the file.
    pub name: String,
    /// Sampled respondents of the weight set, whatever their domain.
    pub rows: u64,
    /// Sampled clusters; 0 without clusters.
    pub clusters: u64,
    /// Population size of the stratum, in respondents or clusters.
    pub population: Option<f64>,
}

impl Stratum {
    /// Sampled units: clusters where the design has them, else respondents.
    #[must_use]
    pub const fn units(&self) -> u64 {
        if self.clusters > 0 { self.clusters } else { self.rows }
    }
}

/// A sampled cluster of a weight set.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// Index of its stratum.
    pub stratum: u32,
    /// Name in the file.
    pub name: String,
    /// Sampled respondents of the cluster, whatever their domain.
    pub rows: u64,
    /// Respondents of the cluster in the population; `None` without a finite population correction of the second stage.
    pub population: Option<f64>,
}

/// The finest domain of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit {
    /// Index of the series (collection and year).
    pub series: u32,
    /// Position in the region list; a wider region than the frame's level is the nameless leaf of respondents whose finer
    /// region is unknown.
    pub region: u32,
    /// Index of the stratum.
    pub stratum: u32,
    /// Index of the cluster; 0 without clusters.
    pub cluster: u32,
}

/// The units of a weight set at a level, in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Index of the weight set.
    pub weight_set: usize,
    /// Finest level.
    pub level: Level,
    /// Units.
    pub units: Vec<Unit>,
}

/// Cells of a table: `unit × categories + category`.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Of a 0/1 indicator.
    Share(Vec<ShareCell>),
    /// Of a numeric indicator.
    Mean(Vec<MeanCell>),
}

/// A table of cells.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Index of the frame.
    pub frame: usize,
    /// Number of categories.
    pub categories: usize,
    /// Values of a numeric indicator were divided by 2^exponent.
    pub exponent: i32,
    /// The cells.
    pub cells: Cells,
}

impl Table {
    /// Adds the cell of a unit and category to a sum.
    pub fn add_to(&self, sums: &mut CellSums, unit: usize, category: usize) {
        let index = unit * self.categories + category;
        match &self.cells {
            Cells::Share(cells) => sums.add_share(&cells[index]),
            Cells::Mean(cells) => sums.add_mean(&cells[index]),
        }
    }

    /// Whether the indicator is numeric.
    #[must_use]
    pub const fn numeric(&self) -> bool {
        matches!(self.cells, Cells::Mean(_))
    }
}

/// The moments of everything tallied, in an order that does not depend on the order of rows.
///
/// As confidential as the rows: small cells hold answers of single respondents.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    /// Per weight set, strata sorted by (source, year, name).
    pub strata: Vec<Vec<Stratum>>,
    /// Per weight set, clusters sorted by (stratum, name); none where the design has no clusters.
    pub clusters: Vec<Vec<Cluster>>,
    /// Frames.
    pub frames: Vec<Frame>,
    /// One table per table of the plan.
    pub tables: Vec<Table>,
    /// Rows tallied, per source.
    pub rows: Vec<u64>,
    /// Rows outside each weight set: `outside[weight set][source]`.
    pub outside: Vec<Vec<u64>>,
}
