//! Which columns of a respondent file are read, and how.

use super::RejectCode;
use super::columns::ColumnReader;
use super::decode::{CodeTable, DecimalMark};
use super::detect::FileFormat;
use super::region::RegionPlan;

/// A column of codes.
#[derive(Clone, Debug)]
pub struct CodedColumn {
    /// Field in the file.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// The declared codes.
    pub codes: CodeTable,
    /// What a code that is not declared means.
    pub undeclared: RejectCode,
}

/// A column of numbers.
#[derive(Clone, Debug)]
pub struct NumberColumn {
    /// Field in the file.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// Decimal mark.
    pub mark: DecimalMark,
    /// Lowest valid value.
    pub minimum: f64,
    /// Highest valid value.
    pub maximum: f64,
    /// Normalised codes that mean unknown.
    pub unknown: Vec<String>,
}

/// The columns of a weight set.
#[derive(Clone, Debug)]
pub struct WeightColumns {
    /// Field and name of the weight.
    pub weight: (usize, String),
    /// Decimal mark of the weight.
    pub mark: DecimalMark,
    /// Field and name of the stratum.
    pub stratum: Option<(usize, String)>,
    /// Field and name of the cluster.
    pub cluster: Option<(usize, String)>,
    /// Field, name and decimal mark of the population size.
    pub population: Option<(usize, String, DecimalMark)>,
    /// Field, name and decimal mark of the population size of the cluster.
    pub cluster_population: Option<(usize, String, DecimalMark)>,
}

/// A column of years.
#[derive(Clone, Debug)]
pub struct YearColumn {
    /// Field in the file.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// The declared years; any other is a reject.
    pub years: Vec<i32>,
}

/// Everything that is read from one respondent file.
#[derive(Clone, Debug)]
pub struct RespondentPlan {
    /// Index of the source in the pipeline.
    pub source: usize,
    /// Format of the file.
    pub format: FileFormat,
    /// Coded columns.
    pub coded: Vec<CodedColumn>,
    /// Number columns.
    pub numbers: Vec<NumberColumn>,
    /// Weight sets of the plan; `None` where the source does not have one.
    pub weights: Vec<Option<WeightColumns>>,
    /// A fixed year, or a column of years.
    pub year: Result<i32, YearColumn>,
    /// Field and name of the respondent number.
    pub id: Option<(usize, String)>,
    /// Regions.
    pub region: RegionPlan,
    /// Reader of the needed columns.
    pub(super) reader: Option<ColumnReader>,
}

impl RespondentPlan {
    /// A plan without a reader; [`RespondentPlan::ready`] makes it usable.
    #[must_use]
    pub fn new(source: usize, format: FileFormat, year: Result<i32, YearColumn>, region: RegionPlan) -> Self {
        Self {
            source,
            format,
            coded: Vec::new(),
            numbers: Vec::new(),
            weights: Vec::new(),
            year,
            id: None,
            region,
            reader: None,
        }
    }

    /// Fields that are read, in ascending order.
    #[must_use]
    pub fn fields(&self) -> Vec<usize> {
        let mut fields: Vec<usize> = self.coded.iter().map(|column| column.field).collect();
        fields.extend(self.text_fields());
        fields.sort_unstable();
        fields.dedup();
        fields
    }

    /// Fields that are read as text.
    fn text_fields(&self) -> Vec<usize> {
        let mut fields: Vec<usize> = self.numbers.iter().map(|column| column.field).collect();
        for weight in self.weights.iter().flatten() {
            fields.push(weight.weight.0);
            fields.extend(weight.stratum.as_ref().map(|column| column.0));
            fields.extend(weight.cluster.as_ref().map(|column| column.0));
            fields.extend(weight.population.as_ref().map(|column| column.0));
            fields.extend(weight.cluster_population.as_ref().map(|column| column.0));
        }
        fields.extend(self.year.as_ref().err().map(|column| column.field));
        fields.extend(self.id.as_ref().map(|column| column.0));
        fields.extend(self.region.columns.iter().map(|column| column.field));
        fields.extend(self.coded.iter().filter(|column| !column.codes.whole_numbers()).map(|column| column.field));
        fields
    }

    /// Makes the reader once all columns are known.
    #[must_use]
    pub fn ready(mut self) -> Self {
        let (fields, text) = (self.fields(), self.text_fields());
        let integers: Vec<usize> = fields.iter().copied().filter(|field| !text.contains(field)).collect();
        let (count, separator) = (self.format.header.len(), self.format.separator);
        self.reader = Some(ColumnReader::with_integers(count, &fields, &integers, separator));
        self
    }
}
