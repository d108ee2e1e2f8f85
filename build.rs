//! Gives the program a name for what it is made from: results that an earlier run kept are taken only by a program of the same source, compiler and system.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut files = vec![PathBuf::from("Cargo.lock"), PathBuf::from("Cargo.toml"), PathBuf::from("build.rs")];
    under(Path::new("src"), &mut files)?;
    files.sort();
    let mut hash = DefaultHasher::new();
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
        // The same with either kind of line ends and separators.
        file.to_string_lossy().replace('\\', "/").hash(&mut hash);
        fs::read_to_string(&file)?.replace("\r\n", "\n").hash(&mut hash);
    }
    // A file that is added.
    println!("cargo::rerun-if-changed=src");
    for name in ["TARGET", "PROFILE", "OPT_LEVEL", "CARGO_ENCODED_RUSTFLAGS"] {
        env::var(name).unwrap_or_default().hash(&mut hash);
    }
    if let Some(compiler) = env::var_os("RUSTC") {
        Command::new(compiler).arg("-vV").output()?.stdout.hash(&mut hash);
    }
    println!("cargo::rustc-env=WIJKPEIL_SOURCE={:016x}", hash.finish());
    Ok(())
}

/// Rust files of a folder and the folders in it.
fn under(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            under(&path, files)?;
        } else if path.extension().is_some_and(|own| own == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
