//! Lists of codes that come with an OData v4 table: `MeasureCodes.csv`, `PeriodenCodes.csv`, `Properties.csv`.
//!
//! The observations alone do not say which periods are provisional, what a measure is, or which table they are of; zips of several
//! tables unpacked over each other leave lists of one table beside the observations of another.

use std::collections::{HashMap, HashSet};

use super::list::{ListFile, read_list};
use crate::finding::Findings;

/// Measures of a table: identifier → title and unit.
pub type MeasureCodes = HashMap<String, (String, String)>;

/// Reads the measures of a table.
///
/// # Errors
/// A file without its columns, or that is broken.
pub fn read_measures(file: ListFile<'_>) -> Result<MeasureCodes, Findings> {
    let list = read_list(file, &["Identifier", "Title", "Unit"], "a list of measures")?;
    let entry = |row: Vec<String>| {
        let [key, title, unit] = <[String; 3]>::try_from(row).ok()?;
        Some((key, (title, unit)))
    };
    Ok(list.rows.into_iter().filter_map(entry).collect())
}

/// Reads the codes of the periods that are not final (`Definitief`).
///
/// # Errors
/// As [`read_measures`].
pub fn read_provisional(file: ListFile<'_>) -> Result<HashSet<String>, Findings> {
    let list = read_list(file, &["Identifier", "Status"], "a list of periods")?;
    let open = |row: Vec<String>| {
        let [code, status] = <[String; 2]>::try_from(row).ok()?;
        (status != "Definitief").then_some(code)
    };
    Ok(list.rows.into_iter().filter_map(open).collect())
}

/// Reads the id of the table that a file of properties is of.
///
/// # Errors
/// As [`read_measures`].
pub fn read_table_id(file: ListFile<'_>) -> Result<String, Findings> {
    let list = read_list(file, &["Identifier"], "a file of properties")?;
    Ok(list.rows.into_iter().flatten().next().unwrap_or_default())
}
