//! The one place that calls polars: a block of CSV → the needed columns as text.
//!
//! `read_chunk` parses one block on the calling thread. It is the function that polars' own readers call for each of their
//! chunks, and the one way in which parsing runs on our threads, under `--threads`, while the block is still in cache. Its module
//! is named internal, so the version of polars is pinned exactly and this file is the only one to change with it.

use std::sync::Arc;

use polars::io::csv::read::_csv_read_internal::read_chunk;
use polars::prelude::{CsvParseOptions, DataType, PlSmallStr, Schema, StringChunked};

/// Columns to read from blocks of one file.
#[derive(Clone, Debug)]
pub struct ColumnReader {
    schema: Arc<Schema>,
    projection: Vec<usize>,
    plain: CsvParseOptions,
    quoted: CsvParseOptions,
}

/// The columns of one block.
#[derive(Debug)]
pub struct Columns {
    columns: Vec<StringChunked>,
    rows: usize,
}

impl ColumnReader {
    /// A reader of some fields of records with `fields` fields. `wanted` may name a field twice.
    #[must_use]
    pub fn new(fields: usize, wanted: &[usize], separator: u8) -> Self {
        let schema = (0..fields).map(|field| (PlSmallStr::from_string(field.to_string()), DataType::String)).collect();
        let mut projection = wanted.to_vec();
        projection.sort_unstable();
        projection.dedup();
        let plain = CsvParseOptions { separator, quote_char: None, ..CsvParseOptions::default() };
        let quoted = CsvParseOptions { quote_char: Some(b'"'), ..plain.clone() };
        Self { schema: Arc::new(schema), projection, plain, quoted }
    }

    /// Parses a block of valid UTF-8 whose structure has been checked and that holds `rows` records.
    ///
    /// # Errors
    /// What polars says, or that it counted another number of records: two counts by independent code must agree.
    pub fn read(&self, bytes: &[u8], rows: usize) -> Result<Columns, String> {
        let options = if memchr::memchr(b'"', bytes).is_some() { &self.quoted } else { &self.plain };
        let frame = read_chunk(
            bytes,
            options,
            &self.schema,
            false,
            &self.projection,
            0,
            rows,
            None,
            usize::MAX,
            bytes.len(),
            Some(0),
        )
        .map_err(|error| error.to_string())?;
        if frame.height() != rows {
            return Err(format!("{rows} records by structure, {} by the parser", frame.height()));
        }
        let columns = frame
            .columns()
            .iter()
            .map(|column| column.str().cloned().map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?;
        Ok(Columns { columns, rows })
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

    /// The texts of a column, in row order; an empty cell is "".
    pub fn texts(&self, position: usize) -> impl Iterator<Item = &str> {
        self.columns[position].downcast_iter().flat_map(|array| array.iter().map(|text| text.unwrap_or("")))
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
    fn a_count_that_disagrees_is_said() {
        assert!(ColumnReader::new(3, &[0], b';').read(b"1;2;3\n", 2).is_err());
    }
}
