//! Which published figures differ between two releases, from the releases alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use super::{
    error::PublishError,
    manifest::{hold, read_manifest},
    why::{Cells, batches, shown},
};

/// Numbers that a figure may differ in.
const NUMBERS: [&str; 7] = ["value", "se", "lower", "upper", "n", "deff", "population"];

/// What differs between two releases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    /// What the releases are made from, a line each: ids, inputs and definitions that differ.
    pub made_from: Vec<String>,
    /// Figures in both releases.
    pub common: u64,
    /// Figures of the first release alone, and of the second alone.
    pub alone: [u64; 2],
    /// Figures that are shown in the second release and were not in the first.
    pub appeared: u64,
    /// Figures that were shown in the first release and are not in the second.
    pub disappeared: u64,
    /// Figures in both of which a number, the status or the reason differs, by parameter.
    pub changed: BTreeMap<String, u64>,
    /// The changed figures: first what is shown in one release alone, then by the size of the difference.
    pub rows: Vec<Changed>,
}

/// A figure that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// Its key in words.
    pub key: String,
    /// What it was and is.
    pub words: String,
    /// Difference of the values, second minus first, in the unit of the figure: infinite where only one of them is shown, 0 where
    /// none is.
    pub difference: f64,
    /// Unit of the figure.
    pub unit: String,
    /// Its value in both releases, where both show it.
    pub values: Option<[f64; 2]>,
}

/// A figure as it stands in a release.
#[derive(Clone, PartialEq)]
struct Seen {
    numbers: [Option<f64>; NUMBERS.len()],
    status: String,
    reason: String,
    unit: String,
}

/// The figures of one file by their key.
type File = BTreeMap<String, Seen>;

/// Compares the figures of two releases, file by file; files with the same hash are not opened.
///
/// # Errors
/// [`PublishError`] where one of them cannot be read.
pub fn diff(first: &Path, second: &Path) -> Result<Diff, PublishError> {
    let manifests = [read_manifest(first)?, read_manifest(second)?];
    let mut found = Diff { made_from: made_from(&manifests), ..Diff::default() };
    let files = [hashes(&manifests[0]), hashes(&manifests[1])];
    let names: BTreeSet<&String> = files.iter().flat_map(BTreeMap::keys).collect();
    for name in names {
        let hashes = [files[0].get(name), files[1].get(name)];
        if let [Some((a, rows)), Some((b, _))] = hashes
            && a == b
        {
            found.common += rows;
            continue;
        }
        let read = |release: &Path, at: usize| {
            if hashes[at].is_none() {
                return Ok(File::new());
            }
            hold(release, &manifests[at], name)?;
            file(&release.join(name))
        };
        let (before, after) = (read(first, 0)?, read(second, 1)?);
        found.file(&before, &after);
    }
    found.rows.sort_by(|a, b| b.difference.abs().total_cmp(&a.difference.abs()).then_with(|| a.key.cmp(&b.key)));
    Ok(found)
}

/// The files of figures with their hash and number of rows.
fn hashes(manifest: &Value) -> BTreeMap<String, (String, u64)> {
    let files = manifest["files"].as_array().into_iter().flatten();
    files
        .filter_map(|file| {
            let path = file["path"].as_str().filter(|path| path.starts_with("figures/"))?;
            Some((path.to_owned(), (file["sha256"].as_str()?.to_owned(), file["rows"].as_u64().unwrap_or(0))))
        })
        .collect()
}

/// What the releases are made from, where it differs.
fn made_from(manifests: &[Value; 2]) -> Vec<String> {
    let word = |at: usize, key: &str| manifests[at][key].as_str().unwrap_or("?").to_owned();
    let mut lines = Vec::new();
    for key in ["release", "pipeline", "version", "audience", "floor"] {
        let (before, after) = (word(0, key), word(1, key));
        // The reasons behind a rule follow it in the same text; they are told only where they are what differs.
        let short = |text: &str| text.split_once(". ").map_or(text, |(rule, _)| rule).to_owned();
        if short(&before) != short(&after) {
            lines.push(format!("{key}: {} → {}", short(&before), short(&after)));
        } else if before != after {
            lines.push(format!("{key}: {before} → {after}"));
        }
    }
    for list in ["inputs", "definitions"] {
        let of = |at: usize| -> BTreeMap<String, String> {
            let entries = manifests[at][list].as_array().into_iter().flatten();
            let entry = |own: &Value| Some((own["name"].as_str()?.to_owned(), own["sha256"].as_str()?.to_owned()));
            entries.filter_map(entry).collect()
        };
        let (before, after) = (of(0), of(1));
        for name in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
            let what = match (before.get(name), after.get(name)) {
                (Some(a), Some(b)) if a == b => continue,
                (Some(_), Some(_)) => "other content",
                (Some(_), None) => "gone",
                _ => "new",
            };
            lines.push(format!("{list}: {name}, {what}"));
        }
    }
    lines
}

fn file(path: &Path) -> Result<File, PublishError> {
    let mut found = File::new();
    for batch in batches(path)? {
        for row in 0..batch.num_rows() {
            let cells = Cells { batch: &batch, row };
            let year = |name: &str| cells.number(name).map_or(String::new(), |year| format!("{year:.0}"));
            let text = |name: &str| cells.text(name);
            let key = format!(
                "{} {} {} {} {}@{} {} {}={} {} {} {}",
                text("parameter"),
                text("collection"),
                text("period_label"),
                text("level"),
                text("region"),
                year("region_year"),
                text("statistic"),
                text("dimension"),
                text("category"),
                text("method"),
                text("source"),
                text("variant"),
            );
            let seen = Seen {
                numbers: NUMBERS.map(|name| cells.number(name)),
                status: cells.text("status").to_owned(),
                reason: cells.text("reason").to_owned(),
                unit: cells.text("unit").to_owned(),
            };
            found.insert(key, seen);
        }
    }
    Ok(found)
}

impl Diff {
    fn file(&mut self, before: &File, after: &File) {
        self.alone[0] += before.keys().filter(|key| !after.contains_key(*key)).count() as u64;
        for (key, now) in after {
            let Some(was) = before.get(key) else {
                self.alone[1] += 1;
                continue;
            };
            self.common += 1;
            if was == now {
                continue;
            }
            self.appeared += u64::from(was.status != "ok" && now.status == "ok");
            self.disappeared += u64::from(was.status == "ok" && now.status != "ok");
            let parameter = key.split(' ').next().unwrap_or_default().to_owned();
            *self.changed.entry(parameter).or_default() += 1;
            let difference = match (was.numbers[0], now.numbers[0]) {
                (Some(was), Some(now)) => now - was,
                (None, None) => 0.0,
                _ => f64::INFINITY,
            };
            let values = was.numbers[0].zip(now.numbers[0]).map(|(was, now)| [was, now]);
            let (key, words, unit) = (key.clone(), words(was, now), now.unit.clone());
            self.rows.push(Changed { key, words, difference, unit, values });
        }
    }

    /// The differences in words, with so many of the changed figures.
    #[must_use]
    pub fn show(&self, rows: usize) -> String {
        let mut text = String::new();
        let changed: u64 = self.changed.values().sum();
        // Writing to a string cannot fail.
        self.made_from.iter().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
        let _ = writeln!(
            text,
            "{} figures in both, {changed} of them changed ({} appeared, {} disappeared); {} only in the first, {} only in the second",
            self.common, self.appeared, self.disappeared, self.alone[0], self.alone[1]
        );
        for (parameter, count) in &self.changed {
            let _ = writeln!(text, "  {parameter}: {count}");
        }
        for row in self.rows.iter().take(rows) {
            let _ = writeln!(text, "{}: {}", row.key, row.words);
        }
        if self.rows.len() > rows {
            let _ = writeln!(text, "… and {} more; --rows N shows more", self.rows.len() - rows);
        }
        text
    }
}

/// What a figure was and is: its value, or why there is none, and else the first number that differs.
fn words(was: &Seen, now: &Seen) -> String {
    let value = |own: &Seen| match own.numbers[0] {
        Some(value) => shown(value, &own.unit),
        None if own.reason.is_empty() => own.status.clone(),
        None => format!("{} ({})", own.status, own.reason),
    };
    let (before, after) = (value(was), value(now));
    if before != after {
        return format!("{before} → {after}");
    }
    let differing: Vec<&str> = NUMBERS
        .iter()
        .enumerate()
        .filter(|(at, _)| was.numbers[*at] != now.numbers[*at])
        .map(|(_, name)| *name)
        .chain((was.status != now.status).then_some("status"))
        .chain((was.reason != now.reason).then_some("reason"))
        .collect();
    format!("{after}, another {}", differing.join(", "))
}
