//! Gives the program a name for its own source: results that an earlier run kept are taken only by the very program that made them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::{fs, io};

fn main() -> io::Result<()> {
    let mut files = vec![PathBuf::from("Cargo.lock"), PathBuf::from("Cargo.toml"), PathBuf::from("build.rs")];
    under(Path::new("src"), &mut files)?;
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        // The same on every system.
        file.to_string_lossy().replace('\\', "/").hash(&mut hash);
        fs::read_to_string(&file)?.replace("\r\n", "\n").hash(&mut hash);
    }
    // A file that is added.
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rustc-env=WIJKPEIL_SOURCE={:016x}", hash.finish());
    Ok(())
}

fn under(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            under(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
