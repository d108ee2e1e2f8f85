//! A published table in the StatLine v3 TypedDataSet shape → [`PublishedRow`]s.
//!
//! One row of the file per region × period × breakdown × margin, one column per measure. Value, lower and upper limit come as rows of
//! their own and become one figure. Per cent become shares by moving the decimal point in the text, so that `6.8` is the
//! double nearest to 0.068. The shape leaves withheld and unmeasured cells empty alike; so do the figures.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::columns::{ColumnReader, Columns};
use super::decode::{DecimalMark, is_missing, trim};
use super::detect::{FileFormat, cut_header, encoding_finding};
use super::file::with_blocks;
use super::{Reject, RejectCode, Rejects, file_finding, structure, structure_finding};
use crate::finding::{Duty, Finding};
use crate::vocab::{Level, Period, RegionCode, RegionCodeError};

/// A column with the meaning of its codes.
#[derive(Clone, Debug)]
pub struct CodesPlan<T> {
    /// Field.
    pub field: usize,
    /// Name for rejects.
    pub column: String,
    /// Code → meaning.
    pub codes: HashMap<String, T>,
}

/// Everything that is read from one file of a published table.
#[derive(Clone, Debug)]
pub struct PublishedPlan {
    /// Format of the file.
    pub format: FileFormat,
    /// Field and name of the region column.
    pub region: (usize, String),
    /// Codes of the file → codes of the release.
    pub alias: HashMap<String, RegionCode>,
    /// A fixed period, or the field and name of the period column.
    pub period: Result<Period, (usize, String)>,
    /// 0 for a value, 1 for a lower, 2 for an upper limit.
    pub margins: Option<CodesPlan<usize>>,
    /// Breakdown columns: code → (dimension, category).
    pub breakdowns: Vec<CodesPlan<(String, String)>>,
    /// Measures: field, name, and whether the file gives per cent.
    pub measures: Vec<(usize, String, bool)>,
    /// Levels that are wanted.
    pub levels: Vec<Level>,
    /// Known region codes; `None` where the table itself is the list.
    pub known: Option<HashSet<String>>,
}

/// The figures of one region × period × category: per measure value, lower and upper limit.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedRow {
    /// Region.
    pub region: RegionCode,
    /// Period.
    pub period: Period,
    /// Dimension and category; a crossing joins both with `*`.
    pub category: (String, String),
    /// Per measure of the plan.
    pub cells: Vec<[Option<f64>; 3]>,
}

/// What a file gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishedOutcome {
    /// Rows of the file.
    pub rows: u64,
    /// Rows of a level that is not wanted.
    pub other_levels: u64,
    /// Figures in file order.
    pub figures: Vec<PublishedRow>,
}

/// Reads a file.
///
/// # Errors
/// A finding where the file as a whole is bad.
pub fn read_published(path: &Path, plan: &PublishedPlan, rejects: &mut Rejects) -> Result<PublishedOutcome, Finding> {
    let name = plan.format.name.as_str();
    let mut reader = TableReader::new(plan);
    with_blocks(path, 4 << 20, |blocks| {
        let mut pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
        let mut first = true;
        let mut row = 2;
        while let Some(block) = pending {
            pending = blocks.next_block().map_err(|fault| file_finding(name, &fault))?;
            let block = match plan.format.utf8(block, first) {
                Ok(block) => block,
                Err((at, block)) => return Err(encoding_finding(name, &block, at, if first { 1 } else { row })),
            };
            let body = if first { cut_header(&block).1 } else { &block };
            first = false;
            row += reader.block(body, row, pending.is_none())?;
        }
        Ok(())
    })
    .map_err(|fault| file_finding(name, &fault))??;
    let TableReader { mut outcome, faults, rejected, .. } = reader;
    outcome.figures.retain(|figure| !figure.cells.is_empty());
    rejects.add(name, rejected, faults);
    Ok(outcome)
}

/// Key of a figure row.
type Key = (RegionCode, Period, (String, String));

struct TableReader<'p> {
    plan: &'p PublishedPlan,
    columns: ColumnReader,
    outcome: PublishedOutcome,
    by_key: HashMap<Key, usize>,
    filled: HashSet<(usize, usize)>,
    faults: Vec<Reject>,
    rejected: u64,
}

impl<'p> TableReader<'p> {
    fn new(plan: &'p PublishedPlan) -> Self {
        let mut fields = vec![plan.region.0];
        fields.extend(plan.period.as_ref().err().map(|column| column.0));
        fields.extend(plan.margins.as_ref().map(|column| column.field));
        fields.extend(plan.breakdowns.iter().map(|column| column.field));
        fields.extend(plan.measures.iter().map(|measure| measure.0));
        Self {
            plan,
            columns: ColumnReader::new(plan.format.header.len(), &fields, plan.format.separator),
            outcome: PublishedOutcome::default(),
            by_key: HashMap::new(),
            filled: HashSet::new(),
            faults: Vec::new(),
            rejected: 0,
        }
    }

    fn block(&mut self, body: &[u8], first_row: u64, last: bool) -> Result<u64, Finding> {
        let (plan, name) = (self.plan, self.plan.format.name.as_str());
        let records = structure::count_records(body, plan.format.separator, plan.format.header.len(), last)
            .map_err(|(record, fault)| structure_finding(name, first_row + record, fault))?;
        let body = if last { structure::trim_end(body) } else { body };
        let columns = self
            .columns
            .read(body, usize::try_from(records).unwrap_or(0))
            .map_err(|message| Finding::error(Duty::Data, "ingest-parser", message).at_line(name, Some(first_row)))?;
        let texts = |field| texts(&self.columns, &columns, field);
        let region = texts(plan.region.0);
        let period = plan.period.as_ref().err().map(|column| texts(column.0));
        let margins = plan.margins.as_ref().map(|column| texts(column.field));
        let breakdowns: Vec<_> = plan.breakdowns.iter().map(|column| texts(column.field)).collect();
        let measures: Vec<_> = plan.measures.iter().map(|measure| texts(measure.0)).collect();
        let marks: Vec<_> = plan
            .measures
            .iter()
            .map(|measure| plan.format.decimal_mark(measure.0).unwrap_or(DecimalMark::Point))
            .collect();
        for row in 0..columns.rows() {
            let number = first_row + row as u64;
            let keys = RowTexts {
                region: region[row],
                period: period.as_ref().map(|period| period[row]),
                margin: margins.as_ref().map(|margins| margins[row]),
                breakdowns: breakdowns.iter().map(|column| column[row]).collect(),
            };
            let outcome = self.row(&keys, |measure| (measures[measure][row], marks[measure]));
            if let Err((column, code)) = outcome {
                self.rejected += 1;
                self.faults.push(Reject { row: number, column, code });
            }
        }
        self.outcome.rows += records;
        Ok(records)
    }

    fn row<'t>(
        &mut self,
        texts: &RowTexts<'_>,
        measure: impl Fn(usize) -> (&'t str, DecimalMark),
    ) -> Result<(), (String, RejectCode)> {
        let plan = self.plan;
        let region = plan.region_of(texts.region).map_err(|code| (plan.region.1.clone(), code))?;
        let period = match (&plan.period, texts.period) {
            (Ok(period), _) => period.clone(),
            (Err(column), Some(text)) => {
                Period::parse_statline(text).ok_or_else(|| (column.1.clone(), RejectCode::UnknownPeriod))?
            }
            (Err(column), None) => return Err((column.1.clone(), RejectCode::UnknownPeriod)),
        };
        let margin = match (&plan.margins, texts.margin) {
            (Some(column), Some(text)) => {
                *column.codes.get(trim(text)).ok_or_else(|| (column.column.clone(), RejectCode::UnknownCategory))?
            }
            _ => 0,
        };
        let mut category: Option<(String, String)> = None;
        for (column, text) in plan.breakdowns.iter().zip(&texts.breakdowns) {
            let (dimension, value) =
                column.codes.get(trim(text)).ok_or_else(|| (column.column.clone(), RejectCode::UnknownCategory))?;
            if dimension != "total" {
                category = Some(match category {
                    None => (dimension.clone(), value.clone()),
                    Some((d, v)) => (format!("{d}*{dimension}"), format!("{v}*{value}")),
                });
            }
        }
        let category = category.unwrap_or_else(|| ("total".to_owned(), "total".to_owned()));
        if !plan.levels.contains(&region.level()) {
            self.outcome.other_levels += 1;
            return Ok(());
        }
        let mut values = Vec::with_capacity(plan.measures.len());
        for (index, (_, column, per_cent)) in plan.measures.iter().enumerate() {
            let (text, mark) = measure(index);
            values.push(read_cell(text, mark, *per_cent).map_err(|code| (column.clone(), code))?);
        }
        let figures = &mut self.outcome.figures;
        let at = *self.by_key.entry((region.clone(), period.clone(), category.clone())).or_insert_with(|| {
            figures.push(PublishedRow { region, period, category, cells: vec![[None; 3]; plan.measures.len()] });
            figures.len() - 1
        });
        if !self.filled.insert((at, margin)) {
            return Err((plan.region.1.clone(), RejectCode::DuplicateKey));
        }
        for (cell, value) in self.outcome.figures[at].cells.iter_mut().zip(values) {
            cell[margin] = value;
        }
        Ok(())
    }
}

impl PublishedPlan {
    fn region_of(&self, text: &str) -> Result<RegionCode, RejectCode> {
        let text = trim(text);
        let region = match self.alias.get(text) {
            Some(region) => region.clone(),
            None => RegionCode::parse(text).map_err(|error| match error {
                RegionCodeError::UnknownKind => RejectCode::UnknownRegionKind,
                RegionCodeError::Malformed => RejectCode::UnknownRegion,
            })?,
        };
        match &self.known {
            Some(known) if !known.contains(region.as_str()) => Err(RejectCode::UnknownRegion),
            _ => Ok(region),
        }
    }
}

/// The number of a cell; an empty cell is `None`.
fn read_cell(text: &str, mark: DecimalMark, per_cent: bool) -> Result<Option<f64>, RejectCode> {
    let text = trim(text);
    if is_missing(text) {
        return Ok(None);
    }
    if !per_cent {
        return mark.parse(text).map(Some).ok_or(RejectCode::NotANumber);
    }
    // Moving the point in the text gives the double nearest to the share; dividing would round twice.
    let share = mark.parse(&format!("{text}e-2")).ok_or(RejectCode::NotANumber)?;
    if (0.0..=1.0).contains(&share) { Ok(Some(share)) } else { Err(RejectCode::OutOfRange) }
}

struct RowTexts<'t> {
    region: &'t str,
    period: Option<&'t str>,
    margin: Option<&'t str>,
    breakdowns: Vec<&'t str>,
}

/// The texts of a field, in row order.
fn texts<'c>(reader: &ColumnReader, columns: &'c Columns, field: usize) -> Vec<&'c str> {
    reader.position(field).map_or_else(Vec::new, |position| columns.texts(position).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cent_become_the_nearest_share() {
        for (text, share) in [("6.8", 0.068), ("12", 0.12), ("0.1", 0.001), ("100", 1.0), ("0", 0.0), ("80.7", 0.807)] {
            assert_eq!(read_cell(text, DecimalMark::Point, true), Ok(Some(share)));
        }
        assert_eq!(read_cell(" 6,8", DecimalMark::Comma, true), Ok(Some(0.068)));
        assert_eq!(read_cell("       .", DecimalMark::Point, true), Ok(None));
        assert_eq!(read_cell("101", DecimalMark::Point, true), Err(RejectCode::OutOfRange));
        assert_eq!(read_cell("x", DecimalMark::Point, true), Err(RejectCode::NotANumber));
    }
}
