//! Tables with a row per region: published figures and counts of registers.

use super::reader::Placed;
use super::source::{FormatPins, PeriodFrom};
use crate::vocab::{Level, RegionCode, Shape};

/// A table with a row per region.
#[derive(Clone, Debug, PartialEq)]
pub struct TableSource {
    /// Table id at the publisher; empty where there is none.
    pub table_id: String,
    /// Where and by whom its figures were published, in a pipeline whose floor is not `already-published`.
    pub already_published: Option<Box<str>>,
    /// Pinned shape; `None` is recognised from the file.
    pub shape: Option<Placed<Shape>>,
    /// Pinned properties of the file.
    pub format: FormatPins,
    /// Column of the region code, or the one region of the whole table.
    pub region: RegionFrom,
    /// Codes of the file → codes of the release.
    pub region_alias: Vec<(String, Placed<RegionCode>)>,
    /// Level whose digits, without letters, the region column holds.
    pub region_digits: Option<Level>,
    /// Indelingsjaar to which the regions are recoded.
    pub recode_to: Option<Placed<i32>>,
    /// Period.
    pub period: PeriodFrom,
    /// Column that says value, lower or upper limit.
    pub margins: Option<Margins>,
    /// Columns that break down.
    pub breakdowns: Vec<Breakdown>,
    /// Lists of codes that came with an OData v4 table.
    pub code_lists: CodeLists,
    /// What the numbers are.
    pub content: TableContent,
}

impl TableSource {
    /// The measures of a published table.
    #[must_use]
    pub fn measures(&self) -> &[MeasureKey] {
        match &self.content {
            TableContent::Published(measures) => measures,
            TableContent::Register(_) => &[],
        }
    }

    /// The register, if the table is one.
    #[must_use]
    pub const fn register(&self) -> Option<&Register> {
        match &self.content {
            TableContent::Published(_) => None,
            TableContent::Register(register) => Some(register),
        }
    }

    /// Ids of the parameters that the table feeds.
    #[must_use]
    pub fn parameters(&self) -> Vec<&Placed<String>> {
        match &self.content {
            TableContent::Published(measures) => measures.iter().map(|measure| &measure.parameter).collect(),
            TableContent::Register(register) => register.parameters.iter().collect(),
        }
    }

    /// Every category that a breakdown or a measure names.
    pub fn categories(&self) -> impl Iterator<Item = &Placed<(String, String)>> {
        let of_breakdowns = self.breakdowns.iter().flat_map(|breakdown| breakdown.codes.iter().map(|code| &code.1));
        of_breakdowns.chain(self.measures().iter().filter_map(|measure| measure.category.as_ref()))
    }
}

/// What the numbers of a table are.
#[derive(Clone, Debug, PartialEq)]
pub enum TableContent {
    /// Figures that somebody published, one measure per parameter.
    Published(Vec<MeasureKey>),
    /// Counts of events or persons.
    Register(Box<Register>),
}

/// Counts of a register, which become counts, rates and shares.
#[derive(Clone, Debug, PartialEq)]
pub struct Register {
    /// Column of the counts.
    pub count: Placed<String>,
    /// Of how many.
    pub denominator: Option<Denominator>,
    /// Whether one person can have several events, so that counts may be more than persons.
    pub repeated_events: bool,
    /// How the publisher rounds the counts.
    pub rounded: Option<Rounding>,
    /// First and last year of each pooled period; none where every year stands alone.
    pub pools: Vec<(i32, i32)>,
    /// Parameters; the unit of each says what is made of count and denominator.
    pub parameters: Vec<Placed<String>>,
}

impl Register {
    /// The other source that the denominators come from.
    #[must_use]
    pub fn other_source(&self) -> Option<&str> {
        match &self.denominator {
            Some(Denominator::Source { source, .. }) => Some(&source.value),
            Some(Denominator::Column(_)) | None => None,
        }
    }
}

/// Where a denominator comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Denominator {
    /// A column of the same file.
    Column(Placed<String>),
    /// A published count of another source, of the same region.
    Source {
        /// The source.
        source: Placed<String>,
        /// Its parameter.
        parameter: Placed<String>,
        /// (dimension, category).
        category: Placed<(String, String)>,
        /// The year of the denominator for all counts; `None` is the year of the count.
        period: Option<i32>,
    },
}

/// Rounding by the publisher.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounding {
    /// Multiples of this, in the unit of the figure.
    pub to: u32,
    /// Levels at which it happens.
    pub levels: Vec<Level>,
}

impl Rounding {
    /// The bounds within which the true number lies, given a rounded whole number; `None` at a level that is not rounded.
    ///
    /// A multiple of 5 stands for itself and the two whole numbers on either side; a count is never below 0.
    #[must_use]
    pub fn bounds(&self, value: f64, level: Level) -> Option<(f64, f64)> {
        let half = f64::from(self.to / 2);
        self.levels.contains(&level).then(|| ((value - half).max(0.0), value + half))
    }
}

/// Files of codes beside the observations of an OData v4 table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CodeLists {
    /// `MeasureCodes.csv`.
    pub measures: Option<Placed<String>>,
    /// `PeriodenCodes.csv`.
    pub periods: Option<Placed<String>>,
    /// `Properties.csv`.
    pub properties: Option<Placed<String>>,
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
    /// Whether rows of other codes are left out and counted; otherwise they are rejects.
    pub others_left_out: bool,
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
    /// (dimension, category) where the measure is one category of a parameter, as in wide tables.
    pub category: Option<Placed<(String, String)>>,
    /// How the publisher rounds.
    pub rounded: Option<Rounding>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_multiple_of_five_stands_for_five_numbers() {
        let rounding = Rounding { to: 5, levels: vec![Level::Wijk] };
        assert_eq!(rounding.bounds(785.0, Level::Wijk), Some((783.0, 787.0)));
        assert_eq!(rounding.bounds(0.0, Level::Wijk), Some((0.0, 2.0)));
        assert_eq!(rounding.bounds(12_867.0, Level::Gemeente), None);
    }
}
