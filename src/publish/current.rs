//! Which release is the current one: `current.json`, and the symlink `current` where the file system has them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{disk, error::PublishError, figures::folder_name, folder, retention::RELEASES};
use crate::vocab::Audience;

/// Makes the release `id` under `out` the current one. A reader sees the old one or the new one, never half of either.
///
/// # Errors
/// When `current.json` cannot be written. A symlink that cannot be made is no error: some file systems have none, and
/// `current.json` is what counts.
pub fn make_current(out: &Path, id: &str, audience: Audience) -> Result<(), PublishError> {
    let id = folder_name("release id", id)?;
    let path = out.join("current.json");
    let mut text = json!({ "release": id, "path": format!("releases/{id}") }).to_string();
    text.push('\n');
    folder::write_bytes(&path, audience, text.as_bytes())?;
    folder::sync_folder(out)?;
    if !link(out, id) {
        // A link that still leads to an older release would contradict current.json.
        remove_link(out);
    }
    folder::sync_folder(out)
}

/// The id of the current release; `None` where there is none, or where `current.json` does not say it.
pub(super) fn current(out: &Path) -> Result<Option<String>, PublishError> {
    let path = out.join("current.json");
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(PublishError::io("read", &path)(error)),
    };
    let value: serde_json::Value =
        serde_json::from_slice(&bytes).map_err(|source| PublishError::Json { path: path.clone(), source })?;
    Ok(value["release"].as_str().filter(|id| folder_name("release id", id).is_ok()).map(str::to_owned))
}

/// The folder of the current release, for those who compare with it; `None` where there is none.
///
/// # Errors
/// [`PublishError`] where `current.json` is there and cannot be read.
pub fn current_release(out: &Path) -> Result<Option<PathBuf>, PublishError> {
    let place = |id: String| out.join(RELEASES).join(id);
    Ok(current(out)?.map(place).filter(|path| path.is_dir()))
}

/// Swaps the symlink by a rename, so that there is no moment without one.
#[cfg(unix)]
fn link(out: &Path, id: &str) -> bool {
    let link = out.join("current");
    let temporary = folder::beside(&link);
    // Left over from a run that was killed.
    if fs::symlink_metadata(&temporary).is_ok() {
        let _ = disk::remove(&temporary);
    }
    let made = disk::link(&Path::new(RELEASES).join(id), &temporary).is_ok() && disk::rename(&temporary, &link).is_ok();
    if !made {
        let _ = disk::remove(&temporary);
    }
    made
}

#[cfg(not(unix))]
fn link(_out: &Path, _id: &str) -> bool {
    false
}

/// Removes `current` if it is a symlink, and only then.
fn remove_link(out: &Path) {
    let link = out.join("current");
    if fs::symlink_metadata(&link).is_ok_and(|data| data.file_type().is_symlink()) {
        let _ = disk::remove(&link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn current_json_and_the_link_lead_to_the_same_release() {
        let out = tempfile::tempdir().unwrap();
        for id in ["a", "b"] {
            make_current(out.path(), id, Audience::Public).unwrap();
            let text = fs::read_to_string(out.path().join("current.json")).unwrap();
            assert_eq!(text, format!("{{\"release\":\"{id}\",\"path\":\"releases/{id}\"}}\n"));
            #[cfg(unix)]
            assert_eq!(fs::read_link(out.path().join("current")).unwrap(), Path::new("releases").join(id));
        }
    }

    #[test]
    fn a_folder_that_is_called_current_is_left_alone() {
        let out = tempfile::tempdir().unwrap();
        fs::create_dir(out.path().join("current")).unwrap();
        fs::write(out.path().join("current/mine"), "x").unwrap();
        make_current(out.path(), "a", Audience::Public).unwrap();
        assert!(out.path().join("current/mine").exists());
    }
}
