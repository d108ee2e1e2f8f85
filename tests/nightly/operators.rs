//! What operators see of a night, and two nights at once.

use std::process::{Command, Stdio};

use serde_json::Value;

use super::place::Place;
use crate::cli::support::wijkpeil_in;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"))).collect()
}

#[test]
fn a_night_in_json_lines_has_its_beginning_its_stages_and_its_end() {
    let place = Place::new();
    let more =
        ["--log", "json", "--events", "events.jsonl", "--metrics", "wijkpeil.prom", "--lineage", "lineage.jsonl"];
    let said = place.run(&more).exits(0);
    let told = lines(&said.err);
    let events = lines(&std::fs::read_to_string(place.path().join("events.jsonl")).unwrap());
    let names = |list: &[Value]| list.iter().map(|line| line["event"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&told).first().map(String::as_str), Some("start"));
    assert_eq!(names(&told).last().map(String::as_str), Some("end"));
    let stages: Vec<&str> =
        events.iter().filter(|line| line["event"] == "stage-end").map(|line| line["stage"].as_str().unwrap()).collect();
    assert_eq!(stages, ["hash", "read", "estimate", "publish"]);
    // The file has the beginnings of stages too, which the log tells at level debug.
    assert!(names(&events).contains(&"stage-begin".to_owned()) && !names(&told).contains(&"stage-begin".to_owned()));
    let end = events.last().unwrap();
    assert_eq!((end["exit"].as_u64(), end["unchanged"].as_bool()), (Some(0), Some(false)));
    assert_eq!(end["release"], place.current());
    // Six rows are too few to be told.
    assert_eq!(end["rows"][0], serde_json::json!({ "source": "monitor-2022", "read": null, "used": null }));
    let metrics = std::fs::read_to_string(place.path().join("wijkpeil.prom")).unwrap();
    assert!(metrics.contains("\nwijkpeil_exit_code 0\n") && !metrics.contains("rows_read"), "{metrics}");
    let lineage = lines(&std::fs::read_to_string(place.path().join("lineage.jsonl")).unwrap());
    assert_eq!((&lineage[0]["eventType"], &lineage[1]["eventType"]), (&"START".into(), &"COMPLETE".into()));
    assert_eq!(lineage[0]["run"]["runId"], lineage[1]["run"]["runId"]);
    assert_eq!(lineage[0]["run"]["runId"].as_str().unwrap().len(), 36);
    assert!(lineage[1]["inputs"].as_array().unwrap().iter().any(|input| input["name"] == "respondents.csv"));
}

#[test]
fn levels_leave_out_what_is_below_them() {
    let place = Place::new();
    assert_eq!(place.run(&["--log-level", "warn"]).exits(0).err, "");
    std::fs::remove_file(place.path().join("data/respondents.csv")).unwrap();
    let said = place.run(&["--log-level", "error"]).exits(11);
    assert!(said.err.contains("error[ingest-no-file]"), "{}", said.err);
    let said = place.run(&["--log", "json", "--log-level", "debug"]).exits(11);
    let told = lines(&said.err);
    assert_eq!(told.last().unwrap()["exit"], 11);
    assert!(told.iter().any(|line| line["event"] == "error" && line["code"] == "ingest-no-file"), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn a_command_is_called_at_the_end_with_the_exit_code_and_no_shell() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let script = place.path().join("tell me; exit");
    std::fs::write(&script, "#!/bin/sh\necho \"$0 $1 $2\" > \"$(dirname \"$0\")/told\"\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700)).unwrap();
    let name = script.to_str().unwrap();
    let told = || std::fs::read_to_string(place.path().join("told")).unwrap();
    place.run(&["--on-success", name, "--on-failure", name]).exits(0);
    assert!(told().ends_with(&format!(" 0 {}\n", place.current())), "{}", told());
    std::fs::remove_file(place.path().join("data/respondents.csv")).unwrap();
    place.run(&["--on-success", name, "--on-failure", name]).exits(11);
    assert!(told().trim_end().ends_with(" 11"), "{}", told());
}

/// Many jobs on one folder: one works at a time, those that do not wait end with 14, and what is current is whole.
#[test]
fn of_two_jobs_at_once_one_waits_or_comes_back_later() {
    let place = Place::new();
    let start = |wait: bool| {
        let mut arguments = vec!["run", "pipeline.toml", "--out", "out", "--no-cache"];
        arguments.extend(wait.then_some("--wait"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wijkpeil"));
        command.args(arguments).current_dir(place.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    for _ in 0..5 {
        let mut jobs: Vec<_> = [true, false, true, false].map(start).into();
        let codes: Vec<i32> = jobs.iter_mut().map(|job| job.wait().unwrap().code().unwrap()).collect();
        assert_eq!((codes[0], codes[2]), (0, 0), "{codes:?}");
        assert!([codes[1], codes[3]].iter().all(|code| [0, 14].contains(code)), "{codes:?}");
        place.current();
        std::fs::remove_dir_all(place.out()).unwrap();
    }
}

/// A release is a folder: it can be copied to another machine and verified there, by us and by what every machine has.
#[test]
fn a_copied_release_verifies_where_it_is() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let elsewhere = tempfile::tempdir().unwrap();
    let copied = elsewhere.path().join("release");
    crate::cli::support::copy(&place.out().join("releases").join(place.current()), &copied);
    wijkpeil_in(elsewhere.path(), &["verify", "release"]).exits(0);
    if let Ok(status) =
        Command::new("sha256sum").args(["--check", "--quiet", "SHA256SUMS"]).current_dir(&copied).status()
    {
        assert!(status.success());
    }
    let codebook = copied.join("codebook.md");
    let text = std::fs::read_to_string(&codebook).unwrap();
    std::fs::write(codebook, text + " ").unwrap();
    wijkpeil_in(elsewhere.path(), &["verify", "release"]).exits(13);
}

/// What `print` writes for systemd is a unit file, as far as systemd itself is here to say so.
#[test]
fn the_printed_units_are_units() {
    let folder = tempfile::tempdir().unwrap();
    for (what, name) in [("systemd-service", "wijkpeil.service"), ("systemd-timer", "wijkpeil.timer")] {
        let said = wijkpeil_in(folder.path(), &["print", what, "--program", "/bin/true", "--user", "root"]).exits(0);
        std::fs::write(folder.path().join(name), said.out).unwrap();
    }
    let units = ["wijkpeil.service", "wijkpeil.timer"].map(|name| folder.path().join(name));
    match Command::new("systemd-analyze").arg("verify").args(&units).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => eprintln!("SKIPPED: systemd-analyze is not here"),
    }
    let cron = wijkpeil_in(folder.path(), &["print", "cron", "--at", "03:30"]).exits(0);
    assert!(cron.out.starts_with("30 3 * * * "), "{}", cron.out);
    wijkpeil_in(folder.path(), &["print", "cron", "--at", "25:00"]).exits(2);
}
