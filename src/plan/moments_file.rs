//! Moments of sources in a file: what `tally` writes, what the cache keeps, and what `merge` reads.
//!
//! The file says what it was made from. Moments are added only where definitions, regions and version are the same, because a cell has
//! no other name than its place.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::part::{PART_VERSION, Part, Parts};
use super::read::merge_finding;
use super::{Input, Plan};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::InputHash;
use crate::publish::open_sealed;
use crate::tally::{ByteReader, ByteWriter, Garbled, Moments};

/// Sources as moments.
#[derive(Clone, Debug, PartialEq)]
pub struct MomentsFile {
    /// Hash of definitions, regions and version.
    pub basis: String,
    /// Per source.
    pub sources: Vec<GivenSource>,
}

/// A source that is here as moments.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenSource {
    /// Its id.
    pub id: String,
    /// Its files: name, size and hash.
    pub inputs: Vec<(String, InputHash)>,
    /// Ids of parameters that its files lack a column for.
    pub absent: BTreeSet<String>,
    /// What it gave.
    pub part: Part,
}

impl MomentsFile {
    /// As bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut to = begin(&self.basis, self.sources.len());
        for source in &self.sources {
            write_source(&source.id, &source.inputs, &source.absent, &source.part, &mut to);
        }
        to.bytes
    }

    /// From bytes.
    ///
    /// # Errors
    /// [`Garbled`] where the bytes are of another version or not of moments.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Garbled> {
        let mut from = ByteReader::new(bytes);
        if from.byte()? != PART_VERSION {
            return Err(Garbled);
        }
        let basis = from.text()?;
        let mut sources = Vec::new();
        for _ in 0..from.length()? {
            let id = from.text()?;
            let mut inputs = Vec::new();
            for _ in 0..from.length()? {
                inputs.push((from.text()?, InputHash { bytes: from.number()?, sha256: from.text()? }));
            }
            let mut absent = BTreeSet::new();
            for _ in 0..from.length()? {
                absent.insert(from.text()?);
            }
            sources.push(GivenSource { id, inputs, absent, part: Part::read(&mut from)? });
        }
        if from.is_empty() { Ok(Self { basis, sources }) } else { Err(Garbled) }
    }
}

/// The beginning of a file with so many sources.
fn begin(basis: &str, sources: usize) -> ByteWriter {
    let mut to = ByteWriter::default();
    to.byte(PART_VERSION);
    to.text(basis);
    to.index(sources);
    to
}

fn write_source(id: &str, inputs: &[(String, InputHash)], absent: &BTreeSet<String>, part: &Part, to: &mut ByteWriter) {
    to.text(id);
    to.index(inputs.len());
    for (name, hash) in inputs {
        to.text(name);
        to.number(hash.bytes);
        to.text(&hash.sha256);
    }
    to.index(absent.len());
    absent.iter().for_each(|id| to.text(id));
    part.write(to);
}

/// The bytes of a file with one source, whose part stays where it is.
pub(super) fn file_of_one(
    basis: &str,
    id: &str,
    inputs: &[(String, InputHash)],
    absent: &BTreeSet<String>,
    part: &Part,
) -> Vec<u8> {
    let mut to = begin(basis, 1);
    write_source(id, inputs, absent, part, &mut to);
    to.bytes
}

/// The sources of some moments files, the files of one source added up.
#[derive(Debug)]
pub struct Given {
    /// Per moments file: its path and what it was made from.
    basis: Vec<(PathBuf, String)>,
    sources: Vec<GivenSource>,
    moments: Vec<Vec<Moments>>,
}

impl Given {
    /// Reads moments files.
    ///
    /// # Errors
    /// A finding per file that is none, or that holds what another one holds as well.
    pub fn read(paths: &[PathBuf]) -> Result<Self, Findings> {
        let mut findings = Findings::default();
        let mut given = Self { basis: Vec::new(), sources: Vec::new(), moments: Vec::new() };
        for path in paths {
            let bytes = match open_sealed(path) {
                Ok(bytes) => bytes,
                Err(error) => {
                    findings.push(
                        Finding::error(Duty::Data, "merge-unreadable", error.to_string())
                            .help("name the file that `tally` wrote"),
                    );
                    continue;
                }
            };
            match bytes.as_deref().map(MomentsFile::from_bytes) {
                Some(Ok(file)) => given.add(path, file, &mut findings),
                _ => findings.push(
                    Finding::error(
                        Duty::Data,
                        "merge-no-moments",
                        format!("{} holds no moments that this version can read", path.display()),
                    )
                    .help("make it again with `wijkpeil tally`, in the same version"),
                ),
            }
        }
        findings.ok_or_stop()?;
        Ok(given)
    }

    fn add(&mut self, path: &Path, file: MomentsFile, findings: &mut Findings) {
        self.basis.push((path.to_owned(), file.basis));
        for source in file.sources {
            let GivenSource { id, inputs, absent, part } = source;
            let Part { found, moments } = part;
            let Some(at) = self.sources.iter().position(|own| own.id == id) else {
                let empty = Moments {
                    strata: vec![],
                    clusters: vec![],
                    frames: vec![],
                    tables: vec![],
                    rows: vec![],
                    outside: vec![],
                };
                self.sources.push(GivenSource { id, inputs, absent, part: Part { found, moments: empty } });
                self.moments.push(vec![moments]);
                continue;
            };
            let own = &mut self.sources[at];
            own.inputs.extend(inputs);
            self.moments[at].push(moments);
            // A column that one file lacks is not measured in the whole source: who has it tallied what the others could not.
            if own.absent != absent || !own.part.found.add(&found) {
                findings.push(
                    Finding::error(
                        Duty::Data,
                        "tally-other-plan",
                        format!("{}: source `{id}` was read by other definitions, or its files have other columns", path.display()),
                    )
                    .help("make every moments file with the same pipeline and definitions, from files with the same columns"),
                );
            }
        }
    }

    /// The source of an id.
    pub(super) fn source(&self, id: &str) -> Option<&GivenSource> {
        self.sources.iter().find(|own| own.id == id)
    }

    /// Whether the files were made by the definitions of a plan, and hold all its respondents and nothing else.
    pub(super) fn fits(&self, plan: &Plan, basis: &str) -> Result<(), Findings> {
        let mut findings = Findings::default();
        for (path, _) in self.basis.iter().filter(|(_, own)| own != basis) {
            findings.push(
                Finding::error(
                    Duty::Data,
                    "merge-other-basis",
                    format!("{} was made with other definitions, regions or another version", path.display()),
                )
                .help("make it again with the same pipeline, definitions, region files and version"),
            );
        }
        for source in &self.sources {
            if plan.definitions.pipeline.sources.iter().all(|own| own.id.value != source.id) {
                findings.push(
                    Finding::error(
                        Duty::Data,
                        "merge-unknown-source",
                        format!("the pipeline has no source `{}`, of which there are moments", source.id),
                    )
                    .help("name the pipeline that the moments were made with"),
                );
            }
        }
        findings.ok_or_stop().map(|_| ())
    }

    /// The inputs of a source, sorted by name as those of a folder.
    pub(super) fn inputs(&self, index: usize, id: &str) -> Option<Vec<Input>> {
        let mut inputs: Vec<Input> = self
            .source(id)?
            .inputs
            .iter()
            .map(|(name, hash)| Input {
                source: Some(index),
                name: name.clone(),
                path: PathBuf::from(name),
                known: Some(hash.clone()),
                stamp: None,
            })
            .collect();
        inputs.sort_by(|a, b| a.name.cmp(&b.name));
        Some(inputs)
    }
}

/// Parts that are all given beforehand.
pub(super) struct GivenParts<'g> {
    pub(super) plan: &'g Plan,
    pub(super) given: &'g Given,
}

impl Parts for GivenParts<'_> {
    fn take(&self, source: usize) -> Result<Option<Part>, Findings> {
        let id = &self.plan.definitions.pipeline.sources[source].id.value;
        let Some(at) = self.given.sources.iter().position(|own| own.id == *id) else {
            return Err(Finding::error(
                Duty::Data,
                "merge-no-moments",
                format!("there are no moments of source `{id}`"),
            )
            .help("name a moments file that holds it")
            .into());
        };
        let mut found = self.given.sources[at].part.found.clone();
        // In the order of the files' names, as they are read from a folder.
        found.rejects.kept.sort();
        let moments =
            Moments::merge(self.given.moments[at].clone()).map_err(|fault| merge_finding(self.plan, &fault))?;
        Ok(Some(Part { found, moments }))
    }

    fn keep(&self, _: usize, _: &Part) {}
}
