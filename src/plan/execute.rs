//! Executes a plan: read, estimate, disclose, publish.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::audited::audited;
use super::beside_published::BesidePublished;
use super::estimates::results_with;
use super::fingerprint::{basis, fingerprint, short};
use super::gate::Gates;
use super::kept::KeptParts;
use super::moments_file::GivenParts;
use super::provenance::{floor, provenance};
use super::quality::quality;
use super::read::{Reading, read, read_with};
use super::remembered::Remembered;
use super::rules::rules;
use super::settled::SettledSeries;
use super::stamps::Stamps;
use super::taken::final_catalogue;
use super::{Given, Plan, Progress, SourcePlan};
use crate::disclose::protect::Protected;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{FileFault, file_finding, file_stamp};
use crate::publish::{
    Cache, Content, Lock, PolicySpec, PublishError, PublishEvent, ReleaseSpec, Retention, Tidied, VerifyReport,
    make_current, record, tidy, verify, write_gates, write_release,
};
use crate::vocab::{Audience, Status};

/// Source ids with numbers of rows.
pub type SourceRows = Vec<(String, u64)>;

/// How a run is done.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Folder of the releases.
    pub out: PathBuf,
    /// Build again although nothing changed, and compare.
    pub force: bool,
    /// Wait for another run instead of ending.
    pub wait: bool,
    /// Folder of moments and hashes from earlier runs, which is as confidential as the respondents; `None`: nothing is kept.
    pub cache: Option<PathBuf>,
    /// Now, RFC 3339; the only clock of a run.
    pub made_at: String,
    /// The same moment in seconds since 1970.
    pub now: i64,
}

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Id of the release.
    pub release: String,
    /// Its folder.
    pub path: PathBuf,
    /// The release was there already, whole.
    pub unchanged: bool,
    /// A forced run gave the same bytes.
    pub reproduced: bool,
    /// Rows read per source id.
    pub rows: SourceRows,
    /// Rows used per source id.
    pub used: SourceRows,
    /// Figures by status.
    pub by_status: BTreeMap<&'static str, usize>,
    /// Comparisons by status.
    pub comparisons: BTreeMap<&'static str, usize>,
    /// Trends by status.
    pub trends: BTreeMap<&'static str, usize>,
    /// Files written.
    pub files: usize,
    /// Old releases that were pulled, or held by a reader.
    pub tidied: Tidied,
    /// What was withheld for the sake of others.
    pub protected: Protected,
}

/// Runs a plan to a release.
///
/// # Errors
/// Findings; what was current before stays current.
pub fn run(plan: &Plan, options: &RunOptions, progress: &dyn Progress) -> Result<Outcome, Findings> {
    execute(plan, None, options, progress)
}

/// [`run`] of a plan whose respondents are here as moments ([`super::build_given`]).
///
/// # Errors
/// As [`run`], and findings where the moments were made by other definitions.
pub fn merge(plan: &Plan, given: &Given, options: &RunOptions, progress: &dyn Progress) -> Result<Outcome, Findings> {
    execute(plan, Some(given), options, progress)
}

fn execute(
    plan: &Plan,
    given: Option<&Given>,
    options: &RunOptions,
    progress: &dyn Progress,
) -> Result<Outcome, Findings> {
    let waiting = |since: &str| progress.note(&format!("waiting for the run that holds the folder since {since}"));
    let _lock =
        Lock::acquire(&options.out, options.wait, &options.made_at, &waiting).map_err(|error| output(&error))?;
    progress.begin("hash", None, "files");
    // While it waited, a file may have been replaced whose header was read before.
    unchanged_inputs(plan)?;
    let registry = registry(plan, options);
    let cache = options.cache.clone().map(Cache::new);
    // A forced run looks at everything anew, and what it finds is for the next one.
    let cache = cache.map(|cache| if options.force { cache.untrusted() } else { cache });
    let cache = cache.as_ref();
    let known = Stamps::open(cache, &plan.definitions.pipeline.id.value, options.now);
    let mut fingerprint = fingerprint(plan, registry.as_deref(), &|input| known.hash(&input.path))?;
    let id = short(&fingerprint.made_from);
    progress.end(&format!("{} input and definition files", fingerprint.inputs.len() + fingerprint.definitions.len()));
    let basis = basis(plan, &fingerprint);
    if let Some(given) = given {
        given.fits(plan, &basis)?;
    }
    let mut gates = Gates::of(plan);
    if let Some(gates) = &mut gates {
        gates.freshness(options.now);
    }
    if let Some(outcome) = unchanged(plan, options, &id, &known, gates.as_ref())? {
        known.close();
        note(plan, registry.as_deref(), &outcome.path, &fingerprint.base)?;
        return Ok(outcome);
    }
    let bytes = fingerprint.inputs.iter().map(|input| input.bytes).sum();
    progress.begin("read", Some(bytes), "bytes");
    let mut reading = match (given, cache) {
        (Some(given), _) => read_with(plan, &GivenParts { plan, given }, progress)?,
        (None, Some(cache)) => {
            read_with(plan, &KeptParts { plan, cache, basis: &basis, inputs: &fingerprint.inputs }, progress)?
        }
        (None, None) => read(plan, progress)?,
    };
    reading.earlier = std::mem::take(&mut fingerprint.earlier);
    unchanged_inputs(plan)?;
    let rows: u64 = reading.found.iter().map(|found| found.rows).sum();
    let remembered = match reading.remembered {
        0 => String::new(),
        sources => format!(", {sources} sources from their moments"),
    };
    progress.end(&format!("{rows} rows{remembered}"));
    let catalogue = final_catalogue(plan, &reading, &fingerprint);
    progress.begin("estimate", Some(plan.tally.tables.len() as u64), "tables");
    let settled = SettledSeries::new(plan, cache, &fingerprint.inputs, (&basis, &catalogue));
    let results = results_with(plan, &reading, &catalogue, &settled, progress)?;
    let recalled = match results.recalled {
        0 => String::new(),
        series => format!(", those of {series} collections and years as before"),
    };
    let publishable = &results.figures;
    let compared = match results.comparisons.rows().len() {
        0 => String::new(),
        rows => format!(", {rows} comparisons"),
    };
    progress.end(&format!("{} figures{compared}{recalled}", publishable.count()));
    let content = Content { figures: publishable, comparisons: &results.comparisons, trends: &results.trends };
    let (rejects, mut checks) = quality(plan, &reading);
    checks.extend(results.beside_published.iter().flat_map(BesidePublished::rows));
    if let Some(gates) = &mut gates {
        gates.answers(&reading);
        gates.published(&results.beside_published);
    }
    let gates = gates.map(RefCell::new);
    let attacks = Remembered::open(cache, "attacks", &plan.definitions.pipeline.id.value);
    let gate = |staged: &Path| {
        audited(plan, staged, &attacks)?;
        if let Some(gates) = &gates {
            gates.borrow_mut().figures(staged, &options.out).map_err(|error| output(&error))?;
            gated(&gates.borrow(), options, &id)?;
        }
        // Before anybody can see it: a run that is killed in between has noted one release too many, and none too few.
        note(plan, registry.as_deref(), staged, &fingerprint.base)
    };
    let (rows, used) = rows_of(plan, &reading);
    drop(reading);
    let files = Remembered::open(cache, "files", &plan.definitions.pipeline.id.value);
    let spec = ReleaseSpec {
        out: &options.out,
        id: &id,
        audience: plan.definitions.pipeline.audience.value,
        pipeline: &plan.definitions.pipeline.id.value,
        made_at: &options.made_at,
        made_from: &fingerprint.made_from,
        common: &fingerprint.common,
        inputs: &fingerprint.inputs,
        definitions: &fingerprint.definitions,
        provenance: &provenance(plan),
        floor: &floor(plan),
        policy: PolicySpec {
            floor: Some(&plan.definitions.pipeline.floor),
            disclosure: plan.definitions.pipeline.disclosure.as_ref(),
        },
        rules: &rules(plan),
        rejects: &rejects,
        checks: &checks,
        cards: &results.cards,
        memory: &files,
        replace: options.force,
    };
    let release = write_release(&spec, content, &catalogue, &gate, &|event| match event {
        PublishEvent::Start { files } => progress.begin("publish", Some(files as u64), "files"),
        PublishEvent::File { .. } => progress.advance(1),
        PublishEvent::Verify => {}
    })
    .map_err(|error| output(&error))?;
    let copied = match release.reused {
        0 => String::new(),
        files => format!(", {files} of them as before"),
    };
    progress.end(&format!("{} files{copied}", release.files.len()));
    attacks.close();
    files.close();
    // It was read back before it got its name.
    known.note_whole(&release.path);
    known.close();
    let tidied = tidy_up(plan, options)?;
    Ok(Outcome {
        tidied,
        release: release.id,
        path: release.path,
        unchanged: false,
        reproduced: release.reproduced,
        rows,
        used,
        by_status: by_status(publishable.figures().map(|figure| figure.status)),
        comparisons: by_status(results.comparisons.rows().iter().map(|row| row.status)),
        trends: by_status(results.trends.rows().iter().map(|row| row.status)),
        files: release.files.len(),
        protected: results.protected,
    })
}

/// The folder of earlier publications, where the policy names one.
fn registry(plan: &Plan, options: &RunOptions) -> Option<PathBuf> {
    let rules = plan.definitions.pipeline.disclosure.as_ref()?;
    rules.registry.as_ref().map(|named| options.out.join(&named.value))
}

/// The verdict of the gates, which is also written down for whoever looks later.
fn gated(gates: &Gates<'_>, options: &RunOptions, id: &str) -> Result<(), Findings> {
    write_gates(&options.out, id, &options.made_at, &gates.rows).map_err(|error| output(&error))?;
    gates.verdict()
}

/// A public release is noted in the registry: what it says stays known.
fn note(plan: &Plan, registry: Option<&Path>, release: &Path, base: &str) -> Result<(), Findings> {
    match registry {
        Some(folder) if plan.definitions.pipeline.audience.value == Audience::Public => {
            record(folder, release, base).map_err(|error| output(&error))
        }
        _ => Ok(()),
    }
}

/// How many rows have each status; a status that none has is left out.
fn by_status(rows: impl Iterator<Item = Status>) -> BTreeMap<&'static str, usize> {
    // Millions of them: counted by number, and named at the end.
    let mut counts = vec![0; Status::ALL.len()];
    rows.for_each(|status| counts[status as usize] += 1);
    let named = Status::ALL.iter().zip(counts).map(|(status, count)| (status.as_str(), count));
    named.filter(|(_, count)| *count > 0).collect()
}

/// Rows read and rows used per source that has files.
fn rows_of(plan: &Plan, reading: &Reading) -> (SourceRows, SourceRows) {
    let sources = plan.sources.iter().zip(&plan.definitions.pipeline.sources).enumerate();
    sources
        .filter(|(_, (own, _))| !matches!(own, SourcePlan::Synthetic { .. }))
        .map(|(at, (_, source))| {
            let (id, rows) = (source.id.value.clone(), reading.found[at].rows);
            ((id.clone(), rows), (id, rows - reading.found[at].rejects.rows))
        })
        .unzip()
}

/// What was read must be what was hashed, from the first look at its header on: a file that was replaced in between would stand under the hash of
/// another.
pub(super) fn unchanged_inputs(plan: &Plan) -> Result<(), Findings> {
    let mut findings = Findings::default();
    for input in plan.files().filter(|input| input.known.is_none()) {
        if input.stamp != file_stamp(&input.path).ok() {
            findings.push(file_finding(&input.name, &FileFault::Changed));
        }
    }
    findings.ok_or_stop().map(|_| ())
}

/// The release that is there already and whole, made current; nothing to do then.
fn unchanged(
    plan: &Plan,
    options: &RunOptions,
    id: &str,
    known: &Stamps<'_>,
    gates: Option<&Gates<'_>>,
) -> Result<Option<Outcome>, Findings> {
    let path = options.out.join("releases").join(id);
    if !path.exists() {
        return Ok(None);
    }
    let report =
        if known.is_whole(&path) { VerifyReport::default() } else { verify(&path).map_err(|error| output(&error))? };
    if !report.faults.is_empty() {
        let mut findings = Findings::default();
        for fault in &report.faults {
            findings.push(
                Finding::error(Duty::Output, "publish-damaged", format!("{}: {fault}", path.display()))
                    .help("the release that this run would make is there and damaged: move it away and run again"),
            );
        }
        return Err(findings);
    }
    if options.force {
        return Ok(None);
    }
    if report.files > 0 {
        known.note_whole(&path);
    }
    if let Some(gates) = gates {
        gated(gates, options, id)?;
    }
    make_current(&options.out, id, plan.definitions.pipeline.audience.value).map_err(|error| output(&error))?;
    Ok(Some(Outcome {
        release: id.to_owned(),
        path,
        unchanged: true,
        reproduced: false,
        rows: Vec::new(),
        used: Vec::new(),
        by_status: BTreeMap::new(),
        comparisons: BTreeMap::new(),
        trends: BTreeMap::new(),
        files: report.files,
        tidied: tidy_up(plan, options)?,
        protected: Protected::default(),
    }))
}

/// Pulls the releases that need not stay.
fn tidy_up(plan: &Plan, options: &RunOptions) -> Result<Tidied, Findings> {
    let pipeline = &plan.definitions.pipeline;
    let retention = pipeline.retention.map(|rule| Retention {
        keep: rule.keep,
        minimum_age: rule.minimum_age_hours * 3600,
        maximum_age: rule.maximum_age_days.map(|days| days * 24 * 3600),
    });
    tidy(&options.out, retention.as_ref(), options.now, pipeline.audience.value).map_err(|error| output(&error))
}

pub(super) fn output(error: &PublishError) -> Findings {
    if let PublishError::Refused { findings } = error {
        return findings.clone();
    }
    let (duty, help) = match error {
        PublishError::Locked { .. } => (Duty::Later, "wait for it, or run with --wait"),
        PublishError::NotReproducible { .. } => {
            (Duty::Defect, "the same input gave other bytes: please report it; the old release stays current")
        }
        PublishError::CatalogueOrder { .. } | PublishError::Dangling { .. } | PublishError::FigureOrder { .. } => {
            (Duty::Defect, "please report it with the pipeline file; what was current before stays current")
        }
        _ => (
            Duty::Output,
            "check that the folder exists, is writable and has room; what was current before stays current",
        ),
    };
    Finding::error(duty, "publish-failed", error.to_string()).help(help).into()
}
