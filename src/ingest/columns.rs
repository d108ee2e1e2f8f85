//! The one place that calls polars: a block of CSV → the needed columns.
//!
//! `read_chunk` parses one block on the calling thread. It is the function that polars' own readers call for each of their
//! chunks, and the one way in which parsing runs on our threads, under `--threads`, while the block is still in cache. Its module
//! is named internal, so the version of polars is pinned exactly and this file is the only one to change with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use polars::frame::DataFrame;
use polars::io::csv::read::_csv_read_internal::read_chunk;
use polars::prelude::{
    Column, CsvParseOptions, DataType, Int32Chunked, PlSmallStr, PolarsResult, Schema, StringChunked,
};

use super::decode::CodeTable;

/// Columns to read from blocks of one file.
///
/// Columns of whole-number codes are read typed, which takes polars half the time of text. A block in which one of them holds
/// anything else (`#NULL!`, `1,0`, a blank) is read once more as text, and so are the blocks after it. Both readings give the same
/// codes, so it does not matter which block is read in which way.
#[derive(Debug)]
pub struct ColumnReader {
    typed: Arc<Schema>,
    text: Arc<Schema>,
    projection: Vec<usize>,
    plain: CsvParseOptions,
    quoted: CsvParseOptions,
    has_integers: bool,
    only_text: AtomicBool,
}

impl Clone for ColumnReader {
    fn clone(&self) -> Self {
        Self {
            typed: Arc::clone(&self.typed),
            text: Arc::clone(&self.text),
            projection: self.projection.clone(),
            plain: self.plain.clone(),
            quoted: self.quoted.clone(),
            has_integers: self.has_integers,
            only_text: AtomicBool::new(self.only_text.load(Ordering::Relaxed)),
        }
    }
}

/// What is said when polars refuses a block. Its own words may quote a cell, and a cell may hold an answer.
const REFUSED: &str = "the parser cannot read a block whose structure is right";

/// The columns of one block.
#[derive(Debug)]
pub struct Columns {
    columns: Vec<Cells>,
    rows: usize,
}

#[derive(Debug)]
enum Cells {
    Text(StringChunked),
    Integer(Int32Chunked),
}

impl ColumnReader {
    /// A reader of some fields of records with `fields` fields as text. `wanted` may name a field twice.
    #[must_use]
    pub fn new(fields: usize, wanted: &[usize], separator: u8) -> Self {
        Self::with_integers(fields, wanted, &[], separator)
    }

    /// The same, with the fields in `integers` expected to hold whole numbers.
    #[must_use]
    pub fn with_integers(fields: usize, wanted: &[usize], integers: &[usize], separator: u8) -> Self {
        let schema = |integers: &[usize]| -> Arc<Schema> {
            let kind = |field| if integers.contains(&field) { DataType::Int32 } else { DataType::String };
            Arc::new((0..fields).map(|field| (PlSmallStr::from_string(field.to_string()), kind(field))).collect())
        };
        let mut projection = wanted.to_vec();
        projection.sort_unstable();
        projection.dedup();
        let plain = CsvParseOptions { separator, quote_char: None, ..CsvParseOptions::default() };
        let quoted = CsvParseOptions { quote_char: Some(b'"'), ..plain.clone() };
        Self {
            typed: schema(integers),
            text: schema(&[]),
            projection,
            plain,
            quoted,
            has_integers: !integers.is_empty(),
            only_text: AtomicBool::new(false),
        }
    }

    /// Parses a block of valid UTF-8 whose structure has been checked and that holds `rows` records.
    ///
    /// # Errors
    /// That polars cannot read it, or counted another number of records: two counts by independent code must agree.
    pub fn read(&self, bytes: &[u8], rows: usize) -> Result<Columns, String> {
        let typed = self.has_integers && !self.only_text.load(Ordering::Relaxed);
        let frame = match typed.then(|| self.chunk(bytes, rows, &self.typed)) {
            Some(Ok(frame)) if frame.height() == rows => frame,
            Some(_) => {
                self.only_text.store(true, Ordering::Relaxed);
                self.chunk(bytes, rows, &self.text).map_err(|_| REFUSED)?
            }
            None => self.chunk(bytes, rows, &self.text).map_err(|_| REFUSED)?,
        };
        if frame.height() != rows {
            return Err(format!("{rows} records by structure, {} by the parser", frame.height()));
        }
        let cells = |column: &Column| match column.dtype() {
            DataType::Int32 => column.i32().cloned().map(Cells::Integer),
            _ => column.str().cloned().map(Cells::Text),
        };
        let columns = frame.columns().iter().map(cells).collect::<PolarsResult<_>>();
        Ok(Columns { columns: columns.map_err(|_| REFUSED)?, rows })
    }

    fn chunk(&self, bytes: &[u8], rows: usize, schema: &Schema) -> PolarsResult<DataFrame> {
        let options = if memchr::memchr(b'"', bytes).is_some() { &self.quoted } else { &self.plain };
        read_chunk(bytes, options, schema, false, &self.projection, 0, rows, None, usize::MAX, bytes.len(), Some(0))
    }

    /// Place of a field among the columns read.
    #[must_use]
    pub fn position(&self, field: usize) -> Option<usize> {
        self.projection.binary_search(&field).ok()
    }
}

impl Columns {
    /// Number of records.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The codes of a column, in row order.
    ///
    /// Nearly every code of a monitor is one character, and polars keeps short texts inside the view of the cell: those take one
    /// look-up and no text is made.
    pub fn codes(&self, position: usize, table: &mut CodeTable) -> Vec<u8> {
        let mut codes = Vec::with_capacity(self.rows);
        match &self.columns[position] {
            Cells::Integer(column) => {
                for array in column.downcast_iter() {
                    codes.extend(array.iter().map(|number| match number {
                        Some(number) => table.decode_integer(*number),
                        None => table.decode(""),
                    }));
                }
            }
            Cells::Text(column) => {
                for array in column.downcast_iter() {
                    // A null has an empty view, and an empty cell is a null.
                    codes.extend(array.views().iter().zip(array.iter()).map(|(view, text)| match view.length {
                        1 => table.decode_byte(view.prefix.to_le_bytes()[0]),
                        _ => table.decode(text.unwrap_or("")),
                    }));
                }
            }
        }
        codes
    }

    /// The texts of a column, in row order; an empty cell is "". Nothing for a column that was asked for as whole numbers.
    pub fn texts(&self, position: usize) -> impl Iterator<Item = &str> {
        let column = match &self.columns[position] {
            Cells::Text(column) => Some(column),
            Cells::Integer(_) => None,
        };
        let arrays = column.into_iter().flat_map(|column| column.downcast_iter());
        arrays.flat_map(|array| array.iter().map(|text| text.unwrap_or("")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8], wanted: &[usize], rows: usize) -> Vec<Vec<String>> {
        let reader = ColumnReader::new(3, wanted, b';');
        let columns = reader.read(bytes, rows).unwrap();
        wanted
            .iter()
            .map(|field| columns.texts(reader.position(*field).unwrap()).map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn wanted_columns_are_read_as_text_whatever_the_line_ends() {
        assert_eq!(
            texts(b"1;a;x\r\n2;;y\r\n", &[2, 0], 2),
            [["x", "y"].map(str::to_owned), ["1", "2"].map(str::to_owned)]
        );
        assert_eq!(texts(b"1;a;x\n2;b;y", &[1], 2), [["a", "b"].map(str::to_owned)]);
    }

    #[test]
    fn quotes_come_off_and_line_breaks_in_them_stay() {
        let found = texts(b"1;\"a\nb\";x\n2;\"c \"\"d\"\"\";\"\"\n", &[1, 2], 2);
        assert_eq!(found[0], ["a\nb", "c \"d\""]);
        assert_eq!(found[1], ["x", ""]);
    }

    #[test]
    fn typed_and_text_reading_give_the_same_codes() {
        let bytes = b"1;a;01\n;b;+2\n3;c;\n";
        let table = || CodeTable::new(&["1".into(), "2".into(), "3".into()]);
        let codes = |reader: &ColumnReader, bytes: &[u8], rows| {
            let columns = reader.read(bytes, rows).unwrap();
            [0, 2].map(|field| columns.codes(reader.position(field).unwrap(), &mut table()))
        };
        let typed = ColumnReader::with_integers(3, &[0, 2], &[0, 2], b';');
        let text = ColumnReader::new(3, &[0, 2], b';');
        assert_eq!(codes(&typed, bytes, 3), codes(&text, bytes, 3));
        assert_eq!(codes(&typed, bytes, 3), [[0, 255, 2], [0, 1, 255]]);
        let odd = b"1;a;#NULL!\n 2;b;1,0\n7;c;x\n";
        assert_eq!(codes(&typed, odd, 3), codes(&text, odd, 3));
        assert!(typed.only_text.load(Ordering::Relaxed));
    }

    #[test]
    fn a_count_that_disagrees_is_said() {
        assert!(ColumnReader::new(3, &[0], b';').read(b"1;2;3\n", 2).is_err());
    }
}
