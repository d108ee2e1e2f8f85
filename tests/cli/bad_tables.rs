//! Bad tables, lists of regions and registers: each stops the run with its exit code, the file and, where there is one, the line, and
//! leaves nothing behind.
//!
//! The files are those of the good pipeline `regional.toml` with one thing wrong. What the program says about each lies in
//! `data/bad-tables`; a changed message is looked at, and then taken over with `INSTA_UPDATE=always cargo test bad_tables`.

use super::support::{Stage, each, release, root, rows, snapshot, texts, wijkpeil_in};

fn refuses(stage: &Stage, name: &str, exit: i32) {
    snapshot(&root().join("tests/data/bad-tables"), name, &format!("{}exit {exit}\n", stage.findings(exit)));
}

/// Name of the case, file, piece of it, replacement.
type Edit = (&'static str, &'static str, &'static str, &'static str);

const PIPELINE: &str = "regional.toml";
const KWB: &str = "data/kwb-2024.csv";
const MODEL: &str = "data/model.csv";
const RECODE: &str = "data/recode.csv";
const GGD: &str = "data/ggd.csv";
const POLICE: &str = "data/police.csv";

/// A list of the project takes the place of the table of 2022.
const LISTED: (&str, &str) = (
    "[[regions.table]]\nfile = \"kwb-2022.csv\"\nregion-year = 2022\ncode = \"Codering (code)\"\n\
     name = \"Wijken en buurten\"\npopulation = \"Inwoners (aantal)\"\n",
    "",
);

/// Faults of data: 11.
const DATA: &[Edit] = &[
    ("old-code-in-a-new-year", PIPELINE, "region-year = 2022\nrecode-to = 2024", "region-year = 2024"),
    ("code-that-no-recode-names", RECODE, "GM9003;GM9004;1\n", ""),
    ("numbers-instead-of-codes", PIPELINE, "region-digits = \"gemeente\"\n", ""),
    ("names-instead-of-codes", MODEL, "GM900", "Dorp "),
    ("names-of-regions-instead-of-codes", PIPELINE, "code = \"Codering (code)\"", "code = \"Wijken en buurten\""),
    ("measure-moved-in-the-header", KWB, "0 tot 15 jaar (aantal)", "0 tot 15 jaar (%)"),
    ("measure-moved-in-its-list", "data/model-measures.csv", "M001", "M002"),
    ("list-of-measures-without-its-column", "data/model-measures.csv", "Identifier", "Id"),
    ("list-of-periods-without-status", "data/model-periods.csv", "Status", "State"),
    ("list-of-codes-missing", PIPELINE, "model-periods.csv", "model-perioden.csv"),
    ("properties-of-another-table", "data/model-properties.csv", "00002NED", "00003NED"),
    ("gemeente-in-two-ggds", GGD, "GM9004;GG9902", "GM9004;GG9902\nGM9004;GG9901"),
    ("ggd-table-with-names", GGD, "GM9004", "Derde"),
    ("ggd-table-missing", PIPELINE, "\"ggd.csv\"", "\"ggds.csv\""),
    ("recode-parts-too-few", RECODE, "GM9002;GM9004;1", "GM9002;GM9004;0.9"),
    ("recode-of-two-levels", RECODE, "GM9002;GM9004;1", "GM9002;WK900400;1"),
    ("recode-to-nowhere", RECODE, "GM9002;GM9004;1", "GM9002;GM9005;1"),
    ("recode-without-inhabitants", "data/kwb-2022.csv", "3000", "."),
    ("region-twice-in-a-table", KWB, "GM9004    ", "GM9001    "),
    ("region-in-two-files", PIPELINE, "[regions]\n", "[regions]\nfile = \"regions-2022.csv\"\n"),
    ("region-list-with-a-fault", PIPELINE, LISTED.0, LISTED.1),
    ("region-change-without-meaning", KWB, "\"3\";4000", "\"4\";4000"),
    ("region-inhabitants-not-whole", KWB, "\"3\";4000", "\"3\";4000,5"),
    ("register-count-below-zero", POLICE, "9001;2022;30", "9001;2022;-7"),
    ("register-count-not-a-number", POLICE, "9001;2022;30", "9001;2022;<10"),
    ("register-row-twice", POLICE, "9001;2023;30", "9001;2022;30"),
    ("register-quarter", POLICE, "9001;2023;30", "9001;2023KW01;30"),
    ("register-gemeente-abolished", POLICE, "9004;2023;1", "9003;2023;1"),
];

/// Faults of definitions that show only beside the data: 10.
const DEFINITIONS: &[Edit] = &[
    ("year-without-regions", PIPELINE, "region-year = 2022\nrecode-to = 2024", "region-year = 2023"),
    (
        "estimate-without-the-parameter",
        PIPELINE,
        "parameters = [\"inhabitants\", \"lonely\", \"reports\",",
        "parameters = [\"inhabitants\", \"reports\",",
    ),
];

#[test]
fn a_bad_table_stops_with_its_place() {
    let cases = DATA.iter().map(|edit| (edit, 11)).chain(DEFINITIONS.iter().map(|edit| (edit, 10)));
    each(cases.map(|case| (case.0.0.to_owned(), case)), |name, ((_, file, from, to), exit)| {
        let stage = Stage::new(PIPELINE);
        if name == "region-in-two-files" {
            std::fs::copy(stage.path().join("data/regions.csv"), stage.path().join("data/regions-2022.csv")).unwrap();
        }
        if name == "region-list-with-a-fault" {
            stage.edit(PIPELINE, "[regions]\n", "[regions]\nfile = \"regions.csv\"\n");
            stage.edit("data/regions.csv", "GM9002;", "9002;");
        }
        if name == "estimate-without-the-parameter" {
            stage.edit(PIPELINE, "parameters = [\"inhabitants\", \"lonely\"]", "parameters = [\"inhabitants\"]");
        }
        stage.edit(file, from, to);
        refuses(&stage, name, exit);
    });
}

/// The good files make a release. 2022 is provisional as its list says; (3000·0.40 + 1000·0.36)/4000 = 0.39 in GM9004; 3 and 1 reports
/// are fewer than 5.
#[test]
fn the_good_tables_make_a_release() {
    let stage = Stage::new(PIPELINE);
    let said = wijkpeil_in(stage.path(), &["run", "regional.toml", "--out", "out"]).exits(0);
    let release = release(stage.path(), &said);
    let model = rows(&release.join("figures/model/2022/gemeente.parquet"));
    assert_eq!(texts(&model, "region"), ["GM9001", "GM9004"]);
    assert_eq!(texts(&model, "provisional"), ["true", "true"]);
    assert_eq!(texts(&model, "variant"), ["", "recoded-2022"]);
    let shares = super::support::numbers(&model, "value");
    assert_eq!(shares[0], Some(0.412));
    assert!((shares[1].unwrap() - 0.39).abs() < 1e-12, "{shares:?}");
    let police = rows(&release.join("figures/police/2022-2023/gemeente.parquet"));
    assert_eq!(texts(&police, "status"), ["ok", "suppressed", "ok", "suppressed"]);
    wijkpeil_in(stage.path(), &["verify", release.to_str().unwrap()]).exits(0);
}

/// A period that became final is another release, although no row of the table changed.
#[test]
fn a_changed_list_of_codes_makes_another_release() {
    let stage = Stage::new(PIPELINE);
    let run = || {
        let said = wijkpeil_in(stage.path(), &["run", "regional.toml", "--out", "out"]).exits(0);
        let release = release(stage.path(), &said);
        let model = rows(&release.join("figures/model/2022/gemeente.parquet"));
        (release, texts(&model, "provisional"))
    };
    let first = run();
    assert_eq!((&run(), first.1[0].as_str()), (&first, "true"));
    stage.edit("data/model-periods.csv", "Voorlopig", "Definitief");
    let second = run();
    assert_ne!(first.0, second.0);
    assert_eq!(second.1, ["false", "false"]);
}

#[test]
fn every_snapshot_belongs_to_a_case() {
    let own = super::support::files(&root().join("tests/data/bad-tables"), "snap");
    let names: Vec<String> = own.iter().map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    let mut cases: Vec<&str> = DATA.iter().chain(DEFINITIONS).map(|edit| edit.0).collect();
    cases.sort_unstable();
    assert_eq!(names, cases);
}
