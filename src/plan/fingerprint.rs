//! What a release is made from: hashes of inputs and definitions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::{Input, Plan};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{FileFault, InputHash, file_finding, hash_file};
use crate::publish::{DefinitionFile, InputFile, Registry};
use crate::vocab::hex;

/// Raised when the same input gives other data files within one version: an unreleased version changes what it says.
const CONTENT: u32 = 4;
/// The version of the program and of what it makes.
pub(super) static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("wijkpeil {} {CONTENT}", env!("CARGO_PKG_VERSION")));
/// The source of this very program (`build.rs`): what follows from more than the inputs is kept under it, so that nobody has to think of raising a number.
pub(super) const BUILD: &str = env!("WIJKPEIL_SOURCE");
/// How the manifest names the files with regions among its inputs.
const REGIONS: &str = "regions";

/// Hashes of what a release is made from.
pub(super) struct Fingerprint {
    pub(super) inputs: Vec<InputFile>,
    pub(super) definitions: Vec<DefinitionFile>,
    /// Over all of them, the version and what was made public before.
    pub(super) made_from: String,
    /// As `made_from`, without what was made public before.
    pub(super) base: String,
    /// What other releases have made public.
    pub(super) earlier: Registry,
    /// Over definitions and regions: what every data file rests on.
    pub(super) common: String,
}

/// Id of the release that a plan would make, from its inputs, definitions and the version of the program, where nothing was made public before.
///
/// # Errors
/// A finding per input that cannot be read.
pub fn release_id(plan: &Plan) -> Result<String, Findings> {
    fingerprint(plan, None, &|input| hash_file(&input.path)).map(|fingerprint| short(&fingerprint.made_from))
}

/// The id of a release: the first 16 digits of the hash.
pub(super) fn short(made_from: &str) -> String {
    made_from.chars().take(16).collect()
}

/// How the hash of an input is found.
pub(super) type Hasher<'h> = dyn Fn(&Input) -> Result<InputHash, FileFault> + Sync + 'h;

/// Of a plan beside a registry of earlier publications.
pub(super) fn fingerprint(plan: &Plan, registry: Option<&Path>, hash: &Hasher<'_>) -> Result<Fingerprint, Findings> {
    let files: Vec<_> = plan.files().collect();
    let hashes: Vec<_> = files.par_iter().map(|input| input.known.clone().map_or_else(|| hash(input), Ok)).collect();
    let mut findings = Findings::default();
    let mut inputs = Vec::with_capacity(files.len());
    for (input, hash) in files.iter().zip(hashes) {
        match hash {
            Ok(InputHash { bytes, sha256 }) => inputs.push(InputFile {
                source: input
                    .source
                    .map_or_else(|| REGIONS.to_owned(), |at| plan.definitions.pipeline.sources[at].id.value.clone()),
                name: input.name.clone(),
                bytes,
                sha256,
            }),
            Err(fault) => findings.push(file_finding(&input.name, &fault)),
        }
    }
    let mut seen: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for input in &inputs {
        if let Some(first) = seen.insert((&input.source, &input.sha256), &input.name) {
            findings.push(
                Finding::error(Duty::Data, "ingest-same-file", format!("{} and {first} are the same file", input.name))
                    .at_line(input.name.as_str(), None)
                    .help("its respondents would count twice: narrow the pattern in `files`, or remove the copy"),
            );
        }
    }
    findings.ok_or_stop()?;
    let definitions: Vec<DefinitionFile> = plan
        .definitions
        .texts
        .iter()
        .map(|text| DefinitionFile { name: text.name.clone(), sha256: hex(Sha256::digest(text.text.text.as_bytes())) })
        .collect();
    let (mut all, mut common) = (Sha256::new(), Sha256::new());
    all.update(format!("{}\n", *VERSION));
    for input in &inputs {
        let line = format!("input {} {} {}\n", input.source, input.name, input.sha256);
        all.update(&line);
        if input.source == REGIONS {
            common.update(&line);
        }
    }
    for definition in &definitions {
        let line = format!("definition {} {}\n", definition.name, definition.sha256);
        all.update(&line);
        common.update(&line);
    }
    let base = hex(all.finalize());
    // A release does not rest on itself: made again from the same, it is the same.
    let (made_from, earlier) = match registry {
        None => (base.clone(), Registry::default()),
        Some(folder) => {
            let earlier = Registry::read(folder, &base).map_err(|error| {
                Findings::from(Finding::error(Duty::Output, "publish-registry", error.to_string()).help(
                    "the registry of earlier publications must be readable: without it nobody knows what is public",
                ))
            })?;
            (hex(Sha256::digest(format!("{base} {}", earlier.hash()).as_bytes())), earlier)
        }
    };
    Ok(Fingerprint { inputs, definitions, made_from, base, earlier, common: hex(common.finalize()) })
}

/// Hash of everything that the places of cells and counts in the part of a source follow from, whatever its files hold: definitions, regions,
/// version, and what the plan made of them.
pub(super) fn basis(plan: &Plan, fingerprint: &Fingerprint) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{}\n{}\n", *VERSION, fingerprint.common));
    hash.update(format!("{:?}\n{:?}\n{:?}\n", plan.tally, plan.weight_sets, plan.measured));
    for region in &plan.catalogue.regions {
        hash.update(format!("{} {}\n", region.code, region.region_year));
    }
    hex(hash.finalize())
}
