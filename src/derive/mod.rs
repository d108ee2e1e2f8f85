//! Layer 3: Responses → [`Scored`]: items become scores, scores and codes become indicators, by declared definitions.

use sha2::{Digest, Sha256};

use crate::ingest::WeightedRows;

mod indicator;
mod score;

pub use indicator::{Agreement, Answered, Deriver, IndicatorPlan, ReadyMade, ScorePlan, TestPlan};
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
    /// One per ready-made variable of the plan.
    pub agreement: Vec<Agreement>,
    /// One per parameter of the plan.
    pub answered: Vec<Answered>,
}

impl Scored {
    /// A digest of the rows that does not depend on their order or on blocks: the sum of the hashes of the rows.
    ///
    /// Data files carry it as what they were made from, so that the same rows in another order give the same bytes.
    #[must_use]
    pub fn digest(&self) -> u128 {
        let mut bytes = Vec::with_capacity(256);
        let mut sum: u128 = 0;
        for row in 0..self.rows {
            bytes.clear();
            bytes.extend(self.year[row].to_le_bytes());
            bytes.extend(self.region[row].to_le_bytes());
            bytes.extend(self.categories.iter().map(|categories| categories[row]));
            for indicator in &self.indicators {
                match indicator {
                    Indicator::Share(answers) => bytes.push(answers[row]),
                    Indicator::Mean(values) => bytes.extend(values[row].to_bits().to_le_bytes()),
                    Indicator::NotMeasured => {}
                }
            }
            for weights in self.weights.iter().flatten() {
                bytes.extend(weights.weight[row].to_bits().to_le_bytes());
                // Outside the weight set the design variables play no part.
                if !weights.weight[row].is_nan() {
                    let stratum = weights.stratum.get(row).map(|at| &weights.strata[*at as usize]);
                    let cluster = weights.cluster.get(row).map(|at| &weights.clusters[*at as usize]);
                    for text in [stratum, cluster].map(|name| name.map_or("", String::as_str)) {
                        bytes.extend((text.len() as u32).to_le_bytes());
                        bytes.extend(text.as_bytes());
                    }
                    bytes.extend(weights.population.get(row).map_or(0, |size| size.to_bits()).to_le_bytes());
                    // Nothing where there is none: the digests of designs of one stage stay what they were.
                    let elements = weights.cluster_population.get(row).map(|size| size.to_bits().to_le_bytes());
                    bytes.extend(elements.iter().flatten());
                }
            }
            let hash = Sha256::digest(&bytes);
            let first = hash.first_chunk::<16>().copied().unwrap_or_default();
            sum = sum.wrapping_add(u128::from_le_bytes(first));
        }
        sum
    }
}
