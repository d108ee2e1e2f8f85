//! Files that are never read without their hash: a line that says what they are, the SHA-256 of the rest, the rest.
//!
//! They hold moments, which are as confidential as the respondents' file: for their owner only.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{
    disk,
    error::PublishError,
    folder::{self, beside},
};
use crate::vocab::{Audience, hex};

/// The first line of a sealed file.
const SEAL: &[u8] = b"wijkpeil sealed 1\n";

/// A folder of sealed files, which may be deleted at any time.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Whether what was kept before is taken.
    trusted: bool,
}

impl Cache {
    /// The cache in a folder, which is made when something is kept.
    #[must_use]
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder, trusted: true }
    }

    /// The same, in which nothing is believed that was kept before; what is kept takes its place.
    #[must_use]
    pub fn untrusted(self) -> Self {
        Self { trusted: false, ..self }
    }

    /// What was kept under a name, where it is there and its hash agrees; anything else is as good as nothing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Vec<u8>> {
        if !self.trusted {
            return None;
        }
        open_sealed(&self.folder.join(name)).ok().flatten()
    }

    /// Keeps bytes under a name and forgets what was kept under other names with the same beginning.
    ///
    /// # Errors
    /// [`PublishError`], after which the old content is there or none.
    pub fn keep(&self, beginning: &str, name: &str, content: &[u8]) -> Result<(), PublishError> {
        folder::create_folders(&self.folder, Audience::Internal)?;
        // A folder that was made by others may be open to others.
        disk::set_mode(&self.folder, 0o700).map_err(PublishError::io("set the mode of", &self.folder))?;
        // Not flushed: after a loss of power the hash tells, and the source is read again.
        seal(&self.folder.join(name), content, false)?;
        self.forget_all_but(beginning, &[name]);
        Ok(())
    }

    /// Forgets what is kept under names with this beginning, but for these.
    pub fn forget_all_but(&self, beginning: &str, names: &[&str]) {
        let others = self.names().into_iter().filter(|name| name.starts_with(beginning));
        for name in others.filter(|name| !names.contains(&name.as_str())) {
            let _ = disk::remove(&self.folder.join(name));
        }
    }

    /// The names of what is kept.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

/// Writes a sealed file through a temporary name, for its owner only.
///
/// # Errors
/// [`PublishError`]; what was there before is there still.
pub fn write_sealed(path: &Path, content: &[u8]) -> Result<(), PublishError> {
    seal(path, content, true)?;
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => folder::sync_folder(parent),
        None => folder::sync_folder(Path::new(".")),
    }
}

fn seal(path: &Path, content: &[u8], durable: bool) -> Result<(), PublishError> {
    let temporary = beside(path);
    let write = || {
        if fs::symlink_metadata(&temporary).is_ok() {
            disk::remove(&temporary).map_err(PublishError::io("remove", &temporary))?;
        }
        let mut file = disk::create(&temporary, disk::Opening::New).map_err(PublishError::io("create", &temporary))?;
        for piece in [SEAL, hex(Sha256::digest(content)).as_bytes(), b"\n", content] {
            file.write_all(piece).map_err(PublishError::io("write", &temporary))?;
        }
        if durable {
            file.close().map_err(PublishError::io("flush", &temporary))?;
        }
        disk::rename(&temporary, path).map_err(PublishError::io("rename", &temporary))
    };
    let written = write();
    if written.is_err() {
        let _ = disk::remove(&temporary);
    }
    written
}

/// The content of a sealed file; `None` where it is no sealed file or its hash is another.
///
/// # Errors
/// [`PublishError::Io`] where it cannot be read.
pub fn open_sealed(path: &Path) -> Result<Option<Vec<u8>>, PublishError> {
    let mut bytes = disk::read(path).map_err(PublishError::io("read", path))?;
    let head = SEAL.len() + 65;
    let sealed = bytes.starts_with(SEAL) && bytes.len() >= head && {
        let hash = hex(Sha256::digest(&bytes[head..]));
        bytes[SEAL.len()..head - 1] == *hash.as_bytes() && bytes[head - 1] == b'\n'
    };
    if !sealed {
        return Ok(None);
    }
    bytes.drain(..head);
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_byte_is_as_good_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().join("cache"));
        assert_eq!(cache.get("a-1"), None);
        cache.keep("a-", "a-1", b"moments").unwrap();
        assert_eq!(cache.get("a-1").as_deref(), Some(&b"moments"[..]));
        let path = folder.path().join("cache/a-1");
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(cache.get("a-1"), None, "byte {at}");
            fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(cache.get("a-1"), None, "cut at {at}");
        }
    }

    #[test]
    fn one_is_kept_per_beginning() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::new(folder.path().to_owned());
        for (beginning, name) in [("a-", "a-1"), ("b-", "b-1"), ("a-", "a-2")] {
            cache.keep(beginning, name, b"x").unwrap();
        }
        assert_eq!(cache.names(), ["a-2", "b-1"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_cache_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("cache");
        fs::create_dir(&place).unwrap();
        fs::set_permissions(&place, fs::Permissions::from_mode(0o755)).unwrap();
        Cache::new(place.clone()).keep("a", "a", b"x").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&place), mode(&place.join("a"))), (0o700, 0o600));
    }
}
