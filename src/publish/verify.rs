//! Holds a release on disk against its own hashes, its manifest and the schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    path::{Path, PathBuf},
};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use rayon::prelude::*;
use serde_json::Value;

use super::{
    error::PublishError,
    folder,
    manifest::{self, MANIFEST, SUMS},
    schema::SCHEMA_VERSION,
    verify_figures::{self, RowRule},
    verify_file::{Found, Listed, look},
};
use crate::vocab::{Forgetful, Memory};

/// What [`verify`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The release id of the manifest, empty when there is none.
    pub release: String,
    /// Number of files looked at.
    pub files: usize,
    /// Number of rows of tables looked at.
    pub rows: u64,
    /// What is wrong, by file; empty for a sound release.
    pub faults: Vec<VerifyFault>,
}

/// Something wrong with one file of a release.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}: {fault}")]
pub struct VerifyFault {
    /// Path within the release.
    pub file: String,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Fault {
    /// The folder has no manifest.
    #[error(
        "there is no manifest: this is not a release; releases lie in `<out>/releases/`, the current one is `<out>/current`"
    )]
    NotARelease,
    /// The file is listed and not there.
    #[error("missing")]
    Missing,
    /// The file is there and not listed in `SHA256SUMS`.
    #[error("not listed in SHA256SUMS")]
    Unlisted,
    /// The file is there and the manifest does not name it, or names another hash or size.
    #[error("the manifest does not name it, or with another hash or size")]
    Manifest,
    /// The content is not what was written.
    #[error("the content does not have the hash of SHA256SUMS")]
    Hash,
    /// The file cannot be read as what it should be.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// The schema version is not one that this tool knows.
    #[error("the schema version is not {SCHEMA_VERSION}, the one this version of wijkpeil knows")]
    SchemaVersion,
    /// The columns are not those of the table.
    #[error("the columns are not those of the table, from column {position} (`{column}`) on")]
    Columns {
        /// Position of the first that differs, from 1.
        position: usize,
        /// Its name in the file or, when it is missing, in the schema.
        column: String,
    },
    /// The number of rows is not the one of the manifest.
    #[error("the number of rows is not the one in the manifest")]
    Rows,
    /// Rows that break a rule.
    #[error("{rule} ({rows} rows, the first is row {first})")]
    Row {
        /// The rule.
        rule: RowRule,
        /// Number of rows that break it.
        rows: u64,
        /// The first of them, from 1.
        first: u64,
    },
}

/// Looks at every file of a release: hashes, missing and extra files, schema, rows, and the rules of figures.
///
/// Whatever is wrong with the release is a fault in the report, also when the folder is no release at all.
///
/// # Errors
/// Only when the file system refuses to list the folder.
pub fn verify(release_dir: &Path) -> Result<VerifyReport, PublishError> {
    verify_remembering(release_dir, &Forgetful)
}

/// [`verify`], in which a file is only hashed where an earlier run found nothing wrong with the very same bytes under the same name.
pub(super) fn verify_remembering(release_dir: &Path, memory: &dyn Memory) -> Result<VerifyReport, PublishError> {
    let mut report = VerifyReport::default();
    let mut faults = Vec::new();
    let mut there = if release_dir.is_dir() { folder::files_under(release_dir)? } else { BTreeMap::new() };
    let Some(manifest_path) = there.get(MANIFEST) else {
        report.faults.push(VerifyFault { file: MANIFEST.to_owned(), fault: Fault::NotARelease });
        return Ok(report);
    };
    let mut say = |file: &str, fault: Fault| faults.push(VerifyFault { file: file.to_owned(), fault });
    let listed = match read_manifest(manifest_path) {
        Ok((release, known, listed)) => {
            report.release = release;
            if !known {
                say(MANIFEST, Fault::SchemaVersion);
            }
            listed
        }
        Err(fault) => {
            say(MANIFEST, fault);
            BTreeMap::new()
        }
    };
    let sums =
        match there.remove(SUMS).map(|path| fs::read_to_string(path).ok().as_deref().and_then(manifest::read_sums)) {
            Some(Some(sums)) => sums.into_iter().collect::<BTreeMap<_, _>>(),
            Some(None) => {
                say(SUMS, Fault::Unreadable("not in the form that sha256sum reads".to_owned()));
                BTreeMap::new()
            }
            None => {
                say(SUMS, Fault::Missing);
                BTreeMap::new()
            }
        };
    for name in sums.keys().chain(listed.keys()).collect::<BTreeSet<_>>() {
        if !there.contains_key(name.as_str()) {
            say(name, Fault::Missing);
        }
    }
    let found: BTreeMap<&str, Found> = there
        .par_iter()
        .map(|(name, path)| (name.as_str(), look(name, path, (sums.get(name), listed.get(name)), memory)))
        .collect();
    for (name, found) in &found {
        report.rows += found.rows;
        for fault in &found.faults {
            say(name, fault.clone());
        }
    }
    for (name, fault) in across(&there, &found) {
        say(&name, fault);
    }
    report.files = there.len();
    faults.sort();
    report.faults = faults;
    Ok(report)
}

/// Whether a release holds exactly the files of its `SHA256SUMS` with those hashes, as `hash` tells them: the hash of the list itself, and the number
/// of files. What is in the files is not looked at.
pub fn matches_sums(release: &Path, hash: &dyn Fn(&Path) -> Option<String>) -> Option<(String, usize)> {
    let mut there = folder::files_under(release).ok()?;
    let list = there.remove(SUMS)?;
    let sums = manifest::read_sums(&fs::read_to_string(&list).ok()?)?;
    let same = sums.len() == there.len()
        && sums.iter().all(|(name, sha256)| there.get(name).and_then(|path| hash(path)).as_ref() == Some(sha256));
    same.then(|| hash(&list))?.map(|own| (own, sums.len()))
}

/// Release id, whether the schema version is known, and the files by path.
fn read_manifest(path: &Path) -> Result<(String, bool, BTreeMap<String, Listed>), Fault> {
    let text = fs::read_to_string(path).map_err(|error| Fault::Unreadable(error.to_string()))?;
    let manifest: Value = serde_json::from_str(&text).map_err(|error| Fault::Unreadable(error.to_string()))?;
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = manifest["files"].as_array().ok_or_else(|| Fault::Unreadable("no list `files`".to_owned()))?;
    let files = files.iter().map(|file| {
        let (rows, bytes) = (file["rows"].as_u64(), file["bytes"].as_u64());
        (word(&file["path"]), Listed { table: word(&file["table"]), rows, bytes, sha256: word(&file["sha256"]) })
    });
    Ok((word(&manifest["release"]), manifest["schema_version"] == SCHEMA_VERSION, files.collect()))
}

/// Keys that occur in two files: possible only between period labels of one year, in one collection and level.
fn across(there: &BTreeMap<String, PathBuf>, found: &BTreeMap<&str, Found>) -> Vec<(String, Fault)> {
    let mut years: BTreeMap<(&str, &str, i32), Vec<&str>> = BTreeMap::new();
    for (name, found) in found {
        let mut parts = name.split('/').skip(1);
        if let (Some(collection), Some(_), Some(level), Some(year)) =
            (parts.next(), parts.next(), parts.next(), found.year)
        {
            years.entry((collection, level, year)).or_default().push(name);
        }
    }
    let mut faults = Vec::new();
    for names in years.into_values().filter(|names| names.len() > 1) {
        let mut seen = BTreeSet::new();
        for name in names {
            let reader = File::open(&there[name])
                .ok()
                .and_then(|file| ParquetRecordBatchReaderBuilder::try_new(file).ok()?.build().ok());
            let keys = reader.into_iter().flatten().flatten().flat_map(|batch| verify_figures::keys(&batch));
            let (mut rows, mut first) = (0, 0);
            for (row, key) in (1..).zip(keys.collect::<Vec<_>>()) {
                if !seen.insert(key) {
                    first = if rows == 0 { row } else { first };
                    rows += 1;
                }
            }
            if rows > 0 {
                faults.push((name.to_owned(), Fault::Row { rule: RowRule::Duplicate, rows, first }));
            }
        }
    }
    faults
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
