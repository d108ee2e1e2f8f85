//! The N-th file operation fails, for N = 1, 2, 3 … until the run succeeds.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use wijkpeil::publish::{Operation, Verdict, watch};

use super::place::{Place, number};
use super::rounds;

/// How an operation goes wrong.
const KINDS: [&str; 5] = ["eio", "enospc", "short", "exdev", "kill"];

/// The run of the program in a process of its own, started by [`Place::run_with`] in the folder of the pipeline.
///
/// `WIJKPEIL_FAULT` is `<kind> <N>`, or `trace`: then every operation goes to `trace.txt`.
#[expect(clippy::exit, reason = "the process is only this run, and its exit code is what its parent asks for")]
#[test]
#[ignore = "started by the tests of this file, in a process of its own"]
fn child() {
    let Ok(fault) = std::env::var("WIJKPEIL_FAULT") else { return };
    let mut words = fault.split(' ');
    let kind = words.next().unwrap().to_owned();
    let wanted: usize = words.next().map_or(0, |number| number.parse().unwrap());
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static TRACE: Mutex<String> = Mutex::new(String::new());
    assert!(watch(Box::new(move |operation, path| {
        let count = COUNT.fetch_add(1, Ordering::SeqCst) + 1;
        let fail = |code| Verdict::Fail(io::Error::from_raw_os_error(code));
        match kind.as_str() {
            "trace" => {
                writeln!(TRACE.lock().unwrap(), "{operation:?}\t{}", path.display()).unwrap();
                Verdict::Go
            }
            // A full disk stays full.
            "full" if count >= wanted && needs_room(operation) => fail(28),
            _ if count != wanted => Verdict::Go,
            "eio" => fail(5),
            "enospc" if needs_room(operation) => fail(28),
            "exdev" if operation == Operation::Rename => fail(18),
            "short" if operation == Operation::Write => Verdict::Half,
            "kill" => {
                let own = std::process::id().to_string();
                Command::new("kill").args(["-9", &own]).status().unwrap();
                unreachable!("the process is gone")
            }
            _ => Verdict::Go,
        }
    })));
    let arguments = ["wijkpeil", "run", "pipeline.toml", "--out", "out", "--threads", "1"];
    let exit = number(wijkpeil::cli::run(arguments.map(std::ffi::OsString::from)));
    let trace = TRACE.lock().unwrap();
    if !trace.is_empty() {
        std::fs::write("trace.txt", trace.as_str()).unwrap();
    }
    // The count tells the hunt when it is over.
    std::fs::write("count.txt", COUNT.load(Ordering::SeqCst).to_string()).unwrap();
    std::process::exit(exit);
}

/// Operations that a full disk refuses.
fn needs_room(operation: Operation) -> bool {
    use Operation as O;
    matches!(operation, O::Create | O::CreateFolder | O::Write | O::Flush | O::FlushFolder | O::Link)
}

/// After a night with a fault: what is current is the old release or the new one, whole, and the next night succeeds.
#[track_caller]
fn recovers(place: &Place, old: &str, new: &str, what: &str, exit: Option<i32>, said: &str) {
    let current = place.current();
    assert!([old, new].contains(&current.as_str()), "{what}");
    match exit {
        Some(0) => assert_eq!(current, new, "{what}"),
        // Every fault is one of the output: the code of a defect or of a panic would be a lie.
        Some(code) => assert_eq!(code, 13, "{what}\n{said}"),
        None => {}
    }
    place.run(&[]).exits(0);
    assert_eq!(place.current(), new, "{what}");
    place.is_swept();
    assert!(!place.out().join("releases").join(old).exists(), "{what}: the old release is pulled in the end");
}

#[test]
fn whichever_file_operation_fails_current_is_whole_and_the_next_night_succeeds() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.keep();
    place.another("The next night");
    let (exit, _) = place.run_with("trace");
    assert_eq!(exit, Some(0));
    let new = place.current();
    assert_ne!(old, new);
    let total = std::fs::read_to_string(place.path().join("count.txt")).unwrap().parse::<usize>().unwrap();
    let (mut runs, mut failed) = (0, 0);
    for (place_in_kinds, kind) in KINDS.into_iter().enumerate() {
        // Here every 13th operation, each kind beginning at another; in the full check all of them.
        let step = rounds(13, 1);
        let first = 1 + if step == 1 { 0 } else { place_in_kinds * 3 };
        for wanted in (first..).step_by(step) {
            place.restore();
            let fault = format!("{kind} {wanted}");
            let _ = std::fs::remove_file(place.path().join("count.txt"));
            let (exit, said) = place.run_with(&fault);
            recovers(&place, &old, &new, &fault, exit, &said);
            runs += 1;
            failed += usize::from(exit != Some(0));
            // Cleaning up after a fault takes operations of its own, so the end is where the fault is no longer reached.
            let done = std::fs::read_to_string(place.path().join("count.txt"));
            if exit == Some(0) && done.is_ok_and(|done| done.parse::<usize>().unwrap() < wanted) {
                break;
            }
            assert!(wanted < total * 2, "{fault}: no end of the operations");
        }
    }
    println!("{runs} faults at {total} operations, {failed} runs stopped by theirs");
    assert!(failed > 10);
}

#[test]
fn a_disk_that_is_full_from_some_moment_on_leaves_the_old_release() {
    let place = Place::new();
    place.run(&[]).exits(0);
    let old = place.current();
    place.keep();
    place.another("The next night");
    place.run(&[]).exits(0);
    let new = place.current();
    for wanted in (1..120).step_by(rounds(17, 1)) {
        place.restore();
        let fault = format!("full {wanted}");
        let (exit, said) = place.run_with(&fault);
        recovers(&place, &old, &new, &fault, exit, &said);
    }
}

/// What a rename makes visible is on the disk before, and the name itself is on the disk before anything rests on it.
#[test]
fn every_rename_stands_between_a_flush_of_what_it_names_and_one_of_its_folder() {
    let place = Place::new();
    place.run(&[]).exits(0);
    place.another("The next night");
    assert_eq!(place.run_with("trace").0, Some(0));
    let trace = std::fs::read_to_string(place.path().join("trace.txt")).unwrap();
    let steps: Vec<(&str, &Path)> =
        trace.lines().map(|line| line.split_once('\t').unwrap()).map(|(o, p)| (o, Path::new(p))).collect();
    let mut renames = 0;
    for (at, (operation, path)) in steps.iter().enumerate() {
        match *operation {
            // The cache is not flushed: it is never read without its hash, and may be gone.
            "Rename" if path.starts_with("out.cache") => {}
            "Rename" if path.extension().is_some_and(|end| end == "tmp") => {
                let written = steps[..at].iter().rposition(|(o, p)| *o == "Write" && p == path);
                let flushed = steps[..at].iter().rposition(|(o, p)| *o == "Flush" && p == path);
                // The link `current` is not a file that is written.
                let is_link = steps[..at].iter().any(|(o, p)| *o == "Link" && p == path);
                assert!(is_link || flushed > written, "{}: renamed before it is flushed", path.display());
                let folder = path.parent().unwrap();
                let after = steps[at..].iter().position(|(o, p)| *o == "FlushFolder" && *p == folder);
                assert!(after.is_some(), "{}: the new name is never flushed", path.display());
                renames += 1;
            }
            "Rename" => {
                // A release that gets its name or loses it: everything in it was flushed, and so is the list of releases, at once.
                let inside: Vec<usize> =
                    (0..at).filter(|at| steps[*at].1.starts_with(path) && steps[*at].0 == "Rename").collect();
                for renamed in inside {
                    let folder = steps[renamed].1.parent().unwrap();
                    let flushed = steps[renamed..at].iter().any(|(o, p)| *o == "FlushFolder" && *p == folder);
                    assert!(
                        flushed,
                        "{}: its folder is not flushed before the release has a name",
                        steps[renamed].1.display()
                    );
                }
                assert_eq!(steps[at + 1], ("FlushFolder", path.parent().unwrap()));
                renames += 1;
            }
            _ => {}
        }
    }
    assert!(renames > 15, "{renames}");
    let current = steps.iter().position(|(o, p)| *o == "Rename" && p.ends_with(".current.json.tmp")).unwrap();
    let release = steps.iter().position(|(o, p)| *o == "Rename" && p.to_string_lossy().contains(".partial-")).unwrap();
    assert!(release < current);
}
