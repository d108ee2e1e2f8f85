//! A clock that jumps: between nights, and in the middle of one.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wijkpeil::declare::load;
use wijkpeil::plan::{self, Outcome, RunOptions, Silent};

use super::place::Place;
use super::rounds;

const DAY: i64 = 24 * 3600;
/// 2026-11-27, 02:00.
const FIRST: i64 = 1_795_744_800;

/// A night with another title, at a moment that is given.
fn night(place: &Place, title: &str, now: i64) -> Outcome {
    place.another(title);
    let definitions =
        load(&place.path().join("pipeline.toml"), None).map_err(|findings| findings.render(false)).unwrap();
    let plan = plan::build(definitions).map_err(|findings| findings.render(false)).unwrap();
    let options = RunOptions {
        out: place.out(),
        force: false,
        // Other tests start programs, and between fork and exec these hold the lock of this process too.
        wait: true,
        cache: Some(place.path().join("out.cache")),
        made_at: format!("second {now}"),
        now,
    };
    let outcome = plan::run(&plan, &options, &Silent).map_err(|findings| findings.render(false)).unwrap();
    assert_eq!(place.current(), outcome.release);
    outcome
}

/// A battery that is flat gives 1970, a wrong server gives 2100. Every release stays for its declared hours by a clock that agrees with the nights
/// before, and nobody's night fails.
#[test]
fn a_clock_that_is_wrong_for_a_night_shortens_no_wait() {
    let place = Place::new();
    place.edit("pipeline.toml", "minimum-age-hours = 0", "minimum-age-hours = 48");
    let none = Vec::<String>::new();
    let first = night(&place, "first", FIRST).release;
    assert_eq!(night(&place, "second", FIRST + DAY).tidied.removed, none);
    // 1970, and right again: the wait of `first` begins with this night, and that of `second` and `third` too.
    assert_eq!(night(&place, "third", 0).tidied.removed, none);
    assert_eq!(night(&place, "fourth", FIRST + 3 * DAY).tidied.removed, none);
    assert_eq!(night(&place, "fourth", FIRST + 4 * DAY).tidied.removed, none);
    let removed = night(&place, "fourth", FIRST + 5 * DAY).tidied.removed;
    assert!(removed.len() == 3 && removed.contains(&first), "{removed:?}");
    // `fourth` stops in 2100, which is found out in the night after.
    let fourth = place.current();
    assert_eq!(night(&place, "fifth", FIRST + 27_000 * DAY).tidied.removed, none);
    for day in [6, 7, 8] {
        assert_eq!(night(&place, "fifth", FIRST + day * DAY).tidied.removed, none);
    }
    assert_eq!(night(&place, "fifth", FIRST + 9 * DAY).tidied.removed, [fourth]);
    // Nothing changed, whatever the clock says.
    for now in [0, FIRST + 27_000 * DAY, FIRST + 10 * DAY] {
        assert!(night(&place, "fifth", now).unchanged);
    }
    place.is_swept();
}

/// The library of Debian that gives a process another clock.
fn faketime() -> Option<&'static str> {
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"]
        .into_iter()
        .find(|path| Path::new(path).exists())
}

/// The wall clock jumps by years while the process runs; the clock that only counts goes on, as it does on a real machine.
#[test]
fn a_clock_that_jumps_while_a_night_runs_harms_nothing() {
    let Some(library) = faketime() else {
        eprintln!("SKIPPED: libfaketime is not here");
        return;
    };
    let place = Place::new();
    place.run(&[]).exits(0);
    let mut jumps = 0;
    for round in 0..rounds(6, 60) {
        let old = place.current();
        place.another(&format!("night {round}"));
        let clock = place.path().join("clock");
        let set = |offset: &str| {
            let next = place.path().join("clock.next");
            std::fs::write(&next, offset).unwrap();
            std::fs::rename(next, &clock).unwrap();
        };
        set("+0");
        let mut child = Command::new(env!("CARGO_BIN_EXE_wijkpeil"))
            .args(["run", "pipeline.toml", "--out", "out", "--events", "events.jsonl", "--metrics", "m.prom"])
            .current_dir(place.path())
            .env("LD_PRELOAD", library)
            .env("FAKETIME_TIMESTAMP_FILE", &clock)
            .env("FAKETIME_NO_CACHE", "1")
            .env("DONT_FAKE_MONOTONIC", "1")
            .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
            .env("NO_FAKE_STAT", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "a night under a jumping clock hangs");
            set(["+400d", "-400d", "+9000d", "-20000d"][jumps % 4]);
            jumps += 1;
            std::thread::sleep(Duration::from_micros(500));
        };
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
        assert_eq!(status.code(), Some(0), "{said}");
        assert_ne!(place.current(), old);
        place.is_swept();
    }
    println!("the clock jumped {jumps} times");
    assert!(jumps > 10, "{jumps}");
}
