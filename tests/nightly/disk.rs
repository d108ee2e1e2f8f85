//! A disk that is really full and a folder that is really read-only: a small file system in memory, and a user who is not root. Both need root to set
//! up; without it they are skipped, and say so.
#![cfg(target_os = "linux")]

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::place::Place;

/// A user without rights, on every Linux.
const NOBODY: u32 = 65_534;
/// Bytes of the small file system while it has room.
const ROOM: u64 = 16 << 20;

/// A file system in memory, until it is dropped.
struct Memory {
    folder: PathBuf,
}

impl Memory {
    fn mount(folder: &Path) -> Option<Self> {
        std::fs::create_dir_all(folder).unwrap();
        let own = Self { folder: folder.to_owned() };
        let mounted = own.command(&["-t", "tmpfs", "-o", &format!("size={ROOM},mode=700"), "wijkpeil"]);
        // Nothing to unmount.
        if !mounted {
            std::mem::forget(own);
            return None;
        }
        Some(own)
    }

    fn command(&self, arguments: &[&str]) -> bool {
        let output = Command::new("mount").args(arguments).arg(&self.folder).output();
        output.is_ok_and(|output| output.status.success())
    }

    /// Leaves room for so many bytes more than what is there. A file system in memory counts in pages.
    fn room(&self, bytes: u64) {
        let used = Command::new("df").args(["--output=used", "--block-size=1"]).arg(&self.folder).output().unwrap();
        let used = String::from_utf8(used.stdout).unwrap();
        let used: u64 = used.lines().nth(1).unwrap().trim().parse().unwrap();
        assert!(self.command(&["-o", &format!("remount,size={}", used + bytes)]));
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.folder).output();
    }
}

/// From no room at all, page by page, until a release fits: the old one stays until the new one is whole.
#[test]
fn a_full_disk_leaves_the_old_release_and_room_makes_the_next_night_succeed() {
    let place = Place::new();
    let Some(memory) = Memory::mount(&place.out()) else {
        eprintln!("SKIPPED: no file system in memory can be mounted here: it needs root");
        return;
    };
    place.run(&["--no-cache"]).exits(0);
    let old = place.current();
    let (mut full, mut room) = (0, 0);
    loop {
        place.another(&format!("With room for {room} bytes"));
        memory.room(room);
        let said = place.run(&["--no-cache"]);
        if said.exit == 0 {
            break;
        }
        assert_eq!(said.exit, 13, "{}", said.err);
        assert!(said.err.contains("error[publish-failed]") && said.err.contains("has room"), "{}", said.err);
        assert_eq!(place.current(), old, "with room for {room} bytes");
        (full, room) = (full + 1, room + 4 * 4096);
    }
    assert!(full > 3 && room < ROOM, "{full} {room}");
    println!("{full} nights on a full disk left the old release; a new one fitted with {room} bytes of room");
    place.is_swept();
    assert_ne!(place.current(), old);
}

fn as_nobody(place: &Place) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
        .args(["run", "pipeline.toml", "--out", "out", "--threads", "1"])
        .current_dir(place.path())
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn give_away(folder: &Path) {
    chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { give_away(&path) } else { chown(&path, Some(NOBODY), Some(NOBODY)).unwrap() }
    }
}

/// Root may write everywhere; the user of a service may not.
#[test]
fn a_read_only_folder_leaves_the_old_release() {
    let place = Place::new();
    let program = Path::new(env!("CARGO_BIN_EXE_wijkpeil"));
    let open = |path: &Path| std::fs::metadata(path).is_ok_and(|own| own.permissions().mode() & 0o005 == 0o005);
    if chown(place.path(), Some(NOBODY), Some(NOBODY)).is_err() || !program.ancestors().all(open) {
        eprintln!(
            "SKIPPED: no other user can be tried here: it needs root, and a build folder that everybody may enter"
        );
        return;
    }
    give_away(place.path());
    let said = as_nobody(&place);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    let old = place.current();
    let mode = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for (title, folder) in [("The next night", place.out().join("releases")), ("The night after", place.out())] {
        place.another(title);
        mode(&folder, 0o500);
        let said = as_nobody(&place);
        let err = String::from_utf8_lossy(&said.stderr);
        assert_eq!(said.status.code(), Some(13), "{}: {err}", folder.display());
        assert!(err.contains("error[publish-failed]") && err.contains("is writable"), "{err}");
        assert_eq!(place.current(), old);
        mode(&folder, 0o700);
        place.is_swept();
    }
    // A cache that cannot be written costs time and nothing else.
    place.another("The last night");
    let cache = place.path().join("out.cache");
    mode(&cache, 0o500);
    let said = as_nobody(&place);
    assert_eq!(said.status.code(), Some(0), "{}", String::from_utf8_lossy(&said.stderr));
    assert_ne!(place.current(), old);
    mode(&cache, 0o700);
}
