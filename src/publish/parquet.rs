//! The one place where data files are written.
//!
//! Bytes depend on the rows and on [`Origin`] alone: zstd level 9, dictionaries, writer version 1.0, fixed row groups, a fixed
//! `created_by`; no clock, host or path.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    path::Path,
};

use ::parquet::{
    arrow::{
        ArrowWriter,
        arrow_writer::{ArrowRowGroupWriterFactory, compute_leaves},
    },
    basic::{Compression, ZstdLevel},
    file::{
        metadata::KeyValue,
        properties::{EnabledStatistics, WriterProperties, WriterVersion},
        writer::SerializedFileWriter,
    },
    schema::types::ColumnPath,
};
use arrow::{array::RecordBatch, datatypes::SchemaRef};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{
    error::PublishError,
    folder::{self, Hashing},
    keys::Keys,
    manifest::WrittenFile,
    schema::{SCHEMA_VERSION, Table},
};
use crate::{
    declare::SourceEntry,
    disclose::{Figure, FigureKey},
    vocab::{Audience, hex},
};

/// Rows per row group at most, and per record batch.
pub(super) const ROW_GROUP: usize = 122_880;

/// Level of compression: slow to write, as fast to read as any other.
const ZSTD_LEVEL: i32 = 9;

/// Text columns of figures that no reader selects by: minimum and maximum of them cost time and say nothing.
const UNSORTED_TEXT: &[&str] = &[
    "period_label",
    "statistic",
    "interval_method",
    "n_class",
    "unit",
    "variant",
    "reason",
    "reliability",
    "definition",
    "adjustment",
    "favourable",
    "test",
];

/// Where files go, for whom, and from what they were made.
#[derive(Clone, Copy)]
pub(super) struct Target<'a> {
    /// The folder that becomes the release.
    pub(super) root: &'a Path,
    /// For whom.
    pub(super) audience: Audience,
    /// Hash of what every file was made from: definitions and regions.
    pub(super) common: &'a str,
}

/// The sources of a file and their licences, for its metadata.
#[derive(Default)]
pub(super) struct Origin {
    sources: String,
    licences: String,
    /// Hashes of the sources' files, one per line, in the order of their ids.
    hashes: String,
}

impl Origin {
    /// Of these sources, each named once, in the order of their ids.
    fn of_sources<'a>(sources: impl Iterator<Item = &'a SourceEntry>) -> Self {
        let by_id: BTreeMap<&str, &SourceEntry> = sources.map(|source| (source.id.as_str(), source)).collect();
        let licences: BTreeSet<&str> = by_id.values().map(|source| source.licence.as_str()).collect();
        Self {
            // A licence may have a comma in its name, an id may not.
            sources: by_id.keys().copied().collect::<Vec<_>>().join(","),
            licences: licences.into_iter().collect::<Vec<_>>().join("; "),
            hashes: by_id.iter().map(|(id, source)| format!("{id} {}\n", source.content)).collect(),
        }
    }

    /// All of it, to tell it from others.
    pub(super) fn text(&self) -> String {
        format!("{}\n{}\n{}", self.sources, self.licences, self.hashes)
    }

    /// Hash of what a file with this origin is made from: its own sources and what is common to all files. A partition whose
    /// sources and definitions did not change keeps its bytes.
    fn made_from(&self, common: &str) -> String {
        hex(Sha256::digest(format!("{common}\n{}", self.hashes)))
    }

    /// Of every source of the catalogue, for the tables that say what the keys mean.
    pub(super) fn of_catalogue(keys: Keys<'_>) -> Self {
        Self::of_sources(keys.catalogue.sources.iter())
    }

    /// Of the sources of figures with these keys.
    pub(super) fn of_keys<'f>(keys: Keys<'_>, figures: impl Iterator<Item = &'f FigureKey>) -> Self {
        let sources: BTreeSet<u32> = figures.map(|figure| figure.source).collect();
        Self::of_sources(sources.into_iter().map(|index| &keys.catalogue.sources[index as usize]))
    }

    /// Of the sources of these figures.
    pub(super) fn of_figures<'f>(keys: Keys<'_>, figures: impl Iterator<Item = &'f Figure>) -> Self {
        let sources: BTreeSet<u32> = figures.map(|figure| figure.source).collect();
        Self::of_sources(sources.into_iter().map(|index| &keys.catalogue.sources[index as usize]))
    }
}

/// Writes one table to `path` within the release, through a temporary name, and says what was written.
pub(super) fn write(
    target: Target<'_>,
    path: &str,
    table: Table,
    schema: SchemaRef,
    origin: &Origin,
    batches: impl Iterator<Item = Result<RecordBatch, PublishError>>,
) -> Result<WrittenFile, PublishError> {
    let place = target.root.join(path);
    let fault = PublishError::parquet(&place);
    let properties = properties(target, table, origin).map_err(&fault)?;
    folder::write_file(&place, target.audience, |file| {
        let writer = ArrowWriter::try_new(Hashing::new(file), schema, Some(properties)).map_err(&fault)?;
        let (mut writer, factory) = writer.into_serialized_writer().map_err(&fault)?;
        let mut rows = 0;
        for (number, batch) in batches.enumerate() {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            row_group(&mut writer, &factory, number, &batch).map_err(&fault)?;
        }
        let (file, bytes, sha256) = writer.into_inner().map_err(&fault)?.finish();
        let written = WrittenFile { path: path.to_owned(), table: table.as_str(), rows: Some(rows), bytes, sha256 };
        Ok((file, written))
    })
}

/// Writes a record batch as a row group. Columns are encoded in parallel, because one file is often most of a release; they are
/// appended in their order, so the bytes are those of a single thread.
fn row_group<W: Write + Send>(
    writer: &mut SerializedFileWriter<W>,
    factory: &ArrowRowGroupWriterFactory,
    number: usize,
    batch: &RecordBatch,
) -> ::parquet::errors::Result<()> {
    let schema = batch.schema();
    let writers = factory.create_column_writers(number)?;
    let columns = writers.into_par_iter().zip(schema.fields().as_ref()).zip(batch.columns());
    let chunks = columns
        .map(|((mut column, field), array)| {
            for leaf in compute_leaves(field, array)? {
                column.write(&leaf)?;
            }
            column.close()
        })
        .collect::<::parquet::errors::Result<Vec<_>>>()?;
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        chunk.append_to_row_group(&mut group)?;
    }
    group.close()?;
    Ok(())
}

fn properties(target: Target<'_>, table: Table, origin: &Origin) -> ::parquet::errors::Result<WriterProperties> {
    let made_from = origin.made_from(target.common);
    let metadata = [
        ("wijkpeil.schema_version", SCHEMA_VERSION),
        ("wijkpeil.table", table.as_str()),
        ("wijkpeil.source", &origin.sources),
        ("wijkpeil.licence", &origin.licences),
        ("wijkpeil.made_from", &made_from),
    ];
    let mut builder = WriterProperties::builder();
    for column in UNSORTED_TEXT {
        builder = builder.set_column_statistics_enabled(ColumnPath::from(*column), EnabledStatistics::None);
    }
    Ok(builder
        .set_created_by("wijkpeil".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_dictionary_enabled(true)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_offset_index_disabled(false)
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .set_key_value_metadata(Some(
            metadata.map(|(key, value)| KeyValue::new(key.to_owned(), value.to_owned())).to_vec(),
        ))
        .build())
}
