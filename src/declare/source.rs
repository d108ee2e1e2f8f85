//! Sources: respondent files and published tables.

use super::reader::Placed;
use crate::vocab::{Level, Period, RegionCode, Sample, Shape};

/// A source of figures.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Unique id.
    pub id: Placed<String>,
    /// The series that its figures belong to.
    pub collection: Placed<String>,
    /// Title for people.
    pub title: String,
    /// Publisher.
    pub publisher: String,
    /// Licence.
    pub licence: String,
    /// Fieldwork as text.
    pub fieldwork: String,
    /// Kind of sample.
    pub sample: Sample,
    /// Files in the data folder; globs allowed.
    pub files: Vec<Placed<String>>,
    /// Indelingsjaar of its region codes.
    pub region_year: i32,
    /// Regions that it covers wholly. Wider levels are not produced.
    pub covers: Vec<Placed<RegionCode>>,
    /// Number of rejected rows that the run accepts.
    pub max_rejects: u64,
    /// What kind of file it is.
    pub kind: SourceKind,
}

/// The two kinds of source.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceKind {
    /// One row per respondent.
    Respondents(RespondentSource),
    /// A table of figures that somebody published.
    Published(PublishedSource),
}

/// A respondent file.
#[derive(Clone, Debug, PartialEq)]
pub struct RespondentSource {
    /// Period of the rows.
    pub period: YearFrom,
    /// Column of a unique number per respondent.
    pub id_column: Option<Placed<String>>,
    /// Parameters that the source cannot feed.
    pub not_measured: Vec<Placed<String>>,
    /// Pinned properties of the file.
    pub format: FormatPins,
    /// Columns of regions.
    pub region: RegionColumns,
    /// Weight sets.
    pub weight_sets: Vec<WeightSet>,
}

/// Where the period of a respondent comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum YearFrom {
    /// One period for the whole file.
    Fixed(Period),
    /// A column of years.
    Column {
        /// The column.
        column: Placed<String>,
        /// The years that it may hold, rising; a row of another year is a reject.
        years: Vec<i32>,
    },
}

impl YearFrom {
    /// Years that respondents of the source may have, rising.
    #[must_use]
    pub fn years(&self) -> &[i32] {
        match self {
            Self::Fixed(period) => std::slice::from_ref(&period.year),
            Self::Column { years, .. } => years,
        }
    }

    /// Periods that respondents of the source may have, rising.
    #[must_use]
    pub fn periods(&self) -> Vec<Period> {
        match self {
            Self::Fixed(period) => vec![period.clone()],
            Self::Column { years, .. } => years.iter().copied().map(Period::of_year).collect(),
        }
    }

    /// Whether the source may hold a respondent of one of these years.
    #[must_use]
    pub fn holds_any(&self, years: &[i32]) -> bool {
        self.years().iter().any(|year| years.contains(year))
    }
}

/// Where the period of a published figure comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum PeriodFrom {
    /// One period for the whole file.
    Fixed(Period),
    /// A column of period codes; the table says which periods it has.
    Column(Placed<String>),
}

/// Pinned properties of a file; `None` is recognised from the file and shown by `explain`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatPins {
    /// Field separator.
    pub separator: Option<u8>,
    /// Whether the decimal mark is a comma.
    pub decimal_comma: Option<bool>,
    /// Whether the encoding is Windows-1252 (otherwise UTF-8).
    pub windows_1252: Option<bool>,
}

/// A column that holds regions of one level.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionColumn {
    /// Level.
    pub level: Level,
    /// Column.
    pub column: Placed<String>,
    /// Own codes → region codes; empty where the column holds region codes or their digits.
    pub codes: Vec<(String, Placed<RegionCode>)>,
}

/// The region columns of a respondent file, widest level first.
#[derive(Clone, Debug, PartialEq)]
pub struct RegionColumns {
    /// The columns.
    pub columns: Vec<RegionColumn>,
    /// Texts that mean unknown, besides empty.
    pub unknown: Vec<String>,
}

/// A weight with its design variables.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSet {
    /// Id that [design] refers to.
    pub id: Placed<String>,
    /// Column of the weight.
    pub weight: Placed<String>,
    /// Column of the stratum; without one the whole source is one stratum.
    pub stratum: Option<Placed<String>>,
    /// Column of the cluster (primary sampling unit).
    pub cluster: Option<Placed<String>>,
    /// Column of the population size of the stratum, in elements or, with clusters, in clusters.
    pub fpc: Option<Placed<String>>,
}

/// A published table.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedSource {
    /// Table id at the publisher.
    pub table_id: String,
    /// Where and by whom its figures were published, in a pipeline whose floor is not `already-published`.
    pub already_published: Option<Box<str>>,
    /// Pinned shape; `None` is recognised from the file.
    pub shape: Option<Placed<Shape>>,
    /// Column of the region code, or the one region of the whole table.
    pub region: RegionFrom,
    /// Codes of the file → codes of the release.
    pub region_alias: Vec<(String, Placed<RegionCode>)>,
    /// Period.
    pub period: PeriodFrom,
    /// Column that says value, lower or upper limit.
    pub margins: Option<Margins>,
    /// Columns that break down.
    pub breakdowns: Vec<Breakdown>,
    /// Measures that are read.
    pub measures: Vec<MeasureKey>,
}

/// Where the region of a published row comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum RegionFrom {
    /// A column.
    Column(Placed<String>),
    /// The table speaks of one region.
    Fixed(Placed<RegionCode>),
}

/// The margins column of a StatLine table.
#[derive(Clone, Debug, PartialEq)]
pub struct Margins {
    /// Column.
    pub column: Placed<String>,
    /// Code of the value.
    pub value: String,
    /// Code of the lower limit.
    pub lower: Option<String>,
    /// Code of the upper limit.
    pub upper: Option<String>,
}

/// A column that breaks down, with the meaning of its codes.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// Column.
    pub column: Placed<String>,
    /// Code → (dimension, category); the total is (`total`, `total`).
    pub codes: Vec<(String, Placed<(String, String)>)>,
}

/// A measure of a table and the parameter that it is.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureKey {
    /// Key in the header, such as `Eenzaam_27`.
    pub key: Placed<String>,
    /// Parameter id.
    pub parameter: Placed<String>,
    /// What a number of the table is multiplied with, such as 1000 for "x 1 000".
    pub multiply: f64,
}
