//! A block of respondents → [`Responses`] and the faults of its rows.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::columns::{ColumnReader, Columns};
use super::decode::{DecimalMark, UNDECLARED, is_missing, trim};
use super::region::{RegionFault, RegionPlan};
use super::respondent_plan::{CodedColumn, NumberColumn, RespondentPlan, WeightColumns, YearColumn};
use super::responses::{RespondentId, Responses, WeightedRows};
use super::{Reject, RejectCode};
use crate::declare::{DECLARED_VALUE_MAX, normalise_code};
use crate::stats::fixed::{VALUE_MAX, WEIGHT_MAX, WEIGHT_MIN};

/// A declaration that is accepted must be one that the sums can hold.
const _: () = assert!(DECLARED_VALUE_MAX <= VALUE_MAX);

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
        Err(column) => block.years(column),
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

    fn years(&mut self, column: &YearColumn) -> Vec<i32> {
        let mut years = Vec::with_capacity(self.columns.rows());
        for (row, text) in self.texts(column.field).enumerate() {
            match normalise_code(trim(text)).parse::<i32>() {
                Ok(year) if column.years.contains(&year) => years.push(year),
                _ => {
                    self.fault(row, &column.column, RejectCode::UnknownPeriod);
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
        let cluster_population = match &set.cluster_population {
            Some((field, name, mark)) => self.populations(*field, name, *mark, &weight),
            None => Vec::new(),
        };
        WeightedRows { weight, stratum, cluster, population, cluster_population, strata, clusters }
    }

    /// Interns the names of strata or clusters in their one spelling, so that `01` and `1` of two files meet; a name is missing only where the weight is missing too.
    fn names(&mut self, field: usize, column: &str, weight: &[f64]) -> Names {
        if !self.names.contains_key(&field) {
            // Every spelling is normalised once.
            let mut spellings: HashMap<&str, u32, RandomState> = HashMap::default();
            let mut index: HashMap<String, u32, RandomState> = HashMap::default();
            let mut names = Vec::new();
            let of_row = |text| {
                let text = trim(text);
                *spellings.entry(text).or_insert_with(|| {
                    let name = normalise_code(text);
                    *index.entry(name).or_insert_with_key(|name| {
                        names.push(name.clone());
                        (names.len() - 1) as u32
                    })
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
                    let code = match found {
                        None => RejectCode::MissingDesign,
                        Some(size) if size.is_nan() => RejectCode::NotANumber,
                        Some(_) => RejectCode::OutOfRange,
                    };
                    self.fault(row, column, code);
                    f64::NAN
                }
            })
            .collect()
    }
}
