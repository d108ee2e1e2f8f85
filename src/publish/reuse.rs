//! Files of figures that the current release holds already.
//!
//! The bytes of a file follow from its figures, the words that they point at and what it was made from. Where an earlier run made a file of the very same,
//! its bytes are copied instead of made again, and they are copied only where their hash is what it was.

use std::{
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use sha2::{Digest as _, Sha256};

use super::{
    current::current_release,
    disk,
    error::PublishError,
    figures::{self, Partition},
    folder::{self, Hashing},
    keys::Keys,
    manifest::WrittenFile,
    parquet::{Origin, Target},
    schema::Table,
};
use crate::{
    declare::{Catalogue, RegionEntry},
    vocab::{Digest, Memory},
};

/// The current release and what is known of its files.
pub(super) struct Reuse<'r> {
    /// Its folder; `None` where there is none.
    current: Option<PathBuf>,
    /// Digest of the words that figures point at.
    words: Digest,
    memory: &'r dyn Memory,
    copied: AtomicUsize,
}

impl<'r> Reuse<'r> {
    /// Of the current release of an output folder.
    pub(super) fn new(out: &Path, catalogue: &Catalogue, memory: &'r dyn Memory) -> Self {
        Self {
            current: current_release(out).ok().flatten(),
            words: words(catalogue),
            memory,
            copied: AtomicUsize::new(0),
        }
    }

    /// Writes one partition: the bytes of before where its figures are the same.
    pub(super) fn write(
        &self,
        target: Target<'_>,
        keys: Keys<'_>,
        partition: &Partition<'_>,
    ) -> Result<WrittenFile, PublishError> {
        let digest = self.digest(target, keys, partition);
        if let Some(known) = digest.and_then(|digest| self.memory.recall(&digest))
            && let Some(written) = self.copy(target, partition, &known)?
        {
            self.copied.fetch_add(1, Ordering::Relaxed);
            return Ok(written);
        }
        let written = figures::write(target, keys, partition)?;
        if let Some(digest) = digest {
            self.memory.keep(&digest, written.sha256.as_bytes());
        }
        Ok(written)
    }

    /// How many files were copied.
    pub(super) fn copied(&self) -> usize {
        self.copied.load(Ordering::Relaxed)
    }

    /// Copies a file of the current release; `None` where it is not there, or not what it was.
    fn copy(
        &self,
        target: Target<'_>,
        partition: &Partition<'_>,
        known: &[u8],
    ) -> Result<Option<WrittenFile>, PublishError> {
        let Some(from) = self.current.as_ref().map(|current| current.join(&partition.path)) else { return Ok(None) };
        // What cannot be read is made anew; so is what changed.
        let Ok(mut before) = disk::open(&from) else { return Ok(None) };
        let place = target.root.join(&partition.path);
        let (bytes, sha256) = folder::write_file(&place, target.audience, |file| {
            let mut writer = Hashing::new(file);
            let mut buffer = vec![0; 1 << 16];
            // What cannot be read ends too early, and then has another hash.
            while let Ok(read @ 1..) = before.read(&mut buffer) {
                writer.write_all(&buffer[..read]).map_err(PublishError::io("write", &place))?;
            }
            let (file, bytes, sha256) = writer.finish();
            Ok((file, (bytes, sha256)))
        })?;
        let rows = Some(partition.figures.len() as u64);
        let written = WrittenFile { path: partition.path.clone(), table: Table::Figures.as_str(), rows, bytes, sha256 };
        Ok((written.sha256.as_bytes() == known).then_some(written))
    }

    /// Digest of everything that the bytes of a partition follow from, besides the program.
    fn digest(&self, target: Target<'_>, keys: Keys<'_>, partition: &Partition<'_>) -> Option<Digest> {
        let origin = Origin::of_figures(keys, partition.figures.iter().copied());
        let mut hash = Sha256::new();
        hash.update(format!("file {} {}\n", partition.path, target.common));
        hash.update(origin.text());
        hash.update(self.words);
        for chunk in partition.figures.chunks(4096) {
            hash.update(postcard::to_allocvec(chunk).ok()?);
        }
        Some(hash.finalize().into())
    }
}

/// Digest of the words that the columns of figures take from the catalogue.
fn words(catalogue: &Catalogue) -> Digest {
    let mut hash = Sha256::new();
    let mut word = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for own in &catalogue.parameters {
        [own.id.as_str(), own.unit.as_str(), own.rule.as_str()].into_iter().for_each(&mut word);
    }
    word("\n");
    for RegionEntry { code, region_year, .. } in &catalogue.regions {
        word(code.as_str());
        word(&region_year.to_string());
    }
    word("\n");
    for own in &catalogue.categories {
        [own.dimension.as_str(), own.category.as_str()].into_iter().for_each(&mut word);
    }
    word("\n");
    for own in &catalogue.periods {
        word(&own.year.to_string());
        word(&own.label);
    }
    word("\n");
    catalogue.sources.iter().for_each(|own| word(&own.id));
    word("\n");
    catalogue.collections.iter().for_each(|own| word(own));
    word("\n");
    catalogue.variants.iter().for_each(|own| word(own));
    hash.finalize().into()
}
