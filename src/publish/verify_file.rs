//! Holds one file of a release against its hash, its entry in the manifest and the schema of its table.

use std::{fs::File, path::Path};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::datatypes::Schema;
use sha2::{Digest as _, Sha256};

use super::{
    folder,
    manifest::MANIFEST,
    schema::{self, DASHBOARD_STEP, Table},
    verify::Fault,
    verify_compared::ComparedCheck,
    verify_figures::{self, RowCheck},
};
use crate::vocab::{Digest, Memory, Unit};

/// What the manifest says about a file.
pub(super) struct Listed {
    pub(super) table: String,
    pub(super) rows: Option<u64>,
    pub(super) bytes: Option<u64>,
    pub(super) sha256: String,
}

/// What was found in one file.
#[derive(Default)]
pub(super) struct Found {
    pub(super) rows: u64,
    pub(super) faults: Vec<Fault>,
    /// Year of the first row, for figures.
    pub(super) year: Option<i32>,
}

/// Looks at one file: its entries in the list of hashes and in the manifest. A file with the wrong hash is not read further: what it holds is not what was written.
pub(super) fn look(
    name: &str,
    path: &Path,
    (sum, listed): (Option<&String>, Option<&Listed>),
    memory: &dyn Memory,
) -> Found {
    let mut found = Found::default();
    let (sha256, bytes) = match folder::hash_file(path) {
        Ok(read) => read,
        Err(error) => {
            found.faults.push(Fault::Unreadable(error.to_string()));
            return found;
        }
    };
    match sum {
        None => found.faults.push(Fault::Unlisted),
        Some(sum) if *sum != sha256 => {
            found.faults.push(Fault::Hash);
            return found;
        }
        Some(_) => {}
    }
    if name == MANIFEST {
        return found;
    }
    let Some(listed) = listed.filter(|listed| listed.sha256 == sha256 && listed.bytes == Some(bytes)) else {
        found.faults.push(Fault::Manifest);
        return found;
    };
    let Some(table) = Table::parse(&listed.table) else { return found };
    // The name says what must stand in it, the manifest which table it is and how many rows it has.
    let of = format!("verified {name} {} {:?} {sha256}", listed.table, listed.rows);
    let of: Digest = Sha256::digest(of).into();
    if memory.recall(&of).is_some() {
        found.rows = listed.rows.unwrap_or_default();
        found.year = (table == Table::Figures).then(|| first_year(path)).flatten();
        return found;
    }
    if let Err(fault) = look_inside(&mut found, name, path, table) {
        found.faults.push(fault);
    } else if listed.rows != Some(found.rows) {
        found.faults.push(Fault::Rows);
    }
    if found.faults.is_empty() {
        memory.keep(&of, &[]);
    }
    found
}

/// The year of the first row of a file of figures.
fn first_year(path: &Path) -> Option<i32> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).ok()?).ok()?;
    let first = builder.with_limit(1).build().ok()?.next()?.ok()?;
    verify_figures::year(&first)
}

/// Reads a table: schema first, rows only when that is right.
fn look_inside(found: &mut Found, name: &str, path: &Path, table: Table) -> Result<(), Fault> {
    let unreadable = |error: &dyn std::fmt::Display| Fault::Unreadable(error.to_string());
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| unreadable(&error))?;
    check_columns(builder.schema(), table)?;
    let mut check = RowCheck::new(name);
    let mut compared = ComparedCheck::new(table, name);
    for batch in builder.build().map_err(|error| unreadable(&error))? {
        let batch = batch.map_err(|error| unreadable(&error))?;
        found.rows += batch.num_rows() as u64;
        if table == Table::Figures {
            found.year = found.year.or_else(|| verify_figures::year(&batch));
            check.batch(&batch);
        }
        if let Some(compared) = &mut compared {
            compared.batch(&batch);
        }
    }
    let broken = compared.map(|compared| compared.broken).unwrap_or_default();
    found.faults.extend(broken.into_iter().map(|(rule, (first, rows))| Fault::Row { rule, rows, first }));
    found.faults.extend(check.broken.into_iter().map(|(rule, (first, rows))| Fault::Row { rule, rows, first }));
    Ok(())
}

/// Names, types and nullability; descriptions may be worded better in a later version of the tool.
fn check_columns(schema: &Schema, table: Table) -> Result<(), Fault> {
    let fixed = table.columns().len();
    let expected = if table == Table::Dashboard {
        let ids = schema.fields().iter().skip(fixed).step_by(DASHBOARD_STEP);
        schema::dashboard_schema(ids.map(|field| (field.name().as_str(), Unit::Share)))
    } else {
        table.schema()
    };
    let (have, want) = (schema.fields(), expected.fields());
    for position in 0..have.len().max(want.len()) {
        let (have, want) = (have.get(position), want.get(position));
        let same = have.zip(want).is_some_and(|(have, want)| {
            have.name() == want.name()
                && have.data_type() == want.data_type()
                && have.is_nullable() == want.is_nullable()
        });
        if !same {
            let column = have.or(want).map(|field| field.name().clone()).unwrap_or_default();
            return Err(Fault::Columns { position: position + 1, column });
        }
    }
    Ok(())
}
