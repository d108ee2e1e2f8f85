//! One run at a time per folder of releases.

use std::fs::{self, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::PublishError;
use super::disk::{self, Opening, Writing};

/// Holds the folder until it is dropped, or until the process ends in whatever way: the operating system keeps the lock, so a
/// killed run leaves none behind, and no clock is asked whether it still holds.
#[derive(Debug)]
pub struct Lock {
    _file: Writing,
}

impl Lock {
    /// Takes the lock of a folder, which is made if need be. `now` tells later runs since when it is held; `waiting` is told it before
    /// this one waits.
    ///
    /// # Errors
    /// [`PublishError::Locked`] where another run holds it and `wait` is false; [`PublishError::Io`] where the folder cannot be
    /// written.
    pub fn acquire(out: &Path, wait: bool, now: &str, waiting: &dyn Fn(&str)) -> Result<Self, PublishError> {
        let path = out.join(".lock");
        fs::create_dir_all(out).map_err(PublishError::io("create the folder of", &path))?;
        loop {
            if fs::symlink_metadata(&path).is_ok_and(|data| data.file_type().is_symlink()) {
                let why = std::io::Error::new(std::io::ErrorKind::InvalidInput, "a symbolic link stands in its place");
                return Err(PublishError::io("lock", &path)(why));
            }
            let mut file = disk::create(&path, Opening::Keep).map_err(PublishError::io("open", &path))?;
            disk::lock(&path).map_err(PublishError::io("lock", &path))?;
            match file.file().try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let mut since = String::new();
                    // The time is a courtesy: a lock that cannot be read is still a lock.
                    if file.file().read_to_string(&mut since).is_err() || since.is_empty() {
                        since = "a moment ago".to_owned();
                    }
                    if !wait {
                        return Err(PublishError::Locked { path: out.to_path_buf(), since });
                    }
                    waiting(&since);
                    file.file().lock().map_err(PublishError::io("wait for", &path))?;
                }
                Err(TryLockError::Error(error)) => return Err(PublishError::io("lock", &path)(error)),
            }
            if !is_at(&mut file, &path) {
                // Somebody removed the file while we waited: the lock of a file without a name keeps nobody out.
                continue;
            }
            file.file().set_len(0).map_err(PublishError::io("write", &path))?;
            file.file().rewind().map_err(PublishError::io("write", &path))?;
            file.write_all(now.as_bytes()).map_err(PublishError::io("write", &path))?;
            return Ok(Self { _file: file });
        }
    }
}

/// Whether the locked file is still the one that stands at the path.
#[cfg(unix)]
fn is_at(file: &mut Writing, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let (own, there) = (file.file().metadata(), fs::symlink_metadata(path));
    own.is_ok_and(|own| there.is_ok_and(|there| (own.dev(), own.ino()) == (there.dev(), there.ino())))
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_file: &mut Writing, _path: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acquire(out: &Path, wait: bool, now: &str) -> Result<Lock, PublishError> {
        Lock::acquire(out, wait, now, &|_| {})
    }

    #[test]
    fn a_second_run_is_told_since_when_and_a_later_one_gets_in() {
        let out = tempfile::tempdir().unwrap();
        let held = acquire(out.path(), false, "2026-11-22T02:00:00Z").unwrap();
        let refused = acquire(out.path(), false, "2026-11-22T02:00:01Z").unwrap_err();
        assert!(matches!(&refused, PublishError::Locked { since, .. } if since == "2026-11-22T02:00:00Z"), "{refused}");
        drop(held);
        acquire(out.path(), false, "2026-11-22T03:00:00Z").unwrap();
    }

    /// The kernel keeps the lock: a time of last century or of the next in the file changes nothing.
    #[test]
    fn a_clock_that_jumps_neither_frees_nor_keeps_a_lock() {
        let out = tempfile::tempdir().unwrap();
        for (held, later) in
            [("1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z"), ("2099-01-01T00:00:00Z", "1970-01-01T00:00:00Z")]
        {
            let first = acquire(out.path(), false, held).unwrap();
            assert!(matches!(acquire(out.path(), false, later), Err(PublishError::Locked { .. })));
            drop(first);
            drop(acquire(out.path(), false, later).unwrap());
        }
    }

    #[test]
    fn who_waits_is_told_since_when_and_gets_the_lock() {
        let out = tempfile::tempdir().unwrap();
        let held = std::sync::Mutex::new(Some(acquire(out.path(), false, "2026-11-22T02:00:00Z").unwrap()));
        // Told that it has to wait, the other run ends.
        let told = |since: &str| {
            assert_eq!(since, "2026-11-22T02:00:00Z");
            held.lock().unwrap().take();
        };
        Lock::acquire(out.path(), true, "2026-11-22T02:05:00Z", &told).unwrap();
        assert!(held.lock().unwrap().is_none());
    }
}
