//! A block of respondents → [`Responses`] and the faults of its rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::columns::{ColumnReader, Columns};
use super::decode::{CodeTable, DecimalMark, UNDECLARED, is_missing, trim};
use super::detect::FileFormat;
use super::region::{RegionFault, RegionPlan};
use super::{Reject, RejectCode};
use crate::declare::normalise_code;
use crate::stats::fixed::{VALUE_MAX, WEIGHT_MAX, WEIGHT_MIN};
use crate::vocab::Period;

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
    /// A fixed year, or the field and name of a column of years.
    pub year: Result<i32, (usize, String)>,
    /// Field and name of the respondent number.
    pub id: Option<(usize, String)>,
    /// Regions.
    pub region: RegionPlan,
    /// Reader of the needed columns.
    reader: Option<ColumnReader>,
}

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
    fn read(text: &str) -> Self {
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

impl RespondentPlan {
    /// A plan without a reader; [`RespondentPlan::ready`] makes it usable.
    #[must_use]
    pub fn new(source: usize, format: FileFormat, year: Result<i32, (usize, String)>, region: RegionPlan) -> Self {
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
        }
        fields.extend(self.year.as_ref().err().map(|column| column.0));
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

/// Parses a block of `rows` records in UTF-8.
///
/// Gives the used rows and every fault; a row with a fault is not used. Row numbers of faults are counted from 0 within the block.
///
/// # Errors
/// What the parser says of a block whose structure has been checked; a defect rather than bad data.
pub fn parse_block(plan: &RespondentPlan, bytes: &[u8], rows: usize) -> Result<(Responses, Vec<Reject>), String> {
    let reader = plan.reader.as_ref().ok_or("the plan has no reader")?;
    let columns = reader.read(bytes, rows)?;
    let mut block = BlockParser {
        columns: &columns,
        reader,
        faults: Vec::new(),
        names: HashMap::default(),
        sizes: HashMap::default(),
    };
    let region = block.regions(&plan.region);
    let year = match &plan.year {
        Ok(year) => vec![*year; rows],
        Err((field, name)) => block.years(*field, name),
    };
    let weights: Vec<_> = plan.weights.iter().map(|set| set.as_ref().map(|set| block.weighted(set))).collect();
    let coded: Vec<_> = plan.coded.iter().map(|column| block.codes(column)).collect();
    let numbers: Vec<_> = plan.numbers.iter().map(|column| block.numbers(column)).collect();
    let ids =
        plan.id.as_ref().map(|(field, _)| block.texts(*field).map(RespondentId::read).collect()).unwrap_or_default();
    let faults = block.faults;
    let mut responses = Responses {
        rows,
        source: plan.source,
        row: (0..u32::try_from(rows).map_err(|_| "block too large")?).collect(),
        year,
        region,
        coded,
        numbers,
        weights,
        ids,
    };
    if !faults.is_empty() {
        let mut keep = vec![true; rows];
        for fault in &faults {
            if let Some(row) = usize::try_from(fault.row).ok().and_then(|row| keep.get_mut(row)) {
                *row = false;
            }
        }
        responses.keep(&keep);
    }
    Ok((responses, faults))
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
        }
        self.rows = keep.iter().filter(|flag| **flag).count();
    }
}

struct BlockParser<'a> {
    columns: &'a Columns,
    reader: &'a ColumnReader,
    faults: Vec<Reject>,
    /// Strata and clusters by field: weight sets share them.
    names: HashMap<usize, Names, RandomState>,
    /// Population sizes by field.
    sizes: HashMap<usize, Vec<Option<f64>>, RandomState>,
}

/// Index of a row's name, and the names.
type Names = (Vec<u32>, Vec<String>);

impl<'a> BlockParser<'a> {
    fn texts(&self, field: usize) -> Box<dyn Iterator<Item = &'a str> + 'a> {
        match self.reader.position(field) {
            Some(position) => Box::new(self.columns.texts(position)),
            None => Box::new(std::iter::empty()),
        }
    }

    fn fault(&mut self, row: usize, column: &str, code: RejectCode) {
        self.faults.push(Reject { row: row as u64, column: column.to_owned(), code });
    }

    fn codes(&mut self, column: &CodedColumn) -> Vec<u8> {
        let mut table = column.codes.clone();
        let Some(position) = self.reader.position(column.field) else { return Vec::new() };
        let codes = self.columns.codes(position, &mut table);
        for row in memchr::memchr_iter(UNDECLARED, &codes) {
            self.fault(row, &column.column, column.undeclared);
        }
        codes
    }

    fn numbers(&mut self, column: &NumberColumn) -> Vec<f64> {
        let mut numbers = Vec::with_capacity(self.columns.rows());
        for (row, text) in self.texts(column.field).enumerate() {
            let text = trim(text);
            if is_missing(text) || column.unknown.contains(&normalise_code(text)) {
                numbers.push(f64::NAN);
                continue;
            }
            match column.mark.parse(text) {
                Some(number) if (column.minimum..=column.maximum).contains(&number) && number.abs() <= VALUE_MAX => {
                    numbers.push(number);
                }
                Some(_) => {
                    self.fault(row, &column.column, RejectCode::OutOfRange);
                    numbers.push(f64::NAN);
                }
                None => {
                    self.fault(row, &column.column, RejectCode::NotANumber);
                    numbers.push(f64::NAN);
                }
            }
        }
        numbers
    }

    fn years(&mut self, field: usize, name: &str) -> Vec<i32> {
        let mut years = Vec::with_capacity(self.columns.rows());
        for (row, text) in self.texts(field).enumerate() {
            match normalise_code(trim(text)).parse::<i32>() {
                Ok(year) if Period::YEARS.contains(&year) => years.push(year),
                _ => {
                    self.fault(row, name, RejectCode::UnknownPeriod);
                    years.push(0);
                }
            }
        }
        years
    }

    fn regions(&mut self, plan: &RegionPlan) -> Vec<u32> {
        let rows = self.columns.rows();
        let mut iterators: Vec<_> = plan.columns.iter().map(|column| self.texts(column.field)).collect();
        // Neighbouring rows share regions, and a file has few thousand of them.
        let mut seen: HashMap<Vec<&str>, Result<u32, RegionFault>, RandomState> = HashMap::default();
        let mut regions = Vec::with_capacity(rows);
        let mut texts: Vec<&str> = Vec::with_capacity(iterators.len());
        for row in 0..rows {
            texts.clear();
            texts.extend(iterators.iter_mut().map(|iterator| iterator.next().unwrap_or("")));
            let found = match seen.get(&texts) {
                Some(found) => *found,
                None => {
                    let found = plan.resolve(&texts);
                    seen.insert(texts.clone(), found);
                    found
                }
            };
            match found {
                Ok(region) => regions.push(region),
                Err((column, code)) => {
                    let name = plan.columns.get(column).map_or("", |column| column.column.as_str());
                    self.fault(row, name, code);
                    regions.push(u32::MAX);
                }
            }
        }
        regions
    }

    fn weighted(&mut self, set: &WeightColumns) -> WeightedRows {
        let (field, name) = &set.weight;
        let mut weight = Vec::with_capacity(self.columns.rows());
        for (row, text) in self.texts(*field).enumerate() {
            let text = trim(text);
            // A missing weight is no fault: the respondent is outside this weight set.
            if is_missing(text) {
                weight.push(f64::NAN);
                continue;
            }
            let fault = match set.mark.parse(text) {
                None => RejectCode::NotANumber,
                Some(number) if number < 0.0 => RejectCode::NegativeWeight,
                Some(number) if number != 0.0 && !(WEIGHT_MIN..=WEIGHT_MAX).contains(&number) => {
                    RejectCode::WeightOutOfRange
                }
                Some(number) => {
                    weight.push(number);
                    continue;
                }
            };
            self.fault(row, name, fault);
            weight.push(f64::NAN);
        }
        let (stratum, strata) = match &set.stratum {
            Some((field, name)) => self.names(*field, name, &weight),
            None => (vec![0; weight.len()], vec![String::new()]),
        };
        let (cluster, clusters) = match &set.cluster {
            Some((field, name)) => self.names(*field, name, &weight),
            None => Default::default(),
        };
        let population = match &set.population {
            Some((field, name, mark)) => self.populations(*field, name, *mark, &weight),
            None => Vec::new(),
        };
        WeightedRows { weight, stratum, cluster, population, strata, clusters }
    }

    /// Interns the names of strata or clusters; a name is missing only where the weight is missing too.
    fn names(&mut self, field: usize, column: &str, weight: &[f64]) -> Names {
        if !self.names.contains_key(&field) {
            let mut index: HashMap<&str, u32, RandomState> = HashMap::default();
            let mut names = Vec::new();
            let of_row = |text| {
                let text = trim(text);
                *index.entry(text).or_insert_with(|| {
                    names.push(text.to_owned());
                    (names.len() - 1) as u32
                })
            };
            let rows = self.texts(field).map(of_row).collect();
            self.names.insert(field, (rows, names));
        }
        let (rows, names) = self.names[&field].clone();
        if let Some(missing) = names.iter().position(|name| is_missing(name)) {
            for (row, name) in rows.iter().enumerate() {
                let other_missing = *name as usize != missing && is_missing(&names[*name as usize]);
                if (*name as usize == missing || other_missing) && !weight[row].is_nan() {
                    self.fault(row, column, RejectCode::MissingDesign);
                }
            }
        }
        (rows, names)
    }

    fn populations(&mut self, field: usize, column: &str, mark: DecimalMark, weight: &[f64]) -> Vec<f64> {
        if !self.sizes.contains_key(&field) {
            // Neighbouring rows share a stratum more often than not.
            let mut last: (&str, Option<f64>) = ("", None);
            let sizes = self
                .texts(field)
                .map(|text| {
                    if text != last.0 {
                        let trimmed = trim(text);
                        let size =
                            if is_missing(trimmed) { None } else { Some(mark.parse(trimmed).unwrap_or(f64::NAN)) };
                        last = (text, size);
                    }
                    last.1
                })
                .collect();
            self.sizes.insert(field, sizes);
        }
        let sizes = self.sizes[&field].clone();
        sizes
            .into_iter()
            .enumerate()
            .map(|(row, size)| match size {
                Some(size) if size > 0.0 => size,
                _ if weight[row].is_nan() => f64::NAN,
                found => {
                    let code = if found.is_none() { RejectCode::MissingDesign } else { RejectCode::NotANumber };
                    self.fault(row, column, code);
                    f64::NAN
                }
            })
            .collect()
    }
}
