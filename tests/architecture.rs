//! The drawing in `src/lib.rs` holds: what each layer may know, and who may print, write and publish.
//!
//! The checks read the sources as text. What the compiler sees to by itself (private fields, missing crates) is not checked again.

mod source;

use std::collections::BTreeMap;
use std::path::Path;

use source::{Source, sources};

/// Lines of a file; beyond it there is a seam to be found.
const LONGEST: usize = 400;

/// Files that are longer, up to how long, and why one file is still right.
const LONG: &[(&str, usize, &str)] = &[("src/declare/reader.rs", 520, "the getters of one type, all of one shape")];

/// Crates that only some places know, and why.
const CRATES: &[(&str, &[&str], &str)] = &[
    (
        "polars",
        &["src/ingest/columns.rs"],
        "data frames are a way of reading CSV, and one file changes with their version",
    ),
    ("rusqlite", &["src/ingest/geopackage.rs"], "a map may be a database; nothing else here is"),
    ("arrow", &["src/publish/"], "the way out"),
    ("parquet", &["src/publish/"], "the way out"),
    (
        "rayon",
        &["src/tally/", "src/publish/", "src/plan/", "src/cli/verbs.rs"],
        "work fans out in tally and publish and where plan runs files side by side; cli sets the number of threads",
    ),
    ("clap", &["src/cli/"], "verbs take plain values"),
    ("clap_complete", &["src/cli/install.rs"], "completions are printed with the other files of an installation"),
    ("clap_mangen", &["src/cli/install.rs"], "the man page is printed with the other files of an installation"),
    ("indicatif", &["src/cli/"], "only cli knows a terminal"),
    ("chrono", &["src/cli/"], "the one clock is handed down"),
    ("toml", &["src/declare/"], "definitions are read in one place"),
    ("serde_json", &["src/publish/", "src/ingest/shapes.rs"], "JSON is the manifest and the map of a model"),
    (
        "serde",
        &["src/vocab/", "src/disclose/", "src/estimate/support.rs", "src/plan/settled.rs", "src/plan/over_time.rs"],
        "for what a night keeps for the next one; tables of TOML are walked by hand, so that every fault keeps its place",
    ),
    ("postcard", &["src/plan/settled.rs", "src/publish/reuse.rs"], "bytes of what a night keeps for the next one"),
    ("statrs", &["src/stats/"], "distributions are arithmetic"),
    ("rand_chacha", &["src/stats/model/draws.rs"], "chance with a seed, for draws of a posterior alone"),
    ("annotate_snippets", &["src/finding/"], "findings are rendered in one place"),
];

/// Words of the standard library that only some places may say, and why.
const WORDS: &[(&str, &[&str], &str)] = &[
    ("println", &["src/cli/"], "only cli prints"),
    ("eprintln", &["src/cli/"], "only cli prints"),
    ("print", &["src/cli/"], "only cli prints"),
    ("eprint", &["src/cli/"], "only cli prints"),
    ("dbg", &[], "a trace of debugging"),
    ("todo", &[], "work without an issue"),
    ("unimplemented", &[], "work without an issue"),
    ("stdout", &["src/cli/"], "only cli prints"),
    ("stderr", &["src/cli/"], "only cli prints"),
    ("stdin", &[], "a job has no standard input"),
    ("exit", &[], "cli hands an exit code to main, which returns it"),
    ("abort", &[], "cli hands an exit code to main, which returns it"),
    ("env", &["src/cli/", "src/main.rs"], "a release depends on files and definitions, not on the surroundings"),
    ("Instant", &["src/cli/"], "no clock in what is computed"),
    (
        "SystemTime",
        &["src/ingest/file.rs"],
        "no clock in what is computed; a file that changes under the reader is noticed by its stamp",
    ),
    (
        "fs",
        &["src/declare/load.rs", "src/ingest/file.rs", "src/publish/"],
        "files are touched where they are read and written",
    ),
    ("File", &["src/ingest/file.rs", "src/publish/"], "files are touched where they are read and written"),
    ("OpenOptions", &["src/publish/disk.rs"], "every file operation of publishing can be made to fail by a test"),
    ("unsafe", &[], "nothing here needs it"),
];

/// The rows of the table in `src/lib.rs`: layer and modules, in the order of the table.
fn layers(map: &str) -> Vec<(u32, Vec<String>)> {
    let mut layers = Vec::new();
    for line in map.lines().filter_map(|line| line.strip_prefix("//! |")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Ok(layer) = cells[0].parse() else { continue };
        layers.push((layer, cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect()));
    }
    layers
}

/// Imports that go up, or sideways past the stage before.
fn wrong_imports(files: &[Source], layers: &[(u32, Vec<String>)]) -> Vec<String> {
    let place = |module: &str| {
        layers.iter().find_map(|(layer, modules)| {
            modules.iter().position(|name| name == module).map(|position| (*layer, position))
        })
    };
    // Only the stages of one layer stand in an order, in which each takes what the one before it hands over.
    let stages = |layer: u32| layer == 3;
    let mut found = Vec::new();
    for file in files {
        let Some(own) = file.module() else { continue };
        let Some((layer, position)) = place(own) else { continue };
        for (at, named) in file.modules_named() {
            let what = format!("{}:{}: `{own}` imports `{named}`", file.path, file.line_of(at));
            match place(named) {
                _ if named == own => {}
                None => found.push(format!("{what}, which is no module of the table in src/lib.rs")),
                Some((other, _)) if other < layer => {}
                Some((other, before)) if other == layer && stages(layer) && before + 1 == position => {}
                Some((other, _)) if other == layer => found.push(format!("{what}, its neighbour in layer {layer}")),
                Some((other, _)) => found.push(format!("{what}, which is above it (layer {other} over {layer})")),
            }
        }
        for at in file.words("super") {
            let climbed = file.code[at..].trim_start_matches("super::");
            let name: String = climbed.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if place(&name).is_some() && file.code[at..].starts_with("super::super::") && name != own {
                found.push(format!(
                    "{}:{}: write `crate::{name}`, so that it can be seen",
                    file.path,
                    file.line_of(at)
                ));
            }
        }
    }
    found
}

/// Crates and words where they may not stand.
fn wrong_words(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let allowed = |places: &[&str]| places.iter().any(|place| file.path.starts_with(place));
        for (name, places, why) in CRATES.iter().filter(|(_, places, _)| !allowed(places)) {
            let wheres = if places.is_empty() { "nowhere".to_owned() } else { places.join(", ") };
            found.extend(
                file.crate_uses(name).map(|at| {
                    format!("{}:{}: crate `{name}` ({why}; allowed in: {wheres})", file.path, file.line_of(at))
                }),
            );
        }
        for (word, _, why) in WORDS.iter().filter(|(_, places, _)| !allowed(places)) {
            let called = |at: &usize| {
                let after = file.code[at + word.len()..].trim_start();
                let macros = ["println", "eprintln", "print", "eprint", "dbg", "todo", "unimplemented"];
                let paths = ["env", "fs", "File", "OpenOptions", "Instant", "SystemTime"];
                let calls = ["stdout", "stderr", "stdin"];
                match *word {
                    "exit" | "abort" => file.code[..*at].ends_with("process::"),
                    word if macros.contains(&word) => after.starts_with('!'),
                    word if paths.contains(&word) => {
                        after.starts_with("::") || file.code[..*at].trim_end().ends_with("std::")
                    }
                    word if calls.contains(&word) => after.starts_with('('),
                    _ => true,
                }
            };
            let places: Vec<usize> = file.words(word).filter(called).collect();
            found.extend(places.into_iter().map(|at| format!("{}:{}: `{word}` ({why})", file.path, file.line_of(at))));
        }
    }
    found
}

/// Figures and the list of them that are made elsewhere than in `disclose`.
fn other_doors(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("src/")) {
        let within = file.module() == Some("disclose");
        // Figures that publish is tested with.
        let of_tests = file.path == "src/publish/fixture.rs" || file.path.ends_with("_tests.rs");
        if within || of_tests {
            continue;
        }
        for name in ["Publishable", "Figure", "Comparison", "Comparisons"] {
            // An error about a figure bears its name.
            let is_error =
                |at: &usize| file.path == "src/publish/error.rs" || file.code[..*at].ends_with("PublishError::");
            let places = file.built(name).filter(|at| !is_error(at));
            found.extend(places.map(|at| format!("{}:{}: builds a `{name}`", file.path, file.line_of(at))));
        }
        for at in file.words("from_figures") {
            found.push(format!("{}:{}: calls `from_figures`", file.path, file.line_of(at)));
        }
    }
    let door = files.iter().find(|file| file.path == "src/disclose/mod.rs");
    let code = door.map_or("", |file| file.code.as_str());
    let body = code.split_once("struct Publishable {").and_then(|(_, rest)| rest.split_once('}'));
    match body {
        None => found.push("src/disclose/mod.rs: `struct Publishable { … }` is not there".to_owned()),
        Some((fields, _)) if fields.contains("pub") => {
            found.push("src/disclose/mod.rs: a field of `Publishable` is public".to_owned());
        }
        Some(_) => {}
    }
    let constructor = code.find("fn from_figures").map(|at| code[..at].trim_end());
    if constructor.is_none_or(|before| before.ends_with("pub") || before.ends_with(')')) {
        found.push("src/disclose/mod.rs: `from_figures` is not private".to_owned());
    }
    found
}

fn too_long(files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let limit = LONG.iter().find(|(path, _, _)| *path == file.path).map(|(_, limit, _)| *limit);
        match (limit, file.lines()) {
            (None, lines) if lines > LONGEST => {
                found.push(format!("{}: {lines} lines, {LONGEST} are the limit: look for a seam", file.path));
            }
            (Some(limit), lines) if lines > limit => {
                found.push(format!("{}: {lines} lines, more than its exception of {limit}", file.path));
            }
            (Some(_), lines) if lines <= LONGEST => {
                found.push(format!("{}: {lines} lines, no exception needed: remove it from LONG", file.path));
            }
            _ => {}
        }
    }
    let gone = LONG.iter().filter(|(path, ..)| !files.iter().any(|file| file.path == *path));
    found.extend(gone.map(|(path, ..)| format!("{path}: an exception for a file that is not there")));
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_table_names_every_module_once() {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let mut drawn: Vec<String> = layers(&map).into_iter().flat_map(|(_, modules)| modules).collect();
    let declared = map.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    let mut declared: Vec<String> = declared.map(str::to_owned).collect();
    let folders = std::fs::read_dir(root().join("src")).unwrap().map(Result::unwrap);
    let folders = folders.filter(|entry| entry.path().is_dir());
    let mut folders: Vec<String> = folders.map(|entry| entry.file_name().into_string().unwrap()).collect();
    drawn.sort();
    declared.sort();
    folders.sort();
    assert_eq!(drawn, declared, "the table and the modules of src/lib.rs");
    assert_eq!(drawn, folders, "the table and the folders of src");
}

#[test]
fn imports_go_down() {
    let map = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    none(&wrong_imports(&sources(root(), &["src"]), &layers(&map)));
}

#[test]
fn crates_and_words_stand_where_they_may() {
    none(&wrong_words(&sources(root(), &["src"])));
    let others = sources(root(), &["tests", "examples", "benches"]);
    let uses =
        others.iter().flat_map(|file| file.words("unsafe").map(|at| format!("{}:{}", file.path, file.line_of(at))));
    none(&uses.collect::<Vec<_>>());
}

#[test]
fn disclose_is_the_only_door() {
    none(&other_doors(&sources(root(), &["src"])));
}

#[test]
fn files_are_short() {
    none(&too_long(&sources(root(), &["src", "examples"])));
}

/// The checks see what they are for: one planted violation each.
#[test]
fn planted_violations_are_found() {
    let map = "//! | 5 | [`cli`] | x |\n//! | 3 | [`ingest`] [`derive`] [`tally`] | x |\n//! | 2 | [`declare`] [`stats`] | x |";
    let layers = layers(map);
    let file = |path: &str, text: &str| vec![Source::new(path, text)];
    let imports = |path: &str, text: &str| wrong_imports(&file(path, text), &layers).len();
    assert_eq!(imports("src/stats/a.rs", "use crate::ingest::A;"), 1, "up");
    assert_eq!(imports("src/stats/a.rs", "use crate::{\n    declare::A,\n};"), 1, "a neighbour below the stages");
    assert_eq!(imports("src/tally/a.rs", "use crate::ingest::A;"), 1, "past the stage before");
    assert_eq!(imports("src/ingest/a.rs", "use crate::derive::A;"), 1, "the stage after");
    assert_eq!(imports("src/tally/a.rs", "fn f(x: super::super::cli::A) {}"), 1, "by another road");
    assert_eq!(imports("src/tally/a.rs", "use crate::nowhere::A;"), 1, "not in the table");
    assert_eq!(imports("src/tally/a.rs", "use crate::derive::A; // crate::cli\nuse crate::stats::B;"), 0);

    let words = |path: &str, text: &str| wrong_words(&file(path, text)).len();
    assert_eq!(words("src/derive/a.rs", "use polars::prelude::A;"), 1);
    assert_eq!(words("src/ingest/a.rs", "fn f() { ::rayon::join(a, b) }"), 1);
    assert_eq!(words("src/tally/a.rs", "use parquet::A;\nuse super::parquet::B;"), 1);
    assert_eq!(words("src/plan/a.rs", "fn f() { println!(\"x\"); std::process::exit(1) }"), 2);
    assert_eq!(words("src/stats/a.rs", "use std::fs;\nuse std::{env, io};\nfn f() { env::var(a) }"), 2);
    assert_eq!(words("src/stats/a.rs", "/// println!\nfn f() -> &'static str { \"unsafe dbg!\" }"), 0);
    let found = wrong_words(&file("src/plan/a.rs", "\n\nfn f() { unsafe {} }"));
    assert!(found[0].starts_with("src/plan/a.rs:3: `unsafe`"), "{found:?}");

    let door = "pub struct Publishable {\n    figures: Vec<Figure>,\n}\nimpl Publishable {\n    fn from_figures() -> Self {}\n}";
    let doors = |door: &str, text: &str| {
        other_doors(&[Source::new("src/disclose/mod.rs", door), Source::new("src/plan/a.rs", text)]).len()
    };
    assert_eq!(doors(door, "fn f() -> Publishable {\n x }"), 0);
    assert_eq!(doors(door, "fn f() -> A { g(Publishable { figures }) }"), 1);
    assert_eq!(doors(door, "fn f() -> A { Publishable::from_figures(figures) }"), 1);
    assert_eq!(doors(&door.replace("fn from", "pub(crate) fn from"), ""), 1);
    assert_eq!(doors(&door.replace("    figures", "    pub figures"), ""), 1);

    let long = too_long(&file("src/plan/a.rs", &"\n".repeat(LONGEST + 1)));
    assert_eq!(long.len(), 1 + LONG.len(), "{long:?}");
    let reasons: BTreeMap<_, _> = LONG.iter().map(|(path, _, why)| (path, why)).collect();
    assert!(reasons.len() == LONG.len() && reasons.values().all(|why| !why.is_empty()));
}
