//! Parts of sources that did not change since they were read, from the cache.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};

use super::fingerprint::BUILD;
use super::moments_file::{GivenSource, MomentsFile, file_of_one};
use super::part::{Part, Parts};
use super::{Plan, SourcePlan};
use crate::finding::Findings;
use crate::ingest::InputHash;
use crate::publish::{Cache, InputFile};
use crate::vocab::hex;

/// The cache as a place of parts. What a part is called follows from everything it was made from, and it says so itself as well.
pub(super) struct KeptParts<'k> {
    pub(super) plan: &'k Plan,
    pub(super) cache: &'k Cache,
    /// Hash of definitions, regions and version.
    pub(super) basis: &'k str,
    /// The inputs with their hashes.
    pub(super) inputs: &'k [InputFile],
}

impl KeptParts<'_> {
    /// What all parts of this source begin with, and the name of this one.
    fn name(&self, source: usize) -> (String, String) {
        let pipeline = &self.plan.definitions.pipeline;
        let id = &pipeline.sources[source].id.value;
        let who = hex(Sha256::digest(format!("{}\n{id}", pipeline.id.value)));
        let mut what = Sha256::new();
        what.update(format!("{BUILD}\n{}\n{id}\n", self.basis));
        for (name, hash) in files(self.inputs, id) {
            what.update(format!("{name} {}\n", hash.sha256));
        }
        let beginning = format!("moments-{}-", &who[..16]);
        let name = format!("{beginning}{}", hex(what.finalize()));
        (beginning, name)
    }
}

/// The files of a source with their hashes.
fn files(inputs: &[InputFile], source: &str) -> Vec<(String, InputHash)> {
    let own = inputs.iter().filter(|input| input.source == source);
    own.map(|input| (input.name.clone(), InputHash { bytes: input.bytes, sha256: input.sha256.clone() })).collect()
}

/// A source of a plan with what it gave, as it stands in a moments file.
pub(super) fn given(plan: &Plan, source: usize, inputs: &[InputFile], part: &Part) -> GivenSource {
    let id = plan.definitions.pipeline.sources[source].id.value.clone();
    GivenSource { inputs: files(inputs, &id), id, absent: absent(plan, source), part: part.clone() }
}

/// Ids of the parameters that the files of a source lack a column for.
fn absent(plan: &Plan, source: usize) -> BTreeSet<String> {
    match &plan.sources[source] {
        SourcePlan::Respondents { absent, .. } => {
            absent.iter().map(|at| plan.definitions.parameters[*at].id.value.clone()).collect()
        }
        _ => BTreeSet::new(),
    }
}

impl Parts for KeptParts<'_> {
    fn take(&self, source: usize) -> Result<Option<Part>, Findings> {
        let (_, name) = self.name(source);
        let id = &self.plan.definitions.pipeline.sources[source].id.value;
        let found = self.cache.get(&name).and_then(|bytes| MomentsFile::from_bytes(&bytes).ok());
        let own = found.filter(|file| file.basis == self.basis).and_then(|file| file.sources.into_iter().next());
        Ok(own.filter(|own| own.id == *id && own.inputs == files(self.inputs, id)).map(|own| own.part))
    }

    fn keep(&self, source: usize, part: &Part) {
        let (beginning, name) = self.name(source);
        let id = &self.plan.definitions.pipeline.sources[source].id.value;
        let bytes = file_of_one(self.basis, id, &files(self.inputs, id), &absent(self.plan, source), part);
        // A cache that cannot be written costs time in the next night and nothing else.
        let _ = self.cache.keep(&beginning, &name, &bytes);
    }
}
