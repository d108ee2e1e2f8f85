//! The verbs on the sample pipelines, and their exit codes.

use std::io::Write;
use std::time::Duration;

use super::support::{files_under, release, root, snapshot, wijkpeil, wijkpeil_in};

fn snapshots() -> std::path::PathBuf {
    root().join("tests/data/cli")
}

#[test]
fn help_and_version_go_to_standard_output() {
    let said = wijkpeil(&["--help"]).exits(0);
    assert_eq!(said.err, "");
    snapshot(&snapshots(), "help", &said.out);
    for verb in ["run", "check", "explain", "verify"] {
        let said = wijkpeil(&[verb, "--help"]).exits(0);
        assert!(said.out.contains(&format!("Usage: wijkpeil {verb}")) && said.err.is_empty());
    }
    let said = wijkpeil(&["--version"]).exits(0);
    assert_eq!(said.out, concat!("wijkpeil ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_wrong_command_line_is_2() {
    for arguments in [
        &[][..],
        &["publish"],
        &["run"],
        &["check"],
        &["verify"],
        &["run", "pipelines/gmvo.toml", "--threads", "0"],
        &["run", "pipelines/gmvo.toml", "--threads", "many"],
        &["run", "pipelines/gmvo.toml", "--floor", "1"],
        &["check", "pipelines/gmvo.toml", "--force"],
        &["check", "pipelines/gmvo.toml", "pipelines/rivm-wijk.toml"],
    ] {
        let said = wijkpeil(arguments).exits(2);
        assert!(said.out.is_empty() && said.err.contains("--help"), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn the_sample_pipelines_check_explain_run_and_verify() {
    let place = tempfile::tempdir().unwrap();
    for pipeline in ["gmvo", "gmjv", "gmj", "gmvo-series", "mentale-gezondheid", "rivm-wijk"] {
        let path = format!("pipelines/{pipeline}.toml");
        let said = wijkpeil(&["check", &path]).exits(0);
        // Questions that a year did not ask are warnings, before that line.
        let last = said.err.lines().last().unwrap();
        assert!(said.out.is_empty() && last.starts_with("no errors: "), "{}", said.err);
        let said = wijkpeil(&["explain", &path]).exits(0);
        assert!(
            said.err.split("\n\n").all(|told| told.is_empty() || told.starts_with("warning[ingest-not-measured]")),
            "{}",
            said.err
        );
        snapshot(&snapshots(), &format!("explain-{pipeline}"), &said.out);

        let out = place.path().join(pipeline);
        let run = wijkpeil(&["run", &path, "--out", out.to_str().unwrap()]).exits(0);
        let release = release(root(), &run);
        // Standard output is one line, the release: what a script needs.
        assert_eq!(run.out.lines().count(), 1);
        assert_eq!(release.parent(), Some(out.join("releases").as_path()));
        let said = wijkpeil(&["verify", release.to_str().unwrap()]).exits(0);
        assert!(said.err.starts_with("whole: "), "{}", said.err);
        let current = std::fs::read_to_string(out.join("current.json")).unwrap();
        let id = release.file_name().unwrap().to_str().unwrap();
        assert!(current.contains(&format!("\"releases/{id}\"")), "{current}");
        let said = wijkpeil(&["verify", out.join("current").to_str().unwrap()]).exits(0);
        assert!(said.err.starts_with("whole: "), "{}", said.err);

        let before = files_under(&out);
        let again = wijkpeil(&["run", &path, "--out", out.to_str().unwrap()]).exits(0);
        assert_eq!(again.out, run.out);
        assert!(again.err.contains("unchanged: release "), "{}", again.err);
        let mut after = files_under(&out);
        // The lock says since when it was last held.
        after.insert(".lock".to_owned(), before[".lock"].clone());
        assert!(before == after);
    }
}

#[test]
fn verify_of_a_damaged_release_is_13() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    let said = wijkpeil(&["run", "tests/data/good/pipeline.toml", "--out", out.to_str().unwrap()]).exits(0);
    let release = release(root(), &said);
    for (name, bytes) in files_under(&release) {
        let path = release.join(&name);
        let mut damaged = bytes.clone();
        let middle = damaged.len() / 2;
        damaged[middle] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        let said = wijkpeil(&["verify", release.to_str().unwrap()]).exits(13);
        assert!(said.err.contains("fault"), "{name}: {}", said.err);
        std::fs::remove_file(&path).unwrap();
        wijkpeil(&["verify", release.to_str().unwrap()]).exits(13);
        std::fs::write(&path, &bytes).unwrap();
        wijkpeil(&["verify", release.to_str().unwrap()]).exits(0);
    }
    std::fs::write(release.join("figures/extra.parquet"), "x").unwrap();
    wijkpeil(&["verify", release.to_str().unwrap()]).exits(13);
    // A run that would make the damaged release says so and does not call it unchanged.
    let said = wijkpeil(&["run", "tests/data/good/pipeline.toml", "--out", out.to_str().unwrap()]).exits(13);
    assert!(said.err.contains("error[publish-damaged]") && said.out.is_empty(), "{}", said.err);
    for nothing in [place.path().join("nowhere"), place.path().to_path_buf()] {
        let said = wijkpeil(&["verify", nothing.to_str().unwrap()]).exits(13);
        assert!(!said.err.trim().is_empty());
    }
}

#[test]
fn output_that_cannot_be_written_is_13() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "").unwrap();
    let said = wijkpeil(&["run", "tests/data/good/pipeline.toml", "--out", file.to_str().unwrap()]).exits(13);
    assert!(said.err.contains("error[publish-failed]") && said.err.contains("help: "), "{}", said.err);
    assert_eq!(std::fs::read(&file).unwrap(), b"");
}

#[test]
fn while_another_run_holds_the_folder_it_is_14_or_waits() {
    let place = tempfile::tempdir().unwrap();
    let out = place.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let mut held = std::fs::File::create(out.join(".lock")).unwrap();
    held.lock().unwrap();
    held.write_all(b"2026-11-22T02:00:00Z").unwrap();
    let arguments = ["run", "tests/data/good/pipeline.toml", "--out", out.to_str().unwrap()];
    let said = wijkpeil(&arguments).exits(14);
    assert!(said.err.contains("2026-11-22T02:00:00Z"), "no word since when: {}", said.err);
    assert!(said.err.contains("--wait") && said.out.is_empty(), "{}", said.err);
    assert_eq!(files_under(&out).into_keys().collect::<Vec<_>>(), [".lock"]);

    let waiting = std::thread::spawn({
        let out = out.clone();
        move || wijkpeil(&["run", "tests/data/good/pipeline.toml", "--wait", "--out", out.to_str().unwrap()])
    });
    std::thread::sleep(Duration::from_millis(300));
    assert!(!waiting.is_finished());
    drop(held);
    waiting.join().unwrap().exits(0);
    wijkpeil(&arguments).exits(0);
}

/// `--data` replaces the folder and nothing falls back to the declared one.
#[test]
fn data_is_read_from_where_it_is_said_to_lie() {
    let place = tempfile::tempdir().unwrap();
    let said = wijkpeil(&["check", "pipelines/gmvo.toml", "--data", place.path().to_str().unwrap()]).exits(11);
    for file in ["regions-2022.csv", "gmvo-2022.csv"] {
        assert!(said.err.contains(file), "{file}: {}", said.err);
    }
    let said = wijkpeil_in(place.path(), &["check", root().join("pipelines/gmvo.toml").to_str().unwrap()]);
    said.exits(0);
}
