//! Which releases stay: leftovers of killed runs go, old releases go when nobody can be reading them.
//!
//! A reader resolves `current` once and then reads one release for as long as it takes. A release is therefore pulled only when it has not
//! been current for the declared time and no lease of a reader holds it. Since when it is not current is written down at the first look
//! that finds it so, which is never too early.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{current::current, disk, error::PublishError, figures::folder_name, folder};
use crate::vocab::Audience;

/// Folder of the releases within the output folder.
pub(super) const RELEASES: &str = "releases";
/// Folder of the readers' leases within the output folder.
const READERS: &str = "readers";
/// Since when releases are not current, within the output folder.
const SUPERSEDED: &str = ".superseded.json";
/// The clock of the last night among the times of [`SUPERSEDED`]; no release has such a name.
const LAST: &str = ".last";
/// There as well where that clock lay behind the one of the night before.
const BEHIND: &str = ".behind";

/// How long releases stay. Times are in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// So many releases stay at least, the current one included.
    pub keep: usize,
    /// Beyond `keep`, a release stays for this long after it stopped being current; nothing is pulled earlier.
    pub minimum_age: i64,
    /// Within `keep`, a release goes when it has not been current for longer than this; `None`: it stays.
    pub maximum_age: Option<i64>,
}

/// What [`tidy`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Releases that were pulled.
    pub removed: Vec<String>,
    /// Releases that would have been pulled and are held by a reader's lease.
    pub held: Vec<String>,
    /// A lease that cannot be read, so that nobody knows which release it holds: nothing was pulled.
    pub unreadable: Option<String>,
}

/// The name of a folder that stands aside: hidden, told apart by process, and never the name of a release.
pub(super) fn aside(id: &str, what: &str) -> String {
    format!(".{id}.{what}-{}", std::process::id())
}

/// Removes what killed runs left behind: releases that were being written or pulled, and temporary files beside `current.json`.
/// Two runs on one folder are kept apart by the lock of the caller.
///
/// # Errors
/// [`PublishError`] where something is there and cannot be removed.
pub fn sweep(out: &Path) -> Result<(), PublishError> {
    let releases = out.join(RELEASES);
    for (name, path, is_folder) in entries(&releases)? {
        let left = name.starts_with('.') && (name.contains(".partial-") || name.contains(".pulled-"));
        if left && is_folder {
            disk::remove_folder(&path).map_err(PublishError::io("remove", &path))?;
        }
    }
    for (name, path, is_folder) in entries(out)? {
        if !is_folder && name.starts_with('.') && name.ends_with(".tmp") {
            disk::remove(&path).map_err(PublishError::io("remove", &path))?;
        }
    }
    Ok(())
}

/// Sweeps, and pulls the releases that nobody needs any more. `now` is in seconds since 1970.
///
/// Never the current release, never one that a lease holds, never one that stopped being current less than the declared time ago. A
/// release is pulled whole: it loses its name first. A lease that cannot be read holds everything.
///
/// # Errors
/// [`PublishError`], after which every release is there or gone as a whole.
pub fn tidy(out: &Path, retention: Option<&Retention>, now: i64, audience: Audience) -> Result<Tidied, PublishError> {
    sweep(out)?;
    let (Some(retention), Some(current)) = (retention, current(out)?) else { return Ok(Tidied::default()) };
    let releases = out.join(RELEASES);
    let mut there: BTreeSet<String> = BTreeSet::new();
    for (name, _, is_folder) in entries(&releases)? {
        // A folder that somebody else put here has another kind of name, or no manifest, and is left alone.
        let is_release = is_folder
            && folder_name("release id", &name).is_ok()
            && releases.join(&name).join(super::manifest::MANIFEST).is_file();
        if is_release && name != current {
            there.insert(name);
        }
    }
    let since = superseded(out, &there, now, audience)?;
    let held = match leases(out, now)? {
        Ok(held) => held,
        Err(lease) => return Ok(Tidied { unreadable: Some(lease), ..Tidied::default() }),
    };
    let mut oldest: Vec<(&String, i64)> = since.iter().map(|(id, since)| (id, now - since)).collect();
    // The one that stopped last is the newest; the current one has the first place.
    oldest.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.cmp(b.0)));
    let mut found = Tidied::default();
    for (place, (id, age)) in (2..).zip(oldest) {
        let too_many = place > retention.keep;
        let too_old = retention.maximum_age.is_some_and(|maximum| age > maximum);
        if !(too_many || too_old) || age < retention.minimum_age {
            continue;
        }
        if held.contains(id) {
            found.held.push(id.clone());
            continue;
        }
        let path = releases.join(id);
        let pulled = releases.join(aside(id, "pulled"));
        disk::rename(&path, &pulled).map_err(PublishError::io("rename", &path))?;
        folder::sync_folder(&releases)?;
        disk::remove_folder(&pulled).map_err(PublishError::io("remove", &pulled))?;
        found.removed.push(id.clone());
    }
    Ok(found)
}

/// Since when each release is not current, written down for the next run.
///
/// A clock that lies behind the one of the last night was set back, or was ahead then: nobody knows which of the two is right. In that night and the
/// next one the times are moved along, so that the last one is now: what was measured between them stays, and every wait begins again.
fn superseded(
    out: &Path,
    there: &BTreeSet<String>,
    now: i64,
    audience: Audience,
) -> Result<BTreeMap<String, i64>, PublishError> {
    let path = out.join(SUPERSEDED);
    let text = fs::read(&path).unwrap_or_default();
    // Unreadable is as good as not there: every wait begins again.
    let before: Value = serde_json::from_slice(&text).unwrap_or_default();
    let behind = before[LAST].as_i64().is_some_and(|last| now < last);
    let was_behind = before[BEHIND].as_i64().is_some();
    let noted = |id: &String| before[id.as_str()].as_i64();
    let moved = match there.iter().filter_map(noted).max() {
        Some(last) if behind || was_behind => now.saturating_sub(last),
        _ => 0,
    };
    let begun = |id| noted(id).map(|since| since.saturating_add(moved)).filter(|since| *since <= now);
    let since: BTreeMap<String, i64> = there.iter().map(|id| (id.clone(), begun(id).unwrap_or(now))).collect();
    let mut noted = since.clone();
    // Where nothing waits, no clock matters.
    if !since.is_empty() {
        noted.insert(LAST.to_owned(), now);
        noted.extend(behind.then(|| (BEHIND.to_owned(), now)));
    }
    let mut now_text = json!(noted).to_string();
    now_text.push('\n');
    if now_text.as_bytes() != text {
        folder::write_bytes(&path, audience, now_text.as_bytes())?;
        folder::sync_folder(out)?;
    }
    Ok(since)
}

/// The releases that leases hold now, or the name of a lease that cannot be read: one that is being written, or one by mistake.
fn leases(out: &Path, now: i64) -> Result<Result<BTreeSet<String>, String>, PublishError> {
    let mut held = BTreeSet::new();
    for (name, path, is_folder) in entries(&out.join(READERS))? {
        if is_folder || name.starts_with('.') {
            continue;
        }
        let lease: Option<(String, i64)> = fs::read(&path).ok().and_then(|bytes| {
            let lease: Value = serde_json::from_slice(&bytes).ok()?;
            Some((lease["release"].as_str()?.to_owned(), lease["until"].as_i64()?))
        });
        let Some((release, until)) = lease else { return Ok(Err(name)) };
        if until >= now {
            held.insert(release);
        }
    }
    Ok(Ok(held))
}

/// Name, path and whether it is a folder, of everything in a folder; nothing where it is not there.
fn entries(folder: &Path) -> Result<Vec<(String, PathBuf, bool)>, PublishError> {
    let fault = |source| PublishError::io("read folder", folder)(source);
    let list = match fs::read_dir(folder) {
        Ok(list) => list,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(fault(error)),
    };
    let mut found = Vec::new();
    for entry in list {
        let entry = entry.map_err(fault)?;
        let is_folder = entry.file_type().map_err(fault)?.is_dir();
        found.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), is_folder));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
