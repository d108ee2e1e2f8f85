//! Gates: a release that does not pass is not published, the old one stays, and a report says what failed where.

use serde_json::Value;

use super::place::Place;

/// The good pipeline with one release, and a gate for the next night.
fn place(gate: &str) -> (Place, String) {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.another("The next night");
    let path = place.path().join("pipeline.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, format!("{text}\n[gate]\n{gate}\n")).unwrap();
    (place, old)
}

fn report(place: &Place) -> Value {
    serde_json::from_slice(&std::fs::read(place.out().join("gates.json")).unwrap()).unwrap()
}

/// The six respondents of the good pipeline are below its floor, so nothing is shown but `not_measured` and `suppressed`.
#[test]
fn each_gate_keeps_the_old_release_and_says_what_failed_where() {
    for (gate, subject) in [
        ("minimum-respondents = 7", "monitor-2022"),
        ("maximum-unknown = 0.0", "carer of monitor-2022"),
        ("expected-regions = [\"GM9001\"]", "GM9001"),
        ("required-parameters = [\"carer\"]", "carer"),
        ("maximum-input-age-days = 3", "monitor-2022"),
    ] {
        let (place, old) = place(gate);
        let file = place.path().join("data/respondents.csv");
        let days = std::time::Duration::from_secs(5 * 24 * 3600);
        let long_ago = std::time::SystemTime::now() - days;
        std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
        let said = place.run(&[]).exits(12);
        let key = gate.split(' ').next().unwrap();
        assert!(said.err.contains(&format!("error[gate-failed]: {key} of {subject}")), "{gate}\n{}", said.err);
        assert!(said.err.contains("nothing was changed") && said.out.is_empty(), "{}", said.err);
        assert_eq!(place.current(), old, "{gate}");
        place.is_swept();
        let report = report(&place);
        assert_eq!(report["passed"], false);
        let failed: Vec<&Value> =
            report["gates"].as_array().unwrap().iter().filter(|row| row["verdict"] == "failed").collect();
        assert!(failed.iter().any(|row| row["gate"] == key && row["subject"] == subject), "{report}");
        // Six respondents are too few to be told.
        if key == "minimum-respondents" || key == "maximum-unknown" {
            assert!(failed.iter().all(|row| row["measured"].is_null()), "{report}");
        }
    }
}

#[test]
fn gates_that_hold_let_the_release_through() {
    let (place, old) = place("minimum-respondents = 6\nmaximum-unknown = 0.9\nmaximum-input-age-days = 3");
    place.run(&[]).exits(0);
    assert_ne!(place.current(), old);
    assert_eq!(report(&place)["passed"], true);
}

/// Nothing changed, and that is what is wrong: the delivery of the file stopped.
#[test]
fn an_unchanged_night_still_asks_how_old_the_inputs_are() {
    let (place, _) = place("maximum-input-age-days = 3");
    place.run(&[]).exits(0);
    let new = place.current();
    let file = place.path().join("data/respondents.csv");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(5 * 24 * 3600);
    std::fs::File::options().write(true).open(file).unwrap().set_modified(long_ago).unwrap();
    place.run(&[]).exits(12);
    assert_eq!(place.current(), new);
}

#[test]
fn a_figure_that_jumps_is_held_back() {
    let place = Place::new();
    let sample = crate::cli::support::root();
    crate::cli::support::copy(&sample.join("pipelines"), &place.path().join("pipelines"));
    crate::cli::support::copy(&sample.join("sample-data"), &place.path().join("sample-data"));
    let path = place.path().join("pipelines/gmvo.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n[gate]\nmaximum-change = 0.05\n")).unwrap();
    let run = || crate::cli::support::wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml", "--out", "out"]);
    run().exits(0);
    let old = place.current();
    // A file that was cut off: shares of small wijken jump when two thirds of the rows are gone.
    let data = place.path().join("sample-data/gmvo-2022.csv");
    let text = std::fs::read_to_string(&data).unwrap();
    let rest: String = text
        .lines()
        .enumerate()
        .filter(|(row, _)| *row == 0 || row % 3 == 1)
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    std::fs::write(&data, rest).unwrap();
    let said = run().exits(12);
    assert!(said.err.contains("error[gate-failed]: maximum-change of "), "{}", said.err);
    assert_eq!(place.current(), old);
    let report = report(&place);
    let failed = report["gates"].as_array().unwrap().iter().filter(|row| row["gate"] == "maximum-change");
    for row in failed.filter(|row| !row["measured"].is_null()) {
        assert!(row["measured"].as_f64().unwrap() > 0.05, "{row}");
    }
}
