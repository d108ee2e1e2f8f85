//! Parameters that are measured in more than one way, or not at all, by hand.

use wijkpeil::publish::codebook_markdown;

use super::survey::{KEYS, Parameter, TABLES, estimates, instrument, item, measure, place, rule, survey};
use crate::cli::support::{numbers, rows, texts};
use crate::published::project::{Pipeline, Release, source};

/// One gemeente; of four respondents 1 says yes to a, 2 to b, 3 to c.
const FILE: &str = "gemeente;w;a;b;c\n1;1;1;1;1\n1;1;0;1;1\n1;1;0;0;1\n1;1;0;0;0\n";

fn codes(column: &str) -> String {
    format!("kind = \"codes\"\ncolumn = \"{column}\"\nyes = [1]\nno = [0]\n")
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

fn monitor(id: &str, collection: &str, period: i32) -> String {
    let keys = format!("{}{TABLES}", KEYS.replace("period = 2022", &format!("period = {period}")));
    source(id, "respondents", &keys)
        .replace(&format!("collection = \"{id}\""), &format!("collection = \"{collection}\""))
}

/// The first measure that fits a collection and its years; where none fits, the general one.
#[test]
fn a_measure_may_differ_by_collection_and_year() {
    let ways = format!(
        "{}[[parameter.measure-for]]\ncollections = [\"youth\"]\nperiods = [2022]\n{}\
         [[parameter.measure-for]]\ncollections = [\"youth\", \"others\"]\n{}",
        codes("a"),
        codes("b"),
        codes("c")
    );
    let sources = monitor("adults", "adults", 2022)
        + &monitor("young-2022", "youth", 2022)
        + &monitor("young-2024", "youth", 2024)
        + &monitor("others", "others", 2022);
    let pipeline = survey("", &[("p", "share", leaked(ways))], sources);
    let found = estimates(&pipeline, &place(1, &[("t.csv", FILE)]));
    let own: Vec<_> =
        found.iter().map(|own| (own.collection.as_str(), own.year, own.estimate.value.map(|own| own.value))).collect();
    let wanted = [("adults", 2022, 0.25), ("others", 2022, 0.75), ("youth", 2022, 0.5), ("youth", 2024, 0.75)];
    assert_eq!(own, wanted.map(|(collection, year, share)| (collection, year, Some(share))));
}

/// What another monitor asks is not lacking in this one: no row, and no column is needed.
#[test]
fn a_question_of_another_monitor_has_no_row_here() {
    let ways = format!(
        "{}[[parameter.measure-for]]\ncollections = [\"youth\"]\nkind = \"external\"\nwhere = \"x\"\nwhy = \"not asked\"\n",
        codes("a")
    );
    let pipeline = survey(
        "",
        &[("p", "share", leaked(ways)), ("q", "share", leaked(codes("b")))],
        monitor("adults", "adults", 2022) + &monitor("youth", "youth", 2022),
    );
    let release = pipeline.released(place(1, &[("t.csv", FILE)]).path());
    let own: Vec<_> =
        release.figures.iter().map(|own| (own.collection.as_str(), own.parameter.as_str(), own.value)).collect();
    assert_eq!(own, [("adults", "p", Some(0.25)), ("adults", "q", Some(0.5)), ("youth", "q", Some(0.5))]);
}

/// A file of two years is measured in one way; a measure for one of them is said, and not left out.
#[test]
fn a_measure_for_some_years_of_a_source_is_told() {
    let told = |periods: &str| {
        let ways = format!(
            "{}[[parameter.measure-for]]\ncollections = [\"s\"]\nperiods = [{periods}]\n{}",
            codes("a"),
            codes("b")
        );
        let keys = KEYS.replace("period = 2022", "period-column = \"c\"\nperiods = [2020, 2022]");
        let sources = source("s", "respondents", &format!("{keys}{TABLES}"));
        let file = "gemeente;w;a;b;c\n1;1;1;1;2020\n1;1;0;1;2022\n";
        survey("", &[("p", "share", leaked(ways))], sources).plan(place(1, &[("t.csv", file)]).path()).map(|_| ())
    };
    let message = told("2022").unwrap_err();
    let words = "error[declare-contradiction]: parameter `p` has a measure for some of the years of source `s`";
    assert!(message.contains(words) && message.contains("--> "), "{message}");
    assert_eq!((told("2020, 2022"), told("2024")), (Ok(()), Ok(())));
}

/// Two questions with codes 0 and 1, both yes; the ready-made variable beside them.
fn both() -> String {
    let body = format!(
        "[recode.yes]\ncodes = {{ 1 = 1, 0 = 0 }}\nunknown = [9]\n{}{}[[score]]\nid = \"s\"\nitems = [\"q1\", \"q2\"]\nmethod = \"sum\"\n\
         max-missing = 0\nimpute = \"none\"\nminimum = 0\nmaximum = 2\n{}",
        item("q1", "yes"),
        item("q2", "yes"),
        rule("r", "score = \"s\"\nat-least = 2")
    );
    instrument(&body, "s")
}

/// The columns of definitions are called otherwise in the file, also that of a weight, a region and a dimension; `q1` is something else there.
#[test]
fn columns_may_have_other_names() {
    let tables = format!(
        "{TABLES}[source.column-alias]\nq1 = \"vraag_1\"\nq2 = \"vraag_2\"\nw = \"gewicht\"\nsex = \"geslacht\"\ngemeente = \"woonplaats\"\n"
    );
    let sources = source("s", "respondents", &format!("{KEYS}{}", tables));
    let mut pipeline = survey(&both(), &[("p", "share", measure("rule", "r", ""))], sources);
    pipeline.dimensions =
        "[[dimension]]\nid = \"sex\"\nlabel-nl = \"a\"\nlabel-en = \"a\"\ncolumn = \"sex\"\nlevels = [\"gemeente\"]\n\
        [[dimension.category]]\nid = \"2\"\nlabel-nl = \"a\"\nlabel-en = \"a\"\ncodes = [2]\n\
        [[dimension.category]]\nid = \"1\"\nlabel-nl = \"a\"\nlabel-en = \"a\"\ncodes = [1]\n"
            .to_owned();
    let file = "woonplaats;gewicht;geslacht;vraag_1;vraag_2;q1\n1;1;1;1;1;0\n1;3;1;1;0;0\n1;4;2;1;1;0\n";
    let found = estimates(&pipeline, &place(1, &[("t.csv", file)]));
    // Weights 1 of 4 men, 4 of 4 women, 5 of 8 of all.
    let mut own: Vec<_> = found.iter().map(|own| (own.category.as_str(), own.estimate.value.unwrap().value)).collect();
    own.sort_by(|a, b| a.0.cmp(b.0));
    assert_eq!(own, [("1", 0.25), ("2", 1.0), ("total", 0.625)]);
    let message =
        pipeline.plan(place(1, &[("t.csv", &file.replace("vraag_2", "vraag_3"))]).path()).map(|_| ()).unwrap_err();
    assert!(message.contains("t.csv has no column `vraag_2`, needed by parameter `p`"), "{message}");
}

/// The checks of a release about ready-made variables: name, number, verdict.
fn ready_made(release: &Release) -> Vec<(String, Option<f64>, String)> {
    let checks = rows(&release.path.join("quality/checks.parquet"));
    let (names, measured, verdicts) =
        (texts(&checks, "check"), numbers(&checks, "measured"), texts(&checks, "verdict"));
    let all = names.into_iter().zip(measured).zip(verdicts).map(|((name, number), verdict)| (name, number, verdict));
    all.filter(|own| own.0.starts_with("ready_made_"))
        .map(|own| (own.0.replace("ready_made_", ""), own.1, own.2))
        .collect()
}

const READY: &str = "[parameter.ready-made]\ncolumn = \"klaar\"\nyes = [1]\nno = [0]\nunknown = [9]\nnot-applicable = [8]\nnot-applicable-is = \"no\"";
/// Agree yes; differ; agree no; 8 is a no; three of which one side is known; neither is.
const BESIDE: &str =
    "gemeente;w;q1;q2;klaar\n1;1;1;1;1\n1;1;1;1;0\n1;1;0;0;0\n1;1;0;1;8\n1;1;9;1;1\n1;1;1;1;9\n1;1;1;1;\n1;1;9;9;9\n";

fn with_ready_made(files: &str) -> Pipeline {
    let keys = KEYS.replace("files = [\"t.csv\"]", &format!("files = [{files}]"));
    let parameters: [Parameter; 1] = [("p", "share", leaked(format!("{}{READY}", measure("rule", "r", ""))))];
    survey(&both(), &parameters, source("s", "respondents", &format!("{keys}{TABLES}")))
}

#[test]
fn items_and_the_ready_made_variable_are_compared() {
    let place = place(1, &[("t.csv", BESIDE)]);
    let mut pipeline = with_ready_made("\"t.csv\"");
    let release = pipeline.released(place.path());
    let check = |name: &str, number, verdict: &str| (format!("{name}_p"), number, verdict.to_owned());
    let wanted = |compared, differs, one| {
        [
            check("compared", compared, "differs"),
            check("differs", differs, "differs"),
            check("one_known", one, "differs"),
        ]
    };
    let mut found = ready_made(&release);
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, wanted(Some(4.0), Some(1.0), Some(3.0)));
    // The items are what is published: 4 yes of 6 known.
    crate::published::project::close(release.total("p", "GM0001", "2022").value, 4.0 / 6.0);
    // Below the floor no number of respondents is said.
    pipeline.floor = "kind = \"minimum\"\nminimum-n = 4\nminimum-answer = 0\ngroup-disclosure = 4\nground = \"a test\"";
    let mut found = ready_made(&pipeline.released(place.path()));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(found, wanted(Some(4.0), None, None));
    // Where all agree, the verdict is ok, and none that differs is no secret.
    let agree = super::survey::place(1, &[("t.csv", &BESIDE.replace("1;1;1;1;0\n", ""))]);
    let found = ready_made(&with_ready_made("\"t.csv\"").released(agree.path()));
    assert!(
        found.contains(&check("differs", Some(0.0), "ok")) && found.contains(&check("compared", Some(3.0), "ok")),
        "{found:?}"
    );
    // Without the variable nothing is compared.
    let without = super::survey::place(1, &[("t.csv", &BESIDE.replace("klaar", "anders"))]);
    assert_eq!(ready_made(&with_ready_made("\"t.csv\"").released(without.path())), []);
}

/// A source of two files, of which one has the variable: it cannot be compared, and the figures are those of the items of both.
#[test]
fn a_ready_made_variable_of_one_file_is_not_compared() {
    let short = "gemeente;w;q1;q2\n1;1;1;1\n1;1;0;0\n";
    // Files are read in the order of their names.
    for other in ["a.csv", "u.csv"] {
        let place = place(1, &[("t.csv", BESIDE), (other, short)]);
        let release = with_ready_made(&format!("\"t.csv\", \"{other}\"")).released(place.path());
        assert_eq!(ready_made(&release), [], "{other}");
        crate::published::project::close(release.total("p", "GM0001", "2022").value, 5.0 / 8.0);
    }
}

/// What no file feeds stands in the coverage matrix and in the codebook, and has no figure.
#[test]
fn an_external_parameter_is_not_dropped() {
    let external = "kind = \"external\"\nwhere = \"CBS, national\"\nwhy = \"only interviews\"";
    let parameters = [("p", "share", leaked(codes("a"))), ("x", "share", external)];
    let pipeline = survey("", &parameters, monitor("s", "s", 2022));
    let place = place(1, &[("t.csv", FILE)]);
    let plan = pipeline.plan(place.path()).unwrap();
    let own: Vec<_> =
        plan.catalogue.coverage.iter().map(|own| (own.parameter.as_str(), own.period.as_str(), own.state)).collect();
    assert_eq!(own, [("p", "2022", "direct"), ("x", "", "not_fed")]);
    let text = codebook_markdown(&plan.catalogue);
    assert!(text.contains("| `x` |  |  |  | geen bestand levert dit / *no file feeds it* |"), "{text}");
    assert!(pipeline.released(place.path()).figures.iter().all(|own| own.parameter == "p"));
}
