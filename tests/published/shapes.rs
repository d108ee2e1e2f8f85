//! Layouts of tables: margins as rows of their own, crossings, files of one table, and the shapes that no real file has in full.

use std::path::Path;

use wijkpeil::ingest::CellValue;
use wijkpeil::plan::{Plan, Reading};

use super::project::{PUBLISHED, Pipeline, dimension, folder, outcome, source, values};
use crate::cli::support::{rows, texts};

/// A table with the keys of its source, one measure and the unit of that.
struct Case<'c> {
    file: &'c str,
    keys: &'c str,
    measure: &'c str,
    unit: &'static str,
}

impl Case<'_> {
    fn pipeline(&self) -> Pipeline {
        let Self { file, keys, measure, unit } = self;
        let keys = format!(
            "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"{file}\"]\n{keys}\n\
             [[source.measure]]\nkey = \"{measure}\"\nparameter = \"measure\""
        );
        let part = |word, id, categories: &[&str]| {
            if keys.contains(word) { dimension(id, categories) } else { String::new() }
        };
        Pipeline {
            dimensions: part("sex/", "sex", &["1", "2"]) + &part("age/", "age", &["18-64", "65+"]),
            sources: source("x", "published-table", &keys),
            parameters: vec![("measure", unit, PUBLISHED)],
            ..Pipeline::default()
        }
    }
}

fn plan(case: &Case<'_>, folder: &Path) -> Result<Plan, String> {
    case.pipeline().plan(folder)
}

fn read(case: &Case<'_>, folder: &Path) -> Result<Reading, String> {
    case.pipeline().read(folder)
}

const LIMITS: &str = "region-column = \"WijkenEnBuurten\"\nperiod-column = \"Perioden\"\n\
    margins = { column = \"Marges\", value = \"MW00000\", lower = \"MOG0095\", upper = \"MBG0095\" }";

/// 46.1 (44.0 to 48.3) per cent; everything withheld; a wijk that was not measured; a value whose limits are withheld.
#[test]
fn value_lower_and_upper_limit_become_one_figure() {
    let row = |id: usize, margin, region, cell| format!("{id};\"{margin}\";\"{region:10}\";\"2022JJ00\";{cell}\r\n");
    let text = [
        "\u{feff}\"ID\";\"Marges\";\"WijkenEnBuurten\";\"Perioden\";\"Eenzaam_27\"\r\n".to_owned(),
        row(0, "MW00000", "GM0014", "\"    46.1\""),
        row(1, "MOG0095", "GM0014", "\"    44.0\""),
        row(2, "MBG0095", "GM0014", "\"    48.3\""),
        row(3, "MW00000", "WK001401", "\"       .\""),
        row(4, "MOG0095", "WK001401", "\"       .\""),
        row(5, "MBG0095", "WK001401", "\"       .\""),
        row(6, "MW00000", "WK001402", ""),
        row(7, "MW00000", "WK001403", "\"     5.0\""),
        row(8, "MOG0095", "WK001403", "\"       .\""),
        row(9, "MBG0095", "WK001403", "\"       .\""),
    ];
    let place = small(&text.concat());
    let case = Case { file: "t.csv", keys: LIMITS, measure: "Eenzaam_27", unit: "share" };
    let reading = read(&case, place.path()).unwrap();
    let own = outcome(&reading);
    assert_eq!((own.value(0, 0), own.limits(0, 0)), (CellValue::Number(0.461), [0.44, 0.483].map(CellValue::Number)));
    assert_eq!((own.value(1, 0), own.limits(1, 0)), (CellValue::Withheld, [CellValue::Withheld; 2]));
    assert_eq!((own.value(2, 0), own.limits(2, 0)), (CellValue::NotMeasured, [CellValue::Absent; 2]));

    let release = case.pipeline().released(place.path());
    assert_eq!(release.figures.len(), 4);
    let figure = release.total("measure", "GM0014", "2022");
    assert_eq!((figure.value, figure.limits, figure.confidence), (Some(0.461), Some((0.44, 0.483)), Some(0.95)));
    assert_eq!(
        (figure.interval.as_str(), figure.status.as_str(), figure.method.as_str()),
        ("source", "ok", "published")
    );
    for (region, value, status) in [
        ("WK001401", None, "suppressed source_withheld"),
        ("WK001402", None, "not_measured source_lacks"),
        ("WK001403", Some(0.05), "ok"),
    ] {
        let figure = release.total("measure", region, "2022");
        assert_eq!((figure.value, figure.status.as_str()), (value, status), "{region}");
        assert_eq!((figure.limits, figure.confidence, figure.interval.as_str()), (None, None, ""), "{region}");
    }
}

/// A small table of gemeenten in a folder of its own; `body` are its lines with the header.
fn small(body: &str) -> tempfile::TempDir {
    folder(&[("t.csv", body)])
}

const MARGINS: &str = "region-column = \"Regio\"\nperiod = 2024\n\
    margins = { column = \"Marges\", value = \"V\", lower = \"L\", upper = \"U\" }";

#[test]
fn limits_that_do_not_contain_their_value_stop_the_run() {
    let case = Case { file: "t.csv", keys: MARGINS, measure: "M_1", unit: "share" };
    let table = |value, lower, upper| {
        small(&format!("Regio;Marges;M_1\nGM0014;V;{value}\nGM0014;L;{lower}\nGM0014;U;{upper}\nGM0363;V;50.0\n"))
    };
    for (value, lower, upper) in [("40.0", "38.0", "42.0"), ("40.0", "40.0", "40.0"), ("40.0", "", "42.0")] {
        let folder = table(value, lower, upper);
        assert!(read(&case, folder.path()).is_ok(), "{value} {lower} {upper}");
    }
    for (value, lower, upper) in [("40.0", "42.0", "38.0"), ("40.0", "40.1", ""), ("40.0", "38.0", "39.9")] {
        let folder = table(value, lower, upper);
        let message = read(&case, folder.path()).unwrap_err();
        assert!(message.contains("error[ingest-limits]: 1 figure has limits"), "{message}");
        assert!(message.contains("t.csv:2"), "{message}");
    }
}

#[test]
fn a_measure_with_both_decimal_marks_is_no_guess() {
    let case =
        |measure| Case { file: "t.csv", keys: "region-column = \"Regio\"\nperiod = 2024", measure, unit: "index" };
    let folder = small("Regio;M_1;M_2\nGM0014;1,5;1,5\nGM0363;1.250;2,5\n");
    let message = plan(&case("M_1"), folder.path()).unwrap_err();
    assert!(message.contains("error[ingest-decimal-mark]: column `M_1` of t.csv shows both"), "{message}");
    let reading = read(&case("M_2"), folder.path()).unwrap();
    assert_eq!(values(&reading, 0), [CellValue::Number(1.5), CellValue::Number(2.5)]);
}

#[test]
fn a_crossing_has_one_name_whatever_the_order_of_the_columns() {
    let folder = small("Regio;Leeftijd;Geslacht;M_1\nGM0014;A;W;1\nGM0014;A;T;2\nGM0014;T;W;3\nGM0014;T;T;4\n");
    let age = "[[source.breakdown]]\ncolumn = \"Leeftijd\"\ncodes = { T = \"total\", A = \"age/18-64\" }";
    let sex = "[[source.breakdown]]\ncolumn = \"Geslacht\"\ncodes = { T = \"total\", W = \"sex/2\" }";
    for (first, second) in [(age, sex), (sex, age)] {
        let keys = format!("region-column = \"Regio\"\nperiod = 2024\n{first}\n{second}");
        let case = Case { file: "t.csv", keys: &keys, measure: "M_1", unit: "count" };
        let reading = read(&case, folder.path()).unwrap();
        let outcome = outcome(&reading);
        let category = |figure| outcome.category(figure);
        let found: Vec<_> =
            outcome.figures.iter().map(|row| (category(row).0.as_str(), category(row).1.as_str())).collect();
        assert_eq!(found, [("sex*age", "2*18-64"), ("age", "18-64"), ("sex", "2"), ("total", "total")]);
    }
}

#[test]
fn what_a_table_lacks_has_its_row_and_says_so() {
    let folder = small("Regio;Leeftijd;M_1\nGM0014;A;40.0\nGM0363;A;41.0\nGM0363;B;.\n");
    let case = Case {
        file: "t.csv",
        keys: "region-column = \"Regio\"\nperiod = 2024\n[[source.breakdown]]\ncolumn = \"Leeftijd\"\n\
            codes = { T = \"total\", A = \"age/18-64\", B = \"age/65+\" }",
        measure: "M_1",
        unit: "share",
    };
    let released = case.pipeline().released(folder.path());
    let figures = released.figures.iter().map(|own| [&own.region, &own.category, &own.status].map(String::as_str));
    let release = &released.path;
    let wanted = [
        ["GM0014", "age/18-64", "ok"],
        ["GM0014", "age/65+", "not_available source_lacks"],
        ["GM0014", "total/total", "not_available source_lacks"],
        ["GM0363", "age/18-64", "ok"],
        ["GM0363", "age/65+", "suppressed source_withheld"],
        ["GM0363", "total/total", "not_available source_lacks"],
    ];
    assert_eq!(figures.collect::<Vec<_>>(), wanted);
    let wide = rows(&release.join("dashboard/x_published.parquet"));
    assert_eq!(texts(&wide, "region"), ["GM0014", "GM0363"]);
    assert_eq!(texts(&wide, "measure_status"), ["not_available", "not_available"]);
    // The rule that joins figures is the parameter's own; the publisher's words stand beside the instrument.
    let parameters = rows(&release.join("parameters.parquet"));
    assert_eq!(
        (texts(&parameters, "rule"), texts(&parameters, "instrument")),
        (vec!["measure@1".into()], vec!["a: a".into()])
    );
    let batch = rows(&release.join("figures/x/2024/gemeente.parquet"));
    assert!(texts(&batch, "definition").iter().all(|definition| definition == "measure@1"));
}

#[test]
fn a_source_says_its_own_ground_where_it_has_one() {
    let folder = small("Regio;M_1\nGM0014;40.0\n");
    let keys = "region-column = \"Regio\"\nperiod = 2024\nalready-published = \"StatLine, 2024\"";
    let case = Case { file: "t.csv", keys, measure: "M_1", unit: "share" };
    let shown = plan(&case, folder.path()).unwrap().show();
    assert!(shown.contains("already published, ground: StatLine, 2024"), "{shown}");
}

#[test]
fn two_files_of_one_table_join_and_may_not_say_one_figure_twice() {
    let own = tempfile::tempdir().unwrap();
    let write = |name: &str, rows: &str| {
        std::fs::write(own.path().join(name), format!("ID;Marges;Regio;Perioden;Eenzaam_27\n{rows}")).unwrap();
    };
    let case = Case {
        file: "deel-*.csv",
        keys: "region-column = \"Regio\"\nperiod-column = \"Perioden\"\n\
            margins = { column = \"Marges\", value = \"MW00000\", lower = \"MOG0095\", upper = \"MBG0095\" }",
        measure: "Eenzaam_27",
        unit: "share",
    };
    write("deel-1.csv", "0;MW00000;GM0014;2022JJ00;46.1\n");
    write("deel-2.csv", "1;MOG0095;GM0014;2022JJ00;44.0\n2;MBG0095;GM0014;2022JJ00;48.3\n");
    let reading = read(&case, own.path()).unwrap();
    let outcome = outcome(&reading);
    assert_eq!(outcome.figures.len(), 1);
    assert_eq!(
        (outcome.value(0, 0), outcome.limits(0, 0)),
        (CellValue::Number(0.461), [0.44, 0.483].map(CellValue::Number))
    );
    write("deel-3.csv", "0;MW00000;GM0014;2022JJ00;46.2\n");
    let message = read(&case, own.path()).unwrap_err();
    assert!(message.contains("ingest-said-twice") && message.contains("deel-3.csv"), "{message}");
}

/// A download of the old StatLine that has a column of codes: the title, the units and the last line are no rows.
#[test]
fn an_old_statline_file_with_codes_becomes_figures() {
    let text = "\u{feff}\"Kerncijfers wijken en buurten 2015\"\r\n\"\"\r\n\"\";\"Onderwerp\"\r\n\
        \"\";\"Regioaanduiding|Codering \";\"Inkomen|Gemiddeld\u{a0}inkomen per inwoner \";\"Inkomen|Actieven 15-75 jaar\"\r\n\
        \"Wijken en buurten\";\"code\";\"x 1 000 euro\";\"%\"\r\n\
        \"Amsterdam\";\"GM0363    \";\"26,9\";\"68,5\"\r\n\
        \"Burgwallen\";\"WK036300  \";\".\";\".\"\r\n\
        \"Kop Zeedijk\";\"BU03630000\";\"31,2\";\"7\"\r\n\"Bron: CBS\"\r\n";
    let place = small(text);
    let keys = "region-column = \"Regioaanduiding|Codering (code)\"\nperiod = 2015";
    let measure = "Inkomen|Gemiddeld inkomen per inwoner (x 1 000 euro)";
    let income = Case { file: "t.csv", keys, measure, unit: "mean" };
    let active = Case { measure: "Inkomen|Actieven 15-75 jaar (%)", unit: "share", ..income };
    let reading = read(&active, place.path()).unwrap();
    assert_eq!(values(&reading, 0), [CellValue::Number(0.685), CellValue::Withheld, CellValue::Number(0.07)]);
    let release = income.pipeline().released(place.path());
    let figure = |region| release.total("measure", region, "2015");
    assert_eq!((figure("GM0363").value, figure("BU03630000").value), (Some(26.9), Some(31.2)));
    assert_eq!(figure("WK036300").status, "suppressed source_withheld");
    assert_eq!(release.figures.len(), 3);
    let shown = plan(&income, place.path()).unwrap().show();
    assert!(shown.contains("statweb"), "{shown}");
}

/// All texts quoted and padded, numbers with a point: `.` and empty stay apart.
#[test]
fn a_portal_download_with_symbols_keeps_withheld_and_not_measured_apart() {
    let text = "\u{feff}\"Perioden\";\"Regiocode (code)\";\"Score/Gemiddeld (Getal)\"\n\
        \"2024*\";\"GM0014    \";\"  -0.125\"\n\"2024*\";\"GM0034    \";\"       .\"\n\"2024*\";\"GM0363    \";\n";
    let case = Case {
        file: "t.csv",
        keys: "region-column = \"Regiocode (code)\"\nperiod-column = \"Perioden\"",
        measure: "Score/Gemiddeld (Getal)",
        unit: "index",
    };
    let place = small(text);
    assert!(plan(&case, place.path()).unwrap().show().contains("portal-symbols"));
    let release = case.pipeline().released(place.path());
    let figure = |region| release.total("measure", region, "2024");
    assert_eq!((figure("GM0014").value, figure("GM0014").provisional), (Some(-0.125), true));
    assert_eq!(figure("GM0034").status, "suppressed source_withheld");
    assert_eq!(figure("GM0363").status, "not_measured source_lacks");
    assert!(release.figures.iter().all(|own| own.provisional), "{:?}", release.figures);
}

/// One row per measure: those of one region come together, and measures that nobody maps are counted.
#[test]
fn a_table_with_a_row_per_measure_gives_its_figures() {
    let text = "Id;Measure;RegioS;Perioden;Value;StringValue;ValueAttribute\r\n\
        0;M001;GM0014;2023JJ00;12,5;;None\r\n1;M002;GM0014;2023JJ00;7;;None\r\n\
        2;M001;GM0363;2023JJ00;;;None\r\n3;M001;GM0363;2022JJ00;100;;None\r\n";
    let codes = "Identifier;Index;Title;Unit\nM001;1;\"Deel;\nvan allen\";%\n";
    let place = folder(&[("t.csv", text), ("m.csv", codes)]);
    let keys = "region-column = \"RegioS\"\nperiod-column = \"Perioden\"\ncode-lists = { measures = \"m.csv\" }";
    let case = Case { file: "t.csv", keys, measure: "M001", unit: "share" };
    let reading = read(&case, place.path()).unwrap();
    assert_eq!((outcome(&reading).other_measures, outcome(&reading).rows), (1, 4));
    let release = case.pipeline().released(place.path());
    let figure = |region, period| release.total("measure", region, period);
    assert_eq!((figure("GM0014", "2023").value, figure("GM0363", "2022").value), (Some(0.125), Some(1.0)));
    assert_eq!(figure("GM0363", "2023").status, "not_available source_empty");
    assert_eq!(figure("GM0014", "2022").status, "not_available source_lacks");
}

/// `1.250` is 1250 or 1.25, and 0xE9 an é or no text: what the file cannot say, the pipeline can.
#[test]
fn pins_decide_what_a_file_leaves_open() {
    let keys = |pin| format!("region-column = \"Regio\"\nperiod = 2024\nformat = {{ {pin} }}");
    let place = tempfile::tempdir().unwrap();
    std::fs::write(place.path().join("t.csv"), b"Regio;Caf\xe9s_1\nGM0014;1.250\nGM0034;2.5\n").unwrap();
    let read = |pin, measure| {
        let keys = keys(pin);
        read(&Case { file: "t.csv", keys: &keys, measure, unit: "mean" }, place.path())
    };
    let point = read("decimal = \"point\", encoding = \"windows-1252\"", "Cafés_1").unwrap();
    assert_eq!(values(&point, 0), [CellValue::Number(1.25), CellValue::Number(2.5)]);
    let comma = read("decimal = \"comma\"", "Cafés_1").unwrap_err();
    assert!(comma.contains("error[ingest-rejects]") && comma.contains("expected a decimal number"), "{comma}");
    let utf8 = read("encoding = \"utf-8\"", "Cafés_1").unwrap_err();
    assert!(utf8.contains("error[ingest-encoding]") && utf8.contains("t.csv"), "{utf8}");
    let separator = read("separator = \",\"", "Cafés_1").unwrap_err();
    assert!(separator.contains("error[ingest-"), "{separator}");
}
