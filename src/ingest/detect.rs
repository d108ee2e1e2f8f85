//! What a file is: encoding, separator, header, decimal marks. Recognised from its beginning, shown by `explain`, pinned by the
//! pipeline where the author knows better.

use std::path::Path;

use super::columns::ColumnReader;
use super::decode::{DecimalMark, trim};
use super::file::with_blocks;
use super::published_block::without_footer;
use super::{statweb, structure};
use crate::declare::FormatPins;
use crate::finding::{Duty, Finding};

/// How much of a file is looked at.
const SAMPLE: usize = 1 << 20;

/// The recognised or pinned format of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormat {
    /// Name for messages, without folder.
    pub name: String,
    /// Field separator.
    pub separator: u8,
    /// Whether the text is Windows-1252; otherwise UTF-8.
    pub windows_1252: bool,
    /// Whether a byte order mark opens the file.
    pub bom: bool,
    /// Column names as written, without blanks and quotes around them.
    pub header: Vec<String>,
    /// Records above the rows: 1, or more where a title, paths and units stand there (Statweb).
    pub head_records: u64,
    /// Whether numbers are padded with blanks, as StatLine does where `.` is a symbol.
    pub padded: bool,
    /// Decimal marks seen per column.
    marks: Vec<Marks>,
    pinned_mark: Option<DecimalMark>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Marks {
    comma: bool,
    point: bool,
}

impl FileFormat {
    /// The field of a column; case and blanks around the name do not matter. `Err` holds the number of columns of that name
    /// when it is not one.
    ///
    /// # Errors
    /// 0 where there is no such column, 2 or more where several have the name.
    pub fn field(&self, column: &str) -> Result<usize, usize> {
        let wanted = column.trim().to_lowercase();
        let mut fields = self.header.iter().enumerate().filter(|(_, name)| name.to_lowercase() == wanted);
        match (fields.next(), fields.count()) {
            (Some((field, _)), 0) => Ok(field),
            (Some(_), more) => Err(more + 1),
            (None, _) => Err(0),
        }
    }

    /// The decimal mark of a column: pinned, or seen, or the point where no number shows one. `None` where both are seen.
    #[must_use]
    pub fn decimal_mark(&self, field: usize) -> Option<DecimalMark> {
        let marks = self.marks.get(field).copied().unwrap_or_default();
        match (self.pinned_mark, marks.comma, marks.point) {
            (Some(mark), _, _) => Some(mark),
            (None, true, true) => None,
            (None, true, false) => Some(DecimalMark::Comma),
            (None, false, _) => Some(DecimalMark::Point),
        }
    }

    /// One line for people.
    #[must_use]
    pub fn describe(&self) -> String {
        let separator = match self.separator {
            b'\t' => "tab".to_owned(),
            other => format!("`{}`", char::from(other)),
        };
        let encoding = match (self.windows_1252, self.bom) {
            (true, _) => "Windows-1252",
            (false, true) => "UTF-8 with byte order mark",
            (false, false) => "UTF-8",
        };
        let commas = self.marks.iter().filter(|marks| marks.comma).count();
        let points = self.marks.iter().filter(|marks| marks.point).count();
        let decimal = match (self.pinned_mark, commas, points) {
            (Some(DecimalMark::Comma), _, _) => "decimal comma (pinned)".to_owned(),
            (Some(DecimalMark::Point), _, _) => "decimal point (pinned)".to_owned(),
            (None, 0, 0) => "no decimals seen".to_owned(),
            (None, _, 0) => "decimal comma".to_owned(),
            (None, 0, _) => "decimal point".to_owned(),
            (None, commas, points) => format!("decimal comma in {commas} columns, point in {points}"),
        };
        format!("separator {separator}, {encoding}, {decimal}, {} columns", self.header.len())
    }

    /// The rows of the first block, behind everything that stands above them.
    #[must_use]
    pub fn body<'b>(&self, first_block: &'b [u8]) -> &'b [u8] {
        (0..self.head_records).fold(first_block, |rest, _| cut_header(rest).1)
    }

    /// The number of the first row, as a spreadsheet counts.
    #[must_use]
    pub const fn first_row(&self) -> u64 {
        self.head_records + 1
    }

    /// The text of a block in UTF-8, without the byte order mark.
    ///
    /// # Errors
    /// The number of bytes before the first that is not UTF-8, and the block.
    pub fn utf8(&self, mut block: Vec<u8>, first: bool) -> Result<Vec<u8>, (usize, Vec<u8>)> {
        if first && block.starts_with(b"\xef\xbb\xbf") {
            block.drain(..3);
        }
        if self.windows_1252 {
            if block.is_ascii() {
                return Ok(block);
            }
            return Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&block).0.into_owned().into_bytes());
        }
        match std::str::from_utf8(&block) {
            Ok(_) => Ok(block),
            Err(error) => Err((error.valid_up_to(), block)),
        }
    }
}

/// Damage that has a name of its own.
fn known_damage(name: &str, header: &str) -> Option<Finding> {
    let fault = |code, message: String, help: &str| {
        Some(Finding::error(Duty::Data, code, message).at_line(name, Some(1)).help(help))
    };
    if header.contains(";\"\"") && header.matches("\"\"").count() > 2 {
        return fault(
            "ingest-broken-quotes",
            format!("the quotes in {name} are doubled: a spreadsheet has saved it"),
            "download the table again and hand it in as it is",
        );
    }
    None
}

/// Splits one record; quotes come off.
pub(super) fn split_record(record: &str, separator: u8) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in record.chars() {
        match c {
            '"' => quoted = !quoted,
            c if !quoted && c == char::from(separator) => fields.push(String::new()),
            c => {
                if let Some(field) = fields.last_mut() {
                    field.push(c);
                }
            }
        }
    }
    fields.into_iter().map(|field| trim(&field).to_owned()).collect()
}

/// Recognises a file.
///
/// # Errors
/// A finding that says what is wrong with the file and what to do.
pub fn detect(path: &Path, name: &str, pins: FormatPins) -> Result<FileFormat, Finding> {
    let fault =
        |code, message: String, help: &str| Finding::error(Duty::Data, code, message).at_line(name, Some(1)).help(help);
    let sample = with_blocks(path, SAMPLE, |blocks| blocks.next_block())
        .and_then(|block| block)
        .map_err(|error| super::file_finding(name, &error))?;
    let Some(sample) = sample else {
        return Err(fault("ingest-no-rows", format!("{name} is empty"), "hand in the file with its header and rows"));
    };
    if sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return Err(fault("ingest-encoding", format!("{name} is UTF-16 text"), "save it as CSV UTF-8"));
    }
    let bom = sample.starts_with(b"\xef\xbb\xbf");
    let windows_1252 = pins.windows_1252.unwrap_or_else(|| !bom && std::str::from_utf8(&sample).is_err());
    let mut format = FileFormat {
        name: name.to_owned(),
        separator: b';',
        windows_1252,
        bom,
        header: Vec::new(),
        head_records: 1,
        padded: false,
        marks: Vec::new(),
        pinned_mark: pins.decimal_comma.map(|comma| if comma { DecimalMark::Comma } else { DecimalMark::Point }),
    };
    let sample = format.utf8(sample, true).map_err(|(at, block)| encoding_finding(name, &block, at, 1))?;
    if let Some(at) = memchr::memchr(0, &sample) {
        let line = 1 + memchr::memchr_iter(b'\n', &sample[..at]).count() as u64;
        return Err(Finding::error(Duty::Data, "ingest-not-text", format!("{name} is not text: it holds a null byte"))
            .at_line(name, Some(line))
            .help("hand in CSV; SPSS and Excel files are exported to CSV first, UTF-16 text is saved as UTF-8"));
    }
    let (header, rest) = cut_header(&sample);
    let text = String::from_utf8_lossy(header);
    if let Some(finding) = known_damage(name, &text) {
        return Err(finding);
    }
    if let Some(head) = statweb::head(&sample) {
        format.separator = b';';
        format.header = head.header;
        format.head_records = head.records;
        (format.marks, format.padded) = look(format.body(&sample), &format);
        return Ok(format);
    }
    format.separator = match pins.separator {
        Some(separator) if text.contains(char::from(separator)) => separator,
        Some(_) => {
            return Err(fault(
                "ingest-separator",
                format!("the header of {name} does not hold the separator that the pipeline pins"),
                "the header must be the first line; correct `separator` in [source.format], or leave it out to have it recognised",
            ));
        }
        None => likely_separator(&text).ok_or_else(|| {
            fault(
                "ingest-separator",
                format!("the header of {name} does not show which separator the file uses"),
                "the header must be the first line of the file; if it is, pin: [source.format] separator = \";\"",
            )
        })?,
    };
    format.header = split_record(&text, format.separator);
    if rest.is_empty() {
        return Err(fault(
            "ingest-no-rows",
            format!("{name} has a header and no rows"),
            "hand in the file with its rows",
        ));
    }
    (format.marks, format.padded) = look(rest, &format);
    Ok(format)
}

/// The header record, without its line break, and the rest.
pub(super) fn cut_header(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut quotes = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' => quotes += 1,
            b'\n' if quotes % 2 == 0 => {
                let header = &bytes[..at];
                return (header.strip_suffix(b"\r").unwrap_or(header), structure::trim_end(&bytes[at + 1..]));
            }
            _ => {}
        }
    }
    (bytes, &[])
}

/// The separator that gives the header most fields; `None` on a tie.
fn likely_separator(header: &str) -> Option<u8> {
    let mut counts: Vec<(usize, u8)> =
        [b';', b',', b'\t', b'|'].map(|separator| (split_record(header, separator).len(), separator)).to_vec();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    (counts[0].0 > counts[1].0).then_some(counts[0].1)
}

/// Decimal marks per column, and whether numbers are padded, over the sample; nothing where the structure is broken, which reading will
/// say.
fn look(sample: &[u8], format: &FileFormat) -> (Vec<Marks>, bool) {
    let fields = format.header.len();
    let none = || (vec![Marks::default(); fields], false);
    // A last line that names the source would break the structure, and with it the marks would be lost.
    let sample = without_footer(sample);
    let Ok(records) = structure::count_records(sample, format.separator, fields, true) else { return none() };
    let all: Vec<usize> = (0..fields).collect();
    let reader = ColumnReader::new(fields, &all, format.separator);
    let Ok(columns) = reader.read(sample, usize::try_from(records).unwrap_or(0)) else { return none() };
    let mut padded = false;
    let marks = all
        .iter()
        .map(|field| {
            let mut marks = Marks::default();
            for text in columns.texts(*field) {
                let trimmed = trim(text);
                padded |= text.starts_with("  ") && (trimmed == "." || DecimalMark::Point.parse(trimmed).is_some());
                match DecimalMark::seen_in(trimmed) {
                    Some(DecimalMark::Comma) => marks.comma = true,
                    Some(DecimalMark::Point) => marks.point = true,
                    None => {}
                }
            }
            marks
        })
        .collect();
    (marks, padded)
}

/// The finding of a byte that is not UTF-8.
pub(crate) fn encoding_finding(name: &str, block: &[u8], at: usize, first_row: u64) -> Finding {
    let lines = memchr::memchr_iter(b'\n', block.get(..at).unwrap_or_default()).count();
    Finding::error(Duty::Data, "ingest-encoding", format!("{name} is not UTF-8 text"))
        .at_line(name, Some(first_row + lines as u64))
        .help("if it was saved by an older Windows program, pin it: [source.format] encoding = \"windows-1252\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_the_one_that_splits_the_header() {
        assert_eq!(likely_separator("a;b,c;d"), Some(b';'));
        assert_eq!(likely_separator("\"a,b\",\"c;d\",e"), Some(b','));
        assert_eq!(likely_separator("a\tb"), Some(b'\t'));
        assert_eq!(likely_separator("a|b"), Some(b'|'));
        assert_eq!(likely_separator("alone"), None);
    }

    #[test]
    fn header_names_lose_blanks_and_quotes() {
        assert_eq!(split_record("\"ID\"; MMWSA209 ;\"x;y\"", b';'), ["ID", "MMWSA209", "x;y"]);
    }
}
