//! What a run remembers of the one before, in one sealed file of the cache.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};

use super::fingerprint::BUILD;
use crate::publish::Cache;
use crate::tally::{ByteReader, ByteWriter, Garbled};
use crate::vocab::{Digest, Memory, hex};

/// Bytes of a digest.
const DIGEST: usize = 32;

/// Results of the run before, and those that this one asked for or found: only they are kept, so that the file does not grow.
#[derive(Debug)]
pub(super) struct Remembered<'c> {
    cache: Option<&'c Cache>,
    name: String,
    before: BTreeMap<Digest, Vec<u8>>,
    now: Mutex<BTreeMap<Digest, Vec<u8>>>,
}

impl<'c> Remembered<'c> {
    /// Of a pipeline; `what` names the kind of result. Nothing without a cache, and of another program.
    pub(super) fn open(cache: Option<&'c Cache>, what: &str, pipeline: &str) -> Self {
        let name = format!("{what}-{}", &hex(Sha256::digest(pipeline))[..16]);
        let before = cache.and_then(|cache| read(&cache.get(&name)?).ok()).unwrap_or_default();
        Self { cache, name, before, now: Mutex::default() }
    }

    fn now(&self) -> MutexGuard<'_, BTreeMap<Digest, Vec<u8>>> {
        // A map is whole after every insertion.
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was asked for and found for the next run.
    pub(super) fn close(self) {
        let now = self.now.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(cache) = self.cache
            && now != self.before
        {
            // A cache that cannot be written costs time in the next night and nothing else.
            let _ = cache.keep(&self.name, &self.name, &write(&now));
        }
    }
}

impl Memory for Remembered<'_> {
    fn recall(&self, of: &Digest) -> Option<Vec<u8>> {
        let found = self.before.get(of)?;
        self.now().insert(*of, found.clone());
        Some(found.clone())
    }

    fn keep(&self, of: &Digest, result: &[u8]) {
        self.now().insert(*of, result.to_vec());
    }
}

fn write(results: &BTreeMap<Digest, Vec<u8>>) -> Vec<u8> {
    let mut to = ByteWriter::default();
    to.text(BUILD);
    to.index(results.len());
    for (of, result) in results {
        to.bytes.extend(of);
        to.index(result.len());
        to.bytes.extend(result);
    }
    to.bytes
}

fn read(bytes: &[u8]) -> Result<BTreeMap<Digest, Vec<u8>>, Garbled> {
    let mut from = ByteReader::new(bytes);
    if from.text()? != BUILD {
        return Err(Garbled);
    }
    let mut results = BTreeMap::new();
    for _ in 0..from.length()? {
        let of: Digest = from.take(DIGEST)?.try_into().map_err(|_| Garbled)?;
        let length = from.length()?;
        results.insert(of, from.take(length)?.to_vec());
    }
    if from.is_empty() { Ok(results) } else { Err(Garbled) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Digest = [1; DIGEST];
    const TWO: Digest = [2; DIGEST];

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        let open = || Remembered::open(Some(&cache), "attacks", "monitor");
        let first = open();
        assert_eq!(first.recall(&ONE), None);
        first.keep(&ONE, b"one");
        first.keep(&TWO, b"");
        first.close();
        let second = open();
        assert_eq!(second.recall(&ONE).as_deref(), Some(&b"one"[..]));
        second.close();
        let third = open();
        assert_eq!((third.recall(&ONE).is_some(), third.recall(&TWO)), (true, None));
        assert_eq!(Remembered::open(Some(&cache), "attacks", "another").recall(&ONE), None);
        assert_eq!(Remembered::open(None, "attacks", "monitor").recall(&ONE), None);
    }

    #[test]
    fn of_another_program_or_damaged_it_is_as_good_as_nothing() {
        let whole = write(&BTreeMap::from([(ONE, b"one".to_vec())]));
        assert_eq!(read(&whole).map(|own| own.len()), Ok(1));
        for at in 0..whole.len() {
            assert_eq!(read(&whole[..at]), Err(Garbled), "cut at {at}");
        }
        let mut other = whole;
        other[10] ^= 1;
        assert_eq!(read(&other), Err(Garbled));
    }
}
