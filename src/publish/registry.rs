//! What was made public before, kept beside the releases: a released figure stays known, whatever is withheld later.
//!
//! `registry/<release>/` holds the figures files of a public release and `entry.json`: what it was made from and its policy. Pipelines that share
//! respondents name one registry. It grows with every release that differs; an entry is removed by hand, where a release was withdrawn before
//! anybody can have seen it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    error::PublishError,
    folder,
    manifest::read_manifest,
    why::{Cells, batches},
};
use crate::disclose::EarlierFigure;
use crate::vocab::{Audience, hex};

/// Name of what an entry says of itself.
const ENTRY: &str = "entry.json";

/// A figure, whatever the year of its region division.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EarlierKey {
    /// Parameter id.
    pub parameter: String,
    /// Collection.
    pub collection: String,
    /// Year.
    pub year: i32,
    /// Region code.
    pub region: String,
    /// Dimension.
    pub dimension: String,
    /// Category.
    pub category: String,
}

/// What other releases have made public. Confidential as a whole: withdrawn figures may be among it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registry {
    figures: HashMap<EarlierKey, Vec<EarlierFigure>>,
    /// Of every entry, what its release was made from.
    made_from: Vec<String>,
}

impl Registry {
    /// Reads the entries of a folder that were made from something else than `own`; none where the folder is not there yet.
    ///
    /// # Errors
    /// [`PublishError`] where an entry cannot be read.
    pub fn read(folder: &Path, own: &str) -> Result<Self, PublishError> {
        let mut found = Self::default();
        if !folder.exists() {
            return Ok(found);
        }
        let mut entries = Vec::new();
        for entry in fs::read_dir(folder).map_err(PublishError::io("read folder", folder))? {
            let path = entry.map_err(PublishError::io("read folder", folder))?.path();
            if path.join(ENTRY).is_file() {
                entries.push(path);
            }
        }
        entries.sort();
        for path in entries {
            let place = path.join(ENTRY);
            let text = fs::read_to_string(&place).map_err(PublishError::io("read", &place))?;
            let entry: Value =
                serde_json::from_str(&text).map_err(|source| PublishError::Json { path: place, source })?;
            let made_from = entry["made_from"].as_str().unwrap_or_default().to_owned();
            if made_from == own {
                continue;
            }
            found.made_from.push(made_from);
            for (name, file) in folder::files_under(&path)? {
                if name.ends_with(".parquet") {
                    found.file(&file, &entry["policy"])?;
                }
            }
        }
        found.made_from.sort();
        found.made_from.dedup();
        Ok(found)
    }

    fn file(&mut self, path: &Path, policy: &Value) -> Result<(), PublishError> {
        for batch in batches(path)? {
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                let text = |name: &str| cells.text(name).to_owned();
                if (cells.text("status"), cells.text("statistic"), cells.text("method")) != ("ok", "crude", "direct") {
                    continue;
                }
                let Some(value) = cells.number("value") else { continue };
                let key = EarlierKey {
                    parameter: text("parameter"),
                    collection: text("collection"),
                    year: cells.number("period").map_or(0, |year| year as i32),
                    region: text("region"),
                    dimension: text("dimension"),
                    category: text("category"),
                };
                let n = published_n(&cells, policy);
                let own = EarlierFigure { value, n };
                let known = self.figures.entry(key).or_default();
                if !known.contains(&own) {
                    known.push(own);
                }
            }
        }
        Ok(())
    }

    /// Whether nothing was made public before.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }

    /// What was published of a figure.
    #[must_use]
    pub fn of(&self, key: &EarlierKey) -> &[EarlierFigure] {
        self.figures.get(key).map_or(&[], Vec::as_slice)
    }

    /// A hash of what was published of a collection and year.
    #[must_use]
    pub fn hash_of(&self, collection: &str, year: i32) -> String {
        let own = self.figures.iter().filter(|(key, _)| key.year == year && key.collection == collection);
        let mut lines: Vec<String> = own.map(|own| format!("{own:?}\n")).collect();
        lines.sort();
        hex(Sha256::digest(lines.concat()))
    }

    /// A hash of what the entries were made from.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(Sha256::digest(self.made_from.join("\n").as_bytes()))
    }
}

/// Between which numbers the n of a published row lies.
fn published_n(cells: &Cells<'_>, policy: &Value) -> (u64, u64) {
    let level = cells.text("level");
    let rules = policy["precision"].as_array().into_iter().flatten();
    let base = rules
        .filter(|rule| rule["levels"].as_array().into_iter().flatten().any(|own| own == level))
        .find_map(|rule| rule["count"].as_u64())
        .unwrap_or(1);
    if let Some(n) = cells.number("n") {
        let n = n as u64;
        return (n, n + base - 1);
    }
    let class = cells.text("n_class");
    match class.split_once('-') {
        Some((least, most)) => (least.parse().unwrap_or(0), most.parse().unwrap_or(u64::MAX)),
        None => (class.trim_end_matches('+').parse().unwrap_or(0), u64::MAX),
    }
}

/// Notes that a release is public; nothing where it is noted already.
///
/// # Errors
/// [`PublishError`] where the release cannot be read or the registry not be written.
pub fn record(registry: &Path, release: &Path, made_from: &str) -> Result<(), PublishError> {
    let manifest = read_manifest(release)?;
    let id = manifest["release"].as_str().unwrap_or_default();
    let own = registry.join(id);
    if own.join(ENTRY).exists() {
        return Ok(());
    }
    // An entry without `entry.json` is none, so that the files come first.
    for (name, path) in folder::files_under(&release.join("figures"))? {
        let target = own.join("figures").join(name);
        if let Some(parent) = target.parent() {
            folder::create_folders(parent, Audience::Internal)?;
        }
        let bytes = fs::read(&path).map_err(PublishError::io("read", &path))?;
        folder::write_bytes(&target, Audience::Internal, &bytes)?;
    }
    let entry = json!({
        "release": id,
        "pipeline": manifest["pipeline"],
        "made_from": made_from,
        "policy": manifest["policy"],
    });
    folder::write_bytes(&own.join(ENTRY), Audience::Internal, format!("{entry:#}\n").as_bytes())?;
    folder::sync_folders(registry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_of_one_year_is_no_matter_of_another() {
        let key = EarlierKey {
            parameter: "lonely".to_owned(),
            collection: "gmvo".to_owned(),
            year: 2020,
            region: "WK990101".to_owned(),
            dimension: "total".to_owned(),
            category: "total".to_owned(),
        };
        let with = |n: u64| Registry {
            figures: HashMap::from([(key.clone(), vec![EarlierFigure { value: 0.4, n: (n, n) }])]),
            made_from: Vec::new(),
        };
        let hashes = |registry: &Registry| [2020, 2022].map(|year| registry.hash_of("gmvo", year));
        let [none, [of_2020, of_2022], other] = [&Registry::default(), &with(60), &with(61)].map(hashes);
        assert!(of_2020 != none[0] && of_2020 != other[0]);
        assert_eq!((&of_2022, &of_2022), (&none[1], &other[1]));
        assert_eq!(with(60).hash_of("gmj", 2020), none[0]);
    }
}
