//! Regions from the tables of CBS: names, parents, populations, changes, GGD regions with their codes and the numbers of the monitor.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use wijkpeil::declare::RegionEntry;
use wijkpeil::plan::{self, Plan, Silent};
use wijkpeil::vocab::Level;

use super::project::{PUBLISHED, Pipeline, folder, source};
use super::real::real_files;
use crate::cli::support::{release, root, rows, texts, wijkpeil};

const KWB: &str = r#"[regions]
[[regions.table]]
file = "kwb.csv"
region-year = 2024
code = "Codering (code)"
name = "Wijken en buurten"
population = "Inwoners (aantal)"
alias = { NL01 = "NL00" }
change = { column = "Wijziging (code)", unchanged = ["1"], renamed = ["2"], changed = ["3"], unknown = ["."] }
[[regions.ggd]]
file = "ggd.csv"
region-year = 2024
gemeente = "gm"
ggd = "gg"
name = "naam"
"#;

const FILE: &str = "\"Wijken en buurten\";\"Codering (code)\";\"Wijziging (code)\";\"Inwoners (aantal)\"
\"Nederland\";\"NL01      \";\".\";1000
\"Fryslân (PV)\";\"PV21      \";\".\";600
\"Oost\";\"LD02      \";\".\";600
\"Hengelo (O.)\";\"GM0164    \";\"1\";300
\"Beek (L.)\";\"GM0363    \";\"3\";250
\"Stein (L.)\";\"GM0888    \";\"2\";450
\"Wijk met letters\";\"WK0363AA  \";\"1\";250
\"Buurt met letters\";\"BU0363AA01\";\"3\";.
";

const GGD: &str = "gm,gg,naam\nGM0164,GG1106,Twente van de tabel\nGM0363,GG3406,GGD Amsterdam\nGM0888,GG1106,Twente van de tabel\n\
    GM9999,GG0111,van een gemeente die er niet is\n";

const TABLE: &str = "region-column = \"gm\"\nregion-year = 2024\nperiod = 2024\ntable-id = \"t\"\ncovers = [\"NL00\"]\nmax-rejects = 0\n\
    files = [\"t.csv\"]\n[[source.measure]]\nkey = \"M_1\"\nparameter = \"measure\"";

fn pipeline(regions: &'static str, ggd_regions: &'static str) -> Pipeline {
    Pipeline {
        regions,
        ggd_regions,
        sources: source("s", "published-table", TABLE),
        parameters: vec![("measure", "count", PUBLISHED)],
        ..Pipeline::default()
    }
}

fn place(kwb: &str, ggd: &str) -> tempfile::TempDir {
    folder(&[("kwb.csv", kwb), ("ggd.csv", ggd), ("t.csv", "gm;M_1\nGM0164;1\nGM0363;2\n")])
}

fn region<'p>(plan: &'p Plan, code: &str) -> &'p RegionEntry {
    plan.catalogue.regions.iter().find(|region| region.code.as_str() == code).unwrap_or_else(|| panic!("no {code}"))
}

fn parent<'p>(plan: &'p Plan, code: &str) -> &'p str {
    region(plan, code).parent.as_ref().map_or("", |parent| parent.as_str())
}

#[test]
fn a_table_of_cbs_gives_names_parents_inhabitants_and_what_changed() {
    let plan = pipeline(KWB, "").plan(place(FILE, GGD).path()).unwrap();
    let codes: Vec<&str> = plan.catalogue.regions.iter().map(|region| region.code.as_str()).collect();
    // NL01 is NL00; a GGD region stands there where a gemeente of the list lies in it.
    assert_eq!(codes, ["BU0363AA01", "GG1106", "GG3406", "GM0164", "GM0363", "GM0888", "NL00", "WK0363AA"]);
    assert_eq!(plan.region_files.other_kinds, 2);
    assert_eq!(region(&plan, "GM0164").name, "Hengelo (O.)");
    let parents = codes.iter().map(|code| parent(&plan, code)).collect::<Vec<_>>();
    assert_eq!(parents, ["WK0363AA", "NL00", "NL00", "GG1106", "GG3406", "GG1106", "", "GM0363"]);
    // Twente: 300 + 450.
    let people: Vec<_> = codes.iter().map(|code| region(&plan, code).population).collect();
    let known = [750.0, 250.0, 300.0, 250.0, 450.0, 1000.0, 250.0].map(Some);
    assert_eq!((people[0], &people[1..]), (None, known.as_slice()));
    // Only code 1 says that code and borders are those of the year before.
    let same = |code| region(&plan, code).comparable.clone();
    assert_eq!((same("GM0164"), same("WK0363AA")), (vec![2023], vec![2023]));
    for code in ["GM0363", "GM0888", "BU0363AA01", "NL00", "GG1106"] {
        assert_eq!(same(code), Vec::<i32>::new(), "{code}");
    }
    assert_eq!(region(&plan, "GG1106").name, "Twente van de tabel");
    assert!(plan.show().contains('2'), "{}", plan.show());
}

#[test]
fn the_list_of_ggd_regions_names_them() {
    let listed = "[[ggd]]\ncode = \"GG1106\"\nnumbers = [5]\nname = \"GGD Twente\"\n";
    let plan = pipeline(KWB, listed).plan(place(FILE, GGD).path()).unwrap();
    assert_eq!(
        (region(&plan, "GG1106").name.as_str(), region(&plan, "GG3406").name.as_str()),
        ("GGD Twente", "GGD Amsterdam")
    );
}

/// A total of which a part is not known is not known.
#[test]
fn a_gemeente_without_inhabitants_leaves_its_ggd_without() {
    let plan = pipeline(KWB, "").plan(place(&FILE.replace("\"2\";450", "\"2\";."), GGD).path()).unwrap();
    assert_eq!((region(&plan, "GG1106").population, region(&plan, "GG3406").population), (None, Some(250.0)));
}

#[test]
fn faults_of_region_files_are_told() {
    let told = |kwb: &str, ggd: &str| pipeline(KWB, "").plan(place(kwb, ggd).path()).unwrap_err();
    for (kwb, code, words) in [
        (FILE.replace("GM0888    ", "GM0164    "), "ingest-region-list", "holds GM0164 of 2024 twice"),
        (FILE.replace("\"2\";450", "\"7\";450"), "ingest-region-list", "holds a code that `change` does not name"),
        (FILE.replace("\"2\";450", "\"2\";450,5"), "ingest-region-list", "is no whole number"),
        (FILE.replace("GM0363    ", "GM0364    "), "ingest-region-list", "the parent of WK0363AA is not a region"),
        (FILE.replace("GM0888    ", "GM88      "), "ingest-region-list", "wrong length"),
        (FILE.replace("Codering (code)", "Naam (naam)"), "ingest-missing-column", "no column `Codering (code)`"),
    ] {
        assert_ne!(kwb, FILE);
        let message = told(&kwb, GGD);
        assert!(message.contains(&format!("error[{code}]")) && message.contains(words), "{words}: {message}");
        assert!(message.contains("kwb.csv"), "{message}");
    }
    let message = told(FILE, &GGD.replace("GM0888", "GM0363"));
    assert!(message.contains("error[ingest-region-list]: GM0363 lies in two GGD regions in ggd.csv"), "{message}");
    assert!(message.contains("ggd.csv:4"), "{message}");
    let message = told(FILE, &GGD.replace("GG3406", "Amsterdam"));
    assert!(message.contains("needs a gemeente code and a GGD code in each row"), "{message}");
}

#[test]
fn a_region_in_two_files_is_no_ones_to_choose() {
    let regions = KWB.replace("[regions]\n", "[regions]\nfile = \"own.csv\"\n");
    let place = place(FILE, GGD);
    let own = "code;region_year;level;name;parent;population\nNL00;2024;nl;N;;1\n";
    std::fs::write(place.path().join("own.csv"), own).unwrap();
    let message = pipeline(Box::leak(regions.into_boxed_str()), "").plan(place.path()).unwrap_err();
    assert!(message.contains("error[ingest-region-list]: NL00 of 2024 stands in two files of [regions]"), "{message}");
}

/// Respondents with the number of their GGD in the monitor. Utrecht has 9 and the city 26: one region of CBS.
///
/// 9: 60 respondents, 30 yes; 26: 40, 10 yes; so GG2514 40 of 100. 1: 50, 20 yes: GG0111 0.4 as well, of 50.
#[test]
fn numbers_of_the_monitor_are_ggd_regions() {
    let regions = "[regions]\nfile = \"own.csv\"\n[design]\nweight-set = \"all\"";
    let keys = "files = [\"t.csv\"]\nperiod = 2022\nregion-year = 2022\ncovers = [\"GG2514\", \"GG0111\"]\nmax-rejects = 5\n\
        [source.region]\nggd = { column = \"MIREB201\", monitor-number = true }\nunknown = [99]\n\
        [[source.weight-set]]\nid = \"all\"\nweight = \"w\"";
    let listed = "[[ggd]]\ncode = \"GG2514\"\nnumbers = [9, 26]\nname = \"Utrecht\"\n\
        [[ggd]]\ncode = \"GG0111\"\nnumbers = [1]\nname = \"Groningen\"\n";
    let pipeline = Pipeline {
        audience: "internal",
        levels: "[\"ggd\"]",
        regions,
        floor: "kind = \"minimum\"\nminimum-n = 1\nminimum-answer = 0\ngroup-disclosure = 1\nground = \"a test\"",
        sources: source("s", "respondents", keys).replace("sample = \"register\"", "sample = \"probability\""),
        parameters: vec![("yes", "share", "kind = \"codes\"\ncolumn = \"x\"\nyes = [1]\nno = [0]")],
        ggd_regions: listed,
        ..Pipeline::default()
    };
    let people = |number: &str, yes: usize, no: usize| {
        format!("{number};1;1\n").repeat(yes) + &format!("{number};1;0\n").repeat(no)
    };
    let rows = ["9", " 26", "01", "99"].iter().zip([(30, 30), (10, 30), (20, 30), (5, 0)]);
    let text = rows.map(|(number, (yes, no))| people(number, yes, no)).collect::<String>();
    let own = "code;region_year;level;name;parent;population\nGG0111;2022;ggd;a;;\nGG2514;2022;ggd;b;;\n";
    let place = folder(&[("t.csv", &format!("MIREB201;w;x\n{text}")), ("own.csv", own)]);
    let found = plan::estimates(&pipeline.plan(place.path()).unwrap(), &Silent).unwrap();
    let own: Vec<_> = found
        .iter()
        .map(|own| (own.region.as_str(), own.estimate.n, own.estimate.value.map(|own| own.value)))
        .collect();
    assert_eq!(own, [("GG0111", 50, Some(0.4)), ("GG2514", 100, Some(0.4))]);
    // 99 is no region: five rejects that the source allows.
    // A number that no GGD region has is a reject, whatever digits the codes of the regions have.
    let unknown = folder(&[("t.csv", &format!("MIREB201;w;x\n{text}7;1;1\n2514;1;1\n")), ("own.csv", "")]);
    std::fs::copy(place.path().join("own.csv"), unknown.path().join("own.csv")).unwrap();
    let message = plan::estimates(&pipeline.plan(unknown.path()).unwrap(), &Silent).unwrap_err().render(false);
    assert!(message.contains("2 rows rejected in t.csv, column `MIREB201`: unknown-region"), "{message}");
}

/// The sample: names, parents and inhabitants of 2024, what 2022 became, as text in `regions.parquet`.
#[test]
fn the_regions_of_the_sample_say_what_they_came_from() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("out");
    let said = wijkpeil(&["run", "pipelines/wijkprofiel.toml", "--out", out.to_str().unwrap()]).exits(0);
    let regions = rows(&release(root(), &said).join("regions.parquet"));
    let column = |name: &str| texts(&regions, name);
    let (code, year) = (column("code"), column("region_year"));
    let columns = ["name", "parent", "population", "predecessors", "comparable"].map(column);
    let of = |wanted: &str| {
        let at = (0..code.len()).find(|at| format!("{}@{}", code[*at], year[*at]) == wanted);
        let at = at.unwrap_or_else(|| panic!("no {wanted}"));
        columns.each_ref().map(|column| column[at].trim_end_matches(".0").to_owned())
    };
    // The merge, the rename, a wijk that was split, its new part, and one that stayed.
    assert_eq!(of("GM9010@2024"), ["Klavereik", "GG9901", "82886", "GM9006@2022 GM9008@2022", "2022"]);
    assert_eq!(of("GM9011@2024"), ["Brêgemar aan Zee", "GG9901", "32874", "GM9007@2022", "2022"]);
    assert_eq!(of("WK900110@2024")[3..], ["WK900101@2022", ""]);
    assert_eq!(of("WK900101@2024")[3..], ["WK900101@2022", ""]);
    assert_eq!(of("GM9001@2024"), ["Peilstad", "GG9901", "60350", "", "2022 2023"]);
    // Letters, and the GGD: 60350 + 33444 + 24645 + 45938 + 46556 + 31838 + 82886 + 32874.
    assert_eq!(of("WK9009AA@2024")[1], "GM9009");
    assert_eq!(of("GG9901@2024")[..3], ["GGD Peilland (verzonnen)", "NL00", "358531"]);
    assert_eq!(of("NL00@2024")[1..3], ["", "17931406"]);
}

/// The real lists: 18,310 regions of 2024, 627 codes with letters, and every gemeente in one of the 25 GGD regions that the project names.
#[test]
fn the_real_regions_of_2024_are_whole() {
    let Some(shared) = real_files() else { return };
    const REGIONS: &str = r#"[regions]
[[regions.table]]
file = "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv"
region-year = 2024
code = "Regioaanduiding/Codering (code)"
name = "Wijken en buurten"
population = "Bevolking/Aantal inwoners (aantal)"
change = { column = "Regioaanduiding/Indelingswijziging gemeente, wijk, buurt (code)", unchanged = ["1"], renamed = ["2"], changed = ["3"], unknown = ["."] }
[[regions.ggd]]
file = "derived/gemeente2024_naar_ggdregio.csv"
region-year = 2024
gemeente = "gm_code"
ggd = "gg_code"
name = "gg_naam"
"#;
    let listed = std::fs::read_to_string(root().join("pipelines/regions/ggd.toml")).unwrap();
    let mut pipeline = pipeline(REGIONS, Box::leak(listed.into_boxed_str()));
    let keys = TABLE.replace("t.csv", "derived/gemeente2024_naar_ggdregio.csv").replace("\"gm\"", "\"gm_code\"");
    pipeline.sources = source("s", "published-table", &keys.replace("M_1", "afleiding"));
    let plan = pipeline.plan(&shared).unwrap();
    let regions = &plan.catalogue.regions;
    let at = |level| regions.iter().filter(move |region| region.level() == level);
    assert_eq!(regions.len(), 18_310 + 25);
    let letters = |region: &&RegionEntry| region.code.as_str()[2..].bytes().any(|byte| byte.is_ascii_uppercase());
    assert_eq!(regions.iter().filter(letters).count(), 627);
    let ggds: BTreeSet<&str> = at(Level::Ggd).map(|region| region.code.as_str()).collect();
    assert_eq!((at(Level::Gemeente).count(), ggds.len()), (342, 25));
    for gemeente in at(Level::Gemeente) {
        assert!(ggds.contains(gemeente.parent.as_ref().unwrap().as_str()), "{}", gemeente.code);
    }
    // Codes and numbers of the project are those of the list of the monitor, read without the program.
    let listed = &plan.definitions.ggd_regions;
    let numbers =
        |ggd: &wijkpeil::declare::GgdRegion| ggd.numbers.iter().map(|own| own.value).collect::<BTreeSet<i64>>();
    let own: BTreeMap<String, BTreeSet<i64>> =
        listed.iter().map(|ggd| (ggd.code.value.to_string(), numbers(ggd))).collect();
    assert_eq!(own, monitor_numbers(&shared.join("codes/ggd_regios.csv")));
    assert_eq!(own.keys().map(String::as_str).collect::<BTreeSet<_>>(), ggds);
    // 17,942,942 inhabitants live in the gemeenten, and so in the GGD regions.
    let people = |level| at(level).map(|region| region.population.unwrap()).sum::<f64>();
    assert_eq!(
        (people(Level::Nl), people(Level::Gemeente), people(Level::Ggd)),
        (17_942_942.0, 17_942_942.0, 17_942_942.0)
    );
    // 17,346 rows are the same as the year before.
    assert_eq!(regions.iter().filter(|region| region.comparable == [2023]).count(), 17_346);
    // Names are those of the list, not the three spellings of the tables.
    assert!(at(Level::Ggd).all(|region| listed.iter().any(|ggd| ggd.name == region.name)));
}

fn monitor_numbers(path: &Path) -> BTreeMap<String, BTreeSet<i64>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut found: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        found.entry(fields[2].to_owned()).or_default().insert(fields[0].parse().unwrap());
    }
    found
}
