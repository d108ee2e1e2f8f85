//! What parquet files hold beside their cells: statistics, dictionaries, bloom filters, key-value metadata.

use std::fs::File;
use std::path::{Path, PathBuf};

use ::parquet::{
    arrow::arrow_reader::ParquetRecordBatchReaderBuilder,
    basic::Encoding,
    column::page::Page,
    errors::Result as ParquetResult,
    file::{
        reader::{FileReader, SerializedFileReader},
        statistics::Statistics,
    },
};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{error::PublishError, folder};
use crate::disclose::audit::{AuditCheck, Verdict};
use crate::vocab::{Digest, Memory};

/// Keys that a file of a release has.
const KEYS: [&str; 2] = ["ARROW:schema", "wijkpeil."];

/// Every number that a file holds beside its cells must stand in a cell as well.
///
/// Numbers are those of columns of 64 bits, which are all that a figure has to hide; texts are looked at for classes of n. A file in whose very bytes
/// nothing was found before is not looked into again.
pub(super) fn metadata(release: &Path, quick: Option<&dyn Memory>) -> Result<AuditCheck, PublishError> {
    let files = folder::files_under(release)?;
    let files: Vec<(String, PathBuf)> = files.into_iter().filter(|(name, _)| name.ends_with(".parquet")).collect();
    let checks: Vec<Result<AuditCheck, PublishError>> = files
        .par_iter()
        .map(|(name, path)| {
            let mut check = AuditCheck::new("metadata");
            let of = match quick {
                Some(memory) => {
                    let (hash, _) = folder::hash_file(path).map_err(PublishError::io("read", path))?;
                    let of: Digest = Sha256::digest(format!("metadata {hash}")).into();
                    if memory.recall(&of).is_some() {
                        return Ok(check);
                    }
                    Some((memory, of))
                }
                None => None,
            };
            let file = File::open(path).map_err(PublishError::io("read", path))?;
            look(name, &file, &mut check).map_err(PublishError::parquet(path))?;
            if let Some((memory, of)) = of.filter(|_| check.verdict != Verdict::Broken) {
                memory.keep(&of, &[]);
            }
            Ok(check)
        })
        .collect();
    let mut found = AuditCheck::new("metadata");
    for check in checks {
        found.merge(check?);
    }
    Ok(found)
}

fn look(name: &str, file: &File, check: &mut AuditCheck) -> ParquetResult<()> {
    let reader = SerializedFileReader::new(file.try_clone()?)?;
    let about = reader.metadata();
    for own in about.file_metadata().key_value_metadata().into_iter().flatten() {
        check.try_one();
        if !KEYS.iter().any(|key| own.key.starts_with(key)) {
            check.break_by(|| format!("{name}: metadata has the key `{}`", own.key));
        }
    }
    for group in 0..about.num_row_groups() {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file.try_clone()?)?;
        let rows = usize::try_from(about.row_group(group).num_rows()).unwrap_or(0);
        let builder = builder.with_row_groups(vec![group]).with_batch_size(rows.max(1));
        let batches: Result<Vec<RecordBatch>, _> = builder.build()?.collect();
        let Some(batch) = batches?.into_iter().next() else { continue };
        for (at, column) in batch.columns().iter().enumerate() {
            let Some(cells) = Cells::of(column.as_ref()) else { continue };
            check.try_one();
            let chunk = about.row_group(group).column(at);
            let field = batch.schema().field(at).name().clone();
            let mut say = |what: &str| check.break_by(|| format!("{name}: column {field}: {what}"));
            if chunk.bloom_filter_offset().is_some() {
                say("a bloom filter");
            }
            if let Some(own) = chunk.statistics() {
                if ends(own).into_iter().flatten().any(|end| !cells.has(&end)) {
                    say("the statistics have a number that no cell has");
                }
                if own.null_count_opt().is_some_and(|count| count != column.null_count() as u64) {
                    say("the statistics have another number of empty cells");
                }
            }
            let pages = reader.get_row_group(group)?.get_column_page_reader(at)?;
            for page in pages {
                match page? {
                    Page::DictionaryPage { buf, encoding: Encoding::PLAIN | Encoding::PLAIN_DICTIONARY, .. }
                        if cells.entries(&buf).any(|entry| !cells.has(entry)) =>
                    {
                        say("the dictionary has an entry that no cell has");
                    }
                    Page::DataPage { statistics: Some(own), .. } | Page::DataPageV2 { statistics: Some(own), .. }
                        if ends(&own).into_iter().flatten().any(|end| !cells.has(&end)) =>
                    {
                        say("the statistics of a page have a number that no cell has");
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// Least and most of statistics, as far as they are exact.
fn ends(statistics: &Statistics) -> [Option<Vec<u8>>; 2] {
    let least = statistics.min_bytes_opt().filter(|_| statistics.min_is_exact()).map(<[u8]>::to_vec);
    let most = statistics.max_bytes_opt().filter(|_| statistics.max_is_exact()).map(<[u8]>::to_vec);
    [least, most]
}

/// What stands in the cells of a column, sorted.
enum Cells {
    /// Numbers of 64 bits.
    Numbers(Vec<u64>),
    /// Texts.
    Texts(Vec<Vec<u8>>),
}

impl Cells {
    /// The cells of a column of 64 bits or of texts; `None` for others, which hold keys.
    fn of(column: &dyn Array) -> Option<Self> {
        let valid = (0..column.len()).filter(|row| column.is_valid(*row));
        match column.data_type() {
            DataType::Float64 => {
                let own = column.as_primitive::<Float64Type>();
                let mut numbers: Vec<u64> = valid.map(|row| own.value(row).to_bits()).collect();
                // Statistics write zero with either sign, so that both ends hold it.
                if numbers.iter().any(|bits| f64::from_bits(*bits) == 0.0) {
                    numbers.extend([0.0_f64.to_bits(), (-0.0_f64).to_bits()]);
                }
                numbers.sort_unstable();
                numbers.dedup();
                Some(Self::Numbers(numbers))
            }
            DataType::Int64 => {
                let own = column.as_primitive::<Int64Type>();
                let mut numbers: Vec<u64> = valid.map(|row| own.value(row).cast_unsigned()).collect();
                numbers.sort_unstable();
                numbers.dedup();
                Some(Self::Numbers(numbers))
            }
            DataType::Utf8 => {
                let own = column.as_string::<i32>();
                let mut texts: std::collections::BTreeSet<&str> = std::collections::BTreeSet::new();
                let mut last = "";
                for row in valid {
                    // Rows are sorted, so most texts repeat.
                    if own.value(row) != last || texts.is_empty() {
                        last = own.value(row);
                        texts.insert(last);
                    }
                }
                Some(Self::Texts(texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()))
            }
            _ => None,
        }
    }

    fn has(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Numbers(numbers) => {
                let Ok(bytes) = <[u8; 8]>::try_from(bytes) else { return false };
                numbers.binary_search(&u64::from_le_bytes(bytes)).is_ok()
            }
            Self::Texts(texts) => texts.binary_search_by(|own| own.as_slice().cmp(bytes)).is_ok(),
        }
    }

    /// The entries of a dictionary page in plain encoding.
    fn entries<'b>(&self, page: &'b [u8]) -> Box<dyn Iterator<Item = &'b [u8]> + 'b> {
        match self {
            Self::Numbers(_) => Box::new(page.chunks(8)),
            Self::Texts(_) => {
                let mut left = page;
                Box::new(std::iter::from_fn(move || {
                    let (length, rest) = left.split_first_chunk::<4>()?;
                    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
                    let (entry, rest) = rest.split_at_checked(length)?;
                    left = rest;
                    Some(entry)
                }))
            }
        }
    }
}
