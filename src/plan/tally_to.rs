//! Reads and tallies, and writes moments to a file instead of a release.

use std::path::Path;
use std::sync::Mutex;

use super::execute::{output, unchanged_inputs};
use super::fingerprint::{basis, fingerprint};
use super::kept::given;
use super::read::read_with;
use super::{GivenSource, MomentsFile, Part, Parts, Plan, Progress};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::hash_file;
use crate::publish::{InputFile, write_sealed};

/// Reads and tallies the respondents of a plan and writes their moments to a file, for [`super::merge`] elsewhere. Nothing is published.
///
/// # Errors
/// Findings; a file that was there before is there still.
pub fn tally_to(plan: &Plan, path: &Path, progress: &dyn Progress) -> Result<(), Findings> {
    progress.begin("hash", None, "files");
    let fingerprint = fingerprint(plan, None, &|input| hash_file(&input.path))?;
    progress.end(&format!("{} input and definition files", fingerprint.inputs.len() + fingerprint.definitions.len()));
    progress.begin("read", Some(fingerprint.inputs.iter().map(|input| input.bytes).sum()), "bytes");
    let collected = Collected { plan, inputs: &fingerprint.inputs, sources: Mutex::default() };
    let reading = read_with(plan, &collected, progress)?;
    unchanged_inputs(plan)?;
    progress.end(&format!("{} rows", reading.found.iter().map(|found| found.rows).sum::<u64>()));
    let sources = collected.sources.into_inner().unwrap_or_default();
    if sources.is_empty() {
        return Err(Finding::error(Duty::Definition, "tally-nothing", "the pipeline has no source of respondents")
            .help("only respondents have moments; published tables are read where the release is made")
            .into());
    }
    let file = MomentsFile { basis: basis(plan, &fingerprint), sources };
    write_sealed(path, &file.to_bytes()).map_err(|error| output(&error))
}

/// Collects every part that is read.
struct Collected<'c> {
    plan: &'c Plan,
    inputs: &'c [InputFile],
    sources: Mutex<Vec<GivenSource>>,
}

impl Parts for Collected<'_> {
    fn take(&self, _: usize) -> Result<Option<Part>, Findings> {
        Ok(None)
    }

    fn keep(&self, source: usize, part: &Part) {
        if let Ok(mut sources) = self.sources.lock() {
            sources.push(given(self.plan, source, self.inputs, part));
        }
    }
}
