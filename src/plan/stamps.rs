//! Hashes of files that did not change since they were hashed, told by their stamps.
//!
//! A stamp is size, time of change, time of the last change of the entry (which no program can set), number and device of a file. It is
//! believed only where it was old when the file was hashed: a file that changes twice within the grain of a clock would pass otherwise.
//! Everything here may be deleted at any time, and `--force` looks at none of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::ingest::{FileFault, FullStamp, InputHash, full_stamp, hash_file};
use crate::publish::{Cache, matches_sums};
use crate::tally::{ByteReader, ByteWriter, Garbled};
use crate::vocab::hex;

/// Seconds that a file must have been left alone before it is hashed.
const QUIET: i64 = 2;
/// Seconds after which a release is read back as a whole again, although nothing seems to have changed.
const BELIEVED: i64 = 7 * 24 * 3600;

/// What is known of files by their stamps.
pub(super) struct Stamps<'s> {
    cache: Option<&'s Cache>,
    name: String,
    now: i64,
    before: Known,
    after: Mutex<Known>,
}

#[derive(Clone, Default, PartialEq)]
struct Known {
    /// By path.
    files: BTreeMap<String, (FullStamp, InputHash)>,
    /// Releases that were read back whole, by the hash of their `SHA256SUMS`: when.
    whole: BTreeMap<String, i64>,
}

impl<'s> Stamps<'s> {
    /// What the cache knows for a pipeline; nothing without a cache.
    pub(super) fn open(cache: Option<&'s Cache>, pipeline: &str, now: i64) -> Self {
        let name = format!("stamps-{}", &hex(Sha256::digest(pipeline))[..16]);
        let before = cache.and_then(|cache| Known::read(&cache.get(&name)?).ok()).unwrap_or_default();
        Self { cache, name, now, before, after: Mutex::default() }
    }

    /// Size and hash of a file.
    pub(super) fn hash(&self, path: &Path) -> Result<InputHash, FileFault> {
        let stamp = full_stamp(path)?;
        let place = path.to_string_lossy().into_owned();
        let known = stamp.and_then(|stamp| self.before.files.get(&place).filter(|(before, _)| *before == stamp));
        let hash = match known {
            Some((_, hash)) => hash.clone(),
            None => hash_file(path)?,
        };
        // The same stamp after the hashing: what was hashed is what lies there.
        if let (Some(cache_stamp), Some(_)) = (stamp, self.cache)
            && cache_stamp.changed() <= self.now - QUIET
            && full_stamp(path)? == stamp
        {
            self.known().files.insert(place, (cache_stamp, hash.clone()));
        }
        Ok(hash)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        // A map is whole after every insertion.
        self.after.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether a release was read back whole lately and every file of it is what it was then.
    pub(super) fn is_whole(&self, release: &Path) -> bool {
        let hash = |path: &Path| self.hash(path).ok().map(|hash| hash.sha256);
        let Some((sums, files)) = matches_sums(release, &hash) else { return false };
        let lately = |when: &i64| (0..BELIEVED).contains(&(self.now - when));
        match self.before.whole.get(&sums).filter(|when| lately(when)) {
            Some(when) => {
                self.known().whole.insert(sums, *when);
                files > 0
            }
            None => false,
        }
    }

    /// Notes that a release was read back whole just now.
    pub(super) fn note_whole(&self, release: &Path) {
        let hash = |path: &Path| self.hash(path).ok().map(|hash| hash.sha256);
        if let Some((sums, _)) = matches_sums(release, &hash) {
            self.known().whole.insert(sums, self.now);
        }
    }

    /// Keeps what is known for the next night, of the files that were looked at in this one.
    pub(super) fn close(self) {
        let after = self.after.into_inner().unwrap_or_default();
        if let Some(cache) = self.cache
            && after != self.before
        {
            // A cache that cannot be written costs time in the next night and nothing else.
            let _ = cache.keep(&self.name, &self.name, &after.write());
        }
    }
}

impl Known {
    fn write(&self) -> Vec<u8> {
        let mut to = ByteWriter::default();
        to.index(self.files.len());
        for (path, (stamp, hash)) in &self.files {
            to.text(path);
            stamp.parts().iter().for_each(|part| to.number(*part));
            to.number(hash.bytes);
            to.text(&hash.sha256);
        }
        to.index(self.whole.len());
        for (sums, when) in &self.whole {
            to.text(sums);
            to.number(when.unsigned_abs());
        }
        to.bytes
    }

    fn read(bytes: &[u8]) -> Result<Self, Garbled> {
        let mut from = ByteReader::new(bytes);
        let mut known = Self::default();
        for _ in 0..from.length()? {
            let path = from.text()?;
            let mut parts = [0; 5];
            for part in &mut parts {
                *part = from.number()?;
            }
            let hash = InputHash { bytes: from.number()?, sha256: from.text()? };
            known.files.insert(path, (FullStamp::of(parts), hash));
        }
        for _ in 0..from.length()? {
            let sums = from.text()?;
            known.whole.insert(sums, i64::try_from(from.number()?).map_err(|_| Garbled)?);
        }
        Ok(known)
    }
}
