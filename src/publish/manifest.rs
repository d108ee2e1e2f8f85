//! `manifest.json` and `SHA256SUMS`: what a release is made from, and what it holds.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::{
    error::PublishError,
    folder::hash_file,
    policy::policy,
    schema::SCHEMA_VERSION,
    spec::{DefinitionFile, InputFile, ReleaseSpec},
};
use crate::vocab::Audience;

/// Name of the manifest within the release.
pub(super) const MANIFEST: &str = "manifest.json";
/// Name of the list of hashes within the release.
pub(super) const SUMS: &str = "SHA256SUMS";

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Path within the release, with `/` between the parts.
    pub path: String,
    /// The table it holds, or `codebook`.
    pub table: &'static str,
    /// Its rows; `None` for a file that is not a table.
    pub rows: Option<u64>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hex.
    pub sha256: String,
}

/// The manifest of a release as it stands on disk.
///
/// # Errors
/// [`PublishError`] where it cannot be read or is no JSON.
pub(super) fn read_manifest(release: &Path) -> Result<Value, PublishError> {
    let place = release.join(MANIFEST);
    let text = fs::read_to_string(&place).map_err(PublishError::io("read", &place))?;
    serde_json::from_str(&text).map_err(|source| PublishError::Json { path: place, source })
}

/// Holds a file against the hash that the manifest lists for it, before its content is believed. A name that leads out of the release is none of
/// its files.
///
/// # Errors
/// [`PublishError::Damaged`] where it is another one, or the manifest does not list it.
pub(super) fn hold(release: &Path, manifest: &Value, name: &str) -> Result<(), PublishError> {
    let path = release.join(name);
    let leads_out = name.contains('\\') || name.split('/').any(|part| part.is_empty() || part.starts_with('.'));
    let mut files = manifest["files"].as_array().into_iter().flatten();
    let listed = files.find(|file| file["path"] == name).and_then(|file| file["sha256"].as_str());
    if leads_out || listed.is_none() {
        return Err(PublishError::Damaged { path });
    }
    let (hash, _) = hash_file(&path).map_err(PublishError::io("read", &path))?;
    if listed == Some(hash.as_str()) { Ok(()) } else { Err(PublishError::Damaged { path }) }
}

/// [`hold`] for every table.
///
/// # Errors
/// As [`hold`].
pub(super) fn hold_tables(release: &Path, manifest: &Value) -> Result<(), PublishError> {
    let files = manifest["files"].as_array().into_iter().flatten();
    let mut names = files.filter_map(|file| file["path"].as_str()).filter(|name| name.ends_with(".parquet"));
    names.try_for_each(|name| hold(release, manifest, name))
}

/// The manifest. Keys keep the order in which they stand here; `made_at` is the only clock of a release.
pub(super) fn manifest(spec: &ReleaseSpec<'_>, files: &[WrittenFile]) -> Value {
    let mut inputs: Vec<&InputFile> = spec.inputs.iter().collect();
    inputs.sort_by_key(|input| (&input.source, &input.name));
    let mut definitions: Vec<&DefinitionFile> = spec.definitions.iter().collect();
    definitions.sort_by_key(|definition| &definition.name);
    json!({
        "tool": "wijkpeil",
        "version": env!("CARGO_PKG_VERSION"),
        "schema_version": SCHEMA_VERSION,
        "release": spec.id,
        "audience": spec.audience.as_str(),
        "pipeline": spec.pipeline,
        "made_at": spec.made_at,
        "made_from": spec.made_from,
        "inputs": inputs.iter().map(|input| json!({
            "source": input.source, "name": input.name, "bytes": input.bytes, "sha256": input.sha256,
        })).collect::<Vec<_>>(),
        "definitions": definitions.iter().map(|definition| json!({
            "name": definition.name, "sha256": definition.sha256,
        })).collect::<Vec<_>>(),
        "floor": spec.floor,
        "policy": policy(spec.policy),
        "rules": spec.rules,
        "provenance": spec.provenance.iter().map(|own| json!({
            "parameter": own.parameter, "source": own.source, "measured": own.measured, "design": own.design,
        })).collect::<Vec<_>>(),
        "files": files.iter().map(|file| json!({
            "path": file.path, "table": file.table, "rows": file.rows, "bytes": file.bytes, "sha256": file.sha256,
        })).collect::<Vec<_>>(),
    })
}

/// `SHA256SUMS` in the form that `sha256sum -c` reads: two blanks between hash and path, sorted by path.
pub(super) fn sums<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort_unstable();
    let mut text = String::new();
    for (path, sha256) in files {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{sha256}  {path}");
    }
    text
}

/// Reads `SHA256SUMS` back as (path, hash); `None` when a line has another form.
pub(super) fn read_sums(text: &str) -> Option<Vec<(String, String)>> {
    text.lines()
        .map(|line| {
            let (sha256, path) = line.split_once("  ")?;
            Some((path.to_owned(), sha256.to_owned()))
        })
        .collect()
}

/// Whether the manifest text of an existing release names this audience.
pub(super) fn is_for(text: &str, audience: Audience) -> bool {
    serde_json::from_str::<Value>(text).is_ok_and(|manifest| manifest["audience"] == audience.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_sorted_and_read_back() {
        let text = sums([("b/c.parquet", "11"), ("a.md", "22")]);
        assert_eq!(text, "22  a.md\n11  b/c.parquet\n");
        let back = read_sums(&text).unwrap();
        assert_eq!(back, [("a.md".to_owned(), "22".to_owned()), ("b/c.parquet".to_owned(), "11".to_owned())]);
        assert_eq!(read_sums("one blank"), None);
    }
}
