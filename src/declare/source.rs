//! Sources: respondent files, tables and synthetic estimates.

use super::reader::Placed;
use super::table::TableSource;
use crate::finding::Place;
use crate::vocab::{Level, Period, RegionCode, Sample};

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
    /// Files in the data folder; globs allowed. None for synthetic estimates.
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

impl Source {
    /// Years that respondents of the source may have; none for a table.
    #[must_use]
    pub fn period_years(&self) -> &[i32] {
        match &self.kind {
            SourceKind::Respondents(own) => own.period.years(),
            SourceKind::Table(_) | SourceKind::Synthetic(_) => &[],
        }
    }

    /// The indelingsjaar of its figures: that of its codes, or the year that they are recoded to.
    #[must_use]
    pub fn figure_year(&self) -> i32 {
        match &self.kind {
            SourceKind::Table(table) => table.recode_to.as_ref().map_or(self.region_year, |to| to.value),
            SourceKind::Respondents(_) | SourceKind::Synthetic(_) => self.region_year,
        }
    }

    /// The table of the source, if it is one.
    #[must_use]
    pub const fn table(&self) -> Option<&TableSource> {
        match &self.kind {
            SourceKind::Table(table) => Some(&**table),
            SourceKind::Respondents(_) | SourceKind::Synthetic(_) => None,
        }
    }
}

/// The kinds of source.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceKind {
    /// One row per respondent.
    Respondents(RespondentSource),
    /// A table per region: figures that somebody published, or counts of a register.
    Table(Box<TableSource>),
    /// National rates × the population of another source.
    Synthetic(SyntheticSource),
}

/// Counts that a national rate would give: rate × local base population.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticSource {
    /// Source of the base population: a published table.
    pub base_source: Placed<String>,
    /// Its parameter, a count of persons.
    pub base_parameter: Placed<String>,
    /// Significant digits that the estimates are rounded to; `None` leaves them as computed.
    pub significant_digits: Option<u8>,
    /// What is estimated.
    pub estimates: Vec<SyntheticEstimate>,
}

/// One synthetic estimate.
#[derive(Clone, Debug, PartialEq)]
pub struct SyntheticEstimate {
    /// Parameter with a measure of kind `synthetic`.
    pub parameter: Placed<String>,
    /// Categories of the base parameter with the part of each, in (0, 1], that belongs to the base population.
    pub population: Vec<(Placed<(String, String)>, f64)>,
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
    /// Whether a parameter whose columns the file lacks is not measured, with a warning; otherwise that stops the run.
    pub absent_not_measured: bool,
    /// Columns of definitions → columns of the file.
    pub column_alias: Vec<(Placed<String>, String)>,
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

impl RespondentSource {
    /// Whether the source declares that it does not measure a parameter.
    #[must_use]
    pub fn declares_not_measured(&self, parameter: &str) -> bool {
        self.not_measured.iter().any(|name| name.value == parameter)
    }

    /// The name that a column of a definition has in this source.
    #[must_use]
    pub fn own_name<'c>(&'c self, column: &'c str) -> &'c str {
        let alias = self.column_alias.iter().find(|(own, _)| own.value == column);
        alias.map_or(column, |(_, name)| name)
    }
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
    /// Whether the column holds the numbers that the monitor gives to GGD regions.
    pub monitor_number: Option<Place>,
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
    /// Column of the population size of the cluster, in elements: the finite population correction of the second stage.
    pub cluster_fpc: Option<Placed<String>>,
}
