//! Inputs and folders that fail under the run.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::place::Place;
use super::rounds;

#[test]
fn an_input_that_vanished_leaves_the_old_release() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.another("The next night");
    let (file, away) = (place.path().join("data/respondents.csv"), place.path().join("away.csv"));
    std::fs::rename(&file, &away).unwrap();
    place.run(&[]).exits(11);
    assert_eq!(place.current(), old);
    std::fs::rename(&away, &file).unwrap();
    place.run(&[]).exits(0);
    assert_ne!(place.current(), old);
}

/// The first byte of the memory of a process cannot be read: an input with an I/O error that needs no broken disk.
#[cfg(target_os = "linux")]
#[test]
fn an_input_that_cannot_be_read_leaves_the_old_release() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    let file = place.path().join("data/respondents.csv");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/proc/self/mem", &file).unwrap();
    let said = place.run(&[]).exits(11);
    assert!(said.err.contains("error[ingest-"), "{}", said.err);
    assert_eq!(place.current(), old);
    std::fs::remove_file(&file).unwrap();
    std::fs::write(&file, bytes).unwrap();
    place.run(&[]).exits(0);
    assert_eq!(place.current(), old);
}

/// Rows are appended while the run reads. It must say so, or have read one state of the file as a whole.
#[test]
fn an_input_that_grows_while_it_is_read_is_refused_or_read_whole() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let file = place.path().join("data/respondents.csv");
    let good = std::fs::read_to_string(&file).unwrap();
    let row = good.lines().nth(1).unwrap().split_once(';').unwrap().1.to_owned();
    let (mut refused, mut read) = (0, 0);
    for night in 0..rounds(4, 30) {
        // Large enough that reading takes longer than the pauses of the writer.
        let rows: String = (0..40_000).map(|number| format!("{};{row}\n", number + 100)).collect();
        std::fs::write(&file, format!("{good}{rows}")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
            .args(["run", "pipeline.toml", "--out", "out", "--no-cache"])
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut writer = std::fs::File::options().append(true).open(&file).unwrap();
        let mut number = 1_000_000 * (night + 1);
        let status = loop {
            writeln!(writer, "{number};{row}").unwrap();
            number += 1;
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            std::thread::sleep(Duration::from_micros(300));
        };
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
        match status.code() {
            Some(11) => {
                assert!(said.contains("changed while it was read") || said.contains("error[ingest-"), "{said}");
                refused += 1;
            }
            Some(0) => read += 1,
            other => panic!("{other:?}\n{said}"),
        }
        place.current();
    }
    println!("{refused} runs refused a growing file, {read} read it before it grew");
    assert!(refused > 0);
    place.run(&[]).exits(0);
    place.current();
}

/// A folder that nobody may write into. Root may write everywhere, so as root there is a file where the folder must be.
#[cfg(unix)]
#[test]
fn an_output_folder_that_cannot_be_written_is_said_and_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.another("The next night");
    let releases = place.out().join("releases");
    std::fs::set_permissions(&releases, std::fs::Permissions::from_mode(0o500)).unwrap();
    let probe = releases.join("probe");
    let is_root = std::fs::write(&probe, "").is_ok();
    let _ = std::fs::remove_file(&probe);
    if !is_root {
        place.run(&[]).exits(13);
        assert_eq!(place.current(), old);
    }
    std::fs::set_permissions(&releases, std::fs::Permissions::from_mode(0o700)).unwrap();
    let said = crate::cli::support::wijkpeil_in(place.path(), &["run", "pipeline.toml", "--out", "pipeline.toml"]);
    let said = said.exits(13);
    assert!(said.err.contains("error[publish-failed]"), "{}", said.err);
    place.run(&[]).exits(0);
    assert_ne!(place.current(), old);
}

/// A disk with so little room that some file of the release does not fit, by the limit of the system on the size of a file.
#[cfg(unix)]
#[test]
fn a_file_that_grows_too_large_leaves_the_old_release() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.another("The next night");
    // In blocks of 512 bytes; a signal of the system would end the shell, so it is ignored, as cron jobs do.
    for blocks in [1, 8, 20] {
        let command = format!(
            "ulimit -f {blocks}; trap '' XFSZ; exec '{}' run pipeline.toml --out out --no-cache",
            env!("CARGO_BIN_EXE_wijkpeil")
        );
        let status = Command::new("sh")
            .args(["-c", &command])
            .current_dir(place.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(status.code(), Some(13), "{blocks} blocks");
        assert_eq!(place.current(), old);
    }
    place.run(&[]).exits(0);
    place.is_swept();
    assert_ne!(place.current(), old);
}
