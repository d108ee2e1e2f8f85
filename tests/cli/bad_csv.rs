//! Bad CSV: each stops the run with exit code 11, the file and the line, and leaves nothing behind.
//!
//! The files are made here from a good one, because half of them are not text. What the program says about each lies in
//! `data/bad-csv`; a changed message is looked at, and then taken over with `INSTA_UPDATE=always cargo test bad_csv`.

use std::io::Write;

use super::support::{Stage, each, root, snapshot, wijkpeil_in};

const PIPELINE: &str = "pipeline.toml";

fn data(stage: &Stage, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(stage.path().join("data").join(name), bytes).unwrap();
}

/// Source data that cannot be read: 11.
fn refuses(stage: &Stage, name: &str) {
    snapshot(&root().join("tests/data/bad-csv"), name, &stage.findings(11));
}

const GOOD: &str = include_str!("../data/good/data/respondents.csv");

/// The good file with one line (the header is line 1) replaced.
fn with_line(line: usize, text: &str) -> String {
    let lines: Vec<&str> = GOOD.lines().enumerate().map(|(at, old)| if at + 1 == line { text } else { old }).collect();
    lines.join("\n") + "\n"
}

fn replaced(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

fn utf16() -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(GOOD.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

fn gzip() -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(GOOD.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn zip(members: &[&str]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for member in members {
        zip.start_file(*member, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(GOOD.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn a_bad_respondent_file_stops_with_its_line() {
    let invalid = [GOOD.as_bytes()[..200].to_vec(), vec![0xfc], GOOD.as_bytes()[200..].to_vec()].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("only-line-ends", b"\n\n\n".to_vec()),
        ("header-only", GOOD.lines().next().unwrap().as_bytes().to_vec()),
        ("header-and-empty-lines", [GOOD.lines().next().unwrap(), "\r\n\r\n"].concat().into_bytes()),
        ("missing-column", replaced(";vraag2;", ";vraag_2;").into_bytes()),
        ("missing-columns-of-a-scale", replaced("vraag1;vraag2;vraag3", "k1;k2;k3").into_bytes()),
        ("header-name-twice", replaced("sexe;leeftijd", "sexe;SEXE ").into_bytes()),
        ("row-too-short", with_line(4, "3;9001;a;0,5").into_bytes()),
        ("row-too-long", with_line(6, "5;9002;b;2;2;2;1;3;2;3;9;9;;").into_bytes()),
        ("decimal-comma-splits-rows", GOOD.replace(';', ",").into_bytes()),
        ("title-line-above-the-header", format!("Export van de monitor\n{GOOD}").into_bytes()),
        ("total-line-at-the-end", format!("{GOOD}Totaal\n").into_bytes()),
        ("stray-quote", with_line(5, "4;9002;b\"x;2;2;2;2;3;3;2;0;7").into_bytes()),
        ("text-behind-a-closing-quote", with_line(5, "4;9002;\"b\"x;2;2;2;2;3;3;2;0;7").into_bytes()),
        ("unclosed-quote", with_line(3, "2;9001;\"a;1,5;;2;1;2;1;9;1;6,5").into_bytes()),
        ("empty-line-in-the-middle", with_line(4, "\n3;9001;a;0,5;0,25;1;2;1;1;1;8;99").into_bytes()),
        ("blank-line-in-the-middle", with_line(4, "   \n3;9001;a;0,5;0,25;1;2;1;1;1;8;99").into_bytes()),
        ("utf-16", utf16()),
        ("utf-16-without-mark", utf16()[2..].to_vec()),
        ("invalid-utf-8-behind-a-mark", [b"\xef\xbb\xbf".to_vec(), invalid.clone()].concat()),
        ("null-byte", with_line(4, "3;9001;a;0,5;0,25;1;2;1;1;1;\0;99").into_bytes()),
        ("mixed-decimal-marks", with_line(4, "3;9001;a;0.5;0,25;1;2;1;1;1;8;99").into_bytes()),
        ("no-separator", b"nummer gemeente\n1 9001\n".to_vec()),
        ("separators-tie", b"a;b,c;d,e\n1;2,3;4,5\n".to_vec()),
        ("spreadsheet-instead-of-csv", b"PK\x03\x04\x14\0\0\0\x08\0".repeat(40)),
    ];
    each(cases.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)), |name, bytes| {
        let stage = Stage::new(PIPELINE);
        data(&stage, "respondents.csv", bytes);
        refuses(&stage, name);
    });
}

#[test]
fn pins_that_do_not_fit_stop_with_the_line() {
    let pin = |pin: &str| {
        let stage = Stage::new(PIPELINE);
        stage.edit(PIPELINE, "[source.region]", &format!("[source.format]\n{pin}\n[source.region]"));
        stage
    };
    refuses(&pin("separator = \",\""), "pinned-separator-wrong");
    let stage = pin("encoding = \"utf-8\"");
    let at = GOOD.find("b;2;2").unwrap();
    data(&stage, "respondents.csv", [&GOOD.as_bytes()[..at], b"\xfc", &GOOD.as_bytes()[at..]].concat());
    refuses(&stage, "pinned-encoding-wrong");
    refuses(&pin("decimal = \"point\""), "pinned-decimal-mark-wrong");
}

#[test]
fn packed_files_that_are_not_whole_stop() {
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("gzip-cut-off", "respondents.csv.gz", gzip()[..gzip().len() / 2].to_vec()),
        ("gzip-without-its-sum", "respondents.csv.gz", gzip()[..gzip().len() - 8].to_vec()),
        ("gzip-that-is-none", "respondents.csv.gz", GOOD.as_bytes().to_vec()),
        ("zip-with-two-members", "respondents.zip", zip(&["a.csv", "b.csv"])),
        ("zip-without-members", "respondents.zip", zip(&[])),
        ("zip-cut-off", "respondents.zip", zip(&["a.csv"])[..100].to_vec()),
    ];
    each(cases.into_iter().map(|(name, file, bytes)| (name.to_owned(), (file, bytes))), |name, (file, bytes)| {
        let stage = Stage::new(PIPELINE);
        stage.edit(PIPELINE, "files = [\"respondents.csv\"]", &format!("files = [\"{file}\"]"));
        data(&stage, file, bytes);
        refuses(&stage, name);
    });
}

#[test]
fn a_folder_or_nothing_where_a_file_should_be_stops() {
    let stage = Stage::new(PIPELINE);
    std::fs::remove_file(stage.path().join("data/respondents.csv")).unwrap();
    std::fs::create_dir(stage.path().join("data/respondents.csv")).unwrap();
    refuses(&stage, "folder-as-file");
    let stage = Stage::new(PIPELINE);
    std::fs::remove_dir_all(stage.path().join("data")).unwrap();
    refuses(&stage, "data-folder-gone");
}

#[test]
fn a_bad_region_list_stops_with_its_line() {
    let good = include_str!("../data/good/data/regions.csv");
    let cases: Vec<(&str, String)> = vec![
        ("regions-unknown-parent", good.replace("Tweede;GG9901", "Tweede;GG9902")),
        ("regions-parent-of-the-wrong-level", good.replace("Tweede;GG9901", "Tweede;NL00")),
        ("regions-own-parent", good.replace("Tweede;GG9901", "Tweede;GM9002")),
        ("regions-twice", format!("{good}GM9001;2022;gemeente;Weer eerste;GG9901;1\n")),
        ("regions-level-of-another-kind", good.replace("GM9002;2022;gemeente", "GM9002;2022;wijk")),
        ("regions-code-malformed", good.replace("GM9002", "9002")),
        ("regions-year-missing", good.replace("GM9002;2022", "GM9002;")),
        ("regions-population-not-whole", good.replace("GG9901;3000", "GG9901;3.000,5")),
        ("regions-missing-column", good.replace(";parent", ";hoort bij")),
        ("regions-column-twice", good.replace(";name", ";code")),
        ("regions-row-too-short", good.replace("GM9002;2022;gemeente;Tweede;GG9901;3000", "GM9002;2022")),
        ("regions-empty", String::new()),
    ];
    each(cases.into_iter().map(|(name, text)| (name.to_owned(), text)), |name, text| {
        let stage = Stage::new(PIPELINE);
        assert_ne!(text, good);
        data(&stage, "regions.csv", text);
        refuses(&stage, name);
    });
}

#[test]
fn rejects_over_the_limit_stop_with_rows_and_without_values() {
    let bad = [
        "7;9001;a;-1;;1;1;3;3;3;0;8",
        "8;9001;a;1,5x;;1;1;3;3;3;0;8",
        "9;9003;a;1;;1;1;3;3;3;0;8",
        "10;9001;a;1;;3;1;3;3;3;0;8",
        "11;9001;a;1;;1;1;7;3;3;0;8",
        "12;9001;a;1;;1;1;3;3;3;5;8",
        "13;9001;a;1;;1;1;3;3;3;0;11",
        "14;9001;;1;;1;1;3;3;3;0;8",
        "1;9001;a;1;;1;1;3;3;3;0;8",
        ";9001;a;1;;1;1;3;3;3;0;8",
    ];
    let stage = Stage::new(PIPELINE);
    data(&stage, "respondents.csv", format!("{GOOD}{}\n", bad.join("\n")));
    stage.edit(PIPELINE, "max-rejects = 0", "max-rejects = 9");
    refuses(&stage, "rejects-over-the-limit");
    stage.edit(PIPELINE, "max-rejects = 9", "max-rejects = 10");
    let said = wijkpeil_in(stage.path(), &["run", "pipeline.toml"]).exits(0);
    assert!(said.err.contains("monitor-2022: 16 rows read, 10 rejected"), "{}", said.err);
}

/// A limit that lets every row go would make an empty release current.
#[test]
fn a_file_without_a_usable_row_stops() {
    let stage = Stage::new(PIPELINE);
    stage.edit(PIPELINE, "max-rejects = 0", "max-rejects = 1000");
    data(
        &stage,
        "respondents.csv",
        GOOD.replace(";9001;", ";9005;").replace(";9002;", ";9005;").replace(";9999;", ";x;"),
    );
    refuses(&stage, "rejects-of-every-row");
}

/// Columns of the design that contradict each other show when all rows have been read.
#[test]
fn a_design_that_cannot_be_stops() {
    let stage = Stage::new(PIPELINE);
    stage.edit(PIPELINE, "single-psu = \"adjust\"", "single-psu = \"fail\"");
    data(&stage, "respondents.csv", replaced("6;9999;b;", "6;9999;c;"));
    refuses(&stage, "design-single-unit");
    let stage = Stage::new(PIPELINE);
    stage.edit(PIPELINE, "stratum = \"stratum\"", "stratum = \"stratum\"\nfpc = \"cijfer\"");
    refuses(&stage, "design-two-population-sizes");
}

/// A published table is held to the same: structure, columns, rejects.
#[test]
fn a_bad_published_table_stops_with_its_line() {
    let good = include_str!("../data/good/data/published.csv");
    let cases: Vec<(&str, String)> = vec![
        ("published-row-too-short", good.replace("\"3\";\"80200\";", "\"3\";")),
        ("published-column-gone", good.replace("\"Perioden\"", "\"Jaar\"")),
        ("published-column-twice", good.replace("\"ID\"", "\"Eenzaam_27\"")),
        ("published-over-100-per-cent", good.replace("41.2", "141.2")),
        ("published-value-not-a-number", good.replace("\"39\"", "\"x\"")),
        (
            "published-region-of-unknown-kind",
            good.replace("\"1\";\"20300\";\"MOG0095\";\"GM9001    \"", "\"1\";\"20300\";\"MOG0095\";\"PV20      \""),
        ),
        ("published-undeclared-category", good.replace("80200", "80201")),
        ("published-figure-twice", good.replace("MOG0095", "MW00000")),
        ("published-period-unreadable", good.replacen("2022JJ00", "2022XX00", 1)),
    ];
    each(cases.into_iter().map(|(name, text)| (name.to_owned(), text)), |name, text| {
        let stage = Stage::new(PIPELINE);
        assert_ne!(text, good);
        data(&stage, "published.csv", text);
        let published = std::fs::read_to_string(stage.path().join("published.toml")).unwrap();
        std::fs::write(stage.path().join("pipeline.toml"), published.replace("../good/", "")).unwrap();
        refuses(&stage, name);
    });
}
