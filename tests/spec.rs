//! The rules of the program as small examples, worked out by hand: read it as a manual.

use wijkpeil::declare::load;
use wijkpeil::estimate::Value;
use wijkpeil::plan::{self, NamedEstimate, Silent};

use crate::support;

/// A pipeline with its files in a folder of its own.
struct Trial {
    folder: tempfile::TempDir,
    levels: &'static str,
    sources: String,
    extra: String,
}

const REGIONS: &str = "code;region_year;level;name;parent;population
NL00;2022;nl;Nederland;;
GG0001;2022;ggd;Een;NL00;
GG0002;2022;ggd;Twee;NL00;
GM0001;2022;gemeente;Aa;GG0001;
GM0002;2022;gemeente;Bee;GG0002;
WK000101;2022;wijk;Aa Noord;GM0001;
WK000102;2022;wijk;Aa Zuid;GM0001;
WK0002AA;2022;wijk;Bee;GM0002;
BU00010101;2022;buurt;Aa Noord 1;WK000101;
";

/// One variable, with what not applicable counts as.
fn carer(id: &str, not_applicable_is: &str) -> String {
    let codes = "kind = \"codes\"\ncolumn = \"zwaar\"\nyes = [1]\nno = [0]\nunknown = [9]\nnot-applicable = [8]";
    support::parameter(id, "share", &format!("{codes}\nnot-applicable-is = \"{not_applicable_is}\""))
}

impl Trial {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("regions.csv"), REGIONS).unwrap();
        let parameters = carer("carer", "excluded") + &carer("carer_of_all", "no");
        std::fs::write(folder.path().join("parameters.toml"), parameters).unwrap();
        Self { folder, levels: r#"["ggd", "gemeente", "wijk"]"#, sources: String::new(), extra: String::new() }
    }

    /// A source with its rows; `keys` are lines of TOML that come after the usual ones.
    fn source(mut self, id: &str, covers: &str, keys: &str, rows: &str) -> Self {
        std::fs::write(self.folder.path().join(format!("{id}.csv")), rows).unwrap();
        let period = if keys.contains("period-column") { "" } else { "period = 2022" };
        self.sources.push_str(&format!(
            r#"
[[source]]
id = "{id}"
kind = "respondents"
collection = "gmvo"
title = "a"
publisher = "a"
licence = "a"
fieldwork = "a"
sample = "probability"
files = ["{id}.csv"]
{period}
region-year = 2022
covers = ["{covers}"]
max-rejects = 0
{keys}
[source.region]
gemeente = {{ column = "gemeente" }}
wijk = {{ column = "wijk" }}
buurt = {{ column = "buurt" }}
[[source.weight-set]]
id = "own"
weight = "gewicht"
stratum = "stratum"
[[source.weight-set]]
id = "one"
weight = "een"
"#
        ));
        self
    }

    fn path(&self) -> std::path::PathBuf {
        let text = format!(
            r#"
version = 1
[pipeline]
id = "trial"
title-nl = "a"
title-en = "a"
audience = "internal"
[definitions]
parameters = ["parameters.toml"]
[data]
folder = "."
[regions]
file = "regions.csv"
{extra}
[estimate]
parameters = ["carer", "carer_of_all"]
levels = {levels}
confidence = 0.95
interval = "logit"
degrees-of-freedom = "domain"
single-psu = "adjust"
[floor]
kind = "minimum"
minimum-n = 1
minimum-answer = 0
group-disclosure = 0
ground = "a test"
[disclosure]
complementary = "none"
largest-weight = 1.0
reasons = "shown"
ground = "a test"
[design]
weight-set = "own"
{design}
{sources}"#,
            extra = self.extra.lines().filter(|line| !line.starts_with("design:")).collect::<Vec<_>>().join("\n"),
            design = self.extra.lines().filter_map(|line| line.strip_prefix("design:")).collect::<Vec<_>>().join("\n"),
            levels = self.levels,
            sources = self.sources,
        );
        let path = self.folder.path().join("pipeline.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    fn estimates(&self) -> Vec<NamedEstimate> {
        let definitions = load(&self.path(), None).map_err(|findings| findings.render(false)).unwrap();
        let plan = plan::build(definitions).map_err(|findings| findings.render(false)).unwrap();
        plan::estimates(&plan, &Silent).map_err(|findings| findings.render(false)).unwrap()
    }

    fn refusal(&self) -> String {
        let built = load(&self.path(), None).and_then(plan::build);
        let found = built.and_then(|plan| plan::estimates(&plan, &Silent).map(|_| ()));
        found.unwrap_err().render(false)
    }
}

fn find<'e>(estimates: &'e [NamedEstimate], parameter: &str, year: i32, region: &str) -> &'e NamedEstimate {
    estimates.iter().find(|e| (e.parameter.as_str(), e.year, e.region.as_str()) == (parameter, year, region)).unwrap()
}

fn value(estimates: &[NamedEstimate], parameter: &str, region: &str) -> Value {
    find(estimates, parameter, 2022, region).estimate.value.unwrap()
}

const HEADER: &str = "gemeente;wijk;buurt;stratum;gewicht;een;zwaar\n";

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-12, "{a} {b}");
}

/// The example of `stats/variance.rs`: weights 2 and 3, y = (1, 0, 1) and (0, 1). p = 7/12, v = 13/144, df = 5 − 2.
#[test]
fn a_share_with_its_standard_error_by_hand() {
    let rows = "1;01;;a;2;1;1\n1;01;;a;2;1;0\n1;02;;a;2;1;1\n1;02;;b;3;1;0\n1;02;;b;3;1;1\n";
    let found = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}")).estimates();
    let whole = value(&found, "carer", "GM0001");
    close(whole.value, 7.0 / 12.0);
    close(whole.se.unwrap(), (13.0_f64 / 144.0).sqrt());
    assert_eq!(whole.df, 3);
    // Wijk 02 is a domain: stratum a keeps its three sampled units though one of them is in it.
    // p = 5/8; stratum a: z = 2·3/8 over n 3; stratum b: −15/8 and 9/8 over n 2, all divided by Σw = 8.
    let part = value(&found, "carer", "WK000102");
    close(part.value, 5.0 / 8.0);
    let a = 1.5 * (0.75_f64.powi(2) - 0.75_f64.powi(2) / 3.0);
    let b = 2.0 * (1.875_f64.powi(2) + 1.125_f64.powi(2) - 0.75_f64.powi(2) / 2.0);
    close(part.se.unwrap(), ((a + b) / 64.0).sqrt());
}

#[test]
fn a_known_gemeente_with_an_unknown_wijk_counts_for_the_gemeente_and_up() {
    let rows = "1;01;;a;1;1;1\n1;;;a;1;1;0\n1;NA;;a;1;1;0\n;;;a;1;1;1\n";
    let found = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}")).estimates();
    let n = |region| find(&found, "carer", 2022, region).estimate.n;
    assert_eq!((n("WK000101"), n("WK000102"), n("GM0001"), n("GG0001")), (1, 0, 3, 4));
}

#[test]
fn not_applicable_is_out_of_the_denominator_or_a_no_by_declaration() {
    let rows = "1;01;;a;1;1;1\n1;01;;a;1;1;8\n1;01;;a;1;1;9\n1;01;;a;1;1;0\n1;01;;a;1;1;\n";
    let found = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}")).estimates();
    close(value(&found, "carer", "GM0001").value, 1.0 / 2.0);
    close(value(&found, "carer_of_all", "GM0001").value, 1.0 / 3.0);
    let counts = find(&found, "carer", 2022, "GM0001").estimate;
    assert_eq!((counts.n, counts.unknown, counts.not_applicable), (2, 2, 1));
}

#[test]
fn a_row_without_a_weight_is_outside_the_weight_set_and_its_design() {
    let rows = "1;01;;a;1;1;1\n1;01;;a;;1;0\n1;01;;a;1;1;0\n1;01;;a;1;1;0\n";
    let found = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}")).estimates();
    let whole = value(&found, "carer", "GM0001");
    close(whole.value, 1.0 / 3.0);
    // n_h is 3, not 4: v = 3/2 · (4/9 + 1/9 + 1/9) / 9.
    close(whole.se.unwrap(), (1.5_f64 * (6.0 / 9.0) / 9.0).sqrt());
}

#[test]
fn an_override_gives_one_level_another_weight_set() {
    let rows = "1;01;;a;3;1;1\n1;01;;a;1;1;0\n";
    let mut trial = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}"));
    trial.extra = "design:[[design.override]]\ndesign:weight-set = \"one\"\ndesign:levels = [\"wijk\"]".to_owned();
    let found = trial.estimates();
    close(value(&found, "carer", "GM0001").value, 3.0 / 4.0);
    close(value(&found, "carer", "WK000101").value, 1.0 / 2.0);
}

#[test]
fn an_override_gives_one_period_another_weight_set() {
    let header = HEADER.replace("gemeente;", "jaar;gemeente;");
    let rows = "2020;1;01;;a;3;1;1\n2020;1;01;;a;1;1;0\n2022;1;01;;a;3;1;1\n2022;1;01;;a;1;1;0\n";
    let mut trial = Trial::new().source(
        "s",
        "GG0001",
        "period-column = \"jaar\"\nperiods = [2020, 2022]",
        &format!("{header}{rows}"),
    );
    trial.extra = "design:[[design.override]]\ndesign:weight-set = \"one\"\ndesign:periods = [2020]".to_owned();
    let found = trial.estimates();
    let of = |year| find(&found, "carer", year, "GM0001").estimate.value.unwrap();
    close(of(2020).value, 1.0 / 2.0);
    close(of(2022).value, 3.0 / 4.0);
    // The strata of two years are two designs: two units each, not four.
    assert_eq!((of(2020).df, of(2022).df), (1, 1));
}

#[test]
fn a_row_of_a_year_that_is_not_declared_is_a_reject() {
    let header = HEADER.replace("gemeente;", "jaar;gemeente;");
    let rows = "2020;1;01;;a;3;1;1\n2021;1;01;;a;1;1;0\n2022;1;01;;a;1;1;0\n";
    let mut trial = Trial::new().source(
        "s",
        "GG0001",
        "period-column = \"jaar\"\nperiods = [2020, 2022]",
        &format!("{header}{rows}"),
    );
    let refusal = trial.refusal();
    assert!(refusal.contains("1 row rejected in s.csv, column `jaar`: unknown-period"), "{refusal}");
    trial.sources = trial.sources.replace("max-rejects = 0", "max-rejects = 1");
    let years: std::collections::BTreeSet<i32> = trial.estimates().iter().map(|estimate| estimate.year).collect();
    assert_eq!(years, [2020, 2022].into());
}

#[test]
fn a_buurt_is_read_beside_its_wijk() {
    let rows = "1;01;01;a;1;1;1\n1;01;;a;1;1;0\n";
    let mut trial = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}"));
    trial.levels = r#"["wijk", "buurt"]"#;
    let found = trial.estimates();
    let n = |region| find(&found, "carer", 2022, region).estimate.n;
    assert_eq!((n("BU00010101"), n("WK000101")), (1, 2));
}

#[test]
fn the_netherlands_are_not_made_from_the_file_of_one_ggd() {
    let rows = format!("{HEADER}1;01;;a;1;1;1\n");
    let mut trial = Trial::new().source("s", "GG0001", "", &rows);
    trial.levels = r#"["nl", "ggd"]"#;
    let found = trial.estimates();
    assert!(found.iter().all(|estimate| estimate.region == "GG0001"));
}

#[test]
fn sources_that_cover_a_region_together_make_it_when_the_pipeline_says_so() {
    let one = format!("{HEADER}1;01;;a;1;1;1\n1;01;;a;1;1;0\n");
    let two = format!("{HEADER}2;AA;;a;3;1;1\n2;AA;;a;3;1;1\n");
    let mut trial = Trial::new().source("one", "GG0001", "", &one).source("two", "GG0002", "", &two);
    trial.levels = r#"["nl", "ggd"]"#;
    assert!(trial.estimates().iter().all(|estimate| estimate.region != "NL00"));
    trial.extra = "covered-together = [\"NL00\"]".to_owned();
    let found = trial.estimates();
    let whole = value(&found, "carer", "NL00");
    close(whole.value, 7.0 / 8.0);
    // Stratum `a` of one source is not stratum `a` of the other: four units less two strata.
    assert_eq!(whole.df, 2);
    close(value(&found, "carer", "GG0002").value, 1.0);
}

#[test]
fn two_sources_must_not_hold_the_same_region_and_period() {
    let rows = format!("{HEADER}1;01;;a;1;1;1\n");
    let trial = Trial::new().source("one", "GG0001", "", &rows).source("two", "GM0001", "", &rows);
    assert!(trial.refusal().contains("declare-overlap"), "{}", trial.refusal());
}

#[test]
fn a_level_without_a_column_and_a_weight_that_nobody_has_stop() {
    let mut trial = Trial::new().source("s", "GG0001", "", &format!("{HEADER}1;01;;a;;1;1\n"));
    assert!(trial.refusal().contains("estimate-no-weights"), "{}", trial.refusal());
    trial.sources = trial.sources.replace("buurt = { column = \"buurt\" }", "");
    trial.levels = r#"["wijk", "buurt"]"#;
    assert!(trial.refusal().contains("no source has a column for it"), "{}", trial.refusal());
}

#[test]
fn strata_are_codes_so_that_01_and_1_are_one_stratum() {
    let rows = "1;01;;01;1;1;1\n1;01;;1;1;1;0\n1;01;;1.0;1;1;1\n1;01;; 1;1;1;0\n1;01;;2;1;1;1\n1;01;;02;1;1;0\n";
    let found = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}")).estimates();
    // Six units in two strata.
    assert_eq!(value(&found, "carer", "GM0001").df, 4);
}

#[test]
fn a_crossing_is_named_in_the_order_of_the_dimensions() {
    let rows = "1;01;;a;1;1;1\n1;01;;a;1;2;0\n1;01;;a;1;2;1\n";
    let mut trial = Trial::new().source("s", "GG0001", "", &format!("{HEADER}{rows}"));
    trial.extra = r#"
[[dimension]]
id = "sex"
label-nl = "a"
label-en = "a"
column = "een"
category = [{ id = "m", codes = [1], label-nl = "a", label-en = "a" }, { id = "w", codes = [2], label-nl = "a", label-en = "a" }]
[[dimension]]
id = "load"
label-nl = "a"
label-en = "a"
column = "zwaar"
category = [{ id = "no", codes = [0], label-nl = "a", label-en = "a" }, { id = "yes", codes = [1], label-nl = "a", label-en = "a" }]
[[crossing]]
dimensions = ["load", "sex"]
levels = ["ggd"]
"#
    .to_owned();
    let found = trial.estimates();
    let crossed: Vec<_> = found
        .iter()
        .filter(|own| own.parameter == "carer" && own.dimension != "total")
        .map(|own| (own.dimension.as_str(), own.category.as_str(), own.estimate.n))
        .collect();
    // By hand: one man and one woman say yes, one woman says no.
    let mut sorted = crossed.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [("sex*load", "m*no", 0), ("sex*load", "m*yes", 1), ("sex*load", "w*no", 1), ("sex*load", "w*yes", 1)]
    );
}

#[test]
fn a_wijk_lies_in_the_gemeente_of_its_own_code() {
    let trial = Trial::new().source("s", "GG0001", "", &format!("{HEADER}1;01;;a;1;1;1\n"));
    for (right, wrong) in [
        ("WK000101;2022;wijk;Aa Noord;GM0001;", "WK000101;2022;wijk;Aa Noord;GM0002;"),
        ("BU00010101;2022;buurt;Aa Noord 1;WK000101;", "BU00010101;2022;buurt;Aa Noord 1;WK000102;"),
    ] {
        assert!(REGIONS.contains(right));
        std::fs::write(trial.folder.path().join("regions.csv"), REGIONS.replace(right, wrong)).unwrap();
        let said = trial.refusal();
        assert!(said.contains("is not the region that its own code contains"), "{said}");
    }
}

#[test]
fn a_pattern_does_not_take_the_region_list_for_respondents() {
    let rows = format!("{HEADER}1;01;;a;1;1;1\n");
    let mut trial = Trial::new().source("s", "GG0001", "", &rows);
    trial.sources = trial.sources.replace("files = [\"s.csv\"]", "files = [\"*.csv\"]");
    let found = trial.estimates();
    assert_eq!(find(&found, "carer", 2022, "GM0001").estimate.n, 1);
}
