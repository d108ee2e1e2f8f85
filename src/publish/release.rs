//! Writes a release whole or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    action, codebook,
    comparisons::{ComparisonFile, TrendFile, comparison_files, trend_files},
    current,
    dashboard::{self, Sheet},
    disk,
    error::PublishError,
    figures::{self, Partition, folder_name},
    folder,
    keys::Keys,
    manifest::{self, MANIFEST, SUMS, WrittenFile},
    parquet::Target,
    retention::{self, RELEASES},
    reuse::Reuse,
    schema::Table,
    spec::{Gate, ModelCard, PublishEvent, Release, ReleaseSpec},
    tables,
    verify::verify_remembering,
};
use crate::{
    declare::Catalogue,
    disclose::{Comparisons, Figure, Trends},
    vocab::Memory,
};

/// What is written: figures in runs, comparisons and trends.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) runs: &'a [&'a [Figure]],
    pub(super) comparisons: &'a Comparisons,
    pub(super) trends: &'a Trends,
}

/// A file to be written; each is independent of the others.
enum Job<'a> {
    Figures(Partition<'a>),
    Comparisons(ComparisonFile<'a>),
    Trends(TrendFile<'a>),
    Dashboard(Sheet<'a>),
    Small(Table),
    Targets(&'a [&'a [Figure]]),
    CodebookMarkdown,
    CodebookCsv,
    Card(&'a ModelCard),
}

/// Small tables, in the order of schema.md.
const SMALL: [Table; 7] = [
    Table::Parameters,
    Table::Regions,
    Table::Categories,
    Table::Sources,
    Table::Interventions,
    Table::Rejects,
    Table::Checks,
];

impl Job<'_> {
    /// Path within the release.
    fn path(&self) -> String {
        match self {
            Self::Figures(partition) => partition.path.clone(),
            Self::Comparisons(file) => file.path.clone(),
            Self::Trends(file) => file.path.clone(),
            Self::Dashboard(sheet) => sheet.path.clone(),
            Self::Small(table) => tables::path(*table),
            Self::Targets(_) => tables::path(Table::Targets),
            Self::CodebookMarkdown => "codebook.md".to_owned(),
            Self::CodebookCsv => "codebook.csv".to_owned(),
            Self::Card(card) => format!("models/{}.md", card.parameter),
        }
    }

    fn run(
        &self,
        target: Target<'_>,
        keys: Keys<'_>,
        reuse: &Reuse<'_>,
        spec: &ReleaseSpec<'_>,
    ) -> Result<WrittenFile, PublishError> {
        match self {
            Self::Figures(partition) => reuse.write(target, keys, partition),
            Self::Comparisons(file) => file.write(target, keys),
            Self::Trends(file) => file.write(target, keys),
            Self::Dashboard(sheet) => sheet.write(target, keys),
            Self::Small(Table::Parameters) => tables::write_parameters(target, keys),
            Self::Small(Table::Regions) => tables::write_regions(target, keys),
            Self::Small(Table::Categories) => tables::write_categories(target, keys),
            Self::Small(Table::Sources) => tables::write_sources(target, keys),
            Self::Small(Table::Interventions) => action::write_interventions(target, keys),
            Self::Targets(runs) => action::write_targets(target, keys, runs),
            Self::Small(Table::Rejects) => tables::write_rejects(target, keys, spec.rejects),
            Self::Small(_) => tables::write_checks(target, keys, spec.checks),
            Self::CodebookMarkdown => self.text(target, &codebook::codebook_markdown(keys.catalogue)),
            Self::CodebookCsv => self.text(target, &codebook::codebook_csv(keys.catalogue)),
            Self::Card(card) => self.text(target, &card.text),
        }
    }

    fn text(&self, target: Target<'_>, text: &str) -> Result<WrittenFile, PublishError> {
        let path = self.path();
        let (bytes, sha256) = folder::write_bytes(&target.root.join(&path), target.audience, text.as_bytes())?;
        let table = if matches!(self, Self::Card(_)) { "model_card" } else { "codebook" };
        Ok(WrittenFile { path, table, rows: None, bytes, sha256 })
    }
}

/// See [`super::write_release`]. Nothing on disk is touched before the figures have been checked.
pub(super) fn write(
    spec: &ReleaseSpec<'_>,
    said: Said<'_>,
    catalogue: &Catalogue,
    gate: &Gate<'_>,
    progress: &(dyn Fn(PublishEvent) + Sync),
) -> Result<Release, PublishError> {
    let id = folder_name("release id", spec.id)?;
    let keys = Keys::new(catalogue)?;
    let mut jobs = jobs(keys, said)?;
    jobs.extend(spec.cards.iter().map(Job::Card));
    let path = spec.out.join(RELEASES).join(id);
    let exists = fs::symlink_metadata(&path).is_ok();
    if exists && !spec.replace {
        return Err(PublishError::Exists { path });
    }
    let staged = stage(spec, id, keys, &jobs, progress)?;
    progress(PublishEvent::Verify);
    hold_true(&staged.folder.path, spec.memory)?;
    gate(&staged.folder.path).map_err(|findings| PublishError::Refused { findings })?;
    let reused = staged.reused;
    let files = publish(staged, &path, spec, exists)?;
    current::make_current(spec.out, id, spec.audience)?;
    Ok(Release { id: id.to_owned(), path, files, reused, reproduced: exists })
}

/// A release that stands aside, complete and durable, and that no reader sees yet.
struct Staged {
    folder: Partial,
    files: Vec<WrittenFile>,
    /// How many of them are as they were in the current release.
    reused: usize,
}

/// Writes everything aside, after the leftovers of killed runs have been swept.
fn stage(
    spec: &ReleaseSpec<'_>,
    id: &str,
    keys: Keys<'_>,
    jobs: &[Job<'_>],
    progress: &(dyn Fn(PublishEvent) + Sync),
) -> Result<Staged, PublishError> {
    let releases = spec.out.join(RELEASES);
    folder::create_folders(&releases, spec.audience)?;
    retention::sweep(spec.out)?;
    let folder = Partial { path: releases.join(retention::aside(id, "partial")) };
    let (files, reused) = fill(&folder.path, spec, keys, jobs, progress)?;
    Ok(Staged { folder, files, reused })
}

/// Reads back what stands aside, as any reader would: hashes, schema, keys, row counts.
fn hold_true(staged: &Path, memory: &dyn Memory) -> Result<(), PublishError> {
    let faults = verify_remembering(staged, memory)?.faults;
    if faults.is_empty() { Ok(()) } else { Err(PublishError::NotWhole { faults }) }
}

/// Gives what stands aside its name in one step. A release of that name is compared instead, and stays.
fn publish(
    staged: Staged,
    path: &Path,
    spec: &ReleaseSpec<'_>,
    exists: bool,
) -> Result<Vec<WrittenFile>, PublishError> {
    let Staged { folder, files, .. } = staged;
    if exists {
        let differing = differences(path, spec, &files)?;
        if !differing.is_empty() {
            return Err(PublishError::NotReproducible { files: differing });
        }
        return Ok(files);
    }
    disk::rename(&folder.path, path).map_err(PublishError::io("rename", &folder.path))?;
    folder::sync_folder(&spec.out.join(RELEASES))?;
    Ok(files)
}

/// Every file of the release, no two at one path. Compared without case: some file systems do not know it.
fn jobs<'a>(keys: Keys<'a>, said: Said<'a>) -> Result<Vec<Job<'a>>, PublishError> {
    let runs = said.runs;
    let mut jobs: Vec<Job<'a>> = figures::partition(keys, runs)?.into_iter().map(Job::Figures).collect();
    jobs.extend(comparison_files(keys, said.comparisons)?.into_iter().map(Job::Comparisons));
    jobs.extend(trend_files(keys, said.trends)?.into_iter().map(Job::Trends));
    jobs.extend(dashboard::sheets(keys, runs, said.comparisons)?.into_iter().map(Job::Dashboard));
    jobs.extend(SMALL.map(Job::Small));
    jobs.push(Job::Targets(runs));
    jobs.extend([Job::CodebookMarkdown, Job::CodebookCsv]);
    let mut seen = BTreeSet::new();
    match jobs.iter().map(Job::path).find(|path| !seen.insert(path.to_lowercase())) {
        Some(path) => Err(PublishError::SamePath { path }),
        None => Ok(jobs),
    }
}

/// Writes every file into the folder, in parallel, then manifest and hashes; all of it durable on return.
fn fill(
    root: &Path,
    spec: &ReleaseSpec<'_>,
    keys: Keys<'_>,
    jobs: &[Job<'_>],
    progress: &(dyn Fn(PublishEvent) + Sync),
) -> Result<(Vec<WrittenFile>, usize), PublishError> {
    let audience = spec.audience;
    folder::create_folders(root, audience)?;
    for path in jobs.iter().map(Job::path) {
        if let Some(parent) = root.join(path).parent() {
            folder::create_folders(parent, audience)?;
        }
    }
    let target = Target { root, audience, common: spec.common };
    let reuse = Reuse::new(spec.out, keys.catalogue, spec.memory);
    progress(PublishEvent::Start { files: jobs.len() });
    let mut files = jobs
        .par_iter()
        .map(|job| {
            let file = job.run(target, keys, &reuse, spec)?;
            progress(PublishEvent::File { rows: usize::try_from(file.rows.unwrap_or(0)).unwrap_or(usize::MAX) });
            Ok(file)
        })
        .collect::<Result<Vec<_>, PublishError>>()?;
    files.sort_by(|a, b| a.path.cmp(&b.path));

    let place = root.join(MANIFEST);
    let mut text = serde_json::to_string_pretty(&manifest::manifest(spec, &files))
        .map_err(|source| PublishError::Json { path: place.clone(), source })?;
    text.push('\n');
    let (_, hash) = folder::write_bytes(&place, audience, text.as_bytes())?;
    let listed = files.iter().map(|file| (file.path.as_str(), file.sha256.as_str()));
    let sums = manifest::sums(listed.chain([(MANIFEST, hash.as_str())]));
    folder::write_bytes(&root.join(SUMS), audience, sums.as_bytes())?;
    folder::sync_folders(root)?;
    Ok((files, reuse.copied()))
}

/// Files in which an existing release differs from what was written now, by hashing what is on disk.
///
/// Manifest and `SHA256SUMS` hold a clock and are not compared, but must be there, for the same audience.
fn differences(old: &Path, spec: &ReleaseSpec<'_>, files: &[WrittenFile]) -> Result<Vec<String>, PublishError> {
    let mut there = folder::files_under(old)?;
    let manifest = there.remove(MANIFEST).and_then(|path| fs::read_to_string(path).ok());
    let mut differing = Vec::new();
    if !manifest.is_some_and(|text| manifest::is_for(&text, spec.audience)) {
        differing.push(MANIFEST.to_owned());
    }
    if there.remove(SUMS).is_none() {
        differing.push(SUMS.to_owned());
    }
    let mut now: BTreeMap<&str, &str> = files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
    for (name, path) in there {
        let (hash, _) = folder::hash_file(&path).map_err(PublishError::io("read", &path))?;
        if now.remove(name.as_str()) != Some(hash.as_str()) {
            differing.push(name);
        }
    }
    differing.extend(now.into_keys().map(str::to_owned));
    differing.sort();
    Ok(differing)
}

/// The partial folder, which is gone when this is dropped: after an error and after a panic too. A rename leaves nothing.
struct Partial {
    path: PathBuf,
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Nothing to be done about a failure here; the next run sweeps.
        if fs::symlink_metadata(&self.path).is_ok() {
            let _ = disk::remove_folder(&self.path);
        }
    }
}

#[cfg(test)]
#[path = "release_tests.rs"]
mod tests;
