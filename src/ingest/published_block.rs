//! A block of a table → its rows and cells, on whatever thread; nothing of other blocks is known here.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::cell::{CellValue, read_cell};
use super::columns::{ColumnReader, Columns};
use super::decode::{is_missing, trim};
use super::published::{CategoryKey, PublishedPlan, crossing};
use super::{Reject, RejectCode, encoding_finding, structure, structure_finding};
use crate::finding::{Duty, Finding};
use crate::vocab::{Period, RegionCode};

/// A row of a block, by place in the lists of the block.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockRow {
    /// Row within the block.
    pub(super) row: u32,
    pub(super) region: u32,
    pub(super) period: u32,
    /// Category of the breakdown columns.
    pub(super) category: u32,
    /// 0 value, 1 lower, 2 upper limit.
    pub(super) margin: usize,
    /// The one measure of the row, in a table with a row per measure.
    pub(super) measure: Option<usize>,
}

/// What a block of a table gave; rows are counted within it.
#[derive(Clone, Debug, Default)]
pub struct PublishedBlock {
    /// Records.
    pub(super) records: u64,
    pub(super) other_levels: u64,
    pub(super) other_measures: u64,
    pub(super) left_out: u64,
    pub(super) regions: Vec<RegionCode>,
    pub(super) periods: Vec<(Period, bool)>,
    /// Per category of the breakdown columns and per group of measures the category of the figure.
    pub(super) categories: Vec<Vec<CategoryKey>>,
    pub(super) rows: Vec<BlockRow>,
    /// Per row the cells of all measures, or the one cell of its measure.
    pub(super) cells: Vec<CellValue>,
    pub(super) faults: Vec<Reject>,
    /// Whether every text that is no region is a number.
    pub(super) only_numbers: bool,
}

/// A block as it comes from the file.
#[derive(Debug)]
pub struct TableBytes {
    /// Bytes.
    pub bytes: Vec<u8>,
    /// Whether it opens the file.
    pub first: bool,
    /// Whether it ends the file.
    pub last: bool,
}

/// Why a block cannot be read; the row is known when the blocks before it have been counted.
#[derive(Debug)]
pub enum BlockFault {
    /// Not UTF-8: the block and the place.
    Encoding(Vec<u8>, usize),
    /// A record is broken.
    Structure(u64, structure::StructureFault),
    /// The parser disagrees.
    Parser(String),
}

impl BlockFault {
    /// The finding, for a block whose first row has a number.
    #[must_use]
    pub fn finding(self, name: &str, first_row: u64, first: bool) -> Finding {
        match self {
            Self::Encoding(bytes, at) => encoding_finding(name, &bytes, at, if first { 1 } else { first_row }),
            Self::Structure(record, fault) => structure_finding(name, first_row + record, fault),
            Self::Parser(message) => {
                Finding::error(Duty::Data, "ingest-parser", message).at_line(name, Some(first_row))
            }
        }
    }
}

/// A reader of the blocks of one file.
#[derive(Clone, Debug)]
pub struct TableReader<'p> {
    plan: &'p PublishedPlan,
    columns: ColumnReader,
    /// Categories of measures, each once, `None` first; and per measure its place among them.
    pub(super) groups: Vec<Option<&'p CategoryKey>>,
    pub(super) group_of: Vec<usize>,
}

impl<'p> TableReader<'p> {
    /// A reader of a file.
    #[must_use]
    pub fn new(plan: &'p PublishedPlan) -> Self {
        let mut fields: Vec<usize> = plan.region.column.as_ref().err().map(|column| column.0).into_iter().collect();
        fields.extend(plan.long);
        fields.extend(plan.period.as_ref().err().map(|column| column.0));
        fields.extend(plan.margins.as_ref().map(|column| column.field));
        fields.extend(plan.breakdowns.iter().map(|column| column.field));
        fields.extend(plan.measures.iter().map(|measure| measure.field));
        let mut groups: Vec<Option<&CategoryKey>> = plan.measures.iter().map(|own| own.category.as_ref()).collect();
        groups.sort();
        groups.dedup();
        let of = |own: Option<&CategoryKey>| groups.iter().position(|group| *group == own).unwrap_or(0);
        let group_of = plan.measures.iter().map(|own| of(own.category.as_ref())).collect();
        let columns = ColumnReader::new(plan.format.header.len(), &fields, plan.format.separator);
        Self { plan, columns, groups, group_of }
    }

    /// Reads a block.
    ///
    /// # Errors
    /// [`BlockFault`] where the block as a whole is bad.
    pub fn read(&self, block: TableBytes) -> Result<PublishedBlock, BlockFault> {
        let format = &self.plan.format;
        let text = format.utf8(block.bytes, block.first).map_err(|(at, bytes)| BlockFault::Encoding(bytes, at))?;
        let body = if block.first { format.body(&text) } else { &text };
        let body = if block.last { without_footer(body) } else { body };
        let records = structure::count_records(body, format.separator, format.header.len(), block.last)
            .map_err(|(record, fault)| BlockFault::Structure(record, fault))?;
        let body = if block.last { structure::trim_end(body) } else { body };
        let rows = usize::try_from(records).unwrap_or(0);
        let columns = self.columns.read(body, rows).map_err(BlockFault::Parser)?;
        let mut found = PublishedBlock { records, only_numbers: true, ..PublishedBlock::default() };
        self.rows(&columns, &mut found);
        self.cells(&columns, &mut found);
        Ok(found)
    }

    fn texts<'c>(&self, columns: &'c Columns, field: usize) -> Vec<&'c str> {
        self.columns.position(field).map_or_else(Vec::new, |position| columns.texts(position).collect())
    }

    /// The keys of every row, or its fault.
    fn rows(&self, columns: &Columns, found: &mut PublishedBlock) {
        let plan = self.plan;
        let texts = |field| self.texts(columns, field);
        let region = plan.region.column.as_ref().err().map(|column| texts(column.0));
        let key = plan.long.map(texts);
        let period = plan.period.as_ref().err().map(|column| texts(column.0));
        let margins = plan.margins.as_ref().map(|column| texts(column.field));
        let breakdowns: Vec<_> = plan.breakdowns.iter().map(|column| texts(column.field)).collect();
        let mut seen = Seen::default();
        for row in 0..columns.rows() {
            let texts = RowTexts {
                region: region.as_ref().map(|column| column[row]),
                measure: key.as_ref().map(|column| column[row]),
                period: period.as_ref().map(|column| column[row]),
                margin: margins.as_ref().map(|column| column[row]),
                breakdowns: breakdowns.iter().map(|column| column[row]).collect(),
            };
            match self.row(&texts, &mut seen, found) {
                Ok(Some(mut keys)) => {
                    keys.row = row as u32;
                    found.rows.push(keys);
                }
                Ok(None) => {}
                Err((column, code)) => {
                    found.faults.push(Reject { row: row as u64, column: column.to_owned(), code });
                }
            }
        }
    }

    /// The keys of a row; `None` where it is left out.
    fn row<'t>(
        &self,
        texts: &RowTexts<'t>,
        seen: &mut Seen<'t>,
        found: &mut PublishedBlock,
    ) -> Result<Option<BlockRow>, (&'p str, RejectCode)> {
        let plan = self.plan;
        for (column, text) in plan.breakdowns.iter().zip(&texts.breakdowns) {
            if column.others_left_out && !column.codes.contains_key(trim(text)) {
                found.left_out += 1;
                return Ok(None);
            }
        }
        let column = plan.region.column.as_ref().err().map_or("", |column| column.1.as_str());
        let region = self.region(texts.region, seen, found).map_err(|code| (column, code))?;
        let period = self.period(texts.period, seen, found)?;
        let margin = match (&plan.margins, texts.margin) {
            (Some(column), Some(text)) => {
                *column.codes.get(trim(text)).ok_or((column.column.as_str(), RejectCode::UnknownCategory))?
            }
            _ => 0,
        };
        let category = self.category(&texts.breakdowns, seen, found)?;
        let Some(region) = region else {
            found.other_levels += 1;
            return Ok(None);
        };
        let measure = match texts.measure {
            None => None,
            Some(key) => match plan.measures.iter().position(|measure| measure.key == trim(key)) {
                Some(at) => Some(at),
                None => {
                    found.other_measures += 1;
                    return Ok(None);
                }
            },
        };
        Ok(Some(BlockRow { row: 0, region, period, category, margin, measure }))
    }

    /// The region of a row; `None` at a level that is not wanted.
    fn region<'t>(
        &self,
        text: Option<&'t str>,
        seen: &mut Seen<'t>,
        found: &mut PublishedBlock,
    ) -> Result<Option<u32>, RejectCode> {
        let text = text.unwrap_or("");
        if let Some(known) = seen.regions.get(text) {
            return *known;
        }
        let levels = &self.plan.levels;
        let read = match &self.plan.region.column {
            Ok(region) => Ok(region.clone()),
            Err(_) => self.plan.region.read(text, levels),
        };
        let region = read.map(|region| {
            levels.contains(&region.level()).then(|| {
                found.regions.push(region);
                place(found.regions.len())
            })
        });
        if region.is_err() {
            let text = trim(text);
            found.only_numbers &= is_missing(text) || text.bytes().all(|byte| byte.is_ascii_digit());
        }
        seen.regions.insert(text, region);
        region
    }

    fn period<'t>(
        &self,
        text: Option<&'t str>,
        seen: &mut Seen<'t>,
        found: &mut PublishedBlock,
    ) -> Result<u32, (&'p str, RejectCode)> {
        let text = text.unwrap_or("");
        let column = self.plan.period.as_ref().err().map_or("", |column| column.1.as_str());
        let unknown = (column, RejectCode::UnknownPeriod);
        if let Some(known) = seen.periods.get(text) {
            return known.ok_or(unknown);
        }
        let read = match &self.plan.period {
            Ok(period) => Some((period.clone(), false)),
            Err(_) => Period::parse_statline(trim(text)).filter(|(period, _)| Period::YEARS.contains(&period.year)),
        };
        let period = read.map(|(period, provisional)| {
            found.periods.push((period, provisional || self.plan.provisional.contains(trim(text))));
            place(found.periods.len())
        });
        seen.periods.insert(text, period);
        period.ok_or(unknown)
    }

    fn category<'t>(
        &self,
        texts: &[&'t str],
        seen: &mut Seen<'t>,
        found: &mut PublishedBlock,
    ) -> Result<u32, (&'p str, RejectCode)> {
        if let Some(known) = seen.categories.get(texts) {
            return Ok(*known);
        }
        let mut parts: Vec<&CategoryKey> = Vec::with_capacity(texts.len() + 1);
        for (column, text) in self.plan.breakdowns.iter().zip(texts) {
            parts.push(column.codes.get(trim(text)).ok_or((column.column.as_str(), RejectCode::UnknownCategory))?);
        }
        let of_group =
            |group: &Option<&'p CategoryKey>| crossing(parts.iter().copied().chain(*group), &self.plan.dimensions);
        found.categories.push(self.groups.iter().map(of_group).collect());
        let at = place(found.categories.len());
        seen.categories.insert(texts.to_vec(), at);
        Ok(at)
    }

    /// The cells of every row that is kept; a cell that cannot be read makes its row a reject.
    fn cells(&self, columns: &Columns, found: &mut PublishedBlock) {
        let plan = self.plan;
        let texts: Vec<Vec<&str>> = plan.measures.iter().map(|measure| self.texts(columns, measure.field)).collect();
        let rows = std::mem::take(&mut found.rows);
        found.rows.reserve(rows.len());
        if plan.long.is_none() {
            found.cells.reserve(rows.len() * plan.measures.len());
        }
        for keys in rows {
            let wanted = keys.measure.map_or(0..plan.measures.len(), |at| at..at + 1);
            let start = found.cells.len();
            let mut fault = None;
            for index in wanted {
                let own = &plan.measures[index];
                match read_cell(texts[index][keys.row as usize], own, plan.shape) {
                    Ok(cell) => found.cells.push(cell),
                    Err(code) => {
                        fault = Some(Reject { row: u64::from(keys.row), column: own.key.clone(), code });
                        break;
                    }
                }
            }
            if let [CellValue::Number(count), CellValue::Number(denominator)] = found.cells[start..]
                && plan.is_register
                && count > denominator
            {
                let column = plan.measures[0].key.clone();
                fault = Some(Reject { row: u64::from(keys.row), column, code: RejectCode::CountOverDenominator });
            }
            match fault {
                None => found.rows.push(keys),
                Some(fault) => {
                    found.cells.truncate(start);
                    found.faults.push(fault);
                }
            }
        }
    }
}

/// The place of the last entry of a list of this length.
fn place(length: usize) -> u32 {
    u32::try_from(length - 1).unwrap_or(u32::MAX)
}

/// The bytes without a last line that names the source (`Bron: CBS`), as downloads and hand-cut files have it.
pub(super) fn without_footer(body: &[u8]) -> &[u8] {
    let body = structure::trim_end(body);
    let start = memchr::memrchr(b'\n', body).map_or(0, |at| at + 1);
    let line = body[start..].strip_prefix(b"\"").unwrap_or(&body[start..]);
    if line.starts_with(b"Bron:") { &body[..start] } else { body }
}

struct RowTexts<'t> {
    region: Option<&'t str>,
    measure: Option<&'t str>,
    period: Option<&'t str>,
    margin: Option<&'t str>,
    breakdowns: Vec<&'t str>,
}

/// Texts of keys that occurred before, with what they mean.
#[derive(Default)]
struct Seen<'t> {
    regions: HashMap<&'t str, Result<Option<u32>, RejectCode>, RandomState>,
    periods: HashMap<&'t str, Option<u32>, RandomState>,
    categories: HashMap<Vec<&'t str>, u32, RandomState>,
}
