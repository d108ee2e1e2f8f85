//! One run at a time per folder of releases.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use super::PublishError;

/// Holds the folder until it is dropped, or until the process ends in whatever way: the operating system keeps the lock, so a
/// killed run leaves none behind.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder, which is made if need be. `now` tells later runs since when it is held.
    ///
    /// # Errors
    /// [`PublishError::Locked`] where another run holds it and `wait` is false; [`PublishError::Io`] where the folder cannot be
    /// written.
    pub fn acquire(out: &Path, wait: bool, now: &str) -> Result<Self, PublishError> {
        let path = out.join(".lock");
        let fault = |action: &'static str| {
            let path = path.clone();
            move |source| PublishError::Io { action, path, source }
        };
        std::fs::create_dir_all(out).map_err(fault("create the folder of"))?;
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(fault("open"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if wait => file.lock().map_err(fault("wait for"))?,
            Err(TryLockError::WouldBlock) => {
                let mut since = String::new();
                // The time is a courtesy: a lock that cannot be read is still a lock.
                if file.read_to_string(&mut since).is_err() || since.is_empty() {
                    since = "a moment ago".to_owned();
                }
                return Err(PublishError::Locked { path: out.to_path_buf(), since });
            }
            Err(TryLockError::Error(error)) => return Err(fault("lock")(error)),
        }
        file.set_len(0).map_err(fault("write"))?;
        file.rewind().map_err(fault("write"))?;
        file.write_all(now.as_bytes()).map_err(fault("write"))?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_run_is_told_since_when_and_a_later_one_gets_in() {
        let out = tempfile::tempdir().unwrap();
        let held = Lock::acquire(out.path(), false, "2026-11-22T02:00:00Z").unwrap();
        let refused = Lock::acquire(out.path(), false, "2026-11-22T02:00:01Z").unwrap_err();
        assert!(matches!(&refused, PublishError::Locked { since, .. } if since == "2026-11-22T02:00:00Z"), "{refused}");
        drop(held);
        Lock::acquire(out.path(), false, "2026-11-22T03:00:00Z").unwrap();
    }
}
