//! Every CSV of the shared data has an outcome: figures with the file's own cells, a list of regions, a list of codes, or a refusal with
//! its reason. `outcomes.rs` names them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use wijkpeil::declare::{GgdTable, Placed, RegionTable};
use wijkpeil::finding::Place;
use wijkpeil::ingest::{
    CellValue, ListFile, read_ggd_table, read_measures, read_provisional, read_region_table, read_table_id,
};
use wijkpeil::vocab::Level;

use super::outcomes::Expected::{Figures, Ggd, Measures, NoRegions, Provisional, Refused, Regions, TableId};
use super::outcomes::{FILES, YOUNG};
use super::project::{PUBLISHED, Pipeline, dimension, folder, outcome, source, values};
use crate::cli::support::{each, files_under, root};

/// The folder of the real files, if it lies beside the checkout.
pub fn real_files() -> Option<PathBuf> {
    let folder = root().join("../shared/data");
    let there = folder.is_dir();
    if !there {
        eprintln!("SKIPPED: the real files lie in ../shared/data, which is absent");
    }
    there.then_some(folder)
}

fn pipeline(keys: &str, measure: &str, unit: &'static str, file: &str) -> Pipeline {
    let rejects = if keys.contains("max-rejects") { "" } else { "max-rejects = 0\n" };
    let keys = format!(
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\n{rejects}files = [\"{file}\"]\n{keys}\n\
         [[source.measure]]\nkey = \"{measure}\"\nparameter = \"measure\""
    );
    Pipeline {
        dimensions: if keys.contains("age/") { dimension("age", &["18-64", "65+"]) } else { String::new() },
        sources: source("s", "published-table", &keys),
        parameters: vec![("measure", unit, PUBLISHED)],
        ..Pipeline::default()
    }
}

#[test]
fn every_real_table_has_its_outcome() {
    let Some(folder) = real_files() else { return };
    let there: BTreeSet<String> = files_under(&folder).into_keys().filter(|name| name.ends_with(".csv")).collect();
    let named: BTreeSet<String> = FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(there, named, "every CSV of the shared data has an outcome, and every outcome a CSV");
    each(FILES.iter().map(|(file, expected)| ((*file).to_owned(), expected)), |file, expected| {
        let list = |read: &dyn Fn(ListFile<'_>)| read(ListFile { path: &folder.join(file), name: file });
        match expected {
            Figures(keys, measure, unit, counts) => figures(&folder, file, (keys, measure, unit), *counts),
            Refused(keys, measure, code) => {
                let message = pipeline(keys, measure, "count", file).read(&folder).unwrap_err();
                assert!(message.contains(&format!("error[{code}]")), "{file}: {message}");
            }
            Regions(code, name, levels, others) => list(&|at| {
                let found = read_region_table(at, &table(code, name)).unwrap();
                let count = |level| found.regions.iter().filter(|region| region.level() == level).count();
                let own = [Level::Nl, Level::Ggd, Level::Gemeente, Level::Wijk, Level::Buurt].map(count);
                assert_eq!((own, found.other_kinds), (*levels, *others), "{file}");
            }),
            NoRegions(code, name, finding) => list(&|at| {
                let message = read_region_table(at, &table(code, name)).unwrap_err().render(false);
                assert!(message.contains(&format!("error[{finding}]")), "{file}: {message}");
            }),
            Ggd(gemeente, ggd, gemeenten, ggds) => list(&|at| {
                let (gemeente, ggd) = (placed(gemeente), placed(ggd));
                let table = GgdTable { file: placed(file), region_year: 2024, gemeente, ggd, name: None };
                let rows = read_ggd_table(at, &table).unwrap();
                let distinct: BTreeSet<&str> = rows.iter().map(|row| row.ggd.as_str()).collect();
                assert_eq!((rows.len(), distinct.len()), (*gemeenten, *ggds));
            }),
            Measures(count) => list(&|at| assert_eq!(read_measures(at).unwrap().len(), *count)),
            Provisional(codes) => list(&|at| {
                let found = read_provisional(at).unwrap();
                assert_eq!(found, codes.iter().map(|code| (*code).to_owned()).collect());
            }),
            TableId(id) => list(&|at| assert_eq!(read_table_id(at).unwrap(), *id)),
        }
    });
}

fn placed(text: &str) -> Placed<String> {
    Placed { value: text.to_owned(), place: Place::Line { file: "t.toml".to_owned(), line: None } }
}

fn table(code: &str, name: &str) -> RegionTable {
    let (file, code, name) = (placed("t.csv"), placed(code), placed(name));
    RegionTable { file, region_year: 2024, code, name, population: None, alias: Vec::new(), change: None }
}

/// Holds the figures of a table against its own cells.
fn figures(folder: &Path, file: &str, (keys, measure, unit): (&str, &str, &'static str), counts: [usize; 3]) {
    let reading =
        pipeline(keys, measure, unit, file).read(folder).unwrap_or_else(|message| panic!("{file}: {message}"));
    assert_eq!((reading.found[0].rows, reading.found[0].rejects.rows), (counts[0] as u64, 0), "{file}");
    let own = values(&reading, 0);
    let numbers = own.iter().filter(|cell| cell.number().is_some()).count();
    let withheld = own.iter().filter(|cell| **cell == CellValue::Withheld).count();
    assert_eq!([own.len(), numbers, withheld], counts, "{file}");
    // The cells once more, with a reader that knows nothing but lines and quotes.
    let naive = naive(&folder.join(file));
    let at = naive[0].iter().position(|name| name == measure).unwrap();
    assert_eq!(own.len(), naive.len() - 1, "{file}");
    for (row, (own, fields)) in own.iter().zip(&naive[1..]).enumerate() {
        assert!(agrees(*own, fields[at].trim(), unit), "{file} row {}: {own:?} {:?}", row + 2, fields[at]);
    }
}

/// Whether a cell says what a text of the file says.
fn agrees(own: CellValue, text: &str, unit: &str) -> bool {
    let number = || text.replace(',', ".").parse::<f64>().unwrap();
    match own {
        CellValue::Number(own) if unit == "share" => (own * 100.0 - number()).abs() < 1e-9,
        CellValue::Number(own) => own == number(),
        CellValue::Withheld => text == ".",
        CellValue::NotMeasured | CellValue::Empty => text.is_empty() || text == "NA",
        CellValue::Absent => false,
    }
}

/// The fields of a file, by splitting at separators outside quotes; only for files without line breaks in their fields.
fn naive(path: &Path) -> Vec<Vec<String>> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect());
    let text = text.trim_start_matches('\u{feff}');
    let separator = if text.lines().next().unwrap().contains(';') { ';' } else { ',' };
    let split = |line: &str| -> Vec<String> {
        let mut fields = vec![String::new()];
        let mut quoted = false;
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                c if c == separator && !quoted => fields.push(String::new()),
                c => fields.last_mut().unwrap().push(c),
            }
        }
        fields
    };
    text.lines().filter(|line| !line.starts_with("Bron:")).map(split).collect()
}

const YEARLY: &str = "cbs/v4_bulk_83841NED_85678NED/Observations.csv";

/// The OData v4 table of households with a low income, by its 120 % border and one year of it; other characteristics are left out.
fn low_income(lists: &str) -> Pipeline {
    let breakdown = |column, code| {
        format!(
            "[[source.breakdown]]\ncolumn = \"{column}\"\ncodes = {{ \"{code}\" = \"total\" }}\nothers = \"leave-out\"\n"
        )
    };
    let keys = format!(
        "table-id = \"83841NED\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"{YEARLY}\"]\n\
         region = \"NL00\"\nperiod-column = \"Perioden\"\n{}{}{}[source.code-lists]\n{lists}\n\
         [[source.measure]]\nkey = \"1050010_1\"\nparameter = \"households\"\nmultiply = 1000\n\
         [[source.measure]]\nkey = \"1050010_2\"\nparameter = \"share\"",
        breakdown("KenmerkenVanHuishoudens", "1050010"),
        breakdown("InkomensgrensHuishouden", "A043007"),
        breakdown("DuurInkomenspositie", "A028721"),
    );
    Pipeline {
        sources: source("s", "published-table", &keys),
        parameters: vec![("households", "count", PUBLISHED), ("share", "share", PUBLISHED)],
        ..Pipeline::default()
    }
}

#[test]
fn a_long_table_gives_figures_per_measure_and_leaves_other_characteristics_out() {
    let Some(folder) = real_files() else { return };
    let lists = "measures = \"cbs/v4_bulk_83841NED_85678NED/MeasureCodes.csv\"\n\
        periods = \"cbs/v4_bulk_83841NED_85678NED/PeriodenCodes.csv\"";
    let reading = low_income(lists).read(&folder).unwrap();
    let outcome = outcome(&reading);
    let rows = naive(&folder.join(YEARLY));
    let wanted = |measure: &'static str| {
        rows.iter()
            .filter(move |row| row[1..5] == [measure, "1050010", "A043007", "A028721"])
            .map(|row| (row[5][..4].parse::<i32>().unwrap(), row[6].replace(',', ".").parse::<f64>().unwrap()))
    };
    // 2011 to 2024, for both measures; of 11,460 rows all others are left out.
    assert_eq!((outcome.figures.len(), outcome.left_out), (14, 11_460 - 28));
    for (measure, key, factor) in [(0, "1050010_1", 1000.0), (1, "1050010_2", 0.01)] {
        for (figure, (year, value)) in wanted(key).enumerate() {
            let row = &outcome.figures[figure];
            assert_eq!((outcome.period(row).year, row.provisional), (year, year == 2022));
            super::project::close(outcome.value(figure, measure).number(), value * factor);
        }
    }
    assert_eq!(wanted("1050010_1").next(), Some((2011, 729.8)));
}

#[test]
fn lists_of_codes_of_another_table_are_refused() {
    let Some(folder) = real_files() else { return };
    let properties = "properties = \"cbs/v4_bulk_83841NED_85678NED/Properties.csv\"";
    let message = low_income(properties).read(&folder).unwrap_err();
    assert!(message.contains("error[ingest-other-table]"), "{message}");
    assert!(message.contains("is of table `85678NED`, and source `s` of `83841NED`"), "{message}");
}

/// The figures of the young adults with the one row that is no region of anybody: refused with no rejects, and with one it is 364 rows.
#[test]
fn a_region_of_an_unknown_kind_is_a_reject() {
    let Some(folder) = real_files() else { return };
    let file = "rivm/50140NED_TypedDataSet_22092025_192544.csv";
    let keys = format!("max-rejects = 1\n{YOUNG}");
    let reading = pipeline(&keys, "MoeiteMetRondkomen_1", "share", file).read(&folder).unwrap();
    let rows: Vec<Vec<String>> = naive(&folder.join(file)).into_iter().filter(|row| row[3] != "CG01  ").collect();
    let own = values(&reading, 0);
    assert_eq!((reading.found[0].rows, reading.found[0].rejects.rows, own.len(), rows.len()), (365, 1, 364, 365));
    for (own, fields) in own.iter().zip(&rows[1..]) {
        assert!(agrees(*own, fields[4].trim(), "share"), "{own:?} {fields:?}");
    }
}

/// Digits of a buurt are its code without letters: the file of Baarn with a number beside each.
#[test]
fn digits_of_buurten_are_read_as_their_codes() {
    let Some(shared) = real_files() else { return };
    let text = std::fs::read_to_string(shared.join("cbs/buurtnaam2024_Baarn.csv")).unwrap();
    let numbered: Vec<String> =
        text.lines().skip(1).enumerate().map(|(at, line)| format!("{};{at}\n", &line[..8])).collect();
    let place = folder(&[("t.csv", &format!("Buurt2024;Aantal\n{}", numbered.concat()))]);
    let keys = "region-column = \"Buurt2024\"\nregion-digits = \"buurt\"\nperiod = 2024";
    let reading = pipeline(keys, "Aantal", "count", "t.csv").read(place.path()).unwrap();
    let regions: Vec<&str> = outcome(&reading).regions.iter().map(|region| region.as_str()).collect();
    let wanted: Vec<String> = numbered.iter().map(|line| format!("BU{}", &line[..8])).collect();
    assert_eq!((regions.len(), regions), (21, wanted.iter().map(String::as_str).collect()));
}
