//! Only what changed is read again, and the result is that of a full run, byte for byte; moments of parts add up to those of the whole.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::support::{Said, copy, files_under, release, root, wijkpeil_in};

/// The project's pipelines and sample data in a folder of their own.
struct Copied(tempfile::TempDir);

impl Copied {
    fn new() -> Self {
        let place = tempfile::tempdir().unwrap();
        copy(&root().join("pipelines"), &place.path().join("pipelines"));
        copy(&root().join("sample-data"), &place.path().join("sample-data"));
        Self(place)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, pipeline: &str, out: &str, more: &[&str]) -> (Said, PathBuf) {
        let said = wijkpeil_in(self.path(), &[&["run", pipeline, "--out", out], more].concat()).exits(0);
        let path = release(self.path(), &said);
        (said, path)
    }

    /// Takes the last row off a file.
    fn shorten(&self, file: &str) {
        let path = self.path().join("sample-data").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let end = text.trim_end().rfind('\n').unwrap();
        std::fs::write(path, &text[..=end]).unwrap();
    }
}

/// Every file of a release but the manifest, which holds the clock, and the list that holds its hash.
fn data(release: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files_under(release);
    files.retain(|name, _| name != "manifest.json" && name != "SHA256SUMS");
    assert!(files.len() > 10);
    files
}

#[track_caller]
fn same(one: &Path, other: &Path) {
    let (one, other) = (data(one), data(other));
    assert!(one.keys().eq(other.keys()));
    let differing: Vec<&String> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert!(differing.is_empty(), "{differing:?}");
}

#[test]
fn with_one_of_the_sources_changed_only_that_one_is_read_and_the_bytes_are_those_of_a_full_run() {
    let place = Copied::new();
    let series = "pipelines/gmvo-series.toml";
    let (first, old) = place.run(series, "out", &[]);
    assert!(!first.err.contains("from their moments"), "{}", first.err);
    place.shorten("gmvo-2016.csv");
    let (again, new) = place.run(series, "out", &[]);
    assert!(again.err.contains("4 sources from their moments"), "{}", again.err);
    // What follows from one year alone is not worked out again for the others.
    for told in ["those of 4 collections and years as before", "of them as before"] {
        assert!(again.err.contains(told) && !first.err.contains(told), "{told}\n{}", again.err);
    }
    let (_, full) = place.run(series, "full", &["--no-cache"]);
    assert_ne!(old.file_name(), new.file_name());
    assert_eq!(new.file_name(), full.file_name(), "one id for one content");
    same(&new, &full);
    assert!(!place.path().join("full.cache").exists());
    // The cache may go at any time, also half of it.
    for entry in std::fs::read_dir(place.path().join("out.cache")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    }
    place.shorten("gmvo-2020.csv");
    let (said, damaged) = place.run(series, "out", &[]);
    for told in ["from their moments", "collections and years as before", "of them as before"] {
        assert!(!said.err.contains(told), "{}", said.err);
    }
    std::fs::remove_dir_all(place.path().join("out.cache")).unwrap();
    let (_, full) = place.run(series, "full", &["--no-cache"]);
    same(&damaged, &full);
}

/// The files of the current release are copied where their figures are the same, and only where they are still what was written.
#[test]
fn a_damaged_file_of_the_current_release_is_made_anew() {
    let place = Copied::new();
    let series = "pipelines/gmvo-series.toml";
    let (_, old) = place.run(series, "out", &[]);
    let files = files_under(&old);
    let (name, bytes) = files.iter().find(|(name, _)| name.starts_with("figures/gmvo/2020/")).unwrap();
    let mut bytes = bytes.clone();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(old.join(name), &bytes).unwrap();
    let (name, _) = files.iter().find(|(name, _)| name.starts_with("figures/gmvo/2022/")).unwrap();
    std::fs::remove_file(old.join(name)).unwrap();
    place.shorten("gmvo-2016.csv");
    let (said, new) = place.run(series, "out", &[]);
    assert!(said.err.contains("of them as before"), "{}", said.err);
    let (_, full) = place.run(series, "full", &["--no-cache"]);
    same(&new, &full);
}

/// A rule of the policy is part of what figures follow from.
#[test]
fn a_changed_policy_leaves_no_figures_to_take() {
    let place = Copied::new();
    let series = "pipelines/gmvo-series.toml";
    place.run(series, "out", &[]);
    place.shorten("gmvo-2016.csv");
    let path = place.path().join(series);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("protection-n = "));
    let lines = text.lines().map(|line| match line.split_once("protection-n = ") {
        Some(("", number)) => format!("protection-n = {}\n", number.trim().parse::<u64>().unwrap() - 1),
        _ => format!("{line}\n"),
    });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
    let (said, new) = place.run(series, "out", &[]);
    assert!(!said.err.contains("collections and years as before"), "{}", said.err);
    let (_, full) = place.run(series, "full", &["--no-cache"]);
    same(&new, &full);
}

#[test]
fn a_changed_definition_leaves_no_moments_to_take() {
    let place = Copied::new();
    let series = "pipelines/gmvo-series.toml";
    place.run(series, "out", &[]);
    let path = place.path().join(series);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("confidence = 0.95", "confidence = 0.90")).unwrap();
    let (said, _) = place.run(series, "out", &[]);
    assert!(!said.err.contains("from their moments"), "{}", said.err);
}

#[test]
fn an_unchanged_night_makes_nothing_and_a_forced_one_the_same_bytes() {
    let place = Copied::new();
    let (_, first) = place.run("pipelines/gmvo.toml", "out", &[]);
    let before = files_under(&place.path().join("out"));
    let (said, again) = place.run("pipelines/gmvo.toml", "out", &[]);
    assert!(said.err.contains("unchanged"), "{}", said.err);
    assert_eq!(first, again);
    let mut after = files_under(&place.path().join("out"));
    after.insert(".lock".to_owned(), before[".lock"].clone());
    assert_eq!(before, after);
    let (said, _) = place.run("pipelines/gmvo.toml", "out", &["--force"]);
    assert!(said.err.contains("the same bytes as before"), "{}", said.err);
}

/// A change that leaves size and time of change as they were is seen, because the system notes it in a way that no program can undo.
#[cfg(unix)]
#[test]
fn an_input_that_was_changed_behind_its_time_stamp_is_read_again() {
    let place = Copied::new();
    let file = place.path().join("sample-data/gmvo-2022.csv");
    let long_ago = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_600_000_000);
    let stamp = || std::fs::File::options().write(true).open(&file).unwrap().set_modified(long_ago).unwrap();
    stamp();
    // Stamps are believed of files that were left alone for some seconds.
    std::thread::sleep(std::time::Duration::from_secs(4));
    let (_, first) = place.run("pipelines/gmvo.toml", "out", &[]);
    let text = std::fs::read_to_string(&file).unwrap();
    let line = text.lines().nth(1).unwrap();
    let (other, size) = (text.replacen(line, &line.replacen('1', "2", 1), 1), text.len());
    assert_eq!(other.len(), size);
    std::fs::write(&file, other).unwrap();
    stamp();
    let (_, second) = place.run("pipelines/gmvo.toml", "out", &[]);
    assert_ne!(first, second);
}

/// Three GGDs with a third of the rows each, their moments added: the release of all rows, with its id. The pupils' monitor has schools as
/// clusters, which all three share.
#[test]
fn merged_moments_give_the_release_of_all_rows() {
    for (pipeline, files) in [("gmvo", &["gmvo-2022"][..]), ("gmj", &["gmj-2021", "gmj-2023", "gmj-2025"])] {
        let place = Copied::new();
        let path = place.path().join(format!("pipelines/{pipeline}.toml"));
        let mut text = std::fs::read_to_string(&path).unwrap();
        let folder = place.path().join("sample-data");
        let whole: Vec<String> =
            files.iter().map(|file| std::fs::read_to_string(folder.join(format!("{file}.csv"))).unwrap()).collect();
        for file in files {
            std::fs::remove_file(folder.join(format!("{file}.csv"))).unwrap();
            assert!(text.contains(&format!("\"{file}.csv\"")), "{pipeline}");
            text = text.replace(&format!("\"{file}.csv\""), &format!("\"{file}-part*.csv\""));
        }
        std::fs::write(&path, text).unwrap();
        let pipeline = format!("pipelines/{pipeline}.toml");
        // Each GGD has the definitions and its own rows: every third row, so that strata, schools and regions are shared by all.
        for ggd in 0..3 {
            let own = place.path().join(format!("ggd{ggd}"));
            copy(&folder, &own);
            for (file, whole) in files.iter().zip(&whole) {
                let (header, rows) = whole.split_once('\n').unwrap();
                let rows = rows.lines().enumerate().filter(|(row, _)| row % 3 == ggd);
                let part = rows.fold(format!("{header}\n"), |text, (_, line)| text + line + "\n");
                std::fs::write(own.join(format!("{file}-part{ggd}.csv")), part).unwrap();
            }
        }
        for ggd in 0..3 {
            let (data, to) = (format!("ggd{ggd}"), format!("part{ggd}.moments"));
            wijkpeil_in(place.path(), &["tally", &pipeline, "--data", &data, "--to", &to]).exits(0);
        }
        // Who merges has no row of anybody.
        let merge = ["merge", "part2.moments", "part0.moments", "part1.moments", &pipeline, "--out", "merged"];
        let merged = release(place.path(), &wijkpeil_in(place.path(), &merge).exits(0));
        for ggd in 0..3 {
            for file in files {
                let name = format!("{file}-part{ggd}.csv");
                std::fs::copy(place.path().join(format!("ggd{ggd}")).join(&name), folder.join(&name)).unwrap();
            }
        }
        let (_, all) = place.run(&pipeline, "all", &[]);
        assert_eq!(all.file_name(), merged.file_name());
        same(&all, &merged);
        // The same respondents twice are the same file twice.
        let twice = ["merge", "part0.moments", "part0.moments", "part1.moments", &pipeline, "--out", "twice"];
        let said = wijkpeil_in(place.path(), &twice).exits(11);
        assert!(said.err.contains("error[ingest-same-file]"), "{}", said.err);
    }
}

#[test]
fn moments_of_other_definitions_are_refused_and_damage_is_seen() {
    let place = Copied::new();
    let gmvo = "pipelines/gmvo.toml";
    wijkpeil_in(place.path(), &["tally", gmvo, "--to", "a.moments"]).exits(0);
    let bytes = std::fs::read(place.path().join("a.moments")).unwrap();
    let mut damaged = bytes.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(place.path().join("damaged.moments"), damaged).unwrap();
    let said = wijkpeil_in(place.path(), &["merge", "damaged.moments", gmvo, "--out", "m"]).exits(11);
    assert!(said.err.contains("error[merge-no-moments]"), "{}", said.err);
    let said = wijkpeil_in(place.path(), &["merge", "a.moments", "pipelines/gmvo-series.toml", "--out", "m"]).exits(11);
    assert!(said.err.contains("error[merge-"), "{}", said.err);
    let path = place.path().join(gmvo);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("confidence = 0.95", "confidence = 0.90")).unwrap();
    let said = wijkpeil_in(place.path(), &["merge", "a.moments", gmvo, "--out", "m"]).exits(11);
    assert!(said.err.contains("error[merge-other-basis]"), "{}", said.err);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(place.path().join("a.moments")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
