//! Odd files that are legal: one set of answers in many spellings gives the same figures, bit for bit.

use std::collections::BTreeMap;
use std::io::Write;

use arrow::array::ArrayRef;

use super::support::{copy, each, figures, files_under, release, root, wijkpeil_in};

/// The sample as cells. It holds no quotes and no separators within cells, so splitting at `;` is all there is to it.
#[derive(Clone)]
struct Sheet {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Sheet {
    fn sample() -> Self {
        let text = std::fs::read_to_string(root().join("sample-data/gmvo-2022.csv")).unwrap();
        let text = text.strip_prefix('\u{feff}').expect("the sample opens with a byte order mark");
        assert!(!text.contains('"'));
        let mut rows = text.lines().map(|line| line.split(';').map(str::to_owned).collect::<Vec<_>>());
        Self { header: rows.next().unwrap(), rows: rows.collect() }
    }

    fn column(&self, name: &str) -> usize {
        self.header.iter().position(|column| column == name).unwrap()
    }

    /// Every cell through a function of its row number, column name and text.
    fn map(mut self, cell: impl Fn(usize, &str, &str) -> String) -> Self {
        for (at, row) in self.rows.iter_mut().enumerate() {
            for (text, column) in row.iter_mut().zip(&self.header) {
                *text = cell(at, column, text);
            }
        }
        self
    }

    /// Lines with a separator; a cell that holds it, or every cell, in quotes.
    fn write(&self, separator: char, quote_all: bool, line_end: &str) -> String {
        let mut text = String::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            let cells = row.iter().map(|cell| match quote_all || cell.contains(separator) {
                true => format!("\"{cell}\""),
                false => cell.clone(),
            });
            text.push_str(&cells.collect::<Vec<_>>().join(&separator.to_string()));
            text.push_str(line_end);
        }
        text
    }

    fn points(self) -> Self {
        self.map(|_, _, cell| cell.replace(',', "."))
    }

    /// The rows in another order: 7919 is prime, so steps of it visit every row.
    fn shuffled(mut self) -> Self {
        let count = self.rows.len();
        assert_ne!(count % 7919, 0);
        self.rows = (0..count).map(|at| self.rows[at * 7919 % count].clone()).collect();
        self
    }

    /// The columns in the opposite order.
    fn turned(mut self) -> Self {
        self.header.reverse();
        self.rows.iter_mut().for_each(|row| row.reverse());
        self
    }

    /// A column more, which no definition names.
    fn with_column(mut self, name: &str, text: &str) -> Self {
        self.header.insert(3, name.to_owned());
        self.rows.iter_mut().for_each(|row| row.insert(3, text.to_owned()));
        self
    }

    fn split(self, at: usize) -> (Self, Self) {
        let second = Self { header: self.header.clone(), rows: self.rows[at..].to_vec() };
        (Self { header: self.header, rows: self.rows[..at].to_vec() }, second)
    }
}

/// A folder with the sample pipeline: nothing pinned, and a low floor so that nearly every figure can be compared.
fn stage(files: &[(&str, Vec<u8>)], pattern: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    copy(&root().join("pipelines"), &place.path().join("pipelines"));
    let data = place.path().join("sample-data");
    std::fs::create_dir(&data).unwrap();
    std::fs::copy(root().join("sample-data/regions-2022.csv"), data.join("regions-2022.csv")).unwrap();
    for (name, bytes) in files {
        std::fs::write(data.join(name), bytes).unwrap();
    }
    let path = place.path().join("pipelines/gmvo.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("[source.format]\nseparator = \";\"\ndecimal = \"comma\"\nencoding = \"utf-8\"\n", ""),
        ("files = [\"gmvo-2022.csv\"]", &format!("files = [\"{pattern}\"]")),
        ("minimum-n = 50", "minimum-n = 2"),
        (crate::support::PROTECTED, crate::support::UNPROTECTED),
        ("largest-weight = 0.3", "largest-weight = 1.0"),
        ("minimum-answer = 5", "minimum-answer = 0"),
        ("group-disclosure = 100", "group-disclosure = 0"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    std::fs::write(path, text).unwrap();
    place
}

/// What is spelled differently, the files, and the pattern that names them.
type Spelling<'s> = (&'s str, (Vec<(&'s str, Vec<u8>)>, &'s str));

type Figures = BTreeMap<String, Vec<(String, ArrayRef)>>;

fn figures_of(files: &[(&str, Vec<u8>)], pattern: &str) -> Figures {
    let place = stage(files, pattern);
    let said = wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml", "--threads", "2"]).exits(0);
    assert!(said.err.contains("6000 rows read, none rejected"), "{}", said.err);
    figures(&release(place.path(), &said))
}

/// The first column that differs, if one does.
fn difference(found: &Figures, clean: &Figures) -> Option<String> {
    assert_eq!(found.keys().collect::<Vec<_>>(), clean.keys().collect::<Vec<_>>());
    clean.iter().find_map(|(file, columns)| {
        let mut pairs = columns.iter().zip(&found[file]);
        pairs.find(|(wanted, column)| wanted != column).map(|((name, _), _)| format!("{file}: column {name}"))
    })
}

/// Marks that a missing cell may carry, in turn.
fn missing(at: usize, cell: &str) -> String {
    if cell.is_empty() { ["", "#NULL!", "NA", ".", " "][at % 5].to_owned() } else { cell.to_owned() }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    gzip.finish().unwrap()
}

fn zip(text: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.add_directory("map/", zip::write::SimpleFileOptions::default()).unwrap();
    zip.start_file("map/gmvo.csv", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn one_set_of_answers_in_many_spellings_gives_the_same_figures() {
    let sample = Sheet::sample();
    let plain = sample.write(';', false, "\n");
    let clean = figures_of(&[("x.csv", plain.clone().into_bytes())], "x.csv");
    // As the sample lies there: byte order mark and CRLF.
    let as_is = std::fs::read(root().join("sample-data/gmvo-2022.csv")).unwrap();
    assert!(as_is.starts_with(b"\xef\xbb\xbf") && as_is.windows(2).any(|pair| pair == b"\r\n"));

    let items = |column: &str| column.starts_with("GGADB") || column.starts_with("GGEEB") || column == "AGGSA202";
    let words = sample.clone().with_column("Opmerking", "café, geïnd").map(|_, column, cell| match column {
        "Stratum" => format!("Súd-{cell}"),
        _ => cell.to_owned(),
    });
    let windows_1252 = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let mut odd_header = sample.clone();
    odd_header.header.iter_mut().enumerate().for_each(|(at, name)| {
        *name = if at % 2 == 0 { format!("{}  ", name.to_uppercase()) } else { format!(" {}", name.to_lowercase()) };
    });
    let written_out = sample.clone().map(|_, _, cell| cell.to_owned());
    let (gemeente, wijk) = (sample.column("Gemeentecode"), sample.column("Wijkcode"));
    let written_out = Sheet {
        rows: written_out
            .rows
            .into_iter()
            .map(|mut row| {
                let code = row[gemeente].clone();
                if !row[wijk].is_empty() && row[wijk] != "99" {
                    row[wijk] = format!("WK{code:0>4}{:0>2}", row[wijk]);
                }
                if !code.is_empty() && code != "9999" {
                    row[gemeente] = format!("GM{code:0>4}");
                }
                row
            })
            .collect(),
        ..written_out
    };
    let text = |sheet: &Sheet| sheet.write(';', false, "\n").into_bytes();
    let one = |bytes: Vec<u8>| (vec![("x.csv", bytes)], "x.csv");
    let (first, second) = sample.clone().split(2345);
    let cases: Vec<Spelling> = vec![
        ("as the sample lies there", one(as_is)),
        ("line ends CRLF", one(sample.write(';', false, "\r\n").into_bytes())),
        ("byte order mark", one(format!("\u{feff}{plain}").into_bytes())),
        ("comma and decimal point", one(sample.clone().points().write(',', false, "\n").into_bytes())),
        ("comma and decimal comma in quotes", one(sample.write(',', false, "\n").into_bytes())),
        ("tab and decimal comma", one(sample.write('\t', false, "\n").into_bytes())),
        ("bar and decimal point", one(sample.clone().points().write('|', false, "\r\n").into_bytes())),
        ("semicolon and decimal point", one(text(&sample.clone().points()))),
        ("every field in quotes", one(sample.write(';', true, "\r\n").into_bytes())),
        ("words in UTF-8", one(text(&words))),
        ("words in Windows-1252", one(windows_1252(&words.write(';', false, "\r\n")))),
        ("words in Windows-1252, quoted", one(windows_1252(&words.write(',', true, "\n")))),
        ("padded fields", one(text(&sample.clone().map(|at, _, cell| format!("{}{cell} ", " ".repeat(at % 3)))))),
        ("no-break blanks around fields", one(text(&sample.clone().map(|_, _, cell| format!("\u{a0}{cell}\u{a0}"))))),
        ("header in another case and with blanks", one(text(&odd_header))),
        ("missing as #NULL!, NA, . and blank", one(text(&sample.clone().map(|at, _, cell| missing(at, cell))))),
        (
            "codes with leading zeros",
            one(text(&sample.clone().map(|_, column, cell| {
                if items(column) && !cell.is_empty() { format!("0{cell}") } else { cell.to_owned() }
            }))),
        ),
        (
            "codes with decimals",
            one(text(&sample.clone().map(|at, column, cell| {
                let decimals = if at % 2 == 0 { ",00" } else { ".0" };
                if items(column) && !cell.is_empty() { format!("{cell}{decimals}") } else { cell.to_owned() }
            }))),
        ),
        ("regions as full codes", one(text(&written_out))),
        ("columns in another order", one(text(&sample.clone().turned()))),
        ("a column more", one(text(&sample.clone().with_column("Opmerking", "")))),
        (
            "line breaks and doubled quotes in a column that is not read",
            one(sample
                .clone()
                .with_column("Opmerking", "eerste\nregel; \"\"tweede\"\"")
                .write(';', true, "\n")
                .into_bytes()),
        ),
        ("rows in another order", one(text(&sample.clone().shuffled()))),
        ("no line end at the end", one(plain.trim_end().as_bytes().to_vec())),
        ("an empty line at the end", one(format!("{plain}\n").into_bytes())),
        ("many empty lines at the end", one(format!("{plain}{}", "\r\n".repeat(400)).into_bytes())),
        ("gzip", (vec![("x.csv.gz", gzip(&plain))], "x.csv.gz")),
        (
            "gzip in two members",
            (vec![("x.csv.gz", [gzip(&plain[..99_999]), gzip(&plain[99_999..])].concat())], "*.gz"),
        ),
        ("zip with a folder", (vec![("x.zip", zip(&plain))], "x.zip")),
        ("two files", (vec![("x-1.csv", text(&first)), ("x-2.csv", text(&second))], "x-*.csv")),
        (
            "two files in two formats",
            (
                vec![
                    ("x-1.csv", text(&first.turned())),
                    ("x-2.csv.gz", gzip(&second.points().write(',', true, "\r\n"))),
                ],
                "x-*",
            ),
        ),
    ];
    let cases: Vec<_> = cases.into_iter().map(|(name, case)| (name.to_owned(), case)).collect();
    each(cases, |_, (files, pattern)| assert_eq!(difference(&figures_of(&files, pattern), &clean), None));

    // The comparison means something: most cells hold a value, and one other weight is seen.
    let values = clean["gmvo/2022/wijk.parquet"].iter().find(|(name, _)| name == "value").unwrap();
    assert!(values.1.null_count() * 3 < values.1.len(), "{} of {} are null", values.1.null_count(), values.1.len());
    let weight = sample.column("ewGGD");
    let at = sample.rows.iter().position(|row| !row[weight].is_empty()).unwrap();
    let mut other = sample;
    other.rows[at][weight].push('1');
    let other = figures_of(&[("x.csv", text(&other))], "x.csv");
    assert!(difference(&other, &clean).is_some());
}

/// One input, one id, one set of bytes: with 1 and with more threads, from two runs, and when a run is forced.
#[test]
fn threads_and_runs_give_the_same_bytes() {
    let sample = std::fs::read(root().join("sample-data/gmvo-2022.csv")).unwrap();
    let place = stage(&[("x.csv", sample)], "x.csv");
    let run = |threads: &str, out: &str| {
        let said =
            wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml", "--force", "--threads", threads, "--out", out]);
        let said = said.exits(0);
        (said.err.clone(), release(place.path(), &said))
    };
    let parquet = |release: &std::path::Path| {
        let mut files = files_under(release);
        files.retain(|name, _| name != "manifest.json" && name != "SHA256SUMS");
        files
    };
    let (_, one) = run("1", "one");
    let wanted = parquet(&one);
    assert!(wanted.keys().filter(|name| name.ends_with(".parquet")).count() >= 10);
    for threads in ["2", "3", "7"] {
        let (_, found) = run(threads, threads);
        assert_eq!(found.file_name(), one.file_name());
        let found = parquet(&found);
        for (name, bytes) in &wanted {
            assert!(found.get(name) == Some(bytes), "{name} differs with {threads} threads");
        }
        assert_eq!(found.len(), wanted.len());
    }
    let (words, _) = run("2", "one");
    assert!(words.contains("the same bytes as before"), "{words}");
}

/// The rows in another order, with other line ends, packed: every figures file is the same to the byte.
#[test]
fn the_order_of_rows_does_not_touch_a_byte_of_the_figures() {
    let sample = Sheet::sample();
    let mut turned = sample.clone();
    turned.rows.reverse();
    turned.rows.rotate_left(1234);
    let bytes = |content: Vec<u8>, name: &str| {
        let place = stage(&[(name, content)], "x.*");
        let said = wijkpeil_in(place.path(), &["run", "pipelines/gmvo.toml", "--threads", "2"]).exits(0);
        let mut files = files_under(&release(place.path(), &said));
        files.retain(|name, _| name.starts_with("figures/") || name.starts_with("dashboard/"));
        files
    };
    let wanted = bytes(sample.write(';', false, "\n").into_bytes(), "x.csv");
    assert_eq!(wanted.len(), 4);
    for (content, name) in [
        (turned.write(';', false, "\n").into_bytes(), "x.csv"),
        (turned.write(';', false, "\r\n").into_bytes(), "x.csv"),
        (gzip(&turned.write('\t', false, "\n")), "x.csv.gz"),
    ] {
        assert!(bytes(content, name) == wanted, "{name}");
    }
}
