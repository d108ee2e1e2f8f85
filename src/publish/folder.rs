//! Folders and files of a release: modes, fsync, temporary names, hashes.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::disk::{self, Opening, Writing};
use super::error::PublishError;
use crate::vocab::{Audience, hex};

/// A writer that hashes and counts what passes through.
pub(super) struct Hashing<W> {
    inner: W,
    hash: Sha256,
    bytes: u64,
}

impl<W> Hashing<W> {
    /// Around `inner`.
    pub(super) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), bytes: 0 }
    }

    /// The inner writer, the number of bytes and their hash in hex.
    pub(super) fn finish(self) -> (W, u64, String) {
        (self.inner, self.bytes, hex(self.hash.finalize()))
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(buffer)?;
        self.hash.update(&buffer[..taken]);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// SHA-256 of a file, in hex, and its size.
pub(super) fn hash_file(path: &Path) -> io::Result<(String, u64)> {
    let mut file = disk::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok((hex(hash.finalize()), size));
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
}

/// Writes a file through a temporary name in its own folder: mode, fsync, rename. `content` writes into it. After an error the temporary
/// file is gone.
pub(super) fn write_file<T>(
    path: &Path,
    audience: Audience,
    content: impl FnOnce(Writing) -> Result<(Writing, T), PublishError>,
) -> Result<T, PublishError> {
    let temporary = beside(path);
    let written = write_beside(&temporary, audience, content).and_then(|outcome| {
        disk::rename(&temporary, path).map_err(PublishError::io("rename", &temporary)).map(|()| outcome)
    });
    if written.is_err() {
        // Nothing to be done about a failure here; the next run sweeps.
        let _ = disk::remove(&temporary);
    }
    written
}

fn write_beside<T>(
    temporary: &Path,
    audience: Audience,
    content: impl FnOnce(Writing) -> Result<(Writing, T), PublishError>,
) -> Result<T, PublishError> {
    if fs::symlink_metadata(temporary).is_ok() {
        // Left over from a run that was killed.
        disk::remove(temporary).map_err(PublishError::io("remove", temporary))?;
    }
    let file = create_file(temporary, audience).map_err(PublishError::io("create", temporary))?;
    let (file, outcome) = content(file)?;
    file.close().map_err(PublishError::io("flush", temporary))?;
    Ok(outcome)
}

/// [`write_file`] for content that is there already; gives its size and hash.
pub(super) fn write_bytes(path: &Path, audience: Audience, content: &[u8]) -> Result<(u64, String), PublishError> {
    write_file(path, audience, |file| {
        let mut writer = Hashing::new(file);
        writer.write_all(content).map_err(PublishError::io("write", path))?;
        let (file, bytes, sha256) = writer.finish();
        Ok((file, (bytes, sha256)))
    })
}

/// The temporary name beside a path.
pub(super) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.tmp"))
}

/// Creates a file that is never more open than its audience, not even for a moment.
fn create_file(path: &Path, audience: Audience) -> io::Result<Writing> {
    let file = disk::create(path, Opening::New)?;
    // Set again: a umask may narrow what was asked for.
    disk::set_mode(path, file_mode(audience))?;
    Ok(file)
}

const fn file_mode(audience: Audience) -> u32 {
    match audience {
        Audience::Internal => 0o600,
        Audience::Public => 0o644,
    }
}

const fn folder_mode(audience: Audience) -> u32 {
    match audience {
        Audience::Internal => 0o700,
        Audience::Public => 0o755,
    }
}

/// Creates the folders of a path that are not there yet, with the audience's mode; folders that exist keep theirs.
pub(super) fn create_folders(path: &Path, audience: Audience) -> Result<(), PublishError> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_folders(parent, audience)?;
    }
    match disk::create_folder(path) {
        Ok(()) => disk::set_mode(path, folder_mode(audience)).map_err(PublishError::io("set the mode of", path)),
        // Somebody else was first: as good.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(PublishError::io("create folder", path)(error)),
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> Result<(), PublishError> {
    disk::flush_folder(path).map_err(PublishError::io("flush folder", path))
}

/// [`sync_folder`] for a folder and everything below it, innermost first.
pub(super) fn sync_folders(root: &Path) -> Result<(), PublishError> {
    for entry in fs::read_dir(root).map_err(PublishError::io("read folder", root))? {
        let entry = entry.map_err(PublishError::io("read folder", root))?;
        if entry.file_type().map_err(PublishError::io("read", &entry.path()))?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    sync_folder(root)
}

/// Every file under `root`, by its path within it with `/` between the parts.
pub(super) fn files_under(root: &Path) -> Result<BTreeMap<String, PathBuf>, PublishError> {
    let mut found = BTreeMap::new();
    let mut open = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(PublishError::io("read folder", &folder))? {
            let entry = entry.map_err(PublishError::io("read folder", &folder))?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(PublishError::io("read", &entry.path()))?.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else {
                found.insert(name, entry.path());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_has_the_hash_that_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let (bytes, sha256) = write_bytes(&path, Audience::Internal, b"abc").unwrap();
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hash_file(&path).unwrap(), (sha256, bytes));
        assert_eq!(files_under(folder.path()).unwrap().keys().collect::<Vec<_>>(), ["a.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn an_internal_file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        for (audience, file, dir) in [(Audience::Internal, 0o600, 0o700), (Audience::Public, 0o644, 0o755)] {
            let inner = folder.path().join(audience.as_str()).join("x");
            create_folders(&inner, audience).unwrap();
            write_bytes(&inner.join("f"), audience, b"").unwrap();
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&inner.join("f")), mode(&inner), mode(inner.parent().unwrap())), (file, dir, dir));
        }
    }
}
