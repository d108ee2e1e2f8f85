//! A small CSV as a whole: the texts of the wanted columns.

use std::path::Path;

use super::columns::ColumnReader;
use super::decode::trim;
use super::detect::{FileFormat, detect, encoding_finding};
use super::file::with_blocks;
use super::structure;
use crate::declare::FormatPins;
use crate::finding::{Duty, Finding, Findings};

/// A file of the data folder.
#[derive(Clone, Copy, Debug)]
pub struct ListFile<'p> {
    /// Path.
    pub path: &'p Path,
    /// Name for messages.
    pub name: &'p str,
}

/// Rows of a list: the number of the first one, and per row the texts of the columns, trimmed.
pub(super) struct ListRows {
    pub(super) first_row: u64,
    pub(super) rows: Vec<Vec<String>>,
}

/// Reads some columns of a file. `what` says in messages what such a file is.
pub(super) fn read_list(file: ListFile<'_>, columns: &[&str], what: &str) -> Result<ListRows, Findings> {
    let format = detect(file.path, file.name, FormatPins::default())?;
    let mut fields = Vec::with_capacity(columns.len());
    let mut findings = Findings::default();
    for column in columns {
        match format.field(column) {
            Ok(field) => fields.push(field),
            Err(count) => {
                let (code, message) = match count {
                    0 => ("ingest-missing-column", format!("{} has no column `{column}`", file.name)),
                    _ => ("ingest-repeated-column", format!("column `{column}` stands {count} times in {}", file.name)),
                };
                findings.push(
                    Finding::error(Duty::Data, code, message)
                        .at_line(file.name, Some(1))
                        .help(format!("{what} has the columns {}", columns.join(", "))),
                );
            }
        }
    }
    findings.ok_or_stop()?;
    read_rows(file, &format, &fields)
}

fn read_rows(file: ListFile<'_>, format: &FileFormat, fields: &[usize]) -> Result<ListRows, Findings> {
    let name = file.name;
    let mut bytes = Vec::new();
    with_blocks(file.path, 1 << 20, |blocks| {
        while let Some(block) = blocks.next_block()? {
            bytes.extend(block);
        }
        Ok(())
    })
    .and_then(|read| read)
    .map_err(|fault| super::file_finding(name, &fault))?;
    let bytes = format.utf8(bytes, true).map_err(|(at, block)| encoding_finding(name, &block, at, 1))?;
    let body = super::published_block::without_footer(format.body(&bytes));
    let first_row = format.first_row();
    let records = structure::count_records(body, format.separator, format.header.len(), true)
        .map_err(|(record, fault)| super::structure_finding(name, record + first_row, fault))?;
    let reader = ColumnReader::new(format.header.len(), fields, format.separator);
    let columns = reader
        .read(structure::trim_end(body), usize::try_from(records).unwrap_or(0))
        .map_err(|message| Finding::error(Duty::Data, "ingest-parser", message).at_line(name, None))?;
    let mut rows = vec![Vec::with_capacity(fields.len()); columns.rows()];
    for field in fields {
        let Some(position) = reader.position(*field) else { continue };
        for (row, text) in rows.iter_mut().zip(columns.texts(position)) {
            row.push(trim(text).to_owned());
        }
    }
    Ok(ListRows { first_row, rows })
}
