//! A published table → [`PublishedRow`]s.
//!
//! One row of the file per region × period × breakdown × margin and one column per measure, or one row per measure (OData v4). Value,
//! lower and upper limit come as rows of their own and become one figure. Per cent become shares by moving the decimal point in
//! the text, so that `6.8` is the double nearest to 0.068. What has no value keeps the reason that its shape can give.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::cell::{CellValue, read_cell};
use super::columns::{ColumnReader, Columns};
use super::decode::{DecimalMark, trim};
use super::detect::{FileFormat, cut_header, encoding_finding};
use super::file::with_blocks;
use super::{Reject, RejectCode, Rejects, file_finding, structure, structure_finding};
use crate::finding::{Duty, Finding};
use crate::vocab::{Level, Period, RegionCode, RegionCodeError, Shape};

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
    /// Shape of the table.
    pub shape: Shape,
    /// The one region of the table, or the field and name of the region column.
    pub region: Result<RegionCode, (usize, String)>,
    /// Codes of the file → codes of the release.
    pub alias: HashMap<String, RegionCode>,
    /// A fixed period, or the field and name of the period column.
    pub period: Result<Period, (usize, String)>,
    /// 0 for a value, 1 for a lower, 2 for an upper limit.
    pub margins: Option<CodesPlan<usize>>,
    /// Breakdown columns: code → (dimension, category).
    pub breakdowns: Vec<CodesPlan<(String, String)>>,
    /// Ids of the dimensions in the order in which the pipeline declares them.
    pub dimensions: Vec<String>,
    /// Measures.
    pub measures: Vec<MeasurePlan>,
    /// Field of the measure's key in a table with one row per measure.
    pub long: Option<usize>,
    /// Levels that are wanted.
    pub levels: Vec<Level>,
    /// Known region codes; `None` where the table itself is the list.
    pub known: Option<HashSet<String>>,
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
}

/// The figures of one region × period × category: per measure value, lower and upper limit.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedRow {
    /// Region.
    pub region: RegionCode,
    /// Period.
    pub period: Period,
    /// Dimension and category; a crossing joins both with `*`, in the order in which the pipeline declares the dimensions.
    pub category: (String, String),
    /// Whether the source calls the period provisional.
    pub provisional: bool,
    /// Per measure of the plan: value, lower and upper limit; `None` where the table has no row for it.
    pub cells: Vec<Option<[CellValue; 3]>>,
}

/// What a file gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PublishedOutcome {
    /// Rows of the file.
    pub rows: u64,
    /// Rows of a level that is not wanted.
    pub other_levels: u64,
    /// Rows of a measure that no mapping names.
    pub other_measures: u64,
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
            let body = if pending.is_none() { without_footer(body) } else { body };
            first = false;
            row += reader.block(body, row, pending.is_none())?;
        }
        Ok(())
    })
    .map_err(|fault| file_finding(name, &fault))??;
    let TableReader { outcome, faults, rejected, first_rows, .. } = reader;
    if let Err((_, column)) = &plan.region
        && rejected > 0
        && rejected == outcome.rows
        && faults.iter().all(|fault| matches!(fault.code, RejectCode::UnknownRegionKind | RejectCode::UnknownRegion))
    {
        return Err(Finding::error(
            Duty::Data,
            "ingest-no-region-codes",
            format!("column `{column}` of {name} holds no region code in any row"),
        )
        .at_line(name, Some(2))
        .help("names are never matched to regions: download the table again with its codes, such as GM0363"));
    }
    rejects.add(name, rejected, faults);
    check_limits(plan, &outcome, &first_rows)?;
    Ok(outcome)
}

/// Figures whose limits do not contain their value: a mapping of the margins that is wrong, or a damaged file.
fn check_limits(plan: &PublishedPlan, outcome: &PublishedOutcome, first_rows: &[u64]) -> Result<(), Finding> {
    let outside = |[value, lower, upper]: [CellValue; 3]| {
        value.number().is_some_and(|value| {
            lower.number().is_some_and(|lower| lower > value) || upper.number().is_some_and(|upper| upper < value)
        })
    };
    let mut wrong = outcome.figures.iter().zip(first_rows).flat_map(|(figure, row)| {
        let cells = figure.cells.iter().zip(&plan.measures);
        cells.filter(|(cell, _)| cell.is_some_and(outside)).map(|(_, measure)| (*row, measure.key.as_str()))
    });
    let Some((row, measure)) = wrong.next() else { return Ok(()) };
    let (name, count) = (plan.format.name.as_str(), 1 + wrong.count());
    let figures = if count == 1 { "figure has" } else { "figures have" };
    Err(Finding::error(
        Duty::Data,
        "ingest-limits",
        format!("{count} {figures} limits that do not contain their value in {name}, the first of measure `{measure}`"),
    )
    .at_line(name, Some(row))
    .help("check the codes of `margins` (value, lower, upper); if they are right, ask the publisher for a corrected table"))
}

/// The bytes without a last line that names the source (`Bron: CBS`), as downloads and hand-cut files have it.
fn without_footer(body: &[u8]) -> &[u8] {
    let body = structure::trim_end(body);
    let start = memchr::memrchr(b'\n', body).map_or(0, |at| at + 1);
    let line = body[start..].strip_prefix(b"\"").unwrap_or(&body[start..]);
    if line.starts_with(b"Bron:") { &body[..start] } else { body }
}

/// Key of a figure row.
type Key = (RegionCode, Period, (String, String));

struct TableReader<'p> {
    plan: &'p PublishedPlan,
    columns: ColumnReader,
    outcome: PublishedOutcome,
    /// Per figure the first row that speaks of it.
    first_rows: Vec<u64>,
    by_key: HashMap<Key, usize>,
    filled: HashSet<(usize, usize, usize)>,
    faults: Vec<Reject>,
    rejected: u64,
}

impl<'p> TableReader<'p> {
    fn new(plan: &'p PublishedPlan) -> Self {
        let mut fields: Vec<usize> = plan.region.as_ref().err().map(|column| column.0).into_iter().collect();
        fields.extend(plan.long);
        fields.extend(plan.period.as_ref().err().map(|column| column.0));
        fields.extend(plan.margins.as_ref().map(|column| column.field));
        fields.extend(plan.breakdowns.iter().map(|column| column.field));
        fields.extend(plan.measures.iter().map(|measure| measure.field));
        Self {
            plan,
            columns: ColumnReader::new(plan.format.header.len(), &fields, plan.format.separator),
            outcome: PublishedOutcome::default(),
            first_rows: Vec::new(),
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
        let region = plan.region.as_ref().err().map(|column| texts(column.0));
        let key = plan.long.map(&texts);
        let period = plan.period.as_ref().err().map(|column| texts(column.0));
        let margins = plan.margins.as_ref().map(|column| texts(column.field));
        let breakdowns: Vec<_> = plan.breakdowns.iter().map(|column| texts(column.field)).collect();
        let measures: Vec<_> = plan.measures.iter().map(|measure| texts(measure.field)).collect();
        for row in 0..columns.rows() {
            let number = first_row + row as u64;
            let keys = RowTexts {
                region: region.as_ref().map(|region| region[row]),
                measure: key.as_ref().map(|key| key[row]),
                period: period.as_ref().map(|period| period[row]),
                margin: margins.as_ref().map(|margins| margins[row]),
                breakdowns: breakdowns.iter().map(|column| column[row]).collect(),
            };
            let outcome = self.row(number, &keys, |measure| measures[measure][row]);
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
        number: u64,
        texts: &RowTexts<'_>,
        measure: impl Fn(usize) -> &'t str,
    ) -> Result<(), (String, RejectCode)> {
        let plan = self.plan;
        let column = plan.region.as_ref().err().map_or("", |column| column.1.as_str());
        let region = plan.region_of(texts.region).map_err(|code| (column.to_owned(), code))?;
        let (period, provisional) = match (&plan.period, texts.period) {
            (Ok(period), _) => (period.clone(), false),
            (Err(column), Some(text)) => {
                Period::parse_statline(trim(text)).ok_or_else(|| (column.1.clone(), RejectCode::UnknownPeriod))?
            }
            (Err(column), None) => return Err((column.1.clone(), RejectCode::UnknownPeriod)),
        };
        let margin = match (&plan.margins, texts.margin) {
            (Some(column), Some(text)) => {
                *column.codes.get(trim(text)).ok_or_else(|| (column.column.clone(), RejectCode::UnknownCategory))?
            }
            _ => 0,
        };
        let mut parts: Vec<&(String, String)> = Vec::with_capacity(plan.breakdowns.len());
        for (column, text) in plan.breakdowns.iter().zip(&texts.breakdowns) {
            let part =
                column.codes.get(trim(text)).ok_or_else(|| (column.column.clone(), RejectCode::UnknownCategory))?;
            if part.0 != "total" {
                parts.push(part);
            }
        }
        // One name per crossing, whatever the order of the columns.
        parts.sort_by_key(|(dimension, _)| plan.dimensions.iter().position(|declared| declared == dimension));
        let join = |of: fn(&(String, String)) -> &str| match parts.as_slice() {
            [] => "total".to_owned(),
            parts => parts.iter().map(|part| of(part)).collect::<Vec<_>>().join("*"),
        };
        let category = (join(|part| &part.0), join(|part| &part.1));
        if !plan.levels.contains(&region.level()) {
            self.outcome.other_levels += 1;
            return Ok(());
        }
        // In a long table the row speaks of one measure, otherwise of all.
        let wanted = match texts.measure {
            None => 0..plan.measures.len(),
            Some(key) => match plan.measures.iter().position(|measure| measure.key == trim(key)) {
                Some(at) => at..at + 1,
                None => {
                    self.outcome.other_measures += 1;
                    return Ok(());
                }
            },
        };
        let mut values = Vec::with_capacity(wanted.len());
        for index in wanted {
            let own = &plan.measures[index];
            let value = read_cell(measure(index), own, plan.shape).map_err(|code| (own.key.clone(), code))?;
            values.push((index, value));
        }
        let (figures, first_rows) = (&mut self.outcome.figures, &mut self.first_rows);
        let at = *self.by_key.entry((region.clone(), period.clone(), category.clone())).or_insert_with(|| {
            let cells = vec![None; plan.measures.len()];
            figures.push(PublishedRow { region, period, category, provisional, cells });
            first_rows.push(number);
            figures.len() - 1
        });
        for (index, value) in values {
            if !self.filled.insert((at, margin, index)) {
                return Err((column.to_owned(), RejectCode::DuplicateKey));
            }
            self.outcome.figures[at].cells[index].get_or_insert_default()[margin] = value;
        }
        Ok(())
    }
}

impl PublishedPlan {
    fn region_of(&self, text: Option<&str>) -> Result<RegionCode, RejectCode> {
        let text = match (&self.region, text) {
            (Ok(region), _) => return Ok(region.clone()),
            (Err(_), text) => trim(text.unwrap_or("")),
        };
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

struct RowTexts<'t> {
    region: Option<&'t str>,
    measure: Option<&'t str>,
    period: Option<&'t str>,
    margin: Option<&'t str>,
    breakdowns: Vec<&'t str>,
}

/// The texts of a field, in row order.
fn texts<'c>(reader: &ColumnReader, columns: &'c Columns, field: usize) -> Vec<&'c str> {
    reader.position(field).map_or_else(Vec::new, |position| columns.texts(position).collect())
}
