//! Every real table of the shared data: figures with the file's own values, or a refusal with its reason.

use std::path::{Path, PathBuf};

use wijkpeil::declare::load;
use wijkpeil::ingest::CellValue;
use wijkpeil::plan::{self, Plan, Reading, RunOptions, Silent};

use crate::{
    cli::support::{rows, texts},
    support,
};

/// The folder of the real files, if it lies beside the checkout.
fn real_files() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let there = folder.is_dir();
    if !there {
        eprintln!("SKIPPED: the real files lie in ../shared/data, which is absent");
    }
    there.then_some(folder)
}

/// A table with the keys of its source, one measure and the unit of that.
struct Case {
    file: &'static str,
    keys: &'static str,
    measure: &'static str,
    unit: &'static str,
}

const SEXES: &str = r#"
[[dimension]]
id = "sex"
label-nl = "s"
label-en = "s"
[[dimension.category]]
id = "1"
label-nl = "a"
label-en = "a"
[[dimension.category]]
id = "2"
label-nl = "a"
label-en = "a"
"#;

const AGES: &str = r#"
[[dimension]]
id = "age"
label-nl = "a"
label-en = "a"
[[dimension.category]]
id = "18-64"
label-nl = "a"
label-en = "a"
[[dimension.category]]
id = "65+"
label-nl = "a"
label-en = "a"
"#;

fn read(case: &Case, folder: &Path) -> Result<Reading, String> {
    plan(case, folder).and_then(|plan| plan::read(&plan, &Silent).map_err(|findings| findings.render(false)))
}

fn plan(case: &Case, folder: &Path) -> Result<Plan, String> {
    let own = tempfile::tempdir().unwrap();
    let part = |word, text| if case.keys.contains(word) { text } else { "" };
    let dimension = format!("{}{}", part("sex/", SEXES), part("age/", AGES));
    let pipeline = format!(
        r#"
version = 1
[pipeline]
id = "t"
title-nl = "t"
title-en = "t"
audience = "public"
[definitions]
parameters = ["p.toml"]
[data]
folder = "."
[regions]
from-sources = true
[estimate]
parameters = ["measure"]
levels = ["nl", "ggd", "gemeente", "wijk", "buurt"]
confidence = 0.95
interval = "logit"
degrees-of-freedom = "domain"
single-psu = "adjust"
[floor]
kind = "already-published"
ground = "a test"
{dimension}
[[source]]
id = "s"
kind = "published-table"
collection = "x"
table-id = "t"
title = "t"
publisher = "t"
licence = "t"
fieldwork = "t"
sample = "register"
region-year = 2024
covers = ["NL00"]
max-rejects = 0
files = ["{file}"]
{keys}
[[source.measure]]
key = "{measure}"
parameter = "measure"
"#,
        file = case.file,
        keys = case.keys,
        measure = case.measure,
    );
    let measure = "kind = \"published\"\ninstrument = \"a\"\nrule = \"a\"";
    let parameter = support::parameter("measure", case.unit, measure);
    std::fs::write(own.path().join("pipeline.toml"), pipeline).unwrap();
    std::fs::write(own.path().join("p.toml"), parameter).unwrap();
    load(&own.path().join("pipeline.toml"), Some(folder))
        .and_then(plan::build)
        .map_err(|findings| findings.render(false))
}

#[test]
fn tables_with_codes_become_figures() {
    let Some(folder) = real_files() else { return };
    // Rows, numbers and withheld cells counted in the files with a CSV reader of another language.
    let cases = [
        (
            Case {
                file: "derived/50090NED_UntypedDataSet_GGDZeeland.csv",
                keys: r#"region-column = "WijkenEnBuurten"
period-column = "Perioden"
region-alias = { NL01 = "NL00" }
margins = { column = "Marges", value = "MW00000" }
[[source.breakdown]]
column = "Leeftijd"
codes = { "20300" = "total", "53115" = "age/18-64", "80200" = "age/65+" }"#,
                measure: "Eenzaam_28",
                unit: "share",
            },
            5080,
        ),
        (
            Case {
                file: "cbs/SES_WOA_scores_per_wijk_en_buurt_25042023_160857.csv",
                keys: "region-column = \"Regiocode (gemeente, wijk, buurt) (code)\"\nperiod-column = \"Perioden\"",
                measure: "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
                unit: "index",
            },
            579,
        ),
        (
            Case {
                file: "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
                keys: "region-column = \"Regioaanduiding/Codering (code)\"\nperiod = 2024",
                measure: "Bevolking/Aantal inwoners (aantal)",
                unit: "count",
            },
            18_310,
        ),
        (
            Case {
                file: "cbs/Kerncijfers_wijken_en_buurten_2017_Amsterdam.csv",
                keys: "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2017",
                measure: "Bevolking.Aantal.inwoners..aantal.",
                unit: "count",
            },
            580,
        ),
        (
            Case {
                file: "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
                keys: "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2019",
                measure: "Bevolking.Aantal.inwoners..aantal.",
                unit: "count",
            },
            580,
        ),
        (
            Case {
                file: "cbs/Gebieden_in_Nederland_2019_extract.csv",
                keys: "region-column = \"Code\"\nperiod = 2019",
                measure: "Inwonertal",
                unit: "count",
            },
            355,
        ),
    ];
    for (case, rows) in cases {
        let reading = read(&case, &folder).unwrap_or_else(|message| panic!("{}: {message}", case.file));
        assert_eq!((reading.rows[0], reading.rejects[0].rows), (rows, 0), "{}", case.file);
        let own = values(&reading);
        assert_eq!(own.len() as u64, rows, "{}", case.file);
        // The cells once more, with a reader that knows nothing but lines and quotes.
        let naive = naive_cells(&folder.join(case.file), case.measure);
        for (row, (own, text)) in own.iter().zip(&naive).enumerate() {
            let text = text.trim().replace(',', ".");
            let agrees = match own {
                CellValue::Number(number) if case.unit == "share" => {
                    (number * 100.0 - text.parse::<f64>().unwrap()).abs() < 1e-9
                }
                CellValue::Number(number) => *number == text.parse::<f64>().unwrap(),
                CellValue::Withheld => text == ".",
                CellValue::NotMeasured | CellValue::Empty => text.is_empty() || text == "NA",
                CellValue::Absent => false,
            };
            assert!(agrees, "{} row {}: {own:?} {text:?}", case.file, row + 2);
        }
        assert_eq!(own.len(), naive.len(), "{}", case.file);
    }
}

/// The values of the first measure, in file order.
fn values(reading: &Reading) -> Vec<CellValue> {
    let outcome = reading.published[0].as_ref().unwrap();
    (0..outcome.figures.len()).map(|figure| outcome.value(figure, 0)).collect()
}

/// The cells of a column, by splitting at separators outside quotes; only for files without line breaks in their fields.
fn naive_cells(path: &Path, column: &str) -> Vec<String> {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8(bytes)
        .unwrap_or_else(|error| error.into_bytes().iter().map(|byte| char::from(*byte)).collect());
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let header = lines.next().unwrap();
    let separator = if header.contains(';') { ';' } else { ',' };
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
    let at = split(header).iter().position(|name| name == column).unwrap();
    lines.filter(|line| !line.starts_with("Bron:")).map(|line| split(line)[at].clone()).collect()
}

#[test]
fn a_long_table_gives_one_figure_per_mapped_measure() {
    let Some(folder) = real_files() else { return };
    let case = Case {
        file: "cbs/v4_bulk_83841NED_85678NED/Observations.csv",
        keys: r#"region = "NL00"
period-column = "Perioden"
[[source.breakdown]]
column = "KenmerkenVanHuishoudens"
codes = { "1050010" = "total" }"#,
        measure: "1050010_1",
        unit: "count",
    };
    // Two other dimensions are not read: the figures of one income limit would pass for those of all.
    let message = read(&case, &folder).unwrap_err();
    assert!(message.contains("error[ingest-dimension-unread]: column `InkomensgrensHuishouden`"), "{message}");
}

#[test]
fn tables_that_cannot_be_joined_are_refused_with_the_reason() {
    let Some(folder) = real_files() else { return };
    let refused = |file, keys, measure, code: &str| {
        let message = read(&Case { file, keys, measure, unit: "count" }, &folder).unwrap_err();
        assert!(message.contains(&format!("error[{code}]")), "{file}: {message}");
    };
    let names = "ingest-no-region-codes";
    refused(
        "cbs/Gezondheidsmonitor20_85012NED.csv",
        "region-column = \"RegioS\"\nperiod = 2020",
        "WekelijksSporter",
        names,
    );
    refused(
        "cbs/Gezondheidsmonitor16_83674NED.csv",
        "region-column = \"RegioS\"\nperiod-column = \"Perioden\"",
        "ErvarenGezondheidGoedZeerGoed",
        names,
    );
    refused(
        "cbs/Kerncijfers_wijken_en_buurten_2024_11122025_141648.csv",
        "region-column = \"Wijken en buurten\"\nperiod = 2024",
        "Bevolking/Aantal inwoners (aantal)",
        names,
    );
    refused(
        "cbs/Nabijheid_voorzieningen__buurt_2021_10022023_162519.csv",
        "region-column = \"Wijken en buurten\"\nperiod = 2021",
        "Vrije tijd en cultuur/Afstand tot bibliotheek (km)",
        names,
    );
    refused(
        "cbs/Regionale_kerncijfers_Nederland_11122025_133649.csv",
        "region-column = \"Regio's\"\nperiod-column = \"Perioden\"",
        "Bevolking/Bevolkingssamenstelling op 1 januari/Totale bevolking (aantal)",
        names,
    );
    refused("cbs/v4_bulk_woonplaatsen/Observations.csv", "region-column = \"RegioS\"\nperiod = 2024", "GM000B", names);
    refused(
        "cbs/Inkomen_van_huishoudens__regio_11122025_135329_BROKEN_QUOTES.csv",
        "region-column = \"Regio's\"\nperiod = 2024",
        "Inkomen/Mediaan besteedbaar inkomen (1 000 euro)",
        "ingest-broken-quotes",
    );
    refused(
        "cbs/Kerncijfers_wijken_en_buurten_2015_Amsterdam.csv",
        "region-column = \"Wijken en buurten\"\nperiod = 2015",
        "Inkomen|Inkomen van personen|Gemiddeld inkomen per inwoner (x 1 000 euro)",
        names,
    );
    // A key that moved: the number is a column position, and the nearest name may be another measure.
    refused(
        "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv",
        "region-column = \"WijkenEnBuurten\"\nperiod-column = \"Perioden\"",
        "HoogRisicoAngststoornisOfDepressie_14",
        "ingest-missing-column",
    );
}

#[test]
fn value_lower_and_upper_limit_become_one_figure() {
    let own = tempfile::tempdir().unwrap();
    let text = "\u{feff}\"ID\";\"Marges\";\"WijkenEnBuurten\";\"Perioden\";\"Eenzaam_27\"\r\n\
        0;\"MW00000\";\"GM0014    \";\"2022JJ00\";\"    46.1\"\r\n\
        1;\"MOG0095\";\"GM0014    \";\"2022JJ00\";\"    44.0\"\r\n\
        2;\"MBG0095\";\"GM0014    \";\"2022JJ00\";\"    48.3\"\r\n\
        3;\"MW00000\";\"WK001401  \";\"2022JJ00\";\"       .\"\r\n\
        4;\"MOG0095\";\"WK001401  \";\"2022JJ00\";\"       .\"\r\n\
        5;\"MBG0095\";\"WK001401  \";\"2022JJ00\";\"       .\"\r\n\
        6;\"MW00000\";\"WK001402  \";\"2022JJ00\";\r\n";
    std::fs::write(own.path().join("t.csv"), text).unwrap();
    let case = Case {
        file: "t.csv",
        keys: "region-column = \"WijkenEnBuurten\"\nperiod-column = \"Perioden\"\n\
            margins = { column = \"Marges\", value = \"MW00000\", lower = \"MOG0095\", upper = \"MBG0095\" }",
        measure: "Eenzaam_27",
        unit: "share",
    };
    let reading = read(&case, own.path()).unwrap();
    let outcome = reading.published[0].as_ref().unwrap();
    assert_eq!(outcome.value(0, 0), CellValue::Number(0.461));
    assert_eq!(outcome.limits(0, 0), [0.44, 0.483].map(CellValue::Number));
    assert_eq!((outcome.value(1, 0), outcome.limits(1, 0)), (CellValue::Withheld, [CellValue::Withheld; 2]));
    assert_eq!((outcome.value(2, 0), outcome.limits(2, 0)), (CellValue::NotMeasured, [CellValue::Absent; 2]));
}

/// A small table of gemeenten in a folder of its own; `body` are its lines with the header.
fn small(body: &str) -> tempfile::TempDir {
    let own = tempfile::tempdir().unwrap();
    std::fs::write(own.path().join("t.csv"), body).unwrap();
    own
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
    assert_eq!(values(&reading), [CellValue::Number(1.5), CellValue::Number(2.5)]);
}

#[test]
fn a_crossing_has_one_name_whatever_the_order_of_the_columns() {
    let folder = small("Regio;Leeftijd;Geslacht;M_1\nGM0014;A;W;1\nGM0014;A;T;2\nGM0014;T;W;3\nGM0014;T;T;4\n");
    let age = "[[source.breakdown]]\ncolumn = \"Leeftijd\"\ncodes = { T = \"total\", A = \"age/18-64\" }";
    let sex = "[[source.breakdown]]\ncolumn = \"Geslacht\"\ncodes = { T = \"total\", W = \"sex/2\" }";
    for (first, second) in [(age, sex), (sex, age)] {
        let keys: &'static str =
            Box::leak(format!("region-column = \"Regio\"\nperiod = 2024\n{first}\n{second}").into_boxed_str());
        let case = Case { file: "t.csv", keys, measure: "M_1", unit: "count" };
        let reading = read(&case, folder.path()).unwrap();
        let outcome = reading.published[0].as_ref().unwrap();
        let category = |figure| outcome.category(figure);
        let found: Vec<_> =
            outcome.figures.iter().map(|row| (category(row).0.as_str(), category(row).1.as_str())).collect();
        assert_eq!(found, [("sex*age", "2*18-64"), ("age", "18-64"), ("sex", "2"), ("total", "total")]);
    }
}

/// The release of a small table: (region, dimension, category, status, reason), and its folder.
fn released(case: &Case, folder: &Path, out: &Path) -> (Vec<[String; 5]>, PathBuf) {
    let plan = plan(case, folder).unwrap();
    let options =
        RunOptions { out: out.to_owned(), force: false, wait: false, made_at: "2024-01-01T00:00:00Z".to_owned() };
    let outcome = plan::run(&plan, &options, &Silent).unwrap_or_else(|findings| panic!("{}", findings.render(false)));
    let batch = rows(&outcome.path.join("figures/x/2024/gemeente.parquet"));
    let columns = ["region", "dimension", "category", "status", "reason"].map(|name| texts(&batch, name));
    let figures = (0..batch.num_rows()).map(|row| std::array::from_fn(|at| columns[at][row].clone())).collect();
    (figures, outcome.path)
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
    let out = tempfile::tempdir().unwrap();
    let (figures, release) = released(&case, folder.path(), out.path());
    let wanted = [
        ["GM0014", "age", "18-64", "ok", ""],
        ["GM0014", "age", "65+", "not_available", "source_lacks"],
        ["GM0014", "total", "total", "not_available", "source_lacks"],
        ["GM0363", "age", "18-64", "ok", ""],
        ["GM0363", "age", "65+", "suppressed", "source_withheld"],
        ["GM0363", "total", "total", "not_available", "source_lacks"],
    ];
    assert_eq!(figures, wanted.map(|row| row.map(str::to_owned)));
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
    let outcome = reading.published[0].as_ref().unwrap();
    assert_eq!(outcome.figures.len(), 1);
    assert_eq!(
        (outcome.value(0, 0), outcome.limits(0, 0)),
        (CellValue::Number(0.461), [0.44, 0.483].map(CellValue::Number))
    );
    write("deel-3.csv", "0;MW00000;GM0014;2022JJ00;46.2\n");
    let message = read(&case, own.path()).unwrap_err();
    assert!(message.contains("ingest-said-twice") && message.contains("deel-3.csv"), "{message}");
}
