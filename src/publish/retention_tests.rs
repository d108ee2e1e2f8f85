use super::*;
use crate::publish::make_current;

const HOUR: i64 = 3600;

/// An output folder with releases that hold nothing but a manifest.
fn out(ids: &[&str]) -> tempfile::TempDir {
    let out = tempfile::tempdir().unwrap();
    ids.iter().for_each(|id| release(out.path(), id));
    out
}

fn release(out: &Path, id: &str) {
    let folder = out.join(RELEASES).join(id);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("manifest.json"), "{}").unwrap();
}

fn there(out: &Path) -> Vec<String> {
    entries(&out.join(RELEASES)).unwrap().into_iter().map(|(name, ..)| name).collect()
}

/// Makes a release current and tidies, as a run does.
fn night(out: &Path, id: &str, retention: &Retention, now: i64) -> Tidied {
    release(out, id);
    make_current(out, id, Audience::Internal).unwrap();
    tidy(out, Some(retention), now, Audience::Internal).unwrap()
}

const TWO: Retention = Retention { keep: 2, minimum_age: 10 * HOUR, maximum_age: None };

#[test]
fn a_release_goes_when_it_has_not_been_current_for_the_declared_time() {
    let out = out(&[]);
    // `a` is older than the declared time when it stops being current, and a reader may just have begun with it.
    for (id, now) in [("a", 0), ("b", 100 * HOUR), ("c", 101 * HOUR), ("c", 109 * HOUR)] {
        assert_eq!(night(out.path(), id, &TWO, now).removed, Vec::<String>::new(), "{id} {now}");
    }
    assert_eq!(night(out.path(), "c", &TWO, 111 * HOUR).removed, ["a"]);
    assert_eq!(there(out.path()), ["b", "c"]);
    assert_eq!(night(out.path(), "c", &TWO, 999 * HOUR).removed, Vec::<String>::new(), "two are kept");
}

#[test]
fn age_alone_pulls_within_the_number_that_is_kept() {
    let out = out(&["a", "b"]);
    let both = Retention { keep: 9, minimum_age: HOUR, maximum_age: Some(24 * HOUR) };
    night(out.path(), "b", &both, 0);
    assert_eq!(night(out.path(), "b", &both, 24 * HOUR).removed, Vec::<String>::new());
    assert_eq!(night(out.path(), "b", &both, 24 * HOUR + 1).removed, ["a"]);
    assert_eq!(night(out.path(), "b", &both, 9999 * HOUR).removed, Vec::<String>::new(), "never the current one");
}

#[test]
fn a_lease_holds_a_release_until_its_time_is_over() {
    let out = out(&["a", "b"]);
    let one = Retention { keep: 1, minimum_age: 0, maximum_age: None };
    fs::create_dir(out.path().join(READERS)).unwrap();
    fs::write(out.path().join("readers/shiny"), format!("{{\"release\": \"a\", \"until\": {}}}", 5 * HOUR)).unwrap();
    let held = night(out.path(), "b", &one, 5 * HOUR);
    assert_eq!((held.removed, held.held), (Vec::new(), vec!["a".to_owned()]));
    assert_eq!(night(out.path(), "b", &one, 5 * HOUR + 1).removed, ["a"]);
}

#[test]
fn a_lease_that_nobody_can_read_stops_the_pulling() {
    let out = out(&["a", "b"]);
    let one = Retention { keep: 1, minimum_age: 0, maximum_age: None };
    fs::create_dir(out.path().join(READERS)).unwrap();
    fs::write(out.path().join("readers/shiny"), "a until tomorrow").unwrap();
    let tidied = night(out.path(), "b", &one, 0);
    assert_eq!((tidied.removed, tidied.unreadable.as_deref()), (Vec::new(), Some("shiny")));
    assert_eq!(there(out.path()), ["a", "b"]);
}

#[test]
fn a_clock_that_is_set_back_makes_readers_safer_and_never_less() {
    let out = out(&["a", "b", "c"]);
    night(out.path(), "c", &TWO, 1000 * HOUR);
    // An hour of the year before: the wait begins again, and once more with the next night.
    for now in [0, 9 * HOUR, 18 * HOUR] {
        assert_eq!(night(out.path(), "c", &TWO, now).removed, Vec::<String>::new(), "{now}");
    }
    assert_eq!(night(out.path(), "c", &TWO, 19 * HOUR).removed.len(), 1);
}

/// Three releases of one hour after the other; the clock says 1970 for one night, and is right again.
#[test]
fn a_clock_that_was_slow_for_a_night_keeps_the_order_and_shortens_no_wait() {
    let out = out(&[]);
    for (id, hour) in [("c", 1000), ("b", 1001), ("a", 1002), ("z", 1003)] {
        assert_eq!(night(out.path(), id, &TWO, hour * HOUR).removed, Vec::<String>::new());
    }
    // `a` stopped at 1003, `c` two hours earlier. In 1970 `z` stops as well.
    assert_eq!(night(out.path(), "y", &TWO, 0).removed, Vec::<String>::new());
    assert_eq!(night(out.path(), "y", &TWO, 1004 * HOUR).removed, Vec::<String>::new());
    // The last times, of `a` and `z`, became 1004, and `c` has waited for two hours more.
    assert_eq!(night(out.path(), "y", &TWO, 1012 * HOUR).removed, ["c"]);
    assert_eq!(night(out.path(), "y", &TWO, 1013 * HOUR).removed, ["b"]);
    assert_eq!(night(out.path(), "y", &TWO, 1014 * HOUR).removed.len(), 1);
}

#[test]
fn leftovers_go_and_what_is_not_ours_stays() {
    let out = out(&["a", ".b.partial-17", ".c.pulled-18", "notes", ".hidden"]);
    fs::remove_file(out.path().join("releases/notes/manifest.json")).unwrap();
    fs::write(out.path().join(".current.json.tmp"), "{").unwrap();
    fs::write(out.path().join("mine.tmp"), "x").unwrap();
    make_current(out.path(), "a", Audience::Internal).unwrap();
    let zero = Retention { keep: 1, minimum_age: 0, maximum_age: Some(0) };
    assert_eq!(tidy(out.path(), Some(&zero), 9, Audience::Internal).unwrap(), Tidied::default());
    assert_eq!(there(out.path()), [".hidden", "a", "notes"]);
    assert!(out.path().join("mine.tmp").exists() && !out.path().join(".current.json.tmp").exists());
}
