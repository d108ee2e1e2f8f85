//! Every CSV of the shared data has an outcome: figures with the file's own cells, a list of regions, a list of codes, or a refusal with
//! its reason. Numbers of rows, numbers and withheld cells were counted with the `csv` module of Python.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use wijkpeil::declare::{GgdTable, Placed, RegionTable};
use wijkpeil::finding::Place;
use wijkpeil::ingest::{
    CellValue, ListFile, read_ggd_table, read_measures, read_provisional, read_region_table, read_table_id,
};
use wijkpeil::vocab::Level;

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

/// What a file is to the program.
enum Expected {
    /// Figures of a measure in a unit: rows, numbers, withheld cells; the other cells are empty.
    Figures(&'static str, &'static str, &'static str, [usize; 3]),
    /// As a published table with these keys and this measure: the code of the finding.
    Refused(&'static str, &'static str, &'static str),
    /// Columns of code and name; regions per level from the country to the buurt, and rows of other kinds of region.
    Regions(&'static str, &'static str, [usize; 5], u64),
    /// The same, and the code of the finding.
    NoRegions(&'static str, &'static str, &'static str),
    /// Columns of gemeente and GGD; numbers of both.
    Ggd(&'static str, &'static str, usize, usize),
    /// Measures of an OData v4 table: their number.
    Measures(usize),
    /// Periods of an OData v4 table: those that are not final.
    Provisional(&'static [&'static str]),
    /// Properties of an OData v4 table: its id.
    TableId(&'static str),
}

use Expected::{Figures, Ggd, Measures, NoRegions, Provisional, Refused, Regions, TableId};

const NAMES: &str = "ingest-no-region-codes";
const KWB: &str = "Regioaanduiding.Codering..code.";
const KWB_INCOME: &str = "Inkomen.Inkomen.van.huishoudens.Huishoudens.met.een.laag.inkomen....";
const LIST: &str = "region-column = \"Identifier\"\nperiod = 2022";
const GROUPS: &str = "region-column = \"Id\"\nperiod = 2022";
const ZEELAND: &str = r#"region-column = "WijkenEnBuurten"
period-column = "Perioden"
region-alias = { NL01 = "NL00" }
margins = { column = "Marges", value = "MW00000" }
[[source.breakdown]]
column = "Leeftijd"
codes = { "20300" = "total", "53115" = "age/18-64", "80200" = "age/65+" }"#;
const RIVM_2022: &str = r#"region-column = "WijkenEnBuurten"
period-column = "Perioden"
margins = { column = "Marges", value = "MW00000", lower = "MOG0095", upper = "MBG0095" }
[[source.breakdown]]
column = "Leeftijd"
codes = { "53115" = "age/18-64" }"#;
const YOUNG: &str = r#"region-column = "RegioS"
period = 2024
margins = { column = "Marges", value = "MW00000" }
[[source.breakdown]]
column = "Persoonskenmerken"
codes = { T009002 = "total" }"#;

/// Every file under the folder, with what it must become; a file that is two things has two entries.
const FILES: &[(&str, Expected)] = &[
    (
        "cbs/Gebieden_in_Nederland_2019_extract.csv",
        Figures("region-column = \"Code\"\nperiod = 2019", "Inwonertal", "count", [355, 355, 0]),
    ),
    ("cbs/Gebieden_in_Nederland_2019_extract.csv", Regions("Code", "Naam", [0, 0, 355, 0, 0], 0)),
    (
        "cbs/Gezondheidsmonitor16_83674NED.csv",
        Refused("region-column = \"RegioS\"\nperiod-column = \"Perioden\"", "ErvarenGezondheidGoedZeerGoed", NAMES),
    ),
    (
        "cbs/Gezondheidsmonitor20_85012NED.csv",
        Refused("region-column = \"RegioS\"\nperiod = 2020", "WekelijksSporter", NAMES),
    ),
    (
        "cbs/Inkomen_van_huishoudens__regio_11122025_135329_BROKEN_QUOTES.csv",
        Refused(
            "region-column = \"Regio's\"\nperiod = 2024",
            "Inkomen/Mediaan besteedbaar inkomen (1 000 euro)",
            "ingest-broken-quotes",
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2015_Amsterdam.csv",
        Refused(
            "region-column = \"Wijken en buurten\"\nperiod = 2015",
            "Inkomen|Inkomen van personen|Gemiddeld inkomen per inwoner (x 1 000 euro)",
            NAMES,
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2017_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2017",
            "Bevolking.Aantal.inwoners..aantal.",
            "count",
            [580, 580, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2017_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2017",
            KWB_INCOME,
            "share",
            [580, 477, 103],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2019",
            "Bevolking.Aantal.inwoners..aantal.",
            "count",
            [580, 580, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2019",
            KWB_INCOME,
            "share",
            [580, 487, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        NoRegions(KWB, "Wijken en buurten", "ingest-missing-column"),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_11122025_141648.csv",
        Refused("region-column = \"Wijken en buurten\"\nperiod = 2024", "Bevolking/Aantal inwoners (aantal)", NAMES),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        Figures(
            "region-column = \"Regioaanduiding/Codering (code)\"\nperiod = 2024",
            "Bevolking/Aantal inwoners (aantal)",
            "count",
            [18_310, 18_310, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        Regions("Regioaanduiding/Codering (code)", "Wijken en buurten", [1, 0, 342, 3393, 14_574], 0),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        NoRegions("Wijken en buurten", "Wijken en buurten", "ingest-region-list"),
    ),
    (
        "cbs/Nabijheid_voorzieningen__buurt_2021_10022023_162519.csv",
        Refused(
            "region-column = \"Wijken en buurten\"\nperiod = 2021",
            "Vrije tijd en cultuur/Afstand tot bibliotheek (km)",
            NAMES,
        ),
    ),
    (
        "cbs/Regionale_kerncijfers_Nederland_11122025_133649.csv",
        Refused(
            "region-column = \"Regio's\"\nperiod-column = \"Perioden\"",
            "Bevolking/Bevolkingssamenstelling op 1 januari/Totale bevolking (aantal)",
            NAMES,
        ),
    ),
    (
        "cbs/SES_WOA_scores_per_wijk_en_buurt_25042023_160857.csv",
        Figures(
            "region-column = \"Regiocode (gemeente, wijk, buurt) (code)\"\nperiod-column = \"Perioden\"",
            "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
            "index",
            [579, 489, 90],
        ),
    ),
    // Digits of buurten beside their names: no figure in it, and as a list of regions without the letters of the codes.
    (
        "cbs/buurtnaam2024_Baarn.csv",
        Refused("region-column = \"Buurt2024\"\nperiod = 2024", "buurtnaam2024", "ingest-region-numbers"),
    ),
    (
        "cbs/buurtnaam2024_Baarn.csv",
        Refused(
            "region-column = \"Buurt2024\"\nregion-digits = \"buurt\"\nperiod = 2024",
            "buurtnaam2024",
            "ingest-rejects",
        ),
    ),
    ("cbs/buurtnaam2024_Baarn.csv", NoRegions("Buurt2024", "buurtnaam2024", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/Catalog.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/Dimensions.csv", Refused(LIST, "MapYear", NAMES)),
    (
        "cbs/v4_bulk_83841NED_85678NED/Distribution.csv",
        Refused("region-column = \"Format\"\nperiod = 2022", "Language", NAMES),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/DuurInkomenspositieCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/GeslachtCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/InkomensgrensHuishoudenCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanHuishoudensCodes.csv", Refused(LIST, "Index", NAMES)),
    (
        "cbs/v4_bulk_83841NED_85678NED/KenmerkenVanHuishoudensGroups.csv",
        Refused(GROUPS, "Index", "ingest-region-numbers"),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanPersonenCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanPersonenGroups.csv", Refused(GROUPS, "Index", "ingest-region-numbers")),
    ("cbs/v4_bulk_83841NED_85678NED/LinkProvenances.csv", Refused(GROUPS, "DatasetId", "ingest-repeated-column")),
    ("cbs/v4_bulk_83841NED_85678NED/LinkRelatedSources.csv", Refused(GROUPS, "DatasetId", "ingest-repeated-column")),
    ("cbs/v4_bulk_83841NED_85678NED/MeasureCodes.csv", Measures(6)),
    // Without a mapping of its other characteristics its rows are rejects. With one it has a test of its own below.
    (
        "cbs/v4_bulk_83841NED_85678NED/Observations.csv",
        Refused(
            "region = \"NL00\"\nperiod-column = \"Perioden\"\n[[source.breakdown]]\ncolumn = \"KenmerkenVanHuishoudens\"\n\
             codes = { \"1050010\" = \"total\" }",
            "1050010_1",
            "ingest-rejects",
        ),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/PeriodenCodes.csv", Provisional(&["2022JJ00"])),
    ("cbs/v4_bulk_83841NED_85678NED/PeriodenGroups.csv", Refused(GROUPS, "Index", "ingest-region-numbers")),
    ("cbs/v4_bulk_83841NED_85678NED/Properties.csv", TableId("85678NED")),
    ("cbs/v4_bulk_83841NED_85678NED/RegioSCodes.csv", Regions("Identifier", "Title", [1, 0, 342, 0, 0], 91)),
    ("cbs/v4_bulk_83841NED_85678NED/RegioSGroups.csv", Refused(GROUPS, "Index", NAMES)),
    (
        "cbs/v4_bulk_woonplaatsen/Observations.csv",
        Refused("region-column = \"RegioS\"\nperiod = 2024", "GM000B", NAMES),
    ),
    ("cbs/v4_bulk_woonplaatsen/RegioSCodes.csv", NoRegions("Identifier", "Title", NAMES)),
    // Utrecht has two numbers in the monitor and stands there twice.
    ("codes/ggd_regios.csv", NoRegions("gg_code_cbs", "gg_naam_cbs_2022", "ingest-region-list")),
    (
        "codes/ggd_regios.csv",
        Refused("region-column = \"monitor_code\"\nperiod = 2022", "monitor_code", "ingest-region-numbers"),
    ),
    ("derived/50090NED_UntypedDataSet_GGDZeeland.csv", Figures(ZEELAND, "Eenzaam_28", "share", [5080, 4723, 357])),
    (
        "derived/50090NED_UntypedDataSet_GGDZeeland.csv",
        Figures(ZEELAND, "HeelVeelStressInAfgelopen4Weken_26", "share", [5080, 1179, 91]),
    ),
    ("derived/gemeente2024_naar_ggdregio.csv", Ggd("gm_code", "gg_code", 342, 25)),
    ("derived/gemeente2024_naar_ggdregio.csv", Regions("gm_code", "gm_naam_2024", [0, 0, 342, 0, 0], 0)),
    (
        "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv",
        Figures(RIVM_2022, "HoogRisicoOpAngstOfDepressie_25", "share", [18_003, 17_049, 0]),
    ),
    // A key that moved: the number is a column position, and the nearest name may be another measure.
    (
        "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv",
        Refused(RIVM_2022, "HoogRisicoAngststoornisOfDepressie_14", "ingest-missing-column"),
    ),
    // One row is of `CG01`, which no list explains.
    ("rivm/50140NED_TypedDataSet_22092025_192544.csv", Refused(YOUNG, "MoeiteMetRondkomen_1", "ingest-rejects")),
];

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
    assert_eq!((reading.rows[0], reading.rejects[0].rows), (counts[0] as u64, 0), "{file}");
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
    assert_eq!((reading.rows[0], reading.rejects[0].rows, own.len(), rows.len()), (365, 1, 364, 365));
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
