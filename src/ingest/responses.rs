//! A block of respondents as read: the hand-over type of ingest.

use super::decode::{is_missing, trim};

/// A weight set of one block of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WeightedRows {
    /// Weight; NaN where the row is outside the weight set.
    pub weight: Vec<f64>,
    /// Index of the stratum in `strata`.
    pub stratum: Vec<u32>,
    /// Index of the cluster in `clusters`; empty without clusters.
    pub cluster: Vec<u32>,
    /// Population size of the row's stratum; NaN where absent, empty without a finite population correction.
    pub population: Vec<f64>,
    /// Population size of the row's cluster; NaN where absent, empty without a finite population correction of the second stage.
    pub cluster_population: Vec<f64>,
    /// Names of strata.
    pub strata: Vec<String>,
    /// Names of clusters.
    pub clusters: Vec<String>,
}

/// A respondent's number in the file.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RespondentId {
    /// A whole number as it is usually written.
    Number(u64),
    /// Any other text; empty where missing.
    Text(Box<str>),
}

impl RespondentId {
    /// Whether there is no number.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Text(text) if is_missing(text))
    }

    pub(super) fn read(text: &str) -> Self {
        let text = trim(text);
        // `007` and `7` are two texts, so a leading zero keeps a number a text.
        match text.as_bytes() {
            [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
                Self::Number(text.bytes().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
            }
            _ => Self::Text(text.into()),
        }
    }
}

/// A block of rows as read. Rejected rows are gone.
#[derive(Clone, Debug, PartialEq)]
pub struct Responses {
    /// Rows that are used.
    pub rows: usize,
    /// Index of the source in the pipeline.
    pub source: usize,
    /// Row number within the block of each used row, from 0.
    pub row: Vec<u32>,
    /// Year.
    pub year: Vec<i32>,
    /// Position of the finest known region in the region list.
    pub region: Vec<u32>,
    /// Per coded column: index of the declared code, or [`super::MISSING`].
    pub coded: Vec<Vec<u8>>,
    /// Per number column; NaN where missing or unknown.
    pub numbers: Vec<Vec<f64>>,
    /// Per weight set of the plan.
    pub weights: Vec<Option<WeightedRows>>,
    /// Respondent numbers; empty where none is declared.
    pub ids: Vec<RespondentId>,
}

impl Responses {
    /// Drops the rows that are not to be kept.
    pub fn keep(&mut self, keep: &[bool]) {
        fn only<T: Clone>(values: &mut Vec<T>, keep: &[bool]) {
            if !values.is_empty() {
                let mut flags = keep.iter();
                values.retain(|_| flags.next().is_some_and(|flag| *flag));
            }
        }
        only(&mut self.row, keep);
        only(&mut self.year, keep);
        only(&mut self.region, keep);
        only(&mut self.ids, keep);
        self.coded.iter_mut().for_each(|column| only(column, keep));
        self.numbers.iter_mut().for_each(|column| only(column, keep));
        for weights in self.weights.iter_mut().flatten() {
            only(&mut weights.weight, keep);
            only(&mut weights.stratum, keep);
            only(&mut weights.cluster, keep);
            only(&mut weights.population, keep);
            only(&mut weights.cluster_population, keep);
        }
        self.rows = keep.iter().filter(|flag| **flag).count();
    }
}
