//! Regions and numbers that do not fit together: what a recode lacks, tables of another year, marks of thousands, parts above their total.

use wijkpeil::plan::Plan;

use super::project::{PUBLISHED, Pipeline, close, dimension, folder, source};

/// GM9001 and GM9002 become GM9010; GM9003 takes in GM9004 and keeps its code; GM9005 stays.
const LIST: &str = "code;region_year;level;name;parent;population
GM9001;2022;gemeente;a;;1000
GM9002;2022;gemeente;b;;3000
GM9003;2022;gemeente;c;;2000
GM9004;2022;gemeente;d;;2000
GM9005;2022;gemeente;e;;700
GM9003;2024;gemeente;cd;;
GM9005;2024;gemeente;e;;
GM9010;2024;gemeente;ab;;
";
const RECODE: &str = "from;to;share\nGM9001;GM9010;1\nGM9002;GM9010;1\nGM9004;GM9003;1\n";
const REGIONS: &str =
    "[regions]\nfile = \"list.csv\"\n[[regions.recode]]\nfile = \"recode.csv\"\nfrom-year = 2022\nto-year = 2024";
const MARGINS: &str = "margins = { column = \"m\", value = \"W\", lower = \"L\", upper = \"U\" }\n";

fn recoded() -> Pipeline {
    let keys = format!(
        "table-id = \"t\"\nregion-year = 2022\nrecode-to = 2024\ncovers = [\"GM9001\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\n\
         region-column = \"r\"\nperiod = 2022\n{MARGINS}[[source.measure]]\nkey = \"deel\"\nparameter = \"share\"\n\
         [[source.measure]]\nkey = \"n\"\nparameter = \"count\"\n"
    );
    Pipeline {
        levels: "[\"gemeente\"]",
        regions: REGIONS,
        sources: source("s", "published-table", &keys),
        parameters: vec![("count", "count", PUBLISHED), ("share", "share", PUBLISHED)],
        ..Pipeline::default()
    }
}

fn place(list: &str, recode: &str, table: &str) -> tempfile::TempDir {
    folder(&[("list.csv", list), ("recode.csv", recode), ("t.csv", &format!("m;r;deel;n\n{table}"))])
}

/// Value and limits of one region.
fn rows(region: &str, share: f64, count: u32) -> String {
    format!("W;{region};{share:.1};{count}\nL;{region};{:.1};\nU;{region};{:.1};\n", share - 1.0, share + 1.0)
}

/// Of a whole of which one part has no row nobody knows the figure, whichever part it is; and no limits of the other part stay behind.
#[test]
fn a_whole_without_one_of_its_parts_has_no_figure() {
    let both = [("GM9010", "GM9001", "GM9002"), ("GM9003", "GM9003", "GM9004")];
    for (whole, one, two) in both {
        for lonely in [one, two] {
            let table = rows(lonely, 20.0, 100) + &rows("GM9005", 50.0, 7);
            let release = recoded().released(place(LIST, RECODE, &table).path());
            for parameter in ["count", "share"] {
                let figure = release.total(parameter, whole, "2022");
                assert_eq!((figure.value, figure.limits, figure.population), (None, None, None), "{whole} {lonely}");
                assert_eq!(figure.status, "not_available source_lacks", "{whole} of {lonely}");
            }
            assert_eq!(release.total("count", "GM9005", "2022").value, Some(7.0));
        }
    }
}

/// 300 + 500 people; (2000·0.20 + 2000·0.40)/4000 = 0.30. The region is not that of 2022, although it has its code.
#[test]
fn a_region_that_takes_in_another_keeps_its_code_and_is_another_region() {
    let table = rows("GM9003", 20.0, 300) + &rows("GM9004", 40.0, 500) + &rows("GM9005", 50.0, 7);
    let place = place(LIST, RECODE, &table);
    let release = recoded().released(place.path());
    close(release.total("count", "GM9003", "2022").value, 800.0);
    let share = release.total("share", "GM9003", "2022");
    close(share.value, 0.3);
    assert_eq!((share.variant.as_str(), share.limits), ("recoded-2022", None));
    assert_eq!(release.total("share", "GM9005", "2022").limits, Some((0.49, 0.51)));
    let plan = recoded().plan(place.path()).unwrap();
    assert_eq!(comparable(&plan, "GM9003"), Vec::<i32>::new());
    assert_eq!((comparable(&plan, "GM9005"), comparable(&plan, "GM9010")), (vec![2022], vec![2022]));
}

fn comparable(plan: &Plan, code: &str) -> Vec<i32> {
    let own = |region: &&wijkpeil::declare::RegionEntry| region.code.as_str() == code && region.region_year == 2024;
    plan.catalogue.regions.iter().find(own).unwrap().comparable.clone()
}

#[test]
fn an_incomplete_recode_is_told() {
    let told = |recode: &str| {
        let table = rows("GM9005", 50.0, 7);
        recoded().plan(place(LIST, recode, &table).path()).map(|_| ()).unwrap_err()
    };
    let message = told(&format!("{RECODE}GM9099;GM9005;1\n"));
    let words = "error[ingest-recode]: recode.csv recodes GM9099, which 2022 does not have in [regions]";
    assert!(message.contains(words), "{message}");
    let message = told(&RECODE.replace("GM9004;GM9003;1\n", ""));
    let words = "error[ingest-recode]: GM9004 of 2022 has no place in 2024: it is no region of that year, and recode.csv does not recode it";
    assert!(message.contains(words), "{message}");
    let message = told("from;to;share\nGM9004;GM9003;1\n");
    assert!(message.contains("GM9001 and 1 others of 2022 has no place in 2024"), "{message}");
}

/// 2023 is the year before: of a region that CBS calls changed (3) neither that year nor an earlier one is comparable, although no recode
/// names it. An unchanged one (1) is comparable with both, and one without a mark with the year of the list.
#[test]
fn what_cbs_calls_changed_is_not_comparable() {
    let regions = r#"[regions]
file = "list.csv"
[[regions.table]]
file = "kwb.csv"
region-year = 2024
code = "code"
name = "naam"
population = "inwoners"
change = { column = "w", unchanged = [1], renamed = [2], changed = [3], unknown = ["."] }
[[regions.recode]]
file = "recode.csv"
from-year = 2022
to-year = 2024"#;
    let pipeline = Pipeline { regions, ..recoded() };
    let earlier: String =
        LIST.lines().filter(|line| !line.contains(";2024;")).map(|line| format!("{line}\n")).collect();
    let earlier = earlier + "GM9006;2022;gemeente;f;;100\nGM9007;2022;gemeente;g;;100\n";
    let place = place(&earlier, RECODE, &rows("GM9005", 50.0, 7));
    let kwb = "code;naam;w;inwoners\nGM9003;cd;3;1\nGM9005;e;3;1\nGM9006;f;1;1\nGM9007;g;.;1\nGM9010;ab;3;1\n";
    std::fs::write(place.path().join("kwb.csv"), kwb).unwrap();
    let plan = pipeline.plan(place.path()).unwrap();
    assert_eq!((comparable(&plan, "GM9003"), comparable(&plan, "GM9005")), (vec![], vec![]));
    assert_eq!((comparable(&plan, "GM9006"), comparable(&plan, "GM9007")), (vec![2022, 2023], vec![2022]));
}

/// A table of another year names gemeenten that are gone and lacks new ones. One of the whole country, or of a part, is of this year.
#[test]
fn a_ggd_table_of_another_year_is_told() {
    let regions = "[regions]\nfile = \"list.csv\"\n[[regions.ggd]]\nfile = \"ggd.csv\"\nregion-year = 2024\ngemeente = \"gm\"\nggd = \"gg\"";
    let keys = "table-id = \"t\"\nregion-year = 2024\ncovers = [\"GM9003\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"r\"\n\
        period = 2024\n[[source.measure]]\nkey = \"n\"\nparameter = \"count\"\n";
    let pipeline = Pipeline {
        regions,
        sources: source("s", "published-table", keys),
        parameters: vec![("count", "count", PUBLISHED)],
        ..Pipeline::default()
    };
    let told = |table: &str| {
        let place = folder(&[("list.csv", LIST), ("ggd.csv", table), ("t.csv", "r;n\nGM9003;1\n")]);
        pipeline.plan(place.path()).map(|_| ())
    };
    let message = told("gm,gg\nGM9001,GG9901\nGM9003,GG9901\nGM9005,GG9901\n").unwrap_err();
    let words =
        "error[ingest-ggd-year]: ggd.csv has GM9001, which is no gemeente of 2024 in [regions], and lacks GM9010";
    assert!(message.contains(words), "{message}");
    assert_eq!(told("gm,gg\nGM9001,GG9901\nGM9003,GG9901\nGM9005,GG9901\nGM9010,GG9901\n"), Ok(()));
    assert_eq!(told("gm,gg\nGM9003,GG9901\n"), Ok(()));
}

/// A table of counts per gemeente of 2024, with keys of its own.
fn counts(keys: &str, measure: &str) -> Pipeline {
    let keys = format!(
        "table-id = \"t\"\nregion-year = 2024\ncovers = [\"NL00\"]\nmax-rejects = 0\nfiles = [\"t.csv\"]\nregion-column = \"r\"\n{keys}\n\
         [[source.measure]]\nparameter = \"count\"\n{measure}"
    );
    Pipeline {
        levels: "[\"gemeente\"]",
        dimensions: if keys.contains("sex/") { dimension("sex", &["1", "2"]) } else { String::new() },
        sources: source("s", "published-table", &keys),
        parameters: vec![("count", "count", PUBLISHED)],
        ..Pipeline::default()
    }
}

/// A file with one sex looks like one of everybody; its dimension must be read in both layouts of StatLine.
#[test]
fn a_dimension_that_nothing_reads_is_told() {
    let typed = folder(&[("t.csv", "ID;Geslacht;r;Perioden;M_1\n0;3000;GM0014;2023JJ00;5\n")]);
    let long = folder(&[(
        "t.csv",
        "Id;Measure;Geslacht;r;Perioden;Value;StringValue;ValueAttribute\n0;M_1;3000;GM0014;2023JJ00;5;;None\n",
    )]);
    for (shape, place) in [("statline-v3-typed", typed), ("odata-v4", long)] {
        let keys = format!("shape = \"{shape}\"\nperiod-column = \"Perioden\"");
        let message = counts(&keys, "key = \"M_1\"").plan(place.path()).map(|_| ()).unwrap_err();
        let words = "error[ingest-dimension-unread]: column `Geslacht` of t.csv is a dimension of the table, and nothing in the pipeline reads it";
        assert!(message.contains(words), "{shape}: {message}");
        // A fixed period reads no column.
        let fixed = format!("shape = \"{shape}\"\nperiod = 2023");
        let message = counts(&fixed, "key = \"M_1\"").plan(place.path()).map(|_| ()).unwrap_err();
        assert!(message.contains("column `Geslacht`") && message.contains("column `Perioden`"), "{shape}: {message}");
        let read = format!("{keys}\n[[source.breakdown]]\ncolumn = \"Geslacht\"\ncodes = {{ 3000 = \"sex/1\" }}");
        let release = counts(&read, "key = \"M_1\"").released(place.path());
        assert_eq!(release.figure("count", "GM0014", "2023", "sex/1").value, Some(5.0));
    }
}

/// 60.350 inhabitants are no 60; thousands with decimals say so in the pipeline.
#[test]
fn a_mark_of_thousands_is_told() {
    let told = |cell: &str, measure: &str| {
        let place = folder(&[("t.csv", &format!("r;n\nGM0014;{cell}\n"))]);
        let release = counts("period = 2024", measure).release(place.path());
        release.map(|own| own.total("count", "GM0014", "2024").value)
    };
    for cell in ["60.350", "60.000", "1.5"] {
        let message = told(cell, "key = \"n\"").unwrap_err();
        assert!(message.contains("1 row rejected in t.csv, column `n`: not-whole"), "{message}");
    }
    assert_eq!(told("60350", "key = \"n\""), Ok(Some(60_350.0)));
    assert_eq!(told("60.35", "key = \"n\"\nmultiply = 1000"), Ok(Some(60_350.0)));
    assert_eq!(told("60.350", "key = \"n\"\nmultiply = 1000"), Ok(Some(60_350.0)));
}

/// 104 of 100 may be rounded, 106 may not: both are off by at most 5.
#[test]
fn a_part_above_its_total_is_told() {
    let keys = "period = 2024\n[[source.breakdown]]\ncolumn = \"sex\"\ncodes = { 0 = \"total\", 1 = \"sex/1\", 2 = \"sex/2\" }";
    let told = |part: u32, measure: &str| {
        let table =
            format!("r;sex;n\nGM0014;0;100\nGM0014;1;40\nGM0034;0;1000\nGM0014;2;{part}\nGM0034;1;\nGM0363;1;5000\n");
        counts(keys, measure).release(folder(&[("t.csv", &table)]).path()).map(|_| ())
    };
    let rounded = "key = \"n\"\nrounded = { to = 5, levels = [\"gemeente\"] }";
    assert_eq!((told(100, "key = \"n\""), told(104, rounded), told(105, rounded)), (Ok(()), Ok(()), Ok(())));
    for (part, measure) in [(101, "key = \"n\""), (106, rounded)] {
        let message = told(part, measure).unwrap_err();
        let words = "error[ingest-part-over-total]: `count` of sex 2 is more than the total in GM0014 (source `s`)";
        assert!(message.contains(words), "{message}");
    }
}
