//! A pipeline in a folder of its own, with an output folder that two nights share.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::cli::support::{Said, copy, root, wijkpeil_in};

/// A pipeline with its data, and `out` beside it.
pub struct Place {
    folder: tempfile::TempDir,
}

/// What is asked of `[retention]` in these tests: one release stays, at once, so that every night pulls one.
const RETENTION: &str = "\n[retention]\nkeep = 1\nminimum-age-hours = 0\n";

impl Place {
    /// The good pipeline of the test data.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root().join("tests/data/good"), folder.path());
        let place = Self { folder };
        place.edit("pipeline.toml", "../good/", "");
        let path = place.path().join("pipeline.toml");
        let text = std::fs::read_to_string(&path).unwrap() + RETENTION;
        std::fs::write(path, text).unwrap();
        place
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn out(&self) -> PathBuf {
        self.path().join("out")
    }

    /// Replaces a text that must be there.
    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file}: {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    /// Makes the next night's release another one.
    pub fn another(&self, title: &str) {
        let path = self.path().join("pipeline.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let lines = text.lines().map(|line| match line.starts_with("title-en = ") {
            true => format!("title-en = \"{title}\"\n"),
            false => format!("{line}\n"),
        });
        std::fs::write(path, lines.collect::<String>()).unwrap();
    }

    pub fn run(&self, more: &[&str]) -> Said {
        let arguments = [&["run", "pipeline.toml", "--out", "out", "--threads", "1"], more].concat();
        wijkpeil_in(self.path(), &arguments)
    }

    /// A run of the program in a process whose file operations go wrong; what its exit code was, `None` after a kill.
    pub fn run_with(&self, fault: &str) -> (Option<i32>, String) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "nightly::faults::child", "--ignored", "--nocapture", "--test-threads", "1"])
            .current_dir(self.path())
            .env("WIJKPEIL_FAULT", fault)
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// The id of the current release, which must be whole, also by the link.
    #[track_caller]
    pub fn current(&self) -> String {
        let text = std::fs::read_to_string(self.out().join("current.json")).unwrap();
        let current: serde_json::Value = serde_json::from_str(&text).unwrap();
        let id = current["release"].as_str().unwrap().to_owned();
        assert_eq!(current["path"], format!("releases/{id}"));
        self.whole(&self.out().join("releases").join(&id));
        #[cfg(unix)]
        if let Ok(link) = std::fs::read_link(self.out().join("current")) {
            self.whole(&self.out().join(link));
        }
        id
    }

    #[track_caller]
    pub fn whole(&self, release: &Path) {
        let report = wijkpeil::publish::verify(release).unwrap();
        assert_eq!(report.faults, [], "{}", release.display());
    }

    /// Names in the output folder and its releases, without the lock.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for folder in [self.out(), self.out().join("releases")] {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                names.push(entry.unwrap().file_name().into_string().unwrap());
            }
        }
        names.retain(|name| name != ".lock");
        names.sort();
        names
    }

    /// Nothing of a killed run is left.
    #[track_caller]
    pub fn is_swept(&self) {
        let names = self.names();
        let left = names.iter().any(|name| ["partial", "pulled", ".tmp"].iter().any(|word| name.contains(word)));
        assert!(!left, "{names:?}");
    }

    /// The output folder as it is, in a folder beside it.
    pub fn keep(&self) {
        copy_all(&self.out(), &self.path().join("kept"));
    }

    /// The output folder as it was kept.
    pub fn restore(&self) {
        std::fs::remove_dir_all(self.out()).unwrap();
        copy_all(&self.path().join("kept"), &self.out());
    }
}

/// A copy of a folder with its links.
fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let (from, kind) = (entry.as_ref().unwrap().path(), entry.unwrap().file_type().unwrap());
        let to = to.join(from.file_name().unwrap());
        if kind.is_dir() {
            copy_all(&from, &to);
        } else if kind.is_symlink() {
            #[cfg(unix)]
            std::os::unix::fs::symlink(std::fs::read_link(&from).unwrap(), to).unwrap();
        } else {
            std::fs::copy(&from, to).unwrap();
        }
    }
}

/// The number of an exit code.
pub fn number(code: ExitCode) -> i32 {
    (0..=255_u8).find(|number| ExitCode::from(*number) == code).map_or(-1, i32::from)
}
