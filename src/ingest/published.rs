//! What is read from a table with a row per region, and what it gives.
//!
//! One row of the file per region × period × breakdown × margin and one column per measure, or one row per measure (OData v4). Value,
//! lower and upper limit come as rows of their own and become one figure. Per cent become shares by moving the decimal point in
//! the text, so that `6.8` is the double nearest to 0.068. What has no value keeps the reason that its shape can give.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::RejectCode;
use super::cell::CellValue;
use super::decode::{DecimalMark, trim};
use super::detect::FileFormat;
use crate::vocab::{Level, Period, RegionCode, RegionCodeError, Shape};

/// Dimension and category.
pub type CategoryKey = (String, String);

/// A column with the meaning of its codes.
#[derive(Clone, Debug)]
pub struct CodesPlan<T> {
    /// Field.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// Code → meaning.
    pub codes: HashMap<String, T>,
    /// Whether rows of other codes are left out and counted.
    pub others_left_out: bool,
}

/// Everything that is read from one file of a table.
#[derive(Clone, Debug)]
pub struct PublishedPlan {
    /// Format of the file.
    pub format: FileFormat,
    /// Shape of the table.
    pub shape: Shape,
    /// Which codes of the region column are regions.
    pub region: RegionCodes,
    /// A fixed period, or the field and name of the period column.
    pub period: Result<Period, (usize, String)>,
    /// Codes of periods that a list of the publisher calls provisional.
    pub provisional: HashSet<String>,
    /// 0 for a value, 1 for a lower, 2 for an upper limit.
    pub margins: Option<CodesPlan<usize>>,
    /// Breakdown columns: code → (dimension, category).
    pub breakdowns: Vec<CodesPlan<CategoryKey>>,
    /// Ids of the dimensions in the order in which the pipeline declares them.
    pub dimensions: Vec<String>,
    /// Measures.
    pub measures: Vec<MeasurePlan>,
    /// Field of the measure's key in a table with one row per measure.
    pub long: Option<usize>,
    /// Levels that are wanted.
    pub levels: Vec<Level>,
    /// Whether the second measure is the denominator of the first, which is then never larger.
    pub is_register: bool,
}

/// Which texts of a region column are regions.
#[derive(Clone, Debug)]
pub struct RegionCodes {
    /// The one region of the table, or the field and name of the region column.
    pub column: Result<RegionCode, (usize, String)>,
    /// Codes of the file → codes of the release.
    pub alias: HashMap<String, RegionCode>,
    /// Level whose digits the column holds.
    pub digits: Option<Level>,
    /// Known codes; `None` where the table itself is the list.
    pub known: Option<Arc<HashSet<String>>>,
    /// Codes of other region years.
    pub elsewhere: Arc<HashSet<String>>,
}

/// How a measure is read.
#[derive(Clone, Debug)]
pub struct MeasurePlan {
    /// Field of its numbers.
    pub field: usize,
    /// Key: the column, or the code in the column of measures.
    pub key: String,
    /// Decimal mark of its numbers.
    pub mark: DecimalMark,
    /// Whether the table gives per cent and the parameter is a share.
    pub per_cent: bool,
    /// What other numbers are multiplied with.
    pub multiply: f64,
    /// The category that the measure is, in a wide table.
    pub category: Option<CategoryKey>,
    /// Which numbers are possible.
    pub numbers: Numbers,
}

/// Which numbers a measure can have, in the notation of the file. A mark of thousands would otherwise pass for a decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// Whole numbers from 0: persons, households, events.
    Whole,
    /// Numbers from 0 with two decimals at most: means of inhabitants.
    Quantity,
    /// Numbers from 0.
    Positive,
    /// Any number: scores.
    Any,
}

/// The figures of one region × period × category, by place in the lists of the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedRow {
    /// Place in `regions`.
    pub region: u32,
    /// Place in `periods`.
    pub period: u32,
    /// Place in `categories`.
    pub category: u32,
    /// Whether the source calls the period provisional.
    pub provisional: bool,
    /// Whether the figure was brought from the regions of another year.
    pub recoded: bool,
}

/// What a table gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishedOutcome {
    /// Rows of the file.
    pub rows: u64,
    /// Rows of a level that is not wanted.
    pub other_levels: u64,
    /// Rows of a measure that no mapping names.
    pub other_measures: u64,
    /// Rows of a category that the pipeline leaves out.
    pub left_out: u64,
    /// Regions in order of appearance.
    pub regions: Vec<RegionCode>,
    /// Periods in order of appearance.
    pub periods: Vec<Period>,
    /// Dimensions and categories in order of appearance; a crossing joins both with `*`, in the order in which the pipeline declares
    /// the dimensions.
    pub categories: Vec<CategoryKey>,
    /// Figures in file order.
    pub figures: Vec<PublishedRow>,
    /// Number of measures.
    pub measures: usize,
    /// Per figure × measure its value.
    pub values: Vec<CellValue>,
    /// Per figure × measure its limits; empty where the table has none.
    pub limits: Vec<[CellValue; 2]>,
}

impl PublishedOutcome {
    /// Value of a figure, by place in `figures`, and measure.
    #[must_use]
    pub fn value(&self, figure: usize, measure: usize) -> CellValue {
        self.values[figure * self.measures + measure]
    }

    /// Lower and upper limit of a figure.
    #[must_use]
    pub fn limits(&self, figure: usize, measure: usize) -> [CellValue; 2] {
        self.limits.get(figure * self.measures + measure).copied().unwrap_or_default()
    }

    /// The region of a figure.
    #[must_use]
    pub fn region(&self, figure: &PublishedRow) -> &RegionCode {
        &self.regions[figure.region as usize]
    }

    /// The period of a figure.
    #[must_use]
    pub fn period(&self, figure: &PublishedRow) -> &Period {
        &self.periods[figure.period as usize]
    }

    /// Dimension and category of a figure.
    #[must_use]
    pub fn category(&self, figure: &PublishedRow) -> &CategoryKey {
        &self.categories[figure.category as usize]
    }
}

impl RegionCodes {
    /// The region of a text of the column.
    ///
    /// # Errors
    /// Why it is none. Levels that are not wanted are not looked up.
    pub(super) fn read(&self, text: &str, levels: &[Level]) -> Result<RegionCode, RejectCode> {
        let text = trim(text);
        let region = match (self.alias.get(text), self.digits) {
            (Some(region), _) => region.clone(),
            (None, Some(level)) if !text.starts_with(level.prefix()) => {
                let digits = crate::declare::normalise_code(text);
                let own = format!("{}{digits:0>width$}", level.prefix(), width = level.digits());
                RegionCode::parse(&own).map_err(|_| RejectCode::UnknownRegion)?
            }
            (None, _) => RegionCode::parse(text).map_err(|error| match error {
                RegionCodeError::UnknownKind => RejectCode::UnknownRegionKind,
                RegionCodeError::Malformed => RejectCode::UnknownRegion,
            })?,
        };
        match &self.known {
            Some(known) if levels.contains(&region.level()) && !known.contains(region.as_str()) => {
                let elsewhere = self.elsewhere.contains(region.as_str());
                Err(if elsewhere { RejectCode::OtherRegionYear } else { RejectCode::UnknownRegion })
            }
            _ => Ok(region),
        }
    }
}

/// The name of a category from the parts that breakdown columns and a measure give; one name per crossing, whatever the order of
/// the columns.
pub(super) fn crossing<'p>(parts: impl IntoIterator<Item = &'p CategoryKey>, dimensions: &[String]) -> CategoryKey {
    let mut parts: Vec<&CategoryKey> = parts.into_iter().filter(|part| part.0 != "total").collect();
    parts.sort_by_key(|(dimension, _)| dimensions.iter().position(|declared| declared == dimension));
    let join = |of: fn(&CategoryKey) -> &str| match parts.as_slice() {
        [] => "total".to_owned(),
        parts => parts.iter().map(|part| of(part)).collect::<Vec<_>>().join("*"),
    };
    (join(|part| &part.0), join(|part| &part.1))
}
